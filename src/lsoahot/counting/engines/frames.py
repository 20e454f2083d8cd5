"""Grouping alike records by way of narwhals: one text for polars, pyarrow, DuckDB, pandas, Spark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from lsoahot.counting.locate import IN_NONE, NO_POINT
from lsoahot.records import periods
from lsoahot.records.words import text_of

from .plans import AREA_ROW, ROWS, WEIGHTS, X, Y

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .finder import Finder
    from .plans import Frame, Native, Plan

BATCH: Final = 1 << 20  # rows that are looked at together
_MOST: Final = 1 << 20  # groups that are kept before they are added up


def collected(native: Native, plan: Plan) -> pa.Table:
    """Group alike records on their own engine; points are only told from none.

    Parameters
    ----------
    native
        A table that narwhals knows.
    plan
        What to group by.

    Returns
    -------
    pyarrow.Table
        The columns `plan.groups`, `ROWS` and `plan.sums`: a row for all records that are alike.
    """
    import narwhals as nw

    frame = prepared(plain(native), plan)
    if plan.point is not None:
        spot = nw.when(nw.col(AREA_ROW)).then(nw.lit(IN_NONE)).otherwise(nw.lit(NO_POINT))
        frame = frame.with_columns(spot.alias(AREA_ROW))
    return tidy(grouped(frame, plan), plan)


def placed(native: Native, plan: Plan, finder: Finder, only: Sequence[object] | None) -> pa.Table:
    """Look up the points of records in batches, and group alike ones.

    Parameters
    ----------
    native
        A table that narwhals knows.
    plan
        What to group by.
    finder
        Finds the areas of points.
    only
        Of records with a point, only those without a code or with one of these; None for every
        record, with a point or without.
    """
    chosen = (wanted(batch, plan, only).to_native() for batch in batches(plain(native)))
    return in_full(merged(group_by_area(batch, plan, finder) for batch in chosen))


def group_by_area(native: Native, plan: Plan, finder: Finder) -> pa.Table:
    """Look up the points of prepared records, and group alike ones."""
    import narwhals as nw

    frame = nw.from_native(native, eager_only=True)
    there = frame[AREA_ROW].to_numpy().astype(bool)
    spot = np.full(len(there), NO_POINT, dtype=np.int64)
    x, y = (frame[axis].to_numpy()[there] for axis in (X, Y))
    spot[there] = finder.find(x, y)
    column = nw.new_series(AREA_ROW, spot, nw.Int64, backend=frame.implementation)
    return tidy(grouped(frame.with_columns(column), plan), plan)


def wanted(native: Native, plan: Plan, only: Sequence[object] | None) -> Frame:
    """Return prepared records: all, or those with a point whose code is none, or one of `only`."""
    import narwhals as nw

    frame = prepared(native, plan)
    if only is None:
        return frame
    code = nw.col("area_code")
    none = code.is_null() | code.is_in(list(only)) if only else code.is_null()
    return frame.filter(nw.col(AREA_ROW) & none)


def prepared(native: Native, plan: Plan) -> Frame:
    """Return the columns that are grouped and added up, in types that every engine has.

    Months are counted from the year 0; whether there is a point stands in `AREA_ROW`.
    """
    import narwhals as nw

    columns = []
    for name in plan.keys:
        column = nw.col(name)
        if name == "period" and plan.months == "dates":
            # Floats, since pandas' whole numbers can't be missing.
            column = column.dt.year().cast(nw.Float64) * 12 + column.dt.month() - 1
        elif name in plan.texts:
            # Else pandas' missing values would become words.
            column = nw.when(~column.is_null()).then(column.cast(nw.String))
        elif name == "count":
            column = column.cast(nw.Float64)
        columns.append(column.alias(name))
    if plan.point is not None:
        x, y = (nw.col(axis).cast(nw.Float64) for axis in plan.point[:2])
        there = x.is_finite() & y.is_finite()
        if not plan.point.zero:
            there &= ~((x == 0) & (y == 0))
        columns += [x.alias(X), y.alias(Y), there.fill_null(value=False).alias(AREA_ROW)]
    if plan.weight is not None:
        weight = nw.col(plan.weight).cast(nw.Float64)
        good = (weight.is_finite() & (weight >= 0)).fill_null(value=False)
        kept = nw.when(good).then(weight).otherwise(nw.lit(0.0))
        bad = nw.when(good).then(nw.lit(0)).otherwise(nw.lit(1))
        for name, column in zip(WEIGHTS, (kept, kept * kept, bad), strict=True):
            columns.append(column.alias(name))
    return nw.from_native(native).select(*columns)


def grouped(frame: Frame, plan: Plan) -> Frame:
    """Count alike records, and add up their weights."""
    import narwhals as nw

    sums = [nw.col(name).sum() for name in plan.sums]
    return frame.group_by(*plan.groups).agg(nw.len().alias(ROWS), *sums)


def tidy(frame: Frame, plan: Plan) -> pa.Table:
    """Bring groups home as a table of pyarrow, in the types that every engine's are given."""
    import narwhals as nw

    if isinstance(frame, nw.LazyFrame):
        polars = frame.implementation is nw.Implementation.POLARS
        frame = frame.collect("polars", engine="streaming") if polars else frame.collect("pyarrow")
    table = frame.to_arrow()
    return pa.table(
        {name: _plain_column(name, table[name]) for name in [*plan.groups, ROWS, *plan.sums]}
    )


def _plain_column(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return numbers as int64 or float64, missing where they are NaN, and text as text."""
    if name in {AREA_ROW, ROWS, WEIGHTS[2]}:
        return column.cast(pa.int64())
    if name in {"count", *WEIGHTS} or pa.types.is_floating(column.type):
        numbers = column.cast(pa.float64())
        column = pc.if_else(pc.is_nan(numbers), pa.scalar(None, pa.float64()), numbers)
        if name in {"count", *WEIGHTS}:
            return column
    if column.null_count == len(column):
        # Of any type: it gets that of the other batches.
        return pa.chunked_array([pa.nulls(len(column))])
    if pa.types.is_integer(column.type):
        return column.cast(pa.int64())
    if pa.types.is_large_string(column.type) or str(column.type) == "string_view":
        return column.cast(pa.string())
    return column


def merged(parts: Iterable[pa.Table]) -> pa.Table:
    """Add up groups that came in parts, with few in memory at a time; their text may be coded."""
    kept: list[pa.Table] = []
    rows, limit = 0, _MOST
    for part in parts:
        kept.append(part)
        rows += part.num_rows
        if rows > limit:
            kept = [_added(kept)]
            rows = kept[0].num_rows
            limit = max(_MOST, 2 * rows)
    return _added(kept)


def _added(parts: list[pa.Table]) -> pa.Table:
    """Add up groups, by the numbers of their words: a tenth of the memory that words would take."""
    parts[:] = [part for part in parts if part.num_rows] or parts[:1]
    if len(parts) == 1:
        return parts[0]
    try:
        table = pa.concat_tables(map(_coded, parts), promote_options="permissive")
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise ValueError(
            f"the batches of records don't go together: {error}. Give their columns the same types."
        ) from error
    # Combined: what came from another process lies anyhow in memory, and Arrow complains of it.
    table = table.unify_dictionaries().combine_chunks()
    parts.clear()
    words = {
        name: table[name].chunk(0).dictionary
        for name in table.column_names
        if pa.types.is_dictionary(table[name].type)
    }
    columns = dict(zip(table.column_names, table.columns, strict=True))
    columns |= {name: columns[name].chunk(0).indices for name in words}
    sums = [name for name in (ROWS, *WEIGHTS) if name in columns]
    groups = [name for name in columns if name not in sums]
    by_number = pa.table(columns).group_by(groups, use_threads=False)
    added = by_number.aggregate([(name, "sum") for name in sums])
    names = [name.removesuffix("_sum") for name in added.column_names]
    columns = dict(zip(names, added.combine_chunks().columns, strict=True))
    for name, dictionary in words.items():
        columns[name] = pa.DictionaryArray.from_arrays(columns[name].chunk(0), dictionary)
    return pa.table(columns)


def _coded(part: pa.Table) -> pa.Table:
    """Return a table with the number of each word in place of text."""
    columns = {
        name: column.dictionary_encode() if pa.types.is_string(column.type) else column
        for name, column in zip(part.column_names, part.columns, strict=True)
    }
    return pa.table(columns)


def in_full(table: pa.Table) -> pa.Table:
    """Write out text that is coded."""
    columns = {
        name: column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
        for name, column in zip(table.column_names, table.columns, strict=True)
    }
    return pa.table(columns)


def plain(native: Native) -> Native:
    """Return a table of which narwhals knows every type: pandas' months and categories become text."""
    if isinstance(native, pa.RecordBatch):
        return pa.Table.from_batches([native])
    if isinstance(native, pd.DataFrame):
        native = pd.DataFrame(native).copy(deep=False)  # without shapes, and what goes with them
        for name in native.columns[[isinstance(t, pd.CategoricalDtype) for t in native.dtypes]]:
            # Else the categories 1 and 2 become "1.0" and "2.0" where a value is missing.
            native[name] = native[name].map(str, na_action="ignore")
        if "period" in native and isinstance(native["period"].dtype, pd.PeriodDtype):
            codes, months = pd.factorize(pd.PeriodIndex(periods.monthly(native["period"])))
            words = np.array(months.astype(str), dtype=object)
            return native.assign(period=text_of(codes, words))
    return native


def batches(native: Native, rows: int = BATCH) -> Iterator[Native]:
    """Cut a table into eager ones of at most so many rows, without having all in memory."""
    import narwhals as nw

    frame = nw.from_native(native)
    if isinstance(frame, nw.DataFrame):
        for start in range(0, max(len(frame), 1), rows):
            yield frame[start : start + rows].to_native()
    elif hasattr(native, "collect_batches"):  # polars
        yield from native.collect_batches(chunk_size=rows)
    elif hasattr(native, "__arrow_c_stream__"):  # DuckDB
        for batch in pa.RecordBatchReader.from_stream(native):
            yield pa.Table.from_batches([batch])
    else:
        yield from batches(frame.collect("pyarrow").to_native(), rows)
