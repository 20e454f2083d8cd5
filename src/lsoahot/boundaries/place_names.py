"""Names that people know, for areas whose official names are a district and a number."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Final

import pandas as pd

from lsoahot.common import checks
from lsoahot.common.files import expanded
from lsoahot.common.spelling import plain
from lsoahot.records import readers

if TYPE_CHECKING:
    import os

    import geopandas as gpd

# What headers of names that people know are called, the best first; "MSOAHCLNM" is the House of
# Commons Library's.
BETTER: Final = ("hclnm", "localname", "placename", "friendlyname", "msoaname", "name")
LEAST: Final = 0.5  # the share of areas that a table must name to be taken for one of these areas
# What R, Excel and Python write into a file where there is no name.
NO_NAME: Final = ("NA", "N/A", "n/a", "#N/A", "NULL", "null", "None", "NaN", "nan", "<NA>")
LIBRARY: Final = (
    "Names of areas: House of Commons Library, licensed under the Open Parliament Licence v3.0."
)


def name_areas(
    areas: gpd.GeoDataFrame, names: pd.DataFrame | str | os.PathLike[str]
) -> gpd.GeoDataFrame:
    r"""Give areas the names that people know: "Loughborough - University (007D)".

    Parameters
    ----------
    areas : GeoDataFrame
        Areas as `read_boundaries` returns them.
    names : DataFrame or path
        A table (or a file of one: CSV, Excel) of codes and names: of the areas themselves, or of the MSOAs that
        they are parts of, such as the House of Commons Library's names of MSOAs.

    Returns
    -------
    GeoDataFrame
        The areas with other names in ``area_name``; names of an MSOA are followed by the area's own
        number. Areas that the table doesn't name keep theirs.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the table names hardly any of the areas.

    Warns
    -----
    UserWarning
        Where some areas are not in the table.

    Examples
    --------
    >>> import pandas as pd, geopandas as gpd, shapely
    >>> areas = gpd.GeoDataFrame(
    ...     {"area_name": ["Charnwood 007D", "Charnwood 017A"]}, index=["E01025699", "E01025701"],
    ...     geometry=[shapely.box(0, 0, 1, 1)] * 2, crs=27700,
    ... )
    >>> library = pd.DataFrame(
    ...     {"MSOANM": ["Charnwood 007", "Charnwood 017"],
    ...      "MSOAHCLNM": ["Loughborough - University", "Syston West"]}
    ... )
    >>> [name.replace("\N{EN DASH}", "-") for name in name_areas(areas, library)["area_name"]]
    ['Loughborough - University (007D)', 'Syston West (017A)']
    """
    table, source = _table(names)
    official = areas["area_name"].astype("object")
    parents = official.map(lambda name: re.sub(r"(?<=\d)[A-Z]$", "", str(name)))
    keys = {"code": areas.index.to_series(), "name": official, "parent": parents}
    best: tuple[int, str, str] = (0, "", "")
    for column in table.columns:
        there = set(table[column].dropna().astype(str).str.strip())
        for kind, key in keys.items():
            hits = int(key.astype(str).isin(there).sum())
            if hits > best[0]:
                best = (hits, kind, str(column))
    hits, kind, column = best
    if hits < LEAST * len(areas):
        raise ValueError(
            f"names: {source} names {hits:,} of {len(areas):,} areas, by any of its columns "
            f"{checks.shown(table.columns, 12)}. Give a table with the areas' codes, or of the "
            "MSOAs that they are parts of, of the same edition."
        )
    known = table.dropna(subset=[column]).drop_duplicates(column)
    target = _named_by(known, column, str(areas.attrs.get("edition") or ""))
    given = known.set_index(known[column].astype(str).str.strip())[target]
    result = keys[kind].astype(str).map(given)
    good = result.notna() & (result.astype(str).str.strip() != "")
    better = result.astype(str).str.strip().str.replace(r"\s+-\s+", " \N{EN DASH} ", regex=True)
    if kind == "parent":
        better = better + " (" + official.astype(str).str.extract(r"(\S+)$")[0] + ")"
    if not good.all():
        warnings.warn(
            f"names: {source} doesn't name {int((~good).sum()):,} of {len(areas):,} areas, which keep "
            f"their official names (such as {official[~good].iloc[0]}).",
            UserWarning,
            stacklevel=3,
        )
    named = areas.assign(area_name=better.where(good, official).astype(areas["area_name"].dtype))
    if "hclnm" in target.casefold():
        before = str(areas.attrs.get("attribution") or "").strip()
        named.attrs = {**areas.attrs, "attribution": f"{before} {LIBRARY}".strip()}
    return named


def _table(names: pd.DataFrame | str | os.PathLike[str]) -> tuple[pd.DataFrame, str]:
    """Return a table of names as text, and what to call it."""
    if isinstance(names, pd.DataFrame):
        return names, "the table"
    path = expanded(names)
    if not path.is_file():
        raise FileNotFoundError(f"there is no file of names {path}. Mend the path.")
    table = readers.read_table(path)
    return table.mask(table.isin(NO_NAME)), path.name


def _named_by(table: pd.DataFrame, key: str, edition: str) -> str:
    """Choose the column of names that people know: of the areas' edition, if there are several."""
    others = [str(name) for name in table.columns if str(name) != key]
    year = edition[-2:]

    def place(name: str) -> tuple[int, bool, int]:
        word = plain(name)
        rank = next((k for k, end in enumerate(BETTER) if word.endswith(end)), len(BETTER))
        return (rank, bool(year) and year not in word, others.index(name))

    filled = [name for name in others if table[name].notna().any()]
    if not filled:
        raise ValueError(f"names: beside {key!r} the table has no column. Add one of names.")
    return min(filled, key=place)
