"""The order of rows decides nothing: of areas, of records, of the columns of a file."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings, strategies as st
from libpysal.graph import Graph

import lsoahot as lh

if TYPE_CHECKING:
    from collections.abc import Callable

N = 24
BUDGET = settings(max_examples=5)


def world(seed: int) -> gpd.GeoDataFrame:
    """Return a grid of 24 areas with skewed counts, one of them missing."""
    rng = np.random.default_rng(seed)
    count = rng.negative_binomial(1, 0.1, N).astype("float64")
    count[rng.integers(N)] = np.nan
    people = rng.integers(800, 3000, N)
    return gpd.GeoDataFrame(
        {
            "count": count,
            "population": people,
            "rate": count / people * 1000,
            "district": np.repeat(["Aston", "Bury", "Crewe"], N // 3),
            "similar": rng.normal(size=N),
        },
        index=pd.Index([f"E01{n:06d}" for n in range(N)], name="area_code"),
        geometry=[shapely.box(x, y, x + 1, y + 1) for x in range(6) for y in range(4)],
        crs="EPSG:27700",
    )


def unequal(areas: gpd.GeoDataFrame) -> Graph:
    """Return weights that fall with distance, which no exact test can serve."""
    places = areas.set_geometry(areas.centroid)
    return Graph.build_kernel(places, kernel="triangular", bandwidth=2.5)


def later(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return areas.assign(count=(areas["count"] * 3 + 7) % 41)


VERBS: dict[str, Callable[[gpd.GeoDataFrame], pd.DataFrame | pd.Series]] = {
    "rate": lh.rate,
    "rank": lh.rank,
    "rank among": lambda areas: lh.rank(lh.exceedance(areas), "rate", among=3),
    "top": lambda areas: lh.top(areas, 10),
    "getis_ord": lambda areas: lh.getis_ord(areas, "count"),
    "getis_ord of rates": lambda areas: lh.getis_ord(areas, "rate"),
    "getis_ord sampled": lambda areas: lh.getis_ord(
        areas, "rate", graph=unequal(areas), permutations=99, seed=7
    ),
    "local_moran": lambda areas: lh.local_moran(areas, "count"),
    "local_moran sampled": lambda areas: lh.local_moran(
        areas, "rate", graph=unequal(areas), permutations=99, seed=7
    ),
    "global_geary": lambda areas: lh.global_geary(areas, "rate", permutations=199, seed=7),
    "global_moran": lambda areas: lh.global_moran(areas, "rate", permutations=199, seed=7),
    "join_counts": lambda areas: lh.join_counts(
        areas.assign(high=areas["rate"] > areas["rate"].median()), "high", permutations=199, seed=7
    ),
    "global_g": lambda areas: lh.global_g(areas, "rate", permutations=199, seed=7),
    "global_g with unequal weights": lambda areas: lh.global_g(
        areas, "rate", graph=unequal(areas), permutations=199, seed=7
    ),
    "global_g after rank": lambda areas: lh.global_g(
        lh.rank(areas, "rate"), "rate", permutations=199, seed=7
    ),
    "local_risk": lh.local_risk,
    "local_risk with neighbours": lambda areas: lh.local_risk(areas, graph=lh.contiguity(areas)),
    "find_hotspots": lh.find_hotspots,
    "empirical_bayes": lh.empirical_bayes,
    "change": lambda areas: lh.change(areas, later(areas)),
    "suppress": lambda areas: lh.suppress(areas.dropna(), below=10),
    "compare": lh.compare,
    "evaluate": lambda areas: lh.evaluate(areas["count"].fillna(0) > 9, later(areas).dropna()),
}
# These put the rows in an order of their own, which must be the same too.
SORTED = {"top", "rank", "rank among", "compare", "evaluate"}


def quiet(verb: str, areas: gpd.GeoDataFrame) -> pd.DataFrame | pd.Series:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # what can't be tested is not the matter here
        return VERBS[verb](areas)


@pytest.mark.parametrize("verb", VERBS)
@given(seed=st.integers(0, 10_000))
@BUDGET
def test_areas_in_any_order_give_the_same(verb: str, seed: int) -> None:
    areas = world(seed)
    mixed = areas.sample(frac=1, random_state=seed)
    found, expected = quiet(verb, mixed), quiet(verb, areas)
    if isinstance(expected, pd.Series):
        pd.testing.assert_series_equal(found, expected, check_exact=False, rtol=1e-12)
        return
    if verb not in SORTED:
        found = found.loc[expected.index]
    pd.testing.assert_frame_equal(
        pd.DataFrame(found), pd.DataFrame(expected), check_exact=False, rtol=1e-9
    )
    assert found.attrs.keys() == expected.attrs.keys()
