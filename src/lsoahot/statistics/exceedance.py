"""Is this area high? By how much, and how surely: its own rate, beyond the luck of small numbers."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from lsoahot.common import checks, class_labels
from lsoahot.counting import weighted_limits
from lsoahot.statistics.kernels import gamma_poisson, inference

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

FEWEST: Final = 2  # areas: one has nothing to be compared with
FAR: Final = 4 / 3  # "Far above" begins at so many times the ratio of "Above": 2 for 1.5
PROBABLY: Final = 0.8
LEVELS: Final = pd.CategoricalDtype(list(class_labels.LEVELS), ordered=True)
LARGEST: Final = 1e12  # events: beyond, the special functions lose digits


def exceedance(
    areas: gpd.GeoDataFrame,
    *,
    count: str = "count",
    population: str = "population",
    expected: str | None = None,
    above: float = 1.5,
    dispersion: float | None = None,
    confidence: float = 0.95,
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
        months of the records, where it could; else 1. `lsoahot.dispersion` measures it, too.
    confidence : float
        How sure is sure: of the levels, and of the limits of the ratio.

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
        If a column is missing or negative, or an option is out of range.

    Warns
    -----
    UserWarning
        Of areas that are not tested: without a count or people; of all, where nothing happened or
        there is one area only.

    Notes
    -----
    With counts y, expected E and true ratios θ drawn from a gamma distribution of mean 1 and
    variance s, counts are negative binomial; s is its maximum likelihood estimate. Given y, θ has a
    gamma distribution of shape 1/s + y and rate 1/s + E (Clayton & Kaldor, 1987), and everything
    here is read from it; the decision by P(θ > 1.5) is that of Richardson et al. (2004). With a
    dispersion φ, y/φ and E/φ stand in place of y and E: as many events that come singly would tell
    as much.

    Where the counts vary no more than chance makes them, s is 0 and every ratio 1. That few events
    can't show a difference is no proof that there is none: an area is called "Near average" only if
    it would also be so at the largest s that the counts allow (one-sided 95 % of the likelihood
    ratio), and where s is 0 the limits are those at that largest s.

    References
    ----------
    Clayton D, Kaldor J (1987), Empirical Bayes estimates of age-standardized relative risks for use
    in disease mapping, Biometrics 43, 671-681. Richardson S, Thomson A, Best N, Elliott P (2004),
    Interpreting posterior relative risk estimates in disease-mapping studies, Environmental Health
    Perspectives 112, 1016-1025.

    Examples
    --------
    >>> import lsoahot as lh
    >>> crimes = lh.read_dataset("crime", "sample")
    >>> areas = lh.count(lh.read_boundaries("sample"), crimes, period=("2011-10", "2012-09"))
    >>> placed = lh.exceedance(areas)
    >>> placed.loc[placed["level"] >= "Above", ["area_name", "level"]].values.tolist()
    [['Oakham Centre', 'Far above']]
    """
    checks.coded(areas)
    _check_options(above, dispersion, confidence)
    events, base = _not_negative(areas, count), _not_negative(areas, expected or population)
    known = ~np.isnan(events) & (base > 0)
    reasons = []
    if not known.all():
        reasons.append(
            f"{int((~known).sum()):,} areas have no count or no {expected or population} "
            f"({checks.shown(areas.index[~known])}): they are not tested, and their "
            f"{np.nansum(events[~known]):g} events are left out. Mend the tables if that is wrong."
        )
    total = float(events[known].sum())
    tested = known & (known.sum() >= FEWEST) & (total > 0)
    if known.any() and not tested.any():
        reasons.append(
            f"{count!r} adds up to {total:g} in {int(known.sum()):,} areas: nothing is tested. "
            "Give counts of events in two areas or more."
        )
    for reason in reasons:
        warnings.warn(reason, UserWarning, stacklevel=2)

    ratio, lower, upper, chance, excess = (np.full(len(areas), np.nan) for _ in range(5))
    level = np.full(len(areas), class_labels.NOT_TESTED, dtype=object)
    spread = widest = np.nan
    scatter = _dispersion(areas, count, dispersion)
    if tested.any():
        y = events[tested]
        e = base[tested] / base[tested].sum() * total
        seen, due = y / scatter["used"], e / scatter["used"]
        spread, widest = gamma_poisson.fit_spread(seen, due)
        shape, rate = gamma_poisson.posterior(seen, due, spread)
        loose = gamma_poisson.posterior(seen, due, widest)
        ratio[tested] = gamma_poisson.mean(shape, rate)
        chance[tested] = gamma_poisson.chance_above(shape, rate, above)
        excess[tested] = y - e
        for limit, tail in ((lower, (1 - confidence) / 2), (upper, (1 + confidence) / 2)):
            limit[tested] = gamma_poisson.quantile(*((shape, rate) if spread else loose), tail)
        level[tested] = _levels((shape, rate), loose, above=above, confidence=confidence)
    categories = pd.Categorical(level, dtype=LEVELS)
    result = areas.assign(
        relative_risk=ratio,
        relative_risk_lower=lower,
        relative_risk_upper=upper,
        exceedance=chance,
        excess=excess,
        level=categories,
        level_class=inference.numbered(categories, class_labels.LEVELS),
    )
    facts = {
        "statistic": "Relative risk",
        "column": f"{count} given {expected or population}",
        "method": "gamma-Poisson by maximum likelihood",
        "above": above,
        "far": above * FAR,
        "confidence": confidence,
        "spread": float(np.sqrt(spread)),
        "spread_upper": float(np.sqrt(widest)),
        "dispersion": scatter["given"],
        "dispersion_from": scatter["from"],
        "events": total,
        "tested": int(tested.sum()),
        "missing": int((~known).sum()),
    }
    return inference.record(result, "exceedance", facts | {"text": _text(facts, scatter["note"])})


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
        value, source = float(measured["dispersion"]), "months"
        note = f"dispersion {value:.2f}, measured from {measured['months']} months of the records"
    else:
        value, source = 1.0, "none"
        note = (
            "dispersion not measured: events are taken to come singly, which names too many areas "
            "where they come in series"
        )
    used, squares = value, f"{count}_sq"
    if squares in areas.columns:
        weighted, sums = checks.numbers(areas, count), checks.numbers(areas, squares)
        pooled = weighted_limits.scatter((np.nansum([weighted], 1), np.nansum([sums], 1)))
        used *= float(pooled[0])
    return {"given": value, "used": used, "from": source, "note": note}


def _levels(
    fitted: tuple[Floats, Floats],
    loose: tuple[Floats, Floats],
    *,
    above: float,
    confidence: float,
) -> NDArray[np.object_]:
    """Cut the levels; the surest come last, and overwrite."""
    far = above * FAR
    high = gamma_poisson.chance_above(*fitted, above)
    near = [
        gamma_poisson.chance_above(*one, 1 / above) - gamma_poisson.chance_above(*one, above)
        for one in (fitted, loose)
    ]
    level = np.full(high.size, class_labels.NO_TELLING, dtype=object)
    level[high >= min(PROBABLY, confidence)] = "Probably above"
    level[np.minimum(*near) >= confidence] = "Near average"
    level[1 - gamma_poisson.chance_above(*fitted, 1 / above) >= confidence] = "Below"
    level[1 - gamma_poisson.chance_above(*fitted, 1 / far) >= confidence] = "Far below"
    level[high >= confidence] = "Above"
    level[gamma_poisson.chance_above(*fitted, far) >= confidence] = "Far above"
    return level


def _text(facts: dict[str, Any], note: str) -> str:
    """Say in one sentence what was done."""
    if not facts["tested"]:
        return f"{facts['statistic']} of {facts['column']}: nothing was tested."
    spread = (
        f"true rates of areas differ by {facts['spread']:.0%} (standard deviation over mean)"
        if facts["spread"]
        else "no more difference between areas than chance makes could be measured"
    )
    return (
        f"{facts['statistic']} of {facts['column']}: {facts['method']}, {facts['tested']:,} areas"
        f"{', {:,} without a value'.format(facts['missing']) if facts['missing'] else ''}; "
        f"{spread}; {note}. Above: {facts['confidence']:.0%} sure of more than "
        f"{facts['above']:g} times the whole's rate."
    )
