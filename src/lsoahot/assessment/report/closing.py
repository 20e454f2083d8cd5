"""Method and data quality, conclusion, appendix, and what the file says of itself."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Final

from docx.oxml.ns import qn

from lsoahot.assessment.notices import boundaries_of
from lsoahot.assessment.report.word.fields import xml_of
from lsoahot.assessment.report.word.user_text import clean, date_of
from lsoahot.assessment.report.word.word_tables import Column, figures
from lsoahot.describe import nouns
from lsoahot.describe.area_sentences import describe_suppression
from lsoahot.records.dataset import OGL
from lsoahot.records.datasets import DATASETS

from . import formats

if TYPE_CHECKING:
    import pandas as pd

    from .context import Context

# How the audit's outcomes are headed; all others are "not counted".
HEADED: Final = {
    "outside the period": "Other periods",
    "of other categories": "Other categories",
    "no location": "No location",
    "outside the areas": "Outside the areas",
    "of another edition": "Other edition",
}

PLAIN_WORDS: Final = """
- **Rate**: how many events there were for every 1,000 people who live in an area. Town centres have
  high rates because many people come there who do not live there.
- **Times the rate of all**: an area's rate beside that of all areas together; and how many events
  more it had than it would have at that rate. "Far above" is surely at least twice the rate of all,
  "Above" at least one and a half times, "Probably above" likely so; "Near average", "Below" and
  "Far below" are the other way. "Surely" is in 95 of 100 cases, the luck of small numbers allowed
  for. "Can't tell": the numbers are too small to say.
- **95 % limits**: where the rate lies in the long run, for 95 areas of 100. Small areas have wide
  limits: do not read anything into a difference that lies within them.
- **Cluster (hot spot)**: high areas that lie together: an area that with its neighbours is higher
  than areas placed at random would be. Where none is found, there may still be one. 99 % is surer
  than 95 %, and 95 % surer than 90 %. It does not say why.
- **Clear change**: numbers go up and down from year to year without a cause. A change is called clear
  if the usual ups and downs of the months would give one as large in fewer than 5 of 100 years.
- **Many at once**: of 100 areas, or categories, five would look special by luck. The tests are
  adjusted for this (Benjamini and Hochberg).
- **Season**: the same months of several years added up and compared with the average month. A month
  that stood out in one year only is named with that year.
- **Comparison**: each district's rate against the mean of all districts compared, allowing for how
  much districts usually differ.
"""
LIMITS: Final = """
- It counts what was recorded. What is not reported to a partner is not in it, and a rise may be a
  rise in reporting.
- It does not say why. A hot spot is where to look, not what to do.
- It does not predict what any person or place will do.
- Rates are per resident. They say little where few people live and many pass through.
- Where an event was recorded may not be where it happened; police data for the public are moved to
  a point nearby.
"""


def write_method(context: Context) -> None:
    """Write where the figures come from, what was left out, and how they were tested."""
    paper, areas = context.paper, context.assessment.areas
    paper.heading("Method and data quality")
    context.write_text("method")
    paper.heading("What was counted", 2)
    _audit(context)
    paper.heading("Boundaries, people and sources", 2)
    paper.bullet(f"Boundaries: {boundaries_of(areas) or 'not said'}.")
    people = areas.attrs.get("population_source") or "as given with the boundaries"
    paper.bullet(f"Population: {people}, the same for every year.")
    paper.bullet(
        f"Hot spots were tested among {len(areas):,} areas, so that an area at the edge has its "
        f"neighbours; {len(context.shown):,} of them are reported."
    )
    attribution = str(areas.attrs.get("attribution") or "").strip()
    if attribution:
        paper.bullet(attribution)
    licences = dict.fromkeys(
        DATASETS[one.measure.dataset].licence
        for one in context.findings
        if one.measure.dataset in DATASETS
        and not context.assessment.records[one.measure.name].attrs.get("notice")
    )
    if OGL in licences:
        paper.bullet(f"Records: contains public sector information licensed under the {OGL}.")
    context.notice()
    paper.heading("What is withheld", 2)
    text = _withheld(context)
    for line in text:
        paper.bullet(line)
    if not text:
        paper.say("Nothing: no measure of this report holds people at risk.")
    paper.heading("The statistics in plain words", 2)
    paper.own_words(PLAIN_WORDS)
    paper.say("In the words of the trade: " + " ".join(_tests(context)))
    paper.heading("What this report can't tell", 2)
    paper.own_words(LIMITS)


def _tests(context: Context) -> list[str]:
    """Name each test of hot spots once, with the measures that it was run on."""
    result: dict[str, list[str]] = {}
    for finding in context.findings:
        noted = finding.table.attrs["statistics"]
        text = str(noted[noted["find_hotspots"]["test"]]["text"]).rstrip(".")
        text = re.sub(r", p at most [\d.e-]+ too high from rounding", "", text)
        fenced = re.search(r", \d+ values? fenced", text)
        if fenced:  # what differs between measures stands with the measure
            text = text.replace(fenced[0], "")
        measure = nouns.inside(finding.measure.title) + (fenced[0] if fenced else "")
        result.setdefault(text, []).append(measure)
    return [f"{text} ({'; '.join(measures)})." for text, measures in result.items()]


def _withheld(context: Context) -> list[str]:
    """Say of each measure what is not shown."""
    wording = []
    for finding in context.findings:
        parts = [describe_suppression(finding.table), *finding.silences]
        if finding.measure.suppress:
            parts.append("The areas are not followed over time.")
        text = " ".join(filter(None, parts))
        if text:
            wording.append(f"{finding.measure.title}: {text}")
    return wording


def _audit(context: Context) -> None:
    """Write what became of every record."""
    audit = context.assessment.audit
    spread: pd.DataFrame = audit.pivot_table(
        index="measure", columns="outcome", values="rows", aggfunc="sum", observed=True
    )
    outcomes = [name for name in spread.columns if (spread[name].fillna(0) > 0).any()]
    counted = [name for name in outcomes if str(name).startswith("counted")]
    others = [name for name in HEADED if name in outcomes]
    rest = [name for name in outcomes if name not in (*counted, *others, "withheld")]
    headings = [HEADED[name] for name in others] + [str(name).capitalize() for name in rest]
    columns = [Column("Measure"), *figures("Counted", *headings)]
    rows = []
    for finding in context.findings:
        name, title = finding.measure.name, finding.measure.title
        withheld = context.assessment.tables[name].attrs["audit"].get("withheld")
        if name not in spread.index or withheld:
            rows.append([title, formats.WITHHELD] + [formats.DASH] * (len(columns) - 2))
            continue
        row = spread.loc[name].fillna(0)
        # Of another period, how many there were may tell small counts there.
        hidden = {"outside the period"} if finding.measure.suppress else set()
        cells = [
            formats.WITHHELD if other in hidden else formats.whole(row[other])
            for other in (*others, *rest)
        ]
        rows.append([title, formats.whole(row[counted].sum()), *cells])
    context.paper.say(
        "Every record in the partners' files is accounted for. Records of other periods and other "
        "categories belong to other years and other sections; the rest could not be placed. The "
        f"counts are of all {len(context.assessment.areas):,} areas that were loaded."
    )
    context.paper.table(columns, rows, title="What became of every record", key="table_audit")


def write_conclusion(context: Context) -> None:
    """Write the conclusion, which is the partnership's."""
    context.paper.heading("Conclusion")
    context.write_text("conclusion", "what follows for the priorities.")


def write_appendix(context: Context) -> None:
    """Say where every area is: in the files beside the report."""
    paper = context.paper
    paper.heading("Appendix: every area", numbered=False)
    context.write_text("appendix")
    for before, file, after in (
        ("Every area of every measure, ranked, with its limits, level and cluster: ",
         "workbook.xlsx", " (a sheet a measure)."),
        ("The same on a map that answers to clicks, with months and years: ",
         "dashboard.html", ". It opens in any browser, without internet."),
    ):  # fmt: skip
        paper.link(before, file, file, after)


def describe_file(context: Context) -> None:
    """Say in the file's properties what it is; no time, unless the settings give a date."""
    settings, core = context.config.report, context.paper.document.core_properties
    core.title = clean(context.config.title)[:255]
    core.subject = clean(f"{context.place}, {context.years}")[:255]
    core.author = clean(settings.author)[:255]
    core.last_modified_by = core.author
    core.comments = ""
    core.keywords = ""
    core.language = "en-GB"
    core.revision = 1
    made = date_of(settings.date)
    if made is not None:
        core.created = core.modified = dt.datetime.combine(made, dt.time())
        return
    root = xml_of(core)  # python-docx can't take a date away
    for name in ("dcterms:created", "dcterms:modified"):
        for old in root.findall(qn(name)):
            root.remove(old)
