"""Comparison with similar areas: the mean of rates, funnels, ranks and words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import lsoahot as lh


def group(count: list[float], population: list[float], **more: object) -> pd.DataFrame:
    names = [f"District {chr(65 + i)}" for i in range(len(count))]
    index = pd.Index([f"E0700{i:04}" for i in range(len(count))], name="area_code")
    return pd.DataFrame(
        {"area_name": names, "count": count, "population": population, **more}, index=index
    )


def test_the_group_is_the_mean_of_its_members_rates_itself_included() -> None:
    # Rates 10, 20 and 60 per 1000: mean 30; the pooled rate would be 21.
    found = lh.compare(group([10, 200, 60], [1000, 10000, 1000]))
    assert found["group_rate"].unique().tolist() == [30]
    assert found["rate"].tolist() == [10, 20, 60]
    assert np.allclose(found["rate_ratio"], [1 / 3, 2 / 3, 2])


def test_ninth_of_fifteen() -> None:
    counts = [20, 22, 24, 26, 28, 30, 32, 34, 39, 41, 43, 45, 47, 49, 51]
    found = lh.compare(group(counts, [37400] * 15))
    ours = found[found["count"] == 39].iloc[0]
    assert ours["place"] == "9 of 15"
    assert ours["verdict"] == "in line"


def test_the_words_follow_the_exact_limits() -> None:
    # Mean rate 1 per 1000 and 30 expected in each; 20 and 41 are the last counts within 95 %.
    low, high = stats.poisson.cdf([19, 20], 30), stats.poisson.sf([40, 41], 30)
    assert (low < 0.025).tolist() == [True, False]
    assert (high < 0.025).tolist() == [False, True]
    found = lh.compare(group([19, 42, 20, 41, 29, 29], [30000] * 6), spread=0)
    found = found.sort_values("count")
    assert found["verdict"].tolist() == [
        "significantly better", "in line", "in line", "in line", "in line", "significantly worse",
    ]  # fmt: skip
    assert found["beyond"].isna().tolist() == [False, True, True, True, True, False]
    assert np.allclose(found["compare_p"].iloc[[0, 5]], 2 * np.array([low[0], high[1]]))


def test_limits_at_99_8_are_named() -> None:
    found = lh.compare(group([10, 50, 30, 30], [30000] * 4), spread=0)
    assert found["beyond"].iloc[0] == "99.8%"
    assert found["beyond"].iloc[-1] == "99.8%"
    inner = found[["funnel_lower_95", "funnel_upper_95"]].to_numpy()
    outer = found[["funnel_lower_998", "funnel_upper_998"]].to_numpy()
    assert (outer[:, 0] < inner[:, 0]).all()
    assert (outer[:, 1] > inner[:, 1]).all()


def test_small_members_have_wider_limits() -> None:
    found = lh.compare(group([12, 120, 1200], [1000, 10000, 100000]))
    width = found["funnel_upper_95"] - found["funnel_lower_95"]
    assert width.sort_values().index.tolist() == found.index[::-1].tolist()


def test_where_few_is_bad_the_words_turn() -> None:
    found = lh.compare(group([10, 50, 30, 30], [30000] * 4), worse="lower", spread=0)
    assert found["verdict"].iloc[0] == "significantly worse"
    assert found["verdict"].iloc[-1] == "significantly better"


def test_peers_by_name_or_code() -> None:
    table = group([10, 20, 30, 1000], [1000] * 4)
    by_name = lh.compare(table, ["District C", "District A", "E07000001"])
    assert by_name["rank"].tolist() == [1, 2, 3]
    assert by_name["area_name"].tolist() == ["District A", "District B", "District C"]
    assert by_name["group_rate"].iloc[0] == 20


def test_ties_share_a_rank() -> None:
    found = lh.compare(group([10, 20, 20, 30], [1000] * 4))
    assert found["place"].tolist() == ["1 of 4", "2 of 4", "2 of 4", "4 of 4"]


def test_a_member_without_data_is_told_and_left_out() -> None:
    with pytest.warns(UserWarning, match="1 of 3 members have no count or population"):
        found = lh.compare(group([10, np.nan, 30], [1000] * 3))
    assert found["group_rate"].iloc[0] == 20
    assert found["place"].tolist() == ["1 of 2", "2 of 2"]


def test_the_groups_own_spread_is_the_measure_by_default() -> None:
    rng = np.random.default_rng(3)
    counts = rng.poisson(300 * rng.gamma(25, 1 / 25, 40))  # true rates differ by a fifth
    table = group(counts.tolist(), [30000] * 40)
    found, plain = lh.compare(table), lh.compare(table, spread=0)
    facts = found.attrs["statistics"]["compare"]
    assert facts["spread"] == pytest.approx(0.2, abs=0.05)
    assert facts["spread_from"] == "the group"
    assert f"truly differ by {facts['spread']:.0%}" in facts["text"]
    assert (plain["verdict"] != "in line").sum() > 10
    assert (found["verdict"] != "in line").sum() <= 4
    same = lh.compare(table, spread=facts["spread"])
    assert np.allclose(same["compare_p"], found["compare_p"])
    # one who stands far out doesn't widen the limits that it is measured by
    out = lh.compare(table.assign(count=[*counts[:-1], 900]))
    assert out["verdict"].iloc[-1] == "significantly worse"
    assert out.attrs["statistics"]["compare"]["spread"] == pytest.approx(facts["spread"], abs=0.05)


def test_p_and_limits_are_those_of_the_negative_binomial() -> None:
    table = group([210, 300, 330, 475], [30000, 28000, 33000, 36000])
    found = lh.compare(table, spread=0.25).sort_index()
    shape = 0.25**-2
    due = found["group_rate"] * found["population"] / 1000
    law = stats.nbinom(shape, shape / (shape + due))
    twice = 2 * np.minimum(law.cdf(found["count"]), law.sf(found["count"] - 1))
    assert np.allclose(found["compare_p"], np.minimum(twice, 1), rtol=1e-9)
    limits = found[["funnel_lower_95", "funnel_upper_95"]].mul(found["population"] / 1000, axis=0)
    for side, tail in (("lower", law.cdf), ("upper", lambda k: law.sf(k - 1))):
        limit = limits[f"funnel_{side}_95"]
        inside, beyond = (np.floor(limit), np.ceil(limit))[:: 1 if side == "lower" else -1]
        assert (tail(inside) <= 0.025).all()
        assert (tail(beyond) >= 0.025).all()


@pytest.mark.parametrize("members", [15, 40])
def test_of_members_who_truly_differ_five_in_a_hundred_stand_out(members: int) -> None:
    rng = np.random.default_rng(members)
    out = []
    for _ in range(150):
        people = rng.integers(15000, 45000, members)
        counts = rng.poisson(people * 0.03 * rng.gamma(25, 1 / 25, members))
        found = lh.compare(group(counts.tolist(), people.tolist()))
        out.append((found["verdict"] != "in line").mean())
    assert 0.03 < np.mean(out) < 0.065


def test_weights_all_alike_leave_the_words() -> None:
    table = group([18.0, 42.0, 19.0, 41.0], [30000] * 4)
    heavy = table.assign(weighted=5 * table["count"], weighted_sq=25 * table["count"])
    plain, found = lh.compare(table), lh.compare(heavy, count="weighted")
    assert found["verdict"].tolist() == plain["verdict"].tolist()
    assert np.allclose(found["compare_p"], plain["compare_p"])
    assert np.allclose(found["funnel_upper_95"], 5 * plain["funnel_upper_95"])


def test_nothing_happened_anywhere() -> None:
    found = lh.compare(group([0, 0], [1000, 2000]))
    assert found["verdict"].tolist() == ["in line", "in line"]
    assert found["compare_p"].tolist() == [1, 1]


def test_five_in_a_hundred_are_called_out_by_chance() -> None:
    rng = np.random.default_rng(15)
    out = [
        (
            lh.compare(group(rng.poisson(300, 15).tolist(), [9000] * 15), spread=0)["verdict"]
            != "in line"
        ).mean()
        for _ in range(60)
    ]
    assert 0.025 < np.mean(out) < 0.06


@pytest.mark.parametrize(
    ("peers", "options", "error", "message"),
    [
        (["District X"], {}, ValueError, r"1 peers are not among the areas: District X\. Did you"),
        ("District A", {}, TypeError, "is one word"),
        (["District A"], {}, ValueError, "the group has 1 members"),
        (None, {"worse": "more"}, ValueError, "worse='more' is not one of"),
        (None, {"dispersion": 0}, ValueError, "dispersion=0 is below 1"),
        (None, {"per": 0}, ValueError, "per=0 is not above zero"),
        (None, {"count": "crimes"}, ValueError, "no column 'crimes'"),
    ],
)
def test_what_cannot_be_is_refused(
    peers: object, options: dict[str, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        lh.compare(group([10, 20], [1000, 1000]), peers, **options)


def test_negative_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="negative in E07000000"):
        lh.compare(group([-1, 20], [1000, 1000]))
