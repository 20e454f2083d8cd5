"""Which counts to hide so that none can be worked out from those shown and the totals.

The totals that are published cut the areas into blocks of which the sum is known to everybody. Within
a block, a hidden count lies between the lowest it may be and the sum of those hidden less the others
at their lowest: bounds that are reached, so that they are all that an attacker can know.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Counts below this are hidden: one rule for tables, maps and dashboard, or one tells the other's.
BELOW: Final = 5

_NONE: Final = np.array([], dtype=np.intp)


@dataclass(frozen=True)
class Rule:
    below: int
    lowest: int  # the smallest count that a hidden area may have

    def small(self, counts: NDArray[np.float64]) -> NDArray[np.bool_]:
        return (counts < self.below) & (counts >= self.lowest)

    def safe(
        self,
        small: NDArray[np.float64],
        large: NDArray[np.float64],
        next_up: float,
        margin: int,
    ) -> bool:
        """Tell whether hidden counts, of which the sum is known, stay hidden.

        `small` are those below the threshold, `large` those hidden beside them; `next_up` is the
        smallest count of the threshold or more that is shown. `margin` is what must be left open
        to those who know this rule.
        """
        number = len(small) + len(large)
        total = float(small.sum() + large.sum())
        if len(small) == 0:
            return True
        # Subtraction: each lies between the lowest count and the sum less the others at theirs.
        if number == 1 or total - (number - 1) * self.lowest < self.below - 1:
            return False
        if len(large) == 0:
            # All are below the threshold: all could be just below it, and then all are known.
            return total <= number * (self.below - 1) - margin
        # The large ones were the smallest there were: from the threshold on, and below `next_up`.
        least = max(total - len(large) * (next_up - 1), len(small) * self.lowest)
        most = min(total - len(large) * self.below, len(small) * (self.below - 1))
        return most - least >= margin


@dataclass
class Block:
    """Areas of which the sum can be worked out by everybody."""

    members: NDArray[np.intp]
    path: tuple[str | None, ...]  # the groups they lie in, from the finest; None if in several
    hidden: NDArray[np.intp]
    margin: int = 1


def protect(
    counts: NDArray[np.float64], levels: list[NDArray[Any]], rule: Rule
) -> tuple[list[Block], bool]:
    """Hide areas block by block; join a block that can't be made safe with another.

    A wider total less the published ones within it gives the sum of those held back, so that there
    must be two of them, and their areas are then one block. False if not even all areas together
    are safe, and no total at all may be published.
    """
    places = pd.DataFrame(dict(enumerate(levels)), index=pd.RangeIndex(len(counts)))
    grouped = places.groupby(list(places.columns), sort=True).indices if levels else {}
    blocks = [
        Block(np.asarray(members), path if isinstance(path, tuple) else (path,), _NONE)
        for path, members in grouped.items()
    ] or [Block(np.arange(len(counts)), (), _NONE)]
    unsafe = [block for block in blocks if not _hide(block, counts, rule)]
    while unsafe and len(blocks) > 1:
        block = unsafe.pop()
        other = min(
            (other for other in blocks if other is not block),
            key=lambda other: _distance(block, other, counts),
        )
        blocks = [rest for rest in blocks if rest is not block and rest is not other]
        unsafe = [rest for rest in unsafe if rest is not other]
        path = tuple(
            mine if mine == theirs else None
            for mine, theirs in zip(block.path, other.path, strict=True)
        )
        # That it had to be joined says something of its counts: leave more open.
        members = np.concatenate([block.members, other.members])
        joint = Block(members, path, _NONE, margin=2)
        blocks.append(joint)
        if not _hide(joint, counts, rule):
            unsafe.append(joint)
    return blocks, not unsafe


def _hide(block: Block, counts: NDArray[np.float64], rule: Rule) -> bool:
    """Hide the small counts, then the smallest of the others until all are safe, if they can be."""
    values = counts[block.members]
    small = block.members[rule.small(values)]
    others = block.members[values >= rule.below]
    others = others[np.argsort(counts[others], kind="stable")]
    for number in range(len(others) + 1):
        next_up = counts[others[number]] if number < len(others) else np.inf
        if rule.safe(counts[small], counts[others[:number]], next_up, block.margin):
            block.hidden = np.concatenate([small, others[:number]])
            return True
    block.hidden = np.concatenate([small, others])
    return False


def _distance(block: Block, other: Block, counts: NDArray[np.float64]) -> tuple[float, ...]:
    """Rank the blocks to join with: in the same wider group, with something hidden, small."""
    shared = sum(
        mine == theirs is not None
        for mine, theirs in zip(block.path[1:], other.path[1:], strict=True)
    )
    return (-shared, len(other.hidden) == 0, float(np.nansum(counts[other.members])))


def withheld(blocks: list[Block], levels: list[pd.Series], *, safe: bool) -> list[str]:
    """Name the groups whose totals would cut through a block, and so give sums within it away."""
    if not safe:
        return ["every group", "the whole table"] if levels else ["the whole table"]
    found: set[str] = set()
    for level in levels:
        for block in blocks:
            here = level.iloc[block.members].unique()
            if len(here) > 1:
                found.update(map(str, here))
    return sorted(found)
