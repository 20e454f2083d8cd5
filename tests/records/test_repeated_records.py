"""The same event twice, by whatever identifier, in one file or in several."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from reading import CODES, STREET, VALUES, counts, read, rows, workbook

ONE, TWO, THREE = CODES[:3]


def street(*crimes: tuple[str, str]) -> str:
    return STREET + "".join(
        f"{number},2022-08,X Police,X Police,-1.134336,52.630528,On or near X,{ONE},Rutland 001A,{kind},,\n"
        for number, kind in crimes
    )


@pytest.mark.parametrize("name", ["2022-08-x-street.csv", "extract.csv", "extract.parquet"])
def test_a_crime_that_stands_13_times_is_one(name: str, tmp_path: Path) -> None:
    text = street(*[("", "Anti-social behaviour")] * 2, *[("7e" * 32, "Burglary")] * 13)
    path = tmp_path / name
    if name.endswith("parquet"):
        (tmp_path / "a.txt").write_text(text)
        pd.read_csv(tmp_path / "a.txt").to_parquet(path)
    else:
        path.write_text(text)
    told = read(path)
    assert told.records["category"].value_counts().to_dict() == {
        "Anti-social behaviour": 2,
        "Burglary": 1,
    }
    assert told.read["left_out"] == {"the same record again, identical in every column": 12}
    assert told.read["rows"] == 15


def test_an_identifier_with_two_outcomes_is_two_rows(tmp_path: Path) -> None:
    text = street(("ab" * 32, "Burglary")) + street(("ab" * 32, "Robbery")).removeprefix(STREET)
    (tmp_path / "2022-08-x-street.csv").write_text(text)
    told = read(tmp_path)
    assert len(told.records) == 2
    assert told.read["repeated_ids"] == 1


def test_files_that_are_the_same_are_read_once(tmp_path: Path) -> None:
    for name in ("june.csv", "june (1).csv"):
        (tmp_path / name).write_text(counts("Count", VALUES))
    told = read(tmp_path)
    assert told.events == 44
    assert "june.csv is the same as june (1).csv, byte by byte" in told.said


def test_files_without_a_row_may_be_alike(tmp_path: Path) -> None:
    (tmp_path / "2022-07-x-street.csv").write_text(STREET)
    (tmp_path / "2022-06-x-street.csv").write_text(STREET)
    (tmp_path / "2022-08-x-street.csv").write_text(street(("", "Burglary")))
    assert read(tmp_path).said == ""


def test_overlapping_queries_of_the_api_as_csv(tmp_path: Path) -> None:
    line = "{},2021-10,52.62,-0.75,1,On or near X,,{},Force,,"
    lines = [
        ("burglary,p1", 101),
        ("criminal-damage-arson,p3", 103),
        ("anti-social-behaviour,", 104),
    ]
    text = [line.format(kind, number) for kind, number in [*lines, lines[0], lines[2]]]
    header = (
        "category,persistent_id,date,lat,long,street_id,street_name,context,id,location_type,"
        "location_subtype,outcome_status"
    )
    path = tmp_path / "api.csv"
    path.write_text(rows(header, *text))
    told = read(path)
    assert len(told.records) == 3
    assert told.records["group"].tolist() == [
        "Serious acquisitive", "Criminal damage", "Anti-social behaviour",
    ]  # fmt: skip


IDENTIFIED = st.tuples(
    st.sampled_from(["", "aa" * 32, "bb" * 32, "cc" * 32]), st.sampled_from(["Burglary", "Robbery"])
)


@given(st.lists(IDENTIFIED, min_size=1, max_size=12))
@settings(max_examples=30)
def test_identical_rows_with_an_identifier_count_once(crimes: list[tuple[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "2022-08-x-street.csv"
        path.write_text(street(*crimes))
        told = read(path)
    named = {crime for crime in crimes if crime[0]}
    assert len(told.records) == len(named) + sum(not number for number, _ in crimes)
    assert (
        told.read["rows"] == len(crimes) == told.read["kept"] + sum(told.read["left_out"].values())
    )


@pytest.mark.parametrize(
    "header",
    ["NICL", "OIS", "STORM", "STORM Ref", "Niche", "CAD", "CRIS", "Inc_No", "Occ No", "Log", "ID", "OBJECTID",
     "Command and Control ID", "C&C Ref", "Red Sigma ref", "Athena URN", "ControlWorks", "Report No.", "GUID"],
)  # fmt: skip
@pytest.mark.parametrize("form", ["csv", "table"])
def test_whatever_a_force_calls_its_identifier(header: str, form: str, tmp_path: Path) -> None:
    keys = [f"A/{i}" for i in range(8)]
    table = pd.DataFrame({header: [*keys, "A/1", "A/1", "A/7"], "LSOA code": ONE,
                          "Date": "03/05/2024", "Crime type": "Burglary"})  # fmt: skip
    table.to_csv(tmp_path / "crimes.csv", index=False)
    told = read(tmp_path / "crimes.csv" if form == "csv" else table)
    assert told.events == 8
    assert told.read["columns"][header] == "used as the identifier"


@pytest.mark.parametrize("header", ["ID", "Key", "Beat ID", "Officer ref"])
@pytest.mark.parametrize("form", ["csv", "table"])
def test_the_identifier_of_a_beat_takes_no_record_away(
    header: str, form: str, tmp_path: Path
) -> None:
    table = pd.DataFrame({header: ["7", "7", "7", "8", "8", "8"], "LSOA code": ONE,
                          "Month": "2024-05", "Crime type": "Burglary"})  # fmt: skip
    table.to_csv(tmp_path / "crimes.csv", index=False)
    assert read(tmp_path / "crimes.csv" if form == "csv" else table).events == 6


def extract(start: int, stop: int, **more: str) -> pd.DataFrame:
    """Return events of which the days tell them apart."""
    days = pd.date_range("2024-01-01", periods=stop)[start:].strftime("%d/%m/%Y")
    keys = [f"12/{i:05d}/24" for i in range(start, stop)]
    table = pd.DataFrame({"Crime number": keys, "LSOA code": ONE, "Date": days})
    return table.assign(**{"Crime type": "Burglary"}, **more)


@pytest.mark.parametrize("form", ["csv", "sheets"])
def test_extracts_that_overlap_count_an_event_once(form: str, tmp_path: Path) -> None:
    first, second = extract(0, 100, Status="open"), extract(60, 160, Status="closed")
    if form == "csv":
        first.to_csv(tmp_path / "apr.csv", index=False)
        second.to_csv(tmp_path / "jun.csv", index=False)
        told = read(tmp_path)
    else:
        told = read(workbook(tmp_path / "book.xlsx", apr=first, jun=second))
    assert told.events == 160
    assert "40 of its 100 rows stand in" in told.said
    assert told.read["rows"] == 200 == told.read["kept"] + sum(told.read["left_out"].values())


def test_extracts_without_identifiers_that_overlap_are_told(tmp_path: Path) -> None:
    for name, start, stop in (("apr", 0, 100), ("jun", 60, 160)):
        table = extract(start, stop).drop(columns="Crime number")
        table.to_csv(tmp_path / f"{name}.csv", index=False)
    told = read(tmp_path)
    assert told.events == 200
    assert "jun.csv: 40 of its 100 rows stand in apr.csv too, alike in place" in told.said


def test_identifiers_that_repeat_in_one_file_are_told(tmp_path: Path) -> None:
    table = extract(0, 50)
    again = table.head(10).assign(**{"Crime type": "Robbery"})
    pd.concat([table, again]).to_csv(tmp_path / "victims.csv", index=False)
    told = read(tmp_path / "victims.csv")
    assert told.events == 60
    assert "victims.csv: 10 of 60 records repeat an identifier" in told.said


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 60)), min_size=2, max_size=4))
@settings(max_examples=20)
def test_however_files_overlap_an_event_counts_once(cuts: list[tuple[int, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for i, (start, size) in enumerate(cuts):
            extract(start, start + size).to_csv(Path(folder) / f"{i}.csv", index=False)
        told = read(folder)
    every = {i for start, size in cuts for i in range(start, start + size)}
    assert told.events == len(every)
    assert (
        told.read["rows"] - sum(told.read["left_out"].values()) == told.events
        or told.read["passed_over"]
    )
