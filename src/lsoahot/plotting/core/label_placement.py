"""Text on the map that covers no other text."""

from __future__ import annotations

import textwrap
import warnings
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import shapely
from shapely.affinity import affine_transform

from lsoahot.common import checks
from lsoahot.plotting import colours

from .draw import FURNITURE, HALO, LEADER, NAME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    from matplotlib.axes import Axes
    from matplotlib.text import Text
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
    near: bool = False,
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
    near : bool
        Try the nearest places only.

    Returns
    -------
    list of Place or None
        None where there is no room.
    """
    # In a crowd, labels that stand close wall in the areas behind them. Then all start farther out;
    # where even that leaves some out, leader lines are let cross, and labels change places until
    # none does. Of a great many, only those are placed that have room near by.
    if near:
        return _placed(
            anchors,
            sizes,
            homes,
            frame,
            taken=taken,
            line=line,
            reach=DISTANCES[:2],
            may_cross=False,
        )
    starts = range(len(DISTANCES) - CHOICE) if len(anchors) <= GREAT_MANY else [0]
    tries = []
    for may_cross in (False, True)[: len(starts)]:
        for nearest in starts:
            reach = DISTANCES[nearest:] if len(starts) > 1 else DISTANCES[:CHOICE]
            places = _placed(
                anchors, sizes, homes, frame,
                taken=taken, line=line, reach=reach, may_cross=may_cross,
            )  # fmt: skip
            tries.append(_uncrossed(places, anchors, sizes) if may_cross else places)
            if None not in tries[-1]:
                return tries[-1]
    return min(tries, key=lambda places: places.count(None))


def _uncrossed(places: list[Place | None], anchors: Floats, sizes: Floats) -> list[Place | None]:
    """Let labels whose leader lines cross change places, where they fit; drop what still crosses.

    The two lines that don't cross are shorter together than the two that do, so this comes to an end.
    """
    places = list(places)
    for _ in range(len(places) ** 2):
        pair = _crossing(places, anchors)
        if pair is None:
            break
        changed = _exchanged(places, anchors, sizes, pair)
        if changed is None:
            places[pair[1]] = None
        else:
            places = changed
    return places


def _leader(anchor: Floats, spot: Place | None) -> BaseGeometry | None:
    """Return a label's leader line, if it has one."""
    if spot is None or spot.leader is None:
        return None
    return shapely.LineString([tuple(anchor), spot.leader])


def _crossing(places: Sequence[Place | None], anchors: Floats) -> tuple[int, int] | None:
    """Return the first two labels whose leader lines cross."""
    lines = [_leader(anchor, spot) for anchor, spot in zip(anchors, places, strict=True)]
    for i, j in combinations(range(len(lines)), 2):
        one, other = lines[i], lines[j]
        if one is not None and other is not None and one.intersects(other):
            return i, j
    return None


def _exchanged(
    places: Sequence[Place | None], anchors: Floats, sizes: Floats, pair: tuple[int, int]
) -> list[Place | None] | None:
    """Return the places with two labels exchanged, or None where one would cover another."""
    result = list(places)
    boxes = {
        k: _box(np.array(spot.centre), sizes[k])
        for k, spot in enumerate(places)
        if spot is not None and k not in pair
    }
    for k, spot in zip(pair, (places[pair[1]], places[pair[0]]), strict=True):
        if spot is None or spot.leader is None:
            return None
        # The label's nearest side stays at the leader's end, whatever its size.
        end = np.array(spot.leader)
        other = pair[1] if k == pair[0] else pair[0]
        centre = end + (np.array(spot.centre) - end) * sizes[k] / sizes[other]
        box = _box(centre, sizes[k])
        line = shapely.LineString([tuple(anchors[k]), spot.leader])
        standing = np.array(list(boxes.values()), dtype=object)
        if _hits(box, standing) or _hits(line, standing):
            return None
        boxes[k] = box
        result[k] = Place((float(centre[0]), float(centre[1])), spot.leader)
    return result


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


# A name as wide as this many characters goes on to the next line.
WRAP: Final = 20
LEADING: Final = 1.05


def label_areas(
    ax: Axes,
    areas: gpd.GeoDataFrame,
    label: str,
    *,
    size: float = 8,
    look: Mapping[str, Any] | None = None,
) -> tuple[int, int]:
    """Label what is seen of the areas, the first first; return how many were placed, of how many.

    A label stands in its area where it fits. Elsewhere it is tried around it, ever farther out, on
    a leader line. The halo is drawn apart, so that labels stay text in SVG and PDF. With a ``look``
    (of towns), labels stand near by or not at all, and without a leader line.
    """
    checks.areas(areas)
    checks.columns(areas, [label])
    homes, names = _in_view(ax, areas, label)
    if not homes:
        return 0, 0
    drawn = [
        ax.text(
            0, 0, textwrap.fill(name, WRAP), size=size, ha="center", va="center", zorder=6,
            label=NAME, linespacing=LEADING, parse_math=False,
            **({"color": colours.INK} | dict(look or {})),
        )
        for name in names
    ]  # fmt: skip
    point = ax.figure.dpi / 72
    boxes = [text.get_window_extent() for text in drawn]
    sizes = np.array([(box.width + 3 * point, box.height + 1.5 * point) for box in boxes])
    anchors = np.array([heart(home) for home in homes])
    west, south, east, north = ax.get_window_extent().extents
    spots = place(
        anchors,
        sizes,
        homes,
        (west, south, east, north),
        taken=_taken(ax, drawn),
        line=size * point * 1.2,
        near=look is not None,
    )
    for text, anchor, spot in zip(drawn, anchors, spots, strict=True):
        if spot is None:
            text.remove()
        else:
            _put(ax, text, anchor, spot if look is None else spot._replace(leader=None))
    return len(homes) - spots.count(None), len(homes)


def warn_unplaced(placed: int, wanted: int) -> None:
    """Tell of labels that found no room, as of the line that called the verb."""
    if placed < wanted:
        warnings.warn(
            f"{wanted - placed:,} of {wanted:,} labels found no room and are not drawn. "
            "Label fewer areas, or draw the map larger.",
            UserWarning,
            stacklevel=3,
        )


def _in_view(ax: Axes, areas: gpd.GeoDataFrame, label: str) -> tuple[list[BaseGeometry], list[str]]:
    """Return what is seen of each area, in pixels, and its name; leave out what is out of view."""
    ax.apply_aspect()
    (a, b, x), (c, d, y), _ = ax.transData.get_affine().get_matrix()
    west, east = sorted(ax.get_xlim())
    south, north = sorted(ax.get_ylim())
    seen = shapely.clip_by_rect(areas.geometry.to_numpy(), west, south, east, north)
    # A sliver at the edge of the view is no place for a label.
    shown = (shapely.area(seen) > 0.2 * areas.geometry.area.to_numpy()) & areas[label].notna()
    homes = [affine_transform(home, [a, b, c, d, x, y]) for home in seen[shown.to_numpy()]]
    return homes, [str(name) for name in areas[label][shown]]


def _taken(ax: Axes, new: Sequence[Text]) -> list[Box]:
    """List the boxes of the furniture and labels that stand in the axes already."""
    standing = [artist for artist in ax.get_children() if artist.get_label() == FURNITURE]
    standing += [text for text in ax.texts if text.get_label() == NAME and text not in new]
    extents = [artist.get_window_extent().extents for artist in standing]
    return [(west, south, east, north) for west, south, east, north in extents]


def _put(ax: Axes, text: Text, anchor: Floats, spot: Place) -> None:
    """Move a label to its place, with a halo under it."""
    from matplotlib.patheffects import Stroke

    to_data = ax.transData.inverted().transform
    x, y = to_data(spot.centre)
    text.set_position((x, y))
    halo = ax.text(
        x, y, text.get_text(), size=text.get_fontsize(), ha="center", va="center", zorder=5,
        color=colours.PAPER, label=HALO, linespacing=LEADING, parse_math=False,
        style=text.get_fontstyle(),
    )  # fmt: skip
    halo.set_path_effects([Stroke(linewidth=2.4, foreground=colours.PAPER)])
    if spot.leader is not None:
        xs, ys = to_data(np.array([anchor, spot.leader])).T
        ax.plot(xs, ys, color=colours.PAPER, linewidth=1.8, zorder=3, label=HALO)
        ax.plot(
            xs, ys, color=colours.INK, linewidth=0.6, marker="o", markersize=2.4, markevery=[0],
            markeredgecolor=colours.PAPER, markeredgewidth=0.4, zorder=4, label=LEADER,
        )  # fmt: skip
