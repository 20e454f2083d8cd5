"""Sparse symmetric systems on a map, solved front by front (Duff & Reid, 1983).

`nested_dissection` gives the order of elimination and its fronts: areas that go together, and the
later areas that they touch. With F what is left of the matrix A there when its own areas are due::

    F = [F11 F12]    L L' = F11,  U = F11⁻¹ F12,  passed on to a later front: F22 - F12' U
        [F21 F22]

From the last front to the first, the inverse Z = A⁻¹ follows, as far as the fronts reach
(Takahashi, Fagan & Chen, 1973)::

    Z12 = -U Z22,    Z11 = F11⁻¹ - Z12 U'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lsoahot.statistics.kernels.nested_dissection import Child, Dissection

    Floats = NDArray[np.float64]
    Places = NDArray[np.intp]


class Factor(NamedTuple):
    """A factorised matrix: for each batch L⁻¹ and U; and the logarithm of the determinant."""

    dissection: Dissection
    halves: list[Floats]
    passed: list[Floats]
    log_determinant: float


def room(dissection: Dissection) -> int:
    """Return how many numbers `factor` holds when it holds most, itself included.

    Examples
    --------
    >>> import numpy as np
    >>> from lsoahot.statistics.kernels.nested_dissection import dissect
    >>> n = 100
    >>> a, b = np.triu_indices(n, 1)  # a complete graph is one full matrix, whichever way it is cut
    >>> room(dissect(np.random.default_rng(0).random((n, 2)), a, b)) >= n * n / 2
    True
    """
    kept = passing = most = 0
    left = []
    for batch in dissection.batches:
        (fronts, p), b = batch.own.shape, batch.border.shape[1]
        rows = sum(child.at.size * child.at.shape[1] for child in batch.children)
        most = max(most, kept + passing + fronts * (p + b + 1) ** 2 + 2 * rows)
        kept += fronts * p * (p + b)
        left.append(fronts * b * b)
        passing += left[-1] - sum(left[spent] for spent in batch.spent)
        most = max(most, kept + passing)
    return most


def factor(dissection: Dissection, diagonal: Floats, links: Floats) -> Factor:
    """Factorise the symmetric matrix that has these values.

    Parameters
    ----------
    dissection : Dissection
        The order of elimination.
    diagonal : numpy.ndarray
        (n,).
    links : numpy.ndarray
        The values off the diagonal, one a link, in the order of the links given to `dissect`.

    Returns
    -------
    Factor
        For `solve`, `variances` and `spread`, with the log determinant.

    Raises
    ------
    numpy.linalg.LinAlgError
        If the matrix is not positive definite.

    Examples
    --------
    >>> import numpy as np
    >>> from lsoahot.statistics.kernels.nested_dissection import dissect
    >>> pair = dissect(np.array([[0.0, 0], [1, 0]]), np.array([0]), np.array([1]))
    >>> two = factor(pair, np.array([2.0, 2.0]), np.array([-1.0]))
    >>> round(float(np.exp(two.log_determinant)), 12)  # 2 x 2 - 1
    3.0
    """
    diagonal = diagonal[dissection.order]
    halves: list[Floats] = []
    passed: list[Floats] = []
    left: list[Floats | None] = []
    log_determinant = 0.0
    for batch in dissection.batches:
        p, m = batch.own.shape[1], batch.own.shape[1] + batch.border.shape[1]
        block = np.zeros((len(batch.own), m + 1, m + 1))
        flat = block.reshape(-1)
        flat[batch.link_at] = links[batch.links]
        block[:, :p, :p] += block[:, :p, :p].transpose(0, 2, 1)
        flat[batch.diagonal] = diagonal[batch.own[batch.own < diagonal.size]]
        flat[batch.padding] = 1.0
        for child in batch.children:
            rest = left[child.batch]
            flat[_square(child, m + 1)] += rest[child.rows]  # type: ignore[index]
        for spent in batch.spent:
            left[spent] = None
        lower = np.linalg.cholesky(block[:, :p, :p])
        log_determinant += 2 * float(np.log(np.diagonal(lower, axis1=1, axis2=2)).sum())
        half = np.linalg.inv(lower).astype(np.float64, copy=False)
        side = half @ block[:, :p, p:m]
        halves.append(half)
        passed.append(half.transpose(0, 2, 1) @ side)
        left.append(block[:, p:m, p:m] - side.transpose(0, 2, 1) @ side if m > p else None)
    return Factor(dissection, halves, passed, log_determinant)


def solve(factorised: Factor, right: Floats) -> Floats:
    """Solve A x = right.

    Parameters
    ----------
    factorised : Factor
        The matrix A.
    right : numpy.ndarray
        (n, k).

    Returns
    -------
    numpy.ndarray
        (n, k).

    Examples
    --------
    >>> import numpy as np
    >>> from lsoahot.statistics.kernels.nested_dissection import dissect
    >>> pair = dissect(np.array([[0.0, 0], [1, 0]]), np.array([0]), np.array([1]))
    >>> two = factor(pair, np.array([2.0, 2.0]), np.array([-1.0]))
    >>> solve(two, np.array([[3.0], [0.0]])).ravel().round(12).tolist()
    [2.0, 1.0]
    """
    batches, order = factorised.dissection.batches, factorised.dissection.order
    x = np.append(right[order], np.zeros((1, right.shape[1])), axis=0)
    for batch, half, passed in zip(batches, factorised.halves, factorised.passed, strict=True):
        here = x[batch.own]
        x[batch.own] = half @ here
        np.subtract.at(x, batch.border, passed.transpose(0, 2, 1) @ here)
        x[-1] = 0
    return _back(factorised, x)


def spread(factorised: Factor, normal: Floats) -> Floats:
    """Turn independent standard normal numbers into ones with the covariance A⁻¹.

    Parameters
    ----------
    factorised : Factor
        The matrix A.
    normal : numpy.ndarray
        (n, k), in the order of elimination.

    Returns
    -------
    numpy.ndarray
        (n, k), a column a draw.

    Examples
    --------
    The unit vectors give a root R of the inverse, R R' = A⁻¹:

    >>> import numpy as np
    >>> from lsoahot.statistics.kernels.nested_dissection import dissect
    >>> pair = dissect(np.array([[0.0, 0], [1, 0]]), np.array([0]), np.array([1]))
    >>> root = spread(factor(pair, np.array([2.0, 2.0]), np.array([-1.0])), np.eye(2))
    >>> (root @ root.T).round(3).tolist()
    [[0.667, 0.333], [0.333, 0.667]]
    """
    return _back(factorised, np.append(normal, np.zeros((1, normal.shape[1])), axis=0))


def variances(factorised: Factor) -> Floats:
    """Return the diagonal of A⁻¹.

    Parameters
    ----------
    factorised : Factor
        The matrix A.

    Returns
    -------
    numpy.ndarray
        (n,).

    Examples
    --------
    >>> import numpy as np
    >>> from lsoahot.statistics.kernels.nested_dissection import dissect
    >>> pair = dissect(np.array([[0.0, 0], [1, 0]]), np.array([0]), np.array([1]))
    >>> variances(factor(pair, np.array([2.0, 2.0]), np.array([-1.0]))).round(4).tolist()
    [0.6667, 0.6667]
    """
    batches, order = factorised.dissection.batches, factorised.dissection.order
    matches = np.empty(order.size + 1)
    ahead: dict[int, Floats] = {}  # the inverse on the borders of batches still to come
    for k in range(len(batches) - 1, -1, -1):
        batch, half, passed = batches[k], factorised.halves[k], factorised.passed[k]
        fronts, p, b = passed.shape
        border = ahead.pop(k, None)
        side = passed @ border if border is not None else np.zeros_like(passed)
        if batch.children:
            block = np.zeros((fronts, p + b + 1, p + b + 1))
            block[:, :p, :p] = half.transpose(0, 2, 1) @ half + side @ passed.transpose(0, 2, 1)
            block[:, :p, p:-1] = -side
            block[:, p:-1, :p] = -side.transpose(0, 2, 1)
            if border is not None:
                block[:, p:-1, p:-1] = border
            for child in batch.children:
                if child.batch not in ahead:
                    size = batches[child.batch].border.shape
                    ahead[child.batch] = np.zeros((*size, size[1]))
                ahead[child.batch][child.rows] = block.reshape(-1)[_square(child, p + b + 1)]
        matches[batch.own] = np.einsum("fij,fij->fj", half, half) + np.einsum(
            "fij,fij->fi", side, passed
        )
    result = np.empty(order.size)
    result[order] = matches[:-1]
    return result


def _back(factorised: Factor, x: Floats) -> Floats:
    """Go from the last front to the first; the last row of `x`, for padding, is 0."""
    batches, order = factorised.dissection.batches, factorised.dissection.order
    for k in range(len(batches) - 1, -1, -1):
        batch = batches[k]
        x[batch.own] = (
            factorised.halves[k].transpose(0, 2, 1) @ x[batch.own]
            - factorised.passed[k] @ x[batch.border]
        )
        x[-1] = 0
    result = np.empty((order.size, x.shape[1]))
    result[order] = x[:-1]
    return result


def _square(child: Child, m: int) -> Places:
    """Where the children's borders meet one another in the fronts of m rows laid end to end."""
    rows = (child.to * (m * m))[:, None] + child.at * m
    square: Places = rows[:, :, None] + child.at[:, None, :]
    return square
