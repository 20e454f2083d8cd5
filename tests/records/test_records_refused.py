"""What a reader or a join is given and must refuse: each with the sentence that mends it."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

import lsoahot as lh
from lsoahot.records import packed

STREET = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Crime type,Last outcome category,Context\n"
)
ROW = (
    "abc,2021-10,Leicestershire Police,Leicestershire Police,-0.73,52.67,On or near High Street,"
    "E01013790,Rutland 003A,Burglary,Under investigation,\n"
)


def zipped(path: Path, files: dict[str, str | bytes], **options: Any) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def written(folder: Path, name: str, data: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def table(**columns: list[Any]) -> pd.DataFrame:
    return pd.DataFrame(columns)


# (adapter, name of the file, its content, what the message must say)
FILES: dict[str, tuple[str, str, str | bytes, str]] = {
    "an empty file": ("crime", "a.csv", b"", "a.csv is empty. Download or export it again"),
    "blank lines": ("crime", "a.csv", b"\n \n\n", "a.csv is empty"),
    "a header and no row": ("crime", "a.csv", STREET, "has a header and no row"),
    "not police data": (
        "crime",
        "pets.csv",
        "name,species,age\nRex,dog,3\n",
        "pets.csv can't be read as 'crime': it lacks an area code .* it has name, species, age",
    ),
    "a population table": (
        "crime",
        "pop.csv",
        "lsoa11cd,lsoa11nm,pop_mid2020\nE01013790,Rutland 003A,1500\n",
        "lacks a category .* and a month.* It looks like a table of areas: .*lsoahot.join",
    ),
    "police data for domestic": (
        "domestic",
        "street.csv",
        STREET + ROW,
        (
            "says which rows are domestic .* It looks like 'crime': read it with that adapter.* "
            "all_rows=True"
        ),
    ),
    "fires for crime": (
        "crime",
        "irs.csv",
        (
            "FINANCIAL_YEAR,INCIDENT_TYPE,LSOA_CODE,LSOA_DESCRIPTION\n"
            "2019/20,Primary fire - dwelling,E01013790,Rutland 003A\n"
        ),
        "lacks a category .* It looks like 'fires'",
    ),
    "stop and search": (
        "crime",
        "stops.csv",
        (
            "Type,Date,Part of a policing operation,Latitude,Longitude,Gender,Object of search\n"
            "Person search,2021-10-01T00:00:00+00:00,,52.6,-1.1,Male,Controlled drugs\n"
        ),
        "looks like a stop-and-search file .* ends in -street.csv",
    ),
    "outcomes": (
        "crime",
        "outcomes.csv",
        (
            "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
            "Outcome type\nabc,2021-10,A,A,-1,52,x,E01013790,y,Suspect charged\n"
        ),
        "looks like an outcomes file",
    ),
    "a look-up": (
        "crime",
        "lookup.csv",
        "lsoa11_code,change_code,lsoa21_code\nE01013790,U,E01013790\n",
        "looks like a look-up between census editions.*convert",
    ),
    "an extract without a flag": (
        "hate",
        "extract.csv",
        "Offence Ref,Date,Location ref\n1,01/02/2022,E01013790\n",
        "can't be read as 'hate': it lacks an area code",
    ),
    "American dates": (
        "crime",
        "us.csv",
        "lsoa code,date,crime type\nE01013790,1/2/2022,Burglary\nE01013790,02/13/2022,Burglary\n",
        "dates are not in British order: '02/13/2022' .* YYYY-MM-DD",
    ),
    "negative counts": (
        "crime",
        "counts.csv",
        "lsoa code,month,count\nE01013790,2021-10,5\nE01013790,2021-11,-2\n",
        "1 counts .-2. are negative. A count can't be",
    ),
    "broken counts": (
        "crime",
        "counts.csv",
        "lsoa code,month,count\nE01013790,2021-10,1.5\n",
        "1 counts .1.5. are not whole.*rate",
    ),
    "words among the counts": (
        "crime",
        "counts.csv",
        "lsoa code,month,count\nE01013790,2021-10,1\nE01013791,2021-10,2\nE01013792,2021-10,many\n",
        "1 counts .many. are no numbers",
    ),
    "a flag that is neither yes nor no": (
        "domestic",
        "da.csv",
        "lsoa code,date,domestic\nE01013790,1/2/2022,Y\nE01013790,1/2/2022,perhaps\n",
        "flag 'domestic' holds 'perhaps', which is neither yes nor no",
    ),
    "no row of the dataset": (
        "asb",
        "street.csv",
        STREET + ROW,
        "none of the 1 rows belongs to 'asb': they are Burglary .1.*all_rows=True",
    ),
    "swapped coordinates": (
        "crime",
        "points.csv",
        "month,crime type,longitude,latitude\n2021-10,Burglary,52.67,-0.73\n",
        "longitude and latitude are swapped: longitude 52.67, latitude -0.73",
    ),
    "metres as degrees": (
        "crime",
        "points.csv",
        "month,crime type,longitude,latitude\n2021-10,Burglary,486000,308000\n",
        "longitude 486,000 and latitude 308,000 are no degrees.*easting",
    ),
    "a row cut short": (
        "crime",
        "cut.csv",
        STREET + ROW + "abc,2021-10,Leicester",
        "cut.csv: row 3 has 3 cells, the header 12. The file was cut",
    ),
    "a comma without quotes": (
        "crime",
        "comma.csv",
        STREET + ROW.replace("On or near High Street", "Asda, Thurmaston"),
        "has 13 cells, the header 12.*comma",
    ),
    "an oversized cell": (
        "crime",
        "huge.csv",
        STREET + ROW * 40 + ROW.replace("On or near High Street", "x" * 9_000_000),
        "a cell is longer than a megabyte",
    ),
    "an oversized header": (
        "crime",
        "huge.csv",
        '"' + "x" * 400_000 + '",month\n1,2\n',
        "field larger than field limit",
    ),
    "null bytes": ("crime", "nul.csv", STREET.encode() + b"\x00\x00\x00\n", "holds null bytes"),
    "a web page": (
        "crime",
        "a.csv",
        "<!DOCTYPE html><html><body>Please log in</body></html>",
        "a.csv is a web page, not data: the download failed",
    ),
    "a PDF": ("crime", "a.csv", b"%PDF-1.7 ...", "a.csv is a PDF, not text"),
    "a workbook named CSV": ("crime", "a.csv", b"PK\x03\x04rest", "an Excel workbook, not text"),
    "a broken workbook": (
        "crime",
        "a.xlsx",
        b"PK\x03\x04rest",
        "a.xlsx is not a whole workbook",
    ),
    "no workbook": ("crime", "a.ods", b"hello, world", "a.ods can't be read as a workbook"),
    "broken Parquet": ("crime", "a.parquet", b"PAR1 no more", "can't be read as Parquet"),
    "a broken GeoPackage": ("crime", "a.gpkg", b"hello", "can't be read: it is no .gpkg file"),
    "endless JSON": ("crime", "a.json", "[" * 100_000, "is not whole JSON"),
    "broken JSON": ("crime", "a.json", '[{"category": "burgl', "is not whole JSON"),
    "an empty list": ("crime", "a.json", "[]", "is an empty list: the API found no crime"),
    "another JSON": ("crime", "a.json", '{"error": "x"}', "the error of a service .x."),
    "undecodable": (
        "crime",
        "a.csv",
        STREET.encode() + b"\x81\x8d\x8f",
        "no text in UTF-8, UTF-16 or cp1252",
    ),
}


@pytest.mark.parametrize("case", FILES)
def test_a_bad_file_is_refused(case: str, tmp_path: Path) -> None:
    adapter, name, data, message = FILES[case]
    path = written(tmp_path, name, data)
    with pytest.raises(ValueError, match=message):
        lh.read_dataset(adapter, path)


def test_an_empty_workbook(tmp_path: Path) -> None:
    pd.DataFrame().to_excel(tmp_path / "a.xlsx", index=False)
    with pytest.raises(ValueError, match="is empty: no sheet of it holds a cell"):
        lh.read_dataset("crime", tmp_path / "a.xlsx")


def test_points_in_no_known_system_are_not_read() -> None:
    points = gpd.GeoDataFrame(
        {"Date": ["1/2/2022"], "Offence": ["Drugs"]}, geometry=[shapely.Point(1, 2)]
    )
    with pytest.raises(ValueError, match="the points have no coordinate reference system"):
        lh.read_dataset("crime", points)


def test_a_file_of_a_strangers_kind(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "easting,northing,height\n486000,308000,90\n")
    with pytest.raises(ValueError, match=r"lacks a category .* write an adapter"):
        lh.read_dataset("crime", path)


def test_a_missing_file_names_its_neighbours(tmp_path: Path) -> None:
    written(tmp_path, "2021-10-street.csv", STREET + ROW)
    with pytest.raises(FileNotFoundError, match=r"there is no .*holds 2021-10-street\.csv"):
        lh.read_dataset("crime", tmp_path / "2021-11-street.csv")


def test_a_pattern_without_a_match(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no file matches"):
        lh.read_dataset("crime", str(tmp_path / "*.csv"))


def test_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"the folder .* is empty"):
        lh.read_dataset("crime", tmp_path)


def test_a_folder_without_data(tmp_path: Path) -> None:
    written(tmp_path, "readme.docx", "x")
    with pytest.raises(ValueError, match=r"holds nothing that can be read: readme\.docx"):
        lh.read_dataset("crime", tmp_path)


@pytest.mark.parametrize(
    ("source", "error", "message"),
    [
        ([], ValueError, "list of sources is empty"),
        ([3], TypeError, "a source is a path, not int"),
        (3, TypeError, "source is a int. Give a path, a folder"),
    ],
)
def test_a_source_of_another_kind(source: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        lh.read_dataset("crime", source)


def test_an_unknown_adapter() -> None:
    with pytest.raises(ValueError, match=r"no adapter 'crimes'.* Did you mean 'crime'\?"):
        lh.read_dataset("crimes", "sample")
    with pytest.raises(TypeError, match="dataset is a int"):
        lh.read_dataset(3, "sample")


def test_a_sample_that_is_not_there() -> None:
    spec = lh.Dataset(name="calls", title="Calls")
    with pytest.raises(ValueError, match="the sample holds no 'calls' records"):
        lh.read_dataset(spec, "sample")


# --- zips -----------------------------------------------------------------------------------------


def test_a_broken_zip(tmp_path: Path) -> None:
    path = written(tmp_path, "a.zip", b"PK\x03\x04 and no more")
    with pytest.raises(ValueError, match=r"a\.zip is not a whole zip file"):
        lh.read_dataset("crime", path)


def test_a_zip_whose_contents_were_damaged(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"2021-10-x-street.csv": STREET + ROW * 200})
    data = bytearray(path.read_bytes())
    data[60:90] = bytes(30)
    path.write_bytes(data)
    with pytest.raises(ValueError, match=r"in a\.zip is broken .*Download it again"):
        lh.read_dataset("crime", path)


def test_an_empty_zip(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is an empty zip"):
        lh.read_dataset("crime", zipped(tmp_path / "a.zip", {}))


def test_a_zip_without_data(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"holds nothing that can be read: a\.zip/notes\.md"):
        lh.read_dataset("crime", zipped(tmp_path / "a.zip", {"notes.md": "x"}))


@pytest.mark.parametrize(
    "name", ["../../evil.csv", "/etc/evil.csv", "..\\evil.csv", "C:\\evil.csv"]
)
def test_a_zip_whose_paths_lead_out(name: str, tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {name: STREET + ROW})
    with pytest.raises(ValueError, match="holds a path that leads out of it"):
        lh.read_dataset("crime", path)
    assert sorted(found.name for found in tmp_path.iterdir()) == ["a.zip"]


def test_an_encrypted_zip(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a.csv": STREET + ROW})
    data = bytearray(path.read_bytes())
    central = data.find(b"PK\x01\x02")
    struct.pack_into("<H", data, central + 8, 1)  # the flag of encryption
    path.write_bytes(data)
    with pytest.raises(ValueError, match=r"a\.zip is encrypted"):
        lh.read_dataset("crime", path)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = zipped(tmp_path / "bomb.zip", {"a.csv": bytes(40 * 1024**2)})
    with pytest.raises(ValueError, match=r"bomb\.zip would unpack to 40 MB in 1 files"):
        lh.read_dataset("crime", path)


def test_a_workbook_that_is_a_bomb(tmp_path: Path) -> None:
    path = zipped(tmp_path / "bomb.xlsx", {"xl/worksheets/sheet1.xml": bytes(40 * 1024**2)})
    with pytest.raises(ValueError, match=r"bomb\.xlsx would unpack to 40 MB"):
        lh.read_dataset("crime", path)


def test_a_zip_of_too_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "MOST_FILES", 3)
    path = zipped(tmp_path / "many.zip", {f"{i}.csv": STREET for i in range(4)})
    with pytest.raises(ValueError, match="in 4 files, which no such archive needs"):
        lh.read_dataset("crime", path)


def test_a_month_that_stands_twice_with_different_contents(tmp_path: Path) -> None:
    name = "2021-10-leicestershire-street.csv"
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    written(tmp_path / "old", name, STREET + ROW)
    written(tmp_path / "new", name, STREET + ROW + ROW)
    with pytest.raises(ValueError, match="stands in the source twice, with different contents"):
        lh.read_dataset("crime", tmp_path)


# --- records and areas ----------------------------------------------------------------------------


@pytest.fixture
def areas() -> gpd.GeoDataFrame:
    """Return two squares side by side."""
    return gpd.GeoDataFrame(
        index=pd.Index(["E01013790", "E01013791"], name="area_code"),
        geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)],
        crs="EPSG:27700",
    )


RECORDS: dict[str, tuple[Any, str]] = {
    "no table": (3, "records is a int, not a table"),
    "neither code nor point": (table(a=[1]), "neither an area_code nor points; they have a"),
    "negative": (table(area_code=["E01013790"], count=[-1]), "negative or not whole in 1 rows: -1"),
    "broken": (table(area_code=["E01013790"], count=[0.5]), "negative or not whole in 1 rows: 0.5"),
    "counts as text": (table(area_code=["E01013790"], count=["1"]), "holds .*, not numbers"),
    "period as text": (table(area_code=["E01013790"], period=["2021-10"]), "not months. Convert"),
    "polygons": (
        gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1)], crs="EPSG:27700"),
        "shapes that are no points: Polygon",
    ),
    "points nowhere": (
        gpd.GeoDataFrame(geometry=[shapely.Point(0, 0)]),
        "points have no coordinate reference system",
    ),
}


@pytest.mark.parametrize("case", RECORDS)
def test_bad_records_are_not_counted(case: str, areas: gpd.GeoDataFrame) -> None:
    records, message = RECORDS[case]
    with pytest.raises((ValueError, TypeError), match=message):
        lh.count(areas, records)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"locate_by": "points"},
            "locate_by='points' is not one of code, point. Did you mean 'point'",
        ),
        ({"gaps": "zero"}, "gaps='zero' is not one of missing, count"),
        ({"period": ("2022-09", "2021-10")}, "is not a first and a last month in order"),
        ({"period": "2021"}, "is not a first and a last month in order"),
        ({"period": ("2021-13", "2022-01")}, "is not a first and a last month in order"),
        ({"weight": "harm"}, "records has no column 'harm'"),
        ({"weight": "minus"}, "column 'minus' is missing or negative in 1 of the records"),
    ],
)
def test_bad_options_of_count(
    options: dict[str, Any], message: str, areas: gpd.GeoDataFrame
) -> None:
    records = table(area_code=["E01013790"], minus=[-1.0])
    with pytest.raises(ValueError, match=message):
        lh.count(areas, records, **options)


def test_points_and_areas_without_a_system(areas: gpd.GeoDataFrame) -> None:
    records = gpd.GeoDataFrame(geometry=[shapely.Point(0, 0)], crs="EPSG:27700")
    bare = gpd.GeoDataFrame(areas.set_crs(None, allow_override=True))
    with pytest.raises(ValueError, match="the areas have no coordinate reference system"):
        lh.count(bare, records)


def test_areas_that_are_no_areas(areas: gpd.GeoDataFrame) -> None:
    records = table(area_code=["E01013790"])
    with pytest.raises(TypeError, match="areas must be a GeoDataFrame"):
        lh.count(pd.DataFrame(), records)
    with pytest.raises(ValueError, match="1 area codes stand more than once: E01013790"):
        lh.count(pd.concat([areas, areas.iloc[:1]]), records)


@pytest.mark.parametrize(
    ("by", "message"),
    [
        ([], "names no column"),
        (["category", "category"], "or one twice"),
        ("kind", "records has no column 'kind'"),
    ],
)
def test_bad_columns_of_tabulate(by: Any, message: str, areas: gpd.GeoDataFrame) -> None:
    records = table(area_code=["E01013790"], category=["Burglary"])
    with pytest.raises(ValueError, match=message):
        lh.tabulate(areas, records, by)


JOINS: dict[str, tuple[Any, str]] = {
    "no table": ("pop.csv", "table is a str, not a DataFrame"),
    "no codes": (table(name=["a"], people=[1]), "no column of the table holds area codes"),
    "twice": (
        table(lsoa11cd=["E01013790", "E01013790"], people=[1, 2]),
        "1 area codes stand more than once in the table: E01013790",
    ),
    "none matches": (
        table(lsoa11cd=["E01000001"], people=[1]),
        "none of the 1 rows of the table belongs to one of the 2 areas",
    ),
    "there already": (
        table(lsoa11cd=["E01013790", "E01013791"], people=[1, 2]),
        "the areas have 'people' already",
    ),
}


@pytest.mark.parametrize("case", JOINS)
def test_bad_tables_are_not_joined(case: str, areas: gpd.GeoDataFrame) -> None:
    bad, message = JOINS[case]
    with pytest.raises((ValueError, TypeError), match=message):
        lh.join(areas.assign(people=0) if case == "there already" else areas, bad)


def test_a_column_that_is_not_there_is_not_joined_on(areas: gpd.GeoDataFrame) -> None:
    with pytest.raises(ValueError, match="the table has no column 'code'"):
        lh.join(areas, table(lsoa11cd=["E01013790"], people=[1]), on="code")
