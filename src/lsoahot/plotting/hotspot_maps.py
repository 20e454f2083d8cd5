"""Maps of the classes that the statistics write: hot spots, clusters, change.

Like every ``plot_`` verb, these draw on the ``Axes`` they are given, or on new ones, and return
them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from lsoahot.common import checks
from lsoahot.plotting.core import draw
from lsoahot.plotting.core.class_breaks import is_number

from . import colours, provenance

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from matplotlib.axes import Axes

# A ratio of 2 is as far from no change as one of 1/2.
RATIOS: Final = (0.5, 0.8, 1.25, 2.0)


def plot_hotspots(
    areas: gpd.GeoDataFrame,
    column: str = "hotspot",
    *,
    ax: Axes | None = None,
    legend_title: str | None = None,
    **options: Any,
) -> Axes:
    """Draw hot spots in reds and cold spots in blues, by how sure they are.

    Parameters
    ----------
    areas : GeoDataFrame
        One row an area, with the column that :func:`getis_ord` writes.
    column : str
        The column of classes.
    ax : Axes, optional
        Where to draw; new axes by default.
    legend_title : str, optional
        What the legend is headed; by default the test that wrote the classes.
    **options
        geopandas' keywords.

    Returns
    -------
    Axes
        What was drawn on. All classes stand in the legend, each with the number of its areas and
        always in the same colour; "Not tested", "No data" and "Suppressed" only where there are
        any.

    Raises
    ------
    TypeError
        If ``areas`` is not a table of areas.
    ValueError
        If the column is lacking, or holds what is not a class of hot spots.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> import lsoahot as lh
    >>> areas = gpd.GeoDataFrame(
    ...     {"hotspot": ["Hot spot 99%", "Not significant"]}, index=["E1", "E2"],
    ...     geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], crs=27700,
    ... )
    >>> ax = lh.plot_hotspots(areas)
    >>> ax.get_legend().get_texts()[0].get_text()
    'Hot spot 99% (1)'
    """
    if legend_title is None:
        few = column == "hotspot" and provenance.hotspot_test(areas) == "local_risk"
        legend_title = f"Hot and cold spots ({'local risk' if few else 'Getis-Ord Gi*'})"
    return draw.draw_labels(
        areas, column, colours.HOTSPOT_COLOURS, ax=ax, legend_title=legend_title, options=options
    )


def plot_exceedance(
    areas: gpd.GeoDataFrame,
    column: str = "level",
    *,
    ax: Axes | None = None,
    legend_title: str = "Beside the rate of all areas",
    **options: Any,
) -> Axes:
    """Draw which areas are surely high in reds, and which are surely low in blues.

    Parameters
    ----------
    areas : GeoDataFrame
        One row an area, with the column that :func:`exceedance` writes.
    column : str
        The column of levels.
    ax : Axes, optional
        Where to draw; new axes by default.
    legend_title : str
        What the legend is headed.
    **options
        geopandas' keywords.

    Returns
    -------
    Axes
        What was drawn on. Areas of which it can't be told are hatched.

    Raises
    ------
    TypeError
        If ``areas`` is not a table of areas.
    ValueError
        If the column is lacking, or holds what is not a level.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> import lsoahot as lh
    >>> areas = gpd.GeoDataFrame(
    ...     {"level": ["Far above", "Can't tell"]}, index=["E1", "E2"],
    ...     geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], crs=27700,
    ... )
    >>> ax = lh.plot_exceedance(areas)
    >>> [text.get_text() for text in ax.get_legend().get_texts()][:2]
    ['Far above (1)', "Can't tell (1)"]
    """
    return draw.draw_labels(
        areas, column, colours.LEVEL_COLOURS, ax=ax, legend_title=legend_title, options=options
    )


def plot_clusters(
    areas: gpd.GeoDataFrame,
    column: str = "cluster",
    *,
    ax: Axes | None = None,
    legend_title: str = "Clusters and outliers (local Moran)",
    **options: Any,
) -> Axes:
    """Draw clusters of high and of low values, and the areas that differ from those around them.

    Parameters
    ----------
    areas : GeoDataFrame
        One row an area, with the column that :func:`local_moran` writes.
    column : str
        The column of classes.
    ax : Axes, optional
        Where to draw; new axes by default.
    legend_title : str
        What the legend is headed.
    **options
        geopandas' keywords.

    Returns
    -------
    Axes
        What was drawn on.

    Raises
    ------
    TypeError
        If ``areas`` is not a table of areas.
    ValueError
        If the column is lacking, or holds what is not a class of clusters.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> import lsoahot as lh
    >>> areas = gpd.GeoDataFrame(
    ...     {"cluster": ["High-High", "High-Low"]}, index=["E1", "E2"],
    ...     geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], crs=27700,
    ... )
    >>> [group.get_label() for group in lh.plot_clusters(areas).collections]
    ['High-High', 'High-Low']
    """
    return draw.draw_labels(
        areas, column, colours.CLUSTER_COLOURS, ax=ax, legend_title=legend_title, options=options
    )


def plot_change(
    areas: gpd.GeoDataFrame,
    column: str = "change_class",
    *,
    ax: Axes | None = None,
    breaks: Sequence[float] = RATIOS,
    legend_title: str | None = None,
    **options: Any,
) -> Axes:
    """Draw what rose in browns and what fell in purples.

    Parameters
    ----------
    areas : GeoDataFrame
        One row an area, with the columns that :func:`change` writes.
    column : str
        ``"change_class"``, or a column of ratios such as ``"rate_ratio"``; one from nothing
        (infinite) belongs to the last class.
    ax : Axes, optional
        Where to draw; new axes by default.
    breaks : sequence of float
        The upper bounds of the classes of ratios; 1 is no change, so it should lie in the middle
        one.
    legend_title : str, optional
        What the legend is headed.
    **options
        geopandas' keywords.

    Returns
    -------
    Axes
        What was drawn on.

    Raises
    ------
    TypeError
        If ``areas`` is not a table of areas.
    ValueError
        If the column is lacking, or holds what is not a class of change.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> import lsoahot as lh
    >>> areas = gpd.GeoDataFrame(
    ...     {"rate_ratio": [0.4, 1.0, 2.5]}, index=["E1", "E2", "E3"],
    ...     geometry=[shapely.box(n, 0, n + 1, 1) for n in range(3)], crs=27700,
    ... )
    >>> ax = lh.plot_change(areas, "rate_ratio")
    >>> ax.get_legend().get_texts()[-1].get_text()
    'more than 2.00 (1)'
    """
    checks.areas(areas)
    if not is_number(areas, column):
        title = "Change between the periods" if legend_title is None else legend_title
        return draw.draw_labels(
            areas, column, colours.CHANGE_COLOURS, ax=ax, legend_title=title, options=options
        )
    # Where there was nothing before, the ratio is beyond any number: it belongs to the last class.
    ratios = pd.to_numeric(areas[column]).astype("float64")
    largest = np.nanmax([ratios[np.isfinite(ratios)].max(), breaks[-1] + 1])
    areas = areas.assign(**{column: ratios.replace(np.inf, largest)})
    ends = [colours.CHANGE_COLOURS[name] for name in ("Fell 99%", "No clear change", "Rose 99%")]
    return draw.draw_values(
        areas, column, ax=ax, classes=("", 0, [*breaks, np.inf]), cmap=ends, histogram=False,
        legend_title="Ratio of the rates" if legend_title is None else legend_title,
        options=options,
    )  # fmt: skip


def plot_emerging(
    areas: gpd.GeoDataFrame,
    column: str = "emerging",
    *,
    ax: Axes | None = None,
    legend_title: str = "Emerging hot and cold spots",
    **options: Any,
) -> Axes:
    """Draw how hot and cold spots have come and gone: each kind in its colour, plain or striped.

    Parameters
    ----------
    areas : GeoDataFrame
        One row an area, with the column that :func:`emerging_hotspots` writes.
    column : str
        The column of classes.
    ax : Axes, optional
        Where to draw; new axes by default.
    legend_title : str
        What the legend is headed.
    **options
        geopandas' keywords.

    Returns
    -------
    Axes
        What was drawn on. Of the seventeen classes, the legend has those that are on the map.

    Raises
    ------
    TypeError
        If ``areas`` is not a table of areas.
    ValueError
        If the column is lacking, or holds what is not a class of emerging hot spots.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> import lsoahot as lh
    >>> areas = gpd.GeoDataFrame(
    ...     {"emerging": ["New hot spot", "No pattern detected"]}, index=["E1", "E2"],
    ...     geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], crs=27700,
    ... )
    >>> [text.get_text() for text in lh.plot_emerging(areas).get_legend().get_texts()]
    ['New hot spot (1)', 'No pattern detected (1)']
    """
    return draw.draw_labels(
        areas,
        column,
        colours.EMERGING_COLOURS,
        ax=ax,
        legend_title=legend_title,
        every=False,
        options=options,
    )
