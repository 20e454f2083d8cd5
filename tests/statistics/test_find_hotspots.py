"""Which test is used, and that the table says so."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import lsoahot as lh


def city(counts: list[float]) -> gpd.GeoDataFrame:
    """Lay areas out in a square of a thousand people each."""
    side = int(len(counts) ** 0.5)
    squares = [shapely.box(x, y, x + 1, y + 1) for y in range(side) for x in range(side)]
    codes = pd.Index([f"E{i:03d}" for i in range(len(counts))], name="area_code")
    areas = gpd.GeoDataFrame({"count": counts}, geometry=squares, index=codes, crs=27700)
    return areas.assign(population=1000, rate=areas["count"].astype(float))


def test_few_events_are_tested_against_the_population() -> None:
    areas = city([0] * 21 + [4, 3] + [0] * 26)  # 7 events in 49 areas
    assert lh.recommend_test(areas) == "local_risk"
    found = lh.find_hotspots(areas)
    risk = lh.local_risk(areas, graph=lh.contiguity(areas))
    pd.testing.assert_series_equal(found["hotspot"], risk["hotspot"])
    assert found["hotspot"].loc["E021"] == "Hot spot 99%"
    np.testing.assert_array_equal(found["gi_z"], lh.getis_ord(areas)["gi_z"])
    facts = found.attrs["statistics"]["find_hotspots"]
    assert facts["test"] == "local_risk"
    assert facts["text"] == (
        "Risk ratio with neighbours of count given population: exact binomial test, two-sided; "
        "Benjamini-Hochberg over 49 areas tested. "
        "(7 events in 49 areas, fewer than one an area on average.)"
    )


def test_many_events_are_tested_by_where_high_rates_lie() -> None:
    areas = city(np.random.default_rng(0).poisson(9, 49).tolist())
    assert lh.recommend_test(areas) == "getis_ord"
    found = lh.find_hotspots(areas)
    pd.testing.assert_series_equal(found["hotspot"], lh.getis_ord(areas)["hotspot"])
    assert "risk_p" not in found
    assert found.attrs["statistics"]["find_hotspots"]["test"] == "getis_ord"
    assert "at least one an area" in found.attrs["statistics"]["find_hotspots"]["text"]


def test_the_border_lies_at_one_event_an_area() -> None:
    assert lh.recommend_test(city([1] * 9)) == "getis_ord"
    assert lh.recommend_test(city([1] * 8 + [0])) == "local_risk"
    # areas without people or count don't bear on it
    assert lh.recommend_test(city([1] * 8 + [np.nan])) == "getis_ord"
    assert lh.recommend_test(city([1] * 8 + [9]).assign(population=[1000] * 8 + [0])) == "getis_ord"


def test_no_events_at_all() -> None:
    with pytest.warns(UserWarning, match="is 0 in every area"):
        found = lh.find_hotspots(city([0] * 9))
    assert (found["hotspot"] == "Not tested").all()
