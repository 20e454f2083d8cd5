"""Which months a result covers, and where a police force has no data: no data is not zero."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from lsoahot.common import police_forces
from lsoahot.records import periods
from lsoahot.records.periods import first_and_last, month_text, monthly

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

    from lsoahot.common.arrays import Bools, Floats


class Span(NamedTuple):
    """The months of a result, and which of n records lie in them."""

    ends: tuple[str, str] | None
    inside: Bools  # (n,) those that can't be told count as inside
    undated: Bools  # (n,) can't be told, though a period was asked for


class Gaps(NamedTuple):
    """What is missing from a result's months."""

    months: list[str]  # every month of the span
    missing: dict[str, list[str]]  # force -> months without its data
    nowhere: list[str]  # months for which no force has data
    forces: pd.Series  # (m,) the force of each area, missing where not known
    no_data: Bools  # (m,) its force lacks months that others have
    unknown: list[str]  # names of forces that nobody knows, so that nothing is concluded


def span(records: pd.DataFrame, period: tuple[str, str] | None) -> Span:
    """Tell which records lie in a period; without one, name the months that the records span."""
    none = np.zeros(len(records), dtype=bool)
    if period is None and "period" in records and "financial_year" not in records:
        ends = first_and_last(pd.PeriodIndex(monthly(records["period"])).asi8)
        return Span(ends and (month_text(ends[0]), month_text(ends[1])), ~none, none)
    first, last = _months(records)
    undated = np.isnan(first)
    if period is None:
        if undated.all():
            return Span(None, ~none, none)
        return Span((month_text(np.nanmin(first)), month_text(np.nanmax(last))), ~none, none)
    months = periods.span(period)
    start, end = (pd.Period(month, "M").ordinal for month in months)
    return Span(months, undated | ((first >= start) & (last <= end)), undated)


def _months(records: pd.DataFrame) -> tuple[Floats, Floats]:
    """Return each record's first and last month as ordinals: they differ for a financial year."""
    if "period" not in records:
        nothing = np.full(len(records), np.nan)
        return nothing, nothing
    months = pd.PeriodIndex(monthly(records["period"]))
    first = months.asi8.astype("float64")
    first[months.isna()] = np.nan
    last = first
    if "financial_year" in records:
        last = first.copy()
        years = pd.to_numeric(records["financial_year"].astype("string").str[:4], errors="coerce")
        april = (years.to_numpy(dtype="float64", na_value=np.nan) - 1970) * 12 + 3
        only = np.isnan(first)
        first[only], last[only] = april[only], april[only] + 11
    return first, last


def gaps(
    areas: gpd.GeoDataFrame, coverage: Mapping[str, Sequence[str]], ends: tuple[str, str] | None
) -> Gaps:
    """Find the months that forces lack, and the areas whose counts are not comparable for it.

    A month that every force lacks shortens the period for all alike: it is reported, and takes no
    area's count away. Where a name among the forces is not known, it may be that of any force of
    which nothing else is there: nothing is concluded of those.

    Parameters
    ----------
    areas
        The areas; m of them.
    coverage
        Force -> the months that it reported, as the reader noted them.
    ends
        The first and the last month of the result.
    """
    nothing = np.zeros(len(areas), dtype=bool)
    months = periods.months_of(ends) if ends else []
    if not coverage:
        return Gaps(months, {}, [], pd.Series(None, areas.index, dtype=object), nothing, [])
    forces = _area_forces(areas)
    notes: dict[str, set[str]] = {}
    unknown = []
    for name, reported in coverage.items():  # what is no force of England and Wales tells nothing
        force = police_forces.named(name)
        if force is None:
            unknown.append(name)
        elif force not in police_forces.EVERYWHERE:
            notes.setdefault(force, set()).update(reported)
    unknown = unknown if forces.notna().any() else []
    if not months or not notes:
        return Gaps(months, {}, [], forces, nothing, unknown)
    every = set().union(*notes.values(), *(coverage[name] for name in unknown))
    nowhere = [month for month in months if month not in every]
    missing = {
        force: [month for month in months if month not in notes.get(force, set())]
        for force in sorted({*notes} if unknown else {*notes, *forces.dropna()})
    }
    missing = {force: lost for force, lost in missing.items() if lost}
    unlike = [force for force, lost in missing.items() if len(lost) > len(nowhere)]
    return Gaps(months, missing, nowhere, forces, forces.isin(unlike).to_numpy(dtype=bool), unknown)


def _area_forces(areas: gpd.GeoDataFrame) -> pd.Series:
    """Return each area's police force: its column `force`, else by the name of its district."""
    for column, force in (("force", police_forces.named), ("district", police_forces.force_of)):
        if column in areas:
            result, names = pd.factorize(areas[column])
            forces = np.array([*map(force, names), None], dtype=object)
            return pd.Series(forces[result], index=areas.index, dtype=object)
    return pd.Series([None] * len(areas), index=areas.index, dtype=object)


def cells(gaps: Gaps) -> Bools:
    """Tell in which months an area has no data, as its force reported nothing then.

    Parameters
    ----------
    gaps
        The gaps; of m areas in t months.

    Returns
    -------
    array of bool, shape (m, t)
        A row an area, in the order of ``gaps.forces``.
    """
    number, names = pd.factorize(gaps.forces)
    lost = [np.isin(gaps.months, gaps.missing.get(name, [])) for name in names]
    return np.array([*lost, np.zeros(len(gaps.months), dtype=bool)])[number]
