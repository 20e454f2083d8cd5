"""The usual mistakes with coordinates, how each is undone, and what to say of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from .coordinates import DEGREES, GRID, WEB, transformed

if TYPE_CHECKING:
    from collections.abc import Callable

    from lsoahot.common.arrays import Floats

    Move = Callable[[Floats, Floats], tuple[Floats, Floats]]


class Mistake(NamedTuple):
    """A usual mistake: what it is called, how it is put right, and where the points would be."""

    what: str
    cure: str
    put_right: Move


_SWAP: Final = (
    "swap the two headers in the file, or the axes: records.set_geometry(geopandas.points_from_xy("
    "records.geometry.y, records.geometry.x, crs={crs!r}))"
)
_LABEL: Final = (
    "say so: records.set_crs({crs!r}, allow_override=True), or in the adapter "
    "dataclasses.replace(lsoahot.DATASETS[...], points=((x header, y header, {crs!r}),))"
)
_SCALE: Final = (
    "multiply both columns by {by:,} in the file, or records.set_geometry("
    "records.geometry.scale({by}, {by}, origin=(0, 0)))"
)


def _labelled(what: str, crs: str) -> Mistake:
    """Metres or degrees of another system under the label of the National Grid."""
    return Mistake(what, _LABEL.format(crs=crs), lambda x, y: transformed(x, y, crs, GRID))


def _scaled(what: str, by: int) -> Mistake:
    return Mistake(what, _SCALE.format(by=by), lambda x, y: (x * by, y * by))


def _in_degrees(what: str, cure: str, change: Move) -> Mistake:
    """Degrees that were changed before they became metres."""
    return Mistake(
        what,
        cure,
        lambda x, y: transformed(*change(*transformed(x, y, GRID, DEGREES)), DEGREES, GRID),
    )


# Points in metres of the National Grid, as they were read, to where they would be.
MISTAKES: Final = (
    Mistake("with easting and northing swapped", _SWAP.format(crs=GRID), lambda x, y: (y, x)),
    _in_degrees(
        "with the minus of the longitude that they lost",
        "put the minus before the longitudes in the file (Great Britain lies west of 2 degrees "
        "east, most of it west of 0)",
        lambda east, north: (-east, north),
    ),
    _in_degrees(
        "with latitude and longitude the other way round",
        "put the longitude first in the file, as GeoJSON has it, and read it again",
        lambda east, north: (north, east),
    ),
    _labelled("as longitudes and latitudes in degrees", DEGREES),
    Mistake(
        "as latitudes and longitudes in degrees",
        f"swap the two headers, and {_LABEL.format(crs=DEGREES)}",
        lambda x, y: transformed(y, x, DEGREES, GRID),
    ),
    _scaled("as kilometres", 1000),
    _scaled("as hundreds of metres", 100),
    _scaled("as tens of metres", 10),
    _labelled("as web mercator (EPSG:3857)", WEB),
    _labelled("as Irish Grid (EPSG:29903)", "EPSG:29903"),
    _labelled("as Irish Transverse Mercator (EPSG:2157)", "EPSG:2157"),
    _labelled("as UTM, zone 30 (EPSG:32630)", "EPSG:32630"),
)
