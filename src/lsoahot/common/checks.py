"""The only validators. Every message has two parts: what is wrong, then what to do."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from numpy.typing import NDArray


def shown(values: Iterable[object], most: int = 5) -> str:
    """List a few values for a message: ``"a, b, c and 12 more"``."""
    every = [str(value) for value in values]
    rest = len(every) - most
    return ", ".join(every[:most]) + (f" and {rest:,} more" if rest > 0 else "")


def nearest(given: str, allowed: Collection[str]) -> str:
    """Return ``" Did you mean 'x'?"`` for the allowed word nearest to the one given, or nothing."""
    result = difflib.get_close_matches(str(given).lower(), [word.lower() for word in allowed], n=1)
    words = [word for word in allowed if result and word.lower() == result[0]]
    return f" Did you mean {words[0]!r}?" if words else ""


def one_of(value: str, allowed: Collection[str], name: str) -> None:
    """Refuse a word that is not among those allowed."""
    if value not in allowed:
        raise ValueError(
            f"{name}={value!r} is not one of {shown(allowed, 20)}.{nearest(value, allowed)}"
        )


def areas(table: object) -> None:
    """Refuse what is not a table of areas with unique codes as its index."""
    if not isinstance(table, gpd.GeoDataFrame):
        raise TypeError(
            f"areas must be a GeoDataFrame of areas, not {type(table).__name__}. "
            "Read one with lsoahot.read_boundaries()."
        )
    if "area_code" in table.columns and table.index.name != "area_code":
        raise ValueError(
            "the codes stand in the column 'area_code', not in the index, so nothing can be counted "
            "by them. Put them there: areas.set_index('area_code')."
        )
    unique_codes(table.index)


def unique_codes(codes: pd.Index) -> None:
    """Refuse an index in which a code is missing or stands twice."""
    if codes.hasnans:
        raise ValueError(
            f"{int(codes.isna().sum()):,} areas have no code in the index. "
            "Drop them, or set the index to the column that holds the codes."
        )
    if not codes.is_unique:
        twice = codes[codes.duplicated()].unique()
        raise ValueError(
            f"{len(twice):,} area codes stand more than once: {shown(twice)}. "
            "Keep one row an area (for polygons in parts: areas.dissolve('area_code'))."
        )


def columns(table: pd.DataFrame, names: Iterable[str], what: str = "areas", hint: str = "") -> None:
    """Refuse a table that lacks a column."""
    lacking = [name for name in names if name not in table.columns]
    if lacking:
        there = [str(name) for name in table.columns]
        raise ValueError(
            f"{what} has no column {shown(map(repr, lacking))}; it has {shown(there, 20)}."
            f"{nearest(lacking[0], there)}{' ' + hint if hint else ''}"
        )


def numbers(table: pd.DataFrame, name: str, what: str = "areas") -> NDArray[np.float64]:
    """Return a column as float64 with NaN where it is missing; refuse what is not a number."""
    columns(table, [name], what)
    column = table[name]
    if not pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype):
        raise TypeError(
            f"column {name!r} holds {column.dtype}, not numbers. "
            f"Convert it first: {what}[{name!r}] = pd.to_numeric({what}[{name!r}])."
        )
    values: NDArray[np.float64] = column.to_numpy(dtype="float64", na_value=np.nan)
    infinite = np.isinf(values)
    if infinite.any():
        raise ValueError(
            f"column {name!r} is infinite in {int(infinite.sum()):,} areas: "
            f"{shown(table.index[infinite])}. Mend the division that made it, or set it to missing."
        )
    return values
