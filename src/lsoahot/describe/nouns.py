"""Nouns and lists: one crime and two crimes, makes and make, and names that hold commas."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from . import numbers

if TYPE_CHECKING:
    from collections.abc import Iterable

_HEAD_ENDS: Final = re.compile(
    r"\s(?:of|from|against|with|without|to|in|on|by|other than|per|resulting|recorded|reported|flagged"
    r"|committed|involving)\b"
)
_ALSO_PLURAL: Final = ("people", "persons", "children", "police", "women", "men")
# The noun that a dataset counts, in the singular.
UNITS: Final = {
    "crimes": "crime",
    "incidents": "incident",
    "fires": "fire",
    "crimes and incidents": "crime or incident",
}


def plural(noun: str) -> str:
    """Return the plural of a noun, of each one where two are joined.

    Examples
    --------
    >>> plural("crime"), plural("burglary"), plural("crime or incident"), plural("theft of cycle")
    ('crimes', 'burglaries', 'crimes and incidents', 'thefts of cycle')
    """
    if joined := re.fullmatch(r"(.+?) (?:or|and) (.+)", noun):
        return f"{plural(joined[1])} and {plural(joined[2])}"
    end = _HEAD_ENDS.search(noun)
    head, rest = (noun[: end.start()], noun[end.start() :]) if end else (noun, "")
    if head.endswith(_ALSO_PLURAL):
        return noun
    if head.endswith("person"):
        return f"{head.removesuffix('person')}people{rest}"
    if re.search(r"[^aeiou]y$", head):
        return f"{head[:-1]}ies{rest}"
    return f"{head}{'es' if re.search('(s|x|ch|sh)$', head) else 's'}{rest}"


def unit(noun: object) -> str | None:
    """Return the singular of what a dataset counts, if it is known.

    Examples
    --------
    >>> unit("crimes"), unit("sightings")
    ('crime', None)
    """
    return UNITS.get(str(noun))


def counted(value: float, unit: str | None) -> str:
    """Say how many of a unit: ``1 crime``, ``1,256 crimes``; ``none`` of nothing.

    Examples
    --------
    >>> counted(1, "crime"), counted(2, "crime"), counted(0, "crime"), counted(22, None)
    ('1 crime', '2 crimes', 'none', '22')
    """
    if value == 0:
        return "none"
    if unit is None:
        return numbers.figure(value)
    noun = unit.replace(" and ", " or ") if value == 1 else plural(unit)
    return f"{numbers.figure(value)} {noun}"


def are_many(subject: str) -> bool:
    """Tell whether a subject takes a verb in the plural: by its head word, or by an "and".

    Examples
    --------
    >>> [are_many(s) for s in ("Deliberate fires", "Theft of cycles", "Fraud and forgery", "Arson")]
    [True, False, True, False]
    """
    end = _HEAD_ENDS.search(subject)
    head = (subject[: end.start()] if end else subject).strip().lower()
    last = head.split()[-1] if head else ""
    joined = re.search(r"\b(and|&)\b|&", head) is not None
    return joined or last in _ALSO_PLURAL or (last.endswith("s") and not last.endswith("ss"))


def verb(subject: str, one: str, many: str) -> str:
    """Choose the form of a verb that agrees with its subject."""
    return many if are_many(subject) else one


def inside(subject: str) -> str:
    """Write a subject for the middle of a sentence: without its capital, if that is all it has.

    Examples
    --------
    >>> inside("Criminal damage"), inside("ASB"), inside("NHS referrals")
    ('criminal damage', 'ASB', 'NHS referrals')
    """
    return subject if subject[1:2].isupper() else subject[:1].lower() + subject[1:]


def opening(text: str) -> str:
    """Begin a sentence with a capital."""
    return text[:1].upper() + text[1:]


def holds_joints(name: str) -> bool:
    """Tell whether a name holds a comma or an "and" itself, as "Edith Weston and the Luffenhams"."""
    return ", " in name or " and " in name


def several(names: Iterable[str]) -> str:
    """Join names by commas and "and", or by semicolons where a name holds one of these itself.

    Examples
    --------
    >>> several(["Exton", "Greetham", "Ryhall"])
    'Exton, Greetham and Ryhall'
    >>> several(["Martinsthorpe", "Normanton, Edith Weston and the Luffenhams"])
    'Martinsthorpe; and Normanton, Edith Weston and the Luffenhams'
    """
    every = list(names)
    hard = len(every) > 1 and any(map(holds_joints, every))
    if len(every) <= 1:
        return "".join(every)
    comma, last = ("; ", "; and ") if hard else (", ", " and ")
    return comma.join(every[:-1]) + last + every[-1]
