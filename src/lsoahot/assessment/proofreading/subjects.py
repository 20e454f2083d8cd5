"""What a draft may speak of, and what is known of it."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

import pandas as pd

from lsoahot.describe.grammar.change_clauses import value_column
from lsoahot.statistics.seasons import seasonality
from lsoahot.statistics.trends import trend

if TYPE_CHECKING:
    from collections.abc import Iterator

YEAR: Final = 12


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
        Counts smaller than this are not told.
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
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
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
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return trend(records, by, period=span)


def of_years(name: str, measure: str, rows: pd.DataFrame) -> Subject:
    """Make a subject of the rows of one category of a table of years."""
    labels = rows["year"].astype(str)
    history = dict(zip(labels, rows[value_column(rows)].astype("float64"), strict=True))
    if len(rows) and pd.notna(rows["previous"].iloc[0]):
        history = {"": float(rows["previous"].iloc[0]), **history}
    return Subject(name, measure, history=history, tested=dict(_verdicts(rows)))


def _verdicts(rows: pd.DataFrame) -> Iterator[tuple[str, str]]:
    for year, word in zip(rows["year"].astype(str), rows["verdict"], strict=True):
        if pd.notna(word):
            yield year, str(word)
