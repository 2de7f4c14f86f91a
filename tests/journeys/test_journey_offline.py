"""A phone opens one letter with network, loses it, and checks the seals of letters it has never seen."""

from __future__ import annotations

import re
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
from signer.tables.letters import Letter
from tests.journeys import watching
from tests.journeys.serving import Service, serving
from tests.journeys.watching import PHONE, Person, person
from verifier import seal

pytestmark = pytest.mark.journey

STRANGE = "7ZQ4M0K9XVB2T6HC"
"""A token that the office never gave out."""

LISTED = """async (count) => {
  const kept = await (await caches.open("suratsah-lists")).match("/pwa/withdrawn.json");
  return (await kept.json()).letters.length === count;
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
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = watching.launch(playwright)
        yield found
        found.close()


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
    who.page.goto(letter.qr)
    expect(who.page.locator("#offline-ready")).to_be_visible()


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
    phone.page.wait_for_function(LISTED, arg=2)
    cut(phone)
    expect(scan(phone, gone.qr)).to_contain_text("Surat ini sudah dicabut")
    expect(scan(phone, replaced.qr)).to_contain_text("sudah diganti")
    expect(scan(phone, office.letters[1].qr)).to_contain_text("Belum dicabut per")
