"""Layers found by their title, over real HTTP, on a server that answers as the portal's search does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import loopback
import pytest
from loopback import serving

import lsoahot as lh
from lsoahot.boundaries.fetch import download, layers, portal_search
from lsoahot.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATH = "/api/search/v1/collections/dataset/items"


def item(title: str, url: str = "", kind: str = "Feature Service") -> dict[str, Any]:
    """Write a result as the portal does; fields that nobody needs are left out."""
    return {
        "type": "Feature",
        "geometry": None,
        "properties": {"title": title, "type": kind, "url": url, "owner": "ONSGeography"},
    }


class Answer(loopback.Answer):
    server: Portal

    def reply(self) -> None:
        path, query = urlsplit(self.path).path, self.query
        if path == PATH:
            self.server.searched.append(query["q"])
            found = [] if self.server.broken else self.server.items[: int(query["limit"])]
            answer: dict[str, Any] = {
                "type": "FeatureCollection", "features": found, "numberMatched": len(found),
                "numberReturned": len(found), "links": [{"rel": "self", "href": self.path}],
            }  # fmt: skip
            if self.server.broken:
                answer = {"message": "Service Unavailable"}
        else:
            answer = self.layer(path.split("/")[3], query)
        self.send(json.dumps(answer).encode())

    def layer(self, service: str, query: dict[str, str]) -> dict[str, Any]:
        if service not in self.server.codes:  # as ArcGIS says it, with status 200
            return {"error": {"code": 400, "message": "Invalid URL", "details": ["Invalid URL"]}}
        codes = self.server.codes[service]
        if query.get("returnCountOnly"):
            return {"count": len(codes)}
        column = query["orderByFields"]
        return {
            "spatialReference": {"wkid": 27700},
            "features": [
                {
                    "attributes": {column: code, f"{column[:-2]}NM": f"Place {place}"},
                    "geometry": {"rings": [square(place)]},
                }
                for place, code in enumerate(codes)
            ],
        }


class Portal(loopback.Portal):
    """A portal with a search, and the feature services that it names, on loopback."""

    answer = Answer

    def __init__(self) -> None:
        super().__init__()
        self.items: list[dict[str, Any]] = []
        self.codes: dict[str, list[str]] = {}  # of each service that is there
        self.broken = False
        self.searched: list[str] = []

    def offer(self, title: str, service: str) -> None:
        self.items.append(item(title, f"{self.address}/rest/services/{service}/FeatureServer"))


def square(place: int) -> list[list[float]]:
    west = 400_000.0 + 100 * place
    return [[west, 0.0], [west, 100.0], [west + 100, 100.0], [west + 100, 0.0], [west, 0.0]]


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Portal]:
    """Serve a portal as the one that the table names, with an empty cache beside."""
    server = Portal()
    table = tmp_path / "layers.toml"
    table.write_text(
        f'[defaults]\nportal = "{server.address}"\nroot = "{server.address}/rest/services"\npage = 2000\n'
    )
    monkeypatch.setenv("LSOAHOT_LAYERS", str(table))
    with serving(server, tmp_path, monkeypatch):
        yield server


def test_the_newest_districts_are_found_by_their_title(served: Portal) -> None:
    for title, service in [
        ("Local Authority Districts (May 2026) Boundaries UK BGC", "LAD26"),
        ("Local Authority Districts (December 2027) Boundaries UK BGC (V2)", "LAD27V2"),
        ("Local Authority Districts (December 2027) Boundaries UK BGC", "LAD27"),
        ("Local Authority Districts (May 2028) Boundaries UK BFC", "full resolution"),
        ("Local Authority Districts (May 2028) Names and Codes in the UK", "no boundaries"),
        ("Local Authority Districts (May 2027)  Boundaries UK BGC", "earlier in the year"),
    ]:
        served.offer(title, service)
    served.items.append(
        item("Local Authority Districts (May 2029) Boundaries UK BGC", "https://x/a.pdf", "PDF")
    )
    served.codes["LAD27V2"] = ["E06000001", "E06000002"]
    areas = lh.read_boundaries("lad")
    assert areas.index.to_list() == ["E06000001", "E06000002"]
    assert areas.attrs["edition"] == "lad27"
    assert "(December 2027) Boundaries UK BGC (V2)" in areas.attrs["source"]
    assert areas.attrs["attribution"].endswith("database right 2027.")
    assert served.searched == ["Local Authority Districts Boundaries UK BGC"]

    served.shutdown()  # what was found is known by name from then on, without a network
    assert lh.read_boundaries("lad27").equals(areas)
    assert lh.read_boundaries("district").equals(areas)


def test_the_table_is_taken_where_the_search_finds_nothing_newer(served: Portal) -> None:
    served.offer("Wards (May 2024) Boundaries UK BGC", "WD24")
    served.codes["WD_MAY_2026_UK_BGC"] = ["E05000001"]
    assert lh.read_boundaries("ward").attrs["edition"] == "wd26"


def test_the_table_is_taken_where_the_portal_does_not_answer_and_that_is_reported(
    served: Portal,
) -> None:
    served.broken = True
    served.codes["WD_MAY_2026_UK_BGC"] = ["E05000001"]
    with pytest.warns(UserWarning, match=r"newer 'ward' than Wards \(May 2026\).*could not be"):
        lh.fetch_boundaries("ward")
    assert served.searched == ["Wards Boundaries UK BGC"] * download.TRIES


def test_a_year_that_the_table_lacks_is_searched_for(
    served: Portal, capsys: pytest.CaptureFixture[str]
) -> None:
    served.offer("Wards (May 2028) Boundaries UK BGC", "WD28")
    served.offer("Wards (May 2029) Boundaries UK BGC", "WD29")
    served.codes |= {"WD28": ["W05000001"], "WD29": ["W05000001", "W05000002"]}
    assert main(["fetch", "wd28"]) == 0
    assert "wd28-" in capsys.readouterr().out
    assert len(lh.read_boundaries("wd28")) == 1
    with pytest.raises(ValueError, match=r"no layer is called 'wd31'"):
        lh.fetch_boundaries("wd31")
    served.broken = True
    with pytest.raises(ValueError, match=r"no layer is called 'wd31'.*could not be asked"):
        lh.fetch_boundaries("wd31")


def test_a_layer_that_was_renamed_is_found_by_its_title(served: Portal) -> None:
    served.offer("Police Force Areas (December 2024) Boundaries EW BGC (V2)", "PFA_2024_new")
    served.codes["PFA_2024_new"] = [f"E23{n:06}" for n in range(43)]
    areas = lh.read_boundaries("pfa24")
    assert len(areas) == 43
    assert "(V2)" in areas.attrs["source"]
    assert len(lh.read_boundaries("pfa24")) == 43  # from the cache
    assert len(served.searched) == 1


def test_a_layer_that_is_nowhere_is_refused_as_before(served: Portal) -> None:
    with pytest.raises(ConnectionError, match=r"Invalid URL.*search for 'Police Force Areas \(Dec"):
        lh.fetch_boundaries("pfa24")
    served.broken = True
    with pytest.raises(ConnectionError, match=r"Invalid URL.*search for 'Police Force Areas \(Dec"):
        lh.fetch_boundaries("pfa24")


@pytest.mark.parametrize(
    ("name", "service", "code"),
    [
        ("lad25", "LAD_MAY_2025_UK_BGC_V2", "LAD25CD"),
        ("lad26", "Local_Authority_Districts_May_2026_Boundaries_UK_BGC", "LAD26CD"),
        ("wd25", "WD_MAY_2025_UK_BGC_V2", "WD25CD"),
        ("wd26", "WD_MAY_2026_UK_BGC", "WD26CD"),
        ("pfa24", "Police_Force_Areas_Dec_2024_EW_BGC", "PFA24CD"),
    ],
)
def test_the_layers_of_today_are_in_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, service: str, code: str
) -> None:
    monkeypatch.setenv("LSOAHOT_CACHE", str(tmp_path))
    layer = layers.layer(name)
    assert layer is not None
    assert layer.address.split("/")[-3] == service
    assert layer.code == code
    form = portal_search._same_form(layer.title, layer.title)
    assert form is not None
    assert form[0] == layer.year


def test_the_look_ups_of_today_are_in_the_table() -> None:
    table = layers.layers("lookups")
    assert table["lsoa21-wd25"].service == "LSOA21_WD25_LAD25_EW_LU_v2"
    assert table["lad25-csp25"].service == "LAD25_CSP25_PFA25_EW_LU"
    assert table["lsoa11-lsoa21"].title.endswith("for EW (V3)")
