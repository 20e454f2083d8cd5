"""Is there any clustering at all? One figure, and one line, for the whole map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pandas as pd

from lsoahot.common import checks
from lsoahot.statistics.kernels import local_tests

from . import links as _links
from .neighbours import touching

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd
    from libpysal.graph import Graph
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    Floats = NDArray[np.float64]

FEWEST: Final = 4
PAIR: Final = 2
LEVEL: Final = 0.05  # of the words in the text; p itself is there too
MANY_AREAS: Final = 10_000
ROUNDING: Final = 1e-13  # a variance below this, relatively, is none
ROOM: Final = 1_000_000  # numbers shuffled at a time


def global_moran(
    areas: gpd.GeoDataFrame,
    column: str = "rate",
    *,
    graph: Graph | None = None,
    permutations: int | None = None,
    seed: int = 0,
) -> pd.Series:
    """Ask with Moran's I whether areas near one another have similar values.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        Areas, indexed by code.
    column : str
        The numeric column.
    graph : libpysal.graph.Graph, optional
        Who is whose neighbour; queen contiguity by default. Weights are row-standardised.
    permutations : int, optional
        How many times the values are shuffled: 9,999, or 999 where there are over 10,000 areas.
    seed : int
        Seed of the shuffling.

    Returns
    -------
    pandas.Series
        ``value`` (Moran's I), ``expected``, ``variance`` and ``z`` (Cliff & Ord, 1981, under
        randomisation), two-sided ``p`` (of the permutations), ``areas``, ``permutations``, ``seed``, and ``text``:
        all of it on one line. Areas with a missing value or no neighbour are left out.

    Raises
    ------
    ValueError
        If fewer than 4 areas are left, all have one value, or all are one another's neighbours.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> row = gpd.GeoDataFrame(
    ...     {"rate": [1, 2, 3, 4, 5, 6]}, index=list("abcdef"), crs=27700,
    ...     geometry=[shapely.box(x, 0, x + 1, 1) for x in range(6)],
    ... )
    >>> round(global_moran(row)["value"], 4)
    0.7143
    """
    from esda import Moran

    y, weights = _prepare(areas, column, graph)
    y = local_tests.deviations(y)
    weights = weights.multiply(1 / weights.sum(axis=1)[:, None]).tocsr()
    made = _made(Moran, y, weights)
    deviation = y - y.mean()
    scale = y.size / weights.sum() / (deviation @ deviation)
    return _row(
        ("Moran's I", column),
        _Global(deviation, weights * scale, made.EI, made.VI_rand),
        ("near areas are alike", "near areas differ"),
        (_times(permutations, y.size), seed),
    )


def global_geary(
    areas: gpd.GeoDataFrame,
    column: str = "rate",
    *,
    graph: Graph | None = None,
    permutations: int | None = None,
    seed: int = 0,
) -> pd.Series:
    """Ask with Geary's C whether neighbours differ less, or more, than any two areas do.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        Areas, indexed by code.
    column : str
        The numeric column.
    graph : libpysal.graph.Graph, optional
        Who is whose neighbour; queen contiguity by default. Weights are row-standardised.
    permutations : int, optional
        How many times the values are shuffled: 9,999, or 999 where there are over 10,000 areas.
    seed : int
        Seed of the shuffling.

    Returns
    -------
    pandas.Series
        As of `global_moran`; ``value`` is C: 1 without clustering, lower where neighbours are alike.

    Raises
    ------
    ValueError
        As `global_moran` does.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> row = gpd.GeoDataFrame(
    ...     {"rate": [1, 2, 3, 4, 5, 6]}, index=list("abcdef"), crs=27700,
    ...     geometry=[shapely.box(x, 0, x + 1, 1) for x in range(6)],
    ... )
    >>> round(global_geary(row)["value"], 4)
    0.1429
    """
    from esda import Geary
    from scipy.sparse import diags_array

    y, weights = _prepare(areas, column, graph)
    y = local_tests.deviations(y)
    weights = weights.multiply(1 / weights.sum(axis=1)[:, None]).tocsr()
    made = _made(Geary, y, weights)
    deviation = y - y.mean()
    # Squared differences, summed over links, are a form of the values: y (D - 2 W) y.
    ends = weights.sum(axis=1) + weights.sum(axis=0)
    scale = (y.size - 1) / (2 * weights.sum() * (deviation @ deviation))
    return _row(
        ("Geary's C", column),
        _Global(deviation, (diags_array(ends) - 2 * weights) * scale, made.EC, made.VC_rand),
        ("near areas differ", "near areas are alike"),
        (_times(permutations, y.size), seed),
    )


def global_g(
    areas: gpd.GeoDataFrame,
    column: str = "rate",
    *,
    graph: Graph | None = None,
    permutations: int | None = None,
    seed: int = 0,
) -> pd.Series:
    """Ask with the general G whether high values, or low ones, lie together.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        Areas, indexed by code.
    column : str
        A numeric column of values of zero or more.
    graph : libpysal.graph.Graph, optional
        Who is whose neighbour; queen contiguity by default. Weights are taken as they are.
    permutations : int, optional
        How many times the values are shuffled: 9,999, or 999 where there are over 10,000 areas.
    seed : int
        Seed of the shuffling.

    Returns
    -------
    pandas.Series
        As of `global_moran`; ``value`` is G, ``expected`` and ``z`` those of Getis & Ord (1992).

    Raises
    ------
    ValueError
        If a value is negative, fewer than 4 areas are left, all have one value, all but one are
        zero, or all are one another's neighbours.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> row = gpd.GeoDataFrame(
    ...     {"rate": [0, 0, 1, 5, 5, 0]}, index=list("abcdef"), crs=27700,
    ...     geometry=[shapely.box(x, 0, x + 1, 1) for x in range(6)],
    ... )
    >>> round(global_g(row)["value"], 4)
    0.8571
    """
    y, weights = _prepare(areas, column, graph)
    if y.min() < 0:
        raise ValueError(
            f"{column!r} is {y.min():g} in places; G is about values of zero or more. "
            "Use global_moran() for values of both signs."
        )
    if np.count_nonzero(y) <= 1:
        raise ValueError(
            f"{column!r} is zero in all areas but one, and G is about products of two areas. "
            "Use global_moran(), or local_risk() for rare events."
        )
    y = y / np.sqrt(y.sum() ** 2 - y @ y)
    return _row(
        ("General G", column),
        _Global(y, weights, *_moments(y, weights)),
        ("high values lie together", "low values lie together"),
        (_times(permutations, y.size), seed),
    )


def join_counts(
    areas: gpd.GeoDataFrame,
    column: str,
    *,
    graph: Graph | None = None,
    permutations: int | None = None,
    seed: int = 0,
) -> pd.Series:
    """Ask whether areas that are marked lie beside one another more, or less, often than by chance.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        Areas, indexed by code.
    column : str
        A column of True and False (or 1 and 0): which areas are marked.
    graph : libpysal.graph.Graph, optional
        Who is whose neighbour, both ways; queen contiguity by default. Weights are taken as they are.
    permutations : int, optional
        How many times the marks are shuffled: 9,999, or 999 where there are over 10,000 areas.
    seed : int
        Seed of the shuffling.

    Returns
    -------
    pandas.Series
        As of `global_moran`; ``value`` is the number of joins of two marked areas, ``expected`` and
        ``z`` those of sampling without replacement (Cliff & Ord, 1981).

    Raises
    ------
    ValueError
        If a value is neither 0 nor 1, fewer than two areas are marked, or as `global_moran` does.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> row = gpd.GeoDataFrame(
    ...     {"high": [True, True, True, False, False, False]}, index=list("abcdef"), crs=27700,
    ...     geometry=[shapely.box(x, 0, x + 1, 1) for x in range(6)],
    ... )
    >>> join_counts(row, "high")[["value", "expected"]].tolist()
    [2.0, 1.0]
    """
    checks.columns(areas, [column], "the table")
    marked = areas.assign(**{column: areas[column].astype("float64")})
    y, weights = _prepare(marked, column, graph)
    if not np.isin(y, (0, 1)).all():
        raise ValueError(
            f"{column!r} holds {y[~np.isin(y, (0, 1))][0]:g}: joins are counted of areas that are "
            'marked or not. Give a column of True and False, e.g. areas["level"] >= "Above".'
        )
    if y.sum() < PAIR:
        raise ValueError(
            f"{column!r} marks {y.sum():g} of {y.size:,} areas: a join needs two. Mark more of them."
        )
    return _row(
        ("Joins", column),
        _Global(y, weights / 2, *_moments(y, weights / 2)),
        ("marked areas lie together", "marked areas lie apart"),
        (_times(permutations, y.size), seed),
    )


def _made(statistic: Callable[..., Any], y: Floats, weights: csr_array) -> Any:  # noqa: ANN401 - one of esda's
    """Make one of esda's statistics, without its shuffling."""
    from libpysal.graph import Graph

    with np.errstate(divide="ignore", invalid="ignore"):  # by a variance of none: `_row` refuses it
        return statistic(y, Graph.from_sparse(weights), permutations=0)


def _moments(y: Floats, weights: csr_array) -> tuple[float, float]:
    """Return mean and variance of ``y W y`` over all permutations (Getis & Ord 1992, appendix).

    esda's G gives those of links that all weigh one, whatever the weights are.
    """
    n = y.size
    m1, m2, m3, m4 = (float((y**k).sum()) for k in (1, 2, 3, 4))
    both = weights + weights.T
    s0, s1, s2 = weights.sum(), both.power(2).sum() / 2, (both.sum(axis=1) ** 2).sum()
    pairs, triples = n * (n - 1), n * (n - 1) * (n - 2)
    expected = s0 * (m1**2 - m2) / pairs
    # Two links may be one, share an area, or have none in common.
    square = (
        s1 * (m2**2 - m4) / pairs
        + (s2 - 2 * s1) * (m2 * m1**2 - m2**2 - 2 * m3 * m1 + 2 * m4) / triples
        + (s0**2 - s2 + s1)
        * (m1**4 - 6 * m2 * m1**2 + 3 * m2**2 + 8 * m3 * m1 - 6 * m4)
        / (triples * (n - 3))
    )
    return expected, square - expected**2


class _Global(NamedTuple):
    """The statistic is ``y W y``; its mean and variance over all permutations."""

    y: Floats
    weights: csr_array
    expected: float
    variance: float  # under randomisation, as esda has it


def _prepare(areas: gpd.GeoDataFrame, column: str, graph: Graph | None) -> tuple[Floats, csr_array]:
    """Leave out areas without value or neighbour, sort the others by code; refuse what can't be tested."""
    from scipy.sparse import csr_array

    checks.areas(areas)
    values = local_tests.in_range(checks.numbers(areas, column))
    links = _links.align(areas, touching(areas) if graph is None else graph)
    links = _links.keep(links, ~np.isnan(values))
    taken = links.order[(~np.isnan(values) & (links.size > 0))[links.order]]
    if taken.size < FEWEST:
        raise ValueError(
            f"only {taken.size:,} of {len(areas):,} areas have a value in {column!r} and a "
            f"neighbour. The test needs {FEWEST} or more."
        )
    if np.ptp(values[taken]) == 0:
        raise ValueError(
            f"{column!r} is {values[taken][0]:g} in every area. Where all are alike, nothing clusters."
        )
    whole = csr_array((links.weight, (links.focal, links.neighbour)), shape=(len(areas),) * 2)
    weights = whole[taken][:, taken]
    weights.sort_indices()
    return values[taken], weights


def _times(permutations: int | None, n: int) -> int:
    if permutations is None:
        return 999 if n > MANY_AREAS else 9999
    if permutations < 1:
        raise ValueError(f"permutations={permutations} is less than one. Choose 999 or 9999.")
    return permutations


def _row(
    names: tuple[str, str],
    result: _Global,
    meanings: tuple[str, str],
    sampling: tuple[int, int],
) -> pd.Series:
    """Shuffle, and say what was found on one line."""
    if not result.variance > ROUNDING * result.expected**2:
        raise ValueError(
            f"{names[0]} of {names[1]} is the same however its {result.y.size:,} values are "
            "shuffled, as where every area is every other's neighbour. Use a graph of nearer ones."
        )
    permutations, seed = sampling
    rng = np.random.default_rng(seed)
    value = float(result.y @ (result.weights @ result.y))
    slack = 1e-9 * np.sqrt(result.variance)
    above = below = 1
    batch = max(1, ROOM // result.y.size)
    for first in range(0, permutations, batch):
        rows = min(batch, permutations - first)
        shuffled = rng.permuted(np.broadcast_to(result.y[:, None], (result.y.size, rows)), axis=0)
        drawn = np.einsum("ij,ij->j", shuffled, result.weights @ shuffled)
        above += int(np.count_nonzero(drawn >= value - slack))
        below += int(np.count_nonzero(drawn <= value + slack))
    p = min(1.0, 2 * min(above, below) / (permutations + 1))
    z = (value - result.expected) / np.sqrt(result.variance)
    meaning = meanings[0 if z > 0 else 1] if p < LEVEL else "no clustering found"
    text = (
        f"{names[0]} of {names[1]} = {value:.4f} (expected {result.expected:.4f}), z = {z:.2f}, "
        f"p = {p:.2g}: {meaning} ({result.y.size:,} areas, {permutations:,} permutations, "
        f"seed {seed})"
    )
    return pd.Series(
        {
            "value": value,
            "expected": float(result.expected),
            "variance": float(result.variance),
            "z": float(z),
            "p": p,
            "areas": result.y.size,
            "permutations": permutations,
            "seed": seed,
            "text": text,
        },
        name=names[0],
    )
