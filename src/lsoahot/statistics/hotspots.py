"""Which areas are high, and where do high areas lie together? Two questions, one table."""

from __future__ import annotations

import warnings
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from lsoahot.common import class_labels
from lsoahot.statistics.kernels import inference

from . import exceedance as _exceedance
from .local import getis_ord, hot_and_cold
from .neighbours import touching

if TYPE_CHECKING:
    import geopandas as gpd
    from libpysal.graph import Graph
    from numpy.typing import NDArray

    from .links import Links

    Floats = NDArray[np.float64]

# Areas: tests/calibration/truth.py measured on 611 that levels with neighbours' strength find more
# and are right as often. Of fewer the prior decides, of more it would take too long unasked.
MEASURED: Final = (200, 2000)
FENCE: Final = 3.0  # interquartile ranges


def find_hotspots(
    areas: gpd.GeoDataFrame,
    graph: Graph | None = None,
    *,
    count: str = "count",
    population: str = "population",
    rate: str = "rate",
    alpha: float = 0.10,
    fence: float | None = FENCE,
) -> gpd.GeoDataFrame:
    """Say which areas are high themselves, and where high and low areas lie together.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        Areas, indexed by code, with events, people and rates.
    graph : libpysal.graph.Graph, optional
        Who is whose neighbour; queen contiguity by default.
    count, population, rate : str
        The columns of numbers of events, of people, and of their rate.
    alpha : float
        The false discovery rate above which nothing is called a hot or cold spot, in (0, 0.10].
    fence : float, optional
        Rates further than so many interquartile ranges from the quartiles are pulled in to there
        before they are tested, as in `getis_ord`: one extreme area would hide all others. None
        tests the rates as they are.

    Returns
    -------
    geopandas.GeoDataFrame
        The areas with the columns of `exceedance` (``level`` above all: is the area itself high?
        From 200 to 2,000 areas it is asked with its ``graph``: there neighbours' strength was
        measured to find more, and to be right as often; of fewer areas the prior would decide, of
        more it takes seconds) and of `getis_ord` (``hotspot``: do high areas lie together here?). A
        neighbourhood may be high on its neighbours' account: an area of a hot one whose own rate
        isn't above the whole's is "Beside a hot spot", and one of a cold one whose own rate isn't
        below it is "Not significant". ``attrs["statistics"]["find_hotspots"]`` says
        what was tested.

    Raises
    ------
    TypeError, ValueError
        As `getis_ord` and `exceedance`.

    Warns
    -----
    UserWarning
        As `getis_ord` and `exceedance`.

    Examples
    --------
    >>> import lsoahot as lh
    >>> areas, crimes = lh.read_boundaries("sample"), lh.read_dataset("crime", "sample")
    >>> rated = areas.pipe(lh.count, crimes, period=("2011-10", "2012-09")).pipe(lh.rate)
    >>> tested = find_hotspots(rated)
    >>> tested.loc[tested["level"] >= "Above", ["area_name", "level", "hotspot"]].values.tolist()
    [['Oakham Centre', 'Far above', 'Not significant']]
    """
    graph = touching(areas) if graph is None else graph
    clustered = getis_ord(areas, rate, graph=graph, alpha=alpha, fence=fence)
    result, reasons = _placed(clustered, graph, count=count, population=population)
    # of areas without a rate getis_ord has warned
    without = np.isnan(result["excess"].to_numpy()) & clustered["gi_z"].notna().to_numpy()
    for reason in reasons if without.any() else []:
        warnings.warn(reason, UserWarning, stacklevel=2)
    hotspot = pd.Categorical.from_codes(
        _own_side(np.asarray(result["hotspot"].cat.codes), result["excess"].to_numpy()),
        dtype=inference.HOTSPOTS,
    )
    result = result.assign(
        hotspot=hotspot, hotspot_class=inference.numbered(hotspot, class_labels.HOTSPOT_NUMBERS)
    )
    statistics = result.attrs["statistics"]
    facts = {
        "test": "getis_ord",
        "beside": int((hotspot == class_labels.BESIDE).sum()),
        "text": " ".join(statistics[verb]["text"] for verb in ("exceedance", "getis_ord")),
    }
    return inference.record(result, "find_hotspots", facts)


class Hotspots(NamedTuple):
    """What `find_hotspots` says of n areas: Gi*'s z and q, and the places of both classes."""

    z: Floats
    q: Floats
    hotspot: NDArray[np.int8]  # among class_labels.HOTSPOT_NUMBERS
    level: NDArray[np.int8]  # among class_labels.LEVELS


def hotspots_of(
    events: Floats,
    people: Floats,
    rates: Floats,
    *,
    links: Links,
    points: Floats,
    dispersion: float,
) -> Hotspots:
    """Test one column of counts as `find_hotspots` does, without a table: for many columns of one map.

    Parameters
    ----------
    events, people, rates : array of float, shape (n,)
        Of each area; missing where there is none.
    links : Links
        Who is whose neighbour, as `lsoahot.statistics.links.align` returns it.
    points : array of float, shape (n, 2)
        Where the areas are (`lsoahot.statistics.relative_risk.points_of`).
    dispersion : float
        How many times Poisson's the variance of a count is.
    """
    result = hot_and_cold(rates, links, fence=FENCE)
    judged = None
    if _neighbours_help(events.size):
        with suppress(RuntimeError):
            judged = _exceedance.judge(events, people, links, points, dispersion=dispersion)
    if judged is None:
        judged = _exceedance.judge(events, people, dispersion=dispersion)
    return Hotspots(result.z, result.q, _own_side(result.hotspot, judged.excess), judged.level)


def _neighbours_help(areas: int) -> bool:
    """Tell whether levels are found with neighbours' strength, of so many areas."""
    return MEASURED[0] <= areas <= MEASURED[1]


def _placed(
    areas: gpd.GeoDataFrame, graph: Graph, *, count: str, population: str
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Give the levels: with neighbours' strength where that was measured to find more."""
    if _neighbours_help(len(areas)):
        with suppress(RuntimeError):  # it has not come to rest, and is refused
            return _exceedance.measure(areas, graph=graph, count=count, population=population)
    return _exceedance.measure(areas, count=count, population=population)


def _own_side(hotspot: NDArray[np.int8], excess: Floats) -> NDArray[np.int8]:
    """Call no area hot (or cold) whose own rate isn't above (or below) the whole's."""
    names = list(class_labels.HOTSPOT_NUMBERS)
    codes = hotspot.copy()
    hot = codes > names.index(class_labels.BESIDE)
    cold = (codes > names.index(class_labels.NOT_TESTED)) & (
        codes < names.index(class_labels.NOT_SIGNIFICANT)
    )
    codes[hot & (excess <= 0)] = names.index(class_labels.BESIDE)
    codes[cold & (excess >= 0)] = names.index(class_labels.NOT_SIGNIFICANT)
    return codes
