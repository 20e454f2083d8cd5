"""A chapter a theme, and in it a section a measure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lsoahot.assessment.report.word.document import Ref
from lsoahot.assessment.report.word.word_tables import Column
from lsoahot.assessment.streets import streets_of
from lsoahot.describe import numbers
from lsoahot.describe.area_clauses import NO_CLUSTER
from lsoahot.describe.area_sentences import (
    describe_hotspots,
    describe_ranking,
    describe_suppression,
)
from lsoahot.describe.change_sentences import describe_change, describe_season, describe_years
from lsoahot.describe.comparison_sentences import describe_comparison

from . import formats, pictures
from .categories import FEW_YEARS, write_division, write_flags

if TYPE_CHECKING:
    import pandas as pd

    from lsoahot.assessment.findings import Finding

    from .context import Context

LINES: Final = 7  # more lines than this can't be told apart in a chart
ROWS: Final = 5
NO_STEP: Final = " No step from one year to the next was clear."
STREETS: Final = 3  # areas whose streets are named
ROWS_OF_ALL: Final = 10


def write_measure(context: Context, finding: Finding, *, first: bool) -> None:
    """Write a section: overview, years, map, ranked table, hot spots, comparison, season."""
    paper, measure = context.paper, finding.measure
    paper.heading(measure.title, 2)
    if first:
        context.notice()
    elif finding.table.attrs.get("notice"):
        context.notice(finding.table, again=False)
    paper.own_words(context.config.report.text.get(measure.name, ""))
    _overview(context, finding)
    _years(context, finding)
    for division in finding.divisions:
        write_division(context, finding, division)
    write_flags(context, finding)
    _where(context, finding, first=first)
    _comparison(context, finding)
    _season(context, finding)
    withheld = describe_suppression(finding.table)
    paper.say(" ".join(filter(None, [withheld, *finding.silences])))


def _overview(context: Context, finding: Finding) -> None:
    """Say how many there were, how often that is, and what became of them."""
    measure = finding.measure
    if finding.total is None:
        return
    text = [_counted(context, finding)]
    if finding.years is not None and len(finding.years) > 1 and context.is_a_year:
        text.append(describe_change(finding.years, measure.title))
        if len(finding.years) > FEW_YEARS:
            text.append(describe_years(finding.years, measure.title).removesuffix(NO_STEP))
    context.paper.say(" ".join(text))


def _counted(context: Context, finding: Finding) -> str:
    """Say how many there were, and their rate."""
    number = int(finding.total or 0)
    many = formats.whole(number) if number else "none"
    text = f"{finding.measure.title} in {context.place} came to {many} from {context.years}"
    if number and finding.population > 0:
        rate = formats.decimal(1000 * number / finding.population)
        text += f", {rate} per 1,000 {context.people(finding)}"
    return f"{text}."


def _years(context: Context, finding: Finding) -> None:
    """Draw the years, or, where there are two, their months."""
    paper, measure, years = context.paper, finding.measure, finding.years
    if years is None or finding.months is None or len(years) < FEW_YEARS:
        return
    if len(years) > FEW_YEARS:
        drawn = years
        for division in finding.divisions[:1]:
            parts = division.table["category"].nunique() - 1
            if parts <= LINES and not division.partial:
                drawn = division.table
        start, end = years["year"].iloc[0], years["year"].iloc[-1]
        paper.picture(
            "Chart",
            pictures.years_chart(drawn, context.inches, title=measure.title),
            title=f"{measure.title}, {start} to {end}",
            key=f"chart_{measure.name}",
            alt=pictures.of_years(measure.title, drawn),
        )
    elif not measure.suppress:
        paper.picture(
            "Chart",
            pictures.months_chart(finding.months, context.inches),
            title=f"{measure.title} by month, this year and the year before",
            key=f"chart_{measure.name}",
            alt=pictures.of_months(measure.title, finding.months),
        )


def _where(context: Context, finding: Finding, *, first: bool) -> None:
    """Show where: map, ranked table, hot spots."""
    paper, measure, table = context.paper, finding.measure, finding.table
    shown = table[table["count"].notna()]
    if shown.empty:
        paper.say("All areas' counts are withheld, so that there is no map and no ranked table.")
        return
    map_key, table_key = f"map_{measure.name}", f"table_{measure.name}"
    ranking = describe_ranking(table, unit=context.unit(finding))
    high = describe_hotspots(table, unit=context.unit(finding), whole=context.whole)
    # That no cluster was found is said once for all measures, in the summary.
    high = high.replace(NO_CLUSTER, "").replace("  ", " ").strip()
    paper.say(" ".join(filter(None, [high, *_streets(context, finding)])))
    paper.say(
        " ".join(ranking), " " if ranking else "", Ref(map_key), " shows the rates and ",
        Ref(table_key), " lists the areas with most.",
    )  # fmt: skip
    paper.picture(
        "Map",
        context.maps[measure.name],
        title=f"{measure.title}, rate per 1,000 {context.people(finding)}, {context.years}",
        key=map_key,
        alt=pictures.of_map(measure.title, table, context.place, context.people(finding)),
    )
    rows = measure.rows or (ROWS_OF_ALL if first else ROWS)
    ranked = shown.sort_values("rank", kind="stable")
    top = ranked.head(rows)
    columns, cells = ranked_rows(context, top)
    paper.table(
        columns,
        cells,
        title=f"{measure.title}: the {len(top)} areas with most in {context.place}",
        key=table_key,
        note=_cut(ranked, top),
    )


def _streets(context: Context, finding: Finding) -> list[str]:
    """Name the streets that most records of the first areas are on or near."""
    named = streets_of(context.assessment, finding.measure)
    first = finding.table[finding.table["count"].notna()].sort_values("rank", kind="stable")
    return [
        f"In {name} most are on or near {named[code]}."
        for code, name in zip(first.index[:STREETS], pictures.names(first)[:STREETS], strict=True)
        if code in named.index
    ]


def ranked_rows(context: Context, table: pd.DataFrame) -> tuple[list[Column], list[list[str]]]:
    """Lay areas out in order: rank, name, count, rate with its limits, hot spot."""
    several = context.districts > 1
    columns = [
        Column("Rank", 1.0, is_number=True),
        *([Column("District", 2.4)] if several else []),
        Column("Area", 3.2 if several else 4.6),
        Column("Number", 1.5, is_number=True),
        Column("Rate per 1,000", 1.6, is_number=True),
        Column("95 % limits", 2.4, is_number=True),
        Column("Times the rate of all", 1.7, is_number=True),
        Column("Level", 2.4),
        Column("Cluster", 2.2),
    ]
    rows = []
    for code, row in table.iterrows():
        name = row.get("area_name")
        hidden = np.asarray(row["count"] is None or row["count"] != row["count"]).item()
        withheld = bool(row.get("suppressed", False))
        rows.append(
            [
                formats.whole(row["rank"]),
                *([str(row["district"])] if several else []),
                str(code if name is None else name),
                formats.WITHHELD if withheld else formats.whole(None if hidden else row["count"]),
                formats.decimal(row["rate"]),
                formats.limits(row, "rate_lower", "rate_upper"),
                _ratio(row),
                str(row["level"]),
                _spot(str(row["hotspot"])),
            ]
        )
    return columns, rows


def _ratio(row: pd.Series) -> str:
    """Write how many times the rate of all areas an area's is."""
    count, excess = numbers.number(row["count"]), numbers.number(row["excess"])
    if count is None or excess is None or not count > excess:
        return formats.DASH
    return f"{count / (count - excess):.1f}"


def _spot(word: str) -> str:
    """Leave out what is not found."""
    return word.replace("%", " %") if "spot" in word else formats.DASH


def _cut(ranked: pd.DataFrame, top: pd.DataFrame) -> str:
    """Say who is level with the last area of a list, but below it by name."""
    level = int((ranked["count"] == top["count"].iloc[-1]).sum())
    left = level - int((top["count"] == top["count"].iloc[-1]).sum())
    if not left or not top["count"].iloc[-1]:
        return ""
    more = "1 more area is" if left == 1 else f"{left} more areas are"
    return f"{more} level with the last one listed."


def _comparison(context: Context, finding: Finding) -> None:
    """Compare with the other districts."""
    compared, paper, measure = finding.districts, context.paper, finding.measure
    if compared is None:
        return
    group = f"the {len(compared)} districts compared"
    ours = [name for name in context.own_districts if name in set(compared["area_name"])]
    key = f"table_{measure.name}_districts"
    text = [
        describe_comparison(compared, name, measure.title, group=group)
        for name in ours
        if len(ours) < len(compared)
    ]
    paper.say(" ".join([*text, "All districts are in "]), Ref(key), ".")
    columns = [
        Column("Place", 1.2),
        Column("District", 3.6),
        Column("Number", 1.6, is_number=True),
        Column("Population", 1.9, is_number=True),
        Column("Rate per 1,000", 1.9, is_number=True),
        Column("In line within", 2.6, is_number=True),
        Column("Verdict", 3.0),
    ]
    rows = [
        [
            str(row["rank"]),
            str(row["area_name"]),
            formats.whole(row["count"]),
            formats.whole(row["population"]),
            formats.decimal(row["rate"]),
            formats.limits(row, "funnel_lower_95", "funnel_upper_95"),
            str(row["verdict"]),
        ]
        for _, row in compared.iterrows()
    ]
    mean = formats.decimal(compared["group_rate"].iloc[0])
    paper.table(
        columns,
        rows,
        title=f"{measure.title} in {group}, lowest rate first",
        key=key,
        note=f"The mean of the districts' rates is {mean} per 1,000.",
    )


def _season(context: Context, finding: Finding) -> None:
    """Say when it peaks, and draw the months where any stands out."""
    season, measure = finding.season, finding.measure
    if season is None:
        return
    key = f"chart_{measure.name}_season"
    drawn = bool(season["verdict"].isin(["peak", "trough"]).any())
    text = describe_season(season, measure.title)
    context.paper.say(text, *((" ", Ref(key), " shows all months.") if drawn else ()))
    if drawn:
        context.paper.picture(
            "Chart",
            pictures.season_chart(season, context.inches),
            title=f"{measure.title} by month of the year",
            key=key,
            alt=pictures.of_season(measure.title, season),
        )
