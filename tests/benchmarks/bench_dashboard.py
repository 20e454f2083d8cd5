"""Making and using a dashboard of Leicestershire: pytest tests/benchmarks/bench_dashboard.py -s.

All by the clock, the slower of two clicks of a kind, until two frames later (headless Chromium, no
graphics card).
"""

from __future__ import annotations

import shutil
import time
import warnings
from pathlib import Path

import pandas as pd
import pytest

import lsoahot as lh

webdriver = pytest.importorskip("selenium.webdriver", reason="Selenium is not installed")

DRAWN = """
const done = arguments[0];
const wait = () => (document.documentElement.dataset.ready
  ? Promise.all(Object.values(views).map((view) => view.runAsync()))
    .then(() => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))))
  : setTimeout(wait, 5));
wait();
"""
SET = """
const set = (id, value) => {
  document.getElementById(id).value = value;
  document.getElementById(id).dispatchEvent(new Event("change"));
};
"""
CLICKS = {
    "an area": "choose({ kind: 'areas', areas: [100 + K] })",
    "a category": SET + "set('category', 1 + K)",
    "a year": SET + "set('period', K)",
    "count or rate": "document.querySelectorAll('#show input')[1 - K].click()",
    "hot spots": "document.querySelectorAll('#paint input')[1 - K].click()",
    "a district": SET + "set('district', 3 + K)",
    "back to all": "choose({ kind: 'all' })",
}


def test_leicestershire(shared: Path, tmp_path: Path) -> None:
    """Build, open and use 611 areas, 24 months, 14 categories."""
    if not (shutil.which("chromium") and shutil.which("chromedriver")):
        pytest.skip("Chromium and chromedriver are not installed")
    folder = shared / "data"
    areas = lh.read_boundaries(folder / "boundaries" / "leics_rutland_lsoa11_bgc.gpkg")
    people = pd.read_csv(folder / "population" / "pop_lsoa11_2011_2017_2019_2020.csv", index_col=0)
    column = next(name for name in people.columns if "2020" in name)
    areas = areas.assign(population=people[column].reindex(areas.index).to_numpy())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        records = lh.read_dataset(
            "crime", sorted((folder / "police").glob("leicestershire-202[01]*.zip"))
        )
        start = time.perf_counter()
        made = lh.dashboard(areas, {"Recorded crime": records}, tmp_path / "page.html")
        built = time.perf_counter() - start
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for flag in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={tmp_path}/p",
    ):
        options.add_argument(flag)
    driver = webdriver.Chrome(
        options=options, service=webdriver.ChromeService(shutil.which("chromedriver"))
    )
    try:
        driver.set_window_size(1366, 768)
        driver.get((tmp_path / "page.html").as_uri())
        opened = driver.execute_async_script(DRAWN)
        used = dict.fromkeys(CLICKS, 0.0)
        for k in (0, 1):
            for name, click in CLICKS.items():
                time.sleep(0.4)  # until the page is at rest
                act = "const begun = performance.now();" + click.replace("K", str(k)) + ";"
                took = driver.execute_async_script(act + DRAWN.replace("now()", "now() - begun"))
                used[name] = max(used[name], took)
    finally:
        driver.quit()
    size = len(made.html.encode()) / 1e6
    print(f"\n{size:.2f} MB, built in {built:.1f} s, drawn {opened:.0f} ms after it was opened")
    print(", ".join(f"{name} {value:.0f} ms" for name, value in used.items()))
