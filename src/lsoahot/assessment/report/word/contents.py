"""The table of contents, and what has Word bring it up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from docx.oxml.ns import qn

from . import fields
from .fields import element

if TYPE_CHECKING:
    from docx.document import Document
    from docx.oxml.xmlchemy import BaseOxmlElement as Xml

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
        paragraph = element("w:p")
        properties = element("w:pPr")
        properties.append(element("w:pStyle", val=styled[level]))
        tabs = element("w:tabs")
        tabs.append(element("w:tab", val="right", pos=width // TWIP))
        properties.append(tabs)
        paragraph.append(properties)
        shown = f"{number}  {text}" if number else text
        gap = element("w:r")
        gap.append(element("w:tab"))
        page = fields.field(f"PAGEREF {name} \\h", "")
        paragraph.append(fields.link_within([fields.run_of(shown), gap, *page], name))
        lines.append(paragraph)
    begin = fields.mark("begin")
    begin[0].set(qn("w:dirty"), "true")
    opening = [begin, fields.instruction('TOC \\o "1-2" \\h \\z \\u'), fields.mark("separate")]
    for at, run in enumerate(opening):
        lines[0].insert(1 + at, run)
    for line in lines:
        place.addprevious(line)
    place.append(fields.mark("end"))


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
