"""Where labels go: beside their areas, over nothing else, the same way every time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    Floats = NDArray[np.float64]
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


class Place(NamedTuple):
    """Where a label goes, in the units of the page."""

    centre: tuple[float, float]
    leader: tuple[float, float] | None  # the point of the label nearest to its area


def place(
    anchors: Floats,
    sizes: Floats,
    homes: Sequence[BaseGeometry],
    frame: Box,
    *,
    taken: Sequence[Box] = (),
    line: float,
) -> list[Place | None]:
    """Place labels one after the other, the most important first.

    Parameters
    ----------
    anchors, sizes : arrays of float, shape (n, 2)
        The heart of each labelled area; the width and height of each label.
    homes : sequence of Polygon
        The areas, in the same units.
    frame : tuple of float
        West, south, east and north of what labels may not leave.
    taken : sequence of tuple of float
        Boxes that labels may not cover.
    line : float
        The height of a line of text.

    Returns
    -------
    list of Place or None
        None where there is no room.
    """
    # In a crowd, labels that stand close wall in the areas behind them. Then all start farther out;
    # where even that leaves some out, leader lines may cross one another, but never a label.
    # Of a great many, only those are placed that have room near by.
    starts = range(len(DISTANCES) - CHOICE) if len(anchors) <= GREAT_MANY else [0]
    tries = []
    for may_cross in (False, True)[: len(starts)]:
        for nearest in starts:
            reach = DISTANCES[nearest:] if len(starts) > 1 else DISTANCES[:CHOICE]
            tries.append(
                _placed(
                    anchors, sizes, homes, frame,
                    taken=taken, line=line, reach=reach, may_cross=may_cross,
                )
            )  # fmt: skip
            if None not in tries[-1]:
                return tries[-1]
    return min(tries, key=lambda places: places.count(None))


def _placed(
    anchors: Floats,
    sizes: Floats,
    homes: Sequence[BaseGeometry],
    frame: Box,
    *,
    taken: Sequence[Box],
    line: float,
    reach: Sequence[float],
    may_cross: bool,
) -> list[Place | None]:
    """Place labels at the distances in reach."""
    crowded = reach[0] > DISTANCES[0]
    boxes = [shapely.box(*box) for box in taken]
    leaders: list[BaseGeometry] = []
    places: list[Place | None] = [None] * len(anchors)
    page = shapely.box(*frame)
    points = shapely.points(anchors)
    middle = anchors.mean(axis=0)
    order = np.arange(len(anchors))
    if crowded:
        order = np.argsort(-np.hypot(*(anchors - middle).T), kind="stable")
    for number in map(int, order):
        anchor, size = anchors[number], sizes[number]
        inside = _box(anchor, size)
        if homes[number].contains(inside) and not _hits(inside, [*boxes, *leaders]):
            boxes.append(inside)
            places[number] = Place((float(anchor[0]), float(anchor[1])), None)
            continue
        others = np.delete(points, number)
        standing = np.array([*boxes, *leaders], dtype=object)
        in_the_way = boxes if may_cross else standing
        best = None
        for distance, centre, end in _around(anchor, size, line, reach):
            if best is not None and distance >= best[0]:
                break
            box = _box(centre, size)
            leader = shapely.LineString([anchor, end])
            if not page.contains(box) or _hits(box, standing) or _hits(leader, in_the_way):
                continue
            # Better a little farther out than over another label's area.
            covered = int(shapely.intersects(others, box.union(leader.buffer(line / 4))).sum())
            cost = distance + 4 * line * covered
            if crowded:
                # Out of the crowd, not across it.
                cost += 2 * line * (1 - _alignment(end - anchor, anchor - middle))
            if best is None or cost < best[0]:
                best = (cost, centre, end, box, leader)
        if best is not None:
            _, (x, y), (end_x, end_y), box, leader = best
            boxes.append(box)
            leaders.append(leader)
            places[number] = Place((float(x), float(y)), (float(end_x), float(end_y)))
    return places


def _around(
    anchor: Floats, size: Floats, line: float, reach: Sequence[float]
) -> list[tuple[float, Floats, Floats]]:
    """List the places to try: distance, the label's centre, and where its leader ends."""
    half = size / 2
    tries = []
    for distance in reach:
        for angle in DIRECTIONS:
            way = np.array([np.cos(angle), np.sin(angle)])
            end = anchor + way * (distance + 0.25) * line
            # The label stands beyond the leader's end, touching it with the nearest side.
            side = np.rint(way * 1.2)
            tries.append((distance * line, end + side * half, end))
    return tries


def _alignment(one: Floats, other: Floats) -> float:
    """Return the cosine between two directions, 0 where there is none."""
    size = float(np.hypot(*one) * np.hypot(*other))
    return float(one @ other) / size if size else 0.0


def _box(centre: Floats, size: Floats) -> BaseGeometry:
    """Return the box of a label."""
    return shapely.box(*(centre - size / 2), *(centre + size / 2))


def _hits(shape: BaseGeometry, others: Sequence[BaseGeometry] | NDArray[np.object_]) -> bool:
    """Tell whether a shape meets one of the others."""
    return bool(len(others)) and bool(shapely.intersects(np.asarray(others), shape).any())


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
