"""Boundaries in: the packaged sample, a census edition from the Open Geography Portal, or a file.

Whatever the source, the table that comes out is the same: one row an area, indexed by `area_code`,
in metres of the British National Grid. Nothing is mended or left out without a warning.
"""

from __future__ import annotations

import re
import warnings
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lsoahot import _checks

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

CRS: Final = "EPSG:27700"
SAMPLE_NOTICE: Final = "schematic boundaries, reconstructed records: not for operational use"
ATTRIBUTION: Final = (
    "Source: Office for National Statistics licensed under the Open Government Licence v.3.0. "
    "Contains OS data © Crown copyright and database right {year}."
)

# A file of boundaries often carries the codes of several layers: the finest comes first.
_KINDS: Final = {
    "oa": "oa", "lsoa": "lsoa", "msoa": "msoa", "wd": "wd", "ward": "wd", "csp": "csp",
    "lad": "lad", "ltla": "lad", "utla": "utla", "cty": "cty", "pfa": "pfa",
}  # fmt: skip
_CODE: Final = re.compile(r"^([a-z]+?)_?(\d\d)?_?(?:cd|code)$")
_NAME: Final = re.compile(r"^([a-z]+?)_?(\d\d)?_?(?:nm|name)$")
_PLAIN_CODES: Final = ("area_code", "code", "geo_code", "geography_code", "geography code")
_PLAIN_NAMES: Final = ("area_name", "name", "geo_label", "geography", "geography_name")
# "Rutland 005A" (LSOA) and "Rutland 005" (MSOA) are in Rutland.
_NUMBERED: Final = re.compile(r"^(.+?)\s+\d{3}[A-Z]{0,2}$")
# Great Britain, the Isle of Man and Northern Ireland, with room at the edges.
_GRID: Final = (-100_000, -100_000, 800_000, 1_400_000)


def read_boundaries(
    source: str | os.PathLike[str] | gpd.GeoDataFrame,
    *,
    select: str | Iterable[str] | None = None,
    code: str | None = None,
    name: str | None = None,
    layer: str | None = None,
) -> gpd.GeoDataFrame:
    """Read the boundaries of areas into the table that every other verb takes.

    Parameters
    ----------
    source
        ``"sample"`` (the packaged schematic Rutland), or a path to any vector file that GDAL reads
        (GeoPackage, GeoJSON, shapefile, zipped or not) or GeoParquet; or a GeoDataFrame.
    select
        Keep only these areas: the name of a district, an area's code or name, or several of them
        in a list. Capitals don't matter.
    code, name
        The columns that hold the areas' codes and names. Found by their pattern when not given:
        ``LSOA21CD``, ``lsoa11_code``, ``area_code`` and the like.
    layer
        Which layer to read from a file that holds several.

    Returns
    -------
    GeoDataFrame
        One row an area in the order of the source, EPSG:27700, indexed by `area_code`, with columns
        `area_name`, `district` (missing where it can't be derived), `geometry`, and for the sample
        `population`. ``attrs`` hold `edition` (such as ``"lsoa11"``), `source`, `attribution` and,
        for the sample, the `notice` that must be shown with every map and table.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file can't be read, has no coordinate system, no features, no codes, the same code
        twice, or something other than polygons; or if nothing is called what `select` says.

    Warns
    -----
    UserWarning
        Where invalid polygons were mended, or areas without a polygon left out; both are named.

    Examples
    --------
    >>> import lsoahot as lh
    >>> areas = lh.read_boundaries("sample")
    >>> len(areas), areas.crs.to_string(), areas.attrs["edition"]
    (23, 'EPSG:27700', 'lsoa11')
    """
    if isinstance(source, gpd.GeoDataFrame):
        raw, label = source, str(source.attrs.get("source", "a GeoDataFrame"))
    elif source == "sample":
        return select_areas(_sample(), select) if select is not None else _sample()
    else:
        path = Path(source)
        raw, label = _read_file(path, layer), path.name
    areas, told = _standardise(raw, label, code=code, name=name)
    for message in told:
        warnings.warn(message, UserWarning, stacklevel=2)
    return areas if select is None else select_areas(areas, select)


def select_areas(areas: gpd.GeoDataFrame, select: str | Iterable[str]) -> gpd.GeoDataFrame:
    """Keep the areas of a district, or those named.

    Statistics that look at neighbours are best run on a wider area first, and the district selected
    afterwards: areas at its edge keep their neighbours across the border.

    Parameters
    ----------
    areas
        A table of areas, indexed by `area_code`.
    select
        The name of a district, an area's code or name, or a list of such. Capitals and spaces at
        the ends don't matter.

    Returns
    -------
    GeoDataFrame
        The areas that match, in their old order, with their columns and attrs.

    Raises
    ------
    ValueError
        If one of the names matches nothing; the message gives the nearest.

    Examples
    --------
    >>> import lsoahot as lh
    >>> areas = lh.read_boundaries("sample")
    >>> len(lh.select_areas(areas, "rutland"))
    23
    >>> lh.select_areas(areas, ["E01013787", "E01013788"]).index.to_list()
    ['E01013787', 'E01013788']
    """
    _checks.areas(areas)
    wanted = [select] if isinstance(select, str) else list(select)
    if not wanted:
        raise ValueError(
            "select is an empty list, which would leave no area. "
            "Give the name of a district or some codes, or leave select out to keep every area."
        )
    strange = [value for value in wanted if not isinstance(value, str)]
    if strange:
        raise TypeError(
            f"select holds {type(strange[0]).__name__} ({strange[0]!r}), not text. "
            "Give the name of a district, or area codes."
        )
    labels = {
        "district": areas.get("district"),
        "area_code": areas.index.to_series(),
        "area_name": areas.get("area_name"),
    }
    folded = {
        what: column.astype("string").str.strip().str.casefold()
        for what, column in labels.items()
        if column is not None
    }
    keep = np.zeros(len(areas), dtype=bool)
    for word in wanted:
        for column in folded.values():
            found = (column == word.strip().casefold()).fillna(value=False).to_numpy(dtype=bool)
            if found.any():
                keep |= found
                break
        else:
            raise ValueError(_unknown(word, areas))
    return areas[keep]


def _unknown(word: str, areas: gpd.GeoDataFrame) -> str:
    districts = list(areas["district"].dropna().unique()) if "district" in areas else []
    names = list(areas["area_name"].dropna()) if "area_name" in areas else []
    hint = _checks.nearest(word, districts) or _checks.nearest(word, [*areas.index, *names])
    offer = (
        f"Its {len(districts):,} districts are {_checks.shown(sorted(districts), 12)}."
        if districts
        else f"Its {len(areas):,} areas are {_checks.shown(areas.index, 6)}."
    )
    return f"no district, area code or area name is {word!r}. {offer}{hint}"


# --- the packaged sample --------------------------------------------------------------------------


def _sample() -> gpd.GeoDataFrame:
    with resources.as_file(resources.files("lsoahot") / "sample" / "areas.parquet") as path:
        areas = gpd.read_parquet(path)
    if "area_code" in areas.columns:
        areas = areas.set_index("area_code")
    areas.attrs = {
        "edition": "lsoa11",
        "source": "the packaged sample (schematic Rutland)",
        "attribution": ATTRIBUTION.format(year=2012),
        "notice": SAMPLE_NOTICE,
        "population_source": "integers that reproduce the rates published in 2012",
    }
    return areas


# --- files ----------------------------------------------------------------------------------------


def _read_file(path: Path, layer: str | None) -> gpd.GeoDataFrame:
    if not path.exists():
        raise FileNotFoundError(
            f"there is no file {path}. Check the path, or use 'sample' for the packaged sample."
        )
    if path.is_file() and path.stat().st_size == 0:
        raise ValueError(_unreadable(path, "the file is empty"))
    if path.suffix.lower() in {".parquet", ".geoparquet"}:
        return _read_parquet(path)
    import pyogrio
    from pyogrio.errors import DataSourceError

    try:
        layers = pyogrio.list_layers(path)
    except DataSourceError as error:
        raise ValueError(_unreadable(path, str(error))) from error
    drawn = [str(title) for title, kind in layers if kind is not None]
    if not drawn:
        raise ValueError(
            f"{path.name} holds no shapes, only a table. "
            "Give the file with the polygons, and join the table with lsoahot.join()."
        )
    if layer is None and len(drawn) > 1:
        raise ValueError(
            f"{path.name} holds {len(drawn)} layers: {_checks.shown(drawn, 20)}. "
            f"Say which: read_boundaries({path.name!r}, layer={drawn[0]!r})."
        )
    if layer is not None and layer not in drawn:
        raise ValueError(
            f"{path.name} has no layer {layer!r}; it has {_checks.shown(drawn, 20)}."
            f"{_checks.nearest(layer, drawn)}"
        )
    try:
        return gpd.read_file(path, layer=layer or drawn[0], engine="pyogrio")
    except RuntimeError as error:  # pyogrio's own errors
        raise ValueError(_unreadable(path, str(error))) from error


def _read_parquet(path: Path) -> gpd.GeoDataFrame:
    from pyarrow import ArrowInvalid

    try:
        return gpd.read_parquet(path)
    except (ArrowInvalid, OSError) as error:
        raise ValueError(_unreadable(path, str(error))) from error
    except ValueError as error:
        raise ValueError(
            f"{path.name} is a Parquet table without shapes. "
            "Give a GeoParquet file, and join the table with lsoahot.join()."
        ) from error


def _unreadable(path: Path, reason: str) -> str:
    return (
        f"{path.name} can't be read as boundaries: {reason.rstrip('.')}. "
        "Give a GeoPackage, GeoJSON, shapefile (with its .shx, .dbf and .prj) or GeoParquet file."
    )


def _standardise(
    raw: gpd.GeoDataFrame, label: str, *, code: str | None, name: str | None
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Bring any layer of polygons into the columns, the grid and the order of checks."""
    if len(raw) == 0:
        raise ValueError(
            f"{label} holds no features. Check that it was exported whole, or download it again."
        )
    if raw.crs is None:
        raise ValueError(
            f"{label} has no coordinate system (CRS), so nobody can tell where it lies. If its "
            "coordinates are eastings and northings: "
            "read_boundaries(geopandas.read_file(path).set_crs('EPSG:27700')); "
            "if longitudes and latitudes: .set_crs('EPSG:4326'). A shapefile needs its .prj."
        )
    code, kind, year = _code_column(raw, code, label)
    codes = pd.Index(raw[code].astype("string").str.strip().replace("", pd.NA), name="area_code")
    _checks.unique_codes(codes)
    names, district = _names(raw, name, kind, codes)
    areas = gpd.GeoDataFrame(
        {"area_name": names, "district": district},
        geometry=shapely.force_2d(raw.geometry.to_numpy()),
        crs=raw.crs,
        index=pd.Index(list(codes), name="area_code"),
    )
    areas, told = _polygons(areas, label)
    areas.attrs = {
        "edition": f"{kind}{year}",
        "source": label,
        "attribution": ATTRIBUTION.format(year=f"20{year}" if year else "[year]"),
    }
    return areas, told


def _matched(pattern: re.Pattern[str], columns: Iterable[object]) -> list[tuple[str, str, str]]:
    """Return the columns that hold codes (or names) of a known kind: ("LSOA21CD", "lsoa", "21")."""
    found = []
    for column in map(str, columns):
        match = pattern.match(column.lower())
        if match and match[1] in _KINDS:
            found.append((column, _KINDS[match[1]], match[2] or ""))
    order = list(_KINDS.values())
    # The finest kind first; of two editions the one whose column names the year.
    return sorted(found, key=lambda item: (order.index(item[1]), item[2] == ""))


def _code_column(raw: gpd.GeoDataFrame, code: str | None, label: str) -> tuple[str, str, str]:
    candidates = _matched(_CODE, raw.columns)
    if code is not None:
        _checks.columns(raw, [code], label)
        return next((item for item in candidates if item[0] == code), (code, "", ""))
    for column, kind, year in candidates:
        if raw[column].is_unique or len(candidates) == 1:
            return column, kind, year
    if candidates:
        return candidates[0]
    for column in map(str, raw.columns):
        if column.lower() in _PLAIN_CODES:
            return column, "", ""
    there = [str(column) for column in raw.columns if column != raw.geometry.name]
    raise ValueError(
        f"{label} has no column of area codes with a known name (LSOA21CD, lsoa11_code, "
        f"area_code); it has {_checks.shown(there, 20)}. Say which it is: read_boundaries(path, code=...)."
    )


def _names(
    raw: gpd.GeoDataFrame, name: str | None, kind: str, codes: pd.Index
) -> tuple[list[str | None], list[str | None]]:
    """Return the areas' names (their codes where they have none) and their districts."""
    candidates = _matched(_NAME, raw.columns)
    if name is None:
        plain = [str(column) for column in raw.columns if str(column).lower() in _PLAIN_NAMES]
        name = next((column for column, of, _ in candidates if of == kind), None)
        name = name or (plain[0] if plain else None)
    else:
        _checks.columns(raw, [name], "the file")
    index = raw.index
    fallback = pd.Series(codes.to_numpy(), index=index, dtype="string")
    names = fallback if name is None else raw[name].astype("string").str.strip().fillna(fallback)

    if "district" in raw.columns:
        district = raw["district"].astype("string")
    elif kind == "lad":
        district = names
    else:
        of_district = [column for column, of, _ in candidates if of == "lad"]
        # An output area has no name of its own, but its layer carries its LSOA's.
        numbered = [column for column, of, _ in candidates if of in {"lsoa", "msoa"}]
        if of_district:
            district = raw[of_district[0]].astype("string").str.strip()
        elif numbered or name is not None:
            from_name = raw[numbered[0]] if numbered else names
            district = from_name.astype("string").str.extract(_NUMBERED.pattern, expand=False)
        else:
            district = pd.Series(pd.NA, index=index, dtype="string")
    return _text(names), _text(district)


def _text(column: pd.Series) -> list[str | None]:
    """Return text with None where it is missing: pandas' own text, whichever pandas it is."""
    return [None if pd.isna(value) else str(value) for value in column]


def _polygons(areas: gpd.GeoDataFrame, label: str) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Refuse what is not a polygon, move to the grid, mend, leave out what has no shape."""
    kinds = set(areas.geom_type.dropna()) - {"Polygon", "MultiPolygon", "GeometryCollection"}
    if kinds:
        raise ValueError(
            f"{label} holds {_checks.shown(sorted(kinds))}, not polygons. "
            "Give the areas' boundaries as polygons, not their lines or centroids."
        )
    if (areas.geometry.isna() | areas.is_empty).all():
        raise ValueError(
            f"none of the {len(areas):,} features of {label} has a shape. "
            "Give the file with the polygons."
        )
    areas = areas.to_crs(CRS)
    west, south, east, north = areas.total_bounds
    if not (_GRID[0] <= west <= east <= _GRID[2] and _GRID[1] <= south <= north <= _GRID[3]):
        raise ValueError(
            f"{label} lies outside the United Kingdom: eastings {west:,.0f} to {east:,.0f}, "
            f"northings {south:,.0f} to {north:,.0f}. Its coordinate system is probably labelled "
            "wrongly: put it right with geopandas.read_file(path).set_crs(..., allow_override=True)"
            " and pass that table."
        )
    told = []
    shapes = areas.geometry.to_numpy()
    broken = ~shapely.is_valid(shapes) & ~shapely.is_missing(shapes)
    broken |= shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION
    if broken.any():
        shapes = shapes.copy()
        shapes[broken] = [_mended(shape) for shape in shapes[broken]]
        areas = areas.set_geometry(gpd.GeoSeries(shapes, index=areas.index, crs=CRS))
        told.append(
            f"{int(broken.sum()):,} invalid polygons of {label} were mended: "
            f"{_checks.shown(areas.index[broken])}. Look at them on a map if they matter to you."
        )
    empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if empty.any():
        told.append(
            f"{int(empty.sum()):,} areas of {label} have no polygon and were left out: "
            f"{_checks.shown(areas.index[empty])}. Records in them can't be placed; "
            "get the boundaries again if they should be there."
        )
        areas = areas[~empty]
    return areas, told


def _mended(shape: shapely.Geometry) -> shapely.Geometry:
    """Make a polygon valid, and keep its surfaces only (mending can leave bits of line)."""
    parts = shapely.get_parts(shapely.get_parts(shapely.make_valid(shape)))
    return shapely.union_all(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON])
