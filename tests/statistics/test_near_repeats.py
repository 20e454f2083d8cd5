"""Near repeats: counts and expectations by hand and by pointpats; size; refusals."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import lsoahot as lh


def events(xy: np.ndarray, days: np.ndarray, crs: int = 27700) -> gpd.GeoDataFrame:
    dates = pd.Timestamp("2024-01-02") + pd.to_timedelta(days, unit="D")
    return gpd.GeoDataFrame({"date": dates}, geometry=gpd.points_from_xy(*xy.T), crs=crs)


def noise(n: int, seed: int = 1) -> gpd.GeoDataFrame:
    rng = np.random.default_rng(seed)
    return events(rng.uniform(0, 2000, (n, 2)), rng.integers(0, 200, n))


def test_pairs_by_hand() -> None:
    # Four events on a line at 0, 0, 80 and 300 m on days 0, 3, 10 and 10, and far others.
    xy = np.array([[0, 0], [0, 0], [80, 0], [300, 0], *[[10_000 * i, 9000] for i in range(1, 9)]])
    days = np.array([0, 3, 10, 10, *range(100, 180, 10)])
    found = lh.near_repeat(events(xy, days), metres=(100, 400), days=(7, 14), permutations=9)
    pairs = found.set_index(["distance", "interval"])["pairs"]
    assert pairs.to_dict() == {
        ("the same place", "0 to 7 days"): 1,  # days 0 and 3
        ("the same place", "8 to 14 days"): 0,
        ("up to 100 m", "0 to 7 days"): 1,  # day 3 at 0 m, day 10 at 80 m
        ("up to 100 m", "8 to 14 days"): 1,  # day 0 at 0 m, day 10 at 80 m
        ("100 to 400 m", "0 to 7 days"): 2,  # 300 m from day 3, and 220 m on the same day
        ("100 to 400 m", "8 to 14 days"): 1,
    }


def test_the_expectation_is_the_mean_of_all_permutations() -> None:
    records = noise(60)
    found = lh.near_repeat(records, metres=(200, 500), days=(10, 30), permutations=1)
    rng = np.random.default_rng(2)
    xy = np.column_stack([records.geometry.x, records.geometry.y])
    days = (records["date"] - records["date"].min()).dt.days.to_numpy()
    i, j = np.triu_indices(60, 1)
    apart = np.hypot(*(xy[i] - xy[j]).T)
    sums = np.zeros(len(found))
    for _ in range(500):
        lag = np.abs(np.subtract(*(rng.permutation(days)[[i, j]])))
        for k, row in enumerate(found.itertuples()):
            near = (apart > row.metres_over) & (apart <= row.metres_to)
            since = row.days_over or -1
            sums[k] += (near & (lag > since) & (lag <= row.days_to)).sum()
    assert np.allclose(sums / 500, found["expected"], rtol=0.06, atol=0.1)


def test_pointpats_counts_the_same_pairs() -> None:
    spacetime = pytest.importorskip("pointpats.spacetime", reason="pointpats is not installed")
    records = noise(150, seed=3)
    found = lh.near_repeat(records, metres=(100, 300), days=(7, 21), permutations=1)
    xy = np.column_stack([records.geometry.x, records.geometry.y])
    when = (records["date"] - records["date"].min()).dt.days.to_numpy()[:, None]
    for metres in (100, 300):
        for days in (7, 21):
            knox = spacetime.Knox(xy, when, delta=metres, tau=days, permutations=0)
            within = found[(found["metres_to"] <= metres) & (found["days_to"] <= days)]
            assert within["pairs"].sum() == knox.statistic_
            assert within["expected"].sum() == pytest.approx(knox.expected[0, 0])


def test_a_planted_repeat_is_found_where_it_is() -> None:
    rng = np.random.default_rng(5)
    xy, days = rng.uniform(0, 20_000, (150, 2)), rng.integers(0, 365, 150)
    follow = np.column_stack([xy[:20, 0] + 60, xy[:20, 1]])
    records = events(np.vstack([xy, follow]), np.concatenate([days, days[:20] + 5]))
    found = lh.near_repeat(records).set_index(["distance", "interval"])
    assert found.loc[("up to 100 m", "0 to 7 days"), "verdict"] == "more than chance"
    assert found.loc[("up to 100 m", "0 to 7 days"), "ratio"] > 10
    assert (found["verdict"] == "more than chance").sum() <= 2


def test_bands_and_lags_begin_where_the_ones_before_end() -> None:
    found = lh.near_repeat(noise(60, seed=3), metres=(100, 250), days=(7, 21), permutations=1)
    ends = found[["metres_over", "metres_to", "days_over", "days_to"]].to_numpy().tolist()
    assert ends == [
        [over, to, *days]
        for over, to in ((0, 0), (0, 100), (100, 250)) for days in ((0, 7), (7, 21))
    ]  # fmt: skip


def test_a_q_at_the_level_itself_is_more_than_chance() -> None:
    records = noise(60, seed=3)
    every = lh.near_repeat(records, permutations=19)
    twentieths = every["knox_p"] * 20
    assert (twentieths - twentieths.round()).abs().max() < 1e-12
    assert twentieths.between(1, 20).all()
    q, least = every["knox_q"], float(every["knox_q"].min())
    for alpha, named in ((least, q == least), (least - 1e-9, q < 0)):
        found = lh.near_repeat(records, permutations=19, alpha=alpha)
        assert (found["verdict"] == "more than chance").tolist() == named.tolist()


def test_the_same_seed_gives_the_same_answer() -> None:
    records = noise(100)
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    one, two = (lh.near_repeat(records, permutations=99) for _ in range(2))
    pd.testing.assert_frame_equal(one, two)
    assert (np.random.get_state()[1] == state).all(), "and nobody else's seed is touched"  # noqa: NPY002


def test_false_alarms_are_rare() -> None:
    alarms = [
        (lh.near_repeat(noise(80, seed), permutations=99)["knox_q"] <= 0.05).any()
        for seed in range(60)
    ]
    assert sum(alarms) <= 9


def test_longitude_and_latitude_are_brought_to_metres() -> None:
    records = noise(80)
    degrees = records.set_geometry(records.translate(450_000, 300_000)).to_crs(4326)
    plain = lh.near_repeat(records, permutations=9)
    assert lh.near_repeat(degrees, permutations=9)["pairs"].tolist() == plain["pairs"].tolist()


def test_months_are_refused() -> None:
    records = noise(30)
    with pytest.raises(ValueError, match=r"no exact dates.*data\.police\.uk gives months only"):
        lh.near_repeat(records.drop(columns="date"))
    firsts = records.assign(date=records["date"].dt.to_period("M").dt.to_timestamp())
    with pytest.raises(ValueError, match="every date is the first of a month"):
        lh.near_repeat(firsts)
    crimes = lh.read_dataset("crime", "sample").head(20)
    placed = gpd.GeoDataFrame(crimes, geometry=gpd.points_from_xy([0] * 20, [0] * 20))
    with pytest.raises(ValueError, match="no exact dates"):
        lh.near_repeat(placed)


def test_what_else_cannot_be_is_refused() -> None:
    records = noise(30)
    with pytest.raises(ValueError, match=r"metres=\(200, 100\) do not rise"):
        lh.near_repeat(records, metres=(200, 100))
    with pytest.raises(ValueError, match=r"metres=\(100, 100\) do not rise"):
        lh.near_repeat(records, metres=(100, 100))
    with pytest.raises(ValueError, match=r"days=.* do not rise"):
        lh.near_repeat(records, days=(0, 7))
    with pytest.raises(TypeError, match="not DataFrame"):
        lh.near_repeat(pd.DataFrame(records))
    with pytest.raises(TypeError, match="not dates"):
        lh.near_repeat(records.assign(date="2024"))
    with pytest.raises(ValueError, match="5 records have a date"):
        lh.near_repeat(records.head(5))
    with pytest.raises(TypeError, match="not points alone"):
        lh.near_repeat(records.set_geometry(records.buffer(1)))


def test_records_without_a_date_are_told() -> None:
    records = noise(30)
    records.loc[3, "date"] = pd.NaT
    with pytest.warns(UserWarning, match="1 of 30 records have no date or no point"):
        lh.near_repeat(records, permutations=9)
