"""Find clusters of rare events: where, of how many, and how likely by chance alone."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from lsoahot.common import checks
from lsoahot.statistics.kernels import inference

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Flags = NDArray[np.bool_]

FEWEST: Final = 4  # areas
MANY: Final = 2.0  # events an area: beyond, risks of areas differ visibly, and the scan is misled
MOST: Final = 10_000_000  # circles: about two minutes
UNEVEN: Final = 0.01  # so surely do risks differ beyond chance, within clusters and without ...
SPREAD: Final = 0.5  # ... and by so much: the coefficient of variation; crime's is 0.5 to 0.8
SURE: Final = 0.05  # a cluster
RARE: Final = 10  # fewer maps by chance as extreme: their number is too small to give p
TIED: Final = 9  # digits to which distances must differ
SAME: Final = 1e-9  # log likelihood ratios that differ by less are equal


class Circles(NamedTuple):
    """The circles around m centres: each takes in the nearest areas, one after the other.

    Circles that would be larger than allowed, or leave out an area just as far, have no events
    expected: infinitely many.
    """

    order: Integers  # (m, k) the areas, nearest first; m where there are no more
    expected: Floats  # (m, k) events expected in the circle up to there
    distance: Floats  # (m, k) from the centre
    due: Floats  # (m,) events expected in each area
    total: int  # events


def scan(
    areas: gpd.GeoDataFrame,
    *,
    count: str = "count",
    population: str = "population",
    expected: str | None = None,
    largest: float = 0.5,
    clusters: int = 10,
    draws: int = 999,
    seed: int = 0,
) -> pd.DataFrame:
    """Find clusters of rare events: circles that hold more of them than people account for.

    For events of which most areas have none or one (arson of dwellings, say). All circles around
    all areas are looked at, and the p of each cluster allows for that: one answer for the map.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        Areas, indexed by code. An area belongs to a circle if its centre lies within.
    count : str
        The column of numbers of events.
    population : str
        The column of people (or whatever is at risk).
    expected : str, optional
        A column to stand in place of the population, such as events expected by age.
    largest : float
        The largest share of the people that a circle may hold, up to a half.
    clusters : int
        How many clusters to list, at most. They don't overlap.
    draws : int
        How many maps are drawn by chance.
    seed : int
        Of these maps.

    Returns
    -------
    pandas.DataFrame
        One row a cluster, the least likely by chance first: ``cluster`` (1, 2, ...); ``centre``,
        the code of the area in the middle; ``radius``, in metres; ``areas``, how many, and
        ``members``, the list of their codes, from the centre outwards; ``events`` and
        ``expected``; ``relative_risk``, the rate within over the rate without;
        ``log_likelihood_ratio``; ``scan_p``, the probability that a map of equal risk has
        a cluster as unlikely anywhere, and ``scan_p_error``, its standard error from drawing maps;
        ``scan_p_uneven``, that of a map on which risks differ, without clustering, by as much as
        they seem to here.
        ``attrs["statistics"]["scan"]`` says how it was done (``text``: in one sentence).

    Raises
    ------
    TypeError
        If a column holds no numbers.
    ValueError
        If a column is lacking, negative or not of whole events; if there are over two events an
        area, or risks differ by 50 % and more, beyond chance and beyond clusters: `exceedance` is
        the answer then. If there are too many circles, or
        coordinates are degrees.

    Warns
    -----
    UserWarning
        Of areas that are left out: without a count or people.

    Notes
    -----
    Given all N events, the log likelihood ratio of a circle with c events where e are expected is
    c·log(c/e) + (N - c)·log((N - c)/(N - e)) if c > e (Kulldorff, 1997). Its p is the share of maps
    drawn by chance (events by people) whose largest ratio is as large, the map seen among them.
    Where fewer than ten are, p comes from importance sampling (Naiman & Priebe, 2001): maps are
    drawn that do have such a cluster in a circle, and each counts the less the more circles have
    one. So p = 0.00009 is found where 999 maps could say 0.001 at best.

    Risks of areas always differ, and a scan of equal risks takes that for clusters: where they differ
    by 40 % without clustering, ``scan_p`` is below 0.05 on a third of maps of two events an area, and
    where by 65 % on 70 to 85 % of them, of which not all can be refused. ``scan_p_uneven`` is on at
    most 5 % of any of these maps (tests/calibration/made_risks.py): rely on a cluster if both
    are small. It is for the whole map's differences, true clusters included, and so errs on the
    safe side.

    References
    ----------
    Kulldorff M (1997), A spatial scan statistic, Communications in Statistics: Theory and Methods
    26, 1481-1496. Naiman DQ, Priebe CE (2001), Computing scan statistic p values using importance
    sampling, with applications to genetics and medical image analysis, Journal of Computational and
    Graphical Statistics 10, 296-328.

    Examples
    --------
    >>> import lsoahot as lh
    >>> fires = lh.read_dataset("fires", "sample")
    >>> areas = lh.count(lh.read_boundaries("sample"), fires, period=("2011-10", "2012-09"))
    >>> lh.scan(areas, clusters=1)[["centre", "areas", "events", "expected"]].round(2)
          centre  areas  events  expected
    0  E01013801      1       6      0.99
    """
    checks.areas(areas)
    _check_options(largest, clusters, draws)
    places, events, due = _columns(areas, count, expected or population)
    total = int(events.sum())
    if total > MANY * len(events):
        raise ValueError(
            f"{total:,} events in {len(events):,} areas are {total / len(events):.1f} an area, and "
            f"the scan is for rare events: up to {MANY:g}. With more, areas truly differ, and it "
            "finds clusters where there are none. Use exceedance(areas)."
        )
    rng = np.random.default_rng(seed)
    circles = _circles(places, due, largest)
    ratios = _ratios(_inside(circles, events), circles.expected, total)
    matches = _apart(circles, ratios, clusters)
    by_chance = _largest(circles, draws, rng)
    _, differ = _unevenness(circles, events, [], draws=draws, rng=rng)
    if_uneven = _largest(circles, draws, rng, differ) if differ else by_chance
    rows = []
    for centre, last in matches:
        members = circles.order[centre, : last + 1]
        ratio, within = float(ratios[centre, last]), float(circles.expected[centre, last])
        p, error = _probability(circles, ratio, by_chance, rng)
        p_uneven = ((if_uneven >= ratio - SAME).sum() + 1) / (draws + 1) if differ else p
        inside = int(events[members].sum())
        rest = total - inside
        rows.append(
            {
                "centre": places.index[centre],
                "radius": float(circles.distance[centre, last]),
                "areas": len(members),
                "members": places.index[members].tolist(),
                "events": inside,
                "expected": within,
                "relative_risk": inside / within * (total - within) / rest if rest else np.inf,
                "log_likelihood_ratio": ratio,
                "scan_p": p,
                "scan_p_error": error,
                "scan_p_uneven": max(p, p_uneven),
            }
        )
    sure = [circles.order[c, : last + 1] for (c, last), row in zip(matches, rows, strict=True)
            if row["scan_p"] <= SURE]  # fmt: skip
    uneven, spread = _unevenness(circles, events, sure, draws=draws, rng=rng)
    if uneven <= UNEVEN and spread >= SPREAD:
        raise ValueError(
            f"the risks of areas are uneven beyond chance (p = {uneven:.2g}; they differ by "
            f"{spread:.0%}), also within and "
            "without what looks like clusters, and the scan would find clusters where there are "
            "none. Use exceedance(areas)."
        )
    firm = sum(row["scan_p_uneven"] <= SURE for row in rows)
    result = pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)
    result.insert(0, "cluster", np.arange(1, len(rows) + 1))
    facts: dict[str, Any] = {
        "statistic": "Kulldorff's circular scan",
        "column": f"{count} given {expected or population}",
        "method": "Poisson, given the sum; p by drawn maps, far out by importance sampling",
        "events": total,
        "areas": len(events),
        "missing": len(areas) - len(events),
        "circles": int(np.isfinite(circles.expected).sum()),
        "largest": largest,
        "uneven_p": uneven,
        "spread": spread,
        "differ": differ,
        "draws": draws,
        "seed": seed,
    }
    facts["text"] = (
        f"{facts['statistic']} of {facts['column']}: {total:,} events in {len(events):,} areas, "
        f"{facts['circles']:,} circles of at most {largest:.0%} of the people, {draws:,} maps drawn; "
        f"{len(sure)} clusters at p <= {SURE:g}, of which {firm} also if risks differ anyway, as they "
        f"seem to, by {differ:.0%}; other risks differ by {spread:.0%} (p = {uneven:.2g})."
    )
    return inference.record(result, "scan", facts)


COLUMNS: Final = {
    "centre": "object", "radius": "float64", "areas": "int64", "members": "object",
    "events": "int64", "expected": "float64", "relative_risk": "float64",
    "log_likelihood_ratio": "float64", "scan_p": "float64", "scan_p_error": "float64",
    "scan_p_uneven": "float64",
}  # fmt: skip


def _check_options(largest: float, clusters: int, draws: int) -> None:
    if not 0 < largest <= 1 / 2:
        raise ValueError(f"largest={largest!r} is not above 0 and at most 0.5. Choose 0.5, say.")
    for name, value in (("clusters", clusters), ("draws", draws)):
        if not value >= 1:
            raise ValueError(f"{name}={value!r} is not 1 or more. Leave it out for the usual.")


def _columns(
    areas: gpd.GeoDataFrame, count: str, base: str
) -> tuple[gpd.GeoSeries, Integers, Floats]:
    """Return centres, events and events expected of the areas that have them, by code."""
    events, people = checks.numbers(areas, count), checks.numbers(areas, base)
    for name, values in ((count, events), (base, people)):
        if (values < 0).any():
            raise ValueError(
                f"{name!r} is negative in {int((values < 0).sum()):,} areas: "
                f"{checks.shown(areas.index[values < 0])}. Mend the table."
            )
    whole = np.isnan(events) | (events == np.round(events))
    if not whole.all():
        raise ValueError(
            f"{count!r} is no whole number in {int((~whole).sum()):,} areas: "
            f"{checks.shown(areas.index[~whole])}. The scan is for events: give their counts."
        )
    if areas.crs is not None and areas.crs.is_geographic:
        raise ValueError(
            "the areas are in degrees, of which circles are no circles. Bring them to metres: "
            "areas.to_crs(27700)."
        )
    placed = ~(areas.geometry.isna() | areas.geometry.is_empty).to_numpy()
    known = ~np.isnan(events) & (people > 0) & placed
    if not known.all():
        warnings.warn(
            f"{int((~known).sum()):,} areas have no count, no {base} or no shape "
            f"({checks.shown(areas.index[~known])}): they are left out, with their "
            f"{np.nansum(events[~known]):g} events. Mend the tables if that is wrong.",
            UserWarning,
            stacklevel=3,
        )
    total = float(events[known].sum())
    if known.sum() < FEWEST or total == 0:
        raise ValueError(
            f"{count!r} adds up to {total:g} in {int(known.sum()):,} areas: there is nothing to "
            f"scan. Give events in {FEWEST} areas or more."
        )
    # By code, so that a seed gives one answer however rows are sorted.
    rows = np.flatnonzero(known)
    rows = rows[np.argsort(areas.index[rows].astype(str).to_numpy(dtype=object), kind="stable")]
    due = people[rows] * (total / people[rows].sum())
    return gpd.GeoSeries(areas.geometry.iloc[rows]).centroid, events[rows].astype(np.int64), due


def _circles(places: gpd.GeoSeries, due: Floats, largest: float) -> Circles:
    """Return all circles around all places that hold at most so large a share of what is due."""
    at = np.column_stack([places.x, places.y])
    scale = float(np.ptp(at, axis=0).max()) or 1.0
    room = largest * due.sum() * (1 + SAME)
    rows: list[tuple[Integers, Floats, Floats]] = []
    circles = 0
    for place in at:
        distance = np.round(np.hypot(*(at - place).T) / scale, TIED)
        order = np.argsort(distance, kind="stable")
        held = np.cumsum(due[order])
        far = distance[order]
        size = int(np.searchsorted(held, room, side="right"))
        held[:-1][far[:-1] == far[1:]] = np.inf  # another area is just as far
        rows.append((order[:size], held[:size], far[:size] * scale))
        circles += size
        if circles > MOST:
            raise ValueError(
                f"there are over {MOST:,} circles, and the scan of {len(at):,} areas would take too "
                f"long. Scan a district, or smaller circles: largest={largest / 10:g}."
            )
    width = max(len(order) for order, _, _ in rows)
    result = Circles(
        np.full((len(at), width), len(at)),
        np.full((len(at), width), np.inf),
        np.zeros((len(at), width)),
        due,
        round(due.sum()),
    )
    for row, parts in enumerate(rows):
        for table, part in zip(result[:3], parts, strict=True):
            table[row, : len(part)] = part
    return result


def _inside(circles: Circles, events: Integers) -> Integers:
    """Return how many events each circle holds."""
    held: Integers = np.cumsum(np.append(events, 0)[circles.order], axis=1)
    return held


def _ratios(inside: Integers | Floats, due: Floats, total: int) -> Floats:
    """Return log likelihood ratios, 0 where no more events than expected are inside."""
    from scipy.special import xlogy

    rest = total - inside
    with np.errstate(divide="ignore", invalid="ignore"):
        value = xlogy(inside, inside / due) + xlogy(rest, rest / (total - due))
    result: Floats = np.where(inside > due, value, 0.0)
    return result


def _apart(circles: Circles, ratios: Floats, most: int) -> list[tuple[int, int]]:
    """Return (centre, last) of the best circles that don't overlap, the best first."""
    best = ratios.copy()
    result: list[tuple[int, int]] = []
    taken = np.zeros(len(ratios) + 1, dtype=bool)
    while len(result) < most:
        centre, last = (int(one) for one in np.unravel_index(best.argmax(), best.shape))
        if not best[centre, last] > SAME:
            break
        result.append((centre, last))
        taken[circles.order[centre, : last + 1]] = True
        best[np.cumsum(taken[circles.order], axis=1) > 0] = 0.0
    return result


def _largest(circles: Circles, draws: int, rng: np.random.Generator, spread: float = 0.0) -> Floats:
    """Return the largest ratio of each map drawn by chance, of risks with a coefficient of variation.

    Of circles with as many events that with fewest expected has the largest ratio: so one
    logarithm is taken for each number of events, and not for each circle.
    """
    result = np.empty(draws)
    due, total = circles.due, circles.total
    fewest, numbers = np.empty(total + 1), np.arange(total + 1)
    flat = circles.expected.ravel()
    shares = np.tile(due, (draws, 1))
    if spread:
        shares *= np.maximum(rng.gamma(spread**-2, size=shares.shape), np.finfo(float).tiny)
    shares /= shares.sum(axis=1, keepdims=True)
    for number, events in enumerate(rng.multinomial(total, shares)):
        fewest[:] = np.inf
        np.minimum.at(fewest, _inside(circles, events).ravel(), flat)
        result[number] = _ratios(numbers, fewest, total).max()
    return result


def _probability(
    circles: Circles, ratio: float, by_chance: Floats, rng: np.random.Generator
) -> tuple[float, float]:
    """Return p of a ratio anywhere on the map, and its standard error."""
    draws = len(by_chance)
    extreme = int((by_chance >= ratio - SAME).sum())
    if extreme >= RARE:
        p = (extreme + 1) / (draws + 1)
        return p, float(np.sqrt(p * (1 - p) / draws))
    return _far_out(circles, ratio, draws, rng)


def _far_out(
    circles: Circles, ratio: float, draws: int, rng: np.random.Generator
) -> tuple[float, float]:
    """Return p of a ratio by importance sampling, and its standard error (Naiman & Priebe 2001)."""
    due, total = circles.due, circles.total
    needed = _needed(circles.expected, total, ratio)
    flat, finite = needed.ravel(), np.isfinite(circles.expected.ravel())
    share = np.where(finite, circles.expected.ravel(), 0.0) / total
    chances = np.where(flat <= total, _tail(np.minimum(flat, total), total, share), 0.0)
    bound = chances.sum()  # of all circles: an upper bound of p (Bonferroni)
    weights = np.empty(draws)
    for number, circle in enumerate(rng.choice(flat.size, size=draws, p=chances / bound)):
        centre, last = divmod(int(circle), needed.shape[1])
        members = circles.order[centre, : last + 1]
        inside = np.zeros(len(due), dtype=bool)
        inside[members] = True
        held = _at_least(int(flat[circle]), total, float(share[circle]), rng)
        events = np.empty(len(due), dtype=np.int64)
        events[inside] = rng.multinomial(held, due[inside] / due[inside].sum())
        events[~inside] = rng.multinomial(total - held, due[~inside] / due[~inside].sum())
        weights[number] = 1 / np.count_nonzero(_inside(circles, events) >= needed)
    p = float(bound * weights.mean())
    return min(p, 1.0), float(bound * weights.std(ddof=1) / np.sqrt(draws)) if draws > 1 else 1.0


def _needed(due: Floats, total: int, ratio: float) -> Integers:
    """Return how many events each circle needs for so large a ratio; more than all if it can't.

    For each number of events the most that may be expected is found by halving; it rises with it.
    """
    numbers = np.arange(1, total + 1)
    low, high = np.zeros(total), numbers.astype(np.float64)
    for _ in range(60):
        middle = (low + high) / 2
        enough = _ratios(numbers, np.maximum(middle, np.finfo(float).tiny), total) >= ratio - SAME
        low, high = np.where(enough, middle, low), np.where(enough, high, middle)
    needed: Integers = np.searchsorted(low, due) + 1
    return needed


def _tail(fewest: Integers, total: int, share: Floats | float) -> Floats:
    """Return the probability that so many of all events, from 1 on, fall into such a share."""
    from scipy.special import betainc

    tail: Floats = betainc(fewest, total - fewest + 1, share)
    return tail


def _at_least(fewest: int, total: int, share: float, rng: np.random.Generator) -> int:
    """Draw from a binomial distribution, given that it is so large."""
    numbers = np.arange(fewest, total + 1)
    tails = _tail(numbers, total, share)
    return int(numbers[np.searchsorted(-tails, -rng.random() * tails[0], side="right") - 1])


def _unevenness(
    circles: Circles,
    events: Integers,
    clusters: list[Integers],
    *,
    draws: int,
    rng: np.random.Generator,
) -> tuple[float, float]:
    """Return how much risks differ within each cluster, and without, beyond chance.

    Returns
    -------
    tuple
        p of counts that scatter so much at equal risk, and the coefficient of variation of risks.
    """
    due = circles.due
    group = np.zeros(len(events), dtype=np.int64)
    for number, members in enumerate(clusters, 1):
        group[members] = number
    parts = [np.flatnonzero(group == number) for number in range(len(clusters) + 1)]
    seen, squares, drawn = 0.0, 0.0, np.zeros(draws)
    for rows in (rows for rows in parts if len(rows) > 1):
        total, share = int(events[rows].sum()), due[rows] / due[rows].sum()
        seen += float(((events[rows] - total * share) ** 2).sum())
        squares += float(((total * share) ** 2).sum())
        maps = rng.multinomial(total, share, size=draws)
        drawn += ((maps - total * share) ** 2).sum(axis=1)
    p = ((drawn >= seen * (1 - SAME)).sum() + 1) / (draws + 1)
    spread = np.sqrt(max(seen - drawn.mean(), 0.0) / squares) if squares else 0.0
    return float(p), float(spread)
