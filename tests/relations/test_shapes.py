"""However a polygon is written down it is the same area: the same neighbours, the same points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings, strategies as st

import lsoahot as lh

if TYPE_CHECKING:
    from collections.abc import Callable

SIDE = 4


def grid() -> gpd.GeoDataFrame:
    n = SIDE * SIDE
    return gpd.GeoDataFrame(
        {"population": np.arange(1000, 1000 + n), "count": np.arange(n) ** 2 % 17},
        index=pd.Index([f"E01{i:06d}" for i in range(n)], name="area_code"),
        geometry=[shapely.box(x, y, x + 1, y + 1) for x in range(SIDE) for y in range(SIDE)],
        crs="EPSG:27700",
    )


def ring(polygon: shapely.Polygon) -> np.ndarray:
    return shapely.get_coordinates(polygon.exterior)[:-1]


def reversed_(polygon: shapely.Polygon, _: int) -> shapely.Geometry:
    return shapely.Polygon(ring(polygon)[::-1])


def rotated(polygon: shapely.Polygon, by: int) -> shapely.Geometry:
    return shapely.Polygon(np.roll(ring(polygon), by % 4, axis=0))


def doubled(polygon: shapely.Polygon, _: int) -> shapely.Geometry:
    return shapely.Polygon(np.repeat(ring(polygon), 2, axis=0))


def multipart(polygon: shapely.Polygon, _: int) -> shapely.Geometry:
    return shapely.MultiPolygon([polygon])


def with_height(polygon: shapely.Polygon, by: int) -> shapely.Geometry:
    return shapely.force_3d(polygon, by)


def in_two_parts(polygon: shapely.Polygon, _: int) -> shapely.Geometry:
    """Return the area and an islet far from everything, as a sea-side area has."""
    far = shapely.affinity.translate(polygon, 1000 * polygon.bounds[0] + 100, 5000)
    return shapely.MultiPolygon([far, polygon])


FORMS: dict[str, Callable[[shapely.Polygon, int], shapely.Geometry]] = {
    "reversed": reversed_,
    "rotated": rotated,
    "doubled": doubled,
    "multipart": multipart,
    "with heights": with_height,
}


def neighbours(areas: gpd.GeoDataFrame, rule: str) -> set[tuple[str, str]]:
    adjacency = lh.contiguity(areas, rule=rule).adjacency
    return {pair for pair, weight in adjacency.items() if weight > 0}


@pytest.mark.parametrize("form", [*FORMS, "in two parts"])
@pytest.mark.parametrize("rule", ["queen", "rook"])
@given(which=st.lists(st.integers(0, SIDE * SIDE - 1), min_size=1, unique=True))
@settings(max_examples=6)
def test_neighbours_are_the_same_however_a_ring_is_written(
    form: str, rule: str, which: list[int]
) -> None:
    areas = grid()
    shapes = areas.geometry.to_numpy().copy()
    for i in which:
        shapes[i] = (FORMS | {"in two parts": in_two_parts})[form](shapes[i], i)
    found = neighbours(areas.set_geometry(gpd.GeoSeries(shapes, areas.index, crs=areas.crs)), rule)
    assert found == neighbours(areas, rule)
    # By hand: each of 24 inner edges is shared by two; by corners 18 pairs more; both ways.
    assert len(found) == 2 * {"rook": 24, "queen": 24 + 18}[rule]


@pytest.mark.parametrize("form", FORMS)
@given(
    which=st.lists(st.integers(0, SIDE * SIDE - 1), min_size=1, unique=True),
    seed=st.integers(0, 1000),
)
@settings(max_examples=6)
def test_points_lie_in_the_same_area_however_its_ring_is_written(
    form: str, which: list[int], seed: int
) -> None:
    areas = grid()
    rng = np.random.default_rng(seed)
    # Half of the points lie on edges and corners, where a rule decides.
    places = np.r_[rng.uniform(-0.5, SIDE + 0.5, (100, 2)), rng.integers(0, SIDE + 1, (50, 2))]
    records = gpd.GeoDataFrame(geometry=shapely.points(places), crs=areas.crs)
    shapes = areas.geometry.to_numpy().copy()
    for i in which:
        shapes[i] = FORMS[form](shapes[i], i)
    other = areas.set_geometry(gpd.GeoSeries(shapes, areas.index, crs=areas.crs))
    plain = ["count"]
    expected = lh.count(areas.drop(columns=plain), records)
    found = lh.count(other.drop(columns=plain), records)
    assert found["count"].tolist() == expected["count"].tolist()
    assert found.attrs == expected.attrs
    inside = ((places >= 0) & (places <= SIDE)).all(axis=1).sum()
    assert found["count"].sum() == inside  # on an edge a point counts once


@pytest.mark.parametrize("form", FORMS)
def test_land_is_the_same_however_a_ring_is_written(form: str) -> None:
    areas = grid()
    shapes = [FORMS[form](shape, i) for i, shape in enumerate(areas.geometry)]
    other = areas.set_geometry(gpd.GeoSeries(shapes, areas.index, crs=areas.crs))
    choice = {"a choice": list(areas.index[3:9])}
    pd.testing.assert_frame_equal(lh.evaluate(choice, other), lh.evaluate(choice, areas))
