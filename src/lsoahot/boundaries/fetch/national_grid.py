"""Polygons to the National Grid, tested there, by all processors."""

from __future__ import annotations

import json
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from lsoahot.common.arrays import THREADS
from lsoahot.records.coordinates import distinct, transformer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import pyarrow as pa
    from numpy.typing import NDArray
    from pyarrow.parquet import ParquetFile

    from lsoahot.common.arrays import Bools


_CORNER: Final = 16  # bytes


def read_geoparquet(path: Path) -> tuple[gpd.GeoDataFrame, Bools | None]:
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
        noted = file.schema_arrow.metadata or {}
        geo = json.loads(noted.get(b"geo", b"{}"))
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
    areas = gpd.GeoDataFrame(table, geometry=name, crs=CRS)
    areas.attrs = json.loads(noted.get(b"PANDAS_ATTRS", b"{}"))  # as pandas and geopandas keep them
    return areas, valid


def _rows(file: ParquetFile, name: str) -> int:
    """Tell how many rows have about the corners of a piece."""
    groups = (file.metadata.row_group(i) for i in range(file.metadata.num_row_groups))
    columns = (group.column(i) for group in groups for i in range(group.num_columns))
    size: int = sum(one.total_uncompressed_size for one in columns if one.path_in_schema == name)
    rows: int = file.metadata.num_rows
    return max(1, rows * CORNERS * _CORNER // max(size, 1))


CRS: Final = "EPSG:27700"
CORNERS: Final = 60_000  # of a piece: few enough for a processor's cache
_ALONE: Final = 4 * CORNERS  # fewer are moved while a thread of their own makes its transformer


def to_grid(shapes: NDArray[np.object_], crs: pyproj.CRS) -> tuple[NDArray[np.object_], Bools]:
    """Move shapes to the National Grid, and tell which are valid there.

    Neighbours have their corners in common, so that half of the corners of a census edition need
    not be transformed. Each piece is moved and tested by one thread; the results are those of
    `geopandas.GeoSeries.to_crs`.

    Parameters
    ----------
    shapes
        Shapes in two dimensions, shape (n,); they are left as they are.
    crs
        Their coordinate reference system.

    Returns
    -------
    tuple of ndarray
        The shapes in EPSG:27700, and whether each is valid (False for a missing one).

    Examples
    --------
    >>> square = np.array([shapely.box(-0.73, 52.66, -0.72, 52.67)])
    >>> moved, valid = to_grid(square, pyproj.CRS(4326))
    >>> shapely.bounds(moved).round(-2).tolist(), valid.tolist()
    ([[486000.0, 307700.0, 486700.0, 308800.0]], [True])
    """
    corners = np.cumsum(shapely.get_num_coordinates(shapes))
    total = int(corners[-1]) if len(corners) else 0
    if total < _ALONE:
        return _tested(shapes, _mover(crs))
    cuts = np.searchsorted(corners, np.arange(CORNERS, total, CORNERS))
    return pieces_to_grid(np.split(shapes, cuts), crs)


def pieces_to_grid(
    pieces: Iterable[NDArray[np.object_] | pa.Array], crs: pyproj.CRS
) -> tuple[NDArray[np.object_], Bools]:
    """Do as `to_grid` does with pieces that are on their way: arrays of shapes, or of their WKB.

    Parameters
    ----------
    pieces
        At least one, of about `CORNERS` corners: arrays of shapes in two dimensions, or arrays of
        pyarrow that hold shapes as well-known binary, whose heights are dropped.
    crs
        Their coordinate reference system.

    Raises
    ------
    shapely.errors.GEOSException
        Where something is no WKB.
    """
    move = _mover(crs)
    # shapely.is_valid silences warnings for its own time. Two threads that do may leave them silenced
    # for good, so what they were before is put back.
    with warnings.catch_warnings(), ThreadPoolExecutor(THREADS) as pool:
        moved, valid = zip(*pool.map(lambda piece: _tested(piece, move), pieces), strict=True)
    return np.concatenate(moved), np.concatenate(valid)


def _mover(crs: pyproj.CRS) -> pyproj.Transformer | None:
    home = pyproj.CRS(CRS)
    return None if crs.is_exact_same(home) else transformer(crs, home)


def _tested(
    piece: NDArray[np.object_] | pa.Array, move: pyproj.Transformer | None
) -> tuple[NDArray[np.object_], Bools]:
    shapes = piece if isinstance(piece, np.ndarray) else _flat(piece)
    moved = shapes if move is None else _moved(shapes, move)
    return moved, shapely.is_valid(moved)


def _flat(wkb: pa.Array) -> NDArray[np.object_]:
    shapes = shapely.from_wkb(wkb.to_numpy(zero_copy_only=False))
    flat: NDArray[np.object_] = shapely.force_2d(shapes) if shapely.has_z(shapes).any() else shapes
    return flat


def _moved(shapes: NDArray[np.object_], move: pyproj.Transformer) -> NDArray[np.object_]:
    corners = shapely.get_coordinates(shapes)
    if np.isfinite(corners).all():
        back, x, y = distinct(*corners.T)
        corners = np.column_stack(move.transform(x, y))[back]
    else:
        x, y = corners.T
        corners = np.column_stack(move.transform(x, y))
    moved: NDArray[np.object_] = shapely.set_coordinates(shapes.copy(), corners)
    return moved
