"""Dates in every form, those that no record can have, and months that are not whole."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from reading import CODES, read

import lsoahot as lh

ONE, TWO, THREE = CODES[:3]


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
        [
            "W/C {}",
            "w/c {}",
            "Week commencing {}",
            "WC {}",
            "Week beginning {}",
            "wk starting {}",
            "W/B {}",
            "Week of {}",
            "{} - {next}",
            "{} to {next}",
        ]
    ),
)
@settings(max_examples=40)
def test_a_week_is_of_the_month_in_which_it_begins(day: Any, form: str) -> None:
    after = pd.Timestamp(day) + pd.Timedelta(days=6)
    told = read(asb([form.format(f"{day:%d/%m/%Y}", next=f"{after:%d/%m/%Y}")]), "asb")
    assert told.records["period"].astype(str).tolist() == [f"{day:%Y-%m}"]
    assert "date" not in told.records
    assert "is a span of days, not one" in told.said
    for ending in ("w/e", "Week ending", "wk ended:", "Week end"):
        told = read(asb([f"{ending} {after:%d/%m/%Y}"]), "asb")
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
