"""The small print of a map: where its boundaries, people and records come from, and how tested."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import geopandas as gpd


def provenance(areas: gpd.GeoDataFrame) -> list[str]:
    """Return the lines of a map's small print, from what the verbs noted on the table."""
    from . import __version__

    noted = areas.attrs
    lines = []
    made = [
        f"Boundaries: {noted['edition']}" if noted.get("edition") else "",
        f"Population: {noted['population_source']}" if noted.get("population_source") else "",
    ]
    if any(made):
        lines.append(". ".join(part for part in made if part) + ".")
    if noted.get("attribution"):
        lines.append(str(noted["attribution"]))
    if noted.get("notice"):
        lines.append(str(noted["notice"]))
    lines.append(f"Drawn with lsoahot {__version__}.")
    return lines
