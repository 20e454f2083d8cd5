"""What may be shown of a measure whose small counts are withheld: every product asks here.

Of the areas: `protect` counts, out of which tables, maps and tests are made. Of the account of the
records: `lsoahot.counting.suppression.account`. Of years, months and categories: the functions below.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lsoahot.counting.counts_to_hide import BELOW
from lsoahot.counting.suppression import spread_hidden, suppress

from .settings import YEAR

if TYPE_CHECKING:
    import geopandas as gpd

    from lsoahot.common.arrays import Bools, Floats

    from .result import Assessment

WHOLE: Final = "the whole table"
OTHERS: Final = "All others"


def protect(
    counted: gpd.GeoDataFrame, shown: Bools, *, people: str, below: int = BELOW
) -> gpd.GeoDataFrame:
    """Even out the small counts of a sensitive measure, before anything is made of them.

    The areas shown have totals of their own. So have the areas around them, which are only tested
    against, and of which nobody shall learn a small count either.

    Parameters
    ----------
    counted : GeoDataFrame
        All areas, counted.
    shown : array of bool, shape (areas,)
        Those that are reported.
    people : str
        The column that rates are divided by.
    below : int
        The smallest count that may be shown.

    Returns
    -------
    GeoDataFrame
        As from `lsoahot.counting.suppression.spread_hidden`; ``attrs`` are those of the areas shown.

    Warns
    -----
    UserWarning
        If totals of the areas shown must be withheld.
    """
    parts: list[gpd.GeoDataFrame] = []
    for part in (counted[shown], counted[~shown]):
        if len(part):
            with warnings.catch_warnings():
                if parts:  # of the areas around, no total is given
                    warnings.simplefilter("ignore", UserWarning)
                parts.append(spread_hidden(part, people=people, below=below))
    whole = pd.concat(parts).loc[counted.index]
    whole.attrs = parts[0].attrs
    return whole


def months_shown(totals: Floats, below: int) -> Bools:
    """Tell of which groups of areas the months may be shown.

    A month of few events may point at one of them; and as the year is shown, the other eleven would
    give it away. So would the whole less the other districts: either all districts have their months, or none.

    Parameters
    ----------
    totals : array of float, shape (groups, months)
        All areas first, then each district; missing where there are no data. Or the same month of
        several years, added up.
    below : int
        The smallest count that may be shown; none at all may be, too.

    Returns
    -------
    array of bool, shape (groups,)
        Whether they may.

    Examples
    --------
    >>> months_shown(np.array([[30, 14.0], [10, 9], [20, 5]]), 5).tolist()
    [True, True, True]
    >>> months_shown(np.array([[30, 14.0], [10, 11], [20, 3]]), 5).tolist()
    [True, False, False]
    """
    small = np.asarray(((totals > 0) & (totals < below)).any(axis=1))
    first = np.arange(len(totals)) == 0
    return np.asarray(~small & (first | ~small[1:].any()))


def total_withheld(table: pd.DataFrame) -> bool:
    """Tell whether the total of a table must not be given."""
    return WHOLE in table.attrs.get("suppression", {}).get("totals_withheld", [])


def silence(assessment: Assessment, table: gpd.GeoDataFrame, by_area: pd.DataFrame) -> str:
    """Say why the years of a measure are not reported; nothing if they may be.

    The dashboard publishes the areas of every year beside this report. So a year's total may be
    told only if it would be there, and only if the years are those of the tables: one period less
    another gives away what both withhold.

    Parameters
    ----------
    assessment : Assessment
        The assessment.
    table : GeoDataFrame
        The areas reported.
    by_area : DataFrame
        Their counts, a column a month, whole years back from the end of the period.
    """
    if not assessment.config.is_a_year:
        return (
            "The years, the categories and the months are withheld: the period is not one of 12 "
            "months, and one period less another would give small counts away."
        )
    identity = [name for name in ("area_name", "district") if name in table]
    for start in range(0, by_area.shape[1], YEAR):
        counts = by_area.iloc[:, start : start + YEAR].sum(axis=1).astype("int64")
        year = table[[*identity, table.geometry.name]].assign(count=counts)
        with warnings.catch_warnings(action="ignore", category=UserWarning):
            if total_withheld(suppress(year, below=BELOW)):
                return (
                    "The years, the categories and the months are withheld: from the total of a "
                    "year small counts could be worked out."
                )
    return ""


def group_small(cube: pd.DataFrame, below: int) -> pd.DataFrame | None:
    """Put categories together until none is small in any year; None where that leaves nothing.

    Parameters
    ----------
    cube : DataFrame
        Counts, a row a category, a column a month, whole years.
    below : int
        Counts from 1 to below this are small.

    Examples
    --------
    >>> months = pd.period_range("2011-10", "2012-09", freq="M")
    >>> cube = pd.DataFrame(0, index=["Violence", "Damage", "Theft"], columns=months)
    >>> cube.iloc[:, 0] = [45, 3, 4]
    >>> group_small(cube, 5).iloc[:, 0].to_dict()
    {'Violence': 45, 'All others': 7}
    >>> group_small(cube.drop("Theft"), 5) is None
    True
    """
    years = np.add.reduceat(cube.to_numpy(), range(0, cube.shape[1], YEAR), axis=1)
    small = np.asarray(((years > 0) & (years < below)).any(axis=1))
    if not small.any():
        return cube
    apart = list(cube.index[small])
    order = [
        name for name in cube.sum(axis=1).sort_values(kind="stable").index if name not in apart
    ]
    while order:
        kept = cube.loc[[name for name in cube.index if name in order]]
        rest = cube.loc[apart].sum()
        sums = np.add.reduceat(rest.to_numpy(), range(0, cube.shape[1], YEAR))
        # One category alone among the others would be known; so would two that make a small sum.
        if len(apart) > 1 and not ((sums > 0) & (sums < below)).any():
            whole = pd.concat([kept, rest.to_frame(OTHERS).T])
            whole.index.name = cube.index.name
            return whole
        apart.append(order.pop(0))
    return None
