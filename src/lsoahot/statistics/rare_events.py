"""Rare events: is the risk here above the whole's? An exact test that knows the populations."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lsoahot.common import checks
from lsoahot.statistics.kernels import inference

from . import links as _links

if TYPE_CHECKING:
    import geopandas as gpd
    from libpysal.graph import Graph


def local_risk(
    areas: gpd.GeoDataFrame,
    graph: Graph | None = None,
    *,
    count: str = "count",
    population: str = "population",
    alpha: float = 0.10,
    alternative: str = "two-sided",
    dispersion: float = 1.0,
    confidence: float = 0.95,
) -> gpd.GeoDataFrame:
    """Test whether an area, or an area with its neighbours, has more events than its share.

    Given the total, the events in a place of equal risk are binomial with that place's share of the
    population. The test is exact at any rate and for any mix of populations. It asks whether the
    risk is that of the whole, and real risks never are: read it as a test of one place that you
    chose beforehand. For the question which areas are high there is `exceedance`, which allows for
    risks that differ; for where high areas lie together, `find_hotspots`.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        Areas, indexed by code.
    graph : libpysal.graph.Graph, optional
        If given, each area is taken together with its neighbours, unweighted; if not, alone.
    count : str
        The column of numbers of events.
    population : str
        The column of people (or whatever is at risk).
    alpha : float
        The false discovery rate above which nothing is called a hot or cold spot, in (0, 0.10].
    alternative : {"two-sided", "hot", "cold"}
        "hot" asks for raised risk only, and finds it with half the p; "cold" likewise.
    dispersion : float
        How many times Poisson's the variance of a count is, where events come in series: 1, or what
        `lsoahot.dispersion` measures. Events are then taken for so many fewer.
    confidence : float
        Level of the limits, in (0, 1).

    Returns
    -------
    geopandas.GeoDataFrame
        The areas with ``risk_expected`` (events the place would have at the whole's risk),
        ``risk_ratio`` (events over expected), ``risk_lower`` and ``risk_upper`` (exact limits of
        the ratio; Clopper & Pearson, 1934), ``risk_p``, ``risk_q`` (Benjamini-Hochberg over the
        areas tested) and ``risk_class``, an ordered categorical with the words of ``hotspot``.
        ``attrs["statistics"]["local_risk"]`` says what was tested, and how.

    Raises
    ------
    ValueError
        If a count is negative or not a whole number, or a population negative.

    Warns
    -----
    UserWarning
        Of areas without a count or without people: they and their events are left out of the test.

    Examples
    --------
    Six of 22 deliberate fires, where 4.6 % of the people live (Rutland, 2011-12):

    >>> import geopandas as gpd
    >>> areas = gpd.GeoDataFrame(
    ...     {"count": [6, 16], "population": [46, 954]},
    ...     geometry=gpd.points_from_xy([0, 1], [0, 0]), index=["Oakham NW", "rest"], crs=27700,
    ... )
    >>> tested = local_risk(areas)
    >>> tested[["risk_ratio", "risk_lower", "risk_upper", "risk_p"]].round(4).iloc[0].tolist()
    [5.9289, 2.3324, 10.9179, 0.0007]
    """
    from scipy.special import betainc, betaincinv

    checks.areas(areas)
    checks.one_of(alternative, ("two-sided", "hot", "cold"), "alternative")
    inference.check_alpha(alpha)
    if not 0 < confidence < 1:
        raise ValueError(f"confidence={confidence} is not between 0 and 1. Choose 0.95, say.")
    if not 1 <= dispersion < np.inf:
        raise ValueError(
            f"dispersion={dispersion!r} is below 1, Poisson's own, or no number. Give 1 or more."
        )
    events, people = checks.numbers(areas, count), checks.numbers(areas, population)
    wrong = (events < 0) | (events != np.rint(events)) & ~np.isnan(events)
    if wrong.any():
        raise ValueError(
            f"{count!r} is negative or not whole in {int(wrong.sum()):,} areas: "
            f"{checks.shown(areas.index[wrong])}. The test counts events: give whole numbers."
        )
    if (people < 0).any():
        raise ValueError(
            f"{population!r} is negative in {int((people < 0).sum()):,} areas: "
            f"{checks.shown(areas.index[people < 0])}. Mend the population table."
        )
    known = ~np.isnan(events) & (people > 0)
    if not known.all():
        warnings.warn(
            f"{int((~known).sum()):,} areas have no count or no people "
            f"({checks.shown(areas.index[~known])}): they are not tested, and their "
            f"{np.nansum(events[~known]):g} events are left out. Mend the tables if that is wrong.",
            UserWarning,
            stacklevel=2,
        )
    x, people_here = np.where(known, events, 0.0), np.where(known, people, 0.0)
    total, everybody = x.sum(), people_here.sum()
    islands = 0
    if graph is not None:
        links = _links.align(areas, graph)._replace(equal=True)
        islands = int((known & (links.size == 0)).sum())
        x = x + links.weighted(x)
        people_here = people_here + links.weighted(people_here)
    share = np.where(known, people_here, np.nan) / everybody
    tested = (total > 0) & (share < 1 - 1e-12)
    if not tested.any():
        warnings.warn(
            f"{count!r} adds up to {total:g} in {int(known.sum()):,} areas with people: nothing is "
            "tested. Give counts of events in two areas or more.",
            UserWarning,
            stacklevel=2,
        )
    share[~tested] = np.nan
    expected = total * share
    ratio = x / expected
    events_tested = int(total)
    x, total = x / dispersion, total / dispersion
    tail = (1 - confidence) / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        # P(X >= x) and P(X <= x) of the binomial, as incomplete beta functions
        rest = total - x
        upper = np.where(x > 0, betainc(x, rest + 1, share), 1.0)
        lower = np.where(rest > 0, betainc(rest, x + 1, 1 - share), 1.0)
        lowest = np.where(x > 0, betaincinv(x, rest + 1, tail), 0.0) / share
        highest = np.where(rest > 0, betaincinv(x + 1, rest, 1 - tail), 1.0) / share
    upper[~tested] = lower[~tested] = np.nan
    p = inference.choose(upper, lower, alternative)
    q = inference.benjamini_hochberg(p)
    classes = inference.hotspot_codes(q, upper < lower, lower < upper, alpha)
    return inference.record_test(
        areas.assign(
            risk_expected=expected,
            risk_ratio=ratio,
            risk_lower=lowest,
            risk_upper=highest,
            risk_p=p,
            risk_q=q,
            risk_class=pd.Categorical.from_codes(classes, dtype=inference.HOTSPOTS),
        ),
        "local_risk",
        {
            "statistic": "Risk ratio" + (" with neighbours" if graph is not None else ""),
            "column": f"{count} given {population}",
            "method": "exact binomial test"
            + (f" with dispersion {dispersion:.2g}" if dispersion != 1 else ""),
            "alternative": alternative,
            "alpha": alpha,
            "correction": inference.CORRECTION,
            "dispersion": float(dispersion),
            "events": events_tested,
            "tested": int(tested.sum()),
            "islands": islands,
            "missing": int((~known).sum()),
        },
    )
