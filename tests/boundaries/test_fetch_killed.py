"""A download that is killed, at any moment: what is in the cache is whole, and the next one finishes."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import geopandas as gpd
import pytest

import lsoahot as lh

if TYPE_CHECKING:
    from pathlib import Path

AREAS, PAGE = 3_000, 1_000  # so many that writing them takes a moment


class Answer(BaseHTTPRequestHandler):
    """Answers as an ArcGIS feature service does; when the time has come, ends the one who asks."""

    after: ClassVar[tuple[int, float]]  # how many requests, and seconds after the last of them
    asked: ClassVar[int]
    victim: ClassVar[subprocess.Popen[bytes] | None]

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        query = {key: one[0] for key, one in parse_qs(urlsplit(self.path).query).items()}
        Answer.asked += 1
        if Answer.asked == Answer.after[0]:
            threading.Thread(target=self.strike).start()
        answer: dict[str, Any] = {"count": AREAS}
        if "returnCountOnly" not in query:
            first = int(query["resultOffset"])
            answer = {
                "spatialReference": {"wkid": 27700},
                "features": [
                    {
                        "attributes": {"WD24CD": f"E05{i + 1:06}", "WD24NM": f"Vale {i}"},
                        "geometry": {"rings": [[[x, 300000], [x, 300001], [x + 1, 300001], [x, 300000]]]},
                    }
                    for i in range(first, min(first + PAGE, AREAS))
                    for x in [400_000 + i]
                ],
            }  # fmt: skip
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(OSError):  # it was killed while it was reading
            self.wfile.write(body)

    @staticmethod
    def strike() -> None:
        time.sleep(Answer.after[1])
        if Answer.victim is not None:
            Answer.victim.send_signal(signal.SIGKILL)


def whole(path: Path) -> bool:
    """Tell whether a file of the cache is what it should be."""
    if path.suffix == ".parquet":
        return len(gpd.read_parquet(path)) == AREAS
    return len(json.loads(path.read_bytes())["features"]) == PAGE


@pytest.mark.skipif(
    sys.platform != "linux", reason="kills, and files without a name, as Linux has them"
)
def test_a_download_that_is_killed_leaves_no_partial_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/FeatureServer/0"
    table = tmp_path / "layers.toml"
    table.write_text(f'[wd24]\nurl = "{address}"\npage = {PAGE}\nfeatures = {AREAS}\n')
    monkeypatch.setenv("LSOAHOT_LAYERS", str(table))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    moments = [(1, 0.0), (2, 0.0), (2, 0.02), (3, 0.0), (3, 0.01), (4, 0.0)]
    moments += [(4, pause) for pause in (0.02, 0.05, 0.1, 0.2, 0.4)]
    killed = 0
    for number, moment in enumerate(moments):
        cache = tmp_path / str(number)
        Answer.after, Answer.asked = moment, 0
        Answer.victim = None
        environment = {**os.environ, "LSOAHOT_CACHE": str(cache)}
        Answer.victim = subprocess.Popen(
            [sys.executable, "-m", "lsoahot.cli", "fetch", "wd24"],
            env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        status = Answer.victim.wait(timeout=120)
        killed += status == -signal.SIGKILL
        left = [path for path in cache.rglob("*") if path.is_file()]
        assert [path for path in left if not whole(path)] == [], moment
    assert killed >= len(moments) // 2
    Answer.after, Answer.victim = (0, 0.0), None
    for number in (2, 5):
        monkeypatch.setenv("LSOAHOT_CACHE", str(tmp_path / str(number)))
        path = lh.fetch_boundaries("wd24")
        assert whole(path)
        assert [one for one in path.parent.iterdir() if one.is_file()] == [path]
    server.shutdown()
    server.server_close()
