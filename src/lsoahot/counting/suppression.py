"""Disclosure control: no small count in a table, and none that the rest of the table gives away.

Hiding the small counts (primary suppression) is not enough. A district's total less the areas that
are shown is the sum of those hidden: with one hidden area it is that area's count, with two that
hold one event each it is both. So further areas are hidden (secondary suppression) until neither
subtraction nor knowing how this module chooses pins a hidden count. Where a district has too few
areas for that, its total must be held back too, and the result says so.

After Hundepool et al. (2012), Statistical Disclosure Control, Wiley, chapter 4, for tables whose only
margins are nested totals: there each total that is published makes a block of areas of its own, and
the attacker's bounds on a hidden count are known exactly.

Two ways lead to a table that may be shown. `suppress` takes any table and keeps of it only what is
known to be harmless. `spread_hidden` comes before the tests: it puts the hidden counts of a block on one
level, so that whatever is worked out afterwards is made of published figures only, and `withhold`
then blanks the figures of the hidden areas.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from lsoahot.common import checks, class_labels
from lsoahot.common.audit import Audit, withheld_audit
from lsoahot.common.frozen import FrozenDict, FrozenList

from . import counts_to_hide

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import geopandas as gpd

    from lsoahot.common.arrays import Bools, Floats

OTHER_PERIODS: Final = "outside the period"

# What says nothing of the counts, and stays.
_IDENTITY: Final = ("area_name", "district", "ward", "population")
# What is made of an area's own count alone: shown where the count is.
_OWN: Final = ("rate", "rate_lower", "rate_upper")
# Places by such a figure, which are counted afresh among the areas shown.
_RANKS: Final = {"rank": "count", "rate_rank": "rate"}
# What is made of other areas' counts: with these and the totals, a hidden count can be solved for,
# and a class of three narrows it.
_OF_OTHERS: Final = (
    "gi_", "g_", "moran_", "geary_", "eb_", "smoothed_", "local_", "risk_", "hotspot", "cluster",
    "relative_risk", "exceedance", "excess", "level", "emerging", "change", "rank_",
)  # fmt: skip
# What a table may tell of itself after it: where it comes from, not what was worked out.
_NOTED: Final = (
    "edition", "source", "attribution", "population_source", "notice", "period", "conversion",
)  # fmt: skip


def suppress(
    areas: gpd.GeoDataFrame,
    *,
    below: int = counts_to_hide.BELOW,
    column: str = "count",
    totals: str | Iterable[str] | None = "district",
    zeros: bool = False,
    keep: Iterable[str] = (),
) -> gpd.GeoDataFrame:
    """Hide small counts, and as many others as it takes that no total gives them away.

    Every map, list and file made from the result is consistent, because the figures are no longer in
    it. Test for hot spots afterwards, on what is left: classes made of neighbours' counts tell of
    those that are hidden, and so none is kept.

    Parameters
    ----------
    areas
        A table of areas with whole counts.
    below
        Counts smaller than this are hidden. Common rules are 3 (open crime figures) and 5 (domestic
        abuse, hate crime, health).
    column
        The counts.
    totals
        The columns by which totals are published beside the table, nested in one another, such as
        ``["ward", "district"]``; None if only the total of the whole table is. The total of the
        table always counts as published.
    zeros
        Whether to show counts of zero. Shown zeros say that every hidden area had at least one.
    keep
        Further columns that are not made of counts. Of all others, only the names, the population,
        the rate with its limits, the ranks by count and rate, and what was joined by itself (`join`)
        are kept; the rest is blanked as soon as anything is hidden.

    Returns
    -------
    GeoDataFrame
        With `suppressed` (bool). Where it is true, the count, its rate, limits and ranks are missing.
        Ranks are counted afresh among the areas shown. If any area is hidden, figures and classes
        that are made of other areas' counts (`gi_z`, `moran_i`, `hotspot`, `level` ...) are missing
        everywhere ("Not tested" where there is such a class), since a hidden count can be worked out
        or narrowed from them. Rows then stand in the order of the counts shown where there is a
        `rank`, else of their codes. The hidden ones come last, by code; where the others stand in
        the order of their codes, all do. ``attrs`` keep where the table comes from, and the account
        of its records; ``attrs["suppression"]`` holds `below`, `areas` (how many are hidden),
        `totals_withheld` (of which districts the totals must not be published) and a `sentence` to
        print. Where the total of the whole table is withheld, ``attrs["audit"]`` no longer says how
        many were counted.

    Raises
    ------
    TypeError, ValueError
        If the counts are not whole, or negative; if `below` is less than 2 (or 3, with zeros
        shown); if the totals are not nested.

    Warns
    -----
    UserWarning
        If totals must be withheld, classes of hot spots were blanked, or columns that may not be made
        of counts.

    Notes
    -----
    A count is safe if an attacker who knows every count shown and every total published, and that
    counts are not negative, is left with all the values from zero to ``below - 1`` (from one, where
    zeros are shown) for it; and, where the total of its district is published, one who also knows
    this rule, with two values at least.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> import lsoahot as lh
    >>> areas = gpd.GeoDataFrame(
    ...     {"district": "Vale", "count": [14, 3, 9, 7]},
    ...     geometry=[shapely.box(i, 0, i + 1, 1) for i in range(4)], crs="EPSG:27700",
    ... ).rename_axis("area_code")
    >>> shown = lh.suppress(areas)
    >>> shown["count"].tolist()
    [14, <NA>, 9, <NA>]
    >>> shown.attrs["suppression"]["areas"]
    2
    """
    chosen = counts_to_hide.choose(areas, below=below, column=column, totals=totals, zeros=zeros)
    groups = [] if totals is None else [totals] if isinstance(totals, str) else totals
    checks.columns(areas, keep)
    stay = {*keep, *groups, *_harmless(areas, column)}
    shown = _blanked(areas, chosen.hidden, column, stay)
    shown.attrs = _noted(areas, chosen, column)
    _warn_of_totals(chosen)
    return _unordered(shown, areas, chosen.hidden, column)


def spread_hidden(
    areas: gpd.GeoDataFrame, *, people: str, below: int = counts_to_hide.BELOW
) -> gpd.GeoDataFrame:
    """Put the counts that must be hidden on one level: a table made of published figures only.

    Which counts are hidden is as with `suppress`. Those that make up one published sum are dealt
    out again in whole numbers, each area's share that of its people. All sums stay. Rates, tests and ranks
    that are then worked out can tell nothing of the hidden counts that is not published anyway: of
    two tables that differ in nothing but hidden counts, everything comes out the same.

    Parameters
    ----------
    areas : GeoDataFrame
        A table of areas with whole counts, before anything is worked out from them.
    people : str
        The column by which the sums are dealt out.
    below
        As for `suppress`.

    Returns
    -------
    GeoDataFrame
        The areas with ``suppressed`` (bool) and the counts: as they were where it is false, level
        where it is true, missing where not even the sum may be known. ``attrs["suppression"]`` as
        with `suppress`. Before it is shown, `withhold` must take out the figures of those hidden.

    Raises
    ------
    TypeError, ValueError
        As `suppress`.

    Warns
    -----
    UserWarning
        If totals must be withheld.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> areas = gpd.GeoDataFrame(
    ...     {"district": "Vale", "count": [14, 3, 9, 7], "population": [900, 600, 1000, 400]},
    ...     geometry=[shapely.box(i, 0, i + 1, 1) for i in range(4)], crs="EPSG:27700",
    ... ).rename_axis("area_code")
    >>> spread_hidden(areas, people="population")["count"].tolist()
    [14, 6, 9, 4]
    """
    chosen = counts_to_hide.choose(
        areas, below=below, column="count", totals="district", zeros=False
    )
    weights = checks.numbers(areas, people)
    level = chosen.counts.copy()
    for block in chosen.blocks:
        if block.size and chosen.safe:
            level[block] = _dealt_out(int(chosen.counts[block].sum()), weights[block])
        else:
            level[block] = np.nan
    whole = pd.Series(level).astype("Int64" if np.isnan(level).any() else "int64").array
    result = areas.assign(count=whole, suppressed=chosen.hidden)
    result.attrs = {**_noted(areas, chosen, "count"), "statistics": FrozenDict()}
    _warn_of_totals(chosen)
    return result


def withhold(areas: gpd.GeoDataFrame, keep: Iterable[str]) -> gpd.GeoDataFrame:
    """Take every figure of the hidden areas out of a table that was made of `spread_hidden` counts.

    Parameters
    ----------
    areas : GeoDataFrame
        A table with ``suppressed``, in any order.
    keep : iterable of str
        The columns that are not made of counts: those the areas had before they were counted.

    Returns
    -------
    GeoDataFrame
        Where ``suppressed`` is true, only ``keep`` is left; classes say "Not tested". The figures of
        other areas stay. Unless the rows stand in the order of their codes, the hidden ones come
        last, in that order.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> areas = gpd.GeoDataFrame(
    ...     {"area_name": ["A", "B"], "count": [14, 6], "suppressed": [False, True]},
    ...     geometry=[shapely.box(i, 0, i + 1, 1) for i in range(2)], crs="EPSG:27700",
    ... )
    >>> withhold(areas, ["area_name"])["count"].tolist()
    [14, <NA>]
    """
    hidden = areas["suppressed"].to_numpy(dtype=bool)
    if not hidden.any():
        return areas
    stay = {*keep, *_shapes(areas), "suppressed"}
    changes = {name: _masked(areas[name], hidden) for name in areas.columns if name not in stay}
    shown = areas.assign(**changes)
    for name, by in _RANKS.items():
        if name in shown and by in shown:
            # Of whole numbers with gaps, pandas 2.2 ranks what lies under the gaps, too.
            values = shown[by].astype("float64")
            shown[name] = values.rank(method="min", ascending=False).astype("Int64")
    return _hidden_last(shown, hidden)


def account(audit: Mapping[str, Any], *, total: bool) -> Audit:
    """Return what may be told of the records behind a table whose small counts are hidden.

    Parameters
    ----------
    audit : Audit
        What became of every record.
    total : bool
        Whether the total of the table may be known.

    Returns
    -------
    Audit
        Without the records of other periods: of a file of two years, those of one less the other's
        published counts may tell a small one. Without the codes, editions and forces of what was not
        counted, each of which may stand for one record. Without any number, where the total may not be known.

    Examples
    --------
    >>> whole = Audit(records=12, events=12, notes=[], outcomes=[
    ...     {"outcome": "counted by code", "rows": 8, "events": 8, "detail": ""},
    ...     {"outcome": "outside the period", "rows": 4, "events": 4, "detail": ""}])
    >>> print(account(whole, total=True))  # doctest: +NORMALIZE_WHITESPACE
    Of 8 records, 8 were counted (100.0%): 8 by code. How many records are of other periods is
    withheld: small counts could be worked out from it.
    """
    if audit.get("withheld") or not total:
        return withheld_audit()
    outside = [one for one in audit["outcomes"] if one["outcome"] == OTHER_PERIODS]
    rows, events = (sum(one[unit] for one in outside) for unit in ("rows", "events"))
    no_data = dict(audit.get("no_data") or {})
    note = "How many records are of other periods is withheld: small counts could be worked out from it."
    return Audit(
        records=audit["records"] - rows,
        events=audit.get("events", audit["records"]) - events,
        counted=audit.get("counted"),
        outcomes=[{**one, "detail": ""} for one in audit["outcomes"] if one not in outside],
        **({"no_data": no_data} if no_data else {}),
        notes=[
            *([note] if rows else []),
            *([f"No data in part of the period: {checks.shown(no_data, 6)}."] if no_data else []),
        ],
    )


def _dealt_out(total: int, weights: Floats) -> Floats:
    """Deal a sum out in whole numbers by weight; what is left over to the largest remainders."""
    weights = np.where(np.isfinite(weights) & (weights > 0), weights, 0.0)
    weights = weights if weights.sum() else np.ones(len(weights))
    exact = total * weights / weights.sum()
    dealt: Floats = np.floor(exact)
    rest = round(total - dealt.sum())
    dealt[np.argsort(dealt - exact, kind="stable")[:rest]] += 1
    return dealt


def _warn_of_totals(chosen: counts_to_hide.Choice) -> None:
    """Tell whose totals must not be published."""
    if chosen.withheld:
        warnings.warn(
            f"the totals of {checks.shown(chosen.withheld, 12)} must not be published: with them, "
            f"counts below {chosen.below} could be worked out. Give the total of a wider area "
            "instead.",
            UserWarning,
            stacklevel=3,
        )


# --- what is shown --------------------------------------------------------------------------------


def _blanked(
    areas: gpd.GeoDataFrame, hidden: Bools, column: str, stay: set[str]
) -> gpd.GeoDataFrame:
    """Keep what is known to be harmless; blank everything else, in every area."""
    every = np.ones(len(areas), dtype=bool)
    changes: dict[str, Any] = {"suppressed": hidden}
    doubtful, classes = [], []
    for name in areas.columns if hidden.any() else ():
        values = areas[name]
        if name in stay:
            continue
        if name == column:
            changes[name] = values.astype("Int64").mask(hidden)
        elif name in _OWN:
            changes[name] = values.mask(hidden)
        elif _ranks_what_is_shown(areas, name, column):
            # Gaps in the ranks would tell between which counts the hidden ones lie.
            changes[name] = values.astype("float64").mask(hidden).rank(method="min").astype("Int64")
        else:
            changes[name] = _masked(values, every)
            if not str(name).startswith(_OF_OTHERS):
                doubtful.append(name)
            elif isinstance(values.dtype, pd.CategoricalDtype):
                classes.append(name)
    if classes:
        warnings.warn(
            f"{checks.shown(map(repr, classes), 12)} were made of counts that are hidden now, and "
            "were blanked. Test after suppressing: find_hotspots(suppress(areas)).",
            UserWarning,
            stacklevel=3,
        )
    if doubtful:
        warnings.warn(
            f"{checks.shown(map(repr, doubtful), 12)} may be made of counts, and were blanked. "
            f"If they are not: suppress(areas, keep={doubtful!r}).",
            UserWarning,
            stacklevel=3,
        )
    return areas.assign(**changes)


def _masked(values: pd.Series, hidden: Bools) -> pd.Series:
    """Make values missing, each kind in its own way; classes become "Not tested"."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        untested = class_labels.NOT_TESTED in values.cat.categories
        return values.mask(hidden, class_labels.NOT_TESTED if untested else None)
    if pd.api.types.is_bool_dtype(values.dtype):
        return values.astype("boolean").mask(hidden)
    if pd.api.types.is_integer_dtype(values.dtype):
        return values.astype("Int64").mask(hidden)
    return values.mask(hidden)


def _ranks_what_is_shown(areas: gpd.GeoDataFrame, name: str, column: str) -> bool:
    """Tell whether a column ranks the areas by their own count or rate, and by nothing else."""
    by = column if _RANKS.get(name) == "count" else _RANKS.get(name)
    if by is None or by not in areas or not pd.api.types.is_numeric_dtype(areas[name].dtype):
        return False
    expected = areas[by].rank(method="min", ascending=False)
    return bool(
        (checks.numbers(areas, name) == expected.to_numpy(dtype=float, na_value=np.nan))[
            areas[by].notna().to_numpy()
        ].all()
    )


def _noted(areas: gpd.GeoDataFrame, chosen: counts_to_hide.Choice, column: str) -> dict[Any, Any]:
    """Keep of what a table tells of itself what is known to be harmless."""
    kept: dict[Any, Any] = {name: areas.attrs[name] for name in _NOTED if name in areas.attrs}
    joined = [
        {"columns": entry["columns"]}
        for entry in areas.attrs.get("joined", [])
        if column not in entry["columns"]
    ]
    if audit := areas.attrs.get("audit"):
        counted = [one for one in audit["outcomes"] if one["outcome"].startswith("counted")]
        # Of a wider area's records, of which these areas are a part, the account may stay.
        total = sum(one["events"] or 0 for one in counted) == np.nansum(chosen.counts)
        kept["audit"] = account(audit, total="the whole table" not in chosen.withheld or not total)
    return {
        **kept,
        **({"joined": FrozenList(joined)} if joined else {}),
        "suppression": FrozenDict(_account(chosen)),
    }


def _harmless(areas: gpd.GeoDataFrame, column: str) -> set[str]:
    """Name the columns that are not made of the counts."""
    stay = {*_IDENTITY, *_shapes(areas), "suppressed"}
    for entry in areas.attrs.get("joined", []):
        # What came together with the counts, from another edition, is made of them.
        if not {column, "converted"} & set(entry["columns"]):
            stay.update(entry["columns"])
    return stay


def _shapes(areas: pd.DataFrame) -> set[str]:
    """Name the column of the areas' shapes; a plain table has none."""
    return {str(areas.geometry.name)} if hasattr(areas, "geometry") else set()


def _unordered(
    shown: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, hidden: Bools, column: str
) -> gpd.GeoDataFrame:
    """Let the order of the rows tell nothing that the table itself doesn't."""
    blanked = [
        name
        for name in areas.columns
        if name not in _shapes(areas) and shown[name].isna().all() and areas[name].notna().any()
    ]
    if hidden.any() and blanked:
        # They may have been sorted by what is blank now. Even that they stand in the order of their
        # codes may be an accident of it, so this asks the columns, not the order.
        if "rank" not in areas.columns:
            return shown.sort_index(kind="stable")
        shown = shown.sort_index(kind="stable")
        hidden = shown["suppressed"].to_numpy(dtype=bool)
        rest = shown[~hidden].sort_values(column, ascending=False, kind="stable")
        return shown.loc[[*rest.index, *shown.index[hidden]]]
    return _hidden_last(shown, hidden)


def _hidden_last(shown: gpd.GeoDataFrame, hidden: Bools) -> gpd.GeoDataFrame:
    """Put the hidden rows last, by code, unless the others stand in the order of theirs.

    In any other order (by district and then count, say) the place of a row may tell its count; and
    that all rows stand by code may be an accident of the hidden counts, so only the others are asked.
    """
    if not hidden.any():
        return shown
    if shown.index[~hidden].is_monotonic_increasing:
        return shown.sort_index(kind="stable")
    last = np.flatnonzero(hidden)
    last = last[np.argsort(shown.index.to_numpy()[last], kind="stable")]
    return shown.iloc[np.concatenate([np.flatnonzero(~hidden), last])]


def _account(chosen: counts_to_hide.Choice) -> dict[str, Any]:
    number = int(chosen.hidden.sum())
    what = f"Counts below {chosen.below}" + (", except zeros," if chosen.lowest else "")
    return {
        "below": chosen.below,
        "areas": number,
        "totals_withheld": chosen.withheld,
        "sentence": (
            f"{what} are not shown, nor others from which they could be worked out: "
            f"{number:,} of {len(chosen.hidden):,} areas."
        ),
    }
