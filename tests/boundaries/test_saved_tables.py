"""A table of ours that was saved comes back whole; the licence line survives what loses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import matplotlib.pyplot as plt
import pandas as pd
import pytest
import shapely

import lsoahot as lh
from lsoahot.common import licence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def rated() -> gpd.GeoDataFrame:
    crimes = lh.read_dataset("crime", "sample")
    table = lh.count(lh.read_boundaries("sample"), crimes, period=("2011-10", "2012-09"))
    return lh.find_hotspots(lh.rate(table))


def small_print(areas: gpd.GeoDataFrame) -> str:
    page = lh.map_page(areas, title="A")
    return " ".join(" ".join(text.get_text() for text in page.findobj(plt.Text)).split())


def merged(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    other = pd.DataFrame({"more": range(len(areas))}, index=areas.index)
    return gpd.GeoDataFrame(areas.merge(other, left_index=True, right_index=True))


def forgotten(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    copy = areas.copy()
    copy.attrs = {}
    return copy


@pytest.mark.parametrize("lose", [merged, forgotten, lambda areas: areas.join(pd.DataFrame())])
def test_the_line_is_derived_from_the_codes(
    rated: gpd.GeoDataFrame, lose: Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]
) -> None:
    table = lose(rated)
    table.attrs.pop("attribution", None)
    assert "Office for National Statistics licensed under the Open Government" in small_print(table)


def test_the_line_survives_a_geopackage(rated: gpd.GeoDataFrame, tmp_path: Path) -> None:
    forgotten(rated)[["area_name", "geometry"]].to_file(tmp_path / "a.gpkg")
    back = lh.read_boundaries(tmp_path / "a.gpkg")
    assert back.attrs["attribution"] == licence.ons()


def test_where_nobody_knows_it_the_map_says_so_and_a_warning(rated: gpd.GeoDataFrame) -> None:
    district = rated.dissolve("district", aggfunc={"rate": "mean"})
    district.attrs = {}
    with pytest.warns(UserWarning, match=r"licence of the boundaries are not known.*attrs\['attri"):
        text = small_print(district)
    assert "The source and the licence of the boundaries are not known." in text
    district.attrs["attribution"] = "Source: Vale Council"
    assert "Source: Vale Council." in small_print(district)


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        (["E01013787", "W01000001"], "Office for National Statistics"),
        (["E05000001", "S13002516", "N08000101"], "Office for National Statistics"),
        (["S01006506", "S01006507"], "National Records of Scotland"),
        (["N20000001"], "Northern Ireland Statistics and Research Agency"),
        (["95AA01S1"], "Northern Ireland Statistics and Research Agency"),
        (["Beat 1", "Beat 2"], ""),
        ([], ""),
        ([1, 2], ""),
    ],
)
def test_whose_areas_codes_are(codes: list[object], said: str) -> None:
    line = licence.attribution(codes, 2021)
    assert said in line
    assert bool(line) == bool(said)
    assert not line or line.endswith("database right 2021.")


def test_boundaries_of_no_office_are_given_no_offices_line() -> None:
    beats = gpd.GeoDataFrame(
        {"code": ["NH1", "NH2"]},
        geometry=[shapely.box(4e5, 3e5, 4e5 + 9, 3e5 + 9), shapely.box(4e5, 2e5, 4e5 + 9, 2e5 + 9)],
        crs=27700,
    )
    assert lh.read_boundaries(beats).attrs["attribution"] == ""


def test_geoparquet_gives_the_whole_table_back(rated: gpd.GeoDataFrame, tmp_path: Path) -> None:
    rated.to_parquet(tmp_path / "a.parquet")
    back = lh.read_boundaries(tmp_path / "a.parquet")
    assert set(back.columns) == set(rated.columns)
    for name in rated.columns.drop("geometry"):
        assert back[name].astype(object).where(back[name].notna(), None).tolist() == (
            rated[name].astype(object).where(rated[name].notna(), None).tolist()
        ), name
    if not gpd.read_parquet(tmp_path / "a.parquet").attrs:
        return  # geopandas before 1.1 forgets them
    assert back.attrs == rated.attrs
    assert isinstance(back.attrs["audit"], lh.Audit)
    assert str(back.attrs["audit"]) == str(rated.attrs["audit"])


def test_the_assessments_own_files_come_back_whole(tmp_path: Path) -> None:
    found = lh.assess(
        {
            "boundaries": {"source": "sample"},
            "period": {"start": "2011-10", "end": "2012-09"},
            "measures": {
                "fires": {"dataset": "fires", "source": "sample"},
                "domestic": {"dataset": "domestic", "source": "sample"},
            },
        }
    )
    path = lh.geopackage(found, tmp_path / "assessment.gpkg")
    for name, table in found.tables.items():
        back = lh.read_boundaries(path, layer=name)
        assert back.index.tolist() == table.index.tolist()
        assert set(back.columns) == set(table.columns)
        assert back["count"].isna().tolist() == table["count"].isna().tolist()
        assert back["count"].sum() == table["count"].sum()
        assert back.attrs["notice"] == table.attrs["notice"]
        assert back.attrs["attribution"] == table.attrs["attribution"]
    assert "statistics" not in lh.read_boundaries(path, layer="domestic").attrs
    assert back.attrs["suppression"]["areas"] == int(table["suppressed"].sum())


def test_scottish_and_northern_irish_boundaries_are_read_and_counted_by_point() -> None:
    """police.uk's rows of Northern Ireland have no LSOA code, but a point."""
    zones = gpd.GeoDataFrame(
        {"DZ2021_cd": ["N20000001", "N20000002"], "DZ2021_nm": ["Botanic_A1", "Botanic_A2"]},
        geometry=[shapely.box(-5.94, 54.58, -5.93, 54.59), shapely.box(-5.93, 54.58, -5.92, 54.59)],
        crs=4326,
    )
    areas = lh.read_boundaries(zones)
    rows = pd.DataFrame(
        {
            "Month": "2025-01", "Falls within": "Police Service of Northern Ireland",
            "Longitude": [-5.935, -5.925, -5.926], "Latitude": 54.585, "LSOA code": None,
            "Crime type": "Drugs",
        }
    )  # fmt: skip
    counted = lh.count(areas, lh.read_dataset("crime", rows))
    assert counted["count"].to_dict() == {"N20000001": 1, "N20000002": 2}
    assert "Northern Ireland" in areas.attrs["attribution"]
    scottish = gpd.GeoDataFrame(
        {"DataZone": ["S01006506"], "Name": ["Culter - 01"]},
        geometry=[shapely.box(-2.3, 57.1, -2.2, 57.2)],
        crs=4326,
    )
    assert lh.read_boundaries(scottish)["area_name"].tolist() == ["Culter - 01"]
