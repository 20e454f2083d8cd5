"""Verbs that need no shapes take a plain table, and give what they give of one with shapes."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pytest

import lsoahot as lh

Verb = Callable[[pd.DataFrame], pd.DataFrame]

VERBS: dict[str, Verb] = {
    "rate": lh.rate,
    "rank": lambda areas: lh.rank(areas, "count"),
    "top": lambda areas: lh.top(areas, 5),
    "suppress": lh.suppress,
    "change": lambda areas: lh.change(areas, areas),
    "exceedance": lh.exceedance,
}


@pytest.fixture(scope="module")
def counted() -> gpd.GeoDataFrame:
    areas = lh.read_boundaries("sample")
    fires = lh.read_dataset("crime", "sample")
    return lh.count(areas, fires, period=("2011-10", "2012-09"))


@pytest.mark.parametrize("name", VERBS)
def test_a_table_without_shapes_gives_the_same(counted: gpd.GeoDataFrame, name: str) -> None:
    plain = pd.DataFrame(counted.drop(columns="geometry"))
    plain.attrs = counted.attrs
    expected = pd.DataFrame(VERBS[name](counted)).drop(columns="geometry", errors="ignore")
    result = VERBS[name](plain)
    assert type(result) is pd.DataFrame
    pd.testing.assert_frame_equal(result, expected)


@pytest.mark.parametrize("name", VERBS)
def test_several_levels_are_refused_with_what_to_do(counted: gpd.GeoDataFrame, name: str) -> None:
    levels = counted.set_index("district", append=True)
    with pytest.raises(ValueError, match=r"index has 2 levels .*reset_index\(\['district'\]\)"):
        VERBS[name](levels)
    headed = pd.DataFrame(counted.drop(columns="geometry"))
    headed.columns = pd.MultiIndex.from_product([["2012"], headed.columns])
    with pytest.raises(ValueError, match=r"columns have 2 levels.*'_'\.join"):
        VERBS[name](headed)


@pytest.mark.parametrize("name", ["count", "find_hotspots", "plot_rate", "contiguity"])
def test_verbs_with_shapes_refuse_several_levels_too(counted: gpd.GeoDataFrame, name: str) -> None:
    verb = getattr(lh, name)
    more = [pd.DataFrame({"area_code": ["E01013787"]})] if name == "count" else []
    with pytest.raises(ValueError, match="index has 2 levels"):
        verb(counted.set_index("district", append=True), *more)


@pytest.mark.parametrize(
    ("column", "verb", "message"),
    [
        ("rate", lh.find_hotspots, r"make it with lsoahot\.rate\(\)"),
        ("rate", lh.plot_rate, r"make it with lsoahot\.rate\(\)"),
        ("hotspot", lh.plot_hotspots, r"make it with lsoahot\.find_hotspots\(\)"),
        ("cluster", lh.plot_clusters, r"make it with lsoahot\.local_moran\(\)"),
        ("change_class", lh.plot_change, r"make it with lsoahot\.change\(then, now\)"),
        ("emerging", lh.plot_emerging, r"make it with lsoahot\.emerging_hotspots\("),
    ],
)
def test_an_error_names_the_verb_that_makes_the_column(
    counted: gpd.GeoDataFrame, column: str, verb: Verb, message: str
) -> None:
    with pytest.raises(ValueError, match=rf"no column '{column}'.*{message}"):
        verb(counted)


def test_an_error_names_the_verb_that_counts() -> None:
    areas = lh.read_boundaries("sample")
    for verb in (lh.rate, lh.rank, lh.suppress, lh.exceedance, lh.plot_count, lh.local_risk):
        with pytest.raises(ValueError, match=r"make it with lsoahot\.count\(areas, records\)"):
            verb(areas)


class Stream:
    """A table of a library that nobody knows, which speaks Arrow."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.table.__arrow_c_stream__(requested_schema)


def test_tables_of_any_library_that_speaks_arrow_are_taken() -> None:
    areas = lh.read_boundaries("sample")
    codes = areas.index.tolist()
    records = pa.table({"area_code": [*codes, codes[0]], "category": ["a"] * 24})
    assert lh.count(areas, Stream(records))["count"].tolist() == [2] + [1] * 22
    assert lh.count(areas, [Stream(records), Stream(records)])["count"].sum() == 48
    assert lh.tabulate(areas, Stream(records))["count"].sum() == 24
    people = pa.table({"LSOA11CD": codes, "people": range(1000, 1023)})
    assert lh.join(areas, Stream(people))["people"].tolist() == list(range(1000, 1023))
    assert lh.read_population(Stream(people))["population"].tolist() == list(range(1000, 1023))
    rows = pa.table({"LSOA code": codes, "Month": ["2024-01"] * 23, "Crime type": ["Drugs"] * 23})
    assert lh.read_dataset("crime", Stream(rows))["group"].tolist() == ["Other"] * 23
    assert lh.read_dataset("crime", rows).equals(lh.read_dataset("crime", rows.to_pandas()))


def test_shapes_of_any_library_that_speaks_arrow_are_taken() -> None:
    areas = lh.read_boundaries("sample")
    back = lh.read_boundaries(areas.to_arrow())
    assert back.geometry.geom_equals(areas.geometry).all()
    with pytest.raises(ValueError, match="no column of shapes"):
        lh.read_boundaries(pa.table({"LSOA21CD": ["E01013787"]}))
