"""What all measures of a page have in common: the areas, their neighbours, the months."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from libpysal.graph import Graph
    from numpy.typing import NDArray

    from lsoahot.assessment.months import Calendar
    from lsoahot.statistics.kernels.links import Links


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What all measures are worked out on: the areas, who is shown, who is whose neighbour, when."""

    areas: gpd.GeoDataFrame
    graph: Graph
    links: Links
    shown: NDArray[np.intp]
    districts: list[str]
    groups: NDArray[np.bool_]
    calendar: Calendar
    # What was tested already: a measure is often a category of another one.
    done: dict[tuple[bytes, str, int], gpd.GeoDataFrame] = field(default_factory=dict)

    def withheld(self, table: pd.DataFrame) -> NDArray[np.bool_]:
        """Say of which groups a table's total must not be given: of all areas, of each district."""
        named = table.attrs["suppression"]["totals_withheld"]
        every = "the whole table" in named
        found = np.array([every, *(every or name in named for name in self.districts)])
        return found[: len(self.groups)]

    def tells_total(self, table: pd.DataFrame) -> bool:
        """Say whether the account of the records would tell a total that must not be given."""
        named = table.attrs["suppression"]["totals_withheld"]
        return "the whole table" in named and len(self.shown) == len(self.areas)
