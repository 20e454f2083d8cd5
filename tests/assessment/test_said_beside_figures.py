"""What the reader says of a file stands beside every figure made of it, and in the rehearsal."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from matplotlib.text import Text

import lsoahot as lh
from lsoahot.counting.outcomes import reading_notice

if TYPE_CHECKING:
    from collections.abc import Callable

AREAS = lh.read_boundaries("sample")
MONTHS = [str(month) for month in pd.period_range("2011-10", "2012-09", freq="M")]
PERIOD = {"start": "2011-10", "end": "2012-09"}


def events(number: int = 50) -> pd.DataFrame:
    """Return so many events a month, spread over the areas."""
    rows = [
        (AREAS.index[i % 23], f"{i % 28 + 1:02d}/{month[5:]}/{month[:4]}")
        for month in MONTHS
        for i in range(number)
    ]
    table = pd.DataFrame(rows, columns=["LSOA code", "Date"])
    return table.assign(**{"Crime type": "Burglary"})


def cut(table: pd.DataFrame, at: int) -> pd.DataFrame:
    month = MONTHS[at]
    here = table["Date"].str.endswith(f"/{month[5:]}/{month[:4]}")
    return pd.concat([table[~here], table[here].head(10)])


def mistyped(table: pd.DataFrame, at: int) -> pd.DataFrame:
    return table.assign(Date=[*table["Date"][:-1], f"01/01/{1970 + at}"])


def unknown(table: pd.DataFrame, at: int) -> pd.DataFrame:
    return table.assign(**{"Crime type": ["Burglary"] * (len(table) - 1) + [f"Witchcraft {at}"]})


# What is wrong with a file -> how it is made, and what must be told.
FAULTS: dict[str, tuple[Callable[[pd.DataFrame, int], pd.DataFrame], str]] = {
    "a month cut": (cut, "month is not whole"),
    "a date far away": (mistyped, "far from all others"),
    "an unknown category": (unknown, "doesn't know"),
}


def shown_words(figure: Any) -> str:
    return " ".join(" ".join(text.get_text() for text in figure.findobj(Text)).split())


@given(st.sampled_from(sorted(FAULTS)), st.integers(0, 11))
@settings(max_examples=8)
def test_what_is_said_of_a_file_stands_beside_its_figures(fault: str, at: int) -> None:
    make, told = FAULTS[fault]
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        path = Path(folder) / "crimes.csv"
        make(events(), at).to_csv(path, index=False)
        records = lh.read_dataset("crime", path)
        said = reading_notice(records.attrs)
        assert told in said
        assert "crimes.csv" in said
        table = lh.rate(lh.count(AREAS, records, period=("2011-10", "2012-09")))
        assert said in table.attrs["notice"]
        assert said in shown_words(lh.map_page(table))
        page = lh.dashboard(AREAS, {"Burglary": records}).html
        assert told.replace("'", "") in page.replace("\\u0027", "").replace("'", "")
        found = lh.check_settings(
            {"boundaries": {"source": "sample"}, "period": PERIOD,
             "measures": {"b": {"dataset": "crime", "source": str(path)}}}
        )  # fmt: skip
        assert any(told in message for message in found["message"])


def check(path: Path, dataset: str = "crime") -> list[str]:
    """Return the problems that a rehearsal finds."""
    found = lh.check_settings(
        {"boundaries": {"source": "sample"}, "period": PERIOD,
         "measures": {"b": {"dataset": dataset, "source": str(path)}}}
    )  # fmt: skip
    return found.loc[found["kind"] == "problem", "message"].tolist()


def test_most_records_without_a_month_are_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "crimes.csv"
    table = events()
    odd = [i % 3 > 0 for i in range(len(table))]
    table.assign(Date=table["Date"].mask(odd, "2012 Q1")).to_csv(path, index=False)
    assert ["most of the 600 records have no month that was understood (400 no date)" in one
            for one in check(path)] == [True]  # fmt: skip
    table.to_csv(path, index=False)
    assert check(path) == []


def test_counts_that_are_mostly_withheld_are_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    table = pd.DataFrame({"LSOA code": AREAS.index[:20], "Month": "2011-10", "Crime type": "Burglary",
                          "Count": ["[c]"] * 15 + [7] * 5})  # fmt: skip
    table.to_csv(path, index=False)
    assert ["most of the 20 records have no figure" in one for one in check(path)] == [True]


@pytest.mark.parametrize("year", ["2011/12", "2010/11"])
def test_financial_years_that_no_period_holds_are_a_problem(year: str, tmp_path: Path) -> None:
    path = tmp_path / "fires.csv"
    table = pd.DataFrame({"FINANCIAL_YEAR": year, "INCIDENT_TYPE": "Primary fire",
                          "LSOA_CODE": AREAS.index, "MOTIVE": "Deliberate"})  # fmt: skip
    table.to_csv(path, index=False)
    assert [rf"know the financial year only ({year})" in one for one in check(path, "fires")] == [
        True
    ]


def test_files_without_months_say_so_beside_the_figures(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    table = pd.DataFrame({"LSOA code": AREAS.index, "Crime type": "Burglary", "Count": 7})
    table.to_csv(path, index=False)
    config = {"boundaries": {"source": "sample"}, "period": PERIOD,
              "measures": {"b": {"dataset": "crime", "source": str(path)}}}  # fmt: skip
    with pytest.warns(UserWarning, match="the files give no month"):
        made = lh.assess(config)
    assert (
        "the files give no month, so every record is counted as of the period"
        in (made.tables["b"].attrs["notice"])
    )
