"""A count that the source withheld is missing in its own group and year, and nowhere else."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import lsoahot as lh

MONTHS = pd.period_range("2020-01", "2022-12", freq="M")
GROUPS = ["Arson", "Drugs", "Theft"]


def counted(seed: int = 0) -> pd.DataFrame:
    """Return three groups' counts by month of three years."""
    rng = np.random.default_rng(seed)
    grid = pd.MultiIndex.from_product([GROUPS, MONTHS], names=["category", "period"])
    return grid.to_frame(index=False).assign(count=rng.poisson(40.0, len(grid)).astype("float64"))


def withheld(table: pd.DataFrame, group: str, month: str) -> pd.DataFrame:
    """Return the table with one count taken away."""
    cell = (table["category"] == group) & (table["period"] == pd.Period(month, "M"))
    return table.assign(count=table["count"].mask(cell))


MESSAGE = r"counts of 1 months are missing, being withheld at the source \(Drugs\)"


def test_trend_lacks_the_year_of_the_group_and_of_the_total_and_says_so() -> None:
    whole = lh.trend(counted(), "category")
    with pytest.warns(UserWarning, match=MESSAGE):
        found = lh.trend(withheld(counted(), "Drugs", "2021-05"), "category")
    lost = found["category"].isin(["Drugs", "Total"]) & (found["year"] == "2021")
    assert found["count"].isna().tolist() == lost.tolist()
    assert lost.sum() == 2
    for name in ("Arson", "Theft"):
        here, there = (one[one["category"] == name].reset_index() for one in (found, whole))
        # q is adjusted over the groups that were tested: all else is the same.
        pd.testing.assert_frame_equal(here.drop(columns=["change_q", "verdict", "index"]),
                                      there.drop(columns=["change_q", "verdict", "index"]))  # fmt: skip


def test_seasonality_lacks_the_year_of_the_group_alone() -> None:
    table = counted()
    whole = lh.seasonality(table, "category").set_index("category")
    with pytest.warns(UserWarning, match=MESSAGE):
        found = lh.seasonality(withheld(table, "Drugs", "2021-05"), "category")
    found = found.set_index("category")
    assert found.groupby(level=0)["years"].first().to_dict() == {
        "Arson": 3, "Drugs": 2, "Theft": 3, "Total": 2,
    }  # fmt: skip
    pd.testing.assert_frame_equal(found.loc[["Arson", "Theft"]], whole.loc[["Arson", "Theft"]])
    # May of Drugs: that of 2020 and of 2022.
    may = table[(table["category"] == "Drugs") & (table["period"].dt.month == 5)]["count"]
    assert found.loc["Drugs", "count"].iloc[4] == may.iloc[0] + may.iloc[2]


def test_seasonality_without_a_whole_year_has_no_figures() -> None:
    table = counted()
    for year in (2020, 2021, 2022):
        table = withheld(table, "Drugs", f"{year}-07")
    with pytest.warns(UserWarning, match="counts of 3 months are missing"):
        found = lh.seasonality(table, "category").set_index("category")
    none = found.loc["Drugs", ["count", "index", "season_p", "season_q", "verdict", "even_p"]]
    assert none.isna().to_numpy().all()
    assert found.loc["Drugs", "years"].eq(0).all()
    assert found.loc["Arson", "verdict"].isin(["even", "peak", "trough", "spell"]).all()


def test_dispersion_leaves_out_an_areas_year_and_no_more() -> None:
    # By hand: two areas, two years; area B's second year is not known. What is left of year 2 is
    # area A alone, which is its own season and has nothing over: only year 1 counts.
    rng = np.random.default_rng(3)
    months = pd.period_range("2020-01", "2021-12", freq="M")
    table = pd.DataFrame({"area_code": np.repeat(["A", "B"], 24), "period": [*months, *months]})
    table["count"] = rng.poisson(60.0, 48) * rng.choice([1.0, 2.0], 48)
    first = table[table["period"].dt.year == 2020]
    table.loc[40, "count"] = np.nan
    counts = first["count"].to_numpy().reshape(2, 12)
    fitted = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / counts.sum()
    chi2 = ((counts - fitted) ** 2 / fitted).sum() / 11
    residual = (counts - fitted) / np.sqrt(fitted)
    r = (residual[:, 1:] * residual[:, :-1]).sum() * 12 / 11 / (residual**2).sum() + 1 / 11
    runs = 1 + 2 * sum((1 - k / 12) * max(r, 0) ** k for k in range(1, 12))
    assert chi2 > 2
    assert lh.dispersion(first) == pytest.approx(chi2 * runs)
    with pytest.warns(UserWarning, match=r"withheld at the source \(B\)"):
        assert lh.dispersion(table) == pytest.approx(chi2 * runs)


@given(seed=st.integers(0, 999), group=st.sampled_from(GROUPS), month=st.sampled_from(list(MONTHS)))
@settings(max_examples=15)
def test_a_month_of_which_all_is_withheld_is_no_gap(
    seed: int, group: str, month: pd.Period
) -> None:
    table = counted(seed)
    table = table[table["category"] == group]
    with pytest.warns(UserWarning, match="withheld at the source") as messages:
        found = lh.trend(withheld(table, group, str(month)), "category")
    assert len(messages) == 1
    years = found.set_index("year")["count"]
    assert years.isna().to_dict() == {str(y): y == month.year for y in (2020, 2021, 2022)}


def test_a_chart_of_withheld_months_is_refused() -> None:
    table = withheld(counted(), "Drugs", "2021-07")
    with pytest.warns(UserWarning, match=MESSAGE):
        found = lh.seasonality(table, "category", years=["2021"])
    with pytest.raises(ValueError, match="'Drugs' has no year with data"):
        lh.plot_seasonality(found, "Drugs")
