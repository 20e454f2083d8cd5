"""Names of areas drawn on a map, with halos and leader lines, where there is room."""

from __future__ import annotations

import textwrap
import warnings
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely
from matplotlib.backend_bases import RendererBase
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, ScaledTranslation
from shapely.affinity import affine_transform

from lsoahot.common import checks
from lsoahot.plotting import colours

from .draw import FRAME, FURNITURE, HALO, LEADER, NAME
from .label_placement import Room, heart, place, place_over

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import geopandas as gpd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.backend_bases import GraphicsContextBase
    from matplotlib.text import Text
    from matplotlib.transforms import Transform
    from matplotlib.typing import ColorType
    from numpy.typing import ArrayLike
    from shapely.geometry.base import BaseGeometry

    from lsoahot.common.arrays import Floats

    from .label_placement import Box, Place


# A name as wide as this many characters goes on to the next line.
WRAP: Final = 20
LEADING: Final = 1.05


def label_areas(
    ax: Axes,
    areas: gpd.GeoDataFrame,
    label: str,
    *,
    size: float = 8,
    look: Mapping[str, Any] | None = None,
    clear: Sequence[BaseGeometry] = (),
) -> tuple[int, int]:
    """Label what is seen of the areas, the first first; return how many were placed, of how many.

    A label stands in its area where it fits. Elsewhere it is tried around it, ever farther out, on
    a leader line. The halo is drawn apart, so that labels stay text in SVG and PDF. With a ``look``
    (of towns), labels stand over their areas or not at all, and without a leader line. They keep
    clear of the lines in ``clear``, other labels do where they can.
    """
    checks.areas(areas)
    checks.columns(areas, [label])
    homes, names = _in_view(ax, areas, label)
    if not homes:
        return 0, 0
    drawn = [
        ax.text(
            0, 0, textwrap.fill(name, WRAP), size=size, ha="center", va="center", zorder=6,
            label=NAME, linespacing=LEADING, parse_math=False,
            **({"color": colours.INK} | dict(look or {})),
        )
        for name in names
    ]  # fmt: skip
    point = ax.figure.dpi / 72
    boxes = [text.get_window_extent() for text in drawn]
    sizes = np.array([(box.width + 3 * point, box.height + 1.5 * point) for box in boxes])
    anchors = np.array([heart(home) for home in homes])
    line, page = size * point * 1.2, _extent(ax)
    points = _along(_on_screen(ax, [*clear, *_leaders(ax)]), line / 2)
    seen = shapely.intersects_xy(shapely.box(*page), *points.T)
    frames = [_extent(patch) for patch in ax.patches if patch.get_label() == FRAME]
    room = Room(page, _taken(ax, drawn), frames, points[seen])
    labels = (anchors, sizes, homes, room)
    positions = place(*labels, line=line) if look is None else place_over(*labels)
    for text, anchor, position in zip(drawn, anchors, positions, strict=True):
        if position is None:
            text.remove()
        else:
            _put(ax, text, anchor, position)
    return len(homes) - positions.count(None), len(homes)


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
    west, east = sorted(ax.get_xlim())
    south, north = sorted(ax.get_ylim())
    seen = shapely.clip_by_rect(areas.geometry.to_numpy(), west, south, east, north)
    # A sliver at the edge of the view is no place for a label.
    wide = shapely.area(seen) > 0.2 * areas.geometry.area.to_numpy()
    shown = wide & areas[label].notna().to_numpy()
    return _on_screen(ax, seen[shown]), [str(name) for name in areas[label][shown]]


def _on_screen(ax: Axes, shapes: Iterable[BaseGeometry]) -> list[BaseGeometry]:
    """Turn shapes in the map's units into pixels."""
    ax.apply_aspect()
    (a, b, x), (c, d, y), _ = ax.transData.get_affine().get_matrix()
    return [affine_transform(shape, [a, b, c, d, x, y]) for shape in shapes]


def _taken(ax: Axes, new: Sequence[Text]) -> list[Box]:
    """List the boxes of the furniture and labels that stand in the axes already."""
    standing = [artist for artist in ax.get_children() if artist.get_label() == FURNITURE]
    standing += [text for text in ax.texts if text.get_label() == NAME and text not in new]
    return list(map(_extent, standing))


def _leaders(ax: Axes) -> list[BaseGeometry]:
    """List the leader lines that stand in the axes already."""
    lines = [line for line in ax.lines if line.get_label() == LEADER]
    return [shapely.LineString(np.asarray(line.get_xydata())) for line in lines]


def _along(lines: Sequence[BaseGeometry], apart: float) -> Floats:
    """Return points along lines, about so far apart."""
    points = shapely.get_coordinates(shapely.segmentize(lines, apart))
    _, one_of_each_cell = np.unique(np.rint(points / apart), axis=0, return_index=True)
    return np.asarray(points[one_of_each_cell])


def _extent(artist: Artist) -> Box:
    """Return the box that an artist takes on the page, in pixels."""
    west, south, east, north = artist.get_window_extent().extents
    return west, south, east, north


def _put(ax: Axes, text: Text, anchor: Floats, position: Place) -> None:
    """Move a label to its place, with a halo under it."""
    from matplotlib.patches import PathPatch

    to_data = ax.transData.inverted().transform
    x, y = to_data(position.centre)
    text.set_position((x, y))
    if position.leader is not None and "\n" in text.get_text():
        # Lines of text beside a leader line begin there, or end there.
        beyond = (position.centre[0] - position.leader[0]) / text.get_window_extent().width
        if abs(beyond) > 1 / 4:
            text.set_multialignment("left" if beyond > 0 else "right")
    # Found once and kept: drawn as text, a halo would be found anew at each drawing.
    there = ScaledTranslation(x, y, ax.transData)  # type: ignore[arg-type]  # any transform
    halo = PathPatch(
        _letter_outlines(text), color=colours.PAPER, linewidth=2.4, joinstyle="round", zorder=5, label=HALO,
        transform=ax.figure.dpi_scale_trans + there, clip_on=False,
    )  # fmt: skip
    ax.add_artist(halo)
    if position.leader is not None:
        xs, ys = to_data(np.array([anchor, position.leader])).T
        ax.plot(xs, ys, color=colours.PAPER, linewidth=1.8, zorder=3, label=HALO)
        ax.plot(
            xs, ys, color=colours.INK, linewidth=0.6, marker="o", markersize=2.4, markevery=[0],
            markeredgecolor=colours.PAPER, markeredgewidth=0.4, zorder=4, label=LEADER,
        )  # fmt: skip


class _Pen(RendererBase):
    """Keeps the paths that it is to draw: one with no way of its own to draw text gets it as paths."""

    def __init__(self, dpi: float) -> None:
        super().__init__()
        self.dpi = dpi
        self.drawn: list[Path] = []

    def draw_path(
        self,
        gc: GraphicsContextBase,  # noqa: ARG002
        path: Path,
        transform: Transform,
        rgbFace: ColorType | None = None,  # noqa: ARG002, N803 (matplotlib's name)
    ) -> None:
        self.drawn.append(transform.transform_path(path))

    def points_to_pixels(self, points: ArrayLike) -> ArrayLike:
        return np.multiply(points, self.dpi / 72)

    def flipy(self) -> bool:
        return False


def _letter_outlines(text: Text) -> Path:
    """Return the outlines of a text's letters, in inches from the point that it is aligned to."""
    dpi = float(text.figure.dpi)
    pen = _Pen(dpi)
    text.draw(pen)
    x, y = text.get_transform().transform(text.get_position())
    to_inches = Affine2D().translate(-x, -y).scale(1 / dpi)
    return to_inches.transform_path(Path.make_compound_path(*pen.drawn))
