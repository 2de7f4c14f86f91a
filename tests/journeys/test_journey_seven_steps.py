"""The main job, whole: five people in real Chromium take one berkas through all seven steps, and outsiders judge it."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser

from tests.journeys import samples, walking
from tests.journeys.serving import ROOT, Service, run, serving
from tests.journeys.walking import Office
from tests.journeys.watching import PHONE, Person, person

pytestmark = pytest.mark.journey

STATES = frozenset(
    {
        "00-berkas-saya-kosong",
        "01-ajukan-file-keliru",
        "01-sudah-diserahkan",
        "02-alasan-dikembalikan",
        "02-perbaiki",
        "02-periksa-lagi",
        "03-perbaiki-surat",
        "04-kembalikan",
        "05-passphrase-salah",
        "05-surat-terbit",
        "07-sudah-diambil",
    }
)
"""What only a whole walk leads to; every other page is examined by test_journey_every_page."""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with serving(tmp_path_factory.mktemp("service"), fresh=True) as running:
        walking.add_second_staf(running)
        yield running


@pytest.fixture(scope="module")
def office(service: Service, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Office:
    papers = samples.papers(tmp_path_factory.mktemp("papers"))
    return Office(service, browser, samples.PLAIN, papers, seen=_examine)


def _examine(who: Person, name: str) -> None:
    if name in STATES:
        who.look(name, dark=True)


@pytest.fixture(scope="module")
def letter(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The letter as the Pemohon downloaded it, after all seven steps."""
    for step in walking.STEPS:
        step(office)
    path = tmp_path_factory.mktemp("letter") / "surat.pdf"
    path.write_bytes(walking.collect(office))
    return path


@pytest.fixture(scope="module")
def root(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root certificate as the service publishes it."""
    path = tmp_path_factory.mktemp("trust") / "root.pem"
    path.write_bytes(service.fetch("/pki/root.pem"))
    return path


def test_the_seven_steps_without_a_fault_on_any_page(office: Office, letter: Path) -> None:
    assert letter.read_bytes().startswith(b"%PDF-")
    assert office.faults() == []


def test_a_stranger_reads_on_a_phone_without_javascript_that_it_is_true(office: Office, letter: Path) -> None:
    stranger = person(
        office.browser, "stranger", office.service.address, viewport=PHONE, java_script_enabled=False, is_mobile=True
    )
    stranger.open(office.letter_address)
    sentence = stranger.page.get_by_role("heading", level=1)
    assert "asli" in sentence.inner_text().lower() or "utuh" in sentence.inner_text().lower(), sentence.inner_text()
    place = sentence.bounding_box()
    assert place is not None and place["y"] < PHONE["height"], "the sentence is below the first screen"
    assert stranger.page.get_by_text(office.number).first.is_visible()
    assert stranger.page.locator(".pages img").first.is_visible()
    assert stranger.all_faults() == []


def test_whoever_has_the_code_sees_where_the_berkas_is(office: Office, letter: Path) -> None:
    stranger = person(office.browser, "stranger", office.service.address)
    walking.track(stranger, office.code)
    stranger.look("lacak-hasil")
    assert stranger.all_faults() == []


def test_the_qr_of_the_printed_page_leads_to_the_letter(office: Office, letter: Path, tmp_path: Path) -> None:
    pages = tmp_path / "halaman"
    run(["pdftoppm", "-r", "150", "-png", str(letter), str(pages)])  # poppler: not what drew and read it when signing
    pictures = [Image.open(path) for path in sorted(tmp_path.glob("halaman*.png"))]
    found = [code.text for picture in pictures for code in zxingcpp.read_barcodes(picture)]
    for picture in pictures:
        picture.close()
    assert len(found) == 1
    address, _, seal = found[0].partition("#")
    assert address.lower() == office.letter_address.lower()
    assert seal
    stranger = person(office.browser, "stranger", office.service.address, viewport=PHONE)
    stranger.open(found[0])
    assert stranger.page.get_by_text(office.number).first.is_visible()
    assert stranger.all_faults() == []


def test_our_verifier_and_others_say_the_download_is_valid(letter: Path, root: Path) -> None:
    run([sys.executable, "-m", "verifier", str(letter), "--trust", str(root)])
    assert "Signature is Valid" in run(["pdfsig", str(letter)]).stdout
    run([str(ROOT / ".venv/bin/pyhanko"), "sign", "validate", "--trust", str(root), str(letter)])


def test_the_book_as_a_table_for_spreadsheets(office: Office, letter: Path) -> None:
    staf = office.person("staf")
    staf.open("/register")
    with staf.page.expect_download() as download:
        staf.page.get_by_role("link", name="Unduh CSV").click()
    rows = list(csv.reader(io.StringIO(download.value.path().read_text(encoding="utf-8-sig"))))
    assert len(rows) == 2
    assert any(office.number in cell for cell in rows[1])
    assert any(office.sample.taken_by in cell for cell in rows[1])


def test_staf_works_with_the_keyboard_alone(service: Service, browser: Browser, letter: Path) -> None:
    staf = person(browser, "keyboard", service.address)
    staf.open("/masuk")
    _tab_to(staf, "Nama pengguna")
    staf.page.keyboard.type("staf")
    _tab_to(staf, "Kata sandi")
    staf.page.keyboard.type(walking.DEMO["staf"].password)
    with staf.page.expect_navigation():
        staf.page.keyboard.press("Enter")
    staf.page.keyboard.press("Tab")
    assert _focused(staf) == "Langsung ke isi", "the first stop of a page is the way past its head"
    with staf.page.expect_event("framenavigated"):
        staf.page.keyboard.press("Enter")
    _tab_to(staf, "Terima berkas di loket")
    with staf.page.expect_navigation():
        staf.page.keyboard.press("Enter")
    assert staf.page.get_by_role("heading", level=1).inner_text() == "Terima berkas di loket"
    assert staf.all_faults() == []


_NAME = "() => { const e = document.activeElement; return (e.labels?.[0] ?? e).textContent.trim(); }"
_RING = "() => { const s = getComputedStyle(document.activeElement); return s.outlineStyle + s.boxShadow; }"


def _focused(who: Person) -> str:
    return str(who.page.evaluate(_NAME))


def _tab_to(who: Person, name: str) -> None:
    """Press Tab until the part called so has focus, which must be seen there."""
    for _ in range(40):
        who.page.keyboard.press("Tab")
        if _focused(who).startswith(name):
            assert who.page.evaluate(_RING) != "nonenone", f"focus on {name} cannot be seen"
            return
    raise AssertionError(f"no {name} within 40 stops")
