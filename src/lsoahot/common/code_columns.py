"""Finding the columns of area codes and names: the one finder, for tables of every kind.

Official files name them by kind and year (``LSOA21CD``, ``lsoa11_name``, ``LSOA code (2011)``,
``2021 super output area - lower layer``), and often carry those of several kinds. What a column is
called goes first; where that settles nothing, what it holds.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

import pandas as pd

from . import area_codes
from .spelling import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

# From the finest kind to the coarsest, as headers call them without case, spaces and punctuation.
_KINDS: Final = {
    "oa": ("oa", "outputareas?", "censusoutputareas?"),
    "dz": ("dz", "datazones?"),
    "lsoa": (
        "lsoas?", "lower(?:layer)?superoutputareas?(?:lsoas?)?", "superoutputareas?lower(?:layer)?",
        "lowerlayersoas?", "soas?", "superoutputareas?",
    ),
    "sdz": ("sdz", "superdatazones?"),
    "msoa": (
        "msoas?", "middle(?:layer)?superoutputareas?(?:msoas?)?", "superoutputareas?middle(?:layer)?",
        "middlelayersoas?",
    ),
    "iz": ("iz", "intzones?", "intermediatezones?"),
    "wd": ("wd", "wards?", "electoralwards?"),
    "csp": ("csp", "communitysafetypartnerships?"),
    "lad": (
        "lad", "ltla", "la", "lowertierlocalauthorit(?:y|ies)", "localauthorit(?:y|ies)(?:districts?)?",
        "districts?", "boroughs?",
    ),
    "utla": ("utla", "uppertierlocalauthorit(?:y|ies)"),
    "cty": ("cty", "count(?:y|ies)"),
    "pfa": ("pfa", "policeforceareas?"),
}  # fmt: skip
_ORDER: Final = list(_KINDS)
# A bare "LSOA" may hold codes; a bare "Ward" or "District" holds names.
_FINE: Final = ("oa", "dz", "lsoa", "sdz", "msoa", "iz")
_YEAR: Final = r"(?:20)?(\d\d)?"
_WHAT: Final = {"code": r"(?:cd|(?:gss|ons)?codes?)", "name": r"(?:nm|names?)"}
_SHAPES: Final = {
    what: [
        (kind, re.compile(rf"(?:f|geo)?{_YEAR}(?:{'|'.join(called)}){_YEAR}{ending}{_YEAR}[xy]?"))
        for kind, called in _KINDS.items()
        if ending or kind in _FINE
    ]
    for what, ending in (*_WHAT.items(), ("bare", ""))
}
_PLAIN: Final = {
    "code": (
        "areacode", "areacodes", "geographycode", "geogcode", "geocode", "mnemonic", "onscode",
        "gsscode", "soacode", "code",
    ),
    "name": ("areaname", "areanames", "geographyname", "geography", "geolabel", "name"),
}  # fmt: skip
# Of so many values is it looked at whether they are codes, and so many of them must be.
_LOOK: Final = 1000
_MOST: Final = 0.8


class Named(NamedTuple):
    """A column of codes or names: of which kind of area, and of which year (two figures, or "")."""

    column: str
    kind: str
    year: str


def named(columns: Iterable[object], what: str) -> list[Named]:
    """Return the columns of codes (`what="code"`) or names (`what="name"`), finest kind first.

    Parameters
    ----------
    columns
        Headers.
    what
        ``"code"``, ``"name"``, or ``"bare"``: a small kind of area and nothing else ("LSOA"),
        which may hold codes, names or both.

    Examples
    --------
    >>> named(["LAD24CD", "LSOA code (2011)", "LSOA name (2011)"], "code")
    [Named(column='LSOA code (2011)', kind='lsoa', year='11'), Named(column='LAD24CD', kind='lad', year='24')]
    """
    result = []
    for column in map(str, columns):
        letters = plain(column)
        for kind, shape in _SHAPES[what]:
            if match := shape.fullmatch(letters):
                result.append(Named(column, kind, next(filter(None, match.groups()), "")))
                break
    # Of two columns of a kind, the one that names its year.
    return sorted(result, key=lambda item: (_ORDER.index(item.kind), item.year == ""))


def simply(columns: Iterable[object], what: str) -> str | None:
    """Return the column that is called simply a code (or a name), of whatever kind, or None."""
    there = {plain(column): str(column) for column in reversed([*columns])}
    return next((there[word] for word in _PLAIN[what] if word in there), None)


def candidates(columns: Iterable[object]) -> list[Named]:
    """List the columns that may hold area codes by what they are called, the likeliest first.

    An `area_code` goes before all; then codes by kind, the finest first; then what is simply a
    code; then what is called by a kind alone. But "LSOA" goes before "Ward code": it is finer.

    Examples
    --------
    >>> [key.column for key in candidates(["Ward code", "LSOA 2021", "Code"])]
    ['LSOA 2021', 'Ward code', 'Code']
    """
    every = [str(column) for column in columns]
    own = [Named(column, "", "") for column in every if plain(column) == "areacode"]
    coded, bare = named(every, "code"), named(every, "bare")
    of_kind = sorted(  # of two editions, the newer; a year before none
        [*coded, *bare],
        key=lambda item: (_ORDER.index(item.kind), item in bare, -int(item.year or -1)),
    )
    # A place's own code stands beside coarser ones; called by a kind alone, only finer is better.
    finest = _ORDER.index(coded[0].kind) if coded else 0
    ahead = [item for item in of_kind if item in coded or _ORDER.index(item.kind) < finest]
    behind = [item for item in of_kind if item not in ahead]
    simple = simply(every, "code")
    others = [Named(simple, "", "")] if simple is not None else []
    return list(dict.fromkeys([*own, *ahead, *others, *behind]))


def holds_codes(column: pd.Series) -> bool:
    """Tell whether most of what a column holds are codes of areas, perhaps with names beside them."""
    there = column.dropna()
    if pd.api.types.is_numeric_dtype(there.dtype) or pd.api.types.is_datetime64_any_dtype(there):
        return False
    there = there.head(_LOOK).astype(str)
    there = there[there.str.strip() != ""]
    if not len(there):
        return False
    coded = sum(area_codes.is_shaped(area_codes.cleaned(text)) for text in there)
    return coded >= _MOST * len(there)


def find(table: pd.DataFrame) -> Named | None:
    """Find the column of area codes of a table, by its name and by what it holds.

    A column in which no code stands twice goes before others: a file of small areas also has the code of
    each one's district.

    Parameters
    ----------
    table
        A row an area.

    Returns
    -------
    Named or None
        The column, its kind of area and its year. None where no column is called by a known name,
        and none, or more than one, holds codes.

    Examples
    --------
    >>> table = pd.DataFrame({"Ward code": ["E05000001"], "LSOA 2021": ["E01013787 : Rutland 005A"]})
    >>> find(table)
    Named(column='LSOA 2021', kind='lsoa', year='21')
    >>> find(pd.DataFrame({"place": ["E01013787"], "people": [1500]}))
    Named(column='place', kind='lsoa', year='')
    """
    known = candidates(table.columns)
    bare = named(table.columns, "bare")
    ways = ([key for key in known if holds_codes(table[key.column])],
            [key for key in known if key not in bare])  # fmt: skip
    if known and plain(known[0].column) == "areacode":
        return known[0]
    for key in chain(*ways):
        if table[key.column].dropna().is_unique:
            return key
    if any(ways):
        return next(keys[0] for keys in ways if keys)
    others = [str(name) for name in table.columns if _textual(table, name)]
    others = [name for name in others if holds_codes(table[name])]
    others = [name for name in others if table[name].dropna().is_unique] or others
    if len(others) == 1:
        kinds = {area_codes.kind_of(area_codes.cleaned(str(v))) for v in table[others[0]].dropna()}
        return Named(others[0], (kinds.pop() or "") if len(kinds) == 1 else "", "")
    return known[0] if known else None


def _textual(table: pd.DataFrame, name: object) -> bool:
    column = table[name]
    return isinstance(column, pd.Series) and (
        pd.api.types.is_string_dtype(column.dtype)
        or isinstance(column.dtype, pd.CategoricalDtype)
        or column.dtype == object
    )
