"""Maps and charts, drawn at the size at which they stand on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lsoahot.assessment.map_sheets import DPI, png, raster
from lsoahot.common.class_labels import FELL, ROSE
from lsoahot.common.month_names import month_name, short_month_year
from lsoahot.describe.area_clauses import names
from lsoahot.describe.change_clauses import TOTAL
from lsoahot.plotting import chart_frame, colours
from lsoahot.plotting.charts import plot_seasonality, plot_trend
from lsoahot.plotting.page_frame import REAL_TEXT

from . import formats
from .context import UNNAMED

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    import geopandas as gpd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from .context import Context


NAMED: Final = 5
HEARD: Final = 30  # names; more are not listened to


def of_map(title: str, areas: pd.DataFrame, place: str, people: str) -> str:
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


def write_areas(context: Context) -> None:
    """Show where the areas are."""
    context.paper.picture(
        "Map",
        context.maps[""],
        title="The areas" if context.place == UNNAMED else f"The areas of {context.place}",
        key="map_areas",
        alt=of_areas(context.shown, context.place),
    )


def of_years(title: str, table: pd.DataFrame) -> str:
    """Describe a chart of years."""
    text = [f"Line chart of {title} by year."]
    for name, rows in table.groupby(table.columns[0], sort=False):
        if name == TOTAL and (table[table.columns[0]] != TOTAL).any():
            continue
        figures = [
            f"{year} {formats.whole(count)}"
            for year, count in zip(rows["year"], rows["count"], strict=True)
        ]
        text.append(f"{title if name == TOTAL else str(name)}: {', '.join(figures)}.")
    return " ".join(text)


def of_months(title: str, months: pd.Series) -> str:
    """Describe a chart of this year's months and the year before's."""
    text = [f"Line chart of {title} by month."]
    for year in (months.iloc[-24:-12], months.iloc[-12:]):
        pairs = zip(pd.PeriodIndex(year.index), year, strict=True)
        figures = [f"{short_month_year(month)} {count}" for month, count in pairs]
        text.append(f"{', '.join(figures)}.")
    return " ".join(text)


def of_season(title: str, season: pd.DataFrame) -> str:
    """Describe a chart of the months of the year."""
    figures = [
        f"{name} {index:.0f}"
        for name, index in zip(season["month_name"], season["index"], strict=True)
    ]
    return (
        f"Bar chart of {title} by month of the year, where 100 is the average month: "
        f"{', '.join(figures)}."
    )


def _draw_png(figure: Figure) -> bytes:
    """Return a figure as a PNG that says nothing of when it was made."""
    return png(raster(figure))


def _text_settings() -> AbstractContextManager[None]:
    from matplotlib import rc_context

    return rc_context(REAL_TEXT)


def years_chart(table: pd.DataFrame, width: float, *, title: str) -> bytes:
    """Draw the years, a line a category; what stands at their ends is as in the tables."""
    with _text_settings():
        figure, ax = _chart(width, 2.3)
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
        return _draw_png(figure)


def _make_room(figure: Figure, ax: Axes) -> None:
    """Narrow the axes until what is written at the ends of their lines is on the figure."""
    ax.autoscale_view()
    for _ in range(3):  # the lines' ends move less than the axes' edge does
        ends = [text.get_window_extent().x1 for text in ax.texts]
        over = max([0.0, *ends]) / figure.bbox.width - 0.995
        if over <= 0:
            break
        place = ax.get_position()
        ax.set_position((place.x0, place.y0, max(place.width - over, 0.25), place.height))


def months_chart(months: pd.Series, width: float) -> bytes:
    """Draw the months of the last year beside those of the year before."""
    with _text_settings():
        figure, ax = _chart(width, 2.1)
        for year, colour, line in (
            (months.iloc[-24:-12], colours.FAINT, 1.4),
            (months.iloc[-12:], colours.INK, 2.4),
        ):
            first, last = (short_month_year(year.index[at]) for at in (0, -1))
            ax.plot(range(12), year.to_numpy(), color=colour, lw=line, marker="o", ms=3.5,
                    label=f"{first} to {last}")  # fmt: skip
        ax.set_xticks(range(12), [month_name(month)[:3] for month in months.index[-12:]])
        ax.set_ylim(0, 1.25 * max(1, float(np.max(months.iloc[-24:]))))
        ax.set_ylabel("Events a month")
        ax.legend(frameon=False, fontsize=8.5, ncols=2, loc="upper left")
        chart_frame.plain(ax)
        return _draw_png(figure)


def season_chart(table: pd.DataFrame, width: float) -> bytes:
    """Draw the months against an even year."""
    with _text_settings():
        figure, ax = _chart(width, 2.0)
        plot_seasonality(table, ax=ax)
        ax.set_ylim(0, 1.15 * ax.get_ylim()[1])  # on a chart this low the legend takes more of it
        return _draw_png(figure)


def _chart(width: float, height: float) -> tuple[Figure, Axes]:
    """Return a figure with axes that leave room for what stands at its sides."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(width, height), dpi=DPI)
    FigureCanvasAgg(figure)  # one renderer, to measure text and to draw it
    ax = figure.add_axes((0.09, 0.13, 0.89, 0.82))
    ax.tick_params(labelsize=8.5)
    ax.yaxis.label.set_fontsize(9)
    ax.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    return figure, ax
