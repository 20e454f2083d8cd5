"""Labels of areas that overlap nothing."""

from __future__ import annotations

import textwrap
import warnings
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from shapely.affinity import affine_transform

from . import _checks, _colours
from ._drawing import FURNITURE, HALO, LEADER, NAME
from ._placing import heart, place

if TYPE_CHECKING:
    import geopandas as gpd
    from matplotlib.axes import Axes
    from matplotlib.text import Text
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from ._placing import Box, Place

    Floats = NDArray[np.float64]

# A name as wide as this many characters goes on to the next line.
WRAP: Final = 20
LEADING: Final = 1.05


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
    A label stands in its area where it fits. Elsewhere it is tried in twelve directions, ever
    farther out, and takes the first place where it and its leader line touch no other label, no
    other leader line and no furniture; the same input gives the same places. The halo is drawn
    apart, so that labels stay text in SVG and PDF.

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
    _checks.areas(areas)
    _checks.columns(areas, [label])
    homes, names = _in_view(ax, areas, label)
    if not homes:
        return ax
    drawn = [
        ax.text(
            0, 0, textwrap.fill(name, WRAP), size=size, ha="center", va="center", zorder=6,
            color=_colours.INK, label=NAME, linespacing=LEADING, parse_math=False,
        )
        for name in names
    ]  # fmt: skip
    point = ax.figure.dpi / 72
    boxes = [text.get_window_extent() for text in drawn]
    sizes = np.array([(box.width + 3 * point, box.height + 1.5 * point) for box in boxes])
    anchors = np.array([heart(home) for home in homes])
    frame = ax.get_window_extent().extents
    spots = place(
        anchors, sizes, homes, tuple(frame), taken=_taken(ax), line=size * point * 1.2
    )
    for text, anchor, spot in zip(drawn, anchors, spots, strict=True):
        if spot is None:
            text.remove()
        else:
            _put(ax, text, anchor, spot)
    if left := spots.count(None):
        warnings.warn(
            f"{left:,} of {len(homes):,} labels found no room and are not drawn. "
            "Label fewer areas, or draw the map larger.",
            UserWarning,
            stacklevel=2,
        )
    return ax


def _in_view(
    ax: Axes, areas: gpd.GeoDataFrame, label: str
) -> tuple[list[BaseGeometry], list[str]]:
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


def _taken(ax: Axes) -> list[Box]:
    """List the boxes of the furniture and labels that stand in the axes already."""
    standing = [
        artist
        for artist in ax.get_children()
        if artist.get_label() == FURNITURE
        or (artist.get_label() == NAME and artist.get_position() != (0, 0))  # type: ignore[attr-defined]
    ]
    return [tuple(artist.get_window_extent().extents) for artist in standing]


def _put(ax: Axes, text: Text, anchor: Floats, spot: Place) -> None:
    """Move a label to its place, with a halo under it."""
    from matplotlib.patheffects import Stroke

    to_data = ax.transData.inverted().transform
    x, y = to_data(spot.centre)
    text.set_position((x, y))
    halo = ax.text(
        x, y, text.get_text(), size=text.get_fontsize(), ha="center", va="center", zorder=5,
        color=_colours.PAPER, label=HALO, linespacing=LEADING, parse_math=False,
    )  # fmt: skip
    halo.set_path_effects([Stroke(linewidth=2.4, foreground=_colours.PAPER)])
    if spot.leader is not None:
        xs, ys = to_data(np.array([anchor, spot.leader])).T
        ax.plot(xs, ys, color=_colours.PAPER, linewidth=1.8, zorder=3, label=HALO)
        ax.plot(
            xs, ys, color=_colours.INK, linewidth=0.6, marker="o", markersize=2.4, markevery=[0],
            markeredgecolor=_colours.PAPER, markeredgewidth=0.4, zorder=4, label=LEADER,
        )  # fmt: skip
