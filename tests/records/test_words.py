"""Columns of few different words: read once each, and written as pandas' own text."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings, strategies as st

import lsoahot as lh
from lsoahot.records import words

WORDS = np.array(["b", "a", "", "Ærø", "a b"], dtype=object)


@given(codes=st.lists(st.integers(-1, len(WORDS) - 1), max_size=12))
def test_text_is_pandas_own(codes: list[int]) -> None:
    written = pd.Series(words.text_of(np.array(codes, dtype=np.int8), WORDS))
    plain = pd.Series([None if i < 0 else WORDS[i] for i in codes], dtype=words.TEXT)
    pd.testing.assert_series_equal(written, plain)
    assert type(written.array) is type(plain.array)


@settings(max_examples=100)
@given(
    codes=st.lists(st.integers(-1, 4), max_size=10),
    texts=st.lists(st.sampled_from(["a", "b", None]), min_size=5, max_size=5),
)
def test_words_that_became_the_same_are_one(codes: list[int], texts: list[str | None]) -> None:
    column = words.Words(np.array(codes, dtype=np.int32), texts, pd.RangeIndex(len(codes))).series()
    expected = pd.Series([None if i < 0 else texts[i] for i in codes], dtype=words.TEXT)
    pd.testing.assert_series_equal(column, expected)
    numbers, different = words.factorized(column)
    assert different.is_unique
    assert set(different) == set(expected.dropna())
    assert [None if i < 0 else different[i] for i in numbers] == [
        None if pd.isna(word) else word for word in expected
    ]


def test_of_categories_only_those_that_some_row_has() -> None:
    column = pd.Series(pd.Categorical(["c", None, "a"], categories=["a", "b", "c"]))
    numbers, different = words.factorized(column)
    assert (numbers.tolist(), different.tolist()) == ([1, -1, 0], ["a", "c"])


def test_records_of_the_sample_take_what_pandas_users_write_next() -> None:
    crimes = lh.read_dataset("crime", "sample")
    text = {name for name in crimes.columns if crimes[name].dtype == words.TEXT} - {"geometry"}
    assert {"area_code", "category", "group"} <= text
    before = (crimes["category"] == "Criminal damage").sum()
    crimes.loc[crimes["category"] == "Criminal damage", "category"] = "Damage"
    assert (crimes["category"] == "Damage").sum() == before > 0
    areas = lh.read_boundaries("sample")
    plain = crimes.assign(**{name: crimes[name].astype(object) for name in text})
    pd.testing.assert_frame_equal(lh.count(areas, crimes), lh.count(areas, plain))
