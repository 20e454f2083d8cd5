"""The look-ups between census editions, as the Office for National Statistics publishes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from lsoahot.boundaries.fetch import arcgis, layers
from lsoahot.common import checks

from . import cache

if TYPE_CHECKING:
    from pathlib import Path

WHERE: Final = (
    "The Open Geography Portal (https://geoportal.statistics.gov.uk) has it: search for 'LSOA (2011) "
    "to LSOA (2021) to Local Authority District' or 'LSOA (2001) to LSOA (2011)', 'exact fit lookup'."
)


def fetch_lookup(
    from_: str, to: str, *, refresh: bool = False, timeout: float = 60.0, progress: bool = True
) -> Path:
    """Download the look-up between two census editions into the cache.

    Parameters
    ----------
    from_, to
        ``"lsoa01"`` and ``"lsoa11"``, or ``"lsoa11"`` and ``"lsoa21"``, either way round. A file
        ``lookups.toml`` in the cache folder, or the one that ``LSOAHOT_LOOKUPS`` names, adds to
        these or overrides them.
    refresh, timeout, progress
        As for `fetch_boundaries`.

    Returns
    -------
    Path
        The Parquet file in the cache.

    Raises
    ------
    ValueError
        If no look-up is known between the two.
    ConnectionError
        If the service can't be reached or keeps failing; nothing half-done is left in the cache.
    """
    table = layers.layers("lookups")
    layer = table.get(f"{from_}-{to}") or table.get(f"{to}-{from_}")
    if layer is None:
        raise ValueError(
            f"no look-up is known between {from_!r} and {to!r}; there are "
            f"{checks.shown(table, 12)}. Give it, lookup=..., or convert by way of the edition "
            f"between them. {WHERE}"
        )
    path = cache.folder() / "lookups" / f"{layer.name}-{layer.fingerprint}.parquet"
    if refresh or not path.is_file():
        try:
            rows = arcgis.read_layer(
                layer, path.parent / "partial", timeout=timeout, progress=progress
            )
        except ConnectionError as error:
            raise arcgis.unreachable(layer, error, "convert(..., lookup='file.csv')") from error
        cache.write_whole(pd.DataFrame(rows.drop(columns="geometry")), path)
    return path
