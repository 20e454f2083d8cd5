"""What `import lsoahot` adds to importing geopandas: pytest tests/benchmarks/bench_import.py -s."""

from __future__ import annotations

import statistics
import subprocess
import sys

CODE = """
import time
import geopandas
start = time.perf_counter()
import lsoahot
print(time.perf_counter() - start)
"""


def test_import() -> None:
    """Print the median of eleven fresh interpreters, bytecode compiled."""
    runs = [
        float(subprocess.run([sys.executable, "-c", CODE], capture_output=True, check=True).stdout)
        for _ in range(12)
    ]
    print(f"\nimport lsoahot adds {statistics.median(runs[1:]) * 1000:.0f} ms to geopandas")
