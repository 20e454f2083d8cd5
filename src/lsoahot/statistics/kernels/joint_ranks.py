"""How sure ranks are, when the risks of neighbours are believed together.

A rank depends on all areas at once, and neighbours rise and fall together. So all risks are drawn
at once, as they are believed jointly, and ranked, again and again. The stream of random numbers is
always the same, and is used in the order of the coordinates: the same table gives the same ranks,
however its rows are sorted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lsoahot.statistics.kernels import expectation_propagation, leroux, multifrontal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from lsoahot.statistics.kernels.leroux import Fit

    Floats = NDArray[np.float64]

DRAWS = 2000
AT_ONCE = 100
MARGINS = np.arange(-3.0, 3.1, 0.5)  # of the normal distribution, where each area's own is known


def ranks(
    fitted: Fit, ranked: NDArray[np.bool_], *, top: int, confidence: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Return each area's limits of its rank (1 is the highest risk), and its chance of the top.

    Parameters
    ----------
    fitted : Fit
        What is believed.
    ranked : numpy.ndarray
        Which areas are ranked.
    top : int
        How many places the top has.
    confidence : float
        Of the limits.

    Returns
    -------
    tuple of numpy.ndarray
        Lower and upper limit of the rank, and the chance to be among the `top` highest, of the
        areas ranked.
    """
    drawn = np.concatenate(
        [
            (-risks[ranked]).argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
            for risks in draws(fitted)
        ],
        axis=1,
        dtype=np.int32,
        casting="same_kind",
    )
    drawn += 1
    tail = (1 - confidence) / 2
    limits = np.quantile(drawn, [tail, 1 - tail], axis=1, method="inverted_cdf").astype(np.int64)
    return limits[0], limits[1], (drawn <= top).mean(axis=1)


def draws(fitted: Fit) -> Iterator[Floats]:
    """Draw the logarithms of all risks together, (areas, `AT_ONCE`) at a time.

    They are normal together at the best sigma and share; each area's own distribution is then put
    in place of its normal one.
    """
    from scipy.special import ndtr

    seen, best = fitted.map, fitted.best
    precision, mean, variance = best.state.sites.precision, best.state.mean, best.state.variance
    diagonal, links = expectation_propagation.field(seen, best.at)
    factor = multifrontal.factor(seen.dissection, diagonal + precision, links)
    own = np.stack([np.log(leroux.quantile(fitted, float(ndtr(z)))) for z in MARGINS], axis=1)
    u = best.state.extra.u * np.sqrt(best.state.extra.border)
    generator = np.random.default_rng(0)
    step = MARGINS[1] - MARGINS[0]
    scatter = np.sqrt(variance)[:, None]
    for _ in range(DRAWS // AT_ONCE):
        # in pairs of opposites
        half = generator.standard_normal((mean.size + 1, AT_ONCE // 2))
        normal = np.concatenate([half, -half], axis=1)
        together = multifrontal.spread(factor, normal[:-1]) + u[:, None] * normal[-1]
        score = np.empty_like(together)
        score[fitted.order] = together / scatter
        below = np.clip(np.floor((score - MARGINS[0]) / step), 0, MARGINS.size - 2).astype(np.intp)
        part = (score - MARGINS[below]) / step
        low = np.take_along_axis(own, below, axis=1)
        yield low + part * (np.take_along_axis(own, below + 1, axis=1) - low)
