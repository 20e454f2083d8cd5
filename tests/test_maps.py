"""Maps: what is drawn, in which colour, under which label."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

import lsoahot as lh


@pytest.fixture
def squares() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "area_name": list("ABCDEF"),
            "rate": [1.5, 2.0, 10.0, 11.0, 50.0, None],
        },
        index=[f"E0{n}" for n in range(6)],
        geometry=[shapely.box(1000 * n, 0, 1000 * n + 1000, 1000) for n in range(6)],
        crs=27700,
    )


def test_each_class_is_drawn_in_its_colour_and_counted_in_the_legend(
    squares: gpd.GeoDataFrame,
) -> None:
    ax = lh.plot_rate(squares, ax=Figure().add_subplot(), k=3)
    drawn = {c.get_label(): len(c.get_paths()) for c in ax.collections}
    assert drawn == {"1 to 5": 2, "5 to 30": 2, "30 to 50": 1, "No data": 1}
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts == ["1 to 5 (2)", "5 to 30 (2)", "30 to 50 (1)", "No data (1)"]
    for collection, handle in zip(ax.collections, ax.get_legend().legend_handles, strict=True):
        assert to_hex(collection.get_facecolor()[0]) == to_hex(handle.get_facecolor())
