"""Street maps from the internet, only where they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsoahot.common import checks

if TYPE_CHECKING:
    import geopandas as gpd
    from matplotlib.axes import Axes


def add_basemap(ax: Axes, areas: gpd.GeoDataFrame, source: object = None) -> Axes:
    """Put a base map of tiles from the internet under the areas.

    Parameters
    ----------
    ax : Axes
        What the areas were drawn on, with ``alpha`` below 1 so that the base map shows.
    areas : GeoDataFrame
        The areas, with their CRS.
    source : TileProvider or str, optional
        Where the tiles come from, as contextily takes it; OpenStreetMap by default.

    Returns
    -------
    Axes
        The same axes, with the tiles' attribution.

    Raises
    ------
    ImportError
        If contextily is not installed.
    ConnectionError
        If the tiles can't be fetched.

    Notes
    -----
    The tile server sees which part of the country is asked for. Nothing else of lsoahot's maps uses
    the internet.
    """
    checks.axes(ax)
    checks.areas(areas)
    if areas.crs is None:
        raise ValueError(
            "the areas have no coordinate system (CRS), so no base map can be laid under them. "
            "Set it first: areas.set_crs(27700)."
        )
    try:
        import contextily
    except ImportError as lacking:
        raise ImportError(
            "a base map needs the package contextily, which is not installed. "
            "Install it (python -m pip install contextily), or draw the map without."
        ) from lacking
    provider = contextily.providers.OpenStreetMap.Mapnik if source is None else source
    try:
        contextily.add_basemap(ax, crs=areas.crs, source=provider, attribution_size=6)
    except (OSError, RuntimeError) as problem:  # requests' errors are OSErrors
        raise ConnectionError(
            f"the base map can't be fetched: {problem}. Check that this computer reaches the "
            "internet, or draw the map without."
        ) from problem
    return ax
