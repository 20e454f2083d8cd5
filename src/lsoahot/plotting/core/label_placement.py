"""Text on the map that covers no other text."""

from __future__ import annotations

import textwrap
import warnings
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from shapely.affinity import affine_transform

from lsoahot.common import checks

from . import colours
from .draw import FURNITURE, HALO, LEADER, NAME
from .placing import heart, place

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from matplotlib.axes import Axes
    from matplotlib.text import Text
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from .placing import Box, Place

    Floats = NDArray[np.float64]

# A name as wide as this many characters goes on to the next line.
WRAP: Final = 20
LEADING: Final = 1.05


def label_areas(
    ax: Axes, areas: gpd.GeoDataFrame, label: str, *, size: float = 8
) -> tuple[int, int]:
    """Label what is seen of the areas, the first first; return how many were placed, of how many.

    A label stands in its area where it fits. Elsewhere it is tried around it, ever farther out, on
    a leader line. The halo is drawn apart, so that labels stay text in SVG and PDF.
    """
    checks.areas(areas)
    checks.columns(areas, [label])
    homes, names = _in_view(ax, areas, label)
    if not homes:
        return 0, 0
    drawn = [
        ax.text(
            0, 0, textwrap.fill(name, WRAP), size=size, ha="center", va="center", zorder=6,
            color=colours.INK, label=NAME, linespacing=LEADING, parse_math=False,
        )
        for name in names
    ]  # fmt: skip
    point = ax.figure.dpi / 72
    boxes = [text.get_window_extent() for text in drawn]
    sizes = np.array([(box.width + 3 * point, box.height + 1.5 * point) for box in boxes])
    anchors = np.array([heart(home) for home in homes])
    west, south, east, north = ax.get_window_extent().extents
    spots = place(
        anchors,
        sizes,
        homes,
        (west, south, east, north),
        taken=_taken(ax, drawn),
        line=size * point * 1.2,
    )
    for text, anchor, spot in zip(drawn, anchors, spots, strict=True):
        if spot is None:
            text.remove()
        else:
            _put(ax, text, anchor, spot)
    return len(homes) - spots.count(None), len(homes)


def warn_unplaced(placed: int, wanted: int) -> None:
    """Tell of labels that found no room, as of the line that called the verb."""
    if placed < wanted:
        warnings.warn(
            f"{wanted - placed:,} of {wanted:,} labels found no room and are not drawn. "
            "Label fewer areas, or draw the map larger.",
            UserWarning,
            stacklevel=3,
        )


def _in_view(ax: Axes, areas: gpd.GeoDataFrame, label: str) -> tuple[list[BaseGeometry], list[str]]:
    """Return what is seen of each area, in pixels, and its name; leave out what is out of view."""
    ax.apply_aspect()
    (a, b, x), (c, d, y), _ = ax.transData.get_affine().get_matrix()
    west, east = sorted(ax.get_xlim())
    south, north = sorted(ax.get_ylim())
    seen = shapely.clip_by_rect(areas.geometry.to_numpy(), west, south, east, north)
    # A sliver at the edge of the view is no place for a label.
    shown = (shapely.area(seen) > 0.2 * areas.geometry.area.to_numpy()) & areas[label].notna()
    homes = [affine_transform(home, [a, b, c, d, x, y]) for home in seen[shown.to_numpy()]]
    return homes, [str(name) for name in areas[label][shown]]


def _taken(ax: Axes, new: Sequence[Text]) -> list[Box]:
    """List the boxes of the furniture and labels that stand in the axes already."""
    standing = [artist for artist in ax.get_children() if artist.get_label() == FURNITURE]
    standing += [text for text in ax.texts if text.get_label() == NAME and text not in new]
    extents = [artist.get_window_extent().extents for artist in standing]
    return [(west, south, east, north) for west, south, east, north in extents]


def _put(ax: Axes, text: Text, anchor: Floats, spot: Place) -> None:
    """Move a label to its place, with a halo under it."""
    from matplotlib.patheffects import Stroke

    to_data = ax.transData.inverted().transform
    x, y = to_data(spot.centre)
    text.set_position((x, y))
    halo = ax.text(
        x, y, text.get_text(), size=text.get_fontsize(), ha="center", va="center", zorder=5,
        color=colours.PAPER, label=HALO, linespacing=LEADING, parse_math=False,
    )  # fmt: skip
    halo.set_path_effects([Stroke(linewidth=2.4, foreground=colours.PAPER)])
    if spot.leader is not None:
        xs, ys = to_data(np.array([anchor, spot.leader])).T
        ax.plot(xs, ys, color=colours.PAPER, linewidth=1.8, zorder=3, label=HALO)
        ax.plot(
            xs, ys, color=colours.INK, linewidth=0.6, marker="o", markersize=2.4, markevery=[0],
            markeredgecolor=colours.PAPER, markeredgewidth=0.4, zorder=4, label=LEADER,
        )  # fmt: skip
