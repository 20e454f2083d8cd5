"""Is our mix another? The shares of an area's categories against those of a wider area."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from lsoahot.common import checks
from lsoahot.statistics.kernels import inference

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

NONE = ("-", "\N{EN DASH}", "")  # how tables print an empty cell
HIGHER, LOWER, ALIKE = "higher", "lower", "no clear difference"


def profile(
    table: pd.DataFrame,
    local: str,
    reference: str,
    *,
    local_total: int | None = None,
    reference_total: int | None = None,
    contains_local: bool = False,
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Compare the mix of one area's events with another's, category by category.

    Where only rounded percentages are published, the counts behind them are worked out from the
    totals, and each test takes the counts that speak least for a difference among all that
    would have been rounded to the same percentages.

    Parameters
    ----------
    table : DataFrame
        One row a category, named in the index or the first column.
    local, reference : str
        The columns to compare: counts; or, with the totals given, percentages (19, "19%", and "-"
        or missing for none).
    local_total, reference_total : int
        The events behind the percentages, both or neither.
    contains_local : bool
        Whether the reference holds the local events too (a county and its own district); they are
        then taken out before the test.
    alpha : float
        A share is called higher or lower where ``profile_q`` is at most this.

    Returns
    -------
    DataFrame
        One row a category: ``category``, ``local_count``, ``local_pct``, ``reference_count``,
        ``reference_pct``, ``difference`` (percentage points), ``profile_p`` (two-sided, exact),
        ``profile_q`` (adjusted) and ``verdict``: "higher", "lower" or "no clear difference".

    Raises
    ------
    ValueError
        If a column is lacking or can't be read, one total only is given, or a share is no whole
        number of events.

    Warns
    -----
    UserWarning
        If the counts worked out from the percentages do not add up to the total.

    Notes
    -----
    The test is Fisher's exact test of each category against all others, with twice the smaller tail
    of the hypergeometric distribution; the categories are adjusted together by Benjamini and
    Hochberg's method.

    References
    ----------
    Fisher RA (1935), The logic of inductive inference, Journal of the Royal Statistical Society 98,
    39-82.

    Examples
    --------
    Of 48 young people's offences in Rutland, 10 % were burglaries other than dwelling; of the
    county's 1,000, 1 %:

    >>> mix = pd.DataFrame(
    ...     {"county": ["1%", "99%"], "rutland": ["10%", "90%"]},
    ...     index=["Non-domestic burglary", "Other"],
    ... )
    >>> result = profile(mix, "rutland", "county", local_total=48, reference_total=1000)
    >>> result[["category", "local_count", "reference_count", "verdict"]]
                    category  local_count  reference_count verdict
    0  Non-domestic burglary            5               10  higher
    1                  Other           43              990   lower
    """
    checks.columns(table, [local, reference], "the table")
    if isinstance(table.index, pd.RangeIndex):
        table = table.set_index(table.columns[0])
    totals = local_total, reference_total
    if (local_total is None) != (reference_total is None):
        raise ValueError(
            f"local_total={local_total} and reference_total={reference_total}: one is lacking. "
            "Give both with percentages, or neither with counts."
        )
    ours, theirs = (
        _shares(table, name, total) for name, total in zip((local, reference), totals, strict=True)
    )
    own_total, other_total = ours.total, theirs.total - (ours.total if contains_local else 0)
    own = ours.events if contains_local else np.zeros(len(table))
    p = np.array(
        [
            _fisher(
                (ours.least[i], ours.most[i], own_total),
                (theirs.least[i] - own[i], theirs.most[i] - own[i], other_total),
                higher=bool(ours.percent[i] > theirs.percent[i]),
            )
            for i in range(len(table))
        ]
    )
    q = inference.benjamini_hochberg(p)
    difference = ours.percent - theirs.percent
    verdict = np.where(
        inference.within(q, alpha), np.where(difference > 0, HIGHER, LOWER), ALIKE
    ).astype(object)
    verdict[np.isnan(q)] = None
    result = pd.DataFrame(
        {
            "category": [str(name) for name in table.index],
            "local_count": pd.Series(ours.events).astype("Int64").array,
            "local_pct": ours.percent,
            "reference_count": pd.Series(theirs.events).astype("Int64").array,
            "reference_pct": theirs.percent,
            "difference": difference,
            "profile_p": p,
            "profile_q": q,
            "verdict": verdict,
        }
    )
    facts = {
        "statistic": "share of a category",
        "method": "Fisher's exact test"
        + ("" if local_total is None else ", least favourable counts behind the percentages"),
        "correction": "Benjamini-Hochberg",
        "totals": [int(ours.total), int(theirs.total)],
        "text": f"Shares of {ours.total:,.0f} and {theirs.total:,.0f} events, Fisher's exact "
        "test; Benjamini-Hochberg over the categories.",
    }
    return inference.record(result, "profile", facts)


class _Shares(NamedTuple):
    """A column read: percentages, the counts nearest to them, and the range that rounds to them."""

    percent: Floats
    events: Floats
    least: Floats
    most: Floats
    total: float


def _shares(table: pd.DataFrame, name: str, total: int | None) -> _Shares:
    """Read a column of counts, or of rounded percentages of a known total."""
    column = table[name]
    if not pd.api.types.is_numeric_dtype(column.dtype):
        text = column.astype("string").str.strip().str.removesuffix("%").str.strip()
        read = pd.to_numeric(text.mask(text.isin(NONE)), errors="coerce")
        unread = column[read.isna() & text.notna() & ~text.isin(NONE)]
        if len(unread):
            raise ValueError(
                f"column {name!r} holds {checks.shown(unread)}, which is no number. "
                "Give counts or percentages."
            )
        table = table.assign(**{name: read.astype("float64")})
    values = checks.numbers(table, name, "the table")
    if (values < 0).any():
        raise ValueError(f"column {name!r} holds negative numbers. Give counts or percentages.")
    if total is None:
        whole = float(np.nansum(values))
        return _Shares(100 * values / whole, values, values, values, whole)

    # Half of the last decimal that is published either way.
    half = 0.5 * 10.0 ** -_decimals(values)
    least = np.ceil(np.maximum(values - half, 0) / 100 * total - 1e-9)
    most = np.floor((values + half) / 100 * total + 1e-9)
    if (least > most).any():
        wrong = table.index[least > most]
        raise ValueError(
            f"{name}: no whole number of {total:,} events rounds to the percentage of "
            f"{checks.shown(wrong)}. Check the total."
        )
    count = np.clip(np.rint(values / 100 * total), least, most)
    if not np.nansum(least) <= total <= np.nansum(most):
        warnings.warn(
            f"{name}: the percentages stand for {np.nansum(least):,.0f} to {np.nansum(most):,.0f} "
            f"events, not for {total:,}. Check the total, and whether a category is lacking.",
            UserWarning,
            stacklevel=3,
        )
    return _Shares(values, count, least, most, float(total))


def _decimals(values: Floats) -> int:
    """Return how many decimals a column is published with, three at most."""
    there = values[np.isfinite(values)]
    return next((d for d in range(3) if np.allclose(there, there.round(d), atol=1e-9)), 3)


def _fisher(
    ours: tuple[float, float, float], theirs: tuple[float, float, float], *, higher: bool
) -> float:
    """Return the two-sided p of two shares, each given as (least, most, total).

    Of the counts possible those are taken whose shares lie nearest; 1 where the ranges overlap.
    """
    from scipy.special import gammaln

    (least, most, n), (other_least, other_most, m) = ours, theirs
    a, b = (least, other_most) if higher else (most, other_least)
    if not np.isfinite(a + b):
        return np.nan
    if (a / n <= b / m) if higher else (a / n >= b / m):
        return 1.0
    ours_of_both = np.arange(max(0.0, a + b - m), min(a + b, n) + 1)
    theirs_of_both = a + b - ours_of_both
    ways = sum(
        gammaln(whole + 1) - gammaln(part + 1) - gammaln(whole - part + 1)
        for part, whole in ((ours_of_both, n), (theirs_of_both, m))
    )
    chance = np.exp(ways - ways.max())
    tail = min(chance[ours_of_both <= a].sum(), chance[ours_of_both >= a].sum())
    return float(min(1.0, 2 * tail / chance.sum()))
