"""Where labels of areas go: none over another, its leader line over none."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from lsoahot.common.arrays import Bools, Floats

    Box = tuple[float, float, float, float]


# A label is tried at its area's heart, then around it, ever farther out: twenty-four directions
# (level with the area first), at these distances in heights of a line of text.
DISTANCES: Final = (0.35, 0.8, 1.4, 2.2, 3.2, 4.5, 6, 8, 10.5, 13.5, 17)
DIRECTIONS: Final = np.radians(
    sorted(range(0, 360, 15), key=lambda angle: abs((angle + 90) % 180 - 90))
)
# However crowded it is, this many distances are left to choose from.
CHOICE: Final = 4
GREAT_MANY: Final = 40
# How far a name's middle may lie from its area's heart, in widths and heights of the name, the
# nearest first.
SHIFTS: Final = np.array(
    sorted(
        ((x, y) for x in (0, -0.2, 0.2, -0.4, 0.4) for y in (0, 0.5, -0.5, 1, -1, 1.5, -1.5)),
        key=lambda shift: 3 * abs(shift[0]) + abs(shift[1]),
    )
)


NOTHING: Final = np.empty((0, 2))  # no points
# How much of what a town's name covers must be the town's own ground.
OWN: Final = 0.4


class Room(NamedTuple):
    """Where labels may go, in the units of the page; boxes are west, south, east and north."""

    page: Box  # which labels may not leave
    taken: Sequence[Box] = ()  # which neither labels nor leader lines cover
    frames: Sequence[Box] = ()  # whose sides labels may not cover, and had better keep out of
    points: Floats = NOTHING  # of lines that no town's name covers, and labels had better not


class Place(NamedTuple):
    """Where a label goes, in the units of the page."""

    centre: tuple[float, float]
    leader: tuple[float, float] | None  # the point of the label nearest to its area


def place(
    anchors: Floats, sizes: Floats, homes: Sequence[BaseGeometry], room: Room, *, line: float
) -> list[Place | None]:
    """Place labels one after the other, the most important first.

    Parameters
    ----------
    anchors, sizes : arrays of float, shape (n, 2)
        The heart of each labelled area; the width and height of each label.
    homes : sequence of Polygon
        The areas, in the same units.
    room : Room
        Where labels may go.
    line : float
        The height of a line of text.

    Returns
    -------
    list of Place or None
        None where there is no room.
    """
    if len(anchors) > GREAT_MANY:
        # Of a great many, only those are placed that have room near by.
        reach = DISTANCES[:CHOICE]
        return _place_within(anchors, sizes, homes, room, line=line, reach=reach, may_cross=False)

    def together(n: int) -> list[Place | None]:
        return _place_all(anchors[:n], sizes[:n], homes[:n], room, line=line)

    best = together(len(anchors))
    # Where they don't all fit, the largest number that does, from the head of the list.
    low, high = (best.index(None), len(best) - 1) if None in best else (0, 0)
    while low < high:
        middle = (low + high + 1) // 2
        fewer = together(middle)
        if None in fewer:
            high = middle - 1
        else:
            low, best = middle, [*fewer, *[None] * (len(best) - middle)]
    return best


def _place_all(
    anchors: Floats, sizes: Floats, homes: Sequence[BaseGeometry], room: Room, *, line: float
) -> list[Place | None]:
    """Place all labels, or all but the last of the list."""
    # In a crowd, labels that stand close wall in the areas behind them. Then all start farther out;
    # where even that leaves some out, leader lines are let cross, and labels change places until
    # none does.
    tries = []
    for may_cross in (False, True):
        for nearest in range(len(DISTANCES) - CHOICE):
            places = _place_within(
                anchors, sizes, homes, room,
                line=line, reach=DISTANCES[nearest:], may_cross=may_cross,
            )  # fmt: skip
            tries.append(_uncross(places, anchors, sizes) if may_cross else places)
            if None not in tries[-1]:
                return tries[-1]
    # Rather the last of the list without a label than the first: the first is what is looked for.
    return min(tries, key=lambda places: [position is None for position in places])


def _uncross(places: list[Place | None], anchors: Floats, sizes: Floats) -> list[Place | None]:
    """Let labels whose leader lines cross change places, where they fit; drop what still crosses.

    The two lines that don't cross are shorter together than the two that do, so this comes to an end.
    """
    places = list(places)
    for _ in range(len(places) ** 2):
        pair = _crossing(places, anchors)
        if pair is None:
            break
        changed = _exchange(places, anchors, sizes, pair)
        if changed is None:
            places[pair[1]] = None
        else:
            places = changed
    return places


def _leader(anchor: Floats, position: Place | None) -> BaseGeometry | None:
    """Return a label's leader line, if it has one."""
    if position is None or position.leader is None:
        return None
    return shapely.LineString([tuple(anchor), position.leader])


def _crossing(places: Sequence[Place | None], anchors: Floats) -> tuple[int, int] | None:
    """Return the first two labels whose leader lines cross."""
    lines = [_leader(anchor, position) for anchor, position in zip(anchors, places, strict=True)]
    for i, j in combinations(range(len(lines)), 2):
        one, other = lines[i], lines[j]
        if one is not None and other is not None and one.intersects(other):
            return i, j
    return None


def _exchange(
    places: Sequence[Place | None], anchors: Floats, sizes: Floats, pair: tuple[int, int]
) -> list[Place | None] | None:
    """Return the places with two labels exchanged, or None where one would cover another."""
    result = list(places)
    boxes = {
        k: _box(np.array(position.centre), sizes[k])
        for k, position in enumerate(places)
        if position is not None and k not in pair
    }
    for k, position in zip(pair, (places[pair[1]], places[pair[0]]), strict=True):
        if position is None or position.leader is None:
            return None
        # The label's nearest side stays at the leader's end, whatever its size.
        end = np.array(position.leader)
        other = pair[1] if k == pair[0] else pair[0]
        centre = end + (np.array(position.centre) - end) * sizes[k] / sizes[other]
        box = _box(centre, sizes[k])
        line = shapely.LineString([tuple(anchors[k]), position.leader])
        if _meets(np.array([box, line], dtype=object), list(boxes.values())).any():
            return None
        boxes[k] = box
        result[k] = Place((float(centre[0]), float(centre[1])), position.leader)
    return result


def _place_within(
    anchors: Floats,
    sizes: Floats,
    homes: Sequence[BaseGeometry],
    room: Room,
    *,
    line: float,
    reach: Sequence[float],
    may_cross: bool,
) -> list[Place | None]:
    """Place labels at the distances in reach."""
    shapely.prepare(homes)
    crowded = reach[0] > DISTANCES[0]
    boxes = list(map(np.array, room.taken))
    frames = list(map(np.array, room.frames))
    kept = [np.array(side) for frame in room.frames for side in _sides(frame)]
    leaders: list[BaseGeometry] = []
    places: list[Place | None] = [None] * len(anchors)
    middle = anchors.mean(axis=0)
    order = np.arange(len(anchors))
    if crowded:
        order = np.argsort(-np.hypot(*(anchors - middle).T), kind="stable")
    for number in map(int, order):
        anchor, size = anchors[number], sizes[number]
        inside = _bounds(anchor[None], size)
        if (
            homes[number].contains(shapely.box(*inside[0]))
            and _free(inside, boxes + kept, leaders).any()
        ):
            boxes.append(inside[0])
            places[number] = Place((float(anchor[0]), float(anchor[1])), None)
            continue
        best = None
        for distance, centres, ends in _around(anchor, size, line, reach):
            if best is not None and distance >= best[0]:
                break
            bounds = _bounds(centres, size)
            seen = np.flatnonzero(_on_page(bounds, room.page))
            tried = seen[_free(bounds[seen], boxes + kept, leaders)]
            lines = np.asarray(
                shapely.linestrings(np.stack([np.broadcast_to(anchor, ends.shape), ends], 1))
            )
            in_the_way = [shapely.box(*box) for box in boxes] + ([] if may_cross else leaders)
            tried = tried[~_meets(lines[tried], in_the_way)]
            if not tried.size:
                continue
            # Better a little farther out than over another label's area, in a frame or over lines
            # to be seen; and better all over its own ground.
            others = np.delete(anchors, number, axis=0)
            under = _within(others, bounds[tried]) | (
                shapely.distance(lines[tried, None], shapely.points(others)) <= line / 4
            )
            crosses = _covered(room.points, bounds[tried])
            framed = ~_free(bounds[tried], frames, ())
            own = shapely.contains(homes[number], shapely.box(*bounds[tried].T))
            costs = distance + line * (4 * under.sum(axis=1) + 4 * framed + crosses / 4 - own)
            if crowded:
                # Out of the crowd, not across it.
                costs = costs + 2 * line * (1 - _alignment(ends[tried] - anchor, anchor - middle))
            least = int(np.argmin(costs))
            if best is None or costs[least] < best[0]:
                k = tried[least]
                best = (float(costs[least]), centres[k], ends[k], bounds[k], lines[k])
        if best is not None:
            _, (x, y), (end_x, end_y), box, leader = best
            boxes.append(box)
            leaders.append(leader)
            places[number] = Place((float(x), float(y)), (float(end_x), float(end_y)))
    return places


def place_over(
    anchors: Floats, sizes: Floats, homes: Sequence[BaseGeometry], room: Room
) -> list[Place | None]:
    """Place names over their areas, the most important first; a name's middle is never elsewhere.

    Beside its area, a name without a leader line would be taken for that of the ground it covers.
    In a frame it would hide what is framed. Most of what a name covers is its own ground.

    Parameters
    ----------
    anchors, sizes, homes, room
        As of `place`; names keep out of the whole frames.

    Returns
    -------
    list of Place or None
        None where there is no room.
    """
    boxes = [np.array(box) for box in (*room.taken, *room.frames)]
    places: list[Place | None] = []
    for anchor, size, home in zip(anchors, sizes, homes, strict=True):
        centres = anchor + SHIFTS * size
        bounds = _bounds(centres, size)
        fits = _on_page(bounds, room.page) & _free(bounds, boxes, ())
        # As far off lines as the heaviest is wide.
        fits &= _covered(room.points, _bounds(centres, size + size[1] / 3)) == 0
        fits &= shapely.contains_xy(home, centres)
        fits[fits] = _own(home, bounds[fits]) >= OWN
        places.append(None)
        if fits.any():
            first = int(np.argmax(fits))
            boxes.append(bounds[first])
            places[-1] = Place((float(centres[first, 0]), float(centres[first, 1])), None)
    return places


def _around(
    anchor: Floats, size: Floats, line: float, reach: Sequence[float]
) -> Iterator[tuple[float, Floats, Floats]]:
    """Yield the places to try, ring by ring: distance, the labels' centres, their leaders' ends."""
    ways = np.stack([np.cos(DIRECTIONS), np.sin(DIRECTIONS)], axis=1)
    # The label stands beyond the leader's end, touching it with the nearest side.
    sides = np.rint(ways * 1.2) * size / 2
    for distance in reach:
        ends = anchor + ways * (distance + 0.25) * line
        yield distance * line, ends + sides, ends


def _alignment(ways: Floats, other: Floats) -> Floats:
    """Return the cosines between directions and another one, 0 where there is none."""
    sizes = np.hypot(*ways.T) * np.hypot(*other)
    cosines: Floats = np.where(sizes > 0, ways @ other / np.where(sizes > 0, sizes, 1.0), 0.0)
    return cosines


def _bounds(centres: Floats, size: Floats) -> Floats:
    """Return the boxes of labels at several places: west, south, east, north."""
    return np.hstack([centres - size / 2, centres + size / 2])


def _on_page(bounds: Floats, page: Box) -> Bools:
    """Tell which boxes lie on the page."""
    inside = (bounds >= page[:2] * 2) & (bounds <= page[2:] * 2)
    return np.asarray(np.all(inside, axis=1))


def _sides(frame: Box) -> list[Box]:
    """Return the four sides of a frame, as thick as its line."""
    west, south, east, north = frame
    across: list[Box] = [(west, y - 1, east, y + 1) for y in (south, north)]
    return [(x - 1, south, x + 1, north) for x in (west, east)] + across


def _free(bounds: Floats, boxes: Sequence[Floats], leaders: Sequence[BaseGeometry]) -> Bools:
    """Tell which boxes meet none of those that stand already, and no leader line."""
    free = np.ones(len(bounds), dtype=bool)
    if boxes:
        standing = np.array(boxes)
        apart = (bounds[:, None, :2] > standing[:, 2:]) | (bounds[:, None, 2:] < standing[:, :2])
        free = np.all(np.any(apart, axis=2), axis=1)
    free[free] = ~_meets(np.asarray(shapely.box(*bounds[free].T)), leaders)
    return free


def _meets(shapes: NDArray[np.object_], others: Sequence[BaseGeometry]) -> Bools:
    """Tell which shapes meet one of the others."""
    met = shapely.intersects(shapes[:, None], np.array(others, dtype=object)[None, :])
    each: Bools = np.any(met, axis=1)
    return each


def _within(points: Floats, bounds: Floats) -> Bools:
    """Tell which points lie in which boxes, shape (boxes, points)."""
    inside = (points >= bounds[:, None, :2]) & (points <= bounds[:, None, 2:])
    return np.asarray(np.all(inside, axis=2))


def _covered(points: Floats, bounds: Floats) -> NDArray[np.intp]:
    """Count the points that lie in each box."""
    # Most of many points are near none of them.
    near = (points >= bounds[:, :2].min(axis=0)) & (points <= bounds[:, 2:].max(axis=0))
    return np.asarray(_within(points[near.all(axis=1)], bounds).sum(axis=1))


def _own(home: BaseGeometry, bounds: Floats) -> Floats:
    """Return how much of each box lies in an area, by a hundred points."""
    shares = (np.indices((20, 5)).reshape(2, -1).T + 0.5) / (20, 5)
    points = bounds[:, None, :2] + shares * (bounds[:, None, 2:] - bounds[:, None, :2])
    return np.asarray(shapely.contains_xy(home, points[..., 0], points[..., 1]).mean(axis=1))


def _box(centre: Floats, size: Floats) -> BaseGeometry:
    """Return the box of a label."""
    return shapely.box(*(centre - size / 2), *(centre + size / 2))


def heart(area: BaseGeometry) -> tuple[float, float]:
    """Return the point of an area that is farthest from its edge, in its largest part."""
    from shapely.ops import polylabel

    parts = shapely.get_parts(area)
    largest = parts[int(np.argmax(shapely.area(parts)))]
    try:
        point = polylabel(largest, tolerance=max(float(np.sqrt(largest.area)) / 50, 1e-9))
    except (shapely.errors.GEOSException, ValueError):
        point = largest.representative_point()
    return float(point.x), float(point.y)
