"""Forces are known by all their names; nothing is concluded from one that nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st

import lsoahot as lh
from lsoahot.common import police_forces

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="module")
def areas() -> gpd.GeoDataFrame:
    return lh.read_boundaries("sample")


FORCES = {
    "Hampshire and Isle of Wight Constabulary": "Hampshire Constabulary",
    "Hampshire Police": "Hampshire Constabulary",
    "Hampshire": "Hampshire Constabulary",
    "HIOWC": "Hampshire Constabulary",
    "City of London": "City of London Police",
    "London, City of": "City of London Police",
    "CoLP": "City of London Police",
    "Met": "Metropolitan Police Service",
    "Metropolitan Police": "Metropolitan Police Service",
    "MPS": "Metropolitan Police Service",
    "Greater Manchester": "Greater Manchester Police",
    "GMP": "Greater Manchester Police",
    "Devon and Cornwall Constabulary": "Devon & Cornwall Police",
    "Heddlu Dyfed-Powys": "Dyfed-Powys Police",
    "Dyfed Powys Police": "Dyfed-Powys Police",
    "Heddlu De Cymru": "South Wales Police",
    "Avon & Somerset": "Avon and Somerset Constabulary",
    "Avon and Somerset Police": "Avon and Somerset Constabulary",
    "thames-valley": "Thames Valley Police",
    "West Mercia Constabulary": "West Mercia Police",
    "Leicestershire Constabulary": "Leicestershire Police",
    "Sussex": "Sussex Police",
    "Northumbria": "Northumbria Police",
    "BTP": "British Transport Police",
    "Chief Constable of Leicestershire Police": "Leicestershire Police",
}


@pytest.mark.parametrize("name", FORCES)
def test_forces_are_known_by_all_their_names(name: str) -> None:
    for spelling in (name, name.upper(), f" {name} ", name.replace(" ", "-")):
        assert police_forces.named(spelling) == FORCES[name]


def test_nothing_is_concluded_from_a_force_nobody_knows(areas: gpd.GeoDataFrame) -> None:
    months = pd.period_range("2024-01", "2024-12", freq="M")
    rows = pd.DataFrame(
        {"area_code": ["E01013787"] * 240 + ["E01026287"] * 20,
         "force": ["Leicestershire Police (LP)"] * 240 + ["Lincolnshire Police"] * 20,
         "period": [*np.repeat(months, 20), *[months[0]] * 20]}
    )  # fmt: skip
    with pytest.warns(UserWarning, match=r"'Leicestershire Police \(LP\)' .*no police force"):
        result = lh.count(areas, rows, coverage=lh.coverage(rows))
    assert result["count"].notna().all()
    assert int(result["count"].sum()) == 240


FORCE_NAMES = sorted({*FORCES.values()} - {"British Transport Police"})


@given(
    st.sampled_from(FORCE_NAMES),
    st.sampled_from(["", "Police", "Constabulary", "Police Force", "Police Service"]),
    st.sampled_from([str.upper, str.lower, str.title, str]),
    st.sampled_from([" ", "-", "_", "  "]),
    st.sampled_from(["", "The ", "Chief Constable of "]),
)
def test_a_force_is_the_same_by_any_title(
    force: str, title: str, case: Callable[[str], str], mark: str, before: str
) -> None:
    bare = force
    for word in ("Police Service", "Police", "Constabulary"):
        bare = bare.removesuffix(word).strip()
    for joined in (bare, bare.replace("&", "and"), bare.replace(" and ", " & ")):
        name = case(f"{before}{joined} {title}".replace(" ", mark))
        assert police_forces.named(name) == force
