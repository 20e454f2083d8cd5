"""Reading a whole layer from an ArcGIS feature service, page by page, and losing nothing.

The service says first how many features there are. Pages are asked for in the order of the codes,
and each is kept in a folder as it arrives, so that a second try goes on where the first was cut. At
the end the codes must be as many as the service said, all different, and all of the edition's
pattern; only then does a layer come out.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from typing import TYPE_CHECKING, Any, Final, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lsoahot.common import area_codes, checks
from lsoahot.common.files import write_bytes

from . import download

if TYPE_CHECKING:
    from pathlib import Path

    import requests

    from .layers import Layer

_EVERYTHING: Final = "1=1"
_RING: Final = 4  # the fewest points of a closed ring: a triangle, and its first corner again


def read_layer(layer: Layer, folder: Path, *, timeout: float, progress: bool) -> gpd.GeoDataFrame:
    """Return every feature of a layer, with all its columns, on the British National Grid.

    Pages that arrived are kept in a folder of their own inside `folder` until all have come.
    """
    import requests
    from tqdm import tqdm

    with requests.Session() as session:
        promised = _count(session, layer, timeout)
        pages = folder / _key(layer, promised)
        pages.mkdir(parents=True, exist_ok=True)
        frames: list[gpd.GeoDataFrame] = []
        have = 0
        # disable=None: no bar where nobody sees it (a file, a scheduled job)
        with tqdm(
            total=promised, desc=layer.name, unit=" areas", disable=None if progress else True
        ) as bar:
            while have < promised:
                frame = _page_from(session, layer, have, folder=pages, timeout=timeout)
                frames.append(frame)
                have += len(frame)
                bar.update(len(frame))
    whole = pd.concat(frames, ignore_index=True)
    try:
        _verify(whole, layer, promised)
    finally:
        # Verified, or wrong beyond mending: either way the pages have served.
        shutil.rmtree(pages, ignore_errors=True)
    return gpd.GeoDataFrame(whole, geometry="geometry", crs=frames[0].crs)


def _count(session: requests.Session, layer: Layer, timeout: float) -> int:
    """Ask how many features the layer has."""

    def read(body: bytes) -> int:
        count = _parse(body).get("count")
        if not isinstance(count, int) or count < 1:
            raise download.RefusedError(f"it says that it has {count!r} features")
        return count

    parameters = {"where": _EVERYTHING, "returnCountOnly": "true", "f": "json"}
    return download.get(session, f"{layer.address}/query", parameters, read, timeout=timeout)


def _page_from(
    session: requests.Session, layer: Layer, offset: int, *, folder: Path, timeout: float
) -> gpd.GeoDataFrame:
    """Return the page that begins at `offset`: as kept from an earlier try, or by asking for it."""
    path = folder / f"{offset:07d}.json"
    frame = _saved_page(path)
    if frame is None:
        address, question = f"{layer.address}/query", _question(layer, offset)
        body = download.get(session, address, question, _page, timeout=timeout)
        _save_page(path, body)
        frame = _frame(body)
    return frame


def _question(layer: Layer, offset: int) -> dict[str, str | int]:
    return {
        "where": _EVERYTHING,
        "outFields": "*",
        "orderByFields": layer.code,  # without an order, pages may overlap and leave gaps
        "returnGeometry": "true",
        "outSR": 27700,
        "geometryPrecision": 3,  # millimetres; shared edges stay shared
        "resultOffset": offset,
        "resultRecordCount": layer.page,
        "f": "json",
    }


def _parse(body: bytes) -> dict[str, Any]:
    """Read an answer of the service; its errors come with HTTP status 200."""
    try:
        answer = json.loads(body)
    except ValueError:
        raise download.UnusableAnswerError(
            f"it answered with something else than JSON ({body[:40]!r}...)"
        ) from None
    if not isinstance(answer, dict):
        raise download.UnusableAnswerError("it answered with JSON of an unknown form")
    if "error" in answer:
        error = answer["error"] if isinstance(answer["error"], dict) else {}
        text = f"it answered with error {error.get('code', '')}: {error.get('message', '')}".strip()
        details = "; ".join(str(detail) for detail in error.get("details") or [])
        text = f"{text} ({details})" if details else text
        # 400 and 404 are about the question, and asking again won't help; 5xx and 429 will pass.
        if error.get("code") in {400, 403, 404, 498, 499}:
            raise download.RefusedError(text)
        raise download.UnusableAnswerError(text)
    return answer


def _page(body: bytes) -> bytes:
    """Accept a page that has features with shapes, and pass it on."""
    if not _parse(body).get("features"):
        raise download.UnusableAnswerError("it sent a page without features before the end")
    return body


def _frame(body: bytes) -> gpd.GeoDataFrame:
    """Turn a page into a table.

    GDAL reads this form too, but it looks for further pages by itself, and where rings overlap it
    quietly takes some away. Here an invalid polygon stays as it is, to be mended and reported.
    """
    answer = json.loads(body)
    reference = answer.get("spatialReference") or {}
    return gpd.GeoDataFrame(
        [feature.get("attributes") or {} for feature in answer["features"]],
        geometry=np.array(
            [_polygon(feature.get("geometry")) for feature in answer["features"]], dtype=object
        ),
        crs=reference.get("latestWkid") or reference.get("wkid") or 27700,
    )


def _polygon(geometry: dict[str, Any] | None) -> shapely.Geometry | None:
    """Build a polygon from Esri's rings: outer ones run clockwise, holes the other way."""
    rings = [ring for ring in (geometry or {}).get("rings", []) if len(ring) >= _RING]
    if not rings:
        return None
    lines: list[Any] = [shapely.linearrings(np.asarray(ring)[:, :2]) for ring in rings]
    drawn: Any = shapely.polygons(lines)  # an array, as it is of a list
    if len(drawn) == 1:
        return cast("shapely.Geometry", drawn[0])
    hole = shapely.is_ccw(shapely.get_exterior_ring(drawn))
    outer, holes = drawn[~hole], drawn[hole]
    if not len(outer):
        outer, holes = drawn, drawn[:0]
    within: list[list[shapely.Geometry]] = [[] for _ in outer]
    for ring in holes:
        around = np.flatnonzero(shapely.covers(outer, ring))
        # An island in a lake may have a lake: the hole belongs to the smallest ring around it.
        home = around[np.argmin(shapely.area(outer[around]))] if len(around) else 0
        within[home].append(shapely.get_exterior_ring(ring))
    parts: list[Any] = [
        shapely.polygons(shapely.get_exterior_ring(shell), cut or None)
        for shell, cut in zip(outer, within, strict=True)
    ]
    whole: shapely.Geometry = parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
    return whole


def _key(layer: Layer, promised: int) -> str:
    """Name the folder of pages, so that pages of another question are never mixed in."""
    question = json.dumps([layer.address, promised, _question(layer, 0)])
    return f"{layer.name}-{hashlib.sha256(question.encode()).hexdigest()[:12]}"


def _save_page(path: Path, body: bytes) -> None:
    """Write a page so that it's there whole or not at all; without room, go on without."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, body)


def _saved_page(path: Path) -> gpd.GeoDataFrame | None:
    """Return a page kept from an earlier try, if it is whole."""
    try:
        return _frame(_page(path.read_bytes()))
    except (OSError, RuntimeError, ValueError, download.UnusableAnswerError, download.RefusedError):
        return None


def _verify(whole: pd.DataFrame, layer: Layer, promised: int) -> None:
    """Hold what came against what was promised."""
    for column, edition in zip(layer.codes, layer.name.split("-"), strict=True):
        if column not in whole.columns:
            raise ValueError(
                f"the layer at {layer.address} has no column {column!r}; it has "
                f"{checks.shown(whole.columns, 20)}. Override `code` for {layer.name!r} in your "
                "own table of layers (LSOAHOT_LAYERS)."
            )
        codes = whole[column].astype("string")
        fit = codes.str.fullmatch(layer.pattern).to_numpy(dtype=bool, na_value=False)
        if edition in area_codes.LAST_CODE:
            fit &= area_codes.in_edition(codes.fillna(""), edition)
        odd = codes[~fit]
        if len(odd):
            raise ValueError(
                f"the layer at {layer.address} has {len(odd):,} codes that are not of {edition} "
                f"({layer.pattern}): {checks.shown(odd)}. It is probably another layer: override "
                f"`service` for {layer.name!r} in your own table of layers (LSOAHOT_LAYERS)."
            )
    different = len(whole.drop_duplicates(layer.codes))
    if len(whole) != promised or different != promised:
        raise ConnectionError(
            f"the layer at {layer.address} should have {promised:,} rows, but {different:,} "
            f"different ones came, of {len(whole):,}. Nothing was kept; try again."
        )


def unreachable(layer: Layer, error: ConnectionError, instead: str) -> ConnectionError:
    """Say that a layer can't be had, and how to do without the service."""
    return ConnectionError(
        f"{layer.title} could not be downloaded from {layer.address}: {error}. Try again later: "
        "what has arrived is kept. Behind a proxy, set HTTPS_PROXY. If the portal has renamed it, "
        f"say so in a table of your own ([{layer.name}] service = ..., see `fetch_boundaries`). "
        f"Or, on a machine with internet, search for {layer.title!r} at {layer.portal}, download "
        f"it, and pass the file: {instead}."
    )
