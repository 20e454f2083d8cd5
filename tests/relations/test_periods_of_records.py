"""Days, weeks and timestamps are months to every verb: one entrance, held for all of them."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings, strategies as st

import lsoahot as lh

if TYPE_CHECKING:
    from collections.abc import Callable

CODES = [f"E01{n:06d}" for n in range(1, 13)]
AREAS = gpd.GeoDataFrame(
    {"population": np.arange(1000, 2200, 100)},
    index=pd.Index(CODES, name="area_code"),
    geometry=[shapely.box(x, y, x + 1, y + 1) for x in range(4) for y in range(3)],
    crs="EPSG:27700",
)
GRAPH = lh.contiguity(AREAS)
SPAN = ("2023-01", "2024-12")


def monthly(areas: gpd.GeoDataFrame, records: pd.DataFrame) -> pd.DataFrame:
    return lh.monthly_hotspots(areas, records, graph=GRAPH, period=SPAN)


def emerging(areas: gpd.GeoDataFrame, records: pd.DataFrame) -> pd.DataFrame:
    return lh.emerging_hotspots(areas, records, graph=GRAPH, period=SPAN)


VERBS: dict[str, Callable[[gpd.GeoDataFrame, pd.DataFrame], object]] = {
    "count": lambda areas, records: lh.count(areas, records, period=SPAN),
    "count of part": lambda areas, records: lh.count(areas, records, period=("2023-05", "2024-02")),
    "tabulate": lambda areas, records: lh.tabulate(areas, records, "period", period=SPAN),
    "monthly_hotspots": monthly,
    "emerging_hotspots": emerging,
    "trend": lambda _, records: lh.trend(records, "category", period=SPAN),
    "seasonality": lambda _, records: lh.seasonality(records, period=SPAN),
    "dispersion": lambda _, records: lh.dispersion(records, "area_code", period=SPAN),
    "coverage": lambda _, records: lh.coverage(records.assign(force="Kent Police")),
    "dashboard": lambda areas, records: lh.dashboard(areas, {"All": records}).html,
}
WAYS: dict[str, Callable[[pd.DatetimeIndex], object]] = {
    "days": lambda days: days.to_period("D"),
    "hours": lambda days: days.to_period("h"),
    "timestamps": lambda days: days,
    "timestamps with a zone": lambda days: days.tz_localize("Europe/London"),
}


def records_of(seed: int, n: int = 400) -> tuple[pd.DataFrame, pd.DatetimeIndex]:
    """Return records of two years without a period, and their days."""
    rng = np.random.default_rng(seed)
    days = pd.Timestamp("2023-01-01") + pd.to_timedelta(rng.integers(0, 731, n), unit="D")
    table = pd.DataFrame(
        {
            "area_code": rng.choice(CODES, n, p=np.arange(1, 13) / 78),
            "category": rng.choice(["Drugs", "Theft"], n),
        }
    )
    return table, pd.DatetimeIndex(days)


def outcome(verb: str, records: pd.DataFrame) -> object:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # what was left out is not the matter here
        return VERBS[verb](AREAS, records)


def alike(found: object, expected: object) -> None:
    if isinstance(expected, pd.DataFrame):
        pd.testing.assert_frame_equal(pd.DataFrame(found), pd.DataFrame(expected))
        assert found.attrs == expected.attrs
    else:
        assert found == expected


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("verb", VERBS)
def test_a_day_is_its_month_to_every_verb(verb: str, way: str) -> None:
    table, days = records_of(20)
    expected = outcome(verb, table.assign(period=days.to_period("M")))
    alike(outcome(verb, table.assign(period=WAYS[way](days))), expected)


@pytest.mark.parametrize("verb", VERBS)
def test_a_week_is_the_month_in_which_it_begins_to_every_verb(verb: str) -> None:
    table, days = records_of(21)
    mondays = days - pd.to_timedelta(days.day_of_week, unit="D")
    inside = mondays >= "2023-01-01"
    table, days, mondays = table[inside], days[inside], mondays[inside]
    expected = outcome(verb, table.assign(period=mondays.to_period("M")))
    alike(outcome(verb, table.assign(period=days.to_period("W-SUN"))), expected)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=15)
def test_a_cube_of_days_holds_each_event_in_its_area_and_month(seed: int) -> None:
    table, days = records_of(seed, 60)
    found = outcome("monthly_hotspots", table.assign(period=days.to_period("D")))
    assert isinstance(found, pd.DataFrame)
    seen = found.set_index(["area_code", "period"])["value"]
    month = [str(day)[:7] for day in days]
    by_hand = (
        pd.Series(1.0, index=range(len(days))).groupby([list(table["area_code"]), month]).sum()
    )
    assert seen.sum() == len(days)
    assert {
        (code, str(when)): number for (code, when), number in seen[seen > 0].items()
    } == by_hand.to_dict()


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "coverage"])
@pytest.mark.parametrize(
    ("freq", "error", "message"),
    [("Y", ValueError, "longer than a month"), ("Q", ValueError, "longer than a month"),
     (None, TypeError, "not months. Convert")],
)  # fmt: skip
def test_what_is_no_month_is_refused_by_every_verb(
    verb: str, freq: str | None, error: type[Exception], message: str
) -> None:
    table, days = records_of(22)
    period = days.to_period(freq) if freq else days.strftime("%d/%m/%Y")
    with pytest.raises(error, match=message):
        VERBS[verb](AREAS, table.assign(period=period))
