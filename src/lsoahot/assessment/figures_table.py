"""Every figure of an assessment in one tidy table: what Power BI, Tableau, Excel and R take.

A row is a measure in an area in a span of time. Months can be added up; years and the period have the
rates, levels, classes and changes of the tables, which can't.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lsoahot.common.class_labels import CHANGE_CLASSES
from lsoahot.counting.rates import count_limits, people_of, per_event
from lsoahot.statistics.changes import changes_of

from . import over_time
from .csv_tables import table_of
from .result import check_assessment

if TYPE_CHECKING:
    import geopandas as gpd

    from .result import Assessment
    from .settings import Measure

MONTH, YEAR, PERIOD = "month", "year", "period"
# In this order: what, when, where, how many, how sure, what changed.
COLUMNS: Final[dict[str, str]] = {
    "measure": "string", "title": "string",
    "span": "string", "start": "datetime64[ms]", "end": "datetime64[ms]",
    "area_code": "string", "area_name": "string", "district": "string",
    "population": "Float64", "count": "Int64",
    "rate": "Float64", "rate_lower": "Float64", "rate_upper": "Float64",
    "rank": "Int64", "rate_rank": "Int64",
    "relative_risk": "Float64", "relative_risk_lower": "Float64", "relative_risk_upper": "Float64",
    "exceedance": "Float64", "excess": "Float64", "level": "string", "level_class": "Int64",
    "hotspot": "string", "hotspot_class": "Int64", "cluster": "string", "test": "string",
    "count_then": "Int64", "change": "Int64", "rate_ratio": "Float64",
    "ratio_lower": "Float64", "ratio_upper": "Float64",
    "change_class": "string", "change_number": "Int64",
    "suppressed": "boolean",
}  # fmt: skip
# Classes of change as numbers: 3 has risen most surely, 0 neither, -3 has fallen most surely.
CHANGE_NUMBERS: Final = dict(zip(CHANGE_CLASSES[:7], range(3, -4, -1), strict=True))
# What a year has of the one before it.
COMPARED: Final = (
    "count_then", "change", "rate_ratio", "ratio_lower", "ratio_upper", "change_class",
)  # fmt: skip


def figures_table(assessment: Assessment) -> pd.DataFrame:
    """Return every figure of an assessment as one tidy table: measure by area by month and year.

    Parameters
    ----------
    assessment : Assessment
        What `assess` returned.

    Returns
    -------
    DataFrame
        A row a ``measure``, ``area_code`` and span of time, from ``start`` to ``end`` (dates, both
        included). ``span`` says which: ``"month"``, ``"year"`` (12 months, counted back from the
        end of the period), and, where the period is no year, ``"period"``. Choose one of them before
        you add up.

        Months have ``count`` and ``rate``. Years and the period have these and their limits; the
        latest also ``rank``, ``level`` and ``hotspot`` with their numbers (``level_class``,
        ``hotspot_class``: 3 is the surest high, 0 neither, below 0 low). Years have what they were
        compared with: ``count_then``, ``change`` (in events), ``rate_ratio`` and its limits,
        ``change_class`` and its ``change_number`` (3 surely risen, -3 surely fallen).

        What there are no data for, or is withheld, is missing. A measure whose small counts are
        withheld has the rows of its table, and no months and no other years.

    Examples
    --------
    >>> import lsoahot as lh
    >>> result = lh.assess({
    ...     "boundaries": {"source": "sample"},
    ...     "period": {"start": "2011-10", "end": "2012-09"},
    ...     "measures": {"fires": {"dataset": "fires", "source": "sample"}},
    ... })
    >>> figures = lh.figures_table(result)
    >>> year = (figures["start"] == "2011-10-01") & (figures["span"] == "year")
    >>> month = (figures["start"] >= "2011-10-01") & (figures["span"] == "month")
    >>> int(figures.loc[year, "count"].sum()), int(figures.loc[month, "count"].sum())
    (22, 22)
    """
    check_assessment(assessment, "figures_table")
    parts = [_measure(assessment, measure) for measure in assessment.config.measures]
    whole = pd.concat(parts, ignore_index=True)
    whole = pd.DataFrame({name: _column(whole, name, kind) for name, kind in COLUMNS.items()})
    noted = assessment.areas.attrs
    for key in ("edition", "source", "attribution", "notice", "population_source"):
        if noted.get(key):
            whole.attrs[key] = noted[key]
    whole.attrs["title"] = assessment.config.title
    return whole


def _column(table: pd.DataFrame, name: str, kind: str) -> pd.Series:
    """Return a column in its kind, missing throughout where the table lacks it."""
    if name not in table:
        return pd.Series(pd.NA, index=table.index, dtype=kind)
    column = table[name]
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(object)
    made: pd.Series = column.astype(kind)  # type: ignore[call-overload]  # any kind
    return made


def _measure(assessment: Assessment, measure: Measure) -> pd.DataFrame:
    """Return the rows of a measure: its table, the years before, the months."""
    config, table = assessment.config, assessment.tables[measure.name]
    whole_year = config.is_a_year
    known = table_of(table, measure.population)
    for name in ("district", *COLUMNS):
        if name in table and name not in known:
            known[name] = table[name].to_numpy()
    latest = _add_span(known, YEAR if whole_year else PERIOD, config.start, config.end)
    parts = [latest]
    records = assessment.records[measure.name]
    if not measure.suppress and over_time.has_months(records):
        first = min(records["period"].min(), config.start)
        by_month = over_time.count_reported_by_month(assessment, measure, first)
        parts = [_years(by_month, table, latest, measure), _months(by_month, table, measure)]
        parts = [*([] if whole_year else [latest]), *parts]
    rows = pd.concat([part for part in parts if len(part)], ignore_index=True)
    return rows.assign(measure=measure.name, title=measure.title)


def _years(
    by_month: pd.DataFrame, table: gpd.GeoDataFrame, latest: pd.DataFrame, measure: Measure
) -> pd.DataFrame:
    """Return each year's rates, and what it is compared with."""
    months = pd.PeriodIndex(by_month.columns)
    calendar = over_time.calendar(months[0], months[-1])
    if calendar.length < over_time.YEAR:
        return by_month.head(0)
    # Arrays of years by areas.
    whole_years = by_month.iloc[:, calendar.starts[0] :].to_numpy()
    counts = whole_years.reshape(len(table), -1, over_time.YEAR).sum(axis=2).T
    people = people_of(table, measure.population)
    scale = per_event(people, 1000)
    changes = [changes_of(now, then, exposures=(people, people)) for then, now in pairwise(counts)]
    none = np.full((1, len(table)), np.nan)
    words = np.array(CHANGE_CLASSES, dtype=object)
    lower, upper = count_limits(counts)
    figures = {
        "count": counts,
        "rate": counts * scale,
        "rate_lower": lower * scale,
        "rate_upper": upper * scale,
        "count_then": np.concatenate([none, counts[:-1]]),
        "change": np.concatenate([none, np.diff(counts, axis=0)]),
        "rate_ratio": np.concatenate([none, *([one.ratio] for one in changes)]),
        "ratio_lower": np.concatenate([none, *([one.lower] for one in changes)]),
        "ratio_upper": np.concatenate([none, *([one.upper] for one in changes)]),
        "change_class": np.concatenate([none, *([words[one.code]] for one in changes)]),
    }
    starts = months[calendar.starts].repeat(len(table))
    whole = _repeat_areas(table, measure, len(counts)).assign(
        **{name: values.ravel() for name, values in figures.items()}
    )
    whole = _add_span(whole, YEAR, starts, starts + (over_time.YEAR - 1))
    if len(latest) and latest["span"].iloc[0] == YEAR:  # of the same end: it says more of this year
        last = whole.iloc[-len(table) :]
        compared = latest.merge(last[["area_code", *COMPARED]], on="area_code", how="left")
        whole = pd.concat([whole.iloc[: -len(table)], compared], ignore_index=True)
    whole["change_number"] = whole["change_class"].map(CHANGE_NUMBERS)
    return whole


def _months(by_month: pd.DataFrame, table: gpd.GeoDataFrame, measure: Measure) -> pd.DataFrame:
    """Return each month's counts and rates."""
    month = pd.PeriodIndex(by_month.columns).repeat(len(by_month))
    counts = by_month.to_numpy().T
    people = people_of(table, measure.population)
    rates = 1000 * counts / np.where(people > 0, people, np.nan)
    long = _repeat_areas(table, measure, len(counts)).assign(
        count=counts.ravel(), rate=rates.ravel()
    )
    return _add_span(long, MONTH, month, month)


def _repeat_areas(table: gpd.GeoDataFrame, measure: Measure, times: int) -> pd.DataFrame:
    """Return codes, names and people of a table's areas, so many times over."""
    known = {"area_code": table.index, "population": table[measure.population]}
    known |= {name: table[name] for name in ("area_name", "district") if name in table}
    return pd.DataFrame(
        {name: np.tile(np.asarray(values), times) for name, values in known.items()}
    )


def _add_span(
    table: pd.DataFrame,
    span: str,
    first: pd.Period | pd.PeriodIndex,
    last: pd.Period | pd.PeriodIndex,
) -> pd.DataFrame:
    """Say which span of time the rows are of: the first and the last day."""
    end = last.to_timestamp(how="end").normalize()
    return table.assign(span=span, start=first.to_timestamp(how="start"), end=end)
