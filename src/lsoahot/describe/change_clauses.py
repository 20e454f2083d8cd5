"""What became of a count between two years: one clause for the figures, one for the test."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from lsoahot.common import checks
from lsoahot.common.class_labels import FELL, NO_CLEAR_CHANGE, ROSE
from lsoahot.counting import counts_to_hide
from lsoahot.statistics import count_tests

from . import nouns, numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

TOTAL: Final = "Total"
SURE: Final = "this is a clear change"
UNSURE: Final = "this is no clear change"
# A change that no reader would call none, and no test can call sure.
LARGE: Final = 20  # per cent
LARGE_UNSURE: Final = "this is large, but not sure: the months swing as much"
TESTED: Final = {ROSE: SURE, FELL: SURE, NO_CLEAR_CHANGE: UNSURE}


def category_column(table: pd.DataFrame) -> str:
    """Name the column of categories of a table of years or months, which is its first."""
    checks.columns(table, ["count", "verdict"], "the table", "Make it with trend or seasonality.")
    return str(table.columns[0])


def of_category(table: pd.DataFrame, category: str | None) -> tuple[pd.DataFrame, str, str]:
    """Return the rows of one category, its name, and the column that it stands in."""
    by = category_column(table)
    names = [str(name) for name in table[by].unique()]
    if category is None:
        category = TOTAL if TOTAL in names else names[0]
        if len(names) > 1 and category != TOTAL:
            raise ValueError(f"the table has no total, but {checks.shown(names)}. Name a category.")
    checks.one_of(category, names, "category")
    return table[table[by].astype(str) == category], category, by


def of_year(rows: pd.DataFrame, year: str | None) -> pd.DataFrame:
    """Return the rows of one year, the last by default."""
    checks.columns(rows, ["year", "previous"], "the table", "Make it with trend.")
    labels = [str(label) for label in rows["year"].unique()]
    if year is not None:
        checks.one_of(year, labels, "year")
    return rows[rows["year"].astype(str) == (year or labels[-1])]


def season(rows: pd.DataFrame, subject: str) -> str:
    """Say what the verdicts of twelve months say."""
    years = int(rows["years"].iloc[0])
    over = "In the one year covered," if years == 1 else f"Over {numbers.words(years)} years"
    inside = nouns.inside(subject)
    peaks, troughs, spells = (rows[rows["verdict"] == word] for word in ("peak", "trough", "spell"))
    if not float(rows["count"].sum()):
        return f"{over} there is nothing to follow by month: {inside} came to none."
    text = []
    if len(peaks):
        text.append(f"{over} {inside} peaked in {_months(peaks, 'above')}.")
    if len(troughs):
        was = nouns.verb(subject, "was", "were")
        first = nouns.verb(subject, "It", "They") if text else f"{over} {inside}"
        text.append(f"{first} {was} lowest in {_months(troughs, 'below')}.")
    if not text:
        uneven = float(rows["even_p"].iloc[0]) <= numbers.ALPHA
        rest = "though months differ" if uneven else "and months hardly differ"
        text.append(f"{over} no month of {inside} stands out, {rest}.")
    if len(spells):
        text.append(_spells(spells))
    return " ".join(text)


def _spells(spells: pd.DataFrame) -> str:
    """Name months that stand out in one year, and the year where the table tells it."""
    names = nouns.several(spells["month_name"])
    years = spells["spell_year"].dropna().tolist() if "spell_year" in spells else []
    stand = "stands" if len(spells) == 1 else "stand"
    if len(set(years)) == 1:
        why = f"{years[0]} alone"
    elif len(spells) == 1:
        why = "a single year"
    else:
        why = f"a single year each{f' ({nouns.several(years)})' if years else ''}"
    return f"{names} {stand} out on account of {why}, which makes no season."


def _months(rows: pd.DataFrame, way: str) -> str:
    """Name months, the farthest from an even year first, and how far each lies from it."""
    rows = rows.sort_values("index", ascending=way == "below", kind="stable")
    far = [numbers.percent(abs(float(index) - 100)) for index in rows["index"]]
    return f"{nouns.several(rows['month_name'])}, {nouns.several(far)} {way} the average month"


def value_column(table: pd.DataFrame) -> str:
    """Name the column whose change a table of `trend` is about."""
    return "weighted" if "weighted" in table.columns else "count"


def span(label: str) -> str:
    """Call what a label names a year, a quarter or a period.

    Examples
    --------
    >>> [span(label) for label in ("FY 2012", "2011/12", "2011/12 Q4", "Easter")]
    ['year', 'year', 'quarter', 'period']
    """
    if re.fullmatch(r"(FY )?\d{4}([/-]\d{2,4})?", label):
        return "year"
    return "quarter" if re.search(r"\bQ[1-4]\b|quarter", label, re.IGNORECASE) else "period"


def change(
    row: Mapping[Any, Any] | pd.Series,
    subject: str,
    *,
    value: str = "count",
    unit: str | None = None,
    below: int | None = None,
) -> str:
    """Say what became of one row of a table of `trend`."""
    now, before = numbers.number(row[value]), numbers.number(row["previous"])
    year, subject = str(row["year"]), nouns.opening(subject)
    if now is None:
        has = nouns.verb(subject, "has", "have")
        return f"{subject} {has} no figure for {year}, whose data are not whole."
    small = small_figures(row, value, below)
    if any(small):
        return _few(subject, year, small=small, figures=(now, before), below=int(below or 0))
    if before is None:
        return (
            f"{subject} came to {nouns.counted(now, unit)} in {year}; there is no earlier "
            f"{span(year)} of whole data to compare this with."
        )
    if now == before:
        either = "either" if now == 0 else "both"
        kind = span(year) if now == 0 else f"{span(year)}s"
        return f"{subject} did not change: {nouns.counted(now, unit)} in {either} {kind}."
    test = _call_large(TESTED.get(row["verdict"], ""), before, now)
    return f"{subject} {moved(before, now, unit)}{test and f'; {test}'}."


def _call_large(test: str, before: float, now: float) -> str:
    """Call a change large where it is, though no test can call it sure."""
    large = before >= numbers.SMALL_BASE and abs(now - before) / before * 100 >= LARGE
    return LARGE_UNSURE if test == UNSURE and large else test


def moved(before: float, now: float, unit: str | None = None) -> str:
    """Say the plain arithmetic of two counts that differ, with a percentage of a base that bears it."""
    way = "rose" if now > before else "fell"
    if now == 0:
        return f"fell to none, from {numbers.figure(before)}"
    if before == 0:
        return f"rose from none to {nouns.counted(now, unit)}"
    share = ""
    if before >= numbers.SMALL_BASE:
        share = f" ({numbers.percent(100 * abs(now - before) / before)})"
    by = numbers.figure(abs(now - before))
    return f"{way} by {by}{share}, from {numbers.figure(before)} to {nouns.counted(now, unit)}"


def _few(
    subject: str, year: str, *, small: list[bool], figures: tuple[float, float | None], below: int
) -> str:
    """Say a change of which at least one figure is too small to be reported."""
    now, before = figures
    few = f"fewer than {below}"
    first = few if small[0] else numbers.figure(now)
    if before is None:
        return f"{subject} came to {first} in {year}."
    if all(small):
        return f"{subject} came to {few} in {year}, as in the {span(year)} before."
    second = few if small[1] else numbers.figure(before)
    return f"{subject} came to {first} in {year}, and to {second} in the {span(year)} before."


def small_figures(row: Mapping[Any, Any] | pd.Series, value: str, below: int | None) -> list[bool]:
    """Tell of the figure of a row, and of the year before, whether it is too small to be reported."""
    figures = (numbers.number(row[value]), numbers.number(row["previous"]))
    return [x is not None and below is not None and x < below for x in figures]


def withheld(subject: str) -> str:
    """Say that a subject's figures are not reported."""
    return (
        f"The figures of {nouns.inside(subject)} are withheld: small counts are not shown, nor "
        "others from which they could be worked out."
    )


def hidden(now: pd.Series, before: pd.Series, below: int | None) -> list[bool]:
    """Tell which parts of a published total must be withheld, in either year; none by default."""
    result = np.zeros(len(now), dtype=bool)
    if below is None:
        return result.tolist()
    rule = counts_to_hide.Rule(below=below, lowest=0)
    for values in (now, before):
        counts = values.to_numpy(dtype="float64", na_value=np.nan)
        if np.isfinite(counts).all() and (counts < below).any():
            blocks, _ = counts_to_hide.protect(counts, [], rule)
            result[blocks[0].hidden] = True
    return result.tolist()


def years(
    rows: pd.DataFrame, subject: str, *, value: str, unit: str | None, below: int | None = None
) -> str:
    """Say what became of a count over all the years of a table, and in which of them."""
    whole = rows[rows[value].notna()]
    subject = nouns.opening(subject)
    if len(whole) <= 1:
        return f"{subject} can't be followed over years: fewer than two of them have whole data."
    first, last = whole.iloc[0], whole.iloc[-1]
    before, now = float(first[value]), float(last[value])
    since = f"Between {first['year']} and {last['year']}"
    if below is not None and min(before, now) < below:
        few = f"{since} {nouns.inside(subject)} can't be followed:"
        return f"{few} in one of these {span(str(last['year']))}s there were fewer than {below}."
    if before == now:
        wording = f"did not change: {nouns.counted(now, unit)} in both"
    else:
        wording = f"{moved(before, now, unit)}; {_test_of_ends(whole, before, now)}"
    text = f"{since} {nouns.inside(subject)} {wording}."
    steps = len(whole) - 1
    return f"{text} {_steps(whole)}" if steps > 1 else text


def _test_of_ends(rows: pd.DataFrame, before: float, now: float) -> str:
    """Say what the test says of the first and the last year: the table's own word, if it has one."""
    last = rows.iloc[-1]
    steps = len(rows) - 1
    if last["previous"] == before and steps == 1:
        return _call_large(TESTED.get(last["verdict"], UNSURE), before, now)
    dispersion = float(last["dispersion"])
    given = rows.attrs.get("statistics", {}).get("trend", {}).get("dispersion")
    estimated = dispersion > 1 and not isinstance(given, int | float)
    # As in `trend`: a dispersion estimated from the months of so many years.
    freedom = 11.0 * steps if estimated else np.inf
    scatter = count_tests.Scatter(dispersion=dispersion, freedom=freedom)
    p = float(count_tests.rate_ratio([now], [before], scatter=scatter).p[0])
    return _call_large(SURE if p <= numbers.ALPHA else UNSURE, before, now)


def _steps(rows: pd.DataFrame) -> str:
    """Say which of the steps from one year to the next were more than chance."""
    tested = rows[rows["verdict"].notna()]
    kind = span(str(rows["year"].iloc[-1]))
    sure = tested[tested["verdict"].isin([ROSE, FELL])]
    if sure.empty:
        return f"No step from one {kind} to the next was clear."
    steps = [
        f"the {'rise' if row['verdict'] == ROSE else 'fall'} in {row['year']}"
        for _, row in sure.iterrows()
    ]
    was = "was" if len(steps) == 1 else "were"
    every = f"{numbers.words(len(tested))} {'step' if len(tested) == 1 else 'steps'}"
    return (
        f"Of {every} from one {kind} to the next, {numbers.words(len(steps))} {was} clear: "
        f"{nouns.several(steps)}."
    )


def named(category: str, unit: str | None) -> str:
    """Name a category as a subject; a total is one of something."""
    if category != TOTAL:
        return category
    return f"The total number of {nouns.plural(unit)}" if unit else "The total"
