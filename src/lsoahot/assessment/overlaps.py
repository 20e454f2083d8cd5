"""Measures that hold the same people: one less the other would be a table that nobody withheld.

Who is in two measures is told by the records: by their place in the table where both are of one, and
by all that they have in common where a file was read twice, under another dataset, in a list, in an
archive, or as a copy.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lsoahot.common import checks
from lsoahot.counting.counts_to_hide import BELOW
from lsoahot.records import sources

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from lsoahot.common.arrays import Bools

    from .settings import Measure

FLAGS: Final = ("domestic", "hate")
# A measure is sensitive as a whole if nearly all of its records are: an extract has its strays.
NEARLY_ALL: Final = 0.9
# Of records that are both domestic and hate, this share takes nothing away from either table.
FEW: Final = 0.5
WORDS: Final = re.compile(
    r"\bdomestic[\W_]*(abuse|violence|incident|assault|crime|related)|\b(coercive|honou?r[\W_]*based)"
    r"|(?<![^\W_])hate(?![^\W_])|racially|religiously|homophob|transphob|antisemit|islamophob",
    re.IGNORECASE,
)
TEXTS: Final = ("category", "group", "offence")
MADE: Final = ("group", "geometry")  # columns that are not the file's own


def settle_suppression(measure: Measure, records: pd.DataFrame) -> Measure:
    """Settle whether small counts are withheld: where nothing is said, by what the records are.

    Parameters
    ----------
    measure : Measure
        ``suppress`` is None where neither the settings nor the dataset say.
    records : DataFrame
        The records of the measure.

    Returns
    -------
    Measure
        With ``suppress`` true if nearly all records are of domestic abuse or hate crime: by their
        flags or categories, or by the names of all the files.
    """
    if measure.suppress is not None:
        return measure
    files = [str(name) for name in records.attrs.get("source", [])]
    named = bool(files) and all(WORDS.search(name) for name in files)
    share = sensitive(records).mean() if len(records) else 0.0
    return replace(measure, suppress=bool(named or share >= NEARLY_ALL))


def sensitive(records: pd.DataFrame) -> Bools:
    """Tell which records are of domestic abuse or hate crime, by their flags and categories."""
    result = np.zeros(len(records), dtype=bool)
    for flag in FLAGS:
        if flag in records:
            result |= records[flag].eq(True).fillna(value=False).to_numpy(dtype=bool)
    for name in TEXTS:
        if name in records:
            texts = records[name].astype("object")
            flagged = {text for text in texts.dropna().unique() if WORDS.search(str(text))}
            result |= texts.isin(flagged).to_numpy(dtype=bool)
    return result


def refuse(
    measures: tuple[Measure, ...], records: Mapping[str, pd.DataFrame]
) -> dict[str, list[str]]:
    """Refuse measures of which one less the other gives small counts of people at risk away.

    Parameters
    ----------
    measures : tuple of Measure
        With ``suppress`` settled.
    records : dict of str to DataFrame
        The records of each, by name.

    Returns
    -------
    dict of str to list of str
        The open measures that hold all of a sensitive one and more, each with the names of the
        latter: their small counts narrow the hidden ones (see `find_narrowing`).

    Raises
    ------
    ValueError
        If two measures that withhold small counts share records (but for a few that have two flags);
        if an open one is a part of one that does; or if two open ones differ by sensitive records
        only.
    """
    known = [one for one in measures if one.name in records]
    if not any(one.suppress or sensitive(records[one.name]).any() for one in known):
        return {}
    files = _files(known)
    around: dict[str, list[str]] = {}
    for one, other in combinations(known, 2):
        if not _same_source(one, other) and files[one.name].isdisjoint(files[other.name]):
            continue
        first, second = records[one.name], records[other.name]
        shared = _shared(one, other, first, second)
        if not shared[0].any():
            continue
        if one.suppress and other.suppress:
            _both_hidden(one, other, shared)
        elif one.suppress or other.suppress:
            hidden, whole = (one, other) if one.suppress else (other, one)
            of_hidden, of_whole = shared if one.suppress else shared[::-1]
            if of_whole.mean() >= NEARLY_ALL:
                _refuse(hidden, whole, "share records that one withholds and the other shows")
            if of_hidden.mean() >= NEARLY_ALL:
                around.setdefault(whole.name, []).append(hidden.name)
        else:
            _both_open(one, other, (first[~shared[0]], second[~shared[1]]))
    return around


def _both_hidden(one: Measure, other: Measure, shared: tuple[Bools, Bools]) -> None:
    """Refuse two measures that withhold small counts, unless they are the same, or two flags."""
    apart = (one.dataset, one.flag) != (other.dataset, other.flag)
    few = max(part.mean() for part in shared) < FEW
    if not all(part.all() for part in shared) and not (apart and few):
        _refuse(one, other, "share records whose small counts are withheld")


def _both_open(one: Measure, other: Measure, rests: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    """Refuse two open measures of which one is within the other, and the rest of that is sensitive."""
    for rest, none in (rests, rests[::-1]):
        if len(rest) and not len(none) and sensitive(rest).mean() >= NEARLY_ALL:
            _refuse(one, other, "differ by records of domestic abuse or hate crime only")


def find_narrowing(
    around: Mapping[str, list[str]], tables: Mapping[str, gpd.GeoDataFrame]
) -> dict[str, list[str]]:
    """Name the open measures whose own small counts would narrow a hidden one.

    Two thefts and assaults in all: then there were at most two assaults at home.

    Parameters
    ----------
    around : dict of str to list of str
        What `refuse` returned.
    tables : dict of str to GeoDataFrame
        What would be reported of each measure.
    """
    return {
        whole: names
        for whole, parts in around.items()
        if (
            names := [
                part
                for part in parts
                if (tables[whole]["count"] < BELOW)[tables[part].index[tables[part]["suppressed"]]]
                .fillna(value=False)
                .any()
            ]
        )
    }


def explain(whole: str, parts: list[str]) -> str:
    """Say why the small counts of an open measure are withheld, too."""
    return (
        f"measure {whole!r} holds all records of {checks.shown(map(repr, parts))}, and has fewer than "
        f"{BELOW} where those are withheld: its small counts would narrow them, and are withheld, too."
    )


def _refuse(one: Measure, other: Measure, why: str) -> None:
    raise ValueError(
        f"measures {one.name!r} and {other.name!r} {why}: one table less the other would give small "
        "counts away. Keep one of them, or make them of records that the other has none of."
    )


def _files(measures: list[Measure]) -> dict[str, set[tuple[int, str]]]:
    """Return what each measure was read from: size and place of every file, archives opened.

    Of files that are of one size in two sources, the content instead of the place.
    """
    every = {
        one.name: [] if one.source == "sample" else sources.find(one.source).files
        for one in measures
    }
    sizes = pd.Series(
        [size for files in every.values() for size in {file.size for file in files}], dtype="int64"
    ).value_counts()
    marks: dict[tuple[str, int], str] = {}
    result: dict[str, set[tuple[int, str]]] = {}
    for name, files in every.items():
        result[name] = set()
        for file in files:
            where = (str(file.path and file.path.resolve()), file.size)
            key = (f"{where[0]}/{file.name}", file.size)
            if sizes[file.size] > 1 and key not in marks:
                marks[key] = file.sha256()
            result[name].add((file.size, marks.get(key, key[0])))
    return result


def _same_source(one: Measure, other: Measure) -> bool:
    """Tell whether two measures are of one table."""
    return (one.dataset, str(one.source)) == (other.dataset, str(other.source))


def _shared(
    one: Measure, other: Measure, first: pd.DataFrame, second: pd.DataFrame
) -> tuple[Bools, Bools]:
    """Tell which records of each of two tables are in the other, too."""
    if _same_source(one, other):
        return first.index.isin(second.index), second.index.isin(first.index)
    common = [str(name) for name in first if name in second and name not in MADE]
    if not common:
        return np.ones(len(first), dtype=bool), np.ones(len(second), dtype=bool)
    keys = [_keys(table, common) for table in (first, second)]
    return keys[0].isin(keys[1]).to_numpy(), keys[1].isin(keys[0]).to_numpy()


def _keys(table: pd.DataFrame, columns: list[str]) -> pd.Series:
    """Return what a record is known by: all its cells, and which of those that are alike it is."""
    text = (
        pd.DataFrame(table)[columns]
        .astype("object")
        .map(lambda cell: "" if pd.isna(cell) else str(cell))
    )
    key = text.agg("\x1f".join, axis=1) if len(text) else pd.Series(dtype="object")
    return key + "\x1f" + key.groupby(key).cumcount().astype(str)
