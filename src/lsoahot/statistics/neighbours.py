"""Who is whose neighbour: shared boundaries, nearest areas, areas within a distance.

All return a ``libpysal.graph.Graph`` keyed by area code, which every statistic takes as ``graph=``.
Any other Graph does as well.
"""

from __future__ import annotations

import warnings
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import shapely

from lsoahot.common import checks
from lsoahot.statistics.kernels import shared_vertices

if TYPE_CHECKING:
    import geopandas as gpd
    from libpysal.graph import Graph
    from numpy.typing import NDArray

    from lsoahot.statistics.kernels.shared_vertices import Pairs, Places


def contiguity(
    areas: gpd.GeoDataFrame,
    *,
    rule: str = "queen",
    tolerance: float | None = None,
    islands: str = "leave",
) -> Graph:
    """Link areas that share a boundary.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        Areas, indexed by code.
    rule : {"queen", "rook"}
        Whether a shared corner is enough (queen) or a shared edge is needed (rook).
    tolerance : float, optional
        For boundaries that don't fit together: how far apart, in metres, two areas may be and still
        be neighbours; 0 finds those that touch without sharing a corner point. By default the
        boundaries are taken to be clean, and neighbours are areas that share a vertex (queen) or an
        edge between two vertices (rook).
    islands : {"leave", "nearest"}
        Whether an area without neighbours is left so (and not tested), or linked, both ways, to
        the area nearest to it.

    Returns
    -------
    libpysal.graph.Graph
        Binary contiguity, keyed by area code.

    Warns
    -----
    UserWarning
        Of areas left without neighbours; of areas that touch without sharing a vertex, which would
        be missed.

    Examples
    --------
    Three squares in a row:

    >>> import geopandas as gpd, shapely
    >>> row = gpd.GeoDataFrame(
    ...     geometry=[shapely.box(x, 0, x + 1, 1) for x in range(3)],
    ...     index=["west", "middle", "east"], crs=27700,
    ... )
    >>> contiguity(row).neighbors["middle"]
    ('west', 'east')
    """
    return _graph(touching(areas, rule=rule, tolerance=tolerance, islands=islands))


class Adjacency(NamedTuple):
    """All that a statistic takes from a Graph: the weights by ``focal`` and ``neighbor``."""

    adjacency: pd.Series


def touching(
    areas: gpd.GeoDataFrame,
    *,
    rule: str = "queen",
    tolerance: float | None = None,
    islands: str = "leave",
) -> Adjacency:
    """Link areas as `contiguity` does, for a statistic: without libpysal, whose import takes a second.

    Parameters
    ----------
    areas, rule, tolerance, islands
        As of `contiguity`.
    """
    checks.areas(areas)
    checks.one_of(rule, ("queen", "rook"), "rule")
    checks.one_of(islands, ("leave", "nearest"), "islands")
    if tolerance is None:
        pairs, missed = shared_vertices.shared(np.asarray(areas.geometry), rule)
        if len(missed[0]):
            named = [f"{areas.index[i]}-{areas.index[j]}" for i, j in zip(*missed, strict=True)]
            warnings.warn(
                f"{len(named):,} pairs of areas touch or overlap without sharing a vertex, and are "
                f"not taken for neighbours: {checks.shown(named)}. The boundaries are not clean: "
                "give contiguity(areas, tolerance=0), or a few metres where there are gaps.",
                UserWarning,
                stacklevel=3,
            )
    else:
        if not tolerance >= 0:
            raise ValueError(f"tolerance={tolerance} is not a distance. Give metres, 0 or more.")
        pairs = _within(areas, tolerance, rule)
    alone = _lacking(len(areas), np.concatenate(pairs))
    if alone.size and islands == "nearest":
        pairs = _link_nearest(areas, pairs, alone)
    elif alone.size:
        warnings.warn(
            f"{alone.size:,} of {len(areas):,} areas share no boundary with another: "
            f"{checks.shown(areas.index[alone])}. They will not be tested; link them with "
            "islands='nearest', or give a tolerance in metres if they do adjoin.",
            UserWarning,
            stacklevel=3,
        )
    return _linked(areas.index, *pairs)


def nearest(areas: gpd.GeoDataFrame, k: int = 6) -> Graph:
    """Link each area to the k areas whose centroids are nearest.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        Areas, indexed by code, in a projected CRS.
    k : int
        How many neighbours each area has; of areas equally far, the first in the table are taken.

    Returns
    -------
    libpysal.graph.Graph
        Binary, not symmetric: A may be among B's nearest without B among A's.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> row = gpd.GeoDataFrame(
    ...     geometry=[shapely.box(x * x, 0, x * x + 1, 1) for x in range(4)],
    ...     index=["a", "b", "c", "d"], crs=27700,
    ... )
    >>> nearest(row, k=1).neighbors["d"]
    ('c',)
    """
    from scipy.spatial import KDTree

    checks.areas(areas)
    if not 1 <= k < len(areas):
        raise ValueError(
            f"k={k} neighbours can't be had among {len(areas):,} areas. "
            "Choose from 1 to one less than there are areas."
        )
    points = _centroids(areas)
    tree = KDTree(points)
    distance, place = tree.query(points, k=k + 2)  # itself, k others, and whether one more ties
    reach = distance[:, k] * (1 + 1e-12)
    tie = distance[:, k + 1] <= reach
    clear, tied = np.flatnonzero(~tie), np.flatnonzero(tie)
    balls = tree.query_ball_point(points[tied], reach[tied])
    focal = np.repeat(np.append(clear, tied), [*[k + 1] * clear.size, *map(len, balls)])
    other = np.append(place[clear, : k + 1], np.fromiter(chain.from_iterable(balls), np.intp))
    focal, other = focal[focal != other], other[focal != other]
    away = np.hypot(*(points[other] - points[focal]).T).round(6)
    order = np.lexsort((other, away, focal))
    focal, other = focal[order], other[order]
    nth = np.arange(focal.size) - np.searchsorted(focal, focal)
    return _graph(_linked(areas.index, focal[nth < k], other[nth < k]))


def within_distance(areas: gpd.GeoDataFrame, metres: float) -> Graph:
    """Link areas whose centroids are at most so many metres apart.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        Areas, indexed by code, in a projected CRS.
    metres : float
        The greatest distance between centroids, itself included, in the CRS's unit.

    Returns
    -------
    libpysal.graph.Graph
        Binary.

    Warns
    -----
    UserWarning
        Of areas with none so near.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> row = gpd.GeoDataFrame(
    ...     geometry=[shapely.box(x, 0, x + 1, 1) for x in range(4)],
    ...     index=["a", "b", "c", "d"], crs=27700,
    ... )
    >>> within_distance(row, 2).neighbors["a"]
    ('b', 'c')
    """
    from scipy.spatial import KDTree

    checks.areas(areas)
    if not metres > 0:
        raise ValueError(f"metres={metres} is not a distance. Give a number above 0.")
    result = KDTree(_centroids(areas)).query_pairs(metres, output_type="ndarray").astype(np.intp)
    alone = _lacking(len(areas), result.ravel())
    if alone.size:
        warnings.warn(
            f"{alone.size:,} of {len(areas):,} areas have no other within {metres:g} m: "
            f"{checks.shown(areas.index[alone])}. They will not be tested; "
            "give a greater distance, or use nearest(areas, k).",
            UserWarning,
            stacklevel=2,
        )
    return _graph(_linked(areas.index, *_both_ways(result[:, 0], result[:, 1])))


def _graph(linked: Adjacency) -> Graph:
    from libpysal.graph import Graph

    return Graph(linked.adjacency, is_sorted=True)


def _linked(index: pd.Index, focal: Places, neighbour: Places) -> Adjacency:
    """Weigh neighbours 1, in the table's order; areas alone get a loop of weight 0."""
    n = len(index)
    alone = _lacking(n, focal)
    key = np.sort(np.concatenate([focal * n + neighbour, alone * (n + 1)]))
    focal, neighbour = key // n, key % n
    names = pd.MultiIndex(
        levels=[index, index],  # type: ignore[list-item]  # the stubs know no arrays
        codes=[focal, neighbour],  # type: ignore[list-item]
        names=["focal", "neighbor"],
        verify_integrity=False,
    )
    weight = (focal != neighbour).astype(np.int64)
    return Adjacency(pd.Series(weight, index=names, name="weight"))


def _both_ways(a: Places, b: Places) -> Pairs:
    return np.concatenate([a, b]), np.concatenate([b, a])


def _centroids(areas: gpd.GeoDataFrame) -> NDArray[np.float64]:
    if areas.crs is None or areas.crs.is_geographic:
        raise ValueError(
            f"areas are in {areas.crs.name if areas.crs else 'no CRS'}, where distances are not "
            "metres. Project them first: areas.to_crs(27700)."
        )
    points: NDArray[np.float64] = shapely.get_coordinates(
        shapely.centroid(areas.geometry.to_numpy())
    )
    if len(points) < len(areas):
        bad = areas.index[areas.geometry.isna() | areas.geometry.is_empty]
        raise ValueError(
            f"{len(bad):,} areas have no geometry: {checks.shown(bad)}. Drop them first."
        )
    return points


def _lacking(n: int, places: Places) -> Places:
    """Which of the first n whole numbers are not among the places."""
    lacking = np.ones(n, dtype=bool)
    lacking[places] = False
    return np.flatnonzero(lacking)


def _within(areas: gpd.GeoDataFrame, tolerance: float, rule: str) -> Pairs:
    """Pairs that come within the tolerance; for rook, along more than a corner."""
    if tolerance > 0:
        _centroids(areas)  # refuses what is not in metres
    geometry = areas.geometry.to_numpy()
    tree = shapely.STRtree(geometry)
    a, b = tree.query(geometry, predicate="dwithin", distance=tolerance)
    a, b = a[a < b], b[a < b]
    if rule == "rook":
        near = shapely.boundary(geometry[b])
        if tolerance > 0:
            near = shapely.buffer(near, tolerance)
        along = shapely.length(shapely.intersection(shapely.boundary(geometry[a]), near))
        a, b = a[along > 4 * tolerance], b[along > 4 * tolerance]
    return _both_ways(a, b)


def _link_nearest(areas: gpd.GeoDataFrame, pairs: Pairs, alone: Places) -> Pairs:
    """Link each area left alone with the one whose boundary is nearest to its own, both ways."""
    geometry = areas.geometry.to_numpy()
    there = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    if len(areas) == 1 or not there[alone].all():
        raise ValueError(
            f"no nearest area can be found for {checks.shown(areas.index[alone])}: "
            "no geometry, or no other area. Drop them, or use islands='leave'."
        )
    tree = shapely.STRtree(geometry)
    island, other = tree.query_nearest(geometry[alone], exclusive=True)
    nearest = pd.Series(other).groupby(island).min()  # of several equally near, the first
    a, b = alone[nearest.index.to_numpy()], nearest.to_numpy()
    key = np.unique(np.minimum(a, b) * len(areas) + np.maximum(a, b))
    more = _both_ways(key // len(areas), key % len(areas))
    return np.concatenate([pairs[0], more[0]]), np.concatenate([pairs[1], more[1]])
