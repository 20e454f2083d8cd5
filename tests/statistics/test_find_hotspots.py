"""Two questions, one table: the area's own level, and where high areas lie together."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import lsoahot as lh
from lsoahot.statistics import hotspots, links, relative_risk
from lsoahot.statistics.kernels import expectation_propagation

LEVELS = ["relative_risk", "exceedance", "excess", "level", "level_class"]


def city(counts: list[float]) -> gpd.GeoDataFrame:
    """Lay areas out in a square of a thousand people each."""
    side = int(len(counts) ** 0.5)
    squares = [shapely.box(x, y, x + 1, y + 1) for y in range(side) for x in range(side)]
    codes = pd.Index([f"E{i:03d}" for i in range(len(counts))], name="area_code")
    areas = gpd.GeoDataFrame({"count": counts}, geometry=squares, index=codes, crs=27700)
    return areas.assign(population=1000, rate=areas["count"].astype(float))


def with_a_cluster(outlier: float, side: int = 24) -> tuple[gpd.GeoDataFrame, pd.Index]:
    """Seven areas together at twice the risk; far away one of so many times."""
    rng = np.random.default_rng(5)
    ratio = np.ones(side * side)
    cluster = [y * side + x for y, x in ((4, 4), (4, 5), (5, 3), (5, 4), (5, 5), (6, 4), (6, 5))]
    ratio[cluster] = 2
    ratio[-side - 2] = outlier
    areas = city(rng.poisson(100 * rng.gamma(50, 1 / 50, side * side) * ratio).tolist())
    return areas, areas.index[cluster]


@pytest.mark.parametrize("outlier", [1, 10, 50])
def test_a_cluster_is_found_whatever_lies_far_away(outlier: float) -> None:
    areas, cluster = with_a_cluster(outlier)
    result = lh.find_hotspots(areas)
    assert (result.loc[cluster, "hotspot"] >= "Hot spot 95%").all()
    if outlier == 50:  # without the fence, the one area hides them all
        assert not (lh.find_hotspots(areas, fence=None)["hotspot"] >= "Hot spot 90%").any()
        far = areas.index[-26]
        assert result.loc[far, "level"] == "Far above"


def test_z_is_the_textbooks_and_the_test_that_of_the_fenced_rates() -> None:
    areas, _ = with_a_cluster(50)
    result, plain = lh.find_hotspots(areas), lh.getis_ord(areas)
    np.testing.assert_array_equal(result["gi_z"], plain["gi_z"])
    first, third = areas["rate"].quantile([0.25, 0.75])
    top = third + 3 * (third - first)
    by_hand = lh.getis_ord(areas.assign(rate=areas["rate"].clip(upper=top)))
    np.testing.assert_allclose(result["gi_p"], by_hand["gi_p"], rtol=1e-9)
    facts = result.attrs["statistics"]["getis_ord"]
    assert facts["fence"] == 3
    assert facts["fenced"] == (areas["rate"] > top).sum() > 0
    assert f", {facts['fenced']} values fenced;" in facts["text"]
    assert facts["text"] in result.attrs["statistics"]["find_hotspots"]["text"]


def test_a_column_without_its_table_is_tested_alike() -> None:
    areas, _ = with_a_cluster(50)
    result, linked = lh.find_hotspots(areas), links.align(areas, lh.contiguity(areas))
    columns = (areas[name].to_numpy(dtype=float) for name in ("count", "population", "rate"))
    points = relative_risk.points_of(areas, linked)
    found = hotspots.hotspots_of(*columns, links=linked, points=points, dispersion=1.0)
    np.testing.assert_array_equal(found.z, result["gi_z"])
    np.testing.assert_array_equal(found.q, result["gi_q"])
    np.testing.assert_array_equal(found.hotspot, result["hotspot"].cat.codes)
    np.testing.assert_array_equal(found.level, result["level"].cat.codes)


def test_the_levels_are_those_of_exceedance() -> None:
    """With neighbours' strength from 200 areas on, where that was measured to find more."""
    many, _ = with_a_cluster(10)
    few = city([3, 9, 4, 2, 5, 3, 40, 2, 4])
    for areas, levels in (
        (many, lh.exceedance(many, graph=lh.contiguity(many))),
        (few, lh.exceedance(few)),
    ):
        result = lh.find_hotspots(areas)
        pd.testing.assert_frame_equal(
            pd.DataFrame(result[LEVELS]), pd.DataFrame(levels[LEVELS]), check_exact=True
        )
        text = result.attrs["statistics"]["find_hotspots"]["text"]
        assert ("is neighbourhood" in text) == (areas is many)


def test_levels_that_have_not_come_to_rest_are_the_plain_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(expectation_propagation, "SWEEPS", 1)
    areas, _ = with_a_cluster(10)
    result, plain = lh.find_hotspots(areas), lh.exceedance(areas)
    assert result["level"].tolist() == plain["level"].tolist()
    method = result.attrs["statistics"]["exceedance"]["method"]
    assert method == plain.attrs["statistics"]["exceedance"]["method"]


def test_an_area_below_the_whole_is_beside_a_hot_spot_never_one() -> None:
    counts = np.full((12, 12), 10)
    counts[::2] += 2
    counts[3:6, 3:6] = 40
    counts[4, 4] = 5  # quiet, amid areas at four times the rate
    areas = city(counts.ravel().tolist())
    middle = areas.index[4 * 12 + 4]
    assert lh.getis_ord(areas, fence=3).loc[middle, "hotspot"] == "Hot spot 99%"
    result = lh.find_hotspots(areas)
    assert result.loc[middle, "hotspot"] == "Beside a hot spot"
    assert result.loc[middle, "hotspot_class"] == 0
    mean = areas["count"].mean()
    hot = result["hotspot"] >= "Hot spot 90%"
    assert (areas.loc[hot, "count"] > mean).all()
    assert hot.any()
    assert result.attrs["statistics"]["find_hotspots"]["beside"] == (
        (result["hotspot"] == "Beside a hot spot").sum()
    )
    # and the mirror image: a high area amid low ones isn't a cold spot
    turned = lh.find_hotspots(areas.assign(count=45 - areas["count"], rate=45 - areas["rate"]))
    assert turned.loc[middle, "hotspot"] == "Not significant"
    assert (areas.loc[turned["hotspot"] <= "Cold spot 90%", "count"] > mean).all()


def test_the_classes_are_in_order_and_have_their_numbers() -> None:
    areas, _ = with_a_cluster(1)
    result = lh.find_hotspots(areas)
    numbers = {
        "Hot spot 99%": 3, "Hot spot 95%": 2, "Hot spot 90%": 1, "Beside a hot spot": 0,
        "Not significant": 0, "Cold spot 90%": -1, "Cold spot 95%": -2, "Cold spot 99%": -3,
    }  # fmt: skip
    assert list(result["hotspot"].cat.categories) == ["Not tested", *reversed(numbers)]
    assert result["hotspot_class"].tolist() == [numbers[name] for name in result["hotspot"]]
    with pytest.warns(UserWarning, match="missing in 1 areas"):
        lacking = lh.find_hotspots(areas.assign(rate=areas["rate"].where(areas.index != "E007")))
    assert lacking.loc["E007", "hotspot"] == "Not tested"
    assert lacking["hotspot_class"].isna().sum() == 1


def test_few_events_are_tested_as_many_are() -> None:
    areas = city([0] * 21 + [4, 3] + [0] * 26)  # 7 events in 49 areas
    result = lh.find_hotspots(areas)
    assert result.attrs["statistics"]["find_hotspots"]["test"] == "getis_ord"
    assert "risk_p" not in result
    np.testing.assert_array_equal(result["gi_p"], lh.getis_ord(areas)["gi_p"])


def test_no_events_and_no_people() -> None:
    with pytest.warns(UserWarning, match="is 0 in every area"):
        result = lh.find_hotspots(city([0] * 9))
    assert (result["hotspot"] == "Not tested").all()
    assert (result["level"] == "Not tested").all()
    areas = city(np.random.default_rng(0).poisson(9, 49).tolist())
    with pytest.warns(UserWarning, match=r"1 areas have no count or no population \(E003\)"):
        result = lh.find_hotspots(areas.assign(population=[1000] * 3 + [0] + [1000] * 45))
    assert result.loc["E003", "level"] == "Not tested"
    with pytest.raises(ValueError, match="fence=0 is no number above 0"):
        lh.find_hotspots(areas, fence=0)


@pytest.mark.parametrize("kind", ["gamma", "series"])
def test_rare_events_of_uneven_risk_make_few_hot_spots(kind: str) -> None:
    """Half an event an area, risks that differ by 0.8 or events in series, and nothing clusters.

    At most 5 % of maps may have a hot spot; of 40 maps more than 6 have one with probability .003.
    """
    rng = np.random.default_rng(8)
    areas = city([0] * 196)
    graph = lh.contiguity(areas)
    maps = 0
    for _ in range(40):
        ratio = rng.gamma(0.8**-2, 0.8**2, 196)
        counts = rng.poisson(0.5 * ratio)
        if kind == "series":
            begun = rng.poisson(0.25, 196)
            counts = np.where(begun, begun + rng.negative_binomial(np.maximum(begun, 1), 0.5), 0)
        result = lh.find_hotspots(areas.assign(count=counts, rate=counts.astype(float)), graph)
        maps += (result["hotspot"] >= "Hot spot 95%").any()
    assert maps <= 6


def test_neighbours_lend_strength_from_the_fewest_to_the_most_areas_measured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert hotspots.MEASURED == (200, 2000)
    monkeypatch.setattr(hotspots, "MEASURED", (16, 36))
    for side, lent in ((3, False), (4, True), (6, True), (7, False)):
        areas = city(np.random.default_rng(side).poisson(9, side * side).tolist())
        levels = lh.find_hotspots(areas).attrs["statistics"]["exceedance"]
        assert ("share" in levels) == lent, side


def test_an_area_is_hot_or_cold_only_on_its_own_side_of_the_whole() -> None:
    classes = [
        ("Hot spot 99%", 0.5, "Hot spot 99%"), ("Hot spot 90%", 0.0, "Beside a hot spot"),
        ("Hot spot 95%", -0.5, "Beside a hot spot"), ("Not significant", 9.0, "Not significant"),
        ("Cold spot 90%", -0.5, "Cold spot 90%"), ("Cold spot 99%", 0.0, "Not significant"),
        ("Cold spot 95%", 0.5, "Not significant"), ("Not tested", np.nan, "Not tested"),
        ("Not significant", -9.0, "Not significant"),
    ]  # fmt: skip
    before, excess, after = (list(column) for column in zip(*classes, strict=True))
    names = list(lh.find_hotspots(city([1, 2, 3, 4] * 4))["hotspot"].cat.categories)
    codes = np.array([names.index(name) for name in before], dtype=np.int8)
    found = hotspots._own_side(codes, np.array(excess))
    assert [names[code] for code in found] == after
