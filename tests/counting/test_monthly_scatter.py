"""The dispersion of months: by hand, against what was simulated, and as `count` notes it."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import lsoahot as lh
from lsoahot.counting.monthly_scatter import monthly_scatter


def test_by_hand() -> None:
    # Areas of 6 and 2 events, both months even: 3, 3 and 1, 1 are due. Squares 1 + 1 and 1 + 1, each
    # over 1/2: 8; room 6 (1 - 6/8) + 2 (1 - 2/8) = 3.
    scatter = monthly_scatter([[4, 2], [0, 2]])
    assert scatter is not None
    assert scatter.dispersion == pytest.approx(8 / 3)
    assert monthly_scatter([[3, 5], [0, 0]]) is None  # one area alone makes its own season
    assert monthly_scatter([[3, 0], [4, 0]]) is None
    assert monthly_scatter(np.zeros((4, 12))) is None


@pytest.mark.parametrize("a_year", [0.5, 8.0])
def test_series_are_seen_however_few(a_year: float) -> None:
    """Series of 1, 2, 3 ... with chance 1/2, 1/4, 1/8 ...: mean 2, mean square 6, dispersion 3."""
    rng = np.random.default_rng(1)
    areas = 40_000 if a_year < 1 else 4_000
    series = rng.poisson(a_year / 2 / 12, (areas, 12))
    counts = series + rng.negative_binomial(np.maximum(series, 1), 0.5) * (series > 0)
    scatter = monthly_scatter(counts)
    assert scatter is not None
    assert scatter.dispersion == pytest.approx(3, abs=0.15)
    assert scatter.runs == pytest.approx(1, abs=0.02)
    single = monthly_scatter(rng.poisson(a_year / 12, (areas, 12)))
    assert single is not None
    assert single.dispersion == pytest.approx(1, abs=0.03)


def test_count_notes_the_scatter_of_what_it_counted() -> None:
    codes = pd.Index(["E01013788", "E01013789"], name="area_code")
    areas = gpd.GeoDataFrame(
        {"population": [1500, 1500]},
        index=codes, geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], crs=27700,
    )  # fmt: skip
    months = pd.PeriodIndex(["2025-01", "2025-02"], freq="M")
    records = pd.DataFrame(
        {"area_code": codes[[0, 0, 1]], "period": months[[0, 1, 1]], "count": [4, 2, 2]}
    )
    noted = {"dispersion": 2.67, "runs": 1.0, "months": 2}
    counted = lh.count(areas, records, period=("2025-01", "2025-03"))
    assert counted.attrs["dispersion"] == noted
    facts = lh.exceedance(counted).attrs["statistics"]["exceedance"]
    assert (facts["dispersion"], facts["dispersion_from"]) == (2.67, "months")
    assert "dispersion 2.67, measured from 2 months of the records" in facts["text"]
    # of what has no months, or of one month, nothing is known, and an earlier answer doesn't stay
    for unknown in (records.drop(columns="period"), records.iloc[1:]):
        again = lh.count(counted, unknown)
        assert "dispersion" not in again.attrs
        facts = lh.exceedance(again).attrs["statistics"]["exceedance"]
        assert (facts["dispersion"], facts["dispersion_from"]) == (1.0, "none")
        assert "dispersion not measured" in facts["text"]
