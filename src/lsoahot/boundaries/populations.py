"""Populations in: how many people, households or workers each area has, whoever tells."""

from __future__ import annotations

import hashlib
import json
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
import pandas as pd

from lsoahot.boundaries.fetch import nomis
from lsoahot.common import area_codes, checks, code_columns
from lsoahot.common.arrow_stream import as_pandas
from lsoahot.common.files import expanded
from lsoahot.common.number_cells import read_numbers
from lsoahot.common.progress import warn_each
from lsoahot.common.spelling import plain
from lsoahot.records import readers
from lsoahot.records.csvs import LOOK
from lsoahot.records.cut_downloads import most_rows

from . import cache
from .population_columns import Columns, figures_of

if TYPE_CHECKING:
    import os
    from pathlib import Path

    from lsoahot.common.arrays import Bools

_TEXTS: Final = frozenset({".csv", ".txt", ".tsv"})
_MOST: Final = 0.5  # of the codes that are of one kind, for the others to be odd


def read_population(
    source: str | os.PathLike[str] | pd.DataFrame,
    *,
    columns: Columns | None = None,
    sheet: str | None = None,
    code: str | None = None,
) -> pd.DataFrame:
    """Read how many people (or households, or workers) each area has, from any table.

    The header may stand below titles and notes, as in the workbooks of the Office for National
    Statistics; the column of codes is found by its name (``LSOA 2021 Code``, ``lsoa11cd``,
    ``geography code``); figures may have commas in them.

    Parameters
    ----------
    source
        A CSV, Excel, OpenDocument or Parquet file, or a DataFrame. Or the name of a table of Nomis
        with what it should be of: ``"residents21 lsoa"`` (see `fetch_population`), which is taken
        from the cache, or downloaded the first time.
    columns
        The figures to read. One column's name: it becomes `population`. A list: they keep their
        names. A dict of new names to old: ``{"population": "pop_mid2020"}``. By default the column
        for everybody (``Total``, ``All ages``, ``total_residents``...) or the only one, as
        `population`; otherwise every column of numbers under its own name.
    sheet
        The sheet of a workbook with several tables, such as one a year.
    code
        The column of codes, where it can't be found by its name.

    Returns
    -------
    DataFrame
        Indexed by `area_code`; int64 where the figures are whole and all there (Int64 with NA where
        some are missing), float64 otherwise. ``attrs["population_source"]`` says where it is from.

    Raises
    ------
    FileNotFoundError, ValueError
        If there is no such file, sheet or column, no column of codes or of numbers, the same code
        twice, or a negative figure.
    ConnectionError
        If a table of Nomis has to be downloaded and can't be.

    Warns
    -----
    UserWarning
        Where areas have no figure.

    See Also
    --------
    lsoahot.join : adds the columns to a table of areas; several denominators side by side

    Examples
    --------
    >>> import pandas as pd
    >>> import lsoahot as lh
    >>> people = {"LSOA11CD": ["E01013787", "E01013788"], "mid-2020": ["1,355", "2,492"]}
    >>> lh.read_population(pd.DataFrame(people))["population"].to_list()
    [1355, 2492]
    """
    messages: list[str] = []
    source = cast("str | Path | pd.DataFrame", as_pandas(source))
    if isinstance(source, pd.DataFrame):
        table, label = source, str(source.attrs.get("source", "the table"))
    elif isinstance(source, str) and (downloaded := cached_file(source)) is not None:
        table = pd.read_parquet(downloaded)
        label = str(table.attrs.get("population_source", source))
    else:
        table, label = _file(expanded(source), sheet, code)
    table = _by_code(_fingertips(table, label, messages), label, code, messages)
    result = figures_of(table, label, columns, messages)
    if not isinstance(source, pd.DataFrame) and (note := most_rows(len(result), label)):
        messages.append(note)
    warn_each(messages)
    result.attrs = {
        "population_source": f"{label}, column {columns}" if isinstance(columns, str) else label
    }
    return result


def fetch_population(
    name: str,
    of: str = "lsoa",
    *,
    date: str = "latest",
    refresh: bool = False,
    timeout: float = 60.0,
) -> Path:
    """Download a population from Nomis into the cache.

    Guests of Nomis get 25,000 rows at once, cut without a word; this asks page by page until there
    are as many rows as Nomis counted, each of another area.

    Parameters
    ----------
    name
        ``"residents21"`` (Census 2021), ``"households21"``, ``"estimates21"`` (mid-year estimates
        by the areas of 2021), ``"residents11"`` (Census 2011), ``"estimates11"`` (mid-year
        estimates by the areas of 2011). A file ``populations.toml`` in the cache folder, or the one
        that ``LSOAHOT_POPULATIONS`` names, adds to these or overrides them.
    of
        ``"oa"``, ``"lsoa"`` or ``"msoa"``.
    date
        Which year of an estimate, such as ``"2022"``.
    refresh
        Download again, even if it is in the cache.
    timeout
        Seconds of silence after which Nomis is asked again.

    Returns
    -------
    Path
        The Parquet file in the cache, for `read_population`.

    Raises
    ------
    ValueError
        If there is no such table, or it has nothing for the date.
    ConnectionError
        If Nomis can't be reached or keeps failing; nothing half-done is left in the cache.
    """
    tables = nomis.tables()
    checks.one_of(name, tables, "name")
    table = tables[name]
    checks.one_of(of, table.geography, "of")
    query = {"geography": table.geography[of], "date": date, **table.query}
    address = f"{table.root}/{table.dataset}.data.csv"
    mark = hashlib.sha256(json.dumps([address, query]).encode()).hexdigest()[:8]
    path = cache.folder() / "populations" / f"{name}-{of}-{date}-{mark}.parquet"
    if path.is_file() and not refresh:
        return path
    try:
        rows = nomis.read_table(address, query, page=table.page, timeout=timeout)
    except ConnectionError as error:
        raise ConnectionError(
            f"{table.title} could not be downloaded from {address}: {error}. Try again later. "
            "Behind a proxy, set HTTPS_PROXY. Or, on a machine with internet, download the table "
            "as CSV from https://www.nomisweb.co.uk, and pass it: read_population('file.csv')."
        ) from error
    result = rows.set_index(pd.Index(rows["GEOGRAPHY_CODE"], name="area_code"))[["OBS_VALUE"]]
    result = result.rename(columns={"OBS_VALUE": table.column})
    when: list[Any] = list(rows["DATE_NAME"].dropna().unique()) if "DATE_NAME" in rows else []
    when = [day for day in when if str(day) not in table.title]
    result.attrs = {"population_source": ", ".join([table.title, *map(str, when), "Nomis"])}
    cache.write_whole(result, path)
    return path


# --- Nomis ----------------------------------------------------------------------------------------


def cached_file(source: str) -> Path | None:
    """Return the file in the cache that the name of a population stands for, fetched if need be.

    Parameters
    ----------
    source : str
        What `read_population` was given.

    Returns
    -------
    Path or None
        None if ``source`` is a file of the user's, or no population's name.
    """
    asked = None if expanded(source).exists() else nomis.asked_for(source)
    return fetch_population(*asked) if asked else None


def population_names() -> list[str]:
    """Return the names of the populations that `fetch_population` knows.

    Examples
    --------
    >>> population_names()[:2]
    ['residents21', 'households21']
    """
    return list(nomis.tables())


# --- any table ------------------------------------------------------------------------------------


def _file(path: Path, sheet: str | None, code: str | None) -> tuple[pd.DataFrame, str]:
    """Return the table of a file that has codes in it; of a workbook, the sheet that does."""
    if not path.is_file():
        names = ", ".join(nomis.tables())
        raise FileNotFoundError(
            f"there is no file {path}. Check the path, or name a table of Nomis: {names}."
        )
    tables = readers.read_tables(path)
    if len(tables) == 1 and sheet is None:
        table = next(iter(tables.values()))
        if path.suffix.lower() in _TEXTS:
            table.attrs["titles"] = _titles(path, table)
        return table, path.name
    sheets = {
        name.removeprefix(f"{path.name} [").removesuffix("]"): table
        for name, table in tables.items()
    }
    if sheet is not None:
        checks.one_of(sheet, sheets, "sheet")
        return sheets[sheet], f"{path.name}, sheet {sheet}"
    fit = [name for name, table in sheets.items() if _code_of(table, code) is not None]
    if not fit:
        raise ValueError(
            f"{path.name} has no sheet with area codes; its sheets are "
            f"{checks.shown(sheets, 20)}. Say where they are: sheet=..., code=..."
        )
    if len(fit) > 1:
        raise ValueError(
            f"{path.name} has {len(fit)} sheets with area codes: {checks.shown(map(repr, fit), 20)}. "
            f"Say which: read_population({path.name!r}, sheet={fit[0]!r})."
        )
    return sheets[fit[0]], f"{path.name}, sheet {fit[0]}"


def _titles(path: Path, table: pd.DataFrame) -> list[str]:
    """Return the lines of a text file that stand above its header."""
    with path.open(encoding="utf-8-sig", errors="replace") as stream:
        lines = [line.strip().strip('",;\t') for line in islice(stream, LOOK)]
    first = str(table.columns[0])
    at = next((i for i, line in enumerate(lines) if line.startswith(first)), 0)
    return [line for line in lines[:at] if line]


def _code_of(table: pd.DataFrame, code: str | None) -> str | None:
    """Find the column of codes: the finest kind that has a different one in every row."""
    if code is not None:
        return code if code in table.columns else None
    key = code_columns.find(table)
    return None if key is None else key.column


def _by_code(
    table: pd.DataFrame, label: str, code: str | None, messages: list[str]
) -> pd.DataFrame:
    """Set the codes as the index, leaving out totals and what stands below (notes, blank lines)."""
    if code is None and table.index.name == "area_code":
        codes, rest = table.index.to_series(), table
    else:
        name = _code_of(table, code)
        if name is None:
            there = checks.shown(table.columns, 20)
            raise ValueError(
                f"{label} has no column {code!r}; it has {there}."
                if code is not None
                else f"{label} has no column of area codes with a known name (LSOA21CD, LSOA 2021 "
                f"Code, geography code); it has {there}. Say which it is: code=..."
            )
        codes, rest = table[name], table.drop(columns=name)
    codes = area_codes.read_codes(codes)
    if not len(codes):
        raise ValueError(f"{label} has no rows. Check that it was exported whole.")
    # Below a table stand blank lines and notes: no code, and no figure either.
    kinds = area_codes.kinds_of(codes)
    most = kinds.mode()
    alike = (kinds.eq(most[0]) if len(most) else kinds.notna()).to_numpy(dtype=bool)
    none = codes.isna().to_numpy(dtype=bool)
    odd = ~alike if alike.mean() >= _MOST else none
    figures = rest.apply(lambda column: pd.Series(read_numbers(column).values, index=rest.index))
    empty = figures.isna().all(axis=1).to_numpy(dtype=bool)
    long = codes.str.len().gt(12).to_numpy(dtype=bool, na_value=False)
    note = (none | long | odd) & empty
    total = odd & ~note & _sums(figures, odd)
    if total.any():
        names = codes[total].fillna("without a code")
        messages.append(
            f"{int(total.sum()):,} rows of {label} are totals ({checks.shown(names, 3)}) and were "
            "left out: their figure is the sum of the others."
        )
    keep = ~(note | total)
    index = pd.Index(codes[keep].to_numpy(dtype=object).tolist(), name="area_code")
    if len(index) == 0:
        raise ValueError(f"{label} has no rows. Check that it was exported whole.")
    checks.unique_codes(index)
    return rest[keep].set_axis(index, axis=0)


def _sums(figures: pd.DataFrame, odd: Bools) -> Bools:
    """Tell which of the odd rows hold, in some column, the sum of all that are not odd."""
    sums = figures[~odd].sum(min_count=2)
    equal = np.isclose(figures.to_numpy(), sums.to_numpy(), rtol=1e-9)
    whole: Bools = (equal & (sums.to_numpy() > 0)).any(axis=1)
    return whole


def _fingertips(table: pd.DataFrame, label: str, messages: list[str]) -> pd.DataFrame:
    """Choose one row an area of a table of Fingertips: the last period, everybody."""
    names = {plain(name): str(name) for name in table.columns}
    if not {"indicatorid", "areacode", "denominator"} <= names.keys():
        return table
    indicators = table[names["indicatorid"]].dropna().unique()
    if len(indicators) > 1:
        raise ValueError(
            f"{label} holds {len(indicators)} indicators of Fingertips "
            f"({checks.shown(indicators)}), each with its own denominator. Keep one: "
            f"table[table[{names['indicatorid']!r}] == ...]."
        )
    taken = []
    by = names.get("timeperiodsortable", names.get("timeperiod"))
    if by is not None and len(table[by].dropna().unique()) > 1:
        table = table[table[by] == table[by].dropna().max()]
        taken.append(f"Time period {table[names.get('timeperiod', by)].iloc[0]}")
    if "sex" in names and len(table[names["sex"]].dropna().unique()) > 1:
        table = table[table[names["sex"]].astype("string").str.casefold().eq("persons")]
        taken.append("Sex Persons")
    if taken:
        messages.append(
            f"{label} has several rows an area; those of {', '.join(taken)} were taken. For others, "
            "filter the table and give it instead."
        )
    return table
