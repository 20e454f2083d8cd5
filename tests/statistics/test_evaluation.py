"""Hit rate, PAI, PEI and RRI by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings, strategies as st
from scipy import stats

import lsoahot as lh


def areas(count: list[float], widths: list[float] | None = None) -> gpd.GeoDataFrame:
    widths = widths or [1] * len(count)
    return gpd.GeoDataFrame(
        {"count": count, "population": [1000 * w for w in range(1, len(count) + 1)]},
        index=pd.Index([f"E0101{i:04}" for i in range(len(count))], name="area_code"),
        geometry=[shapely.box(10 * i, 0, 10 * i + w, 1) for i, w in enumerate(widths)],
        crs=27700,
    )


CODES = [f"E0101{i:04}" for i in range(5)]


def test_the_scores_by_hand() -> None:
    # 100 later events; the choice holds 40 of them on 2 of 10 units of land.
    later = areas([10, 30, 20, 40, 0], [1, 1, 4, 2, 2])
    earlier = areas([20, 30, 20, 20, 10], [1, 1, 4, 2, 2])
    found = lh.evaluate({"Gi*": CODES[:2]}, later, earlier=earlier).iloc[0]
    assert found["hit_rate"] == 0.4
    assert found["size_share"] == 0.2
    assert found["pai"] == pytest.approx(2)
    # The best 2 units: 30 on one, and half of the 40 on two: 50 events.
    assert found["pei"] == pytest.approx(0.8)
    # Inside 50 became 40, overall 100 stayed 100.
    assert found["rri"] == pytest.approx(0.8)
    limits = stats.binomtest(40, 100).proportion_ci(method="exact")
    assert found["hit_lower"] == pytest.approx(limits.low)
    assert found["hit_upper"] == pytest.approx(limits.high)


def test_methods_are_ranked() -> None:
    later = areas([10, 30, 20, 40, 0])
    found = lh.evaluate(
        {"top by count": CODES[3:4], "a guess": CODES[2:3], "LISA": CODES[:2]}, later
    )
    assert list(found)[:2] == ["rank", "method"]
    assert found["method"].tolist() == ["top by count", "LISA", "a guess"]
    assert found["pai"].tolist() == pytest.approx([2, 1, 1])
    assert found["rank"].tolist() == [1, 2, 2]
    assert found["pei"].iloc[0] == 1
    assert found.index.tolist() == [0, 1, 2]


def test_a_choice_that_holds_all_or_nothing() -> None:
    later = areas([10, 30, np.nan, 40, 0])
    found = lh.evaluate({"all": CODES, "none": CODES[4:]}, later).set_index("method")
    assert found.loc["all", ["areas", "hit_rate", "pai", "pei"]].tolist() == [4, 1, 1, 1]
    # Exact limits of 80 and of 0 events of 80.
    assert found["hit_lower"].tolist() == pytest.approx([0.025 ** (1 / 80), 0])
    assert found["hit_upper"].tolist() == pytest.approx([1, 1 - 0.025 ** (1 / 80)])
    assert found["pai"].tolist() == [1, 0]


def test_a_choice_of_which_nothing_is_known_is_refused() -> None:
    later = areas([10, 30, np.nan, 40, 0])
    with pytest.raises(ValueError, match=r"none of the areas that 'unknown' chose .E01010002. has"):
        lh.evaluate({"unknown": CODES[2:3]}, later)
    with pytest.raises(TypeError, match="areas must be a GeoDataFrame"):
        lh.evaluate(CODES, pd.DataFrame(later.drop(columns="geometry")))


def test_choices_may_be_tables_flags_or_codes() -> None:
    later = areas([10, 30, 20, 40, 0])
    table = later.assign(
        hotspot=["Hot spot 99%", "Hot spot 90%", "Not significant", "Cold spot 99%", "Not tested"]
    )
    flags = pd.Series([True, True, False, False, False], index=later.index)
    found = lh.evaluate({"table": table, "flags": flags, "codes": pd.Index(CODES[:2])}, later)
    assert found["areas"].tolist() == [2, 2, 2]
    assert found["hit_rate"].tolist() == [0.4, 0.4, 0.4]
    alone = lh.evaluate(table, later)
    assert alone["method"].tolist() == ["hot spots"]
    assert np.isnan(alone["rri"].iloc[0])


def test_size_may_be_people() -> None:
    later = areas([10, 30, 20, 40, 0])
    found = lh.evaluate(CODES[:1], later, size="population").iloc[0]
    assert found["size_share"] == pytest.approx(1 / 15)
    assert found["pai"] == pytest.approx(0.1 * 15)


def test_areas_without_a_count_are_left_out() -> None:
    found = lh.evaluate(CODES[:2], areas([10, np.nan, 20, 70, 0])).iloc[0]
    assert found["areas"] == 1
    assert found["size_share"] == 0.25


@given(st.lists(st.integers(0, 50), min_size=3, max_size=20).filter(any), st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_pei_is_at_most_one_and_the_whole_scores_one(count: list[int], seed: int) -> None:
    later = areas(list(map(float, count)))
    rng = np.random.default_rng(seed)
    flags = pd.Series(rng.random(len(count)) < 0.5, index=later.index)
    flags.iloc[0] = True
    found = lh.evaluate({"some": flags, "all": later.index}, later).set_index("method")
    assert 0 <= found.loc["some", "pei"] <= 1 + 1e-12
    assert found.loc["all", "pai"] == pytest.approx(1)
    assert found.loc["all", "hit_rate"] == 1


def test_what_cannot_be_is_refused() -> None:
    later = areas([10, 30])
    with pytest.raises(ValueError, match=r"1 areas chosen by 'Gi\*' are not among .* E09"):
        lh.evaluate({"Gi*": ["E09"]}, later)
    with pytest.raises(ValueError, match="chose no area"):
        lh.evaluate({"Gi*": []}, later)
    with pytest.raises(TypeError, match=r"'Gi.' is a str"):
        lh.evaluate({"Gi*": "E0101"}, later)
    with pytest.raises(ValueError, match="no column 'hotspot'"):
        lh.evaluate(later, later)
    with pytest.raises(ValueError, match="in degrees, which measure no land"):
        lh.evaluate(CODES[:1], later.to_crs(4326))
    with pytest.raises(ValueError, match="holds no events"):
        lh.evaluate(CODES[:1], areas([0, 0]))


def test_last_years_hot_spots_of_the_sample() -> None:
    boundaries, crimes = lh.read_boundaries("sample"), lh.read_dataset("crime", "sample")
    then, now = (
        lh.count(boundaries, crimes, period=(f"{y}-10", f"{y + 1}-09")) for y in (2010, 2011)
    )
    found = lh.evaluate(
        {"top 3 by count": then.nlargest(3, "count").index, "three by name": then.index[:3]},
        now, earlier=then,
    )  # fmt: skip
    assert found["method"].iloc[0] == "top 3 by count"
    assert found["pai"].iloc[0] > 1
