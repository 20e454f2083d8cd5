"""The worked examples on real data run as they stand, and give the reference's figures."""

from __future__ import annotations

import runpy
import shutil
from pathlib import Path

import pandas as pd
import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture(scope="module")
def leicestershire(
    shared: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, pd.DataFrame]:
    """Run examples/leicestershire.py beside the data, and return the names it defines."""
    folder = tmp_path_factory.mktemp("examples")
    for path in EXAMPLES.glob("leicestershire*"):
        shutil.copy(path, folder)
    (folder / "data").symlink_to(shared / "data", target_is_directory=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", [str(folder / "leicestershire.py")])
        return runpy.run_path(str(folder / "leicestershire.py"))


def test_every_area_of_the_force_is_tested(
    leicestershire: dict[str, pd.DataFrame], shared: Path
) -> None:
    counts = pd.read_csv(shared / "oracles/leics_counts_2021-10_2022-09.csv", index_col="LSOA11CD")
    tested = leicestershire["tested"]
    assert tested["count"].sort_index().to_dict() == counts["burglary"].sort_index().to_dict()
    assert (tested["hotspot"] != "Not tested").sum() == 611


def test_rutland_is_reported_with_what_the_force_gave_it(
    leicestershire: dict[str, pd.DataFrame],
) -> None:
    tested, rutland = leicestershire["tested"], leicestershire["rutland"]
    assert len(rutland) == 23
    pd.testing.assert_series_equal(rutland["gi_z"], tested["gi_z"].loc[rutland.index])


def test_2025_is_on_the_edition_of_2021(leicestershire: dict[str, pd.DataFrame]) -> None:
    found = leicestershire["found"]
    assert found.config.years == "January 2025 to December 2025"
    assert len(found.tables["burglary"]) == 26
