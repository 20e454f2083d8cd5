"""The settings of the report: its details, its own words, its further tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from lsoahot.common import checks

from .settings_checks import (
    NUMBER,
    SWITCH,
    TABLE,
    TEXT,
    TEXTS,
    Keys,
    Problem,
    chosen,
    complete,
    known,
    plain,
    positive,
    several,
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
    "introduction", "background", "partnership", "priorities", "structure", "summary",
    "recommendations", "emerging", "conclusion", "method", "appendix",
)  # fmt: skip
KINDS: Final = ("trend", "profile", "plain")

DETAILS: Final = ("subtitle", "author", "date", "description", "coverage", "status")
TEMPLATES: Final = ("template", "slides_template")
REPORT_KEYS: Final[Keys] = {
    **dict.fromkeys((*DETAILS, *TEMPLATES), TEXT),
    "themes": TEXTS,
    "findings": NUMBER,
    "text": TABLE,
}
TABLE_KEYS: Final[Keys] = {
    **dict.fromkeys(("title", "source", "theme", "kind", "local", "reference"), TEXT),
    **dict.fromkeys(("local_total", "reference_total"), NUMBER),
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
    slides_template: str | None = None
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


def extra_table(
    name: str, part: object, folder: Path, where: str, *, problem: Problem
) -> ExtraTable | None:
    """Check the settings of one further table and gather them; None where they make none."""
    where = f"{where}, [tables.{name}]"
    sound = known(part, TABLE_KEYS, where, problem)
    there = complete(part, sound, ["source"], where, problem=problem)
    profiled = "local" in sound or "reference" in sound
    kind = sound.get("kind", "profile" if profiled else "trend")
    kind = chosen(kind, KINDS, f"{where} kind", problem=problem, otherwise="trend")
    if kind == "profile":
        there &= complete(part, sound, ["local", "reference"], where, problem=problem)
    if not there:
        return None
    return ExtraTable(
        name=name,
        title=sound.get("title", name.replace("_", " ").capitalize()),
        source=str(folder / sound["source"]),
        theme=sound.get("theme", OFFENDERS),
        kind=kind,
        local=sound.get("local"),
        reference=sound.get("reference"),
        local_total=positive(sound, "local_total", where, problem),
        reference_total=positive(sound, "reference_total", where, problem),
        contains_local=sound.get("contains_local", False),
    )


def report_settings(
    part: object,
    folder: Path,
    where: str,
    problem: Problem,
    *,
    names: Iterable[str],
    themes: Iterable[str],
) -> ReportSettings:
    """Check the settings of the report and gather them; every text must have a place."""
    where = f"{where}, [report]"
    sound = known(part, REPORT_KEYS, where, problem)
    places = [*PLACES, *map(plain, themes), *names]
    text = {}
    for place, words in sound.get("text", {}).items():
        if place not in places:
            problem(
                f"{where}: there is no place for the text {place!r}. The places are "
                f"{checks.shown(dict.fromkeys(places), 60)}.{checks.nearest(place, places)}"
            )
        elif not isinstance(words, str):
            problem(f"{where}: the text {place} is {words!r}. Give a text in quotes.")
        else:
            text[place] = words
    known_themes = [*dict.fromkeys([*themes, *THEMES])]
    order = (
        chosen(theme, known_themes, f"{where} themes", problem=problem, otherwise="")
        for theme in several(sound.get("themes", []))
    )
    templates = {key: str(folder / sound[key]) for key in TEMPLATES if key in sound}
    details = {key: value for key, value in sound.items() if key in DETAILS}
    return ReportSettings(
        **details,
        **templates,
        themes=tuple(theme for theme in order if theme),
        findings=positive(sound, "findings", where, problem) or ReportSettings.findings,
        text=text,
    )
