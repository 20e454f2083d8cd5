"""The one core that every map is drawn by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from lsoahot.common import checks
from lsoahot.plotting import colours as _colours

from . import keywords
from .class_breaks import classify, numeric_values
from .groups import Group, label_groups, look_of, value_groups
from .legend import add_legend

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap


# What an artist is for. A leading "_" keeps it out of matplotlib's legends.
NAME: Final = "_name"
HALO: Final = "_halo"
LEADER: Final = "_leader"
FURNITURE: Final = "_furniture"
FRAME: Final = "_zoom"  # of what a closer view shows

# A boundary line is drawn where areas are wide enough for it; in points, and as their share.
WIDEST_LINE: Final = 0.5
THINNEST_LINE: Final = 0.12
SHARE: Final = 0.06
# How many areas in degrees, whose widths are not known, still have their lines.
MANY: Final = 2_000


def draw(
    areas: gpd.GeoDataFrame,
    groups: Sequence[Group],
    *,
    column: str = "",
    ax: Axes | None = None,
    legend_title: str = "",
    edge: str = _colours.PAPER,
    lacking: Sequence[str] = (),
    options: Mapping[str, Any],
) -> Axes:
    """Draw groups of areas on the axes given, or on new ones, with their legend.

    ``options`` are geopandas' keywords: ``figsize``, ``aspect``, ``legend``, ``legend_kwds``,
    ``missing_kwds``; ``counts=False`` leaves the numbers out of the legend; what is left is the
    style of the polygons.
    """
    from .draw_polygons import AreaCollection

    keywords.check(options, classes=bool(column))
    style = dict(options)
    figsize, aspect = style.pop("figsize", None), style.pop("aspect", "auto")
    legend, legend_kwds = style.pop("legend", True), style.pop("legend_kwds", None) or {}
    missing, counts = dict(style.pop("missing_kwds", None) or {}), style.pop("counts", True)
    if "color" in missing:
        missing["facecolor"] = missing.pop("color")
    name = missing.pop("label", _colours.NO_DATA)
    ax = axes_for(ax, figsize)
    polygons = areas.geometry.to_numpy()
    line = {"linewidth": line_width(areas, ax), "edgecolor": edge}
    looks = [
        line | look_of(group) | (missing if group.label == _colours.NO_DATA else style)
        for group in groups
    ]
    groups = [
        group._replace(label=name) if group.label == _colours.NO_DATA else group for group in groups
    ]
    for group, look in zip(groups, looks, strict=True):
        if group.members.any():
            members = AreaCollection(
                polygons[group.members],
                column=column,
                label=group.label,
                # Where no line parts them, areas of a class are one shape, without seams.
                as_one=bool(look.get("hatch")) or not np.any(look["linewidth"]),
                **look,
            )
            ax.add_collection(members)
    frame(ax, areas, aspect)
    if legend and groups:
        add_legend(
            ax,
            groups,
            looks,
            title=legend_title,
            counts=counts,
            lacking=lacking,
            options=legend_kwds,
        )
    return ax


def draw_values(
    areas: gpd.GeoDataFrame,
    column: str,
    *,
    ax: Axes | None,
    classes: tuple[str, int, Sequence[float] | None],
    cmap: str | Colormap | Sequence[str] | None,
    legend_title: str,
    histogram: bool,
    options: Mapping[str, Any],
) -> Axes:
    """Draw numbers in classes: by a scheme, so many, or at the breaks given."""
    checks.areas(areas)
    values = numeric_values(areas, column)
    options = dict(options)
    how = keywords.classification(*classes, options)
    result = classify(values, **how)
    given = result.labels if how["breaks"] is None else how["breaks"]
    colours = _colours.ramp(cmap, len(given))
    if len(colours) < len(result.labels):
        # Values above the breaks given must not move the colours of the classes below.
        colours.append(_colours.beyond(colours[-1]))
    groups = value_groups(areas, result, colours)
    ax = draw(areas, groups, column=column, ax=ax, legend_title=legend_title, options=options)
    if histogram:
        from .histogram import add_histogram

        add_histogram(ax, values, result, colours)
    return ax


def draw_labels(
    areas: gpd.GeoDataFrame,
    column: str,
    colours: Mapping[str, str],
    *,
    ax: Axes | None,
    legend_title: str,
    every: bool = True,
    options: Mapping[str, Any],
) -> Axes:
    """Draw classes that a statistic wrote; with ``every``, the legend names those too that lack."""
    checks.areas(areas)
    groups = label_groups(areas, column, colours)
    lacking = [group.label for group in groups if not group.members.any()] if every else []
    groups = [group for group in groups if group.members.any()]
    return draw(
        areas,
        groups,
        column=column,
        ax=ax,
        legend_title=legend_title,
        edge=_colours.PALE_EDGE,
        lacking=lacking,
        options=options,
    )


def axes_for(ax: Axes | None, figsize: tuple[float, float] | None = None) -> Axes:
    """Return the axes that were given, or those of a new figure, as geopandas does."""
    if ax is not None:
        checks.axes(ax)
        return ax
    import matplotlib.pyplot as plt

    _, new = plt.subplots(figsize=figsize, layout="constrained")
    return new


def frame(
    ax: Axes, areas: gpd.GeoDataFrame, aspect: Literal["auto", "equal"] | float = "auto"
) -> None:
    """Fit the axes around the areas, unless they were fitted before; true to scale, no ticks."""
    ax.set_axis_off()
    ax.autoscale_view()
    if aspect != "auto":
        ax.set_aspect(aspect)
    elif not is_projected(areas) and len(areas):
        # A degree of longitude is shorter than one of latitude.
        _, south, _, north = areas.total_bounds
        ax.set_aspect(1 / np.cos(np.radians((south + north) / 2)))
    else:
        ax.set_aspect("equal")


def is_projected(areas: gpd.GeoDataFrame) -> bool:
    """Tell whether lengths are lengths; without a CRS they are taken to be."""
    return areas.crs is None or not areas.crs.is_geographic


def line_width(areas: gpd.GeoDataFrame, ax: Axes) -> float:
    """Return the width in points of the lines between areas, 0 where they would cover them."""
    if not len(areas) or not is_projected(areas):
        return WIDEST_LINE if len(areas) < MANY else 0.0
    west, south, east, north = areas.total_bounds.tolist()
    if not ax.get_autoscalex_on():  # someone has chosen the view
        (west, east), (south, north) = sorted(ax.get_xlim()), sorted(ax.get_ylim())
    box = ax.get_window_extent()
    points = 72 / ax.figure.dpi
    scale = points * min(box.width / max(east - west, 1), box.height / max(north - south, 1))
    width = SHARE * float(np.sqrt(np.nanmedian(areas.geometry.area))) * scale
    return 0.0 if width < THINNEST_LINE else min(width, WIDEST_LINE)
