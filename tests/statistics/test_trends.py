"""Yearly change: the assessment's own figures, hand-worked years, gaps, weights and traps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from scipy import stats

import lsoahot as lh

CHART_1 = pd.DataFrame(
    {
        "Category": [
            "Other Acquisitive Crime",
            "Criminal Damage",
            "Violence Against The Person",
            "Serious Acquisitive Crime",
            "Other Offences",
            "Grand Total",
        ],
        "FY 2007": [532, 368, 271, 296, 120, 1587],
        "FY 2008": [514, 347, 281, 359, 159, 1660],
        "FY 2009": [507, 331, 352, 257, 109, 1556],
        "FY 2010": [523, 321, 297, 217, 131, 1489],
        "FY 2011": [485, 237, 203, 172, 116, 1213],
        "FY 2012": [428, 188, 212, 289, 139, 1256],
    }
)


def last_year(table: pd.DataFrame, by: str = "category") -> pd.DataFrame:
    return table[table["year"] == table["year"].iloc[-1]].set_index(by)


def records(counts: dict[str, int], category: str = "Theft", **more: object) -> pd.DataFrame:
    """Return one row an event for months given with their counts."""
    months = pd.PeriodIndex(list(counts), freq="M").repeat(list(counts.values()))
    return pd.DataFrame({"period": months, "category": category, **more})


def even(first: str, months: int, each: int, category: str = "Theft") -> pd.DataFrame:
    return records(
        {str(m): each for m in pd.period_range(first, periods=months, freq="M")}, category
    )


def test_chart_1_gives_the_changes_that_the_text_states() -> None:
    found = last_year(lh.trend(CHART_1))
    # Section 3: +43 (3.5 %), violence +4 %, serious acquisitive +68 %, other acquisitive -12 %,
    # criminal damage -21 %.
    assert found["change"].to_dict() == {
        "Other Acquisitive Crime": -57,
        "Criminal Damage": -49,
        "Violence Against The Person": 9,
        "Serious Acquisitive Crime": 117,
        "Other Offences": 23,
        "Total": 43,
    }
    assert found["change_pct"].round(1).to_dict() == {
        "Other Acquisitive Crime": -11.8,
        "Criminal Damage": -20.7,
        "Violence Against The Person": 4.4,
        "Serious Acquisitive Crime": 68.0,
        "Other Offences": 19.8,
        "Total": 3.5,
    }
    assert found["verdict"].to_dict() == {
        "Other Acquisitive Crime": "no clear change",
        "Criminal Damage": "fell",
        "Violence Against The Person": "no clear change",
        "Serious Acquisitive Crime": "rose",
        "Other Offences": "no clear change",
        "Total": "no clear change",
    }


def test_the_rise_of_43_is_no_more_than_chance() -> None:
    total = last_year(lh.trend(CHART_1)).loc["Total"]
    # The binomial with 2,469 trials: 2 * P(X >= 1256) = 0.398; worked with scipy.stats.binom.
    assert total["change_p"] == pytest.approx(0.39797, abs=5e-6)
    assert total["rate_ratio"] == pytest.approx(1256 / 1213)
    assert total["ratio_lower"] < 1 < total["ratio_upper"]
    assert total["change_q"] == total["change_p"], "the total is a question of its own"


def test_the_shared_chart_is_read_as_it_comes(shared: Path) -> None:
    table = pd.read_csv(shared / "assessment" / "yearly_trend.csv")
    pd.testing.assert_frame_equal(lh.trend(table), lh.trend(CHART_1))


def test_the_services_table(shared: Path) -> None:
    table = pd.read_csv(shared / "assessment" / "services_table.csv")
    found = last_year(lh.trend(table, years=["2011/12 Q4", "2012/13 Q1"]))
    assert found["change_pct"].round().to_dict() == {
        "Alcohol": 55,
        "Drug": 0,
        "Young People": 300,
        "Total": 39,
    }
    assert set(found["verdict"]) == {"no clear change"}, "1 to 4 clients is no more than chance"


def test_a_text_column_in_a_table_is_not_dropped_unsaid(shared: Path) -> None:
    table = pd.read_csv(shared / "assessment" / "services_table.csv")
    with pytest.raises(TypeError, match=r"'% change' holds"):
        lh.trend(table)


def test_a_wrong_total_is_told() -> None:
    wrong = CHART_1.replace({"FY 2012": {1256: 1265}})
    with pytest.warns(UserWarning, match="total of FY 2012 is 1,265, but its rows add up to 1,256"):
        found = lh.trend(wrong)
    assert last_year(found).loc["Total", "count"] == 1256


def test_rolling_years_end_with_the_last_month() -> None:
    rows = pd.concat([even("2010-10", 12, 10), even("2011-10", 12, 20)])
    found = lh.trend(rows)
    assert found["year"].tolist() == ["FY 2011", "FY 2012"]
    assert found["count"].tolist() == [120, 240]
    assert found["change"].iloc[1] == 120
    assert np.isnan(found["change"].iloc[0])
    assert found["verdict"].isna().tolist() == [True, False]
    assert found["verdict"].iloc[1] == "rose"


def test_calendar_years_leave_loose_months_out_and_say_so() -> None:
    rows = even("2010-10", 36, 10)
    with pytest.warns(UserWarning, match="12 months before or after the whole years"):
        found = lh.trend(rows, year_end=12)
    assert found["year"].tolist() == ["2011", "2012"]


def test_counted_rows_are_counted() -> None:
    rows = even("2010-10", 24, 1).assign(count=10)
    assert lh.trend(rows)["count"].tolist() == [120, 120]


def test_a_month_without_any_record_is_no_data_not_zero() -> None:
    rows = even("2019-01", 36, 30)
    rows = rows[rows["period"] != pd.Period("2020-06", "M")]
    with pytest.warns(UserWarning, match=r"1 months hold no record at all \(2020-06\)"):
        found = lh.trend(rows)
    assert found["count"].isna().tolist() == [False, True, False]
    assert found["verdict"].isna().all(), "nothing is compared across the gap"
    # Said to be covered, the month is a zero.
    told = lh.trend(rows, period=("2019-01", "2021-12"))
    assert told["count"].tolist() == [360, 330, 360]


@pytest.mark.parametrize(
    ("empty", "years"),
    [
        ("2023-05", ["2020", "2021", "2022"]),  # the last year is cut off
        ("2020-05", ["2021", "2022", "2023"]),  # so is the first
        ("2021-05", ["2020", "2021", "2022", "2023"]),  # one between has no figure
    ],
)
def test_a_month_without_any_record_ends_the_years_there(empty: str, years: list[str]) -> None:
    table = even("2020-01", 48, 20)
    with pytest.warns(UserWarning, match=rf"1 months hold no record at all \({empty}\)"):
        found = lh.trend(table[table["period"] != empty], year_end=12)
    found = found[found["category"] == "Theft"].set_index("year")["count"]
    assert found.index.tolist() == years
    assert found.dropna().eq(240).all()
    assert found.index[found.isna()].tolist() == [year for year in ["2021"] if empty[:4] == year]


def test_a_year_that_lacks_its_last_month_is_no_whole_one() -> None:
    with pytest.warns(UserWarning, match="11 months before or after the whole years are left out"):
        found = lh.seasonality(even("2020-01", 23, 20), year_end=12)
    assert found.attrs["statistics"]["seasonality"]["years"] == ["2020"]
    assert found["count"].eq(20).all()


def test_rare_events_have_months_without_any() -> None:
    rows = records({"2010-11": 1, "2011-03": 2, "2012-02": 4, "2012-09": 1})
    found = lh.trend(rows, period=("2010-10", "2012-09"))
    assert found["count"].tolist() == [3, 5]


def test_groups_are_ordered_by_size_and_a_missing_name_is_kept() -> None:
    rows = pd.concat(
        [even("2010-10", 24, 1, "Robbery"), even("2010-10", 24, 3), even("2010-10", 24, 2)]
    )
    rows.loc[rows.index[:5], "category"] = None
    found = last_year(lh.trend(rows))
    assert found.index.tolist() == ["Theft", "Robbery", "Not recorded", "Total"]
    assert found.loc["Total", "count"] == found["count"].iloc[:-1].sum()


def test_the_dispersion_comes_from_the_months_and_widens_the_limits() -> None:
    # Whole months of 40 or none, alternately: far more scatter than Poisson's.
    months = pd.period_range("2009-10", periods=36, freq="M")
    ragged = records({str(m): 40 if (m.month + m.year) % 2 else 2 for m in months})
    estimated, poisson = lh.trend(ragged), lh.trend(ragged, dispersion=1)
    assert estimated["dispersion"].iloc[0] > 5
    assert (poisson["dispersion"] == 1).all()
    width = [(t["ratio_upper"] - t["ratio_lower"]).iloc[1] for t in (estimated, poisson)]
    assert width[0] > 2 * width[1]


def test_seasons_alone_are_no_dispersion() -> None:
    months = pd.period_range("2009-10", periods=36, freq="M")
    seasonal = records({str(m): 20 + 5 * (m.month % 4) for m in months})
    assert (lh.trend(seasonal)["dispersion"] == 1).all()


def test_the_account_says_whence_the_dispersion_is() -> None:
    table = even("2020-01", 24, 9)
    before, after = (
        "Each year against the year before, exact conditional test",
        ("; Benjamini-Hochberg over the groups of a year."),
    )
    measured = lh.trend(table).attrs["statistics"]["trend"]
    assert measured["dispersion"] == "estimated from the months"
    runs = (
        " (where months come in long runs, each like the one before, it calls 10 to 30 of 100 "
        "years changed in which nothing did, not 5)"
    )
    assert measured["text"] == f"{before}, dispersion estimated from the months{runs}{after}"
    given_ = lh.trend(table, dispersion=2.5).attrs["statistics"]["trend"]
    assert given_["dispersion"] == 2.5
    assert given_["text"] == f"{before}{after}"
    yearly = pd.DataFrame({"kind": ["Theft", "Arson"], "2020": [0, 8], "2021": [5, 0]})
    found = lh.trend(yearly)
    assert found.attrs["statistics"]["trend"]["dispersion"] == 1.0
    assert found.set_index(["category", "year"])["change"].dropna().to_dict() == {
        ("Arson", "2021"): -8, ("Theft", "2021"): 5, ("Total", "2021"): -3,
    }  # fmt: skip


def test_a_group_without_any_event_has_no_scatter_and_no_test() -> None:
    months = pd.period_range("2020-01", periods=24, freq="M")
    nothing = pd.DataFrame({"period": months, "category": "Arson", "count": 0})
    some = pd.DataFrame({"period": months, "category": "Theft", "count": 9})
    found = last_year(lh.trend(pd.concat([nothing, some]), "category"))
    assert found["count"].to_dict() == {"Theft": 108, "Arson": 0, "Total": 108}
    assert found.loc["Arson", "dispersion"] == 1.0
    assert found.loc["Arson", ["change_p", "verdict"]].tolist() == [1.0, "no clear change"]


def test_weights_all_alike_change_nothing_but_the_sums() -> None:
    rows = pd.concat([even("2010-10", 12, 10), even("2011-10", 12, 13)])
    plain = lh.trend(rows)
    heavy = lh.trend(rows.assign(harm=5.0), weight="harm")
    assert heavy["weighted"].tolist() == (5 * plain["count"]).tolist()
    assert heavy["count"].tolist() == plain["count"].tolist()
    for name in ("rate_ratio", "ratio_lower", "ratio_upper", "change_p"):
        assert np.allclose(heavy[name], plain[name], equal_nan=True)


def test_one_murder_does_not_make_harm_rise() -> None:
    rows = pd.concat([even("2010-10", 12, 10), even("2011-10", 12, 10)], ignore_index=True)
    rows["harm"] = 10.0
    rows.loc[len(rows) - 1, "harm"] = 5475.0  # fifteen years in days
    found = lh.trend(rows, weight="harm").iloc[-1]
    assert found["rate_ratio"] > 5
    assert found["verdict"] == "no clear change"


def test_last_years_and_named_years() -> None:
    assert lh.trend(CHART_1, years=["FY 2007", "FY 2012"])["change"].iloc[-1] == 1256 - 1587
    rows = even("2007-10", 60, 10)
    found = lh.trend(rows, years=2)
    assert found["year"].tolist() == ["FY 2011", "FY 2012"]
    assert found["previous"].notna().all(), "the year before is known though not shown"


@given(st.lists(st.tuples(st.integers(0, 35), st.sampled_from(["a", "b", None])), min_size=1))
@settings(max_examples=50, deadline=None)
def test_every_record_of_a_whole_year_is_counted_once(rows: list[tuple[int, str | None]]) -> None:
    first = pd.Period("2019-10", "M")
    table = pd.DataFrame(
        {
            "period": pd.PeriodIndex([first + month for month, _ in rows], freq="M"),
            "category": [category for _, category in rows],
        }
    )
    found = lh.trend(table, period=("2019-10", "2022-09"))
    parts = found[found["category"] != "Total"]
    assert parts["count"].sum() == len(rows)
    for year, start in zip(["FY 2020", "FY 2021", "FY 2022"], (0, 12, 24), strict=True):
        within = sum(start <= month < start + 12 for month, _ in rows)
        assert parts.loc[parts["year"] == year, "count"].sum() == within


def test_inputs_are_left_alone() -> None:
    rows = even("2010-10", 24, 10)
    rows.attrs["notice"] = "reconstructed"
    before = rows.copy(deep=True)
    found = lh.trend(rows)
    pd.testing.assert_frame_equal(rows, before)
    assert found.attrs["notice"] == "reconstructed"
    assert found.attrs["statistics"]["trend"]["dispersion"] == "estimated from the months"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"by": "crime"}, "no column 'crime'"),
        ({"year_end": 13}, "year_end=13 is no month"),
        ({"alpha": 5}, "alpha=5 is not between 0 and 1"),
        ({"dispersion": 0.5}, "dispersion=0.5 is below 1"),
        ({"years": 0}, "years=0 asks for no year"),
        ({"years": ["FY 2031"]}, "years='FY 2031' is not one of"),
        ({"period": ("2010-10", "2011-01")}, "holds no whole year ending in month 1"),
        ({"weight": "harm"}, "no column 'harm'"),
    ],
)
def test_what_cannot_be_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        lh.trend(even("2010-10", 24, 10), **options)


def test_months_must_be_months() -> None:
    rows = even("2010-10", 24, 10).assign(period="2010-10")
    with pytest.raises(TypeError, match="not months"):
        lh.trend(rows)
    with pytest.raises(ValueError, match="none of 2 records has a month"):
        lh.trend(pd.DataFrame({"period": pd.PeriodIndex([None, None], freq="M"), "category": "x"}))
    with pytest.raises(ValueError, match="missing or negative in 240 rows"):
        lh.trend(even("2010-10", 24, 10).assign(harm=-1.0), weight="harm")


def test_records_without_a_month_are_told() -> None:
    rows = even("2010-10", 24, 10)
    rows.loc[rows.index[:3], "period"] = pd.NaT
    with pytest.warns(UserWarning, match="3 of 240 records have no month"):
        assert lh.trend(rows)["count"].tolist() == [117, 120]


def test_its_account_says_where_it_does_not_keep_its_level() -> None:
    months = pd.period_range("2010-10", "2012-09", freq="M")
    rows = {"runs": [150] * 6 + [50] * 6 + [50] * 6 + [150] * 6, "turns": [150, 50] * 12}
    records = pd.concat(
        pd.DataFrame({"category": name, "period": months, "count": counts})
        for name, counts in rows.items()
    )
    text = lh.trend(records).attrs["statistics"]["trend"]["text"]
    assert "(where months come in long runs, each like the one before, it calls 10 to 30" in text
    assert "not 5; here: runs, Total)" in text
    known = lh.trend(records, dispersion=2).attrs["statistics"]["trend"]["text"]
    assert "long runs" not in known


def test_five_in_a_hundred_unless_said_otherwise() -> None:
    """48 after 30: of 78 events 48 or more fall in one of two alike years, 5.4 in a hundred times."""
    table = pd.DataFrame({"category": ["Theft"], "FY 2011": [30], "FY 2012": [48]})
    p = 2 * stats.binom.sf(47, 78, 0.5)
    assert 0.05 < p < 0.065
    for options, verdict in (({}, "no clear change"), ({"alpha": 0.065}, "rose")):
        theft = last_year(lh.trend(table, dispersion=1, **options)).loc["Theft"]
        assert theft["change_q"] == pytest.approx(p)
        assert theft["verdict"] == verdict
