"""Counting on any engine: the same counts and the same audit, to the last record."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from lsoahot._codes import locating

CODES = ["E01013788", "E01013789", "E01013790", "E01013791"]


def squares() -> gpd.GeoDataFrame:
    """Return four unit squares, two of Rutland and two of Salford, in two forces."""
    table = gpd.GeoDataFrame(
        {"district": ["Rutland", "Rutland", "Salford", "Salford"]},
        index=pd.Index(CODES, name="area_code"),
        geometry=[shapely.box(x, y, x + 1, y + 1) for y in (0, 1) for x in (0, 1)],
        crs="EPSG:27700",
    )
    table.attrs["edition"] = "lsoa11"
    return table


CODE = st.sampled_from([*CODES, "E01013800", "E01035300", "E02005353", "N/A!", None])
ROW = st.tuples(
    CODE,
    st.sampled_from([None, "2021-10", "2021-11", "2021-12", "2022-01"]),
    st.sampled_from([None, 0, 1, 2]),  # the count: missing where the source withheld it
    st.sampled_from(["Drugs", "Robbery", None]),
    st.sampled_from([("Leicestershire", "Salford"), ("Greater Manchester Police", "Salford")]),
)
PERIOD = st.sampled_from([None, ("2021-10", "2021-12"), ("2021-11", "2021-11")])


def table_of(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "area_code": pd.array([row[0] for row in rows], dtype="string"),
            "period": pd.PeriodIndex([row[1] or "NaT" for row in rows], freq="M"),
            "count": pd.array([row[2] for row in rows], dtype="Int64"),
            "category": pd.array([row[3] for row in rows], dtype="string"),
            "force": pd.array([row[4][0] for row in rows], dtype="string"),
            "district": pd.array([row[4][1] for row in rows], dtype="string"),
        }
    )


@given(st.lists(ROW, max_size=30), PERIOD)
@settings(max_examples=60)
def test_a_row_for_many_is_as_many_rows(
    rows: list[tuple[Any, ...]], period: tuple[str, str] | None
) -> None:
    records = table_of(rows)
    alike = records.groupby(list(records.columns), dropna=False, as_index=False).size()
    many = locating.locate(squares(), records, by="code", period=period, need=["category"])
    few = locating.locate(
        squares(),
        alike.drop(columns="size"),
        by="code",
        period=period,
        need=["category"],
        rows=alike["size"].to_numpy(dtype=np.int64),
    )
    assert few.attrs == many.attrs
    assert few.warnings == many.warnings
    totals = [
        np.bincount(found.position[found.position >= 0], found.events[found.position >= 0], 4)
        for found in (few, many)
    ]
    assert totals[0].tolist() == totals[1].tolist()
    assert set(few.hidden) == set(many.hidden)
