"""The claims of order and part: which area has most, what share something is, when it peaks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from lsoahot.common.month_names import MONTH_NAMES

from .change_claims import elsewhere
from .claim import AREA, CENT, NUMBER, SUBJECT, Claim, unmasked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .find_subjects import Masked
    from .read_draft import Sentence
    from .subjects import Subject

_MONTH: Final = rf"(?:{'|'.join(MONTH_NAMES)})"
_LISTED: Final = rf"{_MONTH}(?:(?:, | and |, and ){_MONTH})*"
_PERCENTS: Final = rf"(?P<pcts>{NUMBER}{CENT}(?:(?:, | and |, and ){NUMBER}{CENT})*)"
_AT: Final = "\u00a7\\d+\u00a7"
_ATS: Final = rf"{_AT}(?:(?:, |; | and |, and |; and ){_AT})*"

_HIGHEST: Final = re.compile(
    rf"{AREA}[^.\u00a7\u00ab]{{0,40}}\b"
    r"(?<!second )(?<!third )(?<!next )(?<!one of the )(?<!among the )(?<!joint )"
    r"(?P<how>highest|most affected|worst affected|main hot ?spot|lowest)\b"
    rf"(?P<gap>[^.\u00a7\u00ab]{{0,40}})(?:{SUBJECT})?",
    re.IGNORECASE,
)
# What may stand between "highest" and what is highest: not "highest rise in".
_GAP: Final = re.compile(
    r"\s*(?:areas? |locations? |crime |recorded |reported |overall |number |level |levels |rate |count |"
    r"volume |concentration |of |by |for |the |all )*"
)
_HIGHEST_IN: Final = re.compile(
    r"\b(?<!second )(?<!third )(?<!next )(?<!one of the )(?<!among the )"
    rf"(?P<how>highest|lowest) (?:number|rate|level)s? of {SUBJECT}[^.\u00a7\u00ab]{{0,40}}"
    rf"\b(?:in|was|is) {AREA}",
    re.IGNORECASE,
)
_LIMITS: Final = rf"(?: \(95 % limits (?P<low>{NUMBER}) to (?P<high>{NUMBER})\))?"
_MOST: Final = re.compile(
    rf"(?P<areas>{_ATS}) had most(?: [\w\u00ab\u00bb ]+?)?: (?P<n>{NUMBER})(?: each)?"
    rf"(?:, a rate of (?P<rate>{NUMBER}) per 1,000)?{_LIMITS}"
)
_RATED: Final = re.compile(
    rf"highest rate is that of (?P<areas>{_ATS}): (?P<rate>{NUMBER}) per 1,000"
    rf"{_LIMITS}, from (?P<n>{NUMBER})"
)
_BRACKETED: Final = re.compile(rf"(?P<areas>{_ATS}) \((?P<n>{NUMBER})(?: each)?\)")
_SPOTS: Final = re.compile(
    rf"\b(?P<kind>hot|cold) spots? at (?P<level>99|95|90) %: (?P<areas>{_ATS})"
)

_MAKES: Final = re.compile(
    rf"{SUBJECT}[^.;\u00ab]{{0,45}}?\b(?:makes? up|made up|making up|accounts? for|accounted for"
    rf"|represents?|represented) (?P<n>{NUMBER}){CENT} of "
    rf"(?:all |the )?(?P<whole>{SUBJECT}|[\w' -]+?)(?=[,.:;]|$| and )"
    rf"(?:: (?P<a>{NUMBER}) of (?P<b>{NUMBER}))?",
    re.IGNORECASE,
)
_NO_PART: Final = re.compile(
    rf"{SUBJECT} makes? up (?:no part|(?P<every>the whole)) of (?:all )?(?P<whole>{SUBJECT}|[\w' -]+?)"
    rf": (?:none of )?(?P<b>{NUMBER})"
)
_OF_ALL: Final = re.compile(
    rf"(?P<n>{NUMBER}|one third|a third|a quarter|one quarter|half|two thirds|three quarters)"
    rf"(?P<pct>{CENT})? of (?:all |the )?{SUBJECT}"
    r"(?P<gap>[^.\u00ab]{0,30}?\b(?:is|are|was|were|being)\b[^.\u00ab]{0,24}?)"
    rf"(?:{SUBJECT}|\b(?P<flag>alcohol|drugs?|domestic|hate)[- ]related\b)",
    re.IGNORECASE,
)
_FLAG: Final = re.compile(r"(alcohol|drugs?|domestic|hate)[- ]related\b", re.IGNORECASE)
FRACTIONS: Final = {
    "one third": 100 / 3, "a third": 100 / 3, "a quarter": 25.0, "one quarter": 25.0, "half": 50.0,
    "two thirds": 200 / 3, "three quarters": 75.0,
}  # fmt: skip

_MIX: Final = re.compile(
    rf"share of {SUBJECT} is (?P<way>higher|lower) than in [^:]+: "
    rf"(?P<p>{NUMBER}){CENT} \((?P<a>{NUMBER}) of (?P<b>{NUMBER})\) against "
    rf"(?P<q>{NUMBER}){CENT} \((?P<c>{NUMBER}) of (?P<d>{NUMBER})\)"
)
_PEAKED: Final = re.compile(
    rf"{SUBJECT}[^.;\u00ab]{{0,30}}?\bpeak(?:ed|s) in (?P<months>{_LISTED})\b(?! \d)"
    rf"(?:, {_PERCENTS} above (?:an even year|the average month))?"
)
_PEAKS: Final = re.compile(
    rf"\bpeak months? for {SUBJECT} (?:is|are|was|were) (?P<months>{_LISTED})"
    rf"|(?P<months2>{_LISTED}) (?:is|are|was|were) the peak months? for {SUBJECT}"
)
_LOWEST: Final = re.compile(
    rf"(?:{SUBJECT}|It|They)(?: \w+)? lowest in (?P<months>{_LISTED}),? ?"
    rf"(?:{_PERCENTS} below (?:an even year|the average month))?"
)
_MONTH_PEAK: Final = re.compile(
    rf"\bpeak in (?P<month>{_MONTH}) (?P<year>\d{{4}}) (?:with|of) (?P<n>{NUMBER})(?: (?P<unit>[\w\u00ab\u00bb]+))?"
)
_NONE_STANDS: Final = re.compile(rf"no month of {SUBJECT} stands out")
_PLACE: Final = re.compile(
    r"\b(?:place|ranked) (?P<place>\d+)(?:st|nd|rd|th)? (?:out )?of (?P<members>\d+)"
)
_ALL: Final = re.compile(rf"All (?P<n>{NUMBER}) records of this measure and period were counted")
_LEFT: Final = re.compile(rf"(?P<n>{NUMBER}) (?P<why>outside the period|of other categories)")
_VERDICT: Final = re.compile(r"\b(significantly better|significantly worse|in[- ]line)\b")


def rank_claims_of(masked: Masked, sentence: Sentence, context: list[Subject]) -> list[Claim]:
    """Return the claims about order, part and season of a sentence."""
    return [
        *_ranked(masked, sentence, context),
        *_shares(masked, sentence),
        *_seasons(masked, sentence, context),
        *_places(masked, sentence, context),
        *_records(sentence, context),
    ]


def _ranked(masked: Masked, sentence: Sentence, context: list[Subject]) -> Iterator[Claim]:
    """Find which area is said to have most, how many, and at what rate."""
    text = masked.text
    listed = False
    for kind, pattern in (("most", _MOST), ("highest rate", _RATED), ("of area", _BRACKETED)):
        if kind == "of area" and not (listed or text.startswith("Next come")):
            continue
        for match in pattern.finditer(text):
            listed = listed or kind == "most"
            given = match.groupdict()
            values = [given[key] or "" for key in ("n", "rate", "low", "high") if key in given]
            yield Claim(
                kind, sentence, unmasked(match[0], masked), context, areas=_named(match["areas"], masked),
                values=values, span=match.span(),
            )  # fmt: skip
    for match in _SPOTS.finditer(text):
        yield Claim(
            "spots", sentence, unmasked(match[0], masked), context, areas=_named(match["areas"], masked),
            value=f"{match['kind'].capitalize()} spot {match['level']}%", span=match.span(),
        )  # fmt: skip
    if listed or len(masked.areas) != 1 or _RATED.search(text):
        return
    for match in [*_HIGHEST.finditer(text), *_HIGHEST_IN.finditer(text)]:
        place = re.search(SUBJECT, match[0])
        words = match[0].lower()
        gap = match.groupdict().get("gap") or ""
        if place and _GAP.fullmatch(gap):
            who = masked.subjects[int(place[1])]
        elif not place and re.match(r"\s*(?:crime )?(?:level|number|rate)s?\b", gap):
            who = context
        else:
            who = []
        by = "rate" if " rate" in words else "count" if "number" in words else "either"
        yield Claim(
            "rank", sentence, unmasked(match[0], masked), who, areas=masked.areas,
            direction=-1 if match["how"].lower() == "lowest" else 1, value=by, span=match.span(),
        )  # fmt: skip


def _named(text: str, masked: Masked) -> list[str]:
    return [masked.areas[int(place)] for place in re.findall(AREA, text)]


def _shares(masked: Masked, sentence: Sentence) -> Iterator[Claim]:
    """Find what part of what something is said to be."""
    text = masked.text
    for match in [*_MAKES.finditer(text), *_NO_PART.finditer(text)]:
        given = match.groupdict()
        part = masked.subjects[int(match[1])]
        flag = _flag(part)
        inner = re.fullmatch(SUBJECT, match["whole"])
        part = [] if elsewhere(text, *match.span()) else part
        whole = masked.subjects[int(inner[1])] if inner else []
        values = [given.get("a") or "", match["b"] or ""]
        yield Claim(
            "share", sentence, unmasked(match[0], masked), part,
            percent=given.get("n") or ("100" if given["every"] else "0"), whole=whole,
            values=values, value=flag.lower() or None, span=match.span(),
        )  # fmt: skip
    for match in _MIX.finditer(text):
        yield Claim(
            "mix", sentence, unmasked(match[0], masked), masked.subjects[int(match[1])],
            direction=1 if match["way"] == "higher" else -1,
            values=[match[name] for name in "pabqcd"], span=match.span(),
        )  # fmt: skip
    for match in _OF_ALL.finditer(text):
        worded = match["n"].lower() in FRACTIONS
        if not worded and not match["pct"]:
            continue
        places = re.findall(SUBJECT, match[0])
        whole = masked.subjects[int(places[0])]
        part = masked.subjects[int(places[1])] if len(places) > 1 else []
        flag = match["flag"] or _flag(part)
        yield Claim(
            "share", sentence, unmasked(match[0], masked),
            [] if elsewhere(text, *match.span()) else part or whole, percent=match["n"], whole=whole,
            about=worded, value=flag.lower() or None, span=match.span(),
        )  # fmt: skip


def _flag(part: list[Subject]) -> str:
    """Name the flag that records of a part have: alcohol, of "Alcohol-related crimes"."""
    every = (_FLAG.match(name) for one in part for name in (one.name, one.measure))
    return next((named[1] for named in every if named), "")


def _seasons(masked: Masked, sentence: Sentence, context: list[Subject]) -> Iterator[Claim]:
    """Find which months are said to stand out."""
    text = masked.text
    for pattern, way in ((_PEAKED, 1), (_PEAKS, 1), (_LOWEST, -1)):
        for match in pattern.finditer(text):
            given = match.groupdict()
            months = re.findall(_MONTH, given.get("months") or given.get("months2") or "")
            place = re.search(SUBJECT, match[0])
            yield Claim(
                "season", sentence, unmasked(match[0], masked),
                masked.subjects[int(place[1])] if place else context, direction=way, words=months,
                values=re.findall(rf"({NUMBER}){CENT}", given.get("pcts") or ""), span=match.span(),
            )  # fmt: skip
    for match in _MONTH_PEAK.finditer(text):
        unit = match["unit"] or ""
        named = re.findall(SUBJECT, unit) or (
            re.findall(SUBJECT, text[: match.start()])[-1:]
            if unit.lower() in ("", "offences", "crimes", "incidents", "in", "fires") else []
        )  # fmt: skip
        yield Claim(
            "month", sentence, unmasked(match[0], masked),
            masked.subjects[int(named[-1])] if named else [], value=match["n"],
            words=[match["month"], match["year"]], span=match.span(),
        )  # fmt: skip
    for match in _NONE_STANDS.finditer(text):
        who = masked.subjects[int(match[1])]
        yield Claim("even", sentence, unmasked(match[0], masked), who, span=match.span())


def _records(sentence: Sentence, context: list[Subject]) -> Iterator[Claim]:
    """Find how many records are said to have been counted, and not."""
    for match in _ALL.finditer(sentence.text):
        yield Claim("records", sentence, match[0], context, value=match["n"], span=match.span())
    for match in _LEFT.finditer(sentence.text):
        text = match[0]
        yield Claim("left", sentence, text, context, value=match["n"], words=[match["why"]],
                    span=match.span())  # fmt: skip


def _places(masked: Masked, sentence: Sentence, context: list[Subject]) -> Iterator[Claim]:
    """Find in which place an area is said to be, and in which word."""
    text = masked.text
    who = masked.subjects[0] if len(masked.subjects) == 1 else [] if masked.subjects else context
    for match in _PLACE.finditer(text):
        verdict = _VERDICT.search(text)
        yield Claim(
            "place", sentence, unmasked(match[0], masked), who,
            values=[match["place"], match["members"]],
            value=verdict[1].replace("-", " ") if verdict else None, span=match.span(),
        )  # fmt: skip
