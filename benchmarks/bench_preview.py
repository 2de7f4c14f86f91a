"""The live preview: from the last keystroke to the drawn picture in Chromium, and what one answer costs the server.

The first row is the promise itself (150 ms after a pause in typing), measured end to end: the pause that the script
waits for, the request, setting and drawing the letter, decoding, and the frame that shows it.
"""

from __future__ import annotations

import statistics
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from sqlalchemy import select

import app
from benchmarks.bench_letters import FOLDER, TEMPLATE, letter_data
from benchmarks.rows import Row, in_turn
from signer import drafting, founding
from signer.accounts import User
from signer.berkas import check, submit
from signer.berkas.application import Application, Goods
from signer.berkas.check import Finding
from signer.settings import Settings
from signer.tables.berkas import Berkas
from tests.journeys.serving import Service, serving
from tests.journeys.watching import DESKTOP, launch

ROUNDS = 20
PROMISED_MS = 150.0
PAUSE_MS = 600
"""Between two keys, so that no picture of an earlier one is taken for that of a later."""
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
# A change of the picture is over when the frame after the one that draws it begins: never too early, 16 ms too late.
_WATCH = """() => {
  window.drawn = [];
  let keyed = 0;
  document.addEventListener("input", () => (keyed = performance.now()), true);
  const note = () => window.drawn.push(performance.now() - keyed);
  const drawn = () => requestAnimationFrame(() => requestAnimationFrame(note));
  new MutationObserver(drawn).observe(document.querySelector("[data-preview-pages]"), { childList: true });
}"""


def measure() -> list[Row]:
    return [_in_chromium(), _one_answer()]


def _in_chromium() -> Row:
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as service:
        berkas_id = _berkas(service)
        with sync_playwright() as playwright:
            browser = launch(playwright)
            page = browser.new_page(viewport=DESKTOP, locale="id-ID")  # type: ignore[arg-type]  # a plain dict is what it takes
            times = _typed(page, service, berkas_id)
            browser.close()
    what = "preview: last keystroke to picture drawn, in Chromium"
    return Row(what, "the promise of 150 ms", statistics.median(times), PROMISED_MS)


def _typed(page: Page, service: Service, berkas_id: int) -> list[float]:
    """Milliseconds from each key to its picture."""
    staf = next(one for one in founding.DEMO_PEOPLE if one.username == "staf")
    page.goto(f"{service.address}/masuk")
    page.get_by_label("Nama pengguna").fill(staf.username)
    page.get_by_label("Kata sandi").fill(staf.password)
    page.get_by_role("main").get_by_role("button", name="Masuk", exact=True).click()
    page.goto(f"{service.address}/berkas/{berkas_id}/surat")
    page.locator("[data-preview-pages] img").first.wait_for()
    page.evaluate(_WATCH)
    page.get_by_label("Tempat", exact=True).focus()
    for number in range(ROUNDS):
        page.keyboard.press("abcde"[number % 5])
        page.wait_for_timeout(PAUSE_MS)
    return [float(ms) for ms in page.evaluate("window.drawn")]


def _berkas(service: Service) -> int:
    """A berkas that waits to be drafted, made without clicking; gives its id."""
    house = app.House(Settings.from_env({"SURAT_INSTANCE": str(service.instance)}))
    desk = house.desk
    with desk.db.read() as session:
        staf = session.scalars(select(User).where(User.username == "staf")).one().actor()
    day = datetime.now(UTC).date() + timedelta(days=7)
    wanted = Application(
        "Siti Aminah", "Ketapanrame", day, time(9), "Pendopo", ("Forkopimcam", "Agen"), (Goods("Beras", "500", "kg"),)
    )
    berkas_id = submit.create(desk, staf, "rakor-bspps", wanted)
    needs = ("pengantar-desa", "ijin-monev", "berkas-pemohon")
    submit.attach(desk, staf, berkas_id, [submit.Upload(key, f"{key}.pdf", PDF + key.encode()) for key in needs])
    submit.hand_in(desk, staf, berkas_id)
    with desk.db.read() as session:
        version = session.get_one(Berkas, berkas_id).version
    check.accept(desk, staf, berkas_id, version, {key: Finding(complete=True) for key in needs})
    desk.db.close()
    return berkas_id


def _one_answer() -> Row:
    """A letter with a list of invitees behind it, of which a keystroke changes the first page."""
    template = drafting.load_templates(FOLDER)[TEMPLATE]
    before = replace(letter_data(), recipients=tuple(f"Kepala Desa {n}" for n in range(40)))
    after = replace(before, hal="Undangan Rakor")
    known = frozenset(page.mark for page in drafting.preview(template, before, 600))
    return in_turn(
        "preview: changed pages at the screen's width",
        "every page at 900 pixels",
        lambda: drafting.preview(template, after, 600, known),
        lambda: drafting.preview(template, after),
        ROUNDS,
    )
