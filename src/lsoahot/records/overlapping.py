"""Files that overlap: the same events in the extract of April to June and in that of June to August."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from . import layouts, periods, repeated_ids

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .dataset import Dataset
    from .raw import Raw
    from .tally import Tally

_SAME: Final = ("area_code", "period", "date", "category", "group", "x", "y")
_FEW: Final = 5  # rows that are alike in two files by chance
_SHARE: Final = 0.2  # of the smaller file's rows, which are no chance where each has its day


def without_overlaps(held: list[Raw], spec: Dataset, tally: Tally) -> list[Raw]:
    """Leave out rows that another table has too, identifier and all; tell of those without one.

    Parameters
    ----------
    held
        Tables of one source.
    spec
        The adapter.
    tally
        What is told is noted there, and how many rows were left out.

    Returns
    -------
    list of Raw
        The tables, each event of theirs once.
    """
    kept: list[Raw] = []
    seen: dict[bool, list[tuple[str, NDArray[np.uint64]]]] = {True: [], False: []}
    for one in held:
        columns, wide = layouts.shape(one.headers, spec)
        dated = bool({"period", "date"} & columns.keys())
        if wide or "count" in columns or "api_id" in {*columns, *one.headers} or not dated:
            kept.append(one)  # the API's identifiers tell by themselves
            continue
        ids = _identifiers(one, columns.get("crime_id"))
        if ids is None and not _has_days(one.frame, columns):
            kept.append(one)  # in one month many events are alike
            continue
        marks = _marks(one.frame, columns, ids)
        again = np.zeros(len(marks), dtype=bool)
        others = []
        for name, theirs in seen[ids is not None]:
            here = np.isin(marks, theirs)
            if here.sum() >= _FEW and here.sum() >= _SHARE * min(len(here), len(theirs)):
                others.append(name)
            again |= here
        if ids is not None:
            again &= ids != 0
        seen[ids is not None].append((one.name, marks))
        number = int(again.sum())
        if others and ids is None:
            tally.warn(
                f"{one.name}: {number:,} of its {len(again):,} rows stand in {others[0]} too, alike in "
                "place, date and category, and nothing tells whether they are the same events: all were "
                "counted. If the files overlap, take one of them out, or give a column of identifiers."
            )
        elif number and ids is not None:
            where = others[0] if others else "another file"
            tally.warn(
                f"{one.name}: {number:,} of its {len(again):,} rows stand in {where} too, with the same "
                "identifier, place, date and category, and count once. Give files that don't overlap to "
                "be sure."
            )
            tally.leave_out({repeated_ids.AGAIN: number}, rows=True)
            if number == len(again):
                tally.passed_over[one.name] = f"all its rows stand in {where} too"
                continue
            one = _without(one, again)  # noqa: PLW2901
        kept.append(one)
    return kept


def _identifiers(raw: Raw, header: str | None) -> NDArray[np.uint64] | None:
    """Return the number of each row's identifier, 0 for none; None where there is no such column."""
    if isinstance(raw.table, pd.DataFrame):
        if header is None or repeated_ids.name_no_record(raw.table[header], header):
            return None
        there = raw.table[header].notna().to_numpy(dtype=bool)
        numbers = np.zeros(len(there), dtype=np.uint64)
        numbers[there] = repeated_ids.of(raw.table[header])
        return numbers
    numbers = np.concatenate([np.empty(0, dtype=np.uint64), *raw.marks])
    return numbers if len(numbers) == len(raw.table) else None


def _has_days(frame: pd.DataFrame, columns: dict[str, str]) -> bool:
    """Tell whether the rows have their day."""
    cells = [
        frame[columns[name]].dropna().head(_FEW) for name in ("date", "period") if name in columns
    ]
    return any(periods.is_day(str(cell)) for column in cells for cell in column)


def _marks(
    frame: pd.DataFrame, columns: dict[str, str], ids: NDArray[np.uint64] | None
) -> NDArray[np.uint64]:
    """Return a number for each row: the same for rows that are alike in all that records are made of."""
    text = {
        name: frame[columns[name]].astype("string").fillna("").str.strip().astype(object)
        for name in _SAME
        if name in columns
    }
    table = pd.DataFrame(text)
    numbers = np.asarray(pd.util.hash_pandas_object(table, index=False), dtype=np.uint64)
    return numbers if ids is None else numbers ^ (ids * np.uint64(0x9E3779B97F4A7C15))


def _without(raw: Raw, rows: NDArray[np.bool_]) -> Raw:
    """Leave rows of a table out."""
    if isinstance(raw.table, pd.DataFrame):
        return raw._replace(table=raw.table[~rows].reset_index(drop=True))
    import pyarrow as pa

    return raw._replace(
        table=raw.table.filter(pa.array(~rows)), marks=(np.concatenate(raw.marks)[~rows],)
    )
