"""Areas that share a vertex or an edge, found by sorting the corners of all boundaries."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from lsoahot.common.arrays import blocks

Places = NDArray[np.intp]
Small = NDArray[np.signedinteger[Any]]  # whole numbers, in 32 bits where they fit
Pairs = tuple[Places, Places]

CELLS: Final = 64  # squares of the coarse grid, to a side
TINY: Final = 1e-300


def shared(geometry: NDArray[np.object_], rule: str) -> tuple[Pairs, Pairs]:
    """Pairs that share a vertex (or an edge), both ways; and pairs that touch and share none."""
    n = len(geometry)
    x, y, owner, along = _corners(geometry)
    order, number = _group(x.view(np.uint64), y.view(np.uint64), _cell(x, y))
    del x, y
    holder = owner[order]
    by_vertex = _pairs(number, holder, n)
    vertex = np.empty_like(number)
    vertex[order] = number

    exposed = np.flatnonzero(
        np.bincount(holder[_unmatched(vertex, along, order, number)], minlength=n)
    )
    del holder
    a, b = exposed[shapely.STRtree(geometry[exposed]).query(geometry[exposed])]
    near = np.setdiff1d((a * n + b)[a < b], by_vertex, assume_unique=True)
    missed = near[shapely.intersects(geometry[near // n], geometry[near % n])]

    result = by_vertex
    if rule == "rook":
        start = np.flatnonzero(along & (vertex[1:] != vertex[:-1]))
        one, other = vertex[start], vertex[start + 1]
        low, high = np.minimum(one, other), np.maximum(one, other)
        del one, other
        # vertices are numbered cell by cell
        order, number = _group(low, high, low // (vertex.size // CELLS**2 + 1))
        result = _pairs(number, owner[start[order]], n)
    one, other = result // n, result % n
    both = np.concatenate([one, other]), np.concatenate([other, one])
    return both, (missed // n, missed % n)


def _corners(
    geometry: NDArray[np.object_],
) -> tuple[NDArray[np.float64], NDArray[np.float64], Small, NDArray[np.bool_]]:
    """Coordinates of all corners, ring by ring; their areas; which have the next on their ring."""
    plain = (shapely.get_type_id(geometry) == shapely.GeometryType.POLYGON) & (
        shapely.get_num_interior_rings(geometry) == 0
    )
    parts, part_of = shapely.get_parts(geometry[~plain], return_index=True)
    rings, ring_of = shapely.get_rings(parts, return_index=True)
    holder = np.concatenate([np.flatnonzero(plain), np.flatnonzero(~plain)[part_of[ring_of]]])
    corners = [shapely.get_num_coordinates(some) for some in (geometry[plain], rings)]
    length = np.concatenate(corners)
    coordinates = [shapely.get_coordinates(some) for some in (geometry[plain], rings)]
    # + 0.0 mends -0.0
    x, y = (np.concatenate([some[:, axis] for some in coordinates]) + 0.0 for axis in (0, 1))
    along = np.ones(max(x.size - 1, 0), dtype=bool)
    along[np.cumsum(length)[:-1] - 1] = False
    return x, y, np.repeat(holder, length).astype(_small(x.size)), along


def _small(most: int) -> type[np.signedinteger[Any]]:
    """Whole numbers up to `most` in half the room, where they fit."""
    return np.int32 if most < np.iinfo(np.int32).max else np.int64


def _cell(x: NDArray[np.float64], y: NDArray[np.float64]) -> Small:
    """Give each corner the square of a coarse grid that it stands in; equal corners, one square."""
    columns = []
    for along in (x, y):
        low, high = np.fmin.reduce(along, initial=np.inf), np.fmax.reduce(along, initial=-np.inf)
        with np.errstate(invalid="ignore"):  # a corner at no place has any cell
            width = max((high - low) / CELLS * (1 + 1e-9), TINY)
            columns.append(((along - low) / width).astype(np.int32))
    cell: Small = columns[0] * np.int32(CELLS) + columns[1]
    return cell


def _unmatched(
    vertex: Small, along: NDArray[np.bool_], order: Small, number: Small
) -> NDArray[np.bool_]:
    """Mark corners, in sorted order, at a vertex where an edge lacks its counterpart.

    Where boundaries fit, each edge stands twice: u to v in one area, v to u in the other. So at u
    the hashes of where edges lead and of where they come from cancel out; they don't on the
    outside, and on boundaries that aren't clean (or whose rings turn both ways: a longer look).
    """
    balance = np.zeros(vertex.size, dtype=np.uint64)
    for some in blocks(along.size):
        mixed = _mix(vertex[some.start : some.stop + 1].astype(np.uint64), np.uint64(0))
        balance[some] += mixed[1:] * along[some]
        balance[some.start + 1 : some.stop + 1] -= mixed[:-1] * along[some]
    first = np.flatnonzero(_changes(number))
    odd = np.add.reduceat(balance[order], first) != 0
    return np.repeat(odd, np.diff(np.append(first, order.size)))


def _group(a: NDArray[Any], b: NDArray[Any], cell: Small) -> tuple[Small, Small]:
    """Sort pairs (a, b) of whole numbers and number them, so that equal ones, and no others, share a number.

    They are sorted by a hash that carries each one's place in its lowest bits, several times as
    fast as by a and b; the few that differ and have one hash are told apart afterwards. In the
    highest bits stands the cell: what lies together on the map lies together in the order, and so,
    mostly, in memory. Without it ten million corners would be fetched from ten million places.
    """
    bits, room = np.uint64(max(a.size, 1).bit_length()), np.uint64(2 * (CELLS - 1).bit_length())
    key = np.empty(a.size, dtype=np.uint64)
    for some in blocks(a.size):
        mixed = _mix(a[some].astype(np.uint64), b[some].astype(np.uint64))
        key[some] = mixed >> (bits + room) << bits
        key[some] |= np.arange(some.start, some.stop, dtype=np.uint64)
        key[some] |= cell[some].astype(np.uint64) << (np.uint64(64) - room)
    key.sort()
    order = np.empty(a.size, dtype=_small(a.size))
    for some in blocks(a.size):
        order[some] = key[some] & ((np.uint64(1) << bits) - np.uint64(1))
    key >>= bits
    other_hash = _changes(key)
    del key
    new = _changes(a, order) | _changes(b, order)
    if not np.array_equal(new, other_hash):
        run = np.cumsum(other_hash, dtype=_small(a.size))
        mixed_up = np.zeros(run[-1] + 1, dtype=bool)
        mixed_up[run[new & ~other_hash]] = True
        at = np.flatnonzero(mixed_up[run])
        order[at] = order[at][np.lexsort((b[order[at]], a[order[at]], run[at]))]
        new = _changes(a, order) | _changes(b, order)
    return order, np.cumsum(new, dtype=_small(a.size))


def _mix(a: NDArray[np.uint64], b: NDArray[np.uint64] | np.uint64) -> NDArray[np.uint64]:
    """Hash pairs: multiply by odd numbers, and fold the high bits down."""
    mixed = a * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    mixed += b * np.uint64(0xC2B2AE3D27D4EB4F)
    mixed ^= mixed >> np.uint64(32)
    mixed *= np.uint64(0xD6E8FEB86659FD93)
    return mixed


def _pairs(key: Small, owner: Small, n: int) -> Places:
    """Find pairs of owners of one (sorted) key, as sorted distinct numbers lower * n + higher."""
    result = []
    first, apart = np.flatnonzero(key[1:] == key[:-1]), 1
    while first.size:
        one, other = owner[first], owner[first + apart]
        apart_here = one != other
        one, other = one[apart_here].astype(np.int64), other[apart_here].astype(np.int64)
        result.append(np.minimum(one, other) * n + np.maximum(one, other))
        # p and p + d + 1 share a key if p and p + d do, and p + 1 and p + 1 + d
        first, apart = first[:-1][first[1:] == first[:-1] + 1], apart + 1
    ordered = np.sort(np.concatenate([np.zeros(0, dtype=np.int64), *result]))
    return ordered[_changes(ordered)]


def _changes(values: NDArray[Any], order: Small | None = None) -> NDArray[np.bool_]:
    """Mark the first of each run of equal values, taken in an order."""
    first = np.ones(values.size, dtype=bool)
    for some in blocks(values.size):
        here = slice(some.start, some.stop + 1)
        run = values[here] if order is None else values[order[here]]
        np.not_equal(run[1:], run[:-1], out=first[some.start + 1 : some.stop + 1])
    return first
