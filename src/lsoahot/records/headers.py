"""Finding columns by their headers, whatever a partner called them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lsoahot.common import code_columns
from lsoahot.common.spelling import plain

from . import count_columns, periods, repeated_ids
from .flags import FLAGS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from .dataset import Dataset

# The columns that are looked for in every file.
USUAL: Final = (
    "area_code", "period", "date", "financial_year", "category", "group", *FLAGS, "count",
    "weight", "qualifiers", "force", "geometry",
)  # fmt: skip

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
    headers = [*headers]
    there: dict[str, str] = {}
    for header in headers:
        there.setdefault(plain(header), header)
    result: dict[str, str] = {}
    own = [name for name in spec.columns if name not in USUAL]
    for column in (*USUAL, *own):
        choices = code_choices(headers, spec) if column == "area_code" else spec.headers(column)
        for name in (there.get(plain(choice)) for choice in choices):
            if name is not None and name not in result.values():
                result[column] = name
                break
    _match_words(result, there.values())
    if plain(result.get("crime_id", "")) == "persistentid" and "id" in there:  # the police API's
        result["api_id"] = there["id"]
    if pairs := point_pairs(headers, spec):
        result["x"], result["y"], _ = pairs[0]
    return result


def code_choices(headers: Iterable[str], spec: Dataset) -> list[str]:
    """List the headers that may hold the area codes: the adapter's own, then the likeliest.

    Where there are several, what they hold decides.
    """
    every = [str(header) for header in headers]
    there = {plain(header): header for header in reversed(every)}
    own = [there[plain(name)] for name in spec.columns.get("area_code", ()) if plain(name) in there]
    known = [key.column for key in code_columns.candidates(every)]
    return list(dict.fromkeys([*own, *known]))


def point_pairs(headers: Iterable[str], spec: Dataset) -> list[tuple[str, str, str]]:
    """List the pairs of headers that hold points, and the system of each, the best first.

    A record without a point in the first may have one in the next: the London Fire Brigade gives
    dwellings in rounded figures alone.
    """
    there = {plain(header): str(header) for header in reversed([*headers])}
    result: dict[tuple[str, str], str] = {}
    for x, y, crs in spec.points:
        if plain(x) in there and plain(y) in there:
            result.setdefault((there[plain(x)], there[plain(y)]), crs)
    return [(x, y, crs) for (x, y), crs in result.items()]


def _match_words(result: dict[str, str], headers: Collection[str]) -> None:
    """Find flags, counts and identifiers by the words of their headers: "Is it domestic?", "STORM ref"."""
    for flag, named in _FLAG_WORDS.items():
        if flag in result:
            continue
        for header in headers:
            words = set(count_columns.words_of(header))
            free = header not in result.values()
            if free and words & named and not words - named - _FLAG_FILLERS:
                result[flag] = header
                break
    if "count" not in result:
        left = [header for header in headers if header not in result.values()]
        if counts := count_columns.find(left):
            result["count"] = counts[0]
    if "crime_id" not in result:
        left = [header for header in headers if header not in result.values()]
        if marks := list(filter(repeated_ids.is_reference, left)):
            result["crime_id"] = min(marks, key=repeated_ids.is_bare)


def months(headers: Iterable[str]) -> list[str]:
    """List the headers that are months: ``"2021-10"``, ``"Oct 2021"``.

    Days that are each the first of a month are months too; days of other kinds (weeks) are not.
    """
    every = [str(header) for header in headers]
    days = [header for header in every if periods.is_day(header)]
    read = periods.heading if all(map(periods.heading, days)) else periods.month
    return [header for header in every if read(header) is not None]


def lsoa_codes(headers: Iterable[str]) -> list[str]:
    """List the headers that hold LSOA codes of different editions, where there are several.

    Examples
    --------
    >>> lsoa_codes(["LSOA11CD", "LSOA21CD", "LSOA21NM", "Month"])
    ['LSOA11CD', 'LSOA21CD']
    """
    keys = [key for key in code_columns.named(headers, "code") if key.kind == "lsoa"]
    return [key.column for key in keys] if len({key.year for key in keys}) > 1 else []
