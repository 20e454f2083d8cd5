"""Which test answers "where are the hot spots": one for many events, one for few."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lsoahot.common import checks
from lsoahot.statistics.kernels import inference

from .local import getis_ord
from .neighbours import contiguity
from .rare_events import local_risk

if TYPE_CHECKING:
    import geopandas as gpd
    from libpysal.graph import Graph

# Events an area, on average, below which rates are mostly chance: docs/statistics.md shows why.
FEW: Final = 1.0


def recommend_test(
    areas: gpd.GeoDataFrame, count: str = "count", population: str = "population"
) -> str:
    """Recommend the hotspot test for so many events in so many areas.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        Areas, indexed by code.
    count : str
        The column of numbers of events.
    population : str
        The column of people (or whatever is at risk).

    Returns
    -------
    {"local_risk", "getis_ord"}
        ``local_risk`` with neighbours where there is less than one event an area, on average, among
        the areas with a count and with people; ``getis_ord`` of the rate otherwise.

    Notes
    -----
    With few events most rates are zero, and what a single event makes of a rate depends on the
    population; the binomial test knows the populations and finds more. With many events the risks
    of areas differ far beyond chance, as they always do, and the binomial test would say so of
    most; Gi* asks where high rates lie together. The simulations behind it are in the guide to the
    statistics.

    Examples
    --------
    >>> import geopandas as gpd
    >>> areas = gpd.GeoDataFrame(
    ...     {"count": [6, 0, 0, 1, 0, 0, 0, 1], "population": 1000},
    ...     geometry=gpd.points_from_xy(range(8), [0] * 8), crs=27700,
    ... )
    >>> recommend_test(areas)
    'getis_ord'
    >>> recommend_test(areas.assign(count=[2, 0, 0, 1, 0, 0, 0, 1]))
    'local_risk'
    """
    checks.areas(areas)
    events, people = checks.numbers(areas, count), checks.numbers(areas, population)
    known = ~np.isnan(events) & (people > 0)
    total = float(events[known].sum())
    return "local_risk" if 0 < total < FEW * known.sum() else "getis_ord"


def find_hotspots(
    areas: gpd.GeoDataFrame,
    graph: Graph | None = None,
    *,
    count: str = "count",
    population: str = "population",
    rate: str = "rate",
    alpha: float = 0.10,
) -> gpd.GeoDataFrame:
    """Find hot and cold spots with the test that suits the number of events, and say which.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        Areas, indexed by code, with events, people and rates.
    graph : libpysal.graph.Graph, optional
        Who is whose neighbour; queen contiguity by default.
    count, population, rate : str
        The columns of numbers of events, of people, and of their rate.
    alpha : float
        The false discovery rate above which nothing is called a hot or cold spot, in (0, 0.10].

    Returns
    -------
    geopandas.GeoDataFrame
        The areas with ``gi_z``, ``gi_p`` and ``gi_q`` of `getis_ord`, the ``risk_...`` columns of
        `local_risk` where that was used, and ``hotspot`` by the test that was used, which
        ``attrs["statistics"]["find_hotspots"]`` names (``test``, ``why``, and both in ``text``).

    Examples
    --------
    >>> import lsoahot as lh
    >>> areas = lh.read_boundaries("sample")
    >>> hate = lh.read_dataset("hate", "sample")
    >>> rated = areas.pipe(lh.count, hate, period=("2011-10", "2012-09")).pipe(lh.rate)
    >>> find_hotspots(rated).attrs["statistics"]["find_hotspots"]["why"]
    '8 events in 23 areas, fewer than one an area on average'
    """
    test = recommend_test(areas, count, population)
    graph = contiguity(areas) if graph is None else graph
    result = getis_ord(areas, rate, graph, alpha=alpha)
    if test == "local_risk":
        result = local_risk(result, count, population, graph, alpha=alpha)
    each = result.attrs["statistics"][test]
    total = float(np.nansum(checks.numbers(areas, count)))
    fewer = "fewer than" if test == "local_risk" else "at least" if total else "no events, not"
    why = f"{total:,.0f} events in {len(areas):,} areas, {fewer} one an area on average"
    facts = {"test": test, "why": why, "text": f"{each['text']} ({why}.)"}
    return inference.record(result, "find_hotspots", facts)
