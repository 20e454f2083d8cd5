"""From police files to counts, beside pandas, geopandas, polars and DuckDB as their documentation has it."""

from __future__ import annotations

import io
import os
import warnings
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import material
import pandas as pd
from protocol import Case

import lsoahot as lh

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SLIM = material.NATIONAL / "police_2025_slim.parquet"
LSOAS = material.NATIONAL / "lsoa21_ew_bgc.parquet"
PEOPLE = material.NATIONAL / "lsoa21_census2021_pop.csv"
ZIP = material.SHARED / "data/police/leicestershire-2021-10_2022-09.zip"
COUNTY = material.SHARED / "data/boundaries/leics_rutland_lsoa11_bgc.gpkg"
NEEDS = {
    "geopandas": ("geopandas",),
    "lsoahot on polars": ("polars",),
    "lsoahot on DuckDB": ("duckdb",),
    "polars": ("polars",),
    "DuckDB": ("duckdb",),
    "DuckDB spatial": ("duckdb", "duckdb_extension_spatial"),
    "pandas, libpysal, esda": ("libpysal", "esda", "numba"),
}


def files() -> Path:
    """Return the folder of the year as it is downloaded, 400 files, made once in a run."""
    folder = Path(os.environ[material.KEEP]) / "police"
    if not folder.is_dir():
        import national

        national.archive(SLIM, LSOAS, folder.with_name("police-in-the-making")).rename(folder)
    return folder


def total(counted: Any) -> str:
    """Add up what was counted, and the sum of squares, which tells whether the areas agree."""
    if isinstance(counted, pd.DataFrame):
        counted = counted["count"]
    values = pd.Series(counted).dropna().astype("int64")
    return f"{values.sum():,} in {int((values > 0).sum()):,} areas ({(values**2).sum():,})"


# --- points ---------------------------------------------------------------------------------------


def areas_lsoahot(_: Any) -> gpd.GeoDataFrame:
    return lh.read_boundaries(LSOAS)


def areas_geopandas(_: Any) -> gpd.GeoDataFrame:
    return gpd.read_parquet(LSOAS).to_crs(27700)


def points_lsoahot(areas: gpd.GeoDataFrame | None) -> pd.Series:
    areas = areas_lsoahot(None) if areas is None else areas
    records = lh.read_dataset("crime", SLIM)
    return lh.count(areas, records, locate_by="point", gaps="count")["count"]


def points_geopandas(areas: gpd.GeoDataFrame | None) -> pd.Series:
    areas = areas_geopandas(None) if areas is None else areas
    table = pd.read_parquet(SLIM).dropna(subset=["Longitude", "Latitude"])
    shapes = gpd.points_from_xy(table["Longitude"], table["Latitude"], crs=4326)
    records = gpd.GeoDataFrame(table, geometry=shapes).to_crs(27700)
    joined = records.sjoin(areas, predicate="within")
    return joined.groupby("LSOA21CD").size()


def points_duckdb(_: Any) -> pd.Series:
    import duckdb
    import duckdb_extension_spatial

    extension = next(Path(duckdb_extension_spatial.__file__).parent.rglob("*.duckdb_extension"))
    base = duckdb.connect(config={"threads": 2})
    base.execute(f"LOAD '{extension}'")
    query = f"""
        WITH areas AS (SELECT LSOA21CD, geometry FROM '{LSOAS}'),
        records AS (SELECT ST_Point(Longitude, Latitude) AS point FROM '{SLIM}'
                    WHERE Longitude IS NOT NULL)
        SELECT LSOA21CD, count(*) AS n FROM records JOIN areas ON ST_Within(point, geometry)
        GROUP BY LSOA21CD"""  # noqa: S608 - our own files
    return base.sql(query).df()["n"]


# --- codes ----------------------------------------------------------------------------------------


def codes_lsoahot(areas: gpd.GeoDataFrame) -> pd.Series:
    records = lh.read_dataset("crime", SLIM, points=False)
    return lh.count(areas, records, gaps="count")["count"]


def on(engine: str, by: str = "code") -> Callable[[gpd.GeoDataFrame], pd.Series]:
    """Have an engine count, through lsoahot."""

    def counted(areas: gpd.GeoDataFrame) -> pd.Series:
        from count_engines import opened

        areas = lh.read_boundaries(LSOAS) if areas is None else areas
        with opened(engine, SLIM) as table:
            return lh.count(areas, table, locate_by=by, gaps="count")["count"]

    return counted


def codes_pandas(areas: gpd.GeoDataFrame) -> pd.Series:
    table = pd.read_parquet(SLIM)
    return table.groupby("LSOA code").size().reindex(areas.index, fill_value=0)


def codes_polars(areas: gpd.GeoDataFrame) -> pd.Series:
    import polars as pl

    every = pl.DataFrame({"LSOA code": areas.index.to_list()})
    counts = pl.scan_parquet(SLIM).group_by("LSOA code").len()
    found = every.lazy().join(counts, on="LSOA code", how="left").collect()
    return pd.Series(found["len"].fill_null(0).to_numpy())


def codes_duckdb(areas: gpd.GeoDataFrame) -> pd.Series:
    import duckdb

    base = duckdb.connect(config={"threads": 2})
    base.register("areas", pd.DataFrame({"code": areas.index.to_numpy(dtype=object)}))
    query = f"""
        WITH counts AS (SELECT "LSOA code" AS code, count(*) AS n FROM '{SLIM}' GROUP BY ALL)
        SELECT coalesce(n, 0) AS n FROM areas LEFT JOIN counts USING (code)"""  # noqa: S608
    return base.sql(query).df()["n"]


# --- reading --------------------------------------------------------------------------------------


def read_lsoahot(folder: Path) -> Any:
    return lh.read_dataset("crime", folder, points=False)


def read_pandas(folder: Path) -> Any:
    return pd.concat([pd.read_csv(path) for path in sorted(folder.rglob("*.csv"))])


USED = ["Month", "Falls within", "LSOA code", "Crime type"]


def read_polars(folder: Path) -> Any:
    import polars as pl

    return pl.scan_csv(folder / "**/*.csv").select(USED).collect()


def read_duckdb(folder: Path) -> Any:
    import duckdb

    base = duckdb.connect(config={"threads": 2})
    names = ", ".join(f'"{name}"' for name in USED)
    return base.sql(f"SELECT {names} FROM read_csv('{folder}/**/*.csv')").to_arrow_table()  # noqa: S608


def rows(table: Any) -> str:
    return f"{len(table):,} rows"


# --- the whole way --------------------------------------------------------------------------------


def whole_lsoahot(folder: Path) -> Mapping[str, Any]:
    areas = lh.read_boundaries(LSOAS)
    people = lh.read_population(PEOPLE)
    records = lh.read_dataset("crime", folder, points=False)
    table = areas.pipe(lh.join, people).pipe(lh.count, records, gaps="count").pipe(lh.rate)
    graph = lh.contiguity(areas)
    table = table.pipe(lh.getis_ord, "rate", graph=graph).pipe(lh.local_moran, "rate", graph=graph)
    return {"events": int(table["count"].sum()), "z": table["gi_z"].to_numpy()}


def whole_by_hand(folder: Path) -> Mapping[str, Any]:
    import numpy as np
    from esda.getisord import G_Local
    from esda.moran import Moran_Local
    from libpysal.graph import Graph
    from scipy.stats import false_discovery_control

    areas = gpd.read_parquet(LSOAS).to_crs(27700).set_index("LSOA21CD")
    people = pd.read_csv(PEOPLE, index_col=0)["total_residents"]
    records = pd.concat([pd.read_csv(path) for path in sorted(folder.rglob("*.csv"))])
    areas["count"] = records.groupby("LSOA code").size().reindex(areas.index, fill_value=0)
    areas["rate"] = areas["count"] / people.reindex(areas.index) * 1000
    graph = Graph.build_contiguity(areas, rook=False)
    y = areas["rate"].to_numpy()
    gi = G_Local(y, graph, transform="B", star=True, permutations=999, keep_simulations=False)
    lisa = Moran_Local(y, graph, transformation="r", permutations=999, keep_simulations=False)
    areas["gi_q"] = false_discovery_control(np.minimum(1, 2 * gi.p_sim))
    areas["moran_q"] = false_discovery_control(np.minimum(1, 2 * lisa.p_sim))
    return {"events": int(areas["count"].sum()), "z": gi.Zs}


def whole(found: Mapping[str, Any]) -> str:
    import numpy as np

    return f"{found['events']:,} events; mean of |z|: {np.nanmean(np.abs(found['z'])):.4f}"


# --- a force --------------------------------------------------------------------------------------


def force_lsoahot(_: Any) -> pd.Series:
    areas = lh.read_boundaries(COUNTY)
    return lh.count(areas, lh.read_dataset("crime", ZIP), locate_by="point")["count"]


def force_geopandas(_: Any) -> pd.Series:
    areas = gpd.read_file(COUNTY).to_crs(27700)
    with zipfile.ZipFile(ZIP) as archive:
        tables = [pd.read_csv(io.BytesIO(archive.read(name))) for name in archive.namelist()]
    table = pd.concat(tables).dropna(subset=["Longitude", "Latitude"])
    shapes = gpd.points_from_xy(table["Longitude"], table["Latitude"], crs=4326)
    records = gpd.GeoDataFrame(table, geometry=shapes).to_crs(27700)
    return records.sjoin(areas, predicate="within").groupby("LSOA11CD").size()


def coded() -> gpd.GeoDataFrame:
    return material.england_and_wales()[["area_name", "district", "population", "geometry"]]


def made(start: Any = files) -> Path:
    """Make the files outside the clock."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return start()


CASES = [
    Case(
        name="force",
        title="A force's year, zip to counts by point",
        setup=lambda: None,
        sides={"lsoahot": force_lsoahot, "geopandas": force_geopandas},
        needs=NEEDS,
        answer=total,
        runs=3,
        real=True,
        quick=True,
    ),
    Case(
        name="points",
        title="4.0 million points to 35,672 areas, Parquet to counts",
        setup=lambda: None,
        sides={
            "lsoahot": points_lsoahot,
            "lsoahot on polars": on("polars", "point"),
            "geopandas": points_geopandas,
            "DuckDB spatial": points_duckdb,
        },
        needs=NEEDS,
        answer=total,
        runs=2,
        real=True,
    ),
    Case(
        name="points-alone",
        title="The same, boundaries read before",
        setup=lambda: None,
        prepare={"lsoahot": areas_lsoahot, "geopandas": areas_geopandas},
        sides={"lsoahot": points_lsoahot, "geopandas": points_geopandas},
        needs=NEEDS,
        answer=total,
        runs=2,
        real=True,
    ),
    Case(
        name="codes",
        title="4.0 million codes to 35,672 areas, Parquet to counts",
        setup=coded,
        sides={
            "lsoahot": codes_lsoahot,
            "lsoahot on polars": on("polars"),
            "lsoahot on DuckDB": on("duckdb"),
            "pandas": codes_pandas,
            "polars": codes_polars,
            "DuckDB": codes_duckdb,
        },
        needs=NEEDS,
        answer=total,
        runs=3,
        real=True,
    ),
    Case(
        name="reading",
        title="4.0 million rows read from 400 CSV files",
        setup=made,
        sides={
            "lsoahot": read_lsoahot,
            "pandas": read_pandas,
            "polars": read_polars,
            "DuckDB": read_duckdb,
        },
        needs=NEEDS,
        answer=rows,
        runs=2,
        real=True,
    ),
    Case(
        name="whole",
        title="The whole country: 400 CSV files to counts, rates, Gi\\*, LISA, q",
        setup=made,
        sides={"lsoahot": whole_lsoahot, "pandas, libpysal, esda": whole_by_hand},
        needs=NEEDS,
        answer=whole,
        cold=True,
        real=True,
    ),
]
