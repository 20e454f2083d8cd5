"""Counts in series against scipy's negative binomial and quadrature, and cases known by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.integrate import quad
from scipy.special import digamma, polygamma
from scipy.stats import gamma, nbinom

from lsoahot.statistics.kernels import compound_poisson, gamma_poisson


def known_of(y: float, e: float, phi: float, spread: float) -> tuple[float, float]:
    """Return the mean of the ratio given a count in series, and the variance of its logarithm."""

    def density(log: float) -> float:
        ratio = np.exp(log)
        prior = gamma.pdf(ratio, 1 / spread, scale=spread) * ratio
        return float(nbinom.pmf(y, ratio * e / (phi - 1), 1 / phi) * prior)

    def integral(power: int, by_ratio: int) -> float:
        def term(log: float) -> float:
            return density(log) * log**power * np.exp(by_ratio * log)

        return float(quad(term, -25, 5, points=[-5, -1, 0, 1, 2], epsabs=1e-15, limit=500)[0])

    whole = integral(0, 0)
    return integral(0, 1) / whole, integral(2, 0) / whole - (integral(1, 0) / whole) ** 2


@pytest.mark.parametrize(
    ("y", "e", "phi", "spread"),
    [(1, 2, 3, 0.5), (3, 2, 3, 0.5), (12, 8, 2, 0.3), (30, 9, 1.4, 1.0), (6, 4, 7, 0.8)],
)
def test_what_is_known_stays_the_same(y: float, e: float, phi: float, spread: float) -> None:
    (single,), (due,) = compound_poisson.as_single(
        np.array([float(y)]), np.array([float(e)]), phi, spread
    )
    shape, rate = 1 / spread + single, 1 / spread + due
    mean, roughness = known_of(y, e, phi, spread)
    assert shape / rate == pytest.approx(mean, rel=1e-6)
    assert polygamma(1, shape) == pytest.approx(roughness, rel=1e-5)


def test_none_and_one_are_what_they_are() -> None:
    """L(theta) of none is exp(-theta E ln phi / (phi - 1)), of one that times theta: Poisson's."""
    expected = np.array([0.2, 5.0])
    for count in (0.0, 1.0):
        single, due = compound_poisson.as_single(np.full(2, count), expected, 3.0, 0.4)
        np.testing.assert_allclose(single, count, atol=1e-6)
        np.testing.assert_allclose(due, expected * np.log(3) / 2, rtol=1e-6)


def test_of_many_events_as_many_are_left_as_the_dispersion_says() -> None:
    counts, expected = np.array([40_000.0, 90_000.0]), np.array([60_000.0, 70_000.0])
    single, due = compound_poisson.as_single(counts, expected, 2.5, 0.5)
    # The information about the ratio, by hand: r² (trigamma(r) - trigamma(r + y)) is r y / (r + y),
    # which is y / phi where y = E theta, and r = y / (phi - 1).
    np.testing.assert_allclose(single, counts / 2.5, rtol=1e-3)
    np.testing.assert_allclose(single / due, counts / expected, rtol=1e-3)


def test_one_long_series_is_little_more_than_one() -> None:
    """Ten events where half a one is expected: behind them are 1 series (chance .51), 2 (.36), 3 (.10).

    Of ten the unsigned Stirling numbers are 362,880, 1,026,576, 1,172,700 ...; r is 0.25 at ratio 1.
    """
    stirling = np.array(
        [362_880, 1_026_576, 1_172_700, 723_680, 269_325, 63_273, 9_450, 870, 45, 1]
    )
    weight = stirling * 0.25 ** np.arange(1, 11)
    series = float((weight * np.arange(1, 11)).sum() / weight.sum())
    r = 0.25
    assert series == pytest.approx(r * (digamma(r + 10) - digamma(r)))  # 1.6
    # nearly all areas have a ratio of 1, so that no more is learnt than from so many series
    (single,), (due,) = compound_poisson.as_single(np.array([10.0]), np.array([0.5]), 3.0, 0.01)
    shape, rate = 100 + single, 100 + due
    mean = float((weight * (100 + np.arange(1, 11))).sum() / weight.sum())
    assert shape / rate == pytest.approx(mean / (100 + 0.25 * np.log(3)), rel=0.01)
    assert single < 2 < 10 / 3


def test_the_spread_and_what_is_known_agree() -> None:
    rng = np.random.default_rng(5)
    expected = rng.uniform(1, 4, 400)
    counts = rng.negative_binomial(expected * rng.gamma(2, 0.5, 400) / 2, 1 / 3).astype(float)
    expected *= counts.sum() / expected.sum()
    seen = compound_poisson.equivalent(counts, expected, 3.0)
    spread, _ = gamma_poisson.fit_spread(*seen)
    again = compound_poisson.as_single(counts, expected, 3.0, spread)
    np.testing.assert_allclose(again, seen, rtol=0.01, atol=0.01)
    assert spread == pytest.approx(0.5, abs=0.2)
    # Poisson counts without a dispersion are left alone
    same = compound_poisson.equivalent(counts, expected, 1.0)
    assert same[0] is counts
    assert same[1] is expected


def test_equal_risks_in_series_are_no_spread() -> None:
    rng = np.random.default_rng(8)
    counts = rng.negative_binomial(10, 1 / 3, 500).astype(float)  # mean 20, dispersion 3
    seen = compound_poisson.equivalent(counts, np.full(500, counts.mean()), 3.0)
    assert gamma_poisson.fit_spread(*seen)[0] < 0.02
    assert gamma_poisson.fit_spread(counts, np.full(500, counts.mean()))[0] > 0.07


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 10**6), st.floats(0.01, 10**5)), min_size=2, max_size=20
    ).filter(lambda rows: any(y for y, _ in rows)),
    st.floats(1.001, 50),
)
def test_any_counts_in_series_are_fewer_that_come_singly(
    rows: list[tuple[int, float]], dispersion: float
) -> None:
    counts, expected = (np.array([float(row[i]) for row in rows]) for i in (0, 1))
    expected *= counts.sum() / expected.sum()
    single, due = compound_poisson.equivalent(counts, expected, dispersion)
    assert (single >= 0).all()
    assert (single <= counts * (1 + 1e-3) + 1e-3).all()
    assert (due > 0).all()
    assert (single[counts == 0] == 0).all()
    np.testing.assert_allclose(single[counts == 1], 1, atol=0.01)
    turned = compound_poisson.equivalent(counts[::-1], expected[::-1], dispersion)
    np.testing.assert_allclose(turned[0][::-1], single, rtol=1e-4, atol=1e-4)
