"""Gi* and local Moran against other programs, by hand, and in every trap others fall into."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import esda
import geopandas as gpd
import libpysal
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings, strategies as st
from libpysal.graph import Graph

import lsoahot as lh
from lsoahot.statistics import links as aligned
from lsoahot.statistics.kernels import exact_permutation as _exact, inference, local_tests

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HOT = ("Hot spot 99%", "Hot spot 95%", "Hot spot 90%")
COLD = ("Cold spot 90%", "Cold spot 95%", "Cold spot 99%")


def chessboard(side: int, values: Any, column: str = "count") -> gpd.GeoDataFrame:
    """Lay areas out in a square, codes E000 and so on."""
    squares = [shapely.box(x, y, x + 1, y + 1) for y in range(side) for x in range(side)]
    codes = pd.Index([f"E{i:03d}" for i in range(side**2)], name="area_code")
    return gpd.GeoDataFrame({column: values}, geometry=squares, index=codes, crs=27700)


def noise(side: int = 10, seed: int = 1, mean: float = 4.0) -> gpd.GeoDataFrame:
    return chessboard(side, np.random.default_rng(seed).poisson(mean, side**2))


def both(areas: gpd.GeoDataFrame, column: str, graph: Graph | None = None) -> gpd.GeoDataFrame:
    return areas.pipe(lh.getis_ord, column, graph=graph).pipe(lh.local_moran, column, graph=graph)


def untested(areas: gpd.GeoDataFrame) -> pd.Series:
    """Areas that are plainly not tested: both classes say so, and no figure stands there."""
    plain = (areas["hotspot"] == "Not tested") & (areas["cluster"] == "Not tested")
    figures = areas[["gi_z", "gi_p", "gi_q", "moran_i", "moran_p", "moran_q"]]
    assert (figures.isna().all(axis=1) == plain).all()
    assert figures[~plain].notna().all().all()
    return plain


# --- agreement -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["all_rate", "violence_rate", "burglary_count"])
def test_spdep(shared: Path, name: str) -> None:
    oracle = pd.read_csv(shared / f"oracles/oracle_leics_{name}_2122.csv", index_col="code")
    edges = pd.read_csv(shared / f"oracles/oracle_leics_{name}_2122_queen_edges.csv")
    graph = Graph.from_arrays(edges["from"], edges["to"], np.ones(len(edges)))
    where = gpd.points_from_xy(range(len(oracle)), range(len(oracle)))
    areas = gpd.GeoDataFrame(oracle[["y"]], geometry=where, crs=27700).rename_axis("area_code")
    told = both(areas, "y", graph)
    np.testing.assert_allclose(told["gi_z"], oracle["Gstar_z"], rtol=0, atol=1e-9)
    np.testing.assert_allclose(told["moran_i"], oracle["Ii"], rtol=0, atol=1e-9)
    held = lh.getis_ord(areas, "y", graph=graph, star=False)
    np.testing.assert_allclose(held["gi_z"], oracle["G_z"], rtol=0, atol=1e-9)
    # the conditional test of Gi and of local Moran is one and the same
    np.testing.assert_array_equal(held["gi_p"], told["moran_p"])
    found = told["cluster"].isin(["High-High", "Low-Low", "Low-High", "High-Low"])
    assert found.sum() > 5
    assert (told["cluster"].astype(str)[found] == oracle["quadrant"][found]).all()


@pytest.mark.parametrize(
    ("file", "column"),
    [("columbus.shp", "CRIME"), ("stl_hom.shp", "HR8893"), ("sids2.shp", "SIDR79")],
)
def test_esda(file: str, column: str) -> None:
    areas = gpd.read_file(libpysal.examples.get_path(file)).set_crs(27700, allow_override=True)
    graph = Graph.build_contiguity(areas, rook=False)
    y = areas[column].to_numpy(dtype=float)
    told = both(areas, column, graph)
    star = esda.G_Local(y, graph, transform="B", star=True, permutations=0).Zs
    np.testing.assert_allclose(told["gi_z"], star, rtol=0, atol=1e-9)
    held = esda.G_Local(y, graph, transform="B", star=False, permutations=0).Zs
    np.testing.assert_allclose(
        lh.getis_ord(areas, column, graph=graph, star=False)["gi_z"], held, rtol=0, atol=1e-9
    )
    # esda's local Moran is (n - 1)/n times spdep's
    local = esda.Moran_Local(y, graph, transformation="r", permutations=0).Is
    np.testing.assert_allclose(told["moran_i"] * (y.size - 1) / y.size, local, rtol=0, atol=1e-9)


@pytest.mark.parametrize("values", ["counts", "rates"])
def test_p_is_that_of_full_enumeration(values: str) -> None:
    """Twelve areas in a ring, two neighbours each: all choices of 3 of 12, and of 2 of 11."""
    rng = np.random.default_rng(5)
    y = rng.poisson(3.0, 12).astype(float) if values == "counts" else rng.gamma(2.0, 1.0, 12)
    codes = pd.Index([f"E{i:02d}" for i in range(12)], name="area_code")
    areas = gpd.GeoDataFrame({"y": y}, geometry=[shapely.Point(i, 0) for i in range(12)])
    areas = areas.set_index(codes).set_crs(27700)
    graph = Graph.from_dicts({codes[i]: [codes[i - 1], codes[(i + 1) % 12]] for i in range(12)})
    told = both(areas, "y", graph)
    near = 1e-9
    for i in range(12):
        sums = np.array([sum(c) for c in itertools.combinations(y, 3)])
        seen = y[i - 1] + y[i] + y[(i + 1) % 12]
        p = 2 * min((sums >= seen - near).mean(), (sums <= seen + near).mean())
        assert told["gi_p"].iloc[i] == pytest.approx(min(p, 1), abs=1e-12)
        sums = np.array([sum(c) for c in itertools.combinations(np.delete(y, i), 2)])
        seen -= y[i]
        p = 2 * min((sums >= seen - near).mean(), (sums <= seen + near).mean())
        assert told["moran_p"].iloc[i] == pytest.approx(min(p, 1), abs=1e-12)
    assert told.attrs["statistics"]["getis_ord"]["grid_error"] == 0


def test_q_is_scipys_and_rejects_where_equal() -> None:
    from scipy.stats import false_discovery_control

    p = np.random.default_rng(0).random(500) ** 3
    np.testing.assert_allclose(
        inference.benjamini_hochberg(p), false_discovery_control(p), rtol=1e-14
    )
    # p at exactly rank/n of 5 %: the rule is "at most", so all three are found
    q = inference.benjamini_hochberg(np.array([0.05 / 3, 0.1 / 3, 0.05, np.nan]))
    assert inference.within(q[:3], 0.05).all()
    assert np.isnan(q[3])


@pytest.mark.parametrize(
    ("values", "linked", "name"),
    [([9, 7, 1, 0, 3], 2, "Hot spot 90%"), ([9, 7, 8, 0, 3, 1], 3, "Hot spot 95%")],
)
@pytest.mark.parametrize("scale", [1, 0.1, 1 / 3])
def test_q_on_a_level_is_within_it(values: list[int], linked: int, name: str, scale: float) -> None:
    """The two highest of 5 are one choice of 10, the three highest of 6 one of 20: q is 0.1, 0.05.

    The first areas are linked with one another, the rest are islands, and not tested.
    """
    line = chessboard(3, np.arange(9)).iloc[: len(values)].assign(count=np.array(values) * scale)
    codes = line.index
    neighbours = {a: [b for b in codes[:linked] if b != a] for a in codes[:linked]}
    graph = Graph.from_dicts(neighbours | {code: [] for code in codes[linked:]})
    with pytest.warns(UserWarning, match="no neighbour"):
        tested = lh.getis_ord(line, "count", graph=graph, alternative="hot")
    np.testing.assert_allclose(tested["gi_q"].iloc[:linked], {2: 0.1, 3: 0.05}[linked], rtol=1e-12)
    assert (tested["hotspot"].iloc[:linked] == name).all()


def test_a_cluster_on_its_level_is_one() -> None:
    """One area among the three highest of the six others: 1 choice of 20, two-sided 0.1."""
    line = chessboard(3, np.arange(9)).iloc[:7].assign(count=[6, 9, 7, 8, 0, 3, 1])
    codes = line.index
    graph = Graph.from_dicts({codes[0]: list(codes[1:4])} | {code: [] for code in codes[1:]})
    with pytest.warns(UserWarning, match="no neighbour"):
        tested = lh.local_moran(line, "count", graph=graph, alpha=0.10)
    assert tested["moran_q"].iloc[0] == pytest.approx(0.1, rel=1e-12)
    assert tested["cluster"].iloc[0] == "High-High"


@pytest.mark.parametrize("by", [1e-6, 1e-10, 1e-13])
def test_tiny_units_do_not_make_all_areas_alike(by: float) -> None:
    """Events a square metre are tiny numbers, and as different from one another as any."""
    areas = noise()
    tiny = areas.assign(count=areas["count"] * by)
    for verb, p in ((lh.getis_ord, "gi_p"), (lh.local_moran, "moran_p")):
        np.testing.assert_allclose(verb(tiny, "count")[p], verb(areas, "count")[p], atol=0.02)


def test_a_planted_block_is_hot_and_its_heart_high_high() -> None:
    counts = np.random.default_rng(3).poisson(5.0, (12, 12))
    counts[4:7, 4:7] += 15
    told = both(chessboard(12, counts.ravel()), "count")
    hot = told["hotspot"].isin(HOT).to_numpy().reshape(12, 12)
    high = (told["cluster"] == "High-High").to_numpy().reshape(12, 12)
    assert hot[4:7, 4:7].all()
    assert hot[:2].sum() == hot[9:].sum() == 0
    assert high[5, 4:7].all()  # the corners have five ordinary neighbours of eight
    assert high[4:7, 5].all()
    assert high.sum() == 5
    assert told["hotspot"].iloc[5 * 12 + 5] == "Hot spot 99%"


def test_p_resolves_what_sampling_cannot() -> None:
    counts = np.random.default_rng(3).poisson(5.0, (30, 30))
    counts[4:7, 4:7] = 40
    told = lh.getis_ord(chessboard(30, counts.ravel()), "count")
    assert _exact.FLOOR <= told["gi_p"].min() < 1e-9
    assert told.attrs["statistics"]["getis_ord"]["method"] == "exact permutation test"


def test_hot_only_is_the_upper_tail() -> None:
    areas = noise()
    hot, cold = (lh.getis_ord(areas, "count", alternative=a) for a in ("hot", "cold"))
    two = lh.getis_ord(areas, "count")
    smaller = np.minimum(hot["gi_p"], cold["gi_p"])
    np.testing.assert_array_equal(two["gi_p"], np.minimum(2 * smaller, 1))
    assert (hot["gi_p"] + cold["gi_p"] >= 1).all()  # both hold what was seen
    assert not hot["hotspot"].isin(COLD).any()
    assert not cold["hotspot"].isin(HOT).any()


def test_alpha_is_the_last_class() -> None:
    areas = noise()
    areas.loc[areas.index[33:36], "count"] += 12
    usual = lh.getis_ord(areas, "count")
    strict = lh.getis_ord(areas, "count", alpha=0.05)
    weak = usual["hotspot"].isin(("Hot spot 90%", "Cold spot 90%"))
    assert weak.any()
    assert (strict["hotspot"][weak] == "Not significant").all()
    assert (strict["hotspot"][~weak] == usual["hotspot"][~weak]).all()
    for alpha in (0, 0.2, -1, float("nan")):
        with pytest.raises(ValueError, match="alpha"):
            lh.getis_ord(areas, "count", alpha=alpha)


# --- traps ---------------------------------------------------------------------------------------


def test_missing_is_not_tested_and_the_others_are_as_if_it_were_not_there() -> None:
    areas = noise().astype({"count": "Int64"})
    areas.loc["E044", "count"] = pd.NA
    with pytest.warns(UserWarning, match=r"missing in 1 areas \(E044\)"):
        told = both(areas, "count")
    assert list(told.index[untested(told)]) == ["E044"]
    without = areas.drop("E044")
    graph = lh.contiguity(without)
    there = both(without, "count", graph).drop(columns="geometry")
    pd.testing.assert_frame_equal(
        told.drop("E044").drop(columns="geometry"), there, check_exact=False, atol=1e-12
    )
    assert told.attrs["statistics"]["getis_ord"]["missing"] == 1


@pytest.mark.parametrize("value", [0, 7])
def test_constant_data_is_not_tested(value: int) -> None:
    with pytest.warns(UserWarning, match=f"is {value} in every area"):
        told = both(chessboard(5, value), "count")
    assert untested(told).all()


def test_an_island_is_not_tested_or_linked_when_asked() -> None:
    areas = noise(6)
    areas.geometry = [*areas.geometry[:-1], shapely.box(100, 100, 101, 101)]
    with pytest.warns(UserWarning, match=r"1 of 36 areas share no boundary .*E035"):
        told = both(areas, "count")
    assert list(told.index[untested(told)]) == ["E035"]
    assert told.attrs["statistics"]["getis_ord"]["islands"] == 1
    with pytest.warns(UserWarning, match="share no boundary"):
        graph = lh.contiguity(areas)
    with pytest.warns(UserWarning, match="no neighbour with a value"):
        lh.getis_ord(areas, "count", graph=graph)
    linked = both(areas, "count", lh.contiguity(areas, islands="nearest"))
    assert not untested(linked).any()


@pytest.mark.parametrize("kind", ["int8", "uint16", "int64", "Int32", "float32"])
def test_any_number_type_works_and_says_the_same(kind: str) -> None:
    areas = noise()
    told, plain = both(areas.astype({"count": kind}), "count"), both(areas, "count")
    np.testing.assert_allclose(told["gi_p"], plain["gi_p"], atol=1e-12)
    np.testing.assert_allclose(told["moran_p"], plain["moran_p"], atol=1e-12)


def test_a_shuffled_table_says_the_same() -> None:
    areas = noise()
    graph = lh.contiguity(areas)
    shuffled = both(areas.sample(frac=1, random_state=2), "count", graph)
    plain = both(areas, "count", graph)
    pd.testing.assert_frame_equal(shuffled.loc[areas.index], plain, check_like=True)


def test_inputs_do_not_change_and_a_second_call_says_the_same() -> None:
    areas = noise()
    areas.attrs["edition"] = "lsoa11"
    graph = lh.contiguity(areas)
    before, adjacency = areas.copy(deep=True), graph.adjacency.copy()
    first, second = both(areas, "count", graph), both(areas, "count", graph)
    pd.testing.assert_frame_equal(first, second)
    pd.testing.assert_frame_equal(areas, before)
    assert areas.attrs == {"edition": "lsoa11"}
    assert graph.transformation == "O"
    pd.testing.assert_series_equal(graph.adjacency, adjacency)


def test_binary_or_row_standardised_is_one_answer() -> None:
    areas = noise()
    graph = lh.contiguity(areas)
    plain = both(areas, "count", graph)
    pd.testing.assert_frame_equal(both(areas, "count", graph.transform("R")), plain)
    itself = graph.assign_self_weight(1)  # Gi* has the area in it anyway, once
    pd.testing.assert_frame_equal(both(areas, "count", itself), plain)


def test_a_graph_of_other_areas_is_refused_by_name() -> None:
    areas = noise()
    graph = lh.contiguity(areas)
    part = areas.iloc[:50]
    with pytest.raises(ValueError, match=r"50 areas of the graph are not in the table: E050"):
        lh.getis_ord(part, "count", graph=graph)
    with pytest.raises(ValueError, match=r"50 areas are not in the graph: E050, E051.*45 more"):
        lh.getis_ord(areas, "count", graph=lh.contiguity(part))
    with pytest.raises(ValueError, match="not in the graph"):
        lh.getis_ord(areas.set_axis(areas.index + "x"), "count", graph=graph)
    with pytest.raises(TypeError, match=r"must be a libpysal.graph.Graph, not W"):
        lh.getis_ord(areas, "count", graph=graph.to_W())
    negative = Graph(graph.adjacency * -1.0)
    with pytest.raises(ValueError, match="negative"):
        lh.getis_ord(areas, "count", graph=negative)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_fewer_than_four_areas_are_not_tested(n: int) -> None:
    areas = noise(2).iloc[:n]
    with pytest.warns(UserWarning, match=f"only {n} areas have a value"):
        told = both(areas, "count", Graph.from_dicts({a: [] for a in areas.index}))
    assert untested(told).all()


def test_four_areas_are_tested() -> None:
    areas = chessboard(2, [1, 2, 3, 10])
    ring = Graph.from_dicts(
        {"E000": ["E001"], "E001": ["E003"], "E002": ["E000"], "E003": ["E002"]}
    )
    told = both(areas, "count", ring)
    # E001 and its neighbour E003 hold 12 of 16; of the six pairs one holds more (13)
    assert told["gi_p"].loc["E001"] == pytest.approx(2 * 2 / 6)
    # of the three others, which one is E001's neighbour? none is higher than E003
    assert told["moran_p"].loc["E001"] == pytest.approx(2 * 1 / 3)


def test_everyones_neighbour_has_nothing_to_be_compared_with() -> None:
    areas = noise(4)
    star = {a: ["E000"] for a in areas.index[1:]} | {"E000": list(areas.index[1:])}
    told = both(areas, "count", Graph.from_dicts(star))
    assert list(told.index[untested(told)]) == ["E000"]
    complete = {a: [b for b in areas.index if b != a] for a in areas.index}
    told = both(areas, "count", Graph.from_dicts(complete))
    assert untested(told).all()


def test_an_area_that_outweighs_all_others_is_tested_by_its_neighbours() -> None:
    """Gi holds the area's own value, so however large it is, its neighbours can be compared."""
    areas = noise(6, mean=5)
    areas.loc["E014", "count"] = 10**7
    told = lh.getis_ord(areas, "count", star=False)
    around = np.array([7, 8, 9, 13, 15, 19, 20, 21])
    others = areas["count"].drop("E014").to_numpy(dtype=float)
    n, k = others.size, around.size
    spread = np.sqrt(others.var() * (n * k - k**2) / (n - 1))
    z = (areas["count"].to_numpy()[around].sum() - k * others.mean()) / spread
    assert told.loc["E014", "gi_z"] == pytest.approx(z, abs=1e-6)
    assert (told["hotspot"] != "Not tested").all()


def test_nearly_everyones_neighbour_is_tested_by_those_left_out() -> None:
    areas = noise(4)
    ring = [*areas.index, *areas.index[:1]]
    graph = Graph.from_dicts(
        {
            a: [b for b in areas.index if b not in (a, after)]
            for a, after in itertools.pairwise(ring)
        }
    )
    told = lh.getis_ord(areas, "count", graph=graph)
    y = areas["count"].to_numpy()
    for i in range(16):  # one of 16 is left out: the sum is high where that one is low
        left = y[(i + 1) % 16]
        p = 2 * min((y <= left).mean(), (y >= left).mean())
        assert told["gi_p"].iloc[i] == pytest.approx(min(p, 1), abs=1e-12)


def test_a_column_that_is_not_there_or_not_a_number() -> None:
    areas = noise()
    with pytest.raises(ValueError, match=r"has no column 'cuont'.*Did you mean 'count'"):
        lh.getis_ord(areas, "cuont")
    with pytest.raises(TypeError, match="not numbers"):
        lh.getis_ord(areas.assign(count=areas["count"].astype(str)), "count")
    with pytest.raises(ValueError, match="infinite in 1 areas: E000"):
        lh.getis_ord(areas.assign(count=[np.inf, *areas["count"][1:]]), "count")
    with pytest.raises(ValueError, match="'both' is not one of two-sided, hot, cold"):
        lh.getis_ord(areas, "count", alternative="both")


# --- rates, unequal weights, size ----------------------------------------------------------------


def test_a_fine_grid_never_understates_p_and_states_its_error() -> None:
    counts = noise(20, mean=6.0)["count"].to_numpy()
    areas = chessboard(20, counts / 7 * 3.1, "rate")  # the counts, off the grid
    exact, fine = lh.getis_ord(chessboard(20, counts), "count"), lh.getis_ord(areas)
    error = fine.attrs["statistics"]["getis_ord"]["grid_error"]
    assert exact.attrs["statistics"]["getis_ord"]["grid_error"] == 0
    over = fine["gi_p"] - exact["gi_p"]
    assert over.min() >= -1e-12
    # values are lattice points: the grid is blind only to sums that nearly tie, and there are none
    assert over.max() <= 2 * error + 1e-12
    far = np.random.default_rng(1).gamma(2, 1, 400)
    error = lh.getis_ord(chessboard(20, far, "rate")).attrs["statistics"]["getis_ord"]["grid_error"]
    assert 0 < error < 0.005


def test_unequal_weights_are_sampled_with_a_seed_and_say_so() -> None:
    areas = noise(6)
    graph = lh.contiguity(areas)
    binary = lh.getis_ord(areas, "count", graph=graph)
    tilted = Graph(graph.adjacency * np.linspace(1, 1.0001, len(graph.adjacency)))
    told = lh.getis_ord(areas, "count", graph=tilted, permutations=2999, seed=4)
    facts = told.attrs["statistics"]["getis_ord"]
    assert facts["method"] == "2,999 sampled permutations (seed 4)"
    pd.testing.assert_frame_equal(
        told, lh.getis_ord(areas, "count", graph=tilted, permutations=2999, seed=4)
    )
    # nearly equal weights: nearly the exact p, but for Monte-Carlo error and broken ties
    bound = 5 * np.sqrt(0.25 / 2999)
    hot = lh.getis_ord(areas, "count", graph=tilted, alternative="hot", permutations=2999)["gi_p"]
    exact = lh.getis_ord(areas, "count", graph=graph, alternative="hot")["gi_p"]
    ties = 1 - lh.getis_ord(areas, "count", graph=graph, alternative="cold")["gi_p"]
    assert (hot <= exact + bound).all()
    assert (hot >= ties - bound).all()
    np.testing.assert_allclose(told["gi_z"], binary["gi_z"], atol=1e-2)
    moran = lh.local_moran(areas, "count", graph=tilted, permutations=999)
    assert moran["moran_p"].between(0.001, 1).all()
    assert "999 sampled" in moran.attrs["statistics"]["local_moran"]["text"]


def test_kernel_weights_agree_with_esda() -> None:
    areas = gpd.read_file(libpysal.examples.get_path("columbus.shp")).set_crs(27700)
    graph = Graph.build_kernel(areas.centroid, k=6)
    told = lh.getis_ord(areas, "CRIME", graph=graph, star=False, permutations=99)
    y = areas["CRIME"].to_numpy()
    w = graph.sparse.toarray() * (1 - np.eye(y.size))
    n, once, squares = y.size, w.sum(axis=1), (w**2).sum(axis=1)
    mean = (y.sum() - y) / (n - 1)
    spread = np.sqrt((np.square(y).sum() - y**2) / (n - 1) - mean**2)
    z = (w @ y - once * mean) / (spread * np.sqrt(((n - 1) * squares - once**2) / (n - 2)))
    np.testing.assert_allclose(told["gi_z"], z, atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(
    values=st.lists(st.integers(0, 40), min_size=16, max_size=16),
    by=st.sampled_from([1, 3, 1000]),
    shift=st.integers(0, 10**6),
)
def test_units_and_origin_do_not_matter(values: list[int], by: int, shift: int) -> None:
    areas = chessboard(4, values)
    if len(set(values)) == 1:
        return
    plain = both(areas, "count")
    moved = both(areas.assign(count=areas["count"] * by + shift), "count")
    np.testing.assert_allclose(moved["gi_z"], plain["gi_z"], atol=1e-7)
    np.testing.assert_allclose(moved["gi_p"], plain["gi_p"], atol=1e-12)
    np.testing.assert_allclose(moved["moran_p"], plain["moran_p"], atol=1e-12)


def test_noise_is_flagged_as_often_as_it_should_be() -> None:
    """200 maps of rare events, equal populations: 5 % of p below 0.05, few maps with anything."""
    rng = np.random.default_rng(8)
    areas = chessboard(12, 0)
    graph = lh.contiguity(areas)
    shares, maps = [], 0
    for _ in range(200):
        told = lh.getis_ord(areas.assign(count=rng.poisson(0.6, 144)), "count", graph=graph)
        shares.append((told["gi_p"] < 0.05).mean())
        maps += (told["gi_q"] <= 0.05).any()
    assert 0.02 < np.mean(shares) <= 0.05
    assert maps <= 10 + 3 * np.sqrt(10)


def test_attrs_survive_and_can_be_written() -> None:
    import json

    areas = noise()
    areas.attrs["edition"] = "lsoa11"
    told = both(areas, "count")
    assert told.attrs["edition"] == "lsoa11"
    assert set(told.attrs["statistics"]) == {"getis_ord", "local_moran"}
    assert json.loads(json.dumps(told.attrs)) == told.attrs
    assert told.attrs["statistics"]["getis_ord"]["text"] == (
        "Getis-Ord Gi* of count: exact permutation test, two-sided; "
        "Benjamini-Hochberg over 100 areas tested."
    )


@pytest.mark.parametrize("verb", [lh.getis_ord, lh.local_moran])
@pytest.mark.parametrize("times", [1e-300, 1e-160, 1e160, 1e300])
def test_no_unit_is_too_small_or_too_large(
    verb: Callable[..., gpd.GeoDataFrame], times: float
) -> None:
    areas = noise()
    plain = verb(areas.assign(rate=areas["count"].astype(float)))
    result = verb(areas.assign(rate=areas["count"] * times))
    for name in ("gi_z", "gi_p", "moran_i", "moran_p"):
        if name in plain:
            np.testing.assert_allclose(result[name], plain[name], rtol=0.02)
    for name in ("gi_z", "moran_i"):
        if name in plain:
            np.testing.assert_allclose(result[name], plain[name], rtol=1e-9, atol=1e-12)
    far = verb(areas.assign(rate=areas["count"] + 1e15))
    for name in set(plain) & {"gi_z", "gi_p", "moran_i", "moran_p"}:
        np.testing.assert_allclose(far[name], plain[name], rtol=1e-9, atol=1e-12)


def test_complex_numbers_are_refused() -> None:
    with pytest.raises(TypeError, match="holds complex128, not numbers"):
        lh.getis_ord(noise().assign(rate=1 + 2j))


def test_fences_are_quartiles_and_ranges_and_the_values_decide() -> None:
    areas = noise()
    areas.loc[areas.index[60], "count"] = 500
    first, third = areas["count"].quantile([0.25, 0.75])
    assert third > first
    clipped = areas["count"].clip(first - 2 * (third - first), third + 2 * (third - first))
    for verb in (lh.getis_ord, lh.local_moran):
        fenced, by_hand = verb(areas, "count", fence=2), verb(areas.assign(count=clipped), "count")
        for name in set(fenced) & {"gi_p", "gi_q", "moran_p", "moran_q"}:
            np.testing.assert_allclose(fenced[name], by_hand[name], rtol=1e-9)
        plain = verb(areas, "count")
        for name in set(fenced) & {"gi_z", "moran_i"}:
            np.testing.assert_array_equal(fenced[name], plain[name])
    # where most values are one, there is no range to fence by
    sparse = areas.assign(count=[9] + [0] * (len(areas) - 2) + [3])
    facts = lh.getis_ord(sparse, "count", fence=3).attrs["statistics"]["getis_ord"]
    assert facts["fenced"] == 0


def a_row(values: list[float]) -> gpd.GeoDataFrame:
    codes = pd.Index([f"E{i:02d}" for i in range(len(values))], name="area_code")
    squares = [shapely.box(x, 0, x + 1, 1) for x in range(len(values))]
    return gpd.GeoDataFrame({"rate": values}, geometry=squares, index=codes, crs=27700)


@pytest.mark.parametrize("verb", [lh.getis_ord, lh.local_moran])
def test_unequal_weights_where_one_or_all_have_no_value(
    verb: Callable[..., gpd.GeoDataFrame],
) -> None:
    areas = a_row([3.0, 1.0, np.nan, 4.0, 1.0, 5.0, 9.0, 2.0])
    pairs = lh.contiguity(areas).adjacency
    graph = Graph(pairs * np.linspace(0.2, 2, len(pairs)))
    with pytest.warns(UserWarning, match="missing in 1 areas"):
        found = verb(areas, graph=graph, permutations=99)
    facts = found.attrs["statistics"][verb.__name__]
    p = found["gi_p" if verb is lh.getis_ord else "moran_p"]
    assert facts["tested"] == 7
    assert facts["method"].startswith("99 sampled permutations")
    assert p.isna().tolist() == [False, False, True, *[False] * 5]
    with (
        pytest.warns(UserWarning, match="missing in 8 areas"),
        pytest.warns(UserWarning, match="only 0 areas have a value"),
    ):
        none = verb(areas.assign(rate=np.nan), graph=graph, permutations=99)
    facts = none.attrs["statistics"][verb.__name__]
    assert (facts["method"], facts["tested"], facts["missing"]) == ("no test", 0, 8)


@pytest.mark.parametrize(
    ("values", "any_tested"),
    [
        ([1, 2, 3, 4], True), ([1, 2, 3, np.nan], False), ([5, 5, 5, 6], True),
        ([5, 5, 5, 5], False), ([np.nan] * 4, False), ([0.1 + 0.2, 0.3, 0.3, 0.3], False),
    ],
)  # fmt: skip
def test_four_values_that_are_not_all_one_make_a_test(
    values: list[float], *, any_tested: bool
) -> None:
    areas = a_row([float(value) for value in values])
    linked = aligned.align(areas, lh.contiguity(areas))
    centred, links, tested = local_tests.testable(areas["rate"].to_numpy(), linked)
    present = ~np.isnan(areas["rate"].to_numpy())
    assert tested.tolist() == (present & any_tested).tolist()
    np.testing.assert_allclose(centred, areas["rate"] - areas["rate"].mean(), atol=1e-15)
    found = local_tests.gi_star(centred, links, tested)
    assert np.isnan(found.upper).tolist() == np.isnan(found.z).tolist() == (~tested).tolist()


def test_an_areas_own_weight_is_the_graphs_or_the_largest_of_its_links() -> None:
    """Equation 14 of Ord & Getis (1995), written out, with weights of a half, of two and of none."""
    areas = a_row([3.0, 1.0, 7.0, 4.0, 1.0, 5.0])
    links = {(f"E{i:02d}", f"E{j:02d}"): 0.2 + 0.1 * i + 0.05 * j
             for i in range(6) for j in (i - 1, i + 1) if 0 <= j < 6}  # fmt: skip
    own = {"E01": 0.5, "E03": 2.0}
    every = {**links, **{(code, code): weight for code, weight in own.items()}}
    index = pd.MultiIndex.from_tuples(every, names=["focal", "neighbor"])
    graph = Graph(pd.Series(list(every.values()), index=index, name="weight").sort_index())
    found = lh.getis_ord(areas, graph=graph, permutations=9)["gi_z"]
    x, n = areas["rate"].to_numpy(), 6
    for i, code in enumerate(areas.index):
        w = np.array([every.get((code, other), 0.0) for other in areas.index])
        if code not in own:
            w[i] = w.max()
        spread = x.std() * np.sqrt((n * (w**2).sum() - w.sum() ** 2) / (n - 1))
        assert found[code] == pytest.approx((w @ x - x.mean() * w.sum()) / spread), code


@pytest.mark.parametrize(
    ("verb", "side"),
    [(lh.getis_ord, "two-sided"), (lh.getis_ord, "hot"), (lh.getis_ord, "cold"),
     (lh.local_moran, "two-sided")],
)  # fmt: skip
def test_sampled_p_is_near_that_of_all_permutations(
    verb: Callable[..., gpd.GeoDataFrame], side: str
) -> None:
    """Weights that differ: for Gi* all values are shuffled, for Moran's I all but an area's own."""
    values = np.array([3.0, 1.0, 7.0, 4.0, 1.5, 5.0, 9.0])
    areas = a_row(list(values))
    links = {
        (i, j): 0.2 + 0.1 * i + 0.05 * j for i in range(7) for j in (i - 1, i + 1) if 0 <= j < 7
    }
    index = pd.MultiIndex.from_tuples(
        [(f"E{i:02d}", f"E{j:02d}") for i, j in links], names=["focal", "neighbor"]
    )
    graph = Graph(pd.Series(list(links.values()), index=index, name="weight").sort_index())
    more = {} if verb is lh.local_moran else {"alternative": side}
    found = verb(areas, graph=graph, permutations=9999, seed=3, **more)
    star = verb is lh.getis_ord
    p = found["gi_p" if star else "moran_p"].to_numpy()
    every = np.array(list(itertools.permutations(values)))
    for i in range(7):
        w = np.array([links.get((i, j), 0.0) for j in range(7)])
        if star:
            w[i] = w.max()
        maps = every if star else every[every[:, i] == values[i]]
        sums, seen = maps @ w, values @ w
        upper, lower = (sums >= seen - 1e-9).mean(), (sums <= seen + 1e-9).mean()
        exact = {"two-sided": min(1, 2 * min(upper, lower)), "hot": upper, "cold": lower}[side]
        assert p[i] == pytest.approx(exact, abs=0.03), i
