"""Tables of where things are served: packaged as TOML, overridden line by line by a user's own."""

from __future__ import annotations

import os
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

from lsoahot.common import checks

from . import cache


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
    found: dict[str, dict[str, Any]] = tomllib.loads(packaged.read_text(encoding="utf-8"))
    own = _own_file(table)
    for name, entry in (_read(own) if own is not None else {}).items():
        found[name] = found.get(name, {}) | entry
    defaults = found.pop("defaults")
    for name, entry in found.items():
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
    return {name: defaults | entry for name, entry in found.items()}


def _own_file(table: str) -> Path | None:
    """Return the user's own table, if there is one."""
    variable = f"LSOAHOT_{table.upper()}"
    chosen = os.environ.get(variable)
    if chosen:
        path = Path(chosen).expanduser()
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
