"""What a participant of the Rakor meets: the letter's page, its print, and what /periksa says of files and codes."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.journeys.walking import press
from tests.journeys.watching import PHONE
from tests.panduan.studio import HANDHELD, Studio


def letter(studio: Studio) -> None:
    """The verdict, the details, the same in the dark, the page large, and letters that no longer count."""
    busy = studio.busy
    who = studio.show("peserta", f"/v/{busy.token}", "peserta-surat")
    who.page.get_by_text("Rincian pemeriksaan").click()
    studio.camera.shoot(who, "peserta-rincian", top="details:has-text('Rincian pemeriksaan')")
    who.page.emulate_media(color_scheme="dark")
    who.open(f"/v/{busy.token}")
    studio.camera.shoot(who, "peserta-gelap")
    who.page.emulate_media(color_scheme="light")
    studio.show("peserta", f"/v/{busy.withdrawn}", "peserta-dicabut")
    studio.show("peserta", "/v/0000000000000000", "peserta-tidak-dikenal")


def compare(studio: Studio) -> None:
    """The letter's page made large on a phone."""
    who = studio.stranger("peserta di ponsel", **HANDHELD)
    who.open(f"/v/{studio.busy.token}")
    who.page.locator(".pages a").first.tap()
    expect(who.page.get_by_role("dialog")).to_be_visible()
    who.page.wait_for_function("() => document.querySelector('.viewer img').naturalWidth > 1000")
    studio.camera.glance(who, "peserta-banding", sizes=(PHONE,))


def check(studio: Studio) -> None:
    """/periksa itself, a true file, a changed one, and one that is no PDF."""
    who = studio.show("peserta", "/periksa", "peserta-periksa")
    pdf = studio.service.fetch(f"/v/{studio.busy.token}/letter.pdf")
    for name, data, verdict in (
        ("peserta-file-asli", pdf, "sama persis dengan surat"),
        ("peserta-file-diubah", pdf.replace(b"/Type", b"/Typf", 1), "Jangan dipakai"),
    ):
        who.open("/periksa")
        who.page.set_input_files("#berkas", {"name": "surat.pdf", "mimeType": "application/pdf", "buffer": data})
        who.page.get_by_role("button", name="Periksa berkas").click()
        expect(who.page.get_by_role("heading", level=1)).to_contain_text(verdict)
        studio.camera.shoot(who, name)
    who.open("/periksa")
    who.page.set_input_files("#berkas", {"name": "foto.jpg", "mimeType": "image/jpeg", "buffer": b"bukan PDF"})
    studio.camera.shoot(who, "peserta-bukan-pdf", top="section[aria-labelledby=dari-berkas]")


def wrong_code(studio: Studio) -> None:
    """A code with one letter mistyped."""
    who = studio.stranger("peserta")
    who.open("/periksa")
    who.page.locator("#kode").fill("BCDF GHJK MNPQ RSTV W")
    press(who, "Periksa kode")
    studio.camera.shoot(who, "peserta-kode-keliru")


SCENES = (letter, compare, check, wrong_code)
