"""The counts to convert, and how those of areas that were split are shared out to the parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from lsoahot.common import checks

from . import read_lookup

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from lsoahot.common.arrays import Floats, Integers

    from .read_lookup import Lookup


_NAMES: Final = ("area_name", "district", "ward", "converted", "converted_from")
_MADE_OF_COUNTS: Final = (
    "rate", "rank", "gi_", "g_", "moran_", "geary_", "eb_", "density", "area_km2",
)  # fmt: skip


def codes_and_keys(table: pd.DataFrame) -> tuple[pd.Index, list[str]]:
    """Return the codes of the rows, and the columns that tell rows of an area apart."""
    if not isinstance(table, pd.DataFrame):
        raise TypeError(
            f"table is a {type(table).__name__}, not a DataFrame of counts. "
            "For one column: convert(counts.to_frame('count'), ...)."
        )
    if len(table) == 0:
        raise ValueError("the table has no rows. Count something first.")
    keys: list[str] = []
    if "area_code" in table.columns:
        geometry = table.geometry.name if isinstance(table, gpd.GeoDataFrame) else ""
        keys = [
            str(name)
            for name in table.columns
            if name not in {"area_code", geometry, *_NAMES}
            and not pd.api.types.is_numeric_dtype(table[name].dtype)
        ]
        codes = pd.Index(table["area_code"])
    else:
        codes = table.index
    codes = pd.Index(codes.astype("string"), name="area_code")
    if codes.hasnans:
        raise ValueError(
            f"{int(codes.isna().sum()):,} rows have no area code. Drop them, or give them one."
        )
    if not keys:
        checks.unique_codes(codes)
    return codes, keys


def figures(table: pd.DataFrame, keys: list[str], columns: str | Iterable[str] | None) -> list[str]:
    """Name the columns to convert, and refuse those that don't add up."""
    if columns is not None:
        names = [columns] if isinstance(columns, str) else list(columns)
        for name in names:
            checks.numbers(table, name, "the table")
    else:
        names = [
            str(name)
            for name in table.columns
            if name not in {"area_code", *keys, *_NAMES}
            and pd.api.types.is_numeric_dtype(table[name].dtype)
            and not pd.api.types.is_bool_dtype(table[name].dtype)
        ]
    stray = [n for n in names if n.startswith(_MADE_OF_COUNTS) or n.endswith("_rank")]
    if stray:
        raise ValueError(
            f"{checks.shown(map(repr, stray))} can't be converted: rates and statistics of parts "
            "don't add up. Convert the counts alone, columns=['count'], and work them out again."
        )
    if not names:
        raise ValueError(
            f"the table has no column of numbers; it has {checks.shown(table.columns, 20)}. "
            "Count something first."
        )
    for name in names:
        if (table[name] < 0).any():
            raise ValueError(f"column {name!r} is negative in places. Put the counts right.")
    return names


def groups(table: pd.DataFrame, keys: list[str]) -> list[NDArray[np.intp]]:
    """Return the rows of every category, month, or whatever the keys tell apart."""
    if not keys:
        return [np.arange(len(table))]
    number = table.groupby(keys, sort=False, observed=True, dropna=False).ngroup().to_numpy()
    rows_in_turn = np.argsort(number, kind="stable")
    groups = np.split(rows_in_turn, np.cumsum(np.bincount(number))[:-1])
    codes = table["area_code"]
    every = codes.nunique()
    for rows in groups:
        if codes.iloc[rows].nunique() != len(rows):
            raise ValueError(
                f"the table has several rows for an area and the same {checks.shown(keys)}. "
                "Add them up first."
            )
        if len(rows) != every:
            what = ", ".join(f"{name} {table[name].iloc[rows[0]]}" for name in keys)
            raise ValueError(
                f"{every - len(rows):,} areas have no row for {what}. Add rows of 0 where nothing "
                "happened (tabulate() does); without them nobody can tell."
            )
    return groups


def pairs_of(lookup: Lookup, codes: pd.Index) -> NDArray[np.intp]:
    """Return the pairs of the look-up that the table's areas go by; refuse half of a merger."""
    place = lookup.old.get_indexer(codes)
    own = np.zeros(len(lookup.old), dtype=bool)
    own[place[place >= 0]] = True
    unknown = codes[place < 0].unique()
    if len(unknown):
        raise ValueError(
            f"{len(unknown):,} codes of the table are not in the look-up: "
            f"{checks.shown(unknown)}. Check that `from_` is the table's edition and that the "
            "look-up is whole; what it lacks would be lost."
        )
    reached = np.isin(lookup.target, lookup.target[own[lookup.source]])
    absent = lookup.old[np.unique(lookup.source[reached & ~own[lookup.source]])]
    if len(absent):
        raise ValueError(
            f"{len(absent):,} areas are merged with areas of the table but missing from it: "
            f"{checks.shown(absent)}. Convert the whole table before you select from it, or add "
            "them with a count of 0 if nothing happened there."
        )
    return np.flatnonzero(reached)


def weights_of(
    lookup: Lookup, pairs: NDArray[np.intp], population: pd.DataFrame | pd.Series | None
) -> tuple[Integers, NDArray[np.object_]]:
    """Weigh the parts of each old area by their people; whole numbers, so that shares are exact."""
    source, way = lookup.source[pairs], lookup.way[pairs].copy()
    parts = np.bincount(source, minlength=len(lookup.old))[source]
    weights = np.ones(len(pairs), dtype=np.int64)
    shared = parts > 1
    if not shared.any():
        return weights, way
    wanted = lookup.new[lookup.target[pairs[shared]]]
    people = _people(population, wanted, len(np.unique(source[shared])))
    weights[shared] = people
    total = np.bincount(source, weights=weights, minlength=len(lookup.old))[source]
    nobody = shared & (total == 0)
    weights[nobody] = 1
    way[nobody & (way == read_lookup.SPLIT)] = read_lookup.EQUALLY
    return weights, way


def _people(population: pd.DataFrame | pd.Series | None, codes: pd.Index, split: int) -> Integers:
    if population is None:
        raise ValueError(
            f"{split:,} areas were split, and their counts have to be shared out: give the "
            "population of the new areas, population=..., or the records themselves to "
            "convert_records()."
        )
    if isinstance(population, pd.DataFrame):
        checks.columns(population, ["population"], "the population")
        population = population["population"]
    known = population.reindex(codes)
    if known.isna().any():
        lacking = codes[known.isna().to_numpy()].unique()
        raise ValueError(
            f"{len(lacking):,} parts of areas that were split have no population: "
            f"{checks.shown(lacking)}. Give the population by the codes of the new edition."
        )
    if (known < 0).any():
        raise ValueError("the population is negative in places. Put the figures right.")
    people = known.to_numpy(dtype="float64")
    whole = bool((people == np.floor(people)).all())
    weights: Integers = np.rint(people if whole else people * 1000).astype(np.int64)
    return weights


def shared_out(
    values: pd.DataFrame, lookup: Lookup, pairs: NDArray[np.intp], weights: Integers
) -> pd.DataFrame:
    """Share the counts of old areas out to the new ones."""
    source, target = lookup.source[pairs], lookup.target[pairs]
    reached, place = np.unique(target, return_inverse=True)
    index = pd.Index(lookup.new[reached], name="area_code")
    result = pd.DataFrame(index=index)
    for name in values:
        old = values[name].reindex(lookup.old[source]).to_numpy(dtype="float64", na_value=np.nan)
        missing = np.isnan(old)
        unknown = np.bincount(place, weights=missing, minlength=len(reached))
        ties = np.bincount(place, minlength=len(reached))
        half = (unknown > 0) & (unknown < ties)
        if half.any():
            raise ValueError(
                f"{int(half.sum()):,} new areas are made of areas with and without a {name!r}: "
                f"{checks.shown(index[half])}. The sum is not known: fill the gaps, or leave "
                "those areas out together."
            )
        whole = bool((old[~missing] == np.floor(old[~missing])).all())
        shares = _shares(np.where(missing, 0, old), source, weights, whole=whole)
        new = pd.Series(np.bincount(place, weights=shares, minlength=len(reached)), index=index)
        _check_total(values[name].sum(), new.sum(), str(name))
        new = new.mask(unknown > 0)
        if whole:
            new = new.astype("Int64" if missing.any() else "int64")
        result[name] = new
    return result


def _shares(counts: Floats, source: NDArray[np.intp], weights: Integers, *, whole: bool) -> Floats:
    """Divide each source's count by weight; whole counts by largest remainder, in whole numbers."""
    total = np.bincount(source, weights=weights)[source].astype(np.int64)
    if not whole:
        return counts * weights / total
    product = counts.astype(np.int64) * weights
    share, rest = np.divmod(product, total)
    left = counts.astype(np.int64) - np.bincount(source, weights=share)[source].astype(np.int64)
    # The largest remainder first, then the larger population, then the smaller code.
    order = np.lexsort((np.arange(len(source)), -weights, -rest, source))
    rank = np.empty(len(source), dtype=np.int64)
    starts = np.searchsorted(source[order], source[order])
    rank[order] = np.arange(len(source)) - starts
    return (share + (rank < left)).astype(np.float64)


def _check_total(before: float, after: float, name: str) -> None:
    """Fail rather than lose an event."""
    if not np.isclose(before, after, rtol=1e-9, atol=1e-9):
        raise ValueError(
            f"the total of {name!r} would change from {before:,} to {after:,}. The conversion was "
            "given up; please report this with the look-up used."
        )
