"""
Records on Spark
================

The same verbs where records live on Spark: it groups them where they are, its workers look up their
points, and only counts come back. You rarely need it, see "Beyond one machine". It takes Java, and
``pip install "lsoahot[spark]"``::

    python examples/on_spark.py

It starts a session of two threads on this machine, and writes the packaged sample as Parquet. On a
cluster of yours you have a session already. To count by point, the workers' Python must have
lsoahot, and be the one that `PYSPARK_PYTHON` names.
"""

import os
import sys
import tempfile
from pathlib import Path

import geopandas as gpd

import lsoahot as lh


def main() -> None:
    """Count the sample on Spark."""
    from pyspark.sql import SparkSession

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    spark = SparkSession.builder.master("local[2]").appName("lsoahot").getOrCreate()
    with tempfile.TemporaryDirectory() as folder:
        areas = lh.read_boundaries("sample")
        write_sample(Path(folder), areas)

        # Records have names of their own, whatever the engine: one line renames police.uk's.
        records = spark.read.parquet(folder).withColumnsRenamed(
            {"LSOA code": "area_code", "Month": "period", "Crime type": "category"}
        )

        # By code, Spark does all of it. The months are text, and understood.
        year = ("2011-10", "2012-09")
        counted = lh.count(areas, records, period=year)
        print(counted.attrs["audit"])

        # By point, the boundaries are sent to each worker once. Columns named Easting and Northing
        # are known to be British metres; name others with ``x=``, ``y=`` and ``crs=``.
        by_point = lh.count(areas, records, locate_by="point", period=year)
        print(by_point.attrs["audit"])

        # Filter with Spark first, as you are used to.
        violence = records.filter(records.category == "Violence against the person")
        table = lh.tabulate(areas, violence, "period", period=year)
        print(table.groupby("period")["count"].sum())

        # Counts are an ordinary table on this machine: go on as ever.
        found = counted.pipe(lh.rate).pipe(lh.find_hotspots)
        print(lh.top(found, 5)[["area_name", "count", "rate", "hotspot"]])


def write_sample(folder: Path, areas: gpd.GeoDataFrame) -> None:
    """Write the packaged sample as Parquet: police.uk's headers, and a point in each area."""
    crimes = lh.read_dataset("crime", "sample")
    table = crimes[["period", "area_code", "category"]].astype({"period": str})
    table.columns = ["Month", "LSOA code", "Crime type"]
    points = areas.representative_point().reindex(crimes["area_code"])
    table = table.assign(Easting=points.x.to_numpy(), Northing=points.y.to_numpy())
    table.to_parquet(folder / "crimes.parquet", index=False)


if __name__ == "__main__":
    main()
