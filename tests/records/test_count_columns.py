"""Counts: which column holds them, what its cells say, and what is none."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from reading import CODES, VALUES, counts, read, rows

ONE, TWO, THREE = CODES[:3]


@pytest.mark.parametrize(
    "header",
    [
        "Value", "Number", "Crime count", "Offence count", "Count of incidents", "Total offences",
        "Volume", "Observation", "Freq", "OBS_VALUE", "No. of crimes", "# crimes", "crimeCount", "COUNT(*)",
        "Count of Crime ID", "Sum of Count", "Recorded crimes", "Tally", "Quantity", "Figures", "cnt",
        "number_of_offences", "Offence Total", "Total recorded offences", "Amount", "Num crimes",
    ],
)  # fmt: skip
def test_a_count_under_any_of_its_names(header: str, tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text(counts(header, VALUES))
    told = read(path)
    assert (len(told.records), told.events) == (10, 44)
    assert told.read["columns"][header] == "used as the count"


@pytest.mark.parametrize("header", ["Nombre", "Misc", "Result", "Burglaries 2021"])
def test_numbers_under_an_unknown_header_are_no_rows_of_one(header: str, tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text(counts(header, VALUES))
    with pytest.raises(
        ValueError, match=rf"counts\.csv .*'{header}' \(4, 5, 9 and 7 more\).*'count'"
    ):
        read(path)


@pytest.mark.parametrize(
    "header", ["Beat", "UPRN", "Hour", "Victim age", "Ward number", "Crime number"]
)
def test_numbers_of_other_things_are_let_be(header: str, tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text(counts(header, VALUES))
    told = read(path)
    assert (told.events, told.said) == (10, "")
    assert told.read["columns"][header] in {"not understood", "used as the identifier"}


@pytest.mark.parametrize(
    "marker",
    ["[c]", "[x]", "[z]", "[low]", "~", "1 to 4", "1-4", "5 or less", "fewer than 5", "n/a", "\u2020", "<5", "*",
     "s", "suppressed", "Less than five"],
)  # fmt: skip
def test_most_counts_withheld(marker: str, tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text(counts("Count", [marker] * 4 + [17, 25]), encoding="utf-8")
    told = read(path)
    assert told.records["count"].tolist() == [pd.NA] * 4 + [17, 25]
    assert told.read["withheld"] == {marker: 4}


def test_a_marker_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text(counts("Count", ["ask Jo"] * 4 + [17, 25]))
    with pytest.raises(ValueError, match=r"counts\.csv: column 'Count' .* 4 counts \(ask Jo\)"):
        read(path)


@pytest.mark.parametrize("space", [" ", "\u00a0", "\u202f", ","])
def test_thousands_by_spaces(space: str, tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    values = [f"{n:,}".replace(",", space) for n in (1017, 1200, 1300, 2000, 17, 25)]
    path.write_text(counts("Count", values), encoding="utf-8")
    assert read(path).events == 5559


@pytest.mark.parametrize("header", ["Incidents", "n", "Total", "Records"])
@pytest.mark.parametrize(
    "numbers",
    [[20210001, 20210002], list(range(1, 9)), [40555, 40556, 40559], list(range(2000, 2007))],
)
def test_running_numbers_are_no_counts(header: str, numbers: list[int], tmp_path: Path) -> None:
    path = tmp_path / "asb.csv"
    lines = [f"{n},{ONE},0{i % 9 + 1}/10/2021,ASB Nuisance" for i, n in enumerate(numbers)]
    path.write_text(rows(f"{header},LSOA code,Date,Type", *lines))
    if header == "n":  # beside exact dates it is no count: each row is an event
        assert read(path, "asb").events == len(numbers)
        return
    with pytest.raises(ValueError, match=rf"asb\.csv: column '{header}' is called a count"):
        read(path, "asb")


@pytest.mark.parametrize(
    "header", ["Month number", "MONTH_NO", "Year number", "LSOA no", "Area no"]
)
def test_the_number_of_a_month_is_no_count(header: str) -> None:
    table = pd.DataFrame(
        {"LSOA code": ONE, "Month": "2021-10", "Crime type": "Burglary", header: [7, 7, 8]}
    )
    assert read(table).events == 3


@pytest.mark.parametrize(
    "header", ["Rate per 1,000", "Crime rate", "% of crimes", "Crimes per head", "Score"]
)
def test_rates_without_counts_are_no_rows_of_one(header: str, tmp_path: Path) -> None:
    path = tmp_path / "rates.csv"
    path.write_text(counts(header, [1.2, 3.4, 0, 2.5]))
    with pytest.raises(
        ValueError, match=r"rates\.csv has no counts, but rates in .*1\.2.*drop the"
    ):
        read(path)


@pytest.mark.parametrize("header", ["Difference", "Modelled", "Forecast"])
@pytest.mark.parametrize("figures", [(3, -1, 4, 5), (3.2, 1.1, 4.4, 5.9)])
def test_figures_that_are_no_counts_are_no_rows_of_one(
    header: str, figures: tuple[float, ...], tmp_path: Path
) -> None:
    path = tmp_path / "figures.csv"
    path.write_text(counts(header, list(figures)))
    with pytest.raises(ValueError, match=rf"figures\.csv has no counts, but numbers .*'{header}'"):
        read(path)


@pytest.mark.parametrize(
    "headers",
    [("2022", "2023"), ("FY 2022/23", "FY 2023/24"), ("Q1 2023", "Q2 2023"), ("April", "May")],
)
def test_columns_of_years_are_refused_with_the_right_cure(
    headers: tuple[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "wide.csv"
    path.write_text(rows(f"LSOA code,Crime type,{','.join(headers)}", f"{ONE},Burglary,3,4"))
    one, two = headers
    with pytest.raises(ValueError, match=rf"wide\.csv .*'{one}', '{two}' are of years.*Apr-24"):
        read(path)


def test_two_columns_of_counts_are_told(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    lines = [f"{ONE},2021-10,Burglary,3,9", f"{TWO},2021-10,Burglary,5,9"]
    path.write_text(rows("LSOA code,Month,Crime type,Crimes,Incidents", *lines))
    told = read(path)
    assert told.events == 8
    assert "counts.csv: there are several counts: 'Crimes' was taken, and 'Incidents'" in told.said


def test_a_dash_is_nil_and_said(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text(counts("Count", ["-", 6, 0]))
    told = read(path)
    assert told.records["count"].tolist() == [0, 6, 0]
    assert "column 'Count' holds '-' in 1 rows" in told.said


def test_formulas_never_calculated() -> None:
    table = pd.DataFrame({"LSOA code": [ONE, TWO], "Month": "2021-10", "Count": [None, None]})
    with pytest.raises(ValueError, match=r"column 'Count' is empty in all 2 rows\. Formulas"):
        read(table)


@given(
    st.lists(st.integers(0, 400), min_size=2, max_size=12),
    st.sampled_from(
        ["Value", "Total", "Offence count", "n", "Volume", "Mystery", "Figure no", "Zahl"]
    ),
    st.booleans(),
)
@settings(max_examples=60)
def test_whatever_the_header_events_are_never_rows(
    values: list[int],
    header: str,
    spaced: bool,  # noqa: FBT001
) -> None:
    if all(value == 1 for value in values):
        return
    cells = [f"{value} " if spaced else value for value in values]
    table = pd.DataFrame(
        {
            "LSOA code": CODES[: len(values)],
            "Month": "2021-10",
            "Crime type": "Burglary",
            header: cells,
        }
    )
    try:
        told = read(table)
    except ValueError as refusal:
        assert header in str(refusal)  # noqa: PT017
        return
    assert told.events == sum(values)
