"""Classes: where the breaks fall, what each is called, and who is in it."""

from __future__ import annotations

import re
import warnings
from itertools import combinations, pairwise

import geopandas as gpd
import mapclassify
import numpy as np
import pytest
import shapely
from hypothesis import given, settings, strategies as st

import lsoahot as lh
from lsoahot.plotting.core.class_breaks import classify, find_breaks

NAN = float("nan")


def spread(groups: list[np.ndarray]) -> float:
    """Sum the squares within groups: what natural breaks make least."""
    return float(sum(((group - group.mean()) ** 2).sum() for group in groups))


@given(st.lists(st.integers(0, 60), min_size=5, max_size=11), st.integers(2, 4))
@settings(max_examples=60, deadline=None)
def test_natural_breaks_are_the_best_of_all_partitions(numbers: list[int], k: int) -> None:
    values = np.sort(np.array(numbers, dtype=float))
    distinct = np.unique(values)
    if len(distinct) <= k:
        return
    best = min(
        spread(
            [
                values[(values > low) & (values <= high)]
                for low, high in pairwise([-1, *cut, distinct[-1]])
            ]
        )
        for cut in combinations(distinct[:-1], k - 1)
    )
    found = classify(values, k=k)
    ours = spread([values[found.codes == code] for code in range(k)])
    assert ours == pytest.approx(best, abs=1e-6)


def test_natural_breaks_part_the_areas_as_mapclassify_does() -> None:
    values = np.random.default_rng(3).gamma(2, 20, 150)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that numba is missing
        theirs = mapclassify.FisherJenks(values, 5)
    assert classify(values).codes.tolist() == theirs.yb.tolist()


def test_natural_breaks_are_the_same_every_time_and_find_the_gap_among_many_values() -> None:
    rng = np.random.default_rng(0)
    values = np.r_[rng.uniform(0, 10, 6_000), rng.uniform(60, 90, 4_000)]
    first, again = find_breaks(values, k=2), find_breaks(values[::-1], k=2)
    assert first.tolist() == again.tolist()
    assert values[values < 30].max() <= first[0] < values[values > 30].min()


@pytest.mark.parametrize(
    ("scheme", "theirs"), [("quantiles", "Quantiles"), ("equal", "EqualInterval")]
)
def test_other_schemes_part_the_areas_as_mapclassify_does(scheme: str, theirs: str) -> None:
    values = np.random.default_rng(1).gamma(2, 20, 97)
    expected = getattr(mapclassify, theirs)(values, 5)
    assert classify(values, scheme=scheme).codes.tolist() == expected.yb.tolist()


def test_mapclassify_names_are_understood_and_unknown_ones_are_not() -> None:
    values = np.arange(20.0)
    assert classify(values, scheme="NaturalBreaks").breaks == classify(values).breaks
    assert len(classify(values, scheme="HeadTailBreaks").labels) >= 2
    with pytest.raises(ValueError, match=r"scheme='quantile'.*Did you mean 'quantiles'"):
        classify(values, scheme="quantile")


def test_missing_values_have_no_class_and_do_not_move_the_breaks() -> None:
    values = np.array([1.0, 2, 10, 11, 50])
    gaps = np.array([NAN, 1, 2, NAN, 10, 11, 50])
    assert classify(gaps, k=3).breaks == classify(values, k=3).breaks
    assert classify(gaps, k=3).codes.tolist() == [-1, 0, 0, -1, 1, 1, 2]


def test_fewer_values_than_classes_make_a_class_each() -> None:
    found = classify(np.array([0.0, 2, 1, 0, 0]), k=5)
    assert found.labels == ("0", "1", "2")
    assert found.counts == [3, 1, 1]


def test_nothing_at_all_is_told_from_a_little() -> None:
    found = classify(np.array([0.0] * 6 + [5.75, 5.8, 5.9, 10.5, 10.6]), k=3)
    assert found.labels[0] == "0"
    assert found.counts[0] == 6


def test_one_value_is_one_class() -> None:
    found = classify(np.array([7.25, 7.25]), k=5)
    assert found.labels == ("7.25",)
    assert found.codes.tolist() == [0, 0]


def test_nothing_but_missing_values_makes_no_class() -> None:
    found = classify(np.array([NAN, NAN]))
    assert found.labels == ()
    assert found.codes.tolist() == [-1, -1]


def test_a_break_belongs_to_the_class_below_it_and_empty_classes_stay() -> None:
    found = classify(np.array([10.0, 10.5, 60]), breaks=[5, 10, 20, 40])
    assert found.labels == ("up to 5", "5 to 10", "10 to 20", "20 to 40", "more than 40")
    assert found.codes.tolist() == [1, 2, 4]
    assert found.counts == [0, 1, 1, 0, 1]


def test_whole_numbers_are_named_without_overlap() -> None:
    found = classify(np.array([0.0, 1, 2, 9, 10, 30]), breaks=[2, 10, 30])
    assert found.labels == ("up to 2", "3 to 10", "11 to 30")
    assert classify(np.array([3.0, 4, 5, 9]), scheme="equal", k=2).labels == ("3 to 6", "7 to 9")


def test_labels_carry_thousands_commas_true_minus_signs_and_the_decimals_needed() -> None:
    assert classify(np.array([1500.5, 2]), breaks=[1000, 2000]).labels[1] == "1,000 to 2,000"
    assert classify(np.array([-1.5, 0.5]), breaks=[-0.5, 1]).labels == (
        "up to \N{MINUS SIGN}0.5",
        "\N{MINUS SIGN}0.5 to 1.0",
    )


@pytest.mark.parametrize(
    ("breaks", "words"),
    [
        ([10, 5], "do not rise"),
        ([], "not a list of numbers"),
        ([1, NAN, 3], "not a list of numbers"),
    ],
)
def test_breaks_that_make_no_classes_are_refused(breaks: list[float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        classify(np.array([1.0, 2]), breaks=breaks)


def test_no_class_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="k=0 makes no class"):
        classify(np.array([1.0, 2]), k=0)


VALUES = st.lists(
    st.floats(0, 5_000, allow_nan=False).map(lambda x: round(x, 3)), min_size=1, max_size=60
)


@given(VALUES, st.integers(1, 7), st.sampled_from(["natural", "quantiles", "equal"]))
@settings(max_examples=100, deadline=None)
def test_every_value_lies_within_what_its_label_prints(
    numbers: list[float], k: int, scheme: str
) -> None:
    values = np.array(numbers)
    found = classify(values, k=k, scheme=scheme)
    assert sum(found.counts) == len(values)
    assert (found.codes >= 0).all()
    for code, label in enumerate(found.labels):
        printed = [float(n.replace(",", "")) for n in re.findall(r"[\d,.]+", label)]
        decimals = max(len(n.partition(".")[2]) for n in re.findall(r"[\d,.]+", label))
        held = values[found.codes == code]
        # A break between close values may be printed rounded, to the last decimal.
        assert (held >= printed[0] - 0.5 * 10.0**-decimals - 1e-9).all()
        assert (held <= printed[-1] + 0.5 * 10.0**-decimals + 1e-9).all()


@given(VALUES, st.integers(2, 6))
@settings(max_examples=60, deadline=None)
def test_round_breaks_leave_every_quantile_as_it_was(numbers: list[float], k: int) -> None:
    values = np.array(numbers)
    if len(np.unique(values)) <= k:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that ties leave fewer classes
        exact = np.unique(mapclassify.Quantiles(values, k).bins)
    parted = np.searchsorted(exact, values)
    ours = classify(values, k=k, scheme="quantiles").codes
    assert np.array_equal(np.unique(parted, return_inverse=True)[1], ours)


def areas_with(rates: list[float]) -> gpd.GeoDataFrame:
    squares = [shapely.box(n, 0, n + 1, 1) for n in range(len(rates))]
    codes = [f"E{n}" for n in range(len(rates))]
    return gpd.GeoDataFrame({"rate": rates}, index=codes, geometry=squares, crs=27700)


def test_a_series_shares_its_breaks_and_a_suppressed_value_has_no_part_in_them() -> None:
    tables = [areas_with([10.5, 20.5, 30.0]), areas_with([11.0, 200.25, 900.0])]
    tables[1]["suppressed"] = [False, False, True]
    found = lh.class_breaks(tables, k=2)
    assert found == [100.0, 201.0]
    labels = [classify(table["rate"].to_numpy(), breaks=found).labels[:2] for table in tables]
    assert labels[0] == labels[1] == ("up to 100", "100 to 201")
