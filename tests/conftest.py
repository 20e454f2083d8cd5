"""Where the development data is, and the marks of tests that need it."""

from __future__ import annotations

import os
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import settings

import lsoahot as lh

# How long an example takes depends on who else uses the machine: no test may fail for it.
settings.register_profile("lsoahot", deadline=None)
settings.load_profile("lsoahot")

collect_ignore = ["assessment/open_in_qgis.py"]  # run by the Python that has QGIS

SHARED = Path(os.environ.get("LSOAHOT_SHARED", Path(__file__).parents[2] / "shared"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real data beside the checkout; skip where it is missing."""
    if not (SHARED / "data").is_dir():
        pytest.skip(f"the development data is not at {SHARED}")
    return SHARED


@pytest.fixture(scope="session")
def national(shared: Path) -> tuple[gpd.GeoDataFrame, dict[str, gpd.GeoDataFrame]]:
    """Return every LSOA of England and Wales, and 2025's counts by code and by point of pandas."""
    with pytest.warns(UserWarning, match="8 invalid polygons"):
        areas = lh.read_boundaries(shared / "data/national/lsoa21_ew_bgc.parquet")
    records = pd.read_parquet(shared / "data/national/police_2025_slim.parquet").rename(
        columns={"LSOA code": "area_code", "Month": "period", "Falls within": "force"}
    )
    month, months = pd.factorize(records["period"])
    records["period"] = pd.PeriodIndex(months, freq="M")[month]
    return areas, {by: lh.count(areas, records, by=by) for by in ("code", "point")}
