"""Tables of records to one, with its points, its coverage and its account."""

from __future__ import annotations

import datetime as dt
import re
import warnings
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from lsoahot.common.checks import shown
from lsoahot.common.frozen import FrozenDict, FrozenList
from lsoahot.common.spelling import plain

from . import headers, odd_months, words
from .point_column import shaped

if TYPE_CHECKING:
    from .dataset import Dataset
    from .tally import Tally


def whole(
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
            points = shaped(shapes, [len(frame) for frame in kept])
        table = together.result()
    for flag in headers.FLAGS:
        if flag in table and table[flag].dtype != bool:  # files with the flag beside files without
            table[flag] = table[flag].eq(True).astype(bool)
    if len({plain(word) for word in tally.spellings}) < len(tally.spellings):
        table = one_spelling(table)
    table, partial = looked_at(table, tally, entire=entire)
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
    }
    return table


def one_spelling(table: pd.DataFrame) -> pd.DataFrame:
    """Give categories that differ in case, spaces or hyphens only the spelling that is most frequent.

    Examples
    --------
    >>> rows = pd.DataFrame({"category": ["Burglary", "BURGLARY", "Burglary", "Drugs"]})
    >>> one_spelling(rows)["category"].tolist()
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


def looked_at(
    table: pd.DataFrame, tally: Tally, *, entire: bool
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Take the months away that no record can have; return those that are not whole, and why."""
    if "period" not in table:
        return table, {}
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
    events = (
        months if "count" not in table else odd_months.by_month(table["period"], table["count"])
    )
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
    return archive[0] if archive else file_of(name)


def file_of(name: str) -> str:
    """Take the sheet off a name: ``"fires.ods [2021]"`` is of ``"fires.ods"``."""
    return name.split(" [", 1)[0]
