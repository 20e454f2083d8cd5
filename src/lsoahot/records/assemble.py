"""Tables of records to one, with its points, its coverage and its account."""

from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from lsoahot.common.arrays import THREADS

from . import headers
from .point_column import shaped

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from .dataset import Dataset
    from .tally import Tally


def whole(
    frames: list[pd.DataFrame], spec: Dataset, tally: Tally, *, last: bool = True
) -> pd.DataFrame:
    """Put tables together, in order, with the account of what was read since the one before."""
    kept = [frame for frame in frames if len(frame)] or frames[:1]
    shapes = [frame["geometry"].array if "geometry" in frame else None for frame in kept]
    plain = [frame.drop(columns="geometry", errors="ignore") for frame in kept]
    with warnings.catch_warnings(), ThreadPoolExecutor(THREADS) as pool:  # why: Workers.rest
        placed = None
        if any(shape is not None for shape in shapes):
            placed = pool.submit(shaped, shapes, [len(frame) for frame in kept])
        table = _below(plain, pool)
    for flag in headers.FLAGS:
        if flag in table and table[flag].dtype != bool:  # files with the flag beside files without
            table[flag] = table[flag].eq(True).astype(bool)
    if placed is not None:
        table = gpd.GeoDataFrame(table, geometry=placed.result(), crs="EPSG:27700")
    coverage = tally.coverage()
    table.attrs = {
        "dataset": spec.name,
        "title": spec.title,
        "unit": spec.unit,
        "sensitive": spec.sensitive,
        "source": list(dict.fromkeys(_archive(name) for name in tally.source)),
        "read": tally.summary(len(table), last=last),
        **({"coverage": coverage} if coverage else {}),
    }
    return table


def _below(tables: list[pd.DataFrame], pool: Executor) -> pd.DataFrame:
    """Put tables one below the other, their columns side by side where all have the same."""
    first, *others = tables
    if not others:
        return first.reset_index(drop=True)
    if any(list(table) != list(first) for table in others):
        return pd.concat(tables, ignore_index=True)

    def column(name: str) -> pd.Series:
        return pd.concat([table[name] for table in tables], ignore_index=True)

    return pd.DataFrame(dict(zip(first, pool.map(column, first), strict=True)), copy=False)


def _archive(name: str) -> str:
    """Name the zip of a member, else the file without its sheet."""
    zipped, result, _ = name.partition(".zip/")
    return zipped + ".zip" if result else file_of(name)


def file_of(name: str) -> str:
    """Take the sheet off a name: ``"fires.ods [2021]"`` is of ``"fires.ods"``."""
    return name.split(" [", 1)[0]
