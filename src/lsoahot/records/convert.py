"""A raw table to records: rename, bring into one shape, parse, group, leave out what is foreign."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pandas as pd

from lsoahot.common.checks import shown
from lsoahot.common.number_cells import read_numbers
from lsoahot.common.spelling import plain

from . import (
    cells,
    count_columns,
    flags,
    layouts,
    periods,
    repeated_ids,
    table_shape,
    totals,
    unread_columns,
    words,
)
from .flags import FLAGS
from .point_column import read_points
from .repeated_ids import AGAIN
from .tally import CARRIED, NOT_UNDERSTOOD, Tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from concurrent.futures import Executor, Future

    from lsoahot.common.arrays import Bools

    from .dataset import Dataset
    from .raw import Raw
    from .table_shape import Shaped
    from .words import Words

# Tables that are turned before their turn: few, however many processors, for each holds a million
# rows, and to turn one takes far less time than to read it.
_AHEAD: Final = 2
# Columns of the raw table that become something else, or nothing.
_USED: Final = frozenset(
    {"crime_id", "area_name", "area_description", "qualifiers", "motive", "period", "date",
     "count", "x", "y", "geometry", "area_code", "financial_year", "api_id"}
)  # fmt: skip


class Request(NamedTuple):
    """What is asked of every table of a source: options of `read_dataset`."""

    spec: Dataset
    all_rows: bool
    points: bool


def convert_tables(
    raws: Iterator[Raw], request: Request, tally: Tally, pool: Executor
) -> Iterator[pd.DataFrame]:
    """Turn raw tables into records, several at a time, and yield them in their order.

    Tables of pandas are turned one after the other, in the thread that asks: an adapter of the user's
    may prepare them, and an answer of the API may repeat what stands in the one before.
    """

    def convert(raw: Raw, own: Tally) -> tuple[pd.DataFrame, Tally]:
        own.source.extend(raw.names)
        own.note(raw.marks)
        own.leave_out({AGAIN: raw.again}, rows=True)
        return to_records(raw.frame, request, raw.name, own), own

    waiting: deque[Future[tuple[pd.DataFrame, Tally]]] = deque()
    while (raw := _next_raw(raws, waiting)) is not None:
        alone = isinstance(raw.table, pd.DataFrame)
        if not alone:
            waiting.append(pool.submit(convert, raw, Tally()))
        while waiting and (alone or len(waiting) > _AHEAD):
            yield tally.add(*waiting.popleft().result())
        if alone:
            yield convert(raw, tally)[0]
    while waiting:
        yield tally.add(*waiting.popleft().result())


def _next_raw(raws: Iterator[Raw], waiting: Iterable[Future[Any]]) -> Raw | None:
    try:
        return next(raws, None)
    except Exception:
        for job in waiting:  # what is wrong with a table before this one is reported first
            job.result()
        raise


def to_records(table: pd.DataFrame, request: Request, name: str, tally: Tally) -> pd.DataFrame:
    """Turn a raw table into records, and note in the tally what became of its rows.

    Points that were given as coordinates are a column of `Points`, in the system they came in.
    """
    spec, all_rows, points = request
    shaped = table_shape.of(table, spec, tally, name)
    raw, frame = shaped.raw, shaped.frame
    deciding = layouts.filter_columns(next(iter(spec.where), ""))
    if spec.where and not all_rows and not deciding & {*frame.columns}:
        # The dataset takes some rows only, and nothing in the table says which.
        categories = frame.get("category")
        unread_columns.check_filter(raw, shaped.unread, categories, spec=spec, name=name)
        tally.unfiltered.append(name)
    if spec.prepare is not None:
        frame = spec.prepare(frame)
    tally.rows += len(frame)
    frame = _parts(frame, spec, tally, name)
    made = _make_columns(frame, shaped, spec, tally)
    if "force" in frame:
        notes = table.attrs.get("coverage")  # records that were saved, some perhaps left out
        if notes is None:
            tally.cover(made["force"], made["period"], complete=shaped.street)
            tally.anonymised |= shaped.street
        else:
            tally.recall(notes)
            tally.anonymised |= bool(table.attrs.get("anonymised"))
    along = _carry_columns(frame, set(made), spec, canonical=layouts.is_canonical(table.columns))
    tally.columns.change([column for column in along if column in shaped.unread], CARRIED)
    made |= along
    if points:
        there, notes = read_points(frame, shaped.pairs, name)
        made |= {} if there is None else {"geometry": there}
        tally.warn(*notes)
    records = pd.DataFrame(words.written_out(made), index=frame.index, copy=False)
    tally.remark(name, *frame.attrs.get("warnings", []))
    if "crime_id" in frame and not repeated_ids.name_no_record(
        frame["crime_id"], shaped.columns.get("crime_id")
    ):
        again = _find_repeats(frame, shaped)
        tally.leave_out({AGAIN: int(again.sum())})
        tally.note([repeated_ids.of(frame["crime_id"][~again])])
        records, frame = records[~again], frame[~again]
    if "api_id" in frame:
        records = _drop_repeated_ids(records, frame["api_id"], tally)
    return records if all_rows else _filter_rows(records, spec, tally)


def _make_columns(
    frame: pd.DataFrame, shaped: Shaped, spec: Dataset, tally: Tally
) -> dict[str, Any]:
    """Make the records' columns, but for the points, and those that are carried along."""
    name = shaped.name
    made: dict[str, Any] = {}
    if "area_code" in frame:
        made["area_code"] = cells.codes(frame["area_code"])
    made |= _dates(frame, shaped, tally)
    whose = None if shaped.street else name  # street files are read together
    made |= _categories(frame, spec, tally, whose) | _flags(frame, spec, name, tally)
    made |= _counts(frame, shaped, made, tally)
    if made["period"].isna().all() and "financial_year" not in made:
        tally.warn(*unread_columns.of_time(shaped.raw, shaped.unread, name))
    if not shaped.street and "count" not in made:
        events = "area_code" not in made or _is_of_events(shaped, made)
        key = _key(made, frame)
        tally.warn(
            *unread_columns.check_numbers(shaped.raw, shaped.unread, key, name, events=events)
        )
    if "weight" in frame:
        made["weight"] = pd.to_numeric(frame["weight"], errors="coerce").astype("float64")
    if "force" in frame:
        made["force"] = cells.text(frame["force"])
    if "area_name" in frame and "district" not in frame:
        made["district"] = cells.districts(frame["area_name"])
    return made


def _counts(
    frame: pd.DataFrame, shaped: Shaped, made: Mapping[str, Any], tally: Tally
) -> dict[str, Any]:
    """Read the counts; a column that holds none is not understood, and each row is an event."""
    if "count" not in frame:
        return {}
    header = shaped.columns.get("count", "count")
    events = _is_of_events(shaped, made)
    counts = None
    if not (count_columns.is_vague(header) and header in shaped.raw and events):
        codes = made["area_code"].series() if "area_code" in made else None
        counts = count_columns.read_counts(frame["count"], shaped.name, header, codes)
    if counts is None:
        shaped.unread.append(header)
        tally.columns.change([header], NOT_UNDERSTOOD)
        return {}
    tally.withheld.update(counts.withheld)
    tally.warn(*counts.warnings)
    return {"count": counts.values}


def _is_of_events(shaped: Shaped, made: Mapping[str, Any]) -> bool:
    """Tell whether something says that a row is an event: its identifier, or exact dates."""
    header = shaped.columns.get("crime_id")
    if header is not None and not repeated_ids.is_bare(header):
        return True
    # Exact dates: others than the first of each month.
    return "date" in made and bool((made["date"].dropna().dt.day != 1).any())


def _key(made: Mapping[str, Any], frame: pd.DataFrame) -> dict[str, pd.Series]:
    """Return what was understood of each row, by the names of the records' columns."""
    names = ("area_code", "period", "financial_year", "category", "force", *FLAGS)
    key = {name: made[name] for name in names if name in made}
    key = {
        name: pd.Series(column, index=frame.index)
        for name, column in words.written_out(key).items()
        if name != "period" or column.notna().any()
    }
    axes = {axis: frame[axis] for axis in "xy" if axis in frame}
    return key if "area_code" in key else {**key, **axes}


def _find_repeats(frame: pd.DataFrame, shaped: Shaped) -> Bools:
    """Tell which rows with an identifier are the same as one before, in every column."""
    raw = shaped.raw
    known = frame["crime_id"].notna().to_numpy(dtype=bool)
    if shaped.wide or len(raw) != len(frame) or not frame["crime_id"][known].duplicated().any():
        return np.zeros(len(frame), dtype=bool)
    shapes = table_shape.shape_column(raw)
    cells_of = pd.DataFrame(raw.drop(columns=shapes) if shapes else raw)
    if shapes is not None:
        cells_of["shapes"] = raw.geometry.to_wkb()
    again: Bools = cells_of.duplicated().to_numpy(dtype=bool) & known
    return again


def _parts(frame: pd.DataFrame, spec: Dataset, tally: Tally, name: str) -> pd.DataFrame:
    """Leave out totals that stand among counts by category: their events would count twice."""
    if "count" not in frame or "category" not in frame:
        return frame
    known = {plain(category) for category in spec.categories}
    total = words.where(
        frame["category"], lambda word: totals.is_total(word) and plain(word) not in known
    )
    if total.any() and frame["category"][~total].notna().any():
        tally.leave_out({"a total of the categories": int(total.sum())})
        frame = frame[~total]
    part = words.where(frame["category"], totals.is_part)
    if part.any() and not part.all():
        parts = shown(map(repr, frame["category"][part].unique()), 3)
        tally.leave_out({"a part of another category": int(part.sum())})
        tally.warn(
            f"{name}: {parts} says that it is a part of what stands before it, and was left out, so that no "
            "event counts twice. To count it, give it in a file of its own."
        )
        frame = frame[~part]
    return _without_wholes(frame, tally, name)


def _without_wholes(frame: pd.DataFrame, tally: Tally, name: str) -> pd.DataFrame:
    """Leave out categories that are the sums of others; tell of those that may be."""
    keys = [key for key in ("area_code", "period", "financial_year") if key in frame]
    numbers = pd.Series(read_numbers(frame["count"]).values, index=frame.index)
    wholes = totals.wholes(frame[[*keys, "category"]].assign(count=numbers))
    for whole, parts in wholes.unsure.items():
        tally.warn(
            f"{name}: {whole!r} may be the sum of {shown(map(repr, parts), 4)}, and all were "
            "counted. Drop it, or them, if so: their events count twice."
        )
    if not wholes.sure:
        return frame
    for whole, parts in wholes.sure.items():
        tally.warn(
            f"{name}: {whole!r} is the sum of {shown(map(repr, parts), 4)} in every row, and was "
            "left out, so that no event counts twice. To count by it, drop its parts."
        )
    rows = frame["category"].astype("string").isin(list(wholes.sure)).to_numpy(dtype=bool)
    tally.leave_out({"a sum of other categories": int(rows.sum())})
    return frame[~rows]


def _dates(frame: pd.DataFrame, shaped: Shaped, tally: Tally) -> dict[str, Any]:
    def where(column: str | None) -> str:
        return f"{shaped.name}, column {shaped.columns.get(column or '', column)!r}"

    def read(values: pd.Series, column: str | None, *, financial: bool = False) -> periods.Parsed:
        try:
            return periods.parse(values, financial=financial)
        except ValueError as error:
            raise ValueError(f"{where(column)}: {error}") from error

    years = frame["financial_year"].astype("string") if "financial_year" in frame else None
    column = next((one for one in ("period", "date") if one in frame), None)
    text = frame[column] if column is not None else words.nothing(frame.index)
    parsed = read(text, column)
    if years is not None and column is not None and parsed.period.isna().all():
        text = text.astype("string") + "/" + years.str.removesuffix(".0")  # "October" and "2021"
        parsed = read(text, column)
    made = {"period": parsed.period}
    exact = read(frame["date"], "date").date if "date" in frame else parsed.date
    if exact.notna().any():
        made["date"] = exact
    financial = parsed.financial_year
    if years is not None and parsed.period.isna().any():
        result = read(years, "financial_year", financial=True)
        financial = financial.fillna(result.financial_year)
        if column is None:
            column, text = "financial_year", years
            parsed = result._replace(unread=result.financial_year.isna() & years.notna())
    if financial.notna().any():
        made["financial_year"] = financial
    if parsed.unread.any():
        tally.unread_dates.update(text[parsed.unread].astype(str).tolist())
        tally.unread_in[where(column)] = None
    tally.warn(*(f"{where(column)}: {note}." for note in parsed.notes))
    return made


def _categories(
    frame: pd.DataFrame, spec: Dataset, tally: Tally, name: str | None
) -> dict[str, Any]:
    made = {}
    if "category" in frame:
        category = cells.text(frame["category"])
        made["category"] = category
        tally.spellings.update(word for word in category.words if word is not None)
    if "group" in frame:
        made["group"] = cells.text(frame["group"])
    elif "category" in made and spec.categories:
        known = _known_groups(frame, spec)
        made["group"] = groups_of(category, known, spec)
        strange = category.each(lambda word: None if plain(word) in known else word).counts()
        tally.unknown.update(strange)
        if strange and name is not None:
            tally.unknown_in[name] = None
    return made


def _known_groups(frame: pd.DataFrame, spec: Dataset) -> dict[str, str]:
    """Return the group of each category: the adapter's, else that of the one it is a part of."""
    known = {plain(category): group for category, group in spec.categories.items()}
    if not {"category", "major_category"} <= set(frame.columns):
        return known
    pairs = frame[["category", "major_category"]].dropna().drop_duplicates()
    whole = {plain(minor): plain(major) for minor, major in pairs.to_numpy()}
    twice = pairs.loc[pairs["category"].duplicated(keep=False), "category"].map(plain)
    parts = {minor: known[major] for minor, major in whole.items() if major in known}
    return {minor: parts[minor] for minor in parts.keys() - {*twice}} | known


def groups_of(categories: Words, known: Mapping[str, str], spec: Dataset) -> Words:
    """Return the group of each category; what isn't known is "Other" or left out."""
    rest = "Unknown" if "group" in spec.where else "Other"
    return categories.each(lambda value: known.get(plain(value), rest))


def _flags(frame: pd.DataFrame, spec: Dataset, name: str, tally: Tally) -> dict[str, Any]:
    made = {}
    kind = next((column for column in ("category", "group") if column in frame), None)
    for flag in FLAGS:
        if flag in frame:
            made[flag] = flags.truth(frame[flag], flag, name)
        elif "qualifiers" in frame:
            made[flag] = flags.holds(frame["qualifiers"], flag)
            if flag == spec.name and (odd := flags.unsure(frame["qualifiers"], flag)):
                tally.warn(
                    f"{name}: {shown(map(repr, odd), 4)} were taken for {flag!r} by that word, and may mean "
                    "something else. If so, write the qualifier so that it can't be taken for one."
                )
        elif flag == "drugs" and spec.name == "drugs" and kind is not None:
            known = _known_groups(frame, spec)
            groups = groups_of(words.of(frame[kind]), known, spec).series()
            made[flag] = (groups == "Drugs").to_numpy(dtype=bool)
    return made


def _carry_columns(
    frame: pd.DataFrame, made: set[str], spec: Dataset, *, canonical: bool
) -> dict[str, Any]:
    """Carry along what the adapter names, and all of a table of records.

    Of anything else, nothing: an extract may hold names and addresses.
    """
    every = frame.columns if canonical and "wide count" not in frame else spec.columns
    carried = [column for column in every if column in frame and column not in made | _USED]
    return {
        column: words.of(frame[column])
        if isinstance(frame[column].dtype, pd.CategoricalDtype)
        else frame[column]
        for column in carried
    }


def _drop_repeated_ids(records: pd.DataFrame, ids: pd.Series, tally: Tally) -> pd.DataFrame:
    """Keep one of each of the API's identifiers: answers for neighbouring shapes overlap."""
    again = (ids.duplicated() | ids.isin(tally.api_ids)) & ids.notna()
    tally.api_ids.update(ids.dropna())
    tally.leave_out({"the same record of the API again": int(again.sum())})
    return records[~again.to_numpy(dtype=bool)]


def _filter_rows(records: pd.DataFrame, spec: Dataset, tally: Tally) -> pd.DataFrame:
    """Leave out the rows that don't belong to the dataset, and count them by what they are."""
    for column, values in spec.where.items():
        if column not in records:
            continue  # counts an area have no flag
        wanted = {plain(value) for value in values}
        text = words.of(records[column].astype("string")).each(plain)
        belongs = np.array([*(word in wanted for word in text.words), False], dtype=bool)
        foreign = ~belongs[text.codes]
        if column in FLAGS:
            tally.leave_out({f"not {column}": int(foreign.sum())})
        elif foreign.any():
            label = "category" if column == "group" and "category" in records else column
            if spec.prepare is not None:
                label = column  # the adapter worked it out, and says why
            what = records.loc[foreign, label].astype("string").fillna("not stated")
            tally.left_out.update(what.tolist())
        records = records[~foreign]
    return records
