r"""Who is right? Methods that name high areas, on made maps whose true risks are known.

    python tests/calibration/made_risks.py named --maps 20 --out docs/_static/made_risks.csv
    python tests/calibration/made_risks.py named --methods level --maps 500 --rates 0.3 1 \
        --surfaces ... --out docs/_static/named_levels.csv
    python tests/calibration/made_risks.py clusters --maps 1000 --out docs/_static/false_clusters.csv
    python tests/calibration/made_risks.py scans --maps 100

Needs the development data (LSOAHOT_SHARED). Risks all equal, gamma, lognormal, with one area at 15
times, and events in series (each in one month, or going on for weeks), at four rates; an area is truly
high above 1.5 times the whole's risk.
*named*, for every method: how many it names a map, which share of these is truly high, and which share
of the truly high it finds. (`truth.py` asks the same of real risks.) *clusters*: risks differ and do not
cluster, so a hot spot (`find_hotspots`, q <= 0.05 and 0.10) is false: on how many maps is there one? *scans*: the
same of `scan`, of 100 and 200 made places, and how often it refuses.

A method of your own is a function that takes areas (``count``, ``population``, ``rate``) and a graph and
returns, by name, which of them are high: add it to METHODS.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control, norm
from simulate import gi_star, ground

import lsoahot as lh
from lsoahot.counting.monthly_scatter import measured_scatter
from lsoahot.statistics.kernels.local_tests import fenced

if TYPE_CHECKING:
    from collections.abc import Callable

    from libpysal.graph import Graph
    from numpy.typing import NDArray
    from scipy.sparse import sparray

    Named = pd.Series | NDArray[np.bool_]
    Method = Callable[[gpd.GeoDataFrame, Graph], dict[str, Named]]

HIGH = 1.5
RATES = (0.3, 1.0, 5.0, 30.0)  # events per 1,000 people and year
MONTHS = 12
SERIES = 0.5  # a series goes on with this chance: mean 2, dispersion 3
GAP = 5.0  # days on average from an event to the next, in series for weeks
YEAR, BEFORE = 365.0, 60.0  # days: series begun before the year reach into it


# --- methods --------------------------------------------------------------------------------------


def level(areas: gpd.GeoDataFrame, _: Graph) -> dict[str, Named]:
    found = lh.exceedance(areas)["level"]
    return {f"level: {least}": found >= least for least in ("Above", "Probably above")}


def level_as_poisson(areas: gpd.GeoDataFrame, _: Graph) -> dict[str, Named]:
    found = lh.exceedance(areas, dispersion=1)["level"]
    return {"level: Above, dispersion not measured": found >= "Above"}


def level_with_neighbours(areas: gpd.GeoDataFrame, graph: Graph) -> dict[str, Named]:
    found = lh.exceedance(areas, graph=graph)["level"]
    return {
        f"level with neighbours: {least}": found >= least for least in ("Above", "Probably above")
    }


def gi(areas: gpd.GeoDataFrame, graph: Graph) -> dict[str, Named]:
    """Gi* of find_hotspots (fenced, own side; its levels would take long), and as it is."""
    plain, fenced = (lh.getis_ord(areas, graph=graph, fence=fence) for fence in (None, 3.0))
    above = areas["count"] / areas["population"] > areas["count"].sum() / areas["population"].sum()
    z = gi_star(areas["rate"].to_numpy(), graph)
    return {
        "find_hotspots: hot spot 95%": (fenced["hotspot"] >= "Hot spot 95%") & above,
        "getis_ord: hot spot 95%": plain["hotspot"] >= "Hot spot 95%",
        "Gi* analytic, q <= 0.05": (false_discovery_control(2 * norm.sf(np.abs(z))) <= 0.05)
        & (z > 0),
    }


def esda(areas: gpd.GeoDataFrame, graph: Graph) -> dict[str, Named]:
    from esda.getisord import G_Local

    found = G_Local(areas["rate"].to_numpy(), graph, transform="B", star=True, permutations=999,
                    keep_simulations=False, n_jobs=1, seed=1)  # fmt: skip
    return {"Gi* esda 999, p <= 0.05": (found.p_sim <= 0.05) & (found.Zs > 0)}


def local_risk(areas: gpd.GeoDataFrame, graph: Graph) -> dict[str, Named]:
    found = lh.local_risk(areas, graph=graph)["risk_class"]
    return {"local_risk with neighbours: hot 95%": found >= "Hot spot 95%"}


def rates(areas: gpd.GeoDataFrame, _: Graph) -> dict[str, Named]:
    whole = areas["count"].sum() / areas["population"].sum() * 1000
    smooth = lh.empirical_bayes(areas)["rate_smoothed"]
    return {
        "empirical Bayes above 1.5": smooth > HIGH * whole,
        "raw rate above 1.5": areas["rate"] > HIGH * whole,
    }


METHODS = (level, level_as_poisson, level_with_neighbours, gi, esda, local_risk, rates)


# --- maps -----------------------------------------------------------------------------------------


class Map(NamedTuple):
    """Events of areas by month, and the truth: each area's risk over the whole's."""

    months: NDArray[np.float64]
    ratio: NDArray[np.float64]


def drawn(rng: np.random.Generator, people: NDArray, per_1000: float, surface: str) -> Map:
    """Draw a map of a made surface."""
    n = people.size
    kind, _, size = surface.partition(",")[0].partition(" ")
    ratio = np.ones(n)
    if kind == "gamma":
        ratio = rng.gamma(float(size) ** -2, float(size) ** 2, n)
    elif kind != "equal":
        ratio = np.exp(rng.normal(0, float(size or 0.6), n))
    if kind == "outlier":
        ratio[rng.integers(n)] *= 15
    ratio *= people.sum() / (people * ratio).sum()
    mean = (people * per_1000 / 1000 * ratio / MONTHS)[:, None] * np.ones(MONTHS)
    if surface.endswith("weeks"):
        return Map(for_weeks(rng, mean.sum(axis=1) * (1 - SERIES)), ratio)
    if not surface.endswith("series"):
        return Map(rng.poisson(mean).astype(float), ratio)
    begun = rng.poisson(mean * (1 - SERIES))
    more = rng.negative_binomial(np.maximum(begun, 1), 1 - SERIES)
    return Map(np.where(begun > 0, begun + more, 0).astype(float), ratio)


def for_weeks(rng: np.random.Generator, begun: NDArray) -> NDArray[np.float64]:
    """Draw months of series that go on over days and weeks, some from one month into the next."""
    area = np.repeat(np.arange(begun.size), rng.poisson(begun * (YEAR + BEFORE) / YEAR))
    at, months = rng.uniform(-BEFORE, YEAR, area.size), np.zeros((begun.size, MONTHS))
    while area.size:
        within = (at >= 0) & (at < YEAR)
        np.add.at(months, (area[within], (at[within] / YEAR * MONTHS).astype(int)), 1)
        on = rng.random(area.size) < SERIES
        area, at = area[on], at[on] + rng.exponential(GAP, int(on.sum()))
    return months


SURFACES = ("equal", "gamma 0.5", "gamma 0.8", "lognormal 0.6", "outlier", "equal, in series",
            "lognormal, in series", "gamma 0.65", "gamma 1.2", "lognormal 1", "gamma 0.65, in series",
            "gamma 0.8, in series", "gamma 1.2, in series", "lognormal 1, in series",
            "gamma 0.8, in series for weeks", "gamma 1.2, in series for weeks")  # fmt: skip


def judged(maps: int, surfaces: list[str], rates: list[float], methods: list[str]) -> pd.DataFrame:
    """Draw maps, ask every method, and count who is right."""
    areas, graph = ground("611")
    people = areas["population"].to_numpy(dtype=float)
    rows = []
    for surface in surfaces:
        for per_1000 in rates:
            rng = np.random.default_rng([int(per_1000 * 10), SURFACES.index(surface)])
            tally: dict[str, NDArray] = {}
            for _ in range(maps):
                one = drawn(rng, people, per_1000, surface)
                events = one.months.sum(axis=1)
                table = areas.assign(count=events, rate=events / people * 1000)
                table.attrs["dispersion"] = measured_scatter(one.months)
                high = one.ratio > HIGH
                for method in (one for one in METHODS if one.__name__ in methods):
                    for name, found in method(table, graph).items():
                        named = np.asarray(found)
                        hits = [
                            named.sum(),
                            (named & high).sum(),
                            high.sum(),
                            (named & ~high).any(),
                        ]
                        tally[name] = tally.get(name, np.zeros(4)) + hits
            rows += [
                {
                    "risks": surface, "per_1000": per_1000, "method": name, "maps": maps,
                    "named": n / maps, "right": right / n if n else np.nan,
                    "found": right / all_high if all_high else np.nan,
                    "maps_with_false": false / maps,
                }
                for name, (n, right, all_high, false) in tally.items()
            ]  # fmt: skip
            print(pd.DataFrame(rows).tail(len(tally)).to_string(index=False), flush=True)
    return pd.DataFrame(rows)


def clusters(maps: int, surfaces: list[str], rates: list[float]) -> pd.DataFrame:
    """Draw maps without a cluster, and count those on which one is found."""
    areas, graph = ground("611")
    people = areas["population"].to_numpy(dtype=float)
    near = graph.assign_self_weight(1).sparse
    rows = []
    for surface in surfaces:
        for per_1000 in rates:
            rng = np.random.default_rng([int(per_1000 * 10), SURFACES.index(surface)])
            false = np.zeros(2)
            for _ in range(maps):
                events = drawn(rng, people, per_1000, surface).months.sum(axis=1)
                rate = events / people
                if not may_cluster(fenced(rate, 3.0)[0], near):
                    continue
                tested = lh.getis_ord(areas.assign(rate=rate), graph=graph, fence=3.0)
                above = rate > events.sum() / people.sum()
                for place, least in enumerate(("Hot spot 95%", "Hot spot 90%")):
                    false[place] += ((tested["hotspot"] >= least) & above).any()
            share = dict(zip(("hot_95", "hot_90"), false / maps, strict=True))
            rows.append({"risks": surface, "per_1000": per_1000, "maps": maps, **share})
            print(*rows[-1].values(), flush=True)
    return pd.DataFrame(rows)


def scans(maps: int) -> pd.DataFrame:
    """Scan maps without a cluster: how often is p below 0.05, p for uneven risks, or refused?"""
    rows = []
    for n in (100, 200):
        rng = np.random.default_rng(n)
        places = gpd.GeoDataFrame(
            {"population": rng.integers(900, 3000, n).astype(float)},
            index=pd.Index([f"E{i:04d}" for i in range(n)], name="area_code"),
            geometry=gpd.points_from_xy(*rng.random((2, n)) * 1e4),
            crs=27700,
        )
        people = places["population"].to_numpy()
        for events in (0.5, 2.0):
            for cv in (0.0, 0.3, 0.4, 0.5, 0.65, 0.8):
                tally = np.zeros(3)
                for _ in range(maps):
                    risk = people * (rng.gamma(cv**-2, cv**2, n) if cv else 1.0)
                    counts = rng.multinomial(round(n * events), risk / risk.sum())
                    try:
                        first = lh.scan(places.assign(count=counts), clusters=3, draws=99).iloc[0]
                        tally[:2] += first[["scan_p", "scan_p_uneven"]].to_numpy(float) <= 0.05
                    except ValueError:
                        tally[2] += 1
                rows.append((n, events, cv, *(tally / maps)))
                print(*rows[-1], flush=True)
    names = ["places", "events_each", "cv", "scan_p", "scan_p_uneven", "refused"]
    return pd.DataFrame(rows, columns=names)


def may_cluster(y: NDArray[np.float64], near: sparray) -> bool:
    """Tell whether a map is worth the exact test: sums are skewed, so the normal p is too small."""
    k, n = near.sum(axis=1), y.size
    z = np.sort((near @ y - k * y.mean()) / (y.std() * np.sqrt((n * k - k**2) / (n - 1))))[::-1]
    due = norm.isf(np.minimum(0.10 * np.arange(1, n + 1) / n / 2, 0.4))
    return bool((z >= 0.93 * due).any())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["named", "clusters", "scans"])
    parser.add_argument("--maps", type=int, default=20)
    parser.add_argument("--surfaces", nargs="+", default=list(SURFACES[:7]))
    parser.add_argument("--rates", type=float, nargs="+", default=RATES)
    names = [method.__name__ for method in METHODS]
    parser.add_argument("--methods", nargs="+", choices=names, default=names)  # of *named*
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    if given.what == "named":
        table = judged(given.maps, given.surfaces, given.rates, given.methods)
    elif given.what == "scans":
        table = scans(given.maps)
    else:
        table = clusters(given.maps, given.surfaces, given.rates)
    if given.out:
        table.to_csv(given.out, index=False, float_format="%.4g")


if __name__ == "__main__":
    main()
