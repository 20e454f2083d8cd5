"""The benchmarks call each verb as it is called today."""

from __future__ import annotations

import warnings

import cases_statistics
import growth
import pytest


@pytest.mark.parametrize("name", growth.VERBS)
def test_growth_can_call_every_verb(name: str) -> None:
    prepare, call = growth.VERBS[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the areas are invented
        assert call(prepare(300)) is not None


@pytest.mark.filterwarnings("ignore")  # of the country's boundaries
def test_months_are_tested_for_emerging_hot_spots() -> None:
    areas, records, graph = cases_statistics.months()
    few = areas.iloc[:300]
    (case,) = [one for one in cases_statistics.CASES if one.name == "emerging_hotspots"]
    result = case.sides["lsoahot"](
        (few, records[records["area_code"].isin(few.index)], graph.subgraph(few.index))
    )
    assert len(result) == 300
