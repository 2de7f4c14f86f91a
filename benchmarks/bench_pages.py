"""Bytes and requests a page, against its budget; first paint on a village's network against a bare page's there."""

from __future__ import annotations

import gzip
import statistics
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Browser, StorageState, sync_playwright

from benchmarks.rows import Row

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))  # where the prepared office of the tests is

from tests.journeys import watching
from tests.journeys.serving import Service
from tests.journeys.weighing import FULL, Visit, Weight, first_paint, office_with_pages, sign_in, weigh

ROUNDS = 3
BARE = b'<!doctype html><html lang="id"><meta name="viewport" content="width=device-width"><title>Surat</title><p>Surat'
TIMED = ("surat", "periksa", "masuk", "tugas staf", "tanda tangan")
"""The pages that people open on a phone."""


@dataclass(frozen=True)
class Page:
    """One page's weight in bytes on the wire; it holds if neither budget is passed."""

    name: str
    html: int
    css: int
    js: int
    other: int
    pictures: int
    requests: int
    unpacked: int
    most: int

    @property
    def before_pictures(self) -> int:
        return self.html + self.css + self.js + self.other

    @property
    def holds(self) -> bool:
        return self.before_pictures <= self.most and self.before_pictures + self.pictures <= FULL


def measure() -> tuple[list[Row], list[Page]]:
    """First paints as rows, and every page's weight."""
    with tempfile.TemporaryDirectory() as folder, office_with_pages(Path(folder)) as (service, visits):
        shell = _offline_shell(service)
        with sync_playwright() as playwright, _bare_page() as bare:
            browser = watching.launch(playwright)
            people = {who: sign_in(browser, service, who) for who in {visit.who for visit in visits} if who}
            seen = [(visit, service.address + visit.path, people.get(visit.who)) for visit in visits]
            pages = [_page(visit, weigh(browser, address, state)) for visit, address, state in seen]
            rows = [_painted(browser, *one, bare) for one in seen if one[0].name in TIMED]
            browser.close()
    return rows, [*pages, shell]


def print_pages(pages: list[Page]) -> None:
    """The table of weights."""
    kinds = ("html", "css", "js", "other", "pictures", "requests", "unpacked")
    title = "page (bytes on the wire, cold cache, 390 px at 2x)"
    print(f"\n{title:<52}" + "".join(f"{kind:>10}" for kind in kinds))
    for page in pages:
        print(f"{page.name:<52}" + "".join(f"{getattr(page, kind):>10}" for kind in kinds) + f"  {_judged(page)}")


def _judged(page: Page) -> str:
    verdict = "holds" if page.holds else "EXCEEDED"
    return f"{page.before_pictures} of {page.most} before pictures, {FULL} in all: {verdict}"


def _page(visit: Visit, weight: Weight) -> Page:
    sizes = {kind: weight.bytes[kind] for kind in ("html", "css", "js", "other", "pictures")}
    return Page(visit.name, **sizes, requests=weight.requests, unpacked=weight.unpacked, most=visit.most)


def _painted(browser: Browser, visit: Visit, address: str, state: StorageState | None, bare: str) -> Row:
    times = [(first_paint(browser, address, state), first_paint(browser, bare)) for _ in range(ROUNDS)]
    own, other = (statistics.median(column) for column in zip(*times, strict=True))
    return Row(f"first paint at 400 kbit/s, 400 ms: {visit.name}", "a bare HTML page there", own, other)


def _offline_shell(service: Service) -> Page:
    """What the service worker fetches behind a letter's page, after it is shown: for checking without network."""
    text = service.fetch("/sw.js").decode()
    paths = [path for path in text.partition(";\n")[0].split('"') if path.startswith(("/pwa/", "/static/"))]
    found = {path: service.fetch(path) for path in ("/sw.js", *paths, "/pwa/keys.json", "/pwa/withdrawn.json")}
    packed = sum(len(gzip.compress(content)) for content in found.values())
    unpacked = sum(map(len, found.values()))
    return Page("(behind a letter's page: offline checker)", 0, 0, 0, packed, 0, len(found), unpacked, FULL)


@contextmanager
def _bare_page() -> Iterator[str]:
    class Bare(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(BARE)))
            self.end_headers()
            self.wfile.write(BARE)

        def log_message(self, *_arguments: object) -> None:
            """Nothing: the table is the output."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Bare) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
