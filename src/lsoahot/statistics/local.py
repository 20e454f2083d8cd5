"""Where values cluster: local statistics with exact permutation tests.

``getis_ord`` asks whether an area and its neighbours together have unusually high or low values;
``local_moran`` whether an area's value goes with its neighbours'.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from lsoahot.common import checks, class_labels
from lsoahot.statistics.kernels import inference, permutation, sampled

from . import links as _links
from .neighbours import contiguity

if TYPE_CHECKING:
    import geopandas as gpd
    from libpysal.graph import Graph
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

FEWEST: Final = 4  # areas with a value
ROUNDING: Final = 1e-9
ALIKE: Final = 1e-14  # values that differ by less, relatively, differ by rounding


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
        says what was tested, and how (``text``: in one sentence).

    Raises
    ------
    TypeError
        If the column holds no numbers, or the graph is none of libpysal's.
    ValueError
        If a column is missing, or graph and table are not about the same areas.

    Warns
    -----
    UserWarning
        Of areas that are not tested: without a value, without neighbours; of all, where there are
        fewer than 4 or all have one value.

    Notes
    -----
    An area is called hot only where both p and z say so. One whose neighbours are everybody has
    nothing to be compared with, and is not tested.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> town = gpd.GeoDataFrame(
    ...     {"count": [0, 1, 0, 2, 1, 0, 9, 8, 9, 1, 0, 1, 2, 0, 1, 0, 1, 0, 2, 1]},
    ...     geometry=[shapely.box(x, 0, x + 1, 1) for x in range(20)], crs=27700,
    ... )
    >>> tested = getis_ord(town, "count")
    >>> tested.loc[tested["hotspot"] != "Not significant", "hotspot"].astype(str).to_dict()
    {7: 'Hot spot 95%'}
    >>> tested.attrs["statistics"]["getis_ord"]["method"]
    'exact permutation test'
    """
    checks.one_of(alternative, ("two-sided", "hot", "cold"), "alternative")
    values, links, tested, facts = _prepare(areas, column, graph, alpha)
    own = _weight_on_itself(links) if star else np.zeros(len(areas))
    lag = links.weighted(values)
    z = np.where(tested, _ord_getis_z(values, lag, links, own), np.nan)
    tested &= ~np.isnan(z)
    sampling = (permutations, seed)
    upper, lower, how = _tails(values, lag, links, own, tested=tested, sampling=sampling)
    q = inference.benjamini_hochberg(p := inference.choose(upper, lower, alternative))
    hot = (upper < lower) & (z > 0) & (alternative != "cold")
    cold = (lower < upper) & (z < 0) & (alternative != "hot")
    facts |= {
        "statistic": "Getis-Ord Gi*" if star else "Getis-Ord Gi",
        "alternative": alternative,
        "alpha": alpha,
        **how,
    }
    hotspot = inference.hotspot_classes(q, hot, cold, alpha)
    return inference.record_test(
        areas.assign(gi_z=z, gi_p=p, gi_q=q, hotspot=hotspot), "getis_ord", facts
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
        (two-sided), ``moran_q`` and ``cluster``, an ordered categorical: first the area, then its
        neighbours. ``attrs["statistics"]["local_moran"]`` says what was tested, and how.

    Raises
    ------
    TypeError
        If the column holds no numbers, or the graph is none of libpysal's.
    ValueError
        If a column is missing, or graph and table are not about the same areas.

    Warns
    -----
    UserWarning
        Of areas that are not tested, as `getis_ord` does.

    Notes
    -----
    The test holds the area's own value and shuffles the others: are the neighbours high (or low)
    for neighbours drawn by chance? ``moran_i`` is spdep's; esda's is (n - 1)/n of it.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> town = gpd.GeoDataFrame(
    ...     {"count": [0, 1, 0, 2, 1, 0, 9, 8, 9, 1, 0, 1, 2, 0, 1, 0, 1, 0, 2, 1]},
    ...     geometry=[shapely.box(x, 0, x + 1, 1) for x in range(20)], crs=27700,
    ... )
    >>> tested = local_moran(town, "count")
    >>> tested.loc[[0, 7, 8], "moran_p"].round(4).tolist()  # 2 of 171 pairs are as high as 9 and 9
    [1.0, 0.0117, 0.3275]
    """
    values, links, tested, facts = _prepare(areas, column, graph, alpha)
    # one whose neighbours are all the others has nothing to be compared with
    tested &= links.size < np.count_nonzero(~np.isnan(values)) - 1
    with np.errstate(invalid="ignore", divide="ignore"):
        lag = links.weighted(values)
        moran_i = np.where(tested, values * lag / links.once() / _mean_square(values), np.nan)
    held, sampling = np.zeros(len(areas)), (permutations, seed)
    upper, lower, how = _tails(values, lag, links, held, tested=tested, sampling=sampling)
    q = inference.benjamini_hochberg(p := inference.choose(upper, lower, "two-sided"))
    result = inference.within(q, alpha)
    among_high = result & (upper < lower) & (lag > 0)
    among_low = result & (lower < upper) & (lag < 0)
    high = values > 0
    names = ("High-High", "Low-Low", "Low-High", "High-Low", class_labels.NOT_TESTED)
    codes = np.select(
        [among_high & high, among_low & ~high, among_high & ~high, among_low & high, ~tested],
        [class_labels.CLUSTER_CLASSES.index(name) for name in names],
        default=class_labels.CLUSTER_CLASSES.index(class_labels.NOT_SIGNIFICANT),
    )
    cluster = pd.Categorical.from_codes(codes, dtype=inference.CLUSTERS)
    facts |= {"statistic": "Local Moran's I", "alternative": "two-sided", "alpha": alpha, **how}
    return inference.record_test(
        areas.assign(moran_i=moran_i, moran_p=p, moran_q=q, cluster=cluster), "local_moran", facts
    )


def _prepare(
    areas: gpd.GeoDataFrame, column: str, graph: Graph | None, alpha: float
) -> tuple[Floats, _links.Links, Flags, dict[str, Any]]:
    """Check, align, and settle which areas can be tested; say which can't, and why.

    The values come back as deviations from their mean: no statistic here depends on the origin, and
    large values lose no digits.
    """
    checks.areas(areas)
    values = checks.numbers(areas, column)
    inference.check_alpha(alpha)
    present = ~np.isnan(values)
    every = _links.align(areas, contiguity(areas) if graph is None else graph)
    links = _links.keep(every, present)
    alone = present & (links.size == 0)
    tested = present & ~alone
    reasons = []
    if not present.all():
        reasons.append(
            f"{column!r} is missing in {int((~present).sum()):,} areas "
            f"({checks.shown(areas.index[~present])}): they are not tested, and the others are "
            "tested as if these were not there. Fill in what is known to be zero."
        )
    if present.sum() < FEWEST:
        tested[:] = False
        reasons.append(
            f"only {int(present.sum()):,} areas have a value: nothing is tested. "
            f"A permutation test needs {FEWEST} areas or more."
        )
    elif np.ptp(values[present]) <= ALIKE * np.abs(values[present]).max():
        tested[:] = False
        reasons.append(
            f"{column!r} is {values[present][0]:g} in every area: nothing is tested. "
            "Where all are alike, none is a hot spot."
        )
    elif alone.any() and (graph is not None or (every.size[alone] > 0).any()):
        reasons.append(
            f"{int(alone.sum()):,} areas have no neighbour with a value "
            f"({checks.shown(areas.index[alone])}): they are not tested. "
            "contiguity(areas, islands='nearest') links islands."
        )
    for reason in reasons:
        warnings.warn(reason, UserWarning, stacklevel=3)
    centred = values - values[present].mean() if present.any() else values
    return (
        centred,
        links,
        tested,
        {
            "column": column,
            "islands": int(alone.sum()),
            "missing": int((~present).sum()),
            "correction": inference.CORRECTION,
        },
    )


def _mean_square(values: Floats) -> float:
    # no dot product: BLAS starts threads for it, and waits for them on a busy machine
    return float(np.nansum(np.square(values)) / max(np.count_nonzero(~np.isnan(values)), 1))


def _weight_on_itself(links: _links.Links) -> Floats:
    """Weight of an area on itself in Gi*: the graph's own, or else the largest of its links.

    Where all links of an area weigh alike the area itself weighs the same, as in Ord & Getis.
    """
    if links.equal:
        return np.ones(links.size.size)
    largest = np.zeros(links.size.size)
    np.maximum.at(largest, links.focal, links.weight)
    return np.where(links.own > 0, links.own, largest)


def _ord_getis_z(values: Floats, lag: Floats, links: _links.Links, own: Floats) -> Floats:
    """Equation 14 of Ord & Getis (1995) for Gi*; for Gi (no own weight) their equation 9.

    Neither changes if an area's weights are all multiplied by one number. NaN where
    the sum can't vary: no neighbours, or everyone for a neighbour.
    """
    once = links.once() + own
    squares = links.squares() + own**2
    lag = lag + own * values
    count = np.count_nonzero(~np.isnan(values))
    mean, variance = np.zeros(values.size), np.full(values.size, _mean_square(values))
    if not own.any():  # moments of the others
        mean = -values / (count - 1)
        whole = variance
        variance = (variance * count - values**2) / (count - 1) - mean**2
        for i in np.flatnonzero(variance <= ROUNDING * whole):  # one value outweighs the others
            others = np.delete(values, i)
            vary = np.nanmin(others) < np.nanmax(others)
            variance[i] = np.nanvar(others) if vary else np.nan
        count -= 1
    with np.errstate(invalid="ignore", divide="ignore"):
        room = (count * squares - once**2) / (count - 1)
        room[room <= ROUNDING * squares] = np.nan
        z: Floats = (lag - mean * once) / np.sqrt(variance * room)
    return z


def _tails(
    values: Floats,
    lag: Floats,
    links: _links.Links,
    own: Floats,
    *,
    tested: Flags,
    sampling: tuple[int, int],
) -> tuple[Floats, Floats, dict[str, Any]]:
    """Both tails for every area (NaN where untested), exact where they can be, and how."""
    upper, lower = np.full(values.size, np.nan), np.full(values.size, np.nan)
    result, method = None, "no test"
    if tested.any() and links.equal:
        method = "exact permutation test"
        present = ~np.isnan(values)
        star = bool(own.any())
        drawn, place = values[present], (np.cumsum(present) - 1)[tested]
        sizes = links.size[tested] + star
        sums = (lag + star * values)[tested]
        result = permutation.tails(drawn, sums, sizes, None if star else place)
    if tested.any() and result is None:
        method = f"{sampling[0]:,} sampled permutations (seed {sampling[1]})"
        result = sampled.tails(values, links, own, sampling)
        result = result._replace(upper=result.upper[tested], lower=result.lower[tested])
    if result is not None:
        upper[tested], lower[tested] = result.upper, result.lower
    return (
        upper,
        lower,
        {
            "method": method,
            "grid_error": result.error if result else 0.0,
            "tested": int(tested.sum()),
        },
    )
