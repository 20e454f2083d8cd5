"""The account adds up: counted and the other outcomes are the rows, and the column sums to counted."""

from __future__ import annotations

import warnings
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings, strategies as st

import lsoahot as lh
from lsoahot.counting import missing_months, outcomes

CODES = ["E01013787", "E01013788", "E01026287", "E01026288"]
FORCES = ["Leicestershire Police", "Lincolnshire Police"]
AREAS = gpd.GeoDataFrame(
    {"district": ["Rutland", "Rutland", "South Kesteven", "South Kesteven"]},
    index=pd.Index(CODES, name="area_code"),
    geometry=[shapely.box(i, 0, i + 1, 1) for i in range(4)],
    crs="EPSG:27700",
)
ROWS = st.tuples(
    st.sampled_from([*CODES, None, "E01099999", "unknown", "E06000017"]),
    st.sampled_from(["2021-10", "2021-11", "2021-12", None]),
    st.sampled_from([0, 1, 2, 7, None]),
    st.sampled_from(["Drugs", "Robbery", None]),
    st.sampled_from(FORCES),
)


def quiet(verb: Any, *given_: Any, **options: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return verb(*given_, **options)


@given(
    st.lists(ROWS, max_size=25),
    st.booleans(),
    st.sampled_from([None, ("2021-10", "2021-11")]),
    st.dictionaries(
        st.sampled_from(FORCES), st.lists(st.sampled_from(["2021-10", "2021-11", "2021-12"]))
    ),
    st.sampled_from(["missing", "count"]),
)
@settings(max_examples=80, deadline=None)
def test_the_account_adds_up(
    rows: list[tuple[Any, ...]],
    counted: bool,  # noqa: FBT001
    period: tuple[str, str] | None,
    coverage: dict[str, list[str]],
    gaps: str,
) -> None:
    table = pd.DataFrame(rows, columns=["area_code", "period", "count", "category", "force"])
    table["period"] = pd.PeriodIndex(table["period"], freq="M")
    table["count"] = table["count"].astype("Int64")
    table = table if counted else table.drop(columns="count")
    options = {"period": period, "coverage": coverage}
    areas = quiet(lh.count, AREAS, table, gaps=gaps, **options)
    by = quiet(lh.tabulate, AREAS, table, ["category", "period"], **options)
    for result in (areas, by):
        audit = result.attrs["audit"]
        assert sum(one["rows"] for one in audit["outcomes"]) == audit["records"] == len(rows)
        taken = [one for one in audit["outcomes"] if one["outcome"].startswith("counted")]
        assert audit["counted"] == sum(one["rows"] for one in taken)
        assert sum(one["events"] for one in taken) == int(result["count"].fillna(0).sum())


def test_rows_in_a_neighbours_area_without_data_are_an_outcome_of_their_own() -> None:
    """A force's file has two rows in another force's area, which therefore gets no count."""
    records = pd.DataFrame(
        {
            "area_code": [CODES[0]] * 3 + [CODES[2]] * 2,
            "period": pd.PeriodIndex(["2025-01"] * 5, freq="M"),
            "force": FORCES[0],
        }
    )
    with pytest.warns(UserWarning, match="2 areas have no count, because their police force"):
        areas = lh.count(AREAS, records, coverage={FORCES[0]: ["2025-01"]})
    assert areas["count"].tolist() == [3, 0, pd.NA, pd.NA]
    outcomes = {one["outcome"]: one["rows"] for one in areas.attrs["audit"]["outcomes"]}
    assert outcomes["counted by code"] == 3
    assert outcomes["in an area without data"] == 2
    assert areas.attrs["audit"]["counted"] == np.nansum(areas["count"].astype("float"))


def test_what_the_reader_said_stands_beside_the_figure() -> None:
    table = pd.DataFrame(
        {
            "LSOA code": CODES[:2],
            "Month": ["2021-10", "soon"],
            "Crime type": "Drugs",
            "Colour": "red",
        }
    )
    with pytest.warns(UserWarning, match="'soon'|: soon"):
        records = lh.read_dataset("crime", table)
    areas = lh.count(AREAS, records)
    assert areas.attrs["notice"].startswith("1 rows have a date that can't be read")
    assert "Columns that were not understood: 'Colour'." in str(areas.attrs["audit"])
    again = lh.count(areas, records)
    assert again.attrs["notice"] == areas.attrs["notice"]


@pytest.mark.parametrize(
    ("edition", "codes", "hint"),
    [
        ("lsoa11", ["E01035300"], "The table is of lsoa21, the areas are of lsoa11: lh.convert("),
        ("lsoa21", ["E01000001"], "Check that both are of one edition"),  # of either
        ("lsoa11", ["E01000001"], "Check that both are of one edition"),
        ("lsoa11", ["north", "south"], "Check that both are of one edition"),
        ("", ["E01035300"], "Check that both are of one edition"),
    ],
)
def test_another_edition_is_named_where_the_codes_tell(
    edition: str, codes: list[str], hint: str
) -> None:
    areas = gpd.GeoDataFrame(geometry=[None], index=["beat 1"])
    areas.attrs["edition"] = edition
    assert outcomes.edition_hint(areas, pd.Index(codes)).startswith(hint)


def test_records_without_a_month_span_no_months() -> None:
    for months, ends in (
        (["NaT", "NaT"], None),
        (["NaT", "2021-10"], ("2021-10", "2021-10")),
        (["2021-12", "2021-10"], ("2021-10", "2021-12")),
    ):
        records = pd.DataFrame({"period": pd.PeriodIndex(months, freq="M")})
        assert missing_months.span(records, None)[0] == ends
