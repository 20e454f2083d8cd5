"""Sentences about areas and records: who has most, where it concentrates, what is withheld."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsoahot.common import checks

from . import area_clauses

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


def describe_ranking(
    areas: pd.DataFrame, *, unit: str | None = None, most: int = 3, per: float = 1000
) -> list[str]:
    """Say which areas had most, which come next, and whose rate is highest if it is another's.

    Parameters
    ----------
    areas : DataFrame or GeoDataFrame
        Areas with ``count`` and, where there are rates, ``rate`` and its limits; in any order.
        Counts that are missing or withheld are passed over.
    unit : str, optional
        The noun that is counted, in the singular.
    most : int
        How many areas to name by their count, before ties.
    per : float
        The size of the population that rates are given for.

    Returns
    -------
    list of str
        Sentences; none where no count may be shown. More than five areas with the same count are
        said as a number.

    Raises
    ------
    ValueError
        If the table has no counts.

    Examples
    --------
    >>> import lsoahot as lh
    >>> crimes = lh.read_dataset("crime", "sample")
    >>> areas = lh.count(lh.read_boundaries("sample"), crimes, period=("2011-10", "2012-09"))
    >>> lh.describe_ranking(lh.rate(areas))[0]
    'Oakham Centre had most: 153, a rate of 85.4 per 1,000 (95 % limits 72.4 to 100.0).'
    """
    checks.columns(areas, ["count"])
    return area_clauses.ranking(areas, unit=unit, most=most, per=f"{per:,.0f}")


def describe_hotspots(
    areas: pd.DataFrame, *, unit: str | None = None, whole: str = "the whole"
) -> str:
    """Say which areas are high and by how much; then whether high areas lie together.

    Parameters
    ----------
    areas : DataFrame or GeoDataFrame
        What `find_hotspots` returned; of `exceedance` or `getis_ord` alone, that half is said.
    unit : str, optional
        The noun that is counted, in the singular.
    whole : str
        What all areas together are called: what rates are compared with.

    Returns
    -------
    str
        A sentence for each area that is far above or above the whole's rate (of many, the first),
        or for those that probably are; then the clusters, or that none was found.

    Raises
    ------
    ValueError
        If the table has neither a column ``level`` nor ``hotspot``.

    Examples
    --------
    >>> import lsoahot as lh
    >>> crimes = lh.read_dataset("crime", "sample")
    >>> areas = lh.count(lh.read_boundaries("sample"), crimes, period=("2011-10", "2012-09"))
    >>> areas = lh.find_hotspots(lh.rate(areas))
    >>> print(lh.describe_hotspots(areas, unit="crime", whole="Rutland"))
    ... # doctest: +NORMALIZE_WHITESPACE
    Oakham Centre: 153 crimes, 2.5 times the rate of Rutland (2.2 to 3.0), 93 more than at that
    rate. Far above. No cluster of high areas was found, which is no proof that there is none.
    """
    if "level" not in areas.columns:
        checks.columns(areas, ["hotspot"], hint="Test them first: lsoahot.find_hotspots(areas).")
    return area_clauses.hotspots(areas, unit=unit, whole=whole)


def describe_area_changes(areas: pd.DataFrame) -> list[str]:
    """Say which areas clearly rose or fell.

    Parameters
    ----------
    areas : DataFrame or GeoDataFrame
        What `change` returned.

    Returns
    -------
    list of str
        Sentences.

    Raises
    ------
    ValueError
        If the table is none of `change`'s.
    """
    checks.columns(areas, ["change_class", "count_then", "count"], hint="Make it with change.")
    return area_clauses.moved(areas)


def describe_suppression(areas: pd.DataFrame) -> str:
    """Say what a table withholds, or nothing where it withholds nothing.

    Parameters
    ----------
    areas : DataFrame or GeoDataFrame
        What `suppress` returned, or any table.

    Returns
    -------
    str
        A sentence, or an empty text.
    """
    return area_clauses.suppression(areas.attrs.get("suppression") or {})


def describe_audit(audit: Mapping[str, Any]) -> str:
    """Say in one sentence what became of the records.

    Parameters
    ----------
    audit : Audit
        ``areas.attrs["audit"]`` of a table that `count` made.

    Returns
    -------
    str
        One sentence. Percentages are of the records of the measure and period.

    Examples
    --------
    >>> import lsoahot as lh
    >>> fires = lh.read_dataset("fires", "sample")
    >>> areas = lh.count(lh.read_boundaries("sample"), fires, period=("2011-10", "2012-09"))
    >>> print(lh.describe_audit(areas.attrs["audit"]))  # doctest: +NORMALIZE_WHITESPACE
    All 22 records of this measure and period were counted; beside them the files hold 165
    outside the period.
    """
    return area_clauses.account(audit)
