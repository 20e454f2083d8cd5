"""Where areas lie within wider ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lsoahot.common import checks
from lsoahot.plotting.core import draw
from lsoahot.plotting.core.draw_polygons import OUTLINE, AreaCollection, outline_of

if TYPE_CHECKING:
    import geopandas as gpd
    from matplotlib.axes import Axes


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

    checks.axes(ax)
    checks.areas(areas)
    checks.areas(wider)
    if wider.crs is not None and areas.crs is not None:
        wider = wider.to_crs(areas.crs)
    for table, colour in ((wider, "#e3e1da"), (areas, "#b82a26")):
        shapes = AreaCollection(
            table.geometry.to_numpy(), facecolor=colour, linewidth=0, as_one=True, label="_locator"
        )
        ax.add_collection(shapes)
    groups = np.zeros(len(wider), dtype=np.intp)
    if "district" in wider.columns:
        groups = wider["district"].factorize()[0]
    draw.frame(ax, wider)
    lines = outline_of(wider.geometry.to_numpy(), groups)
    look = OUTLINE | {"linewidth": 0.35, "color": "#8c8c8c"}
    ax.add_collection(LineCollection(lines, label="_outline", **look), autolim=False)
    return ax
