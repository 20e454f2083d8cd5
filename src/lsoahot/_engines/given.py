"""Records from anywhere to a small table of alike ones, with how many records each row stands for.

Everything that decides where a record belongs, and what is told of it, depends on few columns. So
records are grouped by these on their own engine, and the same code then locates a row for many.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lsoahot import _checks
from lsoahot._codes import locating
from lsoahot._codes.locating import IN_NONE, NO_POINT
from lsoahot._engines import plans
from lsoahot._engines.finding import Finder
from lsoahot._engines.plans import ROWS, SPOT, WEIGHTS
from lsoahot._reading import cells, periods

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import narwhals as nw
    import pyarrow as pa
    from numpy.typing import NDArray

    from lsoahot._engines.plans import Native

_HEAD = 1000  # rows that tell degrees from metres


class Given(NamedTuple):
    """Records made ready for `locating.locate`."""

    table: pd.DataFrame  # (n,) the records, or a row for all that are alike
    rows: NDArray[np.int64] | None  # (n,) records of each row; None where it is one
    spots: NDArray[np.int64] | None  # (n,) the area of each point; None where the geometry tells
    weights: tuple[NDArray[np.float64], ...] | None  # (n,) sums of weights, of squares; bad ones
    point: plans.Point | None  # the columns of the points
    warnings: list[str]


class _Wanted(NamedTuple):
    """What is asked of every table of records."""

    areas: gpd.GeoDataFrame
    by: str
    weight: str | None
    need: Sequence[str]
    axes: tuple[str | None, str | None, str | None]  # x, y, crs


def given(
    areas: gpd.GeoDataFrame,
    records: object,
    *,
    by: str,
    weight: str | None = None,
    need: Sequence[str] = (),
    axes: tuple[str | None, str | None, str | None] = (None, None, None),
) -> Given:
    """Take records from wherever they are.

    Parameters
    ----------
    areas
        The areas; index `area_code`.
    records
        A pandas table, any table that narwhals knows, or an iterable of such tables.
    by
        ``"code"`` or ``"point"``: which decides where a record has both.
    weight, need
        The column of weights, and columns to tabulate by.
    axes
        The columns of the points and their reference system, where they aren't to be guessed.

    Returns
    -------
    Given
        Of a pandas table itself; of others, a row for all records that are alike.
    """
    wanted = _Wanted(areas, by, weight, need, axes)
    if isinstance(records, pd.DataFrame):
        return _of_pandas(records, wanted)
    from lsoahot._engines import frames

    told = _Told()
    parts = list(_parts(records, wanted, told))  # of a stream, they are added up there
    if told.plan is None:
        raise ValueError(
            "there is no batch of records. An iterator can be read once only: make it again for "
            "each count."
        )
    return _ready(frames.merged(parts, told.plan), told.plan, told, wanted)


# --- pandas ---------------------------------------------------------------------------------------


def _of_pandas(records: pd.DataFrame, wanted: _Wanted) -> Given:
    _checks.columns(records, wanted.need, "records")
    weights = None
    if wanted.weight is not None:
        each = _checks.numbers(records, wanted.weight, "records")
        weights = (each, each**2, (np.isnan(each) | (each < 0)).astype("float64"))
    shapes = isinstance(records, gpd.GeoDataFrame) and records.active_geometry_name is not None
    point = None
    if not shapes or wanted.axes[0] is not None:
        point = plans.find_point([str(name) for name in records.columns], *wanted.axes)
    spots = None
    if point is not None:
        point, x, y = _coordinates(records, point)
        there = ~np.isnan(x)
        spots = np.where(there, IN_NONE, NO_POINT).astype(np.int64)
        if wanted.by == "code" and "area_code" in records:
            there = locating.undecided(records["area_code"], wanted.areas, there)
        if there.any():
            spots[there] = Finder(wanted.areas, point.crs).find(x[there], y[there])
    return Given(records, None, spots, weights, point, [])


def _coordinates(
    records: pd.DataFrame, point: plans.Point
) -> tuple[plans.Point, NDArray[np.float64], NDArray[np.float64]]:
    """Read points from columns; where the system was guessed, tell degrees from metres."""
    pair = pd.DataFrame({"x": records[point.x], "y": records[point.y]})
    crs, x, y = cells.coordinates(pair, point.crs, "the records")
    return (point._replace(crs=crs) if point.guessed else point), x, y


# --- other engines, and batches -------------------------------------------------------------------


class _Told:
    """What the tables of a stream have told so far."""

    def __init__(self) -> None:
        self.plan: plans.Plan | None = None
        self.levels: dict[str, list[str]] = {}  # categories in their order
        self.attrs: list[dict[str, Any]] = []
        self.finder: Callable[[], Finder] | None = None
        self.batches = 0


def _parts(records: object, wanted: _Wanted, told: _Told) -> Iterator[pa.Table]:
    """Yield grouped tables: of one table, or of every batch of a stream."""
    from lsoahot._engines import frames

    if _is_table(records):
        yield from _grouped(records, wanted, told)
    elif isinstance(records, Iterable) and not isinstance(records, (str, bytes, dict)):
        batches = (part for batch in records for part in _parts(_table(batch), wanted, told))
        first = next(batches, None)
        if first is not None and told.plan is not None:
            yield frames.merged(chain([first], batches), told.plan)
    else:
        _table(records)


def _table(records: object) -> object:
    if _is_table(records):
        return records
    raise TypeError(
        f"records is a {type(records).__name__}, not a table. Give a pandas DataFrame, any table "
        "that narwhals knows (polars, pyarrow, DuckDB, Dask, Spark), or batches of these."
    )


def _is_table(records: object) -> bool:
    import narwhals as nw
    import pyarrow as pa

    if isinstance(records, (pd.DataFrame, pa.RecordBatch)) or _root(records) == "dask":
        return True
    found = nw.from_native(records, pass_through=True)
    return isinstance(found, (nw.DataFrame, nw.LazyFrame))


def _root(records: object) -> str:
    return type(records).__module__.partition(".")[0]


def _grouped(records: Native, wanted: _Wanted, told: _Told) -> Iterator[pa.Table]:
    """Yield the groups of one table; its points are looked up only where they decide."""
    import narwhals as nw
    import pyarrow as pa

    from lsoahot._engines import frames, on_dask, on_spark

    told.batches += 1
    told.attrs.append(dict(getattr(records, "attrs", None) or {}))
    point = None
    if isinstance(records, gpd.GeoDataFrame) and records.active_geometry_name is not None:
        records, point = _unshaped(records)
    records = frames.plain(records)
    kind = _root(records)
    schema = on_dask.schema(records) if kind == "dask" else nw.from_native(records).collect_schema()
    if point is None:
        point = plans.find_point(list(schema), *wanted.axes)
        if point is not None and point.guessed:
            point = _looked_at(records, point, told, kind)
    plan = plans.make(schema, weight=wanted.weight, need=wanted.need, point=point)
    told.plan = plans.same(plan, told.plan, told.batches)
    _levels(records, schema, wanted, told)
    tell = on_dask.told if kind == "dask" else frames.told
    look_up = {"dask": on_dask.placed, "pyspark": on_spark.placed}.get(kind, frames.placed)
    if point is None:
        yield tell(records, plan)
        return
    if told.finder is None:
        crs = point.crs
        told.finder = cache(lambda: Finder(wanted.areas, crs))
    if wanted.by == "point" or "area_code" not in schema:
        yield look_up(records, plan, told.finder(), None)
        return
    alike = tell(records, plan)
    with_point = alike[SPOT].to_numpy() != NO_POINT
    by_point = locating.undecided(alike["area_code"].to_pandas(), wanted.areas, with_point)
    yield alike.filter(pa.array(~by_point))
    if by_point.any():
        junk = alike["area_code"].filter(pa.array(by_point)).drop_null().unique().to_pylist()
        yield look_up(records, plan, told.finder(), junk)


def _unshaped(records: gpd.GeoDataFrame) -> tuple[pd.DataFrame, plans.Point]:
    """Return records with their points in columns, as no engine knows shapes."""
    there = locating.pointed(records)
    xy = np.full((len(records), 2), np.nan)
    xy[there] = shapely.get_coordinates(records.geometry.to_numpy()[there])
    table = pd.DataFrame(records.drop(columns=records.active_geometry_name))
    table = table.assign(_east=xy[:, 0], _north=xy[:, 1])
    crs = records.crs.to_wkt() if records.crs is not None else ""
    return table, plans.Point("_east", "_north", crs, guessed=False, zero=True)


def _looked_at(
    records: Native,
    point: plans.Point,
    told: _Told,
    kind: str,
) -> plans.Point:
    """Tell degrees from metres by the first rows; of a stream, by the first batch."""
    import narwhals as nw

    if told.plan is not None and told.plan.point is not None:
        return told.plan.point
    if kind == "dask":
        head = records[[point.x, point.y]].head(_HEAD)
    else:
        few = nw.from_native(records).select(point.x, point.y).head(_HEAD)
        eager = few.collect("pyarrow") if isinstance(few, nw.LazyFrame) else few
        head = eager.to_arrow().to_pandas()
    return _coordinates(head, point)[0]


def _levels(
    records: Native,
    schema: Mapping[str, nw.dtypes.DType],
    wanted: _Wanted,
    told: _Told,
) -> None:
    """Note the categories, in their order, of columns that have them."""
    import narwhals as nw

    for name in wanted.need:
        kind = records[name].dtype if hasattr(records, "iloc") else schema[name]
        if isinstance(kind, (pd.CategoricalDtype, nw.Enum)):
            met = told.levels.setdefault(name, [])
            met += [level for level in map(str, kind.categories) if level not in met]


# --- home again -----------------------------------------------------------------------------------


def _ready(alike: pa.Table, plan: plans.Plan, told: _Told, wanted: _Wanted) -> Given:
    """Turn groups into a table of records, with months as months."""
    table = alike.select(list(plan.keys)).to_pandas()
    rows = alike[ROWS].to_numpy().astype(np.int64)
    warnings = []
    if plan.months == "dates":
        months = table["period"].to_numpy(dtype="float64", na_value=np.nan)
        none = np.isnan(months)
        ordinals = np.where(none, np.iinfo(np.int64).min, np.nan_to_num(months) - 1970 * 12)
        table["period"] = pd.PeriodIndex.from_ordinals(ordinals.astype(np.int64), freq="M")
    elif plan.months == "text":
        parsed = periods.parse(table["period"])
        if parsed.unread.any():
            warnings.append(
                f"{int(rows[parsed.unread].sum()):,} records have a period that can't be read, "
                f"and no month now: {_checks.shown(table['period'][parsed.unread].unique(), 3)}. "
                "Write months as YYYY-MM."
            )
        table["period"] = parsed.period
        if "financial_year" not in table and parsed.financial_year.notna().any():
            table["financial_year"] = parsed.financial_year
    for name, levels in told.levels.items():
        table[name] = pd.Categorical(table[name], categories=levels)
    table.attrs = _attrs(told.attrs)
    spots = alike[SPOT].to_numpy().astype(np.int64) if plan.point is not None else None
    weights = None
    if wanted.weight is not None:
        weights = tuple(alike[name].to_numpy().astype("float64") for name in WEIGHTS)
    return Given(table, rows, spots, weights, plan.point, warnings)


def _attrs(every: list[dict[str, Any]]) -> dict[str, Any]:
    """Bring together what the batches' attrs tell of how they were read.

    Slices of one table repeat its account; different files have accounts that add up.
    """
    found: dict[str, Any] = {}
    names = {attrs.get("dataset") for attrs in every}
    if len(names) == 1 and None not in names:
        found["dataset"] = names.pop()
    coverage: dict[str, set[str]] = {}
    accounts = {}
    for attrs in every:
        for force, months in (attrs.get("coverage") or {}).items():
            coverage.setdefault(force, set()).update(months)
        if read := attrs.get("read"):
            accounts[json.dumps([attrs.get("source"), read], sort_keys=True, default=str)] = read
    if coverage:
        found["coverage"] = {force: sorted(months) for force, months in sorted(coverage.items())}
    if accounts:
        left: dict[str, int] = {}
        for read in accounts.values():
            for what, rows in (read.get("left_out") or {}).items():
                left[what] = left.get(what, 0) + rows
        repeated = sum(read.get("repeated_ids") or 0 for read in accounts.values())
        found["read"] = {"left_out": left, "repeated_ids": repeated}
    return found
