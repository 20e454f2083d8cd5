"""Populations in: how many people, households or workers each area has, whoever tells."""

from __future__ import annotations

import hashlib
import json
import re
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import numpy as np
import pandas as pd

from lsoahot.boundaries.fetch import nomis
from lsoahot.common import checks, code_columns
from lsoahot.common.arrow_stream import as_pandas
from lsoahot.records import readers, sources

from . import cache

if TYPE_CHECKING:
    import os

Columns = str | Iterable[str] | Mapping[str, str]

# What a table calls the figure for everybody.
_EVERYBODY: Final = re.compile(
    r"population|total|all ages|(all )?persons|(total|all) (usual )?residents|observation|obs value"
)
_NOT_FIGURES: Final = re.compile(r".*\b(year|date|objectid|fid|rank|decile)\b.*")


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
    elif (
        isinstance(source, str) and (asked := nomis.asked_for(source)) and not Path(source).exists()
    ):
        table = pd.read_parquet(fetch_population(*asked))
        label = str(table.attrs.get("population_source", source))
    else:
        table, label = _file(Path(source).expanduser(), sheet, code)
    result = _figures(_by_code(table, label, code), label, columns, messages)
    for message in messages:
        warnings.warn(message, UserWarning, stacklevel=2)
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
    table = _table(name, of)
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
    when = rows["DATE_NAME"].dropna().unique() if "DATE_NAME" in rows else []
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
    asked = None if Path(source).expanduser().exists() else nomis.asked_for(source)
    return fetch_population(*asked) if asked else None


def population_names() -> list[str]:
    """Return the names of the populations that `fetch_population` knows.

    Examples
    --------
    >>> population_names()[:2]
    ['residents21', 'households21']
    """
    return list(nomis.tables())


def _table(name: str, of: str) -> nomis.Table:
    tables = nomis.tables()
    checks.one_of(name, tables, "name")
    checks.one_of(of, tables[name].geography, "of")
    return tables[name]


# --- any table ------------------------------------------------------------------------------------


def _file(path: Path, sheet: str | None, code: str | None) -> tuple[pd.DataFrame, str]:
    """Return the table of a file that has codes in it; of a workbook, the sheet that does."""
    if not path.is_file():
        names = ", ".join(nomis.tables())
        raise FileNotFoundError(
            f"there is no file {path}. Check the path, or name a table of Nomis: {names}."
        )
    raws = list(readers.read(sources.on_disk(path), lambda _, __: None))
    if len(raws) == 1 and sheet is None:
        return raws[0].table, path.name
    sheets = {raw.name.removeprefix(f"{path.name} [").removesuffix("]"): raw.table for raw in raws}
    if sheet is not None:
        checks.one_of(sheet, sheets, "sheet")
        return sheets[sheet], f"{path.name}, sheet {sheet}"
    fit = {name: table for name, table in sheets.items() if _code_of(table, code) is not None}
    if len(fit) == 1:
        name, table = next(iter(fit.items()))
        return table, f"{path.name}, sheet {name}"
    if not fit:
        raise ValueError(
            f"{path.name} has no sheet with area codes; its sheets are "
            f"{checks.shown(sheets, 20)}. Say where they are: sheet=..., code=..."
        )
    raise ValueError(
        f"{path.name} has {len(fit)} sheets with area codes: {checks.shown(map(repr, fit), 20)}. "
        f"Say which: read_population({path.name!r}, sheet={next(iter(fit))!r})."
    )


def _code_of(table: pd.DataFrame, code: str | None) -> str | None:
    """Find the column of codes: the finest kind that has a different one in every row."""
    if code is not None:
        return code if code in table.columns else None
    candidates = [key.column for key in code_columns.named(table.columns, "code")]
    plain = code_columns.plain(table.columns, "code")
    candidates += [plain] if plain else []
    return next(
        (name for name in candidates if table[name].is_unique), next(iter(candidates), None)
    )


def _by_code(table: pd.DataFrame, label: str, code: str | None) -> pd.DataFrame:
    """Set the codes as the index, leaving out rows below the table (notes, blank lines)."""
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
    codes = codes.astype("string").str.strip().replace("", pd.NA)
    # Below a table stand blank lines and notes: no code, and no figure either.
    odd = (codes.isna() | codes.str.len().gt(12).fillna(value=False)).to_numpy(dtype=bool)
    keep = ~odd
    keep[odd] = rest[odd].apply(_parsed).notna().any(axis=1)
    index = pd.Index(list(codes[keep]), name="area_code")
    if len(index) == 0:
        raise ValueError(f"{label} has no rows. Check that it was exported whole.")
    checks.unique_codes(index)
    return rest[keep].set_axis(index, axis=0)


def _figures(
    table: pd.DataFrame, label: str, columns: Columns | None, messages: list[str]
) -> pd.DataFrame:
    """Choose the columns and make numbers of them."""
    if columns is None:
        wanted = _default(table, label)
    elif isinstance(columns, str):
        wanted = {"population": columns}
    elif isinstance(columns, Mapping):
        wanted = dict(columns)
    else:
        wanted = {name: name for name in columns}
    if not wanted:
        raise ValueError(f"columns is empty. Name the figures of {label} that you want.")
    checks.columns(table, wanted.values(), label)
    result = pd.DataFrame(index=table.index)
    for name, column in wanted.items():
        result[name] = _numbers(table[column], column, label, messages)
    return result


def _default(table: pd.DataFrame, label: str) -> dict[str, str]:
    figures = [
        str(column)
        for column in table.columns
        if not _NOT_FIGURES.fullmatch(str(column).lower())
        and (number := _parsed(table[column])).notna().any()
        and number.notna().sum() >= table[column].notna().sum() / 2
    ]
    if not figures:
        raise ValueError(
            f"{label} has no column of numbers beside the codes; it has "
            f"{checks.shown(table.columns, 20)}. Give the table with the figures."
        )
    everybody = [name for name in figures if _EVERYBODY.fullmatch(name.lower().replace("_", " "))]
    if len(everybody) == 1 or len(figures) == 1:
        return {"population": (everybody or figures)[0]}
    return {name: name for name in figures}


def _parsed(column: pd.Series) -> pd.Series:
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.astype("float64")
    text = column.astype("string").str.replace(",", "", regex=False).str.strip()
    return pd.to_numeric(text, errors="coerce").astype("float64")


def _numbers(column: pd.Series, name: str, label: str, messages: list[str]) -> pd.Series:
    numbers = _parsed(column)
    missing = numbers.isna()
    if missing.all():
        raise ValueError(
            f"column {name!r} of {label} holds no numbers, but "
            f"{checks.shown(column.dropna(), 3) or 'nothing'}. Name a column of figures."
        )
    negative = numbers < 0
    if negative.any():
        raise ValueError(
            f"column {name!r} of {label} is negative in {int(negative.sum()):,} areas: "
            f"{checks.shown(numbers.index[negative])}. Put the figures right."
        )
    if missing.any():
        words = column[missing].dropna().astype(str).unique()
        messages.append(
            f"{int(missing.sum()):,} areas have no figure in column {name!r} of {label}: "
            f"{checks.shown(numbers.index[missing])}"
            + (f" (it says {checks.shown(map(repr, words), 3)})" if len(words) else "")
            + ". Their rates will be missing."
        )
    whole = bool(np.all(numbers.dropna() == np.floor(numbers.dropna())))
    if not whole:
        return numbers
    return numbers.astype("Int64") if missing.any() else numbers.astype("int64")
