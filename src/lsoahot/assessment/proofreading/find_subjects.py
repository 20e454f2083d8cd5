"""Which subjects and areas a sentence names, whatever form their names take."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from lsoahot.describe import area_clauses

if TYPE_CHECKING:
    from .subjects import Subject

SMALL: Final = ("the", "a", "an", "of", "and")
CRIME: Final = ("crime", "crimes", "offence", "offences")
INCIDENT: Final = ("incident", "incidents")
GENERIC: Final = (
    *CRIME, *INCIDENT, "recorded", "reported", "police", "total", "all", "overall", "number",
)  # fmt: skip
# Words that name a category only where its measure is spoken of.
WEAK: Final = (
    "adult", "adults", "alcohol", "domestic", "drug", "drugs", "environmental", "hate", "nuisance", "other",
    "personal", "primary", "secondary",
)  # fmt: skip
# With one of these a name needs the crimes before it: "offences by young people".
_PREPOSITIONS: Final = ("against", "at", "by", "from", "in", "near", "on", "to", "with")
_FEW: Final = 2
_LETTERS: Final = 3  # two letters abbreviate anything
_CRIMES: Final = r"(?:crimes?|offences?)"
_TOTAL: Final = (
    r"(?:(?:all|overall|total)\s+)*(?:total|overall|all)\s+(?:police\s+)?(?:recorded\s+|reported\s+)?crimes?"
    r"|recorded\s+crimes?|crimes(?=\s+(?:were\s+)?recorded\b)"
)


@dataclass
class Names:
    """The patterns of all names, and who they may stand for."""

    patterns: list[tuple[re.Pattern[str], list[Subject], str]] = field(default_factory=list)
    areas: list[tuple[re.Pattern[str], str]] = field(default_factory=list)
    home: re.Pattern[str] | None = None


@dataclass
class Masked:
    """A sentence in which names are numbered: subjects ``«0»``, areas ``§0§``."""

    text: str
    subjects: list[list[Subject]]
    areas: list[str]


def names(subjects: list[Subject], texts: list[str]) -> Names:
    """Make the patterns, and learn the abbreviations that the draft itself explains."""
    wholes = {one.measure: one for one in subjects if one.is_whole}
    forms: dict[tuple[str, str], list[Subject]] = defaultdict(list)
    for one in subjects:
        for form, only_in in _forms(one, wholes):
            forms[form, one.measure if one.confined else only_in].append(one)
    result = Names([(re.compile(form), who, only) for (form, only), who in forms.items()])
    learned: dict[str, list[Subject]] = defaultdict(list)
    for text in texts:
        for start, end, who in _matches(result, text, None):
            short = re.match(r"\s*\((\w*[A-Z]\w*[A-Z])\)", text[end:])
            if short and text[start : start + 1].isupper():
                learned[short[1]] += [one for one in who if one not in learned[short[1]]]
    result.patterns += [(re.compile(rf"\b{short}\b"), who, "") for short, who in learned.items()]
    tables = [one.areas for one in subjects if one.areas is not None]
    places = {name for table in tables for name in area_clauses.names(table)}
    result.areas = [
        (re.compile(rf"\b{re.escape(place)}\b", re.IGNORECASE), place)
        for place in sorted(places, key=len, reverse=True)
    ]
    columns = [table["district"].dropna().unique() for table in tables if "district" in table]
    districts = {str(name) for column in columns for name in column}
    if len(districts) == 1:
        home = re.escape(districts.pop())
        result.home = re.compile(
            rf"\s*\b(?:in|for|across|within|of) (?:the )?{home}(?: County)?\b(?! (?:and|&))"
        )
    return result


def mask(sentence: str, names: Names, measure: str | None) -> Masked:
    """Put numbers for the names in a sentence; names that need it count only within their measure."""
    # "in Rutland", where all is of Rutland, says nothing and parts a subject from its verb
    text = names.home.sub("", sentence) if names.home else sentence
    areas: list[str] = []
    for pattern, place in names.areas:
        if pattern.search(text):
            text = pattern.sub(f"\u00a7{len(areas)}\u00a7", text)
            areas.append(place)
    masked = Masked("", [], areas)
    at, parts = 0, []
    for start, end, who in _matches(names, text, measure):
        parts += [text[at:start], f"\u00ab{len(masked.subjects)}\u00bb"]
        masked.subjects.append(who)
        at = end
    masked.text = "".join([*parts, text[at:]])
    return masked


def _matches(names: Names, text: str, measure: str | None) -> list[tuple[int, int, list[Subject]]]:
    """Return the names in a text, the longest first where they overlap, in the order of the text."""
    every: dict[tuple[int, int], list[Subject]] = defaultdict(list)
    for pattern, who, only_in in names.patterns:
        if only_in and only_in != measure:
            continue
        for match in pattern.finditer(text):
            every[match.span()] += [one for one in who if one not in every[match.span()]]
    taken: list[tuple[int, int, list[Subject]]] = []
    for (start, end), who in sorted(every.items(), key=lambda item: item[0][0] - item[0][1]):
        if all(end <= a or start >= b for a, b, _ in taken):
            own = [one for one in who if one.measure == measure]
            rest = [one for one in who if one.measure != measure]
            taken.append((start, end, own + rest))
    return sorted(taken, key=lambda one: one[0])


def _forms(subject: Subject, wholes: dict[str, Subject]) -> list[tuple[str, str]]:
    """Return the patterns of a subject's name, each with the measure that it is confined to."""
    words = tokens(subject.name)
    core = _core(words)
    kinds = [word for word in words if word in (*CRIME, *INCIDENT) and word not in core]
    if not core:
        return _of_generic(subject, kinds, wholes)
    tail = _tail(kinds)
    body = _body(core)
    weak = len(core) == 1 and core[0] in WEAK
    # "Young people" of the clients of a service are not all young people.
    of_crime = subject.is_whole or not _core(tokens(subject.measure))
    weak = weak or (len(core) <= _FEW and not kinds and not of_crime)
    forms = []
    if core[0] in _PREPOSITIONS and kinds:
        forms.append((rf"(?i:\b{tail}(?:\s+(?:committed|recorded|reported))?\s+{body})\b", ""))
    elif tail and (weak or len(core) == 1):
        forms.append((rf"(?i:\b{body}\s+{tail})\b", ""))
    elif weak:
        forms.append((rf"(?i:\b{body})\b", subject.measure))
        if subject.measure in wholes and not subject.is_whole:
            for form, _ in _forms(wholes[subject.measure], {}):
                forms.append((rf"(?i:\b{body}\s+){form}", ""))
    else:
        forms.append((rf"(?i:\b{body}(?:\s+{tail or '(?:crimes?|offences?|incidents?)'})?)\b", ""))
    letters = "".join(word[0] for word in words if word not in SMALL).upper()
    if len(letters) >= _LETTERS:
        forms.append((rf"\b{letters}\b", ""))
    return forms


def _of_generic(
    subject: Subject, kinds: list[str], wholes: dict[str, Subject]
) -> list[tuple[str, str]]:
    """Name "Total crime"; or "Crime" within a measure: domestic crime, of domestic abuse."""
    if subject.is_whole or subject.measure not in wholes:
        return [(rf"(?i:\b(?:{_TOTAL}))", "")] if kinds and kinds[0] in CRIME else []
    core = _core(tokens(subject.measure))
    tail = _tail(kinds)
    forms = [(rf"(?:^{subject.name})\b", subject.measure)]
    if core and tail:
        forms.append((rf"(?i:\b{_body(core)}\s+{tail})\b", ""))
    return forms


def tokens(name: str) -> list[str]:
    """Return the words of a name, without the small ones."""
    return [word for word in re.findall(r"[a-z0-9']+", name.lower()) if word not in SMALL]


def _core(words: list[str]) -> list[str]:
    """Return the words of a name between the general ones at its ends."""
    own = [place for place, word in enumerate(words) if word not in GENERIC]
    return words[own[0] : own[-1] + 1] if own else []


def _tail(kinds: list[str]) -> str:
    """Make the pattern of "crimes", "incidents", or both."""
    crimes, incidents = (any(kind in kinds for kind in group) for group in (CRIME, INCIDENT))
    if crimes and incidents:
        both = rf"{_CRIMES}\s*(?:and|or|&|/)\s*incidents?|incidents?\s*(?:and|or|&|/)\s*{_CRIMES}"
        return rf"(?:{both})"
    return _CRIMES if crimes else "incidents?" if incidents else ""


def _body(core: list[str]) -> str:
    """Make the pattern of words in their order, each in the singular or plural."""
    between = r"[\s\-\u2010-\u2013/]+(?:(?:the|a|an|of|and|&)\s+)*"
    return between.join(_either(word) for word in core)


def _either(word: str) -> str:
    """Make the pattern of a word in both numbers."""
    if re.search(r"ies$", word):
        return rf"{word[:-3]}(?:y|ies)"
    if re.search(r"[^aeiou]y$", word):
        return rf"{word[:-1]}(?:y|ies)"
    return rf"{word[:-1]}s?" if re.search(r"[^s]s$", word) else rf"{word}s?"
