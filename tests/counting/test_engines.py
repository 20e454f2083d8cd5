"""Counting on any engine: the same counts and the same audit, to the last record."""

from __future__ import annotations

import ast
import subprocess
import sys
import warnings
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import duckdb
import geopandas as gpd
import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import example, given, settings, strategies as st

import lsoahot as lh
from lsoahot.counting import locate
from lsoahot.counting.engines import frames, plans

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CODES = ["E01013788", "E01013789", "E01013790", "E01013791"]


# What police.uk's headers are called in records.
POLICE = {
    "LSOA code": "area_code",
    "Month": "period",
    "Crime type": "category",
    "Falls within": "force",
}


def squares() -> gpd.GeoDataFrame:
    """Return four unit squares, two of Rutland and two of Salford, in two forces."""
    table = gpd.GeoDataFrame(
        {"district": ["Rutland", "Rutland", "Salford", "Salford"]},
        index=pd.Index(CODES, name="area_code"),
        geometry=[shapely.box(x, y, x + 1, y + 1) for y in (0, 1) for x in (0, 1)],
        crs="EPSG:27700",
    )
    table.attrs["edition"] = "lsoa11"
    return table


CODE = st.sampled_from([*CODES, "E01013800", "E01035300", "E02005353", "N/A!", None])
ROW = st.tuples(
    CODE,
    st.sampled_from([None, "2021-10", "2021-11", "2021-12", "2022-01"]),
    st.sampled_from([None, 0, 1, 2]),  # the count: missing where the source withheld it
    st.sampled_from(["Drugs", "Robbery", None]),
    st.sampled_from([("Leicestershire", "Salford"), ("Greater Manchester Police", "Salford")]),
)
PERIOD = st.sampled_from([None, ("2021-10", "2021-12"), ("2021-11", "2021-11")])


def table_of(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "area_code": pd.array([row[0] for row in rows], dtype="string"),
            "period": pd.PeriodIndex([row[1] or "NaT" for row in rows], freq="M"),
            "count": pd.array([row[2] for row in rows], dtype="Int64"),
            "category": pd.array([row[3] for row in rows], dtype="string"),
            "force": pd.array([row[4][0] for row in rows], dtype="string"),
            "district": pd.array([row[4][1] for row in rows], dtype="string"),
        }
    )


@given(st.lists(ROW, max_size=30), PERIOD)
@settings(max_examples=60)
def test_a_row_for_many_is_as_many_rows(
    rows: list[tuple[Any, ...]], period: tuple[str, str] | None
) -> None:
    records = table_of(rows)
    alike = records.groupby(list(records.columns), dropna=False, as_index=False).size()
    options = locate.Options("code", period, need=["category"])
    many = locate.locate(squares(), records, options)
    few = locate.locate(
        squares(),
        alike.drop(columns="size"),
        options,
        grouped=locate.Grouped(alike["size"].to_numpy(dtype=np.int64), None, None, []),
    )
    assert few.attrs == many.attrs
    assert few.warnings == many.warnings
    totals = [
        np.bincount(found.position[found.position >= 0], found.events[found.position >= 0], 4)
        for found in (few, many)
    ]
    assert totals[0].tolist() == totals[1].tolist()
    withheld = [None if one.hidden is None else set(one.hidden) for one in (few, many)]
    assert withheld[0] == withheld[1]


# --- the same counts and audit, whatever the engine -----------------------------------------------


def _raw(table: pd.DataFrame, months: str) -> pd.DataFrame:
    """Return records as engines without a type for months hold them: as text, or as first days."""
    if months == "text":
        said = table["period"].astype("string").where(table["period"].notna())
        return table.assign(period=said)
    return table.assign(period=table["period"].dt.to_timestamp())


def _sql(table: pa.Table) -> duckdb.DuckDBPyRelation:
    return duckdb.from_arrow(table)


ENGINES: dict[str, Callable[[pa.Table], Any]] = {
    "pyarrow": lambda table: table,
    "polars": pl.DataFrame,
    "polars lazy": lambda table: pl.DataFrame(table).lazy(),
    "duckdb": _sql,
    "batches of pyarrow": lambda table: table.to_batches(max_chunksize=7) or [table],
    "batches of pandas": lambda table: (
        batch.to_pandas() for batch in table.to_batches(max_chunksize=7) or [table]
    ),
    "batches of polars": lambda table: [pl.DataFrame(table)[:9], pl.DataFrame(table)[9:]],
}

PLACE = st.sampled_from(
    [None, (0.5, 0.5), (1.0, 0.5), (1.5, 1.5), (9.0, 9.0), (0.0, 0.0), (float("nan"), 0.5)]
)


def assert_same(one: pd.DataFrame, two: pd.DataFrame) -> None:
    assert one["count"].tolist() == two["count"].tolist()
    assert one["count"].dtype == two["count"].dtype
    assert one.attrs == two.attrs
    for name in ("weighted", "weighted_sq"):
        if name in two:
            np.testing.assert_allclose(one[name], two[name], rtol=1e-12)


def said(work: Callable[[], pd.DataFrame]) -> tuple[pd.DataFrame, list[str]]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = work()
    return result, [str(warning.message) for warning in caught]


@given(
    st.lists(st.tuples(ROW, PLACE, st.floats(0, 9)), min_size=1, max_size=30),
    PERIOD,
    st.sampled_from(["code", "point"]),
    st.sampled_from(["text", "dates"]),
    st.sets(st.sampled_from(["counts", "coverage"])),
)
@example(  # the only point that is looked up lies outside; another, whose code decides, does not
    [
        (("E01013800", None, None, "Drugs", ("Leicestershire", "Salford")), (0.5, 0.5), 0.0),
        (("N/A!", None, None, "Drugs", ("Leicestershire", "Salford")), (9.0, 9.0), 0.0),
    ],
    None,
    "code",
    "text",
    set(),
)
@settings(max_examples=25)
def test_every_engine_counts_as_pandas_does(
    rows: list[tuple[Any, ...]],
    period: tuple[str, str] | None,
    by: str,
    months: str,
    also: set[str],
) -> None:
    areas = squares()
    records = table_of([row for row, _, _ in rows]).assign(
        easting=[place[0] if place else None for _, place, _ in rows],
        northing=[place[1] if place else None for _, place, _ in rows],
        harm=[harm for _, _, harm in rows],
    )
    records = records.astype({"easting": "float64", "northing": "float64"})
    if "counts" not in also:
        records = records.drop(columns="count")
    options: dict[str, Any] = {"period": period}
    if "coverage" in also:  # Leicestershire reported every month, Greater Manchester all but one
        every = ["2021-10", "2021-11", "2021-12", "2022-01"]
        options["coverage"] = {"Leicestershire": every, "Greater Manchester": every[:3]}
    count = {"locate_by": by, "weight": "harm", **options}
    expected, warned = said(lambda: lh.count(areas, records, **count))
    names = ["category", "period"]
    table, _ = said(lambda: lh.tabulate(areas, records, names, locate_by=by, **options))
    arrow = pa.Table.from_pandas(_raw(records, months), preserve_index=False)
    for name, engine in ENGINES.items():
        found, told = said(lambda: lh.count(areas, engine(arrow), **count))  # noqa: B023
        assert_same(found, expected)
        assert told == warned, name
        again, _ = said(lambda: lh.tabulate(areas, engine(arrow), names, locate_by=by, **options))  # noqa: B023
        assert_same(again, table)
        assert (
            again[["area_code", *names]]
            .astype(str)
            .equals(table[["area_code", *names]].astype(str))
        )


def test_points_in_a_frame_with_shapes_and_in_columns_are_the_same() -> None:
    places = [(0.5, 0.5), (1.0, 0.5), (0.0, 0.0), (9.0, 9.0)]
    shapes = gpd.GeoDataFrame(geometry=[shapely.Point(p) for p in places], crs="EPSG:27700")
    whole = lh.count(squares(), shapes)
    in_batches = lh.count(squares(), (shapes.iloc[i : i + 2] for i in (0, 2)))
    assert whole["count"].tolist() == in_batches["count"].tolist() == [3, 0, 0, 0]
    assert whole.attrs == in_batches.attrs
    columns = pl.DataFrame({"here": [p[0] for p in places], "there": [p[1] for p in places]})
    named = lh.count(squares(), columns, x="here", y="there", crs="EPSG:27700")
    # In a partner's columns 0, 0 says that there is no place.
    assert named["count"].tolist() == [2, 0, 0, 0]
    assert "no location" in str(named.attrs["audit"])


@pytest.mark.parametrize(("by", "expected"), [("code", [2, 0, 1, 1]), ("point", [1, 0, 1, 2])])
def test_a_record_with_a_code_and_a_point_is_counted_by_the_one_asked_for(
    by: str, expected: list[int]
) -> None:
    """Two in the first area by code, of which one stands in the last; one without either."""
    table = pd.DataFrame(
        {
            "area_code": [CODES[0], CODES[0], None, None, "nowhere"],
            "easting": [1.5, None, 1.5, None, 0.5],
            "northing": [1.5, None, 1.5, None, 1.5],
        }
    )
    for same in (table, pl.from_pandas(table)):
        found = lh.count(squares(), same, locate_by=by, crs="EPSG:27700")
        assert found["count"].tolist() == expected
        assert found.attrs["audit"]["no_location"] == 1


def test_the_columns_of_the_points_are_found_and_told() -> None:
    areas = squares().set_geometry(squares().geometry.translate(486_000, 308_000))
    metres = gpd.GeoSeries.from_xy([486_000.5, 486_001.5], [308_000.5, 308_001.5], crs=27700)
    degrees = metres.to_crs(4326)
    table = pl.DataFrame({"Longitude": degrees.x.tolist(), "Latitude": degrees.y.tolist()})
    note = "Points were taken from 'Longitude' and 'Latitude', as EPSG:4326."
    for records in (table, table.lazy(), table.to_pandas(), [table[:1], table[1:]]):
        counted = lh.count(areas, records)
        assert counted["count"].tolist() == [1, 0, 0, 1]
        assert note in counted.attrs["audit"]["notes"]
    named = lh.count(areas, table, x="Longitude", y="Latitude")
    assert note not in named.attrs["audit"]["notes"]  # who names them knows
    # Eastings that hold degrees are degrees, as in files.
    wrong = table.rename({"Longitude": "Easting", "Latitude": "Northing"})
    assert lh.count(areas, wrong)["count"].sum() == 2
    swapped = table.rename({"Longitude": "Latitude", "Latitude": "Longitude"})
    with pytest.raises(ValueError, match="longitude and latitude are swapped"):
        lh.count(areas, swapped)


def test_the_columns_are_told_where_the_last_batch_has_no_points() -> None:
    areas = squares().set_geometry(squares().geometry.translate(486_000, 308_000))
    points = pl.DataFrame({"Easting": [486_001.5], "Northing": [308_001.5]})
    counted = lh.count(areas, [points, pl.DataFrame({"area_code": CODES[:1]})])
    assert counted["count"].tolist() == [1, 0, 0, 1]
    note = "Points were taken from 'Easting' and 'Northing', as EPSG:27700."
    assert note in counted.attrs["audit"]["notes"]


def test_rows_without_a_point_do_not_tell_degrees_from_metres() -> None:
    dd = pytest.importorskip("dask.dataframe", reason="Dask is not installed")
    areas = squares().set_geometry(squares().geometry.translate(486_000, 308_000))
    degrees = gpd.GeoSeries.from_xy([486_001.5] * 2, [308_001.5] * 2, crs=27700).to_crs(4326)
    nowhere = [None, 0.0, float("nan")] * 1000
    table = pl.DataFrame(
        {
            "Easting": [*nowhere, *degrees.x],
            "Northing": [*nowhere, *degrees.y],
        },
        strict=False,
    )
    pandas = table.to_pandas()
    parts = dd.from_pandas(pandas, npartitions=4)
    for records in (pandas, table, table.lazy(), table.to_arrow(), [table[:5], table[5:]], parts):
        counted = lh.count(areas, records)
        assert counted["count"].tolist() == [0, 0, 0, 2]
        assert "as EPSG:4326." in counted.attrs["audit"]["notes"][-1]
    # No point anywhere.
    with pytest.warns(UserWarning, match="None of the 5 records was counted"):
        counted = lh.count(areas, [table[:5]])
    assert counted["count"].sum() == 0


@pytest.mark.parametrize("freq", ["W", "D", "M"])
def test_periods_shorter_than_a_month_are_that_in_which_they_begin(freq: str) -> None:
    """In a table as in batches: the last week of January ends in February."""
    period = pd.PeriodIndex(["2025-01-30", "2025-02-10", None], freq="D").asfreq(freq)
    records = pd.DataFrame({"area_code": [CODES[0]] * 3, "period": period})
    for source in (records, iter([records])):
        counted = lh.count(squares(), source, period=("2025-01", "2025-01"))
        assert counted["count"].sum() == 1
    for source in (records, iter([records])):
        table = lh.tabulate(squares(), source, by="period")
        assert table.groupby("period")["count"].sum().tolist() == [1, 1]


@pytest.mark.parametrize("freq", ["Q", "Y"])
def test_periods_longer_than_a_month_are_refused(freq: str) -> None:
    period = pd.PeriodIndex(["2025-01-30"], freq="D").asfreq(freq)
    records = pd.DataFrame({"area_code": CODES[:1], "period": period})
    for source in (records, iter([records])):
        with pytest.raises(ValueError, match="longer than a month"):
            lh.count(squares(), source)


def test_a_bare_x_and_y_are_not_guessed_at() -> None:
    table = pl.DataFrame({"area_code": [None, CODES[0]], "x": [0.5, 0.5], "y": [0.5, 0.5]})
    assert lh.count(squares(), table)["count"].tolist() == [1, 0, 0, 0]
    named = lh.count(squares(), table, x="x", y="y", crs="EPSG:27700")
    assert named["count"].tolist() == [2, 0, 0, 0]


def test_categories_keep_their_order_and_their_empty_ones() -> None:
    kinds = pd.Categorical(["b", "b"], categories=["c", "b", "a"])
    records = pd.DataFrame({"area_code": CODES[:2], "kind": kinds})
    table = lh.tabulate(squares(), records, "kind")
    frame = pl.DataFrame({"area_code": CODES[:2], "kind": ["b", "b"]})
    enum = frame.with_columns(pl.col("kind").cast(pl.Enum(["c", "b", "a"])))
    for same in (enum, enum.lazy(), [records.iloc[:1], records.iloc[1:]]):
        again = lh.tabulate(squares(), same, "kind")
        assert again["kind"].tolist() == table["kind"].tolist()
        assert again["count"].tolist() == table["count"].tolist()


def test_what_is_missing_becomes_no_word() -> None:
    kinds = pd.Categorical(["b", None], categories=["c", "b"])
    records = pd.DataFrame({"area_code": CODES[:2], "kind": kinds, "period": [None, "2021-10"]})
    records["period"] = records["period"].astype(object)
    table = lh.tabulate(squares(), [records], "kind")
    assert table["kind"].tolist()[:2] == ["c", "b"]
    assert table["count"].sum() == 1
    assert "1 no value to tabulate by" in str(table.attrs["audit"])


def test_categories_that_are_numbers_keep_their_names_where_one_is_missing() -> None:
    records = pd.DataFrame({"area_code": CODES, "beat": pd.Categorical([2, 1, 2, None])})
    for same in (records, [records], [records[:2], records[2:]]):
        table = lh.tabulate(squares(), same, "beat")
        assert table["beat"].astype(str).tolist() == ["1", "2"] * 4
        assert table["count"].tolist() == [0, 1, 1, 0, 0, 1, 0, 0]
        assert "1 no value to tabulate by" in str(table.attrs["audit"])
    assert records["beat"].cat.categories.tolist() == [1, 2]


def test_flags_and_other_types_stay_what_they_are() -> None:
    records = pd.DataFrame({"area_code": CODES[:3], "alcohol": [True, False, True], "n": [3, 1, 3]})
    expected = lh.tabulate(squares(), records, ["alcohol", "n"])
    for same in (pl.from_pandas(records), pa.Table.from_pandas(records), _sql(records)):
        assert lh.tabulate(squares(), same, ["alcohol", "n"]).equals(expected)


def test_fractions_that_are_no_number_are_no_value_on_every_engine() -> None:
    nan = float("nan")
    table = pl.DataFrame({"area_code": CODES, "age": [0.5, nan, 0.5, None]})
    for same in (
        table,
        table.lazy(),
        table.to_arrow(),
        _sql(table.to_arrow()),
        [table[:2], table[2:]],
    ):
        found = lh.tabulate(squares(), same, "age")
        assert found["age"].dropna().unique().tolist() == [0.5]
        assert found["count"].tolist() == [1, 0, 1, 0]
        assert "2 no value to tabulate by" in str(found.attrs["audit"])


def test_a_batch_without_any_value_goes_together_with_text() -> None:
    """As pandas reads an empty column: numbers that are all NaN."""
    for library in (pd, pl):
        parts = [
            library.DataFrame({"area_code": CODES[:2], "kind": kinds})
            for kinds in ([float("nan")] * 2, ["a", "b"])
        ]
        found = lh.tabulate(squares(), parts, "kind")
        assert found["kind"].dropna().unique().tolist() == ["a", "b"]
        assert found["count"].sum() == 2
        assert "2 no value to tabulate by" in str(found.attrs["audit"])


def test_text_of_different_libraries_goes_together() -> None:
    """Of Arrow's three types for text each library has its own."""
    texts = (pa.string(), pa.large_string(), pa.string_view())
    if pa.__version__.startswith("16."):  # which can neither cast views nor group by them
        texts = (pa.string(), pa.large_string(), pa.large_string())
    parts = [
        pa.table({"area_code": pa.array([CODES[i], None]).cast(text)})
        for i, text in enumerate(texts)
    ]
    counted = lh.count(squares(), [*parts, pl.DataFrame({"area_code": CODES[:1]})])
    assert counted["count"].tolist() == [2, 1, 1, 0]


def test_dates_without_a_time_are_of_their_month() -> None:
    days = [date(2021, 10, 31), date(2021, 11, 1)]
    table = pl.DataFrame({"area_code": CODES[:2], "period": days})
    for same in (table, table.lazy(), table.to_arrow(), _sql(table.to_arrow())):
        found = lh.tabulate(squares(), same, "period")
        assert found["period"].astype(str).unique().tolist() == ["2021-10", "2021-11"]
        assert found["count"].sum() == 2


def test_times_are_counted_by_month_on_their_own_engine() -> None:
    """Three in October, one in November and one of no month: three groups, not one a time."""
    times = [datetime(2021, 10, day, 23, 59) for day in (1, 30, 31)]  # noqa: DTZ001
    times += [datetime(2021, 11, 1), None]  # type: ignore[list-item]  # noqa: DTZ001
    table = pl.DataFrame({"period": times})
    arrow, months = table.to_arrow(), {2021 * 12 + 9: 3, 2021 * 12 + 10: 1, None: 1}
    pandas = (arrow.to_pandas(), arrow.to_pandas(types_mapper=pd.ArrowDtype))
    for same in (table, table.lazy(), arrow, _sql(arrow), *pandas):
        plan = plans.keyed(nw.from_native(same).collect_schema(), ["period"])
        found = frames.collected(same, plan)
        assert dict(zip(*found.to_pydict().values(), strict=True)) == months


def test_the_month_of_a_time_is_that_of_its_own_clock() -> None:
    """Half past midnight on 1 July in London, BST, is still June in Greenwich."""
    times = pl.Series([datetime(2021, 6, 30, 23, 30, tzinfo=UTC)] * 2)
    table = pl.DataFrame(
        {"area_code": CODES[:2], "period": times.dt.convert_time_zone("Europe/London")}
    )
    for same in (table, table.lazy(), [table]):
        found = lh.tabulate(squares(), same, "period")
        assert found["period"].astype(str).unique().tolist() == ["2021-07"]
        assert found["count"].sum() == 2


def test_a_period_of_text_is_read_as_in_files() -> None:
    said_so = ["2021-10", "1/11/2021", "2021/22", "soon", None]
    table = pl.DataFrame({"area_code": [CODES[0]] * 5, "period": said_so})
    with pytest.warns(UserWarning, match=r"1 records have a period that can't be read.*: soon\."):
        counted = lh.count(squares(), table, period=("2021-10", "2022-03"))
    assert counted["count"].tolist() == [2, 0, 0, 0]
    audit = counted.attrs["audit"].table().set_index("outcome")["rows"]
    assert audit["no date"] == 2
    assert audit["outside the period"] == 1  # the financial year, which lies in it in part


def test_financial_years_alone_are_read_too() -> None:
    table = pl.DataFrame({"area_code": CODES[:2], "period": ["2021/22"] * 2})
    counted = lh.count(squares(), table, period=("2021-04", "2022-03"))
    assert counted["count"].tolist() == [1, 1, 0, 0]
    assert "no date" not in str(counted.attrs["audit"])
    with pytest.warns(UserWarning, match="None of the 2 records was counted"):
        later = lh.count(squares(), table, period=("2022-04", "2023-03"))
    assert later.attrs["audit"].table().set_index("outcome")["rows"]["outside the period"] == 2


def test_batches_may_lack_columns_that_others_have() -> None:
    """As files of one folder do: what is lacking is missing, and a count that is lacking is 1."""
    first = pd.DataFrame({"area_code": CODES[:2]})
    second = pd.DataFrame({"area_code": CODES[:2], "count": [5, 7]})
    third = gpd.GeoDataFrame(
        {"area_code": [None]}, geometry=[shapely.Point(0.5, 1.5)], crs="EPSG:27700"
    )
    counted = lh.count(squares(), [first, second, third])
    assert counted["count"].tolist() == [6, 8, 1, 0]
    assert counted.attrs["audit"]["records"] == 5


def test_batches_tell_what_was_read_before() -> None:
    table = pd.DataFrame(
        {"LSOA code": [CODES[0]] * 4, "Month": "2021-10", "Crime type": ["Drugs", *["ASB"] * 3]}
    ).replace("ASB", "Anti-social behaviour")
    asb = lh.read_dataset("asb", table)
    whole = lh.count(squares(), asb)
    slices = lh.count(squares(), (asb.iloc[i : i + 1] for i in range(3)))
    assert whole.attrs == slices.attrs
    assert "Left out before, when the file was read: Drugs 1." in slices.attrs["audit"]["notes"]
    twice = lh.count(squares(), [asb, lh.read_dataset("asb", table)])
    assert "Left out before, when the file was read: Drugs 2." in twice.attrs["audit"]["notes"]


def test_read_batches_are_counted_as_the_whole() -> None:
    areas = lh.read_boundaries("sample")
    whole = lh.count(areas, lh.read_dataset("crime", "sample"))
    assert_same(lh.count(areas, lh.read_batches("crime", "sample", rows=300)), whole)


@pytest.mark.parametrize(
    ("name", "by"), [("polars lazy", "code"), ("duckdb", "point"), ("batches of pyarrow", "point")]
)
def test_the_whole_country(shared: Path, national: Any, name: str, by: str) -> None:
    areas, expected = national
    table = pq.read_table(shared / "data/national/police_2025_slim.parquet")
    table = table.rename_columns([POLICE.get(column, column) for column in table.column_names])
    records = table.to_batches() if name == "batches of pyarrow" else ENGINES[name](table)
    assert_same(lh.count(areas, records, locate_by=by), expected[by])


# --- what can't be counted ------------------------------------------------------------------------


def test_raw_headers_are_answered_with_the_renaming() -> None:
    raw = pl.DataFrame({"LSOA code": [CODES[0]], "Month": ["2021-10"], "Crime type": ["Drugs"]})
    with pytest.raises(ValueError, match="neither an area_code nor points") as told:
        lh.count(squares(), raw)
    names = ast.literal_eval(str(told.value).partition("engine: ")[2].removesuffix("."))
    assert names == {"LSOA code": "area_code", "Month": "period", "Crime type": "category"}
    assert lh.count(squares(), raw.rename(names))["count"].tolist() == [1, 0, 0, 0]
    with pytest.raises(ValueError, match=r"no column 'category'.*'Crime type': 'category'"):
        lh.tabulate(squares(), raw.rename({"LSOA code": "area_code"}))
    with pytest.raises(ValueError, match=r"no column 'harm'; they have area_code\. Name a column"):
        lh.count(squares(), raw.rename(names).select("area_code"), weight="harm")


def test_headers_that_no_renaming_mends_are_answered_with_what_to_name() -> None:
    for raw in (pl.DataFrame({"crime": [1]}), pl.DataFrame({"Month": ["2021-10"]})):
        with pytest.raises(ValueError, match="Rename the column of codes to 'area_code', or name"):
            lh.count(squares(), raw)


def test_an_iterator_that_was_read_already_is_no_zero() -> None:
    batches = iter([pl.DataFrame({"area_code": CODES})])
    assert lh.count(squares(), batches)["count"].sum() == 4
    with pytest.raises(ValueError, match="can be read once only"):
        lh.count(squares(), batches)


@pytest.mark.parametrize(
    ("records", "error", "message"),
    [
        ("crime.csv", TypeError, "records is a str, not a table"),
        ({"area_code": CODES}, TypeError, "records is a dict, not a table"),
        ([CODES], TypeError, "records is a list, not a table"),
        (7, TypeError, "records is a int, not a table"),
        (pl.DataFrame({"crime": [1]}), ValueError, "neither an area_code nor points"),
        (pl.DataFrame({"area_code": CODES, "count": list("abcd")}), TypeError, "not numbers"),
        (pl.DataFrame({"area_code": CODES, "count": [1, -1, 2, 3]}), ValueError, "negative or not"),
        (
            pl.DataFrame({"area_code": CODES, "count": [1.0, 0.5, 2.0, 3.0]}),
            ValueError,
            "or not whole",
        ),
        (
            [pl.DataFrame({"area_code": CODES}), pl.DataFrame({"area_code": [1, 2]})],
            ValueError,
            "don't go together",
        ),
    ],
)
def test_refused(records: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        lh.count(squares(), records)


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), -1.0])
def test_weights_that_are_lacking_are_refused_where_they_count(value: float | None) -> None:
    table = pl.DataFrame({"area_code": [CODES[0], None], "harm": [1.0, value]})
    assert lh.count(squares(), table, weight="harm")["weighted"].tolist()[0] == 1
    worse = pl.DataFrame({"area_code": CODES[:2], "harm": [1.0, value]})
    with pytest.raises(ValueError, match="missing or negative in 1 of the records"):
        lh.count(squares(), worse, weight="harm")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"x": "a"}, "a point has both"),
        ({"x": "a", "y": "c"}, "records have no column 'c'"),
        ({"x": "a", "y": "b"}, "nothing tells the reference system"),
    ],
)
def test_columns_of_points_that_are_lacking(options: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        lh.count(squares(), pl.DataFrame({"a": [1.0], "b": [1.0]}), **options)


def test_areas_without_a_reference_system_hold_no_points() -> None:
    areas = squares().set_crs(None, allow_override=True)
    table = pl.DataFrame({"easting": [0.5], "northing": [0.5]})
    with pytest.raises(ValueError, match="areas have no coordinate reference system"):
        lh.count(areas, table)


# --- nothing is imported that isn't used ------------------------------------------------------------


def test_engines_are_imported_by_use_alone() -> None:
    """Counting a pandas table needs none of them; counting a polars one, no other."""
    code = (
        "import sys, pandas as pd, geopandas as gpd, shapely, lsoahot as lh\n"
        "engines = {'narwhals', 'polars', 'duckdb', 'dask', 'distributed', 'pyspark'}\n"
        "def met(): return sorted(engines & {name.partition('.')[0] for name in sys.modules})\n"
        "areas = gpd.GeoDataFrame(index=pd.Index(['E01013788'], name='area_code'),\n"
        "                         geometry=[shapely.box(0, 0, 1, 1)], crs='EPSG:27700')\n"
        "records = pd.DataFrame({'area_code': ['E01013788']})\n"
        "lh.count(areas, records); lh.tabulate(areas, records.assign(category='x'))\n"
        "print(met())\n"
        "import polars\n"
        "lh.count(areas, polars.DataFrame({'area_code': ['E01013788']}))\n"
        "print(met())\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == ["[]", "['narwhals', 'polars']"]


def test_dask_can_be_used_again_after_a_count() -> None:
    """In a Python that didn't use it before: its scheduler's settings come with the first count."""
    pytest.importorskip("dask.dataframe", reason="Dask is not installed")
    code = (
        "import pandas as pd, geopandas as gpd, shapely, lsoahot as lh, dask.dataframe as dd\n"
        "areas = gpd.GeoDataFrame(index=pd.Index(['E01013788'], name='area_code'),\n"
        "                         geometry=[shapely.box(0, 0, 1, 1)], crs='EPSG:27700')\n"
        "table = dd.from_pandas(pd.DataFrame({'area_code': ['E01013788'] * 5}), npartitions=2)\n"
        "print(lh.count(areas, table)['count'].sum(), lh.count(areas, table)['count'].sum())\n"
        "print(len(table))\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (run.stdout.split(), run.stderr) == (["5", "5", "5"], "")


def test_coverage_is_what_the_reader_notes() -> None:
    table = pd.DataFrame(
        {
            "LSOA code": CODES[0],
            "Month": ["2021-10", "2021-11", "2021-11", "2021-12"],
            "Crime type": "Drugs",
            "Falls within": ["Leicestershire Police"] * 2 + ["Greater Manchester Police", None],
        }
    )
    noted = lh.read_dataset("crime", table).attrs["coverage"]
    renamed = pa.Table.from_pandas(table).rename_columns([POLICE[name] for name in table.columns])
    for records in (renamed, _sql(renamed), renamed.to_batches(max_chunksize=1)):
        assert lh.coverage(records, complete=True) == noted
        assert lh.coverage(records) == {}  # of so few a month without one says nothing
    often = pa.concat_tables([renamed] * 20)
    assert lh.coverage(often) == noted
    with pytest.raises(ValueError, match="no column 'force'"):
        lh.coverage(pl.DataFrame({"period": ["2021-10"]}))
    with pytest.raises(ValueError, match="can be read once only"):
        lh.coverage(iter([]))
