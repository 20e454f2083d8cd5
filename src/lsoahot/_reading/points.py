"""Points that stand in few places: a column of them keeps each place once.

Most records are counted by their code, and need no shape at all. So the column makes shapes only when
something asks for them; to everything else it is geopandas' own column of geometry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, TypeAlias

import numpy as np
import pandas as pd
import shapely
from geopandas.array import GeometryArray

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyproj
    from numpy.typing import NDArray


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
        return len(self._place)

    @property
    def shape(self) -> tuple[int]:
        return (len(self._place),)

    @property
    def nbytes(self) -> int:
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


def transformed(
    x: NDArray[np.float64], y: NDArray[np.float64], source: object, target: object
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Transform coordinates from one reference system to another; infinite where that can't be."""
    import pyproj

    if pyproj.CRS(source) == pyproj.CRS(target):
        return x, y
    transformer = pyproj.Transformer.from_crs(source, target, always_xy=True)
    # Lists: of an array of one, older releases of PROJ's wrapper make a bare number.
    given = (x.tolist(), y.tolist()) if len(x) == 1 else (x, y)
    east, north = transformer.transform(*given)
    return np.asarray(east), np.asarray(north)


def _numbered(values: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the number of each value among the different ones, and where each comes first."""
    back = pd.factorize(values)[0]
    highest = np.maximum.accumulate(back)
    new = np.ones(len(back), dtype=bool)
    np.greater(highest[1:], highest[:-1], out=new[1:])
    return back, np.flatnonzero(new)


def shaped(table: pd.DataFrame, axes: Sequence[str]) -> NDArray[np.object_] | Points:
    """Make points in EPSG:27700 of coordinates that may come in several systems.

    Parameters
    ----------
    table
        Coordinates in columns named ``"x EPSG:4326"``, ``"y EPSG:4326"``, NaN for none; or shapes
        in EPSG:27700 in a column `geometry`; or both, in different rows.
    axes
        The names of the columns of coordinates.
    """
    import pyproj

    home = pyproj.CRS("EPSG:27700")
    place = np.full(len(table), -1, dtype=np.int64)
    places: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []
    before = 0
    for crs in dict.fromkeys(axis[2:] for axis in axes):
        x, y = (table[f"{axis} {crs}"].to_numpy(dtype="float64") for axis in "xy")
        there = ~np.isnan(x)
        back, east, north = distinct(x[there], y[there])
        east, north = transformed(east, north, crs, home)
        place[there] = back + before
        before += len(east)
        places.append((east, north))
    x, y = (np.concatenate([pair[i] for pair in places] or [np.empty(0)]) for i in (0, 1))
    points = Points(place, x, y, home)
    if "geometry" not in table:
        return points
    shapes: NDArray[np.object_] = table["geometry"].to_numpy(dtype=object, copy=True)
    shapes[place >= 0] = points.to_numpy()[place >= 0]
    return shapes
