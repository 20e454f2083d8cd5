"""Polygons to the National Grid: what geopandas makes of them, in however many pieces."""

from __future__ import annotations

import warnings
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from lsoahot._fetching import grid


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
        patch.setattr(grid, "_CORNERS", size)
        moved, valid = grid.to_grid(shapes.to_numpy(), shapes.crs)
    expected = shapes.to_crs(27700)
    assert list(map(shapely.to_wkb, moved)) == list(map(shapely.to_wkb, expected))
    assert valid.tolist() == [False if shape is None else shape.is_valid for shape in expected]
    assert list(map(shapely.to_wkb, shapes)) == before


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_a_corner_that_is_nowhere() -> None:
    broken = shapely.Polygon([(0, 50), (1, 50), (np.nan, 51)])
    shapes = gpd.GeoSeries([broken, shapely.box(0, 51, 1, 52)], crs=4326)
    moved, valid = grid.to_grid(shapes.to_numpy(), shapes.crs)
    assert valid.tolist() == [False, True]
    assert shapely.to_wkt(moved).tolist() == shapely.to_wkt(shapes.to_crs(27700)).tolist()


def test_the_whole_country(shared: Any) -> None:
    shapes = gpd.read_parquet(shared / "data/national/lsoa21_ew_bgc.parquet").geometry[:9000]
    moved, valid = grid.to_grid(shapes.to_numpy(), shapes.crs)
    expected = shapes.to_crs(27700)
    assert (shapely.to_wkb(moved) == shapely.to_wkb(expected.to_numpy())).all()
    np.testing.assert_array_equal(valid, expected.is_valid)


def test_threads_leave_warnings_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid, "_CORNERS", 20)
    shapes = patchwork(12)
    for _ in range(30):
        before = list(warnings.filters)
        grid.to_grid(shapes.to_numpy(), shapes.crs)
        assert list(warnings.filters) == before
        with pytest.warns(UserWarning, match="still heard"):
            warnings.warn("still heard", UserWarning, stacklevel=1)
