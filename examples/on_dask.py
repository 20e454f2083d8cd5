"""
Records on Dask
===============

The same verbs where records live on a Dask cluster: each worker groups its partitions and looks up
their points; only counts come back. You rarely need it, see "Beyond one machine". With
``pip install "lsoahot[dask]"``::

    python examples/on_dask.py

It starts two workers on this machine and writes the packaged sample as monthly files, as they come
from data.police.uk. On a cluster of yours, give `Client` its address; the workers need lsoahot too.
"""

import tempfile
from pathlib import Path

import lsoahot as lh


def main() -> None:
    """Count the sample on two workers."""
    import dask.dataframe as dd
    from distributed import Client, LocalCluster

    with (
        tempfile.TemporaryDirectory() as folder,
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster,
        Client(cluster),
    ):
        write_sample(Path(folder))

        # Records have names of their own, whatever the engine: one line renames police.uk's. Of
        # their columns only those that are needed are read.
        records = dd.read_csv(f"{folder}/*-street.csv", dtype="string").rename(
            columns={
                "LSOA code": "area_code",
                "Month": "period",
                "Crime type": "category",
                "Falls within": "force",
            }
        )

        # From here on nothing is different. The months are text, and understood.
        areas = lh.read_boundaries("sample")
        year = ("2011-10", "2012-09")
        counted = lh.count(areas, records, period=year)
        print(counted.attrs["audit"])

        # Which months each force reported, so that no data isn't taken for zero.
        reported = lh.coverage(records, complete=True)
        table = lh.tabulate(areas, records, period=year, coverage=reported)
        print(table.groupby("category")["count"].sum().sort_values(ascending=False).head())

        # Counts are an ordinary table on this machine: go on as ever.
        found = counted.pipe(lh.rate).pipe(lh.find_hotspots)
        print(lh.top(found, 5)[["area_name", "count", "rate", "hotspot"]])


def write_sample(folder: Path) -> None:
    """Write the packaged sample as monthly files, with the headers of data.police.uk."""
    crimes = lh.read_dataset("crime", "sample")
    for month, part in crimes.groupby(crimes["period"].astype(str)):
        table = part[["period", "area_code", "category"]].assign(force="Leicestershire Police")
        table.columns = ["Month", "LSOA code", "Crime type", "Falls within"]
        table.to_csv(folder / f"{month}-leicestershire-street.csv", index=False)


if __name__ == "__main__":
    main()
