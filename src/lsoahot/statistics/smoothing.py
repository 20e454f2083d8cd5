"""Rates of unequal precision: empirical Bayes smoothing, and a standardised rate to test."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from lsoahot.common import checks
from lsoahot.statistics.kernels import inference

from . import links as _links

if TYPE_CHECKING:
    import geopandas as gpd
    from libpysal.graph import Graph
    from numpy.typing import NDArray

    _Floats = NDArray[np.float64]


def empirical_bayes(
    areas: gpd.GeoDataFrame,
    graph: Graph | None = None,
    *,
    count: str = "count",
    population: str = "population",
    per: float = 1000,
) -> gpd.GeoDataFrame:
    """Smooth rates towards the mean, the more the fewer people stand behind them.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        Areas, indexed by code.
    graph : libpysal.graph.Graph, optional
        If given, each rate is drawn towards the mean of the area and its neighbours (unweighted);
        if not, towards the mean of all areas.
    count : str
        The column of numbers of events.
    population : str
        The column of people (or whatever is at risk).
    per : float
        The rate is so many events per this many people.

    Returns
    -------
    geopandas.GeoDataFrame
        The areas with ``rate_smoothed`` (Marshall, 1991), per `per` people, to be shown; and
        ``rate_standardised`` (Assunção & Reis, 1999), the rate's deviation from the mean over its
        standard error, without unit, to be tested: ``getis_ord(areas, "rate_standardised")``.
        ``attrs["statistics"]["empirical_bayes"]`` has the mean risk and its variance.

    Raises
    ------
    ValueError
        If a count or a population is negative.

    Warns
    -----
    UserWarning
        Of areas without a count or without people: theirs are missing.

    Notes
    -----
    With events x, people n, rates r = x/n, mean risk m = Σx/Σn, population mean N, the variance
    between areas is a = Σn(r - m)²/Σn - m/N. Where rates vary less than chance alone would make
    them (a < 0) it is set to 0: smoothed rates are then all m. The smoothed rate is
    m + (r - m)·a/(a + m/n), the standardised one (r - m)/√(a + m/n). Both are taken from the mean
    of all areas, but for the smoothed rate where a graph is given.

    Examples
    --------
    >>> import geopandas as gpd
    >>> areas = gpd.GeoDataFrame(
    ...     {"count": [1, 20, 40], "population": [100, 1000, 1000]},
    ...     geometry=gpd.points_from_xy([0, 1, 2], [0, 0, 0]), index=["a", "b", "c"], crs=27700,
    ... )
    >>> empirical_bayes(areas)["rate_smoothed"].round(2).tolist()
    [25.27, 22.6, 36.85]
    """
    checks.areas(areas)
    events, people = checks.numbers(areas, count), checks.numbers(areas, population)
    for name, values in ((count, events), (population, people)):
        if (values < 0).any():
            raise ValueError(
                f"{name!r} is negative in {int((values < 0).sum()):,} areas: "
                f"{checks.shown(areas.index[values < 0])}. Mend the table."
            )
    if not per > 0:
        raise ValueError(f"per={per} is not above 0. Rates per 1,000 people are per=1000.")
    known = ~np.isnan(events) & (people > 0)
    if not known.all():
        warnings.warn(
            f"{int((~known).sum()):,} areas have no count or no people "
            f"({checks.shown(areas.index[~known])}): their rates are missing, and they are left "
            "out of the mean. Mend the tables if that is wrong.",
            UserWarning,
            stacklevel=2,
        )
    x, n = np.where(known, events, 0.0), np.where(known, people, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = np.where(known, x / n, np.nan)
        mean, between = _moments(x.sum(), n.sum(), np.nansum(x * rate), known.sum())
        standardised = (rate - mean) / np.sqrt(between + mean / n)
        around_mean, around_between = mean, between
        if graph is not None:
            links = _links.align(areas, graph)._replace(equal=True)
            parts = (x, n, np.where(known, x * rate, 0.0), known.astype(np.float64))
            around_mean, around_between = _moments(*(v + links.weighted(v) for v in parts))
        trust = around_between / (around_between + around_mean / n)
        smoothed = around_mean + np.where(around_mean > 0, trust, 0.0) * (rate - around_mean)
        standardised = np.where(mean > 0, standardised, 0.0)
    result = areas.assign(
        rate_smoothed=np.where(known, smoothed * per, np.nan),
        rate_standardised=np.where(known, standardised, np.nan),
    )
    facts = {
        "statistic": "Empirical Bayes rate",
        "column": f"{count} given {population}",
        "towards": "all areas" if graph is None else "the area and its neighbours",
        "mean": float(mean * per) if known.any() else None,
        "variance": float(between * per**2) if known.any() else None,
        "missing": int((~known).sum()),
    }
    return inference.record(result, "empirical_bayes", facts)


def _moments(
    events: _Floats, people: _Floats, products: _Floats, areas: _Floats
) -> tuple[_Floats, _Floats]:
    """Mean risk, and the variance of risks between areas (0 where chance alone would make more).

    `products` are sums of events times rate: Σn(r - m)² = Σxr - m Σx.
    """
    mean = events / people
    spread = np.maximum(products - mean * events, 0.0) / people
    return mean, np.maximum(spread - mean * areas / people, 0.0)
