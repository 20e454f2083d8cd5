"""Tables of figures from elsewhere: years or quarters, and profiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsoahot.assessment.report.word.document import Ref
from lsoahot.assessment.report.word.word_tables import figures, words
from lsoahot.assessment.settings_tables import read_extra, yearly_figures
from lsoahot.common import checks
from lsoahot.describe.change_sentences import describe_change
from lsoahot.describe.comparison_sentences import describe_profile
from lsoahot.statistics.profiles import ALIKE, profile
from lsoahot.statistics.trends import trend

from . import formats

if TYPE_CHECKING:
    import pandas as pd

    from lsoahot.assessment.report_settings import ExtraTable

    from .context import Context


def write_extra(context: Context, extra: ExtraTable) -> None:
    """Write a section of a table that the settings name."""
    table = read_extra(extra)
    context.paper.heading(extra.title, 2)
    context.write_text(extra.name)
    write = {"trend": _years, "profile": _profile, "plain": _grid}[extra.kind]
    write(context, extra, table)


def _years(context: Context, extra: ExtraTable, table: pd.DataFrame) -> None:
    """Write years or quarters, with the last one's change."""
    result = trend(yearly_figures(extra, table))
    last = result[result["year"] == result["year"].iloc[-1]].set_index("category")
    key = f"table_{extra.name}"
    text = describe_change(result, extra.title if len(last) > 1 else str(last.index[0]))
    context.paper.say(text, " (", Ref(key), ")")
    labels = [str(name) for name in table.columns]
    columns = [
        *words(str(table.index.name)), *figures(*labels, "Change", "%"), *words("Verdict"),
    ]  # fmt: skip
    rows = []
    for name, row in last.iterrows():
        own = result[result["category"] == name].set_index("year")["count"]
        own_counts = [formats.whole(own.get(label)) for label in labels]
        rows.append([str(name), *own_counts, *formats.change_cells(row)])
    context.paper.table(
        columns,
        rows,
        title=extra.title,
        key=key,
        total=len(last) > 1,
        note="No percentage is given of fewer than 20.",
    )


def _profile(context: Context, extra: ExtraTable, table: pd.DataFrame) -> None:
    """Write two profiles side by side, with what differs more than chance."""
    local, reference = str(extra.local), str(extra.reference)
    checks.columns(table, [local, reference], f"table {extra.name!r}")
    result = profile(
        table,
        local,
        reference,
        local_total=extra.local_total,
        reference_total=extra.reference_total,
        contains_local=extra.contains_local,
    )
    key = f"table_{extra.name}"
    context.paper.say(" ".join(describe_profile(result, local, reference)), " (", Ref(key), ")")
    _grid(
        context,
        extra,
        table,
        verdicts=list(result["verdict"]),
        compared=f"{local} against {reference}",
    )


def _grid(
    context: Context,
    extra: ExtraTable,
    table: pd.DataFrame,
    *,
    verdicts: list[str] | None = None,
    compared: str = "",
) -> None:
    """Write a table as it stands, and where there are verdicts, these beside it."""
    columns = [*words(str(table.index.name)), *figures(*map(str, table.columns))]
    rows = [
        [str(name), *map(str, row)] for name, row in zip(table.index, table.values, strict=True)
    ]
    note = ""
    if verdicts is not None:
        columns += words("Verdict")
        rows = [
            [*row, formats.DASH if word == ALIKE else formats.verdict(word)]
            for row, word in zip(rows, verdicts, strict=True)
        ]
        note = (
            f"Verdict: {compared}, by Fisher's exact test; {formats.DASH} is no clear difference."
        )
    context.paper.table(columns, rows, title=extra.title, key=f"table_{extra.name}", note=note)
