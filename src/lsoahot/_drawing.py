"""The one core that every map is drawn by: groups of areas, each with a look, and their legend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pandas as pd

from . import _checks, _colours
from ._labels import NOT_TESTED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from ._classes import Classes

    Mask = NDArray[np.bool_]

# A boundary line is drawn where an area is wide enough for it; both in points.
WIDEST_LINE: Final = 0.5
THINNEST_LINE: Final = 0.12
MANY: Final = 2_000


class Group(NamedTuple):
    """Areas that look alike."""

    label: str
    colour: str
    members: Mask
    counted: bool = True  # whether the legend gives the number of areas


def is_suppressed(areas: gpd.GeoDataFrame) -> Mask:
    """Mark the areas whose figures must not be shown."""
    if "suppressed" not in areas.columns:
        return np.zeros(len(areas), dtype=bool)
    marked: Mask = areas["suppressed"].fillna(value=False).to_numpy(dtype=bool)
    return marked


def value_groups(areas: gpd.GeoDataFrame, classes: Classes, colours: Sequence[str]) -> list[Group]:
    """Group areas by the class of their value, then those that have none."""
    hidden = is_suppressed(areas)
    groups = [
        Group(label, colour, classes.codes == code)
        for code, (label, colour) in enumerate(zip(classes.labels, colours, strict=True))
    ]
    return [
        *groups,
        *_valueless(_colours.NO_DATA, (classes.codes < 0) & ~hidden),
        *_valueless(_colours.SUPPRESSED, hidden),
    ]


def label_groups(areas: gpd.GeoDataFrame, column: str, colours: Mapping[str, str]) -> list[Group]:
    """Group areas by the label they carry; a class keeps its colour whichever are present."""
    _checks.columns(areas, [column])
    labels = areas[column].astype("object")
    unknown = sorted({str(label) for label in labels.dropna().unique()} - set(colours))
    if unknown:
        raise ValueError(
            f"column {column!r} holds {_checks.shown(unknown)}, which are none of the classes "
            f"{_checks.shown(colours, 20)}. Give the column that the statistic wrote."
        )
    # A count that is suppressed cannot be tested; that it is suppressed is what to say then.
    untested = labels.isna().to_numpy() | (labels == NOT_TESTED).to_numpy()
    hidden = is_suppressed(areas) & untested
    groups = [
        Group(label, colour, (labels == label).to_numpy() & ~hidden)
        for label, colour in colours.items()
    ]
    return [
        *(group for group in groups if group.label != NOT_TESTED),
        *(group for group in groups if group.label == NOT_TESTED and group.members.any()),
        *_valueless(_colours.NO_DATA, labels.isna().to_numpy() & ~hidden),
        *_valueless(_colours.SUPPRESSED, hidden),
    ]


def _valueless(label: str, members: Mask) -> list[Group]:
    """Group what has no value, if there is any."""
    return [Group(label, _colours.PAPER, members)] if members.any() else []


def draw(
    areas: gpd.GeoDataFrame,
    groups: Sequence[Group],
    *,
    ax: Axes | None = None,
    figsize: tuple[float, float] | None = None,
    title: str = "",
    legend: bool = True,
    legend_kwds: Mapping[str, Any] | None = None,
    **style: Any,
) -> Axes:
    """Draw groups of areas on the axes given, or on new ones, with their legend."""
    from ._polygons import AreaCollection

    ax = new_axes(figsize) if ax is None else ax
    polygons = areas.geometry.to_numpy()
    line: dict[str, Any] = {"linewidth": line_width(areas, ax), "edgecolor": _colours.PAPER}
    for group in groups:
        look = line | _look(group) | style
        if group.members.any():
            collection = AreaCollection(polygons[group.members], label=group.label, **look)
            ax.add_collection(collection)
    frame(ax, areas)
    if legend and groups:
        add_legend(ax, groups, title=title, options=legend_kwds or {}, style=style)
    return ax


def new_axes(figsize: tuple[float, float] | None = None) -> Axes:
    """Open a figure, as geopandas does where no axes are given."""
    import matplotlib.pyplot as plt

    _, ax = plt.subplots(figsize=figsize, layout="constrained")
    return ax


def frame(ax: Axes, areas: gpd.GeoDataFrame) -> None:
    """Fit the axes around the areas, true to scale, without ticks."""
    ax.set_axis_off()
    ax.autoscale_view()
    ax.set_aspect("equal")
    if areas.crs is not None and areas.crs.is_geographic and len(areas):
        # A degree of longitude is shorter than one of latitude.
        _, south, _, north = areas.total_bounds
        ax.set_aspect(1 / np.cos(np.radians((south + north) / 2)))


def line_width(areas: gpd.GeoDataFrame, ax: Axes) -> float:
    """Return the width in points of the lines between areas, 0 where they would cover them."""
    sizes = areas.geometry.area if _is_projected(areas) else None
    if sizes is None or not len(areas):
        return WIDEST_LINE if len(areas) < MANY else 0.0
    west, south, east, north = areas.total_bounds
    box = ax.get_window_extent()
    points = 72 / ax.figure.dpi
    scale = points * min(box.width / max(east - west, 1e-9), box.height / max(north - south, 1e-9))
    width = 0.06 * float(np.sqrt(np.nanmedian(sizes))) * scale
    return 0.0 if width < THINNEST_LINE else min(width, WIDEST_LINE)


def _is_projected(areas: gpd.GeoDataFrame) -> bool:
    """Tell whether lengths are lengths; without a CRS they are taken to be."""
    return areas.crs is None or not areas.crs.is_geographic


def _look(group: Group) -> dict[str, Any]:
    """Return the style of a group."""
    look: dict[str, Any] = {"facecolor": group.colour}
    if pattern := _colours.PATTERNS.get(group.label):
        look |= {"hatch": pattern, "edgecolor": _colours.PATTERN_INK, "linewidth": 0.3}
    return look


def add_legend(
    ax: Axes,
    groups: Sequence[Group],
    *,
    title: str,
    options: Mapping[str, Any],
    style: Mapping[str, Any],
) -> None:
    """Add a legend that counts the areas of each class, beside the map unless told where."""
    from matplotlib.patches import Patch

    swatch: dict[str, Any] = {"edgecolor": "#8c8c8c", "linewidth": 0.5}
    shared = {name: value for name, value in style.items() if name in {"alpha", "hatch"}}
    handles = [
        Patch(
            label=f"{group.label} ({int(group.members.sum()):,})" if group.counted else group.label,
            **(_look(group) | swatch | shared),
        )
        for group in groups
    ]
    counted = any(group.counted for group in groups)
    chosen: dict[str, Any] = {
        "loc": "upper left",
        "bbox_to_anchor": (1.02, 1.0),
        "frameon": False,
        "alignment": "left",
        "borderaxespad": 0.0,
        "handlelength": 1.6,
        "handleheight": 1.1,
        "title": f"{title}\n(number of areas)" if counted and title else title,
    }
    ax.legend(handles=handles, **(chosen | dict(options)))


def numeric_values(areas: gpd.GeoDataFrame, column: str) -> NDArray[np.float64]:
    """Return a column's values, missing where they are suppressed: no class may betray them."""
    values = _checks.numbers(areas, column)
    return np.where(is_suppressed(areas), np.nan, values)


def is_number(areas: gpd.GeoDataFrame, column: str) -> bool:
    """Tell whether a column holds numbers."""
    _checks.columns(areas, [column])
    return bool(pd.api.types.is_numeric_dtype(areas[column].dtype))
