"""Tables whose header repeats, whose rows stay whole, and that a screen reader can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple
from xml.sax.saxutils import escape, quoteattr

import numpy as np
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Emu

from . import styles
from .fields import element, xml_of
from .user_text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from docx.document import Document
    from docx.table import Table

# A table of so many rows stands on one page; a longer one may run on, its header repeated.
WHOLE: Final = 12
# A longer one does not leave fewer of its rows than this alone on a page.
FEWEST: Final = 3
# What letters of Arial take, as shares of the size of the text: those that are narrow, those that are
# wide, capitals; and all others, figures among them. Bold ones take a little more.
NARROW, WIDE, CAPITAL, OTHER = 0.29, 0.89, 0.7, 0.556
THIN: Final = frozenset(" .,:;'|!()[]-/fijlrtI\N{NO-BREAK SPACE}")
BROAD: Final = frozenset("mwMW%@\N{EN DASH}")
BOLD: Final = 1.08
SIZE: Final = 9.2 * 12_700  # of the text, in English metric units, with a little to spare
MARGINS: Final = 130_000  # of a cell


class Column(NamedTuple):
    """A column: its heading, and whether it holds numbers."""

    heading: str
    is_number: bool = False


def words(*headings: str) -> list[Column]:
    """Return columns of words, by their headings."""
    return [Column(heading) for heading in headings]


def figures(*headings: str) -> list[Column]:
    """Return columns of numbers, by their headings."""
    return [Column(heading, is_number=True) for heading in headings]


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
    table: Table = document.add_table(rows=0, cols=len(columns))
    table.style = document.styles[styles.TABLE]
    table.alignment = WD_TABLE_ALIGNMENT.LEFT
    table.autofit = False
    _looks(table, header=header, total=total)
    xml_of(table).tblPr.append(element("w:tblDescription", val=clean(alt)))
    widths = _widths(columns, rows, width)
    for grid, wide in zip(xml_of(table).tblGrid.gridCol_lst, widths, strict=True):
        grid.w = Emu(wide)
    looks = [document.styles[name].style_id for name in (styles.CELL, styles.HEAD)]
    lines = [[column.heading for column in columns], *rows] if header else list(rows)
    # Written as text and read at once: python-docx would look for the place of every part of a cell.
    written = []
    for place, line in enumerate(lines):
        head = bool(header and not place)
        last = len(lines) - 1
        ends = place < header + FEWEST - 1 or place > last - FEWEST
        stay = noted if place == last else ends or (together and len(rows) <= WHOLE)
        cells = (
            _cell(words, looks[head], wide, right=column.is_number, stay=stay)
            for words, column, wide in zip(line, columns, widths, strict=True)
        )
        repeats = "<w:tblHeader/>" * head
        written.append(f"<w:tr><w:trPr><w:cantSplit/>{repeats}</w:trPr>{''.join(cells)}</w:tr>")
    xml_of(table).extend(parse_xml(f"<w:tbl {nsdecls('w')}>{''.join(written)}</w:tbl>"))
    return table


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """Give each column room for its cells in one line; where that is too much, the wide ones in more.

    A heading may stand in as many lines as it has words; no word and no number is broken.
    """
    heads = [max(BOLD * _room(word) for word in column.heading.split(" ")) for column in columns]
    cells = [[row[i] for row in rows] for i in range(len(columns))]

    def wanted(i: int, lines: int) -> float:
        folded = [_folded(cell, 1 if columns[i].is_number else lines) for cell in cells[i]]
        return MARGINS + max([heads[i], *folded])

    lines = [1] * len(columns)
    widths = [wanted(i, 1) for i in range(len(columns))]
    while sum(widths) > width:
        narrower = [wanted(i, lines[i] + 1) for i in range(len(columns))]
        saved = [wide - narrow for wide, narrow in zip(widths, narrower, strict=True)]
        if not max(saved):
            break
        # Two columns in two lines are lower than one in three.
        which = min(np.flatnonzero(saved), key=lambda i: (lines[i], -saved[i]))
        lines[which] += 1
        widths[which] = narrower[which]
    return [int(wide * width / sum(widths)) for wide in widths]


def _folded(cell: str, lines: int) -> float:
    """Return the least width at which a cell's words stand in so many lines."""
    words = [_room(word) for word in cell.split(" ")]
    space = _room(" ")
    runs = [
        sum(words[first:last]) + space * (last - first - 1)
        for first in range(len(words))
        for last in range(first + 1, len(words) + 1)
    ]
    return next(run for run in sorted(runs) if _lines(words, space, run) <= lines)


def _lines(words: Sequence[float], space: float, width: float) -> float:
    """Count the lines that words take, each line filled before the next."""
    if max(words) > width:
        return float("inf")
    count, end = 1, -space
    for word in words:
        end += space + word
        if end > width * (1 + 1e-9):
            count, end = count + 1, word
    return count


def _room(text: str) -> float:
    """Return how wide a line of text is, in English metric units."""
    return SIZE * sum(
        NARROW if sign in THIN else WIDE if sign in BROAD else CAPITAL if sign.isupper() else OTHER
        for sign in text
    )


def _cell(words: str, style: str, wide: int, *, right: bool, stay: bool) -> str:
    """Write a cell of so many English metric units; ``stay`` keeps its row on the page of the next."""
    lines = (f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in clean(words).split("\n"))
    aligned = '<w:jc w:val="right"/>' * right
    return (
        f'<w:tc><w:tcPr><w:tcW w:type="dxa" w:w="{Emu(wide).twips}"/></w:tcPr>'
        f"<w:p><w:pPr><w:pStyle w:val={quoteattr(style)}/>"
        f"{'<w:keepNext/>' * stay}{aligned}</w:pPr>"
        f"<w:r>{'<w:br/>'.join(lines)}</w:r></w:p></w:tc>"
    )


def _looks(table: Table, *, header: bool, total: bool) -> None:
    """Say which parts of the table's style apply."""
    properties = xml_of(table).tblPr
    for old in properties.findall(qn("w:tblLook")):
        properties.remove(old)
    properties.append(
        element(
            "w:tblLook", val=f"{0x400 | header * 0x20 | total * 0x40:04X}", firstRow=int(header),
            lastRow=int(total), firstColumn=0, lastColumn=0, noHBand=0, noVBand=1,
        )
    )  # fmt: skip
