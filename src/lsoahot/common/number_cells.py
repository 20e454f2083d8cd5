"""The one reader of numbers: cells of a table to numbers, markers of a source, and what is neither.

Figures come with thousands marked by commas or by spaces of any kind, with a mark that says "revised",
or with a word in their place that says "withheld". Each cell ends as one of a number, nothing, a marker
that is known, or strange: what is strange is for the caller to refuse or to tell.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from .arrays import Bools, Floats

# Thousands in groups of three, by one and the same mark; a decimal point or comma after them.
_GROUPED: Final = re.compile(
    r"([+-]?)([1-9]\d{0,2}(?:([,\s'\u2019.])\d{3})(?:\3\d{3})*)(?:([.,])(\d+))?"
)
_DECIMAL_COMMA: Final = re.compile(r"[+-]?\d+,\d+")
_PLAIN: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
# What government's tables write behind a figure: provisional, revised, estimated, a note ("5r", "7*").
_NOTED: Final = re.compile(
    r"(?<=\d)\s*(?:\[\s*(?:p|r|e|b|d|f|t|u|note\s*\d*|\d+)\s*\]|[prebfu]|[*†‡§^#]+"
    r"|\(\s*(?:p|r|e|provisional|revised|estimated?)\s*\))$"
)
_FORMULA: Final = re.compile(r'="?([^"=]*)"?')  # ="12" keeps Excel from making a date of it

# How a source says that it gives no figure, in small letters and without brackets round it. The marks
# are those of the Government Statistical Service, of spreadsheets, and of forces' own tables.
_NO_FIGURE: Final = frozenset(
    {
        "c", "s", "x", "z", "u", "w", "m", "l", "low", "k", "..", ".", ":", "~", "†", "‡", "#", "^", "§",
        "¬", "?", "/", "\\", "n/a", "na", "#n/a", "n.a.", "n.a", "#value!", "#ref!", "#div/0!", "#name?",
        "#null!", "#num!", "nan", "none", "null", "nil return", "<na>", "n/k", "nk", "tbc", "tba",
        "n/d", "nd", "n/r", "nr", "supp", "sup", "supp.", "conf", "redacted", "suppressed", "withheld",
        "hidden", "masked", "removed", "disclosive", "potentially disclosive", "confidential",
        "statistical disclosure", "disclosure control", "sdc", "small number", "small numbers",
        "small value", "low number", "low numbers", "low count", "low volume", "low value",
        "not available", "unavailable", "not applicable", "not known", "unknown", "not shown",
        "not disclosed", "not published", "not provided", "not recorded", "not given", "not stated",
        "not released", "no data", "no figure", "missing", "exempt", "restricted", "foi exempt",
        "section 40", "s40", "s.40", "section 40(2)", "data suppressed", "data not available",
        "figure suppressed", "value suppressed", "count suppressed", "too small", "too low",
        "negligible", "single figures", "single digits", "d", "disc", "discl", "suppr", "supressed",
        "blank", "below threshold", "under threshold", "less than threshold", "data withheld", "redact",
        "not reported", "not collected", "n/p", "np", "n.p", "ne", "..c", "zz", "private", "privacy",
    }
)  # fmt: skip
_ZERO: Final = frozenset(
    {"-", "--", "nil", "zero", "none recorded", "no crimes", "no offences", "no incidents", "no records"}
)  # fmt: skip
_NUMBER: Final = r"(?:\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten)"
_RANGE: Final = re.compile(
    rf"[(\[]?\s*(?:n\s*(?=[<≤]))?(?:(?:<|>|≤|≥|<=|>=|=<"
    rf"|less than|fewer than|lower than|smaller than|under|below|up to|at most"
    rf"|no more than|between|from|less than or equal to|more than|over)\s*)?(?:or equal to\s*)?{_NUMBER}"
    rf"(?:\s*(?:-|to|and|/|or)\s*{_NUMBER})?"
    r"(?:\s*(?:or\s*(?:fewer|less|under|below|lower|more|over)|and (?:under|below|over)|or so|max(?:imum)?|\+))?"
    r"\s*[)\]]?"
)
_WITHHELD: Final = re.compile(
    r"\s*\((?:suppressed|withheld|redacted|disclosive|confidential|c|s)\)$"
)
# A symbol alone in brackets, or a note's number, stands in the place of a figure.
_SYMBOL: Final = re.compile(r"\[\s*(?:[a-z]{1,3}|note\s*\d*|!)\s*\]")
_BRACKETED: Final = re.compile(r"[(\[]\s*\d+\s*[)\]]")  # a note's number, or a loss: nobody can say
_STARS: Final = re.compile(r"[*\u2217\u204e•]+")
# Dashes of every length, and signs of no width.
_SIGNS: Final = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
    | dict.fromkeys("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")
)


class Cells(NamedTuple):
    """What the n cells of a column hold: each is a number, blank, a marker, nil, or strange."""

    values: Floats  # (n,) NaN where there is no number; 0 where the source writes nil
    blank: Bools  # (n,)
    marked: Bools  # (n,) the source says that it gives no figure: "[c]", "<5", "*"
    nil: Bools  # (n,) a dash, which means nil in tables of government
    strange: Bools  # (n,) none of these

    @property
    def number(self) -> Bools:
        """Tell which cells hold a number that is written out."""
        return ~(self.blank | self.marked | self.nil | self.strange)


def read_numbers(column: pd.Series) -> Cells:
    """Read numbers as people write them, and tell them from markers and from what is neither.

    Parameters
    ----------
    column
        Text or numbers, shape (n,).

    Returns
    -------
    Cells
        The numbers, and four masks, each of shape (n,).

    Notes
    -----
    ``"1,017"``, ``"1 017"`` (with a space of any kind), ``"1'017"`` and ``"1.017.000"`` have their
    thousands marked. A comma before other than three figures, or after a leading 0, is a decimal one.
    A figure with a mark behind it (``"12 [r]"``: revised) is that figure.

    Examples
    --------
    >>> cells = read_numbers(pd.Series(["1,017", "1 017", "-0,753", "[c]", "1-4", "-", "", "lots"]))
    >>> cells.values.tolist()
    [1017.0, 1017.0, -0.753, nan, nan, 0.0, nan, nan]
    >>> cells.marked.tolist().index(True), cells.nil.tolist().index(True), cells.strange.tolist().index(True)
    (3, 5, 7)
    """
    n = len(column)
    if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype):
        values = column.to_numpy(dtype="float64", na_value=np.nan)
        none = np.zeros(n, dtype=bool)
        infinite = np.isinf(values)
        return Cells(np.where(infinite, np.nan, values), np.isnan(values), none, none, infinite)
    codes, words = pd.factorize(column)
    read = [_read(word) for word in words]
    values = np.array([*(value for value, _ in read), np.nan], dtype="float64")
    kinds = np.array([*(kind for _, kind in read), _BLANK], dtype=np.int8)
    kind = kinds[codes]
    masks = (kind == each for each in (_BLANK, _MARKED, _NIL, _STRANGE))
    return Cells(values[codes], *masks)


_FIGURE, _BLANK, _MARKED, _NIL, _STRANGE = range(5)


def _read(cell: object) -> tuple[float, int]:
    if isinstance(cell, (bool, np.bool_)):
        return np.nan, _STRANGE
    if isinstance(cell, (int, float, np.number)):
        value = float(cell)
        return (value, _FIGURE) if np.isfinite(value) else (np.nan, _BLANK)
    return _read_text(str(cell))


@lru_cache(1 << 16)  # the same few numbers come again in every file
def _read_text(cell: str) -> tuple[float, int]:
    text = unicodedata.normalize("NFKC", cell).translate(_SIGNS)
    text = text.strip().lstrip("'\u2018\u2019").casefold()
    if not text:
        return np.nan, _BLANK
    if formula := _FORMULA.fullmatch(text):
        text = formula[1].strip()
    if text in _ZERO:
        return 0.0, _NIL
    bare = _NOTED.sub("", text)
    if (value := _value(bare)) is not None:
        return value, _FIGURE
    return np.nan, (_MARKED if _withholds(text) else _STRANGE)


def _withholds(text: str) -> bool:
    """Tell whether a text, in small letters, says that a figure is not given."""
    inner = text.strip('[](){}"').strip()
    if _STARS.fullmatch(inner) or inner in _NO_FIGURE or inner.rstrip(".") in _NO_FIGURE:
        return True
    if _SYMBOL.fullmatch(text):
        return True
    span = " ".join(_WITHHELD.sub("", text).split())
    return _RANGE.fullmatch(span) is not None and not _BRACKETED.fullmatch(text)


def _value(text: str) -> float | None:
    """Return the number that a text writes, or None."""
    text = " ".join(text.split())
    if _PLAIN.fullmatch(text):
        return float(text)
    if result := _GROUPED.fullmatch(text):
        sign, whole, mark, point, rest = result.groups()
        if point != mark:
            return float(f"{sign}{re.sub(r'[^0-9]', '', whole)}.{rest or 0}")
    if _DECIMAL_COMMA.fullmatch(text):
        return float(text.replace(",", "."))
    return None
