"""What points to areas would cost if nothing were ours: the other libraries' part, measured alone.

Run ``python tests/benchmarks/floor.py``: times are of the processor, in seconds, the best of three runs.
"""

from __future__ import annotations

import sys
import time
import warnings
from typing import TYPE_CHECKING, Any

import material
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pyproj
import shapely

import lsoahot as lh
from lsoahot.counting import point_in_area

if TYPE_CHECKING:
    from collections.abc import Callable

SLIM = material.NATIONAL / "police_2025_slim.parquet"
LSOAS = material.NATIONAL / "lsoa21_ew_bgc.parquet"


def timed(what: str, work: Callable[[], Any], spent: dict[str, float]) -> Any:
    start = time.process_time()
    made = work()
    spent[what] = min(spent.get(what, np.inf), time.process_time() - start)
    return made


def once(spent: dict[str, float]) -> None:
    """Do each step with the result of the one before, in one thread."""
    table = timed("Arrow reads boundaries", lambda: pq.read_table(LSOAS, use_threads=False), spent)
    wkb = table["geometry"].to_numpy()
    shapes = timed("GEOS makes shapes", lambda: shapely.from_wkb(wkb), spent)
    corners = timed("corners taken out", lambda: shapely.get_coordinates(shapes), spent)
    x, y = np.unique(corners, axis=0).T
    move = pyproj.Transformer.from_crs(4326, 27700, always_xy=True)
    timed(f"PROJ moves {len(x):,} different corners", lambda: move.transform(x, y), spent)
    moved = np.column_stack(move.transform(*corners.T))
    areas = timed(
        "GEOS makes shapes again", lambda: shapely.set_coordinates(shapes.copy(), moved), spent
    )
    timed("GEOS tests their validity", lambda: shapely.is_valid(areas), spent)
    texts = ["Month", "Falls within", "LSOA code", "Crime type"]
    records = timed(
        "Arrow reads records",
        lambda: pq.read_table(SLIM, use_threads=False, read_dictionary=texts),
        spent,
    )
    east, north = (records[name].drop_null().to_numpy() for name in ("Longitude", "Latitude"))
    key = east.view(np.uint64) * np.uint64(0x9E3779B97F4A7C15) ^ north.view(np.uint64)
    timed("pandas finds the different places", lambda: pd.factorize(key), spent)
    where = np.unique(np.column_stack([east, north]), axis=0).T
    x, y = timed(f"PROJ moves {where.shape[1]:,} places", lambda: move.transform(*where), spent)
    locator = point_in_area.locator(lh.read_boundaries(LSOAS))
    tree = shapely.STRtree(shapely.box(*locator.boxes))
    point, area = tree.query(shapely.points(x, y))
    order = np.argsort(area, kind="stable")
    candidates = locator.shapes[area[order]], x[point[order]], y[point[order]]
    shapely.prepare(locator.shapes)
    what = f"GEOS tests {len(order):,} pairs of a point and a box that holds it"
    timed(what, lambda: shapely.intersects_xy(*candidates), spent)


def main() -> None:
    warnings.simplefilter("ignore")  # of invalid polygons
    spent: dict[str, float] = {}
    for _ in range(3):
        once(spent)
    spent["in all"] = sum(spent.values())
    for what, seconds in spent.items():
        sys.stdout.write(f"{seconds:6.2f}  {what}\n")


if __name__ == "__main__":
    main()
