"""Moran's I and the general G against published figures, esda and all permutations."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import esda
import geopandas as gpd
import libpysal
import numpy as np
import pandas as pd
import pytest
import shapely
from libpysal.graph import Graph

import lsoahot as lh


@pytest.fixture(scope="module")
def columbus() -> gpd.GeoDataFrame:
    return gpd.read_file(libpysal.examples.get_path("columbus.shp")).set_crs(27700)


def row_of(values: list[float]) -> gpd.GeoDataFrame:
    codes = pd.Index([f"E{i}" for i in range(len(values))], name="area_code")
    squares = [shapely.box(x, 0, x + 1, 1) for x in range(len(values))]
    return gpd.GeoDataFrame({"rate": values}, geometry=squares, index=codes, crs=27700)


def test_columbus_crime_as_published_and_as_esda(columbus: gpd.GeoDataFrame) -> None:
    graph = Graph.build_contiguity(columbus, rook=False)
    told = lh.global_moran(columbus, "CRIME", graph=graph)
    assert told["value"] == pytest.approx(0.500189, abs=5e-7)  # spdep's and GeoDa's documentation
    theirs = esda.Moran(columbus["CRIME"], graph, transformation="r", permutations=0)
    assert told["z"] == pytest.approx(theirs.z_rand, abs=1e-9)
    assert told["p"] == 2 / 10_000  # none of 9,999 was as far out
    assert told["text"].startswith("Moran's I of CRIME = 0.5002 (expected -0.0208), z = 5.59, p =")
    assert "near areas are alike (49 areas, 9,999 permutations, seed 0)" in told["text"]
    told = lh.global_g(columbus, "CRIME", graph=graph)
    theirs = esda.G(columbus["CRIME"].to_numpy(), graph, permutations=0)
    assert told["value"] == pytest.approx(theirs.G, abs=1e-12)
    assert told["z"] == pytest.approx(theirs.z_norm, abs=1e-9)
    assert "high values lie together" in told["text"]


@pytest.mark.parametrize("equal", [True, False], ids=["equal weights", "unequal weights"])
@pytest.mark.parametrize("verb", [lh.global_moran, lh.global_g, lh.global_geary])
def test_mean_variance_and_p_are_those_of_all_permutations(
    verb: Callable[..., pd.Series], *, equal: bool
) -> None:
    values = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0]
    areas = row_of(values)
    graph = lh.contiguity(areas)
    if not equal:  # nor the same both ways
        graph = Graph(graph.adjacency * np.arange(1, 11))
    told = verb(areas, graph=graph)
    w = graph.transform("O" if verb is lh.global_g else "R").sparse.toarray()
    y = np.array(list(itertools.permutations(values)))
    if verb is lh.global_moran:
        y = y - y.mean(axis=1, keepdims=True)
        every = np.einsum("pi,ij,pj->p", y, w, y) / (y**2).sum(axis=1) * 6 / w.sum()
    elif verb is lh.global_geary:
        apart = (w * (y[:, :, None] - y[:, None]) ** 2).sum(axis=(1, 2))
        every = apart / ((y - y.mean(axis=1, keepdims=True)) ** 2).sum(axis=1) * 5 / (2 * w.sum())
    else:
        every = np.einsum("pi,ij,pj->p", y, w, y) / (y.sum(axis=1) ** 2 - (y**2).sum(axis=1))
    assert told["value"] == pytest.approx(every[0])
    assert told["expected"] == pytest.approx(every.mean())
    assert told["variance"] == pytest.approx(every.var())
    assert told["z"] == pytest.approx((every[0] - every.mean()) / every.std())
    p = 2 * min((every >= every[0] - 1e-9).mean(), (every <= every[0] + 1e-9).mean())
    assert told["p"] == pytest.approx(min(p, 1), abs=5 * np.sqrt(0.25 / 9999) * 2)


def test_columbus_crime_geary_as_published(columbus: gpd.GeoDataFrame) -> None:
    graph = Graph.build_contiguity(columbus, rook=False)
    result = lh.global_geary(columbus, "CRIME", graph=graph, permutations=99)
    assert result["value"] == pytest.approx(0.540528, abs=5e-7)  # spdep's documentation
    assert result["expected"] == 1
    assert "near areas are alike" in result["text"]


def test_joins_are_those_of_all_arrangements() -> None:
    areas = row_of([0.0] * 6).assign(high=[True, True, False, False, True, False])
    result = lh.join_counts(areas, "high")
    every = [sum(a + 1 in marked for a in marked) for marked in itertools.combinations(range(6), 3)]
    assert len(every) == 20
    assert result["value"] == 1  # the first two
    assert result["expected"] == pytest.approx(np.mean(every)) == 1.0
    assert result["variance"] == pytest.approx(np.var(every))
    # Joins that weigh 1 to 5 from west to east.
    weights = [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    graph = Graph(lh.contiguity(areas).adjacency * weights)
    result = lh.join_counts(areas, "high", graph=graph)
    every = [
        sum(a + 1 for a in marked if a + 1 in marked)
        for marked in itertools.combinations(range(6), 3)
    ]
    assert result["value"] == 1
    assert result["expected"] == pytest.approx(np.mean(every)) == 3.0
    assert result["variance"] == pytest.approx(np.var(every))
    with pytest.raises(ValueError, match="'rate' holds 2: joins are counted"):
        lh.join_counts(row_of([0.0, 1.0, 2.0, 1.0]), "rate")
    with pytest.raises(ValueError, match="marks 1 of 4 areas: a join needs two"):
        lh.join_counts(row_of([0.0, 1.0, 0.0, 0.0]), "rate")


def test_a_seed_gives_one_answer(columbus: gpd.GeoDataFrame) -> None:
    first, again = (lh.global_moran(columbus, "INC", permutations=99, seed=3) for _ in range(2))
    pd.testing.assert_series_equal(first, again)
    assert "99 permutations, seed 3" in first["text"]


def test_missing_values_and_islands_are_left_out() -> None:
    areas = row_of([3.0, 1.0, np.nan, 1.0, 5.0, 9.0, 2.0])
    told = lh.global_moran(areas, permutations=99)
    assert told["areas"] == 6  # E2 has no value; two pieces are left, of 2 and of 4
    lonely = row_of([3.0, np.nan, 1.0, 1.0, 5.0, 9.0, 2.0])
    told = lh.global_moran(lonely, permutations=99)
    assert told["areas"] == 5  # and E0 is alone without E1
    without = lh.global_moran(row_of([1.0, 1.0, 5.0, 9.0, 2.0]), permutations=99)
    assert told["value"] == pytest.approx(without["value"])


def test_checkerboard_differs_and_blocks_are_alike() -> None:
    squares = [shapely.box(x, y, x + 1, y + 1) for y in range(8) for x in range(8)]
    areas = gpd.GeoDataFrame(
        {"odd": [(x + y) % 2 for y in range(8) for x in range(8)], "west": [0, 0, 0, 0, 1, 1, 1, 1] * 8},
        geometry=squares, crs=27700,
    )  # fmt: skip
    rook = lh.contiguity(areas, rule="rook")
    assert lh.global_moran(areas, "odd", graph=rook, permutations=199)["value"] == pytest.approx(-1)
    assert (
        "near areas differ" in lh.global_moran(areas, "odd", graph=rook, permutations=199)["text"]
    )
    assert (
        "near areas are alike"
        in lh.global_moran(areas, "west", graph=rook, permutations=199)["text"]
    )
    scattered = areas.assign(noise=np.random.default_rng(0).permutation(64))
    assert "no clustering found" in lh.global_moran(scattered, "noise", permutations=199)["text"]


def test_what_cannot_be_asked_is_refused() -> None:
    with pytest.raises(ValueError, match="only 3 of 3 areas have a value"):
        lh.global_moran(row_of([1.0, 2.0, 3.0]))
    with pytest.raises(ValueError, match="is 7 in every area"):
        lh.global_g(row_of([7.0] * 5))
    with pytest.raises(ValueError, match="'rate' is -1 in places"):
        lh.global_g(row_of([1.0, -1.0, 3.0, 4.0]))
    with pytest.raises(ValueError, match="permutations=0"):
        lh.global_moran(row_of([1.0, 2.0, 3.0, 5.0]), permutations=0)


def test_what_cannot_vary_is_refused_and_not_called_clustering() -> None:
    with pytest.raises(ValueError, match="zero in all areas but one"):
        lh.global_g(row_of([0.0, 0.0, 5.0, 0.0, 0.0]))
    areas = row_of([1.0, 4.0, 2.0, 9.0, 3.0])
    everyone = {a: [b for b in areas.index if b != a] for a in areas.index}
    for verb in (lh.global_moran, lh.global_g, lh.global_geary):
        with pytest.raises(ValueError, match="the same however its 5 values are shuffled"):
            verb(areas, "rate", graph=Graph.from_dicts(everyone))
