"""Grouping on the workers of Dask and Spark: one task a partition; Dask adds the groups up in a tree."""

from __future__ import annotations

import importlib
import pickle
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from . import frames
from .plans import AREA_ROW, ROWS, WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import narwhals as nw

    from .finder import Finder
    from .plans import Native, Plan


def placed_on_spark(
    native: Native, plan: Plan, finder: Finder, only: Sequence[object] | None
) -> pa.Table:
    """Look up the points of records on the workers, as `frames.placed` does."""
    import narwhals as nw
    from pyspark.sql import functions, types

    table = nw.to_native(frames.wanted(native, plan, only))
    kinds = {AREA_ROW: types.LongType(), ROWS: types.LongType(), WEIGHTS[2]: types.LongType()}
    kinds |= {
        field.name: field.dataType for field in table.schema.fields if field.name not in kinds
    }
    names = [*plan.groups, ROWS, *plan.sums]
    shape = types.StructType([types.StructField(name, kinds[name]) for name in names])
    grouped = table.mapInArrow(_worker(native, plan, finder), shape)
    sums = [functions.sum(name).alias(name) for name in (ROWS, *plan.sums)]
    home = grouped.groupBy(*plan.groups).agg(*sums)
    return frames.tidy(nw.from_native(home), plan)


def _worker(
    native: Native, plan: Plan, finder: Finder
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """Return what each task runs: batches of prepared records in, batches of groups out."""
    try:
        sent = native.sparkSession.sparkContext.broadcast(finder)
    except Exception:  # noqa: BLE001 - Spark Connect has no context, and says so in several ways
        sent = None

    def work(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        here = finder if sent is None else sent.value
        tables = (pa.Table.from_batches([batch]) for batch in batches)
        parts = (frames.group_by_area(table, plan, here) for table in tables)
        for first in parts:  # of an empty partition there is none
            yield from frames.in_full(frames.merged(chain([first], parts))).to_batches()

    return work


_TOGETHER: Final = 8  # partitions that are added up in one task


def schema(native: Native) -> nw.Schema:
    """Return the columns of a Dask DataFrame with narwhals' types."""
    import narwhals as nw

    result: nw.Schema = nw.from_native(frames.plain(native._meta)).schema  # noqa: SLF001 - documented by Dask
    return result


def grouped(native: Native, plan: Plan) -> pa.Table:
    """Group alike records, as `frames.collected` does."""
    return _run(native, plan, frames.collected)


def placed(native: Native, plan: Plan, finder: Finder, only: Sequence[object] | None) -> pa.Table:
    """Look up the points of records on the workers, as `frames.placed` does.

    The areas are one task of the graph: each worker that needs them fetches them once, and they
    are made again where the worker that had them is lost.
    """
    from dask.delayed import delayed

    blob = pickle.dumps(finder, protocol=pickle.HIGHEST_PROTOCOL)
    # An own name: Dask would hash the bytes to make one.
    sent = delayed(pickle.loads, pure=False)(blob)
    return _run(native, plan, frames.placed, sent, only)


def _run(native: Native, plan: Plan, work: Callable[..., pa.Table], *args: object) -> pa.Table:
    import dask
    from dask.delayed import delayed

    task, add = delayed(work, pure=False), delayed(frames.merged, pure=False)
    parts = [task(part, plan, *args) for part in native[plan.needed].to_delayed()]
    while len(parts) > 1:
        parts = [add(parts[i : i + _TOGETHER]) for i in range(0, len(parts), _TOGETHER)]
    # The scheduler's own settings have to be there first: they would be taken back with ours.
    with suppress(ImportError):
        importlib.import_module("distributed")
    # The areas of a country are more than Dask expects in a graph; they are there once.
    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GB"}):
        table: pa.Table = parts[0].compute()
    return frames.in_full(table)
