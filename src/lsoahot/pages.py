"""Finished pages: a map with all that it needs to stand alone, at A4."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from . import _checks, _colours, _drawing
from ._provenance import notice, period, provenance
from .furniture import add_basemap, add_north_arrow, add_outline, add_scale_bar, plot_locator
from .labels import add_labels
from .maps import plot_rate

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    Plot = Callable[..., Axes]

SHORT, LONG = 8.27, 11.69  # A4 in inches
MARGIN: Final = 0.45
PANEL: Final = 2.75  # the width of the panel beside the map, or the height of the band under it
BAND: Final = 2.35
SMALL_PRINT: Final = 6.5  # points
FORMATS: Final = (".png", ".svg", ".pdf")
# Text stays text, to be searched and read aloud; the same page makes the same file.
REAL_TEXT: Final[dict[Any, Any]] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib, so a page looks the same anywhere
    "pdf.fonttype": 42,
    "svg.fonttype": "none",
    "svg.hashsalt": "lsoahot",
}


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
        What :func:`map_page` takes: ``title``, ``subtitle``, ``labels``, ``locator``, ``zoom``, ...,
        and what ``plot`` takes.

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
    _checks.one_of(ending, FORMATS, "the ending of path")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent}. Make it first, or mend path.")
    with rc_context(REAL_TEXT):
        figure = map_page(areas, plot=plot, **options)
        title = str(options.get("title", ""))
        figure.savefig(path, dpi=dpi, metadata=metadata(ending, title))
    return path


def metadata(ending: str, title: str) -> dict[str, Any]:
    """Return what a file says of itself: its title, and no date, so that it can be compared."""
    told: dict[str, Any] = {"Title": title, "Creator": "lsoahot"}
    if ending == ".svg":
        return told | {"Date": None}
    if ending == ".pdf":
        return told | {"CreationDate": None}
    return {"Title": title, "Software": "lsoahot"}


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
        the rate or the count.
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

    _checks.areas(areas)
    if not len(areas) or areas.geometry.is_empty.all():
        raise ValueError("there is no area to draw. Check the selection.")
    page = Page(areas)
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
        ).set_title("Where this is", size=8, color=_colours.FAINT, loc="left")
    if labels and label in areas.columns and not _labelled(ax):
        add_labels(ax, top_areas(areas, labels), label)
    _legend(ax, figure, page)
    _words(figure, page, areas, ax=ax, title=title, subtitle=subtitle)
    return figure


CROWD: Final = 100  # districts


class Page:
    """Where things go on an A4 page, in inches from its lower left; boxes are x, y, width, height."""

    def __init__(self, areas: gpd.GeoDataFrame) -> None:
        west, south, east, north = areas.total_bounds
        shape = (east - west) / max(north - south, 1e-9)
        across, upright = self._map((LONG, SHORT)), self._map((SHORT, LONG))
        # The way that shows the map larger.
        self.is_across = min(across[2] / shape, across[3]) >= min(upright[2] / shape, upright[3])
        self.size = (LONG, SHORT) if self.is_across else (SHORT, LONG)
        self.map = across if self.is_across else upright

    @staticmethod
    def _map(size: tuple[float, float]) -> tuple[float, float, float, float]:
        wide, tall = size
        head, foot = 1.0, 1.0
        if wide > tall:
            return (MARGIN, foot, wide - 2 * MARGIN - PANEL - 0.2, tall - head - foot)
        return (MARGIN, foot + BAND, wide - 2 * MARGIN, tall - head - foot - BAND)

    @property
    def legend(self) -> tuple[float, float]:
        """The upper left corner of the legend."""
        x, y, wide, tall = self.map
        return (x + wide + 0.2, y + tall - 0.05) if self.is_across else (MARGIN, y - 0.1)

    def insets(self, n: int) -> list[tuple[float, float, float, float]]:
        """The boxes of n insets, under the legend or beside it."""
        x, y, wide, _ = self.map
        if self.is_across:
            tall = 3.1 if n == 1 else 1.85
            return [(x + wide + 0.2, y + (n - 1 - i) * (tall + 0.2), PANEL, tall) for i in range(n)]
        each = 2.3 if n > 1 else 2.6
        right = MARGIN + wide
        return [(right - (n - i) * (each + 0.15), y - BAND + 0.1, each, BAND - 0.35) for i in range(n)]

    def share(self, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        """Turn a box in inches into one in shares of the page."""
        wide, tall = self.size
        return (box[0] / wide, box[1] / tall, box[2] / wide, box[3] / tall)


def top_areas(areas: gpd.GeoDataFrame, n: int) -> gpd.GeoDataFrame:
    """Return the areas to label, the first first; never one that is suppressed."""
    for column, sign in (("rank", 1), ("rate", -1), ("count", -1)):
        if column in areas.columns:
            order = sign * _drawing.numeric_values(areas, column)
            first = np.argsort(order, kind="stable")[:n]
            return areas.iloc[first[~np.isnan(order[first])]]
    return areas.iloc[:n]


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
    return any(text.get_label() == _drawing.NAME for text in ax.texts)


def _legend(ax: Axes, figure: Figure, page: Page) -> None:
    """Move the map's legend beside it."""
    legend = ax.get_legend()
    if legend is None:
        return
    x, y = page.legend
    legend.set_loc("upper left")
    legend.set_bbox_to_anchor((x / page.size[0], y / page.size[1]), transform=figure.transFigure)
    legend.get_title().set_fontsize(9.5)
    for text in legend.get_texts():
        text.set_fontsize(9)


def _words(
    figure: Figure,
    page: Page,
    areas: gpd.GeoDataFrame,
    *,
    ax: Axes,
    title: str,
    subtitle: str | None,
) -> None:
    """Write the title above the map and the small print below it."""
    from matplotlib.lines import Line2D

    wide, tall = page.size
    left = MARGIN / wide
    under = period(areas) if subtitle is None else subtitle
    ink = {"parse_math": False, "color": _colours.INK}
    figure.text(left, 1 - 0.42 / tall, title, size=17, weight="bold", va="center", **ink)
    figure.text(
        left, 1 - 0.74 / tall, under, size=11, va="center", **(ink | {"color": _colours.FAINT})
    )
    shown = sorted({getattr(drawn, "column", "") for drawn in ax.collections} - {""})
    letters = int((wide - 2 * MARGIN) * 72 / (SMALL_PRINT * 0.535))
    small = textwrap.fill(" ".join(provenance(areas, shown)), letters)
    foot = figure.text(
        left, 0.28 / tall, small, size=SMALL_PRINT, va="bottom", linespacing=1.4,
        **(ink | {"color": _colours.FAINT}),
    )  # fmt: skip
    top = foot.get_window_extent().y1 / (tall * figure.dpi)
    if must := notice(areas):
        figure.text(left, top + 0.07 / tall, must, size=8, weight="bold", va="bottom", **ink)
        top += 0.2 / tall
    rule = Line2D(
        [left, 1 - left], [top + 0.06 / tall] * 2, color="#c9c6bd", linewidth=0.6,
        transform=figure.transFigure,
    )  # fmt: skip
    figure.add_artist(rule)


def _zoom(
    figure: Figure,
    ax: Axes,
    areas: gpd.GeoDataFrame,
    *,
    plot: Plot,
    options: dict[str, Any],
    label: str,
    page: Page,
    box: tuple[float, float, float, float],
) -> None:
    """Draw a closer view of the top hot spot, and mark on the map what it shows."""
    from matplotlib.patches import Rectangle

    west, south, east, north = _hottest(areas).total_bounds
    side = max(east - west, north - south, 1000.0) * 0.2
    x, y, wide, tall = box
    inset = figure.add_axes(page.share((x, y, wide, tall - 0.2)), label="zoom")
    # The view takes the shape of its frame.
    half_x = max((east - west) / 2 + side, ((north - south) / 2 + side) * wide / (tall - 0.2))
    half_y = half_x * (tall - 0.2) / wide
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    inset.set_xlim(middle_x - half_x, middle_x + half_x)
    inset.set_ylim(middle_y - half_y, middle_y + half_y)
    plot(areas, ax=inset, **(options | {"legend": False}))
    inset.set_axis_on()
    inset.set(xticks=[], yticks=[])
    inset.set_title("The top hot spot, closer", size=8, color=_colours.FAINT, loc="left")
    add_scale_bar(inset, areas, width=0.3)
    if label in areas.columns:
        seen = areas.cx[middle_x - half_x : middle_x + half_x, middle_y - half_y : middle_y + half_y]
        add_labels(inset, top_areas(seen, 12), label, size=6.5)
    corner = (middle_x - half_x, middle_y - half_y)
    ax.add_patch(
        Rectangle(
            corner, 2 * half_x, 2 * half_y, fill=False, edgecolor=_colours.INK, linewidth=1.1,
            zorder=4.5, label="_zoom",
        )
    )  # fmt: skip


def _hottest(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the hot spot of the highest score with the hot areas that join on to it."""
    if "hotspot" not in areas.columns or "gi_z" not in areas.columns:
        return top_areas(areas, 1)
    hot = areas[areas["hotspot"].astype("object").isin(_colours.HOT)]
    if hot.empty:
        return top_areas(areas, 1)
    first = hot["gi_z"].astype("float64").idxmax()
    whole = hot.dissolve().explode()
    holds = whole.geometry.intersects(areas.geometry[first].representative_point())
    patch = whole[holds].geometry.iloc[0]
    return hot[hot.geometry.representative_point().intersects(patch)]

