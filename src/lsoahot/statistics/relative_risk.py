"""True rates beside the whole's, beyond the luck of small numbers: of each area, or with neighbours'."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import shapely

from lsoahot.statistics.kernels import gamma_poisson, leroux

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd
    from numpy.typing import NDArray

    from lsoahot.statistics import links as _links

    Floats = NDArray[np.float64]

PRIORS: Final = {"penalised": leroux.penalised, "inverse gamma": leroux.inverse_gamma}


class Estimate(NamedTuple):
    """What is known of the ratios: mean, limits, and the chance of being above any risk.

    `above` gives that chance; so does `otherwise`, under what else may well be so: that areas
    differ as much as the counts allow or, among neighbours, another customary prior.
    """

    ratio: Floats
    limits: Callable[[], list[Floats]]
    above: Callable[[float], Floats]
    otherwise: Callable[[float], Floats]
    facts: dict[str, Any]
    fitted: leroux.Fit | None = None


def alone(seen: Floats, due: Floats, tails: tuple[float, float]) -> Estimate:
    """Judge each area by its own count and the spread of all."""
    spread, widest = gamma_poisson.fit_spread(seen, due)
    fitted = gamma_poisson.posterior(seen, due, spread)
    loose = gamma_poisson.posterior(seen, due, widest)
    return Estimate(
        gamma_poisson.mean(*fitted),
        lambda: [gamma_poisson.quantile(*(fitted if spread else loose), tail) for tail in tails],
        cache(lambda risk: gamma_poisson.chance_above(*fitted, risk)),
        cache(lambda risk: gamma_poisson.chance_above(*loose, risk)),
        {
            "method": "gamma-Poisson by maximum likelihood",
            "spread": float(np.sqrt(spread)),
            "spread_upper": float(np.sqrt(widest)) if np.isfinite(widest) else None,
        },
    )


def among_neighbours(
    links: _links.Links,
    points: Floats,
    seen: tuple[Floats, Floats],
    tails: tuple[float, float],
    *,
    prior: str,
    dispersion: float,
) -> Estimate:
    """Judge each area by its own count and, as far as neighbours are alike, by theirs."""
    fitted = leroux.fit(
        *seen, links.undirected(), points, prior=PRIORS[prior], dispersion=dispersion
    )
    tested = seen[1] > 0
    (other,) = PRIORS.keys() - {prior}
    otherwise = leroux.reweighted(fitted, PRIORS[prior], PRIORS[other])
    log_sigma, logit_share = fitted.best.at
    return Estimate(
        leroux.mean_risk(fitted)[tested],
        lambda: [leroux.quantile(fitted, tail)[tested] for tail in tails],
        lambda risk: leroux.above(fitted, risk)[tested],
        lambda risk: leroux.above(otherwise, risk)[tested],
        {
            "method": "Poisson with a Leroux field by expectation propagation",
            "sigma": float(np.exp(log_sigma)),
            "share": float(1 / (1 + np.exp(-logit_share))),
            "sweeps": fitted.best.state.sweeps,
            "gradient": float(np.abs(fitted.best.gradient).max()),
            "values": fitted.weights.size,
            "prior": prior,
        },
        fitted,
    )


def points_of(areas: gpd.GeoDataFrame, links: _links.Links) -> Floats:
    """Return where areas are, near enough to cut the map in two, and again.

    Parameters
    ----------
    areas : GeoDataFrame
        The areas; a table without shapes will do.
    links : Links
        Who is whose neighbour.

    Returns
    -------
    array of float, shape (n, 2)
        Centroids; for an area without a shape, the mean of its neighbours'; in a table without
        shapes, the areas' places in an order that has neighbours near one another.
    """
    geometry = getattr(areas, "geometry", None)
    if geometry is None:
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import reverse_cuthill_mckee

        n = len(areas)
        pairs = coo_array((np.ones(links.focal.size), (links.focal, links.neighbour)), (n, n))
        place = np.empty(n)
        place[reverse_cuthill_mckee(pairs.tocsr())] = np.arange(n)
        return np.stack([place, np.zeros(n)], axis=1)
    shapes = geometry.to_numpy()
    points = np.full((len(areas), 2), np.nan)
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    points[there] = shapely.get_coordinates(shapely.centroid(shapes[there]))
    if not there.all():
        near = [links.weighted(np.where(there, axis, 0.0)) for axis in points.T]
        with np.errstate(invalid="ignore", divide="ignore"):
            middle = np.stack(near, axis=1) / links.weighted(there.astype(np.float64))[:, None]
        points[~there] = np.nan_to_num(middle[~there])
    return points
