"""Every comparison by pytest-benchmark, in groups: pytest tests/benchmarks/bench_peers.py.

``-k contiguity`` chooses. The table in the documentation is made by `table.py`, which gives every
program a process of its own and measures its memory too.
"""

from __future__ import annotations

import importlib
import warnings
from typing import TYPE_CHECKING

import material
import pytest
from table import GROUPS

if TYPE_CHECKING:
    from protocol import Case
    from pytest_benchmark.fixture import BenchmarkFixture

EVERY = [
    pytest.param(case, side, id=f"{case.name}-{side}".replace(" ", ""))
    for group in GROUPS
    for case in importlib.import_module(group).CASES
    for side in case.sides
]


@pytest.fixture(scope="session", autouse=True)
def _kept(tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(material.KEEP, str(tmp_path_factory.mktemp("kept")))
        yield


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("case", "side"), EVERY)
def test_side(benchmark: BenchmarkFixture, case: Case, side: str) -> None:
    if lacking := case.lacking(side):
        pytest.skip(f"{lacking} is not installed")
    if case.real and not material.real():
        pytest.skip(f"the data of the whole country are not at {material.NATIONAL}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = case.prepare.get(side, lambda same: same)(case.setup())
        case.warm.get(side, lambda: None)()
        benchmark.group = case.title
        work = case.sides[side]
        benchmark.pedantic(lambda: work(data), rounds=case.runs, warmup_rounds=int(case.runs > 1))
