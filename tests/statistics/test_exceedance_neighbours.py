"""exceedance(areas, graph=…): where neighbours lend strength."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from libpysal.graph import Graph

import lsoahot as lh
from lsoahot.statistics import links, relative_risk
from lsoahot.statistics.kernels import leroux

if TYPE_CHECKING:
    from pathlib import Path


def squares(side: int, seed: int = 0, *, smooth: float = 0.6) -> gpd.GeoDataFrame:
    """A square county whose risks are highest in the middle of the west."""
    rng = np.random.default_rng(seed)
    x, y = np.repeat(np.arange(side), side), np.tile(np.arange(side), side)
    people = rng.integers(900, 3000, side * side)
    away = ((x - side / 4) ** 2 + (y - side / 2) ** 2) / side**2
    risk = np.exp(smooth * 3 * np.exp(-12 * away) + rng.normal(0, 0.1, side * side))
    return gpd.GeoDataFrame(
        {"count": rng.poisson(people * 0.004 * risk).astype(float), "population": people},
        geometry=shapely.box(x, y, x + 1, y + 1),
        index=pd.Index([f"E{k:03d}" for k in range(side * side)], name="area_code"),
        crs=27700,
    )


@pytest.fixture(scope="module")
def placed() -> gpd.GeoDataFrame:
    areas = squares(9)
    return lh.exceedance(areas, graph=lh.contiguity(areas))


def test_an_area_without_a_shape_is_put_amid_its_neighbours() -> None:
    areas = squares(3)  # E000 to E002 in the first column, upwards
    corner = [*areas.index[:2], "E003"]  # whose others are E004, at 1.5, 1.5, and farther ones
    graph = lh.contiguity(areas, rule="rook")
    linked = links.align(areas, graph)
    whole = relative_risk.points_of(areas, linked)
    assert whole.tolist() == [[x + 0.5, y + 0.5] for x in range(3) for y in range(3)]
    areas.geometry = [None if code in corner else one for code, one in areas.geometry.items()]
    found = relative_risk.points_of(areas, linked)
    # E001 beside E002 and E004; E003 beside E004 and E006; E000 beside two without a shape.
    assert found[[0, 1, 3]].tolist() == [[0, 0], [1, 2], [2, 1]]
    assert found[[2, 4, 5, 6, 7, 8]].tolist() == whole[[2, 4, 5, 6, 7, 8]].tolist()


def test_areas_of_a_table_without_shapes_lie_on_a_line_along_their_links() -> None:
    chain = np.array([3, 0, 4, 1, 2])
    table = pd.DataFrame({"count": 1}, index=[f"E{k}" for k in range(5)])
    ends = [(f"E{a}", f"E{b}") for a, b in itertools.pairwise(chain)]
    graph = Graph.from_arrays(*zip(*[*ends, *((b, a) for a, b in ends)], strict=True), np.ones(8))
    points = relative_risk.points_of(table, links.align(table, graph))
    assert points[chain, 0].tolist() in ([0, 1, 2, 3, 4], [4, 3, 2, 1, 0])
    assert not points[:, 1].any()


def test_the_columns_are_those_of_the_plain_answer(placed: gpd.GeoDataFrame) -> None:
    plain = lh.exceedance(squares(9))
    assert placed.columns.tolist() == plain.columns.tolist()
    assert placed["excess"].tolist() == pytest.approx(plain["excess"].tolist())
    assert placed["level"].dtype == plain["level"].dtype


def test_the_columns_are_read_from_the_fit(placed: gpd.GeoDataFrame) -> None:
    areas = squares(9)
    due = areas["population"] * areas["count"].sum() / areas["population"].sum()
    graph = lh.contiguity(areas)
    fitted = leroux.fit(
        areas["count"].to_numpy(),
        due.to_numpy(),
        links.align(areas, graph).undirected(),
        np.c_[areas.centroid.x, areas.centroid.y],
    )
    chance = {risk: leroux.above(fitted, risk) for risk in (0.5, 2 / 3, 1.5, 2.0)}
    assert placed["exceedance"].to_numpy() == pytest.approx(chance[1.5], abs=1e-12)
    assert placed["relative_risk"].to_numpy() == pytest.approx(leroux.mean_risk(fitted))
    assert placed["relative_risk_upper"].to_numpy() == pytest.approx(leroux.quantile(fitted, 0.975))
    surely = chance[1.5] >= 0.95
    assert 5 < surely.sum() < 40
    assert (placed["level"] >= "Above").tolist() == surely.tolist()
    assert (placed["level"] == "Far above").tolist() == (chance[2.0] >= 0.95).tolist()
    below = 1 - chance[2 / 3] >= 0.95
    assert (placed["level_class"] <= -1).fillna(False).tolist() == below.tolist()


def test_neighbours_lend_strength() -> None:
    """One area of few people amid high ones is surer of being high than it is alone."""
    areas = squares(9)
    middle = areas.index[2 * 9 + 4]
    areas.loc[middle, ["population", "count"]] = 500, 6
    graph = lh.contiguity(areas)
    alone, among = lh.exceedance(areas), lh.exceedance(areas, graph=graph)
    assert alone.loc[middle, "exceedance"] + 0.1 < among.loc[middle, "exceedance"]
    width = [t["relative_risk_upper"] - t["relative_risk_lower"] for t in (alone, among)]
    assert width[1].mean() < width[0].mean()


def test_what_is_reported(placed: gpd.GeoDataFrame) -> None:
    facts = placed.attrs["statistics"]["exceedance"]
    assert 0.2 < facts["sigma"] < 2
    assert 0.3 < facts["share"] < 1
    assert 1 <= facts["sweeps"] < 20
    assert facts["gradient"] < 0.02 * 9
    assert facts["prior"] == "penalised"
    assert facts["method"].startswith("Poisson with a Leroux field")
    assert f"scatter by {facts['sigma']:.2f} (sigma)" in facts["text"]
    assert f"{facts['share']:.0%} is neighbourhood" in facts["text"]


def test_a_missing_count_is_not_zero_and_not_tested() -> None:
    areas = squares(9)
    gone = areas.index[[0, 22, 40]]
    areas.loc[gone, "count"] = np.nan
    graph = lh.contiguity(areas)
    with pytest.warns(UserWarning, match="3 areas have no count or no population"):
        among = lh.exceedance(areas, graph=graph)
    assert among.loc[gone, "level"].eq("Not tested").all()
    assert among.loc[gone, "relative_risk"].isna().all()
    others = among.drop(gone)
    assert others["exceedance"].notna().all()
    full = lh.exceedance(squares(9), graph=graph).drop(gone)
    assert others["exceedance"].to_numpy() == pytest.approx(full["exceedance"], abs=0.25)


def test_rows_in_any_order_and_the_same_bits_twice(placed: gpd.GeoDataFrame) -> None:
    areas = squares(9)
    graph = lh.contiguity(areas)
    again = lh.exceedance(areas, graph=graph)
    shuffled = lh.exceedance(areas.sample(frac=1, random_state=1), graph=graph)
    for column in ("relative_risk", "relative_risk_lower", "exceedance"):
        assert np.array_equal(again[column], placed[column])
        assert shuffled[column].loc[areas.index].to_numpy() == pytest.approx(
            placed[column], abs=1e-9
        )


def test_dispersion_leaves_less_sure() -> None:
    areas = squares(9)
    graph = lh.contiguity(areas)
    single, series = (lh.exceedance(areas, graph=graph, dispersion=d) for d in (1, 4))
    assert (series["level"] >= "Above").sum() < (single["level"] >= "Above").sum()


def test_islands_parts_and_areas_without_a_shape() -> None:
    areas = squares(6)
    areas.geometry = areas.geometry.where(np.arange(36) != 7, None)
    pairs = [(0, 1), (1, 2), (6, 7), (7, 8), (30, 31)]
    codes = areas.index
    both = [(codes[a], codes[b]) for a, b in pairs] + [(codes[b], codes[a]) for a, b in pairs]
    adjacency = pd.Series(
        1, index=pd.MultiIndex.from_tuples(both, names=["focal", "neighbor"]), name="weight"
    )
    alone = codes.difference(adjacency.index.get_level_values("focal"))
    loops = pd.Series(0, index=pd.MultiIndex.from_arrays([alone, alone]), name="weight")
    graph = Graph(pd.concat([adjacency, loops]).rename_axis(["focal", "neighbor"]))
    # and where the prior decides, it says so
    with pytest.warns(UserWarning, match=r"1 of 36 areas would have another level \(E008\)"):
        among = lh.exceedance(areas, graph=graph)
    assert among["relative_risk"].notna().all()


def test_a_table_without_shapes(placed: gpd.GeoDataFrame) -> None:
    areas = squares(9)
    plain = pd.DataFrame(areas.drop(columns="geometry"))
    among = lh.exceedance(plain, graph=lh.contiguity(areas))
    assert among["exceedance"].to_numpy() == pytest.approx(placed["exceedance"], abs=1e-6)


def test_weights_are_links_both_ways() -> None:
    areas = squares(5)
    graph = lh.nearest(areas, k=3)
    aligned = links.align(areas, graph)
    a, b, weight = aligned.undirected()
    assert (a < b).all()
    assert (weight == 1).all()
    pairs = {tuple(sorted(pair)) for pair in zip(aligned.focal, aligned.neighbour, strict=True)}
    assert set(zip(a.tolist(), b.tolist(), strict=True)) == pairs
    uneven = links.align(areas, Graph.build_kernel(areas.centroid, bandwidth=2.0)).undirected()
    assert uneven[2].mean() == pytest.approx(1)
    assert uneven[2].std() > 0.05


def test_what_is_refused() -> None:
    areas = squares(4)
    graph = lh.contiguity(areas)
    with pytest.raises(ValueError, match="prior='flat' is not one of"):
        lh.exceedance(areas, graph=graph, prior="flat")
    with pytest.raises(ValueError, match="not in the graph"):
        lh.exceedance(squares(5), graph=graph)


def test_nothing_to_test() -> None:
    areas = squares(3).assign(count=0.0)
    graph = lh.contiguity(areas)
    with pytest.warns(UserWarning, match="adds up to 0"):
        assert lh.exceedance(areas, graph=graph)["level"].eq("Not tested").all()


def test_flat_maps_have_no_high_areas() -> None:
    """Equal risks at two events an area: none of 12 maps has an area surely above 1.5."""
    areas = squares(8)
    graph = lh.contiguity(areas)
    rng = np.random.default_rng(11)
    for _ in range(12):
        areas["count"] = rng.poisson(areas["population"] * 0.001).astype(float)
        assert lh.exceedance(areas, graph=graph)["exceedance"].max() < 0.95


def test_the_districts_of_a_county(shared: Path) -> None:
    """By the verb, with CARBayes's prior, on its data (its own halves differ by up to 0.025)."""
    table = pd.read_csv(shared / "oracles/carbayes_leroux_burglary.csv", index_col=0)
    areas = gpd.read_file(shared / "data/boundaries/leics_rutland_lsoa11_bgc.gpkg").to_crs(27700)
    code = next(column for column in areas if column.lower().endswith("cd"))
    areas = areas.set_index(code).loc[table.index, ["geometry"]].join(table[["count", "expected"]])
    edges = pd.read_csv(shared / "oracles/oracle_leics_all_rate_2122_queen_edges.csv")
    graph = Graph.from_arrays(edges["from"], edges["to"], np.ones(len(edges)))
    among = lh.exceedance(areas, graph=graph, expected="expected", prior="inverse gamma")
    apart = (among["exceedance"] - table["p_above_1_5"]).abs()
    assert apart.mean() <= 0.003
    assert apart.max() <= 0.03


def test_ranks_are_drawn_together_and_said_to_be_unsure() -> None:
    areas = squares(9)
    areas.loc[areas.index[5], "count"] = np.nan
    graph = lh.contiguity(areas)
    with pytest.warns(UserWarning, match="1 areas have no count"):
        among = lh.exceedance(areas, graph=graph, among=10)
    ranked = among.drop(areas.index[5])
    assert among.loc[areas.index[5], ["rank_lower", "rank_upper", "rank_top"]].isna().all()
    assert ranked["rank_top"].sum() == pytest.approx(10)
    place = ranked["relative_risk"].rank(ascending=False)
    assert ((ranked["rank_lower"] <= place + 3) & (place - 3 <= ranked["rank_upper"])).all()
    assert (ranked["rank_upper"] - ranked["rank_lower"]).median() > 10
    # drawn area by area from the same limits, places come out much alike
    apart = lh.rank(among.drop(columns=["rank_lower", "rank_upper", "rank_top"]), among=10)
    by_number = apart.loc[ranked.index]
    assert by_number["rank_top"].sum() == pytest.approx(10)
    by_rate = lh.rank(among.assign(rate=1.0), "rate", among=10).loc[ranked.index]
    assert by_rate["rank_top"].to_numpy() == pytest.approx(ranked["rank_top"], abs=0.12)


def test_joint_ranks_need_a_graph_and_places() -> None:
    areas = squares(4)
    with pytest.raises(ValueError, match="among=3 draws neighbours' risks together"):
        lh.exceedance(areas, among=3)
    with pytest.raises(ValueError, match="among=0 is no number of places"):
        lh.exceedance(areas, graph=lh.contiguity(areas), among=0)


def test_counts_of_any_size() -> None:
    """A hundred million times the events leave each area its own ratio; a spike is one high area."""
    areas = squares(7)
    graph = lh.contiguity(areas)
    due = areas["population"] * areas["count"].sum() / areas["population"].sum()
    huge = lh.exceedance(areas.assign(count=areas["count"] * 1e8), graph=graph)
    assert huge["relative_risk"].to_numpy() == pytest.approx(areas["count"] / due, rel=1e-6)
    spike = areas.assign(count=1.0)
    spike.iloc[10, spike.columns.get_loc("count")] = 1e6
    level = lh.exceedance(spike, graph=graph)["level"]
    assert level.iloc[10] == "Far above"
    assert (level.drop(level.index[10]) == "Far below").all()


def test_counts_of_any_size_in_series() -> None:
    areas = squares(6)
    areas["count"] = areas["count"] * 1e5  # some 500,000 an area
    graph = lh.contiguity(areas)
    plain = lh.exceedance(areas, graph=graph, dispersion=1)
    for dispersion in (1.0001, 1.01, 3):
        found = lh.exceedance(areas, graph=graph, dispersion=dispersion)
        assert found["relative_risk"].to_numpy() == pytest.approx(
            plain["relative_risk"].to_numpy(), rel=1e-4
        )


@pytest.mark.filterwarnings("ignore:the counts don't settle")
@pytest.mark.parametrize(
    ("side", "events", "dispersion"), [(7, 40, 4.0), (8, 40, 4.0), (8, 80, 6.0), (7, 4, 1.0)]
)
def test_two_explanations_are_both_weighed(
    side: int, events: int, dispersion: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many events in one area are a high risk, or a few long series: as with a fine grid over all.

    From the first mode alone it was 0.94, 0.96 and 0.996 for series, and 0.15 off for Poisson's.
    """
    areas = squares(side)
    areas["count"] = np.where(np.arange(side * side) % 6 == 0, 2.0, 0.0)
    areas.iloc[side * side // 2, areas.columns.get_loc("count")] = events
    graph = lh.contiguity(areas)
    found = lh.exceedance(areas, graph=graph, dispersion=dispersion)["exceedance"]
    monkeypatch.setattr(leroux, "GRIDS", ((np.inf, 0.75, 10.0),))
    fine = lh.exceedance(areas, graph=graph, dispersion=dispersion)["exceedance"]
    assert found.to_numpy() == pytest.approx(fine.to_numpy(), abs=0.01)
    expected = {(7, 40): 0.102, (8, 40): 0.067, (8, 80): 0.249}
    if dispersion > 1:
        assert found.iloc[side * side // 2] == pytest.approx(expected[side, events], abs=0.005)
