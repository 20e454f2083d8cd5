"""Tables of one source that hold the same events: twins, overlaps, and totals of others."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from lsoahot.common.checks import shown
from lsoahot.common.spelling import plain

from . import convert, layouts, periods, repeated_ids
from .tally import Tally

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lsoahot.common.arrays import Bools

    from .dataset import Dataset
    from .raw import Raw

_TOTAL_SHEET: Final = re.compile(
    r"(?i).*\b(?:totals?|all|summary|overview|overall|combined|annual|whole year|ytd|year to date|"
    r"pivot|full year)\b.*"
)
_SAME: Final = ("area_code", "period", "date", "category", "group", "x", "y")
_FEW: Final = 5  # rows that are alike in two files by chance
_SHARE: Final = 0.2  # of the smaller file's rows, which are no chance where each has its day


def without_repeats(held: list[Raw], request: convert.Request, tally: Tally) -> list[Raw]:
    """Return the tables that don't hold again what others of them hold, and tell of the others.

    Parameters
    ----------
    held
        Tables of one source.
    request
        The adapter, and how it is to be applied.
    tally
        Messages are noted there, and how many rows were left out.

    Returns
    -------
    list of Raw
        The tables, each event of theirs once.
    """
    if len(held) < 2:  # noqa: PLR2004
        return held
    spec = request.spec
    held = _without_overlaps(_without_twins(held, spec, tally), spec, tally)
    if not any(layouts.has_counts(one.headers, spec) for one in held):
        return held
    request = request._replace(points=False)
    sheets = [
        Sheet(one.name, convert.to_records(one.frame, request, one.name, Tally())) for one in held
    ]
    over, notes = _repeated_sheets(sheets)
    tally.passed_over |= over
    tally.warn(*notes, *(f"{name} was passed over: {why}." for name, why in over.items()))
    return [one for one in held if one.name not in over]


def _without_twins(held: list[Raw], spec: Dataset, tally: Tally) -> list[Raw]:
    """Pass over a table of dated events that is the same as one before, cell by cell, in another form.

    Counts may well be alike, as may tables of which only their names say the month.
    """
    sizes = Counter((len(one.table), tuple(one.headers)) for one in held)
    result: list[Raw] = []
    seen: dict[str, str] = {}
    for one in held:
        alike = sizes[len(one.table), tuple(one.headers)] > 1 and len(one.table) > 1
        dated = bool({"period", "date"} & layouts.shape(one.headers, spec)[0].keys())
        if alike and dated and not layouts.has_counts(one.headers, spec):
            text = one.frame.astype("string").fillna("")
            mark = repr([one.headers, text.to_numpy().tolist()])
            if mark in seen:
                why = f"its rows are those of {seen[mark]}, cell by cell"
                tally.passed_over[one.name] = why
                tally.warn(
                    f"{one.name} was passed over: {why}. Take one of them out of the source."
                )
                continue
            seen[mark] = one.name
        result.append(one)
    return result


# --- overlaps -------------------------------------------------------------------------------------


def _without_overlaps(held: list[Raw], spec: Dataset, tally: Tally) -> list[Raw]:
    """Leave out rows that another table has too, identifier and all; tell of those without one."""
    result: list[Raw] = []
    seen: dict[bool, list[tuple[str, NDArray[np.uint64]]]] = {True: [], False: []}
    for one in held:
        columns, wide = layouts.shape(one.headers, spec)
        dated = bool({"period", "date"} & columns.keys())
        if wide or "count" in columns or "api_id" in {*columns, *one.headers} or not dated:
            result.append(one)  # the API's identifiers tell by themselves
            continue
        ids = _identifiers(one, columns.get("crime_id"))
        if ids is None and not _has_days(one.frame, columns):
            result.append(one)  # in one month many events are alike
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
        result.append(one)
    return result


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


def _without(raw: Raw, rows: Bools) -> Raw:
    """Leave rows of a table out."""
    if isinstance(raw.table, pd.DataFrame):
        return raw._replace(table=raw.table[~rows].reset_index(drop=True))
    import pyarrow as pa

    return raw._replace(
        table=raw.table.filter(pa.array(~rows)), marks=(np.concatenate(raw.marks)[~rows],)
    )


# --- totals of other tables -----------------------------------------------------------------------


class Sheet(NamedTuple):
    """A table of a source, as records."""

    name: str
    records: pd.DataFrame


def _repeated_sheets(sheets: list[Sheet]) -> tuple[dict[str, str], list[str]]:
    """Find the sheets that hold again, as totals or as a pivot table, what others hold.

    Returns
    -------
    tuple
        The name of each such sheet -> why it is passed over; and what to tell of those that are read.

    Raises
    ------
    ValueError
        Where one sheet has a row an event and another counts, or one is called a total, and they
        don't agree: nothing tells which is right.
    """
    events = [one for one in sheets if "count" not in one.records]
    counts = [one for one in sheets if "count" in one.records]
    over: dict[str, str] = {}
    warnings: list[str] = []
    for one in counts:
        others = events or [
            other for other in counts if other is not one and other.name not in over
        ]
        if not others or (not events and not _may_be_total(one, others)):
            continue
        names = shown((other.name for other in others), 3)
        if _alike(one, others):
            over[one.name] = f"its counts are those of {names}, added up"
        elif events or _TOTAL_SHEET.fullmatch(_own(one.name)):
            here, there = _events([one]), _events(others)
            message = (
                f"{one.name} has counts ({here:,}) beside {names} ({there:,} events), and is neither "
                "their sum nor plainly something else: together they may count an event twice. Keep "
                "the one you want in a file of its own."
            )
            if any(one.name.split(" [")[0] == other.name.split(" [")[0] for other in others):
                raise ValueError(message)
            warnings.append(message)
    return over, warnings


def _own(name: str) -> str:
    """Return the name of a sheet, or of a file without its ending."""
    sheet = re.search(r"\[(.*)\]$", name)
    return sheet[1] if sheet else re.sub(r"\.\w+$", "", re.split(r"[/\\]", name)[-1])


def _may_be_total(one: Sheet, others: list[Sheet]) -> bool:
    """Tell whether a sheet of counts may be the sum of others, by its name and its months."""
    months, theirs = (_different(some, "period", "financial_year") for some in ([one], others))
    if _TOTAL_SHEET.fullmatch(_own(one.name)):
        return True
    if not months:
        return bool(theirs)
    mine, kinds = ({*map(plain, _different(some, "category"))} for some in ([one], others))
    return months == theirs and (not mine or not kinds or bool(mine & kinds))


def _different(sheets: list[Sheet], *columns: str) -> set[str]:
    """Return the different values of columns, as text."""
    return {
        str(value)
        for sheet in sheets
        for column in columns
        if column in sheet.records
        for value in sheet.records[column].dropna().unique()
    }


def _events(sheets: list[Sheet]) -> int:
    return int(sum(_by_area(sheet).sum() for sheet in sheets))


def _by_area(sheet: Sheet) -> pd.Series:
    records = sheet.records
    number = records["count"].astype("Float64").fillna(0) if "count" in records else 1
    codes = records["area_code"] if "area_code" in records else pd.Series("", index=records.index)
    return pd.Series(number, index=records.index).groupby(codes.fillna("").astype(str)).sum()


def _alike(one: Sheet, others: list[Sheet]) -> bool:
    """Tell whether a sheet's counts are, area by area, the sum of others'."""
    mine = _by_area(one)
    total = pd.concat([_by_area(other) for other in others]).groupby(level=0).sum()
    return bool((mine.sub(total, fill_value=0) == 0).all() and mine.sum() > 0)
