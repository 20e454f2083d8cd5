"""Small rules that decide a figure: blanks around codes, forces without a land of their own, attrs."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from scipy import stats

import lsoahot as lh

# Two areas of Leicestershire Police, one of Derbyshire's.
CODES = ["E01025613", "E01025614", "E01019413"]
BTP = "British Transport Police"
OWN = "Leicestershire Police"


@pytest.fixture
def areas() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"district": ["Blaby", "Blaby", "Amber Valley"]},
        index=pd.Index(CODES, name="area_code"),
        geometry=[shapely.box(i, 0, i + 1, 1) for i in range(3)],
        crs="EPSG:27700",
    )


def test_blanks_around_codes_are_no_part_of_them(areas: gpd.GeoDataFrame) -> None:
    table = pd.DataFrame({"area_code": [f" {code}\t" for code in CODES], "income": [1, 2, 3]})
    joined = lh.join(areas, table)
    assert joined["income"].tolist() == [1, 2, 3]
    assert joined.attrs["joined"][0]["matched"] == 3
    indexed = lh.join(areas, table.set_index("area_code").rename(columns={"income": "wealth"}))
    assert indexed["wealth"].tolist() == [1, 2, 3]


def test_a_force_that_is_everywhere_says_nothing_about_gaps(areas: gpd.GeoDataFrame) -> None:
    records = pd.DataFrame(
        {
            "area_code": [CODES[0]] * 3,
            "period": pd.PeriodIndex(["2025-01", "2025-02", "2025-03"], freq="M"),
            "force": [BTP, OWN, OWN],
        }
    )
    # The transport police reported January alone: no area of theirs lacks February and March.
    records.attrs["coverage"] = {
        BTP: ["2025-01"],
        OWN: ["2025-01", "2025-02", "2025-03"],
        "Derbyshire Constabulary": ["2025-01", "2025-02", "2025-03"],
    }
    counted = lh.count(areas, records)
    assert counted["count"].tolist() == [3, 0, 0]
    # Where only they reported a month, it has no data: they fill no gap.
    records.attrs["coverage"] = {BTP: ["2025-01", "2025-02"], OWN: ["2025-01", "2025-03"]}
    with pytest.warns(UserWarning, match="2025-02"):
        counted = lh.count(areas.iloc[:2], records)
    assert counted["count"].tolist() == [3, 0]


def test_a_force_that_is_everywhere_records_in_nobody_elses_area(areas: gpd.GeoDataFrame) -> None:
    home = areas.iloc[:2]
    records = pd.DataFrame(
        {
            "area_code": [CODES[2], CODES[2], CODES[0]],
            "district": ["Amber Valley", "Amber Valley", "Blaby"],
            "force": [OWN, BTP, OWN],
        }
    )
    found = lh.count(home, records).attrs["audit"]
    # Leicestershire's record in Amber Valley is another force's; the transport police's is not.
    events = {one["outcome"]: one["events"] for one in found["outcomes"] if one["events"]}
    assert events == {"counted by code": 1, "outside the areas": 1, "in another force's area": 1}


def test_converted_records_keep_what_was_known_of_them(areas: gpd.GeoDataFrame) -> None:
    records = pd.DataFrame({"area_code": CODES})
    records.attrs = {"coverage": {OWN: ["2025-01"]}, "source": ["a.csv"], "sensitive": True}
    lookup = pd.DataFrame({"LSOA11CD": CODES, "LSOA21CD": CODES})
    found = lh.convert_records(records, areas=areas, from_="lsoa11", to="lsoa21", lookup=lookup)
    assert found.attrs == records.attrs
    assert found["converted"].tolist() == ["unchanged"] * 3
    assert records.columns.tolist() == ["area_code"]


@pytest.mark.parametrize("column", ["rank", "crime_rank", "rate", "rate_lower", "gi_z"])
def test_ranks_and_rates_are_refused_unless_left_out(column: str) -> None:
    index = pd.Index(CODES, name="area_code")
    table = pd.DataFrame({"count": [5, 6, 7], column: [1, 2, 3]}, index=index)
    lookup = pd.DataFrame({"LSOA11CD": CODES, "LSOA21CD": CODES})
    options = {"from_": "lsoa11", "to": "lsoa21", "lookup": lookup}
    with pytest.raises(ValueError, match=f"'{column}' can't be converted"):
        lh.convert(table, **options)
    found = lh.convert(table, columns="count", **options)
    assert found["count"].to_dict() == dict(zip(sorted(CODES), [7, 5, 6], strict=True))
    assert column not in found


def test_weights_below_one_add_up(areas: gpd.GeoDataFrame) -> None:
    records = pd.DataFrame(
        {"area_code": [CODES[0]] * 4 + [CODES[1]], "harm": [0.1, 0.2, 0.3, 0.4, 0]}
    )
    found = lh.count(areas, records, weight="harm")
    assert found["weighted"].tolist() == pytest.approx([1.0, 0.0, 0.0])
    assert found["weighted_sq"].tolist() == pytest.approx([0.30, 0.0, 0.0])
    rated = lh.rate(found.assign(population=[1000, 1000, 1000]), count="weighted")
    # Fay and Feuer (1997): gammas of the sum's mean and variance; an unseen event weighs 0.30.
    lower = stats.gamma.ppf(0.025, 1 / 0.30, scale=0.30)
    mean, variance = 1.30, 0.30 + 0.30**2
    upper = stats.gamma.ppf(0.975, mean**2 / variance, scale=variance / mean)
    assert rated["rate_lower"].iloc[0] == pytest.approx(lower)
    assert rated["rate_upper"].iloc[0] == pytest.approx(upper)
