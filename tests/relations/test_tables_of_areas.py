"""A table of areas in any order and however it is held gives the same, and stays as it was."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

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
BUDGET = settings(max_examples=3)


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
    return areas.assign(count=(areas["count"].astype("float64") * 3 + 7) % 41)


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
    "exceedance": lh.exceedance,
    "exceedance with neighbours": lambda areas: lh.exceedance(areas, graph=lh.contiguity(areas)),
    "concentration": lh.concentration,
    "concentration without people": lambda areas: lh.concentration(areas, population=None),
    "scan": lambda areas: lh.scan(areas.assign(count=areas["count"] // 8), draws=49),
    "grid": lambda areas: lh.grid(areas, 10),
    "empirical_bayes with neighbours": lambda areas: lh.empirical_bayes(
        areas, graph=lh.contiguity(areas)
    ),
    "suppress": lambda areas: lh.suppress(areas.dropna(), below=10),
    "compare": lh.compare,
    "evaluate": lambda areas: lh.evaluate(
        areas["count"].astype("float64").fillna(0) > 9, later(areas).dropna()
    ),
}
# These put the rows in an order of their own, which must be the same too.
SORTED = {
    "top", "rank", "rank among", "compare", "evaluate", "scan", "grid", "concentration",
    "concentration without people",
}  # fmt: skip


def quiet(verb: str, areas: gpd.GeoDataFrame) -> pd.DataFrame | pd.Series:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # what can't be tested is not the matter here
        return VERBS[verb](areas)


def same(found: pd.DataFrame | pd.Series, expected: pd.DataFrame | pd.Series, verb: str) -> None:
    """Hold figures, words and notes to one another; the columns given may be held otherwise."""
    if isinstance(expected, pd.Series):
        pd.testing.assert_series_equal(found, expected, check_exact=False, rtol=1e-12)
        return
    made = [name for name in expected.columns if name not in GIVEN]
    if verb not in SORTED:
        found = found.loc[expected.index]
    assert list(found.index) == list(expected.index)
    pd.testing.assert_frame_equal(
        pd.DataFrame(found)[made].reset_index(drop=True),
        pd.DataFrame(expected)[made].reset_index(drop=True),
        check_exact=False, rtol=1e-9, check_dtype=False,
    )  # fmt: skip
    assert found.attrs == nearly(expected.attrs)


def nearly(notes: Any) -> Any:
    """Let figures in notes differ in the last digits, as sums in another order do."""
    if isinstance(notes, dict):
        return {name: nearly(note) for name, note in notes.items()}
    return pytest.approx(notes) if isinstance(notes, float) else notes


GIVEN = {*world(0).columns}


@pytest.mark.parametrize("verb", VERBS)
@given(seed=st.integers(0, 10_000))
@BUDGET
def test_areas_in_any_order_give_the_same(verb: str, seed: int) -> None:
    areas = world(seed)
    mixed = areas.sample(frac=1, random_state=seed)
    same(quiet(verb, mixed), quiet(verb, areas), verb)


def read_only(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return numbers that nobody can write into, as those of a file in memory are."""
    held = areas.copy()
    for name in ("count", "population", "rate"):
        values = areas[name].to_numpy().copy()
        values.flags.writeable = False
        held[name] = pd.Series(values, index=areas.index, copy=False)
    return held


def otherwise(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """More columns, in another order; other names, and rings the other way round."""
    more = {"note": "x", "count_2019": 5, "Rank": 3, "index": 4, "level_0": 5, "weighted": 1.0}
    held = read_only(areas.astype({"district": "category"})).assign(**more)
    held = held.set_geometry(held.reverse()).rename_geometry("outline").rename_axis(None)
    held.index = held.index.astype("string")
    return held[list(held.columns)[::-1]]


def in_arrow(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Numbers of Arrow, codes that are categories, and polygons of one part among many."""
    held = areas.astype({"count": "double[pyarrow]", "population": "int32[pyarrow]"})
    shapes = [shapely.MultiPolygon([shape]) for shape in areas.geometry]
    held = held.set_geometry(gpd.GeoSeries(shapes, areas.index, crs=areas.crs))
    return held.set_axis(held.index.astype("category"), axis=0)


FORMS: dict[str, Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]] = {
    "named and ordered otherwise": otherwise,
    "of Arrow": in_arrow,
    "whole numbers of 16 bits, with gaps": lambda areas: areas.astype(
        {"count": "Int16", "population": "Int16"}
    ),
    "numbers of 32 bits": lambda areas: areas.astype({"count": "float32", "population": "float32"}),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("form", FORMS)
def test_areas_give_the_same_however_their_table_is_held(form: str, verb: str) -> None:
    areas = world(5)
    same(quiet(verb, FORMS[form](areas)), quiet(verb, areas), verb)


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_leaves_its_areas_as_they_were(verb: str) -> None:
    areas, before = world(6), world(6)
    for table in (areas, before):
        table.attrs = {"notice": "as read", "statistics": {"earlier": {"text": "kept."}}}
    quiet(verb, areas)
    pd.testing.assert_frame_equal(pd.DataFrame(areas), pd.DataFrame(before))
    assert areas.geometry.geom_equals(before.geometry).all()
    assert areas.attrs == before.attrs


@pytest.mark.parametrize(
    "verb", [one for one in VERBS if not {"sampled", "unequal"} & {*one.split()}]
)
def test_an_area_that_is_there_twice_is_refused(verb: str) -> None:
    areas = world(7)
    twice = pd.concat([areas, areas.iloc[[3]]])
    with pytest.raises(ValueError, match=r"E01000003"):
        quiet(verb, twice)


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "grid"])
def test_other_codes_in_the_same_order_are_other_names_only(verb: str) -> None:
    """Codes decide what is drawn, and which of two equal areas comes first, by their order alone."""
    areas = world(8)
    codes = {code: f"W0100{n * 3:04d}" for n, code in enumerate(areas.index)}
    renamed = areas.set_axis(areas.index.map(codes).rename("area_code"), axis=0)
    found, expected = quiet(verb, renamed), quiet(verb, areas)
    if isinstance(expected, pd.DataFrame):
        notes = expected.attrs
        expected = expected.rename(index=codes).replace(codes)
        if verb == "scan":
            expected["members"] = [[codes[code] for code in some] for some in expected["members"]]
        expected.attrs = notes
    same(found, expected, verb)


NAMED: dict[str, Callable[..., pd.DataFrame]] = {
    "rate": lh.rate,
    "exceedance": lh.exceedance,
    "exceedance with neighbours": lambda areas, **names: lh.exceedance(
        areas, graph=lh.contiguity(areas), **names
    ),
    "local_risk": lh.local_risk,
    "empirical_bayes": lh.empirical_bayes,
    "change": lambda areas, **names: lh.change(areas.iloc[::-1], areas, **names),
    "compare": lh.compare,
    "concentration": lh.concentration,
    "scan": lambda areas, count="count", **names: lh.scan(
        areas.assign(**{count: areas[count] // 8}), count=count, draws=49, **names
    ),
    "find_hotspots": lambda areas, **names: lh.find_hotspots(
        lh.rate(areas, **names), rate="rate", **names
    ),
    "suppress": lambda areas, count="count", population="population": lh.suppress(
        areas.dropna(), column=count, keep=[population, "similar"]
    ),
    "rank": lambda areas, count="count", **_: lh.rank(areas, count),
    "top": lambda areas, count="count", **_: lh.top(areas, 5, by=count),
    "evaluate": lambda areas, count="count", **_: lh.evaluate(
        areas.index[3:9], areas.dropna(), count=count
    ),
}


@pytest.mark.parametrize("verb", NAMED)
def test_columns_may_have_any_name_that_is_given(verb: str) -> None:
    areas = world(9).drop(columns="rate")
    # Another column that bears the usual name must not be taken in its place.
    other = areas.rename(columns={"count": "offences 2024", "population": "Workday people"}).assign(
        count=areas["count"].fillna(1)[::-1].to_numpy() * 5 + 1, population=77
    )
    names = {"count": "offences 2024", "population": "Workday people"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        found, expected = NAMED[verb](other, **names), NAMED[verb](areas)
    made = [name for name in expected.columns if name not in areas]
    assert made
    assert set(made) <= set(found.columns)
    pd.testing.assert_frame_equal(pd.DataFrame(found)[made], pd.DataFrame(expected)[made])


SHAPED = [
    verb for verb in VERBS
    if verb.startswith(("getis", "local_m", "global", "join", "find", "exceedance with", "local_risk w"))
    and not {"sampled", "unequal"} & {*verb.split()}
]  # fmt: skip


@pytest.mark.parametrize("crs", [4326, 3857])
@pytest.mark.parametrize("verb", SHAPED)
def test_neighbours_and_tests_are_the_same_in_every_coordinate_system(verb: str, crs: int) -> None:
    areas = world(10)
    there = areas.set_geometry(areas.scale(1000, 1000, origin=(0, 0)).translate(480_000, 300_000))
    same(quiet(verb, there.to_crs(crs)), quiet(verb, there), verb)
