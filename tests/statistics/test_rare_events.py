"""Rare events against scipy's binomial test, published figures and simulation."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings, strategies as st
from libpysal.graph import Graph
from scipy.stats import binom, binomtest

import lsoahot as lh


def row_of(count: list[float], population: list[float]) -> gpd.GeoDataFrame:
    codes = pd.Index([f"E{i:03d}" for i in range(len(count))], name="area_code")
    squares = [shapely.box(x, 0, x + 1, 1) for x in range(len(count))]
    return gpd.GeoDataFrame(
        {"count": count, "population": population}, geometry=squares, index=codes, crs=27700
    )


def test_fires_in_oakham_north_west() -> None:
    """6 of 22 deliberate fires with 4.6 % of the people (assessment of 2012)."""
    told = lh.local_risk(row_of([6, 16], [46, 954])).iloc[0]
    assert told["risk_expected"] == pytest.approx(22 * 0.046)
    assert told["risk_ratio"] == pytest.approx(6 / (22 * 0.046))
    assert told["risk_p"] == pytest.approx(2 * binom.sf(5, 22, 0.046), rel=1e-12)
    limits = binomtest(6, 22, 0.046).proportion_ci(0.95, method="exact")
    assert told["risk_lower"] == pytest.approx(limits.low / 0.046)
    assert told["risk_upper"] == pytest.approx(limits.high / 0.046)


def test_with_neighbours_events_and_people_add_up() -> None:
    areas = row_of([3, 0, 4, 1, 0], [100, 200, 300, 400, 500])
    told = lh.local_risk(areas, graph=lh.contiguity(areas))
    events, people = [3, 7, 5, 5, 1], [300, 600, 900, 1200, 900]
    np.testing.assert_allclose(told["risk_expected"], 8 * np.array(people) / 1500)
    np.testing.assert_allclose(told["risk_ratio"] * told["risk_expected"], events)
    weighted = lh.local_risk(areas, graph=lh.contiguity(areas).transform("R"))
    pd.testing.assert_frame_equal(told, weighted)  # people are people, whatever the weights
    facts = told.attrs["statistics"]["local_risk"]
    assert facts["statistic"] == "Risk ratio with neighbours"
    assert facts["events"] == 8
    assert facts["method"] == "exact binomial test"


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 15), st.integers(1, 5000)), min_size=2, max_size=12).filter(
        lambda rows: any(n for n, _ in rows)
    ),
    st.sampled_from([0.9, 0.95, 0.99]),
)
def test_any_table_as_scipys_binomial(rows: list[tuple[int, int]], level: float) -> None:
    areas = row_of([n for n, _ in rows], [p for _, p in rows])
    told = lh.local_risk(areas, confidence=level)
    total, people = areas["count"].sum(), areas["population"].sum()
    for _, area in told.iterrows():
        share, n = area["population"] / people, int(area["count"])
        upper, lower = binom.sf(n - 1, total, share), binom.cdf(n, total, share)
        assert area["risk_p"] == pytest.approx(min(1, 2 * min(upper, lower)), rel=1e-9)
        limits = binomtest(n, int(total), share).proportion_ci(level, method="exact")
        assert area["risk_lower"] * share == pytest.approx(limits.low, abs=1e-9)
        assert area["risk_upper"] * share == pytest.approx(limits.high, abs=1e-9)
        # limits and test are one: a ratio of 1 outside the limits is a small p
        outside = not area["risk_lower"] <= 1 <= area["risk_upper"]
        assert outside == (area["risk_p"] < 1 - level) or area["risk_p"] == pytest.approx(1 - level)


def test_hot_and_cold_only() -> None:
    areas = row_of([9, 0, 1, 1, 1], [100, 400, 100, 100, 100])
    two, hot, cold = (lh.local_risk(areas, alternative=a) for a in ("two-sided", "hot", "cold"))
    assert hot["risk_p"].iloc[0] == pytest.approx(binom.sf(8, 12, 1 / 8))
    assert cold["risk_p"].iloc[1] == pytest.approx(0.5**12)
    assert two["risk_class"].tolist()[:2] == ["Hot spot 99%", "Cold spot 99%"]
    assert hot["risk_class"].tolist()[:2] == ["Hot spot 99%", "Not significant"]
    assert cold["risk_class"].tolist()[:2] == ["Not significant", "Cold spot 99%"]


def test_areas_without_people_or_count_are_left_out_and_told() -> None:
    areas = row_of([3, 2, np.nan, 5], [100, 0, 200, 300])
    with pytest.warns(UserWarning, match=r"2 areas .*E001, E002.* 2 events are left out"):
        told = lh.local_risk(areas)
    assert told["risk_class"].tolist()[1:3] == ["Not tested", "Not tested"]
    assert told[["risk_p", "risk_ratio", "risk_lower"]].iloc[1:3].isna().all(axis=None)
    known = lh.local_risk(row_of([3, 5], [100, 300]))
    np.testing.assert_allclose(told["risk_p"].iloc[[0, 3]], known["risk_p"])


@pytest.mark.parametrize("count", [[0, 0, 0], [5]])
def test_no_events_or_one_area_is_not_tested(count: list[float]) -> None:
    with pytest.warns(UserWarning, match="nothing is tested"):
        told = lh.local_risk(row_of(count, [100] * len(count)))
    assert (told["risk_class"] == "Not tested").all()
    assert told["risk_p"].isna().all()


def test_one_event_alone_is_tested() -> None:
    """It falls where a quarter of the people live with probability 1/4, and elsewhere with 3/4."""
    told = lh.local_risk(row_of([1, 0], [100, 300]))
    assert told["risk_p"].tolist() == pytest.approx([0.5, 0.5])
    assert told["risk_ratio"].tolist() == [4, 0]


def test_all_or_none_of_the_events_are_as_cold_or_as_hot_as_can_be() -> None:
    areas = row_of([5, 0], [100, 300])
    cold, hot = (lh.local_risk(areas, alternative=a)["risk_p"] for a in ("cold", "hot"))
    assert cold.tolist() == pytest.approx([1, 0.25**5])
    assert hot.tolist() == pytest.approx([0.25**5, 1])


def test_everyones_neighbour_is_not_tested() -> None:
    areas = row_of([1, 2, 3], [10, 20, 30])
    told = lh.local_risk(areas, graph=lh.contiguity(areas))
    assert told["risk_class"].tolist()[1] == "Not tested"
    assert told["risk_p"].notna().tolist() == [True, False, True]


def test_order_and_input_do_not_matter() -> None:
    rng = np.random.default_rng(0)
    areas = row_of(rng.poisson(1, 30).tolist(), rng.integers(50, 500, 30).tolist())
    graph, before = lh.contiguity(areas), areas.copy(deep=True)
    told = lh.local_risk(areas, graph=graph)
    shuffled = lh.local_risk(areas.sample(frac=1, random_state=1), graph=graph)
    pd.testing.assert_frame_equal(shuffled.loc[told.index], told)
    pd.testing.assert_frame_equal(areas, before)


@pytest.mark.parametrize(
    ("areas", "message"),
    [
        (row_of([1, -2], [10, 10]), "negative or not whole in 1 areas: E001"),
        (row_of([1, 2.5], [10, 10]), "negative or not whole in 1 areas: E001"),
        (row_of([1, 2], [10, -10]), "'population' is negative in 1 areas: E001"),
        (row_of([1, 2], [10, 10]).drop(columns="count"), "no column 'count'"),
    ],
)
def test_what_is_no_count_is_refused(areas: gpd.GeoDataFrame, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        lh.local_risk(areas)


def test_nonsense_is_refused() -> None:
    areas = row_of([1, 2], [10, 10])
    for confidence in (0, 1, 95):
        with pytest.raises(ValueError, match=f"confidence={confidence} is not between 0 and 1"):
            lh.local_risk(areas, confidence=confidence)
    with pytest.raises(ValueError, match=r"alpha=0\.5"):
        lh.local_risk(areas, alpha=0.5)
    with pytest.raises(ValueError, match="not in the graph"):
        lh.local_risk(areas, graph=Graph.from_dicts({"x": ["y"], "y": ["x"]}))


def test_equal_risk_and_very_unequal_people_flag_few_maps() -> None:
    """300 maps, populations from 50 to 20,000: at most 5 % have anything, whatever the rate."""
    rng = np.random.default_rng(4)
    people = np.exp(rng.uniform(np.log(50), np.log(20_000), 60)).round()
    areas = row_of([0] * 60, people.tolist())
    graph = lh.contiguity(areas)
    for per_1000 in (0.3, 30):
        maps = 0
        for _ in range(150):
            table = areas.assign(count=rng.poisson(people * per_1000 / 1000))
            maps += (lh.local_risk(table, graph=graph)["risk_q"] <= 0.05).any()
        assert maps <= 7.5 + 3 * np.sqrt(7.5)
