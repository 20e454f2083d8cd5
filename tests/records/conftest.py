"""Areas, and points in them, for the tests of the reader."""

from __future__ import annotations

import geopandas as gpd
import pytest

import lsoahot as lh


@pytest.fixture(scope="module")
def areas() -> gpd.GeoDataFrame:
    return lh.read_boundaries("sample")


@pytest.fixture(scope="module")
def points(areas: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Return a point in each of the first six areas, in metres of the National Grid."""
    return areas.geometry.head(6).representative_point().reset_index(drop=True)
