"""Files to raw tables: CSV, Excel, OpenDocument, Parquet, GeoPackage and the police API's JSON."""

from __future__ import annotations

import csv
import io
import json
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pandas as pd

from lsoahot._reading.archives import check_sizes

if TYPE_CHECKING:
    from lsoahot._reading.archives import File

# Given the headers, the ones to read, and whether each is a number, word or text; None for all.
Choose = Callable[[list[str]], "dict[str, str] | None"]

_LOOK: Final = 30  # rows in which the header is looked for, below titles and notes
_START: Final = 256 * 1024  # bytes in which it is looked for
_LONGEST: Final = 1024**2  # no honest cell is longer than a megabyte
_SPREADSHEETS: Final = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")


class Raw(NamedTuple):
    """A table as it stands in a file: unique text headers, values as they are."""

    name: str
    table: pd.DataFrame


def read(file: File, choose: Choose) -> Iterator[Raw]:
    """Read the tables of a file: one, or one a sheet.

    Raises
    ------
    ValueError
        Where the file is empty, broken, or is not what its name says.
    """
    data = file.data()
    suffix = PurePosixPath(file.name).suffix.lower()
    if not data.strip():
        raise ValueError(f"{file.name} is empty. Download or export it again.")
    _refuse_disguise(data, suffix, file.name)
    if suffix in _SPREADSHEETS:
        yield from _sheets(data, file.name)
    elif suffix == ".parquet":
        yield Raw(file.name, _parquet(data, file.name, choose))
    elif suffix in (".json", ".geojson"):
        yield Raw(file.name, _json(data, file.name))
    elif suffix == ".gpkg":
        yield Raw(file.name, _geopackage(data, file.name))
    else:
        yield Raw(file.name, _csv(data, file.name, choose))


def _refuse_disguise(data: bytes, suffix: str, name: str) -> None:
    start = data[:512].lstrip(b"\xef\xbb\xbf \r\n\t")
    text = suffix in (".csv", ".txt", ".tsv", ".json", ".geojson")
    if (
        start[:1] == b"<"
        and suffix != ".xls"
        and re.match(rb"<(!doctype|html|\?xml)", start, re.IGNORECASE)
    ):
        raise ValueError(
            f"{name} is a web page, not data: the download failed or asked for a password. Open "
            "the address in a "
            "browser and save the file itself."
        )
    for magic, what in ((b"PK\x03\x04", "a zip or an Excel workbook"), (b"%PDF", "a PDF"),
                        (b"\xd0\xcf\x11\xe0", "an old Excel workbook"), (b"PAR1", "a Parquet file"),
                        (b"\x1f\x8b", "a gzip file")):  # fmt: skip
        if text and start.startswith(magic):
            raise ValueError(
                f"{name} is {what}, not text. Give it the right ending, or export it as CSV."
            )


def decode(data: bytes, name: str) -> str:
    """Read text in UTF-8 (with or without its mark), UTF-16 (with it), or Windows' cp1252."""
    try:
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return data.decode("utf-16")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{name} is no text in UTF-8, UTF-16 or cp1252 ({error}). Save it as 'CSV UTF-8'."
        ) from error


def _csv(data: bytes, name: str, choose: Choose) -> pd.DataFrame:
    import pyarrow as pa
    from pyarrow import csv as pacsv

    if not data.isascii():
        data = decode(data, name).encode()
    if b"\x00" in data:
        raise ValueError(
            f"{name} holds null bytes: it is no text, or was cut. Export it again as CSV."
        )
    headers, skip, delimiter = _header(data, name)
    wanted = choose(headers) or dict.fromkeys(headers, "text")
    kinds = {
        "number": pa.float64(),
        "word": pa.dictionary(pa.int32(), pa.string()),
        "text": pa.string(),
    }

    def attempt(*, careful: bool) -> pa.Table:
        return pacsv.read_csv(
            io.BytesIO(data),
            read_options=pacsv.ReadOptions(
                column_names=headers,
                skip_rows=skip,
                block_size=4 * _LONGEST,
                use_threads=not careful,  # one thread knows the number of a broken row
            ),
            parse_options=pacsv.ParseOptions(delimiter=delimiter, newlines_in_values=careful),
            convert_options=pacsv.ConvertOptions(
                include_columns=list(wanted),
                column_types={
                    header: pa.string() if careful and kind == "number" else kinds[kind]
                    for header, kind in wanted.items()
                },
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )

    try:
        table = attempt(careful=False)
    except pa.ArrowInvalid:
        try:  # a cell may hold a line break or a word for a number, or the row be cut
            table = attempt(careful=True)
        except pa.ArrowInvalid as error:
            raise ValueError(_explained(str(error), name, len(headers))) from error
    return table.to_pandas()


def _explained(message: str, name: str, width: int) -> str:
    if found := re.search(r"(?:Row #(\d+): )?Expected (\d+) columns, got (\d+)", message):
        row = f"row {int(found[1]):,}" if found[1] else "a row"
        return (
            f"{name}: {row} has {found[3]} cells, the header {width}. The file was cut, or a cell "
            "holds a comma without quotes round it: export it again."
        )
    if "straddling" in message or "block" in message:
        return (
            f"{name}: a cell is longer than a megabyte, which none should be: a quote is not "
            "closed. Export it again."
        )
    return f"{name} can't be read as CSV ({message.splitlines()[0]}). Export it again."


def _header(data: bytes, name: str) -> tuple[list[str], int, str]:
    """Find the header: its names, the number of lines down to it, and the delimiter."""
    first = data[:_START].decode("utf-8", errors="ignore")
    lines = first.splitlines()[:_LOOK]
    delimiter = max(",;\t|", key=lambda mark: max(line.count(mark) for line in lines))
    reader = csv.reader(io.StringIO(first), delimiter=delimiter)
    rows: list[tuple[int, list[str]]] = []
    try:
        for row in reader:
            rows.append((reader.line_num, row))
            if len(rows) == _LOOK:
                break
    except csv.Error as error:
        raise ValueError(
            f"{name}: {error}. A quote is not closed: export the file again."
        ) from error
    at = _header_row([row for _, row in rows])
    return _unique(rows[at][1]), rows[at][0], delimiter


def _header_row(rows: list[list[Any]]) -> int:
    """Find the first row as wide as a header: titles and notes above it have a cell or two."""
    widths = [sum(1 for cell in row if cell is not None and str(cell).strip()) for row in rows]
    widest = max(widths, default=0)
    return next((i for i, width in enumerate(widths) if width > widest / 2), 0)


def _unique(headers: list[Any]) -> list[str]:
    """Make headers text, and different from one another."""
    names: list[str] = []
    for i, header in enumerate(headers):
        text = "" if header is None else str(header).lstrip("\ufeff").strip()
        text = text or f"column {i + 1}"
        names.append(text if text not in names else f"{text}.{i + 1}")
    return names


def _sheets(data: bytes, name: str) -> Iterator[Raw]:
    import python_calamine

    if data[:2] == b"PK":
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as book:
                check_sizes(book.infolist(), name)
        except zipfile.BadZipFile as error:
            raise ValueError(
                f"{name} is not a whole workbook ({error}). Save or download it again."
            ) from error
    broken = (python_calamine.CalamineError, OSError, ValueError)
    why = "Save it again, as .xlsx or CSV."
    try:
        workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    except broken as error:
        raise ValueError(f"{name} can't be read as a workbook ({error}). {why}") from error
    full = 0
    for sheet in workbook.sheet_names:  # one after another: the Home Office's have millions of rows
        try:
            rows = workbook.get_sheet_by_name(sheet).to_python()
        except broken as error:
            raise ValueError(f"{name} [{sheet}] can't be read ({error}). {why}") from error
        if rows:
            full += 1
            at = _header_row(rows[:_LOOK])
            table = pd.DataFrame(rows[at + 1 :], columns=_unique(rows[at]), dtype=object)
            yield Raw(f"{name} [{sheet}]", table.replace("", None))
    if not full:
        raise ValueError(f"{name} is empty: no sheet of it holds a cell. Save it again.")


def _parquet(data: bytes, name: str, choose: Choose) -> pd.DataFrame:
    import geopandas as gpd
    import pyarrow as pa
    from pyarrow import parquet

    try:
        schema = parquet.read_schema(io.BytesIO(data))
        if b"geo" in (schema.metadata or {}):
            found = gpd.read_parquet(io.BytesIO(data))
            return found if found.geometry.name == "geometry" else found.rename_geometry("geometry")
        wanted = choose(schema.names)
        if wanted is None:
            return pd.read_parquet(io.BytesIO(data))
        words = [
            header
            for header, kind in wanted.items()
            if kind == "word" and schema.field(header).type in {pa.string(), pa.large_string()}
        ]
        source = io.BytesIO(data)
        table = parquet.read_table(source, columns=list(wanted), read_dictionary=words)
        return table.to_pandas(ignore_metadata=True)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise ValueError(
            f"{name} can't be read as Parquet ({error}). Write or download it again."
        ) from error


def _geopackage(data: bytes, name: str) -> pd.DataFrame:
    import geopandas as gpd
    import pyogrio

    with tempfile.TemporaryDirectory() as folder:  # GDAL knows the format by the file's name
        path = Path(folder) / "points.gpkg"
        path.write_bytes(data)
        try:
            return gpd.read_file(path)
        except pyogrio.errors.DataSourceError as error:
            raise ValueError(f"{name} can't be read as a GeoPackage ({error}).") from error


def _json(data: bytes, name: str) -> pd.DataFrame:
    """Read the police API's list of crimes, a list of plain objects, or GeoJSON points."""
    try:
        found = json.loads(decode(data, name))
    except (json.JSONDecodeError, RecursionError) as error:
        raise ValueError(f"{name} is not whole JSON ({error}). Download it again.") from error
    if isinstance(found, dict) and found.get("type") == "FeatureCollection":
        import geopandas as gpd

        return gpd.GeoDataFrame.from_features(found["features"], crs="EPSG:4326")
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise ValueError(
            f"{name} is JSON, but not a list of crimes. Save the answer of the API's "
            "crimes-street call, as it comes."
        )
    if not found:
        raise ValueError(
            f"{name} is an empty list: the API found no crime there and then. Check place and "
            "month."
        )
    return pd.DataFrame([_flat(item) for item in found])


def _flat(item: dict[str, Any]) -> dict[str, Any]:
    """Give the API's crime the headers of the street files."""
    if not ("category" in item and "month" in item and "location_type" in item):
        return item
    place = item.get("location") or {}
    return {
        "Crime ID": item.get("persistent_id") or None,
        "api_id": item.get("id"),
        "Month": item["month"],
        "Longitude": place.get("longitude"),
        "Latitude": place.get("latitude"),
        "Crime type": API_CATEGORIES.get(
            item["category"], str(item["category"]).replace("-", " ").capitalize()
        ),
    }


# The API's words for the types of the street files.
API_CATEGORIES: Final = {
    "anti-social-behaviour": "Anti-social behaviour",
    "bicycle-theft": "Bicycle theft",
    "burglary": "Burglary",
    "criminal-damage-arson": "Criminal damage and arson",
    "drugs": "Drugs",
    "other-theft": "Other theft",
    "possession-of-weapons": "Possession of weapons",
    "public-order": "Public order",
    "robbery": "Robbery",
    "shoplifting": "Shoplifting",
    "theft-from-the-person": "Theft from the person",
    "vehicle-crime": "Vehicle crime",
    "violent-crime": "Violence and sexual offences",
    "other-crime": "Other crime",
    "public-disorder-weapons": "Public disorder and weapons",
}
