"""What became of every row of a source: filled while reading, then turned into plain values."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from lsoahot.common.checks import shown

from . import repeated_ids
from .periods import month_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from .dataset import Dataset
    from .words import Words

# Of identifiers that come again with something different, as many are no chance.
_FEW: Final = 5
_SHARE: Final = 0.01
USUAL_ROWS: Final = 20
NOT_UNDERSTOOD: Final = "not understood"
NOT_USED: Final = "not used"
CARRIED: Final = "carried along"

# How the records' columns are called where the fate of a file's column is reported.
_WORDS: Final = {
    "area_code": "the area code", "period": "the month", "date": "the date", "x": "the point",
    "y": "the point", "geometry": "the point", "count": "the count", "category": "the category",
    "group": "the group", "financial_year": "the financial year", "crime_id": "the identifier",
    "force": "the police force", "area_name": "the area's name", "qualifiers": "the qualifiers",
    "weight": "the weight", "motive": "the motive", "api_id": "the identifier",
    "area_description": "the area's name", "alcohol": "the flag 'alcohol'",
    "drugs": "the flag 'drugs'", "domestic": "the flag 'domestic'", "hate": "the flag 'hate'",
}  # fmt: skip


class Columns:
    """What became of every column of a source's files: used (as what), carried along, or neither."""

    def __init__(self) -> None:
        self.fates: dict[str, dict[str, None]] = {}

    def _put(self, header: str, fate: str) -> None:
        self.fates.setdefault(str(header), {})[fate] = None

    def used(self, columns: Mapping[str, str]) -> None:
        """Note which column of the records each header became."""
        for column, header in columns.items():
            self._put(header, f"used as {_WORDS.get(column, column)}")

    def read(
        self, columns: Mapping[str, str], wide: Mapping[str, str], unread: Iterable[str]
    ) -> None:
        """Note what became of the columns of a table."""
        self.used({column: header for column, header in columns.items() if header not in wide})
        for header, kind in wide.items():
            self._put(header, f"used as counts of a {'month' if kind == 'period' else 'category'}")
        for header in unread:
            self._put(header, NOT_UNDERSTOOD)

    def change(self, headers: Iterable[str], fate: str) -> None:
        """Note what became of columns after all, in place of what they had been taken for."""
        for header in headers:
            self.fates.pop(header, None)
            self._put(header, fate)

    def not_read(self, headers: Iterable[str], *, known: bool) -> None:
        """Note which columns were not read on; those of a known layout are understood, and not needed."""
        for header in headers:
            self._put(header, NOT_USED if known else NOT_UNDERSTOOD)

    def join(self, other: Columns) -> None:
        """Take over what another noted."""
        for header, fates in other.fates.items():
            for fate in fates:
                self._put(header, fate)

    def summary(self) -> dict[str, str]:
        """Return header -> what became of it; several things, where files differ."""
        return {header: ", or ".join(fates) for header, fates in self.fates.items()}


class Tally:
    """The ledger of a source, filled while it is read: every row, column, sheet and file of it.

    What is reported of a source, in warnings and in ``attrs``, is built from this.
    """

    def __init__(self) -> None:
        self.rows = 0
        self.left_out: Counter[str] = Counter()
        self.unknown: Counter[str] = Counter()
        self.unknown_in: dict[str, None] = {}  # the files that hold them
        self.remarks: dict[str, dict[str, None]] = {}  # what an adapter says -> of which files
        self.spellings: set[str] = set()  # of categories, as they were written
        self.unread_dates: Counter[str] = Counter()
        self.odd_dates = 0  # records whose date is in the future, or far from all others
        self.unread_in: dict[str, None] = {}  # the files and columns that hold them
        self._ids: list[NDArray[np.uint64]] = []  # numbers of identifiers
        self.api_ids: set[object] = set()
        self.source: list[str] = []
        self.passed_over: dict[str, str] = {}
        self.columns = Columns()
        self.withheld: Counter[str] = Counter()  # the source's markers in place of counts
        self.unfiltered: list[str] = []  # tables of which every row was taken for the dataset
        self.warnings: list[str] = []
        self.months: dict[str, Counter[str]] = {}
        self.anonymised = False  # whether the points are data.police.uk's fixed places
        self.notice = ""  # what must be shown with every figure of the records
        self.complete: set[str] = set()  # forces of whose months everything was read
        self._reported: dict[str, Any] = {}  # by the last summary

    def warn(self, *messages: str) -> None:
        """Note what is to be reported, each once."""
        self.warnings += [one for one in messages if one not in self.warnings]

    def remark(self, name: str, *messages: str) -> None:
        """Note what is to be reported of a file, once for all files of which it is."""
        for message in messages:
            self.remarks.setdefault(message, {})[name] = None

    def leave_out(self, kinds: Mapping[str, int], *, rows: bool = False) -> None:
        """Note how many rows were left out, for what reason; `rows` if they were not counted as read."""
        self.left_out.update({kind: number for kind, number in kinds.items() if number})
        if rows:
            self.rows += sum(kinds.values())

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
        month, code = period.array.asi8, force.codes
        known = period.notna().to_numpy() & (code >= 0)
        number = len(force.words)
        pairs = pd.Series((month * number + code)[known]).value_counts(sort=False)
        for pair, rows in zip(pairs.index.tolist(), pairs.tolist(), strict=True):
            ordinal, word = divmod(pair, number)
            name = force.words[word]
            if name is not None:
                self.months.setdefault(name, Counter())[month_text(ordinal)] += rows
                if complete:
                    self.complete.add(name)

    def recall(self, coverage: Mapping[str, list[str]]) -> None:
        """Take over what was noted when the records were first read."""
        for force, months in coverage.items():
            self.months.setdefault(force, Counter()).update(months)
            self.complete.add(force)

    def note(self, identifiers: Sequence[NDArray[np.uint64]]) -> None:
        """Remember the identifiers of records, which are numbers."""
        self._ids += identifiers

    def add(self, records: pd.DataFrame, other: Tally) -> pd.DataFrame:
        """Take over what was noted of the next part of the source, and hand on its records."""
        self.rows += other.rows
        self.left_out.update(other.left_out)
        self.unknown.update(other.unknown)
        self.unknown_in |= other.unknown_in
        for message, names in other.remarks.items():
            self.remarks.setdefault(message, {}).update(names)
        self.spellings |= other.spellings
        self.unread_dates.update(other.unread_dates)
        self.unread_in |= other.unread_in
        self._ids += other._ids
        self.source += other.source
        self.columns.join(other.columns)
        self.withheld.update(other.withheld)
        self.unfiltered += other.unfiltered
        self.warn(*other.warnings)
        for force, rows in other.months.items():
            self.months.setdefault(force, Counter()).update(rows)
        self.complete |= other.complete
        self.anonymised |= other.anonymised
        return records

    def summary(self, kept: int, *, last: bool = True) -> dict[str, Any]:
        """Return the account of what was read since the one before: ``rows == kept + left out``.

        Identifiers are only compared for the last account.
        """
        repeats = repeated_ids.repeated(self._ids) if last else 0
        odd = (
            not (self.anonymised or self.api_ids)
            and repeats >= _FEW
            and repeats > _SHARE * self.rows
        )
        if odd:  # data.police.uk counts them so, see the adapter
            self.warn(
                f"{shown(dict.fromkeys(self.source), 3)}: {repeats:,} of {self.rows:,} records repeat an "
                "identifier that another has, and differ from it in something; all are counted. Where "
                "files overlap, or a row is a victim or a suspect, keep one row of each event."
            )
        now: dict[str, Any] = {
            "rows": self.rows,
            "left_out": Counter(self.left_out),
            "unknown_categories": Counter(self.unknown),
            "unread_dates": self.unread_dates.total(),
            "odd_dates": self.odd_dates,
            "repeated_ids": repeats,
            "withheld": Counter(self.withheld),
            "passed_over": len(self.passed_over),
            "files": len(self.source),
        }
        before = self._reported or {key: type(number)() for key, number in now.items()}
        self._reported = now
        new = {key: number - before[key] for key, number in now.items()}
        return {
            **{key: dict(one) if isinstance(one, Counter) else one for key, one in new.items()},
            "kept": kept,
            "passed_over": dict([*self.passed_over.items()][before["passed_over"] :]),
            "columns": self.columns.summary(),
            "files": list(dict.fromkeys(self.source[before["files"] :])),
            "unfiltered": list(dict.fromkeys(self.unfiltered)) if last else [],
            "warnings": list(self.warnings) if last else [],
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
        for message, names in self.remarks.items():
            self.warn(
                message
                if any(name in message for name in names)
                else f"{shown(names, 3)}: {message}"
            )
        if self.unknown and spec.categories:
            rows = sum(self.unknown.values())
            # Of people at risk not even the totals by category are reported.
            each = (
                name if spec.sensitive else f"{name} ({n:,})"
                for name, n in self.unknown.most_common()
            )
            what = shown(each, 8)
            files = shown(self.unknown_in or dict.fromkeys(self.source), 3)
            fate = "left out" if "group" in spec.where else "put into the group 'Other'"
            self.warnings.append(
                f"{files}: {rows:,} rows have a category that {spec.name!r} doesn't "
                f"know, and were {fate}: {what}. Name their groups: dataclasses.replace(spec, categories={{...}})."
            )
        if self.unread_dates:
            self.warnings.append(
                f"{sum(self.unread_dates.values()):,} rows have a date that can't be read, and no "
                f"month now: {shown(self.unread_dates, 3)} (in {shown(self.unread_in, 3)}). Write dates as "
                "DD/MM/YYYY or YYYY-MM-DD."
            )


def merged(every: Iterable[Mapping[str, Any]]) -> dict[Any, Any]:
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
    """Add two accounts: numbers and tables of numbers up, the rest one after the other."""
    total = dict(one)
    for key, value in two.items():
        if isinstance(value, dict):
            before = total.get(key, {})
            if all(isinstance(each, int) for each in [*before.values(), *value.values()]):
                total[key] = dict(Counter(before) + Counter(value))
            else:
                total[key] = {**before, **value}
        else:
            total[key] = total[key] + value if key in total else value
    return total
