"""What comes out of `read_dataset`: the real archives, every shape, every format, every date."""

from __future__ import annotations

import json
import warnings
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings, strategies as st

import lsoahot as lh
from lsoahot.common import code_columns
from lsoahot.common.spelling import plain
from lsoahot.records import periods
from lsoahot.records.dataset import Dataset

STREET = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Crime type,Last outcome category,Context\n"
)


def street(*rows: tuple[str, str, str, str], force: str = "Leicestershire Police") -> str:
    """Write a street file of (id, month, code, type)."""
    lines = [
        f'{key},{month},{force},{force},-0.73,52.67,"On or near Asda, High Street",{code},'
        f"{'Rutland 003A' if code else ''},{kind},,\n"
        for key, month, code, kind in rows
    ]
    return STREET + "".join(lines)


# --- the real archives ----------------------------------------------------------------------------

# Rows of the files themselves, counted with wc -l less the headers.
ARCHIVES = {
    "leicestershire-2014-01_2014-11.zip": (75_315, 0, "2014-01", "2014-11"),
    "leicestershire-2020-10_2021-09.zip": (96_208, 439, "2020-10", "2021-09"),
    "leicestershire-2021-10_2022-09.zip": (112_916, 2_781, "2021-10", "2022-09"),
    "leicestershire-2025.zip": (106_149, 3_063, "2025-01", "2025-12"),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_an_archive_of_the_police(name: str, shared: Path) -> None:
    rows, unlocated, first, last = ARCHIVES[name]
    crimes = lh.read_dataset("crime", shared / "data/police" / name)
    assert isinstance(crimes, gpd.GeoDataFrame)
    assert crimes.crs == "EPSG:27700"
    assert len(crimes) == rows
    assert crimes["area_code"].isna().sum() == unlocated
    assert crimes.geometry.isna().sum() == unlocated
    assert (str(crimes["period"].min()), str(crimes["period"].max())) == (first, last)
    assert crimes["category"].nunique() == 14
    assert not crimes["group"].isna().any()
    assert crimes.attrs["source"] == [name]
    assert crimes.attrs["read"]["rows"] == crimes.attrs["read"]["kept"] == rows
    assert len(crimes.attrs["coverage"]["Leicestershire Police"]) == (11 if "2014" in name else 12)


def test_a_year_on_year_table(shared: Path) -> None:
    folder = shared / "data/police"
    both = lh.read_dataset(
        "crime",
        [folder / f"leicestershire-{year}.zip" for year in ("2020-10_2021-09", "2021-10_2022-09")],
        points=False,
    )
    assert len(both) == 96_208 + 112_916
    assert not isinstance(both, gpd.GeoDataFrame)
    years = both.groupby(both["period"] >= pd.Period("2021-10", "M"))["category"].value_counts()
    assert years[False, "Burglary"] == 3_773
    assert years[True, "Burglary"] == 5_059


def test_the_anti_social_behaviour_in_an_archive(shared: Path) -> None:
    asb = lh.read_dataset("asb", shared / "data/police/leicestershire-2021-10_2022-09.zip")
    assert len(asb) == 10_069
    read = asb.attrs["read"]
    assert read["rows"] == 112_916
    assert sum(read["left_out"].values()) == 112_916 - 10_069
    assert read["left_out"]["Burglary"] == 5_059
    # A month in which none fell is still a month the force reported.
    assert len(asb.attrs["coverage"]["Leicestershire Police"]) == 12


def test_the_drug_offences_in_an_archive(shared: Path) -> None:
    drugs = lh.read_dataset("drugs", shared / "data/police/leicestershire-2021-10_2022-09.zip")
    assert len(drugs) == 3_250
    assert set(drugs["category"]) == {"Drugs"}


def test_the_answer_of_the_police_api(shared: Path) -> None:
    path = shared / "data/police/crimes_street_all_crime_leicester_2023-01.json"
    crimes = lh.read_dataset("crime", path)
    assert len(crimes) == 1_448
    kinds = crimes["category"].value_counts()
    assert kinds["Violence and sexual offences"] == 515
    assert kinds["Criminal damage and arson"] == 95
    assert set(crimes["period"].astype(str)) == {"2023-01"}
    assert "area_code" not in crimes
    # Leicester's clock tower stands at 458,800 304,600.
    centre = shapely.distance(crimes.geometry.to_numpy(), shapely.Point(458_800, 304_600))
    assert np.median(centre) < 3_000


def test_overlapping_answers_of_the_api_count_a_crime_once(shared: Path, tmp_path: Path) -> None:
    every = json.loads(
        (shared / "data/police/crimes_street_all_crime_leicester_2023-01.json").read_text()
    )
    (tmp_path / "west.json").write_text(json.dumps(every[:100]))
    (tmp_path / "east.json").write_text(json.dumps(every[60:160]))
    crimes = lh.read_dataset("crime", tmp_path)
    assert len(crimes) == 160
    assert crimes.attrs["read"]["left_out"] == {"the same record of the API again": 40}


def test_a_point_of_the_police_lies_where_proj_puts_it(shared: Path) -> None:
    crimes = lh.read_dataset("crime", shared / "data/police/leicestershire-2021-10_2022-09.zip")
    point = crimes.geometry.iloc[0]
    again = gpd.GeoSeries.from_xy([-1.212224, -1], [52.62343, 52], crs="EPSG:4326")
    again = again.to_crs("EPSG:27700")
    assert point.distance(again.iloc[0]) < 0.01


# --- archives, folders, patterns, lists -------------------------------------------------------------


def test_outcomes_and_searches_beside_the_street_files_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "archive.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "2021-10/2021-10-x-street.csv", street(("a", "2021-10", "E01013790", "Burglary"))
        )
        archive.writestr("2021-10/2021-10-x-outcomes.csv", "Crime ID,Outcome type\na,b\n")
        archive.writestr("2021-10/2021-10-x-stop-and-search.csv", "Type,Object of search\na,b\n")
    crimes = lh.read_dataset("crime", path)
    assert len(crimes) == 1
    assert list(crimes.attrs["read"]["passed_over"]) == [
        "archive.zip/2021-10/2021-10-x-outcomes.csv",
        "archive.zip/2021-10/2021-10-x-stop-and-search.csv",
    ]


def test_an_archive_beside_its_own_contents_counts_once(tmp_path: Path) -> None:
    text = street(("a", "2021-10", "E01013790", "Burglary"))
    folder = tmp_path / "2021-10"
    folder.mkdir()
    (folder / "2021-10-x-street.csv").write_text(text)
    with zipfile.ZipFile(tmp_path / "archive.zip", "w") as archive:
        archive.writestr("2021-10/2021-10-x-street.csv", text)
    crimes = lh.read_dataset("crime", tmp_path)
    assert len(crimes) == 1
    assert len(crimes.attrs["read"]["passed_over"]) == 1


def test_a_partners_file_among_the_street_files_is_told(tmp_path: Path) -> None:
    text = street(("a", "2021-10", "E01013790", "Burglary"))
    (tmp_path / "2021-10-x-street.csv").write_text(text)
    (tmp_path / "asb.csv").write_text("x")
    with pytest.warns(UserWarning, match=r"1 files beside the street files .* not read: asb\.csv"):
        assert len(lh.read_dataset("crime", tmp_path)) == 1


def test_folder_pattern_and_list_read_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for month in ("2021-10", "2021-11"):
        (tmp_path / month).mkdir()
        (tmp_path / month / f"{month}-x-street.csv").write_text(
            street(("a" + month, month, "E01013790", "Burglary"))
        )
    folder = lh.read_dataset("crime", tmp_path)
    pattern = lh.read_dataset("crime", str(tmp_path / "*" / "*-street.csv"))
    monkeypatch.chdir(tmp_path)
    relative = lh.read_dataset("crime", "2021-*/*-street.csv")
    pd.testing.assert_frame_equal(pd.DataFrame(pattern), pd.DataFrame(relative))
    listed = lh.read_dataset("crime", sorted(tmp_path.rglob("*.csv")))
    pd.testing.assert_frame_equal(pd.DataFrame(folder), pd.DataFrame(pattern))
    pd.testing.assert_frame_equal(pd.DataFrame(folder), pd.DataFrame(listed))
    assert folder["period"].astype(str).tolist() == ["2021-10", "2021-11"]


def test_identical_rows_are_not_duplicates(tmp_path: Path) -> None:
    row = ("", "2021-10", "E01013790", "Anti-social behaviour")
    (tmp_path / "a.csv").write_text(street(row, row, row))
    assert len(lh.read_dataset("asb", tmp_path / "a.csv")) == 3


def test_an_identifier_that_stands_twice_is_kept_and_told(tmp_path: Path) -> None:
    first = ("a", "2021-10", "E01013790", "Burglary")
    again = ("a", "2021-11", "E01013790", "Burglary")
    (tmp_path / "a.csv").write_text(street(first, again))
    crimes = lh.read_dataset("crime", tmp_path / "a.csv")
    assert len(crimes) == 2
    assert crimes.attrs["read"]["repeated_ids"] == 1


def test_a_comma_in_quotes_and_a_line_break_in_a_cell(tmp_path: Path) -> None:
    text = street(("a", "2021-10", "E01013790", "Burglary"))
    (tmp_path / "a.csv").write_text(text.replace("Asda, High", "Asda,\nHigh"))
    assert len(lh.read_dataset("crime", tmp_path / "a.csv")) == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters(encoding: str, delimiter: str, tmp_path: Path) -> None:
    lines = [
        ["LSOA Code", "Date Reported", "Offence", "Force"],
        ["E01013790", "1/2/2022", "Vandalísm £ other", "Heddlu Môr"],
    ]
    text = "\n".join(delimiter.join(line) for line in lines) + "\n"
    (tmp_path / "a.csv").write_bytes(text.encode(encoding))
    with pytest.warns(UserWarning, match="doesn't know"):
        records = lh.read_dataset("crime", tmp_path / "a.csv")
    assert records.loc[0, "category"] == "Vandalísm £ other"
    assert records.loc[0, "force"] == "Heddlu Môr"
    assert str(records.loc[0, "period"]) == "2022-02"


@pytest.mark.parametrize("suffix", ["xlsx", "ods"])
def test_workbooks_with_a_cover_sheet_and_a_title(suffix: str, tmp_path: Path) -> None:
    table = pd.DataFrame(
        {
            "LSOA code": ["E01013790", "E01013791", None],
            "Date of offence": pd.to_datetime(["2022-02-01", "2022-03-31", "2022-03-01"]),
            "Offence": ["Burglary", "Robbery", "Shoplifting"],
            "Domestic": ["Y", "N", "Y"],
        }
    )
    path = tmp_path / f"extract.{suffix}"
    with pd.ExcelWriter(path) as book:
        pd.DataFrame({"Notes": ["Extract of 2022"]}).to_excel(book, sheet_name="Cover", index=False)
        table.to_excel(book, sheet_name="Data", index=False, startrow=3)
    crimes = lh.read_dataset("crime", path)
    assert crimes["period"].astype(str).tolist() == ["2022-02", "2022-03", "2022-03"]
    assert crimes["date"].tolist() == table["Date of offence"].tolist()
    assert crimes["domestic"].tolist() == [True, False, True]
    assert crimes["area_code"].isna().tolist() == [False, False, True]
    assert list(crimes.attrs["read"]["passed_over"]) == [f"extract.{suffix} [Cover]"]
    domestic = lh.read_dataset("domestic", path)
    assert domestic["category"].tolist() == ["Burglary", "Shoplifting"]
    assert domestic.attrs["sensitive"] is True


def test_parquet_and_geoparquet_and_tables(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {
            "area_code": ["E01013790", None, None],
            "period": pd.PeriodIndex(["2021-10", "2021-11", "2021-11"], freq="M"),
            "category": ["Burglary", "Drugs", "Drugs"],
        }
    )
    table.to_parquet(tmp_path / "plain.parquet")
    points = gpd.GeoDataFrame(
        table, geometry=[shapely.Point(-0.73, 52.67), None, shapely.Point(-1, 52)], crs="EPSG:4326"
    )
    points.assign(period=table["period"].astype(str)).to_parquet(tmp_path / "points.parquet")
    for source in (table, tmp_path / "plain.parquet"):
        records = lh.read_dataset("crime", source)
        assert records["period"].tolist() == table["period"].tolist()
        assert records["area_code"].isna().tolist() == [False, True, True]
    located = lh.read_dataset("crime", tmp_path / "points.parquet")
    assert located.crs == "EPSG:27700"
    assert located.geometry.isna().tolist() == [False, True, False]
    # All Saints in Oakham stands at SK 861 089, 52.6705 N 0.7285 W.
    assert located.geometry[0].distance(shapely.Point(486_000, 308_850)) < 100


def test_the_callers_table_is_left_alone() -> None:
    table = pd.DataFrame(
        {"LSOA code": ["E01013790"], "Month": ["2021-10"], "Crime type": ["Burglary"]}
    )
    before = table.copy(deep=True)
    lh.read_dataset("crime", table)
    pd.testing.assert_frame_equal(table, before)


def test_points_of_a_geopackage_and_of_geojson(tmp_path: Path) -> None:
    points = gpd.GeoDataFrame(
        {"Date": ["1/2/2022"] * 2, "Offence": ["Drugs"] * 2},
        geometry=gpd.points_from_xy([486_000, 486_100], [308_000, 308_100]),
        crs="EPSG:27700",
    )
    points.to_file(tmp_path / "a.gpkg")
    points.to_crs("EPSG:4326").to_file(tmp_path / "a.geojson")
    for name in ("a.gpkg", "a.geojson"):
        records = lh.read_dataset("crime", tmp_path / name)
        assert records.geometry.x.round().tolist() == [486_000, 486_100]
        assert records["period"].astype(str).tolist() == ["2022-02"] * 2


def test_a_title_above_the_header(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "Domestic incidents 2021/22,,\nExtracted by the force,,\n\n"
        "LSOA code,Month,Count\nE01013790,Oct-21,3\n"
    )
    assert lh.read_dataset("domestic", tmp_path / "a.csv")["count"].tolist() == [3]


def test_plain_objects_in_json_and_times_with_a_zone(tmp_path: Path) -> None:
    rows = [{"lsoa code": "E01013790", "date": "2022-02-01T10:00:00Z", "crime type": "Drugs"}]
    (tmp_path / "a.json").write_text(json.dumps(rows))
    assert lh.read_dataset("crime", tmp_path / "a.json")["category"].tolist() == ["Drugs"]
    table = pd.DataFrame(rows)
    table["date"] = pd.to_datetime(table["date"], utc=True)
    assert lh.read_dataset("crime", table)["date"].tolist() == [pd.Timestamp("2022-02-01")]


def test_values_that_are_words_are_no_counts() -> None:
    table = pd.DataFrame(
        {"LSOA code": ["E01013790"], "Date": ["1/2/2022"], "Offence": ["Drugs"], "N": ["North"]}
    )
    assert "count" not in lh.read_dataset("crime", table)


def test_a_month_without_a_row_is_no_data(tmp_path: Path) -> None:
    (tmp_path / "2021-10-x-street.csv").write_text(
        street(("a", "2021-10", "E01013790", "Burglary"))
    )
    (tmp_path / "2021-11-x-street.csv").write_text(STREET)
    crimes = lh.read_dataset("crime", tmp_path)
    assert len(crimes) == 1
    assert crimes.attrs["coverage"] == {"Leicestershire Police": ["2021-10"]}


def test_a_word_where_a_number_should_be(tmp_path: Path) -> None:
    text = street(("a", "2021-10", "E01013790", "Burglary"), ("b", "2021-10", "", "Drugs"))
    (tmp_path / "a.csv").write_text(text.replace("-0.73,52.67", "unknown,unknown", 1))
    crimes = lh.read_dataset("crime", tmp_path / "a.csv")
    assert crimes.geometry.isna().tolist() == [True, False]


def test_nothing_personal_is_carried_along(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "LSOA code,Date,Offence,Victim name,Address\nE01013790,1/2/2022,Burglary,A. Person,1 High St\n"
    )
    for source in (tmp_path / "a.csv", pd.read_csv(tmp_path / "a.csv")):
        records = lh.read_dataset("crime", source)
        assert set(records.columns) == {"area_code", "period", "date", "category", "group"}


# --- the seven datasets, in points and in counts -----------------------------------------------------


@pytest.mark.parametrize("name", lh.DATASETS)
def test_every_adapter_reads_points(name: str) -> None:
    table = pd.DataFrame(
        {
            "Easting": [486_000, 0, 487_000],
            "Northing": [308_000, 0, 309_000],
            "Incident date": ["1/2/2022", "28/02/2022 13:45", "3 March 2022"],
            "Category": {
                "asb": ["ASB Personal", "Nuisance", "Environmental"],
                "fires": [
                    "Deliberate primary fire",
                    "Deliberate secondary fires",
                    "Chimney (deliberate)",
                ],
            }.get(name, ["Drugs", "Drugs", "Drugs"]),
            "Qualifiers": ["Alcohol; drug related; domestic abuse; racist hate"] * 3,
        }
    )
    records = lh.read_dataset(name, table)
    assert len(records) == 3
    assert records["period"].astype(str).tolist() == ["2022-02", "2022-02", "2022-03"]
    assert records.geometry.isna().tolist() == [False, True, False]
    assert records.geometry.x[0] == 486_000
    assert records.attrs["dataset"] == name


@pytest.mark.parametrize("name", lh.DATASETS)
def test_every_adapter_reads_counts_long(name: str) -> None:
    kind = {"asb": "Nuisance", "fires": "Deliberate primary"}.get(name, "Drugs")
    table = pd.DataFrame(
        {
            "lsoa21cd": ["E01013790", "E01013791", "E01013791"],
            "Month": ["Oct 2021", "Oct 2021", "Nov 2021"],
            "Category": [kind] * 3,
            "Count": ["1,200", "*", "0"],
        }
    )
    flagged = name in ("domestic", "hate", "alcohol")  # nothing says that the drug offences are
    records = lh.read_dataset(name, table, all_rows=flagged)
    assert records["count"].tolist() == [1200, pd.NA, 0]
    assert records["period"].astype(str).tolist() == ["2021-10", "2021-10", "2021-11"]


@pytest.mark.parametrize("name", lh.DATASETS)
def test_every_adapter_reads_a_column_a_month(name: str) -> None:
    table = pd.DataFrame(
        {
            "LSOA code": ["E01013790", "E01013791"],
            "Oct-21": [1, 2],
            "Nov-21": [3, 4],
            "Total": [4, 6],
        }
    )
    if name == "fires":
        with pytest.warns(UserWarning, match="does not say which fires were deliberate"):
            records = lh.read_dataset(name, table)
    else:
        records = lh.read_dataset(name, table)
    assert len(records) == 4
    assert records["count"].sum() == 10
    assert records.groupby(records["period"].astype(str))["count"].sum().to_dict() == {
        "2021-10": 3,
        "2021-11": 7,
    }


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("crime", ["Burglary", "Vehicle crime", "Robbery"]),
        ("asb", ["Personal", "Environmental", "Nuisance"]),
        ("fires", ["Deliberate primary fires", "Deliberate secondary fires", "Chimney"]),
        ("domestic", ["Crimes", "Incidents", "Violence against the person"]),
        ("hate", ["Racial", "Religious", "Disability"]),
        ("alcohol", ["Crime", "Incident", "Public order"]),
        ("drugs", ["Possession of drugs", "Trafficking of drugs", "Drugs"]),
    ],
)
def test_every_adapter_reads_a_column_a_category(name: str, columns: list[str]) -> None:
    table = pd.DataFrame(
        {
            "LSOA code": ["E01013790"],
            "Month": ["2021-10"],
            **{c: [i] for i, c in enumerate(columns)},
        }
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if name == "fires":  # a chimney fire is not said to be deliberate
            warnings.simplefilter("ignore")
        flagged = name in ("domestic", "alcohol")  # nothing says that other crimes are
        records = lh.read_dataset(name, table, all_rows=flagged)
    kept = dict(zip(records["category"], records["count"], strict=True))
    expected = {column: i for i, column in enumerate(columns)}
    if name == "fires":
        del expected["Chimney"]
    assert kept == expected


def test_numbers_that_are_no_known_category_are_told() -> None:
    table = pd.DataFrame(
        {"LSOA code": ["E01013790"], "Burglary": [1], "Robbery": [2], "Witchcraft": [13]}
    )
    with pytest.warns(UserWarning, match="the numbers in 'Witchcraft' were not read"):
        records = lh.read_dataset("crime", table)
    assert records["count"].sum() == 3


def test_a_number_of_events_is_no_flag() -> None:
    table = pd.DataFrame(
        {"LSOA code": ["E01013790"] * 2, "Month": ["2021-10", "2021-11"], "Hate": [3, 0]}
    )
    records = lh.read_dataset("hate", table)
    assert records["count"].tolist() == [3, 0]


@pytest.mark.parametrize(
    ("words", "flags"),
    [
        (
            ["Alcohol; Domestic Abuse", "", None],
            {"alcohol": 1, "domestic": 1, "hate": 0, "drugs": 0},
        ),
        (["RACIST", "Homophobic incident", "drug related"], {"hate": 2, "drugs": 1, "domestic": 0}),
        (
            ["Non-domestic; alcohol", "Not a hate crime, non alcohol related", "Not domestic"],
            {"domestic": 0, "hate": 0, "alcohol": 1},
        ),
        (
            ["Domestic: No; Alcohol: Yes", "Domestic=N", "Domestic - not alcohol"],
            {"domestic": 1, "alcohol": 1},
        ),
    ],
)
def test_qualifiers_become_flags(words: list[str | None], flags: dict[str, int]) -> None:
    table = pd.DataFrame(
        {
            "LSOA code": ["E01013790"] * 3,
            "Date": ["1/2/2022"] * 3,
            "Offence": ["Robbery"] * 3,
            "Keywords": words,
        }
    )
    records = lh.read_dataset("crime", table)
    assert {flag: int(records[flag].sum()) for flag in flags} == flags


@pytest.mark.parametrize("suffix", ["xlsx", "ods"])
def test_months_that_excel_turned_into_dates(suffix: str, tmp_path: Path) -> None:
    months = [pd.Timestamp("2021-10-01"), pd.Timestamp("2021-11-01")]
    table = pd.DataFrame([["E01013790", 3, 4]], columns=["LSOA code", *months])
    table.to_excel(tmp_path / f"wide.{suffix}", index=False)
    records = lh.read_dataset("domestic", tmp_path / f"wide.{suffix}")
    assert records["period"].astype(str).tolist() == ["2021-10", "2021-11"]
    assert records["count"].tolist() == [3, 4]
    assert "date" not in records  # no event is known to be of the first of the month


def test_weeks_are_no_months() -> None:
    table = pd.DataFrame([["E01013790", 3, 4]], columns=["LSOA code", "01/10/2021", "08/10/2021"])
    with pytest.raises(ValueError, match="lacks"):
        lh.read_dataset("domestic", table)


def test_totals_among_counts_by_category_are_not_counted_twice() -> None:
    table = pd.DataFrame(
        {
            "LSOA code": ["E01013790"] * 3,
            "Month": ["2021-10"] * 3,
            "Crime type": ["Burglary", "Robbery", "All crime"],
            "Count": [3, 2, 5],
        }
    )
    records = lh.read_dataset("crime", table)
    assert records["count"].sum() == 5
    read = records.attrs["read"]
    assert read["left_out"] == {"a total of the categories": 1}
    assert read["rows"] == read["kept"] + 1


def test_a_total_without_its_parts_is_the_count() -> None:
    table = pd.DataFrame(
        {"LSOA code": ["E01013790"], "Month": ["2021-10"], "Crime type": ["Total"], "Count": [5]}
    )
    with pytest.warns(UserWarning, match="Total"):
        records = lh.read_dataset("crime", table)
    assert records["count"].sum() == 5


def test_an_extract_of_nothing_but_domestic_records() -> None:
    table = pd.DataFrame({"LSOA code": ["E01013790"], "Date": ["1/2/2022"], "Offence": ["Robbery"]})
    with pytest.raises(ValueError, match="all_rows=True"):
        lh.read_dataset("domestic", table)
    assert len(lh.read_dataset("domestic", table, all_rows=True)) == 1


def test_files_with_a_flag_beside_files_without(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "LSOA code,Date,Offence,Alcohol\nE01013790,1/2/2022,Robbery,Y\n"
    )
    (tmp_path / "b.csv").write_text("LSOA code,Date,Offence\nE01013790,1/2/2022,Robbery\n")
    records = lh.read_dataset("crime", tmp_path)
    assert records["alcohol"].dtype == bool
    assert records["alcohol"].tolist() == [True, False]


def test_the_fires_of_the_home_office(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {
            "FRS_TERRITORY": ["Leicestershire"] * 5,
            "LSOA_CODE": ["E01013790", "Not known", "Not known", "E01013791", "E01013791"],
            "LSOA_DESCRIPTION": ["Rutland 003A", "E01013792", "Not known", "x", "x"],
            "FINANCIAL_YEAR": ["2021/22", "2021/22", "2021/22", "2021/22", "2020/21"],
            "INCIDENT_TYPE": [
                "Primary fire - dwelling",
                "Secondary fire",
                "Chimney fire",
                "Fire false alarm - malicious",
                "Non-fire incident - Road Traffic Collision",
            ],
        }
    )
    path = tmp_path / "low-level-geography.ods"
    with pd.ExcelWriter(path) as book:
        pd.DataFrame({"Cover": ["x"]}).to_excel(book, sheet_name="Cover", index=False)
        table.to_excel(book, sheet_name="202122", index=False)
    with pytest.warns(UserWarning, match="does not say which fires were deliberate"):
        fires = lh.read_dataset("fires", path)
    assert fires["area_code"].fillna("-").tolist() == ["E01013790", "E01013792", "-"]
    assert fires["group"].tolist() == ["Primary", "Secondary", "Chimney"]
    assert fires["financial_year"].tolist() == ["2021/22"] * 3
    assert fires["period"].isna().all()
    assert fires.attrs["read"]["left_out"] == {"Not a fire": 2}


@pytest.mark.parametrize(
    ("motive", "kept"),
    [
        (["Deliberate", "Accidental", "Not known"], [True, False, False]),
        (["Y", "N", ""], [True, False, False]),
        (["Deliberate - owner not known", "Not deliberate", "Undetermined"], [True, False, False]),
    ],
)
def test_deliberate_fires_only(motive: list[str], kept: list[bool]) -> None:
    table = pd.DataFrame(
        {
            "Easting": [486_000] * 3,
            "Northing": [308_000] * 3,
            "Date of call": ["05/11/2021"] * 3,
            "Type of incident": ["Primary Fire", "Secondary Fire", "Secondary Fire"],
            "Motive": motive,
        }
    )
    fires = lh.read_dataset("fires", table)
    assert len(fires) == sum(kept)
    assert fires["period"].astype(str).tolist() == ["2021-11"]
    assert fires.attrs["read"]["left_out"] == {"Accidental or not known": 2}


def test_a_list_of_deliberate_fires_that_says_what_burned() -> None:
    table = pd.DataFrame(
        {
            "LSOA code": ["E01013790"] * 3,
            "Date": ["5/11/2021"] * 3,
            "Type": ["Refuse", "Road vehicle", "False alarm"],
            "Motive": ["Deliberate"] * 3,
        }
    )
    fires = lh.read_dataset("fires", table)
    assert fires["category"].tolist() == ["Refuse", "Road vehicle"]
    assert set(fires["group"]) == {"Fire"}
    assert fires.attrs["read"]["left_out"] == {"Not a fire": 1}


def test_every_type_of_the_police_has_a_group_of_the_assessment() -> None:
    today = {
        "Anti-social behaviour": "Anti-social behaviour",
        "Bicycle theft": "Other acquisitive",
        "Burglary": "Serious acquisitive",
        "Criminal damage and arson": "Criminal damage",
        "Drugs": "Other",
        "Other crime": "Other",
        "Other theft": "Other acquisitive",
        "Possession of weapons": "Other",
        "Public order": "Other",
        "Robbery": "Serious acquisitive",
        "Shoplifting": "Other acquisitive",
        "Theft from the person": "Other acquisitive",
        "Vehicle crime": "Serious acquisitive",
        "Violence and sexual offences": "Violence",
        "Violent crime": "Violence",
        "Public disorder and weapons": "Other",
    }
    table = pd.DataFrame({"LSOA code": "E01013790", "Month": "2012-03", "Crime type": list(today)})
    records = lh.read_dataset("crime", table)
    assert dict(zip(records["category"], records["group"], strict=True)) == today


def test_the_groups_can_be_replaced() -> None:
    table = pd.DataFrame(
        {
            "LSOA code": ["E01013790"] * 2,
            "Month": ["2021-10"] * 2,
            "Crime type": ["Burglary", "Drugs"],
        }
    )
    mine = replace(lh.DATASETS["crime"], categories={"burglary": "Mine"})
    with pytest.warns(UserWarning, match=r"1 rows have a category .* put into the group 'Other'"):
        records = lh.read_dataset(mine, table)
    assert records["group"].tolist() == ["Mine", "Other"]


def test_a_group_without_a_category_says_what_a_record_is() -> None:
    table = pd.DataFrame(
        {
            "LSOA code": ["E01013790", "E01013792", "E01013792", "E01013790"],
            "Month": "2021-10",
            "group": ["Drugs", "Robbery", "Drugs", None],
        }
    )
    crimes = lh.read_dataset("crime", table)
    assert crimes["group"].fillna("-").tolist() == ["Drugs", "Robbery", "Drugs", "-"]
    assert "category" not in crimes
    drugs = lh.read_dataset("drugs", table)
    assert drugs["area_code"].tolist() == ["E01013790", "E01013792"]
    assert drugs.attrs["read"]["left_out"] == {"not drugs": 2}
    assert drugs.attrs["read"]["unfiltered"] == []
    counts = lh.read_dataset("drugs", table.assign(Count=[4, 50, 3, 70]))
    assert counts["count"].tolist() == [4, 3]


def test_a_count_beside_counts_of_months_or_categories_is_not_added() -> None:
    codes = {"LSOA code": ["E01013790", "E01013792"]}
    by_category = {
        **codes,
        "Month": "2021-10",
        "Count": [8, 10],
        "Burglary": [3, 4],
        "Drugs": [5, 6],
    }
    message = r"the numbers in 'Count' were not read: beside 'Burglary', 'Drugs'"
    with pytest.warns(UserWarning, match=message):
        records = lh.read_dataset("crime", pd.DataFrame(by_category))
    assert records.groupby("category")["count"].sum().to_dict() == {"Burglary": 7, "Drugs": 11}
    by_month = {**codes, "Count": [8, 10], "Jan-22": [3, 4], "Feb-22": [5, 6]}
    with pytest.warns(UserWarning, match=r"the numbers in 'Count' were not read: beside 'Jan-22'"):
        records = lh.read_dataset("crime", pd.DataFrame(by_month))
    assert records["count"].tolist() == [3, 4, 5, 6]
    assert records["period"].astype(str).tolist() == ["2022-01"] * 2 + ["2022-02"] * 2
    # Beside one category alone it is the count of the row.
    alone = lh.read_dataset("crime", pd.DataFrame(by_category).drop(columns="Drugs"))
    assert alone["count"].tolist() == [8, 10]


def test_words_for_no_date_are_missing_and_not_unreadable() -> None:
    none = ["n/a", "N/A", "-", " - ", "nan", "None", "NaT", "not known", "Unknown", "", " "]
    table = pd.DataFrame({"Date": ["1/2/2022", *none, "28/2/2022"], "Crime type": "Drugs"})
    table["LSOA code"] = "E01013790"
    records = lh.read_dataset("crime", table)  # a warning would be an error
    assert records["period"].isna().tolist() == [False, *[True] * 11, False]
    assert records["period"].dropna().astype(str).tolist() == ["2022-02"] * 2
    assert records.attrs["read"]["unread_dates"] == 0
    with pytest.warns(UserWarning, match="1 rows have a date that can't be read.* soon"):
        lh.read_dataset("crime", table.replace("n/a", "soon"))


# --- an adapter of one's own ------------------------------------------------------------------------


def test_the_documented_adapter_runs(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "data.md").read_text(encoding="utf-8")
    code = page.split("<!-- own adapter -->", 1)[1].split("```python\n", 1)[1].split("```", 1)[0]
    assert len(code.strip().splitlines()) <= 20
    (tmp_path / "ambulance-2022.csv").write_text(
        "LSOA,Call time,Nature,Outcome\nE01013790,01/02/2022 23:10,ASSAULT,conveyed\n"
        "E01013790,02/02/2022 01:10,FALL,cancelled\n"
    )
    names: dict[str, Any] = {}
    exec(code.replace("ambulance-2022.csv", str(tmp_path / "ambulance-2022.csv")), names)  # noqa: S102
    calls = names["calls"]
    assert calls["group"].tolist() == ["Violence"]
    assert calls["outcome"].tolist() == ["conveyed"]
    assert calls.attrs["read"]["left_out"] == {"cancelled": 1}


def test_a_specification_is_frozen_and_named() -> None:
    spec = Dataset(name="a", title="A")
    with pytest.raises(AttributeError):
        spec.name = "b"
    with pytest.raises(TypeError):
        Dataset("a", "A")


@pytest.mark.parametrize("name", lh.DATASETS)
def test_every_adapter_says_where_its_data_is_from(name: str) -> None:
    import importlib

    text = importlib.import_module(f"lsoahot.records.datasets.{name}").__doc__ or ""
    for part in ("Where to get it", "What to know", "Licence"):
        assert part in text


# --- headers and dates --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    [
        "LSOA code",
        "lsoa_code",
        "LSOA11CD",
        "lsoa21cd",
        "LSOA Code (2021)",
        "\ufeffLSOA CODE",
        "lsoa",
    ],
)
def test_headers_forgive_case_spaces_and_years(header: str) -> None:
    table = pd.DataFrame({header: ["E01013790"], "MONTH": ["2021-10"], "crime_type": ["Drugs"]})
    assert lh.read_dataset("crime", table)["area_code"].tolist() == ["E01013790"]


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        (["lsoa11nm", "lsoa11cd"], "lsoa11cd"),
        (["LSOA", "LSOA21 code"], "LSOA21 code"),
        (["geography", "geography code", "Total"], "geography code"),
        (["msoa21cd", "x"], "msoa21cd"),
        (["area_code", "lsoa11cd"], "area_code"),
        (["2021 super output area - lower layer", "mnemonic", "2021"], "mnemonic"),
        (["name", "people"], None),
        (["LADCD", "people"], "LADCD"),
    ],
)
def test_the_column_of_codes_is_found(headers: list[str], found: str | None) -> None:
    first = next((key.column for key in code_columns.candidates(headers)), None)
    assert first == found


DATES = {
    "1/2/2022": "2022-02-01",
    "01/02/22": "2022-02-01",
    "1-2-2022": "2022-02-01",
    "01.02.2022": "2022-02-01",
    "31/12/2021 23:59": "2021-12-31",
    "2022-02-01": "2022-02-01",
    "2022-02-01T10:00:00Z": "2022-02-01",
    "2022-02-01 10:00:00+00:00": "2022-02-01",
    "1 Feb 2022": "2022-02-01",
    "1st February 2022": "2022-02-01",
    "01-Feb-22": "2022-02-01",
}
MONTHS = {
    "2022-02": "2022-02",
    "202202": "2022-02",
    "02/2022": "2022-02",
    "Feb 2022": "2022-02",
    "February-22": "2022-02",
    "2022 Feb": "2022-02",
    "Sept 2021": "2021-09",
}


@pytest.mark.parametrize("text", DATES)
def test_dates_are_british(text: str) -> None:
    parsed = periods.parse(pd.Series([text, None]))
    assert str(parsed.date.iloc[0].date()) == DATES[text]
    assert str(parsed.period.iloc[0]) == DATES[text][:7]
    assert parsed.period.isna().tolist() == [False, True]
    assert not parsed.unread.any()


@pytest.mark.parametrize("text", MONTHS)
def test_months(text: str) -> None:
    parsed = periods.parse(pd.Series([text]))
    assert str(parsed.period.iloc[0]) == MONTHS[text]
    assert parsed.date.isna().all()


@pytest.mark.parametrize(
    ("text", "sure", "year"),
    [
        ("2021/22", False, "2021/22"),
        ("2021-22", False, "2021/22"),
        ("2021/2022", False, "2021/22"),
        ("FY 2021/22", False, "2021/22"),
        ("1999/00", False, "1999/00"),
        ("2011-12", False, None),
        ("2011-12", True, "2011/12"),
        ("2021/23", True, None),
    ],
)
def test_financial_years(text: str, *, sure: bool, year: str | None) -> None:
    assert periods.financial_year(text, sure=sure) == year


@pytest.mark.parametrize(
    ("month", "year", "period"),
    [("October", "2021", "2021-10"), (10, 2021, "2021-10"), ("Oct", 2021.0, "2021-10")],
)
def test_a_month_beside_a_year(month: Any, year: Any, period: str) -> None:
    table = pd.DataFrame(
        {"LSOA code": ["E01013790"], "Month": [month], "Year": [year], "Offence": ["Drugs"]}
    )
    records = lh.read_dataset("crime", table)
    assert records["period"].astype(str).tolist() == [period]
    assert "financial_year" not in records


def test_a_year_alone_is_told() -> None:
    table = pd.DataFrame({"LSOA code": ["E01013790"], "Year": ["2021"], "Offence": ["Drugs"]})
    with pytest.warns(UserWarning, match="1 rows have a date that can't be read.*2021"):
        records = lh.read_dataset("crime", table)
    assert records["period"].isna().all()


def test_a_date_that_cant_be_read_is_told() -> None:
    table = pd.DataFrame(
        {
            "LSOA code": ["E01013790"] * 2,
            "Date": ["1/2/2022", "last week"],
            "Offence": ["Drugs"] * 2,
        }
    )
    with pytest.warns(UserWarning, match="1 rows have a date that can't be read.*last week"):
        records = lh.read_dataset("crime", table)
    assert records["period"].isna().tolist() == [False, True]
    assert records.attrs["read"]["unread_dates"] == 1


@given(
    st.dates(
        min_value=pd.Timestamp("1950-01-01").date(), max_value=pd.Timestamp("2049-12-31").date()
    )
)
@settings(max_examples=60, deadline=None)
def test_every_day_is_read_as_it_is_written(day: Any) -> None:
    forms = [
        f"{day:%d/%m/%Y}",
        f"{day.day}/{day.month}/{day:%Y}",
        f"{day:%Y-%m-%d}",
        f"{day:%d %B %Y}",
    ]
    parsed = periods.parse(pd.Series(forms))
    assert (parsed.date == pd.Timestamp(day)).all()
    assert (parsed.period == pd.Period(day, "M")).all()


# --- whatever goes in ---------------------------------------------------------------------------------

KINDS = {"crime": "", "asb": "Anti-social behaviour", "drugs": "Drugs"}
CELLS = st.one_of(
    st.none(),
    st.sampled_from(["Burglary", "Anti-social behaviour", "Drugs", "burglary ", "Ünïcode", "=1+1"]),
    st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=8),
)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["E01013790", "E01035300", "e01013790 ", "Not known", "", None]),
            st.sampled_from(["2021-10", "1/2/2022", "", None, "2021/22"]),
            CELLS,
            st.one_of(st.none(), st.floats(-9, 2)),
            st.one_of(st.none(), st.floats(49.5, 61)),
        ),
        min_size=1,
        max_size=30,
    ),
    st.sampled_from(["crime", "asb", "drugs"]),
)
@settings(max_examples=60, deadline=None)
def test_rows_read_are_rows_kept_and_left_out(rows: list[tuple[Any, ...]], name: str) -> None:
    names = ["LSOA code", "Month", "Crime type", "Longitude", "Latitude"]
    table = pd.DataFrame(rows, columns=names, dtype=object)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        belonging = table["Crime type"].map(lambda kind: KINDS[name] in {"", str(kind).strip()})
        if not belonging.any():
            with pytest.raises(ValueError, match="none of the"):
                lh.read_dataset(name, table)
            return
        records = lh.read_dataset(name, table)
    read = records.attrs["read"]
    assert read["rows"] == len(rows)
    assert read["kept"] == len(records)
    assert read["kept"] + sum(read["left_out"].values()) == read["rows"]


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=20))
@settings(max_examples=40, deadline=None)
def test_a_csv_gives_back_what_was_written(rows: list[tuple[Any, Any]]) -> None:
    import tempfile

    table = pd.DataFrame(rows, columns=["Crime type", "Location"], dtype=object)
    table.insert(0, "LSOA code", "E01013790")
    table.insert(1, "Month", "2021-10")
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = Path(folder) / "a.csv"
        table.to_csv(path, index=False)
        records = lh.read_dataset("crime", path)
    assert len(records) == len(rows)
    expected = [None if cell is None or not cell.strip() else cell.strip() for cell, _ in rows]
    written = [None if pd.isna(cell) else cell for cell in records["category"]]
    assert set(written) <= set(expected)  # of several spellings, one that was written
    assert [cell and plain(cell) for cell in written] == [cell and plain(cell) for cell in expected]


def test_codes_of_two_editions_are_told() -> None:
    table = pd.DataFrame(
        {
            "LSOA11CD": ["E01013801"],
            "LSOA21CD": ["E01035618"],
            "Month": ["2021-10"],
            "Crime type": ["Burglary"],
        }
    )
    with pytest.warns(UserWarning, match=r"LSOA11CD, LSOA21CD\): LSOA21CD was taken"):
        assert lh.read_dataset("crime", table)["area_code"].tolist() == ["E01035618"]
    kept = lh.read_dataset("crime", table.drop(columns="LSOA21CD"))
    assert kept["area_code"].tolist() == ["E01013801"]
