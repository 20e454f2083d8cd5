"""Empirical Bayes rates by hand and against esda."""

from __future__ import annotations

import geopandas as gpd
import libpysal
import numpy as np
import pandas as pd
import pytest
from esda.smoothing import Empirical_Bayes, Spatial_Empirical_Bayes, assuncao_rate
from hypothesis import given, settings, strategies as st
from libpysal.graph import Graph

import lsoahot as lh


def table(count: list[float], population: list[float]) -> gpd.GeoDataFrame:
    codes = pd.Index([f"E{i:03d}" for i in range(len(count))], name="area_code")
    return gpd.GeoDataFrame(
        {"count": count, "population": population},
        geometry=gpd.points_from_xy(range(len(count)), [0] * len(count)),
        index=codes,
        crs=27700,
    )


@pytest.fixture(scope="module")
def sids() -> gpd.GeoDataFrame:
    return gpd.read_file(libpysal.examples.get_path("sids2.shp")).set_crs(4267)


def test_sudden_infant_deaths_as_esda(sids: gpd.GeoDataFrame) -> None:
    told = lh.empirical_bayes(sids, count="SID74", population="BIR74")
    e, b = sids["SID74"].to_numpy(dtype=float), sids["BIR74"].to_numpy(dtype=float)
    np.testing.assert_allclose(told["rate_smoothed"] / 1000, Empirical_Bayes(e, b).r.ravel())
    np.testing.assert_allclose(told["rate_standardised"], assuncao_rate(e, b))
    facts = told.attrs["statistics"]["empirical_bayes"]
    assert facts["mean"] == pytest.approx(667 / 329_962 * 1000)  # 667 deaths, 329,962 births


def test_local_smoothing_as_esda(sids: gpd.GeoDataFrame) -> None:
    graph = Graph.build_contiguity(sids, rook=False)
    told = lh.empirical_bayes(sids, count="SID74", population="BIR74", graph=graph, per=1)
    e, b = sids["SID74"].to_numpy(dtype=float), sids["BIR74"].to_numpy(dtype=float)
    theirs = Spatial_Empirical_Bayes(e, b, graph.to_W()).r.ravel()
    np.testing.assert_allclose(told["rate_smoothed"], theirs)
    standardised = lh.empirical_bayes(sids, count="SID74", population="BIR74")["rate_standardised"]
    np.testing.assert_array_equal(told["rate_standardised"], standardised)


def test_less_spread_than_chance_is_clamped() -> None:
    """Rates all but equal: smoothed to the mean, standardised by chance alone."""
    told = lh.empirical_bayes(table([10, 21, 30], [1000, 2000, 3000]))
    mean = 61 / 6000
    np.testing.assert_allclose(told["rate_smoothed"], mean * 1000)
    z = (np.array([10, 21, 30]) / [1000, 2000, 3000] - mean) / np.sqrt(
        mean / np.array([1000, 2000, 3000])
    )
    np.testing.assert_allclose(told["rate_standardised"], z)
    assert told.attrs["statistics"]["empirical_bayes"]["variance"] == 0


def test_zero_and_missing_population_are_left_out_and_told() -> None:
    with pytest.warns(UserWarning, match=r"3 areas .*E001, E002, E003"):
        told = lh.empirical_bayes(
            table([1, 0, 5, np.nan, 20, 40], [100, 0, np.nan, 300, 1000, 1000])
        )
    known = lh.empirical_bayes(table([1, 20, 40], [100, 1000, 1000]))
    columns = ["rate_smoothed", "rate_standardised"]
    assert told[columns].iloc[1:4].isna().all(axis=None)
    np.testing.assert_allclose(told[columns].iloc[[0, 4, 5]], known[columns])


def test_of_nobody_there_is_no_mean() -> None:
    with pytest.warns(UserWarning, match="2 areas have no count or no people"):
        told = lh.empirical_bayes(table([1, 2], [0, 0]))
    facts = told.attrs["statistics"]["empirical_bayes"]
    assert (facts["mean"], facts["variance"], facts["missing"]) == (None, None, 2)
    assert told[["rate_smoothed", "rate_standardised"]].isna().all(axis=None)


def test_no_events_at_all_are_rates_of_zero() -> None:
    told = lh.empirical_bayes(table([0, 0, 0], [10, 20, 30]))
    assert (told["rate_smoothed"] == 0).all()
    assert (told["rate_standardised"] == 0).all()
    areas = table([0, 0, 9], [10, 20, 30])
    pair = Graph.from_dicts({"E000": ["E001"], "E001": ["E000"], "E002": []})
    told = lh.empirical_bayes(areas, graph=pair)  # none near the first two
    assert told["rate_smoothed"].tolist() == [0, 0, 300]


@pytest.mark.filterwarnings("error")
@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 4000)), min_size=2, max_size=20))
def test_smoothed_rates_lie_between_rate_and_mean(rows: list[tuple[int, int]]) -> None:
    told = lh.empirical_bayes(table([n for n, _ in rows], [p for _, p in rows]))
    rate = told["count"] / told["population"] * 1000
    mean = told["count"].sum() / told["population"].sum() * 1000
    low, high = np.minimum(rate, mean), np.maximum(rate, mean)
    assert told["rate_smoothed"].between(low - 1e-9, high + 1e-9).all()
    assert (np.sign(told["rate_standardised"].round(9)) == np.sign((rate - mean).round(9))).all()


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="'count' is negative in 1 areas: E001"):
        lh.empirical_bayes(table([1, -1], [10, 10]))
    with pytest.raises(ValueError, match="'population' is negative in 1 areas: E000"):
        lh.empirical_bayes(table([1, 1], [-10, 10]))
    with pytest.raises(ValueError, match="per=0"):
        lh.empirical_bayes(table([1, 1], [10, 10]), per=0)
