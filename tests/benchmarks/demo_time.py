"""How long does the demo take? python tests/benchmarks/demo_time.py [RUNS].

Processor time of ``lsoahot demo`` as a multiple of importing the libraries that it can't do without,
each in a process of its own, in turn, so that a busy machine slows both alike; compiled before, as an
installed package is.
"""

from __future__ import annotations

import compileall
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import lsoahot

LIBRARIES = "import geopandas, matplotlib.pyplot, scipy.stats, docx, libpysal.graph, xlsxwriter"


def seconds(arguments: list[str]) -> float:
    """Run Python and return its processor time, user and system."""
    process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{arguments} failed: {status}")
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Print each run and the medians."""
    compileall.compile_dir(lsoahot.__path__[0], quiet=1)
    pairs = []
    for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 3):
        with tempfile.TemporaryDirectory() as folder:
            demo = seconds(["-m", "lsoahot", "demo", "--out", str(Path(folder, "demo"))])
        pairs.append((demo, seconds(["-c", LIBRARIES])))
        print(f"demo {pairs[-1][0]:.1f} s, libraries {pairs[-1][1]:.1f} s")
    print(f"median of the ratios: {median(demo / own for demo, own in pairs):.1f}")


if __name__ == "__main__":
    main()
