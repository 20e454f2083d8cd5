"""The months of a page, the years that they make, and the months without data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

YEAR = 12
# Silence is taken for a gap in the data, and not for zeros, where it is too long for chance: one
# month without any record if so many a month are usual (once in 20,000 such months) ...
USUAL = 10
# ... or more months, in which so many were to be expected. That is strict, for events come in series.
EXPECTED = 30


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """The months of a page and the rolling years that they make, oldest first.

    Attributes
    ----------
    months : PeriodIndex
        Every month from the first record to the end of the last year.
    starts : list of int
        Where each year begins among the months.
    length : int
        The months of a year: 12, or fewer where there is not one whole year.
    """

    months: pd.PeriodIndex
    starts: list[int]
    length: int

    @property
    def periods(self) -> list[tuple[int, int]]:
        """Return the first and the last-but-one month of each year, then of all years together."""
        years = [(start, start + self.length) for start in self.starts]
        return years if len(years) == 1 else [*years, (years[0][0], years[-1][1])]

    def described(self) -> list[dict[str, Any]]:
        """Return the years as the page lists them."""
        result = []
        for start in self.starts:
            first, last = self.months[start], self.months[start + self.length - 1]
            result.append(
                {
                    "label": f"{first.strftime('%b %Y')} to {last.strftime('%b %Y')}",
                    "short": str(last.year),
                    "from": start,
                    "to": start + self.length,
                    "span": 1,
                }
            )
        return result


def span(
    tables: Iterable[pd.DataFrame], until: str | pd.Period | None
) -> tuple[pd.Period, pd.Period]:
    """Return the first month of any record, and the last one, or the one asked for.

    Raises
    ------
    ValueError
        If no record has a month, or the one asked for comes before all of them.
    """
    dated = [months for table in tables if len(months := table["period"].dropna())]
    if not dated:
        raise ValueError("no record of any measure has a month. Give records with a period.")
    first = min(pd.Period(months.min(), "M") for months in dated)
    last = max(pd.Period(months.max(), "M") for months in dated)
    end = last if until is None else pd.Period(until, "M")
    if end < first:
        raise ValueError(
            f"until={str(until)!r} is before the first record, of {first}. "
            f"Give a month between {first} and {last}."
        )
    return first, end


def calendar(first: pd.Period, last: pd.Period) -> Calendar:
    """Count whole years back from the last month.

    Examples
    --------
    >>> found = calendar(pd.Period("2010-08", "M"), pd.Period("2012-09", "M"))
    >>> [year["label"] for year in found.described()]
    ['Oct 2010 to Sep 2011', 'Oct 2011 to Sep 2012']
    """
    months = pd.period_range(first, last, freq="M")
    length = min(YEAR, len(months))
    return Calendar(
        months=months,
        starts=sorted(range(len(months) - length, -1, -length)),
        length=length,
    )


def silent(months: Ints) -> list[int]:
    """Return the months in which a measure holds no data, rather than no event.

    Examples
    --------
    Thirty a month, and none in the second: that month is missing.

    >>> silent(np.array([30, 0, 30, 30]))
    [1]

    One a month: a month without any is nothing unusual, and counts as zero.

    >>> silent(np.array([1, 0, 2, 1]))
    []
    """
    busy = months > 0
    if not busy.any():
        return list(range(len(months)))
    usual = float(months[busy].mean())
    edges = np.flatnonzero(np.diff(np.concatenate([[False], ~busy, [False]]).astype(int)))
    runs = zip(edges[::2], edges[1::2], strict=True)
    return [
        int(month)
        for start, end in runs
        if usual >= USUAL or usual * (end - start) >= EXPECTED
        for month in range(start, end)
    ]
