"""Outline, scale bar, north arrow, locator and base map."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle

import lsoahot as lh


def grid(n: int = 4, side: float = 1000.0) -> gpd.GeoDataFrame:
    shapes = [
        shapely.box(x * side, y * side, (x + 1) * side, (y + 1) * side)
        for x in range(n)
        for y in range(n)
    ]
    return gpd.GeoDataFrame(
        {"district": ["West" if shape.centroid.x < n * side / 2 else "East" for shape in shapes]},
        index=[f"E{number}" for number in range(len(shapes))],
        geometry=shapes,
        crs=27700,
    )


def plotted(table: gpd.GeoDataFrame, size: tuple[float, float] = (6, 4)) -> Axes:
    return lh.plot_areas(table, ax=Figure(figsize=size).add_subplot(), label=None)


def length(ax: Axes) -> float:
    lines = next(c for c in ax.collections if c.get_label() == "_outline").get_segments()
    return float(sum(shapely.LineString(line).length for line in lines))


def test_the_outline_is_what_two_areas_of_a_district_do_not_share() -> None:
    ax = lh.add_outline(plotted(grid()), grid())
    assert length(ax) == pytest.approx(5 * 4000)  # four sides and the line between, drawn once


def test_the_outline_is_that_of_the_union(shared: Path) -> None:
    areas = lh.read_boundaries(shared / "data/boundaries/leics_rutland_lsoa11_bgc.gpkg")
    rutland = areas[areas["district"] == "Rutland"]
    ax = lh.add_outline(plotted(rutland), rutland)
    whole = shapely.union_all(rutland.geometry.to_numpy())
    assert length(ax) == pytest.approx(whole.boundary.length, rel=1e-6)


def test_a_hole_in_a_district_has_its_outline() -> None:
    holed = grid(3).drop("E4")
    ax = lh.add_outline(plotted(holed), holed.assign(district="Ring"))
    assert length(ax) == pytest.approx(12_000 + 4000)


def test_the_outline_needs_its_column() -> None:
    with pytest.raises(ValueError, match=r"no column 'ward'"):
        lh.add_outline(plotted(grid()), grid(), by="ward")


@pytest.mark.parametrize(
    ("side", "words"),
    [(1000.0, ["0", "500 m"]), (40.0, ["0", "20 m"]), (20_000.0, ["0", "5", "10 km"])],
)
def test_the_scale_bar_is_as_long_as_it_says(side: float, words: list[str]) -> None:
    table = grid(4, side)
    ax = lh.add_scale_bar(plotted(table), table)
    said = [text.get_text() for text in ax.texts]
    assert (said[0], said[-1]) == (words[0], words[-1])
    number, unit = said[-1].split()
    metres = float(number) * {"km": 1000, "m": 1}[unit]
    bar = [patch for patch in ax.patches if isinstance(patch, Rectangle) and not patch.get_alpha()]
    west, east = ax.get_xlim()
    drawn = sum(patch.get_width() for patch in bar) * (east - west)
    assert drawn == pytest.approx(metres)
    assert [to.get_facecolor()[0] < 0.5 for to in bar] == [True, False]


def test_the_arrow_points_up() -> None:
    ax = lh.add_north_arrow(plotted(grid()), grid())
    arrow = [patch.get_xy() for patch in ax.patches if isinstance(patch, Polygon)]
    assert len(arrow) == 2
    assert all(points[0, 1] == points[:, 1].max() for points in arrow)
    assert ax.texts[0].get_text() == "N"


def furniture_boxes(ax: Axes) -> list[shapely.Polygon]:
    standing = [a for a in ax.get_children() if a.get_label() == "_furniture"]
    return [shapely.box(*artist.get_window_extent().extents) for artist in standing]


@pytest.mark.parametrize("gone", ["lower left", "lower right", "upper left", "upper right"])
def test_furniture_stands_in_an_empty_corner(gone: str) -> None:
    table = grid(8)
    x0, y0 = (0 if "left" in gone else 4000), (0 if "lower" in gone else 4000)
    table = table[~table.intersects(shapely.box(x0 + 10, y0 + 10, x0 + 3990, y0 + 3990))]
    ax = plotted(table, (8, 8))
    lh.add_scale_bar(ax, table)
    land = shapely.union_all(table.geometry.to_numpy())
    to_pixels = ax.transData.transform
    land = shapely.transform(land, to_pixels)
    assert not any(land.intersects(box) for box in furniture_boxes(ax))


def test_furniture_over_areas_stands_on_paper() -> None:
    full, ax = grid(4), plotted(grid(4), (4, 4))
    ax.set(xlim=(0, 4000), ylim=(0, 4000))
    lh.add_scale_bar(ax, full)
    paper = [patch for patch in ax.patches if patch.get_alpha()]
    assert len(paper) == 1
    under = shapely.box(*paper[0].get_window_extent().extents).buffer(1)
    assert all(under.contains(box) for box in furniture_boxes(ax))


def test_scale_bar_and_arrow_keep_out_of_each_other_s_way() -> None:
    table = grid(2, 20_000.0)
    ax = plotted(table)
    lh.add_scale_bar(ax, table)
    bar = shapely.union_all(furniture_boxes(ax))
    before = len(furniture_boxes(ax))
    lh.add_north_arrow(ax, table)
    assert not any(bar.intersects(box) for box in furniture_boxes(ax)[before:])


@pytest.mark.parametrize("add", [lh.add_scale_bar, lh.add_north_arrow])
def test_a_map_in_degrees_has_no_one_scale(add: Callable[..., Axes]) -> None:
    degrees = grid(2, 0.1).set_crs(4326, allow_override=True)
    with pytest.raises(ValueError, match=r"in degree.*to_crs\(27700\)"):
        add(plotted(degrees), degrees)
    with pytest.raises(ValueError, match="unknown units"):
        add(plotted(degrees), degrees.set_crs(None, allow_override=True))


def test_the_locator_shows_where_areas_lie() -> None:
    wider = grid()
    ax = lh.plot_locator(wider.loc[["E0"]], wider.to_crs(4326), ax=Figure().add_subplot())
    there, here, _ = ax.collections
    assert there.get_datalim(ax.transData).width == pytest.approx(4000, rel=0.02)
    assert here.get_datalim(ax.transData).width == 1000
    assert length(ax) == pytest.approx(5 * 4000, rel=0.02)


# --- base map -------------------------------------------------------------------------------------


def contextily(add: Callable[..., None]) -> types.ModuleType:
    module = types.ModuleType("contextily")
    module.providers = types.SimpleNamespace(OpenStreetMap=types.SimpleNamespace(Mapnik="osm"))
    module.add_basemap = add
    return module


def test_without_contextily_the_message_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "contextily", None)
    with pytest.raises(ImportError, match="pip install contextily"):
        lh.add_basemap(plotted(grid()), grid())


def test_offline_the_message_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ConnectionError("no route to host")

    monkeypatch.setitem(sys.modules, "contextily", contextily(fails))
    with pytest.raises(ConnectionError, match=r"can't be fetched: no route to host. Check"):
        lh.add_basemap(plotted(grid()), grid())


def test_tiles_are_asked_for_in_the_map_s_own_grid(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {}
    monkeypatch.setitem(
        sys.modules, "contextily", contextily(lambda ax, **kw: asked.update(kw, ax=ax))
    )
    ax = plotted(grid())
    assert lh.add_basemap(ax, grid()) is ax
    assert (asked["ax"], asked["crs"], asked["source"]) == (ax, grid().crs, "osm")


def test_without_a_crs_there_is_no_base_map() -> None:
    lost = grid().set_crs(None, allow_override=True)
    with pytest.raises(ValueError, match="no coordinate system"):
        lh.add_basemap(plotted(lost), lost)


def test_the_grid_is_what_it_seems() -> None:
    assert np.unique(grid()["district"]).tolist() == ["East", "West"]


@pytest.mark.parametrize(
    "draw",
    [
        lh.add_labels, lh.add_outline, lh.add_scale_bar, lh.add_north_arrow, lh.add_basemap,
        lambda ax, areas: lh.plot_areas(areas, ax=ax),
        lambda ax, areas: lh.plot_locator(areas, areas, ax=ax),
    ],
)  # fmt: skip
def test_what_is_no_axes_is_refused(draw: Callable[[object, gpd.GeoDataFrame], object]) -> None:
    for wrong, name in ((Figure(), "Figure"), (grid(), "GeoDataFrame")):
        with pytest.raises(TypeError, match=rf"ax is a {name}, not the Axes of a map\. Give what"):
            draw(wrong, grid())
