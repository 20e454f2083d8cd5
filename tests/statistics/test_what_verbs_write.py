"""What every verb writes, by one table: its columns and their kinds, and `attrs["statistics"]`.

A new verb gets an entry; a verb that writes something else is changed here too. The figures are
worked out from the hand-made areas below, nine squares in three rows.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest.mock import ANY

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import lsoahot as lh
from lsoahot.common import class_labels

if TYPE_CHECKING:
    from collections.abc import Callable

COUNT = [3, 0, 1, 2, 30, 25, 1, 28, 4]
PEOPLE = [1000, 1500, 1200, 900, 1100, 1300, 800, 1000, 1200]
AREAS = gpd.GeoDataFrame(
    {
        "area_name": list("ABCDEFGHI"),
        "district": ["X"] * 5 + ["Y"] * 4,
        "count": COUNT,
        "population": PEOPLE,
    },
    index=pd.Index([f"E01{i:06d}" for i in range(9)], name="area_code"),
    geometry=[shapely.box(x, y, x + 1, y + 1) for x in range(3) for y in range(3)],
    crs="EPSG:27700",
)
RATED = lh.rate(AREAS)
MONTHS = pd.period_range("2021-01", periods=24, freq="M")
YEARS = pd.DataFrame({"period": MONTHS, "count": range(10, 34), "category": "Theft"})
EVENTS = pd.DataFrame(
    {
        "area_code": np.repeat(AREAS.index, 24),
        "period": np.tile(MONTHS, 9),
        "count": np.tile(np.arange(24) % 5, 9) + np.repeat(np.arange(9), 24),
    }
)
MIX = pd.DataFrame({"here": [10, 20], "there": [100, 150]}, index=["a", "b"])

# In the middle of the squares everyone is a neighbour, so that eight of nine can be tested.
LOCAL: dict[str, Any] = {
    "correction": "Benjamini-Hochberg", "grid_error": 0.0, "islands": 0, "missing": 0, "fenced": 0,
    "method": "exact permutation test", "tested": 8, "column": "rate", "alternative": "two-sided",
}  # fmt: skip
BY_MONTH: dict[str, Any] = {
    "statistic": "Getis-Ord Gi* by month", "method": "exact permutation test", "alpha": 0.05,
    "correction": "Benjamini-Hochberg over the areas of a month", "window": 1, "tested": 8,
    "grid_error": 0.0, "fence": 3.0, "fenced": 0, "text": ANY,
}  # fmt: skip
GI = {"gi_z": "float", "gi_p": "float", "gi_q": "float", "hotspot": "ordered",
      "hotspot_class": "whole or missing"}  # fmt: skip
LEVEL = {
    "relative_risk": "float", "relative_risk_lower": "float", "relative_risk_upper": "float",
    "exceedance": "float", "excess": "float", "level": "ordered",
    "level_class": "whole or missing",
}  # fmt: skip
GETIS_ORD = {**LOCAL, "statistic": "Getis-Ord Gi*", "alpha": 0.10, "fence": None, "text": ANY}
EXCEEDANCE: dict[str, Any] = {
    "statistic": "Relative risk", "method": "gamma-Poisson by maximum likelihood",
    "column": "count given population", "above": 1.5, "far": 2.0, "confidence": 0.95,
    "dispersion": 1.0, "dispersion_from": "none", "scatter": 1.0, "events": 94.0, "tested": 9, "missing": 0,
    "spread": ANY, "spread_upper": ANY, "text": ANY,
}  # fmt: skip


class Case(NamedTuple):
    call: Callable[[], pd.DataFrame]
    made: dict[str, str]  # the columns it makes, in order, and their kinds
    facts: dict[str, dict[str, Any]]  # attrs["statistics"]


CASES: dict[str, Case] = {
    "rate": Case(
        lambda: lh.rate(AREAS), {"rate": "float", "rate_lower": "float", "rate_upper": "float"}, {}
    ),
    "rank": Case(lambda: lh.rank(AREAS), {"rank": "whole"}, {}),
    "getis_ord": Case(lambda: lh.getis_ord(RATED), GI, {"getis_ord": GETIS_ORD}),
    "local_moran": Case(
        lambda: lh.local_moran(RATED),
        {"moran_i": "float", "moran_p": "float", "moran_q": "float", "cluster": "ordered"},
        {
            "local_moran": {
                **LOCAL, "statistic": "Local Moran's I", "alpha": 0.05, "fence": None, "text": ANY
            }
        },
    ),
    "exceedance": Case(lambda: lh.exceedance(AREAS), LEVEL, {"exceedance": EXCEEDANCE}),
    "find_hotspots": Case(
        lambda: lh.find_hotspots(RATED),
        {**GI, **LEVEL},
        {
            "exceedance": EXCEEDANCE,
            "getis_ord": {**GETIS_ORD, "fence": 3.0},
            "find_hotspots": {"beside": 0, "test": "getis_ord", "text": ANY},
        },
    ),
    "empirical_bayes": Case(
        lambda: lh.empirical_bayes(AREAS),
        {"rate_smoothed": "float", "rate_standardised": "float"},
        {
            "empirical_bayes": {
                "statistic": "Empirical Bayes rate", "column": "count given population",
                "mean": pytest.approx(94 / 10_000 * 1000), "missing": 0, "towards": "all areas",
                "variance": ANY,
            }
        },
    ),
    "emerging_hotspots": Case(
        lambda: lh.emerging_hotspots(AREAS, EVENTS),
        {
            "emerging": "ordered", "months_hot": "whole", "months_cold": "whole",
            "months_tested": "whole", "trend_z": "float", "trend_p": "float",
        },
        {"emerging_hotspots": {**BY_MONTH, "months": 24}},
    ),
    "monthly_hotspots": Case(
        lambda: lh.monthly_hotspots(AREAS, EVENTS, period=("2021-01", "2021-12")),
        {
            "area_code": "text", "period": "months", "value": "float", "gi_z": "float",
            "gi_p": "float", "gi_q": "float", "spot": "text",
        },
        {"monthly_hotspots": {**BY_MONTH, "months": 12}},
    ),
    "compare": Case(
        lambda: lh.compare(AREAS, spread=0),
        {
            "count": "whole", "population": "whole", "rate": "float", "group_rate": "float",
            "rate_ratio": "float", "funnel_lower_95": "float", "funnel_upper_95": "float",
            "funnel_lower_998": "float", "funnel_upper_998": "float", "compare_p": "float",
            "rank": "whole", "place": "text", "beyond": "text", "verdict": "text",
        },
        {
            "compare": {
                "statistic": "rate against the mean of the group's rates", "members": 9,
                "method": "exact Poisson control limits", "per": 1000, "scatter": 1.0,
                "spread": 0.0, "spread_from": "given", "text": ANY,
            }
        },
    ),
    "trend": Case(
        lambda: lh.trend(YEARS),
        {
            "category": "text", "year": "text", "count": "whole or missing", "previous": "float",
            "change": "float", "change_pct": "float", "rate_ratio": "float",
            "ratio_lower": "float", "ratio_upper": "float", "dispersion": "float",
            "change_p": "float", "change_q": "float", "verdict": "text",
        },
        {
            "trend": {
                "statistic": "rate ratio", "dispersion": "estimated from the months",
                "method": "exact conditional test of two Poisson counts",
                "correction": "Benjamini-Hochberg over the groups of a year", "text": ANY,
            }
        },
    ),
    "seasonality": Case(
        lambda: lh.seasonality(YEARS),
        {
            "category": "text", "month": "whole", "month_name": "text", "count": "whole",
            "years": "whole", "expected": "float", "index": "float", "index_lower": "float",
            "index_upper": "float", "dispersion": "float", "season_p": "float",
            "season_q": "float", "verdict": "text", "spell_year": "text", "even_p": "float",
        },
        {
            "seasonality": {
                "statistic": "share of a month", "years": ["2021", "2022"],
                "method": "exact binomial test against the month's days",
                "correction": "Benjamini-Hochberg over twelve months", "text": ANY,
            }
        },
    ),
    "profile": Case(
        lambda: lh.profile(MIX, "here", "there"),
        {
            "category": "text", "local_count": "whole or missing", "local_pct": "float",
            "reference_count": "whole or missing", "reference_pct": "float", "difference": "float",
            "profile_p": "float", "profile_q": "float", "verdict": "text",
        },
        {
            "profile": {
                "statistic": "share of a category", "method": "Fisher's exact test",
                "correction": "Benjamini-Hochberg", "totals": [30, 250], "text": ANY,
            }
        },
    ),
    "evaluate": Case(
        lambda: lh.evaluate([AREAS.index[4]], AREAS),
        {
            "rank": "whole", "method": "text", "areas": "whole", "size_share": "float",
            "events": "float", "hit_rate": "float", "hit_lower": "float", "hit_upper": "float",
            "pai": "float", "pei": "float", "rri": "float",
        },
        {
            "evaluate": {
                "statistic": "hit rate, PAI, PEI and RRI", "size": "area of the land",
                "events": 94, "text": ANY,
            }
        },
    ),
    "concentration": Case(
        lambda: lh.concentration(AREAS),
        {
            "events_pct": "float", "places": "whole", "places_pct": "float",
            "chance_pct": "float", "chance_lower": "float", "chance_upper": "float",
        },
        {
            "concentration": {
                "statistic": "Share of places that hold a share of the events",
                "column": "count given population", "places": 9, "events": 94.0, "missing": 0,
                "gini": ANY, "gini_chance": ANY, "gini_chance_lower": ANY,
                "gini_chance_upper": ANY, "draws": 199, "seed": 0, "text": ANY,
            }
        },
    ),
    "scan": Case(
        lambda: lh.scan(AREAS.assign(count=[0, 0, 1, 0, 5, 4, 0, 0, 1])),
        {
            "cluster": "whole", "centre": "text", "radius": "float", "areas": "whole",
            "members": "text", "events": "whole", "expected": "float", "relative_risk": "float",
            "log_likelihood_ratio": "float", "scan_p": "float", "scan_p_error": "float",
        },
        {
            "scan": {
                "statistic": "Kulldorff's circular scan", "column": "count given population",
                "method": "Poisson, given the sum; p by drawn maps, far out by importance sampling",
                "events": 11, "areas": 9, "missing": 0, "circles": ANY, "largest": 0.5,
                "uneven_p": ANY, "spread": ANY, "draws": 999, "seed": 0, "text": ANY,
            }
        },
    ),
    "suppress": Case(lambda: lh.suppress(AREAS), {"suppressed": "flag"}, {}),
}  # fmt: skip


def kind(column: pd.Series) -> str:
    """Say what a column holds in a word that is the same in every version of pandas."""
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return "ordered" if dtype.ordered else "categories"
    if isinstance(dtype, pd.PeriodDtype):
        return "months" if dtype == "period[M]" else "periods"
    if isinstance(dtype, pd.Int64Dtype):
        return "whole or missing"
    if pd.api.types.is_bool_dtype(dtype):
        return "flag"
    kinds = {"int64": "whole", "float64": "float", "object": "text"}
    return kinds.get(str(dtype)) or ("text" if pd.api.types.is_string_dtype(dtype) else str(dtype))


def quiet(call: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    with warnings.catch_warnings():
        # The square in the middle, everybody's neighbour, can't be tested, as the verbs say.
        warnings.simplefilter("ignore", UserWarning)
        return call()


@pytest.mark.parametrize("verb", CASES)
def test_columns_and_their_kinds(verb: str) -> None:
    case = CASES[verb]
    found = quiet(case.call)
    made = {name: kind(found[name]) for name in found.columns if name in case.made}
    assert made == case.made
    others = set(found.columns) - set(case.made)
    assert others <= set(RATED.columns), "a column that the table above doesn't name"


@pytest.mark.parametrize("verb", CASES)
def test_what_was_done_is_noted(verb: str) -> None:
    case = CASES[verb]
    notes = quiet(case.call).attrs.get("statistics", {})
    assert notes == case.facts
    for name, facts in notes.items():
        text = facts.get("text")
        assert text is None or text.endswith("."), name


def test_what_was_noted_before_is_kept() -> None:
    chain = quiet(lambda: lh.local_moran(lh.exceedance(lh.getis_ord(RATED))))
    assert set(chain.attrs["statistics"]) == {"getis_ord", "exceedance", "local_moran"}
    again = quiet(lambda: lh.getis_ord(chain, "count"))
    assert again.attrs["statistics"]["getis_ord"]["column"] == "count"
    assert chain.attrs["statistics"]["getis_ord"]["column"] == "rate"  # the input's is untouched


def test_classes_are_in_the_fields_order() -> None:
    found = quiet(lambda: lh.find_hotspots(RATED))
    assert list(found["hotspot"].cat.categories) == [
        "Not tested", "Cold spot 99%", "Cold spot 95%", "Cold spot 90%", "Not significant",
        "Beside a hot spot", "Hot spot 90%", "Hot spot 95%", "Hot spot 99%",
    ]  # fmt: skip
    assert list(found["level"].cat.categories) == list(class_labels.LEVELS)
    assert found["level"].max() in {"Above", "Far above"}
    # 30 where 10.3 are expected and 28 where 9.4 are: 2.9 and 3.0 times, surely above 1.5.
    # 25 where 12.2 are: 2.05 times, with a standard error of .41 above 1.5 but not surely.
    assert found.index[found["level"] >= "Above"].tolist() == [AREAS.index[4], AREAS.index[7]]
    assert found.loc[AREAS.index[5], "level"] == "Probably above"
