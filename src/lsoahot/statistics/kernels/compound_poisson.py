"""Counts of events that come in series, and the counts of single events that would tell as much.

Series begin by chance, and each has a number of events of its own: a compound Poisson count. If the
numbers are logarithmic, the count y is negative binomial with a variance in proportion to its mean
(Quenouille, 1949), and of a true ratio theta, where E is expected and phi is the dispersion, it tells

    log L(theta) = lnΓ(y + r) - lnΓ(r) - r ln phi,   r = theta E / (phi - 1).

To divide y and E by phi instead would be right for many events. Of few it makes far too much of one
long series: ten events where half a one is expected (phi 3) would count for 3.3, and are hardly two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lsoahot.statistics.kernels import gamma_poisson

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

TINY: Final = 1e-6  # a dispersion of 1 and less than this is 1; and where Newton's steps end
NARROWEST: Final = 0.01  # spread: below, it changes no count that is estimated
CLOSE: Final = 1e-3  # of the spread's logarithm
REACH: Final = 20.0  # the densities end where they are exp(-20), 2e-9, of their mode's
NODES: Final = np.linspace(0.0, 1.0, 51)[:, None]
ROWS: Final = 4096  # worked at a time


def equivalent(counts: Floats, expected: Floats, dispersion: float) -> tuple[Floats, Floats]:
    """Return the counts, and those expected, of single events that would tell as much.

    Taken for Poisson's, they leave each ratio with the mean that it has given the counts in series,
    and its logarithm with the variance, at the spread of ratios that they make likeliest.

    Parameters
    ----------
    counts : array of float, shape (n,)
        Events, 0 or more; they need not be whole.
    expected : array of float, shape (n,)
        Events expected at a ratio of 1, above 0.
    dispersion : float
        How many times Poisson's the variance of a count is, 1 or more.

    References
    ----------
    Quenouille MH (1949), A relation between the logarithmic, Poisson, and negative binomial series,
    Biometrics 5, 162-164.

    Examples
    --------
    No event, and one, are what they are; more come in fewer series:

    >>> counts, expected = equivalent(np.array([0.0, 1, 6, 1]), np.full(4, 2.0), 3)
    >>> counts.round(1).tolist(), expected.round(1).tolist()
    ([0.0, 1.0, 1.5, 1.0], [1.1, 1.1, 0.1, 1.1])
    """
    from scipy.optimize import brentq

    if dispersion - 1 < TINY:
        return counts, expected
    tried: dict[float, tuple[float, tuple[Floats, Floats]]] = {}

    def beyond(log_spread: float) -> float:
        """Return by how much the spread estimated is above the one supposed, in logarithms."""
        if log_spread in tried:
            return tried[log_spread][0]
        seen = as_single(counts, expected, dispersion, float(np.exp(log_spread)))
        spread = max(gamma_poisson.likeliest_spread(*seen), NARROWEST)
        tried[log_spread] = float(np.log(spread)) - log_spread, seen
        return tried[log_spread][0]

    spread = gamma_poisson.likeliest_spread(counts / dispersion, expected / dispersion)
    at, least = float(np.log(max(spread, NARROWEST))), float(np.log(NARROWEST))
    step = beyond(at)
    while abs(step) > CLOSE:
        to = max(at + step if len(tried) == 1 else at + np.copysign(1.5, step), least)
        if to == at:
            break
        if beyond(to) * step < 0:
            at = float(brentq(beyond, at, to, xtol=CLOSE))
            break
        at, step = to, tried[to][0]
    return tried[at][1]


def as_single(
    counts: Floats, expected: Floats, dispersion: float, spread: float
) -> tuple[Floats, Floats]:
    """Do what `equivalent` does, with a spread that is given.

    Parameters
    ----------
    counts, expected : arrays of float, shape (n,)
        As there.
    dispersion : float
        Above 1.
    spread : float
        The variance of the true ratios, which are gamma with mean 1.
    """
    shape = 1 / spread
    single, due = np.zeros(counts.size), expected * np.log(dispersion) / (dispersion - 1)
    some = np.flatnonzero(counts > 0)
    for start in range(0, some.size, ROWS):
        rows = some[start : start + ROWS]
        mean, roughness = _moments(
            counts[rows], expected[rows] / (dispersion - 1), shape, dispersion
        )
        known = _inverse_trigamma(roughness)  # the shape of a gamma whose logarithm varies as much
        # A ratio may be less sure than before: then as little as can be is expected.
        due[rows] = np.maximum(known / mean - shape, CLOSE * due[rows])
        single[rows] = np.maximum(known - shape, 0.0)
    return single, due


def _moments(
    counts: Floats, series: Floats, shape: float, dispersion: float
) -> tuple[Floats, Floats]:
    """Return the mean of ratios given counts above 0, and the variance of their logarithms.

    By the trapezoidal rule: the density of log theta is analytic, and falls off fast on both sides.
    """
    from scipy.special import digamma, gammaln, polygamma

    log_dispersion = np.log(dispersion)
    rate = shape + series * log_dispersion

    def height(log_ratio: Floats) -> Floats:
        ratio = np.exp(log_ratio)
        r = series * ratio
        result: Floats = shape * log_ratio - rate * ratio + gammaln(counts + r) - gammaln(r)
        return result

    # The density is log-concave in theta: Newton's steps, no longer than a factor e.
    mode = np.log((shape + counts / dispersion) / (shape + series * (1 - 1 / dispersion)))
    for _ in range(50):
        r = series * np.exp(mode)
        slope = shape - rate * np.exp(mode) + r * (digamma(r + counts) - digamma(r))
        bend = shape + r * r * (polygamma(1, r) - polygamma(1, r + counts))
        step = np.clip(slope / bend, -1, 1)
        mode += step
        if np.abs(step).max() < CLOSE:
            break
    top = height(mode)
    ends = []
    for side in (-1, 1):
        end = mode + side * 4 / np.sqrt(bend)
        while (short := height(end) > top - REACH).any():
            end = np.where(short, mode + 1.4 * (end - mode), end)
        ends.append(end)
    log_ratio = ends[0] + NODES * (ends[1] - ends[0])
    density = np.exp(height(log_ratio) - top)
    density /= density.sum(axis=0)
    middle = (density * log_ratio).sum(axis=0)
    return (density * np.exp(log_ratio)).sum(axis=0), (density * (log_ratio - middle) ** 2).sum(
        axis=0
    )


def _inverse_trigamma(values: Floats) -> Floats:
    """Return where the trigamma function has these values, by Newton's steps for their inverse."""
    from scipy.special import polygamma

    at = 0.5 + 1 / values
    for _ in range(20):
        there = polygamma(1, at)
        step = there * (1 - there / values) / polygamma(2, at)
        at += step
        if np.abs(step / at).max() < TINY:
            break
    return at
