"""Identifiers as numbers of 64 bits: enough to see one again, and an eighth of the memory."""

from __future__ import annotations

import os
import tempfile
import weakref
from typing import IO, TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from .count_columns import word_set, words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

# What forces call their systems, and their records' numbers, in headers.
_SYSTEMS: Final = word_set(
    """nicl ois storm niche cad cris cis crims athena connect nspis cmis iccs vision safer rms urn ucrn crn
    guid uuid works genesis steps unifi oasis smartstorm compact kims"""
)
_MARKS: Final = word_set("id ids ref refs reference references identifier log key")
_NUMBERS: Final = word_set("no nos nr num number")
_OF_EVENTS: Final = word_set("crime incident inc offence event occurrence occ report case record")
_OTHERS: Final = word_set(
    "the of a and for c command control police red sigma system unique row object objectid fid globalid serial"
)
_ROW: Final = word_set("objectid fid globalid")
_HALF: Final = 0.5


def is_reference(header: object) -> bool:
    """Tell whether a header names the identifier of a record: a force's system, or what it numbers.

    Examples
    --------
    >>> [is_reference(name) for name in ("NICL", "STORM ref", "Inc_No", "OBJECTID", "Row ID")]
    [True, True, True, True, True]
    >>> [is_reference(name) for name in ("Beat ID", "Victim ref", "Number", "Event type", "No of crimes")]
    [False, False, False, False, False]
    """
    words = words_of(header)
    there = set(words)
    if not words or there - (_SYSTEMS | _MARKS | _NUMBERS | _OF_EVENTS | _OTHERS | _ROW):
        return False
    numbered = words[-1] in _NUMBERS and bool(there & _OF_EVENTS)
    return bool(there & (_SYSTEMS | _MARKS | _ROW)) or numbered


def is_bare(header: object) -> bool:
    """Tell whether a header that names an identifier may as well be of something else: "ID".

    Examples
    --------
    >>> is_bare("ID"), is_bare("OBJECTID"), is_bare("Crime ref")
    (True, True, False)
    """
    there = set(words_of(header))
    return (
        not there - (_MARKS | _NUMBERS | _OTHERS | _ROW)
        and "unique" not in there
        and bool(there & word_set("id ids key") or there & _ROW)
    )


def name_no_record(identifiers: pd.Series, header: object) -> bool:
    """Tell whether what is called "ID" is none of a record: most of it comes again, as a beat's does."""
    there = identifiers.dropna()
    return is_bare(header) and there.nunique() < _HALF * len(there)


AGAIN: Final = "the same record again, identical in every column"  # why a row is left out

_DIGITS: Final = 64  # of the identifiers of data.police.uk
_WORD: Final = 8
_SIXTH: Final = 6  # bits that sort identifiers into parts
_ROOM: Final = 1 << 23  # identifiers that are kept in memory
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


def without_twins(
    table: pa.Table, kinds: Mapping[str, str], whole: Callable[[], pa.Table]
) -> tuple[pa.Table, NDArray[np.uint64], int]:
    """Leave out rows with an identifier that are the same as one before in every column.

    Parameters
    ----------
    table
        The columns that are needed, the identifiers among them (of the kind ``"mark"``).
    kinds
        Column -> kind.
    whole
        Reads all columns of the same rows: only called where an identifier repeats.

    Returns
    -------
    tuple
        The table without identifiers and without such rows, the numbers of the identifiers, and how
        many rows were left out.
    """
    few, marks = taken_out(table, kinds)
    different = len(np.unique(marks))
    if different == len(marks):
        return few, marks, 0
    names = [name for name in table.column_names if kinds[name] == "mark"]
    if any(map(is_bare, names)) and different < _HALF * len(marks):
        return few, marks[:0], 0  # of an area, a beat or the like
    every = whole().to_pandas()
    again = every.duplicated().to_numpy() & every[names].notna().any(axis=1).to_numpy()
    if not again.any():
        return few, marks, 0
    few, marks = taken_out(table.filter(pa.array(~again)), kinds)
    return few, marks, int(again.sum())


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


class Seen:
    """The numbers of identifiers that were seen: past some millions, in a temporary file.

    Numbers come in arrays that are sorted. They are compared part by part, so that of all that were
    put aside, a small share is in memory at a time.

    Examples
    --------
    >>> seen = Seen()
    >>> seen.add([of(pd.Series(["a", "b"])), of(pd.Series(["b", "c", "b"]))])
    >>> seen.repeated()
    2
    """

    def __init__(self) -> None:
        self._arrays: list[NDArray[np.uint64]] = []
        self._full = False
        self._file: IO[bytes] | None = None
        self._aside: list[
            tuple[int, NDArray[np.intp]]
        ] = []  # where in the file, and the parts' ends

    def add(self, numbers: Sequence[NDArray[np.uint64]]) -> None:
        """Add numbers that were seen."""
        if len(numbers):
            together = np.concatenate(numbers)
            together.sort()
            self._arrays.append(together)
        self._put_aside()

    def join(self, other: Seen) -> None:
        """Add what another saw."""
        self._arrays += other._arrays
        if other._file is not None:
            self._arrays += [_read(other._file, at, ends[[0, -1]]) for at, ends in other._aside]
        self._put_aside()

    def _put_aside(self) -> None:
        if self._full or sum(map(len, self._arrays)) <= _ROOM:
            return
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115  # closed with what it is for
                weakref.finalize(self, self._file.close)
            while self._arrays:
                at = self._file.seek(0, os.SEEK_END)
                self._file.write(self._arrays[-1].tobytes())
                self._file.flush()
                self._aside.append((at, _parts(self._arrays.pop())))
        except OSError:  # no room, or no folder for such files: they stay in memory
            self._full = True

    def repeated(self) -> int:
        """Count the numbers that had been there before."""
        inside = [(array, _parts(array)) for array in self._arrays]
        again = 0
        for part in range(1 << _SIXTH if inside or self._aside else 0):
            some = [array[ends[part] : ends[part + 1]] for array, ends in inside]
            if self._file is not None:
                some += [_read(self._file, at, ends[part : part + 2]) for at, ends in self._aside]
            numbers = np.concatenate(some)
            numbers.sort()
            again += int((numbers[1:] == numbers[:-1]).sum())
        return again


def _parts(numbers: NDArray[np.uint64]) -> NDArray[np.intp]:
    """Return where the parts of sorted numbers begin, and the last one ends."""
    edges = np.arange(1, 1 << _SIXTH, dtype=np.uint64) << np.uint64(64 - _SIXTH)
    return np.array([0, *np.searchsorted(numbers, edges), len(numbers)], dtype=np.intp)


def _read(file: IO[bytes], at: int, ends: NDArray[np.intp]) -> NDArray[np.uint64]:
    first, last = ends.tolist()
    file.seek(at + _WORD * first)
    return np.frombuffer(file.read(_WORD * (last - first)), dtype=np.uint64)
