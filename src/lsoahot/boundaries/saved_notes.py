"""What a table of ours noted (edition, licence, account of records ...), kept in a GeoPackage.

GeoParquet keeps a table's ``attrs`` by itself. In a GeoPackage they stand as JSON in the standard's table
of metadata, under an address of our own.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pathlib import Path

STANDARD: Final = "https://lsoahot.readthedocs.io/attrs"
_READ: Final = """
SELECT m.metadata FROM gpkg_metadata m JOIN gpkg_metadata_reference r ON r.md_file_id = m.id
WHERE m.md_standard_uri = ? AND (? IS NULL OR r.table_name = ?) ORDER BY m.id LIMIT 1
"""


def read(path: Path, layer: str | None) -> dict[str, Any]:
    """Return the notes of a layer (by default the only one), or nothing where there are none.

    Parameters
    ----------
    path
        Any file.
    layer
        The layer's name.
    """
    if path.suffix.lower() != ".gpkg" or not path.is_file():
        return {}
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as file:
            row = file.execute(_READ, [STANDARD, layer, layer]).fetchone()
        kept = json.loads(row[0]) if row else {}
    except (sqlite3.Error, ValueError, RecursionError):
        return {}
    return kept if isinstance(kept, dict) else {}
