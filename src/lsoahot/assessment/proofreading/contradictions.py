"""What a draft says of one subject in two places, and differently.

Subjects that no table knows are told by the words that carry their names: "the number of offences
committed by young people" and "offences committed by young people" are one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import combinations
from typing import TYPE_CHECKING, Final, NamedTuple

from .claim import CENT, NUMBER, close, decimals, number
from .internal_errors import UP, row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .claim import Claim
    from .internal_errors import Row
    from .read_draft import Sentence

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
            result = row(first.sentence, "rounded differently", why, text=f"{first.percent} %",
                        data=f"{claim.percent} %")  # fmt: skip
            yield {**result, "subject": subject}
