"""Tables to areas: `join`, and the account of every row."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, cast

import pandas as pd

from lsoahot.common import area_codes, checks, code_columns
from lsoahot.common.arrow_stream import as_pandas
from lsoahot.common.frozen import FrozenList
from lsoahot.records.words import TEXT

from . import outcomes

if TYPE_CHECKING:
    import geopandas as gpd


def join(
    areas: gpd.GeoDataFrame, table: pd.DataFrame, *, on: str | None = None
) -> gpd.GeoDataFrame:
    """Add a table's columns to the areas: populations, deprivation, anything with a row an area.

    Parameters
    ----------
    areas
        The areas; index `area_code`.
    table
        One row an area; its codes stand in the index `area_code`, or in a column that looks like
        one (``lsoa11cd``, ``LSOA21 code``, ``area_code``). Rows of other areas are left out, and
        counted.
    on
        The column of codes, where it can't be guessed.

    Returns
    -------
    geopandas.GeoDataFrame
        The areas with the table's other columns; missing where the table has no row.
        ``attrs["joined"]`` lists what was joined: `columns`, `matched`, `unmatched_areas`,
        `unmatched_rows`.

    Raises
    ------
    ValueError
        Where no column holds codes, a code stands twice, no code matches, or a column is there
        already.

    Warns
    -----
    UserWarning
        Where areas get nothing.

    Examples
    --------
    >>> import geopandas as gpd, pandas as pd, shapely
    >>> import lsoahot as lh
    >>> areas = gpd.GeoDataFrame(index=pd.Index(["E01013788"], name="area_code"),
    ...                          geometry=[shapely.box(0, 0, 1, 1)], crs="EPSG:27700")
    >>> people = pd.DataFrame({"LSOA11CD": ["E01013788", "E01013789"], "population": [2752, 1650]})
    >>> joined = lh.join(areas, people)
    >>> joined["population"].tolist(), joined.attrs["joined"][0]["unmatched_rows"]
    ([2752], 1)
    """
    checks.areas(areas)
    checks.codes_are_the_index(areas)
    table = cast("pd.DataFrame", as_pandas(table))
    if not isinstance(table, pd.DataFrame):
        raise TypeError(
            f"table is a {type(table).__name__}, not a DataFrame. Read it with pandas first."
        )
    keyed = _keyed(table, on)
    taken = [str(column) for column in keyed.columns if column in areas.columns]
    if taken:
        raise ValueError(
            f"the areas have {checks.shown(map(repr, taken))} already. Drop or rename the column "
            f"on one side: table.drop(columns={taken!r})."
        )
    where = keyed.index.get_indexer(areas.index)
    matched = where >= 0
    if not matched.any():
        raise ValueError(
            f"none of the {len(keyed):,} rows of the table belongs to one of the {len(areas):,} "
            "areas: it has codes "
            f"such as {checks.shown(keyed.index, 3)}, the areas {checks.shown(areas.index, 3)}. "
            f"{outcomes.edition_hint(areas, keyed.index)}"
        )
    if not matched.all():
        warnings.warn(
            f"{int((~matched).sum()):,} of {len(areas):,} areas have no row in the table: "
            f"{checks.shown(areas.index[~matched])}. {outcomes.edition_hint(areas, keyed.index)}",
            UserWarning,
            stacklevel=2,
        )
    results = keyed.reindex(areas.index) if not matched.all() else keyed.iloc[where]
    result = areas.assign(**{str(name): results[name].array for name in results.columns})
    text = {
        "columns": [str(name) for name in results.columns],
        "matched": int(matched.sum()),
        "unmatched_areas": int((~matched).sum()),
        "unmatched_rows": int(len(keyed) - matched.sum()),
    }
    source = table.attrs.get("population_source")
    result.attrs = {
        **areas.attrs,
        **({} if source is None else {"population_source": source}),
        "joined": FrozenList([*areas.attrs.get("joined", []), text]),
    }
    return result


def _keyed(table: pd.DataFrame, on: str | None) -> pd.DataFrame:
    """Return the table on its area codes, without its geometry; refuse codes that stand twice."""
    shapes = getattr(table, "active_geometry_name", None) or "geometry"
    plain = pd.DataFrame(table.loc[:, table.columns != shapes])
    if on is None and plain.index.name == "area_code":
        keyed = plain
    else:
        key = code_columns.find(plain) if on is None else None
        column = on if key is None else key.column
        if column is None:
            raise ValueError(
                "no column of the table holds area codes; it has "
                f"{checks.shown(plain.columns, 12)}. "
                "Name the column: join(areas, table, on=...)."
            )
        checks.columns(plain, [column], "the table")
        keyed = plain.set_index(column)
    if keyed.index.hasnans:
        keyed = keyed[keyed.index.notna()]
    keyed.index = pd.Index(area_codes.read_codes(keyed.index).astype(TEXT), name="area_code")
    if not keyed.index.is_unique:
        twice = keyed.index[keyed.index.duplicated()].unique()
        raise ValueError(
            f"{len(twice):,} area codes stand more than once in the table: {checks.shown(twice)}. "
            "Keep one row an area: filter it, or add up with table.groupby(...).sum()."
        )
    return keyed
