"""Cells fixed on the National Grid: where they lie, what they cover, and that verbs take them."""

from __future__ import annotations

import re
import warnings

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import lsoahot as lh


def land(west: float, south: float, east: float, north: float) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"area_name": ["Here"]},
        index=pd.Index(["E01013788"], name="area_code"),
        geometry=[shapely.box(west, south, east, north)],
        crs="EPSG:27700",
    )


def test_squares_by_hand() -> None:
    # A square kilometre in four; cells beside it only touch. The grid's own corner is at 460, 300.
    cells = lh.grid(land(460_000, 300_000, 461_000, 301_000), 500, "square")
    assert cells.index.tolist() == [
        "SQ500E460250N300250", "SQ500E460750N300250", "SQ500E460250N300750", "SQ500E460750N300750",
    ]  # fmt: skip
    assert cells["area_name"].tolist() == [
        "SK 6025 0025", "SK 6075 0025", "SK 6025 0075", "SK 6075 0075",
    ]  # fmt: skip
    assert cells.geometry.iloc[0].equals(shapely.box(460_000, 300_000, 460_500, 300_500))


def test_hexagons_by_hand() -> None:
    # Within the one hexagon around (1000, 0), and then with all its neighbours.
    middle = lh.grid(land(990, -10, 1010, 10), 1000)
    assert middle.index.tolist() == ["HEX1000E1000N0"]
    assert middle.geometry.iloc[0].bounds == pytest.approx((500, -577.350269, 1500, 577.350269))
    assert middle.area.iloc[0] == pytest.approx(1000**2 * np.sqrt(3) / 2)
    every = lh.grid(land(400, -600, 1600, 600), 1000)
    assert len(every) == 7
    graph = lh.contiguity(every)
    assert graph.cardinalities["HEX1000E1000N0"] == 6
    assert sorted(graph.cardinalities)[:6] == [3] * 6
    distances = every.centroid.distance(middle.centroid.iloc[0])
    assert distances.drop("HEX1000E1000N0").tolist() == pytest.approx([1000] * 6)


@pytest.mark.parametrize("shape", ["hexagon", "square"])
def test_cells_are_the_same_whatever_they_cover(shape: str) -> None:
    here = lh.grid(land(460_000, 300_000, 470_000, 310_000), 700, shape)
    beside = lh.grid(land(465_000, 305_000, 480_000, 312_000), 700, shape)
    both = here.index.intersection(beside.index)
    assert len(both) > 40
    assert (
        shapely.get_coordinates(here.loc[both].geometry.to_numpy()).tolist()
        == shapely.get_coordinates(beside.loc[both].geometry.to_numpy()).tolist()
    )
    assert lh.grid(here, 700, shape).index.tolist() != [], "cells can be covered with cells"
    # They cover the land without a gap or an overlap.
    assert here.union_all().buffer(1e-3).contains(shapely.box(460_000, 300_000, 470_000, 310_000))
    assert here.area.sum() == pytest.approx(here.union_all().area)


def test_references_are_those_of_the_ordnance_survey() -> None:
    # Nelson's Column is at TQ 3000 8040, Ben Nevis at NN 1667 7128, Lerwick's fort at HU 4760 4160.
    for east, north, name in (
        (530_000, 180_400, "TQ 3000 8040"),
        (216_670, 771_280, "NN 1667 7128"),
        (447_600, 1_141_600, "HU 4760 4160"),
    ):
        cell = lh.grid(land(east + 1, north + 1, east + 2, north + 2), 10, "square")
        assert cell["area_name"].tolist() == [name]


def test_verbs_take_cells() -> None:
    areas = lh.read_boundaries("sample")
    cells = lh.grid(areas, 2000)
    assert cells.attrs["notice"] == areas.attrs["notice"], "what must be shown is still shown"
    points = areas.representative_point()
    records = gpd.GeoDataFrame(
        {
            "area_code": np.repeat(areas.index, 24),
            "period": np.tile(pd.period_range("2021-01", periods=24, freq="M"), len(areas)),
        },
        geometry=np.repeat(points.to_numpy(), 24),
        crs=areas.crs,
    )
    counted = lh.count(cells, records)  # though the records have codes: of other areas
    assert counted["count"].sum() == len(records)
    holding = counted.index[counted["count"] > 0]
    assert set(holding) == set(
        cells.sjoin(points.to_frame("geometry").set_geometry("geometry")).index
    )
    bare = gpd.GeoDataFrame(cells[["area_name", "geometry"]])  # as another program saves them
    bare.attrs = {}
    assert lh.count(bare, records)["count"].tolist() == counted["count"].tolist()
    batches = lh.count(cells, iter([records]))
    assert batches["count"].tolist() == counted["count"].tolist()
    assert lh.tabulate(cells, records, "period")["count"].sum() == len(records)
    hot = lh.getis_ord(counted, "count")
    assert hot["gi_p"].notna().all()
    assert lh.emerging_hotspots(cells, records)["months_tested"].max() == 24
    assert lh.concentration(counted, population=None)["places"].iloc[0] >= 1
    assert len(lh.plot_count(counted).collections) >= 1


def test_points_that_were_moved_are_warned_of() -> None:
    cells = lh.grid(land(460_000, 300_000, 461_000, 301_000), 500, "square")
    records = gpd.GeoDataFrame(
        geometry=gpd.points_from_xy([460_100, 460_900], [300_100] * 2), crs="EPSG:27700"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert lh.count(cells, records)["count"].tolist() == [1, 1, 0, 0]
    records.attrs["anonymised"] = True
    with pytest.warns(UserWarning, match=r"data\.police\.uk moves points"):
        lh.count(cells, records)


def test_what_is_no_grid_is_refused() -> None:
    areas = land(460_000, 300_000, 461_000, 301_000)
    for size in (0, -500, 0.5, 500.5, np.nan, True):
        with pytest.raises(ValueError, match=re.escape(f"size={size!r} is no whole number")):
            lh.grid(areas, size)
    with pytest.raises(ValueError, match=r"shape='circle' is not one of hexagon, square"):
        lh.grid(areas, 500, "circle")
    with pytest.raises(ValueError, match="at most 5,000,000 are made"):
        lh.grid(land(0, 0, 700_000, 1_300_000), 100)
    with pytest.raises(ValueError, match="no coordinate reference system"):
        lh.grid(areas.set_crs(None, allow_override=True), 500)
    degrees = lh.grid(areas.to_crs(4326), 500, "square")
    assert set(lh.grid(areas, 500, "square").index) <= set(degrees.index)
