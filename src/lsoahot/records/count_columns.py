"""The column of counts: which header names it, and what its cells hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from lsoahot.common.checks import shown
from lsoahot.common.number_cells import read_numbers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lsoahot.common.number_cells import Cells


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text, for lists of what headers say."""
    return frozenset(text.split())


_COUNTERS: Final = word_set(
    """count counts counted cnt total totals volume volumes vol freq freqs frequency frequencies tally
    tallies quantity qty observation observations obs value values figure figures sum amount num nums"""
)
_NUMBERS: Final = word_set("number numbers no nos nr n num nbr")
_EVENTS: Final = word_set(
    """crimes offences offenses incidents records events cases occurrences calls reports fires rows
    entries callouts"""
)
_KINDS: Final = word_set(
    """crime offence offense incident record event case occurrence call report fire row entry asb
    notifiable alcohol drugs drug domestic hate deliberate burglary criminal police recorded reported
    related abuse"""
)
_FILLERS: Final = word_set(
    """of the all in for per and by month monthly annual year yearly lsoa area grand sum overall"""
)
_SINGLED: Final = word_set("distinct unique")  # "Distinct count of URN"
# Headers that may as well be of money, of persons or of a reference: only the cells tell.
_VAGUE: Final = word_set(
    """value values figure figures amount sum quantity qty number numbers no nos n nr nbr num"""
)
_RATE: Final = re.compile(
    r"(?<![a-z])(?:rates?|scores?|ranks?|deciles?|per ?cent\w*|pct|share|density|ratio)(?![a-z])|%"
    r"|(?<![a-z])per[ _]*(?:[\d,]+|head|capita|persons?|pop\w*|residents?|households?|km|hectare|ha)(?![a-z])"
)
_LARGEST: Final = 1_000_000  # no row of a table of small areas stands for as many events
_MANY: Final = 10_000  # more than the residents of nearly every LSOA
_ROWS: Final = 6  # as many numbers in a row that rise by one, from one on, are no chance
_REFERENCE: Final = 1_000  # nor are they from here on
_HUNDREDS: Final = 100  # nor are they in another order from here on
_RISING: Final = 8  # as many that only rise may be one
_NEAR: Final = 0.1
_LSOA: Final = re.compile(r"[EW]0[01]\d{6}")


def words_of(header: object) -> list[str]:
    """Return the words of a header: ``"CrimeCount (2021)"`` has three.

    Examples
    --------
    >>> words_of("CrimeCount (2021)")
    ['crime', 'count', '2021']
    """
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", str(header)).replace("#", " number of ")
    return re.findall(r"[a-z]+|\d+", text.casefold())


def is_count(header: object) -> bool:
    """Tell whether a header names a number of events.

    Examples
    --------
    >>> [is_count(name) for name in ("Offence count", "Count of Crime ID", "No. of crimes", "Value")]
    [True, True, True, True]
    >>> [is_count(name) for name in ("Crime number", "Number of suspects", "Month number")]
    [False, False, False]
    """
    words = words_of(header)
    if not words or is_rate(header):
        return False
    bare = words[1:] if words[0] in _SINGLED else words
    if bare and bare[0] in {"count", "counts"} and (len(bare) < len(words) or bare[1:2] == ["of"]):
        return True
    if set(words) - (_COUNTERS | _NUMBERS | _EVENTS | _KINDS | _FILLERS):
        return False
    if set(words) & _COUNTERS - _NUMBERS:
        return True
    if set(words) & _NUMBERS:  # "Crime number" is a reference, "number of crimes" is none
        return len(words) == 1 or bool(set(words) & _EVENTS)
    return bool(set(words) & _EVENTS)


def counts_something(header: object) -> bool:
    """Tell whether a header says that it counts, of whatever kind.

    Examples
    --------
    >>> counts_something("Number of persons"), counts_something("Victim age")
    (True, False)
    """
    return bool(set(words_of(header)) & (_COUNTERS | _NUMBERS))


def is_rate(header: object) -> bool:
    """Tell whether a header names a rate or a share of events.

    Examples
    --------
    >>> is_rate("Rate per 1,000"), is_rate("% of crimes"), is_rate("Operator")
    (True, True, False)
    """
    return _RATE.search(str(header).casefold()) is not None


def is_vague(header: object) -> bool:
    """Tell whether a header that may be a count may as well be something else.

    Examples
    --------
    >>> is_vague("Value"), is_vague("Count")
    (True, False)
    """
    words = set(words_of(header)) - _FILLERS
    return bool(words) and words <= _VAGUE


def find(headers: Iterable[str]) -> list[str]:
    """List the headers that name a number of events, the plain ones before the vague."""
    named = [header for header in headers if is_count(header)]
    return sorted(named, key=is_vague)


class Counts(NamedTuple):
    """Counts as they were read, and what there is to say of them."""

    values: pd.Series  # (n,) int64, or Int64 with NA where the source gives none
    withheld: dict[str, int]  # the source's markers, and how many cells hold each
    warnings: list[str]


def read_counts(
    column: pd.Series, name: str, header: str = "count", codes: pd.Series | None = None
) -> Counts | None:
    """Read counts: whole numbers, and NA where the source gives none (``"[c]"``, ``"<5"``, blank).

    Parameters
    ----------
    column
        The cells, shape (n,).
    name, header
        The file and its header, for messages.
    codes
        The area code of each row, which tells how large a count may be.

    Returns
    -------
    Counts or None
        None where the column holds nothing but words, and so no counts: each row is an event.

    Raises
    ------
    ValueError
        Where there are cells that are no numbers, nothing at all, negative or broken numbers, or
        numbers that run on as those of incidents do.
    """
    cells = read_numbers(column)
    what = f"{name}: column {header!r}"
    if len(column) and cells.blank.all():
        raise ValueError(
            f"{what} is empty in all {len(column):,} rows. Formulas that were never calculated look "
            "so: open the workbook in Excel, save it, and read it again; or drop the column."
        )
    if cells.strange.any():
        words = column[cells.strange].astype(str)
        # Names or references of things, so that no one can take them for counts.
        named = words.str.contains(r"[A-Za-z]{3}|[A-Za-z].*\d|\d.*[A-Za-z/]", regex=True).all()
        if not cells.number.any() and not cells.marked.any() and named:
            return None
        raise ValueError(
            f"{what} is called a count, and {int(cells.strange.sum()):,} counts "
            f"({_values(words)}) are no numbers. Mend them; leave empty what is not known."
        )
    _refuse(
        column[cells.number & (cells.values < 0)],
        what,
        "are negative. A count can't be: give the events, not the change between two periods.",
    )
    _refuse(
        column[cells.number & (cells.values != np.round(cells.values))], what,
        "are not whole. Give counts of events: lsoahot.rate() works out the rates.",
    )  # fmt: skip
    warnings = _running(cells, what, codes)
    if cells.nil.any():
        nothing = shown(map(repr, column[cells.nil].astype(str).str.strip().unique()), 3)
        warnings.append(
            f"{what} holds {nothing} in {int(cells.nil.sum()):,} rows, which means nil in tables of "
            "government: it was read as 0. If it means withheld, write [c] there instead."
        )
    marked = column[cells.marked].astype(str).str.strip().value_counts()
    whole = pd.Series(cells.values, index=column.index).astype("Float64").astype("Int64")
    return Counts(
        whole if whole.isna().any() else whole.astype("int64"),
        {str(word): int(n) for word, n in marked.items()},
        warnings,
    )


def _values(column: pd.Series) -> str:
    return shown(
        f"{value:g}" if isinstance(value, float) else str(value) for value in column.unique()
    )


def _refuse(wrong: pd.Series, what: str, why: str) -> None:
    if len(wrong):
        raise ValueError(f"{what}: {len(wrong):,} counts ({_values(wrong)}) {why}")


def _running(cells: Cells, what: str, codes: pd.Series | None) -> list[str]:
    """Refuse numbers that run on as those of incidents do; tell of those that may."""
    numbers = cells.values[cells.number]
    n = len(numbers)
    if not n:
        return []
    seen = shown((f"{value:,.0f}" for value in numbers), 3)
    different = len(np.unique(numbers)) == n
    steps = np.diff(numbers)
    enough = n >= (_ROWS if numbers[0] == 1 or numbers[0] >= _REFERENCE else _RISING)
    runs = enough and bool((steps == 1).all())
    if different and np.ptp(numbers) == n - 1:  # in another order
        runs |= n >= _RISING and numbers.min() == 1
        runs |= n >= _ROWS and numbers.min() >= _HUNDREDS
    few = codes is not None and codes.dropna().astype(str).str.fullmatch(_LSOA).mean() > 1 / 2
    spread = numbers.max() - numbers.min() <= _NEAR * numbers.max()
    large = numbers.min() >= (_REFERENCE if few and n >= _ROWS else _MANY)
    near = different and n > 1 and large and bool(spread)
    more = few and float(np.median(numbers)) > _MANY
    if numbers.max() > _LARGEST or runs or near or more:
        why = "run on from row to row" if runs else "are larger than the population of any area"
        if near and not runs and not more and numbers.max() <= _LARGEST:
            why = "are large, all different and close together"
        raise ValueError(
            f"{what} is called a count, and its numbers ({seen}) {why}, as references of incidents "
            "do. Rename the column ('reference') so that each row counts as one, or give counts."
        )
    if different and n >= _RISING and bool((steps > 0).all()):
        message = (
            f"{what} is called a count, and its {n:,} numbers ({seen}) are all different "
            "and rise from row to row, as references do. They were read as counts: rename the "
            "column if they are none."
        )
        return [message]
    return []
