"""Maps beside geopandas': pytest tests/benchmarks/bench_maps.py -s.

Processor time of a national choropleth to a 200-dpi A4 picture, ours and GeoDataFrame.plot's, in the
same classes and colours, and how far the two pictures differ; and of the sample's atlas of twelve maps.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from PIL import Image

import lsoahot as lh
from lsoahot._plotting.colours import SEQUENCE

RUNS = 5


def processor_time(job: Callable[[], object]) -> float:
    """Return the median of some runs, in seconds."""
    spent = []
    for _ in range(RUNS):
        start = time.process_time()
        job()
        spent.append(time.process_time() - start)
    return statistics.median(spent)


def test_national_choropleth(shared: Path, tmp_path: Path) -> None:
    """Print both times, their ratio, and the mean absolute difference of the pictures."""
    areas = gpd.read_parquet(shared / "data/national/lsoa21_ew_bgc.parquet").to_crs(27700)
    areas = areas.set_index("LSOA21CD").rename_axis("area_code")
    areas["rate"] = np.random.default_rng(1).gamma(2, 20, len(areas))
    breaks = lh.class_breaks([areas])

    def picture(name: str, draw: Callable[[Figure], object]) -> None:
        figure = Figure(figsize=(8.27, 11.69))
        draw(figure)
        figure.savefig(tmp_path / name, dpi=200)

    def ours(figure: Figure) -> None:
        lh.plot_rate(areas, ax=figure.add_subplot(), k=5, legend=False, linewidth=0)

    def theirs(figure: Figure) -> None:
        ax = figure.add_subplot()
        areas.plot(
            "rate", ax=ax, scheme="UserDefined", classification_kwds={"bins": breaks},
            cmap=ListedColormap(SEQUENCE), linewidth=0,
        )  # fmt: skip
        ax.set_axis_off()

    picture("warm.png", ours)
    fast = processor_time(lambda: picture("ours.png", ours))
    slow = processor_time(lambda: picture("theirs.png", theirs))
    one, other = (
        np.asarray(Image.open(tmp_path / name).convert("RGB"), dtype=float)
        for name in ("ours.png", "theirs.png")
    )
    print(
        f"\n{len(areas):,} areas: ours {fast:.2f} s, GeoDataFrame.plot {slow:.2f} s, "
        f"ratio {slow / fast:.1f}; mean absolute difference {np.abs(one - other).mean():.2f} of 255"
    )


def test_atlas_of_the_sample(tmp_path: Path) -> None:
    """Print the time of the sample's twelve maps, from the tables to the finished PDF."""
    toml = Path(lh.__file__).parent / "sample" / "assessment.toml"
    found = lh.assess(toml)
    tables = list(found.tables.values())
    maps = [("Areas", tables[0], {"plot": lh.plot_areas})]
    maps += [(measure.title, found.tables[measure.name]) for measure in found.config.measures]
    spent = processor_time(lambda: lh.atlas(maps, tmp_path / "atlas.pdf"))
    print(f"\natlas of {len(maps)} maps: {spent:.1f} s")
