"""The seven steps as five people click through them, for the journey and for the pictures of docs/panduan alike.

Everything is found as a person finds it, by label and button text. `seen(person, name)` is called on each page that
somebody looks at; the journey examines it there, the panduan photographs it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, Locator, expect

from signer import founding
from tests.journeys.samples import Papers, Sample
from tests.journeys.serving import Service
from tests.journeys.watching import TIMEOUT, Person, person

DEMO = {one.username: one for one in founding.DEMO_PEOPLE}
SECOND_STAF = ("staf-dua", "sandi-staf-dua", "Dwi Lestari")
NUMBER = re.compile(r"\d+(?:\.\d+)*/\d+/[\d-]+/\d{4}")
"""A letter's number as the office writes it: 400.9/1/416-304/2026."""


@dataclass
class Office:
    """The people at their browsers, and what they know of the berkas so far."""

    service: Service
    browser: Browser
    sample: Sample
    papers: Papers
    seen: Callable[[Person, str], None] = lambda _person, _name: None
    people: dict[str, Person] = field(default_factory=dict)
    berkas: str = ""
    """Path of the berkas's page."""
    code: str = ""
    number: str = ""
    letter_address: str = ""
    """The address of the letter's public page."""

    def person(self, username: str) -> Person:
        """That person at their own browser, signed in; the first time they sign in."""
        if username not in self.people:
            self.people[username] = arrive(self.browser, self.service, username)
        return self.people[username]

    def faults(self) -> list[str]:
        """Everything that went wrong for anybody, and in the service's log."""
        return [fault for one in self.people.values() for fault in one.all_faults()] + self.service.errors()


def sign_in(who: Person, username: str, password: str) -> None:
    """From the login page to the person's first page."""
    who.open("/masuk")
    who.page.get_by_label("Nama pengguna").fill(username)
    who.page.get_by_label("Kata sandi").fill(password)
    press(who, "Masuk")
    expect(who.page.get_by_role("heading", level=1)).to_have_text(re.compile("Tugas saya|Berkas saya"))


def arrive(browser: Browser, service: Service, username: str, *, address: str = "", **options: Any) -> Person:
    """A person at a browser of their own, on their first page; only the first time they sign in by hand.

    `address`: where they reach the service, if not at its own; `options` as Browser.new_context takes them.
    """
    state = service.sessions.get(username)
    who = person(browser, username, address or service.address, storage_state=state, **options)
    if state is not None:
        who.open("/")
        return who
    sign_in(who, username, DEMO[username].password if username in DEMO else SECOND_STAF[1])
    service.sessions[username] = who.context.storage_state()
    return who


def press(who: Person, name: str) -> None:
    """Press a button of the page's content, and wait for the page that comes."""
    with who.page.expect_navigation():
        who.page.get_by_role("main").get_by_role("button", name=name, exact=True).first.click()


def follow(who: Person, name: str) -> None:
    """Follow a link of the page's content."""
    with who.page.expect_navigation():
        who.page.get_by_role("main").get_by_role("link", name=name, exact=True).first.click()


def at_work(office: Office, username: str) -> Person:
    """The person opens their first page, and from there the berkas that waits for them."""
    who = office.person(username)
    who.open("/")
    row = who.page.get_by_role("row").filter(has_text=office.sample.desa)
    expect(row.first).to_be_visible()
    return who


def fill(who: Person, label: str, value: str) -> Locator:
    """Fill the field with that label; gives the field."""
    found = who.page.get_by_label(label, exact=True)
    found.fill(value)
    return found


# ---- step 1 ----


def submit(office: Office) -> None:
    """Pemohon hands in; a file that is no paper is refused first, beside its field, and nothing else is lost."""
    who, sample, papers = office.person("pemohon"), office.sample, office.papers
    office.seen(who, "00-berkas-saya-kosong")
    follow(who, "Ajukan Rakor baru")
    fill(who, "Nama pemohon", sample.applicant)
    fill(who, "Desa", sample.desa)
    fill(who, "Tanggal Rakor", sample.day.isoformat())
    fill(who, "Pukul (WIB)", "09:00")
    fill(who, "Tempat Rakor", sample.place)
    for guest in who.page.get_by_role("group", name="Peserta yang diundang").get_by_role("checkbox").all():
        guest.check()
    _goods(who, sample)
    with who.expecting(422):
        _file_field(who, "Pengantar dari Desa").set_input_files(papers.wrong)
        expect(who.page.locator(".files .refused")).to_contain_text(f"{papers.wrong.name} – Bukan PDF")
    office.seen(who, "01-ajukan-file-keliru")
    _file_field(who, "Berkas Pemohon").set_input_files(papers.photo)
    expect(who.page.locator(".sent.is-whole")).to_contain_text(papers.photo.name)
    office.seen(who, "01-ajukan")
    press(who, "Serahkan berkas")
    expect(who.page.locator(".field-error")).to_contain_text("Pengantar dari Desa: belum ada file")
    expect(who.page.get_by_role("link", name=papers.photo.name)).to_be_visible()
    _file_field(who, "Pengantar dari Desa").set_input_files(papers.letter)
    press(who, "Serahkan berkas")
    office.code = who.page.locator(".code-big").inner_text()
    office.berkas = who.page.url.removeprefix(who.address).split("?")[0]
    office.seen(who, "01-sudah-diserahkan")


def _goods(who: Person, sample: Sample) -> None:
    for number, (commodity, amount, unit) in enumerate(sample.goods, start=1):
        row = who.page.get_by_role("group", name=f"Baris {number}")
        row.get_by_label("Barang").fill(commodity)
        row.get_by_label("Jumlah").fill(amount)
        row.get_by_label("Satuan").fill(unit)


def _file_field(who: Person, label: str) -> Locator:
    return who.page.locator("input[type=file]").and_(who.page.get_by_label(re.compile(f"^{label}")))


# ---- step 2 ----


def give_back(office: Office) -> None:
    """Staf finds one requirement wanting and returns the berkas with the reason."""
    who = at_work(office, "staf")
    office.seen(who, "02-tugas-staf")
    who.open(f"{office.berkas}/periksa")
    for item in who.page.locator(".check-item").all():
        item.get_by_label("Lengkap", exact=True).check()
    poor = who.page.get_by_role("group", name="Berkas Pemohon")
    poor.get_by_label("Kurang atau salah").check()
    poor.get_by_role("textbox").fill(office.sample.returned_by_staf)
    office.seen(who, "02-periksa")
    press(who, "Kembalikan")
    expect(who.page.get_by_text("Berkas dikembalikan").first).to_be_visible()


def correct(office: Office) -> None:
    """Pemohon reads the reason, adds a better file, and hands in again; the first files are still there."""
    who = at_work(office, "pemohon")
    office.seen(who, "02-berkas-saya")
    who.open(office.berkas)
    expect(who.page.get_by_text(office.sample.returned_by_staf).first).to_be_visible()
    office.seen(who, "02-alasan-dikembalikan")
    who.open(f"{office.berkas}/isian")
    expect(who.page.get_by_role("link", name=office.papers.letter.name)).to_be_visible()
    who.page.get_by_label(f"Keluarkan {office.papers.photo.name}").check()
    better = office.papers.photo.with_name("Berkas Pemohon (foto ulang).jpg")
    better.write_bytes(office.papers.photo.read_bytes() + b"\0")
    _file_field(who, "Berkas Pemohon").set_input_files(better)
    office.seen(who, "02-perbaiki")
    press(who, "Serahkan berkas")
    expect(who.page.locator(".code-big")).to_have_text(office.code)


def accept(office: Office) -> None:
    """Staf sees what is new and takes the berkas as complete."""
    who = at_work(office, "staf")
    who.open(f"{office.berkas}/periksa")
    expect(who.page.get_by_text(office.sample.returned_by_staf).first).to_be_visible()
    for item in who.page.locator(".check-item").all():
        item.get_by_label("Lengkap", exact=True).check()
    office.seen(who, "02-periksa-lagi")
    press(who, "Terima, lengkap")
    office.seen(who, "03-berkas-lengkap")


# ---- step 3 ----


def draft(office: Office) -> None:
    """Staf drafts: the picture follows typing, and what was typed is kept without pressing anything."""
    who = at_work(office, "staf")
    who.open(f"{office.berkas}/surat")
    _preview_follows(who, "Hal", office.sample.subject)
    fill(who, "Kepada", "\n".join(office.sample.recipients))
    expect(who.page.locator("[data-autosave-status]")).to_contain_text("tersimpan pukul")
    office.seen(who, "03-susun-surat")


def _preview_follows(who: Person, label: str, value: str) -> None:
    """Type into a field and wait until the pictures of the letter are others."""
    pictures = who.page.locator("[data-preview-pages] img")
    expect(pictures.first).to_be_visible()
    before = pictures.evaluate_all(_SOURCES)
    fill(who, label, value)
    end = time.monotonic() + TIMEOUT / 1000
    while pictures.evaluate_all(_SOURCES) == before:  # no `expect`: its message would hold the whole pictures
        status = who.page.locator("[data-preview-status]").inner_text()
        assert time.monotonic() < end, f"the preview does not follow {label}: {status}"
        who.page.wait_for_timeout(50)


_SOURCES = "all => all.map((image) => image.src)"


def work_at_the_same_time(office: Office) -> None:
    """A second Staf opened the draft before the first one's newest change: they are told, and overwrite nothing."""
    first, second = office.person("staf"), office.person(SECOND_STAF[0])
    second.open(f"{office.berkas}/surat")
    closing = "Demikian, atas perhatian Saudara kami sampaikan terima kasih."
    _preview_follows(first, "Penutup", closing)
    press(first, "Simpan konsep")
    with second.expecting(409):
        fill(second, "Penutup", "Sekian dan terima kasih.")
        expect(second.page.locator("[data-autosave-status]")).to_contain_text("juga mengubah surat ini")
    with second.expecting(409):
        press(second, "Simpan konsep")
    expect(second.page.get_by_role("heading", level=1)).to_have_text("Dua isian untuk satu surat")
    expect(second.page.get_by_role("group", name="Penutup")).to_contain_text("Sekian dan terima kasih.")
    office.seen(second, "03-dua-staf")
    first.open(f"{office.berkas}/surat")
    expect(first.page.get_by_label("Penutup", exact=True)).to_have_value(closing)


def finalise(office: Office) -> None:
    """Staf finalises; the berkas's page shows the number."""
    who = office.person("staf")
    expect(who.page.locator("[data-preview-pages] img").first).to_be_visible()
    press(who, "Finalkan surat")
    heading = who.page.get_by_role("heading", name=re.compile("^Naskah ")).inner_text()
    number = NUMBER.search(heading)
    assert number, heading
    assert office.number in ("", number[0]), f"the number changed from {office.number} to {number[0]}"
    office.number = number[0]
    office.seen(who, "03-surat-final")


# ---- steps 4 and 5 ----


def return_from_paraf(office: Office) -> None:
    """Kasi returns the letter with a reason."""
    who = at_work(office, "kasi")
    office.seen(who, "04-tugas-kasi")
    who.open(f"{office.berkas}/paraf")
    who.page.get_by_text("Kembalikan dengan alasan").click()
    who.page.locator("#kembalikan").get_by_role("textbox").fill(office.sample.returned_by_kasi)
    office.seen(who, "04-kembalikan")
    press(who, "Kembalikan")
    expect(who.page.get_by_text("Berkas dikembalikan").first).to_be_visible()


def draft_again(office: Office) -> None:
    """Staf reads Kasi's reason, corrects, and finalises under the same number."""
    who = at_work(office, "staf")
    who.open(f"{office.berkas}/surat")
    expect(who.page.get_by_text(office.sample.returned_by_kasi).first).to_be_visible()
    _preview_follows(who, "Tempat", office.sample.corrected_place)
    office.seen(who, "03-perbaiki-surat")
    finalise(office)


def paraf(office: Office) -> None:
    """Kasi sees what changed since the return, and gives paraf."""
    who = at_work(office, "kasi")
    who.open(f"{office.berkas}/paraf")
    expect(who.page.get_by_text("Yang berubah sejak Anda mengembalikan").first).to_be_visible()
    expect(who.page.get_by_text(office.sample.corrected_place).first).to_be_visible()
    office.seen(who, "04-paraf")
    fill(who, "Passphrase kunci Anda", DEMO["kasi"].passphrase)
    press(who, "Beri paraf")
    expect(who.page.get_by_text("Paraf diberikan").first).to_be_visible()
    office.seen(who, "04-tugas-kasi-kosong")


def sign(office: Office) -> None:
    """Camat mistypes the passphrase, is told so and nothing else happens, then signs."""
    who = at_work(office, "camat")
    who.open(f"{office.berkas}/tandatangan")
    office.seen(who, "05-tandatangan")
    fill(who, "Passphrase kunci Anda", "frasa yang keliru")
    with who.expecting(422):
        press(who, "Tanda tangani surat")
    expect(who.page.locator(".field-error").first).to_be_visible()
    expect(who.page.get_by_text(re.compile(r"Sisa \d+ kali percobaan")).first).to_be_visible()
    office.seen(who, "05-passphrase-salah")
    fill(who, "Passphrase kunci Anda", DEMO["camat"].passphrase)
    press(who, "Tanda tangani surat")
    expect(who.page.get_by_role("heading", level=1)).to_have_text("Surat terbit")
    address = who.page.get_by_role("link", name="Halaman pemeriksaan").get_attribute("href")
    assert address
    office.letter_address = address
    office.seen(who, "05-surat-terbit")


# ---- steps 6 and 7 ----


def register(office: Office) -> None:
    """Staf gives the letter its number in the book."""
    who = at_work(office, "staf")
    who.open(f"{office.berkas}/register")
    who.page.get_by_label(re.compile("^Keterangan")).fill("Dikirim juga lewat WhatsApp")
    office.seen(who, "06-catat-register")
    press(who, "Catat di register")
    expect(who.page.get_by_text("nomor register 1/").first).to_be_visible()


def read_book(office: Office) -> None:
    """The register shows the line."""
    who = office.person("staf")
    who.open("/register")
    line = who.page.get_by_role("row").filter(has_text=office.number)
    expect(line).to_contain_text(office.sample.applicant)
    office.seen(who, "06-register")


def collect(office: Office) -> bytes:
    """Pemohon downloads the letter and says that they have it; gives the PDF."""
    who = at_work(office, "pemohon")
    who.open(f"{office.berkas}/ambil")
    office.seen(who, "07-surat-jadi")
    with who.page.expect_download() as download:
        who.page.get_by_role("link", name="Unduh surat (PDF)").click()
    data = download.value.path().read_bytes()
    fill(who, "Diambil oleh", office.sample.taken_by)
    press(who, "Surat sudah saya terima")
    expect(who.page.get_by_text("Sudah diambil").first).to_be_visible()
    office.seen(who, "07-sudah-diambil")
    return data


def track(who: Person, code: str) -> None:
    """Ask for a berkas by its code, typed in lower case, without an account."""
    who.open("/lacak")
    fill(who, "Kode pelacakan", code.lower())
    press(who, "Lacak")
    expect(who.page.get_by_text("Surat sudah diambil").first).to_be_visible()


def add_second_staf(service: Service) -> None:
    """The account of the second Staf, made as an operator makes one."""
    name, password, whole = SECOND_STAF
    service.command(
        "user", "add", name, "--name", whole, "--role", "staf", "--seksi", "kemasyarakatan", "--password", password
    )


STEPS: tuple[Callable[[Office], object], ...] = (
    submit,
    give_back,
    correct,
    accept,
    draft,
    work_at_the_same_time,
    finalise,
    return_from_paraf,
    draft_again,
    paraf,
    sign,
    register,
    read_book,
)
"""Everything up to the letter's collection, in order; `collect` gives the letter."""
