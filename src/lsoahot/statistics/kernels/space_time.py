"""Areas by months: records counted, and Gi* tested in every month."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from lsoahot.common import checks
from lsoahot.counting import locate
from lsoahot.records import periods
from lsoahot.statistics import links as _links

from . import inference, local_tests
from .by_month import USUAL

if TYPE_CHECKING:
    import geopandas as gpd
    from libpysal.graph import Graph
    from numpy.typing import NDArray

    from lsoahot.common.audit import Audit

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]


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
        score += np.sign(series[:, i + 1 :] - series[:, i : i + 1]).sum(axis=1)
        alike = (series == series[:, i : i + 1]).sum(axis=1)
        tied += (alike - 1) * (2 * alike + 5)
    variance = (steps * (steps - 1) * (2 * steps + 5) - tied) / 18
    spread = np.sqrt(np.where(variance > 0, variance, 1.0))
    z: Floats = np.where(variance > 0, (score - np.sign(score)) / spread, 0.0)
    return z, 2 * ndtr(-np.abs(z))


class Cube(NamedTuple):
    """Areas by months: values, Gi*, and the verdict of every month."""

    months: pd.PeriodIndex
    values: Floats
    z: Floats
    p: Floats
    q: Floats
    hot: Flags  # of a hot neighbourhood, and itself above the whole
    beside: Flags  # of a hot neighbourhood, but not above the whole
    cold: Flags  # of a cold neighbourhood, and itself below the whole
    tested: Flags
    grid_error: float
    fenced: int  # values pulled in to the fences, of all months
    sampled: int  # months in which the exact test would have taken too long
    audit: Audit


def build(
    areas: gpd.GeoDataFrame,
    records: pd.DataFrame,
    graph: Graph,
    *,
    period: tuple[str, str] | None,
    population: str | None,
    weight: str | None,
    window: int,
    alpha: float,
    fence: float | None,
) -> Cube:
    """Count, add up windows, and test every month."""
    checks.areas(areas)
    if not 0 < alpha < 1:
        raise ValueError(f"alpha={alpha!r} is not between 0 and 1. Give for example 0.05.")
    inference.check_fence(fence)
    if window < 1:
        raise ValueError(f"window={window!r} adds up no month. Give 1 or more.")
    values, months, audit = _count(areas, records, period, weight)
    if window > 1:
        if window > len(months):
            raise ValueError(f"window={window} is more than the {len(months)} months there are.")
        slid = np.lib.stride_tricks.sliding_window_view(values, window, axis=1)
        values, months = slid.sum(axis=2), months[window - 1 :]
    people = np.ones(len(areas))
    if population is not None:
        people = checks.numbers(areas, population)
        people = np.where(people > 0, people, np.nan)
    links = _links.align(areas, graph)
    if not links.equal:
        raise ValueError(
            "the graph weighs neighbours unequally, and the exact test takes neighbours alike. "
            "Use lsoahot.contiguity(), nearest() or within_distance()."
        )
    cube = _tested((values, people), months, links, alpha=alpha, fence=fence, audit=audit)
    partly = np.asarray(~cube.tested.all(axis=1))
    if partly.any():
        warnings.warn(
            f"{int(partly.sum()):,} of {len(areas):,} areas are not tested in every month, having "
            f"no neighbour, no data or no variety: {checks.shown(areas.index[partly])}.",
            UserWarning,
            stacklevel=3,
        )
    return cube


def _tested(
    counted: tuple[Floats, Floats],
    months: pd.PeriodIndex,
    links: _links.Links,
    *,
    alpha: float,
    fence: float | None,
    audit: Audit,
) -> Cube:
    """Test every month's counts by people; where all areas are alike, none is a hot spot."""
    events, people = counted
    values = events / people[:, None]
    shape = values.shape
    z, p, q = (np.full(shape, np.nan) for _ in range(3))
    hot, beside, cold = (np.zeros(shape, dtype=bool) for _ in range(3))
    error, outside, sampled = 0.0, 0, 0
    for t in range(len(months)):
        month = np.where(np.isfinite(values[:, t]), values[:, t], np.nan)
        if not local_tests.vary(month):
            continue
        here = ~np.isnan(month)
        result = local_tests.gi_star(*local_tests.testable(month, links), fence=fence)
        z[:, t] = result.z
        p[:, t] = inference.choose(result.upper, result.lower, "two-sided")
        q[:, t] = inference.benjamini_hochberg(p[:, t])
        clear = inference.within(q[:, t], alpha)
        due = people * (events[here, t].sum() / people[here].sum())
        excess = np.where(here, events[:, t] - due, np.nan)
        hot[:, t] = clear & result.above & (excess > 0)
        beside[:, t] = clear & result.above & (excess <= 0)
        cold[:, t] = clear & result.below & (excess < 0)
        error = max(error, result.facts["grid_error"])
        outside += result.facts["fenced"]
        sampled += result.facts["method"] != local_tests.EXACT
    tested = ~np.isnan(p)
    return Cube(
        months, values, z, p, q, hot, beside, cold, tested, error, outside, sampled, audit
    )  # fmt: skip


def _count(
    areas: gpd.GeoDataFrame,
    records: pd.DataFrame,
    period: tuple[str, str] | None,
    weight: str | None,
) -> tuple[Floats, pd.PeriodIndex, Audit]:
    """Count records by area and month: (areas, months), zeros included, missing without data."""
    checks.columns(records, ["period", *([weight] if weight else [])], "records")
    records = records.assign(period=periods.monthly(records["period"]))
    placed = locate.locate(areas, records, locate.Options("code", period, need=["period"]))
    here = placed.position >= 0
    if not here.any():
        raise ValueError(
            f"none of {len(records):,} records lies in these areas and months. "
            f"{placed.attrs['audit']} Codes of another census edition are brought over by convert()."
        )
    for message in placed.warnings:
        warnings.warn(message, UserWarning, stacklevel=4)
    months = pd.PeriodIndex(placed.gaps.months, freq="M")
    worth = placed.each
    if weight is not None:
        weights = checks.numbers(records, weight, "records")
        if not (weights[here] >= 0).all():
            raise ValueError(
                f"column {weight!r} of records is missing or negative in "
                f"{int((~(weights[here] >= 0)).sum()):,} rows. Give every record a weight."
            )
        worth = worth * weights
    step = records["period"].array.asi8 - months[0].ordinal
    shape = (len(areas), len(months))
    cell = np.ravel_multi_index((placed.position[here], step[here]), shape)  # refuses other months
    sums = np.bincount(cell, worth[here], len(areas) * len(months))
    values = np.asarray(sums, dtype="float64").reshape(shape)
    for force, lost in placed.gaps.missing.items():
        without = (placed.gaps.forces == force).to_numpy(dtype=bool)
        values[np.ix_(without, np.isin(placed.gaps.months, lost))] = np.nan
    if placed.hidden is not None:
        withheld = placed.hidden >= 0
        values[placed.hidden[withheld], step[withheld]] = np.nan
    each = np.nansum(values, axis=0)
    if period is None and (each == 0).any() and np.median(each) >= USUAL:
        empty = each == 0
        warnings.warn(
            f"{int(empty.sum())} months hold no record at all ({checks.shown(months[empty])}) and "
            "are left out: no data is not zero. Give period=(first, last) if they are true zeros.",
            UserWarning,
            stacklevel=4,
        )
        values, months = values[:, ~empty], months[~empty]
    return values, months, placed.attrs["audit"]
