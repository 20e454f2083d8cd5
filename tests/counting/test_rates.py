"""Rates, limits and ranks against published figures, closed forms and the definition."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, strategies as st
from scipy.stats import poisson

import lsoahot as lh
from lsoahot.counting.rates import count_limits


def make(counts: list[float], population: list[float] | None = None) -> gpd.GeoDataFrame:
    n = len(counts)
    return gpd.GeoDataFrame(
        {
            "area_name": [f"Area {i:03d}" for i in range(n)],
            "count": counts,
            "population": [1000] * n if population is None else population,
        },
        index=pd.Index([f"E01{i:06d}" for i in range(n)], name="area_code"),
        geometry=[shapely.box(i, 0, i + 1, 1) for i in range(n)],
        crs=27700,
    )


def test_published_limits() -> None:
    # PHEindicatormethods: Byar for 65 events; exact for 5 events in 100, per 100,000.
    lower, upper = count_limits(np.array([65.0]))
    assert lower[0] == pytest.approx(50.1632, abs=5e-5)
    assert upper[0] == pytest.approx(82.8491, abs=5e-5)
    five = lh.rate(make([5], [100]), per=100_000)
    assert five["rate_lower"].iloc[0] == pytest.approx(1623.4864, abs=5e-5)
    assert five["rate_upper"].iloc[0] == pytest.approx(11668.3321, abs=5e-5)


def test_no_event_has_the_closed_form() -> None:
    none = lh.rate(make([0]))
    assert none["rate"].iloc[0] == 0
    assert none["rate_lower"].iloc[0] == 0
    assert none["rate_upper"].iloc[0] == pytest.approx(-np.log(0.025))


@given(st.integers(1, 9), st.sampled_from([0.8, 0.95, 0.998]))
def test_exact_limits_are_where_the_poisson_tails_are(events: int, confidence: float) -> None:
    lower, upper = count_limits(np.array([float(events)]), confidence=confidence)
    tail = (1 - confidence) / 2
    assert poisson.sf(events - 1, lower[0]) == pytest.approx(tail, rel=1e-9)
    assert poisson.cdf(events, upper[0]) == pytest.approx(tail, rel=1e-9)


@given(st.integers(10, 100_000))
def test_byar_is_close_to_exact_from_ten_on(events: int) -> None:
    lower, upper = count_limits(np.array([float(events)]))
    assert poisson.sf(events - 1, lower[0]) == pytest.approx(0.025, abs=3e-4)
    assert poisson.cdf(events, upper[0]) == pytest.approx(0.025, abs=3e-4)


def test_the_assessment_s_own_rates() -> None:
    # Table 1: 153 crimes at 85.4, 90 at 53.4, 84 at 24.7 per 1000.
    table = lh.rate(make([153, 90, 84], [1791, 1684, 3396]))
    assert table["rate"].round(1).tolist() == [85.4, 53.4, 24.7]


def test_no_population_is_told_and_missing() -> None:
    with pytest.warns(UserWarning, match=r"2 of 3 areas have no population .*E01000001, E01000002"):
        table = lh.rate(make([3, 3, 3], [1000, 0, np.nan]))
    assert table["rate"].isna().tolist() == [False, True, True]
    assert table["rate_upper"].isna().tolist() == [False, True, True]


def test_missing_count_has_no_rate() -> None:
    areas = make([1, 2])
    areas["count"] = pd.array([1, None], dtype="Int64")
    assert lh.rate(areas)["rate"].isna().tolist() == [False, True]


def test_input_is_not_changed_and_notes_travel() -> None:
    areas = make([1, 2])
    areas.attrs["notice"] = "schematic"
    before = areas.copy()
    table = lh.rank(lh.rate(areas))
    pd.testing.assert_frame_equal(areas, before)
    assert table.attrs["notice"] == "schematic"
    assert table.crs == areas.crs


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"count": [-1, 2]}, ValueError, r"'count' is negative in 1 areas: E01000000"),
        ({"population": [-5, 2]}, ValueError, r"'population' is negative in 1 areas"),
        ({"count": ["a", "b"]}, TypeError, r"'count' holds .*not numbers.*pd.to_numeric"),
        ({"count": [np.inf, 2]}, ValueError, r"'count' is infinite in 1 areas: E01000000"),
        ({"count": [True, False]}, TypeError, r"holds bool, not numbers"),
    ],
)
def test_bad_columns(change: dict[str, list[object]], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        lh.rate(make([1, 2]).assign(**change))


def test_bad_calls() -> None:
    with pytest.raises(ValueError, match=r"no column 'cuont'.*Did you mean 'count'"):
        lh.rate(make([1]), count="cuont")
    with pytest.raises(ValueError, match=r"no column 'population'.*Join a table that has it first"):
        lh.rate(make([1]).drop(columns="population"))
    with pytest.raises(ValueError, match="per=0"):
        lh.rate(make([1]), per=0)
    with pytest.raises(ValueError, match="confidence=95"):
        lh.rate(make([1]), confidence=95)
    with pytest.raises(TypeError, match=r"must be a table of areas .* not dict"):
        lh.rate({"count": [1]})  # type: ignore[arg-type]
    twice = make([1, 2])
    twice.index = pd.Index(["E01", "E01"], name="area_code")
    with pytest.raises(ValueError, match="1 area codes stand more than once: E01"):
        lh.rank(twice)


def test_ties_share_a_rank_and_stand_by_name() -> None:
    areas = make([5, 9, 5, 7]).assign(area_name=["Langham", "Exton", "Ashwell", "Ketton"])
    ranked = lh.rank(areas)
    assert ranked["rank"].tolist() == [1, 2, 3, 3]
    assert ranked["area_name"].tolist() == ["Exton", "Ketton", "Ashwell", "Langham"]


def test_missing_values_come_last_without_a_rank() -> None:
    areas = make([1, 2, 3])
    areas["count"] = pd.array([None, 2, 3], dtype="Int64")
    ranked = lh.rank(areas)
    assert ranked["count"].tolist()[:2] == [3, 2]
    assert ranked["rank"].isna().tolist() == [False, False, True]


@given(st.lists(st.integers(0, 6), min_size=1, max_size=30))
def test_rank_is_one_more_than_the_number_above(counts: list[int]) -> None:
    ranked = lh.rank(make([float(c) for c in counts]))
    for value, place in zip(ranked["count"], ranked["rank"], strict=True):
        assert place == 1 + sum(c > value for c in counts)


def test_top_lists_and_tells_of_ties() -> None:
    areas = lh.rate(make([5, 9, 5, 7]))
    assert lh.top(areas, 2)["count"].tolist() == [9, 7]
    assert "geometry" not in lh.top(areas, 2)
    with pytest.warns(UserWarning, match="1 more areas tie with the last of the top 3, each with"):
        assert len(lh.top(areas, 3)) == 3
    with pytest.raises(ValueError, match="n=0 lists no area"):
        lh.top(areas, 0)


def test_top_gives_ten_unless_asked_for_more() -> None:
    codes = pd.Index([f"E01{n:06d}" for n in range(25)], name="area_code")
    areas = pd.DataFrame({"count": range(25), "area_name": "x"}, index=codes)
    assert lh.top(areas)["count"].tolist() == list(range(24, 14, -1))
    assert lh.top(areas, 12)["count"].tolist() == list(range(24, 12, -1))
