"""What `import lsoahot` adds to importing geopandas: pytest tests/benchmarks/bench_import.py -s."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

CODE = """
import time
import geopandas
wall, busy = time.perf_counter(), time.process_time()
import lsoahot
print(time.perf_counter() - wall, time.process_time() - busy)
"""


def test_import(tmp_path: Path) -> None:
    """Print the medians of ten fresh interpreters, bytecode compiled as pip leaves it."""
    environment = {
        **os.environ,
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(tmp_path),
    }
    command = [sys.executable, "-c", CODE]
    runs = [
        subprocess.run(command, env=environment, capture_output=True, check=True).stdout.split()
        for _ in range(11)
    ]
    wall, busy = (statistics.median(float(run[i]) * 1000 for run in runs[1:]) for i in (0, 1))
    print(
        f"\nimport lsoahot adds {wall:.0f} ms ({busy:.0f} ms of processor time) to importing geopandas"
    )
