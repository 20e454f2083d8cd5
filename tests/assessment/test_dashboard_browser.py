"""The dashboard in real browsers: linked, by mouse and keyboard, and without a request.

Chromium is driven by Selenium and the system's chromedriver; Firefox, which has no driver in Debian,
by its own WebDriver BiDi socket. Either is skipped where it is not installed. Screenshots are kept in
tests/artefacts.
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import lsoahot as lh
from lsoahot.assessment import outputs
from lsoahot.assessment.csv_tables import table_of
from lsoahot.common.files import write_csv

webdriver = pytest.importorskip("selenium.webdriver", reason="Selenium is not installed")


def program(*names: str) -> str | None:
    """Return the first program there is, by name on the path or by its usual place."""
    return next(filter(None, map(shutil.which, names)), None)


# On Windows and macOS Chrome is not on the path; GitHub's machines say where the driver is.
CHROMIUM = program(
    "chromium",
    "chromium-browser",
    "google-chrome",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
CHROMEDRIVER = program("chromedriver", f"{os.environ.get('CHROMEWEBDRIVER', '.')}/chromedriver")
FIREFOX = program("firefox-esr", "firefox")
ARTEFACTS = Path(__file__).parent / "artefacts"
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-default-apps", "--disable-extensions", "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)  # fmt: skip
HOSTILE = "</script><img src=x onerror=\"document.title='owned'\">"
# The measures of the assessment, as `lsoahot demo` shows them.
GROUPS = ("Violence against the person", "Serious acquisitive crime", "Criminal damage")

Run = Callable[..., Any]


def sample_measures() -> dict[str, pd.DataFrame]:
    crime = lh.read_dataset("crime", "sample")
    measures = {"Total crime": crime}
    measures |= {name: crime[crime["category"] == name] for name in GROUPS}
    measures |= {
        title: lh.read_dataset(name, "sample")
        for name, title in (
            ("asb", "Anti-social behaviour"), ("fires", "Deliberate fires"),
            ("domestic", "Domestic abuse"), ("hate", "Hate crime"), ("alcohol", "Alcohol related"),
            ("drugs", "Drug related"),
        )
    }  # fmt: skip
    return measures


@pytest.fixture(scope="module")
def measures() -> dict[str, pd.DataFrame]:
    return sample_measures()


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory, measures: dict[str, pd.DataFrame]) -> Path:
    path = tmp_path_factory.mktemp("page") / "dashboard.html"
    lh.dashboard(lh.read_boundaries("sample"), measures, path, title="Rutland dashboard")
    assert path.stat().st_size < 2_500_000
    return path


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Start Chromium, one for the module, with every request logged and no name resolved."""
    if not (CHROMIUM and CHROMEDRIVER):
        pytest.skip(
            "Chromium and chromedriver are not installed (Debian: chromium chromium-driver)"
        )
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(CHROMEDRIVER))
    driver.set_script_timeout(20)
    yield driver
    driver.quit()


def resize(browser: Any, width: int, height: int) -> None:
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
    )


def settle(browser: Any) -> None:
    """Wait until the page has come alive and drawn what was asked of it."""
    browser.execute_async_script(
        """
        const done = arguments[0];
        const wait = () => {
          if (!document.documentElement.dataset.ready) return setTimeout(wait, 10);
          Promise.all(Object.values(views).map((view) => view.runAsync()))
            .then(() => requestAnimationFrame(() => requestAnimationFrame(() => done())));
        };
        wait();
        """
    )


def shoot(browser: Any, name: str, *, whole: bool = False) -> None:
    ARTEFACTS.mkdir(exist_ok=True)
    shot = browser.execute_cdp_cmd(
        "Page.captureScreenshot", {"format": "png", "captureBeyondViewport": whole}
    )
    (ARTEFACTS / name).write_bytes(base64.b64decode(shot["data"]))


@pytest.fixture
def opened(browser: Any, sample: Path) -> Iterator[Any]:
    """Open the sample's page afresh; afterwards nothing may have been requested or complained of."""
    browser.get("about:blank")
    browser.get_log("performance")
    browser.get_log("browser")
    resize(browser, 1366, 768)
    browser.get(sample.as_uri())
    settle(browser)
    yield browser
    assert browser.get_log("browser") == []
    assert requests(browser) <= {sample.as_uri()}


def requests(browser: Any) -> set[str]:
    """Return every address that the browser asked for, data: aside."""
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = {
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    }
    return {url.split("#")[0] for url in asked if not url.startswith(("data:", "about:"))}


def text(browser: Any, selector: str) -> str:
    return str(
        browser.execute_script("return document.querySelector(arguments[0]).textContent", selector)
    )


def pick(browser: Any, control: str, value: object) -> None:
    """Choose from a list, or press a radio button, as a user's change would."""
    browser.execute_script(
        """
        const box = document.getElementById(arguments[0]);
        if (box.tagName === "SELECT") {
          box.value = [...box.options].find((o) => o.textContent === arguments[1] || o.value === arguments[1]).value;
          box.dispatchEvent(new Event("change", { bubbles: true }));
        } else box.querySelector(`input[value="${arguments[1]}"]`).click();
        """,
        control,
        str(value),
    )
    settle(browser)


def area_on_map(browser: Any, name: str) -> Any:
    """Return the outline of an area in the map."""
    return browser.execute_script(
        "return [...document.querySelectorAll('#map .area-shapes path')]"
        ".find((path) => path.getAttribute('aria-label').startsWith(arguments[0] + ':'))",
        name,
    )


def press(browser: Any, element: Any, *, more: bool = False) -> None:
    """Click inside an element, where it lies on top, with real mouse events."""
    browser.execute_script("arguments[0].scrollIntoView({ block: 'center' })", element)
    x, y = browser.execute_script(
        """
        const path = arguments[0], box = path.getBoundingClientRect();
        for (let i = 1; i < 20; i++) for (let j = 1; j < 20; j++) {
          const [x, y] = [box.x + box.width * i / 20, box.y + box.height * j / 20];
          if (document.elementFromPoint(x, y) === path) return [x, y];
        }
        return [box.x + box.width / 2, box.y + box.height / 2];
        """,
        element,
    )
    for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
        browser.execute_cdp_cmd(
            "Input.dispatchMouseEvent",
            {
                "type": kind, "x": x, "y": y, "button": "none" if kind == "mouseMoved" else "left",
                "clickCount": 1, "modifiers": 2 if more else 0,
            },
        )  # fmt: skip
    settle(browser)


def key(browser: Any, *keys: str) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    ActionChains(browser).send_keys(*keys).perform()
    settle(browser)


def selected(browser: Any) -> list[str]:
    return list(
        browser.execute_script(
            "return [...document.querySelectorAll('#table tr[aria-selected=true] td.area')].map((td) => td.textContent)"
        )
    )


def labels(browser: Any, chart: str, mark: str) -> list[str]:
    """Return what a screen reader is told of a chart's marks, in their order."""
    return list(
        browser.execute_script(
            "return [...document.querySelectorAll(`#${arguments[0]} .${arguments[1]} path`)]"
            ".map((path) => path.getAttribute('aria-label'))",
            chart,
            mark,
        )
    )


# --- one choice, followed everywhere -------------------------------------------------------------


def test_an_area_chosen_on_the_map_is_followed_everywhere(opened: Any) -> None:
    before = labels(opened, "trend", "month-bars"), labels(opened, "years", "years-bars")
    assert len(before[0]) == 72
    assert before[1][-1].startswith("Oct 2011 to Sep 2012: 1,256")
    press(opened, area_on_map(opened, "Oakham Centre"))
    assert text(opened, "#who") == "Oakham Centre"
    assert selected(opened) == ["Oakham Centre"]
    assert text(opened, "#tiles .big") == "153"
    after = labels(opened, "trend", "month-bars"), labels(opened, "years", "years-bars")
    assert after[1][-1].startswith(
        "Oct 2011 to Sep 2012: 153, 85.4 per 1,000 (95% limits 72.4 to 100."
    )
    assert sum(int(label.split(": ")[1].split()[0]) for label in after[0][-12:]) == 153
    assert any(
        "Other acquisitive crime: 52" in label for label in labels(opened, "mix", "mix-bars")
    )
    assert opened.execute_script("return document.querySelectorAll('#map .edge path').length") == 1
    shoot(opened, "sample-1366-area.png")


def test_a_row_chosen_in_the_table_is_followed_and_given_back(opened: Any) -> None:
    press(opened, opened.find_element("css selector", "#table tbody tr:nth-child(3) td.area"))
    assert text(opened, "#who") == "Exton"
    assert opened.find_element("id", "back").is_enabled()
    press(opened, opened.find_element("id", "back"))
    assert text(opened, "#who") == "Rutland"
    assert text(opened, "#tiles .big") == "1,256"
    assert selected(opened) == []


def test_several_areas_add_up(opened: Any) -> None:
    press(opened, area_on_map(opened, "Oakham Centre"))
    press(opened, area_on_map(opened, "Exton"), more=True)
    assert sorted(selected(opened)) == ["Exton", "Oakham Centre"]
    assert text(opened, "#tiles .big") == "241"
    assert "not tested" in text(opened, "#tiles")


def test_a_year_and_a_category_are_chosen_by_their_bars(opened: Any) -> None:
    bars = opened.find_elements("css selector", "#years .years-bars path")
    press(opened, bars[4])
    assert text(opened, "#showing") == "Total crime, Oct 2010 to Sep 2011"
    assert text(opened, "#tiles .big") == "1,213"
    labelled = labels(opened, "mix", "mix-bars")
    place = next(k for k, label in enumerate(labelled) if label.startswith("Serious acq"))
    press(opened, opened.find_elements("css selector", "#mix .mix-bars path")[place])
    assert (
        text(opened, "#showing") == "Total crime: Serious acquisitive crime, Oct 2010 to Sep 2011"
    )
    assert text(opened, "#tiles .big") == "172"
    assert opened.execute_script("return document.getElementById('category').selectedIndex") > 0


def test_measure_rate_and_hotspots_are_chosen(opened: Any) -> None:
    pick(opened, "measure", "Serious acquisitive crime")
    assert text(opened, "#tiles .big") == "289"
    assert "+117 (+68.0%)" in text(opened, "#tiles")
    assert "a clear rise" in text(opened, "#tiles")
    pick(opened, "show", "rate")
    first = text(opened, "#table tbody tr")
    assert first.startswith("1ExtonCan't tell2615.8")
    assert "95% limits" in text(opened, "#years-hint")
    pick(opened, "paint", "hotspot")
    assert "Hot spot" in text(opened, "#legend")
    shoot(opened, "sample-1366-hotspots.png")


def test_no_clear_change_is_said_of_total_crime(opened: Any) -> None:
    assert "+43 (+3.5%)" in text(opened, "#tiles")
    assert "from 1,213: no clear change" in text(opened, "#tiles")


def test_search_finds_by_name_part_and_code(opened: Any) -> None:
    box = opened.find_element("id", "search")
    box.send_keys("cottesm")
    key(opened, "\ue007")
    assert text(opened, "#who") == "Cottesmore"
    box.clear()
    box.send_keys("E01013799", "\ue007")
    settle(opened)
    chosen = text(opened, "#who")
    codes = lh.read_boundaries("sample")["area_name"]
    assert chosen == codes["E01013799"]
    box.clear()
    box.send_keys("Nowhere", "\ue007")
    settle(opened)
    assert "No area, and no street that is named, is called" in text(opened, "#story")
    assert text(opened, "#who") == chosen


def test_worst_area_for_burglary_rising_or_not_and_why_within_five_clicks(opened: Any) -> None:
    pick(opened, "measure", "Serious acquisitive crime")  # 1
    pick(opened, "category", "Burglary dwelling")  # 2
    press(opened, opened.find_element("id", "highest"))  # 3
    assert text(opened, "#tiles").count("Change on the year before") == 1
    assert any(
        word in text(opened, "#tiles") for word in ("rise beyond", "fall beyond", "no clear")
    )
    assert "around it average" in text(opened, "#story")
    assert "Gi* z =" in text(opened, "#story")


def test_the_tooltip_says_it_all(opened: Any) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    ActionChains(opened).move_to_element(area_on_map(opened, "Exton")).perform()
    settle(opened)
    said = text(opened, "#tip")
    for part in (
        # 1,256 records of 37,369 people: 33.6 per 1,000; 53.5 / 33.6 = 1.6, 88 - 1,645 x 0.0336 = 33
        "ExtonCan't tell: 1.6 times the rate of all 23 areas together (1.3 to 2.0), 33 more than at",
        "Records: 88",
        "Rate: 53.5 per 1,000 (95% limits 42.9 to 65.",
        "Rank by rate: 3 of 23",
        "Change: +28 (+46.7%)",
        "Hot spot: No cluster",
    ):
        assert part in said


def test_the_order_of_the_table(opened: Any) -> None:
    opened.find_element("css selector", "[data-by=name]").click()
    names = [cell.text for cell in opened.find_elements("css selector", "#table td.area")]
    assert names == sorted(names, key=str.casefold)
    opened.find_element("css selector", "[data-by=rate]").click()
    rates = opened.execute_script(
        "return [...document.querySelectorAll('#table tbody tr')].map((tr) => parseFloat(tr.cells[4].textContent))"
    )
    assert rates == sorted(rates, reverse=True)
    assert opened.find_element("css selector", "th[aria-sort]").text.startswith("Rate")


def test_what_is_withheld_says_so(opened: Any) -> None:
    pick(opened, "measure", "Hate crime")
    assert text(opened, "#tiles .big") == "8"
    assert "Withheld" in text(opened, "#legend")
    assert "withheld" in text(opened, "#table tbody")
    press(opened, area_on_map(opened, "Exton"))
    assert text(opened, "#tiles .big") == "withheld"
    assert "nor for a single area" in text(opened, "#trend")
    pick(opened, "period", "All 6 years")
    shoot(opened, "sample-1366-withheld.png")


# --- districts -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, gpd.GeoDataFrame, pd.DataFrame]:
    """Make a page of two districts of 36 areas, one measure of which is sensitive."""
    areas = gpd.GeoDataFrame(
        {
            "area_name": [f"{d} {k:03d}A" for d in ("East", "West") for k in range(36)],
            "district": np.repeat(["East", "West"], 36),
            "population": 1500,
        },
        index=pd.Index([f"E{k:08d}" for k in range(72)], name="area_code"),
        geometry=[
            shapely.box(1000 * (k % 6), 1000 * (k // 6), 1000 * (k % 6 + 1), 1000 * (k // 6 + 1))
            for k in range(72)
        ],
        crs=27700,
    )
    rng = np.random.default_rng(7)
    months = pd.period_range("2020-10", "2022-09", freq="M")
    table = pd.MultiIndex.from_product(
        [areas.index, months, ["A", "B"]], names=["area_code", "period", "category"]
    ).to_frame(index=False)
    table["count"] = rng.poisson(0.25, len(table))
    hidden = table.copy()
    hidden.attrs["sensitive"] = True
    path = tmp_path_factory.mktemp("county") / "county.html"
    lh.dashboard(areas, {"Open": table, "Sensitive": hidden}, path)
    return path, areas, table


def test_a_district_is_chosen_and_followed(
    browser: Any, county: tuple[Path, gpd.GeoDataFrame, pd.DataFrame]
) -> None:
    path, areas, table = county
    now = table[table["period"] >= pd.Period("2021-10", "M")]
    expected = now.loc[now["area_code"].isin(areas.index[36:]), "count"].sum()
    browser.get_log("browser")
    resize(browser, 1366, 768)
    browser.get(path.as_uri())
    settle(browser)
    before = area_on_map(browser, "West 000A").get_attribute("d")
    pick(browser, "district", "West")
    assert text(browser, "#who") == "West"
    assert text(browser, "#tiles .big") == f"{expected:,}"
    assert text(browser, "#table-hint").startswith("36 areas, West")
    assert area_on_map(browser, "West 000A").get_attribute("d") != before  # the map went there
    pick(browser, "measure", "Sensitive")
    # The total is given, as it gives no area away; the areas' own small counts are not.
    assert text(browser, "#tiles .big") == f"{expected:,}"
    shown = lh.suppress(lh.count(areas, now))
    rows = browser.execute_script(
        "return [...document.querySelectorAll('#table tbody tr')]"
        ".map((tr) => [tr.cells[1].textContent, tr.cells[3].textContent])"
    )
    given = {name: value for name, value in rows if value != "withheld"}
    there = shown.loc[shown["count"].notna() & (shown["district"] == "West")]
    assert given == dict(zip(there["area_name"], there["count"].astype(str), strict=True))
    assert len(given) < 36
    press(browser, browser.find_element("id", "back"))
    assert text(browser, "#who") == "All areas"
    # The last rows of a long list are laid out a moment later, or when somebody goes there.
    browser.find_element("css selector", "#table tbody tr").send_keys("\ue010")
    assert len(browser.find_elements("css selector", "#table tbody tr")) == 72
    last = text(browser, "#table tbody tr:last-child td.area")
    key(browser, "\ue007")
    assert selected(browser) == [last]
    assert browser.get_log("browser") == []


# --- places, levels, and nothing cut -----------------------------------------------------------


def test_it_opens_on_rate_and_level_and_says_who_is_high(opened: Any) -> None:
    assert text(opened, "#map-title") == "Map: level"
    assert "Far above (1)" in text(opened, "#legend")
    assert text(opened, "#table tbody tr").startswith("1Oakham CentreFar above153")
    # 1,256 of 37,369 people: 33.6 per 1,000; 85.4 / 33.6 = 2.5, 153 - 1,792 x 0.0336 = 93
    assert text(opened, "#story").startswith(
        "Above the rate of all 23 areas together: Oakham Centre (far above: 2.5 times, 93 more). "
    )
    assert "1 area" in text(opened, "#tiles")
    assert "23 areas tested" in text(opened, "#tiles")


def test_a_ratio_of_a_handful_is_said_to_be_as_recorded(opened: Any) -> None:
    pick(opened, "measure", "Deliberate fires")
    press(opened, area_on_map(opened, "Oakham North West"))
    # 6 of 22 fires, 1,684 of 37,369 people: 6.05 times, 6 - 0.99 = 5
    assert text(opened, "#story").startswith(
        "Above: 6.1 times the rate of all 23 areas together (2.2 to 13.2), 5 more than at that rate "
        "(as recorded; the level allows for so few)."
    )


def test_the_change_from_the_year_before_is_a_map_of_its_own(opened: Any) -> None:
    pick(opened, "measure", "Anti-social behaviour")
    pick(opened, "paint", "change")
    assert text(opened, "#map-title") == "Map: change on the year before"
    asb = lh.read_dataset("asb", "sample")
    spans = ("2010-10", "2011-09"), ("2011-10", "2012-09")
    then, now = (lh.count(lh.read_boundaries("sample"), asb, period=span) for span in spans)
    classes = lh.change(then, now, population=None)["change_class"].value_counts()
    for name, number in classes[classes > 0].items():
        assert f"{name} ({number})" in text(opened, "#legend")


def share_of_map(browser: Any, name: str) -> float:
    """Return how much of the map's width or height an area takes."""
    sizes = browser.execute_script(
        "return [arguments[0], document.getElementById('map')].map((n) => "
        "{ const b = n.getBoundingClientRect(); return [b.width, b.height]; })",
        area_on_map(browser, name),
    )
    return float(max(a / b for a, b in zip(*sizes, strict=True)))


@pytest.mark.parametrize("by", ["table", "search", "map"])
def test_the_map_goes_to_what_is_chosen(opened: Any, by: str) -> None:
    before = share_of_map(opened, "Exton")
    assert before < 0.4
    if by == "table":
        press(opened, opened.find_element("css selector", "#table tbody tr:nth-child(3) td.area"))
    elif by == "search":
        opened.find_element("id", "search").send_keys("Exton", "\ue007")
        settle(opened)
    else:
        press(opened, area_on_map(opened, "Exton"))
    assert text(opened, "#who") == "Exton"
    # With one and a half times its size on each side: a quarter, as the grid allows.
    assert share_of_map(opened, "Exton") == pytest.approx(0.25, abs=0.03) or before > 0.25
    press(opened, opened.find_element("id", "back"))
    assert share_of_map(opened, "Exton") == pytest.approx(before, abs=0.01)


def test_a_town_finds_all_its_areas(opened: Any) -> None:
    opened.find_element("id", "search").send_keys("oakham", "\ue007")
    settle(opened)
    names = lh.read_boundaries("sample")["area_name"]
    expected = sorted(name for name in names if "Oakham" in name)
    assert len(expected) > 3
    assert sorted(selected(opened)) == expected


def test_streets_are_told_and_found(browser: Any, tmp_path: Path) -> None:
    areas = lh.read_boundaries("sample")
    crimes = lh.read_dataset("crime", "sample")
    first, second = areas.index[:2]
    there = crimes["area_code"].eq(first) & crimes["period"].ge(pd.Period("2011-10", "M"))
    street = pd.Series(None, index=crimes.index, dtype=object)
    street[there] = "On or near Mill <i>Lane</i>"
    street[crimes["area_code"].eq(second)] = "On or near High Street"
    secret = crimes.assign(street="On or near Hidden Close")
    secret.attrs["sensitive"] = True
    path = tmp_path / "streets.html"
    made = lh.dashboard(areas, {"Crime": crimes.assign(street=street), "Secret": secret}, path)
    assert "Hidden Close" not in made.html
    browser.get_log("browser")
    resize(browser, 1366, 768)
    browser.get(path.as_uri())
    settle(browser)
    box = browser.find_element("id", "search")
    box.send_keys("mill", "\ue007")
    settle(browser)
    assert text(browser, "#who") == areas["area_name"].iloc[0]
    told = f"Most on or near Mill <i>Lane</i> ({int(there.sum())})."
    assert told in text(browser, "#story")
    row = browser.execute_script(
        "return document.querySelector('tr[aria-selected=true]').innerText"
    )
    assert f"Mill <i>Lane</i> ({int(there.sum())})" in row
    box.clear()
    box.send_keys("High Street", "\ue007")
    settle(browser)
    assert text(browser, "#who") == areas["area_name"].iloc[1]
    assert browser.get_log("browser") == []


CUT = """
    const out = [], letters = document.createElement("canvas").getContext("2d");
    for (const box of document.querySelectorAll("select")) {
      if (!box.getClientRects().length) continue;
      const style = getComputedStyle(box);
      letters.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
      const room = box.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
      const wide = letters.measureText(box.selectedOptions[0].textContent).width;
      if (wide > room + 1) out.push(["select", box.id, wide, room]);
    }
    for (const chart of document.querySelectorAll(".chart")) {
      const card = chart.getBoundingClientRect();
      for (const words of chart.querySelectorAll("svg text")) {
        const b = words.getBoundingClientRect();
        if (!words.textContent || +getComputedStyle(words).opacity === 0 || !b.width) continue;
        if (b.left < card.left - 1 || b.right > card.right + 1 || b.top < card.top - 2 || b.bottom > card.bottom + 2)
          out.push([chart.id, words.textContent, b.left - card.left, card.right - b.right]);
        if (words.textContent.includes("\u2026")) out.push([chart.id, words.textContent]);
      }
    }
    const list = document.querySelector(".scroll").getBoundingClientRect();
    const head = document.querySelector("#table thead").getBoundingClientRect();
    for (const row of document.querySelectorAll("#table tbody tr")) {
      const b = row.getBoundingClientRect();
      if (b.bottom > list.bottom + 1 && b.top < list.bottom - 1) out.push(["row", row.innerText]);
      if (b.top < head.bottom - 1 && b.bottom > head.bottom + 1) out.push(["row", row.innerText]);
    }
    return out;
"""


@pytest.mark.parametrize(("width", "height"), [(1600, 1000), (1366, 768), (390, 844)])
@pytest.mark.parametrize(
    "measure", ["Total crime", "Violence against the person", "Alcohol related"]
)
def test_nothing_is_cut(opened: Any, width: int, height: int, measure: str) -> None:
    resize(opened, width, height)
    pick(opened, "measure", measure)
    time.sleep(0.3)  # the charts follow the new width
    settle(opened)
    assert opened.execute_script(CUT) == []
    last = opened.execute_script("return document.querySelector('#table tbody').rows[17].dataset.i")
    opened.execute_script("choose({ kind: 'areas', areas: [arguments[0]] })", int(last))
    time.sleep(0.3)
    settle(opened)
    assert len(selected(opened)) == 1
    assert opened.execute_script(CUT) == []
    shoot(opened, f"sample-{width}-chosen.png")


def test_months_are_written_out(opened: Any) -> None:
    resize(opened, 1600, 1000)
    time.sleep(0.2)
    settle(opened)
    axes = "return [...document.querySelectorAll(`#${arguments[0]} .role-axis-label text`)].map((t) => t.textContent)"
    months = [word for word in opened.execute_script(axes, "trend") if not word[0].isdigit()]
    assert len(months) > 3
    assert all(re.fullmatch(r"[A-Z][a-z]{2} (19|20)\d\d", word) for word in months)
    season = [word for word in opened.execute_script(axes, "season") if not word[0].isdigit()]
    assert season == [
        "Jan",
        "Feb",
        "Mar",
        "Apr",
        "May",
        "Jun",
        "Jul",
        "Aug",
        "Sep",
        "Oct",
        "Nov",
        "Dec",
    ]


def test_on_a_phone_the_map_comes_first(opened: Any) -> None:
    resize(opened, 390, 844)
    settle(opened)
    tops = opened.execute_script(
        "return ['map', 'headline', 'table'].map((id) => document.getElementById(id).getBoundingClientRect().top)"
    )
    assert tops == sorted(tops)
    assert tops[0] < 844 / 2
    assert not opened.find_element("id", "category").is_displayed()
    opened.find_element("id", "more").click()
    assert opened.find_element("id", "category").is_displayed()


# --- the same figures as in Python -----------------------------------------------------------------


def test_limits_in_the_page_are_those_of_rate(opened: Any) -> None:
    counts = np.concatenate([np.arange(0, 200), [1256, 109_885]])
    areas = gpd.GeoDataFrame(
        {"count": counts, "population": 1791},
        index=[f"E{k}" for k in counts],
        geometry=[shapely.box(0, 0, 1, 1)] * len(counts),
        crs=27700,
    )
    expected = lh.rate(areas)[["rate", "rate_lower", "rate_upper"]].to_numpy()
    found = opened.execute_script(
        "return arguments[0].map((n) => { const r = rateOf(n, 1791, 1); return [r.rate, r.lower, r.upper]; })",
        counts.tolist(),
    )
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize("name", ["Total crime", "Deliberate fires", "Drug related"])
def test_every_area_of_every_year_is_as_counted(
    opened: Any, measures: dict[str, pd.DataFrame], name: str
) -> None:
    areas = lh.read_boundaries("sample")
    records = measures[name]
    place = list(measures).index(name)
    found = opened.execute_script(
        "return YEARS.map((year, p) => table(D.measures[arguments[0]], 0, p, 'count')"
        ".map((row) => [row.count, row.rank]))",
        place,
    )
    for p, start in enumerate(range(2006, 2012)):
        span = (f"{start}-10", f"{start + 1}-09")
        within = records[records["period"].between(*[pd.Period(m, "M") for m in span])]
        if name == "Drug related" and start < 2010:  # flagged from April 2010 on
            assert [count for count, _ in found[p]] == [None] * 23
            continue
        counted = lh.count(areas, within, period=span)
        ranked = lh.rank(counted)["rank"].reindex(areas.index)
        assert [tuple(pair) for pair in found[p]] == list(
            zip(counted["count"], ranked, strict=True)
        )


def test_the_page_of_an_assessment_says_what_its_tables_say(
    browser: Any, assessed: lh.Assessment, tmp_path: Path
) -> None:
    found = assessed
    assert len(found.config.measures) == 11
    path = tmp_path / "dashboard.html"
    outputs._dashboard(found, path)
    browser.get(path.as_uri())
    settle(browser)
    for place, measure in enumerate(found.config.measures):
        written = tmp_path / f"{measure.name}.csv"
        write_csv(table_of(found.tables[measure.name]), written)
        expected = pd.read_csv(written).set_index("area_code").sort_index()
        rows, by_rate, name = browser.execute_script(
            "const m = D.measures[arguments[0]], p = EVERY_YEAR - 1;"
            "return [table(m, 0, p, 'count'), table(m, 0, p, 'rate').map((row) => row.rank),"
            " m.name];",
            place,
        )
        assert name == measure.title
        page = pd.DataFrame(rows).assign(rate_rank=by_rate).set_index("code").sort_index()
        assert page["name"].tolist() == expected["area_name"].tolist()
        assert page["hotspot"].tolist() == expected["hotspot"].tolist()
        assert page["level"].tolist() == expected["level"].tolist()
        suppressed = expected["count"].isna()
        assert page["count"].eq("withheld").tolist() == suppressed.tolist()
        for theirs, ours in (
            ("count", "count"), ("rate", "rate"), ("lower", "rate_lower"), ("upper", "rate_upper"),
            ("rank", "rank"), ("rate_rank", "rate_rank"),
        ):  # fmt: skip
            shown = pd.to_numeric(page[theirs], errors="coerce") if theirs in page else np.nan
            np.testing.assert_allclose(shown, expected[ours].astype(float), rtol=1e-9)
        np.testing.assert_allclose(
            page["z"].astype(float), expected["gi_z"].astype(float), atol=1e-5
        )


# --- fit for use -----------------------------------------------------------------------------------


def test_it_works_by_keyboard_alone(opened: Any) -> None:
    seen = []
    for _ in range(30):
        key(opened, "\ue004")
        seen.append(
            opened.execute_script(
                "return document.activeElement.id || document.activeElement.tagName"
            )
        )
        if seen[-1] == "TR":
            break
    assert [name for name in seen if name in ("measure", "category", "period", "search", "map")] == [
        "measure", "category", "period", "search", "map",
    ]  # fmt: skip
    assert seen[-1] == "TR"
    key(opened, "\ue015")
    key(opened, "\ue007")
    assert selected(opened) == ["Martinsthorpe"]
    key(opened, "\ue00c")
    assert selected(opened) == []
    opened.find_element("id", "map").click()
    opened.execute_script("document.getElementById('map').focus()")
    key(opened, "\ue00c")
    key(opened, "\ue014")
    key(opened, "\ue014")
    assert len(selected(opened)) == 1


def test_every_control_and_chart_has_a_name(opened: Any) -> None:
    nameless = opened.execute_script(
        """
        return [...document.querySelectorAll("select, input, button, table, section, svg, [tabindex='0']")]
          .filter((node) => !(node.getAttribute("aria-label") || node.getAttribute("aria-labelledby")
            || node.textContent.trim() || node.labels?.length || node.closest("label, [aria-label]")))
          .map((node) => node.outerHTML.slice(0, 80));
        """
    )
    assert nameless == []


@pytest.mark.parametrize("choice", ["all", "area"])
def test_text_stands_out_from_its_ground(opened: Any, choice: str) -> None:
    if choice == "area":
        press(opened, area_on_map(opened, "Exton"))
    faint = opened.execute_script(
        """
        const channel = (c) => { c /= 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
        const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
        const parse = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
        const ground = (node) => {
          for (; node; node = node.parentElement) {
            const c = parse(getComputedStyle(node).backgroundColor);
            if (c.length === 3 || c[3] > 0.99) return c;
          }
          return [255, 255, 255];
        };
        const out = [];
        for (const node of document.querySelectorAll("body *")) {
          if (["SCRIPT", "STYLE", "NOSCRIPT", "OPTION", "DATALIST"].includes(node.tagName)) continue;
          if (![...node.childNodes].some((c) => c.nodeType === 3 && c.textContent.trim())) continue;
          if (!node.getClientRects().length) continue;
          const svg = node instanceof SVGElement;
          const style = getComputedStyle(node);
          const [a, b] = [light(parse(svg ? style.fill : style.color)), light(ground(node))];
          const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
          if (ratio < 4.5) out.push([node.tagName, node.textContent.slice(0, 30), ratio]);
        }
        return out;
        """
    )
    assert faint == []


@pytest.mark.parametrize("width", [360, 390])
def test_a_phone_needs_no_scrolling_sideways(opened: Any, width: int) -> None:
    resize(opened, width, 844)
    settle(opened)
    press(opened, area_on_map(opened, "Exton"))
    assert opened.execute_script("return document.documentElement.scrollWidth") <= width
    time.sleep(0.2)  # the charts follow the new width
    settle(opened)
    if width == 390:
        shoot(opened, "sample-390.png", whole=True)


def test_wide_and_printed(opened: Any) -> None:
    shoot(opened, "sample-1366.png")
    resize(opened, 1920, 1080)
    time.sleep(0.2)
    settle(opened)
    shoot(opened, "sample-1920.png")
    printed = opened.execute_cdp_cmd(
        "Page.printToPDF", {"printBackground": True, "preferCSSPageSize": True}
    )
    pdf = base64.b64decode(printed["data"])
    (ARTEFACTS / "sample.pdf").write_bytes(pdf)
    assert pdf.count(b"/Type /Page\n") == 1


def test_it_is_usable_at_once(opened: Any) -> None:
    # Not a measurement of speed (see tests/benchmarks): only that nothing waits for anything.
    assert opened.execute_script("return performance.getEntriesByType('resource').length") == 0
    assert text(opened, "#notice").startswith("Schematic boundaries, reconstructed records")
    assert "Getis-Ord" in text(opened, "#about")


# --- what is not meant well ----------------------------------------------------------------------


def test_the_browser_itself_refuses_requests(browser: Any, sample: Path) -> None:
    browser.get(sample.as_uri())
    settle(browser)
    refused = browser.execute_async_script(
        """
        const done = arguments[0], seen = [];
        document.addEventListener("securitypolicyviolation", (event) => seen.push(event.effectiveDirective));
        fetch("https://example.org/").catch(() => 0);
        new Image().src = "https://example.org/x.png";
        const script = document.createElement("script");
        script.textContent = "document.title = 'owned'";
        document.body.append(script);
        setTimeout(() => {
          try { new Function("document.title = 'owned'")(); } catch { seen.push("eval"); }
        }, 0);
        setTimeout(() => done([seen, document.title]), 150);
        """
    )
    assert {"connect-src", "img-src", "script-src-elem", "eval"} <= set(refused[0])
    assert refused[1] == "Rutland dashboard"
    browser.get_log("browser")


def test_names_are_shown_and_not_run(browser: Any, tmp_path: Path) -> None:
    areas = lh.read_boundaries("sample")
    areas["area_name"] = [HOSTILE, *areas["area_name"][1:]]
    records = lh.read_dataset("fires", "sample")
    records["category"] = records["category"].astype(str).replace("Primary", HOSTILE)
    path = tmp_path / "hostile.html"
    lh.dashboard(areas, {HOSTILE: records}, path)
    browser.get_log("browser")
    browser.get(path.as_uri())
    settle(browser)
    press(browser, area_on_map(browser, HOSTILE))
    assert text(browser, "#who") == HOSTILE
    assert browser.title == "Crime and incident dashboard"
    assert browser.execute_script("return document.querySelectorAll('img').length") == 0
    assert browser.get_log("browser") == []


def test_it_shows_itself_in_a_notebook(browser: Any, tmp_path: Path) -> None:
    made = lh.dashboard(
        lh.read_boundaries("sample"),
        {"Fires": lh.read_dataset("fires", "sample")},
        title="In a cell",
    )
    page = tmp_path / "notebook.html"
    page.write_text(
        f"<!doctype html><meta charset=utf-8><div>{made._repr_html_()}</div>", encoding="utf-8"
    )
    browser.get_log("browser")
    resize(browser, 1100, 950)
    browser.get(page.as_uri())
    browser.switch_to.frame(0)
    settle(browser)
    browser.find_element("css selector", "#table td.area").click()
    settle(browser)
    assert text(browser, "#who") == "Oakham North West"
    assert text(browser, "h1") == "In a cell"
    browser.switch_to.default_content()
    assert browser.get_log("browser") == []
    shoot(browser, "sample-notebook.png")


# --- Firefox ---------------------------------------------------------------------------------------


@pytest.fixture
def firefox(tmp_path: Path) -> Iterator[Run]:
    """Start Firefox and speak WebDriver BiDi to it."""
    if not FIREFOX:
        pytest.skip("Firefox is not installed (Debian: firefox-esr)")
    websocket = pytest.importorskip("websocket", reason="websocket-client is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    profile = tmp_path / "firefox"
    profile.mkdir()
    process = subprocess.Popen(
        [
            FIREFOX,
            "--headless",
            "--no-remote",
            "--profile",
            str(profile),
            f"--remote-debugging-port={port}",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    link = None
    for _ in range(150):
        try:
            link = websocket.create_connection(
                f"ws://127.0.0.1:{port}/session", timeout=30, suppress_origin=True
            )
            break
        except OSError:
            time.sleep(0.1)
    numbers = itertools.count(1)
    events: list[dict[str, Any]] = []

    def call(method: str, **params: object) -> Any:
        number = next(numbers)
        link.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            message = json.loads(link.recv())
            if message.get("id") == number:
                assert message["type"] == "success", message
                return message["result"]
            events.append(message)

    call.events = events  # type: ignore[attr-defined]
    try:
        assert link is not None, "Firefox did not open its socket"
        call("session.new", capabilities={})
        yield call
        call("session.end")
    finally:
        if link is not None:
            link.close()
        process.terminate()
        process.wait(timeout=20)


def test_it_works_in_firefox(firefox: Run, sample: Path) -> None:
    context = firefox("browsingContext.getTree")["contexts"][0]["context"]
    firefox("session.subscribe", events=["log.entryAdded", "network.beforeRequestSent"])
    firefox("browsingContext.setViewport", context=context, viewport={"width": 1366, "height": 768})
    firefox("browsingContext.navigate", context=context, url=sample.as_uri(), wait="complete")

    def run(expression: str) -> Any:
        answer = firefox(
            "script.evaluate", expression=expression, target={"context": context}, awaitPromise=True
        )
        assert answer["type"] == "success", answer
        return answer["result"].get("value")

    settled = (
        "new Promise((done) => { const wait = () => document.documentElement.dataset.ready"
        " ? Promise.all(Object.values(views).map((v) => v.runAsync())).then(() => done('ready'))"
        " : setTimeout(wait, 10); wait(); })"
    )
    assert run(settled) == "ready"
    click = (
        "[...document.querySelectorAll('#map .area-shapes path')].find((p) =>"
        " p.getAttribute('aria-label').startsWith('Oakham Centre:')).dispatchEvent("
        "new MouseEvent('click', { bubbles: true, view: window })), 'clicked'"
    )
    assert run(click) == "clicked"
    assert run(settled) == "ready"
    assert run("document.getElementById('who').textContent") == "Oakham Centre"
    assert run("document.querySelector('#tiles .big').textContent") == "153"
    assert run("document.querySelectorAll('#trend .month-bars path').length") == 72
    assert run("document.documentElement.scrollWidth <= innerWidth") is True
    shot = firefox("browsingContext.captureScreenshot", context=context)
    ARTEFACTS.mkdir(exist_ok=True)
    (ARTEFACTS / "sample-firefox.png").write_bytes(base64.b64decode(shot["data"]))
    seen = firefox.events  # type: ignore[attr-defined]
    asked = {
        event["params"]["request"]["url"]
        for event in seen
        if event.get("method") == "network.beforeRequestSent"
    }
    assert {url for url in asked if not url.startswith("data:")} <= {sample.as_uri()}
    logged = [event["params"] for event in seen if event.get("method") == "log.entryAdded"]
    assert [entry["text"] for entry in logged if entry["level"] in ("error", "warn")] == []
