"""The streets that police records name most, area by area."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .result import Assessment
    from .settings import Measure

MOST: Final = 2
FEWEST: Final = 5  # records on a street, to name it
# What the police's public files say before a street.
NEAR: Final = r"^\s*on or near\s+(?P<street>\S.*?)\s*$"
# What they say where there is no street to name.
NO_STREET: Final = ("no location", "not available", "unknown")


def most_named(
    records: pd.DataFrame, periods: Sequence[tuple[pd.Period, pd.Period]] = ()
) -> list[pd.Series]:
    """Name the two streets of each area that most records are on or near, period by period.

    Parameters
    ----------
    records : DataFrame
        Records with ``area_code`` and ``street``; those of police files alone have it.
    periods : sequence of (Period, Period)
        The first and the last month of each; by default one that holds all records.

    Returns
    -------
    list of Series of str
        For each period, by area code, such as "Swan Street (359), Ashby Road (84)". Only streets
        with five records or more; areas without one are not in it.

    Examples
    --------
    >>> records = pd.DataFrame({"area_code": ["E1"] * 7, "street": ["On or near Swan Street"] * 7})
    >>> [one.to_dict() for one in most_named(records)]
    [{'E1': 'Swan Street (7)'}]
    """
    none = pd.Series(dtype=object)
    if not {"street", "area_code"} <= set(records.columns):
        return [none for _ in periods or (None,)]
    # Streets are few beside records: each is looked at once.
    at, written = pd.factorize(records["street"])
    street = pd.Series(written, dtype="string").str.extract(f"(?i){NEAR}")["street"]
    street = street.mask(street.str.casefold().isin(NO_STREET))
    number, names = pd.factorize(street)
    at = np.where(at < 0, -1, np.append(number, -1)[at])
    area, codes = pd.factorize(records["area_code"])
    weight = records["count"].to_numpy() if "count" in records else np.ones(len(records))
    named = (at >= 0) & (area >= 0)
    result = []
    for period in periods or (None,):
        here = named
        if period is not None and "period" in records:
            within = (records["period"] >= period[0]) & (records["period"] <= period[1])
            here = named & within.to_numpy(dtype=bool)
        pairs, inverse = np.unique(area[here] * len(names) + at[here], return_inverse=True)
        table = pd.DataFrame(
            {
                "area": codes.take(pairs // max(len(names), 1)).astype(str),
                "street": names.take(pairs % max(len(names), 1)).astype(str),
                "n": np.bincount(inverse, weights=weight[here], minlength=len(pairs)).astype(int),
            }
        )
        table = table[table["n"] >= FEWEST].sort_values(
            ["area", "n", "street"], ascending=[True, False, True]
        )
        first = table.groupby("area").head(MOST)
        words = [f"{street} ({n:,})" for street, n in zip(first["street"], first["n"], strict=True)]
        result.append(
            pd.Series(words, dtype=object).groupby(first["area"].to_numpy()).agg(", ".join)
        )
    return result


def streets_of(assessment: Assessment, measure: Measure) -> pd.Series:
    """Name the streets of a measure's areas; none where small counts are withheld.

    Nor where records were located by their points, which may put them into another area than their
    codes say.

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
    if measure.suppress or measure.locate_by != "code":
        return pd.Series(dtype=object)
    period = (assessment.config.start, assessment.config.end)
    return most_named(assessment.records[measure.name], [period])[0]
