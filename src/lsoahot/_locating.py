"""Where each record belongs: by code or by point, and what became of those that belong nowhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lsoahot import _checks, _editions, _forces, _periods

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# Every row has exactly one outcome; those before NO_LOCATION are counted.
BY_CODE, BY_POINT, NO_LOCATION, OUTSIDE, OTHER_FORCE, OTHER_EDITION, NO_CODE, OUTSIDE_PERIOD, NO_DATE, HIDDEN, NO_VALUE = range(11)
OUTCOMES: Final = (
    "counted by code", "counted by point", "no location", "outside the areas", "in another force's area",
    "code of another edition", "code not known", "outside the period", "no date", "count suppressed at source",
    "no value to tabulate by",
)  # fmt: skip


@dataclass(frozen=True)
class Placed:
    """The result of placing n records in m areas."""

    position: NDArray[np.int64]  # (n,) the area's row, -1 where not counted
    events: NDArray[np.float64]  # (n,) events a row stands for
    no_data: NDArray[np.bool_]  # (m,) the area's force has gaps, or a count was suppressed at source
    suppressed: NDArray[np.bool_]  # (m,) a count was suppressed at source
    months: list[str]
    missing: dict[str, list[str]]  # force -> months without data, within the span
    forces: pd.Series  # (m,) the force of each area, missing where not known
    audit: dict[str, Any]
    attrs: dict[str, Any]
    warnings: list[str] = field(default_factory=list)


def place(
    areas: gpd.GeoDataFrame,
    records: pd.DataFrame,
    *,
    by: str,
    period: tuple[str, str] | None,
    need: Sequence[str] = (),
) -> Placed:
    """Give each record the area it belongs to, and an outcome."""
    _checks.one_of(by, ("code", "point"), "by")
    if not isinstance(records, pd.DataFrame):
        raise TypeError(f"records is a {type(records).__name__}, not a table. Read one with lsoahot.read_dataset().")
    pointed = isinstance(records, gpd.GeoDataFrame) and records.active_geometry_name is not None
    if "area_code" not in records and not pointed:
        raise ValueError(
            f"records have neither an area_code nor points; they have {_checks.shown(records.columns, 12)}. "
            "Read them with lsoahot.read_dataset(), or rename the column that holds the codes to 'area_code'."
        )
    n = len(records)
    position = np.full(n, -1, dtype=np.int64)
    outcome = np.full(n, NO_LOCATION, dtype=np.int8)
    coded = records["area_code"].notna().to_numpy(dtype=bool) if "area_code" in records else np.zeros(n, dtype=bool)
    located = _located(records) if pointed else np.zeros(n, dtype=bool)
    use_code = coded & ~(located if by == "point" else np.zeros(n, dtype=bool))
    use_point = located & ~use_code
    edition = areas.attrs.get("edition") or _editions.edition_of(areas.index)
    strange: dict[str, dict[str, int]] = {}
    if use_code.any():
        strange = _by_code(areas, records["area_code"], use_code, edition, position, outcome)
    if use_point.any():
        _by_point(areas, records, use_point, position, outcome)
    _other_force(records, outcome, strange)
    events = _events(records)
    hidden = np.isnan(events)
    suppressed = np.zeros(len(areas), dtype=bool)
    inside, undated, span = _span(records, period)
    suppressed[position[hidden & inside & (position >= 0)]] = True
    for mask, code in ((hidden, HIDDEN), (~inside, OUTSIDE_PERIOD), (undated, NO_DATE)):
        outcome[mask & ((position >= 0) | (code != HIDDEN))] = code
        position[mask] = -1
    events = np.where(hidden, 0.0, events)
    for name in need:
        lacks = records[name].isna().to_numpy(dtype=bool) & (position >= 0)
        outcome[lacks], position[lacks] = NO_VALUE, -1
    forces = area_forces(areas)
    missing, months, nowhere = _gaps(records, span, forces)
    no_data = suppressed | forces.isin([force for force, lost in missing.items() if set(lost) - set(nowhere)]).to_numpy()
    audit = _audit(records, outcome, events, strange, span, edition, by)
    audit["no_data"] = {
        force: lost for force, lost in missing.items() if force in set(forces.dropna()) and set(lost) - set(nowhere)
    }
    warnings = _warnings(audit, records, areas, no_data & ~suppressed, nowhere, position)
    audit["notes"] = [*audit["notes"], *warnings]
    attrs = {"period": list(span)} if span else {}
    return Placed(position, events, no_data, suppressed, months, missing, forces, audit, attrs, warnings)


def _located(records: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Tell which records have a point; refuse other shapes and points without a reference system."""
    shapes = records.geometry.to_numpy()
    there: NDArray[np.bool_] = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    if there.any():
        kinds = np.unique(shapely.get_type_id(shapes[there]))
        if kinds.tolist() != [0]:
            raise ValueError(
                f"records have shapes that are not points: {_checks.shown(records.geom_type.dropna().unique())}. "
                "Give points, or their centres: records.set_geometry(records.representative_point())."
            )
        if records.crs is None:
            raise ValueError(
                "the records' points have no coordinate reference system. "
                "Set it: records.set_crs('EPSG:4326') for longitude and latitude, 'EPSG:27700' for eastings."
            )
        there[there] = np.isfinite(shapely.get_coordinates(shapes[there])).all(axis=1)
    return there


def _by_code(
    areas: gpd.GeoDataFrame, codes: pd.Series, use: NDArray[np.bool_], edition: str | None,
    position: NDArray[np.int64], outcome: NDArray[np.int8],
) -> dict[str, dict[str, int]]:  # fmt: skip
    """Place by code; return, for what is not among the areas, detail -> rows."""
    found, unique = pd.factorize(codes[use])
    rows = areas.index.get_indexer(unique)
    kinds = np.where(rows >= 0, BY_CODE, OUTSIDE).astype(np.int8)
    detail: list[str] = [""] * len(unique)
    home = _home(areas, edition)
    lost = np.flatnonzero(rows < 0)
    names = np.array([str(unique[i]) for i in lost], dtype=object)
    member = {name: _editions.in_edition(names, name) for name in _editions.LAST_CODE}
    for k, i in enumerate(lost):
        kind = _editions.kind_of(names[k])
        if kind is None:
            kinds[i], detail[i] = NO_CODE, names[k]
        elif kind != home:
            if home is not None:
                kinds[i], detail[i] = OTHER_EDITION, kind
        elif kind == "lsoa" and edition in member:
            editions = [name for name in member if member[name][k]]
            if not editions:
                kinds[i], detail[i] = NO_CODE, names[k]
            elif edition not in editions:
                kinds[i], detail[i] = OTHER_EDITION, " or ".join(editions)
    position[use] = rows[found]
    outcome[use] = kinds[found]
    sizes = np.bincount(found, minlength=len(unique))
    strange: dict[str, dict[str, int]] = {}
    for i in lost:
        if detail[i]:
            told = strange.setdefault(OUTCOMES[kinds[i]], {})
            told[detail[i]] = told.get(detail[i], 0) + int(sizes[i])
    return strange


def _home(areas: gpd.GeoDataFrame, edition: str | None) -> str | None:
    """Name the geography of the areas: "lsoa", "msoa"; None where their codes don't tell."""
    kinds = {_editions.kind_of(code) for code in areas.index[:50]}
    if len(kinds) == 1:
        return kinds.pop()
    return "lsoa" if edition and edition.startswith("lsoa") else None


def _by_point(
    areas: gpd.GeoDataFrame, records: gpd.GeoDataFrame, use: NDArray[np.bool_],
    position: NDArray[np.int64], outcome: NDArray[np.int8],
) -> None:  # fmt: skip
    """Place by point; a point on a shared edge goes to the area with the lowest code."""
    if areas.crs is None:
        raise ValueError("the areas have no coordinate reference system. Set it: areas.set_crs('EPSG:27700').")
    points = records.geometry[use]
    points = points.to_crs(areas.crs) if points.crs != areas.crs else points
    # Points snap to few places: each place is looked up once.
    xy = shapely.get_coordinates(points.to_numpy())
    places, back = np.unique(xy[:, 0] + 1j * xy[:, 1], return_inverse=True)
    order = np.argsort(areas.index.astype(str).to_numpy(dtype=object), kind="stable")
    tree = shapely.STRtree(areas.geometry.to_numpy()[order])
    which, area = tree.query(shapely.points(places.real, places.imag), predicate="intersects")
    first = np.full(len(places), len(areas), dtype=np.int64)
    np.minimum.at(first, which, area)
    rows = np.where(first < len(areas), order[np.minimum(first, len(areas) - 1)], -1)
    position[use] = rows[back]
    outcome[use] = np.where(rows[back] >= 0, BY_POINT, OUTSIDE)


def _other_force(records: pd.DataFrame, outcome: NDArray[np.int8], strange: dict[str, dict[str, int]]) -> None:
    """Tell the records that a force made in another's area from those that are merely elsewhere."""
    if "force" not in records or "district" not in records:
        return
    outside = outcome == OUTSIDE
    if not outside.any():
        return
    pairs = records.loc[outside, ["force", "district"]]
    owner = pairs["district"].map(_forces.force_of)
    other = (owner.notna() & pairs["force"].notna() & (owner != pairs["force"])
             & ~pairs["force"].isin(_forces.EVERYWHERE)).to_numpy(dtype=bool)  # fmt: skip
    outcome[np.flatnonzero(outside)[other]] = OTHER_FORCE
    if other.any():
        counts = owner[other].value_counts()
        strange[OUTCOMES[OTHER_FORCE]] = {str(name): int(rows) for name, rows in counts.items()}


def _events(records: pd.DataFrame) -> NDArray[np.float64]:
    """Return the events each row stands for, NaN where the source suppressed the number."""
    if "count" not in records:
        return np.ones(len(records))
    events = _checks.numbers(records, "count", "records")
    wrong = (events < 0) | (events != np.round(events)) & ~np.isnan(events)
    if wrong.any():
        raise ValueError(
            f"records' count is negative or not whole in {int(wrong.sum()):,} rows: "
            f"{_checks.shown(np.unique(events[wrong]))}. Give the number of events each row stands for."
        )
    return events


def _span(
    records: pd.DataFrame, period: tuple[str, str] | None
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], tuple[str, str] | None]:
    """Tell which records lie in the period, which can't be told, and the first and last month."""
    n = len(records)
    first, last = _months(records)
    known = first[~pd.isna(first)]
    if period is None:
        if "period" not in records or not len(known):
            return np.ones(n, dtype=bool), np.zeros(n, dtype=bool), None
        ends = (int(np.nanmin(first)), int(np.nanmax(last)))
        return np.ones(n, dtype=bool), np.zeros(n, dtype=bool), (_text(ends[0]), _text(ends[1]))
    span = _periods.span(period)
    start, end = (pd.Period(month, "M").ordinal for month in span)
    undated = np.isnan(first)
    with np.errstate(invalid="ignore"):
        inside = (first >= start) & (last <= end)
    return inside | undated, undated, span


def _months(records: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the first and last month of each record as ordinals: they differ for a financial year."""
    n = len(records)
    if "period" not in records:
        return np.full(n, np.nan), np.full(n, np.nan)
    column = records["period"]
    if not isinstance(column.dtype, pd.PeriodDtype):
        raise TypeError(
            f"records' period holds {column.dtype}, not months. "
            "Convert it: records['period'] = pd.PeriodIndex(records['period'], freq='M')."
        )
    months = column.dt.asfreq("M")
    first = np.where(months.isna(), np.nan, months.array.asi8.astype("float64"))
    last = first.copy()
    if "financial_year" in records:
        years = pd.to_numeric(records["financial_year"].astype("string").str[:4], errors="coerce")
        april = ((years.to_numpy(dtype="float64", na_value=np.nan) - 1970) * 12) + 3
        only = np.isnan(first) & ~np.isnan(april)
        first[only], last[only] = april[only], april[only] + 11
    return first, last


def _text(ordinal: int) -> str:
    return str(pd.Period(ordinal=ordinal, freq="M"))


def area_forces(areas: gpd.GeoDataFrame) -> pd.Series:
    """Return each area's police force: its column `force`, else by the name of its district."""
    if "force" in areas:
        return areas["force"].astype(object)
    if "district" in areas:
        return areas["district"].map(_forces.force_of).astype(object)
    return pd.Series(None, index=areas.index, dtype=object)


def _gaps(
    records: pd.DataFrame, span: tuple[str, str] | None, forces: pd.Series
) -> tuple[dict[str, list[str]], list[str], list[str]]:
    """Find the months each force lacks, all months of the span, and those that every force lacks."""
    if span is None:
        return {}, [], []
    months = _periods.months_of(span)
    coverage: dict[str, list[str]] = records.attrs.get("coverage") or {}
    owners = {name: set(told) for name, told in coverage.items() if name not in _forces.EVERYWHERE}
    if not owners:
        return {}, months, []
    told = set().union(*owners.values())
    nowhere = [month for month in months if month not in told]
    every = {*owners, *forces.dropna()}
    missing = {force: [m for m in months if m not in owners.get(force, set())] for force in sorted(every)}
    return {force: lost for force, lost in missing.items() if lost}, months, nowhere


def no_data_cells(placed: Placed, table: pd.DataFrame, areas: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Tell which rows of a long table by month have no data: their force reported nothing that month."""
    width = len(table) // max(len(areas), 1)
    force = np.repeat(placed.forces.to_numpy(dtype=object), width)
    lost = {(name, month) for name, months in placed.missing.items() for month in months}
    suppressed = np.repeat(placed.suppressed, width)
    if not lost:
        return suppressed
    months = table["period"].astype(str).to_numpy(dtype=object)
    pairs = pd.MultiIndex.from_arrays([force, months])
    found: NDArray[np.bool_] = pairs.isin(list(lost)) | suppressed
    return found


def _audit(
    records: pd.DataFrame, outcome: NDArray[np.int8], events: NDArray[np.float64],
    strange: dict[str, dict[str, int]], span: tuple[str, str] | None, edition: str | None, by: str,
) -> dict[str, Any]:  # fmt: skip
    rows = np.bincount(outcome, minlength=len(OUTCOMES))
    sums = np.bincount(outcome, weights=events, minlength=len(OUTCOMES))
    outcomes = [
        {
            "outcome": name,
            "rows": int(rows[i]),
            "events": int(sums[i]),
            "detail": _detail(strange.get(name, {})),
        }
        for i, name in enumerate(OUTCOMES)
        if rows[i] or i in (BY_CODE, BY_POINT, NO_LOCATION, OUTSIDE)
    ]
    read = records.attrs.get("read") or {}
    notes = []
    left = sum((read.get("left_out") or {}).values())
    if left:
        what = _checks.shown(f"{name} {n:,}" for name, n in read["left_out"].items())
        notes.append(f"Before that, {left:,} rows of the file were left out: {what}.")
    if read.get("repeated_ids"):
        notes.append(f"{read['repeated_ids']:,} records repeat the identifier of another; all are kept.")
    return {
        "dataset": records.attrs.get("dataset", ""),
        "records": len(records),
        "events": int(events.sum()),
        "by": by,
        "edition": edition or "",
        "period": list(span) if span else [],
        "outcomes": outcomes,
        "editions_met": dict(strange.get(OUTCOMES[OTHER_EDITION], {})),
        "notes": notes,
    }


def _detail(told: dict[str, int]) -> str:
    most = sorted(told.items(), key=lambda pair: (-pair[1], pair[0]))
    return _checks.shown((f"{name} {rows:,}" for name, rows in most), 4)


def _warnings(
    audit: dict[str, Any], records: pd.DataFrame, areas: gpd.GeoDataFrame, no_data: NDArray[np.bool_],
    nowhere: list[str], position: NDArray[np.int64],
) -> list[str]:  # fmt: skip
    said = []
    met = audit["editions_met"]
    if met:
        rows = sum(met.values())
        said.append(
            f"{rows:,} records have a code of another edition ({_checks.shown(f'{k} {v:,}' for k, v in met.items())}) "
            f"than the areas ({audit['edition'] or 'not named'}), and were not counted. {mend(met, audit['edition'])}"
        )
    if no_data.any():
        forces = [f"{force} ({len(lost)} months)" for force, lost in audit["no_data"].items()]
        said.append(
            f"{int(no_data.sum()):,} areas have no count: their police force has no data in part of the period: "
            f"{_checks.shown(forces, 6)}. No data is not zero; choose a period that all have, or gaps='count'."
        )
    if nowhere:
        said.append(f"No force has data in {_checks.shown(nowhere, 6)}: the period is shorter than it looks.")
    if len(records) and not (position >= 0).any():
        said.append(
            f"none of the {len(records):,} records was counted in the {len(areas):,} areas. Check that records and "
            "areas belong together: print(areas.attrs['audit'])."
        )
    return said


def mend(met: dict[str, int], edition: str) -> str:
    """Return the line that mends records of another edition."""
    other = next((name for name in met if name in _editions.LAST_CODE), None)
    if other is not None and edition in _editions.LAST_CODE:
        return (
            f"Count on their own areas and convert: lh.convert(lh.count(lh.read_boundaries({other!r}), records), "
            f"from_={other!r}, to={edition!r}, lookup=...); or use the points: lh.count(areas, records, by='point')."
        )
    return "Read the boundaries of that edition, or use the points: lh.count(areas, records, by='point')."


def edition_hint(areas: gpd.GeoDataFrame, codes: pd.Index) -> str:
    """Say, where the codes tell, that a table and the areas are of different editions."""
    home = areas.attrs.get("edition") or _editions.edition_of(areas.index)
    theirs = _editions.edition_of(codes)
    if home in _editions.LAST_CODE and theirs and theirs != home:
        return (
            f"The table is of {theirs}, the areas of {home}: "
            f"lh.convert(table, from_={theirs!r}, to={home!r}, lookup=...) brings them together."
        )
    return "Check that both are of the same edition and the same part of the country."
