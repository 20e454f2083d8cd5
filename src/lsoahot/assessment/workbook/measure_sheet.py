"""The sheet of a measure: its table, as in the CSV file, for people to read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from lsoahot.assessment.csv_tables import COLUMNS, WHERE_USED, Column, table_of
from lsoahot.common.class_labels import HOT_SPOTS, NOT_TESTED
from lsoahot.common.files import escape
from lsoahot.plotting import colours
from lsoahot.plotting.provenance import hotspot_test, notice

if TYPE_CHECKING:
    import geopandas as gpd
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from lsoahot.assessment.result import Assessment
    from lsoahot.assessment.settings import Measure
    from lsoahot.common.arrays import Bools


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
DARK: Final = (*HOT_SPOTS[:2], "Cold spot 99%", "High-High", "Low-Low")
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
HEADING: Final = 3  # the row of the headings, counted from 0
NAMED: Final = 3  # columns that stay in sight: rank, code, name
ENDLESS: Final = (float("inf"), float("-inf"))  # no cell can hold them
WIDEST: Final = 60  # letters
OF_NEIGHBOURS: Final = ("gi_", "risk_")
TESTS: Final = {
    "getis_ord": "Getis-Ord Gi* of the rate",
    "local_risk": "exact test of local risk (less than one event an area)",
}


def make_formats(book: Workbook) -> dict[str, Format]:
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


def set_page(sheet: Worksheet, title: str, must: str) -> None:
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


class Exact(float):
    """A number that is written with all its digits: XlsxWriter cuts them to 16, one too few."""

    __slots__ = ()

    def __format__(self, _: str, /) -> str:
        return float.__repr__(self)


def fill(
    sheet: Worksheet, assessment: Assessment, measure: Measure, styles: dict[str, Format]
) -> None:
    """Fill the sheet of a measure."""
    areas = assessment.tables[measure.name]
    table = table_of(areas, measure.population)
    columns = {name: (COLUMNS | WHERE_USED)[name] for name in map(str, table)}
    if measure.population != "population":
        name = f"Denominator ({measure.population})"
        columns["population"] = columns["population"]._replace(heading=name)
    sheet.set_row(0, 22)
    sheet.write_string(0, 0, text(measure.title), styles["title"])
    tested = f"{number_of_areas(areas)}. Hot spots: {TESTS[hotspot_test(areas)]}."
    sheet.write_string(1, 0, text(f"{assessment.config.years}. {tested}"), styles["faint"])
    sheet.write_string(
        2,
        0,
        text(" ".join(filter(None, [notice(areas), suppression_sentence(areas)]))),
        styles["must"],
    )
    sheet.set_row(HEADING, 42)
    for at, (name, column) in enumerate(columns.items()):
        sheet.write_string(HEADING, at, text(column.heading), styles[f"{column.kind} heading"])
        sheet.set_column(at, at, _width(column, table[name]))
    kinds = [column.kind for column in columns.values()]
    rows = zip(table.itertuples(index=False, name=None), _hidden(table, areas), strict=True)
    for row, (cells, hidden) in enumerate(rows, HEADING + 1):  # a row at a time, as it is kept
        for at, (cell, kind, secret) in enumerate(zip(cells, kinds, hidden, strict=True)):
            _write(sheet, (row, at), cell, styles, kind=kind, secret=secret)
    last = HEADING + max(len(table), 1)
    sheet.autofilter(HEADING, 0, last, len(columns) - 1)
    sheet.freeze_panes(HEADING + 1, NAMED)
    for at, name in enumerate(columns):
        if name in {"count", "rate"}:
            bar = {"type": "data_bar", "data_bar_2010": True, "bar_solid": True, "bar_color": BAR}
            bar |= {"min_type": "num", "min_value": 0}
            sheet.conditional_format(HEADING + 1, at, last, at, bar)
    set_page(sheet, f"{assessment.config.title}: {measure.title}", notice(areas))
    sheet.repeat_rows(HEADING)


def _write(
    sheet: Worksheet,
    place: tuple[int, int],
    cell: str | float | None,
    styles: dict[str, Format],
    *,
    kind: str,
    secret: bool,
) -> None:
    """Write a cell by its kind; what is missing stays empty, and is grey where it is withheld."""
    style = styles[kind]
    if cell is None or pd.isna(cell) or cell in ENDLESS:
        sheet.write_blank(*place, None, styles["withheld"] if secret else style)
    elif kind == "flag":
        sheet.write_boolean(*place, bool(cell), style)
    elif kind == "class":
        sheet.write_string(*place, text(cell), styles.get(str(cell), style))
    elif kind == "text":
        sheet.write_string(*place, text(cell), style)
    else:
        sheet.write_number(*place, Exact(cell), style)


def _hidden(table: pd.DataFrame, areas: gpd.GeoDataFrame) -> Bools:
    """Tell which cells are empty because they are withheld: rows, and all sums over neighbours."""
    hidden = np.zeros(table.shape, dtype=bool)
    if suppression_sentence(areas):
        hidden[table["suppressed"].to_numpy(dtype=bool)] = True
        hidden[:, [str(name).startswith(OF_NEIGHBOURS) for name in table]] = True
    return hidden


def _width(column: Column, cells: pd.Series) -> float:
    """Return the width of a column: of text, as its longest."""
    if column.kind != "text" or cells.empty:
        return column.width
    longest = int(cells.astype("string").str.len().max() or 0)
    return min(max(column.width, 0.95 * longest + 2), WIDEST)


def number_of_areas(areas: gpd.GeoDataFrame) -> str:
    """Say how many areas there are."""
    return f"{len(areas):,} area{'' if len(areas) == 1 else 's'}"


def suppression_sentence(areas: gpd.GeoDataFrame) -> str:
    """Say which counts are withheld, if any."""
    notes = areas.attrs.get("suppression", {})
    return str(notes.get("sentence", "")) if notes.get("areas") else ""
