"""Checks of a part of a settings file: its keys, its kinds, its files."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from lsoahot.common import checks
from lsoahot.common.files import expanded, safe_name

if TYPE_CHECKING:
    from pathlib import Path

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

FIRST_YEAR, LAST_YEAR = 1900, 2100
LONGEST: Final = 80  # letters: with what is put to it, a name must fit the file system
NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]*")
MONTH: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])")

# What a part of the file may hold, and of which kind.
Keys = Mapping[str, tuple[type, ...]]
# What a check does with a message: raise it, or write it down and go on.
Problem = Callable[[str], None]


def known(part: object, keys: Keys, where: str, problem: Problem) -> dict[str, Any]:
    """Return what of a part is known and of the right kind; the rest is a problem each.

    Parameters
    ----------
    part : object
        The part, as the file has it.
    keys : mapping of str to tuple of type
        What it may hold.
    where : str
        What messages call it; its heading last.
    problem : callable
        Takes the messages.
    """
    if not isinstance(part, Mapping):
        heading = where.rpartition(", ")[2]
        problem(f"{where} is not a table of settings. Write {heading} above them.")
        return {}
    sound = {}
    for key, value in part.items():
        if key not in keys:
            problem(
                f"{where} has an unknown key {key!r}; it may hold "
                f"{checks.shown(keys, 30)}.{checks.nearest(key, keys) or ' Take it out.'}"
            )
            continue
        # True is a whole number to Python.
        fits = isinstance(value, keys[key]) and (bool in keys[key] or not isinstance(value, bool))
        if not fits:
            wanted = " or ".join(KINDS.get(one, "a table") for one in keys[key])
            problem(f"{where}: {key} is {value!r}. Give {wanted}.")
        elif isinstance(value, list) and not all(isinstance(one, str) for one in value):
            problem(f"{where}: {key} is {value!r}. Give a list of texts in quotes.")
        else:
            sound[key] = value
    return sound


def complete(
    part: object, sound: Mapping[str, Any], keys: list[str], where: str, *, problem: Problem
) -> bool:
    """Tell whether a part has all the keys that it needs; those it lacks are a problem."""
    lacking = [key for key in keys if isinstance(part, Mapping) and key not in part]
    if lacking:
        problem(f'{where} lacks {checks.shown(lacking)}. Add {lacking[0]} = "...".')
    return all(key in sound for key in keys)


def chosen(
    value: str, choices: Collection[str], what: str, *, problem: Problem, otherwise: str
) -> str:
    """Return a value that is one of the choices; another is a problem, and ``otherwise`` taken."""
    try:
        checks.one_of(value, choices, what)
    except ValueError as error:
        problem(str(error))
        return otherwise
    return value


def positive(part: Mapping[str, Any], key: str, where: str, problem: Problem) -> int | None:
    """Return a number of 1 or more, or None where none is given; a smaller one is a problem."""
    value = part.get(key)
    if value is not None and value < 1:
        problem(f"{where}: {key} is {value}. Give 1 or more.")
        return None
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


def names_files(name: str, where: str, problem: Problem) -> bool:
    """Tell whether a name can name files, here and on Windows; another is a problem."""
    if not NAME.fullmatch(name):
        problem(
            f"{where}: the name makes file names, so it may hold only a-z, 0-9, '_' and '-'. "
            f"Call it for example {plain(name)!r}."
        )
        return False
    if len(name) > LONGEST:
        problem(
            f"{where[:100]}...: the name makes file names, and has {len(name)} letters. Give it "
            f"{LONGEST} at most."
        )
        return False
    if safe_name(name) == f"{name}-":
        problem(
            f"{where}: Windows keeps the name {name!r} for a device, and writes no file of that name. "
            f"Call it for example '{name}_crime'."
        )
        return False
    return True


def located(source: str, folder: Path) -> str:
    """Find a file beside the settings; leave names of editions and of the sample as they are."""
    if not source.strip() or "\0" in source:
        raise ValueError(f"a source is {source[:100]!r}, which names no file. Write its path.")
    path = folder / expanded(source)
    is_name = not path.exists() and re.fullmatch(r"\w+( \w+)?", source) is not None
    return source if is_name else str(path)


def month(value: str, key: str, where: str, problem: Problem) -> pd.Period | None:
    """Read a month of the form 2011-10; anything else is a problem."""
    if not MONTH.fullmatch(value):
        problem(f'{where}, [period]: {key} = "{value}" is not a month. Write it as "2011-10".')
        return None
    if not FIRST_YEAR <= int(value[:4]) <= LAST_YEAR:
        problem(
            f'{where}, [period]: {key} = "{value}" is not of our time. Give a month from {FIRST_YEAR} '
            f"to {LAST_YEAR}."
        )
        return None
    return pd.Period(value, freq="M")
