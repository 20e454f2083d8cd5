"""An assessment as an Excel workbook: notes first, then a sheet for each measure."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lsoahot.common import checks
from lsoahot.common.files import replacing, stamp
from lsoahot.plotting.provenance import notice

from . import measure_sheet, notes_sheet
from .measure_sheet import looks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lsoahot.assessment.result import Assessment

NOTES: Final = "Notes"
LONGEST: Final = 31  # letters of a sheet's name


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

    path = Path(path)
    checks.one_of(path.suffix.lower(), (".xlsx",), "the ending of path")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent}. Make it first, or mend path.")
    made = io.BytesIO()
    as_text = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
    book = Workbook(made, {"constant_memory": True, **as_text})
    styles = looks(book)
    names = sheet_names([one.title for one in assessment.config.measures])
    first = book.add_worksheet(NOTES)
    for measure, name in zip(assessment.config.measures, names, strict=True):
        measure_sheet.fill(book.add_worksheet(name), assessment, measure, styles)
    notes_sheet.fill(first, assessment, names, styles)
    book.set_properties(_properties(assessment))
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
    taken = {NOTES.casefold(), "history"}  # Excel keeps the latter for itself
    names = []
    for title in titles:
        plain = " ".join(re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", title).split()).strip("' ")
        plain = plain or "Measure"
        name, number = _cut(plain), 1
        while name.casefold() in taken:
            number += 1
            name = _cut(plain, f" {number}")
        taken.add(name.casefold())
        names.append(name)
    return names


def _cut(text: str, end: str = "") -> str:
    """Cut a text so that it fits with its end, as Excel counts letters (in UTF-16)."""
    while len((text + end).encode("utf-16-le")) // 2 > LONGEST:
        text = text[:-1]
    return text.rstrip(" '") + end


def _properties(assessment: Assessment) -> dict[str, Any]:
    """Return what the file says of itself, dated by its period."""
    from lsoahot._version import __version__

    return {
        "title": assessment.config.title,
        "subject": assessment.config.years,
        "comments": " ".join(
            filter(None, [notice(assessment.areas), f"Made with lsoahot {__version__}."])
        ),
        "created": stamp(assessment.config.end).replace(tzinfo=None),
    }
