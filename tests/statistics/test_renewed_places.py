"""data.police.uk renewed its fixed places and its codes: said where it matters."""

from __future__ import annotations

import warnings

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import lsoahot as lh


@pytest.fixture(scope="module")
def areas() -> gpd.GeoDataFrame:
    return lh.read_boundaries("sample")


def messages(caught: list[warnings.WarningMessage]) -> str:
    return "\n".join(str(one.message) for one in caught)


def street_table(months: list[str]) -> pd.DataFrame:
    """Return rows as data.police.uk gives them, in one area, ten a month."""
    return pd.DataFrame(
        {"Crime ID": None, "Month": np.repeat(months, 10), "Reported by": "Leicestershire Police",
         "Falls within": "Leicestershire Police", "LSOA code": "E01013787",
         "LSOA name": "Rutland 001A", "Crime type": "Burglary"}
    )  # fmt: skip


@pytest.mark.parametrize(
    ("then", "now", "told"),
    [
        ("2022-01", "2022-07", True),
        ("2021-07", "2022-06", False),
        ("2022-07", "2023-07", False),
        ("2022-06", "2022-08", True),
    ],
)
def test_a_change_across_the_renewal_of_places_says_so(
    then: str,
    now: str,
    told: bool,  # noqa: FBT001
    areas: gpd.GeoDataFrame,
) -> None:
    tables = [
        lh.count(areas, lh.read_dataset("crime", street_table([month]))) for month in (then, now)
    ]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        changed = lh.change(*tables)
    assert ("renewed the fixed places" in messages(caught)) == told
    assert changed.loc["E01013787", "rate_ratio"] > 0


def test_codes_of_two_editions_name_the_verb_that_brings_them_over(
    areas: gpd.GeoDataFrame,
) -> None:
    records = pd.DataFrame({"area_code": ["E01013787", "E01035102"]})
    with pytest.warns(UserWarning, match=r"convert_records\(records, areas=areas, from_='lsoa21'"):
        lh.count(areas, records)
