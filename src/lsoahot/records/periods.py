"""Months and dates as British files write them: the day comes first."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Final, NamedTuple, cast
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from lsoahot.common.arrays import looked_up

from . import words

if TYPE_CHECKING:
    from lsoahot.common.arrays import Integers

_NAMES: Final = {
    name: number
    for number, names in enumerate(
        ("jan january ionawr", "feb february chwefror", "mar march mawrth", "apr april ebrill", "may mai",
         "jun june mehefin", "jul july gorffennaf", "aug august awst", "sep sept september medi",
         "oct october hydref", "nov november tachwedd", "dec december rhagfyr"),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_TIME: Final = (
    r"(?:[ T]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:am|pm)?\s*(?:Z|[+-]\d{2}:?\d{2})?)?"
)
_ISO_DAY: Final = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})" + _TIME, re.IGNORECASE)
_UK_DAY: Final = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})" + _TIME, re.IGNORECASE)
_NAMED_DAY: Final = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th)?[-/ .]*(?:of )?([a-z]{3,10})[-/ .,]*(\d{4}|\d{2})" + _TIME,
    re.IGNORECASE,
)
_MONTH_FIRST: Final = re.compile(  # "July 1, 2022": in words nobody can mistake the two
    r"([a-z]{3,10})[ .]+(\d{1,2})(?:st|nd|rd|th)?,? +(\d{4})" + _TIME, re.IGNORECASE
)
_BRITISH_SOLID: Final = re.compile(r"(\d{1,2})(\d{2})((?:19|20)\d{2})")  # 01072023, or 1072023
_EPOCH: Final = re.compile(r"(\d{9,10})(\d{3})?")  # seconds or milliseconds since 1970
_WEEK_OF: Final = re.compile(
    r"(w[/. ]?c|w[/. ]?b|w[/. ]?e|(?:week|wk|w) ?(?:commencing|beginning|starting|ending|ended|end|of))[.:]? +(.*)",
    re.IGNORECASE,
)
_ISO_WEEK: Final = re.compile(r"(\d{4})[- ]?w(\d{1,2})", re.IGNORECASE)
_FROM_TO: Final = re.compile(r"(\S.*?\d)\s+(?:-|\u2013|to|until)\s+(\d.*)", re.IGNORECASE)
_SOLID_DAY: Final = re.compile(r"((?:19|20|21)\d{2})(0[1-9]|1[0-2])(\d{2})(?:\d{4}|\d{6})?")
_SERIAL: Final = re.compile(r"(\d{5})(?:\.\d+)?")
_WEEKDAY: Final = re.compile(
    r"^(?:mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun)(?:day|sday|nesday|rsday|urday)?[,.]?\s+"
    r"|\s*\(?(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\)?$",
    re.IGNORECASE,
)
# Beside "05-Oct", a day without its year, "Oct 05" is one too, and no month of 2005.
_DAY_MONTH: Final = re.compile(r"(\d{1,2})[- /]([a-z]{3,9})", re.IGNORECASE)
_SHORT_MONTH: Final = re.compile(r"([a-z]{3,9})[- /]*(\d{2})", re.IGNORECASE)
_MIDNIGHT: Final = re.compile(r".*[ T]24:00(?::00)?\s*")
_BESIDE_YEAR: Final = re.compile(r"([a-z]{3,9})/(\d{4})\s*[/-]\s*(?:\d{4}|\d{2})", re.IGNORECASE)
_ISO_MONTH: Final = re.compile(r"(\d{4})(?:[-/._ ]?m?(\d{2})|(?:[-/.]|[ -]?m)(\d))", re.IGNORECASE)
_SOLID_MONTH: Final = re.compile(r"(\d{2})((?:19|20)\d{2})")
_UK_MONTH: Final = re.compile(r"(\d{1,2})[-/.](\d{4})")
_NAMED_MONTH: Final = re.compile(r"([a-z]{3,10})[-/ ._']*(\d{4}|\d{2})", re.IGNORECASE)
_YEAR_MONTH: Final = re.compile(r"(\d{4})[-/ ._]*([a-z]{3,10})", re.IGNORECASE)
_FINANCIAL: Final = re.compile(r"(?:fy\s*)?(\d{4}|\d{2})\s*[/-]\s*(\d{4}|\d{2})", re.IGNORECASE)
_APRIL_TO_MARCH: Final = re.compile(
    r"(?:year|ye|12 months) (?:ending|ended|end|to) (?:31(?:st)? )?mar(?:ch)? (?P<end>\d{4})"
    r"|apr(?:il)?[- ](?P<start>\d{4}) ?(?:-|\u2013|to) ?mar(?:ch)?[- ](?P<last>\d{4})",
    re.IGNORECASE,
)
MISSING: Final = np.iinfo(np.int64).min  # pandas' number for a month that is not known
_LONDON: Final = ZoneInfo("Europe/London")
_EPOCH_YEARS: Final = range(1990, 2100)
_CENTURY: Final = 100
_MONTHS: Final = 12
_DAYS: Final = 31
_YEARS: Final = range(1900, 2200)
_NO_DATES: Final = frozenset({"nan", "none", "nat", "n/a", "not known", "unknown", "-"})
_EXCEL: Final = (32874, 73050)  # the days of 1990 to 2099, as Excel numbers them
_APRIL: Final = 4
_CHANCE_OF_SMALL: Final = 12 * 12 / 365.25  # that a date has a day of 12 or less
_ENOUGH: Final = 4  # different dates of which none has a day above 12 before that is odd


_SPAN, _AMERICAN = "a span of days", "with the month first"


class Parsed(NamedTuple):
    """Dates that were read, aligned with the values given."""

    period: pd.Series
    date: pd.Series
    financial_year: pd.Series
    unread: pd.Series  # True where there is something, and it is no date
    notes: tuple[str, ...] = ()  # what to look at in the dates that were read


def _year(text: str) -> int:
    year = int(text)
    if year >= _CENTURY:
        return year
    return year + (2000 if year <= dt.datetime.now(tz=dt.UTC).year % _CENTURY + 1 else 1900)


def _day(text: str) -> dt.date | None:
    """Read an exact date; None where it is something else; ValueError where it is impossible."""
    text = _WEEKDAY.sub("", text)
    if result := (_ISO_DAY.fullmatch(text) or _SOLID_DAY.fullmatch(text)):
        return dt.date(int(result[1]), int(result[2]), int(result[3]))
    if (result := _SERIAL.fullmatch(text)) and _EXCEL[0] <= int(result[1]) <= _EXCEL[1]:
        return dt.date(1899, 12, 30) + dt.timedelta(days=int(result[1]))
    if result := _UK_DAY.fullmatch(text):
        return dt.date(_year(result[3]), int(result[2]), int(result[1]))
    if (result := _NAMED_DAY.fullmatch(text)) and result[2].casefold() in _NAMES:
        return dt.date(_year(result[3]), _NAMES[result[2].casefold()], int(result[1]))
    return _rare_day(text)


def _rare_day(text: str) -> dt.date | None:
    """Read an exact date in a form that few systems write."""
    if result := _BRITISH_SOLID.fullmatch(text):
        return dt.date(int(result[3]), int(result[2]), int(result[1]))
    if (result := _MONTH_FIRST.fullmatch(text)) and result[1].casefold() in _NAMES:
        return dt.date(int(result[3]), _NAMES[result[1].casefold()], int(result[2]))
    if result := _EPOCH.fullmatch(text):
        moment = dt.datetime.fromtimestamp(int(result[1]), tz=dt.UTC).astimezone(_LONDON)
        return moment.date() if moment.year in _EPOCH_YEARS else None
    return None


def _beginning(text: str) -> dt.date | None:
    """Read the first day of a week, or of a span of days no longer than a month."""
    if result := _ISO_WEEK.fullmatch(text):
        return dt.date.fromisocalendar(int(result[1]), int(result[2]), 1)
    if result := _WEEK_OF.fullmatch(text):
        day, ends = _day(result[2]), re.search(r"e$|end", result[1], re.IGNORECASE)
        return day - dt.timedelta(days=6) if day is not None and ends else day
    if result := _FROM_TO.fullmatch(text):
        first, last = _day(result[1]), _day(result[2])
        if first is not None and last is not None and 0 <= (last - first).days < _DAYS:
            return first
    return None


def month(text: str) -> str | None:
    """Read a month as ``"2021-10"``; None for what is not a month alone.

    Examples
    --------
    >>> month("2021-10"), month("Oct-21"), month("10/2021"), month("202110"), month("Burglary")
    ('2021-10', '2021-10', '2021-10', '2021-10', None)
    """
    text = text.strip()
    if (result := _SOLID_MONTH.fullmatch(text)) and int(result[1]) <= _MONTHS:
        year, number = int(result[2]), int(result[1])
    elif result := _ISO_MONTH.fullmatch(text):
        year, number = int(result[1]), int(result[2] or result[3])
    elif (result := _BESIDE_YEAR.fullmatch(text)) and result[1].casefold() in _NAMES:
        number = _NAMES[result[1].casefold()]  # of a financial year, which begins in April
        year = int(result[2]) + (number < _APRIL)
    elif result := _UK_MONTH.fullmatch(text):
        year, number = int(result[2]), int(result[1])
    elif (result := _NAMED_MONTH.fullmatch(text)) and result[1].casefold() in _NAMES:
        year, number = _year(result[2]), _NAMES[result[1].casefold()]
    elif (result := _YEAR_MONTH.fullmatch(text)) and result[2].casefold() in _NAMES:
        year, number = int(result[1]), _NAMES[result[2].casefold()]
    else:
        return None
    return f"{year:04d}-{number:02d}" if 1 <= number <= _MONTHS and year in _YEARS else None


def heading(text: str) -> str | None:
    """Read a month that heads a column; Excel turns ``Oct-21`` into the first day of it.

    Examples
    --------
    >>> heading("Oct-21"), heading("2021-10-01 00:00:00"), heading("2021-10-08")
    ('2021-10', '2021-10', None)
    """
    if not is_day(text):
        return month(text)
    day = _day(_bare(text))
    return f"{day:%Y-%m}" if day is not None and day.day == 1 else None


def is_day(text: str) -> bool:
    """Tell whether a header is an exact date."""
    try:
        return _day(_bare(text)) is not None
    except ValueError:  # the 31st of February
        return False


def _bare(header: str) -> str:
    return header.strip().removesuffix("00:00:00").strip()


def financial_year(text: str, *, sure: bool = False) -> str | None:
    """Read a financial year (April to March) as ``"2021/22"``; None for anything else.

    Examples
    --------
    >>> financial_year("2021/22"), financial_year("2021-2022"), financial_year("2021-10")
    ('2021/22', '2021/22', None)
    """
    text = text.strip()
    if span := _APRIL_TO_MARCH.fullmatch(text):
        year = int(span["start"] or int(span["end"]) - 1)
        return (
            f"{year}/{(year + 1) % _CENTURY:02d}" if span["last"] in {None, str(year + 1)} else None
        )
    result = _FINANCIAL.fullmatch(text)
    if result and len(result[1]) == 2 and (not sure or len(result[2]) != 2):  # noqa: PLR2004
        return None
    if not result or (int(result[1]) + 1) % _CENTURY != int(result[2]) % _CENTURY:
        return None
    # 2011-12 is a month, unless the column is known to hold years; 2021-22 can't be a month.
    if not sure and "/" not in text and result[2] in {f"{n:02d}" for n in range(1, _MONTHS + 1)}:
        return None
    return f"{_year(result[1])}/{int(result[2]) % _CENTURY:02d}"


def parse(values: pd.Series, *, financial: bool = False) -> Parsed:
    """Read months and dates in British order.

    Parameters
    ----------
    values
        Text, dates, timestamps or periods; shape (n,).
    financial
        Whether the column is known to hold financial years, so that "2011-12" is no December.

    Returns
    -------
    Parsed
        `period` (``period[M]``), `date` (``datetime64``, exact dates only), `financial_year`
        (text) and `unread` (bool), each of shape (n,), on the index of `values`.

    Raises
    ------
    ValueError
        Where the dates are American: a "day" above 12 stands where the month should.

    Examples
    --------
    >>> parse(pd.Series(["1/2/2022", "2022-03"])).period.astype(str).tolist()
    ['2022-02', '2022-03']
    """
    index = values.index
    nothing, none = words.nothing(index), pd.Series(False, index=index)
    if isinstance(values.dtype, pd.PeriodDtype):
        return Parsed(values.astype(pd.PeriodDtype("M")), _no_dates(index), nothing, none)
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        date = values.dt.tz_localize(None) if values.dt.tz is not None else values
        return Parsed(date.dt.to_period("M"), date.dt.normalize(), nothing, none)
    codes, unique = words.factorized(values)
    # The last one is the missing value's.
    ordinals = np.full(len(unique) + 1, MISSING)
    dates = np.full(len(unique) + 1, np.datetime64("NaT", "s"), dtype="datetime64[s]")
    years: list[str | None] = [None] * (len(unique) + 1)
    unread = np.zeros(len(unique) + 1, dtype=bool)
    texts = [str(value).strip().removesuffix(".0") for value in unique]
    dayless = any(_DAY_MONTH.fullmatch(text) for text in texts)
    american = ""
    spans: list[str] = []
    for i, text in enumerate(texts):
        if not text or text.casefold() in _NO_DATES:
            continue
        years[i] = financial_year(text, sure=financial)
        if years[i] is not None:
            continue
        result = None if dayless and _SHORT_MONTH.fullmatch(text) else month(text)
        if result is None:
            day, kind = _read_day(text)
            american = american or (text if kind == _AMERICAN else "")
            if day is None:
                unread[i] = True
                continue
            if kind == _SPAN:
                spans.append(text)
            else:
                dates[i] = np.datetime64(day, "s")
            result = f"{day.year:04d}-{day.month:02d}"
        ordinals[i] = (int(result[:4]) - 1970) * _MONTHS + int(result[5:]) - 1
    if american:
        raise ValueError(
            f"dates are not in British order: {american!r} has the month first. "
            "Rewrite the column as YYYY-MM-DD, so that 1/2/2022 can't be taken for 1 February."
        )
    period = pd.PeriodIndex.from_ordinals(looked_up(ordinals, codes), freq="M")  # type: ignore[attr-defined]  # the stubs lack it
    return Parsed(
        pd.Series(period, index=index),
        pd.Series(looked_up(dates, codes), index=index)
        if (~np.isnat(dates)).any()
        else _no_dates(index),
        pd.Series(pd.array(years, dtype="string")[codes], index=index) if any(years) else nothing,
        pd.Series(looked_up(unread, codes), index=index),
        _remarks(texts, spans),
    )


def _read_day(text: str) -> tuple[dt.date | None, str]:
    """Read an exact date, or the first day of a span, and say which; None where it is neither."""
    try:
        day = _day(text)
    except ValueError:  # 31/13/2021
        return None, _AMERICAN if _swapped(text) else ""
    if day is not None:
        return day, ""
    try:
        return _beginning(text), _SPAN
    except ValueError:  # week 60
        return None, ""


def _remarks(texts: list[str], spans: list[str]) -> tuple[str, ...]:
    """Say what is odd about dates that can all be read."""
    notes = []
    if spans:
        notes.append(
            f"{spans[0]!r} is a span of days, not one; each of {len(spans):,} such was counted in the month in "
            "which it begins. Give exact dates or months to be sure"
        )
    days = {result.group(1, 2) for text in texts if (result := _UK_DAY.fullmatch(text))}
    days |= {result.group(3, 2) for text in texts if (result := _ISO_DAY.fullmatch(text))}
    first, second = ({int(pair[i]) for pair in days} for i in (0, 1))
    small = len(second) > 1 and max(first) <= _MONTHS and max(second) <= _MONTHS
    if small and len(days) >= _ENOUGH and first != {1} and second != {1}:
        notes.append(
            f"none of its {len(days):,} dates has a day above {_MONTHS}, which is rare by chance "
            f"({_CHANCE_OF_SMALL ** len(days):.1g}): they may be American, with the month first. They "
            "were read as British. Rewrite the column as YYYY-MM-DD to be sure"
        )
    if late := [text for text in texts if _MIDNIGHT.fullmatch(text)]:
        notes.append(
            f"{late[0]!r} is the end of that day, and was counted on it. Write 00:00 of the next day if "
            "that was meant"
        )
    return tuple(notes)


def monthly(column: pd.Series) -> pd.arrays.PeriodArray:
    """Return the column ``period`` of records as months: the one way in for every verb.

    Parameters
    ----------
    column
        Months, days, weeks or timestamps, shape (n,). A day's or a week's month is that in which
        it begins.

    Returns
    -------
    pandas.arrays.PeriodArray
        ``period[M]``, shape (n,).

    Raises
    ------
    TypeError
        Where the column holds neither periods nor timestamps.
    ValueError
        Where periods are longer than a month: a year is no one of its months.

    Examples
    --------
    >>> monthly(pd.Series(pd.period_range("2025-01-31", periods=2, freq="D"))).astype(str).tolist()
    ['2025-01', '2025-02']
    >>> monthly(pd.Series([pd.Timestamp("2025-01-31 23:59")])).astype(str).tolist()
    ['2025-01']
    """
    if column.dtype == "period[M]":
        return cast("pd.arrays.PeriodArray", column.array)
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        naive = column if column.dt.tz is None else column.dt.tz_localize(None)
        return cast("pd.arrays.PeriodArray", naive.dt.to_period("M").array)
    if not isinstance(column.dtype, pd.PeriodDtype):
        raise TypeError(
            f"records' period holds {column.dtype}, not months. "
            "Convert it: records['period'] = pd.PeriodIndex(records['period'], freq='M') reads "
            "months written as YYYY-MM."
        )
    some = pd.Period("2000-01-01", freq=column.dtype.freq)  # type: ignore[arg-type]  # the stubs know no offset's base
    if (some.end_time - some.start_time).days > _DAYS:
        raise ValueError(
            f"records' period holds {column.dtype}, which is longer than a month. Give months, or "
            "the years as text in a column financial_year."
        )
    return cast("pd.arrays.PeriodArray", column.array.asfreq("M", how="start"))


def _swapped(text: str) -> bool:
    """Tell whether a date is impossible in British order and possible in American."""
    if result := _UK_DAY.fullmatch(text):
        month, day = result.group(1, 2)
    elif result := _ISO_DAY.fullmatch(text):  # 2022-13-07
        day, month = result.group(2, 3)
    else:
        return False
    return int(day) > _MONTHS >= int(month) and int(day) <= _DAYS


def _no_dates(index: pd.Index) -> pd.Series:
    return pd.Series(
        np.broadcast_to(np.datetime64("NaT", "s"), len(index)), index=index, copy=False
    )


def month_text(ordinal: float) -> str:
    """Write a month by pandas' number.

    Examples
    --------
    >>> month_text(621)
    '2021-10'
    """
    return str(pd.Period(ordinal=int(ordinal), freq="M"))


def first_and_last(ordinals: Integers) -> tuple[int, int] | None:
    """Return the first and the last of months, by pandas' numbers; None where all are missing.

    Parameters
    ----------
    ordinals
        Months, shape (n,); `MISSING` where one is not known.

    Examples
    --------
    >>> first_and_last(pd.PeriodIndex(["1970-05", None, "1970-03"], freq="M").asi8)
    (2, 4)
    """
    last = ordinals.max(initial=MISSING)
    if last == MISSING:
        return None
    first = ordinals.min()
    if first == MISSING:
        first = ordinals[ordinals != MISSING].min()
    return int(first), int(last)


# data.police.uk renewed the fixed places that it moves its points to, from this month of data on: a
# street's points before and after, and so its area, need not be the same.
PLACES_RENEWED: Final = "2022-07"


def across_renewal(first: str, last: str) -> bool:
    """Tell whether months lie on both sides of the renewal of data.police.uk's places.

    Examples
    --------
    >>> across_renewal("2021-10", "2022-09"), across_renewal("2022-07", "2025-12")
    (True, False)
    """
    return first < PLACES_RENEWED <= last


def months_of(span: tuple[str, str] | list[str]) -> list[str]:
    """List the months of a span, both ends included.

    Examples
    --------
    >>> months_of(("2021-11", "2022-01"))
    ['2021-11', '2021-12', '2022-01']
    """
    return [str(result) for result in pd.period_range(span[0], span[1], freq="M")]


def span(period: object) -> tuple[str, str]:
    """Check a period given as ``("2021-10", "2022-09")`` and return it as two months."""
    first, last = None, None
    match period:
        case [start, end]:
            first, last = month(str(start)), month(str(end))
    if first is None or last is None or first > last:
        raise ValueError(
            f"period={period!r} is not a first and a last month in order. "
            "Give it as ('2021-10', '2022-09'); both ends count."
        )
    return first, last
