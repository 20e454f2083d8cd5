"""What a page says about itself: where its figures come from, and what they leave out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsoahot.assessment.notices import boundaries_of, files_of
from lsoahot.common.month_names import months_from

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    import pandas as pd

    from lsoahot.assessment.over_time import Calendar


def lines(
    areas: gpd.GeoDataFrame,
    measures: Mapping[str, pd.DataFrame],
    packed: Sequence[Mapping[str, Any]],
    *,
    calendar: Calendar,
    shown: int,
) -> list[tuple[str, str]]:
    """Return pairs of a heading and a text."""
    from lsoahot._version import __version__

    noted, months, years = areas.attrs, calendar.months, len(calendar.starts)
    span = months_from(months[0], months[-1])
    if years > 1:
        span += f"; {years} years of 12 months each, counted back from the last month"
    population = noted.get("population_source") or "as given with the areas"
    files = dict.fromkeys(files_of(records) for records in measures.values())
    tested = f"{len(areas):,} areas tested, {shown:,} of them shown"
    level = "gamma-Poisson model of each area's risk, with the scatter of the months measured"
    test = "Getis-Ord Gi* of the rate, exact permutation test, false discovery rate"
    withheld = "nothing"
    if hidden := ", ".join(m["name"] for m in packed if m["sensitive"]):
        # The scatter of months would tell of hidden counts.
        level += f" (of {hidden} it is not: records are taken to come one by one)"
        withheld = (
            f"small numbers of {hidden}, and what would give them away; of these measures no months "
            "and no categories are given for single areas"
        )
    gaps = ", ".join(m["name"] for m in packed if m["silent"])
    every = [
        ("Period", span),
        ("Boundaries", boundaries_of(areas) or "not said"),
        ("Population", f"{population}, the same every year"),
        ("Records", "; ".join(filter(None, files)) or "not said"),
        *((m["name"], m["account"]) for m in packed),
        ("Levels", f"{level}; {tested}"),
        ("Hot spots", f"{test}; {tested}"),
        ("No data", gaps and f"some months of {gaps}: years with such months are left out"),
        ("Withheld", withheld),
        ("Attribution", str(noted.get("attribution") or "")),
        ("Made with", f"lsoahot {__version__}; charts by Vega 6.4.0 (BSD-3-Clause)"),
    ]
    return [(heading, text) for heading, text in every if text]
