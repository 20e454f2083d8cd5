"""What makes a drawing a map: outline, scale bar, north arrow, locator, base map.

Each ``add_`` verb takes the ``Axes`` that a ``plot_`` verb returned and the areas drawn there, adds
to the axes and returns them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from . import _checks, _colours, _drawing
from ._drawing import FURNITURE

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Box = tuple[float, float, float, float]

KILOMETRE: Final = 1000.0
OUTLINE: Final[dict[str, Any]] = {
    "color": "#3d3d3d", "linewidth": 0.9, "capstyle": "round", "zorder": 2,
}  # fmt: skip
CORNERS: Final = ("lower left", "lower right", "upper right", "upper left")


def add_outline(ax: Axes, areas: gpd.GeoDataFrame, by: str = "district", **style: Any) -> Axes:
    """Draw the outline of each district over its areas.

    Parameters
    ----------
    ax : Axes
        What the areas were drawn on.
    areas : GeoDataFrame
        The areas, with vertices that neighbours share.
    by : str
        The column that says which areas belong together.
    **style
        How the lines look: ``color``, ``linewidth``, ...

    Returns
    -------
    Axes
        The same axes.

    Raises
    ------
    TypeError
        If ``areas`` is not a table of areas.
    ValueError
        If the column is lacking.

    Notes
    -----
    A stretch of boundary that two areas of one district share lies inside it; what is left is the
    outline. That needs no union of polygons, so it is quick on a whole country.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> import lsoahot as lh
    >>> areas = gpd.GeoDataFrame(
    ...     {"district": ["Rutland", "Rutland"]}, index=["E1", "E2"],
    ...     geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], crs=27700,
    ... )
    >>> ax = lh.add_outline(lh.plot_areas(areas, label=None), areas)
    >>> len(ax.collections[-1].get_segments()[0])
    7
    """
    from matplotlib.collections import LineCollection

    _checks.areas(areas)
    _checks.columns(areas, [by])
    of = areas[by].astype("object").factorize()[0]
    lines = LineCollection(
        _outline(areas.geometry.to_numpy(), of), label="_outline", **(OUTLINE | style)
    )
    ax.add_collection(lines, autolim=False)
    return ax


def _outline(polygons: NDArray[np.object_], district: NDArray[np.intp]) -> list[Floats]:
    """Return the stretches of boundary between districts, joined end to end."""
    parts, of_area = shapely.get_parts(polygons, return_index=True)
    rings, of_part = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    ends = np.hstack([xy[:-1], xy[1:]])[same]
    owner = district[of_area[of_part][ring[:-1][same]]]
    # A segment and its reverse are one: sort the ends of each.
    turn = (ends[:, 0] > ends[:, 2]) | ((ends[:, 0] == ends[:, 2]) & (ends[:, 1] > ends[:, 3]))
    ends[turn] = ends[turn][:, [2, 3, 0, 1]]
    order = np.lexsort((owner, *ends.T))
    ends, owner = ends[order], owner[order]
    twice = (ends[1:] == ends[:-1]).all(axis=1) & (owner[1:] == owner[:-1])
    inside = np.r_[twice, False] | np.r_[False, twice]
    segments = np.unique(ends[~inside], axis=0).reshape(-1, 2, 2)
    joined = shapely.line_merge(shapely.multilinestrings(shapely.linestrings(segments)))
    return [shapely.get_coordinates(line) for line in shapely.get_parts(joined)]


def add_scale_bar(ax: Axes, areas: gpd.GeoDataFrame, *, width: float = 0.22) -> Axes:
    """Add a scale bar in kilometres (metres below one) in an empty corner of the map.

    Parameters
    ----------
    ax : Axes
        What the areas were drawn on.
    areas : GeoDataFrame
        The areas, in metres.
    width : float
        How much of the map's width the bar may take; it is the longest of 1, 2, 5, 10, ... that
        fits.

    Returns
    -------
    Axes
        The same axes.

    Raises
    ------
    TypeError
        If ``areas`` is not a table of areas.
    ValueError
        If the map is not in metres.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> import lsoahot as lh
    >>> areas = gpd.GeoDataFrame(index=["E1"], geometry=[shapely.box(0, 0, 9000, 9000)], crs=27700)
    >>> ax = lh.add_scale_bar(lh.plot_areas(areas, label=None), areas)
    >>> [text.get_text() for text in ax.texts]
    ['0', '1', '2 km']
    """
    from matplotlib.patches import Rectangle

    _metres(areas, "a scale bar")
    ax.apply_aspect()
    west, east = sorted(ax.get_xlim())
    length = _round_length(width * (east - west))
    unit, in_unit = ("km", KILOMETRE) if length >= KILOMETRE else ("m", 1.0)
    share = length / (east - west)
    thick, gap = _inches(ax, 0.055), _inches(ax, 0.04)
    x, y = _corner(ax, areas, (share + _inches(ax, 0.3, across=True), _inches(ax, 0.24)))
    x += _inches(ax, 0.03, across=True)
    at: dict[str, Any] = {"transform": ax.transAxes, "label": FURNITURE, "zorder": 7}
    for half, colour in enumerate((_colours.INK, _colours.PAPER)):
        ax.add_patch(
            Rectangle(
                (x + half * share / 2, y), share / 2, thick,
                facecolor=colour, edgecolor=_colours.INK, linewidth=0.6, **at,
            )
        )  # fmt: skip
    for part, align in ((0.0, "center"), (0.5, "center"), (1.0, "left")):
        number = f"{part * length / in_unit:g}"
        # The number stands over its mark, the unit after it.
        ax.text(
            x + part * share - (len(number) * _inches(ax, 0.032, across=True) if part == 1 else 0),
            y + thick + gap, f"{number} {unit}" if part == 1 else number,
            size=7, color=_colours.INK, ha=align, va="bottom", **at,
        )  # fmt: skip
    return ax


def _round_length(most: float) -> float:
    """Return the longest of 1, 2, 5, 10, 20 ... that is no longer than the length given."""
    power = 10.0 ** np.floor(np.log10(most))
    return float(max(part * power for part in (1, 2, 5) if part * power <= most))


def add_north_arrow(ax: Axes, areas: gpd.GeoDataFrame) -> Axes:
    """Add an arrow to grid north in an empty corner of the map.

    Parameters
    ----------
    ax : Axes
        What the areas were drawn on.
    areas : GeoDataFrame
        The areas, on a grid in metres.

    Returns
    -------
    Axes
        The same axes.

    Raises
    ------
    TypeError
        If ``areas`` is not a table of areas.
    ValueError
        If the map is not in metres.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> import lsoahot as lh
    >>> areas = gpd.GeoDataFrame(index=["E1"], geometry=[shapely.box(0, 0, 9000, 9000)], crs=27700)
    >>> ax = lh.add_north_arrow(lh.plot_areas(areas, label=None), areas)
    >>> [text.get_text() for text in ax.texts]
    ['N']
    """
    from matplotlib.patches import Polygon

    _metres(areas, "a north arrow")
    ax.apply_aspect()
    tall, letter = _inches(ax, 0.32), _inches(ax, 0.14)
    wide = _inches(ax, 0.11, across=True)
    corners = ("upper right", "upper left", "lower right", "lower left")
    x, y = _corner(ax, areas, (2 * wide, tall + letter), corners)
    x, y = x + wide, y + letter
    at: dict[str, Any] = {"transform": ax.transAxes, "label": FURNITURE, "zorder": 7}
    for side, colour in ((-1, _colours.INK), (1, _colours.PAPER)):
        points = [(x, y + tall), (x + side * wide, y), (x, y + tall * 0.22)]
        ax.add_patch(Polygon(points, facecolor=colour, edgecolor=_colours.INK, linewidth=0.6, **at))
    ax.text(x, y, "N", size=8, ha="center", va="top", color=_colours.INK, **at)
    return ax


def _inches(ax: Axes, length: float, *, across: bool = False) -> float:
    """Turn inches into a share of the axes' height, or of their width."""
    box = ax.get_window_extent()
    return float(length * ax.figure.dpi / (box.width if across else box.height))


def _corner(
    ax: Axes,
    areas: gpd.GeoDataFrame,
    size: tuple[float, float],
    corners: Sequence[str] = CORNERS,
) -> tuple[float, float]:
    """Find the corner of the map that holds the fewest areas and no other furniture."""
    pad_x, pad_y = _inches(ax, 0.1, across=True), _inches(ax, 0.1)
    to_data = (ax.transAxes - ax.transData).transform
    standing = [
        artist.get_window_extent().transformed(ax.transAxes.inverted())
        for artist in ax.get_children()
        if artist.get_label() == FURNITURE
    ]
    best: tuple[float, tuple[float, float]] | None = None
    for corner in corners:
        x = pad_x if "left" in corner else 1 - pad_x - size[0]
        y = pad_y if "lower" in corner else 1 - pad_y - size[1]
        ends = to_data([(x - pad_x / 2, y - pad_y / 2), (x + size[0] + pad_x / 2, y + size[1])])
        under = areas.sindex.query(shapely.box(*ends[0], *ends[1]), predicate="intersects")
        crowd = float(len(under))
        if any(
            x < box.x1 and x + size[0] > box.x0 and y < box.y1 and y + size[1] > box.y0
            for box in standing
        ):
            crowd = np.inf
        if best is None or crowd < best[0]:
            best = (crowd, (x, y))
    return best[1] if best else (pad_x, pad_y)


def _metres(areas: gpd.GeoDataFrame, what: str) -> None:
    """Refuse a map that is not in metres."""
    _checks.areas(areas)
    units = None if areas.crs is None else areas.crs.axis_info[0].unit_name
    if units != "metre":
        raise ValueError(
            f"{what} needs a map in metres; this one is in {units or 'unknown units'}. "
            "Convert it first: areas.to_crs(27700)."
        )


def add_basemap(
    ax: Axes,
    areas: gpd.GeoDataFrame,
    source: Any = None,  # noqa: ANN401 (a provider of the xyzservices library, or an address)
) -> Axes:
    """Put a base map of tiles from the internet under the areas.

    Parameters
    ----------
    ax : Axes
        What the areas were drawn on, with ``alpha`` below 1 so that the base map shows.
    areas : GeoDataFrame
        The areas, with their CRS.
    source : TileProvider or str, optional
        Where the tiles come from, as contextily takes it; OpenStreetMap by default.

    Returns
    -------
    Axes
        The same axes, with the tiles' attribution.

    Raises
    ------
    ImportError
        If contextily is not installed.
    ConnectionError
        If the tiles can't be fetched.

    Notes
    -----
    The tile server sees which part of the country is asked for. Nothing else of lsoahot's maps uses
    the internet.
    """
    _checks.areas(areas)
    if areas.crs is None:
        raise ValueError(
            "the areas have no coordinate system (CRS), so no base map can be laid under them. "
            "Set it first: areas.set_crs(27700)."
        )
    try:
        import contextily
    except ImportError as lacking:
        raise ImportError(
            "a base map needs the package contextily, which is not installed. "
            "Install it (python -m pip install contextily), or draw the map without."
        ) from lacking
    provider = contextily.providers.OpenStreetMap.Mapnik if source is None else source
    try:
        contextily.add_basemap(ax, crs=areas.crs, source=provider, attribution_size=6)
    except (OSError, RuntimeError) as problem:  # requests' errors are OSErrors
        raise ConnectionError(
            f"the base map can't be fetched: {problem}. Check that this computer reaches the "
            "internet, or draw the map without."
        ) from problem
    return ax


def plot_locator(areas: gpd.GeoDataFrame, wider: gpd.GeoDataFrame, *, ax: Axes) -> Axes:
    """Show where areas lie within a wider area, as a small map for a corner.

    Parameters
    ----------
    areas : GeoDataFrame
        The areas of the main map.
    wider : GeoDataFrame
        What they are part of: the county, the force, the country.
    ax : Axes
        Where to draw, for example ``ax.inset_axes((0.8, 0, 0.2, 0.25))``.

    Returns
    -------
    Axes
        The same axes.

    Raises
    ------
    TypeError
        If one of the tables is not a table of areas.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> import lsoahot as lh
    >>> wider = gpd.GeoDataFrame(
    ...     index=["E1", "E2"], geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)],
    ...     crs=27700,
    ... )
    >>> ax = lh.plot_areas(wider.loc[["E1"]], label=None)
    >>> inset = lh.plot_locator(wider.loc[["E1"]], wider, ax=ax.inset_axes((0.8, 0, 0.2, 0.2)))
    >>> len(inset.collections)
    3
    """
    from matplotlib.collections import LineCollection

    from ._polygons import AreaCollection

    _checks.areas(areas)
    _checks.areas(wider)
    if wider.crs is not None and areas.crs is not None:
        wider = wider.to_crs(areas.crs)
    plain = {"linewidth": 0.2, "label": "_locator"}
    for table, colour in ((wider, "#e3e1da"), (areas, "#b82a26")):
        shapes = AreaCollection(
            table.geometry.to_numpy(), facecolor=colour, edgecolor=colour, **plain
        )
        ax.add_collection(shapes)
    by = "district" if "district" in wider.columns else None
    groups = np.zeros(len(wider), dtype=np.intp) if by is None else wider[by].factorize()[0]
    _drawing.frame(ax, wider)
    lines = _outline(wider.geometry.to_numpy(), groups)
    look = OUTLINE | {"linewidth": 0.35, "color": "#8c8c8c"}
    ax.add_collection(LineCollection(lines, label="_outline", **look), autolim=False)
    return ax
