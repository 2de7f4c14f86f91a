"""A reverse proxy before the service that can be made to misbehave: what lies between no network and a good one."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import urlsplit

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


class Proxy(ThreadingHTTPServer):
    """Forwards GETs to `service`; `mood` says how well. `asked` counts requests by path."""

    daemon_threads = True

    def __init__(self, service: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.service = urlsplit(service).netloc
        self.mood: Literal["good", "service-away", "silent"] = "good"
        self.loud = threading.Event()
        self.asked: list[str] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def set_mood(self, mood: Literal["good", "service-away", "silent"]) -> None:
        """From the next request on; those that wait in silence go on waiting until the mood is good."""
        self.mood = mood
        (self.loud.clear if mood == "silent" else self.loud.set)()


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Proxy

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        if self.server.mood == "silent":
            self.server.loud.wait(60)
        with suppress(ConnectionError):  # the browser has gone elsewhere
            if self.server.mood == "service-away":
                self._answer(502, [("Content-Type", "text/html")], b"<h1>Bad Gateway</h1>")
            else:
                self._forward()

    def _forward(self) -> None:
        with closing(http.client.HTTPConnection(self.server.service, timeout=20)) as connection:
            connection.request("GET", self.path, headers=dict(self.headers.items()))
            answer = connection.getresponse()
            self._answer(answer.status, answer.getheaders(), answer.read())

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        """Quiet: the tests look at `asked`."""


@contextmanager
def proxying(service: str) -> Iterator[Proxy]:
    """A proxy at an address of its own until the block ends."""
    with Proxy(service) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            proxy.set_mood("good")
            proxy.shutdown()
            thread.join()
