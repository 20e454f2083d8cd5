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

# A label is tried at its area's heart, then around it, ever farther out: twelve directions
# (level with the area first), at these distances in heights of a line of text.
DISTANCES: Final = (0.35, 0.8, 1.4, 2.2, 3.2, 4.5, 6, 8, 10.5, 13.5, 17)
DIRECTIONS: Final = np.radians([0, 180, 30, 150, -30, 210, 60, 120, -60, 240, 90, 270])


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
    boxes = [shapely.box(*box) for box in taken]
    leaders: list[BaseGeometry] = []
    places: list[Place | None] = []
    page = shapely.box(*frame)
    points = shapely.points(anchors)
    for number, (anchor, size) in enumerate(zip(anchors, sizes, strict=True)):
        inside = _box(anchor, size)
        others = np.delete(points, number)
        if homes[number].contains(inside) and not _hits(inside, [*boxes, *leaders]):
            boxes.append(inside)
            places.append(Place((float(anchor[0]), float(anchor[1])), None))
            continue
        best = None
        for distance, centre, end in _around(anchor, size, line):
            if best is not None and distance >= best[0]:
                break
            box = _box(centre, size)
            if not page.contains(box) or _hits(box, [*boxes, *leaders]):
                continue
            leader = shapely.LineString([anchor, end])
            if _hits(leader, [*boxes, *leaders]):
                continue
            # Better a little farther out than over another label's area.
            covered = int(shapely.intersects(others, box.union(leader.buffer(line / 4))).sum())
            cost = distance + 4 * line * covered
            if best is None or cost < best[0]:
                best = (cost, centre, end, box, leader)
        if best is None:
            places.append(None)
            continue
        _, centre, end, box, leader = best
        boxes.append(box)
        leaders.append(leader)
        places.append(Place((float(centre[0]), float(centre[1])), (float(end[0]), float(end[1]))))
    return places


def _around(anchor: Floats, size: Floats, line: float) -> list[tuple[float, Floats, Floats]]:
    """List the places to try: distance, the label's centre, and where its leader ends."""
    half = size / 2
    tries = []
    for distance in DISTANCES:
        for angle in DIRECTIONS:
            way = np.array([np.cos(angle), np.sin(angle)])
            end = anchor + way * (distance + 0.25) * line
            # The label stands beyond the leader's end, touching it with the nearest side.
            side = np.rint(way * 1.2)
            tries.append((distance * line, end + side * half, end))
    return tries


def _box(centre: Floats, size: Floats) -> BaseGeometry:
    """Return the box of a label."""
    return shapely.box(*(centre - size / 2), *(centre + size / 2))


def _hits(shape: BaseGeometry, others: Sequence[BaseGeometry]) -> bool:
    """Tell whether a shape meets one of the others."""
    return bool(len(others)) and bool(shapely.intersects(np.array(others), shape).any())


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
