"""London's layouts: the Fire Brigade's incidents, the police's counts by LSOA."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
from reading import counted, messages, written

import lsoahot as lh

if TYPE_CHECKING:
    from pathlib import Path


def test_london_fire_brigade_incidents_are_read_as_they_come(
    points: gpd.GeoSeries, tmp_path: Path
) -> None:
    p, there = points[0], points.to_crs(4326)[0]
    rounded = (p.x // 100 * 100 + 50, p.y // 100 * 100 + 50)
    rows = pd.DataFrame(
        {"IncidentNumber": ["1-01", "1-02", "1-03", "1-04"],
         "DateOfCall": ["01 Oct 2021", "02 Oct 2021", "03 Oct 2021", "04 Oct 2021"],
         "CalYear": 2021, "TimeOfCall": "10:00:00", "HourOfCall": 10,
         "IncidentGroup": ["Fire", "Fire", "False Alarm", "Special Service"],
         "StopCodeDescription": ["Primary Fire", "Secondary Fire", "AFA", "Special Service"],
         "PropertyCategory": "Dwelling", "PropertyType": "House",
         "IncGeo_BoroughCode": "E09000001", "IncGeo_WardCode": "E05000001",
         "Easting_m": ["NULL", p.x, "NULL", "NULL"], "Northing_m": ["NULL", p.y, "NULL", "NULL"],
         "Easting_rounded": rounded[0], "Northing_rounded": rounded[1],
         "Latitude": ["NULL", there.y, "NULL", 0], "Longitude": ["NULL", there.x, "NULL", 0]}
    )  # fmt: skip
    path = written(tmp_path / "lfb.csv", rows)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fires = lh.read_dataset("fires", path)
    assert fires["group"].tolist() == ["Primary", "Secondary"]
    assert fires.geometry.x.round(1).tolist() == [round(rounded[0], 1), round(p.x, 1)]
    assert "3 points were taken from 'Easting_rounded' and 'Northing_rounded'" in messages(caught)
    fates = fires.attrs["read"]["columns"]
    assert fates["Easting_rounded"] == fates["Northing_rounded"] == "used as the point"
    assert "does not say which fires were deliberate" in messages(caught)


MPS = pd.DataFrame(
    {"LSOA Code": ["E01013787", "E01013787", "E01013788", "E01013788"],
     "LSOA Name": ["Rutland 001A", "Rutland 001A", "Rutland 001B", "Rutland 001B"],
     "Borough": "Rutland",
     "Major Category": ["Burglary", "Drug Offences", "Violence Against the Person",
                        "Violence Against the Person"],
     "Minor Category": ["Burglary - Residential", "Possession of Drugs", "Common Assault",
                        "Harassment"],
     "202101": [3, 2, 5, 1], "202102": [1, 2, 6, 0]}
)  # fmt: skip


def test_london_lsoa_counts_are_read_by_minor_category_and_month(
    areas: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    path = written(tmp_path / "mps.csv", MPS)
    assert counted(areas, path) == (20, "")
    assert counted(areas, path, "drugs") == (4, "")
    crime = lh.read_dataset("crime", path)
    assert set(crime["category"]) == set(MPS["Minor Category"])
    by_group = crime.groupby("group")["count"].sum().to_dict()
    assert by_group == {"Serious acquisitive": 4, "Other": 4, "Violence": 12}
    months = crime.groupby("period")["count"].sum()
    assert months.tolist() == [11, 9]
