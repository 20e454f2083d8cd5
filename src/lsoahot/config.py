"""An assessment's settings: read from a TOML file or a dict, and checked before any work begins."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from . import _checks

TEXT: Final = (str,)
TEXTS: Final = (str, list)

# What each part of the file may hold, and of which kind.
KEYS: Final[dict[str, dict[str, tuple[type, ...]]]] = {
    "": {
        "title": TEXT,
        "boundaries": (Mapping,),
        "population": (Mapping,),
        "period": (Mapping,),
        "statistics": (Mapping,),
        "measures": (Mapping,),
    },
    "boundaries": {"source": TEXT, "select": TEXTS},
    "population": {"source": TEXT, "column": TEXT, "columns": (Mapping,)},
    "period": {"start": TEXT, "end": TEXT},
    "statistics": {"rule": TEXT, "islands": TEXT},
    "measures": {
        "title": TEXT,
        "dataset": TEXT,
        "source": TEXTS,
        "categories": TEXTS,
        "exclude": TEXTS,
        "flag": TEXT,
        "by": TEXT,
        "population": TEXT,
        "suppress": (bool,),
    },
}
FLAGS: Final = ("alcohol", "drugs", "domestic", "hate")
MONTH: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]*")


@dataclass(frozen=True, kw_only=True)
class Measure:
    """What is counted: a dataset, its files, and which categories or flag make it up."""

    name: str
    title: str
    dataset: str
    source: str | list[str]
    categories: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    flag: str | None = None
    by: str = "code"
    population: str = "population"
    suppress: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Config:
    """The settings of one assessment."""

    title: str
    boundaries: str
    select: str | list[str] | None
    population: str | None
    population_columns: str | dict[str, str] | None
    start: pd.Period
    end: pd.Period
    rule: str
    islands: str
    measures: tuple[Measure, ...]

    @property
    def years(self) -> str:
        """Name the period in words, for titles."""
        return f"{self.start.strftime('%B %Y')} to {self.end.strftime('%B %Y')}"


def read_config(source: str | Path | Mapping[str, Any]) -> Config:
    """Read and check the settings of an assessment.

    Parameters
    ----------
    source : path or dict
        A TOML file, or a dict of the same shape. Paths in a file are relative to that file.

    Returns
    -------
    Config
        The settings, complete and checked.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is not TOML, a key is unknown or lacking, or a value is of the wrong kind. The message
        names the nearest key that is allowed.

    Examples
    --------
    >>> read_config({
    ...     "title": "Rutland",
    ...     "boundaries": {"source": "sample"},
    ...     "period": {"start": "2011-10", "end": "2012-09"},
    ...     "measures": {"fires": {"dataset": "fires", "source": "sample"}},
    ... }).years
    'October 2011 to September 2012'
    """
    if isinstance(source, Mapping):
        return _config(source, Path(), "the settings dict")
    path = Path(source)
    if not path.is_file():
        raise FileNotFoundError(
            f"there is no settings file at {path}. Give the path of a TOML file, "
            "or run 'lsoahot demo' to see one at work."
        )
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise ValueError(f"{path} is not valid TOML: {problem}. Mend that line.") from problem
    return _config(settings, path.parent, str(path))


def _config(settings: Mapping[str, Any], folder: Path, where: str) -> Config:
    """Check every part of the settings and gather it."""
    _known(settings, "", where)
    for part in ("boundaries", "period", "measures"):
        if part not in settings:
            raise ValueError(
                f"{where} has no [{part}] part. Add one; the documentation has a model."
            )
    for part in ("boundaries", "population", "period", "statistics"):
        _known(settings.get(part, {}), part, f"{where}, [{part}]")
    boundaries, population = settings["boundaries"], settings.get("population", {})
    _needed(boundaries, ["source"], f"{where}, [boundaries]")
    _needed(settings["period"], ["start", "end"], f"{where}, [period]")
    if population:
        _needed(population, ["source"], f"{where}, [population]")
    start, end = (_month(settings["period"][key], key, where) for key in ("start", "end"))
    if start > end:
        raise ValueError(
            f"{where}, [period]: start {start} is after end {end}. Swap them if that was meant."
        )
    if "column" in population and "columns" in population:
        raise ValueError(f"{where}, [population] has both column and columns. Keep one of them.")
    statistics = settings.get("statistics", {})
    _checks.one_of(
        statistics.get("rule", "queen"), ("queen", "rook"), f"{where}, [statistics] rule"
    )
    _checks.one_of(
        statistics.get("islands", "leave"), ("leave", "nearest"), f"{where}, [statistics] islands"
    )
    if not settings["measures"]:
        raise ValueError(f"{where} has no measure. Add a [measures.NAME] part.")
    measures = tuple(
        _measure(name, part, folder, where) for name, part in settings["measures"].items()
    )
    titles = [measure.title for measure in measures]
    if twice := sorted({title for title in titles if titles.count(title) > 1}):
        raise ValueError(
            f"{where}: more than one measure has the title {twice[0]!r}. Give each its own."
        )
    return Config(
        title=settings.get("title", "Community safety assessment"),
        boundaries=_located(boundaries["source"], folder),
        select=boundaries.get("select"),
        population=_located(population["source"], folder) if population else None,
        population_columns=dict(population["columns"])
        if "columns" in population
        else population.get("column"),
        start=start,
        end=end,
        rule=statistics.get("rule", "queen"),
        islands=statistics.get("islands", "leave"),
        measures=measures,
    )


def _measure(name: str, part: object, folder: Path, where: str) -> Measure:
    """Check one measure and gather it."""
    where = f"{where}, [measures.{name}]"
    if not isinstance(part, Mapping):
        raise ValueError(f"{where} is not a table of settings. Write [measures.{name}] above them.")
    if not NAME.fullmatch(name):
        raise ValueError(
            f"{where}: the name makes file names, so it may hold only a-z, 0-9, '_' and '-'. "
            f"Call it for example {_plain(name)!r}."
        )
    _known(part, "measures", where)
    _needed(part, ["dataset", "source"], where)
    if "flag" in part:
        _checks.one_of(part["flag"], FLAGS, f"{where} flag")
    _checks.one_of(part.get("by", "code"), ("code", "point"), f"{where} by")
    sources = part["source"]
    return Measure(
        name=name,
        title=part.get("title", name.replace("_", " ").capitalize()),
        dataset=part["dataset"],
        source=[_located(one, folder) for one in sources]
        if isinstance(sources, list)
        else _located(sources, folder),
        categories=_several(part.get("categories", [])),
        exclude=_several(part.get("exclude", [])),
        flag=part.get("flag"),
        by=part.get("by", "code"),
        population=part.get("population", "population"),
        suppress=part.get("suppress"),
    )


def _several(words: str | list[str]) -> tuple[str, ...]:
    """Take one word or a list of them."""
    return (words,) if isinstance(words, str) else tuple(words)


def _plain(name: str) -> str:
    """Turn a name into one that can name a file."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "crime"


def _known(part: object, kind: str, where: str) -> None:
    """Refuse a key that is not known, and a value of the wrong kind."""
    if not isinstance(part, Mapping):
        raise ValueError(f"{where} is not a table of settings. Write [{kind}] above them.")
    for key, value in part.items():
        if key not in KEYS[kind]:
            raise ValueError(
                f"{where} has an unknown key {key!r}; it may hold "
                f"{_checks.shown(KEYS[kind], 20)}.{_checks.nearest(key, KEYS[kind])}"
            )
        if not isinstance(value, KEYS[kind][key]):
            kinds = {str: "a text in quotes", list: "a list", bool: "true or false"}
            wanted = " or ".join(kinds.get(one, "a table") for one in KEYS[kind][key])
            raise ValueError(f"{where}: {key} is {value!r}. Give {wanted}.")
        if isinstance(value, list) and not all(isinstance(one, str) for one in value):
            raise ValueError(f"{where}: {key} is {value!r}. Give a list of texts in quotes.")


def _needed(part: Mapping[str, Any], keys: list[str], where: str) -> None:
    """Refuse a part that lacks a key."""
    lacking = [key for key in keys if key not in part]
    if lacking:
        raise ValueError(f'{where} lacks {_checks.shown(lacking)}. Add {lacking[0]} = "...".')


def _month(value: str, key: str, where: str) -> pd.Period:
    """Read a month of the form 2011-10."""
    if not MONTH.fullmatch(value):
        raise ValueError(
            f'{where}, [period]: {key} = "{value}" is not a month. Write it as "2011-10".'
        )
    return pd.Period(value, freq="M")


def _located(source: str, folder: Path) -> str:
    """Find a file beside the settings; leave names of editions and of the sample as they are."""
    path = folder / source
    is_name = not path.exists() and re.fullmatch(r"\w+", source) is not None
    return source if is_name else str(path)
