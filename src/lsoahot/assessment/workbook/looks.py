"""How cells look, and how a sheet is printed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from lsoahot.common.class_labels import HOTSPOT_CLASSES, NOT_TESTED
from lsoahot.common.files import escape
from lsoahot.plotting.core import colours

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

# How each kind of figure is shown; what is in the cell stays exact.
KINDS: Final[dict[str, dict[str, Any]]] = {
    "text": {"align": "left", "indent": 1},
    "place": {"num_format": "0", "align": "center"},
    "whole": {"num_format": "#,##0"},
    "rate": {"num_format": "#,##0.0"},
    "score": {"num_format": "#,##0.00"},
    "p": {"num_format": '[<0.001]"<0.001";0.000', "align": "right"},
    "class": {"align": "left", "indent": 1},
    "flag": {"align": "center"},
}
# A class on a dark ground is written in white.
DARK: Final = (*HOTSPOT_CLASSES[:2], "Cold spot 99%", "High-High", "Low-Low")
BAR: Final = "#fbd6a4"
LINE: Final = "#8a8a8a"
INK: Final = {"font_name": "Calibri", "font_size": 10, "valign": "top"}
MORE: Final[dict[str, dict[str, Any]]] = {
    "withheld": {"bg_color": "#dfe3e7"},
    "title": {"bold": True, "font_size": 15},
    "faint": {"font_color": colours.FAINT},
    "must": {"bold": True, "font_color": colours.HOTSPOT_COLOURS["Hot spot 95%"]},
    "section": {"bold": True, "font_size": 12, "bottom": 1, "border_color": LINE},
    "label": {"bold": True, "text_wrap": True},
    "wrapped": {"text_wrap": True, "align": "left", "indent": 1},
    "link": {"font_color": "#1d4f7c", "underline": 1},
}
HEAD: Final = {
    "bold": True, "text_wrap": True, "valign": "vcenter", "bg_color": "#e9e6dc", "bottom": 1,
    "border_color": LINE,
}  # fmt: skip
A4: Final = 9
FULL: Final = 32_767  # letters that a cell holds
FOOT: Final = 255  # letters that a foot line holds


def looks(book: Workbook) -> dict[str, Format]:
    """Make the formats: of figures and their headings, of classes, of the rest."""
    made = {kind: INK | look for kind, look in KINDS.items()}
    for kind in KINDS:
        made[f"{kind} heading"] = INK | {"align": "right"} | KINDS[kind] | HEAD
    for name, colour in (colours.HOTSPOT_COLOURS | colours.CLUSTER_COLOURS).items():
        letters = {"font_color": "#ffffff"} if name in DARK else {}
        if name == NOT_TESTED:
            letters = {"font_color": LINE}
        made[name] = INK | KINDS["class"] | {"bg_color": colour} | letters
    made |= {name: INK | look for name, look in MORE.items()}
    return {name: book.add_format(look) for name, look in made.items()}


def text(cell: object) -> str:
    """Return text that is no formula, here or saved as CSV, and fits a cell."""
    return str(escape(str(cell)))[:FULL]


def printed(sheet: Worksheet, title: str, must: str) -> None:
    """Set the page: A4 across, as wide as the table, its title and number at the foot."""
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.7)
    sheet.hide_gridlines(1)
    words = ". ".join(part.rstrip(".") for part in (title, must) if part)
    while len(foot := f"&L&8 {words.replace('&', '&&')}&R&8Page &P of &N") > FOOT:
        words = words[:-1]  # "&" alone is a command
    sheet.set_footer(foot)
