"""One finder of code columns for every verb, and one reader of codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given, strategies as st
from reading import counted, written

import lsoahot as lh
from lsoahot.common import area_codes, code_columns

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def areas() -> gpd.GeoDataFrame:
    return lh.read_boundaries("sample")


AROUND = st.sampled_from(["", " ", "\u200b", "\ufeff", "\u00a0", "'", '"'])


@given(st.integers(1, 999_999), AROUND, AROUND, st.booleans())
def test_a_code_is_read_whatever_stands_round_it(
    figures: int,
    before: str,
    behind: str,
    lower: bool,  # noqa: FBT001
) -> None:
    code = f"E01{figures:06d}"
    text = f"{before}{code.lower() if lower else code}{behind}"
    assert area_codes.cleaned(text) == code
    for beside in (f"{before}{code} : Rutland 005A", f"{code} (X)", f"Rutland 005A - {code}"):
        assert area_codes.cleaned(beside) == code
    assert area_codes.cleaned(f"{code} Total") != code
    assert area_codes.cleaned(f"{code} - Total") != code


CELLS: dict[str, tuple[dict[str, list[str]], int]] = {
    "signs of no width": ({"LSOA code": ["E01013787\u200b", "\ufeffE01013788", "e01013789\u00a0"]}, 3),
    "text marks of spreadsheets": ({"LSOA code": ["'E01013790", '="E01013791"']}, 2),
    "code and name in one cell": ({"LSOA": ["E01013787 : Rutland 005A", "E01013788 : X"]}, 2),
    "a ward's code beside a bare LSOA": (
        {"Ward code": ["E05000001"] * 2, "LSOA 2021": ["E01013787", "E01013788"]}, 2,
    ),
    "names under LSOA beside codes": (
        {"LSOA": ["Rutland 005A", "Rutland 001A"], "LSOA code": ["E01013787", "E01013788"]}, 2,
    ),
    "the header of the deprivation index": ({"LSOA code (2011)": ["E01013787", "E01013788"]}, 2),
    "a merge's suffix": ({"LSOA code_x": ["E01013787"], "LSOA code_y": ["E01013787"]}, 1),
}  # fmt: skip


@pytest.mark.parametrize("case", CELLS)
def test_codes_are_found_and_read(case: str, areas: gpd.GeoDataFrame, tmp_path: Path) -> None:
    columns, right = CELLS[case]
    rows = pd.DataFrame({**columns, "Month": "2021-10", "Crime type": "Burglary"})
    assert counted(areas, rows)[0] == right
    assert counted(areas, written(tmp_path / "c.csv", rows))[0] == right


HEADERS = [
    "LSOA21CD", "lsoa11_code", "LSOA code (2011)", "LSOA 2021 Code", "area_code", "Area Code",
    "geography code", "mnemonic", "2021 super output area - lower layer",
    "Lower layer Super Output Areas Code", "LSOA Code", "LSOA_CD", "f_lsoa21cd", "GSS code", "ONS code",
]  # fmt: skip


@pytest.mark.parametrize("header", HEADERS)
def test_every_verb_finds_the_same_column(
    header: str, areas: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    areas = areas[area_codes.in_edition(areas.index, "lsoa21")]
    codes = list(areas.index)
    figures = pd.DataFrame({header: codes, "LSOA name (2011)": "x", "population": 1500})
    assert lh.read_population(figures)["population"].sum() == 1500 * len(codes)
    assert lh.join(areas.drop(columns="population"), figures)["population"].notna().all()
    bare = gpd.GeoDataFrame({header: codes}, geometry=areas.geometry.to_numpy(), crs=27700)
    assert list(lh.read_boundaries(bare).index) == codes
    rows = pd.DataFrame({header: codes, "Month": "2021-10", "Crime type": "Burglary"})
    assert counted(areas, rows)[0] == len(codes)
    assert counted(areas, written(tmp_path / "c.csv", rows))[0] == len(codes)


@given(st.sampled_from(["LSOA", "lsoa", "Lsoa"]), st.sampled_from(["", "21", "2021", "(2021)"]),
       st.sampled_from(["code", "CD", "Code", "codes"]), st.sampled_from([" ", "_", "-", ""]))  # fmt: skip
def test_any_spelling_of_a_header_of_codes_is_found(
    kind: str, year: str, what: str, mark: str
) -> None:
    for parts in ((kind, year, what), (kind, what, year), (year, kind, what)):
        header = mark.join(part for part in parts if part)
        (key,) = code_columns.candidates(["Month", header, "Crime type", "LSOA name"])
        assert key == (header, "lsoa", "21" if year else "")


def test_a_column_of_codes_without_a_known_name_is_known_by_what_it_holds() -> None:
    table = pd.DataFrame({"place": ["E01013787", "E01013788"], "people": [1500, 1600]})
    assert lh.read_population(table)["population"].tolist() == [1500, 1600]
    both = table.assign(other=table["place"])
    with pytest.raises(ValueError, match="no column of area codes with a known name"):
        lh.read_population(both)
