"""The worked example of Leicestershire runs as it stands, and its figures are the files' own."""

from __future__ import annotations

import csv
import io
import runpy
import sys
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

EXAMPLE = Path(__file__).parents[1] / "examples" / "leicestershire_change.py"


@pytest.fixture(scope="module")
def names(shared: Path) -> dict[str, Any]:
    """Run the example on the shared data and return the names it defines."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", [str(EXAMPLE), str(shared / "data")])
        with (
            pytest.warns(UserWarning, match="60 records have a code of another edition"),
            pytest.warns(UserWarning, match="renewed the fixed places that it moves records to"),
        ):
            return runpy.run_path(str(EXAMPLE))


def by_district(archive: Path) -> Counter[str]:
    """Count an archive's rows by district with the standard library alone."""
    found: Counter[str] = Counter()
    with zipfile.ZipFile(archive) as files:
        for name in files.namelist():
            if name.endswith("-street.csv"):
                text = io.TextIOWrapper(files.open(name), encoding="utf-8")
                found.update(row["LSOA name"].rpartition(" ")[0] for row in csv.DictReader(text))
    return found


def test_districts_are_the_files_own(names: dict[str, Any], shared: Path) -> None:
    police = shared / "data" / "police"
    then = by_district(police / "leicestershire-2020-10_2021-09.zip")
    now = by_district(police / "leicestershire-2021-10_2022-09.zip")
    table = names["by_district"].drop(index=["Total", "Not recorded"])
    assert len(table) == 9
    for district, row in table.iterrows():
        assert (row["previous"], row["count"]) == (then[district], now[district])
    assert table.loc["Rutland", ["previous", "count"]].tolist() == [1660, 2010]
    assert names["by_district"].loc["Not recorded", "count"] == now[""] == 2781


def test_2025_by_district_keeps_every_record(names: dict[str, Any], shared: Path) -> None:
    found = by_district(shared / "data" / "police" / "leicestershire-2025.zip")
    later = names["later"]
    # Points near a border may fall into the neighbouring older area, but no record is lost.
    assert later.sum() == sum(found[district] for district in later.index)
    for district in later.index:
        assert later[district] == pytest.approx(found[district], abs=3)


def test_dispersion_leaves_few_areas_changed(names: dict[str, Any]) -> None:
    changed = {
        name: int((~table["change_class"].isin(["No clear change", "Not tested"])).sum())
        for name, table in names["changes"].items()
    }
    assert changed == {"as if Poisson": 167, "against no change": 15, "against the county's": 9}
    assert names["scatter"] == pytest.approx(3.19, abs=0.005)  # months in runs count as one


def test_the_comparison_ranks_rutland_first_of_nine(names: dict[str, Any]) -> None:
    rutland = names["compared"].loc["Rutland"]
    assert rutland["place"] == "1 of 9"
    assert rutland["verdict"] == "in line"  # beside how much the nine differ anyway


def test_scores_are_ranked(names: dict[str, Any]) -> None:
    scores = names["scores"]
    assert scores["areas"].tolist() == [50, 50, 50]
    assert scores["pai"].is_monotonic_decreasing
    assert scores["method"].iloc[0] == "top 50 by rate"
