"""The table of official layers: packaged as data, overridden by the user's own file."""

from __future__ import annotations

import hashlib
import os
import re
import tomllib
from dataclasses import dataclass, fields
from importlib import resources
from pathlib import Path
from typing import Any

from lsoahot import _checks


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
    def fingerprint(self) -> str:
        """A few letters that differ where the address differs."""
        return hashlib.sha256(self.address.encode()).hexdigest()[:8]


def cache_folder() -> Path:
    """Return the folder of downloads: ``LSOAHOT_CACHE``, or where the system keeps such things."""
    chosen = os.environ.get("LSOAHOT_CACHE")
    if chosen:
        return Path(chosen).expanduser()
    import platformdirs

    return Path(platformdirs.user_cache_dir("lsoahot", appauthor=False))


def layer(name: str) -> Layer | None:
    """Return a layer by its name; ``"lad"`` is the newest of the districts; None if unknown."""
    table = layers()
    wanted = {"ward": "wd", "district": "lad", "force": "pfa"}.get(name.lower(), name.lower())
    if wanted in table:
        return table[wanted]
    # Two figures of the year follow the kind: "lad24" is newer than "lad21".
    dated = [key for key in table if re.fullmatch(rf"{re.escape(wanted)}\d\d", key)]
    return table[max(dated)] if dated else None


def layers() -> dict[str, Layer]:
    """Return every layer in force, by name: the packaged table under the user's own."""
    packaged = resources.files("lsoahot") / "layers.toml"
    table: dict[str, dict[str, Any]] = tomllib.loads(packaged.read_text(encoding="utf-8"))
    own = _own_file()
    if own is not None:
        for name, entry in _read(own).items():
            table[name] = table.get(name, {}) | entry
    defaults = table.pop("defaults")
    return {name: _layer(name, defaults | entry, own) for name, entry in table.items()}


def _own_file() -> Path | None:
    """Return the user's own table, if there is one."""
    chosen = os.environ.get("LSOAHOT_LAYERS")
    if chosen:
        path = Path(chosen).expanduser()
        if not path.is_file():
            raise FileNotFoundError(
                f"LSOAHOT_LAYERS says that the table of layers is {path}, which isn't there. "
                "Mend the path, or unset the variable to use the packaged table."
            )
        return path
    path = cache_folder() / "layers.toml"
    return path if path.is_file() else None


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is not TOML: {error}. Mend the line it names.") from error
    stray = [name for name, entry in table.items() if not isinstance(entry, dict)]
    if stray:
        raise ValueError(
            f"{path} has {_checks.shown(map(repr, stray))} outside any layer. "
            "Put every line under a heading such as [lsoa21]."
        )
    return table


def _layer(name: str, entry: dict[str, Any], own: Path | None) -> Layer:
    known = {field.name for field in fields(Layer)} - {"name"}
    unknown = sorted(set(entry) - known)
    if unknown:
        raise ValueError(
            f"{own}: layer {name!r} has a line {unknown[0]!r}; the lines are "
            f"{_checks.shown(sorted(known), 20)}.{_checks.nearest(unknown[0], known)}"
        )
    lacking = [key for key in ("title", "code", "pattern") if key not in entry]
    if not (entry.get("service") or entry.get("url")):
        lacking.append("service (or url)")
    if lacking:
        raise ValueError(
            f"{own}: layer {name!r} lacks {_checks.shown(lacking)}. "
            "Write what the packaged table has for its layers."
        )
    return Layer(name=name, **entry)
