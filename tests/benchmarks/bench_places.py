"""Ways of finding the area of a point, side by side: the places of a national year, and random ones.

Run by name: ``pytest tests/benchmarks/bench_places.py -s``. Processor time, the best of three; what a
way needs beforehand (a tree, points as shapes) is part of it.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from lsoahot.counting import point_in_area
from lsoahot.records.coordinates import distinct, transformed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    Way = Callable[[gpd.GeoDataFrame, NDArray[np.float64], NDArray[np.float64]], NDArray[np.int64]]


@pytest.fixture(scope="module")
def areas(shared: Path) -> gpd.GeoDataFrame:
    """Return the LSOAs of England and Wales, repaired, in order of their codes."""
    table = gpd.read_parquet(shared / "data/national/lsoa21_ew_bgc.parquet").to_crs(27700)
    table = table.rename(columns={"LSOA21CD": "area_code"}).set_index("area_code").sort_index()
    table.geometry = table.geometry.make_valid()
    return table


@pytest.fixture(scope="module")
def points(shared: Path) -> pd.DataFrame:
    columns = ["Longitude", "Latitude"]
    return pd.read_parquet(
        shared / "data/national/police_2025_slim.parquet", columns=columns
    ).dropna()


def first(number: int, n: int, point: NDArray[Any], area: NDArray[Any]) -> NDArray[np.int64]:
    """Of several areas of a point, take the first; -1 for none."""
    lowest = np.full(n, number)
    np.minimum.at(lowest, point, area)
    return np.where(lowest == number, -1, lowest)


def tree_of_points(areas: gpd.GeoDataFrame, x: Any, y: Any) -> NDArray[np.int64]:
    tree = shapely.STRtree(shapely.points(x, y))
    area, point = tree.query(areas.geometry.to_numpy(), predicate="intersects")
    return first(len(areas), len(x), point, area)


def tree_of_areas(areas: gpd.GeoDataFrame, x: Any, y: Any) -> NDArray[np.int64]:
    tree = shapely.STRtree(areas.geometry.to_numpy())
    point, area = tree.query(shapely.points(x, y), predicate="intersects")
    return first(len(areas), len(x), point, area)


def tree_of_areas_in_order(areas: gpd.GeoDataFrame, x: Any, y: Any) -> NDArray[np.int64]:
    shapes = gpd.GeoSeries(shapely.points(x, y))
    order = np.argsort(shapes.hilbert_distance().to_numpy())
    found = np.empty(len(x), dtype=np.int64)
    found[order] = tree_of_areas(areas, x[order], y[order])
    return found


def boxes_then_prepared(areas: gpd.GeoDataFrame, x: Any, y: Any) -> NDArray[np.int64]:
    outlines = areas.geometry.to_numpy()
    shapely.prepare(outlines)
    point, area = shapely.STRtree(outlines).query(shapely.points(x, y))
    inside = shapely.intersects_xy(outlines[area], x[point], y[point])
    return first(len(areas), len(x), point[inside], area[inside])


def cells(areas: gpd.GeoDataFrame, x: Any, y: Any) -> NDArray[np.int64]:
    return point_in_area.look_up(point_in_area.locator(areas), x, y)


WAYS: dict[str, Way] = {
    "tree of the points, asked by prepared areas": tree_of_points,
    "tree of the areas, asked by points (sjoin's way)": tree_of_areas,
    "the same, points in Hilbert order": tree_of_areas_in_order,
    "tree of the areas' boxes, then prepared tests": boxes_then_prepared,
    "cells, in their order, then prepared tests (lsoahot)": cells,
}


def cpu(job: Callable[[], Any], times: int = 3) -> tuple[float, Any]:
    best, found = float("inf"), None
    for _ in range(times):
        start = time.process_time()
        found = job()
        best = min(best, time.process_time() - start)
    return best, found


def compare(areas: gpd.GeoDataFrame, x: Any, y: Any, what: str) -> None:
    print(f"\n{what}")
    right = None
    for name, way in WAYS.items():
        fresh = gpd.GeoDataFrame(
            index=areas.index, geometry=shapely.from_wkb(shapely.to_wkb(areas.geometry.to_numpy())),
            crs=areas.crs,
        )  # fmt: skip
        spent, found = cpu(lambda fresh=fresh, way=way: way(fresh, x, y))
        right = found if right is None else right
        assert (found == right).all()
        print(f"  {spent:6.2f} s  {name}")


def test_distinct_places(points: pd.DataFrame) -> None:
    x, y = points.to_numpy().T
    ours, (_, east, _) = cpu(lambda: distinct(x, y))
    theirs, frame = cpu(points.drop_duplicates)
    assert len(frame) == len(east)
    print(f"\n{len(x):,} points stand in {len(east):,} places: found in {ours:.2f} s, "
          f"by pandas' drop_duplicates in {theirs:.2f} s")  # fmt: skip


def test_the_places_of_a_year(areas: gpd.GeoDataFrame, points: pd.DataFrame) -> None:
    x, y = points.sample(frac=1, random_state=0).to_numpy().T
    _, x, y = distinct(x, y)
    x, y = transformed(x, y, "EPSG:4326", "EPSG:27700")
    compare(areas, x, y, f"{len(x):,} places of data.police.uk")


def test_random_places(areas: gpd.GeoDataFrame) -> None:
    west, south, east, north = areas.total_bounds
    rng = np.random.default_rng(0)
    x, y = rng.uniform(west, east, 1_000_000), rng.uniform(south, north, 1_000_000)
    compare(areas, x, y, "1,000,000 random points, all different")
