"""How often for its size, and who is first: rates with limits, ranks, the top of the list."""

from __future__ import annotations

import warnings
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lsoahot.common import checks

from . import weighted_limits

if TYPE_CHECKING:
    import geopandas as gpd

    from lsoahot.common.arrays import Floats


# Below this many events Byar's approximation is not close enough, and the exact limits are used.
EXACT_BELOW = 10
DRAWS = 4000  # of true rates, to see how sure a rank is


def rate(
    areas: gpd.GeoDataFrame,
    *,
    count: str = "count",
    population: str = "population",
    per: float = 1000,
    confidence: float = 0.95,
) -> gpd.GeoDataFrame:
    """Add the rate of events to residents, with its confidence limits.

    The limits are those of a Poisson count: exact (Garwood 1936) below 10 events and Byar's
    approximation (Breslow & Day 1987) from 10 on, as English public-health practice has them.

    Parameters
    ----------
    areas : GeoDataFrame
        One row an area, indexed by ``area_code``.
    count, population : str
        The columns divided: events, and those who could have suffered them. Any denominator that
        fits the question will do, for example households for burglary. If a column named as
        ``count`` and ``_sq`` stands beside it (``weighted`` and ``weighted_sq``, from
        `lsoahot.count` with weights), ``count`` is a sum of weights, and the limits are Fay and
        Feuer's (1997) for one.
    per : float
        The size of the population that the rate is given for.
    confidence : float
        The coverage of the limits, between 0 and 1.

    Returns
    -------
    GeoDataFrame
        ``areas`` with ``rate``, ``rate_lower`` and ``rate_upper``, in events per ``per``. They are
        missing where the count is, and where the population is missing or zero, which is reported.

    Raises
    ------
    TypeError
        If ``areas`` is not a table of areas, or a column does not hold numbers.
    ValueError
        If a column is lacking, a count or a population is negative, or ``per`` or ``confidence``
        is out of its range.

    Warns
    -----
    UserWarning
        If areas have no population to divide by.

    References
    ----------
    Garwood F (1936), Fiducial limits for the Poisson distribution, Biometrika 28, 437-442.
    Breslow NE, Day NE (1987), Statistical methods in cancer research, volume II, IARC, page 69.
    Fay MP, Feuer EJ (1997), Confidence intervals for directly standardized rates: a method based on
    the gamma distribution, Statistics in Medicine 16, 791-801.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> import lsoahot as lh
    >>> areas = gpd.GeoDataFrame(
    ...     {"area_name": ["Oakham Centre"], "count": [153], "population": [1791]},
    ...     index=["E01013799"], geometry=[shapely.box(0, 0, 1, 1)], crs=27700,
    ... )
    >>> lh.rate(areas)[["rate", "rate_lower", "rate_upper"]].round(1).iloc[0].tolist()
    [85.4, 72.4, 100.1]
    """
    checks.coded(areas)
    events = checks.numbers(areas, count)
    residents = people_of(areas, population)
    _not_negative(areas, count, events, "Count records with lsoahot.count(), or mend the table.")
    if not per > 0:
        raise ValueError(f"per={per!r} is not above zero. Give for example per=1000.")
    without = ~(residents > 0)
    if without.any():
        warnings.warn(
            f"{int(without.sum()):,} of {len(areas):,} areas have no {population} (missing or "
            f"zero), so they have no rate: {checks.shown(areas.index[without])}. "
            "Join a population that covers them if they should have one.",
            UserWarning,
            stacklevel=2,
        )
    lower, upper = count_limits(events, confidence=confidence)
    if f"{count}_sq" in areas.columns:
        squares = checks.numbers(areas, f"{count}_sq")
        lower, upper = weighted_limits.limits(events, squares, confidence=confidence)
    scale = per_event(residents, per)
    return areas.assign(rate=events * scale, rate_lower=lower * scale, rate_upper=upper * scale)


def people_of(areas: gpd.GeoDataFrame, population: str) -> Floats:
    """Return what rates are divided by.

    Parameters
    ----------
    areas : GeoDataFrame, shape (n, ...)
        The areas.
    population : str
        The column.

    Returns
    -------
    array of float, shape (n,)
        Missing where there is no number.

    Raises
    ------
    TypeError, ValueError
        As `rate`.
    """
    checks.columns(
        areas, [population], hint="Join a table that has it first: lsoahot.join(areas, table)."
    )
    people = checks.numbers(areas, population)
    _not_negative(areas, population, people, "Mend the population table.")
    return people


def per_event(people: Floats, per: float) -> Floats:
    """Return the rate that one event makes: missing where there are no people.

    Examples
    --------
    >>> per_event(np.array([500.0, 0.0]), 1000).tolist()
    [2.0, nan]
    """
    scale: Floats = per / np.where(people > 0, people, np.nan)
    return scale


def count_limits(events: Floats, *, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Return the confidence limits of Poisson counts.

    Parameters
    ----------
    events : array of float, shape (n,)
        Counts, 0 or more; missing ones have missing limits.
    confidence : float
        The coverage of the limits, between 0 and 1.

    Returns
    -------
    lower, upper : arrays of float, shape (n,)
        Exact below 10 events, Byar's from 10 on.

    Raises
    ------
    ValueError
        If ``confidence`` is not between 0 and 1.

    Examples
    --------
    >>> lower, upper = count_limits(np.array([5.0, 65.0]))
    >>> lower.round(4).tolist(), upper.round(4).tolist()
    ([1.6235, 50.1632], [11.6683, 82.8491])
    """
    from scipy.special import gammaincinv

    if not 0 < confidence < 1:
        raise ValueError(
            f"confidence={confidence!r} is not between 0 and 1. Give for example confidence=0.95."
        )
    tail = (1 - confidence) / 2
    z = NormalDist().inv_cdf(1 - tail)
    few = events < EXACT_BELOW

    # Each form is fed only values that it is defined for; np.where then picks.
    small = np.where(few, events, 1.0)
    exact_lower = np.where(small > 0, gammaincinv(np.where(small > 0, small, 1.0), tail), 0.0)
    exact_upper = gammaincinv(small + 1, 1 - tail)
    large = np.where(few, EXACT_BELOW, events)
    more = large + 1
    byar_lower = large * (1 - 1 / (9 * large) - z / (3 * np.sqrt(large))) ** 3
    byar_upper = more * (1 - 1 / (9 * more) + z / (3 * np.sqrt(more))) ** 3
    return np.where(few, exact_lower, byar_lower), np.where(few, exact_upper, byar_upper)


def rank(
    areas: gpd.GeoDataFrame, by: str = "count", *, into: str = "rank", among: int | None = None
) -> gpd.GeoDataFrame:
    """Put the areas in order, highest first, and add their rank.

    Areas with the same value share a rank (1, 2, 2, 4) and stand in the order of their names, so
    that the same data always give the same list. Areas without a value come last, without a rank.

    Parameters
    ----------
    areas : GeoDataFrame
        One row an area, indexed by ``area_code``.
    by : str
        The column that ranks them, ``"count"`` or ``"rate"`` as a rule.
    into : str
        The column to write, so that a table can carry more than one rank.
    among : int, optional
        If given (10, say), how sure the ranks are is added, for a table that `exceedance` or
        `find_hotspots` returned: by true rates, or by true numbers where ``by="count"``.

    Returns
    -------
    GeoDataFrame
        ``areas`` in rank order, with the column ``rank``; with ``among`` also ``rank_lower`` and
        ``rank_upper``, between which the true rank lies with a probability of 0.95, and
        ``rank_top``, the probability to be among the first so many.

    Raises
    ------
    TypeError
        If ``areas`` is not a table of areas, or the column does not hold numbers.
    ValueError
        If the column is lacking, or ``among`` is given and the table has no levels.

    Notes
    -----
    True rates are drawn 4,000 times, area by area in the order of the codes, from the gamma
    distributions with the limits that `exceedance` gives (with a fixed seed), and ranked each time
    (``exceedance(areas, graph=…, among=10)`` draws neighbours together).
    Places in a league table are known badly where rates are alike: Goldstein & Spiegelhalter
    (1996).

    References
    ----------
    Goldstein H, Spiegelhalter DJ (1996), League tables and their limitations, Journal of the Royal
    Statistical Society A 159, 385-443.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> import lsoahot as lh
    >>> areas = gpd.GeoDataFrame(
    ...     {"area_name": ["Exton", "Cottesmore", "Ashwell"], "count": [88, 90, 88]},
    ...     index=["E3", "E1", "E2"], geometry=[shapely.box(0, 0, 1, 1)] * 3, crs=27700,
    ... )
    >>> lh.rank(areas)[["rank", "area_name"]].values.tolist()
    [[1, 'Cottesmore'], [2, 'Ashwell'], [2, 'Exton']]

    Three places between which the numbers can't choose:

    >>> levels = lh.exceedance(areas.assign(population=1000))
    >>> lh.rank(levels, among=1)[["rank", "rank_lower", "rank_upper"]].values.tolist()
    [[1, 1, 3], [2, 1, 3], [2, 1, 3]]
    """
    checks.coded(areas)
    values = pd.Series(checks.numbers(areas, by), index=areas.index)
    ranks = values.rank(method="min", ascending=False)
    whole = ranks.astype("Int64" if ranks.hasnans else "int64")
    names = areas.get("area_name", areas.index)
    order = pd.DataFrame(
        {"value": values.to_numpy(), "name": np.asarray(names, dtype=object), "code": areas.index}
    ).sort_values(["value", "name", "code"], ascending=[False, True, True], kind="stable")
    ranked = areas.assign(**{into: whole})
    if among is not None:
        places = _places(areas, among, numbers=by == "count")
        ends: dict[str, Any] = {
            f"{into}_{end}": each
            for end, each in zip(("lower", "upper", "top"), places, strict=True)
        }
        ranked = ranked.assign(**ends)
    return ranked.iloc[order.index.to_numpy()]


def _places(
    areas: gpd.GeoDataFrame, among: int, *, numbers: bool
) -> tuple[pd.Series, pd.Series, Floats]:
    """Return between which places the true rank lies, and the chance to be among the first."""
    facts = areas.attrs.get("statistics", {}).get("exceedance", {})
    if not {"spread", "sigma"} & facts.keys() or "excess" not in areas:
        raise ValueError(
            "among= asks how sure the ranks are, and the table doesn't say how much true rates "
            "differ. Rank what lsoahot.exceedance(areas) returned."
        )
    if among < 1:
        raise ValueError(f"among={among!r} is no number of places. Give 10, say.")
    excess = checks.numbers(areas, "excess")
    by_code = np.argsort(areas.index.to_numpy(), kind="stable")  # one answer in any order of rows
    tested = by_code[~np.isnan(excess[by_code])]
    events = checks.numbers(areas, facts["column"].partition(" given ")[0])[tested]
    expected = events - excess[tested]
    lower, upper = areas[["relative_risk_lower", "relative_risk_upper"]].to_numpy()[tested].T
    shape, rate = _gamma_between(lower, upper, facts["confidence"])
    rng = np.random.default_rng(0)
    drawn = np.empty((DRAWS, tested.size), dtype=np.int32)
    first = np.zeros(tested.size)
    for draw in drawn:
        ratio = rng.gamma(shape) / rate
        order = np.argsort(-ratio * (expected if numbers else 1.0))
        draw[order] = np.arange(1, tested.size + 1)
        first[order[:among]] += 1
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0, method="inverted_cdf")
    chance = np.full(len(areas), np.nan)
    chance[tested] = first / DRAWS
    places = [
        pd.Series(limit, index=areas.index[tested]).reindex(areas.index).astype("Int64")
        for limit in (low, high)
    ]
    return places[0], places[1], chance


def _gamma_between(lower: Floats, upper: Floats, confidence: float) -> tuple[Floats, Floats]:
    """Return shape and rate of the gamma distributions with these limits, by halving."""
    from scipy.special import gammaincinv

    low, high = np.full(lower.size, -20.0), np.full(lower.size, 30.0)
    for _ in range(45):
        shape = np.exp((low + high) / 2)
        ends = [gammaincinv(shape, (1 + side * confidence) / 2) for side in (-1, 1)]
        wide = ends[1] * lower > ends[0] * upper
        low, high = np.where(wide, np.log(shape), low), np.where(wide, high, np.log(shape))
    return shape, np.where(upper > 0, ends[1] / np.where(upper > 0, upper, 1.0), 1.0)


def top(areas: gpd.GeoDataFrame, n: int = 10, *, by: str = "count") -> pd.DataFrame:
    """Return the first areas of the list as a plain table to read.

    Parameters
    ----------
    areas : GeoDataFrame
        One row an area, indexed by ``area_code``.
    n : int
        How many areas to list.
    by : str
        The column that ranks them.

    Returns
    -------
    DataFrame
        ``n`` rows at most, without geometry: ``rank``, ``area_name``, the counted and tested
        columns that are there, in that order.

    Raises
    ------
    TypeError
        If ``areas`` is not a table of areas, or the column does not hold numbers.
    ValueError
        If the column is lacking or ``n`` is below 1.

    Warns
    -----
    UserWarning
        If areas outside the list tie with its last row.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> import lsoahot as lh
    >>> areas = gpd.GeoDataFrame(
    ...     {"area_name": ["Exton", "Cottesmore"], "count": [88, 90]},
    ...     index=["E3", "E1"], geometry=[shapely.box(0, 0, 1, 1)] * 2, crs=27700,
    ... )
    >>> lh.top(areas, 1)[["rank", "area_name", "count"]].values.tolist()
    [[1, 'Cottesmore', 90]]
    """
    if n < 1:
        raise ValueError(f"n={n!r} lists no area. Give 1 or more.")
    ranked = rank(areas, by)
    valued = ranked[ranked["rank"].notna()]
    first = valued.head(n)
    if left_out := int((valued["rank"].iloc[n:] == first["rank"].max()).sum()):
        warnings.warn(
            f"{left_out:,} more areas tie with the last of the top {n}, each with {by} "
            f"{first[by].iloc[-1]:g}. Ask for a longer list to see them.",
            UserWarning,
            stacklevel=2,
        )
    shown = [
        "rank", "area_name", "district", "population", "count", "rate", "rate_lower", "rate_upper",
        "level", "hotspot", "cluster",
    ]  # fmt: skip
    chosen = [name for name in shown if name in first.columns]
    if by not in chosen:
        chosen.insert(chosen.index("rank") + 1, by)
    return pd.DataFrame(first[chosen])


def _not_negative(areas: gpd.GeoDataFrame, name: str, values: Floats, then: str) -> None:
    """Refuse a column with a value below zero."""
    below = values < 0
    if below.any():
        raise ValueError(
            f"column {name!r} is negative in {int(below.sum()):,} areas: "
            f"{checks.shown(areas.index[below])} (lowest {np.nanmin(values):g}). {then}"
        )
