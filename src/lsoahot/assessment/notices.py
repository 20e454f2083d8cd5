"""What is said beside figures: what must be shown with all of them, and where they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsoahot.counting.outcomes import reading_notice
from lsoahot.plotting.provenance import edition

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


def boundaries_of(areas: pd.DataFrame) -> str:
    """Return the edition of boundaries and where they come from, as far as it is known."""
    noted = areas.attrs
    return "; ".join(filter(None, [edition(noted.get("edition")), str(noted.get("source") or "")]))


def files_of(records: pd.DataFrame) -> str:
    """Return the names of the files that records come from, as far as they are known."""
    source = records.attrs.get("source") or ""
    return source if isinstance(source, str) else ", ".join(map(str, source))


def full_notice(areas: pd.DataFrame, measures: Mapping[str, pd.DataFrame]) -> str:
    """Return what must be shown with every figure, each sentence once."""
    result = [str(table.attrs.get("notice") or "") for table in (areas, *measures.values())]
    for name, table in measures.items():
        if message := reading_notice(table.attrs):
            result.append(f"{name}: {message}" if len(measures) > 1 else message)
    text = "; ".join(sentence for sentence in dict.fromkeys(result) if sentence)
    return text[:1].upper() + text[1:]
