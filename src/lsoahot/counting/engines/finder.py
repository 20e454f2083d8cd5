"""The areas of points, wherever the points are: made once, sent to workers, asked by batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lsoahot.counting import point_in_area
from lsoahot.records.coordinates import distinct, transformed

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from lsoahot.common.arrays import Floats, Integers

_MOST: Final = 2_000_000  # places that are remembered


class Finder:
    """Finds the areas of points given in one reference system, and remembers the places.

    Points snap to few places, so that after the first batches most are known. What is remembered
    isn't pickled.
    """

    def __init__(self, areas: gpd.GeoDataFrame, crs: str) -> None:
        self._locator = point_in_area.locator(areas)
        self._from = None if areas.crs == crs else crs
        self._forget()

    def _forget(self) -> None:
        # Replaced as one: other threads may learn meanwhile.
        self._memory = pd.Index(np.empty(0, dtype=np.complex128)), np.empty(0, dtype=np.int64)

    def __getstate__(self) -> dict[str, object]:
        return {"_locator": self._locator, "_from": self._from}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        self._forget()

    @property
    def places(self) -> NDArray[np.complex128]:
        """The places that are remembered: x + 1j y."""
        return self._memory[0].to_numpy()

    def find(self, x: Floats, y: Floats) -> Integers:
        """Return the row of the area that holds each point, -1 for none; shape (n,)."""
        back, x, y = distinct(x, y)
        known, areas = self._memory
        place = x + 1j * y
        at = known.get_indexer(pd.Index(place))
        new = at < 0
        result = np.empty(len(place), dtype=np.int64)
        result[~new] = areas[at[~new]]
        if new.any():
            there = x[new], y[new]
            if self._from is not None:
                there = transformed(*there, self._from, self._locator.crs)
            result[new] = point_in_area.find(self._locator, *there)
            if len(known) + int(new.sum()) <= _MOST:
                learnt = np.concatenate([areas, result[new]])
                self._memory = known.append(pd.Index(place[new])), learnt
        answer: Integers = result[back]
        return answer

    def missed(self, area: Integers, rows: Integers, *, coded: int) -> list[str]:
        """Say what explains that most points lie outside, by the places that are remembered.

        Parameters
        ----------
        area, rows
            The area's row of points, negative for none, and how many points each stands for;
            shape (n,).
        coded
            How many records were counted by their code.
        """
        places = self.places
        return point_in_area.mistaken(
            self._locator, places.real, places.imag, self._from or self._locator.crs,
            outside=int(rows[area < 0].sum()), points=int(rows.sum()), coded=coded,
        )  # fmt: skip
