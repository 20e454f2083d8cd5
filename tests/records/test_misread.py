"""What was misread without a word: each kind of input with the true figure, or what must be said.

The inputs are rebuilt here: those of real reports, small. Codes are of Rutland.
"""

from __future__ import annotations

import itertools
import tempfile
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import lsoahot as lh
from lsoahot.counting.outcomes import ledger_notes
from lsoahot.records import cells

CODES = [f"E0101{number}" for number in range(3787, 3813)]
ONE, TWO, THREE = CODES[:3]
STREET = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
    "Last outcome category,Context\n"
)


class Told(NamedTuple):
    """Records, how many events they stand for, and what the reader said."""

    records: pd.DataFrame
    events: int
    said: str
    read: dict[str, Any]


def read(source: Any, dataset: str = "crime", **options: Any) -> Told:
    """Read, with the reader's warnings as one text."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        records = lh.read_dataset(dataset, source, progress=False, **options)
    events = len(records) if "count" not in records else int(records["count"].fillna(0).sum())
    said = "\n".join(str(one.message) for one in caught)
    return Told(records, events, said, records.attrs["read"])


def rows(header: str, *lines: str) -> str:
    return "\n".join([header, *lines]) + "\n"


def counts(header: str, values: list[Any]) -> str:
    lines = [
        f'{code},2021-10,Burglary,"{value}"' for code, value in zip(CODES, values, strict=False)
    ]
    return rows(f'LSOA code,Month,Crime type,"{header}"', *lines)


VALUES = [4, 5, 9, 7, 1, 0, 8, 2, 2, 6]


# --- A: counts ------------------------------------------------------------------------------------


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
    "header", ["Rate per 1,000", "Crime rate", "% of crimes", "Crimes per head"]
)
def test_rates_without_counts_are_no_rows_of_one(header: str, tmp_path: Path) -> None:
    path = tmp_path / "rates.csv"
    path.write_text(counts(header, [1.2, 3.4, 0, 2.5]))
    with pytest.raises(
        ValueError, match=r"rates\.csv has no counts, but rates in .*1\.2.*drop the"
    ):
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


# --- B: filters -----------------------------------------------------------------------------------


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


# --- D: parts and totals --------------------------------------------------------------------------


def workbook(path: Path, **sheets: pd.DataFrame) -> Path:
    with pd.ExcelWriter(path) as book:
        for name, table in sheets.items():
            table.to_excel(book, sheet_name=name.replace("_", "-"), index=False)
    return path


def sheet(counted: list[int], **columns: Any) -> pd.DataFrame:
    table = pd.DataFrame({"LSOA code": CODES[: len(counted)], **columns})
    return table.assign(Count=counted)


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


# --- E, M, O: dates and months --------------------------------------------------------------------


def asb(days: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"LSOA code": ONE, "Date": days, "Type": "ASB Nuisance"})


def two_years(number: int = 35) -> list[str]:
    months = pd.period_range("2020-01", "2021-12", freq="M")
    return [f"{i % 28 + 1:02d}/{m.month:02d}/{m.year}" for m in months for i in range(number)]


@pytest.mark.parametrize(
    ("odd", "why"),
    [("01/05/2201", "later than today"), ("01/05/2031", "later"), ("01/05/1971", "far from all others"),
     ("01/05/2015", "far from all others")],
)  # fmt: skip
def test_one_mistyped_date_does_not_move_the_years(odd: str, why: str) -> None:
    clean, told = read(asb(two_years()), "asb"), read(asb([*two_years(), odd]), "asb")
    assert clean.said == ""
    assert len(told.records) == len(clean.records) + 1
    assert (
        told.records["period"].max() == clean.records["period"].max() == pd.Period("2021-12", "M")
    )
    assert told.records["period"].min() == pd.Period("2020-01", "M")
    assert odd in told.said
    assert why in told.said
    assert told.read["odd_dates"] == 1
    pd.testing.assert_frame_equal(
        lh.trend(told.records.dropna(subset="period"), None), lh.trend(clean.records, None)
    )


def test_two_archives_years_apart_are_both_right() -> None:
    days = [f"{i % 28 + 1:02d}/05/{year}" for year in (2012, 2021) for i in range(40)]
    told = read(asb(days), "asb")
    assert told.records["period"].notna().all()
    assert "far" not in told.said


@given(st.integers(1, 40), st.integers(2027, 2190))
@settings(max_examples=25)
def test_no_date_after_today_makes_a_period(number: int, year: int) -> None:
    told = read(asb([*two_years(number), f"07/06/{year}"]), "asb")
    assert told.records["period"].max() == pd.Period("2021-12", "M")
    assert str(year) in told.said


@pytest.mark.parametrize("cut", ["a month of one in a hundred", "a last month cut short"])
def test_months_that_are_not_whole(cut: str) -> None:
    days = two_years()
    if cut.startswith("a month"):
        days = [day for i, day in enumerate(days) if not day.endswith("07/2021") or i % 35 == 0]
        month = "2021-07"
    else:
        days = [day for day in days if not day.endswith("12/2021") or day < "05"]
        month = "2021-12"
    told = read(asb(days), "asb")
    assert f"1 month is not whole: {month}" in told.said
    assert list(told.records.attrs["partial_months"]) == [month]
    for verb in (lh.trend, lh.seasonality):
        with pytest.warns(UserWarning, match=rf"takes every month as whole.*{month}"):
            verb(told.records, None)


@given(
    st.integers(0, 23), st.sampled_from([0.2, 0.22, 0.25, 0.28, 0.3, 0.33]), st.integers(60, 400),
    st.booleans(),
)  # fmt: skip
@settings(max_examples=40)
def test_a_month_with_a_third_of_its_rows_is_told(
    at: int,
    share: float,
    usual: int,
    seasonal: bool,  # noqa: FBT001
) -> None:
    months = pd.period_range("2022-01", "2023-12", freq="M")
    wave = 1 + 0.1 * np.cos(2 * np.pi * np.arange(24) / 12) if seasonal else np.ones(24)
    number = np.round(usual * wave).astype(int)
    table = pd.DataFrame({"LSOA code": ONE, "Month": np.repeat(months.astype(str), number),
                          "Crime type": "Burglary"})  # fmt: skip
    assert read(table).said == ""
    cut = number.copy()
    cut[at] = int(share * number[at])
    told = read(table.iloc[np.concatenate([np.arange(n) + start for n, start in zip(
        cut, np.append(0, np.cumsum(number)[:-1]), strict=True)])])  # fmt: skip
    assert f"1 month is not whole: {months[at]} ({cut[at]:,} records, where " in told.said
    assert list(told.records.attrs["partial_months"]) == [str(months[at])]


def test_a_force_that_is_silent_in_most_months_is_told() -> None:
    months = [f"2024-{month:02d}" for month in range(1, 13)]
    table = pd.DataFrame(
        {"LSOA code": ONE, "Crime type": "Burglary", "Month": np.repeat([*months, *months[:2]], 40),
         "Force": ["Leicestershire Police"] * 480 + ["Lincolnshire Police"] * 80}
    )  # fmt: skip
    told = read(table)
    assert "Lincolnshire Police has records of 2 months (2024-01, 2024-02) of the 12" in told.said
    assert read(table.replace("Lincolnshire Police", "British Transport Police")).said == ""
    assert read(table.head(480)).said == ""


@pytest.mark.parametrize("odd", ["01/01/1900", "30/12/1899", "01/01/1970", "01/01/1904"])
@pytest.mark.parametrize("number", [1, 12, 200])
def test_what_stands_in_for_no_date_moves_no_period(odd: str, number: int) -> None:
    told = read(asb(two_years() + [odd] * number), "asb")
    period = told.records["period"].dropna()
    assert (str(period.min()), str(period.max())) == ("2020-01", "2021-12")
    assert f"{number:,} records have a date far from all others ({odd}" in told.said


def test_a_quiet_month_is_not_told() -> None:
    months = [45, 34, 45, 19, 36, 41, 40, 48, 48, 50, 44, 50]  # the sample's, October 2011 on
    days = [f"{i % 28 + 1:02d}/{m + 1:02d}/2012" for m, n in enumerate(months) for i in range(n)]
    assert read(asb(days), "asb").said == ""


def test_a_usual_scatter_of_months_is_not_told() -> None:
    random = np.random.default_rng(5)
    months = pd.period_range("2020-01", "2021-12", freq="M")
    days = [
        f"{random.integers(1, 29):02d}/{m.month:02d}/{m.year}"
        for m in months
        for _ in range(random.poisson(25) + 3)
    ]
    assert read(asb(days), "asb").said == ""


def test_dates_without_a_day_above_the_12th_may_be_american() -> None:
    told = read(asb(["01/02/2021", "01/05/2021", "02/03/2021", "02/09/2021"]), "asb")
    assert "column 'Date': none of its 4 dates has a day above 12" in told.said
    firsts = read(asb([f"01/{month:02d}/2021" for month in range(1, 13)]), "asb")
    assert firsts.said == ""  # months, given as their first day


@pytest.mark.parametrize(
    ("text", "day"),
    [("20211014", "2021-10-14"), ("44470", "2021-10-01"), ("44470.5", "2021-10-01"),
     ("Mon 04/10/2021", "2021-10-04"), ("Monday, 4 October 2021", "2021-10-04"), ("04/10/2021 (Mon)", "2021-10-04"),
     ("01/02/98", "1998-02-01"), ("01072023", "2023-07-01"), ("1072023", "2023-07-01"),
     ("20072023", "2023-07-20"), ("July 1, 2022", "2022-07-01"), ("Jul 13 2022 1:45PM", "2022-07-13"),
     ("2nd of August 2022", "2022-08-02"), ("1688169600000", "2023-07-01"), ("1688165999", "2023-06-30"),
     ("1 Gorffennaf 2023", "2023-07-01")],
)  # fmt: skip
def test_days_in_other_forms(text: str, day: str) -> None:
    told = read(asb([text]), "asb")
    assert str(told.records["date"][0].date()) == day


@pytest.mark.parametrize(
    ("month", "year", "period"),
    [
        ("October", "2021/22", "2021-10"),
        ("February", "2021/22", "2022-02"),
        ("Mar", "2021-22", "2022-03"),
    ],
)
def test_a_month_beside_a_financial_year(month: str, year: str, period: str) -> None:
    table = pd.DataFrame(
        {"LSOA code": [ONE], "Month": month, "Financial year": year, "Crime type": "Drugs"}
    )
    assert str(read(table).records["period"][0]) == period


@pytest.mark.parametrize("cells", [["05-Oct", "Oct 05"], ["21-Oct"], ["2021 Q3"], ["31/02/2021"]])
def test_dates_that_are_none_are_named_with_their_column(cells: list[str]) -> None:
    told = read(asb(cells), "asb")
    assert f"{len(cells)} rows have a date that can't be read" in told.said
    assert "the table, column 'Date'" in told.said
    assert told.records["period"].isna().all()


@given(
    st.dates(
        min_value=pd.Timestamp("1995-01-01").date(), max_value=pd.Timestamp("2025-12-31").date()
    )
)
@settings(max_examples=40)
def test_one_day_in_every_form(day: Any) -> None:
    serial = (pd.Timestamp(day) - pd.Timestamp("1899-12-30")).days
    forms = [
        f"{day:%Y%m%d}",
        f"{day:%d/%m/%Y}",
        f"{day:%A %d %B %Y}",
        str(serial),
        f"{day:%Y-%m-%d}",
        f"{day:%d%m%Y}",
        f"{day:%d%m%Y}".removeprefix("0"),
        f"{day:%B %d, %Y}",
        f"{int(pd.Timestamp(day).timestamp())}000",  # ArcGIS writes the midnight of Greenwich
    ]
    told = read(asb(forms), "asb")
    assert told.records["date"].dt.date.tolist() == [day] * len(forms)
    months = [
        f"{day:%Y-%m}", f"{day:%YM%m}", f"{day.year}M{day.month}", f"{day:%m%Y}", f"{day:%Y%m}", f"{day:%b-%y}",
        f"{day:%B %Y}", f"{day:%m/%Y}",
    ]  # fmt: skip
    told = read(asb(months).rename(columns={"Date": "Month"}), "asb")
    assert told.records["period"].astype(str).tolist() == [f"{day:%Y-%m}"] * len(months)


@pytest.mark.parametrize(
    ("month", "year"),
    [
        ("Month", "Year"),
        ("Month Number", "Year"),
        ("MONTH_NO", "CalYear"),
        ("Month Name", "Calendar Year"),
    ],
)
def test_a_month_beside_its_year(month: str, year: str) -> None:
    numbers = month != "Month Name"
    table = pd.DataFrame({"LSOA code": ONE, "Crime type": "Burglary", year: ["2022", "2023"],
                          month: ["7", "12"] if numbers else ["July", "Dec"]})  # fmt: skip
    told = read(table)
    assert (told.events, told.said) == (2, "")
    assert told.records["period"].astype(str).tolist() == ["2022-07", "2023-12"]


@given(
    st.dates(
        min_value=pd.Timestamp("1999-02-01").date(), max_value=pd.Timestamp("2025-12-01").date()
    ),
    st.sampled_from(
        ["W/C {}", "w/c {}", "Week commencing {}", "WC {}", "{} - {next}", "{} to {next}"]
    ),
)
@settings(max_examples=40)
def test_a_week_is_of_the_month_in_which_it_begins(day: Any, form: str) -> None:
    after = pd.Timestamp(day) + pd.Timedelta(days=6)
    told = read(asb([form.format(f"{day:%d/%m/%Y}", next=f"{after:%d/%m/%Y}")]), "asb")
    assert told.records["period"].astype(str).tolist() == [f"{day:%Y-%m}"]
    assert "date" not in told.records
    assert "is a span of days, not one" in told.said
    told = read(asb([f"w/e {after:%d/%m/%Y}"]), "asb")
    assert told.records["period"].astype(str).tolist() == [f"{day:%Y-%m}"]


@pytest.mark.parametrize(
    "text",
    [
        "2022/23",
        "2022-23",
        "22/23",
        "FY22/23",
        "2022/2023",
        "Year ending March 2023",
        "Apr 2022 - Mar 2023",
    ],
)
def test_a_financial_year_in_every_form(text: str) -> None:
    table = pd.DataFrame({"LSOA code": [ONE], "Crime type": "Burglary", "Financial year": text})
    assert read(table).records["financial_year"].tolist() == ["2022/23"]


@given(
    st.lists(
        st.dates(min_value=pd.Timestamp("2021-01-01").date(), max_value=pd.Timestamp("2022-12-31").date()),
        min_size=12, max_size=40, unique=True,
    ),
    st.sampled_from(["%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y", "%m/%d/%Y 14:05", "%Y-%d-%m"]),
)  # fmt: skip
@settings(max_examples=40)
def test_dates_with_the_month_first_are_refused_or_told(days: list[Any], form: str) -> None:
    months = {day.month for day in days if day.day <= 12}
    small = [day for day in days if day.day <= 12]
    kinds = {(day.month, day.day) for day in small}
    table = asb([f"{day:{form}}" for day in days])
    if len(small) < len(days):
        with pytest.raises(
            ValueError, match="the table, column 'Date': dates are not in British order"
        ):
            read(table, "asb")
        table = asb([f"{day:{form}}" for day in small] or ["01/01/2021"])
    if len(kinds) >= 4 and len(months) > 1 and len({day.day for day in small}) > 1:
        assert "they may be American, with the month first" in read(table, "asb").said


# --- H: duplicates --------------------------------------------------------------------------------


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


# --- J: words -------------------------------------------------------------------------------------


def qualified(flag: str, *cells: str) -> list[bool]:
    table = pd.DataFrame(
        {"LSOA code": ONE, "Month": "2021-10", "Offence": "Robbery", "MO keywords": [*cells, "x"]}
    )
    return read(table).records[flag].tolist()[:-1]


def test_keywords_are_whole_words_and_mean_what_they_say() -> None:
    hate = ["Chateau Road", "said 'whatever'", "Hate crime: race", "racist abuse", "Homophobic"]
    assert qualified("hate", *hate) == [False, False, True, True, True]
    domestic = ["Domestic burglary; dwelling", "Domestic appliance", "Domestic abuse", "Domestic; alcohol",
                "Domestic burglary; domestic violence", "non-domestic"]  # fmt: skip
    assert qualified("domestic", *domestic) == [False, False, True, True, True, False]
    assert qualified("alcohol", "alcohol free zone", "Alcohol related", "drunk") == [
        False,
        True,
        True,
    ]
    assert qualified("drugs", "Superdrug", "drugs", "drug related") == [False, True, True]


def test_one_category_in_every_spelling() -> None:
    words = [
        "Burglary",
        "BURGLARY",
        "burglary",
        "Burglary ",
        "Anti-social behaviour",
        "ANTI SOCIAL BEHAVIOUR",
    ]
    table = pd.DataFrame({"LSOA code": ONE, "Month": "2021-10", "Crime type": words})
    told = read(table)
    assert told.records["category"].value_counts().to_dict() == {
        "Burglary": 4,
        "Anti-social behaviour": 2,
    }
    assert len(read(table, "asb").records) == 2


# --- B to Q: the ledger ---------------------------------------------------------------------------


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


# --- inputs that no one had thought of -------------------------------------------------------------


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


# --- H: the same events in several files --------------------------------------------------------------


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


# --- J: words of offences ---------------------------------------------------------------------------

MEANT = {
    "alcohol": ["Alcohol", "Alcohol related", "Drunk and disorderly", "Intoxicated", "Drink driving",
                "Alcohol related theft", "Theft; drunk", "Under the influence of alcohol", "Drunk/Disorderly"],
    "drugs": ["Drugs", "Drug related", "Possession of drugs", "Cannabis", "County lines", "Drug dealing",
              "Theft; Drugs"],
    "domestic": ["Domestic", "DA", "DV", "Domestic abuse", "Violence (Domestic)", "Domestic - Other", "HBV",
                 "Violence - domestic", "DASH", "Coercive control", "Domestic abuse; Burglary"],
    "hate": ["Hate", "Hate crime", "Racially aggravated", "Homophobic", "Religiously aggravated harassment",
             "Hate - Disability"],
}  # fmt: skip
NOT_MEANT = {
    "alcohol": ["Theft of alcohol", "Shoplifting - alcohol", "Alcohol stolen", "Alcohol/tobacco theft", "Alcohol gel",
                "Alcohol free zone", "Alcohol: no", "Alcohol - N", "Alcohol not involved", "Non-alcohol",
                "Burglary - alcohol taken", "Alcohol licence", "Alcohol unknown"],
    "drugs": ["Theft of drugs", "Prescription drugs stolen", "Drugstore", "Drugs: none", "Drugs not found",
              "Anti-drug", "Drugs awareness", "Non drug", "Lost drugs"],
    "domestic": ["Domestic burglary", "Burglary domestic", "Burglary - domestic", "Non-domestic", "Non-DA",
                 "Domestic abuse: No", "Domestic waste", "Domestic noise", "Dashboard", "Dash cam", "Prada",
                 "Domestic dwelling fire", "Domestic extremism", "No domestic", "Domestic abuse - none"],
    "hate": ["Chateau", "Whatever", "Hate crime: No", "Not hate", "Street racing", "Racecourse", "Without prejudice",
             "Racial equality council"],
}  # fmt: skip


@pytest.mark.parametrize("flag", MEANT)
def test_words_of_offences_mean_what_they_say(flag: str) -> None:
    for word, meant in [
        *((one, True) for one in MEANT[flag]),
        *((one, False) for one in NOT_MEANT[flag]),
    ]:
        for spelling in (word, word.upper(), f" {word} "):
            assert cells.says(spelling, flag) == meant, word
            held = cells.holds(pd.Series([spelling, None, "Burglary"]), flag)
            assert held.tolist() == [meant, False, False], word


@given(st.data())
def test_a_cell_of_qualifiers_sets_what_one_of_them_sets(data: st.DataObject) -> None:
    flag = data.draw(st.sampled_from(sorted(MEANT)))
    words = data.draw(
        st.lists(st.sampled_from([*MEANT[flag], *NOT_MEANT[flag], "Night", "Knife"]), min_size=1)
    )
    mark = data.draw(st.sampled_from(["; ", ",", " | ", "\n"]))
    single = [part for word in words for part in word.split(";")]
    assert cells.says(mark.join(words), flag) == any(cells.says(one, flag) for one in single)
    denied = [f"{flag}: no", f"not {flag}", f"{flag} - none", f"{flag} not involved"]
    assert not cells.says(mark.join(denied), flag)


def test_words_that_may_mean_something_else_are_told(tmp_path: Path) -> None:
    path = tmp_path / "da.csv"
    lines = [
        f"{ONE},2024-05,Violence,{word}"
        for word in ("Domestic abuse", "Domestic Bliss pub", "Night")
    ]
    path.write_text(rows("LSOA code,Month,Crime type,Qualifiers", *lines))
    told = read(path, "domestic")
    assert told.events == 2
    assert "da.csv: 'Domestic Bliss pub' were taken for 'domestic' by that word" in told.said


@pytest.mark.parametrize(
    ("motive", "fires"), [("Arson", 2), ("Malicious", 2), ("Not deliberate", 1), ("D", 2)]
)
def test_motives_of_fires(motive: str, fires: int, tmp_path: Path) -> None:
    path = tmp_path / "fires.csv"
    lines = [f"{ONE},2024-05,Primary fire,Deliberate", f"{ONE},2024-05,Secondary fire,{motive}",
             f"{ONE},2024-05,Automatic fire alarm,Deliberate",
             f"{ONE},2024-05,Firearms incident,Accidental"]  # fmt: skip
    path.write_text(rows("LSOA code,Month,Incident type,Motive", *lines))
    told = read(path, "fires")
    assert (told.events, told.said) == (fires, "")


def test_a_motive_that_nobody_knows_is_told_with_its_file(tmp_path: Path) -> None:
    path = tmp_path / "fires.csv"
    path.write_text(
        rows("LSOA code,Month,Incident type,Motive", f"{ONE},2024-05,Primary fire,Deliberate",
             f"{ONE},2024-05,Primary fire,Tuesday")
    )  # fmt: skip
    assert "fires.csv: the motive 'tuesday' is neither deliberate nor" in read(path, "fires").said
    path.write_text(rows("LSOA code,Month,Incident type", f"{ONE},2024-05,Primary fire"))
    assert "fires.csv: the file does not say which fires" in read(path, "fires").said
    path.write_text(rows("LSOA code,Month,Crime type", f"{ONE},2024-05,Witchcraft"))
    assert read(path).said.startswith("fires.csv: 1 rows have a category that 'crime' doesn't know")
