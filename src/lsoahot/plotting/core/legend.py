"""The legend of a map, beside it: the classes, and how many areas are in each."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any, Final

from lsoahot.plotting import colours as _colours

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.legend import Legend

    from .groups import Group

# What begins the legend's line of classes that no area is in.
NONE: Final = "None: "
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
