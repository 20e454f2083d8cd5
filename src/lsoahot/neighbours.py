"""Who is whose neighbour: contiguity, nearest areas, areas within a distance."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from lsoahot import _checks

if TYPE_CHECKING:
    import geopandas as gpd
    from libpysal.graph import Graph


def contiguity(areas: gpd.GeoDataFrame, *, rule: str = "queen") -> Graph:
    """Link areas that share a boundary.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        Areas, indexed by code.
    rule : {"queen", "rook"}
        Whether a shared corner is enough (queen) or a shared edge is needed (rook).

    Returns
    -------
    libpysal.graph.Graph
        Binary contiguity, keyed by area code.
    """
    from libpysal.graph import Graph

    _checks.areas(areas)
    _checks.one_of(rule, ("queen", "rook"), "rule")
    graph = Graph.build_contiguity(areas, rook=rule == "rook")
    alone = graph.isolates
    if len(alone):
        warnings.warn(
            f"{len(alone):,} areas share no boundary with another: {_checks.shown(alone)}. "
            "They will not be tested.",
            UserWarning,
            stacklevel=2,
        )
    return graph
