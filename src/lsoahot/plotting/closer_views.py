"""The closer view beside a map: of what, under which title, and its frame on the map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lsoahot.common import class_labels
from lsoahot.plotting.core import draw

from . import colours
from .areas_to_label import top_areas

if TYPE_CHECKING:
    import geopandas as gpd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from .page_frame import Box, Page

# How far a closer view shows beyond its hot spot, at least, in metres.
ROOM: Final = 400.0
# An area is too small to see if its side is less than this share of the map's; what is shown of
# the ground around it, in its sides.
TOO_SMALL: Final = 0.08
AROUND: Final = 2.5


def closer_views(
    figure: Figure,
    ax: Axes,
    areas: gpd.GeoDataFrame,
    named: gpd.GeoDataFrame,
    *,
    towns: gpd.GeoDataFrame | None,
    zoom: bool | str,
    page: Page,
    box: Box,
) -> list[Axes]:
    """Make axes for a closer view, if there is one to be had."""
    view = _view(areas, named, zoom=zoom)
    if view is None:
        return []
    inset = _inset(figure, ax, view, page=page, box=box)
    words = _inset_title(inset, areas, towns, zoom=zoom)
    title = inset.set_title(words, size=8, color=colours.FAINT, loc="left", parse_math=False)
    share = inset.get_window_extent().width / title.get_window_extent().width
    title.set_fontsize(8 * min(1, share))
    return [inset]


def _view(
    areas: gpd.GeoDataFrame, named: gpd.GeoDataFrame, *, zoom: bool | str
) -> tuple[float, float, float, float] | None:
    """Return what a closer view is to show, before it takes the shape of its frame."""
    west, south, east, north = areas.total_bounds
    extent = max(east - west, north - south)
    if zoom == "where small":
        if named.empty:
            return None
        side = named.geometry.area.pow(0.5)
        if float(side.min()) > TOO_SMALL * extent:
            return None
        middle = named.geometry.iloc[side.argmin()].representative_point()
        half = max(AROUND * float(side.min()), TOO_SMALL * extent)
        return (middle.x - half, middle.y - half, middle.x + half, middle.y + half)
    if not zoom:
        return None
    left, low, right, high = _hottest(areas).total_bounds.tolist()
    around = max(0.25 * max(right - left, high - low), ROOM)
    return (left - around, low - around, right + around, high + around)


def _inset_title(
    inset: Axes, areas: gpd.GeoDataFrame, towns: gpd.GeoDataFrame | None, *, zoom: bool | str
) -> str:
    """Say what a closer view shows: the town, if it is one; on the map its name would hide it."""
    if zoom == "where small":
        (west, east), (south, north) = inset.get_xlim(), inset.get_ylim()
        if towns is not None:
            points = towns.geometry.representative_point()
            seen = points.x.between(west, east) & points.y.between(south, north)
            if seen.sum() == 1:
                return f"The framed part: {towns.loc[seen, 'area_name'].iloc[0]}"
        return "The framed part, closer"
    is_hot = "hotspot" in areas.columns and areas["hotspot"].isin(class_labels.HOT_SPOTS).any()
    return "The top hot spot, closer" if is_hot else "The top area, closer"


def _inset(
    figure: Figure, ax: Axes, view: tuple[float, float, float, float], *, page: Page, box: Box
) -> Axes:
    """Make axes for a closer view, and mark on the map what it shows."""
    from matplotlib.patches import Rectangle

    west, south, east, north = view
    x, y, wide, tall = box
    inset = figure.add_axes(page.share((x, y, wide, tall - 0.2)), label="zoom")
    # The view takes the shape of its frame.
    half_x = max((east - west) / 2, (north - south) / 2 * wide / (tall - 0.2))
    half_y = half_x * (tall - 0.2) / wide
    middle_x = _within((west + east) / 2, half_x, ax.get_xlim())
    middle_y = _within((south + north) / 2, half_y, ax.get_ylim())
    corner = (middle_x - half_x, middle_y - half_y)
    inset.set(xlim=(corner[0], middle_x + half_x), ylim=(corner[1], middle_y + half_y))
    inset.set_aspect("equal")
    ax.add_patch(
        Rectangle(
            corner, 2 * half_x, 2 * half_y, fill=False, edgecolor=colours.INK, linewidth=1.1,
            zorder=4.5, label=draw.FRAME,
        )
    )  # fmt: skip
    return inset


def _within(middle: float, half: float, limits: tuple[float, float]) -> float:
    """Move the middle of a view so that the view lies within the map, if it can."""
    low, high = limits[0] + half, limits[1] - half
    return min(max(middle, low), high) if low <= high else sum(limits) / 2


def _hottest(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the hot spot of the highest score with those of its class that join on to it."""
    if "hotspot" not in areas.columns or "gi_z" not in areas.columns:
        return top_areas(areas, 1)
    classes = areas["hotspot"].astype("object")
    hot = areas[classes.isin(class_labels.HOT_SPOTS)]
    if hot.empty:
        return top_areas(areas, 1)
    first = int(hot["gi_z"].astype("float64").argmax())
    middle = hot.geometry.iloc[first].representative_point()
    hot = hot[hot["hotspot"].astype("object") == hot["hotspot"].iloc[first]]
    whole = hot.dissolve().explode()
    holds = whole.geometry.intersects(middle)
    patch = whole[holds].geometry.iloc[0]
    on_it: gpd.GeoDataFrame = hot[hot.geometry.representative_point().intersects(patch)]
    return on_it
