"""A normal belief and a Poisson count together, against sums on a fine grid."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.integrate import simpson
from scipy.special import gammaln, ndtr

from lsoahot.statistics.kernels import tilted

CASES = np.array(
    [
        case
        for case in itertools.product(
            [0, 0.4, 3, 50, 1e4], [0, 1e-3, 1, 40, 1e4], [-3, 0, 2], [1e-4, 0.1, 1, 10]
        )
        if case[1] > 0 or case[0] == 0
    ]
).T


def test_moments_evidence_and_probabilities_are_those_of_a_fine_grid() -> None:
    count, expected, mean, variance = CASES
    together = tilted.tilt(count, expected, mean, variance)
    cut = np.log(1.5)
    above = tilted.above(together, np.full(count.size, cut))
    for k, (y, e, m, v) in enumerate(CASES.T):
        d = np.linspace(-1.3 * together.left[k], 1.3 * together.right[k], 20001)
        x = together.mode[k] + d
        log_density = y * (x + np.log(e or 1)) - e * np.exp(x) - (x - m) ** 2 / (2 * v)
        top = log_density.max()
        assert top == pytest.approx(log_density[np.argmin(np.abs(d))], abs=1e-4)
        density = np.exp(log_density - top)
        total = simpson(density, x=x)
        first = simpson(density * d, x=x) / total
        second = simpson(density * d**2, x=x) / total - first**2
        assert together.mean[k] == pytest.approx(
            x.mean() - d.mean() + first, abs=1e-6 * second**0.5
        )
        assert together.variance[k] == pytest.approx(second, rel=1e-6)
        evidence = np.log(total) + top - np.log(2 * np.pi * v) / 2
        assert together.log_evidence[k] == pytest.approx(evidence, rel=1e-9, abs=1e-7)
        inside = np.linspace(min(max(cut, x[0]), x[-1]), x[-1], 20001)
        log_density = y * (inside + np.log(e or 1)) - e * np.exp(inside)
        density = np.exp(log_density - (inside - m) ** 2 / (2 * v) - top)
        assert above[k] == pytest.approx(simpson(density, x=inside) / total, abs=1e-7)


@pytest.mark.parametrize("dispersion", [1.05, 3, 20])
def test_counts_in_series_are_those_of_a_fine_grid_too(dispersion: float) -> None:
    """Negative binomial counts of variance phi times their mean, by Simpson's rule."""
    cases = np.array(
        list(itertools.product([0, 0.4, 1, 3, 50], [0.05, 1, 40], [-2, 0, 1], [1e-3, 0.1, 1]))
    ).T
    count, expected, mean, variance = cases
    together = tilted.tilt(count, expected, mean, variance, dispersion=dispersion)
    above = tilted.above(together, np.full(count.size, 0.4))
    risk = tilted.mean_risk(together)
    for k, (y, e, m, v) in enumerate(cases.T):
        d = np.linspace(-1.2 * together.left[k], 1.2 * together.right[k], 8001)
        x = together.mode[k] + d
        r = e * np.exp(x) / (dispersion - 1)
        log_density = -r * np.log(dispersion) - (x - m) ** 2 / (2 * v)
        if y:
            log_density += gammaln(y + r) - gammaln(r)
        top = log_density.max()
        assert top == pytest.approx(log_density[np.argmin(np.abs(d))], abs=1e-3)
        density = np.exp(log_density - top)
        total = simpson(density, x=x)
        first = simpson(density * d, x=x) / total
        second = simpson(density * d**2, x=x) / total - first**2
        assert together.mean[k] - together.mode[k] == pytest.approx(first, abs=1e-6 * second**0.5)
        assert together.variance[k] == pytest.approx(second, rel=1e-5)
        evidence = np.log(total) + top - np.log(2 * np.pi * v) / 2
        assert together.log_evidence[k] == pytest.approx(evidence, rel=1e-9, abs=1e-6)
        assert risk[k] == pytest.approx(simpson(density * np.exp(x), x=x) / total, rel=1e-5)
        inside = density * np.clip((x - 0.4) / (d[1] - d[0]) + 0.5, 0, 1)
        assert above[k] == pytest.approx(inside.sum() / density.sum(), abs=1e-4)


def test_of_two_explanations_the_likelier_is_taken() -> None:
    """Ten thousand events where hardly any is due: one series, if the risk is known to be low."""
    low, open_ = (
        tilted.tilt(
            np.array([1e4]), np.array([1e-3]), np.array([-3.0]), np.array([v]), dispersion=20
        )
        for v in (0.1, 100.0)
    )
    assert low.mean == pytest.approx(-3 + 0.1, abs=0.001)  # the belief, moved by one series
    assert open_.mean == pytest.approx(np.log(1e4 / 1e-3), abs=0.1)


def test_without_expected_events_the_belief_stays() -> None:
    alone = tilted.tilt(np.zeros(1), np.zeros(1), np.array([0.3]), np.array([0.5]))
    assert alone.mean == pytest.approx(0.3, abs=1e-9)
    assert alone.variance == pytest.approx(0.5, rel=1e-6)
    assert tilted.above(alone, np.array([1.0])) == pytest.approx(1 - ndtr(0.7 / 0.5**0.5), abs=1e-8)
    assert tilted.mean_risk(alone) == pytest.approx(np.exp(0.55))


def test_a_vague_belief_leaves_the_gamma_of_the_count() -> None:
    """With v large and y = 5 of E = 2, exp(x) has nearly a gamma distribution: mean 5/2."""
    vague = tilted.tilt(np.array([5.0]), np.array([2.0]), np.zeros(1), np.array([1e6]))
    assert tilted.mean_risk(vague) == pytest.approx(2.5, rel=1e-4)
    poisson = vague.log_evidence + np.log(2 * np.pi * 1e6) / 2
    assert poisson == pytest.approx(gammaln(5), abs=1e-4)  # the integral of (2t)⁵ exp(-2t) dt/t


def test_of_large_numbers_no_digit_of_the_rising_is_lost() -> None:
    """Of whole counts it is the sum of log(s + i), i from 0 to y - 1; 1e12 is above 2e13 itself."""
    for series in (1e-3, 5.0, 0.99e6, 1.01e6, 1e9, 1e12):
        for count in (1, 7, 1000, 100_000):
            exact = np.log(series + np.arange(count)).sum()
            found = tilted.log_rising(np.array([float(count)]), np.array([series]))
            assert found[0] == pytest.approx(exact, rel=1e-12, abs=1e-8)


def test_hardly_in_series_is_poisson_of_any_size() -> None:
    """With a variance 1.0001 times the mean's the belief is as wide as that of 1.0001 times fewer."""
    count = np.array([1e4, 1e6, 1e8])
    plain = tilted.tilt(count, count, np.zeros(3), np.ones(3))
    series = tilted.tilt(count, count, np.zeros(3), np.ones(3), dispersion=1.0001)
    assert series.variance * count == pytest.approx([1.0001] * 3, rel=2e-4)
    assert (series.mean - plain.mean) * np.sqrt(count) == pytest.approx([0] * 3, abs=1e-3)
