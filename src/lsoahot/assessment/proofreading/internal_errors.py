"""What a draft says against itself: its own figures, its other paragraphs, dates that never were.

Subjects that no table knows are told by the words that carry their names: "the number of offences
committed by young people" and "offences committed by young people" are one.
"""

from __future__ import annotations

import calendar
import re
from collections import defaultdict
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from lsoahot.common.month_names import MONTH_NAMES
from lsoahot.describe import numbers

from .claim import CENT, FALL, NUMBER, RISE, close, decimals, number
from .read_draft import Sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .claim import Claim

_DATE: Final = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})/((?:19|20)\d{2})(?![\d/])")
_CAPTION: Final = re.compile(
    r"(Table|Chart|Map|Figure)\s*(\d+)\s*[.:\u2013\u2014-]\s*(\S.*)", re.IGNORECASE
)
_POINTS: Final = re.compile(
    rf"(?P<now>{NUMBER}){CENT},? an? (?:increase|rise|reduction|decrease|fall|drop) of "
    rf"(?P<by>{NUMBER}){CENT}[^()%]{{0,70}}\((?P<before>{NUMBER}){CENT}\)",
    re.IGNORECASE,
)
_AGAINST: Final = re.compile(
    rf"\((?P<own>{NUMBER})%?\)[\w\s]{{1,30}}?\b(?P<way>below|lower than|above|higher than)\b"
    rf"(?P<others>(?:[\w\s]|\({NUMBER}%?\))+)"
)
_MOVE: Final = re.compile(
    rf"\b(?P<way>(?P<up>{RISE})|{FALL})\b(?: by| of)?(?: (?P<pct>{NUMBER}){CENT})?,?(?: in [\w\s]{{1,40}})?"
    rf" from (?P<a>{NUMBER})(?P<cent>{CENT})? (?:[\w-]+ ){{0,3}}?to (?P<b>{NUMBER})",
    re.IGNORECASE,
)
MONTHS: Final = 12
# How the words for more begin: increase, rose, higher, above.
UP: Final = ("inc", "ros", "ris", "hig", "abo")
Row = dict[str, Any]


def within(sentences: list[Sentence], parts: list[tuple[bool, str]]) -> Iterator[Row]:
    """Find dates that never were, figures against their own words, and two tables of one number."""
    for sentence in sentences:
        yield from _dates(sentence)
        for contradictions in (_points, _against, _moved):
            for text, data, why in contradictions(sentence.text):
                yield row(sentence, "own figures", why, text=text, data=data)
    yield from _captions(parts)


def row(
    sentence: Sentence, verdict: str, why: str, *, text: str, data: str = "", subject: str = ""
) -> Row:
    """Make a row of what is wrong with a sentence."""
    return {
        "paragraph": sentence.paragraph, "section": sentence.section, "claim": sentence.text,
        "subject": subject, "stated": text, "data": data, "verdict": verdict, "why": why,
    }  # fmt: skip


def _dates(sentence: Sentence) -> Iterator[Row]:
    """Find days that no month has."""
    for match in _DATE.finditer(sentence.text):
        day, month, year = map(int, match.groups())
        text, verdict = match[0], "no such date"
        if not 1 <= month <= MONTHS:
            yield row(
                sentence, verdict, f"{text} is no date: there is no month {month}.", text=text
            )
        elif not 1 <= day <= (last := calendar.monthrange(year, month)[1]):
            why = f"{text} is no date: {MONTH_NAMES[month - 1]} {year} has {last} days."
            yield row(sentence, verdict, why, text=text, data=f"{last} days")


def _points(text: str) -> Iterator[tuple[str, str, str]]:
    """Find percentage points that are called per cent."""
    for match in _POINTS.finditer(text):
        now, before = number(match["now"]), number(match["before"])
        points, by = abs(now - before), match["by"]
        if before and close(by, points) and not close(by, 100 * points / before):
            why = (
                f"From {match['before']} % to {match['now']} % is {by} percentage points; as a "
                f"percentage of what it was before it is {numbers.percent(100 * points / before)}."
            )
            yield f"{by} %", f"{by} percentage points", why


def _against(text: str) -> Iterator[tuple[str, str, str]]:
    """Find a figure that is called lower than those that it is above."""
    for match in _AGAINST.finditer(text):
        own, way = number(match["own"]), match["way"]
        above = way.lower().startswith(UP)
        others = [number(one) for one in re.findall(rf"\(({NUMBER})%?\)", match["others"])]
        if others and all((own < other) if above else (own > other) for other in others):
            listed = " and ".join(f"{other:g}" for other in others)
            true = "below" if above else "above"
            yield way, true, f"{match['own']} is said to be {way} {listed}, and is {true}."


def _moved(text: str) -> Iterator[tuple[str, str, str]]:
    """Find a rise whose figures fall, and a percentage that is not that of its two figures."""
    for match in _MOVE.finditer(text):
        a, b, way = number(match["a"]), number(match["b"]), match["way"]
        between = f"From {match['a']} to {match['b']} is"
        if a != b and bool(match["up"]) != (b > a):
            true = "a rise" if b > a else "a fall"
            yield way, true, f"{between} {true}, and the sentence says {way!r}."
        elif match["pct"] and not match["cent"] and a:
            change, wording = 100 * abs(b - a) / a, f"{match['pct']} %"
            if not close(match["pct"], change):
                true = numbers.percent(change)
                why = f"{between} a change of {true}, and the sentence says {wording}."
                yield wording, true, why


def _captions(parts: list[tuple[bool, str]]) -> Iterator[Row]:
    """Find two tables (charts, maps) with one number."""
    seen: dict[tuple[str, str], str] = {}
    for place, (_, text) in enumerate(parts, start=1):
        match = _CAPTION.match(text)
        if not match:
            continue
        key = match[1].capitalize(), match[2]
        title = re.sub(r"[\t.\s]+\d*$", "", match[3]).casefold()
        if seen.setdefault(key, title) != title:
            name = " ".join(key)
            why = f"Two different captions are called {name}."
            yield row(Sentence(place, "", text), "same number twice", why, text=name)


# --- of one subject in two places -----------------------------------------------------------------


_WHAT: Final = r"(?P<what>[A-Za-z][\w' -]{4,90}?)"
_NOUN: Final = r"(?P<way>increase|rise|reduction|decrease|fall|drop)"
_MOVES: Final = (
    re.compile(
        rf"(?:^|[,;:] |\band ){_WHAT} (?:has |have )?(?P<way>increased|rose|reduced|decreased|fell|dropped)"
        rf" by (?P<n>{NUMBER})(?P<pct>{CENT})?"
    ),
    re.compile(
        rf"\b(?P<n>{NUMBER})(?P<pct>{CENT})? {_NOUN} in {_WHAT}(?=[,.;(]|$| compared| over| during| since)"
    ),
    re.compile(rf"\b(?P<n>{NUMBER}) (?P<way>more|fewer) {_WHAT} (?:than|compared)\b"),
    re.compile(rf"\b{_NOUN} in {_WHAT} of (?P<n>{NUMBER})(?P<pct>{CENT})?"),
)
_PART: Final = re.compile(
    rf"(?P<n>{NUMBER}){CENT} of (?:all |the )*(?P<whole>[a-z][\w' -]{{2,60}}?) (?:were|was|are|is) "
    r"(?P<part>[\w' -]{4,80})",
    re.IGNORECASE,
)
_ELSEWHEN: Final = re.compile(
    r"\b(national|regional|quarter|since (?:19|20)\d\d|last \w+ years|previous years|between)\b",
    re.IGNORECASE,
)
_STOP: Final = frozenset(
    re.findall(
        r"\w+",
        "a all an and are be been by compared for had has have in is it its last number of "
        "on or our overall previous that the there this to total was were which with year "
        "years",
    )
)
_FEWEST: Final = 2  # words below which a phrase names nothing for certain

Key = frozenset[str]


class Statement(NamedTuple):
    """A change or a share of something, as one sentence has it."""

    sentence: Sentence
    words: str
    figure: str
    way: int
    percent: bool


def together(sentences: list[Sentence]) -> Iterator[Row]:
    """Find what is said of one subject in two places, and differently."""
    spoken: dict[tuple[Key, Key], list[Statement]] = defaultdict(list)
    for sentence in sentences:
        if _ELSEWHEN.search(sentence.text):
            continue
        for match in (result for pattern in _MOVES for result in pattern.finditer(sentence.text)):
            what = _key(match["what"])
            if len(what) >= _FEWEST:
                way = 1 if match["way"].lower().startswith((*UP, "more")) else -1
                percent = bool(match.groupdict().get("pct"))
                words = match[0].strip(",;: ").removeprefix("and ")
                spoken[what, frozenset()].append(
                    Statement(sentence, words, match["n"], way, percent)
                )
        for match in _PART.finditer(sentence.text):
            whole, part = _key(match["whole"]), _key(match["part"])
            if whole and len(part) >= _FEWEST:
                words = f"{match['n']} %"
                spoken[whole, part].append(Statement(sentence, words, match["n"], 0, percent=True))
    for text in spoken.values():
        for one, other in combinations(text, 2):
            if one.sentence.paragraph != other.sentence.paragraph and _differ(one, other):
                yield _elsewhere(one, other)


def _key(phrase: str) -> Key:
    """Reduce a phrase to the stems of the words that carry it."""
    words = [word for word in re.findall(r"[a-z0-9]+", phrase.lower()) if word not in _STOP]
    return frozenset(re.sub(r"(ies|y)$", "i", word.removesuffix("s")) for word in words)


def _differ(one: Statement, other: Statement) -> bool:
    """Tell whether a rise is a fall elsewhere, or a percentage another that is not its rounding."""
    if one.way != other.way:
        return True
    coarse, fine = sorted((one.figure, other.figure), key=decimals)
    return one.percent and other.percent and not close(coarse, number(fine))


def _elsewhere(one: Statement, other: Statement) -> Row:
    place = other.sentence.paragraph
    section = f" ({other.sentence.section})" if other.sentence.section else ""
    why = f"Paragraph {place}{section} says otherwise: {other.words!r}."
    return row(
        one.sentence, f"contradicts paragraph {place}", why, text=one.words, data=other.words
    )


def rounded_otherwise(agreed: list[tuple[Claim, str, str]]) -> Iterator[Row]:
    """Find one change given with two figures that are both right, one rounder than the other.

    The claims come with their subject and with what the data say.
    """
    seen: dict[tuple[str, str], Claim] = {}
    for claim, subject, data in agreed:
        if claim.kind != "change" or claim.percent is None:
            continue
        first = seen.setdefault((subject, data), claim)
        if first.percent and number(first.percent) != number(claim.percent):
            why = (
                f"The same change is given as {first.percent} % here and as {claim.percent} % in "
                f"paragraph {claim.sentence.paragraph}: both are right, rounded. Say one of them."
            )
            yield row(
                first.sentence, "rounded differently", why, text=f"{first.percent} %",
                data=f"{claim.percent} %", subject=subject,
            )  # fmt: skip
