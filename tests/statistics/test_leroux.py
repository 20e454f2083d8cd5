"""Risks that lean on their neighbours: against brute force, differences, and other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from lsoahot.statistics.kernels import expectation_propagation, leroux, multifrontal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

ROW = (np.array([0, 1]), np.array([1, 2]), np.ones(2))
ALONG = np.c_[np.arange(3.0), np.zeros(3)]


def flat(_: float) -> tuple[float, float]:
    return 0.0, 0.0


def simulated(rows: int, columns: int, seed: int) -> tuple[Floats, Floats, tuple, Floats]:
    """Counts on a grid of squares with random weights; one area without a count."""
    rng = np.random.default_rng(seed)
    at = np.arange(rows * columns).reshape(rows, columns)
    a = np.concatenate([at[:-1].ravel(), at[:, :-1].ravel()])
    b = np.concatenate([at[1:].ravel(), at[:, 1:].ravel()])
    expected = rng.uniform(0.1, 5, at.size)
    counts = rng.poisson(expected * np.exp(rng.normal(0, 0.6, at.size))).astype(np.float64)
    counts[3] = expected[3] = 0
    points = np.c_[np.repeat(np.arange(rows), columns), np.tile(np.arange(columns), rows)]
    return counts, expected, (a, b, rng.uniform(0.5, 1.5, a.size)), points.astype(np.float64)


def brute_force(
    y: Floats, e: Floats, sigma: float, share: float, phi: float = 1.0
) -> tuple[float, Floats]:
    """Log evidence and P(risk > 1.5) of three areas in a row, summed over level and fields.

    Given the level mu, x = mu + C z with C the root of the field's covariance, the area in
    question first, and z on a grid (first) and at Gauss and Hermite's nodes (the other two).
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(24)
    weights /= weights.sum()
    field = share * np.array([[1, -1, 0], [-1, 2, -1], [0, -1, 1]]) + (1 - share) * np.eye(3)
    covariance = np.linalg.inv(field) * sigma**2
    first = np.linspace(-7, 7, 281)
    normal = np.exp(-(first**2) / 2) / np.exp(-(first**2) / 2).sum()
    middle, wide = np.log((y.sum() + 0.5) / e.sum()), 1 / np.sqrt(y.sum() + 0.3) + sigma
    levels = np.linspace(middle - 6 * wide - 2, middle + 4 * wide, 81)
    above, evidence = np.empty(3), 0.0
    for area in range(3):
        order = [area, *(other for other in range(3) if other != area)]
        c = np.linalg.cholesky(covariance[np.ix_(order, order)])
        z = first[:, None, None], nodes[:, None], nodes
        x = [sum(c[i, j] * z[j] for j in range(i + 1)) for i in range(3)]
        log_risk = sum(y[k] * x_k for k, x_k in zip(order, x, strict=True))
        risk = sum(e[k] * np.exp(x_k) for k, x_k in zip(order, x, strict=True))
        if phi > 1:  # in series: r (r + 1) ... (r + y - 1) phi^-r, with r = e exp(x) / (phi - 1)
            risk *= np.log(phi) / (phi - 1)
        weight, share_above = np.empty(levels.size), np.empty(levels.size)
        for k, mu in enumerate(levels):
            rising = log_risk + y.sum() * mu
            if phi > 1:
                series = [
                    e[k] / (phi - 1) * np.exp(x_k + mu) for k, x_k in zip(order, x, strict=True)
                ]
                rising = sum(
                    np.log(r + j)
                    for k, r in zip(order, series, strict=True)
                    for j in range(int(y[k]))
                )
            seen = np.exp(rising - np.exp(mu) * risk) @ weights @ weights * normal
            until = np.append(0, np.cumsum(seen[1:] + seen[:-1]) / 2)
            cut = np.interp((np.log(1.5) - mu) / c[0, 0], first, until)
            share_above[k] = 1 - cut / until[-1]
            weight[k] = seen.sum() * np.exp(-(mu**2) / 200)
        above[area] = weight @ share_above / weight.sum()
        evidence = np.log(weight.sum() * (levels[1] - levels[0]) / np.sqrt(200 * np.pi))
    return evidence + float(np.log(e[e > 0]) @ y[e > 0]) * (phi == 1), above


@pytest.mark.parametrize(
    ("counts", "expected", "sigma", "share", "phi"),
    [
        ([0, 1, 2], [1, 1, 1], 1.0, 0.5, 1),
        ([5, 1, 0], [2, 2, 2], 0.6, 0.9, 1),
        ([0, 8, 0], [2, 2, 2], 1.0, 0.3, 1),
        ([3, 0, 0], [1, 0, 1], 1.0, 0.5, 1),  # nothing is known of the middle
        ([5, 1, 0], [2, 2, 2], 0.6, 0.7, 3),
        ([0, 8, 2], [3, 1, 2], 1.0, 0.3, 2),
    ],
)
def test_three_areas_as_by_brute_force(
    counts: list[float], expected: list[float], sigma: float, share: float, phi: float
) -> None:
    y, e = np.array(counts, float), np.array(expected, float)
    seen, order = expectation_propagation.ordered(y, e, ROW, ALONG, dispersion=phi)
    at = np.array([np.log(sigma), np.log(share / (1 - share))])
    belief = expectation_propagation.believe(
        seen, at, expectation_propagation.first_sites(seen), flat
    )
    one = leroux.Fit(belief, at[None], np.ones(1), belief.state.risks, order, seen)
    evidence, above = brute_force(y, e, sigma, share, phi)
    # the uniform prior of the share, as a density of its logit, is part of the log density
    mine = belief.log_density - np.log(share * (1 - share))
    assert mine == pytest.approx(evidence, abs=0.02)
    # one long series leaves a belief askew, and a normal factor stands for it less well
    assert leroux.above(one, 1.5) == pytest.approx(above, abs=0.006 if phi == 1 else 0.009)
    # and with the level on a grid, as for few areas
    risks, log_densities, grid = leroux._with_level(seen, [belief], flat)
    weights = np.exp(log_densities - log_densities.max())
    many = leroux.Fit(belief, grid, weights / weights.sum(), risks, order, seen)
    assert leroux.above(many, 1.5) == pytest.approx(above, abs=0.003)


@pytest.mark.parametrize(
    ("counts", "above"),
    [
        ([0, 8, 0], [0.0365, 0.5341, 0.0365]),
        ([0, 1, 2], [0.1523, 0.1726, 0.2079]),
        ([5, 1, 0], [0.2805, 0.0977, 0.0725]),
        ([0, 0, 1], [0.2178, 0.2213, 0.2417]),
        ([20, 0, 3], [0.9345, 0.0001, 0.0007]),
    ],
)
def test_three_areas_with_nothing_set(counts: list[float], above: list[float]) -> None:
    """As `brute_force` averaged over 18 values of log sigma (-5 to 1.6) and 14 of the logit share.

    (From -7 to 8; the error of that grid is some thousandths.)
    """
    y = np.array(counts, float)
    fitted = leroux.fit(y, np.full(3, y.mean()), ROW, ALONG)
    assert leroux.above(fitted, 1.5) == pytest.approx(above, abs=0.008)


@pytest.mark.parametrize("at", [(-0.5, 0.0), (-1.5, 3.0), (0.8, -3.0), (-1.0, 6.0)])
@pytest.mark.parametrize("prior", [leroux.penalised, leroux.inverse_gamma])
def test_the_gradient_is_that_of_differences(
    at: tuple[float, float], prior: expectation_propagation.Prior
) -> None:
    seen, _ = expectation_propagation.ordered(*simulated(6, 7, seed=1))
    start = expectation_propagation.first_sites(seen)

    def log_density(point: Floats) -> float:
        return expectation_propagation.believe(seen, point, start, prior, close=1e-11).log_density

    here = np.array(at)
    differences = [
        (log_density(here + step) - log_density(here - step)) / 2e-4 for step in 1e-4 * np.eye(2)
    ]
    gradient = expectation_propagation.believe(seen, here, start, prior, close=1e-11).gradient
    assert gradient == pytest.approx(differences, rel=1e-4, abs=1e-5)


def test_rows_and_links_in_any_order() -> None:
    counts, expected, (a, b, weight), points = simulated(7, 8, seed=2)
    fitted = leroux.fit(counts, expected, (a, b, weight), points)
    rows = np.random.default_rng(3).permutation(counts.size)
    ends = np.random.default_rng(4).permutation(a.size)
    place = np.argsort(rows)
    shuffled = leroux.fit(
        counts[rows], expected[rows], (place[b][ends], place[a][ends], weight[ends]), points[rows]
    )
    for of in (leroux.mean_risk, lambda fit: leroux.above(fit, 1.5)):
        assert np.array_equal(of(fitted)[rows], of(shuffled))


def test_quantiles_are_where_the_probability_says() -> None:
    counts, expected, links, points = simulated(7, 8, seed=5)
    fitted = leroux.fit(counts, expected, links, points)
    for probability in (0.025, 0.5, 0.975):
        risk = leroux.quantile(fitted, probability)
        for area in (0, 3, 30):  # the fourth has no count
            assert leroux.above(fitted, risk[area])[area] == pytest.approx(
                1 - probability, abs=1e-8
            )


def test_far_out_quantiles_of_what_is_hardly_known_are_where_the_probability_says() -> None:
    """With a sigma of 8 an area without events may have any risk, however small."""
    seen, order = expectation_propagation.ordered(
        np.array([0.0, 8.0, 0.0]), np.full(3, 2.0), ROW, ALONG
    )
    at = np.array([np.log(8), 0.0])
    belief = expectation_propagation.believe(
        seen, at, expectation_propagation.first_sites(seen), flat
    )
    one = leroux.Fit(belief, at[None], np.ones(1), belief.state.risks, order, seen)
    for probability in (1e-4, 0.5, 1 - 1e-4):
        risk = leroux.quantile(one, probability)
        above = [leroux.above(one, risk[area])[area] for area in range(3)]
        assert above == pytest.approx(np.full(3, 1 - probability), abs=1e-8)


def test_another_prior_weighs_the_same_values_as_if_they_were_believed_with_it() -> None:
    seen = simulated(7, 8, seed=5)
    fitted = leroux.fit(*seen, prior=leroux.penalised)
    again = leroux.reweighted(fitted, leroux.penalised, leroux.inverse_gamma)
    log_density = np.array([
        expectation_propagation.believe(
            fitted.map, at, expectation_propagation.first_sites(fitted.map), leroux.inverse_gamma, close=1e-9
        ).log_density
        for at in fitted.grid
    ])  # fmt: skip
    expected = np.exp(log_density - log_density.max())
    assert again.weights == pytest.approx(expected / expected.sum(), rel=1e-4)
    assert again.weights != pytest.approx(fitted.weights, rel=0.01)


def test_sigma_and_share_are_set_on_maps_of_more_areas_than_the_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for limit, integrated in ((56, True), (55, False)):
        monkeypatch.setattr(leroux, "WHOLE", limit)
        fitted = leroux.fit(*simulated(7, 8, seed=5))
        assert (fitted.weights.size > 1) is integrated
        if not integrated:
            assert fitted.grid.tolist() == [fitted.best.at.tolist()]


def test_an_area_without_a_count_is_between_its_neighbours_and_less_sure() -> None:
    counts, expected = np.array([40.0, 0.0, 40.0]), np.array([20.0, 0.0, 20.0])
    fitted = leroux.fit(counts, expected, ROW, ALONG)
    low, high = leroux.quantile(fitted, 0.025), leroux.quantile(fitted, 0.975)
    assert low[1] < low[0] < 2 < high[0] < high[1]
    assert leroux.quantile(fitted, 0.5) == pytest.approx([2, 2, 2], rel=0.05)


def test_equal_risks_stay_near_one() -> None:
    _, expected, links, points = simulated(8, 9, seed=6)
    expected[3] = 2.0
    counts = np.random.default_rng(7).poisson(expected).astype(np.float64)
    fitted = leroux.fit(counts, expected * counts.sum() / expected.sum(), links, points)
    assert leroux.above(fitted, 1.5).max() < 0.5


def test_counts_out_of_all_proportion_are_refused_or_settle() -> None:
    counts, expected, links, points = simulated(5, 6, seed=8)
    counts[:3] = 1e6, 0, 1e5
    expected[:3] = 1e-3, 1e6, 1e-2
    fitted = leroux.fit(counts, expected, links, points)
    assert np.isfinite(leroux.mean_risk(fitted)).all()
    assert leroux.above(fitted, 1.5)[:3] == pytest.approx([1, 0, 1], abs=1e-6)


def test_sweeps_that_do_not_settle_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expectation_propagation, "SWEEPS", 1)
    with pytest.raises(RuntimeError, match="did not settle: after 1 of them"):
        leroux.fit(*simulated(4, 5, seed=9))


@pytest.mark.parametrize("seed", [9, 25])  # short of the best sigma and share, and beyond them
def test_a_search_that_ends_too_early_is_refused(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leroux, "GRADIENT", 1e-12)
    with pytest.raises(RuntimeError, match="ended too early"):
        leroux.fit(*simulated(4, 5, seed=seed))


def test_a_graph_that_would_fill_the_memory_is_refused_before_it_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counts, expected, links, points = simulated(8, 9, seed=6)  # 72 areas, 127 links
    monkeypatch.setattr(multifrontal, "factor", lambda *_: pytest.fail("it began"))
    for limit, at, message in (
        ("MOST_LINKS", 126, r"each of 72 areas with 4 others.* take gigabytes, and up to hours"),
        (
            "MOST_ROOM",
            1000,
            r"each of 72 areas with 4 others.* need 0\.0 GB and more, and up to hours",
        ),
    ):
        with monkeypatch.context() as narrow:
            narrow.setattr(leroux, limit, at)
            with pytest.raises(ValueError, match=message):
                leroux.fit(counts, expected, links, points)


@pytest.mark.parametrize("kind", ["burglary", "violence"])
def test_as_carbayes(shared: Path, kind: str) -> None:
    """100,000 iterations of CARBayes's S.CARleroux; its own halves differ by up to 0.025."""
    table = pd.read_csv(shared / f"oracles/carbayes_leroux_{kind}.csv", index_col=0)
    edges = pd.read_csv(shared / "oracles/oracle_leics_all_rate_2122_queen_edges.csv")
    areas = gpd.read_file(shared / "data/boundaries/leics_rutland_lsoa11_bgc.gpkg").to_crs(27700)
    code = next(column for column in areas if column.lower().endswith("cd"))
    centres = areas.set_index(code).loc[table.index].centroid
    a, b = (table.index.get_indexer(edges[end]) for end in ("from", "to"))
    once = a < b
    fitted = leroux.fit(
        table["count"].to_numpy(float),
        table["expected"].to_numpy(),
        (a[once], b[once], np.ones(once.sum())),
        np.c_[centres.x, centres.y],
        prior=leroux.inverse_gamma,
    )
    for risk, column in ((1.5, "p_above_1_5"), (2, "p_above_2")):
        apart = np.abs(leroux.above(fitted, risk) - table[column])
        assert apart.mean() <= 0.003
        assert apart.max() <= 0.03
    assert leroux.mean_risk(fitted) == pytest.approx(table["relative_risk"], rel=0.02, abs=0.02)


def test_a_step_too_far_leads_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search may try a sigma of exp(39), at which no sweeps settle: it is turned round."""
    tried: dict[str, tuple[float, Floats]] = {}
    real = optimize.minimize

    def minimize(fun: Callable[[Floats], tuple[float, Floats]], x0: Floats, **options: Any) -> Any:
        tried["first"], tried["far"] = fun(x0), fun(np.array([39.0, -8.0]))
        return real(fun, x0, **options)

    monkeypatch.setattr(optimize, "minimize", minimize)
    fitted = leroux.fit(*simulated(4, 5, seed=9), dispersion=3.0)
    assert tried["far"][0] == pytest.approx(tried["first"][0] + 36)  # 3 is the highest
    assert tried["far"][1].tolist() == [1, 0]
    assert fitted.grid[:, 0].max() < 3


def test_a_search_led_astray_begins_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """L-BFGS-B may end a long step away from the best; from there the second search finds it."""
    data, real, ends = simulated(6, 7, seed=3), optimize.minimize, iter([np.array([0.9, 0.4])])
    expected = leroux.fit(*data)
    begun: list[list[float]] = []

    def minimize(fun: Callable[[Floats], tuple[float, Floats]], x0: Floats, **options: Any) -> Any:
        begun.append(np.asarray(x0).tolist())
        astray = next(ends, None)
        if astray is None:
            return real(fun, x0, **options)
        return optimize.OptimizeResult(x=astray)

    monkeypatch.setattr(optimize, "minimize", minimize)
    fitted = leroux.fit(*data)
    assert begun[1:] == [[0.9, 0.4]]
    assert leroux.above(fitted, 1.5) == pytest.approx(leroux.above(expected, 1.5), abs=2e-3)
