"""What changed most, and how surely: the key findings of several measures, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from lsoahot.common import checks
from lsoahot.common.class_labels import FELL, ROSE

from . import change_clauses

# What a row of `trend` lends to its finding, unless it is withheld.
FIGURES: Final = (
    "count", "previous", "change_pct", "rate_ratio", "ratio_lower", "ratio_upper",
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Mapping


def key_findings(
    trends: Mapping[str, pd.DataFrame],
    *,
    units: Mapping[str, str] | None = None,
    below: Mapping[str, int] | None = None,
) -> pd.DataFrame:
    """Rank the changes of several measures by how large they surely are.

    Changes that are more than chance come first, by the limit of the rate ratio that is nearer to
    1: the least that the change can be, as far as chance goes. A rise of 20 % that is known to
    be 15 % at least goes before one of 60 % that may be 2 %. Then come those that are within
    chance, by the same measure.

    Parameters
    ----------
    trends : dict of str to DataFrame
        For each measure, by the name that its sentence is to have, what `trend` returned. The
        total and every category of its last year are findings, the total under the measure's
        name; of two with one name the first stays.
    units : dict of str to str, optional
        The noun that each measure counts, in the singular.
    below : dict of str to int, optional
        Measures of which smaller counts are withheld.

    Returns
    -------
    DataFrame
        One row a finding, in order: ``rank``, ``measure``, ``category``, ``year``, ``count``,
        ``previous``, ``change_pct``, ``rate_ratio``, ``ratio_lower``, ``ratio_upper``, ``sure``
        (bool), ``verdict`` and ``sentence``.

    Raises
    ------
    ValueError
        If there is no measure, or a table is none of `trend`'s.

    Examples
    --------
    >>> import lsoahot as lh
    >>> crime = lh.trend(lh.read_dataset("crime", "sample"))
    >>> result = lh.key_findings({"Total recorded crime": crime})
    >>> print(result.loc[result["sure"], "sentence"].tolist()[0])  # doctest: +NORMALIZE_WHITESPACE
    Serious acquisitive crime rose by 117 (68 %), from 172 to 289; this is a clear change.
    """
    if not trends:
        raise ValueError("there is no measure to find anything in. Give a dict of trend tables.")
    rows: dict[str, dict[str, Any]] = {}
    for measure, table in trends.items():
        for name, row in _rows(
            measure, table, (units or {}).get(measure), (below or {}).get(measure)
        ):
            rows.setdefault(name.casefold(), row)
    result = pd.DataFrame(list(rows.values()))
    order = np.lexsort((-result["nearer"].fillna(-np.inf), ~result["sure"]))
    result = result.iloc[order].drop(columns="nearer").reset_index(drop=True)
    result.insert(0, "rank", range(1, len(result) + 1))
    return result


def _rows(
    measure: str, table: pd.DataFrame, unit: str | None, below: int | None
) -> list[tuple[str, dict[str, Any]]]:
    """Return the findings of one measure: its total and its categories."""
    checks.columns(table, ["year", "count", "previous", "rate_ratio", "verdict"],
                    f"the table of {measure!r}", "Make it with trend.")  # fmt: skip
    by, value = str(table.columns[0]), change_clauses.value_column(table)
    last = table[table["year"] == table["year"].iloc[-1]]
    parts = last[last[by] != change_clauses.TOTAL]
    away = change_clauses.hidden(parts[value], parts["previous"], below)
    withheld = set(parts.index[np.array(away, dtype=bool)])
    result = []
    for index, row in last.iterrows():
        whole = len(last) == 1 or row[by] == change_clauses.TOTAL
        name = measure if whole else str(row[by])
        secret = index in withheld or any(change_clauses.small_figures(row, value, below))
        if index in withheld:
            sentence = change_clauses.withheld(name)
        else:
            sentence = change_clauses.change(row, name, value=value, unit=unit, below=below)
        finding = {
            "measure": measure,
            "category": None if whole else name,
            "year": row["year"],
            **{key: None if secret else row[key] for key in FIGURES},
            "sure": row["verdict"] in (ROSE, FELL) and not secret,
            "verdict": None if secret else row["verdict"],
            "sentence": sentence,
            "nearer": np.nan if secret else _nearer(row),
        }
        result.append((name, finding))
    return result


def _nearer(row: Mapping[Any, Any] | pd.Series) -> float:
    """Return how far, on the logarithm's scale, the nearer limit of a ratio lies beyond 1."""
    limit = float(row["ratio_lower"]) if row["rate_ratio"] > 1 else 1 / float(row["ratio_upper"])
    return float(np.log(limit)) if limit > 0 else -np.inf
