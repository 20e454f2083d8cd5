"""An assessment as an Excel workbook: notes first, then a sheet for each measure."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from lsoahot import _checks
from lsoahot._labels import CLUSTER_CLASSES, HOTSPOT_CLASSES, NOT_TESTED
from lsoahot._plotting import colours
from lsoahot._plotting.provenance import edition, hotspot_test, notice
from lsoahot._tables import COLUMNS, WHERE_USED, Column, table_of
from lsoahot._writing import escape, replacing, stamp

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from .assessments import Assessment
    from .config import Measure

# How each kind of figure is shown; what is in the cell stays exact.
FORMATS: Final[dict[str, dict[str, Any]]] = {
    "text": {},
    "whole": {"num_format": "#,##0"},
    "rate": {"num_format": "#,##0.0"},
    "score": {"num_format": "#,##0.00"},
    "p": {"num_format": '[<0.001]"<0.001";0.000', "align": "right"},
    "class": {},
    "flag": {"align": "center"},
}
NOTES: Final = "Notes"
HEADING: Final = 3  # the row of the headings, counted from 0
NAMED: Final = 3  # columns that stay in sight: rank, code, name
LONGEST: Final = 31  # letters of a sheet's name
FULL: Final = 32_767  # letters that a cell holds
FOOT: Final = 255  # letters that a foot line holds
# A class on a dark ground is written in white.
DARK: Final = (*HOTSPOT_CLASSES[:2], "Cold spot 99%", "High-High", "Low-Low")
TESTS: Final = {
    "getis_ord": "Getis-Ord Gi* of the rate",
    "local_risk": "exact test of local risk (less than one event an area)",
}


def workbook(found: Assessment, path: str | Path) -> Path:
    """Write an assessment to an Excel workbook: notes, then a sheet for each measure.

    Every sheet has the rows, the order and the exact figures of the measure's CSV table, with
    headings that people can read, filters, formats, and the hot spots in the colours of the maps.
    The first sheet says where the figures come from, what became of every record, which test was
    used and what each column means. The headings stand in row 4, below the title, the period and
    what must be shown with the figures.

    Parameters
    ----------
    found : Assessment
        What `assess` returned.
    path : path
        The file to write, ending in ``.xlsx``.

    Returns
    -------
    Path
        The file. It is there whole or, where writing failed, as it was before.

    Raises
    ------
    FileNotFoundError
        If the folder does not exist.
    ValueError
        If the path does not end in ``.xlsx``.

    Notes
    -----
    There is no formula in the file, nor text that could become one. In a workbook, text that begins
    with ``=`` is just text; but a sheet that is saved as CSV and opened again would run it. So such
    text has an apostrophe before it, as in the CSV tables.

    The same figures make the same file, byte for byte: it is dated by the end of its period.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import lsoahot as lh, pandas as pd
    >>> found = lh.assess({
    ...     "boundaries": {"source": "sample"},
    ...     "period": {"start": "2011-10", "end": "2012-09"},
    ...     "measures": {"fires": {"dataset": "fires", "source": "sample"}},
    ... })
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     written = lh.workbook(found, pathlib.Path(folder, "fires.xlsx"))
    ...     table = pd.read_excel(written, sheet_name="Fires", header=3, engine="calamine")
    >>> table["Count (events)"].tolist()[:5]
    [6, 4, 3, 2, 1]
    """
    from xlsxwriter import Workbook

    path = Path(path)
    _checks.one_of(path.suffix.lower(), (".xlsx",), "the ending of path")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent}. Make it first, or mend path.")
    made = io.BytesIO()
    as_text = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
    book = Workbook(made, {"in_memory": True, **as_text})
    looks = _looks(book)
    names = sheet_names([one.title for one in found.config.measures])
    notes = book.add_worksheet(NOTES)
    for measure, name in zip(found.config.measures, names, strict=True):
        _measure(book.add_worksheet(name), found, measure, looks)
    _notes(notes, found, names, looks)
    book.set_properties(_properties(found))
    book.close()
    with replacing(path) as part:
        part.write_bytes(made.getvalue())
    return path


def sheet_names(titles: Iterable[str]) -> list[str]:
    """Make a sheet's name of each title: short enough, allowed, and each different.

    Examples
    --------
    >>> sheet_names(["Theft: from/of vehicles", "History", "notes", "A" * 40, "a" * 40])[:3]
    ['Theft from of vehicles', 'History 2', 'notes 2']
    """
    taken = {NOTES.casefold(), "history"}  # Excel keeps the latter for itself
    names = []
    for title in titles:
        plain = " ".join(re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", title).split()).strip("' ")
        plain = plain or "Measure"
        name, number = _cut(plain), 1
        while name.casefold() in taken:
            number += 1
            name = _cut(plain, f" {number}")
        taken.add(name.casefold())
        names.append(name)
    return names


def _cut(text: str, end: str = "") -> str:
    """Cut a text so that it fits with its end, as Excel counts letters (in UTF-16)."""
    while len((text + end).encode("utf-16-le")) // 2 > LONGEST:
        text = text[:-1]
    return text.rstrip(" '") + end


class _Exact(float):
    """A number that is written with all its digits: XlsxWriter cuts them to 16, one too few."""

    __slots__ = ()

    def __format__(self, _: str, /) -> str:
        return float.__repr__(self)


def _looks(book: Workbook) -> dict[str, Format]:
    """Make the formats: of figures, of classes, of headings."""
    ink = {"font_name": "Calibri", "font_size": 10, "valign": "top"}
    looks = {kind: book.add_format(ink | look) for kind, look in FORMATS.items()}
    for name, colour in (colours.HOTSPOT_COLOURS | colours.CLUSTER_COLOURS).items():
        on_dark = {"font_color": "#ffffff"} if name in DARK else {}
        faint = {"font_color": "#8a8a8a"} if name == NOT_TESTED else {}
        looks[name] = book.add_format(ink | {"bg_color": colour} | on_dark | faint)
    withheld = {"bg_color": "#e4e7ea"}
    more: dict[str, dict[str, Any]] = {
        "withheld": withheld,
        "title": {"bold": True, "font_size": 15},
        "faint": {"font_color": colours.FAINT},
        "must": {"bold": True, "font_color": colours.HOTSPOT_COLOURS["Hot spot 95%"]},
        "heading": {"bold": True, "text_wrap": True, "valign": "vcenter", "bg_color": "#e9e6dc",
                    "bottom": 1, "border_color": "#8a8a8a"},
        "section": {"bold": True, "font_size": 12, "bottom": 1, "border_color": "#8a8a8a"},
        "label": {"bold": True, "text_wrap": True},
        "wrapped": {"text_wrap": True},
        "link": {"font_color": "#1d4f7c", "underline": 1},
    }  # fmt: skip
    return looks | {name: book.add_format(ink | look) for name, look in more.items()}


def _text(cell: object) -> str:
    """Return text that is no formula, here or saved as CSV, and fits a cell."""
    return str(escape(str(cell)))[:FULL]


# --- a measure ------------------------------------------------------------------------------------


def _measure(
    sheet: Worksheet, found: Assessment, measure: Measure, looks: dict[str, Format]
) -> None:
    """Fill the sheet of a measure."""
    areas = found.tables[measure.name]
    table = table_of(areas, measure.population)
    columns = {name: (COLUMNS | WHERE_USED)[name] for name in table}
    if measure.population != "population":
        columns["population"] = columns["population"]._replace(
            heading=f"Denominator ({measure.population})"
        )
    sheet.write_string(0, 0, _text(measure.title), looks["title"])
    sheet.write_string(1, 0, _text(_under(found, areas)), looks["faint"])
    sheet.write_string(2, 0, _text(_must(areas)), looks["must"])
    sheet.set_row(HEADING, 42)
    hidden = table["suppressed"].to_numpy() if "suppressed" in table else [False] * len(table)
    for at, (name, column) in enumerate(columns.items()):
        sheet.write_string(HEADING, at, _text(column.heading), looks["heading"])
        sheet.set_column(at, at, column.width)
        _column(sheet, at, column, zip(table[name], hidden, strict=True), looks=looks)
    last = HEADING + len(table)
    sheet.autofilter(HEADING, 0, max(last, HEADING + 1), len(columns) - 1)
    sheet.freeze_panes(HEADING + 1, NAMED)
    if len(table):
        for name, colour in (("count", colours.SEQUENCE[1]), ("rate", colours.SEQUENCE[2])):
            at = list(columns).index(name)
            bar = {"type": "data_bar", "bar_solid": True, "bar_color": colour, "min_value": 0}
            bar |= {"min_type": "num", "data_bar_2010": True}
            sheet.conditional_format(HEADING + 1, at, last, at, bar)
    _printed(sheet, f"{found.config.title}: {measure.title}", notice(areas))
    sheet.set_landscape()
    sheet.repeat_rows(HEADING)


def _column(
    sheet: Worksheet,
    at: int,
    column: Column,
    cells: Iterable[tuple[Any, bool]],
    *,
    looks: dict[str, Format],
) -> None:
    """Write the cells of a column, each with whether its row is withheld; missing stays empty."""
    for row, (value, withheld) in enumerate(cells, HEADING + 1):
        look = looks[column.kind]
        if pd.isna(value):
            sheet.write_blank(row, at, None, looks["withheld"] if withheld else look)
        elif column.kind == "flag":
            sheet.write_boolean(row, at, bool(value), look)
        elif column.kind == "class":
            sheet.write_string(row, at, _text(value), looks.get(str(value), look))
        elif column.kind == "text":
            sheet.write_string(row, at, _text(value), look)
        else:
            sheet.write_number(row, at, _Exact(value), look)


def _under(found: Assessment, areas: gpd.GeoDataFrame) -> str:
    """Say which period, which areas and which test a sheet is of."""
    test = TESTS[hotspot_test(areas)]
    return f"{found.config.years}. {len(areas):,} areas. Hot spots: {test}."


def _must(areas: gpd.GeoDataFrame) -> str:
    """Return what must be shown with a table: that it is a sample, that counts are withheld."""
    return " ".join(filter(None, [notice(areas), _withheld(areas)]))


def _withheld(areas: gpd.GeoDataFrame) -> str:
    """Say which counts are withheld, if any."""
    told = areas.attrs.get("suppression", {})
    return str(told.get("sentence", "")) if told.get("areas") else ""


def _printed(sheet: Worksheet, title: str, must: str) -> None:
    """Set the page: A4, as wide as the table, its title and page at the foot."""
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.7)
    sheet.hide_gridlines(1)
    ends = "&R&8Page &P of &N"
    words = "&L&8" + ". ".join(filter(None, [title, must])).replace("&", "&&")
    sheet.set_footer(words[: FOOT - len(ends)].rstrip("&") + ends)


# --- the notes ------------------------------------------------------------------------------------


def _notes(sheet: Worksheet, found: Assessment, names: list[str], looks: dict[str, Format]) -> None:
    """Fill the first sheet: what there is, where it comes from, how it was tested, what it means."""
    from lsoahot import __version__

    config = found.config
    areas = found.areas.attrs
    tables = {one.name: found.tables[one.name] for one in config.measures}
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 110)
    sheet.write_string(0, 0, _text(config.title), looks["title"])
    sheet.write_string(1, 0, _text(config.years), looks["faint"])
    sheet.write_string(2, 0, _text(notice(found.areas)), looks["must"])
    row = 4

    def section(title: str, lines: Iterable[tuple[str, str]], look: str = "label") -> None:
        nonlocal row
        told = [(label, text) for label, text in lines if text]
        if not told:
            return
        sheet.write_string(row, 0, title, looks["section"])
        sheet.write_blank(row, 1, None, looks["section"])
        for label, text in told:
            row += 1
            sheet.write_string(row, 0, _text(label), looks[look])
            sheet.write_string(row, 1, _text(text), looks["wrapped"])
        row += 2

    first = row + 1
    section("Sheets", [(one.title, _summary(tables[one.name])) for one in config.measures])
    for at, (measure, name) in enumerate(zip(config.measures, names, strict=True), first):
        target = f"internal:'{name.replace(chr(39), chr(39) * 2)}'!A1"
        sheet.write_url(at, 0, target, looks["link"], _text(measure.title))
    section(
        "Where the figures come from",
        [
            ("Boundaries", "; ".join(filter(None, [
                edition(areas.get("edition")), str(areas.get("source") or "")]))),
            ("Population", str(areas.get("population_source") or "")),
            ("Licence", str(areas.get("attribution") or "")),
            *(
                (f"Records: {one.title}", ", ".join(found.records[one.name].attrs.get("source", [])))
                for one in config.measures
            ),
        ],
    )  # fmt: skip
    section(
        "What became of the records",
        [(one.title, str(tables[one.name].attrs["audit"])) for one in config.measures],
    )
    section("What is withheld", [(m.title, _withheld(tables[m.name])) for m in config.measures])
    section(
        "How hot spots were tested",
        [
            (one.title, str(tables[one.name].attrs["statistics"]["find_hotspots"].get("text", "")))
            for one in config.measures
        ],
    )
    used = {name for table in tables.values() for name in table}
    section(
        "Columns",
        [
            (column.heading, column.meaning)
            for name, column in (COLUMNS | WHERE_USED).items()
            if name in COLUMNS or name in used
        ],
    )
    at = row
    classes = {**dict.fromkeys(HOTSPOT_CLASSES, "hotspot"), **dict.fromkeys(CLUSTER_CLASSES)}
    section("Colours", [(name, CLASSES[name]) for name in classes])
    for step, name in enumerate(classes, 1):
        sheet.write_string(at + step, 0, name, looks[name])
    section(
        "About this file",
        [
            ("Made with", f"lsoahot {__version__}"),
            ("Empty cells", "Not known, not answerable, or withheld (grey). Never zero."),
            ("Exact figures", "Cells hold more digits than they show; tables/ holds the same."),
        ],
    )
    _printed(sheet, config.title, notice(found.areas))
    sheet.set_landscape()


CLASSES: Final = {
    "Hot spot 99%": "High rates here and around; at most about 1 in 100 so marked is chance.",
    "Hot spot 95%": "High rates here and around; at most about 1 in 20 so marked is chance.",
    "Hot spot 90%": "High rates here and around; at most about 1 in 10 so marked is chance.",
    "Not significant": "Chance explains what is seen. It does not mean 'no problem here'.",
    "Cold spot 90%": "Low rates here and around; at most about 1 in 10 so marked is chance.",
    "Cold spot 95%": "Low rates here and around; at most about 1 in 20 so marked is chance.",
    "Cold spot 99%": "Low rates here and around; at most about 1 in 100 so marked is chance.",
    "Not tested": "There was no answer to give, or it is withheld.",
    "High-High": "A high rate among high rates.",
    "Low-Low": "A low rate among low rates.",
    "Low-High": "A low rate among high rates.",
    "High-Low": "A high rate among low rates.",
}


def _summary(areas: gpd.GeoDataFrame) -> str:
    """Say in one line what a sheet holds."""
    hot = int(areas["hotspot"].isin(colours.HOT).sum())
    spots = f"{hot:,} hot spot{'' if hot == 1 else 's'}" if hot else "no hot spot"
    if _withheld(areas):
        return f"{len(areas):,} areas, small counts withheld; {spots}."
    return f"{areas['count'].sum():,.0f} events in {len(areas):,} areas; {spots}."


def _properties(found: Assessment) -> dict[str, Any]:
    """Return what the file says of itself, dated by its period."""
    from lsoahot import __version__

    return {
        "title": found.config.title,
        "subject": found.config.years,
        "comments": " ".join(
            filter(None, [notice(found.areas), f"Made with lsoahot {__version__}."])
        ),
        "created": stamp(found.config.end).replace(tzinfo=None),
    }
