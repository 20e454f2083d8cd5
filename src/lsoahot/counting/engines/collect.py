"""Groups that came home from an engine: months read, and unpacked for locating."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from lsoahot.counting.locate import NO_POINT
from lsoahot.records import periods, words

from .plans import ROWS, SPOT, WEIGHTS

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from .plans import Plan

_EPOCH: Final = 1970 * 12  # pandas counts months from there, the engines from the year 0


class Alike(NamedTuple):
    """A row for all records that are alike."""

    table: pd.DataFrame  # (n,) the keys
    rows: NDArray[np.int64]  # (n,) the records of each
    spots: NDArray[np.int64] | None  # (n,) the area of their point
    weights: tuple[NDArray[np.float64], ...] | None  # (n,) sums of weights, of squares; bad ones


def with_count(part: pa.Table) -> pa.Table:
    """Give a batch without counts a count of one, lest others with counts make it missing."""
    import pyarrow as pa

    if "count" in part.column_names:
        return part
    return part.append_column("count", pa.array(np.ones(part.num_rows)))


def dated(part: pa.Table, plan: Plan, unread: Counter[str]) -> pa.Table:
    """Read months that came as text, and note those that can't be read."""
    import pyarrow as pa

    if plan.months != "text":
        return part
    wording = part["period"].to_pandas()
    parsed = periods.parse(wording)
    strange = parsed.unread.to_numpy(dtype=bool)
    for text, rows in zip(wording[strange], part[ROWS].to_numpy()[strange], strict=True):
        unread[str(text)] += int(rows)
    months = parsed.period.array
    ordinals = pa.array(months.asi8.astype("float64") + _EPOCH, mask=np.asarray(months.isna()))
    part = part.set_column(part.column_names.index("period"), "period", ordinals)
    if "financial_year" not in part.column_names and parsed.financial_year.notna().any():
        years = pa.array(parsed.financial_year, type=pa.string())
        part = part.append_column("financial_year", years)
    return part


def within(part: pa.Table, period: tuple[str, str] | None) -> pa.Table:
    """Make the months outside a period alike: that they lie outside is all that matters of them."""
    import pyarrow as pa

    if period is None or "period" not in part.column_names:
        return part
    first, last = (pd.Period(end, "M").ordinal + _EPOCH for end in periods.span(period))
    months = part["period"].to_pandas().to_numpy(dtype="float64", na_value=np.nan)
    months = np.where((months < first) | (months > last), last + 1, months)
    place = part.column_names.index("period")
    return part.set_column(place, "period", pa.array(months, from_pandas=True))


def unpacked(alike: pa.Table, need: Sequence[str] = ()) -> Alike:
    """Turn groups into a table of records, with months as months, and what is counted by as text."""
    extra = {SPOT, ROWS, *WEIGHTS}
    table = alike.select([name for name in alike.column_names if name not in extra]).to_pandas()
    for name in need:
        if isinstance(table[name].dtype, pd.CategoricalDtype):
            table[name] = words.of(table[name]).series()
    if "period" in table:
        months = table["period"].to_numpy(dtype="float64", na_value=np.nan)
        none = np.isnan(months)
        ordinals = np.where(none, np.iinfo(np.int64).min, np.nan_to_num(months) - _EPOCH)
        table["period"] = pd.PeriodIndex.from_ordinals(ordinals.astype(np.int64), freq="M")  # type: ignore[attr-defined]  # the stubs lack it
    spots = weights = None
    if SPOT in alike.column_names:
        spots = alike[SPOT].fill_null(NO_POINT).to_numpy().astype(np.int64)
    if WEIGHTS[0] in alike.column_names:
        weights = tuple(alike[name].fill_null(0).to_numpy().astype("float64") for name in WEIGHTS)
    return Alike(table, alike[ROWS].to_numpy().astype(np.int64), spots, weights)
