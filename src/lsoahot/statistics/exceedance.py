"""Is this area high? By how much, and how surely: its own rate, beyond the luck of small numbers."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pandas as pd

from lsoahot.common import checks, class_labels
from lsoahot.counting import weighted_limits
from lsoahot.counting.monthly_scatter import scatter_of_total
from lsoahot.statistics import links as _links
from lsoahot.statistics.kernels import (
    compound_poisson,
    inference,
    joint_ranks,
    leroux,
)

from .relative_risk import PRIORS, Estimate, alone, among_neighbours, points_of

if TYPE_CHECKING:
    import geopandas as gpd
    from libpysal.graph import Graph
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

FEWEST: Final = 2  # areas: one has nothing to be compared with
FAR: Final = 4 / 3  # "Far above" begins at so many times the ratio of "Above": 2 for 1.5
PROBABLY: Final = 0.8
LEVELS: Final = pd.CategoricalDtype(list(class_labels.LEVELS), ordered=True)
CODES: Final = {name: place for place, name in enumerate(class_labels.LEVELS)}
LARGEST: Final = 1e12  # events: beyond, the special functions lose digits
HANGS: Final = 0.05  # a probability that another prior moves by more hangs on the prior
WHOLLY: Final = 0.995  # from this share on, the scatter is called all neighbourhood


def exceedance(
    areas: gpd.GeoDataFrame,
    *,
    graph: Graph | None = None,
    count: str = "count",
    population: str = "population",
    expected: str | None = None,
    above: float = 1.5,
    dispersion: float | None = None,
    confidence: float = 0.95,
    prior: str = "penalised",
    among: int | None = None,
) -> gpd.GeoDataFrame:
    """Say which areas are high: how many times the whole's rate, and how surely above it.

    True risks of areas differ, and small numbers make them seem to differ more. How much they truly
    differ is estimated from all areas; each area's ratio is then drawn towards the whole's, the
    more the fewer events it has, and what is left is what is known of it. No p-value, and no
    correction for the number of areas: where nothing truly differs, nobody is named.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        Areas, indexed by code.
    graph : libpysal.graph.Graph, optional
        If given, neighbours lend strength: an area's ratio is drawn towards its neighbours', as far
        as the counts show neighbours to be alike, and not towards the whole's alone. Links count
        both ways.
    count : str
        The column of numbers of events, whole or not. If a column of the same name and ``_sq``
        stands beside it (as ``weighted`` and ``weighted_sq``, from `count` with weights), it is
        taken for a sum of weights.
    population : str
        The column of people (or whatever is at risk).
    expected : str, optional
        A column to stand in place of the population: events expected (standardised by age, say), or
        anything that events are in proportion to (households, workday people). Its scale doesn't
        matter: it is made to add up to the events.
    above : float
        The ratio to the whole's rate from which an area is called high, above 1. "Far above" begins
        at 4/3 of it, "Below" at one over it.
    dispersion : float, optional
        How many times Poisson's the variance of a count is at a constant risk, where events come in
        series (three bins set alight in one evening). By default what `count` measured from the
        months of the records, where it could, and how far months resemble the one before; else 1.
        `lsoahot.dispersion` measures it, too.
    confidence : float
        How sure is sure: of the levels, and of the limits of the ratio.
    prior : {"penalised", "inverse gamma"}
        With a graph: what is held, before any count, of the scatter sigma of the log ratios. Either
        P(sigma > 1) = 0.01 (Simpson et al., 2017), or sigma² inverse gamma (1, 0.01), which is what
        the R package CARBayes takes. It matters where areas or events are few.
    among : int, optional
        With a graph: if given (10, say), how sure ranks by true rates are is added: ``rank_lower``
        and ``rank_upper``, and ``rank_top``, the probability to be among the first so many. All
        areas are drawn together 2,000 times, neighbours rising and falling as they do, from one
        fixed stream. Without a graph, `rank` does it area by area.

    Returns
    -------
    geopandas.GeoDataFrame
        The areas with ``relative_risk`` (times the whole's rate; the posterior mean) and its limits
        ``relative_risk_lower`` and ``relative_risk_upper``; ``exceedance``, the probability of a
        true ratio above ``above``; ``excess``, the events beyond those expected at the whole's
        rate; ``level``, an ordered categorical, and ``level_class``, its number:

        ======================= ===== ==========================================================
        level                   class surely (0.95)
        ======================= ===== ==========================================================
        Far above                   3 more than twice the whole's rate
        Above                       2 more than 1.5 times
        Probably above              1 more than 1.5 times, with a probability of 0.8 or more
        Near average                0 between two thirds and 1.5 times
        Below                      -1 less than two thirds
        Far below                  -2 less than half
        Can't tell               none none of these: the numbers are too small
        Not tested               none no count, no people, or nothing to compare with
        ======================= ===== ==========================================================

        ``attrs["statistics"]["exceedance"]`` says what was estimated, and how (``text``: in one
        sentence).

    Raises
    ------
    TypeError
        If a column holds no numbers.
    ValueError
        If a column is missing or negative, or an option is out of range; if the graph is not about
        these areas, or so dense (some hundred neighbours each, in the whole country) that the answer
        would fill the memory.
    RuntimeError
        With a graph: if the computation has not come to rest, and its answer can't be relied on.

    Warns
    -----
    UserWarning
        Of areas that are not tested: without a count or people; of all, where nothing happened or
        there is one area only. With a graph: where the prior decides.

    Notes
    -----
    With counts y, expected E and true ratios θ drawn from a gamma distribution of mean 1 and
    variance s, counts are negative binomial; s is its maximum likelihood estimate. Given y, θ has a
    gamma distribution of shape 1/s + y and rate 1/s + E (Clayton & Kaldor, 1987), and everything
    here is read from it; the decision by P(θ > 1.5) is that of Richardson et al. (2004). With a
    dispersion φ, events come in series of logarithmic length, and y given θ is negative binomial of
    variance φEθ (Quenouille, 1949). In place of y and E then stand counts of single events that tell
    as much, so that θ keeps its mean and the variance of its logarithm: of many events about y/φ
    and E/φ, of one long series little more than one.

    Where the counts vary no more than chance makes them, s is 0 and every ratio 1. That few events
    can't show a difference is no proof that there is none: an area is called "Near average" only if
    it would also be so at the largest s that the counts allow (one-sided 95 % of the likelihood
    ratio), and where s is 0 the limits are those at that largest s.

    With a graph, log θ is a normal field in which neighbours are alike (Leroux et al., 2000), with
    two parameters: the scatter sigma, and the share of it that is neighbourhood. Areas without a
    count stay in the field, but are not tested. The answer is found by expectation propagation
    (Minka, 2001), without sampling: for up to 2,000 areas averaged over the two parameters, beyond
    at their best; for up to 30 averaged over the field's level too. It needs about 0.3 s for 600
    areas and 7 s for 35,000, for events in series twice as long.

    References
    ----------
    Clayton D, Kaldor J (1987), Empirical Bayes estimates of age-standardized relative risks for use
    in disease mapping, Biometrics 43, 671-681. Leroux BG, Lei X, Breslow N (2000), Estimation of
    disease rates in small areas: a new mixed model for spatial dependence, in: Statistical models
    in epidemiology, the environment, and clinical trials, 179-191. Minka TP (2001), Expectation
    propagation for approximate Bayesian inference, UAI 17, 362-369. Quenouille MH (1949), A relation
    between the logarithmic, Poisson, and negative binomial series, Biometrics 5, 162-164. Richardson S, Thomson A, Best
    N, Elliott P (2004), Interpreting posterior relative risk estimates in disease-mapping studies,
    Environmental Health Perspectives 112, 1016-1025. Simpson D et al. (2017), Penalising model
    component complexity, Statistical Science 32, 1-28.

    Examples
    --------
    >>> import lsoahot as lh
    >>> crimes = lh.read_dataset("crime", "sample")
    >>> areas = lh.count(lh.read_boundaries("sample"), crimes, period=("2011-10", "2012-09"))
    >>> placed = lh.exceedance(areas)
    >>> placed.loc[placed["level"] >= "Above", ["area_name", "level"]].values.tolist()
    [['Oakham Centre', 'Far above']]
    """
    result, reasons = measure(
        areas,
        graph=graph,
        count=count,
        population=population,
        expected=expected,
        above=above,
        dispersion=dispersion,
        confidence=confidence,
        prior=prior,
        among=among,
    )
    for reason in reasons:
        warnings.warn(reason, UserWarning, stacklevel=2)
    return result


def measure(
    areas: gpd.GeoDataFrame,
    *,
    graph: Graph | None = None,
    count: str,
    population: str,
    expected: str | None = None,
    above: float = 1.5,
    dispersion: float | None = None,
    confidence: float = 0.95,
    prior: str = "penalised",
    among: int | None = None,
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Do what `exceedance` does, and return its warnings instead of giving them."""
    checks.coded(areas)
    _check_options(above, dispersion, confidence)
    checks.one_of(prior, PRIORS, "prior")
    _check_among(among, graph)
    links = None if graph is None else _links.align(areas, graph)
    events, base = _not_negative(areas, count), _not_negative(areas, expected or population)
    known = ~np.isnan(events) & (base > 0)
    reasons = []
    if not known.all():
        reasons.append(
            f"{int((~known).sum()):,} areas have no count or no {expected or population} "
            f"({checks.shown(areas.index[~known])}): they are not tested, and their "
            f"{np.nansum(events[~known]):g} events are left out. Mend the tables if that is wrong."
        )
    scatter = _dispersion(areas, count, dispersion)
    points = None if links is None else points_of(areas, links)
    judged = judge(
        events, base, links, points, dispersion=scatter["given"], weight=scatter["weight"],
        above=above, confidence=confidence, prior=prior,
    )  # fmt: skip
    tested, estimate = judged.tested, judged.estimate
    total = float(events[known].sum())
    if known.any() and estimate is None:
        reasons.append(
            f"{count!r} adds up to {total:g} in {int(known.sum()):,} areas: nothing is tested. "
            "Give counts of events in two areas or more."
        )
    ratio, lower, upper, chance = (np.full(len(areas), np.nan) for _ in range(4))
    estimated: dict[str, Any] = {"method": "no test"}
    if estimate is not None:
        ratio[tested] = estimate.ratio
        lower[tested], upper[tested] = estimate.limits()
        chance[tested] = estimate.above(above)
        estimated = estimate.facts
        if links is not None:
            hanging = _hanging(
                areas.index[tested], estimate, judged.level[tested], above=above, sure=confidence
            )
            estimated["prior_decides"] = bool(hanging)
            reasons += hanging
    places = {}
    if among is not None:
        places = _places(
            areas.index,
            estimate.fitted if estimate is not None else None,
            tested,
            among,
            confidence=confidence,
        )
    categories = pd.Categorical.from_codes(judged.level, dtype=LEVELS)
    result = areas.assign(
        relative_risk=ratio,
        relative_risk_lower=lower,
        relative_risk_upper=upper,
        exceedance=chance,
        excess=judged.excess,
        level=categories,
        level_class=inference.numbered(categories, class_labels.LEVELS),
        **places,
    )
    facts = {
        "statistic": "Relative risk",
        "column": f"{count} given {expected or population}",
        "above": above,
        "far": above * FAR,
        "confidence": confidence,
        **estimated,
        "dispersion": scatter["given"],
        "dispersion_from": scatter["from"],
        "events": total,
        "tested": int(tested.sum()),
        "missing": int((~known).sum()),
    }
    facts["text"] = _text(facts, scatter["note"])
    return inference.record(result, "exceedance", facts), reasons


class Judged(NamedTuple):
    """What is known of n areas: who was tested, the events above expectation, the level's place."""

    tested: Flags
    excess: Floats
    level: NDArray[np.int8]
    estimate: Estimate | None


def judge(
    events: Floats,
    base: Floats,
    links: _links.Links | None = None,
    points: Floats | None = None,
    *,
    dispersion: float = 1.0,
    weight: float = 1.0,
    above: float = 1.5,
    confidence: float = 0.95,
    prior: str = "penalised",
) -> Judged:
    """Judge one column of counts as `exceedance` does, without a table.

    Parameters
    ----------
    events, base : array of float, shape (n,)
        Events, and people or what else is at risk; missing where unknown.
    links : Links, optional
        Of all areas, where neighbours are to lend strength.
    points : array of float, shape (n, 2), optional
        With them, `points_of` the areas.
    dispersion : float
        How many times Poisson's the variance of a count is.
    weight : float
        Of an event, where sums of weights stand in place of counts (`weighted_limits.scatter`).
    above, confidence, prior
        As in `exceedance`.

    Raises
    ------
    RuntimeError
        With links: if the computation has not come to rest.
    """
    known = ~np.isnan(events) & (base > 0)
    total = float(events[known].sum())
    tested = known & (known.sum() >= FEWEST) & (total > 0)
    excess = np.full(events.size, np.nan)
    level = np.full(events.size, CODES[class_labels.NOT_TESTED], dtype=np.int8)
    if not tested.any():
        return Judged(tested, excess, level, None)
    y, due = np.where(tested, events, 0.0), np.where(tested, base, 0.0)
    due *= total / due.sum()
    seen = y / weight, due / weight
    tails = (1 - confidence) / 2, (1 + confidence) / 2
    if links is None or points is None:
        single = compound_poisson.equivalent(seen[0][tested], seen[1][tested], dispersion)
        estimate = alone(*single, tails)
    else:
        estimate = among_neighbours(links, points, seen, tails, prior=prior, dispersion=dispersion)
    excess[tested] = (y - due)[tested]
    level[tested] = _levels(estimate, above=above, confidence=confidence)
    return Judged(tested, excess, level, estimate)


def _check_options(above: float, dispersion: float | None, confidence: float) -> None:
    if not 1 < above < np.inf:
        raise ValueError(
            f"above={above!r} is not above 1. Give for example 1.5, times the whole's."
        )
    if not 0 < confidence < 1:
        raise ValueError(f"confidence={confidence!r} is not between 0 and 1. Choose 0.95, say.")
    if dispersion is not None and not 1 <= dispersion < np.inf:
        raise ValueError(
            f"dispersion={dispersion!r} is below 1, Poisson's own, or no number. Give 1, or the "
            "variance of a count divided by its mean."
        )


def _check_among(among: int | None, graph: Graph | None) -> None:
    if among is not None and graph is None:
        raise ValueError(
            f"among={among!r} draws neighbours' risks together, and there is no graph. Give one, "
            "or rank(exceedance(areas), among=10), area by area."
        )
    if among is not None and among < 1:
        raise ValueError(f"among={among!r} is no number of places. Give 10, say.")


def _not_negative(areas: gpd.GeoDataFrame, name: str) -> Floats:
    values = checks.numbers(areas, name)
    wrong = (values < 0) | (values > LARGEST)
    if wrong.any():
        raise ValueError(
            f"column {name!r} is negative, or above {LARGEST:g}, in {int(wrong.sum()):,} areas: "
            f"{checks.shown(areas.index[wrong])}. Mend the table."
        )
    return values


def _dispersion(areas: gpd.GeoDataFrame, count: str, given: float | None) -> dict[str, Any]:
    """Return the dispersion that is used, and where it is from."""
    measured = areas.attrs.get("dispersion") if count in ("count", "weighted") else None
    if given is not None:
        value, source, note = float(given), "given", f"dispersion {given:.2g}, as given"
    elif measured is not None:
        value, source = scatter_of_total(measured), "months"
        note = f"dispersion {value:.2f}, measured from {measured['months']} months of the records"
    else:
        value, source = 1.0, "none"
        note = (
            "dispersion not measured: events are taken to come singly, which names too many areas "
            "where they come in series"
        )
    weight, squares = 1.0, f"{count}_sq"
    if squares in areas.columns:
        weighted, sums = checks.numbers(areas, count), checks.numbers(areas, squares)
        both = np.array([np.nansum(weighted), np.nansum(sums)])
        weight = float(weighted_limits.scatter((both[:1], both[1:]))[0])
    return {"given": value, "weight": weight, "from": source, "note": note}


def _places(
    codes: pd.Index, fitted: leroux.Fit | None, tested: Flags, among: int, *, confidence: float
) -> dict[str, pd.Series]:
    """Return the columns that say how sure ranks are."""
    lower, upper = (pd.Series(pd.NA, index=codes, dtype="Int64") for _ in range(2))
    top = pd.Series(np.nan, index=codes)
    if fitted is not None:
        lower[tested], upper[tested], top[tested] = joint_ranks.ranks(
            fitted, tested, top=among, confidence=confidence
        )
    return {"rank_lower": lower, "rank_upper": upper, "rank_top": top}


def _hanging(
    tested: pd.Index, estimate: Estimate, level: NDArray[np.int8], *, above: float, sure: float
) -> list[str]:
    """Say where the prior decides the level."""
    chance, otherwise = estimate.above(above), estimate.otherwise(above)
    other = estimate._replace(above=estimate.otherwise, otherwise=estimate.above)
    changed = level != _levels(other, above=above, confidence=sure)
    changed &= np.abs(chance - otherwise) > HANGS
    if not changed.any():
        return []
    most = int(np.argmax(np.where(changed, np.abs(chance - otherwise), 0)))
    text = (
        f"the counts don't settle how much risks differ and how far neighbours are alike: with "
        f"another customary prior {int(changed.sum()):,} of {len(tested):,} areas would have "
        f"another level ({checks.shown(tested[changed])}); the chance of {tested[most]} being "
        f"above {above:g} would be {otherwise[most]:.2f} instead of {chance[most]:.2f}. Take more "
        "areas or a longer period; exceedance(areas) without a graph needs no prior."
    )
    return [text]


def _levels(estimate: Estimate, *, above: float, confidence: float) -> NDArray[np.int8]:
    """Cut the levels, as their places among all; the surest come last, and overwrite."""
    far = above * FAR
    high, low = estimate.above(above), estimate.above(1 / above)
    near = np.minimum(low - high, estimate.otherwise(1 / above) - estimate.otherwise(above))
    level = np.full(high.size, CODES[class_labels.NO_TELLING], dtype=np.int8)
    level[high >= min(PROBABLY, confidence)] = CODES["Probably above"]
    level[near >= confidence] = CODES["Near average"]
    level[1 - low >= confidence] = CODES["Below"]
    level[1 - estimate.above(1 / far) >= confidence] = CODES["Far below"]
    level[high >= confidence] = CODES["Above"]
    level[estimate.above(far) >= confidence] = CODES["Far above"]
    return level


def _text(facts: dict[str, Any], note: str) -> str:
    """Say in one sentence what was done."""
    if not facts["tested"]:
        return f"{facts['statistic']} of {facts['column']}: nothing was tested."
    if "share" in facts:
        alike = "all" if facts["share"] > WHOLLY else f"{facts['share']:.0%}"
        spread = (
            f"the logarithms of true rates scatter by {facts['sigma']:.2f} (sigma), of which "
            f"{alike} is neighbourhood (prior {facts['prior']}"
            f"{'; with another some areas would have another level' if facts['prior_decides'] else ''})"
        )
    elif facts["spread"]:
        spread = (
            f"true rates of areas differ by {facts['spread']:.0%} (standard deviation over mean)"
        )
    else:
        spread = "no more difference between areas than chance makes could be measured"
    return (
        f"{facts['statistic']} of {facts['column']}: {facts['method']}, {facts['tested']:,} areas"
        f"{', {:,} without a value'.format(facts['missing']) if facts['missing'] else ''}; "
        f"{spread}; {note}. Above: {facts['confidence']:.0%} sure of more than "
        f"{facts['above']:g} times the whole's rate."
    )
