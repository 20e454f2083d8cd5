"""Which months each police force reported, by the records on their own engine."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from lsoahot.common import checks
from lsoahot.records.tally import Tally

from . import collect, plans
from .prepare import engine_of, tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa


def coverage(records: object, *, complete: bool) -> dict[str, list[str]]:
    """Return force -> the months it reported; see `lsoahot.coverage`."""
    from . import frames

    parts = list(_parts(records))
    if not parts:
        raise ValueError("there is no batch of records. An iterator can be read once only.")
    alike = collect.unpacked(frames.merged(parts))
    tally = Tally()
    for force, month, rows in zip(
        alike.table["force"], alike.table["period"], alike.rows, strict=True
    ):
        if isinstance(force, str) and str(month) != "NaT":
            tally.months.setdefault(force, Counter())[str(month)] += int(rows)
    if complete:
        tally.complete |= tally.months.keys()
    return tally.coverage()


def _parts(records: object) -> Iterator[pa.Table]:
    for table in tables(records):
        engine = engine_of(table)
        lacking = [name for name in ("force", "period") if name not in engine.schema]
        if lacking:
            raise ValueError(
                f"records have no column {checks.shown(map(repr, lacking))}; they have "
                f"{checks.shown(engine.schema, 20)}. Rename those that hold the police force and "
                "the month."
            )
        plan = plans.keyed(engine.schema, ["force", "period"])
        yield collect.dated(engine.tell(engine.table, plan), plan, Counter())
