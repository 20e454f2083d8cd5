"""The rows of a table of years or months that a sentence is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsoahot.common import checks

from .change_clauses import TOTAL

if TYPE_CHECKING:
    import pandas as pd


def category_column(table: pd.DataFrame) -> str:
    """Name the column of categories of a table of years or months, which is its first."""
    checks.columns(table, ["count", "verdict"], "the table", "Make it with trend or seasonality.")
    return str(table.columns[0])


def of_category(table: pd.DataFrame, category: str | None) -> tuple[pd.DataFrame, str, str]:
    """Return the rows of one category, its name, and the column that it stands in."""
    by = category_column(table)
    names = [str(name) for name in table[by].unique()]
    if category is None:
        category = TOTAL if TOTAL in names else names[0]
        if len(names) > 1 and category != TOTAL:
            raise ValueError(f"the table has no total, but {checks.shown(names)}. Name a category.")
    checks.one_of(category, names, "category")
    return table[table[by].astype(str) == category], category, by


def of_year(rows: pd.DataFrame, year: str | None) -> pd.DataFrame:
    """Return the rows of one year, the last by default."""
    checks.columns(rows, ["year", "previous"], "the table", "Make it with trend.")
    labels = [str(label) for label in rows["year"].unique()]
    if year is not None:
        checks.one_of(year, labels, "year")
    return rows[rows["year"].astype(str) == (year or labels[-1])]
