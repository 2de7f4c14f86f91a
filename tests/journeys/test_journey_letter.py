"""A participant at a letter's page: the verdict on a small phone, meeting kept, print compared, link passed on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import helpers_office
import pytest
from icalendar import Calendar
from playwright.sync_api import Browser, expect, sync_playwright
from sqlalchemy import select, update

import app as house_module
from signer.settings import Settings
from signer.tables.letters import Letter
from tests.journeys import watching
from tests.journeys.serving import Service, serving
from tests.journeys.watching import PHONE, Person, person

pytestmark = pytest.mark.journey

SMALL = {"width": 360, "height": 640}
RECIPIENTS = tuple(f"Kepala Desa ke-{number} se-Kecamatan Trawas" for number in range(1, 13))
"""So many that a list of them follows the letter: two pages."""

PINCH = """(apart) => {
  const room = document.querySelector(".viewer-room");
  const at = (x) => new Touch({ identifier: x, target: room, clientX: 180 + x, clientY: 300 });
  const send = (name, half) => room.dispatchEvent(
    new TouchEvent(name, { touches: [at(-half), at(half)], bubbles: true, cancelable: true }));
  send("touchstart", 40);
  send("touchmove", 40 * apart);
}"""
SHARES = """(() => {
  navigator.canShare = (what) => Boolean(what.url);
  navigator.share = async (what) => { window.shared = what; };
})()"""


@dataclass(frozen=True)
class Sent:
    """A letter that went out, and another that was withdrawn."""

    service: Service
    token: str
    withdrawn: str


@dataclass(frozen=True)
class Seen:
    """How wide the viewer shows its picture, and the picture's own width."""

    shown: float
    own: int


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sent]:
    with serving(tmp_path_factory.mktemp("service")) as service:
        house = house_module.House(Settings.from_env(service.environment))
        office = helpers_office.Office(house, helpers_office.MovableClock())
        office.berkas(step=7, invitees=RECIPIENTS)
        office.berkas(step=7)
        with house.db.begin() as session:
            token, withdrawn = session.scalars(select(Letter.token).order_by(Letter.id))
            session.execute(update(Letter).where(Letter.token == withdrawn).values(status="dicabut"))
        house.db.close()
        yield Sent(service, token, withdrawn)


@pytest.fixture(scope="module")
def browser(sent: Sent) -> Iterator[Browser]:
    # After the letters: signing runs an event loop of its own, which it cannot inside Playwright's.
    with sync_playwright() as playwright:
        found = watching.launch(playwright)
        yield found
        found.close()


@pytest.fixture
def phone(sent: Sent, browser: Browser) -> Iterator[Person]:
    """A small old Android."""
    made = person(browser, "peserta", sent.service.address, viewport=SMALL, has_touch=True, is_mobile=True)
    made.context.add_init_script(SHARES)
    yield made
    assert made.all_faults() == []
    made.context.close()


def seen(who: Person) -> Seen:
    picture = who.page.locator(".viewer img")
    shown = picture.bounding_box()
    assert shown is not None
    return Seen(shown["width"], int(picture.evaluate("(image) => image.naturalWidth")))


def test_the_first_screen_says_all_that_matters(phone: Person, sent: Sent) -> None:
    phone.open(f"/v/{sent.token}")
    for text in ("Surat simulasi ini utuh", "Kertas Anda berbeda", "400.9/1/", "SUGONDO", "Pendopo Kecamatan Trawas"):
        place = phone.page.get_by_text(text).first.bounding_box()
        assert place is not None and place["y"] + place["height"] <= SMALL["height"], (text, place)
    phone.page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= SMALL["width"]
    phone.page.evaluate("document.documentElement.style.fontSize = ''")
    phone.page.get_by_text("Rincian pemeriksaan").click()
    expect(phone.page.get_by_text("Log penerbitan surat")).to_be_visible()
    phone.look("surat-rincian", dark=True)


def test_the_meeting_goes_into_the_calendar_and_out_again(phone: Person, sent: Sent, tmp_path: Path) -> None:
    for token, label, status in (
        (sent.token, "Simpan ke kalender", "CONFIRMED"),
        (sent.withdrawn, "Batalkan di kalender", "CANCELLED"),
    ):
        phone.open(f"/v/{token}")
        with phone.page.expect_download() as download:
            phone.page.get_by_role("link", name=label).click()
        assert download.value.suggested_filename.endswith(".ics")
        download.value.save_as(tmp_path / "rakor.ics")
        found = Calendar.from_ical((tmp_path / "rakor.ics").read_bytes()).walk("VEVENT")
        assert [event["STATUS"] for event in found] == [status]
    phone.look("surat-dicabut", dark=True)


def test_pages_open_large_under_thumbs(phone: Person, sent: Sent) -> None:
    phone.open(f"/v/{sent.token}")
    phone.page.get_by_role("link", name="Bandingkan dengan kertas").tap()
    boxes = phone.page.eval_on_selector_all(".pages img", "(all) => all.map((one) => one.clientHeight)")
    assert len(boxes) == 2 and min(boxes) > 300  # their room is there before they are
    phone.page.locator(".pages a").first.tap()
    viewer = phone.page.get_by_role("dialog")
    expect(viewer).to_be_visible()
    phone.page.wait_for_function("() => document.querySelector('.viewer img').naturalWidth === 1800")
    before = seen(phone)
    assert before.shown <= SMALL["width"]
    phone.page.evaluate(PINCH, 2)
    assert seen(phone).shown == pytest.approx(before.shown * 2, abs=2)
    viewer.get_by_role("button", name="Perbesar").tap()
    assert seen(phone).shown > before.shown * 2.5
    phone.look("surat-diperbesar", dark=True)
    phone.page.set_viewport_size(SMALL)  # type: ignore[arg-type]  # a plain dict is what it takes
    viewer.get_by_role("button", name="Halaman berikutnya").tap()
    expect(viewer.get_by_role("status")).to_contain_text("halaman 2 dari 2")
    viewer.get_by_role("button", name="Tutup").tap()
    expect(viewer).to_be_hidden()


def test_pages_open_large_by_keyboard_alone(sent: Sent, browser: Browser) -> None:
    desk = person(browser, "peserta", sent.service.address)
    desk.open(f"/v/{sent.token}")
    desk.page.wait_for_selector(".pages.zoomable")
    desk.page.locator(".pages a").first.focus()
    desk.page.keyboard.press("Enter")
    expect(desk.page.get_by_role("dialog")).to_be_visible()
    before = seen(desk).shown
    for key in ("+", "+", "-"):
        desk.page.keyboard.press(key)
    assert seen(desk).shown == pytest.approx(before * 1.4, abs=2)
    desk.page.keyboard.press("ArrowDown")
    desk.page.wait_for_function("() => document.querySelector('.viewer-room').scrollTop > 0")
    desk.page.keyboard.press("n")
    expect(desk.page.get_by_role("dialog").get_by_role("status")).to_contain_text("halaman 2 dari 2")
    desk.page.keyboard.press("Escape")
    expect(desk.page.get_by_role("dialog")).to_be_hidden()
    expect(desk.page.locator(".pages a").last).to_be_focused()
    assert desk.all_faults() == []
    desk.context.close()


def test_the_link_is_passed_on_without_the_seal(phone: Person, sent: Sent) -> None:
    phone.open(f"/v/{sent.token}")
    phone.page.get_by_role("button", name="Bagikan").tap()
    shared = phone.page.evaluate("window.shared")
    assert shared["url"] == f"{sent.service.address}/v/{sent.token}"


def test_everything_is_there_without_script(sent: Sent, browser: Browser) -> None:
    phone = person(browser, "peserta", sent.service.address, viewport=PHONE, java_script_enabled=False, is_mobile=True)
    phone.open(f"/v/{sent.token}")
    expect(phone.page.get_by_role("heading", level=1)).to_contain_text("utuh dan belum dicabut")
    expect(phone.page.get_by_text("127.0.0.1").first).to_be_visible()
    with phone.page.expect_download():
        phone.page.get_by_role("link", name="Simpan ke kalender").click()
    phone.page.get_by_text("Rincian pemeriksaan").click()
    expect(phone.page.get_by_text("Log penerbitan surat")).to_be_visible()
    phone.page.locator(".pages a").first.click()
    assert phone.page.url.endswith("/halaman/1.webp?lebar=1800")
    assert phone.all_faults() == []
    phone.context.close()
