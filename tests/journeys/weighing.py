"""What a page costs a browser that was never here: bytes on the wire and requests by kind, and its first paint."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import helpers_office
from playwright.sync_api import Browser, BrowserContext, Page, StorageState
from sqlalchemy import select

import app as house_module
from signer import seal as sealing
from signer.settings import Settings
from signer.tables.letters import Letter
from tests.journeys.serving import Service, serving
from tests.journeys.watching import PHONE

LIGHT, FULL = 60_000, 300_000
"""Budgets in bytes: a stranger's page before its pictures; any page with everything."""
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 400_000 / 8, "uploadThroughput": 200_000 / 8}
"""A village's network: 400 kbit/s, 400 ms for every question and answer."""
_KINDS = {"Document": "html", "Stylesheet": "css", "Script": "js", "Image": "pictures"}
_PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


@dataclass
class Weight:
    """Bytes on the wire, answers' heads included, by kind; `unpacked`: all but pictures before compression."""

    bytes: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    unpacked: int = 0
    requests: int = 0

    @property
    def before_pictures(self) -> int:
        return sum(size for kind, size in self.bytes.items() if kind != "pictures")

    @property
    def total(self) -> int:
        return sum(self.bytes.values())


@dataclass(frozen=True)
class Visit:
    """One page that somebody opens: whose (nobody: a stranger), where, and what it may weigh before its pictures."""

    name: str
    path: str
    who: str = ""
    most: int = FULL


@contextmanager
def office_with_pages(folder: Path) -> Iterator[tuple[Service, list[Visit]]]:
    """A service with one finished letter and berkas that wait at each step, and the pages to weigh."""
    with serving(folder) as service:
        house = house_module.House(Settings.from_env(service.environment))
        office = helpers_office.Office(house, helpers_office.MovableClock())
        office.berkas(step=7)
        draft, paraf, sign = (office.berkas(step=step) for step in (3, 4, 5))
        with house.db.read() as session:
            letter = session.scalars(select(Letter)).one()
        house.db.close()
        seal = sealing.qr_text(service.address, letter.token, letter.seal).partition("#")[2]
        strangers = {"surat": f"/v/{letter.token}#{seal}", "periksa": "/periksa", "lacak": "/lacak", "masuk": "/masuk"}
        own = [
            Visit("tugas staf", "/", "staf"),
            Visit("daftar berkas", "/berkas/", "staf"),
            Visit("menyusun surat", f"/berkas/{draft}/surat", "staf"),
            Visit("paraf", f"/berkas/{paraf}/paraf", "kasi"),
            Visit("tanda tangan", f"/berkas/{sign}/tandatangan", "camat"),
        ]
        yield service, [*(Visit(name, path, most=LIGHT) for name, path in strangers.items()), *own]


def sign_in(browser: Browser, service: Service, username: str) -> StorageState:
    """What a browser keeps once that demo person has signed in."""
    context = browser.new_context(locale="id-ID")
    page = context.new_page()
    page.goto(f"{service.address}/masuk")
    page.fill("#username", username)
    page.fill("#password", f"sandi-{username}-demo")
    page.get_by_role("button", name="Masuk").click()
    page.wait_for_url(f"{service.address}/")
    state = context.storage_state()
    context.close()
    return state


def weigh(browser: Browser, address: str, state: StorageState | None = None) -> Weight:
    """Open the page on a phone that keeps nothing yet, scroll to its end, and count all it asked for."""
    context, page = _fresh(browser, state)
    weight, kinds = Weight(), dict[str, str]()
    line = context.new_cdp_session(page)

    def answered(event: dict[str, Any]) -> None:
        kinds[event["requestId"]] = _KINDS.get(event["type"], "other")
        weight.requests += 1

    def arrived(event: dict[str, Any]) -> None:
        if kinds.get(event["requestId"]) != "pictures":
            weight.unpacked += event["dataLength"]

    line.on("Network.responseReceived", answered)
    line.on("Network.dataReceived", arrived)
    line.on("Network.loadingFinished", lambda event: _add(weight, kinds, event))
    line.send("Network.enable")
    answer = page.goto(address, wait_until="networkidle")
    assert answer is not None and answer.status == 200, address
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.wait_for_timeout(300)  # what is loaded only when it comes into sight
    page.wait_for_load_state("networkidle")
    context.close()
    return weight


def first_paint(browser: Browser, address: str, state: StorageState | None = None) -> float:
    """Milliseconds until a phone on the SLOW network shows the first text or picture of the page."""
    context, page = _fresh(browser, state)
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", SLOW)
    page.goto(address)
    page.wait_for_function(_PAINTED)
    painted = float(page.evaluate(_PAINTED))
    context.close()
    return painted


def _add(weight: Weight, kinds: dict[str, str], event: dict[str, Any]) -> None:
    if event["requestId"] in kinds:  # not what a worker of the page asked for
        weight.bytes[kinds[event["requestId"]]] += int(event["encodedDataLength"])


def _fresh(browser: Browser, state: StorageState | None) -> tuple[BrowserContext, Page]:
    options: dict[str, Any] = {"viewport": PHONE, "device_scale_factor": 2, "is_mobile": True, "locale": "id-ID"}
    context = browser.new_context(**options, service_workers="block", storage_state=state)
    return context, context.new_page()
