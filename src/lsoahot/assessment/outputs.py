"""The files of an assessment, each with the call that makes it."""

from __future__ import annotations

import warnings
from functools import partial
from typing import TYPE_CHECKING, Final

from lsoahot.assessment.dashboard.dashboard import dashboard
from lsoahot.assessment.workbook.workbook import workbook
from lsoahot.common import checks, progress
from lsoahot.common.files import write_csv
from lsoahot.counting.counts_to_hide import BELOW
from lsoahot.plotting.atlas_pdf import open_atlas
from lsoahot.plotting.provenance import notice

from . import findings, folder as _folder, manifest, map_sheets, over_time
from .csv_tables import table_of
from .figures_table import figures_table
from .folder import MANIFEST
from .geopackage import geopackage, write_geoparquet
from .index_page import index_page
from .slides import write_slides

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tqdm import tqdm

    from .findings import Finding
    from .result import Assessment
    from .settings import Config

REPORT: Final = "report.docx"
SLIDES: Final = "slides.pptx"
INDEX: Final = "index.html"
KINDS: Final = ("rate", "hotspots")


def expected(config: Config, *, report: bool) -> list[str]:
    """List the files that a run makes, before it has begun."""
    each = [
        name
        for one in config.measures
        for name in (
            f"tables/{one.name}.csv", f"tables/{one.name}.parquet",
            f"maps/{one.name}-rate.png", f"maps/{one.name}-hotspots.png",
        )
    ]  # fmt: skip
    whole = [
        "audit.csv", "figures.csv", "figures.parquet", "assessment.gpkg", "workbook.xlsx",
        "atlas.pdf", "dashboard.html", INDEX, MANIFEST,
    ]  # fmt: skip
    return [*each, *whole, *([REPORT, SLIDES] if report else [])]


def publish(
    assessment: Assessment, folder: Path, run: manifest.Run, *, report: bool, shown: tqdm
) -> None:
    """Draw and write everything beside its place first, then move it in: all or nothing."""
    with _folder.filling(folder) as new:
        for what, job in jobs(assessment, new, report=report):
            with progress.step(shown, what):
                job()
        with progress.step(shown, MANIFEST):
            manifest.write(assessment, new, folder, run)


def jobs(
    assessment: Assessment, stage: Path, *, report: bool
) -> Iterator[tuple[str, Callable[[], object]]]:
    """List every file to make, with the call that makes it; each map is drawn once."""
    config = assessment.config
    for folder in ("tables", "maps"):
        (stage / folder).mkdir()
    yield "audit.csv", partial(write_csv, assessment.audit, stage / "audit.csv")
    for measure in config.measures:
        table = assessment.tables[measure.name]
        path = stage / "tables" / f"{measure.name}.csv"
        yield path.name, partial(write_csv, table_of(table, measure.population), path)
        path = path.with_suffix(".parquet")
        yield path.name, partial(write_geoparquet, table, path)
    yield "figures", partial(_figures, assessment, stage)
    yield "assessment.gpkg", partial(geopackage, assessment, stage / "assessment.gpkg")
    yield "workbook.xlsx", partial(workbook, assessment, stage / "workbook.xlsx")
    yield "dashboard.html", partial(_dashboard, assessment, stage / "dashboard.html")
    drawn: dict[str, bytes] = {}  # the pictures for the report
    yield from _maps(assessment, stage, drawn)
    if report:
        results = findings.find_all(assessment)
        yield REPORT, partial(_report, assessment, stage / REPORT, drawn, results)
        yield SLIDES, partial(write_slides, assessment, stage / SLIDES, drawn, results)
    yield INDEX, partial(_index, assessment, stage)


def _maps(
    assessment: Assessment, stage: Path, drawn: dict[str, bytes]
) -> Iterator[tuple[str, Callable[[], object]]]:
    """List the maps, each drawn once: a page of the atlas, a PNG, a picture for the report."""
    config = assessment.config
    ground = map_sheets.surroundings(assessment)
    maps = [("Where the areas are", "")]
    maps += [(one.title, notice(assessment.tables[one.name])) for one in config.measures]
    with open_atlas(stage / "atlas.pdf", maps, title=config.title, subtitle=config.years) as add:
        yield (
            "atlas.pdf",
            lambda: drawn.update({"": map_sheets.draw_areas(assessment, ground, add).picture}),
        )
        for measure in config.measures:
            sheets = map_sheets.draw_measure(assessment, measure, ground, add)
            for kind in KINDS:
                path = stage / "maps" / f"{measure.name}-{kind}.png"
                yield path.name, partial(_map, sheets, path, drawn, measure.name)


def _index(assessment: Assessment, stage: Path) -> None:
    """Write the page that explains the folder."""
    files = _folder.names(stage)
    (stage / INDEX).write_text(index_page(assessment, files), encoding="utf-8", newline="\n")


def _figures(assessment: Assessment, stage: Path) -> None:
    """Write the tidy table of all figures, for whatever reads CSV or Parquet."""
    table = figures_table(assessment)
    write_csv(table, stage / "figures.csv")
    table.to_parquet(stage / "figures.parquet", index=False)


def _map(
    sheets: Iterator[map_sheets.Sheet], path: Path, drawn: dict[str, bytes], name: str
) -> None:
    """Write the next map of a measure, and keep the picture of the first for the report."""
    sheet = next(sheets)
    path.write_bytes(sheet.page)
    if name not in drawn:
        drawn[name] = sheet.picture


def _report(
    assessment: Assessment, path: Path, drawn: dict[str, bytes], results: tuple[Finding, ...]
) -> None:
    """Write the report; what it takes to write Word is loaded only for it."""
    from lsoahot.assessment.report.report import write_report

    write_report(assessment, results, path, tables=path.with_name("report-tables"), maps=drawn)


def _dashboard(assessment: Assessment, path: Path) -> None:
    """Put every measure whose records give their months into one page.

    Measures with small counts withheld only if the page's year is the period of the tables: a count
    of one period less that of another gives away what both withhold.
    """
    every = assessment.config.measures
    shown = [one for one in every if over_time.has_months(assessment.records[one.name])]
    if lacking := [one.title for one in every if one not in shown]:
        warnings.warn(
            f"{checks.shown(lacking, 12)}: not in the dashboard, because the files give no months. Name "
            "files with a month for each record to have them in it.",
            UserWarning,
            stacklevel=2,
        )
    withheld = [one.title for one in shown if one.suppress]
    if withheld and not _same_year(assessment, [one.name for one in shown]):
        shown = [one for one in shown if not one.suppress]
        warnings.warn(
            f"{checks.shown(withheld, 12)}: not in the dashboard, whose years of 12 months are not "
            "the period of the tables: one less the other would give small counts away. "
            "Assess 12 months to have them in it.",
            UserWarning,
            stacklevel=2,
        )
    if not shown:
        return
    dashboard(
        assessment.areas,
        {one.title: assessment.records[one.name] for one in shown},
        path,
        title=assessment.config.title,
        select=assessment.config.select,
        until=assessment.config.end,
        locate_by={one.title: one.locate_by for one in shown},
        population={one.title: one.population for one in shown},
        below={one.title: BELOW for one in shown if one.suppress},
    )


def _same_year(assessment: Assessment, names: list[str]) -> bool:
    """Tell whether the last year of the dashboard is the period of the tables."""
    first, last = over_time.span(
        (assessment.records[name] for name in names), assessment.config.end
    )
    calendar = over_time.calendar(first, last)
    return bool(calendar.months[calendar.starts[-1]] == assessment.config.start)
