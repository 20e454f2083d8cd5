"""Which counts to hide so that none can be worked out from those shown and the totals.

The totals that are published cut the areas into blocks of which the sum is known to everybody. Within
a block, a hidden count lies between the lowest it may be and the sum of those hidden less the others
at their lowest: bounds that are reached, so that they are all that an attacker can know.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pandas as pd

from lsoahot.common import checks

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd
    from numpy.typing import NDArray

    from lsoahot.common.arrays import Bools, Floats

# Counts below this are hidden: one rule for tables, maps and dashboard, or one tells the other's.
BELOW: Final = 5

_LEAST: Final = 2  # a threshold below which nothing but zeros would be hidden
MOST: Final = 1e300
_NONE: Final = np.array([], dtype=np.intp)


@dataclass(frozen=True)
class Rule:
    """Which counts are small: below a threshold, from the smallest that a hidden area may have."""

    below: int
    lowest: int  # the smallest count that a hidden area may have

    def small(self, counts: Floats) -> Bools:
        """Tell which counts must be hidden."""
        return (counts < self.below) & (counts >= self.lowest)

    def fewest(self, number: int, total: float, large: Floats, margin: int) -> int | None:
        """Tell how many larger counts to hide beside the small ones, until all stay hidden.

        So many (`number`) small counts, of this `total`, are hidden; `large` are the others in
        order, of which the first are hidden beside them. Everybody knows the sum of those hidden.
        `margin` is what must be left open to those who know this rule. None if nothing helps.
        """
        if number == 0:
            return 0
        beside = np.arange(len(large) + 1)
        every = number + beside
        sums = total + np.append(0.0, np.cumsum(large))
        # Subtraction: each lies between the lowest count and the sum less the others at theirs.
        safe = (every > 1) & (sums - (every - 1) * self.lowest >= self.below - 1)
        # The large ones were the smallest there were: from the threshold on, and below the next up.
        next_up = np.append(large, MOST)
        least = np.maximum(sums - beside * (next_up - 1), number * self.lowest)
        most = np.minimum(sums - beside * self.below, number * (self.below - 1))
        room = most - least >= margin
        # All are below the threshold: all could be just below it, and then all are known.
        room[0] = total <= number * (self.below - 1) - margin
        result = np.flatnonzero(safe & room)
        return int(result[0]) if result.size else None


class Choice(NamedTuple):
    """Which areas of a table to hide."""

    below: int
    lowest: int
    counts: Floats
    hidden: Bools
    blocks: list[NDArray[np.intp]]  # the hidden areas of each sum that everybody knows
    withheld: list[str]  # whose totals must not be published
    safe: bool  # whether the total of the table may be


def choose(
    areas: gpd.GeoDataFrame,
    *,
    below: int,
    column: str,
    totals: str | Iterable[str] | None,
    zeros: bool,
) -> Choice:
    """Choose the areas of a table to hide; parameters and errors are those of `suppress`."""
    checks.coded(areas)
    if isinstance(below, bool) or not isinstance(below, (int, np.integer)) or below < _LEAST:
        raise ValueError(
            f"below={below!r} is not a whole number from 2 on. "
            "Use 5 for sensitive subjects, 3 otherwise."
        )
    if zeros and below == _LEAST:
        raise ValueError(
            "below=2 hides only counts of 1 if zeros are shown, and so every hidden one is 1. "
            "Use below=3, or zeros=False."
        )
    counts = _whole_counts(areas, column)
    levels = _levels(areas, totals)
    rule = Rule(below=int(below), lowest=1 if zeros else 0)
    # Of equal counts those with the lower codes go first, however the table is sorted: two tables of
    # the same counts that hid different ones would give both away.
    order = np.argsort(areas.index.to_numpy(), kind="stable")
    levels = [level.iloc[order] for level in levels]
    blocks, safe = protect(counts[order], [level.to_numpy() for level in levels], rule)
    hidden = np.zeros(len(areas), dtype=bool)
    for block in blocks:
        hidden[order[block.hidden]] = True
    return Choice(
        below=int(below),
        lowest=rule.lowest,
        counts=counts,
        hidden=hidden,
        blocks=[order[np.sort(block.hidden)] for block in blocks],
        withheld=withheld(blocks, levels, safe=safe),
        safe=safe,
    )


def _whole_counts(areas: gpd.GeoDataFrame, column: str) -> Floats:
    counts = checks.numbers(areas, column)
    there = ~np.isnan(counts)
    if (counts[there] != np.floor(counts[there])).any():
        raise ValueError(
            f"column {column!r} holds fractions, not counts of events. "
            "Suppress the counts, and work out rates from what is left."
        )
    if (counts[there] < 0).any():
        raise ValueError(
            f"column {column!r} is negative in {int((counts[there] < 0).sum()):,} areas. "
            "Put the counts right."
        )
    return counts


def _levels(areas: gpd.GeoDataFrame, totals: str | Iterable[str] | None) -> list[pd.Series]:
    """Return the groups whose totals are published, from the finest to the coarsest."""
    names = [] if totals is None else [totals] if isinstance(totals, str) else list(totals)
    if totals == "district" and "district" not in areas:
        names = []
    checks.columns(areas, names)
    levels = [areas[name].astype("string").fillna("(no name)") for name in names]
    levels.sort(key=lambda level: -level.nunique())
    for finer, coarser in pairwise(levels):
        astride = coarser.groupby(finer.to_numpy()).nunique()
        if (astride > 1).any():
            raise ValueError(
                f"the totals are not nested: {checks.shown(astride.index[astride > 1])} lies in "
                f"more than one {coarser.name}. Publish totals by one of {finer.name} and "
                f"{coarser.name} only."
            )
    return levels


@dataclass(eq=False)
class Block:
    """Areas of which the sum can be worked out by everybody."""

    parts: list[NDArray[np.intp]]  # the areas, in the pieces that were joined
    path: tuple[str | None, ...]  # the groups they lie in, from the finest; None if in several
    total: float  # of all counts
    small: int  # how many counts are small, and what they add up to
    small_total: float
    large: list[NDArray[np.intp]]  # the areas with other counts, in pieces
    margin: int = 1
    hidden: NDArray[np.intp] = field(default_factory=lambda: _NONE)

    @property
    def members(self) -> NDArray[np.intp]:
        """Return the areas of the block, all pieces together."""
        return np.concatenate(self.parts)


def protect(counts: Floats, levels: list[NDArray[Any]], rule: Rule) -> tuple[list[Block], bool]:
    """Hide areas block by block; join a block that can't be made safe with another.

    A wider total less the published ones within it gives the sum of those held back, so that there
    must be two of them, and their areas are then one block. False if not even all areas together
    are safe, and no total at all may be published.
    """
    places = pd.DataFrame(dict(enumerate(levels)), index=pd.RangeIndex(len(counts)))
    grouped = places.groupby(list(places.columns), sort=True).indices if levels else {}
    blocks = [
        _block(np.asarray(members), path if isinstance(path, tuple) else (path,), counts, rule)
        for path, members in grouped.items()
    ] or [_block(np.arange(len(counts)), (), counts, rule)]
    unsafe = [
        place for place, block in enumerate(blocks) if _beside(block, counts, rule)[0] is None
    ]
    there = dict(enumerate(blocks))  # those that were not joined with another yet, in order
    near = _Near(there)
    while unsafe and len(there) > 1:
        if unsafe[-1] not in there:
            unsafe.pop()
            continue
        block = there.pop(unsafe.pop())
        other = there.pop(near.best(block))
        joint = _joined(block, other)
        place = len(blocks)
        blocks.append(joint)
        there[place] = joint
        if _beside(joint, counts, rule)[0] is None:
            unsafe.append(place)
        near.add(place)
    for block in there.values():
        fewest, others = _beside(block, counts, rule)
        small = block.members[rule.small(counts[block.members])]
        block.hidden = np.concatenate([small, others[:fewest]])
    return list(there.values()), not any(place in there for place in unsafe)


class _Near:
    """The blocks to join with, in order of preference, of every group and of all groups.

    A queue for each, from which those joined meanwhile are dropped when they come up: to look
    through all blocks for each that is joined would take the square of their number.
    """

    def __init__(self, there: dict[int, Block]) -> None:
        self.there = there
        self.queues: dict[tuple[int, str] | None, list[tuple[bool, float, int]]] = {}
        for place in there:
            self.add(place)

    def add(self, place: int) -> None:
        block = self.there[place]
        order = (block.small == 0, block.total, place)  # with something hidden, small
        for group in (*_groups(block), None):
            heapq.heappush(self.queues.setdefault(group, []), order)

    def best(self, block: Block) -> int:
        """Find the block to join with: in the narrowest group that has another."""
        for group in (*_groups(block), None):
            queue = self.queues.get(group, [])
            while queue and queue[0][2] not in self.there:
                heapq.heappop(queue)
            if queue:
                return queue[0][2]
        raise AssertionError


def _groups(block: Block) -> list[tuple[int, str]]:
    """Name the wider groups that a block lies in, from the narrowest: they are nested."""
    return [(level, name) for level, name in enumerate(block.path[1:]) if name is not None]


def _block(
    members: NDArray[np.intp], path: tuple[str | None, ...], counts: Floats, rule: Rule
) -> Block:
    values = counts[members]
    small = rule.small(values)
    large = members[values >= rule.below]
    return Block(
        [members], path, float(np.nansum(values)), int(small.sum()), float(values[small].sum()),
        [large] if large.size else [],
    )  # fmt: skip


def _joined(block: Block, other: Block) -> Block:
    """Join two blocks; the pieces of the first, which may be many already, are taken over."""
    block.parts.extend(other.parts)
    block.large.extend(other.large)
    path = tuple(
        mine if mine == theirs else None
        for mine, theirs in zip(block.path, other.path, strict=True)
    )
    return Block(
        block.parts, path, block.total + other.total, block.small + other.small,
        block.small_total + other.small_total, block.large,
        # That it had to be joined says something of its counts: leave more open.
        margin=2,
    )  # fmt: skip


def _beside(block: Block, counts: Floats, rule: Rule) -> tuple[int | None, NDArray[np.intp]]:
    """Tell how many of the larger counts to hide beside the small ones; and which, in order."""
    others = np.concatenate([_NONE, *block.large])
    others = others[np.argsort(counts[others], kind="stable")]
    return rule.fewest(block.small, block.small_total, counts[others], block.margin), others


def withheld(blocks: list[Block], levels: list[pd.Series], *, safe: bool) -> list[str]:
    """Name the groups whose totals would cut through a block, and so give sums within it away."""
    if not safe:
        return ["every group", "the whole table"] if levels else ["the whole table"]
    result: set[str] = set()
    block_of = np.repeat(np.arange(len(blocks)), [len(block.members) for block in blocks])
    members = np.concatenate([block.members for block in blocks])
    for level in levels:
        group, names = pd.factorize(level)
        pairs = pd.DataFrame({"block": block_of, "group": group[members]}).drop_duplicates()
        astride = pairs[pairs.duplicated("block", keep=False)]
        result.update(map(str, names[astride["group"].unique()]))
    return sorted(result)
