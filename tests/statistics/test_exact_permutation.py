"""The exact distribution against enumeration and exact whole-number arithmetic."""

from __future__ import annotations

import itertools
from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.typing import NDArray
from scipy.stats import hypergeom

from lsoahot.statistics import links
from lsoahot.statistics.kernels import (
    enumerated as _enumerated,
    exact_permutation as _exact,
    permutation,
    sampled,
)

Floats = NDArray[np.float64]


def enumerated(values: Floats, size: int) -> Floats:
    """Return the sum of every choice of `size` values."""
    return np.array([sum(chosen) for chosen in itertools.combinations(values, size)])


@pytest.mark.parametrize(("n", "size"), [(5, 1), (12, 3), (12, 6), (12, 9), (12, 11), (17, 7)])
def test_total_equals_full_enumeration(n: int, size: int) -> None:
    values = np.random.default_rng(n * size).poisson(3.0, n).astype(float)
    sums = enumerated(values, size)
    seen = np.arange(sums.min() - 1, sums.max() + 2)
    grid = _exact.lay_grid(values, min(size, n - size))
    assert grid is not None
    tails = _exact.total(grid, seen, np.full(seen.size, size))
    upper = np.array([(sums >= s).mean() for s in seen])
    lower = np.array([(sums <= s).mean() for s in seen])
    np.testing.assert_allclose(tails.upper, np.clip(upper, _exact.FLOOR, 1), rtol=0, atol=1e-13)
    np.testing.assert_allclose(tails.lower, np.clip(lower, _exact.FLOOR, 1), rtol=0, atol=1e-13)
    assert tails.error == 0


@pytest.mark.parametrize("size", [1, 3, 6, 9, 10])
def test_conditional_equals_full_enumeration(size: int) -> None:
    values = np.random.default_rng(size).poisson(3.0, 12).astype(float)
    grid = _exact.lay_grid(values, min(size, 11 - size))
    assert grid is not None
    for i in range(12):
        sums = enumerated(np.delete(values, i), size)
        seen = np.arange(sums.min() - 1, sums.max() + 2)
        own = np.full(seen.size, grid.levels[i])
        tails = _exact.conditional(grid, own, seen, np.full(seen.size, size))
        upper = np.array([(sums >= s).mean() for s in seen])
        np.testing.assert_allclose(tails.upper, np.clip(upper, _exact.FLOOR, 1), rtol=0, atol=1e-13)


def test_a_sum_of_lowest_values_alone_is_told_from_all_others_on_a_rounded_grid() -> None:
    """Rates: 30 of 50 are zero, and the others fit on no grid. Of 4 drawn all are zero so often."""
    values = np.r_[np.zeros(30), np.random.default_rng(2).gamma(2.0, 1.0, 20)]
    grid = _exact.lay_grid(values, 4)
    assert grid is not None
    assert not grid.exact
    assert grid.apart
    one = np.array([0.0])
    tails = _exact.total(grid, one, np.array([4]))
    assert tails.lower[0] == pytest.approx(comb(30, 4) / comb(50, 4), rel=1e-9)
    assert tails.upper[0] == 1
    held = _exact.conditional(grid, grid.levels[:1], one, np.array([4]))
    assert held.lower[0] == pytest.approx(comb(29, 4) / comb(49, 4), rel=1e-9)


def test_a_value_half_a_step_above_the_lowest_is_not_taken_for_it() -> None:
    """Of 3 of 40 drawn, 30 of them 0 and one 0.53 of a step: at least this, and 0, by counting."""
    values = np.r_[np.zeros(30), 0.0, np.random.default_rng(5).gamma(2.0, 1.0, 9) + 1]
    rough = _exact.lay_grid(values, 3)
    assert rough is not None
    values[30] = 0.53 * rough.step
    grid = _exact.lay_grid(values, 3)
    assert grid is not None
    assert not grid.exact
    assert grid.apart
    assert grid.levels[30] == 1
    none = comb(30, 3) / comb(40, 3)
    tails = _exact.total(grid, np.array([0.0, values[30]]), np.array([3, 3]))
    assert tails.upper == pytest.approx([1, 1 - none], rel=1e-9)
    few = comb(31, 3) / comb(40, 3)  # the least sum, and with it that of the value itself
    assert tails.lower == pytest.approx([none, few], rel=1e-9)


def test_numbers_of_choices_beyond_a_float_s_range_are_hypergeometric_still() -> None:
    """There are 1e487 choices of 500 areas of 2,000, of which 700 have an event."""
    levels = np.r_[np.ones(700), np.zeros(1300)]
    grid = _exact.lay_grid(levels, 500)
    assert grid is not None
    seen = np.arange(140.0, 211.0, 10.0)
    tails = _exact.total(grid, seen, np.full(seen.size, 500))
    expected = hypergeom(2000, 700, 500)
    np.testing.assert_allclose(tails.upper, expected.sf(seen - 1), rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(tails.lower, expected.cdf(seen), rtol=1e-6, atol=1e-12)


def counted(levels: list[int], size: int) -> Floats:
    """Return P(S >= s) at s = 0, 1, ... by whole-number arithmetic, rounded once at the end."""
    top = sum(sorted(levels)[-size:])
    ways = [[0] * (top + 1) for _ in range(size + 1)]
    ways[0][0] = 1
    for level in levels:
        for taken in range(size, 0, -1):
            for s in range(top, level - 1, -1):
                ways[taken][s] += ways[taken - 1][s - level]
    every = comb(len(levels), size)
    tail = list(itertools.accumulate(reversed(ways[size])))[::-1]
    return np.array([float(Fraction(t, every)) for t in tail])


@pytest.mark.parametrize(
    ("n", "size", "mean"), [(40, 19, 1.0), (150, 9, 2.0), (150, 60, 0.3), (611, 9, 1.0)]
)
def test_tails_equal_whole_number_arithmetic_down_to_the_floor(
    n: int, size: int, mean: float
) -> None:
    levels = np.random.default_rng(n).poisson(mean, n)
    exact = counted(levels.tolist(), size)
    found = _exact._upper_tails(levels, [size]).tails[0]
    exact = np.concatenate([exact, np.zeros(max(0, found.size - exact.size))])
    assert np.abs(found - exact[: found.size]).max() < _exact.FLOOR / 5
    assert exact[found.size :].max(initial=0) < 1e-17  # what the shorter transform leaves out


def test_a_heavy_tail_costs_no_accuracy() -> None:
    """One value a hundred times the others: the transform is as long as it must be."""
    levels = np.concatenate([np.random.default_rng(2).poisson(2.0, 60), [250]])
    exact = counted(levels.tolist(), 6)
    found = _exact._upper_tails(levels, [6]).tails[0]
    assert found.size > 250
    np.testing.assert_allclose(found[: exact.size], exact[: found.size], rtol=0, atol=1e-14)


def test_p_is_never_below_the_floor() -> None:
    values = np.concatenate([np.zeros(5000), np.full(20, 9.0)])
    grid = _exact.lay_grid(values, 9)
    assert grid is not None
    tails = _exact.total(grid, np.array([81.0]), np.array([9]))
    assert tails.upper[0] == _exact.FLOOR  # C(20, 9) / C(5020, 9) is 3e-23
    assert tails.lower[0] == 1


@pytest.mark.parametrize(
    ("values", "step"),
    [
        ([0, 1, 2, 5], 1),
        ([10, 15, 40], 5),
        ([1_000_000, 1_000_003], 3),
        ([-4, 6, 16], 10),
        ([0.1, 0.2, 0.4], 0.1),
        ([34.1, 12.7, 0.0], 0.1),
        ([1.005, 1.250], 0.245),
    ],
)
def test_whole_numbers_and_decimals_keep_their_own_grid(values: list[float], step: float) -> None:
    grid = _exact.lay_grid(np.array(values, dtype=float), 1)
    assert grid is not None
    assert grid.exact
    assert grid.step == pytest.approx(step)
    np.testing.assert_allclose(grid.lowest + grid.step * grid.levels, values)


def test_other_values_are_rounded_to_a_fine_grid() -> None:
    values = np.random.default_rng(0).gamma(2, 1, 500)
    grid = _exact.lay_grid(values, 9)
    assert grid is not None
    assert not grid.exact
    assert grid.step <= values.std() / 1000
    assert np.abs(grid.lowest + grid.step * grid.levels - values).max() <= grid.step / 2


def test_what_would_take_too_long_is_left_to_sampling() -> None:
    values = np.random.default_rng(0).gamma(2, 1, 5000)
    assert _exact.lay_grid(values, 2400) is None


@pytest.mark.parametrize("conditional", [False, True])
def test_a_rounded_grid_brackets_full_enumeration(conditional: bool) -> None:  # noqa: FBT001
    """Tails are never too small, and too large by no more than the stated error."""
    rng = np.random.default_rng(4)
    values = rng.gamma(2, 1, 14)
    pool = values[1:] if conditional else values
    sums = enumerated(pool, 5)
    seen = sums[rng.integers(0, sums.size, 300)]
    grid = _exact.lay_grid(values, 5)
    assert grid is not None
    grid = grid._replace(levels=np.rint((values - values.min()) / 0.05).astype(int), step=0.05)
    sizes = np.full(seen.size, 5)
    own = np.full(seen.size, grid.levels[0])
    tails = (
        _exact.conditional(grid, own, seen, sizes)
        if conditional
        else _exact.total(grid, seen, sizes)
    )
    upper = np.array([(sums >= s - 1e-12).mean() for s in seen])
    lower = np.array([(sums <= s + 1e-12).mean() for s in seen])
    assert (tails.upper >= upper - 1e-14).all()
    assert (tails.lower >= lower - 1e-14).all()
    assert 0 < tails.error < 0.2
    assert (tails.upper - upper).max() <= tails.error
    assert (tails.lower - lower).max() <= tails.error


@pytest.mark.parametrize("held", [None, 4])
@pytest.mark.parametrize("size", [1, 4, 10])
def test_small_maps_are_enumerated_whatever_the_values(held: int | None, size: int) -> None:
    values = np.random.default_rng(size).normal(0, 1, 12)
    values[3] = values[7]
    pool = values if held is None else np.delete(values, held)
    sums = enumerated(pool, size)
    seen = sums[:: max(1, sums.size // 50)]
    places = None if held is None else np.full(seen.size, held)
    tails = _enumerated.tails(values, seen, np.full(seen.size, size), places)
    np.testing.assert_allclose(
        tails.upper, [(sums >= s - 1e-9).mean() for s in seen], rtol=0, atol=1e-14
    )
    np.testing.assert_allclose(
        tails.lower, [(sums <= s + 1e-9).mean() for s in seen], rtol=0, atol=1e-14
    )


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_counts_and_any_size_equal_enumeration(data: st.DataObject) -> None:
    values = np.array(data.draw(st.lists(st.integers(0, 30), min_size=4, max_size=10)), dtype=float)
    if np.ptp(values) == 0:
        return
    size = data.draw(st.integers(1, values.size - 1))
    sums = enumerated(values, size)
    seen = np.unique(sums)
    grid = _exact.lay_grid(values, min(size, values.size - size))
    assert grid is not None
    tails = _exact.total(grid, seen, np.full(seen.size, size))
    np.testing.assert_allclose(tails.upper, [(sums >= s).mean() for s in seen], atol=1e-13)
    np.testing.assert_allclose(tails.lower, [(sums <= s).mean() for s in seen], atol=1e-13)


def test_sampled_draws_are_without_replacement_and_even() -> None:
    rng = np.random.default_rng(0)
    for n, k in ((10, 3), (10, 5), (10, 8), (200, 60)):
        drawn = sampled._without_replacement(rng, n, (4000, k))
        assert drawn.shape == (4000, k)
        assert (np.diff(np.sort(drawn, axis=1), axis=1) > 0).all()
        # each position of a row is each number equally often: 4000/n, give or take 5 SD
        for place in (0, k - 1):
            often = np.bincount(drawn[:, place], minlength=n)
            assert np.abs(often - 4000 / n).max() < 5 * np.sqrt(4000 / n)


def test_sampled_tails_draw_an_area_s_own_value_though_an_island_has_no_weight() -> None:
    """Six in a row with unequal weights, and one alone: every order of three values, or of four."""
    values = np.array([9.0, 1.0, 4.0, 0.0, 7.0, 2.0, 5.0])
    focal = np.array([0, 1, 1, 2, 2, 3, 3, 4, 4, 5])
    neighbour = np.array([1, 0, 2, 1, 3, 2, 4, 3, 5, 4])
    weight = np.where(neighbour > focal, 1.0, 0.5)
    own = np.array([2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 0.0])
    size = np.bincount(focal, minlength=7)
    graph = links.Links(focal, neighbour, weight, own, size, False, np.arange(7))
    tails = sampled.tails(values, graph, own, (20_000, 1))
    for i in range(6):
        weights = np.r_[weight[focal == i], 2.0]
        seen = weights @ values[np.r_[neighbour[focal == i], i]]
        sums = np.array(list(itertools.permutations(values, weights.size))) @ weights
        for found, p in (
            (tails.upper[i], (sums >= seen - 1e-9).mean()),
            (tails.lower[i], (sums <= seen + 1e-9).mean()),
        ):
            assert abs(found - p) < 5 * np.sqrt(p * (1 - p) / 20_000) + 1e-4
    assert np.isnan(tails.upper[6])
    # Of values all alike no order is higher than another: nine orders and the one seen.
    alike = sampled.tails(np.full(7, 2.0), graph, own, (9, 1))
    assert alike.upper[:6].tolist() == alike.lower[:6].tolist() == [1.0] * 6


@pytest.mark.parametrize("held", [None, 0, 5])
def test_a_few_huge_values_leave_the_rest_a_fine_grid(
    held: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sums are looked up on grids that reach no further than they must: never p too small."""
    monkeypatch.setattr(_enumerated, "MOST", 0)
    rng = np.random.default_rng(1)
    values = np.concatenate([[5000.0, 700.0], rng.gamma(2, 1, 12), np.zeros(3)])
    sums = enumerated(values if held is None else np.delete(values, held), 4)
    seen = np.concatenate([np.quantile(sums, [0, 0.05, 0.3, 0.5]), rng.choice(sums, 150)])
    seen = sums[np.abs(sums[:, None] - seen).argmin(axis=0)]
    sizes = np.full(seen.size, 4)
    places = None if held is None else np.full(seen.size, held)
    tails = permutation.tails(values, seen, sizes, places)
    assert tails is not None
    upper = np.array([(sums >= s - 1e-9).mean() for s in seen])
    lower = np.array([(sums <= s + 1e-9).mean() for s in seen])
    assert (tails.upper >= upper - 1e-13).all()
    assert (tails.lower >= lower - 1e-13).all()
    assert (tails.upper - upper).max() <= tails.error + 1e-13
    assert (tails.lower - lower).max() <= tails.error + 1e-13
    usual = seen < 100  # without a huge value among them
    fine = permutation.tails(
        values, seen[usual], sizes[usual], None if held is None else places[usual]
    )
    assert fine is not None
    assert fine.error < 0.02
    assert tails.upper[seen == sums.min()].tolist() == [1.0] * int((seen == sums.min()).sum())


@pytest.mark.parametrize("held", [None, 0, 5])
def test_sums_without_a_huge_value_are_not_looked_up_on_the_grid_of_those_with_one(
    held: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ninety-five of a hundred: theirs are within 0.005 of every choice, where the others' are 0.04 off."""
    monkeypatch.setattr(_enumerated, "MOST", 0)
    rng = np.random.default_rng(1)
    values = np.concatenate([[5000.0, 700.0], rng.gamma(2, 1, 12), np.zeros(3)])
    sums = enumerated(values if held is None else np.delete(values, held), 4)
    seen = np.append(rng.choice(sums[sums < 100], 95), rng.choice(sums[sums >= 100], 5))
    places = None if held is None else np.full(100, held)
    tails = permutation.tails(values, seen, np.full(100, 4), places)
    assert tails is not None
    upper = np.array([(sums >= s - 1e-9).mean() for s in seen])
    lower = np.array([(sums <= s + 1e-9).mean() for s in seen])
    assert np.abs(tails.upper - upper)[:95].max() < 0.005
    assert np.abs(tails.lower - lower)[:95].max() < 0.005
    assert tails.error > 0.05
