"""Rows in any order, in several files, on any engine, with dates in any writing: the same counts."""

from __future__ import annotations

import itertools
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import geopandas as gpd
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import shapely
from hypothesis import HealthCheck, given, settings, strategies as st

import lsoahot as lh

if TYPE_CHECKING:
    from collections.abc import Callable

BUDGET = settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
SEED = st.integers(0, 10_000)
CODES = [f"E01{n:06d}" for n in range(1, 10)]
AREAS = gpd.GeoDataFrame(
    index=pd.Index(CODES, name="area_code"),
    geometry=[
        shapely.box(x, y, x + 1000, y + 1000)
        for x in (480_000, 481_000, 482_000)
        for y in (300_000, 301_000, 302_000)
    ],
    crs="EPSG:27700",
)
SPAN = ("2022-01", "2023-12")


def quiet(call: Callable[[], Any]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # what is left out is in the audit
        return call()


def records_of(seed: int, n: int = 300) -> gpd.GeoDataFrame:
    """Return records of two years with points, of which some are dirty in every way."""
    rng = np.random.default_rng(seed)
    months = pd.period_range(*SPAN, freq="M")[rng.integers(0, 24, n)]
    code = rng.choice([*CODES, "E01999999", "nonsense"], n).astype(object)
    code[rng.random(n) < 0.1] = None
    points = shapely.points(rng.uniform(479_700, 483_300, n), rng.uniform(299_700, 303_300, n))
    points[rng.random(n) < 0.2] = None
    return gpd.GeoDataFrame(
        {
            "area_code": code,
            "period": pd.PeriodIndex(months.where(rng.random(n) > 0.05), freq="M"),
            "date": pd.Timestamp("2022-01-02") + pd.to_timedelta(rng.integers(0, 700, n), unit="D"),
            "category": rng.choice(np.array(["Drugs", "Theft", None], dtype=object), n),
            "harm": rng.choice([0.5, 1.0, 7.0], n),
        },
        geometry=points,
        crs="EPSG:27700",
    )


# --- order ----------------------------------------------------------------------------------------

VERBS: dict[str, Callable[[gpd.GeoDataFrame], Any]] = {
    "count": lambda records: lh.count(AREAS, records),
    "count by point": lambda records: lh.count(AREAS, records, locate_by="point"),
    "count with weights": lambda records: lh.count(AREAS, records, weight="harm"),
    "tabulate": lambda records: lh.tabulate(AREAS, records, ["category", "period"]),
    "trend": lambda records: lh.trend(records, period=SPAN),
    "trend with weights": lambda records: lh.trend(records, weight="harm", period=SPAN),
    "seasonality": lambda records: lh.seasonality(records, "category", period=SPAN),
    "dispersion": lambda records: lh.dispersion(records, period=SPAN),
    "monthly_hotspots": lambda records: lh.monthly_hotspots(AREAS, records, period=SPAN),
    "emerging_hotspots": lambda records: lh.emerging_hotspots(AREAS, records, period=SPAN),
    "near_repeat": lambda records: lh.near_repeat(records, metres=(500, 1000), permutations=49),
    "coverage": lambda records: lh.coverage(records.assign(force="Kent Police")),
}


def same(found: Any, expected: Any) -> None:
    if isinstance(expected, pd.DataFrame):
        pd.testing.assert_frame_equal(pd.DataFrame(found), pd.DataFrame(expected))
        assert found.attrs == expected.attrs
    else:
        assert (
            found == pytest.approx(expected) if isinstance(expected, float) else expected == found
        )


@pytest.mark.parametrize("verb", VERBS)
@given(seed=SEED)
@BUDGET
def test_records_in_any_order_give_the_same(verb: str, seed: int) -> None:
    records = records_of(seed)
    mixed = records.sample(frac=1, random_state=seed)
    columns = list(records.columns)[::-1]
    found = quiet(lambda: VERBS[verb](mixed[columns]))
    same(found, quiet(lambda: VERBS[verb](records)))


# --- held otherwise -------------------------------------------------------------------------------


def otherwise(records: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Rows of which several have one label, codes and words that are categories, and more columns."""
    held = records.astype({"area_code": "category", "category": "category", "harm": "float32"})
    held.index = np.arange(len(records)) // 3
    return held.assign(note="x", level_0=1, index=2).rename_geometry("place")


def in_arrow(records: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Words of Arrow, numbers of Arrow, labels that are words, and places in degrees."""
    held = records.astype({"area_code": "string[pyarrow]", "harm": "double[pyarrow]"})
    held["category"] = held["category"].astype("string")
    held.index = [f"row {n}" for n in range(len(records))][::-1]
    return held.to_crs(4326)


def inside(records: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Move the places off the edges of areas, where the last digits of degrees decide."""
    at = shapely.get_coordinates(records.geometry[records.geometry.notna()])
    records = records.copy()
    records.loc[records.geometry.notna(), "geometry"] = shapely.points(at // 10 * 10 + 2 + at % 6)
    return records


@pytest.mark.parametrize("form", [otherwise, in_arrow])
@pytest.mark.parametrize("verb", VERBS)
def test_records_give_the_same_however_their_table_is_held(
    verb: str, form: Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]
) -> None:
    records = inside(records_of(11))
    found, expected = (
        quiet(lambda table=table: VERBS[verb](table)) for table in (form(records), records)
    )
    if verb == "tabulate":  # words stay what they were
        found["category"] = found["category"].astype(expected["category"].dtype)
    same(found, expected)


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_leaves_its_records_as_they_were(verb: str) -> None:
    records, before = records_of(12), records_of(12)
    records.attrs, before.attrs = {"notice": "as read"}, {"notice": "as read"}
    quiet(lambda: VERBS[verb](records))
    pd.testing.assert_frame_equal(records, before)
    assert records.attrs == before.attrs


@pytest.mark.parametrize(
    "verb", ["count", "count by point", "tabulate", "trend", "seasonality", "dispersion",
             "monthly_hotspots", "emerging_hotspots"],
)  # fmt: skip
def test_a_row_that_stands_for_several_events_is_as_good_as_these(verb: str) -> None:
    records = records_of(13)
    each = np.random.default_rng(13).integers(1, 4, len(records))
    rows = records.loc[np.repeat(records.index, each)].reset_index(drop=True)
    found, expected = (
        quiet(lambda table=table: VERBS[verb](table))
        for table in (records.assign(count=each), rows)
    )
    if isinstance(expected, pd.DataFrame):
        figures = [name for name in expected if name != "geometry"]
        pd.testing.assert_frame_equal(
            pd.DataFrame(found)[figures], pd.DataFrame(expected)[figures], check_dtype=False
        )
        if audit := expected.attrs.get("audit"):
            assert found.attrs["audit"]["events"] == audit["records"] == len(rows)
    else:
        assert found == pytest.approx(expected)


# --- engines --------------------------------------------------------------------------------------


def plain(records: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return records as other engines hold them: points as eastings and northings, months as text."""
    table = pd.DataFrame(records.drop(columns=["geometry", "date"]))
    month = records["period"].astype(object).where(records["period"].notna(), None)
    return table.assign(
        easting=records.geometry.x,
        northing=records.geometry.y,
        period=[None if value is None else str(value) for value in month],
        area_code=records["area_code"].astype(object).where(records["area_code"].notna(), None),
        category=records["category"].astype(object).where(records["category"].notna(), None),
    )


def arrow(table: pd.DataFrame) -> pa.Table:
    return pa.Table.from_pandas(table, preserve_index=False)


def duck(table: pd.DataFrame) -> Any:
    return duckdb.from_arrow(arrow(table))  # of the connection that lives as long as the process


ENGINES: dict[str, Callable[[pd.DataFrame], Any]] = {
    "polars": lambda table: pl.from_arrow(arrow(table)),
    "polars, lazy": lambda table: pl.from_arrow(arrow(table)).lazy(),
    "pyarrow": arrow,
    "DuckDB": duck,
    "batches": lambda table: iter([arrow(table[:70]), arrow(table[70:71]), arrow(table[71:])]),
}


@pytest.mark.parametrize("by", ["code", "point"])
@pytest.mark.parametrize("engine", ENGINES)
@given(seed=SEED)
@BUDGET
def test_dirty_records_are_counted_alike_on_every_engine(engine: str, by: str, seed: int) -> None:
    records = records_of(seed)
    table = plain(records)
    expected = quiet(
        lambda: lh.count(AREAS, records.drop(columns="date"), locate_by=by, period=SPAN)
    )
    found = quiet(lambda: lh.count(AREAS, ENGINES[engine](table), locate_by=by, period=SPAN))
    assert found["count"].tolist() == expected["count"].tolist()
    accounts = [dict(table.attrs["audit"]) for table in (found, expected)]
    for account in accounts:
        del account["notes"]  # which says whence points were taken, where that was guessed
    assert accounts[0] == accounts[1]
    assert found["count"].sum() == expected.attrs["audit"]["counted"]
    assert 0 < expected["count"].sum() < len(records)


# --- files ----------------------------------------------------------------------------------------


def extract(seed: int, n: int = 60) -> pd.DataFrame:
    """Return a force's extract, as text."""
    rng = np.random.default_rng(seed)
    days = pd.Timestamp("2023-01-13") + pd.to_timedelta(rng.integers(0, 500, n), unit="D")
    return pd.DataFrame(
        {
            "Crime ID": [f"{seed:05d}{i:05d}" for i in range(n)],
            "Date": pd.DatetimeIndex(days).strftime("%Y-%m-%d"),
            "LSOA code": rng.choice(CODES, n),
            "Crime type": rng.choice(["Burglary", "Drugs", "Robbery"], n),
            "Easting": rng.integers(480_000, 481_000, n).astype(str),
            "Northing": rng.integers(300_000, 301_000, n).astype(str),
        }
    )


def counted(path: Path) -> pd.DataFrame:
    records = quiet(lambda: lh.read_dataset("crime", path))
    table = records.groupby([records["area_code"], records["period"].astype(str), "category"])
    return table.size().sort_index().to_frame("count")


@given(seed=SEED, cuts=st.lists(st.integers(1, 59), max_size=3, unique=True))
@BUDGET
def test_records_in_several_files_are_those_in_one(
    seed: int, cuts: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("split")
    table = extract(seed)
    table.to_csv(folder / "whole.csv", index=False)
    several = folder / "several"
    several.mkdir()
    for number, (begin, end) in enumerate(itertools.pairwise([0, *sorted(cuts), len(table)])):
        table.iloc[begin:end].to_csv(several / f"part-{number}.csv", index=False)
    pd.testing.assert_frame_equal(counted(several), counted(folder / "whole.csv"))


@given(order=st.permutations(range(6)), seed=SEED)
@BUDGET
def test_columns_of_a_file_in_any_order_are_read_alike(
    order: list[int], seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("columns")
    table = extract(seed)
    table.to_csv(folder / "one.csv", index=False)
    table.iloc[:, order].to_csv(folder / "other.csv", index=False)
    pd.testing.assert_frame_equal(counted(folder / "other.csv"), counted(folder / "one.csv"))


# Nine ways to write a day, all of them read in British order.
WAYS = {
    "2023-02-14": "%Y-%m-%d",
    "14/02/2023": "%d/%m/%Y",
    "14/02/23": "%d/%m/%y",
    "14-02-2023": "%d-%m-%Y",
    "14.02.2023": "%d.%m.%Y",
    "14 Feb 2023": "%d %b %Y",
    "14 February 2023": "%d %B %Y",
    "14-Feb-23": "%d-%b-%y",
    "14/02/2023 13:45": "%d/%m/%Y 13:45",
}


@pytest.mark.parametrize("way", WAYS)
@given(seed=SEED)
@settings(max_examples=3)
def test_a_day_is_read_alike_however_it_is_written(
    way: str, seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert pd.Timestamp("2023-02-14").strftime(WAYS[way]) == way
    folder = tmp_path_factory.mktemp("dates")
    table = extract(seed)
    table.to_csv(folder / "iso.csv", index=False)
    days = pd.to_datetime(table["Date"])
    table.assign(Date=days.dt.strftime(WAYS[way])).to_csv(folder / "other.csv", index=False)
    expected, found = (
        quiet(lambda name=name: lh.read_dataset("crime", folder / name))
        for name in ("iso.csv", "other.csv")
    )
    assert found["period"].tolist() == expected["period"].tolist()
    assert found["period"].astype(str).tolist() == days.dt.strftime("%Y-%m").tolist()
    assert found["date"].tolist() == expected["date"].tolist()
