"""Finished pages: one map on a page with all that it needs to stand alone, and many in an atlas."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from . import _checks, _colours, furniture
from ._provenance import provenance
from .maps import plot_rate

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    Plot = Callable[..., Axes]

A4: Final = (11.69, 8.27)  # inches, landscape
FORMATS: Final = (".png", ".svg", ".pdf")
# Text stays text: it can be searched, and read aloud.
REAL_TEXT: Final[dict[Any, Any]] = {
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
    "font.family": "DejaVu Sans",
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
        What ``plot`` draws.
    path : path
        Where to write; ``.png``, ``.svg`` or ``.pdf``.
    plot : callable
        The verb that draws the map, for example :func:`plot_hotspots`.
    dpi : int
        Dots per inch of a PNG.
    **options
        What :func:`map_page` takes.
    """
    from matplotlib import rc_context

    path = Path(path)
    _checks.one_of(path.suffix.lower(), FORMATS, "the ending of path")
    with rc_context(REAL_TEXT):
        figure = map_page(areas, plot=plot, **options)
        figure.savefig(path, dpi=dpi)
    return path


def map_page(
    areas: gpd.GeoDataFrame,
    *,
    plot: Plot = plot_rate,
    title: str = "",
    subtitle: str = "",
    labels: int = 10,
    label: str = "area_name",
    **options: Any,
) -> Figure:
    """Draw a finished A4 page with one map and return its figure."""
    from matplotlib.figure import Figure

    _checks.areas(areas)
    figure = Figure(figsize=A4)
    ax = figure.add_axes((0.035, 0.115, 0.68, 0.765))
    plot(areas, ax=ax, **options)
    if "district" in areas.columns:
        furniture.add_outline(ax, areas)
    ax.margins(0.03)
    furniture.add_scale_bar(ax, areas)
    furniture.add_north_arrow(ax)
    if labels and label in areas.columns:
        furniture.add_labels(ax, top_areas(areas, labels), label)
    _move_legend(ax, figure)
    figure.text(0.035, 0.955, title, size=17, weight="bold", va="center", color=_colours.INK)
    figure.text(0.035, 0.913, subtitle, size=11, va="center", color=_colours.FAINT)
    foot = "\n".join(provenance(areas))
    figure.text(0.035, 0.03, foot, size=6.5, va="bottom", color=_colours.FAINT, linespacing=1.35)
    return figure


def top_areas(areas: gpd.GeoDataFrame, n: int) -> gpd.GeoDataFrame:
    """Return the areas to label, the first first."""
    from ._drawing import numeric_values

    for column, sign in (("rank", 1), ("rate", -1), ("count", -1)):
        if column in areas.columns:
            order = sign * numeric_values(areas, column)
            first = np.argsort(order, kind="stable")[:n]
            return areas.iloc[first[~np.isnan(order[first])]]
    return areas.iloc[:n]


def _move_legend(ax: Axes, figure: Figure) -> None:
    """Move the map's legend to the panel beside it."""
    legend = ax.get_legend()
    if legend is None:
        return
    legend.set_loc("upper left")
    legend.set_bbox_to_anchor((0.735, 0.87), transform=figure.transFigure)
    legend.get_title().set_fontsize(9.5)
    for text in legend.get_texts():
        text.set_fontsize(9)
