"""What changed where: two tables of the same areas, an earlier and a later one."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from lsoahot.common import checks
from lsoahot.common.class_labels import CHANGE_CLASSES, NOT_TESTED
from lsoahot.counting import weighted_limits
from lsoahot.counting.monthly_scatter import monthly_scatter, scatter_of_total
from lsoahot.records import odd_months, periods
from lsoahot.statistics.kernels import by_month, inference

from . import count_tests

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

# The levels behind "Rose 99%", "Rose 95%" and "Rose 90%".
LEVELS = (0.01, 0.05, 0.10)
CHANGES: Final = pd.CategoricalDtype(list(CHANGE_CLASSES), ordered=True)
_PLACE: Final = {name: place for place, name in enumerate(CHANGE_CLASSES)}


def change(
    areas_then: gpd.GeoDataFrame,
    areas_now: gpd.GeoDataFrame,
    *,
    count: str = "count",
    population: str | None = "population",
    against: float | str = 1.0,
    dispersion: float | None = None,
) -> gpd.GeoDataFrame:
    """Say which areas really changed between two periods.

    Each area's two counts are compared by the exact conditional test of two Poisson counts, and the
    p-values of all areas are adjusted together (Benjamini & Hochberg 1995): of the areas called
    "Rose 95%" or "Fell 95%", 5 in 100 are false alarms at most, in the long run.

    Parameters
    ----------
    areas_then, areas_now : GeoDataFrame
        The same areas, indexed by ``area_code``, counted in the earlier and in the later period.
        They are matched by code. If both say which months they cover (``attrs["period"]``),
        periods of unequal length are compared by the day.
    count : str
        The column to compare. If a column of the same name and ``_sq`` stands beside it (as
        ``weighted`` and ``weighted_sq``, from `count` with weights), it is taken for a sum of
        weights whose variance is the sum of their squares.
    population : str or None
        The column to divide by, if both tables have it; None compares the counts as they are.
    against : float or "overall"
        The rate ratio to test against: 1 asks "did it change?"; ``"overall"`` asks "did it change
        otherwise than all areas taken together?", for years in which everything rose or fell.
    dispersion : float, optional
        How many times Poisson's the variance of a count is, as the function of that name
        estimates it from records. By default what `count` measured from the months of the records
        of both tables, where it could; else 1, which takes the counts for Poisson's.

    Returns
    -------
    GeoDataFrame
        ``areas_now`` with the columns ``count_then``, ``rate_ratio`` (later over earlier) with its
        95 % limits ``ratio_lower`` and ``ratio_upper``, ``change_p`` (two-sided), ``change_q``
        (adjusted) and ``change_class``. An area without a count, a population or any event in
        either period is "Not tested".

    Raises
    ------
    TypeError
        If a table is not one of areas, or a column does not hold numbers.
    ValueError
        If a column is lacking, a count is negative, the tables are of different census editions or
        have no area in common, or ``against`` or ``dispersion`` is out of range.

    Warns
    -----
    UserWarning
        If areas stand in one of the tables only, or both count records of data.police.uk and lie on
        both sides of July 2022, when their places were renewed.

    Notes
    -----
    The test is exact for Poisson counts: with no change, p falls below 0.05 in at most 5 of 100
    areas, and in fewer where events are few (an area needs 6 events in all before any
    split of them can be significant). Real crimes come in series and scatter more than that: in
    Leicestershire's LSOAs two and a half times as much, so that 167 of 611 are called changed
    between 2020-21 and 2021-22 where the scatter leaves 28.

    References
    ----------
    Przyborowski J, Wilenski H (1940), Homogeneity of results in testing samples from Poisson
    series, Biometrika 31, 313-323. Benjamini Y, Hochberg Y (1995), Controlling the false discovery
    rate, Journal of the Royal Statistical Society B 57, 289-300.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> import lsoahot as lh
    >>> then = gpd.GeoDataFrame(
    ...     {"count": [20, 50, 0]}, index=pd.Index(["E1", "E2", "E3"], name="area_code"),
    ...     geometry=[shapely.box(0, 0, 1, 1)] * 3, crs=27700,
    ... )
    >>> now = then.assign(count=[52, 55, 0])
    >>> changed = lh.change(then, now, population=None)
    >>> changed["rate_ratio"].tolist()
    [2.6, 1.1, nan]
    >>> changed["change_class"].tolist()
    ['Rose 99%', 'No clear change', 'Not tested']
    """
    checks.coded(areas_now)
    checks.coded(areas_then)
    for table in (areas_then, areas_now):
        odd_months.remind(table.attrs, "change")
    _same_areas(areas_then, areas_now)
    _warn_of_renewed_places(areas_then, areas_now)
    dispersion, source = _scatter(areas_then, areas_now, count, dispersion)
    if not 1 <= dispersion < np.inf:
        raise ValueError(
            f"dispersion={dispersion!r} is below 1, Poisson's own. Give 1, or the variance of a "
            "count divided by its mean."
        )
    earlier = pd.DataFrame(areas_then).reindex(areas_now.index)
    now = _events(areas_now, count)
    then = _events(earlier, count)
    exposure_now, exposure_then = _exposures(earlier, areas_now, population)
    days_then, days_now = _days(areas_then), _days(areas_now)
    if days_then and days_now:
        exposure_then, exposure_now = exposure_then * days_then, exposure_now * days_now
    null = _null(against, now, then, exposure_now=exposure_now, exposure_then=exposure_then)

    squares = f"{count}_sq"
    weighted = squares in areas_now.columns and squares in earlier.columns
    scatter = np.full(len(now), dispersion)
    if weighted:
        scatter = dispersion * weighted_limits.scatter(
            (now, checks.numbers(areas_now, squares)), (then, checks.numbers(earlier, squares))
        )
    result = changes_of(
        now, then, exposures=(exposure_now, exposure_then), scatter=scatter, null=null
    )
    changed = areas_now.assign(
        count_then=earlier[count].to_numpy(),
        rate_ratio=result.ratio,
        ratio_lower=result.lower,
        ratio_upper=result.upper,
        change_p=result.p,
        change_q=result.q,
        change_class=pd.Categorical.from_codes(result.code, dtype=CHANGES),
    )
    facts = {
        "statistic": "rate ratio",
        "column": count,
        "method": "exact conditional test of two Poisson counts"
        + (" (of effective counts)" if weighted else "")
        + (f", dispersion {dispersion:.3g}" if dispersion != 1 else ""),
        "dispersion": dispersion,
        "dispersion_from": source,
        "against": float(null),
        "correction": "Benjamini-Hochberg",
        "tested": int((~np.isnan(result.p)).sum()),
        "period_then": areas_then.attrs.get("period"),
    }
    return inference.record(changed, "change", facts)


class Changes(NamedTuple):
    """What became of n areas: the ratio with its limits, p and q, and the class's place."""

    ratio: Floats
    lower: Floats
    upper: Floats
    p: Floats
    q: Floats
    code: NDArray[np.int8]  # among class_labels.CHANGE_CLASSES


def changes_of(
    now: Floats,
    then: Floats,
    *,
    exposures: tuple[ArrayLike, ArrayLike] = (1.0, 1.0),
    scatter: ArrayLike = 1.0,
    null: float = 1.0,
) -> Changes:
    """Compare two columns of counts as `change` does, without a table.

    Parameters
    ----------
    now, then : array of float, shape (n,)
        The counts, missing where there is none.
    exposures : (array, array)
        What the later and the earlier counts are divided by.
    scatter : float or array of float, shape (n,)
        How many times Poisson's the variance of a count is.
    null : float
        The rate ratio to test against.
    """
    result = count_tests.rate_ratio(
        now / np.asarray(scatter),
        then / np.asarray(scatter),
        exposure_now=exposures[0],
        exposure_then=exposures[1],
        null=null,
    )
    # Where nothing happened in either period there is nothing to compare.
    p = np.where(now + then > 0, result.p, np.nan)
    q = inference.benjamini_hochberg(p)
    return Changes(result.ratio, result.lower, result.upper, p, q, _codes(q, result.ratio > null))


def dispersion(
    records: pd.DataFrame,
    by: str = "area_code",
    *,
    year_end: int | None = None,
    period: tuple[str, str] | None = None,
) -> float:
    """Estimate how many times more than chance monthly counts scatter within areas.

    Crimes come in series and are recorded in batches. Each area's months are compared with what its
    own year, spread as all areas' year was, would have held; what is left over is set
    against Poisson's variance. Give the result to `change`, which else takes the counts of an
    area for Poisson's and calls too many of them changed.

    Parameters
    ----------
    records : DataFrame
        Records of a year or more, with ``period`` (months) and the column ``by``.
    by : str
        The column of the areas that are to be compared: their code, or the district.
    year_end, period
        As in `trend`.

    Returns
    -------
    float
        The variance of a count over Poisson's, larger where a month resembles the one before; 1 at
        least.

    Raises
    ------
    TypeError, ValueError
        As `trend`, and if there are fewer than two areas.

    References
    ----------
    McCullagh P, Nelder JA (1989), Generalized linear models, second edition, chapter 6.

    Examples
    --------
    >>> import lsoahot as lh
    >>> crimes = lh.read_dataset("crime", "sample")
    >>> round(lh.dispersion(crimes), 2)
    1.03
    """
    months = by_month.gather(records, by, year_end=year_end, period=period, weight=None)
    counts = months.events[
        [name not in (by_month.TOTAL, by_month.UNNAMED) for name in months.groups]
    ]
    known = np.isfinite(counts).all(axis=2, keepdims=True)
    counts = np.where(known, counts, 0.0)  # an area's year without events weighs nothing
    counts = counts[:, counts.any(axis=(0, 2))]
    if len(counts) <= 1:
        raise ValueError(
            f"the records lie in {len(counts)} areas, and the season is taken from many. "
            f"Give the records of all areas, with their column {by!r}."
        )
    scatter = monthly_scatter(counts)
    return scatter.dispersion * scatter.runs if scatter else 1.0


def _warn_of_renewed_places(then: gpd.GeoDataFrame, now: gpd.GeoDataFrame) -> None:
    """Say so where both periods count anonymised places that were renewed in between."""
    audits = [table.attrs.get("audit") or {} for table in (then, now)]
    spans = [list(audit.get("period") or []) for audit in audits]
    anonymised = all(audit.get("anonymised") for audit in audits)
    if anonymised and all(spans) and periods.across_renewal(spans[0][0], spans[1][1]):
        warnings.warn(
            f"data.police.uk renewed the fixed places that it moves records to, from "
            f"{periods.PLACES_RENEWED} on: {' to '.join(spans[0])} and {' to '.join(spans[1])} are not "
            "quite like for like, and a small area may rise or fall for it. Compare larger areas "
            "(MSOAs, districts) as well, or periods on one side.",
            UserWarning,
            stacklevel=3,
        )


def _same_areas(then: gpd.GeoDataFrame, now: gpd.GeoDataFrame) -> None:
    """Refuse tables of different editions; tell of areas that stand in one of them only."""
    editions = then.attrs.get("edition"), now.attrs.get("edition")
    if None not in editions and editions[0] != editions[1]:
        raise ValueError(
            f"areas_then is of edition {editions[0]!r} and areas_now of {editions[1]!r}: their "
            "areas differ. Bring one to the other's edition first with lsoahot.convert()."
        )
    lost, new = then.index.difference(now.index), now.index.difference(then.index)
    if len(new) == len(now):
        raise ValueError(
            f"the tables have no area in common: {checks.shown(then.index, 2)} then, "
            f"{checks.shown(now.index, 2)} now. Index both by area_code; codes of different "
            "census editions are brought together by lsoahot.convert()."
        )
    if len(lost) or len(new):
        warnings.warn(
            f"{len(new):,} areas stand in areas_now only and are not tested, {len(lost):,} stand "
            f"in areas_then only and are left out: {checks.shown(new.union(lost))}. If these are "
            "codes of another census edition, convert them first with lsoahot.convert().",
            UserWarning,
            stacklevel=3,
        )


def _scatter(
    then: gpd.GeoDataFrame, now: gpd.GeoDataFrame, count: str, given: float | None
) -> tuple[float, str]:
    """Return the dispersion of a period's count, and where it is from.

    Months in runs count: a period's total scatters more than as many unconnected months would.
    """
    if given is not None:
        return given, "given"
    measured = [table.attrs.get("dispersion") for table in (then, now)]
    if count not in {"count", "weighted"} or None in measured:
        return 1.0, "none"
    return scatter_of_years(*measured), "months"


def scatter_of_years(then: Mapping[str, float] | None, now: Mapping[str, float] | None) -> float:
    """Return the dispersion that the counts of two periods are compared with.

    Parameters
    ----------
    then, now : dict or None
        What `count` noted of the months of each (``attrs["dispersion"]``); 1 where one has none.
    """
    if then is None or now is None:
        return 1.0
    return (scatter_of_total(then) + scatter_of_total(now)) / 2


def _events(table: pd.DataFrame, name: str) -> Floats:
    """Return a column of counts, refusing negative ones."""
    values = checks.numbers(table, name)
    if (values < 0).any():
        raise ValueError(
            f"column {name!r} is negative in {int((values < 0).sum()):,} areas: "
            f"{checks.shown(table.index[values < 0])}. Count records with lsoahot.count()."
        )
    return values


def _exposures(
    then: pd.DataFrame, now: pd.DataFrame, population: str | None
) -> tuple[Floats, Floats]:
    """Return what the later and the earlier counts are divided by."""
    ones = np.ones(len(now))
    have = [population in table.columns for table in (now, then)]
    if population is None or not any(have):
        return ones, ones
    if not all(have):
        raise ValueError(
            f"only areas_{'now' if have[0] else 'then'} has a column {population!r}. Join a "
            "population to both, or compare the counts as they are with population=None."
        )
    return checks.numbers(now, population), checks.numbers(then, population)


def _days(areas: gpd.GeoDataFrame) -> int | None:
    """Return the days that a table covers, if it says so."""
    period = areas.attrs.get("period")
    if not period:
        return None
    first, last = pd.Period(period[0], "M"), pd.Period(period[1], "M")
    return int((last.end_time.normalize() - first.start_time).days) + 1


def _null(
    against: float | str, now: Floats, then: Floats, *, exposure_now: Floats, exposure_then: Floats
) -> float:
    """Return the rate ratio to test against."""
    if against == "overall":
        usable = np.isfinite(now + then) & (exposure_now > 0) & (exposure_then > 0)
        if not (now[usable].sum() > 0 and then[usable].sum() > 0):
            raise ValueError(
                'against="overall" needs events in both periods, and one has none. '
                "Test against 1, no change."
            )
        rates = [
            events[usable].sum() / exposure[usable].sum()
            for events, exposure in ((now, exposure_now), (then, exposure_then))
        ]
        return float(rates[0] / rates[1])
    if isinstance(against, str) or not 0 < against < np.inf:
        raise ValueError(
            f'against={against!r} is neither a rate ratio above zero nor "overall". '
            "Give 1 to test for any change."
        )
    return float(against)


def _codes(q: Floats, rose: NDArray[np.bool_]) -> NDArray[np.int8]:
    """Cut the adjusted p-values into the classes of change: their places."""
    codes = np.full(len(q), _PLACE["No clear change"], dtype=np.int8)
    for level, name in zip(LEVELS[::-1], ("90%", "95%", "99%"), strict=True):
        clear = inference.within(q, level)
        codes[clear & rose], codes[clear & ~rose] = _PLACE[f"Rose {name}"], _PLACE[f"Fell {name}"]
    codes[np.isnan(q)] = _PLACE[NOT_TESTED]
    return codes
