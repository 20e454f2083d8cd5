"""Boundaries as files hold them: wrong labels, two editions, codes in small letters, error pages."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings, strategies as st

import lsoahot as lh
from lsoahot.common import area_codes

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def areas() -> gpd.GeoDataFrame:
    return lh.read_boundaries("sample")


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
    there = areas.geometry.head(1).translate(-240_000, 80_000).to_numpy()
    raw = gpd.GeoDataFrame(
        {"LSOA_CODE": ["W01000001"], "LSOA_NAME": [name]}, geometry=there, crs=27700
    )
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
