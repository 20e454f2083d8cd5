"""An assessment's table as it is written to a file, and what each of its columns means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pandas as pd

if TYPE_CHECKING:
    import geopandas as gpd


class Column(NamedTuple):
    """How a column is shown to people: its heading, what kind of figure it is, what it means."""

    heading: str
    kind: str  # a key of `measure_sheet.KINDS`
    width: float  # in characters
    meaning: str


# In the order in which they are written.
COLUMNS: Final[dict[str, Column]] = {
    "rank": Column(
        "Rank", "place", 6,
        "Place by count, the largest first. Areas that tie share the better place."),
    "area_code": Column("Area code", "text", 12, "The official code of the area."),
    "area_name": Column("Area", "text", 20, "The name of the area."),
    "population": Column(
        "Population", "whole", 11,
        "What the rate is divided by: residents, unless the settings name another denominator."),
    "count": Column(
        "Count (events)", "whole", 10,
        "Events in the area in the period. Empty where there are no data, or where the count is "
        "withheld."),
    "rate": Column("Rate (per 1,000)", "rate", 10, "Events per 1,000 of the population."),
    "rate_lower": Column(
        "Rate, lower 95% limit", "rate", 10,
        "Where the rate may lie in the long run: exact limits below 10 events, Byar's from 10 on."),
    "rate_upper": Column("Rate, upper 95% limit", "rate", 10, "The upper limit of the same."),
    "level": Column(
        "Level", "class", 14,
        "Is this area high? Far above: surely more than twice the whole's rate; Above: surely more "
        "than 1.5 times; Probably above: more than 1.5 times with a probability of 0.8 or more; "
        "Near average, Below, Far below likewise; Can't tell: the numbers are too small."),
    "level_class": Column(
        "Level, as a number", "place", 8, "3 for 'Far above' to -2 for 'Far below'."),
    "relative_risk": Column(
        "Times the whole's rate", "score", 10,
        "How many times the whole's rate the area's true rate is, small numbers allowed for."),
    "relative_risk_lower": Column(
        "Times, lower 95% limit", "score", 10, "It is above this with a probability of 0.975."),
    "relative_risk_upper": Column(
        "Times, upper 95% limit", "score", 10, "It is below this with a probability of 0.975."),
    "exceedance": Column(
        "Probability of 1.5 times", "score", 10,
        "The probability that the true rate is more than 1.5 times the whole's."),
    "excess": Column(
        "Excess (events)", "rate", 10, "Events beyond those it would have at the whole's rate."),
    "gi_z": Column(
        "Gi* (standard deviations)", "score", 12,
        "How far the area and its neighbours together lie above (or below) areas placed at random "
        "(Getis-Ord Gi*)."),
    "gi_p": Column(
        "Gi* p (probability)", "p", 11,
        "How likely a Gi* at least so extreme is, if the rates were shuffled over the areas."),
    "gi_q": Column(
        "Gi* q (adjusted p)", "p", 11,
        "The same, adjusted for the number of areas tested (Benjamini-Hochberg)."),
    "hotspot": Column(
        "Hot spot?", "class", 15,
        "Do high (hot) or low (cold) areas lie together here, and how sure that is. 'Beside a hot "
        "spot': the neighbours are high, the area itself is not. 'Not significant': no cluster was "
        "found, which is no proof that there is none."),
    "hotspot_class": Column(
        "Hot spot, as a number", "place", 8, "3 for 'Hot spot 99%' to -3 for 'Cold spot 99%'."),
    "cluster": Column(
        "Cluster (local Moran)", "class", 15,
        "First the area, then its neighbours: High-High is a high rate among high rates, High-Low "
        "a high rate among low ones."),
    "rate_rank": Column("Rank by rate", "place", 8, "Place by rate, the largest first."),
    "test": Column(
        "Test used", "text", 11,
        "The test for clusters. getis_ord: Gi* of the rate."),
}  # fmt: skip

# These follow where they are in the table.
WHERE_USED: Final[dict[str, Column]] = {
    "suppressed": Column(
        "Withheld?", "flag", 10,
        "TRUE: the count is too small to publish, or would give a small one away, and so it and "
        "all that is made of it is left empty."),
}  # fmt: skip


def table_of(table: gpd.GeoDataFrame, population: str = "population") -> pd.DataFrame:
    """Return an assessment's table as it is written: every area, no geometry.

    The columns are fixed; ``test`` names the test in every row, so that the file speaks for itself.
    """
    plain = pd.DataFrame(table)
    columns: dict[str, Any] = {
        name: plain[name].array for name in (*COLUMNS, *WHERE_USED) if name in plain
    }
    columns["area_code"], columns["population"] = plain.index, plain[population].array
    columns["test"] = table.attrs["statistics"]["find_hotspots"]["test"]
    return pd.DataFrame(columns)[[*COLUMNS, *(name for name in WHERE_USED if name in plain)]]


def shapeless(table: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return a table without its shapes, for words and cells: what needs none is cut up far faster."""
    plain = pd.DataFrame(table).drop(columns=table.geometry.name)
    plain.attrs = table.attrs
    return plain
