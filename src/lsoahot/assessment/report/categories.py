"""What a measure is made of: its categories year by year, and how much of others has its flag."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lsoahot.assessment.report.word.document import Ref
from lsoahot.assessment.report.word.word_tables import Column, figures
from lsoahot.describe import nouns, numbers
from lsoahot.describe.change_clauses import TOTAL
from lsoahot.describe.change_sentences import describe_change

from . import formats

if TYPE_CHECKING:
    import pandas as pd

    from lsoahot.assessment.findings import Finding
    from lsoahot.assessment.over_time import Division

    from .context import Context

YEARS_SHOWN: Final = 6
FEW_YEARS: Final = 2
SURE_NAMED: Final = 5


def write_division(context: Context, finding: Finding, division: Division) -> None:
    """Write the categories year by year, and say which changed more than chance."""
    table, paper, measure = division.table, context.paper, finding.measure
    labels = list(dict.fromkeys(table["year"]))
    long = len(labels) > FEW_YEARS and division.column == "category"
    shown = labels[-YEARS_SHOWN:] if long else labels[-FEW_YEARS:]
    key = f"table_{measure.name}_{division.column}"
    last = table[table["year"] == labels[-1]].set_index("category")
    parts = last.drop(index=TOTAL, errors="ignore")
    parts = parts.sort_values("count", ascending=False, kind="stable")
    sure = parts[parts["verdict"].isin(["rose", "fell"])] if len(parts) > 1 else parts[:0]
    text = [describe_change(table, category=str(name)) for name in sure.index[:SURE_NAMED]]
    by = division.column.replace("_", " ")
    if text:
        paper.say(context.dated(" ".join(text)), " (", Ref(key), ")")
    else:
        paper.say(f"By {by}: ", Ref(key), ".")
    tested = len(parts) > 1 and parts["verdict"].notna().any() and context.config.is_a_year
    none = "; no part of it changed clearly" if tested and sure.empty else ""
    columns, rows = _category_rows(
        context, division, shown=shown, parts=parts, last=last, peaks=not long
    )
    notes = []
    if division.partial:
        notes.append(
            f"{formats.DASH}: not recorded throughout that year ({'; '.join(division.partial)})."
        )
    if division.unnamed:
        notes.append(
            context.dated(
                f"{division.unnamed:,} of {labels[-1]} have no {by}, and are not in the table."
            )
        )
    if "percentages" not in context.noted:  # said once
        context.noted.add("percentages")
        notes.append("In all tables, no percentage is given of fewer than 20 events.")
    paper.table(
        columns,
        rows,
        title=f"{measure.title} by {by}, {context.span_of(shown)}{none}",
        key=key,
        total=TOTAL in last.index,
        note=" ".join(notes),
    )


def write_flags(context: Context, finding: Finding) -> None:
    """Say what part of the other measures has the flag that this one is about."""
    flagged, measure = finding.flagged, finding.measure
    if flagged is None:
        return
    word = {"alcohol": "alcohol-related", "drugs": "drug-related"}[measure.flag or measure.dataset]
    key = f"table_{measure.name}_flagged"
    shares = flagged["flagged"] / flagged["count"]
    most = flagged.loc[list(dict.fromkeys([flagged.index[0], shares.idxmax()]))]
    text = [
        f"{formats.whole(row['flagged'])} of {formats.whole(row['count'])} in "
        f"{nouns.inside(str(row['measure']))} ({formats.share(row['flagged'], row['count'])})"
        for _, row in most.iterrows()
    ]
    context.paper.say(
        f"Flagged as {word} are {' and '.join(text)}. ", Ref(key), " has the other measures."
    )
    context.paper.table(
        [Column("Measure"), *figures("Flagged", "All", "Share")],
        [
            [
                str(row["measure"]),
                formats.whole(row["flagged"]),
                formats.whole(row["count"]),
                formats.share(row["flagged"], row["count"]),
            ]
            for _, row in flagged.iterrows()
        ],
        title=f"Crimes flagged as {word}, {context.years}",
        key=key,
    )


def _category_rows(
    context: Context,
    division: Division,
    *,
    shown: list[str],
    parts: pd.DataFrame,
    last: pd.DataFrame,
    peaks: bool,
) -> tuple[list[Column], list[list[str]]]:
    """Lay the categories out: their years, share, change, verdict and peak."""
    table = division.table
    peaks = peaks and any(division.peaks.values())
    columns = [Column("Category"), *figures(*map(context.year, shown), "Share")]
    compared = len(shown) > 1
    if compared:
        columns += [*figures("Change", "%"), Column("Verdict")]
    if peaks:
        columns += [Column("Most in a month")]
    whole = last["count"].get(TOTAL, last["count"].iloc[0])
    counts = table.set_index(["category", "year"])["count"].to_dict()
    rows = []
    for name in [*parts.index, *(index for index in last.index if index == TOTAL)]:
        row, own = last.loc[name], [counts[name, label] for label in shown]
        if not any(map(numbers.number, own)):
            continue
        cells = [str(name), *map(formats.whole, own)]
        cells.append(formats.share(row["count"], whole))
        if compared:
            cells += formats.change_cells(row)
        if peaks:
            cells.append(division.peaks.get(str(name), "") or formats.DASH)
        rows.append(cells)
    return columns, rows
