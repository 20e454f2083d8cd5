"""Time one count of the national year on every engine, by code and by point.

    python tests/benchmarks/count_engines.py /path/to/national [engine ...]

The folder holds `lsoa21_ew_bgc.parquet` and `police_2025_slim.parquet`. Each engine reads the
Parquet file itself, in a process of its own; the first count of Dask and Spark includes the time
their workers take to import lsoahot. Every count and audit must equal pandas'.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import time
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

import lsoahot as lh
from lsoahot.counting.engines.finder import Finder

if TYPE_CHECKING:
    from collections.abc import Iterator

POLICE = {"LSOA code": "area_code", "Month": "period", "Falls within": "force"}
ENGINES = ("pandas", "pyarrow", "polars", "duckdb", "dask", "spark")


@contextmanager
def opened(engine: str, path: Path) -> Iterator[Any]:
    """Open the file on an engine, with the records' names."""
    if engine == "pandas":
        table = pd.read_parquet(path).rename(columns=POLICE)
        month, months = pd.factorize(table["period"])
        yield table.assign(period=pd.PeriodIndex(months, freq="M")[month])
    elif engine == "pyarrow":
        import pyarrow.parquet as pq

        table = pq.read_table(path)
        yield table.rename_columns([POLICE.get(name, name) for name in table.column_names])
    elif engine == "polars":
        import polars as pl

        yield pl.scan_parquet(path).rename(POLICE)
    elif engine == "duckdb":
        import duckdb

        names = ", ".join(f'"{old}" AS {new}' for old, new in POLICE.items())
        yield duckdb.sql(f"SELECT {names}, Longitude, Latitude FROM '{path}'")  # noqa: S608
    elif engine == "dask":
        import dask.dataframe as dd
        from distributed import Client, LocalCluster

        with (
            LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as workers,
            Client(workers),
        ):
            yield dd.read_parquet(path, split_row_groups=4).rename(columns=POLICE)
    else:
        from pyspark.sql import SparkSession

        os.environ["PYSPARK_PYTHON"] = sys.executable
        session = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
        spark = session.config("spark.ui.showConsoleProgress", "false").getOrCreate()
        spark.sparkContext.setLogLevel("ERROR")
        yield spark.read.parquet(str(path)).withColumnsRenamed(POLICE)
        spark.stop()


def main(folder: Path, engine: str) -> None:
    """Time one engine, and hold it to pandas."""
    warnings.simplefilter("ignore")
    areas = lh.read_boundaries(folder / "lsoa21_ew_bgc.parquet")
    path = folder / "police_2025_slim.parquet"
    with opened("pandas", path) as table:
        expected = {by: lh.count(areas, table, locate_by=by) for by in ("code", "point")}
    if engine == "pandas":
        sent = len(pickle.dumps(Finder(areas, "EPSG:4326"), protocol=5))
        print(f"the areas of a country, as they are sent to workers: {sent / 1e6:.1f} MB")
    begun = time.perf_counter()
    with opened(engine, path) as table:
        told = [f"ready in {time.perf_counter() - begun:.1f} s"]
        for by in ("code", "point"):
            for again in ("first", "again"):
                begun = time.perf_counter()
                counted = lh.count(areas, table, locate_by=by)
                told.append(f"by {by}, {again}: {time.perf_counter() - begun:.1f} s")
                if not (counted["count"] == expected[by]["count"]).all():
                    raise AssertionError(engine, by)
                if counted.attrs["audit"] != expected[by].attrs["audit"]:
                    raise AssertionError(counted.attrs["audit"])
    print(f"{engine}: {'; '.join(told)}", flush=True)


if __name__ == "__main__":
    place, engines = Path(sys.argv[1]), sys.argv[2:]
    if len(engines) == 1:
        main(place, engines[0])
    else:
        for name in engines or ENGINES:
            subprocess.run([sys.executable, __file__, str(place), name], check=True)
