"""Does one crime bring the next? Events close in space and in time, by Knox's test."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from lsoahot.common import checks
from lsoahot.statistics.kernels import inference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

MORE, NO_MORE = "more than chance", "no more than chance"
FEWEST = 10


def near_repeat(
    records: gpd.GeoDataFrame,
    *,
    metres: Sequence[float] = (100, 200, 400),
    days: Sequence[int] = (7, 14, 28),
    permutations: int = 999,
    seed: int = 0,
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Test whether events close to each other in space are close in time as well (Knox).

    Every pair of events is put into a band of distance and a band of days. If one event tells
    nothing about the next, the bands are independent: shuffling the dates over the events shows
    how many pairs each cell would hold.

    Parameters
    ----------
    records : GeoDataFrame
        One row an event, with points and the exact ``date`` of each. Months will not do.
    metres : list of float
        Upper edges of the bands of distance; a band for the very same place comes first.
    days : list of int
        Upper edges of the bands of days; the first one starts with the same day.
    permutations : int
        How many times the dates are shuffled.
    seed : int
        The seed of the shuffling; the same seed gives the same answer.
    alpha : float
        A cell is called more than chance where ``knox_q`` is at most this.

    Returns
    -------
    DataFrame
        One row a cell: ``distance`` and ``interval`` in words, their edges ``metres_over``,
        ``metres_to``, ``days_over`` and ``days_to``, ``pairs`` (seen), ``expected`` (if dates and
        places were independent), ``ratio`` (Knox's ratio), ``knox_p`` (one-sided, as many pairs or
        more), ``knox_q`` (adjusted over the cells) and ``verdict``: "more than chance" or "no more
        than chance".

    Raises
    ------
    TypeError
        If the records have no points, or their dates are no dates.
    ValueError
        If the records have months only (as data.police.uk's), fewer than 10 can be used, or the
        bands are not rising.

    Warns
    -----
    UserWarning
        If records without a date or a point are left out.

    Notes
    -----
    Points must be true places. data.police.uk moves each to one of few anonymised ones and gives
    the month alone; neither will do. An address with many events makes pairs at no distance whatever
    the cause; the test asks whether these are close in *time* more often than their dates allow.

    The counts agree with `pointpats.Knox`, which answers for one distance and one interval, not for
    bands; its permutations can't be given a seed, and its ``p_poisson`` leaves out the probability
    of exactly as many pairs as were seen.

    References
    ----------
    Knox EG (1964), The detection of space-time interactions, Applied Statistics 13, 25-30.
    Johnson SD et al. (2007), Space-time patterns of risk, Journal of Quantitative Criminology 23,
    201-219. Ratcliffe JH (2009), Near repeat calculator, Temple University.

    Examples
    --------
    Thirty burglaries each followed within the week by one next door:

    >>> rng = np.random.default_rng(1)
    >>> x, y = rng.uniform(0, 20_000, (2, 30))
    >>> first = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 365, 30), unit="D")
    >>> records = gpd.GeoDataFrame(
    ...     {"date": first.append(first + pd.Timedelta(days=3))},
    ...     geometry=gpd.points_from_xy(np.r_[x, x + 50], np.r_[y, y]), crs=27700,
    ... )
    >>> result = near_repeat(records, metres=(100,), days=(7,), permutations=199)
    >>> result[["distance", "interval", "pairs", "verdict"]]
             distance     interval  pairs              verdict
    0  the same place  0 to 7 days      0  no more than chance
    1     up to 100 m  0 to 7 days     30     more than chance
    """
    edges, spans = _edges(metres, "metres"), _edges(days, "days")
    places, dates = _events(records)
    near, far = _pairs(places, float(edges[-1]))
    apart = np.hypot(*(places[near] - places[far]).T)
    # The first band of distance holds the very same place: up to a millimetre.
    space = np.asarray(np.searchsorted(np.concatenate([[1e-3], edges]), apart))
    bands, lags = len(edges) + 1, len(spans)

    def cells(when: Ints) -> Ints:
        lag = np.asarray(np.searchsorted(spans, np.abs(when[near] - when[far])))
        inside = lag < lags
        results = np.bincount(space[inside] * lags + lag[inside], minlength=bands * lags)
        return results.astype(np.int64)

    seen = cells(dates)
    rng = np.random.default_rng(seed)
    as_many = np.zeros(len(seen), dtype=np.int64)
    for _ in range(permutations):
        as_many += cells(rng.permutation(dates)) >= seen
    p: Floats = (1.0 + as_many) / (1 + permutations)
    q = inference.benjamini_hochberg(p)
    expected = _expected(np.bincount(space, minlength=bands), dates, spans)
    over, to = np.concatenate([[0.0, 0.0], edges[:-1]]), np.concatenate([[0.0], edges])
    since, until = np.concatenate([[-1.0], spans[:-1]]), spans
    cell = [(band, lag) for band in range(bands) for lag in range(lags)]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(expected > 0, seen / expected, np.nan)
    result = pd.DataFrame(
        {
            "distance": [_distance(over[band], to[band], band) for band, _ in cell],
            "interval": [f"{since[lag] + 1:g} to {until[lag]:g} days" for _, lag in cell],
            "metres_over": [over[band] for band, _ in cell],
            "metres_to": [to[band] for band, _ in cell],
            "days_over": [max(int(since[lag]), 0) for _, lag in cell],
            "days_to": [int(until[lag]) for _, lag in cell],
            "pairs": seen,
            "expected": expected,
            "ratio": ratio,
            "knox_p": p,
            "knox_q": q,
            "verdict": np.where(inference.within(q, alpha), MORE, NO_MORE),
        }
    )
    facts = {
        "statistic": "Knox's pairs close in space and time",
        "method": f"{permutations:,} permutations of the dates, seed {seed}",
        "correction": "Benjamini-Hochberg",
        "events": len(dates),
        "text": f"Knox's test of {len(dates):,} events, {permutations:,} permutations of the "
        f"dates (seed {seed}); Benjamini-Hochberg over {len(result)} cells.",
    }
    return inference.record(result, "near_repeat", facts)


def _edges(values: Sequence[float], name: str) -> Floats:
    """Return the upper edges of bands, refusing ones that do not rise."""
    edges = np.asarray(values, dtype="float64")
    if not len(edges) or edges[0] <= 0 or (np.diff(edges) <= 0).any():
        raise ValueError(
            f"{name}={tuple(values)!r} do not rise from above zero. Give the upper edges of the "
            "bands, such as (100, 200, 400)."
        )
    return edges


def _events(records: gpd.GeoDataFrame) -> tuple[Floats, Ints]:
    """Return places in metres and dates in days, of the records that have both."""
    if not isinstance(records, gpd.GeoDataFrame):
        raise TypeError(
            f"records must be a GeoDataFrame with points, not {type(records).__name__}. Events "
            "counted by area can't be near repeats; read the file's eastings and northings."
        )
    if "date" not in records.columns:
        raise ValueError(
            "records have no exact dates, and near repeats happen within days. data.police.uk "
            "gives months only, and points of fixed places (renewed from July 2022 on); use a force's "
            "own extract with a column 'date'."
        )
    dates = records["date"]
    if not pd.api.types.is_datetime64_any_dtype(dates.dtype):
        raise TypeError(
            f"column 'date' holds {dates.dtype}, not dates. "
            "Convert it: pd.to_datetime(records['date'], dayfirst=True)."
        )
    usable = (dates.notna() & records.geometry.notna() & ~records.geometry.is_empty).to_numpy()
    if not usable.all():
        warnings.warn(
            f"{int((~usable).sum()):,} of {len(records):,} records have no date or no point and "
            "are left out.",
            UserWarning,
            stacklevel=3,
        )
    if usable.sum() < FEWEST:
        raise ValueError(
            f"{int(usable.sum())} records have a date and a point. Give {FEWEST} or more."
        )
    dates = dates[usable].dt.tz_localize(None).dt.normalize()
    if (dates.dt.day == 1).all() and dates.min() < dates.max():
        raise ValueError(
            "every date is the first of a month, so these are months and not dates. Near repeats "
            "happen within days; use a force's own extract with exact dates."
        )
    points = gpd.GeoSeries(records.geometry[usable])
    if not (points.geom_type == "Point").all():
        raise TypeError(
            f"records hold {checks.shown(points.geom_type.unique())}, not points alone. "
            "Give one point an event."
        )
    if points.crs is not None and points.crs.is_geographic:
        points = points.to_crs(27700)
    x, y = np.asarray(points.x, dtype=np.float64), np.asarray(points.y, dtype=np.float64)
    days = dates.to_numpy().astype("datetime64[D]").astype(np.int64)
    order = np.lexsort((days, y, x))  # so that a seed gives one answer however the rows are sorted
    return np.column_stack([x, y])[order], days[order]


def _pairs(places: Floats, reach: float) -> tuple[Ints, Ints]:
    """Return the pairs of events within reach of each other."""
    from scipy.spatial import KDTree

    pairs = KDTree(places).query_pairs(reach, output_type="ndarray").astype(np.int64)
    return pairs[:, 0], pairs[:, 1]


def _expected(space: Ints, dates: Ints, spans: Floats) -> Floats:
    """Return the pairs that each cell holds on average over all permutations of the dates.

    It is exact: the pairs of a band of distance times the share of all pairs in a band of days.
    """
    n = len(dates)
    each = np.bincount(dates - dates.min()).astype("float64")
    lagged = np.array(
        [
            (each[: len(each) - lag] * each[lag:]).sum()
            for lag in range(min(int(spans[-1]) + 1, len(each)))
        ]
    )
    lagged[0] = (each * (each - 1) / 2).sum()
    upto = np.cumsum(np.pad(lagged, (0, int(spans[-1]) + 1 - len(lagged))))[spans.astype(int)]
    share = np.diff(upto, prepend=0.0) / (n * (n - 1) / 2)
    return np.outer(space, share).ravel()


def _distance(over: float, to: float, band: int) -> str:
    """Name a band of distance."""
    if band == 0:
        return "the same place"
    return f"up to {to:g} m" if band == 1 else f"{over:g} to {to:g} m"
