"""What a picture shows, in words, for those who can't see it: from the same table as the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from . import formats

if TYPE_CHECKING:
    import geopandas as gpd

NAMED: Final = 5
HEARD: Final = 30  # names; more are not listened to


def of_map(title: str, areas: gpd.GeoDataFrame, place: str, people: str) -> str:
    """Describe a map of rates: the highest, the lowest, the hot spots, what is withheld."""
    shown = areas[areas["rate"].notna()].sort_values("rate", ascending=False, kind="stable")
    said = [f"Map of the {len(areas)} areas of {place} by rate of {title} per 1,000 {people}."]
    if len(shown):
        top = [
            f"{name} {formats.decimal(rate)}"
            for name, rate in zip(names(shown), shown["rate"], strict=True)
        ]
        said.append(f"Highest: {', '.join(top[:NAMED])}.")
        if len(top) > NAMED:
            said.append(f"Lowest: {top[-1]}.")
    hot = areas[areas["hotspot"].astype(str).str.startswith("Hot spot")]
    if len(hot):
        listed = names(hot)
        more = f" and {len(listed) - NAMED} more" if len(listed) > NAMED else ""
        said.append(f"Outlined as hot spots: {', '.join(listed[:NAMED])}{more}.")
    else:
        said.append("No area is outlined as a hot spot.")
    if hidden := int(areas.get("suppressed", pd.Series(data=False, index=areas.index)).sum()):
        said.append(f"{hidden} areas are patterned: their figures are withheld.")
    return " ".join(said)


def of_areas(areas: gpd.GeoDataFrame, place: str) -> str:
    """Describe the reference map."""
    listed = names(areas)
    every = ", ".join(listed) if len(listed) <= HEARD else ""
    return f"Map of the {len(areas)} areas of {place}{': ' if every else ''}{every}."


def of_years(title: str, table: pd.DataFrame) -> str:
    """Describe a chart of years."""
    said = [f"Line chart of {title} by year."]
    for name, rows in table.groupby(table.columns[0], sort=False):
        if name == "Total" and (table[table.columns[0]] != "Total").any():
            continue
        figures = [
            f"{year} {formats.whole(count)}"
            for year, count in zip(rows["year"], rows["count"], strict=True)
        ]
        said.append(f"{title if name == 'Total' else name}: {', '.join(figures)}.")
    return " ".join(said)


def of_months(title: str, months: pd.Series) -> str:
    """Describe a chart of this year's months and the year before's."""
    said = [f"Line chart of {title} by month."]
    for year in (months.iloc[-24:-12], months.iloc[-12:]):
        figures = [f"{month.strftime('%b %Y')} {count}" for month, count in year.items()]
        said.append(f"{', '.join(figures)}.")
    return " ".join(said)


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
