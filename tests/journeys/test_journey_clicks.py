"""Each role's main task in no more presses of the pointer than docs/panduan/README.md promises."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from helpers_web import PASSPHRASES, PASSWORDS, opened
from playwright.sync_api import Browser, expect

from tests.journeys import walking
from tests.journeys.serving import ROOT, Service, serving
from tests.journeys.watching import PHONE, Person, person

pytestmark = pytest.mark.journey

PROMISES = re.compile(r"^\| (?P<who>[^|]+) \| [^|]+ \| (?P<most>\d+) \|$", re.M)
COUNTING = """addEventListener("pointerdown", () => {
  sessionStorage.setItem("presses", Number(sessionStorage.getItem("presses") ?? 0) + 1);
}, true);"""


@dataclass(frozen=True)
class Day:
    """A running office where something waits for everybody, and what the guide promises each."""

    service: Service
    promised: dict[str, int]
    letter: str


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    folder = tmp_path_factory.mktemp("clicks")
    with opened(folder) as site:
        for step in (2, 4, 5, 6, 7):
            site.berkas(step)
        letter = site.detail(5).letter
        assert letter is not None
    text = Path(ROOT, "docs", "panduan", "README.md").read_text(encoding="utf-8")
    promised = {found["who"].strip(): int(found["most"]) for found in PROMISES.finditer(text)}
    with serving(folder) as service:
        yield Day(service, promised, f"/v/{letter.token}")


def _at_work(browser: Browser, day: Day, role: str, **options: object) -> Person:
    """The person with their first page open; presses count from here."""
    who = person(browser, role, day.service.address, **options)
    if role in PASSWORDS:
        walking.sign_in(who, role, PASSWORDS[role])
    who.context.add_init_script(COUNTING)
    who.open("/" if role in PASSWORDS else "/periksa")
    return who


def _presses(who: Person) -> int:
    return int(who.page.evaluate("Number(sessionStorage.getItem('presses') ?? 0)"))


def test_the_camat_from_the_open_inbox_to_a_signed_letter(day: Day, browser: Browser) -> None:
    who = _at_work(browser, day, "camat", viewport=PHONE, has_touch=True, is_mobile=True)
    walking.follow(who, "Baca dan tanda tangani")
    who.page.get_by_label("Passphrase kunci Anda").click()
    who.page.keyboard.type(PASSPHRASES["camat"])
    walking.press(who, "Tanda tangani surat")
    expect(who.page.get_by_role("heading", level=1)).to_have_text("Surat terbit")
    assert 0 < _presses(who) <= day.promised["Camat"] == 3


def test_the_kasi_from_the_open_inbox_to_a_paraf(day: Day, browser: Browser) -> None:
    who = _at_work(browser, day, "kasi")
    walking.follow(who, "Baca dan paraf")
    who.page.get_by_label("Passphrase kunci Anda").click()
    who.page.keyboard.type(PASSPHRASES["kasi"])
    walking.press(who, "Beri paraf")
    expect(who.page.get_by_text("Paraf diberikan").first).to_be_visible()
    assert 0 < _presses(who) <= day.promised["Kasi"]


def test_staf_from_the_check_to_a_finalised_letter(day: Day, browser: Browser) -> None:
    who = _at_work(browser, day, "staf")
    walking.follow(who, "Periksa kelengkapan")
    before = _presses(who)
    for item in who.page.locator(".check-item").all():
        item.get_by_label("Lengkap", exact=True).click()
    walking.press(who, "Terima, lengkap")
    walking.follow(who, "Susun surat")
    expect(who.page.locator("[data-preview-pages] img").first).to_be_visible()
    walking.press(who, "Finalkan surat")
    expect(who.page.get_by_role("heading", name=re.compile("^Naskah "))).to_be_visible()
    assert 0 < _presses(who) - before <= day.promised["Staf"] == 8


def test_the_applicant_from_the_ready_letter_to_having_it(day: Day, browser: Browser) -> None:
    who = _at_work(browser, day, "pemohon", viewport=PHONE, has_touch=True, is_mobile=True)
    walking.follow(who, "Ambil dan bagikan surat")
    with who.page.expect_download() as download:
        who.page.get_by_role("link", name="Unduh surat (PDF)").click()
    assert download.value.path().read_bytes().startswith(b"%PDF-")
    assert 0 < _presses(who) <= day.promised["Pemohon"]


def test_a_participant_from_the_scan_to_the_verdict(day: Day, browser: Browser) -> None:
    """The phone's own camera offers the address: to open it is the one press."""
    who = _at_work(browser, day, "peserta", viewport=PHONE, has_touch=True, is_mobile=True)
    who.open(day.letter)
    expect(who.page.locator(".verdict h1")).to_be_in_viewport()
    assert _presses(who) + 1 <= day.promised["Peserta Rakor"] == 1
