"""The reader of numbers: what people write for figures, and for figures that they withhold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, strategies as st

from lsoahot.common.number_cells import read_numbers
from lsoahot.common.spelling import plain

SPACES = [" ", "\u00a0", "\u202f", "\u2009"]


def one(text: object) -> tuple[float | None, str]:
    """Read a cell among text: its number, and what kind it is of."""
    cells = read_numbers(pd.Series([text, "word"], dtype=object))
    kinds = [
        name for name in ("number", "blank", "marked", "nil", "strange") if getattr(cells, name)[0]
    ]
    assert len(kinds) == 1
    value = cells.values[0]
    return (None if np.isnan(value) else float(value)), kinds[0]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12), (" 12 ", 12), ("12.0", 12), ("+12", 12), ("-3", -3), ("\u22123", -3), ("1e3", 1000),
        ("1,017", 1017), ("1,234,567", 1234567), ("12,345.5", 12345.5), ("1.017.000", 1017000),
        ("1.017,5", 1017.5), ("1'017", 1017), ("1\u2019017", 1017),
        ("0,753", 0.753), ("-0,753", -0.753), ("52,6224", 52.6224), ("1,5", 1.5),
        ("12 [r]", 12), ("12[p]", 12), ("1,017 (revised)", 1017), ("12 [note 3]", 12),
        ("5r", 5), ("7*", 7), ("1,017 p", 1017), ("12^", 12), ("12\u2020", 12), ("6 [u]", 6), ('="12"', 12),
        ("=12", 12), ("'12", 12), ("\ufeff12", 12), ("12\u200b", 12), (12, 12), (12.5, 12.5), ("\uff11\uff12", 12),
        *((f"1{space}017", 1017) for space in SPACES),
        *((f"456{space}813{space}000", 456813000) for space in SPACES),
    ],
)  # fmt: skip
def test_figures(text: object, value: float) -> None:
    assert one(text) == (value, "number")


@pytest.mark.parametrize(
    "text",
    [
        "*", "**", "[c]", "[x]", "[z]", "[low]", "[C]", "(c)", "c", "x", "..", ":", "~", "\u2020", "<5", "< 5",
        "<=5", "\u22645", "less than 5", "Fewer than 5", "under five", "5 or less", "5 or fewer", "1-4", "1\u20134",
        "1 to 4", "between 1 and 4", "up to 4", "0-4", "n/a", "N/A", "#N/A", "suppressed", "Redacted",
        "withheld", "not available", "disclosive", "S40", "Section 40", "small number", "[1-4]", "(<5)",
        "Fewer than five", "< five", "N<5", "n < 5", "[d]", "[w]", "[!]", "[note 4]", "DISC", "D", "Suppr.",
        "<10 (suppressed)", "5+", "10 or more", "(blank)", "below threshold", "Not collected", "NE",
    ],
)  # fmt: skip
def test_figures_that_a_source_withholds(text: str) -> None:
    assert one(text) == (None, "marked")


@pytest.mark.parametrize("text", ["[5]", "(5)", "S/", "*5", "3-", "c1", "5 lots", "r", "=A1"])
def test_what_may_be_read_in_two_ways_is_strange(text: str) -> None:
    assert one(text) == (None, "strange")


@pytest.mark.parametrize(
    "text", ["-", "\u2013", "\u2014", "--", "nil", "Nil", "None recorded", "No crimes"]
)
def test_a_dash_means_nil(text: str) -> None:
    assert one(text) == (0, "nil")


@pytest.mark.parametrize("text", ["", " ", "\u00a0", None, np.nan, pd.NA, pd.NaT])
def test_nothing(text: object) -> None:
    assert one(text) == (None, "blank")


@pytest.mark.parametrize(
    "text", ["Burglary", "12 34", "1,01", "12a", "2021-10", "E01013787", "1 017 0", "ASB/12", True]
)
def test_what_is_no_number(text: object) -> None:
    value, kind = one(text)
    assert kind == ("number" if text == "1,01" else "strange")
    assert value == (1.01 if text == "1,01" else None)


@given(st.integers(-(10**9), 10**9), st.sampled_from([",", *SPACES, "'"]))
def test_thousands_by_any_mark(number: int, mark: str) -> None:
    assert one(f"{number:,}".replace(",", mark)) == (number, "number")


@given(st.lists(st.one_of(st.none(), st.text(max_size=8), st.integers(), st.floats()), max_size=20))
def test_every_cell_is_of_one_kind(values: list[object]) -> None:
    column = pd.Series([*values, "word"], dtype=object)
    cells = read_numbers(column)
    kinds = np.vstack([cells.number, cells.blank, cells.marked, cells.nil, cells.strange])
    assert (kinds.sum(axis=0) == 1).all()
    assert (np.isnan(cells.values) == ~(cells.number | cells.nil)).all()


@given(st.text(max_size=12))
@example("\U0001d434")  # a capital A in italics
@example("\u03d2 \uff06")  # an upsilon with a hook, and a wide "&"
def test_words_compare_without_case_spaces_and_accents(text: str) -> None:
    assert plain(plain(text)) == plain(text)
    assert plain(f" {text}-".replace(" ", "_")) == plain(text)
