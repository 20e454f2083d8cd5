"""Text of few different words: a column of it keeps each word once.

Most columns of text are counted by, or carried along, and never read. So the column is written out
only when something asks for the text; to everything else it is pandas' own column of text.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

import numpy as np
import pandas as pd
import pyarrow as pa

from lsoahot.common.arrays import blocks, looked_up

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

TEXT: Final = pd.Series(["text"]).dtype  # object in pandas 2, str from pandas 3 on


class Spelling(NamedTuple):
    """The words of a column, all different, and the number of each row's word, -1 for none."""

    codes: NDArray[np.signedinteger]  # (n,)
    words: NDArray[np.object_]  # (k,)

    def used(self) -> Spelling:
        """Leave out the words that no row has."""
        there = np.zeros(len(self.words) + 1, dtype=bool)
        for some in blocks(len(self.codes)):
            there[self.codes[some]] = True
            if there[:-1].all():
                return self
        there[-1] = False
        number = np.append(np.cumsum(there[:-1]) - 1, -1).astype(self.codes.dtype)
        return Spelling(looked_up(number, self.codes), self.words[there[:-1]])


def column(spelling: Spelling) -> pd.api.extensions.ExtensionArray:
    """Make a column of text of its words, as pandas holds text."""
    if _later():
        return Text.of(spelling)
    codes, words = spelling
    if isinstance(TEXT, pd.StringDtype) and TEXT.storage == "pyarrow":
        return TEXT.__from_arrow__(_written(spelling))
    return pd.array([*words, None], dtype=TEXT)[codes]


def spelling_of(values: object) -> Spelling | None:
    """Return the words of an array, if it is one of `Text` that was not changed since."""
    return values.spelling if isinstance(values, Text) else None


@cache
def _later() -> bool:
    """Tell whether this pandas looks for text where `Text` has it."""
    if not isinstance(TEXT, pd.StringDtype) or TEXT.storage != "pyarrow":
        return False
    some = np.array([1, -1, 0]), np.array(["a", "b"], dtype=object)
    made = pd.Series(Text.of(Spelling(*some)))
    right: bool = made.str.upper().fillna("").tolist() == ["B", "", "A"]
    return right and made.dtype == TEXT


def _written(spelling: Spelling) -> pa.ChunkedArray:
    missing = spelling.codes < 0
    rows = pa.array(spelling.codes, mask=missing if missing.any() else None)
    return pa.chunked_array([pa.array(spelling.words, pa.large_string()).take(rows)])


class Text(pd.arrays.ArrowStringArray):  # type: ignore[misc]  # pandas has no types
    """A column of text made of words: pandas' own, only later.

    Pandas keeps text in `_pa_array`, which it never changes but replaces. Here that is written when it
    is first asked for, so that whatever pandas does, it does to the text. Only taking rows, and putting
    columns together, is done to the numbers of the words.
    """

    _spelling: Spelling | None = None
    _text: pa.ChunkedArray | None = None

    @classmethod
    def of(cls, spelling: Spelling, text: pa.ChunkedArray | None = None) -> Self:
        """Make a column of its words; of its text too, where that is written already."""
        made = cls(pa.chunked_array([], pa.large_string()), dtype=TEXT)
        made._spelling, made._text = spelling, text
        return made

    @property
    def spelling(self) -> Spelling | None:
        """The column's words; None once it was changed, or is what pandas made of another."""
        return self._spelling

    @property
    def _pa_array(self) -> pa.ChunkedArray:
        if self._text is None and self._spelling is not None:
            self._text = _written(self._spelling)
        return self._text

    @_pa_array.setter
    def _pa_array(self, text: pa.ChunkedArray) -> None:
        self._text, self._spelling = text, None

    def __reduce__(self) -> tuple[Any, ...]:
        return TEXT.__from_arrow__, (self._pa_array.combine_chunks(),)

    def __len__(self) -> int:
        return super().__len__() if self._spelling is None else len(self._spelling.codes)

    @property
    def nbytes(self) -> int:
        """Return the memory that the text takes now."""
        if self._text is None and self._spelling is not None:
            return self._spelling.codes.nbytes
        size: int = super().nbytes
        return size

    def isna(self) -> NDArray[np.bool_]:
        """Tell which rows have no text."""
        missing: NDArray[np.bool_] = (
            super().isna() if self._spelling is None else self._spelling.codes < 0
        )
        return missing

    def __getitem__(self, item: object) -> str | float | Self | pd.arrays.ArrowStringArray:
        if self._spelling is None or not isinstance(item, (slice, np.ndarray)):
            return super().__getitem__(item)
        codes, words = self._spelling
        part = self.of(Spelling(codes[pd.api.indexers.check_array_indexer(self, item)], words))
        return self._alike(part) if isinstance(item, slice) else part

    def take(
        self,
        indices: Sequence[int],
        allow_fill: bool = False,  # noqa: FBT001, FBT002  # pandas' signature
        fill_value: object = None,
    ) -> pd.arrays.ArrowStringArray:
        """Take rows, as pandas asks for it."""
        if self._spelling is None or (allow_fill and not pd.isna(fill_value)):
            return super().take(indices, allow_fill=allow_fill, fill_value=fill_value)
        codes, words = self._spelling
        taken = pd.api.extensions.take(
            codes, np.asarray(indices), allow_fill=allow_fill, fill_value=-1 if allow_fill else None
        )
        return self.of(Spelling(taken, words))

    def factorize(
        self,
        use_na_sentinel: bool = True,  # noqa: FBT001, FBT002  # pandas' signature
    ) -> tuple[NDArray[np.intp], Any]:
        """Give words numbers in the order in which they come first, as pandas asks for it."""
        if self._spelling is None:
            result: tuple[NDArray[np.intp], Any] = super().factorize(use_na_sentinel)
            return result
        codes, words = self._spelling
        order = pd.unique(codes)
        if use_na_sentinel:
            order = order[order >= 0]
        number = np.full(len(words) + 1, -1, dtype=np.intp)
        number[order] = np.arange(len(order))
        return looked_up(number, codes), self.of(Spelling(order, words))

    def copy(self) -> pd.arrays.ArrowStringArray:
        """Copy the column."""
        return super().copy() if self._spelling is None else self.of(self._spelling, self._text)

    def view(self, dtype: object = None) -> pd.api.extensions.ExtensionArray:
        """Return the same column again."""
        if dtype is not None or self._spelling is None:
            return super().view(dtype)
        return self._alike(self.of(self._spelling, self._text))

    def _alike(self, other: Self) -> Self:
        """Let another column be written to only if this one may be."""
        other._readonly = getattr(self, "_readonly", False)
        return other

    @classmethod
    def _concat_same_type(
        cls, to_concat: Sequence[pd.arrays.ArrowStringArray]
    ) -> pd.arrays.ArrowStringArray:
        parts = [spelling for one in to_concat if (spelling := spelling_of(one)) is not None]
        if len(parts) < len(to_concat):
            return super()._concat_same_type(to_concat)
        return cls.of(joined(parts))


def joined(parts: Sequence[Spelling]) -> Spelling:
    """Put columns of words together, one below the other."""
    number, words = pd.factorize(np.concatenate([part.words for part in parts]))
    kind = np.min_scalar_type(-len(words) - 1)
    codes = np.empty(sum(len(part.codes) for part in parts), dtype=kind)
    row = word = 0
    for part in parts:
        new = np.append(number[word : word + len(part.words)], -1).astype(kind)
        looked_up(new, part.codes, codes[row : row + len(part.codes)])
        row, word = row + len(part.codes), word + len(part.words)
    return Spelling(codes, words)
