"""Files to records: `read_dataset` takes an adapter and a source, and accounts for every row."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lsoahot import _archives, _convert, _headers, _readers
from lsoahot._checks import nearest, shown
from lsoahot.datasets import DATASETS, Dataset

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SAMPLE_NOTICE = "schematic boundaries, reconstructed records: not for operational use"


def read_dataset(
    dataset: str | Dataset,
    source: str | Path | Iterable[str | Path] | pd.DataFrame,
    *,
    all_rows: bool = False,
    points: bool = True,
) -> pd.DataFrame:
    """Read a partner's file, or a folder of them, into records: one row an event, or a counted row.

    Parameters
    ----------
    dataset
        The name of an adapter (``"crime"``, ``"asb"``, ``"fires"``, ``"domestic"``, ``"hate"``, ``"alcohol"``,
        ``"drugs"``), or your own `Dataset`.
    source
        A file (CSV, Excel, ODS, Parquet, the police API's JSON, GeoPackage or GeoJSON points), a zip as
        downloaded, a folder, a pattern (``"2025-*/*-street.csv"``), a list of these, ``"sample"``, or a table
        that you read yourself. Of an archive of data.police.uk only the street files are taken.
        Its shape may be a row an event, with a point or an area code; or counts an area, one row an area,
        month and category, or one column a month or a category.
    all_rows
        Take every row as belonging to the dataset: for an extract of nothing but domestic records, which
        needs no flag to say so.
    points
        Make points of the coordinates. False saves memory and time where the codes are enough.

    Returns
    -------
    geopandas.GeoDataFrame or pandas.DataFrame
        A GeoDataFrame in EPSG:27700 where the source has points (missing where a row has none), else a
        DataFrame; the index is 0 to n-1. Columns where the source has them: `area_code`, `period` (month),
        `category`, `group` (the adapter's group of the category), `date` (exact dates only),
        `financial_year` (where that is all the source knows; `period` is missing then), `count` (events
        that a counted row stands for), `weight`, the flags `alcohol`, `drugs`, `domestic`, `hate`, `force`,
        `district`. ``attrs["read"]`` says what became of every row, ``attrs["coverage"]`` which months each force
        reported.

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    ValueError
        Where a file isn't what the adapter needs (the message names what is lacking, what is there, and
        which adapter it looks like), is broken, has American dates, or holds negative counts.

    Examples
    --------
    >>> import pandas as pd
    >>> import lsoahot as lh
    >>> rows = pd.DataFrame({"LSOA code": ["E01013788", "E01013788", None],
    ...                      "Month": ["2021-10", "2021-11", "2021-11"],
    ...                      "Crime type": ["Burglary", "Shoplifting", "Drugs"]})
    >>> crimes = lh.read_dataset("crime", rows)
    >>> crimes[["area_code", "period", "group"]].values.tolist()[0]
    ['E01013788', Period('2021-10', 'M'), 'Serious acquisitive']
    """
    spec = _spec(dataset)
    if isinstance(source, str) and source == "sample":
        return _sample(spec, all_rows=all_rows, points=points)
    tally = _convert.Tally()
    frames: list[pd.DataFrame] = []
    unfit: list[tuple[str, pd.DataFrame, list[str]]] = []
    for raw in _raws(spec, source, tally):
        lacking = _convert.lacking(raw.table.columns, spec, all_rows=all_rows)
        if lacking:
            unfit.append((raw.name, raw.table, lacking))
            continue
        frames.append(_convert.to_records(raw.table, spec, raw.name, tally, all_rows=all_rows))
        tally.source.append(raw.name)
    # The cover sheet of a workbook may be passed over; a whole file that doesn't fit may not.
    fitting = {name.split(" [", 1)[0] for name in tally.source}
    for name, table, lacking in unfit:
        if name.split(" [", 1)[0] not in fitting:
            raise ValueError(_convert.unfit_message(name, table, spec, lacking, DATASETS.values()))
        tally.passed_over.append(name)
    return _finish(frames, spec, tally, points=points)


def _spec(dataset: str | Dataset) -> Dataset:
    if isinstance(dataset, Dataset):
        return dataset
    if not isinstance(dataset, str):
        raise TypeError(
            f"dataset is a {type(dataset).__name__}. Give the name of an adapter ({shown(DATASETS, 10)}) or a Dataset."
        )
    if dataset not in DATASETS:
        raise ValueError(
            f"there is no adapter {dataset!r}; there are {shown(DATASETS, 10)}.{nearest(dataset, DATASETS)} "
            "For a source of your own give a Dataset (see docs/data)."
        )
    return DATASETS[dataset]


def _raws(spec: Dataset, source: Any, tally: _convert.Tally) -> Iterator[_readers.Raw]:
    if isinstance(source, pd.DataFrame):
        yield _readers.Raw("the table", source)
        return

    def choose(headers: list[str]) -> list[str] | None:
        return None if spec.prepare else _convert.needed(headers, spec)

    found = _archives.find(source)
    tally.passed_over.extend(found.passed_over)
    for file in found.files:
        yield from _readers.read(file, choose)


def _finish(
    frames: list[pd.DataFrame], spec: Dataset, tally: _convert.Tally, *, points: bool
) -> pd.DataFrame:
    kept = [frame for frame in frames if len(frame)] or frames[:1]
    records = pd.concat(kept, ignore_index=True) if len(kept) > 1 else kept[0].reset_index(drop=True)
    tally.check(records, spec)
    for flag in _headers.FLAGS:
        if flag in records and records[flag].dtype != bool:
            records[flag] = records[flag].fillna(False).astype(bool)  # noqa: FBT003
    crs = [column for column in records.columns if column.startswith("x ")]
    table: pd.DataFrame = records.drop(columns=[c for c in records.columns if c[:2] in ("x ", "y ")])
    if points and crs:
        table = gpd.GeoDataFrame(table, geometry=_geometry(records, crs), crs="EPSG:27700")
    elif points and "geometry" in table:
        table = gpd.GeoDataFrame(table, geometry="geometry", crs="EPSG:27700")
    elif "geometry" in table:
        table = pd.DataFrame(table.drop(columns="geometry"))
    table.attrs = {
        "dataset": spec.name,
        "title": spec.title,
        "unit": spec.unit,
        "sensitive": spec.sensitive,
        "source": list(dict.fromkeys(name.split(".zip/")[0] + ".zip" if ".zip/" in name else name for name in tally.source)),
        "read": tally.summary(len(table)),
        **({"coverage": coverage} if (coverage := tally.coverage()) else {}),
    }
    return table


def _geometry(records: pd.DataFrame, pairs: list[str]) -> Any:
    """Make points in EPSG:27700 of coordinates that may come in several systems."""
    import pyproj

    made = np.full(len(records), None, dtype=object)
    for pair in pairs:
        crs = pair[2:]
        x = records[f"x {crs}"].to_numpy(dtype="float64")
        y = records[f"y {crs}"].to_numpy(dtype="float64")
        there = ~(np.isnan(x) | np.isnan(y))
        if crs != "EPSG:27700":
            # Places repeat: each is transformed once.
            unique, back = np.unique(x[there] + 1j * y[there], return_inverse=True)
            transformer = pyproj.Transformer.from_crs(crs, "EPSG:27700", always_xy=True)
            east, north = transformer.transform(unique.real, unique.imag)
            made[there] = shapely.points(east, north)[back]
        else:
            made[there] = shapely.points(x[there], y[there])
    return made


def _sample(spec: Dataset, *, all_rows: bool, points: bool) -> pd.DataFrame:
    file = resources.files("lsoahot") / "sample" / f"{spec.name}.parquet"
    if not file.is_file():
        raise ValueError(f"the sample holds no {spec.name!r} records. Name a file instead of 'sample'.")
    with resources.as_file(file) as path:
        records = read_dataset(spec, path, all_rows=all_rows, points=points)
    records.attrs["notice"] = SAMPLE_NOTICE
    return records


