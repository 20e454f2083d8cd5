"""Where a function of one number crosses zero."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

HALF: Final = 0.5


def crossing(function: Callable[[float], float], low: float, high: float, within: float) -> float:
    """Return where a function crosses zero, by Chandrupatla's mixture of parabolas and halving.

    As ``scipy.optimize.brentq`` does, in as many steps, without a tenth of a second's import.

    Parameters
    ----------
    function : callable
        Continuous.
    low, high : float
        Where its signs differ.
    within : float
        How far off the answer may be.

    References
    ----------
    Chandrupatla TR (1997), A new hybrid quadratic/bisection algorithm for finding the zero of a
    nonlinear function without using derivatives, Advances in Engineering Software 28, 145-149.

    Examples
    --------
    >>> round(crossing(lambda x: x**3 - 2, 0.0, 2.0, 1e-12), 9)  # the cube root of 2
    1.25992105
    """
    a, b = high, low  # the crossing is between them; the last one tried is a
    at_a, at_b = function(a), function(b)
    share = HALF
    while True:
        new = a + share * (b - a)
        value = function(new)
        if (value < 0) == (at_a < 0):
            c, at_c = a, at_a
        else:
            c, at_c, b, at_b = b, at_b, a, at_a
        a, at_a = new, value
        least = (within + 2e-16 * abs(a)) / abs(b - a)
        if not value or least > HALF:
            return a if abs(at_a) < abs(at_b) else b
        x, y = (a - b) / (c - b), (at_a - at_b) / (at_c - at_b)
        share = HALF
        if y**2 < x and (1 - y) ** 2 < 1 - x:
            share = at_a / (at_b - at_a) * at_c / (at_b - at_c) + (
                (c - a) / (b - a) * at_a / (at_c - at_a) * at_b / (at_c - at_b)
            )
        share = min(max(share, least), 1 - least)
