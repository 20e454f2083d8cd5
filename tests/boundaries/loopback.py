"""Servers on loopback that stand for the portals, over real HTTP."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, ClassVar, TypeVar
from urllib.parse import parse_qs, urlsplit

from lsoahot.boundaries.fetch import download

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest


class Answer(BaseHTTPRequestHandler):
    """One answer."""

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.reply()

    def reply(self) -> None:
        raise NotImplementedError

    @property
    def query(self) -> dict[str, str]:
        return {key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}

    def send(
        self, body: bytes, *, status: int = 200, retry_after: str = "", cut: int | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if retry_after:
            self.send_header("Retry-After", retry_after)
        self.end_headers()
        self.wfile.write(body[:cut])


class Portal(ThreadingHTTPServer):
    """A server whose answers are of one class."""

    daemon_threads = True
    answer: ClassVar[type[Answer]]

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), self.answer)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


P = TypeVar("P", bound=Portal)


@contextmanager
def serving(portal: P, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[P]:
    """Let a portal answer, without pauses between tries, and with an empty cache beside."""
    monkeypatch.setenv("LSOAHOT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(download, "PAUSE", 0.001)
    thread = threading.Thread(target=portal.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield portal
    portal.shutdown()
    portal.server_close()
    thread.join()
