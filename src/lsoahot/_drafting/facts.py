"""What the tables know of each subject: counts by year, areas, months, records, standing."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from lsoahot import _checks
from lsoahot._prose.changing import TOTAL, value_column
from lsoahot._statistics.protection import BELOW
from lsoahot.seasons import seasonality
from lsoahot.trends import trend

if TYPE_CHECKING:
    from collections.abc import Iterator

_YEAR: Final = 12
_SUMS: Final = ("total", "grand total")


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
    verdicts : dict of str to set of str
        What the test said of the step into each year; more than one word where it was tested by
        itself and together with others.
    areas, months, standing : DataFrame, optional
        Its areas, the months of its seasons, and its comparison with similar areas.
    records : DataFrame, optional
        Its records of every period.
    span : pair of Period, optional
        The first and the last month of the report, where they are known.
    below : int, optional
        Counts smaller than this are not told.
    """

    name: str
    measure: str
    history: dict[str, float] = field(default_factory=dict)
    verdicts: dict[str, set[str]] = field(default_factory=dict)
    areas: pd.DataFrame | None = None
    months: pd.DataFrame | None = None
    standing: pd.DataFrame | None = None
    records: pd.DataFrame | None = None
    span: tuple[pd.Period, pd.Period] | None = None
    below: int | None = None

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


def gather(tables: Any) -> list[Subject]:  # noqa: ANN401 - an assessment, or a mapping of tables
    """Return all subjects that the tables know.

    Raises
    ------
    TypeError
        If ``tables`` is neither an assessment nor a mapping, or holds what is no table.
    ValueError
        If a table is of no kind that is known, or there is none.
    """
    if _is_assessment(tables):
        found = list(_of_assessment(tables))
    elif isinstance(tables, Mapping):
        found = [subject for name, table in tables.items() for subject in _of(str(name), table)]
    else:
        raise TypeError(
            f"tables is a {type(tables).__name__}. Give what assess() returned, or a dict of tables "
            'by the names that the draft uses, e.g. {"Total crime": lsoahot.trend(crimes)}.'
        )
    if not found:
        raise ValueError("there is no table to check the draft against. Give one at least.")
    return found


def _is_assessment(tables: object) -> bool:
    return all(hasattr(tables, name) for name in ("config", "tables", "records"))


def _of(name: str, table: Any) -> Iterator[Subject]:  # noqa: ANN401
    """Read one entry of a mapping: a table of any kind, several of them, or an assessment."""
    if _is_assessment(table):
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
            yield Subject(name if part == TOTAL else str(part), name, months=rows)
    elif {"place", "rate"} <= columns:
        yield Subject(name, name, standing=table)
    elif "count" in columns and (
        {"area_name", "geometry"} & columns or table.index.name == "area_code"
    ):
        yield _of_areas(name, table)
    else:
        yield from _of_totals(name, table)


def _of_trend(name: str, table: pd.DataFrame) -> Iterator[Subject]:
    """Take the years of each category, and the year before the first one."""
    by, value = str(table.columns[0]), value_column(table)
    for part, rows in table.groupby(by, sort=False):
        years = rows["year"].astype(str)
        history = dict(zip(years, rows[value].astype("float64"), strict=True))
        if len(rows) and pd.notna(rows["previous"].iloc[0]):
            history = {"": float(rows["previous"].iloc[0]), **history}
        verdicts = {
            year: {str(word)}
            for year, word in zip(years, rows["verdict"], strict=True)
            if pd.notna(word)
        }
        whole = part == TOTAL or len(rows) == len(table)
        yield Subject(name if whole else str(part), name, history=history, verdicts=verdicts)
        if whole and part not in (TOTAL, name):
            yield Subject(str(part), name, history=history, verdicts=verdicts)


def _of_areas(name: str, table: pd.DataFrame) -> Subject:
    """Take the areas, and their sum if none is missing."""
    plain = pd.DataFrame(table.drop(columns="geometry", errors="ignore"))
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
            f"tables[{name!r}] has no column of numbers; it has {_checks.shown(table.columns, 12)}. "
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


# --- an assessment --------------------------------------------------------------------------------


def _of_assessment(found: Any) -> Iterator[Subject]:  # noqa: ANN401
    """Follow every measure, its categories and its kinds of offence, back over its years."""
    start, end = found.config.start, found.config.end
    for measure in found.config.measures:
        table, records = found.tables[measure.name], found.records[measure.name]
        whole = _of_areas(measure.title, table)
        whole.span, whole.below = (start, end), BELOW if measure.suppress else None
        own = records
        if measure.by == "code" and "area_code" in records and records["area_code"].notna().all():
            own = records[records["area_code"].isin(table.index)]
        elif found.config.select is not None:
            yield whole
            continue
        if "period" not in own:
            yield whole
            continue
        own = own[own["period"] <= end]
        if own.empty:
            yield whole
            continue
        whole.records = own
        first = own["period"].min()
        yield _followed(whole, first)
        yield from _parts(own, whole, first)


def _parts(records: pd.DataFrame, whole: Subject, first: pd.Period) -> Iterator[Subject]:
    """Follow the categories of a measure and, where they are its own, the kinds of offence."""
    columns = [name for name in ("category", "offence") if name in records]
    if "crime_category" in records:  # then the kinds of offence are those of the crimes only
        columns = columns[:1]
    for column in columns:
        tested = _years(records, column, whole, first)
        for name, rows in records.groupby(column, observed=True, sort=False):
            part = Subject(
                str(name), whole.measure, records=rows, span=whole.span, below=whole.below
            )
            part = _followed(part, first)
            if tested is not None:
                for _, row in tested[tested[column] == name].dropna(subset=["verdict"]).iterrows():
                    part.verdicts.setdefault(str(row["year"]), set()).add(str(row["verdict"]))
            yield part


def _years(
    records: pd.DataFrame, by: str | None, whole: Subject, first: pd.Period
) -> pd.DataFrame | None:
    """Follow records over whole years that end with the report's, if that is itself a year."""
    start, end = whole.span or (first, first)
    if (end - start).n + 1 != _YEAR or (start - first).n < _YEAR:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return trend(records, by, period=(str(_since(start, first)), str(end)))


def _since(start: pd.Period, first: pd.Period) -> pd.Period:
    """Return the first month of the earliest whole year."""
    return start - _YEAR * ((start - first).n // _YEAR)


def _followed(subject: Subject, first: pd.Period) -> Subject:
    """Add the years and the months of a subject's records."""
    records = subject.records
    if records is None or subject.span is None:
        return subject
    start, end = subject.span
    years = _years(records, None, subject, first)
    if years is not None:
        followed = next(_of_trend(subject.name, years))
        subject.history, subject.verdicts = followed.history, followed.verdicts
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            subject.months = seasonality(records, period=(str(_since(start, first)), str(end)))
        return subject
    months = (end - start).n + 1
    spans = {"before": (start - months, start - 1), "now": (start, end)}
    subject.history = {
        label: float(((records["period"] >= a) & (records["period"] <= b)).sum())
        for label, (a, b) in spans.items()
        if first <= a
    }
    return subject
