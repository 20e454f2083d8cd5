"""Names that people know, streets, the page that explains a folder, and slides."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from pptx import Presentation

import lsoahot as lh
from lsoahot.assessment import findings, map_sheets
from lsoahot.assessment.index_page import headline, index_page
from lsoahot.assessment.slides import write_slides
from lsoahot.assessment.streets import most_named
from lsoahot.boundaries.place_names import name_areas
from lsoahot.cli import main

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = {
    "title": "Rutland <2012>",
    "boundaries": {"source": "sample"},
    "period": {"start": "2011-10", "end": "2012-09"},
    "measures": {
        "crime": {"title": "Total crime", "dataset": "crime", "source": "sample"},
        "hate": {"title": "Hate", "dataset": "hate", "source": "sample"},
    },
}


def coded() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"area_name": ["Charnwood 007D", "Charnwood 017A", "Melton 001B"]},
        index=["E01025699", "E01025701", "E01025800"], crs=27700,
        geometry=[shapely.box(n, 0, n + 1, 1) for n in range(3)],
    )  # fmt: skip


def test_areas_take_the_names_of_the_msoas_that_they_are_parts_of() -> None:
    library = pd.DataFrame(
        {"MSOANM": ["Charnwood 007", "Charnwood 017", "Melton 001"],
         "MSOAHCLNM": ["Loughborough - University", "Syston West", "Asfordby"]}
    )  # fmt: skip
    named = name_areas(coded(), library)
    assert named["area_name"].tolist() == [
        "Loughborough \N{EN DASH} University (007D)", "Syston West (017A)", "Asfordby (001B)",
    ]  # fmt: skip
    assert "Open Parliament Licence" in named.attrs["attribution"]


def test_areas_take_their_own_names_and_what_is_not_named_is_reported() -> None:
    own = pd.DataFrame({"code": ["E01025699", "E01025701"], "name": ["Campus", "Syston"]})
    with pytest.warns(UserWarning, match="doesn't name 1 of 3 areas"):
        named = name_areas(coded(), own)
    assert named["area_name"].tolist() == ["Campus", "Syston", "Melton 001B"]


@pytest.mark.parametrize("missing", ["", "NA", "#N/A", "null", "None", "nan", "<NA>"])
def test_an_area_is_not_called_by_what_programs_write_where_a_name_is_missing(
    missing: str, tmp_path: Path
) -> None:
    path = tmp_path / "names.csv"
    path.write_text(f"code,name\nE01025699,Campus\nE01025701,{missing}\nE01025800,Naseby\n")
    with pytest.warns(UserWarning, match="doesn't name 1 of 3 areas"):
        named = name_areas(coded(), path)
    assert named["area_name"].tolist() == ["Campus", "Charnwood 017A", "Naseby"]


def test_a_table_of_other_areas_is_refused() -> None:
    with pytest.raises(ValueError, match="names 0 of 3 areas"):
        name_areas(coded(), pd.DataFrame({"code": ["E1"], "name": ["x"]}))


def test_streets_are_named_from_five_records_on_and_of_the_period_only() -> None:
    months = pd.PeriodIndex(["2022-01"] * 13 + ["2021-01"] * 9, freq="M")
    streets = ["On or near Swan Street"] * 6 + ["On or near High Street"] * 5
    streets += ["On or near Mill Lane"] * 2 + ["On or near Swan Street"] * 9
    records = pd.DataFrame({"area_code": "E1", "street": streets, "period": months})
    year = (pd.Period("2022-01", "M"), pd.Period("2022-12", "M"))
    before = (pd.Period("2021-01", "M"), pd.Period("2021-12", "M"))
    found = [one.to_dict() for one in most_named(records, [year, before])]
    assert found == [{"E1": "Swan Street (6), High Street (5)"}, {"E1": "Swan Street (9)"}]
    assert most_named(records)[0].to_dict() == {"E1": "Swan Street (15), High Street (5)"}
    counted = records.assign(count=2)
    assert most_named(counted)[0].to_dict() == {"E1": "Swan Street (30), High Street (10)"}
    assert most_named(records.assign(street="12 High Street"))[0].empty
    assert most_named(records.drop(columns="street"))[0].empty


def test_the_first_page_says_what_was_found_and_keeps_what_is_withheld() -> None:
    found = lh.assess(SETTINGS)
    assert headline(found) == [
        (
            "Total crime came to 1,256 from October 2011 to September 2012, 33.6 per 1,000 residents. "
            "Oakham Centre: 153 crimes, 2.5 times the rate of all areas together (2.2 to 3.0), "
            "93 more than at that rate. Far above."
        )
    ]
    page = index_page(found, ["report.docx", "maps/crime-rate.png"])
    assert "Rutland &lt;2012&gt;" in page
    assert 'href="report.docx"' in page
    assert 'href="maps/"' in page
    assert "workbook.xlsx" not in page
    assert "Small counts are withheld of Hate" in page


def test_a_measure_without_any_event_is_said_to_have_none(tmp_path: Path) -> None:
    rows = ["E01013787,2011-09,Burglary", "E01013787,2012-10,Burglary"]
    (tmp_path / "crime.csv").write_text("\n".join(["LSOA code,Month,Crime type", *rows]))
    measures = {"burglary": {"dataset": "crime", "source": str(tmp_path / "crime.csv")}}
    with pytest.warns(UserWarning, match="None of the 2 records|is 0 in every area"):
        found = lh.assess(SETTINGS | {"measures": measures})
    (finding,) = findings.find_all(found)
    assert findings.opening(finding, found.config, "in Rutland")[0] == (
        "Burglary in Rutland came to none from October 2011 to September 2012."
    )


def test_slides_take_a_master_that_the_settings_name(tmp_path: Path) -> None:
    brand = Presentation()
    brand.slide_width, brand.slide_height = 9_144_000, 6_858_000
    brand.core_properties.subject = "our brand"
    brand.save(tmp_path / "brand.pptx")
    named = SETTINGS | {"report": {"slides_template": str(tmp_path / "brand.pptx")}}
    path = write_slides(lh.assess(named), tmp_path / "slides.pptx", {}, ())
    made = Presentation(str(path))
    assert made.core_properties.subject == "our brand"
    assert made.slide_width == 9_144_000
    (tmp_path / "brand.pptx").write_text("no presentation", encoding="utf-8")
    checked = lh.check_settings(named, report=True)
    assert "is not a presentation that can be a template" in " ".join(checked["message"])
    with pytest.raises(ValueError, match=r"save it as \.pptx"):
        write_slides(lh.assess(named), tmp_path / "slides.pptx", {}, ())
    (tmp_path / "brand.pptx").unlink()
    with pytest.raises(FileNotFoundError, match="no template at"):
        write_slides(lh.assess(named), tmp_path / "slides.pptx", {}, ())


def test_a_slide_a_measure_with_the_first_five_areas(tmp_path: Path) -> None:
    found = lh.assess(SETTINGS)
    path = write_slides(found, tmp_path / "slides.pptx", {}, findings.find_all(found))
    slides = Presentation(io.BytesIO(path.read_bytes())).slides
    assert len(slides) == 3
    texts = [shape.text_frame.text for shape in slides[1].shapes if shape.has_text_frame]
    assert texts[1] == (
        "Total crime came to 1,256 from October 2011 to September 2012, 33.6 per 1,000 residents. "
        "Total crime rose by 43 (3.5 %), from 1,213 to 1,256; this is no clear change."
    )
    (table,) = [shape.table for shape in slides[1].shapes if shape.has_table]
    rows = [[cell.text for cell in row.cells] for row in table.rows]
    assert rows[1] == ["1", "Oakham Centre", "153", "85.4", "Far above"]
    assert len(rows) == 6
    text = " ".join(shape.text_frame.text for shape in slides[1].shapes if shape.has_text_frame)
    assert "2.5 times the rate of all areas together" in text
    for slide in slides:  # nothing runs over the edge
        for shape in slide.shapes:
            assert shape.left + shape.width <= 13.334 * 914_400
            assert shape.top + shape.height <= 7.51 * 914_400


def test_slides_keep_to_the_size_of_a_template(tmp_path: Path) -> None:
    """On 10 by 7.5 inches all is three quarters of what it is on 13.333, letters and all."""
    brand = Presentation()
    brand.slide_width, brand.slide_height = 9_144_000, 6_858_000
    brand.slides.add_slide(brand.slide_layouts[0])
    brand.save(tmp_path / "brand.pptx")
    title = "Crime of every kind, with that of the night and that of a Sunday, as it was told"  # 80
    crime = SETTINGS["measures"]["crime"] | {"title": title}
    report = {"slides_template": str(tmp_path / "brand.pptx")}
    found = lh.assess(SETTINGS | {"measures": {"crime": crime}, "report": report})
    path = write_slides(found, tmp_path / "slides.pptx", {}, findings.find_all(found))
    made = Presentation(str(path))
    _, first, second = made.slides
    (head, *_), (name, *_) = first.shapes, second.shapes
    assert head.text_frame.paragraphs[0].font.size.pt == 30  # of 40
    assert name.text_frame.paragraphs[0].font.size.pt == 11.25  # of 15 = 28 * 45 / 80: one line
    (table,) = [shape for shape in second.shapes if shape.has_table]
    assert sum(column.width for column in table.table.columns) < 3_498_000  # 5.1 * 0.75 inches
    for slide in (first, second):
        for shape in slide.shapes:
            assert shape.left + shape.width <= made.slide_width
            assert shape.top + shape.height <= made.slide_height


def test_a_month_is_named_once() -> None:
    month = {"period": {"start": "2012-07", "end": "2012-07"}}
    found = lh.assess(SETTINGS | month | {"measures": {"crime": SETTINGS["measures"]["crime"]}})
    (finding,) = findings.find_all(found)
    assert findings.opening(finding, found.config)[0].startswith(
        f"Total crime came to {finding.total} in July 2012, "
    )


def test_a_list_without_an_area_is_no_empty_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "hate.toml").write_text(
        'title = "Rutland"\nboundaries.source = "sample"\n'
        'period = { start = "2012-07", end = "2012-07" }\n'
        'measures.hate = { title = "Hate", dataset = "hate", source = "sample" }\n',
        encoding="utf-8",
    )
    assert main(["assess", str(tmp_path / "hate.toml"), "--out", str(tmp_path / "out")]) == 0
    shown = capsys.readouterr().out
    assert "\nHate, July 2012\n---------------\nNo area has a count that may be shown.\n" in shown


def test_a_map_names_the_files_of_its_records_and_how_it_was_tested() -> None:
    found = lh.assess(SETTINGS)
    ground = map_sheets.surroundings(found)
    sheets = map_sheets.draw_measure(found, found.config.measures[0], ground)
    for kind, _ in zip(("rate", "hotspots"), sheets, strict=True):
        words = " ".join(" ".join(text.get_text() for text in ground.figure.texts).split())
        assert "Records: crime.parquet." in words
        assert ("Clusters: Gi*, exact test." in words) == (kind == "hotspots")
