"""A Poisson count seen with a normal belief about the logarithm of its risk.

The belief is N(m, v), the count y is Poisson with mean E exp(x). About its mode x* their product is

    exp(-g(d)),   g(d) = d²/2v + r (exp(d) - 1 - d),   d = x - x*,   r = E exp(x*),

so that two numbers, v and r, give its shape. The mode is closed: x* = m + vy - ω(log vE + m + vy),
with Wright's ω. Integrals are taken by Gauss and Legendre on either side of the mode, as far as
g(d) = `REACH`; nothing is simulated and no probability has a floor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# What lies beyond is less than exp(-REACH), 2e-9 of the density at the mode.
REACH = 20.0
NODES, WEIGHTS = (half / 2 for half in np.polynomial.legendre.leggauss(20))
NODES += 0.5
ROWS = 1024  # worked at a time, so that the nodes of all stay in a processor's cache


class Tilted(NamedTuple):
    """Belief and count together: one number an area in each array."""

    mode: Floats
    spread: Floats  # v
    pull: Floats  # r
    left: Floats  # how far the integrals go on either side of the mode
    right: Floats
    total: Floats  # the integral of exp(-g)
    mean: Floats
    variance: Floats
    log_evidence: Floats  # of the integral of belief x Poisson, without the constant of y!


def tilt(count: Floats, expected: Floats, mean: Floats, variance: Floats) -> Tilted:
    """Join a normal belief and a Poisson count.

    Parameters
    ----------
    count, expected : numpy.ndarray
        The counts and the counts expected at a risk of 1, both 0 or more; they need not be whole.
        Where nothing is expected (nor counted) the belief stays as it is.
    mean, variance : numpy.ndarray
        The belief about the logarithm of the risk.

    Returns
    -------
    Tilted
        Its mode, mean, variance and evidence.

    Examples
    --------
    >>> import numpy as np
    >>> one = tilt(np.array([3.0]), np.array([1.0]), np.array([0.0]), np.array([1.0]))
    >>> one.mode.round(6).item(), one.mean.round(6).item()
    (0.79206, 0.687266)
    """
    from scipy.special import wrightomega, xlogy

    middle = mean + variance * count
    with np.errstate(divide="ignore"):
        mode = middle - wrightomega(np.log(variance) + np.log(expected) + middle)
    # one step of Newton's, for of large counts the difference above has lost digits
    pull = expected * np.exp(mode)
    step = (count - pull - (mode - mean) / variance) / (pull + 1 / variance)
    mode += step
    pull = expected * np.exp(mode)
    left, right = _reach(variance, pull)
    sums = np.zeros((3, count.size))
    for some, d, weight in _nodes((-left, np.zeros_like(left)), (np.zeros_like(left), right)):
        density = weight * np.exp(-_fall(d, variance[some], pull[some]))
        sums[0, some] += density.sum(axis=0)
        density *= d
        sums[1, some] += density.sum(axis=0)
        density *= d
        sums[2, some] += density.sum(axis=0)
    total = sums[0]
    first = sums[1] / total
    log_likelihood = count * mode + xlogy(count, expected) - pull
    return Tilted(
        mode,
        variance,
        pull,
        left,
        right,
        total,
        mode + first,
        sums[2] / total - first**2,
        log_likelihood
        - (mode - mean) ** 2 / (2 * variance)
        + np.log(total)
        - 0.5 * np.log(2 * np.pi * variance),
    )


def above(tilted: Tilted, cut: Floats) -> Floats:
    """Return the probability that the logarithm of the risk is above `cut` (one an area)."""
    d = np.clip(cut - tilted.mode, -tilted.left, tilted.right)
    high = d >= 0
    ends = np.where(high, d, -tilted.left), np.where(high, tilted.right, d)
    part = np.zeros(d.size)
    for some, at, weight in _nodes(ends):
        fall = _fall(at, tilted.spread[some], tilted.pull[some])
        part[some] += (weight * np.exp(-fall)).sum(axis=0)
    share = part / tilted.total
    return np.clip(np.where(high, share, 1 - share), 0.0, 1.0)


def density(tilted: Tilted, at: Floats) -> Floats:
    """Return the density of the logarithm of the risk at `at` (one an area)."""
    return np.exp(-_fall(at - tilted.mode, tilted.spread, tilted.pull)) / tilted.total


def mean_risk(tilted: Tilted) -> Floats:
    """Return the mean of the risk itself, exp(x)."""
    zero = np.zeros_like(tilted.left)
    result = np.zeros(zero.size)
    for some, d, weight in _nodes((-tilted.left, zero), (zero, tilted.right)):
        fall = _fall(d, tilted.spread[some], tilted.pull[some])
        result[some] += (weight * np.exp(d - fall)).sum(axis=0)
    # without a count the integrand has its mode elsewhere, and a closed form
    alone = tilted.pull == 0
    log_closed = np.where(alone, tilted.mode + tilted.spread / 2, 0.0)
    return np.where(alone, np.exp(log_closed), np.exp(tilted.mode) * result / tilted.total)


def _fall(d: Floats, variance: Floats, pull: Floats) -> Floats:
    """Return g, by how much the logarithm of the density is below its mode's."""
    fall: Floats = np.exp(d)  # far quicker than expm1, and near enough: an error of 1e-16 r
    fall -= d
    fall -= 1
    fall *= pull
    fall += d * d * (0.5 / variance)
    return fall


def _nodes(*pieces: tuple[Floats, Floats]) -> Iterator[tuple[slice, Floats, Floats]]:
    """Yield nodes and weights, (nodes, areas), some areas and one piece of the line at a time."""
    for start in range(0, pieces[0][0].size, ROWS):
        some = slice(start, start + ROWS)
        for low, high in pieces:
            width = high[some] - low[some]
            yield some, low[some] + NODES[:, None] * width, WEIGHTS[:, None] * width


def _reach(variance: Floats, pull: Floats) -> tuple[Floats, Floats]:
    """Find where g is `REACH` on either side, by Newton from beyond (g is convex)."""
    pull = np.maximum(pull, 1e-300)
    widest = np.sqrt(2 * REACH * variance)
    # exp(-d) - 1 + d >= d²/(2 + d);  exp(d) - 1 - d >= d²/2, and exp(d)/2 from 1.68 on
    left = np.minimum(widest, (REACH + np.sqrt(REACH * REACH + 8 * REACH * pull)) / (2 * pull))
    right = np.minimum(
        np.sqrt(2 * REACH / (1 / variance + pull)), np.maximum(1.68, np.log(2 * REACH / pull))
    )
    for _ in range(4):
        left += _step(-left, variance, pull)
        right -= _step(right, variance, pull)
    return left, right


def _step(d: Floats, variance: Floats, pull: Floats) -> Floats:
    """Return (g - REACH) / g'."""
    return (_fall(d, variance, pull) - REACH) / (d / variance + pull * np.expm1(d))
