"""From a Word file, a text file or a text to sentences that know their section."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zipfile import BadZipFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docx.table import Table
    from docx.text.paragraph import Paragraph

_TEXTS: Final = (".txt", ".md")
_LONGEST_HEADING: Final = 12  # words
_HEADING: Final = re.compile(r"#+\s+(?=\S)|((\d+\.)+\d*\s+|\d+(\.\d+)+\s+)(?=[A-Z])")
# A list item, a quotation, a row of a table: a paragraph of its own.
_STARTS: Final = re.compile(r"\s*(?:[-*+\u2022>|]|\d+[.)])\s?")
_MARKS: Final = re.compile(r"^\s*[-*\u2022]\s+|\*{1,2}|(?<!\w)_|_(?!\w)")
# A sentence ends before a capital, a digit, a quotation mark or a bracket; "no. 3" does not end one.
_END: Final = re.compile(
    r"(?<=[.!?])(?<!\bvs\.)(?<!\be\.g\.)(?<!\bi\.e\.)(?<![Nn]o\.)[\"'\u201d\u2019)]*\s+"
    r"(?=[A-Z0-9\"'\u201c\u2018(])"
)


@dataclass(frozen=True)
class Sentence:
    """A sentence of the draft, with the number of its paragraph and the heading above it."""

    paragraph: int
    section: str
    text: str


def paragraphs(draft: str | Path) -> list[tuple[bool, str]]:
    """Return the paragraphs that hold text, each with whether it is a heading.

    Parameters
    ----------
    draft : str or Path
        A text; or the path of a .docx, .txt or .md file.

    Raises
    ------
    FileNotFoundError
        If a path leads nowhere.
    ValueError
        If the file is of another kind, or is no Word file.
    """
    path = _path(draft)
    if path is None:
        return _of_text(str(draft))
    if not path.is_file():
        raise FileNotFoundError(f"there is no draft at {path}. Give a .docx, .txt or .md file.")
    if path.suffix.lower() == ".docx":
        return list(_of_word(path))
    if path.suffix.lower() in _TEXTS:
        return _of_text(path.read_text(encoding="utf-8-sig", errors="replace"))
    raise ValueError(
        f"{path.name} is neither a Word file (.docx) nor a text (.txt, .md). Save the draft as one."
    )


def _path(draft: str | Path) -> Path | None:
    """Tell a path from a text."""
    if isinstance(draft, Path):
        return draft
    ends = draft.lower().endswith((*_TEXTS, ".docx", ".doc", ".odt", ".rtf", ".pdf"))
    return Path(draft) if ends and "\n" not in draft else None


def _of_text(text: str) -> list[tuple[bool, str]]:
    """Take every line for a paragraph, or for the rest of the one above if that broke off."""
    result: list[tuple[bool, str]] = []
    above = ""
    for line in text.splitlines():
        plain = _MARKS.sub("", line).strip()
        heading = is_heading(plain)
        goes_on = above and not heading and not _STARTS.match(line) and "\t" not in above + line
        if plain and goes_on and not is_heading(above) and above[-1] not in ".!?:|":
            result[-1] = (False, f"{result[-1][1]} {plain}")
        elif plain:
            result.append((heading, plain))
        above = plain
    return result


def _of_word(path: Path) -> Iterator[tuple[bool, str]]:
    """Read paragraphs and cells of tables in the order in which they stand."""
    import docx
    from docx.opc.exceptions import PackageNotFoundError
    from lxml.etree import XMLSyntaxError

    try:
        document = docx.Document(str(path))
    except (
        PackageNotFoundError, KeyError, ValueError, AttributeError, BadZipFile, XMLSyntaxError,
    ) as problem:  # fmt: skip
        raise ValueError(
            f"{path.name} is no Word file that can be read ({problem}). Save it as .docx."
        ) from problem
    for block in document.iter_inner_content():
        yield from _block(block)


def _block(block: Paragraph | Table) -> Iterator[tuple[bool, str]]:
    """Read a paragraph, or each cell of a table once, merged ones too."""
    from docx.table import Table

    if isinstance(block, Table):
        cells = {cell._tc: cell for row in block.rows for cell in row.cells}  # noqa: SLF001 - no other identity
        for cell in cells.values():
            for inner in cell.iter_inner_content():
                yield from _block(inner)
        return
    text = _clean(block.text)
    style = str(block.style.name if block.style is not None else "")
    if text and not style.lower().startswith("toc"):
        yield style.startswith(("Heading", "Title")) or is_heading(text), text


def _clean(text: str) -> str:
    """Turn Word's spaces and apostrophes into plain ones."""
    return re.sub(r"[\u00a0\u202f\u2009]", " ", text).replace("\u2019", "'").strip()


def is_heading(line: str) -> bool:
    """Tell whether a line of text is a heading: short, numbered or marked, and no sentence."""
    return (
        bool(_HEADING.match(line))
        and len(line.split()) <= _LONGEST_HEADING
        and line[-1] not in ".:;?!"
    )


def sentences(parts: list[tuple[bool, str]]) -> list[Sentence]:
    """Cut paragraphs into sentences; headings become the section of what follows."""
    result, section = [], ""
    for number, (heading, text) in enumerate(parts, start=1):
        if heading:
            section = _clean(text.lstrip("# "))
            continue
        pieces = (piece.strip() for piece in _END.split(_clean(text)))
        result += [Sentence(number, section, piece) for piece in pieces if piece]
    return result
