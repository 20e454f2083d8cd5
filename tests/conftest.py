"""The development data, the sample's assessment made once, and what may be left out in CI."""

from __future__ import annotations

import os
import re
import time
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import settings

import lsoahot as lh
from lsoahot.cli import main

if TYPE_CHECKING:
    from collections.abc import Generator

    import geopandas as gpd

# How long an example takes depends on who else uses the machine: no test may fail for it. In CI
# the examples are the same each time.
settings.register_profile("lsoahot", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("lsoahot")

collect_ignore = ["assessment/open_in_qgis.py"]  # run by the Python that has QGIS
collect_ignore_glob = ["calibration/*.py"]  # programs, which import one another

SHARED = Path(os.environ.get("LSOAHOT_SHARED", Path(__file__).parents[2] / "shared"))

# Where CI is set every program that a test needs has to be there: a test that skips fails, but for
# these reasons, and for programs that LSOAHOT_MAY_LACK names ("LibreOffice, Spark").
MAY_SKIP = re.compile(
    r"development data is not at|need a privilege on Windows|Unix only|keeps no text in Arrow"
)


def skipping_fails(report: Any) -> Any:
    """Turn a report of a test, or of a file of tests, that was skipped into a failure."""
    if "CI" in os.environ and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        lacking = re.split(r"[,\s]+", os.environ.get("LSOAHOT_MAY_LACK", "").strip())
        if not MAY_SKIP.search(reason) and not any(name and name in reason for name in lacking):
            report.outcome = "failed"
            report.longrepr = (
                f"{reason}. Where CI is set nothing is left out: install it, or name it in "
                "LSOAHOT_MAY_LACK."
            )
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, Any, Any]:
    return skipping_fails((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, Any, Any]:
    return skipping_fails((yield))


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
    return areas, {by: lh.count(areas, records, locate_by=by) for by in ("code", "point")}


@pytest.fixture(scope="session")
def assessed() -> lh.Assessment:
    """Assess the packaged sample, once in each process; change nothing in it."""
    with resources.as_file(resources.files("lsoahot") / "sample" / "assessment.toml") as path:
        return lh.assess(path)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the sample's folder once, also where several processes share the tests."""
    base = tmp_path_factory.getbasetemp()
    root = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    out = root / "demo" / "out"
    try:
        out.parent.mkdir()
    except FileExistsError:
        until = time.monotonic() + 900
        while not (out / "manifest.json").exists() and time.monotonic() < until:
            time.sleep(0.5)  # it appears whole
    else:
        assert main(["demo", "--out", str(out)]) == 0
    assert (out / "manifest.json").exists(), "the process that made it has failed"
    return out
