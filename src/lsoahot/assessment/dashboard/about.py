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
    result = [("Period", span)]
    population = noted.get("population_source") or "as given with the areas"
    files = dict.fromkeys(files_of(records) for records in measures.values())
    result += [
        ("Boundaries", boundaries_of(areas) or "not said"),
        ("Population", f"{population}, the same every year"),
        ("Records", "; ".join(filter(None, files)) or "not said"),
    ]
    result += [(f"{m['name']}", m["account"]) for m in packed if m["account"]]
    hidden = [m["name"] for m in packed if m["sensitive"]]
    tested = f"{len(areas):,} areas tested, {shown:,} of them shown"
    level = "gamma-Poisson model of each area's risk, with the scatter of the months measured"
    if hidden:
        # The scatter of months would tell of hidden counts.
        level += f" (of {', '.join(hidden)} it is not: records are taken to come one by one)"
    test = "Getis-Ord Gi* of the rate, exact permutation test, false discovery rate"
    result += [("Levels", f"{level}; {tested}"), ("Hot spots", f"{test}; {tested}")]
    gaps = [m["name"] for m in packed if m["silent"]]
    if gaps:
        result.append(
            ("No data", f"some months of {', '.join(gaps)}: years with such months are left out")
        )
    result.append(
        (
            "Withheld",
            "nothing" if not hidden else
            f"small numbers of {', '.join(hidden)}, and what would give them away; of these measures "
            "no months and no categories are given for single areas",
        )
    )  # fmt: skip
    if noted.get("attribution"):
        result.append(("Attribution", str(noted["attribution"])))
    result.append(("Made with", f"lsoahot {__version__}; charts by Vega 6.4.0 (BSD-3-Clause)"))
    return result
