"""Scenes of Staf, Kasi and auditor: forty berkas, finding, drafting, copying, an own PDF, paraf, the register."""

from __future__ import annotations

import helpers_own as pdfs
from playwright.sync_api import expect

from tests.journeys.samples import LONG
from tests.journeys.walking import fill, follow, press
from tests.journeys.watching import DESKTOP, Person
from tests.panduan.prepare import GUEST
from tests.panduan.studio import Studio


def inbox(studio: Studio) -> None:
    """Forty berkas, and the keys that go through them."""
    who = studio.show("staf", "/", "staf-tugas")
    who.page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]  # a plain dict is what it takes
    who.page.keyboard.press("?")
    expect(who.page.get_by_role("dialog")).to_be_visible()
    studio.camera.glance(who, "staf-pintasan")
    who.page.keyboard.press("Escape")


def finding(studio: Studio) -> None:
    """The list with its filters, and a search that finds nothing."""
    who = studio.person("staf")
    who.open("/berkas/")
    who.page.get_by_text("Saringan lain dan urutan").click()
    who.page.get_by_label("Desa", exact=True).select_option("Duyung")
    press(who, "Cari")
    studio.camera.shoot(who, "staf-cari")
    who.open("/berkas/?q=tidak+ada")
    studio.camera.shoot(who, "staf-cari-kosong")
    who.open("/berkas/?dari=2026-03-01&sampai=2026-02-01")
    studio.camera.shoot(who, "staf-cari-tanggal-keliru")


def _drafting(studio: Studio, berkas: int) -> Person:
    who = studio.person("staf")
    who.page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]  # a plain dict is what it takes
    who.open(f"/berkas/{berkas}/surat")
    expect(who.page.locator("[data-preview-pages] img").first).to_be_visible()
    who.settle()
    return who


def corrections(studio: Studio) -> None:
    """A letter that came back: the reason above, and what changes while one types."""
    who = _drafting(studio, studio.busy.returned)
    fill(who, "Tempat", LONG.corrected_place)
    expect(who.page.locator("#perubahan ins").first).to_be_visible()
    expect(who.page.locator("[data-autosave-status]")).to_contain_text("tersimpan pukul")
    studio.camera.shoot(who, "staf-perubahan")


def guests(studio: Studio) -> None:
    """Names offered from the address book while one types, the book itself, and one entry of it."""
    who = _drafting(studio, studio.busy.drafting)
    kepada = who.page.get_by_label("Kepada", exact=True)
    kepada.focus()
    who.page.keyboard.press("Control+End")
    who.page.keyboard.press("Enter")
    who.page.keyboard.type("ketapan")
    names = who.page.get_by_role("listbox", name="Tawaran buku alamat: Kepada")
    expect(names.get_by_role("option").first).to_be_visible()
    kepada.scroll_into_view_if_needed()
    studio.camera.glance(who, "staf-tawaran-nama")
    who.page.keyboard.press("Escape")
    who.open("/buku-alamat")
    studio.camera.shoot(who, "staf-buku-alamat")
    who.page.get_by_role("row").filter(has_text=GUEST).get_by_role("link", name="Ubah").click()
    fill(who, "Nama", "")
    press(who, "Simpan")
    studio.camera.shoot(who, "staf-buku-alamat-keliru")


def copying(studio: Studio) -> None:
    """An earlier letter is found and copied."""
    who = _drafting(studio, studio.busy.drafting)
    follow(who, "Salin dari surat terdahulu")
    studio.camera.shoot(who, "staf-salin")


def wrong_fields(studio: Studio) -> None:
    """What is wrong in a letter, above and at its fields."""
    who = _drafting(studio, studio.busy.drafting)
    for label in ("Tempat", "Hal"):
        fill(who, label, "")
    press(who, "Finalkan surat")
    studio.camera.shoot(who, "staf-isian-keliru")


def own_pdf(studio: Studio) -> None:
    """A finished PDF instead of a template: number first, a file that is refused, the box on the page."""
    who = _drafting(studio, studio.busy.drafting)
    follow(who, "Pakai PDF sendiri")
    studio.camera.shoot(who, "staf-pdf-nomor")
    press(who, "Pesan nomor")
    number = who.page.get_by_label("Nomor untuk surat ini").input_value()
    _bring(studio, who, "Surat dengan skrip.pdf", pdfs.with_script(number))
    studio.camera.shoot(who, "staf-pdf-ditolak")
    _bring(studio, who, "Undangan Rakor (final).pdf", pdfs.letter(number))
    expect(who.page.locator("[data-place-status]")).to_contain_text("kosong")
    studio.camera.shoot(who, "staf-pdf-letak")


def _bring(studio: Studio, who: Person, name: str, data: bytes) -> None:
    path = studio.folder / name
    path.write_bytes(data)
    who.page.locator("input[type=file]").set_input_files(path)
    press(who, "Unggah PDF")


def paraf(studio: Studio) -> None:
    """Kasi's inbox, and the letter that changed since it was returned."""
    studio.show("kasi", "/", "kasi-tugas")
    who = studio.show("kasi", f"/berkas/{studio.busy.paraf}/paraf", "kasi-berubah")
    fill(who, "Passphrase kunci Anda", "frasa yang keliru")
    press(who, "Beri paraf")
    studio.camera.shoot(who, "kasi-passphrase-keliru")


def book(studio: Studio) -> None:
    """The register, a line that is about to be written, and a berkas's control sheet."""
    studio.show("staf", "/register", "staf-register")
    studio.show("staf", f"/berkas/{studio.busy.registering}/register", "staf-catat")
    studio.show("staf", f"/berkas/{studio.busy.finished}/kendali", "staf-kendali")
    studio.show("staf", "/akun/", "staf-akun")
    studio.show("staf", "/pemberitahuan", "staf-pemberitahuan")


def auditor(studio: Studio) -> None:
    """What an auditor reads: the list, one berkas whole, the book, the office's record."""
    studio.show("auditor", "/", "auditor-beranda")
    studio.show("auditor", f"/berkas/{studio.busy.finished}", "auditor-berkas")
    studio.show("auditor", "/register", "auditor-register")
    studio.show("auditor", "/kantor/riwayat", "auditor-riwayat")


SCENES = (inbox, finding, corrections, guests, copying, wrong_fields, own_pdf, paraf, book)
READERS = (auditor,)
"""After everybody else: they read what the others did."""
