"""The packaged sample gives every figure that was published in 2012, and says what it is."""

from __future__ import annotations

import subprocess
import sys
from importlib import resources
from itertools import pairwise
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
    return float(100 * (table[2012] - table[2011]) / table[2011])


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
        return {frozenset(pair) for pair in pairwise(ring)}

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
    ours = pd.crosstab(records["crime"]["category"], records["crime"]["year"])
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


# --- what the text states -------------------------------------------------------------------------


def test_total_crime_rose(records: Records) -> None:
    total = records["crime"]["year"].value_counts()
    assert total[2012] - total[2011] == 43
    assert round(percent(total), 1) == 3.5


@pytest.mark.parametrize(
    ("offence", "before", "after", "change"),
    [
        ("Assault without injury", 58, 71, 22),
        ("Assault with less serious injury", None, None, -18),
        ("Other violence against the person", None, None, 23),
        ("Theft from vehicle", 109, 207, 90),  # "nearly doubling"
        ("Burglary dwelling", None, None, 60),
        ("Burglary other than dwelling", None, None, 21),
        ("Theft other", None, None, -20),
        ("Shoplifting", None, None, -37),
        ("Theft of cycle", None, None, -41),
        ("Theft from the person", 6, 8, 33),
    ],
)
def test_changes_of_offences(
    records: Records, offence: str, before: int | None, after: int | None, change: int
) -> None:
    ours = offences(records, offence)
    assert (before, after) in [(None, None), (ours[2011], ours[2012])]
    assert round(percent(ours)) == change


@pytest.mark.parametrize(
    ("category", "change"),
    [(VIOLENCE, 4), (SERIOUS, 68), (OTHER_ACQUISITIVE, -12), (DAMAGE, -21)],
)
def test_changes_of_categories(records: Records, category: str, change: int) -> None:
    crime = records["crime"]
    assert round(percent(crime.loc[crime["category"] == category, "year"].value_counts())) == change


def test_only_less_serious_injury_fell_among_violence(records: Records) -> None:
    crime = records["crime"]
    violence = crime[crime["category"] == VIOLENCE]
    violence = pd.crosstab(violence["offence"], violence["year"])
    change = violence[2012] - violence[2011]
    assert list(change[change < 0].index) == ["Assault with less serious injury"]
    assert change["Serious violence"] == 2


def test_drug_offences_fell_by_two_and_a_half_per_cent(records: Records) -> None:
    drugs = offences(records, "Drug offence")
    assert (drugs[2011], drugs[2012]) == (40, 39)
    assert percent(drugs) == pytest.approx(-2.5)  # the summary says 3


def test_criminal_damage_is_15_per_cent_of_crime(records: Records) -> None:
    crime = records["crime"].query("year == 2012")
    assert round(100 * (crime["category"] == DAMAGE).mean()) == 15


def test_theft_from_vehicles_peaked_in_march_2012(records: Records) -> None:
    crime = records["crime"]
    months = crime.loc[crime["offence"] == "Theft from vehicle", "period"].value_counts()
    assert months["2012-03"] == 49
    assert months.drop("2012-03").max() < 49  # of all 72 months


def test_burglary_of_dwellings_peaked_in_december_2011(records: Records) -> None:
    crime = records["crime"].query("offence == 'Burglary dwelling' and year == 2012")
    months = crime["period"].value_counts()
    assert months["2011-12"] == 13
    assert months.drop("2011-12").max() < 13


def months_by_size(rows: pd.DataFrame) -> list[pd.Series]:
    """Return events by calendar month over six years, whole and per day, the largest first."""
    whole = rows["month"].value_counts()
    days = pd.Series([31, 28 + 2 / 6, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], range(1, 13))
    return [whole.sort_values(ascending=False), (whole / days).sort_values(ascending=False)]


def test_violence_peaks_in_may_and_september(records: Records) -> None:
    crime = records["crime"]
    for size in months_by_size(crime[crime["category"] == VIOLENCE]):
        assert set(size.index[:2]) == {5, 9}
        assert size.iloc[1] > 1.1 * size.iloc[2]  # nothing else comes near


@pytest.mark.parametrize("categories", [["Crime"], ["Crime", "Incident"]])
def test_domestic_peaks_in_june_and_august(records: Records, categories: list[str]) -> None:
    rows = records["domestic"]
    for size in months_by_size(rows[rows["category"].isin(categories)]):
        assert set(size.index[:2]) == {6, 8}
        assert size.iloc[1] > 1.1 * size.iloc[2]


def test_anti_social_behaviour(records: Records) -> None:
    asb = records["asb"]
    assert round(percent(asb["year"].value_counts())) == -29
    share = asb.query("year == 2012")["category"].value_counts(normalize=True)
    assert set(share.index) == {"Nuisance", "Personal", "Environmental"}
    assert share["Nuisance"] == pytest.approx(0.80)
    before = asb["period"] < "2011-04"
    assert set(asb.loc[before, "category"]) == {"Recorded before April 2011"}


@pytest.mark.parametrize("category", ["Nuisance", "Personal", "Environmental"])
def test_each_kind_of_anti_social_behaviour_falls(records: Records, category: str) -> None:
    """Month by month since April 2011, and between the same six months of both years."""
    rows = records["asb"][records["asb"]["category"] == category]
    months = [str(month) for month in pd.period_range("2011-04", "2012-09", freq="M")]
    monthly = rows["period"].value_counts().reindex(months, fill_value=0).to_numpy()
    assert np.polyfit(np.arange(18), monthly, 1)[0] < 0
    assert monthly[12:].sum() < monthly[:6].sum()


def test_fires(records: Records) -> None:
    fires = records["fires"]
    assert fires["deliberate"].all()
    number = fires["year"].value_counts()
    assert number[2012] == number[2011] == 22
    last = fires.query("year == 2012")
    assert (last["category"] == "Primary").sum() == 5
    assert (last["property"] == "Road vehicle").sum() == 2
    assert set(fires.loc[fires["property"] == "Road vehicle", "category"]) == {"Primary"}


def test_hate_offences(areas: gpd.GeoDataFrame, records: Records) -> None:
    hate = records["hate"].query("year == 2012")
    assert len(hate) == 8
    assert (hate["crime_category"] == VIOLENCE).sum() == 6
    count = hate["area_code"].map(areas["area_name"]).value_counts()
    assert count.index[0] == "Oakham Centre"
    assert count.iloc[0] > count.iloc[1:].max()


def test_domestic_offences_and_incidents(records: Records) -> None:
    rows = records["domestic"]
    number = pd.crosstab(rows["category"], rows["year"])
    assert round(percent(number.loc["Crime"])) == 20
    assert round(percent(number.loc["Incident"])) == 12
    crimes = rows.query("year == 2012 and category == 'Crime'")
    assert (crimes["crime_category"] == VIOLENCE).mean() == pytest.approx(0.75)


def test_alcohol_marks_9_per_cent_of_crime_and_a_third_of_violence(records: Records) -> None:
    crime = records["crime"].query("year == 2012")
    assert round(100 * crime["alcohol"].mean()) == 9
    assert round(100 * crime.loc[crime["category"] == VIOLENCE, "alcohol"].mean()) == 33


def test_oakham_centre_leads_where_the_text_says_so(
    areas: gpd.GeoDataFrame, records: Records
) -> None:
    for measure in ["total_crime", "violence_against_the_person", "other_acquisitive_crime",
                    "criminal_damage", "anti_social_behaviour", "alcohol_related"]:  # fmt: skip
        assert ordered(areas, measured(records, measure))["area_name"].iloc[0] == "Oakham Centre"


# --- the files ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_record_files_are_canonical(areas: gpd.GeoDataFrame, records: Records, name: str) -> None:
    table = records[name]
    assert list(table.columns[:3]) == ["area_code", "period", "category"]
    assert table["area_code"].isin(areas.index).all()
    assert table["period"].str.fullmatch(r"20\d\d-(0[1-9]|1[0-2])").all()
    assert table["category"].notna().all()
    for flag in set(FLAGS) & set(table.columns):
        assert table[flag].dtype == bool


@pytest.mark.parametrize("flag", FLAGS)
def test_flag_files_repeat_the_flagged_crimes(records: Records, flag: str) -> None:
    """The crimes of a flag's file are the flagged rows of crime.parquet, one for one."""
    crime = records["crime"]
    rows = records[flag]
    assert rows[flag].all()
    keys = ["area_code", "period", "crime_category", "offence"]
    ours = rows.loc[rows["category"] == "Crime", keys].sort_values(keys, ignore_index=True)
    theirs = crime.loc[crime[flag]].rename(columns={"category": "crime_category"})[keys]
    pd.testing.assert_frame_equal(ours, theirs.sort_values(keys, ignore_index=True))
    alone = rows.loc[rows["category"] == "Incident", ["crime_category", "offence"]]
    assert alone.isna().all(axis=None)


def test_drug_offences_are_flagged_from_april_2010(records: Records) -> None:
    crime = records["crime"]
    drugs = crime["offence"] == "Drug offence"
    assert (crime.loc[drugs, "drugs"] == (crime.loc[drugs, "period"] >= "2010-04")).all()


def test_size_and_notice() -> None:
    files = [*SAMPLE.glob("*.parquet")]
    assert {file.stem for file in files} == {"areas", *NAMES}
    assert sum(file.stat().st_size for file in SAMPLE.iterdir() if file.is_file()) < 1_000_000
    for file in files:
        assert pq.read_schema(file).metadata[b"notice"].decode() == NOTICE
    for readme in (SAMPLE / "README.md", BOUNDARIES / "README.md"):
        assert NOTICE in readme.read_text(encoding="utf-8").lower()


# --- the builder ----------------------------------------------------------------------------------


def run_builder(*options: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(BOUNDARIES / "build_sample.py"), *map(str, options)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_builder_gives_the_packaged_files() -> None:
    built = run_builder("--check")
    assert built.returncode == 0, built.stdout + built.stderr


def test_builder_writes_the_same_bytes_twice(tmp_path: Path) -> None:
    for run in ("one", "two"):
        assert run_builder("--out", tmp_path / run).returncode == 0
    one, two = sorted((tmp_path / "one").iterdir()), sorted((tmp_path / "two").iterdir())
    assert [file.name for file in one] == [file.name for file in two]
    for first, second in zip(one, two, strict=True):
        assert first.read_bytes() == second.read_bytes()
