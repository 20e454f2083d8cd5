"""Names that differ, also where capitals don't count, and are as short as a program wants them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def unique_names(
    names: Iterable[str],
    shorten: Callable[[str, str], str],
    *,
    joint: str,
    taken: Iterable[str] = (),
) -> list[str]:
    """Return each name, shortened, with a number after it where it is taken.

    Parameters
    ----------
    names : iterable of str
        The names; they may repeat.
    shorten : callable
        Takes a name and its ending (or nothing), and returns both, short enough together.
    joint : str
        What stands before the number.
    taken : iterable of str
        Names that none may have.

    Examples
    --------
    >>> unique_names(["rate", "Rate", "fid"], lambda name, end: name + end, joint="_", taken=["fid"])
    ['rate', 'Rate_2', 'fid_2']
    """
    used = {name.casefold() for name in taken}
    result = []
    for name in names:
        new, number = shorten(name, ""), 1
        while new.casefold() in used:
            number += 1
            new = shorten(name, f"{joint}{number}")
        used.add(new.casefold())
        result.append(new)
    return result
