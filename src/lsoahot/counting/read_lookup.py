"""The look-up between two editions: which areas became which, and in what way."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lsoahot.boundaries.lookups import WHERE
from lsoahot.common import area_codes, checks, code_columns
from lsoahot.common.files import expanded
from lsoahot.records import readers

if TYPE_CHECKING:
    import os

    from numpy.typing import NDArray

    from lsoahot.common.arrays import Bools

# From what is certain to what is a guess; a chain of conversions is as good as its worst link.
UNCHANGED: Final = "unchanged"
MERGED: Final = "merged"
BY_POINT: Final = "by point"
SPLIT: Final = "split by population"
EQUALLY: Final = "split equally"
IRREGULAR: Final = "irregular, by population"
WAYS: Final = (UNCHANGED, MERGED, BY_POINT, SPLIT, EQUALLY, IRREGULAR)

_CENSUS: Final = ("oa", "lsoa", "msoa")
_CHANGE: Final = {"changecode", "chgind", "chngind", "change", "changeindicator"}


@dataclass(frozen=True)
class Lookup:
    """Pairs of an old area and a new one; `kind` says per pair how the areas around it changed."""

    old: pd.Index  # every old code, in order
    new: pd.Index  # every new code, in order
    source: NDArray[np.intp]  # per pair, the position of the old code
    target: NDArray[np.intp]  # per pair, the position of the new code
    way: NDArray[np.object_]  # per pair: unchanged, merged, split or irregular


def read(lookup: str | os.PathLike[str] | pd.DataFrame, from_: str | None, to: str) -> Lookup:
    """Read a look-up, whichever way round it stands, and sort out what kind each change is of."""
    table, label = _table(lookup)
    old, new = (_codes(table, edition, label) for edition in (from_, to))
    change = [c for c in table.columns if re.sub(r"[\W_]", "", str(c)).lower() in _CHANGE]
    pairs = pd.DataFrame({"old": table[old], "new": table[new]}).apply(area_codes.read_codes)
    pairs["odd"] = table[change[0]].astype("string").str.strip().eq("X") if change else False
    if pairs[["old", "new"]].isna().any(axis=None):
        raise ValueError(
            f"{label} has {int(pairs[['old', 'new']].isna().any(axis=1).sum()):,} rows without a "
            "code. Drop them, or download it again."
        )
    pairs = pairs.groupby(["old", "new"], sort=True)[["odd"]].any().reset_index()
    source, olds = pd.factorize(pairs["old"], sort=True)
    target, news = pd.factorize(pairs["new"], sort=True)
    way = _ways(source, target, pairs["odd"].fillna(value=False).to_numpy(dtype=bool))
    _refuse_cut(pairs, label)
    return Lookup(pd.Index(list(olds)), pd.Index(list(news)), source, target, way)


def _table(lookup: str | os.PathLike[str] | pd.DataFrame) -> tuple[pd.DataFrame, str]:
    if isinstance(lookup, pd.DataFrame):
        return lookup, "the look-up"
    path = expanded(lookup)
    if not path.is_file():
        raise FileNotFoundError(f"there is no look-up {path}. Check the path. {WHERE}")
    return readers.read_table(path), path.name


def _codes(table: pd.DataFrame, edition: str | None, label: str) -> str:
    """Find the column with the codes of an edition: "lsoa11" in LSOA11CD or lsoa11_code."""
    there = code_columns.named(table.columns, "code")
    editions = sorted({f"{key.kind}{key.year}" for key in there})
    if edition is None:
        raise ValueError(
            "from which edition? The table does not say (attrs['edition']). "
            f"Say from_=...; the look-up has {checks.shown(editions, 12)}."
        )
    for key in there:
        if f"{key.kind}{key.year}" == edition.lower():
            return key.column
    raise ValueError(
        f"{label} has no codes of {edition!r}; it has those of {checks.shown(editions, 12)}."
        f"{checks.nearest(edition, editions)} Give the look-up between the two editions. {WHERE}"
    )


def _refuse_cut(pairs: pd.DataFrame, label: str) -> None:
    """Refuse a look-up that gives each area one other: a split would pass as no change.

    A census area that did not change keeps its code. So where one code goes to one other, rows were
    left out, as in a best-fit look-up.
    """
    alone = ~pairs["old"].duplicated(keep=False) & ~pairs["new"].duplicated(keep=False)
    census = pairs["old"].map(area_codes.kind_of).isin(_CENSUS)
    cut = pairs[alone & census & (pairs["old"] != pairs["new"]) & ~pairs["odd"].astype(bool)]
    if len(cut):
        some = checks.shown((f"{old} to {new}" for old, new, _ in cut.to_numpy()), 3)
        raise ValueError(
            f"{label} gives {len(cut):,} areas one to one another code ({some}), but an area that "
            "did not change keeps its code: it is cut to one row an area (best fit), and the parts "
            f"of what was split are missing. Give the exact look-up. {WHERE}"
        )


def _ways(source: NDArray[np.intp], target: NDArray[np.intp], odd: Bools) -> NDArray[np.object_]:
    """Sort changes by what is tied together: one to one, many to one, one to many, or a tangle."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    olds, news = source.max() + 1, target.max() + 1
    links = coo_array((np.ones(len(source)), (source, olds + target)), shape=(olds + news,) * 2)
    _, knot = connected_components(links, directed=False)
    before = np.bincount(knot[:olds])[knot[source]]
    after = np.bincount(knot[olds:])[knot[source]]
    tangled = np.bincount(knot[source], weights=odd)[knot[source]] > 0
    way = np.full(len(source), IRREGULAR, dtype=object)
    way[(before > 1) & (after == 1)] = MERGED
    way[(before == 1) & (after > 1)] = SPLIT
    way[(before == 1) & (after == 1)] = UNCHANGED
    way[tangled] = IRREGULAR
    return way
