"""Areas that share a vertex or an edge, found by sorting the corners of all boundaries."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

Places = NDArray[np.intp]
Pairs = tuple[Places, Places]


def shared(geometry: NDArray[np.object_], rule: str) -> tuple[Pairs, Pairs]:
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

    exposed = np.flatnonzero(
        np.bincount(holder[_unmatched(vertex, along, order, number)], minlength=n)
    )
    a, b = exposed[shapely.STRtree(geometry[exposed]).query(geometry[exposed])]
    near = np.setdiff1d((a * n + b)[a < b], by_vertex, assume_unique=True)
    missed = near[shapely.intersects(geometry[near // n], geometry[near % n])]

    found = by_vertex
    if rule == "rook":
        start = np.flatnonzero(along & (vertex[1:] != vertex[:-1]))
        ends = np.stack([vertex[start], vertex[start + 1]]).view(np.uint64)
        order, number = _group(ends.min(axis=0), ends.max(axis=0))
        found = _pairs(number, owner[start[order]], n)
    one, other = found // n, found % n
    both = np.concatenate([one, other]), np.concatenate([other, one])
    return both, (missed // n, missed % n)


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


def _unmatched(
    vertex: Places, along: NDArray[np.bool_], order: Places, number: Places
) -> NDArray[np.bool_]:
    """Mark corners, in sorted order, at a vertex where an edge lacks its counterpart.

    Where boundaries fit, each edge stands twice: u to v in one area, v to u in the other. So at u
    the hashes of where edges lead and of where they come from cancel out; they don't on the
    outside, and on boundaries that aren't clean (or whose rings turn both ways: a longer look).
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

    They are sorted by a hash that carries each one's place in its lowest bits, several times as
    fast as by a and b; the few that differ and have one hash are told apart afterwards.
    """
    bits = np.uint64(max(a.size, 1).bit_length())
    mixed = np.sort(_mix(a, b) >> bits << bits | np.arange(a.size, dtype=np.uint64))
    order = (mixed & ((np.uint64(1) << bits) - np.uint64(1))).view(np.int64)
    other_hash = _changes(mixed >> bits)
    new = _changes(a[order]) | _changes(b[order])
    if not np.array_equal(new, other_hash):
        run = np.cumsum(other_hash)
        at = np.flatnonzero(np.isin(run, run[new & ~other_hash]))
        order[at] = order[at][np.lexsort((b[order[at]], a[order[at]], run[at]))]
        new = _changes(a[order]) | _changes(b[order])
    return order, np.cumsum(new)


def _mix(a: NDArray[np.uint64], b: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Hash pairs: multiply by odd numbers, and fold the high bits down."""
    mixed = a * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    mixed += b * np.uint64(0xC2B2AE3D27D4EB4F)
    mixed ^= mixed >> np.uint64(32)
    mixed *= np.uint64(0xD6E8FEB86659FD93)
    return mixed


def _pairs(key: Places, owner: Places, n: int) -> Places:
    """Find pairs of owners of one (sorted) key, as sorted distinct numbers lower * n + higher."""
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
