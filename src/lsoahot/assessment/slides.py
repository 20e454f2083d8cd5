"""Slides for a meeting: one a measure, with its map, three lines and the first five areas."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lsoahot.assessment.csv_tables import shapeless
from lsoahot.assessment.findings import opening
from lsoahot.assessment.notices import full_notice
from lsoahot.assessment.streets import streets_of
from lsoahot.common.files import write_undated
from lsoahot.describe import nouns
from lsoahot.describe.area_clauses import clusters, levels

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from pptx.presentation import Presentation as Deck
    from pptx.slide import Slide, SlideLayout
    from pptx.text.text import TextFrame

    from .findings import Finding
    from .result import Assessment

WIDE, TALL = 13.333, 7.5  # inches
MARGIN: Final = 0.5
FIVE: Final = 5
RIGHT: Final = 7.7  # where the text and the table beside the map begin
NAMED: Final = 2  # high areas
# Letters of the text, in points: large where they are few.
SMALL, LARGE, FEW = 12, 15, 260
ONE_LINE: Final = 45  # letters of a title in full size


def write_slides(
    assessment: Assessment, path: Path, maps: Mapping[str, bytes], results: Sequence[Finding]
) -> Path:
    """Write the slides, whole or not at all.

    Parameters
    ----------
    assessment : Assessment
        What was assessed.
    path : path
        Where to write, ``.pptx``.
    maps : dict of str to bytes
        Pictures (PNG) by the measure's name.
    results : sequence of Finding
        What `findings.find_all` returned.

    Returns
    -------
    Path
        The file.
    """
    deck = open_deck(assessment.config.report.slides_template)
    deck.core_properties.title = assessment.config.title
    deck.core_properties.author = assessment.config.report.author or ""
    must = full_notice(assessment.areas, assessment.records)
    before = len(deck.slides)  # a template may have some
    _title(deck, assessment.config.title, f"{assessment.config.years}\n{must}".strip())
    for finding in results:
        _measure(deck, assessment, finding, picture=maps.get(finding.measure.name), must=must)
    _fit(deck, before)
    drawn = io.BytesIO()
    deck.save(drawn)
    write_undated(drawn, path)
    return path


def open_deck(template: str | Path | None) -> Deck:
    """Begin a presentation, on plain slides or on a template of the user's."""
    from pptx import Presentation
    from pptx.exc import PackageNotFoundError
    from pptx.util import Inches

    if template is None:
        deck = Presentation()
        deck.slide_width, deck.slide_height = Inches(WIDE), Inches(TALL)
        return deck
    if not Path(template).is_file():
        raise FileNotFoundError(
            f"there is no template at {template}. Give the path of a .pptx file."
        )
    try:
        return Presentation(str(template))
    except (PackageNotFoundError, ValueError, KeyError) as problem:
        raise ValueError(
            f"{template} is not a presentation that can be a template. Open it in PowerPoint, and "
            "save it as .pptx."
        ) from problem


def _fit(deck: Deck, first: int) -> None:
    """Bring what was laid out on WIDE by TALL to the template's size, letters and all."""
    from pptx.util import Inches

    wide, tall = deck.slide_width or Inches(WIDE), deck.slide_height or Inches(TALL)
    times = min(wide / Inches(WIDE), tall / Inches(TALL))
    for slide in list(deck.slides)[first:]:
        for shape in slide.shapes:
            lengths: list[tuple[Any, tuple[str, ...]]] = [
                (shape, ("left", "top", "width", "height"))
            ]
            frames = [shape.text_frame] if shape.has_text_frame else []
            if shape.has_table:
                lengths += [(column, ("width",)) for column in shape.table.columns]
                lengths += [(row, ("height",)) for row in shape.table.rows]
                frames += [cell.text_frame for cell in shape.table.iter_cells()]
            lengths += [
                (frame, ("margin_left", "margin_right", "margin_top", "margin_bottom"))
                for frame in frames
            ]
            lengths += [
                (paragraph.font, ("size",)) for frame in frames for paragraph in frame.paragraphs
            ]
            for of, names in lengths:
                for name in names:
                    setattr(of, name, int(getattr(of, name) * times))


def _title(deck: Deck, title: str, subtitle: str) -> None:
    """Add the first slide."""
    from pptx.enum.text import MSO_ANCHOR

    slide = deck.slides.add_slide(_layout(deck))
    frame = _text(slide, title, (MARGIN, 1.6, WIDE - 2 * MARGIN, 2.0), size=40, bold=True)
    frame.vertical_anchor = MSO_ANCHOR.BOTTOM
    _text(slide, subtitle, (MARGIN, 3.7, WIDE - 2 * MARGIN, 1.2), size=20)


def _layout(deck: Deck) -> SlideLayout:
    """Return the layout without places to fill, or the last."""
    blank = [layout for layout in deck.slide_layouts if not len(layout.placeholders)]
    return (blank or [deck.slide_layouts[min(6, len(deck.slide_layouts) - 1)]])[0]


def _measure(
    deck: Deck, assessment: Assessment, finding: Finding, *, picture: bytes | None, must: str
) -> None:
    """Add a measure's slide."""
    from pptx.util import Inches

    measure, years = finding.measure, assessment.config.years
    slide = deck.slides.add_slide(_layout(deck))
    size = int(min(28, max(14, 28 * ONE_LINE / len(measure.title))))
    _text(slide, measure.title, (MARGIN, 0.3, WIDE - 2 * MARGIN, 0.7), size=size, bold=True)
    whole = " ".join(opening(finding, assessment.config)) or years
    _text(slide, whole, (MARGIN, 0.85, WIDE - 2 * MARGIN, 0.6), size=13)
    table = shapeless(assessment.tables[measure.name])
    shown = table[table["count"].notna()]
    if picture is not None:
        shape = slide.shapes.add_picture(
            io.BytesIO(picture), Inches(MARGIN), Inches(1.55), width=Inches(RIGHT - 2 * MARGIN)
        )
        (named,) = shape.element.xpath(".//p:cNvPr")
        named.set("descr", f"Map of {measure.title}")
    lines = "\n".join(_lines(shown, nouns.unit(assessment.records[measure.name].attrs.get("unit"))))
    _text(
        slide,
        lines,
        (RIGHT, 1.45, WIDE - RIGHT - MARGIN, 2.3),
        size=SMALL if len(lines) > FEW else LARGE,
        apart=4,
    )
    first = shown.sort_values("rank", kind="stable").head(FIVE)
    streets = streets_of(assessment, measure)
    rows: list[tuple[str, ...]] = [("", "Area", "Count", "Rate per 1,000", "Level")]
    for code, (_, row) in zip(first.index, first.iterrows(), strict=True):
        name = str(row.get("area_name", code))
        if code in streets.index:
            name += f"\n{streets[code]}"
        rate = f"{row['rate']:,.1f}" if row["rate"] == row["rate"] else "\N{EN DASH}"
        rows.append(
            (f"{int(row['rank'])}", name, f"{int(row['count']):,}", rate, str(row["level"]))
        )
    if len(rows) > 1:
        _table(slide, rows)
    if must:
        _text(slide, must, (MARGIN, TALL - 0.45, WIDE - 2 * MARGIN, 0.35), size=11)


def _lines(shown: pd.DataFrame, unit: str | None) -> list[str]:
    """Say in three lines which areas are high, and whether high areas lie together."""
    if shown.empty:
        return ["Which areas are high is not said, because the counts of all are withheld."]
    together = [line for line in clusters(shown) if "high" in line]
    return [*levels(shown, unit=unit, whole="all areas together")[:NAMED], *together[:1]]


def _text(
    slide: Slide,
    text: str,
    box: tuple[float, float, float, float],
    *,
    size: int,
    bold: bool = False,
    apart: int = 0,
) -> TextFrame:
    """Add a box of text, its lines so many points apart."""
    from pptx.util import Inches, Pt

    frame: TextFrame = slide.shapes.add_textbox(*(Inches(part) for part in box)).text_frame
    frame.word_wrap = True
    frame.text = text
    for paragraph in frame.paragraphs:
        paragraph.font.size, paragraph.font.bold = Pt(size), bold
        paragraph.space_after = Pt(apart)
    return frame


def _table(slide: Slide, rows: list[tuple[str, ...]]) -> None:
    """Add the table of the first areas."""
    from pptx.util import Inches, Pt

    widths = (0.3, 2.4, 0.65, 0.75, 1.0)
    tall = 0.3 * len(rows)  # each row grows to what is in it
    shape = slide.shapes.add_table(
        len(rows), len(widths), Inches(RIGHT), Inches(3.75), Inches(sum(widths)), Inches(tall)
    )
    for c, width in enumerate(widths):
        shape.table.columns[c].width = Inches(width)
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            cell = shape.table.cell(r, c)
            cell.text = text
            for n, paragraph in enumerate(cell.text_frame.paragraphs):
                paragraph.font.size = Pt(8.5 if n or not r else 10.5)
            cell.margin_top = cell.margin_bottom = Inches(0.02)
            cell.margin_left = cell.margin_right = Inches(0.06)
