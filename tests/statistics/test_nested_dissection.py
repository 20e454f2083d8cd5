"""The sparse solver against dense inverses, on maps of every shape."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, strategies as st

from lsoahot.statistics.kernels import multifrontal, nested_dissection

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Links = tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.intp]]


def grid(rows: int, columns: int) -> Links:
    """Squares that touch, corners included."""
    at = np.arange(rows * columns).reshape(rows, columns)
    pairs = [
        (at[:-1], at[1:]),
        (at[:, :-1], at[:, 1:]),
        (at[:-1, :-1], at[1:, 1:]),
        (at[1:, :-1], at[:-1, 1:]),
    ]
    a, b = (np.concatenate([pair[end].ravel() for pair in pairs]) for end in (0, 1))
    points = np.c_[np.repeat(np.arange(rows), columns), np.tile(np.arange(columns), rows)]
    return points.astype(np.float64), a, b


def chain(n: int) -> Links:
    return np.c_[np.arange(float(n)), np.zeros(n)], np.arange(n - 1), np.arange(1, n)


def complete(n: int) -> Links:
    a, b = np.triu_indices(n, 1)
    return np.random.default_rng(1).normal(size=(n, 2)), a, b


def thinned(links: Links, share: float) -> Links:
    """Separate parts and islands: some links only."""
    points, a, b = links
    kept = np.random.default_rng(2).random(a.size) < share
    return points, a[kept], b[kept]


def at_one_place(links: Links) -> Links:
    return np.zeros_like(links[0]), *links[1:]


NONE = np.empty(0, dtype=np.intp)
MAPS = {
    "one area": (np.zeros((1, 2)), NONE, NONE),
    "islands": (np.random.default_rng(3).normal(size=(90, 2)), NONE, NONE),
    "chain": chain(300),
    "complete": complete(120),
    "map": grid(23, 31),
    "separate parts": thinned(grid(20, 31), 0.3),
    "all at one place": at_one_place(grid(12, 20)),
}


def dense(n: int, a: NDArray[np.intp], b: NDArray[np.intp], seed: int) -> NDArray[np.float64]:
    """A positive definite matrix with random values on the links."""
    matrix = np.zeros((n, n))
    rng = np.random.default_rng(seed)
    matrix[a, b] = matrix[b, a] = rng.uniform(-1.5, 1.5, a.size)
    matrix[np.arange(n), np.arange(n)] = np.abs(matrix).sum(axis=1) + rng.uniform(0.01, 1, n)
    return matrix


@pytest.mark.parametrize("leaf", [3, 40])
@pytest.mark.parametrize("name", MAPS)
def test_as_the_dense_inverse(name: str, leaf: int) -> None:
    points, a, b = MAPS[name]
    n = len(points)
    matrix = dense(n, a, b, 4)
    inverse = np.linalg.inv(matrix)
    dissection = nested_dissection.dissect(points, a, b, leaf=leaf)
    assert sorted(dissection.order) == list(range(n))
    factor = multifrontal.factor(dissection, np.diagonal(matrix), matrix[a, b])
    assert factor.log_determinant == pytest.approx(np.linalg.slogdet(matrix)[1], abs=1e-9)
    assert multifrontal.variances(factor) == pytest.approx(np.diagonal(inverse), abs=1e-9)
    right = np.random.default_rng(5).normal(size=(n, 3))
    assert multifrontal.solve(factor, right) == pytest.approx(inverse @ right, abs=1e-9)
    root = multifrontal.spread(factor, np.eye(n))
    assert root @ root.T == pytest.approx(inverse, abs=1e-9)


@given(st.integers(1, 25), st.floats(0, 1), st.integers(0, 1000))
def test_any_graph_and_any_order(n: int, share: float, seed: int) -> None:
    points, a, b = thinned(complete(n), share)
    matrix = dense(n, a, b, seed)
    shuffled = np.random.default_rng(seed).permutation(n)
    inverse = np.linalg.inv(matrix)
    place = np.argsort(shuffled)
    for some in ((points, a, b), (points[shuffled], place[b], place[a])):
        dissection = nested_dissection.dissect(*some, leaf=4)
        same = matrix if some[0] is points else matrix[np.ix_(shuffled, shuffled)]
        factor = multifrontal.factor(dissection, np.diagonal(same), same[some[1], some[2]])
        variances = multifrontal.variances(factor)
        of = np.arange(n) if some[0] is points else shuffled
        assert variances == pytest.approx(np.diagonal(inverse)[of], rel=1e-9)


def test_what_is_kept_grows_little_faster_than_the_areas() -> None:
    """Numbers kept for n areas are of the order of n log n: twice a side is at most 5.5 times."""

    def kept(side: int) -> int:
        dissection = nested_dissection.dissect(*grid(side, side))
        return sum(b.own.size * (b.own.shape[1] + b.border.shape[1]) for b in dissection.batches)

    assert kept(160) < 5.5 * kept(80) < 5.5**2 * kept(40)


def test_refuses_what_is_not_positive_definite() -> None:
    points, a, b = chain(5)
    dissection = nested_dissection.dissect(points, a, b)
    with pytest.raises(np.linalg.LinAlgError):
        multifrontal.factor(dissection, np.ones(5), -np.ones(4))


@pytest.mark.parametrize(
    ("name", "most"), [("map", 1.1), ("complete", 1.8), ("all at one place", 1.45), ("band", 1.3)]
)
def test_the_room_is_what_a_factor_takes(name: str, most: float) -> None:
    """As `tracemalloc` counts the bytes of arrays: nearest where fronts are many."""
    rng = np.random.default_rng(7)
    points = rng.random((1500, 2))
    near = np.linalg.norm(points[:, None] - points, axis=2) < 0.15  # a hundred neighbours each
    band = points, *np.nonzero(np.triu(near, 1))
    points, a, b = grid(70, 70) if name == "map" else band if name == "band" else MAPS[name]
    dissection = nested_dissection.dissect(points, a, b)
    degree = np.bincount(a, minlength=len(points)) + np.bincount(b, minlength=len(points))
    tracemalloc.start()
    try:
        kept = multifrontal.factor(dissection, degree + 1.0, -np.ones(a.size))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept.log_determinant > 0
    assert 0.9 < peak / (8 * multifrontal.room(dissection)) < most
