"""The only validators. Every message has two parts: what is wrong, then what to do."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from . import code_columns

if TYPE_CHECKING:
    import os
    from collections.abc import Collection, Iterable

    from .arrays import Floats


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


def file_to_write(path: str | os.PathLike[str], *endings: str) -> Path:
    """Return a file's path; refuse an ending that is not one of those given, or a lacking folder.

    Parameters
    ----------
    path
        Where a file is to be written.
    *endings
        Such as ``".pdf"``; without any, all are allowed.
    """
    path = Path(path)
    if endings:
        one_of(path.suffix.lower(), endings, "the ending of path")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent}. Make it first, or mend path.")
    return path


# Which verb makes a column, for messages on one that is lacking.
MADE_BY: Final = {
    "count": "count(areas, records)",
    **dict.fromkeys(["weighted", "weighted_sq"], "count(areas, records, weight=...)"),
    **dict.fromkeys(["rate", "rate_lower", "rate_upper"], "rate()"),
    "rank": "rank()",
    **dict.fromkeys(
        ["level", "level_class", "relative_risk", "relative_risk_lower", "relative_risk_upper",
         "exceedance", "excess"], "exceedance()",
    ),
    **dict.fromkeys(["hotspot", "hotspot_class"], "find_hotspots()"),
    **dict.fromkeys(["gi_z", "gi_p", "gi_q"], "getis_ord()"),
    **dict.fromkeys(["cluster", "moran_i", "moran_p", "moran_q"], "local_moran()"),
    **dict.fromkeys(
        ["risk_ratio", "risk_lower", "risk_upper", "risk_p", "risk_q", "risk_class"],
        "local_risk()",
    ),
    **dict.fromkeys(
        ["count_then", "rate_ratio", "ratio_lower", "ratio_upper", "change_p", "change_q",
         "change_class"], "change(then, now)",
    ),
    **dict.fromkeys(["emerging", "trend_z", "trend_p"], "emerging_hotspots(areas, records)"),
    "eb_rate": "empirical_bayes()",
    "suppressed": "suppress()",
    "population": "join(areas, lsoahot.read_population(...))",
}  # fmt: skip


def areas(table: object) -> None:
    """Refuse what is not a table of areas with unique codes as its index."""
    if not isinstance(table, gpd.GeoDataFrame):
        raise TypeError(
            f"areas must be a GeoDataFrame of areas, not {type(table).__name__}. "
            "Read one with lsoahot.read_boundaries()."
        )
    coded(table)


def axes(ax: object) -> None:
    """Refuse what is not matplotlib's axes: a figure, or arguments in another order."""
    from matplotlib.axes import Axes

    if not isinstance(ax, Axes):
        raise TypeError(
            f"ax is a {type(ax).__name__}, not the Axes of a map. Give what a plot_ verb returns: "
            "ax = lsoahot.plot_rate(areas)."
        )


def coded(table: object) -> None:
    """Refuse what is not a table, with shapes or without, with unique area codes as its index."""
    if not isinstance(table, pd.DataFrame):
        raise TypeError(
            f"areas must be a table of areas (a GeoDataFrame or a DataFrame), not "
            f"{type(table).__name__}. Read one with lsoahot.read_boundaries()."
        )
    if table.columns.nlevels > 1:
        raise ValueError(
            f"the columns have {table.columns.nlevels} levels, such as {table.columns[0]!r}, and "
            "one name a column is needed. Give each one: "
            "areas.columns = ['_'.join(map(str, name)) for name in areas.columns]."
        )
    if "area_code" in table.columns and table.index.name != "area_code":
        raise ValueError(
            "the codes stand in the column 'area_code', not in the index, so nothing can be counted "
            "by them. Put them there: areas.set_index('area_code')."
        )
    unique_codes(table.index)


def codes_are_the_index(table: pd.DataFrame) -> None:
    """Refuse a table, as a file was read, whose index is numbers while a column holds the codes."""
    if not pd.api.types.is_integer_dtype(table.index.dtype):
        return
    key = code_columns.find(table)
    if key is not None:
        raise ValueError(
            f"the index of the areas holds numbers, and the column {key.column!r} holds the "
            "codes, so nothing can be counted by them. Bring the table into shape first: "
            f"areas = lsoahot.read_boundaries(areas, code={key.column!r})."
        )


def unique_codes(codes: pd.Index, column: str = "area_code") -> None:
    """Refuse codes of which one is missing or stands twice, or an index of several levels.

    Parameters
    ----------
    codes
        One an area.
    column
        The column that they stand in, for the message.
    """
    if codes.nlevels > 1:
        levels = [name if name is not None else at for at, name in enumerate(codes.names)]
        kept = "area_code" if "area_code" in levels else levels[0]
        others = [level for level in levels if level != kept]
        raise ValueError(
            f"the index has {codes.nlevels} levels ({shown(levels)}), and one area code a row is "
            f"needed. Put the others into columns: areas.reset_index({others!r})."
        )
    if codes.hasnans:
        raise ValueError(
            f"{list(codes.isna()).count(True):,} areas have no code in the index. "
            "Drop them, or set the index to the column that holds the codes."
        )
    if not codes.is_unique:
        twice = codes[codes.duplicated()].unique()
        raise ValueError(
            f"{len(twice):,} area codes stand more than once: {shown(twice)}. "
            f"Keep one row an area (for polygons in parts: areas.dissolve({column!r}))."
        )


def columns(table: pd.DataFrame, names: Iterable[str], what: str = "areas", hint: str = "") -> None:
    """Refuse a table that lacks a column."""
    lacking = [name for name in names if name not in table.columns]
    if lacking:
        there = [str(name) for name in table.columns]
        verb = MADE_BY.get(lacking[0]) if what.startswith("areas") and not hint else None
        ending = f"; make it with lsoahot.{verb}." if verb else f".{nearest(lacking[0], there)}"
        raise ValueError(
            f"{what} has no column {shown(map(repr, lacking))}; it has {shown(there, 20)}"
            f"{ending}{' ' + hint if hint else ''}"
        )


def numbers(table: pd.DataFrame, name: str, what: str = "areas") -> Floats:
    """Return a column as float64 with NaN where it is missing; refuse what is not a number."""
    columns(table, [name], what)
    column = table[name]
    kind = column.dtype
    number = pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_complex_dtype(kind)
    if not number or pd.api.types.is_bool_dtype(kind):
        raise TypeError(
            f"column {name!r} holds {column.dtype}, not numbers. "
            f"Convert it first: {what}[{name!r}] = pd.to_numeric({what}[{name!r}])."
        )
    values: Floats = column.to_numpy(dtype="float64", na_value=np.nan)
    infinite = np.isinf(values)
    if infinite.any():
        raise ValueError(
            f"column {name!r} is infinite in {int(infinite.sum()):,} areas: "
            f"{shown(table.index[infinite])}. Mend the division that made it, or set it to missing."
        )
    return values
