"""Numbers in words and figures: never 0 % or 100 % where it is not, no percentage of a few."""

from __future__ import annotations

from typing import Final, cast

import pandas as pd

# From fewer events than this no percentage is said: one event more or less would move it by more
# than five points, and by chance alone such a count varies by a quarter of itself (1 / sqrt(20)).
# It is also where the Office for National Statistics begins to mark rates as unreliable.
SMALL_BASE: Final = 20

WORDS: Final = (
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
)  # fmt: skip
_WHOLE_FROM: Final = 10  # per cent: from here on decimals say nothing
_EVERY: Final = 100
_TO_ZERO: Final = 0.05  # rates below this would be rounded to nothing
ALPHA: Final = 0.05  # what is called more than chance


def number(value: object) -> float | None:
    """Return a cell of a table as a float, or None where it is missing."""
    return None if pd.isna(cast("float", value)) else float(cast("float", value))


def figure(value: float) -> str:
    """Write a count (or a sum of weights) with its thousands: ``1,256``, ``12.5``.

    Examples
    --------
    >>> figure(1256), figure(12.5), figure(1234.5)
    ('1,256', '12.5', '1,234')
    """
    whole = float(value).is_integer() or abs(value) >= _EVERY
    return f"{value:,.0f}" if whole else f"{value:,.1f}"


def percent(value: float) -> str:
    """Write a percentage, which is 0 or more, so that it says neither 0 nor 100 where it is not.

    Examples
    --------
    >>> [percent(x) for x in (3.545, 68.02, 0.04, 99.6, 99.99, 100, 3)]
    ['3.5 %', '68 %', 'less than 0.1 %', '99.6 %', 'almost 100 %', '100 %', '3 %']
    """
    if float(value).is_integer():
        return f"{value:,.0f} %"
    near = f"{value:.0f}" in ("0", "100")
    text = f"{value:.1f}" if near or float(f"{value:.1f}") < _WHOLE_FROM else f"{value:,.0f}"
    if text == "0.0":
        return "less than 0.1 %"
    if text == "100.0":
        return "almost 100 %" if value < _EVERY else "a little over 100 %"
    return f"{text} %"


def rate(value: float) -> str:
    """Write a rate with one decimal, or with two digits that count where it is small.

    Examples
    --------
    >>> rate(85.379), rate(1234.5), rate(0.0123), rate(0.0)
    ('85.4', '1,234.5', '0.012', '0.0')
    """
    return f"{value:,.1f}" if value == 0 or value >= _TO_ZERO else f"{value:.2g}"


def words(value: int) -> str:
    """Write how many, which is not itself a finding: in words up to ten, as style guides have it.

    Examples
    --------
    >>> words(0), words(2), words(23)
    ('no', 'two', '23')
    """
    return WORDS[value] if 0 <= value < len(WORDS) else figure(value)
