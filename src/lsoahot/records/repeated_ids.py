"""Identifiers as numbers of 64 bits: enough to see one again, and an eighth of the memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

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
# A bit that no letter has, of another byte in each of their words: which word it is, counts.
_PLACES: Final = np.uint64(0x80) << np.arange(0, _DIGITS, 8, dtype=np.uint64)


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
    if (again := repeated([marks])) == 0:
        return few, marks, 0
    names = [name for name in table.column_names if kinds[name] == "mark"]
    if any(map(is_bare, names)) and again > (1 - _HALF) * len(marks):
        return few, marks[:0], 0  # of an area, a beat or the like
    every = whole().to_pandas()
    twins = every.duplicated().to_numpy() & every[names].notna().any(axis=1).to_numpy()
    if not twins.any():
        return few, marks, 0
    few, marks = taken_out(table.filter(pa.array(~twins)), kinds)
    return few, marks, int(twins.sum())


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
    some = text.drop_null().to_numpy(zero_copy_only=False).astype(object)
    hashed: NDArray[np.uint64] = pd.util.hash_array(some, categorize=False)
    long = np.array([len(value.encode()) == _DIGITS for value in some], dtype=bool)
    if long.any():
        whole = "".join(some[long]).encode()
        hashed[long] = _mixed(np.frombuffer(whole, dtype=np.uint8))
    return hashed


def _mixed(data: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Make a number of each identifier of 64 bytes, by its eight words: a sixth of the time of texts."""
    words = data.view(np.uint64).reshape(-1, len(_PLACES)) ^ _PLACES
    hashed: NDArray[np.uint64] = pd.util.hash_array(words.ravel())
    mixed: NDArray[np.uint64] = hashed.reshape(words.shape).sum(axis=1, dtype=np.uint64)
    return mixed


def repeated(numbers: Sequence[NDArray[np.uint64]]) -> int:
    """Count the numbers of identifiers that had been there before.

    Parameters
    ----------
    numbers
        Numbers from `of`, in arrays of any length: eight bytes an identifier.

    Examples
    --------
    >>> repeated([of(pd.Series(["a", "b"])), of(pd.Series(["b", "c", "b"]))])
    2
    """
    together = np.concatenate([np.empty(0, dtype=np.uint64), *numbers])
    return len(together) - len(pd.unique(together))
