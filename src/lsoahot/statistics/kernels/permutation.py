"""Which way to the exact permutation test: a grid, several grids, or every choice written out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from . import enumerated, exact_permutation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

USUAL: Final = 0.9  # share of the sums that the first of several grids is made for
WIDER: Final = 4.0  # how much further each next grid reaches
MOST_GRIDS: Final = 6


def tails(
    values: Floats, sums: Floats, sizes: NDArray[np.int64], held: NDArray[np.intp] | None
) -> exact_permutation.Tails | None:
    """Both tails of each area's sum of so many values; None where it would take too long.

    Parameters
    ----------
    values : array of float, shape (n,)
        The values that are shuffled.
    sums : array of float, shape (m,)
        What was seen.
    sizes : array of int, shape (m,)
        How many values each sum has.
    held : array of int, shape (m,), optional
        The place of the value that each area keeps, if it does (conditional randomisation).
    """
    others = values.size - (held is not None)
    largest = int(np.minimum(sizes, others - sizes).max())
    grid = exact_permutation.lay_grid(values, largest)
    if grid is not None and grid.exact:
        return _on(grid, sums, sizes, held)
    if values.size <= enumerated.MOST:
        return enumerated.tails(values, sums, sizes, held)

    # A few values far above the rest would leave the rest a coarse grid. But whether a sum reaches s
    # is settled by the values as far as s: beyond, they can be cut off without any loss. So sums are
    # looked up by how high they are, each on a grid that reaches no further than it must.
    lowest, above = float(values.min()), sums - sizes * values.min()
    width = float(np.ptp(values))
    reach = max(float(np.quantile(above, USUAL)), width / WIDER**MOST_GRIDS)
    upper, lower = np.empty(sums.size), np.empty(sums.size)
    error, below, steps = 0.0, -np.inf, exact_permutation.STEPS
    while below < above.max():
        reach = reach if reach < width / 2 else np.inf
        here = np.flatnonzero((above > below) & (above <= reach))
        if here.size:
            cut = np.minimum(values, lowest + reach)
            grid = exact_permutation.lay_grid(cut, largest, steps=steps)
            if grid is None:
                return None
            result = _on(grid, sums[here], sizes[here], held if held is None else held[here])
            upper[here], lower[here] = result.upper, result.lower
            error = max(error, result.error)
        below, reach, steps = reach, reach * WIDER, 0
    return exact_permutation.Tails(upper, lower, error)


def _on(
    grid: exact_permutation.Grid,
    sums: Floats,
    sizes: NDArray[np.int64],
    held: NDArray[np.intp] | None,
) -> exact_permutation.Tails:
    if held is None:
        return exact_permutation.total(grid, sums, sizes)
    return exact_permutation.conditional(grid, grid.levels[held], sums, sizes)
