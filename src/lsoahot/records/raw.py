"""Tables as they stand in files, on their way to records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import pandas as pd

from lsoahot.common.spelling import plain

from . import layouts
from .coordinates import in_order

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

# Given the headers and the first rows, the headers to read, and whether each is a number, word or
# text; None for all. Of rows that can't be seen beforehand, None.
Choose: TypeAlias = Callable[
    [list[str], "Sequence[Sequence[object]] | None"], "dict[str, str] | None"
]

BITE: Final = 1 << 20  # rows that are read, or joined, at a time

# What is read of the street files of data.police.uk. Files with more columns are not joined.
_STREET: Final = {"crimeid", "month", "fallswithin", "reportedby", "longitude", "latitude", "location",
                  "lsoacode", "lsoaname", "crimetype"}  # fmt: skip


class Raw(NamedTuple):
    """A table as it stands in a file, or several that are alike: text headers, values as they are."""

    name: str
    table: Any  # of pandas; of pyarrow where only some columns were read
    size: int = 0  # bytes that were read for it
    marks: tuple[NDArray[np.uint64], ...] = ()  # the numbers of identifiers that were taken out
    others: tuple[str, ...] = ()  # the names of the files after the first, where there are several
    again: int = 0  # rows left out that are the same as one before, identifier and all

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its files."""
        return (self.name, *self.others)

    @property
    def headers(self) -> list[str]:
        """The names of its columns."""
        if isinstance(self.table, pd.DataFrame):
            return list(self.table.columns)
        return list(self.table.column_names)

    @property
    def frame(self) -> pd.DataFrame:
        """The table of pandas; words are categories."""
        return self.table if isinstance(self.table, pd.DataFrame) else _frame(self.table)


def _frame(table: pa.Table) -> pd.DataFrame:
    import pyarrow as pa

    if not len(table):
        empty: pd.DataFrame = table.to_pandas(ignore_metadata=True)
        return empty
    columns: dict[str, Any] = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        if pa.types.is_dictionary(column.type):
            whole = column.unify_dictionaries().combine_chunks()
            whole = whole.chunk(0) if isinstance(whole, pa.ChunkedArray) else whole
            codes = whole.indices.fill_null(-1).to_numpy(zero_copy_only=False)
            words = pd.Index(whole.dictionary.to_pandas())
            columns[name] = pd.Categorical.from_codes(codes, words, validate=False)
        else:
            columns[name] = column.to_pandas()
    return pd.DataFrame(columns, copy=False)


def joined(raws: Iterable[Raw]) -> Iterator[Raw]:
    """Put alike tables of data.police.uk together, as long as they are small and beyond doubt.

    A national year has over 400 files, and each conversion its price.
    """
    import pyarrow as pa

    held: list[Raw] = []

    def together() -> Raw:
        names, tables, sizes, marks, _, again = zip(*held, strict=True)
        table = pa.concat_tables(tables)
        every = tuple(chain.from_iterable(marks))
        return Raw(names[0], table, sum(sizes), every, names[1:], sum(again))

    for raw in raws:
        alike = _joins(raw.table)
        if held and (not alike or not raw.table.schema.equals(held[0].table.schema)):
            yield together()
            held = []
        if not alike:
            yield raw
            continue
        held.append(raw)
        if sum(len(one.table) for one in held) >= BITE:
            yield together()
            held = []
    if held:
        yield together()


def _joins(table: pd.DataFrame | pa.Table) -> bool:
    """Tell whether a table may be read together with others: the checks by file would all pass."""
    if isinstance(table, pd.DataFrame) or not layouts.is_street(table.column_names):
        return False
    names = {plain(name): name for name in table.column_names}
    if len(names) < len(table.column_names) or names.keys() - _STREET:
        return False
    axes = [table[names[axis]] for axis in ("longitude", "latitude") if axis in names]
    if any(str(axis.type) != "double" for axis in axes):
        return False
    return not axes or in_order(*(axis.to_numpy() for axis in axes))
