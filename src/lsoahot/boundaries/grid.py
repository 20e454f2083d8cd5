"""Cells of one size over an area: squares or hexagons that lie where the National Grid puts them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lsoahot.boundaries.fetch.national_grid import CRS
from lsoahot.common import checks

if TYPE_CHECKING:
    from lsoahot.common.arrays import Floats, Integers


SHAPES: Final = ("hexagon", "square")
SMALLEST: Final = 10  # metres: below, a point itself is no surer
MOST: Final = 5_000_000  # cells of the rectangle around the areas
HAIR: Final = 1e-6  # of a cell: so much of it must lie within, or it only touches the areas
# The letters of the National Grid's squares of 500 km and 100 km, from the north-west; without I.
LETTERS: Final = np.array(list("ABCDEFGHJKLMNOPQRSTUVWXYZ"))


class Cells(NamedTuple):
    """The corners of n cells of k corners each, and their centres, in metres, row after row."""

    corners: Floats  # (n, k, 2)
    centres: Floats  # (n, 2)
    columns: int  # cells in a row


def grid(areas: gpd.GeoDataFrame, size: int, shape: str = "hexagon") -> gpd.GeoDataFrame:
    """Cover areas with cells of one size, whose codes and places are the same every year.

    Cells lie where the National Grid puts them, whatever is covered: a cell's code is made of its
    shape, its size and its place, so that counts of other years, or of the district next door, fit.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        What is to be covered, in any coordinate system. Cells at its edge are whole.
    size : int
        The width of a cell in whole metres: a square's side; a hexagon's from side to side, which
        is the distance of the centres of neighbours.
    shape : {"hexagon", "square"}
        Hexagons have six neighbours, all as near; squares fit other maps and tables.

    Returns
    -------
    geopandas.GeoDataFrame
        One row a cell, from south to north and west to east, EPSG:27700, indexed by ``area_code``
        (``HEX500E486250N309315``: its size and its centre, in metres; ``SQ500E486250N309250``),
        with ``area_name``, the grid reference of the centre ("SK 8625 0931"), and ``geometry``.
        Every verb takes it; `count` puts records into cells by their points. ``attrs`` are those of
        the areas, with "grid" as the edition.

    Raises
    ------
    TypeError
        If ``areas`` is no table of areas.
    ValueError
        If the size or the shape is no such thing, the areas have no shapes or coordinate system, or
        there would be over five million cells.

    Notes
    -----
    Corners of neighbours are the same numbers to the last bit, so that `contiguity` links them.
    Points of data.police.uk are moved to the middle of a street or the like: which of two small
    cells they fall into is chance, and `count` warns. Nobody counts people by cell: rank cells by
    counts, or ask `concentration` with ``population=None``.

    Examples
    --------
    >>> import lsoahot as lh
    >>> cells = lh.grid(lh.read_boundaries("sample"), 1000)
    >>> len(cells), cells.index[0], cells["area_name"].iloc[0]
    (518, 'HEX1000E487000N292716', 'SP 8700 9271')
    """
    checks.areas(areas)
    checks.one_of(shape, SHAPES, "shape")
    if isinstance(size, bool) or not np.isfinite(size) or size != int(size) or size < SMALLEST:
        raise ValueError(
            f"size={size!r} is no whole number of metres of {SMALLEST} or more. Give 500, say."
        )
    if areas.crs is None:
        raise ValueError(
            "the areas have no coordinate reference system. Set it: areas.set_crs('EPSG:27700') for "
            "eastings and northings."
        )
    shapes = areas.geometry.to_crs(CRS)
    if not np.isfinite(shapes.total_bounds).all():
        raise ValueError("the areas have no shapes to be covered. Read them with their boundaries.")
    make = _hexagons if shape == "hexagon" else _squares
    cells = make(int(size), shapes.total_bounds)
    kept = _covering(cells, shapes)
    at = np.floor(cells.centres[kept]).astype(np.int64)
    prefix = f"{'HEX' if shape == 'hexagon' else 'SQ'}{int(size)}"
    east, north = (pd.Series(at[:, axis]).astype(str) for axis in (0, 1))
    result = gpd.GeoDataFrame(
        {"area_name": _references(at)},
        index=pd.Index(prefix + "E" + east + "N" + north, name="area_code"),
        geometry=shapely.polygons(cells.corners[kept]),
        crs=CRS,
    )
    result.attrs = {
        name: value
        for name, value in areas.attrs.items()
        if name in ("source", "attribution", "notice")
    }
    result.attrs["edition"] = "grid"
    return result


def _squares(size: int, bounds: Floats) -> Cells:
    """Return squares over a rectangle, and one more all around."""
    west, south, east, north = np.floor(bounds / size).astype(np.int64) + np.array([-1, -1, 2, 2])
    at = _pairs(np.arange(west, east), np.arange(south, north))
    corners = at[:, None] + np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    return Cells(corners * float(size), (at + np.float64(0.5)) * float(size), int(east - west))


def _hexagons(size: int, bounds: Floats) -> Cells:
    """Return hexagons with a corner to the north over a rectangle, and one more all around.

    All corners are whole numbers of half widths to the east, and of half edges to the north: so
    that neighbours' are the same to the last bit.
    """
    unit = np.array([size / 2, size / np.sqrt(12)])
    west, south, east, north = bounds / np.tile(unit * [2, 3], 2)
    columns = np.arange(np.floor(west) - 1, np.ceil(east) + 1, dtype=np.int64)
    rows = np.arange(np.floor(south) - 1, np.ceil(north) + 2, dtype=np.int64)
    at = _pairs(columns, rows)
    centres = np.column_stack([2 * at[:, 0] + at[:, 1] % 2, 3 * at[:, 1]])
    around = np.array([[1, -1], [1, 1], [0, 2], [-1, 1], [-1, -1], [0, -2]])
    return Cells((centres[:, None] + around) * unit, centres * unit, len(columns))


def _pairs(columns: Integers, rows: Integers) -> Integers:
    """Return column and row of each cell, from south to north and west to east."""
    number = len(columns) * len(rows)
    if number > MOST:
        raise ValueError(
            f"cells of that size would be {number:,} in the rectangle around the areas, and at most "
            f"{MOST:,} are made. Choose a larger size, or fewer areas."
        )
    return np.column_stack([np.tile(columns, len(rows)), np.repeat(rows, len(columns))])


def _covering(cells: Cells, shapes: gpd.GeoSeries) -> Integers:
    """Return the numbers of the cells that share more than an edge with one of the shapes."""
    first, right, above = cells.centres[[0, 1, cells.columns]]
    step = np.array([right[0] - first[0], above[1] - first[1]])
    reach = np.abs(cells.corners[0] - first).max() + step[0]  # rows may be half a cell apart
    bounds = shapes.bounds.to_numpy()
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    low = np.maximum(np.floor((bounds[:, :2] - reach - first) / step), 0).astype(np.int64)
    high = np.ceil((bounds[:, 2:] + reach - first) / step).astype(np.int64) + 1
    close = np.zeros((len(cells.centres) // cells.columns, cells.columns), dtype=bool)
    for (west, south), (east, north) in zip(low.tolist(), high.tolist(), strict=True):
        close[south:north, west:east] = True
    near = np.flatnonzero(close)
    centres = cells.centres[near, None]
    within: Any = shapely.polygons(centres + (cells.corners[near] - centres) * (1 - HAIR))
    _, met = shapely.STRtree(within).query(shapes.to_numpy(), predicate="intersects")
    covered = np.zeros(near.size, dtype=bool)
    covered[met] = True
    kept: Integers = near[covered]
    return kept


def _references(at: Integers) -> list[str]:
    """Return references of the National Grid to 10 metres, "SK 8625 0931"."""
    east, north = at.T // 100_000
    first = (19 - north) - (19 - north) % 5 + (east + 10) // 5
    second = (19 - north) * 5 % 25 + east % 5
    letters = np.char.add(LETTERS[first % 25], LETTERS[second % 25])
    digits = at % 100_000 // 10
    return [
        f"{square} {x:04} {y:04}"
        for square, (x, y) in zip(letters.tolist(), digits.tolist(), strict=True)
    ]
