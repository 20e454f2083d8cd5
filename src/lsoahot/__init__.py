"""Small-area hotspot analysis for community safety.

>>> import lsoahot as lh
"""

from .boundaries import read_boundaries, select_areas
from .rates import rank, rate, top

__version__ = "0.1.0"

__all__ = [
    "rank",
    "rate",
    "read_boundaries",
    "select_areas",
    "top",
]
