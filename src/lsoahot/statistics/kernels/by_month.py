"""Records counted by month, and months gathered into years: the ground of trend and seasonality."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from lsoahot.common import checks
from lsoahot.records import periods

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

TOTAL = "Total"
UNNAMED = "Not recorded"
DECEMBER = 12
# A month without any record is taken for a gap in the data if this many a month are usual: by
# chance it would happen once in 20,000 such months.
USUAL = 10


class Years(NamedTuple):
    """Whole years of monthly sums.

    Attributes
    ----------
    groups : list of str
        The names of the groups (n), the total last if there is more than one.
    labels : list of str
        The names of the years (y), "FY 2012" for one that ends in September 2012.
    starts : PeriodIndex
        The first month of each year.
    events, weighted, squares : arrays of float, shape (n, y, 12)
        Events, and the sums of their weights and squared weights (equal to ``events`` without
        weights). Missing in years that were not wholly recorded, and in those of a group (and of
        the total) in which the source withheld a count.
    """

    groups: list[str]
    labels: list[str]
    starts: pd.PeriodIndex
    events: NDArray[np.float64]
    weighted: NDArray[np.float64]
    squares: NDArray[np.float64]


def gather(
    records: pd.DataFrame,
    by: str | None,
    *,
    year_end: int | None,
    period: tuple[str, str] | None,
    weight: str | None,
) -> Years:
    """Count records by group, year and month.

    Raises
    ------
    TypeError
        If ``period`` holds neither periods nor timestamps, or the weights are no numbers.
    ValueError
        If a column is lacking, no record has a month, or not one whole year is covered.

    Warns
    -----
    UserWarning
        If records have no month, months of an incomplete year are left out, or the source withheld
        counts.
    """
    checks.columns(records, ["period", *([by] if by else []), *([weight] if weight else [])],
                    "records")  # fmt: skip
    records = records.assign(period=periods.monthly(records["period"]))
    months = records["period"]
    dated = months.notna()
    if not dated.any():
        raise ValueError(
            f"none of {len(records):,} records has a month, so there is nothing to count. "
            "Check that the file's dates were read: records['period'].head()."
        )
    if not dated.all():
        warnings.warn(
            f"{int((~dated).sum()):,} of {len(records):,} records have no month and are left out.",
            UserWarning,
            stacklevel=4,
        )
        records, months = records[dated], months[dated]
    first, last = (
        (pd.Period(end, "M") for end in periods.span(period))
        if period
        else (months.min(), months.max())
    )
    ends = year_end or last.month
    if ends not in range(1, DECEMBER + 1):
        raise ValueError(f"year_end={year_end!r} is no month. Give 1 to 12; 9 is September.")

    groups, place = _groups(records, by)
    sums = _sums(records, place, len(groups), span=(first, last), weight=weight)
    _warn_of_withheld(sums[0], groups)
    starts, whole = _whole_years(sums[0], first, last, ends, known=period is not None)
    if len(groups) > 1:
        groups = [*groups, TOTAL]
        sums = [np.vstack([one, one.sum(axis=0)]) for one in sums]
    shaped = []
    for one in sums:
        years = np.full((len(groups), len(starts), 12), np.nan)
        for y, start in enumerate(starts):
            if whole[y]:
                begin = (start - first).n
                years[:, y] = one[:, begin : begin + 12]
        shaped.append(years)
    labels = [_label(start + 11) for start in starts]
    return Years(groups, labels, pd.PeriodIndex(starts, freq="M"), *shaped)


def _groups(records: pd.DataFrame, by: str | None) -> tuple[list[str], NDArray[np.int64]]:
    """Return the groups, largest first, and each record's place among them."""
    if by is None:
        return [TOTAL], np.zeros(len(records), dtype=np.int64)
    codes, unique = pd.factorize(records[by])
    result = [str(name) for name in unique]
    if (codes < 0).any():
        if UNNAMED not in result:
            result.append(UNNAMED)
        codes = np.where(codes < 0, result.index(UNNAMED), codes)
    size = np.bincount(codes, minlength=len(result))
    order = sorted(range(len(result)), key=lambda g: (-size[g], result[g]))
    rank = np.empty(len(result), dtype=np.int64)
    rank[order] = np.arange(len(result))
    return [result[g] for g in order], rank[codes]


def _sums(
    records: pd.DataFrame,
    place: NDArray[np.int64],
    groups: int,
    *,
    span: tuple[pd.Period, pd.Period],
    weight: str | None,
) -> list[NDArray[np.float64]]:
    """Return events, weights and squared weights by group and month."""
    months = (span[1] - span[0]).n + 1
    ordinal = records["period"].array.asi8 - span[0].ordinal
    inside = (ordinal >= 0) & (ordinal < months)
    cell = place[inside] * months + ordinal[inside]

    def added(values: NDArray[np.float64] | None) -> NDArray[np.float64]:
        inner = None if values is None else values[inside]
        sums = np.bincount(cell, inner, groups * months)
        return sums.astype("float64").reshape(groups, months)

    counts = checks.numbers(records, "count", "records") if "count" in records.columns else None
    events = added(counts)
    if not weight:
        return [events] * 3
    weights = checks.numbers(records, weight, "records")
    if (weights < 0).any() or np.isnan(weights).any():
        raise ValueError(
            f"column {weight!r} of records is missing or negative in "
            f"{int((~(weights >= 0)).sum()):,} rows. Give every record a weight of 0 or more."
        )
    each = np.float64(1) if counts is None else counts
    return [events, added(each * weights), added(each * weights**2)]


def _warn_of_withheld(events: NDArray[np.float64], groups: list[str]) -> None:
    """Warn of the months of a group, shape (n, months), whose counts the source withheld."""
    withheld = np.isnan(events)
    if withheld.any():
        total = " and of the total" if len(groups) > 1 else ""
        names = [groups[g] for g in np.flatnonzero(withheld.any(axis=1))]
        warnings.warn(
            f"counts of {int(withheld.sum()):,} months are missing, being withheld at the source "
            f"({checks.shown(names)}): the years of these{total} that hold such a month have no "
            "figure. Other groups are not affected.",
            UserWarning,
            stacklevel=5,
        )


def _whole_years(
    events: NDArray[np.float64], first: pd.Period, last: pd.Period, ends: int, *, known: bool
) -> tuple[list[pd.Period], list[bool]]:
    """Return the years between two months that were wholly recorded, and gaps between them.

    Of events by group and month, shape (n, months).
    """
    monthly = events.sum(axis=0)  # missing where a count is withheld, which is no gap
    begin = first
    while (begin + 11).month != ends:
        begin += 1
    starts = [begin + 12 * k for k in range(((last - begin).n + 1) // 12)]
    if not starts:
        raise ValueError(
            f"{first} to {last} holds no whole year ending in month {ends}. "
            "Give more months, or another year_end."
        )
    gaps = np.zeros(len(monthly), dtype=bool)
    if not known:
        usual = float(np.median(np.nansum(events, axis=0)))
        gaps = (monthly == 0) & (usual >= USUAL)
    whole = [not gaps[(s - first).n : (s - first).n + 12].any() for s in starts]
    loose = (begin - first).n + (last - (starts[-1] + 11)).n
    notes = []
    if loose:
        notes.append(f"{loose} months before or after the whole years are left out")
    if gaps.any():
        empty = [str(first + int(m)) for m in np.flatnonzero(gaps)]
        notes.append(
            f"{len(empty)} months hold no record at all ({checks.shown(empty)}), which is "
            "no data rather than zero, so their years are left out"
        )
    if notes:
        warnings.warn(
            f"{'; '.join(notes)}. Say which months the data cover with period=(first, last) if "
            "they are to be taken as they are, or choose another year_end.",
            UserWarning,
            stacklevel=5,
        )
    while starts and not whole[0]:
        starts, whole = starts[1:], whole[1:]
    while starts and not whole[-1]:
        starts, whole = starts[:-1], whole[:-1]
    if not starts:
        raise ValueError(
            f"{first} to {last} holds no whole year without a month that lacks data. "
            "Choose another year_end, or say which months the data cover with period=."
        )
    return starts, whole


def _label(last: pd.Period) -> str:
    """Name a year after its last month, as the assessment does: FY 2012 ends in September 2012."""
    return str(last.year) if last.month == DECEMBER else f"FY {last.year}"


def chosen_years(labels: list[str], years: int | Sequence[str] | None) -> list[int]:
    """Return the places of the years asked for: the last few, or those named."""
    if years is None:
        return list(range(len(labels)))
    if isinstance(years, int):
        if years < 1:
            raise ValueError(f"years={years} asks for no year. Give 1 or more.")
        return list(range(max(0, len(labels) - years), len(labels)))
    for year in years:
        checks.one_of(str(year), labels, "years")
    return [labels.index(str(year)) for year in years]


def check_options(alpha: float, dispersion: float | None = None) -> None:
    """Refuse a level or a dispersion out of range."""
    if not 0 < alpha < 1:
        raise ValueError(f"alpha={alpha!r} is not between 0 and 1. Give for example 0.05.")
    if dispersion is not None and not dispersion >= 1:
        raise ValueError(
            f"dispersion={dispersion!r} is below 1, Poisson's own. Give 1 or more, or None to "
            "have it estimated."
        )
