"""Where values cluster: local statistics with exact permutation tests.

``getis_ord`` asks whether an area and its neighbours together have unusually high or low values;
``local_moran`` whether an area's value goes with its neighbours'.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lsoahot import _checks, _exact, _labels, _links, _sampled
from lsoahot.neighbours import contiguity

if TYPE_CHECKING:
    import geopandas as gpd
    from libpysal.graph import Graph
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

FEWEST = 4


def getis_ord(
    areas: gpd.GeoDataFrame,
    column: str = "rate",
    graph: Graph | None = None,
    *,
    alpha: float = 0.10,
    alternative: str = "two-sided",
    star: bool = True,
    permutations: int = 9999,
    seed: int = 0,
) -> gpd.GeoDataFrame:
    """Find hot and cold spots with the Getis-Ord statistic Gi* and an exact permutation test.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        Areas, indexed by code.
    column : str
        The numeric column to test.
    graph : libpysal.graph.Graph, optional
        Who is whose neighbour, keyed by area code in any order; queen contiguity by default.
    alpha : float
        The false discovery rate above which nothing is called a hot or cold spot, in (0, 0.10].
    alternative : {"two-sided", "hot", "cold"}
        "hot" asks for hot spots only, and finds them with half the p; "cold" likewise.
    star : bool
        Whether the area itself counts among its neighbours (Gi*, the default) or is held (Gi).
    permutations : int
        How many permutations are sampled where the exact test can't serve (unequal weights).
    seed : int
        Seed of those.

    Returns
    -------
    geopandas.GeoDataFrame
        The areas with ``gi_z`` (Ord & Getis, 1995), ``gi_p``, ``gi_q`` (Benjamini-Hochberg over the
        areas tested) and ``hotspot``, an ordered categorical. ``attrs["statistics"]["getis_ord"]``
        says what was tested, and how.
    """
    _checks.one_of(alternative, ("two-sided", "hot", "cold"), "alternative")
    values, links, tested, told = _prepare(areas, column, graph, alpha)
    own_weight = _own_weight(links) if star else np.zeros(len(areas))
    z = _ord_getis_z(values, links, own_weight, tested)
    tested &= np.isfinite(z)
    tails, how = _tails(values, links, tested, own_weight, permutations, seed)
    p = _choose(tails, alternative)
    q = _benjamini_hochberg(p)
    hot = (tails.upper < tails.lower) & (z > 0)
    cold = (tails.lower < tails.upper) & (z < 0)
    classes = np.full(len(areas), _labels.HOTSPOT_CLASSES.index(_labels.NOT_SIGNIFICANT))
    for cut, rank in ((0.10, 2), (0.05, 1), (0.01, 0)):
        within = q <= min(cut, alpha)
        classes[within & hot] = rank
        classes[within & cold] = len(_labels.HOTSPOT_CLASSES) - 2 - rank
    classes[~tested] = len(_labels.HOTSPOT_CLASSES) - 1
    told |= {
        "statistic": "Getis-Ord Gi*" if star else "Getis-Ord Gi",
        "alternative": alternative,
        "alpha": alpha,
        **how,
    }
    return _told(
        areas.assign(
            gi_z=np.where(tested, z, np.nan),
            gi_p=p,
            gi_q=q,
            hotspot=pd.Categorical.from_codes(classes, list(_labels.HOTSPOT_CLASSES), ordered=True),
        ),
        "getis_ord",
        told,
        tested,
    )


def local_moran(
    areas: gpd.GeoDataFrame,
    column: str = "rate",
    graph: Graph | None = None,
    *,
    alpha: float = 0.05,
    permutations: int = 9999,
    seed: int = 0,
) -> gpd.GeoDataFrame:
    """Find clusters and outliers with local Moran's I (LISA) and an exact conditional test.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        Areas, indexed by code.
    column : str
        The numeric column to test.
    graph : libpysal.graph.Graph, optional
        Who is whose neighbour, keyed by area code in any order; queen contiguity by default.
    alpha : float
        The false discovery rate above which nothing is called a cluster, in (0, 0.10].
    permutations : int
        How many permutations are sampled where the exact test can't serve (unequal weights).
    seed : int
        Seed of those.

    Returns
    -------
    geopandas.GeoDataFrame
        The areas with ``moran_i`` (Anselin, 1995; row-standardised, as spdep's), ``moran_p``
        (two-sided), ``moran_q`` and ``cluster``, an ordered categorical.
    """
    values, links, tested, told = _prepare(areas, column, graph, alpha)
    deviation = values - values[tested].mean() if tested.any() else values
    with np.errstate(invalid="ignore", divide="ignore"):
        lag = links.weighted(np.nan_to_num(deviation)) / links.weighted(np.ones(len(areas)))
        i = deviation * lag / np.mean(deviation[_present(values)] ** 2)
    tested &= (links.size < _present(values).sum() - 1) & np.isfinite(i)
    tails, how = _tails(values, links, tested, np.zeros(len(areas)), permutations, seed)
    p = _exact.two_sided(tails)
    q = _benjamini_hochberg(p)
    high = (tails.upper < tails.lower) & (lag > 0)
    low = (tails.lower < tails.upper) & (lag < 0)
    found = q <= alpha
    classes = np.select(
        [
            ~tested,
            found & high & (deviation > 0),
            found & low & (deviation <= 0),
            found & high & (deviation <= 0),
            found & low & (deviation > 0),
        ],
        [5, 0, 1, 2, 3],
        default=4,
    )
    told |= {"statistic": "local Moran's I", "alternative": "two-sided", "alpha": alpha, **how}
    return _told(
        areas.assign(
            moran_i=np.where(tested, i, np.nan),
            moran_p=p,
            moran_q=q,
            cluster=pd.Categorical.from_codes(classes, list(_labels.CLUSTER_CLASSES), ordered=True),
        ),
        "local_moran",
        told,
        tested,
    )


def _present(values: Floats) -> Flags:
    return ~np.isnan(values)


def _prepare(
    areas: gpd.GeoDataFrame, column: str, graph: Graph | None, alpha: float
) -> tuple[Floats, _links.Links, Flags, dict[str, Any]]:
    """Check, align, and settle which areas can be tested; say which can't, and why."""
    _checks.areas(areas)
    values = _checks.numbers(areas, column)
    if not 0 < alpha <= 0.10:
        raise ValueError(f"alpha={alpha} is not in (0, 0.10]. Choose 0.05, say.")
    present = _present(values)
    links = _links.keep(_links.align(areas, contiguity(areas) if graph is None else graph), present)
    tested = present & (links.size > 0)
    reasons = []
    missing, islands = int((~present).sum()), int((present & (links.size == 0)).sum())
    if missing:
        reasons.append(
            f"{column!r} is missing in {missing:,} areas ({_checks.shown(areas.index[~present])}), "
            "which are left out, as if they were not there."
        )
    if islands:
        alone = areas.index[present & (links.size == 0)]
        reasons.append(
            f"{islands:,} areas have no neighbour ({_checks.shown(alone)}) and are not tested. "
            "contiguity(areas, islands='nearest') links them."
        )
    if present.sum() < FEWEST:
        tested[:] = False
        reasons.append(
            f"Only {int(present.sum()):,} areas have a value: nothing is tested. "
            f"A permutation test needs {FEWEST} or more."
        )
    elif np.ptp(values[present]) == 0:
        tested[:] = False
        reasons.append(
            f"{column!r} is {values[present][0]:g} everywhere: nothing is tested. "
            "Where all are alike, none is a hot spot."
        )
    for reason in reasons:
        warnings.warn(reason, UserWarning, stacklevel=3)
    return values, links, tested, {"column": column, "islands": islands, "missing": missing}


def _own_weight(links: _links.Links) -> Floats:
    """Weight of an area on itself in Gi*: the graph's own, or else its largest in the row."""
    largest = np.zeros(links.size.size)
    np.maximum.at(largest, links.focal, links.weight)
    return np.where((links.own > 0) & ~np.bool_(links.equal), links.own, largest)


def _ord_getis_z(values: Floats, links: _links.Links, own: Floats, tested: Flags) -> Floats:
    """Equation 14 of Ord & Getis (1995) for Gi*, with the area left out of the moments for Gi."""
    y = np.where(_present(values), values, 0.0)
    n = int(_present(values).sum())
    star = bool(own.any())
    once = links.weighted(np.ones(values.size)) + own
    squares = np.bincount(links.focal, links.weight**2, minlength=values.size) + own**2
    lag = links.weighted(y) + own * y
    if star:
        count = n
        mean = np.full(values.size, y.sum() / n)
        variance = np.full(values.size, np.square(values[_present(values)] - mean[0]).mean())
    else:
        count = n - 1
        mean = (y.sum() - y) / count
        variance = (np.square(y).sum() - y**2) / count - mean**2
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.sqrt(variance * (count * squares - once**2) / (count - 1))
        spread[spread <= 1e-9 * np.sqrt(variance * squares)] = np.nan
        return np.where(tested, (lag - mean * once) / spread, np.nan)


def _tails(
    values: Floats,
    links: _links.Links,
    tested: Flags,
    own: Floats,
    permutations: int,
    seed: int,
) -> tuple[_exact.Tails, dict[str, Any]]:
    """Both tails for every area (NaN where untested): exact where it can be, else sampled."""
    upper, lower = np.full(values.size, np.nan), np.full(values.size, np.nan)
    how: dict[str, Any] = {
        "method": "not tested",
        "correction": "Benjamini-Hochberg",
        "grid_error": 0.0,
    }
    if not tested.any():
        return _exact.Tails(upper, lower, 0.0), how
    present = _present(values)
    drawn = values[present]
    star = bool(own.any())
    sizes = links.size[tested] + star
    found, method = None, ""
    if links.equal:
        folded = np.minimum(sizes, drawn.size - (not star) - sizes)
        grid = _exact.lay_grid(drawn, int(folded.max()))
        sums = links.sums(np.nan_to_num(values))
        if grid is not None and star:
            found = _exact.total(grid, (sums + np.nan_to_num(values))[tested], sizes)
        elif grid is not None:
            place = np.cumsum(present) - 1
            found = _exact.conditional(grid, grid.levels[place[tested]], sums[tested], sizes)
        method = "exact permutation"
    if found is None:
        found = _sampled.tails(values, links, tested, own, permutations, seed)
        method = f"{permutations:,} sampled permutations, seed {seed}"
    upper[tested], lower[tested] = found.upper, found.lower
    how |= {"method": method, "grid_error": found.error}
    return _exact.Tails(upper, lower, found.error), how


def _choose(tails: _exact.Tails, alternative: str) -> Floats:
    if alternative == "two-sided":
        return _exact.two_sided(tails)
    return tails.upper if alternative == "hot" else tails.lower


def _benjamini_hochberg(p: Floats) -> Floats:
    """Adjust p over the areas tested."""
    from scipy.stats import false_discovery_control

    q = np.full(p.size, np.nan)
    tested = np.isfinite(p)
    if tested.any():
        q[tested] = false_discovery_control(p[tested])
    return q


def _told(
    areas: gpd.GeoDataFrame, verb: str, told: dict[str, Any], tested: Flags
) -> gpd.GeoDataFrame:
    """Write into ``attrs`` what was done, as figures and as a sentence."""
    n = int(tested.sum())
    told = {**told, "tested": n}
    told["text"] = (
        f"{told['statistic']} of {told['column']}, {told['method']}, {told['alternative']}; "
        f"{told['correction']} over {n:,} areas."
    )
    earlier = areas.attrs.get("statistics", {})
    areas.attrs = {**areas.attrs, "statistics": {**earlier, verb: told}}
    return areas
