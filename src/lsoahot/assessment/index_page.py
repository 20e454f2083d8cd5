"""The first page of an assessment's folder: what was found, what each file is, what may be published."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from lsoahot.assessment.csv_tables import shapeless
from lsoahot.assessment.findings import Finding, opening
from lsoahot.assessment.notices import full_notice
from lsoahot.describe import nouns
from lsoahot.describe.area_clauses import levels
from lsoahot.describe.area_sentences import describe_hotspots

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .result import Assessment

LINES: Final = 3
# What each file is, the first to open first; of a folder, what is in it.
FILES: Final = {
    "report.docx": "the draft of the report, to be edited in Word",
    "slides.pptx": "a slide a measure, for a meeting",
    "dashboard.html": "map, table and charts to click through; opens in any browser, without internet",
    "atlas.pdf": "a map of each measure, to print",
    "workbook.xlsx": "every figure of every area, a sheet a measure",
    "maps": "each map as a picture",
    "tables": "a table a measure, as CSV and GeoParquet",
    "figures.csv": "all figures in one long table, for Power BI and the like",
    "figures.parquet": "the same, smaller",
    "assessment.gpkg": "all figures with their shapes, for QGIS and ArcGIS",
    "report-tables": "the report's tables, as CSV",
    "audit.csv": "what became of every record",
    "manifest.json": "what went in and what came out, to prove the run",
}
FOLDERS: Final = ("maps", "tables", "report-tables")
STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "h1{font-size:1.6rem;margin-bottom:0}h2{font-size:1.15rem;margin-top:1.6rem}"
    "dt{font-weight:600;margin-top:.5rem}dd{margin:0}.must{font-weight:700;color:#b82a26}"
    "a{color:#1d4f7c}"
)


def index_page(assessment: Assessment, files: Sequence[str]) -> str:
    """Write the page as HTML.

    Parameters
    ----------
    assessment : Assessment
        What was assessed.
    files : sequence of str
        The files of the folder, by their paths in it.

    Returns
    -------
    str
        A whole page that needs nothing else.
    """
    config = assessment.config
    there = {path.split("/")[0] for path in files}
    listed = [(name, text) for name, text in FILES.items() if name in there]
    must = full_notice(assessment.areas, assessment.records)
    hidden = [one.title for one in config.measures if one.suppress]
    publish = [
        f"Small counts are withheld of {', '.join(hidden)}: these files may be published as they are."
        if hidden
        else "No measure of this assessment withholds small counts. Look at small numbers before "
        "you publish.",
        "All files hold figures of areas, and no record of any event.",
        str(assessment.areas.attrs.get("attribution") or ""),
    ]
    body = [
        f"<h1>{escape(config.title)}</h1><p>{escape(config.years)}</p>",
        f'<p class="must">{escape(must)}</p>' if must else "",
        "<h2>In short</h2>",
        *(f"<p>{escape(text)}</p>" for text in headline(assessment)),
        f"<h2>What is here</h2><p>Open {escape(listed[0][0])} first.</p><dl>",
        *(
            f'<dt><a href="{escape(name)}{"/" if name in FOLDERS else ""}">{escape(name)}</a></dt>'
            f"<dd>{escape(text)}</dd>"
            for name, text in listed
        ),
        "</dl><h2>What may be published</h2>",
        *(f"<p>{escape(text)}</p>" for text in publish if text),
    ]
    return (
        '<!doctype html><html lang="en-GB"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(config.title)}</title><style>{STYLE}</style></head><body>"
        f"{''.join(body)}</body></html>\n"
    )


def headline(assessment: Assessment) -> list[str]:
    """Say in three lines how many there were of the first measures, and where they are high.

    Parameters
    ----------
    assessment : Assessment
        What was assessed.

    Returns
    -------
    list of str
        A line a measure, those that may be told.
    """
    lines = []
    for measure in [one for one in assessment.config.measures if not one.suppress][:LINES]:
        table = shapeless(assessment.tables[measure.name])
        unit = nouns.unit(assessment.records[measure.name].attrs.get("unit"))
        text = levels(table, unit=unit, whole="all areas together") or [describe_hotspots(table)]
        total = None if table["count"].isna().any() else int(table["count"].sum())
        population = float(table[measure.population].sum())
        whole = Finding(measure=measure, table=table, total=total, population=population)
        first = opening(whole, assessment.config) or [f"{measure.title}."]
        lines.append(f"{first[0]} {text[0]}")
    return lines
