"""Draw the schematic areas: a partition of the county outline around its villages.

Every border is drawn once, as an arc between two corners, and both neighbours are built from it:
so the areas fit without gap or overlap and share their vertices exactly.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from scipy.spatial import Voronoi
from shapely import LineString, Polygon

if TYPE_CHECKING:
    import pandas as pd

GRID = 1.0  # metres: every vertex lies on a whole metre
SEED = 2012
FINEST = 130.0  # metres: no edge is broken below twice this length
# How far a midpoint strays sideways, as a share of the edge's length.
STRAY = {"river": 0.22, "field": 0.09, "parish": 0.16}


def _meander(
    start: np.ndarray, end: np.ndarray, stray: float, random: np.random.Generator
) -> list[np.ndarray]:
    """Return the points after `start` up to `end` of a line that wanders between them."""
    along = end - start
    length = float(np.hypot(*along))
    if length < 2 * FINEST:
        return [end]
    sideways = np.array([-along[1], along[0]]) * stray * (2 * random.random() - 1)
    middle = (start + end) / 2 + sideways + along * 0.15 * (random.random() - 0.5)
    return _meander(start, middle, stray, random) + _meander(middle, end, stray, random)


def _drawn(line: np.ndarray, stray: list[float], random: np.random.Generator) -> np.ndarray:
    """Return a chain of edges as a wandering line through the same corners, on the grid."""
    points = [line[0]]
    for (start, end), share in zip(pairwise(line), stray, strict=True):
        points += _meander(start, end, share, random)
    return np.round(np.array(points) / GRID) * GRID


def outline(corners: pd.DataFrame) -> Polygon:
    """Return the county's outline: river edges wander more than field edges."""
    random = np.random.default_rng(SEED)
    ring = corners[["easting", "northing"]].to_numpy(float)
    ring = np.vstack([ring, ring[:1]])
    return Polygon(_drawn(ring, [STRAY[edge] for edge in corners["edge"]], random))


def _borders(villages: pd.DataFrame, county: Polygon) -> list[LineString]:
    """Return the edges half-way between villages of different areas, beyond the county too."""
    seeds = villages[["easting", "northing"]].to_numpy(float)
    codes = villages["area_code"].to_numpy()
    west, south, east, north = county.buffer(60_000).bounds
    frame = np.array([(x, y) for x in (west, east) for y in (south, north)])
    cells = Voronoi(np.vstack([seeds, frame]))
    inside = len(seeds)
    return [
        LineString(cells.vertices[corners])
        for (one, other), corners in zip(cells.ridge_points, cells.ridge_vertices, strict=True)
        if -1 not in corners and max(one, other) < inside and codes[one] != codes[other]
    ]


def _softened(arc: np.ndarray) -> np.ndarray:
    """Cut the corners of an arc once (Chaikin), its two ends kept: parishes have no sharp bends."""
    cut = []
    for start, end in pairwise(arc):
        cut += [0.75 * start + 0.25 * end, 0.25 * start + 0.75 * end]
    return np.array([arc[0], *cut[1:-1], arc[-1]])


def partition(villages: pd.DataFrame, corners: pd.DataFrame) -> gpd.GeoSeries:
    """Return one polygon an area, indexed by area code, in EPSG:27700.

    Raises
    ------
    ValueError
        If the arcs cross, or an area is not exactly one polygon that holds its villages.
    """
    county = outline(corners)
    edges = shapely.unary_union([county.exterior, *_borders(villages, county)], grid_size=GRID)
    inside = [edge for edge in edges.geoms if county.buffer(GRID).contains(edge)]
    rim = county.exterior.buffer(GRID)
    between = [edge for edge in inside if not rim.contains(edge)]
    around = [edge for edge in inside if rim.contains(edge)]

    random = np.random.default_rng(SEED + 1)
    arcs = sorted(
        shapely.line_merge(shapely.MultiLineString(between)).geoms, key=lambda arc: arc.bounds
    )
    drawn = []
    for arc in arcs:
        line = _softened(shapely.get_coordinates(shapely.normalize(arc).simplify(60)))
        drawn.append(LineString(_drawn(line, [STRAY["parish"]] * (len(line) - 1), random)))
    lines = [*drawn, *around]
    noded = shapely.unary_union(lines)
    corners_before = {tuple(xy) for line in lines for xy in line.coords}
    corners_after = {tuple(xy) for xy in shapely.get_coordinates(noded)}
    if corners_before != corners_after:
        raise ValueError(
            f"the drawn borders cross at {sorted(corners_after - corners_before)[:5]}. "
            "Change SEED, or lower STRAY."
        )
    faces = [
        face
        for face in shapely.polygonize([noded]).geoms
        if county.contains(face.representative_point())
    ]
    seeds = gpd.GeoSeries.from_xy(villages["easting"], villages["northing"])
    found: dict[str, Polygon] = {}
    for face in faces:
        held = villages.loc[seeds.within(face).to_numpy(), "area_code"].unique()
        if len(held) != 1 or held[0] in found:
            raise ValueError(
                f"the piece at {face.representative_point()} holds the villages of {list(held)}. "
                "Add or move a village, so that each area is one piece."
            )
        found[held[0]] = shapely.normalize(face)
    lacking = set(villages["area_code"]) - set(found)
    if lacking:
        raise ValueError(f"no piece holds the villages of {sorted(lacking)}. Move them inside.")
    return gpd.GeoSeries(found, crs="EPSG:27700").sort_index()
