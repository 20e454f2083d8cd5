"""What became of every column, row, sheet and file, and what the reader says of it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from reading import CODES, STREET, read, rows, sheet, workbook

ONE, TWO, THREE = CODES[:3]


def asb(days: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"LSOA code": ONE, "Date": days, "Type": "ASB Nuisance"})


def street(*crimes: tuple[str, str]) -> str:
    return STREET + "".join(
        f"{number},2022-08,X Police,X Police,-1.134336,52.630528,On or near X,{ONE},Rutland 001A,{kind},,\n"
        for number, kind in crimes
    )


def test_every_column_has_a_fate(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text(rows("LSOA code,Date,Offence,Colour,Outcome", f"{ONE},14/10/2021,Drugs,red,x"))
    columns = read(path).read["columns"]
    assert columns == {
        "LSOA code": "used as the area code", "Date": "used as the month", "Offence": "used as the category",
        "Colour": "not understood", "Outcome": "not understood",
    }  # fmt: skip


def test_every_file_and_sheet_is_read_or_passed_over(tmp_path: Path) -> None:
    (tmp_path / "notes.docx").write_text("x")
    workbook(
        tmp_path / "b.xlsx",
        Cover=pd.DataFrame({"Title": ["x"]}),
        Data=sheet([3, 4], Month="2021-10"),
    )
    read_ = read(tmp_path).read
    assert read_["files"] == ["b.xlsx [Data]"]
    assert set(read_["passed_over"]) == {"notes.docx", "b.xlsx [Cover]"}
    assert all(read_["passed_over"].values())


def test_two_dates_and_two_columns_of_one_name(tmp_path: Path) -> None:
    path = tmp_path / "two.csv"
    path.write_text(
        rows(
            "LSOA code,Date Reported,Committed From Date,Crime type",
            f"{ONE},01/11/2021,28/10/2021,Drugs",
        )
    )
    told = read(path)
    assert "'Date Reported' was taken, and 'Committed From Date' was not read" in told.said
    path.write_text(rows("LSOA code,Month,Month,Crime type", f"{ONE},2021-10,2021-11,Drugs"))
    assert "two columns are called 'Month': the first was taken" in read(path).said


def test_line_ends_of_old_macintoshes_and_headers_in_the_middle(tmp_path: Path) -> None:
    path = tmp_path / "cr.csv"
    path.write_bytes(
        f"LSOA code,Month,Crime type\r{ONE},2021-10,Burglary\r{TWO},2021-10,Drugs".encode()
    )
    assert len(read(path).records) == 2
    path = tmp_path / "2022-08-x-street.csv"
    path.write_text(street(("aa" * 32, "Burglary")) + street(("bb" * 32, "Drugs")))
    told = read(path)
    assert len(told.records) == 2
    assert told.read["left_out"] == {"the header again": 1}


def test_midnight_at_the_end_of_a_day_is_said() -> None:
    assert (
        "'31/10/2021 24:00' is the end of that day" in read(asb(["31/10/2021 24:00"]), "asb").said
    )


@pytest.mark.parametrize(
    ("name", "rows_"),
    [("leicestershire-2014-01_2014-11.zip", 75_315), ("leicestershire-2020-10_2021-09.zip", None),
     ("leicestershire-2021-10_2022-09.zip", None), ("leicestershire-2025.zip", None)],
)  # fmt: skip
def test_real_archives_give_no_needless_warning(name: str, rows_: int | None, shared: Path) -> None:
    told = read(shared / "data/police" / name)
    assert told.said == ""
    assert told.read["kept"] == told.read["rows"]
    assert rows_ is None or told.read["rows"] == rows_
