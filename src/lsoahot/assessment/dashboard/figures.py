"""A measure's counts by category, area and month, and what is worked out of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lsoahot.assessment.over_time import YEAR
from lsoahot.assessment.streets import most_named
from lsoahot.common.class_labels import (
    CHANGE_CLASSES,
    FELL,
    HOTSPOT_CLASSES,
    HOTSPOT_NUMBERS,
    LEVELS,
    NO_CLEAR_CHANGE,
    ROSE,
)

from . import packing

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from lsoahot.assessment.over_time import Calendar
    from lsoahot.common.arrays import Bools, Floats, Integers
    from lsoahot.statistics.links import Links


# Stand for a count that there is no data for, and for one that is not in the page.
MISSING, WITHHELD = -1, -2
VERDICTS = (ROSE, FELL, NO_CLEAR_CHANGE)
# One period of one category: arrays of the areas shown, by the names of the verbs' columns; words
# as their places in the page's lists.
Figures = dict[str, Any]
# The page lists the classes from hot to cold, the verbs from cold to hot.
HOTSPOT_PLACES = np.array([HOTSPOT_CLASSES.index(name) for name in HOTSPOT_NUMBERS])


def add_up(counts: Integers, axis: int = -1) -> Floats:
    """Add counts up; what holds a missing one is missing.

    Examples
    --------
    >>> add_up(np.array([[1, 2], [3, MISSING]])).tolist()
    [3.0, nan]
    """
    sums: Floats = np.where((counts < 0).any(axis=axis), np.nan, counts.sum(axis=axis))
    return sums


def names(areas: gpd.GeoDataFrame) -> list[str]:
    """Return the areas' names; their codes where they have none."""
    given = areas.get("area_name", areas.index.to_series())
    return [
        str(code if pd.isna(name) else name) for code, name in zip(areas.index, given, strict=True)
    ]


def districts(areas: gpd.GeoDataFrame) -> tuple[list[str], list[int]]:
    """Return the districts' names, and each area's place among them (-1 where it has none)."""
    column = areas.get("district")
    if column is None:
        return [], [-1] * len(areas)
    names = sorted(str(name) for name in column.dropna().unique())
    return names, [names.index(str(name)) if pd.notna(name) else -1 for name in column]


def groups(districts: Sequence[int], n: int) -> Bools:
    """Return who belongs to the whole and to each district, shape (1 + districts, areas)."""
    at = np.asarray(districts)
    every = [np.ones(len(at), dtype=bool), *(at == d for d in range(n))]
    return np.array(every)


def by_month(
    totals: Floats, names: Sequence[str], calendar: Calendar
) -> tuple[pd.DataFrame, tuple[str, str]] | None:
    """Return a group's months as counted records, and the first and the last month that it has.

    Parameters
    ----------
    totals : array of float, shape (categories, months)
        Missing where there is no data; categories that lack months that others have are left out.
    names : list of str
        The categories.
    calendar : Calendar
        The months.
    """
    there = np.isfinite(totals)
    months = np.flatnonzero(there.any(axis=0))
    usable = [c for c in range(len(names)) if there[c, months].all() and totals[c, months].sum()]
    if not usable:
        return None
    tables = [
        pd.DataFrame(
            {"period": calendar.months[months], "category": names[c], "count": totals[c, months]}
        )
        for c in usable
    ]
    span = str(calendar.months[months[0]]), str(calendar.months[months[-1]])
    return pd.concat(tables, ignore_index=True), span


def verdicts(
    trend: pd.DataFrame, names: Sequence[str], whole: Floats, calendar: Calendar
) -> Integers:
    """Lay the words of `lsoahot.trend` out by category and year, as places in `VERDICTS`.

    Parameters
    ----------
    trend : DataFrame
        What `trend` returned.
    names : list of str
        The categories to lay out.
    whole : array of float, shape (months,)
        Missing where the group has no data: years with such months are not compared.
    calendar : Calendar
        The months.
    """
    laid = np.full((len(names), len(calendar.starts)), -1, dtype=np.int64)
    ends = [calendar.months[start + calendar.length - 1].year for start in calendar.starts]
    # A year is called after the one that it ends in: "FY 2012", "2025".
    year = trend["year"].str[-4:].astype(int)
    for category, end, word in zip(trend["category"], year, trend["verdict"], strict=True):
        if category in names and word in VERDICTS and end in ends:
            laid[list(names).index(category), ends.index(end)] = VERDICTS.index(word)
    known = [
        bool(np.isfinite(whole[max(0, start - calendar.length) : start + calendar.length]).all())
        for start in calendar.starts
    ]
    laid[:, ~np.array(known)] = -1
    return laid


def peaks(season: pd.DataFrame, names: Sequence[str]) -> Bools:
    """Lay the peaks that `lsoahot.seasonality` found out by category and month, January first."""
    laid = np.zeros((len(names), YEAR), dtype=bool)
    for category, month, word in zip(
        season["category"], season["month"], season["verdict"], strict=True
    ):
        if category in names:
            laid[list(names).index(category), month - 1] = word == "peak"
    return laid


def around(links: Links, rates: Floats) -> Floats:
    """Return the mean rate of each area and its neighbours together."""
    there = np.isfinite(rates)
    value = np.where(there, rates, 0.0)
    n = links.weighted(there.astype(np.float64)) + there
    mean: Floats = (links.weighted(value) + value) / np.where(n > 0, n, np.nan)
    return mean


def mean(rates: Floats) -> float | None:
    """Return the mean rate of the areas that have one; None if none has."""
    there = rates[np.isfinite(rates)]
    return float(there.mean()) if there.size else None


def streets(
    codes: pd.Index, records: pd.DataFrame, spans: Sequence[tuple[pd.Period, pd.Period]]
) -> dict[str, Any] | None:
    """Return the streets that most records of each period are on or near, area by area.

    Parameters
    ----------
    codes : Index
        The areas shown.
    records : DataFrame
        A measure's records.
    spans : list of (Period, Period)
        The first and the last month of each period; none where streets must not be named.

    Returns
    -------
    dict or None
        ``text``, the different texts, and ``at``, each area's place among them by period (-1 for
        none). None where no street is named.
    """
    result = [named.reindex(codes) for named in most_named(records, spans)] if spans else []
    places, texts = pd.factorize(pd.concat(result)) if result else (np.zeros(0), [])
    if not len(texts):
        return None
    return {
        "text": [str(text) for text in texts],
        "at": packing.pack(places.reshape(len(result), -1)),
    }


def whole(rates: Floats, people: Floats) -> float | None:
    """Return the rate of all areas together; None if none has one.

    Examples
    --------
    >>> whole(np.array([10.0, 40.0, np.nan]), np.array([2000.0, 1000.0, 500.0]))
    20.0
    """
    there = np.isfinite(rates) & (people > 0)
    return float(np.average(rates[there], weights=people[there])) if there.any() else None


def of_table(table: pd.DataFrame) -> Figures:
    """Return the figures of a table that verbs have made; words as their places, -1 for none."""
    words = {"hotspot": HOTSPOT_CLASSES, "level": list(LEVELS), "change_class": CHANGE_CLASSES}
    result: Figures = {
        name: np.array([of.index(word) if word in of else -1 for word in table[name]])
        for name, of in words.items()
        if name in table
    }
    for name in ("count", "rate", "gi_z", "gi_q"):
        result[name] = table[name].to_numpy(dtype=np.float64, na_value=np.nan)
    return result


def breaks(values: Floats) -> list[float]:
    """Return the upper bounds of the classes of a map, over every year alike.

    They hold the lowest fifth, up to the middle, to the highest fifth, the highest twentieth, and
    the rest of the areas. Natural breaks, which suit a single printed map, would be drawn
    by the one town centre: of 611 areas of Leicestershire they leave 444 in the lowest class.

    Examples
    --------
    >>> breaks(np.arange(1.0, 101.0))
    [20.0, 50.0, 80.0, 95.0, 100.0]
    >>> breaks(np.array([0.0, 0.0, 3.0]))
    [0.0, 3.0]
    """
    there = values[np.isfinite(values)]
    if not there.size:
        return []
    tops = np.quantile(there, [0.2, 0.5, 0.8, 0.95, 1.0], method="inverted_cdf")
    return [float(top) for top in np.unique(tops)]


def published_counts(tables: Sequence[pd.DataFrame]) -> Integers:
    """Return what is published of the areas' counts: areas by years.

    `WITHHELD` where a count is held back, `MISSING` where there is none.
    """
    counts = np.stack([of_table(table)["count"] for table in tables], axis=1)
    hidden = np.stack([table["suppressed"].to_numpy(dtype=bool) for table in tables], axis=1)
    known = np.where(np.isnan(counts), MISSING, counts)
    return np.where(hidden, WITHHELD, known).astype(np.int64)


def safe_mix(totals: Floats, years: Sequence[tuple[int, int]], below: int) -> Integers:
    """Return a sensitive measure's categories of each year, unless one of them is small.

    Parameters
    ----------
    totals : array of float, shape (categories, months)
        Of all areas shown; all categories together first.
    years : list of (int, int)
        Where each year begins and ends.
    below : int
        Counts from 1 to below this are small.

    Returns
    -------
    array of int, shape (categories, years)
        `WITHHELD` throughout a year of which one category is small, or unknown.
    """
    mix = np.full((len(totals), len(years)), WITHHELD, dtype=np.int64)
    for y, (start, end) in enumerate(years):
        sums = totals[:, start:end].sum(axis=1)
        if np.isfinite(sums).all() and not ((sums > 0) & (sums < below)).any():
            mix[:, y] = sums
    return mix


def pack(tests: Sequence[Sequence[Figures]], name: str) -> dict[str, Any]:
    """Pack one of the figures: an array of categories by periods by areas.

    Of what a period lacks (the first has nothing to be compared with), -1 stands.
    """
    none = np.full(len(tests[0][0]["count"]), -1)
    return packing.pack(np.array([[row.get(name, none) for row in rows] for rows in tests]))


def classes(tests: Sequence[Sequence[Figures]], years: int) -> dict[str, Any]:
    """Find the classes of counts and rates: the same for every year, so that years compare."""

    def pooled(rows: Sequence[Figures], name: str) -> list[float]:
        return breaks(np.concatenate([row[name] for row in rows]))

    return {
        "count": [[pooled(rows[:years], "count"), pooled(rows[-1:], "count")] for rows in tests],
        "rate": [[pooled(rows, "rate")] for rows in tests],
    }
