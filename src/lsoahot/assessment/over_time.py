"""A measure over its months, years and categories: counted once, and one rule for missing months.

The report, the dashboard, the table of figures and the proof-reader all take months from here, so that
none of them shows zeros where another shows that there are no data.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from lsoahot.common.month_names import short_month_year
from lsoahot.counting.counts import crossed
from lsoahot.counting.counts_to_hide import BELOW
from lsoahot.describe.numbers import SMALL_BASE
from lsoahot.statistics.trends import trend

from . import withheld
from .settings import YEAR as YEAR  # noqa: PLC0414 - the dashboard takes it from here

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import geopandas as gpd
    from numpy.typing import NDArray

    from lsoahot.common.arrays import Floats
    from lsoahot.common.audit import Audit

    from .result import Assessment
    from .settings import Measure


ALL: Final = "All categories"
UNNAMED: Final = "Not recorded"
# Months without any event are taken for missing, and not for zeros, where chance would hardly leave
# them empty: at most once in so many times ...
ONCE_IN: Final = 10_000
# ... and so many events were to be expected in the month, if it is one, or in all months of the run.
# That is strict, for events come in series.
USUAL: Final = 10.0
EXPECTED: Final = 30.0
# The columns that may divide a measure, the coarsest first.
DIVISIONS: Final = ("category", "offence", "crime_category", "property")
# More categories than this are not listed unless the settings ask for them; fewer than two divide
# nothing.
MOST: Final = 20
LEAST: Final = 2


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """The months of a page and the rolling years that they make, oldest first.

    Attributes
    ----------
    months : PeriodIndex
        Every month from the first record to the end of the last year.
    starts : list of int
        Where each year begins among the months.
    length : int
        The months of a year: 12, or fewer where there is not one whole year.
    """

    months: pd.PeriodIndex
    starts: list[int]
    length: int

    @property
    def periods(self) -> list[tuple[int, int]]:
        """Return the first and the last-but-one month of each year, then of all years together."""
        years = [(start, start + self.length) for start in self.starts]
        return years if len(years) == 1 else [*years, (years[0][0], years[-1][1])]

    @property
    def spans(self) -> list[tuple[pd.Period, pd.Period]]:
        """Return the first and the last month of each of the periods."""
        return [(self.months[start], self.months[end - 1]) for start, end in self.periods]

    def described(self) -> list[dict[str, Any]]:
        """Return the years as the page lists them."""
        return [
            {
                "label": f"{short_month_year(first)} to {short_month_year(last)}",
                "short": str(last.year),
                "from": start,
                "to": start + self.length,
                "span": 1,
            }
            for start, (first, last) in zip(self.starts, self.spans, strict=False)
        ]


def has_months(records: pd.DataFrame) -> bool:
    """Tell whether any record has a month: of financial years alone, none does."""
    return "period" in records and bool(records["period"].notna().any())


def span(
    tables: Iterable[pd.DataFrame], until: str | pd.Period | None
) -> tuple[pd.Period, pd.Period]:
    """Return the first month of any record, and the last one, or the one asked for.

    Raises
    ------
    ValueError
        If no record has a month, or the one asked for comes before all of them.
    """
    dated = [months for table in tables if len(months := table["period"].dropna())]
    if not dated:
        raise ValueError("no record of any measure has a month. Give records with a period.")
    first = min(pd.Period(months.min(), "M") for months in dated)
    last = max(pd.Period(months.max(), "M") for months in dated)
    end = last if until is None else pd.Period(until, "M")
    if end < first:
        raise ValueError(
            f"until={str(until)!r} is before the first record, of {first}. "
            f"Give a month between {first} and {last}."
        )
    return first, end


def calendar(first: pd.Period, last: pd.Period) -> Calendar:
    """Count whole years back from the last month.

    Examples
    --------
    >>> result = calendar(pd.Period("2010-08", "M"), pd.Period("2012-09", "M"))
    >>> [year["label"] for year in result.described()]
    ['Oct 2010 to Sep 2011', 'Oct 2011 to Sep 2012']
    """
    months = pd.period_range(first, last, freq="M")
    length = min(YEAR, len(months))
    return Calendar(
        months=months, starts=sorted(range(len(months) - length, -1, -length)), length=length
    )


def months_without_data(counts: Floats) -> list[int]:
    """Return the months of which there are no data, rather than no events.

    Parameters
    ----------
    counts : array of float, shape (months,)
        All events of a month, or NaN where it is known that there are no data.

    Returns
    -------
    list of int
        The places of months that are NaN, and of each run of zeros that is too long for chance: of
        T events in the k other months, a run of m would be empty with probability (k / (k + m))^T.

    Examples
    --------
    Thirty a month, and none in the second: that month is missing.

    >>> months_without_data(np.array([30.0, 0, 30, 30]))
    [1]

    One a month, or one in years: a month without any is nothing unusual, and counts as zero.

    >>> months_without_data(np.array([1.0, 0, 2, 1])), months_without_data(np.array([1.0] + 40 * [0]))
    ([], [])

    Twelve in the first month and none after it: the data end there.

    >>> months_without_data(np.array([12.0] + 11 * [0])) == list(range(1, 12))
    True
    """
    unknown = np.isnan(counts)
    total = float(np.nansum(counts))
    if not total:
        return list(range(len(counts)))
    edges = np.flatnonzero(np.diff(np.concatenate([[False], counts == 0, [False]]).astype(int)))
    missing = set(np.flatnonzero(unknown).tolist())
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        others = int((~unknown).sum()) - (end - start)
        usual = total / others
        surely = total * np.log1p((end - start) / others) >= np.log(ONCE_IN)
        if surely and (usual >= USUAL or usual * (end - start) >= EXPECTED):
            missing |= set(range(start, end))
    return sorted(missing)


def first_month(assessment: Assessment, measure: Measure) -> pd.Period:
    """Return the first month of a measure's files: of all measures that are read from them."""
    same: Iterator[pd.Period] = (
        assessment.records[one.name]["period"].min()
        for one in assessment.config.measures
        if (one.dataset, str(one.source)) == (measure.dataset, str(measure.source))
        and has_months(assessment.records[one.name])
    )
    return min(same)


def count_by_month(
    areas: gpd.GeoDataFrame,
    records: pd.DataFrame,
    months: pd.PeriodIndex,
    *,
    locate_by: str,
    shown: NDArray[np.intp] | None = None,
) -> tuple[list[str], Floats, Audit]:
    """Count records by category, area and month; NaN where there are no data.

    Parameters
    ----------
    areas : GeoDataFrame, shape (n, ...)
        All areas.
    records : DataFrame
        Records with ``period``, and with ``category`` if they are to be divided.
    months : PeriodIndex, shape (m,)
        The months, in order.
    locate_by : {"code", "point"}
        As for `lsoahot.count`.
    shown : array of int, optional
        The places of the areas that are reported: their months show which are missing.

    Returns
    -------
    names : list of str
        The categories: all together first, then each, the most frequent first. A category that is
        alone is not listed besides the total.
    counts : array of float, shape (len(names), n, m)
        The counts.
    audit : Audit
        What became of the records.
    """
    dated = records[records["period"].notna()]
    if "category" not in dated:
        dated = dated.assign(category=ALL)
    category = dated["category"].astype("string").fillna(UNNAMED)
    levels, counts, attrs = crossed(
        areas,
        dated.assign(category=category),
        ["category", "period"],
        locate_by=locate_by,
        period=(str(months[0]), str(months[-1])),
    )
    each = dict(zip(levels[0], np.nansum(counts, axis=(0, 2)), strict=True))
    order = sorted((name for name in each if each[name]), key=lambda name: (-each[name], name))
    laid = counts.transpose(1, 0, 2)[levels[0].get_indexer(pd.Index(order))]
    total = laid.sum(axis=0)[None]
    names = [ALL] if len(order) <= 1 else [ALL, *order]
    cube = total if len(order) <= 1 else np.concatenate([total, laid])
    reported = cube if shown is None else cube[:, shown]
    # An area without data (its force reported none) doesn't make the month missing for the others.
    there = np.where(np.isnan(reported).all(axis=1), np.nan, np.nansum(reported, axis=1))
    every = months_without_data(there[0])
    for cells, of_months in zip(cube, there, strict=True):
        cells[:, sorted({*every, *months_without_data(of_months)})] = np.nan
    return names, cube, attrs["audit"]


def count_reported_by_month(
    assessment: Assessment, measure: Measure, first: pd.Period
) -> pd.DataFrame:
    """Count the areas reported by month, from a month to the period's last; NaN without data.

    Parameters
    ----------
    assessment : Assessment
        What was assessed.
    measure : Measure
        Which measure; its records have months.
    first : Period
        The first of the months.
    """
    areas, table = assessment.areas, assessment.tables[measure.name]
    months = pd.period_range(first, assessment.config.end, freq="M")
    with warnings.catch_warnings(
        action="ignore", category=UserWarning
    ):  # was given when the measure was counted
        _, counts, _ = count_by_month(
            areas,
            assessment.records[measure.name].assign(category=ALL),
            months,
            locate_by=measure.locate_by,
            shown=areas.index.get_indexer(table.index),
        )
    return pd.DataFrame(counts[0], index=areas.index, columns=months).loc[table.index]


def by_offence(records: pd.DataFrame) -> pd.DataFrame:
    """Let the offence be the category where all records are of one category."""
    if "offence" not in records or "category" not in records:
        return records
    dated = records.loc[records["period"].notna(), "category"].astype("string").fillna(UNNAMED)
    return records.assign(category=records["offence"]) if len(dated.unique()) == 1 else records


@dataclass(frozen=True, kw_only=True)
class Division:
    """A measure's categories over the years.

    Attributes
    ----------
    column : str
        The column of the records.
    table : DataFrame
        What `trend` returned, with missing figures for years of which a category has no whole data.
    peaks : dict of str to str
        The month of the period in which a category was most frequent, in words.
    partial : list of str
        The categories that were not recorded through all the years.
    unnamed : int
        The events of the last year that have no category and are left out.
    """

    column: str
    table: pd.DataFrame
    peaks: dict[str, str]
    partial: list[str]
    unnamed: int = 0


def columns(records: pd.DataFrame, measure: Measure) -> list[str]:
    """Choose the columns that divide a measure."""
    if measure.split is not None:
        lacking = [column for column in measure.split if column not in records]
        if lacking:
            raise ValueError(
                f"measure {measure.name!r}: the records have no column {lacking[0]!r} to split by; "
                f"they have {', '.join(map(str, records.columns))}. Mend split."
            )
        return list(measure.split)
    for column in DIVISIONS:
        if column in records and LEAST <= records[column].nunique() <= MOST:
            return [column]
    return []


def divide(
    assessment: Assessment, measure: Measure, column: str, span: tuple[str, str]
) -> Division | None:
    """Follow the categories of a column over the years."""
    records = assessment.records[measure.name]
    named = records[column].astype("object").where(records[column].notna(), UNNAMED).astype(str)
    months = pd.period_range(*span, freq="M")
    (parts, _), counts, _ = crossed(
        assessment.areas,
        records.assign(part=named)[records["period"].isin(months)],
        ["part", "period"],
        locate_by=measure.locate_by,
        period=span,
    )
    own = assessment.areas.index.isin(assessment.tables[measure.name].index)
    laid = np.nansum(counts[own], axis=0).astype("int64")
    cube = pd.DataFrame(laid, index=parts.rename("part"), columns=months)
    cube = cube[cube.sum(axis=1) > 0]
    unnamed = 0
    if UNNAMED in cube.index and len(cube) > 1:
        unnamed = int(cube.loc[[UNNAMED]].iloc[:, -YEAR:].to_numpy().sum())
        cube = cube.drop(index=UNNAMED)
    if measure.suppress:
        grouped = None if 0 < unnamed < BELOW else withheld.group_small(cube, BELOW)
        if grouped is None:
            return None
        cube = grouped
    if len(cube) < LEAST and measure.split is None:
        return None
    counted = pd.DataFrame(
        {
            "category": np.tile(cube.index.to_numpy(dtype=object), len(months)),
            "period": months.repeat(len(cube)),
            "count": cube.to_numpy().T.ravel(),
        }
    )
    table = trend(counted, "category", year_end=assessment.config.end.month, period=span)
    table, partial = _whole_only(table, cube)
    last = cube.iloc[:, -YEAR:]
    peaks = {} if measure.suppress else {str(name): _peak(row) for name, row in last.iterrows()}
    return Division(column=column, table=table, peaks=peaks, partial=partial, unnamed=unnamed)


def _whole_only(table: pd.DataFrame, cube: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Take away the years of which a category has no whole data, and what is compared with them."""
    table = table.copy()
    partial = []
    labels = list(dict.fromkeys(table["year"]))
    for name, row in cube.iterrows():
        missing = months_without_data(row.to_numpy(dtype="float64"))
        if not missing:
            continue
        partial.append(str(name))
        lacking = {labels[gap // YEAR] for gap in missing}
        own = table["category"] == name
        table.loc[own & table["year"].isin(lacking), "count"] = pd.NA
        after = {labels[i + 1] for i in range(len(labels) - 1) if labels[i] in lacking}
        blank = own & table["year"].isin(lacking | after)
        figures = ["previous", "change", "change_pct", "rate_ratio", "ratio_lower", "ratio_upper",
                   "change_p", "change_q"]  # fmt: skip
        table.loc[blank, figures] = np.nan
        table.loc[blank, "verdict"] = None
    return table, partial


def _peak(row: pd.Series) -> str:
    """Name the month of most events: "March 2012 (49)"; nothing where there are few."""
    most = row[row == row.max()]
    if row.sum() < SMALL_BASE or len(most) > 1:
        return ""
    return f"{short_month_year(most.index[0])} ({int(most.iloc[0]):,})"
