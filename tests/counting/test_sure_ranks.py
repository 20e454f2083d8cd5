"""How sure a rank is: against the closed form for two areas, and what must hold of any."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy.special import betainc

import lsoahot as lh


def levels(count: list[int], population: list[int]) -> gpd.GeoDataFrame:
    codes = pd.Index([f"E{i:03d}" for i in range(len(count))], name="area_code")
    points = gpd.points_from_xy(range(len(count)), [0] * len(count))
    areas = gpd.GeoDataFrame(
        {"count": count, "population": population}, geometry=points, index=codes, crs=27700
    )
    return lh.exceedance(areas.assign(rate=areas["count"] / areas["population"]))


def test_the_chance_to_be_first_of_two_is_a_beta_tail() -> None:
    # Two gamma ratios: X / (X + Y) is beta after scaling, so P(X b > Y a) = I(shape_y, shape_x).
    areas = levels([30, 18], [1000, 1000])
    facts = areas.attrs["statistics"]["exceedance"]
    a = (facts["spread"] or facts["spread_upper"]) ** -2
    ranked = lh.rank(areas, "rate", among=1)
    assert ranked["rank_top"].iloc[0] == pytest.approx(betainc(a + 18, a + 30, 0.5), abs=0.025)
    assert ranked["rank_top"].sum() == pytest.approx(1)
    assert ranked[["rank_lower", "rank_upper"]].to_numpy().tolist() == [[1, 2], [1, 2]]


def test_clear_places_are_sure_and_close_ones_are_not() -> None:
    areas = levels([4000, 1000, 1010, 990, 1005, 250], [1000] * 6)
    ranked = lh.rank(areas, "rate", among=2)
    assert ranked["rank_upper"].iloc[0] == 1
    assert ranked["rank_lower"].iloc[-1] == 6
    middle = ranked.iloc[1:-1]
    assert (middle["rank_lower"] == 2).all()
    assert (middle["rank_upper"] == 5).all()
    assert ranked["rank_top"].sum() == pytest.approx(2)
    assert (ranked["rank"] >= ranked["rank_lower"]).all()


def test_the_order_of_the_rows_changes_nothing() -> None:
    areas = levels([12, 10, 11, 9, 10, 5], [1000] * 6)
    for table in (areas, lh.exceedance(areas, graph=lh.nearest(areas, k=2), prior="inverse gamma")):
        ranked = lh.rank(table, "rate", among=2).sort_index()
        again = lh.rank(table.iloc[[3, 0, 5, 1, 4, 2]], "rate", among=2).sort_index()
        pd.testing.assert_frame_equal(again.filter(like="rank"), ranked.filter(like="rank"))
        assert 0.02 < ranked["rank_top"].iloc[0] < 0.98


def test_numbers_are_ranked_by_numbers() -> None:
    areas = levels([500, 300], [10000, 2000])
    by_number, by_rate = (lh.rank(areas, by, among=1)["rank_top"] for by in ("count", "rate"))
    assert by_number["E000"] > 0.99
    assert by_rate["E000"] < 0.01


def test_an_area_without_a_count_has_no_place() -> None:
    with pytest.warns(UserWarning, match="1 areas have no count"):
        areas = levels([5, np.nan, 9], [100, 100, 100])
    ranked = lh.rank(areas, "rate", among=1)
    assert ranked.loc["E001", ["rank_lower", "rank_upper", "rank_top"]].isna().all()


def test_it_needs_levels() -> None:
    areas = levels([5, 9], [100, 100])
    with pytest.raises(ValueError, match="doesn't say how much true rates"):
        lh.rank(areas.drop(columns="excess"), among=10)
    with pytest.raises(ValueError, match="among=0"):
        lh.rank(areas, among=0)
