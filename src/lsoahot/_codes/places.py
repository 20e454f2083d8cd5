"""Which area holds each point: exact, and each distinct place is looked up once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray


class Locator(NamedTuple):
    """Areas, made ready for looking points up in them; it can be pickled and sent to workers."""

    shapes: NDArray[np.object_]  # (m,) the areas' shapes, by code
    position: NDArray[np.int64]  # (m + 1,) the row of each in the table of areas, then -1


def locator(areas: gpd.GeoDataFrame) -> Locator:
    """Make areas ready for looking points up in them.

    Parameters
    ----------
    areas
        The areas; index `area_code`. Missing and empty shapes hold no point.

    Returns
    -------
    Locator
        To be given to `find`, in this process or in another.
    """
    order = np.argsort(areas.index.astype(str).to_numpy(dtype=object), kind="stable")
    return Locator(areas.geometry.to_numpy()[order], np.append(order, -1))


def find(locator: Locator, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.int64]:
    """Tell which area holds each point; on a shared edge, the one with the lowest code.

    Parameters
    ----------
    locator
        The areas, from `locator`.
    x, y
        Coordinates in the areas' reference system; shape (n,). NaN and infinity lie nowhere.

    Returns
    -------
    ndarray of int64
        The row of the area in the table the locator was made of, -1 in none; shape (n,).

    Examples
    --------
    >>> import geopandas as gpd, numpy as np, shapely
    >>> areas = gpd.GeoDataFrame(
    ...     index=["E01000002", "E01000001"],
    ...     geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], crs="EPSG:27700")
    >>> find(locator(areas), np.array([0.5, 1.0, 3.0]), np.array([0.5, 0.5, 0.5])).tolist()
    [0, 1, -1]
    """
    found = np.full(len(x), -1, dtype=np.int64)
    there = np.isfinite(x) & np.isfinite(y)
    back, places = pd.factorize(x[there] + 1j * y[there])
    tree = shapely.STRtree(shapely.points(places.real, places.imag))
    area, place = tree.query(locator.shapes, predicate="intersects")
    first = np.full(len(places), len(locator.shapes), dtype=np.int64)
    np.minimum.at(first, place, area)
    found[there] = locator.position[first][back]
    return found
