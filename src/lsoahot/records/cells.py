"""Single columns of a raw table to columns of records: text, codes, districts."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from lsoahot.common import area_codes
from lsoahot.common.number_cells import read_numbers

from . import words as _words

if TYPE_CHECKING:
    import pandas as pd

    from .words import Words

_NO_PLACE: Final = frozenset(
    {"", "NOT KNOWN", "UNKNOWN", "N/K", "NK", "N/A", "NA", "NONE", "NAN", "NULL", "-",
     "NO LOCATION", "<NA>"}
)  # fmt: skip


def text(column: pd.Series) -> Words:
    """Return text, stripped, missing where it is blank."""
    return _words.of(column).each(lambda value: value.strip() or None)


def codes(column: pd.Series) -> Words:
    """Return area codes as they are written officially, missing where there is none ("Not known")."""
    return _words.of(column).each(_code)


@lru_cache(1 << 17)  # the same places come again in every file
def _code(value: str) -> str | None:
    result = area_codes.cleaned(value)
    return None if result in _NO_PLACE else result


def districts(names: pd.Series) -> Words:
    """Take the district out of the names of small areas: "Rutland 001A" is in Rutland."""
    return _words.of(names).each(_district)


@lru_cache(1 << 17)
def _district(name: str) -> str | None:
    return re.sub(r"\s+\d{3}[A-Z]?$", "", name.strip()) or None


def numeric(column: pd.Series) -> bool:
    """Tell whether most of what a column holds are numbers."""
    cells = read_numbers(column)
    return bool(2 * cells.number.sum() > (~cells.blank).sum())
