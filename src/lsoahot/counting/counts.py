"""Records to areas: `count` and `tabulate`, on any engine, with the account of every record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from lsoahot.common import checks
from lsoahot.common.frozen import FrozenDict
from lsoahot.common.progress import warn_each
from lsoahot.records import periods, words
from lsoahot.records.tally import Tally

from . import locate, missing_months, outcomes
from .engines import prepare
from .locate import Options
from .monthly_scatter import measured_scatter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from lsoahot.common.arrays import Bools, Floats, Integers

    from .locate import Hidden, Located, PointColumns


def count(
    areas: gpd.GeoDataFrame,
    records: object,
    *,
    locate_by: str = "code",
    period: tuple[str, str] | None = None,
    weight: str | None = None,
    gaps: str = "missing",
    coverage: Mapping[str, Sequence[str]] | None = None,
    x: str | None = None,
    y: str | None = None,
    crs: str | None = None,
) -> gpd.GeoDataFrame:
    """Count records in areas, and account for every one.

    A record with an area code is counted by its code; one with a point, in the area that holds it.
    Where it has both, the code decides: data.police.uk gives each anonymised place its code from
    boundaries in full detail, and the point put into boundaries generalised to 20 metres lands
    elsewhere for 3 to 6 % of rows. Choose ``locate_by="point"`` where the areas are not those of the
    codes (wards, or another census edition); in cells of a `grid` the point always decides. A
    record that lacks the one is counted by the other.
    A point on a shared edge counts once, in the area with the lowest code.

    Parameters
    ----------
    areas
        The areas; index `area_code`.
    records
        One row an event, or a counted row (column `count`), with `area_code` or points or both: a
        pandas or geopandas table, one of any engine that narwhals knows (polars, pyarrow, DuckDB,
        Dask, Spark), or batches of these, in an iterator or a list. What isn't pandas is grouped
        where it lives and comes home as counts; its `period` may be dates or text (``"2025-03"``).
    locate_by
        ``"code"`` or ``"point"``: which decides where a record has both.
    period
        First and last month, both included, e.g. ``("2021-10", "2022-09")``; by default every
        record counts. Give it to name the period of the result exactly: the months of a few rare
        events don't tell it.
    weight
        A column of the records, e.g. crime harm: adds `weighted`, the sum of ``weight * count`` in
        each area, and `weighted_sq`, the sum of ``weight**2 * count``, which is the variance of
        the first if events are independent.
    gaps
        What an area gets whose police force has no data in some months in which others have:
        ``"missing"`` (no data is not zero) or ``"count"`` (what there is).
    coverage
        The months that each force reported, as `coverage` returns them; by default what the reader
        noted in ``records.attrs["coverage"]``.
    x, y, crs
        The columns that hold the points, and their coordinate reference system, for records
        without shapes. By default they are guessed: longitude and latitude, easting and northing,
        as files call them. The audit tells when points of guessed columns were used. A point at
        0, 0 is none.

    Returns
    -------
    geopandas.GeoDataFrame
        The areas with `count`: int64, or Int64 with NA where there is no data. ``attrs["audit"]``
        tells what became of every record (print it; ``.table()`` gives a table);
        ``attrs["period"]`` the months; ``attrs["dispersion"]`` how much more than by chance an
        area's months vary, which `exceedance` and `change` allow for.

    Raises
    ------
    ValueError
        Where counts are negative, the records have neither code nor point (the message holds the
        renaming, where their headers are those of police.uk), an option is unknown, or a stream
        has no batch: an iterator can be read once only.
    TypeError
        Where the records are no table, or their counts no numbers.

    Warns
    -----
    UserWarning
        Where codes are of another edition, where a force has no data, where months can't be read,
        where nothing was counted, and where data.police.uk's moved points are put into cells.

    Notes
    -----
    Counts and audit are the same on every engine, to the last record: all that decides where a
    record belongs depends on a few columns, so the engine groups by these, and one code locates a
    row for all records that are alike. Sums of weights may differ in the last digit, as they are
    added up in another order.

    Examples
    --------
    >>> import geopandas as gpd, pandas as pd, shapely
    >>> import lsoahot as lh
    >>> areas = gpd.GeoDataFrame(
    ...     index=pd.Index(["E01013788", "E01013789"], name="area_code"),
    ...     geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], crs="EPSG:27700")
    >>> records = pd.DataFrame({"area_code": ["E01013788", "E01013788", None]})
    >>> counted = lh.count(areas, records)
    >>> counted["count"].tolist()
    [2, 0]
    >>> print(counted.attrs["audit"])
    Of 3 records, 2 were counted (66.7%): 2 by code. Not counted: 1 no location.

    The same from a table of pyarrow, and from two batches:

    >>> import pyarrow as pa
    >>> table = pa.table({"area_code": ["E01013788", "E01013788", None]})
    >>> lh.count(areas, table)["count"].tolist()
    [2, 0]
    >>> lh.count(areas, (table[i:i + 2] for i in (0, 2)))["count"].tolist()
    [2, 0]
    """
    checks.areas(areas)
    checks.codes_are_the_index(areas)
    checks.one_of(gaps, ("missing", "count"), "gaps")
    options = Options(locate_by, period, coverage, (x, y, crs))
    table, grouped, sums = _rows_of(areas, records, options, weight)

    def no_data_of(hidden: Hidden, months: missing_months.Gaps) -> Bools:
        """Tell which areas get no count: one was withheld, or their force has no data."""
        no_data = months.no_data.copy() if gaps == "missing" else np.zeros(len(areas), dtype=bool)
        if hidden is not None:
            no_data[hidden[hidden >= 0]] = True
        return no_data

    results = locate.locate(
        areas, table, options, grouped=grouped,
        lost=lambda position, hidden, months: np.append(no_data_of(hidden, months), False)[position],
    )  # fmt: skip
    here = results.position >= 0

    def total(values: Floats | None) -> Floats:
        return np.bincount(results.position[here], values, len(areas)).astype("float64")

    by_month = _by_month(table, results, len(areas))
    if by_month is None:
        events = total(None if results.events is None else results.events[here])
    else:  # the sum of its months: all records once more would take as long
        events = by_month.sum(axis=1)
    columns: dict[str, Any] = {"count": events.astype("int64")}
    if sums is not None:
        weights, squares = _weights(sums, weight, here)
        columns["weighted"] = total(weights * results.each[here])
        columns["weighted_sq"] = total(squares * results.each[here])
    no_data = no_data_of(results.hidden, results.gaps)
    if no_data.any():
        columns = {name: _mask(values, no_data) for name, values in columns.items()}
    warn_each(results.warnings)
    result = areas.assign(**columns)
    result.attrs = {**areas.attrs, **results.attrs}
    result.attrs.pop("dispersion", None)  # of an earlier count
    notices = [areas.attrs.get("notice") or "", outcomes.reading_notice(table.attrs)]
    if notices[1] and notices[1] not in notices[0]:
        result.attrs["notice"] = "; ".join(filter(None, notices))
    months = set(results.gaps.months)
    partial = {m: why for m, why in table.attrs.get("partial_months", {}).items() if m in months}
    result.attrs.pop("partial_months", None)
    if partial:
        result.attrs["partial_months"] = FrozenDict(partial)
    if by_month is not None and (measured := measured_scatter(by_month[~no_data])):
        result.attrs["dispersion"] = FrozenDict(measured)
    return result


def _rows_of(
    areas: gpd.GeoDataFrame, records: object, options: Options, weight: str | None = None
) -> tuple[pd.DataFrame, locate.Grouped | None, tuple[Floats, ...] | None]:
    """Take records of pandas as they are, and those of other engines grouped where they live.

    Returns
    -------
    tuple
        The records, or a row for all that are alike; then how many these are and where their points
        lie; and sums of the weights, of their squares, and of those that are none.
    """
    checks.one_of(options.locate_by, ("code", "point"), "locate_by")
    if not isinstance(records, pd.DataFrame):
        return prepare.grouped(areas, records, options, weight)
    checks.columns(records, options.need, "records")
    sums = None
    if weight is not None:
        each = checks.numbers(records, weight, "records")
        sums = (each, each**2, (np.isnan(each) | (each < 0)).astype("float64"))
    if "period" in records and records["period"].dtype != "period[M]":
        records = records.assign(period=periods.monthly(records["period"]))
    return records, None, sums


def _by_month(records: pd.DataFrame, results: Located, number: int) -> NDArray[Any] | None:
    """Return the events of each area and month, shape (areas, months), where records tell theirs."""
    if not results.gaps.months:
        return None
    nowhere = results.position < 0
    if nowhere.all() or not (nowhere | records["period"].notna().to_numpy()).all():
        return None
    width = len(results.gaps.months)
    size = number * width
    cells = results.position * width
    cells += records["period"].array.asi8
    cells -= pd.Period(results.gaps.months[0], "M").ordinal
    cells[nowhere] = size
    counts: NDArray[Any] = np.bincount(cells, results.events, size + 1)[:-1]
    return counts.reshape(-1, width)


def _weights(sums: tuple[Floats, ...], name: str | None, here: Bools) -> tuple[Floats, Floats]:
    """Return sums of the weights, and of their squares, of the records that are counted."""
    weights, squares, wrong = (values[here] for values in sums)
    if wrong.any():
        raise ValueError(
            f"column {name!r} is missing or negative in {int(wrong.sum()):,} of the records that "
            "are counted. Give each a weight, or leave those out first."
        )
    return weights, squares


def _mask(values: NDArray[Any], no_data: Bools) -> NDArray[Any] | pd.arrays.IntegerArray:
    """Return the values, missing where there is no data: counts as Int64, sums as NaN."""
    if np.issubdtype(values.dtype, np.integer):
        return pd.arrays.IntegerArray(values, no_data.copy())
    return np.where(no_data, np.nan, values)


def tabulate(
    areas: gpd.GeoDataFrame,
    records: object,
    by: str | Sequence[str] = "category",
    *,
    locate_by: str = "code",
    period: tuple[str, str] | None = None,
    coverage: Mapping[str, Sequence[str]] | None = None,
    x: str | None = None,
    y: str | None = None,
    crs: str | None = None,
) -> pd.DataFrame:
    """Count records in areas by category, month or any other column: a long table, zeros included.

    Parameters
    ----------
    areas
        The areas; index `area_code`.
    records
        As for `count`: a table of any engine, or batches.
    by
        A column of the records, or several: ``"category"``, ``["category", "period"]``.
    locate_by
        As for `count`: ``"code"`` or ``"point"`` decides where a record has both.
    period
        First and last month, both included: with ``"period"`` among `by` every month of it gets
        rows.
    coverage, x, y, crs
        As for `count`.

    Returns
    -------
    pandas.DataFrame
        Columns `area_code`, those of `by`, and `count` (int64; Int64 with NA where a force has no
        data); every area with every combination of values, in the order of the areas.
        ``attrs["audit"]`` as in `count`; records that lack a value of `by` are reported there.

    Raises
    ------
    ValueError, TypeError
        As `count` does, and where a column of `by` is lacking or stands there twice.

    Warns
    -----
    UserWarning
        As `count` does.

    Examples
    --------
    >>> import geopandas as gpd, pandas as pd, shapely
    >>> import lsoahot as lh
    >>> areas = gpd.GeoDataFrame(
    ...     index=pd.Index(["E01013788", "E01013789"], name="area_code"),
    ...     geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], crs="EPSG:27700")
    >>> records = pd.DataFrame({"area_code": ["E01013788", "E01013788"],
    ...                         "category": ["Drugs", "Robbery"]})
    >>> lh.tabulate(areas, records)["count"].tolist()
    [1, 1, 0, 0]
    """
    names = [by] if isinstance(by, str) else list(by)
    if not names or len(set(names)) < len(names):
        raise ValueError(
            f"by={by!r} names no column, or one twice. Give one or several different columns."
        )
    levels, counts, attrs = crossed(
        areas, records, names, locate_by=locate_by, period=period, coverage=coverage,
        axes=(x, y, crs),
    )  # fmt: skip
    grid = pd.MultiIndex.from_product([areas.index, *levels], names=["area_code", *names])
    table = grid.to_frame(index=False)
    no_data = np.isnan(counts.ravel())
    whole = np.nan_to_num(counts.ravel()).astype("int64")
    table["count"] = _mask(whole, no_data) if no_data.any() else whole
    table.attrs = attrs
    return table


class Crossed(NamedTuple):
    """Counts of areas by the values of columns: what `tabulate` lays out in rows."""

    levels: list[pd.Index]  # the values of each column, in order
    counts: Floats  # (areas, values of the first column, ...), NaN where no data are
    attrs: dict[Any, Any]  # the notes of the table: audit and period


def crossed(
    areas: gpd.GeoDataFrame,
    records: object,
    names: Sequence[str] = (),
    *,
    locate_by: str = "code",
    period: tuple[str, str] | None = None,
    coverage: Mapping[str, Sequence[str]] | None = None,
    axes: PointColumns = (None, None, None),
) -> Crossed:
    """Count records in areas by columns as `tabulate` does, without a table.

    Parameters
    ----------
    areas, records
        As for `tabulate`.
    names
        The columns; by default none, and counts are by area alone.
    locate_by, period, coverage
        As for `tabulate`.
    axes
        The columns of the points and their system (`x`, `y`, `crs` of `tabulate`).
    """
    checks.areas(areas)
    checks.codes_are_the_index(areas)
    options = Options(locate_by, period, coverage, axes, names)
    taken, grouped, _ = _rows_of(areas, records, options)
    numbered = {name: pd.factorize(taken[name]) for name in names}

    def levels_of(gaps: missing_months.Gaps) -> list[pd.Index]:
        return [
            _levels(taken[name].dtype, values, gaps.months if name == "period" else [])
            for name, (_, values) in numbered.items()
        ]

    def cells_of(position: Integers, levels: list[pd.Index]) -> Integers:
        """Return the rows of the table that records belong to, given their areas; -1 is none."""
        cell = position * int(np.prod([len(level) for level in levels]))
        for i, (name, level) in enumerate(zip(names, levels, strict=True)):
            rest = int(np.prod([len(other) for other in levels[i + 1 :]]))
            number, values = numbered[name]
            cell += np.append(level.get_indexer(values) * rest, -rest)[number]
        return np.where(position >= 0, cell, -1)

    def no_data_of(hidden: Hidden, gaps: missing_months.Gaps) -> Bools:
        """Tell which rows of the table get no count: one was withheld, or a force has no data."""
        levels = levels_of(gaps)
        width = int(np.prod([len(level) for level in levels]))
        if "period" in names and gaps.missing:
            place = names.index("period")
            shape = [len(areas), *map(len, levels)]
            lost = missing_months.cells(gaps)
            lost = lost.reshape([n if i in (0, place + 1) else 1 for i, n in enumerate(shape)])
            no_data = np.broadcast_to(lost, shape).flatten()
        else:
            no_data = np.repeat(gaps.no_data, width)
        if hidden is not None:
            cells = cells_of(hidden, levels)
            no_data[cells[cells >= 0]] = True
        return no_data

    result = locate.locate(
        areas, taken, options, grouped=grouped,
        lost=lambda position, hidden, gaps: np.append(no_data_of(hidden, gaps), False)[
            cells_of(position, levels_of(gaps))
        ],
    )  # fmt: skip
    levels = levels_of(result.gaps)
    here = result.position >= 0
    cells = cells_of(result.position, levels)[here]
    events = None if result.events is None else result.events[here]
    shape = len(areas), *map(len, levels)
    counts = np.bincount(cells, events, int(np.prod(shape))).astype("float64")
    counts[no_data_of(result.hidden, result.gaps)] = np.nan
    warn_each(result.warnings, stacklevel=3)
    return Crossed(levels, counts.reshape(shape), result.attrs)


def _levels(kind: object, values: pd.Index, months: list[str]) -> pd.Index:
    """List the values of a column in order; of months, every one between the first and the last."""
    if isinstance(kind, pd.CategoricalDtype):
        categories: pd.Index = kind.categories
        return categories
    return pd.period_range(months[0], months[-1], freq="M") if months else values.sort_values()


def coverage(records: object, *, complete: bool = False) -> dict[str, list[str]]:
    """Tell which months each police force reported, so that no data isn't taken for zero.

    Ask it of records that hold everything (all crimes, not burglary alone), and give the answer to
    `count` or `tabulate`: areas of a force that lacks months which others have get no count there.
    Of records from `read_dataset` it is known already, as ``records.attrs["coverage"]``.

    Parameters
    ----------
    records
        As for `count`; with the columns `force` and `period`.
    complete
        Whether the records are all that was published, as data.police.uk's files are, so that a
        month without a row has no data, however few rows a force has. By default only forces with
        20 rows a month or more are reported: of rarer events a month may well have none.

    Returns
    -------
    dict
        Force -> its months, ``"2025-01"`` and so on.

    Raises
    ------
    ValueError
        Where the records have no `force` or `period`.

    Examples
    --------
    >>> import pyarrow as pa
    >>> import lsoahot as lh
    >>> crimes = pa.table({"force": ["Kent Police"] * 3,
    ...                    "period": ["2025-01", "2025-01", "2025-03"]})
    >>> lh.coverage(crimes, complete=True)
    {'Kent Police': ['2025-01', '2025-03']}
    >>> lh.coverage(crimes)
    {}
    """
    if (
        isinstance(records, pd.DataFrame)
        and {"force", "period"} <= {*records}
        and records["period"].dtype == "period[M]"
    ):
        tally = Tally()
        tally.cover(words.of(records["force"]), records["period"], complete=complete)
        return tally.coverage()
    return prepare.coverage(records, complete=complete)
