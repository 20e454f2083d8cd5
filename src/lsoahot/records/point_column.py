"""Points that stand in few places: a column of them keeps each place once.

Most records are counted by their code, and need no shape at all. So the column makes shapes only when
something asks for them; to everything else it is geopandas' own column of geometry.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Self, TypeAlias

import numpy as np
import pandas as pd
import shapely
from geopandas.array import GeometryArray

from lsoahot.common.arrays import THREADS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyproj
    from numpy.typing import NDArray

_MANY: Final = 50_000  # points that are transformed side by side

Places: TypeAlias = "tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]"


def places_of(column: GeometryArray) -> Places | None:
    """Return a column's places, if it is one of `Points` of which no shapes were made.

    Returns
    -------
    tuple of ndarray or None
        The place of each point, -1 for none, shape (n,); the places' coordinates, shape (k,) each.
    """
    return column.places if isinstance(column, Points) else None


class Points(GeometryArray):  # type: ignore[misc]  # geopandas has no types
    """A column of points, made of places: a geometry column like any other, only later.

    Once its shapes are made they may be changed in place, so that the places hold no more.

    Parameters
    ----------
    place
        The place of each point, -1 for none; shape (n,).
    x, y
        Coordinates of the places; shape (k,).
    crs
        Their coordinate reference system.
    """

    def __init__(
        self,
        place: NDArray[np.int64],
        x: NDArray[np.float64],
        y: NDArray[np.float64],
        crs: pyproj.CRS,
    ) -> None:
        self._place, self._x, self._y = place, x, y
        self._made: NDArray[np.object_] | None = None
        self._crs = crs
        self._sindex = None

    @property
    def places(self) -> Places | None:
        """The place of each point and the places' coordinates; None once there are shapes."""
        return None if self._made is not None else (self._place, self._x, self._y)

    @property
    def _data(self) -> NDArray[np.object_]:
        """Return the shapes: what geopandas reads, and changes."""
        if self._made is None:
            self._made = np.append(shapely.points(self._x, self._y), [None])[self._place]
        return self._made

    def _at(self, place: NDArray[np.int64]) -> Self:
        return type(self)(place, self._x, self._y, self._crs)

    def __reduce__(self) -> tuple[Any, ...]:
        if self._made is not None:
            return GeometryArray, (self._made, self._crs)
        return type(self), (self._place, self._x, self._y, self._crs)

    def __len__(self) -> int:
        return len(self._place)

    @property
    def size(self) -> int:
        """Return how many points there are."""
        return len(self._place)

    @property
    def shape(self) -> tuple[int]:
        """Return the length, as arrays do."""
        return (len(self._place),)

    @property
    def nbytes(self) -> int:
        """Return the memory that the places and their coordinates take."""
        return self._place.nbytes + self._x.nbytes + self._y.nbytes

    def __getitem__(self, item: object) -> object:
        if self._made is not None or np.isscalar(item):
            return super().__getitem__(item)
        return self._at(self._place[pd.api.indexers.check_array_indexer(self, item)])

    def take(
        self,
        indices: Sequence[int],
        allow_fill: bool = False,  # noqa: FBT001, FBT002  # pandas' signature
        fill_value: object = None,
    ) -> GeometryArray:
        """Take rows, as pandas asks for it."""
        if self._made is not None or (allow_fill and not pd.isna(fill_value)):
            return super().take(indices, allow_fill=allow_fill, fill_value=fill_value)
        fill = -1 if allow_fill else None
        taken = pd.api.extensions.take(
            self._place, np.asarray(indices), allow_fill=allow_fill, fill_value=fill
        )
        return self._at(taken)

    def copy(self, *_: object, **__: object) -> GeometryArray:
        """Copy the column."""
        return super().copy() if self._made is not None else self._at(self._place)

    def isna(self) -> NDArray[np.bool_]:
        """Tell which rows have no point."""
        missing: NDArray[np.bool_] = (
            super().isna() if self._made is not None else np.less(self._place, 0)
        )
        return missing

    @classmethod
    def _concat_same_type(cls, to_concat: Sequence[GeometryArray]) -> GeometryArray:
        alike = all(isinstance(one, cls) and one.places is not None for one in to_concat)
        if not alike or any(one.crs != to_concat[0].crs for one in to_concat):
            return super()._concat_same_type(to_concat)
        places, xs, ys = zip(*(one.places for one in to_concat), strict=True)
        before = np.cumsum([0, *map(len, xs[:-1])])
        shifted = [
            np.where(place < 0, -1, place + start)
            for place, start in zip(places, before, strict=True)
        ]
        return cls(
            np.concatenate(shifted), np.concatenate(xs), np.concatenate(ys), to_concat[0].crs
        )


def distinct(
    x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Find the different places among points.

    Parameters
    ----------
    x, y
        Coordinates, shape (n,), without NaN.

    Returns
    -------
    tuple of ndarray
        The place of each point, shape (n,), and the places' coordinates, shape (k,) each, in the
        order in which they come first.

    Examples
    --------
    >>> distinct(np.array([1.0, 2.0, 1.0]), np.array([5.0, 5.0, 5.0]))
    (array([0, 1, 0]), array([1., 2.]), array([5., 5.]))
    """
    x, y = (np.ascontiguousarray(values, dtype=np.float64) for values in (x, y))
    key = x.view(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    key ^= y.view(np.uint64) * np.uint64(0xC2B2AE3D27D4EB4F) >> np.uint64(7)
    back, first = _numbered(key)
    if not ((x[first][back] == x).all() and (y[first][back] == y).all()):  # two places, one key
        back, first = _numbered(x + 1j * y)
    return back, x[first], y[first]


def _numbered(values: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the number of each value among the different ones, and where each comes first."""
    back = pd.factorize(values)[0]
    highest = np.maximum.accumulate(back)
    new = np.ones(len(back), dtype=bool)
    np.greater(highest[1:], highest[:-1], out=new[1:])
    return back, np.flatnonzero(new)


def transformed(
    x: NDArray[np.float64], y: NDArray[np.float64], source: object, target: object
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Transform coordinates from one reference system to another; infinite where that can't be."""
    import pyproj

    source, target = pyproj.CRS(source), pyproj.CRS(target)
    if source == target:
        return x, y
    move = transformer(source, target)

    def part(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[Any, Any]:
        # Lists: of an array of one, older releases of PROJ's wrapper make a bare number.
        return move.transform(*((x.tolist(), y.tolist()) if len(x) == 1 else (x, y)))

    number = min(THREADS, 1 + len(x) // _MANY)
    here, *apart = zip(np.array_split(x, number), np.array_split(y, number), strict=True)
    with ThreadPoolExecutor(number) as pool:
        jobs = [pool.submit(part, *axes) for axes in apart]
        result = [part(*here), *(job.result() for job in jobs)]
    east, north = (np.concatenate(axis) for axis in zip(*result, strict=True))
    return east, north


@lru_cache
def transformer(source: pyproj.CRS, target: pyproj.CRS) -> pyproj.Transformer:
    """Make a transformer: the choice among PROJ's ways takes longer than ten thousand points."""
    import pyproj

    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def located(x: NDArray[np.float64], y: NDArray[np.float64], crs: str) -> Points:
    """Make a column of points of coordinates in a reference system; NaN is for none."""
    import pyproj

    there = ~np.isnan(x)
    place = np.full(len(x), -1, dtype=np.int64)
    place[there], x, y = distinct(x[there], y[there])
    return Points(place, x, y, pyproj.CRS(crs))


def shaped(
    columns: Sequence[GeometryArray | None], rows: Sequence[int]
) -> NDArray[np.object_] | Points:
    """Make one column in EPSG:27700 of those of tables that follow each other.

    Parameters
    ----------
    columns
        The column of each table: `Points` in any reference system, shapes in EPSG:27700, or none.
    rows
        The length of each table.
    """
    import pyproj

    home = pyproj.CRS("EPSG:27700")
    ends = np.cumsum([0, *rows])
    shapes: list[tuple[slice, GeometryArray]] = []
    points: dict[pyproj.CRS, list[tuple[slice, Places]]] = {}
    for start, end, column in zip(ends, ends[1:], columns, strict=False):
        span = slice(start, end)
        if isinstance(column, Points) and column.places is not None:
            points.setdefault(column.crs, []).append((span, _few(*column.places)))
        elif column is not None:
            shapes.append((span, column))
    place = np.full(ends[-1], -1, dtype=np.int64)
    axes = [(np.empty(0), np.empty(0))]
    before = 0
    for crs, parts in points.items():
        again, x, y = distinct(*(np.concatenate([known[i] for _, known in parts]) for i in (1, 2)))
        axes.append(transformed(x, y, crs, home))
        for span, (where, here, _) in parts:
            number, again = again[: len(here)], again[len(here) :]
            place[span] = np.append(number + before, -1)[where]
        before += len(x)
    x, y = (np.concatenate(axis) for axis in zip(*axes, strict=True))
    whole = Points(place, x, y, home)
    if not shapes:
        return whole
    made: NDArray[np.object_] = whole.to_numpy(copy=True)
    for span, column in shapes:
        made[span] = column.to_numpy()
    return made


def _few(place: NDArray[np.int64], x: NDArray[np.float64], y: NDArray[np.float64]) -> Places:
    """Leave out places without a point, where there are more places than points."""
    if len(place) >= len(x):
        return place, x, y
    used = np.unique(place[place >= 0])
    return np.where(place < 0, -1, np.searchsorted(used, place)), x[used], y[used]
