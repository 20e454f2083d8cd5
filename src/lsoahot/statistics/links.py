"""A graph's links as plain arrays, aligned on the areas' codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from lsoahot.common import checks

if TYPE_CHECKING:
    import geopandas as gpd
    from libpysal.graph import Graph
    from numpy.typing import NDArray


class Links(NamedTuple):
    """Who is whose neighbour, by position: ``focal[e]`` has ``neighbour[e]`` with ``weight[e]``.

    No area is its own neighbour here; `own` holds the weight a graph gave an area on itself (or 0).
    `equal` says whether each area weighs its neighbours alike, as contiguity, nearest neighbours
    and distance bands do, row-standardised or not; the weights are then taken to be 1, for no
    statistic changes when an area's weights are multiplied by one number. `order` holds the
    positions in the order of the codes: what is drawn at random is drawn in it, so that a seed
    gives one answer however the rows are sorted.
    """

    focal: NDArray[np.intp]
    neighbour: NDArray[np.intp]
    weight: NDArray[np.float64]
    own: NDArray[np.float64]
    size: NDArray[np.int64]
    equal: bool
    order: NDArray[np.intp]

    def weighted(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Add up the neighbours' values times their weights."""
        of_neighbours = values[self.neighbour]
        if not self.equal:
            of_neighbours *= self.weight
        return _bincount(self.focal, of_neighbours, self.size.size)

    def once(self) -> NDArray[np.float64]:
        """Add up the weights."""
        if self.equal:
            return self.size.astype(np.float64)
        return _bincount(self.focal, self.weight, self.size.size)

    def squares(self) -> NDArray[np.float64]:
        """Add up the squares of the weights."""
        if self.equal:
            return self.size.astype(np.float64)
        return _bincount(self.focal, self.weight**2, self.size.size)

    def undirected(self) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
        """Return each pair once, with one weight: 1, or the mean of both ways' (mean 1 over all).

        A pair linked one way only, as nearest neighbours may be, is a pair.
        """
        n = self.size.size
        low, high = np.minimum(self.focal, self.neighbour), np.maximum(self.focal, self.neighbour)
        pairs, at = np.unique(low * n + high, return_inverse=True)
        weight = np.ones(pairs.size)
        if not self.equal and pairs.size:
            weight = _bincount(at.reshape(-1), self.weight, pairs.size)
            weight /= weight.mean()
        return pairs // max(n, 1), pairs % max(n, 1), weight


def align(areas: gpd.GeoDataFrame, graph: Graph) -> Links:
    """Return the graph's links in the order of the areas.

    Raises
    ------
    TypeError
        If the graph is not a ``libpysal.graph.Graph``.
    ValueError
        If the graph and the table are not about the same areas, or a weight is negative.
    """
    if not isinstance(getattr(graph, "adjacency", None), pd.Series):
        raise TypeError(
            f"graph must be a libpysal.graph.Graph, not {type(graph).__name__}. "
            "Make one with lsoahot.contiguity(areas), or Graph.from_W(w) from older weights."
        )
    adjacency = graph.adjacency
    focal_codes, neighbour_codes = adjacency.index.levels
    to_focal = _positions(areas.index, focal_codes)
    to_neighbour = (
        to_focal
        if focal_codes.equals(neighbour_codes)
        else _positions(areas.index, neighbour_codes)
    )
    focal = to_focal[adjacency.index.codes[0]]
    neighbour = to_neighbour[adjacency.index.codes[1]]
    there = np.zeros(len(areas) + 1, dtype=bool)
    there[focal] = True  # a Graph has every area as a focal one; position -1 falls off the end
    there = there[:-1]
    if not there.all():
        raise ValueError(
            f"{int((~there).sum()):,} areas are not in the graph: "
            f"{checks.shown(areas.index[~there])}. "
            "Build the graph from this very table: lsoahot.contiguity(areas)."
        )
    if min(focal.min(initial=0), neighbour.min(initial=0)) < 0:
        outside = (focal < 0) | (neighbour < 0)
        codes = (
            adjacency.index[outside]
            .get_level_values("focal")
            .append(adjacency.index[outside].get_level_values("neighbor"))
            .unique()
        )
        codes = codes[~codes.isin(areas.index)]
        raise ValueError(
            f"{len(codes):,} areas of the graph are not in the table: {checks.shown(codes)}. "
            "Run the statistic on all areas first and select afterwards, so that none loses its "
            "neighbours; or cut the graph: graph.subgraph(areas.index)."
        )
    weight = adjacency.to_numpy(dtype=np.float64)
    if not (weight.min(initial=0) >= 0 and weight.max(initial=0) < np.inf):
        raise ValueError(
            f"{int((~(weight >= 0)).sum()):,} weights of the graph are negative or not finite. "
            "Give weights of zero or more."
        )
    n = len(areas)
    itself, real = focal == neighbour, weight > 0
    own = np.zeros(n)
    if itself.any():
        own = _bincount(focal[itself], weight[itself], n)
    real &= ~itself
    if not real.all():
        focal, neighbour, weight = focal[real], neighbour[real], weight[real]
    size = np.bincount(focal, minlength=n)
    order = np.arange(n) if areas.index.is_monotonic_increasing else areas.index.argsort()
    return Links(focal, neighbour, weight, own, size, _alike(focal, weight, n), order)


def keep(links: Links, kept: NDArray[np.bool_]) -> Links:
    """Drop the links from and to areas that are not kept; positions stay as they are."""
    if kept.all():
        return links
    stay = kept[links.focal] & kept[links.neighbour]
    focal, weight = links.focal[stay], links.weight[stay]
    return links._replace(
        focal=focal,
        neighbour=links.neighbour[stay],
        weight=weight,
        size=np.bincount(focal, minlength=kept.size),
        equal=links.equal or _alike(focal, weight, kept.size),
    )


def _bincount(places: NDArray[np.intp], values: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    return np.bincount(places, values, minlength=n).astype(np.float64, copy=False)


def _positions(index: pd.Index, codes: pd.Index) -> NDArray[np.intp]:
    positions: NDArray[np.intp] = (
        np.arange(len(index)) if index.equals(codes) else index.get_indexer(codes)
    )
    return positions


def _alike(focal: NDArray[np.intp], weight: NDArray[np.float64], n: int) -> bool:
    """Whether each area's links have one weight."""
    mean = _bincount(focal, weight, n) / np.maximum(np.bincount(focal, minlength=n), 1)
    return bool(np.allclose(weight, mean[focal], rtol=1e-9, atol=0))
