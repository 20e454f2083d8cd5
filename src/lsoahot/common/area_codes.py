"""Facts about the codes of census areas: what a code is, and which editions have it.

The Office for National Statistics never uses a code twice: an area that changes gets a new number
at the end of the row. So the numbers, and the short list of those that ended, tell which editions
have a code.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from . import ended

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

# The last number that each edition gave out: LSOAs of England (E01) and Wales (W01).
LAST_CODE: Final = {
    "lsoa01": {"E01": 1_032_482, "W01": 1_001_896},
    "lsoa11": {"E01": 1_033_768, "W01": 1_001_958},
    "lsoa21": {"E01": 1_035_762, "W01": 1_002_040},
}

# Numbers start above this.
BEFORE_FIRST: Final = 1_000_000

_GAPS: Final = {
    "lsoa01": (),
    "lsoa11": ("not in 2011", "skipped by 2011"),
    "lsoa21": ("not in 2011", "skipped by 2011", "ended in 2021", "skipped by 2021"),
}

# A letter for the country and eight digits.
CODE: Final = re.compile(r"[EWSNKJLM]\d{8}")

_KINDS: Final = {
    "E00": "oa", "W00": "oa", "E01": "lsoa", "W01": "lsoa", "E02": "msoa", "W02": "msoa",
    "E05": "ward", "W05": "ward", "E06": "lad", "E07": "lad", "E08": "lad", "E09": "lad",
    "W06": "lad", "S12": "lad", "N09": "lad", "E22": "csp", "W22": "csp", "E23": "pfa",
    "W15": "pfa", "S01": "data zone", "N00": "data zone", "N20": "data zone", "N21": "data zone",
}  # fmt: skip


def kind_of(code: object) -> str | None:
    """Name the geography that a code belongs to, from its first three characters.

    Examples
    --------
    >>> kind_of("E01013789"), kind_of("E02005353"), kind_of("Oakham")
    ('lsoa', 'msoa', None)
    """
    return _KINDS.get(code[:3]) if isinstance(code, str) and CODE.fullmatch(code) else None


def in_edition(codes: Iterable[object], edition: str) -> NDArray[np.bool_]:
    """Tell which codes an edition of the LSOAs of England and Wales has.

    Parameters
    ----------
    codes
        Any values; shape (n,).
    edition
        ``"lsoa01"``, ``"lsoa11"`` or ``"lsoa21"``.

    Returns
    -------
    numpy.ndarray of bool
        Shape (n,).

    Examples
    --------
    >>> in_edition(["E01013789", "E01000010", "E01035300", "Oakham"], "lsoa21").tolist()
    [True, False, True, False]
    """
    return _has(_numbers(codes), edition)


def _numbers(codes: Iterable[object]) -> dict[str, NDArray[np.int64]]:
    """Read the numbers of codes of LSOAs, by country; 0 for what is no code of that country."""
    every = codes.to_numpy(dtype=object) if isinstance(codes, (pd.Index, pd.Series)) else codes
    text = np.array([code if isinstance(code, str) else "" for code in every], dtype="U10")
    signs = text.view(np.uint32).reshape(-1, 10).astype(np.int64)
    digits = signs[:, 1:9] - ord("0")
    shaped = (digits == digits.clip(0, 9)).all(axis=1) & (signs[:, 9] == 0)  # and no tenth sign
    number = np.where(shaped, digits @ 10 ** np.arange(7, -1, -1), 0)
    countries = LAST_CODE["lsoa21"]
    return {name: np.where(signs[:, 0] == ord(name[0]), number, 0) for name in countries}


def _has(numbers: dict[str, NDArray[np.int64]], edition: str) -> NDArray[np.bool_]:
    """Tell which of these numbers an edition has."""
    found = []
    for country, last in LAST_CODE[edition].items():
        number = numbers[country]
        gaps = [ended.numbers(which, country) for which in _GAPS[edition]]
        gone = np.isin(number, np.concatenate([*gaps, np.array([], dtype=np.int64)]))
        found.append((number > BEFORE_FIRST) & (number <= last) & ~gone)
    has: NDArray[np.bool_] = np.logical_or.reduce(found)
    return has


def is_code(codes: Iterable[object]) -> NDArray[np.bool_]:
    """Tell which values are codes of areas: of a known geography, and if LSOAs, of some edition.

    Examples
    --------
    >>> is_code(["E01013789", "E02005353", "E01099999", "Oakham", None]).tolist()
    [True, True, False, False, False]
    """
    every = list(codes)
    kinds = np.array([kind_of(code) or "" for code in every], dtype=object)
    numbers = _numbers(every)
    lsoa = np.logical_or.reduce([_has(numbers, edition) for edition in LAST_CODE])
    found: NDArray[np.bool_] = np.where(kinds == "lsoa", lsoa, kinds != "").astype(bool)
    return found


def editions_of(codes: Iterable[object]) -> list[str]:
    """List the editions of the LSOAs that have all of these codes.

    Examples
    --------
    >>> editions_of(["E01013789"])
    ['lsoa01', 'lsoa11', 'lsoa21']
    """
    numbers = _numbers(codes)
    some = any(len(column) for column in numbers.values())
    return [edition for edition in LAST_CODE if some and _has(numbers, edition).all()]


def edition_of(codes: Iterable[object]) -> str | None:
    """Name the one edition of the LSOAs that has all of these codes, or None.

    Examples
    --------
    >>> edition_of(["E01013789", "E01032603"]), edition_of(["E01013789", "E01035300"])
    (None, 'lsoa21')
    >>> edition_of(["E01000010", "E01033700"])
    'lsoa11'
    """
    found = editions_of(codes)
    return found[0] if len(found) == 1 else None
