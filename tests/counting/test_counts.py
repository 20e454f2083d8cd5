"""Counting, tabulating and joining: by hand, against the oracles, and for whatever goes in."""

from __future__ import annotations

import copy
import json
import operator
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given, settings, strategies as st

import lsoahot as lh
from lsoahot.common import area_codes, area_codes as _area_codes, police_forces

# Four unit squares: A and B below, C and D above. All four codes live in every edition.
CODES = ["E01013788", "E01013789", "E01013790", "E01013791"]
A, B, C, D = CODES


@pytest.fixture
def areas() -> gpd.GeoDataFrame:
    """Return the four squares of the first lines."""
    boxes = [shapely.box(x, y, x + 1, y + 1) for y in (0, 1) for x in (0, 1)]
    table = gpd.GeoDataFrame(
        {"area_name": list("ABCD"), "district": "Rutland"},
        index=pd.Index(CODES, name="area_code"),
        geometry=boxes,
        crs="EPSG:27700",
    )
    table.attrs = {"edition": "lsoa11", "source": "by hand"}
    return table


def months(*names: str) -> pd.PeriodIndex:
    return pd.PeriodIndex(names, freq="M")


def points(*xy: tuple[float, float] | None, **columns: Any) -> gpd.GeoDataFrame:
    shapes = [None if pair is None else shapely.Point(pair) for pair in xy]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:27700")


def outcomes(table: pd.DataFrame) -> dict[str, int]:
    audit = table.attrs["audit"].table()
    return {name: rows for name, rows in zip(audit["outcome"], audit["rows"], strict=True) if rows}


# --- the walk ---------------------------------------------------------------------------------------


def walk(areas: gpd.GeoDataFrame, records: pd.DataFrame) -> tuple[list[str], set[tuple[str, str]]]:
    """Return the files that `count` enters up to its bincount, and which called which."""
    package = str(Path(lh.__file__).parent)
    entered: list[str] = []
    calls: set[tuple[str, str]] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        path, before = frame.f_code.co_filename, frame.f_back
        if event != "call" or not path.startswith(package) or frame.f_code.co_name == "<genexpr>":
            return  # (a generator is entered where its values are used)
        if frame.f_code.co_name in {"_by_month", "total"}:  # the bincount
            sys.setprofile(None)
            return
        entered.append(Path(path).stem)
        while before is not None and not before.f_code.co_filename.startswith(package):
            before = before.f_back
        if before is not None and before.f_code.co_filename != path:
            calls.add((Path(before.f_code.co_filename).stem, Path(path).stem))

    operator.attrgetter("count")(lh)  # loaded before the walk
    sys.setprofile(note)
    try:
        lh.count(areas, records)
    finally:
        sys.setprofile(None)
    return list(dict.fromkeys(entered)), calls


@pytest.mark.parametrize("located", ["by code", "by point"])
def test_the_way_to_the_count_is_short_and_leads_down_only(
    areas: gpd.GeoDataFrame, located: str
) -> None:
    codes = [A, A, B, "E01013800"]
    records = points((0.5, 0.5), (0.5, 0.5), (1.5, 0.5), None, period=months(*["2025-01"] * 4))
    if located == "by code":
        records = pd.DataFrame(records.drop(columns="geometry")).assign(area_code=codes)
    files, calls = walk(areas, records)
    assert files[0] == "counts"
    assert "locate" in files
    assert len(files) <= (8 if located == "by code" else 11), files
    left = {name: {to for of, to in calls if of == name} for name in files}
    while left:  # no file calls one that led to it
        free = {name for name, called in left.items() if not called & left.keys()}
        assert free, calls
        left = {name: called for name, called in left.items() if name not in free}


# --- count ------------------------------------------------------------------------------------------


def test_by_code(areas: gpd.GeoDataFrame) -> None:
    records = pd.DataFrame({"area_code": [A, A, B, None, "E01013800", "E01035300", "Oakham"]})
    with pytest.warns(UserWarning, match="1 records have a code of another edition"):
        counted = lh.count(areas, records)
    assert counted["count"].tolist() == [2, 1, 0, 0]
    assert counted["count"].dtype == "int64"
    audit = counted.attrs["audit"]
    headline = {"counted": 3, "no_location": 1, "outside": 1, "other_edition": 1}
    assert {key: audit[key] for key in headline} == headline
    assert audit["editions"] == {"lsoa21": 1}
    assert outcomes(counted) == {
        "counted by code": 3,
        "no location": 1,
        "outside the areas": 1,
        "code of another edition": 1,
        "code not known": 1,
    }


def test_by_point(areas: gpd.GeoDataFrame) -> None:
    records = points((0.5, 0.5), (1.5, 1.5), (9, 9), None, (1.5, 1.4))
    counted = lh.count(areas, records)
    assert counted["count"].tolist() == [1, 0, 0, 2]
    assert outcomes(counted) == {"counted by point": 3, "no location": 1, "outside the areas": 1}


def test_where_a_record_has_both_the_code_decides_unless_told(areas: gpd.GeoDataFrame) -> None:
    records = points((1.5, 0.5), None, (1.5, 0.5), area_code=[A, A, None])
    assert lh.count(areas, records)["count"].tolist() == [2, 1, 0, 0]
    by_point = lh.count(areas, records, locate_by="point")
    assert by_point["count"].tolist() == [1, 2, 0, 0]
    assert outcomes(by_point) == {"counted by code": 1, "counted by point": 2}


def test_what_is_no_code_decides_nothing(areas: gpd.GeoDataFrame) -> None:
    records = points((0.5, 0.5), None, (9, 9), area_code=["104/13", "104/13", "104/13"])
    counted = lh.count(areas, records)
    assert counted["count"].tolist() == [1, 0, 0, 0]
    assert outcomes(counted) == {
        "counted by point": 1,
        "outside the areas": 1,
        "code not known": 1,
    }
    assert "1 code not known (104/13 1)" in str(counted.attrs["audit"])


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]])
def test_a_point_on_a_shared_edge_counts_once_in_the_lowest_code(
    areas: gpd.GeoDataFrame, order: list[int]
) -> None:
    records = points((1, 0.5), (0.5, 1), (1, 1), (1.5, 1), (2, 0.5))
    counted = lh.count(areas.iloc[order], records)
    assert counted["count"].sum() == 5
    assert counted["count"].reindex(CODES).tolist() == [3, 2, 0, 0]


def test_points_in_degrees_are_brought_to_the_areas(areas: gpd.GeoDataFrame) -> None:
    square = areas.set_geometry(areas.geometry.translate(486_000, 308_000))
    degrees = points((486_000.5, 308_000.5), (486_001.5, 308_001.5)).to_crs("EPSG:4326")
    assert lh.count(square, degrees)["count"].tolist() == [1, 0, 0, 1]


def test_counted_rows(areas: gpd.GeoDataFrame) -> None:
    records = pd.DataFrame({"area_code": [A, A, B, "Oakham"], "count": [3, 0, 2, 5]})
    counted = lh.count(areas, records)
    assert counted["count"].tolist() == [3, 2, 0, 0]
    audit = counted.attrs["audit"]
    assert (audit["records"], audit["events"]) == (4, 10)
    assert "They stand for 10 events, of which 5 were counted." in str(audit)


def test_a_count_that_the_source_withheld_is_no_zero(areas: gpd.GeoDataFrame) -> None:
    records = pd.DataFrame({"area_code": [A, A, B], "count": pd.array([3, None, 2], dtype="Int64")})
    counted = lh.count(areas, records)
    assert counted["count"].tolist() == [pd.NA, 2, 0, 0]
    assert counted["count"].dtype == "Int64"
    assert outcomes(counted) == {
        "counted by code": 1,
        "count suppressed at source": 1,
        "in an area without data": 1,  # its other 3 are no count of the area, which has none
    }


def test_a_withheld_cell_may_be_the_first(areas: gpd.GeoDataFrame) -> None:
    records = pd.DataFrame(
        {"area_code": [A, B], "period": months("2022-01", "2022-02"), "count": [pd.NA, 3]}
    ).astype({"count": "Int64"})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        cells = lh.tabulate(areas, records, "period")
    assert cells["count"].isna().tolist() == [True] + [False] * 7
    assert cells["count"].tolist()[1:] == [0, 0, 3, 0, 0, 0, 0]


def test_what_the_reader_said_stands_beside_what_the_areas_say_once(
    areas: gpd.GeoDataFrame,
) -> None:
    records = pd.DataFrame({"area_code": [A]})
    records.attrs["read"] = {"warnings": ["a.csv is cut. Ask again."]}
    assert lh.count(areas, records).attrs["notice"] == "a.csv is cut"
    areas.attrs["notice"] = "schematic boundaries"
    once = lh.count(areas, records)
    assert once.attrs["notice"] == "schematic boundaries; a.csv is cut"
    again = lh.count(once.drop(columns="count"), records)
    assert again.attrs["notice"] == "schematic boundaries; a.csv is cut"
    records.attrs["read"] = {"warnings": []}
    assert lh.count(areas, records).attrs["notice"] == "schematic boundaries"


def test_the_account_holds_what_was_noted_when_the_files_were_read(
    areas: gpd.GeoDataFrame,
) -> None:
    records = pd.DataFrame({"area_code": [A, A]})
    records.attrs = {
        "dataset": "crime",
        "anonymised": True,
        "read": {
            "left_out": {"a total": 2},
            "repeated_ids": 3,
            "passed_over": {"b.pdf": "of an unknown kind. Save it as CSV."},
            "columns": {"LSOA code": "used as the area code", "Beat": "not understood"},
            "withheld": {"[c]": 4, "*": 1},
            "unfiltered": ["c.csv"],
            "warnings": ["One is odd. Mend it.", "Two is odd.", "Three is odd. Ask."],
        },
    }
    counted = lh.count(areas, records)
    audit = counted.attrs["audit"]
    assert (audit["dataset"], audit["anonymised"]) == ("crime", True)
    assert audit["notes"] == [
        "Left out before, when the file was read: a total 2.",
        "In the source 3 records repeat an identifier; all are kept.",
        "Passed over: b.pdf (of an unknown kind).",
        "Columns that were not understood: 'Beat'.",
        "The source gives no figure in 5 rows: [c] 4, * 1.",
        "Nothing in c.csv says which rows belong: all were taken.",
        "One is odd. Mend it.",
        "Two is odd.",
        "Three is odd. Ask.",
    ]
    assert counted.attrs["notice"] == ("One is odd; Two is odd; and 1 more remarks of the reader")
    plain = lh.count(areas, pd.DataFrame({"area_code": [A]})).attrs["audit"]
    assert plain["notes"] == []
    assert "anonymised" not in plain


def test_only_the_cell_that_was_withheld_is_missing(areas: gpd.GeoDataFrame) -> None:
    records = pd.DataFrame(
        {
            "area_code": [A, A, B, B],
            "category": ["x", "y", "x", "y"],
            "alcohol": [True, True, False, True],
            "count": pd.array([3, None, 2, 1], dtype="Int64"),
        }
    )
    table = lh.tabulate(areas, records, ["category", "alcohol"])
    assert table["count"].tolist()[:8] == [0, 3, 0, pd.NA, 2, 0, 0, 1]
    assert table["count"].isna().sum() == 1


def test_weights(areas: gpd.GeoDataFrame) -> None:
    records = pd.DataFrame(
        {"area_code": [A, A, B, None], "harm": [10.0, 5.0, 2.0, np.nan], "count": [1, 2, 3, 4]}
    )
    counted = lh.count(areas, records, weight="harm")
    assert counted["count"].tolist() == [3, 3, 0, 0]
    assert counted["weighted"].tolist() == [20.0, 6.0, 0.0, 0.0]
    assert counted["weighted_sq"].tolist() == [150.0, 12.0, 0.0, 0.0]


def test_a_period_is_exact(areas: gpd.GeoDataFrame) -> None:
    records = pd.DataFrame(
        {
            "area_code": [A, A, A, B, B],
            "period": months("2021-09", "2021-10", "2022-09", "2022-10", "NaT"),
        }
    )
    counted = lh.count(areas, records, period=("2021-10", "2022-09"))
    assert counted["count"].tolist() == [2, 0, 0, 0]
    assert counted.attrs["period"] == ["2021-10", "2022-09"]
    assert outcomes(counted) == {"counted by code": 2, "outside the period": 2, "no date": 1}
    whole = lh.count(areas, records)
    assert whole["count"].tolist() == [3, 2, 0, 0]
    assert whole.attrs["period"] == ["2021-09", "2022-10"]


def test_a_financial_year_is_counted_where_it_lies_in_the_period(areas: gpd.GeoDataFrame) -> None:
    records = pd.DataFrame(
        {
            "area_code": [A, B],
            "period": months("NaT", "NaT"),
            "financial_year": ["2021/22", "2022/23"],
        }
    )
    assert lh.count(areas, records).attrs["period"] == ["2021-04", "2023-03"]
    year = lh.count(areas, records, period=("2021-04", "2022-03"))
    assert year["count"].tolist() == [1, 0, 0, 0]
    half = lh.count(areas, records, period=("2021-10", "2023-03"))
    assert half["count"].tolist() == [0, 1, 0, 0]


def test_nothing_of_the_callers_changes(areas: gpd.GeoDataFrame) -> None:
    records = points((0.5, 0.5), area_code=[None])
    before, attrs = areas.copy(deep=True), copy.deepcopy(areas.attrs)
    counted = lh.count(areas, records)
    assert areas.attrs == attrs
    assert "count" not in areas
    assert_geodataframe_equal(areas, before)
    assert counted.attrs["source"] == "by hand"


def test_areas_of_another_geography(areas: gpd.GeoDataFrame) -> None:
    wards = areas.set_index(pd.Index([f"E0500000{i}" for i in range(4)], name="area_code"))
    wards.attrs = {}
    records = points((0.5, 0.5), None, (1.5, 0.5), area_code=[A, A, None])
    with pytest.warns(UserWarning, match=r"2 records have a code of another edition .lsoa 2. than"):
        assert lh.count(wards, records)["count"].tolist() == [0, 1, 0, 0]
    with pytest.warns(UserWarning, match=r"1 records .*use the points: count"):
        assert lh.count(wards, records, locate_by="point")["count"].tolist() == [1, 1, 0, 0]


def test_no_records_at_all_is_told(areas: gpd.GeoDataFrame) -> None:
    with pytest.warns(UserWarning, match="None of the 1 records was counted in the 4 areas"):
        counted = lh.count(areas, pd.DataFrame({"area_code": ["E01013800"]}))
    assert counted["count"].tolist() == [0, 0, 0, 0]
    empty = lh.count(areas, pd.DataFrame({"area_code": pd.Series([], dtype=object)}))
    assert empty["count"].tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("category", ["all", "violence", "asb", "burglary"])
def test_the_oracles_counts(category: str, shared: Path, leicestershire: Any) -> None:
    areas, crimes = leicestershire
    kinds = {
        "violence": "Violence and sexual offences",
        "asb": "Anti-social behaviour",
        "burglary": "Burglary",
    }
    records = crimes if category == "all" else crimes[crimes["category"] == kinds[category]]
    oracle = pd.read_csv(shared / "oracles/leics_counts_2021-10_2022-09.csv", index_col="LSOA11CD")
    counted = lh.count(areas, records)
    assert len(counted) == 611
    assert (counted["count"] == oracle[category].reindex(counted.index)).all()


def test_code_and_point_differ_as_the_data_is_known_to(leicestershire: Any) -> None:
    areas, crimes = leicestershire
    code, point = (lh.count(areas, crimes, locate_by=by) for by in ("code", "point"))
    assert code["count"].sum() == 109_885
    joined = crimes.sjoin(areas[["geometry"]], predicate="within")
    differ = (joined["area_code_left"] != joined["area_code_right"]).mean()
    assert 0.03 < differ < 0.06
    # An independent point-in-polygon: geopandas' own.
    own = joined.groupby("area_code_right").size().reindex(areas.index, fill_value=0)
    assert (own - point["count"]).abs().sum() <= 2
    assert outcomes(code)["in another force's area"] == 250


@pytest.fixture(scope="module")
def leicestershire(shared: Path) -> Any:
    """Return the 611 areas of 2011 and the year to September 2022."""
    areas = gpd.read_file(shared / "data/boundaries/leics_rutland_lsoa11_bgc.gpkg")
    areas = areas.rename(columns={"LSOA11CD": "area_code", "LSOA11NM": "area_name"})
    areas = areas.set_index("area_code")[["area_name", "geometry"]].to_crs("EPSG:27700")
    areas["district"] = areas["area_name"].str[:-5]
    crimes = lh.read_dataset("crime", shared / "data/police/leicestershire-2021-10_2022-09.zip")
    return areas, crimes


def test_records_of_2025_on_the_areas_of_2011(leicestershire: Any, shared: Path) -> None:
    areas, _ = leicestershire
    crimes = lh.read_dataset("crime", shared / "data/police/leicestershire-2025.zip")
    with pytest.warns(UserWarning, match=r"15,068 records .*lsoa21.* from_='lsoa21', to='lsoa11'"):
        counted = lh.count(areas, crimes)
    # The look-up knows better than the code: whatever is new in 2021 is what was refused.
    new = pd.read_csv(shared / "data/lookups/lookup_lsoa11_lsoa21.csv")
    born = set(new["lsoa21_code"]) - set(new["lsoa11_code"])
    elsewhere = ~crimes["area_code"].isin(areas.index) & crimes["area_code"].notna()
    refused = outcomes(counted)["code of another edition"]
    assert crimes["area_code"].isin(born).sum() <= refused <= elsewhere.sum()
    by_point = lh.count(areas, crimes, locate_by="point")
    assert by_point["count"].sum() > 100_000


# --- forces and gaps --------------------------------------------------------------------------------


def covered(records: pd.DataFrame, **coverage: list[str]) -> pd.DataFrame:
    records.attrs["coverage"] = {name.replace("_", " "): told for name, told in coverage.items()}
    return records


@pytest.fixture
def two_forces(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the squares, the last two of them in Salford."""
    return areas.assign(district=["Rutland", "Rutland", "Salford", "Salford"])


def test_no_data_is_not_zero(two_forces: gpd.GeoDataFrame) -> None:
    records = pd.DataFrame(
        {"area_code": [A, A, C], "period": months("2021-10", "2021-11", "2021-11")}
    )
    covered(records, Leicestershire_Police=["2021-10", "2021-11"])
    with pytest.warns(UserWarning, match=r"2 areas have no count.*Greater Manchester Police .2 m"):
        counted = lh.count(two_forces, records)
    assert counted["count"].tolist() == [2, 0, pd.NA, pd.NA]
    assert counted.attrs["audit"]["no_data"] == {
        "Greater Manchester Police": ["2021-10", "2021-11"]
    }
    with pytest.warns(UserWarning, match="No data is not zero"):
        harm = lh.count(
            two_forces.assign(force=two_forces["district"].map(police_forces.force_of)).drop(
                columns="district"
            ),
            records.assign(harm=2.0),
            weight="harm",
        )
    assert harm["weighted"].isna().tolist() == [False, False, True, True]
    with pytest.warns(UserWarning, match="No data is not zero"):
        anyway = lh.count(two_forces, records, gaps="count")
    assert anyway["count"].tolist() == [2, 0, 1, 0]
    with pytest.raises(ValueError, match="gaps='zero' is not one of missing, count"):
        lh.count(two_forces, records, gaps="zero")


def test_a_force_that_misses_a_month_that_others_have(two_forces: gpd.GeoDataFrame) -> None:
    records = pd.DataFrame(
        {"area_code": [A, C, C], "period": months("2021-11", "2021-10", "2021-12")}
    )
    covered(
        records,
        Leicestershire=["2021-10", "2021-11", "2021-12"],
        Greater_Manchester_Police=["2021-10", "2021-12"],
        British_Transport_Police=["2021-11"],
    )
    with pytest.warns(UserWarning, match=r"Greater Manchester Police .1 months"):
        counted = lh.count(two_forces, records)
    assert counted["count"].tolist() == [1, 0, pd.NA, pd.NA]
    with pytest.warns(UserWarning, match="No data is not zero"):
        table = lh.tabulate(two_forces, records, "period")
    by_area = table.groupby("area_code")["count"]
    assert by_area.get_group(A).tolist() == [0, 1, 0]
    assert by_area.get_group(C).tolist() == [1, pd.NA, 1]
    # In a month that all have, nothing is missing.
    assert lh.count(two_forces, records, period=("2021-12", "2021-12"))["count"].sum() == 1


def test_a_month_that_nobody_has_is_told_and_takes_no_count(areas: gpd.GeoDataFrame) -> None:
    records = pd.DataFrame({"area_code": [A, A], "period": months("2021-10", "2021-12")})
    covered(records, Leicestershire_Police=["2021-10", "2021-12"])
    with pytest.warns(UserWarning, match="No force has data in 2021-11"):
        counted = lh.count(areas, records)
    assert counted["count"].tolist() == [2, 0, 0, 0]
    with pytest.warns(UserWarning, match="No force has data in 2021-11"):
        table = lh.tabulate(areas, records, "period")
    assert table["count"].tolist()[:3] == [1, pd.NA, 1]


def test_a_quiet_month_is_zero_where_the_force_reported(
    tmp_path: Path, areas: gpd.GeoDataFrame
) -> None:
    head = "Month,Falls within,LSOA code,Crime type\n"
    for month, kind in (("2021-10", "Burglary"), ("2021-11", "Drugs"), ("2021-12", "Burglary")):
        text = f"{head}{month},Leicestershire Police,{A},{kind}\n"
        (tmp_path / f"{month}-leicestershire-street.csv").write_text(text)
    crimes = lh.read_dataset("crime", tmp_path)
    burglary = lh.tabulate(areas, crimes[crimes["category"] == "Burglary"], "period")
    assert burglary["count"].tolist()[:3] == [1, 0, 1]


def test_a_month_without_a_rare_event_is_no_gap(areas: gpd.GeoDataFrame) -> None:
    table = pd.DataFrame(
        {
            "LSOA code": [A, A],
            "Date": ["1/10/2021", "1/12/2021"],
            "Offence": ["Robbery"] * 2,
            "Force": ["Leicestershire"] * 2,
        }
    )
    rare = lh.read_dataset("domestic", table, all_rows=True)
    assert "coverage" not in rare.attrs
    assert lh.tabulate(areas, rare, "period")["count"].tolist()[:3] == [1, 0, 1]
    usual = lh.read_dataset("crime", pd.concat([table] * 20))
    assert usual.attrs["coverage"] == {"Leicestershire": ["2021-10", "2021-12"]}


def test_saved_records_know_which_months_were_reported(areas: gpd.GeoDataFrame) -> None:
    street = pd.DataFrame(
        {
            "LSOA code": [A] * 3,
            "Month": ["2021-10", "2021-11", "2021-12"],
            "Crime type": ["Robbery", "Drugs", "Robbery"],
            "Falls within": ["Leicestershire Police"] * 3,
        }
    )
    crimes = lh.read_dataset("crime", street)
    robbery = crimes[crimes["category"] == "Robbery"]
    again = lh.read_dataset("crime", robbery)
    assert again.attrs["coverage"] == crimes.attrs["coverage"]
    assert lh.tabulate(areas, again, "period")["count"].tolist()[:3] == [1, 0, 1]


@pytest.mark.parametrize(
    ("district", "force"),
    [
        ("Rutland", "Leicestershire Police"),
        ("leicester", "Leicestershire Police"),
        ("Corby", "Northamptonshire Police"),
        ("City of London", "City of London Police"),
        ("Manchester", "Greater Manchester Police"),
        ("Powys", "Dyfed-Powys Police"),
        ("Atlantis", None),
        (None, None),
    ],
)
def test_the_force_of_a_district(district: str | None, force: str | None) -> None:
    assert police_forces.force_of(district) == force


def test_every_district_of_the_look_ups_has_its_force(shared: Path) -> None:
    told = pd.read_csv(shared / "data/lookups/lookup_ltla24_csp24_pfa24.csv")
    for row in told.itertuples():
        found = police_forces.force_of(row.ltla24_name)
        if row.pfa24_name == "London, City of":
            assert found == "City of London Police"
        else:
            assert police_forces.named(row.pfa24_name) == found, row.ltla24_name
    forces = pd.read_parquet(
        shared / "data/national/police_2025_slim.parquet", columns=["Falls within"]
    )["Falls within"].unique()
    strangers = {force for force in forces if police_forces.named(force) != force}
    assert strangers == set()


# --- the audit --------------------------------------------------------------------------------------


def test_the_audit_travels(areas: gpd.GeoDataFrame, tmp_path: Path) -> None:
    counted = lh.count(areas, pd.DataFrame({"area_code": [A, None]}))
    audit = counted.attrs["audit"]
    said = "Of 2 records, 1 were counted (50.0%): 1 by code. Not counted: 1 no location."
    assert str(audit) == repr(audit) == said
    assert json.loads(json.dumps(counted.attrs))["audit"]["records"] == 2
    for other in (
        counted.copy(),
        counted.assign(x=1),
        counted[counted["count"] > 0],
        pd.concat([counted.iloc[:2], counted.iloc[2:]]),
        copy.deepcopy(counted),
    ):
        assert isinstance(other.attrs["audit"], lh.Audit)
        assert str(other.attrs["audit"]) == said
    plain = pd.DataFrame(counted.drop(columns="geometry"))
    plain.attrs = counted.attrs
    plain.to_parquet(tmp_path / "a.parquet")
    back = pd.read_parquet(tmp_path / "a.parquet").attrs["audit"]
    assert str(lh.Audit(back)) == said
    assert lh.Audit(back).table().equals(audit.table())


def test_the_audit_is_escaped_where_it_is_shown_as_html(areas: gpd.GeoDataFrame) -> None:
    records = pd.DataFrame({"area_code": [A, "<script>alert(1)</script>"]})
    shown = lh.count(areas, records).attrs["audit"]._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


def test_what_was_left_out_in_reading_is_told_again(areas: gpd.GeoDataFrame) -> None:
    table = pd.DataFrame(
        {"LSOA code": [A, A], "Month": "2021-10", "Crime type": ["Drugs", "Anti-social behaviour"]}
    )
    counted = lh.count(areas, lh.read_dataset("asb", table))
    assert "Left out before, when the file was read: Drugs 1." in str(counted.attrs["audit"])


CODE = st.sampled_from([*CODES, "E01013800", "E01035300", "E02005353", "N/A!", "=cmd", None])
SPOT = st.one_of(
    st.none(),
    st.tuples(st.sampled_from([0.0, 0.5, 1.0, 1.5, 2.0, 7.0]), st.sampled_from([0.5, 1.0, 1.7])),
)


@given(
    st.lists(st.tuples(CODE, SPOT, st.integers(0, 9), st.integers(0, 5)), max_size=25),
    st.sampled_from(["code", "point"]),
    st.sampled_from([None, ("2021-10", "2021-12"), ("2021-11", "2021-11")]),
    st.permutations([0, 1, 2, 3]),
)
@settings(max_examples=120, deadline=None)
def test_counted_and_audited_is_what_went_in(
    rows: list[tuple[Any, ...]], by: str, period: tuple[str, str] | None, order: list[int]
) -> None:
    boxes = [shapely.box(x, y, x + 1, y + 1) for y in (0, 1) for x in (0, 1)]
    squares = gpd.GeoDataFrame(
        index=pd.Index(CODES, name="area_code"), geometry=boxes, crs="EPSG:27700"
    ).iloc[order]
    squares.attrs["edition"] = "lsoa11"
    records = points(
        *[spot for _, spot, _, _ in rows],
        area_code=[code for code, _, _, _ in rows],
        count=np.array([n for _, _, n, _ in rows], dtype="int64"),
        period=months(*["NaT" if m == 5 else f"2021-{m + 9:02d}" if m < 4 else "2022-01"
                        for _, _, _, m in rows]),
        category=[str(m % 2) for _, _, _, m in rows],
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        counted = lh.count(squares, records, locate_by=by, period=period)
        table = lh.tabulate(squares, records, ["category", "period"], locate_by=by, period=period)
    audit = counted.attrs["audit"].table()
    assert audit["rows"].sum() == len(rows)
    assert audit["events"].sum() == sum(n for _, _, n, _ in rows)
    taken = audit["outcome"].str.startswith("counted")
    assert audit.loc[taken, "events"].sum() == counted["count"].sum()
    again = table.attrs["audit"].table()
    assert again["rows"].sum() == len(rows)
    taken = again["outcome"].str.startswith("counted")
    assert again.loc[taken, "events"].sum() == table["count"].sum()
    # By hand, one record after another.
    expected = dict.fromkeys(CODES, 0)
    for said, spot, n, m in rows:
        month = None if m == 5 else pd.Period(f"2021-{m + 9:02d}" if m < 4 else "2022-01", "M")
        if period and (month is None or not period[0] <= str(month) <= period[1]):
            continue
        inside = [] if spot is None else [
            key for key, box in zip(CODES, boxes, strict=True) if box.intersects(shapely.Point(spot))
        ]  # fmt: skip
        point = min(inside, default=None)
        junk = said in {"N/A!", "=cmd"} and spot is not None
        code = None if junk else said  # what is no code decides nothing
        first, second = (code, spot) if by == "code" else (spot, code)
        if first is not None:
            found = code if by == "code" else point
        elif second is not None:
            found = point if by == "code" else code
        else:
            found = None
        if found in expected:
            expected[found] += n
    assert counted["count"].reindex(CODES).to_dict() == expected


# --- tabulate ---------------------------------------------------------------------------------------


def test_tabulate_has_every_area_and_every_value(areas: gpd.GeoDataFrame) -> None:
    records = pd.DataFrame(
        {
            "area_code": [A, A, B, "E01013800", A],
            "category": ["Drugs", "Drugs", "Robbery", "Arson", None],
            "period": months("2021-10", "2021-12", "2021-10", "2021-10", "2021-10"),
        }
    )
    table = lh.tabulate(areas, records)
    assert list(table.columns) == ["area_code", "category", "count"]
    assert len(table) == 4 * 3
    assert table[table["area_code"] == A]["category"].tolist() == ["Arson", "Drugs", "Robbery"]
    assert table[table["area_code"] == A]["count"].tolist() == [0, 2, 0]
    assert outcomes(table) == {
        "counted by code": 3,
        "outside the areas": 1,
        "no value to tabulate by": 1,
    }
    both = lh.tabulate(areas, records, ["category", "period"])
    assert len(both) == 4 * 3 * 3  # November is there, and empty
    assert both["count"].sum() == 3
    longer = lh.tabulate(areas, records, "period", period=("2021-08", "2021-12"))
    assert len(longer) == 4 * 5


def test_tabulate_by_a_flag_and_a_categorical(areas: gpd.GeoDataFrame) -> None:
    kinds = pd.Categorical(["b", "b"], categories=["c", "b", "a"])
    records = pd.DataFrame({"area_code": [A, B], "alcohol": [True, False], "kind": kinds})
    assert lh.tabulate(areas, records, "alcohol")["count"].tolist() == [0, 1, 1, 0, 0, 0, 0, 0]
    assert lh.tabulate(areas, records, "kind")["kind"].tolist()[:3] == ["c", "b", "a"]


def test_tabulate_adds_up_to_count(leicestershire: Any) -> None:
    areas, crimes = leicestershire
    table = lh.tabulate(areas, crimes, ["category", "period"])
    assert len(table) == 611 * 14 * 12
    total = table.groupby("area_code")["count"].sum()
    assert (total == lh.count(areas, crimes)["count"].reindex(total.index)).all()


BOTH, FIRST = ["2022-01", "2022-02"], ["2022-01"]


@pytest.mark.parametrize("known", [True, False], ids=["forces known", "no force known"])
@pytest.mark.parametrize(
    ("coverage", "no_data", "notes"),
    [
        ({"Kent Police": FIRST, "Essex Police": BOTH}, {"Kent Police": ["2022-02"]},
         ["2 areas have no count"]),
        ({"Kent Police": FIRST, "Essex Police": BOTH, "Narnia": FIRST},
         {"Kent Police": ["2022-02"]}, ["2 areas have no count", "'Narnia' in the column 'force'"]),
        ({"Narnia": FIRST}, {}, ["'Narnia' in the column 'force' is the name of no police force"]),
        ({"Kent Police": FIRST, "British Transport Police": BOTH}, {"Essex Police": BOTH},
         ["2 areas have no count", "No force has data in 2022-02"]),
        ({"British Transport Police": FIRST}, {}, []),
        ({}, {}, []),
    ],
)  # fmt: skip
def test_what_each_force_reported_decides_whose_areas_have_no_data(
    areas: gpd.GeoDataFrame,
    coverage: dict[str, list[str]],
    no_data: dict[str, list[str]],
    notes: list[str],
    *,
    known: bool,
) -> None:
    records = pd.DataFrame({"area_code": CODES * 2, "period": months(*FIRST * 4, *BOTH[1:] * 4)})
    areas = areas.drop(columns="district")
    if known:
        areas = areas.assign(force=["Kent Police"] * 2 + ["Essex Police"] * 2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        counted = lh.count(areas, records, coverage=coverage)
    assert dict(counted.attrs["audit"].get("no_data") or {}) == (no_data if known else {})
    lost = {"Kent Police": [0, 1], "Essex Police": [2, 3]}
    blank = sorted(i for force in no_data for i in lost[force]) if known else []
    assert np.flatnonzero(counted["count"].isna()).tolist() == blank
    told = counted.attrs["audit"].get("notes", [])
    expected = notes if known else [one for one in notes if one.startswith("No force")]
    assert len(told) == len(expected)
    assert all(one.startswith(start) for one, start in zip(told, expected, strict=True))


def test_the_months_of_a_financial_year_belong_to_the_period(areas: gpd.GeoDataFrame) -> None:
    records = pd.DataFrame(
        {
            "area_code": [A, B],
            "period": pd.PeriodIndex(["2021-10", None], freq="M"),
            "financial_year": [None, "2022/23"],
        }
    )
    assert lh.count(areas, records).attrs["period"] == ["2021-10", "2023-03"]
    assert lh.count(areas, records.iloc[:1]).attrs["period"] == ["2021-10", "2021-10"]
    within = lh.count(areas, records, period=("2022-04", "2023-03"))
    assert within["count"].tolist() == [0, 1, 0, 0]


def test_points_without_a_coordinate_system_are_refused(areas: gpd.GeoDataFrame) -> None:
    bare = points((0.5, 0.5)).set_crs(None, allow_override=True)
    with pytest.raises(ValueError, match=r"points have no coordinate reference system\. Set it"):
        lh.count(areas, bare)


@pytest.mark.parametrize("kind", [pd.DataFrame, pa.Table.from_pandas])
def test_swapped_points_are_told_of_every_kind_of_table(
    areas: gpd.GeoDataFrame, kind: Callable[[pd.DataFrame], Any]
) -> None:
    table = kind(pd.DataFrame({"easting": [0.5] * 40, "northing": [480_000.5] * 40}))
    place = areas.set_geometry(areas.translate(480_000))
    with (
        pytest.warns(
            UserWarning, match=r"40 of the 40 points lie outside the areas\. Read with east"
        ),
        pytest.warns(UserWarning, match="None of the 40 records was counted"),
    ):
        lh.count(place, table, locate_by="point")


# --- join -------------------------------------------------------------------------------------------


def test_join_finds_the_codes_and_tells_what_is_left(areas: gpd.GeoDataFrame) -> None:
    people = pd.DataFrame(
        {"LSOA name": list("xyz"), "LSOA21 code": [C, A, "E01013800"], "population": [3, 1, 9]}
    )
    with pytest.warns(UserWarning, match=f"2 of 4 areas have no row in the table: {B}, {D}"):
        joined = lh.join(areas, people)
    assert joined["population"].tolist()[0] == 1
    assert joined["population"].isna().tolist() == [False, True, False, True]
    assert joined.attrs["joined"] == [
        {
            "columns": ["LSOA name", "population"],
            "matched": 2,
            "unmatched_areas": 2,
            "unmatched_rows": 1,
        }
    ]
    assert isinstance(joined, gpd.GeoDataFrame)
    assert joined.crs == areas.crs


def test_join_puts_no_column_in_the_place_of_another(areas: gpd.GeoDataFrame) -> None:
    table = pd.DataFrame({"area_code": CODES, "district": "Elsewhere", "people": 1})
    with pytest.raises(ValueError, match=r"the areas have 'district' already. Drop or rename"):
        lh.join(areas, table)


def test_join_keeps_integers_and_the_order_of_the_areas(areas: gpd.GeoDataFrame) -> None:
    people = pd.DataFrame({"area_code": CODES[::-1], "population": [4, 3, 2, 1]})
    joined = lh.join(areas, people)
    assert joined["population"].tolist() == [1, 2, 3, 4]
    assert joined["population"].dtype == "int64"
    again = lh.join(joined, people.set_index("area_code").rename(columns={"population": "p"}))
    assert again["p"].tolist() == [1, 2, 3, 4]
    assert len(again.attrs["joined"]) == 2


def test_join_leaves_shapes_behind(areas: gpd.GeoDataFrame) -> None:
    shapes = areas[["geometry"]].rename_geometry("outline").assign(x=[1, 2, 3, 4])
    assert list(lh.join(areas, shapes).columns) == [*areas.columns, "x"]


def test_join_of_another_edition_names_the_way_out(areas: gpd.GeoDataFrame) -> None:
    table = pd.DataFrame({"lsoa21cd": [A, "E01035300"], "x": [1, 2]})
    with pytest.warns(UserWarning, match="The table is of lsoa21, the areas are of lsoa11"):
        lh.join(areas, table)


@given(st.lists(st.sampled_from([*CODES, *(f"E0101380{i}" for i in range(6))]), unique=True))
@settings(max_examples=50, deadline=None)
def test_rows_of_a_join_are_matched_or_told(codes: list[str]) -> None:
    squares = gpd.GeoDataFrame(
        index=pd.Index(CODES, name="area_code"),
        geometry=[shapely.box(i, 0, i + 1, 1) for i in range(4)],
        crs="EPSG:27700",
    )
    table = pd.DataFrame({"area_code": codes, "x": range(len(codes))})
    if not set(codes) & set(CODES):
        with pytest.raises(ValueError, match="none of the"):
            lh.join(squares, table)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        joined = lh.join(squares, table)
    told = joined.attrs["joined"][0]
    assert told["matched"] + told["unmatched_areas"] == 4
    assert told["matched"] + told["unmatched_rows"] == len(codes)
    assert joined["x"].dropna().to_dict() == {c: i for i, c in enumerate(codes) if c in CODES}


# --- what the codes tell ----------------------------------------------------------------------------


def test_the_editions_are_exact_for_the_whole_country(shared: Path) -> None:
    lookup = pd.read_csv(shared / "data/national/lookup_lsoa11_lsoa21_ltla22.csv", dtype=str)
    old, new = set(lookup["lsoa11_code"]), set(lookup["lsoa21_code"])
    numbers = [
        *(f"E{n:08d}" for n in range(1_000_000, 1_036_000)),
        *(f"W{n:08d}" for n in range(1_000_000, 1_002_100)),
    ]
    for edition, codes in (("lsoa11", old), ("lsoa21", new)):
        members = _area_codes.in_edition(numbers, edition)
        assert {code for code, inside in zip(numbers, members, strict=True) if inside} == codes
    # The numbers of LSOAs that the Office for National Statistics gives.
    assert _area_codes.in_edition(numbers, "lsoa01").sum() == 34_378
    assert (len(old), len(new)) == (34_753, 35_672)
    assert _area_codes.edition_of(old) == "lsoa11"
    assert _area_codes.edition_of(new) == "lsoa21"


def test_the_edition_of_2001_where_it_is_known(shared: Path) -> None:
    lookup = pd.read_csv(shared / "data/lookups/lookup_lsoa01_lsoa11.csv", dtype=str)
    assert _area_codes.edition_of(lookup["lsoa01_code"]) == "lsoa01"
    assert _area_codes.edition_of(lookup["lsoa11_code"]) == "lsoa11"


@pytest.mark.parametrize(
    ("codes", "editions"),
    [
        ([], []),
        (["Oakham"], []),
        ([None, 3.5], []),
        (["E01000001"], ["lsoa01", "lsoa11", "lsoa21"]),
        (["E01000010"], ["lsoa01", "lsoa11"]),
        (["E01000004"], ["lsoa01"]),
        (["E01032483"], ["lsoa11", "lsoa21"]),
        (["E01033769"], ["lsoa21"]),
        (["E01000004", "E01033769"], []),
        (["E01099999"], []),
    ],
)
def test_which_editions_have_a_code(codes: list[Any], editions: list[str]) -> None:
    assert _area_codes.editions_of(codes) == editions


def test_the_lists_of_numbers_rise() -> None:
    seen = 0
    for which in area_codes._LISTS:
        for country in ("E01", "W01"):
            numbers = area_codes.ended_numbers(which, country)
            assert (np.diff(numbers) > 0).all()
            seen += len(numbers)
    assert seen > 1000


def test_codes_that_reset_index_took_out_of_the_index() -> None:
    areas = lh.read_boundaries("sample").reset_index()
    with pytest.raises(ValueError, match=r"areas\.set_index\('area_code'\)"):
        lh.count(areas, lh.read_dataset("crime", "sample"))
