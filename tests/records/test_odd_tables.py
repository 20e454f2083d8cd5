"""Tables as people make them: flags in figures, totals below and beside, quarters, layers, notes."""

from __future__ import annotations

import itertools
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from reading import CODES, VALUES, counts, read, rows

import lsoahot as lh
from lsoahot.counting.outcomes import ledger_notes

ONE, TWO, THREE = CODES[:3]


def test_a_distinct_count_is_a_count(tmp_path: Path) -> None:
    path = tmp_path / "pivot.csv"
    path.write_text(counts("Distinct Count of URN", VALUES))
    assert read(path).events == 44


@pytest.mark.parametrize(
    "numbers",
    [
        [815, 812, 813, 811, 814, 816, 817, 810],  # in another order
        [2302, 2303, 2305, 2308, 2309, 2311, 2315, 2317],  # with gaps
        [5, 6, 7, 8, 9, 10, 11, 12],
    ],
)
def test_references_out_of_order_or_with_gaps_are_no_counts(
    numbers: list[int], tmp_path: Path
) -> None:
    path = tmp_path / "asb.csv"
    path.write_text(counts("Incidents", numbers))
    with pytest.raises(ValueError, match="as references of incidents do"):
        read(path)


def test_a_flag_in_figures_is_no_column_to_pass_over(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    lines = [f"{ONE},2023-07,1,3", f"{TWO},2023-07,0,9", f"{THREE},2023-07,0,8"]
    path.write_text(rows("LSOA code,Month,Indicator,Count", *lines))
    with pytest.raises(ValueError, match=r"'Indicator' \(1, 0\).*'domestic' takes some rows only"):
        read(path, "domestic")
    assert read(path, "domestic", all_rows=True).events == 20


@pytest.mark.parametrize(("dataset", "events"), [("crime", 17), ("drugs", 3), ("asb", 11)])
def test_drugs_among_categories_side_by_side_is_no_flag(
    dataset: str, events: int, tmp_path: Path
) -> None:
    path = tmp_path / "wide.csv"
    lines = [f"{ONE},2023-07,5,3,1", f"{TWO},2023-07,6,0,2"]
    path.write_text(rows("LSOA code,Month,Anti-social behaviour,Burglary,Drugs", *lines))
    assert read(path, dataset).events == events


def test_totals_below_and_beside_months_count_nothing(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    lines = [f"{ONE},1,2,3", f"{TWO},4,5,9", "Grand Total,5,7,12"]
    path.write_text(rows("LSOA21CD,Jul-23,Aug-23,Grand Total", *lines))
    assert read(path).events == 12


@pytest.mark.parametrize("total", ["E06000017", "E23000021", "E12000004"])
def test_the_row_of_a_larger_area_is_a_total(total: str, tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    lines = [
        f"{total},2023-07,Burglary,9",
        f"{ONE},2023-07,Burglary,4",
        f"{TWO},2023-07,Burglary,5",
    ]
    path.write_text(rows("Area code,Month,Crime type,Count", *lines))
    told = read(path)
    assert (len(told.records), told.events) == (2, 9)
    assert told.read["left_out"] == {"a row of totals": 1}


def test_the_row_of_a_larger_area_that_is_no_sum_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    lines = [
        "E06000017,2023-07,Burglary,2",
        f"{ONE},2023-07,Burglary,4",
        f"{TWO},2023-07,Burglary,5",
    ]
    path.write_text(rows("Area code,Month,Crime type,Count", *lines))
    assert read(path).events == 11


@pytest.mark.parametrize("date", ["9999-12-31", "0021-05-03", "31/12/9999"])
def test_dates_of_other_millennia_move_no_period(date: str, tmp_path: Path) -> None:
    path = tmp_path / "asb.csv"
    days = pd.date_range("2021-01-01", "2021-12-31").strftime("%Y-%m-%d")
    path.write_text(
        rows(
            "LSOA code,Date,Incident type", *(f"{ONE},{day},ASB Nuisance" for day in [*days, date])
        )
    )
    told = read(path, "asb")
    period = told.records["period"].dropna()
    assert (len(told.records), str(period.min()), str(period.max())) == (366, "2021-01", "2021-12")
    assert "1 records have a date" in told.said


def test_as_many_rows_as_a_program_holds_may_be_a_part(tmp_path: Path) -> None:
    path = tmp_path / "all.csv"
    path.write_text(
        rows("LSOA code,Month,Crime type", *itertools.repeat(f"{ONE},2023-07,Burglary", 65_535))
    )
    told = read(path)
    assert told.events == 65_535
    assert "all.csv has exactly 65,535 rows, which is the most that Excel held" in told.said


@pytest.mark.parametrize(
    "header", ["Occurrence No", "Niche Occurrence Number", "Unique ID", "Case ref"]
)
def test_identifiers_by_other_names_tell_rows_that_repeat(header: str, tmp_path: Path) -> None:
    path = tmp_path / "crimes.csv"
    lines = [*[f"A/1,{ONE},2023-07-01,Burglary"] * 3, f"A/2,{ONE},2023-07-01,Burglary"]
    path.write_text(rows(f"{header},LSOA code,Date,Crime type", *lines))
    assert read(path).events == 2


def test_one_table_in_two_forms_is_read_once(tmp_path: Path) -> None:
    text = rows("LSOA code,Date,Crime type", *[f"{ONE},2023-07-01,Burglary"] * 3)
    (tmp_path / "july.csv").write_text(text)
    (tmp_path / "july copy.csv").write_bytes(text.replace("\n", "\r\n").encode())
    table = pd.read_csv(tmp_path / "july.csv")
    table.to_excel(tmp_path / "july.xlsx", index=False)
    told = read(tmp_path)
    assert told.events == 3
    assert "cell by cell" in told.said


def test_months_alike_in_sheets_are_no_copies(tmp_path: Path) -> None:
    table = pd.DataFrame({"LSOA21CD": [ONE, TWO], "Crime type": "Burglary", "Count": [3, 4]})
    with pd.ExcelWriter(tmp_path / "counts.xlsx") as book:
        table.to_excel(book, sheet_name="Jul 23", index=False)
        table.to_excel(book, sheet_name="Aug 23", index=False)
        table.assign(Count=[6, 8]).to_excel(book, sheet_name="YTD", index=False)
    assert read(tmp_path / "counts.xlsx").events == 14


def test_a_note_below_with_commas_is_no_broken_row(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    table = rows("LSOA code,Month,Crime type,Count", f"{ONE},2023-07,Burglary,5")
    path.write_text(
        f"Filters: all, 2023\n\n{table}\nSource: Niche, of 1/8/23\nNotes: provisional\n"
    )
    assert read(path).events == 5
    path.write_text(f"{table}{TWO},2023-07,Bur")
    with pytest.raises(ValueError, match="The file was cut"):
        read(path)


def test_quarters_are_no_months_and_that_is_told(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text(rows("LSOA code,Quarter,Crime type,Count", f"{ONE},Q1 2021,Burglary,5"))
    told = read(path)
    assert told.events == 5
    assert "no month that was understood; 'Quarter' (Q1 2021)" in told.said


def test_every_layer_of_points_is_read(tmp_path: Path) -> None:
    points = gpd.GeoDataFrame(
        {"Month": "2023-07", "Crime type": ["Burglary"] * 3},
        geometry=gpd.points_from_xy([484000] * 3, [303000] * 3),
        crs=27700,
    )
    path = tmp_path / "points.gpkg"
    points.to_file(path, layer="july")
    points.assign(Month="2023-08").to_file(path, layer="august")
    points.set_geometry(points.buffer(100)).to_file(path, layer="beats")
    told = read(path)
    assert (told.events, told.said) == (6, "")
    assert told.records["period"].nunique() == 2


@pytest.mark.parametrize(
    "name", ["may", "may.csv.bak", "may.tab", "may.dbf", "may.csv.crdownload", "may.html"]
)
def test_a_file_that_may_hold_data_and_is_not_read_is_named(name: str, tmp_path: Path) -> None:
    for one in ("april.csv", name, "README", "notes.docx"):
        (tmp_path / one).write_text(counts("Count", VALUES))
    told = read(tmp_path)
    assert told.events == 44
    assert f"1 files may hold data, and their kind is not read: {name}. Save" in told.said
    audit = lh.Audit({"records": 10, "notes": ledger_notes(told.read)})
    assert "notes.docx (files that end in '.docx' are not read)" in str(audit)
    assert "README (it has no ending)" in str(audit)


def test_data_of_a_kind_that_is_not_read_is_named(tmp_path: Path) -> None:
    text = rows("LSOA code,Date,Crime type", *[f"{ONE},2023-07-01,Burglary"] * 3)
    (tmp_path / "july.csv").write_text(text)
    (tmp_path / "august.dat").write_text(text.replace("-07-", "-08-"))
    told = read(tmp_path)
    assert told.events == 3
    assert "august.dat" in told.said


@pytest.mark.parametrize("header", ["Measure", "Indicator name", "Metric", "Statistic"])
def test_counts_of_different_things_are_not_added(header: str, tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    lines = [f"{ONE},2023-07,Burglary,Offences,3", f"{ONE},2023-07,Burglary,Positive outcomes,2"]
    path.write_text(rows(f"LSOA,Month,Offence,{header},Value", *lines))
    with pytest.raises(ValueError, match=r"different things \(Offences, Positive outcomes\)"):
        read(path)
    path.write_text(rows(f"LSOA,Month,Offence,{header},Value", lines[0]))
    assert read(path).events == 3


def test_counts_by_category_may_have_rows_without_a_code(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    lines = [",2023-07,1,2", f"{ONE},2023-07,1,2", f"{TWO},2023-07,4,5"]
    path.write_text(rows("LSOA21CD,Month,Burglary,Drugs", *lines))
    told = read(path)
    assert (told.events, int(told.records["area_code"].isna().sum())) == (15, 2)
    path.write_text(path.read_text().replace(",2023-07,1,2\n", ",2023-07,5,7\n", 1))
    assert read(path).events == 12  # 5 and 7 are the sums of the others
