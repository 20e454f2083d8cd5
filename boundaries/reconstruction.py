"""Reconstruct populations and records whose every total is the published one.

The order: populations; then, year by year, crimes by area and offence, the flags on them, the
incidents beside them; then months; then one row an event. What is published is a constraint, the
rest is a plausible expectation with noise (see sources/), and `integers.nearest` joins the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from integers import Sum, exactly, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

YEARS = range(2007, 2013)  # a year runs from October to September and is named by its end's year
PUBLISHED = 2012  # the only year whose areas were published
COUNTY_RATE = 33.55  # 34 per 1000 as published, and still 34 when it is read as 33.6
SEED = 1256

MEASURES = {  # the ranked tables that count crimes of a category
    "violence_against_the_person": "Violence against the person",
    "serious_acquisitive_crime": "Serious acquisitive crime",
    "other_acquisitive_crime": "Other acquisitive crime",
    "criminal_damage": "Criminal damage",
}
# What the text states of single months: (year, offence) -> {calendar month: crimes, a peak}.
PEAKS = {(2012, "Theft from vehicle"): {3: 49}, (2012, "Burglary dwelling"): {12: 13}}
DRUGS_FLAGGED_FROM = "2010-04"
ASB_SPLIT_FROM = "2011-04"
ASB_BEFORE = "Recorded before April 2011"
ASB_SHARES = {"Nuisance": (0.76, 0.80), "Personal": (0.15, 0.136), "Environmental": (0.09, 0.064)}
HATE_CENTRE = 3  # of the 8 hate offences: "Oakham Centre had the highest number"
FIRES = {  # of each year's deliberate fires: the primary ones, by what burned
    2011: ["Road vehicle", "Road vehicle", "Outdoor structure", "Shed or garage"],
    2012: ["Road vehicle", "Road vehicle", "Outdoor structure", "Shed or garage", "Caravan"],
}
SECONDARY = ["Grass or hedge", "Rubbish or wheelie bin", "Straw or hay", "Rubbish or wheelie bin"]


@dataclass(frozen=True)
class Sources:
    """The tables of sources/ and published/, as read."""

    areas: pd.DataFrame
    offences: pd.DataFrame
    incidents: pd.DataFrame
    flags: pd.DataFrame
    settings: pd.DataFrame
    seasons: pd.DataFrame
    ranked: pd.DataFrame


def populations(areas: pd.DataFrame, ranked: pd.DataFrame, crimes: int) -> pd.Series:
    """Return the people of each area: the integer nearest to mid-2011 that fits all its rates.

    Areas without a published rate share what the county's rate leaves, in proportion to mid-2011.
    """
    people = areas["population_2011"].astype(int).copy()
    for code, rows in ranked.groupby("area_code"):
        tried = np.arange(people[code] // 2, people[code] * 2)
        rates = 1000 * rows["count"].to_numpy() / tried[:, None]
        fits = tried[(abs(rates - rows["rate"].to_numpy()) < 0.05 - 1e-9).all(axis=1)]
        if not len(fits):
            raise ValueError(f"no population of {code} gives all its published rates.")
        people[code] = fits[np.argmin(abs(fits - people[code]))]
    free = ~people.index.isin(ranked["area_code"])
    left = int(1000 * crimes / COUNTY_RATE) - people[~free].sum()
    share = people[free] * left / people[free].sum()
    whole = np.floor(share).astype(int)
    extra = (share - whole).sort_values(ascending=False).index[: left - whole.sum()]
    whole[extra] += 1
    people[free] = whole
    return people


class Reconstruction:
    """Fill the tables, with one stream of random numbers from the first to the last."""

    def __init__(self, sources: Sources) -> None:
        self.s = sources
        self.random = np.random.default_rng(SEED)
        self.areas = sources.areas.assign(
            population=populations(
                sources.areas, sources.ranked, int(sources.offences[str(PUBLISHED)].sum())
            )
        )
        self.codes = self.areas.index.to_numpy()
        self.offences = sources.offences["offence"].to_numpy()
        self.categories = sources.offences["category"].to_numpy()
        self.usual: np.ndarray | None = None  # the published year's crimes by area and offence

    # --- expectations and constraints -------------------------------------------------------------

    def noisy(self, expected: np.ndarray, strength: float = 1.0) -> np.ndarray:
        """Return the expectation with about the scatter of counts."""
        scatter = strength * np.sqrt(expected) * self.normal(expected.shape)
        return np.maximum(expected + scatter, 0.15 * expected) + 0.001 * self.random.random(
            expected.shape
        )

    def normal(self, shape: tuple[int, ...]) -> np.ndarray:
        """Return roughly normal numbers from uniform ones (the stream of which never changes)."""
        return self.random.random((12, *shape)).sum(axis=0) - 6

    def share(self, setting: str) -> np.ndarray:
        """Return each area's expected share of events that follow a setting."""
        factor = self.s.settings.loc[setting]
        weight = self.areas["population"] * self.areas["setting"].map(factor)
        return (weight / weight.sum()).to_numpy()

    def rows(self, where: np.ndarray, measure: str) -> list[Sum]:
        """Return what a ranked table says of the cells in `where` (a mask of the columns)."""
        ranked = self.s.ranked
        table = ranked[ranked["measure"] == measure].set_index("area_code")
        last = table.iloc[-1]
        sums = []
        for row, code in enumerate(self.codes):
            cells = np.zeros((len(self.codes), len(where)), bool)
            cells[row] = where
            if code in table.index:
                sums.append(exactly(cells, int(table.loc[code, "count"])))
            else:  # below the last one listed; level with it only where that is a single event
                level = last["count"] == 1 and self.areas["area_name"][code] > last["area_name"]
                sums.append(Sum(cells, 0, int(last["count"]) - (0 if level else 1)))
        return sums

    # --- areas ------------------------------------------------------------------------------------

    def by_area(self, table: str, year: int, crimes: int = 0) -> np.ndarray:
        """Return events by area: incidents, in the published year with `crimes` counted in."""
        source = self.s.incidents.loc[table]
        total = int(source[str(year)]) + (crimes if year == PUBLISHED else 0)
        expected = self.noisy(total * self.share(source["setting"]))[:, None]
        sums = [exactly(np.ones_like(expected, bool), total)]
        if year == PUBLISHED:
            sums += self.rows(np.array([True]), source["measure"])
        return nearest(expected, sums)[:, 0]

    def crimes(self, year: int, drugs: np.ndarray | None) -> np.ndarray:
        """Return crimes by area and offence; `drugs` is the most drug offences an area may have."""
        totals = self.s.offences[str(year)].to_numpy()
        share = np.column_stack([self.share(setting) for setting in self.s.offences["setting"]])
        if self.usual is not None:
            share = 0.35 * share + 0.65 * self.usual / self.usual.sum(axis=0)
        expected = self.noisy(share * totals)
        sums = []
        for column, total in enumerate(totals):
            cells = np.zeros(expected.shape, bool)
            cells[:, column] = True
            sums.append(exactly(cells, total))
        most = np.full(expected.shape, 10_000)
        if year == PUBLISHED:
            sums += self.rows(np.ones(len(totals), bool), "total_crime")
            for measure, category in MEASURES.items():
                sums += self.rows(self.categories == category, measure)
            if drugs is not None:
                most[:, self.offences == "Drug offence"] = drugs[:, None]
        return nearest(expected, sums, most)

    def flagged(self, flag: str, year: int, crimes: np.ndarray, most: np.ndarray) -> np.ndarray:
        """Return how many of the crimes in each cell carry a flag; `most` is for each area."""
        flags = self.s.flags
        wanted = flags[flags["flag"] == flag].set_index("category")[str(year)]
        allowed = crimes.copy()
        allowed[:, ~np.isin(self.categories, wanted.index)] = 0
        allowed[:, self.offences == "Drug offence"] = 0
        sums, expected = [], np.zeros(crimes.shape)
        for category, total in wanted.items():
            cells = np.tile(self.categories == category, (len(self.codes), 1))
            sums.append(exactly(cells, int(total)))
            expected[cells] = allowed[cells] * int(total) / allowed[cells].sum()
        for row, limit in enumerate(most):
            cells = np.zeros(crimes.shape, bool)
            cells[row] = True
            if flag == "hate" and year == PUBLISHED and self.areas["setting"].iloc[row] == "centre":
                sums.append(exactly(cells, HATE_CENTRE))
            else:
                sums.append(Sum(cells, 0, int(limit)))
        return nearest(self.noisy(expected, 0.5), sums, allowed)

    # --- months -----------------------------------------------------------------------------------

    def months(
        self,
        totals: np.ndarray,
        seasons: list[str],
        fixed: Mapping[int, Mapping[int, int]] | None = None,
        strength: float = 1.0,
    ) -> np.ndarray:
        """Return events by row and calendar month; `fixed` are peaks, above all other months."""
        season = self.s.seasons.loc[seasons].to_numpy(float)
        expected = totals[:, None] * season / season.sum(axis=1, keepdims=True)
        top = np.full(expected.shape, 10_000)
        sums = []
        for row, total in enumerate(totals):
            cells = np.zeros(expected.shape, bool)
            cells[row] = True
            sums.append(exactly(cells, int(total)))
            for month, number in (fixed or {}).get(row, {}).items():
                cell = np.zeros(expected.shape, bool)
                cell[row, month - 1] = True
                sums.append(exactly(cell, number))
                top[row] = np.minimum(top[row], round(0.75 * number))
                top[row, month - 1] = number
        return nearest(self.noisy(expected, strength), sums, top)

    def shuffled(self, values: np.ndarray) -> np.ndarray:
        """Return the values in random order."""
        return values[np.argsort(self.random.random(len(values)), kind="stable")]
