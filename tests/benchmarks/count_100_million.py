"""Count 100 million records in batches, and watch the memory.

    python tests/benchmarks/count_100_million.py /path/to/national [million]

The folder holds `lsoa21_ew_bgc.parquet` and `police_2025_slim.parquet`. The national year is read
over and over in batches, each time with its months moved on by a year, so that nothing repeats but
the places. Prints the time and the peak of resident memory by code and by point; each runs in a
process of its own.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import lsoahot as lh

if TYPE_CHECKING:
    from collections.abc import Iterator

POLICE = {"LSOA code": "area_code", "Month": "period", "Falls within": "force"}


def batches(path: Path, records: int) -> Iterator[pa.RecordBatch]:
    """Yield so many records in batches, a year later each time round."""
    file = pq.ParquetFile(path)
    left, year = records, 0
    while left:
        for batch in file.iter_batches(1 << 19):
            part = pa.Table.from_batches([batch[: min(left, len(batch))]])
            part = part.rename_columns([POLICE.get(name, name) for name in part.column_names])
            month = pc.utf8_slice_codeunits(part["period"], 4)
            moved = pc.binary_join_element_wise(str(2001 + year), month, "")
            yield part.set_column(part.column_names.index("period"), "period", moved)
            left -= part.num_rows
            if not left:
                return
        year += 1


def main(folder: Path, million: float, by: str) -> None:
    """Count in one process, and print what it took."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # eight polygons are mended
        areas = lh.read_boundaries(folder / "lsoa21_ew_bgc.parquet")
    records = int(million * 1_000_000)
    begun = time.perf_counter()
    counted = lh.count(areas, batches(folder / "police_2025_slim.parquet", records), locate_by=by)
    took = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    audit = counted.attrs["audit"]
    if audit["records"] != records:
        raise AssertionError(audit)
    print(f"by {by}: {records:,} records in {took:.0f} s ({records / took / 1e6:.2f} million a "
          f"second), peak {peak:.2f} GB. {audit}")  # fmt: skip


if __name__ == "__main__":
    place, million = Path(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 100
    if len(sys.argv) > 3:
        main(place, million, sys.argv[3])
    else:
        for by in ("code", "point"):
            subprocess.run([sys.executable, __file__, str(place), str(million), by], check=True)
