"""The subjects of an assessment: its measures, their categories and kinds of offence, its tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lsoahot.counting.suppression import BELOW

from .subjects import Subject, of_years, years

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

    from lsoahot.assessment.result import Assessment

# The columns by which a measure may be divided; the last two where no other table has such names.
PARTS: Final = ("category", "offence", "crime_category", "property")


def subjects(
    found: Assessment, of_areas: Callable[[str, pd.DataFrame], Subject]
) -> Iterator[Subject]:
    """Follow every measure, and all its parts, back over its years."""
    start, end = found.config.start, found.config.end
    for measure in found.config.measures:
        table, records = found.tables[measure.name], found.records[measure.name]
        whole = of_areas(measure.title, table)
        whole.span, whole.below = (start, end), BELOW if measure.suppress else None
        yield whole
        own = _reported(records, table, measure.by, all_of_it=found.config.select is None)
        if own is None or own.empty:
            continue
        own = own[own["period"] <= end]
        counted = events(own[own["period"] >= start])
        if whole.history and counted != next(iter(whole.history.values())):
            continue  # they are not the records that the table counts: its own total must do
        whole.records, whole.first = own, own["period"].min()
        _follow(whole)
        for column in PARTS:
            if column in own:
                yield from _parts(own, column, whole)


def _reported(
    records: pd.DataFrame,
    table: pd.DataFrame,
    by: str,
    *,
    all_of_it: bool,
) -> pd.DataFrame | None:
    """Return the records of the areas that are reported, if that can be told by their codes."""
    if "period" not in records:
        return None
    if by == "code" and "area_code" in records:
        uncoded = records["area_code"].isna()
        if "geometry" not in records or not records.loc[uncoded, "geometry"].notna().any():
            return records[records["area_code"].isin(table.index)]
    return records if all_of_it else None


def _follow(subject: Subject) -> None:
    """Add the years of a subject's records, or the period before where the report's is no year."""
    records = subject.records
    if records is None or subject.span is None or subject.first is None:
        return
    table = years(records, None, subject)
    if table is not None:
        followed = of_years(subject.name, subject.measure, table)
        subject.history, subject.tested = followed.history, followed.tested
        return
    start, end = subject.span
    months = (end - start).n + 1
    spans = {"before": (start - months, start - 1), "now": (start, end)}
    subject.history = {
        label: float(events(records[(records["period"] >= a) & (records["period"] <= b)]))
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
            followed = of_years(part.name, part.measure, named)
            part.history, part.tested = followed.history, followed.tested
        yield part
