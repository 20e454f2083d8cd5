"""From one edition to another: worked out by hand, and with no event lost whatever goes in."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings, strategies as st

import lsoahot as lh
from lsoahot.counting import split_counts

if TYPE_CHECKING:
    from pathlib import Path


def code(number: int) -> str:
    return f"E01{number:06}"


def look_up(pairs: list[tuple[int, int]], change: list[str] | None = None) -> pd.DataFrame:
    table = pd.DataFrame(
        {"LSOA11CD": [code(a) for a, _ in pairs], "LSOA21CD": [code(b) for _, b in pairs]}
    )
    return table if change is None else table.assign(CHGIND=change)


def by_code(values: dict[int, float], name: str = "count") -> pd.DataFrame:
    index = pd.Index([code(number) for number in values], name="area_code")
    return pd.DataFrame({name: list(values.values())}, index=index)


def people(values: dict[int, float]) -> pd.DataFrame:
    return by_code(values, "population")


# 1 stays; 2 and 3 are merged into 20; 4 is split into 40 and 41; 5 and 6 are redrawn as 50 and 51
EVERY = look_up([(1, 1), (2, 20), (3, 20), (4, 40), (4, 41), (5, 50), (5, 51), (6, 51)])
POPULATION = people({1: 9, 20: 9, 40: 1000, 41: 2000, 50: 300, 51: 100})


def test_every_kind_of_change_by_hand() -> None:
    counts = by_code({1: 4, 2: 5, 3: 6, 4: 7, 5: 8, 6: 3})
    counts.attrs = {"edition": "lsoa11", "period": ["2021-10", "2022-09"]}
    found = lh.convert(counts, to="lsoa21", lookup=EVERY, population=POPULATION)
    assert found["count"].to_dict() == {
        code(1): 4,
        code(20): 11,
        code(40): 2,  # 7 x 1000/3000 = 2.33
        code(41): 5,  # 7 x 2000/3000 = 4.67: the larger remainder
        code(50): 6,  # 8 x 300/400
        code(51): 5,  # 8 x 100/400 + 3
    }
    assert found["count"].dtype == "int64"
    assert found["converted"].to_dict() == {
        code(1): "unchanged",
        code(20): "merged",
        code(40): "split by population",
        code(41): "split by population",
        code(50): "irregular, by population",
        code(51): "irregular, by population",
    }
    assert found.loc[code(20), "converted_from"] == "E01000002, E01000003"
    assert found.loc[code(51), "converted_from"] == "E01000005, E01000006"
    assert found.attrs["edition"] == "lsoa21"
    assert found.attrs["period"] == ["2021-10", "2022-09"]
    assert found.attrs["conversion"] == (
        "Converted to lsoa21, 6 areas: 1 unchanged, 1 merged, 2 split by population, "
        "2 irregular, by population. No event was lost."
    )
    assert counts.attrs["edition"] == "lsoa11"


def test_the_same_look_up_serves_the_other_way() -> None:
    counts = by_code({1: 4, 20: 11, 40: 2, 41: 5, 50: 6, 51: 5})
    old = people({1: 9, 2: 600, 3: 500, 4: 9, 5: 100, 6: 400})
    found = lh.convert(counts, from_="lsoa21", to="lsoa11", lookup=EVERY, population=old)
    assert found["count"].to_list() == [4, 6, 5, 7, 7, 4]  # 5: 6 + 5 x 100/500; 6: 5 x 400/500
    assert found["converted"].to_list() == [
        "unchanged", "split by population", "split by population", "merged",
        "irregular, by population", "irregular, by population",
    ]  # fmt: skip


def test_remainders_go_to_the_largest_then_the_most_people_then_the_first() -> None:
    three = look_up([(1, 10), (1, 11), (1, 12)])

    def split(count: int, *residents: int) -> list[int]:
        new = people(dict(zip((10, 11, 12), residents, strict=True)))
        table = lh.convert(
            by_code({1: count}), from_="lsoa11", to="lsoa21", lookup=three, population=new
        )
        shares: list[int] = table["count"].to_list()
        return shares

    assert split(10, 100, 100, 100) == [4, 3, 3]
    assert split(2, 500, 300, 200) == [1, 1, 0]  # 1.0, 0.6, 0.4
    assert split(1, 100, 200, 200) == [0, 1, 0]
    assert split(0, 100, 200, 200) == [0, 0, 0]
    assert split(7, 0, 0, 0) == [3, 2, 2]
    assert split(10**6, 1, 1, 1) == [333334, 333333, 333333]


def test_a_part_where_nobody_lives_is_split_equally_and_says_so() -> None:
    found = lh.convert(
        by_code({1: 3}), from_="lsoa11", to="lsoa21", lookup=look_up([(1, 10), (1, 11)]),
        population=people({10: 0, 11: 0}),
    )  # fmt: skip
    assert found["converted"].to_list() == ["split equally"] * 2
    assert found["count"].to_list() == [2, 1]


def test_the_look_up_may_call_a_change_irregular() -> None:
    """Also where a look-up by smaller areas has the pair twice, and once without the mark."""
    for pairs, marks in (
        ([(1, 1), (2, 20)], ["U", "X"]),
        ([(1, 1), (2, 20), (2, 20)], ["U", "X", "U"]),
    ):
        found = lh.convert(
            by_code({1: 3, 2: 4}), from_="lsoa11", to="lsoa21", lookup=look_up(pairs, marks)
        )
        assert found["converted"].to_list() == ["unchanged", "irregular, by population"]


def test_several_columns_and_fractions() -> None:
    table = by_code({4: 7}).assign(population=[3100], harm=[1.5])
    table["hotspot"] = "Hot spot 95%"
    table["area_name"] = "Vale 001A"
    found = lh.convert(table, from_="lsoa11", to="lsoa21", lookup=EVERY, population=POPULATION)
    assert list(found) == ["count", "population", "harm", "converted", "converted_from"]
    assert found["population"].to_list() == [1033, 2067]
    assert found["harm"].to_list() == pytest.approx([0.5, 1.0])


def test_a_long_table_is_converted_by_category_and_month() -> None:
    index = pd.MultiIndex.from_product(
        [
            [code(1), code(4)],
            ["Burglary", "Drugs"],
            pd.PeriodIndex(["2021-10", "2021-11"], freq="M"),
        ],
        names=["area_code", "category", "period"],
    )
    table = index.to_frame(index=False).assign(count=range(8))
    found = lh.convert(table, from_="lsoa11", to="lsoa21", lookup=EVERY, population=POPULATION)
    assert list(found) == [
        "area_code",
        "category",
        "period",
        "count",
        "converted",
        "converted_from",
    ]
    assert found["area_code"].to_list() == [code(1)] * 4 + [code(40)] * 4 + [code(41)] * 4
    assert found["category"].to_list() == ["Burglary", "Burglary", "Drugs", "Drugs"] * 3
    assert found["period"].dtype == "period[M]"
    assert found["count"].to_list() == [0, 1, 2, 3, 1, 2, 2, 2, 3, 3, 4, 5]
    before = table.groupby(["category", "period"])["count"].sum()
    pd.testing.assert_series_equal(found.groupby(["category", "period"])["count"].sum(), before)


def test_no_data_stays_no_data() -> None:
    counts = by_code({1: 4, 4: 0}).astype("Int64")
    counts.loc[code(4)] = pd.NA
    found = lh.convert(counts, from_="lsoa11", to="lsoa21", lookup=EVERY, population=POPULATION)
    assert found["count"].isna().to_list() == [False, True, True]
    assert found["count"].dtype == "Int64"


def test_a_chain_is_as_good_as_its_worst_link() -> None:
    first = look_up([(1, 10), (1, 11), (2, 2)]).rename(
        columns={"LSOA11CD": "LSOA01CD", "LSOA21CD": "LSOA11CD"}
    )
    second = look_up([(10, 10), (11, 30), (2, 30)])
    once = lh.convert(
        by_code({1: 9, 2: 1}), from_="lsoa01", to="lsoa11", lookup=first,
        population=people({10: 2, 11: 1}),
    )  # fmt: skip
    twice = lh.convert(once, to="lsoa21", lookup=second)
    assert twice["count"].to_dict() == {code(10): 6, code(30): 4}
    assert twice["converted"].to_list() == ["split by population", "split by population"]
    assert twice.attrs["edition"] == "lsoa21"


def test_the_way_back_through_merged_areas_that_stayed_is_exact() -> None:
    counts = by_code({1: 4, 4: 7})
    new = lh.convert(counts, from_="lsoa11", to="lsoa21", lookup=EVERY, population=POPULATION)
    back = lh.convert(new, to="lsoa11", lookup=EVERY)
    assert back["count"].to_dict() == counts["count"].to_dict()
    assert back["converted"].to_list() == ["unchanged", "split by population"]


# --- whatever goes in, nothing is lost ------------------------------------------------------------


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_every_total_is_kept(data: st.DataObject) -> None:
    pairs = data.draw(
        st.lists(
            st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=14, unique=True
        )
    )
    old = sorted({a for a, _ in pairs})
    new = sorted({b for _, b in pairs})
    counts = by_code({a: data.draw(st.integers(0, 10**6)) for a in old}).assign(
        harm=[data.draw(st.floats(0, 1e6)) for _ in old]
    )
    residents = people({b: data.draw(st.integers(0, 5000)) for b in new})
    # An area that alone becomes another under a new code can only be an irregular change.
    befores, afters = ([pair[side] for pair in pairs] for side in (0, 1))
    change = ["X" if a != b and befores.count(a) == afters.count(b) == 1 else "" for a, b in pairs]
    found = lh.convert(
        counts, from_="lsoa11", to="lsoa21", lookup=look_up(pairs, change), population=residents
    )
    assert found.index.to_list() == [code(b) for b in new]
    assert found["count"].sum() == counts["count"].sum()
    assert found["harm"].sum() == pytest.approx(counts["harm"].sum())
    assert (found["count"] >= 0).all()
    for b in new:  # nothing comes from anywhere but the areas that the look-up names
        sources = sorted(code(a) for a, other in pairs if other == b)
        assert found.loc[code(b), "count"] <= counts.loc[sources, "count"].sum()
        assert found.loc[code(b), "converted_from"] == ", ".join(sources)


def test_england_and_wales_there_and_back(shared: Path) -> None:
    folder = shared / "data" / "national"
    path = folder / "lookup_lsoa11_lsoa21_ltla22.csv"
    pairs = pd.read_csv(path)
    old = pd.Index(np.sort(pairs["lsoa11_code"].unique()), name="area_code")
    rng = np.random.default_rng(2021)
    counts = pd.DataFrame({"count": rng.poisson(110, len(old))}, index=old)
    counts.attrs["edition"] = "lsoa11"
    residents = lh.read_population(folder / "lsoa21_census2021_pop.csv")
    new = lh.convert(counts, to="lsoa21", lookup=path, population=residents)
    assert len(new) == 35_672
    assert new["count"].sum() == counts["count"].sum()
    earlier = pd.Series(rng.integers(900, 3000, len(old)), index=old)
    back = lh.convert(new, to="lsoa11", lookup=path, population=earlier)
    assert back.index.equals(old)
    assert back["count"].sum() == counts["count"].sum()
    # by district too, where the district of an area is one in the look-up (none moved)
    district = pairs.drop_duplicates("lsoa11_code").set_index("lsoa11_code")["ltla22_code"]
    by_district = counts.groupby(district)["count"].sum()
    assert back.groupby(district)["count"].sum().equals(by_district)
    # the kinds agree with the change code of the Office for National Statistics
    codes = pairs.groupby("lsoa21_code")["change_code"].first().reindex(new.index)
    kinds = {"U": "unchanged", "M": "merged", "S": "split by population"}
    regular = codes.isin(list(kinds))
    assert (new.loc[regular, "converted"] == codes[regular].map(kinds)).all()
    unchanged = new["converted"] == "unchanged"
    assert (new.loc[unchanged, "count"] == counts["count"].reindex(new.index[unchanged])).all()


def test_2001_to_2021_through_2011(shared: Path) -> None:
    folder = shared / "data" / "lookups"
    first, second = folder / "lookup_lsoa01_lsoa11.csv", folder / "lookup_lsoa11_lsoa21.csv"
    old = pd.Index(pd.read_csv(first)["lsoa01_code"].unique(), name="area_code")
    counts = pd.DataFrame({"count": np.arange(len(old)) % 97}, index=old)
    residents = shared / "data" / "population"
    p11 = lh.read_population(
        residents / "pop_lsoa11_2011_2017_2019_2020.csv", columns="pop_mid2011"
    )
    p21 = lh.read_population(residents / "pop_lsoa21_census2021.csv")
    middle = lh.convert(counts, from_="lsoa01", to="lsoa11", lookup=first, population=p11)
    assert len(middle) == 611
    last = lh.convert(middle, to="lsoa21", lookup=second, population=p21)
    assert len(last) == 634
    assert counts["count"].sum() == middle["count"].sum() == last["count"].sum()


# --- records --------------------------------------------------------------------------------------


def crimes(rows: list[tuple[int | None, tuple[float, float] | None]]) -> gpd.GeoDataFrame:
    points = [None if xy is None else shapely.Point(xy) for _, xy in rows]
    codes = [None if number is None else code(number) for number, _ in rows]
    return gpd.GeoDataFrame({"area_code": codes}, geometry=points, crs=27700)


NEW = gpd.GeoDataFrame(
    geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(5, 0, 6, 1)],
    index=pd.Index([code(40), code(41), code(20)], name="area_code"),
    crs=27700,
)


def test_records_go_to_the_part_that_holds_them() -> None:
    records = crimes(
        [
            (1, (9, 9)),  # unchanged, wherever its point is
            (2, None),  # merged: needs no point
            (4, (0.5, 0.5)),
            (4, (1.5, 0.5)),
            (4, (2.4, 0.5)),  # outside both parts: the nearer
            (4, (1.0, 0.5)),  # on the shared edge: once, the smaller code
            (4, (5.5, 0.5)),  # inside another area, but coded to 4: a part of 4
            (None, (0.5, 0.5)),
            (99, (0.5, 0.5)),
        ]
    )
    records.attrs["dataset"] = "crime"
    found = lh.convert_records(records, areas=NEW, from_="lsoa11", to="lsoa21", lookup=EVERY)
    assert [c if isinstance(c, str) else None for c in found["area_code"]] == [
        code(1), code(20), code(40), code(41), code(41), code(40), code(41), None, code(99),
    ]  # fmt: skip
    assert [c if isinstance(c, str) else None for c in found["converted"]] == [
        "unchanged", "merged", *["by point"] * 5, None, None,
    ]  # fmt: skip
    assert len(found) == len(records)
    assert found.attrs == {"dataset": "crime"}
    assert records.loc[2, "area_code"] == code(4)


def test_records_without_a_point_in_a_split_area_are_told() -> None:
    records = crimes([(4, None), (4, (0.5, 0.5)), (1, None)])
    with pytest.warns(UserWarning, match=r"1 records lie in areas that were split.*use convert\("):
        found = lh.convert_records(records, areas=NEW, from_="lsoa11", to="lsoa21", lookup=EVERY)
    assert found["area_code"].isna().to_list() == [True, False, False]
    plain = pd.DataFrame(records.drop(columns="geometry"))
    with pytest.warns(UserWarning, match="2 records"):
        found = lh.convert_records(plain, areas=NEW, from_="lsoa11", to="lsoa21", lookup=EVERY)
    assert len(found) == 3


def test_records_want_the_whole_new_edition() -> None:
    with pytest.raises(ValueError, match=r"1 parts of areas .* not among `areas`: E01000041"):
        lh.convert_records(
            crimes([(4, (0.5, 0.5))]), areas=NEW.drop(code(41)), from_="lsoa11", to="lsoa21",
            lookup=EVERY,
        )  # fmt: skip


def test_a_year_of_real_records_by_point_and_by_population(shared: Path) -> None:
    data = shared / "data"
    crimes_ = lh.read_dataset("crime", data / "police" / "leicestershire-2021-10_2022-09.zip")
    old = lh.read_boundaries(data / "boundaries" / "leics_rutland_lsoa11_bgc.gpkg")
    new = lh.read_boundaries(data / "boundaries" / "leics_rutland_lsoa21_bgc.gpkg")
    look = data / "lookups" / "lookup_lsoa11_lsoa21.csv"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # records of other forces' areas are told
        counted = lh.count(old, crimes_)
        moved = lh.convert_records(crimes_, areas=new, from_="lsoa11", to="lsoa21", lookup=look)
        exact = lh.count(new, moved)["count"]
    people21 = lh.read_population(data / "population" / "pop_lsoa21_census2021.csv")
    shared_out = lh.convert(counted, to="lsoa21", lookup=look, population=people21)
    assert len(moved) == len(crimes_)
    assert exact.sum() == counted["count"].sum() == shared_out["count"].sum() == 109_885
    whole = ~shared_out["converted"].str.startswith("split")
    assert shared_out.loc[whole, "count"].equals(exact[whole])
    apart = (shared_out["count"] - exact).abs().sum() / 2
    assert 0 < apart < 0.2 * shared_out.loc[~whole, "count"].sum()


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counts", "options", "message"),
    [
        (by_code({1: 4}), {"lookup": None, "to": "lsoa99"}, r"no look-up .* 'lsoa99'.*geoportal"),
        (by_code({1: 4}), {"from_": None, "lookup": None}, r"from which edition.*from_='lsoa11'"),
        (by_code({1: 4}), {"from_": None}, r"from which edition.*from_=.*lsoa11, lsoa21"),
        (by_code({1: 4}), {"from_": "lsoa01"}, r"no codes of 'lsoa01'; it has those of lsoa11, lsoa21"),
        (by_code({1: 4}), {"to": "lsoa12"}, r"no codes of 'lsoa12'.*Did you mean"),
        (by_code({1: 4, 77: 1}), {}, r"1 codes of the table are not in the look-up: E01000077"),
        (by_code({2: 4}), {}, r"1 areas are merged .* missing from it: E01000003.*count of 0"),
        (by_code({4: 4}), {"population": None}, r"1 areas were split.*convert_records\(\)"),
        (by_code({4: 4}), {"population": people({40: 5})}, r"1 parts .* no population: E01000041"),
        (by_code({4: 4}), {"population": people({40: 5, 41: -1})}, r"population is negative"),
        (by_code({4: 4}), {"population": by_code({40: 5, 41: 1})}, r"no column 'population'"),
        (by_code({1: -4}), {}, r"'count' is negative"),
        (by_code({1: 4.5}, "rate"), {}, r"'rate' can't be converted.*columns=\['count'\]"),
        (by_code({1: 4.5}, "gi_z"), {}, r"'gi_z' can't be converted"),
        (by_code({1: 4}).rename(columns={"count": "x"}).astype(str), {}, r"no column of numbers"),
        (by_code({1: 4}), {"columns": "cuont"}, r"no column 'cuont'"),
        (by_code({}), {}, r"has no rows"),
        (pd.concat([by_code({1: 4})] * 2), {}, r"stand more than once: E01000001"),
        (by_code({2: 4, 3: float("nan")}), {}, r"with and without a 'count': E01000020"),
    ],
)  # fmt: skip
def test_refuses(counts: pd.DataFrame, options: dict[str, object], message: str) -> None:
    given_ = {
        "from_": "lsoa11",
        "to": "lsoa21",
        "lookup": EVERY,
        "population": POPULATION,
    } | options
    with pytest.raises(ValueError, match=message):
        lh.convert(counts, **given_)


def test_refuses_a_long_table_with_holes() -> None:
    table = pd.DataFrame(
        {"area_code": [code(1), code(1), code(4)], "category": ["A", "B", "A"], "count": 1}
    )
    with pytest.raises(ValueError, match=r"1 areas have no row for category B\. Add rows of 0"):
        lh.convert(table, from_="lsoa11", to="lsoa21", lookup=EVERY, population=POPULATION)
    twice = pd.concat([table.iloc[:1]] * 2)
    with pytest.raises(ValueError, match="several rows for an area and the same category"):
        lh.convert(twice, from_="lsoa11", to="lsoa21", lookup=EVERY)


def test_refuses_a_missing_file_and_what_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no look-up .*none\.csv.*geoportal"):
        lh.convert(by_code({1: 4}), from_="lsoa11", to="lsoa21", lookup=tmp_path / "none.csv")
    with pytest.raises(TypeError, match=r"Series, not a DataFrame.*to_frame"):
        lh.convert(by_code({1: 4})["count"], from_="lsoa11", to="lsoa21", lookup=EVERY)
    with pytest.raises(ValueError, match=r"1 rows without a code"):
        lh.convert(
            by_code({1: 4}), from_="lsoa11", to="lsoa21",
            lookup=pd.concat([EVERY, pd.DataFrame({"LSOA11CD": [code(8)]})]),
        )  # fmt: skip


def test_refuses_rows_without_a_code() -> None:
    table = pd.DataFrame({"area_code": [code(1), None], "count": [1, 2]})
    with pytest.raises(ValueError, match=r"1 rows have no area code\. Drop them"):
        lh.convert(table, from_="lsoa11", to="lsoa21", lookup=EVERY)


def test_an_event_lost_is_never_passed_on() -> None:
    from lsoahot.counting import split_counts

    split_counts._check_total(7, 7.0, "count")
    with pytest.raises(ValueError, match=r"total of 'count' would change from 7 to 6.*given up"):
        split_counts._check_total(7, 6, "count")


def test_a_group_of_one_row_is_converted_as_any_other() -> None:
    long = pd.DataFrame({"area_code": code(4), "category": ["x", "y"], "count": [7, 3]})
    found = lh.convert(long, from_="lsoa11", to="lsoa21", lookup=EVERY, population=POPULATION)
    assert found.set_index(["area_code", "category"])["count"].to_dict() == {
        (code(40), "x"): 2, (code(41), "x"): 5, (code(40), "y"): 1, (code(41), "y"): 2,
    }  # fmt: skip


def test_people_may_be_estimates_with_fractions() -> None:
    found = lh.convert(
        by_code({4: 7}), from_="lsoa11", to="lsoa21", lookup=EVERY,
        population=people({40: 0.4, 41: 0.8}),
    )  # fmt: skip
    assert found["count"].tolist() == [2, 5]
    assert found["converted"].tolist() == ["split by population"] * 2


def test_records_are_converted_into_areas_with_boundaries_only() -> None:
    records = pd.DataFrame({"area_code": [code(1)]})
    plain = pd.DataFrame(index=pd.Index([code(1)], name="area_code"))
    with pytest.raises(TypeError, match="areas must be a GeoDataFrame of areas"):
        lh.convert_records(records, areas=plain, from_="lsoa11", to="lsoa21", lookup=EVERY)


def test_a_total_that_would_change_by_one_in_a_thousand_gives_the_conversion_up() -> None:
    split_counts._check_total(1000.0, 1000.0 + 1e-7, "count")
    with pytest.raises(ValueError, match=r"would change from 1,000\.0 to 1,001\.0"):
        split_counts._check_total(1000.0, 1001.0, "count")
