"""A claim: what a sentence says of which subject, as figures.

Names are masked (``«0»`` a subject, ``§0§`` an area), so that a pattern holds whatever is spoken of. A
claim whose subject is not certain is made without one: it can't be checked, and is counted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .find_subjects import Masked
    from .read_draft import Sentence
    from .subjects import Subject

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


@dataclass
class Claim:
    """Something that a sentence says of a subject."""

    kind: str
    sentence: Sentence
    said: str
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


def close(said: str, value: float) -> bool:
    """Tell whether a number is the value, rounded to as many decimals as it is written with."""
    return abs(number(said) - value) <= 0.5 * 10.0 ** -decimals(said) + 1e-9


def told(text: str, masked: Masked) -> str:
    """Put names back for the numbers that stand for them."""
    text = re.sub(SUBJECT, lambda m: masked.subjects[int(m[1])][0].name, text)
    return re.sub(AREA, lambda m: masked.areas[int(m[1])], text).strip()
