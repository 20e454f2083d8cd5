"""Maps and charts, drawn at the size at which they stand on the page."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from lsoahot.common.class_labels import FELL, HOT_SPOTS, ROSE
from lsoahot.common.month_names import month_name, short_month_year
from lsoahot.plotting import chart_frame, colours
from lsoahot.plotting.charts import plot_seasonality, plot_trend
from lsoahot.plotting.furniture import add_labels, add_north_arrow, add_outline, add_scale_bar
from lsoahot.plotting.maps import class_breaks, plot_areas, plot_rate
from lsoahot.plotting.page_frame import REAL_TEXT
from lsoahot.plotting.pages import top_areas

from . import formats

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    import geopandas as gpd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


NAMED: Final = 5
HEARD: Final = 30  # names; more are not listened to


def of_map(title: str, areas: gpd.GeoDataFrame, place: str, people: str) -> str:
    """Describe a map of rates: the highest, the lowest, the hot spots, what is withheld."""
    shown = areas[areas["rate"].notna()].sort_values("rate", ascending=False, kind="stable")
    text = [f"Map of the {len(areas)} areas of {place} by rate of {title} per 1,000 {people}."]
    if len(shown):
        top = [
            f"{name} {formats.decimal(rate)}"
            for name, rate in zip(names(shown), shown["rate"], strict=True)
        ]
        text.append(f"Highest: {', '.join(top[:NAMED])}.")
        if len(top) > NAMED:
            text.append(f"Lowest: {top[-1]}.")
    hot = areas[areas["hotspot"].astype(str).str.startswith("Hot spot")]
    if len(hot):
        listed = names(hot)
        more = f" and {len(listed) - NAMED} more" if len(listed) > NAMED else ""
        text.append(f"Outlined as hot spots: {', '.join(listed[:NAMED])}{more}.")
    else:
        text.append("No area is outlined as a hot spot.")
    if hidden := int(areas.get("suppressed", pd.Series(data=False, index=areas.index)).sum()):
        text.append(f"{hidden} areas are patterned: their figures are withheld.")
    return " ".join(text)


def of_areas(areas: gpd.GeoDataFrame, place: str) -> str:
    """Describe the reference map."""
    listed = names(areas)
    every = ", ".join(listed) if len(listed) <= HEARD else ""
    return f"Map of the {len(areas)} areas of {place}{': ' if every else ''}{every}."


def of_years(title: str, table: pd.DataFrame) -> str:
    """Describe a chart of years."""
    text = [f"Line chart of {title} by year."]
    for name, rows in table.groupby(table.columns[0], sort=False):
        if name == "Total" and (table[table.columns[0]] != "Total").any():
            continue
        figures = [
            f"{year} {formats.whole(count)}"
            for year, count in zip(rows["year"], rows["count"], strict=True)
        ]
        text.append(f"{title if name == 'Total' else name}: {', '.join(figures)}.")
    return " ".join(text)


def of_months(title: str, months: pd.Series) -> str:
    """Describe a chart of this year's months and the year before's."""
    text = [f"Line chart of {title} by month."]
    for year in (months.iloc[-24:-12], months.iloc[-12:]):
        figures = [f"{short_month_year(month)} {count}" for month, count in year.items()]
        text.append(f"{', '.join(figures)}.")
    return " ".join(text)


def of_season(title: str, season: pd.DataFrame) -> str:
    """Describe a chart of the months of the year."""
    figures = [
        f"{name} {index:.0f}"
        for name, index in zip(season["month_name"], season["index"], strict=True)
    ]
    return (
        f"Bar chart of {title} by month of the year, where 100 is an even year: "
        f"{', '.join(figures)}."
    )


def names(areas: gpd.GeoDataFrame) -> list[str]:
    """Return what areas are called; their codes where they have no names."""
    return [str(name) for name in areas.get("area_name", areas.index.to_series())]


TOTAL: Final = "Total"
DPI: Final = 200
HIGHEST: Final = 4.2  # inches of a map
LOWER: Final = 3.7  # of the reference map
KEY: Final = 2.0  # inches beside a map, for its legend
LABELLED: Final = 10
LEGEND: Final = 2.1  # inches of the key that the legend takes
SMALLEST: Final = 1.2  # inches; a closer view that is smaller shows nothing
# An area is too small to see if its side is less than this share of the map's; what is shown of
# the ground around it, in its sides.
TOO_SMALL: Final = 0.08
AROUND: Final = 2.5


def _drawn(figure: Figure) -> bytes:
    """Return a figure as a PNG that says nothing of when it was made."""
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=DPI, metadata={"Software": "lsoahot"})
    return file.getvalue()


def _settings() -> AbstractContextManager[None]:
    from matplotlib import rc_context

    return rc_context(REAL_TEXT)


def _map(
    areas: gpd.GeoDataFrame, width: float, *, key: float, highest: float = HIGHEST
) -> tuple[Figure, Axes]:
    """Return a figure and axes of the shape of the areas."""
    from matplotlib.figure import Figure

    west, south, east, north = areas.total_bounds
    shape = (north - south) / max(east - west, 1.0)
    wide = width - key
    tall = min(wide * shape, highest)
    figure = Figure(figsize=(width, tall))
    ax = figure.add_axes((0, 0, min(tall / shape, wide) / width, 1), label="map")
    side = 0.015 * max(east - west, north - south, 1.0)
    ax.set(xlim=(west - side, east + side), ylim=(south - side, north + side))
    ax.set_aspect("equal", anchor="W")
    ax.set_axis_off()
    return figure, ax


def area_map(areas: gpd.GeoDataFrame, width: float) -> bytes:
    """Draw the areas with their names."""
    with _settings():
        figure, ax = _map(areas, width, key=0.0, highest=LOWER)
        add_scale_bar(ax, areas)
        add_north_arrow(ax, areas)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # names that found no room
            plot_areas(areas, ax=ax, label="area_name" if "area_name" in areas else None)
        return _drawn(figure)


def rate_map(areas: gpd.GeoDataFrame, width: float, *, legend: str) -> bytes:
    """Draw the rates, the hot spots outlined, the areas with most named."""
    from matplotlib.lines import Line2D

    with _settings():
        figure, ax = _map(areas, width, key=KEY)
        add_scale_bar(ax, areas)
        add_north_arrow(ax, areas)
        plot_rate(areas, ax=ax, legend_title=legend)
        if "district" in areas.columns:
            add_outline(ax, areas, linewidth=0.9)
        hot = _outline_hot(ax, areas)
        handles, labels = _key_of(ax)
        if hot:
            handles.append(Line2D([], [], color=colours.INK, linewidth=2.2))
            labels.append(f"Hot spot ({hot})")
        named = top_areas(areas, LABELLED)
        right = ax.get_position().x1
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # names that found no room
            near = _closer(figure, ax, areas, named, left=right + 0.02)
            if "area_name" in areas:
                add_labels(ax, named.loc[~named.index.isin(near)], size=7.5)
        figure.legend(
            handles, labels, title=legend, loc="upper left", bbox_to_anchor=(right + 0.01, 0.98),
            frameon=False, fontsize=8.5, title_fontsize=9, alignment="left", handlelength=1.4,
        )  # fmt: skip
        return _drawn(figure)


def _outline_hot(ax: Axes, areas: gpd.GeoDataFrame) -> int:
    """Draw a line around the hot spots, and return how many areas they are."""
    hot = areas[areas["hotspot"].isin(HOT_SPOTS)]
    if len(hot):
        limits = ax.axis()
        hot.dissolve().boundary.plot(ax=ax, color=colours.INK, linewidth=2.2, zorder=4, aspect=None)
        ax.axis(limits)
    return len(hot)


def _breaks(areas: gpd.GeoDataFrame) -> list[float] | None:
    """Return the classes of a map, for a closer view of it."""
    return class_breaks([areas]) if areas["rate"].notna().any() else None


def _closer(
    figure: Figure,
    ax: Axes,
    areas: gpd.GeoDataFrame,
    named: gpd.GeoDataFrame,
    *,
    left: float,
) -> pd.Index:
    """Draw a closer view of the town around the smallest area that is named, beside the map.

    Returns
    -------
    Index
        The areas that are seen, and named, in the view; none where no area is too small to see.
    """
    from matplotlib.patches import Rectangle

    width, height = figure.get_size_inches()
    room = min((1 - left) * width - 0.05, height - LEGEND)
    if named.empty or room < SMALLEST or "area_name" not in areas:
        return named.index[:0]
    west, south, east, north = areas.total_bounds
    extent = max(east - west, north - south)
    small = named.geometry.area.pow(0.5).idxmin()
    size = float(named.geometry.area.pow(0.5)[small])
    if size > TOO_SMALL * extent:
        return named.index[:0]
    half = max(AROUND * size, TOO_SMALL * extent)
    middle = named.geometry[small].representative_point()
    view = (middle.x - half, middle.y - half, middle.x + half, middle.y + half)
    inset = figure.add_axes((left, 0.02, room / width, room / height), label="closer")
    plot_rate(areas, ax=inset, breaks=_breaks(areas), legend=False)
    inset.set(xlim=(view[0], view[2]), ylim=(view[1], view[3]))
    _outline_hot(inset, areas)
    inset.set_axis_on()
    inset.set(xticks=[], yticks=[], xlabel="", ylabel="")
    points = areas.geometry.representative_point()
    seen = areas[points.x.between(view[0], view[2]) & points.y.between(view[1], view[3])]
    add_labels(inset, top_areas(seen, LABELLED), size=6.5)
    ax.add_patch(
        Rectangle(
            view[:2], 2 * half, 2 * half, fill=False, edgecolor=colours.INK, linewidth=0.9,
            linestyle="--", zorder=4.5, label="_closer",
        )
    )  # fmt: skip
    return seen.index


def _key_of(ax: Axes) -> tuple[list[Any], list[str]]:
    """Take a map's legend away, and return what was in it."""
    legend = ax.get_legend()
    if legend is None:
        return [], []
    handles = [handle for handle in legend.legend_handles if handle is not None]
    labels = [text.get_text() for text in legend.get_texts()]
    legend.remove()
    return handles, labels


def years_chart(table: pd.DataFrame, width: float, *, title: str) -> bytes:
    """Draw the years, a line a category; what stands at their ends is as in the tables."""
    with _settings():
        figure, ax = _chart(width, 2.9)
        plot_trend(table, ax=ax)
        parts = table[table["category"] != TOTAL] if len(ax.texts) > 1 else table
        last = parts.groupby("category", sort=False).tail(1)
        last = last[last["count"].notna()]
        for text, (_, row) in zip(ax.texts, last.iterrows(), strict=True):
            name = title if row["category"] == TOTAL else row["category"]
            change = formats.change(row)
            sure = f", {row['verdict']}" if row["verdict"] in {ROSE, FELL} else ""
            notes = "" if change == formats.DASH else f" ({change}{sure})"
            text.set(text=f"{name} {formats.whole(row['count'])}{notes}", fontsize=7.8)
        _make_room(figure, ax)
        return _drawn(figure)


def _make_room(figure: Figure, ax: Axes) -> None:
    """Narrow the axes until what is written at the ends of their lines is on the figure."""
    figure.draw_without_rendering()
    ends = [text.get_window_extent().x1 for text in ax.texts]
    over = max([0.0, *ends]) / figure.bbox.width - 0.995
    place = ax.get_position()
    if over > 0:
        ax.set_position((place.x0, place.y0, max(place.width - over, 0.25), place.height))


def months_chart(months: pd.Series, width: float) -> bytes:
    """Draw the months of the last year beside those of the year before."""
    with _settings():
        figure, ax = _chart(width, 2.5)
        years = [months.iloc[-24:-12], months.iloc[-12:]]
        look: Iterator[tuple[str, float]] = iter(((colours.FAINT, 1.4), (colours.INK, 2.4)))
        for year in years:
            if len(year):
                colour, line = next(look)
                first, last = (short_month_year(year.index[at]) for at in (0, -1))
                ax.plot(range(12), year.to_numpy(), color=colour, lw=line, marker="o", ms=3.5,
                        label=f"{first} to {last}")  # fmt: skip
        ax.set_xticks(range(12), [month_name(month)[:3] for month in months.index[-12:]])
        ax.set_ylim(0, 1.25 * max(1, float(np.max(months.iloc[-24:]))))
        ax.set_ylabel("Events a month")
        ax.legend(frameon=False, fontsize=8.5, ncols=2, loc="upper left")
        chart_frame.plain(ax)
        return _drawn(figure)


def season_chart(table: pd.DataFrame, width: float) -> bytes:
    """Draw the months against an even year."""
    with _settings():
        figure, ax = _chart(width, 2.25)
        plot_seasonality(table, ax=ax)
        ax.set_ylim(0, 1.15 * ax.get_ylim()[1])  # on a chart this low the legend takes more of it
        return _drawn(figure)


def _chart(width: float, height: float, right: float = 0.98) -> tuple[Figure, Axes]:
    """Return a figure with axes that leave room for what stands at its sides."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(width, height))
    ax = figure.add_axes((0.09, 0.13, right - 0.09, 0.82))
    ax.tick_params(labelsize=8.5)
    ax.yaxis.label.set_fontsize(9)
    ax.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    return figure, ax
