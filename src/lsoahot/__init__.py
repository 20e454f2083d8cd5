"""Small-area hotspot analysis for community safety.

>>> import lsoahot as lh
"""

from .boundaries import read_boundaries, select_areas
from .changes import change
from .hotspots import getis_ord, local_moran
from .neighbours import contiguity
from .rates import rank, rate, top

__version__ = "0.1.0"

__all__ = [
    "change",
    "contiguity",
    "getis_ord",
    "local_moran",
    "rank",
    "rate",
    "read_boundaries",
    "select_areas",
    "top",
]
