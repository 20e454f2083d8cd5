"""Tests and limits for counts against counts: exact for Poisson's, widened where they scatter more.

Two Poisson counts are compared given their sum (Przyborowski & Wilenski 1940): if the rates are
equal, the later count is binomial. Tails of the binomial are incomplete beta functions, and these
are defined for any positive numbers, not only for whole ones. That carries the test over to two
cases in which counts scatter more than Poisson's: a *dispersion* divides both counts, and a
*weighted* sum is divided by the ratio of its variance to its mean, ``sum(w ** 2) / sum(w)``.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lsoahot.counting.monthly_scatter import runs_factor

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


class Ratios(NamedTuple):
    """Rate ratios with their confidence limits and two-sided p, each an array of shape (n,)."""

    ratio: Floats
    lower: Floats
    upper: Floats
    p: Floats


class Scatter(NamedTuple):
    """How much more than Poisson's the counts scatter, and how well that is known.

    Attributes
    ----------
    dispersion : float
        The variance over the mean; 1 for Poisson counts.
    runs : float
        The part of it that is due to months that resemble the one before.
    freedom : float
        The degrees of freedom that it was estimated with; infinite where it is taken as known.
    """

    dispersion: float = 1.0
    runs: float = 1.0
    freedom: float = np.inf


TENTHS = (0.1, 0.9)
# What pulling in the tenths at either end leaves of a normal variance: 0.8 - 2 q f(q) + 0.2 q ** 2.
WINSORISED = 0.678711
POISSON = Scatter()


def rate_ratio(
    now: ArrayLike,
    then: ArrayLike,
    *,
    exposure_now: ArrayLike = 1.0,
    exposure_then: ArrayLike = 1.0,
    null: float = 1.0,
    confidence: float = 0.95,
    scatter: Scatter = POISSON,
) -> Ratios:
    """Compare two counts: the ratio of their rates, its limits and a two-sided p.

    The p-value is twice the smaller tail, 1 at most, so that it is below 1 - ``confidence`` exactly
    where the limits leave ``null`` outside. With Poisson counts no p is ever too small; with
    few events it is too large, as with every exact test.

    Parameters
    ----------
    now, then : array of float, shape (n,)
        The counts (or effective counts); missing ones give missing results.
    exposure_now, exposure_then : array of float, shape (n,)
        What the counts are divided by: residents, days, or both multiplied.
    null : float
        The ratio that is tested.
    confidence : float
        The coverage of the limits.
    scatter : Scatter
        How much more than Poisson's the counts scatter. With an estimated dispersion the normal
        quantiles behind the limits give way to Student's.

    Returns
    -------
    Ratios
        All missing where a count or an exposure is missing or an exposure is zero; ratio and
        limits are missing, and p is 1, where both counts are zero.

    References
    ----------
    Przyborowski J, Wilenski H (1940), Homogeneity of results in testing samples from Poisson
    series, Biometrika 31, 313-323. Clopper CJ, Pearson ES (1934), The use of confidence or
    fiducial limits illustrated in the case of the binomial, Biometrika 26, 404-413.

    Examples
    --------
    Rutland's crimes, 1,213 and 1,256:

    >>> result = rate_ratio([1256.0], [1213.0])
    >>> [round(float(value[0]), 3) for value in result]
    [1.035, 0.956, 1.121, 0.398]
    """
    from scipy.special import betainc, betaincinv

    a, b, size_now, size_then = np.broadcast_arrays(
        *(np.asarray(x, dtype="float64") for x in (now, then, exposure_now, exposure_then))
    )
    known = np.isfinite(a) & np.isfinite(b) & (size_now > 0) & (size_then > 0)
    a, b = np.where(known, a, 1.0), np.where(known, b, 1.0)
    relative = np.where(known, size_then, 1.0) / np.where(known, size_now, 1.0)

    a_eff, b_eff = a / scatter.dispersion, b / scatter.dispersion
    share = null / (null + relative)  # of the later events, if the ratio is the null's
    # The tails of the binomial: I_x(a, b) is not defined for a or b of zero, whose tail is 1.
    at_least = np.where(a > 0, betainc(a_eff, b_eff + 1, share), 1.0)
    at_most = np.where(b > 0, betainc(b_eff, a_eff + 1, 1 - share), 1.0)
    p = _as_student(np.minimum(1.0, 2 * np.minimum(at_least, at_most)), scatter.freedom)

    tail = _tail(confidence, scatter.freedom)
    low = np.where(a > 0, betaincinv(a_eff, b_eff + 1, tail), 0.0)
    far = np.where(b > 0, betaincinv(b_eff, a_eff + 1, tail), 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = a / b * relative
        lower = low / (1 - low) * relative
        upper = (1 - far) / far * relative
    some = known & (a + b > 0)
    ratio, lower, upper = (np.where(some, x, np.nan) for x in (ratio, lower, upper))
    return Ratios(ratio, lower, upper, np.where(known, p, np.nan))


def share_test(
    part: ArrayLike, rest: ArrayLike, share: ArrayLike, *, scatter: Scatter = POISSON
) -> Ratios:
    """Test whether ``part`` of ``part + rest`` events is the ``share`` of them that is expected.

    Returns
    -------
    Ratios
        The observed share over the expected one with its 95 % limits (Clopper and Pearson's), and
        the two-sided p.

    Examples
    --------
    10 of 20 events where a quarter was expected:

    >>> result = share_test([10], [10], [0.25])
    >>> [round(float(value[0]), 3) for value in result]
    [2.0, 1.088, 2.912, 0.028]
    """
    expected = np.asarray(share, dtype="float64")
    against_rest = rate_ratio(
        part, rest, exposure_now=expected, exposure_then=1 - expected, scatter=scatter
    )
    with np.errstate(invalid="ignore"):
        ratio, lower, upper = (
            np.where(np.isinf(odds), 1 / expected, odds / (odds * expected + 1 - expected))
            for odds in against_rest[:3]
        )
    return Ratios(ratio, lower, upper, against_rest.p)


def group_spread(count: ArrayLike, expected: ArrayLike, *, dispersion: float = 1.0) -> float:
    """Estimate how much the true rates of a group's members differ: their coefficient of variation.

    Spiegelhalter's (2005) additive model: what the members scatter beyond chance, by the method of
    moments of DerSimonian and Laird (1986). The outer tenth of the members at either end is pulled
    in to the tenths first, so that one who stands out doesn't widen the limits that it is measured
    by; what that takes from the variance of a normal group is given back.

    Parameters
    ----------
    count, expected : arrays of float, shape (n,)
        What was seen, and what the group's rate would make of each.
    dispersion : float
        How many times Poisson's the variance of a count is at a constant rate.

    Examples
    --------
    Four members with 100 expected events each and counts two standard deviations off either way:
    the tenths are the members themselves, four times chance is seen, 4 / 0.6787 given back.

    >>> round(group_spread([80, 80, 120, 120], [100] * 4), 4)
    0.2619
    """
    seen, due = (np.asarray(x, dtype="float64") / dispersion for x in (count, expected))
    if not (due > 0).all() or due.size < 2:  # noqa: PLR2004  (nobody to differ from)
        return 0.0
    z = (seen - due) / np.sqrt(due)
    scatter = float(np.mean(np.clip(z, *np.quantile(z, TENTHS)) ** 2)) / WINSORISED
    room = float(due.sum() - (due**2).sum() / due.sum())
    return float(max(0.0, (due.size * scatter - (due.size - 1)) / room) ** 0.5)


def against_expected(
    count: ArrayLike, expected: ArrayLike, *, dispersion: float = 1.0, spread: float = 0.0
) -> Floats:
    """Return the two-sided p of counts against expectations (twice the smaller tail).

    Poisson's, or, where true rates differ by a ``spread`` (their coefficient of variation), negative
    binomial.

    Examples
    --------
    Exact 95 % limits of 5 events are 1.6235 and 11.6683, so at these p is 0.05:

    >>> against_expected([5, 5], [1.623486, 11.668332]).round(6).tolist()
    [0.05, 0.05]
    """
    from scipy.special import betainc, gammainc, gammaincc

    seen = np.asarray(count, dtype="float64") / dispersion
    mean = np.asarray(expected, dtype="float64") / dispersion
    some = np.where(seen > 0, seen, 1.0)
    if spread:
        shape = spread**-2
        at_least = betainc(some, shape, mean / (mean + shape))
        at_most = betainc(shape, seen + 1, shape / (mean + shape))
    else:
        at_least, at_most = gammainc(some, mean), gammaincc(seen + 1, mean)
    at_least = np.where(seen > 0, at_least, 1.0)
    p: Floats = np.minimum(1.0, 2 * np.minimum(at_least, at_most))
    return p


def funnel(
    expected: ArrayLike, confidence: float, *, dispersion: float = 1.0, spread: float = 0.0
) -> tuple[Floats, Floats]:
    """Return the control limits of a count: the counts whose p is just 1 - ``confidence``.

    They are interpolated between whole numbers by the gamma function (the beta function where rates
    differ): a count on or beyond a limit has p of 1 - ``confidence`` or less in `against_expected`.

    Parameters
    ----------
    expected : array of float, shape (n,)
        The counts expected, above zero.
    confidence : float
        0.95 and 0.998 are customary.
    dispersion : float
        How many times wider than Poisson's the variance is.
    spread : float
        The coefficient of variation of true rates, as `group_spread` estimates it.

    Returns
    -------
    lower, upper : arrays of float, shape (n,)
        Control limits of the count; ``lower`` is 0 where no count is small enough to tell.

    Examples
    --------
    The exact 95 % limits of 5 events are 1.6235 and 11.6683. Where 1.6235 are expected, then, 5
    are just too many, and where 11.6683 are, just too few:

    >>> lower, upper = funnel([1.623486, 11.668332], 0.95)
    >>> round(float(upper[0]), 4), round(float(lower[1]), 4)
    (5.0, 5.0)
    """
    from scipy.special import btdtria, gdtrib

    mean = np.asarray(expected, dtype="float64") / dispersion
    tail = (1 - confidence) / 2
    if spread:
        shape = spread**-2
        share = mean / (mean + shape)
        upper, lower = btdtria(tail, shape, share), btdtria(1 - tail, shape, share) - 1
    else:
        upper, lower = gdtrib(1.0, tail, mean), gdtrib(1.0, 1 - tail, mean) - 1
    return np.maximum(lower, 0.0) * dispersion, upper * dispersion


def months_scatter(table: ArrayLike, *, least: float = 1.0) -> Scatter:
    """Estimate the dispersion of monthly counts from a table of years by months.

    Whatever differs from year to year, and from month to month in every year alike, is taken out;
    what is left is compared with Poisson's variance: Pearson's chi-square of the table over its
    degrees of freedom. Under Poisson counts its expectation is 1 but for a term in 1/n, however
    few the events.

    Parameters
    ----------
    table : array of float, shape (years, months)
        Counts, or sums of weights.
    least : float
        The dispersion that chance alone gives: 1 for counts, `weighted_limits.scatter` for weighted sums.
        An estimate below it is chance, or a recording rule, and gives no licence for narrower
        limits: it is raised to this.

    Returns
    -------
    Scatter
        ``least``, taken as known, where fewer than two years or two months hold events, and where
        the estimate is no more than that.

    Examples
    --------
    Two years alike in every month leave nothing over:

    >>> months_scatter([[10, 20, 30], [20, 40, 60]])
    Scatter(dispersion=1.0, runs=1.0, freedom=inf)
    """
    counts = np.asarray(table, dtype="float64")
    counts = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    freedom = (counts.shape[0] - 1) * (counts.shape[1] - 1)
    if freedom < 1:
        return Scatter(dispersion=least)
    fitted = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    pearson = float(((counts - fitted) ** 2 / fitted).sum())
    if pearson <= least * freedom:
        return Scatter(dispersion=least)
    return Scatter(dispersion=pearson / freedom, freedom=float(freedom))


def year_scatter(table: ArrayLike, *, least: float = 1.0) -> Scatter:
    """Estimate the dispersion of yearly totals from the months: `months_scatter`, and their runs.

    Where a month resembles the one before beyond season and year, a year's total scatters more than
    twelve unconnected months would. Parameters and result are those of `months_scatter`.

    Examples
    --------
    Months that come and go in runs say more of the scatter of years than months alternating:

    >>> runs = [[15] * 6 + [5] * 6, [5] * 6 + [15] * 6]
    >>> alternating = [[15, 5] * 6, [5, 15] * 6]
    >>> year_scatter(runs).dispersion > 2 * year_scatter(alternating).dispersion
    True
    """
    scatter = months_scatter(table, least=least)
    if np.isinf(scatter.freedom):
        return scatter
    counts = np.asarray(table, dtype="float64")
    fitted = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    runs = runs_factor(counts, fitted)
    return Scatter(dispersion=scatter.dispersion * runs, runs=runs, freedom=scatter.freedom)


def _as_student(p: Floats, freedom: float) -> Floats:
    """Carry a p-value from the normal to Student's distribution, for an estimated dispersion."""
    if np.isinf(freedom):
        return p
    from scipy.special import ndtri, stdtr

    carried: Floats = np.minimum(1.0, 2 * stdtr(freedom, ndtri(p / 2)))
    return carried


def _tail(confidence: float, freedom: float) -> float:
    """Return the tail that `_as_student` carries to (1 - confidence) / 2."""
    tail = (1 - confidence) / 2
    if np.isinf(freedom):
        return tail
    from scipy.special import stdtrit

    return NormalDist().cdf(float(stdtrit(freedom, tail)))
