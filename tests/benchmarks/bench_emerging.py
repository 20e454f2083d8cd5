"""Emerging hot spots of a country: pytest tests/benchmarks/bench_emerging.py -s.

35,721 areas in a square, 36 months, as many events as in England and Wales; and the same on the real
boundaries where the development data are at hand. Prints processor time, memory, and the ratio
to esda's 999 permutations (of one month, times 36, without the trend and the classes).
"""

from __future__ import annotations

import resource
import time
import warnings
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import lsoahot as lh

SIDE, MONTHS = 189, 36


def square() -> gpd.GeoDataFrame:
    corner = np.stack(np.meshgrid(np.arange(SIDE), np.arange(SIDE)), -1).reshape(-1, 2) * 100.0
    names = pd.Index([f"E01{n:06}" for n in range(SIDE * SIDE)], name="area_code")
    cells = shapely.box(*corner.T, *(corner + 100).T)
    return gpd.GeoDataFrame({"area_name": names}, index=names, geometry=cells, crs=27700)


def monthly(areas: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return counted rows: 9 events an area and month, some areas far more, with a season."""
    rng = np.random.default_rng(36)
    risk = rng.gamma(1.5, 6, (len(areas), 1)) * (1 + 0.1 * np.sin(np.arange(MONTHS) / 2))
    months = pd.period_range("2023-01", periods=MONTHS, freq="M")
    return pd.DataFrame(
        {
            "area_code": np.repeat(areas.index.to_numpy(), MONTHS),
            "period": pd.PeriodIndex(np.tile(months, len(areas))),
            "count": rng.poisson(risk).ravel(),
        }
    )


def timed(areas: gpd.GeoDataFrame, what: str) -> float:
    records = monthly(areas)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # an island is told, and not the matter here
        start = time.process_time()
        graph = lh.contiguity(areas)
        linked = time.process_time()
        found = lh.emerging_hotspots(areas, records, graph)
        done = time.process_time()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"\n{what}: {len(areas):,} areas x {MONTHS} months: contiguity {linked - start:.1f} s, "
        f"emerging hot spots {done - linked:.1f} s of processor time, {memory:.1f} GB at most"
    )
    assert len(found) == len(areas)
    return done - linked


@pytest.mark.filterwarnings("ignore")  # esda's own
def test_a_square_and_esda() -> None:
    areas = square()
    ours = timed(areas, "square")
    esda = pytest.importorskip("esda")
    values = monthly(areas).groupby("area_code")["count"].first().astype(float).to_numpy()
    graph = lh.contiguity(areas)
    options = {"star": 1.0, "transform": "b", "n_jobs": 1}
    esda.G_Local(values, graph, permutations=9, **options)  # compiles
    start = time.process_time()
    esda.G_Local(values, graph, permutations=999, keep_simulations=False, **options)
    theirs = (time.process_time() - start) * MONTHS
    print(f"esda, 999 permutations of each month: {theirs:.0f} s; ratio {theirs / ours:.0f}")


def test_england_and_wales(shared: Path) -> None:
    path = shared / "data" / "national" / "lsoa21_ew_bgc.parquet"
    areas = gpd.read_parquet(path).set_index("LSOA21CD").rename_axis("area_code")
    timed(areas.rename(columns={"LSOA21NM": "area_name"}), "England and Wales")
