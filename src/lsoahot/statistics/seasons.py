"""When does it peak? The months of several years against an even year."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lsoahot.common.month_names import MONTH_NAMES
from lsoahot.records import odd_months
from lsoahot.statistics.kernels import by_month, inference

from . import count_tests

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def seasonality(
    records: pd.DataFrame,
    by: str | None = None,
    *,
    years: int | Sequence[str] | None = None,
    year_end: int | None = None,
    period: tuple[str, str] | None = None,
    weight: str | None = None,
    dispersion: float | None = None,
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Find the months in which there is more, or less, than an even year would have.

    The same months of several years are added up and compared with what an even year gives them by
    their days (28 or 29 in February). Each month is tested by an exact binomial test of its share,
    and the twelve p-values are adjusted together.

    Parameters
    ----------
    records : DataFrame
        Records with a column ``period`` of months, several years of them if possible.
    by : str or None
        A column to split by; None for all records together.
    years : int or list of str
        How many of the last years to use, or their names; all whole years by default.
    year_end, period, weight
        As in `trend`.
    dispersion : float, optional
        How many times Poisson's the variance of a month is; 1 for Poisson's. By default it is
        estimated where there are two years or more; one year has no verdict without it.
    alpha : float
        A month is called a peak or a trough where ``season_q`` is at most this.

    Returns
    -------
    DataFrame
        Twelve rows a group, January to December: ``category`` (or what ``by`` is called),
        ``month`` (1 to 12), ``month_name``, ``count`` (with weights also ``weighted``), ``years``
        (how many were added up: those in which no count of the group was withheld), ``expected`` in
        an even year, ``index`` (100 for what is expected) with its 95 % limits ``index_lower`` and
        ``index_upper``, ``dispersion``, ``season_p``, ``season_q``, ``verdict`` ("peak", "trough",
        "even", or "spell" for a month that stands out on account of one year alone; missing where
        nothing can be tested), ``spell_year`` (that year) and ``even_p``, the same for every month
        of a group: is its year uneven at all?

    Raises
    ------
    TypeError
        If a column does not hold what it should.
    ValueError
        If a column is lacking, no whole year is covered, or an option is out of range.

    Warns
    -----
    UserWarning
        If records or months are left out.

    Notes
    -----
    A month that stood out in one year only is a spell, not a season. With two years or more, the
    scatter of the months about the common season is estimated (as in `trend`) and limits and
    tests are widened by it; and a month must still be significant (unadjusted) with its most
    extreme year left out, or it is called a spell. With one year neither can be known: months that
    scatter more than Poisson's, as real ones do, would have peaks in 27 to 94 of 100 even years. So
    one year has no verdict unless its ``dispersion`` is given; p is then Poisson's, to be read with
    that in mind. ``even_p`` is Pearson's
    chi-square over its degrees of freedom against that scatter (an F test; chi-square with one
    year).

    Examples
    --------
    >>> months = pd.period_range("2010-01", "2012-12", freq="M").repeat(20)
    >>> more = pd.PeriodIndex(["2010-05", "2011-05", "2012-05"], freq="M").repeat(25)
    >>> records = pd.DataFrame({"period": months.append(more)})
    >>> result = seasonality(records)
    >>> result.loc[result["verdict"] == "peak", ["month_name", "count", "index", "verdict"]].round(0)
      month_name  count  index verdict
    4        May    135  200.0    peak
    """
    odd_months.remind(records.attrs, "seasonality", period)
    by_month.check_options(alpha, dispersion)
    results = by_month.gather(records, by, year_end=year_end, period=period, weight=weight)
    labels = results.labels
    chosen = by_month.chosen_years(labels, years)
    known = [[y for y in chosen if np.isfinite(events[y]).all()] for events in results.events]
    every = sorted({y for group in known for y in group})
    if not every:
        raise ValueError(f"years={years!r} holds no year with data. Give one of {labels}.")
    first = results.starts[0].month
    january = (1 - first) % 12  # where January stands in the years' own order
    order = np.roll(np.arange(12), -january)
    lengths = np.array(
        [[(start + m).days_in_month for m in range(12)] for start in results.starts], dtype=float
    )
    rows: list[dict[str, Any]] = []
    for g, (name, used) in enumerate(zip(results.groups, known, strict=True)):
        days = lengths[used]
        table = results.weighted[g][used]
        seen = table.sum(axis=0)
        share = (table.sum(axis=1)[:, None] * days / days.sum(axis=1)[:, None]).sum(axis=0)
        whole = seen.sum()
        expected = share if whole else np.full(12, np.nan)
        least = results.squares[g][used].sum() / whole if whole else 1.0
        scatter = (
            count_tests.months_scatter(table, least=least)
            if dispersion is None
            else count_tests.Scatter(dispersion=dispersion * least)
        )
        tested = count_tests.share_test(seen, whole - seen, expected / whole, scatter=scatter)
        q = inference.benjamini_hochberg(tested.p)
        words, alone = _verdicts(table, days, scatter, result=(q, tested.ratio), alpha=alpha)
        if len(used) == 1 and dispersion is None:
            words[:] = None  # how much months scatter anyway can't be seen in one year
        rows.append(
            {
                by or "category": name,
                "month": (first - 1 + np.arange(12)) % 12 + 1,
                "month_name": np.roll(MONTH_NAMES, 1 - first),
                "count": results.events[g][used].sum(axis=0) if used else np.nan,
                **({} if weight is None else {"weighted": seen if used else np.nan}),
                "years": len(used),
                "expected": expected,
                "index": 100 * tested.ratio,
                "index_lower": 100 * tested.lower,
                "index_upper": 100 * tested.upper,
                "dispersion": scatter.dispersion,
                "season_p": tested.p,
                "season_q": q,
                "verdict": words,
                "spell_year": np.array([None, *(labels[y] for y in used)])[alone + 1],
                "even_p": _even_p(seen, expected, scatter),
            }
        )
    result = pd.DataFrame(
        {
            name: np.concatenate([np.broadcast_to(row[name], 12)[order] for row in rows])
            for name in rows[0]
        }
    )
    result["count"] = result["count"].astype("Int64" if not all(known) else "int64")
    result.attrs = {key: records.attrs[key] for key in ("source", "notice") if key in records.attrs}
    facts = {
        "statistic": "share of a month",
        "method": "exact binomial test against the month's days",
        "years": [labels[y] for y in every],
        "correction": "Benjamini-Hochberg over twelve months",
        "text": f"Months of {len(every)} year{'s' if len(every) > 1 else ''} against an even "
        "year, adjusted for days; "
        + _text(len(every), dispersion)
        + "; Benjamini-Hochberg over twelve months.",
    }
    return inference.record(result, "seasonality", facts)


def _text(years: int, dispersion: float | None) -> str:
    if dispersion is not None:
        return f"dispersion {dispersion:.2g}, as given"
    if years > 1:
        return "scatter estimated from the years"
    return "Poisson scatter, so no verdict: one year can't tell a season from scatter"


def _verdicts(
    table: Floats,
    days: Floats,
    scatter: count_tests.Scatter,
    *,
    result: tuple[Floats, Floats],
    alpha: float,
) -> tuple[NDArray[np.object_], NDArray[np.intp]]:
    """Put the tests of the months of a table (years, months) into words, and name a spell's year.

    The year is its place in the table, -1 where the month is no spell.
    """
    q, ratio = result
    clear = inference.within(q, alpha)
    words = np.where(clear, np.where(ratio > 1, "peak", "trough"), "even").astype(object)
    words[np.isnan(q)] = None
    alone = np.full(words.shape, -1, dtype=np.intp)
    if len(table) <= 1:
        return words, alone
    expected = table.sum(axis=1)[:, None] * days / days.sum(axis=1)[:, None]
    for month in np.flatnonzero(clear):
        excess = (table - expected)[:, month] * (1 if ratio[month] > 1 else -1)
        others = np.arange(len(table)) != excess.argmax()
        part, whole = table[others, month].sum(), table[others].sum()
        share = expected[others, month].sum() / whole if whole else np.nan
        without = count_tests.share_test(part, whole - part, share, scatter=scatter)
        same_way = (without.ratio > 1) == (ratio[month] > 1)
        if not (same_way and without.p <= alpha):
            words[month], alone[month] = "spell", excess.argmax()
    return words, alone


def _even_p(seen: Floats, expected: Floats, scatter: count_tests.Scatter) -> float:
    """Return the p of the whole year being even."""
    from scipy.special import chdtrc, fdtrc

    freedom = len(seen) - 1
    statistic = float(((seen - expected) ** 2 / expected).sum()) / scatter.dispersion
    if np.isinf(scatter.freedom):
        return float(chdtrc(freedom, statistic))
    return float(fdtrc(freedom, scatter.freedom, statistic / freedom))
