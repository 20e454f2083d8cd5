"""Reading boundaries: what comes out of a file, what is told, and what is refused."""

from __future__ import annotations

import json
import warnings
import zipfile
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from pyarrow import parquet

import lsoahot as lh

if TYPE_CHECKING:
    from pathlib import Path


def squares(
    codes: list[str], names: list[str] | None = None, **columns: object
) -> gpd.GeoDataFrame:
    """Return a row of unit kilometres on the British National Grid, one to each code."""
    data = {
        "LSOA21CD": codes,
        "LSOA21NM": names or [f"Anyshire {i:03}A" for i in range(len(codes))],
    }
    return gpd.GeoDataFrame(
        data | columns,
        geometry=[
            shapely.box(450_000 + 1000 * i, 300_000, 451_000 + 1000 * i, 301_000)
            for i in range(len(codes))
        ],
        crs="EPSG:27700",
    )


CODES = ["E01000001", "E01000002", "E01000003"]
NAMES = ["Upper Vale 001A", "Upper Vale 001B", "Nether Vale 002A"]


@pytest.mark.parametrize("ending", ["gpkg", "geojson", "shp", "fgb", "parquet"])
def test_every_format_gives_the_same_table(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"areas.{ending}"
    raw = squares(CODES, NAMES)
    if ending == "parquet":
        raw.to_parquet(path)
    elif ending == "geojson":
        raw.to_crs(4326).to_file(path)
    else:
        raw.to_file(path)
    areas = lh.read_boundaries(path)
    assert areas.index.name == "area_code"
    assert list(areas.columns) == ["area_name", "district", "geometry"]
    assert areas.crs.to_epsg() == 27700
    areas = areas.sort_index()  # FlatGeobuf files its features by place
    assert areas.index.to_list() == CODES
    assert areas["area_name"].to_list() == NAMES
    assert areas["district"].to_list() == ["Upper Vale", "Upper Vale", "Nether Vale"]
    assert np.allclose(areas.area, 1e6, atol=1)
    assert areas.attrs["edition"] == "lsoa21"
    assert areas.attrs["source"] == path.name
    assert "Office for National Statistics" in areas.attrs["attribution"]
    json.dumps(areas.attrs)


@pytest.mark.parametrize(
    ("columns", "edition", "name", "district"),
    [
        ({"OA21CD": "E00000001", "LSOA21CD": "E01000001", "LSOA21NM": "Vale 001A"},
         "oa21", "E00000001", "Vale"),
        ({"lsoa11_code": "E01000001", "lsoa11_name": "Vale 001A", "ltla22_name": "City of Vale"},
         "lsoa11", "Vale 001A", "City of Vale"),
        ({"LADCD": "E06000001", "LSOA11CD": "E01000001", "LSOA11NM": "Vale 001A"},
         "lsoa11", "Vale 001A", "Vale"),
        ({"MSOA21CD": "E02000001", "MSOA21NM": "Vale 001"}, "msoa21", "Vale 001", "Vale"),
        ({"WD24CD": "E05000001", "WD24NM": "Market", "LAD24CD": "E07000001", "LAD24NM": "Vale"},
         "wd24", "Market", "Vale"),
        ({"LAD24CD": "E07000001", "LAD24NM": "Vale", "LAD24NMW": "Dyffryn"},
         "lad24", "Vale", "Vale"),
        ({"PFA23CD": "E23000001", "PFA23NM": "Valeshire"}, "pfa23", "Valeshire", None),
        ({"code": "E01000001", "name": "Vale 001A"}, "", "Vale 001A", "Vale"),
        ({"area_code": "E01000001", "area_name": "The Vale", "district": "Valeshire"},
         "", "The Vale", "Valeshire"),
    ],
)  # fmt: skip
def test_codes_and_names_are_found_by_pattern(
    columns: dict[str, str], edition: str, name: str, district: str | None
) -> None:
    raw = gpd.GeoDataFrame(
        {key: [value] for key, value in columns.items()},
        geometry=[shapely.box(0, 0, 1, 1)],
        crs=27700,
    )
    areas = lh.read_boundaries(raw)
    assert areas.attrs["edition"] == edition
    assert areas["area_name"].to_list() == [name]
    assert [value if isinstance(value, str) else None for value in areas["district"]] == [district]


def test_no_name_means_the_code_and_no_district() -> None:
    areas = lh.read_boundaries(squares(CODES).drop(columns="LSOA21NM"))
    assert areas["area_name"].to_list() == CODES
    assert areas["district"].isna().all()


def test_columns_can_be_named() -> None:
    raw = squares(CODES).rename(columns={"LSOA21CD": "zone", "LSOA21NM": "label"})
    areas = lh.read_boundaries(raw, code="zone", name="label")
    assert areas.index.to_list() == CODES
    assert areas["district"].to_list() == ["Anyshire"] * 3


def test_input_is_left_alone() -> None:
    raw = squares(CODES)
    before = raw.copy(deep=True)
    lh.read_boundaries(raw, select="Anyshire")
    assert raw.equals(before)
    assert raw.crs == before.crs


@pytest.mark.parametrize("way", ["table", "parquet", "gpkg"])
def test_a_table_of_ours_can_be_read_again(way: str, tmp_path: Path) -> None:
    """Its codes are the index, which GeoParquet keeps as an index."""
    areas = lh.read_boundaries(squares(CODES, NAMES))
    source: Any = areas if way == "table" else tmp_path / f"areas.{way}"
    if way == "parquet":
        areas.to_parquet(source)
    elif way == "gpkg":
        areas.to_file(source)
    again = lh.read_boundaries(source)
    assert_geodataframe_equal(again, areas)


def test_codes_in_an_index_beside_codes_in_a_column() -> None:
    """Ours are meant, but another's index only where no column holds codes."""
    areas = lh.read_boundaries(squares(CODES, NAMES)).assign(MSOA21CD=["E02000001"] * 3)
    areas["LAD22CD"] = ["E06000001", "E06000002", "E06000003"]
    assert lh.read_boundaries(areas).index.tolist() == CODES
    other = squares(CODES).rename_axis("number")
    assert lh.read_boundaries(other).index.tolist() == CODES
    old = squares(CODES).rename(columns={"LSOA11CD": "LSOA21CD"})
    old.index = pd.Index(["E01000011", "E01000012", "E01000013"], name="LSOA11CD")
    assert lh.read_boundaries(old).index.tolist() == CODES
    assert lh.read_boundaries(old.drop(columns="LSOA21CD")).index.tolist() == list(old.index)


def test_a_folder_of_geoparquet(tmp_path: Path) -> None:
    (folder := tmp_path / "areas.parquet").mkdir()
    raw = squares(CODES, NAMES)
    raw[:1].to_parquet(folder / "0.parquet")
    raw[1:].to_parquet(folder / "1.parquet")
    assert lh.read_boundaries(folder).index.tolist() == CODES


@pytest.mark.parametrize(
    ("crs", "why"),
    [("", "has no coordinate system"), ({}, "has no coordinate system"), ("x", "can't be read as")],
)
def test_refuses_geoparquet_of_a_strange_system(crs: object, why: str, tmp_path: Path) -> None:
    squares(CODES).to_parquet(path := tmp_path / "areas.parquet")
    kept = parquet.read_table(path)
    geo = json.loads(kept.schema.metadata[b"geo"])
    geo["columns"]["geometry"]["crs"] = crs
    parquet.write_table(kept.replace_schema_metadata({"geo": json.dumps(geo)}), path)
    with pytest.raises(ValueError, match=why):
        lh.read_boundaries(path)


class TestSelect:
    areas = lh.read_boundaries(squares(CODES, NAMES))

    @pytest.mark.parametrize(
        ("select", "kept"),
        [
            ("Upper Vale", [0, 1]),
            ("  upper VALE ", [0, 1]),
            ("E01000003", [2]),
            ("e01000003", [2]),
            ("Upper Vale 001B", [1]),
            (["Nether Vale", "E01000001"], [0, 2]),
            (["Upper Vale", "E01000001"], [0, 1]),
        ],
    )
    def test_keeps_what_is_named(self, select: str | list[str], kept: list[int]) -> None:
        assert lh.select_areas(self.areas, select).index.to_list() == [CODES[i] for i in kept]
        assert lh.select_areas(self.areas, select).attrs == self.areas.attrs

    def test_refuses_an_unknown_name_with_the_nearest(self) -> None:
        with pytest.raises(
            ValueError,
            match=r"'Uper Vale'.*The districts there are: Nether Vale, Upper Vale.*mean 'Upper Vale'\?",
        ):
            lh.select_areas(self.areas, "Uper Vale")

    def test_refuses_an_unknown_code_in_a_list(self) -> None:
        with pytest.raises(ValueError, match=r"'E01000004'.*Did you mean 'E0100000"):
            lh.select_areas(self.areas, ["E01000001", "E01000004"])

    def test_refuses_nothing_and_numbers(self) -> None:
        with pytest.raises(ValueError, match=r"empty list.*leave select out"):
            lh.select_areas(self.areas, [])
        with pytest.raises(TypeError, match=r"holds int \(5\), not text"):
            lh.select_areas(self.areas, [5])


# --- what is mended or left out is told -----------------------------------------------------------


def test_invalid_polygons_are_mended_and_told() -> None:
    raw = squares(CODES)
    bow_tie = shapely.Polygon([(0, 0), (1000, 1000), (1000, 0), (0, 1000)])
    raw.loc[0, "geometry"] = bow_tie
    with pytest.warns(UserWarning, match=r"1 invalid polygons of .* mended: E01000001\."):
        areas = lh.read_boundaries(raw)
    assert areas.is_valid.all()
    assert areas.geometry.iloc[0].area == pytest.approx(500_000)
    assert not raw.geometry.iloc[0].is_valid


def test_mending_leaves_no_bits_of_line() -> None:
    raw = squares(CODES)
    spiked = shapely.Polygon([(0, 0), (1000, 0), (2000, 0), (1000, 0), (1000, 1000), (0, 1000)])
    raw.loc[0, "geometry"] = spiked
    with pytest.warns(UserWarning, match="mended: E01000001"):
        areas = lh.read_boundaries(raw)
    assert areas.geom_type.iloc[0] == "Polygon"
    assert areas.geometry.iloc[0].area == pytest.approx(1e6)


def test_areas_without_a_polygon_are_left_out_and_told() -> None:
    raw = squares(CODES)
    raw.loc[1, "geometry"] = None
    raw.loc[2, "geometry"] = shapely.Polygon()
    with pytest.warns(UserWarning, match=r"2 areas .* no polygon .* E01000002, E01000003\."):
        areas = lh.read_boundaries(raw)
    assert areas.index.to_list() == ["E01000001"]


def test_codes_of_another_edition_than_the_column_says_are_told() -> None:
    raw = squares(["E01000001", "E01000010"])  # the second ended in 2021
    with pytest.warns(
        UserWarning, match=r"1 codes .* not of lsoa21, though .*'LSOA21CD'.*E01000010"
    ):
        lh.read_boundaries(raw)


def test_codes_alone_may_tell_the_edition() -> None:
    raw = squares(["E01000001", "E01035300"]).rename(columns={"LSOA21CD": "area_code"})
    assert lh.read_boundaries(raw).attrs["edition"] == "lsoa21"
    raw = raw.rename(columns={"area_code": "lsoa_code"})
    assert lh.read_boundaries(raw).attrs["edition"] == "lsoa21"


def test_heights_are_dropped() -> None:
    raw = squares(CODES)
    raw["geometry"] = shapely.force_3d(raw.geometry.to_numpy(), 7.0)
    assert not lh.read_boundaries(raw).has_z.any()


# --- what is refused ------------------------------------------------------------------------------


def test_refuses_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no file .*nowhere\.gpkg.*Check the path"):
        lh.read_boundaries(tmp_path / "nowhere.gpkg")


def test_refuses_what_is_no_source() -> None:
    with pytest.raises(TypeError, match=r"source is a int, not a name, a path or a GeoDataFrame"):
        lh.read_boundaries(5)
    with pytest.raises(TypeError, match=r"source is a DataFrame.*lsoahot\.join"):
        lh.read_boundaries(squares(CODES).drop(columns="geometry"))


def test_refuses_another_kind_of_file(tmp_path: Path) -> None:
    path = tmp_path / "areas.gpkg"
    path.write_text("Not a GeoPackage at all.")
    with pytest.raises(
        ValueError, match=r"areas\.gpkg can't be read .*it is no \.gpkg file.*\. Give"
    ):
        lh.read_boundaries(path)


def test_zipped_and_foldered_shapefiles(tmp_path: Path) -> None:
    folder = tmp_path / "shapes"
    folder.mkdir()
    squares(CODES).to_file(folder / "areas.shp")
    with zipfile.ZipFile(tmp_path / "areas.zip", "w") as archive:
        for path in folder.iterdir():
            archive.write(path, path.name)
    assert lh.read_boundaries(tmp_path / "areas.zip").index.to_list() == CODES
    assert lh.read_boundaries(folder).index.to_list() == CODES


def test_refuses_an_empty_file(tmp_path: Path) -> None:
    for name in ["a.geojson", "a.gpkg", "a.parquet"]:
        (tmp_path / name).touch()
        with pytest.raises(ValueError, match=rf"{name} can't be read.*the file is empty.*Give a"):
            lh.read_boundaries(tmp_path / name)


def test_refuses_a_file_cut_short(tmp_path: Path) -> None:
    whole = tmp_path / "whole.geojson"
    squares(CODES).to_crs(4326).to_file(whole)
    cut = tmp_path / "cut.geojson"
    cut.write_bytes(whole.read_bytes()[:400])
    with pytest.raises(ValueError, match=r"cut\.geojson can't be read as boundaries: .*Give a"):
        lh.read_boundaries(cut)


def test_refuses_a_table_without_shapes(tmp_path: Path) -> None:
    table = squares(CODES).drop(columns="geometry")
    table.to_csv(tmp_path / "table.csv")
    with pytest.raises(ValueError, match=r"table\.csv holds no shapes.*lsoahot\.join"):
        lh.read_boundaries(tmp_path / "table.csv")
    table.to_parquet(tmp_path / "table.parquet")
    with pytest.raises(ValueError, match=r"table\.parquet is a Parquet table without shapes"):
        lh.read_boundaries(tmp_path / "table.parquet")


def test_refuses_zero_features(tmp_path: Path) -> None:
    path = tmp_path / "none.gpkg"
    squares(CODES).iloc[:0].to_file(path)
    with pytest.raises(ValueError, match=r"none\.gpkg holds no features"):
        lh.read_boundaries(path)


def test_refuses_polygons_without_crs(tmp_path: Path) -> None:
    path = tmp_path / "areas.shp"
    squares(CODES).to_file(path)
    (tmp_path / "areas.prj").unlink()
    with pytest.raises(ValueError, match=r"areas\.shp has no coordinate system.*set_crs.*\.prj"):
        lh.read_boundaries(path)


def test_refuses_duplicate_and_missing_codes() -> None:
    with pytest.raises(ValueError, match=r"1 area codes stand more than once: E01000001"):
        lh.read_boundaries(squares(["E01000001", "E01000001"]))
    raw = squares(CODES)
    raw.loc[1, "LSOA21CD"] = " "
    with pytest.raises(ValueError, match="1 areas have no code"):
        lh.read_boundaries(raw)


def test_refuses_lines_and_points() -> None:
    raw = squares(CODES)
    with pytest.raises(ValueError, match=r"holds LineString, not polygons.*not their lines"):
        lh.read_boundaries(raw.set_geometry(raw.boundary))
    with pytest.raises(ValueError, match="holds Point, not polygons"):
        lh.read_boundaries(raw.set_geometry(raw.centroid))


def test_refuses_when_nothing_has_a_shape() -> None:
    raw = squares(CODES).set_geometry(gpd.GeoSeries([None] * 3, crs=27700))
    with pytest.raises(ValueError, match="none of the 3 features"):
        lh.read_boundaries(raw)


def test_reads_a_wrongly_labelled_crs_as_what_it_must_be_and_refuses_elsewhere() -> None:
    degrees = squares(CODES).to_crs(4326).set_crs(27700, allow_override=True)
    metres = squares(CODES).set_crs(4326, allow_override=True)
    swapped = degrees.set_crs(4326, allow_override=True)
    swapped["geometry"] = shapely.transform(swapped.geometry.to_numpy(), lambda xy: xy[:, ::-1])
    for raw in [degrees, metres, swapped]:
        with pytest.warns(UserWarning, match=r"is labelled .* but its coordinates are"):
            read = lh.read_boundaries(raw)
        np.testing.assert_allclose(read.total_bounds, squares(CODES).total_bounds, atol=0.5)
    away = squares(CODES).set_crs(32640, allow_override=True)  # a zone of the Persian Gulf
    with pytest.raises(ValueError, match=r"outside the United Kingdom.*allow_override"):
        lh.read_boundaries(away)


def test_refuses_unknown_code_columns() -> None:
    raw = squares(CODES).rename(columns={"LSOA21CD": "zone", "LSOA21NM": "label"})
    raw["zone"] = [f"beat {i}" for i in range(len(raw))]
    with pytest.raises(ValueError, match=r"no column of area codes.*it has zone, label\..*code="):
        lh.read_boundaries(raw)
    with pytest.raises(ValueError, match=r"no column 'zon'.*Did you mean 'zone'\?"):
        lh.read_boundaries(raw, code="zon")


def test_a_file_of_several_layers_wants_one_named(tmp_path: Path) -> None:
    path = tmp_path / "both.gpkg"
    squares(CODES).to_file(path, layer="lsoa")
    squares(CODES[:2]).to_file(path, layer="other")
    with pytest.raises(ValueError, match=r"holds 2 layers: lsoa, other\. Say which"):
        lh.read_boundaries(path)
    assert len(lh.read_boundaries(path, layer="other")) == 2
    with pytest.raises(ValueError, match=r"no layer 'lsao'; it has lsoa, other.*'lsoa'\?"):
        lh.read_boundaries(path, layer="lsao")


# --- the real thing -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "edition", "counts"),
    [
        ("leics_rutland_lsoa01.gpkg", "lsoa01", (606, 23)),
        ("leics_rutland_lsoa11_bgc.gpkg", "lsoa11", (611, 23)),
        ("leics_rutland_lsoa21_bgc.gpkg", "lsoa21", (634, 26)),
        ("rutland_lsoa11_bgc.geojson", "lsoa11", (23, 23)),
        ("rutland_lsoa21_bgc.geojson", "lsoa21", (26, 26)),
    ],
)
def test_real_files(shared: Path, file: str, edition: str, counts: tuple[int, int]) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "1 invalid polygons")  # one of 2001's is
        table = lh.read_boundaries(shared / "data" / "boundaries" / file)
    rutland = lh.select_areas(table, "Rutland")
    assert (len(table), len(rutland)) == counts
    assert table.attrs["edition"] == edition
    assert table["district"].notna().all()
    # 394 square kilometres, Rutland Water included (ONS, standard area measurements)
    assert rutland.area.sum() / 1e6 == pytest.approx(393.8, abs=0.5)
