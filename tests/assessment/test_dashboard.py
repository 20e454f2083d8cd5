"""The dashboard's file: what is in it, what is not, and that it can't be broken by what it holds."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import warnings
from pathlib import Path
from typing import Any

import geopandas as gpd
import hypothesis.extra.numpy as arrays
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings, strategies as st

import lsoahot as lh
from lsoahot.assessment import over_time
from lsoahot.assessment.dashboard import figures, html as _html, packing
from lsoahot.common.class_labels import CHANGE_CLASSES, HOTSPOT_CLASSES, LEVELS

# The bundle of Vega 6.4.0 as it was made; see src/lsoahot/assessment/dashboard/README.md.
VEGA = "f6583519262c67b83878c0a3e1e3e4413a8218eb739d1ca2e95f5bac97a61bb1"
HOSTILE = [
    "</script><img src=x onerror=alert(1)>",
    'O\'Brien & "Sons" <b>',
    "line\u2028separator\u2029end",
    "<!-- <script>",
    "${title} $title",
]


def grid(side: int = 3, *, names: list[str] | None = None) -> gpd.GeoDataFrame:
    """Make a square of square areas, 1 km each, with 1,000 residents each."""
    squares = [
        shapely.box(x * 1000, y * 1000, (x + 1) * 1000, (y + 1) * 1000)
        for y in range(side)
        for x in range(side)
    ]
    count = len(squares)
    table = gpd.GeoDataFrame(
        {
            "area_name": (names or []) + [f"Area {k}" for k in range(len(names or []), count)],
            "district": "Square",
            "population": 1000,
        },
        index=pd.Index([f"E{k:08d}" for k in range(count)], name="area_code"),
        geometry=squares,
        crs=27700,
    )
    table.attrs = {"edition": "lsoa21", "source": "a grid"}
    return table


def events(
    areas: gpd.GeoDataFrame, rows: list[tuple[int, str, str, int]], **attrs: object
) -> pd.DataFrame:
    """Make records from (area, month, category, how many)."""
    every = [(areas.index[a], m, c) for a, m, c, n in rows for _ in range(n)]
    table = pd.DataFrame(every, columns=["area_code", "period", "category"])
    table["period"] = pd.PeriodIndex(table["period"], freq="M")
    table.attrs = {"source": "made by hand", **attrs}
    return table


def two_years(areas: gpd.GeoDataFrame, *, seed: int = 1, mean: float = 2.0) -> pd.DataFrame:
    """Make two years of records in every area, of two categories."""
    rng = np.random.default_rng(seed)
    every = pd.period_range("2020-10", "2022-09", freq="M")
    rows = [
        (a, str(m), c, int(rng.poisson(mean)))
        for a in range(len(areas))
        for m in every
        for c in ("Burglary", "Robbery")
    ]
    return events(areas, rows)


def content(made: lh.Dashboard) -> dict[str, Any]:
    """Read what a page holds, as its script would."""
    found = re.search(
        r'<script type="application/json" id="lsoahot-data">(.*?)</script>', made.html
    )
    assert found is not None
    read: dict[str, Any] = json.loads(found.group(1))
    return read


def unpack(packed: dict[str, Any]) -> np.ndarray[Any, Any]:
    kind = np.dtype("<" + packed["type"])
    flat = np.frombuffer(base64.b64decode(packed["data"]), dtype=kind)
    return flat.reshape(packed["shape"])


# --- what is in the file -------------------------------------------------------------------------


def test_months_hold_every_record_counted_by_hand() -> None:
    areas = grid()
    rows = [
        (0, "2022-01", "Burglary", 3),
        (0, "2022-02", "Robbery", 1),
        (8, "2022-03", "Burglary", 5),
    ]
    made = lh.dashboard(areas, {"Theft": events(areas, rows)})
    measure = content(made)["measures"][0]
    assert measure["categories"] == ["All categories", "Burglary", "Robbery"]
    counts = unpack(measure["months"])
    assert counts.shape == (3, 9, 3)
    expected = np.zeros((3, 9, 3), dtype=int)
    expected[0, 0, 0], expected[1, 0, 0] = 3, 3
    expected[0, 0, 1], expected[2, 0, 1] = 1, 1
    expected[0, 8, 2], expected[1, 8, 2] = 5, 5
    np.testing.assert_array_equal(counts, expected)


def test_years_are_counted_back_from_the_last_month() -> None:
    areas = grid()
    found = content(lh.dashboard(areas, {"All": two_years(areas)}))
    assert [year["label"] for year in found["years"]] == [
        "Oct 2020 to Sep 2021",
        "Oct 2021 to Sep 2022",
    ]
    earlier = content(lh.dashboard(areas, {"All": two_years(areas)}, until="2022-03"))
    assert [year["label"] for year in earlier["years"]] == ["Apr 2021 to Mar 2022"]
    assert earlier["months"][0] == "2020-10"


def test_tests_are_those_of_the_verbs() -> None:
    areas, records = grid(5), two_years(grid(5), mean=3.0)
    records = pd.concat(
        [records, events(areas, [(a, "2022-01", "Burglary", 60) for a in (0, 1, 5, 6)])]
    )
    measure = content(lh.dashboard(areas, {"All": records}))["measures"][0]
    now = records[records["period"] >= pd.Period("2021-10", "M")]
    then = records[records["period"] < pd.Period("2021-10", "M")]
    for c, name in enumerate(measure["categories"]):
        pick = slice(None) if c == 0 else None
        counted = lh.count(areas, now if pick else now[now["category"] == name])
        before = lh.count(areas, then if pick else then[then["category"] == name])
        tested = counted.pipe(lh.rate).pipe(lh.find_hotspots)
        np.testing.assert_allclose(unpack(measure["z"])[c, 1], tested["gi_z"], rtol=1e-6)
        np.testing.assert_allclose(unpack(measure["q"])[c, 1], tested["gi_q"], rtol=1e-6)
        codes = [HOTSPOT_CLASSES.index(name) for name in tested["hotspot"]]
        np.testing.assert_array_equal(unpack(measure["hotspot"])[c, 1], codes)
        levels = [list(LEVELS).index(name) for name in tested["level"]]
        np.testing.assert_array_equal(unpack(measure["level"])[c, 1], levels)
        # 25 areas of 1,000 people
        assert measure["whole"][c][1] == pytest.approx(tested["count"].sum() / 25)
        changed = lh.change(before, counted, population=None)
        np.testing.assert_array_equal(
            unpack(measure["change"])[c, 1], changed["change_class"].cat.codes
        )
    assert (unpack(measure["hotspot"])[0, 1] == 0).any()  # a planted hot spot is there to be found


def test_the_mean_of_an_area_and_its_neighbours() -> None:
    areas = grid()
    records = events(areas, [(0, "2022-01", "A", 9), (4, "2022-02", "A", 18)])
    measure = content(lh.dashboard(areas, {"All": records}))["measures"][0]
    around = unpack(measure["around"])[0, 0]
    assert around[0] == pytest.approx((9 + 18) / 4)  # the corner, two sides and the middle
    assert around[4] == pytest.approx((9 + 18) / 9)
    assert around[2] == pytest.approx(18 / 4)
    assert measure["mean"] == [[3.0]]


def test_words_on_the_whole_are_those_of_trend() -> None:
    areas = grid()
    records = two_years(areas, mean=1.0)
    extra = events(
        areas, [(a, f"2022-{m:02d}", "Robbery", 3) for a in range(9) for m in range(1, 10)]
    )
    records = pd.concat([records, extra], ignore_index=True)
    measure = content(lh.dashboard(areas, {"All": records}))["measures"][0]
    words = lh.trend(records, year_end=9).set_index(["category", "year"])["verdict"]
    shown = unpack(measure["verdict"])[0, :, 1]
    names = ["Total", *measure["categories"][1:]]
    assert [figures.VERDICTS[k] for k in shown] == [words[name, "FY 2022"] for name in names]
    assert "rose" in [figures.VERDICTS[k] for k in shown]


def test_peaks_are_those_of_seasonality() -> None:
    areas = grid()
    records = pd.concat(
        [
            two_years(areas),
            events(areas, [(a, f"{y}-05", "Robbery", 9) for a in range(9) for y in (2021, 2022)]),
        ],
        ignore_index=True,
    )
    measure = content(lh.dashboard(areas, {"All": records}))["measures"][0]
    season = lh.seasonality(records, year_end=9)
    peaks = unpack(measure["peaks"])[0, 0]
    assert peaks.astype(bool).tolist() == (season["verdict"] == "peak").tolist()
    assert peaks[4] == 1


def test_the_wider_area_is_tested_and_the_selection_shown() -> None:
    areas, records = grid(5), two_years(grid(5))
    inner = list(areas.index[:10])
    made = content(lh.dashboard(areas, {"All": records}, select=inner))
    tested = lh.count(areas, records[records["period"] >= pd.Period("2021-10", "M")])
    tested = tested.pipe(lh.rate).pipe(lh.getis_ord)
    assert made["areas"]["code"] == inner
    np.testing.assert_allclose(
        unpack(made["measures"][0]["z"])[0, 1], tested.loc[inner, "gi_z"], rtol=1e-6
    )
    assert ("Hot spots", True) in [
        (k, "25 areas tested, 10 of them shown" in v) for k, v in made["about"]
    ]


def test_a_missing_year_is_no_data_and_not_zero() -> None:
    areas = grid()
    records = two_years(areas)
    late = records[records["period"] >= pd.Period("2021-03", "M")]
    made = content(lh.dashboard(areas, {"All": records, "Late": late}))
    assert made["measures"][0]["silent"] == []
    assert made["measures"][1]["silent"] == [0, 1, 2, 3, 4]
    assert (unpack(made["measures"][1]["hotspot"])[0, 0] == 8).all()  # Not tested
    assert (unpack(made["measures"][1]["verdict"]) == -1).all()


def test_a_category_recorded_from_some_month_on_is_not_compared_with_zero() -> None:
    areas = grid()
    every = pd.period_range("2020-10", "2022-09", freq="M")
    rows = [
        (a, str(m), "Old" if m < pd.Period("2021-04", "M") else "New", 3)
        for a in range(9)
        for m in every
    ]
    measure = content(lh.dashboard(areas, {"Disorder": events(areas, rows)}))["measures"][0]
    counts = unpack(measure["months"])
    new = measure["categories"].index("New")
    assert (counts[new, :, :6] == figures.MISSING).all()
    assert (counts[0] == 3).all()
    said = unpack(measure["verdict"])[0, :, 1]
    assert figures.VERDICTS[said[0]] == "no clear change"
    assert said[1:].tolist() == [-1, -1]


def test_one_category_is_split_by_offence() -> None:
    areas = grid()
    records = events(areas, [(0, "2022-01", "Violence", 3), (1, "2022-12", "Violence", 2)])
    records["offence"] = ["Assault", "Assault", "Harassment", "Assault", None]
    found = content(lh.dashboard(areas, {"Violence": records}))["measures"][0]["categories"]
    assert found == ["All categories", "Assault", "Harassment", "Not recorded"]


def test_it_says_what_it_is() -> None:
    areas = grid()
    records = events(
        areas, [(0, "2022-01", "A", 3), (1, "2022-12", "A", 2)], notice="for practice only"
    )
    records.loc[0, "area_code"] = None
    about = dict(content(made := lh.dashboard(areas, {"Theft": records}))["about"])
    assert about["Period"] == "January 2022 to December 2022"
    assert about["Boundaries"] == "LSOA, 2021 edition; a grid"
    assert about["Records"] == "made by hand"
    assert "1 no location" in about["Theft"]
    assert about["Withheld"] == "nothing"
    assert content(made)["notice"] == "For practice only"


# --- what is not in the file ---------------------------------------------------------------------


def sensitive(areas: gpd.GeoDataFrame, counts: list[int]) -> pd.DataFrame:
    """Make a year of hate crime, one month an area, months alike whoever has which count."""
    rows = [
        (a, f"2022-{m:02d}", "Race", int(m <= n))
        for a, n in enumerate(counts)
        for m in range(1, 13)
    ]
    rows += [(0, f"2022-{m:02d}", "Race", 1) for m in range(1, 13)]
    return events(areas, rows, sensitive=True)


def test_small_numbers_of_a_sensitive_measure_are_withheld() -> None:
    areas = grid()
    records = sensitive(areas, [0, 1, 3, 7, 0, 9, 2, 0, 8])
    found = content(lh.dashboard(areas, {"Hate": records}))
    measure = found["measures"][0]
    assert "months" not in measure
    assert "around" not in measure
    assert measure["sensitive"] is True
    shown = lh.suppress(lh.count(areas, records))
    expected = shown["count"].fillna(figures.WITHHELD).tolist()
    assert unpack(measure["years"])[:, 0].tolist() == expected
    assert expected[0] == 12
    assert expected.count(figures.WITHHELD) >= 3
    hidden = shown["suppressed"].to_numpy()
    assert (unpack(measure["hotspot"])[0, 0, hidden] == 8).all()  # Not tested
    assert np.isnan(unpack(measure["z"])[0, 0, hidden]).all()
    assert np.isnan(unpack(measure["q"])[0, 0, hidden]).all()
    assert "small numbers of Hate" in dict(found["about"])["Withheld"]
    assert (unpack(measure["level"])[0, 0, hidden] == 0).all()  # Not tested
    assert "whole" not in measure
    assert (
        "(of Hate it is not: records are taken to come one by one)"
        in dict(found["about"])["Levels"]
    )


def test_streets_are_named_of_open_measures_located_by_code_alone() -> None:
    areas = grid()
    records = events(
        areas, [(0, "2021-05", "A", 9), (0, "2022-05", "A", 7), (1, "2022-05", "A", 4)]
    )
    records["street"] = ["On or near High Street"] * 9 + ["On or near Mill Lane"] * 11
    streets = content(lh.dashboard(areas, {"All": records}))["measures"][0]["streets"]
    texts = [[streets["text"][k] if k >= 0 else "" for k in row] for row in unpack(streets["at"])]
    assert len(texts) == 1  # May 2021 to May 2022 holds one year
    assert texts[0] == ["Mill Lane (7)"] + [""] * 8
    named = {"All": records}
    for options in ({"below": {"All": 5}}, {"locate_by": "point"}):
        table = gpd.GeoDataFrame(
            records, geometry=areas.geometry.reindex(records["area_code"]).centroid.to_numpy(),
            crs=27700,
        ) if "locate_by" in options else records  # fmt: skip
        made = lh.dashboard(areas, {"All": table} if table is not records else named, **options)
        assert content(made)["measures"][0]["streets"] is None
        assert "Mill Lane" not in made.html


def test_the_account_gives_no_total_that_is_withheld() -> None:
    areas = grid()
    few = sensitive(areas, [-1, 0, 0, 2, 0, 0, 0, 0, 1])
    few = few[few["area_code"] != areas.index[0]]
    found = content(lh.dashboard(areas, {"Hate": few}))["measures"][0]
    assert found["account"].startswith("How many records were counted is withheld")
    # Of a wider area, the number of records says nothing of the few that are shown.
    chosen = lh.dashboard(areas, {"Hate": few}, select=list(areas.index[2:]))
    assert "3 were counted" in content(chosen)["measures"][0]["account"]


@settings(max_examples=12, deadline=None)
@given(st.permutations([1, 2, 3, 4]))
def test_nothing_but_classes_depends_on_who_has_which_small_number(order: list[int]) -> None:
    areas = grid()
    pages = []
    for small in ([1, 2, 3, 4], order):
        records = sensitive(areas, [0, *small, 7, 0, 9, 8])
        found = content(lh.dashboard(areas, {"Hate": records}))
        # Like the tables of an assessment, the page keeps the classes of the areas that are given.
        del found["measures"][0]["hotspot"], found["measures"][0]["level"]
        pages.append(found)
    assert pages[0] == pages[1]


def test_totals_that_would_give_a_number_away_are_withheld() -> None:
    areas = grid()
    areas["district"] = ["West", "East", "East", *["East"] * 6]
    every = sensitive(areas, [-1, 9, 9, 9, 9, 9, 9, 9, 9])
    made = content(lh.dashboard(areas, {"Hate": every[every["area_code"] != areas.index[0]]}))
    measure = made["measures"][0]
    totals = unpack(measure["totals"])
    with pytest.warns(UserWarning, match="totals of East, West must not be published"):
        shown = lh.suppress(lh.count(areas, every[every["area_code"] != areas.index[0]]))
    named = shown.attrs["suppression"]["totals_withheld"]
    assert named
    for group, name in enumerate(["the whole table", *made["districts"]]):
        assert (totals[group] == figures.MISSING).all() == (name in named)


def test_the_mix_of_a_sensitive_measure_is_withheld_if_a_part_is_small() -> None:
    small = np.array([[15.0], [11.0], [4.0]])
    assert figures.safe_mix(small, [(0, 1)], below=5).tolist() == [[-2], [-2], [-2]]
    large = np.array([[16.0], [11.0], [5.0]])
    assert figures.safe_mix(large, [(0, 1)], below=5).tolist() == [[16], [11], [5]]
    unknown = np.array([[np.nan], [11.0], [5.0]])
    assert figures.safe_mix(unknown, [(0, 1)], below=5).tolist() == [[-2], [-2], [-2]]


def test_the_caller_decides_what_is_withheld() -> None:
    areas = grid()
    records = sensitive(areas, [0, 1, 3, 7, 0, 9, 2, 0, 8])
    every = content(lh.dashboard(areas, {"Hate": records}, below={}))["measures"][0]
    assert unpack(every["months"])[0].sum(axis=1).tolist() == [12, 1, 3, 7, 0, 9, 2, 0, 8]
    more = content(lh.dashboard(areas, {"Hate": records}, below={"Hate": 8}))["measures"][0]
    shown = lh.suppress(lh.count(areas, records), below=8)["count"]
    assert unpack(more["years"])[:, 0].tolist() == shown.fillna(figures.WITHHELD).tolist()
    assert shown.isna().sum() > 3


# --- text and numbers in the file ----------------------------------------------------------------


def test_names_cannot_break_out_of_the_page() -> None:
    areas = grid(names=HOSTILE)
    records = two_years(areas)
    records["category"] = records["category"].replace("Robbery", HOSTILE[0])
    made = lh.dashboard(
        areas, {HOSTILE[0]: records}, title=HOSTILE[0], select=list(areas.index[:6])
    )
    assert "<img" not in made.html
    assert made.html.count("</script>") == 3
    assert "\u2028" not in made.html
    found = content(made)
    assert found["areas"]["name"][:5] == HOSTILE
    assert found["measures"][0]["name"] == HOSTILE[0]
    assert "<title>&lt;/script&gt;&lt;img" in made.html


SHAPES = arrays.array_shapes(min_dims=1, max_dims=3, max_side=6)


@given(
    arrays.arrays(np.int64, SHAPES, elements=st.integers(-(2**31), 2**31 - 1))
    | arrays.arrays(np.int64, SHAPES, elements=st.integers(0, 2**32 - 1))
    | arrays.arrays(np.float64, SHAPES, elements=st.floats(width=32))
    | arrays.arrays(np.bool_, SHAPES)
)
def test_packing_keeps_every_number(values: np.ndarray[Any, Any]) -> None:
    np.testing.assert_array_equal(unpack(packing.pack(values)), values)


def drawn(areas: gpd.GeoDataFrame) -> list[shapely.MultiPolygon]:
    """Draw the packed outlines as the page does, in metres."""
    packed = packing.outlines(areas)
    lengths, steps = iter(unpack(packed["lengths"]).tolist()), unpack(packed["steps"]).astype(int)
    places = np.cumsum(steps, axis=0)
    x0, y0, x1, y1 = areas.total_bounds
    places = places * (max(x1 - x0, y1 - y0) / packing.GRID) + [x0, y0]
    at, shapes = 0, []
    for _ in range(len(areas)):
        parts = []
        for _ in range(next(lengths)):
            rings = []
            for _ in range(next(lengths)):
                n = next(lengths)
                rings.append(places[at : at + n])
                at += n
            parts.append(shapely.Polygon(rings[0], rings[1:]))
        shapes.append(shapely.MultiPolygon(parts))
    assert at == len(places)
    return shapes


def share_edges(shapes: list[shapely.MultiPolygon]) -> bool:
    """Say whether areas neither overlap nor leave slivers between them."""
    if hasattr(shapely, "coverage_is_valid"):  # from shapely 2.1 on
        return bool(shapely.coverage_is_valid(shapes))
    whole = shapely.union_all([shapely.make_valid(shape) for shape in shapes])
    return bool(np.isclose(whole.area, sum(shape.area for shape in shapes), rtol=1e-6))


def test_outlines_of_squares_are_squares() -> None:
    areas = grid(4)
    for shape, square in zip(drawn(areas), areas.geometry, strict=True):
        assert shape.symmetric_difference(square).area < 1e-3 * square.area


def test_outlines_keep_holes_parts_and_empty_places() -> None:
    ring = shapely.box(0, 0, 100, 100) - shapely.box(40, 40, 60, 60)
    two = shapely.MultiPolygon([shapely.box(200, 0, 250, 50), shapely.box(300, 0, 350, 50)])
    areas = gpd.GeoDataFrame(
        index=["a", "b", "c", "d"],
        geometry=[ring, shapely.box(40, 40, 60, 60), two, None],
        crs=27700,
    )
    shapes = drawn(areas)
    assert [round(shape.area, -1) for shape in shapes] == [9600, 400, 5000, 0]
    assert len(shapes[2].geoms) == 2


def test_outlines_still_share_their_edges() -> None:
    areas = lh.read_boundaries("sample")
    shapes = drawn(areas)
    assert share_edges(shapes)
    moved = [
        a.symmetric_difference(b).area / b.area for a, b in zip(shapes, areas.geometry, strict=True)
    ]
    assert max(moved) < 0.02


def test_silence_of_a_year_is_a_gap_and_a_quiet_month_is_not() -> None:
    assert over_time.months_without_data(np.array([0.0] * 10 + [3, 2, 4])) == list(range(10))
    assert over_time.months_without_data(np.array([0.0, 0, 0, 0, 3, 2, 4])) == []
    assert over_time.months_without_data(np.array([3.0, 0, 2, 4])) == []
    assert over_time.months_without_data(np.zeros(3)) == [0, 1, 2]


def test_the_bundle_is_the_one_that_was_made() -> None:
    folder = Path(_html.__file__).parent
    bundle = (folder / "vega.js").read_bytes().replace(b"\r\n", b"\n")  # as git has it on Windows
    assert hashlib.sha256(bundle).hexdigest() == VEGA
    assert "Interactive Data Lab" in (folder / "vega-licences.txt").read_text(encoding="utf-8")


def test_the_page_forbids_requests_and_foreign_scripts() -> None:
    areas = grid()
    html = lh.dashboard(areas, {"All": two_years(areas)}).html
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
    assert policy is not None
    rules = policy.group(1)
    assert rules.startswith("default-src 'none'; script-src 'sha256-")
    assert "http" not in rules
    assert "unsafe-eval" not in rules
    for script in re.findall(r"<script>(.*?)</script>", html, re.DOTALL):
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in rules
    assert not re.search(r'(?:src|href)\s*=\s*"(?!data:|#)', html)


# --- the function --------------------------------------------------------------------------------


def test_it_writes_shows_and_changes_nothing(tmp_path: Path) -> None:
    areas = grid()
    records = two_years(areas)
    before = areas.copy(), records.copy()
    made = lh.dashboard(areas, {"All": records}, tmp_path / "page.html", title="Square")
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == made.html
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
    assert repr(made) == "Dashboard(title='Square')"
    frame = made._repr_html_()
    assert frame.startswith("<iframe srcdoc=")
    assert "<script" not in frame
    pd.testing.assert_frame_equal(pd.DataFrame(areas), pd.DataFrame(before[0]))
    pd.testing.assert_frame_equal(records, before[1])


def test_the_same_input_gives_the_same_file() -> None:
    areas = grid()
    first, second = (lh.dashboard(areas, {"All": two_years(areas)}).html for _ in range(2))
    assert first == second


def test_a_write_that_fails_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = lh.dashboard(grid(), {"All": two_years(grid())})
    old = tmp_path / "page.html"
    old.write_text("old", encoding="utf-8")

    def full(*_: object) -> None:
        raise OSError("no space left on the disk")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="no space"):
        made.save(old)
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
    assert old.read_text(encoding="utf-8") == "old"


def test_errors_say_what_to_do(tmp_path: Path) -> None:
    areas, records = grid(), two_years(grid())
    with pytest.raises(TypeError, match="areas must be a GeoDataFrame"):
        lh.dashboard(records, {"All": records})  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="not a dict"):
        lh.dashboard(areas, records)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="nothing to show"):
        lh.dashboard(areas, {})
    with pytest.raises(ValueError, match="no column 'period'"):
        lh.dashboard(areas, {"All": records.drop(columns="period")})
    with pytest.raises(ValueError, match="Did you mean 'Burglary'"):
        lh.dashboard(areas, {"Burglary": records}, below={"Burglry": 5})
    with pytest.raises(ValueError, match="before the first record, of 2020-10"):
        lh.dashboard(areas, {"All": records}, until="2019-01")
    with pytest.raises(ValueError, match="no record of any measure has a month"):
        lh.dashboard(
            areas, {"All": records.assign(period=pd.PeriodIndex([pd.NaT] * len(records), freq="M"))}
        )
    with pytest.raises(ValueError, match="no column 'households'"):
        lh.dashboard(areas, {"All": records}, population="households")
    with pytest.raises(FileNotFoundError, match="no folder"):
        lh.dashboard(areas, {"All": records}, tmp_path / "none" / "page.html")


def test_measures_may_differ_in_population_and_in_how_they_are_counted() -> None:
    areas = grid().assign(households=500)
    records = two_years(areas)
    made = content(
        lh.dashboard(areas, {"All": records, "Homes": records}, population={"Homes": "households"})
    )
    people = [unpack(packed)[0] for packed in made["areas"]["populations"]]
    assert [people[measure["population"]] for measure in made["measures"]] == [1000, 500]


def test_counted_rows_points_and_an_empty_measure() -> None:
    areas = grid()
    counted = pd.DataFrame(
        {
            "area_code": [areas.index[0], areas.index[1]],
            "period": pd.PeriodIndex(["2022-01", "2022-02"], freq="M"),
            "category": "A",
            "count": [7, 2],
        }
    )
    points = gpd.GeoDataFrame(
        {"period": pd.PeriodIndex(["2022-01", "2022-01"], freq="M"), "category": "A"},
        geometry=[shapely.Point(500, 500), shapely.Point(2500, 2500)],
        crs=27700,
    )
    made = content(lh.dashboard(areas, {"Rows": counted, "Points": points, "None": counted[:0]}))
    rows, spots, none = (unpack(measure["months"])[0] for measure in made["measures"])
    assert (rows[0, 0], rows[1, 1], rows.sum()) == (7, 2, 9)
    assert (spots[0, 0], spots[8, 0]) == (1, 1)
    assert (none == figures.MISSING).all()


def test_an_area_without_a_name_goes_by_its_code() -> None:
    areas = grid()
    areas.loc[areas.index[1], "area_name"] = None
    found = content(lh.dashboard(areas, {"All": two_years(areas)}))["areas"]
    assert found["name"][:2] == ["Area 0", found["code"][1]]


def test_less_than_a_year_is_one_period() -> None:
    areas = grid()
    records = events(areas, [(0, "2022-01", "A", 3), (1, "2022-05", "A", 2)])
    made = content(lh.dashboard(areas, {"All": records}))
    assert [year["label"] for year in made["years"]] == ["Jan 2022 to May 2022"]
    assert len(made["measures"][0]["breaks"]["count"][0]) == 2


def test_leicestershire_fits(shared: Path) -> None:
    folder = shared / "data"
    areas = lh.read_boundaries(folder / "boundaries" / "leics_rutland_lsoa11_bgc.gpkg")
    people = pd.read_csv(folder / "population" / "pop_lsoa11_2011_2017_2019_2020.csv", index_col=0)
    column = next(name for name in people.columns if "2020" in name)
    areas = areas.assign(population=people[column].reindex(areas.index).to_numpy())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        records = lh.read_dataset(
            "crime",
            [
                folder / "police" / "leicestershire-2020-10_2021-09.zip",
                folder / "police" / "leicestershire-2021-10_2022-09.zip",
            ],
        )
        made = lh.dashboard(areas, {"Recorded crime": records})
    assert len(made.html.encode()) < 6_000_000
    shapes = drawn(areas)
    assert share_edges(shapes)
    found = content(made)
    oracle = pd.read_csv(shared / "oracles" / "leics_counts_2021-10_2022-09.csv", index_col=0)
    counts = unpack(found["measures"][0]["months"])[0, :, 12:].sum(axis=1)
    given_counts = oracle.iloc[:, 0].reindex(found["areas"]["code"])
    assert len(oracle.columns) >= 1
    np.testing.assert_array_equal(counts, given_counts)


def test_few_events_are_tested_as_in_the_tables() -> None:
    areas = grid()
    made = lh.dashboard(areas, {"Fires": events(areas, [(0, "2022-01", "Fire", 5)])})
    measure = content(made)["measures"][0]
    tested = lh.find_hotspots(lh.rate(areas.assign(count=[5, *[0] * (len(areas) - 1)])))
    codes = [HOTSPOT_CLASSES.index(name) for name in tested["hotspot"]]
    np.testing.assert_array_equal(unpack(measure["hotspot"])[0, 0], codes)
    np.testing.assert_allclose(unpack(measure["z"])[0, 0], tested["gi_z"], rtol=1e-3)


@pytest.mark.parametrize(
    ("category", "period"),
    [
        (over_time.ALL, ("2010-10", "2011-09")),
        (over_time.ALL, ("2011-10", "2012-09")),
        ("Criminal damage", ("2011-10", "2012-09")),
        ("Other offences", ("2009-10", "2010-09")),
        ("Serious acquisitive crime", ("2006-10", "2012-09")),
    ],
)
def test_every_selection_shows_what_the_verbs_say_of_it(
    category: str, period: tuple[str, str]
) -> None:
    """The page tests all selections without tables; the verbs test this one with them."""
    areas, records = lh.read_boundaries("sample"), lh.read_dataset("crime", "sample")
    graph = lh.contiguity(areas)
    measure = content(lh.dashboard(areas, {"Crime": records}, graph=graph))["measures"][0]
    part = measure["categories"].index(category)
    years = (pd.Period(period[1], "M") - pd.Period(period[0], "M")).n // 12 + 1
    year = pd.Period(period[1], "M").year - 2007 if years == 1 else 6
    own = records if category == over_time.ALL else records[records["category"] == category]
    counted = lh.count(areas, own, period=period)
    tested = lh.find_hotspots(lh.rate(counted, per=1000 / years), graph)

    def shown(name: str) -> np.ndarray:
        return unpack(measure[name])[part, year]

    assert [HOTSPOT_CLASSES[code] for code in shown("hotspot")] == tested["hotspot"].tolist()
    assert [list(LEVELS)[code] for code in shown("level")] == tested["level"].tolist()
    np.testing.assert_allclose(shown("q"), tested["gi_q"], rtol=1e-6)
    np.testing.assert_allclose(shown("z"), tested["gi_z"], rtol=1e-6)
    assert measure["mean"][part][year] == pytest.approx(tested["rate"].mean(), rel=1e-12)
    if years == 1:
        before = tuple(str(pd.Period(month, "M") - 12) for month in period)
        then = lh.count(areas, own, period=before)
        then.attrs, now = then.attrs | {"period": None}, counted.copy()
        now.attrs = counted.attrs | {"period": None}  # the page's years are all of one length
        changed = lh.change(then, now, population=None)["change_class"]
        assert [CHANGE_CLASSES[code] for code in shown("change")] == changed.tolist()


def test_neighbours_lend_strength_to_the_levels_of_a_page_as_to_the_verbs() -> None:
    areas = grid(15)  # 225 areas: of so many, levels are found with their graph
    hot = [(a, "2022-01", "Fire", 1 + 9 * (a % 15 < 4 and a < 60)) for a in range(225)]
    records = events(areas, hot)
    measure = content(lh.dashboard(areas, {"Fires": records}))["measures"][0]
    counted = lh.count(areas, records, period=("2022-01", "2022-01"))
    tested = lh.find_hotspots(lh.rate(counted))
    assert "share" in tested.attrs["statistics"]["exceedance"]
    levels = [list(LEVELS)[code] for code in unpack(measure["level"])[0, 0]]
    assert levels == tested["level"].tolist()
    assert len(set(levels)) > 1


def test_changes_on_a_page_are_those_of_change_with_the_months_scatter() -> None:
    areas = grid()
    months = pd.period_range("2020-10", "2022-09", freq="M")
    rows = [
        (a, str(m), "Fire", (3 + 6 * (a == 0) * late, 9 - 6 * (a == 1) * late, 5)[min(a, 2)])
        for a in range(9)
        for m in months
        for late in [m >= pd.Period("2021-10", "M")]
    ]
    records = events(areas, [*rows, (3, "2022-09", "Fire", 40)])
    measure = content(lh.dashboard(areas, {"Fires": records}))["measures"][0]
    then = lh.count(areas, records, period=("2020-10", "2021-09"))
    now = lh.count(areas, records, period=("2021-10", "2022-09"))
    changed = lh.change(then, now, population=None)
    assert changed.attrs["statistics"]["change"]["dispersion"] > 1.2
    words = [CHANGE_CLASSES[code] for code in unpack(measure["change"])[0, 1]]
    assert words == changed["change_class"].tolist()
    assert words[0].startswith("Rose")
    assert words[1].startswith("Fell")
    assert words[2] == "No clear change"
