"""What a page says about itself: where its figures come from, and what they leave out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    from lsoahot.plotting.provenance import edition

    noted, months, years = areas.attrs, calendar.months, len(calendar.starts)
    span = months_from(months[0], months[-1])
    if years > 1:
        span += f"; {years} years of 12 months each, counted back from the last month"
    result = [("Period", span)]
    boundaries = "; ".join(
        filter(None, [edition(noted.get("edition")), str(noted.get("source") or "")])
    )
    result.append(("Boundaries", boundaries or "not said"))
    population = noted.get("population_source")
    result.append(("Population", f"{population or 'as given with the areas'}, the same every year"))
    sources = dict.fromkeys(_source(records) for records in measures.values())
    result.append(("Records", "; ".join(source for source in sources if source) or "not said"))
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


def _source(records: pd.DataFrame) -> str:
    """Name a table's files."""
    source = records.attrs.get("source") or ""
    return source if isinstance(source, str) else ", ".join(map(str, source))
