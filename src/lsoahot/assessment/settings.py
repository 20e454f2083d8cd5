"""An assessment's settings: read from a TOML file or a dict, and checked before any work begins."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lsoahot.common import checks

from . import private_key
from .paths import resolved
from .peeling import peeled
from .report_settings import (
    COMPARISON_KEYS,
    CRIME,
    REPORT_KEYS,
    TABLE_KEYS,
    THEME_OF,
    ExtraTable,
    ReportSettings,
    extra_table,
    report_settings,
)
from .settings_checks import (
    NUMBER,
    SWITCH,
    TABLE,
    TEXT,
    TEXTS,
    Keys,
    file_name,
    known,
    located,
    month,
    needed,
    positive,
    several,
)

if TYPE_CHECKING:
    import pandas as pd

# What each part of the file may hold, and of which kind.
KEYS: Final[dict[str, Keys]] = {
    "": {
        "title": TEXT,
        "boundaries": TABLE,
        "population": TABLE,
        "period": TABLE,
        "statistics": TABLE,
        "measures": TABLE,
        "datasets": TABLE,
        "tables": TABLE,
        "comparison": TABLE,
        "report": TABLE,
    },
    "boundaries": {"source": TEXT, "select": TEXTS},
    "population": {"source": TEXT, "column": TEXT, "columns": TABLE},
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
        "suppress": SWITCH,
        "theme": TEXT,
        "split": TEXTS,
        "rows": NUMBER,
        "groups": TABLE,
        "all_rows": SWITCH,
    },
    "datasets": {"groups": TABLE},
    "tables": TABLE_KEYS,
    "comparison": COMPARISON_KEYS,
    "report": REPORT_KEYS,
}
FLAGS: Final = ("alcohol", "drugs", "domestic", "hate")


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
    theme: str = CRIME
    split: tuple[str, ...] | None = None
    rows: int | None = None
    groups: dict[str, str] | None = None
    all_rows: bool | None = None


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
    tables: tuple[ExtraTable, ...] = ()
    peers: tuple[str, ...] = ()
    report: ReportSettings = field(default_factory=ReportSettings)

    @property
    def years(self) -> str:
        """Name the period in words, for titles."""
        return f"{self.start.strftime('%B %Y')} to {self.end.strftime('%B %Y')}"


def read_config(source: str | Path | Mapping[str, Any]) -> Config:
    """Read and check the settings of an assessment.

    Parameters
    ----------
    source : path or dict
        A TOML file, or a dict of the same shape. Paths in a file are relative to that file. Or the
        ``manifest.json`` of an earlier run, whose settings are then used again.

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
    settings, folder = _read(path)
    return _config(settings, folder, str(path))


def folder_of(source: object) -> Path:
    """Return the folder that the paths in settings start from: the current one, or the file's."""
    return _read(Path(source))[1] if isinstance(source, (str, Path)) else Path()


def read_what_stands(
    source: str | Path | Mapping[str, Any],
) -> tuple[list[str], set[str], Config | None]:
    """Return every problem of the settings; which parts are replaced for it; and what is left.

    Without any sound measure, that is None.
    """
    if isinstance(source, Mapping):
        settings, folder, where = source, Path(), "the settings dict"
    else:
        path = Path(source)
        (settings, folder), where = _read(path), str(path)
    return peeled(settings, lambda left: _config(left, folder, where))


def _read(path: Path) -> tuple[dict[str, Any], Path]:
    """Read a settings file, or the settings in the manifest of a run, and the folder they are of."""
    if not path.is_file():
        raise FileNotFoundError(
            f"there is no settings file at {path}. Give the path of a TOML file, "
            "or run 'lsoahot demo' to see one at work."
        )
    try:
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix.lower() != ".json":
            return tomllib.loads(text), path.parent
        private = private_key.read(private_key.of(path))
        for name, place in (private.places if private else {}).items():
            text = text.replace(json.dumps(name), json.dumps(place))
        notes = json.loads(text)
        return dict(notes["settings"]), resolved(str(notes["folder_of_settings"]), path.parent)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise ValueError(f"{path} is not valid TOML: {problem}. Mend that line.") from problem
    except (ValueError, KeyError, TypeError) as problem:
        raise ValueError(
            f"{path} is not the manifest of a run ({problem}). Give a TOML file, or the "
            "manifest.json of a folder that lsoahot made."
        ) from problem


def _config(settings: Mapping[str, Any], folder: Path, where: str) -> Config:
    """Check every part of the settings and gather it."""
    known(settings, KEYS[""], "", where)
    for part in ("boundaries", "period", "measures"):
        if part not in settings:
            raise ValueError(
                f"{where} has no [{part}] part. Add one; the documentation has a model."
            )
    for part in ("boundaries", "population", "period", "statistics", "comparison"):
        known(settings.get(part, {}), KEYS[part], part, f"{where}, [{part}]")
    boundaries, population = settings["boundaries"], settings.get("population", {})
    needed(boundaries, ["source"], f"{where}, [boundaries]")
    needed(settings["period"], ["start", "end"], f"{where}, [period]")
    if population:
        needed(population, ["source"], f"{where}, [population]")
    start, end = (month(settings["period"][key], key, where) for key in ("start", "end"))
    if start > end:
        raise ValueError(
            f"{where}, [period]: start {start} is after end {end}. Swap them if that was meant."
        )
    if "column" in population and "columns" in population:
        raise ValueError(f"{where}, [population] has both column and columns. Keep one of them.")
    statistics = settings.get("statistics", {})
    checks.one_of(statistics.get("rule", "queen"), ("queen", "rook"), f"{where}, [statistics] rule")
    checks.one_of(
        statistics.get("islands", "leave"), ("leave", "nearest"), f"{where}, [statistics] islands"
    )
    if not settings["measures"]:
        raise ValueError(f"{where} has no measure. Add a [measures.NAME] part.")
    groups = _groups_of_datasets(settings, where)
    measures = tuple(
        _measure(name, part, folder, where, groups=groups)
        for name, part in settings["measures"].items()
    )
    tables = tuple(
        extra_table(name, part, folder, where) for name, part in settings.get("tables", {}).items()
    )
    parts: list[Measure | ExtraTable] = [*measures, *tables]
    named = [one.name for one in parts]
    if doubled := sorted({name for name in named if named.count(name) > 1}):
        raise ValueError(
            f"{where}: {doubled[0]!r} names a measure and a table. Call one of them otherwise."
        )
    titles = [one.title for one in parts]
    if twice := sorted({title for title in titles if titles.count(title) > 1}):
        raise ValueError(
            f"{where}: more than one measure has the title {twice[0]!r}, or a table does. "
            "Give each its own."
        )
    return Config(
        title=settings.get("title", "Community safety assessment"),
        boundaries=located(boundaries["source"], folder),
        select=boundaries.get("select"),
        population=located(population["source"], folder) if population else None,
        population_columns=dict(population["columns"])
        if "columns" in population
        else population.get("column"),
        start=start,
        end=end,
        rule=statistics.get("rule", "queen"),
        islands=statistics.get("islands", "leave"),
        measures=measures,
        tables=tables,
        peers=several(settings.get("comparison", {}).get("peers", [])),
        report=report_settings(
            settings.get("report", {}),
            folder,
            where,
            names=named,
            themes=dict.fromkeys(one.theme for one in parts),
        ),
    )


def _groups_of_datasets(settings: Mapping[str, Any], where: str) -> dict[str, dict[str, str]]:
    """Return the groups of categories that the settings give for every measure of a dataset."""
    parts = settings.get("datasets", {})
    for name, part in parts.items():
        known(part, KEYS["datasets"], f"datasets.{name}", f"{where}, [datasets.{name}]")
    return {
        name: _groups(part.get("groups", {}), f"{where}, [datasets.{name}]")
        for name, part in parts.items()
    }


def _groups(groups: Mapping[str, Any], where: str) -> dict[str, str]:
    """Check groups of categories: each category's group is a text."""
    wrong = [name for name, group in groups.items() if not isinstance(group, str) or not group]
    if wrong:
        raise ValueError(
            f"{where} groups: the group of {wrong[0]!r} is {groups[wrong[0]]!r}, which is no text. "
            'Write { "Burglary - Residential" = "Serious acquisitive" }.'
        )
    return dict(groups)


def _measure(
    name: str,
    part: Mapping[str, Any],
    folder: Path,
    where: str,
    *,
    groups: Mapping[str, dict[str, str]],
) -> Measure:
    """Check one measure and gather it."""
    where = f"{where}, [measures.{name}]"
    file_name(name, where)
    known(part, KEYS["measures"], f"measures.{name}", where)
    needed(part, ["dataset", "source"], where)
    if "flag" in part:
        checks.one_of(part["flag"], FLAGS, f"{where} flag")
    checks.one_of(part.get("by", "code"), ("code", "point"), f"{where} by")
    sources = part["source"]
    return Measure(
        name=name,
        title=part.get("title", name.replace("_", " ").capitalize()),
        dataset=part["dataset"],
        source=[located(one, folder) for one in sources]
        if isinstance(sources, list)
        else located(sources, folder),
        categories=several(part.get("categories", [])),
        exclude=several(part.get("exclude", [])),
        flag=part.get("flag"),
        by=part.get("by", "code"),
        population=part.get("population", "population"),
        suppress=part.get("suppress"),
        theme=part.get("theme", THEME_OF.get(part.get("flag", part["dataset"]), CRIME)),
        split=several(part["split"]) if "split" in part else None,
        rows=positive(part, "rows", where),
        groups={**groups.get(part["dataset"], {}), **_groups(part.get("groups", {}), where)}
        or None,
        all_rows=part.get("all_rows"),
    )


def as_settings(config: Config) -> dict[str, Any]:
    """Return the settings in the shape of the file, complete: nothing is left to a default.

    Examples
    --------
    >>> config = read_config({
    ...     "boundaries": {"source": "sample"},
    ...     "period": {"start": "2011-10", "end": "2012-09"},
    ...     "measures": {"fires": {"dataset": "fires", "source": "sample"}},
    ... })
    >>> as_settings(config)["statistics"]
    {'rule': 'queen', 'islands': 'leave'}
    >>> read_config(as_settings(config)) == config
    True
    """
    columns = config.population_columns
    named = {"columns" if isinstance(columns, dict) else "column": columns} if columns else {}
    return {
        "title": config.title,
        "boundaries": _given({"source": config.boundaries, "select": config.select}),
        **({"population": {"source": config.population, **named}} if config.population else {}),
        "period": {"start": str(config.start), "end": str(config.end)},
        "statistics": {"rule": config.rule, "islands": config.islands},
        "measures": {one.name: _given(vars(one)) for one in config.measures},
        "tables": {one.name: _given(vars(one)) for one in config.tables},
        "comparison": {"peers": list(config.peers)},
        "report": _given(vars(config.report)),
    }


def _given(part: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out the name, which is the heading, and what is not set: TOML has no word for it."""
    return {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in part.items()
        if key != "name" and value is not None
    }
