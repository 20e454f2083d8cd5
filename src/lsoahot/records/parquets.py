"""Parquet: the columns that are needed, some rows at a time."""

from __future__ import annotations

import io
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from . import repeated_ids
from .raw import BITE, Raw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyarrow.parquet import FileMetaData

    from .packed import File
    from .raw import Choose


def tables(file: File, choose: Choose) -> Iterator[Raw]:
    """Read a file in bites: tables of pyarrow where only some columns are needed.

    Yields
    ------
    Raw
        A table a bite: of pandas, and the whole file, where all columns are needed.

    Raises
    ------
    ValueError
        Where the file is broken.
    """
    import pyarrow as pa

    try:
        yield from _tables(file, choose)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise ValueError(
            f"{file.name} can't be read as Parquet ({error}). Write or download it again."
        ) from error


def _tables(file: File, choose: Choose) -> Iterator[Raw]:
    import geopandas as gpd
    import pyarrow as pa
    from pyarrow import parquet

    on_disk = file.path is not None and file.path.suffix.lower() == ".parquet"
    data = None if on_disk else file.data()
    source = str(file.path) if data is None else pa.BufferReader(data)
    schema = parquet.read_schema(source)
    if b"geo" in (schema.metadata or {}):
        result = gpd.read_parquet(io.BytesIO(file.data()))  # type: ignore[arg-type]  # or a stream
        whole = result if result.geometry.name == "geometry" else result.rename_geometry("geometry")
        yield Raw(file.name, whole, file.size)
        return
    wanted = choose(schema.names, None)
    if wanted is None:
        yield Raw(file.name, pd.read_parquet(io.BytesIO(file.data())), file.size)
        return
    words = [
        header
        for header, kind in wanted.items()
        if kind == "word" and schema.field(header).type in {pa.string(), pa.large_string()}
    ]
    source = str(file.path) if data is None else pa.BufferReader(data)
    with parquet.ParquetFile(source, read_dictionary=words) as opened:
        rows = max(opened.metadata.num_rows, 1)
        for groups in _bites(opened.metadata):
            some = {"columns": list(wanted)}
            if sum(opened.metadata.row_group(i).num_rows for i in groups) <= 2 * BITE:
                table = opened.read_row_groups(groups, **some).select(list(wanted))
                every = partial(opened.read_row_groups, groups)
                few, marks, again = repeated_ids.without_twins(table, wanted, every)
                yield Raw(file.name, few, file.size * len(table) // rows, (marks,), again=again)
                continue
            for batch in opened.iter_batches(BITE, row_groups=groups, **some):
                table = pa.Table.from_batches([batch]).select(list(wanted))
                few, marks = repeated_ids.taken_out(table, wanted)
                yield Raw(file.name, few, file.size * len(table) // rows, (marks,))


def _bites(metadata: FileMetaData) -> Iterator[list[int]]:
    """Put row groups together until they have enough rows; at least one bite, if empty."""
    some: list[int] = []
    rows = 0
    for i in range(metadata.num_row_groups):
        some.append(i)
        rows += metadata.row_group(i).num_rows
        if rows >= BITE:
            yield some
            some, rows = [], 0
    if some or not metadata.num_row_groups:
        yield some
