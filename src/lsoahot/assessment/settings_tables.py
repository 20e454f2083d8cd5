"""The tables of figures from elsewhere that the settings name: read for the report and the proof-reader."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd

from lsoahot.records import readers

if TYPE_CHECKING:
    from .report_settings import ExtraTable

LEAST: Final = 2  # columns: names, and figures


def read_extra(extra: ExtraTable) -> pd.DataFrame:
    """Read a table as it stands; its first column names its rows.

    Parameters
    ----------
    extra : ExtraTable
        What the settings say of it.

    Returns
    -------
    DataFrame
        Text, "" where a cell is blank.

    Raises
    ------
    FileNotFoundError, ValueError
        If there is no such file, it can't be read, or it has no row or no second column.
    """
    path = Path(extra.source)
    where = f"table {extra.name!r}"
    if not path.is_file():
        raise FileNotFoundError(f"{where}: there is no file {path}. Mend source in [tables].")
    table = readers.read_table(path)
    table = table.map(_in_figures, na_action="ignore").astype("string").fillna("")
    if table.shape[1] < LEAST or table.empty:
        raise ValueError(
            f"{where}: {path.name} has {table.shape[1]} columns and {len(table)} rows. Give a CSV "
            "with names in the first column and figures in the others."
        )
    return table.set_index(table.columns[0])


def _in_figures(cell: object) -> object:
    """Write a number as Excel shows it, in 15 figures at most: 1000, which it keeps as 1000.0."""
    return f"{cell:.15g}" if isinstance(cell, float) else cell


def yearly_figures(extra: ExtraTable, table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of years or quarters as numbers.

    Parameters
    ----------
    extra : ExtraTable
        What the settings say of it.
    table : DataFrame
        As `read_extra` returns it.

    Raises
    ------
    ValueError
        If a figure can't be read.
    """
    try:
        figures: pd.DataFrame = table.apply(lambda one: pd.to_numeric(one.str.replace(",", "")))
    except ValueError as problem:
        raise ValueError(
            f"table {extra.name!r}: a figure can't be read ({problem}). Give whole numbers, or "
            'write kind = "plain" to have the table as it stands.'
        ) from problem
    return figures
