"""Seasonality against hand-worked months."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import lsoahot as lh


def records(counts: dict[str, int]) -> pd.DataFrame:
    months = pd.PeriodIndex(list(counts), freq="M").repeat(list(counts.values()))
    return pd.DataFrame({"period": months, "category": "Violence"})


def by_days(first: str, months: int, a_day: int) -> dict[str, int]:
    return {
        str(m): a_day * m.days_in_month for m in pd.period_range(first, periods=months, freq="M")
    }


def test_so_many_a_day_is_an_even_year_in_leap_years_too() -> None:
    found = lh.seasonality(records(by_days("2007-10", 60, 2)))
    assert found["month"].tolist() == list(range(1, 13))
    assert found["month_name"].tolist()[:2] == ["January", "February"]
    # Five Februaries, of 2008 and 2012 with 29 days: 3 * 28 + 2 * 29 = 142 days.
    february = found.iloc[1]
    assert february["count"] == 284
    assert february["expected"] == pytest.approx(284, rel=1e-3)
    assert np.allclose(found["index"], 100, atol=0.1)
    assert (found["verdict"] == "even").all()
    assert found["even_p"].iloc[0] > 0.999


def test_the_same_count_each_month_makes_no_peak_of_february() -> None:
    found = lh.seasonality(records(dict.fromkeys(by_days("2010-01", 12, 1), 30)))
    assert found["index"].iloc[1] == pytest.approx(100 * 365 / 12 / 28)
    assert found["expected"].iloc[1] == pytest.approx(360 * 28 / 365)


def test_a_month_is_tested_by_its_binomial_share() -> None:
    counts = by_days("2010-01", 12, 1)
    counts["2010-05"] = 70
    found = lh.seasonality(records(counts), dispersion=1)
    n = sum(counts.values())
    may = found.iloc[4]
    assert may["season_p"] == pytest.approx(2 * stats.binom.sf(69, n, 31 / 365), rel=1e-9)
    assert may["verdict"] == "peak"
    assert found["verdict"].drop(4).eq("even").all()
    q = stats.false_discovery_control(found["season_p"])
    assert np.allclose(found["season_q"], q)
    # of one year alone it can't be said whether months scatter so much anyway
    silent = lh.seasonality(records(counts))
    assert silent["verdict"].isna().all()
    assert silent["season_p"].iloc[4] == may["season_p"]
    assert "no verdict" in silent.attrs["statistics"]["seasonality"]["text"]


def test_the_peak_of_one_year_is_a_spell_not_a_season() -> None:
    counts = by_days("2007-10", 60, 1)
    every = {m: (n + 25 if m.endswith("-05") else n) for m, n in counts.items()}
    once = {m: (n + 125 if m == "2010-05" else n) for m, n in counts.items()}
    steady, spell = lh.seasonality(records(every)), lh.seasonality(records(once))
    assert steady["count"].iloc[4] == spell["count"].iloc[4], "the sums are the same"
    assert steady["verdict"].iloc[4] == "peak"
    assert spell["verdict"].iloc[4] == "spell"
    assert spell["dispersion"].iloc[0] > 3


def test_troughs_and_groups() -> None:
    counts = by_days("2010-01", 36, 2)
    low = {m: (10 if m.endswith("-08") else n) for m, n in counts.items()}
    rows = pd.concat([records(low), records(counts).assign(category="Theft")])
    found = lh.seasonality(rows, "category")
    assert found["category"].unique().tolist() == ["Theft", "Violence", "Total"]
    violence = found[found["category"] == "Violence"].set_index("month_name")
    assert violence["verdict"].loc["August"] == "trough"
    assert (found["years"] == 3).all()


def test_years_that_start_in_october_are_shown_from_january() -> None:
    counts = by_days("2010-10", 24, 1)
    counts["2010-12"] = counts["2011-12"] = 90
    found = lh.seasonality(records(counts))
    assert found.loc[found["verdict"] == "peak", "month_name"].tolist() == ["December"]
    assert found["count"].iloc[11] == 180


def test_one_year_can_be_chosen() -> None:
    counts = by_days("2010-01", 24, 1)
    found = lh.seasonality(records(counts), years=["2011"])
    assert found["count"].sum() == 365
    assert "Poisson scatter" in found.attrs["statistics"]["seasonality"]["text"]


def test_weights_all_alike_leave_the_verdicts() -> None:
    counts = by_days("2010-01", 24, 1)
    counts["2010-05"] = counts["2011-05"] = 80
    plain = lh.seasonality(records(counts))
    heavy = lh.seasonality(records(counts).assign(harm=3.0), weight="harm")
    assert np.allclose(plain["season_p"], heavy["season_p"])
    assert np.allclose(3 * plain["expected"], heavy["expected"])


def test_false_peaks_are_rare_whether_or_not_months_scatter() -> None:
    rng = np.random.default_rng(5)
    months = pd.period_range("2007-01", periods=60, freq="M")
    false = 0
    for _ in range(60):
        counts = rng.negative_binomial(10, 10 / (10 + months.days_in_month))  # variance 4 x mean
        found = lh.seasonality(records(dict(zip(months.astype(str), counts, strict=True))))
        false += bool((found["verdict"] != "even").any())
    assert false <= 9, "3 expected of 60 at 5 %; more than 9 has probability 0.0006"
