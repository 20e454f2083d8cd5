"""How sure ranks are, against closed forms of the normal distribution."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr

from lsoahot.statistics.kernels import expectation_propagation, joint_ranks, leroux


def row(counts: list[float], expected: list[float]) -> leroux.Fit:
    """Areas in a row."""
    n = len(counts)
    links = np.arange(n - 1), np.arange(1, n), np.ones(n - 1)
    points = np.c_[np.arange(float(n)), np.zeros(n)]
    return leroux.fit(np.array(counts, float), np.array(expected, float), links, points)


def test_one_is_above_the_other_as_often_as_their_difference_says() -> None:
    """P(x1 > x2) = Φ((m1 - m2) / √(v1 + v2 - 2c)): 2,000 draws have a standard error of .011."""
    fitted = row([400, 380, 390, 200, 410], [300, 300, 300, 300, 300])
    seen, best = fitted.map, fitted.best
    diagonal, links = expectation_propagation.field(seen, best.at)
    a = np.diag(diagonal + best.state.sites.precision)
    a[seen.a, seen.b] = a[seen.b, seen.a] = links
    inverse = np.linalg.inv(a)
    u = inverse.sum(axis=1)
    covariance = inverse + best.state.extra.border * np.outer(u, u)
    assert np.diagonal(covariance) == pytest.approx(best.state.variance)
    drawn = np.concatenate(list(joint_ranks.draws(fitted)), axis=1)
    for one, other in ((0, 1), (1, 2), (0, 4)):
        apart = best.state.mean[one] - best.state.mean[other]
        v = covariance[one, one] + covariance[other, other] - 2 * covariance[one, other]
        first, second = fitted.order[one], fitted.order[other]
        often = (drawn[first] > drawn[second]).mean()
        assert often == pytest.approx(ndtr(apart / v**0.5), abs=0.035)


def test_each_area_keeps_its_own_distribution() -> None:
    """The draws' means and quantiles are those of the fit, skewed where events are few."""
    fitted = row([1, 0, 7, 2, 0, 3], [2, 2, 2, 2, 2, 2])
    drawn = np.concatenate(list(joint_ranks.draws(fitted)), axis=1)
    for probability in (0.1, 0.5, 0.9):
        below = drawn < np.log(leroux.quantile(fitted, probability))[:, None]
        assert below.mean(axis=1) == pytest.approx(np.full(6, probability), abs=0.03)


def test_draws_come_in_opposites_on_each_area_s_own_distribution() -> None:
    """Twenty times fifty pairs; between the quantiles at half steps of z, values lie on a line."""
    fitted = row([1, 0, 7, 2, 0, 3], [2, 2, 2, 2, 2, 2])
    steps = np.arange(-3, 3.1, 0.5)
    own = np.log([leroux.quantile(fitted, ndtr(z)) for z in steps])
    every = list(joint_ranks.draws(fitted))
    assert [drawn.shape for drawn in every] == [(6, 100)] * 20
    beyond = 0
    for drawn in every:
        for area in range(6):
            z = np.interp(drawn[area], own[:, area], steps)
            inside = (np.abs(z) < 3)[:50] & (np.abs(z) < 3)[50:]
            assert z[:50][inside] == pytest.approx(-z[50:][inside], abs=1e-9)
            beyond += int((np.abs(z[:50][inside]) > 2.5).sum())
    assert beyond > 20


def test_ranks_that_are_sure_and_ranks_that_are_not() -> None:
    fitted = row([900, 100, 100, 100, 2, 0], [100, 100, 100, 100, 100, 0])
    ranked = np.array([True, True, True, True, True, False])
    lower, upper, top = joint_ranks.ranks(fitted, ranked, top=2, confidence=0.95)
    assert (lower[0], upper[0]) == (1, 1)
    assert (lower[4], upper[4]) == (5, 5)
    assert lower[1:4].tolist() == [2, 2, 2]
    assert upper[1:4].tolist() == [4, 4, 4]
    assert top[0] == 1
    assert top[4] == 0
    assert top.sum() == pytest.approx(2)
    assert top[1:4] == pytest.approx([1 / 3] * 3, abs=0.1)


def test_the_same_in_any_order_of_rows() -> None:
    counts, expected = np.array([9.0, 1, 4, 7, 2]), np.full(5, 4.0)
    a, b = np.arange(4), np.arange(1, 5)
    points = np.c_[np.arange(5.0), np.zeros(5)]
    every = np.ones(5, dtype=bool)
    one = leroux.fit(counts, expected, (a, b, np.ones(4)), points)
    rows = np.array([3, 0, 4, 1, 2])
    place = np.argsort(rows)
    other = leroux.fit(counts[rows], expected, (place[a], place[b], np.ones(4)), points[rows])
    first, second = (joint_ranks.ranks(f, every, top=2, confidence=0.9) for f in (one, other))
    for left, right in zip(first, second, strict=True):
        assert left[rows].tolist() == right.tolist()
