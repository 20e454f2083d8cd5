"""The outline of districts, from the boundaries of their areas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

OUTLINE: Final[dict[str, Any]] = {
    "color": "#3d3d3d", "linewidth": 0.9, "capstyle": "round", "zorder": 2,
}  # fmt: skip


def outline_of(polygons: NDArray[np.object_], district: NDArray[np.intp]) -> list[Floats]:
    """Return the stretches of boundary between districts, joined end to end."""
    parts, of_area = shapely.get_parts(polygons, return_index=True)
    rings, of_part = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    ends = np.hstack([xy[:-1], xy[1:]])[same]
    owner = district[of_area[of_part][ring[:-1][same]]]
    # A segment and its reverse are one, so its key is a sum over its ends.
    key = _mixed(ends[:, 0], ends[:, 1]) + _mixed(ends[:, 2], ends[:, 3])
    order = np.argsort(key)
    key, owner = key[order], owner[order]
    new = np.r_[True, key[1:] != key[:-1]]
    twice = ~new[1:] & (owner[1:] == owner[:-1])
    inside = np.r_[twice, False] | np.r_[False, twice]
    # What two districts share is drawn once.
    segments = ends[order[~inside & (new | np.r_[False, inside[:-1]])]].reshape(-1, 2, 2)
    joined = shapely.line_merge(shapely.multilinestrings(shapely.linestrings(segments)))
    return [shapely.get_coordinates(line) for line in shapely.get_parts(joined)]


def _mixed(x: Floats, y: Floats) -> NDArray[np.uint64]:
    """Turn points into 64-bit keys; two of a nation's million share one once in a million maps."""
    key = (x + 0.0).view(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    key ^= key >> np.uint64(29)
    key += (y + 0.0).view(np.uint64) * np.uint64(0xBF58476D1CE4E5B9)
    key *= np.uint64(0x94D049BB133111EB)
    return key ^ (key >> np.uint64(32))
