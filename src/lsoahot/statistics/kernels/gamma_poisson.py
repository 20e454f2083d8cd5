"""Counts whose true ratios vary: the gamma-Poisson model, its likelihood and its posterior.

A count ``y`` is Poisson's with mean ``theta * e``, ``e`` being expected, and the ratios ``theta`` of the
areas are drawn from a gamma distribution of mean 1 and variance ``spread``, so that the counts are
negative binomial (Clayton & Kaldor, 1987). Given ``y``, ``theta`` is gamma again: of shape
``1 / spread + y`` and rate ``1 / spread + e``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# Where the search looks. Below the least, a spread changes no figure that is printed.
LEAST: Final = 1e-6
MOST: Final = 1e6
STEPS: Final = 25  # of the first, coarse look: two to a power of ten
LOGS: Final = np.linspace(np.log(LEAST), np.log(MOST), STEPS)
NOTHING: Final = 42.0  # exp(-42) is 6e-19
DROP: Final = 1.3527717270  # of the log-likelihood, at the upper end of a one-sided 95 % interval


class _Profile:
    """The log-likelihood of the spread, and its slope, for one table of counts."""

    def __init__(self, counts: Floats, expected: Floats) -> None:
        self.counts, self.expected = counts, expected
        self.distinct, self.times = np.unique(counts, return_counts=True)
        self.coarse = self.heights(LOGS)

    def top(self) -> tuple[float, float]:
        """Return where the likelihood is highest: the logarithm, and the spread, which may be 0."""
        from scipy.optimize import brentq

        best = int(self.coarse.argmax())
        low, high = LOGS[max(best - 1, 0)], LOGS[min(best + 1, STEPS - 1)]
        at = float(LOGS[best])
        if self.slope(low) < 0 < self.slope(high):
            at = float(brentq(self.slope, low, high, xtol=1e-13, rtol=1e-14))
        return at, 0.0 if best == 0 else float(np.exp(at))

    def heights(self, log_spreads: Floats) -> Floats:
        """Return the log-likelihoods of several spreads, but for what doesn't depend on them."""
        from scipy.special import gammaln

        shape = np.exp(-log_spreads)[:, None]
        rising = (self.times * (gammaln(shape + self.distinct) - gammaln(shape))).sum(axis=1)
        # a ln a - (a + y) ln(a + e), written so that nothing cancels where a is large
        thin = ((shape + self.counts) * np.log1p(self.expected / shape)).sum(axis=1)
        result: Floats = rising - self.counts.sum() * np.log(shape[:, 0]) - thin
        return result

    def height(self, log_spread: float) -> float:
        """Return the log-likelihood of one spread."""
        return float(self.heights(np.array([log_spread]))[0])

    def slope(self, log_spread: float) -> float:
        """Return the derivative by the shape: zero at the maximum, and between those of its sides."""
        from scipy.special import digamma

        shape = np.exp(-log_spread)
        rising = float(self.times @ (digamma(shape + self.distinct) - digamma(shape)))
        rest = np.log1p(self.expected / shape) + (self.counts - self.expected) / (
            shape + self.expected
        )
        return rising - float(rest.sum())


def fit_spread(counts: Floats, expected: Floats) -> tuple[float, float]:
    """Estimate the variance of the true ratios by maximum likelihood.

    Parameters
    ----------
    counts : array of float, shape (n,)
        Events, 0 or more; they need not be whole.
    expected : array of float, shape (n,)
        Events expected at a ratio of 1, above 0.

    Returns
    -------
    spread : float
        The variance of the ratios; 0 where the counts vary no more than Poisson's.
    widest : float
        The largest variance that they are still compatible with (the upper end of the one-sided
        95 % likelihood-ratio interval).

    References
    ----------
    Clayton D, Kaldor J (1987), Empirical Bayes estimates of age-standardized relative risks for use
    in disease mapping, Biometrics 43, 671-681.

    Examples
    --------
    >>> spread, widest = fit_spread(np.array([0.0, 2, 4, 20]), np.full(4, 6.5))
    >>> round(spread, 3), round(widest, 1)
    (1.732, 7.4)
    >>> fit_spread(np.full(4, 6.0), np.full(4, 6.0))[0]
    0.0
    """
    from scipy.optimize import brentq

    profile = _Profile(counts, expected)
    log_spread, spread = profile.top()
    floor = profile.height(log_spread) - DROP
    beyond = LOGS[(log_spread < LOGS) & (profile.coarse < floor)]
    widest = np.inf
    if beyond.size:
        upper = float(beyond[0])
        widest = float(np.exp(brentq(lambda at: profile.height(at) - floor, log_spread, upper)))
    return spread, widest


def likeliest_spread(counts: Floats, expected: Floats) -> float:
    """Estimate the variance of the true ratios as `fit_spread` does, and no more.

    Parameters
    ----------
    counts, expected : arrays of float, shape (n,)
        As for `fit_spread`.
    """
    return _Profile(counts, expected).top()[1]


def posterior(counts: Floats, expected: Floats, spread: float) -> tuple[Floats, Floats]:
    """Return shape and rate of each ratio's gamma distribution, given its count.

    Parameters
    ----------
    counts, expected : arrays of float, shape (n,)
        As for `fit_spread`; missing ones have missing answers.
    spread : float
        The variance of the ratios; at 0 shape and rate are infinite, and every ratio is 1.

    Examples
    --------
    >>> posterior(np.array([3.0]), np.array([1.0]), 0.5)
    (array([5.]), array([3.]))
    """
    shape = 1 / spread if spread else np.inf
    return shape + counts, shape + expected


def mean(shape: Floats, rate: Floats) -> Floats:
    """Return the mean of gamma distributions; that of an infinite shape is 1."""
    with np.errstate(invalid="ignore"):
        return np.where(np.isinf(shape), 1.0, shape / rate)


def chance_above(shape: Floats, rate: Floats, threshold: float) -> Floats:
    """Return the chance that a ratio is above a threshold.

    Examples
    --------
    A gamma of shape 1 is exponential:

    >>> chance_above(np.array([1.0]), np.array([2.0]), 1.5).round(6).tolist()  # exp(-3)
    [0.049787]
    """
    from scipy.special import gammaincc, xlogy

    if np.isinf(shape).all():
        return np.full(np.shape(shape), float(threshold < 1))
    # Where Chernoff's bound leaves a tail less than rounding, nothing needs working out.
    reach = rate * threshold
    bound = reach - shape + xlogy(shape, shape / reach)  # a shape of 0 is all at 0
    open_ones = np.flatnonzero(bound < NOTHING)
    chance: Floats = np.where(reach > shape, 0.0, 1.0)
    chance[open_ones] = gammaincc(shape[open_ones], reach[open_ones])
    return chance


def quantile(shape: Floats, rate: Floats, probability: float) -> Floats:
    """Return the ratio below which a share of its distribution lies.

    Examples
    --------
    >>> quantile(np.array([1.0]), np.array([1.0]), 1 - np.exp(-2)).round(6).tolist()
    [2.0]
    """
    from scipy.special import gammaincinv

    if np.isinf(shape).all():
        return np.ones(np.shape(shape))
    distinct, place = np.unique(shape, return_inverse=True)  # as many as there are counts
    limit: Floats = gammaincinv(distinct, probability)[place] / rate
    return limit
