"""Who lives there, from official layouts and others' tables: the population is a column called so."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st
from reading import written

import lsoahot as lh

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def areas() -> gpd.GeoDataFrame:
    return lh.read_boundaries("sample")


NOMIS = [
    "",
    '"TS001 - Number of usual residents in households and communal establishments"',
    '"ONS Crown Copyright Reserved [from Nomis on 1 January 2024]"',
    '"Population :","All usual residents"',
    '"Units      :","Persons"',
    '"Date       :","2021"',
    "",
]
AREA = "2021 super output area - lower layer"
FOOT = [
    "",
    '"In order to protect against disclosure of personal information, records were swapped."',
    "",
]


def nomis(columns: str, figures: str, foot: list[str]) -> str:
    rows = [
        f'"E0101378{7 + i} : Rutland 00{i}A",{figures.format(code=f"E0101378{7 + i}", n=1500 + i)}'
        for i in range(3)
    ]
    return "\r\n".join([*NOMIS, f'"{AREA}",{columns}', "", *rows, *foot]) + "\r\n"


NOMIS_FORMS = {
    "one column": ('"2021"', "{n}", []),
    "one column and notes": ('"2021"', "{n}", FOOT),
    "parts in per cent": ('"Total","%","Males","%"', "{n},100.0,700,46.6", FOOT),
    "a mnemonic": ('"mnemonic","Total"', '"{code}",{n}', FOOT),
    "a mnemonic and parts": (
        '"mnemonic","Total","Lives in a household","Lives in a communal establishment"',
        '"{code}",{n},1400,100', FOOT,
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", NOMIS_FORMS)
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_nomis_own_downloads_are_read_as_they_come(form: str, suffix: str, tmp_path: Path) -> None:
    text = nomis(*NOMIS_FORMS[form])
    path = tmp_path / f"nomis{suffix}"
    if suffix == ".csv":
        path.write_text(text)
    else:
        lines = [next(csv.reader([line]), []) for line in text.split("\r\n")]
        pd.DataFrame([line + [None] * (6 - len(line)) for line in lines]).to_excel(
            path, header=False, index=False
        )
    found = lh.read_population(path)
    assert found["population"].to_dict() == {f"E0101378{7 + i}": 1500 + i for i in range(3)}


def imd(codes: list[str]) -> pd.DataFrame:
    """Return the layout of file 7 of the indices of deprivation, 2019."""
    n = np.arange(len(codes))
    return pd.DataFrame(
        {
            "LSOA code (2011)": codes,
            "LSOA name (2011)": "Rutland 001A",
            "Local Authority District code (2019)": "E06000017",
            "Local Authority District name (2019)": "Rutland",
            "Index of Multiple Deprivation (IMD) Score": 8.5 + n,
            "Index of Multiple Deprivation (IMD) Rank (where 1 is most deprived)": 25_000 + n,
            "Total population: mid 2015 (excluding prisoners)": 1500 + n,
            "Dependent Children aged 0-15: mid 2015 (excluding prisoners)": 300,
            "Population aged 16-59: mid 2015 (excluding prisoners)": 900,
            "Older population aged 60 and over: mid 2015 (excluding prisoners)": 300,
            "Working age population 18-59/64: for use with Employment Deprivation Domain "
            "(excluding prisoners)": 800,
        }
    )


def test_file_7_of_the_deprivation_index_is_read_as_it_comes(areas: gpd.GeoDataFrame) -> None:
    table = imd(list(areas.index))
    assert lh.read_population(table)["population"].tolist() == [1500 + i for i in range(23)]
    joined = lh.join(areas, table)
    assert joined["Index of Multiple Deprivation (IMD) Score"].tolist() == [
        8.5 + i for i in range(23)
    ]


def fingertips(codes: list[str]) -> pd.DataFrame:
    rows = [
        {"Indicator ID": 90366, "Indicator Name": "x", "Parent Code": "E06000017",
         "Parent Name": "Rutland", "Area Code": code, "Area Name": f"area {i}",
         "Area Type": "LSOA", "Sex": sex, "Age": "All ages", "Time period": period,
         "Value": 80.1, "Lower CI 95.0 limit": 79.0, "Upper CI 95.0 limit": 81.0,
         "Count": 10, "Denominator": 1000 + i + 100 * (period == "2021"),
         "Value note": None, "Time period Sortable": int(period) * 10_000}
        for i, code in enumerate(codes) for sex in ("Persons", "Male") for period in ("2020", "2021")
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_fingertips_denominators_are_read_as_they_come(tmp_path: Path) -> None:
    codes = ["E01013787", "E01013788"]
    path = written(tmp_path / "fingertips.csv", fingertips(codes))
    with pytest.warns(UserWarning, match=r"Time period 2021.*Sex Persons"):
        found = lh.read_population(path)
    assert found["population"].to_dict() == {"E01013787": 1100, "E01013788": 1101}


CODES = ["E01013787", "E01013788", "E01013789"]
SIX = [f"E0101379{i}" for i in range(6)]
HECTARES = [10.5, 11.0, 12.5]


@pytest.mark.parametrize("mark", [" ", "\u00a0", ",", "\u202f"])
def test_thousands_by_spaces_are_people_and_hectares_are_not(mark: str, tmp_path: Path) -> None:
    rows = pd.DataFrame(
        {"LSOA21CD": CODES, "population": [f"1{mark}500", f"2{mark}217", "900"],
         "area_ha": HECTARES}
    )  # fmt: skip
    found = lh.read_population(written(tmp_path / "p.csv", rows))
    assert found["population"].tolist() == [1500, 2217, 900]


@given(
    st.lists(st.integers(0, 99_999), min_size=3, max_size=3),
    st.sampled_from(["area_ha", "Hectares", "Density", "people per hectare", "area_km2",
                     "households"]),
    st.sampled_from([",", " ", "\u00a0"]),
    st.booleans(),
)  # fmt: skip
def test_no_other_column_ever_becomes_the_population(
    people: list[int],
    other: str,
    mark: str,
    first: bool,  # noqa: FBT001
) -> None:
    figures = {"population": [f"{n:,}".replace(",", mark) for n in people], other: HECTARES}
    order = [other, "population"] if first else ["population", other]
    table = pd.DataFrame({"LSOA21CD": CODES, **{name: figures[name] for name in order}})
    assert lh.read_population(table)["population"].tolist() == people
    alone = lh.read_population(table.drop(columns="population"))
    assert list(alone.columns) == [other]


def test_a_population_that_is_no_number_is_refused_not_replaced() -> None:
    rows = pd.DataFrame(
        {"LSOA21CD": CODES, "population": ["about 1500", "many", "few"], "area_ha": HECTARES}
    )
    with pytest.raises(ValueError, match=r"'population' .* holds no numbers, but about 1500"):
        lh.read_population(rows)
    with pytest.raises(ValueError, match=r"'Population \(thousands\)' .*in thousands"):
        lh.read_population(pd.DataFrame({"LSOA21CD": CODES, "Population (thousands)": [1.5, 2, 3]}))


def test_what_is_no_count_of_people_is_not_taken_unasked() -> None:
    codes = [f"E0101{number}" for number in range(3787, 3791)]
    tables = {
        "1.5, 1.601": {"LSOA21CD": codes, "Population": [1.5, 1.601, 1.702, 1.803]},  # thousands
        "3250.5": {"LSOA21CD": codes, "2021": [3250.5, 3251.25, 900.5, 10.5]},  # a density
        "'Households'": {"LSOA21CD": codes, "Measure": "Households", "Value": [600, 601, 602, 603]},
        "'Female'": {"LSOA21CD": codes, "Sex": "Female", "Population": [600, 601, 602, 603]},
    }
    for named, table in tables.items():
        with pytest.raises(ValueError, match=re.escape(named)):
            lh.read_population(pd.DataFrame(table))
    asked = lh.read_population(pd.DataFrame(tables["'Households'"]), columns="Value")
    assert asked["population"].tolist() == [600, 601, 602, 603]
    both = {"LSOA21CD": codes, "Population %": [0.2] * 4, "Population": [1500, 1601, 1702, 1803]}
    assert lh.read_population(pd.DataFrame(both))["population"].sum() == 6606


def test_the_title_above_a_table_says_that_it_is_of_households(tmp_path: Path) -> None:
    codes = [f"E0101{number}" for number in range(3787, 3791)]
    table = '"2021 super output area - lower layer","mnemonic","2021"\n' + "".join(
        f'"Rutland 00{i}A","{code}",{600 + i}\n' for i, code in enumerate(codes)
    )
    path = tmp_path / "nomis.csv"
    path.write_text(f'"TS041 - Number of households"\n"ONS Crown Copyright Reserved"\n\n{table}')
    with pytest.raises(ValueError, match="is called 'TS041 - Number of households'"):
        lh.read_population(path)
    assert lh.read_population(path, columns="2021")["population"].sum() == 2406
    path.write_text(
        f'"TS001 - Usual residents in households and communal establishments"\n\n{table}'
    )
    assert lh.read_population(path)["population"].sum() == 2406
    sheet = [
        ["Dwellings", None],
        [None, None],
        ["LSOA21CD", "2021"],
        *([code, 600] for code in codes),
    ]
    pd.DataFrame(sheet).to_excel(tmp_path / "nomis.xlsx", index=False, header=False)
    with pytest.raises(ValueError, match="is called 'Dwellings'"):
        lh.read_population(tmp_path / "nomis.xlsx")


def test_a_total_row_of_the_population_is_no_area() -> None:
    for code in ("", None, "Total", "Rutland", "E06000017", "E92000001"):
        rows = pd.DataFrame({"LSOA21CD": [*CODES, code], "population": [1500, 1501, 1502, 4503]})
        with pytest.warns(UserWarning, match=r"1 rows .* are totals"):
            found = lh.read_population(rows)
        assert found["population"].tolist() == [1500, 1501, 1502]


@pytest.mark.parametrize(
    "header",
    ["Population excluding students", "Population 18+", "White British population", "Pop_F", "pop_16_64",
     "Over 65 population", "GP registered population", "Population served", "Prison population",
     "Non-White population", "Usual residents in households", "Total population aged 16 to 64"],
)  # fmt: skip
def test_figures_of_some_of_the_people_are_not_the_population(header: str) -> None:
    table = pd.DataFrame({"LSOA21CD": SIX, header: [1500, 1400, 1300, 1600, 1700, 1800]})
    assert list(lh.read_population(table).columns) == [header]


@pytest.mark.parametrize("header", ["2021", "Value", "Total", "Observation value", "Count"])
@pytest.mark.parametrize("figures", [(45, 38, 51, 17, 60, 8), (612, 590, 701, 655, 540, 812)])
def test_densities_and_households_under_a_bare_header_are_refused(
    header: str, figures: tuple[int, ...]
) -> None:
    table = pd.DataFrame({"LSOA21CD": SIX, header: figures})
    with pytest.raises(ValueError, match=rf"'{header}' .*{figures[0]}.*900 residents.*columns="):
        lh.read_population(table)
    assert lh.read_population(table, columns=header)["population"].tolist() == list(figures)
    with pytest.warns(UserWarning, match=rf"{figures[0]}.* 900 residents and more, so that rates"):
        lh.read_population(table.rename(columns={header: "Population"}))


SOME = ["students", "aged 16 and over", "females", "in prison", "born abroad", "economically active", "65+",
        "White", "registered", "per hectare", "density"]  # fmt: skip


@given(
    st.sampled_from(
        ["Population", "Residents", "Total population", "All persons", "pop 2021", "Persons"]
    ),
    st.sampled_from(SOME),
    st.booleans(),
)
def test_a_word_beside_everybody_makes_it_some(everybody: str, some: str, first: bool) -> None:  # noqa: FBT001
    header = f"{some} {everybody}" if first else f"{everybody} {some}"
    table = pd.DataFrame({"LSOA21CD": SIX, header: 1500})
    assert "population" not in lh.read_population(table).columns
    whole = table.rename(columns={header: everybody})
    assert list(lh.read_population(whole).columns) == ["population"]


@pytest.mark.parametrize(
    ("header", "value"),
    [("Ethnic group", "White"), ("Age (6 categories)", "Aged 15 and under"), ("Religion", "Christian"),
     ("Tenure of household (9 categories)", "Owned"), ("Country of birth", "Poland")],
)  # fmt: skip
def test_a_column_that_says_whose_the_figures_are_is_heard(header: str, value: str) -> None:
    figures = [1500, 1400, 1300, 1600, 1700, 1800]
    table = pd.DataFrame({"LSOA21CD": SIX, header: value, "Observation": figures})
    with pytest.raises(ValueError, match=rf"says that its figures are of '{value}'"):
        lh.read_population(table)
    for said in ("All usual residents", "Total: All usual residents", "Persons"):
        assert list(lh.read_population(table.assign(**{header: said})).columns) == ["population"]
    places = table.drop(columns=header).assign(Region="East Midlands", Date="2021")
    assert list(lh.read_population(places).columns) == ["population"]
