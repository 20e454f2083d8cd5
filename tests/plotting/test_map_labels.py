"""Labels: over nothing, beside their areas, the same every time."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings, strategies as st
from matplotlib import rc_context
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch

import lsoahot as lh
from lsoahot.plotting.core.label_placement import (
    Place,
    Room,
    heart,
    place,
    place_over,
)
from lsoahot.plotting.furniture import add_towns

PAGE = (0.0, 0.0, 400.0, 300.0)
ROOM = Room(PAGE)


def box(spot: Place, size: np.ndarray) -> shapely.Polygon:
    (x, y), (wide, tall) = spot.centre, size
    return shapely.box(x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2)


@given(
    st.lists(
        st.tuples(st.integers(5, 395), st.integers(5, 295), st.integers(20, 90)),
        min_size=1, max_size=12, unique_by=lambda one: one[:2],
    )
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_no_label_meets_another_nor_leaves_the_page(given_labels: list[tuple[int, ...]]) -> None:
    anchors = np.array([(x, y) for x, y, _ in given_labels], dtype=float)
    sizes = np.array([(wide, 10) for *_, wide in given_labels], dtype=float)
    homes = [shapely.Point(anchor).buffer(4) for anchor in anchors]
    spots = place(anchors, sizes, homes, ROOM, line=10)
    assert spots == place(anchors, sizes, homes, ROOM, line=10)
    placed = [
        (box(spot, size), spot, anchor)
        for spot, size, anchor in zip(spots, sizes, anchors, strict=True)
        if spot
    ]
    assert placed
    for first, second in combinations([shape for shape, *_ in placed], 2):
        assert not first.intersects(second)
    for shape, spot, anchor in placed:
        assert shapely.box(*PAGE).contains(shape)
        leader = shapely.LineString([anchor, spot.leader])
        assert leader.distance(shape) < 1e-6
        assert not any(leader.intersects(other) for other, *_ in placed if other is not shape)


def test_a_town_is_named_over_its_own_ground_or_not_at_all() -> None:
    ground = shapely.box(100, 100, 140, 125)  # narrower than the name
    size = np.array([60.0, 10.0])

    def named(taken: list[tuple[float, ...]]) -> tuple[float, float] | None:
        spots = place_over(np.array([[120.0, 110.0]]), size[None], [ground], Room(PAGE, taken))
        return spots[0] and spots[0].centre

    assert named([]) == (120, 110)
    assert named([(80, 106, 100, 112)]) == (132, 110)  # a fifth of its width to the right
    assert named([(80, 100, 160, 112)]) == (120, 120)  # its height higher: the lower half is taken
    # All beside the right of the town is taken: the name moves left, its middle still in the town.
    assert named([(149, 0, 400, 300)]) == (108, 110)
    assert (
        named([(90, 90, 115, 130)]) is None
    )  # there is room to the right, which is another's ground


def test_no_label_is_cut_by_a_frame_and_leader_lines_may_cross_it() -> None:
    anchors, sizes = np.array([[200.0, 150.0]]), np.array([[60.0, 10.0]])
    homes = [shapely.Point(200, 150).buffer(4)]
    frame = (181.0, 131.0, 221.0, 169.0)
    sides = [(180.0, 131.0, 182.0, 169.0), (220.0, 131.0, 222.0, 169.0),
             (181.0, 130.0, 221.0, 132.0), (181.0, 168.0, 221.0, 170.0)]  # fmt: skip
    spot = place(anchors, sizes, homes, Room(PAGE, frames=[frame]), line=10)[0]
    assert spot is not None
    label = box(spot, sizes[0])
    assert not any(label.intersects(shapely.box(*side)) for side in sides)
    leader = shapely.LineString([anchors[0], spot.leader])
    assert sum(leader.intersects(shapely.box(*side)) for side in sides) == 1
    assert place(anchors, sizes, homes, Room(PAGE, taken=sides), line=10) == [None]


def test_no_town_is_named_in_a_frame_and_its_neighbour_outside_is() -> None:
    anchors, sizes = np.array([[110.0, 100.0], [200.0, 100.0]]), np.array([[60.0, 10.0]] * 2)
    homes = [shapely.box(80, 80, 140, 120), shapely.box(140, 80, 260, 120)]

    def named(*frames: tuple[float, ...]) -> list[tuple[float, float] | None]:
        return [
            spot and spot.centre
            for spot in place_over(anchors, sizes, homes, Room(PAGE, (), frames))
        ]

    assert named() == [(110, 100), (200, 100)]
    # The frame is wide enough to hold the first name, clear of all its sides.
    assert named((60, 60, 160, 140)) == [None, (200, 100)]
    # It reaches into where the second would stand, which moves to the right by a fifth of its width.
    assert named((60, 60, 180, 140)) == [None, (212, 100)]


def test_a_label_stands_on_its_own_ground_off_frames_and_heavy_lines_rather_than_elsewhere() -> (
    None
):
    anchors, sizes = np.array([[200.0, 150.0]]), np.array([[60.0, 10.0]])

    def centre(
        *,
        home: tuple[float, ...] = (196, 146, 204, 154),
        frame: tuple[float, ...] | None = None,
        points: list[tuple[float, float]] | None = None,
    ) -> tuple[float, float]:
        room = Room(PAGE, frames=[frame] if frame else [], points=np.array(points or [(0, 0)]))
        (spot,) = place(anchors, sizes, [shapely.box(*home)], room, line=10)
        return spot.centre

    # To the right is tried first, then to the left: 0.6 lines away, of which the leader line bridges
    # all, and half a label on.
    right, left = (236, 150), (164, 150)
    assert centre() == right
    assert centre(home=(120, 140, 204, 160)) == left
    assert centre(frame=(203, 100, 303, 200)) == left
    assert centre(points=[(230, 150)]) == left


def test_a_town_is_named_clear_of_lines_and_mostly_over_its_own_ground() -> None:
    anchors, sizes = np.array([[120.0, 110.0]]), np.array([[60.0, 10.0]])

    def named(wide: float, *points: tuple[float, float]) -> tuple[float, float] | None:
        ground = shapely.box(120 - wide / 2, 60, 120 + wide / 2, 160)
        spots = place_over(
            anchors, sizes, [ground], Room(PAGE, points=np.array(points).reshape(-1, 2))
        )
        return spots[0] and spots[0].centre

    assert named(60) == (120, 110)
    # Half its height higher, its box ends at 110, more than a sixth of its height off the point.
    assert named(60, (95, 108)) == (120, 115)
    # Of its 60, 24 are its own ground, which is just enough; of any less it is not named.
    assert named(24) == (120, 110)
    assert named(20) is None


def test_leader_lines_do_not_cross_where_there_is_room() -> None:
    anchors = np.array([(200.0 + 12 * x, 150.0 + 12 * y) for x in range(3) for y in range(3)])
    homes = [shapely.Point(anchor).buffer(5) for anchor in anchors]
    spots = place(anchors, np.array([[50.0, 10.0]] * 9), homes, ROOM, line=10)
    lines = [shapely.LineString([at, spot.leader]) for at, spot in zip(anchors, spots, strict=True)]
    assert not any(first.intersects(second) for first, second in combinations(lines, 2))


def test_a_label_stands_in_its_area_where_it_fits_and_beside_it_where_not() -> None:
    anchors, sizes = np.array([[100.0, 100.0]]), np.array([[60.0, 10.0]])
    roomy, tight = shapely.box(60, 80, 140, 120), shapely.box(90, 80, 110, 120)
    (inside,) = place(anchors, sizes, [roomy], ROOM, line=10)
    (beside,) = place(anchors, sizes, [tight], ROOM, line=10)
    assert inside == ((100, 100), None)
    assert beside.leader is not None
    assert not box(beside, sizes[0]).contains(shapely.Point(100, 100))


def test_furniture_is_left_free_and_a_full_page_takes_no_more() -> None:
    anchors, sizes = np.array([[100.0, 100.0]]), np.array([[60.0, 10.0]])
    home = [shapely.box(60, 80, 140, 120)]
    taken = (90.0, 90.0, 110.0, 110.0)
    (spot,) = place(anchors, sizes, home, Room(PAGE, [taken]), line=10)
    assert spot is None  # whatever leaves the middle crosses the furniture on it
    (spot,) = place(anchors, sizes, home, Room(PAGE, [(95.0, 104.0, 105.0, 109.0)]), line=10)
    assert not box(spot, sizes[0]).intersects(shapely.box(95, 104, 105, 109))


def test_the_first_is_served_first() -> None:
    anchors = np.array([[100.0, 100.0], [101.0, 107.0]])
    sizes = np.array([[30.0, 10.0]] * 2)
    homes = [shapely.box(60, 80, 140, 120)] * 2
    first, second = place(anchors, sizes, homes, ROOM, line=10)
    assert first.leader is None
    assert second.leader is not None


def test_of_more_than_fit_the_head_of_the_list_stands_the_tail_does_not() -> None:
    # Twelve wide labels of a small town in a small frame: whoever stands in the middle is walled in
    # by those around, unless those are given up first.
    rng = np.random.default_rng(4)
    dropped = 0
    for _ in range(6):
        anchors = np.concatenate([[[150.0, 100.0]], rng.uniform((40, 30), (260, 170), (11, 2))])
        homes = [shapely.Point(x, y).buffer(4) for x, y in anchors]
        sizes = np.tile([90.0, 40.0], (12, 1))
        spots = place(anchors, sizes, homes, Room((0, 0, 300, 200)), line=15)
        alone = place(anchors[:2], sizes[:2], homes[:2], Room((0, 0, 300, 200)), line=15)
        assert None not in alone
        assert None not in spots[:2]
        dropped += spots.count(None)
    assert dropped > 6  # there was no room for all


def test_the_heart_lies_in_the_largest_part_of_an_area_far_from_its_edge() -> None:
    shape = shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(10, 0, 20, 10)])
    assert heart(shape) == pytest.approx((15, 5), abs=0.5)
    ring = shapely.Point(0, 0).buffer(10).difference(shapely.Point(0, 0).buffer(6))
    assert ring.contains(shapely.Point(heart(ring)))


# --- on a map -------------------------------------------------------------------------------------


def labelled(ax: Axes) -> dict[str, shapely.Polygon]:
    """Return the boxes of the labels, in pixels."""
    texts = [text for text in ax.texts if text.get_label() == "_name"]
    return {text.get_text(): shapely.box(*text.get_window_extent().extents) for text in texts}


def overlaps(boxes: list[shapely.Polygon]) -> int:
    return sum(a.buffer(-0.5).intersects(b.buffer(-0.5)) for a, b in combinations(boxes, 2))


def test_the_sample_is_labelled_whole_without_overlap() -> None:
    areas = lh.read_boundaries("sample")
    ax = lh.plot_areas(areas, ax=Figure(figsize=(8, 8)).add_subplot())
    boxes = labelled(ax)
    assert {name.replace("\n", " ") for name in boxes} == set(areas["area_name"])
    assert overlaps(list(boxes.values())) == 0


def test_the_largest_names_of_real_areas_do_not_overlap(shared: Path) -> None:
    areas = lh.read_boundaries(shared / "data/boundaries/leics_rutland_lsoa11_bgc.gpkg")
    city = areas[areas["district"] == "Leicester"].head(25)
    ax = lh.plot_areas(areas, ax=Figure(figsize=(11, 8)).add_subplot(), label=None)
    lh.add_labels(ax, city)
    assert len(labelled(ax)) == 25
    assert overlaps(list(labelled(ax).values())) == 0


def squares(names: list[str]) -> gpd.GeoDataFrame:
    shapes = [shapely.box(n, 0, n + 1, 1) for n in range(len(names))]
    codes = [f"E{n}" for n in range(len(names))]
    return gpd.GeoDataFrame({"area_name": names}, index=codes, geometry=shapes, crs=27700)


def test_labels_that_find_no_room_are_told() -> None:
    crowd = squares([f"A name far too long for here {n}" for n in range(50)])
    small = Figure(figsize=(1.5, 1)).add_subplot()
    with pytest.warns(UserWarning, match=r"of 50 labels found no room"):
        lh.plot_areas(crowd, ax=small)
    assert len(labelled(small)) < 50
    assert overlaps(list(labelled(small).values())) == 0


def test_of_very_many_areas_the_districts_are_named(shared: Path) -> None:
    areas = lh.read_boundaries(shared / "data/boundaries/leics_rutland_lsoa11_bgc.gpkg")
    ax = lh.plot_areas(areas, ax=Figure(figsize=(8, 8)).add_subplot())
    assert {name.replace("\n", " ") for name in labelled(ax)} == set(areas["district"])
    many = squares([f"Name {n}" for n in range(61)])
    for table in (many, many.assign(district=many["area_name"])):
        ax = lh.plot_areas(table, ax=Figure().add_subplot())
        assert labelled(ax) == {}


def test_areas_out_of_view_and_without_a_name_are_not_labelled() -> None:
    table = squares(["West", "Middle", "East"])
    table.loc["E1", "area_name"] = None
    ax = lh.plot_areas(table, ax=Figure(figsize=(6, 4)).add_subplot(), label=None)
    ax.set_xlim(-0.2, 2.1)
    lh.add_labels(ax, table)
    assert list(labelled(ax)) == ["West"]


def test_a_name_is_shown_as_it_is_written() -> None:
    ax = lh.plot_areas(squares(["Asda $5 & $6_x"]), ax=Figure().add_subplot())
    text = next(text for text in ax.texts if text.get_label() == "_name")
    assert text.get_text() == "Asda $5 & $6_x"
    assert not text.get_parse_math()


@pytest.mark.parametrize(("beside", "side"), [(-1, "right"), (0, "both"), (1, "left")])
def test_lines_of_text_begin_or_end_at_the_side_of_the_leader_line(beside: int, side: str) -> None:
    # The name has room to one side of its tiny area only; where the map is no wider, above it.
    left, wide, heart_x = {-1: (0, 400, 390), 0: (85, 230, 115), 1: (0, 400, 10)}[beside]
    figure = Figure(figsize=(4, 3), dpi=100)
    canvas = FigureCanvasAgg(figure)
    ax = figure.add_axes((left / 400, 0, wide / 400, 1), xlim=(0, wide), ylim=(0, 300))
    ax.set_axis_off()
    table = gpd.GeoDataFrame(
        {"area_name": ["mmmmmmmmmmmmmmmmmmmm mm"]}, index=["E1"], crs=27700,
        geometry=[shapely.box(heart_x - 1, 100, heart_x + 1, 102)],
    )  # fmt: skip
    lh.add_labels(ax, table)
    for line in ax.lines:
        line.set_visible(False)
    canvas.draw()
    name = next(text for text in ax.texts if text.get_label() == "_name")
    west, south, east, north = name.get_window_extent().extents
    ink = np.asarray(canvas.buffer_rgba())[::-1, :, 0] < 128
    middle = int((south + north) / 2)
    short = np.flatnonzero(ink[int(south) : middle - 1].any(axis=0))
    # The short line's two letters take 22 pixels of 220.
    middle_of_short = {"left": west + 11, "right": east - 11, "both": (west + east) / 2}[side]
    assert short.min() + short.max() == pytest.approx(2 * middle_of_short, abs=8)


@pytest.mark.parametrize("what", ["nothing", "leader", "edge"])
def test_a_town_s_name_covers_no_leader_line_and_no_edge_of_an_outlined_area(what: str) -> None:
    figure = Figure(figsize=(4, 3), dpi=100)
    ax = figure.add_axes((0, 0, 1, 1), xlim=(0, 400), ylim=(0, 300))
    town = gpd.GeoDataFrame(
        {"area_name": ["Town"]}, geometry=[shapely.box(100, 50, 300, 250)], crs=27700
    )
    high = shapely.box(150, 0, 250, 150)
    if what == "leader":
        ax.plot([150, 250], [150, 150], label="_leader")
    add_towns(ax, town, clear=[high.exterior] if what == "edge" else [])
    x, _ = ax.texts[0].get_position()
    assert x == pytest.approx(200, abs=4)  # the heart, which is found to a fiftieth of the side
    ((_, lower), (_, upper)) = ax.texts[0].get_window_extent().get_points()
    line = shapely.LineString([(150, 150), (250, 150)])
    gap = shapely.box(150, lower, 250, upper).distance(line)
    # Three points, which are 4.2 pixels, less a line's half width.
    # Half of the widest line's 3.4 points, in pixels.
    assert gap == 0 if what == "nothing" else gap > 1.7 * 100 / 72


def test_a_second_set_of_labels_keeps_clear_of_the_first() -> None:
    table = squares(["One name", "Another name"])
    ax = lh.plot_areas(table, ax=Figure(figsize=(3, 2)).add_subplot(), label=None)
    lh.add_labels(lh.add_labels(ax, table.head(1)), table.tail(1))
    assert len(labelled(ax)) == 2
    assert overlaps(list(labelled(ax).values())) == 0


@rc_context({"text.hinting": "none"})
def test_a_halo_lies_under_every_line_of_its_label_however_large_the_figure_is_made() -> None:
    figure = Figure(figsize=(5, 5), dpi=200)
    canvas = FigureCanvasAgg(figure)
    ax = figure.add_axes((0, 0, 1, 1))
    home = shapely.box(0, 0, 100, 100)
    areas = gpd.GeoDataFrame({"area_name": ["Hulme and Hamble upon Wye"]}, geometry=[home])
    ax.set(xlim=(0, 100), ylim=(0, 100))
    ax.set_axis_off()
    lh.add_labels(ax, areas, size=20)
    (text,), (halo,) = ax.texts, [patch for patch in ax.patches if isinstance(patch, PathPatch)]
    assert text.get_text().count("\n") == 1
    halo.set_color("black")

    def ink(shown: Artist) -> np.ndarray:
        for one in (text, halo):
            one.set_visible(one is shown)
        canvas.draw()
        return np.asarray(canvas.buffer_rgba())[:, :, 0] < 128

    reach = round(1.2 / 72 * 200) + 1  # half the line, in pixels
    for size in ((5, 5), (9, 7)):
        figure.set_size_inches(size)
        letters, around = ink(text), ink(halo)
        assert around[letters].all()
        for axis in (0, 1):
            inner, outer = (np.flatnonzero(one.any(axis=axis)) for one in (letters, around))
            assert 0 < inner[0] - outer[0] <= reach
            assert 0 < outer[-1] - inner[-1] <= reach


def test_a_lacking_column_is_refused() -> None:
    table = squares(["A"])
    ax = lh.plot_areas(table, ax=Figure().add_subplot())
    with pytest.raises(ValueError, match=r"no column 'name'.*Did you mean 'area_name'"):
        lh.add_labels(ax, table, "name")
