"""A claim: what a sentence says of which subject, as figures.

Names are masked (``«0»`` a subject, ``§0§`` an area), so that a pattern holds whatever is spoken of. A
claim whose subject is not certain is made without one: it can't be checked, and is counted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from lsoahot.common.month_names import MONTH_NAMES, month_name

if TYPE_CHECKING:
    from .find_subjects import Masked
    from .read_draft import Sentence
    from .subjects import Subject


_MONTH: Final = re.compile("|".join(MONTH_NAMES))
_YEAR: Final = re.compile(r"\b((?:19|20)\d\d)\b")
_OTHERWISE: Final = re.compile(
    r"\b(?:last|past|previous|over|in|these) (?:the )?(?:last |past )?(?:\d+|two|three|four|five|six|"
    r"seven|eight|nine|ten|several|few) years\b|\bsince (?:\w+ )?(?:19|20)\d\d|\blong[- ]term\b|"
    r"\bquarter|\bQ[1-4]\b|(?:first|second) half\b|half[- ]year|\bmonthly\b|\bmonth on month\b|"
    r"\b(?:a|per|each|every|one) (?:day|week|month)\b|\bon average\b|\bhad (?:already )?(?:risen|"
    r"fallen|increased|decreased|dropped|reduced)\b|\b(?:in|during) the (?:previous year|year before)"
    r"\b|\bnational|\bregion|\bEngland\b|\bforce area\b|\belsewhere\b|\bpercentage points?\b",
    re.IGNORECASE,
)
_YEAR_TO: Final = re.compile(r"\b(?:year|months) (?:up )?(?:to|ending|ended)\b", re.IGNORECASE)
# Where what follows a claim is no longer said of it.
_ENDS: Final = re.compile(r"[,;.](?=\s|$)|\b(?:with|which|while|and|but)\b")
NUMBER: Final = (
    r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
    r"|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
)
WORDS: Final = (
    "none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve",
)  # fmt: skip
CENT: Final = r"\s*(?:%|per\s?cent\b)"
SUBJECT: Final = r"\u00ab(\d+)\u00bb"
AREA: Final = r"\u00a7(\d+)\u00a7"
# What a sentence calls a change, by its direction.
RISE: Final = (
    r"increase[sd]?|rise[sn]?|rose|grew|grown|growth|climbed|went up|gone up"
    r"|(?<!make )(?<!makes )(?<!made )(?<!making )up(?= by\b| \d)"
)
FALL: Final = (
    r"reductions?|reduced|decrease[sd]?|fall(?:s|en)?|fell|drop(?:s|ped)?|declined?|declines"
    r"|went down|gone down|down(?= by\b| \d)"
)


def of_last_year(claim: Claim, subject: Subject) -> bool:
    """Tell whether a claim is about the report's year (or the one it names), here and as a whole."""
    sentence = claim.sentence.text
    text = sentence[: claim.span[1]] + _ENDS.split(sentence[claim.span[1] :])[0]
    if any(re.search(r"quarter|Q\d", label) for label in subject.history):
        return True
    if _OTHERWISE.search(text):
        return False
    years = set(_YEAR.findall(text))
    labels = [named] if (named := label(claim, subject)) else list(subject.history)[-2:]
    known = {year for one in labels for year in re.findall(r"(?:19|20)\d\d", one)}
    if subject.span is None:
        return years <= known and not _MONTH.search(text)
    known |= {str(edge.year) for edge in subject.span}
    months, own = set(_MONTH.findall(text)), {month_name(edge) for edge in subject.span}
    whole = not months or months == own or (months < own and _YEAR_TO.search(text) is not None)
    return years <= known and whole


def label(claim: Claim, subject: Subject) -> str | None:
    """Return the one year of the subject's that a sentence is about, "in FY 2012"."""
    named = [
        one
        for one in subject.history
        if one
        and re.search(
            rf"\b(?:in|for|during|into) {re.escape(one)}\b", claim.sentence.text, re.IGNORECASE
        )
    ]
    return named[0] if len(named) == 1 else None


def between(claim: Claim, subject: Subject) -> tuple[float, float] | None:
    """Return the counts of two years that a sentence names: "Between FY 2007 and FY 2012 ..."."""
    labels = sorted(filter(None, subject.history), key=len, reverse=True)
    year = "|".join(map(re.escape, labels))
    ends = re.search(rf"\b[Bb]etween ({year}) and ({year})\b", claim.sentence.text)
    return (subject.history[ends[1]], subject.history[ends[2]]) if labels and ends else None


@dataclass
class Claim:
    """Something that a sentence says of a subject."""

    kind: str
    sentence: Sentence
    stated: str
    subjects: list[Subject] = field(default_factory=list)
    direction: int | None = None
    percent: str | None = None
    amount: str | None = None
    before: float | None = None
    now: float | None = None
    about: bool = False
    significant: bool | None = None
    areas: list[str] = field(default_factory=list)
    value: str | None = None
    values: list[str] = field(default_factory=list)
    whole: list[Subject] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    span: tuple[int, int] = (0, 0)


def number(text: str) -> float:
    """Read a number in figures or words."""
    word = text.lower()
    return float(WORDS.index(word)) if word in WORDS else float(word.replace(",", ""))


def decimals(text: str) -> int:
    """Return how many decimals a number is written with."""
    return len(text.partition(".")[2])


def close(text: str, value: float) -> bool:
    """Tell whether a number is the value, rounded to as many decimals as it is written with."""
    return abs(number(text) - value) <= 0.5 * 10.0 ** -decimals(text) + 1e-9


def unmasked(text: str, masked: Masked) -> str:
    """Put names back for the numbers that stand for them."""
    text = re.sub(SUBJECT, lambda m: masked.subjects[int(m[1])][0].name, text)
    return re.sub(AREA, lambda m: masked.areas[int(m[1])], text).strip()
