"""Emerging hot spots: every class by a hand-made series, every month as getis_ord has it."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings, strategies as st
from scipy import stats

import lsoahot as lh
from lsoahot.common.class_labels import EMERGING_CLASSES
from lsoahot.statistics.emerging import classify
from lsoahot.statistics.kernels import space_time

# Twelve months a series: h a hot spot, c a cold spot, . neither; and the trend of Gi*.
SERIES = [
    (".........  h", 0, "New hot spot"),
    ("...........h", 1, "New hot spot"),
    ("..........hh", 0, "Consecutive hot spot"),
    (".....hhhhhhh", -1, "Consecutive hot spot"),
    ("..hhhhhhhhhh", 0, "Consecutive hot spot"),  # 10 of 12 are 83 %
    (".hhhhhhhhhhh", 1, "Intensifying hot spot"),  # 11 of 12 are 92 %
    ("hhhhhhhhhhhh", 1, "Intensifying hot spot"),
    ("hhhhhhhhhhhh", 0, "Persistent hot spot"),
    ("hhhhh.hhhhhh", 0, "Persistent hot spot"),
    (".hhhhhhhhhhh", 0, "Persistent hot spot"),
    ("hhhhhhhhhhhh", -1, "Diminishing hot spot"),
    ("h..........h", 0, "Sporadic hot spot"),
    ("h.h.h.h.h.hh", 1, "Sporadic hot spot"),
    ("hhhhhhhhh..h", 0, "Sporadic hot spot"),
    ("hc.........h", 0, "Oscillating hot spot"),
    ("h.c.h.c.h.hh", 0, "Oscillating hot spot"),
    ("hhhhhhhhhhh.", 0, "Historical hot spot"),
    ("hhhhhhhhhhh.", 1, "Historical hot spot"),
    ("............", 0, "No pattern detected"),
    ("hhh.........", 0, "No pattern detected"),
    ("hhhhhhhhhh..", 0, "No pattern detected"),
    ("h.h.h.h.h.h.", 0, "No pattern detected"),
    # 9 of 10 are 90 %, and that is mostly.
    (".hhhhhhhhh", 0, "Persistent hot spot"),
    ("hhhhhhhhh.", 0, "Historical hot spot"),
    # Where two fit: New and Consecutive go before Oscillating; what is, before what was.
    ("c..........h", 0, "New hot spot"),
    ("c.........hh", 0, "Consecutive hot spot"),
    ("hhhhhhhhhhhc", 0, "New cold spot"),
]
OPPOSITE = str.maketrans("hc", "ch")


def codes(series: str, trend: float) -> str:
    row = series.replace(" ", "")
    seen = np.array([list(row)])
    place = classify(seen == "h", seen == "c", np.array([float(trend)]))[0]
    return EMERGING_CLASSES[place]


@pytest.mark.parametrize(("series", "trend", "expected"), SERIES)
def test_each_class_by_hand(series: str, trend: int, expected: str) -> None:
    assert codes(series, trend) == expected


@pytest.mark.parametrize(("series", "trend", "expected"), SERIES)
def test_cold_spots_mirror_hot_ones(series: str, trend: int, expected: str) -> None:
    mirrored = expected.replace("hot", "HOT").replace("cold", "hot").replace("HOT", "cold")
    assert codes(series.translate(OPPOSITE), -trend) == mirrored


def test_the_series_above_reach_all_seventeen_classes() -> None:
    hot = {expected for _, _, expected in SERIES}
    assert {name for name in EMERGING_CLASSES if "hot" in name} <= hot
    assert len(EMERGING_CLASSES) == 18


@given(st.lists(st.sampled_from("hc."), min_size=10, max_size=40), st.sampled_from([-1, 0, 1]))
@settings(max_examples=150, deadline=None)
def test_the_last_month_decides_what_is_called_hot(row: list[str], trend: int) -> None:
    found = codes("".join(row), trend)
    if row[-1] == "h":
        assert found.endswith("hot spot")
        assert not found.startswith("Historical")
    if row[-1] == "c":
        assert found.endswith("cold spot")
    if row[-1] == ".":
        assert found == "No pattern detected" or found.startswith("Historical")


def test_mann_kendall_by_hand_with_ties() -> None:
    # 1 2 2 3: five rises, one tie of two; variance (4 * 3 * 13 - 2 * 1 * 9) / 18 = 7.6667.
    z, p = space_time.mann_kendall(np.array([[1.0, 2, 2, 3], [3, 2, 2, 1], [4, 4, 4, 4]]))
    assert z == pytest.approx([4 / np.sqrt(23 / 3), -4 / np.sqrt(23 / 3), 0])
    assert p == pytest.approx([2 * stats.norm.sf(z[0]), 2 * stats.norm.sf(z[0]), 1])


def test_mann_kendall_as_pymannkendall_has_it() -> None:
    # pymannkendall's original_test of this series: S = 55, variance 207, z = 3.7532594530.
    series = np.array([[1.0, 2, 2, 3, 5, 4, 5, 5, 7, 6, 6, 8]])
    assert space_time.mann_kendall(series)[0][0] == pytest.approx(3.7532594530273458, abs=1e-12)


def test_mann_kendall_score_is_kendalls() -> None:
    rng = np.random.default_rng(4)
    series = rng.normal(size=(20, 36))
    z, _ = space_time.mann_kendall(series)
    tau = np.array([stats.kendalltau(np.arange(36), row).statistic for row in series])
    score = np.rint(tau * 36 * 35 / 2)
    assert np.allclose(z, (score - np.sign(score)) / np.sqrt(36 * 35 * 77 / 18))


def test_mann_kendall_calls_a_trend_in_5_of_100_without_one() -> None:
    rng = np.random.default_rng(9)
    _, p = space_time.mann_kendall(rng.normal(size=(20_000, 24)))
    assert 0.035 < (p < 0.05).mean() < 0.055  # a little below, by the correction for continuity


@pytest.mark.parametrize(
    ("heights", "score", "expected"),
    [
        # Of 66 pairs of months 19 fall, or 18.
        ([6, 5, 4, 3, 2, 1, 8, 7, 9, 12, 11, 10], 28, "Persistent hot spot"),
        ([6, 5, 4, 3, 2, 1, 7, 8, 9, 12, 11, 10], 30, "Intensifying hot spot"),
    ],
)
def test_a_rise_is_one_at_five_percent(heights: list[int], score: int, expected: str) -> None:
    areas = grid()
    noise = np.random.default_rng(5).poisson(5, 64)
    counts = np.repeat(noise[:, None], 12, axis=1)
    corner = [y * 8 + x for y in range(3) for x in range(3)]
    counts[corner] = 20 + 5 * np.array(heights)
    found = lh.emerging_hotspots(areas, counted(areas, counts), fence=None).iloc[[0, 1, 8, 9]]
    z = (score - 1) / np.sqrt(12 * 11 * 29 / 18)
    assert found["trend_z"].to_numpy() == pytest.approx(z)
    assert found["trend_p"].to_numpy() == pytest.approx(2 * stats.norm.sf(z))
    assert set(found["emerging"].astype(str)) == {expected}


def grid(side: int = 8) -> gpd.GeoDataFrame:
    """Return a square of squares."""
    cells = [shapely.box(x, y, x + 1, y + 1) for y in range(side) for x in range(side)]
    names = [f"E0101{i:04}" for i in range(side * side)]
    return gpd.GeoDataFrame(
        {"area_name": names}, index=pd.Index(names, name="area_code"), geometry=cells, crs=27700
    )


def counted(areas: gpd.GeoDataFrame, counts: np.ndarray, first: str = "2020-01") -> pd.DataFrame:
    """Return counted rows for an array (areas, months)."""
    months = pd.period_range(first, periods=counts.shape[1], freq="M")
    return pd.DataFrame(
        {
            "area_code": np.repeat(areas.index.to_numpy(), len(months)),
            "period": pd.PeriodIndex(np.tile(months, len(areas))),
            "count": counts.ravel(),
        }
    )


def planted(months: int, hot: list[int], seed: int = 1) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return noise with a corner of nine areas that boils in some months."""
    areas = grid()
    counts = np.random.default_rng(seed).poisson(5, (64, months))
    corner = [y * 8 + x for y in range(3) for x in range(3)]
    counts[np.ix_(corner, hot)] += 25
    return areas, counted(areas, counts)


@pytest.mark.parametrize(
    ("hot", "expected"),
    [
        (range(12), "Persistent hot spot"),
        ([11], "New hot spot"),
        ([8, 9, 10, 11], "Consecutive hot spot"),
        ([2, 5, 6, 11], "Sporadic hot spot"),
        (range(11), "Historical hot spot"),
    ],
)
def test_a_planted_corner_is_found_with_its_history(hot: list[int], expected: str) -> None:
    found = lh.emerging_hotspots(*planted(12, list(hot)))
    corner = found.iloc[[0, 1, 8, 9]]
    assert set(corner["emerging"].astype(str)) == {expected}
    assert (corner["months_hot"] == len(hot)).all()
    assert (found["months_tested"] == 12).all()


@pytest.mark.parametrize("fence", [3.0, None])
def test_every_month_is_what_getis_ord_gives_for_it(fence: float | None) -> None:
    areas, records = planted(10, [3, 4])
    graph = lh.contiguity(areas)
    table = lh.monthly_hotspots(areas, records, graph=graph, fence=fence)
    for month in ("2020-03", "2020-05"):
        rows = records[records["period"] == month].set_index("area_code")
        single = lh.getis_ord(
            areas.assign(count=rows["count"]), "count", graph=graph, alpha=0.05, fence=fence
        )
        here = table[table["period"] == month].set_index("area_code")
        assert np.allclose(here["gi_z"], single["gi_z"])
        assert np.allclose(here["gi_p"], single["gi_p"], rtol=1e-9)
        assert np.allclose(here["gi_q"], single["gi_q"], rtol=1e-9)
        hot = single["hotspot"].astype(str).isin(["Hot spot 99%", "Hot spot 95%"])
        assert ((here["spot"].isin(["hot", "beside"])) == hot).all()


def test_a_graph_that_is_given_is_used() -> None:
    areas, records = planted(10, [3, 4])
    found = {
        rule: lh.monthly_hotspots(areas, records, graph=lh.contiguity(areas, rule=rule))
        for rule in ("queen", "rook")
    }
    pd.testing.assert_frame_equal(lh.monthly_hotspots(areas, records), found["queen"])
    assert not np.allclose(found["queen"]["gi_z"], found["rook"]["gi_z"])
    emerging = [lh.emerging_hotspots(areas, records, graph=lh.contiguity(areas, rule=rule))
                for rule in ("queen", "rook")]  # fmt: skip
    assert emerging[0]["trend_z"].ne(emerging[1]["trend_z"]).any()
    pd.testing.assert_frame_equal(lh.emerging_hotspots(areas, records), emerging[0])


def test_an_area_is_hot_by_its_own_account_only() -> None:
    areas, records = planted(10, list(range(10)))
    quiet = areas.index[9]  # amid the corner
    records.loc[records["area_code"] == quiet, "count"] = 1
    table = lh.monthly_hotspots(areas, records, fence=None)
    spots = table.set_index("area_code")["spot"]
    assert (spots[quiet] == "beside").all()
    assert (spots[areas.index[10]] == "hot").all()
    found = lh.emerging_hotspots(areas, records, fence=None)
    assert found.loc[quiet, ["months_hot", "months_cold"]].tolist() == [0, 0]
    assert found.loc[quiet, "emerging"] == "No pattern detected"

    # The same counts as rates: where few people live, 1 of 10 people is above 1 of 100.
    people = pd.Series(1000.0, index=areas.index)
    people[quiet] = 10.0
    rated = lh.monthly_hotspots(
        areas.assign(population=people), records, population="population", fence=None
    )
    assert (rated.loc[rated["area_code"] == quiet, "spot"] == "hot").all()


def test_an_area_is_cold_by_its_own_account_only() -> None:
    areas = grid()
    counts = np.random.default_rng(3).poisson(9, (64, 10))
    corner = [y * 8 + x for y in range(4) for x in range(4)]
    counts[corner] = 0
    counts[9] = 8  # the whole: 48 areas of about 9 and one of 8, by 64, are about 7
    spots = lh.monthly_hotspots(areas, counted(areas, counts)).set_index("area_code")["spot"]
    assert (spots[areas.index[9]] == "neither").all()
    assert (spots[areas.index[18]] == "cold").all()


def test_an_area_that_is_exactly_as_the_whole_is_neither_hot_nor_cold() -> None:
    """Eight areas of 63 about one of 8, and none elsewhere: 512 in 64 areas are 8 an area."""
    areas = grid()
    counts = np.zeros((64, 10), dtype=int)
    counts[[y * 8 + x for y in range(3) for x in range(3)]] = 63
    counts[9] = 8
    for table, word, ring in ((counts, "beside", "hot"), (63 - counts, "neither", "cold")):
        months = lh.monthly_hotspots(areas, counted(areas, table), fence=None)
        spots = months.set_index("area_code")["spot"]
        assert (spots[areas.index[9]] == word).all()
        assert (spots[areas.index[0]] == ring).all()
        found = lh.emerging_hotspots(areas, counted(areas, table), fence=None)
        assert found.loc[areas.index[9], ["months_hot", "months_cold"]].tolist() == [0, 0]


def test_rates_divide_by_the_population() -> None:
    areas, records = planted(10, [])
    areas["population"] = 1000.0
    corner = [y * 8 + x for y in range(3) for x in range(3)]
    areas.loc[areas.index[corner], "population"] = 100.0
    plain = lh.emerging_hotspots(areas, records)
    rated = lh.emerging_hotspots(areas, records, population="population")
    assert plain["months_hot"].sum() < 5
    assert (rated["months_hot"].iloc[[0, 1]] >= 8).all()


def test_a_window_adds_months_up() -> None:
    areas, records = planted(12, [11])
    table = lh.monthly_hotspots(areas, records, window=3)
    assert table["period"].nunique() == 10
    last = table[table["period"] == "2020-12"].set_index("area_code")["value"]
    sums = records[records["period"] >= "2020-10"].groupby("area_code")["count"].sum()
    assert (last == sums.reindex(last.index)).all()


def test_weights_are_summed() -> None:
    areas, records = planted(10, [5])
    heavy = lh.monthly_hotspots(areas, records.assign(harm=3.0), weight="harm")
    plain = lh.monthly_hotspots(areas, records)
    assert np.allclose(heavy["value"], 3 * plain["value"])
    assert np.allclose(heavy["gi_p"], plain["gi_p"], rtol=1e-9)


def test_noise_makes_few_hot_spots() -> None:
    areas = grid()
    graph = lh.contiguity(areas)
    counts = np.random.default_rng(2).poisson(3, (64, 60))
    table = lh.monthly_hotspots(areas, counted(areas, counts), graph=graph)
    months = table.assign(any=table["spot"].isin(["hot", "cold"])).groupby("period")["any"].any()
    assert months.sum() <= 9, "3 of 60 months expected; more than 9 has probability 0.0003"


def test_an_island_and_a_quiet_month_are_told() -> None:
    areas, records = planted(12, [11])
    alone = areas.copy()
    alone.loc["E01019999"] = {"area_name": "Isle", "geometry": shapely.box(100, 0, 101, 1)}
    with pytest.warns(UserWarning, match="E01019999"):
        graph = lh.contiguity(alone)
    with pytest.warns(UserWarning, match="1 of 65 areas are not tested in every month.*E01019999"):
        found = lh.emerging_hotspots(alone, records, graph=graph)
    assert str(found["emerging"].iloc[-1]) == "Not tested"
    assert np.isnan(found["trend_z"].iloc[-1])
    quiet = records[records["period"] != "2020-06"]
    with pytest.warns(UserWarning, match=r"1 months hold no record at all \(2020-06\)"):
        found = lh.emerging_hotspots(areas, quiet)
    assert (found["months_tested"] == 11).all()


def test_a_force_without_data_is_not_cold() -> None:
    areas, records = planted(12, [11])
    areas["district"] = ["Leicester"] * 32 + ["Corby"] * 32
    missing = records["area_code"].isin(areas.index[32:]) & (records["period"] >= "2020-10")
    records = records[~missing]
    every = [str(m) for m in pd.period_range("2020-01", "2020-12", freq="M")]
    from lsoahot.common.police_forces import force_of

    records.attrs["coverage"] = {
        force_of("Leicester"): every, force_of("Corby"): every[:9]
    }  # fmt: skip
    with (
        pytest.warns(UserWarning, match="32 areas have no count.*Northamptonshire"),
        pytest.warns(UserWarning, match="32 of 64 areas are not tested in every month"),
    ):
        found = lh.emerging_hotspots(areas, records)
    assert set(found["emerging"].iloc[32:].astype(str)) == {"Not tested"}
    assert not found["months_cold"].iloc[32:].any()
    assert str(found["emerging"].iloc[0]) == "New hot spot"


def test_a_count_withheld_at_source_is_not_zero() -> None:
    areas, records = planted(12, [11])
    records["count"] = records["count"].astype("Int64")
    records.loc[5, "count"] = pd.NA  # the first area in June
    with pytest.warns(UserWarning, match="1 of 64 areas are not tested in every month.*E01010000"):
        found = lh.emerging_hotspots(areas, records)
    assert found["months_tested"].tolist() == [11] + [12] * 63
    assert str(found["emerging"].iloc[0]) == "Not tested"
    assert str(found["emerging"].iloc[1]) == "New hot spot"


def test_inputs_are_left_alone() -> None:
    areas, records = planted(12, [11])
    copies = areas.copy(deep=True), records.copy(deep=True)
    found = lh.emerging_hotspots(areas, records)
    pd.testing.assert_frame_equal(areas, copies[0])
    pd.testing.assert_frame_equal(records, copies[1])
    assert found["emerging"].cat.categories.tolist() == list(EMERGING_CLASSES)
    assert found.attrs["period"] == ["2020-01", "2020-12"]
    assert found.attrs["statistics"]["emerging_hotspots"]["months"] == 12


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"alpha": 0}, "alpha=0 is not between 0 and 1"),
        ({"window": 0}, "window=0 adds up no month"),
        ({"window": 13}, "window=13 is more than the 12 months"),
        ({"period": ("2020-01", "2020-06")}, "are 6 months, and a history takes 10"),
        ({"weight": "harm"}, "no column 'harm'"),
        ({"population": "people"}, "no column 'people'"),
    ],
)
def test_what_cannot_be_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        lh.emerging_hotspots(*planted(12, [11]), **options)


def test_unequal_weights_and_strange_codes_are_refused() -> None:
    from libpysal.graph import Graph

    areas, records = planted(12, [11])
    kernel = Graph.build_kernel(areas.set_geometry(areas.centroid), k=4)
    with pytest.raises(ValueError, match="weighs neighbours unequally"):
        lh.emerging_hotspots(areas, records, graph=kernel)
    with pytest.raises(ValueError, match=r"none of 768 records lies in these areas"):
        lh.emerging_hotspots(areas, records.assign(area_code="E01099999"))
