"""Where values cluster: local statistics with exact permutation tests.

``getis_ord`` asks whether an area and its neighbours together have unusually high or low values;
``local_moran`` whether an area's value goes with its neighbours'.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from lsoahot.common import checks, class_labels
from lsoahot.statistics.kernels import inference, local_tests

from . import links as _links
from .neighbours import touching

if TYPE_CHECKING:
    import geopandas as gpd
    from libpysal.graph import Graph
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def getis_ord(
    areas: gpd.GeoDataFrame,
    column: str = "rate",
    *,
    graph: Graph | None = None,
    alpha: float = 0.10,
    alternative: str = "two-sided",
    star: bool = True,
    fence: float | None = None,
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
    fence : float, optional
        Values further than so many interquartile ranges from the quartiles are pulled in to there
        before they are tested, so that one extreme value doesn't hide all others (`find_hotspots`
        takes 3). By default the values are tested as they are. ``gi_z`` is that of the values as
        they are, always.
    permutations : int
        How many permutations are sampled where the exact test can't serve (unequal weights).
    seed : int
        Seed of those.

    Returns
    -------
    geopandas.GeoDataFrame
        The areas with ``gi_z`` (Ord & Getis, 1995), ``gi_p``, ``gi_q`` (Benjamini-Hochberg over the
        areas tested) and ``hotspot``, a categorical ordered from cold to hot, with its number
        ``hotspot_class``: -3 for "Cold spot 99%" to 3 for "Hot spot 99%", 0 between, missing where
        not tested. ``attrs["statistics"]["getis_ord"]`` says what was tested, and how (``text``: in
        one sentence).

    Raises
    ------
    TypeError
        If the column holds no numbers, or the graph is none of libpysal's.
    ValueError
        If a column is missing, graph and table are not about the same areas, or an option is out
        of range.

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
    values, links, facts = _prepare(areas, column, graph, alpha=alpha, fence=fence)
    result = hot_and_cold(
        values, links, alpha=alpha, alternative=alternative, star=star, fence=fence,
        sampling=(permutations, seed),
    )  # fmt: skip
    facts |= {
        "statistic": "Getis-Ord Gi*" if star else "Getis-Ord Gi",
        "alternative": alternative,
        "alpha": alpha,
        **result.facts,
    }
    hotspot = pd.Categorical.from_codes(result.hotspot, dtype=inference.HOTSPOTS)
    return inference.record_test(
        areas.assign(
            gi_z=result.z,
            gi_p=result.p,
            gi_q=result.q,
            hotspot=hotspot,
            hotspot_class=inference.numbered(hotspot, class_labels.HOTSPOT_NUMBERS),
        ),
        "getis_ord",
        facts,
    )


class HotAndCold(NamedTuple):
    """What Gi* says of n areas: z, p and q (missing where not tested), the classes' places."""

    z: Floats
    p: Floats
    q: Floats
    hotspot: NDArray[np.int8]
    facts: dict[str, Any]


def hot_and_cold(
    values: Floats,
    links: _links.Links,
    *,
    alpha: float = 0.10,
    alternative: str = "two-sided",
    star: bool = True,
    fence: float | None = None,
    sampling: tuple[int, int] = (9999, 0),
) -> HotAndCold:
    """Test one column of values as `getis_ord` does, without a table.

    Parameters
    ----------
    values : array of float, shape (n,)
        Missing ones are as if they were not there.
    links : Links
        Of all areas, as `lsoahot.statistics.links.align` returns them.
    alpha, alternative, star, fence
        As in `getis_ord`.
    sampling : (int, int)
        Its `permutations` and `seed`.
    """
    result = local_tests.gi_star(
        *local_tests.testable(values, links), star=star, fence=fence, sampling=sampling
    )
    p = inference.choose(result.upper, result.lower, alternative)
    q = inference.benjamini_hochberg(p)
    codes = inference.hotspot_codes(
        q, result.above & (alternative != "cold"), result.below & (alternative != "hot"), alpha
    )
    return HotAndCold(result.z, p, q, codes, result.facts)


def local_moran(
    areas: gpd.GeoDataFrame,
    column: str = "rate",
    *,
    graph: Graph | None = None,
    alpha: float = 0.05,
    fence: float | None = None,
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
    fence : float, optional
        Values further than so many interquartile ranges from the quartiles are pulled in to there
        before they are tested, so that one extreme value doesn't hide all others (`find_hotspots`
        takes 3). By default the values are tested as they are. ``moran_i`` is that of the values as
        they are, always.
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
        If a column is missing, graph and table are not about the same areas, or an option is out
        of range.

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
    values, links, facts = _prepare(areas, column, graph, alpha=alpha, fence=fence)
    result, high = local_tests.local_moran(
        *local_tests.testable(values, links), fence=fence, sampling=(permutations, seed)
    )
    p = inference.choose(result.upper, result.lower, "two-sided")
    q = inference.benjamini_hochberg(p)
    clear = inference.within(q, alpha)
    among_high, among_low = clear & result.above, clear & result.below
    names = ("High-High", "Low-Low", "Low-High", "High-Low", class_labels.NOT_TESTED)
    codes = np.select(
        [among_high & high, among_low & ~high, among_high & ~high, among_low & high, np.isnan(q)],
        [class_labels.CLUSTER_CLASSES.index(name) for name in names],
        default=class_labels.CLUSTER_CLASSES.index(class_labels.NOT_SIGNIFICANT),
    )
    cluster = pd.Categorical.from_codes(codes, dtype=inference.CLUSTERS)
    facts |= {
        "statistic": "Local Moran's I",
        "alternative": "two-sided",
        "alpha": alpha,
        **result.facts,
    }
    return inference.record_test(
        areas.assign(moran_i=result.z, moran_p=p, moran_q=q, cluster=cluster), "local_moran", facts
    )


def _prepare(
    areas: gpd.GeoDataFrame,
    column: str,
    graph: Graph | None,
    *,
    alpha: float,
    fence: float | None,
) -> tuple[Floats, _links.Links, dict[str, Any]]:
    """Check and align; say which areas can't be tested, and why."""
    checks.areas(areas)
    values = checks.numbers(areas, column)
    inference.check_alpha(alpha)
    inference.check_fence(fence)
    present = ~np.isnan(values)
    every = _links.align(areas, touching(areas) if graph is None else graph)
    alone = present & (_links.keep(every, present).size == 0)
    reasons = []
    if not present.all():
        reasons.append(
            f"{column!r} is missing in {int((~present).sum()):,} areas "
            f"({checks.shown(areas.index[~present])}): they are not tested, and the others are "
            "tested as if these were not there. Fill in what is known to be zero."
        )
    if present.sum() < local_tests.FEWEST:
        reasons.append(
            f"only {int(present.sum()):,} areas have a value: nothing is tested. "
            f"A permutation test needs {local_tests.FEWEST} areas or more."
        )
    elif not local_tests.vary(values):
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
    return (
        values,
        every,
        {
            "column": column,
            "islands": int(alone.sum()),
            "missing": int((~present).sum()),
            "correction": inference.CORRECTION,
        },
    )
