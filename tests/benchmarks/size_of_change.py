"""How often is a change called that is none? python tests/benchmarks/size_of_change.py.

Years without any change of level are simulated, and the last is compared with the one before: by
Poisson's exact test, and by the test of `trend`, which estimates the dispersion from the months.
Printed is the share of p below 0.05; docs/change.md shows the table. Half a minute.
"""

from __future__ import annotations

import numpy as np

from lsoahot.statistics import count_tests

RUNS = 4000
SEASON = 1 + 0.3 * np.sin(np.arange(12) / 2)


def months(
    rng: np.random.Generator, years: int, mean: float, *, dispersion: float, spells: float
) -> np.ndarray:
    """Return counts of shape (runs, years, 12), of a variance so many times the mean."""
    expected = np.tile(mean * SEASON, years)
    if dispersion == 1:
        return rng.poisson(expected, (RUNS, 12 * years)).reshape(RUNS, years, 12)
    # A risk that wanders: gamma distributed, each month like the last as far as `spells` says.
    shape = expected / (dispersion - 1)
    noise = rng.normal(size=(RUNS, 12 * years))
    for t in range(1, 12 * years):
        noise[:, t] = spells * noise[:, t - 1] + np.sqrt(1 - spells**2) * noise[:, t]
    from scipy.special import gammaincinv, ndtr

    risk = gammaincinv(shape, ndtr(noise)) * (dispersion - 1)
    return rng.poisson(risk).reshape(RUNS, years, 12)


def sizes(table: np.ndarray) -> tuple[float, float]:
    """Return the share of false alarms of Poisson's test and of ours."""
    now, then = table[:, -1].sum(axis=1), table[:, -2].sum(axis=1)
    poisson = count_tests.rate_ratio(now, then).p
    ours = [
        count_tests.rate_ratio([a], [b], scatter=count_tests.year_scatter(one)).p[0]
        for a, b, one in zip(now, then, table, strict=True)
    ]
    return float((poisson < 0.05).mean()), float((np.array(ours) < 0.05).mean())


def main() -> None:
    """Print the table."""
    rng = np.random.default_rng(1)
    print("| a month | variance / mean | months alike | years | Poisson | `trend` |")
    print("|---|---|---|---|---|---|")
    for mean in (3, 20, 100):
        for dispersion, spells in ((1, 0.0), (1.5, 0.0), (2.5, 0.0), (4, 0.0), (4, 0.5)):
            for years in (2, 6):
                found = sizes(months(rng, years, mean, dispersion=dispersion, spells=spells))
                print(f"| {mean} | {dispersion:g} | {spells:g} | {years} "
                      f"| {found[0]:.1%} | {found[1]:.1%} |")  # fmt: skip


if __name__ == "__main__":
    main()
