"""Kernel density: the quartic, its total, its edge, and its warnings."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings, strategies as st
from matplotlib.figure import Figure

import lsoahot as lh


@pytest.fixture(scope="module")
def square() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(index=["E1"], geometry=[shapely.box(0, 0, 4000, 4000)], crs=27700)


def events(*xy: tuple[float, float], **columns: list[float]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=[shapely.Point(p) for p in xy], crs=27700)


def at(surface: pd.DataFrame, x: float, y: float) -> float:
    return float(surface.loc[(surface["x"] == x) & (surface["y"] == y), "density"].iloc[0])


def test_an_event_is_spread_by_the_quartic(square: gpd.GeoDataFrame) -> None:
    surface = lh.kernel_density(events((2050, 2050)), square, bandwidth=500, cell=100)
    peak = 3 / (np.pi * 0.5**2)  # events per square kilometre, at the event itself
    assert at(surface, 2050, 2050) == pytest.approx(peak)
    assert at(surface, 2350, 2050) == pytest.approx(peak * (1 - 0.36) ** 2)
    assert at(surface, 2350, 2450) == 0  # at the bandwidth: 300 east, 400 north


def test_the_surface_adds_up_to_the_events(square: gpd.GeoDataFrame) -> None:
    surface = lh.kernel_density(
        events((1500, 1500), (2600, 2100), count=[3, 2]), square, bandwidth=800, cell=20
    )
    assert surface["density"].sum() * 0.02**2 == pytest.approx(5, rel=1e-4)


def test_the_surface_is_clipped_at_the_edge(square: gpd.GeoDataFrame) -> None:
    surface = lh.kernel_density(events((0, 2000)), square, bandwidth=500, cell=20)
    assert surface["x"].min() == 10
    assert surface["density"].sum() * 0.02**2 == pytest.approx(0.5, rel=1e-3)  # half is outside
    triangle = square.set_geometry([shapely.Polygon([(0, 0), (4000, 0), (0, 4000)])])
    clipped = lh.kernel_density(events((0, 2000)), triangle, bandwidth=500, cell=100)
    assert (clipped["x"] + clipped["y"] <= 4000).all()
    assert len(clipped) == pytest.approx(800, rel=0.05)


@given(
    st.lists(
        st.tuples(st.integers(0, 900), st.integers(0, 900)), min_size=1, max_size=8, unique=True
    )
)
@settings(max_examples=25, deadline=None)
def test_it_is_the_sum_over_all_events(places: list[tuple[int, int]]) -> None:
    area = gpd.GeoDataFrame(index=["E1"], geometry=[shapely.box(0, 0, 900, 900)], crs=27700)
    surface = lh.kernel_density(events(*places), area, bandwidth=210, cell=90)
    xy = np.array(places, dtype=float)
    apart = np.hypot(
        surface["x"].to_numpy()[:, None] - xy[:, 0], surface["y"].to_numpy()[:, None] - xy[:, 1]
    )
    kernel = 3e6 / (np.pi * 210**2) * np.where(apart < 210, (1 - (apart / 210) ** 2) ** 2, 0)
    assert surface["density"].to_numpy() == pytest.approx(kernel.sum(axis=1), abs=1e-9)


def test_anonymised_points_are_told(square: gpd.GeoDataFrame) -> None:
    snapped = events(*[(1000, 1000)] * 3, *[(2000, 2000)] * 3, (3000, 3000))
    with pytest.warns(UserWarning, match="86% of 7 records share their point.*here 3"):
        lh.kernel_density(snapped, square)


def test_records_without_a_point_are_told(square: gpd.GeoDataFrame) -> None:
    records = events((1000, 1000), (2000, 2000))
    records.loc[1, "geometry"] = None
    with pytest.warns(UserWarning, match="1 of 2 records have no point"):
        lh.kernel_density(records, square)


def test_points_in_degrees_are_brought_to_the_grid(square: gpd.GeoDataFrame) -> None:
    there = events((1050, 1050), (3050, 3050))
    degrees = lh.kernel_density(there.to_crs(4326), square, cell=100)["density"]
    assert degrees.max() == pytest.approx(
        lh.kernel_density(there, square, cell=100)["density"].max(), rel=0.05
    )


def test_what_makes_no_surface_is_refused(square: gpd.GeoDataFrame) -> None:
    here = events((1000, 1000))
    with pytest.raises(TypeError, match="must be a GeoDataFrame with points, not DataFrame"):
        lh.kernel_density(pd.DataFrame({"x": [1]}), square)
    with pytest.raises(ValueError, match="bandwidth=0 is not above zero"):
        lh.kernel_density(here, square, bandwidth=0, cell=10)
    with pytest.raises(ValueError, match="cells of 1 m make 16,000,000"):
        lh.kernel_density(here, square, cell=1)
    with pytest.raises(ValueError, match="these are in degree"):
        lh.kernel_density(here, square.to_crs(4326))
    with pytest.raises(TypeError, match="not points"):
        lh.kernel_density(here.set_geometry(here.buffer(5)), square)


def test_the_picture_shows_the_crowd_and_leaves_the_empty_blank(square: gpd.GeoDataFrame) -> None:
    surface = lh.kernel_density(events((1050, 2050)), square, bandwidth=500, cell=100)
    ax = lh.plot_density(surface, ax=Figure().add_subplot(), k=4)
    picture = ax.images[0].get_array()
    assert picture.shape == (40, 40)
    assert picture[20, 10] == 3
    assert picture.mask[0, 0]
    assert tuple(ax.images[0].get_extent()) == (0, 4000, 0, 4000)
    assert len(ax.get_legend().get_texts()) == 4


def test_a_surface_with_nothing_on_it_has_no_legend(square: gpd.GeoDataFrame) -> None:
    surface = lh.kernel_density(events((90_000, 90_000)), square, cell=500)
    assert lh.plot_density(surface, ax=Figure().add_subplot()).get_legend() is None
