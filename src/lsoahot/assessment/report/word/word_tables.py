"""Tables whose header repeats, whose rows stay whole, and that a screen reader can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Emu

from . import styles
from .fields import element, xml_of
from .user_text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from docx.document import Document
    from docx.table import Table, _Cell

# A table of so many rows stands on one page; a longer one may run on, its header repeated.
WHOLE: Final = 14
# What a letter of a heading takes, a sign of a number, and the margins of a cell, in English metric
# units.
LETTER: Final = 70_000
FIGURE: Final = 64_000
MARGINS: Final = 130_000


class Column(NamedTuple):
    """A column: its heading, its share of the width, and whether it holds numbers."""

    heading: str
    share: float = 1.0
    is_number: bool = False


def write_table(
    document: Document,
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    *,
    width: int,
    alt: str,
    total: bool = False,
    header: bool = True,
    together: bool = True,
    noted: bool = False,
) -> Table:
    """Write a table at the end of a document.

    Parameters
    ----------
    document : Document
        Where to write.
    columns : sequence of Column
        Its columns.
    rows : sequence of sequence of str
        Its cells, as they are to be read.
    width : int
        How wide it is to be, in English metric units.
    alt : str
        What it shows, for those who can't see it.
    total : bool
        Whether the last row is the total of the others.
    header : bool
        Whether the headings are shown, in a row that repeats on each page.
    together : bool
        Whether all rows are kept on one page, if they are no more than fit one.
    noted : bool
        Whether a note follows, which the last row is kept with.
    """
    table: Table = document.add_table(rows=len(rows) + header, cols=len(columns))
    table.style = document.styles[styles.TABLE]
    table.alignment = WD_TABLE_ALIGNMENT.LEFT
    table.autofit = False
    _looks(table, header=header, total=total)
    _described(table, alt)
    widths = _widths(columns, rows, width)
    for grid, wide in zip(xml_of(table).tblGrid.gridCol_lst, widths, strict=True):
        grid.w = Emu(wide)
    # Looked up once: a style that is set by its object is sought among all, cell by cell.
    looks = [document.styles[name].style_id for name in (styles.CELL, styles.HEAD)]
    lines = [[column.heading for column in columns], *rows] if header else list(rows)
    for place, (line, row) in enumerate(zip(lines, table.rows, strict=True)):
        properties = xml_of(row).get_or_add_trPr()
        properties.append(element("w:cantSplit"))
        if header and not place:
            properties.append(element("w:tblHeader"))
        stay = (place == len(lines) - 1 and noted) or (
            place < len(lines) - 1 and ((together and len(rows) <= WHOLE) or place <= 1)
        )
        for cell, words, column, wide in zip(row.cells, line, columns, widths, strict=True):
            cell.width = Emu(wide)
            style = looks[bool(header and not place)]
            _write(cell, words, style, right=column.is_number, stay=stay)
    return table


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """Divide the width by the columns' shares, and give each room for what must not be broken.

    That is the longest word of its heading, and a number with its sign and unit.
    """
    whole = sum(column.share for column in columns)
    wanted = [width * column.share / whole for column in columns]
    least = []
    for i, column in enumerate(columns):
        head = LETTER * max(map(len, column.heading.split(" ")), default=0)
        figures = max((len(row[i]) for row in rows), default=0) if column.is_number else 0
        least.append(MARGINS + max(head, FIGURE * figures))
    lacking = sum(max(0.0, low - wide) for low, wide in zip(least, wanted, strict=True))
    spare = sum(max(0.0, wide - low) for low, wide in zip(least, wanted, strict=True))
    give = min(1.0, lacking / spare) if spare else 0.0
    return [
        int(low if wide < low else wide - give * (wide - low))
        for low, wide in zip(least, wanted, strict=True)
    ]


def _write(cell: _Cell, words: str, style: str, *, right: bool, stay: bool) -> None:
    """Write a cell's words; ``stay`` keeps its row on the page of the next."""
    paragraph = cell.paragraphs[0]
    xml_of(paragraph).style = style
    paragraph.add_run(clean(words))
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    if stay:
        paragraph.paragraph_format.keep_with_next = True


def _looks(table: Table, *, header: bool, total: bool) -> None:
    """Say which parts of the table's style apply."""
    properties = xml_of(table).tblPr
    for old in properties.findall(qn("w:tblLook")):
        properties.remove(old)
    properties.append(
        element(
            "w:tblLook",
            val=f"{0x400 | header * 0x20 | total * 0x40:04X}",
            firstRow=int(header),
            lastRow=int(total),
            firstColumn=0,
            lastColumn=0,
            noHBand=0,
            noVBand=1,
        )
    )


def _described(table: Table, alt: str) -> None:
    """Describe a table to those who can't see it."""
    properties = xml_of(table).tblPr
    properties.append(element("w:tblDescription", val=clean(alt)))
