"""Looking up points on Spark's workers, with the areas sent to each once."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import pyarrow as pa

from . import frames
from .plans import ROWS, SPOT, WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from .finder import Finder
    from .plans import Native, Plan


def placed(
    native: Native,
    plan: Plan,
    finder: Finder,
    only: Sequence[object] | None,
) -> pa.Table:
    """Look up the points of records on the workers, as `frames.placed` does."""
    import narwhals as nw
    from pyspark.sql import functions, types

    frame = frames.prepared(native, plan)
    if only is not None:
        frame = frame.filter(frames.wanted(only, coded="area_code" in plan.keys))
    table = nw.to_native(frame)
    kinds = {SPOT: types.LongType(), ROWS: types.LongType(), WEIGHTS[2]: types.LongType()}
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
    native: Native,
    plan: Plan,
    finder: Finder,
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """Return what each task runs: batches of prepared records in, batches of groups out."""
    try:
        sent = native.sparkSession.sparkContext.broadcast(finder)
    except Exception:  # noqa: BLE001 - Spark Connect has no context, and says so in several ways
        sent = None

    def work(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        here = finder if sent is None else sent.value
        tables = (pa.Table.from_batches([batch]) for batch in batches)
        parts = (frames.spotted(table, plan, here) for table in tables)
        for first in parts:  # of an empty partition there is none
            yield from frames.merged(chain([first], parts)).to_batches()

    return work
