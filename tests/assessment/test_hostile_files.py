"""Files that mean harm, or that a disk has spoilt: refused in two parts, with nothing written.

Each is put where a settings file names it, and assessed. What must come out: exit status 2, a message
that says what is wrong and what to do, no file, and no connection to the listener that many of them
name. The files are made by a seed, so that a failure can be had again.
"""

from __future__ import annotations

import io
import json
import random
import socket
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import docx
import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely

import lsoahot as lh
from lsoahot.assessment.dashboard import packing
from lsoahot.assessment.report.word.document import open_paper
from lsoahot.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LONGEST = 20.0  # seconds
ENDINGS = [
    "csv",
    "txt",
    "tsv",
    "xlsx",
    "xls",
    "xlsm",
    "xlsb",
    "ods",
    "parquet",
    "json",
    "geojson",
    "gpkg",
    "zip",
]
UNFORESEEN = "did not foresee"
STREET = (
    "Crime ID,Month,Longitude,Latitude,LSOA code,Crime type\n"
    + ",2011-11,-0.7,52.7,E01013801,Burglary\n" * 20
)


class Listener:
    """A server on the loopback that counts who calls."""

    def __init__(self) -> None:
        self.calls = 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self.socket.accept()
            except OSError:
                return
            self.calls += 1
            caller.close()


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.socket.close()


# --- what is put where ----------------------------------------------------------------------------


def square() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"LSOA21CD": ["E01013801", "E01013802"], "LSOA21NM": ["A", "B"]},
        geometry=[shapely.box(480000, 300000, 481000, 301000), shapely.box(481000, 300000, 482000, 301000)],
        crs=27700,
    )  # fmt: skip


def saved(save: Callable[[Path], object], folder: Path, name: str) -> bytes:
    path = folder / name
    save(path)
    data = path.read_bytes()
    path.unlink()
    return data


def zipped(members: dict[str, bytes | str]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return made.getvalue()


def workbook(cells: dict[str, object] | None = None) -> bytes:
    book = openpyxl.Workbook()
    for at, row in enumerate(csv_rows(), 1):
        for column, cell in enumerate(row, 1):
            book.active.cell(at, column, cell)
    made = io.BytesIO()
    book.save(made)
    if not cells:
        return made.getvalue()
    with zipfile.ZipFile(made) as file:
        parts = {one.filename: file.read(one) for one in file.infolist()}
    sheet = "xl/worksheets/sheet1.xml"
    rows = "".join(
        f'<row r="{"".join(filter(str.isdigit, place)) or 1}"><c r="{place}"><v>1</v></c></row>'
        for place in cells
    )
    parts[sheet] = parts[sheet].replace(b"</sheetData>", rows.encode() + b"</sheetData>")
    parts[sheet] = parts[sheet].replace(b"<dimension", b"<!-- --><dimension")
    return zipped(parts)


def csv_rows() -> list[list[str]]:
    return [line.split(",") for line in STREET.splitlines()]


def vrt(address: str) -> str:
    return (
        f'<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/vsicurl/{address}/x.geojson'
        "</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    )


def gml(address: str) -> str:
    return (
        '<?xml version="1.0"?><wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs" '
        'xmlns:gml="http://www.opengis.net/gml" xmlns:a="http://a" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:schemaLocation="http://a {address}/schema.xsd"><gml:featureMember><a:x>'
        "<a:LSOA21CD>E01013801</a:LSOA21CD></a:x></gml:featureMember></wfs:FeatureCollection>"
    )


def geojson(crs: object) -> str:
    shapes = json.loads(square().to_crs(4326).to_json())
    return json.dumps({**shapes, "crs": crs})


def boundaries(rng: random.Random, folder: Path, address: str) -> Iterator[tuple[str, bytes]]:
    """Make files of shapes that none should read."""
    good = {
        "gpkg": saved(lambda path: square().to_file(path, driver="GPKG"), folder, "a.gpkg"),
        "geojson": square().to_crs(4326).to_json().encode(),
        "parquet": saved(lambda path: square().to_parquet(path), folder, "a.parquet"),
        "fgb": saved(lambda path: square().to_file(path, driver="FlatGeobuf"), folder, "a.fgb"),
    }
    for ending, data in good.items():
        for _ in range(6):
            yield f"cut.{ending}", data[: rng.randrange(1, len(data) // 3)]
        for other, content in good.items():
            if other != ending:
                yield f"disguised-{other}.{ending}", content
    for ending in ("gpkg", "geojson", "json", "shp", "parquet", "fgb", "kml", "zip", "gdb"):
        for _ in range(4):
            yield f"noise.{ending}", rng.randbytes(rng.randrange(1, 3000))
        yield f"virtual.{ending}", vrt(address).encode()
        yield f"gml.{ending}", gml(address).encode()
        yield f"page.{ending}", b"<!doctype html><html><body>Sign in</body></html>"
    for ending in ("vrt", "gml", "xml", "gfs", "sqlite", "dxf", "tab", "mif", "osm", "pbf", "gpx"):
        yield f"other.{ending}", rng.choice([vrt(address), gml(address)]).encode()
    for crs in (
        {"type": "link", "properties": {"href": f"{address}/crs", "type": "proj4"}},
        {"type": "url", "properties": {"url": f"{address}/crs"}},
        {"type": "name", "properties": {"name": f"{address}/crs"}},
        {"type": "name", "properties": {"name": f"/vsicurl/{address}/crs"}},
        {"type": "EPSG", "properties": {"code": 10**30}},
        7,
        {"properties": [[[]]]},
    ):
        yield "linked.geojson", geojson(crs).encode()
        text = geojson(crs).replace('"crs"', '"\\u0063\\u0072s"')
        yield "escaped.json", text.encode()
    yield "deep.geojson", b'{"type":' + b"[" * 100_000
    yield "deep.json", b'{"a":' * 50_000
    yield "archive.zip", zipped({"a.gpkg": vrt(address), "b.txt": "x"})
    yield "climbs.zip", zipped({"../../a.geojson": geojson(None)})
    yield "bomb.zip", zipped({"a.geojson": b"0" * 30_000_000})
    yield (
        "entities.kml",
        (
            b'<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
            b"<kml><Document><name>&b;</name></Document></kml>"
        ),
    )


def records(rng: random.Random, address: str) -> Iterator[tuple[str, bytes]]:
    """Make partners' files that none should count."""
    book, text = workbook(), STREET.encode()
    parquet = io.BytesIO()
    pd.DataFrame(csv_rows()[1:], columns=csv_rows()[0]).to_parquet(parquet)
    packed = zipped({"2011-11-leicestershire-street.csv": text})
    for ending in ENDINGS:
        for _ in range(4):
            yield f"noise.{ending}", b"\x00" + rng.randbytes(rng.randrange(1, 3000))
    for ending, data in (("xlsx", book), ("parquet", parquet.getvalue()), ("zip", packed)):
        for _ in range(8):
            yield f"cut.{ending}", data[: rng.randrange(1, int(len(data) * 0.7))]
        for _ in range(8):
            spoilt = bytearray(data)
            for _ in range(400):
                spoilt[rng.randrange(len(spoilt))] = rng.randrange(256)
            yield f"spoilt.{ending}", bytes(spoilt)
    yield from strange_records(text, address)


def strange_records(text: bytes, address: str) -> Iterator[tuple[str, bytes]]:
    """Make files that are whole, and no partner's."""
    for place in (
        "ZZZZZZ99999999999",
        "XFD1048576",
        "A99999999999999999999",
        "AAAAAAAAAAAA1",
        "1A",
        "",
    ):
        yield "stray.xlsx", workbook({place: 1})
    for wide in (20_000, 100_000):
        yield "wide.csv", b",".join(b"c%d" % i for i in range(wide)) + b"\n" + b"," * (wide - 1)
    for depth in (1_000, 100_000):
        yield "deep.json", b"[" * depth
        yield "deeper.json", b'{"a":' * depth
    yield "bomb.zip", zipped({"a.csv": b"0" * 30_000_000})
    yield "climbs.zip", zipped({"../a.csv": text})
    yield "page.csv", b"<!DOCTYPE html><html>"
    yield "virtual.gpkg", vrt(address).encode()
    yield "virtual.geojson", vrt(address).encode()
    yield (
        "digits.csv",
        b"LSOA code,Month,Crime type,Count\nE01013801,2011-11,Burglary," + b"9" * 5000,
    )
    yield "long.csv", b"LSOA code,Month,Crime type\nE01013801,2011-11," + b"x" * 2_000_000 + b"\n"
    yield "quote.csv", b'LSOA code,Month,Crime type\n"E01013801,2011-11,Burglary\n' * 3
    for month in ("9999-99", "0000-00", "-1", "99999999999999999999-01", "2011-11-31", "inf"):
        yield "dates.csv", f"LSOA code,Month,Crime type\nE01013801,{month},Burglary\n".encode()


def templates(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """Make Word files that are none."""
    made = io.BytesIO()
    docx.Document().save(made)
    for _ in range(6):
        yield "cut.docx", made.getvalue()[: rng.randrange(1, len(made.getvalue()) - 200)]
        yield "noise.docx", rng.randbytes(500)
    with zipfile.ZipFile(made) as file:
        parts = {one.filename: file.read(one) for one in file.infolist()}
    for name in ("word/document.xml", "[Content_Types].xml", "_rels/.rels", "word/styles.xml"):
        yield "no-xml.docx", zipped({**parts, name: b"{}"})
        yield "page.docx", zipped({**parts, name: b"<html>"})
    yield "bomb.docx", zipped({**parts, "word/media/a.png": b"0" * 30_000_000})
    yield "sheet.docx", workbook()


SETTINGS = """
title = "Rutland"
[boundaries]
source = {boundaries}
[period]
start = {start}
end = {end}
[measures.{name}]
dataset = "crime"
source = {records}
{more}
[report]
{report}
"""
GOOD = {
    "boundaries": '"sample"', "start": '"2011-10"', "end": '"2011-12"', "name": "burglary",
    "records": '"good.csv"', "more": "", "report": "",
}  # fmt: skip


def settings(rng: random.Random) -> Iterator[str]:
    """Make settings that none should follow."""
    for name in ("boundaries", "records"):
        for value in ('"~nosuchuser/a.gpkg"', f'"{"x" * 5000}.csv"', '"a\\u0000b.csv"', '"//server/a.csv"',
                      '"/vsicurl/http://127.0.0.1:9/a.gpkg"', '"/dev/null"', '"**/**/**"', "7", "[[]]",
                      '"http://127.0.0.1:9/a.csv"', '"a.csv:stream"', '""'):  # fmt: skip
            yield SETTINGS.format(**{**GOOD, name: value})
    for value in ('"9999-12"', '"0000-01"', '"20111-10"', '"2011-13"', "2011-10-01", "-1", '"\\u0967"', "inf",
                  "9" * 5000):  # fmt: skip
        yield SETTINGS.format(**{**GOOD, "end": value, "start": value})
    for value in ("x" * 300, '"a b"', "con", '"../../x"', '""', "a.b.c.d"):
        yield SETTINGS.format(**{**GOOD, "name": value})
    for more in ("rows = " + "9" * 5000, "rows = -1", "rows = 1e400", "by = 'sky'", "categories = [[1]]",
                 "categories = ['nothing of the sort']", "population = 'gold'", "flag = 'x'"):  # fmt: skip
        yield SETTINGS.format(**{**GOOD, "more": more})
    for report in ('template = "no.docx"', 'template = "good.csv"', "template = 3", "themes = 7"):
        yield SETTINGS.format(**{**GOOD, "report": report})
    for depth in (500, 20_000):
        yield "a = " + "[" * depth
        yield "a = " + "{b = " * depth
        yield "[" + "a." * depth + "b]\n"
    for _ in range(12):
        text = SETTINGS.format(**GOOD)
        yield text[: rng.randrange(20, 100)]
        yield rng.randbytes(200).decode("latin-1")


def manifests() -> Iterator[str]:
    """Make manifests of no run."""
    good = {"settings": {}, "folder_of_settings": ".", "lsoahot": "0", "outputs": [], "inputs": []}
    for name in good:
        for value in (7, None, [], {}, "~nosuchuser", "\u0000", [[[]]]):
            yield json.dumps({**good, name: value})
    yield "[" * 100_000
    yield '{"settings":' * 50_000
    yield '{"private": "../../../etc/passwd", "folder_of_settings": "."}'


def cases(folder: Path, address: str) -> Iterator[tuple[str, list[str], dict[str, bytes]]]:
    """Yield every hostile input: its name, how the command is called, and the files it finds."""
    rng = random.Random(20261128)  # noqa: S311 - no secret is made of it
    call = ["assess", "a.toml", "--out", "out"]
    for name, data in boundaries(rng, folder, address):
        text = SETTINGS.format(**{**GOOD, "boundaries": f'"{name}"'})
        yield f"boundaries {name}", call, {name: data, "a.toml": text.encode()}
    for name, data in records(rng, address):
        text = SETTINGS.format(**{**GOOD, "records": f'"{name}"'})
        yield f"records {name}", call, {name: data, "a.toml": text.encode()}
    for name, data in templates(rng):
        text = SETTINGS.format(**{**GOOD, "report": f'template = "{name}"'})
        yield (
            f"template {name}",
            [*call, "--report", "--check"],
            {name: data, "a.toml": text.encode()},
        )
    for number, text in enumerate(settings(rng)):
        how = call if number % 2 else [*call, "--check"]
        if "[report]\ntemplate" in text:
            how = [*call, "--check", "--report"]
        yield f"settings {number}", how, {"a.toml": text.encode("utf-8", "surrogateescape")}
    for number, text in enumerate(manifests()):
        yield f"manifest {number}", ["assess", "a.json", "--out", "out"], {"a.json": text.encode()}
        yield f"verify {number}", ["verify", "made"], {"made/manifest.json": text.encode()}


def laid(folder: Path, files: dict[str, bytes]) -> set[str]:
    for name, data in {**files, "good.csv": STREET.encode()}.items():
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_bytes(data)
    return there(folder)


def there(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def faults(status: int, told: str, seconds: float, new: set[str]) -> list[str]:
    """Say what is wrong with an answer."""
    last = told.strip().rsplit("lsoahot: ", 1)[-1]
    sentences = [part for part in last.replace("\n", " ").split(". ") if part.strip()]
    return [
        *([f"status {status}"] if status != 2 else []),
        *(["not foreseen"] if UNFORESEEN in told or "Traceback" in told else []),
        *(["one part"] if len(sentences) < 2 else []),
        *([f"{seconds:.0f} s"] if seconds > LONGEST else []),
        *([f"wrote {sorted(new)}"] if new else []),
    ]


@pytest.mark.filterwarnings("ignore")
def test_hostile_files_are_refused(
    tmp_path: Path,
    listener: Listener,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    wrong, number = [], 0
    for number, (name, call, files) in enumerate(cases(tmp_path, listener.address), 1):
        folder = tmp_path / str(number)
        folder.mkdir()
        before = laid(folder, files)
        monkeypatch.chdir(folder)
        start, calls = time.monotonic(), listener.calls
        status = main(call)
        took, said = time.monotonic() - start, capsys.readouterr()
        found = faults(status, said.err, took, there(folder) - before)
        found += ["called out"] if listener.calls > calls else []
        if found:
            wrong.append(f"{number} {name}: {', '.join(found)}: {said.err.strip()[-300:]}")
    assert number >= 300
    assert not wrong, f"{len(wrong)} of {number}\n" + "\n".join(wrong)


# --- one by one -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.xlsx", {"XFD1048576": 1}),
        ("a.json", b"[" * 100_000),
    ],
)
def test_a_process_of_its_own_ends_as_well(name: str, data: Any, tmp_path: Path) -> None:
    """What a reader allocates, or where it panics, is its own process's end: so one for each."""
    content = workbook(data) if isinstance(data, dict) else data
    text = SETTINGS.format(**{**GOOD, "records": f'"{name}"'}).encode()
    before = laid(tmp_path, {name: content, "a.toml": text})
    done = subprocess.run(
        [sys.executable, "-m", "lsoahot.cli", "assess", "a.toml", "--out", "out"],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert faults(done.returncode, done.stderr, 0, there(tmp_path) - before) == []


def test_a_workplace_that_is_a_link_is_refused(tmp_path: Path) -> None:
    """Whoever may write to the folder would have a run write, and remove, somewhere else."""
    outside, out = tmp_path / "outside", tmp_path / "out"
    (outside / "old").mkdir(parents=True)
    (outside / "old" / "mine.txt").write_text("mine")
    out.mkdir()
    (out / ".lsoahot-run").symlink_to(outside, target_is_directory=True)
    laid(tmp_path, {"a.toml": SETTINGS.format(**GOOD).encode()})
    with pytest.raises(FileExistsError, match=r"is a link to another place.* remove it"):
        lh.assess(tmp_path / "a.toml", out=out)
    assert (outside / "old" / "mine.txt").read_text() == "mine"
    assert there(outside) == {"old", "old/mine.txt"}


def hostile_template(address: str) -> bytes:
    """Make a template with all that Word would fetch or run."""
    made = io.BytesIO()
    plain = docx.Document()
    plain.sections[0].header.paragraphs[0].text = "Rutland partnership"
    plain.save(made)
    with zipfile.ZipFile(made) as file:
        parts: dict[str, bytes | str] = {one.filename: file.read(one) for one in file.infolist()}
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    rels = (
        '<?xml version="1.0"?><Relationships '
        'xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
    )
    outside = '<Relationship Id="{}" Type="{}/{}" Target="{}" TargetMode="External"/>'
    parts["word/_rels/settings.xml.rels"] = rels.format(
        outside.format("rId1", office, "attachedTemplate", f"{address}/a.dotm")
    )
    settings_xml = bytes(parts["word/settings.xml"])
    at = settings_xml.index(b">", settings_xml.index(b"<w:settings")) + 1
    attached = f'<w:attachedTemplate xmlns:r="{office}" r:id="rId1"/>'.encode()
    parts["word/settings.xml"] = settings_xml[:at] + attached + settings_xml[at:]
    own = bytes(parts["word/_rels/document.xml.rels"])
    more = (
        outside.format("rId90", office, "image", f"{address}/a.png")
        + outside.format("rId91", office, "hyperlink", "https://www.example.org/")
        + '<Relationship Id="rId92" Type="http://schemas.microsoft.com/office/2006/relationships/'
        'vbaProject" Target="vbaProject.bin"/>'
    )
    parts["word/_rels/document.xml.rels"] = own.replace(
        b"</Relationships>", more.encode() + b"</Relationships>"
    )
    parts["word/vbaProject.bin"] = b"macro"
    types = bytes(parts["[Content_Types].xml"]).replace(
        b"</Types>",
        b'<Override PartName="/word/vbaProject.bin" '
        b'ContentType="application/vnd.ms-office.vbaProject"/></Types>',
    )
    parts["[Content_Types].xml"] = types
    header = next(name for name in parts if name.startswith("word/header"))
    parts[header] = bytes(parts[header]).replace(
        b"</w:p>",
        b"<w:r><w:instrText>INCLUDEPICTURE &quot;" + address.encode() + b"/b.png&quot;</w:instrText>"
        b'</w:r><w:fldSimple w:instr="DDEAUTO cmd"/></w:p>', 1,
    )  # fmt: skip
    return zipped(parts)


def test_a_template_loses_what_word_would_fetch_or_run(tmp_path: Path, listener: Listener) -> None:
    path = tmp_path / "house.docx"
    path.write_bytes(hostile_template(listener.address))
    with pytest.warns(UserWarning, match=r"house\.docx holds .*not taken over\. Embed") as told:
        paper = open_paper(path)
    words = str(told[0].message)
    for what in (
        "an attached template",
        "a linked picture",
        "macros",
        "a field that fetches a file (2)",
    ):
        assert what in words
    paper.document.save(str(tmp_path / "report.docx"))
    with zipfile.ZipFile(tmp_path / "report.docx") as file:
        content = b"".join(file.read(one) for one in file.infolist())
        names = file.namelist()
    assert listener.address.encode() not in content
    assert b"attachedTemplate" not in content
    assert b"DDEAUTO" not in content
    assert not [name for name in names if "vba" in name.lower()]
    assert b"https://www.example.org/" in content  # is followed by a click only
    assert "Rutland partnership" in paper.document.sections[0].header.paragraphs[0].text


def test_the_users_own_template_is_taken_as_it_is(tmp_path: Path) -> None:
    docx.Document().save(str(tmp_path / "plain.docx"))
    open_paper(tmp_path / "plain.docx")  # warnings are errors here


def test_an_outline_of_a_million_corners_is_thinned_for_the_dashboard() -> None:
    """Simplified with its neighbours, corner by corner, it would take minutes."""
    turn = np.linspace(0, 2 * np.pi, 1_000_000, endpoint=False)
    radius = 1000 + 5 * np.sin(turn * 40_000)
    shape = shapely.Polygon(np.c_[480000 + radius * np.cos(turn), 300000 + radius * np.sin(turn)])
    areas = gpd.GeoDataFrame(geometry=[shape, *square().geometry], crs=27700)
    drawn = packing.outlines(areas)
    assert drawn["steps"]["shape"][0] <= packing.MOST_CORNERS + 20
    thin = packing._thin(shape)
    assert thin.is_valid
    assert thin.area == pytest.approx(shape.area, rel=0.01)
    # a million and one (the ring is closed) in 50,000 goes 21 times: every 21st, and the first again
    assert shapely.get_num_coordinates(thin) == -(-1_000_000 // 21) + 1
