"""Checks of a part of a settings file: its keys, its kinds, its files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

from lsoahot.common import checks
from lsoahot.common.files import safe_name

TEXT: Final = (str,)
TEXTS: Final = (str, list)
SWITCH: Final = (bool,)
NUMBER: Final = (int,)
TABLE: Final = (Mapping,)
KINDS: Final[dict[type, str]] = {
    str: "a text in quotes",
    list: "a list",
    bool: "true or false",
    int: "a whole number",
}

NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]*")
MONTH: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])")

# What a part of the file may hold, and of which kind.
Keys = Mapping[str, tuple[type, ...]]


def known(part: object, keys: Keys, name: str, where: str) -> None:
    """Refuse a key that is not known, and a value of the wrong kind."""
    if not isinstance(part, Mapping):
        raise ValueError(f"{where} is not a table of settings. Write [{name}] above them.")
    for key, value in part.items():
        if key not in keys:
            raise ValueError(
                f"{where} has an unknown key {key!r}; it may hold "
                f"{checks.shown(keys, 30)}.{checks.nearest(key, keys)}"
            )
        # True is a whole number to Python.
        fits = isinstance(value, keys[key]) and (bool in keys[key] or not isinstance(value, bool))
        if not fits:
            wanted = " or ".join(KINDS.get(one, "a table") for one in keys[key])
            raise ValueError(f"{where}: {key} is {value!r}. Give {wanted}.")
        if isinstance(value, list) and not all(isinstance(one, str) for one in value):
            raise ValueError(f"{where}: {key} is {value!r}. Give a list of texts in quotes.")


def needed(part: Mapping[str, Any], keys: list[str], where: str) -> None:
    """Refuse a part that lacks a key."""
    lacking = [key for key in keys if key not in part]
    if lacking:
        raise ValueError(f'{where} lacks {checks.shown(lacking)}. Add {lacking[0]} = "...".')


def positive(part: Mapping[str, Any], key: str, where: str) -> int | None:
    """Return a number of 1 or more, or None where none is given."""
    value = part.get(key)
    if value is not None and value < 1:
        raise ValueError(f"{where}: {key} is {value}. Give 1 or more.")
    return value


def several(words: str | list[str]) -> tuple[str, ...]:
    """Take one word or a list of them."""
    return (words,) if isinstance(words, str) else tuple(words)


def plain(name: str) -> str:
    """Turn a name into one that can name a file, or a key.

    Examples
    --------
    >>> plain("Crime and anti-social behaviour")
    'crime_and_anti_social_behaviour'
    """
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "crime"


def file_name(name: str, where: str) -> None:
    """Refuse a name that can't name files, here or on Windows."""
    if not NAME.fullmatch(name):
        raise ValueError(
            f"{where}: the name makes file names, so it may hold only a-z, 0-9, '_' and '-'. "
            f"Call it for example {plain(name)!r}."
        )
    if safe_name(name) == f"{name}-":
        raise ValueError(
            f"{where}: Windows keeps the name {name!r} for a device, and writes no file of that name. "
            f"Call it for example '{name}_crime'."
        )


def located(source: str, folder: Path) -> str:
    """Find a file beside the settings; leave names of editions and of the sample as they are."""
    path = folder / Path(source).expanduser()
    is_name = not path.exists() and re.fullmatch(r"\w+( \w+)?", source) is not None
    return source if is_name else str(path)


def month(value: str, key: str, where: str) -> pd.Period:
    """Read a month of the form 2011-10."""
    if not MONTH.fullmatch(value):
        raise ValueError(
            f'{where}, [period]: {key} = "{value}" is not a month. Write it as "2011-10".'
        )
    return pd.Period(value, freq="M")
