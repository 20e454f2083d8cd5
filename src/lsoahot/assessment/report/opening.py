"""Title page, document details, contents, introduction and executive summary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lsoahot.assessment.notices import files_of
from lsoahot.assessment.report.word.document import Ref
from lsoahot.assessment.report.word.user_text import in_words
from lsoahot.assessment.report.word.word_tables import Column
from lsoahot.assessment.withheld import OTHERS
from lsoahot.common.class_labels import HOT_SPOTS
from lsoahot.describe import nouns
from lsoahot.describe.area_clauses import names, times
from lsoahot.describe.change_clauses import LARGE_UNSURE, SURE
from lsoahot.describe.change_sentences import describe_change
from lsoahot.describe.key_findings import key_findings

from . import formats, pictures
from .categories import FEW_YEARS
from .trends_and_threats import area_changes

if TYPE_CHECKING:
    import pandas as pd

    from lsoahot.assessment.findings import Finding
    from lsoahot.assessment.over_time import Division

    from .context import Context

HIGH: Final = ("Far above", "Above")
NAMED: Final = 3
HIGHEST: Final = 2  # areas of a measure in the summary
KEY: Final = """
- **Far above** the rate of all areas together is surely at least twice that rate, **above** at least
  one and a half times; **probably above** is likely so. Small numbers are allowed for: where they
  don't tell, it says "can't tell".
- A **cluster** is made of high areas that lie together.
- A change is **clear** where it is larger than the usual ups and downs of the months. No clear change
  does not mean that nothing changed. Categories and months are reported where they changed or stand out.
"""
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
        [Column(""), Column("")],
        [[name, text] for name, text in details.items() if text],
        alt="Document details",
    )
    paper.page_break()
    paper.say("Contents", style="TOC Heading")
    paper.contents()
    paper.page_break()


def write_introduction(context: Context) -> None:
    """Write what the report is for, and what it is made of."""
    paper, text = context.paper, context.config.report.text
    paper.heading("Introduction")
    context.write_text("introduction", "why this assessment is made, and for whom.")
    for place, title in PARTS.items():
        if place in text or place == "priorities":
            paper.heading(title, 2)
            context.write_text(place, "the priorities that are in force.")
    paper.heading("What this report is made of", 2)
    context.write_text("structure")
    themes = [f"“{theme}”" for theme in context.themes()]
    if len(themes) > 1:
        paper.say(f"The chapters are {nouns.several(themes)}.")
    sources: dict[str, list[str]] = {}
    for finding in context.findings:
        files = files_of(context.assessment.records[finding.measure.name]) or "not said"
        sources.setdefault(files, []).append(nouns.inside(finding.measure.title))
    for files, titles in sources.items():
        paper.bullet(f"{nouns.opening(nouns.several(titles))}: {files}")
    paper.heading("How to read it", 2)
    paper.own_words(KEY)
    if "introduction" not in text:  # there is room on the page
        pictures.write_areas(context)


def write_summary(context: Context) -> None:
    """Write the key findings, what changed most and most surely first; and recommendations."""
    paper, config = context.paper, context.config
    paper.heading("Executive summary").paragraph_format.page_break_before = True
    context.write_text("summary")
    paper.heading("Key findings", 2)
    for text in _total(context):
        paper.bullet(text)
    _where(context)
    _what_changed(context)
    _where_changed(context)
    for text in context.comparisons(context.findings[0])[:NAMED]:
        paper.bullet(text)
    paper.heading("Recommendations", 2)
    if "recommendations" in config.report.text:
        context.write_text("recommendations")
    else:
        drafts = _drafts(context)
        offered = " Drafts from the findings, to be edited or struck out:" if drafts else ""
        paper.placeholder(f"what the partnership decides to do.{offered}", drafts)


def _total(context: Context) -> list[str]:
    """Say the first measure's total."""
    first = context.findings[0]
    if first.years is not None and len(first.years) > 1 and context.config.is_a_year:
        return [context.dated(describe_change(first.years, first.measure.title))]
    if first.total is not None:
        return [f"{first.measure.title} came to {formats.whole(first.total)}."]
    return []


def _high(finding: Finding) -> pd.DataFrame:
    """Return a measure's areas that are above the rate of all, those with the most events first."""
    levels = finding.table["level"].astype(str)
    return finding.table[levels.isin(HIGH)].sort_values("excess", ascending=False, kind="stable")


def _where(context: Context) -> None:
    """Say of each measure which areas are high, by how much, and of which none is."""
    paper = context.paper
    _lead(
        context,
        f"Where it is high (number; beside the rate of {context.whole}; how many more than at that "
        "rate):",
    )
    none = []
    for finding in context.findings:
        high = _high(finding)
        if high.empty:
            none.append(nouns.inside(finding.measure.title))
            continue
        first = [
            f"{name} ({formats.whole(row['count'])}; {times(row).replace(' the rate', '')}; "
            f"{formats.whole(round(row['excess']))} more)"
            for name, (_, row) in zip(
                names(high.head(HIGHEST)), high.head(HIGHEST).iterrows(), strict=True
            )
        ]
        left = len(high) - len(first)
        more = f", and {left} more area{'' if left == 1 else 's'}" if left else ""
        paper.bullet(
            f"{finding.measure.title}: {', '.join(first)}{more} (",
            Ref(f"table_{finding.measure.name}"), ").",
        )  # fmt: skip
    if none:
        paper.bullet(f"No area is surely high for {nouns.several(none)}.")
    apart = [
        nouns.inside(one.measure.title)
        for one in context.findings
        if not one.table["hotspot"].isin(HOT_SPOTS).any()
    ]
    if apart:
        which = "any measure" if len(apart) == len(context.findings) else nouns.several(apart)
        paper.bullet(
            f"No cluster of high areas was found for {which}, which is no proof that there is none."
        )


def _what_changed(context: Context) -> None:
    """Say what clearly rose or fell, the largest change first; then what did not."""
    paper, first = context.paper, context.findings[0]
    ranked = _ranked(context)
    if ranked is None:
        return
    # The first measure's total is said at the head.
    ranked = ranked[(ranked["measure"] != first.measure.title) | ranked["category"].notna()]
    if ranked.empty:
        return
    _lead(context, "What changed since the year before, the surest first:")
    keys = {one.measure.title: one.measure.name for one in context.findings}
    for _, row in ranked[ranked["sure"]].iterrows():
        name = keys[str(row["category"])] if row["category"] in keys else keys[row["measure"]]
        text = context.dated(str(row["sentence"])).rstrip(".").removesuffix(f"; {SURE}")
        paper.bullet(f"{text} (", _place(context, name), ").")
    unsure = ranked[~ranked["sure"]]
    large = unsure["sentence"].str.contains(LARGE_UNSURE, regex=False)
    if large.any():
        changes = unsure.loc[large, "sentence"].map(context.dated).str.partition("; this is")[0]
        listed = "; ".join(map(nouns.inside, changes))
        paper.bullet(f"Large, but not sure, because the months swing as much: {listed}.")
    if not large.all():
        rest = nouns.several(map(nouns.inside, unsure.loc[~large, "measure"]))
        paper.bullet(f"No clear change: {rest}.")


def _where_changed(context: Context) -> None:
    """Name the areas in which a measure clearly rose."""
    rose: dict[str, list[tuple[float, str]]] = {}
    for finding in context.findings:
        table = None if finding.measure.suppress else area_changes(context, finding)
        if table is None:
            continue
        moved = table[table["change_class"].astype(str).str.startswith("Rose")]
        for name, (_, row) in zip(names(moved), moved.iterrows(), strict=True):
            text = (
                f"{nouns.inside(finding.measure.title)} from {formats.whole(row['count_then'])} "
                f"to {formats.whole(row['count'])}"
            )
            rose.setdefault(name, []).append((float(row["count"] - row["count_then"]), text))
    if rose:
        most = sorted(rose.items(), key=lambda one: -max(one[1])[0])
        first = [f"{name} ({', '.join(text for _, text in each)})" for name, each in most[:NAMED]]
        if more := len(most) - len(first):
            first.append(f"and {more} more area{'' if more == 1 else 's'}")
        context.paper.bullet(f"Where it clearly rose: {'; '.join(first)}.")


def _drafts(context: Context) -> list[str]:
    """Offer recommendations that follow from the findings, to be edited."""
    places: dict[str, list[str]] = {}
    for finding in context.findings:
        for name in names(_high(finding).head(1)):
            places.setdefault(name, []).append(nouns.inside(finding.measure.title))
    return [
        f"A focus on {name}, for {nouns.several(titles)}."
        for name, titles in list(places.items())[:NAMED]
    ]


def _lead(context: Context, text: str) -> None:
    """Write a line that stays with the bullets after it."""
    leading = context.paper.say(text)
    if leading is not None:
        leading.paragraph_format.keep_with_next = True


def _ranked(context: Context) -> pd.DataFrame | None:
    """Rank the changes of all measures."""
    trends, units = {}, {}
    # The first measure comes last: a category of it that has a section of its own is reported as that.
    for finding in (*context.findings[1:], context.findings[0]):
        if finding.years is None or len(finding.years) < FEW_YEARS or not context.config.is_a_year:
            continue
        name = finding.measure.title
        whole = [d for d in finding.divisions[:1] if not d.partial]
        trends[name] = _with_measure_named(context, finding, whole[0]) if whole else finding.years
        if unit := context.unit(finding):
            units[name] = unit
    if not trends:
        return None
    ranked = key_findings(trends, units=units)
    # Of what may be chance, only whole measures are reported: a category that may not have changed is
    # no key finding.
    ranked = ranked[ranked["previous"].notna() & (ranked["sure"] | ranked["category"].isna())]
    return ranked.head(context.config.report.findings)


def _with_measure_named(context: Context, finding: Finding, division: Division) -> pd.DataFrame:
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
