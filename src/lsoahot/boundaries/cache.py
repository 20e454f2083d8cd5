"""The folder of downloads, and files that are in it whole or not at all."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

from lsoahot.common.files import expanded, write_bytes

if TYPE_CHECKING:
    import pandas as pd


def folder() -> Path:
    """Return the folder: ``LSOAHOT_CACHE``, or where the system keeps such things."""
    if chosen := os.environ.get("LSOAHOT_CACHE"):
        return expanded(chosen)
    import platformdirs

    return Path(platformdirs.user_cache_dir("lsoahot", appauthor=False))


def write_whole(table: pd.DataFrame, path: Path) -> None:
    """Write a table (with shapes or without) as Parquet beside its place, then move it there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        whole = io.BytesIO()
        table.to_parquet(whole)
        write_bytes(path, whole.getvalue())
    except PermissionError:
        # Windows doesn't replace a file that another process is reading: then it has the same.
        if not path.is_file():
            raise
