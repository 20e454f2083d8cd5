"""Which area holds each point: exact, in bounded memory, each distinct place looked up once.

The areas' boxes are sorted into cells that hold about as many each, in town and country alike. A
point's cell names the few areas whose boxes reach into it; those are tested exactly, in the order of
the cells, so that an area's outline is in the processor's cache when its turn comes.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import shapely

from lsoahot.common.arrays import THREADS
from lsoahot.records.coordinate_mistakes import MISTAKES
from lsoahot.records.coordinates import GRID, transformed

if TYPE_CHECKING:
    import geopandas as gpd
    import pyproj
    from numpy.typing import NDArray

    from lsoahot.common.arrays import Floats, Integers

_PAIRS: Final = 250_000  # pairs of a point and an area that are looked at together
# A prepared shape builds its index while it is asked, which two threads must not do at once, ours or
# those of Dask's worker that share the locator. So areas are dealt out, and each share has a lock.
_LOCKS: Final = tuple(Lock() for _ in range(THREADS))
_CROWD: Final = 64  # cells that an area may stand in on average; more, and the cells are too small


# Where most points lie outside, so many places are looked at for a mistake that would explain it,
# and so many of them must lie inside then: half, or a few where not one does as they are.
_LOOK: Final = 2000
_MOST: Final = 0.5
_SOME: Final = 0.05


class Cells(NamedTuple):
    """Strips from south to north, each cut into cells, and the areas that reach into each cell."""

    x: Floats  # (k - 1,) where one strip ends and the next begins
    y: Floats  # (k * (k - 1),) where cells end, a strip's after the other's
    low: float  # the southernmost edge of all areas
    span: float  # from there to the northernmost
    first: Integers  # (k * k + 1,) where a cell's areas begin in `area`
    area: NDArray[np.int32]  # areas, cell by cell


class Locator(NamedTuple):
    """Areas, made ready for looking points up in them; it can be pickled and sent to workers."""

    shapes: NDArray[np.object_]  # (m,) the areas' shapes, by code
    position: Integers  # (m + 1,) the row of each in the table of areas, then -1
    boxes: Floats  # (4, m) west, south, east, north
    cells: Cells
    crs: pyproj.CRS


def locator(areas: gpd.GeoDataFrame) -> Locator:
    """Make areas ready for looking points up in them.

    Parameters
    ----------
    areas
        The areas; index `area_code`. Missing and empty shapes hold no point.

    Returns
    -------
    Locator
        To be given to `find`, in this process or in another.

    Raises
    ------
    ValueError
        Where the areas have no reference system.
    """
    if areas.crs is None:
        raise ValueError(
            "the areas have no coordinate reference system. Set it: areas.set_crs('EPSG:27700')."
        )
    order = np.argsort(areas.index.astype(str).to_numpy(dtype=object), kind="stable")
    shapes = areas.geometry.to_numpy()[order]
    boxes = np.ascontiguousarray(shapely.bounds(shapes).T)
    return Locator(shapes, np.append(order, -1), boxes, _cells(boxes), areas.crs)


def find(locator: Locator, x: Floats, y: Floats) -> Integers:
    """Tell which area holds each point; on a shared edge, the one with the lowest code.

    Parameters
    ----------
    locator
        The areas, from `locator`.
    x, y
        Coordinates in the areas' reference system; shape (n,). NaN and infinity lie nowhere. Each
        is looked up for itself: of many points at few places, give the places (`distinct`).

    Returns
    -------
    ndarray of int64
        The row of the area in the table the locator was made of, -1 in none; shape (n,). Where a
        shape is invalid, what an odd number of its rings surrounds is inside.

    Examples
    --------
    >>> import geopandas as gpd, numpy as np, shapely
    >>> areas = gpd.GeoDataFrame(
    ...     index=["E01000002", "E01000001"],
    ...     geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], crs="EPSG:27700")
    >>> find(locator(areas), np.array([0.5, 1.0, 3.0]), np.array([0.5, 0.5, 0.5])).tolist()
    [0, 1, -1]
    """
    there = np.isfinite(x) & np.isfinite(y)
    if not there.all():
        result = np.full(len(x), -1, dtype=np.int64)
        result[there] = find(locator, x[there], y[there])
        return result
    cells = locator.cells
    cell = _cell(cells, _strip(cells, x), y).astype(np.int32)
    order = np.argsort(cell, kind="stable")
    x, y, cell = x[order], y[order], cell[order]
    number = np.diff(cells.first)[cell]
    west, south, east, north = locator.boxes[:, cells.area]
    first = np.full(len(x), len(locator.shapes), dtype=np.int64)

    def look(block: int) -> None:
        start, end = blocks[block : block + 2]
        point, at = _each(cells.first[cell[start:end]], number[start:end])
        point += start
        for value, low, high in ((x, west, east), (y, south, north)):
            along = value[point]
            box = np.flatnonzero((low[at] <= along) & (along <= high[at]))
            point, at = point[box], at[box]
        area = cells.area[at]
        inside = np.zeros(len(area), dtype=bool)
        dealt = area % THREADS
        for turn in range(THREADS):  # the next block begins with another share
            share = (block + turn) % THREADS
            mine = np.flatnonzero(dealt == share)
            some = point[mine]
            with _LOCKS[share]:
                inside[mine] = shapely.intersects_xy(locator.shapes[area[mine]], x[some], y[some])
        # A point's areas stand in order: backwards, the first is written last.
        first[point[inside][::-1]] = area[inside][::-1]

    ends = np.cumsum(number)
    total = int(ends[-1]) if len(ends) else 0
    cuts = np.searchsorted(ends, np.arange(_PAIRS, total, _PAIRS), side="left") + 1
    blocks = np.unique([0, *cuts, len(x)])
    with _LOCKS[0]:
        shapely.prepare(locator.shapes)
    with ThreadPoolExecutor(THREADS) as pool:
        for _ in pool.map(look, range(len(blocks) - 1)):
            pass
    result = np.empty(len(x), dtype=np.int64)
    result[order] = locator.position[first]
    return result


def mistaken(
    locator: Locator,
    x: Floats,
    y: Floats,
    crs: pyproj.CRS | str,
    *,
    outside: int,
    points: int,
    coded: int = 0,
) -> list[str]:
    """Say which usual mistake explains that most points lie outside the areas, if one does.

    Parameters
    ----------
    locator
        The areas.
    x, y, crs
        The different places of the points, shape (k,) each, and their system.
    outside, points
        How many points lie outside, of how many.
    coded
        How many records were counted by their code.
    """
    if outside <= _MOST * (points + coded) or not len(x):
        return []
    step = 1 + len(x) // _LOOK
    x, y = transformed(x[::step], y[::step], crs, GRID)

    def inside(x: Floats, y: Floats) -> float:
        area_rows = find(locator, *transformed(x, y, GRID, locator.crs))
        return float((area_rows >= 0).mean())

    now = inside(x, y)
    for one in MISTAKES:
        share = inside(*one.put_right(x, y))
        if share >= _MOST or (now == 0 and share >= _SOME):
            message = (
                f"{outside:,} of the {points:,} points lie outside the areas. Read {one.what}, "
                f"{share:.0%} of their places would lie inside: if that is the mistake, {one.cure}."
            )
            return [message]
    return []


def _cells(boxes: Floats) -> Cells:
    """Sort boxes into cells that hold about as many of their middles each."""
    there = np.flatnonzero(np.isfinite(boxes).all(axis=0))  # without the empty shapes
    west, south, east, north = boxes[:, there]
    low = float(south.min(initial=np.inf))
    span = float(north.max(initial=-np.inf)) - low
    middle = (west + east) / 2, (south + north) / 2
    side = max(1, int(np.sqrt(len(there))))
    while True:
        empty = np.empty(0)
        cells = Cells(empty, empty, low, span or 1.0, np.zeros(2, np.int64), empty.astype(np.int32))
        if not len(there):
            return cells._replace(low=0.0, span=1.0)
        parts = np.arange(1, side) / side
        cells = cells._replace(x=np.quantile(middle[0], parts))
        strip = _strip(cells, middle[0])
        up = np.lexsort((middle[1], strip))
        ends = np.searchsorted(strip[up], np.arange(side + 1))
        cut = ends[:-1, None] + np.diff(ends)[:, None] * parts
        edges = middle[1][up[np.minimum(cut.astype(np.int64), len(up) - 1)]]
        cells = cells._replace(y=_key(cells, np.arange(side)[:, None], edges).ravel())
        first, last = _strip(cells, west), _strip(cells, east)
        area, strip = _each(first, last - first + 1)
        first = _cell(cells, strip, south[area])
        number = _cell(cells, strip, north[area]) - first + 1
        if number.sum() <= _CROWD * len(there) or side == 1:
            break
        side //= 2
    row, cell = _each(first, number)
    order = np.argsort(cell, kind="stable")
    ends = np.searchsorted(cell[order], np.arange(side * side + 1))
    return cells._replace(first=ends, area=there[area[row[order]]].astype(np.int32))


def _strip(cells: Cells, x: Floats) -> Integers:
    return np.searchsorted(cells.x, x, side="right")


def _cell(cells: Cells, strip: Integers, y: Floats) -> Integers:
    return np.searchsorted(cells.y, _key(cells, strip, y), side="right") + strip


def _key(cells: Cells, strip: Integers, y: Floats) -> Floats:
    """Put the strips end to end, far enough apart that none runs into the next."""
    north = np.clip(y - cells.low, -cells.span, 2 * cells.span)
    return strip * (4 * cells.span) + north


def _each(first: Integers, number: Integers) -> tuple[Integers, Integers]:
    """Count up from each `first`: return the row that each value is of, and the value."""
    row = np.repeat(np.arange(len(first)), number)
    before = np.cumsum(number) - number
    return row, np.arange(len(row)) + np.repeat(first - before, number)
