"""The settings of the report: its details, its own words, its further tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from lsoahot.common import checks

from .settings_checks import (
    NUMBER,
    SWITCH,
    TABLE,
    TEXT,
    TEXTS,
    Keys,
    known,
    needed,
    plain,
    positive,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

CRIME: Final = "Crime and anti-social behaviour"
OFFENDERS: Final = "Offender management"
VULNERABLE: Final = "Protecting vulnerable people"
SUBSTANCES: Final = "Substance misuse"
# The order of the chapters, where [report] themes says no other.
THEMES: Final = (CRIME, OFFENDERS, VULNERABLE, SUBSTANCES)
# The chapter that a dataset, or a flag, belongs to if its measure says no other.
THEME_OF: Final = {
    "domestic": VULNERABLE,
    "hate": VULNERABLE,
    "alcohol": SUBSTANCES,
    "drugs": SUBSTANCES,
}

# The places for text that every report has, beside its themes, measures and tables.
PLACES: Final = (
    "introduction",
    "background",
    "partnership",
    "priorities",
    "structure",
    "summary",
    "recommendations",
    "emerging",
    "conclusion",
    "method",
    "appendix",
)
KINDS: Final = ("trend", "profile", "plain")

REPORT_KEYS: Final[Keys] = {
    "subtitle": TEXT,
    "author": TEXT,
    "date": TEXT,
    "description": TEXT,
    "coverage": TEXT,
    "status": TEXT,
    "template": TEXT,
    "themes": TEXTS,
    "findings": NUMBER,
    "text": TABLE,
}
TABLE_KEYS: Final[Keys] = {
    "title": TEXT,
    "source": TEXT,
    "theme": TEXT,
    "kind": TEXT,
    "local": TEXT,
    "reference": TEXT,
    "local_total": NUMBER,
    "reference_total": NUMBER,
    "contains_local": SWITCH,
}
COMPARISON_KEYS: Final[Keys] = {"peers": TEXTS}


@dataclass(frozen=True, kw_only=True)
class ReportSettings:
    """What the report says that the data don't: its details, and text by section."""

    subtitle: str = ""
    author: str = ""
    date: str = ""
    description: str = ""
    coverage: str = ""
    status: str = "Draft"
    template: str | None = None
    themes: tuple[str, ...] = ()
    findings: int = 12
    text: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ExtraTable:
    """A table of figures that come from elsewhere: of years or quarters, or two profiles."""

    name: str
    title: str
    source: str
    theme: str
    kind: str
    local: str | None = None
    reference: str | None = None
    local_total: int | None = None
    reference_total: int | None = None
    contains_local: bool = False


def extra_table(name: str, part: Mapping[str, Any], folder: Path, where: str) -> ExtraTable:
    """Check the settings of one further table and gather them."""
    where = f"{where}, [tables.{name}]"
    known(part, TABLE_KEYS, f"tables.{name}", where)
    needed(part, ["source"], where)
    profiled = "local" in part or "reference" in part
    kind = part.get("kind", "profile" if profiled else "trend")
    checks.one_of(kind, KINDS, f"{where} kind")
    if kind == "profile":
        needed(part, ["local", "reference"], where)
    return ExtraTable(
        name=name,
        title=part.get("title", name.replace("_", " ").capitalize()),
        source=str(folder / part["source"]),
        theme=part.get("theme", OFFENDERS),
        kind=kind,
        local=part.get("local"),
        reference=part.get("reference"),
        local_total=positive(part, "local_total", where),
        reference_total=positive(part, "reference_total", where),
        contains_local=part.get("contains_local", False),
    )


def report_settings(
    part: Mapping[str, Any],
    folder: Path,
    where: str,
    *,
    names: Iterable[str],
    themes: Iterable[str],
) -> ReportSettings:
    """Check the settings of the report and gather them; every text must have a place."""
    where = f"{where}, [report]"
    known(part, REPORT_KEYS, "report", where)
    text = part.get("text", {})
    places = [*PLACES, *map(plain, themes), *names]
    for place, words in text.items():
        if place not in places:
            raise ValueError(
                f"{where}: there is no place for the text {place!r}. The places are "
                f"{checks.shown(dict.fromkeys(places), 60)}.{checks.nearest(place, places)}"
            )
        if not isinstance(words, str):
            raise ValueError(f"{where}: the text {place} is {words!r}. Give a text in quotes.")
    order = part.get("themes", [])
    order = (order,) if isinstance(order, str) else tuple(order)
    for theme in order:
        checks.one_of(theme, [*dict.fromkeys([*themes, *THEMES])], f"{where} themes")
    template = part.get("template")
    notes = {
        key: part[key]
        for key in ("subtitle", "author", "date", "description", "coverage", "status")
        if key in part
    }
    return ReportSettings(
        **notes,
        template=None if template is None else str(folder / template),
        themes=order,
        findings=positive(part, "findings", where) or ReportSettings.findings,
        text=dict(text),
    )
