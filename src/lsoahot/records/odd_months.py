"""Months that are not what they seem: dates that are mistyped, months of which a part is lacking."""

from __future__ import annotations

import warnings
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import numpy as np
import pandas as pd

from lsoahot.common.arrays import blocks
from lsoahot.common.checks import shown
from lsoahot.common.police_forces import EVERYWHERE

from .periods import first_and_last, month_text

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from lsoahot.common.arrays import Bools, Floats, Integers

# pandas' number of the first month, and how many records are of each from it on.
Months: TypeAlias = "tuple[int, Floats]"

_YEAR: Final = 12
_RANGE: Final = 120_000  # months that are counted in a table of all: of every year of four figures
_CHANCE: Final = 1e-4  # a gap that is less likely than this is none of chance
_SHARE: Final = 0.01  # a few records far from all others are no more than this share of them
_LONG: Final = 15 * _YEAR  # a gap that no file of a partner's has
_FEWEST: Final = 5  # records, of which one may be far from the others
# A month with less than this share of a usual one is not whole; quiet ones have more.
_PART: Final = 0.2
# Nor is one with less than this share of the nearest months, and of the same month of other years.
_PART_OF_NEAR: Final = 0.38
_NEAR: Final = 2  # months on either side
_USUAL: Final = 20  # records of a usual month, below which a small month may be chance
_MANY: Final = 100  # records of a year whose share without a place tells something
_DIFFERENT: Final = 0.1  # of such shares, which no two years of one source have by chance
_FEW_MONTHS: Final = 2  # lacking months that need not be reported where others have them
_HALF: Final = 0.5
_LAST_DAYS: Final = 0.5  # the share of a month that may be without a record at its end or beginning


def by_month(period: pd.Series, events: pd.Series | None = None) -> tuple[int, Floats]:
    """Count records by month: pandas' number of the first month, and the records of each from it on.

    Examples
    --------
    >>> months = pd.Series(pd.PeriodIndex(["1970-03", "1970-05", None, "1970-05"], freq="M"))
    >>> first, number = by_month(months)
    >>> first, number.tolist()
    (2, [1.0, 0.0, 2.0])
    """
    ordinals = period.array.asi8
    first, last = first_and_last(ordinals) or (0, _RANGE + 1)
    if last - first > _RANGE:
        return 0, np.zeros(0)
    number = np.zeros(last - first + 2)
    weights = None if events is None else events.to_numpy(dtype="float64", na_value=0)
    for some in blocks(len(ordinals)):
        place = np.maximum(ordinals[some], first - 1) - (first - 1)  # 0 is for what is missing
        number += np.bincount(
            place, weights=None if weights is None else weights[some], minlength=len(number)
        )
    return first, number[1:]


class Far(NamedTuple):
    """Records whose month is later than today, or far from all others'."""

    rows: Bools  # (n,)
    message: str


def far(
    period: pd.Series,
    months: Months,
    *,
    today: dt.date,
    dates: pd.Series | None = None,
    year: bool = True,
) -> Far | None:
    """Find the months that no record can have, or that one mistyped date made.

    Parameters
    ----------
    period
        Months, shape (n,), ``period[M]``.
    months
        What `by_month` returns of them.
    today
        The day on which the records are read: none is of a later month.
    dates
        Exact dates, for the message.
    year
        Whether to look for months far from all others, which needs all records of a source.

    Returns
    -------
    Far or None
        None where every month may be right.

    Notes
    -----
    A block of months is far from the others where at least a year without any record lies between, the
    gap is no chance at the others' rate (``exp(-rate * gap) < 0.0001``), and it holds one record in a
    hundred, or one at all, at most.

    Examples
    --------
    >>> import datetime as dt
    >>> months = pd.Series(pd.PeriodIndex(["2021-01"] * 9 + ["2031-01"], freq="M"))
    >>> far(months, by_month(months), today=dt.date(2022, 1, 1)).rows.tolist().index(True)
    9
    """
    first, number = months
    there = np.flatnonzero(number)
    late = there + first > pd.Period(today, "M").ordinal
    odd = late.copy()
    if year and not late.all():
        odd[~late] = _far_months(there[~late], number[there[~late]])
    if not odd.any():
        return None
    rows = np.isin(period.array.asi8, there[odd] + first)
    what = dates[rows].dt.strftime("%d/%m/%Y") if dates is not None else period[rows].astype(str)
    rest = [month_text(one + first) for one in there[~odd]]
    ways = (("later than today", late), ("far from all others", odd & ~late))
    kinds = [way for way, some in ways if some.any()]
    others = f"; the others are of {rest[0]} to {rest[-1]}" if rest else ""
    return Far(
        rows,
        f"{int(rows.sum()):,} records have a date {' or '.join(kinds)} "
        f"({shown(what.value_counts().index, 4)}{others}): they are kept, and count as "
        "without a date. Mend the dates in the file if they are mistyped.",
    )


def _far_months(months: Integers, number: Floats) -> Bools:
    """Tell which months, in order, are far from the block that holds the most records."""
    away = np.zeros(len(months), dtype=bool)
    gaps = np.diff(months) - 1
    block = np.append(0, np.cumsum(gaps >= _YEAR))
    sums = np.bincount(block, weights=number)
    if len(sums) == 1 or number.sum() < _FEWEST:
        return away
    main = int(sums.argmax())
    here = np.flatnonzero(block == main)
    rate = sums[main] / (months[here[-1]] - months[here[0]] + 1)
    few = max(1.0, _SHARE * number.sum())
    for one in range(len(sums)):
        rows = np.flatnonzero(block == one)
        gap = max(months[here[0]] - months[rows[-1]], months[rows[0]] - months[here[-1]]) - 1
        most = few if gap < _LONG else sums[main]  # what stands in for no date is of 1900, or 1970
        if one != main and sums[one] <= most and np.exp(-rate * gap) < _CHANCE:
            away[rows] = True
    return away


class Partial(NamedTuple):
    """A month of which records are lacking."""

    month: str
    why: str


def partial(period: pd.Series, dates: pd.Series | None, months: Months) -> list[Partial]:
    """Find the months that are there, but not whole.

    Parameters
    ----------
    period
        Months, shape (n,), ``period[M]``.
    dates
        Exact dates, where there are any: they tell on which day the first month begins, and the last
        one ends.
    months
        What `by_month` returns of them, or of the events that they stand for.

    Returns
    -------
    list of Partial
        In order. A month is not whole where it has less than a fifth of the records of a usual one
        (the median), or about a third of the nearest months' and of those of the same month in other
        years, and that is no chance; or where the first begins, or the last ends, in its middle,
        and so long without a record is no chance at the others' rate.

    Examples
    --------
    >>> months = pd.PeriodIndex(["2021-01"] * 50 + ["2021-02"] * 2 + ["2021-03"] * 48, freq="M")
    >>> period = pd.Series(months)
    >>> [one.month for one in partial(period, None, by_month(period))]
    ['2021-02']
    """
    first, number = months
    there = number[number > 0]
    if len(there) < 3:  # noqa: PLR2004  # two months tell nothing of a usual one
        return []
    usual = float(np.median(there))
    result = _small_months(number)
    if dates is not None:
        result |= _cut_months(period.array.asi8 - first, dates, months=len(number), usual=usual)
    return _partial_months(first, result)


def _partial_months(first: int, small: Mapping[int, str]) -> list[Partial]:
    """Name months that are numbered from a first one on."""
    return [Partial(month_text(first + i), why) for i, why in sorted(small.items())]


def _small_months(number: Floats) -> dict[int, str]:
    """Find the months with far fewer records than others.

    Parameters
    ----------
    number
        The records of each month, in order, shape (m,).
    """
    result: dict[int, str] = {}
    there = np.flatnonzero(number > 0)
    usual = float(np.median(number[there]))
    for at, i in enumerate(there):
        n = number[i]
        if usual >= _USUAL and n < _PART * usual:
            result[int(i)] = f"{int(n):,} records, where a usual month has {usual:,.0f}"
            continue
        near = np.delete(there, at)
        near = near[np.argsort(np.abs(near - i), kind="stable")][: 2 * _NEAR]
        years = there[(there != i) & ((there - i) % _YEAR == 0)]
        around = min(float(np.median(number[some])) for some in (near, years) if len(some))
        if around < _USUAL or n >= _PART_OF_NEAR * around:
            continue
        # So few events by chance: Chernoff's bound for a Poisson count.
        if np.exp(-(around - n + n * np.log(n / around))) < _CHANCE:
            result[int(i)] = f"{int(n):,} records, where the months around it have {around:,.0f}"
    return result


def _cut_months(place: Integers, dates: pd.Series, *, months: int, usual: float) -> dict[int, str]:
    """Find a first month that begins, and a last one that ends, in its middle."""
    result: dict[int, str] = {}
    for i, last in ((0, False), (months - 1, True)):
        here = dates[place == i].dropna()
        days = here.dt.day
        if days.nunique() < 2:  # noqa: PLR2004  # months given as their first day
            continue
        length = int(here.iloc[0].days_in_month)
        lacking = (length - days.max()) if last else (days.min() - 1)
        if lacking > _LAST_DAYS * length and np.exp(-usual * lacking / length) < _CHANCE:
            day = int(days.max() if last else days.min())
            result[i] = f"its {'last' if last else 'first'} record is of day {day} of {length}"
    return result


def smaller(months: Mapping[str, int]) -> list[Partial]:
    """Find the months of which one force has far fewer records than of others.

    Examples
    --------
    >>> smaller({"2021-01": 60, "2021-02": 3, "2021-03": 58})[0].month
    '2021-02'
    """
    if len(months) < 3:  # noqa: PLR2004  # two months tell nothing of a usual one
        return []
    if min(months.values()) >= _PART_OF_NEAR * max(months.values()):
        return []  # none is small beside any other
    first, number = by_month(pd.Series(pd.PeriodIndex(list(months), freq="M")), pd.Series(months))
    return _partial_months(first, _small_months(number))


def silent(coverage: Mapping[str, Sequence[str]]) -> list[str]:
    """Say which forces lack most of the months that others have.

    Parameters
    ----------
    coverage
        Force -> the months that it reported.

    Examples
    --------
    >>> months = [f"2024-{month:02d}" for month in range(1, 13)]
    >>> silent({"Kent Police": months, "Sussex Police": months[:2]})[0][:60]
    'Sussex Police has records of 2 months (2024-01, 2024-02) of '
    """
    forces = {force: set(months) for force, months in coverage.items() if force not in EVERYWHERE}
    every = set().union(*forces.values())
    return [
        f"{force} has records of {len(months)} months ({shown(sorted(months), 3)}) of the {len(every)} that "
        "others have: in the rest no record means no data, not that nothing happened. Ask for the rest, or "
        "take months that all have."
        for force, months in sorted(forces.items())
        if len(every) - len(months) > max(_FEW_MONTHS, _HALF * len(every))
    ]


def places_by_year(records: pd.DataFrame, months: Months) -> str | None:
    """Say where the share of records without a place differs much from one year to the next.

    Parameters
    ----------
    records
        Records with `period`, and with `area_code`.
    months
        What `by_month` returns of their months.
    """
    if "area_code" not in records:
        return None
    every = _by_year(months)
    years = [year for year, number in every.items() if number >= _MANY]
    if len(years) < 2:  # noqa: PLR2004
        return None
    lost = records["area_code"].isna().to_numpy(dtype=bool)
    without = _by_year(by_month(records["period"][lost]))
    shares = {year: without[year] / every[year] for year in years}
    if max(shares.values()) - min(shares.values()) < _DIFFERENT:
        return None
    each = shown((f"{year}: {share:.0%}" for year, share in shares.items()), 8)
    return (
        f"the share of records without an area code differs between years ({each}): counts of areas are "
        "not like for like. Compare the whole's counts, or ask why."
    )


def _by_year(months: Months) -> Counter[int]:
    first, number = months
    years: Counter[int] = Counter()
    for i, records in enumerate(number):
        years[(first + i) // _YEAR + 1970] += int(records)
    return years


def remind(attrs: Mapping[Any, Any], verb: str, period: tuple[str, str] | None = None) -> None:
    """Warn that a verb which compares months was given some that are not whole.

    Parameters
    ----------
    attrs
        Those of records, or of a table of areas; `partial_months` is read.
    verb
        What compares them.
    period
        The first and the last month that it looks at; by default all.
    """
    first, last = map(str, period) if period else ("", "9999")
    partial = {
        month: why
        for month, why in (attrs.get("partial_months") or {}).items()
        if first <= month <= last
    }
    if partial:
        months = shown((f"{month} ({why})" for month, why in partial.items()), 4)
        warnings.warn(
            f"{verb} takes every month as whole, and {len(partial)} of the records' "
            f"{'is' if len(partial) == 1 else 'are'} not: {months}. Leave them out (period=...), or ask "
            "for the rest.",
            UserWarning,
            stacklevel=3,
        )


def sentence(parts: list[Partial], force: str = "") -> str:
    """Say which months are not whole.

    Examples
    --------
    >>> sentence([Partial("2021-12", "its last record is of day 5 of 31")])[:58]
    '1 month is not whole: 2021-12 (its last record is of day 5'
    """
    many = len(parts) > 1
    months = shown((f"{one.month} ({one.why})" for one in parts), 4)
    of = f" of {force}" if force else ""
    return (
        f"{len(parts)} month{'s' * many}{of} {'are' if many else 'is'} not whole: {months}. Ask for the "
        "rest, or leave them out of [period] (period=...): trends and changes read them as falls."
    )
