"""Columns of few different words: each is read once, and the column is put together again."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from lsoahot.common.arrays import looked_up

from . import text_column
from .text_column import Spelling

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray


class Words(NamedTuple):
    """A column of text: the number of each row's word, -1 for none, and the words."""

    codes: NDArray[np.signedinteger]
    words: list[str | None]
    index: pd.Index

    def series(self) -> pd.Series:
        """Return the column as pandas holds text."""
        words = np.array([*self.words, None], dtype=object)
        number, every = pd.factorize(words)
        kind = np.min_scalar_type(-len(every) - 1)
        if len(every) == len(self.words):
            codes = self.codes.astype(kind, copy=False)
        else:
            codes = looked_up(number.astype(kind), self.codes)
        text = text_column.column(Spelling(codes, every))
        return pd.Series(text, index=self.index, copy=False)

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
    if (spelling := text_column.spelling_of(column.array)) is not None:
        codes, words = spelling.used()
        return codes, pd.Index(words)
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, words = Spelling(column.cat.codes.to_numpy(), column.cat.categories).used()
        return codes, pd.Index(words)
    if isinstance(column.dtype, pd.StringDtype) and column.dtype.storage == "pyarrow":
        encoded = pa.array(column.array).dictionary_encode()
        if isinstance(encoded, pa.ChunkedArray):
            encoded = encoded.combine_chunks()
        codes = encoded.indices.fill_null(-1).to_numpy()
        return codes, pd.Index(encoded.dictionary.to_pylist())
    codes, values = pd.factorize(column)
    return codes, pd.Index(values)


def of(column: pd.Series) -> Words:
    """Take a column of text apart."""
    codes, values = factorized(column)
    return Words(codes, list(map(str, values.to_numpy(dtype=object))), column.index)


def nothing(index: pd.Index) -> pd.Series:
    """Return a column of missing text."""
    return pd.Series(pd.array(pa.nulls(len(index), pa.large_string()), dtype="string"), index=index)
