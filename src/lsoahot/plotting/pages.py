"""Finished pages: a map with all that it needs to stand alone, at A4."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from lsoahot.common import checks
from lsoahot.common.files import replacing
from lsoahot.plotting.core import draw
from lsoahot.plotting.core.label_drawing import label_areas
from lsoahot.plotting.core.legend import LEGEND

from . import colours
from .areas_to_label import most_changed, top_areas
from .basemap import add_basemap
from .closer_views import closer_views
from .furniture import (
    add_highlight,
    add_labels,
    add_north_arrow,
    add_outline,
    add_scale_bar,
    add_surroundings,
    add_towns,
)
from .hotspot_maps import plot_change
from .locator import plot_locator
from .maps import plot_areas, plot_rate
from .page_frame import FORMATS, REAL_TEXT, Page, metadata, write_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import geopandas as gpd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend
    from shapely.geometry.base import BaseGeometry

    Plot = Callable[..., Axes]

# With more districts than this, their outlines are thin.
CROWD: Final = 100
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

    path = checks.file_to_write(path, *FORMATS)
    with rc_context(REAL_TEXT):
        figure = map_page(areas, plot=plot, **options)
        notes = metadata(path.suffix.lower(), str(options.get("title", "")))
        with replacing(path) as part:
            figure.savefig(part, dpi=dpi, metadata=notes)
    return path


def map_page(  # noqa: PLR0913 (a page has many parts, each with a default)
    areas: gpd.GeoDataFrame,
    *,
    plot: Plot = plot_rate,
    title: str = "",
    subtitle: str | None = None,
    labels: int = 10,
    label: str = "area_name",
    locator: gpd.GeoDataFrame | None = None,
    zoom: bool | Literal["where small"] = False,
    basemap: bool = False,
    around: gpd.GeoDataFrame | None = None,
    outlined: Mapping[str, Sequence[bool]] | None = None,
    note: str = "",
    paper: str = "A4",
    small_print: str | None = None,
    **options: Any,
) -> Figure:
    """Draw a finished page: the map, its title, legend, labels, scale, north and small print.

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
    zoom : bool or "where small"
        Add a closer view of the top hot spot, every area labelled. ``"where small"``: a closer view
        of the town around the smallest area that is labelled, if that is too small to be seen.
    basemap : bool
        Put a street map from the internet under the areas; needs contextily.
    around : GeoDataFrame, optional
        What lies around: areas of a column ``district``, drawn in grey, with the districts' names.
    outlined : dict of str to sequence of bool, optional
        Areas to draw a heavy line around, by what the legend calls them.
    note : str
        A last line of the legend, such as the rate of all areas together.
    paper : str
        ``"A4"``, or ``"A5"``: half the size with text as large, for documents and slides.
    small_print : str, optional
        What stands at the foot; by default all that ``areas.attrs`` tell.
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
    look = {
        "plot": plot, "title": title, "subtitle": subtitle, "outlined": outlined, "note": note,
        "small_print": small_print,
    }  # fmt: skip
    pages = map_pages(
        areas, [look | options], labels=labels, label=label, locator=locator, zoom=zoom,
        basemap=basemap, around=around, paper=paper,
    )  # fmt: skip
    return next(pages)


def map_pages(  # noqa: PLR0913 (a page has many parts, each with a default)
    areas: gpd.GeoDataFrame,
    looks: Iterable[Mapping[str, Any]],
    *,
    labels: int = 10,
    label: str = "area_name",
    locator: gpd.GeoDataFrame | None = None,
    zoom: bool | Literal["where small"] = False,
    basemap: bool = False,
    around: gpd.GeoDataFrame | None = None,
    names: gpd.GeoDataFrame | None = None,
    paper: str = "A4",
    dpi: float = 100,
    figure: Figure | None = None,
) -> Iterator[Figure]:
    """Draw several maps of the same areas, one after the other on one page.

    What they share (scale bar, outlines, names, what lies around) is drawn and placed once, with the
    first.

    Parameters
    ----------
    areas : GeoDataFrame
        What is drawn.
    looks : iterable of dict
        For each map ``plot``, ``title``, ``subtitle``, ``outlined``, ``note``, ``small_print`` and
        what ``plot`` takes; all as of `map_page`.
    labels, label, locator, zoom, basemap, around
        As of `map_page`.
    names : GeoDataFrame, optional
        Towns to name in grey where there is room, by ``area_name``. The title of a closer view
        names the town that it shows.
    paper
        As of `map_page`.
    dpi : float
        The resolution that the figure will be saved at, if known: what is measured to place text is
        measured once then.
    figure : Figure, optional
        A `blank_figure`, or one with earlier maps, which are cleared: text that stands on these, too,
        is not measured again.

    Yields
    ------
    Figure
        Always the same one: use it (save it) before the next is asked for.
    """
    checks.areas(areas)
    if not len(areas) or areas.geometry.is_empty.all():
        raise ValueError("there is no area to draw. Check the selection.")
    checks.one_of(paper, ("A4", "A5"), "paper")
    looks = [dict(look) for look in looks]
    plots = [getattr(look["plot"], "func", look["plot"]) for look in looks]
    bare = plots == [plot_areas] and locator is None and not zoom
    page = Page(areas, bare=bare, paper=paper)
    figure = figure or blank_figure()
    figure.clear()
    figure.set(size_inches=page.size, dpi=dpi)
    ax = figure.add_axes(page.share(page.map), label="map")
    _fit(ax, areas, filled=around is not None)
    add_scale_bar(ax, areas)
    add_north_arrow(ax, areas)
    if around is not None:
        add_surroundings(ax, areas, around)
    if basemap:
        add_basemap(ax, areas)
    changed = plots[0] is plot_change
    named = (most_changed if changed else top_areas)(areas, labels)
    insets = page.insets(2 if locator is not None and zoom else 1)
    closer = closer_views(
        figure, ax, areas, named, towns=names, zoom=zoom, page=page, box=insets[0]
    )
    views = [ax, *closer]
    if locator is not None:
        plot_locator(
            areas, locator, ax=figure.add_axes(page.share(insets[-1]), label="locator")
        ).set_title("Where this is", size=8, color=colours.FAINT, loc="left")
    heavy = _heavy_lines(areas, looks)
    for number, look in enumerate(looks):
        paler: dict[str, Any] = {"alpha": 0.65} if basemap else {}
        drawn = _draw_look(figure, views, areas, {**paler, **look}, page=page)
        if not number:
            named = named if labels else named.iloc[:0]
            _draw_furniture(views, areas, named, label, zoom=zoom, clear=heavy)
            if names is not None and len(names):
                add_towns(ax, names, clear=heavy)
        yield figure
        for artist in drawn:
            artist.remove()


def blank_figure() -> Figure:
    """Make a figure with one renderer to measure and draw all text; else each text makes its own."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure()
    FigureCanvasAgg(figure)
    return figure


def _draw_furniture(
    views: Sequence[Axes],
    areas: gpd.GeoDataFrame,
    named: gpd.GeoDataFrame,
    label: str,
    *,
    zoom: bool | str,
    clear: Sequence[BaseGeometry],
) -> None:
    """Draw outlines and names over a map and its closer view."""
    ax = views[0]
    if "district" in areas.columns:
        for one in views:
            add_outline(one, areas, linewidth=0.9 if areas["district"].nunique() < CROWD else 0.35)
    if label not in areas.columns:
        return
    for inset in views[1:]:
        add_scale_bar(inset, areas, width=0.3)
        (west, east), (south, north) = inset.get_xlim(), inset.get_ylim()
        seen = areas.cx[west:east, south:north]
        if zoom == "where small":
            points = seen.geometry.representative_point()
            seen = seen[points.x.between(west, east) & points.y.between(south, north)]
            named = named.loc[~named.index.isin(seen.index)]
        # In a town, whose areas' names begin alike and are long, their ends tell them apart.
        ends = seen[label].astype("string").str.extract(r"\(([^()]+)\)$", expand=False)
        shown = seen.assign(**{label: ends.fillna(seen[label])})
        label_areas(inset, top_areas(shown, 12), label, size=6.5, clear=clear)  # as many as fit
    labelled = any(text.get_label() == draw.NAME for text in ax.texts)
    if not labelled and len(named):
        if zoom == "where small":
            # What finds no room is in the table.
            label_areas(ax, named, label, size=7.5, clear=clear)
        else:
            add_labels(ax, named, label)


def _heavy_lines(areas: gpd.GeoDataFrame, looks: Iterable[Mapping[str, Any]]) -> list[BaseGeometry]:
    """Return the heavy lines around areas, of all maps."""
    members = [each for look in looks for each in (look.get("outlined") or {}).values()]
    return [areas[np.asarray(each)].union_all().boundary for each in members if any(each)]


def _draw_look(
    figure: Figure,
    views: Sequence[Axes],
    areas: gpd.GeoDataFrame,
    look: Mapping[str, Any],
    *,
    page: Page,
) -> list[Artist]:
    """Draw one map and its words, and return all that the next one must not have."""
    options = dict(look)
    plot = options.pop("plot")
    title = options.pop("title", None) or ""
    words = {name: options.pop(name, None) for name in ("subtitle", "small_print")}
    outlined, note = options.pop("outlined", None) or {}, options.pop("note", "")
    before = {id(artist) for one in views for artist in one.get_children()}
    for one in views:
        plot(areas, ax=one, **(options if one is views[0] else options | {"legend": False}))
        for members in outlined.values():
            add_highlight(one, areas, members)
        if one is not views[0]:
            one.set_axis_on()
            one.set(xticks=[], yticks=[], xlabel="", ylabel="")
    _legend(views[0], figure, page, outlined=outlined, note=note)
    added = write_words(figure, areas, axes=views[:1], title=title, below=page.foot, **words)
    new = [a for one in views for a in one.get_children() if id(a) not in before]
    return [*added, *new]


def _fit(ax: Axes, areas: gpd.GeoDataFrame, *, filled: bool = False) -> None:
    """Fit the axes around the areas before anything is drawn, so that furniture can find room.

    ``filled`` axes show what lies around, to the edges of their box.
    """
    west, south, east, north = areas.total_bounds
    side = 0.02 * max(east - west, north - south, 1.0)
    wide, tall = east - west + 2 * side, north - south + 2 * side
    if filled:
        box = ax.get_window_extent()
        wide, tall = (
            max(wide, tall * box.width / box.height),
            max(tall, wide * box.height / box.width),
        )
    ax.set_xlim((west + east - wide) / 2, (west + east + wide) / 2)
    ax.set_ylim((south + north - tall) / 2, (south + north + tall) / 2)
    ax.set_aspect("equal")
    ax.set_axis_off()


def _legend(
    ax: Axes, figure: Figure, page: Page, *, outlined: Mapping[str, Sequence[bool]], note: str
) -> None:
    """Move the map's legend beside it, in as many columns as it takes to fit."""
    from matplotlib.lines import Line2D

    legend = ax.get_legend()
    if legend is None:
        return
    handles: list[Any] = [handle for handle in legend.legend_handles if handle is not None]
    labels = [text.get_text() for text in legend.get_texts()]
    title = legend.get_title().get_text()
    for name, members in outlined.items():
        handles.append(Line2D([], [], color=colours.INK, linewidth=2.0))
        labels.append(f"{name} ({int(np.sum(members)):,})")
    if note:
        handles.append(Line2D([], [], linestyle=""))
        labels.append(note)
    if outlined or note:
        legend = ax.legend(handles=handles, labels=labels, **(LEGEND | {"title": title}))
    _put_legend(legend, figure, page)
    room = page.legend_room - (HISTOGRAM if ax.child_axes else 0)
    columns = int(np.ceil(legend.get_window_extent().height / figure.dpi / room))
    if columns > 1 and all(labels):
        look = LEGEND | {"ncols": columns, "title": title}
        _put_legend(ax.legend(handles=handles, labels=labels, **look), figure, page)


def _put_legend(legend: Legend, figure: Figure, page: Page) -> None:
    """Put a legend in its place on the page."""
    x, y = page.legend
    legend.set_loc("upper left")
    legend.set_bbox_to_anchor((x / page.size[0], y / page.size[1]), transform=figure.transFigure)
    small = 0.5 if page.paper == "A5" else 0
    legend.get_title().set(fontsize=9.5 - 2 * small, linespacing=1.3)
    for text in legend.get_texts():
        text.set_fontsize(9 - 2 * small)
