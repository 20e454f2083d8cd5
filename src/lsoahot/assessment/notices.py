"""What must be shown with every figure of some tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    import pandas as pd


def notice(areas: gpd.GeoDataFrame, measures: Mapping[str, pd.DataFrame]) -> str:
    """Return what must be shown with every figure, each sentence once."""
    tables = [areas, *measures.values()]
    result = dict.fromkeys(str(table.attrs.get("notice") or "") for table in tables)
    text = "; ".join(sentence for sentence in result if sentence)
    return text[:1].upper() + text[1:]
