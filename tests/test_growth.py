"""No verb may take the square of the number of areas: calls and bytes are counted, not time.

Four times the areas may take four times the Python calls and the memory, hardly more. A search
through all areas for each of them, which a small test never shows, takes sixteen times.
"""

from __future__ import annotations

import sys
import tracemalloc
import warnings
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import lsoahot as lh

if TYPE_CHECKING:
    from collections.abc import Callable

SMALL, LARGE = 30, 60  # areas to a side
MOST = 5.0  # times as much for four times the areas: n log n, and a little


def areas_of(side: int) -> gpd.GeoDataFrame:
    y, x = (place.astype(float) * 1000 for place in np.divmod(np.arange(side * side), side))
    n = np.arange(side * side)
    codes = pd.Index([f"E01{i:06}" for i in n], name="area_code")
    rng = np.random.default_rng(0)
    table = gpd.GeoDataFrame(
        {
            "area_name": [f"Square {i}" for i in n],
            "ward": [f"Ward {i // 3}" for i in n],  # some can't be protected by themselves
            "district": [f"District {i // 90}" for i in n],
            "population": rng.integers(1000, 3000, side * side),
            "count": rng.poisson(3, side * side),
        },
        geometry=shapely.box(x, y, x + 1000, y + 1000),
        index=codes,
        crs=27700,
    )
    return table.assign(rate=table["count"] / table["population"] * 1000)


def convert(areas: gpd.GeoDataFrame) -> pd.DataFrame:
    """Every other area was split, every fifth one merged with the next."""
    new = areas.index.to_numpy(dtype=object, copy=True)
    new[5::10] = new[4::10]
    lookup = pd.DataFrame({"LSOA11CD": areas.index, "LSOA21CD": new})
    split = lookup[::2].assign(LSOA21CD=[f"E02{i:06}" for i in range(len(lookup[::2]))])
    people = pd.Series(1000, index=pd.Index([*new, *split["LSOA21CD"]]).unique())
    every = pd.concat([lookup, split])
    return lh.convert(
        areas[["count"]], from_="lsoa11", to="lsoa21", lookup=every, population=people
    )


def convert_long(areas: gpd.GeoDataFrame) -> pd.DataFrame:
    """The more areas, the more months: the groups grow in number, the rows of each do not."""
    some = areas.index[:5]
    months = pd.period_range("1900-01", periods=len(areas) // 60, freq="M")
    grid = pd.MultiIndex.from_product([some, months], names=["area_code", "period"])
    long = grid.to_frame(index=False).assign(count=1)
    lookup = pd.DataFrame({"LSOA11CD": some, "LSOA21CD": some})
    return lh.convert(long, from_="lsoa11", to="lsoa21", lookup=lookup)


def records_of(areas: gpd.GeoDataFrame) -> pd.DataFrame:
    codes = np.repeat(areas.index.to_numpy(dtype=object), 3)
    kinds = np.resize(["Burglary", "Drugs"], len(codes))
    return pd.DataFrame({"area_code": codes, "category": kinds})


VERBS: dict[str, Callable[[Any], Any]] = {
    "join": lambda a: lh.join(a[["area_name", "geometry"]], pd.DataFrame(a[["population"]])),
    "count": lambda a: lh.count(a, records_of(a)),
    "tabulate": lambda a: lh.tabulate(a, records_of(a)),
    "rate": lh.rate,
    "rank": lh.rank,
    "top": lh.top,
    "convert": convert,
    "convert, long": convert_long,
    "queen": lh.contiguity,
    "rook": lambda a: lh.contiguity(a, rule="rook"),
    "nearest": lh.nearest,
    "within_distance": lambda a: lh.within_distance(a, 1500),
    "getis_ord": lambda a: lh.getis_ord(a, "count"),
    "getis_ord, rates": lh.getis_ord,
    "local_moran": lambda a: lh.local_moran(a, "count"),
    "local_risk": lambda a: lh.local_risk(a, graph=lh.contiguity(a)),
    "find_hotspots": lh.find_hotspots,
    "empirical_bayes": lambda a: lh.empirical_bayes(a, graph=lh.contiguity(a)),
    "change": lambda a: lh.change(a, a.assign(count=a["count"] + 1)),
    "suppress": lambda a: lh.suppress(a[["ward", "district", "count", "geometry"]], totals="ward"),
    "suppress, two levels": lambda a: lh.suppress(
        a[["ward", "district", "count", "geometry"]], totals=["ward", "district"]
    ),
    "suppress, all alike": lambda a: lh.suppress(
        a[["geometry"]].assign(count=[3, *[5] * (len(a) - 1)]), totals=None
    ),
    "class_breaks": lambda a: lh.class_breaks([a]),
}


def calls(work: Callable[[], object]) -> int:
    """Count the calls of functions, Python's own and those written in C."""
    number = 0

    def counted(_: object, event: str, __: object) -> None:
        nonlocal number
        number += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(before)
    return number


def held(work: Callable[[], object]) -> int:
    """Return the bytes held at once, at most; numpy's arrays included."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", VERBS)
def test_four_times_the_areas_take_no_more_than_four_times_the_work(name: str) -> None:
    verb = VERBS[name]
    few, many = areas_of(SMALL), areas_of(LARGE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # totals to be withheld are told, rightly
        verb(few)  # imports
        assert calls(lambda: verb(many)) < MOST * calls(lambda: verb(few))
        assert held(lambda: verb(many)) < MOST * held(lambda: verb(few))


def test_what_is_quadratic_is_found() -> None:
    """A search through all for each."""

    def search(n: int) -> list[int]:
        return [min(range(n), key=lambda j: abs(i - j)) for i in range(n)]

    assert calls(lambda: search(80)) > MOST * calls(lambda: search(20))
    assert held(lambda: np.ones((80, 80))) > MOST * held(lambda: np.ones((20, 20)))
