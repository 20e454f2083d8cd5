"""Which hot spots are new, lasting or gone: Gi* month by month, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from lsoahot.common import class_labels
from lsoahot.common.frozen import FrozenList
from lsoahot.statistics.kernels import inference, space_time
from lsoahot.statistics.kernels.space_time import mann_kendall

from .neighbours import touching

if TYPE_CHECKING:
    import geopandas as gpd
    from libpysal.graph import Graph
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

FEWEST_MONTHS = 10  # ArcGIS asks for as many; below it the trend has no power
MOSTLY = 0.9  # "90 % of the time steps"
TREND_LEVEL = 0.05
HISTORICAL = 8  # the last of the eight histories, and the only one not hot or cold at the end

EMERGING: Final[Any] = pd.CategoricalDtype(list(class_labels.EMERGING_CLASSES), ordered=True)


def emerging_hotspots(
    areas: gpd.GeoDataFrame,
    records: pd.DataFrame,
    *,
    graph: Graph | None = None,
    period: tuple[str, str] | None = None,
    population: str | None = None,
    weight: str | None = None,
    window: int = 1,
    alpha: float = 0.05,
    fence: float | None = 3.0,
) -> gpd.GeoDataFrame:
    """Class areas by the history of their hot and cold spots: new, intensifying, historical ...

    Gi* is tested in every area and month with the exact permutation test, adjusted over the areas
    of the month. As in `find_hotspots`, an area that isn't above the whole itself is never hot, and
    one that isn't below it never cold. The trend of each area's Gi* is tested by Mann and Kendall's
    test; and the history is put into ArcGIS's seventeen classes.

    Parameters
    ----------
    areas : GeoDataFrame
        The areas, indexed by ``area_code``.
    records : DataFrame
        One row an event or a counted row (column ``count``), with ``period`` (months) and
        ``area_code`` or points; placed as `count` places them.
    graph : libpysal.graph.Graph, optional
        Who is whose neighbour, each area weighing its neighbours alike; queen contiguity by
        default.
    period : (str, str)
        The first and the last month; by default those of the records.
    population : str
        The column to divide by; by default counts are tested.
    weight : str
        A column of the records with weights (crime harm), to be summed instead of counted.
    window : int
        How many months, the current one and those before it, are added up for each month's Gi*.
    alpha : float
        The false discovery rate of each month's hot and cold spots.
    fence : float, optional
        As in `getis_ord`, month by month; None tests the values as they are.

    Returns
    -------
    GeoDataFrame
        ``areas`` with ``emerging`` (ordered categorical: the seventeen classes and "Not tested"),
        ``months_hot`` and ``months_cold`` (how many months the area was a hot or cold spot),
        ``months_tested``, and ``trend_z`` and ``trend_p`` of Mann and Kendall's test.

    Raises
    ------
    TypeError
        If ``areas`` is not a table of areas, or a column does not hold what it should.
    ValueError
        If a column is lacking, there are fewer than 10 months, the graph does not fit the areas or
        weighs neighbours unequally, or an option is out of range.

    Warns
    -----
    UserWarning
        If records or months are left out, or areas can't be tested.

    Notes
    -----
    The classes, in ArcGIS's words re-told (Esri, How Emerging Hot Spot Analysis works), for hot
    spots; cold ones mirror them. T is the number of months.

    ============  ======================================================================
    New           a hot spot in the last month, and never before
    Consecutive   one unbroken run of two or more months up to the last one, never before,
                  less than 90 % of T
    Intensifying  hot in 90 % of T or more, the last included, and Gi* rises (p < 0.05)
    Persistent    hot in 90 % of T or more, the last included, without a clear trend
    Diminishing   hot in 90 % of T or more, the last included, and Gi* falls (p < 0.05)
    Sporadic      hot in the last month and off and on before, in less than 90 % of T;
                  never a cold spot
    Oscillating   hot in the last month, cold in an earlier one; less than 90 % of T
    Historical    not hot in the last month, but in 90 % of T or more
    ============  ======================================================================

    Where two fit, the first of the table is taken, and what the last month is (hot or cold) goes
    before what the area used to be.

    ArcGIS counts a neighbour's previous month in as well and compares with all months at
    once, so that in a quiet season nothing is hot. Here each month is compared with the other areas
    in that same month, which is what a monthly map would have shown then; ``window=2`` adds
    the previous month as ArcGIS does. The default is 1, because overlapping windows make each
    month resemble the one before and let Mann and Kendall's test, which supposes independent
    months, find trends that are not there.

    References
    ----------
    Esri, How Emerging Hot Spot Analysis works,
    https://pro.arcgis.com/en/pro-app/latest/tool-reference/space-time-pattern-mining/learnmoreemerging.htm.
    Ord JK, Getis A (1995), Local spatial autocorrelation statistics, Geographical Analysis 27,
    286-306. Mann HB (1945), Nonparametric tests against trend, Econometrica 13, 245-259.

    Examples
    --------
    >>> import lsoahot as lh
    >>> areas, crimes = lh.read_boundaries("sample"), lh.read_dataset("crime", "sample")
    >>> result = lh.emerging_hotspots(areas, crimes, period=("2009-10", "2012-09"))
    >>> str(result.loc["E01013799", "emerging"])
    'No pattern detected'
    """
    if graph is None:
        graph = touching(areas)
    cube = space_time.build(
        areas, records, graph, period=period, population=population, weight=weight,
        window=window, alpha=alpha, fence=fence,
    )  # fmt: skip
    steps = len(cube.months)
    if steps < FEWEST_MONTHS:
        raise ValueError(
            f"{cube.months[0]} to {cube.months[-1]} are {steps} months, and a history takes "
            f"{FEWEST_MONTHS} at least. Give more months, or see monthly_hotspots() for each."
        )
    always = np.asarray(cube.tested.all(axis=1))
    trend_z, trend_p = mann_kendall(np.where(always[:, None], cube.z, 0.0))
    codes = classify(cube.hot, cube.cold, np.where(trend_p < TREND_LEVEL, trend_z, 0.0))
    codes[~always] = len(class_labels.EMERGING_CLASSES) - 1
    result = areas.assign(
        emerging=pd.Categorical.from_codes(codes.tolist(), dtype=EMERGING),
        months_hot=cube.hot.sum(axis=1),
        months_cold=cube.cold.sum(axis=1),
        months_tested=cube.tested.sum(axis=1),
        trend_z=np.where(always, trend_z, np.nan),
        trend_p=np.where(always, trend_p, np.nan),
    )
    facts = _facts(cube, alpha, window, fence, tested=int(always.sum()))
    result.attrs = {
        **areas.attrs,
        "audit": cube.audit,
        "period": FrozenList([str(cube.months[0]), str(cube.months[-1])]),
    }
    return inference.record(result, "emerging_hotspots", facts)


def monthly_hotspots(
    areas: gpd.GeoDataFrame,
    records: pd.DataFrame,
    *,
    graph: Graph | None = None,
    period: tuple[str, str] | None = None,
    population: str | None = None,
    weight: str | None = None,
    window: int = 1,
    alpha: float = 0.05,
    fence: float | None = 3.0,
) -> pd.DataFrame:
    """Return Gi* of every area and month: what `emerging_hotspots` is made of, as a long table.

    Parameters
    ----------
    areas, records, graph, period, population, weight, window, alpha, fence
        As for `emerging_hotspots`.

    Returns
    -------
    DataFrame
        One row an area and month: ``area_code``, ``period``, ``value`` (what was tested),
        ``gi_z``, ``gi_p``, ``gi_q`` (adjusted over the areas of the month) and ``spot`` ("hot",
        "beside", being in a hot neighbourhood without being above the whole itself, "cold" or
        "neither"; missing where not tested).

    Raises
    ------
    TypeError, ValueError
        As for `emerging_hotspots`, but for the number of months, which may be one.

    Examples
    --------
    >>> import lsoahot as lh
    >>> areas, crimes = lh.read_boundaries("sample"), lh.read_dataset("crime", "sample")
    >>> lh.monthly_hotspots(areas, crimes, period=("2012-08", "2012-09")).shape
    (46, 7)
    """
    if graph is None:
        graph = touching(areas)
    cube = space_time.build(
        areas, records, graph, period=period, population=population, weight=weight,
        window=window, alpha=alpha, fence=fence,
    )  # fmt: skip
    n, steps = cube.z.shape
    spot = np.full((n, steps), "neither", dtype=object)
    for seen, word in ((cube.hot, "hot"), (cube.beside, "beside"), (cube.cold, "cold")):
        spot[seen] = word
    spot[~cube.tested] = None
    table = pd.DataFrame(
        {
            "area_code": np.repeat(areas.index.to_numpy(), steps),
            "period": pd.PeriodIndex(np.tile(cube.months, n)),
            "value": cube.values.ravel(),
            "gi_z": cube.z.ravel(),
            "gi_p": cube.p.ravel(),
            "gi_q": cube.q.ravel(),
            "spot": spot.ravel(),
        }
    )
    table.attrs["audit"] = cube.audit
    facts = _facts(cube, alpha, window, fence, tested=int(cube.tested.any(axis=1).sum()))
    return inference.record(table, "monthly_hotspots", facts)


def classify(hot: Flags, cold: Flags, trend: Floats) -> NDArray[np.int64]:
    """Return the place in `EMERGING_CLASSES` of each history.

    Parameters
    ----------
    hot, cold : arrays of bool, shape (n, t)
        Whether each area was a significant hot or cold spot in each month.
    trend : array of float, shape (n,)
        Above 0 for a significant rise of Gi*, below 0 for a significant fall, else 0.

    Returns
    -------
    array of int, shape (n,)
        The place of each area's class in `EMERGING_CLASSES`.

    Examples
    --------
    >>> hot = np.array([[False] * 9 + [True], [True] * 10])
    >>> [class_labels.EMERGING_CLASSES[i] for i in classify(hot, ~hot & False, np.array([0.0, 2.1]))]
    ['New hot spot', 'Intensifying hot spot']
    """
    none = class_labels.EMERGING_CLASSES.index("No pattern detected")
    codes = np.full(len(hot), none)
    # Later assignments win: what the area used to be, then what it is.
    for place, mirror, seen, other, way in ((0, 1, hot, cold, trend), (16, -1, cold, hot, -trend)):
        history = _history(seen, other, way)
        gone = history == HISTORICAL
        codes[gone] = place + mirror * (HISTORICAL - 1)
    for place, mirror, seen, other, way in ((0, 1, hot, cold, trend), (16, -1, cold, hot, -trend)):
        history = _history(seen, other, way)
        now = (history > 0) & (history < HISTORICAL)
        codes[now] = place + mirror * (history[now] - 1)
    return codes


def _history(seen: Flags, other: Flags, rises: Floats) -> NDArray[np.int64]:
    """Return 1 to 8 for new, consecutive, ... historical, as hot spots; 0 for none of them."""
    steps = seen.shape[1]
    times, last = seen.sum(axis=1), seen[:, -1]
    mostly = times >= MOSTLY * steps - 1e-9
    run = np.where(seen.all(axis=1), steps, np.argmin(seen[:, ::-1], axis=1))
    return np.select(
        [
            last & (times == 1),
            last & (times == run) & ~mostly,
            last & mostly & (rises > 0),
            last & mostly & (rises == 0),
            last & mostly & (rises < 0),
            last & ~mostly & ~other.any(axis=1),
            last & ~mostly,
            ~last & mostly,
        ],
        [1, 2, 3, 4, 5, 6, 7, HISTORICAL],
        default=0,
    )


def _facts(
    cube: space_time.Cube, alpha: float, window: int, fence: float | None, *, tested: int
) -> dict[str, Any]:
    """Say what was done, as figures and as a sentence."""
    method = "exact permutation test"
    if cube.sampled:
        method += f" (sampled in {cube.sampled} months)"
    outside = f", {cube.fenced:,} values fenced" if cube.fenced else ""
    return {
        "statistic": "Getis-Ord Gi* by month",
        "method": method,
        "correction": "Benjamini-Hochberg over the areas of a month",
        "alpha": alpha,
        "window": window,
        "fence": fence,
        "fenced": cube.fenced,
        "months": len(cube.months),
        "grid_error": cube.grid_error,
        "tested": tested,
        "text": f"Gi* of {tested:,} areas in {len(cube.months)} months: {method}{outside}; "
        f"Benjamini-Hochberg over the areas of each month (alpha {alpha:g}); "
        "Mann-Kendall trend.",
    }
