"""How many threads work side by side."""

from __future__ import annotations

import os
from typing import Final

THREADS: Final = min(os.cpu_count() or 1, 8)  # more wait for memory, and hold more of it
