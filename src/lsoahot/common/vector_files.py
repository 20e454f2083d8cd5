"""Files of shapes that may be handed to GDAL: those that are what their name says, and call nobody.

GDAL looks at the content to choose among some seventy drivers. A file called ``areas.gpkg`` may so be a
virtual data source that reads from a server, and a GeoJSON file may name its coordinate system by a
link, which is followed. So the ending decides, and the content must agree with it.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

# What a file begins with, by its ending.
BEGINS: Final[dict[str, bytes]] = {
    ".gpkg": b"SQLite format 3\x00",
    ".shp": b"\x00\x00\x27\x0a",
    ".fgb": b"fgb\x03fgb",
}
JSON: Final = (".geojson", ".json", ".topojson")
TABLES: Final = (".csv", ".txt", ".tsv", ".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".dbf")
KNOWN: Final = (*BEGINS, *JSON, ".kml", ".gdb")
_START: Final = 4096
_BOM: Final = b"\xef\xbb\xbf"
_KML: Final = re.compile(rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<kml[\s>]", re.DOTALL)
# A member "crs", whichever of its letters are escaped.
_CRS: Final = re.compile(
    rb'"(?:c|\\u0063)(?:r|\\u0072)(?:s|\\u0073)"\s*:\s*(null|\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\})?'
)
_NAME: Final = re.compile(
    r"(urn:(x-)?ogc:def:crs:|http://www\.opengis\.net/(def/crs/|gml/srs/)|EPSG:|OGC:)[\w:./#-]+"
)


def is_table(path: Path) -> bool:
    """Tell whether a file's ending is that of a table without shapes."""
    return path.suffix.lower() in TABLES


def fault(path: Path) -> str:
    """Say why a file or folder must not be handed to GDAL; nothing if it may.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "areas.gpkg")
    ...     _ = path.write_text("<OGRVRTDataSource/>")
    ...     fault(path)
    'it is no .gpkg file, whatever its name says'
    """
    ending = path.suffix.lower()
    if ending not in KNOWN:
        return f"no file that ends in {ending or path.name!r} is read"
    if path.is_dir() or ending == ".gdb":
        whole = ending == ".gdb" and path.is_dir() and any(path.glob("*.gdbtable"))
        return "" if whole else "it is a folder, but no geodatabase"
    with path.open("rb") as file:
        start = file.read(_START)
        if ending in BEGINS:
            right = start.startswith(BEGINS[ending])
        elif ending in JSON:
            right = start.removeprefix(_BOM).lstrip()[:1] == b"{"
            if right and (strange := _linked(start + file.read())):
                return f"its coordinate system is {strange}, which is not looked up"
        else:
            right = bool(_KML.match(start.removeprefix(_BOM)))
    return "" if right else f"it is no {ending} file, whatever its name says"


def _linked(data: bytes) -> str:
    """Return how a JSON file names a coordinate system, unless it does so by a known name."""
    for result in _CRS.finditer(data):
        try:
            crs = json.loads(result[1] or b"0")
            if crs is None:
                continue
            kind, name = crs["type"], crs["properties"]["name"]
        except (ValueError, KeyError, TypeError, RecursionError):
            return result[0][:60].decode("utf-8", errors="replace")
        if kind != "name" or not _NAME.fullmatch(str(name)):
            return repr(str(name or crs)[:60])
    return ""
