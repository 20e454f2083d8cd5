"""Columns of few different words: each is read once, and the column is put together again."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from lsoahot.common.arrays import blocks, looked_up

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from lsoahot.common.arrays import Bools


TEXT: Final[Any] = pd.Series(["text"]).dtype  # object in pandas 2, str from pandas 3 on


def text_of(
    codes: NDArray[np.signedinteger], words: NDArray[np.object_]
) -> pd.api.extensions.ExtensionArray:
    """Write a column of text, as pandas holds it.

    Parameters
    ----------
    codes : array of int, shape (n,)
        The number of each row's word, -1 for none.
    words : array of object, shape (k,)
        The words.

    Examples
    --------
    >>> list(text_of(np.array([1, 0, 1]), np.array(["a", "b"], dtype=object)))
    ['b', 'a', 'b']
    """
    if not (isinstance(TEXT, pd.StringDtype) and TEXT.storage == "pyarrow"):
        short: pd.api.extensions.ExtensionArray = pd.array([*words, None], dtype=TEXT)[codes]
        return short
    missing = codes < 0
    rows = pa.array(codes, mask=missing if missing.any() else None)
    table = pa.array(words, pa.large_string()).take(rows)
    column: pd.api.extensions.ExtensionArray = pd.array(table, dtype=TEXT)
    return column


class Words(NamedTuple):
    """A column of text: the number of each row's word, -1 for none, and the words."""

    codes: NDArray[np.signedinteger]
    words: list[str | None]
    index: pd.Index  # type: ignore[assignment]  # hides a tuple's method, which nobody needs

    def series(self) -> pd.Series:
        """Return the column as pandas holds text."""
        number, every = pd.factorize(np.array([*self.words, None], dtype=object))
        codes = self.codes
        if len(every) < len(self.words):  # some words have become the same, or nothing
            codes = looked_up(number.astype(np.min_scalar_type(-len(every) - 1)), codes)
        return pd.Series(text_of(codes, every), index=self.index, copy=False)

    def counts(self) -> Counter[str]:
        """Return how many rows hold each word."""
        if not any(word is not None for word in self.words):
            return Counter()
        rows = np.bincount(self.codes + np.int64(1), minlength=len(self.words) + 1)[1:]
        counted: Counter[str] = Counter()
        for word, number in zip(self.words, rows.tolist(), strict=True):
            if word is not None and number:
                counted[word] += number
        return counted

    def each(self, change: Callable[[str], str | None]) -> Words:
        """Change each word once; a word that becomes None is missing."""
        return self._replace(words=[None if word is None else change(word) for word in self.words])


def written_out(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Put the columns of words among others together."""
    return {
        name: column.series() if isinstance(column, Words) else column
        for name, column in columns.items()
    }


def factorized(column: pd.Series) -> tuple[NDArray[np.signedinteger], pd.Index]:
    """Return the number of each row's value, -1 where it is missing, and the different values."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return _used_values(np.asarray(column.cat.codes), column.cat.categories)
    if isinstance(column.dtype, pd.StringDtype) and column.dtype.storage == "pyarrow":
        encoded = pa.array(column.array).dictionary_encode()
        if isinstance(encoded, pa.ChunkedArray):
            encoded = encoded.combine_chunks()
        codes = encoded.indices.fill_null(-1).to_numpy()
        return codes, pd.Index(encoded.dictionary.to_pandas())
    codes, values = pd.factorize(column)
    return codes, pd.Index(values)


def _used_values(
    codes: NDArray[np.signedinteger], values: pd.Index
) -> tuple[NDArray[np.signedinteger], pd.Index]:
    """Leave out the values that no row has; pandas sorts all rows for it, a third of the reading."""
    there = np.zeros(len(values) + 1, dtype=bool)
    for some in blocks(len(codes)):
        there[codes[some]] = True
        if there[:-1].all():
            return codes, values
    number = np.append(np.cumsum(there[:-1]) - 1, -1).astype(codes.dtype)
    return looked_up(number, codes), values[there[:-1]]


def of(column: pd.Series) -> Words:
    """Take a column of text apart."""
    codes, values = factorized(column)
    return Words(codes, list(map(str, values.to_numpy(dtype=object))), column.index)


def where(column: pd.Series, says: Callable[[str], bool]) -> Bools:
    """Tell which cells say something, asked of each different one; a missing cell says nothing.

    Parameters
    ----------
    column
        Cells of any kind, shape (n,).
    says
        Tells it of a cell's text.

    Examples
    --------
    >>> where(pd.Series(["a", None, "b"]), lambda word: word == "b").tolist()
    [False, False, True]
    """
    codes, words = pd.factorize(column)
    result: Bools = np.array([*map(says, map(str, words)), False], dtype=bool)[codes]
    return result


def nothing(index: pd.Index) -> pd.Series:
    """Return a column of missing text."""
    return pd.Series(pd.array(pa.nulls(len(index), pa.large_string()), dtype="string"), index=index)
