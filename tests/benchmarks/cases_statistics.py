"""Neighbours and statistics of the LSOAs of England and Wales, beside libpysal, esda and pygeoda.

The whole verb (checks, q and classes included) against the bare statistic of the others, at their
fastest: numba installed and warm, simulations not kept, pygeoda with its look-up table of
permutations. One thread each.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import material
import numpy as np
import pandas as pd
from protocol import Case

import lsoahot as lh

if TYPE_CHECKING:
    from collections.abc import Callable

GIVEN = {"keep_simulations": False, "n_jobs": 1, "seed": 1}
NEEDS = {
    "libpysal": ("libpysal",),
    "esda, 999": ("esda", "numba"),
    "esda, 9,999": ("esda", "numba"),
    "pygeoda": ("pygeoda",),
    "pygeoda, table made": ("pygeoda",),
    "pygeoda, 999": ("pygeoda",),
    "mapclassify": ("mapclassify", "numba"),
}
MONTHS = 12


def linked() -> tuple[gpd.GeoDataFrame, Any]:
    return material.england_and_wales(), material.graph(material.LSOAS)


def geoda(table: gpd.GeoDataFrame) -> Any:
    import pygeoda

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pygeoda.open(table[["population", "geometry"]].reset_index())


def links(graph: Any) -> str:
    if hasattr(graph, "adjacency"):
        return f"{int((graph.adjacency > 0).sum()):,} links"
    every = sum(len(graph.get_neighbors(i)) for i in range(graph.num_obs))
    return f"{every:,} links"


def graphs(
    name: str,
    title: str,
    ours: Callable[[Any], Any],
    theirs: str,
    options: dict[str, Any],
    **more: Any,
) -> Case:
    """Compare a way of linking areas with that of libpysal; centroids for those by distance."""

    def build(areas: gpd.GeoDataFrame) -> Any:
        from libpysal.graph import Graph

        return getattr(Graph, theirs)(areas, **options)

    prepare = {} if "contiguity" in theirs else {"libpysal": lambda areas: areas.centroid}
    return Case(
        name=name,
        title=title,
        setup=material.england_and_wales,
        sides={"lsoahot": ours, "libpysal": build, **more.pop("sides", {})},
        prepare=prepare | more.pop("prepare", {}),
        needs=NEEDS,
        answer=links,
        runs=3,
        **more,
    )


def compiled() -> None:
    """Have numba compile esda's kernels."""
    from esda.getisord import G_Local
    from esda.moran import Moran_Local

    areas = material.board(9)
    y, graph = areas["count"].to_numpy(dtype=float), lh.contiguity(areas)
    G_Local(y, graph, transform="B", star=True, permutations=9, **GIVEN)
    Moran_Local(y, graph, transformation="r", permutations=9, **GIVEN)


def opened(table: gpd.GeoDataFrame) -> Any:
    """Make pygeoda's own table of the areas, and link them."""
    import pygeoda

    return pygeoda.queen_weights(geoda(table))


def statistic(verb: str, column: str, *, geodas: str = "", **more: Any) -> Case:
    """Compare a local statistic."""

    def esda(data: Any, permutations: int) -> Any:
        from esda.getisord import G_Local
        from esda.moran import Moran_Local

        areas, graph = data
        y = areas[column].to_numpy(dtype=float)
        if verb == "getis_ord":
            return G_Local(y, graph, transform="B", star=True, permutations=permutations, **GIVEN)
        return Moran_Local(y, graph, transformation="r", permutations=permutations, **GIVEN)

    def weighed(data: Any) -> Any:
        import pygeoda

        return pygeoda.queen_weights(geoda(data[0])), data[0][column].astype(float).tolist()

    def look_up(data: Any) -> Any:
        import pygeoda

        return getattr(pygeoda, geodas)(
            *data, permutations=999, permutation_method="lookup", cpu_threads=1
        )

    def answer(result: Any) -> str:
        if isinstance(result, gpd.GeoDataFrame):
            values = result["gi_z" if verb == "getis_ord" else "moran_i"].to_numpy()
        elif hasattr(result, "lisa_values"):
            return ""
        else:
            values = result.Zs if verb == "getis_ord" else result.Is
        what = "z" if verb == "getis_ord" else "I"
        return f"mean of |{what}|: {np.nanmean(np.abs(values)):.4f}"

    sides: dict[str, Callable[[Any], Any]] = {
        "lsoahot": lambda d: getattr(lh, verb)(d[0], column, graph=d[1]),
        "esda, 999": lambda d: esda(d, 999),
    }
    if (verb, column) == ("getis_ord", "count"):
        sides["esda, 9,999"] = lambda d: esda(d, 9999)
    if geodas:
        sides["pygeoda, 999"] = look_up
    return Case(
        name=f"{verb}-{column}",
        title=f"`{verb}`, {column}s",
        setup=linked,
        sides=sides,
        prepare={"pygeoda, 999": weighed},
        warm={"esda, 999": compiled, "esda, 9,999": compiled},
        needs=NEEDS,
        answer=answer,
        runs=3,
        **more,
    )


def smoothed(data: Any) -> Any:
    from esda.smoothing import Empirical_Bayes

    return Empirical_Bayes(data["count"].to_numpy(), data["population"].to_numpy())


def months() -> tuple[gpd.GeoDataFrame, pd.DataFrame, Any]:
    """Return counted rows: events a month in proportion to the year's, with a season."""
    areas, graph = linked()
    rng = np.random.default_rng(36)
    season = 1 + 0.1 * np.sin(np.arange(MONTHS) / 2)
    events = rng.poisson(areas["count"].to_numpy()[:, None] / 12 * season)
    every = pd.period_range("2023-01", periods=MONTHS, freq="M")
    records = pd.DataFrame(
        {
            "area_code": np.repeat(areas.index.to_numpy(dtype=object), MONTHS),
            "period": pd.PeriodIndex(np.tile(every, len(areas))),
            "count": events.ravel(),
        }
    )
    return areas[["area_name", "district", "geometry"]], records, graph


def every_month(data: Any) -> Any:
    """Gi* of each month by itself, without the trend and the classes."""
    from esda.getisord import G_Local

    areas, records, graph = data
    table = records.pivot_table(index="area_code", columns="period", values="count")
    table = table.reindex(areas.index).astype(float)
    options = {"transform": "B", "star": True, "permutations": 999, **GIVEN}
    return [G_Local(table[month].to_numpy(), graph, **options) for month in table]


def breaks(data: gpd.GeoDataFrame) -> Any:
    import mapclassify

    return mapclassify.FisherJenks(data["rate"].to_numpy(), k=5).bins


CASES = [
    graphs(
        "contiguity-queen", "`contiguity`, queen", lh.contiguity, "build_contiguity",
        {"rook": False}, quick=True,
        sides={
            "pygeoda": lambda g: __import__("pygeoda").queen_weights(g),
            "pygeoda, table made": opened,
        },
        prepare={"pygeoda": geoda},
    ),
    graphs(
        "contiguity-rook", "`contiguity`, rook", lambda a: lh.contiguity(a, rule="rook"),
        "build_contiguity", {"rook": True},
        sides={"pygeoda": lambda g: __import__("pygeoda").rook_weights(g)},
        prepare={"pygeoda": geoda},
    ),
    graphs("nearest", "`nearest`, 6", lambda a: lh.nearest(a, 6), "build_knn", {"k": 6}),
    graphs(
        "within_distance", "`within_distance`, 1.5 km", lambda a: lh.within_distance(a, 1500),
        "build_distance_band", {"threshold": 1500, "binary": True},
    ),
    statistic("getis_ord", "count", geodas="local_gstar", quick=True),
    statistic("getis_ord", "rate", geodas="local_gstar"),
    statistic("local_moran", "count", geodas="local_moran"),
    statistic("local_moran", "rate", geodas="local_moran"),
    Case(
        name="empirical_bayes",
        title="`empirical_bayes`",
        setup=material.england_and_wales,
        sides={"lsoahot": lh.empirical_bayes, "esda": smoothed},
        needs={"esda": ("esda",)},
        answer=lambda r: f"mean {np.mean(r['rate_smoothed'] if hasattr(r, 'columns') else r.r * 1000):.3f}",
        quick=True,
    ),
    Case(
        name="emerging_hotspots",
        title=f"`emerging_hotspots`, {MONTHS} months",
        setup=months,
        sides={
            "lsoahot": lambda d: lh.emerging_hotspots(d[0], d[1], graph=d[2]),
            "esda, 999": every_month,
        },
        warm={"esda, 999": compiled},
        needs=NEEDS,
        runs=1,
    ),
    Case(
        name="class_breaks",
        title="`class_breaks`, natural",
        setup=material.england_and_wales,
        sides={"lsoahot": lambda a: lh.class_breaks([a]), "mapclassify": breaks},
        needs=NEEDS,
        answer=lambda found: ", ".join(f"{bound:.0f}" for bound in found),
        runs=2,
    ),
]  # fmt: skip
