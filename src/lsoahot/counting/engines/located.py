"""Records from anywhere, located, with what their engine told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsoahot.counting import locate, outcomes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

    from .prepare import Given


def located(
    areas: gpd.GeoDataFrame,
    taken: Given,
    *,
    by: str,
    period: tuple[str, str] | None,
    coverage: Mapping[str, Sequence[str]] | None,
    need: Sequence[str] = (),
    lost: locate.Lost | None = None,
) -> locate.Located:
    """Locate what was taken, and tell where its points came from.

    Parameters
    ----------
    areas
        The areas; index `area_code`.
    taken
        Records, as `given` made them ready.
    by, period, coverage
        As in `count`.
    need
        Columns without a value in which a record can't be counted.
    lost
        As in `locate`.
    """
    records = taken.table
    if coverage is not None:
        records = records.copy(deep=False)
        records.attrs = {**taken.table.attrs, "coverage": coverage}
    options = {"by": by, "period": period, "need": need, "lost": lost}
    result = locate.locate(areas, records, rows=taken.rows, spots=taken.spots, **options)
    notes = result.attrs["audit"]["notes"]
    by_point = by == "point" or result.attrs["audit"]["outcomes"][outcomes.BY_POINT]["rows"]
    if taken.point is not None and taken.point.guessed and by_point:
        notes.append(
            f"Points were taken from {taken.point.x!r} and {taken.point.y!r}, as {taken.point.crs}."
        )
    notes += taken.warnings
    return result._replace(warnings=[*taken.warnings, *result.warnings])
