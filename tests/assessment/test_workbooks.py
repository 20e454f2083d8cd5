"""The workbook holds the CSV tables exactly, nothing that runs, and can be read and printed."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from unittest import mock

import numpy as np
import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from hypothesis import given, settings, strategies as st
from python_calamine import CalamineWorkbook

import lsoahot as lh
from lsoahot.assessment.csv_tables import COLUMNS, WHERE_USED, table_of
from lsoahot.assessment.workbook.measure_sheet import Exact
from lsoahot.assessment.workbook.workbook import sheet_names
from lsoahot.common.class_labels import HOTSPOT_CLASSES
from lsoahot.common.files import write_csv
from lsoahot.plotting.colours import HOTSPOT_COLOURS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from openpyxl.workbook import Workbook

# openpyxl does not know data bars with a least value
pytestmark = pytest.mark.filterwarnings("ignore:.*xtension is not supported")

HEADING = 4  # the row of the headings
MEASURES = {
    "theft": {"title": "Serious acquisitive crime", "dataset": "crime", "source": "sample",
              "categories": ["Serious acquisitive crime"]},
    "fires": {"title": "Deliberate fires", "dataset": "fires", "source": "sample"},
    "domestic": {"title": "Domestic: crimes/incidents", "dataset": "domestic", "source": "sample"},
}  # fmt: skip


@pytest.fixture(scope="module")
def found() -> lh.Assessment:
    return lh.assess(
        {
            "title": "Rutland & friends",
            "boundaries": {"source": "sample"},
            "period": {"start": "2011-10", "end": "2012-09"},
            "measures": MEASURES,
        }
    )


@pytest.fixture(scope="module")
def path(found: lh.Assessment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lh.workbook(found, tmp_path_factory.mktemp("book") / "book.xlsx")


@pytest.fixture(scope="module")
def book(path: Path) -> Workbook:
    return openpyxl.load_workbook(path)


def changed(found: lh.Assessment, name: str, **columns: Any) -> lh.Assessment:
    table = found.tables[name].assign(**columns)
    return replace(found, tables={**found.tables, name: table})


def parts(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as packed:
        return {name: packed.read(name).decode() for name in packed.namelist()}


def by_openpyxl(path: Path, sheet: str) -> list[list[Any]]:
    book = openpyxl.load_workbook(path, data_only=True)
    return [list(row) for row in book[sheet].iter_rows(min_row=HEADING, values_only=True)]


def by_calamine(path: Path, sheet: str) -> list[list[Any]]:
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet).to_python()
    return [[None if cell == "" else cell for cell in row] for row in rows[HEADING - 1 :]]


# --- the figures ----------------------------------------------------------------------------------


@pytest.mark.parametrize("read", [by_openpyxl, by_calamine])
@pytest.mark.parametrize("measure", MEASURES)
def test_sheets_hold_the_csv_tables_exactly(
    measure: str,
    read: Callable[[Path, str], list[list[Any]]],
    found: lh.Assessment,
    path: Path,
    tmp_path: Path,
) -> None:
    sheet = sheet_names([MEASURES[measure]["title"]])[0]
    written = write_csv(table_of(found.tables[measure]), tmp_path / "table.csv")
    with written.open(encoding="utf-8", newline="") as file:
        columns, *lines = csv.reader(file)
    heading, *rows = read(path, sheet)
    assert heading == [(COLUMNS | WHERE_USED)[name].heading for name in columns]
    assert len(rows) == len(lines) == 23
    for row, line in zip(rows, lines, strict=True):
        for cell, text in zip(row, line, strict=True):
            if cell is None or isinstance(cell, (str, bool)):
                assert text == ("" if cell is None else str(cell))
            else:
                assert cell == float(text)  # to the last bit


def test_withheld_counts_are_empty_and_grey(book: Workbook) -> None:
    sheet = book["Domestic crimes incidents"]
    column = {cell.value: cell.column for cell in sheet[HEADING]}
    hidden = [
        row for row in range(HEADING + 1, sheet.max_row + 1)
        if sheet.cell(row, column["Withheld?"]).value is True
    ]  # fmt: skip
    assert len(hidden) == 9
    for row in hidden:
        for name in ("Rank", "Count (events)", "Rate (per 1,000)", "Rate, upper 95% limit"):
            cell = sheet.cell(row, column[name])
            assert cell.value is None
            assert cell.fill.fgColor.rgb == "FFDFE3E7"
        assert sheet.cell(row, column["Population"]).value > 1000
    assert "9 of 23 areas" in sheet["A3"].value


def test_what_is_missing_or_endless_is_an_empty_cell(found: lh.Assessment, tmp_path: Path) -> None:
    rates = np.array([np.nan, np.inf, -np.inf, 1.5] + [2.0] * 19)
    counts = pd.array([pd.NA, 1, 2, 3] + [0] * 19, dtype="Int64")
    made = lh.workbook(changed(found, "theft", rate=rates, count=counts), tmp_path / "b.xlsx")
    rows = by_openpyxl(made, "Serious acquisitive crime")[1:6]
    assert [row[4] for row in rows] == [None, 1, 2, 3, 0]
    assert [row[5] for row in rows] == [None, None, None, 1.5, 2.0]


@settings(max_examples=50)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_every_number_comes_back_to_the_last_bit(numbers: list[float]) -> None:
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    sheet = book.add_worksheet()
    for row, number in enumerate(numbers):
        sheet.write_number(row, 0, Exact(number))
    book.close()
    read = openpyxl.load_workbook(made).active
    assert [cell.value for (cell,) in read.iter_rows()] == numbers


def test_a_denominator_of_its_own_is_named(found: lh.Assessment, tmp_path: Path) -> None:
    measures = (replace(found.config.measures[0], population="households"),)
    homes = changed(found, "theft", households=np.arange(23) + 500)
    made = lh.workbook(
        replace(homes, config=replace(found.config, measures=measures)), tmp_path / "b.xlsx"
    )
    heading, *rows = by_openpyxl(made, "Serious acquisitive crime")
    assert heading[3] == "Denominator (households)"
    assert [row[3] for row in rows] == list(range(500, 523))


# --- nothing runs ---------------------------------------------------------------------------------

HOSTILE = [
    "=1+1",
    "+44",
    "-3",
    "@SUM(A1)",
    "\t=1",
    "=cmd|' /C calc'!A0",
    "\uff1dA1",
    "https://x.yz",
]


def test_text_from_data_is_never_a_formula_or_a_link(found: lh.Assessment, tmp_path: Path) -> None:
    names = HOSTILE + ["plain"] * (23 - len(HOSTILE))
    hostile = changed(found, "theft", area_name=names)
    config = replace(found.config, title='=HYPERLINK("http://x")')
    made = lh.workbook(replace(hostile, config=config), tmp_path / "b.xlsx")
    told = write_csv(table_of(hostile.tables["theft"]), tmp_path / "t.csv")
    rows = by_openpyxl(made, "Serious acquisitive crime")[1:]
    assert [row[2] for row in rows] == pd.read_csv(told)["area_name"].to_list()
    assert [row[2] for row in rows][:4] == ["'=1+1", "'+44", "'-3", "'@SUM(A1)"]
    xml = parts(made)
    sheets = [text for name, text in xml.items() if name.startswith("xl/worksheets/sheet")]
    assert len(sheets) == 4
    assert not any("<f>" in text or "<f " in text for text in sheets)
    assert not any("TargetMode" in text for text in xml.values())  # no link leads out
    read = openpyxl.load_workbook(made)
    kinds = {cell.data_type for sheet in read for row in sheet.iter_rows() for cell in row}
    assert kinds <= {"s", "n", "b"}  # text, numbers, true or false


def test_control_letters_and_endless_text_make_a_sound_file(
    found: lh.Assessment, tmp_path: Path
) -> None:
    names = ["\x00\x07bell", "x" * 40_000, "<b>&amp;</b>", "\U0001f525"] + ["plain"] * 19
    made = lh.workbook(changed(found, "theft", area_name=names), tmp_path / "b.xlsx")
    rows = by_calamine(made, "Serious acquisitive crime")[1:5]
    assert len(rows[1][2]) == 32_767
    assert [row[2] for row in rows[2:]] == names[2:4]


# --- to be read and printed -----------------------------------------------------------------------


def test_sheets_are_set_up(book: Workbook, found: lh.Assessment) -> None:
    assert book.sheetnames == [
        "Notes", "Serious acquisitive crime", "Deliberate fires", "Domestic crimes incidents"
    ]  # fmt: skip
    for measure, sheet in zip(found.config.measures, book.worksheets[1:], strict=True):
        columns = [cell.value for cell in sheet[HEADING]]
        last = openpyxl.utils.get_column_letter(len(columns))
        assert sheet["A1"].value == measure.title
        assert sheet["A2"].value.startswith("October 2011 to September 2012. 23 areas.")
        assert "not for operational use" in sheet["A3"].value
        assert sheet.freeze_panes == "D5"
        assert sheet.auto_filter.ref == f"A4:{last}27"
        assert sheet.page_setup.orientation == "landscape"
        # one page wide, which is what is taken where nothing is said, and as many long as it takes
        assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.print_title_rows == "$4:$4"
        assert "Rutland && friends" in sheet.oddFooter.left.text
        assert sheet.column_dimensions["C"].width > len("Normanton, Edith Weston and the Luf")


@pytest.mark.parametrize(
    ("heading", "look"),
    [
        ("Rank", "0"),
        ("Population", "#,##0"),
        ("Count (events)", "#,##0"),
        ("Rate (per 1,000)", "#,##0.0"),
        ("Rate, upper 95% limit", "#,##0.0"),
        ("Gi* (standard deviations)", "#,##0.00"),
        ("Gi* p (probability)", '[<0.001]"<0.001";0.000'),
        ("Gi* q (adjusted p)", '[<0.001]"<0.001";0.000'),
        ("Times the whole's rate", "#,##0.00"),
    ],
)
def test_number_formats(heading: str, look: str, book: Workbook) -> None:
    sheet = book["Deliberate fires"]
    column = {cell.value: cell.column for cell in sheet[HEADING]}
    for row in range(HEADING + 1, sheet.max_row + 1):
        assert sheet.cell(row, column[heading]).number_format == look


def test_classes_have_the_colours_of_the_maps(found: lh.Assessment, tmp_path: Path) -> None:
    classes = pd.Categorical(
        [*HOTSPOT_CLASSES] * 2 + ["Not tested"] * 5, HOTSPOT_CLASSES, ordered=True
    )
    made = lh.workbook(changed(found, "theft", hotspot=classes), tmp_path / "b.xlsx")
    sheet = openpyxl.load_workbook(made)["Serious acquisitive crime"]
    column = {cell.value: cell.column for cell in sheet[HEADING]}
    for row in range(HEADING + 1, sheet.max_row + 1):
        cell = sheet.cell(row, column["Hot spot?"])
        assert cell.fill.fgColor.rgb == "FF" + HOTSPOT_COLOURS[cell.value][1:].upper()


def test_the_notes_tell_where_it_comes_from_and_what_it_means(
    book: Workbook, found: lh.Assessment
) -> None:
    rows = list(book["Notes"].iter_rows(values_only=True))
    told = {row[0]: row[1] for row in reversed(rows) if row[0]}  # of two, the first
    every = "\n".join(str(cell) for row in rows for cell in row if cell)
    assert rows[0][0] == "Rutland & friends"
    assert rows[1][0] == "October 2011 to September 2012"
    assert rows[2][0].startswith("Schematic boundaries, reconstructed records")
    assert "Open Government Licence" in told["Licence"]
    assert told["Population"] == found.areas.attrs["population_source"]
    assert told["Boundaries"].startswith("LSOA, 2011 edition")
    assert told["Records: fires.parquet"] == "Deliberate fires"
    used = {name for table in found.tables.values() for name in table}
    for name, column in (COLUMNS | WHERE_USED).items():
        assert column.heading in told, name
    assert {"level", "suppressed"} <= used
    for table in found.tables.values():
        assert str(table.attrs["audit"]) in every
        assert table.attrs["statistics"]["find_hotspots"]["text"] in every
    assert "22 events in 23 areas; no hot spot, no cold spot." in every
    assert "289 events in 23 areas; 3 hot spots, no cold spot." in every
    assert "9 of 23 areas" in every
    assert "Of 187 records, 22 were counted" in every
    for name in HOTSPOT_CLASSES:
        assert name in told


def test_the_notes_lead_to_the_sheets(book: Workbook) -> None:
    links = [
        cell.hyperlink.location
        for row in book["Notes"].iter_rows() for cell in row if cell.hyperlink
    ]  # fmt: skip
    assert links == [f"'{name}'!A1" for name in book.sheetnames[1:]]


@pytest.mark.filterwarnings("ignore::UserWarning")  # of a single area there is much to tell
def test_a_withheld_total_is_not_told(tmp_path: Path) -> None:
    one = lh.read_boundaries("sample").loc[["E01013801"]]
    one.reset_index().to_parquet(tmp_path / "one.parquet")
    one[["population"]].to_csv(tmp_path / "people.csv")
    few = lh.assess(
        {
            "boundaries": {"source": str(tmp_path / "one.parquet")},
            "population": {"source": str(tmp_path / "people.csv")},
            "period": {"start": "2011-10", "end": "2012-09"},
            "measures": {"hate": {"dataset": "hate", "source": "sample"}},
        }
    )
    assert few.tables["hate"]["suppressed"].all()
    sheet = openpyxl.load_workbook(lh.workbook(few, tmp_path / "b.xlsx"))["Notes"]
    told = [str(c) for row in sheet.iter_rows(values_only=True) for c in row if c]
    assert "1 area, small counts withheld; no hot spot, no cold spot." in told
    assert any("How many records were counted is withheld" in line for line in told)
    assert not any(re.search(r"\d+ events in", line) for line in told)


# --- names of sheets ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("titles", "names"),
    [
        (["Theft: from/of vehicles?"], ["Theft from of vehicles"]),
        (["History", "HISTORY"], ["History 2", "HISTORY 3"]),
        (["Notes"], ["Notes 2"]),
        (["'quoted'"], ["quoted"]),
        (["[]", "", "  "], ["Measure", "Measure 2", "Measure 3"]),
        (["a" * 31 + "b", "A" * 31 + "c"], ["a" * 31, "A" * 29 + " 2"]),
    ],
)
def test_names_of_sheets(titles: list[str], names: list[str]) -> None:
    assert sheet_names(titles) == names


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=45), max_size=12))
def test_names_of_sheets_are_what_excel_takes(titles: list[str]) -> None:
    names = sheet_names(titles)
    assert len(names) == len(titles)
    assert len({name.casefold() for name in names} | {"notes", "history"}) == len(names) + 2
    for name in names:
        assert 0 < len(name.encode("utf-16-le")) // 2 <= 31
        assert not re.search(r"[\[\]:*?/\\\x00-\x1f]", name)
        assert name.strip("'") == name


# --- the file -------------------------------------------------------------------------------------


def test_the_same_figures_make_the_same_file(
    found: lh.Assessment, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    again = lh.workbook(found, tmp_path / "again.xlsx")
    assert again.read_bytes() == path.read_bytes()
    created = openpyxl.load_workbook(path).properties.created
    assert created == dt.datetime(2012, 9, 30)  # noqa: DTZ001 - the file's own, without a zone
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    dated = lh.workbook(found, tmp_path / "dated.xlsx")
    assert openpyxl.load_workbook(dated).properties.created.year == 1970


def test_a_file_is_there_whole_or_as_it_was(found: lh.Assessment, tmp_path: Path) -> None:
    there = tmp_path / "b.xlsx"
    there.write_text("before")
    full = mock.patch("pathlib.Path.write_bytes", side_effect=OSError("disk full"))
    with full, pytest.raises(OSError, match="disk full"):
        lh.workbook(found, there)
    assert there.read_text() == "before"
    assert list(tmp_path.iterdir()) == [there]


def test_refused(found: lh.Assessment, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"ending of path='\.xls' is not one of \.xlsx"):
        lh.workbook(found, tmp_path / "b.xls")
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        lh.workbook(found, tmp_path / "none" / "b.xlsx")
