"""Whole numbers nearest to an expectation that add up to what was published."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, vstack

if TYPE_CHECKING:
    from collections.abc import Iterable

WHOLE = 1e-6  # how far the solver's numbers may be from whole ones


class Sum(NamedTuple):
    """The cells in `where` (a mask of the table) add up to at least `low` and at most `high`."""

    where: np.ndarray
    low: float
    high: float


def exactly(where: np.ndarray, total: float) -> Sum:
    """Say that the cells in `where` add up to `total`."""
    return Sum(where, total, total)


def nearest(
    expected: np.ndarray, sums: Iterable[Sum], most: np.ndarray | None = None
) -> np.ndarray:
    """Return the table of whole numbers nearest to `expected` that satisfies every sum.

    The distance is chi-squared: the k-th event in a cell costs what it adds to
    (k - expected)^2 / expected. These steps rise, so each can be a variable of its own between 0
    and 1. The sums run over columns and over nested parts of rows: a flow network, whose corners
    are whole numbers, so a linear programme solves the integer problem to its proved optimum
    (HiGHS). `expected` comes with random noise, so the optimum is unique: every solver finds it.

    Parameters
    ----------
    expected : array of float, any shape
        What each cell would hold if nothing were published; more than zero.
    sums : iterable of Sum
        What must hold.
    most : array of int, same shape, optional
        The most that each cell may hold.

    Raises
    ------
    ValueError
        If no table satisfies the sums.
    """
    sums = list(sums)
    target = np.maximum(expected.ravel().astype(float), 0.02)
    top = np.ceil(target * 3 + 12).astype(int)
    for rule in sums:
        if np.count_nonzero(rule.where) == 1:  # a published cell may lie far from its expectation
            cell = int(np.flatnonzero(rule.where)[0])
            top[cell] = max(top[cell], int(rule.low))
    if most is not None:
        top = np.minimum(top, most.ravel())
    cell = np.repeat(np.arange(target.size), top)  # one variable an event that a cell may hold
    step = np.arange(cell.size) - np.repeat(np.cumsum(top) - top, top) + 1
    cost = (2 * step - 1 - 2 * target[cell]) / target[cell]
    rows = [csr_array(rule.where.ravel()[cell].astype(float).reshape(1, -1)) for rule in sums]
    solved = milp(
        cost,
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(
            vstack(rows), [rule.low for rule in sums], [rule.high for rule in sums]
        ),
        options={"mip_rel_gap": 0.0},
    )
    if solved.x is None:
        raise ValueError(
            f"no whole numbers satisfy the {len(sums)} sums ({solved.message}). "
            "Two published figures contradict each other: take one out and try again."
        )
    whole = np.round(solved.x)
    if abs(whole - solved.x).max() > WHOLE:
        raise AssertionError("the sums aren't nested, and the programme's corners aren't whole.")
    chosen = np.bincount(cell, weights=whole, minlength=target.size)
    return chosen.astype(int).reshape(expected.shape)
