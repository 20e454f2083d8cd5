"""Packed files are unpacked wherever they stand; a part of a download is not taken for the whole."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pytest
import shapely
from hypothesis import given, settings, strategies as st
from reading import CRIME, counted, geojson

import lsoahot as lh

if TYPE_CHECKING:
    from pathlib import Path


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
