"""A raw table in the shape of records: its columns found and renamed, a row an event or a count."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import pandas as pd

from lsoahot.common import code_columns
from lsoahot.common.checks import shown
from lsoahot.common.spelling import plain

from . import cells, csvs, headers, layouts, periods, totals, unread_columns
from .coordinates import Pair
from .flags import FLAGS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .dataset import Dataset
    from .tally import Tally


class Shaped(NamedTuple):
    """A table with the records' columns, one row an event or count, and where these came from."""

    name: str  # of the file, for messages
    raw: pd.DataFrame  # as in the file, without the rows that are no records
    frame: pd.DataFrame  # the columns renamed
    columns: dict[str, str]  # column of the records -> header
    wide: dict[str, str]  # header -> "period" or "category", where one column stands for each
    unread: list[str]  # headers that were not understood
    pairs: list[Pair]  # columns of points
    street: bool  # a file of data.police.uk, of which everything is known


def of(table: pd.DataFrame, spec: Dataset, tally: Tally, name: str) -> Shaped:
    """Find out what each column and row of a table is, and bring it into the shape of records.

    Parameters
    ----------
    table
        As it stands in the file.
    spec
        The adapter.
    tally
        Notes rows that are no records, and what is ambiguous.
    name
        The file, for messages.

    Raises
    ------
    ValueError
        Where a column that was not understood says that counts are of different things.
    """
    raw = table.set_axis(csvs.unique(list(table.columns)), axis=1)
    tally.warn(*(f"{name}: {remark}" for remark in layouts.remarks(raw.columns, spec)))
    street = layouts.is_street(raw.columns)
    columns, wide = layouts.shape(raw.columns, spec)
    choices = headers.code_choices(raw.columns, spec)
    if len(choices) > 1 and columns.get("area_code") == choices[0]:
        held = (one for one in choices if one in raw and code_columns.holds_codes(raw[one]))
        columns["area_code"] = next(held, choices[0])
    if not street:
        columns = unread_columns.by_content(raw, columns, wide=wide, spec=spec)
    raw = _rows(raw, columns, wide, street=street, tally=tally, name=name)
    shapes = shape_column(raw)
    pairs = [Pair(x, y, crs, (x, y)) for x, y, crs in headers.point_pairs(raw.columns, spec)]
    axes = {header for pair in pairs for header in pair[:2]}
    used = {*columns.values(), *wide, *axes, *choices, shapes}
    unread = [one for one in raw.columns if one not in used]
    tally.columns.read(columns, wide, unread)
    if "count" in columns and (both := totals.part_and_whole(raw, unread)):
        header, different = both
        raise ValueError(
            f"{name}: column {header!r} was not understood, and holds a total beside its parts "
            f"({shown(different, 6)}): each event would count twice. Keep the rows of one of them."
        )
    if "count" in columns and (several := unread_columns.several_measures(raw, unread)):
        header, different = several
        raise ValueError(
            f"{name}: column {header!r} says that its counts are of different things "
            f"({shown(different, 6)}), and was not understood. Keep the rows of one of them."
        )
    for pair in pairs:
        tally.columns.used({"x": pair.x, "y": pair.y})
    frame = _renamed(raw, columns, wide, spec=spec, tally=tally)
    if pairs:
        pairs[0] = pairs[0]._replace(x="x", y="y")
    pairs = [pair for pair in pairs if {pair.x, pair.y} <= {*frame.columns}]
    return Shaped(name, raw, frame, columns, wide, unread, pairs, street)


def shape_column(raw: pd.DataFrame) -> str | None:
    """Name the column of shapes, where there is one."""
    return raw.active_geometry_name if isinstance(raw, gpd.GeoDataFrame) else None


def _rows(
    raw: pd.DataFrame,
    columns: Mapping[str, str],
    wide: Mapping[str, str],
    *,
    street: bool,
    tally: Tally,
    name: str,
) -> pd.DataFrame:
    """Leave out the rows that are no records, and fill codes down that stand at the top of a block."""
    if not {"area_code", "x", "geometry"} & set(columns):
        return raw
    if street:  # files that were put one below the other repeat their header, and that is all
        drop = totals.headers_again(raw, columns)
        kinds = {totals.HEADER: int(drop.sum())}
    else:
        drop, kinds = totals.foreign_rows(raw, columns, wide)
    if drop.any() and not drop.all():
        tally.leave_out(kinds, rows=True)
        raw = raw[~drop]
    if street:
        return raw
    codes = totals.filled_down(raw, columns)
    if codes is not None:
        header = columns["area_code"]
        tally.warn(
            f"{name}: column {header!r} names an area in the first row of its block only, as pivot "
            f"tables do: {int(raw[header].isna().sum()):,} rows got the code that stands above "
            "them. Have the pivot table repeat its labels to be sure."
        )
        raw = raw.assign(**{header: codes})
    return raw


def _renamed(
    raw: pd.DataFrame,
    columns: Mapping[str, str],
    wide: Mapping[str, str],
    *,
    spec: Dataset,
    tally: Tally,
) -> pd.DataFrame:
    """Give columns the records' names, one row an event or count."""
    result = dict(columns)
    codes = headers.lsoa_codes(raw.columns)
    if len(codes) > 1 and result.get("area_code") in codes:
        tally.warn(
            f"there are codes of more than one edition ({', '.join(codes)}): "
            f"{result['area_code']} was taken. Drop it to take another."
        )
    if wide:
        raw, result = _melted(raw, result, wide, tally)
    # A column that merely bears the name of another that was found would stand there twice.
    clash = [column for column in raw.columns if column in result and column not in result.values()]
    frame = raw.drop(columns=clash).rename(columns={old: new for new, old in result.items()})
    if (
        spec.name in FLAGS
        and spec.name in frame
        and "count" not in frame
        and cells.numeric(frame[spec.name])
        and not pd.to_numeric(frame[spec.name], errors="coerce").dropna().isin([0, 1]).all()
    ):
        frame = frame.rename(columns={spec.name: "count"})  # numbers of events, not a flag
    return frame


def _melted(
    raw: pd.DataFrame, result: Mapping[str, str], wide: Mapping[str, str], tally: Tally
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Turn one column a month or category into one row each."""
    kind = next(iter(wide.values()))
    kept = list(dict.fromkeys(result.values()))
    left = [
        header
        for header in raw.columns
        if header not in {*wide, *kept}
        and plain(header) not in totals.TOTALS
        and not unread_columns.is_of_other_things(header)
        and cells.numeric(raw[header])
    ]
    if left:
        tally.warnings.append(
            f"the numbers in {shown(map(repr, left), 8)} were not read: beside "
            f"{shown(map(repr, wide), 3)} they are no known month or category. Name them in the "
            "adapter's `categories`, or drop the columns."
        )
    long = pd.DataFrame(raw[[*kept, *wide]]).melt(
        id_vars=kept, value_vars=list(wide), var_name=f"wide {kind}", value_name="wide count"
    )
    if kind == "period":  # a column headed by the first day of a month is no exact date
        long["wide period"] = long["wide period"].map(periods.heading)
    return long, {**result, kind: f"wide {kind}", "count": "wide count"}
