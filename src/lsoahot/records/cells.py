"""Single columns of a raw table to columns of records: text, codes, counts, flags, coordinates."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lsoahot.common import area_codes
from lsoahot.common.checks import shown
from lsoahot.common.number_cells import read_numbers

from . import words as _words
from .dataset import QUALIFIER_WORDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .words import Words

_NO_PLACE: Final = frozenset(
    {"", "NOT KNOWN", "UNKNOWN", "N/K", "NK", "N/A", "NA", "NONE", "NAN", "NULL", "-",
     "NO LOCATION", "<NA>"}
)  # fmt: skip
_YES: Final = frozenset({"y", "yes", "true", "t", "1", "1.0", "x"})
_NO: Final = frozenset(
    {"n", "no", "false", "f", "0", "0.0", "", "-", "none", "nan", "null", "<na>", "unknown",
     "not known", "u"}
)  # fmt: skip
# How a qualifier says that it does not apply: "Non-domestic", "not a hate crime", "Alcohol: No".
_DENIED: Final = (
    r"\b(?:no|not|non|without)[\s-]*(?:(?:an?|any|involving|related to)\s+)?(?:{words})"
    r"|(?:{words})[\w\s-]*[:=]\s*(?:no?|false|0)\b"
)
# What a flag's words are of, where they don't say what the flag does.
_NOT_MEANT: Final = {
    "domestic": r"(?:non[\s-]*)?\bdomestic\s+(?:burglar\w*|dwelling\w*|appliance\w*|premises|propert\w*|"
    r"waste|refuse|rubbish|animal\w*|pet\w*|dog\w*|cat|cats|fire\w*|oil|gas|heating|fuel|boiler\w*|"
    r"flight\w*|airport\w*|terminal|travel|bin|bins|water|suppl\w*|meter\w*|violence free|theft|"
    r"building\w*|house\w*|garage\w*|cleaner\w*|staff|servant\w*|worker\w*|help)\b",
    "alcohol": r"\balcohol(?:ic)?[\s-]*(?:free|gel|wipe\w*|rub|hand|sanitis\w*)\b",
    "drugs": r"\bdrugs?\s*(?:store|stores|shop|company)\b",
}


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


def truth(column: pd.Series, flag: str, name: str) -> NDArray[np.bool_]:
    """Read a flag: yes or no in the usual spellings, blank for no.

    Raises
    ------
    ValueError
        Where a value is neither.
    """
    result, unique = pd.factorize(column)
    words = [str(value).strip().casefold() for value in unique]
    strange = [word for word in words if word not in _YES | _NO and flag not in word]
    if strange:
        raise ValueError(
            f"{name}: the flag {flag!r} holds {shown(map(repr, strange))}, which is neither yes "
            "nor no. Write Y or N, or rename the column."
        )
    yes = [
        word in _YES or (flag in word and not re.search(r"\b(no|not|non)\b", word))
        for word in words
    ]
    wording: NDArray[np.bool_] = np.array([*yes, False], dtype=bool)[result]
    return wording


def holds(column: pd.Series, flag: str) -> NDArray[np.bool_]:
    """Tell which cells of qualifiers or keywords say that a flag is set, and don't deny it.

    Cells are read part by part ("Alcohol; Domestic abuse"). A flag's words count as whole words only,
    and not where they are of something else: "Chateau" is no hate, "Domestic burglary" no abuse.
    """
    words = QUALIFIER_WORDS[flag]
    either = "|".join(words)
    denied = re.compile(_DENIED.format(words=either))
    held = re.compile(rf"\b(?:{either})\b")
    not_meant = re.compile(_NOT_MEANT[flag]) if flag in _NOT_MEANT else None
    codes, unique = pd.factorize(column)

    def says(value: object) -> bool:
        for part in re.split(r"[;,|/\n+]", str(value).casefold()):
            text = denied.sub(" ", part)
            text = not_meant.sub(" ", text) if not_meant else text
            if held.search(text):
                return True
        return False

    result: NDArray[np.bool_] = np.array([*map(says, unique), False], dtype=bool)[codes]
    return result


def numeric(column: pd.Series) -> bool:
    """Tell whether most of what a column holds are numbers."""
    cells = read_numbers(column)
    half = 0.5
    return bool(cells.number.sum() > half * (~cells.blank).sum()) and bool(cells.number.any())
