"""Small-area hotspot analysis for community safety.

>>> import lsoahot as lh
"""

from .boundaries import read_boundaries, select_areas
from .changes import change
from .furniture import add_labels, add_north_arrow, add_outline, add_scale_bar
from .hotspots import getis_ord, local_moran
from .maps import (
    class_breaks,
    plot_areas,
    plot_change,
    plot_clusters,
    plot_count,
    plot_hotspots,
    plot_rate,
)
from .neighbours import contiguity
from .pages import map_page, save_map
from .rates import rank, rate, top
from .seasons import seasonality
from .trends import trend

__version__ = "0.1.0"

__all__ = [
    "add_labels",
    "add_north_arrow",
    "add_outline",
    "add_scale_bar",
    "change",
    "class_breaks",
    "contiguity",
    "getis_ord",
    "local_moran",
    "map_page",
    "plot_areas",
    "plot_change",
    "plot_clusters",
    "plot_count",
    "plot_hotspots",
    "plot_rate",
    "rank",
    "rate",
    "read_boundaries",
    "save_map",
    "seasonality",
    "select_areas",
    "top",
    "trend",
]
