"""Finished pages: everything is on them, nothing lies over anything, and text stays text."""

from __future__ import annotations

import io
import re
import struct
from functools import cache, partial
from itertools import combinations
from pathlib import Path

import geopandas as gpd
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import shapely
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from pypdf import PdfReader

import lsoahot as lh
from lsoahot.common.class_labels import EMERGING_CLASSES, HOTSPOT_CLASSES
from lsoahot.plotting.atlas_pdf import open_atlas
from lsoahot.plotting.pages import map_pages


@cache
def crime() -> gpd.GeoDataFrame:
    """Return the sample's year of crime, ranked and tested."""
    areas = lh.read_boundaries("sample")
    records = lh.read_dataset("crime", "sample")
    counted = lh.count(areas, records, period=("2011-10", "2012-09"))
    return counted.pipe(lh.rate).pipe(lh.rank).pipe(lh.getis_ord).pipe(lh.local_moran)


def words(figure: Figure) -> str:
    every = [text.get_text() for text in figure.findobj(Text) if text.get_visible()]
    return " ".join(" ".join(every).split())


def boxes(figure: Figure) -> dict[str, shapely.Polygon]:
    """Return the boxes of what must not meet: titles, legend, small print, insets, labels."""
    FigureCanvasAgg(figure).draw()
    found = {text.get_text(): text for text in figure.texts if text.get_text()}
    for ax in figure.axes:
        if ax.get_label() == "map":
            found |= {"legend": ax.get_legend()} if ax.get_legend() else {}
            labels = [text for text in ax.texts if text.get_label() in {"_name", "_furniture"}]
            found |= {text.get_text(): text for text in labels}
            found |= {f"histogram {n}": child for n, child in enumerate(ax.child_axes)}
        else:
            found[ax.get_label()] = ax
    return {
        name: shapely.box(*artist.get_window_extent().extents) for name, artist in found.items()
    }


def check_nothing_overlaps(figure: Figure) -> None:
    page = shapely.box(*figure.bbox.extents)
    found = boxes(figure)
    for name, box in found.items():
        assert page.contains(box), f"{name} is clipped"
    for (first, one), (second, other) in combinations(found.items(), 2):
        assert not one.buffer(-0.6).intersects(other.buffer(-0.6)), f"{first} meets {second}"


# --- what is on it --------------------------------------------------------------------------------


def test_a_page_says_what_it_shows_and_where_that_comes_from() -> None:
    page = lh.map_page(crime(), title="Total crime in Rutland", subtitle="Rate per 1,000")
    said = words(page)
    for told in (
        "Total crime in Rutland",
        "Rate per 1,000",
        "(number of areas)",
        "Schematic boundaries, reconstructed records: not for operational use.",
        "Boundaries: LSOA, 2011 edition",
        "Population: ",
        "Of 8,761 records, 1,256 were counted",
        "Office for National Statistics, licensed under the Open Government Licence v3.0.",
        f"Drawn with lsoahot {lh.__version__}.",
        "5 km",
    ):
        assert told in said
    assert "Benjamini" not in said  # nothing tested is shown


@pytest.mark.parametrize("length", [40, 160, 420])
@pytest.mark.parametrize("paper", ["A4", "A5"])
def test_a_notice_of_any_length_stays_on_the_page(length: int, paper: str) -> None:
    areas = crime().copy()
    areas.attrs["notice"] = ("counts.csv: 1 month is not whole (2012-03, 10 records); " * 9)[
        :length
    ].strip()
    page = lh.map_page(areas, title="Total crime", paper=paper)
    check_nothing_overlaps(page)
    whole = areas.attrs["notice"][1:].rstrip(".")
    cut = words(page).partition(whole[:30])[2].partition(" ... (more in the audit)")
    some = length > 200 or paper == "A5"  # of which documents show the map alone, and say it above
    assert whole in words(page) or (some and cut[1])
    assert whole[:80] in words(page)


@pytest.mark.parametrize("notice", ["", "Counts of March are not whole."])
@pytest.mark.parametrize("lines", [1, 3, 4])
def test_the_small_print_stays_below_map_and_closer_view(notice: str, lines: int) -> None:
    areas = crime().copy()
    areas.attrs["notice"] = notice
    letters = "x" * 150
    page = lh.map_page(
        areas, paper="A5", zoom=True, small_print=" ".join([letters] * lines), plot=lh.plot_hotspots
    )
    assert page.texts[2].get_text().count("x\nx") == lines - 1
    (rule,) = page.artists
    # The map and what is beside it begin at the page's foot.
    foot = min(ax.get_position(original=True).y0 for ax in page.axes)
    gap = (foot - rule.get_ydata()[0]) * page.get_size_inches()[1]
    assert gap > (0.05 if lines < 4 else 0)


def test_the_statistic_is_told_on_the_map_that_shows_it() -> None:
    hot, clusters = (
        words(lh.map_page(crime(), plot=plot)) for plot in (lh.plot_hotspots, lh.plot_clusters)
    )
    assert "Getis-Ord Gi*" in hot.partition("Boundaries:")[2]
    assert "Moran" not in hot.partition("Boundaries:")[2]
    assert "oran" in clusters.partition("Boundaries:")[2]
    assert "Benjamini-Hochberg" in hot
    assert "October 2011 to September 2012" in hot  # the subtitle, where none is given


def test_the_ten_first_areas_of_the_list_are_labelled() -> None:
    ax = lh.map_page(crime()).axes[0]
    named = {t.get_text().replace("\n", " ") for t in ax.texts if t.get_label() == "_name"}
    assert named == set(crime().sort_values("rank")["area_name"].head(10))
    ax = lh.map_page(crime(), labels=0).axes[0]
    assert not [t for t in ax.texts if t.get_label() == "_name"]


def test_a_suppressed_area_is_not_labelled_as_one_of_the_first() -> None:
    hidden = crime().assign(suppressed=crime()["area_name"] == "Oakham Centre")
    assert "Oakham Centre" not in words(lh.map_page(hidden))
    assert "Suppressed (1)" in words(lh.map_page(hidden))


def test_an_area_with_nothing_recorded_is_not_labelled_as_one_of_the_first() -> None:
    few = crime().assign(count=0, rate=0.0, rank=1)
    few.loc[few["area_name"] == "Exton", ["count", "rate"]] = 3
    ax = lh.map_page(few).axes[0]
    assert [t.get_text() for t in ax.texts if t.get_label() == "_name"] == ["Exton"]


def test_without_a_rank_the_highest_are_labelled() -> None:
    plain = crime().drop(columns="rank").sample(frac=1, random_state=1)
    ax = lh.map_page(plain, labels=1).axes[0]
    named = [t.get_text() for t in ax.texts if t.get_label() == "_name"]
    assert named == [plain.loc[plain["rate"].idxmax(), "area_name"]]


def test_where_hot_spots_emerge_they_are_labelled_and_not_what_comes_first_in_the_file() -> None:
    bare = crime()[["area_name", "geometry"]]
    kinds = pd.Series("No pattern detected", index=bare.index)
    kinds.iloc[[20, 9]] = ["New hot spot", "Sporadic hot spot"]
    emerging = bare.assign(emerging=pd.Categorical(kinds, EMERGING_CLASSES, ordered=True))
    ax = lh.map_page(emerging, plot=lh.plot_emerging).axes[0]
    named = [t.get_text().replace("\n", " ") for t in ax.texts if t.get_label() == "_name"]
    assert sorted(named) == sorted(bare["area_name"].iloc[[20, 9]])


def test_a_page_of_a_part_says_how_many_events_it_shows() -> None:
    part = lh.select_areas(crime(), list(crime().index[:2]))
    shown = part["count"].sum()
    assert (
        f"1,256 by code. Not counted: 7,505 outside the period. In the 2 areas shown: {shown}."
        in (words(lh.map_page(part)))
    )
    assert "areas shown" not in words(lh.map_page(crime()))


def test_a_map_of_change_names_both_periods() -> None:
    areas, records = lh.read_boundaries("sample"), lh.read_dataset("crime", "sample")
    years = [lh.count(areas, records, period=(f"{y}-10", f"{y + 1}-09")) for y in (2010, 2011)]
    said = words(lh.map_page(lh.change(*years), plot=lh.plot_change))
    assert "October 2011 to September 2012" in said
    assert "Compared with October 2010 to September 2011, rate ratio of count" in said


def test_a_page_says_why_numbers_are_not_shown() -> None:
    hate = lh.read_dataset("hate", "sample")
    counted = lh.count(lh.read_boundaries("sample"), hate, period=("2011-10", "2012-09"))
    page = lh.map_page(lh.suppress(lh.rate(counted)))
    assert "Suppressed (23)" in words(page)
    assert "Counts below 5 are not shown, nor others from which they could be worked out" in (
        words(page)
    )


def test_a_plain_table_makes_a_page_too() -> None:
    bare = gpd.GeoDataFrame(
        {"count": [1, 2]}, index=["E1", "E2"], crs=27700,
        geometry=[shapely.box(0, 0, 900, 900), shapely.box(900, 0, 1800, 900)],
    )  # fmt: skip
    page = lh.map_page(bare, plot=lh.plot_count, title="Two")
    assert "Drawn with lsoahot" in words(page)
    check_nothing_overlaps(page)


def test_an_account_read_back_from_a_file_still_reads_as_sentences() -> None:
    table = crime().copy()
    table.attrs = {**table.attrs, "audit": dict(table.attrs["audit"])}
    assert "Of 8,761 records, 1,256 were counted" in words(lh.map_page(table))


# --- nothing over anything ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"histogram": True},
        {"plot": lh.plot_areas},
        {"plot": lh.plot_hotspots, "zoom": True},
        {"plot": lh.plot_certainty},
        {"zoom": True, "histogram": True, "locator": True},
        {"title": "A very long title that goes on and on about anti-social behaviour " * 2},
    ],
)
def test_nothing_overlaps_and_nothing_is_clipped(options: dict[str, object]) -> None:
    if "locator" in options:
        options = options | {"locator": crime()}
    given = {"title": "Total crime in Rutland, recorded by the police"} | options
    check_nothing_overlaps(lh.map_page(crime(), **given))


def test_a_legend_too_long_for_its_place_has_columns() -> None:
    labels = np.array(EMERGING_CLASSES)[np.arange(len(crime())) % 18]
    page = lh.map_page(crime().assign(emerging=labels), plot=lh.plot_emerging, title="All kinds")
    check_nothing_overlaps(page)
    assert "New cold spot (1)" in words(page)
    many = lh.map_page(crime(), k=12, histogram=True, title="Twelve classes")
    check_nothing_overlaps(many)


def test_a_real_county_fits_its_page(shared: Path) -> None:
    areas = lh.read_boundaries(shared / "data/boundaries/leics_rutland_lsoa11_bgc.gpkg")
    table = areas.assign(
        rate=np.random.default_rng(1).gamma(2, 40, len(areas)),
        suppressed=np.arange(len(areas)) % 97 == 0,
    )
    page = lh.map_page(table, title="A county", histogram=True, locator=table, zoom=True)
    assert page.get_size_inches().tolist() == [11.69, 8.27]
    check_nothing_overlaps(page)
    rutland = table[table["district"] == "Rutland"]
    upright = lh.map_page(rutland, title="A district", histogram=True, locator=table)
    assert upright.get_size_inches().tolist() == [8.27, 11.69]
    check_nothing_overlaps(upright)


def test_london_fits_its_page(shared: Path) -> None:
    areas = gpd.read_parquet(shared / "data/national/lsoa21_ew_bgc.parquet")
    london = areas[areas["LADCD"].str.startswith("E09")].to_crs(27700)
    london = london.set_index("LSOA21CD").rename(columns={"LSOA21NM": "area_name"})
    middle = london.geometry.centroid
    near = np.exp(-np.hypot(middle.x - 530_000, middle.y - 181_000) / 5_000)
    noise = np.random.default_rng(1).gamma(3, 1, len(london))
    district = london["area_name"].str[:-5]
    table = london.assign(rate=noise * (20 + 150 * near), district=district)
    assert len(table) == 4_994
    page = lh.map_page(table, title="London", histogram=True, zoom=True)
    check_nothing_overlaps(page)
    assert len([t for t in page.axes[0].texts if t.get_label() == "_name"]) == 10


def test_a_long_title_is_made_to_fit() -> None:
    short, long = (lh.map_page(crime(), title=title).texts[0] for title in ("Crime", "Crime " * 25))
    assert short.get_fontsize() == 17
    assert long.get_fontsize() < 12
    assert long.get_window_extent().x1 <= long.figure.bbox.width


# --- insets ---------------------------------------------------------------------------------------


def with_hot_spots() -> gpd.GeoDataFrame:
    """Return the sample with a hot spot of two areas that touch, and one apart."""
    labels = pd.Series("Not significant", index=crime().index)
    names = crime()["area_name"]
    hot = ["Oakham Centre", "Oakham East", "Lyddington"]
    labels[names.isin(hot)] = "Hot spot 99%"
    z = names.map({"Oakham Centre": 5.0, "Oakham East": 4.0, "Lyddington": 3.0}).fillna(0.0)
    return crime().assign(hotspot=pd.Categorical(labels, HOTSPOT_CLASSES, ordered=True), gi_z=z)


def test_the_zoom_shows_the_top_hot_spot_whole_and_marks_it_on_the_map() -> None:
    page = lh.map_page(with_hot_spots(), plot=lh.plot_hotspots, zoom=True)
    inset = next(ax for ax in page.axes if ax.get_label() == "zoom")
    (west, east), (south, north) = inset.get_xlim(), inset.get_ylim()
    view = shapely.box(west, south, east, north)
    names = with_hot_spots().set_index("area_name").geometry
    assert view.contains(names["Oakham Centre"])
    assert view.contains(names["Oakham East"])
    assert not view.intersects(names["Lyddington"])
    assert "Oakham Centre" in {text.get_text() for text in inset.texts}
    assert inset.get_title(loc="left") == "The top hot spot, closer"
    frame = next(p for p in page.axes[0].patches if p.get_label() == "_zoom")
    assert (frame.get_x(), frame.get_width()) == pytest.approx((west, east - west))
    assert inset.collections[0].get_label() == "Hot spot 99%"


def test_a_closer_view_has_the_lines_that_the_map_is_too_small_for() -> None:
    side = np.arange(60) * 500.0
    shapes = [shapely.box(x, y, x + 500, y + 500) for x in side for y in side]
    codes = [f"E{n}" for n in range(len(shapes))]
    rates = np.arange(len(shapes)) % 997 + 0.5
    many = gpd.GeoDataFrame({"rate": rates}, index=codes, geometry=shapes, crs=27700)
    page = lh.map_page(many, zoom=True)
    widths = {ax.get_label(): ax.collections[0].get_linewidth()[0] for ax in page.axes}
    assert widths["zoom"] > widths["map"]


def test_where_nothing_is_hot_the_zoom_says_so() -> None:
    cold = with_hot_spots().assign(hotspot="Not significant")
    page = lh.map_page(cold, plot=lh.plot_hotspots, zoom=True)
    inset = next(ax for ax in page.axes if ax.get_label() == "zoom")
    assert inset.get_title(loc="left") == "The top area, closer"


def town_and_country(*towns: str) -> tuple[Axes, Axes]:
    """Return map and closer view of wide ground with a small square in its middle.

    The frame shows 0.08 of the ground's 20 km to each side of the middle, across more: the first town
    lies in the middle, the next 300 m north of it, and the last 6 km south.
    """
    ground = shapely.box(0, 0, 20_000, 20_000)
    small = shapely.box(9900, 9900, 10_100, 10_100)
    table = gpd.GeoDataFrame(
        {"area_name": ["Small", "Wide"], "rate": [9.0, 1.0]}, index=["E1", "E2"], crs=27700,
        geometry=[small, ground.difference(small)],
    )  # fmt: skip
    heights = [10_000, 10_300, 4_000]
    names = gpd.GeoDataFrame(
        {"area_name": [*towns, "Elsewhere"]}, crs=27700,
        geometry=[
            shapely.Point(10_000, y).buffer(2500)
            for y in [*heights[: len(towns)], heights[-1]]
        ],
    )  # fmt: skip
    look = {"plot": lh.plot_rate, "title": "", "small_print": ""}
    page = next(map_pages(table, [look], names=names, zoom="where small"))
    return page.axes[0], next(ax for ax in page.axes if ax.get_label() == "zoom")


@pytest.mark.parametrize(
    ("towns", "title"),
    [
        (["Oakham"], "The framed part: Oakham"),
        (["Oakham", "Barleythorpe"], "The framed part, closer"),
        ([], "The framed part, closer"),
    ],
)
def test_a_closer_view_names_the_one_town_that_it_shows(towns: list[str], title: str) -> None:
    ax, inset = town_and_country(*towns)
    assert inset.get_ylim() == (8_400, 11_600)
    assert inset.get_title(loc="left") == title
    # Its name over the frame would hide what is framed; that of the town outside hides nothing.
    named = {text.get_text() for text in ax.texts if text.get_label() == "_name"}
    assert named & {"Oakham", "Barleythorpe", "Elsewhere"} == {"Elsewhere"}


def test_a_long_name_of_a_town_is_made_to_fit_its_closer_view() -> None:
    _, inset = town_and_country("Ashby-de-la-Zouch with Much Else beside the Water and $5 & $6")
    (title,) = (text for text in inset.findobj(Text) if "Ashby" in text.get_text())
    assert 4 < title.get_fontsize() < 8
    assert title.get_window_extent().width <= inset.get_window_extent().width
    _, inset = town_and_country("Oakham")
    (title,) = (text for text in inset.findobj(Text) if "Oakham" in text.get_text())
    assert title.get_fontsize() == 8


def test_the_locator_is_on_the_page() -> None:
    page = lh.map_page(crime().head(3), locator=crime())
    assert "Where this is" in words(page)


def test_a_base_map_is_laid_under_paler_areas(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(
        "lsoahot.plotting.pages.add_basemap", lambda ax, areas: asked.append((ax, areas))
    )
    page = lh.map_page(crime(), basemap=True)
    assert asked[0][0] is page.axes[0]
    assert page.axes[0].collections[0].get_alpha() == 0.65


# --- files ----------------------------------------------------------------------------------------


def saved(tmp_path: Path, name: str, **options: object) -> Path:
    return lh.save_map(crime(), tmp_path / name, title="Crime in Rutland", **options)


def test_a_png_is_as_large_as_a4_at_its_resolution(tmp_path: Path) -> None:
    path = saved(tmp_path, "map.png", dpi=100)
    assert struct.unpack(">II", path.read_bytes()[16:24]) == (827, 1169)


def test_text_in_an_svg_is_text(tmp_path: Path) -> None:
    drawn = saved(tmp_path, "map.svg", plot=lh.plot_hotspots).read_text(encoding="utf-8")
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", drawn)
    for words_there in ("Crime in Rutland", "Oakham Centre", "5 km"):
        assert texts.count(words_there) == 1


def test_text_is_text_where_the_user_has_tex_for_all_text(tmp_path: Path) -> None:
    with plt.rc_context({"text.usetex": True}):
        path = lh.save_map(crime(), tmp_path / "map.svg", title="100 % & more")
    drawn = path.read_text(encoding="utf-8")
    assert ">100 % &amp; more</text>" in drawn


def test_text_in_a_pdf_is_text(tmp_path: Path) -> None:
    (page,) = PdfReader(saved(tmp_path, "map.pdf")).pages
    said = page.extract_text()
    for words_there in ("Crime in Rutland", "Oakham Centre", "Open Government Licence"):
        assert said.count(words_there) == 1


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_the_same_page_makes_the_same_file(tmp_path: Path, ending: str) -> None:
    first = saved(tmp_path, f"first.{ending}", dpi=50).read_bytes()
    assert first == saved(tmp_path, f"second.{ending}", dpi=50).read_bytes()


def test_what_cannot_be_saved_is_refused_before_anything_is_drawn(tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match=r"ending of path='\.jpg' is not one of \.png, \.svg, \.pdf"
    ):
        saved(tmp_path, "map.jpg")
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        saved(tmp_path, "nowhere/map.png")
    with pytest.raises(ValueError, match="no area to draw"):
        lh.save_map(crime().head(0), tmp_path / "none.png")
    with pytest.raises(ValueError, match="in degree"):
        lh.save_map(crime().to_crs(4326), tmp_path / "degrees.png")
    assert list(tmp_path.iterdir()) == []


def test_a_title_with_signs_of_mathematics_is_shown_as_it_is(tmp_path: Path) -> None:
    path = lh.save_map(crime(), tmp_path / "map.svg", title="Theft over $500 & $1,000 <all>")
    assert "Theft over $500 &amp; $1,000 &lt;all&gt;" in path.read_text(encoding="utf-8")


# --- the atlas ------------------------------------------------------------------------------------


def bookmarks(reader: PdfReader) -> list[tuple[str, int]]:
    return [(one.title, reader.get_destination_page_number(one)) for one in reader.outline]


def test_an_atlas_has_contents_bookmarks_links_and_a_page_a_map(tmp_path: Path) -> None:
    areas = crime()[["area_name", "district", "geometry"]]
    counts = areas.assign(count=crime()["count"])
    path = lh.atlas(
        [
            ("Areas of Rutland", areas),
            ("How many", counts),
            ("How often", crime()),
            ("Hot spots", crime(), {"plot": lh.plot_hotspots, "subtitle": "One year"}),
        ],
        tmp_path / "atlas.pdf",
        title="Rutland",
        subtitle="2011 to 2012",
        labels=3,
    )
    reader = PdfReader(path)
    assert bookmarks(reader) == [
        ("Contents", 0),
        ("Map 1: Areas of Rutland", 1),
        ("Map 2: How many", 2),
        ("Map 3: How often", 3),
        ("Map 4: Hot spots", 4),
    ]
    said = [" ".join(page.extract_text().split()) for page in reader.pages]
    assert said[0].startswith("Rutland 2011 to 2012 Map 1 Areas of Rutland 2 Map 2 How many 3")
    assert "not for operational use" in said[0]
    assert "Number recorded" in said[2]
    assert "Rate per 1,000" in said[3]
    assert "Map 4: Hot spots" in said[4]
    assert "One year" in said[4]
    assert [f"Page {page} of 5" in said[page - 1] for page in range(2, 6)] == [True] * 4
    assert len(reader.pages[0]["/Annots"]) == 4
    assert reader.metadata.title == "Rutland"
    assert list(tmp_path.iterdir()) == [path]


def test_text_of_an_atlas_is_drawn_for_the_fonts_that_it_is_written_with(tmp_path: Path) -> None:
    """Whatever matplotlib is set to: text for one kind of font is not seen in another."""
    path = tmp_path / "atlas.pdf"
    with open_atlas(path, [("Crime", "")], title="Rutland") as add:
        add(lh.map_page(crime()))
    for page in PdfReader(path).pages:
        fonts = page["/Resources"]["/Font"].values()
        assert {font.get_object()["/Subtype"] for font in fonts} == {"/Type0"}  # two bytes a letter
        content = page.get_contents().get_data()
        assert b"(\x00" in content
        assert not re.search(rb"\((?!\x00)[A-Za-z]", content)


def test_a_long_atlas_has_more_pages_of_contents(tmp_path: Path) -> None:
    tiny = gpd.GeoDataFrame(
        {"count": [1]}, index=["E1"], geometry=[shapely.box(0, 0, 900, 900)], crs=27700
    )
    reader = PdfReader(lh.atlas([(f"No. {n}", tiny) for n in range(1, 31)], tmp_path / "a.pdf"))
    assert len(reader.pages) == 32
    assert bookmarks(reader)[-1] == ("Map 30: No. 30", 31)
    assert "Map 30" in reader.pages[1].extract_text()
    assert "Page 32 of 32" in reader.pages[31].extract_text()


def test_an_atlas_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    good = ("Good", crime())
    for bad, error in (
        (("Bad", crime().drop(columns="hotspot"), {"plot": lh.plot_hotspots}), ValueError),
        (("Bad",), TypeError),
        ("Bad", TypeError),
        (("Bad", pd.DataFrame()), TypeError),
    ):
        with pytest.raises(error):
            lh.atlas([good, bad], tmp_path / "atlas.pdf")
    with pytest.raises(ValueError, match="needs a map"):
        lh.atlas([], tmp_path / "atlas.pdf")
    with pytest.raises(ValueError, match=r"is not one of \.pdf"):
        lh.atlas([good], tmp_path / "atlas.png")
    assert list(tmp_path.iterdir()) == []


def test_an_atlas_shows_how_far_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lh.atlas([("One", crime())], tmp_path / "atlas.pdf", progress=True)
    assert "Drawing maps: 100%" in capsys.readouterr().err
    lh.atlas([("One", crime())], tmp_path / "atlas.pdf")
    assert capsys.readouterr() == ("", "")


# --- small multiples ------------------------------------------------------------------------------


def years() -> dict[str, gpd.GeoDataFrame]:
    return {str(2008 + n): crime().assign(rate=crime()["rate"] * (1 + n / 3)) for n in range(5)}


def maps_of(page: Figure) -> list[Axes]:
    return [ax for ax in page.axes if ax.get_label() == "map"]


def panels(page: Figure) -> list[dict[str, tuple[float, ...]]]:
    return [
        {
            c.get_label(): tuple(c.get_facecolor()[0])
            for c in ax.collections
            if c.get_label()[0] != "_"
        }
        for ax in maps_of(page)
    ]


def test_panels_share_their_classes_their_scale_and_one_legend() -> None:
    page = lh.small_multiples(years(), title="Year by year")
    assert [ax.get_title(loc="left") for ax in maps_of(page)] == list(years())
    looks: dict[str, tuple[float, ...]] = {}
    for panel in panels(page):
        assert all(looks.setdefault(label, colour) == colour for label, colour in panel.items())
    assert len({(ax.get_xlim(), ax.get_ylim()) for ax in maps_of(page)}) == 1
    widths = [ax.get_window_extent().width for ax in maps_of(page)]
    assert widths == pytest.approx([widths[0]] * 5)
    (legend,) = page.legends
    assert set(looks) <= {text.get_text() for text in legend.get_texts()}
    assert all(ax.get_legend() is None for ax in page.axes)


def test_measures_of_different_kinds_may_keep_their_own_classes() -> None:
    page = lh.small_multiples(years(), same_breaks=False)
    assert all(ax.get_legend() is not None for ax in maps_of(page))
    assert page.legends == []


def test_maps_of_classes_share_a_legend_too_and_what_is_no_value_comes_last() -> None:
    gap = with_hot_spots().assign(
        hotspot=with_hot_spots()["hotspot"].mask(with_hot_spots()["area_name"] == "Exton")
    )
    page = lh.small_multiples({"Gap": gap, "Whole": with_hot_spots()}, plot=lh.plot_hotspots)
    labels = [text.get_text() for text in page.legends[0].get_texts()]
    assert labels == ["Hot spot 99%", "Not significant", "No data"]


def test_the_page_is_turned_the_way_that_shows_the_panels_larger() -> None:
    wide = gpd.GeoDataFrame(
        {"rate": [1.5]}, index=["E1"], geometry=[shapely.box(0, 0, 5000, 1000)], crs=27700
    )
    upright = lh.small_multiples({str(n): wide for n in range(5)})
    assert upright.get_size_inches().tolist() == [8.27, 11.69]
    FigureCanvasAgg(upright).draw()
    page = shapely.box(*upright.bbox.extents)
    assert page.contains(shapely.box(*upright.legends[0].get_window_extent().extents))


def test_panels_have_room_for_long_names_and_tell_their_own_counts() -> None:
    long = {f"Alcohol-related crimes and incidents, part {n}": crime() for n in range(1, 12)}
    page = lh.small_multiples(long, plot=lh.plot_hotspots, title="All")
    FigureCanvasAgg(page).draw()
    names = [
        shapely.box(*text.get_window_extent().extents)
        for text in page.findobj(Text)
        if text.get_text() in long
    ]
    assert len(names) == 11
    assert not any(one.intersects(other) for one, other in combinations(names, 2))
    paper = shapely.box(*page.bbox.extents)
    assert paper.contains(shapely.box(*page.legends[0].get_window_extent().extents))
    assert "part 1, 1,256 of 8,761; Alcohol" in words(page)
    assert "Of 8,761 records" not in words(page)


def test_breaks_and_verbs_are_passed_on() -> None:
    page = lh.small_multiples(years(), breaks=[50, 400], cmap="viridis")
    assert [text.get_text() for text in page.legends[0].get_texts()] == ["up to 50", "50 to 400"]
    named = lh.small_multiples(years(), plot=partial(lh.plot_areas, label=None))
    assert named.legends == []


def test_what_is_no_series_is_refused() -> None:
    with pytest.raises(TypeError, match="must be a dict of tables by name, not list"):
        lh.small_multiples([crime()])
    with pytest.raises(ValueError, match="no table to draw"):
        lh.small_multiples({})
    with pytest.raises(TypeError, match="must be a GeoDataFrame"):
        lh.small_multiples({"2024": pd.DataFrame()})


def test_pages_survive_being_saved_in_memory() -> None:
    kept = io.BytesIO()
    lh.map_page(crime(), title="Kept").savefig(kept, format="png", dpi=40)
    assert kept.getvalue().startswith(b"\x89PNG")


def test_a_map_of_change_labels_what_changed() -> None:
    areas = lh.read_boundaries("sample")
    then = areas.assign(count=10, rate=10.0)
    now = then.assign(count=[60, 10, 1, *[10] * 20])
    changed = lh.change(then, now)
    named = set(changed.loc[changed["change_class"] != "No clear change", "area_name"])
    assert {areas["area_name"].iloc[0]} <= named
    page = lh.map_page(changed, plot=lh.plot_change)
    shown = {" ".join(text.get_text().split()) for ax in page.axes for text in ax.texts}
    assert named == shown & set(areas["area_name"])
