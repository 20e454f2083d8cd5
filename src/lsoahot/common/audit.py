"""What became of every record: plain values that travel in ``attrs`` and read as sentences."""

from __future__ import annotations

import html
from typing import Any, Final

import pandas as pd

from .frozen import FrozenDict

# Not of this measure or period at all: no loss, and no part of the base of a percentage.
ELSEWHERE: Final = ("outside the period", "of other categories")


class Audit(FrozenDict):
    """The account of a join: what was counted, what was not, and why.

    It is a dict underneath that can't be changed (so that it travels in ``attrs`` uncopied, through
    Parquet and JSON, and can be compared), prints as sentences, and gives a table. After a file has
    been read back, ``Audit(dict)`` is it again.

    Examples
    --------
    >>> audit = Audit(records=10, events=10, outcomes=[
    ...     {"outcome": "counted by code", "rows": 9, "events": 9, "detail": ""},
    ...     {"outcome": "no location", "rows": 1, "events": 1, "detail": ""}])
    >>> print(audit)
    Of 10 records, 9 were counted (90.0%): 9 by code. Not counted: 1 no location.
    >>> audit.table()["rows"].tolist()
    [9, 1]
    """

    def table(self) -> pd.DataFrame:
        """Return one row an outcome: `outcome`, `rows`, `events`, `share` (of rows), `detail`."""
        table = pd.DataFrame(
            self.get("outcomes", []), columns=["outcome", "rows", "events", "detail"]
        )
        if self.get("withheld"):
            table = table.astype({"rows": "Int64", "events": "Int64"})
        every = max(int(self.get("records") or 0), 1)
        table.insert(3, "share", table["rows"] / every)
        return table

    def __str__(self) -> str:
        if self.get("withheld"):
            return str(self["outcomes"][0]["detail"])
        outcomes = self.get("outcomes", [])
        counted = [o for o in outcomes if o["outcome"].startswith("counted")]
        rest = [o for o in outcomes if o not in counted and o["rows"]]
        rows = int(self.get("records", 0))
        taken = sum(o["rows"] for o in counted)
        due = rows - sum(o["rows"] for o in rest if o["outcome"] in ELSEWHERE)
        asked = "" if due == rows else " of those asked for"
        text = f"Of {rows:,} records, {taken:,} were counted"
        if taken:
            ways = [f"{o['rows']:,} {o['outcome'][8:]}" for o in counted if o["rows"]]
            text += f" ({taken / due:.1%}{asked}): {', '.join(ways)}"
        text += "."
        if rest:
            text += f" Not counted: {', '.join(map(_outcome_text, rest))}."
        if self.get("events", rows) != rows:
            events = sum(o["events"] for o in counted)
            text += f" They stand for {self['events']:,} events, of which {events:,} were counted."
        return " ".join([text, *self.get("notes", [])])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(str(self))}</p>{self.table().to_html(index=False)}"


def withheld_audit() -> Audit:
    """Return an account that gives no number, because one would tell small counts.

    Examples
    --------
    >>> print(withheld_audit())
    How many records were counted is withheld: small counts could be worked out from it.
    """
    detail = "How many records were counted is withheld: small counts could be worked out from it."
    outcome = {"outcome": "withheld", "rows": None, "events": None, "detail": detail}
    return Audit(withheld=True, records=None, events=None, outcomes=[outcome])


def _outcome_text(outcome: dict[str, Any]) -> str:
    detail = f" ({outcome['detail']})" if outcome["detail"] else ""
    return f"{outcome['rows']:,} {outcome['outcome']}{detail}"
