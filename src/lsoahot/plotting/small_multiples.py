"""Maps side by side in the same classes: a year a panel, or a measure a panel."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import numpy as np

from lsoahot.common import checks

from . import colours
from .core.class_breaks import class_breaks, is_number
from .core.legend import LEGEND, NONE
from .furniture import add_north_arrow, add_outline, add_scale_bar
from .maps import plot_rate
from .page_frame import LONG, MARGIN, SHORT, write_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import geopandas as gpd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend

    Plot = Callable[..., Axes]

HEAD, FOOT, KEY = 1.0, 1.2, 2.45  # inches: title, small print, legend
NAME = 0.3  # above each panel


def small_multiples(
    tables: Mapping[str, gpd.GeoDataFrame],
    *,
    plot: Plot = plot_rate,
    title: str = "",
    subtitle: str = "",
    same_breaks: bool = True,
    **options: Any,
) -> Figure:
    """Draw maps side by side on an A4 page, in the same classes and at the same scale.

    Parameters
    ----------
    tables : dict of str to GeoDataFrame
        The tables to draw, by the name of each panel.
    plot : callable
        The verb that draws each.
    title : str
        The title of the page.
    subtitle : str
        The line under it.
    same_breaks : bool
        Whether numbers are put in the same classes everywhere, found from all tables together. Turn
        it off for measures of different kinds; then each panel has its own legend.
    **options
        What ``plot`` takes.

    Returns
    -------
    Figure
        The page. Save it with ``figure.savefig("page.png", dpi=200)``.

    Raises
    ------
    TypeError
        If ``tables`` is not a dict, or holds what is not a table of areas.
    ValueError
        If there is no table, or the maps are not in metres.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> import lsoahot as lh
    >>> then = gpd.GeoDataFrame(
    ...     {"rate": [10.5, 33.0]}, index=["E1", "E2"], crs=27700,
    ...     geometry=[shapely.box(0, 0, 9000, 9000), shapely.box(9000, 0, 18000, 9000)],
    ... )
    >>> page = lh.small_multiples({"2024": then, "2025": then.assign(rate=[12.0, 60.5])}, k=3)
    >>> [ax.get_title(loc="left") for ax in page.axes[:2]]
    ['2024', '2025']
    """
    from matplotlib.figure import Figure

    panels = _checked(tables)
    if same_breaks and "breaks" not in options:
        options = options | _common_breaks(panels, plot, options)
        for used in ("scheme", "k") if "breaks" in options else ():
            options.pop(used, None)
    bounds = np.array([table.total_bounds for table in panels.values()])
    view = (*bounds[:, :2].min(axis=0), *bounds[:, 2:].max(axis=0))
    shape = (view[2] - view[0]) / max(view[3] - view[1], 1e-9)
    size, columns, (wide, tall) = _layout(len(panels), shape, own_keys=not same_breaks)

    figure = Figure(figsize=size)
    handles: dict[str, Artist] = {}
    headings: list[str] = []
    for number, (name, table) in enumerate(panels.items()):
        row, column = divmod(number, columns)
        x = MARGIN + column * wide
        y = size[1] - HEAD - (row + 1) * tall
        across = wide - (KEY if not same_breaks else 0.15)
        ax = figure.add_axes(
            (x / size[0], y / size[1], across / size[0], (tall - NAME) / size[1]), label="map"
        )
        _fit(ax, view)
        if number == 0:
            add_scale_bar(ax, table, width=0.35)
        plot(table, ax=ax, **({"counts": not same_breaks} | options))
        if "district" in table.columns:
            add_outline(ax, table, linewidth=0.6)
        ax.set_title(name, loc="left", size=10, weight="bold", color=colours.INK, parse_math=False)
        legend = ax.get_legend()
        if legend is not None and same_breaks:
            headings.append(legend.get_title().get_text())
            result = [text.get_text() for text in legend.get_texts()]
            handles |= {
                label: handle
                for label, handle in zip(result, legend.legend_handles, strict=True)
                if not label.startswith(NONE)
                if label not in handles and handle is not None
            }
            legend.remove()
        elif legend is not None:
            _shrink(legend)
    if handles:
        # Where panels were tested differently, the small print says which how.
        heading = headings[0] if len(set(headings)) == 1 else headings[0].partition(" (")[0]
        _key(figure, handles, heading, size)
    first = next(iter(panels.values()))
    _fit_names(figure, wide)
    write_words(figure, first, axes=figure.axes, title=title, subtitle=subtitle, series=panels)
    _north(figure, first)
    return figure


def _checked(tables: Mapping[str, gpd.GeoDataFrame]) -> dict[str, gpd.GeoDataFrame]:
    """Refuse what is not a dict of tables of areas."""
    if not hasattr(tables, "items"):
        raise TypeError(
            f"tables must be a dict of tables by name, not {type(tables).__name__}. "
            'Give for example {"2024": then, "2025": now}.'
        )
    panels = {str(name): table for name, table in tables.items()}
    if not panels:
        raise ValueError("there is no table to draw. Give one for each panel.")
    for table in panels.values():
        checks.areas(table)
    return panels


def _common_breaks(
    panels: Mapping[str, gpd.GeoDataFrame], plot: Plot, options: Mapping[str, Any]
) -> dict[str, Any]:
    """Find the breaks that all panels share, where they show numbers in classes."""
    takes = inspect.signature(plot).parameters
    column = options.get("column", takes["column"].default if "column" in takes else None)
    tables = list(panels.values())
    if "scheme" not in takes or column is None or not is_number(tables[0], column):
        return {}
    how = {name: options[name] for name in ("scheme", "k") if name in options}
    return {"breaks": class_breaks(tables, column, **how)}


def _layout(
    n: int, shape: float, *, own_keys: bool
) -> tuple[tuple[float, float], int, tuple[float, float]]:
    """Choose the page's way up and the number of columns that show the maps largest."""
    best = (0.0, (LONG, SHORT), 1, (0.0, 0.0))
    for size in ((LONG, SHORT), (SHORT, LONG)):
        across = size[0] > size[1]
        room_x = size[0] - 2 * MARGIN - (KEY if across and not own_keys else 0)
        room_y = size[1] - HEAD - FOOT - (0 if across or own_keys else KEY * 0.9)
        for columns in range(1, n + 1):
            wide, tall = room_x / columns, room_y / -(-n // columns)
            inner = wide - (KEY if own_keys else 0.15)
            scale = min(inner / shape, tall - NAME)
            if scale > best[0] + 1e-9:
                best = (scale, size, columns, (wide, tall))
    return best[1:]


def _fit(ax: Axes, view: Sequence[float]) -> None:
    """Show the same stretch of country in each panel."""
    side = 0.02 * max(view[2] - view[0], view[3] - view[1], 1.0)
    ax.set(xlim=(view[0] - side, view[2] + side), ylim=(view[1] - side, view[3] + side))
    ax.set_aspect("equal", anchor="NW")
    ax.set_axis_off()


def _fit_names(figure: Figure, wide: float) -> None:
    """Write the panels' names all in one size, that of the longest one that fits its column."""
    from matplotlib.text import Text

    texts = [
        text
        for ax in figure.axes
        for text in ax.findobj(Text, include_self=False)
        if text.get_text() and text.get_text() == ax.get_title(loc="left")
    ]
    room = (wide - 0.15) * figure.dpi
    share = min([1.0, *(room / max(text.get_window_extent().width, 1) for text in texts)])
    for text in texts:
        text.set_fontsize(float(text.get_fontsize()) * share)


def _north(figure: Figure, areas: gpd.GeoDataFrame) -> None:
    """Draw one arrow for all panels, at the head of the page."""
    wide, tall = figure.get_size_inches()
    box = ((wide - MARGIN - 0.4) / wide, (tall - 0.95) / tall, 0.4 / wide, 0.65 / tall)
    ax = figure.add_axes(box, label="north")
    ax.set_axis_off()
    add_north_arrow(ax, areas.head(0))


def _shrink(legend: Legend) -> None:
    """Fit a panel's own legend beside it."""
    legend.get_title().set_fontsize(7)
    for text in legend.get_texts():
        text.set_fontsize(6.5)


def _key(
    figure: Figure, handles: Mapping[str, Artist], heading: str, size: tuple[float, float]
) -> None:
    """Draw the legend that all panels share; what is no value comes last."""
    labels = sorted(handles, key=lambda label: label in colours.PATTERNS)
    corner = (MARGIN / size[0], (FOOT + KEY * 0.85) / size[1])
    if size[0] > size[1]:
        corner = ((size[0] - MARGIN - KEY + 0.25) / size[0], 1 - HEAD / size[1])
    figure.legend(
        [handles[label] for label in labels], labels,
        **(LEGEND | {
            "bbox_to_anchor": corner, "title": heading, "fontsize": 8.5, "title_fontsize": 8.5,
        }),
    )  # fmt: skip
