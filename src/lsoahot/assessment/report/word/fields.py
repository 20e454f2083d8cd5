"""Word's fields and bookmarks: what it counts, refers to and updates by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import quoteattr

from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn

from .user_text import clean

if TYPE_CHECKING:
    from docx.document import Document
    from docx.opc.coreprops import CoreProperties
    from docx.oxml.xmlchemy import BaseOxmlElement as Xml
    from docx.table import Table, _Row
    from docx.text.paragraph import Paragraph


DEPTH: Final = 2  # the contents list chapters and their sections
TWIP: Final = 635  # English metric units to a twentieth of a point
# What follows `updateFields` among a document's settings, by the standard's order.
AFTER_UPDATING: Final = (
    "hdrShapeDefaults", "footnotePr", "endnotePr", "compat", "docVars", "rsids", "mathPr",
    "attachedSchema", "themeFontLang", "clrSchemeMapping", "doNotIncludeSubdocsInStats",
    "doNotAutoCompressPictures", "forceUpgrade", "captions", "readModeInkLockDown", "smartTagType",
    "schemaLibrary", "shapeDefaults", "doNotEmbedSmartTags", "decimalSymbol", "listSeparator",
)  # fmt: skip


def list_contents(
    document: Document, entries: list[tuple[int, str, str, str]], place: Xml, *, width: int
) -> None:
    """Fill in the contents: a field that Word updates, and until then the headings as links.

    Which page a heading is on is not known before Word has laid the pages out. It does so when the
    document is opened (`update_on_opening`); until then there is no number, rather than a wrong one.
    """
    styled = {level: document.styles[f"TOC {level}"].style_id for level in (1, 2)}
    lines = []
    for level, number, text, name in entries:
        line = parse_xml(
            f"<w:p {nsdecls('w')}><w:pPr><w:pStyle w:val={quoteattr(styled[level])}/>"
            f'<w:tabs><w:tab w:val="right" w:pos="{width // TWIP}"/></w:tabs></w:pPr></w:p>'
        )
        gap = element("w:r")
        gap.append(element("w:tab"))
        link = element("w:hyperlink", anchor=name, history=1)
        shown = f"{number}  {text}" if number else text
        link.extend([run_of(shown), gap, *field(f"PAGEREF {name} \\h", "")])
        line.append(link)
        lines.append(line)
    begin = mark("begin")
    begin[0].set(qn("w:dirty"), "true")
    opening = [begin, instruction('TOC \\o "1-2" \\h \\z \\u'), mark("separate")]
    for at, run in enumerate(opening):
        lines[0].insert(1 + at, run)
    for line in lines:
        place.addprevious(line)
    place.append(mark("end"))


def update_on_opening(document: Document) -> None:
    """Have Word bring its fields up to date when the document is opened; it asks first."""
    settings = document.settings.element
    for old in settings.findall(qn("w:updateFields")):
        settings.remove(old)
    # Its place among the settings is fixed; this is where python-docx knows to put it.
    made = element("w:updateFields", val="true")
    after = [qn(f"w:{name}") for name in AFTER_UPDATING]
    later = next((one for one in settings if one.tag in after), None)
    if later is None:
        settings.append(made)
    else:
        later.addprevious(made)


def element(tag: str, /, **attributes: object) -> Xml:
    """Make an element such as ``w:tab``; attributes are of the same namespace."""
    made = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), str(value))
    return made


def xml_of(proxy: CoreProperties | Paragraph | Table | _Row) -> Xml:
    """Return the element behind a paragraph, a table or a row: python-docx has no verb for fields."""
    return proxy._element  # noqa: SLF001


def run_of(text: str) -> Xml:
    """Make a run of text."""
    run = element("w:r")
    words = element("w:t")
    words.text = clean(text)
    words.set(qn("xml:space"), "preserve")
    run.append(words)
    return run


def mark(kind: str) -> Xml:
    """Make the run that begins, separates or ends a field."""
    run = element("w:r")
    run.append(element("w:fldChar", fldCharType=kind))
    return run


def instruction(code: str) -> Xml:
    """Make the run that says what a field is to show."""
    run = element("w:r")
    notes = element("w:instrText")
    notes.set(qn("xml:space"), "preserve")
    notes.text = f" {code} "
    run.append(notes)
    return run


def field(code: str, shown: str) -> list[Xml]:
    """Make a field's runs: what it is, and what it shows until Word updates it."""
    return [mark("begin"), instruction(code), mark("separate"), run_of(shown), mark("end")]


def bookmark(content: list[Xml], name: str, number: int) -> list[Xml]:
    """Put a bookmark around elements."""
    start = element("w:bookmarkStart", id=number, name=name)
    return [start, *content, element("w:bookmarkEnd", id=number)]


def link_out(paragraph: Paragraph, address: str, text: str) -> None:
    """Add a link to a file or a page."""
    from docx.opc.constants import RELATIONSHIP_TYPE

    key = paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    link = element("w:hyperlink")
    link.set(qn("r:id"), key)
    run = run_of(text)
    look = element("w:rPr")
    look.append(element("w:color", val="0563C1"))
    look.append(element("w:u", val="single"))
    run.insert(0, look)
    link.append(run)
    xml_of(paragraph).append(link)
