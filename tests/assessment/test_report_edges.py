"""What a report must not tell, what it is given to work with, and what it does with little."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import docx
import geopandas as gpd
import pandas as pd
import pytest
import shapely
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor
from hypothesis import given, settings, strategies as st

import lsoahot as lh
from lsoahot.assessment import findings, withheld
from lsoahot.assessment.report import pictures
from lsoahot.assessment.report.report import write_report
from lsoahot.assessment.report.word import document as _document, user_text, word_tables
from lsoahot.assessment.report_settings import ExtraTable
from lsoahot.assessment.settings_tables import read_extra, yearly_figures
from lsoahot.boundaries.place_names import name_areas

if TYPE_CHECKING:
    from docx.document import Document

SAMPLE = Path(lh.__file__).parent / "sample" / "assessment.toml"
FIRES: dict[str, Any] = {
    "boundaries": {"source": "sample"},
    "period": {"start": "2011-10", "end": "2012-09"},
    "measures": {"fires": {"dataset": "fires", "source": "sample"}},
}
# A county of few areas warns of what can't be tested there, which is not asked here.
CODES = ("E01013787", "E01013788", "E01013789", "E01013790")
few = pytest.mark.filterwarnings("ignore::UserWarning")


def everything(document: Document) -> str:
    """Return all that a document says: words, cells, and what is told of pictures and tables."""
    body = document.element.body
    said = [node.text or "" for node in body.iter(qn("w:t"))]
    said += [told.get("descr") or "" for told in body.iter(qn("wp:docPr"))]
    said += [told.get(qn("w:val")) for told in body.iter(qn("w:tblDescription"))]
    return "\n".join(said).replace("\N{NO-BREAK SPACE}", " ")


def numbers(document: Document) -> set[str]:
    return set(re.findall(r"(?<![\d.,])\d[\d,]*(?![\d.])", everything(document)))


def world(
    folder: Path, counts: dict[tuple[str, int], int], *, districts: tuple[str, ...] = ("Vale",)
) -> dict[str, Any]:
    """Write a county of square areas, and its domestic abuse by area and year to September."""
    codes = sorted({code for code, _ in counts})
    gpd.GeoDataFrame(
        {
            "LSOA11CD": codes,
            "LSOA11NM": [
                f"{districts[i % len(districts)]} {i + 1:03d}A" for i in range(len(codes))
            ],
        },
        geometry=[  # where the codes' county lies
            shapely.box(485_000 + 1000 * i, 305_000, 486_000 + 1000 * i, 306_000)
            for i in range(len(codes))
        ],
        crs="EPSG:27700",
    ).to_file(folder / "areas.gpkg")
    people = pd.DataFrame({"lsoa11cd": codes, "population": 1500})
    people.to_csv(folder / "people.csv", index=False)
    rows = [
        {
            "LSOA code": code,
            "Month": str(
                pd.Period(f"{year - 1}-10", "M") + 5 * k % 12
            ),  # spread out: no month is missing
            "category": "Crime",
            "domestic": "Yes",
        }
        for (code, year), count in counts.items()
        for k in range(count)
    ]
    pd.DataFrame(rows).to_csv(folder / "abuse.csv", index=False)
    return {
        "boundaries": {"source": str(folder / "areas.gpkg")},
        "population": {"source": str(folder / "people.csv"), "column": "population"},
        "period": {"start": "2011-10", "end": "2012-09"},
        "measures": {"abuse": {"dataset": "domestic", "source": str(folder / "abuse.csv")}},
    }


# --- what must not be told ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sensitive(tmp_path_factory: pytest.TempPathFactory) -> tuple[lh.Assessment, Document]:
    """Return the sample's domestic abuse and hate crime, and their report."""
    config = {
        "boundaries": {"source": "sample"},
        "period": {"start": "2011-10", "end": "2012-09"},
        "measures": {
            "domestic": {
                "dataset": "domestic", "source": "sample", "split": ["category", "crime_category"],
                "rows": 23,
            },
            "hate": {"dataset": "hate", "source": "sample", "split": "crime_category"},
        },
    }  # fmt: skip
    found = lh.assess(config)
    path = lh.report(found, tmp_path_factory.mktemp("sensitive") / "report.docx")
    return found, docx.Document(str(path))


def test_withheld_areas_have_no_figure_anywhere(
    sensitive: tuple[lh.Assessment, Document],
) -> None:
    found, document = sensitive
    table = found.tables["domestic"]
    hidden = set(table.loc[table["suppressed"], "area_name"])
    assert len(hidden) == 9
    for grid in document.tables:
        for row in grid.rows:
            cells = [cell.text for cell in row.cells]
            if hidden & set(cells):
                assert not re.search(r"\d", "".join(cells)), cells
                assert "withheld" in cells
    for name in hidden:
        assert not re.search(rf"{re.escape(name)}[ (:]+\d", everything(document)), name


def test_total_less_what_is_shown_gives_no_withheld_count_away(
    sensitive: tuple[lh.Assessment, Document],
) -> None:
    """By every table that fits what the document shows: each small count may be 0 to 4."""
    found, document = sensitive
    table = found.tables["domestic"]
    listed = {
        cells[1].text: cells[2].text
        for grid in document.tables
        if len(grid.columns) == 8 and grid.rows[0].cells[0].text == "Rank"
        for cells in (row.cells for row in grid.rows[1:])
    }
    assert len(listed) == 23 - 9  # those withheld are not listed
    shown = {name: int(count) for name, count in listed.items() if count.isdigit()}
    said = re.search(r"Domestic in Rutland came to (\d+)", everything(document))
    total = int(said[1]) if said else 0
    left = total - sum(shown.values())
    hidden = 23 - len(shown)
    real = lh.count(
        lh.read_boundaries("sample"), found.records["domestic"], period=("2011-10", "2012-09")
    )["count"]
    assert total == real.sum()
    # What n areas can hold if they sum up to `left`: any value from 0 to `left` where n > 1.
    assert hidden > 1
    assert left >= 4
    assert real[table["suppressed"].reindex(real.index)].min() < 5


def test_categories_of_people_at_risk_are_never_few(
    sensitive: tuple[lh.Assessment, Document],
) -> None:
    _, document = sensitive
    seen = 0
    for grid in document.tables:
        heads = [cell.text for cell in grid.rows[0].cells]
        if heads[0] != "Category":
            continue
        seen += 1
        assert "Most in a month" not in heads
        for row in grid.rows[1:]:
            for head, cell in zip(heads, row.cells, strict=True):
                if head.startswith("FY"):
                    assert int(cell.text.replace(",", "")) >= 5
    assert seen == 2  # both of domestic abuse; of hate crime one part is small
    assert "How it divides by crime category is withheld" in everything(document)
    assert "in some of them there were few" in everything(document)


@few
def test_a_total_that_would_tell_is_nowhere(tmp_path: Path) -> None:
    """One area: its count would be the total, this year's and any other's that leads to it."""
    counts = {("E01013787", 2011): 737, ("E01013787", 2012): 3}
    found = lh.assess(world(tmp_path, counts))
    document = docx.Document(str(lh.report(found, tmp_path / "report.docx")))
    assert not {"737", "740", "734"} & numbers(document)
    assert "came to" not in everything(document)
    assert "The total is withheld" in everything(document)
    assert not re.search(r"(rose|fell) by \d", everything(document))


@few
def test_a_year_whose_areas_it_would_tell_is_left_out(tmp_path: Path) -> None:
    """This year may be told; of the year before, three events in two areas may not."""
    counts = {
        ("E01013787", 2011): 3, ("E01013788", 2011): 0,
        ("E01013787", 2012): 36, ("E01013788", 2012): 17,
    }  # fmt: skip
    found = lh.assess(world(tmp_path, counts))
    document = docx.Document(str(lh.report(found, tmp_path / "report.docx")))
    assert "53" in numbers(document)
    (audit,) = [one for one in document.tables if one.rows[0].cells[0].text == "Measure"]
    assert [cell.text for cell in audit.rows[1].cells] == ["Abuse", "53"]
    assert "from the total of a year small counts could be worked out" in everything(document)
    assert not re.search(r"(rose|fell) by \d", everything(document))


@few
def test_districts_whose_totals_would_tell_are_not_compared(tmp_path: Path) -> None:
    """Hill has one area, so that its total is that area's count, 3."""
    counts = {(code, 2012): n for code, n in zip(CODES, (41, 3, 43, 52), strict=True)}
    config = world(tmp_path, counts, districts=("Vale", "Hill", "Vale", "Vale"))
    found = lh.assess(config)
    assert found.tables["abuse"].attrs["suppression"]["totals_withheld"]
    document = docx.Document(str(lh.report(found, tmp_path / "report.docx")))
    assert not [one for one in document.tables if one.rows[0].cells[0].text == "Place"]
    heads = {"Measure", "Rank", "Title"}
    assert {one.rows[0].cells[0].text for one in document.tables} <= heads


@few
def test_a_period_that_is_no_year_tells_no_year(tmp_path: Path) -> None:
    counts = {
        ("E01013787", 2011): 50, ("E01013788", 2011): 60,
        ("E01013787", 2012): 51, ("E01013788", 2012): 64,
    }  # fmt: skip
    config = world(tmp_path, counts) | {"period": {"start": "2012-02", "end": "2012-09"}}
    document = docx.Document(str(lh.report(lh.assess(config), tmp_path / "report.docx")))
    assert "the period is not one of 12 months" in everything(document)
    assert not {"110", "115"} & numbers(document)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=2, max_size=6))
def test_grouped_categories(years: list[tuple[int, int]]) -> None:
    """Nothing small is left in any year, totals stay, and no small count has one value only."""
    cube = pd.DataFrame(0, index=[f"c{i}" for i in range(len(years))], columns=range(24))
    cube[0], cube[12] = [a for a, _ in years], [b for _, b in years]
    found = withheld.group_small(cube, 5)
    small = any(0 < n < 5 for pair in years for n in pair)
    if found is None:
        assert small
        return
    for month in (0, 12):
        told = found[month]
        assert not ((told > 0) & (told < 5)).any()
        assert told.sum() == cube[month].sum()
        # Every way to fill the categories that were put together.
        apart = [name for name in cube.index if name not in found.index]
        if small and apart and told[withheld.OTHERS] <= 12 and len(apart) <= 3:
            whole = told[withheld.OTHERS]
            ways = [w for w in product(range(whole + 1), repeat=len(apart)) if sum(w) == whole]
            for place, name in enumerate(apart):
                if 0 < cube.loc[name, month] < 5:
                    assert {way[place] for way in ways} >= set(range(5))


# --- templates ------------------------------------------------------------------------------------


def brand(folder: Path) -> Document:
    """Make a template: a header, a cover, an own look of headings; no captions, no lists."""
    document = docx.Document()
    document.styles["Heading 1"].font.color.rgb = RGBColor(0xAA, 0, 0x55)
    document.styles["Heading 1"].font.size = Pt(30)
    document.styles["Caption"].delete()
    document.sections[0].header.paragraphs[0].text = "Vale Council"
    document.sections[0].footer.paragraphs[0].text = "Official"
    document.add_paragraph("An old text")
    document.save(folder / "brand.docx")
    return document


def test_a_template_gives_the_looks(tmp_path: Path) -> None:
    brand(tmp_path)
    path = lh.report(lh.assess(FIRES), tmp_path / "report.docx", template=tmp_path / "brand.docx")
    document = docx.Document(str(path))
    assert document.styles["Heading 1"].font.color.rgb == RGBColor(0xAA, 0, 0x55)
    assert document.styles["Heading 1"].font.size == Pt(30)
    assert document.sections[0].header.paragraphs[0].text == "Vale Council"
    assert [one.text for one in document.sections[0].footer.paragraphs] == ["Official"]
    assert "An old text" not in everything(document)
    assert document.styles["Caption"].paragraph_format.keep_with_next
    assert any(one.style.name == "Caption" for one in document.paragraphs)
    assert all(one.style.name == "Assessment Table" for one in document.tables)


def test_what_stands_before_the_mark_is_kept(tmp_path: Path) -> None:
    document = brand(tmp_path)
    document.add_paragraph("{{report}}")
    document.add_paragraph("Never seen")
    document.save(tmp_path / "brand.docx")
    settings = FIRES | {"report": {"template": str(tmp_path / "brand.docx")}}
    made = docx.Document(str(lh.report(lh.assess(settings), tmp_path / "report.docx")))
    assert made.paragraphs[0].text == "An old text"
    assert "Never seen" not in everything(made)
    assert "{{report}}" not in everything(made)


def test_a_template_without_lists_gets_them(tmp_path: Path) -> None:
    docx.Document().save(tmp_path / "plain.docx")
    with (
        zipfile.ZipFile(tmp_path / "plain.docx") as whole,
        zipfile.ZipFile(tmp_path / "bare.docx", "w") as bare,
    ):
        for name in whole.namelist():
            content = whole.read(name)
            if name == "word/_rels/document.xml.rels":
                content = re.sub(rb"<Relationship [^>]*numbering[^>]*/>", b"", content)
            if name == "[Content_Types].xml":
                content = re.sub(rb"<Override [^>]*numbering[^>]*/>", b"", content)
            if name == "word/styles.xml":
                content = re.sub(rb"<w:numPr>.*?</w:numPr>", b"", content, flags=re.DOTALL)
            if name != "word/numbering.xml":
                bare.writestr(name, content)
    path = lh.report(lh.assess(FIRES), tmp_path / "report.docx", template=tmp_path / "bare.docx")
    document = docx.Document(str(path))
    shape = document.styles["List Bullet"].element.pPr
    assert shape.numPr.numId.val > 0


def test_templates_that_cannot_be_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no template at"):
        lh.report(lh.assess(FIRES), tmp_path / "report.docx", template=tmp_path / "none.docx")
    (tmp_path / "text.docx").write_text("no zip")
    with pytest.raises(ValueError, match=r"text\.docx is not a Word document.*save it as \.docx"):
        lh.report(lh.assess(FIRES), tmp_path / "report.docx", template=tmp_path / "text.docx")
    document = docx.Document()
    document.styles["Caption"].delete()
    document.styles.add_style("Caption", WD_STYLE_TYPE.CHARACTER)
    document.save(tmp_path / "odd.docx")
    with pytest.raises(ValueError, match="'Caption' is not a paragraph style"):
        lh.report(lh.assess(FIRES), tmp_path / "report.docx", template=tmp_path / "odd.docx")
    assert not (tmp_path / "report.docx").exists()


# --- words of the user's --------------------------------------------------------------------------


def test_own_words_are_paragraphs_bullets_and_bold(tmp_path: Path) -> None:
    words = "We <b>aim</b> & hope\nfor **less**\x07 crime.\n\n- Policing\n- Arson"
    told = FIRES | {"report": {"text": {"conclusion": words, "fires": "Of fires."}}}
    document = docx.Document(str(lh.report(lh.assess(told), tmp_path / "report.docx")))
    found = {one.text: one for one in document.paragraphs}
    line = found["We <b>aim</b> & hope for less crime."]
    assert [run.text for run in line.runs if run.bold] == ["less"]
    assert found["Policing"].style.name == found["Arson"].style.name == "List Bullet"
    assert "[To be written by the partnership: what follows" not in everything(document)
    # The priority is drafted from the figures, and left to the partnership to decide.
    assert (
        "[To be written by the partnership: what the partnership decides to do. Drafts from the "
        "findings, to be edited or struck out:]\nA focus on Oakham North West, for fires.\n"
    ) in everything(document)
    assert "Of fires." in found


def test_a_text_without_a_place_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no place for the text 'conclusions'.*'conclusion'\?"):
        lh.assess(FIRES | {"report": {"text": {"conclusions": "x"}}})


@given(st.text())
def test_any_text_can_be_written(words: str) -> None:
    document = docx.Document()
    for block in user_text.blocks(words):
        for part, _ in user_text.spans(block.text):
            document.add_paragraph().add_run(part)
    document.add_paragraph(user_text.clean(words))


# --- little to go on ------------------------------------------------------------------------------


def test_files_without_months(tmp_path: Path) -> None:
    found = lh.assess(FIRES)
    records = found.records["fires"].query("period >= '2011-10'").drop(columns="period")
    found = replace(found, records={"fires": records})
    document = docx.Document(str(lh.report(found, tmp_path / "report.docx")))
    assert "The files give no months" in everything(document)
    assert "Fires in Rutland came to 22 from" in everything(document)


@few
def test_several_districts_are_compared(tmp_path: Path) -> None:
    counts = {
        (f"E0101378{i + 6}", year): 10 * i + year - 2011
        for i in range(1, 4)
        for year in (2011, 2012)
    }
    config = world(tmp_path, counts, districts=("Vale", "Hill", "Moor"))
    config["measures"]["abuse"] |= {"dataset": "crime", "suppress": False}
    config["boundaries"]["select"] = "Vale"
    document = docx.Document(str(lh.report(lh.assess(config), tmp_path / "report.docx")))
    assert "Abuse in Vale came to 11" in everything(document)
    (table,) = [one for one in document.tables if one.rows[0].cells[0].text == "Place"]
    assert [[cell.text for cell in row.cells][:5] for row in table.rows[1:]] == [
        ["1", "Vale", "11", "1,500", "7.3"],
        ["2", "Hill", "21", "1,500", "14.0"],
        ["3", "Moor", "31", "1,500", "20.7"],
    ]
    config["comparison"] = {"peers": ["More"]}
    with pytest.raises(ValueError, match=r"peers='More' is not one of Hill, Moor, Vale.*'Moor'\?"):
        lh.report(lh.assess(config), tmp_path / "report.docx")
    config["comparison"] = {"peers": ["Moor"]}
    document = docx.Document(str(lh.report(lh.assess(config), tmp_path / "report.docx")))
    (table,) = [one for one in document.tables if one.rows[0].cells[0].text == "Place"]
    assert [row.cells[1].text for row in table.rows[1:]] == ["Vale", "Moor"]


def test_areas_are_followed_by_points_as_by_codes(tmp_path: Path) -> None:
    """Each record of the sample put on a point in its area: every table must be the same.

    In the last year one area has four times its events, so that one has changed.
    """
    crime = lh.read_dataset("crime", "sample")
    crime = crime[crime["period"] >= "2010-10"]
    risen = (crime["area_code"] == CODES[0]) & (crime["period"] >= "2011-10")
    crime = pd.concat([crime, *[crime[risen]] * 3], ignore_index=True)
    points = lh.read_boundaries("sample").representative_point().to_crs(4326)[crime["area_code"]]
    table = pd.DataFrame(
        {
            "Crime ID": [f"{number:064x}" for number in range(len(crime))],
            "Month": crime["period"].astype(str),
            "Longitude": points.x.array,
            "Latitude": points.y.array,
            "Crime type": "Burglary",
        }
    )
    written = {}
    for by, source in (
        ("point", table),
        ("code", table.assign(**{"LSOA code": crime["area_code"]})),
    ):
        file = tmp_path / by / "crime.csv"
        file.parent.mkdir()
        source.to_csv(file, index=False)
        measure = {"dataset": "crime", "source": str(file), "locate_by": by}
        result = lh.assess(FIRES | {"measures": {"crime": measure}})
        write_report(
            result,
            findings.find_all(result),
            file.with_name("report.docx"),
            tables=file.with_name("tables"),
        )
        written[by] = {one.name: one.read_text() for one in file.with_name("tables").iterdir()}
    assert written["point"] == written["code"]
    assert any("Areas that changed" in name for name in written["point"])


def test_extra_tables_that_cannot_be_read(tmp_path: Path) -> None:
    extra = {"source": str(tmp_path / "t.csv")}
    config = FIRES | {"tables": {"young": extra}}
    with pytest.raises(FileNotFoundError, match="table 'young': there is no file"):
        lh.report(lh.assess(config), tmp_path / "report.docx")
    (tmp_path / "t.csv").write_text("offence,2011,2012\nAll,few,3\n")
    with pytest.raises(ValueError, match=r"table 'young': a figure can't be read.*plain"):
        lh.report(lh.assess(config), tmp_path / "report.docx")
    (tmp_path / "t.csv").write_text("offence\nAll\n")
    with pytest.raises(ValueError, match="has 1 columns and 1 rows"):
        lh.report(lh.assess(config), tmp_path / "report.docx")


def test_numbers_of_a_workbook_stand_in_the_report_as_excel_shows_them(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {
            "year": [2010, 2011],
            "crimes": [1000, None],
            "rate": [0.1 + 0.2, 12345678],
            "of": ["a", "1.0"],
        }
    )
    table.to_excel(tmp_path / "t.xlsx", index=False)
    extra = ExtraTable(
        name="t", title="T", source=str(tmp_path / "t.xlsx"), theme="Youth", kind="plain"
    )
    read = read_extra(extra)
    assert read.index.tolist() == ["2010", "2011"]
    assert read.to_numpy().tolist() == [["1000", "0.3", "a"], ["", "12345678", "1.0"]]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_extra_tables_and_names_are_read_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    text = 'offence,2011,2012\nCafé thefts,"1,200",1350\nOther,,20\n'
    (tmp_path / "t.csv").write_text(text, encoding=encoding)
    extra = ExtraTable(
        name="young", title="Young people", source=str(tmp_path / "t.csv"), theme="Youth",
        kind="trend",
    )  # fmt: skip
    table = read_extra(extra)
    assert table.index.tolist() == ["Café thefts", "Other"]
    assert table.to_numpy().tolist() == [["1,200", "1350"], ["", "20"]]
    assert yearly_figures(extra, table).loc["Café thefts"].tolist() == [1200, 1350]
    names = pd.DataFrame({"msoa11nm": ["Rutland 001"], "msoa11hclnm": ["Café Quarter"]})
    names.to_csv(tmp_path / "names.csv", index=False, encoding=encoding)
    areas = gpd.GeoDataFrame(
        {"area_name": ["Rutland 001A"]}, index=["E01013786"], geometry=[shapely.box(0, 0, 1, 1)],
        crs=27700,
    )  # fmt: skip
    assert name_areas(areas, tmp_path / "names.csv")["area_name"].tolist() == [
        "Café Quarter (001A)"
    ]


def test_of_several_sheets_the_one_that_was_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    with pd.ExcelWriter(path) as book:
        for sheet, count in (("All", 3), ("Young", 4)):
            pd.DataFrame({"offence": ["Theft"], "2012": [count]}).to_excel(
                book, sheet_name=sheet, index=False
            )
    extra = ExtraTable(
        name="young", title="Young people", source=str(path), theme="Youth", kind="trend"
    )
    with pytest.warns(UserWarning, match=r"only t.xlsx \[All\] was read; .*also t.xlsx \[Young\]"):
        assert read_extra(extra)["2012"].tolist() == ["3"]


def test_paths_are_checked(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"'\.doc' is not one of \.docx"):
        lh.report(lh.assess(FIRES), tmp_path / "report.doc")
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        lh.report(lh.assess(FIRES), tmp_path / "none" / "report.docx")


@few
def test_a_year_of_months_without_data_is_told(tmp_path: Path) -> None:
    counts = {(f"E0101378{i + 6}", year): 60 for i in range(1, 4) for year in (2008, 2011, 2012)}
    config = world(tmp_path, counts)
    config["measures"]["abuse"] |= {"dataset": "crime", "suppress": False}
    document = docx.Document(str(lh.report(lh.assess(config), tmp_path / "report.docx")))
    assert "hold no data, so years are compared after them only" in everything(document)
    assert "FY 2010" not in everything(document)


def test_where_a_table_is_too_wide_the_widest_column_is_folded() -> None:
    paper = _document.open_paper(None)
    columns = [word_tables.Column("Rate", is_number=True), word_tables.Column("Area")]
    columns.append(word_tables.Column("Level"))

    def widths(area: str, level: str) -> list[float]:
        table = word_tables.write_table(
            paper.document, columns, [["425.0", area, level]], width=paper.width, alt=""
        )
        wide = [cell.width for cell in table.rows[1].cells]
        assert sum(wide) == pytest.approx(paper.width, rel=2e-3)
        return [one / wide[0] for one in wide]

    def line(words: int) -> float:
        # In Arial an "n" takes 0.556 em, a space 0.28.
        return (words * 4 * 0.556 + (words - 1) * 0.29) * em + edge

    em, edge = word_tables.SIZE, word_tables.MARGINS
    number = (4 * 0.556 + 0.29) * em + edge
    # Eighteen words in one line beside the others are wider than the page: two lines of nine each.
    share = line(9) / number, line(2) / number
    assert widths(" ".join(["nnnn"] * 18), "nnnn nnnn")[1:] == pytest.approx(share, rel=5e-3)
    # Where all have room, all grow alike.
    share = line(4) / number, line(2) / number
    assert widths("nnnn nnnn nnnn nnnn", "nnnn nnnn")[1:] == pytest.approx(share, rel=5e-3)


@given(st.lists(st.text("ab", min_size=1, max_size=9), min_size=1, max_size=7), st.integers(1, 4))
@few
def test_no_narrower_column_holds_a_cell_in_so_many_lines(words: list[str], lines: int) -> None:
    def least(at: int, left: int) -> float:
        whole = word_tables._room(" ".join(words[at:]))
        ends = range(at + 1, len(words)) if left > 1 else ()
        return min([whole, *(max(word_tables._room(" ".join(words[at:end])), least(end, left - 1))
                             for end in ends)])  # fmt: skip

    assert word_tables._folded(" ".join(words), lines) == pytest.approx(least(0, lines))


def test_what_is_written_at_the_ends_of_lines_is_on_the_chart() -> None:
    figure, ax = pictures._chart(6.0, 2.3)
    ax.plot([2007, 2012], [3, 5])
    ax.annotate("Serious acquisitive crime 289 (+68 %, rose)", (2012, 5), (6, 0),
                textcoords="offset points", va="center")  # fmt: skip
    pictures._make_room(figure, ax)
    end = ax.texts[0].get_window_extent().x1 / figure.bbox.width
    assert 0.99 < end <= 0.996
    assert ax.get_position().width > 0.25


def test_a_longer_table_leaves_no_row_alone_on_a_page() -> None:
    paper = _document.open_paper(None)
    columns = [word_tables.Column("Area")]
    rows = [[str(n)] for n in range(20)]
    table = word_tables.write_table(paper.document, columns, rows, width=paper.width, alt="")
    kept = [row.cells[0].paragraphs[0].paragraph_format.keep_with_next for row in table.rows]
    # The header with three rows, and three with the last; a note, if there is one, with the last.
    assert [n for n, one in enumerate(kept) if one] == [0, 1, 2, 18, 19]


def test_numbers_are_not_broken_at_their_unit() -> None:
    numbers = [*(f"FY {year}" for year in range(2007, 2013)), "Share", "Change", "%"]
    columns = [word_tables.Column(heading, is_number=True) for heading in numbers]
    columns = [word_tables.Column("Category"), *columns, word_tables.Column("Verdict")]
    document, width = _document.open_paper(None).document, _document.open_paper(None).width
    rows = [
        ["Violence against the person", *["1,256"] * 6, "17 %", "+9", "+4.4 %", "no clear change"]
    ]
    table = word_tables.write_table(document, columns, rows, width=width, alt="")
    widths = [cell.width for cell in table.rows[1].cells]
    assert sum(widths) == pytest.approx(width, rel=0.001)
    # In Arial a figure takes 0.556 em, a full stop or space 0.278, plus 0.584, per cent 0.889.
    assert widths[-2] >= (2 * 0.556 + 2 * 0.278 + 0.584 + 0.889) * Pt(9) + word_tables.MARGINS
