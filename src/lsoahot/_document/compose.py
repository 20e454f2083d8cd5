"""The report from its first page to its last."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from . import findings
from .paper import open_paper, write_file

if TYPE_CHECKING:
    from lsoahot.assessments import Assessment


def write_report(found: Assessment, path: Path, *, template: str | Path | None = None) -> Path:
    """Write an assessment as a Word document, whole or not at all."""
    config = found.config
    paper = open_paper(template or config.report.template)
    told = [findings.find(found, measure) for measure in config.measures]
    paper.say(config.title, style="Title")
    paper.say(config.years, style="Subtitle")
    paper.contents()
    for one in told:
        paper.heading(one.measure.title)
    paper.finish()
    write_file(paper.document, Path(path))
    return Path(path)
