"""One offline HTML file: map, ranked table and charts, all following one choice."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from lsoahot.assessment import over_time
from lsoahot.assessment.notices import full_notice
from lsoahot.assessment.withheld import months_shown, protect, total_withheld
from lsoahot.boundaries.boundaries import select_areas
from lsoahot.common import checks
from lsoahot.counting.counts_to_hide import BELOW
from lsoahot.counting.monthly_scatter import measured_scatter, scatter_of_total
from lsoahot.counting.rates import EXACT_BELOW, count_limits, people_of, per_event, rate
from lsoahot.counting.suppression import account, withhold
from lsoahot.describe.numbers import SMALL_BASE
from lsoahot.records.periods import monthly
from lsoahot.statistics import links as _links
from lsoahot.statistics.changes import change, changes_of, scatter_of_years
from lsoahot.statistics.hotspots import find_hotspots, hotspots_of
from lsoahot.statistics.neighbours import touching
from lsoahot.statistics.relative_risk import points_of
from lsoahot.statistics.seasons import seasonality
from lsoahot.statistics.trends import trend

from . import about, figures, html as _html, packing

if TYPE_CHECKING:
    import os
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd
    from libpysal.graph import Graph
    from numpy.typing import NDArray

    from lsoahot.common.arrays import Bools, Floats, Integers


# A map of so many areas still follows a click within the blink of an eye.
MANY = 3_000


@dataclass(frozen=True, kw_only=True)
class Dashboard:
    """A finished page. In a notebook it shows itself.

    Attributes
    ----------
    title : str
        What stands at its head.
    html : str
        The whole page.
    """

    title: str
    html: str = field(repr=False)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page to a file, whole or not at all, and return the file's path."""
        return _html.write(self.html, path)

    def _repr_html_(self) -> str:
        return _html.frame(self.html)


def dashboard(
    areas: gpd.GeoDataFrame,
    measures: Mapping[str, pd.DataFrame],
    path: str | os.PathLike[str] | None = None,
    *,
    title: str = "Crime and incident dashboard",
    select: str | list[str] | None = None,
    until: str | pd.Period | None = None,
    graph: Graph | None = None,
    locate_by: str | Mapping[str, str] = "code",
    population: str | Mapping[str, str] = "population",
    below: Mapping[str, int] | None = None,
) -> Dashboard:
    """Make a dashboard: one HTML file that opens from disk, without internet, and can be e-mailed.

    A map, a ranked table and charts of the months, the years, the seasons and the categories all
    follow one choice of measure, category, year and areas. Counts, rates with limits, hot
    spots and changes are those of `count`, `rate`, `find_hotspots`, `change` and `trend`.

    Parameters
    ----------
    areas : GeoDataFrame
        One row an area, indexed by ``area_code``, with ``area_name`` and a population. Hot spots
        are tested on all of them.
    measures : dict of str to DataFrame
        The records behind each measure, by the name to show, in the order to show them. Records
        need ``period``, and ``category`` to be split by.
    path : path, optional
        A file to write the page to.
    title : str
        What stands at the head of the page.
    select : str or list of str, optional
        The district, or the areas, that the page shows; all of them by default. The others then
        only serve as neighbours.
    until : str or Period, optional
        The last month shown, such as ``"2012-09"``; by default that of the latest record. Years are
        12 months each, counted back from it.
    graph : libpysal.graph.Graph, optional
        Who is whose neighbour; queen contiguity by default.
    locate_by : str, or dict of str to str
        How records are counted, ``"code"`` or ``"point"`` (see `count`); for all measures, or by
        measure.
    population : str, or dict of str to str
        The column of ``areas`` that rates are divided by; for all measures, or by measure.
    below : dict of str to int, optional
        The measures of which small numbers are withheld, and from which number on they are given
        again. By default 5 for measures of domestic and hate records.

    Returns
    -------
    Dashboard
        The page, which shows itself in a notebook and has ``html`` and ``save(path)``.

    Raises
    ------
    TypeError
        If ``areas`` is not a table of areas.
    ValueError
        If there is no measure, a column is lacking, no record is in the areas and months asked for,
        or an option names a measure that isn't there.
    FileNotFoundError
        If the folder to write to does not exist.

    Warns
    -----
    UserWarning
        If there are more areas than a browser moves easily.

    Notes
    -----
    Of a measure with small numbers withheld, the file holds, area by area, only what `suppress`
    leaves of each year: no months, no categories, and no sums that give a count away. Years are
    compared by what is left of both.

    Examples
    --------
    >>> import lsoahot as lh
    >>> page = lh.dashboard(
    ...     lh.read_boundaries("sample"), {"Deliberate fires": lh.read_dataset("fires", "sample")}
    ... )
    >>> page
    Dashboard(title='Crime and incident dashboard')
    >>> len(page.html) < 2_500_000
    True
    """
    checks.areas(areas)
    _check(areas, measures, {"locate_by": locate_by, "population": population, "below": below})
    chosen = areas if select is None else select_areas(areas, select)
    _warn_of_many(len(chosen))
    measures = {
        name: records.assign(period=monthly(records["period"]))
        for name, records in measures.items()
    }
    links = touching(areas) if graph is None else graph
    denominators = sorted({_option_of(population, name) for name in measures})
    checks.columns(areas, denominators, "areas", "Join a population with lsoahot.join().")
    names, district = figures.districts(chosen)
    aligned = _links.align(areas, links)
    ground = Ground(
        areas=areas,
        graph=links,
        links=aligned,
        points=points_of(areas, aligned),
        people={name: people_of(areas, name) for name in denominators},
        shown=areas.index.get_indexer(chosen.index),
        districts=names,
        groups=figures.groups(district, len(names) if len(names) > 1 else 0),
        calendar=over_time.calendar(*over_time.span(measures.values(), until)),
    )
    packed = []
    for name, records in measures.items():
        column, least = _option_of(population, name), _least(name, records, below)
        result = _measure(
            ground, records, locate_by=_option_of(locate_by, name), population=column, below=least
        )
        open_ = least is None and _option_of(locate_by, name) == "code"
        result["streets"] = figures.streets(
            chosen.index, records, ground.calendar.spans if open_ else []
        )
        packed.append({"name": name, "population": denominators.index(column), **result})
    place = names[0] if len(names) == 1 else "All areas"
    years = ground.calendar.described()
    lower, upper = count_limits(np.arange(EXACT_BELOW, dtype=np.float64))
    content = {
        "place": select if isinstance(select, str) else place,
        "notice": full_notice(areas, measures),
        "about": about.lines(areas, measures, packed, calendar=ground.calendar, shown=len(chosen)),
        "areas": {
            "code": [str(code) for code in chosen.index],
            "name": figures.names(chosen),
            "district": district,
            "populations": [packing.pack(checks.numbers(chosen, c)) for c in denominators],
            "denominators": ["residents" if c == "population" else c for c in denominators],
            "neighbours": [int(n) for n in ground.links.size[ground.shown]],
        },
        "districts": names,
        "outlines": packing.outlines(chosen),
        "months": [str(month) for month in ground.calendar.months],
        "years": years,
        "least": SMALL_BASE,
        "tested": len(areas),
        "limits": [[float(a), float(b)] for a, b in zip(lower, upper, strict=True)],
        **_html.WORDS,
        "measures": packed,
    }
    made = Dashboard(
        title=title,
        html=_html.fill(
            content,
            title=title,
            subtitle=f"{content['place']}, {years[0]['label'].split(' to ')[0]} to "
            f"{years[-1]['label'].split(' to ')[1]}, {len(chosen):,} areas",
        ),
    )
    if path is not None:
        made.save(path)
    return made


def _check(
    areas: gpd.GeoDataFrame, measures: Mapping[str, pd.DataFrame], options: Mapping[str, Any]
) -> None:
    """Refuse what can't make a page."""
    if not isinstance(measures, Mapping):
        raise TypeError(
            f"measures is a {type(measures).__name__}, not a dict. "
            'Give the records by the name to show: {"Burglary": records}.'
        )
    if not measures or not len(areas):
        raise ValueError(
            f"there are {len(measures)} measures and {len(areas)} areas: nothing to show. "
            'Give one of each or more: dashboard(areas, {"Burglary": records}).'
        )
    for option, given in options.items():
        for name in given if isinstance(given, Mapping) else ():
            checks.one_of(name, list(measures), f"a measure of {option}")
    for name, records in measures.items():
        checks.columns(records, ["period"], f"measure {name!r}: the records table")


def _option_of(option: str | Mapping[str, str], measure: str) -> str:
    """Return an option that may be given for all measures or by measure."""
    if isinstance(option, str):
        return option
    return option.get(measure, "code" if "code" in option.values() else "population")


def _least(name: str, records: pd.DataFrame, below: Mapping[str, int] | None) -> int | None:
    """Return the number from which on a measure's counts are given; None if all are."""
    if below is not None:
        return below.get(name)
    return BELOW if records.attrs.get("sensitive") else None


def _warn_of_many(areas: int) -> None:
    """Tell of more areas than a browser moves easily."""
    if areas > MANY:
        warnings.warn(
            f"a page of {areas:,} areas is large and slow to use; up to {MANY:,} are quick. "
            "Show a force or a district: dashboard(..., select=...).",
            UserWarning,
            stacklevel=3,
        )


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What all measures are worked out on: the areas, who is shown, who is whose neighbour, when."""

    areas: gpd.GeoDataFrame
    graph: Graph
    links: _links.Links
    points: Floats
    people: dict[str, Floats]
    shown: NDArray[np.intp]
    districts: list[str]
    groups: Bools
    calendar: over_time.Calendar
    # What was tested already: a measure is often a category of another one.
    done: dict[tuple[bytes, str, str, int], figures.Figures] = field(default_factory=dict)

    def withheld(self, table: pd.DataFrame) -> Bools:
        """Say of which groups a table's total must not be given: of all areas, of each district."""
        named, every = table.attrs["suppression"]["totals_withheld"], total_withheld(table)
        result = np.array([every, *(every or name in named for name in self.districts)])
        return result[: len(self.groups)]

    def gives_total_away(self, table: pd.DataFrame) -> bool:
        """Say whether the account of the records would give away a total that must not be given."""
        return total_withheld(table) and len(self.shown) == len(self.areas)


def _measure(
    ground: Ground, records: pd.DataFrame, *, locate_by: str, population: str, below: int | None
) -> dict[str, Any]:
    """Count a measure by category, area and month, and test every year of it."""
    every, periods = ground.calendar.months, ground.calendar.periods
    names, counts, audit = over_time.count_by_month(
        ground.areas, over_time.by_offence(records), every, locate_by=locate_by, shown=ground.shown
    )
    cube = _whole_numbers(counts)
    gaps = np.flatnonzero(np.isnan(counts[0][ground.shown]).all(axis=0)).tolist()
    years = periods[: len(ground.calendar.starts)]
    with warnings.catch_warnings(action="ignore", category=UserWarning):
        # What has no rate, can't be tested or is withheld is said on the page, area by area.
        if below is None:
            tests = [_test_periods(ground, cells, periods, population) for cells in cube]
        else:
            tables = _withhold_by_year(ground, cube[0], years, population, below=below)
            tests = [[figures.of_table(table) for table in tables]]
    shown = cube[:, ground.shown]
    totals = np.stack([figures.add_up(shown[:, who], axis=1) for who in ground.groups])
    result: dict[str, Any] = {}
    secret = False
    if below is None:
        result["months"], result["around"] = packing.pack(shown), figures.pack(tests, "around")
        for name in ("mean", "whole"):
            result[name] = [[row[name] for row in rows] for rows in tests]
    else:
        # No months and no categories of single areas; of groups, what gives no area away.
        for (start, end), table in zip(years, tables, strict=True):
            totals[ground.withheld(table), :, start:end] = np.nan
            secret |= ground.gives_total_away(table)
        mix = figures.safe_mix(totals[0], years, below)
        totals = totals[:, :1]
        whole = np.stack([totals[:, 0, start:end].sum(axis=1) for start, end in years], axis=1)
        by_month = months_shown(totals[:, 0], below)
        result["years"] = packing.pack(figures.published_counts(tables))
        result["totals"] = packing.pack(
            _whole_numbers(np.where(by_month[:, None], totals[:, 0], np.nan))
        )
        result["sums"] = packing.pack(_whole_numbers(whole))
        result["mix"] = packing.pack(mix)
    with warnings.catch_warnings(action="ignore", category=UserWarning):
        verdict, peaks = _verdicts_and_peaks(ground.calendar, names[: totals.shape[1]], totals)
    if below is not None:
        peaks &= by_month[:, None, None]
    changes = [rows[: len(years)] for rows in tests]
    return result | {
        "categories": names,
        "sensitive": below is not None,
        "silent": gaps,
        "level": figures.pack(tests, "level"),
        "hotspot": figures.pack(tests, "hotspot"),
        "z": figures.pack(tests, "gi_z"),
        "q": figures.pack(tests, "gi_q"),
        "change": figures.pack(changes, "change_class"),
        "verdict": packing.pack(verdict),
        "peaks": packing.pack(peaks),
        "breaks": figures.classes(tests, len(years)),
        "account": str(account(audit, total=not secret) if below else audit),
    }


def _test_periods(
    ground: Ground, cells: Integers, periods: list[tuple[int, int]], population: str
) -> list[figures.Figures]:
    """Return the figures of the areas shown, period by period, of one category.

    They are those of `rate`, `find_hotspots` and `change`, by the functions behind these.
    """
    rows: list[figures.Figures] = []
    before = None
    for start, end in periods:
        counts = figures.add_up(cells[:, start:end])
        whole = cells[(cells[:, start:end] >= 0).all(axis=1), start:end]
        scatter = measured_scatter(whole)  # as `count` notes it
        years = max(1, (end - start) // ground.calendar.length)
        key = (counts.tobytes(), str(scatter), population, years)
        if key not in ground.done:
            ground.done[key] = _test_counts(ground, counts, population, scatter, per=1000 / years)
        row = ground.done[key]
        if before is not None and years == 1:
            changed = changes_of(counts, before[0], scatter=scatter_of_years(before[1], scatter))
            row = row | {"change_class": changed.code[ground.shown]}
        before = counts, scatter
        rows.append(row)
    return rows


def _test_counts(
    ground: Ground, counts: Floats, population: str, scatter: dict[str, float] | None, *, per: float
) -> figures.Figures:
    """Rate and test one column of counts."""
    people = ground.people[population]
    rates = counts * per_event(people, per)
    result = hotspots_of(
        counts, people, rates, links=ground.links, points=ground.points,
        dispersion=scatter_of_total(scatter),
    )  # fmt: skip
    every = {
        "count": counts,
        "rate": rates,
        "around": figures.around(ground.links, rates),
        "gi_z": result.z,
        "gi_q": result.q,
        "hotspot": figures.HOTSPOT_PLACES[result.hotspot],
        "level": result.level,
    }
    return {name: values[ground.shown] for name, values in every.items()} | {
        "mean": figures.mean(rates),
        "whole": figures.whole(rates, people),
    }


def _withhold_by_year(
    ground: Ground, cells: Integers, years: list[tuple[int, int]], population: str, *, below: int
) -> list[gpd.GeoDataFrame]:
    """Withhold small counts year by year; test and compare the years by what may be known."""
    codes = ground.areas.index[ground.shown]
    inside = np.isin(np.arange(len(ground.areas)), ground.shown)
    left = []
    for start, end in years:
        counted = ground.areas.assign(count=figures.add_up(cells[:, start:end]))
        even = protect(counted, inside, people=population, below=below)
        rated = rate(even, population=population)
        table = find_hotspots(rated, ground.graph, population=population)
        left.append(withhold(table.loc[codes], keep=ground.areas.columns).loc[codes])
    return left[:1] + [change(then, now, population=None) for then, now in pairwise(left)]


def _whole_numbers(totals: Floats) -> Integers:
    """Return whole numbers, `figures.MISSING` where there is none."""
    return np.nan_to_num(totals, nan=figures.MISSING).astype(np.int64)


def _verdicts_and_peaks(
    calendar: over_time.Calendar, names: list[str], totals: Floats
) -> tuple[Integers, Bools]:
    """Say of groups of areas whether each year rose or fell, and which months are peaks.

    Verdicts are places in `figures.VERDICTS`, groups by categories by years, -1 where there is
    nothing to compare; peaks are groups by categories by twelve months, January first.
    """
    words = np.full((*totals.shape[:2], len(calendar.starts)), -1, dtype=np.int64)
    peaks = np.zeros((*totals.shape[:2], over_time.YEAR), dtype=bool)
    if calendar.length < over_time.YEAR:
        return words, peaks
    end = calendar.months[-1].month
    for g, group in enumerate(totals):
        # All categories together stand for themselves; the others are judged together.
        for part in (slice(0, 1), slice(1, None)):
            result = figures.by_month(group[part], names[part], calendar)
            if result is None:
                continue
            table, span = result
            try:
                years = trend(table, year_end=end, period=span)
                season = seasonality(table, "category", year_end=end, period=span)
            except ValueError:  # not one whole year
                continue
            words[g, part] = figures.verdicts(years, names[part], group[0], calendar)
            peaks[g, part] = figures.peaks(season, names[part])
    return words, peaks
