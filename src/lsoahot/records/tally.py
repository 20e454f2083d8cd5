"""What became of every row of a source: filled while reading, then turned into plain values."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pandas as pd

from lsoahot.common.arrays import blocks
from lsoahot.common.checks import shown

from . import repeated_ids

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from .dataset import Dataset
    from .words import Words

USUAL_ROWS: Final = 20


class Tally:
    """What became of every row of a source: filled while reading, then turned into plain values."""

    def __init__(self) -> None:
        self.rows = 0
        self.left_out: Counter[str] = Counter()
        self.unknown: Counter[str] = Counter()
        self.unread_dates: Counter[str] = Counter()
        self._ids = repeated_ids.Seen()
        self.api_ids: set[object] = set()
        self.source: list[str] = []
        self.passed_over: list[str] = []
        self.warnings: list[str] = []
        self.months: dict[str, Counter[str]] = {}
        self.complete: set[str] = set()  # forces of whose months everything was read
        self._told = _Account(0, Counter(), Counter(), 0, 0, [])

    def coverage(self) -> dict[str, list[str]]:
        """Return force -> the months it reported, where a month without a row means no data.

        So it does in the files of data.police.uk, and wherever a force has so many rows a month that
        none is no chance: with 20 expected, e**-20. Of rarer events a month may well have none.
        """
        return {
            force: sorted(rows)
            for force, rows in sorted(self.months.items())
            if force in self.complete or rows.total() / len(rows) >= USUAL_ROWS
        }

    def cover(self, force: Words, period: pd.Series, *, complete: bool) -> None:
        """Note the months each force reported, before any row is left out."""
        for some in blocks(len(period)):
            month, months = pd.factorize(period.array[some])
            shape = (len(force.words) + 1, len(months) + 1)
            cell = force.codes[some].astype(np.int64)
            cell *= shape[1]
            cell += month
            cell += shape[1] + 1  # row and column 0 of the table are for what is missing
            table = np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape)[1:, 1:]
            for i, j in np.argwhere(table):
                name = force.words[i]
                if name is not None:
                    self.months.setdefault(name, Counter())[str(months[j])] += int(table[i, j])
                    if complete:
                        self.complete.add(name)

    def recall(self, coverage: Mapping[str, list[str]]) -> None:
        """Take over what was noted when the records were first read."""
        for force, months in coverage.items():
            self.months.setdefault(force, Counter()).update(months)
            self.complete.add(force)

    def note(self, identifiers: Sequence[NDArray[np.uint64]]) -> None:
        """Remember the identifiers of records, which are numbers."""
        self._ids.add(identifiers)

    def add(self, records: pd.DataFrame, other: Tally) -> pd.DataFrame:
        """Take over what was noted of the next part of the source, and hand on its records."""
        self.rows += other.rows
        self.left_out.update(other.left_out)
        self.unknown.update(other.unknown)
        self.unread_dates.update(other.unread_dates)
        self._ids.join(other._ids)
        self.source += other.source
        self.warnings += [note for note in other.warnings if note not in self.warnings]
        for force, rows in other.months.items():
            self.months.setdefault(force, Counter()).update(rows)
        self.complete |= other.complete
        return records

    def summary(self, kept: int, *, last: bool = True) -> dict[str, Any]:
        """Return the account of what was read since the one before: ``rows == kept + left out``.

        Identifiers are only compared for the last account.
        """
        repeats = self._ids.repeated() if last else 0
        now = _Account(
            self.rows,
            Counter(self.left_out),
            Counter(self.unknown),
            self.unread_dates.total(),
            repeats,
            list(self.passed_over),
        )
        notes, self._told = self._told, now
        return {
            "rows": now.rows - notes.rows,
            "kept": kept,
            "left_out": dict(now.left_out - notes.left_out),
            "unknown_categories": dict(now.unknown - notes.unknown),
            "unread_dates": now.unread_dates - notes.unread_dates,
            "repeated_ids": now.repeats - notes.repeats,
            "passed_over": now.passed_over[len(notes.passed_over) :],
        }

    def check(self, spec: Dataset, kept: int) -> None:
        """Refuse an empty result, and note what a reader had to guess, once for the whole source."""
        if not self.rows:
            raise ValueError(
                f"{shown(self.source)} has a header and no row. Check that the export was finished."
            )
        if not kept:
            what = shown((f"{name} ({n:,})" for name, n in self.left_out.most_common()), 8)
            raise ValueError(
                f"none of the {self.rows:,} rows belongs to {spec.name!r}: they are {what}. "
                "If every row does, say all_rows=True; else choose another adapter."
            )
        if self.unknown and spec.categories:
            rows = sum(self.unknown.values())
            what = shown((f"{name} ({n:,})" for name, n in self.unknown.most_common()), 8)
            fate = "left out" if "group" in spec.where else "put into the group 'Other'"
            self.warnings.append(
                f"{rows:,} rows have a category that {spec.name!r} doesn't know, and were {fate}: "
                f"{what}. Name their groups: dataclasses.replace(spec, categories={{...}})."
            )
        if self.unread_dates:
            self.warnings.append(
                f"{sum(self.unread_dates.values()):,} rows have a date that can't be read, and no "
                f"month now: {shown(self.unread_dates, 3)}. Write dates as DD/MM/YYYY or YYYY-MM-DD."
            )


class _Account(NamedTuple):
    """What has been told of a source already, batch by batch."""

    rows: int
    left_out: Counter[str]
    unknown: Counter[str]
    unread_dates: int
    repeats: int
    passed_over: list[str]


def merged(every: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Bring the ``attrs`` of several tables of records together, as if they had been read at once.

    Numbers of rows add up, months a force reported and names of files are collected; the rest is
    the first's.

    Examples
    --------
    >>> one = {"dataset": "crime", "source": ["a.csv"], "read": {"rows": 5, "left_out": {"x": 1}},
    ...        "coverage": {"Kent Police": ["2025-01"]}}
    >>> two = {"dataset": "crime", "source": ["b.csv"], "read": {"rows": 3, "left_out": {"x": 2}},
    ...        "coverage": {"Kent Police": ["2025-01", "2025-02"]}}
    >>> both = merged([one, two])
    >>> both["read"], both["coverage"], both["source"]
    ({'rows': 8, 'left_out': {'x': 3}}, {'Kent Police': ['2025-01', '2025-02']}, ['a.csv', 'b.csv'])
    """
    whole: dict[str, Any] = {}
    for attrs in every:
        for key, value in attrs.items():
            if key == "source":
                whole[key] = list(dict.fromkeys([*whole.get(key, []), *value]))
            elif key == "coverage":
                months = whole.setdefault(key, {})
                for force, reported in value.items():
                    months[force] = sorted({*months.get(force, []), *reported})
            elif key == "read":
                whole[key] = _added(whole.get(key, {}), value)
            else:
                whole.setdefault(key, value)
    return whole


def _added(one: Mapping[str, Any], two: Mapping[str, Any]) -> dict[str, Any]:
    """Add two accounts: numbers and tables of numbers up, lists one after the other."""
    total = dict(one)
    for key, value in two.items():
        if isinstance(value, dict):
            total[key] = dict(Counter(total.get(key, {})) + Counter(value))
        else:
            total[key] = total[key] + value if key in total else value
    return total
