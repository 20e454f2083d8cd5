"""Where events crowd: a kernel density surface of points."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lsoahot.common import checks
from lsoahot.plotting.core import draw
from lsoahot.plotting.core.class_breaks import classify
from lsoahot.plotting.core.legend import LEGEND
from lsoahot.records import periods

from . import colours as _colours

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap

    from lsoahot.common.arrays import Floats


SQUARE_KILOMETRE: Final = 1e6
MOST_CELLS: Final = 4_000_000
# Half the events on spots that others share is no accident of addresses.
SHARED: Final = 0.5


def kernel_density(
    records: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame,
    *,
    bandwidth: float = 500,
    cell: float | None = None,
) -> pd.DataFrame:
    """Spread each event over its surroundings, and sum: events per square kilometre.

    Only for records with true coordinates. The points of data.police.uk are moved to a fixed list
    of places, each of which stands for many streets; their density is that of the list.

    Parameters
    ----------
    records : GeoDataFrame
        One row an event, with points; a column ``count`` says how many a row stands for.
    areas : GeoDataFrame
        Where the surface is wanted, in metres. Events outside count as far as they reach in.
    bandwidth : float
        How far an event reaches, in metres.
    cell : float, optional
        The side of a cell in metres; an eighth of the bandwidth by default.

    Returns
    -------
    DataFrame
        One row a cell whose centre lies in the areas: ``x`` and ``y`` of the centre in metres, and
        ``density`` in events per square kilometre. ``attrs`` tell the bandwidth and the cell.

    Raises
    ------
    TypeError
        If ``records`` has no points, or ``areas`` is not a table of areas.
    ValueError
        If ``bandwidth`` or ``cell`` is not above zero, the areas are not in metres, or there would
        be more than four million cells.

    Warns
    -----
    UserWarning
        If records have no point, or if points are anonymised: most of them share their place.

    Notes
    -----
    The kernel is the quartic, ``3 / (pi h^2) * (1 - d^2 / h^2)^2`` for a distance d below the
    bandwidth h. The surface is clipped at the areas' edge: what an event spreads beyond it is not
    put back, so density falls off within a bandwidth of an edge where nothing is recorded outside.

    References
    ----------
    Silverman BW (1986), Density estimation for statistics and data analysis, Chapman & Hall, 76.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> import lsoahot as lh
    >>> areas = gpd.GeoDataFrame(index=["E1"], geometry=[shapely.box(0, 0, 2000, 2000)], crs=27700)
    >>> records = gpd.GeoDataFrame(geometry=[shapely.Point(1000, 1000)], crs=27700)
    >>> surface = lh.kernel_density(records, areas, bandwidth=500, cell=100)
    >>> float((surface["density"] * 0.1**2).sum().round(2))
    1.0
    """
    cell = bandwidth / 8 if cell is None else cell
    _check(records, areas, bandwidth, cell)
    xy, weight = _events(records, areas)
    west, south, east, north = areas.total_bounds
    columns = int(np.ceil((east - west) / cell))
    rows = int(np.ceil((north - south) / cell))
    if columns * rows > MOST_CELLS:
        raise ValueError(
            f"cells of {cell:g} m make {columns * rows:,} of them. "
            f"Give a larger cell, for example cell={10 * cell:g}, or fewer areas."
        )
    grid = _spread(xy, weight, (west, south), (rows, columns), bandwidth=bandwidth, cell=cell)
    x = west + (np.arange(columns) + 0.5) * cell
    y = south + (np.arange(rows) + 0.5) * cell
    xs, ys = np.meshgrid(x, y)
    whole = shapely.union_all(areas.geometry.to_numpy())
    shapely.prepare(whole)
    inside = shapely.contains_xy(whole, xs, ys)
    surface = pd.DataFrame({"x": xs[inside], "y": ys[inside], "density": grid[inside]})
    surface.attrs = {**areas.attrs, "bandwidth": float(bandwidth), "cell": float(cell)}
    return surface


def plot_density(
    surface: pd.DataFrame,
    *,
    ax: Axes | None = None,
    k: int = 6,
    breaks: Sequence[float] | None = None,
    cmap: str | Colormap | Sequence[str] | None = None,
    legend_title: str = "Events per square kilometre",
    legend: bool = True,
    **style: Any,
) -> Axes:
    """Draw a kernel density surface, in equal classes; what is empty stays blank.

    Parameters
    ----------
    surface : DataFrame
        What :func:`kernel_density` returned.
    ax : Axes, optional
        Where to draw; new axes by default.
    k : int
        How many classes.
    breaks : sequence of float, optional
        The upper bound of each class instead.
    cmap : str, Colormap or sequence of str, optional
        Colours from low to high.
    legend_title : str
        What the legend is headed.
    legend : bool
        Whether to draw it.
    **style
        What :meth:`matplotlib.axes.Axes.imshow` takes.

    Returns
    -------
    Axes
        What was drawn on.

    Raises
    ------
    ValueError
        If a column is lacking.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> import lsoahot as lh
    >>> areas = gpd.GeoDataFrame(index=["E1"], geometry=[shapely.box(0, 0, 2000, 2000)], crs=27700)
    >>> records = gpd.GeoDataFrame(geometry=[shapely.Point(1000, 1000)], crs=27700)
    >>> ax = lh.plot_density(lh.kernel_density(records, areas), k=3)
    >>> len(ax.images), len(ax.get_legend().get_texts())
    (1, 3)
    """
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    checks.columns(surface, ["x", "y", "density"], "the surface", "kernel_density() makes one.")
    cell = float(surface.attrs.get("cell") or np.diff(np.unique(surface["x"])).min())
    column = np.rint((surface["x"] - surface["x"].min()) / cell).to_numpy(dtype=int)
    row = np.rint((surface["y"] - surface["y"].min()) / cell).to_numpy(dtype=int)
    density = surface["density"].to_numpy(dtype="float64")
    result = classify(np.where(density > 0, density, np.nan), scheme="equal", k=k, breaks=breaks)
    colours = _colours.ramp(cmap, len(result.labels))
    picture = np.ma.masked_less(np.full((row.max() + 1, column.max() + 1), -1), 0)
    picture[row, column] = np.ma.masked_less(result.codes, 0)
    ax = draw.axes_for(ax)
    west, south = surface["x"].min() - cell / 2, surface["y"].min() - cell / 2
    extent = (west, west + picture.shape[1] * cell, south, south + picture.shape[0] * cell)
    ax.imshow(
        picture, extent=extent, origin="lower", cmap=ListedColormap(colours or ["none"]),
        vmin=-0.5, vmax=max(len(colours), 1) - 0.5, **({"interpolation": "nearest"} | style),
    )  # fmt: skip
    ax.set_axis_off()
    ax.set_aspect("equal")
    if legend and colours:
        swatches = [
            Patch(facecolor=colour, edgecolor="#8c8c8c", linewidth=0.5, label=label)
            for colour, label in zip(colours, result.labels, strict=True)
        ]
        ax.legend(handles=swatches, **(LEGEND | {"title": legend_title}))
    return ax


def _check(
    records: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, bandwidth: float, cell: float
) -> None:
    """Refuse what makes no surface."""
    checks.areas(areas)
    if not isinstance(records, gpd.GeoDataFrame):
        raise TypeError(
            f"records must be a GeoDataFrame with points, not {type(records).__name__}. "
            "A density needs coordinates; draw rates of areas where there are none."
        )
    units = None if areas.crs is None else areas.crs.axis_info[0].unit_name
    if units != "metre":
        raise ValueError(
            f"a density needs areas in metres; these are in {units or 'unknown units'}. "
            "Convert them first: areas.to_crs(27700)."
        )
    for name, value in (("bandwidth", bandwidth), ("cell", cell)):
        if not value > 0:
            raise ValueError(f"{name}={value!r} is not above zero. Give it in metres.")


def _events(records: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> tuple[Floats, Floats]:
    """Return the places of events and how many are at each; tell of what is wrong with them."""
    there = ~(records.geometry.isna() | records.geometry.is_empty).to_numpy()
    if not there.all():
        warnings.warn(
            f"{int((~there).sum()):,} of {len(records):,} records have no point and are left out. "
            "Say so under the map.",
            UserWarning,
            stacklevel=4,
        )
    placed = records[there]
    if records.crs is not None and areas.crs is not None and records.crs != areas.crs:
        placed = placed.to_crs(areas.crs)
    points = shapely.get_coordinates(placed.geometry.to_numpy())
    if len(points) != len(placed):
        raise TypeError(
            "records holds shapes that are not points. Keep the points, or take centroids."
        )
    counts = np.ones(len(placed))
    if "count" in placed.columns:
        counts = checks.numbers(placed, "count", "records")
    xy, of, rows = np.unique(points, axis=0, return_inverse=True, return_counts=True)
    shared = float(rows[rows > 1].sum() / max(len(points), 1))
    if shared > SHARED:
        warnings.warn(
            f"{shared:.0%} of {len(points):,} records share their point with another: the points "
            f"look anonymised (data.police.uk moves them to fixed places; here {len(xy):,}). Their "
            f"density is that of those places, not of crime{_renewal(records)}. Draw rates of areas "
            "instead.",
            UserWarning,
            stacklevel=4,
        )
    weight = np.bincount(of.ravel(), weights=counts, minlength=len(xy))
    return np.asarray(xy, dtype="float64"), np.asarray(weight, dtype="float64")


def _renewal(records: gpd.GeoDataFrame) -> str:
    """Say so where the records lie on both sides of the renewal of data.police.uk's places."""
    if "period" not in records:
        return ""
    months = periods.monthly(records["period"]).dropna()
    if not len(months) or not periods.across_renewal(str(months.min()), str(months.max())):
        return ""
    return f", and these were renewed from {periods.PLACES_RENEWED} on, within the records' months"


def _spread(
    xy: Floats,
    weight: Floats,
    origin: tuple[float, float],
    shape: tuple[int, int],
    *,
    bandwidth: float,
    cell: float,
) -> Floats:
    """Sum the quartic kernels of all events at the centre of each cell."""
    rows, columns = shape
    reach = int(np.ceil(bandwidth / cell))
    middle = np.floor((xy - origin) / cell).astype(int)
    grid = np.zeros(rows * columns)
    peak = 3 / (np.pi * bandwidth**2) * SQUARE_KILOMETRE
    # One offset from the events' own cells at a time: few offsets, all events at once.
    for down in range(-reach, reach + 1):
        for along in range(-reach, reach + 1):
            column, row = middle[:, 0] + along, middle[:, 1] + down
            centre = np.column_stack([column + 0.5, row + 0.5]) * cell + origin
            square = ((xy - centre) ** 2).sum(axis=1) / bandwidth**2
            hit = (square < 1) & (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
            spread = weight[hit] * peak * (1 - square[hit]) ** 2
            np.add.at(grid, row[hit] * columns + column[hit], spread)
    return grid.reshape(shape)
