"""The statistics side by side with their peers: pytest tests/benchmarks/bench_hotspots.py -s.

A chessboard of 189 by 189 areas, queen contiguity; the whole verb (checks, q and classes included)
against the bare statistic of esda, at its fastest: numba installed and warm, one job, simulations not
kept. All in one run, best of several; the ratio is what counts.
"""

from __future__ import annotations

import importlib.util
import os
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from libpysal.graph import Graph

import lsoahot as lh

SIDE = 189
SHARED = Path(os.environ.get("LSOAHOT_SHARED", Path(__file__).parents[3] / "shared"))


def best(call: Callable[[], object], times: int) -> float:
    """Shortest of several runs, in seconds."""
    runs = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        runs.append(time.perf_counter() - start)
    return min(runs)


def compare(what: str, ours: float, peer: str, theirs: float) -> None:
    print(
        f"{what:<36} {ours * 1000:>8.1f} ms   {peer:<28} {theirs * 1000:>9.1f} ms"
        f"   {theirs / ours:>7.1f} times as fast"
    )


@pytest.fixture(scope="module")
def areas() -> gpd.GeoDataFrame:
    x, y = (side.ravel() for side in np.meshgrid(np.arange(SIDE), np.arange(SIDE)))
    codes = pd.Index([f"E{i:08d}" for i in range(SIDE**2)], name="area_code")
    rng = np.random.default_rng(0)
    table = gpd.GeoDataFrame(geometry=shapely.box(x, y, x + 1, y + 1), index=codes, crs=27700)
    table["population"] = rng.integers(1000, 3000, SIDE**2)
    table["count"] = rng.poisson(table["population"] * 0.02)
    table["heavy"] = np.rint(np.exp(rng.normal(4, 1, SIDE**2))).astype(int)
    return table.assign(rate=table["count"] / table["population"] * 1000)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("permutations", [999, 9999])
def test_esda(areas: gpd.GeoDataFrame, permutations: int) -> None:
    from esda.getisord import G_Local
    from esda.moran import Moran_Local

    assert importlib.util.find_spec("numba"), "esda is at its fastest with numba: install it"
    graph = lh.contiguity(areas)
    print(f"\n{len(areas):,} areas, queen contiguity")
    for column in ("count", "heavy", "rate"):
        y = areas[column].to_numpy(dtype=float)
        given = {"keep_simulations": False, "n_jobs": 1, "seed": 1}

        def their_g(p: int, y: np.ndarray = y, given: dict = given) -> object:
            return G_Local(y, graph, transform="B", star=True, permutations=p, **given)

        def their_moran(p: int, y: np.ndarray = y, given: dict = given) -> object:
            return Moran_Local(y, graph, transformation="r", permutations=p, **given)

        for name, ours, theirs in (
            ("getis_ord", lh.getis_ord, their_g),
            ("local_moran", lh.local_moran, their_moran),
        ):
            theirs(9)  # compile
            theirs_took = best(
                lambda p=permutations, f=theirs: f(p), 3 if permutations < 9999 else 1
            )
            ours_took = best(lambda f=ours, c=column: f(areas, c, graph), 7)
            compare(f"{name}({column!r})", ours_took, f"esda, {permutations:,}", theirs_took)


def test_pygeoda(areas: gpd.GeoDataFrame) -> None:
    """With its look-up table of permutations, its fastest way."""
    pygeoda = pytest.importorskip("pygeoda", reason="pygeoda is not installed")
    graph = lh.contiguity(areas)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = pygeoda.open(areas.reset_index())
        weights = pygeoda.queen_weights(theirs)
    values = areas["count"].astype(float).tolist()
    took = best(
        lambda: pygeoda.local_gstar(
            weights, values, permutations=999, permutation_method="lookup", cpu_threads=1
        ),
        3,
    )
    print()
    compare("getis_ord('count')", best(lambda: lh.getis_ord(areas, "count", graph), 7),
            "pygeoda look-up, 999", took)  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("rule", ["queen", "rook"])
def test_contiguity(rule: str) -> None:
    file = SHARED / "data/national/lsoa21_ew_bgc.parquet"
    if not file.exists():
        pytest.skip(f"the national boundaries are not at {file}")
    national = gpd.read_parquet(file).set_index("LSOA21CD")
    lh.contiguity(national, rule=rule)
    took = best(lambda: Graph.build_contiguity(national, rook=rule == "rook"), 2)
    print(f"\n{len(national):,} areas of England and Wales")
    compare(f"contiguity(rule={rule!r})", best(lambda: lh.contiguity(national, rule=rule), 4),
            "libpysal", took)  # fmt: skip


def test_output_areas() -> None:
    """As many areas as there are output areas in England and Wales: time and memory."""
    import resource

    side = 435  # 189,225
    x, y = (axis.ravel() for axis in np.meshgrid(np.arange(side), np.arange(side)))
    rng = np.random.default_rng(0)
    codes = pd.Index([f"E{i:08d}" for i in range(side**2)], name="area_code")
    table = gpd.GeoDataFrame(
        {"rate": rng.gamma(2, 1, side**2), "count": rng.poisson(3, side**2)},
        geometry=shapely.box(x, y, x + 1, y + 1), index=codes, crs=27700,
    )  # fmt: skip
    graph = lh.contiguity(table)
    print(f"\n{len(table):,} areas")
    for verb, column in ((lh.getis_ord, "count"), (lh.getis_ord, "rate"), (lh.local_moran, "rate")):
        took = best(lambda v=verb, c=column: v(table, c, graph), 2)
        print(f"{verb.__name__}({column!r}): {took:.2f} s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"the whole process took {peak:.2f} GB at its highest")
