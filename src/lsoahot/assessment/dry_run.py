"""The rehearsal of an assessment: everything is read and counted, nothing is written."""

from __future__ import annotations

import math
import os
import tempfile
import warnings
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, ParamSpec, TypeVar

import pandas as pd

from lsoahot.boundaries.boundaries import read_boundaries, select_areas
from lsoahot.boundaries.populations import read_population
from lsoahot.common import checks, progress as _progress
from lsoahot.common.files import explained
from lsoahot.records import sources as _sources
from lsoahot.records.datasets import DATASETS

from . import folder, inputs, outputs, over_time, overlaps, steps as _steps
from .assess import assess_records
from .paths import absolute
from .settings import Config, settings_problems

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import geopandas as gpd

    from lsoahot.records.datasets import Dataset

    from .settings import Measure

P = ParamSpec("P")
T = TypeVar("T")
Rows = list[tuple[str, str, str]]
PROBLEM: Final = "problem"
NOTE: Final = "note"
COUNT: Final = "count"
KINDS: Final = (PROBLEM, NOTE, COUNT)  # the order in which they are reported
UNLIKELY: Final = 0.05
EXPECTED: Final = (ValueError, TypeError, OSError, ImportError)


def check_settings(
    config: str | Path | Mapping[str, Any] | Config,
    *,
    out: str | Path | None = None,
    report: bool = False,
    datasets: Mapping[str, Dataset] | None = None,
    progress: bool = False,
) -> pd.DataFrame:
    """Rehearse an assessment: read and count everything, tell all that is wrong, write nothing.

    Parameters
    ----------
    config : path, dict or Config
        What `assess` takes.
    out : path, optional
        The folder that is to be written to: whether it can be, and whether files of yours are in
        the way.
    report : bool
        Whether the report is to be written, too: its template and its further tables.
    datasets : dict of str to Dataset, optional
        Adapters of your own, by the name that the settings use.
    progress : bool
        Show a progress bar on the error stream.

    Returns
    -------
    DataFrame
        One row for each thing to tell: `kind` (``"problem"``: the assessment would not run;
        ``"note"``: it would, but look at it; ``"count"``: what would be counted), `part` (of the
        settings), `message`. Problems come first. With no problem, `assess` would run.

    Notes
    -----
    What depends on something that is wrong is not judged: without boundaries nothing is counted.
    Hot spots are not tested, and nothing is drawn, so this takes a fraction of the time; ``lsoahot
    assess --check`` makes every file for trial, too.

    Official layers that the settings name, and the cache does not have, are downloaded as in a run.

    Examples
    --------
    >>> import lsoahot as lh
    >>> result = lh.check_settings({
    ...     "boundaries": {"source": "sample", "select": "Rutlnd"},
    ...     "period": {"start": "2011-10", "end": "2012-09"},
    ...     "measures": {
    ...         "fires": {"dataset": "fires", "source": "sample"},
    ...         "theft": {"dataset": "crime", "source": "sample", "categories": "Thefts"},
    ...     },
    ... })
    >>> result["kind"].tolist()
    ['problem', 'problem', 'count']
    >>> result["part"].tolist()
    ['boundaries', 'measures.theft', 'measures.fires']
    """
    rehearsal = _rehearse(config, out, report=report, datasets=datasets, progress=progress)
    return _table(rehearsal.rows)


def check_products(
    config: str | Path | Mapping[str, Any] | Config,
    *,
    out: str | Path | None = None,
    report: bool = False,
    progress: bool = False,
) -> pd.DataFrame:
    """Do as `check_settings`; with no problem, make every file, too, in a folder that is thrown away.

    Parameters
    ----------
    config, out, report, progress
        As `check_settings` takes them.

    Returns
    -------
    DataFrame
        As `check_settings` returns it. What comes after a file that can't be made is not judged.

    Examples
    --------
    >>> result = check_products({
    ...     "boundaries": {"source": "sample"},
    ...     "period": {"start": "2011-10", "end": "2012-09"},
    ...     "measures": {"fires": {"dataset": "fires", "source": "sample"}},
    ... })
    >>> result["kind"].tolist()
    ['count']
    """
    known, settings, areas, read = _rehearse(
        config, out, report=report, datasets=None, progress=progress
    )
    if settings is None or areas is None or any(kind == PROBLEM for kind, *_ in known):
        return _table(known)
    rows: Rows = []
    steps = _progress.bar(len(settings.measures), progress=progress)
    with tempfile.TemporaryDirectory() as folder:
        with steps:
            run = partial(assess_records, steps=steps, notes=_progress.Notes())
            result = _attempt(rows, "assessment", run, settings, areas, read)
        jobs = iter(()) if result is None else outputs.jobs(result, Path(folder), report=report)
        for name, job in jobs:
            _attempt(rows, name, job)
            if any(kind == PROBLEM for kind, *_ in rows):
                break
    messages = {message for *_, message in known}
    news = {row[2]: row for row in reversed(rows) if row[2] not in messages}
    return _table([*reversed(news.values()), *known])


def _table(rows: Rows) -> pd.DataFrame:
    table = pd.DataFrame(list(dict.fromkeys(rows)), columns=["kind", "part", "message"])
    return table.sort_values(
        "kind", key=lambda kinds: kinds.map(KINDS.index), kind="stable"
    ).reset_index(drop=True)


class _Rehearsal(NamedTuple):
    """What a rehearsal met, and what it has read so far."""

    rows: Rows
    settings: Config | None = None
    areas: gpd.GeoDataFrame | None = None  # all that were loaded
    read: Mapping[tuple[object, ...], pd.DataFrame] = {}  # by `steps.source_of`


def _rehearse(
    config: str | Path | Mapping[str, Any] | Config,
    out: str | Path | None,
    *,
    report: bool,
    datasets: Mapping[str, Dataset] | None,
    progress: bool,
) -> _Rehearsal:
    rows: Rows = []
    specs = {**DATASETS, **(datasets or {})}
    replaced, settings = _settings(rows, config, specs)
    if settings is None:
        return _Rehearsal(rows)
    if out is not None:
        _folder(rows, settings, Path(out), report=report)
    _report(rows, settings, report=report)
    steps = _progress.bar(1 + len(settings.measures), progress=progress)
    with steps:
        with _progress.step(steps, "Boundaries"):
            areas, settings = _areas(rows, settings, replaced)
        read: dict[tuple[object, ...], pd.DataFrame | None] = {}
        records: dict[str, pd.DataFrame] = {}
        settled: list[Measure] = []
        tables: dict[str, gpd.GeoDataFrame] = {}
        for measure in settings.measures:
            with _progress.step(steps, measure.title):
                key = _steps.source_of(measure)
                if key not in read:
                    read[key] = _read(rows, measure, specs)
                every = read[key]
                part = f"measures.{measure.name}"
                own = None
                if every is not None:
                    own = _attempt(rows, part, _steps.select_records, every, measure)
                if every is None or own is None:
                    continue
                records[measure.name] = own
                settled.append(overlaps.settle_suppression(measure, own))
                shown = _measure(rows, settings, settled[-1], own, every=every, areas=areas)
                if shown is not None:
                    tables[measure.name] = shown
    around = _attempt(rows, "measures", overlaps.refuse, tuple(settled), records) or {}
    if tables.keys() == records.keys():
        for name, parts in overlaps.find_narrowing(around, tables).items():
            rows.append((NOTE, f"measures.{name}", overlaps.explain(name, parts)))
    there = {key: every for key, every in read.items() if every is not None}
    return _Rehearsal(rows, settings, areas, there)


def _attempt(
    rows: Rows, part: str, call: Callable[P, T], *args: P.args, **options: P.kwargs
) -> T | None:
    """Do something; put down what it warns of, and the problem if it fails."""
    done: T | None = None
    with warnings.catch_warnings(record=True) as notes:
        warnings.simplefilter("always", UserWarning)
        try:
            done = call(*args, **options)
        except EXPECTED as problem:
            text = explained(problem) if isinstance(problem, OSError) else problem
            rows.append((PROBLEM, part, _message(part, text)))
    for one in notes:
        if issubclass(one.category, UserWarning):
            rows.append((NOTE, part, _message(part, one.message)))
    return done


def _message(part: str, message: object) -> str:
    """Take the name of the measure off a message: its part names it."""
    return str(message).removeprefix(f"measure {part.removeprefix('measures.')!r}: ")


def _settings(
    rows: Rows, config: str | Path | Mapping[str, Any] | Config, specs: Mapping[str, Dataset]
) -> tuple[set[str], Config | None]:
    """Read the settings, and leave out or replace what has a problem."""
    replaced: set[str] = set()
    settings = config if isinstance(config, Config) else None
    if not isinstance(config, Config):
        what = _attempt(rows, "settings", settings_problems, config)
        messages, replaced, settings = what or ([], replaced, None)
        rows += [(PROBLEM, "settings", message) for message in messages]
    if settings is None:
        return replaced, None
    for one in settings.measures:
        _attempt(rows, f"measures.{one.name}", checks.one_of, one.dataset, specs, "dataset")
    known = tuple(one for one in settings.measures if one.dataset in specs)
    return replaced, _steps.suppress_sensitive(replace(settings, measures=known), specs)


def _folder(rows: Rows, settings: Config, out: Path, *, report: bool) -> None:
    """See whether the folder can be written to, and is none of the sources."""
    _attempt(rows, "out", folder.refuse, out, outputs.expected(settings, report=report))
    sources = _attempt([], "out", inputs.list_inputs, settings, None)
    _attempt(rows, "out", inputs.refuse_outputs, sources or [], out)
    if folder.is_cut(out):
        rows.append((NOTE, "out", f"A run was cut while it filled {out}. The next puts it right."))
    there = next(parent for parent in (absolute(out), *absolute(out).parents) if parent.exists())
    if there.is_dir() and not os.access(there, os.W_OK):
        rows.append((PROBLEM, "out", f"{there} can't be written to. Give another folder."))


def _report(rows: Rows, settings: Config, *, report: bool) -> None:
    """Open the template and the further tables of the report."""
    if report:
        from lsoahot.assessment.report.report import check_template
        from lsoahot.assessment.settings_tables import read_extra
        from lsoahot.assessment.slides import open_deck

        _attempt(rows, "report", check_template, settings.report.template)
        _attempt(rows, "report", open_deck, settings.report.slides_template)
        for extra in settings.tables:
            _attempt(rows, f"tables.{extra.name}", read_extra, extra)


# --- the data -------------------------------------------------------------------------------------


def _areas(
    rows: Rows, settings: Config, replaced: set[str]
) -> tuple[gpd.GeoDataFrame | None, Config]:
    """Read the boundaries and the population; None if there is nothing to count in.

    A selection that is wrong is reported, and left out, so that the rest can be counted.
    """
    source = settings.population if "population" not in replaced else None
    areas = None
    if "boundaries" not in replaced:
        areas = _attempt(
            rows, "boundaries", read_boundaries, settings.boundaries, names=settings.names
        )
    if areas is None:
        if source is not None:
            columns = settings.population_columns
            _attempt(rows, "population", read_population, source, columns=columns)
        return None, settings
    every = [settings.select] if isinstance(settings.select, str) else settings.select or []
    chosen = [_attempt(rows, "boundaries", select_areas, areas, one) for one in every]
    if any(one is None for one in chosen):
        settings = replace(settings, select=None)
    if source is not None:
        areas = _attempt(rows, "population", _steps.join_population, areas, settings)
    # Without a period there is nothing to count, without a population no rate.
    return None if replaced else areas, settings


def _read(rows: Rows, measure: Measure, specs: Mapping[str, Dataset]) -> pd.DataFrame | None:
    """Read the files of a measure; where that fails, say of each file what is wrong with it."""
    part = f"measures.{measure.name}"
    mine: Rows = []
    records = _attempt(mine, part, _steps.read_records, measure, specs)
    if records is None:
        each: Rows = []
        for one in _single_files(each, part, measure.source):
            _attempt(each, part, _steps.read_records, measure, specs, one)
        if any(kind == PROBLEM for kind, *_ in each):
            mine = [row for row in each if row[0] == PROBLEM]
    rows += mine
    return None if records is None else _steps.drop_lacking_months(records)


def _single_files(rows: Rows, part: str, source: str | list[str]) -> Iterator[str]:
    """Go through the files that stand behind a source of several."""
    for one in [source] if isinstance(source, str) else source:
        result = None if one == "sample" else _attempt(rows, part, _sources.find, one)
        if result is not None:
            yield from dict.fromkeys(str(file.path) for file in result.files)


def _measure(
    rows: Rows,
    settings: Config,
    measure: Measure,
    own: pd.DataFrame,
    *,
    every: pd.DataFrame,
    areas: gpd.GeoDataFrame | None,
) -> gpd.GeoDataFrame | None:
    """Count a measure, and tell what would be counted, and what to look at."""
    part = f"measures.{measure.name}"
    _months(rows, settings, part, every)
    if not over_time.has_months(own):
        rows.append((NOTE, part, "the files give no months, so it is not in the dashboard."))
    if areas is None:
        return None
    needed = [measure.population]
    hint = "Name a file with one under [population]."
    _attempt(rows, part, checks.columns, areas, needed, "the table of areas", hint)
    if measure.population not in areas:
        return None
    rated = _attempt(rows, part, _steps.count_and_rate, areas, own, measure, settings)
    if rated is None:
        return None
    audit = _steps.add_other_categories(rated.attrs["audit"], every, own)
    rated.attrs["audit"] = audit
    shown = _attempt(rows, part, _steps.select_and_withhold, rated, settings, areas)
    if shown is None:
        return None
    if shown.attrs.get("suppression", {}).get("areas"):
        rows.append((NOTE, part, shown.attrs["suppression"]["sentence"]))
    rows.append((COUNT, part, f"{shown.attrs['audit']} {_columns(every)}".strip()))
    _check_trust(rows, part, audit, len(every))
    return shown


def _check_trust(rows: Rows, part: str, audit: Mapping[str, Any], every: int) -> None:
    """Call it a problem where most records have no place, no date, or no figure: no map can be trusted."""
    for outcomes, what, cure in (
        (
            {"no location", "code not known"}, "no place",
            "See to it that the column of codes, or of coordinates, is the right one.",
        ),
        ({"no date"}, "no month that was understood", "Write dates as DD/MM/YYYY or YYYY-MM-DD."),
        (
            {"count suppressed at source", "in an area without data"}, "no figure, or an area without one",
            "Ask for counts of larger areas or longer periods.",
        ),
    ):  # fmt: skip
        lost = [one for one in audit["outcomes"] if one["outcome"] in outcomes]
        if sum(one["rows"] or 0 for one in lost) > every / 2:
            each = checks.shown(
                (f"{one['rows']:,} {one['outcome']}" for one in lost if one["rows"]), 2
            )
            message = (
                f"most of the {every:,} records have {what} ({each}), so that no map of them can be trusted. "
                f"{cure}"
            )
            rows.append((PROBLEM, part, message))


def _columns(records: pd.DataFrame) -> str:
    """Say what became of the columns of the files."""
    fates = (records.attrs.get("read") or {}).get("columns", {})
    used = [
        f"{header} ({fate[8:]})" for header, fate in fates.items() if fate.startswith("used as")
    ]
    return f"Columns: {checks.shown(used, 12)}." if used else ""


def _months(rows: Rows, settings: Config, part: str, every: pd.DataFrame) -> None:
    """Tell of months without a record of any kind, where there are too many for that by chance."""
    if "period" not in every:
        return
    asked = list(pd.period_range(settings.start, settings.end, freq="M"))
    number = every["period"].value_counts().reindex(asked, fill_value=0)
    empty = [str(month) for month in number.index[number == 0]]
    by_chance = len(asked) * math.exp(-number.mean())  # months without, of so many a month
    if empty and len(empty) < len(asked) and by_chance < UNLIKELY:
        notes = (
            f"the files hold no record of {len(empty)} of the {len(asked)} months: "
            f"{checks.shown(empty, 12)}. If files are lacking, add them or shorten [period]; "
            "as it is, nothing is counted in those months."
        )
        rows.append((NOTE, part, notes))
