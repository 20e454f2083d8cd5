"""The packaged sample gives every figure that was published in 2012, and says what it is."""

from __future__ import annotations

import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely

BOUNDARIES = Path(__file__).parents[1] / "boundaries"
SAMPLE = Path(str(resources.files("lsoahot") / "sample"))
NOTICE = "schematic boundaries, reconstructed records: not for operational use"
NAMES = ["crime", "asb", "fires", "domestic", "hate", "alcohol", "drugs"]
FLAGS = ["alcohol", "drugs", "domestic", "hate"]
VIOLENCE = "Violence against the person"
SERIOUS = "Serious acquisitive crime"
OTHER_ACQUISITIVE = "Other acquisitive crime"
DAMAGE = "Criminal damage"
RANKED = pd.read_csv(BOUNDARIES / "published" / "ranked.csv")
YEARLY = pd.read_csv(BOUNDARIES / "published" / "yearly.csv", index_col="category")
# The measures of the ranked tables: the file that holds it, and the category where only one counts.
MEASURES = {
    "total_crime": ("crime", None),
    "violence_against_the_person": ("crime", VIOLENCE),
    "serious_acquisitive_crime": ("crime", SERIOUS),
    "other_acquisitive_crime": ("crime", OTHER_ACQUISITIVE),
    "criminal_damage": ("crime", DAMAGE),
    "anti_social_behaviour": ("asb", None),
    "deliberate_fires": ("fires", None),
    "domestic": ("domestic", None),
    "alcohol_related": ("alcohol", None),
    "drug_related": ("drugs", None),
}
CATEGORIES = [VIOLENCE, SERIOUS, OTHER_ACQUISITIVE, DAMAGE, "Other offences"]

Records = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def areas() -> gpd.GeoDataFrame:
    return gpd.read_parquet(SAMPLE / "areas.parquet").set_index("area_code")


@pytest.fixture(scope="module")
def records() -> Records:
    tables = {name: pd.read_parquet(SAMPLE / f"{name}.parquet") for name in NAMES}
    for table in tables.values():
        month = pd.PeriodIndex(table["period"], freq="M")
        table["year"] = month.year + (month.month >= 10)
        table["month"] = month.month
    return tables


def measured(records: Records, measure: str, year: int = 2012) -> pd.DataFrame:
    """Return the records of a measure in one year."""
    name, category = MEASURES[measure]
    table = records[name]
    chosen = table["year"] == year
    return table[chosen if category is None else chosen & (table["category"] == category)]


def ordered(areas: gpd.GeoDataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the areas with their counts, as a ranked table lists them: by count, then name."""
    count = rows["area_code"].value_counts().reindex(areas.index, fill_value=0)
    table = areas[["area_name", "population"]].assign(count=count)
    return table.sort_values(["count", "area_name"], ascending=[False, True])


def offences(records: Records, offence: str) -> pd.Series:
    """Return the crimes of an offence in each year."""
    crime = records["crime"]
    return crime.loc[crime["offence"] == offence, "year"].value_counts().sort_index()


def percent(table: pd.Series) -> float:
    """Return the change from 2011 to 2012 in per cent."""
    return float(100 * (table[2012] / table[2011] - 1))


# --- the areas ------------------------------------------------------------------------------------


def test_areas_are_the_23_of_rutland(areas: gpd.GeoDataFrame) -> None:
    assert list(areas.index) == [f"E010{number}" for number in range(13787, 13810)]
    assert list(areas.columns) == ["area_name", "district", "ward", "population", "geometry"]
    assert areas.crs == "EPSG:27700"
    assert (areas["district"] == "Rutland").all()
    assert areas["area_name"].is_unique
    listed = RANKED.drop_duplicates("area_code").set_index("area_code")["area_name"]
    assert len(listed) == 15
    assert (areas.loc[listed.index, "area_name"] == listed).all()


def test_areas_fit_without_gap_or_overlap(areas: gpd.GeoDataFrame) -> None:
    polygons = areas.geometry
    assert (polygons.geom_type == "Polygon").all()
    assert polygons.is_valid.all()
    assert polygons.is_simple.all()
    county = shapely.unary_union(polygons.to_list())
    assert county.geom_type == "Polygon"
    assert len(county.interiors) == 0
    assert polygons.area.sum() == pytest.approx(county.area, abs=1e-3)
    # Whole metres: sums of areas are exact, and shared vertices exactly equal.
    corners = polygons.get_coordinates()
    assert (corners == corners.round()).to_numpy().all()
    assert county.area / 1e6 == pytest.approx(390, rel=0.05)  # Rutland has about 390 square km


def test_neighbours_share_their_vertices(areas: gpd.GeoDataFrame) -> None:
    """What two areas share are whole edges, the same vertices in both."""

    def edges(polygon: shapely.Polygon) -> set[frozenset[tuple[float, float]]]:
        ring = list(polygon.exterior.coords)
        ring += [xy for inner in polygon.interiors for xy in inner.coords]
        return {frozenset(pair) for pair in zip(ring, ring[1:], strict=False)}

    rings = areas.geometry.map(edges)
    county = shapely.unary_union(areas.geometry.to_list()).exterior.length
    shared = 0.0
    for place, one in enumerate(areas.index):
        for other in areas.index[place + 1 :]:
            common = rings[one] & rings[other]
            length = sum(shapely.LineString(list(edge)).length for edge in common)
            touching = areas.geometry[one].intersection(areas.geometry[other]).length
            assert length == pytest.approx(touching, abs=1e-6)
            shared += length
    assert areas.length.sum() == pytest.approx(county + 2 * shared, rel=1e-12)


def test_every_village_lies_in_its_area(areas: gpd.GeoDataFrame) -> None:
    villages = pd.read_csv(BOUNDARIES / "sources" / "villages.csv")
    points = gpd.GeoSeries.from_xy(villages["easting"], villages["northing"], crs="EPSG:27700")
    home = gpd.GeoSeries(areas.geometry.reindex(villages["area_code"]).to_numpy(), crs=points.crs)
    assert points.within(home).all()
    assert set(villages["area_code"]) == set(areas.index)


def test_populations_give_the_rates_and_stay_near_mid_2011(areas: gpd.GeoDataFrame) -> None:
    source = pd.read_csv(BOUNDARIES / "sources" / "areas.csv", index_col="area_code")
    mid = source["population_2011"]
    assert mid.sum() == 37_581  # the mid-year estimate of Rutland, all ages
    for code, rows in RANKED.groupby("area_code"):
        wide = np.arange(1, 10_000)
        rates = 1000 * rows["count"].to_numpy() / wide[:, None]
        fits = wide[(np.abs(rates - rows["rate"].to_numpy()) < 0.05).all(axis=1)]
        nearest = np.abs(fits - mid[code]).min()
        assert abs(areas["population"][code] - mid[code]) <= nearest + 1
    unlisted = ~areas.index.isin(RANKED["area_code"])
    share = (areas["population"] / mid)[unlisted]
    assert share.between(0.89, 0.90).all()  # what the county's rate leaves, shared evenly
    assert round(1256 / areas["population"].sum() * 1000) == 34


# --- the ranked tables ----------------------------------------------------------------------------


@pytest.mark.parametrize("measure", MEASURES)
def test_ranked_table(areas: gpd.GeoDataFrame, records: Records, measure: str) -> None:
    """Counts, rates and places of all published rows; nobody else stands above or among them."""
    published = RANKED[RANKED["measure"] == measure]
    ours = ordered(areas, measured(records, measure)).head(len(published))
    assert list(ours["area_name"]) == list(published["area_name"])
    assert list(ours.index) == list(published["area_code"])
    assert list(ours["count"]) == list(published["count"])
    rate = 1000 * ours["count"] / ours["population"]
    assert [f"{number:.1f}" for number in rate] == [f"{number:.1f}" for number in published["rate"]]


def test_all_55_rows_are_checked() -> None:
    assert len(RANKED) == 55
    assert set(RANKED["measure"]) == set(MEASURES)


def test_unlisted_areas_stay_below(areas: gpd.GeoDataFrame, records: Records) -> None:
    """Only fires, whose fifth place is a single fire, has areas level with the last one listed."""
    for measure in MEASURES:
        published = RANKED[RANKED["measure"] == measure]
        ours = ordered(areas, measured(records, measure)).iloc[len(published) :]
        last = published["count"].iloc[-1]
        assert ours["count"].max() < last or (measure == "deliberate_fires" and last == 1)


# --- six years ------------------------------------------------------------------------------------


def test_yearly_totals(records: Records) -> None:
    ours = records["crime"].groupby(["category", "year"]).size().unstack()
    ours.loc["Total crime"] = ours.sum()
    ours.columns = ours.columns.astype(str)
    pd.testing.assert_frame_equal(
        ours.astype(int), YEARLY, check_like=True, check_names=False, check_dtype=False
    )
    assert list(YEARLY.loc["Total crime"]) == [1587, 1660, 1556, 1489, 1213, 1256]


def test_six_whole_years(records: Records) -> None:
    months = {str(month) for month in pd.period_range("2007-10", "2012-09", freq="M")}
    months |= {str(month) for month in pd.period_range("2006-10", "2007-09", freq="M")}
    for name in ("crime", "asb", "domestic", "alcohol"):
        assert set(records[name]["period"]) == months
    assert records["drugs"]["period"].min() == "2010-04"  # flagged from then on
    assert records["hate"]["year"].nunique() == 6
    assert records["fires"]["year"].nunique() == 6
