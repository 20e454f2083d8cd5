"""Which months stand out of an even year, and which only on account of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import nouns, numbers

if TYPE_CHECKING:
    import pandas as pd


def season(rows: pd.DataFrame, subject: str) -> str:
    """Say what the verdicts of twelve months say."""
    years = int(rows["years"].iloc[0])
    over = "In the one year covered," if years == 1 else f"Over {numbers.words(years)} years"
    inside = nouns.inside(subject)
    peaks, troughs, spells = (rows[rows["verdict"] == word] for word in ("peak", "trough", "spell"))
    if not float(rows["count"].sum()):
        return f"{over} there is nothing to follow by month: {inside} came to none."
    said = []
    if len(peaks):
        said.append(f"{over} {inside} peaked in {_months(peaks, 'above')}.")
    if len(troughs):
        was = nouns.verb(subject, "was", "were")
        first = nouns.verb(subject, "It", "They") if said else f"{over} {inside}"
        said.append(f"{first} {was} lowest in {_months(troughs, 'below')}.")
    if not said:
        uneven = float(rows["even_p"].iloc[0]) <= numbers.ALPHA
        rest = "though the year as a whole is not even" if uneven else "and the year may be even"
        said.append(f"{over} no month of {inside} stands out, {rest}.")
    if len(spells):
        said.append(_spells(spells))
    return " ".join(said)


def _spells(spells: pd.DataFrame) -> str:
    """Name months that stand out in one year, and the year where the table tells it."""
    names = nouns.several(spells["month_name"])
    told = (
        spells["spell_year"].dropna() if "spell_year" in spells.columns else spells["verdict"][:0]
    )
    if len(spells) == 1:
        year = f"{told.iloc[0]} alone" if len(told) else "a single year"
        return f"{names} stands out on account of {year}: a spell, not a season."
    years = f" ({nouns.several(told)})" if len(told) else ""
    return f"{names} stand out on account of a single year each{years}: spells, not a season."


def _months(rows: pd.DataFrame, way: str) -> str:
    """Name months, the farthest from an even year first, and how far each lies from it."""
    rows = rows.sort_values("index", ascending=way == "below", kind="stable")
    far = [numbers.percent(abs(float(index) - 100)) for index in rows["index"]]
    return f"{nouns.several(rows['month_name'])}, {nouns.several(far)} {way} an even year"
