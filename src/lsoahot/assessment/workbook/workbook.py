"""An assessment as an Excel workbook: notes first, then a sheet for each measure."""

from __future__ import annotations

import io
import math
import re
from typing import TYPE_CHECKING, Final

from lsoahot._version import __version__
from lsoahot.assessment.csv_tables import COLUMNS, WHERE_USED
from lsoahot.assessment.notices import boundaries_of
from lsoahot.assessment.result import check_assessment
from lsoahot.assessment.unique_names import unique_names
from lsoahot.common import checks
from lsoahot.common.class_labels import COLD_SPOTS, HOT_SPOTS
from lsoahot.common.files import replacing, stamp
from lsoahot.plotting.provenance import notice

from .measure_sheet import fill, make_formats, number_of_areas, set_page, suppression_sentence, text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import geopandas as gpd
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from lsoahot.assessment.result import Assessment

NOTES: Final = "Notes"
LONGEST: Final = 31  # letters of a sheet's name
WIDTHS: Final = (36, 112)  # letters
LINE: Final = 13.5  # points
SHEETS: Final = "Sheets"

CLASSES: Final = {
    "Far above": "The area's own rate is surely at least twice that of all areas together.",
    "Above": "Surely at least one and a half times.",
    "Probably above": "Probably (80 in 100) more than one and a half times.",
    "Near average": "Surely between two thirds and one and a half times.",
    "Below": "Surely less than two thirds.",
    "Far below": "Surely less than half. Surely is 95 in 100, small numbers allowed for.",
    "Can't tell": "The numbers are too small, or too near a limit, to say any of these.",
    "Hot spot 99%": "It and its neighbours are high together: a cluster, 99 % sure, all areas tested allowed for.",
    "Hot spot 95%": "It and its neighbours are high together: a cluster, 95 % sure, all areas tested allowed for.",
    "Hot spot 90%": "It and its neighbours are high together: a cluster, 90 % sure, all areas tested allowed for.",
    "Beside a hot spot": "Its neighbours are high; its own rate is not above the whole's.",
    "Not significant": "No cluster was found here, which is no proof that there is none.",
    "Cold spot 90%": "It and its neighbours are low together: a cluster, 90 % sure, all areas tested allowed for.",
    "Cold spot 95%": "It and its neighbours are low together: a cluster, 95 % sure, all areas tested allowed for.",
    "Cold spot 99%": "It and its neighbours are low together: a cluster, 99 % sure, all areas tested allowed for.",
    "Not tested": "There was no answer to give, or it is withheld.",
    "High-High": "A high rate among high rates.",
    "Low-Low": "A low rate among low rates.",
    "Low-High": "A low rate among high rates.",
    "High-Low": "A high rate among low rates.",
}


def workbook(assessment: Assessment, path: str | Path) -> Path:
    """Write an assessment to an Excel workbook: notes, then a sheet for each measure.

    Every sheet has the rows, the order and the exact figures of the measure's CSV table, with
    headings that people can read, filters, formats, and the hot spots in the colours of the maps.
    The first sheet says where the figures come from, what became of every record, which test was
    used and what each column means. The headings stand in row 4, below the title, the period and
    what must be shown with the figures.

    Parameters
    ----------
    assessment : Assessment
        What `assess` returned.
    path : path
        The file to write, ending in ``.xlsx``.

    Returns
    -------
    Path
        The file. It is there whole or, where writing failed, as it was before.

    Raises
    ------
    FileNotFoundError
        If the folder does not exist.
    ValueError
        If the path does not end in ``.xlsx``.

    Notes
    -----
    There is no formula in the file, nor text that could become one. In a workbook, text that begins
    with ``=`` is just text; but a sheet that is saved as CSV and opened again would run it. So such
    text has an apostrophe before it, as in the CSV tables.

    The same figures make the same file, byte for byte: it is dated by the end of its period.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import lsoahot as lh, pandas as pd
    >>> result = lh.assess({
    ...     "boundaries": {"source": "sample"},
    ...     "period": {"start": "2011-10", "end": "2012-09"},
    ...     "measures": {"fires": {"dataset": "fires", "source": "sample"}},
    ... })
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     written = lh.workbook(result, pathlib.Path(folder, "fires.xlsx"))
    ...     table = pd.read_excel(written, sheet_name="Fires", header=3, engine="calamine")
    >>> table["Count (events)"].tolist()[:5]
    [6, 4, 3, 2, 1]
    """
    from xlsxwriter import Workbook

    check_assessment(assessment, "workbook")
    path = checks.file_to_write(path, ".xlsx")
    made = io.BytesIO()
    as_text = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
    book = Workbook(made, {"constant_memory": True, **as_text})
    styles = make_formats(book)
    names = sheet_names([one.title for one in assessment.config.measures])
    first = book.add_worksheet(NOTES)
    for measure, name in zip(assessment.config.measures, names, strict=True):
        fill(book.add_worksheet(name), assessment, measure, styles)
    _fill_notes(first, assessment, names, styles)
    made_with = f"Made with lsoahot {__version__}."
    book.set_properties(
        {
            "title": assessment.config.title,
            "subject": assessment.config.years,
            "comments": " ".join(filter(None, [notice(assessment.areas), made_with])),
            "created": stamp(assessment.config.end).replace(tzinfo=None),
        }
    )
    book.close()
    with replacing(path) as part:
        part.write_bytes(made.getvalue())
    return path


def sheet_names(titles: Iterable[str]) -> list[str]:
    """Make a sheet's name of each title: short enough, allowed, and each different.

    Examples
    --------
    >>> sheet_names(["Theft: from/of vehicles", "History", "notes", "A" * 40, "a" * 40])[:3]
    ['Theft from of vehicles', 'History 2', 'notes 2']
    """
    plain = (
        " ".join(re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", title).split()).strip("' ") or "Measure"
        for title in titles
    )
    return unique_names(plain, _cut, joint=" ", taken=[NOTES, "history"])  # Excel keeps the latter


def _cut(text: str, end: str) -> str:
    """Cut a text so that it fits with its end, as Excel counts letters (in UTF-16)."""
    while len((text + end).encode("utf-16-le")) // 2 > LONGEST:
        text = text[:-1]
    return text.rstrip(" '") + end


# --- the first sheet --------------------------------------------------------------------------------


def _fill_notes(
    sheet: Worksheet, assessment: Assessment, names: list[str], styles: dict[str, Format]
) -> None:
    """Fill the first sheet, section by section."""
    config = assessment.config
    for at, width in enumerate(WIDTHS):
        sheet.set_column(at, at, width)
    sheet.set_row(0, 22)
    sheet.write_string(0, 0, text(config.title), styles["title"])
    sheet.write_string(1, 0, text(config.years), styles["faint"])
    sheet.write_string(2, 0, text(notice(assessment.areas)), styles["must"])
    row = 4
    for title, lines in _sections(assessment).items():
        notes = [(label, words) for label, words in lines if words]
        if not notes:
            continue
        sheet.set_row(row, 18)
        sheet.write_string(row, 0, title, styles["section"])
        sheet.write_blank(row, 1, None, styles["section"])
        for at, (label, words) in enumerate(notes, row + 1):
            sheet.set_row(at, LINE * _lines(label, words))
            sheet.write_string(at, 0, text(label), styles.get(label, styles["label"]))
            sheet.write_string(at, 1, text(words), styles["wrapped"])
            if title == SHEETS:
                name = names[at - row - 1].replace("'", "''")
                sheet.write_url(at, 0, f"internal:'{name}'!A1", styles["link"], text(label))
        row += len(notes) + 2
    set_page(sheet, config.title, notice(assessment.areas))


def _lines(label: str, words: str) -> int:
    """Count the lines that the longer of two texts takes: Excel fits no row to a wrapped text."""
    return max(
        math.ceil(len(one) / (width * fit))
        for one, width, fit in zip((label, words), WIDTHS, (1.0, 1.1), strict=True)
    )


def _sections(assessment: Assessment) -> dict[str, list[tuple[str, str]]]:
    """Return the sections by their titles: lines of a label and what there is to say."""
    measures, noted = assessment.config.measures, assessment.areas.attrs
    tables = {one.title: assessment.tables[one.name] for one in measures}
    tests = {title: table.attrs["statistics"]["find_hotspots"] for title, table in tables.items()}
    used = {name for table in tables.values() for name in table}
    return {
        SHEETS: [(title, _summary(table)) for title, table in tables.items()],
        "Where the figures come from": [
            ("Boundaries", boundaries_of(assessment.areas)),
            ("Population", str(noted.get("population_source") or "")),
            ("Licence", str(noted.get("attribution") or "")),
            *_files(assessment),
        ],
        "What became of the records": [
            (title, str(table.attrs["audit"])) for title, table in tables.items()
        ],
        "What is withheld": [
            (title, suppression_sentence(table)) for title, table in tables.items()
        ],
        "How hot spots were tested": [(title, one.get("text", "")) for title, one in tests.items()],
        "Columns": [
            (column.heading, column.meaning)
            for name, column in (COLUMNS | WHERE_USED).items()
            if name in COLUMNS or name in used
        ],
        "Colours": list(CLASSES.items()),
        "About this file": [
            ("Empty cells", "Not known, not answerable, or withheld (grey). Never zero."),
            ("Digits", "Cells hold more digits than they show: those of the CSV tables, exactly."),
            ("Made with", f"lsoahot {__version__}"),
        ],
    }


def _files(assessment: Assessment) -> list[tuple[str, str]]:
    """Name the files of records, each with the measures made of it."""
    made: dict[str, list[str]] = {}
    for measure in assessment.config.measures:
        for file in assessment.records[measure.name].attrs.get("source", []):
            made.setdefault(str(file), []).append(measure.title)
    return [(f"Records: {file}", "; ".join(titles)) for file, titles in made.items()]


def _summary(areas: gpd.GeoDataFrame) -> str:
    """Say in one line what a sheet holds."""
    several = []
    for classes, word in ((HOT_SPOTS, "hot"), (COLD_SPOTS, "cold")):
        number = int(areas["hotspot"].isin(classes).sum())
        several.append(
            f"{number:,} {word} spots" if number > 1 else f"{number or 'no'} {word} spot"
        )
    spots = ", ".join(several)
    if suppression_sentence(areas):
        return f"{number_of_areas(areas)}, small counts withheld; {spots}."
    return f"{areas['count'].sum():,.0f} events in {number_of_areas(areas)}; {spots}."
