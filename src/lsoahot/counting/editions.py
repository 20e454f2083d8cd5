"""From one census edition to another: counts and records, with every total kept to the last event.

Between two censuses most areas stay as they are; some are merged, some split, and a few are redrawn.
What is merged is added up. What is split has to be shared out: by where the events happened, if the
records are at hand (`convert_records`), or else by the population of the parts (`convert`).
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lsoahot.boundaries.lookups import fetch_lookup
from lsoahot.common import checks
from lsoahot.common.arrow_stream import as_pandas

from . import read_lookup, split_counts

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable
    from pathlib import Path

    import pyproj
    from numpy.typing import NDArray

    from .read_lookup import Lookup


def convert(
    table: pd.DataFrame,
    *,
    from_: str | None = None,
    to: str,
    lookup: str | os.PathLike[str] | pd.DataFrame | None = None,
    population: pd.DataFrame | pd.Series | None = None,
    columns: str | Iterable[str] | None = None,
) -> pd.DataFrame:
    """Convert counts from one census edition to another, either way, losing no event.

    Parameters
    ----------
    table
        Counts by area: a table indexed by `area_code`, such as `count` gives, or a long one with a
        column `area_code`, such as `tabulate` gives, in which every category or month is converted
        by itself. Rates can't be converted: convert counts, then work out rates.
    from_, to
        The editions: ``"lsoa01"``, ``"lsoa11"``, ``"lsoa21"``, or the like of other areas. `from_`
        is taken from ``table.attrs["edition"]`` if not given.
    lookup
        The look-up between the two editions, as the Open Geography Portal has it: a file or table
        with the codes of both (``LSOA11CD``, ``LSOA21CD``), and if there is one the kind of change
        (``CHGIND``). The same one serves both ways. If not given, `fetch_lookup`'s.
    population
        How many people live in each area of the *new* edition (a column `population`, or a Series,
        indexed by `area_code`). Needed where an area was split.
    columns
        Which columns hold counts; by default all that hold numbers.

    Returns
    -------
    DataFrame
        The counts by the new areas, indexed by `area_code` (or long, as the input was), in the
        order of the codes; whole counts stay whole. `converted` says how each row was made:
        "unchanged", "merged", "split by population", "split equally" (nobody lives in any part) or
        "irregular, by population" (boundaries were redrawn: an estimate); `converted_from` names
        the old areas. ``attrs["edition"]`` is the new one, ``attrs["conversion"]`` a sentence.

    Raises
    ------
    ValueError
        If a total can't be kept: codes that the look-up lacks; areas merged of which the table has
        but a part; counts merged of which one is missing; areas split and no population. If a
        column can't be converted, or the look-up is of other editions.
    FileNotFoundError
        If there is no such look-up.
    ConnectionError
        If no look-up is given and it can't be downloaded.

    See Also
    --------
    convert_records : exactly, where the events' places are known

    Notes
    -----
    Shares of a whole count are rounded by largest remainder, the larger population first, then the
    smaller code: 7 events over 1,000 and 2,000 people are 2 and 5.

    Examples
    --------
    >>> import pandas as pd
    >>> import lsoahot as lh
    >>> lookup = pd.DataFrame({
    ...     "LSOA11CD": ["E01000001", "E01000002", "E01000003", "E01000004"] + ["E01000005"] * 2,
    ...     "LSOA21CD": ["E01000001"] + ["E01000006"] * 2 + ["E01000004", "E01000007", "E01000008"],
    ... })
    >>> counts = pd.DataFrame(
    ...     {"count": [4, 5, 6, 0, 7]}, index=pd.Index(lookup["LSOA11CD"].unique(), name="area_code")
    ... )
    >>> people = pd.Series({"E01000007": 1000, "E01000008": 2000})
    >>> lh.convert(counts, from_="lsoa11", to="lsoa21", lookup=lookup, population=people)[
    ...     ["count", "converted"]
    ... ].reset_index()
       area_code  count            converted
    0  E01000001      4            unchanged
    1  E01000004      0            unchanged
    2  E01000006     11               merged
    3  E01000007      2  split by population
    4  E01000008      5  split by population
    """
    table = cast("pd.DataFrame", as_pandas(table))
    from_ = from_ or getattr(table, "attrs", {}).get("edition") or None
    results = read_lookup.read(_known(from_, to) if lookup is None else lookup, from_, to)
    codes, keys = split_counts.codes_and_keys(table)
    figures = split_counts.figures(table, keys, columns)
    pairs = split_counts.pairs_of(results, codes)
    weights, way = split_counts.weights_of(results, pairs, population)

    parts = []
    for rows in split_counts.groups(table, keys):
        values = table[figures].iloc[rows].set_axis(codes[rows], axis=0)
        part = split_counts.shared_out(values, results, pairs, weights)
        parts.append(part.assign(**{name: table[name].iloc[rows[0]] for name in keys}))
    result = pd.concat(parts).sort_index(kind="stable")
    earlier = table["converted"].set_axis(codes, axis=0) if "converted" in table else None
    account = _account(results, pairs, way, earlier)
    result = result.join(account)
    if keys:
        result = result.reset_index()[["area_code", *keys, *figures, *account.columns]]
    number = account["converted"].value_counts()
    ways = ", ".join(f"{number[way]:,} {way}" for way in read_lookup.WAYS if way in number)
    sentence = f"Converted to {to}, {len(account):,} areas: {ways}. No event was lost."
    result.attrs = {**table.attrs, "edition": to, "conversion": sentence}
    return result


def convert_records(
    records: pd.DataFrame,
    *,
    areas: gpd.GeoDataFrame,
    from_: str,
    to: str,
    lookup: str | os.PathLike[str] | pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Give records the codes of another edition, exactly, by where the events happened.

    Parameters
    ----------
    records
        With `area_code`, and points as `geometry` (EPSG:27700) where an area was split.
    areas
        The areas of the new edition, with their boundaries.
    from_, to, lookup
        As for `convert`.

    Returns
    -------
    DataFrame or GeoDataFrame
        The same rows with new codes. `converted` says how: "unchanged", "merged", "by point" (of
        the parts of the old area the one that holds the point, or lies nearest to it). Missing
        where nothing was done: a record without a code, or with one that the look-up lacks.

    Raises
    ------
    ValueError
        If the look-up is of other editions, or `areas` lacks areas that are needed.

    Warns
    -----
    UserWarning
        If events in areas that were split have no point: they lose their code, and are reported as
        unlocated when they are counted.

    Examples
    --------
    >>> import geopandas as gpd, pandas as pd, shapely
    >>> import lsoahot as lh
    >>> areas = gpd.GeoDataFrame(
    ...     index=pd.Index(["E01000007", "E01000008"], name="area_code"),
    ...     geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], crs="EPSG:27700")
    >>> crimes = gpd.GeoDataFrame(
    ...     {"area_code": ["E01000005", "E01000005"]},
    ...     geometry=gpd.points_from_xy([0.5, 1.5], [0.5, 0.5]), crs="EPSG:27700")
    >>> lookup = pd.DataFrame({"LSOA11CD": ["E01000005"] * 2, "LSOA21CD": list(areas.index)})
    >>> lh.convert_records(crimes, areas=areas, from_="lsoa11", to="lsoa21", lookup=lookup)[
    ...     "area_code"].to_list()
    ['E01000007', 'E01000008']
    """
    checks.areas(areas)
    checks.columns(records, ["area_code"], "records")
    results = read_lookup.read(_known(from_, to) if lookup is None else lookup, from_, to)
    old = results.old.get_indexer(pd.Index(records["area_code"].astype("string").fillna("")))
    known = old >= 0
    parts = np.bincount(results.source, minlength=len(results.old))
    first = np.searchsorted(results.source, np.arange(len(results.old)))  # pairs stand in its order
    whole = known & (parts[old] == 1)
    split = known & (parts[old] > 1)

    codes = records["area_code"].astype(object).to_numpy().copy()
    way = np.full(len(records), None, dtype=object)
    codes[whole] = results.new[results.target[first[old[whole]]]]
    way[whole] = results.way[first[old[whole]]]
    placed = np.zeros(len(records), dtype=bool)
    if isinstance(records, gpd.GeoDataFrame):
        placed = split & ~(records.geometry.isna() | records.geometry.is_empty).to_numpy()
    if placed.any():
        codes[placed] = _nearest_part(
            cast("gpd.GeoDataFrame", records[placed]), old[placed], results, areas
        )
        way[placed] = read_lookup.BY_POINT
    lost = split & ~placed
    if lost.any():
        codes[lost] = None
        warnings.warn(
            f"{int(lost.sum()):,} records lie in areas that were split, and have no point that "
            "tells in which part. They have no code now. To share them out by population, count "
            "them on the old edition and use convert().",
            UserWarning,
            stacklevel=2,
        )
    new: dict[str, Any] = {"area_code": _text(codes), "converted": _text(way)}
    result = records.assign(**new)
    result.attrs = dict(records.attrs)
    return result


def _known(from_: str | None, to: str) -> Path:
    if from_ is None:
        raise ValueError(
            "from which edition? The table does not say (attrs['edition']). Say from_='lsoa11', say."
        )
    return fetch_lookup(from_, to)


# --- counts ---------------------------------------------------------------------------------------


def _account(
    lookup: Lookup, pairs: NDArray[np.intp], way: NDArray[np.object_], earlier: pd.Series | None
) -> pd.DataFrame:
    """Say of every new area how its counts came about, and from which old areas."""
    rank = np.array([read_lookup.WAYS.index(kind) for kind in way])
    if earlier is not None:  # a chain of conversions is as good as its worst link
        worst = earlier.map(read_lookup.WAYS.index).groupby(level=0).max()
        rank = np.maximum(rank, worst.reindex(lookup.old[lookup.source[pairs]]).to_numpy())
    # The pairs, new area by new area: those of one stand together, most often alone.
    target, old = lookup.target[pairs], lookup.old[lookup.source[pairs]].to_numpy(dtype=object)
    order = np.argsort(target, kind="stable")
    target, old = target[order], old[order]
    first = np.flatnonzero(np.append(True, target[1:] != target[:-1]))
    names = old[first]
    last = np.append(first[1:], len(old))
    for i in np.flatnonzero(last - first > 1):
        names[i] = ", ".join(old[first[i] : last[i]])
    worst_here = np.maximum.reduceat(rank[order], first)
    return pd.DataFrame(
        {"converted": [read_lookup.WAYS[i] for i in worst_here], "converted_from": names.tolist()},
        index=pd.Index(lookup.new[target[first]], name="area_code"),
    )


# --- records --------------------------------------------------------------------------------------


def _nearest_part(
    records: gpd.GeoDataFrame, old: NDArray[np.intp], lookup: Lookup, areas: gpd.GeoDataFrame
) -> NDArray[np.object_]:
    """Return the part of each record's old area that holds its point, or lies nearest."""
    candidates = pd.DataFrame({"old": lookup.source, "new": lookup.new[lookup.target]})
    rows = pd.DataFrame({"old": old, "row": np.arange(len(old))}).merge(candidates, on="old")
    lacking = pd.Index(rows["new"].unique()).difference(areas.index)
    if len(lacking):
        raise ValueError(
            f"{len(lacking):,} parts of areas that were split are not among `areas`: "
            f"{checks.shown(lacking)}. Give the boundaries of the whole new edition."
        )
    crs = cast("pyproj.CRS", areas.crs)
    points = records.geometry.to_crs(crs).to_numpy()[rows["row"]]
    shapes = np.asarray(areas.geometry.reindex(rows["new"]))
    rows["away"] = shapely.distance(points, shapes)
    nearest = rows.sort_values(["row", "away", "new"]).drop_duplicates("row")
    chosen: NDArray[np.object_] = nearest["new"].to_numpy(dtype=object)
    return chosen


def _text(values: NDArray[np.object_]) -> list[str | None]:
    return [None if pd.isna(value) else str(value) for value in values]
