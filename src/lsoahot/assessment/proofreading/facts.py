"""Which tables there are, told by their columns, and the subjects that they know."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeGuard

import pandas as pd

from lsoahot.common import checks
from lsoahot.describe.change_clauses import TOTAL
from lsoahot.statistics.profiles import profile

from . import subjects
from .subjects import Subject, of_years

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lsoahot.assessment.result import Assessment

_SUMS: Final = ("total", "grand total")


def gather(tables: Assessment | Mapping[str, object]) -> list[Subject]:
    """Return all subjects that the tables know.

    Raises
    ------
    TypeError
        If ``tables`` is neither an assessment nor a mapping, or holds what is no table.
    ValueError
        If a table is of no kind that is known, or there is none.
    """
    if _is_assessment(tables):
        result = list(_of_assessment(tables))
    elif isinstance(tables, Mapping):
        result = [subject for name, table in tables.items() for subject in _of(str(name), table)]
    else:
        raise TypeError(
            f"tables is a {type(tables).__name__}. Give what assess() returned, or a dict of tables "
            'by the names that the draft uses, e.g. {"Total crime": lsoahot.trend(crimes)}.'
        )
    if not result:
        raise ValueError("there is no table to check the draft against. Give one at least.")
    return result


def _is_assessment(tables: object) -> TypeGuard[Assessment]:
    return all(hasattr(tables, name) for name in ("config", "tables", "records"))


def _of(name: str, table: object) -> Iterator[Subject]:
    """Read one entry of a mapping: a table of any kind, several of them, or an assessment."""
    if _is_assessment(table):
        yield from _of_assessment(table)
    elif isinstance(table, list | tuple):
        for one in table:
            yield from _of(name, one)
    elif not isinstance(table, pd.DataFrame):
        raise TypeError(
            f"tables[{name!r}] is a {type(table).__name__}, not a table. "
            "Give what trend, seasonality, compare or rate returned, or yearly totals."
        )
    else:
        yield from _of_table(name, table)


def _of_table(name: str, table: pd.DataFrame) -> Iterator[Subject]:
    """Tell a table's kind by its columns."""
    columns = set(map(str, table.columns))
    if {"year", "previous", "verdict"} <= columns:
        yield from _of_trend(name, table)
    elif {"month_name", "index"} <= columns:
        for part, rows in table.groupby(str(table.columns[0]), sort=False):
            yield Subject(name if part == TOTAL else str(part), name, seasons=rows)
    elif {"local_pct", "reference_pct"} <= columns:
        yield from _of_profile(name, table)
    elif {"place", "rate"} <= columns:
        yield Subject(name, name, standing=table)
    elif "count" in columns and (
        {"area_name", "geometry"} & columns or table.index.name == "area_code"
    ):
        yield _of_areas(name, table)
    else:
        yield from _of_totals(name, table)


def _of_trend(name: str, table: pd.DataFrame) -> Iterator[Subject]:
    """Take the years of each category."""
    for part, rows in table.groupby(str(table.columns[0]), sort=False):
        only = len(rows) == len(table)
        yield of_years(name if part == TOTAL or only else str(part), name, rows)
        if only and part not in (TOTAL, name):
            yield of_years(str(part), name, rows)


def _of_profile(name: str, table: pd.DataFrame) -> Iterator[Subject]:
    """Take the shares of each category in two mixes."""
    figures = table.select_dtypes("number").astype("float64")
    totals = {
        f"{whose}_total": float(figures[f"{whose}_count"].sum()) for whose in ("local", "reference")
    }
    yield Subject(name, name)
    for part, (_, row) in zip(table["category"], figures.iterrows(), strict=True):
        mix = {**{str(key): float(value) for key, value in row.items()}, **totals}
        yield Subject(str(part), name, mix=mix, confined=True)


def _of_areas(name: str, table: pd.DataFrame) -> Subject:
    """Take the areas, and their sum if none is missing."""
    plain = pd.DataFrame(table.drop(columns="geometry", errors="ignore"))
    plain.attrs = dict(table.attrs)
    subject = Subject(name, name, areas=plain)
    if plain["count"].notna().all():
        period = table.attrs.get("period") or ["", ""]
        subject.history = {"-".join(period): float(plain["count"].sum())}
    return subject


def _of_totals(name: str, table: pd.DataFrame) -> Iterator[Subject]:
    """Read a small table of totals: a row a category, a column a year."""
    if isinstance(table.index, pd.RangeIndex) and len(table.columns):
        table = table.set_index(table.columns[0])
    columns = [
        column
        for column in table.columns
        if pd.api.types.is_numeric_dtype(table[column].dtype) and "%" not in str(column)
    ]
    if not columns:
        raise ValueError(
            f"tables[{name!r}] has no column of numbers; it has {checks.shown(table.columns, 12)}. "
            "Give what a verb returned, or yearly totals: a row a category, a column a year."
        )
    rows = table[columns].astype("float64")
    labels = [str(column) for column in columns]
    sums = [str(part).strip().casefold() in _SUMS for part in rows.index]
    for (part, row), is_sum in zip(rows.iterrows(), sums, strict=True):
        history = dict(zip(labels, row, strict=True))
        yield Subject(name if is_sum or len(rows) == 1 else str(part), name, history=history)
    if not any(sums) and len(rows) > 1:
        yield Subject(name, name, history=dict(zip(labels, rows.sum(), strict=True)))


def _of_assessment(assessment: Assessment) -> Iterator[Subject]:
    """Take its measures, and the tables of years or quarters that its settings name."""
    yield from subjects.subjects(assessment, _of_areas)
    for extra in assessment.config.tables:
        if extra.kind == "plain" or not Path(extra.source).is_file():
            continue
        table = pd.read_csv(extra.source, thousands=",", encoding="utf-8-sig")
        if extra.kind == "trend":
            yield from _of_totals(extra.title, table)
        else:
            names = ("local", "reference", "local_total", "reference_total", "contains_local")
            yield from _of_profile(
                extra.title, profile(table, **{name: getattr(extra, name) for name in names})
            )
