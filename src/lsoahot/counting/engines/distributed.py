"""Grouping on Dask's workers: one task a partition, the groups added up in a tree."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Final

from . import frames

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import narwhals as nw
    import pyarrow as pa

    from .finder import Finder
    from .plans import Native, Plan

_TOGETHER: Final = 8  # partitions that are added up in one task


def schema(native: Native) -> nw.Schema:
    """Return the columns of a Dask DataFrame with narwhals' types."""
    import narwhals as nw

    found: nw.Schema = nw.from_native(frames.plain(native._meta)).schema  # noqa: SLF001 - documented by Dask
    return found


def told(native: Native, plan: Plan) -> pa.Table:
    """Group alike records, as `frames.told` does."""
    return _run(native, plan, frames.told)


def placed(
    native: Native,
    plan: Plan,
    finder: Finder,
    only: Sequence[object] | None,
) -> pa.Table:
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
    # The areas of a country are more than Dask expects in a graph; they are there once.
    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GB"}):
        table: pa.Table = parts[0].compute()
    return table
