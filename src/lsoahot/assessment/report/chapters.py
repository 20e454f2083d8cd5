"""A chapter a theme, and in it a section a measure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lsoahot.assessment.findings import opening
from lsoahot.assessment.report.word.document import Ref
from lsoahot.assessment.report.word.word_tables import Column, figures, words
from lsoahot.assessment.streets import streets_of
from lsoahot.describe import numbers
from lsoahot.describe.area_clauses import NO_CLUSTER, clusters, levels, names
from lsoahot.describe.area_sentences import describe_ranking, describe_suppression
from lsoahot.describe.change_sentences import describe_season, describe_years

from . import formats, pictures
from .categories import FEW_YEARS, write_division, write_flags

if TYPE_CHECKING:
    import pandas as pd

    from lsoahot.assessment.findings import Finding

    from .context import Context

LINES: Final = 7  # more lines than this can't be told apart in a chart
ROWS: Final = 5
MAP: Final = 0.86  # of the width of the text: what follows fits on the page more often
NO_STEP: Final = " No step from one year to the next was clear."
ROWS_OF_ALL: Final = 10


def write_measure(context: Context, finding: Finding, *, first: bool) -> None:
    """Write a section: overview, years, map, ranked table, hot spots, comparison, season."""
    paper, measure = context.paper, finding.measure
    paper.heading(measure.title, 2)
    if first:
        context.notice()
    elif finding.table.attrs.get("notice"):
        context.notice(finding.table, again=False)
    context.write_text(measure.name)
    _overview(context, finding)
    _where(context, finding, first=first)
    _comparison(context, finding)
    _years(context, finding)
    for division in finding.divisions:
        write_division(context, finding, division)
    write_flags(context, finding)
    _season(context, finding)
    withheld = describe_suppression(finding.table)
    paper.say(" ".join(filter(None, [withheld, *finding.silences])))


def _overview(context: Context, finding: Finding) -> None:
    """Say how many there were, how often that is, and what became of them."""
    text = opening(finding, context.config, f"in {context.place}")
    if len(text) > 1 and finding.years is not None and len(finding.years) > FEW_YEARS:
        years = describe_years(finding.years, finding.measure.title)
        text.append(context.dated(years.removesuffix(NO_STEP)))
    context.paper.say(" ".join(text))


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
        drawn = drawn.assign(year=drawn["year"].astype(str).str.removeprefix("FY "))
        paper.picture(
            "Chart",
            pictures.years_chart(drawn, context.inches, title=measure.title),
            title=f"{measure.title}, {context.span_of(list(years['year']))}",
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
    for line in _high(context, finding):
        paper.bullet(line)
    ranking = " ".join(describe_ranking(table, unit=context.unit(finding)))
    paper.say(f"{ranking} (" if ranking else "(", Ref(map_key), ", ", Ref(table_key), ")")
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
        together=len(top) <= ROWS,
    )
    paper.picture(
        "Map",
        context.maps[measure.name],
        scale=MAP,
        title=f"{measure.title}, rate per 1,000 {measure.people}, {context.years}",
        key=map_key,
        alt=pictures.of_map(measure.title, table, context.place, measure.people),
    )


def _high(context: Context, finding: Finding) -> list[str]:
    """Say line by line which areas are high, with the streets named most; then the clusters."""
    table, unit = finding.table, context.unit(finding)
    hidden = table["count"].isna()
    shown = table[~hidden]
    named = streets_of(context.assessment, finding.measure)
    streets = {
        name: f" Most are on or near {named[code]}."
        for code, name in zip(shown.index, names(shown), strict=True)
        if code in named.index
    }
    lines = levels(shown, unit=unit, whole=context.whole)
    lines = [line + streets.get(line.split(": ")[0], "") for line in lines]
    # That no cluster was found is said once for all measures, in the summary; and so is what is
    # withheld, at the end of the section.
    return lines + [one for one in clusters(shown) if one != NO_CLUSTER]


def ranked_rows(context: Context, table: pd.DataFrame) -> tuple[list[Column], list[list[str]]]:
    """Lay areas out in order: rank, name, count, rate with its limits, hot spot."""
    several = len(context.own_districts) > 1
    hotspots = [
        word.replace("%", "\N{NO-BREAK SPACE}%") if "spot" in word else formats.DASH
        for word in table["hotspot"].astype(str)
    ]
    clustered = any(one != formats.DASH for one in hotspots)
    columns = [
        *figures("Rank"),
        *words(*(["District"] if several else []), "Area"),
        *figures("Number", "Rate per 1,000", "95 % limits", "Times the rate"),
        *words("Level", *(["Cluster"] if clustered else [])),
    ]
    rows = []
    for (code, row), hotspot in zip(table.iterrows(), hotspots, strict=True):
        name = row.get("area_name")
        withheld = bool(row.get("suppressed", False))
        rows.append(
            [
                formats.whole(row["rank"]),
                *([str(row["district"])] if several else []),
                str(code if name is None else name),
                formats.WITHHELD if withheld else formats.whole(row["count"]),
                formats.decimal(row["rate"]),
                formats.limits(row, "rate_lower", "rate_upper"),
                _ratio(row),
                str(row["level"]),
                *([hotspot] if clustered else []),
            ]
        )
    return columns, rows


def _ratio(row: pd.Series) -> str:
    """Write how many times the rate of all areas an area's is."""
    count, excess = numbers.number(row["count"]), numbers.number(row["excess"])
    if count is None or excess is None or not count > excess:
        return formats.DASH
    return f"{count / (count - excess):.1f}"


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
    key = f"table_{measure.name}_districts"
    paper.say(" ".join([*context.comparisons(finding), "All districts are in "]), Ref(key), ".")
    columns = [
        *words("Place", "District"),
        *figures("Number", "Population", "Rate per 1,000", "In line within"),
        *words("Verdict"),
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
        title=f"{measure.title} in the {len(compared)} districts compared, lowest rate first",
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
    if not drawn and not (season["verdict"] == "spell").any():
        return  # what does not stand out need not be told measure by measure
    text = context.dated(describe_season(season, measure.title))
    context.paper.say(text, *((" (", Ref(key), ")") if drawn else ()))
    if drawn:
        context.paper.picture(
            "Chart",
            pictures.season_chart(season, context.inches),
            title=f"{measure.title} by month of the year",
            key=key,
            alt=pictures.of_season(measure.title, season),
        )
