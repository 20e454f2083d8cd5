"""Reading any file of polygons into one kind of table: its columns, its grid, its validity."""

from __future__ import annotations

import re
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lsoahot.boundaries.fetch import national_grid
from lsoahot.boundaries.fetch.national_grid import CRS, to_grid
from lsoahot.common import area_codes, checks, code_columns, licence, vector_files
from lsoahot.records import coordinates, cut_downloads, packed, readers

from . import misplaced

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyproj

    from lsoahot.common.arrays import Bools

# "Rutland 005A" (LSOA) and "Rutland 005" (MSOA) are in Rutland.
_NUMBERED: Final = re.compile(r"^(.+?)\s+\d{3}[A-Z]{0,2}$")
# Great Britain, the Isle of Man and Northern Ireland, with room at the edges.
_GRID: Final = (-100_000, -100_000, 800_000, 1_400_000)


def read_file(path: Path, layer: str | None) -> tuple[gpd.GeoDataFrame, Bools | None]:
    """Read the polygons of a file, or say what is wrong with it.

    Returns
    -------
    tuple
        The table, and which shapes are valid, where they were moved to the National Grid already.
    """
    if path.is_file() and path.stat().st_size == 0:
        raise ValueError(_unreadable(path, "the file is empty"))
    if path.suffix.lower() in {".parquet", ".geoparquet"}:
        return _read_parquet(path)
    if vector_files.is_table(path):
        raise ValueError(_no_shapes(path))
    with _single(path, layer) as (file, title):
        return _read_vectors(file, path, title), None


@contextmanager
def _single(path: Path, layer: str | None) -> Iterator[tuple[Path, str | None]]:
    """Give the file to read, and the layer in it: of a zip or a folder, the one that it holds."""
    if path.suffix.lower() == ".zip":
        with tempfile.TemporaryDirectory() as folder:
            try:
                packed.unpack_into(path, Path(folder))
            except (OSError, NotImplementedError, RuntimeError) as error:
                raise ValueError(_unreadable(path, str(error))) from error
            yield _within(Path(folder), path.name, layer)
    elif path.is_dir() and path.suffix.lower() != ".gdb":
        yield _within(path, path.name, layer)
    else:
        yield path, layer


def _within(folder: Path, name: str, layer: str | None) -> tuple[Path, str | None]:
    """Choose the one file of shapes in a folder, or the one that a layer is named after."""
    inside = sorted(one for one in folder.rglob("*") if one.suffix.lower() in vector_files.KNOWN)
    inside = [one for one in inside if not any(up.suffix.lower() == ".gdb" for up in one.parents)]
    by_name = {one.stem: one for one in inside}
    if len(inside) > 1 and layer in by_name:
        return by_name[str(layer)], None
    if len(inside) > 1:
        raise ValueError(_several_layers(name, [one.stem for one in inside]))
    if not inside:
        raise ValueError(_unreadable(Path(name), "there is no file of shapes in it"))
    return inside[0], None if layer == inside[0].stem else layer


def _read_vectors(file: Path, path: Path, layer: str | None) -> gpd.GeoDataFrame:
    """Read a file that is what it says it is."""
    import pyogrio
    from pyogrio.errors import DataSourceError

    if file.suffix.lower() in vector_files.JSON and file.is_file():
        ends = cut_downloads.ends_of(file)
        readers.refuse_disguise(ends, ".json", path.name)
        cut_downloads.refuse_error(ends, path.name)
    if wrong := vector_files.fault(file):
        raise ValueError(_unreadable(path, wrong))
    try:
        layers = pyogrio.list_layers(file)
    except DataSourceError as error:
        raise ValueError(_unreadable(path, "it has no form that GDAL knows")) from error
    drawn = [str(title) for title, kind in layers if kind is not None]
    if not drawn:
        raise ValueError(_no_shapes(path))
    if layer is None and len(drawn) > 1:
        raise ValueError(_several_layers(path.name, drawn))
    if layer is not None and layer not in drawn:
        raise ValueError(
            f"{path.name} has no layer {layer!r}; it has {checks.shown(drawn, 20)}."
            f"{checks.nearest(layer, drawn)}"
        )
    try:
        raw = gpd.read_file(file, layer=layer or drawn[0], engine="pyogrio")
    except (RuntimeError, UnicodeError, shapely.errors.ShapelyError) as error:  # and pyogrio's
        raise ValueError(_unreadable(path, str(error))) from error
    if file.suffix.lower() in vector_files.JSON:
        cut_downloads.refuse(cut_downloads.ends_of(file), path.name, len(raw))
    return _reencoded(raw)


def _reencoded(raw: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Read text as the UTF-8 it is, where a shapefile without its .cpg didn't say so."""
    for name in raw.columns:
        column = raw[name]
        if name == raw.geometry.name or not pd.api.types.is_string_dtype(column.dtype):
            continue
        number, words = pd.factorize(column)
        better = [_as_utf8(str(word)) for word in words]
        if any(one != word for one, word in zip(better, words, strict=True)):
            raw[name] = np.array([*better, None], dtype=object)[number]
    return raw


def _as_utf8(text: str) -> str:
    for encoding in ("cp1252", "latin-1") if not text.isascii() else ():
        try:
            return text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return text


def _read_parquet(path: Path) -> tuple[gpd.GeoDataFrame, Bools | None]:
    from pyarrow import ArrowInvalid
    from pyproj.exceptions import ProjError

    try:
        areas, valid = national_grid.read_geoparquet(path)
        system = None if valid is None else coordinates.system_of(areas.geometry.to_numpy())
        if valid is not None and (system is None or system.crs != CRS):
            areas, valid = gpd.read_parquet(path), None  # under a wrong label: as it stands
    except (ArrowInvalid, OSError, shapely.errors.ShapelyError, ProjError) as error:
        raise ValueError(_unreadable(path, str(error))) from error
    except ValueError as error:
        raise ValueError(
            f"{path.name} is a Parquet table without shapes. "
            "Give a GeoParquet file, and join the table with lsoahot.join()."
        ) from error
    return areas, valid


def _several_layers(name: str, layers: list[str]) -> str:
    return (
        f"{name} holds {len(layers)} layers: {checks.shown(layers, 20)}. "
        f"Say which: read_boundaries({name!r}, layer={layers[0]!r})."
    )


def _no_shapes(path: Path) -> str:
    return (
        f"{path.name} holds no shapes, only a table. "
        "Give the file with the polygons, and join the table with lsoahot.join()."
    )


def _unreadable(path: Path, reason: str) -> str:
    return (
        f"{path.name} can't be read as boundaries: {reason.rstrip('.')}. "
        "Give a GeoPackage, GeoJSON, shapefile (with its .shx, .dbf and .prj) or GeoParquet file."
    )


def standardise(
    raw: gpd.GeoDataFrame,
    label: str,
    *,
    code: str | None,
    name: str | None,
    valid: Bools | None = None,
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Bring any layer of polygons into the columns, the grid and the order of checks.

    Where `valid` tells which of its shapes are, they are on the grid already.
    """
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
    raw, code = _with_index(raw, code)
    key = _code_column(raw, code, label)
    codes = pd.Index(area_codes.read_codes(raw[key.column]))
    checks.unique_codes(codes, key.column)
    if name is not None:
        checks.columns(raw, [name], "the file")
    name = name or _name_column(raw, key.kind)
    names, district = _names(raw, name, key.kind, codes)
    own = {key.column, name, "area_code", "area_name", "district", raw.geometry.name}
    rest = raw.drop(columns=[column for column in raw.columns if column in own])
    outlines = raw.geometry.to_numpy()
    shapes = shapely.force_2d(outlines) if shapely.has_z(outlines).any() else outlines
    crs = raw.crs
    notes: list[str] = []
    if valid is None:
        shapes, crs, notes = coordinates.relabelled(shapes, cast("pyproj.CRS", raw.crs), label)
    areas = gpd.GeoDataFrame(
        {
            "area_name": names,
            "district": district,
            **{str(column): rest[column].array for column in rest.columns},
        },
        geometry=shapes,
        crs=crs,
        index=pd.Index(codes.to_numpy(dtype=object).tolist(), name="area_code"),
    )
    areas, mended = _polygons(areas, label, valid)
    misplaced.refuse(areas, label)
    mended += misplaced.alike(areas, label)
    edition, strange = _edition(areas.index, key, label)
    part = cut_downloads.usual_most(len(raw), label)
    notes += [*mended, *strange, *([part] if part else [])]
    areas.attrs = {
        "edition": edition,
        "source": label,
        "attribution": licence.attribution(
            areas.index.to_numpy(dtype=object), f"20{key.year}" if key.year else ""
        ),
    }
    return areas, notes


def _with_index(raw: gpd.GeoDataFrame, code: str | None) -> tuple[gpd.GeoDataFrame, str | None]:
    """Take the codes from the index: of a table of ours, or where no column holds any."""
    name = raw.index.name
    if code is None and name == "area_code":
        code = name
    here = code is not None or bool(code_columns.candidates(raw.columns))
    if name is not None and name not in raw.columns and (code == name or not here):
        raw = raw.reset_index()
    return raw, code


def _code_column(raw: gpd.GeoDataFrame, code: str | None, label: str) -> code_columns.Named:
    if code is not None:
        checks.columns(raw, [code], label)
        known = [key for key in code_columns.named(raw.columns, "code") if key.column == code]
        return known[0] if known else code_columns.Named(code, "", "")
    # A file of small areas also has the code of each area's district: its own are all different.
    key = code_columns.find(pd.DataFrame(raw.drop(columns=raw.geometry.name)))
    if key is None:
        there = [str(column) for column in raw.columns if column != raw.geometry.name]
        raise ValueError(
            f"{label} has no column of area codes with a known name (LSOA21CD, lsoa11_code, "
            f"area_code); it has {checks.shown(there, 20)}. "
            "Say which it is: read_boundaries(path, code=...)."
        )
    return key


def _edition(codes: pd.Index, key: code_columns.Named, label: str) -> tuple[str, list[str]]:
    """Name the edition of codes, by their column's name or themselves; refuse two in one table.

    Of two editions areas lie over one another: a point would be in both.
    """
    name = f"{key.kind}{key.year}" if key.year else ""
    has = area_codes.in_each_edition(codes)
    full = [one for one, here in has.items() if here.all()]
    edition = name or (full[0] if len(full) == 1 else "")
    most = max(has, key=lambda one: (int(has[one].sum()), one))
    if np.logical_or.reduce([*has.values()]).all() and not has[most].all():
        others = codes[~has[most]]
        its = codes[has[most] & ~has[area_codes.editions_of(others[:1])[-1]]]
        raise ValueError(
            f"{label} holds areas of more than one edition, which lie over one another: of {most} "
            f"{checks.shown(its, 3)}, not of {most} {checks.shown(others, 3)}. Give the boundaries "
            "of one edition."
        )
    if edition not in area_codes.LAST_CODE:
        return edition, []
    strange = codes[~has[edition]]
    if not len(strange):
        return edition, []
    note = (
        f"{len(strange):,} codes of {label} are not of {edition}, though its column "
        f"{key.column!r} says so: {checks.shown(strange)}. Check which edition it is."
    )
    return edition, [note]


def _names(
    raw: gpd.GeoDataFrame, name: str | None, kind: str, codes: pd.Index
) -> tuple[list[str | None], list[str | None]]:
    """Return the areas' names (their codes where they have none) and their districts."""
    candidates = code_columns.named(raw.columns, "name")
    index = raw.index
    fallback = pd.Series(codes.to_numpy(), index=index, dtype="string")
    names = fallback
    if name is not None:
        own = raw[name].astype("string")
        if own.str.contains(f"[{''.join(map(chr, area_codes.INVISIBLE))}]").any():
            own = own.str.translate(area_codes.INVISIBLE)
        names = own.str.strip().fillna(fallback)

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
            from_name = raw[numbered[0]].astype("string") if numbered else names
            district = from_name.str.extract(_NUMBERED, expand=False)
        else:
            district = pd.Series(pd.NA, index=index, dtype="string")
    return _text(names), _text(district)


def _name_column(raw: gpd.GeoDataFrame, kind: str) -> str | None:
    own = [column for column, of, _ in code_columns.named(raw.columns, "name") if of == kind]
    return own[0] if own else code_columns.simply(raw.columns, "name")


def _text(column: pd.Series) -> list[str | None]:
    """Return text with None where it is missing: pandas' own text, whichever pandas it is."""
    text = column.astype("string").to_numpy(dtype=object, copy=True)
    text[column.isna().to_numpy(dtype=bool)] = None
    values: list[str | None] = text.tolist()
    return values


def _polygons(
    areas: gpd.GeoDataFrame, label: str, valid: Bools | None
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Refuse what is not a polygon, move to the grid, mend, leave out what has no shape."""
    kinds = {*areas.geom_type.dropna().unique()} - {"Polygon", "MultiPolygon", "GeometryCollection"}
    if kinds:
        raise ValueError(
            f"{label} holds {checks.shown(sorted(kinds))}, not polygons. "
            "Give the areas' boundaries as polygons, not their lines or centroids."
        )
    if (areas.geometry.isna() | areas.is_empty).all():
        raise ValueError(
            f"none of the {len(areas):,} features of {label} has a shape. "
            "Give the file with the polygons."
        )
    shapes = areas.geometry.to_numpy()
    if valid is None:
        shapes, valid = to_grid(shapes, cast("pyproj.CRS", areas.crs))
        areas = areas.set_geometry(gpd.GeoSeries(shapes, index=areas.index, crs=CRS))
    west, south, east, north = areas.total_bounds
    if not (_GRID[0] <= west <= east <= _GRID[2] and _GRID[1] <= south <= north <= _GRID[3]):
        raise ValueError(
            f"{label} lies outside the United Kingdom: eastings {west:,.0f} to {east:,.0f}, "
            f"northings {south:,.0f} to {north:,.0f}. Its coordinate system is probably labelled "
            "wrongly: put it right with geopandas.read_file(path).set_crs(..., allow_override=True)"
            " and pass that table."
        )
    notes = []
    broken = ~valid & ~shapely.is_missing(shapes)
    broken |= shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION
    if broken.any():
        shapes = shapes.copy()
        shapes[broken] = [_make_valid(shape) for shape in shapes[broken]]
        areas = areas.set_geometry(gpd.GeoSeries(shapes, index=areas.index, crs=CRS))
        notes.append(
            f"{int(broken.sum()):,} invalid polygons of {label} were mended: "
            f"{checks.shown(areas.index[broken])}. Look at them on a map if they matter to you."
        )
    empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if empty.any():
        notes.append(
            f"{int(empty.sum()):,} areas of {label} have no polygon and were left out: "
            f"{checks.shown(areas.index[empty])}. Records in them can't be placed; "
            "get the boundaries again if they should be there."
        )
        areas = areas[~empty]
    return areas, notes


def _make_valid(shape: shapely.Geometry) -> shapely.Geometry:
    """Make a polygon valid, and keep its surfaces only (mending can leave bits of line)."""
    parts = shapely.get_parts(shapely.get_parts(shapely.make_valid(shape)))
    return shapely.union_all(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON])
