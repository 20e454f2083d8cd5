"""Charts: what is drawn, in which colour, under which label."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

import lsoahot as lh
from lsoahot.plotting import charts


@pytest.fixture(scope="module")
def crimes() -> pd.DataFrame:
    return lh.read_dataset("crime", "sample")


@pytest.fixture(scope="module")
def compared(crimes: pd.DataFrame) -> pd.DataFrame:
    areas = lh.read_boundaries("sample")
    return lh.compare(lh.count(areas, crimes, period=("2011-10", "2012-09")))


def test_a_trend_is_a_line_a_group_with_its_verdict(crimes: pd.DataFrame) -> None:
    found = lh.trend(crimes)
    ax = lh.plot_trend(found, ax=Figure().add_subplot())
    lines = {line.get_label(): line for line in ax.lines}
    assert set(lines) == set(found["category"]) - {"Total"}
    assert lines["Criminal damage"].get_ydata().tolist() == [368, 347, 331, 321, 237, 188]
    assert to_hex(lines["Serious acquisitive crime"].get_color()) == charts.UP
    assert to_hex(lines["Criminal damage"].get_color()) == charts.DOWN
    texts = {text.get_text() for text in ax.texts}
    assert "Serious acquisitive crime 289 (+68%, rose)" in texts
    assert "Criminal damage 188 (\N{MINUS SIGN}21%, fell)" in texts
    ticks = [tick.get_text() for tick in ax.get_xticklabels()]
    assert ticks == [f"FY {year}" for year in range(2007, 2013)]
    assert ax.get_ylim()[0] == 0, "a line that does not start at nothing exaggerates"


def test_a_total_alone_is_drawn(crimes: pd.DataFrame) -> None:
    ax = lh.plot_trend(lh.trend(crimes, None), ax=Figure().add_subplot())
    assert [line.get_label() for line in ax.lines] == ["Total"]
    assert ax.lines[0].get_ydata()[-1] == 1256


def test_labels_at_the_ends_keep_apart() -> None:
    totals = pd.DataFrame({"a": [100, 100], "b": [100, 101]}, index=["x", "y"]).rename(
        columns={"a": "2011", "b": "2012"}
    )
    ax = lh.plot_trend(lh.trend(totals), ax=Figure().add_subplot())
    heights = sorted(text.get_position()[1] for text in ax.texts)
    assert heights[1] - heights[0] >= 0.05 * np.ptp(ax.get_ylim()) - 1e-6


def test_peaks_are_coloured_and_told(crimes: pd.DataFrame) -> None:
    found = lh.seasonality(crimes, "category")
    ax = lh.plot_seasonality(found, "Violence against the person", ax=Figure().add_subplot())
    colours = [to_hex(bar.get_facecolor()) for bar in ax.patches]
    peaks = [month for month, colour in enumerate(colours, 1) if colour == charts.UP]
    assert peaks == [5, 9], "May and September, as the assessment says"
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts == ["Peak: above the average month", "No clear difference"]
    with pytest.raises(ValueError, match="has 6 groups, and one chart shows one"):
        lh.plot_seasonality(found)
    with pytest.raises(ValueError, match="group='Violence' is not one of"):
        lh.plot_seasonality(found, "Violence")


def test_a_funnel_has_its_limits_mean_and_names(compared: pd.DataFrame) -> None:
    ax = lh.plot_funnel(compared, "Oakham East", ax=Figure((8, 5)).add_subplot())
    lines = {line.get_label(): line for line in ax.lines}
    upper = lines["95% limits"]
    at = compared["population"].to_numpy()
    drawn = np.interp(at, upper.get_xdata(), upper.get_ydata())
    assert np.allclose(drawn, compared["funnel_upper_95"], rtol=1e-3)
    drawn = np.interp(at, lines["99.8% limits"].get_xdata(), lines["99.8% limits"].get_ydata())
    assert np.allclose(drawn, compared["funnel_upper_998"], rtol=1e-3)
    points = {c.get_label(): len(c.get_offsets()) for c in ax.collections}
    counts = compared["verdict"].str.capitalize().value_counts()
    assert points == counts.to_dict()
    texts = {text.get_text(): text for text in ax.texts}
    outside = set(compared.loc[compared["verdict"] != "in line", "area_name"])
    assert set(texts) == outside | {"Oakham East"}
    assert texts["Oakham East"].get_fontweight() == "bold"


def test_names_in_a_funnel_do_not_overlap() -> None:
    areas = lh.read_boundaries("sample")
    counted = lh.count(areas, lh.read_dataset("crime", "sample"), period=("2011-10", "2012-09"))
    apart = lh.compare(counted, spread=0)  # by chance alone many lie beyond the limits
    ax = lh.plot_funnel(apart, ax=Figure((8, 5)).add_subplot())
    boxes = [text.get_window_extent() for text in ax.texts]
    assert len(boxes) > 3
    for i, box in enumerate(boxes):
        assert not box.count_overlaps(boxes[i + 1 :])


def test_a_funnel_needs_what_compare_said(compared: pd.DataFrame) -> None:
    lost = compared.copy()
    lost.attrs = {}
    with pytest.raises(ValueError, match="does not say how it was compared"):
        lh.plot_funnel(lost)
    with pytest.raises(ValueError, match="highlight='Oakham' is not one of"):
        lh.plot_funnel(compared, "Oakham", ax=Figure().add_subplot())


def test_bars_are_in_order_and_coloured_by_verdict(compared: pd.DataFrame) -> None:
    ax = lh.plot_compare(compared, "E01013799", ax=Figure().add_subplot())
    assert [bar.get_width() for bar in ax.patches] == compared["rate"].tolist()
    assert [to_hex(bar.get_facecolor()) for bar in ax.patches] == [
        charts.VERDICTS[v] for v in compared["verdict"]
    ]
    labels = {t.get_text(): t.get_fontweight() for t in ax.get_yticklabels()}
    assert labels["Oakham Centre"] == "bold"
    assert labels["Exton"] == "normal"


def test_a_lorenz_curve_says_what_holds_half() -> None:
    # In order 50, 25, 15, 10: 25 % in half of the first place, 80 % in a third of the third.
    areas = pd.DataFrame({"count": [15, 50, 10, 25], "population": 1}, index=list("abcd"))
    ax = lh.plot_concentration(areas, ax=Figure().add_subplot())
    x, y = ax.lines[0].get_data()
    assert np.interp([25, 50, 80], y, x) == pytest.approx([12.5, 25, 100 * (2 + 1 / 3) / 4])
    assert [text.get_text() for text in ax.texts] == [
        "25% of events in 25% of places",
        "50% of events in 25% of places",
        "80% of events in 75% of places",
    ]
    assert "4 places" in ax.get_xlabel()
    for text in ax.texts:  # no label leaves the axes
        extent = text.get_window_extent()
        assert ax.bbox.x0 <= extent.x0
        assert extent.x1 <= ax.bbox.x1
