"""The Mann-Kendall test of a monotone trend, for many series at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def mann_kendall(series: Floats) -> tuple[Floats, Floats]:
    """Test each row for a rise or a fall over its columns.

    Parameters
    ----------
    series : array of float, shape (n, t)
        One series a row, in order of time, without missing values.

    Returns
    -------
    z, p : arrays of float, shape (n,)
        The statistic in standard deviations (above 0 for a rise), corrected for ties and
        continuity, and its two-sided p from the normal distribution; 0 and 1 for a constant row.

    References
    ----------
    Mann HB (1945), Nonparametric tests against trend, Econometrica 13, 245-259. Kendall MG (1975),
    Rank correlation methods, fourth edition, Griffin.

    Examples
    --------
    Ten rising values: S = 45, variance 10 * 9 * 25 / 18 = 125, z = 44 / sqrt(125).

    >>> z, p = mann_kendall(np.arange(10.0)[None, :])
    >>> z.round(4).tolist(), p.round(6).tolist()
    ([3.9355], [8.3e-05])
    """
    from scipy.special import ndtr

    n, steps = series.shape
    score = np.zeros(n)
    tied = np.zeros(n)  # sum over values of (t - 1)(2t + 5), t being how many equal this one
    for i in range(steps):
        if i + 1 < steps:
            score += np.sign(series[:, i + 1 :] - series[:, i : i + 1]).sum(axis=1)
        alike = (series == series[:, i : i + 1]).sum(axis=1)
        tied += (alike - 1) * (2 * alike + 5)
    variance = (steps * (steps - 1) * (2 * steps + 5) - tied) / 18
    spread = np.sqrt(np.where(variance > 0, variance, 1.0))
    z: Floats = np.where(variance > 0, (score - np.sign(score)) / spread, 0.0)
    return z, 2 * ndtr(-np.abs(z))
