"""The exact null distribution of the sum of k values drawn without replacement.

Shuffle the values over the areas, add up those that land on an area's k neighbours: how often is
the sum at least what was seen? Sampled permutations estimate that; here it is computed. With the
values on an integer grid, the power sums ``p_m(w) = sum_j exp(i m w z_j)`` and Newton's identities
give the characteristic function of the sum at every frequency, and one Fourier transform its tails.

Two nulls: *total* randomisation draws the area's own value too (Gi* of Ord & Getis, 1995);
*conditional* randomisation holds it (local Moran and LISA, Anselin, 1995; Gi without the star).
"""

from __future__ import annotations

from math import lgamma
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

# Below this the tails are rounding error of the transform (docs/statistics.md has the measurement).
FLOOR: Final = 1e-13
STEPS: Final = 1024  # of a fine grid in one standard deviation,
LEAST: Final = 2**13  # and in the whole range,
COARSEST: Final = 2**10  # unless time and room forbid
DECIMALS: Final = 2**15  # decimals keep their own grid up to this many steps
WIDEST: Final = 2**17  # whole numbers keep their own grid up to this range
HALF: Final = 0.5  # a step: no value but the lowest is nearer to level 0
ROUNDING: Final = 1e-9  # of a step: what sets a value apart from its place on the grid
LARGEST: Final = 1000  # values in a sum: beyond, the tails' error comes near the floor
MOST_WORK: Final = 4e9  # complex multiply-adds, some ten seconds
MOST_ROOM: Final = 3e7  # numbers held, 240 MB
BEYOND: Final = 41.5  # -log of the mass (1e-18) that may lie beyond the transform's length
BLOCK: Final = 4096


class Grid(NamedTuple):
    """Values on an integer grid: ``lowest + step * levels``, and what rounding did to them."""

    levels: Ints
    lowest: float
    step: float
    exact: bool
    apart: bool = True  # no value but the lowest itself stands at level 0


class Tails(NamedTuple):
    """Two one-sided probabilities of each area's sum, and how much rounding may overstate them."""

    upper: Floats
    lower: Floats
    error: float


def lay_grid(values: Floats, largest: int, *, steps: int = STEPS) -> Grid | None:
    """Put values on an integer grid fit for sums of up to `largest` of them.

    Whole numbers, and numbers of up to three decimals, keep a grid of their own, on which nothing
    is rounded. Others are rounded to a grid of at least so many steps to a standard deviation, or
    the finest that time and room allow; None if none is.
    """
    lowest = float(values.min())
    above = values - lowest
    for unit in (1.0, 0.1, 0.01, 0.001):
        widest = WIDEST if unit == 1.0 else DECIMALS
        if above.max() > widest * unit:
            break
        if above.max() < HALF * unit:  # all would be rounded to one level
            continue
        whole = np.rint(above / unit)
        if np.abs(whole * unit - above).max() > ROUNDING * unit:
            continue
        levels = whole.astype(np.int64)
        common = int(np.gcd.reduce(np.flatnonzero(np.bincount(levels))))
        levels //= common
        if _affordable(levels, largest):
            return Grid(levels, lowest, unit * common, exact=True)
    fine = max(LEAST, steps * float(above.max() / above.std()))
    while fine >= COARSEST:
        step = float(above.max()) / fine
        levels = np.rint(above / step).astype(np.int64)
        if _affordable(levels, largest):
            return Grid(
                levels, lowest, step, exact=False, apart=bool((above[levels == 0] == 0).all())
            )
        fine /= 2
    return None


def total(grid: Grid, sums: Floats, sizes: Ints) -> Tails:
    """Tails of the sum of `sizes` values, all areas' values being drawn.

    Parameters
    ----------
    grid : Grid
        The values of all areas.
    sums : array of float, shape (m,)
        What was seen: sums of the values themselves.
    sizes : array of int, shape (m,)
        How many values each sum has, from 1 to n - 1.
    """
    n = grid.levels.size
    whole = int(grid.levels.sum())
    folded = np.minimum(sizes, n - sizes)  # for k > n/2, the sum of those not drawn
    turned = np.flatnonzero(folded < sizes)
    table = _upper_tails(grid.levels, _distinct(folded))

    def at_least(sought: Ints) -> Floats:
        """P(S >= sought) for every area."""
        if turned.size:
            sought = sought.copy()
            sought[turned] = whole - sought[turned] + 1
        result = table.look_up(folded, sought)
        result[turned] = 1 - result[turned]
        return result

    return _both_tails(grid, sums, sizes, at_least)


def conditional(grid: Grid, own: Ints, sums: Floats, sizes: Ints) -> Tails:
    """Tails of the sum of `sizes` values drawn from all areas but the one at hand.

    Parameters
    ----------
    grid : Grid
        The values of all areas.
    own : array of int, shape (m,)
        The level of the value that is held.
    sums : array of float, shape (m,)
        What was seen: sums of the values themselves.
    sizes : array of int, shape (m,)
        How many values each sum has, from 1 to n - 2.
    """
    n = grid.levels.size
    whole = int(grid.levels.sum())
    folded = np.minimum(sizes, n - 1 - sizes)
    table = _upper_tails(grid.levels, range(1, int(folded.max()) + 1))

    def others_at_least(here: NDArray[np.intp], size: int, sought: Ints) -> Floats:
        """P(S >= sought), the own value removed: j of the n drawn hold it with chance j/n."""
        held = own[here]
        result = (sought - size * held <= 0).astype(np.float64)
        for j in range(1, size + 1):
            share = j / n
            rest = table.look_up(j, sought - (size - j) * held)
            result = (rest - share * result) / (1 - share)
        return result

    def at_least(sought: Ints) -> Floats:
        turned = folded < sizes
        result = np.empty(sizes.size)
        for size in _distinct(folded):
            here = np.flatnonzero((folded == size) & ~turned)
            result[here] = others_at_least(here, size, sought[here])
            here = np.flatnonzero((folded == size) & turned)
            if here.size:
                rest = whole - own[here] - sought[here] + 1
                result[here] = 1 - others_at_least(here, size, rest)
        return result

    return _both_tails(grid, sums, sizes, at_least)


def _both_tails(grid: Grid, sums: Floats, sizes: Ints, at_least: Callable[[Ints], Floats]) -> Tails:
    """Ask for both tails of what was seen, with room for the rounding of k values to the grid.

    Rounded values differ from true ones by half a step at most, sums of k by k/2 steps. Taking
    every rounded sum within k/2 steps of the true one for "as extreme" never understates a tail;
    the sums within that band, all told, are the most by which it can be overstated.
    """
    seen = (sums - sizes * grid.lowest) / grid.step
    if grid.exact:
        level = np.rint(seen).astype(np.int64)
        upper, above, error = at_least(level), at_least(level + 1), 0.0
    else:
        slack = sizes / 2 + 1e-6
        first = np.ceil(seen - slack).astype(np.int64)
        last = np.floor(seen + slack).astype(np.int64)
        least = np.zeros(seen.size, dtype=bool)
        if grid.apart:  # a sum of lowest values alone is never mistaken for another
            least = seen < HALF
            first, last = np.maximum(first, ~least), np.where(least, 0, last)
        upper, above = at_least(first), at_least(last + 1)
        error = float((upper - above)[~least].max(initial=0.0))
    return Tails(np.clip(upper, FLOOR, 1.0), np.clip(1 - above, FLOOR, 1.0), error)


class _Table(NamedTuple):
    """P(S_k >= s) at s = 0, 1, ... in the row of size k; each row begins with 1, and ends in 0."""

    tails: Floats
    row: Ints

    def look_up(self, size: Ints | int, sought: Ints) -> Floats:
        width = self.tails.shape[1]
        place = np.clip(sought, 0, width - 1)
        place += self.row[size] * width
        result: Floats = self.tails.ravel()[place]
        return result


def _upper_tails(levels: Ints, sizes: Sequence[int]) -> _Table:
    """Compute the tails of the sums of so many values, for each of the (rising) sizes."""
    from scipy import fft

    n, most = levels.size, sizes[-1]
    length = fft.next_fast_len(_length(levels, most), real=True)
    half = length // 2 + 1
    spectrum = fft.rfft(np.bincount(levels, minlength=length).astype(np.float64))

    # Powers of tau keep e_k, which grows like C(n, k), within the range of a float.
    log_tau = _log_choose(n, most) / most
    result = np.empty((len(sizes), half), dtype=np.complex128)
    powers = np.empty((most, BLOCK), dtype=np.complex128)
    symmetric = np.empty((most + 1, BLOCK), dtype=np.complex128)
    symmetric[0] = 1.0
    for start in range(0, half, BLOCK):
        frequencies = np.arange(start, min(start + BLOCK, half))
        b = frequencies.size
        for m in range(1, most + 1):  # p_m(w) is the histogram's transform at m w
            place = m * frequencies % length
            mirrored = place >= half
            power = spectrum[np.where(mirrored, length - place, place)]
            np.conjugate(power, out=power, where=mirrored)
            # reversed, so that Newton's sum runs over both tables in the same direction
            powers[most - m, :b] = power * ((-1) ** (m - 1) * np.exp(-m * log_tau))
        for k in range(1, most + 1):
            np.einsum("mw,mw->w", symmetric[:k, :b], powers[most - k :, :b], out=symmetric[k, :b])
            symmetric[k, :b] /= k
        result[:, start : start + b] = symmetric[list(sizes), :b]
    tails = np.zeros((len(sizes), length + 1))
    for place, transformed in enumerate(result):
        np.cumsum(fft.irfft(transformed, length)[::-1], out=tails[place, -2::-1])
    # All masses add up to C(n, k), scaled: it stands at frequency 0, and dividing leaves 1.
    tails /= result[:, :1].real
    tails[:, 0] = 1.0
    row = np.zeros(most + 1, dtype=np.int64)
    row[list(sizes)] = np.arange(len(sizes))
    return _Table(tails, row)


def _distinct(sizes: Ints) -> list[int]:
    result: list[int] = np.flatnonzero(np.bincount(sizes)).tolist()
    return result


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def _length(levels: Ints, most: int) -> int:
    """Length of transform that holds the sum of `most` values, but for a mass below 1e-18.

    As long as the largest sum, or less: a sum without replacement is no more spread than one with
    (Hoeffding, 1963), so Chernoff's bound holds. Values are rounded up to a coarser grid for it.
    """
    top = int(levels.max())
    coarse = max(1, -(-top // 255))
    share = np.bincount(-(-levels // coarse)) / levels.size
    mark = coarse * np.arange(share.size, dtype=np.float64)[share > 0]
    pull = np.geomspace(0.01, 100, 40) / max(top, 1)
    moment = np.einsum("pm,m->p", np.exp(np.multiply.outer(pull, mark - top)), share[share > 0])
    cumulant = np.log(moment) + pull * top
    bound = float(((most * cumulant + BEYOND) / pull).min())
    return max(top, min(most * top, int(bound) + 1)) + 1


def _affordable(levels: Ints, most: int) -> bool:
    length = _length(levels, most)
    if most > LARGEST:
        return False
    return most * length <= MOST_ROOM and most**2 * length / 4 <= MOST_WORK
