"""Boundaries that lie where their areas are not: refused, with the mistake that fits."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings, strategies as st

import lsoahot as lh
from lsoahot.common import police_forces

AREAS = lh.read_boundaries("sample")
LABEL = {"crs": 27700, "allow_override": True}


def raw(shapes: object, crs: int = 27700) -> gpd.GeoDataFrame:
    """Return the sample's areas as a file has them, with shapes of one's own."""
    names = AREAS["area_name"].to_numpy()
    names = [f"Rutland 00{i % 5 + 1}{chr(65 + i // 5)}" for i in range(len(names))]
    table = {"LSOA11CD": AREAS.index, "LSOA11NM": names}
    return gpd.GeoDataFrame(table, geometry=shapes, crs=crs)


def scaled(by: float) -> np.ndarray:
    return shapely.transform(AREAS.geometry.to_numpy(), lambda xy: xy * by)


def moved(crs: int) -> np.ndarray:
    return AREAS.geometry.to_crs(crs).to_numpy()


def turned() -> np.ndarray:
    return shapely.transform(AREAS.geometry.to_numpy(), lambda xy: xy[:, ::-1])


def mirrored() -> np.ndarray:
    return shapely.transform(moved(4326), lambda xy: xy * [-1, 1])


@pytest.mark.parametrize(
    ("shapes", "crs", "what"),
    [
        (scaled(0.001), 27700, "as kilometres"),
        (scaled(0.01), 27700, "as hundreds of metres"),
        (scaled(0.1), 27700, "as tens of metres"),
        (moved(29903), 27700, r"as Irish Grid \(EPSG:29903\)"),
        (turned(), 27700, "with easting and northing swapped"),
        (mirrored(), 4326, "with the minus of the longitude that they lost"),
    ],
)
def test_a_usual_mistake_is_named(shapes: np.ndarray, crs: int, what: str) -> None:
    with pytest.raises(ValueError, match=rf"23 of the 23 areas .*of Rutland\) do not lie.*{what}"):
        lh.read_boundaries(raw(shapes, crs))


@given(
    st.sampled_from([0.001, 0.01, 0.1, 0.3048, 10.0, 3.28]),
    st.sets(st.integers(0, 22), min_size=1, max_size=23),
)
@settings(max_examples=30)
def test_no_area_in_another_unit_passes(by: float, which: set[int]) -> None:
    shapes = AREAS.geometry.to_numpy().copy()
    rows = sorted(which)
    shapes[rows] = scaled(by)[rows]
    with pytest.raises(
        ValueError, match=r"do not lie where they should|outside the United Kingdom"
    ):
        lh.read_boundaries(raw(shapes))


def test_without_a_known_district_a_code_alone_refuses_what_a_mistake_explains() -> None:
    shapes = scaled(0.001)
    table = raw(shapes)[["LSOA11CD", "geometry"]]
    with pytest.raises(ValueError, match="as kilometres"):
        lh.read_boundaries(table)
    shapes = AREAS.geometry.to_numpy().copy()
    shapes[0] = shapely.box(0, 0, 10, 10)
    assert len(lh.read_boundaries(raw(shapes)[["LSOA11CD", "geometry"]])) == 23


def test_areas_of_the_same_shape_are_told() -> None:
    shapes = AREAS.geometry.to_numpy().copy()
    shapes[1] = shapes[0]
    with pytest.warns(
        UserWarning, match=r"2 areas .*have a shape that another has too \(E01013787, E01013788\)"
    ):
        lh.read_boundaries(raw(shapes))


def test_every_force_has_an_extent() -> None:
    forces = {police_forces.force_of(one) for one in ("Rutland", "Cardiff", "Camden", "York")}
    assert None not in forces
    for force, (west, south, east, north) in police_forces._EXTENTS.items():
        assert police_forces.named(force) == force
        assert 80 <= west < east <= 660
        assert -5 <= south < north <= 660
    assert len(police_forces._EXTENTS) == 43


def test_the_nation_lies_where_it_should(national: tuple[gpd.GeoDataFrame, object]) -> None:
    assert len(national[0]) == 35_672  # read without a word of places
