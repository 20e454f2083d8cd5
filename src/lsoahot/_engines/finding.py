"""The areas of points, wherever the points are: made once, sent to workers, asked by batches."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lsoahot._codes import places

if TYPE_CHECKING:
    import geopandas as gpd
    import pyproj
    from numpy.typing import NDArray

_MOST: Final = 2_000_000  # places that are remembered


class Finder:
    """Finds the areas of points given in one reference system, and remembers the places.

    Points snap to few places, so that after the first batches most are known. What is remembered
    isn't pickled.
    """

    def __init__(self, areas: gpd.GeoDataFrame, crs: str) -> None:
        if areas.crs is None:
            raise ValueError(
                "the areas have no coordinate reference system. Set it: "
                "areas.set_crs('EPSG:27700')."
            )
        self._locator = places.locator(areas)
        self._to = areas.crs.to_wkt()
        self._from = None if areas.crs == crs else crs
        self._forget()

    def _forget(self) -> None:
        # Replaced as one: other threads may learn meanwhile.
        self._memory = pd.Index(np.empty(0, dtype=np.complex128)), np.empty(0, dtype=np.int64)

    def __getstate__(self) -> dict[str, object]:
        return {"_locator": self._locator, "_to": self._to, "_from": self._from}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        self._forget()

    def find(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the row of the area that holds each point, -1 for none; shape (n,)."""
        back, unique = pd.factorize(x + 1j * y)
        known, areas = self._memory
        at = known.get_indexer(unique)
        new = at < 0
        found = np.empty(len(unique), dtype=np.int64)
        found[~new] = areas[at[~new]]
        if new.any():
            east, north = self._transformed(unique[new].real, unique[new].imag)
            found[new] = places.find(self._locator, east, north)
            if len(known) + int(new.sum()) <= _MOST:
                learnt = np.concatenate([areas, found[new]])
                self._memory = known.append(pd.Index(unique[new])), learnt
        answer: NDArray[np.int64] = found[back]
        return answer

    def _transformed(
        self, x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        if self._from is None:
            return x, y
        # Lists: of an array of one, older releases of PROJ's wrapper make a bare number.
        east, north = _transformer(self._from, self._to).transform(x.tolist(), y.tolist())
        return np.asarray(east), np.asarray(north)


@lru_cache(maxsize=4)
def _transformer(source: str, target: str) -> pyproj.Transformer:
    import pyproj

    return pyproj.Transformer.from_crs(source, target, always_xy=True)
