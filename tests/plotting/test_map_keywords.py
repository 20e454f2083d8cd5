"""geopandas' keywords work on our maps, or are refused in our words."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import matplotlib.pyplot as plt
import numpy as np
import pytest
import shapely
from matplotlib.colors import to_hex

import lsoahot as lh

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.fixture
def areas() -> gpd.GeoDataFrame:
    """Ten squares in a row, with rates of 0, 10 ... 90."""
    return gpd.GeoDataFrame(
        {"rate": np.arange(10) * 10.0, "hotspot": "Not significant"},
        index=[f"E{n}" for n in range(10)],
        geometry=[shapely.box(n, 0, n + 1, 1) for n in range(10)],
        crs=27700,
    )


def legend(ax: Any) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


@pytest.mark.parametrize(
    "options",
    [
        {"scheme": "UserDefined", "classification_kwds": {"bins": [20, 50, 100]}},
        {"scheme": "user_defined", "classification_kwds": {"bins": [20, 50, 100]}},
        {"scheme": "UserDefined", "breaks": [20, 50, 100]},
        {"classification_kwds": {"bins": [20, 50, 100]}},
    ],
)
def test_classes_of_your_own_in_geopandas_words(
    areas: gpd.GeoDataFrame, options: dict[str, Any]
) -> None:
    ax = lh.plot_rate(areas, **options)
    assert legend(ax) == ["up to 20 (3)", "21 to 50 (3)", "51 to 100 (4)"]


@pytest.mark.parametrize(
    ("name", "ours"), [("equal_interval", "equal"), ("EqualInterval", "equal"),
                       ("Equal_Interval", "equal"), ("fisher_jenks", "natural")],
)  # fmt: skip
def test_schemes_are_found_as_geopandas_writes_them(
    areas: gpd.GeoDataFrame, name: str, ours: str
) -> None:
    assert legend(lh.plot_rate(areas, scheme=name)) == legend(lh.plot_rate(areas, scheme=ours))


@pytest.mark.parametrize("name", ["box_plot", "BoxPlot", "std_mean", "headtail_breaks"])
def test_every_classifier_of_mapclassify_draws_every_area(
    areas: gpd.GeoDataFrame, name: str
) -> None:
    counted = [
        int(text.rpartition("(")[2][:-1]) for text in legend(lh.plot_rate(areas, scheme=name))
    ]
    assert sum(counted) == 10


def test_what_a_classifier_takes_is_passed_on(areas: gpd.GeoDataFrame) -> None:
    three = lh.plot_rate(areas, scheme="quantiles", classification_kwds={"k": 3})
    assert len(legend(three)) == 3
    wide = lh.plot_rate(areas, scheme="percentiles", classification_kwds={"pct": [50, 100]})
    assert [text.rpartition(" ")[2] for text in legend(wide)] == ["(5)", "(5)"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"vmin": 0}, r"vmin=.*classes.*breaks=\[\.\.\.\].*class_breaks\(\)"),
        ({"vmax": 100}, r"vmax=.*classes.*breaks="),
        ({"norm": None}, r"norm=.*classes"),
        ({"categorical": True}, r"categorical=.*Leave it out"),
        ({"cax": None}, r"cax=.*legend_kwds"),
        ({"markersize": 3}, r"markersize=.*areas"),
        ({"color": "red"}, r"color=.*paint over the classes.*cmap="),
        ({"edgecolour": "red"}, r"no keyword 'edgecolour'.*Did you mean 'edgecolor'\?"),
        ({"legend_kwds": {"fmt": "{:.0f}"}}, r"legend_kwds has no keyword 'fmt'"),
        ({"missing_kwds": {"colr": "red"}}, r"missing_kwds has no keyword 'colr'"),
        ({"classification_kwds": {"binz": [1]}}, r"no 'binz'.*Did you mean 'bins'\?"),
    ],
)
def test_other_keywords_are_refused_with_what_to_do(
    areas: gpd.GeoDataFrame, options: dict[str, Any], message: str
) -> None:
    before = plt.get_fignums()
    with pytest.raises(TypeError, match=message):
        lh.plot_rate(areas, **options)
    assert plt.get_fignums() == before  # no empty figure is left behind


def test_user_defined_without_classes_and_classes_twice_are_refused(
    areas: gpd.GeoDataFrame,
) -> None:
    with pytest.raises(ValueError, match=r"needs the classes. Give breaks="):
        lh.plot_rate(areas, scheme="UserDefined")
    with pytest.raises(ValueError, match="say the same"):
        lh.plot_rate(areas, breaks=[50, 100], classification_kwds={"bins": [50, 100]})


def test_areas_without_a_value_are_called_and_painted_as_asked(areas: gpd.GeoDataFrame) -> None:
    areas.loc["E3", "rate"] = None
    look = {"color": "#123456", "label": "not collected", "hatch": None}
    ax = lh.plot_rate(areas, missing_kwds=look)
    assert legend(ax)[-1] == "not collected (1)"
    [missing] = [one for one in ax.collections if one.get_label() == "not collected"]
    assert to_hex(missing.get_facecolor()[0]) == "#123456"
    assert to_hex(ax.get_legend().get_patches()[-1].get_facecolor()) == "#123456"


def test_a_reference_map_may_be_of_any_colour(areas: gpd.GeoDataFrame) -> None:
    ax = lh.plot_areas(areas, label=None, facecolor="#123456")
    assert to_hex(ax.collections[0].get_facecolor()[0]) == "#123456"


@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (2, 2), (1, 3)])
def test_legends_of_plain_subplots_do_not_overlap(
    areas: gpd.GeoDataFrame, shape: tuple[int, int]
) -> None:
    figure, axes = plt.subplots(*shape, figsize=(4 * shape[1], 3 * shape[0]), squeeze=False)
    for ax in axes.flat:
        lh.plot_hotspots(areas, ax=ax)
    figure.canvas.draw()
    boxes = [ax.get_window_extent() for ax in axes.flat]
    keys = [ax.get_legend().get_window_extent() for ax in axes.flat]
    for first, second in combinations([*boxes, *keys], 2):
        assert not first.overlaps(second)
    for box, key in zip(boxes, keys, strict=True):
        assert box.width > 0.2 * 4 * figure.dpi
        assert key.x1 <= figure.bbox.x1 + 1
    for left, right in pairwise(axes[0]):
        key = left.get_legend().get_window_extent()
        assert key.x1 < right.get_window_extent().x0


def test_an_engine_that_arranges_the_figure_is_left_to_do_so(areas: gpd.GeoDataFrame) -> None:
    axes = plt.subplots(1, 2, layout="constrained")[1]
    before = [ax.get_position(original=True).bounds for ax in axes]
    for ax in axes:
        lh.plot_rate(areas, ax=ax)
    assert [ax.get_position(original=True).bounds for ax in axes] == before
