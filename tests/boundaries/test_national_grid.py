"""Polygons to the National Grid: what geopandas makes of them, in however many pieces."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given, settings, strategies as st
from pyarrow import parquet

import lsoahot as lh
from lsoahot.boundaries.fetch import national_grid

if TYPE_CHECKING:
    from pathlib import Path


def patchwork(n: int) -> gpd.GeoSeries:
    """Make a chessboard of degrees whose neighbours share corners, with a bow tie, a hole and gaps."""
    west, south = -1 + np.arange(n) * 0.01, 52 + np.arange(n) * 0.01
    squares = [shapely.box(x, y, x + 0.01, y + 0.01) for x in west for y in south]
    bow_tie = shapely.Polygon([(0, 52), (0.01, 52.01), (0.01, 52), (0, 52.01)])
    ring = shapely.box(0, 53, 0.3, 53.3).difference(shapely.box(0.1, 53.1, 0.2, 53.2))
    more = [bow_tie, None, shapely.Polygon(), ring, shapely.MultiPolygon([ring, squares[0]])]
    return gpd.GeoSeries([*squares, *more], crs=4326)


@settings(max_examples=25, deadline=None)
@given(size=st.integers(1, 60), start=st.integers(0, 20), crs=st.sampled_from([4326, 3857, 27700]))
def test_pieces_give_what_geopandas_gives(size: int, start: int, crs: int) -> None:
    shapes = patchwork(4)[start:].to_crs(crs)
    before = list(map(shapely.to_wkb, shapes))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(national_grid, "CORNERS", size)
        moved, valid = national_grid.to_grid(shapes.to_numpy(), shapes.crs)
    expected = shapes.to_crs(27700)
    assert list(map(shapely.to_wkb, moved)) == list(map(shapely.to_wkb, expected))
    assert valid.tolist() == [False if shape is None else shape.is_valid for shape in expected]
    assert list(map(shapely.to_wkb, shapes)) == before


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_a_corner_that_is_nowhere() -> None:
    broken = shapely.Polygon([(0, 50), (1, 50), (np.nan, 51)])
    shapes = gpd.GeoSeries([broken, shapely.box(0, 51, 1, 52)], crs=4326)
    moved, valid = national_grid.to_grid(shapes.to_numpy(), shapes.crs)
    assert valid.tolist() == [False, True]
    assert shapely.to_wkt(moved).tolist() == shapely.to_wkt(shapes.to_crs(27700)).tolist()


def test_the_whole_country(shared: Any) -> None:
    shapes = gpd.read_parquet(shared / "data/national/lsoa21_ew_bgc.parquet").geometry[:9000]
    moved, valid = national_grid.to_grid(shapes.to_numpy(), shapes.crs)
    expected = shapes.to_crs(27700)
    assert (shapely.to_wkb(moved) == shapely.to_wkb(expected.to_numpy())).all()
    np.testing.assert_array_equal(valid, expected.is_valid)


def test_threads_leave_warnings_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(national_grid, "CORNERS", 20)
    shapes = patchwork(12)
    for _ in range(30):
        before = list(warnings.filters)
        national_grid.to_grid(shapes.to_numpy(), shapes.crs)
        assert list(warnings.filters) == before
        with pytest.warns(UserWarning, match="still heard"):
            warnings.warn("still heard", UserWarning, stacklevel=1)


@pytest.mark.parametrize("crs", [4326, 27700])
@pytest.mark.parametrize("rows", [None, 3])
def test_parquet_is_moved_while_it_is_read(
    crs: int, rows: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes out is what geopandas makes of the file, whatever its pieces and row groups."""
    monkeypatch.setattr(national_grid, "CORNERS", 20)
    shapes = patchwork(4).to_crs(crs)
    shapes[0] = shapely.force_3d(shapes[0], 17.0)
    table = gpd.GeoDataFrame({"LSOA21CD": map(str, range(len(shapes)))}, geometry=shapes)
    table.rename_geometry("outline").to_parquet(tmp_path / "areas.parquet", row_group_size=rows)
    areas, valid = national_grid.read_geoparquet(tmp_path / "areas.parquet")
    shapes[0] = shapely.force_2d(shapes[0])
    expected = shapes.to_crs(27700)
    assert areas.crs == 27700
    assert areas.columns.tolist() == ["LSOA21CD", "outline"]
    assert areas["LSOA21CD"].tolist() == table["LSOA21CD"].tolist()
    assert list(map(shapely.to_wkb, areas.geometry)) == list(map(shapely.to_wkb, expected))
    assert valid is not None
    assert valid.tolist() == [False if shape is None else shape.is_valid for shape in expected]


@pytest.mark.parametrize("form", ["geoarrow", "no system", "no row"])
def test_parquet_that_is_kept_otherwise(form: str, tmp_path: Path) -> None:
    """What can't be moved on its way is read by geopandas, and left where it lies."""
    table = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=[shapely.box(0, 51, 1, 52)] * 2)
    table = table if form == "no system" else table.set_crs(4326)
    table = table[:0] if form == "no row" else table
    kept = {"geometry_encoding": "geoarrow"} if form == "geoarrow" else {}
    table.to_parquet(tmp_path / "areas.parquet", **kept)
    areas, valid = national_grid.read_geoparquet(tmp_path / "areas.parquet")
    assert valid is None
    assert areas.crs == table.crs
    assert areas.geometry.tolist() == table.geometry.tolist()


def test_parquet_without_a_word_of_its_system_is_in_degrees(tmp_path: Path) -> None:
    """So says the format."""
    table = gpd.GeoDataFrame({"code": ["a"]}, geometry=[shapely.box(0, 51, 1, 52)], crs=4326)
    found = table.to_arrow(index=False, geometry_encoding="WKB")
    geo = {"columns": {"geometry": {"encoding": "WKB"}}, "primary_column": "geometry"}
    kept = pa.table(found).replace_schema_metadata({"geo": json.dumps(geo)})
    parquet.write_table(kept, tmp_path / "areas.parquet")
    areas, _ = national_grid.read_geoparquet(tmp_path / "areas.parquet")
    expected = table.to_crs(27700).geometry
    assert shapely.to_wkb(areas.geometry[0]) == shapely.to_wkb(expected[0])


def test_broken_parquet(tmp_path: Path) -> None:
    table = gpd.GeoDataFrame({"code": ["a"]}, geometry=[shapely.box(0, 51, 1, 52)], crs=4326)
    table.to_parquet(path := tmp_path / "areas.parquet")
    kept = parquet.read_table(path)
    broken = pa.array([b"\x01\x02"], kept["geometry"].type)
    parquet.write_table(kept.set_column(1, "geometry", broken), path)
    with pytest.raises(ValueError, match=r"areas\.parquet can't be read as boundaries"):
        lh.read_boundaries(path)
