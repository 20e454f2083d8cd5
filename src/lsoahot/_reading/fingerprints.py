"""Identifiers as numbers of 64 bits: enough to see one again, and an eighth of the memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

_DIGITS: Final = 64  # of the identifiers of data.police.uk
_WORD: Final = 8
_SIXTH: Final = 6  # bits that sort identifiers into parts
# Odd numbers without a pattern: the hexadecimal digits of pi.
_FACTORS: Final = np.array(
    [0x243F6A8885A308D3, 0x13198A2E03707345, 0xA4093822299F31D1, 0x082EFA98EC4E6C89,
     0x452821E638D01377, 0xBE5466CF34E90C6D, 0xC0AC29B7C97C50DD, 0x3F84D5B5B5470917],
    dtype=np.uint64,
)  # fmt: skip


def taken_out(table: pa.Table, kinds: Mapping[str, str]) -> tuple[pa.Table, NDArray[np.uint64]]:
    """Take the identifiers out of a table, the columns of the kind ``"mark"``: their numbers."""
    names = [name for name in table.column_names if kinds[name] == "mark"]
    numbers = [_numbers(chunk) for name in names for chunk in table[name].chunks]
    return table.drop_columns(names), np.concatenate([np.empty(0, dtype=np.uint64), *numbers])


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
    return _numbers(pa.array(there.astype("string"), pa.large_string()))


def _numbers(text: pa.Array | pa.ChunkedArray) -> NDArray[np.uint64]:
    """Return a number for each text that isn't missing."""
    if isinstance(text, pa.ChunkedArray):
        text = text.combine_chunks()
    there = len(text) - text.null_count
    if not there:
        return np.empty(0, dtype=np.uint64)
    wide = pa.types.is_large_string(text.type)
    if wide or pa.types.is_string(text.type):
        ends = np.frombuffer(text.buffers()[1], dtype=np.int64 if wide else np.int32)
        ends = ends[text.offset : text.offset + len(text) + 1]
        sizes = np.diff(ends)
        if ((sizes == _DIGITS) | (sizes == 0)).all() and ends[-1] - ends[0] == there * _DIGITS:
            data = np.frombuffer(text.buffers()[2], dtype=np.uint8)[ends[0] : ends[-1]]
            return _mixed(data)
    some = text.drop_null().to_numpy(zero_copy_only=False).astype(str)
    bytes_of = [value.encode() for value in some]
    hashed: NDArray[np.uint64] = pd.util.hash_array(some.astype(object))
    long = np.array([len(value) == _DIGITS for value in bytes_of], dtype=bool)
    if long.any():
        whole = b"".join(value for value in bytes_of if len(value) == _DIGITS)
        hashed[long] = _mixed(np.frombuffer(whole, dtype=np.uint8))
    return hashed


def _mixed(data: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Make a number of each identifier of 64 bytes."""
    words = data.view(np.uint64).reshape(-1, _DIGITS // _WORD)
    # A product's lower bits know nothing of its factors' upper ones: so these are folded in first.
    folded = words >> np.uint64(29)
    folded ^= words
    mixed: NDArray[np.uint64] = folded @ _FACTORS
    mixed ^= mixed >> np.uint64(32)
    return mixed


def repeated(arrays: Sequence[NDArray[np.uint64]]) -> int:
    """Count the identifiers that were there before, with little memory beside what holds them.

    Parameters
    ----------
    arrays
        Their numbers, each array in order.

    Examples
    --------
    >>> one, two = of(pd.Series(["a", "b"])), of(pd.Series(["b", "c", "b"]))
    >>> repeated([np.sort(one), np.sort(two)])
    2
    """
    edges = np.arange(1, 1 << _SIXTH, dtype=np.uint64) << np.uint64(64 - _SIXTH)
    cuts = [[0, *np.searchsorted(array, edges), len(array)] for array in arrays]
    again = 0
    for part in range(1 << _SIXTH if arrays else 0):
        some = [array[cut[part] : cut[part + 1]] for array, cut in zip(arrays, cuts, strict=True)]
        numbers = np.sort(np.concatenate(some))
        again += int((numbers[1:] == numbers[:-1]).sum())
    return again
