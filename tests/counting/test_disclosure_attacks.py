"""What a table tells besides its figures: its order, its ranks, its classes, its attributes.

An attacker who knows the method has one question: which tables could have been published so? If two
tables that differ in hidden counts only come out the same, to the last digit, no question helps.
"""

from __future__ import annotations

import itertools
import json
import warnings
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import assume, example, given, settings, strategies as st
from scipy.optimize import linprog

import lsoahot as lh
from lsoahot.counting.suppression import account, spread_hidden, withhold

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

BELOW = 5
JAN_21, JAN_22 = (pd.Period(year, "M") for year in ("2021-01", "2022-01"))
WIDE = 4  # areas side by side: a grid has neighbours in two directions


def grid(counts: list[int], districts: list[str] | None = None) -> gpd.GeoDataFrame:
    n = len(counts)
    areas = gpd.GeoDataFrame(
        {
            "area_name": [f"Area {i}" for i in range(n)],
            "district": districts or ["Vale"] * n,
            "population": [1000 + 37 * i for i in range(n)],
            "count": counts,
        },
        geometry=[shapely.box(i % WIDE, i // WIDE, i % WIDE + 1, i // WIDE + 1) for i in range(n)],
        index=pd.Index([f"E01{i:06}" for i in range(n)], name="area_code"),
        crs=27700,
    )
    areas.attrs = {"edition": "lsoa21", "secret": sum(c * c for c in counts)}
    return areas


def quiet(call: Callable[..., Any], *args: Any, **options: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return call(*args, **options)


def worked_out(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Add every figure and class that is made of counts, and some of the user's own."""
    made = lh.rate(areas)
    made = lh.empirical_bayes(made)
    made = lh.local_moran(lh.find_hotspots(made))
    made = lh.exceedance(made)
    made = lh.rank(made, "gi_z", into="gi_rank")
    made = lh.rank(lh.rank(made, "rate", into="rate_rank"), "count")
    band = pd.cut(made["count"], [-1, 2, 4, 8, 99])
    return made.assign(
        remark=[f"there were {n}" for n in made["count"]],
        band=band,
        shape=gpd.GeoSeries(made.geometry.centroid.buffer(made["count"] + 1), crs=made.crs),
        busy=made["count"] > 2,
        when=pd.Timestamp("2022-01-01") + pd.to_timedelta(made["count"], unit="D"),
    )


ORDERS = {
    "by code": lambda t: t.sort_index(),
    "by count": lambda t: lh.rank(t, "count"),
    "by district, then count": lambda t: t.sort_values(["district", "count"], kind="stable"),
    "by Gi*": lambda t: t.sort_values("gi_z", kind="stable"),
    "by class, then name": lambda t: t.sort_values(["level", "area_name"], kind="stable"),
}


@st.composite
def twins(draw: Any, *, areas: int = 12) -> tuple[list[int], list[int], list[str]]:
    """Draw two tables that differ in hidden counts only: same sums, same areas hidden."""
    counts = draw(st.lists(st.integers(0, 11), min_size=areas, max_size=areas))
    districts = draw(st.sampled_from([["Vale"] * areas, ["Vale"] * 6 + ["Hill"] * (areas - 6)]))
    table = grid(counts, districts)
    shown = quiet(lh.suppress, table)
    assume(shown.attrs["suppression"]["totals_withheld"] == [])
    other = list(counts)
    for name in set(districts):
        here = np.flatnonzero(shown["suppressed"] & (table["district"] == name))
        for _ in range(draw(st.integers(0, 6)) if len(here) > 1 else 0):
            one, two = draw(st.permutations(list(here)))[:2]
            if other[one]:
                other[one], other[two] = other[one] - 1, other[two] + 1
    again = quiet(lh.suppress, grid(other, districts))
    assume(other != counts)
    assume(again["suppressed"].equals(shown["suppressed"]))
    return counts, other, districts


# By class, the first stands in the order of its codes by accident, the second doesn't.
BY_ACCIDENT = (
    [1, 1, 0, 6, 1, 5, 8, 8, 8, 2, 1, 0],
    [1, 1, 0, 6, 1, 5, 8, 8, 8, 3, 0, 0],
    ["Vale"] * 6 + ["Hill"] * 6,
)


@settings(max_examples=15)
@example(BY_ACCIDENT)
@given(twins())
def test_hidden_counts_make_no_difference_to_anything(
    pair: tuple[list[int], list[int], list[str]],
) -> None:
    *counts, districts = pair
    tables = [quiet(worked_out, grid(c, districts)) for c in counts]
    for order, put in ORDERS.items():
        one, two = (quiet(lh.suppress, put(table)) for table in tables)
        pd.testing.assert_frame_equal(pd.DataFrame(one), pd.DataFrame(two), obj=order)
        assert json.dumps(one.attrs) == json.dumps(two.attrs), order
        assert one["count"].notna().any() or one["suppressed"].all(), order


@settings(max_examples=25)
@given(twins())
def test_tests_on_evened_counts_know_nothing_of_the_hidden(
    pair: tuple[list[int], list[int], list[str]],
) -> None:
    *counts, districts = pair
    before = ["area_name", "district", "population"]
    one, two = (
        quiet(
            lambda c: withhold(
                worked_out(spread_hidden(grid(c, districts), people="population")), [*before]
            ),
            c,
        )
        for c in counts
    )
    pd.testing.assert_frame_equal(pd.DataFrame(one), pd.DataFrame(two))
    assert json.dumps(one.attrs, default=str) == json.dumps(two.attrs, default=str)
    hidden = one[one["suppressed"]]
    own = hidden.drop(columns=[*before, "suppressed", "geometry", "hotspot", "cluster", "level"])
    assert own.isna().all(axis=None)
    assert one.loc[~one["suppressed"], "gi_z"].notna().any() or one["suppressed"].all()


@settings(max_examples=40)
@given(st.lists(st.integers(0, 9), min_size=2, max_size=14), st.booleans())
def test_evened_counts_keep_what_is_published(counts: list[int], two: bool) -> None:  # noqa: FBT001
    half = len(counts) // 2
    districts = ["Hill"] * half + ["Vale"] * (len(counts) - half) if two else None
    areas = grid(counts, districts)
    shown, even = quiet(lh.suppress, areas), quiet(spread_hidden, areas, people="population")
    assert even["suppressed"].equals(shown["suppressed"])
    assert even.attrs["suppression"] == shown.attrs["suppression"]
    open_ = ~even["suppressed"]
    assert even["count"][open_].tolist() == areas["count"][open_].tolist()
    withheld = even.attrs["suppression"]["totals_withheld"]
    if "the whole table" in withheld:
        assert even["count"].isna().all()
        return
    assert even["count"].sum() == sum(counts)
    for name, part in even.groupby("district"):
        if name not in withheld:
            assert part["count"].sum() == areas["count"][part.index].sum()
    # Dealt out by people, as they are level: within one of what the rate of all hidden gives.
    if not two and even["suppressed"].any():
        hidden = even[even["suppressed"]]
        due = hidden["population"] * hidden["count"].sum() / hidden["population"].sum()
        assert (hidden["count"] - due).abs().max() < 1


# --- what gave hidden counts away -----------------------------------------------------------------


def hidden_sums(areas: gpd.GeoDataFrame, shown: gpd.GeoDataFrame) -> NDArray[np.intp]:
    hidden: NDArray[np.intp] = np.flatnonzero(shown.loc[areas.index, "suppressed"])
    return hidden


def possible(
    areas: gpd.GeoDataFrame, publish: Callable[[gpd.GeoDataFrame], tuple[gpd.GeoDataFrame, Any]]
) -> list[set[int]]:
    """Try every table: which values are left to each hidden count, by all that was published?"""
    counts = areas["count"].to_numpy()
    shown, told = publish(areas)
    hidden = np.flatnonzero(shown.loc[areas.index, "suppressed"])
    total = int(counts[hidden].sum())
    left: list[set[int]] = [set() for _ in hidden]
    for guess in itertools.product(range(total + 1), repeat=len(hidden) - 1):
        last = total - sum(guess)
        if last < 0:
            continue
        table = areas.copy()
        table.loc[areas.index[hidden], "count"] = [*guess, last]
        again, tells = publish(table)
        if tells == told and again["suppressed"].equals(shown["suppressed"]):
            for values, value in zip(left, [*guess, last], strict=True):
                values.add(value)
    return left


def test_the_attributes_of_smoothed_rates_tell_nothing() -> None:
    """The mean and the variance of all rates, to sixteen digits, are met by one table only."""
    areas = grid([1, 3, 2, 14, 9, 20, 11, 8])

    def publish(table: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, Any]:
        shown = quiet(lh.suppress, lh.empirical_bayes(lh.rate(table)))
        return shown, json.dumps(shown.attrs)

    assert all(set(range(BELOW)) <= values for values in possible(areas, publish))
    facts = lh.empirical_bayes(lh.rate(areas)).attrs["statistics"]["empirical_bayes"]
    others = [[3, 1, 2], [2, 3, 1], [2, 2, 2], [0, 4, 2]]
    for small in others:  # so they were told apart
        table = areas.copy()
        table.loc[areas.index[:3], "count"] = small
        again = lh.empirical_bayes(lh.rate(table)).attrs["statistics"]["empirical_bayes"]
        assert again["variance"] != facts["variance"]


def test_the_classes_of_neighbours_narrow_nothing() -> None:
    """Of areas with classes, every other hidden neighbour was narrowed."""
    areas = grid([1, 3, 2, 30, 9, 28, 31, 8])

    def publish(table: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, Any]:
        tested = quiet(lambda t: lh.local_moran(lh.find_hotspots(lh.rate(t))), table)
        shown = quiet(lh.suppress, lh.exceedance(tested))
        told = shown.drop(columns="geometry").astype(str)
        return shown, told.to_json()

    assert all(set(range(BELOW)) <= values for values in possible(areas, publish))


def test_linear_programming_with_classes_in_hand_finds_nothing() -> None:
    """A hot spot is an inequality on the sum around it: add those to the totals, and solve."""
    rng = np.random.default_rng(11)
    areas = grid(rng.negative_binomial(1, 0.12, 60).tolist(), ["Vale"] * 30 + ["Hill"] * 30)
    shown = quiet(lambda t: lh.suppress(lh.find_hotspots(lh.rate(t))), areas)
    assert set(shown["hotspot"]) == {"Not tested"}  # so that there is no inequality to add
    hidden = np.flatnonzero(shown["suppressed"])
    counts = areas["count"].to_numpy()
    member = [[(areas["district"].iloc[i] == name) for i in hidden] for name in ("Vale", "Hill")]
    sums = [counts[hidden][np.array(row)].sum() for row in member]
    for i in range(len(hidden)):
        aim = np.zeros(len(hidden))
        aim[i] = 1
        least = linprog(aim, A_eq=np.array(member, dtype=float), b_eq=sums).fun
        most = -linprog(-aim, A_eq=np.array(member, dtype=float), b_eq=sums).fun
        assert least == pytest.approx(0, abs=1e-7)
        assert most >= BELOW - 1 - 1e-7


def test_a_table_sorted_within_districts_does_not_tell_by_its_order() -> None:
    """Between a shown 5 and a shown 9 stood the hidden 7; below the last shown one, the zeros."""
    rng = np.random.default_rng(3)
    seen = 0
    for _ in range(40):
        counts = rng.negative_binomial(1, 0.2, 16)
        areas = grid(counts.tolist(), ["Vale"] * 8 + ["Hill"] * 8)
        table = areas.sort_values(["district", "count"], ascending=[True, False], kind="stable")
        shown = quiet(lh.suppress, table)
        hidden = shown["suppressed"].to_numpy()
        if shown.index.is_monotonic_increasing:  # by code: no row's place tells anything
            continue
        seen += 1
        first = int(np.argmax(hidden)) if hidden.any() else len(shown)
        assert hidden[first:].all()
        assert shown.index[first:].is_monotonic_increasing
        assert set(shown.index[:first]) == set(areas.index[~shown["suppressed"].loc[areas.index]])
    assert seen > 30


def test_a_table_in_order_of_its_codes_stays_so() -> None:
    areas = grid([1, 3, 2, 14, 9, 20, 11, 8])
    assert lh.suppress(areas).index.equals(areas.index)


def test_columns_that_nobody_knows_are_blanked_of_every_kind() -> None:
    areas = grid([1, 3, 2, 14, 9, 20, 11, 8])
    shown = quiet(lambda t: lh.suppress(worked_out(t)), areas)
    for name in ("remark", "band", "shape", "busy", "when", "gi_rank", "level", "excess"):
        left = shown[name].dropna() if name != "level" else shown[name][shown[name] != "Not tested"]
        assert left.empty, name
    assert shown["rank"].dropna().tolist() == [1, 2, 3, 4, 5]
    kept = quiet(lambda t: lh.suppress(worked_out(t), keep=["remark"]), areas)
    assert kept["remark"].notna().all()


def test_a_rank_by_something_else_is_no_rank_by_count() -> None:
    areas = grid([1, 3, 2, 14, 9, 20, 11, 8]).assign(rank=[8, 1, 2, 3, 4, 5, 6, 7])
    assert quiet(lh.suppress, areas)["rank"].isna().all()


def test_attributes_are_let_through_by_name_only() -> None:
    areas = worked_out(grid([1, 3, 2, 14, 9, 20, 11, 8]))
    shown = quiet(lh.suppress, areas)
    assert set(shown.attrs) == {"edition", "suppression"}
    assert "secret" in areas.attrs


def test_the_account_names_no_code_that_one_record_stands_behind() -> None:
    areas = grid([9, 9, 9, 9]).drop(columns="count")
    records = pd.DataFrame({"area_code": [*areas.index] * 9 + ["E01099999", "W01000001"]})
    counted = quiet(lh.count, areas, records)
    assert "lsoa" in str(counted.attrs["audit"])
    told = str(quiet(lh.suppress, counted).attrs["audit"])
    assert told.startswith("Of 38 records, 36 were counted")
    assert "(" not in told.split(": ", 1)[1]


def test_the_account_of_two_years_gives_only_one() -> None:
    areas = grid([1, 2, 9, 12]).drop(columns="count")
    now = pd.DataFrame({"area_code": np.repeat(areas.index, [1, 2, 9, 12]), "period": JAN_22})
    then = pd.DataFrame({"area_code": np.repeat(areas.index, [0, 2, 9, 12]), "period": JAN_21})
    records = pd.concat([now, then], ignore_index=True)
    counted = lh.count(areas, records, period=("2022-01", "2022-12"))
    told = account(counted.attrs["audit"], total=True)
    assert told["records"] == 24
    assert "23" not in json.dumps(told)
    assert "other periods is withheld" in str(told)
    assert account(counted.attrs["audit"], total=False)["withheld"]
    assert account(account(told, total=False), total=True)["withheld"]
