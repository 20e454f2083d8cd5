"""The report holds every figure that was published in 2012, and is a document that Word can work with."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import docx
import pandas as pd
import pytest
from docx.oxml.ns import qn
from docx.table import Table
from pypdf import PdfReader

import lsoahot as lh

if TYPE_CHECKING:
    from docx.document import Document

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "src" / "lsoahot" / "sample"
PUBLISHED = ROOT / "boundaries" / "published"
RANKED = pd.read_csv(PUBLISHED / "ranked.csv")
YEARLY = pd.read_csv(PUBLISHED / "yearly.csv", index_col="category")
MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"


@pytest.fixture(scope="module")
def found(assessed: lh.Assessment) -> lh.Assessment:
    return assessed


@pytest.fixture(scope="module")
def path(found: lh.Assessment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lh.report(found, tmp_path_factory.mktemp("report") / "report.docx")


@pytest.fixture(scope="module")
def document(path: Path) -> Document:
    return docx.Document(str(path))


def words(document: Document) -> str:
    """Return the text of the document's paragraphs."""
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    return text.replace("\N{NO-BREAK SPACE}", " ")


def captioned(document: Document) -> dict[str, list[list[str]]]:
    """Return each table's rows by its caption, without its number."""
    found: dict[str, list[list[str]]] = {}
    caption = ""
    for part in document.element.body:
        if part.tag == qn("w:p"):
            text = "".join(node.text or "" for node in part.iter(qn("w:t")))
            if re.match(r"Table \d+: ", text):
                caption = text.partition(": ")[2]
        elif part.tag == qn("w:tbl") and caption:
            rows = [[cell.text for cell in row.cells] for row in Table(part, document).rows]
            found[caption] = rows
            caption = ""
    return found


@pytest.fixture(scope="module")
def tables(document: Document) -> dict[str, list[list[str]]]:
    return captioned(document)


def rows_of(tables: dict[str, list[list[str]]], start: str) -> dict[str, dict[str, str]]:
    """Return a table's rows by their first cell, as dicts by heading."""
    (rows,) = [table for caption, table in tables.items() if caption.startswith(start)]
    return {row[0]: dict(zip(rows[0], row, strict=True)) for row in rows[1:]}


# --- every figure of 2012 -------------------------------------------------------------------------


@pytest.mark.parametrize("measure", RANKED["measure"].unique())
def test_ranked_rows(
    found: lh.Assessment, tables: dict[str, list[list[str]]], measure: str
) -> None:
    """Place, name, number and rate of all 55 published rows, in their order."""
    title = next(one.title for one in found.config.measures if one.name == measure)
    published = RANKED[RANKED["measure"] == measure]
    (rows,) = [table for caption, table in tables.items() if f"{title}: the " in caption]
    assert rows[0][:4] == ["Rank", "Area", "Number", "Rate per 1,000"]
    assert [row[1:4] for row in rows[1:]] == [
        [name, str(count), f"{rate:.1f}"]
        for name, count, rate in zip(
            published["area_name"], published["count"], published["rate"], strict=True
        )
    ]


def test_all_55_rows_are_looked_for() -> None:
    assert len(RANKED) == 55


def test_chart_1_six_years_by_category(
    document: Document, tables: dict[str, list[list[str]]]
) -> None:
    rows = rows_of(tables, "Total crime by category")
    for category, counts in YEARLY.iterrows():
        row = rows["Total" if category == "Total crime" else str(category)]
        for year, count in counts.items():
            assert row[f"to\N{NO-BREAK SPACE}Sep {year}"] == f"{count:,}"
    told = next(text for text in alternatives(document) if text.startswith("Line chart of Total"))
    for category, counts in YEARLY.drop("Total crime").iterrows():
        listed = ", ".join(f"{year} {count:,}" for year, count in counts.items())
        assert f"{category}: {listed}." in told


@pytest.mark.parametrize(
    ("table", "row", "column", "figure"),
    [
        # 3.1: 1,256 crimes, 43 more (3.5 %); criminal damage is 15 % of them
        ("Total crime by category", "Total", "Change", "+43"),
        ("Total crime by category", "Total", "%", "+3.5 %"),
        ("Total crime by category", "Criminal damage", "Share", "15 %"),
        ("Total crime by category", "Criminal damage", "%", f"{MINUS}21 %"),
        ("Total crime by category", "Serious acquisitive crime", "%", "+68 %"),
        ("Total crime by category", "Other acquisitive crime", "%", f"{MINUS}12 %"),
        ("Total crime by category", "Violence against the person", "%", "+4.4 %"),
        # 3.2
        ("Violence against the person by offence", "Assault without injury", "FY 2011", "58"),
        ("Violence against the person by offence", "Assault without injury", "FY 2012", "71"),
        ("Violence against the person by offence", "Assault without injury", "%", "+22 %"),
        ("Violence against the person by offence", "Assault with less serious injury", "%",
         f"{MINUS}18 %"),
        ("Violence against the person by offence", "Other violence against the person", "%",
         "+23 %"),
        ("Violence against the person by offence", "Serious violence", "Change", "+2"),
        # 3.3
        ("Serious acquisitive crime by offence", "Theft from vehicle", "FY 2011", "109"),
        ("Serious acquisitive crime by offence", "Theft from vehicle", "FY 2012", "207"),
        ("Serious acquisitive crime by offence", "Theft from vehicle", "Most in a month",
         "Mar 2012 (49)"),
        ("Serious acquisitive crime by offence", "Burglary dwelling", "%", "+60 %"),
        ("Serious acquisitive crime by offence", "Burglary dwelling", "Most in a month",
         "Dec 2011 (13)"),
        # 3.4
        ("Other acquisitive crime by offence", "Theft other", "%", f"{MINUS}20 %"),
        ("Other acquisitive crime by offence", "Shoplifting", "%", f"{MINUS}37 %"),
        ("Other acquisitive crime by offence", "Theft of cycle", "%", f"{MINUS}41 %"),
        ("Other acquisitive crime by offence", "Burglary other than dwelling", "%", "+21 %"),
        ("Other acquisitive crime by offence", "Theft from the person", "FY 2011", "6"),
        ("Other acquisitive crime by offence", "Theft from the person", "FY 2012", "8"),
        # 3.5
        ("Anti-social behaviour by category", "Total", "%", f"{MINUS}29 %"),
        ("Anti-social behaviour by category", "Nuisance", "Share", "80 %"),
        # 3.6
        ("Deliberate fires by category", "Total", "FY 2012", "22"),
        ("Deliberate fires by category", "Total", "Change", "0"),
        ("Deliberate fires by category", "Primary", "FY 2012", "5"),
        ("Deliberate fires by property", "Road vehicle", "FY 2012", "2"),
        # 5.1
        ("Domestic crimes and incidents by category", "Crime", "%", "+20 %"),
        ("Domestic crimes and incidents by category", "Incident", "%", "+12 %"),
        ("Domestic crimes and incidents by crime category", "Violence against the person",
         "Share", "75 %"),
        # 6.1, 6.3
        ("Crimes flagged as alcohol-related", "Total crime", "Share", "9.0 %"),
        ("Crimes flagged as alcohol-related", "Violence against the person", "Share", "33 %"),
        ("Drug-related crimes and incidents by offence", "Drug offence", "FY 2012", "39"),
        ("Drug-related crimes and incidents by offence", "Drug offence", "%", f"{MINUS}2.5 %"),
        # 4.1, 6.4: the tables that are not counted from records
        ("Offences by young people", "Offences", "2011/12", "48"),
        ("Offences by young people", "Offences", "Change", "+13"),
        ("Clients of substance misuse services", "Total", "2012/13 Q1", "50"),
        ("Clients of substance misuse services", "Total", "%", "+39 %"),
        ("Clients of substance misuse services", "Alcohol", "%", "+55 %"),
        ("Clients of substance misuse services", "Drug", "Change", "0"),
        ("Clients of substance misuse services", "Young people", "2011/12 Q4", "1"),
        ("Clients of substance misuse services", "Young people", "2012/13 Q1", "4"),
    ],
)  # fmt: skip
def test_what_the_text_states(
    tables: dict[str, list[list[str]]], table: str, row: str, column: str, figure: str
) -> None:
    column = column.replace("FY ", "to\N{NO-BREAK SPACE}Sep ")  # years to September
    cell = rows_of(tables, table)[row][column].replace("\N{NO-BREAK SPACE}", " ")
    assert cell == figure


@pytest.mark.parametrize(
    "sentence",
    [
        # each change with its test, where the text of 2012 had none
        "Total crime rose by 43 (3.5 %), from 1,213 to 1,256; this is no clear change",
        "Theft from vehicle rose by 98 (90 %), from 109 to 207 crimes (",
        "Between the years to September 2007 and 2012 total crime fell by 331 (21 %), from 1,587 to 1,256",
        "Deliberate fires did not change: 22 in both years",
        "Anti-social behaviour fell by 204 (29 %), from 704 to 500",
        # the peaks
        "Over six years violence against the person peaked in May and September",
        "Over six years domestic crimes and incidents peaked in June and August",
        # the shares, and who leads
        "Flagged as alcohol-related are 113 of 1,256 in total crime (9.0 %) and 70 of 212 in violence",
        "Oakham Centre had most crimes: 153, a rate of 85.4 per 1,000",
        "Oakham North West had most fires: 6",
        "Hate crimes and incidents in Rutland came to 8",
        "Offences rose by 13 (37 %), from 35 to 48",
        "4.8 % of all that young people",
        "First-time entrants committed 65 % of them",
        "25 young people received an outcome; 17 of them",
    ],
)
def test_sentences(document: Document, sentence: str) -> None:
    assert sentence in words(document)


def test_table_8(tables: dict[str, list[list[str]]]) -> None:
    """All 18 rows of four percentages, as they were printed; one test among them."""
    printed = pd.read_csv(SAMPLE / "young_offenders.csv", dtype=str, keep_default_na=False)
    rows = rows_of(tables, "What young people's offences were")
    assert len(printed) == len(rows) == 18
    for row in printed.itertuples(index=False):
        assert [*rows[row[0]].values()][:5] == list(row)
    higher = [name for name, row in rows.items() if row["Verdict"] == "higher"]
    assert higher == ["Non-domestic burglary"]


def test_the_sample_s_table_8_is_the_published_one(shared: Path) -> None:
    theirs = pd.read_csv(
        shared / "assessment" / "offender_profile_table8.csv", dtype=str, keep_default_na=False
    )
    ours = pd.read_csv(SAMPLE / "young_offenders.csv", dtype=str, keep_default_na=False)
    assert (ours.iloc[:, 1:].to_numpy() == theirs.iloc[:, 1:].to_numpy()).all()
    services = pd.read_csv(shared / "assessment" / "services_table.csv")
    mine = pd.read_csv(SAMPLE / "services.csv")
    assert (services.iloc[:, 1:3].to_numpy() == mine.iloc[:, 1:3].to_numpy()).all()


def test_the_checker_finds_nothing_wrong_in_it(found: lh.Assessment, path: Path) -> None:
    """Another module reads the draft as it would read a hand-made one, against the same data."""
    wrong = lh.check_prose(path, found)
    assert wrong.empty, wrong.to_string()
    assert wrong.attrs["checked"]["checked"] > 90


VERDICT = re.compile(
    r"([^.;(]+?) (?:rose|fell) by [^;]*?from ([\d,]+) to ([\d,]+)[a-z ]*; this is (a clear|no clear|large)"
)


def verdicts(document: Document) -> dict[tuple[str, str, str], set[str]]:
    """Return what is said of each change: of one subject and two figures, the words of the test."""
    said: dict[tuple[str, str, str], set[str]] = {}
    for line in words(document).splitlines():
        for subject, before, now, word in VERDICT.findall(line):
            if not subject.strip().startswith("Between"):
                said.setdefault((subject.strip(), before, now), set()).add(word)
    return said


def test_a_change_has_one_verdict_wherever_it_is_told(document: Document) -> None:
    said = verdicts(document)
    assert len(said) > 12
    assert {key: words for key, words in said.items() if len(words) > 1} == {}


# --- a document that Word can work with -----------------------------------------------------------


def alternatives(document: Document) -> list[str]:
    return [told.get("descr") or "" for told in document.element.body.iter(qn("wp:docPr"))]


def fields(document: Document) -> list[tuple[str, str]]:
    """Return each field's code, and what it shows, innermost first."""
    found: list[tuple[str, str]] = []
    open_fields: list[dict[str, Any]] = []
    for node in document.element.body.iter(qn("w:fldChar"), qn("w:instrText"), qn("w:t")):
        if node.tag == qn("w:fldChar"):
            kind = node.get(qn("w:fldCharType"))
            if kind == "begin":
                open_fields.append({"code": "", "shown": "", "in": False})
            elif kind == "separate":
                open_fields[-1]["in"] = True
            else:
                done = open_fields.pop()
                found.append((done["code"].strip(), done["shown"]))
        elif node.tag == qn("w:instrText"):
            open_fields[-1]["code"] += node.text
        elif open_fields and open_fields[-1]["in"]:
            open_fields[-1]["shown"] += node.text or ""
    assert not open_fields
    return found


def bookmarks(document: Document) -> dict[str, str]:
    """Return the text within each bookmark."""
    found: dict[str, str] = {}
    names: dict[str, str] = {}
    for node in document.element.body.iter(qn("w:bookmarkStart"), qn("w:bookmarkEnd"), qn("w:t")):
        if node.tag == qn("w:bookmarkStart"):
            names[node.get(qn("w:id"))] = node.get(qn("w:name"))
            assert node.get(qn("w:name")) not in found
            found[node.get(qn("w:name"))] = ""
        elif node.tag == qn("w:bookmarkEnd"):
            del names[node.get(qn("w:id"))]
        else:
            for name in names.values():
                found[name] += node.text or ""
    assert not names
    return found


def test_references_show_what_they_point_to(document: Document) -> None:
    marks = bookmarks(document)
    refs = [(code.split()[1], shown) for code, shown in fields(document) if code[:4] == "REF "]
    assert len(refs) > 30
    for name, shown in refs:
        assert re.fullmatch(r"(Table|Map|Chart) \d+", shown)
        assert marks[name] == shown
    assert all(len(name) <= 40 for name in marks)


def test_captions_number_themselves(document: Document) -> None:
    captions = [one.text for one in document.paragraphs if one.style.name == "Caption"]
    for kind in ("Table", "Map", "Chart"):
        own = [caption for caption in captions if caption.startswith(kind)]
        numbered = [f"{kind} {number}" for number in range(1, len(own) + 1)]
        assert [caption.partition(":")[0] for caption in own] == numbered
        counted = [shown for code, shown in fields(document) if code.startswith(f"SEQ {kind} ")]
        assert counted == [str(number) for number in range(1, len(own) + 1)]
    assert len(captions) == len(set(captions)) > 50


def test_contents_hold_every_heading(document: Document) -> None:
    headings = [
        one.text for one in document.paragraphs if one.style.name in ("Heading 1", "Heading 2")
    ]
    listed = [one for one in document.paragraphs if one.style.name.upper().startswith("TOC ")]
    entries = [one for one in listed if one.style.name != "TOC Heading"]
    text = [re.sub(r"^[\d.]+  ", "", one.text.strip()) for one in entries]
    assert text == headings
    codes = [code for code, _ in fields(document)]
    assert any(code.startswith('TOC \\o "1-2"') for code in codes)
    marks = bookmarks(document)
    pages = [code.split()[1] for code in codes if code.startswith("PAGEREF")]
    assert [marks[name] for name in pages] == headings
    assert document.settings.element.find(qn("w:updateFields")) is not None


def test_chapters_stand_in_the_assessment_s_order(document: Document) -> None:
    chapters = [one.text for one in document.paragraphs if one.style.name == "Heading 1"]
    assert chapters == [
        "Introduction", "Executive summary", "Crime and anti-social behaviour",
        "Offender management", "Protecting vulnerable people", "Substance misuse",
        "Emerging trends and threats", "Conclusion", "Method and data quality",
        "Appendix: every area",
    ]  # fmt: skip


def test_every_picture_is_described_from_the_data(document: Document) -> None:
    told = alternatives(document)
    assert len(told) == len(document.inline_shapes) > 20
    assert all(len(text) > 40 for text in told)
    total = next(text for text in told if "rate of Total crime" in text)
    assert "Highest: Oakham Centre 85.4, Martinsthorpe 65.2, Exton 53.5" in total


def test_tables_repeat_their_header_and_keep_rows_whole(document: Document) -> None:
    assert len(document.tables) > 10
    for table in document.tables[1:]:  # the first are the document's details, without a header
        first, *others = table._tbl.tr_lst
        assert first.trPr.find(qn("w:tblHeader")) is not None
        assert all(row.trPr.find(qn("w:tblHeader")) is None for row in others)
        assert all(row.trPr.find(qn("w:cantSplit")) is not None for row in (first, *others))
        assert table._tbl.tblPr.find(qn("w:tblDescription")).get(qn("w:val"))


def test_captions_stay_with_what_they_name(document: Document) -> None:
    assert document.styles["Caption"].paragraph_format.keep_with_next
    body = list(document.element.body)
    for place, part in enumerate(body):
        style = part.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        if part.tag == qn("w:p") and style is not None and style.get(qn("w:val")) == "Caption":
            after = body[place + 1]
            assert after.tag == qn("w:tbl") or after.findall(f".//{qn('w:drawing')}")


def test_language_properties_and_footer(document: Document) -> None:
    lang = document.styles.element.find(f".//{qn('w:docDefaults')}//{qn('w:lang')}")
    assert lang.get(qn("w:val")) == "en-GB"
    core = document.core_properties
    assert (core.title, core.language) == ("Rutland community safety assessment", "en-GB")
    assert core.author == core.comments == ""
    assert core.created is None
    footer = document.sections[0].footer._element
    codes = [node.text.strip() for node in footer.iter(qn("w:instrText"))]
    assert codes == ["PAGE", "NUMPAGES"]
    wide, tall = (document.sections[0].page_width, document.sections[0].page_height)
    assert (round(wide.cm, 1), round(tall.cm, 1)) == (21.0, 29.7)


def test_notice_and_attribution_are_shown(document: Document) -> None:
    text = words(document)
    notice = "Schematic boundaries, reconstructed records: not for operational use."
    assert text.count(notice) == 3
    assert text.index(notice) < text.index("Introduction")
    assert "licensed under the Open Government Licence v3.0" in text


def test_the_same_assessment_makes_the_same_file(tmp_path: Path) -> None:
    small = {
        "boundaries": {"source": "sample"},
        "period": {"start": "2011-10", "end": "2012-09"},
        "measures": {"fires": {"dataset": "fires", "source": "sample"}},
        "report": {"date": "2012-10"},
    }
    one, other = (lh.report(lh.assess(small), tmp_path / f"{name}.docx") for name in "ab")
    assert one.read_bytes() == other.read_bytes()
    with zipfile.ZipFile(one) as file:
        assert {entry.date_time[0] for entry in file.infolist()} == {1980}
    made = docx.Document(str(one))
    assert made.core_properties.created.isoformat()[:10] == "2012-10-01"
    assert made.tables[0].rows[1].cells[1].text == "October 2012"


def test_size(path: Path) -> None:
    assert path.stat().st_size < 10_000_000


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not there")
def test_each_caption_is_on_the_page_of_its_table(path: Path, tmp_path: Path) -> None:
    """Lay the pages out, and find each table's first row on the page of its caption."""

    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless",
         "--convert-to", "pdf", "--outdir", str(tmp_path), str(path)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    pages = [page.extract_text() for page in PdfReader(tmp_path / "report.pdf").pages]
    flat = [re.sub(r"\s+", "", page) for page in pages]
    assert len(pages) > 20
    assert min(map(len, flat[1:])) > 250, "a page is nearly empty"
    for caption, rows in captioned(docx.Document(str(path))).items():
        head = re.sub(r"\s+", "", f": {caption}" + "".join(rows[0]))
        assert any(head in page for page in flat), caption


# --- real data ------------------------------------------------------------------------------------


def test_real_years_make_a_report_without_a_hand(shared: Path, tmp_path: Path) -> None:
    """Rutland 2021-22 with the year before; its numbers counted from the files by pandas alone."""
    data = shared / "data"
    text = (ROOT / "examples" / "leicestershire-report.toml").read_text(encoding="utf-8")
    settings = tomllib.loads(text.replace('"data/', f'"{data.as_posix()}/'))
    kept = ("total_crime", "violence", "burglary")
    settings["measures"] = {name: settings["measures"][name] for name in kept}
    document = docx.Document(str(lh.report(lh.assess(settings), tmp_path / "report.docx")))
    said = words(document)
    assert "Total crime rose by 354 (23 %), from 1,539 to 1,893" in said
    assert "Burglary rose by 38 (57 %), from 67 to 105" in said
    assert (
        "For total crime Rutland is in line with the mean of the 9 districts compared: 46.8 per"
        in said
    )
    assert "Contains OS data" in said
    assert "contains public sector information licensed under the Open Government Licence" in said
    tables = captioned(document)
    (districts,) = [
        rows for name, rows in tables.items() if name.startswith("Total crime in the 9")
    ]
    assert districts[1][1] == "Rutland"
    assert sum(int(row[2].replace(",", "")) for row in districts[1:]) == 99_843
    assert len(tables["What became of every record"]) == 4
    # Violence alone rose more than chance; among thirteen categories it did not, and one is told.
    assert verdicts(document)["Violence and sexual offences", "625", "857"] == {"large"}


def test_the_summary_names_each_area_that_rose_once_with_all_that_rose_there(
    tmp_path: Path,
) -> None:
    """Twelve of each offence an area and year; in one area 72 robberies and 48 burglaries instead."""
    codes = sorted(lh.read_boundaries("sample").index)
    rose = {"Robbery": 72, "Burglary": 48}
    rows = [
        f"{code},{year}-{1 + number % 12:02d},{offence}\n"
        for code in codes
        for offence, more in rose.items()
        for year in (2010, 2011)
        for number in range(more if (code, year) == (codes[3], 2011) else 12)
    ]
    (tmp_path / "a.csv").write_text("LSOA code,Month,Crime type\n" + "".join(rows))
    made = lh.assess(
        {
            "boundaries": {"source": "sample"},
            "period": {"start": "2011-01", "end": "2011-12"},
            "measures": {
                name.lower(): {
                    "dataset": "crime",
                    "source": str(tmp_path / "a.csv"),
                    "categories": [name],
                }
                for name in rose
            },
        }
    )
    lh.report(made, tmp_path / "r.docx")
    area = made.areas["area_name"][codes[3]]
    lines = [one.text for one in docx.Document(str(tmp_path / "r.docx")).paragraphs]
    (line,) = [one for one in lines if one.startswith("Where it clearly rose")]
    assert line == (
        f"Where it clearly rose: {area} (robbery from 12 to 72, burglary from 12 to 48)."
    )
