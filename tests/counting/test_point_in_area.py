"""The areas of points: the same as geopandas' join gives, on edges and corners too."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings, strategies as st

from lsoahot.counting import point_in_area
from lsoahot.counting.engines import finder

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def areas_of(shapes: list[Any]) -> gpd.GeoDataFrame:
    """Return a table of areas whose codes run against the order of the rows."""
    codes = [f"E{len(shapes) - i:08d}" for i in range(len(shapes))]
    return gpd.GeoDataFrame(
        index=pd.Index(codes, name="area_code"), geometry=shapes, crs="EPSG:27700"
    )


def by_join(areas: gpd.GeoDataFrame, x: NDArray[Any], y: NDArray[Any]) -> NDArray[np.int64]:
    """Find areas with geopandas; of several, the one with the lowest code."""
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y, crs=areas.crs))
    joined = points.sjoin(areas, predicate="intersects")["area_code"].sort_values()
    first = joined[~joined.index.duplicated()]
    found = np.full(len(x), -1, dtype=np.int64)
    found[first.index] = areas.index.get_indexer(first)
    return found


def found(areas: gpd.GeoDataFrame, x: Any, y: Any) -> list[int]:
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    return point_in_area.find(point_in_area.locator(areas), x, y).tolist()


# Shapes on a small lattice, so that points fall on edges and corners, and shapes overlap or touch.
NUMBER = st.integers(0, 6)
PAIR = st.tuples(NUMBER, NUMBER)
SHAPE = st.one_of(
    st.tuples(PAIR, PAIR).map(lambda p: shapely.box(*p[0], p[0][0] + 2, p[0][1] + p[1][1] % 3 + 1)),
    st.lists(PAIR, min_size=3, max_size=6, unique=True)
    .map(shapely.Polygon)
    .filter(lambda shape: shape.is_valid and shape.area > 0),
    PAIR.map(lambda p: shapely.box(*p, p[0] + 4, p[1] + 4) - shapely.box(p[0] + 1, p[1] + 1, p[0] + 3, p[1] + 3)),
    st.tuples(PAIR, PAIR).map(
        lambda p: shapely.union_all([shapely.box(*q, q[0] + 1, q[1] + 1) for q in p])
    ),
    st.sampled_from([None, shapely.Polygon(), shapely.MultiPolygon()]),
)  # fmt: skip
HALF = st.integers(-2, 16).map(lambda n: n / 2)
AXIS = st.one_of(HALF, st.floats(-1, 8), st.sampled_from([np.nan, np.inf, -np.inf, 1e300, -0.0]))


@given(st.lists(SHAPE, min_size=1, max_size=12), st.lists(st.tuples(AXIS, AXIS), max_size=40))
@settings(max_examples=150)
def test_as_geopandas_joins(shapes: list[Any], points: list[tuple[float, float]]) -> None:
    areas = areas_of(shapes)
    x, y = np.array(points, dtype=float).reshape(-1, 2).T
    there = np.isfinite(x) & np.isfinite(y)
    expected = np.full(len(x), -1)
    expected[there] = by_join(areas, x[there], y[there])
    assert found(areas, x, y) == expected.tolist()


def test_a_point_on_an_edge_is_in_the_area_with_the_lowest_code() -> None:
    areas = areas_of([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(0, 1, 2, 2)])
    # The last row has the lowest code. (1, 0.5) is of the first two, (1, 1) of all three.
    assert found(areas, [0.5, 1.0, 1.0, 2.0, 2.1], [0.5, 0.5, 1.0, 2.0, 0.5]) == [0, 1, 2, 2, -1]


def test_a_hole_is_outside_and_its_edge_is_not() -> None:
    ring = shapely.box(0, 0, 4, 4) - shapely.box(1, 1, 3, 3)
    assert found(areas_of([ring]), [2.0, 1.0, 0.5], [2.0, 2.0, 0.5]) == [-1, 0, 0]


def test_an_invalid_shape_is_what_an_odd_number_of_rings_surrounds() -> None:
    bow_tie = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    nested = shapely.MultiPolygon([shapely.box(0, 0, 9, 9), shapely.box(3, 3, 6, 6)])
    assert not bow_tie.is_valid
    assert not nested.is_valid
    assert found(areas_of([bow_tie]), [0.5, 1.5, 1.0], [1.0, 1.0, 0.2]) == [0, 0, -1]
    assert found(areas_of([nested]), [1.0, 4.0], [1.0, 4.0]) == [0, -1]
    repaired = areas_of([shapely.make_valid(nested)])
    assert found(repaired, [1.0, 4.0], [1.0, 4.0]) == [0, -1]


def test_no_area_and_no_point() -> None:
    none = areas_of([None, shapely.Polygon()])
    assert found(none, [0.0, np.nan], [0.0, 1.0]) == [-1, -1]
    assert found(areas_of([shapely.box(0, 0, 1, 1)]), [], []) == []


def test_areas_that_are_points_in_a_row_and_all_alike() -> None:
    same = areas_of([shapely.box(0, 0, 1, 1)] * 40)
    assert found(same, [0.5, 2.0], [0.5, 0.5]) == [39, -1]
    flat = areas_of([shapely.LineString([(0, i), (1, i)]) for i in range(9)])
    assert found(flat, [0.5, 0.5, 0.5], [3.0, 3.5, 8.0]) == [3, -1, 8]


def test_large_areas_among_small_ones() -> None:
    rng = np.random.default_rng(0)
    corners = rng.uniform(0, 1000, (2, 900))
    shapes = [shapely.box(x, y, x + 1, y + 1) for x, y in corners.T]
    shapes += [shapely.box(-i, -i, 1000 + i, 1000 + i) for i in range(300)]
    areas = areas_of(shapes)
    x, y = rng.uniform(-300, 1300, (2, 3000))
    assert found(areas, x, y) == by_join(areas, x, y).tolist()


@pytest.mark.parametrize("seed", range(12))
def test_strips_that_hold_very_different_numbers(seed: int) -> None:
    """Squares on a lattice, many on one place: their middles tie where strips and cells are cut."""
    rng = np.random.default_rng(seed)
    corners = rng.integers(0, 6, (rng.integers(30, 120), 2))
    areas = areas_of([shapely.box(x, y, x + 1, y + 1) for x, y in corners])
    x, y = np.concatenate([rng.uniform(-1, 8, (2, 200)), rng.integers(-1, 9, (2, 50))], axis=1)
    assert found(areas, x, y) == by_join(areas, x, y).tolist()


def test_a_mistake_is_told_where_it_explains_enough() -> None:
    """Half of the places, or, where not one lies inside as they are, one in twenty."""
    areas = areas_of([shapely.box(480_000, 0, 480_040, 40), shapely.box(480_040, 0, 480_080, 40)])
    ready = point_in_area.locator(areas)

    def told(inside: int, swapped: int, nowhere: int) -> str:
        i, s, n = (np.arange(float(number)) for number in (inside, swapped, nowhere))
        x = np.concatenate([480_000.5 + i, s + 0.5, 200_000.5 + n])
        y = np.concatenate([i + 0.5, 480_000.5 + s, 300_000.5 + n])
        return " ".join(
            point_in_area.mistaken(
                ready, x, y, "EPSG:27700", outside=swapped + nowhere, points=len(x)
            )
        )

    assert "10% of their places would lie inside" in told(0, 4, 36)
    assert "5% of their places would lie inside" in told(0, 2, 38)
    assert not told(0, 1, 39)
    assert not told(1, 4, 35)  # the one inside is of the first row
    assert "50% of their places would lie inside" in told(1, 20, 19)
    assert not told(20, 20, 0)  # no more than half lie outside


@pytest.mark.parametrize("scale", [1e-9, 1e12])
def test_at_any_scale(scale: float) -> None:
    rng = np.random.default_rng(1)
    shapes = [shapely.box(i * scale, j * scale, (i + 1) * scale, (j + 1) * scale)
              for i in range(12) for j in range(12)]  # fmt: skip
    areas = areas_of(shapes)
    x, y = rng.uniform(-scale, 13 * scale, (2, 500))
    assert found(areas, x, y) == by_join(areas, x, y).tolist()


def test_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    areas = areas_of([shapely.Point(x, y).buffer(2) for x, y in rng.uniform(0, 50, (300, 2))])
    x, y = rng.uniform(0, 50, (2, 20_000))
    whole = found(areas, x, y)
    monkeypatch.setattr(point_in_area, "_PAIRS", 100)
    assert found(areas, x, y) == whole == by_join(areas, x, y).tolist()


def test_threads_may_share_a_locator() -> None:
    """A prepared shape is not safe to ask from two threads: unguarded, this corrupts memory."""
    rng = np.random.default_rng(3)
    areas = areas_of([shapely.Point(x, y).buffer(2, 64) for x, y in rng.uniform(0, 50, (300, 2))])
    x, y = rng.uniform(0, 50, (2, 20_000))
    shared = point_in_area.locator(areas)
    with ThreadPoolExecutor(8) as pool:
        looked = list(pool.map(lambda _: point_in_area.find(shared, x, y).tolist(), range(16)))
    assert all(one == by_join(areas, x, y).tolist() for one in looked)


def test_a_locator_goes_to_workers() -> None:
    areas = areas_of([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    sent = pickle.loads(pickle.dumps(point_in_area.locator(areas)))  # noqa: S301
    assert point_in_area.find(sent, np.array([0.5, 1.5]), np.array([0.5, 0.5])).tolist() == [0, 1]


def test_the_places_of_a_national_month(shared: Path) -> None:
    areas = gpd.read_parquet(shared / "data/national/lsoa21_ew_bgc.parquet")
    areas = areas.rename(columns={"LSOA21CD": "area_code"}).set_index("area_code")
    areas.geometry = areas.geometry.make_valid()
    points = pd.read_parquet(
        shared / "data/national/police_2025_slim.parquet",
        columns=["Longitude", "Latitude"],
        filters=[("Falls within", "=", "Devon & Cornwall Police"), ("Month", "=", "2025-03")],
    ).dropna()
    x, y = points.to_numpy().T
    ours = point_in_area.find(point_in_area.locator(areas), x, y)
    assert len(x) > 5_000
    assert (ours >= 0).mean() > 0.99
    assert ours.tolist() == by_join(areas, x, y).tolist()


def test_no_more_places_are_remembered_than_there_is_room_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    areas = areas_of([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    monkeypatch.setattr(finder, "_MOST", 3)
    one = finder.Finder(areas, "EPSG:27700")
    for x, held in (([0.2, 1.5, 0.2], 2), ([0.2, 0.3, 0.4], 2), ([1.5, 9.0], 3), ([0.6], 3)):
        found = one.find(np.array(x), np.full(len(x), 0.5))
        assert found.tolist() == [int(at) if at < 2 else -1 for at in x]
        assert len(one._memory[0]) == len(one._memory[1]) == held


def test_a_finder_tells_the_mistake_in_the_system_of_its_points() -> None:
    """Latitude and longitude given as longitude and latitude, two records a place."""
    areas = areas_of([shapely.box(480_000, 300_000, 480_100, 300_100)])
    there = gpd.GeoSeries.from_xy(
        np.linspace(480_010, 480_090, 9), np.full(9, 300_050), crs=27700
    ).to_crs(4326)
    one = finder.Finder(areas, "EPSG:4326")
    assert one.find(there.x.to_numpy(), there.y.to_numpy()).tolist() == [0] * 9
    swapped = finder.Finder(areas, "EPSG:4326")
    spots = swapped.find(there.y.to_numpy(), there.x.to_numpy())
    assert spots.tolist() == [-1] * 9
    [told] = swapped.missed(spots, np.full(9, 2), coded=0)
    assert told.startswith("18 of the 18 points lie outside the areas. Read ")
    assert "latitude and longitude the other way round" in told
    assert "100% of their places would lie inside" in told
    assert one.missed(np.zeros(9, dtype=np.int64), np.full(9, 2), coded=0) == []
