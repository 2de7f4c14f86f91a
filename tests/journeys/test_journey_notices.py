"""Being told: an address confirmed by the link of a real mail, a mail as a berkas moves, and no more mails."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from helpers_mail import MailServer, running
from playwright.sync_api import Browser, expect

from tests.journeys import walking
from tests.journeys.samples import LONG, papers
from tests.journeys.serving import serving
from tests.journeys.walking import Office, follow, press
from tests.journeys.watching import PHONE, Person, person

pytestmark = pytest.mark.journey
LONG_ADDRESS = ".raden.ayu.siti.nurhaliza@mail.kecamatan-trawas.mojokertokab.contoh.test"
CHOICES = "/pengaturan/pemberitahuan"


@pytest.fixture(name="server", scope="module")
def _server() -> Iterator[MailServer]:
    with running() as server:
        yield server


@pytest.fixture(name="office", scope="module")
def _office(browser: Browser, server: MailServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("notices")
    with serving(folder, SURAT_SMTP_URL=server.url("?from=surat@trawas.test")) as service:
        yield Office(service, browser, LONG, papers(folder))


def link(text: str, kind: str) -> str:
    """The path of the link of that kind in a mail's text."""
    found = re.search(rf"https?://[^\s/]+(/surel/{kind}/[\w-]+)", text)
    assert found, text
    return found[1]


def give_address(office: Office, server: MailServer, username: str) -> None:
    """By keyboard alone: from the notices to the choices, an address, and the link of the mail that comes."""
    who = office.person(username)
    who.open("/pemberitahuan")
    _press_by_key(who, "link", "Atur surel")
    who.page.get_by_label("Alamat surel").focus()
    who.page.keyboard.type("bukan alamat")
    with who.expecting(422):
        who.page.keyboard.press("Enter")
        expect(who.page.get_by_role("alert")).to_contain_text("Tulis alamat surel lengkap")
    who.look(f"{username}: alamat keliru")
    who.page.get_by_label("Alamat surel").fill(f"{username}{LONG_ADDRESS}")
    who.page.keyboard.press("Enter")
    expect(who.page.get_by_text("Tautan konfirmasi dikirim ke")).to_be_visible()
    who.look(f"{username}: menunggu konfirmasi", dark=True)
    [mail] = server.wait(1)
    assert mail.recipient == f"{username}{LONG_ADDRESS}" and mail.sender == "surat@trawas.test"
    server.taken.clear()

    elsewhere = person(office.browser, f"{username} di ponsel", office.service.address, viewport=PHONE)
    office.people[elsewhere.name] = elsewhere
    path = link(mail.text(), "konfirmasi")
    elsewhere.open(path)
    elsewhere.look("konfirmasi", dark=True)
    _press_by_key(elsewhere, "button", "Ya, pakai alamat ini")
    expect(elsewhere.page.get_by_role("heading", level=1)).to_have_text("Alamat terkonfirmasi")
    elsewhere.look("terkonfirmasi")
    with elsewhere.expecting(404):
        elsewhere.open(path)
    elsewhere.look("tautan lama")
    who.open(CHOICES)
    expect(who.page.get_by_text("Terkonfirmasi")).to_be_visible()
    who.look(f"{username}: pilihan")


def _press_by_key(who: Person, role: str, name: str) -> None:
    """Reach it by Tab and press Enter, as somebody without a mouse does."""
    target = who.page.get_by_role(role, name=name, exact=True)  # type: ignore[arg-type]  # "link" or "button"
    for _ in range(60):
        who.page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            break
    with who.page.expect_navigation():
        who.page.keyboard.press("Enter")


def test_an_address_mails_as_a_berkas_moves_and_no_more(office: Office, server: MailServer) -> None:
    give_address(office, server, "pemohon")
    pemohon = office.person("pemohon")
    pemohon.page.get_by_role("group", name="Setiap perpindahan langkah").get_by_label("Segera").check()
    press(pemohon, "Simpan pilihan")
    expect(pemohon.page.get_by_text("Pilihan Anda disimpan.")).to_be_visible()

    pemohon.open("/")
    walking.submit(office)
    walking.give_back(office)
    [mail] = server.wait(1)
    assert mail.mail["Subject"] == f"Berkas {office.code} perlu diperbaiki"
    for text in (mail.text(), mail.text("html")):
        assert (
            office.berkas in text and office.sample.returned_by_staf not in text and office.sample.applicant not in text
        )

    pemohon.open("/pemberitahuan")
    expect(pemohon.page.get_by_text("Alasannya ada di halaman berkas")).to_be_visible()
    pemohon.look("pemberitahuan Pemohon")
    follow(pemohon, "Baca alasan dan perbaiki")
    expect(pemohon.page.get_by_text(office.sample.returned_by_staf).first).to_be_visible()
    pemohon.open("/pemberitahuan")
    expect(pemohon.page.get_by_text("Tidak ada pemberitahuan baru")).to_be_visible()
    pemohon.look("semua dibaca")

    stopping = person(office.browser, "penerima surel", office.service.address, viewport=PHONE)
    office.people[stopping.name] = stopping
    stopping.open(link(mail.text(), "berhenti"))
    stopping.look("berhenti", dark=True)
    _press_by_key(stopping, "button", "Hentikan semua surel")
    expect(stopping.page.get_by_role("heading", level=1)).to_have_text("Tidak ada surel lagi")
    stopping.look("sudah berhenti")
    walking.correct(office)
    staf = office.person("staf")
    staf.open("/pemberitahuan")
    news = staf.page.get_by_role("article").get_by_text("Giliran Anda: Memeriksa kelengkapan")
    for _ in range(300):
        if news.count():
            break
        staf.page.wait_for_timeout(200)  # the worker looks twice a second
        staf.page.reload()
    expect(news).to_be_visible()
    press(staf, "Tandai semua sudah dibaca")
    expect(staf.page.get_by_text("Tidak ada pemberitahuan baru")).to_be_visible()
    pemohon.open(CHOICES)
    for group in pemohon.page.get_by_role("group").filter(has_text="Tidak lewat surel").all():
        expect(group.get_by_label("Tidak lewat surel")).to_be_checked()
    press(pemohon, "Hapus alamat")
    expect(pemohon.page.get_by_label("Alamat surel")).to_have_value("")
    assert [taken.recipient for taken in server.taken] == [mail.recipient]
    assert office.faults() == []
