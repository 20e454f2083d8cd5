"""GeoParquet: polygons go to the National Grid while the next ones are read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import pyproj

from .national_grid import CORNERS, CRS, pieces_to_grid

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray
    from pyarrow.parquet import ParquetFile

_CORNER: Final = 16  # bytes


def read(path: Path) -> tuple[gpd.GeoDataFrame, NDArray[np.bool_] | None]:
    """Read a file, its polygons moved to the National Grid if they are kept as WKB with a system.

    Returns
    -------
    tuple
        The table, and which shapes are valid; None where they were not moved.

    Raises
    ------
    pyarrow.ArrowException, OSError, ValueError, shapely.errors.GEOSException
        Where the file is broken, or no GeoParquet.
    """
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

    if path.is_dir():
        return gpd.read_parquet(path), None
    with ParquetFile(path) as file:
        geo = json.loads((file.schema_arrow.metadata or {}).get(b"geo", b"{}"))
        name = geo.get("primary_column", "")
        how = (geo.get("columns") or {}).get(name, {})
        system = how.get("crs", "OGC:CRS84")
        headers = file.schema_arrow.names
        usual = how.get("encoding") == "WKB" and len({*headers}) == len(headers)
        if not (usual and system and file.metadata.num_rows):
            return gpd.read_parquet(path), None
        rest: list[pa.RecordBatch] = []

        def pieces() -> Iterator[pa.Array]:
            for batch in file.iter_batches(_rows(file, name)):
                rest.append(batch.drop_columns([name]))
                yield batch[name]

        shapes, valid = pieces_to_grid(pieces(), pyproj.CRS.from_user_input(system))
    table = pa.Table.from_batches(rest).to_pandas()
    table[name] = shapes
    return gpd.GeoDataFrame(table, geometry=name, crs=CRS), valid


def _rows(file: ParquetFile, name: str) -> int:
    """Tell how many rows have about the corners of a piece."""
    groups = (file.metadata.row_group(i) for i in range(file.metadata.num_row_groups))
    columns = (group.column(i) for group in groups for i in range(group.num_columns))
    size: int = sum(one.total_uncompressed_size for one in columns if one.path_in_schema == name)
    rows: int = file.metadata.num_rows
    return max(1, rows * CORNERS * _CORNER // max(size, 1))
