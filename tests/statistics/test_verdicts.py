"""What decides a verdict: adjustment, signs, missing values; each by a value found another way."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy import stats

import lsoahot as lh
from lsoahot.statistics import count_tests


def yearly(**categories: tuple[int, int]) -> pd.DataFrame:
    return pd.DataFrame(categories, index=["2023", "2024"]).T


def by_scipy(before: int, now: int) -> float:
    """Test two Poisson counts given their sum: twice the smaller tail of a binomial."""
    n = before + now
    return min(1.0, 2 * min(stats.binom.sf(now - 1, n, 0.5), stats.binom.cdf(now, n, 0.5)))


# --- trend ----------------------------------------------------------------------------------------


def test_the_categories_of_a_year_are_adjusted_together_and_the_total_by_itself() -> None:
    # One of five at p = .028: alone "rose", of five q = .14, and so no clear change.
    counts = {"a": (40, 62), "b": (50, 50), "c": (30, 31), "d": (60, 58), "e": (45, 44)}
    found = lh.trend(yearly(**counts))
    now = found[found["year"] == "2024"].set_index("category")
    p = [by_scipy(*pair) for pair in counts.values()]
    assert now["change_p"][list(counts)].tolist() == pytest.approx(p, rel=1e-9)
    q = stats.false_discovery_control(p, method="bh")
    assert now["change_q"][list(counts)].tolist() == pytest.approx(q.tolist(), rel=1e-9)
    assert p[0] < 0.05 < q[0]
    assert now["verdict"].tolist() == ["no clear change"] * 6
    total = by_scipy(225, 245)
    assert now.loc["Total", ["change_p", "change_q"]].tolist() == pytest.approx([total, total])
    alone = lh.trend(yearly(a=(40, 62)))
    assert alone["verdict"].iloc[1] == "rose"


def test_every_year_is_adjusted_by_itself() -> None:
    table = yearly(a=(40, 62), b=(50, 51)).assign(later=[60, 20]).rename(columns={"later": "2025"})
    found = lh.trend(table).set_index(["year", "category"])["change_q"]
    for year, pairs in {"2024": [(40, 62), (50, 51)], "2025": [(62, 60), (51, 20)]}.items():
        q = stats.false_discovery_control([by_scipy(*pair) for pair in pairs])
        assert found.loc[year][["a", "b"]].tolist() == pytest.approx(q.tolist(), rel=1e-9)


# --- seasonality ----------------------------------------------------------------------------------


def months(counts: np.ndarray) -> pd.DataFrame:
    """Return records of whole years from January 2021, given as (years, 12)."""
    every = pd.period_range("2021-01", periods=counts.size, freq="M")
    return pd.DataFrame({"period": every, "count": counts.ravel()})


def test_a_trough_of_one_year_alone_is_a_spell_and_that_of_every_year_is_not() -> None:
    counts = np.full((5, 12), 100)
    counts[1, 6] = 1  # July 2022
    once = lh.seasonality(months(counts)).iloc[6]
    assert (once["verdict"], once["spell_year"]) == ("spell", "2022")
    counts[:, 6] = 40
    always = lh.seasonality(months(counts)).iloc[6]
    assert always["verdict"] == "trough"
    assert pd.isna(always["spell_year"])


def test_index_limits_and_even_p_of_one_year_by_scipy() -> None:
    counts = np.array([[30, 28, 31, 30, 62, 30, 31, 31, 30, 31, 30, 31]])
    found = lh.seasonality(months(counts))
    days = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) / 365
    n = counts.sum()
    ratio = counts[0] / (n * days)
    assert found["index"].tolist() == pytest.approx((100 * ratio).tolist(), rel=1e-12)
    # The limits of the odds of a share, carried to the ratio that the even year has as 1.
    for month in (0, 4):
        interval = stats.binomtest(int(counts[0, month]), int(n)).proportion_ci(method="exact")
        assert found["index_lower"][month] == pytest.approx(
            100 * interval.low / days[month], rel=0.02
        )
        assert found["index_upper"][month] == pytest.approx(
            100 * interval.high / days[month], rel=0.02
        )
        below, above = (
            stats.binom.cdf(counts[0, month], n, days[month]),
            stats.binom.sf(counts[0, month] - 1, n, days[month]),
        )
        assert found["season_p"][month] == pytest.approx(min(1, 2 * min(below, above)), rel=1e-9)
    even = stats.chisquare(counts[0], n * days)
    assert found["even_p"].tolist() == pytest.approx([even.pvalue] * 12, rel=1e-9)


def test_even_p_of_several_years_is_an_f_test() -> None:
    rng = np.random.default_rng(5)
    counts = rng.poisson(100, (3, 12)) * rng.choice([1, 2], (3, 12))
    found = lh.seasonality(months(counts))
    days = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    leap = np.array([[(31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[m] for m in range(12)]] * 3)
    leap[2, 0:2] = (31, 28)  # 2021 to 2023 have no leap day
    share = leap / leap.sum(axis=1, keepdims=True)
    expected = (counts.sum(axis=1, keepdims=True) * share).sum(axis=0)
    fitted = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    scatter = ((counts - fitted) ** 2 / fitted).sum() / 22
    assert scatter > 2
    assert found["dispersion"].iloc[0] == pytest.approx(scatter)
    statistic = ((counts.sum(axis=0) - expected) ** 2 / expected).sum() / scatter / 11
    assert found["even_p"].iloc[0] == pytest.approx(stats.f.sf(statistic, 11, 22), rel=1e-9)
    assert days.sum() == 365


# --- compare --------------------------------------------------------------------------------------


def test_funnel_limits_by_the_chi_square() -> None:
    # Exact Poisson limits of an expected number, by way of chi-square: a count x lies beyond the
    # upper limit U where P(X >= x) is the tail; between whole numbers both run on by the gamma.
    areas = square(6).assign(
        count=[10, 14, 30, 8, 12, 16], population=[1000, 1500, 2000, 900, 1100, 1200]
    )
    found = lh.compare(areas).sort_index()
    rates = areas["count"] / areas["population"]
    expected = rates.mean() * areas["population"]
    for lower, upper, tail in (
        ("funnel_lower_95", "funnel_upper_95", 0.025),
        ("funnel_lower_998", "funnel_upper_998", 0.001),
    ):
        high = found[upper] * areas["population"] / 1000
        low = found[lower] * areas["population"] / 1000
        # P(X <= x - 1) at mean m is the upper tail of a gamma of x at m; so m bounds x.
        assert stats.gamma.sf(expected, high).tolist() == pytest.approx([1 - tail] * 6, abs=1e-9)
        inside = low > 0
        assert inside.sum() >= 3
        assert stats.gamma.sf(expected[inside], low[inside] + 1).tolist() == pytest.approx(
            [tail] * int(inside.sum()), abs=1e-9
        )


# --- evaluate -------------------------------------------------------------------------------------


def square(n: int) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        index=pd.Index([f"E01{i:06d}" for i in range(n)], name="area_code"),
        geometry=[shapely.box(i, 0, i + 1, 1) for i in range(n)],
        crs="EPSG:27700",
    )


def test_an_area_missing_before_counts_neither_inside_nor_in_the_whole() -> None:
    later = square(4).assign(count=[30, 20, 40, 10])
    earlier = square(4).assign(count=[10.0, np.nan, 20.0, 20.0])
    choice = [later.index[0], later.index[1]]
    # By hand, of the areas that have both counts: inside 10 became 30, all 50 became 80.
    found = lh.evaluate({"a": choice}, later, earlier=earlier).iloc[0]
    assert found["hit_rate"] == 0.5
    assert found["rri"] == pytest.approx((30 / 10) / (80 / 50))


# --- Gi* ------------------------------------------------------------------------------------------


def test_what_few_sums_exceed_is_not_hot_below_the_mean() -> None:
    # 1,000 areas in a row: one of 20,000, 40 together of 10, and nothing else. Three values drawn
    # hold the one with a probability of .003, so that three tens are exceeded that rarely: p is
    # .003, q .07. But their sum of 30 is below the mean of 61: p says high, z says low.
    values = np.zeros(1000)
    values[100:140] = 10
    values[900] = 20_000
    areas = square(1000).assign(count=values)
    found = lh.getis_ord(areas, "count", alternative="hot", alpha=0.10)
    inside = found.iloc[101:139]
    drawn = 3 / 1000 + 40 * 39 * 38 / (1000 * 999 * 998)
    assert inside["gi_p"].tolist() == pytest.approx([drawn] * 38, rel=1e-6)
    assert (inside["gi_q"] < 0.10).all()
    assert (inside["gi_z"] < 0).all()
    assert inside["hotspot"].eq("Not significant").all()


# --- weights --------------------------------------------------------------------------------------


def test_weights_below_one_narrow_no_limits_below_those_of_their_own_scatter() -> None:
    # Each event weighs a quarter: the sum's variance over its mean is a quarter, and the test of
    # the weighted sums is that of the events.
    every = pd.period_range("2022-01", "2023-12", freq="M")
    counts = np.r_[np.full(12, 20), np.full(12, 30)]
    records = pd.DataFrame({"period": every.repeat(counts), "harm": 0.25, "category": "Theft"})
    weighted = lh.trend(records, weight="harm").iloc[-1]
    plain = lh.trend(records).iloc[-1]
    assert weighted["weighted"] == pytest.approx(90.0)
    assert weighted["dispersion"] == pytest.approx(0.25)
    assert weighted["change_p"] == pytest.approx(plain["change_p"], rel=1e-9)
    assert weighted["change_p"] == pytest.approx(by_scipy(240, 360), rel=1e-9)
    assert weighted[["ratio_lower", "ratio_upper"]].tolist() == pytest.approx(
        plain[["ratio_lower", "ratio_upper"]].tolist(), rel=1e-9
    )


def test_a_scatter_below_that_of_chance_is_not_believed() -> None:
    assert count_tests.months_scatter([[20, 20, 20], [20, 20, 20]]).dispersion == 1.0
    assert count_tests.months_scatter([[5, 5, 5], [5, 5, 5]], least=0.25).dispersion == 0.25
