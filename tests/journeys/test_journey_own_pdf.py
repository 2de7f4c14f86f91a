"""Staf brings a finished PDF: refused with its reason, then placed by mouse and keyboard, signed, and verified."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import helpers_office
import helpers_own as pdfs
import pytest
from playwright.sync_api import Browser, Locator, expect

import app as house_module
from signer.settings import Settings
from tests.journeys import walking
from tests.journeys.serving import Service, serving
from tests.journeys.walking import press
from tests.journeys.watching import PHONE, Person, person

pytestmark = pytest.mark.journey

ATTACHMENT = "#page(flipped: true)[Daftar undangan]"
TAKEN, FREE = re.compile("ada tulisan"), re.compile("kosong")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with serving(tmp_path_factory.mktemp("service")) as running:
        yield running


@pytest.fixture(scope="module")
def office(service: Service) -> Iterator[helpers_office.Office]:
    """The same instance behind the pages, for the steps that others show."""
    clock = helpers_office.MovableClock()
    house = house_module.House(Settings.from_env(service.environment), clock)
    yield helpers_office.Office(house, clock)
    house.pool.close()
    house.db.close()


@pytest.fixture(scope="module")
def berkas(office: helpers_office.Office) -> int:
    """A berkas that waits to be processed."""
    return office.berkas(step=3)


@pytest.fixture(scope="module")
def staf(service: Service, browser: Browser) -> Person:
    return walking.arrive(browser, service, "staf")


def choose(who: Person, data: bytes, folder: Path, name: str) -> None:
    """Choose a file of that name in the form's file field."""
    path = folder / name
    path.write_bytes(data)
    who.page.locator("input[type=file]").set_input_files(path)


def box(who: Person) -> Locator:
    """The signature box on the page."""
    return who.page.locator("[data-place-box]")


def place(who: Person) -> tuple[float, float]:
    """The box's numbers, as the form would send them."""
    values = [who.page.locator(f"#{name}").input_value().replace(",", ".") for name in ("left", "top")]
    return float(values[0]), float(values[1])


def said(who: Person, what: re.Pattern[str]) -> None:
    """What is under the box is told."""
    expect(who.page.locator("[data-place-status]")).to_have_text(what)


def test_number_first_then_a_refused_file_then_the_right_one(staf: Person, berkas: int, tmp_path: Path) -> None:
    staf.open(f"/berkas/{berkas}/surat")
    walking.follow(staf, "Pakai PDF sendiri")
    press(staf, "Pesan nomor")
    number = staf.page.get_by_label("Nomor untuk surat ini").input_value()
    assert walking.NUMBER.fullmatch(number)
    staf.page.get_by_label("Boleh dilihat pemegang QR").check()
    choose(staf, pdfs.with_script(number), tmp_path, "Surat dengan skrip.pdf")
    with staf.expecting(422):
        press(staf, "Unggah PDF")
    expect(staf.page.locator(".field-error")).to_contain_text("JavaScript")
    expect(staf.page.get_by_label("Boleh dilihat pemegang QR")).to_be_checked()
    staf.look("03-pdf-sendiri-ditolak")
    choose(staf, pdfs.letter(number, more=ATTACHMENT), tmp_path, "Undangan Rakor (final).pdf")
    press(staf, "Unggah PDF")
    expect(staf.page.get_by_text("Nomor surat terbaca di halaman 1.")).to_be_visible()
    said(staf, FREE)
    staf.look("03-pdf-sendiri-letak", dark=True)


def test_the_box_is_dragged_and_moved_by_keys_and_not_put_over_text(staf: Person, berkas: int) -> None:
    staf.open(f"/berkas/{berkas}/surat")
    assert staf.page.url.endswith("/pdf"), "a waiting PDF is what drafting opens with"
    said(staf, FREE)
    start = place(staf)
    drag(staf, to=staf.page.locator("[data-place]"), up=0.18)
    said(staf, TAKEN)
    assert place(staf)[1] < start[1] - 20
    staf.look("03-pdf-sendiri-tertutup")
    with staf.expecting(422):
        press(staf, "Finalkan surat")
    expect(staf.page.locator("#place-error")).to_contain_text("Pindahkan kotaknya")
    said(staf, TAKEN)
    box(staf).focus()
    before = place(staf)
    staf.page.keyboard.press("ArrowRight")
    assert place(staf) == (before[0] + 1, before[1])
    staf.page.keyboard.press("ArrowLeft")
    while place(staf)[1] < start[1]:
        staf.page.keyboard.press("Shift+ArrowDown")
    said(staf, FREE)
    expect(box(staf)).to_have_attribute("aria-label", re.compile(r"Kotak tanda tangan, halaman 1: [\d,]+ mm dari kiri"))
    staf.page.get_by_label("Halaman", exact=True).select_option("2")
    expect(staf.page.locator("[data-place]")).to_have_attribute("viewBox", "0 0 297 210")
    said(staf, FREE)
    staf.page.get_by_label("Halaman", exact=True).select_option("1")
    said(staf, FREE)
    expect(staf.page.locator("[data-autosave-status]")).to_contain_text("tersimpan pukul")


def drag(who: Person, *, to: Locator, up: float) -> None:
    """Drag the box by its middle to a height of the page (0 is its upper edge)."""
    held, page = box(who).bounding_box(), to.bounding_box()
    assert held is not None and page is not None
    who.page.mouse.move(held["x"] + held["width"] / 2, held["y"] + held["height"] / 2)
    who.page.mouse.down()
    who.page.mouse.move(held["x"] + held["width"] / 2 - 20, page["y"] + page["height"] * up, steps=6)
    who.page.mouse.up()


def test_a_finger_moves_the_box_and_not_the_page(service: Service, browser: Browser, berkas: int) -> None:
    who = walking.arrive(browser, service, "staf", viewport=PHONE, is_mobile=True, has_touch=True)
    who.open(f"/berkas/{berkas}/pdf")
    said(who, FREE)
    box(who).scroll_into_view_if_needed()
    scrolled, before, held = who.page.evaluate("scrollY"), place(who), box(who).bounding_box()
    assert held is not None
    x, y = held["x"] + held["width"] / 2, held["y"] + held["height"] / 2
    session = who.context.new_cdp_session(who.page)
    for kind, moved in (("touchStart", 0), ("touchMove", 15), ("touchMove", 30), ("touchEnd", 30)):
        points = [] if kind == "touchEnd" else [{"x": x - moved, "y": y + moved}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    assert place(who)[0] < before[0] - 5 and place(who)[1] > before[1] + 5
    assert who.page.evaluate("scrollY") == scrolled
    assert who.all_faults() == []
    who.context.close()


def test_paraf_and_signature_go_over_exactly_these_bytes(
    staf: Person, office: helpers_office.Office, berkas: int, browser: Browser, service: Service
) -> None:
    chosen = place(staf)
    press(staf, "Finalkan surat")
    expect(staf.page.get_by_text("diserahkan untuk diparaf").first).to_be_visible()
    rendering = office.detail(berkas).rendering
    assert rendering is not None
    data = office.desk.blobs.get(rendering.blob_key)
    assert hashlib.sha256(data).digest() == rendering.sha256
    assert data == pdfs.letter(rendering.number, more=ATTACHMENT)
    assert rendering.box[0] == pytest.approx(chosen[0] * 72 / 25.4, abs=0.1)
    for username, address, button in (
        ("kasi", "paraf", "Beri paraf"),
        ("camat", "tandatangan", "Tanda tangani surat"),
    ):
        who = walking.arrive(browser, service, username)
        who.open(f"/berkas/{berkas}/{address}")
        expect(who.page.locator(".pages img").first).to_be_visible()
        who.page.get_by_label("Passphrase kunci Anda").fill(walking.DEMO[username].passphrase)
        press(who, button)
        assert who.all_faults() == []
    letter = office.detail(berkas).letter
    assert letter is not None
    signed = service.fetch(f"/v/{letter.token}/letter.pdf")
    assert signed.startswith(data)
    stranger = person(browser, "stranger", service.address, viewport=PHONE, java_script_enabled=False, is_mobile=True)
    stranger.open(f"/v/{letter.token}")
    expect(stranger.page.locator(".pages img").first).to_be_visible()
    expect(stranger.page.get_by_role("heading", level=1)).to_contain_text("utuh dan belum dicabut")
    assert stranger.all_faults() == []
    assert staf.all_faults() + service.errors() == []
