"""What every verb writes, by one table: its columns and their kinds, and all that `attrs` say.

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
RECORDS = pd.DataFrame(
    {
        # Two events of each month in A, one in every second month in B, one without a place.
        "area_code": [*np.repeat(AREAS.index[0], 8), *np.repeat(AREAS.index[1], 2), None],
        "period": pd.PeriodIndex([*MONTHS[[0, 0, 1, 1, 2, 2, 3, 3]], *MONTHS[[0, 2]], MONTHS[1]]),
        "category": ["Theft"] * 6 + ["Arson"] * 5,
        "harm": [0.5] * 8 + [2.0] * 3,
        "force": "Kent Police",
    }
)
PLAIN = AREAS.drop(columns="count")
LARGER = AREAS.set_geometry(AREAS.scale(10, 10, origin=(0, 0)))
LOOKUP = pd.DataFrame(
    {
        "LSOA11CD": [*AREAS.index, AREAS.index[8]],
        "LSOA21CD": ["E01100000", "E01100000", *AREAS.index[2:8], "E01100001", "E01100002"],
    }
)
POINTS = gpd.GeoDataFrame(
    {"date": pd.date_range("2021-01-01", periods=12)},
    geometry=[shapely.Point(50 * i, 0) for i in range(12)],
    crs="EPSG:27700",
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
    "dispersion": 1.0, "dispersion_from": "none", "events": 94.0, "tested": 9, "missing": 0,
    "spread": ANY, "spread_upper": ANY, "text": ANY,
}  # fmt: skip
RISK = {
    "risk_expected": "float", "risk_ratio": "float", "risk_lower": "float", "risk_upper": "float",
    "risk_p": "float", "risk_q": "float", "risk_class": "ordered",
}  # fmt: skip
LOCAL_RISK: dict[str, Any] = {
    "statistic": "Risk ratio", "column": "count given population", "method": "exact binomial test",
    "alternative": "two-sided", "alpha": 0.1, "correction": "Benjamini-Hochberg",
    "dispersion": 1.0, "events": 94, "tested": 9, "islands": 0, "missing": 0,
    "text": "Risk ratio of count given population: exact binomial test, two-sided; "
    "Benjamini-Hochberg over 9 areas tested.",
}  # fmt: skip
AUDIT = (
    "Of 11 records, 10 were counted (90.9%): 10 by code. Not counted: 1 no location."
)  # fmt: skip
# By hand: of 3, 2, 3 and 2 events a month, area A's 8 should have 2.4, 1.6, 2.4 and 1.6, but has 2
# in each; B's 2 are the rest. Squares of .4 over shares of .3 and .2: 4 x .16 x (1/.3 + 1/.2) over
# (8 x .2 + 2 x .8) x 3: below 1, which is the least.
SCATTER = {"dispersion": 1.0, "runs": 1.0, "months": 4}


class Case(NamedTuple):
    call: Callable[[], pd.DataFrame]
    made: dict[str, str]  # the columns it makes, in order, and their kinds
    facts: dict[str, dict[str, Any]]  # attrs["statistics"]
    notes: dict[str, Any] = {}  # noqa: RUF012 - never changed; the rest of attrs


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
        {
            # 46 in an area for the months, and 24 times 0 to 8 for the areas.
            "audit": "Of 216 records, 216 were counted (100.0%): 216 by code. They stand for 1,278 "
            "events, of which 1,278 were counted.",
            "period": ["2021-01", "2022-12"],
        },
    ),
    "monthly_hotspots": Case(
        lambda: lh.monthly_hotspots(AREAS, EVENTS, period=("2021-01", "2021-12")),
        {
            "area_code": "text", "period": "months", "value": "float", "gi_z": "float",
            "gi_p": "float", "gi_q": "float", "spot": "text",
        },
        {"monthly_hotspots": {**BY_MONTH, "months": 12}},
        {
            "audit": "Of 216 records, 108 were counted (100.0% of those asked for): 108 by code. Not counted: 108 "
            "outside the period. They stand for 1,278 events, of which 621 were counted."
        },
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
            "scan_p_uneven": "float",
        },
        {
            "scan": {
                "statistic": "Kulldorff's circular scan", "column": "count given population",
                "method": "Poisson, given the sum; p by drawn maps, far out by importance sampling",
                "events": 11, "areas": 9, "missing": 0, "circles": ANY, "largest": 0.5,
                "uneven_p": ANY, "spread": ANY, "differ": ANY, "draws": 999, "seed": 0,
                "text": ANY,
            }
        },
    ),
    "suppress": Case(
        lambda: lh.suppress(AREAS),
        {"count": "whole or missing", "suppressed": "flag"},
        {},
        {
            "suppression": {
                # Of X, 3, 0, 1 and 2 are below 5; of Y, 1 and 4: together 5, so that each may be
                # anything up to 4.
                "below": 5, "areas": 6, "totals_withheld": [],
                "sentence": "Counts below 5 are not shown, nor others from which they could be "
                "worked out: 6 of 9 areas.",
            }
        },
    ),
    "top": Case(
        lambda: lh.top(AREAS, 3),
        {
            "rank": "whole", "area_name": "text", "district": "text", "population": "whole",
            "count": "whole",
        },
        {},
    ),
    "change": Case(
        lambda: lh.change(AREAS.assign(count=COUNT[::-1]), AREAS),
        {
            "count_then": "whole", "rate_ratio": "float", "ratio_lower": "float",
            "ratio_upper": "float", "change_p": "float", "change_q": "float",
            "change_class": "ordered",
        },
        {
            "change": {
                "statistic": "rate ratio", "column": "count", "dispersion": 1.0,
                "method": "exact conditional test of two Poisson counts", "tested": 9,
                "dispersion_from": "none", "against": 1.0, "correction": "Benjamini-Hochberg",
                "period_then": None,
            }
        },
    ),
    "local_risk": Case(lambda: lh.local_risk(AREAS), RISK, {"local_risk": LOCAL_RISK}),
    "local_risk with neighbours": Case(
        lambda: lh.local_risk(AREAS, lh.contiguity(AREAS), alternative="hot", dispersion=2),
        RISK,
        {
            "local_risk": {
                # The square in the middle and its neighbours are all there is: not tested.
                **LOCAL_RISK, "statistic": "Risk ratio with neighbours", "tested": 8,
                "alternative": "hot", "dispersion": 2,
                "method": "exact binomial test with dispersion 2", "text": ANY,
            }
        },
    ),
    "near_repeat": Case(
        lambda: lh.near_repeat(POINTS, metres=(60,), days=(1,), permutations=49),
        {
            "distance": "text", "interval": "text", "metres_over": "float", "metres_to": "float",
            "days_over": "whole", "days_to": "whole", "pairs": "whole", "expected": "float",
            "ratio": "float", "knox_p": "float", "knox_q": "float", "verdict": "text",
        },
        {
            "near_repeat": {
                "statistic": "Knox's pairs close in space and time", "events": 12,
                "method": "49 permutations of the dates, seed 0",
                "correction": "Benjamini-Hochberg",
                "text": "Knox's test of 12 events, 49 permutations of the dates (seed 0); "
                "Benjamini-Hochberg over 2 cells.",
            }
        },
    ),
    "count": Case(lambda: lh.count(PLAIN, RECORDS), {"count": "whole"}, {}, {
        "audit": AUDIT, "period": ["2021-01", "2021-04"], "dispersion": SCATTER,
    }),
    "count with weights": Case(
        lambda: lh.count(PLAIN, RECORDS, weight="harm", period=("2021-01", "2021-04")),
        {"count": "whole", "weighted": "float", "weighted_sq": "float"},
        {},
        {"audit": AUDIT, "period": ["2021-01", "2021-04"], "dispersion": SCATTER},
    ),
    "count of months without data": Case(
        lambda: lh.count(
            PLAIN.assign(force="Kent Police"), RECORDS, coverage={
                "Kent Police": ["2021-01", "2021-03"], "Essex Police": ["2021-01", "2021-02"],
            }
        ),
        {"force": "text", "count": "whole or missing"},
        {},
        {"audit": ANY, "period": ["2021-01", "2021-04"]},
    ),
    "tabulate": Case(
        lambda: lh.tabulate(PLAIN, RECORDS, ["period", "category"]),
        {"area_code": "text", "period": "months", "category": "text", "count": "whole"},
        {},
        {"audit": AUDIT, "period": ["2021-01", "2021-04"]},
    ),
    "join": Case(
        lambda: lh.join(PLAIN, pd.DataFrame({"area_code": AREAS.index[::-1], "score": range(9)})),
        {"score": "whole"},
        {},
        {"joined": [{"columns": ["score"], "matched": 9, "unmatched_areas": 0, "unmatched_rows": 0}]},
    ),
    "convert": Case(
        lambda: lh.convert(
            AREAS[["count"]], from_="lsoa11", to="lsoa21", lookup=LOOKUP,
            population=pd.Series({"E01100001": 1000, "E01100002": 3000}),
        ),
        {"count": "whole", "converted": "text", "converted_from": "text"},
        {},
        {
            "edition": "lsoa21",
            "conversion": "Converted to lsoa21, 9 areas: 6 unchanged, 1 merged, 2 split by "
            "population. No event was lost.",
        },
    ),
    "convert_records": Case(
        lambda: lh.convert_records(
            RECORDS, areas=AREAS.rename({AREAS.index[0]: "E01100000"}), from_="lsoa11",
            to="lsoa21", lookup=LOOKUP,
        ),
        {
            "area_code": "text", "period": "months", "category": "text", "harm": "float",
            "force": "text", "converted": "text",
        },
        {},
    ),
    "grid": Case(
        lambda: lh.grid(LARGER, 10, "square"),
        {"area_name": "text"},
        {},
        {"edition": "grid"},
    ),
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


@pytest.mark.parametrize("verb", CASES)
def test_nothing_else_is_noted(verb: str) -> None:
    case = CASES[verb]
    notes = {name: note for name, note in quiet(case.call).attrs.items() if name != "statistics"}
    assert {
        name: str(note) if isinstance(note, lh.Audit) else note for name, note in notes.items()
    } == case.notes


# The middle square has eight neighbours, the four on its sides five, the corners three: 40 links.
LINKS = lh.contiguity(AREAS).transform("B").sparse.toarray()
RATES = RATED["rate"].to_numpy()
AROUND = RATES - RATES.mean()
ROWS = LINKS / LINKS.sum(axis=1, keepdims=True)
GLOBAL: dict[str, tuple[Callable[[], pd.Series], str, float, float]] = {
    "global_moran": (
        lambda: lh.global_moran(RATED), "Moran's I of rate",
        AROUND @ ROWS @ AROUND / (AROUND @ AROUND), -1 / 8,
    ),
    "global_geary": (
        lambda: lh.global_geary(RATED), "Geary's C of rate",
        8 / 18 * (ROWS * np.subtract.outer(RATES, RATES) ** 2).sum() / (AROUND @ AROUND), 1.0,
    ),
    "global_g": (
        lambda: lh.global_g(RATED), "General G of rate",
        RATES @ LINKS @ RATES / (RATES.sum() ** 2 - RATES @ RATES), 40 / 72,
    ),
    # Four are above 3: a square of two by two, so that all six pairs are joins. Of 36 pairs 20 join.
    "join_counts": (
        lambda: lh.join_counts(RATED.assign(high=RATED["count"] > 3), "high"), "Joins of high",
        6.0, 6 * 20 / 36,
    ),
}  # fmt: skip


@pytest.mark.parametrize("verb", GLOBAL)
def test_a_figure_of_the_whole_map_is_a_row(verb: str) -> None:
    call, name, value, expected = GLOBAL[verb]
    found = call()
    assert {key: type(one) for key, one in found.items()} == {
        "value": float, "expected": float, "variance": float, "z": float, "p": float,
        "areas": int, "permutations": int, "seed": int, "text": str,
    }  # fmt: skip
    assert found.name == name.split(" of ")[0]
    assert found["value"] == pytest.approx(value)
    assert found["expected"] == pytest.approx(expected)
    assert found[["areas", "permutations", "seed"]].tolist() == [9, 9999, 0]
    z = (value - expected) / np.sqrt(found["variance"])
    assert found["z"] == pytest.approx(z)
    assert found["text"].startswith(f"{name} = {value:.4f} (expected {expected:.4f}), z = {z:.2f}")


def test_p_of_joins_is_the_share_of_all_arrangements() -> None:
    """Of 126 ways to mark four of nine squares four make a block, and have as many joins."""
    marked = RATED.assign(high=RATED["count"] > 3)
    for permutations in (99, 9999):
        p = lh.join_counts(marked, "high", permutations=permutations, seed=1)["p"]
        assert p * (permutations + 1) % 2 == pytest.approx(0, abs=1e-6)
        assert p == pytest.approx(2 * 4 / 126, abs=8 * np.sqrt(0.03 / permutations))


def test_what_forces_reported_is_a_plain_table_of_months() -> None:
    found = lh.coverage(RECORDS, complete=True)
    assert found == {"Kent Police": ["2021-01", "2021-02", "2021-03", "2021-04"]}
    assert lh.coverage(RECORDS) == {}  # 11 rows in four months are too few to tell


def test_what_the_counting_verbs_made_by_hand() -> None:
    counted = lh.count(PLAIN, RECORDS, weight="harm")
    assert counted["count"].tolist() == [8, 2, *[0] * 7]
    assert counted["weighted"].tolist() == [8 * 0.5, 2 * 2.0, *[0.0] * 7]
    assert counted["weighted_sq"].tolist() == [8 * 0.25, 2 * 4.0, *[0.0] * 7]
    cube = lh.tabulate(PLAIN, RECORDS, ["period", "category"])
    there = cube[cube["count"] > 0]
    assert [(code[-1], str(month), what, n) for code, month, what, n in
            there.itertuples(index=False)] == [
        ("0", "2021-01", "Theft", 2), ("0", "2021-02", "Theft", 2), ("0", "2021-03", "Theft", 2),
        ("0", "2021-04", "Arson", 2), ("1", "2021-01", "Arson", 1), ("1", "2021-03", "Arson", 1),
    ]  # fmt: skip
    assert len(cube) == 9 * 4 * 2
    assert quiet(CASES["join"].call)["score"].tolist() == list(range(8, -1, -1))
    assert quiet(CASES["convert"].call)["count"].to_dict() == {
        # 3 and 0 are one area now; 4 are dealt out to 1,000 and 3,000 people.
        "E01000002": 1, "E01000003": 2, "E01000004": 30, "E01000005": 25, "E01000006": 1,
        "E01000007": 28, "E01100000": 3, "E01100001": 1, "E01100002": 3,
    }  # fmt: skip
    cells = lh.grid(LARGER, 10, "square")
    assert len(cells) == 9
    assert cells.geometry.area.tolist() == [100.0] * 9
    top = CASES["top"].call()
    assert top["count"].tolist() == [30, 28, 25]
    assert top["rank"].tolist() == [1, 2, 3]


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
