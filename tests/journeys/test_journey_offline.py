"""A phone opens one letter with network, loses it, and checks the seals of letters it has never seen."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import helpers_office
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import Browser, Locator, expect, sync_playwright
from sqlalchemy import select, update

import app as house_module
from signer import seal as sealing
from signer.settings import Settings
from signer.tables import office as tables
from signer.tables.letters import Letter
from tests.journeys import watching
from tests.journeys.proxying import proxying
from tests.journeys.serving import Service, serving
from tests.journeys.watching import PHONE, TIMEOUT, Person, person
from verifier import seal

pytestmark = pytest.mark.journey

STRANGE = "7ZQ4M0K9XVB2T6HC"
"""A token that the office never gave out."""

LISTED = """async (count) => {
  const kept = await (await caches.open("suratsah-lists")).match("/pwa/withdrawn.json");
  return (await kept.json()).letters.length === count;
}"""

ONE_SHELL = """async () => {
  const shells = (await caches.keys()).filter((name) => name.startsWith("suratsah-shell-"));
  const page = shells.length === 1 && (await (await caches.open(shells[0])).match("/pwa/luring?bahasa=id"));
  return page && (await page.text()).includes("KECAMATAN TRAWAS BARU");
}"""
INDONESIAN = """async () => {
  const shells = (await caches.keys()).filter((name) => name.startsWith("suratsah-shell-"));
  return shells.length === 1 && Boolean(await (await caches.open(shells[0])).match("/pwa/luring?bahasa=id"));
}"""
BACKDATE = """async (moment) => {
  const cache = await caches.open("suratsah-lists");
  for (const address of ["/pwa/keys.json", "/pwa/withdrawn.json"]) {
    const list = await (await cache.match(address)).json();
    await cache.put(address, new Response(JSON.stringify({ ...list, as_of: moment })));
  }
}"""


@dataclass(frozen=True)
class Known:
    """A letter of the office as its paper has it."""

    token: str
    number: str
    qr: str


@dataclass(frozen=True)
class Office:
    """The service over an office with letters."""

    service: Service
    house: house_module.House
    letters: list[Known]

    def withdraw(self, letter: Known, status: str = "dicabut") -> None:
        """What withdrawing a letter leaves in the register."""
        with self.house.db.begin() as session:
            session.execute(update(Letter).where(Letter.token == letter.token).values(status=status))


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with serving(tmp_path_factory.mktemp("service")) as service:
        house = house_module.House(Settings.from_env(service.environment))
        people = helpers_office.Office(house, helpers_office.MovableClock())
        for _ in range(4):
            people.berkas(step=6)
        with house.db.read() as session:
            rows = session.scalars(select(Letter).order_by(Letter.id)).all()
        qr = [sealing.qr_text(service.address, row.token, row.seal) for row in rows]
        yield Office(service, house, [Known(row.token, row.number, text) for row, text in zip(rows, qr, strict=True)])
        house.db.close()


@pytest.fixture(scope="module")
def browser(office: Office) -> Iterator[Browser]:
    # After the office: signing runs an event loop of its own, which it cannot inside Playwright's.
    with sync_playwright() as playwright:
        found = watching.launch(playwright)
        yield found
        found.close()


@pytest.fixture
def phone(office: Office, browser: Browser) -> Iterator[Person]:
    """A phone that has visited the first letter's page; nothing may have gone wrong on the way."""
    visitor = person(browser, "warga", office.service.address, viewport=PHONE, has_touch=True, is_mobile=True)
    visit(visitor, office.letters[0])
    yield visitor
    assert visitor.all_faults() == []
    visitor.context.close()


def visit(who: Person, letter: Known) -> None:
    """Scan with network, until the page says that it can do without."""
    who.page.goto("about:blank")  # the same address again would only move within the page
    who.page.goto(letter.qr)
    expect(who.page.locator("#offline-ready")).to_be_visible()


def until(who: Person, script: str, argument: object = None) -> None:
    """Wait for what the worker does on its own: the script's promise must come true."""
    end = time.monotonic() + TIMEOUT / 1000
    while not who.page.evaluate(script, argument):
        assert time.monotonic() < end, script
        who.page.wait_for_timeout(100)


def cut(who: Person) -> None:
    """No network from here on; the failures of the browser's own questions are expected then."""
    who.context.set_offline(True)
    who.faults = [fault for fault in who.faults if "INTERNET_DISCONNECTED" not in fault]


def scan(who: Person, text: str) -> Locator:
    """Open a QR's text as a camera does; gives the answer's part of the page, once it is there."""
    who.page.goto("about:blank")
    who.page.goto(text)
    answer = who.page.locator("#hasil")
    expect(answer).to_have_attribute("aria-busy", "false")
    return answer


def signed_with(key: ec.EllipticCurvePrivateKey, office: Office, **changes: object) -> str:
    """A QR with a seal of our making for a token that the office never gave out."""
    fields = seal.verify(office.letters[1].qr, seal.seal_keys([office.house.authority.certificate("seal")]))
    made = sealing.issue(replace(fields, **changes), STRANGE, sealing.PrivateSealKey(key))
    return sealing.qr_text(office.service.address, STRANGE, made)


def test_a_letter_never_seen_is_checked_without_network(office: Office, phone: Person) -> None:
    cut(phone)
    letter = office.letters[1]
    answer = scan(phone, letter.qr)
    expect(phone.page).to_have_title(re.compile("Periksa segel tanpa jaringan"))
    text = answer.inner_text()
    for fact in (letter.number, "SUGONDO, S.Sos., MM.", "CAMAT TRAWAS", "SIMULASI", "Belum dicabut per", "pukul"):
        assert fact in text, fact
    assert "tidak tersertifikasi BSrE" in text
    assert "ditandatangani sah" not in text and "asli" not in text
    assert "Tanda tangan elektronik pada berkas" in text
    expect(answer.get_by_role("heading", level=1)).to_contain_text("simulasi")
    phone.look("segel tanpa jaringan", dark=True)


def test_lower_case_and_a_query_do_not_matter(office: Office, phone: Person) -> None:
    cut(phone)
    letter = office.letters[1]
    expect(scan(phone, letter.qr.replace("/V/", "/v/").lower())).to_contain_text(letter.number)
    expect(scan(phone, letter.qr.replace("#", "?utm=1#"))).to_contain_text(letter.number)


def test_what_is_not_the_offices_word_is_refused(office: Office, phone: Person) -> None:
    cut(phone)
    first, second = office.letters[1], office.letters[2]
    tampered = first.qr[:-30] + ("A" if first.qr[-30] != "A" else "B") + first.qr[-29:]
    swapped = f"{office.service.address}/V/{first.token}#{second.qr.partition('#')[2]}"
    stranger = ec.generate_private_key(ec.SECP256R1())
    later = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)
    cases = {
        tampered: "seal-signature",
        swapped: "seal-signature",
        signed_with(stranger, office): "seal-unknown-key",
        signed_with(office.house.authority.seal_key, office, issued_at=later): "seal-future",
        first.qr[:-1]: "seal-",
        f"{office.service.address}/V/{first.token}#ABC": "seal-text",
        f"{office.service.address}/V/TOKEN#ABC": "qr-form",
    }
    for text, code in cases.items():
        answer = scan(phone, text)
        expect(answer).to_contain_text("Segel ditolak", ignore_case=True)
        expect(answer).to_contain_text(code)
        for letter in (first, second):
            expect(answer).not_to_contain_text(letter.number)
    phone.look("segel ditolak")


def test_a_withdrawn_letter_is_named_from_the_list_of_the_last_visit(office: Office, phone: Person) -> None:
    gone, replaced = office.letters[2], office.letters[3]
    office.withdraw(gone)
    office.withdraw(replaced, "diganti")
    cut(phone)
    expect(scan(phone, gone.qr)).to_contain_text(
        "Belum dicabut per"
    )  # it cannot know yet, and says up to when it knows
    phone.context.set_offline(False)
    visit(phone, office.letters[0])
    until(phone, LISTED, 2)
    cut(phone)
    expect(scan(phone, gone.qr)).to_contain_text("Surat ini sudah dicabut")
    expect(scan(phone, replaced.qr)).to_contain_text("sudah diganti")
    expect(scan(phone, office.letters[1].qr)).to_contain_text("Belum dicabut per")


def test_a_pasted_qr_of_another_address_is_foreign(office: Office, phone: Person) -> None:
    cut(phone)
    letter = office.letters[1]
    answer = scan(phone, f"{office.service.address}/periksa")
    expect(answer).to_contain_text("Pindai QR")
    phone.page.get_by_text("Periksa teks QR lain").click()
    field, button = phone.page.get_by_label("Teks QR"), phone.page.get_by_role("button", name="Periksa segel")
    field.fill(letter.qr.replace(office.service.address.upper(), "HTTPS://SURAT.TIRUAN.GO.ID"))
    button.click()
    expect(answer).to_contain_text("QR ini milik alamat lain")
    expect(answer).not_to_contain_text(letter.number)
    field.fill(letter.qr)
    button.click()
    expect(answer).to_contain_text(letter.number)
    field.fill("bukan QR")
    button.click()
    expect(answer).to_contain_text("Ini bukan segel surat yang utuh")


def test_no_seal_in_the_address_is_said_and_the_skip_link_keeps_the_seal(office: Office, phone: Person) -> None:
    cut(phone)
    letter = office.letters[1]
    expect(scan(phone, letter.qr.partition("#")[0])).to_contain_text("Alamat ini tidak memuat segel")
    expect(scan(phone, letter.qr)).to_contain_text(letter.number)
    phone.page.keyboard.press("Tab")
    phone.page.keyboard.press("Enter")
    assert phone.page.url.endswith(letter.qr.partition("#")[2])
    expect(phone.page.locator("#isi")).to_be_focused()


def test_lists_that_the_browser_dropped_are_missed(office: Office, phone: Person) -> None:
    phone.page.evaluate("caches.delete('suratsah-lists')")
    cut(phone)
    answer = scan(phone, office.letters[1].qr)
    expect(answer).to_contain_text("Daftar kunci kantor tidak ada (lagi) di ponsel ini")
    expect(answer).not_to_contain_text(office.letters[1].number)


def test_an_old_list_and_a_letter_younger_than_it_are_told(office: Office, phone: Person) -> None:
    phone.page.evaluate(BACKDATE, (datetime.now(UTC) - timedelta(days=9)).strftime("%Y-%m-%dT%H:%M:%SZ"))
    cut(phone)
    answer = scan(phone, office.letters[1].qr)
    expect(answer).to_contain_text("lebih baru daripada daftar di ponsel ini")
    expect(answer).to_contain_text("Daftar pencabutan berumur 9 hari")
    expect(answer).not_to_contain_text("Belum dicabut per")


def test_with_network_the_page_compares_the_qr_with_itself(office: Office, phone: Person) -> None:
    first, other = office.letters[0], office.letters[1]
    told = phone.page.locator("#seal-check")
    expect(told).to_contain_text("QR Anda cocok dengan halaman ini")
    phone.look("surat dengan QR yang cocok")
    phone.page.goto("about:blank")
    phone.page.goto(f"{office.service.address}/v/{first.token}#{other.qr.partition('#')[2]}")
    expect(told.get_by_text("Segel di QR Anda tidak sah")).to_be_visible()
    expect(told.get_by_text("QR Anda cocok")).to_be_hidden()
    phone.page.goto(f"{office.service.address}/v/{first.token}")
    expect(phone.page.locator("#offline-ready")).to_be_visible()
    expect(told).to_be_hidden()
    phone.page.goto(f"{office.service.address}/v/{first.token}#bagikan")
    expect(told).to_be_hidden()


def test_a_register_that_says_something_else_is_noticed(office: Office, phone: Person) -> None:
    letter = office.letters[3]
    with office.house.db.begin() as session:
        session.execute(update(Letter).where(Letter.token == letter.token).values(signatory="ORANG LAIN"))
    phone.page.goto(letter.qr)
    expect(phone.page.locator("#seal-check").get_by_text("QR Anda tidak cocok dengan halaman ini")).to_be_visible()


def test_a_changed_page_takes_the_place_of_the_kept_one(office: Office, phone: Person) -> None:
    with office.house.db.begin() as session:
        session.execute(update(tables.Office).values(name="KECAMATAN TRAWAS BARU"))
    visit(phone, office.letters[0])
    until(phone, ONE_SHELL)
    cut(phone)
    expect(scan(phone, office.letters[1].qr)).to_contain_text(office.letters[1].number)
    expect(phone.page.locator("header")).to_contain_text("KECAMATAN TRAWAS BARU")


def test_a_service_that_is_away_or_silent_is_no_network(office: Office, browser: Browser) -> None:
    with proxying(office.service.address) as proxy:
        here = [
            replace(letter, qr=letter.qr.replace(office.service.address.upper(), proxy.address.upper()))
            for letter in office.letters
        ]
        phone = person(browser, "warga", proxy.address, viewport=PHONE)
        visit(phone, here[0])
        proxy.set_mood("service-away")
        expect(scan(phone, here[1].qr)).to_contain_text(here[1].number)
        proxy.set_mood("silent")
        expect(scan(phone, here[1].qr)).to_contain_text(here[1].number)  # after the worker's patience of 10 s
        link = phone.page.get_by_role("link", name="Coba lagi dengan jaringan")
        assert re.sub(r"[?]tunggu", "", str(link.get_attribute("href"))).upper() == here[1].qr
        link.click(no_wait_after=True)
        phone.page.wait_for_timeout(500)
        proxy.set_mood("good")
        expect(phone.page.locator("#seal-check")).to_contain_text("QR Anda cocok dengan halaman ini")
        phone.context.close()


def test_the_seal_never_reaches_the_server(office: Office, browser: Browser) -> None:
    with proxying(office.service.address) as proxy:
        letter = office.letters[1]
        phone = person(browser, "warga", proxy.address, viewport=PHONE)
        visit(phone, replace(letter, qr=letter.qr.replace(office.service.address.upper(), proxy.address.upper())))
        seal_text = letter.qr.partition("#")[2]
        assert proxy.asked
        assert not any(seal_text in path.upper() for path in proxy.asked)
        phone.context.close()


def test_the_reader_chooses_the_language(office: Office, browser: Browser) -> None:
    visitor = person(browser, "reader", office.service.address, viewport=PHONE, locale="en-GB")
    visit(visitor, office.letters[0])
    cut(visitor)
    answer = scan(visitor, office.letters[1].qr)
    expect(visitor.page.locator("html")).to_have_attribute("lang", "en")
    expect(answer.locator("dd").nth(1)).to_have_text(re.compile(r"\d{1,2} [A-Z][a-z]+ 20\d\d"))
    expect(answer).not_to_contain_text("pukul")
    visitor.context.set_offline(False)
    visitor.page.goto(f"{office.service.address}/bahasa/id?kembali=/periksa")
    visit(visitor, office.letters[0])
    until(visitor, INDONESIAN)
    cut(visitor)
    expect(scan(visitor, office.letters[1].qr)).to_contain_text("Belum dicabut per")
    visitor.context.close()
