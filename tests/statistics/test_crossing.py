"""Where a function crosses zero, against scipy's brentq and roots known in closed form."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.optimize import brentq

from lsoahot.statistics.kernels.crossing import crossing


@settings(deadline=None)
@given(
    st.floats(-3, 3), st.floats(0.01, 50), st.integers(0, 3), st.floats(0.1, 9), st.floats(0.1, 9)
)
def test_it_is_where_brentq_finds_it(
    root: float, steep: float, power: int, below: float, above: float
) -> None:
    def curve(x: float) -> float:
        away = x - root
        return float(np.expm1(steep * away / 10) + away * abs(away) ** power)

    low, high = root - below, root + above
    assert crossing(curve, low, high, 1e-13) == pytest.approx(
        brentq(curve, low, high, xtol=1e-13), abs=1e-11
    )
    assert crossing(curve, high, low, 1e-13) == pytest.approx(root, abs=1e-11)


@pytest.mark.parametrize(
    ("function", "low", "high", "root"),
    [
        (lambda x: x * x - 2, 0, 9, np.sqrt(2)),
        (lambda x: np.exp(-x) - 1e-6, 0, 60, np.log(1e6)),  # flat at one end
        (lambda x: x**9, -1, 2, 0),  # flat where it crosses
        (lambda x: x - 4, 4, 9, 4),
        (lambda x: x - 4, 1, 4, 4),
    ],
)
def test_it_is_found_in_few_steps(
    function: Callable[[float], float], low: float, high: float, root: float
) -> None:
    asked = []

    def counted(x: float) -> float:
        asked.append(x)
        return function(x)

    found = crossing(counted, low, high, 1e-9)
    assert found == pytest.approx(root, abs=1e-2 if function(0.1) < 1e-8 else 1e-9)
    assert found in asked
    assert len(asked) < 60
