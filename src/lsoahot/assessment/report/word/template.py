"""A user's template without what calls out or runs: links to other files, macros, fields that fetch.

Word loads an attached template or a linked picture when the report is opened, from wherever the link
points to, and sends the reader's name with it on some networks. So a report takes over the looks of a
template, and nothing that is outside it. A link that somebody has to click stays.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections import Counter
from typing import TYPE_CHECKING, Final

from lxml import etree

from lsoahot.records.packed import check_sizes

if TYPE_CHECKING:
    from pathlib import Path

RELS: Final = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
TYPES: Final = "[Content_Types].xml"
REFERENCES: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
WORD: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MACRO: Final = "application/vnd.ms-word.document.macroEnabled.main+xml"
PLAIN: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
# Relations within the file to what runs.
RUNS: Final = ("vbaProject", "wordVbaData", "control", "attachedToolbars", "keyMapCustomizations")
FETCH: Final = re.compile(
    r"^\s*(INCLUDE\w*|IMPORT|LINK|DDE\w*|RD|DATABASE|HTMLCONTROL|CONTROL)\b", re.IGNORECASE
)
# What is taken out as a whole where a part of it refers to something outside.
WHOLES: Final = tuple(f"{WORD}{name}" for name in ("drawing", "pict", "object", "mailMerge"))
NAMES: Final = {
    "attachedTemplate": "an attached template", "image": "a linked picture", "oleObject": "a linked object",
    "subDocument": "a linked document", "mailMergeSource": "a mail-merge source", "frame": "a linked frame",
}  # fmt: skip


def clean_template(path: Path) -> tuple[io.BytesIO, list[str]]:
    """Return a Word file without links that are followed on opening, macros and fields that fetch.

    Parameters
    ----------
    path : Path
        A .docx file.

    Returns
    -------
    tuple
        The file in memory, and what was left out, in words.

    Raises
    ------
    zipfile.BadZipFile, KeyError, ValueError, lxml.etree.XMLSyntaxError
        Where it is no Word file, or unpacks to an unreasonable size.
    """
    with zipfile.ZipFile(path) as file:
        check_sizes(file.infolist(), path.name)
        parts = {one.filename: file.read(one) for one in file.infolist() if not one.is_dir()}
    left_out: Counter[str] = Counter()
    gone: set[str] = set()
    for name in [name for name in parts if name.endswith(".rels")]:
        folder, own = posixpath.split(name)
        source = posixpath.join(posixpath.dirname(folder), own.removesuffix(".rels"))
        root = _parse(parts[name])
        lost: set[str] = set()
        for one in root.findall(RELS):
            kind = one.get("Type", "").rsplit("/", 1)[-1]
            outside = one.get("TargetMode") == "External" and kind != "hyperlink"
            if outside or kind in RUNS:
                left_out[NAMES.get(kind, "a link to another file") if outside else "macros"] += 1
                lost.add(one.get("Id", ""))
                if not outside:
                    gone.add(
                        posixpath.normpath(
                            posixpath.join(posixpath.dirname(source), one.get("Target", ""))
                        )
                    )
                root.remove(one)
        if lost:
            parts[name] = _serialise(root)
            if source in parts:
                parts[source] = _drop_references(parts[source], lost)
    for name in [name for name in parts if name.endswith(".xml") and b"instr" in parts[name]]:
        parts[name] = _empty_fetching_fields(parts[name], left_out)
    parts[TYPES] = _drop_types(parts[TYPES], gone)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in parts.items():
            if name.lstrip("/") not in gone:
                file.writestr(name, data)
    made.seek(0)
    return made, [f"{what} ({number})" if number > 1 else what for what, number in left_out.items()]


def _parse(data: bytes) -> etree._Element:
    """Read XML that asks nobody for anything."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    return etree.fromstring(data, parser)


def _serialise(root: etree._Element) -> bytes:
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def _drop_references(data: bytes, lost: set[str]) -> bytes:
    """Take out what refers to relations that are gone."""
    root = _parse(data)
    for one in list(root.iter(etree.Element)):
        refers = any(
            value in lost for key, value in one.attrib.items() if str(key).startswith(REFERENCES)
        )
        if refers:
            whole = next((up for up in (one, *one.iterancestors()) if up.tag in WHOLES), one)
            above = whole.getparent()
            if above is not None:
                above.remove(whole)
    return _serialise(root)


def _empty_fetching_fields(data: bytes, left_out: Counter[str]) -> bytes:
    """Empty the fields that fetch something when they are updated."""
    root = _parse(data)
    emptied = 0
    for one in root.iter(f"{WORD}instrText"):
        if FETCH.match(one.text or ""):
            one.text, emptied = "", emptied + 1
    for one in root.iter(f"{WORD}fldSimple"):
        if FETCH.match(one.get(f"{WORD}instr", "")):
            one.set(f"{WORD}instr", "")
            emptied += 1
    if not emptied:
        return data
    left_out["a field that fetches a file"] += emptied
    return _serialise(root)


def _drop_types(data: bytes, gone: set[str]) -> bytes:
    """Take out the types of parts that are gone; without macros the document is a plain one."""
    root = _parse(data)
    for one in list(root):
        if one.get("PartName", "").lstrip("/") in gone:
            root.remove(one)
        elif one.get("ContentType") == MACRO:
            one.set("ContentType", PLAIN)
    return _serialise(root)
