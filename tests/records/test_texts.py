"""Text that is written out later: to pandas it is a column of text like any other."""

from __future__ import annotations

import copy
import io
import operator
import pickle
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings, strategies as st

import lsoahot as lh
from lsoahot.records import text_column, words
from lsoahot.records.text_column import Spelling

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

later = pytest.mark.skipif(not text_column._later(), reason="this pandas keeps no text in Arrow")
WORDS = np.array(["b", "a", "", "Ærø", "a b"], dtype=object)


def both(codes: list[int], vocabulary: NDArray[np.object_] = WORDS) -> tuple[pd.Series, pd.Series]:
    """Make the same column twice: later, and as pandas does."""
    spelling = Spelling(np.array(codes, dtype=np.int8), vocabulary)
    plain = pd.Series([None if i < 0 else vocabulary[i] for i in codes], dtype=text_column.TEXT)
    return pd.Series(text_column.column(spelling)), plain


def half(column: pd.Series) -> pd.Series:
    return column[np.arange(len(column)) % 2 == 0]


def written_to(column: pd.Series) -> pd.Series:
    changed = column.copy()
    changed.iloc[:1] = "new"
    return pd.concat([changed, column])


def inserted(column: pd.Series) -> Any:
    return pd.Index(column).insert(0, "a")


def through(way: str) -> Callable[[pd.Series], Any]:
    def there_and_back(column: pd.Series) -> Any:
        table = column.rename("text").to_frame()
        if way == "parquet":
            table.to_parquet(file := io.BytesIO())
            return pd.read_parquet(file)
        if way == "csv":
            return table.to_csv()
        if way == "json":
            return table.to_json()
        if way == "arrow":
            return pa.Table.from_pandas(table).to_pandas()
        return nw.from_native(table, eager_only=True).filter(nw.col("text") == "a").to_native()

    return there_and_back


OPERATIONS: dict[str, Callable[[pd.Series], Any]] = {
    "as it is": lambda s: s,
    "length": len,
    "list": list,
    "reprinted": repr,
    "array": lambda s: s.to_numpy(),
    "numpy": np.asarray,
    "objects": lambda s: s.astype(object),
    "categories": lambda s: s.astype("category"),
    "string": lambda s: s.astype("string"),
    "missing": lambda s: s.isna(),
    "number there": lambda s: s.count(),
    "has missing": lambda s: s.hasnans,
    "without missing": lambda s: s.dropna(),
    "filled": lambda s: s.fillna("none"),
    "filled from before": lambda s: s.ffill(),
    "one": lambda s: s.iloc[-1] if len(s) else None,
    "scalars": lambda s: [s.array[i] for i in range(-len(s), len(s))],
    "sliced": lambda s: s.iloc[1:4],
    "backwards": lambda s: s.iloc[::-1],
    "every other": lambda s: s.iloc[::2],
    "masked": half,
    "masked twice": lambda s: half(half(s)),
    "by a list": lambda s: s.array[[0, -1]] if len(s) else None,
    "by nullable numbers": lambda s: s.array[pd.array([0] * len(s))],
    "all": lambda s: s.array[...],
    "taken": lambda s: s.take(range(len(s))[::-1]),
    "reindexed": lambda s: s.reindex([*range(len(s)), 99]),
    "reindexed and filled": lambda s: s.reindex([0, 99], fill_value="new"),
    "shifted": lambda s: s.shift(1),
    "repeated": lambda s: s.repeat(2),
    "sorted": lambda s: s.sort_values(),
    "order": lambda s: s.argsort(),
    "least": lambda s: s.min(),
    "different": lambda s: s.unique(),
    "number of different": lambda s: s.nunique(),
    "again": lambda s: s.duplicated(),
    "once": lambda s: s.drop_duplicates(),
    "counts": lambda s: s.value_counts(dropna=False),
    "numbered": lambda s: pd.factorize(s)[0],
    "numbered words": lambda s: pd.factorize(s)[1],
    "numbered with missing": lambda s: pd.factorize(s, use_na_sentinel=False)[0],
    "numbered words with missing": lambda s: pd.factorize(s, use_na_sentinel=False)[1],
    "groups": lambda s: pd.Series(range(len(s)), dtype="int64").groupby(s).sum(),
    "groups of itself": lambda s: s.groupby(s, dropna=False).agg(["first", "count"]),
    "groups of the missing": lambda s: s.to_frame("a").groupby("a", dropna=False).size(),
    "groups in no order": lambda s: (
        s.to_frame("a").assign(b=s).groupby(["b", "a"], sort=False).size()
    ),
    "table": lambda s: pd.crosstab(s, s),
    "equal to": lambda s: s == "a",
    "not equal to": lambda s: s != s.iloc[::-1].reset_index(drop=True),
    "less": lambda s: s < "b",
    "among": lambda s: s.isin(["a", None]),
    "holds": lambda s: "a" in s.array,
    "between": lambda s: s.between("a", "b"),
    "mapped": lambda s: s.map({"a": 1.0}),
    "applied": lambda s: s.map(lambda word: f"<{word}>"),
    "added": lambda s: s + "!",
    "upper": lambda s: s.str.upper(),
    "long": lambda s: s.str.len(),
    "contains": lambda s: s.str.contains("a", na=False),
    "replaced": lambda s: s.replace("a", "z"),
    "where": lambda s: s.where(s.notna(), "none"),
    "hidden": lambda s: s.mask(s == "a"),
    "written to": written_to,
    "index": pd.Index,
    "inserted": inserted,
    "looked up": lambda s: pd.Index(s.drop_duplicates()).get_indexer(["a", "q"]),
    "by index": lambda s: s.to_frame("text").set_index("text"),
    "merged": lambda s: s.to_frame("a").merge(pd.DataFrame({"a": ["a", "b"], "n": [1, 2]})),
    "put together": lambda s: pd.concat([s, s], ignore_index=True),
    "put together with others": lambda s: pd.concat([s, pd.Series(["new"], dtype=s.dtype)]),
    "put together with none": lambda s: pd.concat([s[:0], s]),
    "in a table": lambda s: pd.concat([s.to_frame("a"), s.to_frame("b")]),
    "side by side": lambda s: s.to_frame("a").assign(b=s).T,
    "stacked": lambda s: s.to_frame("a").melt(),
    "equal": lambda s: s.equals(s.copy()),
    "same": lambda s: s.array.equals(s.array.view()),
    "copied": copy.deepcopy,
    "pickled": lambda s: pickle.loads(pickle.dumps(s)),  # noqa: S301  # our own
    "viewed": lambda s: s.array.view(),
    "described": lambda s: s.describe(),
    "combined": lambda s: s.combine_first(s.shift(-1)),
    **{way: through(way) for way in ("parquet", "csv", "json", "arrow", "narwhals")},
}


def same(found: Any, expected: Any) -> None:
    assert type(found).__name__.replace("Text", "ArrowStringArray") == type(expected).__name__
    if isinstance(expected, pd.Series):
        pd.testing.assert_series_equal(found, expected)
    elif isinstance(expected, pd.DataFrame):
        pd.testing.assert_frame_equal(found, expected)
    elif isinstance(expected, pd.Index):
        pd.testing.assert_index_equal(found, expected)
    elif isinstance(expected, pd.api.extensions.ExtensionArray):
        pd.testing.assert_extension_array_equal(found, expected)
    elif isinstance(expected, (np.ndarray, list)):
        found, expected = (pd.Series(list(one), dtype=object) for one in (found, expected))
        pd.testing.assert_series_equal(found, expected)
    elif pd.isna(expected):
        assert pd.isna(found)
    else:
        assert found == expected


def outcome(operation: Callable[[pd.Series], Any], column: pd.Series) -> tuple[Any, Any]:
    try:
        return operation(column), None
    except Exception as error:  # noqa: BLE001  # what pandas refuses, it refuses of both
        return None, (type(error), str(error).replace("Text", "ArrowStringArray"))


@later
@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize(
    "codes", [[], [-1], [1], [0, 1, -1, 1, 3, 4, 2, 0], [1, 1, 0], [-1, -1, -1, -1]], ids=str
)
def test_pandas_does_the_same_to_both(name: str, codes: list[int]) -> None:
    ours, plain = both(codes)
    found, refused = outcome(OPERATIONS[name], ours)
    expected, why = outcome(OPERATIONS[name], plain)
    assert refused == why
    if why is None:
        same(found, expected)
    pd.testing.assert_series_equal(ours, plain)  # and changes neither


@later
@settings(max_examples=300, deadline=None)
@given(
    codes=st.lists(st.integers(-1, len(WORDS) - 1), max_size=12),
    names=st.lists(
        st.sampled_from(
            ["sliced", "backwards", "every other", "masked", "taken", "shifted", "repeated",
             "put together", "put together with none", "put together with others", "copied",
             "written to", "sorted", "once", "without missing", "where", "upper", "reindexed"]
        ),
        max_size=4,
    ),
    last=st.sampled_from(sorted(OPERATIONS)),
)  # fmt: skip
def test_pandas_does_the_same_to_both_whatever_came_before(
    codes: list[int], names: list[str], last: str
) -> None:
    ours, plain = both(codes)
    for name in names:
        ours, plain = (OPERATIONS[name](s).reset_index(drop=True) for s in (ours, plain))
    found, refused = outcome(OPERATIONS[last], ours)
    expected, why = outcome(OPERATIONS[last], plain)
    assert refused == why
    if why is None:
        same(found, expected)


@later
def test_rows_are_taken_without_writing_the_text() -> None:
    ours, plain = both([0, 1, -1, 1])
    some = pd.concat([ours, ours.iloc[1:], ours[[True, False, True, False]], ours.take([0, 3])])
    again = some.reset_index(drop=True).copy().dropna()
    assert some.isna().sum() == 3
    assert len(some) == 11
    for column in (ours, some, again):
        assert column.array._text is None
    parts = [plain, plain.iloc[1:], plain[[True, False, True, False]], plain.take([0, 3])]
    pd.testing.assert_series_equal(some, pd.concat(parts))
    assert ours.memory_usage(index=False) == 4  # a byte a row


@later
def test_a_copy_of_what_was_written_is_not_written_again() -> None:
    ours, _ = both([0, 1, -1])
    assert ours.str.upper().tolist()[:2] == ["B", "A"]
    for again in (ours.copy(), ours.to_frame("text")["text"]):
        assert again.array._text is ours.array._text is not None
        assert again.array.spelling is ours.array.spelling


@later
def test_what_was_written_to_is_not_numbered_any_more() -> None:
    ours, _ = both([0, 1])
    numbered = ours.copy()
    ours.iloc[0] = "c"
    assert ours.tolist() == ["c", "a"]
    assert numbered.tolist() == ["b", "a"]
    assert words.factorized(ours)[1].tolist() == ["c", "a"]


@later
def test_a_list_of_words_grows_past_what_a_byte_can_number() -> None:
    first = np.array([f"w{i}" for i in range(120)], dtype=object)
    second = np.array([f"v{i}" for i in range(120)], dtype=object)
    ours = pd.concat(
        [both([*range(120), -1], first)[0], both([*range(120), -1], second)[0]], ignore_index=True
    )
    assert ours.array.spelling.codes.dtype == np.int16
    assert ours.dropna().tolist() == [*first, *second]
    assert ours[ours.isna()].index.tolist() == [120, 241]


@settings(max_examples=100, deadline=None)
@given(
    codes=st.lists(st.integers(-1, 4), max_size=10),
    said=st.lists(st.sampled_from(["a", "b", None]), min_size=5, max_size=5),
)
def test_words_that_became_the_same_are_one(codes: list[int], said: list[str | None]) -> None:
    column = words.Words(np.array(codes, dtype=np.int32), said, pd.RangeIndex(len(codes))).series()
    expected = pd.Series([None if i < 0 else said[i] for i in codes], dtype=text_column.TEXT)
    pd.testing.assert_series_equal(column, expected)
    numbers, found = words.factorized(column)
    assert found.is_unique
    assert set(found) == set(expected.dropna())
    assert [None if i < 0 else found[i] for i in numbers] == [
        None if pd.isna(word) else word for word in expected
    ]


def test_without_a_place_for_it_text_is_written_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_column, "_later", lambda: False)
    ours, plain = both([0, 1, -1])
    assert text_column.spelling_of(ours.array) is None
    pd.testing.assert_series_equal(ours, plain)


def test_records_of_the_sample_are_pandas_own() -> None:
    crimes = lh.read_dataset("crime", "sample")
    text = [
        name for name in crimes if crimes[name].dtype == text_column.TEXT and name != "geometry"
    ]
    assert {"area_code", "category", "group"} <= set(text)
    plain = crimes.assign(
        **{name: crimes[name].astype(object).astype(text_column.TEXT) for name in text}
    )
    pd.testing.assert_frame_equal(pd.DataFrame(crimes[text]), pd.DataFrame(plain[text]))
    areas = lh.read_boundaries("sample")
    pd.testing.assert_frame_equal(lh.count(areas, crimes), lh.count(areas, plain))


@later
@pytest.mark.parametrize("compare", [operator.eq, operator.ne])
def test_comparing_with_one_of_its_kind(compare: Callable[[Any, Any], Any]) -> None:
    (ours, plain), (other, second) = both([0, 1, -1]), both([0, 0, -1])
    pd.testing.assert_series_equal(compare(ours, other), compare(plain, second))
    assert ours.array.equals(plain.array)
    assert plain.array.equals(ours.array)
