"""Small-area hotspot analysis for community safety.

>>> import lsoahot as lh
"""

from .boundaries import read_boundaries, select_areas
<<<<<<< HEAD
from .hotspots import getis_ord, local_moran
from .neighbours import contiguity
=======
from .changes import change
>>>>>>> a0f7204 (Compare counts exactly: rate ratios, funnels, weighted sums; which areas changed)
from .rates import rank, rate, top

__version__ = "0.1.0"

__all__ = [
<<<<<<< HEAD
    "contiguity",
    "getis_ord",
    "local_moran",
=======
    "change",
>>>>>>> a0f7204 (Compare counts exactly: rate ratios, funnels, weighted sums; which areas changed)
    "rank",
    "rate",
    "read_boundaries",
    "select_areas",
    "top",
]
