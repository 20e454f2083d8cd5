"""Figures as they stand in a table: thousands, signs, a dash for what there is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from lsoahot.describe import numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

DASH: Final = "\N{EN DASH}"
MINUS: Final = "\N{MINUS SIGN}"
WITHHELD: Final = "withheld"


def whole(value: object) -> str:
    r"""Write a count.

    Examples
    --------
    >>> whole(1256), ascii(whole(None))
    ('1,256', "'\\u2013'")
    """
    number = numbers.number(value)
    return DASH if number is None else f"{number:,.0f}"


def decimal(value: object) -> str:
    """Write a rate with one decimal, as partnerships publish them.

    Examples
    --------
    >>> decimal(85.379)
    '85.4'
    """
    number = numbers.number(value)
    return DASH if number is None else f"{number:,.1f}"


def limits(row: Mapping[Any, Any] | pd.Series, low: str, high: str, digits: int = 1) -> str:
    """Write the limits of a figure.

    Examples
    --------
    >>> limits({"a": 72.4, "b": 100.04}, "a", "b")
    '72.4 to 100.0'
    """
    ends = [numbers.number(row[name]) for name in (low, high)]
    return DASH if None in ends else " to ".join(f"{end:,.{digits}f}" for end in ends)


def signed(value: object) -> str:
    r"""Write a change with its sign.

    Examples
    --------
    >>> signed(43), ascii(signed(-49)), signed(0)
    ('+43', "'\\u221249'", '0')
    """
    number = numbers.number(value)
    if number is None:
        return DASH
    return f"{number:+,.0f}".replace("-", MINUS) if number else "0"


def change(row: Mapping[Any, Any] | pd.Series) -> str:
    r"""Write a change in per cent; none of fewer than 20, of which one is more than 5 %.

    Examples
    --------
    >>> change({"previous": 172, "change_pct": 68.02})
    '+68 %'
    >>> ascii(change({"previous": 40, "change_pct": -2.5}))
    "'\\u22122.5 %'"
    >>> ascii(change({"previous": 6, "change_pct": 33.3})), change({"previous": 22, "change_pct": 0})
    ("'\\u2013'", '0 %')
    """
    before, moved = numbers.number(row["previous"]), numbers.number(row["change_pct"])
    if before is None or moved is None or before < numbers.SMALL_BASE:
        return DASH
    sign = "" if not moved else "+" if moved > 0 else MINUS
    return f"{sign}{numbers.percent(abs(moved))}"


def share(part: object, of: object) -> str:
    r"""Write a part of a whole in per cent.

    Examples
    --------
    >>> share(188, 1256), ascii(share(1, 8)), share(0, 50)
    ('15 %', "'\\u2013'", '0 %')
    """
    one, every = numbers.number(part), numbers.number(of)
    if one is None or every is None or every < numbers.SMALL_BASE:
        return DASH
    return numbers.percent(100 * one / every)


def change_cells(row: Mapping[Any, Any] | pd.Series) -> list[str]:
    """Write a change in events, in per cent, and the word of its test: a cell each."""
    return [signed(row["change"]), change(row), verdict(row["verdict"])]


def verdict(value: object) -> str:
    """Write the word of a test."""
    return value if isinstance(value, str) else DASH
