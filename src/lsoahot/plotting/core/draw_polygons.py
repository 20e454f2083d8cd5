"""Areas as a matplotlib collection that draws no finer than can be seen."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely
from matplotlib.collections import PathCollection
from matplotlib.path import Path
from matplotlib.transforms import Bbox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.backend_bases import RendererBase
    from matplotlib.transforms import Transform
    from numpy.typing import NDArray

    from lsoahot.common.arrays import Bools, Floats


OUTLINE: Final[dict[str, Any]] = {
    "color": "#3d3d3d", "linewidth": 0.9, "capstyle": "round", "zorder": 2,
}  # fmt: skip


def outline_of(polygons: NDArray[np.object_], district: NDArray[np.intp]) -> list[Floats]:
    """Return the stretches of boundary between districts, joined end to end."""
    parts, of_area = shapely.get_parts(polygons, return_index=True)
    rings, of_part = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    ends = np.hstack([xy[:-1], xy[1:]])[same]
    owner = district[of_area[of_part][ring[:-1][same]]]
    # A segment and its reverse are one, so its key is a sum over its ends.
    key = _point_keys(ends[:, 0], ends[:, 1]) + _point_keys(ends[:, 2], ends[:, 3])
    order = np.argsort(key)
    key, owner = key[order], owner[order]
    new = np.r_[True, key[1:] != key[:-1]]
    twice = ~new[1:] & (owner[1:] == owner[:-1])
    inside = np.r_[twice, False] | np.r_[False, twice]
    # What two districts share is drawn once.
    segments = ends[order[~inside & (new | np.r_[False, inside[:-1]])]].reshape(-1, 2, 2)
    joined = shapely.line_merge(shapely.multilinestrings(shapely.linestrings(segments)))
    return [shapely.get_coordinates(line) for line in shapely.get_parts(joined)]


def _point_keys(x: Floats, y: Floats) -> NDArray[np.uint64]:
    """Turn points into 64-bit keys; two of a nation's million share one once in a million maps."""
    key = (x + 0.0).view(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    key ^= key >> np.uint64(29)
    key += (y + 0.0).view(np.uint64) * np.uint64(0xBF58476D1CE4E5B9)
    key *= np.uint64(0x94D049BB133111EB)
    return key ^ (key >> np.uint64(32))


# Vertices are snapped to a grid: half a pixel on a screen, 1/600 inch on paper.
PIXELS: Final = 0.5
PER_INCH: Final = 600
# A ring with an area has three corners, and ends where it began.
LEAST: Final = 4


class AreaCollection(PathCollection):
    """Polygons whose vertices are thinned, at each drawing, to what its resolution can show.

    A national boundary file has millions of vertices, of which a page shows one in ten. All
    vertices are snapped to one fine grid and those that fall together are dropped; neighbours
    share their vertices, so they still meet after it and no gap opens between them.

    Parameters
    ----------
    polygons : array of shapely geometry, shape (n,)
        Polygons or MultiPolygons; what is missing or empty is not drawn.
    column : str
        The column that is shown, for whoever wants to know it later.
    as_one : bool
        Draw all in one path: a pattern runs on from area to area, no seam shows between areas, and
        a nation is drawn in two thirds of the time.
    **style
        What :class:`matplotlib.collections.PathCollection` takes.
    """

    def __init__(
        self, polygons: NDArray[np.object_], *, column: str = "", as_one: bool = False, **style: Any
    ) -> None:
        self.column = column
        # Holes must turn the other way than shells, or they would be filled.
        holed = shapely.get_num_interior_rings(polygons) > 0
        holed |= shapely.get_type_id(polygons) == shapely.GeometryType.MULTIPOLYGON
        polygons = polygons.copy()
        polygons[holed] = shapely.normalize(polygons[holed])

        parts, of_area = shapely.get_parts(polygons, return_index=True)
        rings, of_part = shapely.get_rings(parts, return_index=True)
        self._xy, of_ring = shapely.get_coordinates(rings, return_index=True)
        self._ring = of_ring
        self._area = of_area[of_part][of_ring]
        self._n = len(polygons)
        if as_one:
            self._area, self._n = np.zeros_like(self._area), 1
        self._drawn_at: tuple[float, ...] | None = None
        self._whole = True  # the paths of the whole geometry are built when first asked for
        super().__init__([], **style)
        # With one path and one of everything, matplotlib takes it for a marker, and puts markers on
        # whole pixels: the map would be half a pixel off. Two addresses (none) keep it from that.
        self.set_urls([None, None])

    def get_paths(self) -> Sequence[Path]:
        """Return one path an area, whole until they are first drawn."""
        if self._whole:
            self._whole = False
            self.set_paths(_paths(self._xy, self._ring, self._area, self._n))
        return super().get_paths()

    def get_datalim(self, transData: Transform) -> Bbox:  # noqa: N803 (matplotlib's name)
        """Return the extent of the whole geometry, however it was last drawn."""
        if not len(self._xy):
            return Bbox.null()
        xy = (self.get_transform() - transData).transform(self._xy)
        return Bbox([xy.min(axis=0), xy.max(axis=0)])

    def draw(self, renderer: RendererBase) -> None:
        """Draw the areas, thinned to this renderer's resolution."""
        if not self.get_visible() or not len(self._xy):
            return
        # Vector files count in points, 72 to the inch, however fine they are printed.
        on_paper = renderer.option_scale_image()
        grid = 72.0 / PER_INCH if on_paper else PIXELS
        affine = self.get_transform().get_affine()
        key = (grid, *np.ravel(affine.get_matrix()))
        if key != self._drawn_at and self.get_transform().is_affine:
            snapped = np.rint(np.asarray(affine.transform(self._xy)) / grid)
            keep = _vertices_to_draw(snapped, self._ring)
            xy = affine.inverted().transform(snapped[keep] * grid)
            self._whole = False
            self.set_paths(_paths(xy, self._ring[keep], self._area[keep], self._n))
            self._drawn_at = key
        super().draw(renderer)


def _vertices_to_draw(snapped: Floats, ring: NDArray[np.intp]) -> Bools:
    """Mark the vertices that differ from the one before, in rings that still hold an area."""
    keep = np.ones(len(snapped), dtype=bool)
    keep[1:] = (snapped[1:] != snapped[:-1]).any(axis=1) | (ring[1:] != ring[:-1])
    left = np.bincount(ring[keep], minlength=int(ring[-1]) + 1)
    return keep & (left[ring] >= LEAST)


def _paths(xy: Floats, ring: NDArray[np.intp], area: NDArray[np.intp], n: int) -> Sequence[Path]:
    """Build one path an area from vertices that are sorted by area and ring."""
    codes = np.full(len(xy), Path.LINETO, dtype=Path.code_type)
    if len(xy):
        first = np.r_[True, ring[1:] != ring[:-1]]
        codes[first] = Path.MOVETO
        codes[np.r_[first[1:], True]] = Path.CLOSEPOLY
    bounds = np.searchsorted(area, np.arange(n + 1))
    return [Path(xy[start:stop], codes[start:stop]) for start, stop in pairwise(bounds)]
