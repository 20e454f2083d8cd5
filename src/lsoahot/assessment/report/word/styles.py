"""The styles a report needs: Word's own names; what a template lacks is added, what it has is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.parts.numbering import NumberingPart
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import ParagraphStyle

from .fields import element

if TYPE_CHECKING:
    from docx.document import Document
    from docx.oxml.xmlchemy import BaseOxmlElement as Xml

INK: Final = "1F2A36"
ACCENT: Final = "1F4E79"
FAINT: Final = "59636E"
RULE: Final = "B8C4D0"
BAND: Final = "EEF3F8"
FONT: Final = "Arial"  # on every Windows machine, and of the same widths as Liberation Sans
TABLE: Final = "Assessment Table"
CELL: Final = "Table Text"
HEAD: Final = "Table Heading"
PLACEHOLDER: Final = "To Be Written"
NOTICE: Final = "Notice"


class Look(NamedTuple):
    """How a paragraph style looks: size and space in points."""

    size: float
    before: float = 0
    after: float = 6
    bold: bool = False
    italic: bool = False
    colour: str = INK
    keep_next: bool = False
    base: str = "Normal"


LOOKS: Final[dict[str, Look]] = {
    "Title": Look(28, 160, 6, bold=True, colour=ACCENT),
    "Subtitle": Look(16, 0, 18, colour=FAINT),
    "Heading 1": Look(18, 22, 8, bold=True, colour=ACCENT, keep_next=True),
    "Heading 2": Look(14, 16, 6, bold=True, colour=ACCENT, keep_next=True),
    "Heading 3": Look(11.5, 10, 4, bold=True, colour=INK, keep_next=True),
    "Caption": Look(9.5, 10, 4, bold=True, colour=ACCENT, keep_next=True),
    "TOC Heading": Look(18, 0, 10, bold=True, colour=ACCENT, keep_next=True),
    "TOC 1": Look(10.5, 6, 2, bold=True),
    "TOC 2": Look(10, 0, 1),
    "List Bullet": Look(10.5, 0, 3),
    "Header": Look(9, colour=FAINT),
    "Footer": Look(9, colour=FAINT),
    CELL: Look(9, 1.5, 1.5),
    HEAD: Look(9, 2, 2, bold=True, colour="FFFFFF"),
    PLACEHOLDER: Look(10.5, 2, 8, italic=True, colour="9C4A08"),
    NOTICE: Look(10.5, 4, 8, bold=True, colour="9C4A08"),
}
# The heading styles that are numbered in a report without a template: 1, 1.1.
NUMBERED: Final = ("Heading 1", "Heading 2")
BULLET: Final = 9  # the numbers that these lists have in a document that had none
HEADINGS: Final = 8


def prepare(document: Document, *, own: bool) -> bool:
    """Give a document the styles that it lacks; all of them if it is our ``own``.

    Returns
    -------
    bool
        Whether its headings are numbered.
    """
    if own:
        _set_base(document)
    for name, look in LOOKS.items():
        lacking = _paragraph_style(document, name) is None
        if lacking:
            document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        if lacking or own:
            _apply_look(document, name, look)
    if own or not _has_list(document, "List Bullet"):
        _put_in_list(
            document, "List Bullet", _new_list(document, BULLET, "singleLevel", _BULLETS), 0
        )
    if own:
        document.styles["TOC 2"].paragraph_format.left_indent = Cm(0.4)
        _number_headings(document)
    _table_style(document)
    return _has_list(document, NUMBERED[0])


def _paragraph_style(document: Document, name: str) -> ParagraphStyle | None:
    """Find a paragraph style; refuse a style of that name and of another kind."""
    for style in document.styles:
        if style.name is not None and style.name.casefold() == name.casefold():
            if not isinstance(style, ParagraphStyle):
                raise ValueError(
                    f"in the template, the style {name!r} is not a paragraph style. "
                    "Rename or delete it there: a report needs it for its paragraphs."
                )
            return style
    return None


def _set_base(document: Document) -> None:
    """Set the ground of all styles: the letter, its size, the language."""
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = FONT, Pt(10.5)
    normal.font.color.rgb = RGBColor.from_string(INK)
    normal.paragraph_format.space_after = Pt(6)
    normal.paragraph_format.line_spacing = 1.1


def _apply_look(document: Document, name: str, look: Look) -> None:
    """Give a paragraph style its look."""
    style: ParagraphStyle = document.styles[name]
    for part in ("w:rPr", "w:pPr"):
        for old in style.element.findall(qn(part)):
            style.element.remove(old)
    style.base_style = document.styles["Normal"]
    if name not in {CELL, HEAD, PLACEHOLDER, NOTICE} and not name.startswith("TOC"):
        style.next_paragraph_style = document.styles["Normal"]
    style.hidden, style.quick_style = False, True
    font, shape = style.font, style.paragraph_format
    font.size, font.bold, font.italic = Pt(look.size), look.bold, look.italic
    font.color.rgb = RGBColor.from_string(look.colour)
    shape.space_before, shape.space_after = Pt(look.before), Pt(look.after)
    shape.keep_with_next = look.keep_next
    if name.startswith("Heading"):
        shape.keep_together = True
        level = element("w:outlineLvl", val=int(name[-1]) - 1)
        style.element.get_or_add_pPr().append(level)
    if name in {CELL, HEAD}:
        shape.line_spacing = 1.0


_BULLETS: Final = (
    '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="bullet"/><w:lvlText w:val="\u2022"/>'
    '<w:lvlJc w:val="left"/><w:pPr><w:ind w:left="454" w:hanging="284"/></w:pPr></w:lvl>'
)
_LEVELS: Final = "".join(
    f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="decimal"/>'
    f'<w:pStyle w:val="{{{level}}}"/><w:lvlText w:val="{pattern}"/><w:lvlJc w:val="left"/>'
    f'<w:pPr><w:ind w:left="{indent}" w:hanging="{indent}"/></w:pPr></w:lvl>'
    for level, (pattern, indent) in enumerate([("%1", 567), ("%1.%2", 680)])
)


def _number_headings(document: Document) -> None:
    """Give the headings numbers: 1, 1.1, 1.2, 2."""
    names = [document.styles[name].style_id for name in NUMBERED]
    made = _new_list(document, HEADINGS, "multilevel", _LEVELS.format(*names))
    for level, name in enumerate(NUMBERED):
        _put_in_list(document, name, made, level)


def _new_list(document: Document, wanted: int, kind: str, levels: str) -> int:
    """Add a list to the document's lists, and return its number."""
    numbering = _lists(document)
    taken = {
        int(one.get(qn(f"w:{name}")))
        for tag, name in (("w:abstractNum", "abstractNumId"), ("w:num", "numId"))
        for one in numbering.findall(qn(tag))
    }
    number = wanted + max(taken, default=0)
    abstract = parse_xml(
        f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{number}">'
        f'<w:multiLevelType w:val="{kind}"/>{levels}</w:abstractNum>'
    )
    # All abstract lists stand before all lists that are made of them.
    first = numbering.find(qn("w:num"))
    if first is None:
        numbering.append(abstract)
    else:
        first.addprevious(abstract)
    numbering.append(
        parse_xml(
            f'<w:num {nsdecls("w")} w:numId="{number}"><w:abstractNumId w:val="{number}"/></w:num>'
        )
    )
    return number


def _lists(document: Document) -> Xml:
    """Return the part that holds the document's lists; a template may have none."""
    try:
        document.part.part_related_by(RELATIONSHIP_TYPE.NUMBERING)
    except KeyError:
        empty = parse_xml(f"<w:numbering {nsdecls('w')}/>")
        name, kind = PackURI("/word/numbering.xml"), CONTENT_TYPE.WML_NUMBERING
        made = NumberingPart(name, kind, empty, document.part.package)
        document.part.relate_to(made, RELATIONSHIP_TYPE.NUMBERING)
    result: Xml = document.part.numbering_part.element
    return result


def _put_in_list(document: Document, name: str, number: int, level: int) -> None:
    """Make a style part of a list."""
    shape = document.styles[name].element.get_or_add_pPr()
    for old in shape.findall(qn("w:numPr")):
        shape.remove(old)
    tied = shape.get_or_add_numPr()
    tied.get_or_add_ilvl().val = level
    tied.get_or_add_numId().val = number


def _has_list(document: Document, name: str) -> bool:
    """Tell whether a style is part of a list."""
    style = _paragraph_style(document, name)
    return style is not None and style.element.find(f"{qn('w:pPr')}/{qn('w:numPr')}") is not None


def _table_style(document: Document) -> None:
    """Add the look of the tables, unless the template has one of that name."""
    if any(style.name == TABLE for style in document.styles):
        return
    accent = f'w:val="single" w:sz="8" w:space="0" w:color="{ACCENT}"'
    rule = f'w:val="single" w:sz="4" w:space="0" w:color="{RULE}"'
    document.styles.element.append(
        parse_xml(
            f'<w:style {nsdecls("w")} w:type="table" w:customStyle="1" w:styleId="AssessmentTable">'
            f'<w:name w:val="{TABLE}"/><w:uiPriority w:val="99"/><w:qFormat/><w:tblPr>'
            f'<w:tblStyleRowBandSize w:val="1"/><w:tblBorders><w:top {accent}/><w:bottom {accent}/>'
            f"<w:insideH {rule}/></w:tblBorders><w:tblCellMar>"
            '<w:left w:w="85" w:type="dxa"/><w:right w:w="85" w:type="dxa"/></w:tblCellMar></w:tblPr>'
            '<w:tblStylePr w:type="firstRow"><w:rPr><w:b/><w:color w:val="FFFFFF"/></w:rPr>'
            f'<w:tcPr><w:shd w:val="clear" w:color="auto" w:fill="{ACCENT}"/></w:tcPr></w:tblStylePr>'
            f'<w:tblStylePr w:type="lastRow"><w:rPr><w:b/></w:rPr><w:tcPr><w:tcBorders>'
            f"<w:top {accent}/></w:tcBorders></w:tcPr></w:tblStylePr>"
            '<w:tblStylePr w:type="band2Horz"><w:tcPr>'
            f'<w:shd w:val="clear" w:color="auto" w:fill="{BAND}"/></w:tcPr></w:tblStylePr>'
            "</w:style>"
        )
    )
