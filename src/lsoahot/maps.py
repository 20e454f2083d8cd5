"""Maps of the columns that the verbs write.

Every ``plot_`` verb draws on the ``Axes`` it is given, or on new ones, and returns them. It never
shows, never saves and never changes its arguments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import _checks, _colours, _drawing
from ._classes import classify, find_breaks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import geopandas as gpd
    from matplotlib.axes import Axes


def plot_areas(
    areas: gpd.GeoDataFrame,
    *,
    ax: Axes | None = None,
    figsize: tuple[float, float] | None = None,
    **style: Any,
) -> Axes:
    """Draw the areas themselves, for reference."""
    _checks.areas(areas)
    look: dict[str, Any] = {"edgecolor": "#7d7d7d", "linewidth": 0.6} | style
    every = _drawing.Group("Areas", "#f4f1e8", np.ones(len(areas), dtype=bool))
    return _drawing.draw(areas, [every], ax=ax, figsize=figsize, legend=False, **look)


def plot_count(
    areas: gpd.GeoDataFrame,
    column: str = "count",
    *,
    title: str = "Number recorded",
    **options: Any,
) -> Axes:
    """Draw how many were counted in each area."""
    return _plot_values(areas, column, title=title, **options)


def plot_rate(
    areas: gpd.GeoDataFrame,
    column: str = "rate",
    *,
    title: str = "Rate per 1,000 residents",
    **options: Any,
) -> Axes:
    """Draw the rate of each area."""
    return _plot_values(areas, column, title=title, **options)


def plot_hotspots(
    areas: gpd.GeoDataFrame,
    column: str = "hotspot",
    *,
    title: str = "Getis-Ord Gi* hot and cold spots",
    **options: Any,
) -> Axes:
    """Draw the hot and cold spots, 99 % to 90 %."""
    return _plot_labels(areas, column, _colours.HOTSPOT_COLOURS, title=title, **options)


def plot_clusters(
    areas: gpd.GeoDataFrame,
    column: str = "cluster",
    *,
    title: str = "Clusters and outliers (local Moran)",
    **options: Any,
) -> Axes:
    """Draw the clusters and outliers."""
    return _plot_labels(areas, column, _colours.CLUSTER_COLOURS, title=title, **options)


def plot_change(
    areas: gpd.GeoDataFrame,
    column: str = "change_class",
    *,
    title: str = "Change between the periods",
    **options: Any,
) -> Axes:
    """Draw what rose and what fell."""
    return _plot_labels(areas, column, _colours.CHANGE_COLOURS, title=title, **options)


def class_breaks(
    tables: Iterable[gpd.GeoDataFrame],
    column: str = "rate",
    *,
    scheme: str = "natural",
    k: int = 5,
) -> list[float]:
    """Find one set of breaks for a series of maps, so that they can be compared."""
    pooled = [_drawing.numeric_values(table, column) for table in tables]
    values = np.concatenate(pooled) if pooled else np.array([])
    return [float(upper) for upper in find_breaks(values[~np.isnan(values)], scheme=scheme, k=k)]


def _plot_values(
    areas: gpd.GeoDataFrame,
    column: str,
    *,
    scheme: str = "natural",
    k: int = 5,
    breaks: Sequence[float] | None = None,
    cmap: str | Sequence[str] | None = None,
    **options: Any,
) -> Axes:
    """Draw numbers in classes."""
    _checks.areas(areas)
    values = _drawing.numeric_values(areas, column)
    classes = classify(values, scheme=scheme, k=k, breaks=breaks)
    colours = _colours.ramp(cmap, len(classes.labels)) if classes.labels else []
    return _drawing.draw(areas, _drawing.value_groups(areas, classes, colours), **options)


def _plot_labels(
    areas: gpd.GeoDataFrame, column: str, colours: Mapping[str, str], **options: Any
) -> Axes:
    """Draw classes that a statistic wrote."""
    _checks.areas(areas)
    return _drawing.draw(areas, _drawing.label_groups(areas, column, colours), **options)
