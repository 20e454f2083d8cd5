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
WHOLE: Final = 12
# A longer one does not leave fewer of its rows than this alone on a page.
FEWEST: Final = 3
# What a letter of a heading takes, one of a cell, a sign of a number, and the margins of a cell, in
# English metric units.
BOLD: Final = 70_000
LETTER: Final = 60_000
FIGURE: Final = 64_000
MARGINS: Final = 130_000


class Column(NamedTuple):
    """A column: its heading, and whether it holds numbers."""

    heading: str
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
        last = len(lines) - 1
        ends = place < header + FEWEST - 1 or place > last - FEWEST
        stay = noted if place == last else ends or (together and len(rows) <= WHOLE)
        for cell, words, column, wide in zip(row.cells, line, columns, widths, strict=True):
            cell.width = Emu(wide)
            style = looks[bool(header and not place)]
            _write(cell, words, style, right=column.is_number, stay=stay)
    return table


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """Give each column what its longest cell takes, and the widest ones what is left for them.

    A heading may stand in two lines, and words in more; no word and no number is broken.
    """
    least, wanted = [], []
    for i, (heading, is_number) in enumerate(columns):
        words = heading.split(" ")
        lines = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words) + 1)]
        head = BOLD * min(max(map(len, pair)) for pair in lines)
        sign, cells = (FIGURE if is_number else LETTER), [row[i] for row in rows]
        whole = sign * max(map(len, cells), default=0)
        part = sign * max((len(word) for cell in cells for word in cell.split()), default=0)
        wanted.append(MARGINS + max(head, whole))
        least.append(MARGINS + max(BOLD * max(map(len, words)), whole if is_number else part))
    low, high = 0.0, float(width)
    while high - low > 1:  # how wide a column may be so that all together fill the width
        middle = (low + high) / 2
        total = sum(max(a, min(b, middle)) for a, b in zip(least, wanted, strict=True))
        low, high = (middle, high) if total < width else (low, middle)
    widths = [max(a, min(b, high)) for a, b in zip(least, wanted, strict=True)]
    return [int(one * width / sum(widths)) for one in widths]


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
