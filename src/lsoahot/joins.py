"""Records and tables to areas: `count`, `tabulate`, `join`, and the account of every row."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lsoahot import _checks
from lsoahot._codes import gaps as _gaps
from lsoahot._codes import locating, outcomes
from lsoahot._reading import headers

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray


def count(
    areas: gpd.GeoDataFrame,
    records: pd.DataFrame,
    *,
    by: str = "code",
    period: tuple[str, str] | None = None,
    weight: str | None = None,
    gaps: str = "missing",
) -> gpd.GeoDataFrame:
    """Count records in areas, and account for every one.

    A record with an area code is counted by its code; one with a point, in the area that holds it.
    Where it has both, the code decides: data.police.uk gives each anonymised place its code from
    boundaries in full detail, and the point put into boundaries generalised to 20 metres lands
    elsewhere for 3 to 6 % of rows. Choose ``by="point"`` where the areas are not those of the
    codes (wards, or another census edition). A record that lacks the one is counted by the other.
    A point on a shared edge counts once, in the area with the lowest code.

    Parameters
    ----------
    areas
        The areas; index `area_code`.
    records
        One row an event, or a counted row (column `count`), with `area_code` or points or both.
    by
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

    Returns
    -------
    geopandas.GeoDataFrame
        The areas with `count`: int64, or Int64 with NA where there is no data. ``attrs["audit"]``
        tells what became of every record (print it; ``.table()`` gives a table);
        ``attrs["period"]`` the months.

    Raises
    ------
    ValueError
        Where counts are negative, the records have neither code nor point, or an option is unknown.

    Warns
    -----
    UserWarning
        Where codes are of another edition, where a force has no data, and where nothing was
        counted.

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
    """
    _checks.areas(areas)
    _checks.one_of(gaps, ("missing", "count"), "gaps")
    found = locating.locate(areas, records, by=by, period=period)
    here = found.position >= 0
    events, position = found.events[here], found.position[here]

    def total(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(position, weights=values, minlength=len(areas)).astype("float64")

    columns: dict[str, Any] = {"count": total(events).astype("int64")}
    if weight is not None:
        weights = _weights(records, weight, here)
        columns["weighted"] = total(weights * events)
        columns["weighted_sq"] = total(weights**2 * events)
    no_data = np.isin(np.arange(len(areas)), found.hidden)
    if gaps == "missing":
        no_data |= found.gaps.no_data
    if no_data.any():
        columns = {name: _blanked(values, no_data) for name, values in columns.items()}
    _warn(found.warnings)
    result = areas.assign(**columns)
    result.attrs = {**areas.attrs, **found.attrs}
    return result


def _weights(records: pd.DataFrame, name: str, here: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the weights of the records that are counted; refuse missing and negative ones."""
    weights = _checks.numbers(records, name, "records")[here]
    wrong = np.isnan(weights) | (weights < 0)
    if wrong.any():
        raise ValueError(
            f"column {name!r} is missing or negative in {int(wrong.sum()):,} of the records that "
            "are counted. Give each a weight, or leave those out first."
        )
    return weights


def _blanked(
    values: NDArray[Any], no_data: NDArray[np.bool_]
) -> NDArray[Any] | pd.arrays.IntegerArray:
    """Return the values, missing where there is no data: counts as Int64, sums as NaN."""
    if np.issubdtype(values.dtype, np.integer):
        return pd.arrays.IntegerArray(values, no_data.copy())
    return np.where(no_data, np.nan, values)


def _warn(messages: list[str]) -> None:
    for message in messages:
        warnings.warn(message, UserWarning, stacklevel=3)


def tabulate(
    areas: gpd.GeoDataFrame,
    records: pd.DataFrame,
    by: str | Sequence[str] = "category",
    *,
    place: str = "code",
    period: tuple[str, str] | None = None,
) -> pd.DataFrame:
    """Count records in areas by category, month or any other column: a long table, zeros included.

    Parameters
    ----------
    areas
        The areas; index `area_code`.
    records
        As for `count`.
    by
        A column of the records, or several: ``"category"``, ``["category", "period"]``.
    place
        As `by` of `count`: ``"code"`` or ``"point"`` decides where a record has both.
    period
        First and last month, both included: with ``"period"`` among `by` every month of it gets
        rows.

    Returns
    -------
    pandas.DataFrame
        Columns `area_code`, those of `by`, and `count` (int64; Int64 with NA where a force has no
        data); every area with every combination of values, in the order of the areas.
        ``attrs["audit"]`` as in `count`; records that lack a value of `by` are told there.

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
    _checks.areas(areas)
    names = [by] if isinstance(by, str) else list(by)
    if not names or len(set(names)) < len(names):
        raise ValueError(
            f"by={by!r} names no column, or one twice. Give one or several different columns."
        )
    _checks.columns(records, names, "records")
    found = locating.locate(areas, records, by=place, period=period, need=names)
    levels = [
        _levels(records[name], found.gaps.months if name == "period" else []) for name in names
    ]
    width = int(np.prod([len(level) for level in levels]))

    def cells_of(position: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the rows of the table that records belong to, given their areas; -1 is none."""
        here = position >= 0
        cell = position[here] * width
        for i, (name, level) in enumerate(zip(names, levels, strict=True)):
            rest = int(np.prod([len(other) for other in levels[i + 1 :]]))
            cell = cell + level.get_indexer(records[name][here]) * rest
        return cell

    here = found.position >= 0
    cells = cells_of(found.position)
    counts = np.bincount(cells, weights=found.events[here], minlength=len(areas) * width)
    grid = pd.MultiIndex.from_product([areas.index, *levels], names=["area_code", *names])
    table = grid.to_frame(index=False)
    table["count"] = counts.astype("int64")
    no_data = np.isin(np.arange(len(table)), cells_of(found.hidden))
    if "period" in names:
        no_data |= _gaps.cells(found.gaps, table["period"], len(areas))
    else:
        no_data |= np.repeat(found.gaps.no_data, width)
    if no_data.any():
        table["count"] = _blanked(table["count"].to_numpy(), no_data)
    _warn(found.warnings)
    table.attrs = found.attrs
    return table


def _levels(column: pd.Series, months: list[str]) -> pd.Index:
    """List the values of a column in order; of months, every one between the first and the last."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return pd.Index(column.cat.categories)
    if months:
        return pd.PeriodIndex(months, freq="M")
    return pd.Index(column.dropna().unique()).sort_values()


def join(
    areas: gpd.GeoDataFrame, table: pd.DataFrame, *, on: str | None = None
) -> gpd.GeoDataFrame:
    """Add a table's columns to the areas: populations, deprivation, anything with a row an area.

    Parameters
    ----------
    areas
        The areas; index `area_code`.
    table
        One row an area; its codes stand in the index `area_code`, or in a column that looks like
        one (``lsoa11cd``, ``LSOA21 code``, ``area_code``). Rows of other areas are left out, and
        counted.
    on
        The column of codes, where it can't be guessed.

    Returns
    -------
    geopandas.GeoDataFrame
        The areas with the table's other columns; missing where the table has no row.
        ``attrs["joined"]`` lists what was joined: `columns`, `matched`, `unmatched_areas`,
        `unmatched_rows`.

    Raises
    ------
    ValueError
        Where no column holds codes, a code stands twice, no code matches, or a column is there
        already.

    Warns
    -----
    UserWarning
        Where areas get nothing.

    Examples
    --------
    >>> import geopandas as gpd, pandas as pd, shapely
    >>> import lsoahot as lh
    >>> areas = gpd.GeoDataFrame(index=pd.Index(["E01013788"], name="area_code"),
    ...                          geometry=[shapely.box(0, 0, 1, 1)], crs="EPSG:27700")
    >>> people = pd.DataFrame({"LSOA11CD": ["E01013788", "E01013789"], "population": [2752, 1650]})
    >>> joined = lh.join(areas, people)
    >>> joined["population"].tolist(), joined.attrs["joined"][0]["unmatched_rows"]
    ([2752], 1)
    """
    _checks.areas(areas)
    if not isinstance(table, pd.DataFrame):
        raise TypeError(
            f"table is a {type(table).__name__}, not a DataFrame. Read it with pandas first."
        )
    keyed = _keyed(table, on)
    taken = [str(column) for column in keyed.columns if column in areas.columns]
    if taken:
        raise ValueError(
            f"the areas have {_checks.shown(map(repr, taken))} already. Drop or rename the column "
            f"on one side: table.drop(columns={taken!r})."
        )
    where = keyed.index.get_indexer(areas.index)
    matched = where >= 0
    if not matched.any():
        raise ValueError(
            f"none of the {len(keyed):,} rows of the table belongs to one of the {len(areas):,} "
            "areas: it has codes "
            f"such as {_checks.shown(keyed.index, 3)}, the areas {_checks.shown(areas.index, 3)}. "
            f"{outcomes.edition_hint(areas, keyed.index)}"
        )
    if not matched.all():
        warnings.warn(
            f"{int((~matched).sum()):,} of {len(areas):,} areas have no row in the table: "
            f"{_checks.shown(areas.index[~matched])}. {outcomes.edition_hint(areas, keyed.index)}",
            UserWarning,
            stacklevel=2,
        )
    found = keyed.reindex(areas.index) if not matched.all() else keyed.iloc[where]
    result = areas.assign(**{str(name): found[name].array for name in found.columns})
    said = {
        "columns": [str(name) for name in found.columns],
        "matched": int(matched.sum()),
        "unmatched_areas": int((~matched).sum()),
        "unmatched_rows": int(len(keyed) - matched.sum()),
    }
    source = {name: table.attrs[name] for name in ("population_source",) if name in table.attrs}
    result.attrs = {**areas.attrs, **source, "joined": [*areas.attrs.get("joined", []), said]}
    return result


def _keyed(table: pd.DataFrame, on: str | None) -> pd.DataFrame:
    """Return the table on its area codes, without its geometry; refuse codes that stand twice."""
    shapes = getattr(table, "active_geometry_name", None) or "geometry"
    plain = pd.DataFrame(table.drop(columns=shapes, errors="ignore"))
    if on is None and plain.index.name == "area_code":
        keyed = plain
    else:
        column = (
            on if on is not None else headers.code_column([str(name) for name in plain.columns])
        )
        if column is None:
            raise ValueError(
                "no column of the table holds area codes; it has "
                f"{_checks.shown(plain.columns, 12)}. "
                "Name the column: join(areas, table, on=...)."
            )
        _checks.columns(plain, [column], "the table")
        keyed = plain.set_index(column)
    keyed.index = pd.Index(keyed.index.astype(str).str.strip(), name="area_code")
    if not keyed.index.is_unique:
        twice = keyed.index[keyed.index.duplicated()].unique()
        raise ValueError(
            f"{len(twice):,} area codes stand more than once in the table: {_checks.shown(twice)}. "
            "Keep one row an area: filter it, or add up with table.groupby(...).sum()."
        )
    return keyed
