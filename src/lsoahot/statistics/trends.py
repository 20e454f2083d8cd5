"""Is it rising? Each year against the year before, with a test and a plain word."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lsoahot.common import checks
from lsoahot.common.class_labels import FELL, NO_CLEAR_CHANGE, ROSE
from lsoahot.records import odd_months
from lsoahot.statistics.kernels import by_month as _by_month, inference

from . import count_tests

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LONG = 2.0  # times as much as with unconnected months a year varies; r is about 0.4 then


def trend(
    records: pd.DataFrame,
    by: str | None = "category",
    *,
    years: int | Sequence[str] | None = None,
    year_end: int | None = None,
    period: tuple[str, str] | None = None,
    weight: str | None = None,
    dispersion: float | None = None,
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Compare each year with the year before, and say whether the change is more than chance.

    Parameters
    ----------
    records : DataFrame
        Records (with a column ``period`` of months), or a table of yearly totals: one row a
        category, one column of numbers a year in order, the names of the categories in the index
        or the first column. A row called "Total" or "Grand Total" in such a table is checked.
    by : str or None
        The column of the records to split by; None for the total alone. Not used for a table.
    years : int or list of str
        How many of the last years to show, or their names. For a table, the columns to take.
    year_end : int
        The month in which a year ends, 1 to 12; by default the last month of the records, which
        makes rolling years.
    period : (str, str)
        The first and the last month that the records cover, such as ``("2010-10", "2012-09")``.
        Needed where there may be months that truly hold no event at either end; otherwise it is
        from the first to the last record.
    weight : str
        A column of weights (crime harm); the sums of weights are compared instead of the counts.
    dispersion : float
        How many times Poisson's the variance of a count is; 1 for Poisson's. By default it is
        estimated from the months where there are at least two years of them, and 1 for a table of
        totals, which holds nothing to estimate it from.
    alpha : float
        A change is called one where ``change_q`` is at most this.

    Returns
    -------
    DataFrame
        One row a group and year, the total last: ``category`` (or what ``by`` is called),
        ``year`` ("FY 2012" ends within 2012; "2025" is a calendar year), ``count``, with
        weights also ``weighted``, ``previous`` (the year before), ``change``, ``change_pct``,
        ``rate_ratio`` with its 95 % limits ``ratio_lower`` and ``ratio_upper``, ``dispersion``,
        ``change_p`` (two-sided), ``change_q`` (adjusted over the groups of the year; the total
        stands for itself) and ``verdict``: "rose", "fell" or "no clear change". With weights,
        everything from ``previous`` on is about the sums of weights. Nothing is compared across
        a year without data.

    Raises
    ------
    TypeError
        If a column does not hold what it should.
    ValueError
        If a column is lacking, no whole year is covered, or an option is out of range.

    Warns
    -----
    UserWarning
        If records or months are left out, or a table's total is not the sum of its rows.

    Notes
    -----
    The two years are compared by the exact conditional test of two Poisson counts. Crimes come in
    series and are recorded in batches, so that real months scatter more than Poisson's, and
    Poisson's test would cry wolf. The dispersion is Pearson's chi-square of the years by months
    over its degrees of freedom, after the season and the years' own levels are taken out, and
    larger where a month resembles the one before; both counts are divided by it, and Student's
    distribution allows for its being estimated. (A negative binomial whose variance is a multiple
    of its mean has the same limits, but for its few events.) See the page "Change" for how often each test
    raises a false alarm.

    Where months come in long runs, a year or two hold few that are independent, and the test calls
    too many years changed (simulated with a correlation of 0.6 from month to month 10 to 14 of 100
    where 5 are meant, with 0.9 some 28). Runs are seen in half of such groups only, so
    ``attrs["statistics"]["trend"]["text"]`` says it of all, and names those where they are seen.

    References
    ----------
    Przyborowski J, Wilenski H (1940), Homogeneity of results in testing samples from Poisson
    series, Biometrika 31, 313-323. McCullagh P, Nelder JA (1989), Generalized linear models,
    second edition, chapter 6 (quasi-likelihood). Benjamini Y, Hochberg Y (1995), Controlling the
    false discovery rate, Journal of the Royal Statistical Society B 57, 289-300.

    Examples
    --------
    Rutland, 2012, from the totals in its assessment:

    >>> totals = pd.DataFrame(
    ...     {"FY 2011": [172, 1041], "FY 2012": [289, 967]},
    ...     index=["Serious Acquisitive Crime", "All other"],
    ... )
    >>> result = trend(totals)
    >>> result[result["year"] == "FY 2012"][["category", "change", "change_pct", "verdict"]].round(1)
                        category  change  change_pct          verdict
    1  Serious Acquisitive Crime   117.0        68.0             rose
    3                  All other   -74.0        -7.1  no clear change
    5                      Total    43.0         3.5  no clear change
    """
    odd_months.remind(records.attrs, "trend", period)
    _by_month.check_options(alpha, dispersion)
    if "period" in records.columns:
        by_month = _by_month.gather(records, by, year_end=year_end, period=period, weight=weight)
        names, labels = by_month.groups, by_month.labels
        count, weighted = by_month.events.sum(axis=2), by_month.weighted.sum(axis=2)
        scatters = [_scatter(by_month, g, dispersion) for g in range(len(names))]
    else:
        names, labels, count = _totals(records, years)
        weighted = count
        scatters = [count_tests.Scatter(dispersion=dispersion or 1.0)] * len(names)
        years = None

    # Arrays of groups by years.
    shown = _by_month.chosen_years(labels, years)
    before = np.column_stack([np.full(len(names), np.nan), weighted[:, :-1]])
    tests = [
        count_tests.rate_ratio(now, then, scatter=scatter)
        for now, then, scatter in zip(weighted, before, scatters, strict=True)
    ]
    ratio, lower, upper, p = (np.stack(each)[:, shown] for each in zip(*tests, strict=True))
    q = _adjusted(p, names)
    columns = {
        "count": count[:, shown],
        **({} if weight is None else {"weighted": weighted[:, shown]}),
        "previous": before[:, shown],
        "change": (weighted - before)[:, shown],
        "change_pct": 100 * (ratio - 1),
        "rate_ratio": ratio,
        "ratio_lower": lower,
        "ratio_upper": upper,
        "dispersion": np.repeat([scatter.dispersion for scatter in scatters], len(shown)),
        "change_p": p,
        "change_q": q,
        "verdict": _verdicts(q, ratio, alpha),
    }
    result = pd.DataFrame(
        {
            by or "category": [name for name in names for _ in shown],
            "year": [labels[y] for y in shown] * len(names),
            **{name: values.ravel() for name, values in columns.items()},
        }
    )
    result["count"] = result["count"].astype("Int64")
    estimated = dispersion is None and "period" in records.columns
    result.attrs = {key: records.attrs[key] for key in ("source", "notice") if key in records.attrs}
    facts = {
        "statistic": "rate ratio",
        "method": "exact conditional test of two Poisson counts",
        "dispersion": "estimated from the months" if estimated else dispersion or 1.0,
        "correction": "Benjamini-Hochberg over the groups of a year",
        "text": "Each year against the year before, exact conditional test"
        + (", dispersion estimated from the months" if estimated else "")
        + (_runs_note(names, scatters) if estimated else "")
        + "; Benjamini-Hochberg over the groups of a year.",
    }
    return inference.record(result, "trend", facts)


def _runs_note(names: Sequence[str], scatters: Sequence[count_tests.Scatter]) -> str:
    """Say that the test doesn't keep its level in long runs of months, and where these are seen."""
    long = [name for name, one in zip(names, scatters, strict=True) if one.runs > LONG]
    return (
        " (where months come in long runs, each like the one before, it calls 10 to 30 of 100 years "
        f"changed in which nothing did, not 5{f'; here: {checks.shown(long)}' if long else ''})"
    )


def _scatter(months: _by_month.Years, group: int, given: float | None) -> count_tests.Scatter:
    """Return the scatter of a group's months, with its weights' own as the least."""
    whole = np.isfinite(months.events[group]).all(axis=1)
    weighted, squares = months.weighted[group][whole], months.squares[group][whole]
    least = squares.sum() / weighted.sum() if weighted.sum() else 1.0
    if given is not None:
        return count_tests.Scatter(dispersion=given * least)
    return count_tests.year_scatter(weighted, least=least)


def _adjusted(p: Floats, names: Sequence[str]) -> Floats:
    """Adjust the p-values (groups, years) of a year's groups together; the total stands for itself."""
    q = p.copy()
    parts = [g for g, name in enumerate(names) if name != _by_month.TOTAL]
    for y in range(p.shape[1]):
        q[parts, y] = inference.benjamini_hochberg(p[parts, y])
    return q


def _verdicts(q: Floats, ratio: Floats, alpha: float) -> NDArray[np.object_]:
    """Put the test into a word; None where there is nothing to compare with."""
    words = np.where(
        inference.within(q, alpha), np.where(ratio > 1, ROSE, FELL), NO_CLEAR_CHANGE
    ).astype(object)
    words[np.isnan(q)] = None
    return words


def _totals(
    table: pd.DataFrame, years: int | Sequence[str] | None
) -> tuple[list[str], list[str], Floats]:
    """Read a table of yearly totals: names, years, and counts of shape (groups, years)."""
    if isinstance(table.index, pd.RangeIndex) and len(table.columns):
        table = table.set_index(table.columns[0])
    columns = [str(name) for name in table.columns]
    table = table.set_axis(columns, axis=1)
    columns = [columns[y] for y in _by_month.chosen_years(columns, years)]
    counts = np.column_stack([checks.numbers(table, name, "the table") for name in columns])
    if (counts < 0).any():
        raise ValueError(
            "the table of yearly totals holds negative numbers. Give counts of 0 or more."
        )
    names = [str(name) for name in table.index]
    sums = np.array([name.strip().casefold() in {"total", "grand total"} for name in names])
    parts = counts[~sums]
    whole = parts.sum(axis=0)
    for row in counts[sums]:
        for year, given, result in zip(columns, row, whole, strict=True):
            if len(parts) and given != result:
                warnings.warn(
                    f"the table's total of {year} is {given:,.0f}, but its rows add up to "
                    f"{result:,.0f}, which is used. Check the table's source.",
                    UserWarning,
                    stacklevel=3,
                )
    names = [name for name, total in zip(names, sums, strict=True) if not total]
    if len(parts) != 1:
        names, parts = [*names, _by_month.TOTAL], np.vstack([parts, whole])
    return names, columns, parts
