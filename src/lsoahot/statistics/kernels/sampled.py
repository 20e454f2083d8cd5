"""Sampled permutations, for weights that the exact test can't serve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from .exact_permutation import Tails

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lsoahot.statistics.links import Links

    Floats = NDArray[np.float64]

ROOM: Final = 2_000_000  # numbers drawn at a time


def tails(values: Floats, links: Links, own: Floats, sampling: tuple[int, int]) -> Tails:
    """Estimate both tails of every area's weighted sum from random permutations (number, seed).

    With a weight on the area itself (`own`), its value is drawn too (total randomisation); without,
    it is held and the others are shuffled (conditional). The arrangement seen counts as one of the
    permutations, so that no p is 0 and the test is valid (Phipson & Smyth, 2010). NaN where an area
    has no neighbours or no value. Areas are taken, and drawn from, in the order of their codes.
    """
    permutations, seed = sampling
    rng = np.random.default_rng(seed)
    pool = links.order[~np.isnan(values[links.order])]
    star = bool(own.any())
    y = np.where(np.isnan(values), 0.0, values)
    seen = links.weighted(y) + own * y
    slack = 1e-9 * np.ptp(y) * (links.weighted(np.ones(y.size)) + own)  # ties but for rounding
    rank = np.argsort(links.order)
    edges = np.lexsort((rank[links.neighbour], links.focal))
    start = np.concatenate([[0], np.cumsum(links.size)])
    upper, lower = np.full(y.size, np.nan), np.full(y.size, np.nan)
    for i in pool[links.size[pool] > 0]:
        weight = links.weight[edges[start[i] : start[i + 1]]]
        candidates = pool if star else pool[pool != i]
        if star:
            weight = np.append(weight, own[i])
        high = low = 1
        left = permutations
        while left:
            batch = min(left, max(1, ROOM // weight.size))
            drawn = _without_replacement(rng, candidates.size, (batch, weight.size))
            sums = y[candidates[drawn]] @ weight
            high += int(np.count_nonzero(sums >= seen[i] - slack[i]))
            low += int(np.count_nonzero(sums <= seen[i] + slack[i]))
            left -= batch
        upper[i], lower[i] = high / (permutations + 1), low / (permutations + 1)
    return Tails(upper, lower, 0.0)


def _without_replacement(
    rng: np.random.Generator, n: int, shape: tuple[int, int]
) -> NDArray[np.intp]:
    """Draw k different positions of n in every row, all choices equally likely.

    What comes up twice in a row is drawn anew, but for the first of them.
    """
    rows, k = shape
    if 2 * k > n:
        return rng.permuted(np.tile(np.arange(n), (rows, 1)), axis=1)[:, :k]
    drawn = rng.integers(0, n, shape)
    again = np.arange(rows)
    while again.size:
        order = np.argsort(drawn[again], axis=1, kind="stable")
        ordered = np.take_along_axis(drawn[again], order, axis=1)
        row, place = np.nonzero(ordered[:, 1:] == ordered[:, :-1])
        drawn[again[row], order[row, place + 1]] = rng.integers(0, n, row.size)
        again = again[np.unique(row)]
    return drawn
