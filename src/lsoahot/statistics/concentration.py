"""Do few places hold most of the events? How few, and how few by chance alone."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from lsoahot.common import checks
from lsoahot.counting import weighted_limits
from lsoahot.statistics.kernels import inference

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

DRAWS: Final = 199
AT_ONCE: Final = 10_000_000  # counts drawn at a time
ALL: Final = 100.0  # percent
ROUNDING: Final = 1e-9  # a share of a sum of fractions must not hang on the last digit


def concentration(
    areas: pd.DataFrame,
    *,
    shares: Iterable[float] = (25, 50, 80),
    count: str = "count",
    population: str | None = "population",
    seed: int = 0,
) -> pd.DataFrame:
    """Say what share of places holds 25, 50 and 80 % of the events, and what chance would give.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame or pandas.DataFrame
        Areas (or cells of a `grid`), indexed by code.
    shares : numbers
        Shares of the events, in percent. ``range(101)`` gives the Lorenz curve.
    count : str
        The column of numbers of events. If a column of the same name and ``_sq`` stands beside it
        (``weighted``, from `count` with weights), it is taken for a sum of weights.
    population : str, optional
        The column of people, or whatever is at risk, in proportion to which chance strews events;
        None if every place is taken to be alike.
    seed : int
        Of the maps drawn by chance.

    Returns
    -------
    pandas.DataFrame
        One row a share: ``events_pct``, the share; ``places``, the fewest places that hold it, and
        ``places_pct``, their share of all places; ``chance_pct``, the share of places that would
        hold it by chance alone (the mean of 199 maps), and ``chance_lower`` and ``chance_upper``,
        between which 95 % of such maps lie.

        ``attrs["statistics"]["concentration"]`` has the generalised Gini coefficient (``gini``: 0
        is as even as so many events can be, 1 is all in one place), what it would be by chance
        (``gini_chance`` and its limits), and ``text``, one sentence.

    Raises
    ------
    TypeError
        If a column holds no numbers.
    ValueError
        If a column is lacking or negative, a share is not between 0 and 100, or there are no
        events, or no people.

    Warns
    -----
    UserWarning
        Of areas without a count, or whose population is missing: they are left out.

    Notes
    -----
    Where events are fewer than places most places are empty even if no two events share one, and
    "half of the crime is in 5 % of the places" says little. So the Gini coefficient is that of
    Bernasco & Steenbeek (2017): measured from the most even way of putting c events into n places,
    G' = max(1/c, 1/n)·(2 Σ i·y(i) - n - 1) - max(n/c, 1) + 1, with shares y in rising order. By
    chance alone counts are Poisson in proportion to people, given their sum. Events that come in
    series (three bins set alight in one evening) are more concentrated than that, too.

    References
    ----------
    Bernasco W, Steenbeek W (2017), More places than crimes: implications for evaluating the law of
    crime concentration at place, Journal of Quantitative Criminology 33, 451-467. Weisburd D
    (2015), The law of crime concentration and the criminology of place, Criminology 53, 133-157.

    Examples
    --------
    >>> import lsoahot as lh
    >>> crimes = lh.read_dataset("crime", "sample")
    >>> areas = lh.count(lh.read_boundaries("sample"), crimes, period=("2011-10", "2012-09"))
    >>> lh.concentration(areas)[["events_pct", "places", "places_pct"]].round(1)
       events_pct  places  places_pct
    0        25.0       3        13.0
    1        50.0       7        30.4
    2        80.0      16        69.6
    """
    result, reasons = measure(areas, _checked_shares(shares), count, population, seed=seed)
    for reason in reasons:
        warnings.warn(reason, UserWarning, stacklevel=2)
    return result


def measure(
    areas: pd.DataFrame,
    wanted: Floats,
    count: str,
    population: str | None,
    *,
    seed: int = 0,
    whole: bool = True,
) -> tuple[pd.DataFrame, list[str]]:
    """Do what `concentration` does, and return its warnings instead of giving them.

    Without ``whole`` the last place of a share counts in part, as a Lorenz curve is drawn.
    """
    checks.coded(areas)
    events, people, missing = _columns(areas, count, population)
    reasons = []
    if missing.any():
        reasons.append(
            f"{int(missing.sum()):,} areas have no count or no {population or 'count'} "
            f"({checks.shown(areas.index[missing])}): they are left out, with their "
            f"{np.nansum(events[missing]):g} events. Mend the tables if that is wrong."
        )
    # Drawn in the order of the codes, so that a seed gives one answer however rows are sorted.
    rows = np.flatnonzero(~missing)
    rows = rows[np.argsort(areas.index[rows].astype(str).to_numpy(dtype=object), kind="stable")]
    seen, at_risk = events[rows], people[rows]
    total = float(seen.sum())
    if total == 0 or at_risk.sum() == 0:
        raise ValueError(
            f"{count!r} adds up to {total:g} and {population or 'every place'} to "
            f"{at_risk.sum():g} in {len(rows):,} places: there is nothing to share out. "
            "Count the events, and join the people, first."
        )
    # A sum of weights is as uncertain as so many events of one size.
    single = total / _scatter(areas, count)
    drawn, ginis = _by_chance(at_risk, max(round(single), 1), wanted, seed=seed, whole=whole)
    places = _fewest(seen[None], wanted, whole=whole)[0]
    result = pd.DataFrame(
        {
            "events_pct": wanted,
            "places": places.astype(np.int64) if whole else places,
            "places_pct": 100 * places / len(rows),
            "chance_pct": 100 * drawn.mean(axis=0) / len(rows),
            "chance_lower": 100 * np.quantile(drawn, 0.025, axis=0) / len(rows),
            "chance_upper": 100 * np.quantile(drawn, 0.975, axis=0) / len(rows),
        }
    )
    facts: dict[str, Any] = {
        "statistic": "Share of places that hold a share of the events",
        "column": f"{count} given {population or 'places all alike'}",
        "places": len(rows),
        "events": total,
        "missing": int(missing.sum()),
        "gini": float(_gini(seen[None], single)[0]),
        "gini_chance": float(ginis.mean()),
        "gini_chance_lower": float(np.quantile(ginis, 0.025)),
        "gini_chance_upper": float(np.quantile(ginis, 0.975)),
        "draws": DRAWS,
        "seed": seed,
    }
    facts["text"] = _text(result, facts)
    return inference.record(result, "concentration", facts), reasons


def _checked_shares(shares: Iterable[float]) -> Floats:
    wanted = np.asarray(list(shares), dtype=np.float64)
    if not wanted.size or not ((wanted >= 0) & (wanted <= ALL)).all():
        raise ValueError(
            f"shares={wanted.tolist()!r} are not all between 0 and 100. Give percentages of the "
            "events, such as (25, 50, 80)."
        )
    return wanted


def _columns(
    areas: pd.DataFrame, count: str, population: str | None
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return events, people, and which areas lack either."""
    events = checks.numbers(areas, count)
    if population is None:
        people = np.ones(len(areas))
    elif population in areas.columns:
        people = checks.numbers(areas, population)
    else:
        raise ValueError(
            f"areas has no column {population!r}. Join people first, or give population=None if "
            "every place is to be taken as alike."
        )
    for name, values in ((count, events), (population, people)):
        if (values < 0).any():
            raise ValueError(
                f"{name!r} is negative in {int((values < 0).sum()):,} areas: "
                f"{checks.shown(areas.index[values < 0])}. Mend the table."
            )
    return events, people, np.isnan(events) | np.isnan(people)


def _scatter(areas: pd.DataFrame, count: str) -> float:
    """Return how many times Poisson's the variance of a sum of weights is, 1 for counts."""
    squares = f"{count}_sq"
    if squares not in areas.columns:
        return 1.0
    sums = [[checks.numbers(areas, name)] for name in (count, squares)]
    pooled = weighted_limits.scatter((np.nansum(sums[0], axis=1), np.nansum(sums[1], axis=1)))
    return float(pooled[0])


def _by_chance(
    people: Floats, events: int, wanted: Floats, *, seed: int, whole: bool
) -> tuple[Floats, Floats]:
    """Return the fewest places of every map that is drawn, (maps, shares), and its Gini."""
    rng, share = np.random.default_rng(seed), people / people.sum()
    step = max(1, AT_ONCE // len(people))
    places, ginis = [], []
    for start in range(0, DRAWS, step):
        maps = rng.multinomial(events, share, size=min(step, DRAWS - start)).astype(np.float64)
        places.append(_fewest(maps, wanted, whole=whole))
        ginis.append(_gini(maps, events))
    return np.concatenate(places), np.concatenate(ginis)


def _fewest(maps: Floats, wanted: Floats, *, whole: bool) -> Floats:
    """Return how many places it takes to hold each share, in percent, of each map (a row)."""
    held = np.cumsum(-np.sort(-maps, axis=1), axis=1)
    result = np.empty((len(maps), len(wanted)))
    for row, sums in enumerate(held):
        needed = wanted / 100 * sums[-1] * (1 - ROUNDING)
        last = np.searchsorted(sums, needed)  # the place that fills the share up
        before = np.where(last > 0, sums[last - 1], 0.0)
        part = (needed - before) / (sums[last] - before)
        result[row] = last + ((needed > 0) if whole else part)
    return result


def _gini(maps: Floats, events: float) -> Floats:
    """Return the generalised Gini coefficient of each map (a row) of so many events."""
    number = maps.shape[1]
    rising = np.sort(maps, axis=1)
    weighed = rising @ np.arange(1, number + 1) / rising.sum(axis=1)
    gini: Floats = (
        max(1 / events, 1 / number) * (2 * weighed - number - 1) - max(number / events, 1) + 1
    )
    return gini


def _text(result: pd.DataFrame, facts: dict[str, Any]) -> str:
    """Say in one sentence how concentrated events are."""
    holds = ", ".join(
        f"{row.events_pct:g} % in {row.places_pct:.3g} % of places "
        f"(by chance {row.chance_lower:.3g} to {row.chance_upper:.3g} %)"
        for row in result.head(3).itertuples()
    )
    return (
        f"Concentration of {facts['column']}: of {facts['events']:,.0f} events in "
        f"{facts['places']:,} places, {holds}; generalised Gini {facts['gini']:.2f} (by chance "
        f"{facts['gini_chance_lower']:.2f} to {facts['gini_chance_upper']:.2f})."
    )
