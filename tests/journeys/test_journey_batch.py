"""The Camat on the phone: one letter in three taps, ten by thumb, twenty with one passphrase and a lost connection."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import helpers_office
import pytest
from playwright.sync_api import Browser, expect, sync_playwright
from sqlalchemy import select

import app as house_module
from signer.settings import Settings
from signer.tables.batch import LetterOpening, SigningBatch
from signer.tables.letters import Letter
from tests.journeys import cutting, walking, watching
from tests.journeys.cutting import Line
from tests.journeys.serving import Service, serving
from tests.journeys.watching import DESKTOP, PHONE, TIMEOUT, Person

pytestmark = pytest.mark.journey

DEMO = walking.DEMO["camat"]
ALL = 23
"""One to be signed alone, two without JavaScript, twenty together."""
LONG = {
    "applicant": "Raden Ayu Siti Nurhaliza Kusumaningtyas Wijayakusuma binti Haji Abdurrahman Sastrowardoyo",
    "desa": "Ketapanrame Dusun Sukorame Kidul",
}


@dataclass(frozen=True)
class Office:
    """The service, and its house as an operator's command would open it."""

    service: Service
    house: house_module.House
    line: Line
    """What the phone is connected by."""

    def letters(self) -> int:
        """How many letters are out."""
        with self.house.db.read() as session:
            return len(session.scalars(select(Letter.id)).all())


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with serving(tmp_path_factory.mktemp("service")) as service:
        house = house_module.House(Settings.from_env(service.environment))
        people = helpers_office.Office(house, helpers_office.MovableClock())
        for number in range(ALL):
            people.berkas(step=5, **(LONG if number == 4 else {"applicant": f"Pemohon {number + 1}"}))
        with cutting.line(service.address) as line:
            yield Office(service, house, line)
        house.db.close()


@pytest.fixture(scope="module")
def browser(office: Office) -> Iterator[Browser]:
    # After the office: paraf runs an event loop of its own, which it cannot inside Playwright's.
    with sync_playwright() as playwright:
        found = watching.launch(playwright)
        yield found
        found.close()


def camat(browser: Browser, office: Office, **options: object) -> Person:
    """The Camat at another of their devices, signed in."""
    return walking.arrive(browser, office.service, "camat", address=office.line.address, **options)


@pytest.fixture
def phone(office: Office, browser: Browser) -> Iterator[Person]:
    """The Camat's phone; nothing may have gone wrong on any page."""
    who = camat(browser, office, viewport=PHONE, has_touch=True, is_mobile=True)
    yield who
    assert who.all_faults() + office.service.errors() == []
    who.context.close()


def look(who: Person, title: str) -> None:
    """Examine the page, light and dark, and hold the phone upright again."""
    who.look(title, dark=True)
    who.page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a plain dict is what it takes


def test_one_letter_from_open_to_signed_in_three_taps(office: Office, phone: Person) -> None:
    page, taps = phone.page, 0
    page.get_by_role("link", name="Baca dan tanda tangani").first.tap()
    taps += 1
    expect(page.get_by_text("Paraf sah: Drs. Bambang Prasetyo")).to_be_visible()
    page.get_by_role("link", name="Tanda tangani", exact=True).tap()
    taps += 1
    page.get_by_label("Passphrase kunci Anda").fill(DEMO.passphrase)
    with page.expect_navigation():
        page.get_by_role("button", name="Tanda tangani surat").tap()
    taps += 1
    expect(page.get_by_role("heading", level=1)).to_have_text("Surat terbit")
    assert (taps, office.letters()) == (3, 1)


def test_without_javascript_the_form_signs_and_shows_the_result(office: Office, browser: Browser) -> None:
    who = camat(browser, office, viewport=PHONE, java_script_enabled=False, is_mobile=True)
    page = who.page
    walking.follow(who, f"Tanda tangani sekaligus ({ALL - 1})")
    for box in page.get_by_role("checkbox", name=re.compile("^400")).all()[:2]:
        box.check()
    page.get_by_label("Saya tetap memilih surat yang belum dibuka").check()
    page.get_by_label("Passphrase kunci Anda").fill(DEMO.passphrase)
    walking.press(who, "Tanda tangani yang dipilih")
    expect(page.get_by_role("heading", level=1)).to_have_text("Semua surat terbit")
    expect(page.get_by_text("2 surat terbit")).to_be_visible()
    assert office.letters() == 3
    assert who.all_faults() == []
    who.context.close()


def test_twenty_letters_one_planted_failure_and_a_lost_connection(
    office: Office, browser: Browser, phone: Person
) -> None:
    page = phone.page
    page.get_by_role("link", name="Tanda tangani sekaligus (20)").tap()
    look(phone, "daftar")
    _read_three(phone)
    page.get_by_role("link", name="Daftar surat").tap()
    expect(page.get_by_text("Sudah dibuka", exact=True)).to_have_count(4)
    expect(page.get_by_label(re.compile("^400")).first).to_be_checked()
    page.get_by_role("button", name="Semua", exact=True).tap()
    _return_elsewhere(office, browser)
    page.get_by_label("Saya tetap memilih surat yang belum dibuka").check()
    _mistype(phone)
    _sign_until_it_breaks(phone, office.line)
    _resume(phone)
    assert office.letters() == 3 + 19
    with office.house.db.read() as session:
        assert len(session.scalars(select(SigningBatch).where(SigningBatch.closed_at.is_(None))).all()) == 1
        assert len(session.scalars(select(LetterOpening)).all()) == 6  # four here, one alone, one to be returned
    phone.open("/")
    expect(page.get_by_text("Tidak ada yang menunggu Anda")).to_be_visible()


def _read_three(who: Person) -> None:
    """By thumb from the first letter to the fourth, one of them made large."""
    page = who.page
    page.get_by_role("link", name="Baca satu per satu").tap()
    expect(page.get_by_text("Surat 1 dari 20")).to_be_visible()
    page.locator("a[data-large]").first.tap()
    expect(page.locator("[data-reader]")).to_have_class(re.compile("zoomed"))
    for number in (2, 3, 4):
        page.get_by_role("button", name="Berikutnya").tap()
        expect(page.get_by_text(f"Surat {number} dari 20")).to_be_visible()
        who.page.locator(".pages img").first.evaluate("image => image.decode()")
    with page.expect_response(re.compile("/dibuka$")):
        page.reload()


def _return_elsewhere(office: Office, browser: Browser) -> None:
    """Meanwhile, at a desk, the Camat returns the twentieth letter with a reason that is ready to be ticked."""
    desk = camat(browser, office, viewport=DESKTOP)
    desk.open("/tandatangan")
    desk.page.get_by_role("link", name="Baca", exact=True).last.click()
    expect(desk.page.get_by_text("Surat 20 dari 20")).to_be_visible()
    desk.page.wait_for_load_state("networkidle")
    desk.page.get_by_role("link", name="Kembalikan", exact=True).click()
    desk.page.get_by_label("Penerima keliru.").check()
    walking.press(desk, "Kembalikan")
    expect(desk.page.get_by_text("Berkas dikembalikan beserta alasannya.")).to_be_visible()
    assert desk.all_faults() == []
    desk.context.close()


def _mistype(who: Person) -> None:
    """A wrong passphrase: nothing is signed, and the choice is still there."""
    page = who.page
    page.get_by_label("Passphrase kunci Anda").fill("frasa yang keliru")
    page.get_by_role("button", name="Tanda tangani 20 surat").tap()
    expect(page.locator(".field-error")).to_contain_text("Passphrase salah")
    expect(page.get_by_text("Sisa 4 kali percobaan.")).to_be_visible()
    look(who, "passphrase-salah")


def _sign_until_it_breaks(who: Person, line: Line) -> None:
    """Results come one by one; then the network is gone in the middle of the answer, and comes back."""
    page, results = who.page, who.page.locator("[data-progress-results] li")
    page.get_by_label("Passphrase kunci Anda").fill(DEMO.passphrase)
    page.get_by_role("button", name="Lanjutkan 20 surat").tap()
    expect(results.nth(1)).to_be_visible()
    line.cut()
    expect(page.locator("[data-progress-note]")).to_contain_text("Sambungan terputus")
    assert 2 <= results.count() < 20
    line.mend()
    expect(page.get_by_role("button", name=re.compile(r"Lanjutkan \d+ surat"))).to_be_visible()
    who.faults = [fault for fault in who.faults if not _CUT.search(fault)]
    look(who, "dilanjutkan")


_CUT = re.compile("request failed: .*ERR_(CONNECTION|EMPTY_RESPONSE|INCOMPLETE_CHUNKED|NETWORK|SOCKET)")


def _resume(who: Person) -> None:
    """Only the rest is signed; the one that was returned says why it failed."""
    page = who.page
    page.get_by_label("Passphrase kunci Anda").fill(DEMO.passphrase)
    page.get_by_role("button", name=re.compile(r"Lanjutkan \d+ surat")).tap()
    expect(page.get_by_text("19 surat terbit")).to_be_visible(timeout=3 * TIMEOUT)
    failed = page.get_by_role("row").filter(has_text="Gagal")
    expect(failed).to_have_count(1)
    expect(failed).to_contain_text("langkah 3 (Memproses surat)")
    expect(failed.get_by_role("link", name="Lihat berkas")).to_be_visible()
    look(who, "hasil")
