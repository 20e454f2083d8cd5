"""Finished pages: a map with all that it needs to stand alone, at A4."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from lsoahot.common import checks, class_labels
from lsoahot.common.files import replacing
from lsoahot.plotting.core import draw
from lsoahot.plotting.core.label_placement import label_areas

from . import colours
from .basemap import add_basemap
from .class_maps import plot_change
from .furniture import add_labels, add_north_arrow, add_outline, add_scale_bar
from .locator import plot_locator
from .maps import plot_areas, plot_rate
from .page_frame import FORMATS, REAL_TEXT, Page, metadata, write_words

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend

    from .page_frame import Box

    Plot = Callable[..., Axes]

# With more districts than this, their outlines are thin.
CROWD: Final = 100
# How far a closer view shows beyond its hot spot, at least, in metres.
ROOM: Final = 400.0
# What a histogram takes of the room for the legend, in inches.
HISTOGRAM: Final = 0.72


def save_map(
    areas: gpd.GeoDataFrame,
    path: str | Path,
    *,
    plot: Plot = plot_rate,
    dpi: int = 200,
    **options: Any,
) -> Path:
    """Save a finished A4 page with one map.

    Parameters
    ----------
    areas : GeoDataFrame
        What ``plot`` draws, in metres.
    path : path
        Where to write: ``.png``, ``.svg`` or ``.pdf``. In the latter two, text is text.
    plot : callable
        The verb that draws the map, for example :func:`plot_hotspots`.
    dpi : int
        Dots per inch of a PNG.
    **options
        What :func:`map_page` takes: ``title``, ``subtitle``, ``labels``, ``locator``, ``zoom``,
        ...; and what ``plot`` takes.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    FileNotFoundError
        If the folder does not exist.
    TypeError
        If ``areas`` is not a table of areas.
    ValueError
        If the ending of ``path`` is not one of those, or the map is not in metres.

    Examples
    --------
    >>> import tempfile, pathlib, geopandas as gpd, shapely
    >>> import lsoahot as lh
    >>> areas = gpd.GeoDataFrame(
    ...     {"rate": [10.5, 33.0]}, index=["E1", "E2"], crs=27700,
    ...     geometry=[shapely.box(0, 0, 9000, 9000), shapely.box(9000, 0, 18000, 9000)],
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     lh.save_map(areas, pathlib.Path(folder, "rate.svg"), title="Burglary").name
    'rate.svg'
    """
    from matplotlib import rc_context

    path = Path(path)
    ending = path.suffix.lower()
    checks.one_of(ending, FORMATS, "the ending of path")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent}. Make it first, or mend path.")
    with rc_context(REAL_TEXT):
        figure = map_page(areas, plot=plot, **options)
        title = str(options.get("title", ""))
        with replacing(path) as part:
            figure.savefig(part, dpi=dpi, metadata=metadata(ending, title))
    return path


def map_page(
    areas: gpd.GeoDataFrame,
    *,
    plot: Plot = plot_rate,
    title: str = "",
    subtitle: str | None = None,
    labels: int = 10,
    label: str = "area_name",
    locator: gpd.GeoDataFrame | None = None,
    zoom: bool = False,
    basemap: bool = False,
    **options: Any,
) -> Figure:
    """Draw a finished A4 page: the map, its title, legend, labels, scale, north and small print.

    Parameters
    ----------
    areas : GeoDataFrame
        What ``plot`` draws, in metres. ``areas.attrs`` fill the small print; a column ``district``
        gives the outlines.
    plot : callable
        The verb that draws the map.
    title : str
        The title.
    subtitle : str, optional
        The line under it; the period of ``areas.attrs`` by default.
    labels : int
        How many areas to label, from the top of the list: by ``rank`` if there is one, else by
        the rate or the count. A map of change labels those that changed, the surest first.
    label : str
        The column of labels.
    locator : GeoDataFrame, optional
        A wider area, for a small map of where this one lies.
    zoom : bool
        Add a closer view of the top hot spot, every area labelled.
    basemap : bool
        Put a street map from the internet under the areas; needs contextily.
    **options
        What ``plot`` takes.

    Returns
    -------
    Figure
        A page, upright or across as the map is larger.

    Raises
    ------
    TypeError
        If ``areas`` is not a table of areas.
    ValueError
        If there is no area, or the map is not in metres.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> import lsoahot as lh
    >>> areas = gpd.GeoDataFrame(
    ...     {"rate": [10.5, 33.0]}, index=["E1", "E2"], crs=27700,
    ...     geometry=[shapely.box(0, 0, 9000, 9000), shapely.box(9000, 0, 18000, 9000)],
    ... )
    >>> page = lh.map_page(areas, title="Burglary", subtitle="2025")
    >>> [text.get_text() for text in page.texts][:2]
    ['Burglary', '2025']
    """
    from matplotlib.figure import Figure

    checks.areas(areas)
    if not len(areas) or areas.geometry.is_empty.all():
        raise ValueError("there is no area to draw. Check the selection.")
    bare = getattr(plot, "func", plot) is plot_areas and locator is None and not zoom
    page = Page(areas, bare=bare)
    figure = Figure(figsize=page.size)
    if basemap:
        options = {"alpha": 0.65} | options
    ax = figure.add_axes(page.share(page.map), label="map")
    _fit(ax, areas)
    add_scale_bar(ax, areas)
    add_north_arrow(ax, areas)
    plot(areas, ax=ax, **options)
    if "district" in areas.columns:
        add_outline(ax, areas, linewidth=0.9 if areas["district"].nunique() < CROWD else 0.35)
    if basemap:
        add_basemap(ax, areas)

    insets = page.insets(2 if locator is not None and zoom else 1)
    if zoom:
        _zoom(figure, ax, areas, plot=plot, options=options, label=label, page=page, box=insets[0])
    if locator is not None:
        plot_locator(
            areas, locator, ax=figure.add_axes(page.share(insets[-1]), label="locator")
        ).set_title("Where this is", size=8, color=colours.FAINT, loc="left")
    if labels and label in areas.columns and not _labelled(ax):
        changed = getattr(plot, "func", plot) is plot_change
        add_labels(ax, (_most_changed if changed else top_areas)(areas, labels), label)
    _legend(ax, figure, page)
    write_words(figure, areas, axes=[ax], title=title, subtitle=subtitle)
    return figure


def top_areas(areas: gpd.GeoDataFrame, n: int) -> gpd.GeoDataFrame:
    """Return the areas to label, the first first; never one that is suppressed or has nothing."""
    for column in ("count", "rate"):
        if column in areas.columns:
            areas = areas[draw.numeric_values(areas, column) != 0]
    for column, sign in (("rank", 1), ("rate", -1), ("count", -1)):
        if column in areas.columns:
            order = sign * draw.numeric_values(areas, column)
            first = np.argsort(order, kind="stable")[:n]
            return areas.iloc[first[~np.isnan(order[first])]]
    if "emerging" in areas.columns:
        place = {name: k for k, name in enumerate(class_labels.EMERGING_CLASSES)}
        telling = areas[~areas["emerging"].isin(["No pattern detected", class_labels.NOT_TESTED])]
        return telling.iloc[np.argsort(telling["emerging"].map(place), kind="stable")[:n]]
    return areas.iloc[:n]


def _most_changed(areas: gpd.GeoDataFrame, n: int) -> gpd.GeoDataFrame:
    """Return the areas whose change is more than chance, the surest first."""
    if not {"change_class", "change_p"} <= set(areas.columns):
        return top_areas(areas, n)
    changed = areas[~areas["change_class"].isin(["No clear change", class_labels.NOT_TESTED])]
    return changed.iloc[np.argsort(draw.numeric_values(changed, "change_p"), kind="stable")[:n]]


def _fit(ax: Axes, areas: gpd.GeoDataFrame) -> None:
    """Fit the axes around the areas before anything is drawn, so that furniture can find room."""
    west, south, east, north = areas.total_bounds
    side = 0.02 * max(east - west, north - south, 1.0)
    ax.set_xlim(west - side, east + side)
    ax.set_ylim(south - side, north + side)
    ax.set_aspect("equal")
    ax.set_axis_off()


def _labelled(ax: Axes) -> bool:
    """Tell whether the map has labels already."""
    return any(text.get_label() == draw.NAME for text in ax.texts)


def _legend(ax: Axes, figure: Figure, page: Page) -> None:
    """Move the map's legend beside it, in as many columns as it takes to fit."""
    legend = ax.get_legend()
    if legend is None:
        return
    _put_legend(legend, figure, page)
    room = page.legend_room - (HISTOGRAM if ax.child_axes else 0)
    columns = int(np.ceil(legend.get_window_extent().height / figure.dpi / room))
    handles = [handle for handle in legend.legend_handles if handle is not None]
    labels = [text.get_text() for text in legend.get_texts()]
    if columns > 1 and all(labels):
        title = legend.get_title().get_text()
        look = draw.LEGEND | {"ncols": columns, "title": title}
        _put_legend(ax.legend(handles=handles, labels=labels, **look), figure, page)


def _put_legend(legend: Legend, figure: Figure, page: Page) -> None:
    """Put a legend in its place on the page."""
    x, y = page.legend
    legend.set_loc("upper left")
    legend.set_bbox_to_anchor((x / page.size[0], y / page.size[1]), transform=figure.transFigure)
    legend.get_title().set(fontsize=9.5, linespacing=1.3)
    for text in legend.get_texts():
        text.set_fontsize(9)


def _zoom(
    figure: Figure,
    ax: Axes,
    areas: gpd.GeoDataFrame,
    *,
    plot: Plot,
    options: dict[str, Any],
    label: str,
    page: Page,
    box: Box,
) -> None:
    """Draw a closer view of the top hot spot, and mark on the map what it shows."""
    from matplotlib.patches import Rectangle

    west, south, east, north = _hottest(areas).total_bounds
    side = max(0.25 * max(east - west, north - south), ROOM)
    x, y, wide, tall = box
    inset = figure.add_axes(page.share((x, y, wide, tall - 0.2)), label="zoom")
    # The view takes the shape of its frame.
    half_x = max((east - west) / 2 + side, ((north - south) / 2 + side) * wide / (tall - 0.2))
    half_y = half_x * (tall - 0.2) / wide
    middle_x = _within((west + east) / 2, half_x, ax.get_xlim())
    middle_y = _within((south + north) / 2, half_y, ax.get_ylim())
    inset.set_xlim(middle_x - half_x, middle_x + half_x)
    inset.set_ylim(middle_y - half_y, middle_y + half_y)
    plot(areas, ax=inset, **(options | {"legend": False}))
    inset.set_axis_on()
    inset.set(xticks=[], yticks=[])
    is_hot = "hotspot" in areas.columns and areas["hotspot"].isin(class_labels.HOT_SPOTS).any()
    name = "The top hot spot, closer" if is_hot else "The top area, closer"
    inset.set_title(name, size=8, color=colours.FAINT, loc="left")
    if "district" in areas.columns:
        add_outline(inset, areas)
    add_scale_bar(inset, areas, width=0.3)
    if label in areas.columns:
        seen = areas.cx[
            middle_x - half_x : middle_x + half_x, middle_y - half_y : middle_y + half_y
        ]
        label_areas(inset, top_areas(seen, 12), label, size=6.5)  # as many as fit
    corner = (middle_x - half_x, middle_y - half_y)
    ax.add_patch(
        Rectangle(
            corner, 2 * half_x, 2 * half_y, fill=False, edgecolor=colours.INK, linewidth=1.1,
            zorder=4.5, label="_zoom",
        )
    )  # fmt: skip


def _within(middle: float, half: float, limits: tuple[float, float]) -> float:
    """Move the middle of a view so that the view lies within the map, if it can."""
    low, high = limits[0] + half, limits[1] - half
    return min(max(middle, low), high) if low <= high else sum(limits) / 2


def _hottest(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the hot spot of the highest score with those of its class that join on to it."""
    if "hotspot" not in areas.columns or "gi_z" not in areas.columns:
        return top_areas(areas, 1)
    classes = areas["hotspot"].astype("object")
    hot = areas[classes.isin(class_labels.HOT_SPOTS)]
    if hot.empty:
        return top_areas(areas, 1)
    first = hot["gi_z"].astype("float64").idxmax()
    hot = hot[classes[hot.index] == classes[first]]
    whole = hot.dissolve().explode()
    holds = whole.geometry.intersects(areas.geometry[first].representative_point())
    patch = whole[holds].geometry.iloc[0]
    return hot[hot.geometry.representative_point().intersects(patch)]
