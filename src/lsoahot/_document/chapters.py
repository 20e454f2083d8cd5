"""A chapter a theme, and in it a section a measure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lsoahot._prose import nouns
from lsoahot.contrasts import describe_comparison
from lsoahot.sentences import describe_change, describe_season, describe_years
from lsoahot.standings import describe_hotspots, describe_ranking, describe_suppression

from . import alternatives, formats, pictures
from .findings import TOTAL, YEARS_SHOWN
from .paper import Ref
from .tables import Column

if TYPE_CHECKING:
    import pandas as pd

    from .findings import Division, Finding
    from .told import Told

FEW_YEARS: Final = 2
LINES: Final = 7  # more lines than this can't be told apart in a chart
ROWS: Final = 5
ROWS_OF_ALL: Final = 10
SURE_NAMED: Final = 5


def write_measure(told: Told, finding: Finding, *, first: bool) -> None:
    """Write a section: overview, years, map, ranked table, hot spots, comparison, season."""
    paper, measure = told.paper, finding.measure
    paper.heading(measure.title, 2)
    if finding.table.attrs.get("notice") and first:
        told.notice()
    paper.own_words(told.config.report.text.get(measure.name, ""))
    _overview(told, finding)
    _years(told, finding)
    for division in finding.divisions:
        _division(told, finding, division)
    _flags(told, finding)
    _where(told, finding, first=first)
    _comparison(told, finding)
    _season(told, finding)
    withheld = describe_suppression(finding.table)
    paper.say(" ".join(filter(None, [withheld, *finding.silences])))


def _overview(told: Told, finding: Finding) -> None:
    """Say how many there were, how often that is, and what became of them."""
    measure = finding.measure
    if finding.total is None:
        return
    said = [_counted(told, finding)]
    if finding.years is not None and len(finding.years) > 1 and told.is_a_year:
        said.append(describe_change(finding.years, measure.title))
        if len(finding.years) > FEW_YEARS:
            said.append(describe_years(finding.years, measure.title))
    told.paper.say(" ".join(said))


def _counted(told: Told, finding: Finding) -> str:
    """Say how many there were, and their rate."""
    number = int(finding.total or 0)
    many = formats.whole(number) if number else "none"
    said = f"{finding.measure.title} in {told.place} came to {many} from {told.years}"
    if number and finding.population > 0:
        rate = formats.decimal(1000 * number / finding.population)
        said += f", {rate} per 1,000 {told.people(finding)}"
    return f"{said}."


def _years(told: Told, finding: Finding) -> None:
    """Draw the years, or, where there are two, their months."""
    paper, measure, years = told.paper, finding.measure, finding.years
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
            pictures.years_chart(drawn, told.inches, title=measure.title),
            title=f"{measure.title}, {start} to {end}",
            key=f"chart_{measure.name}",
            alt=alternatives.of_years(measure.title, drawn),
        )
    elif not measure.suppress:
        paper.picture(
            "Chart",
            pictures.months_chart(finding.months, told.inches),
            title=f"{measure.title} by month, this year and the year before",
            key=f"chart_{measure.name}",
            alt=alternatives.of_months(measure.title, finding.months),
        )


def _division(told: Told, finding: Finding, division: Division) -> None:
    """Write the categories year by year, and say which changed more than chance."""
    table, paper, measure = division.table, told.paper, finding.measure
    labels = list(dict.fromkeys(table["year"]))
    long = len(labels) > FEW_YEARS and division.column == "category"
    shown = labels[-YEARS_SHOWN:] if long else labels[-FEW_YEARS:]
    key = f"table_{measure.name}_{division.column}"
    last = table[table["year"] == labels[-1]].set_index("category")
    parts = last.drop(index=TOTAL, errors="ignore")
    parts = parts.sort_values("count", ascending=False, kind="stable")
    sure = parts[parts["verdict"].isin(["rose", "fell"])] if len(parts) > 1 else parts[:0]
    said = [describe_change(table, category=str(name)) for name in sure.index[:SURE_NAMED]]
    tested = int(parts["verdict"].notna().sum())
    if len(sure) < tested and told.is_a_year:
        rest = "No" if sure.empty else "No other"
        said.append(f"{rest} category changed more than chance alone would give (")
        paper.say(" ".join(said), Ref(key), ").")
    elif said:
        paper.say(" ".join(said), " (", Ref(key), ")")
    else:
        paper.say("The categories are in ", Ref(key), ".")
    columns, rows = _category_rows(division, shown, parts, last, peaks=not long)
    period = f"{shown[0]} to {shown[-1]}" if len(shown) > 1 else shown[0]
    by = division.column.replace("_", " ")
    notes = []
    if division.partial:
        notes.append(
            f"{formats.DASH}: not recorded throughout that year ({'; '.join(division.partial)})."
        )
    if division.unnamed:
        notes.append(
            f"{division.unnamed:,} of {labels[-1]} have no {by}, and are not in the table."
        )
    notes.append("No percentage is given of fewer than 20.")
    paper.table(
        columns,
        rows,
        title=f"{measure.title} by {by}, {period}",
        key=key,
        total=TOTAL in last.index,
        note=" ".join(notes),
    )


def _flags(told: Told, finding: Finding) -> None:
    """Say what part of the other measures has the flag that this one is about."""
    flagged, measure = finding.flagged, finding.measure
    if flagged is None:
        return
    word = {"alcohol": "alcohol-related", "drugs": "drug-related"}[measure.flag or measure.dataset]
    key = f"table_{measure.name}_flagged"
    shares = flagged["flagged"] / flagged["count"]
    most = flagged.loc[list(dict.fromkeys([flagged.index[0], shares.idxmax()]))]
    said = [
        f"{formats.whole(row['flagged'])} of {formats.whole(row['count'])} in "
        f"{nouns.inside(str(row['measure']))} ({formats.share(row['flagged'], row['count'])})"
        for _, row in most.iterrows()
    ]
    told.paper.say(
        f"Flagged as {word} are {' and '.join(said)}. ", Ref(key), " has the other measures."
    )
    told.paper.table(
        [
            Column("Measure", 6),
            Column("Flagged", 2, is_number=True),
            Column("All", 2, is_number=True),
            Column("Share", 2, is_number=True),
        ],
        [
            [
                str(row["measure"]),
                formats.whole(row["flagged"]),
                formats.whole(row["count"]),
                formats.share(row["flagged"], row["count"]),
            ]
            for _, row in flagged.iterrows()
        ],
        title=f"Crimes flagged as {word}, {told.years}",
        key=key,
    )


def _category_rows(
    division: Division, shown: list[str], parts: pd.DataFrame, last: pd.DataFrame, *, peaks: bool
) -> tuple[list[Column], list[list[str]]]:
    """Lay the categories out: their years, share, change, verdict and peak."""
    table = division.table
    peaks = peaks and any(division.peaks.values())
    columns = [
        Column("Category", 3.3),
        *(Column(label, 1.3, is_number=True) for label in shown),
        Column("Share", 1.35, is_number=True),
    ]
    compared = len(shown) > 1
    if compared:
        columns += [Column("Change", 1.5, is_number=True), Column("%", 1.35, is_number=True)]
        columns += [Column("Verdict", 2.6 if len(shown) <= FEW_YEARS else 1.9)]
    if peaks:
        columns += [Column("Most in a month", 2.4)]
    whole = last["count"].get(TOTAL, last["count"].iloc[0])
    rows = []
    for name in [*parts.index, *(index for index in last.index if index == TOTAL)]:
        own = table[table["category"] == name].set_index("year")
        row = own.loc[shown[-1]]
        if not own["count"].reindex(shown).fillna(0).sum():
            continue
        cells = [str(name), *(formats.whole(own["count"].get(label)) for label in shown)]
        cells.append(formats.share(row["count"], whole))
        if compared:
            cells += [formats.signed(row["change"]), formats.change(row)]
            cells += [formats.verdict(row["verdict"])]
        if peaks:
            cells.append(division.peaks.get(str(name), "") or formats.DASH)
        rows.append(cells)
    return columns, rows


def _where(told: Told, finding: Finding, *, first: bool) -> None:
    """Show where: map, ranked table, hot spots."""
    paper, measure, table = told.paper, finding.measure, finding.table
    shown = table[table["count"].notna()]
    if shown.empty:
        paper.say("All areas' counts are withheld, so that there is no map and no ranked table.")
        return
    map_key, table_key = f"map_{measure.name}", f"table_{measure.name}"
    ranking = describe_ranking(table, unit=told.unit(finding))
    paper.say(
        " ".join(ranking), " " if ranking else "", Ref(map_key), " shows the rates and ",
        Ref(table_key), " lists the areas with most. ", describe_hotspots(table),
    )  # fmt: skip
    legend = f"Rate per 1,000\n{told.people(finding)}"
    paper.picture(
        "Map",
        pictures.rate_map(table, told.inches, legend=legend),
        title=f"{measure.title}, rate per 1,000 {told.people(finding)}, {told.years}",
        key=map_key,
        alt=alternatives.of_map(measure.title, table, told.place, told.people(finding)),
    )
    rows = measure.rows or (ROWS_OF_ALL if first else ROWS)
    ranked = shown.sort_values("rank", kind="stable")
    top = ranked.head(rows)
    columns, cells = ranked_rows(told, top)
    paper.table(
        columns,
        cells,
        title=f"{measure.title}: the {len(top)} areas with most in {told.place}",
        key=table_key,
        note=_cut(ranked, top),
    )


def ranked_rows(told: Told, table: pd.DataFrame) -> tuple[list[Column], list[list[str]]]:
    """Lay areas out in order: rank, name, count, rate with its limits, hot spot."""
    several = told.districts > 1
    columns = [
        Column("Rank", 1.0, is_number=True),
        *([Column("District", 2.4)] if several else []),
        Column("Area", 4.6 if several else 5.6),
        Column("Number", 1.5, is_number=True),
        Column("Rate per 1,000", 1.8, is_number=True),
        Column("95 % limits", 2.5, is_number=True),
        Column("Hot or cold spot", 2.7),
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
                _spot(str(row["hotspot"])),
            ]
        )
    return columns, rows


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


def _comparison(told: Told, finding: Finding) -> None:
    """Compare with the other districts."""
    compared, paper, measure = finding.districts, told.paper, finding.measure
    if compared is None:
        return
    group = f"the {len(compared)} districts compared"
    ours = [name for name in told.own_districts if name in set(compared["area_name"])]
    key = f"table_{measure.name}_districts"
    said = [
        describe_comparison(compared, name, measure.title, group=group)
        for name in ours
        if len(ours) < len(compared)
    ]
    paper.say(" ".join([*said, "All districts are in "]), Ref(key), ".")
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


def _season(told: Told, finding: Finding) -> None:
    """Say when it peaks, and draw the months where any stands out."""
    season, measure = finding.season, finding.measure
    if season is None:
        return
    key = f"chart_{measure.name}_season"
    drawn = bool(season["verdict"].isin(["peak", "trough"]).any())
    said = describe_season(season, measure.title)
    told.paper.say(said, *((" ", Ref(key), " shows all months.") if drawn else ()))
    if drawn:
        told.paper.picture(
            "Chart",
            pictures.season_chart(season, told.inches),
            title=f"{measure.title} by month of the year, against an even year",
            key=key,
            alt=alternatives.of_season(measure.title, season),
        )
