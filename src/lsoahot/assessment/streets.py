"""The streets that police records name most, area by area."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

if TYPE_CHECKING:
    from .result import Assessment
    from .settings import Measure

MOST: Final = 2
FEWEST: Final = 5  # records on a street, to name it
# What the police's public files say before a street.
NEAR: Final = r"^\s*on or near\s+(?P<street>\S.*?)\s*$"
# What they say where there is no street to name.
NO_STREET: Final = ("no location", "not available", "unknown")


def most_named(
    records: pd.DataFrame, *, period: tuple[pd.Period, pd.Period] | None = None
) -> pd.Series:
    """Name the two streets of each area that most records are on or near.

    Parameters
    ----------
    records : DataFrame
        Records with ``area_code`` and ``street``; those of police files alone have it.
    period : (Period, Period), optional
        The first and the last month to look at.

    Returns
    -------
    Series of str
        By area code, such as "Swan Street (359), Ashby Road (84)". Only streets with five records
        or more; areas without one are not in it.

    Examples
    --------
    >>> records = pd.DataFrame({"area_code": ["E1"] * 7, "street": ["On or near Swan Street"] * 7})
    >>> most_named(records).to_dict()
    {'E1': 'Swan Street (7)'}
    """
    if "street" not in records or "area_code" not in records:
        return pd.Series(dtype=object)
    if period is not None and "period" in records:
        records = records[records["period"].between(*period)]
    street = records["street"].astype("string").str.extract(f"(?i){NEAR}")["street"]
    there = street.notna() & ~street.str.casefold().isin(NO_STREET).fillna(value=False)
    named = pd.DataFrame(
        {"area": records["area_code"][there].astype(str), "street": street[there].astype(str)}
    )
    sizes = named.groupby(["area", "street"]).size()
    sizes = sizes[sizes >= FEWEST].reset_index(name="n")
    if sizes.empty:
        return pd.Series(dtype=object)
    sizes = sizes.sort_values(["area", "n", "street"], ascending=[True, False, True])
    first = sizes.groupby("area").head(MOST)
    words = first["street"] + " (" + first["n"].map("{:,}".format) + ")"
    return words.groupby(first["area"]).agg(", ".join)


def streets_of(assessment: Assessment, measure: Measure) -> pd.Series:
    """Name the streets of a measure's areas; none where small counts are withheld.

    Parameters
    ----------
    assessment : Assessment
        What was assessed.
    measure : Measure
        Which measure.

    Returns
    -------
    Series of str
        As of `most_named`.
    """
    if measure.suppress:
        return pd.Series(dtype=object)
    period = (assessment.config.start, assessment.config.end)
    return most_named(assessment.records[measure.name], period=period)
