"""Points that stand in few places: a column of them keeps each place once.

Most records are counted by their code, and need no shape at all. So the column makes shapes only when
something asks for them; to everything else it is geopandas' own column of geometry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, TypeAlias, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geopandas.array import GeometryArray

from lsoahot.common.checks import shown

from . import coordinates
from .coordinates import Pair, distinct, transformed

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyproj
    from numpy.typing import NDArray

    from lsoahot.common.arrays import Bools, Floats, Integers

Places: TypeAlias = "tuple[Integers, Floats, Floats]"


def places_of(column: object) -> Places | None:
    """Return a column's places, if it is one of `Points` of which no shapes were made.

    Returns
    -------
    tuple of ndarray or None
        The place of each point, -1 for none, shape (n,); the places' coordinates, shape (k,) each.
    """
    return column.places if isinstance(column, Points) else None


class Points(GeometryArray):
    """A column of points, made of places: a geometry column like any other, only later.

    Once its shapes are made they may be changed in place, so that the places hold no more.

    geopandas has no public way to make shapes later, so its own `_data`, `_crs`, `_sindex` and
    `_concat_same_type` are filled here. The public way, shapes at once, takes 2.8 times as long: of
    a national year 1.8 s of processor and 0.9 GB beside 1.0 s and 0.9 GB for all the rest of the
    reading (geopandas 1.2.0, shapely 2.2.0).

    Parameters
    ----------
    place
        The place of each point, -1 for none; shape (n,).
    x, y
        Coordinates of the places; shape (k,).
    crs
        Their coordinate reference system.
    """

    def __init__(self, place: Integers, x: Floats, y: Floats, crs: pyproj.CRS) -> None:
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
            self._made = np.append(np.asarray(shapely.points(self._x, self._y)), [None])[
                self._place
            ]
        return self._made

    def _at(self, place: Integers) -> Self:
        return type(self)(place, self._x, self._y, self._crs)

    def __reduce__(self) -> tuple[Any, ...]:
        if self._made is not None:
            return GeometryArray, (self._made, self._crs)
        return type(self), (self._place, self._x, self._y, self._crs)

    @property
    def size(self) -> int:
        """Return how many points there are."""
        return len(self._place)

    @property
    def nbytes(self) -> int:
        """Return the memory that the places and their coordinates take."""
        return self._place.nbytes + self._x.nbytes + self._y.nbytes

    def __getitem__(self, item: Any) -> Any:  # noqa: ANN401  # a shape or a column, by what is asked
        if self._made is not None or np.isscalar(item):
            return super().__getitem__(item)
        return self._at(self._place[pd.api.indexers.check_array_indexer(self, item)])

    def take(  # type: ignore[override]  # shapes come back where there are shapes
        self,
        indices: Any,  # noqa: ANN401  # numbers of rows
        allow_fill: bool = False,  # noqa: FBT001, FBT002  # pandas' signature
        fill_value: Any = None,  # noqa: ANN401
    ) -> GeometryArray:
        """Take rows, as pandas asks for it."""
        if self._made is not None or (allow_fill and not pd.isna(fill_value)):
            return super().take(indices, allow_fill=allow_fill, fill_value=fill_value)
        fill = -1 if allow_fill else None
        taken: Any = pd.api.extensions.take(
            self._place, np.asarray(indices), allow_fill=allow_fill, fill_value=fill
        )
        return self._at(taken)

    def copy(self, *_: object, **__: object) -> GeometryArray:  # type: ignore[override]  # as take
        """Copy the column."""
        return super().copy() if self._made is not None else self._at(self._place)

    def isna(self) -> Bools:
        """Tell which rows have no point."""
        missing: Bools = super().isna() if self._made is not None else np.less(self._place, 0)
        return missing

    @classmethod
    def _concat_same_type(cls, to_concat: Sequence[GeometryArray]) -> GeometryArray:
        alike = all(isinstance(one, cls) and one.places is not None for one in to_concat)
        if not alike or any(one.crs != to_concat[0].crs for one in to_concat):
            both: GeometryArray = super()._concat_same_type(to_concat)  # type: ignore[misc]  # its own
            return both
        known = [places_of(one) for one in to_concat]
        places, xs, ys = zip(*(one for one in known if one is not None), strict=True)
        before = np.cumsum([0, *map(len, xs[:-1])])
        shifted = [
            np.where(place < 0, -1, place + start)
            for place, start in zip(places, before, strict=True)
        ]
        return cls(
            np.concatenate(shifted),
            np.concatenate(xs),
            np.concatenate(ys),
            cast("pyproj.CRS", to_concat[0].crs),
        )


def points_at(x: Floats, y: Floats, crs: str) -> Points:
    """Make a column of points of coordinates in a reference system; NaN is for none."""
    import pyproj

    there = ~np.isnan(x)
    place = np.full(len(x), -1, dtype=np.int64)
    place[there], x, y = distinct(x[there], y[there])
    return Points(place, x, y, pyproj.CRS(crs))


def concatenate_points(
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
            points.setdefault(cast("pyproj.CRS", column.crs), []).append(
                (span, _used_places(*column.places))
            )
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


def _used_places(place: Integers, x: Floats, y: Floats) -> Places:
    """Leave out places without a point, where there are more places than points."""
    if len(place) >= len(x):
        return place, x, y
    used = np.unique(place[place >= 0])
    return np.where(place < 0, -1, np.searchsorted(used, place)), x[used], y[used]


# --- the points of records --------------------------------------------------------------------------


def read_points(
    table: pd.DataFrame, pairs: Sequence[Pair], name: str
) -> tuple[GeometryArray | None, list[str]]:
    """Read the points of a table as it stands in a file, on its way to records.

    Parameters
    ----------
    table
        One row a record; n rows.
    pairs
        The columns of its points, the best first: a record without a point in the first has that of
        the next. Where there are none, the points are the table's geometry, or text in its column
        `geometry`.
    name
        The file, for messages.

    Returns
    -------
    tuple
        The points, shape (n,): a column of `Points` in the system they came in, or of shapes in
        EPSG:27700; None where the table has none. And what had to be put right, or said.

    Raises
    ------
    ValueError
        Where shapes are no points or have no reference system, or as `read` does.
    """
    if pairs:
        axes = _read_pairs(table, pairs, name)
        return points_at(axes.x, axes.y, axes.crs), axes.notes
    if isinstance(table, gpd.GeoDataFrame) and table.active_geometry_name is not None:
        column = table.geometry
        if column.crs is None:
            raise ValueError(
                f"{name}: the points have no coordinate reference system. "
                "Set it: table.set_crs('EPSG:27700')."
            )
        if places_of(column.array) is not None:
            return cast("GeometryArray", column.to_crs(coordinates.GRID).array), []
        shapes, crs, notes = coordinates.relabelled(_as_points(column.to_numpy()), column.crs, name)
        moved = gpd.GeoSeries(shapes, crs=crs).to_crs(coordinates.GRID)
        return cast("GeometryArray", moved.array), notes
    if "geometry" in table:
        return _read_text(table["geometry"], name)
    return None, []


def _read_pairs(table: pd.DataFrame, pairs: Sequence[Pair], name: str) -> coordinates.Axes:
    """Read the first pair of columns, and of records without a point there the next."""
    axes = coordinates.read(table, pairs[0], name)
    for pair in pairs[1:]:
        empty = np.isnan(axes.x)
        if not empty.any():
            break
        more = coordinates.read(table[empty], pair, name)
        crs, x, y, notes = axes
        there = ~np.isnan(more.x)
        rows = np.flatnonzero(empty)[there]
        x[rows], y[rows] = transformed(more.x[there], more.y[there], more.crs, crs)
        if filled := len(rows):
            names = [f"{one.names[0]!r} and {one.names[1]!r}" for one in (pair, pairs[0])]
            note = (
                f"{name}: {filled:,} points were taken from {names[0]}, because those records have "
                f"none in {names[1]}. Rounded figures may put a record into the area next door."
            )
            notes = [*notes, note]
        axes = coordinates.Axes(crs, x, y, [*notes, *more.notes])
    return axes


def _as_points(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Make a point of every multipoint that has one part."""
    several = shapely.get_type_id(shapes) == shapely.GeometryType.MULTIPOINT
    several &= shapely.get_num_geometries(shapes) == 1
    if not several.any():
        return shapes
    single = shapes.copy()
    single[several] = shapely.get_geometry(shapes[several], 0)
    return single


def _read_text(column: pd.Series, name: str) -> tuple[GeometryArray | None, list[str]]:
    """Read points written as well-known text, in degrees or in metres."""
    codes, words = pd.factorize(column)
    texts = [str(word) for word in words]
    bare = [text.partition(";")[2] if text.startswith("SRID=") else text for text in texts]
    shapes = _as_points(shapely.from_wkt(bare, on_invalid="ignore"))
    there = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    if not there.any():
        return None, []
    system = next((text[5:].partition(";")[0] for text in texts if text.startswith("SRID=")), "")
    guessed = coordinates.system_of(shapes[there])
    if not system and guessed is None:
        raise ValueError(
            f"{name}: nothing tells the reference system of the points in {column.name!r}, such as "
            f"{texts[0]}. Give longitude and latitude, or easting and northing, in two columns."
        )
    x, y = np.full((2, len(texts) + 1), np.nan)
    x[:-1][there], y[:-1][there] = shapely.get_coordinates(shapes[there]).T
    crs = f"EPSG:{system}" if system else guessed.crs if guessed is not None else coordinates.GRID
    odd = [text for text, good in zip(texts, there, strict=True) if not good]
    note = (
        f"{name}: {len(odd):,} different values of {column.name!r} are no points "
        f"({shown(map(repr, odd), 3)}); those records have no point. Write POINT (x y)."
    )
    return points_at(x[codes], y[codes], crs), [note] if odd else []
