"""Maps look as they did: each kind against a stored picture.

The pictures hold no text and no legend: the shapes and sizes of letters differ between versions of
matplotlib, and what is written, and in which colour, is tested elsewhere. After a change that is
meant, draw them anew and look at them:
``LSOAHOT_DRAW_PICTURES=1 pytest tests/plotting/test_map_pictures.py``.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.patches import PathPatch
from matplotlib.testing.compare import compare_images
from matplotlib.text import Text

import lsoahot as lh
from lsoahot.common.class_labels import (
    CHANGE_CLASSES,
    CLUSTER_CLASSES,
    EMERGING_CLASSES,
    HOTSPOT_CLASSES,
)

PICTURES = Path(__file__).parent / "pictures"
# The root mean square difference of 255 levels; antialiasing differs by less between versions of
# matplotlib, a class in another colour by more.
TOLERANCE = 4.0


@cache
def table() -> gpd.GeoDataFrame:
    """Return the sample with every class on it, whatever the statistics say of it."""
    areas = lh.read_boundaries("sample").sort_index()
    n = len(areas)
    turn = np.arange(n)
    rate = 5.5 + 3.0 * turn
    rate[3] = np.nan
    return areas.assign(
        rate=rate,
        count=turn,
        rate_lower=rate * (1 - 0.1 * (turn % 9)),
        rate_upper=rate * (1 + 0.1 * (turn % 9)),
        suppressed=turn == 7,
        hotspot=pd.Categorical(np.array(HOTSPOT_CLASSES)[turn % 8], HOTSPOT_CLASSES, ordered=True),
        cluster=pd.Categorical(np.array(CLUSTER_CLASSES)[turn % 6], CLUSTER_CLASSES, ordered=True),
        emerging=np.array(EMERGING_CLASSES)[turn % 18],
        change_class=pd.Categorical(
            np.array(CHANGE_CLASSES)[turn % 8], CHANGE_CLASSES, ordered=True
        ),
    )


def on_axes(draw: Callable[[Axes], object]) -> Figure:
    figure = Figure(figsize=(5, 3.4))
    draw(figure.add_axes((0.02, 0.02, 0.62, 0.96)))
    return figure


def surface() -> pd.DataFrame:
    centres = shapely.centroid(table().geometry.to_numpy())
    records = gpd.GeoDataFrame(geometry=centres, crs=27700)
    return lh.kernel_density(records, table(), bandwidth=4000, cell=500)


KINDS: dict[str, Callable[[], Figure]] = {
    "areas": lambda: on_axes(lambda ax: lh.plot_areas(table(), ax=ax, label=None)),
    "count": lambda: on_axes(lambda ax: lh.plot_count(table(), ax=ax)),
    "rate": lambda: on_axes(lambda ax: lh.plot_rate(table(), ax=ax)),
    "hotspots": lambda: on_axes(lambda ax: lh.plot_hotspots(table(), ax=ax)),
    "clusters": lambda: on_axes(lambda ax: lh.plot_clusters(table(), ax=ax)),
    "emerging": lambda: on_axes(lambda ax: lh.plot_emerging(table(), ax=ax)),
    "change": lambda: on_axes(lambda ax: lh.plot_change(table(), ax=ax)),
    "certainty": lambda: on_axes(lambda ax: lh.plot_certainty(table(), ax=ax)),
    "density": lambda: on_axes(lambda ax: lh.plot_density(surface(), ax=ax)),
    "locator": lambda: on_axes(lambda ax: lh.plot_locator(table().head(4), table(), ax=ax)),
    "page": lambda: lh.map_page(table(), plot=lh.plot_rate, labels=0, zoom=True),
    "series": lambda: lh.small_multiples({"one": table(), "two": table().assign(rate=30.5)}),
}


def wordless(figure: Figure) -> Figure:
    words = Text | Legend | PathPatch  # the last are halos
    for artist in figure.findobj(lambda artist: isinstance(artist, words)):
        artist.set_visible(False)
    return figure


def drawn(kind: str, path: Path) -> None:
    figure = KINDS[kind]()
    wordless(figure).savefig(path, dpi=60)


@pytest.mark.parametrize("kind", KINDS)
def test_a_map_looks_as_it_did(kind: str, tmp_path: Path) -> None:
    stored = PICTURES / f"{kind}.png"
    if os.environ.get("LSOAHOT_DRAW_PICTURES"):
        drawn(kind, stored)
        pytest.skip(f"{stored.name} was drawn anew")
    now = tmp_path / stored.name
    drawn(kind, now)
    expected = tmp_path / f"{kind}-expected.png"
    expected.write_bytes(stored.read_bytes())
    assert compare_images(str(expected), str(now), TOLERANCE) is None


def test_a_class_in_another_colour_is_noticed(tmp_path: Path) -> None:
    figure = KINDS["rate"]()
    largest = max(figure.axes[0].collections, key=lambda c: len(c.get_paths()))
    largest.set_facecolor("#3f83bd")
    wordless(figure).savefig(tmp_path / "rate.png", dpi=60)
    (tmp_path / "expected.png").write_bytes((PICTURES / "rate.png").read_bytes())
    assert compare_images(str(tmp_path / "expected.png"), str(tmp_path / "rate.png"), TOLERANCE)
