"""Boundaries in: the packaged sample, a census edition from the Open Geography Portal, or a file.

Whatever the source, the table that comes out is the same: one row an area, indexed by `area_code`,
in metres of the British National Grid. Nothing is mended or left out without a warning.
"""

from __future__ import annotations

import functools
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np

from lsoahot.boundaries.fetch import arcgis, download, layers, portal_search
from lsoahot.common import checks, licence
from lsoahot.common.arrow_stream import is_stream
from lsoahot.common.audit import Audit
from lsoahot.common.files import expanded
from lsoahot.common.frozen import FrozenDict
from lsoahot.common.progress import warn_each
from lsoahot.common.spelling import plain

from . import cache, read_polygons, saved_notes
from .place_names import name_areas

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable

    import pandas as pd

# No line of the schematic polygons is Ordnance Survey's.
SAMPLE_ATTRIBUTION: Final = (
    "Area codes and mid-2011 population estimates: Office for National Statistics, licensed under "
    "the Open Government Licence v3.0. Published totals: Rutland Community Safety Partnership "
    "Strategic Assessment, 2012."
)


def read_boundaries(
    source: str | os.PathLike[str] | gpd.GeoDataFrame,
    *,
    select: str | Iterable[str] | None = None,
    code: str | None = None,
    name: str | None = None,
    layer: str | None = None,
    names: pd.DataFrame | str | os.PathLike[str] | None = None,
) -> gpd.GeoDataFrame:
    """Read the boundaries of areas into the table that every other verb takes.

    Parameters
    ----------
    source
        ``"sample"`` (the packaged schematic Rutland); or the name of an official layer, such as
        ``"lsoa21"``, ``"msoa11"`` or ``"lad"`` (see `fetch_boundaries`), taken from the cache, or
        downloaded the first time; or a path to any vector file that GDAL reads (GeoPackage,
        GeoJSON, shapefile, zipped or not) or to GeoParquet; or a GeoDataFrame.
    select
        Keep only these areas: the name of a district, an area's code or name, or several of them
        in a list. Capitals don't matter.
    code, name
        The columns that hold the areas' codes and names. Found by their pattern when not given:
        ``LSOA21CD``, ``lsoa11_code``, ``area_code`` and the like. An index called ``area_code``, as
        this verb makes it, goes before all columns.
    layer
        Which layer to read from a file that holds several.
    names
        A table (or a CSV file) of codes and the names that people know, of the areas or of the
        MSOAs that they are parts of: "Charnwood 007D" becomes "Syston West (017A)".

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
        If there is no such file, nor a layer of that name.
    ConnectionError
        If a layer has to be downloaded and can't be; the message says how to do without.
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
    saved: dict[Any, Any] = {}  # what a table of ours noted when it was saved
    if is_stream(source) and not isinstance(source, gpd.GeoDataFrame):
        source = _from_arrow(source)
    if isinstance(source, gpd.GeoDataFrame):
        label = str(source.attrs.get("source", "the GeoDataFrame"))
        areas, notes = read_polygons.standardise(source, label, code=code, name=name)
        saved = dict(source.attrs)
    elif not isinstance(source, (str, Path)) and not hasattr(source, "__fspath__"):
        raise TypeError(
            f"source is a {type(source).__name__}, not a name, a path or a GeoDataFrame. "
            "Of a table without shapes, give the codes to lsoahot.join() instead."
        )
    elif source == "sample":
        areas, notes = _sample(), []
    elif (
        isinstance(source, str) and (official := layers.layer(source)) and not Path(source).exists()
    ):
        areas, notes = _cached(source, official)
    else:
        path = expanded(source)
        if not path.exists():
            bare = not (path.suffix or path.parent.name)
            hint = _no_layer(str(source)) if bare else "Check the path."
            raise FileNotFoundError(f"there is no file {path}{': ' if bare else '. '}{hint}")
        raw, valid = read_polygons.read_file(path, layer)
        saved = dict(raw.attrs) or saved_notes.read(path, layer)
        areas, notes = read_polygons.standardise(raw, path.name, code=code, name=name, valid=valid)
    warn_each(notes)
    areas.attrs.update(FrozenDict(saved).items())
    if isinstance(saved.get("audit"), dict):
        areas.attrs["audit"] = Audit(saved["audit"])
    if names is not None:
        areas = name_areas(areas, names)
    return areas if select is None else select_areas(areas, select)


def fetch_boundaries(
    name: str, *, refresh: bool = False, timeout: float = 60.0, progress: bool = True
) -> Path:
    """Download an official layer of boundaries into the cache.

    The layer comes from the Open Geography Portal of the Office for National Statistics, page by
    page. Pages that arrived are kept until all have come, so that a second call goes on where the
    first was cut. Before anything is put into the cache, the number of areas is held against what
    the service says, and their codes against the pattern of the edition. A file in the cache is
    always whole, also when two processes fetch at once.

    Parameters
    ----------
    name
        ``oa``, ``lsoa`` or ``msoa`` with ``01``, ``11`` or ``21``; ``wd26`` (wards), ``lad26``
        (districts), ``csp23`` (community safety partnerships), ``pfa24`` (police forces). Without
        figures, ``"lad"``, the newest that the portal's search finds, or else the table's. A year
        that the table lacks is searched for by its title, and so is a layer that was renamed. A
        file ``layers.toml`` in the cache folder, or the one that ``LSOAHOT_LAYERS`` names, adds
        layers or overrides these.
    refresh
        Download again, even if the layer is in the cache.
    timeout
        Seconds of silence after which the service is asked again.
    progress
        Whether to show a progress bar; there is none where the output is not a terminal.

    Returns
    -------
    Path
        The GeoParquet file in the cache: the folder that ``LSOAHOT_CACHE`` names, or the usual one
        for downloads on the system.

    Raises
    ------
    ValueError
        If no layer has that name, or the service gives another layer than was asked for.
    ConnectionError
        If the service can't be reached or keeps failing. Nothing half-done is left in the cache;
        the message says what to download by hand, from where, and how to pass it.

    Warns
    -----
    UserWarning
        Where polygons were mended, or the number of areas is not the edition's.

    Examples
    --------
    Fetch once on a machine with internet, then read by name ever after::

        lh.fetch_boundaries("lsoa21")
        areas = lh.read_boundaries("lsoa21", select="Rutland")
    """
    layer = layers.layer(name)
    if layer is not None and _cache_path(layer).is_file() and not refresh:
        return _cache_path(layer)
    layer, notes = _newest(name, layer, timeout=timeout)
    layer, more = _fetch(layer, timeout=timeout, progress=progress)
    warn_each([*notes, *more])
    return _cache_path(layer)


def _from_arrow(source: object) -> gpd.GeoDataFrame:
    """Take a table of another library, whose shapes are marked as GeoArrow has it."""
    try:
        return gpd.GeoDataFrame.from_arrow(source)
    except ValueError as error:
        raise ValueError(
            f"the {type(source).__name__} has no column of shapes that is marked as one (GeoArrow). "
            "Write it as GeoParquet and give the path, or give the codes to lsoahot.join()."
        ) from error


def select_areas(areas: gpd.GeoDataFrame, select: str | Iterable[str]) -> gpd.GeoDataFrame:
    """Keep the areas of a district, or those named.

    Statistics that look at neighbours are best run on a wider area first, and the district selected
    afterwards: areas at its edge keep their neighbours across the border.

    Parameters
    ----------
    areas
        A table of areas, indexed by `area_code`.
    select
        The name of a district, an area's code or name, or a list of such. Capitals, accents,
        apostrophes and spaces don't matter.

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
    checks.areas(areas)
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
    every = (areas.get("district"), areas.index.to_series(), areas.get("area_name"))
    labels = [column.astype("string") for column in every if column is not None]

    @functools.cache
    def folded(fold: Callable[[str], str], at: int) -> pd.Series:
        """Fold labels when they are first looked through: mostly the first are those wanted."""
        return labels[at].map(fold, na_action="ignore")

    # As it is written first; then by its letters alone: "Ynys Mon", "St Helens", "King's Lynn".
    ways = [
        (fold, at)
        for fold in (lambda name: name.strip().casefold(), plain)
        for at in range(len(labels))
    ]
    keep = np.zeros(len(areas), dtype=bool)
    for word in wanted:
        for fold, at in ways:
            matching = (folded(fold, at) == fold(word)).to_numpy(dtype=bool, na_value=False)
            if matching.any():
                keep |= matching
                break
        else:
            raise ValueError(_unknown(word, areas))
    return areas[keep]


def _unknown(word: str, areas: gpd.GeoDataFrame) -> str:
    districts = list(areas["district"].dropna().unique()) if "district" in areas else []
    names = list(areas["area_name"].dropna()) if "area_name" in areas else []
    hint = checks.nearest(word, districts) or checks.nearest(word, [*areas.index, *names])
    offer = (
        f"The districts there are: {checks.shown(sorted(districts), 12)}."
        if districts
        else f"The areas there are: {checks.shown(areas.index, 6)}."
    )
    return f"no district, area code or area name is {word!r}. {offer}{hint}"


# --- the packaged sample --------------------------------------------------------------------------


def _sample() -> gpd.GeoDataFrame:
    with resources.as_file(resources.files("lsoahot") / "sample" / "areas.parquet") as path:
        areas = gpd.read_parquet(path).set_index("area_code")
    areas.attrs = {
        "edition": "lsoa11",
        "source": "the packaged sample (schematic Rutland)",
        "attribution": SAMPLE_ATTRIBUTION,
        "notice": licence.SAMPLE_NOTICE,
        "population_source": "integers that reproduce the rates published in 2012",
    }
    return areas


# --- official layers ------------------------------------------------------------------------------


def _cache_path(layer: layers.Layer) -> Path:
    # The address is part of the name: a layer that the user overrode is another file.
    return cache.folder() / "boundaries" / f"{layer.name}-{layer.fingerprint}.parquet"


def _cached(name: str, layer: layers.Layer) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return a layer from the cache, or download it first."""
    messages: list[str] = []
    if not _cache_path(layer).is_file():
        layer, notes = _newest(name, layer)
        layer, more = _fetch(layer)
        messages = [*notes, *more]
    try:
        areas = gpd.read_parquet(_cache_path(layer))
    except (OSError, ValueError):  # spoilt on the disk, for what is written is whole
        layer, messages = _fetch(layer)
        areas = gpd.read_parquet(_cache_path(layer))
    areas.attrs = {
        "edition": layer.name,
        "source": f"{layer.title}, {layer.portal}",
        "attribution": licence.ons(layer.year or ""),
    }
    return areas, messages


def _newest(
    name: str, layer: layers.Layer | None, *, timeout: float = 60.0
) -> tuple[layers.Layer, list[str]]:
    """Look for a newer edition than the table's, or for the year that the table lacks.

    Nobody is asked where the table says where a layer is, by a name with its year or an address.
    """
    dated = layers.yearly(name)
    if layer is not None and (dated is None or dated[1] is not None or layer.url):
        return layer, []
    known = layer or (layers.layer(dated[0]) if dated else None)
    if known is None or dated is None:
        raise ValueError(_no_layer(name))
    try:
        result = portal_search.newest(known, year=dated[1], timeout=timeout)
    except ConnectionError as error:
        if layer is None:
            raise ValueError(
                f"{_no_layer(name)} The portal could not be asked: {error}."
            ) from error
        note = (
            f"whether there are newer {name!r} than {layer.title} could not be asked of "
            f"{layer.portal} ({error}). These were taken."
        )
        return layer, [note]
    if result is None or (layer is not None and (result.year or 0) <= (layer.year or 0)):
        if layer is None:
            raise ValueError(_no_layer(name))
        return layer, []
    _remember(result)
    return result, []


def _remember(layer: layers.Layer) -> None:
    """Keep where a layer was found, so that its name is known offline."""
    kept = ("title", "url", "code", "pattern", "year")
    layers.remember("layers", layer.name, {key: getattr(layer, key) for key in kept})


def _fetch(
    layer: layers.Layer, *, timeout: float = 60.0, progress: bool = True
) -> tuple[layers.Layer, list[str]]:
    """Download a layer into the cache; return it, as it was found, and what the user should know."""
    folder = cache.folder() / "boundaries" / "partial"
    read = functools.partial(arcgis.read_layer, folder=folder, timeout=timeout, progress=progress)
    try:
        try:
            raw = read(layer)
        except download.GoneError:
            result = _renamed(layer, timeout=timeout)
            if result is None:
                raise
            layer = result
            raw = read(layer)
    except ConnectionError as error:
        instead = "read_boundaries('the-file.gpkg')"
        raise arcgis.unreachable(layer, error, instead) from error
    areas, messages = read_polygons.standardise(raw, layer.title, code=layer.code, name=None)
    if layer.features is not None and len(raw) != layer.features:
        messages.append(
            f"{layer.title} has {len(raw):,} areas where {layer.features:,} were expected. The "
            "portal may have changed the layer: check that it is the one you want."
        )
    cache.write_whole(areas[["area_name", "district", "geometry"]], _cache_path(layer))
    return layer, messages


def _renamed(layer: layers.Layer, *, timeout: float) -> layers.Layer | None:
    """Look by its title for a layer that is no longer where the table has it."""
    if layer.url:
        return None
    try:
        result = portal_search.newest(layer, year=layer.year, timeout=timeout)
    except ConnectionError:
        return None
    if result is None or result.address == layer.address:
        return None
    _remember(result)
    return result


def _no_layer(name: str) -> str:
    known = [*layers.layers(), "sample"]
    return (
        f"no layer is called {name!r}; there are {checks.shown(known, 20)}."
        f"{checks.nearest(name, known)}"
    )


def cached_file(source: str) -> Path | None:
    """Return the file in the cache that the name of a layer stands for, fetched if need be.

    Parameters
    ----------
    source : str
        What `read_boundaries` was given.

    Returns
    -------
    Path or None
        None if ``source`` is a file or a folder of the user's, or no layer's name.
    """
    if expanded(source).exists() or not layers.layer(source):
        return None
    return fetch_boundaries(source)
