"""A national year of data.police.uk as it is downloaded, made of the slim table of the same year.

The slim table has six of the twelve columns. The others are written in the lengths they have there:
an identifier of 64 hexadecimal digits (none for anti-social behaviour), "On or near" a street, the
LSOA's name, and an outcome.
"""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

if TYPE_CHECKING:
    from pathlib import Path

HEADERS = [
    "Crime ID", "Month", "Reported by", "Falls within", "Longitude", "Latitude", "Location",
    "LSOA code", "LSOA name", "Crime type", "Last outcome category", "Context",
]  # fmt: skip
OUTCOMES = [
    "Under investigation",
    "Investigation complete; no suspect identified",
    "Unable to prosecute suspect",
    "Awaiting court outcome",
    "Local resolution",
    "Formal action is not in the public interest",
]
STREETS = ["High Street, Oakham", "High Street", "Supermarket", "Parking Area", "Church Lane",
           "Petrol Station", "The Crescent", "Sports/Recreation Area", "Station Road"]  # fmt: skip


def archive(slim: Path, boundaries: Path, folder: Path) -> Path:
    """Write the year into a folder: YYYY-MM/YYYY-MM-force-street.csv, over 400 files."""
    folder.mkdir(parents=True, exist_ok=True)
    table = parquet.read_table(slim)
    names = parquet.read_table(boundaries, columns=["LSOA21CD", "LSOA21NM"])
    rng = np.random.default_rng(0)
    for month in pc.unique(table["Month"]).to_pylist():
        (folder / month).mkdir(exist_ok=True)
        within = table.filter(pc.equal(table["Month"], month))
        for force in pc.unique(within["Falls within"]).to_pylist():
            rows = within.filter(pc.equal(within["Falls within"], force))
            slug = force.lower().replace(" police", "").replace(" & ", "-").replace(" ", "-")
            path = folder / month / f"{month}-{slug}-street.csv"
            path.write_text(_text(_whole(rows, names, rng)), encoding="utf-8")
    return folder


def zipped(folder: Path, path: Path) -> Path:
    """Put the folder into one zip."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for file in sorted(folder.rglob("*.csv")):
            archive.write(file, file.relative_to(folder).as_posix())
    return path


def _whole(rows: pa.Table, names: pa.Table, rng: np.random.Generator) -> pa.Table:
    """Add the columns that the slim table lacks."""
    n = len(rows)
    calls = pc.equal(rows["Crime type"], "Anti-social behaviour").to_numpy(zero_copy_only=False)
    lost = pc.is_null(rows["Longitude"]).to_numpy(zero_copy_only=False)
    digits = np.frombuffer(b"0123456789abcdef", dtype="S1")[rng.integers(0, 16, (n, 64))]
    keys = np.ascontiguousarray(digits).view("S64").ravel().astype(str)
    written = [f"On or near {street}" for street in STREETS]
    streets = np.array(written)[rng.integers(0, len(written), n)]
    outcomes = np.array(OUTCOMES)[rng.integers(0, len(OUTCOMES), n)]
    at = pc.index_in(rows["LSOA code"], names["LSOA21CD"])
    made = {
        "Crime ID": pa.array(keys, mask=calls),
        "Reported by": rows["Falls within"],
        "Location": pa.array(np.where(lost, "No Location", streets)),
        "LSOA name": names["LSOA21NM"].take(at),
        "Last outcome category": pa.array(outcomes, mask=calls),
        "Context": pa.nulls(n, pa.string()),
    }
    return pa.table({name: made.get(name) if name in made else rows[name] for name in HEADERS})


def _text(table: pa.Table) -> str:
    """Write a table as data.police.uk does: quotes only round a cell that holds a comma."""
    cells = []
    for column in table.columns:
        text = column.cast(pa.string())
        quoted = pc.binary_join_element_wise('"', text, '"', "")
        cells.append(pc.if_else(pc.match_substring(text, ","), quoted, text))
    lines = pc.binary_join_element_wise(*cells, ",", null_handling="replace", null_replacement="")
    return "\n".join([",".join(HEADERS), *lines.to_pylist(), ""])
