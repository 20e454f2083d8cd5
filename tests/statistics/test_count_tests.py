"""Rate ratios, funnels and weighted sums against closed forms and figures published by R."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy import stats

from lsoahot.counting import weighted_limits
from lsoahot.counting.rates import count_limits
from lsoahot.statistics import count_tests


def test_one_event_or_none_where_nine_of_ten_are_expected_by_hand() -> None:
    """At nine times the exposure an event is a later one with probability 0.9."""
    for now, then, p in ((1, 0, 1.0), (0, 1, 0.2), (2, 0, 1.0), (0, 2, 0.02)):
        told = count_tests.rate_ratio([now], [then], exposure_now=9, exposure_then=1)
        assert told.p == pytest.approx([p])
        # Limits: of n events all later, at least 0.025 ** (1 / n) of chance; none, 1 less that.
        edge = 0.025 ** (1 / (now + then))
        odds = (edge / (1 - edge) / 9, np.inf) if now else (0, (1 - edge) / edge / 9)
        assert (told.lower[0], told.upper[0]) == pytest.approx(odds)


def test_rate_ratio_gives_the_limits_that_r_publishes() -> None:
    # R, help(poisson.test): poisson.test(c(11, 6+8+7), c(800, 1083+1050+878))
    found = count_tests.rate_ratio([11], [21], exposure_now=[800], exposure_then=[3011])
    assert found.ratio[0] == pytest.approx(1.971488, abs=5e-7)
    assert found.lower[0] == pytest.approx(0.8584264, abs=5e-8)
    assert found.upper[0] == pytest.approx(4.2772659, abs=5e-8)


def test_rate_ratio_gives_the_p_that_r_publishes() -> None:
    # R, package rateratio.test, its vignette: rateratio.test(c(2, 9), c(17877, 16660))
    found = count_tests.rate_ratio([2], [9], exposure_now=[17877], exposure_then=[16660])
    assert found.p[0] == pytest.approx(0.05011, abs=5e-6)
    assert found.upper[0] > 1, "p is above 0.05, so 1 must be inside the limits"


@pytest.mark.parametrize(("now", "then"), [(0, 3), (3, 0), (1, 1), (7, 2), (1256, 1213)])
def test_rate_ratio_is_the_binomial_test_of_the_later_events(now: int, then: int) -> None:
    n = now + then
    tails = stats.binom.cdf(now, n, 0.5), stats.binom.sf(now - 1, n, 0.5)
    exact = stats.binomtest(now, n).proportion_ci(method="exact")
    found = count_tests.rate_ratio([now], [then])
    assert found.p[0] == pytest.approx(min(1, 2 * min(tails)), rel=1e-12)
    assert found.lower[0] == pytest.approx(exact.low / (1 - exact.low), rel=1e-9)
    if exact.high < 1:
        assert found.upper[0] == pytest.approx(exact.high / (1 - exact.high), rel=1e-9)
    else:
        assert np.isinf(found.upper[0])


def test_six_events_are_the_fewest_that_can_tell() -> None:
    # Two-sided, 6 of 6: 2 * 0.5 ** 6 = 0.03125; 5 of 5: 0.0625.
    assert count_tests.rate_ratio([6, 5], [0, 0]).p.tolist() == [0.03125, 0.0625]


def test_rate_ratio_of_nothing_and_of_the_missing() -> None:
    found = count_tests.rate_ratio(
        [0, np.nan, 3, 3], [0, 3, 3, 3], exposure_now=[1, 1, 0, np.nan], exposure_then=[1, 1, 1, 1]
    )
    assert np.isnan(found.ratio).all()
    assert np.isnan(found.lower).all()
    assert np.isnan(found.upper).all()
    assert found.p[0] == 1
    assert np.isnan(found.p[1:]).all()


@given(
    now=st.integers(0, 400),
    then=st.integers(0, 400),
    exposure=st.floats(0.1, 10),
    dispersion=st.floats(1, 5),
    freedom=st.sampled_from([3.0, 11.0, 55.0, np.inf]),
)
@settings(max_examples=60, deadline=None)
def test_limits_and_p_agree_and_swap(
    now: int, then: int, exposure: float, dispersion: float, freedom: float
) -> None:
    scatter = count_tests.Scatter(dispersion=dispersion, freedom=freedom)
    one = count_tests.rate_ratio([now], [then], exposure_now=[exposure], scatter=scatter)
    other = count_tests.rate_ratio([then], [now], exposure_then=[exposure], scatter=scatter)
    assert one.p[0] == pytest.approx(other.p[0], rel=1e-9)
    if now and then:
        assert one.lower[0] == pytest.approx(1 / other.upper[0], rel=1e-6)
        assert one.lower[0] <= one.ratio[0] <= one.upper[0]
    if now + then and abs(one.p[0] - 0.05) > 1e-6:
        outside = one.lower[0] > 1 or one.upper[0] < 1
        assert outside == (one.p[0] < 0.05)


def test_share_test_is_clopper_and_pearson() -> None:
    exact = stats.binomtest(30, 200, 31 / 365)
    limits = exact.proportion_ci(method="exact")
    found = count_tests.share_test([30], [170], [31 / 365])
    assert found.ratio[0] == pytest.approx(30 / 200 / (31 / 365))
    assert found.lower[0] == pytest.approx(limits.low / (31 / 365), rel=1e-9)
    assert found.upper[0] == pytest.approx(limits.high / (31 / 365), rel=1e-9)
    assert found.p[0] == pytest.approx(2 * stats.binom.sf(29, 200, 31 / 365), rel=1e-9)


# PHEindicatormethods' own test figures (testdata_funnel_ratio_outputs): events, and the numbers
# expected at which they stand on the lower and the upper 95 % and 99.8 % control limit.
PHE_FUNNEL = [
    (1, 5.571644585, 0.025317898, 9.233410143, 0.001000547),
    (5, 11.6683331, 1.623486324, 16.45474478, 0.739371928),
    (10, 18.39035799, 4.795387629, 24.13397235, 2.960519925),
    (100, 121.6268111, 81.36400699, 134.9243187, 71.92139974),
    (716, 770.4222128, 664.5083011, 802.60414, 636.1521174),
]


@pytest.mark.parametrize(("events", "low_2s", "high_2s", "low_3s", "high_3s"), PHE_FUNNEL)
def test_funnel_limits_are_those_phe_publishes(
    events: int, low_2s: float, high_2s: float, low_3s: float, high_3s: float
) -> None:
    # The published expectations are found by bisection and good to about six figures.
    assert count_tests.funnel([low_2s], 0.95)[0][0] == pytest.approx(events, rel=1e-5)
    assert count_tests.funnel([high_2s], 0.95)[1][0] == pytest.approx(events, rel=1e-5)
    assert count_tests.funnel([low_3s], 0.998)[0][0] == pytest.approx(events, rel=1e-5)
    assert count_tests.funnel([high_3s], 0.998)[1][0] == pytest.approx(events, rel=1e-5)


@given(count=st.integers(0, 300), expected=st.floats(0.01, 300))
@settings(max_examples=60, deadline=None)
def test_a_count_is_beyond_the_funnel_where_its_p_says_so(count: int, expected: float) -> None:
    p = float(count_tests.against_expected([count], [expected])[0])
    tails = stats.poisson.cdf(count, expected), stats.poisson.sf(count - 1, expected)
    assert p == pytest.approx(min(1, 2 * min(tails)), rel=1e-9)
    lower, upper = (float(x[0]) for x in count_tests.funnel([expected], 0.95))
    if abs(p - 0.05) > 1e-6:
        beyond = count >= upper or (lower > 0 and count <= lower)
        # A count of 0 where not even 0 is few enough stands on a lower limit cut at 0.
        assert beyond == (p < 0.05) or (count == 0 and lower == 0 and p < 0.05)


def test_funnel_has_no_lower_limit_where_no_count_is_few_enough() -> None:
    # P(0 | 3.6) = 0.0273, more than 0.025; P(0 | 3.7) = 0.0247.
    assert count_tests.funnel([3.6], 0.95)[0][0] == 0
    assert count_tests.against_expected([0, 0], [3.6, 3.7]).round(3).tolist() == [0.055, 0.049]


def test_weighted_limits_of_equal_weights_are_the_exact_ones() -> None:
    counts = np.array([0.0, 3.0, 5.0])
    lower, upper = count_limits(counts)
    alike = weighted_limits.limits(counts, counts)
    assert np.allclose(alike, (lower, upper))
    heavy = weighted_limits.limits(7 * counts, 49 * counts)
    assert np.allclose(heavy, (7 * lower, 7 * upper)), "also where nothing happened"
    gone = weighted_limits.limits(np.array([np.nan, 5.0]), np.array([np.nan, 5.0]))
    assert np.isnan([gone[0][0], gone[1][0]]).all()
    assert np.isnan(weighted_limits.limits(np.zeros(2), np.zeros(2))[1]).all()


@pytest.mark.parametrize(
    ("light", "heavy", "weight"), [(20, 2, 10), (20, 0.5, 40), (5, 1, 10), (100, 10, 50)]
)
def test_weighted_limits_cover_the_mean_of_a_compound_sum(
    light: float, heavy: float, weight: float
) -> None:
    rng = np.random.default_rng(6)
    common, rare = rng.poisson(light, 4000).astype(float), rng.poisson(heavy, 4000).astype(float)
    weighted, squares = common + weight * rare, common + weight**2 * rare
    mean = light + weight * heavy
    lower, upper = weighted_limits.limits(weighted, squares)
    assert ((lower <= mean) & (mean <= upper)).mean() > 0.925
    # Taking the weighted sum for a count covers far too seldom.
    lower, upper = count_limits(weighted)
    assert ((lower <= mean) & (mean <= upper)).mean() < 0.75


@pytest.mark.parametrize(("light", "heavy", "weight"), [(20, 2, 10), (5, 1, 10), (100, 10, 50)])
def test_size_of_the_test_of_weighted_sums(light: float, heavy: float, weight: float) -> None:
    rng = np.random.default_rng(7)
    sums = []
    for _ in range(2):
        common, rare = rng.poisson(light, 20_000), rng.poisson(heavy, 20_000)
        sums.append((common + weight * rare, common + weight**2 * rare))
    (now, now_sq), (then, then_sq) = sums
    scatter = weighted_limits.scatter((now, now_sq), (then, then_sq))
    p = count_tests.rate_ratio(now / scatter, then / scatter).p
    naive = count_tests.rate_ratio(now, then).p
    assert (p < 0.05).mean() < 0.05
    assert (naive < 0.05).mean() > 0.2


def test_weights_all_alike_give_the_test_of_the_events() -> None:
    now, then = np.array([30.0, 0.0]), np.array([12.0, 0.0])
    scatter = weighted_limits.scatter((7 * now, 49 * now), (7 * then, 49 * then))
    assert scatter.tolist() == [7, 1]
    weighted = count_tests.rate_ratio(7 * now / scatter, 7 * then / scatter)
    plain = count_tests.rate_ratio(now, then)
    assert np.allclose(weighted, plain, equal_nan=True)


def test_months_scatter_is_pearson_over_its_freedom() -> None:
    table = np.array([[12, 8, 10], [30, 22, 8], [9, 6, 15]])
    chi2, _, freedom, _ = stats.chi2_contingency(table)
    scatter = count_tests.months_scatter(table)
    assert scatter.freedom == freedom == 4
    assert scatter.dispersion == pytest.approx(chi2 / 4)


def test_months_scatter_of_two_years_of_two_months() -> None:
    # 15 are due in each, and 5 more or less are there: 4 x 25 / 15, over one degree of freedom.
    scatter = count_tests.months_scatter([[10, 20], [20, 10]])
    assert scatter.dispersion == pytest.approx(100 / 15)
    assert scatter.freedom == 1


def test_months_scatter_needs_two_years_and_is_never_below_one() -> None:
    assert count_tests.months_scatter([[3, 4, 5]]) == count_tests.POISSON
    assert count_tests.months_scatter([[3, 4, 5], [0, 0, 0]]) == count_tests.POISSON
    assert count_tests.months_scatter([[30, 40], [30, 40]]).dispersion == 1


def test_runs_of_months_by_hand() -> None:
    # Residuals +1 six times, -1 six times: products 10 - 1 = 9 of 12; 9 / 12 * 12 / 11 + 1 / 11 = 10 / 11,
    # cut at 0.9. Alternating residuals: below 0, so 1.
    fitted = np.full((1, 12), 4.0)
    runs = fitted + 2 * np.array([[1] * 6 + [-1] * 6])
    lags = np.arange(1, 12)
    expected = 1 + 2 * ((1 - lags / 12) * 0.9**lags).sum()
    assert count_tests.runs_factor(runs, fitted) == pytest.approx(expected)
    alternating = fitted + 2 * np.array([[1, -1] * 6])
    assert count_tests.runs_factor(alternating, fitted) == 1
    assert count_tests.runs_factor(fitted, fitted) == 1


def test_unconnected_months_come_in_no_runs() -> None:
    rng = np.random.default_rng(3)
    counts = rng.poisson(30, (5000, 12)).astype(float)
    fitted = np.repeat(counts.mean(axis=1, keepdims=True), 12, axis=1)
    assert count_tests.runs_factor(counts, fitted) == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize("rate", [3, 30, 300])
def test_size_of_the_exact_test_is_at_most_its_level(rate: int) -> None:
    rng = np.random.default_rng(rate)
    p = count_tests.rate_ratio(rng.poisson(rate, 20_000), rng.poisson(rate, 20_000)).p
    # 0.05 and three standard errors of the simulation.
    assert (p < 0.05).mean() < 0.0547
    if rate == 300:
        assert (p < 0.05).mean() > 0.04, "and with many events not far below"


def test_size_with_scatter_estimated_from_the_months() -> None:
    # 24 negative binomial months of variance 2.5 times the mean, seasonal, no change of level.
    rng = np.random.default_rng(24)
    season = 40 * (1 + 0.3 * np.sin(np.arange(12) / 2))
    size = season / 1.5  # variance = mean * (1 + mean / size) = 2.5 * mean
    years = rng.negative_binomial(size, size / (size + season), (2000, 2, 12))
    poisson = count_tests.rate_ratio(years[:, 1].sum(1), years[:, 0].sum(1)).p
    widened = np.array(
        [
            count_tests.rate_ratio(
                [table[1].sum()], [table[0].sum()], scatter=count_tests.year_scatter(table)
            ).p[0]
            for table in years
        ]
    )
    assert (poisson < 0.05).mean() > 0.15, "Poisson's test cries wolf"
    assert 0.025 < (widened < 0.05).mean() < 0.06
