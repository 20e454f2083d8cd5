"""Finding columns by their headers, whatever a partner called them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from lsoahot.common.spelling import plain

from . import count_columns, periods

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .dataset import Dataset

# Flags of a record, and the columns that are looked for in every file.
FLAGS: Final = ("alcohol", "drugs", "domestic", "hate")

USUAL: Final = (
    "area_code", "period", "date", "financial_year", "category", "group", *FLAGS, "count",
    "weight", "qualifiers", "force", "geometry",
)  # fmt: skip

# LSOA21CD, "LSOA code (2011)", lad24_code, "2021 super output area": the year is the edition's.
_CODE: Final = re.compile(
    r"(20)?\d{0,2}(oa|lsoa|msoa|soa|wd|ward|lad|ltla|csp|pfa)(20)?\d{0,2}(cd|code)?(20)?\d{0,2}"
)
_CODES: Final = ("geographycode", "geogcode", "onscode", "gsscode", "code", "mnemonic")


# What headers of flags say beside the flag's own word.
_FLAG_WORDS: Final = {
    "alcohol": frozenset({"alcohol"}),
    "drugs": frozenset({"drug", "drugs"}),
    "domestic": frozenset({"domestic", "da", "dv"}),
    "hate": frozenset({"hate"}),
}
_FLAG_FILLERS: Final = count_columns.word_set(
    """is it was this a an the flag flagged marker indicator ind related involved involving involves y n
    yes no yn crime incident offence abuse violence case true false any with linked relating to or
    motivated element aggravated tag qualifier identifier"""
)


def match(headers: Iterable[str], spec: Dataset) -> dict[str, str]:
    """Find the header of each column of the records.

    Parameters
    ----------
    headers
        A file's headers.
    spec
        The adapter.

    Returns
    -------
    dict
        Column of the records -> header in the file. A point's pair stands as ``"x"`` and ``"y"``.
    """
    there: dict[str, str] = {}
    for header in headers:
        there.setdefault(plain(header), header)
    result: dict[str, str] = {}
    taken: set[str | None] = {None}
    own = [name for name in spec.columns if name not in USUAL]
    for column in (*USUAL, *own):
        for variant in spec.headers(column):
            name = there.get(plain(variant))
            if name not in taken:
                result[column] = str(name)
                taken.add(name)
                break
    _match_words(result, there, taken)
    if plain(result.get("crime_id", "")) == "persistentid" and "id" in there:  # the police API's
        result["api_id"] = there["id"]
    for x, y, _ in spec.points:
        if plain(x) in there and plain(y) in there:
            result["x"], result["y"] = there[plain(x)], there[plain(y)]
            break
    return result


def _match_words(result: dict[str, str], there: Mapping[str, str], taken: set[str | None]) -> None:
    """Find flags and counts by the words of their headers: "Is it domestic?", "Offence count"."""
    for flag, named in _FLAG_WORDS.items():
        if flag in result:
            continue
        for header in there.values():
            words = set(count_columns.words_of(header))
            if header not in taken and words & named and not words - named - _FLAG_FILLERS:
                result[flag] = header
                taken.add(header)
                break
    if "count" not in result:
        left = [header for header in there.values() if header not in taken]
        if counts := count_columns.find(left):
            result["count"] = counts[0]
            taken.add(counts[0])


def point_crs(result: Mapping[str, str], spec: Dataset) -> str:
    """Name the coordinate reference system of the pair of headers that was found."""
    pair = (plain(result["x"]), plain(result["y"]))
    return next(crs for x, y, crs in spec.points if (plain(x), plain(y)) == pair)


def months(headers: Iterable[str]) -> list[str]:
    """List the headers that are months: ``"2021-10"``, ``"Oct 2021"``.

    Days that are each the first of a month are months too; days of other kinds (weeks) are not.
    """
    every = [str(header) for header in headers]
    days = [header for header in every if periods.is_day(header)]
    read = periods.heading if all(map(periods.heading, days)) else periods.month
    return [header for header in every if read(header) is not None]


def code_column(headers: Iterable[str]) -> str | None:
    """Find the column of area codes: ``lsoa11cd``, ``LSOA21 code``, ``area_code``.

    Examples
    --------
    >>> code_column(["LSOA name", "LSOA21 code", "persons"])
    'LSOA21 code'
    """
    there = {plain(header): header for header in headers}
    if "areacode" in there:
        return there["areacode"]
    shaped = {name: header for name, header in there.items() if _CODE.fullmatch(name)}
    for name, header in shaped.items():  # a code before a bare "LSOA", which may be the name
        if re.search(r"(cd|code)\d*$", name):
            return header
    named = next((there[name] for name in _CODES if name in there), None)
    return named or next(iter(shaped.values()), None)


def lsoa_codes(headers: Iterable[str]) -> list[str]:
    """List the headers that hold LSOA codes: more than one, and the editions differ.

    Examples
    --------
    >>> lsoa_codes(["LSOA11CD", "LSOA21CD", "LSOA21NM", "Month"])
    ['LSOA11CD', 'LSOA21CD']
    """
    year = r"((20)?(01|11|21))?"
    code = re.compile(rf"{year}lsoa{year}(cd|code){year}")
    return [str(header) for header in headers if code.fullmatch(plain(header))]
