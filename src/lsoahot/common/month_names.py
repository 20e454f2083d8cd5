"""Months in words, in English wherever the program runs: `strftime` and `calendar` follow the locale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

MONTH_NAMES: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def month_name(month: pd.Period | date) -> str:
    """Return the month alone.

    Examples
    --------
    >>> import pandas as pd
    >>> month_name(pd.Period("2012-09", "M"))
    'September'
    """
    return MONTH_NAMES[month.month - 1]


def month_year(month: pd.Period | date) -> str:
    """Return the month and its year.

    Examples
    --------
    >>> import pandas as pd
    >>> month_year(pd.Period("2012-09", "M"))
    'September 2012'
    """
    return f"{month_name(month)} {month.year}"


def months_from(first: pd.Period, last: pd.Period) -> str:
    """Write the first and the last of some months, or the one that there is.

    Examples
    --------
    >>> import pandas as pd
    >>> months_from(pd.Period("2011-10", "M"), pd.Period("2012-09", "M"))
    'October 2011 to September 2012'
    >>> months_from(pd.Period("2012-09", "M"), pd.Period("2012-09", "M"))
    'September 2012'
    """
    end = month_year(last)
    return end if first == last else f"{month_year(first)} to {end}"


def short_month_year(month: pd.Period | date) -> str:
    """Return the month and its year where there is little room.

    Examples
    --------
    >>> import pandas as pd
    >>> short_month_year(pd.Period("2012-09", "M"))
    'Sep 2012'
    """
    return f"{month_name(month)[:3]} {month.year}"
