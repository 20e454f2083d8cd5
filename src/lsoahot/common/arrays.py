"""Long arrays, some rows at a time, so that what is made on the way stays in a processor's cache."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


THREADS: Final = min(os.cpu_count() or 1, 8)  # more wait for memory, and hold more of it


BLOCK: Final = 1 << 16  # rows


def blocks(n: int) -> Iterator[slice]:
    """Cut n rows into blocks."""
    return (slice(start, min(start + BLOCK, n)) for start in range(0, n, BLOCK))


def looked_up(values: NDArray[Any], codes: NDArray[np.signedinteger]) -> NDArray[Any]:
    """Return ``values[codes]``, where -1 is the last: numpy makes eight bytes of each code first.

    Examples
    --------
    >>> looked_up(np.array([10, 20, 0]), np.array([1, -1, 0], dtype=np.int8)).tolist()
    [20, 0, 10]
    """
    result = np.empty(len(codes), dtype=values.dtype)
    for some in blocks(len(codes)):
        np.take(values, codes[some], out=result[some], mode="wrap")
    return result
