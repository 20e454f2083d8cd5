"""Workbooks of Excel and OpenDocument to raw tables, one a sheet.

A reader allocates the rectangle from the first cell to the last. One stray cell in the sheet's last corner
(``XFD1048576``) makes it 17,000 million cells, one outside the sheet ends the process: so it is looked
first how far the cells reach, before anybody makes room for all that lies between.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import TYPE_CHECKING, Any, Final, TypeVar

import pandas as pd

from . import csvs
from .packed import check_sizes
from .raw import Raw

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from python_calamine import CalamineWorkbook

T = TypeVar("T")

MOST_COLUMNS: Final = 16_384  # XFD
MOST_ROWS: Final = 1_048_576
MOST_CELLS: Final = 60_000_000  # a million rows of the widest extract known
_CELL: Final = re.compile(rb'\br="([A-Za-z]*)(\d*)"')
_SHEET: Final = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_DIGITS: Final = 7  # of a row's number


def sheets(data: bytes, name: str) -> Iterator[Raw]:
    """Read the sheets of a workbook that hold a cell.

    Parameters
    ----------
    data
        The whole file.
    name
        Of the file, for messages.

    Yields
    ------
    Raw
        A table a sheet, named ``"file.xlsx [sheet]"``.

    Raises
    ------
    ValueError
        Where the workbook is broken, empty, or a cell lies too far from the others.
    """
    import python_calamine

    if data[:2] == b"PK":
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                check_sizes(archive.infolist(), name)
                _refuse_stray_cells(archive, name)
        except (
            zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, UnicodeError, EOFError,
        ) as error:  # fmt: skip
            raise ValueError(
                f"{name} is not a whole workbook ({error}). Save or download it again."
            ) from error
    broken = (python_calamine.CalamineError, OSError, ValueError)
    why = "Save it again, as .xlsx or CSV."
    try:
        book = _without_panic(python_calamine.CalamineWorkbook.from_filelike, io.BytesIO(data))
    except broken as error:
        raise ValueError(f"{name} can't be read as a workbook ({error}). {why}") from error
    full = 0
    for sheet in book.sheet_names:  # one after another: the Home Office's have millions of rows
        try:
            rows = _without_panic(_rows, book, sheet)
        except broken as error:
            raise ValueError(f"{name} [{sheet}] can't be read ({error}). {why}") from error
        if rows:
            full += 1
            at = csvs.header_row(rows[: csvs.LOOK])
            table = pd.DataFrame(rows[at + 1 :], columns=csvs.unique(rows[at]), dtype=object)
            table.attrs["titles"] = [str(row[0]) for row in rows[:at] if row and row[0]]
            yield Raw(f"{name} [{sheet}]", table.replace("", None))
    if not full:
        raise ValueError(f"{name} is empty: no sheet of it holds a cell. Save it again.")


def _rows(book: CalamineWorkbook, sheet: str) -> list[list[Any]]:
    return book.get_sheet_by_name(sheet).to_python()


def _without_panic(read: Callable[..., T], *given: object) -> T:
    """Call a reader written in Rust; where it gives up in panic, which no handler of errors sees."""
    try:
        return read(*given)
    except BaseException as panic:
        if type(panic).__name__ != "PanicException":
            raise
        raise ValueError(f"its reader gave up: {panic}") from panic


def _refuse_stray_cells(archive: zipfile.ZipFile, name: str) -> None:
    """Refuse a workbook (.xlsx, .xlsm) with a cell outside the sheet, or far from all others.

    Raises
    ------
    ValueError
        With the cell that is too far away.
    """
    for one in archive.infolist():
        if not _SHEET.fullmatch(one.filename):
            continue
        columns = rows = 0
        for letters, digits in set(_CELL.findall(archive.read(one))):
            column = _number(letters)
            row = int(digits or 0) if len(digits) <= _DIGITS else MOST_ROWS + 1
            if column > MOST_COLUMNS or row > MOST_ROWS:
                place = (letters + digits)[:40].decode()
                raise ValueError(
                    f"{name} has a cell {place}, which no sheet has. Save it again in Excel, or as CSV."
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
