"""Who is right about which areas are high, where the truth is known: real crime, thinned.

    python tests/calibration/truth.py found --maps 36 --out docs/_static/truth.csv
    python tests/calibration/truth.py bands --maps 36
    python tests/calibration/truth.py flat --maps 400
    python tests/calibration/truth.py next-year --out docs/_static/next_year.csv

Needs the development data (LSOAHOT_SHARED): two years of Leicestershire's records (October 2020 to
September 2022), its 611 LSOAs and their mid-2020 residents. *found*: a sample of the two years'
events is drawn without replacement (0.3, 1 and 5 per 1,000 people); the events left give the true
ratios, and an area is truly high where its ratio is above 1.5. How many of those called high are
(right), and how many of the truly high are called so (found)? *bands*: of the areas given a chance
between two numbers, how many are truly high? *flat*: equal risks, on how many maps is an area called
high? *next-year*: the first year's rates foretell the second's counts.
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
import simulate
from scipy.stats import false_discovery_control, norm

import lsoahot as lh

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from libpysal.graph import Graph
    from numpy.typing import NDArray

    Chance = Callable[[gpd.GeoDataFrame, Graph], NDArray[np.float64]]

SHARED = Path(os.environ.get("LSOAHOT_SHARED", Path(__file__).parents[3] / "shared"))
HIGH = 1.5
RATES = (0.3, 1.0, 5.0)
KINDS = {
    "violence, damage": ("Violence and sexual offences", "Criminal damage and arson"),
    "vehicle crime, burglary, robbery": ("Vehicle crime", "Burglary", "Robbery"),
}


def ground() -> tuple[gpd.GeoDataFrame, pd.DataFrame, Graph]:
    """Read the areas with their people, and counts by area, year and kind."""
    areas = lh.read_boundaries(SHARED / "data/boundaries/leics_rutland_lsoa11_bgc.gpkg")
    people = pd.read_csv(SHARED / "data/population/pop_lsoa11_2011_2017_2019_2020.csv", index_col=0)
    areas["population"] = people.filter(like="2020").iloc[:, 0].reindex(areas.index)
    years = {}
    for year, name in enumerate(("2020-10_2021-09", "2021-10_2022-09")):
        records = lh.read_dataset("crime", SHARED / f"data/police/leicestershire-{name}.zip")
        years[year] = pd.crosstab(records["area_code"], records["category"]).reindex(
            areas.index, fill_value=0
        )
    counts = pd.concat(years, axis=1).fillna(0).astype(int)
    areas = areas[["population", "geometry"]].copy()
    return areas, counts, lh.contiguity(areas)


def plain(areas: gpd.GeoDataFrame, _: Graph) -> NDArray[np.float64]:
    return lh.exceedance(areas, dispersion=1)["exceedance"].to_numpy()


def neighbours(areas: gpd.GeoDataFrame, graph: Graph) -> NDArray[np.float64]:
    return lh.exceedance(areas, graph=graph, dispersion=1)["exceedance"].to_numpy()


def gi_star(areas: gpd.GeoDataFrame, graph: Graph) -> NDArray[np.float64]:
    """1 where Gi* calls a hot spot at 95 %."""
    tested = lh.getis_ord(lh.rate(areas), "rate", graph=graph)
    return ((tested["gi_q"] <= 0.05) & (tested["gi_z"] > 0)).to_numpy(dtype=np.float64)


def analytic(areas: gpd.GeoDataFrame, graph: Graph) -> NDArray[np.float64]:
    """1 where Gi* by the normal table, adjusted, calls a hot spot at 95 %."""
    z = simulate.gi_star((areas["count"] / areas["population"]).to_numpy(), graph)
    called = (false_discovery_control(2 * norm.sf(np.abs(z))) <= 0.05) & (z > 0)
    return called.astype(np.float64)


def esda(areas: gpd.GeoDataFrame, graph: Graph) -> NDArray[np.float64]:
    """1 where esda's Gi* has p <= 0.05, as it comes."""
    p, high = simulate.esda(lh.rate(areas), graph)
    return ((p <= 0.05) & high).astype(np.float64)


def local_risk(areas: gpd.GeoDataFrame, graph: Graph) -> NDArray[np.float64]:
    """1 where the area with its neighbours is above its share at 95 %."""
    tested = lh.local_risk(areas, graph=graph)
    return ((tested["risk_q"] <= 0.05) & (tested["risk_ratio"] > 1)).to_numpy(dtype=np.float64)


def empirical_bayes(areas: gpd.GeoDataFrame, _: Graph) -> NDArray[np.float64]:
    """1 where the smoothed rate is above 1.5 times the whole's."""
    smoothed = lh.empirical_bayes(areas)["rate_smoothed"]
    whole = areas["count"].sum() / areas["population"].sum() * 1000
    return (smoothed > HIGH * whole).to_numpy(dtype=np.float64)


def raw_rate(areas: gpd.GeoDataFrame, _: Graph) -> NDArray[np.float64]:
    """1 where the rate is above 1.5 times the whole's."""
    rate = areas["count"] / areas["population"]
    whole = areas["count"].sum() / areas["population"].sum()
    return (rate > HIGH * whole).to_numpy(dtype=np.float64)


METHODS: dict[str, Chance] = {
    "raw rate above 1.5": raw_rate,
    "empirical Bayes above 1.5": empirical_bayes,
    "Gi* 95 %": gi_star,
    "Gi* analytic, q <= 0.05": analytic,
    "Gi* esda 999, p <= 0.05": esda,
    "local_risk with neighbours 95 %": local_risk,
    "gamma-Poisson": plain,
    "with neighbours": neighbours,
}
SURE = ("gamma-Poisson", "with neighbours")  # these give a chance, others a verdict


def maps(
    areas: gpd.GeoDataFrame, counts: pd.DataFrame, kinds: tuple[str, ...], maps: int
) -> Iterator[tuple[str, float, gpd.GeoDataFrame, NDArray[np.bool_]]]:
    """Yield samples, and which areas are truly high."""
    people = areas["population"].to_numpy()
    rng = np.random.default_rng(1)
    for kind in kinds:
        both = (counts[0][kind] + counts[1][kind]).to_numpy()
        for rate in RATES:
            size = round(rate * people.sum() / 1000)
            if size > both.sum() / 2:
                continue
            for _ in range(maps // (len(kinds) * len(RATES))):
                sample = rng.multivariate_hypergeometric(both, size, method="marginals")
                left = both - sample
                ratio = (left / left.sum()) / (people / people.sum())
                yield kind, rate, areas.assign(count=sample), ratio > HIGH


def found(number: int) -> pd.DataFrame:
    """Right and found, by group of kinds and method."""
    areas, counts, graph = ground()
    rows = []
    for group, kinds in KINDS.items():
        for kind, rate, sample, truth in maps(areas, counts, kinds, number):
            for name, method in METHODS.items():
                chance = method(sample, graph)
                cuts = (0.8, 0.95) if name in SURE else (0.5,)
                for cut in cuts:
                    called = chance >= cut
                    label = name if len(cuts) == 1 else f"{name}, P > {cut:g}"
                    rows.append(
                        (
                            group,
                            kind,
                            rate,
                            label,
                            truth.sum(),
                            called.sum(),
                            (called & truth).sum(),
                        )
                    )
    columns = ["group", "kind", "rate", "method", "high", "called", "right"]
    return pd.DataFrame(rows, columns=columns)


def shares(table: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Add the counts up, and divide."""
    total = table.groupby([*by, "method"], sort=False)[["high", "called", "right"]].sum()
    return total.assign(
        share_right=total["right"] / total["called"], share_found=total["right"] / total["high"]
    )


def bands(number: int) -> pd.DataFrame:
    """How many areas are truly high, by the chance they were given."""
    areas, counts, graph = ground()
    cuts = [0, 0.05, 0.2, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0001]
    rows = []
    for kinds in KINDS.values():
        for _, _, sample, truth in maps(areas, counts, kinds, number):
            for name in SURE:
                chance = METHODS[name](sample, graph)
                rows.append(
                    pd.DataFrame(
                        {"method": name, "chance": chance, "high": truth}, index=areas.index
                    )
                )
    table = pd.concat(rows)
    band = pd.cut(table["chance"], cuts, right=False).rename("given")
    return table.groupby(["method", band], observed=True).agg(
        areas=("high", "size"), chance=("chance", "mean"), high=("high", "mean")
    )


def flat(number: int) -> pd.DataFrame:
    """On how many maps of equal risks any area is surely above 1.5, by events per 1,000."""
    areas, _, graph = ground()
    people = areas["population"].to_numpy()
    rng = np.random.default_rng(2)
    rows = []
    for rate in (0.3, 1.0, 5.0, 30.0):
        for _ in range(number // 4):
            sample = areas.assign(count=rng.poisson(people * rate / 1000))
            highest = {name: METHODS[name](sample, graph).max() for name in SURE}
            rows.append({"rate": rate} | {name: high >= 0.95 for name, high in highest.items()})
    return pd.DataFrame(rows).groupby("rate").mean()


def next_year() -> pd.DataFrame:
    """Deviance of the second year's counts, and its events in the 5 % that rank highest."""
    areas, counts, graph = ground()
    people = areas["population"].to_numpy()
    top = round(0.05 * len(areas))
    rows = []
    for kind in counts[0].columns:
        first, second = counts[0][kind].to_numpy(), counts[1][kind].to_numpy()
        sample = areas.assign(count=first)
        whole = first.sum() / people.sum()
        smooth = lh.empirical_bayes(sample)["rate_smoothed"] / 1000 / whole
        local = lh.empirical_bayes(sample, graph=graph)["rate_smoothed"] / 1000 / whole
        ratio = {
            "raw rate": first / people / whole,
            "empirical Bayes": smooth,
            "empirical Bayes, local": local,
            "gamma-Poisson": lh.exceedance(sample, dispersion=1)["relative_risk"],
            "with neighbours": lh.exceedance(sample, graph=graph, dispersion=1)["relative_risk"],
            "Gi* z": lh.getis_ord(lh.rate(sample), "rate", graph=graph)["gi_z"],
        }
        for name, values in ratio.items():
            score = np.asarray(values, dtype=np.float64)
            deviance = np.nan
            if name != "Gi* z":
                due = np.maximum(score, 1e-3) * people
                due *= second.sum() / due.sum()
                seen = np.where(second > 0, second * np.log(np.maximum(second, 1) / due), 0)
                deviance = 2 * (seen - second + due).mean()
            best = np.argsort(-score, kind="stable")[:top]
            share = second[best].sum() / second.sum() / (people[best].sum() / people.sum())
            rows.append((kind, name, deviance, share))
    return pd.DataFrame(rows, columns=["kind", "method", "deviance", "top_5_times_share"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["found", "bands", "flat", "next-year"])
    parser.add_argument("--maps", type=int, default=36)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    if given.what == "found":
        table = found(given.maps)
        print(shares(table, ["group"]).round(3).to_string())
        print(shares(table, ["group", "rate"]).round(3).to_string())
        table = shares(table, ["group", "rate"]).reset_index()
    elif given.what == "bands":
        table = bands(given.maps).reset_index()
    elif given.what == "flat":
        table = flat(given.maps).reset_index()
    else:
        table = next_year()
        print(table.groupby("method", sort=False).mean(numeric_only=True).round(3).to_string())
        least = table.loc[table.groupby("kind")["deviance"].idxmin(), "method"].value_counts()
        print(least.to_string())
    if given.out:
        table.round(4).to_csv(given.out, index=False)
    elif given.what in {"bands", "flat"}:
        print(table.round(3).to_string())


if __name__ == "__main__":
    main()
