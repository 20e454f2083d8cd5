"""Change of areas: exact p, adjusted classes, exposures, editions and traps."""

from __future__ import annotations

import warnings

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy import stats

import lsoahot as lh
from lsoahot.common.class_labels import CHANGE_CLASSES


def areas(
    count: list[float], population: list[float] | None = None, **attrs: object
) -> gpd.GeoDataFrame:
    table = gpd.GeoDataFrame(
        {"count": pd.array(count, dtype="Int64")},
        index=pd.Index([f"E0101{i:04}" for i in range(len(count))], name="area_code"),
        geometry=[shapely.box(i, 0, i + 1, 1) for i in range(len(count))],
        crs=27700,
    )
    if population is not None:
        table["population"] = population
    table.attrs = attrs
    return table


def test_each_area_is_tested_and_all_are_adjusted_together() -> None:
    then, now = areas([20, 50, 100, 9]), areas([52, 55, 60, 10])
    found = lh.change(then, now)
    p = [2 * stats.binom.sf(51, 72, 0.5), 2 * stats.binom.sf(54, 105, 0.5)]
    p += [2 * stats.binom.cdf(60, 160, 0.5), min(1, 2 * stats.binom.sf(9, 19, 0.5))]
    assert np.allclose(found["change_p"], p)
    assert np.allclose(found["change_q"], stats.false_discovery_control(p))
    assert found["rate_ratio"].tolist() == [2.6, 1.1, 0.6, 10 / 9]
    assert found["change_class"].astype(str).tolist() == [
        "Rose 99%", "No clear change", "Fell 99%", "No clear change",
    ]  # fmt: skip
    assert found["count_then"].tolist() == [20, 50, 100, 9]
    assert found["change_class"].cat.categories.tolist() == list(CHANGE_CLASSES)
    assert found["change_class"].cat.ordered


def test_classes_are_cut_with_the_equal_sign() -> None:
    from lsoahot.statistics.changes import _codes

    q = np.array([0.01, 0.0100001, 0.05, 0.0500001, 0.10, 0.1000001, np.nan])
    rose = np.array([True, True, False, False, True, True, True])
    assert [CHANGE_CLASSES[code] for code in _codes(q, rose)] == [
        "Rose 99%", "Rose 95%", "Fell 95%", "Fell 90%", "Rose 90%", "No clear change",
        "Not tested",
    ]  # fmt: skip


def test_areas_are_matched_by_code_not_by_place() -> None:
    then, now = areas([20, 50, 100]), areas([52, 55, 60])
    shuffled = lh.change(then.iloc[[2, 0, 1]], now)
    pd.testing.assert_frame_equal(shuffled, lh.change(then, now))


def test_population_growth_is_no_rise() -> None:
    then, now = areas([100, 100], [1000, 1000]), areas([200, 200], [2000, 1000])
    found = lh.change(then, now)
    assert found["rate_ratio"].tolist() == [1, 2]
    assert found["change_class"].astype(str).tolist() == ["No clear change", "Rose 99%"]
    assert lh.change(then, now, population=None)["rate_ratio"].tolist() == [2, 2]


def test_periods_of_unequal_length_are_compared_by_the_day() -> None:
    then = areas([334, 334], period=["2014-01", "2014-11"])  # 334 days
    now = areas([365, 730], period=["2025-01", "2025-12"])
    found = lh.change(then, now)
    assert np.allclose(found["rate_ratio"], [1, 2])


def test_against_overall_asks_who_differs_from_all() -> None:
    then, now = areas([100, 100, 100, 100]), areas([200, 200, 200, 100])
    change = lh.change(then, now)["change_class"].astype(str).tolist()
    assert change == ["Rose 99%"] * 3 + ["No clear change"]
    otherwise = lh.change(then, now, against="overall")
    assert otherwise["change_class"].astype(str).tolist() == ["No clear change"] * 3 + ["Fell 99%"]
    assert otherwise.attrs["statistics"]["change"]["against"] == 1.75


def test_an_area_without_people_in_one_period_is_no_part_of_the_overall_change() -> None:
    then, now = areas([10, 20, 70], [100, 100, 100]), areas([20, 30, 7], [100, 100, 0])
    for one, other, ratio in ((then, now, 50 / 30), (now, then, 30 / 50)):
        found = lh.change(one, other, against="overall")
        assert found.attrs["statistics"]["change"]["against"] == pytest.approx(ratio)
        assert found["change_class"].tolist()[2] == "Not tested"


def test_what_has_no_data_or_no_event_is_not_tested() -> None:
    then, now = areas([5, None, 0, 0], [9, 9, 9, 0]), areas([30, 30, 0, 30], [9, 9, 9, 9])
    found = lh.change(then, now)
    assert found["change_class"].astype(str).tolist() == ["Rose 99%"] + ["Not tested"] * 3
    assert found["change_p"].notna().tolist() == [True, False, False, False]
    assert found.attrs["statistics"]["change"]["tested"] == 1


def test_one_event_is_tested_and_can_tell_nothing() -> None:
    found = lh.change(areas([0, 1, 0]), areas([1, 0, 0]))
    # Of one event, either period may hold it: p = min(1, 2 x 1/2).
    assert found["change_p"].fillna(-1).tolist() == [1.0, 1.0, -1.0]
    assert found["change_class"].tolist() == ["No clear change"] * 2 + ["Not tested"]


@pytest.mark.parametrize("which", [0, 1])
def test_an_area_twice_in_either_table_is_refused(which: int) -> None:
    tables = [areas([5, 6]), areas([7, 8])]
    tables[which] = pd.concat([tables[which], tables[which].iloc[[1]]])
    with pytest.raises(ValueError, match="E01010001"):
        lh.change(*tables)
    with pytest.raises(TypeError, match="must be a table of areas"):
        lh.change(*[list(table) if n == which else table for n, table in enumerate(tables)])


@pytest.mark.parametrize(
    ("then", "now", "told"),
    [
        (["2021-01", "2021-12"], ["2023-01", "2023-12"], True),
        (["2020-01", "2020-12"], ["2021-01", "2021-12"], False),
        (["2023-01", "2023-12"], ["2024-01", "2024-12"], False),
    ],
)
@pytest.mark.parametrize("anonymised", [(True, True), (True, False), (False, True)])
def test_places_renewed_in_between_are_told_of_anonymised_records_alone(
    then: list[str], now: list[str], *, told: bool, anonymised: tuple[bool, bool]
) -> None:
    one, other = areas([50, 60]), areas([55, 65])
    for table, span, moved in zip((one, other), (then, now), anonymised, strict=True):
        table.attrs = {"period": span, "audit": {"period": span, "anonymised": moved}}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        lh.change(one, other)
    said = [str(one.message) for one in caught if "renewed the fixed places" in str(one.message)]
    assert len(said) == (told and all(anonymised))
    assert all(f"{then[0]} to {then[1]} and {now[0]} to {now[1]}" in one for one in said)


def test_weighted_sums_are_found_by_their_squares() -> None:
    then, now = areas([20, 50]), areas([52, 55])
    plain = lh.change(then, now)
    for table in (then, now):
        table["weighted"] = 7.0 * table["count"].astype(float)
        table["weighted_sq"] = 49.0 * table["count"].astype(float)
    weighted = lh.change(then, now, count="weighted")
    for name in ("rate_ratio", "ratio_lower", "ratio_upper", "change_p"):
        assert np.allclose(weighted[name], plain[name])
    # One event of weight 200 more is no rise, though the sum doubles.
    now = now.assign(weighted=now["weighted"] + 200, weighted_sq=now["weighted_sq"] + 200**2)
    then = then.assign(weighted=now["weighted"] - 200, weighted_sq=now["weighted_sq"] - 200**2)
    found = lh.change(then, now, count="weighted")
    assert set(found["change_class"].astype(str)) == {"No clear change"}


def test_dispersion_widens() -> None:
    then, now = areas([100, 100]), areas([140, 100])
    assert lh.change(then, now)["change_p"].iloc[0] < 0.05
    wide = lh.change(then, now, dispersion=3)
    assert wide["change_p"].iloc[0] > 0.05
    assert wide["rate_ratio"].iloc[0] == 1.4
    assert wide["ratio_lower"].iloc[0] < 1 < wide["ratio_upper"].iloc[0]


def test_inputs_are_left_alone_and_attrs_kept() -> None:
    then, now = areas([20, 50]), areas([52, 55], notice="reconstructed")
    copies = then.copy(deep=True), now.copy(deep=True)
    found = lh.change(then, now)
    pd.testing.assert_frame_equal(then, copies[0])
    pd.testing.assert_frame_equal(now, copies[1])
    assert "statistics" not in now.attrs
    assert found.attrs["notice"] == "reconstructed"


def test_editions_are_not_mixed() -> None:
    with pytest.raises(ValueError, match=r"edition 'lsoa11' and areas_now of 'lsoa21'.*convert"):
        lh.change(areas([1], edition="lsoa11"), areas([1], edition="lsoa21"))
    other = areas([1, 2]).set_axis(pd.Index(["W1", "W2"], name="area_code"))
    with pytest.raises(ValueError, match="no area in common: E01010000, E01010001 then, W1, W2"):
        lh.change(areas([1, 2]), other)


def test_areas_of_one_table_only_are_told() -> None:
    with pytest.warns(UserWarning, match=r"1 areas stand in areas_now only.*0 stand.*E01010002"):
        found = lh.change(areas([20, 50]), areas([52, 55, 9]))
    assert str(found["change_class"].iloc[2]) == "Not tested"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"against": "all"}, "against='all' is neither"),
        ({"against": 0}, "against=0 is neither"),
        ({"dispersion": 0.9}, "dispersion=0.9 is below 1"),
        ({"count": "crimes"}, "no column 'crimes'"),
    ],
)
def test_what_cannot_be_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        lh.change(areas([20, 50]), areas([52, 55]), **options)


def test_tables_must_be_fit() -> None:
    with pytest.raises(ValueError, match="only areas_now has a column 'population'"):
        lh.change(areas([1]), areas([1], [9]))
    with pytest.raises(ValueError, match="negative in 1 areas: E01010000"):
        lh.change(areas([-1]), areas([1]))
    with pytest.raises(TypeError, match="areas must be a table of areas"):
        lh.change([1], areas([1]))
    with pytest.raises(ValueError, match="one has none"):
        lh.change(areas([0]), areas([1]), against="overall")


def test_false_alarms_stay_within_their_rate() -> None:
    rng = np.random.default_rng(11)
    alarms = []
    for _ in range(40):
        risk = rng.gamma(2, 6, 300)  # few and many events an area, no change in any
        found = lh.change(areas(rng.poisson(risk).tolist()), areas(rng.poisson(risk).tolist()))
        alarms.append((found["change_q"] <= 0.05).any())
    assert sum(alarms) <= 7, "2 expected of 40 at most; more than 7 has probability 0.0007"


def monthly(counts: np.ndarray) -> pd.DataFrame:
    """Return counted rows for an array (areas, months)."""
    n, steps = counts.shape
    months = pd.period_range("2020-10", periods=steps, freq="M")
    return pd.DataFrame(
        {
            "area_code": np.repeat([f"E0101{i:04}" for i in range(n)], steps),
            "period": pd.PeriodIndex(np.tile(months, n)),
            "count": counts.ravel(),
        }
    )


def test_dispersion_is_found_and_seasons_are_not_mistaken_for_it() -> None:
    rng = np.random.default_rng(12)
    mean = rng.gamma(2, 4, (200, 1)) * (1 + 0.4 * np.sin(np.arange(24) / 2))
    assert lh.dispersion(monthly(rng.poisson(mean))) == pytest.approx(1, abs=0.06)
    size = mean / 1.5
    ragged = monthly(rng.negative_binomial(size, size / (size + mean)))
    assert lh.dispersion(ragged) == pytest.approx(2.5, abs=0.2)


def test_dispersion_by_hand() -> None:
    # Two areas, months alike but for one exchange of 6 events: four residuals of 3 on 12.
    counts = np.full((2, 12), 12)
    counts[0, 0] += 3
    counts[0, 1] -= 3
    counts[1, 0] -= 3
    counts[1, 1] += 3
    # Both Octobers make 24 and both Novembers 24: chi-square 4 * 9 / 12 = 3 on 11, below 1.
    assert lh.dispersion(monthly(counts)) == 1
    counts[0, 0], counts[1, 0], counts[0, 1], counts[1, 1] = 24, 0, 0, 24
    # Residuals of 12 on 12, four times: 48 on 11.
    assert lh.dispersion(monthly(counts)) == pytest.approx(48 / 11)


def test_dispersion_needs_areas_and_leaves_out_what_has_none() -> None:
    rows = monthly(np.full((1, 12), 12))
    with pytest.raises(ValueError, match="the records lie in 1 areas"):
        lh.dispersion(rows)
    both = pd.concat([rows, rows.assign(area_code=None)])
    with pytest.raises(ValueError, match="the records lie in 1 areas"):
        lh.dispersion(both)


def test_size_where_events_come_in_series() -> None:
    rng = np.random.default_rng(13)
    mean = rng.gamma(3, 3, (400, 1)) * np.ones(24)
    size = mean / 1.0  # variance twice the mean
    counts = rng.negative_binomial(size, size / (size + mean))
    then, now = areas(counts[:, :12].sum(1).tolist()), areas(counts[:, 12:].sum(1).tolist())
    poisson = (lh.change(then, now)["change_p"] < 0.05).mean()
    given = (
        lh.change(then, now, dispersion=lh.dispersion(monthly(counts)))["change_p"] < 0.05
    ).mean()
    assert poisson > 0.11
    assert given < 0.08  # 0.05 and three standard errors of 400 areas


def test_a_dispersion_without_anything_to_compare_is_one() -> None:
    months = pd.period_range("2022-01", "2022-12", freq="M")
    some = pd.DataFrame({"area_code": "E01000001", "period": months, "count": range(12)})
    none = some.assign(area_code="E01000002", count=0)
    assert lh.dispersion(pd.concat([some, none])) == 1.0
