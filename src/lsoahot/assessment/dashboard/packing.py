"""Arrays and outlines made compact, and text made safe, for a page that carries its own data."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd
    from numpy.typing import NDArray

    from lsoahot.common.arrays import Floats, Integers

# Outlines are drawn on a grid of so many steps along their longer side: finer than any screen, and
# a step from vertex to vertex still fits 16 bits.
GRID = 16_383
# The share of the longer side that an outline may move by: a pixel of a map zoomed in four times.
COARSE = 1 / 4_000

MOST_CORNERS = 50_000  # of one area: the largest of England and Wales has 5,000

_SIZES = (np.uint8, np.int8, np.uint16, np.int16, np.uint32, np.int32)


def pack(values: NDArray[Any]) -> dict[str, Any]:
    """Return an array as text: its shape, its type and its bytes in base64.

    Whole numbers take the smallest type that holds them all, fractions four bytes.

    Parameters
    ----------
    values : array of int, bool or float
        The array, of any shape.

    Returns
    -------
    dict
        ``shape``, ``type`` (``"u1"``, ``"i2"``, ``"f4"`` ...; little-endian) and ``data``.

    Examples
    --------
    >>> pack(np.array([[1, 2], [3, 300]]))
    {'shape': [2, 2], 'type': 'u2', 'data': 'AQACAAMALAE='}
    """
    if values.dtype.kind == "f":
        small: NDArray[Any] = values.astype(np.float32)
    else:
        low, high = (int(values.min()), int(values.max())) if values.size else (0, 0)
        fits = (t for t in _SIZES if np.iinfo(t).min <= low and high <= np.iinfo(t).max)
        small = values.astype(next(fits))
    little = small.astype(small.dtype.newbyteorder("<"))
    return {
        "shape": list(values.shape),
        "type": f"{little.dtype.kind}{little.dtype.itemsize}",
        "data": base64.b64encode(little.tobytes()).decode("ascii"),
    }


def outlines(areas: gpd.GeoDataFrame) -> dict[str, Any]:
    """Return the areas' outlines, simplified together and put on a grid.

    The coverage is simplified as a whole, so that areas still share their edges exactly. Where the
    installed shapely can't (before 2.1), the outlines keep every vertex.

    Parameters
    ----------
    areas : GeoDataFrame
        One row an area, in metres.

    Returns
    -------
    dict
        ``lengths`` (for each area the number of its parts, for each part of its rings, for each
        ring of its vertices) and ``steps`` (dx, dy from vertex to vertex, in steps of the grid, y
        upwards).
    """
    shapes = np.array(areas.geometry, dtype=object)
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    x0, y0, x1, y1 = shapely.total_bounds(shapes[there]) if there.any() else (0, 0, 1, 1)
    extent = max(x1 - x0, y1 - y0)
    shapes[~there] = shapely.MultiPolygon()
    # One outline of millions of corners would take minutes to simplify, and is drawn on a screen.
    for place in np.flatnonzero(shapely.get_num_coordinates(shapes) > MOST_CORNERS):
        shapes[place] = _thin(shapes[place])
    if hasattr(shapely, "coverage_simplify") and there.any():
        coarse = shapely.coverage_simplify(shapes[there], extent * COARSE)
        # What a coarse drawing would make vanish is drawn as it is.
        shapes[there] = np.where(shapely.is_empty(coarse), shapes[there], coarse)
    origin, step = np.array([x0, y0]), max(extent, 1e-9) / GRID

    lengths: list[int] = []
    steps: list[Integers] = []
    at = np.zeros((1, 2), dtype=np.int64)
    for shape in shapes:
        parts = [
            [np.rint((shapely.get_coordinates(ring) - origin) / step).astype(np.int64)
             for ring in (part.exterior, *part.interiors)]
            for part in _polygons(shape)
        ]  # fmt: skip
        lengths.append(len(parts))
        for rings in parts:
            drawn = [_without_repeats(ring) for ring in rings]
            # The outer ring always stays; a hole smaller than the grid goes.
            drawn = [ring for k, ring in enumerate(drawn) if k == 0 or len(ring) > 3]  # noqa: PLR2004
            lengths.append(len(drawn))
            for ring in drawn:
                lengths.append(len(ring))
                steps.append(np.diff(ring, axis=0, prepend=at))
                at = ring[-1:]
    every = np.concatenate(steps) if steps else np.zeros((0, 2), dtype=np.int64)
    return {"lengths": pack(np.array(lengths)), "steps": pack(every)}


def safe_json(value: object) -> str:
    r"""Return JSON that can stand inside a ``<script>`` element, whatever the text in it.

    Examples
    --------
    >>> safe_json({"name": "</script><b>"})
    '{"name":"\\u003c/script\\u003e\\u003cb\\u003e"}'
    """
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    # ASCII only: U+2028 and the like are escaped already.
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _thin(shape: shapely.Geometry) -> shapely.Geometry:
    """Keep so many of a shape's corners, evenly: each ring closed, and of three at least."""
    every = -(-shapely.get_num_coordinates(shape) // MOST_CORNERS)

    def ring(line: shapely.Geometry) -> Floats:
        corners = shapely.get_coordinates(line)[:-1]
        kept: Floats = corners[:: min(every, max(len(corners) // 3, 1))]
        return np.concatenate([kept, kept[:1]])

    return shapely.MultiPolygon(
        [
            shapely.Polygon(ring(part.exterior), [ring(hole) for hole in part.interiors])
            for part in _polygons(shape)
        ]
    )


def _polygons(shape: shapely.Geometry) -> Iterator[shapely.Polygon]:
    """Go through the polygons of whatever the table holds."""
    for part in shapely.get_parts(shape):
        if isinstance(part, shapely.Polygon):
            yield part
        elif hasattr(part, "geoms"):
            yield from _polygons(part)


def _without_repeats(ring: Integers) -> Integers:
    """Drop vertices that the grid has brought onto the one before."""
    moved = np.any(np.diff(ring, axis=0) != 0, axis=1)
    kept: Integers = ring[np.concatenate([[True], moved])]
    return kept
