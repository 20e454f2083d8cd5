"""Files to records: `read_dataset` takes an adapter and a source, and accounts for every row."""

from __future__ import annotations

import warnings
from collections import Counter
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias, cast

import pandas as pd

from lsoahot.common.arrow_stream import as_pandas
from lsoahot.common.checks import nearest, shown

from . import convert, layouts, readers, repeated_tables, sources
from .assemble import file_of, whole
from .cut_downloads import most_rows
from .datasets import DATASETS, Dataset
from .raw import Raw, joined
from .tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from concurrent.futures import Executor


Source: TypeAlias = "str | Path | Iterable[str | Path] | pd.DataFrame"

_SMALL: Final = 100_000  # rows of a table of counts that may be the total of others
_HELD: Final = 500_000  # rows that are held back to see
_SAMPLE_NOTICE: Final = "schematic boundaries, reconstructed records: not for operational use"


def read_dataset(
    dataset: str | Dataset,
    source: Source,
    *,
    all_rows: bool = False,
    points: bool = True,
    progress: bool = True,
) -> pd.DataFrame:
    """Read a partner's file, or a folder of them, into records: one row an event, or a counted row.

    Parameters
    ----------
    dataset
        The name of an adapter (``"crime"``, ``"asb"``, ``"fires"``, ``"domestic"``, ``"hate"``,
        ``"alcohol"``, ``"drugs"``), or your own `Dataset`.
    source
        A file (CSV, Excel, ODS, Parquet, the police API's JSON, GeoPackage or GeoJSON points), a
        zip as downloaded, a folder, a pattern (``"2025-*/*-street.csv"``), a list of these,
        ``"sample"``, or a table that you read yourself. Of an archive of data.police.uk only the
        street files are taken. Its shape may be a row an event, with a point or an area code; or
        counts an area, one row an area, month and category, or one column a month or a category.
    all_rows
        Take every row as belonging to the dataset: for an extract of nothing but domestic records,
        which needs no flag to say so.
    points
        Make points of the coordinates. False saves memory and time where the codes are enough:
        coordinates are not looked at then.
    progress
        Whether to show a progress bar where reading takes long; there is none where the output is
        not a terminal.

    Returns
    -------
    geopandas.GeoDataFrame or pandas.DataFrame
        A GeoDataFrame in EPSG:27700 where the source has points (missing where a row has none),
        else a DataFrame; the index is 0 to n-1. Columns where the source has them: `area_code`,
        `period` (month), `category`, `group` (the adapter's group of the category), `date` (exact
        dates only), `financial_year` (where that is all the source knows; `period` is missing
        then), `count` (events that a counted row stands for), `weight`, the flags `alcohol`,
        `drugs`, `domestic`, `hate`, `force`, `district`. ``attrs["read"]`` says what became of
        every row, ``attrs["coverage"]`` which months each force reported.

    Raises
    ------
    FileNotFoundError
        Where there is no such file.
    ValueError
        Where a file isn't what the adapter needs (the message names what is lacking, what is
        there, and which adapter it looks like), is broken, has American dates, or holds negative
        counts.

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
    source = cast("Source", as_pandas(source))
    tally = Tally()
    options = {"all_rows": all_rows, "points": points, "progress": progress}
    with warnings.catch_warnings(), readers.workers() as pool:  # why: Workers.rest
        frames = list(_frames(spec, source, tally, pool, **options))
    tally.check(spec, sum(map(len, frames)))
    records = whole(frames, spec, tally)
    if _is_sample(source):
        records.attrs["notice"] = _SAMPLE_NOTICE
    for message in tally.warnings:
        warnings.warn(message, UserWarning, stacklevel=2)
    return records


def read_batches(
    dataset: str | Dataset,
    source: Source,
    *,
    rows: int = 1_000_000,
    all_rows: bool = False,
    points: bool = True,
    progress: bool = True,
) -> Iterator[pd.DataFrame]:
    """Read records in tables of a bounded size, one after another: for more than memory holds.

    `count` and `tabulate` take what this returns in place of a table:
    ``lh.count(areas, lh.read_batches("crime", "police"))``.

    Parameters
    ----------
    dataset, source
        As for `read_dataset`.
    rows
        The most rows of a table.
    all_rows, points, progress
        As for `read_dataset`.

    Yields
    ------
    geopandas.GeoDataFrame or pandas.DataFrame
        Records as `read_dataset` returns them, the index 0 to n-1 in each table. Of ``attrs``,
        `read` accounts for what was read since the table before: summed up over all tables, it is
        that of `read_dataset` (identifiers that repeat are told with the last). `coverage` names
        the months that each force was seen to report so far: the whole's is the union of all
        tables', which is the last's. Where files differ in their columns, tables do.

    Raises
    ------
    FileNotFoundError, ValueError
        As `read_dataset` does; what concerns the whole source (none of its rows belongs), at the
        end.

    Warns
    -----
    UserWarning
        As `read_dataset` does, at the end.

    Examples
    --------
    >>> import lsoahot as lh
    >>> [len(crimes) for crimes in lh.read_batches("crime", "sample", rows=500)][:2]
    [500, 500]
    """
    spec = _spec(dataset)
    if rows < 1:
        raise ValueError(f"rows={rows} is no size of a table. Give one or more.")
    tally = Tally()
    source = cast("Source", as_pandas(source))
    options = {"all_rows": all_rows, "points": points, "progress": progress}
    frames = _at_rest(spec, source, tally, **options)
    notice = _SAMPLE_NOTICE if _is_sample(source) else None
    return _batches(frames, spec, tally, rows=rows, notice=notice)


def _batches(
    frames: Iterable[pd.DataFrame],
    spec: Dataset,
    tally: Tally,
    *,
    rows: int,
    notice: str | None,
) -> Iterator[pd.DataFrame]:
    held: list[pd.DataFrame] = []
    size = kept = 0

    def batch(*, last: bool) -> pd.DataFrame:
        records = whole(held, spec, tally, last=last, entire=False)
        if notice is not None:
            records.attrs["notice"] = notice
        return records

    for frame in frames:
        kept += len(frame)
        for start in range(0, len(frame), rows):
            piece = frame.iloc[start : start + rows]
            if size + len(piece) > rows:
                yield batch(last=False)
                held, size = [], 0
            held.append(piece)
            size += len(piece)
    tally.check(spec, kept)
    if held:
        yield batch(last=True)
    for message in tally.warnings:
        warnings.warn(message, UserWarning, stacklevel=2)


def _is_sample(source: Source) -> bool:
    return isinstance(source, str) and source == "sample"


def _spec(dataset: str | Dataset) -> Dataset:
    if isinstance(dataset, Dataset):
        return dataset
    if not isinstance(dataset, str):
        raise TypeError(
            f"dataset is a {type(dataset).__name__}. "
            f"Give the name of an adapter ({shown(DATASETS, 10)}) or a Dataset."
        )
    if dataset not in DATASETS:
        raise ValueError(
            f"there is no adapter {dataset!r}; there are {shown(DATASETS, 10)}."
            f"{nearest(dataset, DATASETS)} For a source of your own give a Dataset."
        )
    spec: Dataset = DATASETS[dataset]
    return spec


def _sample(spec: Dataset) -> Path:
    path = Path(str(resources.files("lsoahot"))) / "sample" / f"{spec.name}.parquet"
    if not path.is_file():
        raise ValueError(f"the sample holds no {spec.name!r} records. Name a file, not 'sample'.")
    return path


def _at_rest(
    spec: Dataset, source: Source, tally: Tally, *, all_rows: bool, points: bool, progress: bool
) -> Iterator[pd.DataFrame]:
    """Yield tables of records while no thread is at work, with warnings as they were."""
    options = {"all_rows": all_rows, "points": points, "progress": progress}
    with readers.workers() as pool:
        yield from readers.at_rest(_frames(spec, source, tally, pool, **options), pool)


def _frames(
    spec: Dataset,
    source: Source,
    tally: Tally,
    pool: Executor,
    *,
    all_rows: bool,
    points: bool,
    progress: bool,
) -> Iterator[pd.DataFrame]:
    """Read one table of records after another, and the next ones meanwhile."""
    raws = _raws(spec, source, tally, pool, points=points, progress=progress)
    fitting = _fitting(raws, spec, tally, all_rows=all_rows)
    fitting = _without_totals(fitting, spec, tally, all_rows=all_rows)
    return convert.side_by_side(fitting, spec, tally, pool, all_rows=all_rows, points=points)


def _raws(
    spec: Dataset, source: Source, tally: Tally, pool: Executor, *, points: bool, progress: bool
) -> Iterator[Raw]:
    """Read one raw table after another, so that a national archive need not fit in memory."""
    if isinstance(source, pd.DataFrame):
        yield Raw("the table", source)
        return
    known: dict[tuple[str, ...], dict[str, str] | None] = {}
    remarks: dict[frozenset[str], list[str]] = {}  # by the columns that are read

    def choose(
        headers: list[str], rows: Sequence[Sequence[object]] | None
    ) -> dict[str, str] | None:
        key = tuple(headers)
        if key not in known or not layouts.is_street(headers):
            wanted = layouts.needed(headers, rows, spec=spec, points=points)
            if wanted is not None:
                marks = [header for header, kind in wanted.items() if kind == "mark"]
                for header in marks:
                    tally.columns.used({"crime_id": header})
                remarks[frozenset(wanted) - {*marks}] = layouts.remarks(headers, spec)
                left = [header for header in headers if header not in wanted]
                tally.columns.not_read(left, known=layouts.is_street(headers))
            known[key] = wanted
        return known[key]

    result = sources.find(_sample(spec) if _is_sample(source) else source)
    tally.passed_over.update(result.passed_over)
    tally.warn(*result.warnings)
    with readers.bar(sum(file.size for file in result.files), progress=progress) as bar:
        for raw in joined(readers.read_all(result.files, choose, pool)):
            odd = remarks.get(frozenset(raw.headers), [])
            tally.warn(*(f"{raw.name}: {remark}" for remark in odd))
            yield raw
            bar.update(raw.size)


def _fitting(raws: Iterable[Raw], spec: Dataset, tally: Tally, *, all_rows: bool) -> Iterator[Raw]:
    """Yield the tables that fit; refuse a file of which none does.

    The cover sheet of a workbook may be passed over; a whole file may not.
    """
    fitting: set[str] = set()
    unfit: dict[str, str] = {}
    rows: Counter[str] = Counter()
    for raw in raws:
        missing = layouts.lacking(raw.headers, spec, all_rows=all_rows)
        if missing:
            unfit[raw.name] = layouts.unfit(
                raw.name, raw.headers, spec, missing, adapters=DATASETS.values()
            )
            continue
        fitting.update(map(file_of, raw.names))
        shapes = hasattr(raw.table, "geometry")  # of which the reader of features tells
        if not (raw.others or shapes or layouts.is_street(raw.headers)):
            rows[raw.name] += len(raw.table)
        yield raw
    tally.warn(*filter(None, (most_rows(number, name) for name, number in rows.items())))
    for name, message in unfit.items():
        if file_of(name) not in fitting:
            raise ValueError(message)
        tally.passed_over[name] = message


def _without_totals(
    raws: Iterable[Raw], spec: Dataset, tally: Tally, *, all_rows: bool
) -> Iterator[Raw]:
    """Pass over the sheets and files that hold again, added up, what others of the source hold.

    Small tables are held back until all are there; large ones, and the police's, are not.
    """
    held: list[Raw] = []
    coming = iter(raws)
    while True:
        try:
            raw = next(coming, None)
        except Exception:
            yield from held  # what is wrong with a table before this one is told first
            raise
        if raw is None:
            break
        small = not layouts.is_street(raw.headers) and len(raw.table) <= _SMALL
        if small and sum(len(one.table) for one in held) <= _HELD:
            held.append(raw)
            continue
        yield from repeated_tables.kept(held, spec, tally, all_rows=all_rows)
        held = []
        yield raw
    yield from repeated_tables.kept(held, spec, tally, all_rows=all_rows)
