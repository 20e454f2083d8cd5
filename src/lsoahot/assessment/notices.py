"""What must be shown with every figure of some tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsoahot.counting.outcomes import reading_notice

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


def notice(areas: pd.DataFrame, measures: Mapping[str, pd.DataFrame]) -> str:
    """Return what must be shown with every figure, each sentence once."""
    result = [str(table.attrs.get("notice") or "") for table in (areas, *measures.values())]
    for name, table in measures.items():
        if message := reading_notice(table.attrs):
            result.append(f"{name}: {message}" if len(measures) > 1 else message)
    text = "; ".join(sentence for sentence in dict.fromkeys(result) if sentence)
    return text[:1].upper() + text[1:]
