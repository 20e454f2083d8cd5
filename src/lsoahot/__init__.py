"""Small-area hotspot analysis for community safety.

The public names stand in ``__init__.pyi`` beside this file, each once, with its module; a module is
loaded when one of its names is first used.

>>> import lsoahot as lh
"""

import lazy_loader

from ._version import __version__ as __version__

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
