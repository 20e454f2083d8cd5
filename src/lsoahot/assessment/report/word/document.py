"""What a report is written on: headings, captions, references, tables and pictures, in order."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn
from docx.shared import Cm, Emu
from lxml.etree import XMLSyntaxError

from lsoahot.common import checks
from lsoahot.common.files import write_undated

from . import fields, styles
from .fields import DEPTH, element, list_contents, update_on_opening, xml_of
from .template import clean_template
from .user_text import blocks, bound, clean, spans
from .word_tables import write_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from docx.document import Document
    from docx.oxml.xmlchemy import BaseOxmlElement as Xml
    from docx.section import _Footer
    from docx.text.paragraph import Paragraph

    from .word_tables import Column

# Where a template says that the report is to begin; without it, all of the template's text goes.
HERE: Final = "{{report}}"
LANGUAGE: Final = "en-GB"


class Written(NamedTuple):
    """A table as it was written: its caption and its cells."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]


class Ref(NamedTuple):
    """A reference to what a caption names: "Table 3"."""

    key: str


@dataclass(kw_only=True)
class Paper:
    """A document that is being written, from top to bottom.

    Captions number themselves; what refers to them, and the contents, is filled in by `finish`.
    """

    document: Document
    numbered: bool
    width: int
    labels: dict[str, str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    names: dict[str, str] = field(default_factory=dict)
    marks: int = 0
    waiting: list[tuple[Xml, str]] = field(default_factory=list)
    entries: list[tuple[int, str, str, str]] = field(default_factory=list)
    places: list[int] = field(default_factory=lambda: [0, 0])
    after: list[Xml] = field(default_factory=list)
    tables: list[Written] = field(default_factory=list)
    looks: dict[str, str | None] = field(default_factory=dict)

    # --- text ---------------------------------------------------------------------------------

    def heading(self, text: str, level: int = 1, *, numbered: bool = True) -> Paragraph:
        """Write a heading, and enter it in the contents."""
        paragraph = self._paragraph(style=f"Heading {level}")
        number = ""
        if self.numbered and level <= len(styles.NUMBERED):
            if numbered:
                self.places[level - 1] += 1
                self.places[level:] = [0] * (len(self.places) - level)
                number = ".".join(str(place) for place in self.places[:level])
            else:
                properties = xml_of(paragraph).get_or_add_pPr()
                properties.get_or_add_numPr().get_or_add_numId().val = 0
        name = f"_Toc{len(self.entries) + 1:06d}"
        self._marked(paragraph, [fields.run_of(text)], name)
        if level <= DEPTH:
            self.entries.append((level, number, clean(text), name))
        return paragraph

    def say(self, *parts: str | Ref, style: str | None = None) -> Paragraph | None:
        """Write a paragraph of sentences and references; nothing if there is nothing to say."""
        notes = [part for part in parts if isinstance(part, Ref) or part.strip()]
        if not notes:
            return None
        paragraph = self._paragraph(style=style)
        for part in parts:
            if isinstance(part, Ref):  # its words come at the end
                runs = fields.field(f"REF {self._name(part.key)} \\h", "?")
                self.waiting.append((runs[3].find(qn("w:t")), part.key))
                xml_of(paragraph).extend(runs)
            else:
                paragraph.add_run(bound(part))
        return paragraph

    def bullet(self, *parts: str | Ref) -> None:
        """Write a line of a list."""
        self.say(*parts, style="List Bullet")

    def own_words(self, text: str) -> None:
        """Write a text from the settings: paragraphs, bullets, bold."""
        for block in blocks(text):
            style = "List Bullet" if block.is_bullet else None
            paragraph = self._paragraph(style=style)
            for part, bold in spans(block.text):
                paragraph.add_run(part).bold = bold or None

    def placeholder(self, what: str, drafts: Sequence[str] = ()) -> None:
        """Show that something is for the partnership to write; with lines offered as drafts."""
        first = self._paragraph(
            f"[To be written by the partnership: {what}]", style=styles.PLACEHOLDER
        )
        first.paragraph_format.keep_with_next = bool(drafts)
        for draft in drafts:
            line = self.say(draft, style="List Bullet")
            if line is not None:
                for run in line.runs:
                    run.italic = True

    def link(self, before: str, address: str, text: str, after: str = "") -> None:
        """Write a paragraph with a link to a file or a page."""
        paragraph = self.document.add_paragraph(before)
        fields.link_out(paragraph, address, text)
        paragraph.add_run(after)

    def page_break(self) -> None:
        """Go on at the top of a page."""
        self.document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)

    # --- tables and pictures ------------------------------------------------------------------

    def caption(self, kind: str, text: str, key: str) -> None:
        """Write a caption that numbers itself, above what it names."""
        self.counts[kind] += 1
        number = self.counts[kind]
        self.labels[key] = f"{kind} {number}"
        paragraph = self._paragraph(style="Caption")
        runs = [fields.run_of(f"{kind} "), *fields.field(f"SEQ {kind} \\* ARABIC", str(number))]
        self._marked(paragraph, runs, self._name(key))
        paragraph.add_run(f": {clean(text)}")

    def table(
        self,
        columns: Sequence[Column],
        rows: Sequence[Sequence[str]],
        *,
        title: str,
        key: str,
        total: bool = False,
        together: bool = True,
        note: str = "",
    ) -> None:
        """Write a table under its caption."""
        self.caption("Table", title, key)
        self.tables.append(Written(title, columns, rows))
        write_table(
            self.document, columns, rows, width=self.width, alt=title, total=total,
            together=together, noted=bool(note),
        )  # fmt: skip
        spacer = self._paragraph(clean(note), style=styles.CELL)
        spacer.paragraph_format.space_after = Cm(0.3)

    def grid(self, columns: Sequence[Column], rows: Sequence[Sequence[str]], *, alt: str) -> None:
        """Write a table without a caption and without headings."""
        write_table(self.document, columns, rows, width=self.width, alt=alt, header=False)

    def picture(
        self, kind: str, png: bytes, *, title: str, key: str, alt: str, scale: float = 1.0
    ) -> None:
        """Show a picture under its caption, at the width of the text or a share of it."""
        self.caption(kind, title, key)
        paragraph = self.document.add_paragraph()
        paragraph.add_run().add_picture(io.BytesIO(png), width=Emu(int(scale * self.width)))
        notes = next(xml_of(paragraph).iter(qn("wp:docPr")))
        notes.set("descr", clean(alt))
        notes.set("title", clean(title))

    def contents(self) -> None:
        """Leave a place for the contents."""
        self.after = [xml_of(self.document.add_paragraph())]

    # --- the end ------------------------------------------------------------------------------

    def finish(self) -> None:
        """Fill in the references and the contents, now that everything has its number."""
        for words, key in self.waiting:
            words.text = self.labels[key]
        for place in self.after:
            list_contents(self.document, self.entries, place, width=self.width)
        update_on_opening(self.document)

    def _paragraph(self, text: str = "", *, style: str | None = None) -> Paragraph:
        """Add a paragraph; each style is sought among all of them once."""
        paragraph = self.document.add_paragraph(text)
        if style is not None:
            if style not in self.looks:
                part: Any = self.document.part
                self.looks[style] = part.get_style_id(style, WD_STYLE_TYPE.PARAGRAPH)
            xml_of(paragraph).style = self.looks[style]
        return paragraph

    def _marked(self, paragraph: Paragraph, content: list[Xml], name: str) -> None:
        """Add content within a bookmark."""
        self.marks += 1
        xml_of(paragraph).extend(fields.bookmark(content, name, self.marks))

    def _name(self, key: str) -> str:
        """Return a bookmark's name: Word allows 40 letters, too few for the names of measures."""
        return self.names.setdefault(key, f"_Ref{len(self.names) + 1:06d}")


def open_paper(template: str | Path | None) -> Paper:
    """Begin a report, on Word's plain page or on a template of the user's."""
    document = docx.Document() if template is None else _template(Path(template))
    section = document.sections[-1]
    if template is None:
        section.page_width, section.page_height = Cm(21), Cm(29.7)  # A4
        section.left_margin = section.right_margin = Cm(2.3)
        section.top_margin, section.bottom_margin = Cm(2.2), Cm(2.0)
    numbered = styles.prepare(document, own=template is None)
    margins = (section.left_margin or 0) + (section.right_margin or 0)
    width = (section.page_width or Cm(21)) - margins
    _set_language(document)
    if not _has_words(section.footer):
        _number_pages(section.footer.paragraphs[0])
    return Paper(document=document, numbered=numbered, width=int(width))


def write_file(document: Document, path: Path) -> None:
    """Write a document whole or not at all; the same document makes the same file."""
    drawn = io.BytesIO()
    document.save(drawn)
    write_undated(drawn, path)


def _template(path: Path) -> Document:
    """Open a template; keep what stands around the mark, or else only its looks."""
    if not path.is_file():
        raise FileNotFoundError(f"there is no template at {path}. Give the path of a .docx file.")
    try:
        content, left_out = clean_template(path)
        document = docx.Document(content)
    except (
        ValueError, KeyError, OSError, OpcError, XMLSyntaxError, zipfile.BadZipFile, AttributeError,
    ) as problem:  # fmt: skip
        raise ValueError(
            f"{path} is not a Word document that can be a template. Open it in Word, "
            "and save it as .docx."
        ) from problem
    if left_out:
        warnings.warn(
            f"{path.name} holds {checks.shown(left_out)}, which Word would fetch or run when the "
            "report is opened: not taken over. Embed pictures in the template to have them.",
            UserWarning,
            stacklevel=4,
        )
    body = document.element.body
    parts = [part for part in body if part.tag != qn("w:sectPr")]
    marked = [
        place
        for place, part in enumerate(parts)
        if HERE in "".join(node.text or "" for node in part.iter(qn("w:t")))
    ]
    for part in parts[marked[0] if marked else 0 :]:
        body.remove(part)
    return document


def _set_language(document: Document) -> None:
    """Set the language of everything, so that Word checks the spelling of British English."""
    defaults = document.styles.element.find(
        f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}"
    )
    if defaults is not None:
        for old in defaults.findall(qn("w:lang")):
            defaults.remove(old)
        defaults.append(element("w:lang", val=LANGUAGE, eastAsia=LANGUAGE, bidi="ar-SA"))
    for style in document.styles:
        for lang in style.element.iter(qn("w:lang")):
            lang.set(qn("w:val"), LANGUAGE)


def _has_words(footer: _Footer) -> bool:
    """Tell whether a footer holds anything."""
    if footer.is_linked_to_previous:
        return False
    return any(
        paragraph.text.strip() or xml_of(paragraph).findall(f".//{qn('w:instrText')}")
        for paragraph in footer.paragraphs
    ) or bool(footer.tables)


def _number_pages(paragraph: Paragraph) -> None:
    """Write "Page 1 of 9"."""
    paragraph.style = "Footer"
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    page, pages = fields.field("PAGE", "1"), fields.field("NUMPAGES", "1")
    xml_of(paragraph).extend([fields.run_of("Page "), *page, fields.run_of(" of "), *pages])
