"""Maps of the columns that the verbs write.

Every ``plot_`` verb draws on the ``Axes`` it is given, or on new ones, and returns them. It never
shows, never saves and never changes its arguments. :func:`~lsoahot.save_map` makes a finished page
of one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from lsoahot.common import checks
from lsoahot.plotting.core import draw
from lsoahot.plotting.core.groups import Group

from . import colours

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap


# No more names than this can be read on a page.
LEGIBLE: Final = 60


def plot_areas(
    areas: gpd.GeoDataFrame,
    *,
    ax: Axes | None = None,
    label: str | None = "area_name",
    **options: Any,
) -> Axes:
    """Draw a reference map: the areas and their names.

    Parameters
    ----------
    areas : GeoDataFrame
        One row an area.
    ax : Axes, optional
        Where to draw; new axes by default.
    label : str, optional
        The column to label the areas by, None for no labels. Labels never overlap; one that does
        not fit its area stands beside it on a leader line. Of more than 60 areas, the districts
        are named instead.
    **options
        geopandas' keywords, for example ``figsize``, ``edgecolor``, ``linewidth``, ``alpha``.

    Returns
    -------
    Axes
        What was drawn on.

    Raises
    ------
    TypeError
        If ``areas`` is not a table of areas.
    ValueError
        If the column of labels is lacking.

    Warns
    -----
    UserWarning
        If there is no room for some of the labels.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> import lsoahot as lh
    >>> areas = gpd.GeoDataFrame(
    ...     {"area_name": ["Exton", "Ashwell"]}, index=["E1", "E2"],
    ...     geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], crs=27700,
    ... )
    >>> ax = lh.plot_areas(areas)
    >>> [text.get_text() for text in ax.texts if text.get_label() == "_name"]
    ['Exton', 'Ashwell']
    """
    from lsoahot.plotting.core.label_drawing import label_areas, warn_unplaced

    checks.areas(areas)
    look = {"legend": False} | options
    every = Group("Areas", colours.PLAIN, np.ones(len(areas), dtype=bool))
    ax = draw.draw(areas, [every], ax=ax, edge=colours.DARK_EDGE, options=look)
    if label == "area_name" and len(areas) > LEGIBLE:
        label, areas = "district", _districts(areas)
    if label is not None:
        warn_unplaced(*label_areas(ax, areas, label))
    return ax


def _districts(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the districts of areas, or none where they are too many to be named as well."""
    if "district" not in areas.columns or areas["district"].nunique() > LEGIBLE:
        return areas.head(0).assign(district="")
    districts = areas[["district", "geometry"]].dissolve("district")
    return districts.assign(district=districts.index)


def plot_count(
    areas: gpd.GeoDataFrame,
    column: str = "count",
    *,
    ax: Axes | None = None,
    scheme: str = "natural",
    k: int = 5,
    breaks: Sequence[float] | None = None,
    cmap: str | Colormap | Sequence[str] | None = None,
    legend_title: str = "Number recorded",
    histogram: bool = False,
    **options: Any,
) -> Axes:
    """Draw how many were counted in each area, in classes.

    Parameters
    ----------
    areas : GeoDataFrame
        One row an area.
    column : str
        The column of counts.
    ax : Axes, optional
        Where to draw; new axes by default.
    scheme : str
        How the classes are found: ``"natural"`` breaks (Fisher 1958, which Jenks made known),
        ``"quantiles"``, ``"equal"`` intervals, or any classifier of mapclassify by name.
    k : int
        How many classes. Where there are fewer different values, each is a class.
    breaks : sequence of float, optional
        The upper bound of each class instead, which belongs to it; :func:`class_breaks` finds one
        set for a series of maps.
    cmap : str, Colormap or sequence of str, optional
        Colours from low to high: a matplotlib colour map or a list.
    legend_title : str
        What the legend is headed.
    histogram : bool
        Draw a histogram of the values with the legend.
    **options
        geopandas' keywords: ``figsize``, ``legend``, ``legend_kwds``, ``missing_kwds``, ``aspect``,
        ``edgecolor``, ``linewidth``, ``alpha``, ...

    Returns
    -------
    Axes
        What was drawn on.

    Raises
    ------
    TypeError
        If ``areas`` is not a table of areas, or the column does not hold numbers.
    ValueError
        If the column is lacking, ``scheme`` is not known, ``k`` is below 1, or ``breaks`` do not
        rise.

    Notes
    -----
    Areas without a value are patterned and called "No data". Areas marked in a column
    ``suppressed`` are patterned and called so, whatever the column holds, and have no part in
    finding the classes.

    References
    ----------
    Fisher WD (1958), On grouping for maximum homogeneity, Journal of the American Statistical
    Association 53, 789-798.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> import lsoahot as lh
    >>> areas = gpd.GeoDataFrame(
    ...     {"count": [1, 2, 40]}, index=["E1", "E2", "E3"],
    ...     geometry=[shapely.box(n, 0, n + 1, 1) for n in range(3)], crs=27700,
    ... )
    >>> ax = lh.plot_count(areas, k=2)
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['1 to 20 (2)', '21 to 40 (1)']
    """
    return draw.draw_values(
        areas, column, ax=ax, classes=(scheme, k, breaks), cmap=cmap, legend_title=legend_title,
        histogram=histogram, options=options,
    )  # fmt: skip


def plot_rate(
    areas: gpd.GeoDataFrame,
    column: str = "rate",
    *,
    ax: Axes | None = None,
    scheme: str = "natural",
    k: int = 5,
    breaks: Sequence[float] | None = None,
    cmap: str | Colormap | Sequence[str] | None = None,
    legend_title: str = "Rate per 1,000 residents",
    histogram: bool = False,
    **options: Any,
) -> Axes:
    """Draw the rate of each area, in classes.

    Parameters
    ----------
    areas : GeoDataFrame
        One row an area, with the column that :func:`rate` writes.
    column : str
        The column of rates.
    ax : Axes, optional
        Where to draw; new axes by default.
    scheme, k, breaks
        How values are put in classes; see :func:`plot_count`.
    cmap : str, Colormap or sequence of str, optional
        Colours from low to high.
    legend_title : str
        What the legend is headed; say so if the rate is not per 1,000 residents.
    histogram : bool
        Draw a histogram of the values with the legend.
    **options
        geopandas' keywords.

    Returns
    -------
    Axes
        What was drawn on.

    Raises
    ------
    TypeError
        If ``areas`` is not a table of areas, or the column does not hold numbers.
    ValueError
        If the column is lacking, ``scheme`` is not known, ``k`` is below 1, or ``breaks`` do not
        rise.

    See Also
    --------
    plot_certainty : The same, paler where the rate is less certain.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> import lsoahot as lh
    >>> areas = gpd.GeoDataFrame(
    ...     {"rate": [12.5, 33.1, None]}, index=["E1", "E2", "E3"],
    ...     geometry=[shapely.box(n, 0, n + 1, 1) for n in range(3)], crs=27700,
    ... )
    >>> ax = lh.plot_rate(areas, breaks=[20, 40])
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['up to 20 (1)', '20 to 40 (1)', 'No data (1)']
    """
    return draw.draw_values(
        areas, column, ax=ax, classes=(scheme, k, breaks), cmap=cmap, legend_title=legend_title,
        histogram=histogram, options=options,
    )  # fmt: skip
