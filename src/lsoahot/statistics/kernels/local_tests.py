"""One permutation test for every local statistic: Gi* and local Moran, of a year or of a month."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from lsoahot.statistics import links as _links

from . import permutation, sampled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lsoahot.statistics.links import Links

    from .exact_permutation import Tails

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

FEWEST: Final = 4  # areas with a value
ROUNDING: Final = 1e-9
ALIKE: Final = 1e-15  # values that differ by less, relatively, differ by rounding (four bits)
EXACT: Final = "exact permutation test"
HUGE: Final = 300  # binary orders of magnitude, beyond which squares leave the range of a float


class Tested(NamedTuple):
    """What a local test finds of n areas; all is missing, or false, where an area isn't tested."""

    z: Floats  # the statistic of the values as they are
    upper: Floats  # P(a sum as high as seen, or higher)
    lower: Floats
    above: Flags  # the sum is above its expectation, and likelier to be lower than higher
    below: Flags
    facts: dict[str, Any]  # how it was tested


def deviations(values: Floats) -> Floats:
    """Return values as deviations from their mean, in a unit in which they can be squared.

    No local statistic depends on origin or unit. The smallest value is taken off first, so that what
    differs in the last digits of large numbers isn't lost.
    """
    values = in_range(values)
    present = values[~np.isnan(values)]
    if not present.size:
        return values
    lowest = present.min()
    centred: Floats = (values - lowest) - (present - lowest).mean()
    return centred


def in_range(values: Floats) -> Floats:
    """Return values in a unit (a power of two, so no digit is lost) in which they can be squared."""
    largest = np.abs(values[~np.isnan(values)]).max(initial=0.0)
    order = int(np.frexp(largest)[1])
    return np.ldexp(values, -order) if abs(order) > HUGE else values


def vary(values: Floats) -> bool:
    """Tell whether there are values enough for a test, and more than one."""
    present = in_range(values[~np.isnan(values)])
    if present.size < FEWEST:
        return False
    return bool(np.ptp(present) > ALIKE * np.abs(present).max())


def testable(values: Floats, links: Links) -> tuple[Floats, Links, Flags]:
    """Settle which areas can be tested: with a value and a neighbour that has one.

    Parameters
    ----------
    values : array of float, shape (n,)
        As they are; missing ones are as if they were not there.
    links : Links
        Of all areas.

    Returns
    -------
    values : array of float, shape (n,)
        `deviations`.
    links : Links
        Of the areas with a value only.
    tested : array of bool, shape (n,)
        None where there are fewer than `FEWEST` values, or all are one.
    """
    present = ~np.isnan(values)
    links = _links.keep(links, present)
    tested = present & (links.size > 0) & vary(values)
    return deviations(values), links, tested


def fenced(values: Floats, fence: float | None) -> tuple[Floats, int]:
    """Pull values far out in to the fences, and count them.

    One extreme value puts a floor under the p of all areas: wherever it lands, a shuffled sum is
    higher than any seen. The fences lie so many interquartile ranges beyond the quartiles. They
    depend on the values alone, not on where these lie, so a permutation test of the fenced values
    is as exact as one of the values.

    Parameters
    ----------
    values : array of float, shape (n,)
        Missing ones stay missing.
    fence : float, optional
        None leaves the values as they are; so does an interquartile range of 0.

    Examples
    --------
    >>> fenced(np.array([0.0, 1, 2, 3, 4, 100]), 3)  # quartiles 1.25 and 3.75
    (array([ 0.  ,  1.  ,  2.  ,  3.  ,  4.  , 11.25]), 1)
    """
    present = values[~np.isnan(values)]
    if fence is None or not present.size:
        return values, 0
    first, third = np.quantile(present, [0.25, 0.75])
    width = fence * (third - first)
    if not width > 0:
        return values, 0
    inside = np.clip(values, first - width, third + width)
    return inside, int(np.count_nonzero(np.abs(inside - values) > 0))


def gi_star(
    values: Floats,
    links: Links,
    tested: Flags,
    *,
    star: bool = True,
    fence: float | None = None,
    sampling: tuple[int, int] = (9999, 0),
) -> Tested:
    """Test the sums over each area and its neighbours (Gi*), or over these alone (Gi).

    Parameters
    ----------
    values : array of float, shape (n,)
        `deviations`; missing ones are as if they were not there.
    links : Links
        Of the areas with a value only (`links.keep`).
    tested : array of bool, shape (n,)
        Which areas have a value and a neighbour.
    star : bool
        Whether the area itself counts among its neighbours.
    fence : float, optional
        As in `fenced`: the test, and which side it is on, are of the fenced values; z is not.
    sampling : (int, int)
        Permutations and seed, where weights are unequal.
    """
    own = _weight_on_itself(links) if star else np.zeros(values.size)
    lag = links.weighted(values)
    z = np.where(tested, _ord_getis_z(values, lag, links, own), np.nan)
    tested = tested & ~np.isnan(z)
    inside, outside = fenced(values, fence)
    side = z
    if outside:
        inside = deviations(inside)
        lag = links.weighted(inside)
        side = np.where(tested, _ord_getis_z(inside, lag, links, own), np.nan)
    upper, lower, how = _tails(inside, lag, links, own, tested=tested, sampling=sampling)
    above, below = (upper < lower) & (side > 0), (lower < upper) & (side < 0)
    return Tested(z, upper, lower, above, below, how | {"fence": fence, "fenced": outside})


def local_moran(
    values: Floats,
    links: Links,
    tested: Flags,
    *,
    fence: float | None,
    sampling: tuple[int, int],
) -> tuple[Tested, Flags]:
    """Test each area's neighbours against the rest, its own value held; z is Moran's I.

    Parameters are those of `gi_star`. Returns the test of the neighbours, and which areas are high
    themselves (above the mean of what was tested).
    """
    # one whose neighbours are all the others has nothing to be compared with
    tested = tested & (links.size < np.count_nonzero(~np.isnan(values)) - 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        lag = links.weighted(values)
        moran_i = np.where(tested, values * lag / links.once() / _mean_square(values), np.nan)
    inside, outside = fenced(values, fence)
    if outside:
        inside = deviations(inside)
        lag = links.weighted(inside)
    held = np.zeros(values.size)
    upper, lower, how = _tails(inside, lag, links, held, tested=tested, sampling=sampling)
    above, below = (upper < lower) & (lag > 0), (lower < upper) & (lag < 0)
    facts = how | {"fence": fence, "fenced": outside}
    return Tested(moran_i, upper, lower, above, below, facts), inside > 0


def _mean_square(values: Floats) -> float:
    # no dot product: BLAS starts threads for it, and waits for them on a busy machine
    return float(np.nansum(np.square(values)) / max(np.count_nonzero(~np.isnan(values)), 1))


def _weight_on_itself(links: Links) -> Floats:
    """Weight of an area on itself in Gi*: the graph's own, or else the largest of its links.

    Where all links of an area weigh alike the area itself weighs the same, as in Ord & Getis.
    """
    if links.equal:
        return np.ones(links.size.size)
    largest = np.zeros(links.size.size)
    np.maximum.at(largest, links.focal, links.weight)
    return np.where(links.own > 0, links.own, largest)


def _ord_getis_z(values: Floats, lag: Floats, links: Links, own: Floats) -> Floats:
    """Equation 14 of Ord & Getis (1995) for Gi*; for Gi (no own weight) their equation 9.

    Neither changes if an area's weights are all multiplied by one number. NaN where
    the sum can't vary: no neighbours, or everyone for a neighbour.
    """
    once = links.once() + own
    squares = links.squares() + own**2
    lag = lag + own * values
    count = np.count_nonzero(~np.isnan(values))
    mean, variance = np.zeros(values.size), np.full(values.size, _mean_square(values))
    if not own.any():  # moments of the others
        mean = -values / (count - 1)
        whole = variance
        variance = (variance * count - values**2) / (count - 1) - mean**2
        for i in np.flatnonzero(variance <= ROUNDING * whole):  # one value outweighs the others
            others = np.delete(values, i)
            vary = np.nanmin(others) < np.nanmax(others)
            variance[i] = np.nanvar(others) if vary else np.nan
        count -= 1
    with np.errstate(invalid="ignore", divide="ignore"):
        room = (count * squares - once**2) / (count - 1)
        room[room <= ROUNDING * squares] = np.nan
        z: Floats = (lag - mean * once) / np.sqrt(variance * room)
    return z


def _tails(
    values: Floats,
    lag: Floats,
    links: Links,
    own: Floats,
    *,
    tested: Flags,
    sampling: tuple[int, int],
) -> tuple[Floats, Floats, dict[str, Any]]:
    """Both tails for every area (NaN where untested), exact where they can be, and how."""
    upper, lower = np.full(values.size, np.nan), np.full(values.size, np.nan)
    result: Tails | None = None
    method = "no test"
    if tested.any() and links.equal:
        method = EXACT
        present = ~np.isnan(values)
        star = bool(own.any())
        drawn, place = values[present], (np.cumsum(present) - 1)[tested]
        sizes = links.size[tested] + star
        sums = (lag + star * values)[tested]
        result = permutation.tails(drawn, sums, sizes, None if star else place)
    if tested.any() and result is None:
        method = f"{sampling[0]:,} sampled permutations (seed {sampling[1]})"
        result = sampled.tails(values, links, own, sampling)
        result = result._replace(upper=result.upper[tested], lower=result.lower[tested])
    if result is not None:
        upper[tested], lower[tested] = result.upper, result.lower
    return (
        upper,
        lower,
        {
            "method": method,
            "grid_error": result.error if result else 0.0,
            "tested": int(tested.sum()),
        },
    )
