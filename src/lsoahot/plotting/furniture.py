"""What makes a drawing a map: outline, scale bar, north arrow.

Each ``add_`` verb takes the ``Axes`` that a ``plot_`` verb returned and the areas drawn there, adds
to the axes and returns them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from lsoahot.common import checks
from lsoahot.plotting.core.draw import FURNITURE
from lsoahot.plotting.core.draw_polygons import OUTLINE, AreaCollection, outline_of
from lsoahot.plotting.core.label_drawing import label_areas, warn_unplaced
from lsoahot.plotting.core.label_placement import heart

from . import colours

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from matplotlib.axes import Axes
    from shapely.geometry.base import BaseGeometry

TOWN: Final = "#3f4a57"
GROUND: Final = "#efeeea"
GROUND_LINE: Final = "#c4c2ba"
GROUND_NAME: Final = "#8a887f"
KILOMETRE: Final = 1000.0
CORNERS: Final = ("lower left", "lower right", "upper right", "upper left")


def add_labels(
    ax: Axes, areas: gpd.GeoDataFrame, label: str = "area_name", *, size: float = 8
) -> Axes:
    """Label areas: none over another, on leader lines where a label stands off its area.

    Parameters
    ----------
    ax : Axes
        What the areas were drawn on. Draw at the size that is wanted first: labels keep their size
        when a figure is made larger.
    areas : GeoDataFrame
        The areas to label, for example ``lh.rank(areas).head(10)``; the first rows are served
        first. Those outside the axes' view are left alone.
    label : str
        The column of labels.
    size : float
        The size of the text in points.

    Returns
    -------
    Axes
        The same axes.

    Raises
    ------
    TypeError
        If ``areas`` is not a table of areas.
    ValueError
        If the column is lacking.

    Warns
    -----
    UserWarning
        If labels found no room; they are not drawn.

    Notes
    -----
    A label stands in its area where it fits. Elsewhere it is tried around it, ever farther out,
    where it and its leader line touch no other label, no other leader line and no furniture: rather
    on its own ground than not, and rather a little farther out than over another labelled area or
    in a frame. The same input gives the same places. The halo is drawn apart, so that labels stay
    text in SVG and PDF.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> import lsoahot as lh
    >>> areas = gpd.GeoDataFrame(
    ...     {"area_name": ["Exton"]}, index=["E1"], geometry=[shapely.box(0, 0, 1, 1)], crs=27700
    ... )
    >>> ax = lh.add_labels(lh.plot_areas(areas, label=None), areas)
    >>> ax.texts[0].get_text()
    'Exton'
    """
    checks.axes(ax)
    checks.areas(areas)
    placed, wanted = label_areas(ax, areas, label, size=size)
    warn_unplaced(placed, wanted)
    return ax


def add_highlight(ax: Axes, areas: gpd.GeoDataFrame, members: Sequence[bool]) -> Axes:
    """Draw a heavy line around some of the areas, those that touch together.

    Parameters
    ----------
    ax : Axes
        What the areas were drawn on.
    areas : GeoDataFrame
        All areas.
    members : sequence of bool
        Which of them, in the order of ``areas``.

    Returns
    -------
    Axes
        The same axes.
    """
    from matplotlib.collections import LineCollection

    chosen = areas.geometry.to_numpy()[np.asarray(members, dtype=bool)]
    if len(chosen):
        lines = outline_of(chosen, np.zeros(len(chosen), dtype=np.intp))
        for width, colour in ((3.4, colours.PAPER), (2.0, colours.INK)):
            line = LineCollection(lines, label="_highlight", **(OUTLINE | {
                "linewidth": width, "color": colour, "zorder": 2.5,
            }))  # fmt: skip
            ax.add_collection(line, autolim=False)
    return ax


def add_surroundings(ax: Axes, areas: gpd.GeoDataFrame, around: gpd.GeoDataFrame) -> Axes:
    """Draw what lies around the areas in grey, with the names of the districts where they fit.

    Parameters
    ----------
    ax : Axes
        Axes whose limits are what is to be seen.
    areas : GeoDataFrame
        The areas of the map, which are left free.
    around : GeoDataFrame
        What lies around, with a column ``district``; of one district many areas, or one.

    Returns
    -------
    Axes
        The same axes.
    """
    from matplotlib.collections import LineCollection

    checks.columns(around, ["district"])
    (west, east), (south, north) = ax.get_xlim(), ax.get_ylim()
    seen = around.loc[~around.index.isin(areas.index)]
    shapes = shapely.clip_by_rect(seen.geometry.to_numpy(), west, south, east, north)
    there = ~(shapely.is_empty(shapes) | shapely.is_missing(shapes))
    shapes, names = shapes[there], seen["district"].astype("object").to_numpy()[there]
    if not len(shapes):
        return ax
    ax.add_collection(
        AreaCollection(
            shapes, facecolor=GROUND, linewidth=0, as_one=True, label="_around", zorder=0
        )
    )
    box = shapely.box(west, south, east, north)
    for name in dict.fromkeys(names):
        whole = shapely.union_all(shapes[names == name])
        edge = shapely.difference(shapely.boundary(whole), shapely.boundary(box).buffer(1))
        lines = [shapely.get_coordinates(line) for line in shapely.get_parts(edge)]
        ax.add_collection(
            LineCollection(lines, color=GROUND_LINE, linewidth=0.8, zorder=0.5, label="_around"),
            autolim=False,
        )
        _name_of_ground(ax, whole, str(name))
    return ax


def _name_of_ground(ax: Axes, shape: BaseGeometry, name: str) -> None:
    """Write a district's name in grey where it fits into what is seen of it."""
    x, y = heart(shape)
    text = ax.text(
        x, y, name, size=7.5, style="italic", color=GROUND_NAME, ha="center", va="center",
        zorder=0.6, label=FURNITURE, parse_math=False, clip_on=True,
    )  # fmt: skip
    box = text.get_window_extent().transformed(ax.transData.inverted())
    if not shape.contains(shapely.box(box.x0, box.y0, box.x1, box.y1)):
        text.remove()


def add_towns(ax: Axes, towns: gpd.GeoDataFrame, *, clear: Sequence[BaseGeometry] = ()) -> Axes:
    """Write the names of towns in grey, where they cover no other name.

    Parameters
    ----------
    ax : Axes
        What the areas were drawn on.
    towns : GeoDataFrame
        The towns, by ``area_name``, the most important first; one that finds no room has no name.
    clear : sequence of geometry
        Lines that no name covers, such as heavy ones around areas.

    Returns
    -------
    Axes
        The same axes.
    """
    look = {"style": "italic", "color": TOWN}
    label_areas(ax, towns, "area_name", size=8.5, look=look, clear=clear)
    return ax


def add_outline(ax: Axes, areas: gpd.GeoDataFrame, by: str = "district", **style: Any) -> Axes:
    """Draw the outline of each district over its areas.

    Parameters
    ----------
    ax : Axes
        What the areas were drawn on.
    areas : GeoDataFrame
        The areas, with vertices that neighbours share.
    by : str
        The column that says which areas belong together.
    **style
        How the lines look: ``color``, ``linewidth``, ...

    Returns
    -------
    Axes
        The same axes.

    Raises
    ------
    TypeError
        If ``areas`` is not a table of areas.
    ValueError
        If the column is lacking.

    Notes
    -----
    A stretch of boundary that two areas of one district share lies inside it; what is left is the
    outline. That needs no union of polygons, so it is quick on a whole country.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> import lsoahot as lh
    >>> areas = gpd.GeoDataFrame(
    ...     {"district": ["Rutland", "Rutland"]}, index=["E1", "E2"],
    ...     geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], crs=27700,
    ... )
    >>> ax = lh.add_outline(lh.plot_areas(areas, label=None), areas)
    >>> len(ax.collections[-1].get_segments()[0])
    7
    """
    from matplotlib.collections import LineCollection

    checks.axes(ax)
    checks.areas(areas)
    checks.columns(areas, [by])
    of = areas[by].astype("object").factorize()[0]
    lines = LineCollection(
        outline_of(areas.geometry.to_numpy(), of), label="_outline", **(OUTLINE | style)
    )
    ax.add_collection(lines, autolim=False)
    return ax


def add_scale_bar(ax: Axes, areas: gpd.GeoDataFrame, *, width: float = 0.22) -> Axes:
    """Add a scale bar in kilometres (metres below one) in an empty corner of the map.

    Parameters
    ----------
    ax : Axes
        What the areas were drawn on.
    areas : GeoDataFrame
        The areas, in metres.
    width : float
        How much of the map's width the bar may take; it is the longest of 1, 2, 5, 10, ... that
        fits.

    Returns
    -------
    Axes
        The same axes.

    Raises
    ------
    TypeError
        If ``areas`` is not a table of areas.
    ValueError
        If the map is not in metres.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> import lsoahot as lh
    >>> areas = gpd.GeoDataFrame(index=["E1"], geometry=[shapely.box(0, 0, 9000, 9000)], crs=27700)
    >>> ax = lh.add_scale_bar(lh.plot_areas(areas, label=None), areas)
    >>> [text.get_text() for text in ax.texts]
    ['0', '1', '2 km']
    """
    from matplotlib.patches import Rectangle

    checks.axes(ax)
    _metres(areas, "a scale bar")
    ax.apply_aspect()
    west, east = sorted(ax.get_xlim())
    length = _round_length(width * (east - west))
    unit, in_unit = ("km", KILOMETRE) if length >= KILOMETRE else ("m", 1.0)
    share = length / (east - west)
    thick, gap = _inches(ax, 0.055), _inches(ax, 0.04)
    x, y = _corner(ax, areas, (share + _inches(ax, 0.34, across=True), _inches(ax, 0.24)))
    x, y = x + _inches(ax, 0.06, across=True), y + _inches(ax, 0.03)
    at: dict[str, Any] = {"transform": ax.transAxes, "label": FURNITURE, "zorder": 7}
    for half, colour in enumerate((colours.INK, colours.PAPER)):
        ax.add_patch(
            Rectangle(
                (x + half * share / 2, y), share / 2, thick,
                facecolor=colour, edgecolor=colours.INK, linewidth=0.6, **at,
            )
        )  # fmt: skip
    marks = [(0.0, "center"), (0.5, "center"), (1.0, "left")]
    if share < _inches(ax, 0.6, across=True):
        del marks[1]  # no room for the number in the middle
    for part, align in marks:
        number = f"{part * length / in_unit:g}"
        # The number stands over its mark, the unit after it.
        ax.text(
            x + part * share - (len(number) * _inches(ax, 0.032, across=True) if part == 1 else 0),
            y + thick + gap, f"{number} {unit}" if part == 1 else number,
            size=7, color=colours.INK, ha=align, va="bottom", **at,
        )  # fmt: skip
    return ax


def _round_length(most: float) -> float:
    """Return the longest of 1, 2, 5, 10, 20 ... that is no longer than the length given."""
    power = 10.0 ** np.floor(np.log10(most))
    return float(max(part * power for part in (1, 2, 5) if part * power <= most))


def add_north_arrow(ax: Axes, areas: gpd.GeoDataFrame) -> Axes:
    """Add an arrow to grid north in an empty corner of the map.

    Parameters
    ----------
    ax : Axes
        What the areas were drawn on.
    areas : GeoDataFrame
        The areas, on a grid in metres.

    Returns
    -------
    Axes
        The same axes.

    Raises
    ------
    TypeError
        If ``areas`` is not a table of areas.
    ValueError
        If the map is not in metres.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> import lsoahot as lh
    >>> areas = gpd.GeoDataFrame(index=["E1"], geometry=[shapely.box(0, 0, 9000, 9000)], crs=27700)
    >>> ax = lh.add_north_arrow(lh.plot_areas(areas, label=None), areas)
    >>> [text.get_text() for text in ax.texts]
    ['N']
    """
    from matplotlib.patches import Polygon

    checks.axes(ax)
    _metres(areas, "a north arrow")
    ax.apply_aspect()
    tall, letter = _inches(ax, 0.32), _inches(ax, 0.14)
    wide = _inches(ax, 0.11, across=True)
    corners = ("upper right", "upper left", "lower right", "lower left")
    x, y = _corner(ax, areas, (2 * wide, tall + letter), corners)
    x, y = x + wide, y + letter
    at: dict[str, Any] = {"transform": ax.transAxes, "label": FURNITURE, "zorder": 7}
    for side, colour in ((-1, colours.INK), (1, colours.PAPER)):
        points = [(x, y + tall), (x + side * wide, y), (x, y + tall * 0.22)]
        ax.add_patch(Polygon(points, facecolor=colour, edgecolor=colours.INK, linewidth=0.6, **at))
    ax.text(x, y, "N", size=8, ha="center", va="top", color=colours.INK, **at)
    return ax


def _inches(ax: Axes, length: float, *, across: bool = False) -> float:
    """Turn inches into a share of the axes' height, or of their width."""
    box = ax.get_window_extent()
    return float(length * ax.figure.dpi / (box.width if across else box.height))


def _corner(
    ax: Axes, areas: gpd.GeoDataFrame, size: tuple[float, float], corners: Sequence[str] = CORNERS
) -> tuple[float, float]:
    """Find the corner of the map that holds the fewest areas and no other furniture.

    Where areas lie in the best one too, paper is put over them.
    """
    from matplotlib.patches import Rectangle

    pad_x, pad_y = _inches(ax, 0.1, across=True), _inches(ax, 0.1)
    to_data = (ax.transAxes - ax.transData).transform
    standing = [
        artist.get_window_extent().transformed(ax.transAxes.inverted())
        for artist in ax.get_children()
        if artist.get_label() == FURNITURE
    ]
    choices: list[tuple[float, tuple[float, float]]] = []
    for corner in corners:
        x = pad_x if "left" in corner else 1 - pad_x - size[0]
        y = pad_y if "lower" in corner else 1 - pad_y - size[1]
        ends = to_data([(x - pad_x / 2, y - pad_y / 2), (x + size[0] + pad_x / 2, y + size[1])])
        under = areas.sindex.query(shapely.box(*ends[0], *ends[1]), predicate="intersects")
        taken = any(
            x < box.x1 and x + size[0] > box.x0 and y < box.y1 and y + size[1] > box.y0
            for box in standing
        )
        choices.append((np.inf if taken else len(under), (x, y)))
    crowd, (x, y) = min(choices, key=lambda choice: choice[0])
    if crowd:
        paper = Rectangle(
            (x, y), *size, facecolor=colours.PAPER, alpha=0.8, linewidth=0, zorder=6.5,
            transform=ax.transAxes, label=FURNITURE,
        )  # fmt: skip
        ax.add_patch(paper)
    return x, y


def _metres(areas: gpd.GeoDataFrame, what: str) -> None:
    """Refuse a map that is not in metres."""
    checks.areas(areas)
    units = None if areas.crs is None else areas.crs.axis_info[0].unit_name
    if units != "metre":
        raise ValueError(
            f"{what} needs a map in metres; this one is in {units or 'unknown units'}. "
            "Convert it first: areas.to_crs(27700)."
        )
