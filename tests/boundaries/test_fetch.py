"""Fetching from services that fail in every way, over real HTTP on loopback.

The server answers as ArcGIS feature services do (pages of a set size, `returnCountOnly`, errors
with status 200), from polygons it is given, and commits the faults it is told to, in order.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import deque
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

import geopandas as gpd
import loopback
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings, strategies as st
from loopback import serving

import lsoahot as lh
from lsoahot.boundaries.fetch import arcgis, download
from lsoahot.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SILENCE = 0.3  # seconds after which these tests call a service stalled


def layer_of(count: int, kind: str = "LSOA21", first: int = 12628) -> gpd.GeoDataFrame:
    """Return a strip of 100 m squares; every fifth has a hole, every tenth an island in it."""
    shapes = []
    for i in range(count):
        west, south = 400_000 + 100 * (i % 50), 300_000 + 100 * (i // 50)
        shape = shapely.box(west, south, west + 100, south + 100)
        if i % 5 == 4:
            shape = shape.difference(shapely.box(west + 20, south + 20, west + 40, south + 40))
        if i % 10 == 9:
            island = shapely.box(west + 24, south + 24, west + 36, south + 36)
            shape = shapely.MultiPolygon([*shapely.get_parts(shape), island])
        shapes.append(shape)
    return gpd.GeoDataFrame(
        {
            f"{kind}CD": [f"E01{first + i:06}" for i in range(count)],
            f"{kind}NM": [f"Anyshire {1 + i // 26:03}{chr(65 + i % 26)}" for i in range(count)],
            "LAT": 52.5,
        },
        geometry=shapes,
        crs=27700,
    )


def rings(shape: shapely.Geometry | None) -> dict[str, Any] | None:
    """Write a polygon as Esri does: outer rings clockwise, holes the other way."""
    if shape is None:
        return None
    found: list[list[list[float]]] = []
    for part in shapely.get_parts(shape):
        turned = shapely.geometry.polygon.orient(part, sign=-1)
        found += [
            shapely.get_coordinates(ring).tolist() for ring in (turned.exterior, *turned.interiors)
        ]
    return {"rings": found}


ERRORS = {  # sent with status 200, as ArcGIS does
    "error": {"code": 500, "message": "Error performing query", "details": []},
    "no such field": {
        "code": 400,
        "message": "Cannot perform query",
        "details": ["'Invalid field: LSOA21CD' parameter is invalid"],
    },
}


class Answer(loopback.Answer):
    """One answer, with the next fault if one is due."""

    server: Service

    def reply(self) -> None:
        query = self.query
        counting = query.get("returnCountOnly") == "true"
        self.server.asked.append(query)
        faults = self.server.faults
        fault = faults.popleft() if faults and not counting else ""
        if not urlsplit(self.path).path.endswith("/query"):
            self.send(b"not here", status=404)
        elif fault in ERRORS:
            self.send_json({"error": ERRORS[fault]})
        elif fault.isdigit():
            self.send(b"busy", status=int(fault), retry_after="0")
        elif fault == "stall":
            time.sleep(3 * SILENCE)
        elif fault == "hang up":
            self.connection.close()
        elif fault == "login page":
            self.send(b"<html><title>Please sign in to the guest network</title></html>")
        else:
            self.send_page(self.server.page(query), fault)

    def send_page(self, page: dict[str, Any], fault: str) -> None:
        if fault == "short page":  # fewer than asked for, and more to come
            page["features"] = page["features"][: len(page["features"]) // 2]
            page["exceededTransferLimit"] = True
        elif fault == "doubled":
            page["features"][-1] = page["features"][0]
        elif fault == "empty page":
            page["features"] = []
        elif fault == "bare list":
            page = page["features"]
        body = json.dumps(page).encode()
        self.send(body, cut=len(body) // 2 if fault == "cut" else None)

    def send_json(self, answer: dict[str, Any]) -> None:
        self.send(json.dumps(answer).encode())


class Service(loopback.Portal):
    """An ArcGIS feature service on loopback."""

    answer = Answer

    def __init__(self, layer: gpd.GeoDataFrame, most: int) -> None:
        super().__init__()
        self.layer = layer
        self.most = most
        self.faults: deque[str] = deque()
        self.asked: list[dict[str, str]] = []

    @property
    def url(self) -> str:
        return f"{self.address}/rest/services/Any/FeatureServer/0"

    def page(self, query: dict[str, str]) -> dict[str, Any]:
        if query.get("returnCountOnly") == "true":
            return {"count": len(self.layer)}
        assert query["outSR"] == "27700"
        ordered = self.layer.sort_values(query["orderByFields"].split(","))
        start = int(query["resultOffset"])
        rows = ordered.iloc[start : start + min(int(query["resultRecordCount"]), self.most)]
        names = [column for column in rows.columns if column != "geometry"]
        return {
            "objectIdFieldName": "FID",
            "geometryType": "esriGeometryPolygon",
            "spatialReference": {"wkid": 27700, "latestWkid": 27700},
            "fields": [
                {"name": name, "type": "esriFieldTypeDouble" if name == "LAT" else
                 "esriFieldTypeString", "alias": name} for name in names
            ],
            "exceededTransferLimit": start + len(rows) < len(ordered),
            "features": [
                {"attributes": {name: getattr(row, name) for name in names},
                 "geometry": rings(row.geometry)} for row in rows.itertuples()
            ],
        }  # fmt: skip


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """Serve 25 areas in pages of 10 as the layer "lsoa21", with an empty cache beside."""
    server = Service(layer_of(25), most=10)
    table = tmp_path / "layers.toml"
    table.write_text(f'[lsoa21]\nurl = "{server.url}"\npage = 10\nfeatures = 25\n')
    monkeypatch.setenv("LSOAHOT_LAYERS", str(table))
    with serving(server, tmp_path, monkeypatch):
        yield server


def cached(tmp_path: Path) -> list[str]:
    """Name every file in the cache, whatever it is."""
    folder = tmp_path / "cache"
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def assert_whole(areas: gpd.GeoDataFrame, count: int = 25) -> None:
    expected = layer_of(count).set_index("LSOA21CD")
    assert areas.index.to_list() == expected.index.to_list()
    assert areas.index.name == "area_code"
    assert areas["area_name"].to_list() == expected["LSOA21NM"].to_list()
    assert set(areas["district"]) == {"Anyshire"}
    assert areas.crs.to_epsg() == 27700
    assert areas.geometry.geom_equals(expected.geometry, align=False).all()


@pytest.mark.usefixtures("service")
def test_the_command_line_fetches_and_says_where(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fetch", "lsoa21"]) == 0
    name, path = capsys.readouterr().out.strip().split(": ", 1)
    assert name == "lsoa21"
    assert_whole(gpd.read_parquet(path))
    assert main(["fetch", "lsoa99"]) == 2
    assert "no layer is called 'lsoa99'" in capsys.readouterr().err


def test_a_layer_is_fetched_once_and_whole(service: Service, tmp_path: Path) -> None:
    areas = lh.read_boundaries("lsoa21")
    assert_whole(areas)
    assert areas.attrs["edition"] == "lsoa21"
    assert "2021" in areas.attrs["attribution"]
    assert "geoportal.statistics.gov.uk" in areas.attrs["source"]
    json.dumps(areas.attrs)
    offsets = [query.get("resultOffset") for query in service.asked]
    assert offsets == [None, "0", "10", "20"]
    assert all(query["orderByFields"] == "LSOA21CD" for query in service.asked[1:])
    [name] = cached(tmp_path)
    assert name.startswith("lsoa21-")
    assert name.endswith(".parquet")

    again = lh.read_boundaries("lsoa21", select="E01012630")
    assert len(again) == 1
    assert len(service.asked) == 4  # nothing was asked a second time
    assert again.attrs == areas.attrs

    lh.fetch_boundaries("lsoa21", refresh=True)
    assert len(service.asked) == 8


@pytest.mark.parametrize(
    "fault",
    [
        "503",
        "429",
        "500",
        "error",
        "bare list",
        "stall",
        "hang up",
        "cut",
        "login page",
        "empty page",
        "short page",
    ],
)
@pytest.mark.parametrize("page", [0, 1, 2])
def test_a_passing_fault_costs_nothing(service: Service, fault: str, page: int) -> None:
    service.faults.extend([""] * page + [fault])
    path = lh.fetch_boundaries("lsoa21", timeout=SILENCE)
    assert_whole(gpd.read_parquet(path))


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    faults=st.lists(
        st.sampled_from(["", "503", "error", "hang up", "cut", "login page", "short page"]),
        max_size=12,
    )
)
def test_whatever_the_faults_nothing_is_lost(
    service: Service, tmp_path: Path, faults: list[str]
) -> None:
    service.faults = deque(faults)
    for _ in range(6):
        try:
            path = lh.fetch_boundaries("lsoa21", refresh=True, timeout=SILENCE)
        except ConnectionError:
            assert not [name for name in cached(tmp_path) if name.endswith(".part")]
            continue
        break
    assert_whole(gpd.read_parquet(path))


@pytest.mark.parametrize("fault", ["503", "error", "hang up", "cut", "login page"])
def test_a_cut_leaves_no_partial_file_and_the_second_try_goes_on(
    service: Service, tmp_path: Path, fault: str
) -> None:
    service.faults.extend(["", "", *[fault] * download.TRIES])
    with pytest.raises(ConnectionError, match=r"could not be downloaded .* \(5 times in a row\)"):
        lh.fetch_boundaries("lsoa21", timeout=SILENCE)
    assert cached(tmp_path) == ["0000000.json", "0000010.json"]  # two pages, in a folder apart
    assert not list((tmp_path / "cache" / "boundaries").glob("*.parquet"))

    service.asked.clear()
    assert_whole(gpd.read_parquet(lh.fetch_boundaries("lsoa21")))
    assert [query.get("resultOffset") for query in service.asked] == [None, "20"]
    assert [name[:7] for name in cached(tmp_path)] == ["lsoa21-"]


def test_a_kept_page_that_was_spoilt_is_asked_for_again(service: Service, tmp_path: Path) -> None:
    service.faults.extend(["", "", *["503"] * download.TRIES])
    with pytest.raises(ConnectionError):
        lh.fetch_boundaries("lsoa21")
    page = next((tmp_path / "cache").rglob("0000010.json"))
    page.write_bytes(page.read_bytes()[:200])
    service.asked.clear()
    assert_whole(gpd.read_parquet(lh.fetch_boundaries("lsoa21")))
    assert [query.get("resultOffset") for query in service.asked] == [None, "10", "20"]


def test_a_layer_that_changes_between_two_tries_is_not_mixed(service: Service) -> None:
    service.faults.extend(["", *["503"] * download.TRIES])
    with pytest.raises(ConnectionError):
        lh.fetch_boundaries("lsoa21")
    service.layer = layer_of(26)
    with pytest.warns(UserWarning, match=r"has 26 areas where 25 were expected"):
        path = lh.fetch_boundaries("lsoa21")
    assert_whole(gpd.read_parquet(path), 26)


def test_features_that_double_are_noticed_and_nothing_is_kept(
    service: Service, tmp_path: Path
) -> None:
    service.faults.extend(["", "doubled"])
    with pytest.raises(ConnectionError, match=r"25 rows, but 24 different ones came, of 25"):
        lh.fetch_boundaries("lsoa21")
    assert cached(tmp_path) == []
    assert_whole(gpd.read_parquet(lh.fetch_boundaries("lsoa21")))


def test_a_service_without_areas_is_refused(service: Service) -> None:
    service.layer = service.layer.iloc[:0]
    with pytest.raises(ConnectionError, match="it says that it has 0 features"):
        lh.fetch_boundaries("lsoa21")


def test_rings_that_all_run_the_wrong_way_are_outer_rings() -> None:
    squares = [shapely.box(0, 0, 1, 1), shapely.box(5, 5, 6, 6)]
    against = [shapely.get_coordinates(box.normalize().reverse()).tolist() for box in squares]
    assert all(shapely.LinearRing(ring).is_ccw for ring in against)
    assert arcgis._polygon({"rings": against}).equals(shapely.MultiPolygon(squares))


def test_an_answer_shorter_than_it_promised_is_not_taken() -> None:
    class Short:
        content = b"half"
        headers: ClassVar = {"Content-Length": "8"}

    with pytest.raises(download.UnusableAnswerError, match="only 4 of 8 bytes came"):
        download._whole(Short())


def test_why_a_request_failed() -> None:
    from requests import exceptions

    assert "within 10 seconds" in download._reason(exceptions.ConnectTimeout(), 60)
    assert "within 0.5 seconds" in download._reason(exceptions.ConnectTimeout(), 0.5)
    assert "nothing for 60 seconds" in download._reason(exceptions.ReadTimeout(), 60)
    assert "(refused)" in download._reason(exceptions.ConnectionError("refused"), 60)


def test_an_address_that_is_none_is_given_up_at_once(service: Service, tmp_path: Path) -> None:
    (tmp_path / "layers.toml").write_text('[lsoa21]\nurl = "htp://nowhere"\n')
    with pytest.raises(ConnectionError, match=r"No connection adapters were found"):
        lh.fetch_boundaries("lsoa21")
    assert service.asked == []


def test_a_cached_file_in_use_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows refuses to replace a file that another process reads."""
    from lsoahot.boundaries import cache

    def refuse(*_: object) -> None:
        raise PermissionError

    table, path = pd.DataFrame({"a": [1]}), tmp_path / "kept.parquet"
    monkeypatch.setattr(type(path), "replace", refuse)
    with pytest.raises(PermissionError):
        cache.write_whole(table, path)
    path.write_bytes(b"as another process left it")
    cache.write_whole(table, path)
    assert [found.name for found in tmp_path.iterdir()] == ["kept.parquet"]


def test_a_refusal_is_not_asked_again(service: Service) -> None:
    service.faults.append("no such field")
    with pytest.raises(ConnectionError, match=r"error 400: Cannot perform query \('Invalid field"):
        lh.fetch_boundaries("lsoa21")
    assert len(service.asked) == 2
    service.faults.append("403")
    with pytest.raises(ConnectionError, match="403 Forbidden"):
        lh.fetch_boundaries("lsoa21")
    assert len(service.asked) == 4


def test_another_layer_is_recognised_by_its_codes(service: Service, tmp_path: Path) -> None:
    service.layer["LSOA21CD"] = service.layer["LSOA21CD"].str.replace("E01", "E02")
    with pytest.raises(ValueError, match=r"25 codes that are not of lsoa21 .*E02012628.*LSOAHOT_L"):
        lh.fetch_boundaries("lsoa21")
    assert cached(tmp_path) == []


def test_another_edition_is_recognised_by_its_codes(service: Service, tmp_path: Path) -> None:
    service.layer.loc[0, "LSOA21CD"] = "E01000010"  # an area that ended in 2021
    with pytest.raises(ValueError, match=r"1 codes that are not of lsoa21 .*: E01000010\. It is"):
        lh.fetch_boundaries("lsoa21")
    assert cached(tmp_path) == []


def test_another_layer_is_recognised_by_its_columns(service: Service, tmp_path: Path) -> None:
    table = tmp_path / "layers.toml"
    text = table.read_text() + 'code = "lsoa21cd"\n'
    table.write_text(text)
    service.layer["lsoa21cd"] = service.layer["LSOA21CD"]
    service.page = lambda query: _without(Service.page(service, query), "lsoa21cd")
    with pytest.raises(ValueError, match=r"no column 'lsoa21cd'; it has LSOA21CD.*Override `code`"):
        lh.fetch_boundaries("lsoa21")


def _without(page: dict[str, Any], name: str) -> dict[str, Any]:
    for feature in page.get("features", []):
        feature["attributes"].pop(name)
    page["fields"] = [field for field in page.get("fields", []) if field["name"] != name]
    return page


def test_a_look_up_is_fetched_as_a_layer_is(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = [f"E01{number:06}" for number in range(12628, 12650)]
    parts = [*codes[:20], "E01035300", "E01035301"]
    table = pd.DataFrame({"LSOA11CD": [*codes[:20], codes[19], codes[19]], "LSOA21CD": parts})
    service.layer = gpd.GeoDataFrame(table, geometry=[None] * 22, crs=27700)
    (tmp_path / "lookups.toml").write_text(f'[lsoa11-lsoa21]\nurl = "{service.url}"\npage = 10\n')
    monkeypatch.setenv("LSOAHOT_LOOKUPS", str(tmp_path / "lookups.toml"))
    service.faults.extend(["", "cut", "503"])
    counts = pd.DataFrame({"count": range(20)}, index=pd.Index(codes[:20], name="area_code"))
    people = pd.Series({codes[19]: 2, "E01035300": 1, "E01035301": 1})
    found = lh.convert(counts, from_="lsoa11", to="lsoa21", population=people)
    assert found["count"].sum() == counts["count"].sum()
    assert found["count"].to_list()[-3:] == [9, 5, 5]  # 9.5, 4.75 and 4.75
    assert service.asked[1]["orderByFields"] == "LSOA11CD,LSOA21CD"
    asked = len(service.asked)
    lh.convert(found, to="lsoa11")  # the other way, from the cache
    assert len(service.asked) == asked
    [name] = cached(tmp_path)
    assert name.startswith("lsoa11-lsoa21-")

    service.faults.extend(["503"] * download.TRIES)
    with pytest.raises(ConnectionError, match=r"Exact Fit Lookup.*geoportal.*lookup='file\.csv'"):
        lh.fetch_lookup("lsoa11", "lsoa21", refresh=True)
    with pytest.raises(ValueError, match=r"no look-up .* 'lsoa01' and 'lsoa21'; .*by way of"):
        lh.fetch_lookup("lsoa01", "lsoa21")


def test_invalid_polygons_are_mended_once_and_told(service: Service) -> None:
    bow_tie = shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
    service.layer.loc[3, "geometry"] = shapely.transform(
        bow_tie, lambda xy: xy + np.array([4e5, 3e5])
    )
    with pytest.warns(UserWarning, match=r"1 invalid polygons of Lower layer .* mended: E01012631"):
        areas = lh.read_boundaries("lsoa21")
    assert areas.is_valid.all()
    assert lh.read_boundaries("lsoa21").is_valid.all()  # and no second warning


def test_a_spoilt_cache_is_fetched_again(service: Service) -> None:
    path = lh.fetch_boundaries("lsoa21")
    assert len(service.asked) == 4
    path.write_bytes(path.read_bytes()[:100])
    assert_whole(lh.read_boundaries("lsoa21"))
    assert len(service.asked) == 8


def test_a_failing_refresh_leaves_the_old_file(service: Service) -> None:
    path = lh.fetch_boundaries("lsoa21")
    service.faults.extend(["503"] * download.TRIES)
    with pytest.raises(ConnectionError):
        lh.fetch_boundaries("lsoa21", refresh=True)
    assert_whole(gpd.read_parquet(path))


def test_two_processes_may_fetch_at_once(service: Service, tmp_path: Path) -> None:
    program = "import lsoahot as lh; print(len(lh.read_boundaries('lsoa21')))"
    running = [
        subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    assert [process.communicate()[0].strip() for process in running] == ["25", "25"]
    assert [name[:7] for name in cached(tmp_path)] == ["lsoa21-"]
    asked = len(service.asked)
    assert_whole(lh.read_boundaries("lsoa21"))
    assert len(service.asked) == asked


def test_offline_with_nothing_cached_says_how_to_do_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LSOAHOT_CACHE", str(tmp_path / "cache"))
    table = tmp_path / "layers.toml"
    table.write_text('[lsoa21]\nurl = "http://127.0.0.1:9/nobody"\n')
    monkeypatch.setenv("LSOAHOT_LAYERS", str(table))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(download, "PAUSE", 0.001)
    with pytest.raises(ConnectionError) as raised:
        lh.read_boundaries("lsoa21")
    message = str(raised.value)
    for part in [
        "Lower layer Super Output Areas (December 2021) Boundaries EW BGC",
        "the connection failed",
        "https://geoportal.statistics.gov.uk",
        "read_boundaries('the-file.gpkg')",
        "HTTPS_PROXY",
    ]:
        assert part in message
    assert cached(tmp_path) == []


def test_a_busy_service_is_given_the_time_it_asks_for() -> None:
    class Busy:
        def __init__(self, header: str) -> None:
            self.headers = {"Retry-After": header} if header else {}

    later = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 30))
    assert download._asked_to_wait(Busy("7"), 1.0) == 7.0
    assert download._asked_to_wait(Busy("86400"), 1.0) == 60.0
    assert download._asked_to_wait(Busy("soon"), 1.5) == 1.5
    assert download._asked_to_wait(Busy(""), 1.5) == 1.5
    assert 25 < download._asked_to_wait(Busy(later), 1.0) <= 30


@settings(max_examples=60, deadline=None)
@given(
    boxes=st.lists(
        st.tuples(*[st.integers(0, 30)] * 2, *[st.integers(1, 12)] * 2), min_size=1, max_size=7
    )
)
def test_any_shape_comes_back_from_esris_rings(boxes: list[tuple[int, int, int, int]]) -> None:
    """Boxes laid over one another, each cutting out what the one below it put in."""
    shape = shapely.Polygon()
    for x, y, width, height in boxes:
        shape = shape.symmetric_difference(shapely.box(x, y, x + width, y + height))
    shape = shapely.union_all([p for p in shapely.get_parts(shape) if p.area > 0])
    back = arcgis._polygon(rings(shape) if not shape.is_empty else None)
    if shape.is_empty:
        assert back is None
    else:
        assert back.is_valid
        assert back.symmetric_difference(shape).area == 0


# --- the table of layers --------------------------------------------------------------------------


def test_the_packaged_table_is_sound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import re

    from lsoahot.boundaries.fetch import layers

    monkeypatch.setenv("LSOAHOT_CACHE", str(tmp_path))
    monkeypatch.delenv("LSOAHOT_LAYERS", raising=False)
    table = layers.layers()
    for kind in ("oa", "lsoa", "msoa"):
        for year in ("01", "11", "21"):
            assert table[f"{kind}{year}"].code == f"{kind.upper()}{year}CD"
    assert {"wd24", "lad24", "csp23", "pfa23"} <= set(table)
    for name, layer in table.items():
        assert layer.address.startswith("https://services1.arcgis.com/ESMARspQHYMw9BZ9/")
        assert layer.address.endswith("/FeatureServer/0")
        assert layer.code.lower() == f"{name}cd"
        assert layer.year == 2000 + int(name[-2:])
        assert re.compile(layer.pattern)
    assert len({layer.address for layer in table.values()}) == len(table)
    assert re.fullmatch(table["lsoa21"].pattern, "W01001958")
    assert not re.fullmatch(table["lsoa21"].pattern, "S01006506")
    assert layers.layer("lad") == table["lad26"]
    assert layers.layer("LSOA21") == table["lsoa21"]
    assert layers.layer("ward") == table["wd26"]
    assert layers.layer("nowhere") is None


def test_a_user_adds_and_overrides_layers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lsoahot.boundaries.fetch import layers

    monkeypatch.setenv("LSOAHOT_CACHE", str(tmp_path))
    monkeypatch.delenv("LSOAHOT_LAYERS", raising=False)
    (tmp_path / "layers.toml").write_text(
        '[lsoa21]\nservice = "LSOA_2021_New_Name"\n'
        '[lad27]\ntitle = "Districts"\nservice = "LAD27"\ncode = "LAD27CD"\npattern = "[EW].*"\n'
    )
    assert layers.layer("lsoa21").address.endswith("/LSOA_2021_New_Name/FeatureServer/0")
    assert layers.layer("lad").name == "lad27"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[lsoa21\n", r"layers\.toml is not TOML: .*Mend the line"),
        ('url = "x"\n', r"'url' outside any table.*\[lsoa21\]"),
        ('[lsoa21]\nservise = "x"\n', r"has a line 'servise'.*Did you mean 'service'\?"),
        ('[lsoa99]\ntitle = "x"\n', r"'lsoa99' lacks code, pattern"),
    ],
)
def test_refuses_a_bad_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, message: str
) -> None:
    (tmp_path / "layers.toml").write_text(text)
    monkeypatch.setenv("LSOAHOT_LAYERS", str(tmp_path / "layers.toml"))
    with pytest.raises(ValueError, match=message):
        lh.fetch_boundaries("lsoa21")


def test_refuses_an_unknown_layer_and_a_missing_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LSOAHOT_CACHE", str(tmp_path))
    with pytest.raises(
        ValueError, match=r"no layer is called 'lsoa12'.*Did you mean 'lsoa1?21?1?'"
    ):
        lh.fetch_boundaries("lsoa12")
    with pytest.raises(FileNotFoundError, match=r"no file lsao21: no layer .*'lsoa21'\?"):
        lh.read_boundaries("lsao21")
    monkeypatch.setenv("LSOAHOT_LAYERS", str(tmp_path / "none.toml"))
    with pytest.raises(FileNotFoundError, match=r"LSOAHOT_LAYERS says .*none\.toml.*unset"):
        lh.fetch_boundaries("lsoa21")


# --- a national layer -----------------------------------------------------------------------------


def test_the_national_layer_in_pages_of_2000(
    shared: Path, service: Service, tmp_path: Path
) -> None:
    national = gpd.read_parquet(shared / "data" / "national" / "lsoa21_ew_bgc.parquet")
    wales = national[national["LSOA21CD"].str[0] == "W"].to_crs(27700)  # the same path, sooner
    service.layer, service.most = wales, 2000
    (tmp_path / "layers.toml").write_text(f'[lsoa21]\nurl = "{service.url}"\nfeatures = 1917\n')
    service.faults.extend(["503", "cut"])
    with pytest.warns(UserWarning, match="1 invalid polygons"):
        areas = lh.read_boundaries("lsoa21")
    expected = wales.set_index("LSOA21CD").sort_index().geometry.make_valid()
    assert len(areas) == 1917
    assert areas.index.to_list() == expected.index.to_list()
    assert areas.geom_equals(expected, align=False).all()
    assert areas["district"].nunique() == 22  # the principal areas of Wales
