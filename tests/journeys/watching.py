"""A person at a browser, and everything that may go wrong on a page without anybody clicking on it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Request, Response, expect

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",  # tests may run as root, where Chromium refuses to start with its sandbox
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-gpu",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
WCAG = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]}
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
"""What else can be different in dark: those tokens change nothing but colours."""
TIMEOUT = 20_000  # ms; everything shares two cores

_WIDER = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  return [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > room + 1)
    .map((e) => e.outerHTML.slice(0, 120)).slice(0, 5);
}"""


_AXE = Axe().axe_script
_RUN_AXE = "async (options) => (await axe.run(options)).violations"


def browser_path() -> str:
    """The system's Chromium. A missing one is a failure that names it, never a skip."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        raise AssertionError(f"journeys need a browser: install one of {', '.join(BROWSERS)} (sh tests/tools.sh)")
    return found


def launch(playwright: Playwright) -> Browser:
    """Chromium that reaches nothing but this machine."""
    expect.set_options(timeout=TIMEOUT)
    return playwright.chromium.launch(executable_path=browser_path(), args=list(ARGUMENTS))


@dataclass
class Person:
    """One person with a browser of their own: nothing is shared between two, as on two machines."""

    name: str
    context: BrowserContext
    page: Page
    address: str
    faults: list[str] = field(default_factory=list)
    """What went wrong on any page: script errors, CSP, failed requests, axe, sideways scrolling."""
    refused: list[tuple[int, str]] = field(default_factory=list)
    """Answers of 400 and above that no `expecting` has taken yet."""

    def open(self, path: str) -> None:
        """Go to a page of the service."""
        self.page.goto(path if path.lower().startswith("http:") else f"{self.address}{path}")

    @contextmanager
    def expecting(self, status: int) -> Iterator[None]:
        """Within the block exactly such a refusal comes: the page is shown again, or the script is told no."""
        before = len(self.refused)
        yield
        self.page.wait_for_load_state()
        met = [answer for answer in self.refused[before:] if answer[0] == status]
        assert met, f"{self.name}: no {status} came on {self.page.url}"
        self.refused[before:] = [answer for answer in self.refused[before:] if answer[0] != status]

    def look(self, title: str, *, dark: bool = False) -> None:
        """Hold the page against WCAG 2.2 AA at a phone's and a desk's width, and against sideways scrolling."""
        self.settle()
        for size in (PHONE, DESKTOP):
            self.page.set_viewport_size(size)  # type: ignore[arg-type]  # a plain dict is what it takes
            self._axe(f"{title} ({size['width']} px)")
            if size is PHONE:
                self._no_sideways(title)
        if dark:
            self.page.emulate_media(color_scheme="dark")
            self._axe(f"{title} (dark)", COLOURS)
            self.page.emulate_media(color_scheme="light")

    def settle(self) -> None:
        """Wait until nothing on the page is being made anew (a preview is dimmed meanwhile)."""
        expect(self.page.locator("[aria-busy=true]")).to_have_count(0)

    def _axe(self, title: str, rules: dict[str, Any] = WCAG) -> None:
        if not self.page.evaluate("() => 'axe' in window"):  # half a megabyte: once a page is enough
            self.page.evaluate(_AXE)
        found: list[dict[str, Any]] = self.page.evaluate(_RUN_AXE, {"runOnly": rules, "resultTypes": ["violations"]})
        self.faults += [
            f"{title}: axe {violation['id']}: {node['html'][:160]} {node['failureSummary'][:240]!r}"
            for violation in found
            for node in violation["nodes"][:3]
        ]

    def _no_sideways(self, title: str) -> None:
        wider = self.page.evaluate(_WIDER)
        self.faults += [f"{title}: wider than the phone: {element}" for element in wider]

    def all_faults(self) -> list[str]:
        """Everything that went wrong, each with the person's name."""
        answers = [f"answer {status}: {url}" for status, url in self.refused]
        return [f"{self.name}: {text}" for text in (*self.faults, *answers)]

    def watch(self) -> None:
        """Listen from now on."""
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.faults.append(f"script error on {self.page.url}: {error}"))
        self.page.on("requestfailed", self._failed)
        self.page.on("request", self._asked)
        self.page.on("response", self._answered)

    def _console(self, message: ConsoleMessage) -> None:
        # A refused request is judged by its answer (`_answered`); Chromium says it a second time here.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.faults.append(f"console on {self.page.url}: {message.text}")

    def _failed(self, request: Request) -> None:
        # Aborted: a newer preview took over, the page was left, or the answer became a download.
        if request.failure != "net::ERR_ABORTED":
            self.faults.append(f"request failed: {request.method} {request.url}: {request.failure}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((f"{self.address}/", "data:", "blob:")):
            self.faults.append(f"asked elsewhere: {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.refused.append((response.status, f"{response.request.method} {response.url}"))


def person(browser: Browser, name: str, address: str, **options: Any) -> Person:
    """A new person at a desk with a browser of their own; `options` as Browser.new_context takes them."""
    chosen = {"viewport": DESKTOP, "locale": "id-ID", "timezone_id": "Asia/Jakarta", "reduced_motion": "reduce"}
    context = browser.new_context(**(chosen | options))
    context.set_default_timeout(TIMEOUT)
    made = Person(name, context, context.new_page(), address)
    made.watch()
    return made
