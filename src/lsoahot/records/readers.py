"""Files to raw tables: CSV, Excel, OpenDocument, Parquet, GeoPackage and the police API's JSON."""

from __future__ import annotations

import json
import re
import tempfile
import warnings
from collections import deque
from concurrent.futures import ThreadPoolExecutor, wait
from itertools import chain, islice
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from lsoahot.common import vector_files
from lsoahot.common.arrays import THREADS
from lsoahot.common.checks import shown

from . import csvs, cut_downloads, excel, packed, parquets
from .packed import File
from .raw import Raw

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Executor, Future

    import pyproj
    from tqdm import tqdm

    from .raw import Choose

_AHEAD: Final = 16 * 1024**2  # bytes: smaller files are read whole before their turn
_START: Final = 512  # bytes that tell what a file is
_SPREADSHEETS: Final = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")
_WHOLE: Final = (*_SPREADSHEETS, ".json", ".geojson", ".gpkg")  # are read whole
_AREAS_OR_LINES: Final = re.compile("Polygon|Line|Curve|Surface")  # in a layer's kind of geometry


class Workers(ThreadPoolExecutor):
    """Threads that read and convert, and can be waited for."""

    def __init__(self) -> None:
        super().__init__(THREADS)
        self._begun: list[Future[Any]] = []

    def __exit__(self, *_: object) -> None:
        """End them; what they have not begun by then, they don't."""
        self.shutdown(wait=True, cancel_futures=True)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have a thread do something."""
        job = super().submit(fn, *args, **kwargs)
        self._begun = [*(one for one in self._begun if not one.done()), job]
        return job

    def rest(self) -> None:
        """Wait until no thread is at work.

        Pandas changes the filters of warnings for a moment, which all threads share: two that do so
        at once, or one and the asking thread, may leave warnings silenced for good. So whoever has
        threads at work puts the filters back, and hands nothing over before they rest.
        """
        wait(self._begun)


def at_rest(made: Iterator[Any], pool: Workers) -> Iterator[Any]:
    """Yield what threads have a part in, while none is at work, with warnings as they were."""
    while True:
        with warnings.catch_warnings():
            try:
                one = next(made, None)
            finally:
                pool.rest()
        if one is None:
            return
        yield one


def bar(size: int, *, progress: bool) -> tqdm:
    """Return a bar of bytes that comes up after a second, and only on a terminal."""
    from tqdm import tqdm

    return tqdm(
        total=size,
        desc="Reading",
        unit="B",
        unit_scale=True,
        delay=1,
        leave=False,
        disable=None if progress else True,
    )


def read_all(files: Sequence[File], choose: Choose, pool: Executor) -> Iterator[Raw]:
    """Read files one after another, in their order, and the next ones meanwhile.

    Large files are not read ahead: they come in pieces, each read by all processors.
    """
    waiting: deque[Future[list[Raw]] | File] = deque()

    def start(file: File) -> Future[list[Raw]] | File:
        return file if file.size > _AHEAD else pool.submit(lambda: [*read(file, choose)])

    rest = iter(files)
    waiting.extend(map(start, islice(rest, 2 * THREADS)))
    while waiting:
        job = waiting.popleft()
        if isinstance(job, File):
            yield from _ahead(read(job, choose), pool)
        else:
            yield from job.result()
        waiting.extend(map(start, islice(rest, 1)))


def _ahead(raws: Iterator[Raw], pool: Executor) -> Iterator[Raw]:
    """Read the next piece of a file while the last one is worked on."""
    coming = pool.submit(next, raws, None)
    while (raw := coming.result()) is not None:
        coming = pool.submit(next, raws, None)
        yield raw


def read(file: File, choose: Choose) -> Iterator[Raw]:
    """Read the tables of a file: one, one a sheet, or a large one in pieces.

    Raises
    ------
    ValueError
        Where the file is empty, broken, or is not what its name says.
    """
    suffix = PurePosixPath(file.name).suffix.lower()
    with file.open() as stream:
        parts = csvs.pieces(stream, file.size)
        first = stream.read(_START) if suffix == ".parquet" else next(parts, b"")
        if not first[:_START].strip() and not first.strip():
            raise ValueError(f"{file.name} is empty. Download or export it again.")
        refuse_disguise(first, suffix, file.name)
        if suffix not in (*_WHOLE, ".parquet"):
            yield from csvs.tables(chain([first], parts), file.name, choose)
            return
    if suffix == ".parquet":
        yield from parquets.tables(file, choose)
    elif suffix in _SPREADSHEETS:
        yield from excel.sheets(file.data(), file.name)
    elif suffix == ".gpkg":
        yield from _geopackage(file.data(), file.name)
    else:
        yield Raw(file.name, _json(file.data(), file.name), file.size)


def read_tables(path: Path) -> dict[str, pd.DataFrame]:
    """Read the tables of a file as they stand: populations, look-ups, names, a few yearly figures.

    Parameters
    ----------
    path
        A file of any kind that is read (CSV in any encoding, Excel, a zip of one ...); it is there.

    Returns
    -------
    dict of str to DataFrame
        By the name of the file, and of the sheet where there are sheets, in their order. All
        columns; of a CSV file text, missing where a cell is blank.

    Raises
    ------
    ValueError
        Where the file is empty, broken, or is not what its name says.
    """
    parts: dict[str, list[pd.DataFrame]] = {}
    for file in packed.unpacked(packed.on_disk(path)):
        for raw in read(file, lambda _, __: None):
            parts.setdefault(raw.name, []).append(raw.frame)
    return {  # large files come in pieces
        name: some[0] if len(some) == 1 else pd.concat(some, ignore_index=True)
        for name, some in parts.items()
    }


def read_table(path: Path) -> pd.DataFrame:
    """Read the first table of a file, as `read_tables` does, and warn where there are others.

    Parameters
    ----------
    path
        As `read_tables` takes it.

    Raises
    ------
    ValueError
        As `read_tables` does.
    """
    (first, table), *others = read_tables(path).items()
    if others:
        warnings.warn(
            f"only {first} was read; {path.name} holds also {shown(name for name, _ in others)}. "
            "Save the table alone if that is the wrong one.",
            UserWarning,
            stacklevel=4,
        )
    return table


def refuse_disguise(data: bytes, suffix: str, name: str) -> None:
    """Refuse a file that is not what its ending says: a web page, a zip, a PDF.

    Parameters
    ----------
    data
        How it begins.
    suffix, name
        Its ending, in small letters, and its name.

    Raises
    ------
    ValueError
        With what it is.
    """
    start = data[:_START].lstrip(b"\xef\xbb\xbf \r\n\t")
    text = suffix in (".csv", ".txt", ".tsv", ".json", ".geojson")
    if suffix != ".xls" and re.match(rb"<(!doctype|html|\?xml)", start, re.IGNORECASE):
        raise ValueError(
            f"{name} is a web page, not data: the download failed or asked for a password. Open "
            "the address in a browser and save the file itself."
        )
    for magic, what in ((b"PK\x03\x04", "a zip or an Excel workbook"), (b"%PDF", "a PDF"),
                        (b"\xd0\xcf\x11\xe0", "an old Excel workbook"), (b"PAR1", "a Parquet file"),
                        (b"\x1f\x8b", "a gzip file")):  # fmt: skip
        if text and start.startswith(magic):
            raise ValueError(
                f"{name} is {what}, not text. Give it the right ending, or export it as CSV."
            )


def _geopackage(data: bytes, name: str) -> Iterator[Raw]:
    """Read the layers of a GeoPackage that hold records: points, or rows without a shape."""
    import geopandas as gpd
    import pyogrio

    with tempfile.TemporaryDirectory() as folder:  # GDAL knows the format by the file's name
        path = Path(folder) / "points.gpkg"
        path.write_bytes(data)
        if wrong := vector_files.fault(path):
            raise ValueError(f"{name} can't be read: {wrong}. Save it again, or as CSV.")
        try:
            layers = pyogrio.list_layers(path)
            for layer, kind in layers:
                if len(layers) > 1 and _AREAS_OR_LINES.search(kind or ""):
                    continue
                full = f"{name} [{layer}]" if len(layers) > 1 else name
                table = gpd.read_file(path, layer=layer)
                if note := cut_downloads.usual_most(len(table), full):
                    table.attrs["warnings"] = [note]
                yield Raw(full, table, len(data) // len(layers))
        except pyogrio.errors.DataSourceError as error:
            raise ValueError(f"{name} can't be read as a GeoPackage ({error}).") from error


def _json(data: bytes, name: str) -> pd.DataFrame:
    """Read the police API's list of crimes, a list of plain objects, or GeoJSON points."""
    try:
        result = json.loads(csvs.decode(data, name))
    except (json.JSONDecodeError, RecursionError) as error:
        raise ValueError(f"{name} is not whole JSON ({error}). Download it again.") from error
    cut_downloads.refuse_error(data, name)
    if isinstance(result, dict) and result.get("type") == "FeatureCollection":
        import geopandas as gpd

        cut_downloads.refuse(data, name, len(result["features"]))
        table = gpd.GeoDataFrame.from_features(result["features"], crs=_system(result, name))
        if note := cut_downloads.usual_most(len(table), name):
            table.attrs["warnings"] = [note]
        return table
    if not isinstance(result, list) or not all(isinstance(item, dict) for item in result):
        raise ValueError(
            f"{name} is JSON, but not a list of crimes. Save the answer of the API's "
            "crimes-street call, as it comes."
        )
    if not result:
        raise ValueError(
            f"{name} is an empty list: the API found no crime there and then. Check place and "
            "month."
        )
    return pd.DataFrame([_flat(item) for item in result])


def _system(collection: dict[str, Any], name: str) -> pyproj.CRS:
    """Return the reference system that a collection of GeoJSON names; degrees where it names none."""
    import pyproj

    member = collection.get("crs") or {}
    called = (member.get("properties") or {}).get("name", "OGC:CRS84")
    try:
        return pyproj.CRS.from_user_input(called)
    except pyproj.exceptions.CRSError as error:
        raise ValueError(
            f"{name} names a reference system that is not known: {called!r}. Write it as "
            "urn:ogc:def:crs:EPSG::27700, or leave it out and give longitudes and latitudes."
        ) from error


def _flat(item: dict[str, Any]) -> dict[str, Any]:
    """Give the API's crime the headers of the street files."""
    if not ("category" in item and "month" in item and "location_type" in item):
        return item
    place, kind = item.get("location") or {}, str(item["category"])
    return {
        "Crime ID": item.get("persistent_id") or None,
        "api_id": item.get("id"),
        "Month": item["month"],
        "Longitude": place.get("longitude"),
        "Latitude": place.get("latitude"),
        "Crime type": _API_CATEGORIES.get(kind, kind.replace("-", " ").capitalize()),
    }


# The API's words for types of the street files that are called otherwise there.
_API_CATEGORIES: Final = {
    "anti-social-behaviour": "Anti-social behaviour",
    "criminal-damage-arson": "Criminal damage and arson",
    "violent-crime": "Violence and sexual offences",
    "public-disorder-weapons": "Public disorder and weapons",
}
