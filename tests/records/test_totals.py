"""Rows, categories and sheets that hold again what others hold: each event counts once."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from reading import CODES, read, rows, sheet, workbook

ONE, TWO, THREE = CODES[:3]


def test_a_sheet_of_totals_beside_the_months(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "book.xlsx",
        Oct_21=sheet([3, 4], Month="Oct-21"),
        Nov_21=sheet([3, 4], Month="Nov-21"),
        Total=sheet([6, 8]),
    )
    told = read(path)
    assert told.events == 14
    assert list(told.read["passed_over"]) == ["book.xlsx [Total]"]
    assert "book.xlsx [Total] was passed over" in told.said


def test_a_total_that_does_not_agree_is_asked_about(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "book.xlsx", Oct_21=sheet([3, 4], Month="Oct-21"), Total=sheet([7, 8])
    )
    with pytest.raises(
        ValueError, match=r"book\.xlsx \[Total\] has counts \(15\) beside .*7 events"
    ):
        read(path)


def test_a_pivot_table_beside_its_rows(tmp_path: Path) -> None:
    events = pd.DataFrame(
        {
            "LSOA code": [ONE, ONE, TWO],
            "Month": "2021-10",
            "Crime type": ["Drugs", "Robbery", "Drugs"],
        }
    )
    told = read(workbook(tmp_path / "book.xlsx", Data=events, Pivot=sheet([2, 1])))
    assert told.events == len(told.records) == 3
    assert "[Pivot] was passed over" in told.said


def test_parents_beside_their_children() -> None:
    table = pd.DataFrame(
        {"LSOA code": [ONE], "Violence against the person": [20], "Violence with injury": [8],
         "Violence without injury": [12], "Burglary": [10]}
    )  # fmt: skip
    told = read(table)
    assert told.events == 30
    assert "'Violence against the person' is the sum of" in told.said


def test_rows_of_totals_blank_rows_and_notes(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text(
        rows(
            "LSOA code,Month,Crime type,Count", f"{ONE},2021-10,Burglary,3", f"{TWO},2021-10,Burglary,4",
            "Grand Total,,,7", ",,,", ",,,7", "Source: Leicestershire Police,,,", "* fewer than 5,,,",
            "LSOA code,Month,Crime type,Count",
        )
    )  # fmt: skip
    told = read(path)
    assert told.events == 7
    assert told.records["category"].tolist() == ["Burglary", "Burglary"]
    left = told.read["left_out"]
    assert sum(left.values()) == 6
    assert told.read["rows"] == 8
    assert left["a note beside the table"] == 2


def test_a_pivot_table_that_writes_each_code_once() -> None:
    table = pd.DataFrame(
        {"LSOA code": [ONE, None, None, TWO, None, "Grand Total"],
         "Crime type": ["Burglary", "Drugs", "Robbery", "Burglary", "Drugs", None],
         "Count": [3, 4, 5, 6, 7, 25]}
    )  # fmt: skip
    told = read(table)
    assert told.records.groupby("area_code")["count"].sum().to_dict() == {ONE: 12, TWO: 13}
    assert "3 rows got the code that stands above them" in told.said


@given(
    st.lists(st.lists(st.integers(0, 30), min_size=3, max_size=3), min_size=2, max_size=4),
    st.sampled_from(["row", "sheet", "category"]),
)
@settings(max_examples=30, deadline=None)
def test_a_total_never_counts_twice(months: list[list[int]], kind: str) -> None:
    true = int(np.sum(months))
    if not true:
        return
    names = ["2021-10", "2021-11", "2021-12", "2022-01"]
    if kind == "sheet":
        with tempfile.TemporaryDirectory() as folder:
            book = {
                name.replace("-", "_"): sheet(c, Month=name)
                for name, c in zip(names, months, strict=False)
            }
            book["All"] = sheet(np.sum(months, axis=0).tolist())
            assert read(workbook(Path(folder) / "book.xlsx", **book)).events == true
        return
    table = pd.concat([sheet(c, Month=m) for m, c in zip(names, months, strict=False)])
    if kind == "row":
        total = pd.DataFrame({"LSOA code": ["Total"], "Count": [true]})
        assert read(pd.concat([table, total])).events == true
        return
    parts = [table.assign(**{"Crime type": word}) for word in ("Criminal damage", "Arson")]
    both = table.assign(Count=table["Count"] * 2, **{"Crime type": "Criminal damage and arson"})
    assert read(pd.concat([both, *parts])).events == 2 * true


DISTRICTS = pd.DataFrame(
    {"District": ["Rutland"] * 4 + ["Melton"] * 4, "LSOA code": [*CODES[:4], *CODES[8:12]],
     "Month": "2024-05", "Count": [3, 5, 0, 12, 7, 1, 4, 9]}
)  # fmt: skip


@pytest.mark.parametrize(
    "codes", [("E06000017", "E07000133"), (None, None), ("E08000001", "E09000001")]
)
def test_rows_of_several_districts_among_their_areas_are_totals(codes: tuple[Any, Any]) -> None:
    totals = pd.DataFrame({"District": ["Rutland", "Melton"], "LSOA code": codes,
                           "Month": "2024-05", "Count": [20, 21]})  # fmt: skip
    told = read(pd.concat([DISTRICTS, totals]))
    assert told.events == 41
    assert told.read["left_out"] == {"a row of totals": 2}


def test_the_total_of_one_district_alone_is_a_total() -> None:
    total = pd.DataFrame(
        {"District": ["Melton"], "LSOA code": None, "Month": "2024-05", "Count": [21]}
    )
    assert read(pd.concat([DISTRICTS, total])).events == 41
    unknown = total.assign(Count=2)  # of Melton, the place not known
    told = read(pd.concat([DISTRICTS, unknown]))
    assert told.events == 43
    assert told.records["area_code"].isna().sum() == 1


@pytest.mark.parametrize("word", ["YTD", "Year to date", "Annual", "Total", "2024/25", "2024"])
def test_a_year_among_months_is_a_total(word: str) -> None:
    months = pd.concat([DISTRICTS, DISTRICTS.assign(Month="2024-06")])
    year = (
        months.groupby(["District", "LSOA code"], as_index=False)["Count"].sum().assign(Month=word)
    )
    assert read(pd.concat([months, year])).events == 82


@pytest.mark.parametrize(
    "word", ["of which: knife", "of which knife enabled", "Including attempts", "- of which knife"]
)
def test_what_says_that_it_is_a_part_counts_nothing(word: str) -> None:
    crimes = DISTRICTS.assign(**{"Crime type": "Robbery"})
    part = DISTRICTS.assign(Count=1, **{"Crime type": word})
    told = read(pd.concat([crimes, part]))
    assert told.events == 41
    assert f"the table: '{word}' says that it is a part" in told.said
