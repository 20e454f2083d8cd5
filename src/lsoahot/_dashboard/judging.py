"""What is said of the whole: whether a year rose or fell, and which months are peaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lsoahot.seasons import seasonality
from lsoahot.trends import trend

from . import figures, months

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


def judged(
    calendar: months.Calendar, names: list[str], totals: Floats
) -> tuple[Ints, NDArray[np.bool_]]:
    """Say of groups of areas whether each year rose or fell, and which months are peaks.

    Verdicts are places in `figures.VERDICTS`, groups by categories by years, -1 where there is
    nothing to compare; peaks are groups by categories by twelve months, January first.
    """
    words = np.full((*totals.shape[:2], len(calendar.starts)), -1, dtype=np.int64)
    peaks = np.zeros((*totals.shape[:2], months.YEAR), dtype=bool)
    if calendar.length < months.YEAR:
        return words, peaks
    end = calendar.months[-1].month
    for g, group in enumerate(totals):
        # All categories together stand for themselves; the others are judged together.
        for part in (slice(0, 1), slice(1, None)):
            found = figures.by_month(group[part], names[part], calendar)
            if found is None:
                continue
            table, span = found
            try:
                years = trend(table, year_end=end, period=span)
                season = seasonality(table, "category", year_end=end, period=span)
            except ValueError:  # not one whole year
                continue
            words[g, part] = figures.verdicts(years, names[part], group[0], calendar)
            peaks[g, part] = figures.peaks(season, names[part])
    return words, peaks
