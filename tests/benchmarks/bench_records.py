"""Reading and counting a year of a police force, beside pandas and geopandas used by hand.

Run by name: ``pytest tests/benchmarks/bench_records.py -s``.
"""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pytest

import lsoahot as lh

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_benchmark.fixture import BenchmarkFixture

ARCHIVE = "data/police/leicestershire-2021-10_2022-09.zip"
NATION = "data/national/police_2025_slim.parquet"


def cpu(job: Callable[[], object], times: int = 3) -> float:
    """Return the least processor time of a job, in seconds."""
    taken = []
    for _ in range(times):
        start = time.process_time()
        job()
        taken.append(time.process_time() - start)
    return min(taken)


@pytest.fixture(scope="module")
def areas(shared: Path) -> gpd.GeoDataFrame:
    """Return the 611 areas of Leicestershire, Leicester and Rutland."""
    table = gpd.read_file(shared / "data/boundaries/leics_rutland_lsoa11_bgc.gpkg")
    table = table.rename(columns={"LSOA11CD": "area_code", "LSOA11NM": "area_name"})
    return table.set_index("area_code")[["area_name", "geometry"]].to_crs("EPSG:27700")


def by_hand(path: Path) -> gpd.GeoDataFrame:
    """Read an archive as an analyst does, with pandas and geopandas."""
    with zipfile.ZipFile(path) as archive:
        files = [pd.read_csv(io.BytesIO(archive.read(name))) for name in archive.namelist()]
    table = pd.concat(files, ignore_index=True)
    shapes = gpd.points_from_xy(table["Longitude"], table["Latitude"], crs="EPSG:4326")
    return gpd.GeoDataFrame(table, geometry=shapes).to_crs("EPSG:27700")


def test_read_a_year(benchmark: BenchmarkFixture, shared: Path) -> None:
    path = shared / ARCHIVE
    crimes = benchmark(lambda: lh.read_dataset("crime", path))
    assert len(crimes) == 112_916
    ours, theirs = cpu(lambda: lh.read_dataset("crime", path)), cpu(lambda: by_hand(path))
    print(
        f"\nread a year: {ours:.2f} s; pandas and geopandas {theirs:.2f} s: {theirs / ours:.1f} x"
    )


def test_count_by_point(benchmark: BenchmarkFixture, shared: Path, areas: gpd.GeoDataFrame) -> None:
    crimes = lh.read_dataset("crime", shared / ARCHIVE)
    counted = benchmark(lambda: lh.count(areas, crimes, by="point"))
    joined = crimes.sjoin(areas[["geometry"]], predicate="within").groupby("area_code_right").size()
    assert abs(counted["count"].sum() - joined.sum()) < 5
    ours = cpu(lambda: lh.count(areas, crimes, by="point"))
    theirs = cpu(lambda: crimes.sjoin(areas[["geometry"]], predicate="within"))
    print(f"\ncount by point: {ours:.3f} s; geopandas' sjoin {theirs:.3f} s: {theirs / ours:.1f} x")


def test_count_by_code(benchmark: BenchmarkFixture, shared: Path, areas: gpd.GeoDataFrame) -> None:
    crimes = lh.read_dataset("crime", shared / ARCHIVE)
    counted = benchmark(lambda: lh.count(areas, crimes))
    assert counted["count"].sum() == 109_885


def test_the_whole_country(benchmark: BenchmarkFixture, shared: Path) -> None:
    crimes = lh.read_dataset("crime", shared / NATION, points=False)
    areas = gpd.read_parquet(shared / "data/national/lsoa21_ew_bgc.parquet")
    areas = areas.rename(columns={"LSOA21CD": "area_code"}).set_index("area_code")
    counted = benchmark.pedantic(lambda: lh.count(areas, crimes), rounds=3)
    assert counted["count"].sum() == 3_809_910
