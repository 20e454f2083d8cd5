"""The report from its first page to its last."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lsoahot.assessment import findings
from lsoahot.assessment.report.word.document import open_paper, write_file
from lsoahot.assessment.settings_checks import plain

from . import alternatives as alt
from . import chapters, closing, extra_tables, opening, pictures, trends_and_threats
from .context import UNNAMED, Told

if TYPE_CHECKING:
    from lsoahot.assessment.result import Assessment


def write_report(found: Assessment, path: Path, *, template: str | Path | None = None) -> Path:
    """Write an assessment as a Word document, whole or not at all."""
    config = found.config
    paper = open_paper(template or config.report.template)
    told = Told(
        paper=paper,
        found=found,
        findings=findings.agree([findings.find(found, measure) for measure in config.measures]),
    )
    opening.write_title(told)
    opening.write_introduction(told)
    opening.write_summary(told)
    for number, theme in enumerate(told.themes()):
        _chapter(told, theme, first=not number)
    trends_and_threats.write_emerging(told)
    closing.write_conclusion(told)
    closing.write_method(told)
    closing.write_appendix(told)
    paper.finish()
    closing.describe_file(told)
    write_file(paper.document, Path(path))
    return Path(path)


def _chapter(told: Told, theme: str, *, first: bool) -> None:
    """Write a chapter: its text, its measures, its further tables."""
    told.paper.heading(theme)
    told.paper.own_words(told.config.report.text.get(plain(theme), ""))
    if first:
        told.paper.picture(
            "Map",
            pictures.area_map(told.shown, told.inches),
            title="The areas" if told.place == UNNAMED else f"The areas of {told.place}",
            key="map_areas",
            alt=alt.of_areas(told.shown, told.place),
        )
    for finding in told.findings:
        if finding.measure.theme == theme:
            chapters.write_measure(told, finding, first=finding is told.findings[0])
    for extra in told.config.tables:
        if extra.theme == theme:
            extra_tables.write_extra(told, extra)
