"""What every test does after its p: adjust over the areas, cut classes, say what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np
import pandas as pd

from lsoahot.common import class_labels
from lsoahot.common.frozen import FrozenDict

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

Table = TypeVar("Table", bound=pd.DataFrame)

CORRECTION: Final = "Benjamini-Hochberg"
HOTSPOTS: Final[Any] = pd.CategoricalDtype(list(class_labels.HOTSPOT_NUMBERS), ordered=True)
CLUSTERS: Final = pd.CategoricalDtype(list(class_labels.CLUSTER_CLASSES), ordered=True)
ROUNDING: Final = 1e-12  # the exact tails' own error, ten times over
WEAKEST: Final = 0.10  # the last of the classes 99 %, 95 %, 90 %


def check_alpha(alpha: float) -> None:
    """Refuse a false discovery rate that the classes can't show."""
    if not 0 < alpha <= WEAKEST:
        raise ValueError(f"alpha={alpha} is not above 0 and at most 0.10. Choose 0.05, say.")


def check_fence(fence: float | None) -> None:
    """Refuse a fence that would cut into the middle half of the values."""
    if fence is not None and not 0 < fence < np.inf:
        raise ValueError(
            f"fence={fence!r} is no number above 0. Give 3 interquartile ranges, say, or None to "
            "test the values as they are."
        )


def choose(upper: Floats, lower: Floats, alternative: str) -> Floats:
    """Pick the tail asked for; two-sided is twice the smaller one, at most 1."""
    if alternative == "hot":
        return upper
    if alternative == "cold":
        return lower
    p: Floats = np.minimum(1.0, 2 * np.minimum(upper, lower))
    return p


def benjamini_hochberg(p: Floats) -> Floats:
    """Adjust p over the areas tested (where it is not missing).

    As ``scipy.stats.false_discovery_control`` does, without half a second's import of scipy.stats.
    """
    tested = np.flatnonzero(~np.isnan(p))
    rising = tested[np.argsort(p[tested])]
    scaled = p[rising] * tested.size / np.arange(1, tested.size + 1)
    q = np.full(p.size, np.nan)
    q[rising] = np.minimum.accumulate(scaled[::-1])[::-1]
    return q


def within(q: Floats, level: float) -> Flags:
    """Whether q is at most the level: the rule is <=, and must not hang on a last digit.

    On small maps p is a fraction such as 1/10, and q lies on the level itself.
    """
    at_most: Flags = q <= level + ROUNDING
    return at_most


def hotspot_codes(q: Floats, hot: Flags, cold: Flags, alpha: float) -> NDArray[np.int8]:
    """Cut hot and cold spots at q of 0.01, 0.05 and 0.10, none above alpha; no q: not tested.

    Returns their places among `HOTSPOTS`.
    """
    code = {name: place for place, name in enumerate(HOTSPOTS.categories)}
    codes = np.full(q.size, code[class_labels.NOT_SIGNIFICANT], dtype=np.int8)
    for level, cut in (("90%", 0.10), ("95%", 0.05), ("99%", 0.01)):
        clear = within(q, min(cut, alpha))
        codes[clear & hot] = code[f"Hot spot {level}"]
        codes[clear & cold] = code[f"Cold spot {level}"]
    codes[np.isnan(q)] = code[class_labels.NOT_TESTED]
    return codes


def numbered(classes: pd.Categorical, numbers: Mapping[str, int | None]) -> pd.arrays.IntegerArray:
    """Return each class's number, missing where it has none."""
    of_code = [numbers[name] for name in classes.categories]
    values = np.array([one or 0 for one in of_code], dtype=np.int64)
    without = np.array([one is None for one in of_code])
    return pd.arrays.IntegerArray(values[classes.codes], without[classes.codes])


def record_test(areas: gpd.GeoDataFrame, verb: str, facts: dict[str, Any]) -> gpd.GeoDataFrame:
    """Write what was done into ``attrs["statistics"][verb]``, as figures and as one sentence."""
    grid = facts.get("grid_error", 0.0)
    facts["text"] = (
        f"{facts['statistic']} of {facts['column']}: {facts['method']}, {facts['alternative']}"
        f"{', {:,} values fenced'.format(facts['fenced']) if facts.get('fenced') else ''}"
        f"{f', p at most {grid:.2g} too high from rounding' if grid else ''}; "
        f"{facts['correction']} over {facts['tested']:,} areas tested"
        f"{', {:,} without neighbours'.format(facts['islands']) if facts.get('islands') else ''}"
        f"{', {:,} without a value'.format(facts['missing']) if facts.get('missing') else ''}."
    )
    return record(areas, verb, facts)


def record(table: Table, verb: str, facts: dict[str, Any]) -> Table:
    """Add the facts to ``attrs["statistics"][verb]`` of a new table, last; other ones stay."""
    notes = table.attrs.get("statistics", {})
    earlier = {other: facts for other, facts in notes.items() if other != verb}
    table.attrs = {**table.attrs, "statistics": FrozenDict({**earlier, verb: facts})}
    return table
