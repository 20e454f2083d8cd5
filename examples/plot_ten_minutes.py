"""
Ten minutes with lsoahot
========================

Placeholder.
"""

import lsoahot as lh

lh.__version__
