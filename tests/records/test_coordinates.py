"""Points as people write them, and what a usual mistake looks like: read, named or diagnosed."""

from __future__ import annotations

import json
import re
import warnings
from typing import TYPE_CHECKING

import dask.dataframe as dd
import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import shapely
from hypothesis import given, strategies as st
from reading import CRIME, counted, geojson, messages, written

import lsoahot as lh
from lsoahot.records import coordinates

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def table(x: object, y: object, names: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame({"Month": "2021-10", "Crime type": "Burglary", names[0]: x, names[1]: y})


METRES, DEGREES = ("Easting", "Northing"), ("Longitude", "Latitude")


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
