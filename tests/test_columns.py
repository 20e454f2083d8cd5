"""Every column that a verb writes on the sample is explained in the reference."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

import lsoahot as lh

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "columns.md"
EXPLAINED = set(re.findall(r"`(\w+)`", PAGE.read_text(encoding="utf-8"))) | {"ward", "offence"}
THEN, NOW = ("2010-10", "2011-09"), ("2011-10", "2012-09")


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    """Run the verbs on the sample, one after the other."""
    areas = lh.read_boundaries("sample")
    crimes = lh.read_dataset("crime", "sample")
    then = areas.pipe(lh.count, crimes, period=THEN).pipe(lh.rate)
    now = areas.pipe(lh.count, crimes, period=NOW).pipe(lh.rate)
    return {
        "records": crimes,
        "areas": areas,
        "rank": lh.rank(now),
        "getis_ord": lh.getis_ord(now),
        "local_moran": lh.local_moran(now),
        "local_risk": lh.local_risk(now),
        "empirical_bayes": lh.empirical_bayes(now),
        "suppress": lh.suppress(now),
        "change": lh.change(then, now),
        "emerging_hotspots": lh.emerging_hotspots(areas, crimes, period=NOW),
        "monthly_hotspots": lh.monthly_hotspots(areas, crimes, period=NOW),
        "tabulate": lh.tabulate(areas, crimes),
        "trend": lh.trend(crimes),
        "seasonality": lh.seasonality(crimes),
        "compare": lh.compare(now),
        "concentration": lh.concentration(now),
        "evaluate": lh.evaluate({"by rate": lh.top(then, 5).index}, now, earlier=then),
    }


def test_every_column_is_explained(tables: dict[str, pd.DataFrame]) -> None:
    unknown = {
        name: sorted(set(table.columns) - EXPLAINED)
        for name, table in tables.items()
        if not set(table.columns) <= EXPLAINED
    }
    assert unknown == {}


def test_no_explained_class_is_missing() -> None:
    text = PAGE.read_text(encoding="utf-8")
    table = lh.read_boundaries("sample").assign(rate=range(23))
    hotspots = lh.getis_ord(table)["hotspot"].cat.categories
    clusters = lh.local_moran(table)["cluster"].cat.categories
    assert [word for word in [*hotspots, *clusters] if f"`{word}`" not in text] == []
