"""Identifiers as numbers of 64 bits: enough to see one again, and an eighth of the memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

_DIGITS: Final = 64  # of the identifiers of data.police.uk
_WORD: Final = 8
_PARTS: Final = 64  # 2**6: the upper six bits name the part


def of(identifiers: pd.Series) -> NDArray[np.uint64]:
    """Return a number for each identifier that is there.

    Different ones get different numbers, but for a chance of one in a million among six million.

    Examples
    --------
    >>> one, two, again = of(pd.Series(["a", "b", None, "a"]))
    >>> bool(one == again), bool(one == two)
    (True, False)
    """
    there = identifiers.dropna()
    text = pa.array(there.astype("string"), pa.large_string())
    text = text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text
    if not len(text):
        return np.empty(0, dtype=np.uint64)
    ends = pc.min_max(pc.binary_length(text))
    if ends["min"].as_py() != _DIGITS or ends["max"].as_py() != _DIGITS:
        hashed: NDArray[np.uint64] = pd.util.hash_array(
            text.to_numpy(zero_copy_only=False), categorize=False
        )
        return hashed
    data = np.frombuffer(text.buffers()[2], dtype=np.uint8)
    start = text.offset * _DIGITS
    words = data[start : start + len(text) * _DIGITS].view(np.uint64).reshape(-1, _DIGITS // _WORD)
    mixed = np.zeros(len(text), dtype=np.uint64)
    for i in range(words.shape[1]):
        mixed ^= words[:, i]
        mixed *= np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(32)
    return mixed


def repeated(parts: Iterable[NDArray[np.uint64]]) -> int:
    """Count the identifiers that were there before, with little memory beside what holds them.

    Examples
    --------
    >>> repeated([of(pd.Series(["a", "b"])), of(pd.Series(["b", "c", "b"]))])
    2
    """
    arrays = list(parts)
    edges = np.arange(1, _PARTS, dtype=np.uint64) << np.uint64(58)
    for array in arrays:
        array.sort()
    cuts = [[0, *np.searchsorted(array, edges), len(array)] for array in arrays]
    again = 0
    for part in range(_PARTS):
        some = [array[cut[part] : cut[part + 1]] for array, cut in zip(arrays, cuts, strict=True)]
        if some:
            numbers = np.sort(np.concatenate(some))
            again += int((numbers[1:] == numbers[:-1]).sum())
    return again
