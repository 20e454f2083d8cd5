"""The official layers of boundaries that can be fetched, as `layers.toml` describes them."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, fields

from . import registry


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


def layer(name: str) -> Layer | None:
    """Return a layer by its name; ``"lad"`` is the newest of the districts; None if unknown."""
    table = layers()
    wanted = {"ward": "wd", "district": "lad", "force": "pfa"}.get(name.lower(), name.lower())
    if wanted in table:
        return table[wanted]
    # Two figures of the year follow the kind: "lad24" is newer than "lad21".
    dated = [key for key in table if re.fullmatch(rf"{re.escape(wanted)}\d\d", key)]
    return table[max(dated)] if dated else None


def layers(table: str = "layers") -> dict[str, Layer]:
    """Return every layer (or with ``"lookups"``, every look-up) in force, by name."""
    known = {field.name for field in fields(Layer)} - {"name"}
    found = registry.entries(table, known, ["title", "code", "pattern"])
    return {name: Layer(name=name, **entry) for name, entry in found.items()}
