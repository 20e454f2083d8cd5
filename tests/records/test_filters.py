"""A dataset that takes some rows only never goes without its filter."""

from __future__ import annotations

import itertools
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from reading import CODES, read, rows

ONE, TWO, THREE = CODES[:3]


def test_a_flag_under_another_header(tmp_path: Path) -> None:
    path = tmp_path / "da.csv"
    path.write_text(
        rows(
            "LSOA code,Month,Is it domestic?,Count", f"{ONE},2021-10,Yes,2", f"{ONE},2021-10,No,90"
        )
    )
    assert read(path, "domestic").events == 2


@pytest.mark.parametrize("header", ["Sort", "Crime family", "What"])
def test_a_filter_whose_column_is_not_understood(header: str, tmp_path: Path) -> None:
    path = tmp_path / "da.csv"
    lines = [f"{ONE},2021-10,DA case,2", f"{TWO},2021-10,Rest,90"]
    path.write_text(rows(f"LSOA code,Month,{header},Count", *lines))
    for dataset in ("domestic", "hate", "alcohol", "drugs", "asb", "fires"):
        with pytest.raises(ValueError, match=rf"da\.csv .*'{header}' \(DA case, Rest\).*all_rows"):
            read(path, dataset)
    assert read(path, "domestic", all_rows=True).events == 92


def test_categories_are_known_by_what_they_hold(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text(
        rows("LSOA code,Month,Sorting,Count", f"{ONE},2021-10,Drugs,2", f"{ONE},2021-10,Burglary,9")
    )
    assert read(path, "drugs").events == 2
    assert read(path).read["columns"]["Sorting"] == "used as the category"


def test_counts_of_every_crime_are_not_domestic(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    lines = [f"{ONE},2021-10,Burglary,9", f"{ONE},2021-10,Robbery,2"]
    path.write_text(rows("LSOA code,Month,Crime type,Count", *lines))
    with pytest.raises(ValueError, match=r"counts\.csv counts Burglary, Robbery, and nothing says"):
        read(path, "domestic")


@pytest.mark.parametrize("blank", ["", "None", "N/A"])
def test_rows_of_no_strand_are_not_hate_crime(blank: str, tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    lines = [f"{ONE},2021-10,Race,3", f"{ONE},2021-10,{blank},90", f"{TWO},2021-10,Disability,6"]
    path.write_text(rows("LSOA code,Month,Hate strand,Count", *lines))
    with pytest.raises(
        ValueError, match=r"counts\.csv says Disability, Race .*nothing of 1.*all_rows"
    ):
        read(path, "hate")
    path.write_text(rows("LSOA code,Month,Hate strand,Count", lines[0], lines[2]))
    assert read(path, "hate").events == 9


def test_major_and_minor_categories_by_month(tmp_path: Path) -> None:
    path = tmp_path / "mps.csv"
    path.write_text(
        rows(
            "LSOA Code,LSOA Name,Borough,Major Category,Minor Category,202101,202102",
            f"{ONE},Rutland 001A,Rutland,Burglary,Burglary - Residential,3,1",
            f"{ONE},Rutland 001A,Rutland,Drug Offences,Possession of Drugs,2,2",
            f"{TWO},Rutland 001B,Rutland,Violence Against the Person,Harassment,1,0",
        )
    )
    assert read(path, "drugs").events == 4
    with pytest.raises(ValueError, match=r"mps\.csv .*'domestic'.*all_rows=True"):
        read(path, "domestic")


@given(
    st.sampled_from(["domestic", "hate", "alcohol", "drugs", "asb"]),
    st.text("abcdefghij ", min_size=3, max_size=9)
    .map(str.strip)
    .filter(lambda word: len(word) > 2),
    st.lists(st.integers(0, 50), min_size=2, max_size=6),
)
@settings(max_examples=40)
def test_no_dataset_goes_without_its_filter(dataset: str, header: str, values: list[int]) -> None:
    kinds = itertools.cycle(["this sort", "that sort"])
    table = pd.DataFrame(
        {"LSOA code": CODES[: len(values)], "Month": "2021-10", "Count": values}
    ).assign(**{f"x{header}": list(itertools.islice(kinds, len(values)))})
    with pytest.raises(ValueError, match="this sort"):
        read(table, dataset)
