"""A column of points that keeps places: to everything but the clock, geopandas' own."""

from __future__ import annotations

import pickle
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from geopandas.array import GeometryArray
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given, settings, strategies as st
from pandas.testing import assert_series_equal

import lsoahot as lh
from lsoahot.records.coordinates import distinct, transformed
from lsoahot.records.point_column import Points, places_of

BNG = pyproj.CRS("EPSG:27700")
OLD = gpd.__version__ < "1.1"
PLACE = [0, 1, -1, 0, 2, 1]


def column(place: list[int] | None = None) -> Points:
    return Points(
        np.array(PLACE if place is None else place, dtype=np.int64),
        np.array([10.0, 20.0, 30.0]), np.array([1.0, 2.0, 3.0]), BNG,
    )  # fmt: skip


def table() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"n": range(6)}, geometry=column())


def plain() -> gpd.GeoDataFrame:
    """Return the same table, with shapes from the beginning."""
    every = [shapely.Point(10, 1), shapely.Point(20, 2), None, shapely.Point(10, 1),
             shapely.Point(30, 3), shapely.Point(20, 2)]  # fmt: skip
    return gpd.GeoDataFrame({"n": range(6)}, geometry=every, crs=BNG)


def test_geopandas_keeps_of_a_column_what_points_fill() -> None:
    """A release of geopandas that keeps anything else is seen here first."""
    theirs = GeometryArray(np.array([shapely.Point(0, 0)], dtype=object), crs=BNG)
    assert vars(theirs).keys() == {"_data", "_crs", "_sindex"}
    ours = column()
    assert ours._crs == theirs._crs == BNG
    assert ours._sindex is theirs._sindex is None
    assert type(ours._data) is type(theirs._data)
    assert callable(GeometryArray._concat_same_type)


def unmade(found: gpd.GeoDataFrame) -> bool:
    return places_of(found.geometry.array) is not None


WAYS: dict[str, Any] = {
    "a mask": lambda t: t[t["n"] > 1],
    "rows by number": lambda t: t.iloc[[4, 2, -1]],
    "a slice": lambda t: t.iloc[1:5:2],
    "a copy": lambda t: t.copy(),
    "another order": lambda t: t.sort_values("n", ascending=False),
    "two tables in one": lambda t: pd.concat([t, t.iloc[:3]], ignore_index=True),
    "another column": lambda t: t.assign(m=1),
    "a new index": lambda t: t.set_index("n"),
    "rows that aren't there": lambda t: t.reindex([5, 99, 0]),
    "without the missing": lambda t: t[pd.notna(t["geometry"].array)],
}


@pytest.mark.parametrize("way", WAYS)
def test_a_table_stays_one_of_places(way: str) -> None:
    ours, theirs = WAYS[way](table()), WAYS[way](plain())
    assert isinstance(ours, gpd.GeoDataFrame)
    assert ours.crs == BNG
    # Older releases of geopandas make shapes to put tables together.
    assert unmade(ours) or (way == "two tables in one" and OLD)
    assert_geodataframe_equal(ours, theirs)
    assert_series_equal(ours.geometry.isna(), theirs.geometry.isna())


def test_columns_are_put_together() -> None:
    other = Points(np.array([-1, 0], dtype=np.int64), np.array([7.0]), np.array([8.0]), BNG)
    both = Points._concat_same_type([column(), other])
    place, x, y = both.places
    assert place.tolist() == [0, 1, -1, 0, 2, 1, -1, 3]
    assert (x.tolist(), y.tolist()) == ([10, 20, 30, 7], [1, 2, 3, 8])
    made = column()
    assert made[0] == shapely.Point(10, 1)
    assert Points._concat_same_type([made, other])[7] == shapely.Point(7, 8)


MAKING: dict[str, Any] = {
    "a shape": lambda t: t.geometry.iloc[0].wkt,
    "coordinates": lambda t: t.get_coordinates().to_numpy().tolist(),
    "another system": lambda t: t.to_crs("EPSG:4326").geometry.x.round(6).dropna().tolist(),
    "bounds": lambda t: t.total_bounds.tolist(),
    "buffers": lambda t: t.buffer(1).area.sum(),
    "a join": lambda t: len(t.sjoin(t, predicate="intersects")),
    "text": lambda t: t.to_json(),
    "a picture of the table": str,
    "a cell set": lambda t: (t.loc.__setitem__((0, "geometry"), shapely.Point(5, 5)), t.to_json()),
    "missing filled": lambda t: t.geometry.fillna(shapely.Point(0, 0)).to_wkt().tolist(),
    "the missing": lambda t: t.geometry.notna().tolist(),
    "different ones": lambda t: t.geometry.nunique(),
    "equal ones": lambda t: t.geometry.geom_equals(shapely.Point(10, 1)).tolist(),
    "an array": lambda t: [None if s is None else s.wkt for s in np.asarray(t.geometry)],
    "a fold": lambda t: t.dissolve().geometry.iloc[0].wkt,
}


@pytest.mark.parametrize("way", MAKING)
def test_shapes_are_made_when_they_are_asked_for(way: str) -> None:
    assert MAKING[way](table()) == MAKING[way](plain())


def test_what_is_changed_in_place_is_seen() -> None:
    ours = table()
    shapes = ours.geometry.array
    shapes[0] = shapely.Point(5, 5)
    assert not unmade(ours)
    assert ours.geometry.iloc[0] == shapely.Point(5, 5)
    areas = gpd.GeoDataFrame(
        index=pd.Index(["E01000001", "E01000002"], name="area_code"),
        geometry=[shapely.box(0, 0, 7, 7), shapely.box(8, 0, 40, 4)], crs=BNG,
    )  # fmt: skip
    assert lh.count(areas, ours)["count"].tolist() == [1, 4]


def test_counts_by_place_are_counts_by_shape() -> None:
    areas = gpd.GeoDataFrame(
        index=pd.Index(["E01000001", "E01000002"], name="area_code"),
        geometry=[shapely.box(0, 0, 15, 7), shapely.box(15, 0, 25, 4)], crs=BNG,
    )  # fmt: skip
    for target in (areas, areas.to_crs("EPSG:3857")):
        ours, theirs = lh.count(target, table()), lh.count(target, plain())
        assert ours["count"].tolist() == theirs["count"].tolist() == [2, 2]
        assert ours.attrs["audit"] == theirs.attrs["audit"]


@pytest.mark.parametrize("first", ["before", "after"])
def test_it_can_be_pickled(first: str) -> None:
    ours = table()
    if first == "after":
        assert ours.geometry.iloc[0] is not None
    again = pickle.loads(pickle.dumps(ours))  # noqa: S301
    assert_geodataframe_equal(again, plain())


def test_it_can_be_saved(tmp_path: Any) -> None:
    table().to_parquet(tmp_path / "points.parquet")
    assert_geodataframe_equal(gpd.read_parquet(tmp_path / "points.parquet"), plain())


NUMBERS = st.sampled_from([0.0, -0.0, 1.0, 1.5, -7.25, 1e-300, 1e300])


@given(st.lists(st.tuples(NUMBERS, NUMBERS), max_size=30))
@settings(max_examples=100)
def test_places_are_what_numpy_finds(points: list[tuple[float, float]]) -> None:
    x, y = np.array(points, dtype=float).reshape(-1, 2).T
    place, east, north = distinct(x, y)
    assert (east[place] == x).all()
    assert (north[place] == y).all()
    bits = {(a.tobytes(), b.tobytes()) for a, b in zip(x, y, strict=True)}
    assert len(east) == len(north) == len(bits)
    assert list(dict.fromkeys(place.tolist())) == list(range(len(bits)))


def test_two_places_of_one_key_are_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key of a place may be another's by chance: the places are compared."""
    from lsoahot.records import coordinates

    numbered = coordinates._numbered
    calls: list[str] = []

    def clash(values: np.ndarray[Any, Any]) -> Any:
        calls.append(values.dtype.kind)
        return numbered(values if values.dtype.kind == "c" else values * np.uint64(0))

    monkeypatch.setattr(coordinates, "_numbered", clash)
    place, east, north = distinct(np.array([1.0, 2.0, 1.0]), np.array([1.0, 1.0, 3.0]))
    assert calls == ["u", "c"]
    assert (place.tolist(), east.tolist(), north.tolist()) == ([0, 1, 2], [1, 2, 1], [1, 1, 3])


@pytest.mark.parametrize("n", [0, 1, 2, 120_001])
def test_many_places_are_transformed_as_few_are(n: int) -> None:
    """They are divided among threads."""
    x, y = np.linspace(-5, 1, n), np.linspace(50, 55, n)
    direct = pyproj.Transformer.from_crs("EPSG:4326", BNG, always_xy=True)
    some = np.unique(np.linspace(0, n - 1, 50).astype(int)) if n else np.empty(0, dtype=int)
    east, north = transformed(x, y, "EPSG:4326", BNG)
    assert len(east) == len(north) == n
    for i in some:
        assert (east[i], north[i]) == direct.transform(x[i], y[i])
