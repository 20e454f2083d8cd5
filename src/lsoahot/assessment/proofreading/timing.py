"""Which years a sentence speaks of, as far as can be seen."""

from __future__ import annotations

import calendar
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .claim import Claim
    from .subjects import Subject

MONTHS: Final = tuple(calendar.month_name[1:])
_MONTH: Final = re.compile("|".join(MONTHS))
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
    months, own = set(_MONTH.findall(text)), {MONTHS[edge.month - 1] for edge in subject.span}
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
