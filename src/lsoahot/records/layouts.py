"""What shape a partner's table has, what it lacks, and which adapter it looks like."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from lsoahot.common import code_columns
from lsoahot.common.checks import shown
from lsoahot.common.spelling import plain

from . import count_columns, headers as _headers, unread_columns
from .datasets import DATASETS
from .flags import FLAGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .dataset import Dataset

# Files that lie beside the right ones, and the headers that give them away.
_STREET: Final = "Take the file that ends in -street.csv."
_LOOKUP: Final = (
    "a look-up between census editions", "Give it to lsoahot.convert() as `lookup`."
)  # fmt: skip
_OTHERS: Final = (
    ({"objectofsearch"}, "a stop-and-search file of data.police.uk", _STREET),
    ({"outcometype", "crimeid"}, "an outcomes file of data.police.uk", _STREET),
    ({"changecode"}, *_LOOKUP),
    ({"chgind"}, *_LOOKUP),
)

# Headers of columns of years, quarters, or months of which nothing says the year.
_SPAN_HEADER: Final = re.compile(
    r"(?i)(?:fy ?)?(?:19|20)\d\d(?: ?[/-] ?\d\d(?:\d\d)?)?|(?:q[1-4] ?(?:19|20)\d\d.*|(?:19|20)\d\d ?q[1-4])"
    r"|(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*"
)

# Headers of months, beside which an exact date is no second one.
_MONTHS: Final = frozenset({"month", "period", "yearmonth", "monthyear", "date"})

# Headers that only one adapter's files have.
_SIGNS: Final = {"crime": {"crimetype"}, "fires": {"incidenttype", "lsoadescription"}}


def needed(
    headers: list[str], rows: Sequence[Sequence[object]] | None, *, spec: Dataset, points: bool
) -> dict[str, str] | None:
    """Name the headers that records are made from, so that no others are read; None for all.

    Of coordinates none are, where no points are wanted and there are codes. Of a table without counts
    the columns are read that may hold them after all, by the first rows (None: they can't be seen); of
    one with counts, all.

    Returns header -> ``"number"``, ``"word"`` (few different ones), ``"mark"`` (an identifier, of
    which only a number is kept) or ``"text"``.
    """
    result, wide = shape(headers, spec)
    whole = wide or "count" in result or "api_id" in result or is_canonical(headers)
    if spec.prepare or whole or lacking(headers, spec):
        return None
    pairs = _headers.point_pairs(headers, spec)
    if not points and "area_code" in result:
        result = {column: header for column, header in result.items() if column not in {"x", "y"}}
        pairs = []
    kinds = dict.fromkeys((axis for x, y, _ in pairs for axis in (x, y)), "number")
    special = {"crime_id": "mark", "qualifiers": "text"}
    kinds |= {result[key]: kind for key, kind in special.items() if key in result}
    choices = _headers.code_choices(headers, spec)  # what they hold decides between them
    used = (*result.values(), *choices, *kinds)
    wanted = {header: kinds.get(header, "word") for header in used}
    if not is_street(headers):
        others = [header for header in headers if header not in wanted]
        wanted |= dict.fromkeys(unread_columns.perhaps_counts(headers, others, rows), "text")
    return wanted


def has_counts(headers: Iterable[str], spec: Dataset) -> bool:
    """Tell whether a table has counts, in a column or in one for each month or category."""
    result, wide = shape(headers, spec)
    return bool(wide) or "count" in result


def remarks(headers: Iterable[str], spec: Dataset) -> list[str]:
    """Say what is ambiguous about a table's headers, and which of two was taken.

    Examples
    --------
    >>> from lsoahot import DATASETS
    >>> [one[:68] for one in remarks(["LSOA code", "Date Reported", "Start date"], DATASETS["crime"])]
    ["there are two dates: 'Date Reported' was taken, and 'Start date' was"]
    """
    every = [str(header) for header in headers]
    result, wide = shape(every, spec)
    notes = []

    def beside(several: str, taken: str, others: list[str]) -> None:
        notes.append(
            f"there are {several}: {taken!r} was taken, and {shown(map(repr, others))} "
            f"{'were' if len(others) > 1 else 'was'} not read. Drop it to take another."
        )

    taken = result.get("period")
    if taken is not None and plain(taken) not in _MONTHS and not wide:
        known = {plain(name) for name in spec.headers("period")} - _MONTHS
        others = [one for one in every if one not in result.values() and plain(one) in known]
        if others:
            beside("two dates", taken, others)
    used = {*result.values(), *wide}
    counts = [one for one in count_columns.find(every) if not count_columns.is_vague(one)]
    others = [one for one in counts if one not in used]
    if "count" in result and others:
        beside("several counts", result["count"], others)
    twice = [one for one in used if any(re.fullmatch(rf"{re.escape(one)}\.\d+", x) for x in every)]
    if twice:
        notes.append(
            f"two columns are called {shown(map(repr, sorted(twice)))}: the first was taken. Give each "
            "its own name."
        )
    return notes


def is_canonical(headers: Iterable[str]) -> bool:
    """Tell whether a table is one of records already, by the names of its columns."""
    names = set(headers)
    return "period" in names and bool({"area_code", "geometry"} & names)


def is_street(headers: Iterable[object]) -> bool:
    """Tell whether a table is one of data.police.uk: all that a force published of a month."""
    return {"fallswithin", "crimetype"} <= {plain(header) for header in headers}


def shape(headers: Iterable[str], spec: Dataset) -> tuple[dict[str, str], dict[str, str]]:
    """Find the columns of the records, and the wide ones where there is one a month or category.

    Parameters
    ----------
    headers
        A file's headers.
    spec
        The adapter.

    Returns
    -------
    tuple of dict
        Column of the records -> header, and wide header -> ``"period"`` or ``"category"``. A total
        beside wide columns is no count.
    """
    every = [str(header) for header in headers]
    result = _headers.match(every, spec)
    wide = _wide(every, spec)
    kind = next(iter(wide.values()), None)
    if kind == "period" and result.get("period") in {None, *wide}:
        return {k: v for k, v in result.items() if k not in {"period", "count"}}, wide
    if kind == "category" and "category" not in result:
        flags = {result[flag] for flag in FLAGS if flag in result and flag != spec.name}
        if flags >= wide.keys():  # else "Drugs" is one category of several
            wide = {}
        if len(wide) > 1 or (
            wide and "count" not in result and not set(wide) & set(result.values())
        ):
            return {k: v for k, v in result.items() if k != "count" and v not in wide}, wide
    return result, {}


def _wide(headers: list[str], spec: Dataset) -> dict[str, str]:
    by_month = dict.fromkeys(_headers.months(headers), "period")
    if by_month:
        return by_month
    known = {plain(category) for category in spec.categories}
    known -= {plain(name) for column in ("category", "area_code") for name in spec.headers(column)}
    return dict.fromkeys((header for header in headers if plain(header) in known), "category")


def lacking(headers: Iterable[str], spec: Dataset, *, all_rows: bool = False) -> list[str]:
    """Name what a table lacks to be read by an adapter; empty where it fits."""
    every = [str(header) for header in headers]
    names = {plain(header) for header in every}
    if any(signs <= names for signs, _, _ in _OTHERS) and "crimetype" not in names:
        return ["records of events"]
    result, wide = shape(every, spec)
    missing = []
    if not {"area_code", "x", "geometry", "area_description"} & set(result):
        missing.append(
            f"an area code ({spec.headers('area_code')[1]!r} or the like) or a point (longitude "
            "and latitude, or easting and northing)"
        )
    if wide or "count" in result or all_rows:
        return missing
    if not _has_filter(result, spec):
        missing.append(_lacking_filter(spec))
    if "period" in spec.columns and not {"period", "date", "financial_year"} & set(result):
        missing.append(f"a month or date ({spec.headers('period')[1]!r} or the like)")
    return missing


def _has_filter(result: dict[str, str], spec: Dataset) -> bool:
    """Tell whether a table can say which of its rows belong to the dataset."""
    asked = [column for column in spec.where if column in FLAGS or column == "group"]
    if any(not filter_columns(column) & result.keys() for column in asked):
        return False
    category = bool(filter_columns("group") & result.keys())
    return category or bool(spec.where) or "category" not in spec.columns


def filter_columns(column: str) -> set[str]:
    """Name the columns of records that say which rows belong, by the column that is asked for."""
    if column in FLAGS:
        return {column, "qualifiers", *(("category", "group") if column == "drugs" else ())}
    return {"category", "group", "motive"} if column == "group" else {column}


def _lacking_filter(spec: Dataset) -> str:
    flag = next((column for column in spec.where if column in FLAGS), None)
    if flag is not None:
        return f"a column that says which rows are {flag} ({spec.headers(flag)[1]!r}, 'qualifiers')"
    return f"a category ({spec.headers('category')[1]!r} or the like) or counts"


def unfit(name: str, headers: Iterable[object], spec: Dataset, missing: list[str]) -> str:
    """Say what a file lacks, what is there, and which adapter it looks like."""
    there = [str(header) for header in headers]
    names = {plain(header) for header in there}
    text = (
        f"{name} can't be read as {spec.name!r}: it lacks {' and '.join(missing)}; it has "
        f"{shown(there, 16)}."
    )
    for signs, what, advice in _OTHERS:
        if signs <= names:
            return f"{text} It looks like {what}. {advice}"
    spans = [header for header in there if _SPAN_HEADER.fullmatch(header.strip())]
    if len(spans) > 1:
        return (
            f"{text} Its columns {shown(map(repr, spans), 4)} are of years, quarters or months without a year. "
            "Head them with months (Apr-24), or give one row each with a column 'Month' or 'Financial Year'."
        )
    others = [other for other in DATASETS.values() if other.name != spec.name]
    fits = [other.name for other in others if not lacking(there, other)]
    fits.sort(key=lambda fit: not _SIGNS.get(fit, {""}) <= names)
    by_flag = any(column in FLAGS for column in spec.where)
    hint = (
        " If every row is one of them, say all_rows=True." if by_flag and len(missing) == 1 else ""
    )
    if fits:
        return f"{text} It looks like {fits[0]!r}: read it with that adapter.{hint}"
    if hint:
        return text + hint
    if code_columns.candidates(there):
        return f"{text} It looks like a table of areas: add it to yours with lsoahot.join()."
    return (
        f"{text} Rename its columns, or write an adapter: lsoahot.Dataset(name=..., columns=...)."
    )
