"""Exceedance against the negative binomial of scipy, quadrature, and cases worked out by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings, strategies as st
from scipy.integrate import quad
from scipy.optimize import minimize_scalar
from scipy.special import gammaln
from scipy.stats import gamma, nbinom

import lsoahot as lh
from lsoahot.counting.monthly_scatter import monthly_scatter
from lsoahot.statistics import exceedance, relative_risk
from lsoahot.statistics.kernels import gamma_poisson

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

COLUMNS = ["relative_risk", "relative_risk_lower", "relative_risk_upper", "exceedance", "excess"]


def row_of(count: list[float], population: list[float]) -> gpd.GeoDataFrame:
    codes = pd.Index([f"E{i:03d}" for i in range(len(count))], name="area_code")
    squares = [shapely.box(x, 0, x + 1, 1) for x in range(len(count))]
    return gpd.GeoDataFrame(
        {"count": count, "population": population}, geometry=squares, index=codes, crs=27700
    )


def county(seed: int = 0, n: int = 60, spread: float = 0.6) -> gpd.GeoDataFrame:
    rng = np.random.default_rng(seed)
    people = rng.integers(900, 3000, n)
    ratio = rng.gamma(1 / spread**2, spread**2, n)
    return row_of(rng.poisson(people * 0.01 * ratio).tolist(), people.tolist())


def expected(areas: gpd.GeoDataFrame) -> np.ndarray:
    people = areas["population"].to_numpy()
    return areas["count"].sum() * people / people.sum()


def test_the_widest_spread_is_without_end_where_the_likelihood_rises_as_far_as_is_looked() -> None:
    """One event where 1e-12 was expected, none where 1 was: log P(1) and log P(0), in closed form."""
    a = 1 / np.logspace(-6, 6, 25)
    assert (np.diff(-(a + 1) * np.log1p(1e-12 / a) - a * np.log1p(1 / a)) > 0).all()
    found = gamma_poisson.fit_spread(np.array([1.0, 0.0]), np.array([1e-12, 1.0]))
    assert found == (pytest.approx(1e6), np.inf)


def test_ratios_that_are_all_one_are_above_what_is_less_and_no_more() -> None:
    same = np.full(2, np.inf)
    for threshold, chance in ((0.999, 1.0), (1.0, 0.0), (1.001, 0.0)):
        assert gamma_poisson.chance_above(same, same, threshold).tolist() == [chance] * 2


@pytest.mark.parametrize("shape", [0.05, 1.0, 7.0, 300.0])
def test_chances_however_small_are_scipys(shape: float) -> None:
    rate = np.geomspace(1e-3, 1e3, 400) * shape
    chance = gamma_poisson.chance_above(np.full(400, shape), rate, 1.5)
    assert chance == pytest.approx(gamma.sf(1.5, shape, scale=1 / rate), rel=1e-9, abs=1e-18)
    limits = gamma_poisson.quantile(np.full(400, shape), rate, 0.9)
    assert limits == pytest.approx(gamma.ppf(0.9, shape, scale=1 / rate))


def test_of_no_event_and_no_end_of_spread_all_is_at_nothing() -> None:
    """All in the one area of one person: the largest spread has no end, and gamma's shape is 0."""
    areas = row_of([0, 0, 0, 17430], [13724, 41022, 50907, 1])
    placed = lh.exceedance(areas)
    assert placed.attrs["statistics"]["exceedance"]["spread_upper"] is None
    assert placed["level"].tolist() == [*["Far below"] * 3, "Far above"]
    assert gamma_poisson.chance_above(np.zeros(1), np.ones(1), 1.5) == 0


@pytest.mark.parametrize("seed", range(5))
def test_the_likelihood_is_scipys_negative_binomial(seed: int) -> None:
    areas = county(seed)
    y, e = areas["count"].to_numpy(), expected(areas)

    def height(log: float) -> float:
        a = np.exp(-log)
        return float(nbinom.logpmf(y, a, a / (a + e)).sum())

    best = minimize_scalar(lambda log: -height(log), bounds=(-6, 3), options={"xatol": 1e-10})
    facts = lh.exceedance(areas).attrs["statistics"]["exceedance"]
    assert facts["spread"] ** 2 == pytest.approx(np.exp(best.x), rel=1e-6)
    # the largest spread: where twice the log-likelihood has fallen by the 90 % point of chi-square
    upper = 2 * np.log(facts["spread_upper"])
    assert 2 * (height(best.x) - height(upper)) == pytest.approx(2.705543, abs=1e-5)


def test_the_posterior_by_quadrature() -> None:
    areas = county(3, n=23)
    result = lh.exceedance(areas, above=1.3, confidence=0.9)
    a = result.attrs["statistics"]["exceedance"]["spread"] ** -2
    for y, e, (_, row) in zip(areas["count"], expected(areas), result.iterrows(), strict=True):
        mode = (a + y - 1) / (a + e)
        top = (a + y - 1) * np.log(mode) - (a + e) * mode

        def density(t: float, y: float = y, e: float = e, top: float = top) -> float:
            return float(np.exp((a + y - 1) * np.log(t) - (a + e) * t - top))

        whole = np.exp(gammaln(a + y) - (a + y) * np.log(a + e) - top)
        above, _ = quad(density, 1.3, 1.3 + 60 / (a + e) ** 0.5, epsabs=1e-13, limit=400)
        below, _ = quad(density, 0, row["relative_risk_lower"], epsabs=1e-13, limit=400)
        beyond, _ = quad(density, 0, row["relative_risk_upper"], epsabs=1e-13, limit=400)
        assert row["exceedance"] == pytest.approx(above / whole, abs=1e-9)
        assert below / whole == pytest.approx(0.05, abs=1e-9)
        assert beyond / whole == pytest.approx(0.95, abs=1e-9)
        assert row["relative_risk"] == pytest.approx((a + y) / (a + e), rel=1e-12)
        assert row["excess"] == pytest.approx(y - e, rel=1e-12)


def test_levels_are_cut_as_they_are_defined() -> None:
    areas = county(1, n=300, spread=0.9)
    result = lh.exceedance(areas)
    facts = result.attrs["statistics"]["exceedance"]
    y, e = areas["count"].to_numpy(), expected(areas)

    def chance(threshold: float, spread: float) -> np.ndarray:
        return gamma.sf(threshold, spread**-2 + y, scale=1 / (spread**-2 + e))

    at = {t: chance(t, facts["spread"]) for t in (1 / 2, 2 / 3, 1.5, 2)}
    near = np.minimum(
        *(chance(2 / 3, s) - chance(1.5, s) for s in (facts["spread"], facts["spread_upper"]))
    )
    words = np.select(
        [at[2] >= 0.95, at[1.5] >= 0.95, at[1 / 2] <= 0.05, at[2 / 3] <= 0.05, near >= 0.95,
         at[1.5] >= 0.8],
        ["Far above", "Above", "Far below", "Below", "Near average", "Probably above"],
        default="Can't tell",
    )  # fmt: skip
    assert result["level"].tolist() == words.tolist()
    assert set(words) == set(result["level"].cat.categories) - {"Not tested"}
    numbers = {"Far above": 3, "Above": 2, "Probably above": 1, "Near average": 0, "Below": -1,
               "Far below": -2}  # fmt: skip
    assert result["level_class"].dropna().astype(int).tolist() == [
        numbers[word] for word in words if word in numbers
    ]
    assert (result["level"] >= "Above").sum() == (at[1.5] >= 0.95).sum()


def test_few_events_on_an_even_map_are_no_proof_of_evenness() -> None:
    with_few = lh.exceedance(row_of([1, 0, 0, 1, 0, 0, 0, 1], [1000] * 8))
    assert (with_few["level"] == "Can't tell").all()
    assert (with_few["exceedance"] == 0).all()
    assert (with_few["relative_risk_upper"] > 1.5).all()
    with_many = lh.exceedance(row_of([400] * 8, [1000] * 8))
    assert (with_many["level"] == "Near average").all()
    assert (with_many["relative_risk"] == 1).all()
    assert with_many["level_class"].tolist() == [0] * 8


def test_expected_takes_the_place_of_people_at_any_scale() -> None:
    areas = county(2)
    by_people = lh.exceedance(areas)
    for scale in (1e-3, 1, 700):
        scaled = lh.exceedance(
            areas.assign(due=areas["population"] * scale, population=1), expected="due"
        )
        np.testing.assert_allclose(scaled[COLUMNS], by_people[COLUMNS], rtol=1e-8, atol=1e-12)


def test_counts_in_series_are_scipys_negative_binomial_of_variance_phi_times_the_mean() -> None:
    areas = county(4)
    given_two = lh.exceedance(areas, dispersion=2)
    shape = given_two.attrs["statistics"]["exceedance"]["spread"] ** -2

    def density(ratio: float, y: float, e: float) -> float:
        return float(nbinom.pmf(y, ratio * e, 1 / 2) * gamma.pdf(ratio, shape, scale=1 / shape))

    for row in range(0, 60, 6):
        seen = areas["count"].iloc[row], expected(areas)[row]
        whole, high = (quad(density, *ends, args=seen, limit=200)[0] for ends in ((0, 9), (1.5, 9)))
        mean = quad(lambda ratio, *seen: ratio * density(ratio, *seen), 0, 9, args=seen)[0] / whole
        assert given_two["relative_risk"].iloc[row] == pytest.approx(mean, rel=1e-3)
        assert given_two["exceedance"].iloc[row] == pytest.approx(high / whole, abs=0.02)
    np.testing.assert_allclose(given_two["excess"], areas["count"] - expected(areas))
    # events of weight 3 are worth no more than events
    weighted = areas.assign(weighted=areas["count"] * 3.0, weighted_sq=areas["count"] * 9.0)
    same = [name for name in COLUMNS if name != "excess"]
    for dispersion in (1, 2):
        heavy, light = (
            lh.exceedance(weighted, count=count, dispersion=dispersion)
            for count in ("weighted", "count")
        )
        np.testing.assert_allclose(heavy[same], light[same], rtol=1e-6)


def test_one_long_series_is_not_called_high() -> None:
    """Fourteen events where 0.7 are expected: one series, or a high area?

    Taken for a third as many of a third expected, as a dispersion divides them, they would be surely high.
    """
    rng = np.random.default_rng(2)
    counts = [14.0, *rng.negative_binomial(0.7 * rng.gamma(1, 1, 400) / 2 + 1e-9, 1 / 3).tolist()]
    areas = row_of(counts, [1000] * 401)
    divided = lh.exceedance(areas.assign(count=areas["count"] / 3)).iloc[0]
    in_series = lh.exceedance(areas, dispersion=3).iloc[0]
    assert divided["level"] == "Above"
    assert in_series["level"] == "Can't tell"
    assert 0.5 < in_series["exceedance"] < 0.8


def test_what_has_no_answer_gets_none() -> None:
    areas = row_of([3, np.nan, 8, 5], [1000, 1000, 0, 1000])
    with pytest.warns(UserWarning, match=r"2 areas have no count or no population \(E001, E002\)"):
        result = lh.exceedance(areas)
    assert result["level"].tolist()[1:3] == ["Not tested"] * 2
    assert result.loc[["E001", "E002"], COLUMNS].isna().all(axis=None)
    assert result["level_class"].isna().tolist()[1:3] == [True, True]
    alone = lh.exceedance(areas.loc[["E000", "E003"]])
    np.testing.assert_array_equal(result.loc[["E000", "E003"], COLUMNS], alone[COLUMNS])
    for nothing, match in (
        (row_of([0, 0, 0], [10] * 3), "to 0 in 3"),
        (row_of([7], [9]), "1 areas"),
    ):
        with pytest.warns(UserWarning, match=match):
            silent = lh.exceedance(nothing)
        assert (silent["level"] == "Not tested").all()
        assert "nothing was tested" in silent.attrs["statistics"]["exceedance"]["text"]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 10**6), st.integers(1, 10**5)), min_size=2, max_size=30
    ).filter(lambda rows: any(y for y, _ in rows))
)
def test_any_table_gets_ordered_limits_and_probabilities(rows: list[tuple[int, int]]) -> None:
    areas = row_of(*([float(one[i]) for one in rows] for i in (0, 1)))
    result = lh.exceedance(areas)
    assert result[COLUMNS].notna().all(axis=None)
    assert (result["relative_risk_lower"] <= result["relative_risk_upper"]).all()
    assert result["exceedance"].between(0, 1).all()
    assert result["excess"].sum() == pytest.approx(0, abs=1e-6 * areas["count"].sum())
    turned = lh.exceedance(areas.iloc[::-1]).iloc[::-1]
    np.testing.assert_allclose(turned[COLUMNS], result[COLUMNS], rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(
    ("option", "match"),
    [
        ({"above": 1}, "above=1 is not above 1"),
        ({"above": np.nan}, "above=nan"),
        ({"confidence": 95}, "confidence=95"),
        ({"dispersion": 0.5}, r"dispersion=0\.5 is below 1"),
        ({"dispersion": np.nan}, "dispersion=nan"),
        ({"expected": "due"}, "no column 'due'"),
    ],
)
def test_what_makes_no_sense_is_refused(option: dict[str, object], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        lh.exceedance(county(), **option)
    with pytest.raises(ValueError, match="negative, or above 1e\\+12, in 1 areas: E001"):
        lh.exceedance(row_of([1, -2], [10, 10]))


def test_the_demo_is_answered_as_the_assessment_of_2012_did() -> None:
    areas = lh.read_boundaries("sample")

    def levels(dataset: str, category: str | None = None) -> pd.DataFrame:
        records = lh.read_dataset(dataset, "sample")
        if category is not None:
            records = records[records["category"] == category]
        counted = lh.count(areas, records, period=("2011-10", "2012-09"))
        return lh.exceedance(counted).sort_values("exceedance", ascending=False)

    def named(placed: pd.DataFrame) -> list[str]:
        return placed.loc[placed["level"] >= "Above", "area_name"].tolist()

    for measure in (("crime",), ("crime", "Violence against the person"), ("asb",), ("alcohol",)):
        assert named(levels(*measure)) == ["Oakham Centre"], measure
    for measure in (("crime", "Serious acquisitive crime"), ("hate",)):
        assert named(levels(*measure)) == [], measure
    for name, *measure in (
        ("Oakham Centre", "crime", "Criminal damage"),
        ("Oakham North West", "fires"),
        ("Oakham West", "domestic"),
    ):
        first = levels(*measure).iloc[0]
        assert first["area_name"] == name
        assert first["level_class"] >= 1


def test_charnwoods_town_centre_and_its_street_of_burglaries(shared: Path) -> None:
    """Charnwood, October 2021 to September 2022: Loughborough's two town-centre areas, and 007D."""
    areas = lh.read_boundaries(shared / "data/boundaries/leics_rutland_lsoa11_bgc.gpkg")
    people = pd.read_csv(shared / "data/population/pop_lsoa11_2011_2017_2019_2020.csv", index_col=0)
    areas["population"] = people.filter(like="2020").iloc[:, 0].reindex(areas.index)
    areas = areas[areas["area_name"].str.startswith("Charnwood")]
    crimes = lh.read_dataset("crime", shared / "data/police/leicestershire-2021-10_2022-09.zip")
    for records, names in (
        (crimes, ["Charnwood 003A", "Charnwood 002A"]),
        (crimes[crimes["category"] == "Burglary"], ["Charnwood 007D"]),
    ):
        placed = lh.exceedance(lh.count(areas, records)).set_index("area_name")
        assert (placed.loc[names, "level"] == "Far above").all()
        assert set(placed["excess"].nlargest(len(names)).index) == set(names)


@pytest.mark.parametrize("series", [False, True])
def test_few_of_those_named_are_not_high(series: bool) -> None:  # noqa: FBT001
    """True ratios below 1.5 among those named: 5 % at most, of several hundred; and on even maps none.

    In series every event has another after it with a chance of a half: the dispersion of 3 is
    measured from the months.
    """
    rng = np.random.default_rng(11)
    named = false = found = high = 0
    for _ in range(12):
        for ratio in (rng.gamma(0.8**-2, 0.8**2, 500), np.ones(500)):
            mean = np.repeat(ratio[:, None] * 10 / 12, 12, axis=1)
            months = rng.poisson(mean).astype(float)
            if series:
                begun = rng.poisson(mean / 2)
                more = rng.negative_binomial(np.maximum(begun, 1), 0.5)
                months = np.where(begun > 0, begun + more, 0).astype(float)
            areas = row_of(months.sum(axis=1).tolist(), [1000] * 500)
            areas.attrs["dispersion"] = {**monthly_scatter(months)._asdict(), "months": 12}
            levels = lh.exceedance(areas)["level"].to_numpy()
            above = np.isin(levels, ["Above", "Far above"])
            if (ratio == 1).all():
                assert not above.any()
                continue
            named, false = named + above.sum(), false + (above & (ratio < 1.5)).sum()
            found, high = found + (above & (ratio >= 2)).sum(), high + (ratio >= 2).sum()
    assert named > 100
    assert false <= 0.05 * named
    assert found / high > (0.2 if series else 0.6)


def test_the_account_says_whether_areas_were_seen_to_differ() -> None:
    alike = lh.exceedance(row_of([10] * 12, [1000] * 12)).attrs["statistics"]["exceedance"]
    assert alike["spread"] == 0
    assert "12 areas; no more difference between areas than chance makes could be" in alike["text"]
    differ = lh.exceedance(county()).attrs["statistics"]["exceedance"]
    assert f"60 areas; true rates of areas differ by {differ['spread']:.0%} (" in differ["text"]


def test_a_level_hangs_on_the_prior_where_the_chance_moves_by_more_than_five_in_a_hundred() -> None:
    """From .79 to .81 a level changes and hardly anything else; from .70 to .83 a good deal."""

    def chances(at: list[float]) -> Callable[[float], np.ndarray]:
        return lambda risk: np.array(at) if risk == 1.5 else np.full(3, 0.1 if risk > 1.5 else 0.99)

    estimate = relative_risk.Estimate(
        np.ones(3), [], chances([0.79, 0.70, 0.5]), chances([0.81, 0.83, 0.52]), {}
    )
    level = exceedance._levels(estimate, above=1.5, confidence=0.95)
    told = exceedance._hanging(pd.Index(list("abc")), estimate, level, above=1.5, sure=0.95)
    assert len(told) == 1
    assert "1 of 3 areas would have another level (b)" in told[0]
    assert "the chance of b being above 1.5 would be 0.83 instead of 0.70" in told[0]
    same = estimate._replace(otherwise=estimate.above)
    assert exceedance._hanging(pd.Index(list("abc")), same, level, above=1.5, sure=0.95) == []


def test_the_months_scatter_is_that_of_the_records_counted_not_of_another_column() -> None:
    areas = county().assign(other=lambda table: table["count"], weighted=lambda t: t["count"])
    areas.attrs["dispersion"] = {"dispersion": 1.6, "runs": 1.25, "months": 12}
    for column, source, value in (
        ("count", "months", 2.0), ("weighted", "months", 2.0), ("other", "none", 1.0)
    ):  # fmt: skip
        facts = lh.exceedance(areas, count=column).attrs["statistics"]["exceedance"]
        assert (facts["dispersion_from"], facts["dispersion"]) == (source, value)


def test_a_million_million_is_the_most() -> None:
    assert lh.exceedance(row_of([1, 2, 3, 4], [1e12] * 4))["level"].notna().all()
    with pytest.raises(ValueError, match=r"'population' is negative, or above 1e\+12, in 4 areas"):
        lh.exceedance(row_of([1, 2, 3, 4], [1.1e12] * 4))
