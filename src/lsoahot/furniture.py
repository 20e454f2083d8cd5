"""What makes a drawing a map: outline, labels, scale bar, north arrow.

Each ``add_`` verb takes the ``Axes`` that a ``plot_`` verb returned, adds to them and returns them.
"""

from __future__ import annotations

import textwrap
import warnings
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely
from shapely.affinity import affine_transform

from . import _checks, _colours
from ._placing import heart, place

if TYPE_CHECKING:
    import geopandas as gpd
    from matplotlib.axes import Axes
    from matplotlib.text import Text
    from matplotlib.transforms import Bbox
    from numpy.typing import NDArray

    from ._placing import Place

    Floats = NDArray[np.float64]

KILOMETRE: Final = 1000.0
OUTLINE: Final[dict[str, Any]] = {
    "color": "#3d3d3d", "linewidth": 0.9, "capstyle": "round", "zorder": 2,
}  # fmt: skip
HALO: Final = "halo"
LABEL: Final = "label"
FURNITURE: Final = "furniture"


def add_outline(ax: Axes, areas: gpd.GeoDataFrame, by: str = "district", **style: Any) -> Axes:
    """Draw the outline of each district over its areas.

    A stretch of boundary that two areas of one district share is inside it; what is left is the
    outline. That needs no union of polygons, so it is quick on a whole country.
    """
    from matplotlib.collections import LineCollection

    _checks.areas(areas)
    _checks.columns(areas, [by])
    look = OUTLINE | style
    of = areas[by].astype("object").factorize()[0]
    lines = LineCollection(_outline(areas.geometry.to_numpy(), of), label="Outline", **look)
    ax.add_collection(lines, autolim=False)
    return ax


def _outline(polygons: NDArray[np.object_], district: NDArray[np.intp]) -> list[Floats]:
    """Return the stretches of boundary between districts, joined end to end."""
    rings, of_part = shapely.get_rings(shapely.get_parts(polygons), return_index=True)
    _, of_area = shapely.get_parts(polygons, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    ends = np.hstack([xy[:-1], xy[1:]])[same]
    owner = district[of_area[of_part][ring[:-1][same]]]
    # A segment and its reverse are one; sort each segment's ends.
    turn = (ends[:, 0] > ends[:, 2]) | ((ends[:, 0] == ends[:, 2]) & (ends[:, 1] > ends[:, 3]))
    ends[turn] = ends[turn][:, [2, 3, 0, 1]]
    order = np.lexsort((owner, *ends.T))
    ends, owner = ends[order], owner[order]
    twice = (ends[1:] == ends[:-1]).all(axis=1) & (owner[1:] == owner[:-1])
    inside = np.r_[twice, False] | np.r_[False, twice]
    segments = np.unique(ends[~inside], axis=0).reshape(-1, 2, 2)
    joined = shapely.line_merge(shapely.multilinestrings(shapely.linestrings(segments)))
    return [shapely.get_coordinates(line) for line in shapely.get_parts(joined)]


def add_labels(
    ax: Axes,
    areas: gpd.GeoDataFrame,
    label: str = "area_name",
    *,
    wrap: int = 20,
    size: float = 8,
) -> Axes:
    """Label areas without overlap, the first rows first; leader lines where a label stands off."""
    _checks.areas(areas)
    _checks.columns(areas, [label])
    if not len(areas):
        return ax
    # A line left by its own halo would strike through text, so all of the halos come first.
    texts = [textwrap.fill(str(text), wrap) for text in areas[label]]
    drawn = [
        ax.text(0, 0, text, size=size, ha="center", va="center", color=_colours.INK, zorder=6,
                gid=LABEL, linespacing=1.05)
        for text in texts
    ]  # fmt: skip
    ax.apply_aspect()
    points = ax.figure.dpi / 72
    boxes = [text.get_window_extent() for text in drawn]
    margin = 1.6 * points
    sizes = np.array([[box.width + 2 * margin, box.height + margin] for box in boxes])
    (a, b, tx), (c, d, ty), _ = ax.transData.get_affine().get_matrix()
    homes = [affine_transform(home, [a, b, c, d, tx, ty]) for home in areas.geometry]
    anchors = np.array([heart(home) for home in homes])
    frame = ax.get_window_extent()
    found = place(
        anchors, sizes, homes, frame.extents, taken=_taken(ax, frame), line=size * points * 1.2
    )
    for text, anchor, spot in zip(drawn, anchors, found, strict=True):
        if spot is None:
            text.remove()
            continue
        _put(ax, text, anchor, spot)
    if left := found.count(None):
        warnings.warn(
            f"{left:,} of {len(areas):,} labels found no room and are not drawn. "
            "Label fewer areas, or draw the map larger.",
            UserWarning,
            stacklevel=2,
        )
    return ax


def _taken(ax: Axes, frame: Bbox) -> list[tuple[float, float, float, float]]:
    """List the boxes of the furniture that stands in the axes already."""
    standing = [artist for artist in ax.get_children() if artist.get_gid() == FURNITURE]
    boxes = [artist.get_window_extent() for artist in standing]
    return [box.extents for box in boxes if box.overlaps(frame)]


def _put(ax: Axes, text: Text, anchor: Floats, spot: Place) -> None:
    """Move a label to its place, with a halo of paths under it so that the text stays text."""
    from matplotlib.patheffects import Stroke

    to_data = ax.transData.inverted().transform
    x, y = to_data(spot.centre)
    text.set_position((x, y))
    halo = ax.text(
        x, y, text.get_text(), size=text.get_fontsize(), ha="center", va="center", zorder=5,
        gid=HALO, linespacing=1.05, color=_colours.PAPER,
    )  # fmt: skip
    halo.set_path_effects([Stroke(linewidth=2.4, foreground=_colours.PAPER)])
    if spot.leader is not None:
        xs, ys = to_data(np.array([anchor, spot.leader])).T
        ax.plot(xs, ys, color=_colours.PAPER, linewidth=1.8, zorder=3.9, gid=HALO)
        ax.plot(
            xs, ys, color=_colours.INK, linewidth=0.6, marker="o", markersize=2.2, markevery=[0],
            zorder=4, gid="leader",
        )  # fmt: skip


def add_scale_bar(ax: Axes, areas: gpd.GeoDataFrame, *, width: float = 0.22) -> Axes:
    """Add a scale bar in kilometres (metres below one) at the foot of the map."""
    _metres(areas, "a scale bar")
    ax.apply_aspect()
    west, east = ax.get_xlim()
    length = _round_length(width * (east - west))
    unit, in_unit = ("km", KILOMETRE) if length >= KILOMETRE else ("m", 1.0)
    share = length / (east - west)
    place_x, place_y, height = 0.015, 0.022, 0.008
    at: dict[str, Any] = {"transform": ax.transAxes, "gid": FURNITURE, "zorder": 6}
    from matplotlib.patches import Rectangle

    for half, colour in enumerate((_colours.INK, _colours.PAPER)):
        ax.add_patch(
            Rectangle(
                (place_x + half * share / 2, place_y), share / 2, height,
                facecolor=colour, edgecolor=_colours.INK, linewidth=0.6, **at,
            )
        )  # fmt: skip
    for part in (0.0, 0.5, 1.0):
        number = f"{part * length / in_unit:g}" + (f" {unit}" if part == 1 else "")
        ax.text(
            place_x + part * share, place_y + height * 1.9, number, size=7, color=_colours.INK,
            ha="center" if part < 1 else "left", va="bottom", **at,
        )  # fmt: skip
    return ax


def _round_length(most: float) -> float:
    """Return the longest of 1, 2, 5, 10, 20 ... that is no longer than the length given."""
    power = 10.0 ** np.floor(np.log10(most))
    return float(max(part * power for part in (1, 2, 5) if part * power <= most))


def add_north_arrow(ax: Axes) -> Axes:
    """Add an arrow to grid north at the head of the map."""
    at: dict[str, Any] = {"transform": ax.transAxes, "gid": FURNITURE, "zorder": 6}
    from matplotlib.patches import Polygon

    box = ax.get_window_extent()
    tall = 0.05
    wide = tall * box.height / box.width * 0.36
    x, y = 0.975, 0.925
    for side, colour in ((-1, _colours.INK), (1, _colours.PAPER)):
        corners = [(x, y + tall), (x + side * wide, y), (x, y + tall * 0.22)]
        ax.add_patch(
            Polygon(corners, facecolor=colour, edgecolor=_colours.INK, linewidth=0.6, **at)
        )
    ax.text(x, y - 0.006, "N", size=8, ha="center", va="top", color=_colours.INK, **at)
    return ax


def _metres(areas: gpd.GeoDataFrame, what: str) -> None:
    """Refuse a map that is not in metres."""
    _checks.areas(areas)
    units = None if areas.crs is None else areas.crs.axis_info[0].unit_name
    if units != "metre":
        raise ValueError(
            f"{what} needs a map in metres; this one is in {units or 'unknown units'}. "
            "Convert it first: areas.to_crs(27700)."
        )
