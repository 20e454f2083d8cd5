"""The histogram under a legend: how the values lie within and between the classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.transforms import Bbox

from lsoahot.plotting import colours as _colours

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes
    from matplotlib.axes._base import _AxesBase
    from matplotlib.backend_bases import RendererBase

    from lsoahot.common.arrays import Floats

    from .class_breaks import Classes

BINS: Final = 30
HEIGHT: Final = 0.5  # inches
GAP: Final = 0.25


def add_histogram(
    ax: Axes, values: Floats, classes: Classes, colours: Sequence[str]
) -> Axes | None:
    """Draw a histogram that follows the legend of the axes wherever it is moved."""
    there = values[classes.codes >= 0]
    if ax.get_legend() is None or not len(there) or there.min() == there.max():
        return None
    bars = ax.inset_axes((0, 0, 1, 1), label="histogram")
    bars.set_axes_locator(_beside(ax))
    edges = np.linspace(there.min(), there.max(), BINS + 1)
    floor = np.zeros(BINS)
    for code, colour in enumerate(colours):
        heights = np.histogram(values[classes.codes == code], edges)[0]
        bars.bar(
            edges[:-1], heights, np.diff(edges), bottom=floor, align="edge",
            facecolor=colour, edgecolor="#8c8c8c", linewidth=0.25,
        )  # fmt: skip
        floor += heights
    bars.spines[["left", "top", "right"]].set_visible(False)
    bars.spines["bottom"].set(color="#8c8c8c", linewidth=0.5)
    bars.set_yticks([])
    bars.patch.set_alpha(0)
    bars.margins(x=0)
    bars.tick_params(axis="x", labelsize=6.5, length=2, width=0.5, color="#8c8c8c", pad=1.5)
    bars.tick_params(axis="x", labelcolor=_colours.FAINT)
    bars.locator_params(axis="x", nbins=4)
    return bars


def _beside(ax: Axes) -> Callable[[_AxesBase, RendererBase], Bbox]:
    """Return where the histogram is, at each drawing: under its legend, or above if there's room.

    The legend knows its own size only when it is drawn, and may be moved or replaced until then.
    """

    def locator(_: _AxesBase, renderer: RendererBase) -> Bbox:
        legend = ax.get_legend()
        if legend is None:
            return Bbox.null()
        figure = legend.figure
        box = legend.get_window_extent(renderer)
        inch = figure.dpi
        bottom = box.y0 - (GAP * 0.4 + HEIGHT) * inch
        if bottom < figure.bbox.y0:
            bottom = box.y1 + GAP * inch
        place = Bbox.from_bounds(box.x0, bottom, box.width, HEIGHT * inch)
        return place.transformed(figure.transFigure.inverted())

    return locator
