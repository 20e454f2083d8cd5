"""Where each record belongs: by code or by point, and what became of those that belong nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lsoahot.common import area_codes, checks, police_forces
from lsoahot.common.arrays import looked_up
from lsoahot.records.point_column import distinct, places_of, transformed
from lsoahot.records.words import factorized

from . import missing_months, outcomes, point_in_area
from .outcomes import (
    BY_CODE,
    BY_POINT,
    HIDDEN,
    NO_CODE,
    NO_DATA,
    NO_DATE,
    NO_LOCATION,
    NO_VALUE,
    OTHER_EDITION,
    OTHER_FORCE,
    OUTSIDE,
    OUTSIDE_PERIOD,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

# Of the area's row of each record, that of each whose count was withheld (-1 for none), and the gaps:
# which records lie where no figure is given.
Lost: TypeAlias = (
    "Callable[[NDArray[np.int64], NDArray[np.int64], missing_months.Gaps], NDArray[np.bool_]]"
)

IN_NONE: Final = -1  # the area of a point that lies in none of them
NO_POINT: Final = -2  # there is no point


class Located(NamedTuple):
    """The result of locating n rows in m areas."""

    position: NDArray[np.int64]  # (n,) the area's row, -1 where not counted
    each: NDArray[np.float64]  # (n,) the events that one record of the row stands for
    events: NDArray[np.float64] | None  # (n,) those of all records of the row; None where it is one
    hidden: NDArray[np.int64]  # (n,) the area's row where the source withheld the count, else -1
    gaps: missing_months.Gaps
    attrs: dict[str, Any]  # period and audit
    warnings: list[str]


@dataclass
class _Draft:
    """Positions and outcomes while they are being found."""

    position: NDArray[np.int64]
    outcome: NDArray[np.int8]
    detail: NDArray[np.int32]  # which edition, whose area: a number of `words`
    words: list[str]

    def numbers(self, details: Sequence[str]) -> list[int]:
        """Return the numbers of details among the words, and add those that are new."""
        self.words = list(dict.fromkeys([*self.words, *details]))
        number = {word: i for i, word in enumerate(self.words)}
        return [number[word] for word in details]

    def drop(self, rows: NDArray[np.bool_], outcome: int) -> None:
        """Take records out of the count, for a reason."""
        if rows.any():
            self.position[rows] = -1
            self.outcome[rows] = outcome


def locate(
    areas: gpd.GeoDataFrame,
    records: pd.DataFrame,
    *,
    by: str,
    period: tuple[str, str] | None,
    need: Sequence[str] = (),
    rows: NDArray[np.int64] | None = None,
    spots: NDArray[np.int64] | None = None,
    lost: Lost | None = None,
) -> Located:
    """Give each record the area it belongs to, and an outcome.

    Parameters
    ----------
    areas
        The areas; m of them.
    records
        One row a record, or a row for many that are alike.
    by, period
        As in `count`.
    need
        Columns without a value in which a record can't be counted.
    rows
        The number of records that each row stands for, shape (n,); by default one.
    spots
        Where points were located before, shape (n,): the area's row, `IN_NONE` or `NO_POINT`. By
        default the points are the records' geometry.
    lost
        Tells which records lie where no figure is given, because a force has no data or the source
        withheld a count of the same area: they can't be counted, or the account would not add up.
    """
    checks.one_of(by, ("code", "point"), "by")
    coded, with_point = _places(records, spots)
    use_code = coded & ~with_point if by == "point" else coded
    use_point = with_point & ~use_code
    edition = areas.attrs.get("edition") or area_codes.edition_of(areas.index)
    if not use_code.any():
        draft = _nowhere(len(records))
    else:
        draft = _by_code(areas, records["area_code"], use_code, edition=edition)
        use_point |= with_point & (draft.outcome == NO_CODE)  # what is no code decides nothing
    if use_point.any():
        result = spots if spots is not None else _spots(areas, records, use_point)
        np.copyto(draft.position, result, where=use_point)
        draft.outcome[use_point] = OUTSIDE
        draft.outcome[use_point & (result >= 0)] = BY_POINT
    _tell_forces(records, draft)
    span = missing_months.span(records, period)
    draft.drop(~span.inside, OUTSIDE_PERIOD)
    draft.drop(span.undated, NO_DATE)
    each = _each(records)
    for name in need:
        draft.drop(records[name].isna().to_numpy(dtype=bool) & (draft.position >= 0), NO_VALUE)
    hidden = np.broadcast_to(np.int64(-1), len(records))
    events = None if rows is None else rows.astype("float64")
    if "count" in records:
        withheld = np.isnan(each) & (draft.position >= 0)
        hidden = np.where(withheld, draft.position, -1)
        draft.drop(withheld, HIDDEN)
        each = np.nan_to_num(each)
        events = each if rows is None else each * rows
    gaps = missing_months.gaps(areas, records, span.ends)
    if lost is not None and (gaps.no_data.any() or gaps.missing or (hidden >= 0).any()):
        draft.drop(lost(draft.position, hidden, gaps) & (draft.position >= 0), NO_DATA)
    audit = outcomes.account(
        records, draft.outcome, draft.detail, draft.words, rows=rows, events=events
    )
    audit |= {"by": by, "edition": edition or "", "period": list(span.ends or ())}
    unlike = set(gaps.forces[gaps.no_data])
    audit["no_data"] = {name: lost for name, lost in gaps.missing.items() if name in unlike}
    warnings = outcomes.warnings(areas, audit, gaps)
    audit["notes"] += warnings
    attrs = {"audit": audit, **({"period": list(span.ends)} if span.ends else {})}
    return Located(draft.position, each, events, hidden, gaps, attrs, warnings)


def _places(
    records: object, spots: NDArray[np.int64] | None
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell which records have a code, and which a point."""
    if not isinstance(records, pd.DataFrame):
        raise TypeError(
            f"records is a {type(records).__name__}, not a table. "
            "Read one with lsoahot.read_dataset()."
        )
    shapes = isinstance(records, gpd.GeoDataFrame) and records.active_geometry_name is not None
    if "area_code" not in records and not shapes and spots is None:
        raise ValueError(
            "records have neither an area_code nor points; they have "
            f"{checks.shown(records.columns, 12)}. Read them with lsoahot.read_dataset(), or "
            "rename the column that holds the codes to 'area_code'."
        )
    none = np.zeros(len(records), dtype=bool)
    coded = records["area_code"].notna().to_numpy(dtype=bool) if "area_code" in records else none
    if spots is not None:
        return coded, spots != NO_POINT
    return coded, pointed(records) if shapes else none


def pointed(records: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Tell which records have a point; refuse other shapes, and points in no known system."""
    if (known := places_of(records.geometry.array)) is not None:
        place, x, y = known
        return looked_up(np.append(np.isfinite(x) & np.isfinite(y), [False]), place)
    shapes = records.geometry.to_numpy()
    there: NDArray[np.bool_] = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    if not there.any():
        return there
    if (shapely.get_type_id(shapes[there]) != 0).any():
        kinds = records.geom_type[there].unique()
        raise ValueError(
            f"records have shapes that are no points: {checks.shown(kinds)}. Give points, for "
            "instance records.set_geometry(records.representative_point())."
        )
    if records.crs is None:
        raise ValueError(
            "the records' points have no coordinate reference system. Set it: "
            "records.set_crs('EPSG:4326') for longitude and latitude, 'EPSG:27700' for eastings."
        )
    there[there] = np.isfinite(shapely.get_coordinates(shapes[there])).all(axis=1)
    return there


def _nowhere(n: int) -> _Draft:
    return _Draft(
        np.full(n, -1), np.full(n, NO_LOCATION, dtype=np.int8), np.zeros(n, np.int32), [""]
    )


def _by_code(
    areas: gpd.GeoDataFrame, codes: pd.Series, use: NDArray[np.bool_], *, edition: str | None
) -> _Draft:
    """Locate by code; where a code is not among the areas, find out what it is."""
    result, unique = factorized(codes)
    rows = np.append(areas.index.get_indexer(unique), -1)
    kinds = np.where(rows >= 0, BY_CODE, NO_LOCATION).astype(np.int8)
    details = np.zeros(len(rows), dtype=np.int32)
    lost = np.flatnonzero(rows[:-1] < 0)
    strangers = _strangers([str(unique[i]) for i in lost], areas, edition)
    number = {"": 0}
    for i, (kind, what) in zip(lost, strangers, strict=True):
        kinds[i], details[i] = kind, number.setdefault(what, len(number))
    position, outcome, detail = (looked_up(each, result) for each in (rows, kinds, details))
    if not use.all():
        position[~use], outcome[~use], detail[~use] = rows[-1], kinds[-1], details[-1]
    return _Draft(position, outcome, detail, list(number))


def _strangers(
    codes: list[str], areas: gpd.GeoDataFrame, edition: str | None
) -> list[tuple[int, str]]:
    """Say of each code that is not among the areas what it is: an outcome, and a detail."""
    kinds = {area_codes.kind_of(code) for code in areas.index[:50]}
    home = kinds.pop() if len(kinds) == 1 else None
    has = {name: area_codes.in_edition(codes, name) for name in area_codes.LAST_CODE}
    result = []
    for i, code in enumerate(codes):
        kind = area_codes.kind_of(code)
        editions = [name for name, members in has.items() if members[i]]
        if kind is None or (kind == "lsoa" and not editions):
            result.append((NO_CODE, code))
        elif home is not None and kind != home:
            result.append((OTHER_EDITION, kind))
        elif kind == "lsoa" and edition in has and edition not in editions:
            result.append((OTHER_EDITION, " or ".join(editions)))
        else:
            result.append((OUTSIDE, ""))
    return result


def undecided(
    codes: pd.Series, areas: gpd.GeoDataFrame, pointed: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Tell which records go by their point because their code is missing, or none at all."""
    result, unique = factorized(codes)
    decides = (areas.index.get_indexer(unique) >= 0) | area_codes.is_code(unique)
    decided: NDArray[np.bool_] = np.append(decides, False)[result]
    return pointed & ~decided


def _spots(
    areas: gpd.GeoDataFrame, records: gpd.GeoDataFrame, use: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Locate the points that are used, -1 for the others; on a shared edge, the lowest code counts."""
    if areas.crs is None:
        raise ValueError(
            "the areas have no coordinate reference system. Set it: areas.set_crs('EPSG:27700')."
        )
    if (known := places_of(records.geometry.array)) is not None:
        place, x, y = known
    else:
        place = np.full(len(use), -1, dtype=np.int64)
        place[use], x, y = distinct(*shapely.get_coordinates(records.geometry.to_numpy()[use]).T)
    x, y = transformed(x, y, records.crs, areas.crs)
    result = point_in_area.look_up(point_in_area.locator(areas), x, y)
    return looked_up(np.append(result, -1), place)


def _tell_forces(records: pd.DataFrame, draft: _Draft) -> None:
    """Tell what a force recorded in another's area from what merely lies outside those loaded."""
    outside = draft.outcome == OUTSIDE
    if not {"force", "district"} <= set(records.columns) or not outside.any():
        return
    pairs = records.loc[outside, ["force", "district"]].astype(object)
    owner, force = (
        pairs["district"].map(police_forces.force_of),
        pairs["force"].map(police_forces.named),
    )
    settled = force.notna() & ~force.isin(police_forces.EVERYWHERE)
    other = owner.notna() & (owner != force) & settled
    rows = np.flatnonzero(outside)[other.to_numpy(dtype=bool)]
    draft.outcome[rows] = OTHER_FORCE
    draft.detail[rows] = draft.numbers(owner[other].tolist())


def _each(records: pd.DataFrame) -> NDArray[np.float64]:
    """Return the events a record stands for; NaN where the source suppressed the number."""
    if "count" not in records:
        return np.broadcast_to(1.0, len(records))
    events = checks.numbers(records, "count", "records")
    wrong = (events < 0) | ((events != np.round(events)) & ~np.isnan(events))
    if wrong.any():
        raise ValueError(
            f"records' count is negative or not whole in {int(wrong.sum()):,} rows: "
            f"{checks.shown(np.unique(events[wrong]))}. Give the events each row stands for."
        )
    return events
