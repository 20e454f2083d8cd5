"""Emerging trends: what rose, which areas changed, which hot spots are new or lasting."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Final

from lsoahot.assessment.report.word.document import Ref
from lsoahot.assessment.report.word.word_tables import figures, words
from lsoahot.assessment.settings import YEAR
from lsoahot.common.class_labels import NOT_TESTED
from lsoahot.counting.counts import count
from lsoahot.counting.locate import Options, locate
from lsoahot.describe.change_clauses import SURE
from lsoahot.describe.change_sentences import describe_change
from lsoahot.statistics.changes import change, dispersion
from lsoahot.statistics.emerging import emerging_hotspots
from lsoahot.statistics.neighbours import touching

from . import formats

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from lsoahot.assessment.findings import Finding

    from .context import Context

# Of rarer events than one an area a month, no monthly hot spot could be found.
OFTEN: Final = 1.0
LONGEST: Final = 36  # months of history
LISTED: Final = 15  # areas a table


def write_emerging(context: Context) -> None:
    """Write the chapter."""
    paper = context.paper
    paper.heading("Emerging trends and threats")
    rising = [
        describe_change(finding.years, finding.measure.title).replace(f"; {SURE}", "")
        for finding in context.findings
        if finding.years is not None
        and context.config.is_a_year
        and finding.years["verdict"].iloc[-1] == "rose"
    ]
    paper.heading("What clearly rose", 2)
    if rising:
        for wording in rising:
            paper.bullet(wording)
    else:
        paper.say("No measure rose clearly.")
    open_measures = [one for one in context.findings if not one.measure.suppress]
    _changed(context, open_measures)
    _histories(context, open_measures)
    if len(open_measures) < len(context.findings):
        paper.say(
            "Of measures whose small counts are withheld, areas are not followed over time: a "
            "change tells both counts."
        )
    paper.heading("Threats and developments", 2)
    context.write_text("emerging", "what partners expect that figures do not show yet.")


def _changed(context: Context, measures: list[Finding]) -> None:
    """Say which areas rose or fell, measure by measure."""
    paper = context.paper
    tables = {
        finding.measure.title: table
        for finding in measures
        if (table := area_changes(context, finding)) is not None
    }
    if not tables:
        return
    paper.heading("Areas that changed", 2)
    rows, left = [], []
    for title, table in tables.items():
        moved = table[table["change_class"].astype(str).str.startswith(("Rose", "Fell"))]
        moved = moved.sort_values("change_q", kind="stable")
        rows += [_changed_row(title, row) for _, row in moved.head(LISTED).iterrows()]
        if len(moved) > LISTED:
            left.append(f"{title}: the {LISTED} surest of {len(moved)}")
    if not rows:
        paper.say(
            f"In no area of {context.place} did {'any measure' if len(tables) > 1 else 'the measure'} "
            "change clearly, once all areas are looked at."
        )
        return
    key = "table_changed_areas"
    paper.say("Areas whose number clearly changed are in ", Ref(key), ".")
    paper.table(
        [
            *words("Measure", "Area"),
            *figures("Year before", "This year", "Ratio, 95 % limits"),
            *words("Verdict"),
        ],
        rows,
        title="Areas that changed since the year before",
        key=key,
        note=f"{'; '.join(left)}." if left else "",
    )


def _changed_row(title: str, row: pd.Series) -> list[str]:
    """Lay out one area's change."""
    return [
        title,
        str(row.get("area_name", row.name)),
        formats.whole(row["count_then"]),
        formats.whole(row["count"]),
        f"{row['rate_ratio']:.2f} ({formats.limits(row, 'ratio_lower', 'ratio_upper', 2)})",
        str(row["change_class"]).replace("%", " %"),
    ]


def area_changes(context: Context, finding: Finding) -> gpd.GeoDataFrame | None:
    """Compare the areas with the year before, tested among all that were loaded; worked out once."""
    if finding.measure.name not in context.changed:
        context.changed[finding.measure.name] = _area_changes(context, finding)
    return context.changed[finding.measure.name]


def _area_changes(context: Context, finding: Finding) -> gpd.GeoDataFrame | None:
    """Compare the areas with the year before."""
    if finding.months is None or len(finding.months) < 2 * YEAR or not context.config.is_a_year:
        return None
    result, measure = context.assessment, finding.measure
    start, end = result.config.start, result.config.end
    with warnings.catch_warnings(action="ignore", category=UserWarning):
        records = _coded_records(context, finding)
        this = result.config.period_of(records)
        now = count(result.areas, records, locate_by=measure.locate_by, period=this)
        before = (str(start - YEAR), str(end - YEAR))
        then = count(result.areas, records, locate_by=measure.locate_by, period=before)
        both = records[(records["period"] >= start - YEAR) & (records["period"] <= end)]
        changed = change(then, now, population=None, dispersion=dispersion(both))
    return changed.loc[finding.table.index]


def _coded_records(context: Context, finding: Finding) -> pd.DataFrame:
    """Return a measure's records, those that were located by points with the code of their area."""
    areas, measure = context.assessment.areas, finding.measure
    records = context.assessment.records[measure.name]
    if measure.locate_by == "code" and "area_code" in records:
        return records
    place = locate(areas, records, Options(measure.locate_by)).position
    return records.assign(area_code=areas.index.take(place))[place >= 0]


def _histories(context: Context, measures: list[Finding]) -> None:
    """Say which hot spots are new, lasting or gone, where the months suffice."""
    paper, result = context.paper, context.assessment
    rows, reported, rare, left = [], [], [], []
    graph = None
    for finding in measures:
        if finding.months is None:  # or there are whole years of them, and so enough
            continue
        months = min(len(finding.months), LONGEST)
        if finding.months.iloc[-months:].sum() < OFTEN * months * len(finding.table):
            rare.append(finding.measure.title)
            continue
        if graph is None:
            graph = touching(result.areas, rule=result.config.rule, islands=result.config.islands)
        first = result.config.end - (months - 1)
        with warnings.catch_warnings(action="ignore", category=UserWarning):
            history = emerging_hotspots(
                result.areas,
                _coded_records(context, finding),
                graph=graph,
                period=(str(first), str(result.config.end)),
                population=finding.measure.population,
            ).loc[finding.table.index]
        reported.append(f"{finding.measure.title} ({months} months)")
        classed = history[~history["emerging"].isin(["No pattern detected", NOT_TESTED])]
        classed = classed.sort_values(["emerging", "months_hot"], ascending=[True, False])
        if len(classed) > LISTED:
            left.append(f"{finding.measure.title}: {LISTED} of {len(classed)} areas")
        rows += [
            _history_row(finding.measure.title, row) for _, row in classed.head(LISTED).iterrows()
        ]
    paper.heading("Hot spots over time", 2)
    if rare:
        paper.say(
            f"Too rare for a map of each month, with less than one event an area a month: "
            f"{', '.join(rare)}."
        )
    if not reported:
        paper.say(
            "No measure is frequent enough, over enough months, to follow its hot spots month by "
            "month. What changes is told by the years instead."
        )
        return
    if not rows:
        paper.say(f"No area has a history of hot or cold spots in {'; '.join(reported)}.")
        return
    key = "table_histories"
    paper.say(
        f"Followed month by month: {'; '.join(reported)}. Areas that were hot or cold spots are in ",
        Ref(key), ".",
    )  # fmt: skip
    paper.table(
        [*words("Measure", "Area", "History"), *figures("Months hot", "Months cold")],
        rows,
        title="Hot and cold spots over time",
        key=key,
        note="New: the last month only. Consecutive: without a break up to the last month. "
        "Persistent: nine months in ten. Sporadic: off and on. Oscillating: cold before. "
        "Historical: nine months in ten, but not the last."
        + (f" {'; '.join(left)}." if left else ""),
    )


def _history_row(title: str, row: pd.Series) -> list[str]:
    """Lay out one area's history."""
    return [
        title,
        str(row.get("area_name", row.name)),
        str(row["emerging"]),
        formats.whole(row["months_hot"]),
        formats.whole(row["months_cold"]),
    ]
