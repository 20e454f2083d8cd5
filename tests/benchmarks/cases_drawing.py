"""Maps beside GeoDataFrame.plot, and what an import costs."""

from __future__ import annotations

import io
import subprocess
import sys
from typing import Any

import material
from protocol import Case

import lsoahot as lh


def page() -> Any:
    from matplotlib.figure import Figure

    return Figure(figsize=(8.27, 11.69))


def saved(figure: Any) -> str:
    """Draw into a 200-dpi A4 picture."""
    picture = io.BytesIO()
    figure.savefig(picture, dpi=200)
    return f"{picture.tell() / 1e6:.1f} MB"


def ours(data: Any) -> str:
    figure = page()
    lh.plot_rate(data[0], ax=figure.add_subplot(), k=5, legend=False, linewidth=0)
    return saved(figure)


def theirs(data: Any) -> str:
    from matplotlib.colors import ListedColormap

    from lsoahot.plotting.colours import SEQUENCE

    figure = page()
    areas, breaks = data
    areas.plot(
        "rate", ax=figure.add_subplot(), scheme="UserDefined", classification_kwds={"bins": breaks},
        cmap=ListedColormap(SEQUENCE), linewidth=0,
    ).set_axis_off()  # fmt: skip
    return saved(figure)


def setup() -> Any:
    areas = material.england_and_wales()
    return areas, lh.class_breaks([areas])


def fresh(code: str) -> Any:
    return lambda _: subprocess.run([sys.executable, "-c", code], check=True)


CASES = [
    Case(
        name="map",
        title="A4 map of 35,672 areas, 200 dpi",
        setup=setup,
        sides={"lsoahot": ours, "geopandas": theirs},
        answer=lambda size: f"a picture of {size}",
        runs=3,
        quick=True,
    ),
    Case(
        name="import",
        title="A fresh interpreter that imports",
        setup=lambda: None,
        sides={
            "lsoahot": fresh("import lsoahot"),
            "geopandas": fresh("import geopandas"),
            "geopandas, libpysal, esda": fresh("import geopandas, libpysal, esda"),
        },
        needs={"geopandas, libpysal, esda": ("libpysal", "esda")},
        runs=5,
        quick=True,
    ),
]
