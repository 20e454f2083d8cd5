"""Facts about the codes of census areas: what a code is, and which editions have it.

The Office for National Statistics never uses a code twice: an area that changes gets a new number
at the end of the row. So the numbers, and the short list of those that ended, tell which editions
have a code.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .arrays import Bools, Integers


_CELL: Final = re.compile(r"(HEX|SQ)\d+E-?\d+N-?\d+")  # of a grid: its shape, size and place

_LISTS: Final = {
    # Numbers up to the last of 2001 that 2011 does not have.
    "not in 2011": {
        "E01": (
            "4 22 21 102 248 99 4 29 8 5 55+1 16 46 116 41 4 167 268 122 65 47 71 51 4 6 4+2 2 9 "
            "4 20 7 19 2 16 14 22 23 5 7 19 13 7+1 118 76 23 170 152 143 10 7 5 2 73 47 41 3 17 "
            "41 4 11 175 76 91 105 26 8 47 5 12 198+1 5 100 2+2 6 47 20 30 133 78 3 13 15 3 3 17 "
            "3 11 13 16+1 87 97 3 7 7 38 13+1 3 17 21 111 2 128 17 25 52 9 7+2 12 19 54+1 5 57 77 "
            "166 16 15+1 13+1 17 4 3 3 7 4 56 7 92 81+1 19+1 18+3 31+1 124 2 22+2 58 2+1 15+1 "
            "783+1 42 5+1 38 4 2 40+1 29 3+2 13+1 54 10+1 18 16+1 27 12 113 73 40 3 75+1 38 2 267 "
            "6 5 42 27 241 115 3 4+1 31 4 4 142 44+1 35 4 10+1 6 183 83 15 6 3 23 14 61 51 57 3 "
            "84 84 4 8+1 8+1 2 82 2+2 4 4 10 4 57 2 8 11 6 17 11 14 3 8 13 66 2 4+2 4 2 24+1 9+1 "
            "2 3 81 8 2 43 6 20+1 12+1 11 5+2 10 4 131+1 11+2 4 44 5+3 70 2 2+1 2 75 6 184 39 6 "
            "192 42 52 2 2+1 379+1 96 23 43 21 118+1 168 4 150 3+3 74 2 20 2 47+3 47+1 8 3 3 2 36 "
            "3+2 31 2 42 12 9 32 2+2 3+1 2+1 273 2 14 32 2 22+1 40+1 2 14+1 16+1 11+1 6+1 2+1 7 2 "
            "18 13 3 51+2 7 34 2 28 15 12+2 134 28 142+1 204 22 8 24 5 81 138 121 2 3 132 48 63 4 "
            "34 128+1 56 7 16 45 79 9 12 53+1 2 2 19 3+3 3+1 271 5 146 28 2 82 13 38 2 61 2 19 3 "
            "24 4+1 40 27 4 15 25 20 3 23 23 133+1 26 157 124 6 63 120 2+1 25 36 46 48 24 291 41 "
            "127+1 80 22 33 7 100+1 2 112 23 101 60 17 14 16+1 14 18 17 2 30 3 3 180 68 32 69 7 2 "
            "18 68+1 38+1 44+1 16 65+1 52 46 80 59 23 29+1 39 47 107 91 11+1 22 14 10 3 17 41 23 "
            "2 115+1 31 57 135 64 284+1 137 24+1 217 2 283 118 53 152 47 13 35 42 15 37+1 49 6 "
            "417 10 60+1 23 3 19+1 139 21 27 19 11 15 4 154 405 58 19 94 15 18 14 22 27 42 29 11 "
            "4 160+1 126 26 36+1 271 12 70 64 18 7 30 3 3+1 53 11 3 14 11+1 137 4 29+1 12+1 5 17 "
            "22 20 26 11 9 194+1 34 122 70 168+1 77 108 221 3 51 9 3 6 7 11 12 20+1 74 74 11+1 78 "
            "70 9 2 42 94 37 31 33 10 121+1 20 10+1 273 4 57 30+1 172 65 14 46 196 63 3 117 111 "
            "74 6 84 95 35+1 44 34 122+1 42 3 19 175+1 137 52 4 3 36 33 41 31+1 40 57 25 32 7 94 "
            "27 82 94 5 8 3 77+1 54 153 2 314+1 68+1 4 76 44+1 58 112 6 122 2 23+1 3 94 81+2 33 2 "
            "7 88+1 107 9 31+1 38+1 53 5 126 51 9 8 4 77 89 40 42 274 58 7+5 7 5 11 13 17 4 81 28 "
            "24 10 20+1 20+1 4 20 11 184 452 87 135+1 4 50 2 98 44 56 184 27 65 160 113 6 18 44 2 "
            "42 41 92 43+2 2 124 2"
        ),
        "W01": (
            "45+1 9 3 62 40+1 196+1 63 14+2 25+1 5+1 21+1 4 19 6+1 5 4 131 7+1 74 5 32 3 189 16 "
            "86 89 91 69 221 3 3 20 86 44+1 22 40 38 44"
        ),
    },
    # Numbers of 2011 that 2021 does not have.
    "ended in 2021": {
        "E01": (
            "10 13 25 44 17 16 23 7 107 116 54 50 106 12 35 40 65 112 2 10+1 71 4 5 5 3 61 29 2 3 "
            "69 104+1 16 268 4 9 121 22 5+1 38 3 2 2 35 4 2 25 3 92 65 141 37 9 28 26 33 36 44 "
            "113+1 97 11 17 22 12 2 74 6 16 19+1 47 72 17 2 16 57 214 141 46 21 50 108 7 11 113 3 "
            "8 111 30 169 37 3+1 2 4 4 44 5 115 46 9 18 9+1 13 4 4 4 2+2 7+1 7 4 11+1 9 20 3+1 7 "
            "136 48 53 38 66+1 21+1 49+1 6 317 46 25 7 6 48 2 13 31+2 40+1 326 46 3 17 30 15 38 "
            "194 233 256 22 50 2 205 32 113 35 68 158 14 362 25 81 37 3 17 28 94 26+1 45+1 17 67 "
            "224+1 2 16 117 4 24 62+1 106 64 164 2 66 23 30 64 207 42 31 4 5 137 38 194 39 8 10 6 "
            "7 61 178 182 2 9 297 64 18 68 156 158 159 177+1 37 281 9 250 11 9 6 141 57 3 88 30 "
            "170 2 50 27 85 76 61 2+1 255 3 25 44 2 23 18 27 8 4 75 85 2 27 2+1 21 33 17 125 114 "
            "128 39+1 48 2 19 59 3 23+1 122 2 47+3 31 134 5+1 9 75 5 15 128 23 73 65 2 227 41 58 "
            "81 3 14 15 154 22+1 37 57 30+1 2 2 136 45 4 2 2 60 47 19 9 10 36 14 70 50 3 101 78 "
            "39 24 40 34 2 34 38 2 39 24 29 5 10 54 31 64 17 2 51+1 97 31+1 33 2 5+1 52 8 17 54 "
            "26 300 2 136 111+1 21 5+1 28 16 8 4 13 30 32 2+1 19 5 24 16 17 9 9 55 23 114 66+1 "
            "47+2 8 18 2 7 9+1 26+1 16 56 30 3 16 30 68+1 16 60+1 2 19 45+1 48 2 21 2 13 83+1 33 "
            "29 30 4 53 45 11 6+1 33 43 3 12 80 37 33 32 54 2 35 34 39+1 49 5 8 21 44+1 25 31+1 "
            "73 22 18 261 62 46 2 3 6+1 123 17 2 31 20 121 22 81 12 46 31 56 4 185 40 29 2 21 2 "
            "43 22 33 6 23+1 31 36+1 261 2 15 66 18 77 63 3 102 33 20 22 33 5 25+3 3+1 171 15 "
            "218+1 12 55 22 26 6 2 9 124+1 17 15 32 8 2 13+1 10 50 30 20 32 75 15 9 15 119 13 33 "
            "16 80 189+1 12 44 2 23 60 54 4 56 48 4 14 14 20 10 31 140 50 29 10 21 19 25 26 2 6 "
            "12 62 13 10 63 7 96 10+2 6+1 42 26 63 54 4 25 25+1 33 145+1 11 39 60 23 26 39 8 10 "
            "17 118 10 3 13 4 176 4 151 52 21 67 10 19+1 229 35 3 54 14 8 12 48 25 39 8 81 5 18 "
            "56 43 5 10 91 33 7 27 19 77 25 33 106 24+1 100 12 9 24+1 30 60 60 44 7 12+1 31+1 12 "
            "7 17 54 9 24 9 14 82 17 43 10 39 34 76 16 7 53+1 4 75 30 10 43 86 4 31 4 42+1 14 2 "
            "21+1 28 7 5+2 5 12 2 109+1 200 73 27 32 51+1 13 30 7 30 4 24 50 2 33 2+1 27 66 13 9 "
            "20 10 91 28 47 9 5 13 28 4 13 11 11 9 26 8 21 50 20 74 19 56 5 4 66 95 2 16 33 171 "
            "29+2 161 61 128 21 17 162 2 75 24 28 164 9 27+1 124 124 113 9 3 8 110 10 28 6 17 48 "
            "18 20 68 70 13 20 46+1 20 21 4 74 26 6 17+1 39 16 19 17 14 14 5 23 5 30 25 34 2 11 9 "
            "53+1 23 21 13 39 21 13 2 13 17 14 36 67 62 48 11 8 88 20 25 30 6 19 3 45 31+1 11+1 "
            "12 9 11 11+2 11 19 3 2 3 2 29 2 3 2 3 7 5 17 2+1 7 4 31 11 16 8 7 5 2+1 2 11 4 4 6 2 "
            "2 7+1 5 2 9 9 5+1 8 7 2 13 15+1 12+1 13 25 8+1 8+1 10 5 3 3 5 5 2 2 9 22 2 10+1 5 5 "
            "12 2 5 4 6+1 8+1 4 9 5 10 2 25 8+1 11 4 49 2 12 10 38 8 2+3 2 16 4 4+1 6 12 2 11 4 "
            "9+1 5+1 8 13 4 3 13 4 2 7 4 12 14 4+6 5 2 3 7+1 4 6+2 11 2 7 3+6 2 2 3+1 2 5 5 2 4 3 "
            "17 15 3 6 16+3 4+1 2 16 3+3 4 5 2"
        ),
        "W01": (
            "1+1 18 12 7 4 5+1 20 10 273+1 30 13+1 132 3 12 24 25 22+1 4+1 105+1 46 23 54 52+1 3 "
            "11 3 3+1 74 63 57 8 35 21+1 8 9+1 12 2 88+1 12 160+1 76 11 2+1 77 3 2 23 16 21 134 "
            "32 34 25 4+1 2 4 12"
        ),
    },
    # Numbers above the last of 2001 that 2011 never used.
    "skipped by 2011": {
        "E01": (
            "32521 18 8 31 140 3 2 13 11 2 3 2 3 3 2 29 2 3 5 3 2 55 3 2 3 5 34 2 3 3 2 83 3 3 2 "
            "3 2 3 3 114 2 11 2 3 3 2 5 3 31 3 2 3 18 3 2 3 8 2 44 3 3 3 2 3 3 3 3 2 3 3 3 3 2 3 "
            "6 3 2 3 3 3 3 2 3 3 3 3 2 3 3 3 3 2 3 3 31 3 83 2 3 3 3 3 2 3 3 20 2 3 3 3 3 2 3 3"
        ),
        "W01": "",
    },
    # Numbers above the last of 2011 that 2021 never used.
    "skipped by 2021": {"E01": "34163+1 33 664 9+42 638 182", "W01": "2006 9"},
}


@cache
def ended_numbers(which: str, country: str) -> Integers:
    """Return the numbers of a list, sorted.

    Parameters
    ----------
    which
        ``"not in 2011"``, ``"ended in 2021"``, ``"skipped by 2011"`` or ``"skipped by 2021"``.
    country
        ``"E01"`` or ``"W01"``.

    Examples
    --------
    >>> ended_numbers("ended in 2021", "E01")[:2].tolist()
    [1000010, 1000023]
    """
    result: list[int] = []
    last = 1_000_000
    for step in _LISTS[which][country].split():
        start, _, more = step.partition("+")
        last += int(start)
        result.append(last)
        for _ in range(int(more or 0)):
            last += 1
            result.append(last)
    return np.array(result, dtype=np.int64)


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


# What spreadsheets and copies leave round a code: signs of no width, quotes, a formula's "=".
INVISIBLE: Final = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))
_ROUND: Final = "=\"'`\u2018\u2019\u201c\u201d "
# A code and a name in one cell: "E01013787 : Rutland 005A", "Rutland 005A (E01013787)". The total
# of a pivot table is no name.
_BESIDE: Final = re.compile(
    rf"(?!.*\bTOTAL\b)(?:(?P<first>{CODE.pattern}) ?(?:[:;,|/(\u2013\u2014-].*| .*\b\d{{3}}[A-Z]{{0,2}})"
    rf"|.*[:;,|/(\u2013\u2014-] ?(?P<last>{CODE.pattern})\)?)"
)


def cleaned(value: str) -> str:
    r"""Return an area code as it should be written: the one reader of codes.

    Capitals; without signs of no width, quotes and a formula's ``=``; without the name that stands
    in the same cell. What is no code comes back in capitals.

    Examples
    --------
    >>> [cleaned(text) for text in ("e01013787\u200b", "'E01013788", '="E01013789"')]
    ['E01013787', 'E01013788', 'E01013789']
    >>> cleaned("E01013787 : Rutland 005A"), cleaned("E01013787 Total"), cleaned("Not known")
    ('E01013787', 'E01013787 TOTAL', 'NOT KNOWN')
    """
    if is_shaped(value):
        return value
    text = " ".join(value.translate(INVISIBLE).split()).strip(_ROUND).upper()
    match = _BESIDE.fullmatch(text)
    return (match["first"] or match["last"]) if match else text


def read_codes(column: pd.Series | pd.Index) -> pd.Series:
    """Read a column of area codes: what has the shape of one as `cleaned` does, the rest stripped.

    Parameters
    ----------
    column
        Codes, shape (n,).

    Returns
    -------
    Series of string
        Shape (n,), with the index of a Series; missing where a cell is blank.

    Examples
    --------
    >>> read_codes(pd.Series(["e01013787 ", "Beat 7", " "])).tolist()
    ['E01013787', 'Beat 7', <NA>]
    """
    series = column.to_series() if isinstance(column, pd.Index) else column
    text = series.astype("string")
    official = pc.match_substring_regex(pa.array(text), f"^{CODE.pattern}$").fill_null(False)
    odd = ~official.to_numpy(zero_copy_only=False)
    if odd.any():
        text = text.copy()
        read = [None if pd.isna(one) else _read_code(one) for one in text.loc[odd]]
        text.loc[odd] = np.array(read, dtype=object)
    return text


def _read_code(text: str) -> str | None:
    code = cleaned(text)
    return code if is_shaped(code) else text.translate(INVISIBLE).strip() or None


def is_shaped(value: object) -> bool:
    """Tell whether a value has the shape of an area code: a letter for the country, eight digits."""
    return isinstance(value, str) and CODE.fullmatch(value) is not None


def of_grid(codes: pd.Index) -> bool:
    """Tell whether codes, shape (n,), are those of cells of a `grid`: files keep no more of them."""
    return bool(len(codes)) and _CELL.fullmatch(str(codes[0])) is not None


def kind_of(code: object) -> str | None:
    """Name the geography that a code belongs to, from its first three characters.

    Examples
    --------
    >>> kind_of("E01013789"), kind_of("E02005353"), kind_of("Oakham")
    ('lsoa', 'msoa', None)
    """
    return _KINDS.get(code[:3]) if isinstance(code, str) and is_shaped(code) else None


def kinds_of(codes: pd.Series) -> pd.Series:
    """Name the geography of each code of a column, as `kind_of` does; shape (n,), missing for none.

    Examples
    --------
    >>> kinds_of(pd.Series(["E01013789", "Oakham"], dtype="string")).isna().tolist()
    [False, True]
    """
    shaped = codes.str.fullmatch(CODE.pattern).to_numpy(dtype=bool, na_value=False)
    number, starts = pd.factorize(codes.str[:3])
    kinds = np.array([*(_KINDS.get(start) for start in starts), None], dtype=object)
    return pd.Series(kinds[np.where(shaped, number, -1)], index=codes.index)


def in_edition(codes: Iterable[object], edition: str) -> Bools:
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
    return _edition_has(_numbers(codes), edition)


def in_each_edition(codes: Iterable[object]) -> dict[str, Bools]:
    """Tell which codes each edition has: edition -> what `in_edition` says, shape (n,)."""
    numbers = _numbers(codes)
    return {edition: _edition_has(numbers, edition) for edition in LAST_CODE}


def _numbers(codes: Iterable[object]) -> dict[str, Integers]:
    """Read the numbers of codes of LSOAs, by country; 0 for what is no code of that country."""
    every = codes.to_numpy(dtype=object) if isinstance(codes, (pd.Index, pd.Series)) else codes
    text = np.array([code if isinstance(code, str) else "" for code in every], dtype="U10")
    signs = text.view(np.uint32).reshape(-1, 10).astype(np.int64)
    digits = signs[:, 1:9] - ord("0")
    shaped = (digits == digits.clip(0, 9)).all(axis=1) & (signs[:, 9] == 0)  # and no tenth sign
    number = np.where(shaped, digits @ 10 ** np.arange(7, -1, -1), 0)
    countries = LAST_CODE["lsoa21"]
    return {name: np.where(signs[:, 0] == ord(name[0]), number, 0) for name in countries}


def _edition_has(numbers: dict[str, Integers], edition: str) -> Bools:
    """Tell which of these numbers an edition has."""
    result = []
    for country, last in LAST_CODE[edition].items():
        number = numbers[country]
        gaps = [ended_numbers(which, country) for which in _GAPS[edition]]
        gone = np.isin(number, np.concatenate([*gaps, np.array([], dtype=np.int64)]))
        result.append((number > BEFORE_FIRST) & (number <= last) & ~gone)
    has: Bools = np.logical_or.reduce(result)
    return has


def is_code(codes: Iterable[object]) -> Bools:
    """Tell which values are codes of areas: of a known geography, and if LSOAs, of some edition.

    Examples
    --------
    >>> is_code(["E01013789", "E02005353", "E01099999", "Oakham", None]).tolist()
    [True, True, False, False, False]
    """
    every = list(codes)
    kinds = np.array([kind_of(code) or "" for code in every], dtype=object)
    lsoa = np.logical_or.reduce([*in_each_edition(every).values()])
    result: Bools = np.where(kinds == "lsoa", lsoa, kinds != "").astype(bool)
    return result


def editions_of(codes: Iterable[object]) -> list[str]:
    """List the editions of the LSOAs that have all of these codes.

    Examples
    --------
    >>> editions_of(["E01013789"])
    ['lsoa01', 'lsoa11', 'lsoa21']
    """
    return [name for name, has in in_each_edition(codes).items() if len(has) and has.all()]


def edition_of(codes: Iterable[object]) -> str | None:
    """Name the one edition of the LSOAs that has all of these codes, or None.

    Examples
    --------
    >>> edition_of(["E01013789", "E01032603"]), edition_of(["E01013789", "E01035300"])
    (None, 'lsoa21')
    >>> edition_of(["E01000010", "E01033700"])
    'lsoa11'
    """
    result = editions_of(codes)
    return result[0] if len(result) == 1 else None
