"""The official layers of boundaries that can be fetched, as `layers.toml` describes them."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tomllib
from dataclasses import dataclass, fields
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from lsoahot.boundaries import cache
from lsoahot.common import checks
from lsoahot.common.files import expanded, replacing

if TYPE_CHECKING:
    from pathlib import Path


def entries(table: str, known: set[str], needed: list[str]) -> dict[str, dict[str, Any]]:
    """Return the entries in force of ``"layers"`` or ``"populations"``, with all their lines.

    Parameters
    ----------
    table
        The name of the packaged file, and with ``LSOAHOT_`` before it, of the user's variable.
    known, needed
        The lines that an entry may have, and those that it must.
    """
    packaged = resources.files(__package__) / f"{table}.toml"
    result: dict[str, dict[str, Any]] = tomllib.loads(packaged.read_text(encoding="utf-8"))
    own = _own_file(table)
    for over in (discovered(table), _read(own) if own is not None else {}):
        for name, entry in over.items():
            result[name] = result.get(name, {}) | entry
    defaults = result.pop("defaults")
    for name, entry in result.items():
        unknown = sorted(set(entry) - known)
        if unknown:
            raise ValueError(
                f"{own}: {name!r} has a line {unknown[0]!r}; the lines are "
                f"{checks.shown(sorted(known), 20)}.{checks.nearest(unknown[0], known)}"
            )
        lacking = [line for line in needed if line not in entry]
        if lacking:
            raise ValueError(
                f"{own}: {name!r} lacks {checks.shown(lacking)}. "
                "Write what the packaged table has for its entries."
            )
    return {name: defaults | entry for name, entry in result.items()}


def discovered(table: str) -> dict[str, dict[str, Any]]:
    """Return the entries that were found through a portal's search, as `remember` kept them."""
    try:
        kept: dict[str, dict[str, Any]] = json.loads(_memory(table).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def remember(table: str, name: str, entry: dict[str, Any]) -> None:
    """Keep an entry that was found, so that its name is known without the internet."""
    path = _memory(table)
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as part:
        text = json.dumps({**discovered(table), name: entry}, indent=1)
        part.write_text(text, encoding="utf-8")


def _memory(table: str) -> Path:
    return cache.folder() / f"{table}-discovered.json"


def _own_file(table: str) -> Path | None:
    """Return the user's own table, if there is one."""
    variable = f"LSOAHOT_{table.upper()}"
    if chosen := os.environ.get(variable):
        path = expanded(chosen)
        if not path.is_file():
            raise FileNotFoundError(
                f"{variable} says that the table of {table} is {path}, which isn't there. "
                "Mend the path, or unset the variable to use the packaged table."
            )
        return path
    path = cache.folder() / f"{table}.toml"
    return path if path.is_file() else None


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is not TOML: {error}. Mend the line it names.") from error
    stray = [name for name, entry in table.items() if not isinstance(entry, dict)]
    if stray:
        raise ValueError(
            f"{path} has {checks.shown(map(repr, stray))} outside any table. "
            "Put every line under a heading such as [lsoa21]."
        )
    return table


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One layer of official boundaries; `layers.toml` says what each field means."""

    name: str
    title: str
    code: str
    pattern: str
    root: str
    portal: str
    page: int
    service: str = ""
    url: str = ""
    features: int | None = None
    year: int | None = None

    @property
    def address(self) -> str:
        """Where the layer is served, without a slash at the end."""
        return (self.url or f"{self.root}/{self.service}/FeatureServer/0").rstrip("/")

    @property
    def codes(self) -> list[str]:
        """The columns of codes: one of a layer, two of a look-up."""
        return self.code.split(",")

    @property
    def fingerprint(self) -> str:
        """A few letters that differ where the address differs."""
        return hashlib.sha256(self.address.encode()).hexdigest()[:8]


# Of these there is a new edition every year.
YEARLY: Final = ("wd", "lad", "csp", "pfa")
_WORDS: Final = {"ward": "wd", "district": "lad", "force": "pfa"}


def yearly(name: str) -> tuple[str, int | None] | None:
    """Read the name of a kind that has yearly editions: the kind, and the year if one is named.

    Examples
    --------
    >>> yearly("ward"), yearly("lad27"), yearly("lsoa21")
    (('wd', None), ('lad', 2027), None)
    """
    parts = re.fullmatch(r"([a-z]+?)(\d\d)?", name.lower())
    kind = _WORDS.get(parts[1], parts[1]) if parts else ""
    if parts is None or kind not in YEARLY:
        return None
    return kind, 2000 + int(parts[2]) if parts[2] else None


def layer(name: str) -> Layer | None:
    """Return a layer by its name; ``"lad"`` is the newest of the districts; None if unknown."""
    table = layers()
    wanted = _WORDS.get(name.lower(), name.lower())
    if wanted in table:
        return table[wanted]
    # Two figures of the year follow the kind: "lad24" is newer than "lad21".
    dated = [key for key in table if re.fullmatch(rf"{re.escape(wanted)}\d\d", key)]
    return table[max(dated)] if dated else None


def layers(table: str = "layers") -> dict[str, Layer]:
    """Return every layer (or with ``"lookups"``, every look-up) in force, by name."""
    known = {field.name for field in fields(Layer)} - {"name"}
    result = entries(table, known, ["title", "code", "pattern"])
    return {name: Layer(name=name, **entry) for name, entry in result.items()}
