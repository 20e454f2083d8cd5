"""Neighbours of shapes small enough to see, and of all the shared boundaries against libpysal."""

from __future__ import annotations

import tracemalloc
import warnings
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings, strategies as st
from libpysal.graph import Graph
from shapely import box

import lsoahot as lh
from lsoahot.common import arrays
from lsoahot.statistics import links as aligned
from lsoahot.statistics.kernels import shared_vertices


def areas_of(**shapes: shapely.Geometry) -> gpd.GeoDataFrame:
    codes = pd.Index(list(shapes), name="area_code")
    return gpd.GeoDataFrame(geometry=list(shapes.values()), index=codes, crs=27700)


def squares(side: int) -> gpd.GeoDataFrame:
    every = {f"E{y}{x}": box(x, y, x + 1, y + 1) for y in range(side) for x in range(side)}
    return areas_of(**every)


def links(graph: Graph) -> set[tuple[str, str]]:
    return {tuple(sorted(pair)) for pair, w in graph.adjacency.items() if w}


def test_queen_and_rook_of_nine_squares() -> None:
    areas = squares(3)
    queen, rook = lh.contiguity(areas), lh.contiguity(areas, rule="rook")
    assert sorted(queen.neighbors["E11"]) == sorted(set(areas.index) - {"E11"})
    assert sorted(rook.neighbors["E11"]) == ["E01", "E10", "E12", "E21"]
    assert sorted(queen.neighbors["E00"]) == ["E01", "E10", "E11"]
    assert len(links(queen)) == 20
    assert len(links(rook)) == 12


@pytest.mark.parametrize("rule", ["queen", "rook"])
@pytest.mark.parametrize(
    "name",
    [
        "leics_rutland_lsoa01.gpkg",
        "leics_rutland_lsoa11_bgc.gpkg",
        "leics_rutland_lsoa21_bgc.gpkg",
        "rutland_lsoa11_bgc.geojson",
        "rutland_lsoa21_bgc.geojson",
    ],
)
def test_same_as_libpysal_on_the_shared_editions(shared: Path, name: str, rule: str) -> None:
    areas = gpd.read_file(shared / "data/boundaries" / name)
    for table in (areas, areas.to_crs(27700)):
        ours = lh.contiguity(table, rule=rule).adjacency
        theirs = Graph.build_contiguity(table, rook=rule == "rook").adjacency
        pd.testing.assert_series_equal(ours, theirs)


def test_the_spdep_edges(shared: Path) -> None:
    areas = gpd.read_file(shared / "data/boundaries/leics_rutland_lsoa11_bgc.gpkg")
    code = next(c for c in areas.columns if c.upper().endswith("CD"))
    edges = pd.read_csv(shared / "oracles/oracle_leics_all_rate_2122_queen_edges.csv")
    theirs = {tuple(sorted(pair)) for pair in zip(edges["from"], edges["to"], strict=True)}
    assert links(lh.contiguity(areas.set_index(code))) == theirs


def test_the_graph_is_libpysals_in_the_tables_order() -> None:
    areas = squares(4).sample(frac=1, random_state=0)
    ours, theirs = lh.contiguity(areas), Graph.build_contiguity(areas, rook=False)
    pd.testing.assert_series_equal(ours.adjacency, theirs.adjacency, check_names=False)
    assert ours.unique_ids.tolist() == areas.index.tolist()
    np.testing.assert_array_equal(ours.sparse.toarray(), theirs.sparse.toarray())
    values = np.arange(16.0)
    np.testing.assert_array_equal(ours.lag(values), theirs.lag(values))


def test_weights_that_add_up_to_one_are_alike_also_where_an_area_has_one_neighbour() -> None:
    """Row-standardised contiguity: 1, or a half each; then tests are exact and not sampled."""
    areas = areas_of(a=box(0, 0, 1, 1), b=box(1, 0, 2, 1), c=box(2, 0, 3, 1))
    graph = lh.contiguity(areas).transform("r")
    assert aligned.align(areas, graph).equal
    uneven = {"a": ["b"], "b": ["a", "c"], "c": ["b"]}, {"a": [1.0], "b": [0.4, 0.6], "c": [1.0]}
    assert not aligned.align(areas, Graph.from_dicts(*uneven)).equal


def test_a_graph_that_leads_from_an_area_of_another_table_is_refused() -> None:
    areas = areas_of(a=box(0, 0, 1, 1), b=box(1, 0, 2, 1))
    graph = Graph.from_dicts({"a": ["b"], "b": ["a"], "z": ["a"]})
    with pytest.raises(ValueError, match="1 areas of the graph are not in the table: z"):
        aligned.align(areas, graph)


def test_holes_and_parts() -> None:
    ring = box(0, 0, 3, 3).difference(box(1, 1, 2, 2))
    pair = shapely.MultiPolygon([box(3, 0, 4, 3), box(10, 0, 11, 1)])
    areas = areas_of(ring=ring, inside=box(1, 1, 2, 2), pair=pair, far=box(11, 0, 12, 1))
    for rule in ("queen", "rook"):
        assert links(lh.contiguity(areas, rule=rule)) == {
            ("inside", "ring"),
            ("pair", "ring"),
            ("far", "pair"),
        }


def test_minus_zero_is_zero() -> None:
    left = shapely.Polygon([(-1, 0), (-0.0, 0), (-0.0, 1), (-1, 1)])
    areas = areas_of(left=left, right=box(0, 0, 1, 1))
    assert links(lh.contiguity(areas)) == {("left", "right")}


def test_areas_that_touch_without_sharing_a_vertex_are_told_and_a_tolerance_finds_them() -> None:
    """A big square over three small ones: the middle one meets it along a bare edge."""
    areas = areas_of(big=box(0, 1, 3, 4), a=box(0, 0, 1, 1), b=box(1, 0, 2, 1), c=box(2, 0, 3, 1))
    with pytest.warns(UserWarning, match=r"1 pairs of areas touch or overlap .*: big-b"):
        graph = lh.contiguity(areas)
    assert ("b", "big") not in links(graph)
    for rule in ("queen", "rook"):
        found = links(lh.contiguity(areas, rule=rule, tolerance=0))
        assert found == {("a", "b"), ("b", "c"), ("a", "big"), ("b", "big"), ("big", "c")}


def test_gaps_need_a_tolerance() -> None:
    areas = areas_of(a=box(0, 0, 99, 100), b=box(101, 0, 200, 100), c=box(0, 101, 100, 200))
    with pytest.warns(UserWarning, match="3 of 3 areas share no boundary with another: a, b, c"):
        assert not links(lh.contiguity(areas))
    queen = lh.contiguity(areas, tolerance=2.5)
    assert links(queen) == {("a", "b"), ("a", "c"), ("b", "c")}
    rook = lh.contiguity(areas, rule="rook", tolerance=2.5)
    assert links(rook) == {("a", "b"), ("a", "c")}  # b and c meet at a corner


def test_an_edge_that_counts_is_longer_than_twice_the_tolerance() -> None:
    """Of a's boundary, the edge and as much as the tolerance beyond either end lie within it of b."""
    for edge, linked in ((2.1, {("a", "b")}), (1.9, set())):
        areas = areas_of(a=box(0, 0, 9, edge), b=box(9, 0, 20, edge))
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "2 of 2 areas share no boundary")
            assert links(lh.contiguity(areas, rule="rook", tolerance=1)) == linked


def test_a_tolerance_on_clean_boundaries_changes_nothing() -> None:
    areas = squares(5)
    for rule in ("queen", "rook"):
        plain = links(lh.contiguity(areas, rule=rule))
        assert links(lh.contiguity(areas, rule=rule, tolerance=0)) == plain
        assert links(lh.contiguity(areas, rule=rule, tolerance=0.01)) == plain


def test_islands_are_told_or_linked_both_ways_to_the_nearest() -> None:
    areas = areas_of(
        a=box(0, 0, 1, 1), b=box(1, 0, 2, 1), island=box(4, 0, 5, 1), islet=box(8, 0, 9, 1)
    )
    with pytest.warns(UserWarning, match=r"2 of 4 areas share no boundary .*: island, islet"):
        graph = lh.contiguity(areas)
    assert graph.isolates.tolist() == ["island", "islet"]
    linked = lh.contiguity(areas, islands="nearest")
    assert links(linked) == {("a", "b"), ("b", "island"), ("island", "islet")}
    assert linked.asymmetry().empty
    assert linked.isolates.empty


def test_an_island_in_the_middle_is_linked_to_the_first_of_the_table() -> None:
    shapes = {"a": box(0, 0, 1, 1), "island": box(3, 0, 4, 1), "b": box(6, 0, 7, 1)}
    shapes |= {"a2": box(-1, 0, 0, 1), "b2": box(7, 0, 8, 1)}
    for names in (["a", "a2", "island", "b", "b2"], ["b2", "b", "island", "a2", "a"]):
        areas = areas_of(**{name: shapes[name] for name in names})
        near = lh.contiguity(areas, islands="nearest").neighbors["island"]
        assert near == ("a" if names[0] == "a" else "b",)


def test_nearest_takes_the_first_of_equals() -> None:
    areas = squares(3)
    graph = lh.nearest(areas, k=4)
    assert set(graph.neighbors["E11"]) == {"E01", "E10", "E12", "E21"}
    assert (graph.cardinalities == 4).all()
    assert set(lh.nearest(areas, k=1).neighbors["E11"]) == {"E01"}
    assert set(lh.nearest(areas, k=8).neighbors["E00"]) == set(areas.index) - {"E00"}


def test_nearest_and_distance_agree_with_libpysal() -> None:
    rng = np.random.default_rng(0)
    places = rng.uniform(0, 10_000, (60, 2))
    areas = areas_of(**{f"E{i}": shapely.Point(p).buffer(20) for i, p in enumerate(places)})
    centroids = areas.centroid
    theirs = Graph.build_knn(centroids, k=5)
    pd.testing.assert_series_equal(
        lh.nearest(areas, k=5).adjacency,
        theirs.adjacency,
        check_names=False,
        check_dtype=False,
    )
    theirs = Graph.build_distance_band(centroids, 2500, binary=True)
    assert links(lh.within_distance(areas, 2500)) == links(theirs)


def test_coincident_centroids_are_neighbours_too() -> None:
    areas = areas_of(a=box(0, 0, 2, 2), b=box(0, 0, 2, 2), c=box(9, 9, 10, 10))
    assert set(lh.nearest(areas, k=1).neighbors["a"]) == {"b"}
    assert set(lh.nearest(areas, k=1).neighbors["b"]) == {"a"}
    with pytest.warns(UserWarning, match="1 of 3 areas have no other within 5 m: c"):
        assert links(lh.within_distance(areas, 5)) == {("a", "b")}


def test_a_distance_counts_itself() -> None:
    areas = squares(3)
    assert set(lh.within_distance(areas, 1).neighbors["E11"]) == {"E01", "E10", "E12", "E21"}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda a: lh.contiguity(a, rule="bishop"), "'bishop' is not one of queen, rook"),
        (lambda a: lh.contiguity(a, islands="drop"), "'drop' is not one of leave, nearest"),
        (lambda a: lh.contiguity(a, tolerance=-1), "tolerance=-1 is not a distance"),
        (lambda a: lh.contiguity(a.to_crs(4326), tolerance=5), "Project them first"),
        (lambda a: lh.nearest(a, k=9), "k=9 neighbours can't be had among 9 areas"),
        (lambda a: lh.nearest(a, k=0), "k=0"),
        (lambda a: lh.nearest(a.to_crs(4326)), "distances are not metres"),
        (lambda a: lh.nearest(a.set_crs(None, allow_override=True)), "no CRS"),
        (lambda a: lh.within_distance(a, 0), "metres=0 is not a distance"),
    ],
)
def test_nonsense_is_refused(call: Callable[[gpd.GeoDataFrame], Graph], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call(squares(3))


def test_missing_geometry_is_an_island() -> None:
    areas = squares(2)
    areas.geometry = [*areas.geometry[:3], None]
    with pytest.warns(UserWarning, match="1 of 4 areas share no boundary with another: E11"):
        assert len(links(lh.contiguity(areas))) == 3
    with pytest.raises(ValueError, match="no nearest area can be found for E11"):
        lh.contiguity(areas, islands="nearest")
    with pytest.raises(ValueError, match="1 areas have no geometry: E11"):
        lh.nearest(areas, k=1)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(5, 40))
def test_any_clean_partition_as_libpysal(seed: int, n: int) -> None:
    """Cells around random points, cut to a square: vertices are shared exactly."""
    points = shapely.MultiPoint(np.random.default_rng(seed).uniform(0, 100, (n, 2)))
    cells = shapely.get_parts(shapely.voronoi_polygons(points))
    areas = gpd.GeoDataFrame(geometry=cells, crs=27700)
    for rule in ("queen", "rook"):
        theirs = Graph.build_contiguity(areas, rook=rule == "rook").adjacency
        pd.testing.assert_series_equal(lh.contiguity(areas, rule=rule).adjacency, theirs)


def test_places_are_of_64_bits_where_32_are_too_few() -> None:
    most = 2**31 - 1
    assert [shared_vertices._small(n) for n in (most - 1, most)] == [np.int32, np.int64]


def test_equal_hashes_are_told_apart() -> None:
    """With few bits left to the hash, many different points collide."""
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 50, (2, 5000)).astype(np.uint64)
    cell = (a % np.uint64(3)).astype(np.int32)
    order, number = shared_vertices._group(a, b, cell)
    assert sorted(order) == list(range(5000))
    pairs = list(zip(a[order], b[order], number, strict=True))
    assert len({p[:2] for p in pairs}) == len({p[2] for p in pairs}) == len(set(pairs))
    assert (np.diff(number) >= 0).all()


def test_equal_hashes_are_told_apart_even_if_all_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_vertices, "_mix", lambda a, _: np.zeros_like(a))
    test_equal_hashes_are_told_apart()


@pytest.mark.parametrize("rule", ["queen", "rook"])
@pytest.mark.parametrize(("block", "cells"), [(7, 2), (64, 1), (1, 3)])
def test_how_corners_are_cut_into_pieces_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, rule: str, block: int, cells: int
) -> None:
    areas = squares(5)  # 2 * 5 * 4 shared edges, 2 * 4 * 4 diagonals, both ways
    whole = lh.contiguity(areas, rule=rule)
    assert len(whole.adjacency) == {"queen": 144, "rook": 80}[rule]
    monkeypatch.setattr(arrays, "BLOCK", block)
    monkeypatch.setattr(shared_vertices, "CELLS", cells)
    pd.testing.assert_series_equal(
        lh.contiguity(areas, rule=rule).adjacency, whole.adjacency, check_names=False
    )


@pytest.mark.parametrize("rule", ["queen", "rook"])
def test_memory_grows_with_the_corners_alone(rule: str) -> None:
    """Eleven million corners (all output areas) must not take more than a laptop has."""
    held = []
    for side in (40, 80):
        x, y = (along.ravel() for along in np.meshgrid(np.arange(side), np.arange(side)))
        areas = shapely.segmentize(box(x, y, x + 1, y + 1), 0.1)
        shared_vertices.shared(areas, rule)
        tracemalloc.start()
        shared_vertices.shared(areas, rule)
        held.append(tracemalloc.get_traced_memory()[1] / shapely.get_num_coordinates(areas).sum())
        tracemalloc.stop()
    assert max(held) < 120  # bytes a corner; 16 are its coordinates
    assert held[1] < 1.2 * held[0]


def test_nothing_is_told_of_clean_boundaries() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lh.contiguity(squares(4))
