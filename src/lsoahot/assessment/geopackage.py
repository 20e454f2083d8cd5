"""An assessment for a GIS: a GeoPackage whose layers open in our colours.

A layer a measure, with all its columns. Two standard tables make it speak for itself: QGIS draws a
layer as ``layer_styles`` says, and shows the source and the licence that ``gpkg_metadata`` holds
(QGIS's own form of layer metadata, which other programs show as text).
"""

from __future__ import annotations

import json
import sqlite3
import xml.etree.ElementTree as ET
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import pyogrio

from lsoahot.boundaries.saved_notes import STANDARD
from lsoahot.common import checks
from lsoahot.common.files import replacing, stamp
from lsoahot.plotting.qgis_styles import qgis_styles

from .csv_tables import COLUMNS, WHERE_USED, shapeless
from .result import check_assessment
from .unique_names import unique_names

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import geopandas as gpd

    from .result import Assessment
    from .settings import Measure

MOST_LETTERS: Final = 31  # the least that any of the programs allows for a column
LICENCE: Final = "Open Government Licence v3.0"
LICENCE_URL: Final = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"
# Of a measure with small counts withheld: what says nothing of how many there were.
SAFE_ATTRS: Final = (
    "edition", "source", "attribution", "notice", "population_source", "period", "suppression",
)  # fmt: skip
OLD: Final = "1.2"  # of the standard: what older programs read without a warning
ATTRS: Final = b"PANDAS_ATTRS"  # where pandas keeps them
QGIS: Final = "http://mrcc.com/qgis.dtd"
# What GDAL makes itself.
TAKEN: Final = ("fid", "geom")
_NAMES: Final = {"area_code": "Area code"} | {
    name: column.heading for name, column in {**COLUMNS, **WHERE_USED}.items()
}
# As QGIS makes it.
_STYLES: Final = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),
    f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
    useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
    update_time DATETIME DEFAULT CURRENT_TIMESTAMP
)"""


def geopackage(assessment: Assessment, path: str | os.PathLike[str]) -> Path:
    """Write an assessment as a GeoPackage, which QGIS opens in our colours and ArcGIS reads.

    Parameters
    ----------
    assessment : Assessment
        What `assess` returned.
    path : path
        The file to write, such as ``"assessment.gpkg"``.

    Returns
    -------
    Path
        The file, written whole or not at all.

    Raises
    ------
    FileNotFoundError
        If the folder to write to does not exist.

    Notes
    -----
    A layer a measure, under the measure's name, with all columns of its table (EPSG:27700). Names are
    of at most 31 letters. QGIS draws the rate; the other styles (``level``, ``hotspot``, ``cluster``) are chosen
    under Layer Properties, Style, Load Style, From Database. What is withheld is not in the file.

    Examples
    --------
    >>> import lsoahot as lh, pyogrio, tempfile, pathlib
    >>> result = lh.assess({
    ...     "boundaries": {"source": "sample"},
    ...     "period": {"start": "2011-10", "end": "2012-09"},
    ...     "measures": {"fires": {"dataset": "fires", "source": "sample"}},
    ... })
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = lh.geopackage(result, pathlib.Path(folder) / "assessment.gpkg")
    ...     pyogrio.list_layers(path).tolist()
    [['fires', 'MultiPolygon'], ['layer_styles', None]]
    """
    check_assessment(assessment, "geopackage")
    path = checks.file_to_write(path)
    measures = assessment.config.measures
    day = stamp(assessment.config.end).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    with replacing(path) as part, _dated(day):
        styles, metadata = {}, []
        for measure, layer in zip(measures, short_names(one.name for one in measures), strict=True):
            table = assessment.tables[measure.name]
            features = layer_of(table)
            styles[layer] = qgis_styles(features, _NAMES)
            notes = json.dumps(attrs_of(table), ensure_ascii=False, default=str)
            metadata += [
                (layer, QGIS, "text/xml", _metadata(assessment, measure)),
                (layer, STANDARD, "application/json", notes),  # which `read_boundaries` gives back
            ]
            pyogrio.write_dataframe(
                features, part, layer=layer, driver="GPKG", promote_to_multi=True,
                dataset_options={} if part.exists() else {"VERSION": OLD},
                layer_options={
                    "GEOMETRY_NAME": "geom", "IDENTIFIER": f"{measure.title}, {layer}",
                    "DESCRIPTION": _abstract(assessment, measure),
                },
            )  # fmt: skip
        with closing(sqlite3.connect(part)) as file, file:
            _write_styles(file, styles, day)
            _write_metadata(file, metadata, day)
    return path


def layer_of(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a measure's table as a GIS can hold it: codes in a column, plain types, short names.

    Parameters
    ----------
    table : GeoDataFrame
        A measure's table, indexed by ``area_code``.

    Returns
    -------
    GeoDataFrame
        The same rows and columns; categories are text, and names have at most 31 letters.
    """
    import geopandas as gpd

    layer = shapeless(table).reset_index(names="area_code")
    names = short_names(map(str, layer), TAKEN)
    columns = {name: _plain(layer[each]) for name, each in zip(names, layer, strict=True)}
    return gpd.GeoDataFrame(columns, geometry=table.geometry.array)


def _plain(column: pd.Series) -> pd.Series:
    """Make text of what is neither number nor date, and floats of whole numbers some of which lack."""
    kind = column.dtype
    if not pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_datetime64_dtype(kind):
        words = [None if pd.isna(value) else str(value) for value in column]
        return pd.Series(words, column.index, dtype=object)
    if pd.api.types.is_extension_array_dtype(kind) and column.isna().any():
        return column.astype("float64")
    return column


def short_names(names: Iterable[str], taken: Iterable[str] = ()) -> list[str]:
    """Return names of at most 31 letters that differ, also where capitals don't count.

    A long name keeps its beginning, in whole words, and its last word, which often tells it from
    the others.

    Examples
    --------
    >>> short_names(["rate", "Rate", "residents_aged_sixteen_to_sixty_four", "rate"])
    ['rate', 'Rate_2', 'residents_aged_sixteen_to_four', 'rate_3']
    """
    return unique_names(names, _abbreviate, joint="_", taken=taken)


def _abbreviate(name: str, end: str) -> str:
    """Leave out the middle words of a long name, until it is short enough for its end."""
    if len(name) > MOST_LETTERS:
        words = name.replace(" ", "_").split("_")
        while len("_".join(words)) > MOST_LETTERS and len(words) > 2:  # noqa: PLR2004 - first and last
            del words[-2]
        name = "_".join(words)
    return name[: MOST_LETTERS - len(end)] + end


def write_geoparquet(table: gpd.GeoDataFrame, path: Path) -> None:
    """Write a measure's table as GeoParquet, which keeps its notes: `read_boundaries` gives it back.

    Parameters
    ----------
    table : GeoDataFrame
        A measure's table.
    path : Path
        The file.
    """
    from pyarrow import parquet

    plain = table.copy(deep=False)
    plain.attrs = attrs_of(table)
    plain.to_parquet(path)
    kept = parquet.read_schema(path).metadata or {}
    if ATTRS not in kept:  # of geopandas before 1.1, which forgets them
        arrow = parquet.read_table(path)
        noted = json.dumps(plain.attrs, default=str).encode()
        parquet.write_table(arrow.replace_schema_metadata({**kept, ATTRS: noted}), path)


def attrs_of(table: gpd.GeoDataFrame) -> dict[Any, Any]:
    """Return what may be said of a table beside it: of one with withheld counts, no statistics."""
    if "suppression" not in table.attrs:
        return dict(table.attrs)
    return {key: table.attrs[key] for key in SAFE_ATTRS if key in table.attrs}


@contextmanager
def _dated(day: str) -> Iterator[None]:
    """Have GDAL date what it writes by the end of the period, not by today: files are the same."""
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": day})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _abstract(assessment: Assessment, measure: Measure) -> str:
    """Say in a paragraph what a layer shows, of whom it comes, and under which licence."""
    table = assessment.tables[measure.name]
    noted = table.attrs
    sentences = [
        f"{measure.title}: {assessment.config.years}",
        noted.get("notice"),
        noted.get("suppression", {}).get("sentence"),
        noted.get("attribution"),
    ]
    return " ".join(f"{str(one).strip().rstrip('.')}." for one in sentences if one)


def _metadata(assessment: Assessment, measure: Measure) -> str:
    """Write a layer's metadata in QGIS's form."""
    from lsoahot._version import __version__

    noted = assessment.tables[measure.name].attrs
    root = ET.Element("qgis", version="3.22.0")
    for tag, text in (
        ("identifier", measure.name),
        ("type", "dataset"),
        ("title", f"{assessment.config.title}: {measure.title}"),
        ("abstract", _abstract(assessment, measure)),
        ("license", LICENCE),
        ("rights", noted.get("attribution", "")),
    ):
        ET.SubElement(root, tag).text = text
    links = ET.SubElement(root, "links")
    ET.SubElement(
        links, "link", name=LICENCE, type="WWW:LINK", url=LICENCE_URL, description="", format="",
        mimeType="", size="",
    )  # fmt: skip
    for text in (
        f"Boundaries: {noted.get('source', '')}",
        f"Population: {noted.get('population_source', '')}",
        f"Made with lsoahot {__version__}.",
    ):
        ET.SubElement(root, "history").text = text
    return ET.tostring(root, encoding="unicode")


def _write_styles(file: sqlite3.Connection, styles: dict[str, dict[str, str]], day: str) -> None:
    """Add the table of styles that QGIS looks for."""
    file.execute(_STYLES)
    file.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change) "
        "VALUES ('layer_styles', 'attributes', 'layer_styles', ?)",
        [day],
    )
    file.executemany(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, "
        "f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, owner, "
        "update_time) VALUES ('', '', ?, 'geom', ?, ?, '', ?, ?, '', ?)",
        [
            (layer, name, qml, int(not place), f"{_NAMES[name]}, as lsoahot draws it", day)
            for layer, each in styles.items()
            for place, (name, qml) in enumerate(each.items())
        ],
    )


def _write_metadata(
    file: sqlite3.Connection, metadata: list[tuple[str, str, str, str]], day: str
) -> None:
    """Add what is to be known of each layer, as the standard's extension for metadata has it."""
    file.executescript(
        """
        CREATE TABLE IF NOT EXISTS gpkg_extensions (
            table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL,
            definition TEXT NOT NULL, scope TEXT NOT NULL,
            CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name)
        );
        CREATE TABLE IF NOT EXISTS gpkg_metadata (
            id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL,
            md_scope TEXT NOT NULL DEFAULT 'dataset', md_standard_uri TEXT NOT NULL,
            mime_type TEXT NOT NULL DEFAULT 'text/xml', metadata TEXT NOT NULL DEFAULT ''
        );
        CREATE TABLE IF NOT EXISTS gpkg_metadata_reference (
            reference_scope TEXT NOT NULL, table_name TEXT, column_name TEXT,
            row_id_value INTEGER,
            timestamp DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
            md_file_id INTEGER NOT NULL, md_parent_id INTEGER,
            CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata(id),
            CONSTRAINT crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata(id)
        );
        """
    )
    for table in ("gpkg_metadata", "gpkg_metadata_reference"):
        file.execute(
            "INSERT OR IGNORE INTO gpkg_extensions VALUES (?, NULL, 'gpkg_metadata', "
            "'http://www.geopackage.org/spec120/#extension_metadata', 'read-write')",
            [table],
        )
    for layer, standard, mime, text in metadata:
        row = file.execute(
            "INSERT INTO gpkg_metadata (md_scope, md_standard_uri, mime_type, metadata) "
            "VALUES ('dataset', ?, ?, ?)",
            [standard, mime, text],
        ).lastrowid
        file.execute(
            "INSERT INTO gpkg_metadata_reference (reference_scope, table_name, timestamp, "
            "md_file_id) VALUES ('table', ?, ?, ?)",
            [layer, day, row],
        )
