"""An order of elimination for the areas of a map, by nested dissection (George, 1973).

Cut the areas in two by a line; the areas along the cut (the *separator*) come last, and the two
sides, which no link joins any more, are cut again. Eliminated in that order, a map of n areas
fills about n log n places, and what is left to do is dense algebra of small blocks (*fronts*).
Fronts of nearly one size are padded to one size and worked side by side (`multifrontal`).

A front is made of areas that go together (its *own*) and the later areas that they touch (its
*border*).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Places = NDArray[np.intp]

# Areas in a front that is not cut further: fewer make more fronts, more make more arithmetic.
LEAF = 40


class Child(NamedTuple):
    """Fronts that pass on to fronts of another batch, no two of them to the same."""

    batch: int
    rows: Places  # which of that batch
    to: Places  # to which of this one
    at: Places  # rows of their borders in the front that they pass on to


class Batch(NamedTuple):
    """Fronts of one depth and one padded size.

    `own` (fronts, p) and `border` (fronts, b) hold places in the order of elimination, or n where
    a row is padding. The other arrays say where values go in the fronts laid end to end, each of
    p + b + 1 rows: the last takes what belongs nowhere.
    """

    own: Places
    border: Places
    diagonal: Places
    padding: Places
    links: Places  # which links have their values here
    link_at: Places
    children: list[Child]
    spent: list[int]  # batches that have passed on all they had, once these fronts are made


class Dissection(NamedTuple):
    """An order of elimination (`order[k]` goes k-th) and its fronts, deepest first."""

    order: Places
    batches: list[Batch]


def dissect(points: Floats, a: Places, b: Places, *, leaf: int = LEAF) -> Dissection:
    """Find an order of elimination from coordinates.

    Parameters
    ----------
    points : numpy.ndarray
        Coordinates, (n, 2), finite, any unit. They decide speed and memory, not the answer.
    a, b : numpy.ndarray
        The links by position, each once, between different areas.
    leaf : int
        How many areas are not cut further.

    Returns
    -------
    Dissection
        For `multifrontal.factor`, with any values on the same links.

    Examples
    --------
    A chain of five is cut in the middle:

    >>> import numpy as np
    >>> points = np.c_[np.arange(5.0), np.zeros(5)]
    >>> dissect(points, np.arange(4), np.arange(1, 5), leaf=2).order.tolist()
    [0, 1, 3, 4, 2]
    """
    n = len(points)
    part = _cut(points, a, b, leaf)
    depth = np.frexp(part.astype(np.float64))[1]
    order = np.lexsort((part, -depth))
    place = np.empty(n, dtype=np.intp)
    place[order] = np.arange(n)
    part, depth = part[order], depth[order]
    new = np.append(True, part[1:] != part[:-1])
    fronts = _Fronts(
        of=np.cumsum(new) - 1,
        start=np.append(np.flatnonzero(new), n),
        depth=depth[new],
        first=np.minimum(place[a], place[b]),
        last=np.maximum(place[a], place[b]),
    )
    return Dissection(order, _batches(fronts))


def _cut(points: Floats, a: Places, b: Places, leaf: int) -> Places:
    """Give the part that each area falls in or separates, numbered as in a heap: 1; 2, 3; ..."""
    n = len(points)
    part = np.ones(n, dtype=np.intp)
    side = np.zeros(n, dtype=np.intp)
    free = np.arange(n)
    final = np.ones(n, dtype=np.intp)
    while free.size and np.bincount(part[free] - part[free].min()).max() > leaf:
        # by part, then along the longer side of each part
        by_part = free[np.argsort(part[free], kind="stable")]
        starts = np.flatnonzero(np.append(True, np.diff(part[by_part]) > 0))
        sizes = np.diff(np.append(starts, free.size))
        extent = np.maximum.reduceat(points[by_part], starts) - np.minimum.reduceat(
            points[by_part], starts
        )
        longer = np.repeat(np.argmax(extent, axis=1), sizes)
        along = np.lexsort((points[by_part, longer], part[by_part]))
        by_part = by_part[along]
        rank = np.arange(free.size) - np.repeat(starts, sizes)
        side[by_part] = 2 * rank >= np.repeat(sizes, sizes)
        # links that cross the cut: their ends on the side that has fewer of them go last
        crossing = (part[a] == part[b]) & (side[a] != side[b])
        a_crossing, b_crossing = a[crossing], b[crossing]
        ends = np.unique(np.append(a_crossing, b_crossing))
        weigh = np.bincount(part[ends] * 2 + side[ends], minlength=2 * int(part.max()) + 2)
        chosen = ends[
            weigh[part[ends] * 2 + side[ends]] * 2 + side[ends]
            < weigh[part[ends] * 2 + 1 - side[ends]] * 2 + 1 - side[ends]
        ]
        final[chosen] = part[chosen]
        part[free] = 2 * part[free] + side[free]
        part[chosen] = 0
        free = free[part[free] > 0]
        # links to what has gone, or across, matter no more
        inside = (part[a] == part[b]) & (part[a] > 0)
        a, b = a[inside], b[inside]
    final[free] = part[free]
    return final


class _Fronts(NamedTuple):
    """Which places fall in which front: front f has `start[f]` to `start[f + 1]`."""

    of: Places
    start: Places
    depth: Places
    first: Places  # the links' ends, in the order of elimination
    last: Places


def _borders(fronts: _Fronts) -> tuple[Places, Places]:
    """Return the sorted keys (front x n + place) of all borders, and the fronts' parents.

    A front passes on to the front of the first area in its border.
    """
    n, count = fronts.of.size, fronts.depth.size
    parent = np.full(count, -1, dtype=np.intp)
    away = fronts.of[fronts.first] != fronts.of[fronts.last]
    pool = np.unique(fronts.of[fronts.first[away]] * n + fronts.last[away])
    done = []
    for end in np.flatnonzero(np.append(np.diff(fronts.depth) != 0, True)) + 1:
        here, pool = np.split(pool, [np.searchsorted(pool, end * n)])
        done.append(here)
        front, place = np.divmod(here, n)
        new = np.append(True, np.diff(front) > 0)[: front.size]
        parent[front[new]] = fronts.of[place[new]]
        onward = fronts.of[place] != parent[front]
        pool = np.union1d(pool, parent[front[onward]] * n + place[onward])
    return np.concatenate(done) if done else pool, parent


def _padded(sizes: Places) -> Places:
    """Round up, by an eighth at most where sizes are large, so that many are alike."""
    step = np.left_shift(1, np.maximum(np.frexp(sizes.astype(np.float64))[1] - 4, 2))
    padded: Places = -(-sizes // step) * step
    return padded


class _Layout(NamedTuple):
    """Where each front is (which batch, which row of it) and what it holds."""

    fronts: _Fronts
    borders: Places  # sorted keys, front x n + place
    border_start: Places
    parent: Places
    own: Places  # padded sizes
    border: Places
    rows: Places  # both together, and one for what belongs nowhere
    batch: Places
    row: Places

    def local(self, front: Places, place: Places) -> Places:
        """Return the row of a place in a front."""
        inside = self.fronts.of[place] == front
        key = np.searchsorted(self.borders, front * self.fronts.of.size + place)
        beyond = self.own[front] + key - self.border_start[front]
        return np.where(inside, place - self.fronts.start[front], beyond)

    def places(self, front: Places) -> tuple[Places, NDArray[np.bool_]]:
        """Return the places of borders, and where a padded row has one."""
        size = np.diff(self.border_start)[front]
        steps = np.arange(self.border[front[0]])
        real = steps < size[:, None]
        key = (self.border_start[front][:, None] + steps)[real]
        return self.borders[key] % self.fronts.of.size, real


def _batches(fronts: _Fronts) -> list[Batch]:
    """Put fronts of one depth and size together, and find where everything goes."""
    n, count = fronts.of.size, fronts.depth.size
    borders, parent = _borders(fronts)
    border_start = np.searchsorted(borders // n, np.arange(count + 1))
    own, border = _padded(np.diff(fronts.start)), _padded(np.diff(border_start))
    kinds, batch = np.unique(np.c_[-fronts.depth, own, border], axis=0, return_inverse=True)
    batch = batch.reshape(-1).astype(np.intp)
    by_batch, start = _grouped(batch, len(kinds))
    row = np.empty(count, dtype=np.intp)
    row[by_batch] = np.arange(count) - start[batch[by_batch]]
    rows = own + border + 1
    layout = _Layout(fronts, borders, border_start, parent, own, border, rows, batch, row)

    owner = fronts.of[fronts.first]
    link_row = row[owner] * rows[owner] + fronts.first - fronts.start[owner]
    link_at = link_row * rows[owner] + layout.local(owner, fronts.last)
    links_by_batch, link_start = _grouped(batch[owner], len(kinds))
    children = _children(layout, len(kinds))
    last_use = {child.batch: k for k, several in enumerate(children) for child in several}
    batches = []
    for k in range(len(kinds)):
        of = by_batch[start[k] : start[k + 1]]
        steps, size = np.arange(own[of[0]]), int(rows[of[0]])
        real = steps < np.diff(fronts.start)[of][:, None]
        around, real_around = layout.places(of)
        bordering = np.full(real_around.shape, n)
        bordering[real_around] = around
        diagonal = np.arange(of.size)[:, None] * size * size + steps * (size + 1)
        links = links_by_batch[link_start[k] : link_start[k + 1]]
        batches.append(
            Batch(
                np.where(real, fronts.start[of][:, None] + steps, n),
                bordering,
                diagonal[real],
                diagonal[~real],
                links,
                link_at[links],
                children[k],
                [child for child, last in last_use.items() if last == k],
            )
        )
    return batches


def _children(layout: _Layout, batches: int) -> list[list[Child]]:
    """Return, for each batch, the fronts that pass on to it, no two at a time to the same."""
    batch, parent = layout.batch, layout.parent
    passing = np.flatnonzero(parent >= 0)
    children: list[list[Child]] = [[] for _ in range(batches)]
    pair = batch[parent[passing]] * batches + batch[passing]
    by_parent = np.lexsort((parent[passing], pair))
    passing, pair = passing[by_parent], pair[by_parent]
    nth = np.arange(passing.size)
    first = np.append(True, (np.diff(pair) != 0) | (np.diff(parent[passing]) != 0))[: nth.size]
    turn = nth - np.maximum.accumulate(np.where(first, nth, 0))
    by_turn = np.lexsort((turn, pair))
    passing, pair, turn = passing[by_turn], pair[by_turn], turn[by_turn]
    cuts = np.flatnonzero((np.diff(pair) != 0) | (np.diff(turn) != 0)) + 1
    for several in np.split(passing, cuts) if passing.size else []:
        to = parent[several]
        places, real = layout.places(several)
        at = np.full(real.shape, layout.rows[to[0]] - 1)
        at[real] = layout.local(np.repeat(to, real.sum(axis=1)), places)
        children[batch[to[0]]].append(
            Child(int(batch[several[0]]), layout.row[several], layout.row[to], at)
        )
    return children


def _grouped(of: Places, groups: int) -> tuple[Places, Places]:
    """Return positions by group, and where each group starts."""
    order = np.argsort(of, kind="stable")
    return order, np.searchsorted(of[order], np.arange(groups + 1))
