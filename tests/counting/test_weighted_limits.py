"""A crime-harm weight through the verbs: count, rate, Gi*, trend, change, compare."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import lsoahot as lh

# Days in prison that a first offence of the kind is worth (made up, of the size of real indices).
HARM = {
    "Violence against the person": 184.0,
    "Serious acquisitive crime": 438.0,
    "Other acquisitive crime": 5.0,
    "Criminal damage": 2.0,
    "Other offences": 10.0,
}


@pytest.fixture(scope="module")
def areas() -> gpd.GeoDataFrame:
    return lh.read_boundaries("sample")


@pytest.fixture(scope="module")
def crimes() -> pd.DataFrame:
    records = lh.read_dataset("crime", "sample")
    return records.assign(harm=records["category"].map(HARM).astype(float))


def year(crimes: pd.DataFrame, last: str) -> pd.DataFrame:
    months = pd.period_range(end=last, periods=12, freq="M")
    return crimes[crimes["period"].isin(months)]


def test_harm_runs_from_count_to_hotspots(areas: gpd.GeoDataFrame, crimes: pd.DataFrame) -> None:
    records = year(crimes, "2012-09")
    table = (
        areas.pipe(lh.count, records, weight="harm")
        .pipe(lh.rate, count="weighted")
        .pipe(lh.getis_ord, "rate")
    )
    assert table["count"].sum() == 1256
    assert table["weighted"].sum() == pytest.approx(records["harm"].sum())
    assert np.allclose(table["rate"], 1000 * table["weighted"] / table["population"])
    assert ((table["rate_lower"] < table["rate"]) & (table["rate"] < table["rate_upper"])).all()
    # The limits are far wider than those of a count of so many days would be.
    few = areas.assign(days=table["weighted"]).pipe(lh.rate, count="days")
    width = (table["rate_upper"] - table["rate_lower"]) / (few["rate_upper"] - few["rate_lower"])
    assert (width > 10).all()
    assert table["gi_z"].notna().all()


def test_a_weight_of_one_gives_the_exact_limits_of_counts(
    areas: gpd.GeoDataFrame, crimes: pd.DataFrame
) -> None:
    table = areas.pipe(lh.count, year(crimes, "2012-09").assign(one=1.0), weight="one")
    plain, heavy = lh.rate(table), lh.rate(table, count="weighted")
    # Exact below 10 events, and Byar's within a hundredth of the exact ones from 10 on.
    assert np.allclose(plain["rate_lower"], heavy["rate_lower"], rtol=0.01)
    assert np.allclose(plain["rate_upper"], heavy["rate_upper"], rtol=0.01)


def test_change_of_harm_follows_the_weights(areas: gpd.GeoDataFrame, crimes: pd.DataFrame) -> None:
    then, now = (
        lh.count(areas, year(crimes, last), weight="harm") for last in ("2011-09", "2012-09")
    )
    found = lh.change(then, now, count="weighted")
    rates = [lh.rate(table, count="weighted")["rate"] for table in (then, now)]
    assert np.allclose(found["rate_ratio"], rates[1] / rates[0] * 365 / 366)  # 2012 is a leap year
    counted = lh.change(then, now)
    wider = (found["ratio_upper"] / found["ratio_lower"]).dropna()
    plain = (counted["ratio_upper"] / counted["ratio_lower"]).loc[wider.index]
    assert (wider >= plain).mean() > 0.8, "a few heavy events tell less than many alike"


def test_trend_and_seasonality_of_harm(crimes: pd.DataFrame) -> None:
    found = lh.trend(crimes, years=1, weight="harm").set_index("category")
    serious = found.loc["Serious acquisitive crime"]
    assert serious["weighted"] == pytest.approx(438 * 289)
    assert serious["change_pct"] == pytest.approx(68.0, abs=0.05)
    assert serious["verdict"] == "rose"
    total = found.loc["Total"]
    assert total["change_pct"] > 20, "theft from vehicles weighs more than shoplifting"
    months = lh.seasonality(crimes, weight="harm")
    assert months["weighted"].sum() == pytest.approx(crimes["harm"].sum())
    assert months["expected"].sum() == pytest.approx(crimes["harm"].sum())


def test_emerging_and_compare_take_harm(areas: gpd.GeoDataFrame, crimes: pd.DataFrame) -> None:
    table = lh.monthly_hotspots(areas, crimes, period=("2011-10", "2012-09"), weight="harm")
    assert table["value"].sum() == pytest.approx(year(crimes, "2012-09")["harm"].sum())
    counted = lh.count(areas, year(crimes, "2012-09"), weight="harm")
    found = lh.compare(counted, count="weighted", spread=0)
    plain = lh.compare(counted, spread=0)
    assert (found["verdict"] != "in line").sum() < (plain["verdict"] != "in line").sum()
