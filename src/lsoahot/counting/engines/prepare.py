"""Records from anywhere to a small table of alike ones, with how many records each row stands for.

Everything that decides where a record belongs, and what is reported of it, depends on few columns. So
records are grouped by these on their own engine, and the same code then locates a row for many.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa

from lsoahot.common import checks
from lsoahot.common.arrow_stream import is_stream
from lsoahot.counting import locate
from lsoahot.counting.locate import NO_POINT, Options
from lsoahot.records import coordinates, periods, words
from lsoahot.records.coordinates import Pair
from lsoahot.records.tally import Tally, merged

from . import distributed, frames, plans
from .finder import Finder
from .plans import AREA_ROW, ROWS, WEIGHTS, X, Y

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import narwhals as nw

    from lsoahot.common.arrays import Floats, Integers

    from .plans import Native

_HEAD = 1000  # rows that tell degrees from metres
_WHOSE = "the records"
_EPOCH = 1970 * 12  # pandas counts months from there, the engines from the year 0


class _Wanted(NamedTuple):
    """What is asked of every table of records."""

    areas: gpd.GeoDataFrame
    options: Options
    weight: str | None
    finder: Callable[[str], Finder]  # made for a reference system where points are met


def grouped(
    areas: gpd.GeoDataFrame, records: object, options: Options, weight: str | None
) -> tuple[pd.DataFrame, locate.Grouped, tuple[Floats, ...] | None]:
    """Group records that are alike, wherever they are, for `locate.locate`.

    Parameters
    ----------
    areas
        The areas; index `area_code`.
    records
        Any table that narwhals knows, or an iterable of such tables.
    options
        How they are located.
    weight
        The column of weights.

    Returns
    -------
    tuple
        A row for all records that are alike; how many these are, and where their points lie; and
        sums of the weights, of their squares, and of those that are none.
    """
    finder = cache(lambda crs: Finder(areas, crs))
    options = options._replace(locate_by=locate.decided_by(areas, options.locate_by))
    wanted = _Wanted(areas, options, weight, finder)
    notes = _Stream()
    parts = (part for table in tables(records) for part in _grouped(table, wanted, notes))
    first = next(parts, None)
    if first is None:
        raise ValueError(
            "there is no batch of records. An iterator can be read once only: make it again for "
            "each count."
        )
    every: Iterator[pa.Table] = map(_with_count, chain([first], parts))
    alike = frames.merged(_within(part, options.period) for part in every)
    rows = _unpacked(alike, options.need)
    for name, levels in notes.levels.items():
        rows.table[name] = pd.Categorical(rows.table[name], categories=levels)
    rows.table.attrs = merged(notes.attrs)
    warnings = []
    if notes.unread:
        warnings.append(
            f"{notes.unread.total():,} records have a period that can't be read, and no month now: "
            f"{checks.shown(sorted(notes.unread), 3)}. Write months as YYYY-MM."
        )
    point = notes.sure or notes.point
    result = locate.Grouped(rows.rows, rows.area_rows, point, warnings, notes.finder)
    return rows.table, result, rows.weights


# --- other engines, and batches -------------------------------------------------------------------


class _Stream:
    """What the tables of a stream have reported so far."""

    def __init__(self) -> None:
        self.levels: dict[str, list[str]] = {}  # categories in their order
        self.attrs: list[dict[str, Any]] = []
        self.unread: Counter[str] = Counter()  # records by a period that can't be read
        self.point: Pair | None = None  # of the last table
        self.finder: Finder | None = None  # of the last table with points
        self.sure: Pair | None = None  # of the first that had points in guessed columns

    def read(self, records: object) -> None:
        """Note what a table's ``attrs`` tell of how it was read; of slices of one table, once."""
        attrs = dict(getattr(records, "attrs", None) or {})
        read = attrs.get("read")
        slices = isinstance(records, pd.DataFrame) and read and read.get("kept") != len(records)
        if slices and any(read == other.get("read") for other in self.attrs):
            attrs.pop("read")
        self.attrs.append(attrs)


def tables(records: object) -> Iterator[Native]:
    """Yield the one table, or every batch of a stream."""
    if is_stream(records) and not is_table(records):
        yield from pa.RecordBatchReader.from_stream(records)
    elif not isinstance(records, (list, tuple, Iterator)) and is_table(records):
        yield records
    elif isinstance(records, Iterable) and not isinstance(records, (str, bytes, dict)):
        for batch in records:
            yield _table(batch)
    else:
        _table(records)


def _table(records: object) -> object:
    if is_table(records):
        return records
    if is_stream(records):
        return pa.table(records)
    raise TypeError(
        f"records is a {type(records).__name__}, not a table. Give a pandas DataFrame, any table "
        "that narwhals knows (polars, pyarrow, DuckDB, Dask, Spark), or batches of these. Read "
        "files with lsoahot.read_dataset()."
    )


def is_table(records: object) -> bool:
    """Tell whether something is a table that can be counted."""
    import narwhals as nw

    if isinstance(records, (pd.DataFrame, pa.RecordBatch)) or _root(records) == "dask":
        return True
    result = nw.from_native(records, pass_through=True)
    return isinstance(result, (nw.DataFrame, nw.LazyFrame))


def _root(records: object) -> str:
    return type(records).__module__.partition(".")[0]


def _grouped(records: Native, wanted: _Wanted, stream: _Stream) -> Iterator[pa.Table]:
    """Yield the groups of one table; its points are looked up only where they decide."""
    stream.read(records)
    options, point = wanted.options, None
    if isinstance(records, gpd.GeoDataFrame) and records.active_geometry_name is not None:
        records, point = _unshaped(records)
    engine = engine_of(records)
    records = engine.table
    if point is None:
        point = coordinates.find_pair(engine.schema, *options.axes)
        if point is not None and point.guessed:
            # A batch without a point tells nothing, and another system would do for it as well.
            stream.sure = stream.sure or _with_system(records, point)
            point = stream.sure or point
    stream.point = point
    plan = plans.make(engine.schema, weight=wanted.weight, need=options.need, point=point)
    _levels(records, engine.schema, wanted, stream)
    if point is None:
        yield _dated(engine.group(records, plan), plan, stream.unread)
        return
    stream.finder = wanted.finder(point.crs)
    junk, coded = None, 0
    if options.locate_by == "code" and "area_code" in plan.keys:
        alike = engine.group(records, plan)
        codes, with_point = alike["area_code"].to_pandas(), alike[AREA_ROW].to_numpy() != NO_POINT
        by_point = locate.undecided(codes, wanted.areas, with_point)
        coded = alike[ROWS].to_numpy()[codes.isin(wanted.areas.index)].sum()
        yield _dated(alike.filter(pa.array(~by_point)), plan, stream.unread)
        if not by_point.any():
            return
        junk = alike["area_code"].filter(pa.array(by_point)).drop_null().unique().to_pylist()
    result = engine.look_up(records, plan, stream.finder, junk)
    area_rows, rows = result[AREA_ROW].to_numpy(), result[ROWS].to_numpy()
    outside, points = rows[area_rows == locate.IN_NONE].sum(), rows[area_rows != NO_POINT].sum()
    if outside > (points + coded) / 2 and not len(stream.finder.places):
        # Which mistake explains it is asked here; what workers remember stays with them.
        head = _head(records, plan, junk)
        stream.finder.find(*(head[axis].to_numpy(dtype="float64") for axis in (X, Y)))
    yield _dated(result, plan, stream.unread)


class Engine(NamedTuple):
    """A table, its columns, and how its engine groups it."""

    table: Native
    schema: Mapping[str, nw.dtypes.DType]
    group: Callable[[Native, plans.Plan], pa.Table]
    look_up: Callable[[Native, plans.Plan, Finder, Sequence[object] | None], pa.Table]


def engine_of(records: Native) -> Engine:
    """Choose how a table is grouped, by where it lives."""
    import narwhals as nw

    if _root(records) == "dask":
        return Engine(records, distributed.schema(records), distributed.grouped, distributed.placed)
    table = frames.plain(records)
    look_up = distributed.placed_on_spark if _root(records) == "pyspark" else frames.placed
    return Engine(table, nw.from_native(table).collect_schema(), frames.collected, look_up)


def _unshaped(records: gpd.GeoDataFrame) -> tuple[pd.DataFrame, Pair]:
    """Return records with their points in columns, as no engine knows shapes."""
    table = pd.DataFrame(records.drop(columns=records.active_geometry_name))
    points = cast("locate.PointsOf", locate.points_of(records))  # there is a geometry
    x, y = (np.append(axis, np.nan)[points.place] for axis in (points.x, points.y))
    crs = records.crs.to_wkt() if records.crs is not None else ""
    names = "_east", "_north"
    return table.assign(_east=x, _north=y), Pair(*names, crs, names, zero=True)


def _with_system(records: Native, point: Pair) -> Pair | None:
    """Tell degrees from metres by the first rows that have a point; None where no row has one."""
    head = _head(records, plans.keyed({}, (), point=point), None)
    if head.empty:
        return None
    return point._replace(crs=coordinates.read(head, point._replace(x=X, y=Y), _WHOSE).crs)


def _head(records: Native, plan: plans.Plan, only: Sequence[object] | None) -> pd.DataFrame:
    """Return the first rows that have a point (`X` and `Y`), of those that `frames.wanted` returns."""
    import narwhals as nw

    on_dask = _root(records) == "dask"
    for part in records[plan.needed].to_delayed() if on_dask else [records]:
        table = frames.plain(part.compute()) if on_dask else part
        few = frames.wanted(table, plan, only).filter(nw.col(AREA_ROW)).head(_HEAD)
        eager = few.collect("pyarrow") if isinstance(few, nw.LazyFrame) else few
        head: pd.DataFrame = eager.to_arrow().to_pandas()
        if len(head):
            break
    return head


def _levels(
    records: Native, schema: Mapping[str, nw.dtypes.DType], wanted: _Wanted, stream: _Stream
) -> None:
    """Note the categories, in their order, of columns that have them."""
    import narwhals as nw

    for name in wanted.options.need:
        kind = records[name].dtype if hasattr(records, "iloc") else schema[name]
        if isinstance(kind, (pd.CategoricalDtype, nw.Enum)):
            met = stream.levels.setdefault(name, [])
            met += [level for level in map(str, kind.categories) if level not in met]


# --- groups that came home ------------------------------------------------------------------------


class _Alike(NamedTuple):
    """A row for all records that are alike."""

    table: pd.DataFrame  # (n,) the keys
    rows: Integers  # (n,) the records of each
    area_rows: Integers | None  # (n,) the area of their point
    weights: tuple[Floats, ...] | None  # (n,) sums of weights, of squares; bad ones


def _with_count(part: pa.Table) -> pa.Table:
    """Give a batch without counts a count of one, lest others with counts make it missing."""
    if "count" in part.column_names:
        return part
    return part.append_column("count", pa.array(np.ones(part.num_rows)))


def _dated(part: pa.Table, plan: plans.Plan, unread: Counter[str]) -> pa.Table:
    """Read months that came as text, and note those that can't be read."""
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


def _within(part: pa.Table, period: tuple[str, str] | None) -> pa.Table:
    """Make the months outside a period alike: that they lie outside is all that matters of them."""
    if period is None or "period" not in part.column_names:
        return part
    first, last = (pd.Period(end, "M").ordinal + _EPOCH for end in periods.span(period))
    months = part["period"].to_pandas().to_numpy(dtype="float64", na_value=np.nan)
    months = np.where((months < first) | (months > last), last + 1, months)
    place = part.column_names.index("period")
    return part.set_column(place, "period", pa.array(months, from_pandas=True))


def _unpacked(alike: pa.Table, need: Sequence[str]) -> _Alike:
    """Turn groups into a table of records, with months as months, and what is counted by as text."""
    extra = {AREA_ROW, ROWS, *WEIGHTS}
    table = alike.select([name for name in alike.column_names if name not in extra]).to_pandas()
    for name in need:
        if isinstance(table[name].dtype, pd.CategoricalDtype):
            table[name] = words.of(table[name]).series()
    if "period" in table:
        months = table["period"].to_numpy(dtype="float64", na_value=np.nan)
        none = np.isnan(months)
        ordinals = np.where(none, periods.MISSING, np.nan_to_num(months) - _EPOCH)
        table["period"] = pd.PeriodIndex.from_ordinals(ordinals.astype(np.int64), freq="M")  # type: ignore[attr-defined]  # the stubs lack it
    area_rows = weights = None
    if AREA_ROW in alike.column_names:
        area_rows = alike[AREA_ROW].fill_null(NO_POINT).to_numpy().astype(np.int64)
    if WEIGHTS[0] in alike.column_names:
        weights = tuple(alike[name].fill_null(0).to_numpy().astype("float64") for name in WEIGHTS)
    return _Alike(table, alike[ROWS].to_numpy().astype(np.int64), area_rows, weights)


# --- which months each police force reported ----------------------------------------------------------


def coverage(records: object, *, complete: bool) -> dict[str, list[str]]:
    """Return force -> the months it reported; see `lsoahot.coverage`."""
    parts = list(_covered(records))
    if not parts:
        raise ValueError("there is no batch of records. An iterator can be read once only.")
    alike = _unpacked(frames.merged(parts), ())
    tally = Tally()
    for force, month, rows in zip(
        alike.table["force"], alike.table["period"], alike.rows, strict=True
    ):
        if isinstance(force, str) and str(month) != "NaT":
            tally.months.setdefault(force, Counter())[str(month)] += int(rows)
    if complete:
        tally.complete |= tally.months.keys()
    return tally.coverage()


def _covered(records: object) -> Iterator[pa.Table]:
    for table in tables(records):
        engine = engine_of(table)
        lacking = [name for name in ("force", "period") if name not in engine.schema]
        if lacking:
            raise ValueError(
                f"records have no column {checks.shown(map(repr, lacking))}; they have "
                f"{checks.shown(engine.schema, 20)}. Rename those that hold the police force and "
                "the month."
            )
        plan = plans.keyed(engine.schema, ["force", "period"])
        yield _dated(engine.group(engine.table, plan), plan, Counter())
