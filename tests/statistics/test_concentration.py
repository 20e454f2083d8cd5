"""Shares of places, the generalised Gini and what chance gives: by hand and in closed form."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import lsoahot as lh


def places(count: list[float], people: list[float] | None = None) -> pd.DataFrame:
    return pd.DataFrame(
        {"count": count, "population": people or [100] * len(count)},
        index=pd.Index([f"E0101{i:04}" for i in range(len(count))], name="area_code"),
    )


def facts(table: pd.DataFrame) -> dict[str, float]:
    return table.attrs["statistics"]["concentration"]


def test_the_fewest_places_by_hand() -> None:
    # In order 50, 25, 15, 10: a quarter and half are in one place, 80 % need three (90 >= 80).
    found = lh.concentration(places([15, 50, 10, 25]))
    assert found["events_pct"].tolist() == [25, 50, 80]
    assert found["places"].tolist() == [1, 1, 3]
    assert found["places_pct"].tolist() == [25, 25, 75]
    # Gini of .1, .15, .25, .5: (2 (.1 + .3 + .75 + 2) - 5) / 4.
    assert facts(found)["gini"] == pytest.approx((2 * 3.15 - 5) / 4)


def test_the_lorenz_curve_is_the_same_with_more_shares() -> None:
    found = lh.concentration(places([3, 1, 0, 0]), shares=range(0, 101, 25))
    assert found["places"].tolist() == [0, 1, 1, 1, 2]


def test_fewer_events_than_places() -> None:
    # Two events in two of four places are as even as can be; both in one are 1 - 1/2.
    assert facts(lh.concentration(places([1, 0, 1, 0])))["gini"] == pytest.approx(0)
    assert facts(lh.concentration(places([0, 2, 0, 0])))["gini"] == pytest.approx(0.5)


def test_chance_in_closed_form() -> None:
    # Two events fall into one of four equal places in one map of four: 80 % of them are then in a
    # quarter of the places, else in half: 43.75 % on average (a mean of 199 has an error of .77).
    found = lh.concentration(places([1, 0, 1, 0]))
    assert found["chance_pct"].iloc[2] == pytest.approx(0.25 * 25 + 0.75 * 50, abs=2.5)
    assert found[["chance_lower", "chance_upper"]].iloc[2].tolist() == [25, 50]
    # G' is .5 where both fall into one place, else 0.
    assert facts(found)["gini_chance"] == pytest.approx(0.125, abs=0.05)


def test_limits_of_chance_are_those_of_the_maps_drawn() -> None:
    table = places([2, 1, 0, 5, 0, 9, 4, 0, 3, 16] * 3, [50, 100, 150] * 10)
    found = lh.concentration(table, seed=4)
    share = np.array([50, 100, 150] * 10) / 3000
    needed = []
    for drawn in np.random.default_rng(4).multinomial(120, share, size=199):
        held = np.cumsum(sorted(drawn, reverse=True))
        needed.append([1 + sum(held < part * 120) for part in (0.25, 0.5, 0.8)])
    in_pct = np.array(needed) / 30 * 100
    for name, level in (("chance_lower", 0.025), ("chance_upper", 0.975)):
        assert found[name].to_numpy() == pytest.approx(np.quantile(in_pct, level, axis=0))
    assert found["chance_pct"].to_numpy() == pytest.approx(in_pct.mean(axis=0))


def test_one_event_is_in_one_place() -> None:
    found = lh.concentration(places([0, 1, 0, 0]))
    assert found[["chance_pct", "chance_lower", "chance_upper"]].eq(25).all(axis=None)


def test_chance_goes_by_people() -> None:
    # Everyone lives in one place of four, so chance puts everything there.
    found = lh.concentration(places([5, 5, 5, 5], [1000, 0, 0, 0]))
    assert found["chance_pct"].tolist() == [25, 25, 25]
    alike = lh.concentration(places([5, 5, 5, 5], [1000, 0, 0, 0]), population=None)
    assert alike["chance_pct"].iloc[2] > 50


def test_weights_count_as_so_many_events() -> None:
    # Weights of 10 each: as uncertain as the events.
    table = places([3, 1, 0, 0])
    heavy = table.assign(weighted=table["count"] * 10, weighted_sq=table["count"] * 100)
    found = lh.concentration(heavy, count="weighted")
    pd.testing.assert_frame_equal(found, lh.concentration(table), check_flags=False)
    assert facts(found)["gini"] == facts(lh.concentration(table))["gini"]


@settings(max_examples=25)
@given(st.lists(st.integers(0, 50), min_size=2, max_size=30).filter(any), st.randoms())
def test_neither_order_nor_scale_of_people_matters(counts: list[int], chance: object) -> None:
    table = places(counts, list(range(1, len(counts) + 1)))
    shuffled = table.sample(frac=1, random_state=chance.randint(0, 999))  # type: ignore[attr-defined]
    found = lh.concentration(table)
    pd.testing.assert_frame_equal(found, lh.concentration(shuffled))
    assert facts(found) == facts(lh.concentration(shuffled))
    assert -1e-12 <= facts(found)["gini"] <= 1
    # So many places do hold the share, and one fewer doesn't.
    held = np.concatenate([[0], np.cumsum(sorted(counts, reverse=True))]) / sum(counts)
    for share, number in zip(found["events_pct"], found["places"], strict=True):
        assert held[number] >= share / 100 - 1e-9 > held[number - 1] - 1e-8


def test_what_cannot_be_shared_out() -> None:
    with pytest.warns(UserWarning, match="1 areas have no count"):
        found = lh.concentration(places([1, np.nan, 3]))
    assert facts(found)["places"] == 2
    with pytest.raises(ValueError, match="adds up to 0"):
        lh.concentration(places([0, 0]))
    with pytest.raises(ValueError, match="negative in 1 areas"):
        lh.concentration(places([-1, 2]))
    with pytest.raises(ValueError, match="population=None"):
        lh.concentration(places([1, 2]).drop(columns="population"))
    with pytest.raises(ValueError, match="between 0 and 100"):
        lh.concentration(places([1, 2]), shares=[250])
