"""Maps: what is drawn, in which colour, under which label."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

import lsoahot as lh
from lsoahot.common.class_labels import CHANGE_CLASSES, CLUSTER_CLASSES, HOTSPOT_CLASSES
from lsoahot.plotting.colours import CHANGE_COLOURS, CLUSTER_COLOURS, HOTSPOT_COLOURS, SEQUENCE
from lsoahot.plotting.core.draw_polygons import AreaCollection

Plot = Callable[..., Axes]
VALUES = (1.5, 2.0, 10.0, 11.0, 50.0, None)


def row_of_squares(n: int = 6, **columns: object) -> gpd.GeoDataFrame:
    table = gpd.GeoDataFrame(
        {"area_name": [f"Area {letter}" for letter in "ABCDEFGHIJ"[:n]], **columns},
        index=pd.Index([f"E0{number}" for number in range(n)], name="area_code"),
        geometry=[shapely.box(1000 * x, 0, 1000 * x + 1000, 1000) for x in range(n)],
        crs=27700,
    )
    table.attrs = {"edition": "lsoa11", "period": ["2011-10", "2012-09"]}
    return table


@pytest.fixture
def squares() -> gpd.GeoDataFrame:
    return row_of_squares(rate=list(VALUES), count=[1, 2, 10, 11, 50, 0])


@pytest.fixture
def ax() -> Axes:
    return Figure(figsize=(6, 4)).add_subplot()


def legend_of(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def colours_of(ax: Axes) -> dict[str, str]:
    return {c.get_label(): to_hex(c.get_facecolor()[0]) for c in ax.collections}


def pixels(figure: Figure) -> np.ndarray:
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].astype(int)


# --- every plot verb ------------------------------------------------------------------------------


def categories(classes: tuple[str, ...], labels: list[str | None]) -> pd.Categorical:
    return pd.Categorical(labels, categories=classes, ordered=True)


def everything() -> gpd.GeoDataFrame:
    return row_of_squares(
        rate=list(VALUES),
        rate_lower=[1.0, 1.9, 5.0, 10.9, 49.0, None],
        rate_upper=[9.0, 2.1, 15.0, 11.1, 51.0, None],
        count=[1, 2, 10, 11, 50, 0],
        hotspot=categories(HOTSPOT_CLASSES, [*HOTSPOT_CLASSES[:4], "Cold spot 99%", "Not tested"]),
        cluster=categories(CLUSTER_CLASSES, [*CLUSTER_CLASSES]),
        change_class=categories(CHANGE_CLASSES, [*CHANGE_CLASSES[:5], "Not tested"]),
    )


VERBS = [
    lh.plot_areas,
    lh.plot_count,
    lh.plot_rate,
    lh.plot_hotspots,
    lh.plot_clusters,
    lh.plot_change,
    lh.plot_certainty,
]


@pytest.mark.parametrize("plot", VERBS)
def test_axes_in_axes_out_and_nothing_else_is_touched(plot: Plot, ax: Axes) -> None:
    table = everything()
    before = table.copy(deep=True)
    kwds = {"loc": "lower left"}
    opened = plt.get_fignums()
    assert plot(table, ax=ax, legend_kwds=kwds) is ax
    assert kwds == {"loc": "lower left"}
    assert plt.get_fignums() == opened
    assert_geodataframe_equal(table, before)
    assert table.attrs == before.attrs
    assert ax.get_aspect() == 1
    assert not ax.axison


@pytest.mark.parametrize("plot", VERBS)
def test_without_axes_a_figure_is_opened_as_large_as_asked(plot: Plot) -> None:
    figure = plot(everything(), figsize=(5, 3)).figure
    try:
        assert plt.fignum_exists(figure.number)
        assert figure.get_size_inches().tolist() == [5, 3]
    finally:
        plt.close(figure)


@pytest.mark.parametrize("plot", VERBS)
def test_the_style_of_polygons_passes_through(plot: Plot, ax: Axes) -> None:
    plot(everything(), ax=ax, edgecolor="#123456", linewidth=2.5, zorder=3, legend=False)
    assert ax.get_legend() is None
    for drawn in ax.collections:
        if drawn.get_label() != "No data":
            assert to_hex(drawn.get_edgecolor()[0]) == "#123456"
            assert drawn.get_linewidth() == [2.5]
            assert drawn.get_zorder() == 3


@pytest.mark.parametrize("plot", VERBS)
def test_what_is_no_table_of_areas_is_refused(plot: Plot) -> None:
    with pytest.raises(TypeError, match="must be a GeoDataFrame of areas, not DataFrame"):
        plot(pd.DataFrame({"rate": [1.0]}))


def test_importing_the_library_leaves_matplotlib_alone() -> None:
    code = "import sys, lsoahot; print('matplotlib' in sys.modules, 'mapclassify' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


# --- numbers in classes ---------------------------------------------------------------------------


def test_each_class_is_drawn_in_its_colour_and_counted(squares: gpd.GeoDataFrame, ax: Axes) -> None:
    lh.plot_rate(squares, ax=ax, k=3)
    drawn = {c.get_label(): len(c.get_paths()) for c in ax.collections}
    assert drawn == {"1 to 5": 2, "5 to 30": 2, "30 to 50": 1, "No data": 1}
    assert legend_of(ax) == ["1 to 5 (2)", "5 to 30 (2)", "30 to 50 (1)", "No data (1)"]
    assert ax.get_legend().get_title().get_text() == "Rate per 1,000 residents\n(number of areas)"
    for drawn, handle in zip(ax.collections, ax.get_legend().legend_handles, strict=True):
        assert to_hex(drawn.get_facecolor()[0]) == to_hex(handle.get_facecolor())
    assert colours_of(ax)["1 to 5"] == SEQUENCE[0]
    assert colours_of(ax)["30 to 50"] == SEQUENCE[-1]


def test_classes_hold_the_right_areas(squares: gpd.GeoDataFrame, ax: Axes) -> None:
    lh.plot_count(squares, ax=ax, breaks=[2, 20, 60])
    middle = next(c for c in ax.collections if c.get_label() == "3 to 20")
    assert [path.vertices[:, 0].min() for path in middle.get_paths()] == [2000, 3000]


def test_no_data_is_patterned_and_its_look_can_be_changed(
    squares: gpd.GeoDataFrame, ax: Axes
) -> None:
    lh.plot_rate(squares, ax=ax, hatch=None, missing_kwds={"facecolor": "#eeeeee", "hatch": "oo"})
    missing = ax.collections[-1]
    assert (missing.get_label(), missing.get_hatch()) == ("No data", "oo")
    assert to_hex(missing.get_facecolor()[0]) == "#eeeeee"
    assert ax.get_legend().legend_handles[-1].get_hatch() == "oo"


def test_a_suppressed_value_is_neither_drawn_nor_in_the_legend(ax: Axes) -> None:
    table = row_of_squares(
        4, rate=[1.5, 2.5, 3.5, 777.7], suppressed=pd.array([False, False, False, True])
    )
    lh.plot_rate(table, ax=ax, k=3, histogram=True)
    assert legend_of(ax) == ["1.5 (1)", "2.5 (1)", "3.5 (1)", "Suppressed (1)"]
    assert ax.collections[-1].get_label() == "Suppressed"
    assert ax.child_axes[0].get_xlim()[1] < 5


def test_suppressed_marks_may_be_missing(ax: Axes) -> None:
    table = row_of_squares(2, rate=[1.5, 2.5], suppressed=pd.array([None, True], dtype="boolean"))
    assert legend_of(lh.plot_rate(table, ax=ax)) == ["1.5 (1)", "Suppressed (1)"]


def test_nothing_but_missing_values_still_makes_a_map(ax: Axes) -> None:
    table = row_of_squares(3, rate=pd.array([None] * 3, dtype="Float64"))
    assert legend_of(lh.plot_rate(table, ax=ax, histogram=True)) == ["No data (3)"]


def test_a_table_without_rows_makes_an_empty_map(ax: Axes) -> None:
    lh.plot_rate(row_of_squares(rate=list(VALUES)).iloc[:0], ax=ax)
    assert (len(ax.collections), ax.get_legend()) == (0, None)


def test_a_value_above_the_breaks_leaves_the_other_colours_alone() -> None:
    first, second = (Figure().add_subplot() for _ in range(2))
    lh.plot_rate(row_of_squares(3, rate=[5.5, 15, 25]), ax=first, breaks=[10, 20, 30])
    lh.plot_rate(row_of_squares(3, rate=[5.5, 15, 95]), ax=second, breaks=[10, 20, 30])
    shared = {label: colours_of(first)[label] for label in ("up to 10", "10 to 20")}
    assert shared.items() <= colours_of(second).items()
    assert "more than 30" in colours_of(second)


def test_the_histogram_counts_every_area_and_stays_on_the_figure_with_its_legend(
    squares: gpd.GeoDataFrame, ax: Axes
) -> None:
    lh.plot_count(squares, ax=ax, histogram=True)
    bars = ax.child_axes[0]
    assert sum(bar.get_height() for bar in bars.patches) == 6
    for corner, side in (("upper left", -1), ("lower left", 1)):
        ax.get_legend().set_loc(corner)
        place = (0.05, 0.95) if side < 0 else (0.05, 0.02)
        ax.get_legend().set_bbox_to_anchor(place, transform=ax.figure.transFigure)
        FigureCanvasAgg(ax.figure).draw()
        here, key = bars.get_window_extent(), ax.get_legend().get_window_extent()
        assert here.x0 == pytest.approx(key.x0)
        assert (here.y1 < key.y0) == (side < 0)
        assert (here.y0 > key.y1) == (side > 0)
        assert here.y0 >= 0
        assert here.y1 <= ax.figure.bbox.height


def test_text_columns_and_lacking_ones_are_refused(squares: gpd.GeoDataFrame) -> None:
    with pytest.raises(TypeError, match="'area_name' holds"):
        lh.plot_rate(squares, "area_name")
    with pytest.raises(ValueError, match=r"no column 'rates'.*Did you mean 'rate'"):
        lh.plot_rate(squares, "rates")


def test_a_map_in_degrees_is_not_stretched(ax: Axes) -> None:
    north = gpd.GeoDataFrame(
        {"rate": [1.0]}, index=["E1"], geometry=[shapely.box(-1, 59, 0, 61)], crs=4326
    )
    assert lh.plot_rate(north, ax=ax).get_aspect() == pytest.approx(2.0)  # 1 / cos 60 degrees
    assert lh.plot_rate(north, ax=ax, aspect="equal").get_aspect() == 1


# --- classes of statistics ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plot", "column", "colours"),
    [
        (lh.plot_hotspots, "hotspot", HOTSPOT_COLOURS),
        (lh.plot_clusters, "cluster", CLUSTER_COLOURS),
        (lh.plot_change, "change_class", CHANGE_COLOURS),
    ],
)
def test_a_class_keeps_its_colour_whichever_are_present(
    plot: Plot, column: str, colours: dict[str, str]
) -> None:
    for label, colour in colours.items():
        ax = plot(row_of_squares(1, **{column: [label]}), ax=Figure().add_subplot())
        assert colours_of(ax) == {label: colour}
        lacking = [name for name in colours if name not in {label, "Not tested"}]
        first, none = legend_of(ax)
        assert first == f"{label} (1)"
        assert " ".join(none.split()) == f"None: {', '.join(lacking)}"


def test_emerging_classes_are_striped_and_only_those_present_are_named(ax: Axes) -> None:
    table = row_of_squares(3, emerging=["New hot spot", "Consecutive hot spot", "Not tested"])
    lh.plot_emerging(table, ax=ax)
    assert legend_of(ax) == ["New hot spot (1)", "Consecutive hot spot (1)", "Not tested (1)"]
    new, consecutive, _ = ax.collections
    assert to_hex(new.get_facecolor()[0]) == to_hex(consecutive.get_facecolor()[0])
    assert (new.get_hatch(), consecutive.get_hatch()) == (None, "////")


def test_what_has_no_class_is_told_apart(ax: Axes) -> None:
    table = row_of_squares(
        5,
        hotspot=["Hot spot 99%", "Not tested", None, "Not tested", "Cold spot 90%"],
        suppressed=[False, False, False, True, True],
    )
    lh.plot_hotspots(table, ax=ax)
    drawn = {c.get_label(): c.get_hatch() for c in ax.collections}
    assert list(drawn) == ["Hot spot 99%", "Cold spot 90%", "Not tested", "No data", "Suppressed"]
    assert len({drawn[label] for label in ("Not tested", "No data", "Suppressed")}) == 3
    assert legend_of(ax)[-4:-1] == ["Not tested (1)", "No data (1)", "Suppressed (1)"]


def test_a_label_that_is_no_class_is_refused() -> None:
    with pytest.raises(
        ValueError, match="holds Hotspot, which are none of the classes Hot spot 99%"
    ):
        lh.plot_hotspots(row_of_squares(2, hotspot=["Hotspot", "Hot spot 99%"]))
    with pytest.raises(ValueError, match=r"no column 'cluster'.*make it with lsoahot.local_moran"):
        lh.plot_clusters(row_of_squares(2))


def test_ratios_are_drawn_around_no_change(ax: Axes) -> None:
    lh.plot_change(row_of_squares(4, rate_ratio=[0.4, 0.6, 1.1, 1.3]), "rate_ratio", ax=ax)
    assert colours_of(ax)["0.80 to 1.25"] == CHANGE_COLOURS["No clear change"]
    assert colours_of(ax)["up to 0.50"] == CHANGE_COLOURS["Fell 99%"]
    assert legend_of(ax)[-1] == "more than 2.00 (0)"


def test_a_rise_from_nothing_is_of_the_highest_ratio(ax: Axes) -> None:
    table = row_of_squares(3, rate_ratio=[np.inf, 1.0, np.nan])
    lh.plot_change(table, "rate_ratio", ax=ax)
    assert legend_of(ax)[-2:] == ["more than 2.00 (1)", "No data (1)"]
    assert np.isinf(table["rate_ratio"].iloc[0])
    nothing = lh.plot_change(row_of_squares(2, rate_ratio=[np.inf, np.inf]), "rate_ratio")
    assert legend_of(nothing)[-1] == "more than 2.00 (2)"


def test_certainty_is_the_width_of_the_limits_for_the_size_of_the_rate(ax: Axes) -> None:
    table = row_of_squares(
        5,
        rate=[10.5, 10.5, 10.5, 0.0, None],
        rate_lower=[9.0, 7.0, 3.0, 0.0, None],
        rate_upper=[12.0, 15.0, 25.0, 3.0, None],
    )  # plus or minus 14 %, 38 %, 105 %; a rate of zero has no size
    lh.plot_certainty(table, ax=ax, breaks=[5, 20])
    assert [c.get_label() for c in ax.collections] == [
        "5 to 20, within 25%", "5 to 20, within 50%", "up to 5, wider", "5 to 20, wider", "No data",
    ]  # fmt: skip
    assert [text for text in legend_of(ax) if text] == ["up to 5 (1)", "5 to 20 (3)", "No data (1)"]
    strong, middle, weak = (
        colours_of(ax)[f"5 to 20, {how}"] for how in ("within 25%", "within 50%", "wider")
    )
    assert strong == SEQUENCE[-1]
    assert int(strong[1:], 16) < int(middle[1:], 16) < int(weak[1:], 16)


def test_shares_that_do_not_rise_are_refused() -> None:
    with pytest.raises(ValueError, match="does not rise from above 0"):
        lh.plot_certainty(everything(), within=(0.5, 0.25))


# --- polygons -------------------------------------------------------------------------------------


def wavy_columns(n: int = 4) -> np.ndarray:
    """Return n columns side by side whose shared edges have a vertex every metre."""
    y = np.arange(0.0, 4001)
    edges = [np.column_stack([1000 * x + 60 * np.sin(y / 37), y]) for x in range(n + 1)]
    return np.array([shapely.Polygon(np.r_[edges[x], edges[x + 1][::-1]]) for x in range(n)])


def drawn(collections: list[AreaCollection], size: float = 3) -> np.ndarray:
    figure = Figure(figsize=(size, size), dpi=100)
    ax = figure.add_axes((0, 0, 1, 1))
    for collection in collections:
        ax.add_collection(collection)
    ax.autoscale_view()
    ax.set_axis_off()
    return pixels(figure)


def test_thinned_polygons_look_like_whole_ones() -> None:
    shapes = wavy_columns()
    colours = ["#7d1128", "#fdcb7c", "#d1442c", "#3f83bd"]
    ours = [
        AreaCollection(shapes[[n]], facecolor=colour, linewidth=0)
        for n, colour in enumerate(colours)
    ]
    figure = Figure(figsize=(3, 3), dpi=100)
    ax = figure.add_axes((0, 0, 1, 1))
    gpd.GeoSeries(shapes).plot(ax=ax, color=colours, linewidth=0, aspect=None)
    ax.set_axis_off()
    theirs = pixels(figure)
    assert np.abs(drawn(ours) - theirs).mean() < 1  # of 255
    assert np.abs(255 - theirs).mean() > 50  # there is something to compare
    assert sum(len(path.vertices) for c in ours for path in c.get_paths()) < 8 * 4001 / 3


def test_no_gap_opens_between_neighbours() -> None:
    shapes = wavy_columns()
    together = drawn([AreaCollection(shapes, facecolor="black", linewidth=0, antialiased=False)])
    inside = together[30:-30, 30:-30]
    assert (inside == 0).all()


def test_zooming_in_brings_the_vertices_back() -> None:
    figure = Figure(figsize=(3, 3), dpi=100)
    ax = figure.add_axes((0, 0, 1, 1))
    collection = AreaCollection(wavy_columns(1), facecolor="black")
    ax.add_collection(collection)
    counts = []
    for view in (1e6, 4000, 100):
        ax.set(xlim=(0, view), ylim=(0, view))
        FigureCanvasAgg(figure).draw()
        counts.append(sum(len(path.vertices) for path in collection.get_paths()))
    assert counts[0] < counts[1] < counts[2]
    extent = collection.get_datalim(ax.transData)
    assert (extent.y0, extent.y1) == pytest.approx((0, 4000))


def test_a_hole_stays_a_hole_whichever_way_it_was_drawn() -> None:
    shell, hole = shapely.box(0, 0, 30, 30).exterior, shapely.box(10, 10, 20, 20).exterior
    for ring in (hole.coords, hole.coords[::-1]):
        ring_area = shapely.Polygon(shell, [ring])
        island = shapely.MultiPolygon([ring_area, shapely.box(13, 13, 17, 17)])
        for shape, middle in ((ring_area, 255), (island, 0)):
            seen = drawn([AreaCollection(np.array([shape]), facecolor="black", linewidth=0)])
            assert seen[150, 150].tolist() == [middle] * 3
            assert seen[150, 112].tolist() == [255] * 3
            assert seen[50, 50].tolist() == [0] * 3


def test_missing_and_empty_shapes_are_left_out() -> None:
    shapes = np.array([shapely.box(0, 0, 1, 1), None, shapely.Polygon()])
    assert [len(path.vertices) for path in AreaCollection(shapes).get_paths()] == [5, 0, 0]
    assert drawn([AreaCollection(shapes[1:])]).min() == 255


def test_lines_between_areas_vanish_where_they_would_cover_them() -> None:
    few = lh.plot_rate(everything(), ax=Figure(figsize=(6, 4)).add_subplot())
    assert few.collections[0].get_linewidth()[0] == 0.5
    side = np.arange(150) * 100.0
    shapes = [shapely.box(x, y, x + 100, y + 100) for x in side for y in side]
    many = gpd.GeoDataFrame(
        {"rate": np.arange(len(shapes), dtype=float)}, geometry=shapes, crs=27700
    )
    crowded = lh.plot_rate(many, ax=Figure(figsize=(3, 3)).add_subplot())
    assert crowded.collections[0].get_linewidth()[0] == 0
