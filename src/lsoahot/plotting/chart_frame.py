"""What the charts share: labels that keep clear of each other, and a plain frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from . import colours

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from lsoahot.common.arrays import Bools, Floats


GRID: Final = "#e4dfd2"
# Where a name is tried beside its point, in points of print.
BESIDE: Final = tuple(
    (dx, dy, side)
    for dy in (0, 7, -7, 14, -14, 21, -21)
    for dx, side in ((6, "left"), (-6, "right"), (0, "center"))
    if dx or dy
)


LINE: Final = 11  # points that a line of text takes


def spread_labels(heights: list[float], ax: Axes) -> Floats:
    """Move labels apart, up and down, so that a line of text fits between them."""
    bottom, top = ax.get_ylim()
    tall = 72 * ax.bbox.height / ax.figure.dpi  # points
    gap = max(0.05, LINE / tall) * (top - bottom)
    order = np.argsort(np.nan_to_num(heights), kind="stable")
    spread = np.array(heights, dtype="float64")[order]
    for _ in range(200):
        close = np.diff(spread) < gap - 1e-9
        if not close.any():
            break
        for i in np.flatnonzero(close):
            middle = (spread[i] + spread[i + 1]) / 2
            spread[i], spread[i + 1] = middle - gap / 2, middle + gap / 2
        spread += max(0.0, bottom + gap / 2 - np.nanmin(spread))
    result = np.empty(len(spread))
    result[order] = spread
    return result


def name_points(
    ax: Axes,
    x: Floats,
    y: Floats,
    names: NDArray[np.object_],
    *,
    bold: Bools,
    shown: Bools,
) -> None:
    """Write names beside their points, each where it covers neither a name nor a point."""
    from matplotlib.patheffects import withStroke
    from matplotlib.transforms import Bbox

    ax.figure.canvas.figure.draw_without_rendering()  # the layout must be settled before boxes are measured
    points = ax.transData.transform(np.column_stack([x, y]))
    taken = [Bbox.from_extents(px - 4, py - 4, px + 4, py + 4) for px, py in points]
    legend = ax.get_legend()
    if legend is not None:
        taken.append(legend.get_window_extent())
    room = ax.get_window_extent()
    for i in np.flatnonzero(shown)[np.argsort(-y[shown], kind="stable")]:
        for dx, dy, side in BESIDE:
            text = ax.annotate(
                names[i], (x[i], y[i]), (dx, dy), textcoords="offset points", fontsize=8,
                ha=side, va="center", fontweight="bold" if bold[i] else "normal",
                path_effects=[withStroke(linewidth=2, foreground=colours.PAPER)],
            )  # fmt: skip
            box = text.get_window_extent()
            others = [other for j, other in enumerate(taken) if j != i]
            inside = room.x0 <= box.x0 and box.x1 <= room.x1 and room.y0 <= box.y0 <= room.y1
            if inside and not box.count_overlaps(others):
                taken.append(box)
                break
            text.remove()


def plain(ax: Axes, grid: Literal["x", "y"] = "y") -> None:
    """Take away what the figures do not need."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis=grid, color=GRID, lw=0.8)
    ax.set_axisbelow(True)
    ax.tick_params(length=0)
