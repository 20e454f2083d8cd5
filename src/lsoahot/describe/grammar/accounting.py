"""What became of the records, in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from . import nouns, numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

# Not of this measure or period at all: no loss, and no part of the base of a percentage.
ELSEWHERE: Final = ("outside the period", "of other categories")


def account(audit: Mapping[str, Any]) -> str:
    """Say how many of the records were counted, and why the others were not."""
    if audit.get("withheld"):
        return str(audit["outcomes"][0]["detail"])
    outcomes = [one for one in audit.get("outcomes", []) if one["rows"]]
    counted = sum(one["rows"] for one in outcomes if one["outcome"].startswith("counted"))
    others = [one for one in outcomes if one["outcome"] in ELSEWHERE]
    lost = [
        one
        for one in outcomes
        if one["outcome"] not in ELSEWHERE and not one["outcome"].startswith("counted")
    ]
    due = counted + sum(one["rows"] for one in lost)
    if not due:
        said = "No record is of this measure and period"
    elif not lost:
        said = f"All {_records(due)} of this measure and period were counted"
        said = said.replace(
            "All 1 record of this measure and period were",
            "The 1 record of this measure and period was",
        )
    else:
        share = f" ({numbers.percent(100 * counted / due)})" if due >= numbers.SMALL_BASE else ""
        reasons = nouns.several(f"{one['rows']:,} {_reason(one['outcome'])}" for one in lost)
        was = "was" if counted == 1 else "were"
        said = f"Of {_records(due)} of this measure and period {counted:,}{share} {was} counted; not counted: {reasons}"
    if others:
        rest = nouns.several(f"{one['rows']:,} {one['outcome']}" for one in others)
        said += f"; beside them the files hold {rest}"
    return f"{said}."


def _records(number: int) -> str:
    return nouns.counted(number, "record")


def _reason(outcome: str) -> str:
    return {"no location": "without a location"}.get(outcome, outcome)
