"""No output, and no page of the documentation, promises what no test here promises."""

from __future__ import annotations

import html
import re
from pathlib import Path

import docx
import pandas as pd
import pytest
from pptx import Presentation
from pypdf import PdfReader

import lsoahot

ROOT = Path(__file__).parents[2]
# A test that finds nothing proves nothing; a class cut on q doesn't say how many of its areas are
# there by chance; and where the scatter of months was measured, chance alone was not the standard.
NEVER = (
    r"chance (?:alone )?explains what",
    r"explained by chance",
    r"nowhere (?:higher|lower|high|low)",
    r"no (?:single )?(?:area|neighbourhood|place) stands out",
    r"stands out beyond chance",
    r"\d+ in \d+ (?:so marked|of them|named)? ?(?:is|are) (?:chance|false)",
    r"\d+ in \d+ are false (?:alarms )?at most",
    r"could (?:lie|be) .{0,40}through chance alone",
    r"chance alone (?:would|could|can|does|gives|explains)",
    r"(?:more|larger|higher|lower) than chance (?:alone )?(?:would|gives|explains)",
    r"\bneither hot nor cold\b",
)
IN_OUTPUTS = (*NEVER, r"chance alone", r"beyond chance")


def plain(path: Path) -> str:
    """Return what a reader sees of a file."""
    if path.suffix == ".html":
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"<style>.*?</style>", " ", text, flags=re.DOTALL)
        # Of the scripts, the page's own: its words stand there. Vega's are none of ours.
        text = re.sub(r"<script>var vega.*?</script>|<script>\"use strict\";var vega.*?</script>",
                      " ", text, flags=re.DOTALL)  # fmt: skip
        return html.unescape(re.sub(r"<[^>]+>", " ", text))
    if path.suffix == ".docx":
        body = docx.Document(str(path)).element.body
        return " ".join(str(node.text or "") for node in body.iter() if node.tag.endswith("}t"))
    if path.suffix == ".pptx":
        shapes = [one for slide in Presentation(str(path)).slides for one in slide.shapes]
        boxes = [one.text_frame.text for one in shapes if one.has_text_frame]
        cells = [cell.text for one in shapes if one.has_table for cell in one.table.iter_cells()]
        return " ".join([*boxes, *cells])
    if path.suffix == ".xlsx":
        sheets = pd.read_excel(path, sheet_name=None, header=None, dtype=str, engine="calamine")
        return " ".join(sheet.fillna("").to_csv(index=False) for sheet in sheets.values())
    if path.suffix == ".pdf":
        return " ".join(page.extract_text() for page in PdfReader(path).pages)
    return path.read_text(encoding="utf-8")


def said(text: str, never: tuple[str, ...]) -> list[str]:
    """Return the forbidden words of a text, with what stands around them."""
    text = re.sub(r"\s+", " ", text)
    return [
        text[max(0, found.start() - 40) : found.end() + 40]
        for words in never
        for found in re.finditer(words, text, re.IGNORECASE)
    ]


def test_the_search_finds_what_was_once_written() -> None:
    for text in (
        "Rates are nowhere higher or lower than chance alone would give.",
        "No area stands out beyond chance.",
        "High rates here and around; at most about 1 in 20 so marked is chance.",
        "of the areas named, 10 in 100 are false alarms at most",
        "The 95% limits say how far the rate could lie from the one seen through chance alone",
    ):
        assert said(text, NEVER), text


def test_no_file_of_the_demo_says_it(demo: Path) -> None:
    kinds = {".html", ".docx", ".pptx", ".xlsx", ".csv", ".pdf", ".json"}
    files = [path for path in demo.rglob("*") if path.suffix in kinds]
    assert {path.suffix for path in files} == kinds
    assert {path.name: found for path in files if (found := said(plain(path), IN_OUTPUTS))} == {}


def test_levels_come_first_and_a_report_repeats_itself_little(demo: Path) -> None:
    text = re.sub(r"\s+", " ", plain(demo / "report.docx").replace("\N{NO-BREAK SPACE}", " "))
    assert len(re.findall(r"\bchance\b", text, re.IGNORECASE)) < 15
    assert "FY 20" not in text
    document = docx.Document(str(demo / "report.docx"))
    paragraphs = [one.text for one in document.paragraphs if one.style.name != "Caption"]
    sentences = pd.Series(
        [one for text in paragraphs for one in re.split(r"(?<=\.) ", text) if len(one) > 25]
    )
    often = sentences.value_counts()
    assert often[often > 3].to_dict() == {}


@pytest.mark.parametrize("folder", ["docs", "examples", "README.md", "CONTRIBUTING.md"])
def test_no_page_of_the_documentation_says_it(folder: str) -> None:
    place = ROOT / folder
    pages = [place] if place.is_file() else [*place.rglob("*.md"), *place.rglob("*.py")]
    assert pages
    found = {str(page): words for page in pages if (words := said(page.read_text("utf-8"), NEVER))}
    # A negation says the opposite: it does *not* say that chance explains the figures.
    assert {page: words for page, words in found.items() if "does not say" not in str(words)} == {}


def test_no_sentence_of_the_library_says_it() -> None:
    pages = [*Path(lsoahot.__file__).parent.rglob("*.py")]
    assert len(pages) > 200
    texts = {
        page: " ".join(re.findall(r'"([^"\n]{12,})"', page.read_text("utf-8"))) for page in pages
    }
    assert {str(page): found for page, text in texts.items() if (found := said(text, NEVER))} == {}
