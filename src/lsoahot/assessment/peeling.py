"""All the problems of some settings, not only the first: each is taken out, and the rest read."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")
Keys = tuple[str, ...]  # the way to a part of the settings: ("measures", "burglary", "source")

# What must be there is replaced by something without a problem, so that the rest can be read.
OF_EACH: Final = {"dataset": "crime", "source": "sample"}  # of each measure and table
EACH: Final = ("measures", "tables")
SOUND: Final[dict[str, dict[str, Any]]] = {
    "boundaries": {"source": "sample"},
    "period": {"start": "0001-01", "end": "9999-12"},
    "population": {"source": "sample"},
    "measures": {"model": OF_EACH},
}


def peeled(
    settings: Mapping[str, Any], read: Callable[[dict[str, Any]], T]
) -> tuple[list[str], set[str], T | None]:
    """Return every message that reading some settings gives, and what could be read.

    Parameters
    ----------
    settings : dict
        The settings, in the shape of the file.
    read : callable
        Reads them, and raises ValueError at the first problem.

    Returns
    -------
    list of str, set of str, object
        The messages; the parts that are replaced, whole or in what they can't be without; and what
        ``read`` made of the rest, None where that can't be read either.

    Examples
    --------
    >>> def read(settings):
    ...     for name, measure in settings["measures"].items():
    ...         if "sorce" in measure:
    ...             raise ValueError(f"{name} has an unknown key 'sorce'")
    ...     return list(settings["measures"])
    >>> peeled({"measures": {"a": {"sorce": "x"}, "b": {}, "c": {"sorce": "y"}}}, read)
    (["a has an unknown key 'sorce'", "c has an unknown key 'sorce'"], set(), ['a', 'b', 'c'])
    """
    left = copy.deepcopy(dict(settings))
    messages: list[str] = []
    replaced: list[Keys] = []
    while (problem := _problem(left, read)) is not None:
        messages.append(problem)
        bad = _culprit(left, problem, read)
        if bad is None:
            return messages, set(), None
        left = _without(left, bad)
        replaced += [bad] if _sound(bad) is not None else []
        if not left.get("measures"):
            left = _without(left, ("measures",))
            replaced.append(("measures",))
    for part, *rest in replaced:
        if part in EACH and rest and len(left[part]) > 1:
            left[part].pop(rest[0], None)
    unlike = {part for part, *rest in replaced if part not in EACH or not rest}
    return messages, unlike, read(left) if _problem(left, read) is None else None


def _problem(settings: dict[str, Any], read: Callable[[dict[str, Any]], T]) -> str | None:
    """Return the first problem."""
    try:
        read(settings)
    except ValueError as problem:
        return str(problem)
    return None


def _culprit(
    settings: dict[str, Any], problem: str, read: Callable[[dict[str, Any]], T]
) -> Keys | None:
    """Find what to take out for a problem to go: what the message names first, small before large."""
    ways = [*_ways(settings), *((part,) for part in SOUND if part not in settings)]
    ways.sort(key=lambda way: (way[-1] not in problem, -len(way)))
    return next((way for way in ways if _problem(_without(settings, way), read) != problem), None)


def _ways(part: object, above: Keys = ()) -> Iterator[Keys]:
    """Go through every key of the settings, and of their parts."""
    if isinstance(part, Mapping):
        for key, value in part.items():
            yield (*above, key)
            yield from _ways(value, (*above, key))


def _without(settings: dict[str, Any], way: Keys) -> dict[str, Any]:
    """Return the settings without a key, or with something sound in its place."""
    left = copy.deepcopy(settings)
    part = left
    for key in way[:-1]:
        part = part[key]
    sound = _sound(way)
    if sound is None:
        del part[way[-1]]
    else:
        part[way[-1]] = copy.deepcopy(sound)
    return left


def _sound(way: Keys) -> object:
    """Return what can stand in a place that must not be empty, or None where it may."""
    match way:
        case (part,):
            return SOUND.get(part)
        case ("measures" | "tables", _, key):
            return OF_EACH.get(key)
        case ("measures" | "tables", *_):
            return None
        case (part, key, *_):
            return SOUND.get(part, {}).get(key)
    return None
