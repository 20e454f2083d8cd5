"""The permutation distribution of a sum by full enumeration, for a few areas and any values.

Where values don't fit a grid and areas are few (a district's), every choice of k can be counted
with no rounding: halve the areas, list the sums of all subsets of each half, and count the pairs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from .exact_permutation import Tails

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MOST: Final = 28  # areas: 16,384 subsets a half


def tails(
    values: Floats, sums: Floats, sizes: NDArray[np.int64], held: NDArray[np.intp] | None
) -> Tails:
    """Both tails of each area's sum; `held` is the place of the value not drawn, if any."""
    slack = 1e-9 * float(np.ptp(values))  # sums that differ by rounding alone are ties
    upper, lower = np.empty(sums.size), np.empty(sums.size)
    middle = values.size // 2
    one, other = values[:middle], values[middle:]
    halves = _subset_sums(one), _subset_sums(other)
    if held is None:
        for size in np.unique(sizes).tolist():  # areas of one size have one distribution
            here = sizes == size
            upper[here], lower[here] = _of_size(halves, sums[here], size, slack)
        return Tails(upper, lower, 0.0)
    for i, (place, size) in enumerate(zip(held.tolist(), sizes.tolist(), strict=True)):
        if place < middle:
            left = _subset_sums(np.delete(one, place)), halves[1]
        else:
            left = halves[0], _subset_sums(np.delete(other, place - middle))
        upper[[i]], lower[[i]] = _of_size(left, sums[[i]], size, slack)
    return Tails(upper, lower, 0.0)


def _of_size(
    halves: tuple[list[Floats], list[Floats]], sums: Floats, size: int, slack: float
) -> tuple[Floats, Floats]:
    """Both tails of some sums of so many values."""
    below_and_within = np.zeros((sums.size, 2), dtype=np.int64)
    every = 0
    one, other = halves
    for taken in range(max(0, size - len(other) + 1), min(size, len(one) - 1) + 1):
        few, many = sorted((one[taken], other[size - taken]), key=len)
        every += few.size * many.size
        missing = sums[:, None, None] - few[:, None] + np.array([-slack, slack])
        below_and_within += many.searchsorted(missing).sum(axis=1)
    below, within = below_and_within.T
    return (every - below) / every, within / every


def _subset_sums(values: Floats) -> list[Floats]:
    """Return the sorted sums of all subsets, by how many values they have."""
    sums, sizes = np.zeros(1), np.zeros(1, dtype=np.int64)
    for value in values:
        sums, sizes = np.concatenate([sums, sums + value]), np.concatenate([sizes, sizes + 1])
    return [np.sort(sums[sizes == size]) for size in range(values.size + 1)]
