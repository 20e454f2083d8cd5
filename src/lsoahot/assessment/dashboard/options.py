"""What a caller may ask of a dashboard: checked, and settled for each measure."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from lsoahot.assessment.withheld import total_withheld
from lsoahot.common import checks
from lsoahot.counting.counts_to_hide import BELOW

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from libpysal.graph import Graph
    from numpy.typing import NDArray

    from lsoahot.assessment.over_time import Calendar
    from lsoahot.statistics.links import Links

    from .figures import Figures


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What all measures are worked out on: the areas, who is shown, who is whose neighbour, when."""

    areas: gpd.GeoDataFrame
    graph: Graph
    links: Links
    points: NDArray[np.float64]
    people: dict[str, NDArray[np.float64]]
    shown: NDArray[np.intp]
    districts: list[str]
    groups: NDArray[np.bool_]
    calendar: Calendar
    # What was tested already: a measure is often a category of another one.
    done: dict[tuple[bytes, str, str, int], Figures] = field(default_factory=dict)

    def withheld(self, table: pd.DataFrame) -> NDArray[np.bool_]:
        """Say of which groups a table's total must not be given: of all areas, of each district."""
        named, every = table.attrs["suppression"]["totals_withheld"], total_withheld(table)
        result = np.array([every, *(every or name in named for name in self.districts)])
        return result[: len(self.groups)]

    def tells_total(self, table: pd.DataFrame) -> bool:
        """Say whether the account of the records would tell a total that must not be given."""
        return total_withheld(table) and len(self.shown) == len(self.areas)


# A map of so many areas still follows a click within the blink of an eye.
MANY = 3_000


def check(
    areas: gpd.GeoDataFrame, measures: Mapping[str, pd.DataFrame], options: Mapping[str, Any]
) -> None:
    """Refuse what can't make a page."""
    if not isinstance(measures, Mapping):
        raise TypeError(
            f"measures is a {type(measures).__name__}, not a dict. "
            'Give the records by the name to show: {"Burglary": records}.'
        )
    if not measures or not len(areas):
        raise ValueError(
            f"there are {len(measures)} measures and {len(areas)} areas: nothing to show. "
            'Give one of each or more: dashboard(areas, {"Burglary": records}).'
        )
    for option, given in options.items():
        for name in given if isinstance(given, Mapping) else ():
            checks.one_of(name, list(measures), f"a measure of {option}")
    for name, records in measures.items():
        checks.columns(records, ["period"], f"measure {name!r}: the records table")


def of(option: str | Mapping[str, str], measure: str) -> str:
    """Return an option that may be given for all measures or by measure."""
    if isinstance(option, str):
        return option
    return option.get(measure, "code" if "code" in option.values() else "population")


def least(name: str, records: pd.DataFrame, below: Mapping[str, int] | None) -> int | None:
    """Return the number from which on a measure's counts are given; None if all are."""
    if below is not None:
        return below.get(name)
    return BELOW if records.attrs.get("sensitive") else None


def warn_of_many(areas: int) -> None:
    """Tell of more areas than a browser moves easily."""
    if areas > MANY:
        warnings.warn(
            f"a page of {areas:,} areas is large and slow to use; up to {MANY:,} are quick. "
            "Show a force or a district: dashboard(..., select=...).",
            UserWarning,
            stacklevel=3,
        )
