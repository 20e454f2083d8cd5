"""Word's fields and bookmarks: what it counts, refers to and updates by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from .user_text import clean

if TYPE_CHECKING:
    from docx.opc.coreprops import CoreProperties
    from docx.oxml.xmlchemy import BaseOxmlElement as Xml
    from docx.table import Table, _Row
    from docx.text.paragraph import Paragraph


def element(tag: str, /, **attributes: object) -> Xml:
    """Make an element such as ``w:tab``; attributes are of the same namespace."""
    made = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), str(value))
    return made


def xml_of(proxy: CoreProperties | Paragraph | Table | _Row) -> Xml:
    """Return the element behind a paragraph, a table or a row: python-docx has no verb for fields."""
    return proxy._element  # noqa: SLF001


def run_of(text: str, *, bold: bool = False) -> Xml:
    """Make a run of text."""
    run = element("w:r")
    if bold:
        run.append(element("w:rPr"))
        run[0].append(element("w:b"))
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
    told = element("w:instrText")
    told.set(qn("xml:space"), "preserve")
    told.text = f" {code} "
    run.append(told)
    return run


def field(code: str, shown: str, *, bold: bool = False) -> list[Xml]:
    """Make a field's runs: what it is, and what it shows until Word updates it."""
    return [
        mark("begin"),
        instruction(code),
        mark("separate"),
        run_of(shown, bold=bold),
        mark("end"),
    ]


def bookmark(content: list[Xml], name: str, number: int) -> list[Xml]:
    """Put a bookmark around elements."""
    start = element("w:bookmarkStart", id=number, name=name)
    return [start, *content, element("w:bookmarkEnd", id=number)]


def link_within(content: list[Xml], name: str) -> Xml:
    """Make a link to a bookmark of the document."""
    link = element("w:hyperlink", anchor=name, history=1)
    link.extend(content)
    return link


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
