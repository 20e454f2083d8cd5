"""What to believe about each area's risk with one sigma and share, by expectation propagation.

The model, and what its parts are called, stand in `leroux`. Each count's likelihood is stood for by a
normal factor, found so that the mean and variance of each area's log risk agree with those of the exact
likelihood in the others' place (Minka, 2001; Cseke & Heskes, 2011). The evidence for (sigma, share) and
its gradient follow in closed form from the marginal variances alone, for tr(QA⁻¹) = n - Σ T_i v_i,
A = Q + T.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lsoahot.statistics.kernels import multifrontal, nested_dissection, tilted

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from lsoahot.statistics.kernels.multifrontal import Factor
    from lsoahot.statistics.kernels.nested_dissection import Dissection
    from lsoahot.statistics.kernels.tilted import Tilted

    Floats = NDArray[np.float64]
    Places = NDArray[np.intp]
    # (log density, slope) of log sigma
    Prior = Callable[[float], tuple[float, float]]

LEVEL = 100.0  # the variance of mu: no count of events is impossible
SWEEPS = 100  # at most
CLOSE = 1e-6  # of a standard deviation: what sweeps may still change
CLOSE_ENOUGH = 1e-4  # on the way
ROUNDING = 1e-12
SLOW = 0.9  # of the change of the sweep before: where changes fall no faster, take half steps


class Map(NamedTuple):
    """What is seen, in the order of the coordinates, and how to eliminate it."""

    counts: Floats
    expected: Floats
    a: Places
    b: Places
    weight: Floats
    degree: Floats
    dissection: Dissection
    dispersion: float


class Sites(NamedTuple):
    """The normal factors that stand for the counts: precision, and precision times mean."""

    precision: Floats
    shift: Floats


class Belief(NamedTuple):
    """What is believed with one sigma and share."""

    at: Floats  # log sigma, logit share
    log_density: float  # of them, given the counts
    gradient: Floats
    state: State
    level: tuple[float, float]  # the mean and variance of mu


def believe(
    seen: Map,
    at: Floats,
    sites: Sites,
    prior: Prior,
    *,
    gradient: bool = True,
    close: float = CLOSE,
) -> Belief:
    """Find what to believe with one log sigma and logit share, starting from some factors.

    Parameters
    ----------
    seen : Map
        The counts and the links.
    at : numpy.ndarray
        Log sigma and logit share.
    sites : Sites
        Where the sweeps start.
    prior : callable
        Log density and slope of log sigma.
    gradient : bool
        Whether the gradient is wanted.
    close : float
        The part of a standard deviation that the last sweep may change.

    Returns
    -------
    Belief
        With the log density of `at` given the counts, the prior included, and its gradient.
    """
    n = seen.counts.size
    tau, share, alone = float(np.exp(-2 * at[0])), float(expit(at[1])), float(expit(-at[1]))
    k = tau * alone
    diagonal, links = field(seen, at)
    bare = multifrontal.factor(seen.dissection, diagonal / tau, links / tau)

    def marginals(sites: Sites) -> tuple[Floats, Floats, _Whole]:
        factor = multifrontal.factor(seen.dissection, diagonal + sites.precision, links)
        both = multifrontal.solve(factor, np.c_[sites.shift, np.ones(n)])
        u = both[:, 1]
        slack = 1 + LEVEL * k * float(u @ sites.precision)
        border = LEVEL * k * k / slack  # what the level, integrated out, adds to the inverse
        mean = both[:, 0] + border * both[:, 0].sum() * u
        variance = multifrontal.variances(factor) + border * u * u
        level = LEVEL * k * float(both[:, 0].sum()) / slack, LEVEL / slack
        return mean, variance, _Whole(factor.log_determinant, u, slack, border, level)

    state = settle(
        (seen.counts, seen.expected), sites, marginals, close=close, dispersion=seen.dispersion
    )
    whole: _Whole = state.extra
    density, slope = prior(float(at[0]))
    log_density = (
        float(state.evidence.sum())
        + (bare.log_determinant + n * np.log(tau) - whole.log_determinant - np.log(whole.slack)) / 2
        + density
        + np.log(share)
        + np.log(alone)
    )
    down = np.full(2, np.nan)
    if gradient:
        down = _gradient(seen, (tau, share, alone), bare, state)
        down += np.array([slope, alone - share])
    return Belief(at, log_density, down, state, whole.level)


def field(seen: Map, at: Floats) -> tuple[Floats, Floats]:
    """Return the diagonal of Q, and its values on the links."""
    tau, share, alone = float(np.exp(-2 * at[0])), float(expit(at[1])), float(expit(-at[1]))
    return tau * (share * seen.degree + alone), -tau * share * seen.weight


class _Whole(NamedTuple):
    """Of the field and the factors together: what the level's being uncertain adds."""

    log_determinant: float
    u: Floats  # the inverse times ones
    slack: float
    border: float  # the inverse with the level integrated out has border times uu' more
    level: tuple[float, float]


class State(NamedTuple):
    """Where the sweeps settled: factors, marginals, and each area's part in the evidence."""

    sites: Sites
    mean: Floats
    variance: Floats
    risks: Tilted
    evidence: Floats
    sweeps: int
    extra: Any


def settle(
    counts: tuple[Floats, Floats],
    sites: Sites,
    marginals: Callable[[Sites], tuple[Floats, Floats, Any]],
    *,
    close: float,
    dispersion: float,
) -> State:
    """Sweep over all areas at once until the factors stay as they are."""
    known = counts[1] > 0
    precision, shift = sites
    before, step, change = np.inf, 1.0, np.inf
    for sweep in range(1, SWEEPS + 1):
        mean, variance, extra = marginals(Sites(precision, shift))
        # without its own factor: what the others say of an area
        rest = np.maximum(1 / variance - precision, ROUNDING / variance)
        others = mean / variance - shift
        risks = tilted.tilt(*counts, others / rest, 1 / rest, dispersion=dispersion)
        sure = np.maximum(1 / risks.variance, rest)  # a long series may leave a risk less sure
        change = max(
            float((np.abs(risks.mean - mean) / np.sqrt(variance))[known].max(initial=0)),
            float(np.abs(1 / (sure * variance) - 1)[known].max(initial=0)),
        )
        if change < close:
            evidence = risks.log_evidence + shift * mean / 2
            evidence += (
                others**2 / rest - np.log(rest) - mean**2 / variance - np.log(variance)
            ) / 2
            evidence = np.where(known, evidence, 0.0)
            return State(Sites(precision, shift), mean, variance, risks, evidence, sweep, extra)
        if change > SLOW * before:
            step = max(step / 2, 0.1)
        before = change
        new = np.where(known, sure - rest, 0.0)
        precision, shift = (
            precision + step * (new - precision),
            shift + step * (np.where(known, risks.mean * sure - others, 0.0) - shift),
        )
    raise RuntimeError(
        f"the sweeps did not settle: after {SWEEPS} of them a risk still changes by {change:.2g} "
        "of its standard deviation. Look for counts or expected counts out of all proportion; "
        "exceedance(areas) without a graph needs no sweeps."
    )


def _gradient(seen: Map, spread: tuple[float, float, float], bare: Factor, state: State) -> Floats:
    """Differentiate the log evidence by log sigma and logit share.

    With mu integrated out, the prior of x has the precision Q - c 11', c = Vk²/(1 + nVk), k = tau
    (1 - share), V the variance of mu.
    """
    mean, variance, precision, u = state.mean, state.variance, state.sites.precision, state.extra.u
    n = mean.size
    tau, share, alone = spread
    k = tau * alone
    whole = 1 + n * LEVEL * k
    c = LEVEL * k * k / whole
    c_by_k = LEVEL * k * (1 + whole) / whole**2
    ones = float(u.sum()) * whole / state.extra.slack  # 1'A⁻¹1
    # E[x'Qx], E[x'x], E[(1'x)²] under the approximation
    trace = n - float(precision @ variance) + c * ones
    rough = float((seen.weight * (mean[seen.a] - mean[seen.b]) ** 2).sum())
    square = float(mean @ mean)
    x_q_x = tau * (share * rough + alone * square) + trace
    x_x = square + float(variance.sum())
    sum_2 = float(mean.sum()) ** 2 + ones
    by_log_tau = 0.5 * (n - n * LEVEL * k / whole - x_q_x + k * c_by_k * sum_2)
    # d log|share R + alone I| = (n - tr(...)⁻¹) / share;   x'Rx tau = (x'Qx - k x'x) / share
    trace_field = float(multifrontal.variances(bare).sum())
    by_share = 0.5 * (
        (n - trace_field) / share
        + n * LEVEL * tau / whole
        - ((x_q_x - k * x_x) / share - tau * x_x)
        - tau * c_by_k * sum_2
    )
    return np.array([-2 * by_log_tau, share * alone * by_share])


def ordered(
    count: Floats,
    expected: Floats,
    links: tuple[Places, Places, Floats],
    points: Floats,
    *,
    dispersion: float = 1.0,
) -> tuple[Map, Places]:
    """Put all in the order of the coordinates, so that the order of the rows doesn't matter."""
    n = count.size
    order = np.lexsort((count, expected, points[:, 1], points[:, 0]))
    place = np.empty(n, dtype=np.intp)
    place[order] = np.arange(n)
    ends = np.sort(np.c_[place[links[0]], place[links[1]]], axis=1)
    by_ends = np.lexsort((ends[:, 1], ends[:, 0]))
    a, b = (end.astype(np.intp) for end in ends[by_ends].T)
    weight = links[2][by_ends]
    degree = np.zeros(n)
    for end in (a, b):
        degree += np.bincount(end, weight, minlength=n)
    dissection = nested_dissection.dissect(points[order], a, b)
    seen = Map(count[order], expected[order], a, b, weight, degree, dissection, dispersion)
    return seen, order


def first_sites(seen: Map) -> Sites:
    """Guess the normal factors from the counts alone."""
    precision = np.where(seen.expected > 0, seen.counts / seen.dispersion + 0.5, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        guess = np.where(
            seen.expected > 0, np.log((seen.counts + 0.5) / (seen.expected + 0.5)), 0.0
        )
    return Sites(precision, precision * guess)


def expit(z: Floats) -> Floats:
    """Return the share whose logit is z."""
    share: Floats = 1 / (1 + np.exp(-z))
    return share
