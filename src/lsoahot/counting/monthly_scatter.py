"""How much more than by chance do an area's months vary? The dispersion of events in series."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike

    from lsoahot.common.arrays import Floats


class MonthlyScatter(NamedTuple):
    """How the months of areas scatter.

    Attributes
    ----------
    dispersion : float
        How many times Poisson's the variance of a month's count is; 1 at least.
    runs : float
        How many times more a whole period's count varies because months resemble their neighbours;
        1 at least.
    """

    dispersion: float
    runs: float


def monthly_scatter(counts: ArrayLike) -> MonthlyScatter | None:
    """Estimate the dispersion of counts from areas by months.

    Each area's total is spread over the months as all areas' events are; what is left over is set
    against Poisson's variance. Areas weigh as much as they have events: in Pearson's chi-square all
    areas weigh the same, and where few have more than one event it hardly sees that events come in
    series (series of mean 2, whose true dispersion is 3, at a yearly half event an area: Pearson's
    2.0, this 2.9).

    Parameters
    ----------
    counts : array of float, shape (areas, ..., months)
        Events. With years in between, each year of an area has a level of its own, and each year a
        season of its own.

    Returns
    -------
    MonthlyScatter or None
        None where there is nothing to compare: no two areas, or no two months, with events.

    Examples
    --------
    Two areas whose events all fall in one month, but not the same one. Of ten events each, five
    are due to each month, so the squared residuals are 25, over 0.5 twice in each area:
    200 / (20 * (1 - 1/2)) = 20.

    >>> monthly_scatter([[10, 0], [0, 10]]).dispersion
    20.0
    """
    table = np.asarray(counts, dtype="float64")
    months = table.shape[-1]
    table = table.reshape(len(table), -1, months)
    levels = table.sum(axis=-1, keepdims=True)
    whole = levels.sum(axis=0)
    season = table.sum(axis=0) / np.where(whole > 0, whole, 1.0)
    fitted = levels * season
    there = season > 0
    squares = float(((table - fitted) ** 2 / np.where(there, season, 1.0)).sum())
    room = levels * (1 - levels / np.where(whole > 0, whole, 1.0))
    freedom = float((room.sum(axis=(0, 2)) * np.maximum(there.sum(axis=-1) - 1, 0)).sum())
    if not freedom > 0:
        return None
    return MonthlyScatter(max(1.0, squares / freedom), runs_factor(table, fitted))


def measured_scatter(counts: ArrayLike) -> dict[str, float] | None:
    """Return what a table of counts notes of its months' scatter (``attrs["dispersion"]``).

    Parameters
    ----------
    counts : array of float, shape (areas, months)
        Events of the areas that have data in every month.

    Returns
    -------
    dict or None
        ``dispersion`` and ``runs`` of `monthly_scatter`, and the ``months`` with events. Rounded:
        more digits would say more of single areas than a figure of all may.

    Examples
    --------
    >>> measured_scatter([[10, 0], [0, 10]])["dispersion"]
    20.0
    >>> measured_scatter(np.zeros((0, 12)))
    """
    table = np.asarray(counts, dtype="float64")
    scatter = monthly_scatter(table) if table.size else None
    if scatter is None:
        return None
    return {
        "dispersion": round(scatter.dispersion, 2),
        "runs": round(scatter.runs, 2),
        "months": int((table.sum(axis=0) > 0).sum()),
    }


def scatter_of_total(noted: Mapping[str, float] | None) -> float:
    """Return how many times Poisson's the variance of a whole period's count is.

    Parameters
    ----------
    noted : dict or None
        What `measured_scatter` returned of its months.

    Examples
    --------
    >>> scatter_of_total({"dispersion": 2.0, "runs": 1.25, "months": 12}), scatter_of_total(None)
    (2.5, 1.0)
    """
    return noted["dispersion"] * noted["runs"] if noted else 1.0


def runs_factor(counts: Floats, fitted: Floats) -> float:
    """Return how many times more a year's total varies because its months come in runs.

    Parameters
    ----------
    counts, fitted : arrays of float, shape (..., months)
        What was seen and what was fitted, months in order.

    Returns
    -------
    float
        ``1 + 2 * sum((1 - k / m) * r ** k)``, r being the correlation of the residuals of one month
        and the next, corrected for the mean that was taken out of the year; 1 where it is not
        above 0.
    """
    months = counts.shape[-1]
    residual = (counts - fitted) / np.sqrt(np.where(fitted > 0, fitted, 1.0))
    both = float((residual[..., 1:] * residual[..., :-1]).sum()) * months / (months - 1)
    whole = float((residual**2).sum())
    # White months have -1 / (m - 1) once their mean is taken out. Beyond 0.9, a year tells nothing.
    r = min(max(both / whole + 1 / (months - 1), 0.0), 0.9) if whole else 0.0
    lags = np.arange(1, months)
    return float(1 + 2 * ((1 - lags / months) * r**lags).sum())
