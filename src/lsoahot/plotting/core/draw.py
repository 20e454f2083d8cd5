"""The one core that every map is drawn by: groups of areas, each with a look, and their legend."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import numpy as np
import pandas as pd

from lsoahot.common import checks
from lsoahot.common.class_labels import NOT_TESTED
from lsoahot.plotting import colours as _colours

from . import keywords
from .class_breaks import classify, is_suppressed, numeric_values

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.legend import Legend

    from lsoahot.common.arrays import Bools

    from .class_breaks import Classes


# What an artist is for. A leading "_" keeps it out of matplotlib's legends.
NAME: Final = "_name"
HALO: Final = "_halo"
LEADER: Final = "_leader"
FURNITURE: Final = "_furniture"
FRAME: Final = "_zoom"  # of what a closer view shows
# What begins the legend's line of classes that no area is in.
NONE: Final = "None: "

# A boundary line is drawn where areas are wide enough for it; in points, and as their share.
WIDEST_LINE: Final = 0.5
THINNEST_LINE: Final = 0.12
SHARE: Final = 0.06
# How many areas in degrees, whose widths are not known, still have their lines.
MANY: Final = 2_000


class Group(NamedTuple):
    """Areas that look alike."""

    label: str
    colour: str
    members: Bools


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
    ax = new_axes(figsize) if ax is None else ax
    polygons = areas.geometry.to_numpy()
    line = {"linewidth": line_width(areas, ax), "edgecolor": edge}
    looks = [
        line | _look(group) | (missing if group.label == _colours.NO_DATA else style)
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


def new_axes(figsize: tuple[float, float] | None = None) -> Axes:
    """Open a figure, as geopandas does where no axes are given."""
    import matplotlib.pyplot as plt

    _, ax = plt.subplots(figsize=figsize, layout="constrained")
    return ax


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


# --- groups ---------------------------------------------------------------------------------------


def is_number(areas: gpd.GeoDataFrame, column: str) -> bool:
    """Tell whether a column holds numbers."""
    checks.columns(areas, [column])
    return bool(pd.api.types.is_numeric_dtype(areas[column].dtype))


def value_groups(areas: gpd.GeoDataFrame, classes: Classes, colours: Sequence[str]) -> list[Group]:
    """Group areas by the class of their value, then those that have none."""
    hidden = is_suppressed(areas)
    return [
        *(
            Group(label, colour, classes.codes == code)
            for code, (label, colour) in enumerate(zip(classes.labels, colours, strict=True))
        ),
        *_valueless(_colours.NO_DATA, (classes.codes < 0) & ~hidden),
        *_valueless(_colours.SUPPRESSED, hidden),
    ]


def label_groups(areas: gpd.GeoDataFrame, column: str, colours: Mapping[str, str]) -> list[Group]:
    """Group areas by the label they carry; a class keeps its colour whichever are present."""
    checks.columns(areas, [column])
    labels = areas[column].astype("object")
    unknown = sorted({str(label) for label in labels.dropna().unique()} - set(colours))
    if unknown:
        raise ValueError(
            f"column {column!r} holds {checks.shown(unknown)}, which are none of the classes "
            f"{checks.shown(colours, 20)}. Give the column that the statistic wrote."
        )
    absent = labels.isna().to_numpy()
    # A count that is suppressed cannot be tested; that it is suppressed is what to say then.
    hidden = is_suppressed(areas) & (absent | (labels == NOT_TESTED).to_numpy())
    members = {label: (labels == label).to_numpy() & ~hidden for label in colours}
    return [
        *(
            Group(label, colour, members[label])
            for label, colour in colours.items()
            if label != NOT_TESTED
        ),
        *_valueless(NOT_TESTED, members[NOT_TESTED]),
        *_valueless(_colours.NO_DATA, absent & ~hidden),
        *_valueless(_colours.SUPPRESSED, hidden),
    ]


def _valueless(label: str, members: Bools) -> list[Group]:
    """Group what has no value, if there is any."""
    return [Group(label, _colours.PAPER, members)] if members.any() else []


def _look(group: Group) -> dict[str, Any]:
    """Return the style of a group."""
    look: dict[str, Any] = {"facecolor": group.colour}
    if pattern := _colours.PATTERNS.get(group.label):
        look |= {"hatch": pattern, "edgecolor": _colours.PATTERN_INK}
    elif stripes := _colours.STRIPES.get(group.label):
        look |= {"hatch": stripes, "edgecolor": _colours.PAPER}
    return look


# --- the legend -----------------------------------------------------------------------------------

GAP: Final = 0.15  # inches between a map, its legend and what comes next
NARROWEST: Final = 0.3  # the least share of its room that a map keeps beside its legend
LEGEND: Final[dict[str, Any]] = {
    "loc": "upper left",
    "bbox_to_anchor": (1.02, 1.0),
    "frameon": False,
    "alignment": "left",
    "borderaxespad": 0.0,
    "borderpad": 0.0,
    "handlelength": 1.7,
    "handleheight": 1.15,
    "labelspacing": 0.45,
}


def add_legend(
    ax: Axes,
    groups: Sequence[Group],
    looks: Sequence[Mapping[str, Any]],
    *,
    title: str,
    counts: bool,
    lacking: Sequence[str] = (),
    options: Mapping[str, Any],
) -> None:
    """Add a legend that counts the areas of each class, beside the map unless told where."""
    from matplotlib.patches import Patch

    handles = []
    for group, look in zip(groups, looks, strict=True):
        patterned = group.label in _colours.PATTERNS or group.label in _colours.STRIPES
        swatch = {
            "facecolor": look["facecolor"],
            "edgecolor": look["edgecolor"] if patterned else "#8c8c8c",
            "linewidth": 0.5,
            "hatch": look.get("hatch"),
            "alpha": look.get("alpha"),
        }
        number = f" ({int(group.members.sum()):,})" if counts else ""
        handles.append(Patch(label=group.label + number, **swatch))
    if lacking:
        handles.append(Patch(label=none_in(lacking), facecolor="none", edgecolor="none"))
    heading = "\n".join(part for part in (title, "(number of areas)" if counts else "") if part)
    legend = ax.legend(handles=handles, **(LEGEND | {"title": heading} | dict(options)))
    legend.get_title().set_linespacing(1.3)
    if not {"loc", "bbox_to_anchor"} & set(options):
        _make_room(ax, legend)


def _make_room(ax: Axes, legend: Legend) -> None:
    """Narrow a map whose legend would lie on the next one, or run off the page.

    Where a layout engine arranges the figure, it sees to that itself.
    """
    figure = ax.figure
    if figure.get_layout_engine() is not None or ax.get_subplotspec() is None:
        return
    box = ax.get_position(original=True)
    wide = (legend.get_window_extent().width + GAP * figure.dpi) / figure.bbox.width
    ax.set_position((box.x0, box.y0, max(box.width - wide, NARROWEST * box.width), box.height))


def none_in(lacking: Sequence[str]) -> str:
    """Say in which classes no area is, on as many lines as it takes beside a map.

    Examples
    --------
    >>> print(none_in(["Hot spot 99%", "Hot spot 95%", "Cold spot 90%"]))
    None: Hot spot 99%,
    Hot spot 95%, Cold spot 90%
    """
    # No class is cut in two: a space in it doesn't break.
    whole = [label.replace(" ", "\xa0") for label in lacking]
    return textwrap.fill(f"{NONE}{', '.join(whole)}", 27).replace("\xa0", " ")
