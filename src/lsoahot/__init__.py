"""Small-area hotspot analysis for community safety.

>>> import lsoahot as lh
"""

__version__ = "0.1.0"

__all__ = ["__version__"]
