"""Boundaries that lie where their areas are not: kilometres, swapped axes, a lost sign, another grid.

A district's name, or the country that a code begins with, says roughly where an area must be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lsoahot.common import area_codes, checks
from lsoahot.common.police_forces import extent_of
from lsoahot.records.coordinate_mistakes import MISTAKES

if TYPE_CHECKING:
    from lsoahot.common.arrays import Bools, Floats

# West, south, east and north of each country, in kilometres of the National Grid, with the sea around.
_COUNTRIES: Final = {
    "E": (60, 0, 670, 670),
    "W": (140, 155, 365, 405),
    "S": (0, 520, 480, 1240),
    "N": (-30, 440, 200, 650),
}
_ROOM: Final = 10  # kilometres round a force's area, for districts that were redrawn
_MOST: Final = 0.9  # of the places must fit, for a mistake to be named


def refuse(areas: gpd.GeoDataFrame, label: str) -> None:
    """Refuse areas that lie far from where their districts, or their countries, are.

    Parameters
    ----------
    areas
        In EPSG:27700, indexed by code, with `district`; m rows.
    label
        The file, for the message.

    Raises
    ------
    ValueError
        With the usual mistake that fits, where one does.
    """
    shapes = areas.geometry.to_numpy()
    there = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    west, south, east, north = shapely.bounds(shapes[there]).T
    x, y = (west + east) / 2, (south + north) / 2
    boxes = _boxes(areas)[there]
    away = ~_within(x, y, boxes)
    if not away.any():
        return
    names = areas.index[there[away]]
    place = areas["district"].iloc[there[away]].dropna().unique()
    of = f" of {checks.shown(place, 2)}" if len(place) else ""
    here = (
        f"eastings {x[away].min():,.0f} to {x[away].max():,.0f}, northings {y[away].min():,.0f} to "
        f"{y[away].max():,.0f}"
    )
    fits = ""
    for mistake in MISTAKES:
        right = _within(*mistake.put_right(x[away], y[away]), boxes[away])
        if right.mean() >= _MOST:
            fits = f" Read {mistake.what}, they would lie there: if that is the mistake, "
            break
    known = any(extent_of(name) for name in place)
    if not known and (not fits or away.mean() < 1 / 2):
        return  # the country of a code alone says too little
    cure = (
        f"{fits}put the file right and save it again."
        if fits
        else " Put its coordinate system right."
    )
    raise ValueError(
        f"{int(away.sum()):,} of the {len(areas):,} areas of {label} ({checks.shown(names, 3)}{of}) do not lie "
        f"where they should ({here}).{cure}"
    )


def alike(areas: gpd.GeoDataFrame, label: str) -> list[str]:
    """Say which areas have the same shape: one lies over the other, and a point is in either by chance."""
    bounds = shapely.bounds(areas.geometry.to_numpy())
    several = pd.DataFrame(bounds).duplicated(keep=False).to_numpy() & np.isfinite(bounds).all(
        axis=1
    )
    again = gpd.GeoSeries(areas.geometry[several]).to_wkb()
    same = again[again.duplicated(keep=False)].index
    if not len(same):
        return []
    message = (
        f"{len(same):,} areas of {label} have a shape that another has too ({checks.shown(same, 4)}): they lie "
        "over one another, and a point counts in one of them. Get the boundaries again."
    )
    return [message]


def _boxes(areas: gpd.GeoDataFrame) -> Floats:
    """Return where each area must lie, in metres: shape (m, 4); anywhere, where nothing tells."""
    anywhere = (-np.inf, -np.inf, np.inf, np.inf)
    codes = areas.index.astype("string").to_series()
    country = codes.str[:1].where(codes.str.fullmatch(area_codes.CODE.pattern), "")
    pairs = pd.DataFrame({"district": areas["district"].array, "country": country.array})
    number = pairs.groupby(["district", "country"], sort=False, dropna=False).ngroup().to_numpy()
    _, first = np.unique(number, return_index=True)
    known = []
    for district, letter in pairs.iloc[first].itertuples(index=False):
        box = extent_of(district) if letter in {"E", "W"} else None
        if box is not None:
            box = (box[0] - _ROOM, box[1] - _ROOM, box[2] + _ROOM, box[3] + _ROOM)
        box = box or _COUNTRIES.get(letter)
        known.append(anywhere if box is None else tuple(1000.0 * side for side in box))
    return np.array(known, dtype=np.float64).reshape(-1, 4)[number]


def _within(x: Floats, y: Floats, boxes: Floats) -> Bools:
    west, south, east, north = boxes.T
    inside: Bools = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    return inside
