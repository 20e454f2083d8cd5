"""Small counts: hidden, and not to be worked out again. An attacker tries everything there is."""

from __future__ import annotations

import itertools
import json
import math
import re
import warnings

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings, strategies as st
from scipy.optimize import linprog

import lsoahot as lh
from lsoahot.common import class_labels
from lsoahot.counting import counts_to_hide
from lsoahot.counting.suppression import spread_hidden, withhold


def table(
    counts: list[float], districts: list[str] | None = None, **columns: object
) -> gpd.GeoDataFrame:
    n = len(counts)
    return gpd.GeoDataFrame(
        {
            "area_name": [f"Area {i}" for i in range(n)],
            "district": districts or ["Vale"] * n,
            "population": [1000 + i for i in range(n)],
            "count": counts,
            **columns,
        },
        geometry=[shapely.box(i, 0, i + 1, 1) for i in range(n)],
        index=pd.Index([f"E01{i:06}" for i in range(n)], name="area_code"),
        crs=27700,
    )


def hidden(counts: list[float], districts: list[str] | None = None, **options: object) -> list[int]:
    """Return the positions of the areas that are hidden."""
    shown = lh.suppress(table(counts, districts), **options)
    return [int(code[3:]) for code in shown.index[shown["suppressed"]]]


# --- worked out by hand ---------------------------------------------------------------------------


def test_nothing_small_hides_nothing() -> None:
    areas = table([9, 5, 12])
    shown = lh.suppress(areas)
    assert shown["count"].to_list() == [9, 5, 12]
    assert shown["count"].dtype == "int64"
    assert not shown["suppressed"].any()
    assert shown.attrs["suppression"]["areas"] == 0


def test_one_small_count_takes_a_second_with_it() -> None:
    # 20 - 8 - 9 would be 3; hiding the 8 as well leaves 11 for the two together
    assert hidden([3, 8, 9, 20]) == [0, 1]


def test_two_small_counts_that_add_up_to_enough_stand_alone() -> None:
    assert hidden([3, 4, 9, 20]) == [0, 1]


def test_two_small_counts_that_add_up_to_little_take_a_third() -> None:
    # 1 + 2 = 3: each would be known to be at most 3
    assert hidden([1, 2, 9, 20]) == [0, 1, 2]


def test_counts_that_are_all_just_below_take_another() -> None:
    # 4 + 4 = 8: whoever knows that both are below 5 knows both
    assert hidden([4, 4, 9, 20]) == [0, 1, 2]


def test_a_second_of_which_the_size_is_plain_takes_a_third() -> None:
    # of 3, 5, 6 shown, the hidden second must be 5 (from 5 on, and below the 6): so hide the 6 too
    assert hidden([3, 5, 6, 20]) == [0, 1, 2]


def test_zeros_are_hidden_unless_asked_for() -> None:
    assert hidden([0, 3, 4, 9, 20]) == [0, 1, 2]
    assert hidden([0, 3, 4, 9, 20], zeros=True) == [1, 2]
    assert hidden([0, 9, 20], zeros=True) == []


def test_each_district_is_protected_by_itself() -> None:
    counts = [3, 8, 20, 4, 9, 30]
    districts = ["A", "A", "A", "B", "B", "B"]
    assert hidden(counts, districts) == [0, 1, 3, 4]
    assert hidden(counts, districts, totals=None) == [0, 3]  # 3 + 4 = 7, one known sum


def test_a_district_that_cannot_be_protected_gives_up_its_total() -> None:
    with pytest.warns(UserWarning, match=r"totals of Small, Vale must not be published"):
        shown = lh.suppress(table([2, 9, 12, 30], ["Small", "Vale", "Vale", "Vale"]))
    assert shown["count"].isna().to_list() == [True, True, False, False]
    assert shown.attrs["suppression"]["totals_withheld"] == ["Small", "Vale"]


def test_the_neighbour_within_the_same_county_goes_first() -> None:
    areas = table([2, 9, 12, 7, 9, 30], ["Small", "Near", "Near", "Far", "Far", "Far"])
    areas["county"] = ["North", "North", "North", "South", "South", "South"]
    with pytest.warns(UserWarning, match="totals of Near, Small"):
        shown = lh.suppress(areas, totals=["county", "district"])
    assert shown["suppressed"].to_list() == [True, True, False, False, False, False]


# Districts of three levels: name, county, region and counts. With a threshold of 5, a district is in
# need of another where its counts add up to less than 4: each hidden one could only be below that.
NEEDY = ("Needy", "A", "North", [1, 2])
HOLDS_12 = ("Holds 12", "A", "North", [3, 9])
HOLDS_32 = ("Holds 32", "A", "North", [2, 30])
NONE_45 = ("None 45", "A", "North", [20, 25])
NONE_110 = ("None 110", "A", "North", [50, 60])
NEXT_COUNTY_24 = ("Next county 24", "B", "North", [4, 20])
OTHER_REGION_8 = ("Other region 8", "C", "South", [2, 6])


@pytest.mark.parametrize(
    ("districts", "withheld", "hides"),
    [
        # In its own county, of those that hide something the smallest; together 1 + 2 + 3 are
        # enough, so that the 9 is shown, and the others hide what they must hide anyway.
        (
            [NEEDY, NONE_45, NONE_110, HOLDS_32, HOLDS_12, NEXT_COUNTY_24, OTHER_REGION_8],
            ["Holds 12", "Needy"],
            [1, 2, 2, 30, 3, 4, 20, 2, 6],
        ),
        # Nobody there hides anything: the smallest, whose 20 is hidden beside 1 and 2.
        (
            [NONE_110, NONE_45, NEEDY, NEXT_COUNTY_24, OTHER_REGION_8],
            ["Needy", "None 45"],
            [20, 1, 2, 4, 20, 2, 6],
        ),
        # Alone in its county: of its region, though another region has a smaller one; the two
        # counties can't be told either.
        (
            [NEEDY, ("Far 40", "D", "North", [0, 40]), NEXT_COUNTY_24, OTHER_REGION_8],
            ["A", "B", "Needy", "Next county 24"],
            [1, 2, 0, 40, 4, 2, 6],
        ),
        # Alone in its region: of all.
        (
            [NEEDY, OTHER_REGION_8, ("South 30", "C", "South", [4, 26])],
            ["A", "C", "Needy", "North", "Other region 8", "South"],
            [1, 2, 2, 4, 26],
        ),
        # Two in need, in two counties, are enough for one another: 1 + 2 + 0 + 1.
        (
            [NEEDY, ("Needy too", "B", "North", [0, 1]), ("Far 40", "D", "North", [0, 40])],
            ["A", "B", "Needy", "Needy too"],
            [1, 2, 0, 1, 0, 40],
        ),
        # Two in need are not enough for one another, and take a third.
        (
            [("Few", "A", "North", [0, 1]), ("Fewer", "A", "North", [1, 0]), HOLDS_12, NONE_110],
            ["Few", "Fewer", "Holds 12"],
            [0, 1, 1, 0, 3],
        ),
        # Of two alike that with the first name, wherever they stand.
        (
            [NEEDY, ("Same B", "A", "North", [3, 9]), ("Same A", "A", "North", [3, 9])],
            ["Needy", "Same A"],
            [1, 2, 3, 9, 3],
        ),
    ],
    ids=["county", "nothing hidden", "region", "all", "two in need", "three", "alike"],
)
def test_which_districts_are_joined_on_three_levels(
    districts: list[tuple[str, str, str, list[int]]], withheld: list[str], hides: list[int]
) -> None:
    rows = [(*names, count) for *names, counts in districts for count in counts]
    district, county, region, counts = (list(column) for column in zip(*rows, strict=True))
    areas = table(counts, district, county=county, region=region)
    with pytest.warns(UserWarning, match="must not be published"):
        shown = lh.suppress(areas, totals=["region", "district", "county"])
    assert shown.attrs["suppression"]["totals_withheld"] == withheld
    assert areas["count"][shown["suppressed"]].tolist() == hides


def test_a_table_too_small_for_any_total() -> None:
    with pytest.warns(UserWarning, match="totals of every group, the whole table must not"):
        shown = lh.suppress(table([1, 0, 1]))
    assert shown["suppressed"].all()


def test_areas_without_data_are_not_suppressed() -> None:
    shown = lh.suppress(table([math.nan, 3, 8, 20]))
    assert shown["suppressed"].to_list() == [False, True, True, False]
    assert shown["count"].isna().to_list() == [True, True, True, False]


def test_without_districts_the_whole_table_has_a_total() -> None:
    shown = lh.suppress(table([3, 8, 9, 20]).drop(columns="district"))
    assert shown["suppressed"].to_list() == [True, True, False, False]


def test_the_order_of_the_rows_decides_nothing() -> None:
    # two zeros take one of the three 8s with them: the same one in the ranking as on a page
    areas = table([0, 8, 0, 8, 8, 20])
    first = lh.suppress(areas)
    again = lh.suppress(areas.iloc[::-1]).loc[areas.index]
    assert first["suppressed"].to_list() == [True, True, True, False, False, False]
    assert again["suppressed"].to_list() == first["suppressed"].to_list()


# --- every other figure ---------------------------------------------------------------------------


def full(counts: list[int]) -> gpd.GeoDataFrame:
    """Return a table with every figure that the library's verbs write."""
    n = len(counts)
    areas = lh.rank(lh.rate(table(counts)), "count")
    hot = pd.Categorical(
        ["Hot spot 95%"] * n, categories=class_labels.HOTSPOT_CLASSES, ordered=True
    )
    lisa = pd.Categorical(["High-High"] * n, categories=class_labels.CLUSTER_CLASSES, ordered=True)
    return areas.assign(
        rate_rank=range(1, n + 1), gi_z=1.5, gi_p=0.01, gi_q=0.02, hotspot=hot,
        moran_i=0.4, moran_p=0.1, moran_q=0.2, cluster=lisa,
    )  # fmt: skip


def test_nothing_made_of_a_hidden_count_is_left() -> None:
    areas = full([3, 30, 8, 20, 9])
    before = areas.copy(deep=True)
    with pytest.warns(
        UserWarning, match=r"'hotspot', 'cluster' were made of counts.*suppress\(areas\)"
    ):
        shown = lh.suppress(areas)
    pd.testing.assert_frame_equal(areas, before)
    gone = shown[shown["suppressed"]]
    left = gone.drop(columns=["area_name", "district", "population", "geometry", "suppressed"])
    assert set(left.pop("hotspot")) == {"Not tested"}
    assert set(left.pop("cluster")) == {"Not tested"}
    assert left.isna().all(axis=None)
    rest = shown[~shown["suppressed"]]
    assert rest["count"].to_list() == [30, 20, 9]
    assert rest["rate"].notna().all()
    assert rest["rate_lower"].notna().all()
    # what is made of neighbours' counts narrows them: classes as well as figures
    assert set(rest["hotspot"]) == {"Not tested"}
    assert rest["hotspot"].cat.ordered
    # what adds up neighbours' counts would let a hidden one be solved for
    assert shown[["gi_z", "gi_p", "gi_q", "moran_i", "moran_p", "moran_q"]].isna().all(axis=None)


def test_neither_ranks_nor_order_tell_where_the_hidden_lie() -> None:
    areas = lh.rank(lh.rate(table([3, 20, 8, 30, 9])), "count")  # in order: 30, 20, 9, 8, 3
    shown = lh.suppress(areas)
    assert shown["rank"].to_list()[:3] == [1, 2, 3]
    assert shown.index.to_list() == [
        "E01000003",
        "E01000001",
        "E01000004",
        "E01000000",
        "E01000002",
    ]
    # Those shown in the order of their codes, by accident or not: then all are.
    areas = lh.rank(lh.rate(table([3, 30, 8, 20, 9])), "count")
    assert lh.suppress(areas).index.to_list() == [f"E0100000{i}" for i in range(5)]
    # 5, 6 and 9 hidden among 7, 8: a gap would say between which
    spaced = table([3, 9, 5, 20, 30]).assign(rank=[5, 3, 4, 2, 1])
    shown = lh.suppress(spaced)
    assert shown["rank"].dropna().to_list() == [3, 2, 1]


def test_other_populations_can_be_kept() -> None:
    areas = table([3, 8, 20], households=[1, 2, 3], risk_ratio=[0.1, 0.2, 0.3])
    with pytest.warns(
        UserWarning, match=r"'households' may be made of counts.*keep=\['households'\]"
    ):
        shown = lh.suppress(areas)
    assert shown["households"].isna().all()
    shown = lh.suppress(areas, keep=["households"])
    assert shown["households"].to_list() == [1, 2, 3]
    assert shown["risk_ratio"].isna().all()


def test_a_population_that_was_joined_stays() -> None:
    areas = table([3, 8, 20])
    homes = pd.DataFrame({"households": [1, 2, 3]}, index=areas.index)
    rated = lh.rate(lh.join(areas, homes), population="households")
    shown = lh.suppress(rated)
    assert shown["households"].to_list() == [1, 2, 3]
    assert shown["rate"].isna().to_list() == [True, True, False]


def test_what_was_joined_with_the_counts_does_not() -> None:
    areas = table([3, 8, 20]).drop(columns="count")
    counts = pd.DataFrame({"count": [3, 8, 20], "harm": [30, 80, 200]}, index=areas.index)
    with pytest.warns(UserWarning, match="'harm' may be made of counts"):
        shown = lh.suppress(lh.join(areas, counts))
    assert shown["count"].isna().to_list() == [True, True, False]
    assert shown["harm"].isna().all()


def test_the_account_is_a_sentence_and_plain_values() -> None:
    areas = table([3, 8, 20])
    areas.attrs["edition"] = "lsoa21"
    shown = lh.suppress(areas)
    assert shown.attrs["edition"] == "lsoa21"
    assert shown.attrs["suppression"]["sentence"] == (
        "Counts below 5 are not shown, nor others from which they could be worked out: 2 of 3 areas."
    )
    json.dumps(shown.attrs)
    assert "suppression" not in areas.attrs


def test_a_total_that_is_withheld_is_not_told_by_the_account() -> None:
    areas = table([0, 2, 0, 1]).drop(columns="count")
    codes = [areas.index[1]] * 2 + [areas.index[3]]
    records = pd.DataFrame(
        {"area_code": codes, "period": pd.PeriodIndex(["2022-01"] * 3, freq="M")}
    )
    found = lh.find_hotspots(lh.rate(lh.count(areas, records))).drop(columns=["hotspot", "level"])
    with pytest.warns(UserWarning, match="must not be published"):
        shown = lh.suppress(found)
    assert "statistics" not in shown.attrs
    assert str(shown.attrs["audit"]).startswith("How many records were counted is withheld")
    assert shown.attrs["audit"].table()["rows"].isna().all()
    assert not re.search(r"(?<![\d.])3(?![\d.])", json.dumps(shown.attrs))
    assert "3 records" in str(found.attrs["audit"])
    # Where these areas are a part of those counted, the account tells nothing of them.
    with pytest.warns(UserWarning, match="must not be published"):
        part = lh.suppress(found.iloc[1:3])
    assert "3 records" in str(part.attrs["audit"])


# --- the attackers --------------------------------------------------------------------------------


def known_sums(shown: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> list[tuple[list[int], float]]:
    """Work out every sum of hidden counts that the published totals give away."""
    account = shown.attrs["suppression"]["totals_withheld"]
    shown = shown.loc[areas.index]
    secret = shown["suppressed"].to_numpy()
    counts = areas["count"].to_numpy(dtype=float)
    sums = []
    if "the whole table" not in account:
        sums.append((np.flatnonzero(secret).tolist(), counts[secret].sum()))
        for name in areas["district"].unique():
            within = secret & (areas["district"] == name).to_numpy()
            if name not in account and within.any():
                sums.append((np.flatnonzero(within).tolist(), counts[within].sum()))
    return sums


@settings(max_examples=60, deadline=None)
@given(
    cells=st.lists(st.tuples(st.integers(0, 6), st.sampled_from("AB")), min_size=1, max_size=4),
    below=st.integers(3, 4),
    zeros=st.booleans(),
)
def test_whoever_tries_every_table_is_left_with_every_small_count(
    cells: list[tuple[int, str]], below: int, *, zeros: bool
) -> None:
    areas = table([count for count, _ in cells], [district for _, district in cells])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        shown = lh.suppress(areas, below=below, zeros=zeros)
    secret = np.flatnonzero(shown.loc[areas.index, "suppressed"])
    small = areas["count"].lt(below) & ~(zeros & areas["count"].eq(0))
    assert set(np.flatnonzero(small)) <= set(secret)
    sums = known_sums(shown, areas)
    most = int(max((total for _, total in sums), default=below))
    lowest = 1 if zeros else 0
    possible: dict[int, set[int]] = {cell: set() for cell in secret}
    for guess in itertools.product(range(lowest, most + 1), repeat=len(secret)):
        values = dict(zip(secret, guess, strict=True))
        if all(sum(values[cell] for cell in members) == total for members, total in sums):
            for cell, value in values.items():
                possible[cell].add(value)
    for cell, values in possible.items():
        assert set(range(lowest, below)) <= values, (cell, values)


@settings(max_examples=25, deadline=None)
@given(
    counts=st.lists(st.integers(0, 8), min_size=2, max_size=4),
    below=st.integers(3, 4),
    zeros=st.booleans(),
)
def test_whoever_knows_the_method_too_is_left_with_two_values(
    counts: list[int], below: int, *, zeros: bool
) -> None:
    rule = counts_to_hide.Rule(below=below, lowest=1 if zeros else 0)

    def publish(values: list[int]) -> tuple[list[int], bool]:
        blocks, safe = counts_to_hide.protect(np.array(values, dtype=float), [], rule)
        return sorted(blocks[0].hidden.tolist()), safe

    secret, safe = publish(counts)
    total = sum(counts[cell] for cell in secret)
    possible: dict[int, set[int]] = {cell: set() for cell in secret}
    for guess in itertools.product(range((total if safe else below + 2) + 1), repeat=len(secret)):
        if safe and sum(guess) != total:
            continue
        values = list(counts)
        for cell, value in zip(secret, guess, strict=True):
            values[cell] = value
        if publish(values) == (secret, safe):
            for cell in secret:
                possible[cell].add(values[cell])
    assert all(len(values) > 1 for values in possible.values()), (counts, possible)


def test_linear_programming_finds_nothing_in_a_county() -> None:
    rng = np.random.default_rng(5)
    counts = rng.negative_binomial(1, 0.15, 200)
    districts = [f"District {i}" for i in rng.integers(0, 9, 200)]
    areas = table(counts.tolist(), districts)
    shown = lh.suppress(areas)
    sums = known_sums(shown, areas)
    secret = np.flatnonzero(shown.loc[areas.index, "suppressed"])
    assert 0 < len(secret) < 180
    place = {cell: i for i, cell in enumerate(secret)}
    equations = np.zeros((len(sums), len(secret)))
    for row, (members, _) in enumerate(sums):
        equations[row, [place[cell] for cell in members]] = 1
    totals = [total for _, total in sums]
    for i in rng.choice(len(secret), 25, replace=False):
        aim = np.zeros(len(secret))
        aim[i] = 1
        least = linprog(aim, A_eq=equations, b_eq=totals).fun
        most = -linprog(-aim, A_eq=equations, b_eq=totals).fun
        assert least == pytest.approx(0, abs=1e-7)
        assert most >= 4 - 1e-7


def test_the_worst_places_stay_in_view() -> None:
    counts = [29, 22, 18, 16, 14, 9, 8, 7, 7, 6, 5, 5, 4, 4, 3, 3, 2, 2, 1, 1, 1, 0, 0]
    shown = lh.suppress(table(counts))
    assert shown["count"].to_list()[:5] == [29, 22, 18, 16, 14]
    assert shown["suppressed"].sum() == 11  # only those below five


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counts", "options", "error", "message"),
    [
        ([1.5, 2], {}, ValueError, r"'count' holds fractions.*Suppress the counts"),
        ([-1, 2], {}, ValueError, r"'count' is negative in 1 areas"),
        ([1, 2], {"below": 1}, ValueError, r"below=1 is not a whole number from 2 on"),
        ([1, 2], {"below": 4.5}, ValueError, r"below=4.5 is not a whole number"),
        (
            [1, 2],
            {"below": 2, "zeros": True},
            ValueError,
            r"zeros are shown.* every hidden one is 1",
        ),
        ([1, 2], {"below": True}, ValueError, r"below=True is not"),
        ([1, 2], {"column": "cuont"}, ValueError, r"no column 'cuont'.*Did you mean 'count'\?"),
        ([1, 2], {"totals": "ward"}, ValueError, r"no column 'ward'"),
        ([1, 2], {"keep": ["homes"]}, ValueError, r"no column 'homes'"),
        (["1", "2"], {}, TypeError, r"'count' holds .*, not numbers"),
    ],
)
def test_refuses(
    counts: list[object], options: dict[str, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        lh.suppress(table(counts), **options)


def test_refuses_totals_that_cross() -> None:
    areas = table([1, 2, 30, 40], ["A", "A", "B", "B"]).assign(beat=["x", "y", "y", "z"])
    with pytest.raises(ValueError, match=r"not nested: y lies in more than one district"):
        lh.suppress(areas, totals=["beat", "district"])


def test_refuses_what_is_no_table_of_areas() -> None:
    with pytest.raises(TypeError, match=r"must be a table of areas.*read_boundaries"):
        lh.suppress([1, 2])


def test_the_sample_keeps_its_published_list() -> None:
    records = lh.read_dataset("domestic", "sample")
    areas = lh.count(lh.read_boundaries("sample"), records, period=("2011-10", "2012-09"))
    shown = lh.rank(lh.suppress(areas), "count")
    assert shown["suppressed"].any()
    assert shown["count"].dropna().ge(5).all()
    assert shown["area_name"].to_list()[:5] == [
        "Oakham West", "Oakham North West", "Oakham South", "Exton", "Uppingham South",
    ]  # fmt: skip
    assert shown["count"].to_list()[:5] == [29, 22, 18, 16, 14]
    assert shown["rank"].to_list()[:5] == [1, 2, 3, 4, 5]


def test_the_samples_hate_offences_are_few_and_hidden() -> None:
    records = lh.read_dataset("hate", "sample")
    areas = lh.count(lh.read_boundaries("sample"), records, period=("2011-10", "2012-09"))
    assert areas["count"].sum() == 8
    shown = lh.suppress(areas)
    assert shown["count"].dropna().ge(5).all()
    assert shown.attrs["suppression"]["totals_withheld"] == []


def test_the_account_says_that_zeros_are_shown() -> None:
    areas = table([0, 3, 8, 20, 4, 9])
    for zeros, words in (
        (True, "Counts below 5, except zeros, are"),
        (False, "Counts below 5 are"),
    ):
        shown = lh.suppress(areas, zeros=zeros)
        assert shown.attrs["suppression"]["sentence"].startswith(words)
        assert shown["suppressed"].iloc[0] == (not zeros)


def test_what_is_withheld_afterwards_leaves_ranks_of_what_is_shown() -> None:
    counted = spread_hidden(table([14, 3, 9, 7, 30]), people="population")
    assert counted["count"].dtype == "int64"  # none is missing
    assert counted["count"].sum() == 63
    assert counted["suppressed"].tolist() == [False, True, False, True, False]
    ranked = counted.assign(rank=counted["count"].rank(ascending=False).astype(int))
    shown = withhold(ranked, ["area_name", "district", "population"])
    assert shown["count"].tolist() == [14, pd.NA, 9, pd.NA, 30]
    assert shown["rank"].tolist() == [2, pd.NA, 3, pd.NA, 1]


def test_ranks_have_no_gap_where_one_that_is_hidden_stood() -> None:
    areas = table([9, 4, 40, 12], population=[99_999, 1, 1000, 1000])
    counted = spread_hidden(areas, people="population")  # nearly all of 9 + 4 go to the first
    assert counted["count"].tolist() == [13, 0, 40, 12]
    shown = withhold(counted.assign(rank=[2, 4, 1, 3]), ["area_name", "district", "population"])
    assert shown["rank"].tolist() == [pd.NA, pd.NA, 1, 2]
