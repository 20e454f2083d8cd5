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

BUDGET = settings(max_examples=5)
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
    "local_risk": lambda areas, graph: lh.local_risk(areas, graph=graph),
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
@pytest.mark.parametrize("verb", ["getis_ord", "local_moran", "global_moran", "local_risk"])
@given(seed=SEED)
@BUDGET
def test_all_weights_of_a_graph_times_a_number_change_nothing(
    verb: str, k: float, seed: int
) -> None:
    areas = world(seed)
    graph = lh.contiguity(areas)
    scaled = Graph(graph.adjacency * k)
    same(quiet(lambda: MISSING[verb](areas, scaled)), quiet(lambda: MISSING[verb](areas, graph)))


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
