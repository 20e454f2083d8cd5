"""The claims of change, of counts and of rates: what moved which way, by how much, from what to what."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from .claim import CENT, FALL, NUMBER, RISE, SUBJECT, Claim, number, unmasked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .find_subjects import Masked
    from .read_draft import Sentence
    from .subjects import Subject

_MOVED: Final = re.compile(rf"\b(?:(?P<up>{RISE})|(?P<down>{FALL}))\b", re.IGNORECASE)
# What may stand between a subject and its verb, too: a bracket, a percentage, another change.
_BESIDES: Final = re.compile(rf"\([^)]*\)|{NUMBER}{CENT}|{_MOVED.pattern}", re.IGNORECASE)
_ABOUT: Final = (
    r"(?P<about>only |just |about |around |some |nearly |almost |approximately |over |more than "
    r"|less than )?"
)
_BY: Final = re.compile(
    rf"\s*(?:overall |again |slightly |sharply )?(?:by |of )?{_ABOUT}(?P<n>{NUMBER})(?P<pct>{CENT})?",
    re.IGNORECASE,
)
_OF_OTHERS: Final = re.compile(
    r"\s*(?:thirds?|quarters?|fifths?|tenths?|times|(?:percentage )?points?)\b"
)
_LATER: Final = re.compile(rf"\s+(?:of|by) {_ABOUT}(?P<n>{NUMBER})(?P<pct>{CENT})", re.IGNORECASE)
_BESIDE: Final = re.compile(rf"[\s\w]{{0,24}}\(\s*[-\u2212\u2013+]?(?P<n>{NUMBER}){CENT}\s*\)")
_BEFORE: Final = re.compile(rf"(?P<n>{NUMBER})(?P<pct>{CENT})\s*(?:overall\s+)?$", re.IGNORECASE)
_FROM_TO: Final = re.compile(
    rf"\bfrom (?P<a>{NUMBER}|none)(?P<cent>{CENT})?(?: [\w-]+){{0,3}}?"
    rf" to (?P<b>{NUMBER}|none)(?!\d|[.,]\d|\s*%)",
    re.IGNORECASE,
)
_FROM_NONE: Final = re.compile(rf"\s*to (?P<b>none), from (?P<a>{NUMBER})\b")
_IN: Final = re.compile(
    rf"\s*(?:in|of|for)(?P<gap>[^\u00ab\u00a7.;,]{{0,60}}){SUBJECT}"
    rf"(?P<more>(?:(?:,| and|, and) {SUBJECT})*)"
)
# What may stand between a subject and its verb, or between a noun of change and its subject.
_BETWEEN: Final = frozenset(
    re.findall(
        r"\w+",
        "a almost also an and are as been category committed county crimes did during experienced "
        "for had has have in incidents is it its large last level levels months nearly number of "
        "offences only over overall past police rate recorded reported saw see seen show "
        "showed shows significant significantly slight small substantial the this to total "
        "volume was were which with year years",
    )
)
_NO_CHANGE: Final = re.compile(
    rf"no change in (?:the )?(?:number |level |rate )?(?:of )?{SUBJECT}"
    rf"|{SUBJECT}(?: [\w]+){{0,3}}? (?:did not change|unchanged|remained the same)"
    rf"|{SUBJECT}[^.;\u00ab]{{0,70}}\bno change\b",
    re.IGNORECASE,
)
_BOTH: Final = re.compile(rf":\s*(?P<n>{NUMBER}|none)\b[^.]*? in (?:both|either)\b")
_SIGNED: Final = re.compile(
    rf"{SUBJECT}\s*\(\s*(?P<sign>[-\u2212\u2013+])\s*(?P<n>{NUMBER}){CENT}\s*\)"
)
_MORE: Final = re.compile(rf"\b(?P<n>{NUMBER}) (?P<way>more|fewer) {SUBJECT}", re.IGNORECASE)
_DOUBLED: Final = re.compile(
    rf"{SUBJECT}(?P<gap>[^.;\u00ab]{{0,40}}?)\bdoubl(?:ed|ing)\b", re.IGNORECASE
)
_COUNT: Final = re.compile(
    r"\bthere (?:were|was|have been|has been) (?:a total of |only |just )?"
    rf"(?P<n>{NUMBER}) (?!or |more |fewer |less )(?:\w+ )?{SUBJECT}"
    rf"|(?<![\w.,])(?P<n2>{NUMBER}) {SUBJECT}(?: offences?| crimes?)?"
    r" (?:were |was |have been )?(?:recorded|reported)"
    rf"|{SUBJECT} came to (?P<n3>{NUMBER}|none)\b(?!\s*%)",
    re.IGNORECASE,
)
_RATE: Final = re.compile(
    rf"\brate of (?P<n>{NUMBER})(?: [\w\u00ab\u00bb]+){{0,2}}? per 1,?000\b"
    rf"|{SUBJECT} came to [^.;]*?, (?P<n2>{NUMBER}) per 1,000\b",
    re.IGNORECASE,
)
_DENIED: Final = re.compile(
    r"\b(?:not|no|never|neither|nor|will|would|could|may|might|should|any|if|unless|whether|target|aim|"
    r"forecast|expected|predicted|want|wants|wish|hope|hopes|need|needs|plan|plans)\b",
    re.IGNORECASE,
)
_JOINT: Final = re.compile(
    r"(?P<noun>\w+) (?:for|of|from|against|about|with|on|to)"
    r"(?: (?:the|all|these|our|police|total|recorded|reported))* $",
    re.IGNORECASE,
)
_COUNTED: Final = frozenset(
    re.findall(
        r"\w+",
        "amount change count crimes decrease fall increase incidents level levels none number numbers "
        "offences percent rate rates reduction rise share total volume",
    )
)
# "in Leicester", "across England": of a place that is not the draft's own
_PLACE: Final = re.compile(
    r"\b(?:in|across|for|within|throughout|of) (?:the )?(?!FY\b|January|February|March|April|May|June|July"
    r"|August|September|October|November|December)[A-Z][a-z]"
)
_STEPS: Final = re.compile(
    rf"Of (?P<all>{NUMBER}) steps? from one \w+ to the next, (?P<sure>{NUMBER}) w"
    r"|No step from one \w+ to the next w"
)
_STEP: Final = re.compile(r"\bthe (?P<way>rise|fall) in (?P<year>(?:FY )?\d{4}(?:/\d\d)?)")
_THIS: Final = re.compile(r"(?:This|It|That) (?:is|was|represents) an?(?: [\w%.-]+){0,2} ?$")
_TESTED: Final = re.compile(
    r"this is (?:(more than|a clear)|within what|no clear|large, but not sure)"
)
_SIGNIFICANT: Final = re.compile(r"\b(?:statistically )?significant(?:ly)?\b", re.IGNORECASE)


def change_claims_of(
    masked: Masked, sentence: Sentence, context: list[Subject], before: list[Subject]
) -> list[Claim]:
    """Return the claims about change, counts and rates of a sentence.

    ``context`` is what its section is about, ``before`` what the sentence before it was about.
    """
    text = masked.text
    if _STEPS.match(text):
        return list(_of_steps(sentence, context))
    claims = [*_changes(masked, sentence, before)]
    for match in _SIGNED.finditer(text):
        way = 1 if match["sign"] == "+" else -1
        claims.append(_claim("change", sentence, match, masked, direction=way, percent=match["n"]))
    for match in _MORE.finditer(text):
        way = 1 if match["way"].lower() == "more" else -1
        claims.append(_claim("change", sentence, match, masked, direction=way, amount=match["n"]))
    claims += [
        _claim("doubled", sentence, match, masked, direction=1, about=True)
        for match in _DOUBLED.finditer(text)
        if _plain(match["gap"])
    ]
    for match in _NO_CHANGE.finditer(text):
        both = _BOTH.match(text, match.end())
        now = number(both["n"]) if both else None
        claims.append(_claim("change", sentence, match, masked, direction=0, now=now))
    for match in _COUNT.finditer(text):
        value = match["n"] or match["n2"] or match["n3"]
        claims.append(_claim("count", sentence, match, masked, value=value))
    for match in _RATE.finditer(text):
        near = re.findall(SUBJECT, text)
        who = masked.subjects[int(near[-1])] if len(set(near)) == 1 else [] if near else context
        claims.append(
            Claim(
                "rate", sentence, unmasked(match[0], masked), who, areas=masked.areas,
                value=match["n"] or match["n2"], span=match.span(),
            )
        )  # fmt: skip
    for claim in claims:
        named = re.search(SUBJECT, text[claim.span[0] : claim.span[1]])
        counted = named is None or is_head(text[: claim.span[0] + named.start()])
        if claim.kind != "rate" and (elsewhere(text, *claim.span) or not counted):
            claim.subjects = []
    return claims


def _of_steps(sentence: Sentence, context: list[Subject]) -> Iterator[Claim]:
    """Find which steps from year to year are said to be more than chance."""
    for match in _STEPS.finditer(sentence.text):
        values = [match["all"] or "no", match["sure"] or "no"]
        yield Claim("steps", sentence, match[0], context, values=values, span=match.span())
    for match in _STEP.finditer(sentence.text):
        way = 1 if match["way"] == "rise" else -1
        yield Claim(
            "step", sentence, match[0], context, direction=way, value=match["year"],
            span=match.span(),
        )  # fmt: skip


def _claim(
    kind: str, sentence: Sentence, match: re.Match[str], masked: Masked, **figures: Any
) -> Claim:
    """Make a claim of a match whose one subject is the group of digits that was found."""
    subjects = masked.subjects[int(re.findall(SUBJECT, match[0])[0])]
    stated = unmasked(match[0], masked)
    return Claim(kind, sentence, stated, subjects, span=match.span(), **figures)


def _changes(masked: Masked, sentence: Sentence, context: list[Subject]) -> Iterator[Claim]:
    """Find what is said to have risen or fallen, by how much, and of what."""
    text = masked.text
    moves = list(_MOVED.finditer(text))
    done: list[tuple[int, int]] = []
    for place, move in enumerate(moves):
        if any(a <= move.start() < b for a, b in done) or _denied(text[: move.start()]):
            continue
        limit = moves[place + 1].start() if place + 1 < len(moves) else len(text)
        semicolon = text.find(";", move.end() + 1, limit)
        after = text[move.end() : limit if semicolon < 0 else semicolon]
        before = text[: move.start()]
        claim = Claim("change", sentence, "", direction=1 if move["up"] else -1)
        end = _amounts(claim, before, after, start=move.end())
        who = _subjects(before, after, claim, masked)
        if not who and context and not masked.subjects and _THIS.match(before):
            who = [context]
        tested = _TESTED.search(text, end)
        if tested:
            claim.significant = tested[1] is not None
        elif _SIGNIFICANT.search(before[-30:]):
            claim.significant = True
        start = move.start()
        if claim.percent and not after[:20].strip():  # "a 4 % rise"
            start = max(0, start - 12)
        claim.stated = unmasked(text[start:end], masked)
        claim.span = (move.start(), end)
        done.append((move.start(), end))
        if not who:
            yield claim
        yield from (replace(claim, subjects=one) for one in who)


def _amounts(claim: Claim, before: str, after: str, *, start: int) -> int:
    """Read by how much, and from what to what; return where the claim ends."""
    if none := _FROM_NONE.match(after):
        claim.before, claim.now = number(none["a"]), 0.0
        return start + none.end()
    end = 0
    if by := _BY.match(after):
        end = _by(claim, by, after)
    elif earlier := _BEFORE.search(before):
        claim.percent = earlier["n"]
    if into := _IN.match(after, end):
        end = into.end()
        text = claim.percent is not None or claim.amount is not None
        if not text and (later := _LATER.match(after, end)):
            claim.percent, end, claim.about = later["n"], later.end(), later["about"] is not None
    if (ends := _FROM_TO.search(after)) and not ends["cent"]:
        claim.before, claim.now = number(ends["a"]), number(ends["b"])
        end = max(ends.end(), end)
    return start + end


def _by(claim: Claim, by: re.Match[str], after: str) -> int:
    """Read "by 43 (3.5 %)"; return where it ends."""
    claim.about = by["about"] is not None and by["about"].strip().lower() not in ("only", "just")
    if by["pct"]:
        claim.percent = by["n"]
    elif _OF_OTHERS.match(after, by.end()):  # two thirds, three times, percentage points
        claim.about = True
    else:
        claim.amount = by["n"]
        if beside := _BESIDE.match(after, by.end()):
            claim.percent = beside["n"]
            return beside.end()
    return by.end()


def _subjects(before: str, after: str, claim: Claim, masked: Masked) -> list[list[Subject]]:
    """Find what a change is said of: after "in", or before the verb; nothing if there is doubt."""
    skip = _BY.match(after)
    into = _IN.match(after, skip.end() if skip and (claim.percent or claim.amount) else 0)
    if into is None:
        into = _IN.match(after)
    if into and _plain(into["gap"]):
        every = [into[2], *re.findall(SUBJECT, into["more"])]
        if not re.match(r"\s*\(\s*[-+\u2212\u2013\d]", after[into.end() :]):
            return [masked.subjects[int(one)] for one in every]
        return []
    near = list(re.finditer(SUBJECT, before))
    if near:
        gap = _BESIDES.sub(" ", before[near[-1].end() :])
        if _plain(gap) and is_head(before[: near[-1].start()]):
            return [masked.subjects[int(near[-1][1])]]
    return []


def _plain(gap: str) -> bool:
    """Tell whether nothing of substance stands in a gap."""
    return all(
        word in _BETWEEN for word in re.findall(r"[^\W\d_]+|\d+|[\u00a7\u00ab]", gap.lower())
    )


def _denied(before: str) -> bool:
    """Tell whether a change is denied, wished for, or only possible."""
    clause = re.split(r"[,;:.](?=\s)|\bbut\b|\bhowever\b", before)[-1]
    wished = re.search(r"\bto(?: \w+)? $", clause) and not re.search(r"category to $", clause)
    return wished is not None or _DENIED.search(clause) is not None


def is_head(before: str) -> bool:
    """Tell whether a subject is what is counted: not "arrests for" it, nor "fear of" it."""
    joint = _JOINT.search(before)
    return joint is None or joint["noun"].lower() in _COUNTED


def elsewhere(text: str, start: int, end: int) -> bool:
    """Tell whether what stands at a place of a masked sentence is said of an area, or of another place."""
    before = re.split(r"[,;:](?=\s)", text[:start])[-1]
    after = re.split(r"[,;:.](?=\s|$)|\b(?:and|while|but|which)\b", text[end:])[0]
    return "\u00a7" in before + text[start:end] + after or _PLACE.search(after) is not None
