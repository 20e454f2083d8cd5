"""A measure over its months: one rule for months without data, and products that agree."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import lsoahot as lh
from lsoahot.assessment import figures_table, findings, over_time


@pytest.mark.parametrize(
    ("counts", "missing"),
    [
        ([30, 0, 30, 30], [1]),  # (3/4)^90 = 6e-12
        ([10, 10, 10, 10, 10, 0, 10, 10, 10, 10, 10, 10], [5]),  # (11/12)^110 = 7e-5
        ([9, 9, 9, 9, 9, 0, 9, 9, 9, 9, 9, 9], []),  # nine are not ten
        ([1, *[0] * 40], []),  # 1/41: one event in years is no pattern
        ([12, *[0] * 11], list(range(1, 12))),  # (1/12)^12: the data end
        ([float("nan"), 3, 0, 4], [0]),
        ([0, 0], [0, 1]),
    ],
)
def test_by_hand(counts: list[float], missing: list[int]) -> None:
    assert over_time.months_without_data(np.array(counts, dtype=float)) == missing


@pytest.fixture
def stopped(tmp_path: Path) -> lh.Assessment:
    """Assess two years of records of which the second stops after its first month."""
    code = lh.read_boundaries("sample").index[0]
    months = pd.period_range("2010-10", "2012-09", freq="M")
    counts = [12] * 12 + [12] + [0] * 11
    rows = pd.DataFrame({"LSOA code": code, "Month": months.astype(str), "Count": counts})
    rows[rows["Count"] > 0].to_csv(tmp_path / "asb.csv", index=False)
    return lh.assess(
        {
            "boundaries": {"source": "sample"},
            "period": {"start": "2011-10", "end": "2012-09"},
            "measures": {"asb": {"dataset": "asb", "source": str(tmp_path / "asb.csv")}},
        }
    )


def test_the_products_agree_month_by_month(stopped: lh.Assessment) -> None:
    measure = stopped.config.measures[0]
    empty = pd.period_range("2011-11", "2012-09", freq="M")
    found = findings.find(stopped, measure)
    assert found.years is None  # no twelve months after the last one without data
    assert "Some months up to September 2012 hold no data" in " ".join(found.silences)
    figures = figures_table.figures_table(stopped)
    monthly = figures[figures["span"] == "month"].groupby("start")["count"].sum(min_count=1)
    assert monthly.isna().sum() == len(empty)
    page = lh.dashboard(stopped.areas, {"ASB": stopped.records[measure.name]}, until="2012-09")
    assert '"silent":[13,14,15,16,17,18,19,20,21,22,23]' in page.html.replace(" ", "")
