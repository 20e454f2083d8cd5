"""Would they have been the right places to go? Last year's hot spots against this year's events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from lsoahot.common import checks, class_labels
from lsoahot.statistics.kernels import inference

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Chosen: TypeAlias = gpd.GeoDataFrame | pd.Series | Sequence[str]


def evaluate(
    hotspots: Chosen | Mapping[str, Chosen],
    later: gpd.GeoDataFrame,
    *,
    earlier: gpd.GeoDataFrame | None = None,
    count: str = "count",
    size: str | None = None,
) -> pd.DataFrame:
    """Score hot spots by the events that came afterwards, one row a method, best first.

    Parameters
    ----------
    hotspots : table, Series, list, or a dict of them by the method's name
        The areas that were chosen: a table with the column ``hotspot`` (those of the classes
        "Hot spot ..."), a Series of True and False by area code, or a list of codes, such as
        ``lsoahot.top(areas, 10).index``.
    later : GeoDataFrame
        All areas, indexed by ``area_code``, with the events of the later period.
    earlier : GeoDataFrame
        The same areas with the events of the period that the hot spots were found in, for the
        recapture rate.
    count : str
        The column of events in both.
    size : str
        A column of ``later`` that says how much there is to patrol in an area, such as
        ``population``; by default the area of the land.

    Returns
    -------
    DataFrame
        One row a method: ``rank`` (by ``pai``), ``method``, ``areas`` (how many were chosen),
        ``size_share`` (their share of the whole size), ``events`` (later ones in them),
        ``hit_rate`` (their share of all later events) with its exact 95 % limits ``hit_lower`` and
        ``hit_upper``, ``pai`` (hit rate over size share; 1 is no better than chance), ``pei`` (the
        hit rate over the best that so large a share could have had; 1 is perfect) and ``rri``
        (how the events in them changed, over how all events changed; missing without
        ``earlier``).

    Raises
    ------
    TypeError
        If a table is not one of areas, or a choice is of none of the kinds above.
    ValueError
        If a column is lacking, a chosen area is not in ``later``, nothing is chosen, there are no
        later events, or land is to be measured in degrees.

    Notes
    -----
    PAI rewards small choices: compare methods that choose about as much. The best for PEI is found
    by taking areas in order of later events to size, the last one in part, so that no whole
    choice of areas can pass 1. Areas without a count are left out.

    References
    ----------
    Chainey S, Tompson L, Uhlig S (2008), The utility of hotspot mapping for predicting spatial
    patterns of crime, Security Journal 21, 4-28 (PAI). Hunt JM (2016), Do crime hot spots move?,
    PhD thesis, American University (PEI). Levine N (2008), The "hottest" part of a hotspot,
    Security Journal 21, 295-302 (RRI).

    Examples
    --------
    Half of the later events in a quarter of the land, of at best three quarters of them:

    >>> import geopandas as gpd, shapely
    >>> later = gpd.GeoDataFrame(
    ...     {"count": [50, 25, 75, 0]}, index=pd.Index(["E1", "E2", "E3", "E4"], name="area_code"),
    ...     geometry=[shapely.box(i, 0, i + 1, 1) for i in range(4)], crs=27700,
    ... )
    >>> result = evaluate({"Gi*": ["E3"], "Last year's top": ["E1"]}, later)
    >>> result[["rank", "method", "hit_rate", "pai", "pei"]].round(2)
       rank           method  hit_rate   pai   pei
    0     1              Gi*      0.50  2.00  1.00
    1     2  Last year's top      0.33  1.33  0.67
    """
    checks.areas(later)
    events = checks.numbers(later, count)
    if size is None and later.crs is not None and later.crs.is_geographic:
        raise ValueError(
            "the areas are in degrees, which measure no land. Bring them to metres: "
            "later.to_crs(27700)."
        )
    land = np.asarray(later.geometry.area, dtype=np.float64)
    sizes = land if size is None else checks.numbers(later, size)
    usable = np.isfinite(events) & np.isfinite(sizes) & (sizes > 0)
    if not (events[usable] >= 0).all() or events[usable].sum() == 0:
        raise ValueError(
            f"column {count!r} of later holds no events, or negative ones. "
            "Count the later records with lsoahot.count()."
        )
    before: Floats | None = None
    if earlier is not None:
        counted = checks.numbers(pd.DataFrame(earlier).reindex(later.index), count)
        before = np.where(usable, counted, np.nan)
    methods = hotspots if isinstance(hotspots, Mapping) else {"hot spots": hotspots}
    rows = [
        {"method": name, **_score(_chosen(choice, name, later.index, usable), events, sizes,
                                  usable=usable, before=before)}
        for name, choice in methods.items()
    ]  # fmt: skip
    result = pd.DataFrame(rows).sort_values(
        ["pai", "hit_rate"], ascending=False, kind="stable", ignore_index=True
    )
    result.insert(0, "rank", result["pai"].rank(method="min", ascending=False).astype("int64"))
    facts = {
        "statistic": "hit rate, PAI, PEI and RRI",
        "size": size or "area of the land",
        "events": int(events[usable].sum()),
        "text": f"Against {events[usable].sum():,.0f} later events in {int(usable.sum()):,} "
        f"areas; size is the {size or 'area of the land'}.",
    }
    return inference.record(result, "evaluate", facts)


def _chosen(
    choice: object, method: str, index: pd.Index, usable: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Return which areas a method chose, of those that can be scored."""
    if isinstance(choice, pd.DataFrame):
        checks.columns(choice, ["hotspot"], f"the table of {method!r}",
                        "Run lsoahot.getis_ord() first, or give the codes chosen.")  # fmt: skip
        codes = choice.index[choice["hotspot"].astype(str).isin(class_labels.HOT_SPOTS)]
    elif isinstance(choice, pd.Series) and pd.api.types.is_bool_dtype(choice.dtype):
        codes = choice.index[choice.fillna(False).to_numpy(dtype=bool)]
    elif isinstance(choice, str) or not isinstance(
        choice, list | tuple | set | pd.Index | np.ndarray
    ):
        raise TypeError(
            f"{method!r} is a {type(choice).__name__}. Give a table with the column 'hotspot', a "
            "Series of True and False by area code, or a list of codes."
        )
    else:
        codes = pd.Index(list(choice))
    lost = codes.difference(index)
    if len(lost):
        raise ValueError(
            f"{len(lost):,} areas chosen by {method!r} are not among the later ones: "
            f"{checks.shown(lost)}. Use one census edition for both; convert() brings counts over."
        )
    if not len(codes):
        raise ValueError(
            f"{method!r} chose no area, so there is nothing to score. That is an answer too: it "
            "found no hot spot."
        )
    chosen: NDArray[np.bool_] = np.asarray(index.isin(codes)) & usable
    if not chosen.any():
        raise ValueError(
            f"none of the areas that {method!r} chose ({checks.shown(codes)}) has a later count and a "
            "size, so there is nothing to score. Count the later records in all areas."
        )
    return chosen


def _score(
    chosen: NDArray[np.bool_],
    events: Floats,
    sizes: Floats,
    *,
    usable: NDArray[np.bool_],
    before: Floats | None,
) -> dict[str, float]:
    """Return the scores of one choice."""
    from scipy.special import betaincinv

    whole, inside = float(events[usable].sum()), float(events[chosen].sum())
    share = float(sizes[chosen].sum() / sizes[usable].sum())
    hit = inside / whole
    rri = np.nan
    if before is not None:
        both = np.isfinite(before)  # an area without an earlier count has no change
        earlier = float(before[chosen & both].sum())
        if earlier > 0 and events[both].sum() > 0:
            rri = (events[chosen & both].sum() / earlier) / (
                events[both].sum() / before[both].sum()
            )
    return {
        "areas": int(chosen.sum()),
        "size_share": share,
        "events": inside,
        "hit_rate": hit,
        "hit_lower": float(betaincinv(inside, whole - inside + 1, 0.025)) if inside else 0.0,
        "hit_upper": float(betaincinv(inside + 1, whole - inside, 0.975)) if hit < 1 else 1.0,
        "pai": hit / share,
        "pei": inside / _best(events[usable], sizes[usable], float(sizes[chosen].sum())),
        "rri": float(rri),
    }


def _best(events: Floats, sizes: Floats, room: float) -> float:
    """Return the most events that areas of so much size can hold, the last area in part."""
    order = np.argsort(-events / sizes, kind="stable")
    filled = np.concatenate([[0.0], np.cumsum(sizes[order])])
    held = np.concatenate([[0.0], np.cumsum(events[order])])
    return float(np.interp(room, filled, held))
