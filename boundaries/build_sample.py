"""Build the packaged sample: schematic boundaries, reconstructed records.

    python boundaries/build_sample.py            write src/lsoahot/sample/
    python boundaries/build_sample.py --check    build again and compare with what is there

Two runs write the same bytes (with the same pyarrow); ``--check`` compares contents and so holds
with any. Needs nothing but this folder and lsoahot's own dependencies.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from partition import partition
from reconstruction import Reconstruction, Sources
from rows import records

HERE = Path(__file__).parent
SAMPLE = HERE.parent / "src" / "lsoahot" / "sample"
NOTICE = "schematic boundaries, reconstructed records: not for operational use"
ATTRIBUTION = (
    "Area codes and mid-2011 population estimates: Office for National Statistics, licensed under "
    "the Open Government Licence v3.0. Published totals: Rutland Community Safety Partnership "
    "Strategic Assessment, 2012."
)


def sources() -> Sources:
    """Read the tables of sources/ and published/."""

    def read(name: str, index: str | None = None) -> pd.DataFrame:
        return pd.read_csv(HERE / f"{name}.csv", index_col=index)

    return Sources(
        areas=read("sources/areas", "area_code").sort_index(),
        offences=read("sources/offences"),
        incidents=read("sources/incidents", "table"),
        flags=read("sources/flags"),
        settings=read("sources/settings", "setting"),
        seasons=read("sources/seasons", "season"),
        ranked=read("published/ranked"),
    )


def areas_of(build: Reconstruction) -> gpd.GeoDataFrame:
    """Return the areas with their schematic polygons."""
    drawn = partition(
        pd.read_csv(HERE / "sources/villages.csv"), pd.read_csv(HERE / "sources/outline.csv")
    )
    table = build.areas.assign(district="Rutland")
    table = table[["area_name", "district", "ward", "population"]]
    return gpd.GeoDataFrame(table, geometry=drawn, crs=drawn.crs).reset_index()


def write(areas: gpd.GeoDataFrame, tables: dict[str, pd.DataFrame], folder: Path) -> None:
    """Write every file, with the notice in its metadata."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "areas.parquet"
    areas.to_parquet(path, index=False)
    table = pq.read_table(path)
    geo = json.loads(table.schema.metadata[b"geo"])
    geo.pop("creator", None)  # would change with geopandas' version
    _write(table, path, "areas", geo=json.dumps(geo))
    for name, rows in tables.items():
        _write(_arrow(rows), folder / f"{name}.parquet", name)


def _arrow(rows: pd.DataFrame) -> pa.Table:
    """Return records as plain text and true-or-false columns, whatever pandas' version."""
    kinds = [
        pa.bool_() if pd.api.types.is_bool_dtype(kind) else pa.string() for kind in rows.dtypes
    ]
    schema = pa.schema(list(zip(rows.columns, kinds, strict=True)))
    return pa.Table.from_pandas(rows, schema, preserve_index=False)


def _write(table: pa.Table, path: Path, name: str, **more: str) -> None:
    metadata = {"dataset": name, "notice": NOTICE, "attribution": ATTRIBUTION, **more}
    pq.write_table(table.replace_schema_metadata(metadata), path, compression="zstd")


def differences(areas: gpd.GeoDataFrame, tables: dict[str, pd.DataFrame]) -> list[str]:
    """Return the names of the packaged files that are not what was just built."""
    wrong = []
    there = gpd.read_parquet(SAMPLE / "areas.parquet")
    if not areas.equals(there) or areas.crs != there.crs:
        wrong.append("areas")
    for name, rows in tables.items():
        if not _arrow(rows).equals(pq.read_table(SAMPLE / f"{name}.parquet")):
            wrong.append(name)
    return wrong


def main() -> int:
    """Build, then write or compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with the packaged files")
    parser.add_argument("--out", type=Path, default=SAMPLE, help="the folder to write to")
    options = parser.parse_args()
    build = Reconstruction(sources())
    areas, tables = areas_of(build), records(build)
    if not options.check:
        write(areas, tables, options.out)
        print(f"wrote {len(areas)} areas and {sum(map(len, tables.values())):,} records")
        return 0
    wrong = differences(areas, tables)
    print(f"differs: {', '.join(wrong)}" if wrong else "the packaged sample is what is built")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
