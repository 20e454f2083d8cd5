"""Are we worse than our peers? An area against the group of those most like it."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lsoahot.common import checks
from lsoahot.counting import weighted_limits
from lsoahot.statistics.kernels import inference

from . import count_tests

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LIMITS = {"95%": 0.95, "99.8%": 0.998}
BETTER, WORSE, IN_LINE = "significantly better", "significantly worse", "in line"


def compare(
    areas: pd.DataFrame,
    peers: Sequence[str] | None = None,
    *,
    count: str = "count",
    population: str = "population",
    per: float = 1000,
    worse: str = "higher",
    spread: float | None = None,
    dispersion: float = 1.0,
) -> pd.DataFrame:
    """Compare each area of a group with the group: mean, rank, funnel limits and a plain word.

    As in the Home Office's most similar groups, the group's rate is the mean of its members' rates,
    each area itself included, so that a large member weighs no more than a small one.

    Parameters
    ----------
    areas : DataFrame or GeoDataFrame
        One row an area (districts, as a rule), indexed by ``area_code``.
    peers : list of str
        The codes or names of the members, the area in question among them; all areas by default.
    count, population : str
        The columns divided. If a column named as ``count`` and ``_sq`` stands beside it, ``count``
        is taken for a sum of weights.
    per : float
        The size of the population that rates are given for.
    worse : {"higher", "lower"}
        Which rates are bad ones.
    spread : float, optional
        How much the true rates of members differ, as they always do: their standard deviation over
        their mean. By default it is measured from the group, and an area stands out only if it
        stands out of what the others differ by. 0 asks whether an area's own chance can explain its
        distance from the group, as of districts it hardly ever can.
    dispersion : float
        How many times Poisson's the variance of a count is at a constant rate, where events come in
        series.

    Returns
    -------
    DataFrame
        The members in order of their rates, lowest first, without geometry: ``area_name`` (where
        there is one), ``count``, ``population``, ``rate``, ``group_rate``, ``rate_ratio`` (to the
        group's), the control limits of the rate ``funnel_lower_95``, ``funnel_upper_95``,
        ``funnel_lower_998`` and ``funnel_upper_998``, ``compare_p`` (two-sided),
        ``rank`` (1 for the lowest rate; ties share one), ``place`` ("9 of 15"), ``beyond`` (the
        outermost limit that is reached, "95%" or "99.8%") and ``verdict``: "significantly better",
        "significantly worse" or "in line", by the 95 % limits.

    Raises
    ------
    TypeError
        If a column does not hold numbers, or ``peers`` is no list.
    ValueError
        If a peer is not among the areas, fewer than two have a rate, a count is negative, or an
        option is out of range.

    Warns
    -----
    UserWarning
        If members have no rate and are left out.

    Notes
    -----
    True rates are taken to be gamma distributed about the group's, so that counts are negative
    binomial: Spiegelhalter's (2005) additive model, its variance estimated by the method of moments
    of DerSimonian and Laird with the outer tenths winsorised (and what that takes away given back:
    with 15 or 40 members who differ by 10 to 30 %, 4.5 to 5 in 100 leave the 95 % limits). With
    ``spread=0`` the limits are exact Poisson, as in the funnels of Public Health England, computed at
    each population. The group's mean is taken as known. It holds the area's own rate, a part in 15
    of it in a group of 15, which pulls the comparison a little towards "in line"; in a group of four
    hardly anybody can stand out.

    References
    ----------
    Spiegelhalter DJ (2005), Funnel plots for comparing institutional performance, Statistics in
    Medicine 24, 1185-1202. Public Health England, Technical guide: confidence intervals (2018).

    Examples
    --------
    >>> districts = pd.DataFrame(
    ...     {
    ...         "area_name": ["Rutland", "Melton", "Harborough", "Blaby"],
    ...         "count": [39, 90, 120, 170],
    ...         "population": [37400, 50400, 85400, 93900],
    ...     },
    ...     index=pd.Index(["E06000017", "E07000133", "E07000131", "E07000129"], name="area_code"),
    ... )
    >>> result = compare(districts, spread=0)
    >>> result[["rate", "group_rate"]].round(2).iloc[0].tolist()
    [1.04, 1.51]
    >>> dict(zip(result["area_name"], result["place"]))
    {'Rutland': '1 of 4', 'Harborough': '2 of 4', 'Melton': '3 of 4', 'Blaby': '4 of 4'}
    >>> result["verdict"].tolist()
    ['significantly better', 'in line', 'in line', 'significantly worse']
    >>> compare(districts)["verdict"].tolist()  # of four who differ so much, nobody stands out
    ['in line', 'in line', 'in line', 'in line']
    """
    checks.unique_codes(areas.index)
    checks.one_of(worse, ("higher", "lower"), "worse")
    if not dispersion >= 1:
        raise ValueError(f"dispersion={dispersion!r} is below 1, Poisson's own. Give 1 or more.")
    if spread is not None and not 0 <= spread < np.inf:
        raise ValueError(
            f"spread={spread!r} is below 0, or no number. Give the standard deviation of true rates "
            "over their mean, or None to measure it."
        )
    if not per > 0:
        raise ValueError(f"per={per!r} is not above zero. Give for example per=1000.")
    group = pd.DataFrame(areas if peers is None else areas.loc[_members(areas, peers)])
    events, people = checks.numbers(group, count), checks.numbers(group, population)
    if (events < 0).any():
        raise ValueError(
            f"column {count!r} is negative in {checks.shown(group.index[events < 0])}. "
            "Count records with lsoahot.count()."
        )
    usable = np.isfinite(events) & (people > 0)
    if not usable.all():
        warnings.warn(
            f"{int((~usable).sum()):,} of {len(group):,} members have no count or population and "
            f"are left out of the group: {checks.shown(group.index[~usable])}. No data is not "
            "zero; compare a period for which all have data.",
            UserWarning,
            stacklevel=2,
        )
        group, events, people = group[usable], events[usable], people[usable]
    if len(group) <= 1:
        raise ValueError(
            f"the group has {len(group)} members with a rate. Give the codes of at least two."
        )

    rate = per * events / people
    mean = float(rate.mean())
    expected = mean * people / per
    scatter = dispersion
    squares = f"{count}_sq"
    if squares in group.columns:
        sums = events.sum(), checks.numbers(group, squares).sum()
        scatter = dispersion * float(weighted_limits.scatter(sums))
    some = np.maximum(expected, np.finfo(float).tiny)
    own = count_tests.group_spread(events, expected, dispersion=scatter)
    used = own if spread is None else float(spread)
    funnels = {
        name: [
            limit / people * per
            for limit in count_tests.funnel(some, level, dispersion=scatter, spread=used)
        ]
        for name, level in LIMITS.items()
    }
    p = count_tests.against_expected(events, some, dispersion=scatter, spread=used)
    beyond = np.full(len(group), None, dtype=object)
    for name, level in LIMITS.items():
        beyond[p <= 1 - level] = name
    outside, high = p <= 1 - LIMITS["95%"], rate > mean
    ranks = pd.Series(rate).rank(method="min").astype(int).to_numpy()
    result = pd.DataFrame(
        {
            **({"area_name": group["area_name"]} if "area_name" in group.columns else {}),
            "count": group[count],
            "population": group[population],
            "rate": rate,
            "group_rate": mean,
            "rate_ratio": rate / mean if mean else np.nan,
            "funnel_lower_95": funnels["95%"][0],
            "funnel_upper_95": funnels["95%"][1],
            "funnel_lower_998": funnels["99.8%"][0],
            "funnel_upper_998": funnels["99.8%"][1],
            "compare_p": p,
            "rank": ranks,
            "place": [f"{rank} of {len(group)}" for rank in ranks],
            "beyond": beyond,
            "verdict": np.where(
                outside, np.where(high == (worse == "higher"), WORSE, BETTER), IN_LINE
            ),
        },
        index=group.index,
    )
    result = result.sort_index().sort_values("rate", kind="stable")  # ties in order of the codes
    result.attrs = {
        key: areas.attrs[key] for key in ("source", "notice", "period") if key in areas.attrs
    }
    facts = {
        "statistic": "rate against the mean of the group's rates",
        "method": "negative binomial control limits (Spiegelhalter's additive model)"
        if used
        else "exact Poisson control limits",
        "per": per,
        "scatter": scatter,
        "spread": used,
        "spread_from": "the group" if spread is None else "given",
        "members": len(group),
        "text": _text(len(group), used, own),
    }
    return inference.record(result, "compare", facts)


def _text(members: int, used: float, own: float) -> str:
    """Say in one sentence what the members were compared with."""
    against = f"Against the mean of {members} members' rates"
    if used:
        return (
            f"{against}, allowing for members that truly differ by {used:.0%} (standard deviation "
            "over mean; Spiegelhalter's additive model)."
        )
    if own:
        return (
            f"{against}, exact Poisson limits, as if members differed by chance alone; they differ "
            f"by {own:.0%} beyond it."
        )
    return f"{against}, exact Poisson limits; the members differ no more than chance makes them."


def _members(areas: pd.DataFrame, peers: Sequence[str]) -> list[str]:
    """Return the codes of the peers, given as codes or names."""
    if isinstance(peers, str):
        raise TypeError(f"peers={peers!r} is one word. Give a list of the group's codes or names.")
    by_name = {}
    if "area_name" in areas.columns:
        by_name = dict(zip(areas["area_name"].astype(str), areas.index, strict=True))
    codes = [peer if peer in areas.index else by_name.get(str(peer)) for peer in peers]
    unknown = [str(peer) for peer, code in zip(peers, codes, strict=True) if code is None]
    if unknown:
        hint = checks.nearest(unknown[0], [str(name) for name in [*by_name, *areas.index]])
        raise ValueError(
            f"{len(unknown):,} peers are not among the areas: {checks.shown(unknown)}.{hint} "
            "Give codes of the index, or names of the column 'area_name'."
        )
    return list(dict.fromkeys(str(code) for code in codes))
