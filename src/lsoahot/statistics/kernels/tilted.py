"""A count, Poisson or in series, seen with a normal belief about the logarithm of its risk.

The belief is N(m, v), the count y is Poisson with mean E exp(x). About its mode x* their product is

    exp(-g(d)),   g(d) = d²/2v + r (exp(d) - 1 - d),   d = x - x*,   r = E exp(x*),

so that two numbers, v and r, give its shape. The mode is closed: x* = m + vy - ω(log vE + m + vy),
with Wright's ω. Of a count in series (`compound_poisson`), with s = E exp(x*) / (phi - 1) in place of
one expected and r = s ln phi, g has one more term for y above 0,

    k d - lnΓ(y + s exp(d)) + lnΓ(s exp(d)) + lnΓ(y + s) - lnΓ(s),   k = (x* - m) / v + r,

k being how many series there are at the mode, which Newton's steps find. Integrals are taken by Gauss
and Legendre on either side of the mode, as far as g(d) = `REACH`; nothing is simulated and no
probability has a floor.
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
WIDER = 1.25  # of a count in series: how much further, where g has not come to `REACH`
NEAR = 1e-3  # of a standard deviation: how near the mode of a count in series is found
LARGE = 1e6  # of s: lnΓ itself has lost nine digits, of which its difference needs some
ROWS = 1024  # worked at a time, so that the nodes of all stay in a processor's cache


class Tilted(NamedTuple):
    """Belief and count together: one number an area in each array."""

    mode: Floats
    spread: Floats  # v
    pull: Floats  # r
    events: Floats  # y
    series: Floats  # s; 0 where the count is Poisson's, or none
    many: Floats  # k
    left: Floats  # how far the integrals go on either side of the mode
    right: Floats
    total: Floats  # the integral of exp(-g)
    mean: Floats
    variance: Floats
    log_evidence: Floats  # of the integral of belief x Poisson, without the constant of y!


def tilt(
    count: Floats, expected: Floats, mean: Floats, variance: Floats, *, dispersion: float = 1.0
) -> Tilted:
    """Join a normal belief and a count.

    Parameters
    ----------
    count, expected : numpy.ndarray
        The counts and the counts expected at a risk of 1, both 0 or more; they need not be whole.
        Where nothing is expected (nor counted) the belief stays as it is.
    mean, variance : numpy.ndarray
        The belief about the logarithm of the risk.
    dispersion : float
        How many times Poisson's the variance of a count is; above 1 they come in series.

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

    in_series = dispersion > 1
    part = np.log(dispersion) / (dispersion - 1) if in_series else 1.0
    due = expected * part  # of no event exactly, of one almost
    middle = mean + variance * count * part
    with np.errstate(divide="ignore"):
        mode = middle - wrightomega(np.log(variance) + np.log(due) + middle)
    # one step of Newton's, for of large counts the difference above has lost digits
    pull = due * np.exp(mode)
    step = (count * part - pull - (mode - mean) / variance) / (pull + 1 / variance)
    mode += step
    series = np.zeros_like(mode)
    if in_series:
        counted = np.flatnonzero(count > 0)
        per_risk = expected[counted] / (dispersion - 1)
        belief = mean[counted], variance[counted]
        mode[counted] = _mode(
            mode[counted],
            count[counted],
            per_risk,
            belief,
            log_dispersion=float(np.log(dispersion)),
        )
        series[counted] = per_risk * np.exp(mode[counted])
    pull = due * np.exp(mode)
    many = (mode - mean) / variance + pull
    shape = _Shape(variance, pull, count, series, many)
    left, right = _reach(shape)
    sums = np.zeros((3, count.size))
    for some, d, weight in _nodes((-left, np.zeros_like(left)), (np.zeros_like(left), right)):
        density = weight * np.exp(-_fall(d, shape, some))
        sums[0, some] += density.sum(axis=0)
        density *= d
        sums[1, some] += density.sum(axis=0)
        density *= d
        sums[2, some] += density.sum(axis=0)
    total = sums[0]
    first = sums[1] / total
    log_likelihood = count * mode + xlogy(count, due) - pull
    if in_series:
        here = series > 0
        log_likelihood[here] = log_rising(count[here], series[here]) - pull[here]
    return Tilted(
        mode,
        *shape,
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
        fall = _fall(at, _shape(tilted), some)
        part[some] += (weight * np.exp(-fall)).sum(axis=0)
    share = part / tilted.total
    return np.clip(np.where(high, share, 1 - share), 0.0, 1.0)


def density(tilted: Tilted, at: Floats) -> Floats:
    """Return the density of the logarithm of the risk at `at` (one an area)."""
    return np.exp(-_fall(at - tilted.mode, _shape(tilted), slice(None))) / tilted.total


def mean_risk(tilted: Tilted) -> Floats:
    """Return the mean of the risk itself, exp(x)."""
    zero = np.zeros_like(tilted.left)
    result = np.zeros(zero.size)
    for some, d, weight in _nodes((-tilted.left, zero), (zero, tilted.right)):
        fall = _fall(d, _shape(tilted), some)
        result[some] += (weight * np.exp(d - fall)).sum(axis=0)
    # without a count the integrand has its mode elsewhere, and a closed form
    alone = tilted.pull == 0
    log_closed = np.where(alone, tilted.mode + tilted.spread / 2, 0.0)
    return np.where(alone, np.exp(log_closed), np.exp(tilted.mode) * result / tilted.total)


class _Shape(NamedTuple):
    """What g depends on, as in `Tilted`."""

    spread: Floats
    pull: Floats
    events: Floats
    series: Floats
    many: Floats


def _shape(tilted: Tilted) -> _Shape:
    return _Shape(tilted.spread, tilted.pull, tilted.events, tilted.series, tilted.many)


def _fall(d: Floats, shape: _Shape, some: slice) -> Floats:
    """Return g, by how much the logarithm of the density is below its mode's, of some areas."""
    spread, pull, count, series, many = (part[some] for part in shape)
    fall: Floats = np.exp(d)  # far quicker than expm1, and near enough: an error of 1e-16 r
    here = np.flatnonzero(series)
    begun = fall[..., here] * series[here]
    fall -= d
    fall -= 1
    fall *= pull
    fall += d * d * (0.5 / spread)
    if here.size:
        count, series = count[here], series[here]
        fall[..., here] += many[here] * d[..., here] + log_rising(count, series)
        fall[..., here] -= log_rising(count, begun)
    return fall


def log_rising(count: Floats, series: Floats) -> Floats:
    """Return lnΓ(y + s) - lnΓ(s), without the digits that the difference loses where s is large.

    Examples
    --------
    >>> import numpy as np
    >>> log_rising(np.array([2.0, 1.0]), np.array([3.0, 1e12])) - np.log([3 * 4, 1e12])
    array([0., 0.])
    """
    from scipy.special import gammaln

    result: Floats = gammaln(count + series) - gammaln(series)
    large = np.nonzero(series > LARGE)
    if large[0].size:  # Stirling's series; its next term is below 1e-20
        y, s = np.broadcast_to(count, result.shape)[large], series[large]
        result[large] = (s - 0.5) * np.log1p(y / s) + y * (np.log(y + s) - 1) - y / (y + s) / s / 12
    return result


def _mode(
    start: Floats,
    count: Floats,
    per_risk: Floats,
    belief: tuple[Floats, Floats],
    *,
    log_dispersion: float,
) -> Floats:
    """Find the mode of counts in series above 0: the higher one from two starts, for g may have two.

    Many events may be many series, or one where the belief is that there are few.
    """
    from scipy.special import digamma

    mean, variance = belief
    modes = np.stack([start, np.minimum(mean + variance, start)])
    longest, before = np.ones_like(modes), np.zeros_like(modes)
    for _ in range(100):
        series = per_risk * np.exp(modes)
        many = series * (digamma(series + count) - digamma(series))
        sure = series * series * (_trigamma(series) - _trigamma(series + count))
        # where g is not convex, steps are shorter than Newton's
        bend = 1 / variance + np.maximum(series * log_dispersion - many + sure, 0.0)
        step = (many - series * log_dispersion - (modes - mean) / variance) / bend
        longest = np.where(step * before < 0, longest / 2, longest)
        step = before = np.clip(step, -longest, longest)
        modes += step
        if (np.abs(step) * np.sqrt(bend)).max(initial=0.0) < NEAR:
            break
    series = per_risk * np.exp(modes)
    height = log_rising(count, series) - series * log_dispersion
    height -= (modes - mean) ** 2 / (2 * variance)
    higher: Floats = np.where(height[0] >= height[1], modes[0], modes[1])
    return higher


def _trigamma(x: Floats) -> Floats:
    """Return the trigamma function within 0.02 %, which is near enough for the length of a step.

    To its last digit it takes longer than all the rest of the search.
    """
    z = 1 / (x + 1)
    result: Floats = 1 / (x * x) + z * (1 + z * (1 / 2 + z * (1 / 6 - z * z / 30)))
    return result


def _nodes(*pieces: tuple[Floats, Floats]) -> Iterator[tuple[slice, Floats, Floats]]:
    """Yield nodes and weights, (nodes, areas), some areas and one piece of the line at a time."""
    for start in range(0, pieces[0][0].size, ROWS):
        some = slice(start, start + ROWS)
        for low, high in pieces:
            width = high[some] - low[some]
            yield some, low[some] + NODES[:, None] * width, WEIGHTS[:, None] * width


def _reach(shape: _Shape) -> tuple[Floats, Floats]:
    """Find where g is `REACH` on either side, by Newton from beyond (g is convex)."""
    variance, pull = shape.spread, np.maximum(shape.pull, 1e-300)
    widest = np.sqrt(2 * REACH * variance)
    # exp(-d) - 1 + d >= d²/(2 + d);  exp(d) - 1 - d >= d²/2, and exp(d)/2 from 1.68 on
    left = np.minimum(widest, (REACH + np.sqrt(REACH * REACH + 8 * REACH * pull)) / (2 * pull))
    right = np.minimum(
        np.sqrt(2 * REACH / (1 / variance + pull)), np.maximum(1.68, np.log(2 * REACH / pull))
    )
    for _ in range(4):
        left += _step(-left, variance, pull)
        right -= _step(right, variance, pull)
    here = np.flatnonzero(shape.series)  # g is less there
    near = _Shape(*(part[here] for part in shape))
    for side, reach in ((-1, left), (1, right)):
        end = reach[here]
        while (short := _fall(side * end, near, slice(None)) < REACH).any():
            end = np.where(short, WIDER * end, end)
        reach[here] = end
    return left, right


def _step(d: Floats, variance: Floats, pull: Floats) -> Floats:
    """Return (g - REACH) / g', of Poisson's counts."""
    rise = np.expm1(d)
    return (pull * (rise - d) + d * d / (2 * variance) - REACH) / (d / variance + pull * rise)
