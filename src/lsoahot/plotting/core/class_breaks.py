"""Values put into classes: where the breaks fall, what each class is called, who is in it."""

from __future__ import annotations

import warnings
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from lsoahot.common import checks

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from lsoahot.common.arrays import Bools, Floats


# Our names for the three schemes that maps for tasking need; mapclassify's are allowed as well.
SCHEMES: Final = {"natural": "FisherJenks", "quantiles": "Quantiles", "equal": "EqualInterval"}
# Natural breaks look at this many values at most, evenly spaced through the sorted ones.
MOST_VALUES: Final = 1024
MOST_DECIMALS: Final = 3
# A natural break may pass this share of the values to be a round number.
SLACK: Final = 0.005


class Classes(NamedTuple):
    """Values in classes."""

    breaks: tuple[float, ...]  # the upper bound of each class, which belongs to it
    labels: tuple[str, ...]
    codes: NDArray[np.intp]  # the class of each value, -1 where it is missing

    @property
    def counts(self) -> list[int]:
        """Count the values in each class."""
        held = self.codes[self.codes >= 0]
        return [int(n) for n in np.bincount(held, minlength=len(self.labels))]


def class_breaks(
    tables: Iterable[gpd.GeoDataFrame], column: str = "rate", *, scheme: str = "natural", k: int = 5
) -> list[float]:
    """Find one set of class breaks for a series of maps, so that they can be compared.

    Parameters
    ----------
    tables : iterable of GeoDataFrame
        The tables to be drawn, one a map.
    column : str
        The column that is drawn.
    scheme, k
        How classes are found, and how many; see :func:`plot_count`.

    Returns
    -------
    list of float
        The upper bounds of the classes, for ``breaks=``.

    Raises
    ------
    TypeError
        If the column does not hold numbers.
    ValueError
        If a table lacks the column, or ``scheme`` or ``k`` is not allowed.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> import lsoahot as lh
    >>> then = gpd.GeoDataFrame(
    ...     {"rate": [10.5, 12.0]}, index=["E1", "E2"],
    ...     geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], crs=27700,
    ... )
    >>> now = then.assign(rate=[11.0, 48.0])
    >>> lh.class_breaks([then, now], k=2)
    [30.0, 48.0]
    """
    pooled = [numeric_values(table, column) for table in tables]
    values = np.concatenate(pooled) if pooled else np.array([])
    result = find_breaks(values[~np.isnan(values)], scheme=scheme, k=k)
    return [float(upper) for upper in round_last(result, values)]


def is_suppressed(areas: gpd.GeoDataFrame) -> Bools:
    """Mark the areas whose figures must not be shown."""
    if "suppressed" not in areas.columns:
        return np.zeros(len(areas), dtype=bool)
    marked: Bools = areas["suppressed"].fillna(value=False).to_numpy(dtype=bool)
    return marked


def numeric_values(areas: gpd.GeoDataFrame, column: str) -> Floats:
    """Return a column's values, missing where they are suppressed: no class may betray them."""
    values = checks.numbers(areas, column)
    return np.where(is_suppressed(areas), np.nan, values)


def is_number(areas: gpd.GeoDataFrame, column: str) -> bool:
    """Tell whether a column holds numbers."""
    checks.columns(areas, [column])
    return bool(pd.api.types.is_numeric_dtype(areas[column].dtype))


def classify(
    values: Floats,
    *,
    scheme: str = "natural",
    k: int = 5,
    breaks: Sequence[float] | None = None,
    **more: object,
) -> Classes:
    """Put values in classes, each the interval above the break before it up to its own break.

    What is `more` is passed on to a classifier of mapclassify.
    """
    there = values[~np.isnan(values)]
    if breaks is None:
        chosen = find_breaks(there, scheme=scheme, k=k, **more)
        labels = _labels(chosen, there)
    else:
        chosen = given_breaks(breaks)
        if len(there) and there.max() > chosen[-1]:
            chosen = np.append(chosen, np.inf)
        labels = _open_labels(chosen, there)
    codes = np.searchsorted(chosen, values, side="left")
    codes[np.isnan(values)] = -1
    return Classes(tuple(chosen.tolist()), labels, codes)


def given_breaks(breaks: Sequence[float]) -> Floats:
    """Check the breaks that a user gave."""
    chosen = np.asarray(breaks, dtype="float64")
    if (
        chosen.ndim != 1
        or not len(chosen)
        or not np.isfinite(chosen[:-1]).all()
        or (chosen[-1] == -np.inf or np.isnan(chosen[-1]))
    ):
        raise ValueError(
            f"breaks={breaks!r} is not a list of numbers. "
            "Give the upper bound of each class, for example breaks=[10, 20, 50]."
        )
    if (np.diff(chosen) <= 0).any():
        raise ValueError(
            f"breaks={list(breaks)!r} do not rise. Give each upper bound once, lowest first."
        )
    return chosen


def find_breaks(values: Floats, *, scheme: str = "natural", k: int = 5, **more: object) -> Floats:
    """Find the upper bound of each class; where there are no more values than classes, each value.

    Natural breaks and quantiles say which values belong together; the break itself may lie
    anywhere between two of them, so the roundest number there is taken. A natural break may pass
    one value in 200 for it.
    """
    if k < 1:
        raise ValueError(f"k={k!r} makes no class. Give 1 or more; five are easy to tell apart.")
    name = _scheme(scheme)
    distinct = np.unique(values)
    if len(distinct) <= k:
        return distinct
    if name == "FisherJenks":
        return _tidy(_natural(np.sort(values), k), distinct, SLACK)
    import mapclassify

    with warnings.catch_warnings(action="ignore", category=UserWarning):
        # With ties there may be fewer classes than asked for; the legend shows how many there are.
        result = np.unique(mapclassify.classify(values, name, k=k, **more).bins)
    result = np.append(result[result < distinct[-1]], distinct[-1])
    return _tidy(result, distinct) if name == "Quantiles" else result


def round_last(breaks: Floats, values: Floats) -> Floats:
    """Round the last break up to the decimals of the others, for a series of maps."""
    if len(breaks) < len(np.unique(values[~np.isnan(values)])):
        scale = 10.0 ** _decimals(breaks[:-1])
        breaks = np.append(breaks[:-1], np.ceil(breaks[-1] * scale) / scale)
    return breaks


def _scheme(scheme: str) -> str:
    """Return mapclassify's name for a scheme."""
    word = scheme.lower().replace("_", "")  # geopandas takes "equal_interval", too
    if word in SCHEMES:
        return SCHEMES[word]
    import mapclassify

    known = {name.lower(): name for name in mapclassify.CLASSIFIERS}
    known |= {"naturalbreaks": "FisherJenks"}
    checks.one_of(word, [*SCHEMES, *known], "scheme")
    return str(known[word])


def _natural(ordered: Floats, k: int) -> Floats:
    """Find Fisher's (1958) optimal classes by dynamic programming, the same ones every time.

    mapclassify's FisherJenks finds them too, but value by value (0.4 s for 600 areas, and a
    warning, where numba is missing); its NaturalBreaks starts from random centres.
    """
    if len(ordered) > MOST_VALUES:
        ordered = ordered[np.linspace(0, len(ordered) - 1, MOST_VALUES).round().astype(int)]
    value, weight = np.unique(ordered, return_counts=True)
    n = len(value)
    # Sums over values i..j, from running totals; centred, so that squares stay small.
    centred = value - np.average(value, weights=weight)
    totals = [np.r_[0.0, np.cumsum(weight * centred**power)] for power in (0, 1, 2)]
    w, s, q = (total[None, 1:] - total[:-1, None] for total in totals)
    upper = np.triu(np.ones((n, n), dtype=bool))
    spread = np.where(upper, q - s**2 / np.where(upper, w, 1), np.inf)  # spread[i, j] of i..j
    best = spread[0]
    starts = []
    for _ in range(min(k, n) - 1):
        total = np.r_[np.inf, best[:-1]][:, None] + spread
        starts.append(total.argmin(axis=0))
        best = total.min(axis=0)
    last, ends = n - 1, [n - 1]
    for start in reversed(starts):
        last = int(start[last]) - 1
        ends.append(last)
    return value[ends[::-1]]


def _tidy(breaks: Floats, distinct: Floats, slack: float = 0.0) -> Floats:
    """Move each break to the roundest number that leaves every value in its class.

    With ``slack``, that share of all values may change class, though never half of a class.
    """
    # Of breaks with no value between them, one is left: a class without areas is none.
    ends = np.unique(np.searchsorted(distinct, breaks, side="right"))
    ends = ends[ends > 0]
    sizes = np.diff(np.r_[0, ends])
    most = int(slack * len(distinct))
    tidied = []
    for end, before, after in zip(ends[:-1], sizes[:-1], sizes[1:], strict=True):
        low = distinct[end - 1 - min(most, (before - 1) // 2)]
        high = distinct[end + min(most, (after - 1) // 2)]
        tidied.append(_roundest(low, high))
    return np.array([*tidied, distinct[-1]])


def _roundest(low: float, high: float) -> float:
    """Return the roundest number between two, nearest to their middle."""
    middle = (low + high) / 2
    power = int(np.floor(np.log10(high - low))) + 1
    for exponent in range(power, power - 3, -1):
        for part in (1, 0.5):
            # Divide by a whole number below 1: 34 / 10 is 3.4, where 34 * 0.1 is not.
            step = part * 10.0**exponent
            number = float(np.round(np.round(middle / step) * step, max(1 - exponent, 0)))
            if low < number < high:
                return number
    return middle


def _labels(breaks: Floats, values: Floats) -> tuple[str, ...]:
    """Name each class by its bounds: the values' own, or where they were parted."""
    distinct = np.unique(values)
    if np.array_equal(distinct, breaks):
        return tuple(_written(value, _decimals(distinct)) for value in distinct)
    whole = bool((distinct % 1 == 0).all())
    if whole:
        breaks = np.floor(breaks)
    decimals = _decimals(breaks[:-1])
    # The ends are rounded outwards, so that no value lies beyond what is printed.
    scale = 10.0**decimals
    least = np.floor(distinct[0] * scale) / scale
    greatest = np.ceil(distinct[-1] * scale) / scale
    uppers = [*breaks[:-1], greatest]
    names = [
        _interval(lower, upper, decimals=decimals, next_up=whole and place > 0)
        for place, (lower, upper) in enumerate(pairwise([least, *uppers]))
    ]
    if distinct[0] == 0 and distinct[1] > breaks[0]:
        names[0] = "0"  # nothing at all is worth telling from a little
    return tuple(names)


def _open_labels(breaks: Floats, values: Floats) -> tuple[str, ...]:
    """Name the classes between breaks that were given; the same ones whatever the values are."""
    finite = breaks[np.isfinite(breaks)]
    whole = bool((np.r_[values, finite] % 1 == 0).all())
    decimals = _decimals(finite)
    first = f"up to {_written(finite[0], decimals)}" if len(finite) else "all"
    return (
        first,
        *(
            f"more than {_written(lower, decimals)}"
            if np.isinf(upper)
            else _interval(lower, upper, decimals=decimals, next_up=whole)
            for lower, upper in pairwise(breaks)
        ),
    )


def _interval(lower: float, upper: float, *, decimals: int, next_up: bool) -> str:
    """Name a class; of whole numbers above a break, the first is the next one up."""
    if next_up:
        lower, upper = np.floor(lower) + 1, np.floor(upper)
    if lower == upper:
        return _written(lower, decimals)
    return f"{_written(lower, decimals)} to {_written(upper, decimals)}"


def _decimals(numbers: Floats) -> int:
    """Count the decimals that write the numbers, or tell them apart, three at most."""
    for decimals in range(MOST_DECIMALS):
        if np.allclose(np.round(numbers, decimals), numbers, rtol=0, atol=1e-9):
            return decimals
    apart = np.diff(np.unique(numbers)).min(initial=1.0)
    return int(np.clip(1 - np.floor(np.log10(apart)), 1, MOST_DECIMALS))


def _written(number: float, decimals: int) -> str:
    """Write a number with a thousands comma and a true minus sign."""
    return f"{number:,.{decimals}f}".replace("-", "\N{MINUS SIGN}")
