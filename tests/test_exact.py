"""The exact distribution against enumeration and exact whole-number arithmetic."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from lsoahot import _exact

Floats = NDArray[np.float64]


def enumerated(values: Floats, size: int) -> Floats:
    """Return the sum of every choice of `size` values."""
    return np.array([sum(chosen) for chosen in itertools.combinations(values, size)])


@pytest.mark.parametrize(("n", "size"), [(5, 1), (12, 3), (12, 6), (12, 9), (12, 11), (17, 7)])
def test_total_equals_full_enumeration(n: int, size: int) -> None:
    values = np.random.default_rng(n * size).poisson(3.0, n).astype(float)
    sums = enumerated(values, size)
    seen = np.arange(sums.min() - 1, sums.max() + 2)
    grid = _exact.lay_grid(values, min(size, n - size))
    assert grid is not None
    tails = _exact.total(grid, seen, np.full(seen.size, size))
    upper = np.array([(sums >= s).mean() for s in seen])
    lower = np.array([(sums <= s).mean() for s in seen])
    np.testing.assert_allclose(tails.upper, np.clip(upper, _exact.FLOOR, 1), rtol=0, atol=1e-13)
    np.testing.assert_allclose(tails.lower, np.clip(lower, _exact.FLOOR, 1), rtol=0, atol=1e-13)
    assert tails.error == 0


@pytest.mark.parametrize("size", [1, 3, 6, 9, 10])
def test_conditional_equals_full_enumeration(size: int) -> None:
    values = np.random.default_rng(size).poisson(3.0, 12).astype(float)
    grid = _exact.lay_grid(values, min(size, 11 - size))
    assert grid is not None
    for i in range(12):
        sums = enumerated(np.delete(values, i), size)
        seen = np.arange(sums.min() - 1, sums.max() + 2)
        own = np.full(seen.size, grid.levels[i])
        tails = _exact.conditional(grid, own, seen, np.full(seen.size, size))
        upper = np.array([(sums >= s).mean() for s in seen])
        np.testing.assert_allclose(tails.upper, np.clip(upper, _exact.FLOOR, 1), rtol=0, atol=1e-13)
