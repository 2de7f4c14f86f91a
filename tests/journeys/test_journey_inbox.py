"""An inbox that stands open all day: others' work appears in it, the keyboard suffices, forty berkas stay readable."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from helpers_office import MovableClock, Office
from playwright.sync_api import Browser, Locator, expect

import app as house_module
from signer.settings import Settings
from tests.journeys import samples, walking
from tests.journeys.serving import Service, serving
from tests.journeys.watching import PHONE, Person

pytestmark = pytest.mark.journey

LOOK_AGAIN = "document.dispatchEvent(new Event('visibilitychange'))"
"""The page is looked at again: it asks at once, not only within its 20 seconds."""
HIDE = "hidden => Object.defineProperty(document, 'hidden', {value: hidden, configurable: true})"
ROUND_TRIP = "fetch('/healthz').then((answer) => answer.text())"
"""Whatever was asked before has been answered when this is."""
FOCUSED = "document.activeElement.closest('[data-id]')?.dataset.id ?? document.activeElement.id"
TOP = "document.activeElement.getBoundingClientRect().top"
DESA = ("Belik", "Duyung", "Selotapak", "Kesiman", samples.LONG.desa)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with serving(tmp_path_factory.mktemp("service")) as running:
        yield running


@pytest.fixture(scope="module")
def colleagues(service: Service) -> Iterator[Office]:
    """Everybody else of the office, at work on the same instance; forty berkas wait for Staf already."""
    clock = MovableClock()
    house = house_module.House(Settings.from_env(service.environment), clock)
    office = Office(house, clock)
    for number in range(40):
        clock.offset = MovableClock().offset
        clock.shift(days=-number // 5, minutes=-1)
        name = samples.LONG.applicant if number % 9 == 4 else f"Wagiman {number}"
        office.berkas(2 + number % 3 // 2, applicant=name, desa=DESA[number % 5])
    clock.offset = MovableClock().offset
    returned = office.berkas(4, applicant="Karto Wiryo")
    office.send_back(returned, "kasi", f"{samples.LONG.returned_by_kasi} {samples.LONG.subject}")
    yield office
    house.db.close()


@pytest.fixture
def staf(colleagues: Office, service: Service, browser: Browser) -> Iterator[Person]:
    who = walking.arrive(browser, service, "staf")
    yield who
    assert who.all_faults() + service.errors() == []
    who.context.close()


def _rows(who: Person) -> Locator:
    return who.page.locator("main [data-id]")


def _keys_work(who: Person) -> None:
    """Wait until the page's script has brought out its button: before, a key would press nothing."""
    expect(who.page.get_by_role("button", name="Pintasan papan ketik")).to_be_visible()


def _row(who: Person, berkas_id: int) -> Locator:
    return who.page.locator(f"main [data-id='{berkas_id}']")


def _waiting(who: Person) -> int:
    found = re.match(r"\((\d+)\) ", who.page.title())
    return int(found[1]) if found else 0


def test_forty_berkas_are_readable_on_every_screen(staf: Person) -> None:
    summary = staf.page.locator("[data-summary]")
    expect(summary).to_contain_text(re.compile(r"^\s*4\d berkas menunggu Anda,\s+\d+ lewat waktu"))
    assert _waiting(staf) == _rows(staf).count() > 40
    staf.page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a plain dict is what it takes
    heights = _rows(staf).evaluate_all("rows => rows.map((row) => row.getBoundingClientRect().height)")
    assert sorted(heights)[len(heights) // 2] < 200, "four rows and more on a phone's screen"
    staf.look("inbox")
    walking.follow(staf, f"Memproses surat {_part(staf, 'Memproses surat')}")
    expect(_rows(staf)).to_have_count(_part(staf, "Memproses surat"))


def _part(who: Person, name: str) -> int:
    return int(who.page.locator(".parts a", has_text=name).locator("b").inner_text())


def test_finding_one_of_many_and_coming_back_to_the_list(staf: Person) -> None:
    staf.open("/berkas/")
    staf.page.get_by_text("Saringan lain dan urutan").click()
    staf.page.get_by_label("Desa", exact=True).select_option("Duyung")
    staf.page.get_by_label("Urutan").select_option("Nama pemohon A–Z")
    walking.press(staf, "Cari")
    expect(staf.page.get_by_role("heading", name="8 berkas ditemukan")).to_be_visible()
    assert "desa=Duyung" in staf.page.url
    staf.look("berkas-saringan")
    _rows(staf).first.get_by_role("rowheader").get_by_role("link").click()
    staf.page.go_back()
    expect(staf.page.get_by_label("Desa", exact=True)).to_have_value("Duyung")
    staf.page.get_by_role("searchbox").fill("tidak ada")
    walking.press(staf, "Cari")
    expect(staf.page.get_by_text("Tidak ada berkas yang cocok")).to_be_visible()
    with staf.expecting(422):
        staf.open("/berkas/?dari=2026-03-01&sampai=2026-02-01")
    staf.look("berkas-tanggal-keliru")
    walking.follow(staf, "Hapus semua saringan")
    expect(_rows(staf)).to_have_count(41)


def test_what_somebody_hands_in_appears_and_nothing_moves(staf: Person, colleagues: Office) -> None:
    before, page = _waiting(staf), staf.page
    reading = _rows(staf).nth(20)
    reading.get_by_role("link").last.focus()
    page.evaluate("scrollBy(0, 137)")
    focused, top = page.evaluate(FOCUSED), page.evaluate(TOP)
    done = int(_rows(staf).first.get_attribute("data-id") or 0)
    step = colleagues.row(done).step
    new = colleagues.berkas(2, applicant="Baru Saja")
    colleagues.accept(done) if step == 2 else colleagues.finalise(done)
    page.evaluate(LOOK_AGAIN)
    expect(_row(staf, new)).to_have_count(1)
    expect(page.locator("[data-list-news]")).to_contain_text("Daftar diperbarui.")
    assert page.evaluate(FOCUSED) == focused
    assert abs(page.evaluate(TOP) - top) < 2, "the row that is being read moved"
    expect(page.locator("[data-list-news]")).to_contain_text(f"{_waiting(staf)} berkas menunggu Anda")
    assert _waiting(staf) == _rows(staf).count() == before + 1 - (step == 3)
    assert page.locator("[data-count='inbox.home']").inner_text() == str(_waiting(staf))


def test_a_row_that_somebody_else_took_stays_until_focus_leaves_it(staf: Person, colleagues: Office) -> None:
    taken = colleagues.berkas(3, applicant="Direbut")
    staf.open("/")
    _row(staf, taken).get_by_role("rowheader").get_by_role("link").focus()
    colleagues.finalise(taken)
    staf.page.evaluate(LOOK_AGAIN)
    expect(_row(staf, taken)).to_contain_text("Tidak lagi menunggu Anda")
    assert staf.page.evaluate(FOCUSED) == str(taken)
    expect(_row(staf, taken).get_by_role("link")).to_have_count(1)
    staf.page.keyboard.press("Tab")
    expect(_row(staf, taken)).to_have_count(0)


def test_an_open_page_asks_little_and_nothing_while_nobody_looks(staf: Person) -> None:
    answers: list[int] = []
    staf.page.clock.install()
    staf.open("/")
    staf.page.on("response", lambda answer: answers.append(answer.status) if answer.url.endswith("/jumlah") else None)
    for count in (1, 2):
        with staf.page.expect_response("**/jumlah"):
            staf.page.clock.run_for(21_000)
        staf.page.evaluate(ROUND_TRIP)
        assert len(answers) == count
    assert answers == [200, 304]
    staf.page.evaluate(HIDE, True)
    staf.page.clock.run_for(300_000)
    staf.page.evaluate(ROUND_TRIP)
    assert len(answers) == 2
    staf.page.evaluate(HIDE, False)
    with staf.page.expect_response("**/jumlah"):
        staf.page.evaluate(LOOK_AGAIN)


def test_the_back_button_leads_to_the_list_as_it_is_now(staf: Person, colleagues: Office) -> None:
    walking.follow(staf, "Periksa kelengkapan")
    new = colleagues.berkas(2, applicant="Sementara Itu")
    staf.page.go_back()
    expect(_row(staf, new)).to_have_count(1)
    assert _waiting(staf) == _rows(staf).count()


def test_the_keyboard_alone_suffices(staf: Person) -> None:
    page, press = staf.page, staf.page.keyboard.press
    _keys_work(staf)
    ids = _rows(staf).evaluate_all("rows => rows.map((row) => row.dataset.id)")
    for key, place in (("j", 0), ("j", 1), ("ArrowDown", 2), ("k", 1), ("ArrowUp", 0), ("k", 0)):
        press(key)
        assert page.evaluate(FOCUSED) == ids[place], key
    with page.expect_navigation():
        press("Enter")
    assert re.search(rf"/berkas/{ids[0]}/(periksa|surat)$", page.url), page.url
    page.go_back()
    _keys_work(staf)
    press("/")
    assert page.evaluate(FOCUSED) == "q"
    page.keyboard.type("j/?")
    assert page.get_by_role("searchbox").input_value() == "j/?"
    page.get_by_role("searchbox").blur()
    press("?")
    expect(page.get_by_role("dialog", name="Pintasan papan ketik")).to_be_visible()
    staf.look("pintasan", dark=True)
    press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_single_letters_can_be_turned_off_on_this_device(staf: Person) -> None:
    page, press = staf.page, staf.page.keyboard.press
    _keys_work(staf)
    press("?")
    page.get_by_label("Pakai pintasan satu huruf di perangkat ini").uncheck()
    press("Escape")
    for _visit in range(2):
        press("j")
        press("?")
        assert page.evaluate(FOCUSED) in ("", "keys-open")
        expect(page.get_by_role("dialog")).to_have_count(0)
        staf.open("/berkas/")
        _keys_work(staf)
    page.get_by_role("button", name="Pintasan papan ketik").click()
    page.get_by_label("Pakai pintasan satu huruf di perangkat ini").check()
    page.get_by_role("dialog").get_by_role("button", name="Tutup").click()
    press("j")
    assert page.evaluate(FOCUSED) == _rows(staf).first.get_attribute("data-id")


def test_a_page_left_open_says_that_its_person_signed_out(staf: Person) -> None:
    other = staf.context.new_page()
    other.goto(staf.address)
    other.locator("[data-menu] summary").click()
    other.get_by_role("button", name="Keluar").click()
    other.wait_for_url("**/masuk")
    with staf.expecting(401):
        staf.page.evaluate(LOOK_AGAIN)
        expect(staf.page.get_by_text("Anda sudah keluar")).to_be_visible()
    staf.look("sudah-keluar")
    other.get_by_label("Nama pengguna").fill("staf")
    other.get_by_label("Kata sandi").fill(walking.DEMO["staf"].password)
    other.get_by_role("main").get_by_role("button", name="Masuk", exact=True).click()
    expect(other.get_by_role("heading", level=1)).to_have_text("Tugas saya")
    staf.page.evaluate(LOOK_AGAIN)
    expect(staf.page.get_by_text("Anda sudah keluar")).to_have_count(0)
