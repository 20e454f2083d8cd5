"""Which areas a map names: the first of the list, or those that changed most."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lsoahot.common import class_labels
from lsoahot.plotting.core.class_breaks import numeric_values

if TYPE_CHECKING:
    import geopandas as gpd


def top_areas(areas: gpd.GeoDataFrame, n: int) -> gpd.GeoDataFrame:
    """Return the areas to label, the first first; never one that is suppressed or has nothing."""
    for column in ("count", "rate"):
        if column in areas.columns:
            areas = areas[numeric_values(areas, column) != 0]
    for column, sign in (("rank", 1), ("rate", -1), ("count", -1)):
        if column in areas.columns:
            order = sign * numeric_values(areas, column)
            first = np.argsort(order, kind="stable")[:n]
            return areas.iloc[first[~np.isnan(order[first])]]
    if "emerging" in areas.columns:
        place = {name: k for k, name in enumerate(class_labels.EMERGING_CLASSES)}
        classed = areas[~areas["emerging"].isin(["No pattern detected", class_labels.NOT_TESTED])]
        return classed.iloc[np.argsort(classed["emerging"].map(place), kind="stable")[:n]]
    return areas.iloc[:n]


def most_changed(areas: gpd.GeoDataFrame, n: int) -> gpd.GeoDataFrame:
    """Return the areas whose change is more than chance, the surest first."""
    if not {"change_class", "change_p"} <= set(areas.columns):
        return top_areas(areas, n)
    changed = areas[~areas["change_class"].isin(["No clear change", class_labels.NOT_TESTED])]
    return changed.iloc[np.argsort(numeric_values(changed, "change_p"), kind="stable")[:n]]
