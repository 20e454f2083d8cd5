"""Calibration and power of the hotspot tests, by simulation on real populations and boundaries.

    python tests/calibration/simulate.py size   --maps 1000 --out docs/_static/calibration.csv
    python tests/calibration/simulate.py power  --maps 200  --out docs/_static/power.csv

Needs the development data (LSOAHOT_SHARED) with the LSOAs of Leicestershire, Leicester and Rutland
and their mid-2020 populations; esda and numba for the peers. Size: every area has the same risk, so
whatever is flagged is false. Power: a cluster of areas has a raised risk; every test is cut where it
would flag anything on 5 % of maps of equal risk, so that tests are compared at one false-alarm rate.
A ground is the selection and, after a colon, the coefficient of variation of unclustered risks.
"""

from __future__ import annotations

import argparse
import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control, norm

import lsoahot as lh
from lsoahot.statistics.kernels import exact_permutation

if TYPE_CHECKING:
    from collections.abc import Callable

    from libpysal.graph import Graph
    from numpy.typing import NDArray

    Test = Callable[[gpd.GeoDataFrame, Graph], tuple[NDArray[np.float64], NDArray[np.bool_]]]

SHARED = Path(os.environ.get("LSOAHOT_SHARED", Path(__file__).parents[3] / "shared"))
# Half the usual resolution, to save time: p comes out 1 or 2 % larger, on the safe side.
exact_permutation.STEPS, exact_permutation.LEAST = 512, 4096
RATES = (0.3, 1.0, 5.0, 30.0)  # events per 1,000 people
PERMUTATIONS = 999


def ground(selection: str) -> tuple[gpd.GeoDataFrame, Graph]:
    """Read the areas, with their people, and who is whose neighbour."""
    file = SHARED / "data/boundaries/leics_rutland_lsoa11_bgc.gpkg"
    areas = gpd.read_file(file).to_crs(27700)
    areas = areas.set_index(next(c for c in areas.columns if c.upper().endswith("CD")))
    people = pd.read_csv(SHARED / "data/population/pop_lsoa11_2011_2017_2019_2020.csv", index_col=0)
    areas["population"] = people.filter(like="2020").iloc[:, 0].reindex(areas.index)
    name = next(c for c in areas.columns if c.upper().endswith("NM"))
    if selection == "Rutland":
        areas = areas[areas[name].str.startswith("Rutland")]
    areas.index.name = "area_code"
    return areas[["population", "geometry"]].copy(), lh.contiguity(areas)


def ours(verb: Callable[..., gpd.GeoDataFrame], p: str, z: str, **given: object) -> Test:
    """Wrap a verb of the library: p, and whether the area is high."""

    def test(areas: gpd.GeoDataFrame, graph: Graph) -> tuple[NDArray, NDArray]:
        told = verb(areas, **({"graph": graph} | given))
        return told[p].to_numpy(), told[z].to_numpy() > (1 if z == "risk_ratio" else 0)

    return test


def gi_star(y: NDArray, graph: Graph) -> NDArray:
    """Equation 14 of Ord & Getis (1995), for equal weights."""
    w = graph.assign_self_weight(1).sparse
    k, n = w.sum(axis=1), y.size
    return (w @ y - k * y.mean()) / (y.std() * np.sqrt((n * k - k**2) / (n - 1)))


def analytic(areas: gpd.GeoDataFrame, graph: Graph) -> tuple[NDArray, NDArray]:
    """Gi* of the rate, read from the normal table: the usual way (ArcGIS, spdep, sfhotspot)."""
    z = gi_star(areas["rate"].to_numpy(), graph)
    return 2 * norm.sf(np.abs(z)), z > 0


def esda(areas: gpd.GeoDataFrame, graph: Graph) -> tuple[NDArray, NDArray]:
    """Gi* of the rate by esda: sampled conditional permutations, p as it comes."""
    from esda.getisord import G_Local

    found = G_Local(
        areas["rate"].to_numpy(), graph, transform="B", star=True,
        permutations=PERMUTATIONS, keep_simulations=False, n_jobs=1, seed=1,
    )  # fmt: skip
    return found.p_sim, found.Zs > 0


TESTS: dict[str, Test] = {
    "Gi* exact, rate": ours(lh.getis_ord, "gi_p", "gi_z", column="rate"),
    "Gi* exact, fenced rate": ours(lh.getis_ord, "gi_p", "gi_z", column="rate", fence=3.0),
    "Gi* exact, standardised rate": ours(lh.getis_ord, "gi_p", "gi_z", column="rate_standardised"),
    "risk with neighbours": ours(lh.local_risk, "risk_p", "risk_ratio"),
    "risk of the area alone": ours(lh.local_risk, "risk_p", "risk_ratio", graph=None),
    "Gi* analytic, rate": analytic,
    "Gi* esda 999, rate": esda,
}


def prepare(areas: gpd.GeoDataFrame, events: NDArray[np.int64]) -> gpd.GeoDataFrame:
    people = areas["population"].to_numpy()
    return lh.empirical_bayes(areas.assign(count=events, rate=events / people * 1000))


def size(maps: int, rates: list[float], grounds: list[str]) -> pd.DataFrame:
    """What share of areas has p < 0.05, and of maps any area with q <= 0.05, where all is equal?"""
    rows = []
    for named in grounds:
        selection, _, cv = named.partition(":")
        uneven = float(cv or 0)
        areas, graph = ground(selection)
        people = areas["population"].to_numpy()
        for per_1000 in rates:
            rng = np.random.default_rng([len(areas), int(per_1000 * 10), int(uneven * 10)])
            seen = {name: np.zeros(4) for name in TESTS}
            for _ in range(maps):
                risk = np.full(len(areas), per_1000 / 1000)
                if uneven:  # risks differ between areas, but do not cluster
                    risk *= rng.gamma(1 / uneven**2, uneven**2, len(areas))
                table = prepare(areas, rng.poisson(people * risk))
                for name, test in TESTS.items():
                    p, high = test(table, graph)
                    p = p[~np.isnan(p)] if np.isnan(p).any() else p
                    if not p.size:
                        seen[name] += [1, 0, 0, 0]
                        continue
                    q = false_discovery_control(p)
                    found = q <= 0.05
                    hot = (found & high[: p.size]).any() if p.size == high.size else found.any()
                    seen[name] += [1, np.mean(p < 0.05), found.any(), hot]
            for name, (n, p, any_found, any_hot) in seen.items():
                rows.append(
                    {
                        "areas": len(areas), "risk": "uneven" if uneven else "equal",
                        "per_1000": per_1000, "test": name, "maps": int(n), "p_below_0.05": p / n,
                        "maps_with_any": any_found / n, "maps_with_hot": any_hot / n,
                    }
                )  # fmt: skip
            print(pd.DataFrame(rows).tail(len(TESTS)).to_string(index=False), flush=True)
    return pd.DataFrame(rows)


def power(maps: int, rates: list[float], _: list[str]) -> pd.DataFrame:
    """What share of planted areas is found, at equal false-alarm rate?"""
    areas, graph = ground("611")
    people = areas["population"].to_numpy()
    order = {code: place for place, code in enumerate(areas.index)}
    near = {order[a]: [order[b] for b in bs] for a, bs in graph.neighbors.items()}
    rows = []
    for per_1000 in rates:
        rng = np.random.default_rng(int(per_1000 * 10))
        equal = [prepare(areas, rng.poisson(people * per_1000 / 1000)) for _ in range(5 * maps)]
        cuts = {
            name: np.quantile([np.nanmin(test(t, graph)[0]) for t in equal], 0.05)
            for name, test in TESTS.items()
        }
        for members in (3, 5, 10):
            for factor in (1.5, 2.0, 3.0):
                found = {name: np.zeros(2) for name in TESTS}
                for _ in range(maps):
                    cluster = grow(near, int(rng.integers(len(areas))), members)
                    risk = np.full(len(areas), per_1000 / 1000)
                    risk[cluster] *= factor
                    table = prepare(areas, rng.poisson(people * risk))
                    for name, test in TESTS.items():
                        p, high = test(table, graph)
                        flagged = (p < cuts[name]) & high
                        found[name] += [flagged[cluster].mean(), flagged[cluster].any()]
                for name, (share, any_found) in found.items():
                    rows.append(
                        {
                            "per_1000": per_1000, "cluster": members, "times": factor,
                            "test": name, "cut": cuts[name], "areas_found": share / maps,
                            "maps_found": any_found / maps,
                        }
                    )  # fmt: skip
        print(pd.DataFrame(rows).tail(9 * len(TESTS)).to_string(index=False), flush=True)
    return pd.DataFrame(rows)


def grow(near: dict[int, list[int]], start: int, members: int) -> list[int]:
    """Collect a compact cluster: ring by ring around an area."""
    cluster = [start]
    for place in cluster:
        cluster += [other for other in near[place] if other not in cluster]
        if len(cluster) >= members:
            break
    return cluster[:members]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["size", "power"])
    parser.add_argument("--maps", type=int, default=1000)
    parser.add_argument("--rates", type=float, nargs="+", default=RATES)
    parser.add_argument("--grounds", nargs="+", default=["611", "Rutland", "611:0.5"])
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    table = {"size": size, "power": power}[given.what](given.maps, given.rates, given.grounds)
    if given.out:
        table.to_csv(given.out, index=False, float_format="%.4g")


if __name__ == "__main__":
    main()
