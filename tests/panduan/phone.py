"""The Camat's and the Pemohon's scenes, on a phone: reading, signing together, uploads, tracking."""

from __future__ import annotations

import re
from pathlib import Path

from helpers_office import MovableClock, Office
from PIL import Image
from playwright.sync_api import expect

import app as house_module
from signer.settings import Settings
from tests.journeys import cutting, samples, walking
from tests.journeys.walking import DEMO, fill, follow, press
from tests.journeys.watching import PHONE, Person, person
from tests.panduan.studio import HANDHELD, Studio

ONLY_PHONE = (PHONE,)


def _phone(studio: Studio, username: str, address: str = "") -> Person:
    """That person at their phone, signed in."""
    who = person(studio.browser, f"{username} di ponsel", address or studio.service.address, **HANDHELD)
    walking.sign_in(who, username, DEMO[username].password)
    return who


def camat_reads(studio: Studio) -> None:
    """The inbox on the phone, one letter large, its signing page, and a return."""
    first = studio.busy.signing[3]
    studio.show("camat", "/", "camat-tugas")
    who = studio.person("camat")
    who.page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a plain dict is what it takes
    who.open(f"/berkas/{first}/baca")
    studio.camera.shoot(who, "camat-baca")
    who.page.wait_for_load_state("networkidle")  # only now the letter counts as opened
    studio.show("camat", f"/berkas/{first}/tandatangan", "camat-tandatangan")
    studio.show("camat", f"/berkas/{first}/kembalikan?lanjut=tandatangan", "camat-kembalikan")
    press(studio.person("camat"), "Kembalikan")
    studio.camera.shoot(studio.person("camat"), "camat-kembalikan-tanpa-alasan")


def camat_signs_together(studio: Studio) -> None:
    """Letters chosen, a wrong passphrase, progress, a connection that breaks, and one that failed."""
    with cutting.line(studio.service.address) as line:
        who = _phone(studio, "camat", line.address)
        studio.people["camat di jalan"] = who
        who.open("/tandatangan")
        _choose(studio, who)
        _progress(studio, who, line)
        who.page.goto("about:blank")  # asks nothing more over the line that goes
        who.faults = [fault for fault in who.faults if "request failed" not in fault]


def _choose(studio: Studio, who: Person) -> None:
    who.page.get_by_role("button", name="Semua", exact=True).click()
    who.page.get_by_label("Saya tetap memilih surat yang belum dibuka").check()
    studio.camera.shoot(who, "camat-pilih")
    _return_meanwhile(studio)
    fill(who, "Passphrase kunci Anda", "frasa yang keliru")
    who.page.get_by_role("button", name=re.compile(r"Tanda tangani \d+ surat")).last.click()
    expect(who.page.locator(".field-error")).to_contain_text("Passphrase salah")
    studio.camera.shoot(who, "camat-passphrase-keliru")
    who.page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a plain dict is what it takes


def _return_meanwhile(studio: Studio) -> None:
    """Somebody returned one of the letters meanwhile: it will fail, the others will not."""
    house = house_module.House(Settings.from_env(studio.service.environment))
    Office(house, MovableClock()).send_back(studio.busy.signing[0], "camat", "Penerima keliru.", 3)
    house.db.close()


def _progress(studio: Studio, who: Person, line: cutting.Line) -> None:
    page = who.page
    fill(who, "Passphrase kunci Anda", DEMO["camat"].passphrase)
    page.get_by_role("button", name=re.compile(r"Lanjutkan \d+ surat")).last.click()
    expect(page.locator("[data-progress-results] li").nth(1)).to_be_visible()
    line.cut()
    expect(page.locator("[data-progress-note]")).to_contain_text("Sambungan terputus")
    studio.camera.glance(who, "camat-kemajuan", sizes=ONLY_PHONE)
    line.mend()
    again = page.get_by_role("button", name=re.compile(r"Lanjutkan \d+ surat"))
    expect(again.last).to_be_visible()
    studio.camera.shoot(who, "camat-terputus")
    fill(who, "Passphrase kunci Anda", DEMO["camat"].passphrase)
    again.last.click()
    expect(page.get_by_text(re.compile(r"\d+ surat terbit")).first).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Gagal")).to_have_count(1)
    studio.camera.shoot(who, "camat-hasil")
    who.open("/")
    studio.camera.shoot(who, "camat-kosong")


def keys(studio: Studio) -> None:
    """The own key, and the notices with their choices."""
    studio.show("camat", "/kunci", "camat-kunci")
    studio.show("pemohon", "/pemberitahuan", "pemohon-pemberitahuan")
    studio.show("pemohon", "/pengaturan/pemberitahuan", "pemohon-pilihan-surel")


def pemohon_uploads(studio: Studio) -> None:
    """Three photos on their way, refused ones beside them, and joined into one PDF."""
    who = _phone(studio, "pemohon")
    studio.people["pemohon di ponsel"] = who
    follow(who, "Ajukan Rakor baru")
    who.page.locator("#files-pengantar-desa").set_input_files(studio.papers.letter)
    who.page.locator("#files-berkas-pemohon").set_input_files(_photos(studio.folder))
    expect(who.page.locator(".sent.is-whole")).to_have_count(4)
    studio.camera.shoot(
        who, "pemohon-unggah", top="fieldset:has(#files-pengantar-desa), .field:has(#files-pengantar-desa)"
    )
    who.page.get_by_role("button", name="Gabungkan 3 foto menjadi satu PDF").click()
    expect(who.page.get_by_text("Berkas Pemohon (3 foto).pdf", exact=True)).to_be_visible()
    studio.camera.shoot(
        who, "pemohon-satu-pdf", top="fieldset:has(#files-pengantar-desa), .field:has(#files-pengantar-desa)"
    )
    _sends_slowly(studio, who)
    press(who, "Serahkan berkas")
    studio.camera.shoot(who, "pemohon-isian-kurang")


def _photos(folder: Path) -> list[Path]:
    found = []
    for number in (1, 2, 3):
        found.append(folder / f"IMG_2026011{number}_083215.jpg")
        samples.photo().save(found[-1], quality=80 + number)
    return found


def _sends_slowly(studio: Studio, who: Person) -> None:
    """A big photo on a slow line, and then on none."""
    big = studio.folder / "IMG_20260114_091122.jpg"
    Image.effect_noise((1500, 1200), 90).convert("RGB").save(big, quality=92)
    line = who.context.new_cdp_session(who.page)
    line.send("Network.enable")
    slow = {"offline": False, "latency": 100, "downloadThroughput": -1, "uploadThroughput": 120_000}
    line.send("Network.emulateNetworkConditions", slow)
    who.page.locator("#files-ijin-monev").set_input_files(big)
    expect(who.page.locator(".sent.is-sending progress")).to_have_attribute("value", re.compile(r"^[1-9]\d$"))
    who.page.locator("#files-ijin-monev").scroll_into_view_if_needed()
    studio.camera.glance(who, "pemohon-sedang-dikirim", sizes=ONLY_PHONE)
    line.send("Network.emulateNetworkConditions", slow | {"offline": True})
    expect(who.page.locator(".sent.is-lost")).to_be_visible()
    studio.camera.glance(who, "pemohon-terputus", sizes=ONLY_PHONE)
    line.send("Network.emulateNetworkConditions", slow | {"uploadThroughput": -1, "latency": 0})
    expect(who.page.locator(".sent.is-sending, .sent.is-lost")).to_have_count(0)
    who.faults = [fault for fault in who.faults if "request failed" not in fault]


def pemohon_collects(studio: Studio) -> None:
    """The list of one's own, a letter that is ready, taking a request back, and tracking without an account."""
    studio.show("pemohon", "/", "pemohon-berkas")
    studio.show("pemohon", f"/berkas/{studio.busy.collecting}/ambil", "pemohon-surat-jadi")
    studio.show("pemohon", f"/berkas/{studio.busy.drafting}/tarik", "pemohon-tarik")
    studio.show("warga", f"/lacak?kode={studio.busy.code}", "pemohon-lacak")
    studio.show("warga", "/lacak?kode=ABCDE-FGHJK", "pemohon-lacak-keliru")


SCENES = (keys, camat_reads, camat_signs_together, pemohon_uploads, pemohon_collects)
