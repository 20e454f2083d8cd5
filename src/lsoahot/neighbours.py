"""Who is whose neighbour: shared boundaries, nearest areas, areas within a distance.

All return a ``libpysal.graph.Graph`` keyed by area code, which every statistic takes as ``graph=``.
Any other Graph does as well.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from lsoahot import _checks

if TYPE_CHECKING:
    import geopandas as gpd
    from libpysal.graph import Graph
    from numpy.typing import NDArray

    Places = NDArray[np.intp]
    Pairs = tuple[Places, Places]


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
        Whether an area without neighbours is left so (and not tested), or linked, both ways, to the
        area nearest to it.

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
    _checks.areas(areas)
    _checks.one_of(rule, ("queen", "rook"), "rule")
    _checks.one_of(islands, ("leave", "nearest"), "islands")
    if tolerance is None:
        pairs, missed = _shared(areas.geometry.array, rule)
        if len(missed[0]):
            named = [f"{areas.index[i]}-{areas.index[j]}" for i, j in zip(*missed, strict=True)]
            warnings.warn(
                f"{len(named):,} pairs of areas touch or overlap without sharing a vertex, and are "
                f"not taken for neighbours: {_checks.shown(named)}. These boundaries are not clean: "
                "give contiguity(areas, tolerance=0), or a few metres where there are gaps.",
                UserWarning,
                stacklevel=2,
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
            f"{_checks.shown(areas.index[alone])}. They will not be tested; link them with "
            "islands='nearest', or give a tolerance in metres if they do adjoin.",
            UserWarning,
            stacklevel=2,
        )
    return _graph(areas.index, *pairs)


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

    _checks.areas(areas)
    if not 1 <= k < len(areas):
        raise ValueError(
            f"k={k} neighbours can't be had among {len(areas):,} areas. "
            "Choose from 1 to one less than there are areas."
        )
    points = _centroids(areas)
    far, _ = KDTree(points).query(points, k=[k + 1])
    near = KDTree(points).query_ball_point(points, far[:, 0] * (1 + 1e-12), return_sorted=True)
    chosen = []
    for i, places in enumerate(near):
        others = np.array([j for j in places if j != i])
        distance = np.hypot(*(points[others] - points[i]).T)
        chosen.append(others[np.argsort(distance.round(6), kind="stable")[:k]])
    return _graph(areas.index, np.repeat(np.arange(len(areas)), k), np.concatenate(chosen))


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

    _checks.areas(areas)
    if not metres > 0:
        raise ValueError(f"metres={metres} is not a distance. Give a number above 0.")
    found = KDTree(_centroids(areas)).query_pairs(metres, output_type="ndarray").astype(np.intp)
    alone = _lacking(len(areas), found.ravel())
    if alone.size:
        warnings.warn(
            f"{alone.size:,} of {len(areas):,} areas have no other within {metres:g} m: "
            f"{_checks.shown(areas.index[alone])}. They will not be tested; "
            "give a greater distance, or use nearest(areas, k).",
            UserWarning,
            stacklevel=2,
        )
    return _graph(areas.index, *_both_ways(found[:, 0], found[:, 1]))


def _graph(index: pd.Index, focal: Places, neighbour: Places) -> Graph:
    """Make a binary Graph, in the table's order; areas alone get a loop of weight 0."""
    from libpysal.graph import Graph

    n = len(index)
    alone = _lacking(n, focal)
    key = np.sort(np.concatenate([focal * n + neighbour, alone * (n + 1)]))
    focal, neighbour = key // n, key % n
    names = pd.MultiIndex(
        levels=[index, index],
        codes=[focal, neighbour],
        names=["focal", "neighbor"],
        verify_integrity=False,
    )
    weight = (focal != neighbour).astype(np.int64)
    return Graph(pd.Series(weight, index=names, name="weight"), is_sorted=True)


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
            f"{len(bad):,} areas have no geometry: {_checks.shown(bad)}. Drop them first."
        )
    return points


def _shared(geometry: NDArray[np.object_], rule: str) -> tuple[Pairs, Pairs]:
    """Pairs that share a vertex (or an edge), both ways; and pairs that touch and share none."""
    n = len(geometry)
    xy, ring, owner = _corners(geometry)
    x, y = (np.ascontiguousarray(c + 0.0).view(np.uint64) for c in xy.T)  # + 0.0 mends -0.0
    order, number = _group(x, y)
    holder = owner[order]
    by_vertex = _pairs(number, holder, n)
    vertex = np.empty_like(number)
    vertex[order] = number
    along = ring[1:] == ring[:-1]

    exposed = np.flatnonzero(np.bincount(holder[_unmatched(vertex, along, order, number)], minlength=n))
    a, b = exposed[shapely.STRtree(geometry[exposed]).query(geometry[exposed])]
    near = np.setdiff1d((a * n + b)[a < b], by_vertex, assume_unique=True)
    missed = near[shapely.intersects(geometry[near // n], geometry[near % n])]

    found = by_vertex
    if rule == "rook":
        start = np.flatnonzero(along & (vertex[1:] != vertex[:-1]))
        ends = np.stack([vertex[start], vertex[start + 1]]).view(np.uint64)
        order, number = _group(ends.min(axis=0), ends.max(axis=0))
        found = _pairs(number, owner[start[order]], n)
    return _both_ways(found // n, found % n), (missed // n, missed % n)


def _corners(geometry: NDArray[np.object_]) -> tuple[NDArray[np.float64], Places, Places]:
    """Coordinates of all corners, the ring each stands on, and the area it belongs to."""
    n = len(geometry)
    plain = (shapely.get_type_id(geometry) == shapely.GeometryType.POLYGON) & (
        shapely.get_num_interior_rings(geometry) == 0
    )
    xy, owner = shapely.get_coordinates(geometry[plain], return_index=True)
    owner = np.flatnonzero(plain)[owner]
    parts, part_of = shapely.get_parts(geometry[~plain], return_index=True)
    rings, ring_of = shapely.get_rings(parts, return_index=True)
    more, ring = shapely.get_coordinates(rings, return_index=True)
    return (
        np.concatenate([xy, more]),
        np.concatenate([owner, n + ring]),  # a plain polygon is one ring
        np.concatenate([owner, np.flatnonzero(~plain)[part_of[ring_of][ring]]]),
    )


def _unmatched(vertex: Places, along: NDArray[np.bool_], order: Places, number: Places) -> NDArray[np.bool_]:
    """Mark corners, in sorted order, at a vertex where an edge lacks its counterpart.

    Where boundaries fit, each edge stands twice: u to v in one area, v to u in the other. So at u
    the hashes of where edges lead and of where they come from cancel out; they don't on the outside,
    and on boundaries that aren't clean (or whose rings turn both ways: a longer look, no error).
    """
    mixed = vertex.view(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xC2B2AE3D27D4EB4F)
    balance = np.zeros_like(mixed)
    balance[:-1] += mixed[1:] * along
    balance[1:] -= mixed[:-1] * along
    first = np.flatnonzero(_changes(number))
    if not first.size:
        return np.zeros(0, dtype=bool)
    odd = np.add.reduceat(balance[order], first) != 0
    return np.repeat(odd, np.diff(np.append(first, order.size)))


def _group(a: NDArray[np.uint64], b: NDArray[np.uint64]) -> tuple[Places, Places]:
    """Sort pairs (a, b) and number them, so that equal ones, and no others, share a number.

    They are sorted by a hash that carries each one's place in its lowest bits, which is several
    times as fast as sorting by a and b; the few that differ and have one hash are told apart after.
    """
    bits = np.uint64(max(a.size, 1).bit_length())
    mixed = a * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    mixed += b * np.uint64(0xC2B2AE3D27D4EB4F)
    mixed ^= mixed >> np.uint64(32)
    mixed *= np.uint64(0xD6E8FEB86659FD93)
    mixed = np.sort(mixed >> bits << bits | np.arange(a.size, dtype=np.uint64))
    order = (mixed & ((np.uint64(1) << bits) - np.uint64(1))).view(np.int64)
    other_hash = _changes(mixed >> bits)
    new = _changes(a[order]) | _changes(b[order])
    if not np.array_equal(new, other_hash):
        run = np.cumsum(other_hash)
        at = np.flatnonzero(np.isin(run, run[new & ~other_hash]))
        order[at] = order[at][np.lexsort((b[order[at]], a[order[at]], run[at]))]
        new = _changes(a[order]) | _changes(b[order])
    return order, np.cumsum(new)


def _pairs(key: Places, owner: Places, n: int) -> Places:
    """Find pairs of owners of one (sorted) key, as sorted distinct numbers: lower * n + higher."""
    found = []
    first, apart = np.flatnonzero(key[1:] == key[:-1]), 1
    while first.size:
        one, other = owner[first], owner[first + apart]
        pair = np.minimum(one, other) * n + np.maximum(one, other)
        found.append(pair[one != other])
        # p and p + d + 1 share a key if p and p + d do, and p + 1 and p + 1 + d
        first, apart = first[:-1][first[1:] == first[:-1] + 1], apart + 1
    ordered = np.sort(np.concatenate([key[:0], *found]))
    return ordered[_changes(ordered)]


def _changes(ordered: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Mark the first of each run of equal values."""
    return np.append(True, ordered[1:] != ordered[:-1])[: ordered.size]


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
    if len(areas) < 2 or not there[alone].all():
        raise ValueError(
            f"no nearest area can be found for {_checks.shown(areas.index[alone])}: "
            "no geometry, or no other area. Drop them, or use islands='leave'."
        )
    tree = shapely.STRtree(geometry)
    island, other = tree.query_nearest(geometry[alone], exclusive=True)
    key = pd.Series(other).groupby(island).min()  # of several equally near, the first
    a, b = alone[key.index.to_numpy()], key.to_numpy()
    key = np.unique(np.minimum(a, b) * len(areas) + np.maximum(a, b))
    more = _both_ways(key // len(areas), key % len(areas))
    return np.concatenate([pairs[0], more[0]]), np.concatenate([pairs[1], more[1]])
