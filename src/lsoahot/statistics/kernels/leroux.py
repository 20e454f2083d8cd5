"""Risks that lean on their neighbours, by expectation propagation: no sampling, no seed.

With counts y and expected counts E of n areas, linked by symmetric weights W with row sums D::

    y_i ~ Poisson(E_i exp(x_i)),   x ~ N(mu, Q⁻¹),   Q = tau (share (D - W) + (1 - share) I)

(Leroux, Lei & Breslow, 2000), mu ~ N(0, 10²), sigma = tau^-1/2 the scatter of the log risks and
`share` how much of it is neighbourhood. One field serves separate parts, islands, and areas without
a count, whose E is 0. What is believed with one sigma and share is in `expectation_propagation`;
here the two are searched for, and integrated out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lsoahot.statistics.kernels import multifrontal, tilted
from lsoahot.statistics.kernels.expectation_propagation import (
    CLOSE_ENOUGH,
    LEVEL,
    Belief,
    Map,
    Sites,
    believe,
    expit,
    field,
    first_sites,
    ordered,
    settle,
)  # fmt: skip
from lsoahot.statistics.kernels.tilted import Tilted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lsoahot.statistics.kernels.expectation_propagation import Prior

    Floats = NDArray[np.float64]
    Places = NDArray[np.intp]

LOW, HIGH = np.array([-6.0, -8.0]), np.array([3.0, 9.0])  # log sigma, logit share
FEW = 30  # up to so many areas the level is integrated out too
# The grid of sigma and share: its stride, of a standard deviation, and the fall of the log density
# where it ends, on maps of up to so many areas: finer and wider for fewer, where the density is askew.
SMALL = 300
GRIDS = ((FEW, 1.0, 8.0), (SMALL, 1.25, 7.0), (np.inf, 1.75, 4.5))
NARROW = 0.5  # in log sigma, at most, of counts in series on small maps
HIGHER = 0.5  # of the log density: a mode so much higher is climbed to instead
OTHER_MODES = np.arange(-5.5, 1.0)  # log sigmas where counts in series may have another explanation
LEVELS = np.arange(-7, 4.6, 0.25)  # of standard deviations of the level, where it is set
STEPS, ENOUGH = 60, 1e-9  # in search of a quantile, and how near its probability must be
WHOLE = 2000  # up to so many areas sigma and share are integrated out, beyond they are set
# what a graph may take: of links, and of numbers in a factor (0.4 GB; the national map has 2e6)
MOST_LINKS, MOST_ROOM = 20_000_000, 50_000_000
GRADIENT = 0.02  # of a standard deviation: how far sigma and share may be from their best
# the same of counts in series: where one leaves a risk less sure, the gradient is not quite that of
# the evidence, and the search ends where the evidence does no longer rise
GRADIENT_SERIES = 0.05
WIDE = np.array([1.0, 5.0])  # the density is some five times as wide in logit share
SEARCHES = 4  # a long step may lead one astray: the next begins where it ended


class Fit(NamedTuple):
    """The best sigma and share, and risks believed with some values of them, with weights."""

    best: Belief
    grid: Floats  # (values, 2): log sigma and logit share
    weights: Floats  # (values,)
    risks: Tilted  # (values x areas), one value after the other
    order: Places  # from the areas as given to those of the risks
    map: Map


def penalised(log_sigma: float) -> tuple[float, float]:
    """Return the prior with P(sigma > 1) = 0.01, exponential in sigma (Simpson et al., 2017)."""
    rate = -np.log(0.01)
    fall = rate * np.exp(log_sigma)
    return float(np.log(rate) + log_sigma - fall), float(1 - fall)


def inverse_gamma(log_sigma: float) -> tuple[float, float]:
    """Return CARBayes's prior, sigma² ~ inverse gamma (1, 0.01)."""
    fall = 0.01 * np.exp(-2 * log_sigma)
    return float(np.log(0.02) - 2 * log_sigma - fall), float(2 * fall - 2)


def fit(
    count: Floats,
    expected: Floats,
    links: tuple[Places, Places, Floats],
    points: Floats,
    *,
    prior: Prior = penalised,
    dispersion: float = 1.0,
) -> Fit:
    """Find what to believe about each area's risk.

    Parameters
    ----------
    count, expected : numpy.ndarray
        The counts, and those expected at a risk of 1; expected is 0 where no count is known.
    links : tuple of numpy.ndarray
        Both ends by position and the weight (above 0) of each link, each once.
    points : numpy.ndarray
        Coordinates, (n, 2). They decide the order in which areas are worked, and so the speed.
    prior : callable
        Log density and slope of log sigma. The share is uniform.
    dispersion : float
        How many times Poisson's the variance of a count is; above 1 they come in series
        (`compound_poisson`).

    Returns
    -------
    Fit
        For `above`, `quantile` and `mean_risk`.

    Raises
    ------
    RuntimeError
        If the sweeps or the search for sigma and share have not come to rest.
    ValueError
        If the links are so many that the work would take too much room.
    """
    from threadpoolctl import threadpool_limits

    _check_room(links[0].size, count.size)
    seen, order = ordered(count, expected, links, points, dispersion=dispersion)
    _check_room(links[0].size, count.size, multifrontal.room(seen.dissection))
    # Fronts are small: threads would spend longer waiting for one another than they save.
    with threadpool_limits(1, user_api="blas"):
        best = _best(seen, prior, _guess(seen))
        beliefs = [best] if count.size > WHOLE else _around(seen, best, prior)
        highest = max(beliefs, key=lambda belief: belief.log_density)
        if highest.log_density > best.log_density + HIGHER:
            best = _best(seen, prior, highest.at)
            beliefs = _around(seen, best, prior)
    if count.size > FEW:
        risks = Tilted(
            *(
                np.concatenate(parts)
                for parts in zip(*(b.state.risks for b in beliefs), strict=True)
            )
        )
        log_densities = np.array([belief.log_density for belief in beliefs])
        grid = np.array([belief.at for belief in beliefs])
    else:
        risks, log_densities, grid = _with_level(seen, beliefs, prior)
    weights = np.exp(log_densities - log_densities.max())
    weights /= weights.sum()
    return Fit(best, grid, weights, risks, order, seen)


def _check_room(links: int, areas: int, room: int = 0) -> None:
    """Refuse what would fill the memory, and take hours, before it does."""
    if links > MOST_LINKS or room > MOST_ROOM:
        needed = f"need {room * 8 / 1e9:.1f} GB and more, and" if room else "take gigabytes, and"
        raise ValueError(
            f"the graph links each of {areas:,} areas with {2 * links / areas:,.0f} others on average: "
            f"the answer would {needed} up to hours. Take a graph of nearer neighbours, as "
            "contiguity(areas) or nearest(areas, 6)."
        )


def _best(seen: Map, prior: Prior, at: Floats) -> Belief:
    """Climb from a log sigma and logit share to the most credible ones near them."""
    from scipy.optimize import minimize
    from scipy.special import gammaln

    constant = float(gammaln(seen.counts + 1).sum())  # of the likelihood: what is left is small
    scale = np.sqrt(seen.counts.size)
    sites, start = first_sites(seen), np.nan

    def descend(z: Floats) -> tuple[float, Floats]:
        nonlocal sites, start
        at = z * WIDE
        if at[0] > HIGH[0]:  # a step too far: no risks scatter so much, and down is back
            return start + float(at[0] - HIGH[0]), np.array([WIDE[0], 0.0])
        belief = believe(seen, at, sites, prior, close=CLOSE_ENOUGH)
        sites = belief.state.sites
        height = (constant - belief.log_density) / scale
        start = height if np.isnan(start) else start
        return height, -belief.gradient * WIDE / scale

    allowed = scale * (GRADIENT_SERIES if seen.dispersion > 1 else GRADIENT)
    for _ in range(SEARCHES):
        # a side left open makes the first step short
        search = minimize(
            descend,
            at / WIDE,
            jac=True,
            method="L-BFGS-B",
            bounds=[(LOW[0], None), (LOW[1] / WIDE[1], HIGH[1] / WIDE[1])],
            options={"ftol": 1e-13, "gtol": GRADIENT / 2},
        )
        at = np.clip(search.x * WIDE, LOW, HIGH)
        best = believe(seen, at, sites, prior)
        outward = (at <= LOW) & (best.gradient < 0) | (at >= HIGH) & (best.gradient > 0)
        steepest = float(np.abs(np.where(outward, 0.0, best.gradient)).max())
        if steepest <= allowed:
            return best
    raise RuntimeError(
        "the search for the scatter of risks and the share of neighbourhood ended too early "
        f"(sigma {np.exp(at[0]):.3g}, share {expit(at[1]):.3g}, gradient "
        f"{steepest:.2g} where {allowed:.2g} is allowed): its answer can't be relied "
        "on. Look for counts or expected counts out of all proportion; exceedance(areas) "
        "without a graph needs no search."
    )


def _axes(seen: Map, best: Belief, prior: Prior, stride: float) -> Floats:
    """Return the steps of a grid over log sigma and logit share: axes of the density's curvature."""
    curvature = np.empty((2, 2))
    for axis, step in enumerate(np.diag([0.05, 0.1])):
        there = believe(seen, best.at - step, best.state.sites, prior, close=CLOSE_ENOUGH)
        curvature[axis] = (there.gradient - best.gradient) / step[axis]
    size, axes = np.linalg.eigh((curvature + curvature.T) / 2)
    steps: Floats = axes / np.sqrt(np.clip(size, 0.25, None)) * stride
    if _may_have_two_modes(seen):  # of which the other may be narrower
        steps *= np.minimum(1, NARROW / np.maximum(np.abs(steps[0]), 1e-9))
    return steps


def _may_have_two_modes(seen: Map) -> bool:
    """Tell whether events may be of a high risk or of a long series: on larger maps the rest tells."""
    return seen.dispersion > 1 and seen.counts.size <= SMALL


def _around(seen: Map, best: Belief, prior: Prior) -> list[Belief]:
    """Lay a grid over log sigma and logit share, as far as it weighs anything."""
    stride, fall = next(grid for most, *grid in GRIDS if seen.counts.size <= most)
    axes = _axes(seen, best, prior, stride)
    result = {(0, 0): best}

    def extend(start: tuple[int, int]) -> None:
        edge = [start]
        while edge:
            i, j = edge.pop(0)
            fallen = best.log_density - result[i, j].log_density
            for at in ((i + 1, j), (i - 1, j), (i, j + 1), (i, j - 1)):
                point = best.at + axes @ np.array(at)
                farther = (at[0] ** 2 + at[1] ** 2) / max(i * i + j * j, 1)
                seen_no_more = fallen * farther > fall
                if at in result or seen_no_more or (point < LOW).any() or (point > HIGH).any():
                    continue
                result[at] = believe(
                    seen, point, result[i, j].state.sites, prior, gradient=False, close=CLOSE_ENOUGH
                )
                edge.append(at)

    extend((0, 0))
    # Many events may be a high risk, or a long series where risks are alike: two modes, far apart.
    steps = np.linalg.solve(axes, [OTHER_MODES - best.at[0], np.zeros(OTHER_MODES.size)]).round()
    for i, j in steps.T.astype(int).tolist() if _may_have_two_modes(seen) else []:
        point = best.at + axes @ np.array((i, j))
        if (i, j) in result or (point < LOW).any() or (point > HIGH).any():
            continue
        try:
            there = believe(
                seen, point, best.state.sites, prior, gradient=False, close=CLOSE_ENOUGH
            )
        except RuntimeError:  # far off, sweeps need not settle
            continue
        if best.log_density - there.log_density < fall:
            result[i, j] = there
            extend((i, j))
    return list(result.values())


def _with_level(seen: Map, beliefs: list[Belief], prior: Prior) -> tuple[Tilted, Floats, Floats]:
    """Set the level of few areas to many values, for what is believed of it is askew.

    All values of sigma, share and level are worked side by side, in full matrices.
    """
    n = seen.counts.size
    each = np.arange(n)
    grid = np.array([belief.at for belief in beliefs])
    bare = np.zeros((len(grid), n, n))
    for full, at in zip(bare, grid, strict=True):
        full[each, each], links = field(seen, at)
        full[seen.a, seen.b] = full[seen.b, seen.a] = links
    values = len(grid) * LEVELS.size
    mu = np.array([m + np.sqrt(v) * LEVELS for m, v in (b.level for b in beliefs)])
    fields = np.repeat(bare, LEVELS.size, axis=0)

    def marginals(sites: Sites) -> tuple[Floats, Floats, Floats]:
        precision, shift = (part.reshape(values, n) for part in sites)
        whole = fields.copy()
        whole[:, each, each] += precision
        inverse = np.linalg.inv(whole)
        mean = (inverse @ shift[:, :, None])[:, :, 0]
        return mean.ravel(), np.diagonal(inverse, axis1=1, axis2=2).ravel(), whole

    precision = np.repeat([b.state.sites.precision for b in beliefs], LEVELS.size, axis=0)
    shift = np.repeat([b.state.sites.shift for b in beliefs], LEVELS.size, axis=0)
    state = settle(
        (
            np.tile(seen.counts, values),
            (np.exp(mu).reshape(-1, 1) * seen.expected).ravel(),
        ),
        Sites(precision.ravel(), (shift - mu.reshape(-1, 1) * precision).ravel()),
        marginals,
        close=CLOSE_ENOUGH,
        dispersion=seen.dispersion,
    )
    evidence = state.evidence.reshape(values, n).sum(axis=1).reshape(mu.shape)
    evidence += (np.linalg.slogdet(bare)[1])[:, None] / 2
    evidence -= np.linalg.slogdet(state.extra)[1].reshape(mu.shape) / 2
    log_density = (
        evidence
        + np.array([prior(at[0])[0] + np.log(expit(at[1])) + np.log(expit(-at[1])) for at in grid])[
            :, None
        ]
    )
    # the levels' own prior, and how far apart they are
    log_density += (
        -(mu**2) / (2 * LEVEL) + np.log(np.array([b.level[1] for b in beliefs]))[:, None] / 2
    )
    up = np.repeat(mu.ravel(), n)
    risks = state.risks._replace(mode=state.risks.mode + up, mean=state.risks.mean + up)
    return risks, log_density.ravel(), np.repeat(grid, LEVELS.size, axis=0)


def reweighted(fitted: Fit, prior: Prior, other: Prior) -> Fit:
    """Return what would be believed with another prior, from the same values of sigma and share."""
    change = np.array([other(at)[0] - prior(at)[0] for at in fitted.grid[:, 0].tolist()])
    weights = fitted.weights * np.exp(change - change.max())
    return fitted._replace(weights=weights / weights.sum())


def above(fitted: Fit, risk: float) -> Floats:
    """Return the probability that each area's risk is above `risk`, in the order of the areas."""
    return _mixed(fitted, tilted.above(fitted.risks, np.full(fitted.risks.mode.size, np.log(risk))))


def mean_risk(fitted: Fit) -> Floats:
    """Return the mean of each area's risk."""
    return _mixed(fitted, tilted.mean_risk(fitted.risks))


def quantile(fitted: Fit, probability: float) -> Floats:
    """Return the risk that each area's is below with this probability."""
    from scipy.special import ndtri

    risks, order = fitted.risks, fitted.order
    mean = _mixed(fitted, risks.mean)
    spread = np.tile(mean[order], fitted.weights.size)
    scatter = np.sqrt(_mixed(fitted, risks.variance + (risks.mean - spread) ** 2))
    at = mean + scatter * ndtri(probability)
    low, high = mean - 12 * scatter, mean + 12 * scatter
    for _ in range(STEPS):
        here = np.tile(at[order], fitted.weights.size)
        off = 1 - _mixed(fitted, tilted.above(risks, here)) - probability
        if np.abs(off).max() < ENOUGH:
            break
        low, high = np.where(off < 0, at, low), np.where(off > 0, at, high)
        # Newton's step, or half the interval where it leads outside
        at = at - off / np.maximum(_mixed(fitted, tilted.density(risks, here)), 1e-300)
        at = np.where((at > low) & (at < high), at, (low + high) / 2)
    risk: Floats = np.exp(at)
    return risk


def _mixed(fitted: Fit, values: Floats) -> Floats:
    """Average over sigma and share, and put in the order of the areas."""
    mixed = np.empty(fitted.order.size)
    mixed[fitted.order] = fitted.weights @ values.reshape(fitted.weights.size, -1)
    return mixed


def _guess(seen: Map) -> Floats:
    """Guess log sigma from the counts' scatter beyond Poisson's; most of it is neighbourhood."""
    beyond = float(((seen.counts - seen.expected) ** 2 - seen.dispersion * seen.counts).sum())
    scatter = np.log1p(max(beyond, 0.0) / float((seen.expected**2).sum()))
    return np.array([np.log(np.clip(1.25 * np.sqrt(scatter), 0.05, 3.0)), 1.0])
