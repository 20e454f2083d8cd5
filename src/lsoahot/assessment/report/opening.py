"""Title page, document details, contents, introduction and executive summary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from lsoahot.assessment.report.word.document import Ref
from lsoahot.assessment.report.word.user_text import in_words
from lsoahot.assessment.report.word.word_tables import Column
from lsoahot.assessment.withheld import OTHERS
from lsoahot.describe import nouns
from lsoahot.describe.area_sentences import describe_ranking
from lsoahot.describe.change_sentences import describe_change
from lsoahot.describe.key_findings import key_findings

from . import formats, pictures
from .categories import FEW_YEARS

if TYPE_CHECKING:
    from lsoahot.assessment.findings import Finding
    from lsoahot.assessment.over_time import Division

    from .context import Context

# The introduction's parts, in order, and the heading of each.
PARTS: Final = {
    "background": "Background",
    "partnership": "The partnership",
    "priorities": "Current priorities",
}


def write_title(context: Context) -> None:
    """Write the title page and the contents."""
    paper, config = context.paper, context.config
    settings = config.report
    paper.say(config.title, style="Title")
    paper.say(settings.subtitle or context.years, style="Subtitle")
    context.notice()
    measures = nouns.several(nouns.inside(one.title) for one in config.measures)
    details = {
        "Title": config.title,
        "Date created": in_words(settings.date),
        "Produced by": settings.author,
        "Description": settings.description
        or f"What was recorded in {context.place}: {measures}; with rates, hot spots and changes.",
        "Geographical coverage": context.place,
        "Time period": f"{context.years}, and earlier years where the records hold them",
        "Format": "Word",
        "Status": settings.status,
    }
    paper.grid(
        [Column("", 3.6), Column("", 12.4)],
        [[name, text] for name, text in details.items() if text],
        alt="Document details",
        header=False,
    )
    paper.page_break()
    paper.say("Contents", style="TOC Heading")
    paper.contents()
    paper.page_break()


def write_introduction(context: Context) -> None:
    """Write what the report is for, and what it is made of."""
    paper, text = context.paper, context.config.report.text
    paper.heading("Introduction")
    if "introduction" in text:
        paper.own_words(text["introduction"])
    else:
        paper.placeholder("why this assessment is made, and for whom.")
    for place, title in PARTS.items():
        if place in text:
            paper.heading(title, 2)
            paper.own_words(text[place])
    if "priorities" not in text:
        paper.heading(PARTS["priorities"], 2)
        paper.placeholder("the priorities that are in force.")
    paper.heading("What this report is made of", 2)
    paper.own_words(text.get("structure", ""))
    paper.say(f"The chapters are {nouns.several([f'“{theme}”' for theme in context.themes()])}.")
    sources: dict[str, list[str]] = {}
    for finding in context.findings:
        records = context.assessment.records[finding.measure.name]
        source = records.attrs.get("source") or "not said"
        name = source if isinstance(source, str) else ", ".join(map(str, source))
        sources.setdefault(name, []).append(nouns.inside(finding.measure.title))
    for source, titles in sources.items():
        paper.bullet(f"{nouns.opening(nouns.several(titles))}: {source}")


def write_summary(context: Context) -> None:
    """Write the key findings, what changed most and most surely first; and recommendations."""
    paper, config = context.paper, context.config
    paper.heading("Executive summary")
    paper.own_words(config.report.text.get("summary", ""))
    paper.heading("Key findings", 2)
    first = context.findings[0]
    for text in _headlines(context):
        paper.bullet(text)
    ranked = _ranked(context)
    if ranked is not None:
        leading = paper.say(
            "What changed since the year before, the largest change that is sure first. A change "
            "within what chance alone would give may be none, however large its percentage:"
        )
        if leading is not None:
            leading.paragraph_format.keep_with_next = True
        keys = {one.measure.title: one.measure.name for one in context.findings}
        for _, row in ranked.iterrows():
            if row["measure"] == first.measure.title and pd.isna(row["category"]):
                continue  # said at the head
            name = keys[str(row["category"])] if row["category"] in keys else keys[row["measure"]]
            paper.bullet(f"{str(row['sentence']).rstrip('.')} (", _place(context, name), ").")
    paper.heading("Recommendations", 2)
    if "recommendations" in config.report.text:
        paper.own_words(config.report.text["recommendations"])
    else:
        paper.placeholder("what the partnership decides to do.")


def _headlines(context: Context) -> list[str]:
    """Say the first measure's total, and its main hot spot."""
    first = context.findings[0]
    text = []
    if first.years is not None and len(first.years) > 1 and context.is_a_year:
        text.append(describe_change(first.years, first.measure.title))
    elif first.total is not None:
        text.append(f"{first.measure.title} came to {formats.whole(first.total)}.")
    text += describe_ranking(first.table, unit=context.unit(first))[:1]
    shown = first.table[first.table["count"].notna()].sort_values("rank", kind="stable")
    hot = shown[shown["hotspot"].astype(str).str.startswith("Hot spot")]
    if len(hot):
        names = pictures.names(hot.head(3))
        word = "The main hot spot of" if len(names) == 1 else "The main hot spots of"
        verb = "is" if len(names) == 1 else "are"
        title = nouns.inside(first.measure.title)
        text.append(f"{word} {title} {verb} {nouns.several(names)}.")
    return text


def _ranked(context: Context) -> pd.DataFrame | None:
    """Rank the changes of all measures."""
    trends, units = {}, {}
    # The first measure comes last: a category of it that has a section of its own is told as that.
    for finding in (*context.findings[1:], context.findings[0]):
        if finding.years is None or len(finding.years) < FEW_YEARS or not context.is_a_year:
            continue
        name = finding.measure.title
        whole = [d for d in finding.divisions[:1] if not d.partial]
        trends[name] = _plainly_named(context, finding, whole[0]) if whole else finding.years
        if unit := context.unit(finding):
            units[name] = unit
    if not trends:
        return None
    ranked = key_findings(trends, units=units)
    # Of what may be chance, only whole measures are told: a category that may not have changed is
    # no key finding.
    ranked = ranked[ranked["previous"].notna() & (ranked["sure"] | ranked["category"].isna())]
    return ranked.head(context.config.report.findings)


def _plainly_named(context: Context, finding: Finding, division: Division) -> pd.DataFrame:
    """Say with a category what it is a part of, where its name alone does not tell.

    An offence speaks for itself, and so does a part of the first measure, which is of all crime.
    """
    first = context.findings[0]
    known = {str(name) for one in first.divisions for name in one.table["category"]}
    if finding is first or division.column == "offence":
        return division.table[division.table["category"] != OTHERS]
    names = {
        name: name if name in known else f"{finding.measure.title} ({nouns.inside(str(name))})"
        for name in division.table["category"].unique()
    }
    return division.table.assign(category=division.table["category"].map(names))


def _place(context: Context, name: str) -> Ref:
    """Refer to the table of a measure's categories, its ranked table, or its chart."""
    finding = next(one for one in context.findings if one.measure.name == name)
    if finding.divisions:
        return Ref(f"table_{name}_{finding.divisions[0].column}")
    if finding.years is not None and len(finding.years) > FEW_YEARS:
        return Ref(f"chart_{name}")
    return Ref(f"table_{name}")
