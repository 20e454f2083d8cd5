"""A user's own text: paragraphs, bullets and bold, and nothing that XML refuses."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final, NamedTuple

from lsoahot.common.month_names import month_year

# What XML 1.0 has no place for: most control characters, lone surrogates, two non-characters.
FORBIDDEN: Final = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
BULLET: Final = "- "
BOLD: Final = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")


class Block(NamedTuple):
    """A paragraph or a bullet."""

    text: str
    is_bullet: bool


def clean(text: object) -> str:
    r"""Return text without the characters that XML refuses.

    Examples
    --------
    >>> clean("Oak\x00ham\x1b Centre")
    'Oakham Centre'
    """
    return FORBIDDEN.sub("", str(text))


def bound(text: str) -> str:
    r"""Clean a text, and keep each "%" on the line of its number.

    Examples
    --------
    >>> bound("up 3.5 %")
    'up 3.5\xa0%'
    """
    return clean(text).replace(" %", "\N{NO-BREAK SPACE}%")


def blocks(text: str) -> list[Block]:
    r"""Divide a text: an empty line ends a paragraph, "- " begins a bullet.

    Examples
    --------
    >>> [tuple(block) for block in blocks("We aim\nto help.\n\n- Policing\n- Arson, and\n  fire")]
    [('We aim to help.', False), ('Policing', True), ('Arson, and fire', True)]
    """
    result: list[Block] = []
    is_open = False
    for raw in clean(text).splitlines():
        line = raw.strip()
        if not line:
            is_open = False
        elif line.startswith(BULLET):
            result.append(Block(line.removeprefix(BULLET).strip(), is_bullet=True))
            is_open = True
        elif is_open:
            result[-1] = result[-1]._replace(text=f"{result[-1].text} {line}")
        else:
            result.append(Block(line, is_bullet=False))
            is_open = True
    return result


def date_of(text: str) -> dt.date | None:
    """Read a date such as 2012-10-31, or a month such as 2012-10; None of anything else.

    Examples
    --------
    >>> date_of("2012-10"), date_of("Autumn 2012")
    (datetime.date(2012, 10, 1), None)
    """
    result = re.fullmatch(r"\s*(\d{4}-\d\d)(-\d\d)?\s*", text)
    try:
        return dt.date.fromisoformat(f"{result[1]}{result[2] or '-01'}") if result else None
    except ValueError:
        return None


def in_words(text: str) -> str:
    """Write a date as people do; leave what is no date.

    Examples
    --------
    >>> in_words("2012-10-31"), in_words("2012-10"), in_words("Autumn 2012")
    ('31 October 2012', 'October 2012', 'Autumn 2012')
    """
    date = date_of(text)
    if date is None:
        return text
    day = f"{date.day} " if text.strip().count("-") > 1 else ""
    return f"{day}{month_year(date)}"


def spans(text: str) -> list[tuple[str, bool]]:
    """Divide a line into parts, each with whether it is bold.

    Examples
    --------
    >>> spans("Our **first** aim")
    [('Our ', False), ('first', True), (' aim', False)]
    >>> spans("2 ** 3")
    [('2 ** 3', False)]
    """
    parts = BOLD.split(text)
    return [(part, bool(place % 2)) for place, part in enumerate(parts) if part]
