"""Disclosure control: no small count in a table, and none that the rest of the table gives away.

Hiding the small counts (primary suppression) is not enough. A district's total less the areas that
are shown is the sum of those hidden: with one hidden area it is that area's count, with two that
hold one event each it is both. So further areas are hidden (secondary suppression) until neither
subtraction nor knowing how this module chooses pins a hidden count. Where a district has too few
areas for that, its total must be held back too, and the result says so.

After Hundepool et al. (2012), Statistical Disclosure Control, Wiley, chapter 4, for tables whose only
margins are nested totals: there each total that is published makes a block of areas of its own, and
the attacker's bounds on a hidden count are known exactly.
"""

from __future__ import annotations

import warnings
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from lsoahot.common import checks, class_labels
from lsoahot.common.audit import withheld_audit

from . import suppression

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

_LEAST: Final = 2  # a threshold below which nothing but zeros would be hidden

# What says nothing of the counts, and stays.
_IDENTITY: Final = ("area_name", "district", "ward", "population")
# What is made of an area's own count alone: shown where the count is.
_OWN: Final = ("rate", "rate_lower", "rate_upper")
# What adds up neighbours' counts: with these and the totals, a hidden neighbour can be solved for.
_OF_NEIGHBOURS: Final = ("gi_", "g_", "moran_", "geary_", "eb_", "smoothed_", "local_", "risk_")


def suppress(
    areas: gpd.GeoDataFrame,
    *,
    below: int = suppression.BELOW,
    column: str = "count",
    totals: str | Iterable[str] | None = "district",
    zeros: bool = False,
    keep: Iterable[str] = (),
) -> gpd.GeoDataFrame:
    """Hide small counts, and as many others as it takes that no total gives them away.

    Run it last, on the table that is to be shown: every map, list and file made from the result is
    consistent, because the figures are no longer in it.

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
        Further columns that are not made of counts. All columns but the names, the population,
        those that were joined by themselves (`join`) and these are blanked where the count is
        hidden.

    Returns
    -------
    GeoDataFrame
        With `suppressed` (bool). Where it is true, the count, its rate, limits, rank, classes and
        every other figure are missing (`hotspot` and `cluster` say "Not tested"). Ranks are counted
        afresh among the areas shown. If any area is hidden, figures that add up neighbours' counts
        (`gi_z`, `gi_p`, `gi_q`, `moran_i`...) are missing everywhere, since a hidden count can be
        worked out from them; the classes `hotspot` and `cluster` stay for the areas shown. A table
        sorted by count has its hidden areas last, in the order of their codes.
        ``attrs["suppression"]`` holds `below`, `areas` (how many are hidden), `totals_withheld` (of
        which districts the totals must not be published) and a `sentence` to print. Where the total
        of the whole table is withheld, ``attrs["audit"]`` no longer says how many were counted.

    Raises
    ------
    TypeError, ValueError
        If the counts are not whole, or negative; if `below` is less than 2 (or 3, with zeros
        shown); if the totals are not nested.

    Warns
    -----
    UserWarning
        If totals must be withheld, or columns were blanked that may not be made of counts.

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
    checks.coded(areas)
    if isinstance(below, bool) or not isinstance(below, (int, np.integer)) or below < _LEAST:
        raise ValueError(
            f"below={below!r} is not a whole number from 2 on. "
            "Use 5 for sensitive subjects, 3 otherwise."
        )
    if zeros and below == _LEAST:
        raise ValueError(
            "below=2 hides only counts of 1 if zeros are shown, and so every hidden one is 1. "
            "Use below=3, or zeros=False."
        )
    counts = _whole_counts(areas, column)
    levels = _levels(areas, totals)
    rule = suppression.Rule(below=int(below), lowest=1 if zeros else 0)
    # Of equal counts those with the lower codes go first, however the table is sorted: two tables of
    # the same counts that hid different ones would give both away.
    order = np.argsort(areas.index.to_numpy(), kind="stable")
    levels = [level.iloc[order] for level in levels]
    blocks, safe = suppression.protect(counts[order], [level.to_numpy() for level in levels], rule)
    hidden = np.zeros(len(areas), dtype=bool)
    for block in blocks:
        hidden[order[block.hidden]] = True
    withheld = suppression.withheld(blocks, levels, safe=safe)

    shown = _blanked(areas, hidden, column, tuple(keep))
    shown.attrs = {**areas.attrs, "suppression": _account(rule, hidden, withheld)}
    if "the whole table" in withheld:
        shown.attrs = _without_total(shown.attrs, int(np.nansum(counts)))
    if withheld:
        warnings.warn(
            f"the totals of {checks.shown(withheld, 12)} must not be published: with them, counts "
            f"below {below} could be worked out. Give the total of a wider area instead.",
            UserWarning,
            stacklevel=2,
        )
    return _unordered(shown, areas, hidden, column)


def _whole_counts(areas: gpd.GeoDataFrame, column: str) -> NDArray[np.float64]:
    counts = checks.numbers(areas, column)
    there = ~np.isnan(counts)
    if (counts[there] != np.floor(counts[there])).any():
        raise ValueError(
            f"column {column!r} holds fractions, not counts of events. "
            "Suppress the counts, and work out rates from what is left."
        )
    if (counts[there] < 0).any():
        raise ValueError(
            f"column {column!r} is negative in {int((counts[there] < 0).sum()):,} areas. "
            "Put the counts right."
        )
    return counts


def _levels(areas: gpd.GeoDataFrame, totals: str | Iterable[str] | None) -> list[pd.Series]:
    """Return the groups whose totals are published, from the finest to the coarsest."""
    names = [] if totals is None else [totals] if isinstance(totals, str) else list(totals)
    if totals == "district" and "district" not in areas:
        names = []
    checks.columns(areas, names)
    levels = [areas[name].astype("string").fillna("(no name)") for name in names]
    levels.sort(key=lambda level: -level.nunique())
    for finer, coarser in pairwise(levels):
        astride = coarser.groupby(finer.to_numpy()).nunique()
        if (astride > 1).any():
            raise ValueError(
                f"the totals are not nested: {checks.shown(astride.index[astride > 1])} lies in "
                f"more than one {coarser.name}. Publish totals by one of {finer.name} and "
                f"{coarser.name} only."
            )
    return levels


# --- what is shown --------------------------------------------------------------------------------


def _blanked(
    areas: gpd.GeoDataFrame, hidden: NDArray[np.bool_], column: str, keep: tuple[str, ...]
) -> gpd.GeoDataFrame:
    """Blank what would tell a hidden count, in the hidden areas and in those that know of them."""
    stay = _harmless(areas, column, keep)
    changes: dict[str, Any] = {"suppressed": hidden}
    doubtful = []
    for name in areas.columns if hidden.any() else ():
        values = areas[name]
        if name in stay:
            continue
        if name == column:
            changes[name] = values.astype("Int64").mask(hidden)
        elif name == "rank" or name.endswith("_rank"):
            # Gaps in the ranks would tell between which counts the hidden ones lie.
            afresh = checks.numbers(areas, name)
            afresh = pd.Series(np.where(hidden, np.nan, afresh), index=areas.index)
            changes[name] = afresh.rank(method="min").astype("Int64")
        elif isinstance(values.dtype, pd.CategoricalDtype):
            untested = class_labels.NOT_TESTED in values.cat.categories
            changes[name] = values.mask(hidden, class_labels.NOT_TESTED if untested else None)
        elif not pd.api.types.is_numeric_dtype(values.dtype) or name in _OWN:
            changes[name] = values.mask(hidden)
        else:
            changes[name] = values.astype("float64").mask(np.ones(len(areas), dtype=bool))
            if not name.startswith(_OF_NEIGHBOURS):
                doubtful.append(name)
    if doubtful:
        warnings.warn(
            f"{checks.shown(map(repr, doubtful), 12)} may be made of counts, and were blanked. "
            f"If they are not: suppress(areas, keep={doubtful!r}).",
            UserWarning,
            stacklevel=3,
        )
    return areas.assign(**changes)


def _without_total(noted: Mapping[Any, Any], total: int) -> dict[Any, Any]:
    """Take the total out of the account of the records, and out of the reason for a test."""
    left = dict(noted)
    audit = noted.get("audit") or {}
    counted = [one for one in audit.get("outcomes", []) if one["outcome"].startswith("counted")]
    # Of a wider area's records, of which these areas are a part, the account may stay.
    if counted and sum(one["events"] for one in counted) == total:
        left["audit"] = withheld_audit()
    notes = {
        name: {key: value for key, value in one.items() if key != "events" or value != total}
        for name, one in noted.get("statistics", {}).items()
    }
    if notes:
        left["statistics"] = notes
    chosen = notes.get("find_hotspots")
    if chosen and str(chosen["why"]).startswith(f"{total:,} events in"):
        text = notes[chosen["test"]]["text"]
        notes["find_hotspots"] = {**chosen, "why": "withheld", "text": text}
    return left


def _harmless(areas: gpd.GeoDataFrame, column: str, keep: tuple[str, ...]) -> set[str]:
    """Name the columns that are not made of the counts."""
    checks.columns(areas, keep)
    stay = {*_IDENTITY, *keep, "suppressed"}
    if hasattr(areas, "geometry"):  # a plain table has none
        stay.add(areas.geometry.name)
    for entry in areas.attrs.get("joined", []):
        # What came together with the counts, from another edition, is made of them.
        if not {column, "converted"} & set(entry["columns"]):
            stay.update(entry["columns"])
    return stay


def _unordered(
    shown: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, hidden: NDArray[np.bool_], column: str
) -> gpd.GeoDataFrame:
    """Put hidden areas last where the order of the rows would tell their counts."""
    sorted_by = [
        name
        for name in (column, *_OWN, *(c for c in areas.columns if str(c).endswith("rank")))
        if name in areas and (areas[name].dropna().is_monotonic_increasing
                              or areas[name].dropna().is_monotonic_decreasing)
    ]  # fmt: skip
    if not hidden.any() or not sorted_by or areas.index.is_monotonic_increasing:
        return shown
    last = np.flatnonzero(hidden)
    last = last[np.argsort(shown.index.to_numpy()[last], kind="stable")]
    return shown.iloc[np.concatenate([np.flatnonzero(~hidden), last])]


def _account(
    rule: suppression.Rule, hidden: NDArray[np.bool_], withheld: list[str]
) -> dict[str, Any]:
    number = int(hidden.sum())
    what = f"Counts below {rule.below}" + (", except zeros," if rule.lowest else "")
    return {
        "below": rule.below,
        "areas": number,
        "totals_withheld": withheld,
        "sentence": (
            f"{what} are not shown, nor others from which they could be worked out: "
            f"{number:,} of {len(hidden):,} areas."
        ),
    }
