"""
Ten minutes with lsoahot
========================

From records and boundaries to a tested map of hotspots.
"""

import lsoahot as lh

lh.__version__
