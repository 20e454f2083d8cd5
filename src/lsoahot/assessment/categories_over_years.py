"""A measure's categories over the years, and the years of which a category has no whole data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lsoahot.counting.counts import tabulate
from lsoahot.counting.suppression import BELOW
from lsoahot.describe.numbers import SMALL_BASE
from lsoahot.statistics.trends import trend

from . import withheld
from .months import EXPECTED, USUAL
from .withheld import YEAR

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .result import Assessment
    from .settings import Measure

UNNAMED: Final = "Not recorded"
# The columns that may divide a measure, the coarsest first.
DIVISIONS: Final = ("category", "offence", "crime_category", "property")
# More categories than this are not listed unless the settings ask for them; fewer than two divide
# nothing.
MOST: Final = 20
LEAST: Final = 2


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


def gaps(counts: NDArray[np.float64]) -> list[int]:
    """Return the months in which silence is too long for chance: there are no data, not no events.

    As on the dashboard; but what is usual is the mean of all months, so that one event in years is
    no pattern that silence could break.
    """
    usual = float(counts.mean()) if len(counts) else 0.0
    still = counts == 0
    edges = np.flatnonzero(np.diff(np.concatenate([[False], still, [False]]).astype(int)))
    return [
        int(month)
        for start, end in zip(edges[::2], edges[1::2], strict=True)
        if usual >= USUAL or usual * (end - start) >= EXPECTED
        for month in range(start, end)
    ]


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


def divided(
    assessment: Assessment, measure: Measure, column: str, span: tuple[str, str]
) -> Division | None:
    """Follow the categories of a column over the years."""
    records = assessment.records[measure.name]
    named = records[column].astype("object").where(records[column].notna(), UNNAMED).astype(str)
    months = pd.period_range(*span, freq="M")
    long = tabulate(
        assessment.areas,
        records.assign(part=named)[records["period"].isin(months)],
        ["part", "period"],
        place=measure.by,
        period=span,
    )
    long = long[long["area_code"].isin(assessment.tables[measure.name].index)]
    cube = long.pivot_table(
        index="part", columns="period", values="count", aggfunc="sum", observed=True, fill_value=0
    )
    cube.columns = pd.PeriodIndex(cube.columns, freq="M")
    cube = cube.reindex(columns=months, fill_value=0).astype("int64")
    cube = cube[cube.sum(axis=1) > 0]
    unnamed = 0
    if UNNAMED in cube.index and len(cube) > 1:
        unnamed = int(cube.loc[UNNAMED].iloc[-YEAR:].sum())
        cube = cube.drop(index=UNNAMED)
    if measure.suppress and 0 < unnamed < BELOW:
        return None
    if measure.suppress:
        grouped = withheld.grouped(cube, BELOW)
        if grouped is None:
            return None
        cube = grouped
    if len(cube) < LEAST and measure.split is None:
        return None
    counted = cube.rename_axis("category").reset_index()
    counted = counted.melt("category", var_name="period", value_name="count")
    counted["period"] = pd.PeriodIndex(counted["period"], freq="M")
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
        missing = gaps(row.to_numpy(dtype="float64"))
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
    if row.sum() < SMALL_BASE or not row.max():
        return ""
    most = row[row == row.max()]
    if len(most) > 1:
        return ""
    return f"{most.index[0].strftime('%b %Y')} ({int(most.iloc[0]):,})"
