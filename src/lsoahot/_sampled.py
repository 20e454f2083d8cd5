"""Sampled permutations, for weights that the exact test can't serve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lsoahot._exact import Tails

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lsoahot._links import Links

ROOM = 2_000_000  # numbers drawn at a time


def tails(
    values: NDArray[np.float64],
    links: Links,
    tested: NDArray[np.bool_],
    own: NDArray[np.float64],
    permutations: int,
    seed: int,
) -> Tails:
    """Estimate both tails of each tested area's weighted sum from random permutations.

    With a weight on the area itself (`own`), its value is drawn too (total randomisation); without,
    it is held and the others are shuffled (conditional). The arrangement seen counts as one of the
    permutations, so that no p is 0 and the test is valid (Phipson & Smyth, 2010).
    """
    n = values.size
    rng = np.random.default_rng(seed)
    pool = np.flatnonzero(~np.isnan(values))
    y = np.where(np.isnan(values), 0.0, values)
    star = bool(own.any())
    seen = links.weighted(y) + own * y
    slack = 1e-9 * max(float(np.abs(seen).max()), 1e-300)  # ties, but for rounding
    upper, lower = np.ones(n), np.ones(n)
    order = np.argsort(links.focal, kind="stable")
    start = np.concatenate([[0], np.cumsum(links.size)])
    for i in np.flatnonzero(tested):
        weight = links.weight[order[start[i] : start[i + 1]]]
        candidates = pool if star else pool[pool != i]
        if star:
            weight = np.append(weight, own[i])
        left = permutations
        while left:
            batch = min(left, max(1, ROOM // weight.size))
            drawn = _without_replacement(rng, candidates.size, batch, weight.size)
            sums = y[candidates[drawn]] @ weight
            upper[i] += np.count_nonzero(sums >= seen[i] - slack)
            lower[i] += np.count_nonzero(sums <= seen[i] + slack)
            left -= batch
    share = permutations + 1
    return Tails(upper[tested] / share, lower[tested] / share, 0.0)


def _without_replacement(rng: np.random.Generator, n: int, rows: int, k: int) -> NDArray[np.intp]:
    """Draw k different positions of n in every row."""
    if k * 8 > n:
        return np.argsort(rng.random((rows, n)), axis=1)[:, :k]
    drawn = rng.integers(0, n, (rows, k))
    while True:
        ordered = np.sort(drawn, axis=1)
        twice = np.flatnonzero((ordered[:, 1:] == ordered[:, :-1]).any(axis=1))
        if not twice.size:
            return drawn
        drawn[twice] = rng.integers(0, n, (twice.size, k))
