"""Coordinates: the one reader of columns that hold points, and what a usual mistake would look like.

Cells are read as people write them: thousands by comma or space, decimal commas, degrees with their
sign or in minutes and seconds. What a column is called says which system it is in, unless its
figures can't be of that system.
"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pandas as pd
import shapely

from lsoahot.common.arrays import THREADS
from lsoahot.common.checks import shown
from lsoahot.common.number_cells import read_numbers
from lsoahot.common.spelling import plain

from .dataset import POINTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyproj
    from numpy.typing import NDArray

    from lsoahot.common.arrays import Bools, Floats, Integers

DEGREES: Final = "EPSG:4326"
GRID: Final = "EPSG:27700"
WEB: Final = "EPSG:3857"

_LARGEST: Final = (180, 90)  # no longitude, no latitude is larger
_BRITAIN: Final = ((-9, 3), (49, 61))  # longitudes and latitudes
# Where degrees under a header of metres may lie: Europe's north-west, with room at the edges.
_NEAR: Final = ((-30, 30), (40, 70))
# Great Britain, Northern Ireland and the Isle of Man in metres: of the National Grid, without the
# strip beside its false origin, where no land is and degrees would be; and of web mercator.
_ON_GRID: Final = ((1_000, 800_000), (1_000, 1_400_000))
_ON_WEB: Final = ((-1_000_000, 350_000), (6_200_000, 8_700_000))

_NOWHERE: Final = frozenset({"nolocation", "noplace", "nofixedabode", "false", "error"})
_SIGNS: Final = str.maketrans(
    {"\u2212": "-", "\u2013": "-", "\u2032": "'", "\u2019": "'", "\u2033": '"', "\u201d": '"',
     "\u00ba": "\u00b0", "\u02da": "\u00b0", "\ufeff": None, "\u200b": None, "\u200e": None}
)  # fmt: skip
# "484503 m", "484503E", "E 484503"
_METRES: Final = re.compile(
    r"(?<=\d)\s*(?:m(?:etres)?|[en])\s*$|^\s*[en][:.]?\s*(?=\d)", re.IGNORECASE
)
# Metres: points that are all multiples of it lie in another area as often as not.
_ROUNDED: Final = 1_000
_SIDE: Final = re.compile(r"^([NSEW])\b ?(.*)$|^(.*?) ?([NSEW])$", re.IGNORECASE)
_PARTS: Final = re.compile(
    r"([+-]?\d+(?:[.,]\d+)?) ?(?:\u00b0|deg\w*|d|:| ) ?"
    r"(\d+(?:[.,]\d+)?) ?(?:'|min\w*|m|:| |$) ?(?:(\d+(?:[.,]\d+)?) ?(?:\"|''|sec\w*|s|$))?",
    re.IGNORECASE,
)


_SEVERAL: Final = 3  # different coordinates that are all round, below which nothing is reported
_LOOK: Final = 1_000  # coordinates that are looked at before all are
# Points, below which a thread takes longer to make its transformer than to use it.
_MANY: Final = 200_000


class Pair(NamedTuple):
    """Two columns of a table that hold points, and the system that their headers name."""

    x: str
    y: str
    crs: str
    names: tuple[str, str]  # what the file calls them
    guessed: bool = False  # whether the headers alone say that these are points
    zero: bool = False  # whether 0, 0 is a place; in partners' files it says that there is none


# Pairs of headers that say what they are. A bare x and y may be anything.
_BARE: Final = {"x", "x coordinate"}


def find_pair(
    columns: Iterable[object], x: str | None, y: str | None, crs: str | None
) -> Pair | None:
    """Find the columns of the points of records: those that were named, else by their names.

    Parameters
    ----------
    columns
        The columns of the records.
    x, y, crs
        As in `lsoahot.count`.

    Raises
    ------
    ValueError
        Where one of the two is lacking, or nothing tells their reference system.
    """
    every = [str(name) for name in columns]
    if (x is None) != (y is None):
        raise ValueError(f"x={x!r}, y={y!r}: a point has both. Name the other column too.")
    if x is not None and y is not None:
        lacking = [name for name in (x, y) if name not in every]
        if lacking:
            raise ValueError(
                f"records have no column {shown(map(repr, lacking))}; they have {shown(every, 20)}."
            )
        names = plain(x), plain(y)
        known = next((c for e, n, c in POINTS if (plain(e), plain(n)) == names), None)
        if crs is None and known is None:
            raise ValueError(
                f"nothing tells the reference system of x={x!r} and y={y!r}. Name it: "
                "crs='EPSG:27700' for eastings and northings, 'EPSG:4326' for degrees."
            )
        return Pair(x, y, crs or str(known), (x, y))
    there = {plain(name): name for name in every}
    for east, north, system in POINTS:
        pair = there.get(plain(east)), there.get(plain(north))
        if east not in _BARE and pair[0] is not None and pair[1] is not None:
            return Pair(pair[0], pair[1], crs or system, (pair[0], pair[1]), guessed=True)
    return None


class Axes(NamedTuple):
    """Points as they were read from two columns."""

    crs: str  # their coordinate reference system
    x: Floats  # (n,) NaN where there is no place
    y: Floats  # (n,)
    notes: list[str]  # what had to be put right, or could not be read


def degrees_of(text: str) -> float | None:
    r"""Read degrees as people write them: their sign, decimal commas, minutes, letters of sides.

    Examples
    --------
    >>> degrees_of("-0,75314\u00b0"), degrees_of("0.5 W"), degrees_of("LE15 6AB")
    (-0.75314, -0.5, None)
    >>> round(degrees_of("0\u00b042'36\"W"), 2)
    -0.71
    """
    bare = " ".join(text.translate(_SIGNS).split()).strip("\"'= ")
    side = _SIDE.match(bare)
    sign = 1.0
    if side:
        letter = (side[1] or side[4]).upper()
        bare = side[2] if side[1] else side[3]
        sign = -1.0 if letter in "SW" else 1.0
    if parts := _PARTS.fullmatch(bare):
        degree, minutes, seconds = (_float(part or "0") or 0.0 for part in parts.groups())
        sign *= -1.0 if bare.startswith("-") else 1.0
        return sign * (abs(degree) + minutes / 60 + seconds / 3600)
    value = _float(re.sub(r" ?(?:\u00b0|deg\w*)$", "", bare, flags=re.IGNORECASE))
    return None if value is None else sign * value


def _float(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None


def floats(column: pd.Series, *, degrees: bool) -> tuple[Floats, list[str]]:
    """Read a column of coordinates.

    Parameters
    ----------
    column
        Numbers or text; shape (n,).
    degrees
        Whether its header names degrees: a comma is a decimal point there, and in a column of
        metres it parts thousands.

    Returns
    -------
    tuple
        The numbers, NaN for none, shape (n,); and the cells that are no numbers, and no word for
        no place either, one for each row.

    Examples
    --------
    >>> floats(pd.Series(["456,813", "484 503", "not known", "LE15"]), degrees=False)
    (array([456813., 484503.,     nan,     nan]), ['LE15'])
    """
    values = pd.to_numeric(column, errors="coerce")
    numbers = np.array(values.to_numpy(dtype="float64", na_value=np.nan))
    if pd.api.types.is_numeric_dtype(column.dtype):
        return numbers, []
    left = np.flatnonzero(np.isnan(numbers) & column.notna().to_numpy(dtype=bool))
    if not len(left):
        return numbers, []
    codes, different = pd.factorize(column.iloc[left].astype(object))
    words = np.array([str(word) for word in different], dtype=object)
    texts = pd.Series([_METRES.sub("", word) for word in words], dtype=object)
    cells = read_numbers(texts)
    result = np.where(cells.nil, np.nan, cells.values)
    strange = cells.strange & ~texts.map(plain).isin(_NOWHERE).to_numpy()
    if degrees:
        read = [degrees_of(word) for word in words]
        result = np.array([np.nan if one is None else one for one in read])
        strange &= np.isnan(result)
    numbers[left] = result[codes]
    return numbers, words[codes[strange[codes]]].tolist()


def read(table: pd.DataFrame, pair: Pair, name: str) -> Axes:
    """Read two columns of coordinates.

    Parameters
    ----------
    table
        With the two columns; n rows.
    pair
        The columns, and the system that their headers name.
    name
        The file, for messages.

    Raises
    ------
    ValueError
        Where longitude and latitude are swapped or are no degrees: every record would lie outside.
    """
    crs, headers = pair.crs, pair.names
    degrees = crs == DEGREES
    (x, odd_x), (y, odd_y) = (floats(table[axis], degrees=degrees) for axis in pair[:2])
    notes = [
        f"{name}: {len(odd):,} of {len(table):,} values of {header!r} are no coordinates "
        f"({shown(dict.fromkeys(map(repr, odd)), 3)}); those records have no point. Write "
        f"{'degrees as 52.62243' if degrees else 'metres as 456813'}."
        for header, odd in zip(headers, (odd_x, odd_y), strict=True)
        if odd
    ]
    nowhere = ~np.isfinite(x) | ~np.isfinite(y) | ((x == 0) & (y == 0))
    x[nowhere], y[nowhere] = np.nan, np.nan
    if nowhere.all() or (degrees and in_order(x, y)):
        return Axes(crs, x, y, notes)
    east, north = np.nanmedian(x), np.nanmedian(y)
    if degrees and (abs(east) > _LARGEST[0] or abs(north) > _LARGEST[1]):
        raise ValueError(
            f"{name}: longitude {east:,.0f} and latitude {north:,.0f} are no degrees. "
            "If they are metres, name the columns easting and northing."
        )
    if _within(north, east, _BRITAIN):  # on its side
        raise ValueError(
            f"{name}: longitude and latitude are swapped: longitude {east:.2f}, latitude "
            f"{north:.2f}. Swap the two headers, {headers[0]!r} and {headers[1]!r}."
        )
    if not degrees and (system := _system(east, north)) is not None and system.crs != crs:
        if system.crs == WEB:
            notes.append(f"{name}: {headers[0]!r} and {headers[1]!r} were read as {system.what}.")
        crs = system.crs
    if crs == GRID and _is_rounded(x) and _is_rounded(y):
        notes.append(
            f"{name}: all points in {headers[0]!r} and {headers[1]!r} are rounded to {_ROUNDED:,} metres "
            f"({east:,.0f}, {north:,.0f} ...), so that many lie in another area than the events. Give exact "
            "coordinates, or codes of areas."
        )
    return _move_odd_rows(Axes(crs, x, y, notes), name, headers)


def _is_rounded(axis: Floats) -> bool:
    """Tell whether coordinates of several places are all whole kilometres."""
    there = axis[np.isfinite(axis)]
    some = there[:_LOOK]
    return bool(
        len(np.unique(some)) >= _SEVERAL
        and not (some % _ROUNDED).any()
        and not (there % _ROUNDED).any()
    )


def in_order(x: Floats, y: Floats) -> bool:
    """Tell whether longitudes and latitudes are each what they say, without a doubt."""
    south = _BRITAIN[1][0]
    east, north = (
        max(np.fmax.reduce(axis, initial=0.0), -np.fmin.reduce(axis, initial=0.0))
        for axis in (x, y)
    )
    return bool(east < south and north <= _LARGEST[1])


def _within(
    x: Floats | np.float64,
    y: Floats | np.float64,
    box: tuple[tuple[float, float], tuple[float, float]],
) -> Bools:
    (west, east), (south, north) = box
    inside: Bools = np.asarray((x >= west) & (x <= east) & (y >= south) & (y <= north))
    return inside


def _move_odd_rows(axes: Axes, name: str, headers: tuple[str, str]) -> Axes:
    """Bring rows that are in another system than most, or on their side, to that of most."""
    crs, x, y, notes = axes
    on_side = _within(y, x, _BRITAIN)
    other = _within(x, y, _ON_GRID if crs == DEGREES else _NEAR) & ~on_side
    was = GRID if crs == DEGREES else DEGREES
    if on_side.any():
        x[on_side], y[on_side] = transformed(y[on_side], x[on_side], DEGREES, crs)
    if other.any():
        x[other], y[other] = transformed(x[other], y[other], was, crs)
    names = "metres among degrees" if was == GRID else "degrees among metres"
    there = int(np.isfinite(x).sum())
    notes = notes + [
        f"{name}: {int(rows.sum()):,} of {there:,} points in {headers[0]!r} and {headers[1]!r} are "
        f"{what}. They were read as such; put them right in the file if that is wrong."
        for rows, what in ((on_side, "latitude before longitude"), (other, names))
        if rows.any()
    ]
    return Axes(crs, x, y, notes)


# --- arrays of coordinates -----------------------------------------------------------------------


def distinct(x: Floats, y: Floats) -> tuple[Integers, Floats, Floats]:
    """Find the different places among points.

    Parameters
    ----------
    x, y
        Coordinates, shape (n,), without NaN.

    Returns
    -------
    tuple of ndarray
        The place of each point, shape (n,), and the places' coordinates, shape (k,) each, in the
        order in which they come first.

    Examples
    --------
    >>> distinct(np.array([1.0, 2.0, 1.0]), np.array([5.0, 5.0, 5.0]))
    (array([0, 1, 0]), array([1., 2.]), array([5., 5.]))
    """
    x, y = (np.ascontiguousarray(values, dtype=np.float64) for values in (x, y))
    key = x.view(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    other = y.view(np.uint64) * np.uint64(0xC2B2AE3D27D4EB4F)
    other >>= np.uint64(7)  # in place: new memory takes longer than the sum
    key ^= other
    back, first = _numbered(key)
    if not ((x[first][back] == x).all() and (y[first][back] == y).all()):  # two places, one key
        back, first = _numbered(x + 1j * y)
    return back, x[first], y[first]


def _numbered(values: NDArray[Any]) -> tuple[Integers, Integers]:
    """Return the number of each value among the different ones, and where each comes first."""
    back = pd.factorize(values)[0]
    highest = np.maximum.accumulate(back)
    new = np.ones(len(back), dtype=bool)
    np.greater(highest[1:], highest[:-1], out=new[1:])
    return back, np.flatnonzero(new)


def transformed(x: Floats, y: Floats, source: object, target: object) -> tuple[Floats, Floats]:
    """Transform coordinates from one reference system to another; infinite where that can't be."""
    import pyproj

    source, target = pyproj.CRS(source), pyproj.CRS(target)
    if source == target:
        return x, y
    move = transformer(source, target)

    def part(x: Floats, y: Floats) -> tuple[Any, Any]:
        # Lists: of an array of one, older releases of PROJ's wrapper make a bare number.
        return move.transform(*((x.tolist(), y.tolist()) if len(x) == 1 else (x, y)))

    number = min(THREADS, 1 + len(x) // _MANY)
    here, *apart = zip(np.array_split(x, number), np.array_split(y, number), strict=True)
    with ThreadPoolExecutor(number) as pool:
        jobs = [pool.submit(part, *axes) for axes in apart]
        result = [part(*here), *(job.result() for job in jobs)]
    east, north = (np.concatenate(axis) for axis in zip(*result, strict=True))
    return east, north


@lru_cache
def transformer(source: pyproj.CRS, target: pyproj.CRS) -> pyproj.Transformer:
    """Make a transformer: the choice among PROJ's ways takes longer than ten thousand points."""
    import pyproj

    return pyproj.Transformer.from_crs(source, target, always_xy=True)


# --- shapes under a wrong label ---------------------------------------------------------------------


class System(NamedTuple):
    """A reference system that figures can only be of."""

    crs: str
    what: str
    on_side: bool = False  # whether y stands before x


def _system(x: float, y: float) -> System | None:
    """Tell which system a place of Britain must be in; None where several or none would do."""
    point = np.float64(x), np.float64(y)
    if _within(*point, _NEAR):
        return System(DEGREES, "longitudes and latitudes in degrees")
    if _within(*point[::-1], _BRITAIN):
        return System(DEGREES, "latitudes and longitudes in degrees", on_side=True)
    if _within(*point, _ON_WEB):
        return System(WEB, "metres of web mercator (EPSG:3857)")
    if _within(*point, _ON_GRID):
        return System(GRID, "eastings and northings of the National Grid")
    return None


def system_of(shapes: NDArray[np.object_]) -> System | None:
    """Tell which reference system shapes in Britain must be in, by the middle one of them.

    Examples
    --------
    >>> system_of(np.array([shapely.Point(-0.7, 52.6)])).crs
    'EPSG:4326'
    >>> system_of(np.array([shapely.box(0, 0, 1, 1)])) is None
    True
    """
    west, south, east, north = shapely.bounds(shapes[~shapely.is_missing(shapes)]).T
    middle = (west + east) / 2, (south + north) / 2
    there = np.isfinite(middle[0]) & np.isfinite(middle[1])
    if not there.any():
        return None
    return _system(*(float(np.median(axis[there])) for axis in middle))


def relabelled(
    shapes: NDArray[np.object_], crs: pyproj.CRS, name: str
) -> tuple[NDArray[np.object_], pyproj.CRS, list[str]]:
    """Read shapes in the system that their figures must be in, where it isn't the one they bear.

    Parameters
    ----------
    shapes
        Shapes of any kind, shape (n,).
    crs
        The system that the file names.
    name
        The file, for messages.

    Returns
    -------
    tuple
        The shapes, x before y; their system; and what had to be put right, if anything.
    """
    import pyproj

    system = system_of(shapes)
    if system is None:
        return shapes, crs, []
    wrong = system.on_side or crs.is_geographic != (system.crs == DEGREES)
    if not wrong and {f"EPSG:{crs.to_epsg()}", system.crs} != {GRID, WEB}:
        return shapes, crs, []
    if system.on_side:
        shapes = shapely.transform(shapes, lambda xy: xy[:, ::-1])
    note = (
        f"{name} is labelled {crs.name}, but its coordinates are {system.what}, and were read as "
        f"such. Put the file right: geopandas.read_file(path).set_crs({system.crs!r}, "
        "allow_override=True)"
        + (", with the axes swapped." if system.on_side else ", and save it again.")
    )
    return shapes, pyproj.CRS(system.crs), [note]
