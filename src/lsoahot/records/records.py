"""Files to records: `read_dataset` takes an adapter and a source, and accounts for every row."""

from __future__ import annotations

import datetime as dt
import re
import warnings
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import geopandas as gpd
import pandas as pd

from lsoahot.common.arrow_stream import as_pandas
from lsoahot.common.checks import nearest, shown
from lsoahot.common.frozen import FrozenDict, FrozenList
from lsoahot.common.licence import SAMPLE_NOTICE
from lsoahot.common.progress import warn_each
from lsoahot.common.spelling import plain

from . import layouts, odd_months, readers, sources, words
from .convert import Request, convert_tables
from .cut_downloads import most_rows
from .datasets import DATASETS, Dataset
from .flags import FLAGS
from .point_column import concatenate_points
from .raw import Raw, joined
from .repeated_tables import without_repeats
from .tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from concurrent.futures import Executor


Source: TypeAlias = "str | Path | Iterable[str | Path] | pd.DataFrame"

_SMALL: Final = 100_000  # rows of a table of counts that may be the total of others
_HELD: Final = 500_000  # rows that are held back to see


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
    request = Request(_spec(dataset), all_rows, points)
    tally = Tally()
    with warnings.catch_warnings(), readers.Workers() as pool:  # why: Workers.rest
        frames = list(_frames(request, as_pandas(source), tally, pool, progress=progress))
    tally.check(request.spec, sum(map(len, frames)))
    records = _concatenate(frames, request.spec, tally)
    warn_each(tally.warnings)
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
        that of `read_dataset` (identifiers that repeat are reported with the last). `coverage` names
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
    request = Request(_spec(dataset), all_rows, points)
    if rows < 1:
        raise ValueError(f"rows={rows} is no size of a table. Give one or more.")
    return _batches(request, as_pandas(source), rows=rows, progress=progress)


def _batches(
    request: Request, source: object, *, rows: int, progress: bool
) -> Iterator[pd.DataFrame]:
    """Yield tables of records while no thread is at work, with warnings as they were."""
    tally = Tally()
    held: list[pd.DataFrame] = []
    size = kept = 0
    with readers.Workers() as pool:
        frames = _frames(request, source, tally, pool, progress=progress)
        for frame in readers.at_rest(frames, pool):
            kept += len(frame)
            for start in range(0, len(frame), rows):
                piece = frame.iloc[start : start + rows]
                if size + len(piece) > rows:
                    yield _concatenate(held, request.spec, tally, last=False, entire=False)
                    held, size = [], 0
                held.append(piece)
                size += len(piece)
    tally.check(request.spec, kept)
    if held:
        yield _concatenate(held, request.spec, tally, entire=False)
    warn_each(tally.warnings)


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
    return DATASETS[dataset]


def _sample(spec: Dataset) -> Path:
    path = Path(str(resources.files("lsoahot"))) / "sample" / f"{spec.name}.parquet"
    if not path.is_file():
        raise ValueError(f"the sample holds no {spec.name!r} records. Name a file, not 'sample'.")
    return path


def _frames(
    request: Request, source: object, tally: Tally, pool: Executor, *, progress: bool
) -> Iterator[pd.DataFrame]:
    """Read one table of records after another, and the next ones meanwhile."""
    raws = _raws(request, source, tally, pool, progress=progress)
    fitting = _without_totals(_readable_tables(raws, request, tally), request, tally)
    return convert_tables(fitting, request, tally, pool)


def _raws(
    request: Request, source: object, tally: Tally, pool: Executor, *, progress: bool
) -> Iterator[Raw]:
    """Read one raw table after another, so that a national archive need not fit in memory."""
    if isinstance(source, pd.DataFrame):
        yield Raw("the table", source)
        return
    spec = request.spec
    known: dict[tuple[str, ...], dict[str, str] | None] = {}
    remarks: dict[frozenset[str], list[str]] = {}  # by the columns that are read

    def choose(
        headers: list[str], rows: Sequence[Sequence[object]] | None
    ) -> dict[str, str] | None:
        key = tuple(headers)
        if key not in known or not layouts.is_street(headers):
            wanted = layouts.needed(headers, rows, spec=spec, points=request.points)
            if wanted is not None:
                marks = [header for header, kind in wanted.items() if kind == "mark"]
                for header in marks:
                    tally.columns.used({"crime_id": header})
                remarks[frozenset(wanted) - {*marks}] = layouts.remarks(headers, spec)
                left = [header for header in headers if header not in wanted]
                tally.columns.not_read(left, known=layouts.is_street(headers))
            known[key] = wanted
        return known[key]

    if isinstance(source, str) and source == "sample":
        source, tally.notice = _sample(spec), SAMPLE_NOTICE
    result = sources.find(source)
    tally.passed_over.update(result.passed_over)
    tally.warn(*result.warnings)
    with readers.bar(sum(file.size for file in result.files), progress=progress) as bar:
        for raw in joined(readers.read_all(result.files, choose, pool)):
            odd = remarks.get(frozenset(raw.headers), [])
            tally.warn(*(f"{raw.name}: {remark}" for remark in odd))
            yield raw
            bar.update(raw.size)


def _readable_tables(raws: Iterable[Raw], request: Request, tally: Tally) -> Iterator[Raw]:
    """Yield the tables that fit; refuse a file of which none does.

    The cover sheet of a workbook may be passed over; a whole file may not.
    """
    fitting: set[str] = set()
    unfit: dict[str, str] = {}
    rows: Counter[str] = Counter()
    for raw in raws:
        missing = layouts.lacking(raw.headers, request.spec, all_rows=request.all_rows)
        if missing:
            unfit[raw.name] = layouts.unfit(raw.name, raw.headers, request.spec, missing)
            continue
        fitting.update(map(_file_of, raw.names))
        shapes = hasattr(raw.table, "geometry")  # of which the reader of features tells
        if not (raw.others or shapes or layouts.is_street(raw.headers)):
            rows[raw.name] += len(raw.table)
        yield raw
    tally.warn(*filter(None, (most_rows(number, name) for name, number in rows.items())))
    for name, message in unfit.items():
        if _file_of(name) not in fitting:
            raise ValueError(message)
        tally.passed_over[name] = message


def _without_totals(raws: Iterable[Raw], request: Request, tally: Tally) -> Iterator[Raw]:
    """Pass over the sheets and files that hold again, added up, what others of the source hold.

    Small tables are held back until all are there; large ones, and the police's, are not.
    """
    held: list[Raw] = []
    coming = iter(raws)
    while True:
        try:
            raw = next(coming, None)
        except Exception:
            yield from held  # what is wrong with a table before this one is reported first
            raise
        if raw is None:
            break
        small = not layouts.is_street(raw.headers) and len(raw.table) <= _SMALL
        if small and sum(len(one.table) for one in held) <= _HELD:
            held.append(raw)
            continue
        yield from without_repeats(held, request, tally)
        held = []
        yield raw
    yield from without_repeats(held, request, tally)


# --- tables of records to one ----------------------------------------------------------------------


def _concatenate(
    frames: list[pd.DataFrame],
    spec: Dataset,
    tally: Tally,
    *,
    last: bool = True,
    entire: bool = True,
) -> pd.DataFrame:
    """Put tables together, in order, with the account of what was read since the one before.

    Of an `entire` source the months are looked at together: those far from all others, or not whole.
    """
    kept = [frame for frame in frames if len(frame)] or frames[:1]
    shapes = [frame["geometry"].array if "geometry" in frame else None for frame in kept]
    flat = [frame.drop(columns="geometry", errors="ignore") for frame in kept]
    with warnings.catch_warnings(), ThreadPoolExecutor(1) as pool:  # why: Workers.rest
        together = pool.submit(pd.concat, flat, ignore_index=True)
        points = None
        if any(shape is not None for shape in shapes):  # here: PROJ begins anew in each thread
            points = concatenate_points(shapes, [len(frame) for frame in kept])
        table = together.result()
    for flag in FLAGS:
        if flag in table and table[flag].dtype != bool:  # files with the flag beside files without
            table[flag] = table[flag].eq(True).astype(bool)
    if len({plain(word) for word in tally.spellings}) < len(tally.spellings):
        table = _one_spelling(table)
    table, partial = _without_odd_months(table, tally, entire=entire)
    if points is not None:
        table = gpd.GeoDataFrame(table, geometry=points, crs="EPSG:27700", copy=False)
    coverage = tally.coverage()
    table.attrs = {
        "dataset": spec.name,
        "title": spec.title,
        "unit": spec.unit,
        "sensitive": spec.sensitive,
        "source": FrozenList(dict.fromkeys(_archive(name) for name in tally.source)),
        "read": FrozenDict(tally.summary(len(table), last=last)),
        **({"coverage": FrozenDict(coverage)} if coverage else {}),
        **({"partial_months": FrozenDict(partial)} if partial else {}),
        **({"anonymised": True} if tally.anonymised else {}),
        **({"notice": tally.notice} if tally.notice else {}),
    }
    return table


def _one_spelling(table: pd.DataFrame) -> pd.DataFrame:
    """Give categories that differ in case, spaces or hyphens only the spelling that is most frequent.

    Examples
    --------
    >>> rows = pd.DataFrame({"category": ["Burglary", "BURGLARY", "Burglary", "Drugs"]})
    >>> _one_spelling(rows)["category"].tolist()
    ['Burglary', 'Burglary', 'Burglary', 'Drugs']
    """
    if "category" not in table:
        return table
    column = words.of(table["category"])
    alike: dict[str, Counter[str]] = {}
    for word, number in column.counts().items():
        alike.setdefault(plain(word), Counter())[word] += number
    return table.assign(
        category=column.each(lambda word: alike[plain(word)].most_common(1)[0][0]).series()
    )


def _without_odd_months(
    table: pd.DataFrame, tally: Tally, *, entire: bool
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Take the months away that no record can have; return those that are not whole, and why."""
    dates = table.get("date")
    today = dt.datetime.now(tz=dt.UTC).date()
    months = odd_months.by_month(table["period"])
    far = odd_months.far(table["period"], months, today=today, dates=dates, year=entire)
    files = shown(dict.fromkeys(map(_archive, tally.source)), 3)
    if far is not None:
        tally.warn(f"{files}: {far.message}")
        tally.odd_dates += int(far.rows.sum())
        table = table.assign(period=table["period"].mask(far.rows))
        months = odd_months.by_month(table["period"])
    if not entire:
        return table, {}
    counted = "count" in table
    events = odd_months.by_month(table["period"], table["count"]) if counted else months
    partial = odd_months.partial(table["period"], dates, events)
    if partial:
        tally.warn(f"{files}: {odd_months.sentence(partial)}")
    known = {one.month for one in partial}
    for force, reported in tally.months.items():
        if force in tally.complete:
            lacking = [one for one in odd_months.smaller(reported) if one.month not in known]
            if lacking:
                tally.warn(f"{files}: {odd_months.sentence(lacking, force)}")
    tally.warn(*(f"{files}: {message}" for message in odd_months.silent(tally.coverage())))
    if placed := odd_months.places_by_year(table, months):
        tally.warn(f"{files}: {placed}")
    return table, {one.month: one.why for one in partial}


def _archive(name: str) -> str:
    """Name the archive of a member, else the file without its sheet."""
    archive = re.match(r".*?\.(zip|gz)(?=/)", name, re.IGNORECASE)
    return archive[0] if archive else _file_of(name)


def _file_of(name: str) -> str:
    """Take the sheet off a name: ``"fires.ods [2021]"`` is of ``"fires.ods"``."""
    return name.split(" [", 1)[0]
