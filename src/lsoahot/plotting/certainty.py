"""Maps of a value and of how certain it is, in one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from lsoahot.common import checks
from lsoahot.plotting.core import draw
from lsoahot.plotting.core.class_breaks import classify, numeric_values
from lsoahot.plotting.core.groups import Group, value_groups
from lsoahot.plotting.core.legend import LEGEND

from . import colours as _colours

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap

# How strongly a colour is laid on, from certain to uncertain.
STRENGTHS: Final = (1.0, 0.6, 0.3)


def plot_certainty(
    areas: gpd.GeoDataFrame,
    column: str = "rate",
    *,
    ax: Axes | None = None,
    limits: tuple[str, str] = ("rate_lower", "rate_upper"),
    within: tuple[float, float] = (0.25, 0.5),
    scheme: str = "natural",
    k: int = 4,
    breaks: Sequence[float] | None = None,
    cmap: str | Colormap | Sequence[str] | None = None,
    legend_title: str = "Rate per 1,000 residents",
    **options: Any,
) -> Axes:
    """Draw the rate of each area, paler where it is less certain (value by alpha).

    Parameters
    ----------
    areas : GeoDataFrame
        One row an area, with the columns that :func:`rate` writes.
    column : str
        The column of rates.
    ax : Axes, optional
        Where to draw; new axes by default.
    limits : tuple of str
        The columns of its lower and upper confidence limits.
    within : tuple of float
        How wide the limits may be, plus or minus a share of the rate, for the full and the middle
        strength of colour.
    scheme, k, breaks, cmap
        How rates are put in classes and coloured; see :func:`plot_count`.
    legend_title : str
        What the legend is headed.
    **options
        geopandas' keywords.

    Returns
    -------
    Axes
        What was drawn on.

    Raises
    ------
    TypeError
        If ``areas`` is not a table of areas, or a column does not hold numbers.
    ValueError
        If a column is lacking, or ``within`` does not rise from above 0.

    Notes
    -----
    A rate of five events looks as firm on a map as one of five hundred. Here the eye is drawn to
    what is both high and certain. A rate of zero has limits infinitely wide for its size, and is
    pale.

    References
    ----------
    Roth RE, Woodruff AW, Johnson ZF (2010), Value-by-alpha maps: an alternative technique to the
    cartogram, The Cartographic Journal 47, 130-140.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> import lsoahot as lh
    >>> areas = gpd.GeoDataFrame(
    ...     {"rate": [30.5, 31.0], "rate_lower": [28.0, 5.0], "rate_upper": [33.0, 90.0]},
    ...     index=["E1", "E2"], crs=27700,
    ...     geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)],
    ... )
    >>> [drawn.get_label() for drawn in lh.plot_certainty(areas, breaks=[40]).collections]
    ['up to 40, within 25%', 'up to 40, wider']
    """
    checks.areas(areas)
    if not 0 < within[0] < within[1]:
        raise ValueError(
            f"within={within!r} does not rise from above 0. Give for example (0.25, 0.5)."
        )
    values = numeric_values(areas, column)
    result = classify(values, scheme=scheme, k=k, breaks=breaks)
    colours = _colours.ramp(cmap, len(result.labels))
    lower, upper = (numeric_values(areas, name) for name in limits)
    half = (upper - lower) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        width = np.where(half > 0, half / values, np.inf)
    level = np.searchsorted(within, width, side="left")
    names = (f"within {within[0]:.0%}", f"within {within[1]:.0%}", "wider")
    groups = [
        Group(f"{label}, {name}", _colours.laid_on(colour, strength), members)
        for step, (name, strength) in enumerate(zip(names, STRENGTHS, strict=True))
        for code, (label, colour) in enumerate(zip(result.labels, colours, strict=True))
        for members in [(result.codes == code) & (level == step)]
    ]
    groups += value_groups(areas, result, colours)[len(result.labels) :]
    legend, counts = options.pop("legend", True), options.pop("counts", True)
    legend_kwds = options.pop("legend_kwds", None) or {}
    ax = draw.draw(
        areas,
        groups,
        column=column,
        ax=ax,
        edge=_colours.PALE_EDGE,
        options=options | {"legend": False},
    )
    if legend and groups:
        note = f"Limits within ±{within[0]:.0%}, ±{within[1]:.0%}, wider"
        title = f"{legend_title}\n{note}"
        _add_legend(ax, groups, result.labels, title=title, counts=counts, options=legend_kwds)
    return ax


def _add_legend(
    ax: Axes,
    groups: Sequence[Group],
    labels: Sequence[str],
    *,
    title: str,
    counts: bool,
    options: dict[str, Any],
) -> None:
    """Add a legend of rows (the value) and columns (how certain it is)."""
    from matplotlib.patches import Patch

    rows = len(labels)
    graded = [groups[step * rows : (step + 1) * rows] for step in range(len(STRENGTHS))]
    columns = [
        [Patch(facecolor=cell.colour, edgecolor="#8c8c8c", linewidth=0.5) for cell in cells]
        for cells in graded
    ]
    for row, label in enumerate(labels):
        members = sum(int(cells[row].members.sum()) for cells in graded)
        columns[-1][row].set_label(f"{label} ({members:,})" if counts else label)
    for group in groups[len(STRENGTHS) * rows :]:
        number = f" ({int(group.members.sum()):,})" if counts else ""
        swatch = Patch(
            facecolor=group.colour, edgecolor=_colours.PATTERN_INK, linewidth=0.5,
            hatch=_colours.PATTERNS[group.label], label=group.label + number,
        )  # fmt: skip
        for column in columns[:-1]:
            column.append(Patch(visible=False, label=""))
        columns[-1].append(swatch)
    heading = "\n".join([title, *(["(number of areas)"] if counts else [])])
    chosen = LEGEND | {
        "ncols": len(STRENGTHS), "columnspacing": 0.0, "handletextpad": 0.35, "title": heading,
    } | options  # fmt: skip
    legend = ax.legend(handles=[patch for column in columns for patch in column], **chosen)
    legend.get_title().set_linespacing(1.3)
