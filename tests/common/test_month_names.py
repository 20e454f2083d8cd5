"""Months are English wherever the program runs."""

from __future__ import annotations

import calendar
import re
from pathlib import Path

import pandas as pd
import pytest

import lsoahot as lh
from lsoahot.common.month_names import MONTH_NAMES

# What follows the locale: names of months and days, and the orders of dates.
OF_LOCALE = re.compile(
    r"strftime\([^)]*%[aAbBcpxX]|\{[^{}]*:%[^{}]*[aAbBcpxX]|calendar\.(month|day)_(name|abbr)\b"
)


def test_names_are_those_of_the_calendar_in_english() -> None:
    # pytest runs in the C locale unless somebody sets another
    assert list(calendar.month_name)[1:] == list(MONTH_NAMES)


def test_nothing_in_the_library_writes_names_by_the_locale() -> None:
    package = Path(lh.__file__).parent
    files = [path for path in package.rglob("*.py") if path.name != "month_names.py"]
    assert len(files) > 100
    lines = [
        f"{path.relative_to(package)}: {line.strip()}"
        for path in files
        for line in path.read_text(encoding="utf-8").splitlines()
        if OF_LOCALE.search(line)
    ]
    assert lines == []


def test_a_pattern_that_follows_the_locale_is_noticed() -> None:
    for text in ('when.strftime("%b %Y")', 'f"{when:%B %Y}"', "calendar.month_name[3]"):
        assert OF_LOCALE.search(text), text
    for text in ('when.strftime("%Y-%m")', 'f"{when:%Y-%m}"', 'f"{share:.1%}"'):
        assert not OF_LOCALE.search(text), text


def test_seasonality_names_the_months_whatever_the_calendar_is_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(calendar, "month_name", ["", *"abcdefghijkl"])
    months = pd.period_range("2020-01", "2021-12", freq="M").repeat(20)
    found = lh.seasonality(pd.DataFrame({"period": months}))
    assert found["month_name"].tolist() == list(MONTH_NAMES)
