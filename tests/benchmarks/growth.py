"""How the time of every verb after the join grows with the number of areas.

Each verb meets 5,000, 35,672 and 188,880 areas, in processes of their own. The exponent is that of
the processor time between the last two sizes: 1 is linear, n log n comes out as 1.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import material
import numpy as np
import pandas as pd
from protocol import Case

import lsoahot as lh

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd

AREAS = material.areas
PLAIN = ["area_name", "district", "population", "geometry"]


def _with_graph(n: int) -> tuple[gpd.GeoDataFrame, Any]:
    return AREAS(n), material.graph(n)


def _to_join(n: int) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    areas = AREAS(n)
    table = pd.DataFrame(areas[["population", "rate"]]).rename_axis("LSOA21CD").reset_index()
    table["income"] = np.arange(n) % 997
    return areas[["area_name", "geometry"]], table.sample(frac=1, random_state=0)


def _to_count(n: int) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    return AREAS(n)[PLAIN], material.records(n)


def _to_convert(n: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    lookup = material.lookup(n)
    codes = pd.Index(lookup["LSOA11CD"].unique(), name="area_code")
    rng = np.random.default_rng(2)
    counts = pd.DataFrame({"count": rng.poisson(9, len(codes))}, index=codes)
    people = pd.Series(rng.integers(500, 3000, n), index=AREAS(n).index)
    return counts, lookup, people


def _to_change(n: int) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    now = AREAS(n)
    return now.assign(count=np.random.default_rng(3).poisson(now["count"])), now


VERBS: dict[str, tuple[Callable[[int], Any], Callable[[Any], Any]]] = {
    "join": (_to_join, lambda d: lh.join(*d)),
    "count, by code": (_to_count, lambda d: lh.count(*d)),
    "its audit, printed": (
        lambda n: lh.count(*_to_count(n)),
        lambda d: (str(d.attrs["audit"]), d.attrs["audit"].table()),
    ),
    "tabulate, by category": (_to_count, lambda d: lh.tabulate(*d)),
    "rate": (AREAS, lh.rate),
    "rank": (AREAS, lambda d: lh.rank(d, "rate")),
    "top": (AREAS, lambda d: lh.top(d, 20, by="rate")),
    "convert, 2011 to 2021": (
        _to_convert,
        lambda d: lh.convert(d[0], from_="lsoa11", to="lsoa21", lookup=d[1], population=d[2]),
    ),
    "contiguity, queen": (AREAS, lh.contiguity),
    "contiguity, rook": (AREAS, lambda d: lh.contiguity(d, rule="rook")),
    "nearest, 6": (AREAS, lambda d: lh.nearest(d, 6)),
    "within_distance, 1.5 km": (AREAS, lambda d: lh.within_distance(d, 1500)),
    "getis_ord, counts": (_with_graph, lambda d: lh.getis_ord(d[0], "count", graph=d[1])),
    "getis_ord, rates": (_with_graph, lambda d: lh.getis_ord(d[0], "rate", graph=d[1])),
    "local_moran, counts": (_with_graph, lambda d: lh.local_moran(d[0], "count", graph=d[1])),
    "local_moran, rates": (_with_graph, lambda d: lh.local_moran(d[0], "rate", graph=d[1])),
    "local_risk": (_with_graph, lambda d: lh.local_risk(d[0], graph=d[1])),
    "exceedance": (AREAS, lh.exceedance),
    "exceedance, with a graph": (_with_graph, lambda d: lh.exceedance(d[0], graph=d[1])),
    "find_hotspots": (_with_graph, lambda d: lh.find_hotspots(*d)),
    "empirical_bayes": (_with_graph, lambda d: lh.empirical_bayes(d[0], graph=d[1])),
    "change": (_to_change, lambda d: lh.change(*d)),
    "suppress, by district": (AREAS, lambda d: lh.suppress(d[[*PLAIN, "count"]])),
    "suppress, no totals": (AREAS, lambda d: lh.suppress(d[[*PLAIN, "count"]], totals=None)),
    "class_breaks": (AREAS, lambda d: lh.class_breaks([d])),
}

CASES = [
    Case(
        name="growth-" + "-".join(verb.replace(",", "").split()),
        title=f"`{verb.split(',')[0]}`{verb[len(verb.split(',')[0]) :]}",
        setup=lambda: None,
        prepare={size: lambda _, n=n, f=prepare: f(n) for size, n in material.SIZES.items()},
        sides={size: lambda d, f=work: f(d) for size in material.SIZES},
        runs=2,
    )
    for verb, (prepare, work) in VERBS.items()
]


def exponent(small: float, large: float, sizes: tuple[int, int]) -> float:
    """Return a in time = c n^a."""
    return float(np.log(large / small) / np.log(sizes[1] / sizes[0]))
