"""The data that the benchmarks run on, made once and kept in a folder for the processes of one run.

With the development data at hand (`data/national` beside the checkout, or where LSOAHOT_SHARED
says): the LSOAs of England and Wales. Without: squares, and the comparisons that need the real thing
say so.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    from collections.abc import Callable

    from libpysal.graph import Graph

SHARED = Path(os.environ.get("LSOAHOT_SHARED", Path(__file__).parents[3] / "shared"))
NATIONAL = SHARED / "data" / "national"
KEEP = "LSOAHOT_BENCH_KEEP"  # the folder that `table.py` makes, and removes

LSOAS = 35_672
OUTPUT_AREAS = 188_880  # of England and Wales, 2021
SIZES = {"5,000": 5_000, "35,672": LSOAS, "188,880": OUTPUT_AREAS}
EVENTS = 20  # records an area, where records are made


def real() -> bool:
    """Tell whether the data of the whole country are at hand."""
    return NATIONAL.is_dir()


def kept(name: str, make: Callable[[], gpd.GeoDataFrame | pd.DataFrame]) -> pd.DataFrame:
    """Read a table that was made before in this run, or make it."""
    folder = os.environ.get(KEEP)
    if not folder:
        return make()
    path = Path(folder) / f"{name}.parquet"
    if not path.exists():
        table = make()
        whole = Path(tempfile.mkdtemp(dir=folder)) / path.name
        table.to_parquet(whole)
        whole.replace(path)
    try:
        return gpd.read_parquet(path)
    except ValueError:  # without geometry
        return pd.read_parquet(path)


def england_and_wales() -> gpd.GeoDataFrame:
    """Return the LSOAs with residents, and a year of recorded crime (or as much, drawn by chance)."""
    return kept("lsoas", _england_and_wales if real() else lambda: board(189, LSOAS))


def _england_and_wales() -> gpd.GeoDataFrame:
    areas = gpd.read_parquet(NATIONAL / "lsoa21_ew_bgc.parquet").to_crs(27700)
    areas = areas.set_index("LSOA21CD").rename_axis("area_code").sort_index()
    areas = areas.rename(columns={"LSOA21NM": "area_name"})[["area_name", "geometry"]]
    areas.insert(1, "district", areas["area_name"].str[:-5])
    people = pd.read_csv(NATIONAL / "lsoa21_census2021_pop.csv", index_col=0)["total_residents"]
    areas["population"] = people.reindex(areas.index).to_numpy()
    codes = pd.read_parquet(NATIONAL / "police_2025_slim.parquet", columns=["LSOA code"])
    count = (
        codes["LSOA code"]
        .value_counts()
        .reindex(areas.index)
        .fillna(0)
        .to_numpy(dtype=int, copy=True)
    )
    # Four forces are missing: their areas get the counts of others.
    count[count == 0] = np.random.default_rng(0).choice(count[count > 0], int((count == 0).sum()))
    return areas.assign(count=count, rate=count / areas["population"] * 1000)


def board(side: int, n: int | None = None) -> gpd.GeoDataFrame:
    """Return squares, with neighbours alike in their risk."""
    n = n or side * side
    y, x = (place.astype(float) * 1000 for place in np.divmod(np.arange(n), side))
    rng = np.random.default_rng(0)
    codes = pd.Index([f"E01{i:06}" for i in range(n)], name="area_code")
    people = rng.integers(1000, 3000, n)
    count = rng.poisson(people * 0.1 * np.exp(0.5 * np.sin(x / 9000) * np.cos(y / 7000)))
    names = pd.Series([f"Square {i // 100:03}" for i in range(n)], index=codes)
    return gpd.GeoDataFrame(
        {"area_name": names, "district": names, "population": people, "count": count,
         "rate": count / people * 1000},
        geometry=shapely.box(x, y, x + 1000, y + 1000), index=codes, crs=27700,
    )  # fmt: skip


def areas(n: int) -> gpd.GeoDataFrame:
    """Return about so many areas as a census might have them.

    Fewer than there are LSOAs: those nearest to Birmingham. More, as there are output areas: England
    and Wales several times, side by side 700 km apart, and as much of it again as is lacking; codes,
    districts and boundaries are those of output areas in number, shape and size of district.
    """
    return kept(f"areas-{n}", lambda: _areas(n))


def _areas(n: int) -> gpd.GeoDataFrame:
    lsoas = england_and_wales()
    if n == len(lsoas):
        return lsoas
    if n < len(lsoas):
        middle = shapely.get_coordinates(lsoas.centroid)
        far = np.hypot(*(middle - [406_000, 287_000] if real() else middle).T)
        return lsoas.iloc[np.sort(np.argsort(far)[:n])]
    copies = []
    for i in range(-(-n // len(lsoas))):
        copy = lsoas.iloc[: n - i * len(lsoas)].copy()
        shift = 700_000.0 * i
        move = np.array([shift, 0.0])
        copy.geometry = shapely.transform(copy.geometry.to_numpy(), lambda xy, by=move: xy + by)
        copy.index = pd.Index([f"E00{i * len(lsoas) + j:06}" for j in range(len(copy))])
        copies.append(copy)
    return pd.concat(copies).rename_axis("area_code")


def records(n: int) -> pd.DataFrame:
    """Return 20 records an area, by code, in 14 categories and 12 months."""
    return kept(f"records-{n}", lambda: _records(areas(n)))


def _records(table: gpd.GeoDataFrame) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    share = table["count"] / table["count"].sum()
    codes = rng.choice(table.index.to_numpy(dtype=object), EVENTS * len(table), p=share.to_numpy())
    months = pd.period_range("2025-01", periods=12, freq="M")
    kinds = pd.Index([f"Category {i:02}" for i in range(14)])
    return pd.DataFrame(
        {
            "area_code": codes,
            "period": months[rng.integers(0, 12, len(codes))],
            "category": pd.Categorical.from_codes(rng.integers(0, 14, len(codes)), kinds),
        }
    )


def lookup(n: int) -> pd.DataFrame:
    """Return a look-up such as 2011's to 2021's: most areas unchanged, some split, some merged."""
    new = areas(n).index.to_numpy(dtype=object, copy=True)
    old = new.copy()
    kind = np.arange(n) % 40
    old[kind == 1] = old[np.flatnonzero(kind == 1) - 1]  # one was split into two
    merged = np.flatnonzero((kind == 11)[:n])

    new[merged] = new[merged - 1]  # two became one
    return pd.DataFrame({"LSOA11CD": old, "LSOA21CD": new})


def graph(n: int) -> Graph:
    """Return the queen contiguity of `areas`."""
    import lsoahot as lh

    table = areas(n)
    folder = os.environ.get(KEEP)
    path = Path(folder or "") / f"links-{n}.npy"
    if folder and path.exists():
        from libpysal.graph import Graph

        focal, neighbour = np.load(path)
        names = pd.MultiIndex(
            levels=[table.index, table.index], codes=[focal, neighbour],
            names=["focal", "neighbor"],
        )  # fmt: skip
        weight = (focal != neighbour).astype(np.int64)
        return Graph(pd.Series(weight, index=names, name="weight"), is_sorted=True)
    made = lh.contiguity(table)
    if folder:
        codes = [table.index.get_indexer(made.adjacency.index.get_level_values(i)) for i in (0, 1)]
        whole = Path(tempfile.mkdtemp(dir=folder)) / path.name
        np.save(whole, np.array(codes))
        whole.replace(path)
    return made
