"""Areas left out, swapped, scaled or merged: what the others' figures may and may not do."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings, strategies as st
from libpysal.graph import Graph

import lsoahot as lh

if TYPE_CHECKING:
    from collections.abc import Callable

    Verb = Callable[[gpd.GeoDataFrame, Graph], pd.DataFrame | pd.Series]

BUDGET = settings(max_examples=3)
SEED = st.integers(0, 10_000)
SIDE = 5


def world(seed: int) -> gpd.GeoDataFrame:
    """Return a grid of 25 areas with whole, skewed counts."""
    rng = np.random.default_rng(seed)
    n = SIDE * SIDE
    count = rng.negative_binomial(1, 0.08, n)
    people = rng.integers(800, 3000, n)
    return gpd.GeoDataFrame(
        {"count": count, "population": people, "rate": count / people * 1000},
        index=pd.Index([f"E01{i:06d}" for i in range(n)], name="area_code"),
        geometry=[shapely.box(x, y, x + 1, y + 1) for x in range(SIDE) for y in range(SIDE)],
        crs="EPSG:27700",
    )


def quiet(call: Callable[[], object]) -> object:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # what can't be tested is not the matter here
        return call()


def same(found: object, expected: object, *, rtol: float = 1e-9) -> None:
    if isinstance(expected, pd.Series):
        pd.testing.assert_series_equal(found, expected, rtol=rtol)
    else:
        pd.testing.assert_frame_equal(
            pd.DataFrame(found), pd.DataFrame(expected), check_dtype=False, rtol=rtol
        )


# --- an area without a value is an area that is not there -------------------------------------------

MISSING: dict[str, Verb] = {
    "getis_ord": lambda areas, graph: lh.getis_ord(areas, "count", graph=graph),
    "getis_ord of rates": lambda areas, graph: lh.getis_ord(areas, "rate", graph=graph),
    "getis_ord without itself": lambda areas, graph: lh.getis_ord(
        areas, "rate", graph=graph, star=False
    ),
    "local_moran": lambda areas, graph: lh.local_moran(areas, "count", graph=graph),
    "global_moran": lambda areas, graph: lh.global_moran(
        areas, "rate", graph=graph, permutations=99
    ),
    "global_g": lambda areas, graph: lh.global_g(areas, "rate", graph=graph, permutations=99),
    "global_geary": lambda areas, graph: lh.global_geary(
        areas, "rate", graph=graph, permutations=99
    ),
    "join_counts": lambda areas, graph: lh.join_counts(
        areas.assign(high=(areas["rate"] > 5).where(areas["rate"].notna())),
        "high",
        graph=graph,
        permutations=99,
    ),
    "local_risk": lambda areas, graph: lh.local_risk(areas, graph=graph),
    "scan": lambda areas, _: lh.scan(areas.assign(count=areas["count"] // 8), draws=49),
    "concentration": lambda areas, _: lh.concentration(areas),
    "concentration without people": lambda areas, _: lh.concentration(areas, population=None),
    "empirical_bayes with neighbours": lambda areas, graph: lh.empirical_bayes(areas, graph=graph),
    "find_hotspots": lh.find_hotspots,
    "exceedance": lambda areas, _: lh.exceedance(areas),
    "empirical_bayes": lambda areas, _: lh.empirical_bayes(areas),
    "rate": lambda areas, _: lh.rate(areas.drop(columns="rate")),
    "rank": lambda areas, _: lh.rank(areas),
    "top": lambda areas, _: lh.top(areas, 5),
    "compare": lambda areas, _: lh.compare(areas),
    "change": lambda areas, _: lh.change(
        areas, areas.assign(count=areas["count"][::-1].to_numpy())
    ),
    "evaluate": lambda areas, _: lh.evaluate(
        {"a choice": list(areas.index[1:9])}, areas.assign(count=areas["count"] % 7 + 1)
    ),
}


@pytest.mark.parametrize("verb", MISSING)
@given(seed=SEED)
@BUDGET
def test_an_area_without_a_value_is_as_if_it_were_not_there(verb: str, seed: int) -> None:
    whole = world(seed)
    gone = whole.index[12]  # in the middle, a neighbour of eight
    there = whole.index != gone
    missing = whole.assign(
        count=whole["count"].astype("float64").where(there), rate=whole["rate"].where(there)
    )
    if verb == "change":  # pairs each area with another: keep the pairs
        missing.loc[missing.index[::-1][12], "count"] = np.nan
    graph = lh.contiguity(whole)
    found = quiet(lambda: MISSING[verb](missing, graph))
    expected = quiet(lambda: MISSING[verb](whole[there], graph.subgraph(whole.index[there])))
    if isinstance(found, pd.DataFrame) and gone in found.index:
        found = found.drop(index=gone)
    same(found, expected)


# --- then and now, swapped ------------------------------------------------------------------------


@given(seed=SEED)
@BUDGET
def test_the_change_back_is_the_change_upside_down(seed: int) -> None:
    then, now = world(seed), world(seed + 1)
    there = quiet(lambda: lh.change(then, now, dispersion=1.3))
    back = quiet(lambda: lh.change(now, then, dispersion=1.3))
    assert isinstance(there, pd.DataFrame)
    assert isinstance(back, pd.DataFrame)
    both = (there["rate_ratio"] > 0) & np.isfinite(there["rate_ratio"])
    assert both.sum() > 10
    for one, other in (
        ("rate_ratio", "rate_ratio"), ("ratio_lower", "ratio_upper"), ("ratio_upper", "ratio_lower")
    ):  # fmt: skip
        assert there.loc[both, one].to_numpy() == pytest.approx(
            1 / back.loc[both, other].to_numpy()
        )
    for column in ("change_p", "change_q"):
        assert there[column].to_numpy() == pytest.approx(back[column].to_numpy(), nan_ok=True)
    word = {"Rose": "Fell", "Fell": "Rose"}
    turned = [
        f"{word[first]} {rest}" if (first := text.split()[0]) in word and (rest := text.split()[1])
        else text
        for text in back["change_class"].astype(str)
    ]  # fmt: skip
    assert there["change_class"].astype(str).tolist() == turned


# --- scaled ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("k", [0.25, 7.0])
@pytest.mark.parametrize(
    "verb",
    ["getis_ord", "local_moran", "global_moran", "global_geary", "local_risk",
     "empirical_bayes with neighbours", "find_hotspots"],
)  # fmt: skip
@given(seed=SEED)
@BUDGET
def test_all_weights_of_a_graph_times_a_number_change_nothing(
    verb: str, k: float, seed: int
) -> None:
    areas = world(seed)
    graph = lh.contiguity(areas)
    scaled = Graph(graph.adjacency * k)
    same(quiet(lambda: MISSING[verb](areas, scaled)), quiet(lambda: MISSING[verb](areas, graph)))


@pytest.mark.parametrize("k", [0.25, 7.0])
@pytest.mark.parametrize("verb", ["global_g", "join_counts"])
@given(seed=SEED)
@BUDGET
def test_weights_times_a_number_scale_sums_over_links_and_no_test(
    verb: str, k: float, seed: int
) -> None:
    areas = world(seed)
    graph = lh.contiguity(areas)
    scaled = quiet(lambda: MISSING[verb](areas, Graph(graph.adjacency * k)))
    plain = quiet(lambda: MISSING[verb](areas, graph))
    assert isinstance(scaled, pd.Series)
    assert isinstance(plain, pd.Series)
    sums = ["value", "expected"]
    assert scaled[sums].tolist() == pytest.approx((plain[sums] * k).tolist())
    assert scaled[["z", "p"]].tolist() == pytest.approx(plain[["z", "p"]].tolist())


@pytest.mark.parametrize("times", [0.01, 400.0])
@pytest.mark.parametrize("verb", ["global_moran", "global_geary", "global_g"])
@given(seed=SEED)
@BUDGET
def test_values_in_other_units_and_from_another_zero_cluster_alike(
    verb: str, times: float, seed: int
) -> None:
    areas = world(seed)
    graph = lh.contiguity(areas)
    zero = 0.0 if verb == "global_g" else 50.0  # G is about products, and has a zero of its own
    other = areas.assign(rate=areas["rate"] * times + zero)
    found, expected = MISSING[verb](other, graph), MISSING[verb](areas, graph)
    same(found.drop("text"), expected.drop("text"), rtol=1e-6)


@given(seed=SEED)
@BUDGET
def test_marks_turned_over_join_as_often_as_the_rest_of_the_links_leaves(seed: int) -> None:
    """Of all links those of two marked, of two unmarked, and of one of each."""
    areas = world(seed)
    marked = areas["rate"] > areas["rate"].median()
    graph = lh.contiguity(areas, rule="rook")
    both, neither = (
        lh.join_counts(areas.assign(high=marks), "high", graph=graph, permutations=9)["value"]
        for marks in (marked, ~marked)
    )
    mixed = sum(marked[one] != marked[other] for one, other in graph.adjacency.index) / 2
    assert both + neither + mixed == 2 * SIDE * (SIDE - 1)


SHARES = {
    "exceedance": lh.exceedance,
    "exceedance with neighbours": lambda areas: lh.exceedance(areas, graph=lh.contiguity(areas)),
    "local_risk": lh.local_risk,
    "scan": lambda areas: lh.scan(areas.assign(count=areas["count"] // 8), draws=49),
    "concentration": lh.concentration,
}


@pytest.mark.parametrize("k", [1000.0])
@pytest.mark.parametrize("verb", SHARES)
@given(seed=SEED)
@settings(max_examples=2)
def test_people_in_other_units_are_the_same_shares(verb: str, k: float, seed: int) -> None:
    areas = world(seed)
    scaled = areas.assign(population=areas["population"] * k)
    found, expected = (quiet(lambda table=table: SHARES[verb](table)) for table in (scaled, areas))
    made = [name for name in expected if name not in areas]  # type: ignore[attr-defined]
    assert made
    same(found[made], expected[made], rtol=1e-6)  # type: ignore[index]


@given(seed=SEED, shift=st.tuples(st.integers(-500, 500), st.integers(-500, 500)))
@BUDGET
def test_clusters_move_with_the_map_and_turn_with_it(seed: int, shift: tuple[int, int]) -> None:
    areas = world(seed).pipe(lambda table: table.assign(count=table["count"] // 8))
    found = quiet(lambda: lh.scan(areas, draws=49))
    turned = areas.set_geometry(areas.rotate(90, origin=(0, 0)).translate(*shift))
    same(quiet(lambda: lh.scan(turned, draws=49)), found, rtol=1e-6)
    larger = quiet(lambda: lh.scan(areas.set_geometry(areas.scale(3, 3, origin=(0, 0))), draws=49))
    assert isinstance(found, pd.DataFrame)
    same(larger, found.assign(radius=found["radius"] * 3), rtol=1e-6)


@given(seed=SEED)
@BUDGET
def test_an_area_told_as_two_in_one_place_is_in_the_same_clusters(seed: int) -> None:
    """Two halves have one centre here, so that every circle holds both or neither."""
    areas = world(seed).pipe(lambda table: table.assign(count=table["count"] // 8))
    events, people = areas["count"].iloc[12], areas["population"].iloc[12]
    half = areas.iloc[[12]].assign(count=events // 2, population=people // 3)
    rest = half.assign(count=events - events // 2, population=people - people // 3)
    codes = [f"{areas.index[12]}", "E01999999"]
    two = pd.concat([areas.drop(index=codes[0]), half, rest.set_axis(codes[1:], axis=0)])
    own = ["radius", "events", "expected", "relative_risk", "log_likelihood_ratio"]
    found, expected = (
        quiet(lambda table=table: lh.scan(table, draws=49)) for table in (two, areas)
    )
    assert isinstance(found, pd.DataFrame)
    assert isinstance(expected, pd.DataFrame)
    assert len(expected) > 0
    same(found[own], expected[own])


@pytest.mark.parametrize("verb", ["getis_ord", "local_moran"])
@given(seed=SEED)
@BUDGET
def test_unequal_weights_times_a_number_change_nothing(verb: str, seed: int) -> None:
    areas = world(seed)
    places = areas.set_geometry(areas.centroid)
    graph = Graph.build_kernel(places, kernel="triangular", bandwidth=2.5)
    test = getattr(lh, verb)
    found = quiet(lambda: test(areas, "count", graph=Graph(graph.adjacency * 4), permutations=99))
    expected = quiet(lambda: test(areas, "count", graph=graph, permutations=99))
    assert isinstance(found, pd.DataFrame)
    assert "sampled" in found.attrs["statistics"][verb]["method"]
    same(found, expected)


@given(seed=SEED, k=st.sampled_from([0.01, 3.0]))
@BUDGET
def test_weights_of_records_times_a_number_scale_sums_and_no_test(seed: int, k: float) -> None:
    rng = np.random.default_rng(seed)
    every = pd.period_range("2021-01", "2022-12", freq="M")
    records = pd.DataFrame(
        {
            "period": every[rng.integers(0, 24, 600)],
            "category": "Theft",
            "harm": rng.choice([1.0, 10.0, 365.0], 600, p=[0.6, 0.3, 0.1]),
        }
    )
    one = lh.trend(records, weight="harm", period=("2021-01", "2022-12"))
    scaled = records.assign(harm=records["harm"] * k)
    other = lh.trend(scaled, weight="harm", period=("2021-01", "2022-12"))
    sums = ["weighted", "previous", "change", "dispersion"]
    assert other[sums].to_numpy() == pytest.approx(one[sums].to_numpy() * k, nan_ok=True)
    same(other.drop(columns=sums), one.drop(columns=sums), rtol=1e-6)


@given(seed=SEED, k=st.sampled_from([1e-3, 1000.0]))
@BUDGET
def test_rates_in_other_units_are_tested_alike(seed: int, k: float) -> None:
    areas = world(seed)
    made = ["gi_z", "gi_p", "gi_q", "hotspot"]
    same(
        lh.getis_ord(areas.assign(rate=areas["rate"] * k), "rate")[made],
        lh.getis_ord(areas, "rate")[made],
        rtol=1e-6,
    )


@given(seed=SEED, shift=st.tuples(st.integers(-500, 500), st.integers(-500, 500)))
@BUDGET
def test_a_map_moved_elsewhere_has_the_same_neighbours_and_tests(
    seed: int, shift: tuple[int, int]
) -> None:
    areas = world(seed)
    moved = areas.set_geometry(areas.translate(*shift))
    made = ["gi_z", "gi_p", "gi_q", "hotspot"]
    same(lh.getis_ord(moved, "count")[made], lh.getis_ord(areas, "count")[made])


# --- merged ---------------------------------------------------------------------------------------


@given(seed=SEED)
@BUDGET
def test_merging_other_areas_moves_no_figure_of_an_areas_own(seed: int) -> None:
    areas = world(seed)
    merged = areas.iloc[:20].copy()
    last = areas.iloc[20:]
    one = gpd.GeoDataFrame(
        {"count": [last["count"].sum()], "population": [last["population"].sum()]},
        index=pd.Index(["E01999999"], name="area_code"),
        geometry=[last.union_all()],
        crs=areas.crs,
    )
    merged = pd.concat([merged.drop(columns="rate"), one])
    own = ["rate", "rate_lower", "rate_upper"]
    found, expected = lh.rate(merged), lh.rate(areas.drop(columns="rate"))
    same(found[own].iloc[:20], expected[own].iloc[:20])
    # The whole is the same whole: how an area stands against it, too.
    found, expected = (quiet(lambda table=table: lh.local_risk(table)) for table in (merged, areas))
    assert isinstance(found, pd.DataFrame)
    assert isinstance(expected, pd.DataFrame)
    ratio = [name for name in ("risk_ratio", "risk_p") if name in found]
    assert ratio
    same(found[ratio].iloc[:20], expected[ratio].iloc[:20])


@given(seed=SEED)
@BUDGET
def test_points_in_merged_areas_are_the_sum_of_their_parts(seed: int) -> None:
    areas = world(seed)
    rng = np.random.default_rng(seed)
    records = gpd.GeoDataFrame(
        geometry=gpd.points_from_xy(*rng.uniform(-0.5, SIDE + 0.5, (2, 200))), crs="EPSG:27700"
    )
    halves = areas.assign(half=np.arange(len(areas)) // 13).dissolve("half")[["geometry"]]
    halves.index = pd.Index(["E01000101", "E01000102"], name="area_code")
    plain = areas[["geometry"]]
    whole = quiet(lambda: lh.count(halves, records))
    parts = quiet(lambda: lh.count(plain, records))
    assert isinstance(whole, pd.DataFrame)
    assert isinstance(parts, pd.DataFrame)
    sums = parts["count"].groupby(np.arange(len(areas)) // 13).sum()
    assert whole["count"].tolist() == sums.tolist()
    assert whole.attrs["audit"]["outside"] == parts.attrs["audit"]["outside"] > 0
