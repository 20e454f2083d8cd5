"""The report: an assessment as a Word document, to be edited and signed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsoahot.assessment import findings, map_sheets
from lsoahot.assessment.report.word.document import open_paper, write_file
from lsoahot.assessment.result import Assessment, check_assessment
from lsoahot.assessment.settings_checks import plain
from lsoahot.common import checks

from . import chapters, closing, extra_tables, opening, pictures, trends_and_threats
from .context import Context
from .table_files import write_tables

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from lsoahot.assessment.findings import Finding


def report(assessment: Assessment, path: str | Path, *, template: str | Path | None = None) -> Path:
    """Write an assessment as a Word document: tables, maps, charts and sentences from the data.

    Parameters
    ----------
    assessment : Assessment
        What `assess` returned.
    path : path
        Where to write, ``.docx``.
    template : path, optional
        A Word document of your own, whose styles, header, footer and page are used; by default the
        one that the settings name, or none.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    FileNotFoundError
        If the folder or the template does not exist.
    TypeError
        If ``assessment`` is none.
    ValueError
        If ``path`` does not end in ``.docx``, or the template is not a Word document.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> import lsoahot as lh
    >>> result = lh.assess({
    ...     "boundaries": {"source": "sample"},
    ...     "period": {"start": "2011-10", "end": "2012-09"},
    ...     "measures": {"fires": {"dataset": "fires", "source": "sample"}},
    ... })
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     lh.report(result, pathlib.Path(folder, "report.docx")).name
    'report.docx'
    """
    check_assessment(assessment, "report")
    path = checks.file_to_write(path, ".docx")
    return write_report(assessment, findings.find_all(assessment), path, template=template)


def check_template(template: str | Path | None) -> None:
    """Open a template as `write_report` does, and raise what that would raise of it."""
    open_paper(template)


def write_report(
    assessment: Assessment,
    results: tuple[Finding, ...],
    path: Path,
    *,
    template: str | Path | None = None,
    tables: Path | None = None,
    maps: Mapping[str, bytes] | None = None,
) -> Path:
    """Write an assessment as a Word document, whole or not at all; its tables as CSV in a folder.

    Parameters
    ----------
    assessment : Assessment
        As of `report`.
    results : tuple of Finding
        What `findings.find_all` returned.
    path, template
        As of `report`.
    tables : path, optional
        A folder for the report's tables as CSV.
    maps : dict of str to bytes, optional
        Pictures of the maps, by the measure's name ("" is of the areas); drawn where they lack.
    """
    config = assessment.config
    paper = open_paper(template or config.report.template)
    notes = Context(
        paper=paper, assessment=assessment, maps=_all_maps(assessment, maps or {}), findings=results
    )
    opening.write_title(notes)
    opening.write_introduction(notes)
    opening.write_summary(notes)
    for number, theme in enumerate(notes.themes()):
        _chapter(notes, theme, first=not number)
    trends_and_threats.write_emerging(notes)
    closing.write_conclusion(notes)
    closing.write_method(notes)
    closing.write_appendix(notes)
    paper.finish()
    closing.describe_file(notes)
    write_file(paper.document, path)
    if tables is not None:
        write_tables(paper.tables, tables)
    return path


def _all_maps(assessment: Assessment, maps: Mapping[str, bytes]) -> dict[str, bytes]:
    """Draw the maps that are not drawn yet."""
    lacking = [one for one in assessment.config.measures if one.name not in maps]
    drawn = dict(maps)
    if not lacking and "" in drawn:
        return drawn
    ground = map_sheets.surroundings(assessment)
    if "" not in drawn:
        drawn[""] = map_sheets.draw_areas(assessment, ground).picture
    for measure in lacking:
        drawn[measure.name] = next(map_sheets.draw_measure(assessment, measure, ground)).picture
    return drawn


def _chapter(context: Context, theme: str, *, first: bool) -> None:
    """Write a chapter: its text, its measures, its further tables."""
    context.paper.heading(theme)
    context.write_text(plain(theme))
    if first and "introduction" in context.config.report.text:
        pictures.write_areas(context)
    for finding in context.findings:
        if finding.measure.theme == theme:
            chapters.write_measure(context, finding, first=finding is context.findings[0])
    for extra in context.config.tables:
        if extra.theme == theme:
            extra_tables.write_extra(context, extra)
