"""One offline HTML file: map, ranked table and charts, all following one choice."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from . import _checks, _links
from ._colours import HOTSPOT_COLOURS, SEQUENCE
from ._dashboard import about, figures, months, packing, page
from ._labels import CHANGE_CLASSES, HOTSPOT_CLASSES
from .boundaries import select_areas
from .changes import change
from .hotspots import getis_ord
from .joins import tabulate
from .neighbours import contiguity
from .rates import EXACT_BELOW, count_limits, rate
from .seasons import seasonality

if TYPE_CHECKING:
    import os
    from pathlib import Path

    import geopandas as gpd
    from libpysal.graph import Graph
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


# Below this number a sensitive count is withheld, unless the caller says otherwise.
BELOW = 5
NO_DATA_COLOUR, WITHHELD_COLOUR = "#ffffff", "#c9ced4"
# Stands in the page for a count that is not in it.
WITHHELD = -1


@dataclass(frozen=True, kw_only=True)
class _Ground:
    """What all measures are worked out on: the areas, who is shown, who is whose neighbour, when."""

    areas: gpd.GeoDataFrame
    graph: Graph
    links: _links.Links
    shown: NDArray[np.intp]
    groups: NDArray[np.bool_]
    calendar: months.Calendar


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
        return page.write(self.html, path)

    def _repr_html_(self) -> str:
        return page.frame(self.html)


def dashboard(
    areas: gpd.GeoDataFrame,
    measures: Mapping[str, pd.DataFrame],
    path: str | os.PathLike[str] | None = None,
    *,
    title: str = "Crime and incident dashboard",
    select: str | list[str] | None = None,
    until: str | pd.Period | None = None,
    graph: Graph | None = None,
    by: str | Mapping[str, str] = "code",
    population: str | Mapping[str, str] = "population",
    below: Mapping[str, int] | None = None,
) -> Dashboard:
    """Make a dashboard: one HTML file that opens from disk, without internet, and can be e-mailed.

    A map, a ranked table and charts of the months, the years, the seasons and the categories all
    follow one choice of measure, category, year and areas. Counts, rates with limits, hot
    spots and changes are those of `count`, `rate`, `getis_ord`, `change` and `trend`.

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
    by : str, or dict of str to str
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

    Notes
    -----
    Of a measure with small numbers withheld, the file holds, area by area, only the yearly
    counts that `suppress` leaves; no months, no categories, and no rates, ranks, tests or
    sums from which the others could be worked out.

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
    _checks.areas(areas)
    _check(areas, measures, {"by": by, "population": population, "below": below})
    chosen = areas if select is None else select_areas(areas, select)
    links = contiguity(areas) if graph is None else graph
    denominators = sorted({_of(population, name) for name in measures})
    _checks.columns(areas, denominators, "areas", "Join a population with lsoahot.join().")
    names, district = figures.districts(chosen)
    ground = _Ground(
        areas=areas,
        graph=links,
        links=_links.align(areas, links),
        shown=areas.index.get_indexer(chosen.index),
        groups=figures.groups(district, len(names) if len(names) > 1 else 0),
        calendar=months.calendar(*months.span(measures.values(), until)),
    )
    packed = []
    for name, records in measures.items():
        column, least = _of(population, name), _least(name, records, below)
        found = _measure(ground, records, by=_of(by, name), population=column, below=least)
        packed.append({"name": name, "population": denominators.index(column), **found})
    tested = f"{len(areas):,} areas tested" + (
        "" if len(areas) == len(chosen) else f", of which {len(chosen):,} are shown"
    )
    place = names[0] if len(names) == 1 else "All areas"
    years = ground.calendar.described()
    lower, upper = count_limits(np.arange(EXACT_BELOW, dtype=np.float64))
    content = {
        "place": select if isinstance(select, str) else place,
        "notice": about.notice(areas, measures),
        "about": about.lines(areas, measures, packed, calendar=ground.calendar, tested=tested),
        "areas": {
            "code": [str(code) for code in chosen.index],
            "name": [str(name) for name in chosen.get("area_name", chosen.index)],
            "district": district,
            "populations": [packing.pack(_checks.numbers(chosen, c)) for c in denominators],
            "neighbours": [int(n) for n in ground.links.size[ground.shown]],
        },
        "districts": names,
        "outlines": packing.outlines(chosen),
        "months": [str(month) for month in ground.calendar.months],
        "years": years,
        "limits": [[float(a), float(b)] for a, b in zip(lower, upper, strict=True)],
        "hotspots": list(HOTSPOT_CLASSES),
        "changes": list(CHANGE_CLASSES),
        "verdicts": list(figures.VERDICTS),
        "colours": {
            "ramp": list(SEQUENCE),
            "hotspots": HOTSPOT_COLOURS,
            "missing": NO_DATA_COLOUR,
            "withheld": WITHHELD_COLOUR,
        },
        "measures": packed,
    }
    made = Dashboard(
        title=title,
        html=page.fill(
            content,
            title=title,
            subtitle=f"{content['place']}, {years[0]['label'].split(' to ')[0]} to "
            f"{years[-1]['label'].split(' to ')[1]}, {len(chosen):,} areas",
        ),
    )
    if path is not None:
        made.save(path)
    return made


def _measure(
    ground: _Ground, records: pd.DataFrame, *, by: str, population: str, below: int | None
) -> dict[str, Any]:
    """Count a measure by category, area and month, and test every year of it."""
    every, periods = ground.calendar.months, ground.calendar.periods
    long = tabulate(
        ground.areas,
        figures.split(records),
        by=["category", "period"],
        place=by,
        period=(str(every[0]), str(every[-1])),
    )
    names, cube = figures.cube(long, ground.areas.index, every)
    gaps = months.silent(np.maximum(cube[0], 0).sum(axis=0))
    cube[:, :, gaps] = figures.MISSING
    years = periods[: len(ground.calendar.starts)]
    tests = [
        _tested(
            ground, cells, periods if below is None else years, population=population, below=below
        )
        for cells in (cube if below is None else cube[:1])
    ]
    shown = cube[:, ground.shown]
    groups = ground.groups if below is None else ground.groups[:1]
    totals = np.stack([figures.summed(shown[:, who], axis=1) for who in groups])
    spoken = [figures.verdicts(group, years, gaps) for group in totals]
    found: dict[str, Any] = {
        "categories": names,
        "sensitive": below is not None,
        "silent": gaps,
        "hotspot": _pack(tests, "hotspot", HOTSPOT_CLASSES),
        "z": _pack(tests, "gi_z"),
        "q": _pack(tests, "gi_q"),
        "change": _pack([rows[: len(years)] for rows in tests], "change_class", CHANGE_CLASSES),
        "verdict": packing.pack(np.stack(spoken)),
        "peaks": packing.pack(_peaks(ground.calendar, totals)),
        "breaks": _breaks(tests, len(years)),
        "account": str(long.attrs.get("audit", "")),
    }
    if below is None:
        found["around"] = _pack(tests, "around")
        found["months"] = packing.pack(shown)
        return found
    counts = np.stack([t["count"].to_numpy("float64", na_value=WITHHELD) for t in tests[0]], axis=1)
    found["ranked"] = figures.certain_ranks(shown[0], counts, years)
    kept, mix = figures.safe_totals(totals[0], counts, years, below)
    found["years"] = packing.pack(counts.astype(np.int64))
    found["totals"], found["mix"] = packing.pack(kept[None]), packing.pack(mix[None])
    return found


def _tested(
    ground: _Ground,
    cells: Ints,
    periods: list[tuple[int, int]],
    *,
    population: str,
    below: int | None,
) -> list[pd.DataFrame]:
    """Return the figures of the areas shown, period by period, of one category.

    Of a sensitive measure, whatever is worked out is worked out from what is published: a
    statistic of the withheld counts could give them away.
    """
    tables: list[pd.DataFrame] = []
    before: gpd.GeoDataFrame | None = None
    for start, end in periods:
        counted = ground.areas.assign(count=figures.summed(cells[:, start:end]))
        if below is not None:
            counted = _published(ground, counted, below)
        years = max(1, (end - start) // ground.calendar.length)
        with warnings.catch_warnings():
            # What can't be tested is shown as "Not tested": said on the page, area by area.
            warnings.simplefilter("ignore", UserWarning)
            table = rate(counted, population=population, per=1000 / years)
            table = table.pipe(getis_ord, graph=ground.graph)
            if before is not None and years == 1:
                table = change(before, table, population=None)
        before = counted
        table["around"] = figures.around(ground.links, table["rate"].to_numpy())
        tables.append(pd.DataFrame(table.iloc[ground.shown]))
    return tables


def _published(ground: _Ground, counted: gpd.GeoDataFrame, below: int) -> gpd.GeoDataFrame:
    """Withhold small counts: of the areas shown, and of those around them that are tested too."""
    inside = np.zeros(len(counted), dtype=bool)
    inside[ground.shown] = True
    counts = counted["count"].to_numpy(dtype=np.float64, copy=True)
    for part in (inside, ~inside):
        hidden = part.copy()
        hidden[part] = figures.small(counts[part], below)
        counts[hidden] = np.nan
    return counted.assign(count=counts)


def _peaks(calendar: months.Calendar, totals: Floats) -> NDArray[np.bool_]:
    """Find the months (January first) that stand above an even year: groups by categories by 12."""
    found = np.zeros((*totals.shape[:2], months.YEAR), dtype=bool)
    if calendar.length < months.YEAR:
        return found
    years = slice(calendar.starts[0], None)
    for place in np.ndindex(totals.shape[:2]):
        count = totals[place][years]
        table = pd.DataFrame({"period": calendar.months[years], "count": count}).dropna()
        whole = [np.isfinite(count[k : k + 12]).all() for k in range(0, len(count), 12)]
        if not any(whole) or not table["count"].sum():
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # gaps are told on the page
            season = seasonality(
                table,
                year_end=calendar.months[-1].month,
                period=(str(table["period"].min()), str(table["period"].max())),
            )
        found[place] = (season["verdict"] == "peak").to_numpy()
    return found


def _pack(
    tests: list[list[pd.DataFrame]], column: str, words: tuple[str, ...] | None = None
) -> dict[str, Any]:
    """Pack one column of every table: an array of categories by periods by areas."""
    laid = np.array([[figures.column(table, column, words) for table in rows] for rows in tests])
    return packing.pack(laid.astype(np.int64) if words else laid)


def _breaks(tests: list[list[pd.DataFrame]], years: int) -> dict[str, Any]:
    """Find the classes of counts and rates: the same for every year, so that years compare."""

    def pooled(rows: list[pd.DataFrame], column: str) -> list[float]:
        return figures.breaks(np.concatenate([_checks.numbers(t, column) for t in rows]))

    return {
        "count": [[pooled(rows[:years], "count"), pooled(rows[-1:], "count")] for rows in tests],
        "rate": [[pooled(rows, "rate")] for rows in tests],
    }


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
            _checks.one_of(name, list(measures), f"a measure of {option}")
    for name, records in measures.items():
        _checks.columns(records, ["period"], f"measure {name!r}: the records table")


def _of(option: str | Mapping[str, str], measure: str) -> str:
    """Return an option that may be given for all measures or by measure."""
    if isinstance(option, str):
        return option
    return option.get(measure, "code" if "code" in option.values() else "population")


def _least(name: str, records: pd.DataFrame, below: Mapping[str, int] | None) -> int | None:
    """Return the number from which on a measure's counts are given; None if all are."""
    if below is not None:
        return below.get(name)
    return BELOW if records.attrs.get("sensitive") else None
