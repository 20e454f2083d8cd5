"""How far the cells of a workbook reach, before anybody makes room for all that lies between.

A reader allocates the rectangle from the first cell to the last. One stray cell in the sheet's last corner
(``XFD1048576``) makes it 17,000 million cells, one outside the sheet ends the process.
"""

from __future__ import annotations

import io
import re
import zipfile
from typing import Final

MOST_COLUMNS: Final = 16_384  # XFD
MOST_ROWS: Final = 1_048_576
MOST_CELLS: Final = 60_000_000  # a million rows of the widest extract known
_CELL: Final = re.compile(rb'\br="([A-Za-z]*)(\d*)"')
_SHEET: Final = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_DIGITS: Final = 7  # of a row's number


def refuse(data: bytes, name: str) -> None:
    """Refuse a workbook (.xlsx, .xlsm) with a cell outside the sheet, or far from all others.

    Raises
    ------
    ValueError
        With the cell that is too far away.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        for one in book.infolist():
            if not _SHEET.fullmatch(one.filename):
                continue
            columns = rows = 0
            for letters, digits in set(_CELL.findall(book.read(one))):
                column = _number(letters)
                row = int(digits or 0) if len(digits) <= _DIGITS else MOST_ROWS + 1
                if column > MOST_COLUMNS or row > MOST_ROWS:
                    place = (letters + digits)[:40].decode()
                    raise ValueError(
                        f"{name} has a cell {place}, which no sheet has. Save it again in Excel, or as "
                        "CSV."
                    )
                columns, rows = max(columns, column), max(rows, row)
            if columns * rows > MOST_CELLS:
                raise ValueError(
                    f"{name} has cells as far as row {rows:,} and column {columns:,}, which would be "
                    f"{columns * rows:,} cells. Delete what strayed there, or save the table as CSV."
                )


def _number(letters: bytes) -> int:
    """Return the number of a column by its letters; what is too long is beyond all.

    Examples
    --------
    >>> _number(b"A"), _number(b"XFD"), _number(b"ZZZZZZ")
    (1, 16384, 321272406)
    """
    number = 0
    for letter in letters.upper()[:8]:
        number = number * 26 + letter - ord("A") + 1
    return number
