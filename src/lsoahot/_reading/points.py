"""Points that stand in few places: each place is kept, and made into a shape, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray


def distinct(
    x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Find the different places among points.

    Parameters
    ----------
    x, y
        Coordinates, shape (n,), without NaN.

    Returns
    -------
    tuple of ndarray
        The place of each point, shape (n,), and the places' coordinates, shape (k,) each, in the
        order in which they come first.

    Examples
    --------
    >>> distinct(np.array([1.0, 2.0, 1.0]), np.array([5.0, 5.0, 5.0]))
    (array([0, 1, 0]), array([1., 2.]), array([5., 5.]))
    """
    x, y = (np.ascontiguousarray(values, dtype=np.float64) for values in (x, y))
    key = x.view(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    key ^= y.view(np.uint64) * np.uint64(0xC2B2AE3D27D4EB4F) >> np.uint64(7)
    back = pd.factorize(key)[0]
    # A place comes first where its number is higher than any before.
    first = np.flatnonzero(np.diff(np.maximum.accumulate(back), prepend=-1))
    if not ((x[first][back] == x).all() and (y[first][back] == y).all()):  # two places, one key
        back = pd.factorize(x + 1j * y)[0]
        first = np.flatnonzero(np.diff(np.maximum.accumulate(back), prepend=-1))
    return back, x[first], y[first]
