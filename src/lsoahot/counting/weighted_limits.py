"""Sums of weights (crime harm): their limits, and how much more than counts they scatter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from lsoahot.common.arrays import Floats


def limits(
    weighted: Floats, weighted_sq: Floats, *, confidence: float = 0.95
) -> tuple[Floats, Floats]:
    """Return confidence limits of weighted sums of events.

    The events are Poisson's and each carries a weight (compound Poisson), so that the variance of
    the sum is estimated by the sum of the squared weights. The limits are Fay and Feuer's, from
    gamma distributions of that mean and variance. The upper one must allow for an event not seen
    yet; its weight is taken to be the typical one of all areas together,
    ``sum(w ** 2) / sum(w)``, because an area's own events can be too few to hold one of the rare
    heavy ones. With equal weights the limits are the weight times the exact ones of the count.

    Parameters
    ----------
    weighted, weighted_sq : arrays of float, shape (n,)
        The sum of the weights and of their squares; missing ones have missing limits.
    confidence : float
        The coverage of the limits.

    Returns
    -------
    lower, upper : arrays of float, shape (n,)
        Of ``weighted``; the upper one is missing where no area holds an event.

    References
    ----------
    Fay MP, Feuer EJ (1997), Confidence intervals for directly standardized rates: a method based on
    the gamma distribution, Statistics in Medicine 16, 791-801.

    Examples
    --------
    Five events of weight 10 have ten times the exact limits of five events:

    >>> lower, upper = limits(np.array([50.0]), np.array([500.0]))
    >>> lower.round(3).tolist(), upper.round(3).tolist()
    ([16.235], [116.683])
    """
    from scipy.special import gammaincinv

    tail = (1 - confidence) / 2
    sums = float(np.nansum(weighted))
    typical = float(np.nansum(weighted_sq)) / sums if sums else np.nan
    some = weighted_sq > 0
    mean, variance = np.where(some, weighted, 1.0), np.where(some, weighted_sq, 1.0)
    lower = np.where(some, gammaincinv(mean**2 / variance, tail) * variance / mean, 0.0)
    mean, variance = weighted + typical, weighted_sq + typical**2
    upper = gammaincinv(mean**2 / variance, 1 - tail) * variance / mean
    return np.where(np.isnan(weighted_sq), np.nan, lower), upper


def scatter(*sums: tuple[Floats, Floats]) -> Floats:
    """Return the variance of weighted sums over their mean, pooled over the sums compared.

    A sum of weights divided by it is the number of equal events that would tell as much: the
    *effective* count that `count_tests.rate_ratio` takes. With equal weights it is the weight, and the
    test is that of the events. Pooling is what keeps the test honest: a period in which the rare
    heavy events happen to be missing knows nothing of its own scatter.

    Parameters
    ----------
    *sums : tuple of arrays
        ``(weighted, weighted_sq)`` for each period.

    Returns
    -------
    array of float
        1 where nothing happened; missing where a sum is.

    Examples
    --------
    Ten events of weight 1 and one of weight 10, against ten of weight 1:

    >>> scatter(
    ...     (np.array([20.0]), np.array([110.0])), (np.array([10.0]), np.array([10.0]))
    ... ).tolist()
    [4.0]
    """
    weighted, squares = sum(one[0] for one in sums), sum(one[1] for one in sums)
    some = np.asarray(weighted) != 0
    ratio: Floats = np.where(some, squares / np.where(some, weighted, 1.0), 1.0)
    return ratio
