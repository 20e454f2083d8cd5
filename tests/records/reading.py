"""What the tests of the reader share: a way to read with the warnings as one text, and small tables."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import pandas as pd

import lsoahot as lh

CODES = [f"E0101{number}" for number in range(3787, 3813)]


STREET = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
    "Last outcome category,Context\n"
)


VALUES = [4, 5, 9, 7, 1, 0, 8, 2, 2, 6]


class Told(NamedTuple):
    """Records, how many events they stand for, and what the reader said."""

    records: pd.DataFrame
    events: int
    said: str
    read: dict[str, Any]


def read(source: Any, dataset: str = "crime", **options: Any) -> Told:
    """Read, with the reader's warnings as one text."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        records = lh.read_dataset(dataset, source, progress=False, **options)
    events = len(records) if "count" not in records else int(records["count"].fillna(0).sum())
    said = "\n".join(str(one.message) for one in caught)
    return Told(records, events, said, records.attrs["read"])


def rows(header: str, *lines: str) -> str:
    return "\n".join([header, *lines]) + "\n"


def counts(header: str, values: list[Any]) -> str:
    lines = [
        f'{code},2021-10,Burglary,"{value}"' for code, value in zip(CODES, values, strict=False)
    ]
    return rows(f'LSOA code,Month,Crime type,"{header}"', *lines)


def workbook(path: Path, **sheets: pd.DataFrame) -> Path:
    with pd.ExcelWriter(path) as book:
        for name, table in sheets.items():
            table.to_excel(book, sheet_name=name.replace("_", "-"), index=False)
    return path


def sheet(counted: list[int], **columns: Any) -> pd.DataFrame:
    table = pd.DataFrame({"LSOA code": CODES[: len(counted)], **columns})
    return table.assign(Count=counted)


def written(path: Path, rows: pd.DataFrame) -> Path:
    rows.to_csv(path, index=False)
    return path


def messages(caught: list[warnings.WarningMessage]) -> str:
    return "\n".join(str(one.message) for one in caught)


def counted(areas: gpd.GeoDataFrame, source: object, dataset: str = "crime") -> tuple[int, str]:
    """Return how many events were counted, and all that was said."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = lh.count(areas, lh.read_dataset(dataset, source))  # type: ignore[arg-type]
    return int(result["count"].sum()), messages(caught)


CRIME: dict[str, object] = {"Month": "2021-10", "Crime type": "Burglary"}


def geojson(shapes: gpd.GeoSeries, crs: int | None, **properties: object) -> dict[str, Any]:
    found = json.loads(gpd.GeoDataFrame(properties, geometry=shapes, index=shapes.index).to_json())
    found.pop("crs", None)
    if crs is not None:
        name = f"urn:ogc:def:crs:EPSG::{crs}"
        found["crs"] = {"type": "name", "properties": {"name": name}}
    return dict(found)
