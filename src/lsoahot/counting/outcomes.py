"""What becomes of records: the outcomes, the account of them, and the warnings that follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from lsoahot.common import area_codes, checks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from lsoahot.common.arrays import Floats, Integers

    from . import missing_months

# Every record has exactly one outcome; the first two are counted.
OUTCOMES: Final = (
    "counted by code", "counted by point", "no location", "outside the areas",
    "in another force's area", "code of another edition", "code not known",
    "outside the period", "no date", "count suppressed at source", "no value to tabulate by",
    "in an area without data",
)  # fmt: skip
(
    BY_CODE, BY_POINT, NO_LOCATION, OUTSIDE, OTHER_FORCE, OTHER_EDITION, NO_CODE,
    OUTSIDE_PERIOD, NO_DATE, HIDDEN, NO_VALUE, NO_DATA,
) = range(len(OUTCOMES))  # fmt: skip
_SHOWN: Final = 2  # remarks of the reader that stand beside a figure
_ALWAYS: Final = (BY_CODE, BY_POINT, NO_LOCATION, OUTSIDE)  # reported even where they are zero


def account(
    records: pd.DataFrame,
    outcome: NDArray[np.int8],
    detail: NDArray[np.int32],
    words: Sequence[str],
    *,
    rows: Integers | None,
    events: Floats | None,
) -> dict[str, Any]:
    """Add up the outcomes, and what was left out when the records were read.

    Parameters
    ----------
    records
        One row a record, or a row for many that are alike; of their ``attrs``, `read` and
        `dataset`.
    outcome, detail
        What became of each row (a number of `OUTCOMES`), and of which edition or force (a number
        of `words`), shape (n,).
    words
        Editions, forces and codes.
    rows, events
        The records and events of each row, shape (n,); None where it is one.
    """
    records_of, sums = _totals(outcome, rows), _totals(outcome, events)
    messages: dict[int, dict[str, int]] = {}
    for i in (OTHER_FORCE, OTHER_EDITION, NO_CODE):
        here = np.flatnonzero(outcome == i) if records_of[i] else np.empty(0, dtype=np.intp)
        of = np.bincount(detail[here], weights=None if rows is None else rows[here])
        each = [(words[k], int(of[k])) for k in np.unique(detail[here])]
        messages[i] = dict(sorted(each, key=lambda pair: (-pair[1], pair[0])))
    outcomes = [
        {
            "outcome": name,
            "rows": int(records_of[i]),
            "events": int(sums[i]),
            "detail": _detail(messages.get(i, {})),
        }
        for i, name in enumerate(OUTCOMES)
        if records_of[i] or i in _ALWAYS
    ]
    read = records.attrs.get("read") or {}
    notes = []
    if left := read.get("left_out"):
        notes.append(f"Left out before, when the file was read: {_detail(left)}.")
    if again := read.get("repeated_ids"):
        notes.append(f"In the source {again:,} records repeat an identifier; all are kept.")
    notes += ledger_notes(read)
    return dict(
        dataset=records.attrs.get("dataset", ""),
        records=int(sum(records_of)),
        events=int(sum(sums)),
        counted=int(records_of[BY_CODE] + records_of[BY_POINT]),
        no_location=int(records_of[NO_LOCATION]),
        outside=int(records_of[OUTSIDE] + records_of[OTHER_FORCE]),
        other_edition=int(records_of[OTHER_EDITION]),
        outcomes=outcomes,
        editions=messages[OTHER_EDITION],
        notes=notes,
        **({"anonymised": True} if records.attrs.get("anonymised") else {}),
    )


def ledger_notes(read: Mapping[str, Any]) -> list[str]:
    """Say what of a source was not read, or read with a remark."""
    notes = []
    if over := read.get("passed_over"):
        what = checks.shown(
            (f"{name} ({why.split('. ')[0].rstrip('.')})" for name, why in over.items()), 3
        )
        notes.append(f"Passed over: {what}.")
    strange = [name for name, fate in read.get("columns", {}).items() if "not understood" in fate]
    if strange:
        notes.append(f"Columns that were not understood: {checks.shown(map(repr, strange), 8)}.")
    if withheld := read.get("withheld"):
        notes.append(
            f"The source gives no figure in {sum(withheld.values()):,} rows: {_detail(withheld)}."
        )
    if taken := read.get("unfiltered"):
        notes.append(f"Nothing in {checks.shown(taken, 3)} says which rows belong: all were taken.")
    return [*notes, *read.get("warnings", [])]


def reading_notice(attrs: Mapping[Any, Any]) -> str:
    """Say what the reader said of the files, for beside every figure: what is wrong, not the cure.

    Of sensitive records only that there is something: a message may hold a small number.

    Examples
    --------
    >>> messages = ["a.csv: 2 dates are later than today. Mend them.", "b.csv is cut. Ask again."]
    >>> reading_notice({"read": {"warnings": messages}})
    'a.csv: 2 dates are later than today; b.csv is cut'
    """
    remark = (attrs.get("read") or {}).get("warnings", [])
    if remark and attrs.get("sensitive"):
        return "the files were not read without remarks: see the messages of the reader"
    wrong = [str(message).split(". ")[0].rstrip(".") for message in remark]
    more = f"; and {len(wrong) - _SHOWN} more remarks of the reader" if len(wrong) > _SHOWN else ""
    return "; ".join(wrong[:_SHOWN]) + more


def _totals(outcome: NDArray[np.int8], of: NDArray[Any] | None) -> list[float]:
    """Add up what has each outcome; without anything to add up, count."""
    if of is None:
        return [float(np.count_nonzero(outcome == i)) for i in range(len(OUTCOMES))]
    return list(np.bincount(outcome, weights=of, minlength=len(OUTCOMES)))


def _detail(notes: dict[str, int]) -> str:
    most = sorted(notes.items(), key=lambda pair: (-pair[1], pair[0]))
    return checks.shown((f"{name} {rows:,}" for name, rows in most), 4)


def warnings(
    areas: gpd.GeoDataFrame, audit: Mapping[str, Any], gaps: missing_months.Gaps
) -> list[str]:
    """Say what would make the map wrong: another edition, forces without data, nothing counted."""
    text = []
    if met := audit["editions"]:
        text.append(
            f"{sum(met.values()):,} records have a code of another edition ({_detail(met)}) than "
            f"the areas ({audit['edition'] or 'not named'}), and were not counted. "
            f"{_advice(met, audit['edition'])}"
        )
    if area_codes.of_grid(areas.index) and audit.get("anonymised"):
        text.append(
            "data.police.uk moves points to fixed places, such as the middle of a street: into "
            "which of two small cells an event falls is chance. Show cells that hold several "
            "streets (500 metres and more), or count by LSOA."
        )
    if gaps.no_data.any():
        forces = [f"{force} ({len(lost)} months)" for force, lost in audit["no_data"].items()]
        text.append(
            f"{int(gaps.no_data.sum()):,} areas have no count, because their police force has no "
            f"data in part of the period: {checks.shown(forces, 6)}. No data is not zero: choose "
            "months that all have, or say gaps='count'."
        )
    if gaps.unknown:
        text.append(
            f"{checks.shown(map(repr, gaps.unknown))} in the column 'force' is the name of no police "
            "force that is known, so no area is taken to lack data. Write forces as data.police.uk "
            f"does ({checks.shown(sorted({*gaps.forces.dropna()}), 3)}), or leave the column out."
        )
    if gaps.nowhere:
        text.append(
            f"No force has data in {checks.shown(gaps.nowhere, 6)}: the period is shorter than it "
            "looks."
        )
    if audit["records"] and not any(o["rows"] for o in audit["outcomes"][: BY_POINT + 1]):
        text.append(
            f"None of the {audit['records']:,} records was counted in the {len(areas):,} areas. "
            "Check that they belong together: print(areas.attrs['audit'])."
        )
    return text


def _advice(met: dict[str, int], edition: str) -> str:
    """Return the line that mends records of another edition."""
    other = next((name for name in met if name in area_codes.LAST_CODE), None)
    if other is not None and edition in area_codes.LAST_CODE:
        return (
            f"Count in their own areas, then convert: lh.convert(table, from_={other!r}, "
            f"to={edition!r}, lookup=...); or bring the records over: lh.convert_records(records, "
            f"areas=areas, from_={other!r}, to={edition!r}); or use the points: lh.count(areas, "
            "records, locate_by='point'). (data.police.uk gives 2021's codes from data month June "
            "2023 on, so that one archive can hold both.)"
        )
    return "Read the boundaries of that edition, or use the points: count(..., locate_by='point')."


def edition_hint(areas: gpd.GeoDataFrame, codes: pd.Index) -> str:
    """Say, where the codes tell, that a table and the areas are of different editions."""
    home = areas.attrs.get("edition") or area_codes.edition_of(areas.index)
    theirs = area_codes.edition_of(codes)
    if home in area_codes.LAST_CODE and theirs and theirs != home:
        return (
            f"The table is of {theirs}, the areas are of {home}: lh.convert(table, "
            f"from_={theirs!r}, to={home!r}, lookup=...) brings them together."
        )
    return "Check that both are of one edition, and of one part of the country."
