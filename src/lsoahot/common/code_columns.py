"""Finding the columns of codes and names by what they are called.

Official files name them by kind and year (``LSOA21CD``, ``lsoa11_name``, ``LSOA 2021 Code``), and
often carry those of several kinds.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

# From the finest kind to the coarsest.
_KINDS: Final = {
    "oa": "oa", "output area": "oa", "lsoa": "lsoa", "msoa": "msoa", "wd": "wd", "ward": "wd",
    "csp": "csp", "lad": "lad", "ltla": "lad", "la": "lad", "utla": "utla", "cty": "cty",
    "pfa": "pfa", "output areas": "oa", "lower layer super output areas": "lsoa",
    "middle layer super output areas": "msoa", "lower tier local authorities": "lad",
}  # fmt: skip
_ORDER: Final = list(dict.fromkeys(_KINDS.values()))
_NAMED: Final = re.compile(
    r"^(?:f[_ ])?(?P<kind>[a-z][a-z ]*?)[_ ]?"
    r"(?:20)?(?P<year>\d\d)?[_ ]?(?P<what>cd|codes?|nm|names?)$"
)
_PLAIN: Final = {
    "code": {"area_code", "area code", "area codes", "code", "geo_code", "geography_code",
             "geography code", "mnemonic"},
    "name": {"area_name", "area name", "area names", "name", "geo_label", "geography",
             "geography_name", "geography name"},
}  # fmt: skip


class Named(NamedTuple):
    """A column of codes or names: of which kind of area, and of which year (two figures, or "")."""

    column: str
    kind: str
    year: str


def named(columns: Iterable[object], what: str) -> list[Named]:
    """Return the columns of codes (`what="code"`) or names (`what="name"`), finest kind first."""
    result = []
    for column in map(str, columns):
        match = _NAMED.match(column.strip().lower())
        if match and match["kind"] in _KINDS and match["what"][0] == what[0]:
            result.append(Named(column, _KINDS[match["kind"]], match["year"] or ""))
    # Of two columns of a kind, the one that names its year.
    return sorted(result, key=lambda item: (_ORDER.index(item.kind), item.year == ""))


def plain(columns: Iterable[object], what: str) -> str | None:
    """Return the first column that is called simply a code (or a name), of whatever kind."""
    return next((str(c) for c in columns if str(c).strip().lower() in _PLAIN[what]), None)
