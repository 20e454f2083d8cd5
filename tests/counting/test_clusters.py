"""Counting on clusters: a Dask cluster of two workers, and a local session of Spark."""

from __future__ import annotations

import os
import runpy
import shutil
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import lsoahot as lh

if TYPE_CHECKING:
    from collections.abc import Iterator

CODES = ["E01013788", "E01013789", "E01013790", "E01013791"]
POLICE = {"LSOA code": "area_code", "Month": "period", "Falls within": "force"}

# What these packages warn of is theirs: deprecations in pandas and Python, sockets that close late.
pytestmark = [
    pytest.mark.filterwarnings("ignore:The inplace keyword:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
]


@pytest.fixture
def areas() -> gpd.GeoDataFrame:
    """Return four unit squares."""
    table = gpd.GeoDataFrame(
        index=pd.Index(CODES, name="area_code"),
        geometry=[shapely.box(x, y, x + 1, y + 1) for y in (0, 1) for x in (0, 1)],
        crs="EPSG:27700",
    )
    table.attrs["edition"] = "lsoa11"
    return table


@pytest.fixture
def records() -> pd.DataFrame:
    """Return 3,000 records with all that can be lacking, by a fixed seed."""
    draw = np.random.default_rng(9)
    n = 3000
    east = np.where(draw.random(n) < 0.2, np.nan, draw.choice([0.5, 1.0, 1.5, 9.0], n))
    return pd.DataFrame(
        {
            "area_code": draw.choice(np.array([*CODES, "E01013800", "N/A!", None], object), n),
            "period": draw.choice(["2021-10", "2021-11", "2022-01"], n),
            "category": draw.choice(np.array(["Drugs", "Robbery", None], object), n),
            "count": draw.integers(0, 3, n),
            "harm": draw.random(n).round(2),
            "easting": east,
            "northing": draw.choice([0.5, 1.0, 1.5], n),
        }
    )


def with_months(records: pd.DataFrame) -> pd.DataFrame:
    return records.assign(period=pd.PeriodIndex(records["period"], freq="M"))


def assert_counted_alike(areas: gpd.GeoDataFrame, table: Any, records: pd.DataFrame) -> None:
    """Hold a table of an engine to the same records in pandas."""
    expected = with_months(records)
    for by in ("code", "point"):
        options: dict[str, Any] = {
            "locate_by": by,
            "weight": "harm",
            "period": ("2021-10", "2021-12"),
        }
        one, two = (lh.count(areas, given, **options) for given in (expected, table))
        assert one["count"].tolist() == two["count"].tolist()
        np.testing.assert_allclose(one["weighted_sq"], two["weighted_sq"], rtol=1e-12)
        assert one.attrs == two.attrs
    one, two = (
        lh.tabulate(areas, given, ["category", "period"], locate_by="point")
        for given in (expected, table)
    )
    assert one["count"].tolist() == two["count"].tolist()
    assert one.attrs == two.attrs


# --- Dask -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Start two workers, each a process; pandas' warnings about Dask are Dask's to mend.

    So long after a worker was lost Dask looks whether one of its name is there, and else gives its
    place up. By default (15 s) it did so while the place's next worker was starting, because a test
    had killed one more or the machine was busy: then none was left, and a count waited for ever.
    """
    distributed = pytest.importorskip("distributed", reason="Dask is not installed")
    import dask

    with (
        dask.config.set({"distributed.deploy.lost-worker-timeout": "1 hour"}),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=":0", memory_limit="3GB"
        ) as workers,
        distributed.Client(workers) as client,
    ):
        yield client


def partitions(records: pd.DataFrame, number: int) -> Any:
    dd = pytest.importorskip("dask.dataframe", reason="Dask is not installed")
    return dd.from_pandas(records, npartitions=number)


def test_dask_without_a_cluster(areas: gpd.GeoDataFrame, records: pd.DataFrame) -> None:
    import dask

    with dask.config.set(scheduler="threads"):
        for number in (2, 3):
            assert_counted_alike(areas, partitions(records, number), records)


def test_dask_counts_as_pandas_does(
    cluster: Any, areas: gpd.GeoDataFrame, records: pd.DataFrame
) -> None:
    assert len(cluster.scheduler_info()["workers"]) == 2
    assert_counted_alike(areas, partitions(records, 7), records)
    assert_counted_alike(
        areas, partitions(records.assign(period=pd.to_datetime(records["period"])), 3), records
    )


@pytest.mark.timeout(240)
@pytest.mark.parametrize("by", ["code", "point"])
def test_a_worker_killed_in_the_middle_loses_nothing(
    cluster: Any, areas: gpd.GeoDataFrame, records: pd.DataFrame, tmp_path: Path, by: str
) -> None:
    flag = tmp_path / "killed"

    # Defined here, so that it is sent to the workers whole: they can't import this module.
    def fatal_once(part: pd.DataFrame) -> pd.DataFrame:
        """Kill the worker that looks at the first partition, the first time."""
        if len(part) and part.index[0] == 0:
            try:
                os.close(os.open(flag, os.O_CREAT | os.O_EXCL))
            except FileExistsError:
                return part
            os._exit(1)
        return part

    before = set(cluster.run(os.getpid).values())
    table = partitions(records, 8)
    deadly = table.map_partitions(fatal_once, meta=table._meta)
    counted = lh.count(areas, deadly, locate_by=by)
    assert flag.exists()
    expected = lh.count(areas, with_months(records), locate_by=by)
    assert counted["count"].tolist() == expected["count"].tolist()
    assert counted.attrs == expected.attrs
    cluster.wait_for_workers(2, timeout=60)
    assert set(cluster.run(os.getpid).values()) != before  # another process took its place


@pytest.mark.usefixtures("cluster")
def test_the_whole_country_on_dask(shared: Path, national: Any) -> None:
    dd = pytest.importorskip("dask.dataframe", reason="Dask is not installed")
    areas, expected = national
    path = shared / "data/national/police_2025_slim.parquet"
    table = dd.read_parquet(path, split_row_groups=4).rename(columns=POLICE)
    for by in ("code", "point"):
        counted = lh.count(areas, table, locate_by=by)
        assert (counted["count"] == expected[by]["count"]).all()
        assert counted.attrs["audit"] == expected[by].attrs["audit"]


# --- Spark ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """Start one local session with two threads; it takes a Java machine."""
    sql = pytest.importorskip("pyspark.sql", reason="Spark is not installed")
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        pytest.skip("Spark needs Java, and there is none")
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
    }
    builder = sql.SparkSession.builder.master("local[2]").appName("lsoahot")
    for name, value in settings.items():
        builder = builder.config(name, value)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)  # the workers' Python must have lsoahot
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            session = builder.getOrCreate()
        session.sparkContext.setLogLevel("ERROR")
        yield session
        session.stop()


def test_spark_counts_as_pandas_does(
    spark: Any, areas: gpd.GeoDataFrame, records: pd.DataFrame, tmp_path: Path
) -> None:
    records.to_parquet(tmp_path / "records.parquet")
    table = spark.read.parquet(str(tmp_path / "records.parquet"))
    assert_counted_alike(areas, table.repartition(3), records)


def test_the_whole_country_on_spark(spark: Any, shared: Path, national: Any) -> None:
    areas, expected = national
    path = shared / "data/national/police_2025_slim.parquet"
    table = spark.read.parquet(str(path)).withColumnsRenamed(POLICE)
    for by in ("code", "point"):
        counted = lh.count(areas, table, locate_by=by)
        assert (counted["count"] == expected[by]["count"]).all()
        assert counted.attrs["audit"] == expected[by].attrs["audit"]


# --- the worked examples ----------------------------------------------------------------------------


def run_example(name: str, capsys: pytest.CaptureFixture[str]) -> str:
    path = Path(__file__).parents[2] / "examples" / name
    runpy.run_path(str(path), run_name="__main__")
    return capsys.readouterr().out


def sample_year() -> tuple[str, pd.DataFrame]:
    crimes = lh.read_dataset("crime", "sample")
    counted = lh.count(lh.read_boundaries("sample"), crimes, period=("2011-10", "2012-09"))
    return str(counted.attrs["audit"]), counted


def test_the_example_on_dask(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("distributed", reason="Dask is not installed")
    told = run_example("on_dask.py", capsys)
    audit, counted = sample_year()
    assert told.splitlines()[0] == audit
    assert str(counted["count"].max()) in told


@pytest.mark.usefixtures("spark")  # the example's session is this one
def test_the_example_on_spark(capsys: pytest.CaptureFixture[str]) -> None:
    told = run_example("on_spark.py", capsys)
    audit, _ = sample_year()
    assert told.splitlines()[0] == audit
    by_point = told.splitlines()[1]
    assert "1,256 by point" in by_point
    assert by_point.endswith("Points were taken from 'Easting' and 'Northing', as EPSG:27700.")
