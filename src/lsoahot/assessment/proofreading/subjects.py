"""What a draft may speak of, and what the tables, told by their columns, know of it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lsoahot.assessment.over_time import first_month, months_without_data
from lsoahot.assessment.result import Assessment
from lsoahot.assessment.settings import YEAR
from lsoahot.assessment.settings_tables import read_extra, yearly_figures
from lsoahot.common import checks
from lsoahot.counting.counts_to_hide import BELOW
from lsoahot.describe.change_clauses import TOTAL, value_column
from lsoahot.statistics.profiles import profile
from lsoahot.statistics.seasons import seasonality
from lsoahot.statistics.trends import trend

if TYPE_CHECKING:
    from collections.abc import Iterator


# The columns by which a measure may be divided; the last two where no other table has such names.
PARTS: Final = ("category", "offence", "crime_category", "property")
_SUMS: Final = ("total", "grand total")


def _of_measures(assessment: Assessment) -> Iterator[Subject]:
    """Follow every measure, and all its parts, back over its years."""
    start, end = assessment.config.start, assessment.config.end
    for measure in assessment.config.measures:
        table, records = assessment.tables[measure.name], assessment.records[measure.name]
        whole = _of_areas(measure.title, table)
        whole.span, whole.below = (start, end), BELOW if measure.suppress else None
        yield whole
        own = _reported(
            records, table, measure.locate_by, all_of_it=assessment.config.select is None
        )
        if own is None or own.empty:
            continue
        own = own[own["period"] <= end]
        counted = events(own[own["period"] >= start])
        if whole.history and counted != next(iter(whole.history.values())):
            continue  # they are not the records that the table counts: its own total must do
        whole.records, whole.first = own, _first(own, first_month(assessment, measure), end)
        _follow(whole)
        for column in PARTS:
            if column in own:
                yield from _parts(own, column, whole)


def _reported(
    records: pd.DataFrame, table: pd.DataFrame, locate_by: str, *, all_of_it: bool
) -> pd.DataFrame | None:
    """Return the records of the areas that are reported, if that can be told by their codes."""
    if "period" not in records:
        return None
    if locate_by == "code" and "area_code" in records:
        uncoded = records["area_code"].isna()
        if "geometry" not in records or not records.loc[uncoded, "geometry"].notna().any():
            return records[records["area_code"].isin(table.index)]
    return records if all_of_it else None


def _first(records: pd.DataFrame, first: pd.Period, end: pd.Period) -> pd.Period:
    """Return the month from which on there are data throughout, as the report tells the years."""
    months = pd.period_range(first, end, freq="M")
    counts = records["count"] if "count" in records else pd.Series(1, index=records.index)
    monthly = counts.groupby(records["period"]).sum().reindex(months, fill_value=0)
    missing = months_without_data(np.asarray(monthly, dtype="float64"))
    return months[0] + missing[-1] + 1 if missing else months[0]


def _follow(subject: Subject) -> None:
    """Add the years of a subject's records, or the period before where the report's is no year."""
    records = subject.records
    if records is None or subject.span is None or subject.first is None:
        return
    table = years(records, None, subject)
    if table is not None:
        subject.history, subject.tested = _years_of(table)
        return
    start, end = subject.span
    months = (end - start).n + 1
    spans = {"before": (start - months, start - 1), "now": (start, end)}
    subject.history = {
        label: events(records[(records["period"] >= a) & (records["period"] <= b)])
        for label, (a, b) in spans.items()
        if subject.first <= a
    }


def events(records: pd.DataFrame) -> float:
    """Return how many events records stand for."""
    return float(records["count"].sum()) if "count" in records else float(len(records))


def _parts(records: pd.DataFrame, column: str, whole: Subject) -> Iterator[Subject]:
    """Follow the categories of a measure, tested together."""
    table = years(records, column, whole)
    confined = column in PARTS[2:] or (column == "offence" and "crime_category" in records)
    for name, rows in records.groupby(column, observed=True, sort=False):
        part = Subject(str(name), whole.measure, confined=confined)
        part.records, part.span, part.first, part.below = rows, whole.span, whole.first, whole.below
        if table is None or (named := table[table[column].astype(str) == str(name)]).empty:
            _follow(part)
        else:
            part.history, part.tested = _years_of(named)
        yield part


@dataclass(eq=False)
class Subject:
    """One thing that a draft may speak of, and what is known of it.

    Attributes
    ----------
    name, measure : str
        What it is called, and the table (or measure) that it belongs to. The whole of a measure
        has the measure's name.
    history : dict of str to float
        Its count by year, the last one being that of the report.
    tested : dict of str to str
        What the test said of the step into each year, where the table says so.
    areas, standing, seasons : DataFrame, optional
        Its areas, its comparison with similar areas, and what `seasonality` said.
    mix : dict of str to float, optional
        Its share in a profile: the columns of `profile`, and the totals of both.
    records : DataFrame, optional
        Its records of every period.
    span : pair of Period, optional
        The first and the last month of the report, where they are known.
    first : Period, optional
        The first month that the records of its measure cover.
    below : int, optional
        Counts smaller than this are not reported.
    confined : bool
        Whether its name stands for it only where its measure is spoken of: violence, of domestic
        abuse.
    """

    name: str
    measure: str
    history: dict[str, float] = field(default_factory=dict)
    tested: dict[str, str] = field(default_factory=dict)
    areas: pd.DataFrame | None = None
    standing: pd.DataFrame | None = None
    mix: dict[str, float] | None = None
    seasons: pd.DataFrame | None = None
    records: pd.DataFrame | None = None
    span: tuple[pd.Period, pd.Period] | None = None
    first: pd.Period | None = None
    below: int | None = None
    confined: bool = False

    @property
    def is_whole(self) -> bool:
        """Tell whether it is all that its measure counts."""
        return self.name == self.measure

    def pair(self, label: str | None = None) -> tuple[float, float] | None:
        """Return the counts of the year before and of a year, the last by default."""
        labels = list(self.history)
        at = len(labels) - 1 if label is None else labels.index(label)
        if at < 1:
            return None
        before, now = self.history[labels[at - 1]], self.history[labels[at]]
        return None if pd.isna(before) or pd.isna(now) else (before, now)

    def of_period(self) -> pd.DataFrame | None:
        """Return the records of the report's period."""
        if self.records is None or self.span is None or "period" not in self.records:
            return self.records
        months = self.records["period"]
        return self.records[(months >= self.span[0]) & (months <= self.span[1])]

    @cached_property
    def verdicts(self) -> dict[str, set[str]]:
        """What the tests said of each year: together with the others of its kind, and by itself."""
        words = {year: {word} for year, word in self.tested.items()}
        alone = None if self.records is None else years(self.records, None, self)
        for year, word in _verdicts(alone) if alone is not None else ():
            words.setdefault(year, set()).add(word)
        return words

    @cached_property
    def months(self) -> pd.DataFrame | None:
        """The months of its seasons."""
        span = whole_years(self)
        if self.seasons is not None or self.records is None or span is None:
            return self.seasons
        with warnings.catch_warnings(action="ignore", category=UserWarning):
            return seasonality(self.records, period=span)


def whole_years(subject: Subject) -> tuple[str, str] | None:
    """Return the months of all whole years that end with the report's, if that is itself a year."""
    if subject.span is None or subject.first is None:
        return None
    start, end = subject.span
    before = (start - subject.first).n // YEAR
    if (end - start).n + 1 != YEAR or before < 1:
        return None
    return str(start - YEAR * before), str(end)


def years(records: pd.DataFrame, by: str | None, subject: Subject) -> pd.DataFrame | None:
    """Follow records over the whole years of a subject."""
    span = whole_years(subject)
    if span is None:
        return None
    with warnings.catch_warnings(action="ignore", category=UserWarning):
        return trend(records, by, period=span)


def _years_of(rows: pd.DataFrame) -> tuple[dict[str, float], dict[str, str]]:
    """Return the history and the tests of one category of a table of years."""
    labels = rows["year"].astype(str)
    history = dict(zip(labels, rows[value_column(rows)].astype("float64"), strict=True))
    if len(rows) and pd.notna(rows["previous"].iloc[0]):
        history = {"": float(rows["previous"].iloc[0]), **history}
    return history, dict(_verdicts(rows))


def _verdicts(rows: pd.DataFrame) -> Iterator[tuple[str, str]]:
    for year, word in zip(rows["year"].astype(str), rows["verdict"], strict=True):
        if pd.notna(word):
            yield year, str(word)


# --- tables, told by their columns ----------------------------------------------------------------


def gather(tables: Assessment | Mapping[str, object]) -> list[Subject]:
    """Return all subjects that the tables know.

    Raises
    ------
    TypeError
        If ``tables`` is neither an assessment nor a mapping, or holds what is no table.
    ValueError
        If a table is of no kind that is known, or there is none.
    """
    if isinstance(tables, Assessment):
        result = list(_of_assessment(tables))
    elif isinstance(tables, Mapping):
        result = [subject for name, table in tables.items() for subject in _of(str(name), table)]
    else:
        raise TypeError(
            f"tables is a {type(tables).__name__}. Give what assess() returned, or a dict of tables "
            'by the names that the draft uses, e.g. {"Total crime": lsoahot.trend(crimes)}.'
        )
    if not result:
        raise ValueError("there is no table to check the draft against. Give one at least.")
    return result


def _of(name: str, table: object) -> Iterator[Subject]:
    """Read one entry of a mapping: a table of any kind, several of them, or an assessment."""
    if isinstance(table, Assessment):
        yield from _of_assessment(table)
    elif isinstance(table, list | tuple):
        for one in table:
            yield from _of(name, one)
    elif not isinstance(table, pd.DataFrame):
        raise TypeError(
            f"tables[{name!r}] is a {type(table).__name__}, not a table. "
            "Give what trend, seasonality, compare or rate returned, or yearly totals."
        )
    else:
        yield from _of_table(name, table)


def _of_table(name: str, table: pd.DataFrame) -> Iterator[Subject]:
    """Tell a table's kind by its columns."""
    columns = set(map(str, table.columns))
    if {"year", "previous", "verdict"} <= columns:
        yield from _of_trend(name, table)
    elif {"month_name", "index"} <= columns:
        for part, rows in table.groupby(str(table.columns[0]), sort=False):
            yield Subject(name if part == TOTAL else str(part), name, seasons=rows)
    elif {"local_pct", "reference_pct"} <= columns:
        yield from _of_profile(name, table)
    elif {"place", "rate"} <= columns:
        yield Subject(name, name, standing=table)
    elif "count" in columns and (
        {"area_name", "geometry"} & columns or table.index.name == "area_code"
    ):
        yield _of_areas(name, table)
    else:
        yield from _of_totals(name, table)


def _of_trend(name: str, table: pd.DataFrame) -> Iterator[Subject]:
    """Take the years of each category."""
    for part, rows in table.groupby(str(table.columns[0]), sort=False):
        only = len(rows) == len(table)
        yield Subject(name if part == TOTAL or only else str(part), name, *_years_of(rows))
        if only and part not in (TOTAL, name):
            yield Subject(str(part), name, *_years_of(rows))


def _of_profile(name: str, table: pd.DataFrame) -> Iterator[Subject]:
    """Take the shares of each category in two mixes."""
    figures = table.select_dtypes("number").astype("float64")
    totals = {
        f"{whose}_total": float(figures[f"{whose}_count"].sum()) for whose in ("local", "reference")
    }
    yield Subject(name, name)
    for part, (_, row) in zip(table["category"], figures.iterrows(), strict=True):
        mix = {**{str(key): float(value) for key, value in row.items()}, **totals}
        yield Subject(str(part), name, mix=mix, confined=True)


def _of_areas(name: str, table: pd.DataFrame) -> Subject:
    """Take the areas, and their sum if none is missing."""
    plain = pd.DataFrame(table.drop(columns="geometry", errors="ignore"))
    plain.attrs = dict(table.attrs)
    subject = Subject(name, name, areas=plain)
    if plain["count"].notna().all():
        period = table.attrs.get("period") or ["", ""]
        subject.history = {"-".join(period): float(plain["count"].sum())}
    return subject


def _of_totals(name: str, table: pd.DataFrame) -> Iterator[Subject]:
    """Read a small table of totals: a row a category, a column a year."""
    if isinstance(table.index, pd.RangeIndex) and len(table.columns):
        table = table.set_index(table.columns[0])
    columns = [
        column
        for column in table.columns
        if pd.api.types.is_numeric_dtype(table[column].dtype) and "%" not in str(column)
    ]
    if not columns:
        raise ValueError(
            f"tables[{name!r}] has no column of numbers; it has {checks.shown(table.columns, 12)}. "
            "Give what a verb returned, or yearly totals: a row a category, a column a year."
        )
    rows = table[columns].astype("float64")
    labels = [str(column) for column in columns]
    sums = [str(part).strip().casefold() in _SUMS for part in rows.index]
    for (part, row), is_sum in zip(rows.iterrows(), sums, strict=True):
        history = dict(zip(labels, row, strict=True))
        yield Subject(name if is_sum or len(rows) == 1 else str(part), name, history=history)
    if not any(sums) and len(rows) > 1:
        yield Subject(name, name, history=dict(zip(labels, rows.sum(), strict=True)))


def _of_assessment(assessment: Assessment) -> Iterator[Subject]:
    """Take its measures, and the tables of years or quarters that its settings name."""
    yield from _of_measures(assessment)
    for extra in assessment.config.tables:
        if extra.kind == "plain" or not Path(extra.source).is_file():
            continue
        table = read_extra(extra)
        if extra.kind == "trend":
            yield from _of_totals(extra.title, yearly_figures(extra, table))
        else:
            names = ("local", "reference", "local_total", "reference_total", "contains_local")
            yield from _of_profile(
                extra.title, profile(table, **{name: getattr(extra, name) for name in names})
            )
