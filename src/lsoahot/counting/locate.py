"""Where each record belongs: by code or by point, and what became of those that belong nowhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lsoahot.common import area_codes, checks, police_forces
from lsoahot.common.audit import Audit
from lsoahot.common.frozen import FrozenList
from lsoahot.records import coordinates
from lsoahot.records.coordinates import Pair, distinct, transformed
from lsoahot.records.point_column import places_of

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
    from collections.abc import Callable, Mapping, Sequence

    import pyproj
    from numpy.typing import NDArray

    from lsoahot.common.arrays import Bools, Floats, Integers

    from .engines.finder import Finder

# The area's row where the source withheld a record's count, else -1, (n,); None where it withheld none.
Hidden: TypeAlias = "Integers | None"
# Of the area's row of each record, the withheld counts and the gaps: which records lie where no
# figure is given.
Lost: TypeAlias = "Callable[[Integers, Hidden, missing_months.Gaps], Bools]"

IN_NONE: Final = -1  # the area of a point that lies in none of them
NO_POINT: Final = -2  # there is no point


_WHOSE: Final = "the records"


# The columns of points, and their system: `x`, `y` and `crs` of `count`.
PointColumns: TypeAlias = "tuple[str | None, str | None, str | None]"


class Options(NamedTuple):
    """How records are located: options of `count`."""

    locate_by: str
    period: tuple[str, str] | None = None
    coverage: Mapping[str, Sequence[str]] | None = None
    axes: PointColumns = (None, None, None)
    need: Sequence[str] = ()  # columns without a value in which a record can't be counted


class PointsOf(NamedTuple):
    """The points of n records, at k places."""

    place: Integers  # (n,) the place of each, -1 where there is none
    x: Floats  # (k,)
    y: Floats  # (k,)
    crs: pyproj.CRS | str
    notes: list[str]


class Grouped(NamedTuple):
    """What an engine reported of records that are alike: a row of theirs stands for many."""

    rows: Integers  # (n,) the records of each row
    area_rows: Integers | None  # (n,) of each point's area; `IN_NONE` or `NO_POINT`
    pair: Pair | None  # the columns that the points were taken from
    warnings: list[str]
    finder: Finder | None = None  # remembers the places of points that were looked up


class Located(NamedTuple):
    """The result of locating n rows in m areas."""

    position: Integers  # (n,) the area's row, -1 where not counted
    each: Floats  # (n,) the events that one record of the row stands for
    events: Floats | None  # (n,) those of all records of the row; None where it is one
    hidden: Hidden
    gaps: missing_months.Gaps
    attrs: dict[Any, Any]  # period and audit
    warnings: list[str]


@dataclass
class _Draft:
    """Positions and outcomes while they are being found."""

    position: Integers
    outcome: NDArray[np.int8]
    detail: NDArray[np.int32]  # which edition, whose area: a number of `words`
    words: list[str]
    pair: Pair | None = None  # the columns that the points were taken from
    messages: list[str] = field(default_factory=list)

    def numbers(self, details: Sequence[str]) -> list[int]:
        """Return the numbers of details among the words, and add those that are new."""
        self.words = list(dict.fromkeys([*self.words, *details]))
        number = {word: i for i, word in enumerate(self.words)}
        return [number[word] for word in details]

    def drop(self, rows: Bools, outcome: int) -> None:
        """Take records out of the count, for a reason."""
        if rows.any():
            self.position[rows] = -1
            self.outcome[rows] = outcome


def locate(
    areas: gpd.GeoDataFrame,
    records: pd.DataFrame,
    options: Options,
    *,
    grouped: Grouped | None = None,
    lost: Lost | None = None,
) -> Located:
    """Give each record the area it belongs to, and an outcome.

    Parameters
    ----------
    areas
        The areas; m of them.
    records
        One row a record, or a row for many that are alike.
    options
        How they are located.
    grouped
        Where a row stands for many records, how many, and where their points lie.
    lost
        Tells which records lie where no figure is given, because a force has no data or the source
        withheld a count of the same area: they can't be counted, or the account would not add up.
    """
    edition = areas.attrs.get("edition") or area_codes.edition_of(areas.index)
    options = options._replace(locate_by=decided_by(areas, options.locate_by))
    draft = _draft(areas, records, options, grouped, edition=edition)
    rows = None if grouped is None else grouped.rows
    _mark_other_forces(records, draft)
    span = missing_months.span(records, options.period)
    draft.drop(~span.inside, OUTSIDE_PERIOD)
    draft.drop(span.undated, NO_DATE)
    each = _each(records)
    for name in options.need:
        draft.drop(records[name].isna().to_numpy(dtype=bool) & (draft.position >= 0), NO_VALUE)
    hidden = None
    events = None if rows is None else rows.astype("float64")
    if "count" in records:
        withheld = np.isnan(each) & (draft.position >= 0)
        hidden = np.where(withheld, draft.position, -1) if withheld.any() else None
        draft.drop(withheld, HIDDEN)
        each = np.nan_to_num(each)
        events = each if rows is None else each * rows
    coverage = options.coverage
    if coverage is None:
        coverage = records.attrs.get("coverage") or {}
    gaps = missing_months.gaps(areas, coverage, span.ends)
    if lost is not None and (gaps.no_data.any() or gaps.missing or hidden is not None):
        draft.drop(lost(draft.position, hidden, gaps) & (draft.position >= 0), NO_DATA)
    audit = outcomes.account(
        records, draft.outcome, draft.detail, draft.words, rows=rows, events=events
    )
    audit |= {"locate_by": options.locate_by, "edition": edition or ""}
    audit["period"] = list(span.ends or ())
    unlike = set(gaps.forces[gaps.no_data])
    audit["no_data"] = {name: lost for name, lost in gaps.missing.items() if name in unlike}
    by_point = options.locate_by == "point" or audit["outcomes"][BY_POINT]["rows"]
    if (pair := draft.pair) is not None and pair.guessed and by_point:
        audit["notes"].append(f"Points were taken from {pair.x!r} and {pair.y!r}, as {pair.crs}.")
    warnings = [*draft.messages, *outcomes.warnings(areas, audit, gaps)]
    audit["notes"] += warnings
    attrs = {"audit": Audit(audit), **({"period": FrozenList(span.ends)} if span.ends else {})}
    return Located(draft.position, each, events, hidden, gaps, attrs, warnings)


def decided_by(areas: gpd.GeoDataFrame, locate_by: str) -> str:
    """Return whether code or point decides: cells of a `grid` have codes that no record knows."""
    return "point" if area_codes.of_grid(areas.index) else locate_by


def _draft(
    areas: gpd.GeoDataFrame,
    records: pd.DataFrame,
    options: Options,
    grouped: Grouped | None,
    *,
    edition: str | None,
) -> _Draft:
    """Give each record an area by its code or its point; points are read where they decide."""
    locate_by, axes = options.locate_by, options.axes
    rows, area_rows, pair, messages, finder = grouped or (None, None, None, [], None)
    none = np.zeros(len(records), dtype=bool)
    has_code = "area_code" in records
    coded = records["area_code"].notna().to_numpy(dtype=bool) if has_code else none
    points = None
    if area_rows is not None:
        with_point = area_rows != NO_POINT
    elif locate_by == "point" or axes[0] is not None or not (has_code and coded.all()):
        points, pair = _points(records, axes)
        with_point = none if points is None else points.place >= 0
    else:
        with_point = none
    use_code = coded & ~with_point if locate_by == "point" else coded
    use_point = with_point & ~use_code
    if not use_code.any():
        n = len(records)
        nowhere = np.full(n, NO_LOCATION, dtype=np.int8)
        draft = _Draft(np.full(n, -1), nowhere, np.zeros(n, np.int32), [""])
    else:
        draft = _by_code(areas, records["area_code"], use_code, edition=edition)
        junk = draft.outcome == NO_CODE  # what is no code decides nothing
        if area_rows is None and points is None and junk.any():
            points, pair = _points(records, axes)
            with_point = none if points is None else points.place >= 0
        use_point |= with_point & junk
    if points is not None:
        messages = [*messages, *points.notes]
    if use_point.any():
        missed: list[str] = []
        by_code = draft.outcome == BY_CODE
        coded_rows = int(np.count_nonzero(by_code) if rows is None else rows[by_code].sum())
        if points is not None:
            area_rows, missed = _areas_of_points(areas, points, use_point, coded=coded_rows)
        elif finder is not None and area_rows is not None and rows is not None:
            missed = finder.missed(area_rows[use_point], rows[use_point], coded=coded_rows)
        messages = [*messages, *missed]
        if area_rows is not None:
            np.copyto(draft.position, area_rows, where=use_point)
            draft.outcome[use_point] = OUTSIDE
            draft.outcome[use_point & (area_rows >= 0)] = BY_POINT
    draft.pair, draft.messages = pair, messages
    return draft


def _points(records: pd.DataFrame, axes: PointColumns) -> tuple[PointsOf | None, Pair | None]:
    """Read the points of records from their geometry, or from the columns that hold them."""
    shapes = isinstance(records, gpd.GeoDataFrame) and records.active_geometry_name is not None
    pair = None
    if not shapes or axes[0] is not None:
        pair = coordinates.find_pair(records.columns, *axes)
    points = points_of(records, pair)
    if points is None and "area_code" not in records:
        raise ValueError(
            "records have neither an area_code nor points; they have "
            f"{checks.shown(records.columns, 12)}. Read them with lsoahot.read_dataset(), or "
            "rename the column that holds the codes to 'area_code'."
        )
    if points is not None and pair is not None:
        pair = pair._replace(crs=str(points.crs))
    return points, pair


def points_of(records: pd.DataFrame, pair: Pair | None = None) -> PointsOf | None:
    """Read the points of records: the one function that does.

    Parameters
    ----------
    records
        One row a record; n rows.
    pair
        The columns that hold them; None where they are the table's geometry.

    Returns
    -------
    PointsOf or None
        Each record's place; None where the table has no points at all.

    Raises
    ------
    ValueError
        Where shapes are no points, or have no reference system.
    """
    if pair is not None:
        crs, x, y, notes = coordinates.read(records, pair, _WHOSE)
        there = ~np.isnan(x)
        crs = crs if pair.guessed else pair.crs
        return PointsOf(_numbered(there), x[there], y[there], crs, notes)
    if not isinstance(records, gpd.GeoDataFrame) or records.active_geometry_name is None:
        return None
    if (known := places_of(records.geometry.array)) is not None:
        place, x, y = known
        good = np.append(np.isfinite(x) & np.isfinite(y), [False])
        place = place if good[:-1].all() else np.where(good[place], place, -1)
        return PointsOf(place, x, y, cast("pyproj.CRS", records.crs), [])
    shapes = records.geometry.to_numpy()
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    if (shapely.get_type_id(shapes[there]) != shapely.GeometryType.POINT).any():
        kinds = records.geom_type[there].unique()
        raise ValueError(
            f"records have shapes that are no points: {checks.shown(kinds)}. Give points, for "
            "instance records.set_geometry(records.representative_point())."
        )
    if records.crs is None and there.any():
        raise ValueError(
            "the records' points have no coordinate reference system. Set it: "
            "records.set_crs('EPSG:4326') for longitude and latitude, 'EPSG:27700' for eastings."
        )
    x, y = shapely.get_coordinates(shapes[there]).T
    finite = np.isfinite(x) & np.isfinite(y)
    there[there] = finite
    return PointsOf(_numbered(there), x[finite], y[finite], cast("pyproj.CRS", records.crs), [])


def _numbered(there: Bools) -> Integers:
    """Count up the records that are there: the number of each, -1 for the others."""
    return np.where(there, np.cumsum(there) - 1, -1)


def _by_code(
    areas: gpd.GeoDataFrame, codes: pd.Series, use: Bools, *, edition: str | None
) -> _Draft:
    """Locate by code; where a code is not among the areas, find out what it is."""
    number, unique = pd.factorize(codes)
    rows = np.append(areas.index.get_indexer(unique), -1)
    kinds = np.where(rows >= 0, BY_CODE, NO_LOCATION).astype(np.int8)
    details = np.zeros(len(rows), dtype=np.int32)
    lost = np.flatnonzero(rows[:-1] < 0)
    unknown = _unknown_codes([str(code) for code in unique[lost]], areas, edition)
    words = {"": 0}
    for i, (kind, what) in zip(lost, unknown, strict=True):
        kinds[i], details[i] = kind, words.setdefault(what, len(words))
    position, outcome, detail = (
        np.take(each, number, mode="wrap") for each in (rows, kinds, details)
    )
    if not use.all():
        position[~use], outcome[~use], detail[~use] = rows[-1], kinds[-1], details[-1]
    return _Draft(position, outcome, detail, list(words))


def _unknown_codes(
    codes: list[str], areas: gpd.GeoDataFrame, edition: str | None
) -> list[tuple[int, str]]:
    """Say of each code that is not among the areas what it is: an outcome, and a detail."""
    if not codes:
        return []
    kinds = {area_codes.kind_of(code) for code in areas.index[:50]}
    home = kinds.pop() if len(kinds) == 1 else None
    has = area_codes.in_each_edition(codes)
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


def undecided(codes: pd.Series, areas: gpd.GeoDataFrame, pointed: Bools) -> Bools:
    """Tell which records go by their point because their code is missing, or none at all."""
    number, unique = pd.factorize(codes)
    decides = (areas.index.get_indexer(unique) >= 0) | area_codes.is_code(unique)
    decided: Bools = np.append(decides, False)[number]
    return pointed & ~decided


def _areas_of_points(
    areas: gpd.GeoDataFrame, points: PointsOf, use: Bools, *, coded: int
) -> tuple[Integers, list[str]]:
    """Locate the points that are used: the area's row, on a shared edge that of the lowest code.

    Where most lie outside, a message says which mistake would explain it, if one does. Where more
    records were counted by their code (`coded` of them), the others lie elsewhere in earnest.
    """
    locator = point_in_area.locator(areas)
    place, x, y, crs, _ = points
    used = np.zeros(len(x) + 1, dtype=bool)
    used[place[use]] = True
    used[-1] = False
    number = int(np.count_nonzero(use))
    back: Integers | slice = slice(None)
    x, y = x[used[:-1]], y[used[:-1]]
    if len(x) == number:  # a place for each point; else they stand in few places already
        back, x, y = distinct(x, y)
    of_place = np.full(len(used), IN_NONE, dtype=np.int64)
    of_place[used] = point_in_area.find(locator, *transformed(x, y, crs, locator.crs))[back]
    of_place[-1] = NO_POINT
    area_rows = of_place[place]
    outside = int(np.count_nonzero((area_rows < 0) & use))
    return area_rows, point_in_area.mistaken(
        locator, x, y, crs, outside=outside, points=number, coded=coded
    )


def _mark_other_forces(records: pd.DataFrame, draft: _Draft) -> None:
    """Tell what a force recorded in another's area from what merely lies outside those loaded."""
    outside = draft.outcome == OUTSIDE
    if not {"force", "district"} <= set(records.columns) or not outside.any():
        return
    pairs = records.loc[outside, ["force", "district"]].astype(object)
    owner = pairs["district"].map(police_forces.force_of)
    force = pairs["force"].map(police_forces.named)
    settled = force.notna() & ~force.isin(police_forces.EVERYWHERE)
    other = owner.notna() & (owner != force) & settled
    rows = np.flatnonzero(outside)[other.to_numpy(dtype=bool)]
    draft.outcome[rows] = OTHER_FORCE
    draft.detail[rows] = draft.numbers(owner[other].tolist())


def _each(records: pd.DataFrame) -> Floats:
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
