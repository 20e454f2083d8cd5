"""Sentences from tables: what changed, over how many years, and when it peaks.

Each function takes the table that a verb returned and writes plain British English. The words for a
change come from the table's own verdict: a figure that moved is said together with its test.
"""

from __future__ import annotations

import pandas as pd

from lsoahot.common import checks
from lsoahot.common.month_names import month_name, month_year

from . import change_clauses


def describe_change(
    table: pd.DataFrame,
    subject: str | None = None,
    *,
    category: str | None = None,
    year: str | None = None,
    unit: str | None = None,
    below: int | None = None,
) -> str:
    """Say how one count changed from the year before, with its test.

    Parameters
    ----------
    table : DataFrame
        What `trend` returned, of records or of a small table of totals.
    subject : str, optional
        What the sentence is about, e.g. "Total recorded crime"; by default the category.
    category, year : str, optional
        Which row; by default the total (or the only category) and the last year.
    unit : str, optional
        The noun that is counted, in the singular: "fire" makes "1 fire" and "22 fires".
    below : int, optional
        Counts smaller than this are said as "fewer than 5".

    Returns
    -------
    str
        One sentence. A percentage is given of 20 events or more: of fewer, one event is more
        than five per cent.

    Raises
    ------
    ValueError
        If the table is none of `trend`'s, or has no such category or year.

    Examples
    --------
    >>> import lsoahot as lh
    >>> result = lh.trend(lh.read_dataset("crime", "sample"))
    >>> print(lh.describe_change(result, "Total recorded crime"))  # doctest: +NORMALIZE_WHITESPACE
    Total recorded crime rose by 43 (3.5 %), from 1,213 to 1,256; this is no clear
    change.
    >>> lh.describe_change(result, category="Criminal damage")
    'Criminal damage fell by 49 (21 %), from 237 to 188; this is a clear change.'
    """
    rows, _, by = change_clauses.of_category(table, category)
    row = change_clauses.of_year(rows, year).iloc[0]
    value = change_clauses.value_column(table)
    text = subject or change_clauses.named(str(row[by]), unit)
    return change_clauses.change(row, text, value=value, unit=unit, below=below)


def describe_changes(
    table: pd.DataFrame,
    *,
    year: str | None = None,
    unit: str | None = None,
    below: int | None = None,
) -> list[str]:
    """Say how each category changed from the year before, in the table's order, without the total.

    Parameters
    ----------
    table, year, unit
        As in `describe_change`.
    below : int, optional
        Withhold counts smaller than this, and others from which they could be worked out with
        the total.

    Returns
    -------
    list of str
        One sentence a category.

    Examples
    --------
    >>> import lsoahot as lh
    >>> result = lh.trend(lh.read_dataset("fires", "sample"), period=("2006-10", "2012-09"))
    >>> lh.describe_changes(result)[1]
    'Primary rose by 1, from 4 to 5; this is no clear change.'
    """
    by = change_clauses.category_column(table)
    parts = table[table[by] != change_clauses.TOTAL]
    parts = table if parts.empty else parts
    rows = change_clauses.of_year(parts, year)
    value = change_clauses.value_column(table)
    hidden = change_clauses.hidden(rows[value], rows["previous"], below)
    return [
        change_clauses.withheld(str(row[by]))
        if away
        else change_clauses.change(
            row, change_clauses.named(str(row[by]), unit), value=value, unit=unit
        )
        for (_, row), away in zip(rows.iterrows(), hidden, strict=True)
    ]


def describe_years(
    table: pd.DataFrame,
    subject: str | None = None,
    *,
    category: str | None = None,
    unit: str | None = None,
    below: int | None = None,
) -> str:
    """Say what became of a count over all the years of a table, and which steps were sure.

    The first and the last year are compared by the test that `trend` uses, with the table's
    dispersion; the steps between are those that the table's verdicts call a rise or a fall.

    Parameters
    ----------
    table, subject, category, unit
        As in `describe_change`.
    below : int, optional
        Say no figure if the first or the last count is smaller than this.

    Returns
    -------
    str
        One or two sentences.

    Raises
    ------
    ValueError
        If the table is none of `trend`'s, or has no such category.

    Examples
    --------
    >>> import lsoahot as lh
    >>> result = lh.trend(lh.read_dataset("crime", "sample"))
    >>> text = lh.describe_years(result, "Total recorded crime")
    >>> text.split("; ")[0]
    'Between FY 2007 and FY 2012 total recorded crime fell by 331 (21 %), from 1,587 to 1,256'
    """
    rows, name, _ = change_clauses.of_category(table, category)
    value = change_clauses.value_column(table)
    return change_clauses.years(rows, subject or change_clauses.named(name, unit), value=value, unit=unit,
                          below=below)  # fmt: skip


def describe_period(first: str | pd.Period, last: str | pd.Period) -> str:
    """Name the months that a table covers, in words.

    Parameters
    ----------
    first, last : str or Period
        The first and the last month, both included, such as "2011-10".

    Returns
    -------
    str
        The months; one year is named once.

    Examples
    --------
    >>> describe_period("2011-10", "2012-09")
    'October 2011 to September 2012'
    >>> describe_period("2025-01", "2025-12"), describe_period("2012-03", "2012-03")
    ('January to December 2025', 'March 2012')
    """
    start, end = pd.Period(first, "M"), pd.Period(last, "M")
    if start > end:
        raise ValueError(f"first={start} is after last={end}. Give the earlier month first.")
    if start == end:
        return month_year(end)
    begin = month_name(start) if start.year == end.year else month_year(start)
    return f"{begin} to {month_year(end)}"


def describe_season(
    table: pd.DataFrame, subject: str | None = None, *, category: str | None = None
) -> str:
    """Say which months stand out, which only on account of one year, or that none does.

    Parameters
    ----------
    table : DataFrame
        What `seasonality` returned.
    subject : str, optional
        What it is about, e.g. "Violence against the person"; by default the category.
    category : str, optional
        Which category; by default the total, or the only one.

    Returns
    -------
    str
        One sentence or more.

    Raises
    ------
    ValueError
        If the table is none of `seasonality`'s, or has no such category.

    Examples
    --------
    >>> import lsoahot as lh
    >>> domestic = lh.read_dataset("domestic", "sample")
    >>> messages = lh.describe_season(lh.seasonality(domestic), "Domestic abuse")
    >>> print(messages)  # doctest: +NORMALIZE_WHITESPACE
    Over six years domestic abuse peaked in June and August, 74 % and 56 % above the average
    month. It was lowest in November, 31 % below the average month.
    """
    checks.columns(table, ["month_name", "index", "verdict", "even_p"], "the table of months")
    rows, name, _ = change_clauses.of_category(table, category)
    return change_clauses.season(rows, subject or change_clauses.named(name, None))
