"""An assessment's settings: read from a TOML file or a dict, and checked before any work begins."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pandas as pd

from lsoahot.common.month_names import months_from
from lsoahot.records.flags import FLAGS

from . import private_key
from .paths import resolved
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
    Problem,
    chosen,
    complete,
    known,
    located,
    month,
    names_files,
    positive,
    several,
)

# What each part of the file may hold, and of which kind.
KEYS: Final[dict[str, Keys]] = {
    "": {
        "title": TEXT, "boundaries": TABLE, "population": TABLE, "period": TABLE,
        "statistics": TABLE, "measures": TABLE, "datasets": TABLE, "tables": TABLE,
        "comparison": TABLE, "report": TABLE,
    },
    "boundaries": {"source": TEXT, "select": TEXTS, "names": TEXT},
    "population": {"source": TEXT, "column": TEXT, "columns": TABLE},
    "period": {"start": TEXT, "end": TEXT},
    "statistics": {"rule": TEXT, "islands": TEXT},
    "measures": {
        "title": TEXT, "dataset": TEXT, "source": TEXTS, "categories": TEXTS, "exclude": TEXTS,
        "flag": TEXT, "locate_by": TEXT, "population": TEXT, "suppress": SWITCH, "theme": TEXT,
        "split": TEXTS, "rows": NUMBER, "groups": TABLE, "all_rows": SWITCH,
    },
    "datasets": {"groups": TABLE},
    "tables": TABLE_KEYS,
    "comparison": COMPARISON_KEYS,
    "report": REPORT_KEYS,
}  # fmt: skip
DEEPEST: Final = 20  # tables within tables; settings have four
YEAR: Final = 12  # months


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
    locate_by: str = "code"
    population: str = "population"
    suppress: bool | None = None
    theme: str = CRIME
    split: tuple[str, ...] | None = None
    rows: int | None = None
    groups: dict[str, str] | None = None
    all_rows: bool | None = None

    @property
    def people(self) -> str:
        """Name what its rates are per thousand of."""
        return "residents" if self.population == "population" else self.population.replace("_", " ")


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
    names: str | None = None

    @property
    def years(self) -> str:
        """Name the period in words, for titles."""
        return months_from(self.start, self.end)

    @property
    def is_a_year(self) -> bool:
        """Tell whether the period is 12 months: then the years compared are those of the tables."""
        return bool(self.start + YEAR - 1 == self.end)

    def period_of(self, records: pd.DataFrame) -> tuple[str, str] | None:
        """Return the first and the last month to count; None where records don't tell their month."""
        return (str(self.start), str(self.end)) if "period" in records else None


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
    settings, folder, where = _given(source)
    return _config(settings, folder, where, _refuse)[0]


def folder_of(source: object) -> Path:
    """Return the folder that the paths in settings start from: the current one, or the file's."""
    return _read(Path(source))[1] if isinstance(source, (str, Path)) else Path()


def settings_problems(source: str | Path | Mapping[str, Any]) -> tuple[list[str], set[str], Config]:
    """Return every problem of some settings, and what of them can be used.

    Parameters
    ----------
    source : path or dict
        As for `read_config`.

    Returns
    -------
    messages : list of str
        The problems.
    lacking : set of str
        The parts (``"boundaries"``, ``"population"``, ``"period"``, ``"measures"``) that can't be used.
    config : Config
        The rest. Measures and tables that can't be used are left out; where a part is lacking, it
        holds something that stands for none.

    Examples
    --------
    >>> messages, lacking, config = settings_problems({
    ...     "boundaries": {"source": "sample"},
    ...     "period": {"start": "2011-13", "end": "2012-09"},
    ...     "measures": {"a": {"dataset": "fires"}, "b": {"dataset": "asb", "source": "sample"}},
    ... })
    >>> len(messages), lacking, [measure.name for measure in config.measures]
    (2, {'period'}, ['b'])
    """
    settings, folder, where = _given(source)
    messages: list[str] = []
    config, lacking = _config(settings, folder, where, messages.append)
    return messages, lacking, config


def _refuse(message: str) -> None:
    raise ValueError(message)


def _given(source: str | Path | Mapping[str, Any]) -> tuple[Mapping[str, Any], Path, str]:
    """Return the settings, the folder that their paths start from, and what messages call them."""
    if isinstance(source, Mapping):
        return source, Path(), "the settings dict"
    settings, folder = _read(Path(source))
    return settings, folder, str(source)


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
            return _shallow(tomllib.loads(text)), path.parent
        private = private_key.read(private_key.path_of(path))
        for name, place in (private.places if private else {}).items():
            text = text.replace(json.dumps(name), json.dumps(place))
        notes = json.loads(text)
        return dict(notes["settings"]), resolved(str(notes["folder_of_settings"]), path.parent)
    except (ValueError, KeyError, TypeError, RecursionError) as problem:
        if path.suffix.lower() != ".json":
            deep = isinstance(problem, RecursionError)
            why = "it is nested too deeply" if deep else problem
            raise ValueError(f"{path} is not valid TOML: {why}. Mend that line.") from problem
        raise ValueError(
            f"{path} is not the manifest of a run ({problem}). Give a TOML file, or the "
            "manifest.json of a folder that lsoahot made."
        ) from problem


def _shallow(settings: dict[str, Any]) -> dict[str, Any]:
    """Refuse tables within tables without end, which nothing that follows could go through."""
    level: list[Any] = [settings]
    for _ in range(DEEPEST):
        level = [
            part
            for one in level
            for part in (one.values() if isinstance(one, dict) else one)
            if isinstance(part, (dict, list))
        ]
    if level:
        raise RecursionError
    return settings


def _config(
    settings: Mapping[str, Any], folder: Path, where: str, problem: Problem
) -> tuple[Config, set[str]]:
    """Check every part of the settings, and gather what can be used; name the parts that can't."""
    whole = known(settings, KEYS[""], where, problem)
    for part in ("boundaries", "period", "measures"):
        if part not in settings:
            problem(f"{where} has no [{part}] part. Add one; the documentation has a model.")

    def sound(part: str) -> dict[str, Any]:
        return known(whole.get(part, {}), KEYS[part], f"{where}, [{part}]", problem)

    boundaries, population = sound("boundaries"), sound("population")
    period, statistics, comparison = sound("period"), sound("statistics"), sound("comparison")
    lacking = {
        part
        for part, result, keys in (
            ("boundaries", boundaries, ["source"]),
            ("period", period, ["start", "end"]),
            *([("population", population, ["source"])] if settings.get("population") else []),
        )
        if not complete(whole.get(part), result, keys, f"{where}, [{part}]", problem=problem)
    }
    span = _period(period, where, problem)
    if span is None:
        lacking.add("period")
    if "column" in population and "columns" in population:
        problem(f"{where}, [population] has both column and columns. Keep one of them.")
        lacking.add("population")
    rule, islands = (
        chosen(
            statistics.get(key, first), (first, other), f"{where}, [statistics] {key}",
            problem=problem, otherwise=first,
        )
        for key, first, other in (("rule", "queen", "rook"), ("islands", "leave", "nearest"))
    )  # fmt: skip
    if "measures" in whole and not whole["measures"]:
        problem(f"{where} has no measure. Add a [measures.NAME] part.")
    groups = _groups_of_datasets(whole.get("datasets", {}), where, problem)
    measures = [
        made
        for name, part in whole.get("measures", {}).items()
        if (made := _measure(name, part, folder, where, groups=groups, problem=problem)) is not None
    ]
    if not measures:
        lacking.add("measures")
    tables = [
        table
        for name, part in whole.get("tables", {}).items()
        if (table := extra_table(name, part, folder, where, problem=problem)) is not None
    ]
    parts: list[Measure | ExtraTable] = [*measures, *tables]
    _distinct(parts, where, problem)
    every = [*whole.get("measures", {}), *whole.get("tables", {})]
    report = report_settings(
        whole.get("report", {}), folder, where, problem,
        names=every, themes=dict.fromkeys(one.theme for one in parts),
    )  # fmt: skip
    source = population.get("source") if "population" not in lacking else None
    config = Config(
        title=whole.get("title", "Community safety assessment"),
        boundaries=located(boundaries.get("source", "sample"), folder),
        select=boundaries.get("select"),
        names=located(boundaries["names"], folder) if "names" in boundaries else None,
        population=located(source, folder) if source else None,
        population_columns=dict(population["columns"])
        if "columns" in population
        else population.get("column"),
        start=span[0] if span else pd.Period("0001-01", "M"),
        end=span[1] if span else pd.Period("9999-12", "M"),
        rule=rule,
        islands=islands,
        measures=tuple(measures),
        tables=tuple(tables),
        peers=several(comparison.get("peers", [])),
        report=report,
    )
    return config, lacking


def _period(
    period: Mapping[str, Any], where: str, problem: Problem
) -> tuple[pd.Period, pd.Period] | None:
    """Return the first and the last month; None where they can't be used."""
    start, end = (
        month(period[key], key, where, problem) if key in period else None
        for key in ("start", "end")
    )
    if start is None or end is None:
        return None
    if start > end:
        problem(
            f"{where}, [period]: start {start} is after end {end}. Swap them if that was meant."
        )
        return None
    return start, end


def _distinct(parts: Sequence[Measure | ExtraTable], where: str, problem: Problem) -> None:
    """See that names and titles name one thing each."""
    named = [one.name for one in parts]
    if doubled := sorted({name for name in named if named.count(name) > 1}):
        problem(f"{where}: {doubled[0]!r} names a measure and a table. Call one of them otherwise.")
    titles = [one.title for one in parts]
    if twice := sorted({title for title in titles if titles.count(title) > 1}):
        problem(
            f"{where}: more than one measure has the title {twice[0]!r}, or a table does. "
            "Give each its own."
        )


def _groups_of_datasets(
    parts: Mapping[str, object], where: str, problem: Problem
) -> dict[str, dict[str, str]]:
    """Return the groups of categories that the settings give for every measure of a dataset."""
    groups = {}
    for name, part in parts.items():
        here = f"{where}, [datasets.{name}]"
        sound = known(part, KEYS["datasets"], here, problem)
        groups[name] = _groups(sound.get("groups", {}), here, problem)
    return groups


def _groups(groups: Mapping[str, Any], where: str, problem: Problem) -> dict[str, str]:
    """Return the groups of categories; what is no text is a problem."""
    for name, group in groups.items():
        if not isinstance(group, str) or not group:
            problem(
                f"{where} groups: the group of {name!r} is {group!r}, which is no text. "
                'Write { "Burglary - Residential" = "Serious acquisitive" }.'
            )
    return {name: group for name, group in groups.items() if isinstance(group, str) and group}


def _measure(
    name: str,
    part: object,
    folder: Path,
    where: str,
    *,
    groups: Mapping[str, dict[str, str]],
    problem: Problem,
) -> Measure | None:
    """Check one measure and gather it; None where it can't be used."""
    where = f"{where}, [measures.{name}]"
    named = names_files(name, where, problem)
    if isinstance(part, Mapping) and "by" in part:
        problem(
            f"{where}: the key 'by' is called 'locate_by' now. Write locate_by = {part['by']!r}."
        )
        part = {key: value for key, value in part.items() if key != "by"}
    sound = known(part, KEYS["measures"], where, problem)
    there = complete(part, sound, ["dataset", "source"], where, problem=problem)
    flag = sound.get("flag")
    if flag is not None:
        flag = chosen(flag, FLAGS, f"{where} flag", problem=problem, otherwise="") or None
    locate_by = chosen(
        sound.get("locate_by", "code"), ("code", "point"), f"{where} locate_by",
        problem=problem, otherwise="code",
    )  # fmt: skip
    rows = positive(sound, "rows", where, problem)
    own = _groups(sound.get("groups", {}), where, problem)
    if not (named and there):
        return None
    sources = sound["source"]
    return Measure(
        name=name,
        title=sound.get("title", name.replace("_", " ").capitalize()),
        dataset=sound["dataset"],
        source=[located(one, folder) for one in sources]
        if isinstance(sources, list)
        else located(sources, folder),
        categories=several(sound.get("categories", [])),
        exclude=several(sound.get("exclude", [])),
        flag=flag,
        locate_by=locate_by,
        population=sound.get("population", "population"),
        suppress=sound.get("suppress"),
        theme=sound.get("theme", THEME_OF.get(flag or sound["dataset"], CRIME)),
        split=several(sound["split"]) if "split" in sound else None,
        rows=rows,
        groups={**groups.get(sound["dataset"], {}), **own} or None,
        all_rows=sound.get("all_rows"),
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
        "boundaries": _set(
            {"source": config.boundaries, "select": config.select, "names": config.names}
        ),
        **({"population": {"source": config.population, **named}} if config.population else {}),
        "period": {"start": str(config.start), "end": str(config.end)},
        "statistics": {"rule": config.rule, "islands": config.islands},
        "measures": {one.name: _set(vars(one)) for one in config.measures},
        "tables": {one.name: _set(vars(one)) for one in config.tables},
        "comparison": {"peers": list(config.peers)},
        "report": _set(vars(config.report)),
    }


def _set(part: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out the name, which is the heading, and what is not set: TOML has no word for it."""
    return {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in part.items()
        if key != "name" and value is not None
    }
