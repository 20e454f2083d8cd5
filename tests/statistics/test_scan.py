"""Kulldorff's scan: by brute force over all circles and all maps, and in closed form."""

from __future__ import annotations

import itertools
import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy import stats

import lsoahot as lh
from lsoahot.statistics import scan as scanning


def dots(
    count: list[float], people: list[float], at: list[tuple[float, float]]
) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"count": count, "population": people},
        index=pd.Index([f"E0101{i:04}" for i in range(len(count))], name="area_code"),
        geometry=gpd.points_from_xy(*zip(*at, strict=True)),
        crs="EPSG:27700",
    )


def ratio(inside: float, due: float, total: float) -> float:
    if inside <= due:
        return 0.0
    rest = total - inside
    return inside * math.log(inside / due) + (
        rest * math.log(rest / (total - due)) if rest else 0.0
    )


def circles(table: gpd.GeoDataFrame, largest: float = 0.5) -> set[frozenset[int]]:
    """Return all sets of areas within some distance of some area, by looking at each distance."""
    xy = np.column_stack([table.geometry.x, table.geometry.y])
    people = table["population"].to_numpy()
    found = set()
    for centre, edge in itertools.product(range(len(xy)), repeat=2):
        radius = np.hypot(*(xy[edge] - xy[centre]))
        members = np.flatnonzero(np.hypot(*(xy - xy[centre]).T) <= radius + 1e-9)
        if people[members].sum() <= largest * people.sum() * (1 + 1e-9):
            found.add(frozenset(members.tolist()))
    return found


def exact(table: gpd.GeoDataFrame, least: float) -> float:
    """Return the probability of a ratio so large anywhere, from every map there can be."""
    total = int(table["count"].sum())
    share = (table["population"] / table["population"].sum()).to_numpy()
    windows = [sorted(members) for members in circles(table)]
    p = 0.0
    for places in itertools.product(range(total + 1), repeat=len(table)):
        if sum(places) == total:
            counts = np.array(places)
            top = max(ratio(counts[w].sum(), total * share[w].sum(), total) for w in windows)
            if top >= least - 1e-9:
                p += stats.multinomial.pmf(counts, total, share)
    return p


SIX = dots(
    [4, 1, 0, 1, 0, 0], [100, 150, 120, 300, 200, 130],
    [(0, 0), (1, 0), (0, 2), (5, 5), (6, 5), (5, 7)],
)  # fmt: skip


def test_the_cluster_by_hand_and_by_brute_force() -> None:
    found = lh.scan(SIX)
    best = max(
        circles(SIX),
        key=lambda w: ratio(SIX["count"].iloc[list(w)].sum(), 6 * SIX["population"].iloc[list(w)].sum() / 1000, 6),
    )  # fmt: skip
    assert {SIX.index.get_loc(code) for code in found.loc[0, "members"]} == best == {0}
    # 4 of 6 events where 0.6 are expected: 4 ln(4/.6) + 2 ln(2/5.4) = 5.602.
    first = found.iloc[0]
    assert first["log_likelihood_ratio"] == pytest.approx(5.6020, abs=1e-4)
    assert first[["cluster", "centre", "radius", "areas", "events"]].tolist() == [
        1, "E01010000", 0, 1, 4,
    ]  # fmt: skip
    assert first["expected"] == pytest.approx(0.6)
    assert first["relative_risk"] == pytest.approx((4 / 0.6) / (2 / 5.4))
    p = exact(SIX, first["log_likelihood_ratio"])
    assert 0.001 < p < 0.01
    assert first["scan_p"] == pytest.approx(p, abs=4 * first["scan_p_error"] + 1e-12)
    assert first["scan_p_error"] < 0.1 * p, "far out, importance sampling is precise"


def test_clusters_do_not_overlap_and_come_in_order() -> None:
    found = lh.scan(SIX, clusters=5)
    members = [code for row in found["members"] for code in row]
    assert len(members) == len(set(members))
    assert found["log_likelihood_ratio"].is_monotonic_decreasing
    assert len(lh.scan(SIX, clusters=1)) == 1


@pytest.mark.parametrize("seed", range(5))
def test_all_circles_are_looked_at(seed: int) -> None:
    rng = np.random.default_rng(seed)
    at = [tuple(one) for one in rng.integers(0, 4, (12, 2)).astype(float)]  # with many ties
    table = dots(rng.poisson(1, 12).tolist(), rng.integers(50, 300, 12).tolist(), at)
    total, people = table["count"].sum(), table["population"].sum()
    top = max(
        ratio(
            table["count"].iloc[list(w)].sum(),
            total * table["population"].iloc[list(w)].sum() / people,
            total,
        )
        for w in circles(table)
    )
    assert lh.scan(table).loc[0, "log_likelihood_ratio"] == pytest.approx(top)


def test_importance_sampling_agrees_with_every_map() -> None:
    table = dots(
        [3, 1, 0, 0, 1], [100, 100, 200, 150, 90], [(0, 0), (1, 0), (3, 0), (7, 0), (8, 1)]
    )
    places, _, due = scanning._columns(table, "count", "population")
    made = scanning._circles(places, due, 0.5)
    for least in (1.0, 2.0, 4.0, 7.0):
        p, error = scanning._far_out(made, least, 2000, np.random.default_rng(1))
        assert p == pytest.approx(exact(table, least), abs=4 * error + 1e-12)
        assert error < 0.06 * p


def test_p_in_closed_form_far_out() -> None:
    # Ten equal places far apart, of which circles of one only may be: 12 of 12 events in one place
    # have probability 10 * 0.1^12, and no other map is as extreme.
    at = [(float(2**i), 0.0) for i in range(10)]
    found = lh.scan(dots([12, *[0] * 9], [100] * 10, at), largest=0.1)
    assert found.loc[0, "scan_p"] == pytest.approx(10 * 0.1**12, rel=1e-6)
    assert found.loc[0, "relative_risk"] == np.inf


def test_p_is_the_share_of_maps_where_ten_or_more_are_as_extreme() -> None:
    places, _, due = scanning._columns(SIX, "count", "population")
    made, rng = scanning._circles(places, due, 0.5), np.random.default_rng(0)
    maps = np.repeat([5.0, 1.0], [10, 89])
    p, error = scanning._probability(made, 5.0, maps, rng)
    assert (p, error) == pytest.approx((11 / 100, (0.11 * 0.89 / 99) ** 0.5))
    # Nine are too few: then it is that of importance sampling, whatever the maps say.
    p, error = scanning._probability(made, 5.0, np.repeat([5.0, 1.0], [9, 990]), rng)
    assert p == pytest.approx(exact(SIX, 5.0), abs=4 * error)


def test_how_much_risks_differ_within_clusters_and_without_by_hand() -> None:
    """Twenty events of two equal areas all in one, one area for itself, four as even as can be.

    Seen are 10² + 10² + 0, by chance 20 · 2 · ½ · ½ + 20 · 4 · ¼ · ¾ = 25; risks of no spread
    would be 10, 10, 5, 5, 5, 5: 300 of squares.
    """
    at = [(float(2**i), 0.0) for i in range(7)]
    table = dots([20, 0, 7, 5, 5, 5, 5], [100, 100, 30, 100, 100, 100, 100], at)
    places, events, due = scanning._columns(table, "count", "population")
    made = scanning._circles(places, due, 0.5)
    clusters = [np.array([0, 1]), np.array([2])]
    p, spread = scanning._unevenness(
        made, events, clusters, draws=4000, rng=np.random.default_rng(1)
    )
    assert p < 0.002
    assert spread == pytest.approx(((200 - 25) / 300) ** 0.5, abs=0.01)
    even = np.array([10, 10, 7, 5, 5, 5, 5])
    p, spread = scanning._unevenness(made, even, clusters, draws=99, rng=np.random.default_rng(1))
    assert (p, spread) == (1, 0)


def test_maps_of_equal_risk_are_seldom_named() -> None:
    rng = np.random.default_rng(3)
    at = [(float(x), float(y)) for x in range(6) for y in range(6)]
    people = rng.integers(500, 2000, 36)
    named = uneven = 0
    for _ in range(60):
        table = dots(rng.multinomial(30, people / people.sum()).tolist(), people.tolist(), at)
        try:
            named += lh.scan(table, clusters=1, draws=99).loc[0, "scan_p"] <= 0.05
        except ValueError:
            uneven += 1
    # 5 % of 60 are 3: more than 8 have a probability of .002. 1 % are refused.
    assert named <= 8
    assert uneven <= 4


def test_risks_that_differ_without_clustering_are_allowed_for() -> None:
    """At two events an area and risks of CV 0.4, p is below 0.05 on a third of maps; not allowing for it."""
    rng = np.random.default_rng(4)
    at = [(float(x), float(y)) for x in range(8) for y in range(8)]
    equal = uneven = 0
    for _ in range(40):
        risk = rng.gamma(0.4**-2, 0.4**2, 64)
        table = dots(rng.multinomial(128, risk / risk.sum()).tolist(), [1000] * 64, at)
        try:
            first = lh.scan(table, clusters=1, draws=99).iloc[0]
        except ValueError:
            continue
        equal += first["scan_p"] <= 0.05
        uneven += first["scan_p_uneven"] <= 0.05
        assert first["scan_p_uneven"] >= first["scan_p"]
    assert equal > 6  # 2 are meant
    assert uneven <= 4


def test_the_order_of_rows_does_not_matter() -> None:
    shuffled = SIX.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(lh.scan(SIX), lh.scan(shuffled))


def test_what_is_not_for_the_scan_is_refused() -> None:
    many = SIX.assign(count=[9, 8, 7, 9, 8, 9])
    with pytest.raises(ValueError, match=r"8\.3 an area.*exceedance"):
        lh.scan(many)
    rng = np.random.default_rng(5)
    at = [(float(x), float(y)) for x in range(20) for y in range(20)]
    uneven = rng.poisson(rng.gamma(0.5, 2, 400)).tolist()  # risks of CV 1.4, not clustered
    with pytest.raises(ValueError, match=r"uneven beyond chance.*exceedance"):
        lh.scan(dots(uneven, [100] * 400, at), draws=199)
    with pytest.raises(ValueError, match="no whole number in 1 areas"):
        lh.scan(SIX.assign(count=[0.5, 1, 0, 1, 0, 0]))
    with pytest.raises(ValueError, match="in degrees"):
        lh.scan(SIX.to_crs(4326))
    for largest in (0, 0.51):
        with pytest.raises(ValueError, match=rf"largest={largest} is not above 0 and at most 0\.5"):
            lh.scan(SIX, largest=largest)
    with pytest.raises(ValueError, match="adds up to 0"):
        lh.scan(SIX.assign(count=0))
    with pytest.warns(UserWarning, match="1 areas have no count"):
        assert (
            lh.scan(SIX.assign(count=[4, 1, np.nan, 1, 0, 0])).attrs["statistics"]["scan"]["areas"]
            == 5
        )


def test_an_area_without_a_shape_or_with_an_empty_one_is_left_out_and_told() -> None:
    table = SIX.copy()
    table.geometry = [
        *SIX.geometry[:2],
        None,
        SIX.geometry.iloc[3],
        shapely.Point(),
        SIX.geometry.iloc[5],
    ]
    with pytest.warns(
        UserWarning, match=r"2 areas have no count, .* or no shape \(E01010002, E01010004\)"
    ):
        found = lh.scan(table)
    left = lh.scan(SIX.drop(index=["E01010002", "E01010004"]))
    pd.testing.assert_frame_equal(found, left)
    assert found.attrs["statistics"]["scan"]["missing"] == 2


def test_only_the_proportions_of_what_is_expected_count() -> None:
    """A hundredth of an event is expected as well as a thousand people are."""
    found = lh.scan(SIX.assign(due=SIX["population"] / 10_000), expected="due")
    pd.testing.assert_frame_equal(found, lh.scan(SIX))
