"""Labels of areas that overlap nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsoahot.plotting.core.label_placement import label_areas, warn_unplaced

if TYPE_CHECKING:
    import geopandas as gpd
    from matplotlib.axes import Axes


def add_labels(
    ax: Axes, areas: gpd.GeoDataFrame, label: str = "area_name", *, size: float = 8
) -> Axes:
    """Label areas: none over another, on leader lines where a label stands off its area.

    Parameters
    ----------
    ax : Axes
        What the areas were drawn on. Draw at the size that is wanted first: labels keep their size
        when a figure is made larger.
    areas : GeoDataFrame
        The areas to label, for example ``lh.rank(areas).head(10)``; the first rows are served
        first. Those outside the axes' view are left alone.
    label : str
        The column of labels.
    size : float
        The size of the text in points.

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

    Warns
    -----
    UserWarning
        If labels found no room; they are not drawn.

    Notes
    -----
    A label stands in its area where it fits. Elsewhere it is tried in twelve directions, ever
    farther out, and takes the first place where it and its leader line touch no other label, no
    other leader line and no furniture; the same input gives the same places. The halo is drawn
    apart, so that labels stay text in SVG and PDF.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> import lsoahot as lh
    >>> areas = gpd.GeoDataFrame(
    ...     {"area_name": ["Exton"]}, index=["E1"], geometry=[shapely.box(0, 0, 1, 1)], crs=27700
    ... )
    >>> ax = lh.add_labels(lh.plot_areas(areas, label=None), areas)
    >>> ax.texts[0].get_text()
    'Exton'
    """
    placed, wanted = label_areas(ax, areas, label, size=size)
    warn_unplaced(placed, wanted)
    return ax
