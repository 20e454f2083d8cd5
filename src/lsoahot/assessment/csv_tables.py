"""An assessment's table as it is written to a file, and what each of its columns means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import pandas as pd

if TYPE_CHECKING:
    import geopandas as gpd


class Column(NamedTuple):
    """How a column is shown to people: its heading, what kind of figure it is, what it means."""

    heading: str
    kind: str  # a key of `_workbook.looks.KINDS`
    width: float  # in characters
    meaning: str


# In the order in which they are written.
COLUMNS: Final[dict[str, Column]] = {
    "rank": Column(
        "Rank", "place", 6,
        "Place by count, the largest first. Areas that tie share the better place.",
    ),
    "area_code": Column("Area code", "text", 12, "The official code of the area."),
    "area_name": Column("Area", "text", 20, "The name of the area."),
    "population": Column(
        "Population", "whole", 11,
        "What the rate is divided by: residents, unless the settings name another denominator.",
    ),
    "count": Column(
        "Count (events)", "whole", 10,
        "Events in the area in the period. Empty where there are no data, or where the count is "
        "withheld.",
    ),
    "rate": Column("Rate (per 1,000)", "rate", 10, "Events per 1,000 of the population."),
    "rate_lower": Column(
        "Rate, lower 95% limit", "rate", 10,
        "Where the rate may lie by chance alone: exact limits below 10 events, Byar's from 10 on.",
    ),
    "rate_upper": Column("Rate, upper 95% limit", "rate", 10, "The upper limit of the same."),
    "gi_z": Column(
        "Gi* (standard deviations)", "score", 12,
        "How far the area and its neighbours together lie above (or below) what chance would give "
        "(Getis-Ord Gi*).",
    ),
    "gi_p": Column(
        "Gi* p (probability)", "p", 11,
        "How likely a Gi* at least so extreme is, if the rates were shuffled over the areas.",
    ),
    "gi_q": Column(
        "Gi* q (adjusted p)", "p", 11,
        "The same, adjusted for the number of areas tested (Benjamini-Hochberg).",
    ),
    "hotspot": Column(
        "Hot spot?", "class", 15,
        "The area and its neighbours together hold more (hot) or less (cold) than chance explains, "
        "and how sure that is. 'Not significant': chance explains what is seen.",
    ),
    "cluster": Column(
        "Cluster (local Moran)", "class", 15,
        "First the area, then its neighbours: High-High is a high rate among high rates, High-Low "
        "a high rate among low ones.",
    ),
    "rate_rank": Column("Rank by rate", "place", 8, "Place by rate, the largest first."),
    "test": Column(
        "Test used", "text", 11,
        "getis_ord: Gi* of the rate. local_risk: the exact test of risk, where there is less than "
        "one event an area; its columns then stand at the end.",
    ),
}  # fmt: skip

# These follow where they are in the table.
WHERE_USED: Final[dict[str, Column]] = {
    "risk_ratio": Column(
        "Risk ratio (1 = as the whole)", "score", 12,
        "Events in the area and its neighbours, over those expected at the risk of the whole.",
    ),
    "risk_lower": Column("Risk ratio, lower 95% limit", "score", 12, "Its exact limits."),
    "risk_upper": Column("Risk ratio, upper 95% limit", "score", 12, "The upper limit."),
    "risk_p": Column(
        "Risk p (probability)", "p", 11,
        "How likely so many events (or so few) are, if the risk were the same everywhere.",
    ),
    "risk_q": Column(
        "Risk q (adjusted p)", "p", 11, "The same, adjusted for the number of areas tested."
    ),
    "suppressed": Column(
        "Withheld?", "flag", 10,
        "TRUE: the count is too small to publish, or would give a small one away, and so it and "
        "all that is made of it is left empty.",
    ),
}  # fmt: skip


def table_of(table: gpd.GeoDataFrame, population: str = "population") -> pd.DataFrame:
    """Return an assessment's table as it is written: every area, no geometry.

    The columns are fixed. Where events were few, the columns of the test that was used instead
    follow; ``test`` names it in every row, so that the file speaks for itself.
    """
    plain = pd.DataFrame(table.drop(columns="geometry")).reset_index(names="area_code")
    if population != "population":
        plain["population"] = plain[population]
    plain["test"] = table.attrs["statistics"]["find_hotspots"]["test"]
    return plain[[*COLUMNS, *(name for name in WHERE_USED if name in plain)]]
