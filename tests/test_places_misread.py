"""Nothing about places is misread in silence: codes, points, people, boundaries, forces.

Each row of a table is one input, what is done with it, and what is right: the true figure, or a
message that names what was not understood. The inputs are made here, of the sample's areas.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import warnings
import zipfile
from typing import TYPE_CHECKING, Any

import dask.dataframe as dd
import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import shapely
from hypothesis import given, settings, strategies as st

import lsoahot as lh
from lsoahot.common import area_codes, code_columns, police_forces
from lsoahot.records import coordinates

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="module")
def areas() -> gpd.GeoDataFrame:
    return lh.read_boundaries("sample")


@pytest.fixture(scope="module")
def points(areas: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Return a point in each of the first six areas, in metres of the National Grid."""
    return areas.geometry.head(6).representative_point().reset_index(drop=True)


def table(x: object, y: object, names: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame({"Month": "2021-10", "Crime type": "Burglary", names[0]: x, names[1]: y})


METRES, DEGREES = ("Easting", "Northing"), ("Longitude", "Latitude")


def written(path: Path, rows: pd.DataFrame) -> Path:
    rows.to_csv(path, index=False)
    return path


def messages(caught: list[warnings.WarningMessage]) -> str:
    return "\n".join(str(one.message) for one in caught)


def counted(areas: gpd.GeoDataFrame, source: object, dataset: str = "crime") -> tuple[int, str]:
    """Return how many events were counted, and all that was said."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = lh.count(areas, lh.read_dataset(dataset, source))  # type: ignore[arg-type]
    return int(result["count"].sum()), messages(caught)


# --- I: points lost or mistaken -------------------------------------------------------------------


def dms(value: float, sides: str) -> str:
    """Write degrees in degrees, minutes and seconds."""
    seconds = round(abs(value) * 3600, 2)
    degrees, minutes = int(seconds // 3600), int(seconds // 60 % 60)
    return f"{degrees}\u00b0{minutes}'{seconds % 60:.2f}\"{sides[int(value < 0)]}"


# Form of the cells -> what is said beside the six points that are all counted.
WRITTEN: dict[str, tuple[tuple[str, str], Callable[[float, int], object], str]] = {
    "thousands by comma": (METRES, lambda v, _: f"{v:,.0f}", ""),
    "thousands by space": (METRES, lambda v, _: f"{v:,.0f}".replace(",", " "), ""),
    "thousands by hard space": (METRES, lambda v, _: f"{v:,.0f}".replace(",", "\u00a0"), ""),
    "decimal commas in metres": (METRES, lambda v, _: f"{v:.2f}".replace(".", ","), ""),
    "metres with their sign": (METRES, lambda v, _: f"{v:.1f} m", ""),
    "decimal commas in degrees": (DEGREES, lambda v, _: f"{v:.6f}".replace(".", ","), ""),
    "degree signs": (DEGREES, lambda v, _: f"{v:.6f}\u00b0", ""),
    "a typographic minus": (DEGREES, lambda v, _: f"{v:.6f}".replace("-", "\u2212"), ""),
    "minutes and seconds": (DEGREES, lambda v, i: dms(v, ("EW", "NS")[i]), ""),
    "letters for the sides": (
        DEGREES, lambda v, i: f"{abs(v):.6f} {('EW', 'NS')[i][int(v < 0)]}", "",
    ),
    "degrees under metres": (METRES, lambda v, _: v, ""),
}  # fmt: skip


@pytest.mark.parametrize("form", WRITTEN)
def test_coordinates_are_read_as_people_write_them(
    form: str, areas: gpd.GeoDataFrame, points: gpd.GeoSeries, tmp_path: Path
) -> None:
    names, write, note = WRITTEN[form]
    in_degrees = names == DEGREES or form == "degrees under metres"
    there = points.to_crs(4326) if in_degrees else points
    cells = [[write(value, i) for value in axis] for i, axis in enumerate((there.x, there.y))]
    total, said = counted(areas, written(tmp_path / "p.csv", table(*cells, names)))
    assert total == 6
    assert re.search(note, said) if note else said == ""


@given(
    st.lists(
        st.tuples(st.integers(1, 799_999), st.integers(1, 1_399_999)), min_size=1, max_size=20
    ),
    st.sampled_from([",", " ", "\u00a0", "\u202f", "'"]),
)
def test_thousands_are_read_whatever_parts_them(places: list[tuple[int, int]], mark: str) -> None:
    cells = pd.Series([f"{x:,}".replace(",", mark) for x, _ in places], dtype=object)
    read, strange = coordinates.floats(cells, degrees=False)
    assert read.tolist() == [x for x, _ in places]
    assert strange == []


@given(st.lists(st.tuples(st.floats(-8, 2), st.floats(50, 60)), min_size=1, max_size=20))
def test_degrees_in_minutes_and_seconds_are_the_same_degrees(
    places: list[tuple[float, float]],
) -> None:
    for i, sides in enumerate(("EW", "NS")):
        cells = pd.Series([dms(place[i], sides) for place in places], dtype=object)
        read, strange = coordinates.floats(cells, degrees=True)
        np.testing.assert_allclose(read, [place[i] for place in places], atol=0.006 / 3600)
        assert strange == []


def test_what_is_no_coordinate_is_named(
    areas: gpd.GeoDataFrame, points: gpd.GeoSeries, tmp_path: Path
) -> None:
    cells = [*points.x.astype(object)]
    cells[0], cells[1], cells[2] = "LE15 6AB", "NULL", "Unknown"
    total, said = counted(areas, written(tmp_path / "p.csv", table(cells, points.y, METRES)))
    assert total == 3
    assert "p.csv: 1 of 6 values of 'Easting' are no coordinates ('LE15 6AB')" in said


# How most points lie outside -> what is said.
MISTAKEN: dict[str, tuple[Callable[[gpd.GeoSeries], pd.DataFrame], str]] = {
    "easting and northing swapped": (
        lambda p: table(p.y, p.x, METRES), "easting and northing swapped, 100%",
    ),
    "kilometres": (lambda p: table(p.x / 1000, p.y / 1000, METRES), "as kilometres, 100%"),
    "tens of metres": (lambda p: table(p.x / 10, p.y / 10, METRES), "as tens of metres, 100%"),
    "lost minus": (
        lambda p: table(p.to_crs(4326).x.abs(), p.to_crs(4326).y, DEGREES),
        "minus of the longitude that they lost, 100%",
    ),
    "Irish Grid": (
        lambda p: table(p.to_crs(29903).x, p.to_crs(29903).y, METRES), "as Irish Grid .*, 100%",
    ),
    "UTM": (
        lambda p: table(p.to_crs(32630).x, p.to_crs(32630).y, METRES), "UTM, zone 30 .*, 100%",
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKEN)
def test_points_that_miss_are_diagnosed(
    mistake: str, areas: gpd.GeoDataFrame, points: gpd.GeoSeries, tmp_path: Path
) -> None:
    make, note = MISTAKEN[mistake]
    total, said = counted(areas, written(tmp_path / "p.csv", make(points)))
    assert total == 0
    assert re.search("6 of the 6 points lie outside the areas", said)
    assert re.search(note, said)


def test_points_in_whole_kilometres_are_told(
    areas: gpd.GeoDataFrame, points: gpd.GeoSeries, tmp_path: Path
) -> None:
    for east, north in (
        (points.x.round(-3), points.y.round(-3)),
        ([f"{x:.2E}" for x in points.x], [f"{y:.2E}" for y in points.y]),  # as Excel cuts them
    ):
        _, said = counted(areas, written(tmp_path / "p.csv", table(east, north, METRES)))
        assert "p.csv: all points in 'Easting' and 'Northing' are rounded to 1,000 metres" in said


@pytest.mark.parametrize(
    "form", ["{}E {}N", "E{} N{}", "E {} N {}", '="{}" ="{}"', "{}m {}m", "'{} '{}"]
)
def test_metres_with_letters_or_quotes_are_metres(
    form: str, areas: gpd.GeoDataFrame, points: gpd.GeoSeries, tmp_path: Path
) -> None:
    east, north = re.fullmatch(r"(.*?\{\}\S*) (.*)", form).groups()  # type: ignore[union-attr]
    rows = table(
        [east.format(round(x)) for x in points.x],
        [north.format(round(y)) for y in points.y],
        METRES,
    )
    assert counted(areas, written(tmp_path / "p.csv", rows)) == (6, "")


@pytest.mark.parametrize("mistake", MISTAKEN)
def test_a_plain_table_whose_points_miss_is_diagnosed_too(
    mistake: str, areas: gpd.GeoDataFrame, points: gpd.GeoSeries
) -> None:
    make, note = MISTAKEN[mistake]
    plain = make(points).iloc[:, 2:]
    on_dask = dd.from_pandas(plain, npartitions=2)
    for records in (plain, pa.Table.from_pandas(plain), on_dask):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            lh.count(areas, records)
        assert re.search(note, messages(caught))


def test_points_that_honestly_lie_elsewhere_are_no_mistake(
    areas: gpd.GeoDataFrame, points: gpd.GeoSeries
) -> None:
    away = table(points.x - 60_000, points.y - 20_000, METRES)[["Easting", "Northing"]]
    with pytest.warns(UserWarning, match="None of the 6 records") as caught:
        lh.count(areas, away)
    assert len(caught) == 1


def test_web_mercator_is_known_by_its_figures(
    areas: gpd.GeoDataFrame, points: gpd.GeoSeries, tmp_path: Path
) -> None:
    web = points.to_crs(3857)
    total, said = counted(areas, written(tmp_path / "p.csv", table(web.x, web.y, ("x", "y"))))
    assert total == 6
    assert "'x' and 'y' were read as metres of web mercator" in said


def test_rows_in_another_system_than_most_are_read_and_counted(
    areas: gpd.GeoDataFrame, points: gpd.GeoSeries, tmp_path: Path
) -> None:
    there = points.to_crs(4326)
    one = [there.x[0], *points.x[1:]], [there.y[0], *points.y[1:]]
    most = [points.x[0], *there.x[1:]], [points.y[0], *there.y[1:]]
    turned = [there.y[0], *there.x[1:]], [there.x[0], *there.y[1:]]
    for axes, names, note in (
        (one, METRES, "1 of 6 points in 'Easting' and 'Northing' are degrees among metres"),
        (most, METRES, "1 of 6 points in 'Easting' and 'Northing' are metres among degrees"),
        (turned, DEGREES, "1 of 6 points .* are latitude before longitude"),
    ):
        total, said = counted(areas, written(tmp_path / "p.csv", table(*axes, names)))
        assert total == 6
        assert re.search(note, said)


def geojson(shapes: gpd.GeoSeries, crs: int | None, **properties: object) -> dict[str, Any]:
    found = json.loads(gpd.GeoDataFrame(properties, geometry=shapes, index=shapes.index).to_json())
    found.pop("crs", None)
    if crs is not None:
        name = f"urn:ogc:def:crs:EPSG::{crs}"
        found["crs"] = {"type": "name", "properties": {"name": name}}
    return dict(found)


CRIME: dict[str, object] = {"Month": "2021-10", "Crime type": "Burglary"}


@pytest.mark.parametrize(
    ("system", "member", "note"),
    [
        (4326, None, ""),
        (27700, 27700, ""),
        (3857, 3857, ""),
        (27700, None, "p.geojson is labelled WGS 84.*, but its coordinates are eastings"),
        (3857, None, "p.geojson is labelled WGS 84.*, but its coordinates are metres of web merc"),
        (4326, 27700, "p.geojson is labelled OSGB36 .*, but its coordinates are longitudes"),
    ],
)
def test_the_system_of_geojson_records_is_honoured(
    system: int, member: int | None, note: str,
    areas: gpd.GeoDataFrame, points: gpd.GeoSeries, tmp_path: Path,
) -> None:  # fmt: skip
    path = tmp_path / "p.geojson"
    path.write_text(json.dumps(geojson(points.to_crs(system), member, **CRIME)))
    total, said = counted(areas, path)
    assert total == 6
    assert re.search(note, said) if note else said == ""


def test_geojson_with_latitude_first_is_turned(
    areas: gpd.GeoDataFrame, points: gpd.GeoSeries, tmp_path: Path
) -> None:
    there = points.to_crs(4326)
    turned = gpd.GeoSeries(gpd.points_from_xy(there.y, there.x))
    path = tmp_path / "p.geojson"
    path.write_text(json.dumps(geojson(turned, None, **CRIME)))
    total, said = counted(areas, path)
    assert total == 6
    assert "latitudes and longitudes" in said


def test_points_written_as_text_or_in_parts_are_points(
    areas: gpd.GeoDataFrame, points: gpd.GeoSeries, tmp_path: Path
) -> None:
    for name, there in (("WKT", points.to_crs(4326)), ("geometry", points)):
        rows = pd.DataFrame({**CRIME, name: there.to_wkt()})
        assert counted(areas, written(tmp_path / "p.csv", rows)) == (6, "")
    parts = gpd.GeoDataFrame(CRIME, geometry=[shapely.MultiPoint([p]) for p in points], crs=27700,
                             index=points.index)  # fmt: skip
    parts.to_file(tmp_path / "p.gpkg")
    assert counted(areas, tmp_path / "p.gpkg") == (6, "")


# --- codes as cells hold them ---------------------------------------------------------------------

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


# --- K: one finder of code columns ----------------------------------------------------------------

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


# --- layouts of official tables -------------------------------------------------------------------

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


# --- C: the population is a column called so ------------------------------------------------------

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


# --- F: cut downloads, packed files ---------------------------------------------------------------


def street(code: str) -> str:
    head = ("Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,"
            "LSOA name,Crime type,Last outcome category,Context")  # fmt: skip
    row = (f",2021-10,Leicestershire Police,Leicestershire Police,,,On or near X,{code},"
           "Rutland 001A,Burglary,,")  # fmt: skip
    return f"{head}\n{row}\n{row}\n"


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/"), data)
    return buffer.getvalue()


def test_packed_files_are_unpacked_wherever_they_stand(
    areas: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    plain = street("E01013787").encode()
    packed = gzip.compress(street("E01013788").encode())
    inner = zipped(**{"deep__c.csv": street("E01013789").encode()})
    folder = tmp_path / "folder"
    (folder / "below").mkdir(parents=True)
    (folder / "a.csv").write_bytes(plain)
    (folder / "below" / "b.csv.gz").write_bytes(packed)
    (folder / "below" / "outer.zip").write_bytes(zipped(**{"x__inner.zip": inner}))
    assert counted(areas, folder) == (6, "")
    assert counted(areas, folder / "below" / "b.csv.gz") == (2, "")
    (tmp_path / "all.zip").write_bytes(
        zipped(**{"a.csv": plain, "below__b.csv.gz": packed, "inner.zip": inner})
    )
    assert counted(areas, tmp_path / "all.zip") == (6, "")


def packed(data: bytes, ways: list[str]) -> tuple[str, bytes]:
    """Pack a file in one archive after the other."""
    name = "x.csv"
    for i, way in enumerate(ways):
        if way == "gz":
            if name.endswith(".zip"):
                continue
            name, data = f"{name}.gz", gzip.compress(data)
        else:
            name, data = f"{way}{i}.zip", zipped(**{f"in__{name}": data})
    return name, data


@given(
    st.lists(st.lists(st.sampled_from(["gz", "zip", "ZIP"]), max_size=3), min_size=1, max_size=4)
)
@settings(max_examples=15)
def test_whatever_is_packed_is_counted_once(tmp_path_factory: Any, ways: list[list[str]]) -> None:
    folder = tmp_path_factory.mktemp("packed")
    for i, each in enumerate(ways):
        name, data = packed(street(f"E0101378{7 + i % 3}").encode() + b"\n" * i, each[:3])
        (folder / f"d{i}").mkdir()
        (folder / f"d{i}" / name).write_bytes(data)
    crimes = lh.read_dataset("crime", folder)
    assert len(crimes) == 2 * len(ways)


@pytest.mark.parametrize("suffix", [".7z", ".rar", ".csv.bz2", ".tar", ".csv.zst"])
def test_archives_of_another_kind_are_named(
    suffix: str, areas: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text(street("E01013787"))
    (tmp_path / f"b{suffix}").write_bytes(b"anything")
    total, said = counted(areas, tmp_path)
    assert total == 2
    assert f"b{suffix}" in said
    assert "not read" in said


def test_packed_bombs_and_broken_gzip_are_refused(tmp_path: Path) -> None:
    (tmp_path / "bomb.csv.gz").write_bytes(gzip.compress(b"0" * (40 << 20)))
    with pytest.raises(ValueError, match="would unpack to"):
        lh.read_dataset("crime", tmp_path / "bomb.csv.gz")
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(street("E01013787").encode() * 50)[:-20])
    with pytest.raises(ValueError, match=r"cut\.csv\.gz is broken"):
        lh.read_dataset("crime", tmp_path / "cut.csv.gz")


def boundary(areas: gpd.GeoDataFrame, n: int = 6) -> dict[str, Any]:
    shapes = areas.geometry.to_crs(4326).head(n)
    return geojson(shapes, None, LSOA21CD=list(shapes.index))


CUTS: list[dict[str, Any]] = [
    {"exceededTransferLimit": True},
    {"properties": {"exceededTransferLimit": True}},
    {"numberMatched": 26, "numberReturned": 6},
    {"totalFeatures": 26},
    {"links": [{"rel": "next", "href": "https://example.org?startIndex=6"}]},
]


@pytest.mark.parametrize("cut", CUTS)
def test_a_cut_download_is_refused(
    cut: dict[str, Any], areas: gpd.GeoDataFrame, points: gpd.GeoSeries, tmp_path: Path
) -> None:
    path = tmp_path / "b.geojson"
    path.write_text(json.dumps({**boundary(areas), **cut}))
    with pytest.raises(ValueError, match=r"b\.geojson .*not the whole"):
        lh.read_boundaries(path)
    path.write_text(json.dumps({**geojson(points.to_crs(4326), None, **CRIME), **cut}))
    with pytest.raises(ValueError, match=r"b\.geojson .*not the whole"):
        lh.read_dataset("crime", path)


@pytest.mark.parametrize("n", [1000, 2000])
def test_as_many_features_as_a_service_gives_at_most_are_told(n: int, tmp_path: Path) -> None:
    boxes = [shapely.box(400_000 + 10 * i, 300_000, 400_010 + 10 * i, 300_010) for i in range(n)]
    frame = gpd.GeoDataFrame({"LSOA01CD": [f"E010{i:05d}" for i in range(1, n + 1)]},
                             geometry=boxes, crs=27700)  # fmt: skip
    frame.to_file(tmp_path / "b.gpkg")
    with pytest.warns(UserWarning, match=rf"holds exactly {n:,} features"):
        lh.read_boundaries(tmp_path / "b.gpkg")


# --- L: boundaries --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("system", "label", "turned", "note"),
    [
        (4326, 27700, False, "labelled OSGB36 .*longitudes and latitudes"),
        (27700, 4326, False, "labelled WGS 84.*eastings and northings"),
        (3857, 4326, False, "labelled WGS 84.*web mercator"),
        (3857, 27700, False, "labelled OSGB36 .*web mercator"),
        (4326, 4326, True, "labelled WGS 84.*latitudes and longitudes"),
    ],
)
def test_boundaries_under_a_wrong_label_are_put_where_they_belong(
    system: int,
    label: int,
    turned: bool,  # noqa: FBT001
    note: str,
    areas: gpd.GeoDataFrame,
) -> None:
    shapes = areas.geometry.head(6).to_crs(system)
    if turned:
        shapes = shapes.set_crs(None, allow_override=True).transform(lambda xy: xy[:, ::-1])
    raw = gpd.GeoDataFrame({"LSOA21CD": shapes.index}, geometry=shapes.to_numpy(), crs=label)
    with pytest.warns(UserWarning, match=note):
        read = lh.read_boundaries(raw)
    np.testing.assert_allclose(read.total_bounds, areas.head(6).total_bounds, atol=0.5)


@given(
    st.sampled_from([4326, 27700, 3857]),
    st.sampled_from([4326, 27700, 3857, 4258]),
    st.lists(st.integers(0, 22), min_size=1, max_size=6, unique=True),
)
@settings(max_examples=30)
def test_boundaries_lie_where_their_figures_say(system: int, label: int, chosen: list[int]) -> None:
    areas = lh.read_boundaries("sample").iloc[chosen]
    shapes = areas.geometry.to_crs(system).to_numpy()
    raw = gpd.GeoDataFrame({"LSOA11CD": areas.index}, geometry=shapes, crs=label)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        read = lh.read_boundaries(raw)
    np.testing.assert_allclose(read.bounds, areas.bounds, atol=0.5)
    right = system == label or {system, label} == {4326, 4258}
    assert bool(caught) != right


def test_two_editions_in_one_file_are_refused() -> None:
    codes = ["E01013787", "E01035102", "E01013802"]  # 2021's alone, and 2011's alone
    assert area_codes.editions_of(codes[:2]) == ["lsoa21"]
    assert area_codes.edition_of(codes) is None
    raw = gpd.GeoDataFrame(
        {"LSOA_CODE": codes},
        geometry=[shapely.box(485_000 + i, 300_000, 485_001 + i, 300_001) for i in range(3)],
        crs=27700,
    )
    with pytest.raises(ValueError, match=r"more than one edition.*E01035102.*E01013802"):
        lh.read_boundaries(raw)


def test_lower_case_codes_are_codes_and_other_columns_are_kept(areas: gpd.GeoDataFrame) -> None:
    areas = areas[area_codes.in_edition(areas.index, "lsoa21")]
    raw = gpd.GeoDataFrame(
        {"lsoa21cd": areas.index.str.lower(), "lsoa21nm": areas["area_name"].to_numpy(),
         "beat": range(len(areas)), "Shape_Area": 1.5},
        geometry=areas.geometry.to_numpy(), crs=27700,
    )  # fmt: skip
    read = lh.read_boundaries(raw)
    assert list(read.index) == list(areas.index)
    assert read["beat"].tolist() == list(range(len(areas)))
    assert list(read.columns) == ["area_name", "district", "beat", "Shape_Area", "geometry"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"error": {"code": 400, "message": "Invalid query", "details": []}}',
         r"b\.geojson .*error.*Invalid query"),
        ("<!DOCTYPE html><html><body>Sign in</body></html>", r"b\.geojson is a web page"),
        ('{"type": "FeatureCollection", "features": [{"type": "Feature", "geom', "can't be read"),
    ],
)  # fmt: skip
def test_error_pages_saved_as_boundaries_are_named(
    content: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / "b.geojson").write_text(content)
    with pytest.raises(ValueError, match=message):
        lh.read_boundaries(tmp_path / "b.geojson")


def test_kml_and_other_countries_boundaries_are_read(areas: gpd.GeoDataFrame) -> None:
    shapes = areas.geometry.head(6).to_crs(4326)
    for header, codes in (
        ("DataZone", [f"S0100650{i}" for i in range(6)]),
        ("SDZ2021_cd", [f"N2100000{i}" for i in range(1, 7)]),
        ("Name", list(shapes.index)),  # as KML has it
    ):
        raw = gpd.GeoDataFrame({header: codes, "Description": ""}, geometry=shapes.to_numpy(),
                               crs=4326)  # fmt: skip
        assert list(lh.read_boundaries(raw).index) == codes


def test_a_shapefile_in_utf8_without_its_cpg_is_read_as_utf8(
    areas: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    name = "Ynys M\u00f4n 001A"
    raw = gpd.GeoDataFrame({"LSOA_CODE": ["W01000001"], "LSOA_NAME": [name]},
                           geometry=areas.geometry.head(1).to_numpy(), crs=27700)  # fmt: skip
    raw.to_file(tmp_path / "b.shp", encoding="utf-8")
    (tmp_path / "b.cpg").unlink()
    read = lh.read_boundaries(tmp_path / "b.shp")
    assert read["area_name"].tolist() == [name]
    assert len(lh.select_areas(read, "Ynys Mo\u0302n")) == 1
    raw.to_file(tmp_path / "c.shp", encoding="cp1252")
    (tmp_path / "c.cpg").unlink(missing_ok=True)
    assert lh.read_boundaries(tmp_path / "c.shp")["area_name"].tolist() == [name]


def test_names_are_the_same_with_any_apostrophe(areas: gpd.GeoDataFrame) -> None:
    named = areas.assign(district="King\u2019s Lynn and West Norfolk")
    assert len(lh.select_areas(named, "King's Lynn and West Norfolk")) == 23


def test_counting_in_a_table_just_read_names_the_column_of_codes(
    areas: gpd.GeoDataFrame,
) -> None:
    raw = areas.rename_axis("LSOA21CD").reset_index().drop(columns=["area_name", "district"])
    records = pd.DataFrame({"area_code": ["E01013787"]})
    for verb in (lambda: lh.count(raw, records), lambda: lh.join(raw, pd.DataFrame())):
        with pytest.raises(ValueError, match=r"'LSOA21CD' holds .*codes.*read_boundaries\("):
            verb()


def test_pieces_are_dissolved_by_the_column_that_is_there(areas: gpd.GeoDataFrame) -> None:
    raw = areas.rename_axis("LSOA21CD").reset_index()[["LSOA21CD", "geometry"]]
    with pytest.raises(ValueError, match=r"dissolve\('LSOA21CD'\)"):
        lh.read_boundaries(gpd.GeoDataFrame(pd.concat([raw, raw.head(2)]), crs=27700))


# --- N: look-ups ----------------------------------------------------------------------------------


def test_a_look_up_cut_to_one_row_an_area_is_refused() -> None:
    whole = pd.DataFrame(
        {"LSOA11CD": ["E01013787", "E01013801", "E01013801", "E01013802", "E01013802"],
         "LSOA21CD": ["E01013787", "E01035102", "E01035103", "E01035104", "E01035105"]}
    )  # fmt: skip
    counts = pd.DataFrame({"count": [4, 5, 6]},
                          index=pd.Index(whole["LSOA11CD"].unique(), name="area_code"))  # fmt: skip
    people = pd.Series(1000, index=whole["LSOA21CD"])
    full = lh.convert(counts, from_="lsoa11", to="lsoa21", lookup=whole, population=people)
    assert full["count"].sum() == 15
    cut = whole.drop_duplicates("LSOA11CD")
    for from_, to in (("lsoa11", "lsoa21"), ("lsoa21", "lsoa11")):
        table = counts if from_ == "lsoa11" else counts.set_axis(cut["LSOA21CD"].to_numpy())
        with pytest.raises(ValueError, match=r"2 areas one to one.*E0.* to E0.*best fit"):
            lh.convert(table, from_=from_, to=to, lookup=cut, population=people)


@given(st.data())
def test_no_cut_of_a_split_passes_as_unchanged(data: st.DataObject) -> None:
    parts = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=6))
    rows, new = [], 900
    for i, n in enumerate(parts):
        old = f"E0101300{i}"
        for _ in range(n):
            new += 1
            rows.append((old, old if n == 1 else f"E01034{new}"))
    whole = pd.DataFrame(rows, columns=["LSOA11CD", "LSOA21CD"])
    cut = whole.drop_duplicates("LSOA11CD")
    counts = pd.DataFrame({"count": 1}, index=pd.Index(cut["LSOA11CD"], name="area_code"))
    people = pd.Series(1, index=whole["LSOA21CD"])
    if max(parts) > 1:
        with pytest.raises(ValueError, match="one to one"):
            lh.convert(counts, from_="lsoa11", to="lsoa21", lookup=cut, population=people)
    result = lh.convert(counts, from_="lsoa11", to="lsoa21", lookup=whole, population=people)
    assert result["count"].sum() == len(parts)


# --- P: forces by name ----------------------------------------------------------------------------

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


# --- R: facts -------------------------------------------------------------------------------------


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


# --- the London and the national layouts ----------------------------------------------------------


def test_london_fire_brigade_incidents_are_read_as_they_come(
    points: gpd.GeoSeries, tmp_path: Path
) -> None:
    p, there = points[0], points.to_crs(4326)[0]
    rounded = (p.x // 100 * 100 + 50, p.y // 100 * 100 + 50)
    rows = pd.DataFrame(
        {"IncidentNumber": ["1-01", "1-02", "1-03", "1-04"],
         "DateOfCall": ["01 Oct 2021", "02 Oct 2021", "03 Oct 2021", "04 Oct 2021"],
         "CalYear": 2021, "TimeOfCall": "10:00:00", "HourOfCall": 10,
         "IncidentGroup": ["Fire", "Fire", "False Alarm", "Special Service"],
         "StopCodeDescription": ["Primary Fire", "Secondary Fire", "AFA", "Special Service"],
         "PropertyCategory": "Dwelling", "PropertyType": "House",
         "IncGeo_BoroughCode": "E09000001", "IncGeo_WardCode": "E05000001",
         "Easting_m": ["NULL", p.x, "NULL", "NULL"], "Northing_m": ["NULL", p.y, "NULL", "NULL"],
         "Easting_rounded": rounded[0], "Northing_rounded": rounded[1],
         "Latitude": ["NULL", there.y, "NULL", 0], "Longitude": ["NULL", there.x, "NULL", 0]}
    )  # fmt: skip
    path = written(tmp_path / "lfb.csv", rows)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fires = lh.read_dataset("fires", path)
    assert fires["group"].tolist() == ["Primary", "Secondary"]
    assert fires.geometry.x.round(1).tolist() == [round(rounded[0], 1), round(p.x, 1)]
    assert "3 points were taken from 'Easting_rounded' and 'Northing_rounded'" in messages(caught)
    assert "does not say which fires were deliberate" in messages(caught)


MPS = pd.DataFrame(
    {"LSOA Code": ["E01013787", "E01013787", "E01013788", "E01013788"],
     "LSOA Name": ["Rutland 001A", "Rutland 001A", "Rutland 001B", "Rutland 001B"],
     "Borough": "Rutland",
     "Major Category": ["Burglary", "Drug Offences", "Violence Against the Person",
                        "Violence Against the Person"],
     "Minor Category": ["Burglary - Residential", "Possession of Drugs", "Common Assault",
                        "Harassment"],
     "202101": [3, 2, 5, 1], "202102": [1, 2, 6, 0]}
)  # fmt: skip


def test_london_lsoa_counts_are_read_by_minor_category_and_month(
    areas: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    path = written(tmp_path / "mps.csv", MPS)
    assert counted(areas, path) == (20, "")
    assert counted(areas, path, "drugs") == (4, "")
    crime = lh.read_dataset("crime", path)
    assert set(crime["category"]) == set(MPS["Minor Category"])
    by_group = crime.groupby("group")["count"].sum().to_dict()
    assert by_group == {"Serious acquisitive": 4, "Other": 4, "Violence": 12}
    months = crime.groupby("period")["count"].sum()
    assert months.tolist() == [11, 9]


def test_a_few_points_elsewhere_beside_codes_are_no_mistake(
    areas: gpd.GeoDataFrame, points: gpd.GeoSeries
) -> None:
    """Northern Ireland's records have no code, and lie outside England: nothing is swapped."""
    swapped = gpd.GeoSeries(gpd.points_from_xy(points.y, points.x), crs=27700)
    records = gpd.GeoDataFrame(
        {"area_code": [*areas.index[:10], *[None] * 6]},
        geometry=[*[None] * 10, *swapped],
        crs=27700,
    )
    counted = lh.count(areas, records)
    assert int(counted["count"].sum()) == 10
