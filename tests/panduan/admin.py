"""The Admin's scenes: an empty office set up until its test letter is signed, and what is edited afterwards."""

from __future__ import annotations

import re
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, expect

from tests.journeys.samples import LONG
from tests.journeys.serving import Service
from tests.journeys.walking import fill, follow, press
from tests.journeys.watching import DESKTOP, Person, person
from tests.panduan.camera import Camera
from tests.panduan.studio import Studio

PEOPLE = (
    ("Camat", "camat", "Dr. Drs. H. R.M. Bambang Prasetyo Adiningrat Kusumawardhana, S.Sos., M.Si.", ""),
    ("Kepala Seksi", "kasi", "Dra. Hj. Siti Nurkhasanatul Widyaningrum", "SEKSI KEMASYARAKATAN"),
    ("Staf / Pengolah Data Kemasyarakatan", "staf", "Rina Wulandari", "SEKSI KEMASYARAKATAN"),
)
"""Role, user name, name, seksi; in the order in which the page asks for them."""
SECRET = "sandi admin kecamatan"


def set_up(service: Service, browser: Browser, camera: Camera, folder: Path) -> Person:
    """From an empty instance to a signed test letter, as the wizard leads."""
    who = person(browser, "admin baru", service.address)
    _first_account(service, who, camera)
    _identity(who, camera)
    _logo_and_number(who, camera, folder)
    _accounts(who, camera)
    _appointments(who, camera)
    camera.shoot(who, "admin-surat-uji-belum")
    press(who, "Buat surat uji")
    expect(who.page.get_by_text("Surat uji lolos semua pemeriksaan")).to_be_visible()
    camera.shoot(who, "admin-surat-uji")
    who.open("/kantor/")
    camera.shoot(who, "admin-kantor")
    who.open("/kesehatan")
    camera.shoot(who, "admin-kesehatan")
    return who


def _first_account(service: Service, who: Person, camera: Camera) -> None:
    code = re.search(r"valid 24 hours, once\): (\S+)", service.log_file.read_text(encoding="utf-8"))
    assert code
    who.open("/masuk")
    camera.shoot(who, "admin-masuk-belum-siap")
    who.open("/mulai")
    camera.shoot(who, "admin-mulai")
    values = ("bukan-kodenya", code[1])
    for value in values:
        fill(who, "Kode penyiapan", value)
        fill(who, "Nama lengkap", "Dewi Anggraini, S.Kom.")
        fill(who, "Nama pengguna", "dewi")
        for label in ("Kata sandi", "Ulangi kata sandi"):
            fill(who, label, SECRET)
        press(who, "Buat akun Admin")
        if value != code[1]:
            camera.shoot(who, "admin-mulai-keliru")


def _identity(who: Person, camera: Camera) -> None:
    status = who.page.locator("[data-preview-status]")
    expect(status).to_have_text("Pratinjau sesuai isian")
    camera.shoot(who, "admin-identitas")
    fill(who, "Tempat surat", "")
    press(who, "Simpan dan lanjut")
    camera.shoot(who, "admin-identitas-keliru")
    fill(who, "Tempat surat", "Trawas")
    expect(status).to_have_text("Pratinjau sesuai isian")
    press(who, "Simpan dan lanjut")


def _logo_and_number(who: Person, camera: Camera, folder: Path) -> None:
    camera.shoot(who, "admin-logo")
    picture = Image.new("RGBA", (400, 480), (0, 0, 0, 0))
    shield = [(20, 20), (380, 20), (380, 300), (200, 460), (20, 300)]
    ImageDraw.Draw(picture).polygon(shield, (14, 74, 71), (200, 160, 0))
    picture.save(folder / "lambang.png")
    who.page.locator("#logo").set_input_files(folder / "lambang.png")
    fill(who, "Apa yang tampak pada logo", "Lambang Kabupaten Mojokerto")
    press(who, "Simpan dan lanjut")
    camera.shoot(who, "admin-nomor")
    press(who, "Simpan dan lanjut")


def _accounts(who: Person, camera: Camera) -> None:
    who.open("/akun/?alur=mulai")
    camera.shoot(who, "admin-akun-belum")
    for role, username, name, seksi in PEOPLE:
        follow(who, f"Buat akun {role}")
        fill(who, "Nama lengkap", name)
        fill(who, "Nama pengguna atau nomor telepon", username)
        if seksi:
            who.page.get_by_label(re.compile("^Seksi")).select_option(label=seksi)
        press(who, "Buat akun")
        if username == "camat":
            camera.shoot(who, "admin-kata-sandi-pertama")
        follow(who, "Selesai")
    camera.shoot(who, "admin-akun")
    follow(who, "Lanjut: Penunjukan")


def _appointments(who: Person, camera: Camera) -> None:
    for role, username, name, _seksi in PEOPLE[:2]:
        who.page.get_by_role("main").get_by_role("link", name="Penunjukan baru").first.click()
        who.page.get_by_label("Orang", exact=True).select_option(label=f"{name} ({username})")
        who.page.get_by_label(re.compile(f"\\({'Camat' if role == 'Camat' else 'Kasi'}\\)")).check()
        fill(who, "Jabatan", "CAMAT TRAWAS" if role == "Camat" else "KASI KEMASYARAKATAN")
        press(who, "Lihat tulisannya")
        if role == "Camat":
            camera.shoot(who, "admin-penunjukan-baru")
        press(who, "Catat penunjukan")
    camera.shoot(who, "admin-penunjukan")
    follow(who, "Lanjut: Surat uji")


# ---- afterwards, in the busy office ----


def away(studio: Studio) -> None:
    """The Camat is away; the form without its number is told so."""
    who = studio.person("admin")
    who.open("/kantor/penunjukan/plh")
    press(who, "Tunjuk Plh.")
    studio.camera.shoot(who, "admin-plh")


def account(studio: Studio) -> None:
    """Accounts, and one of them being changed."""
    who = studio.show("admin", "/akun/", "admin-akun-daftar")
    who.page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]  # a plain dict is what it takes
    who.page.get_by_role("row").filter(has_text="Siti Aminah").get_by_role("link", name="Ubah").click()
    fill(who, "Nama lengkap", LONG.applicant)
    studio.camera.shoot(who, "admin-akun-ubah")
    press(who, "Simpan")


def sop_file(studio: Studio) -> None:
    """The list of SOPs, a fault named with its line, and a change that can be put in force."""
    who = studio.show("admin", "/kantor/sop/", "admin-sop")
    who.page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]  # a plain dict is what it takes
    who.open("/kantor/sop/rakor-bspps")
    text = who.page.locator("#text")
    right = text.input_value()
    text.fill(right.replace('nama = "Register Rakor BSPPS"', "nama = Register Rakor BSPPS"))
    press(who, "Periksa")
    studio.camera.shoot(who, "admin-sop-salah")
    who.page.locator("#text").fill(right.replace('nama = "Register Rakor BSPPS"', 'nama = "Buku Register Rakor"'))
    press(who, "Periksa")
    studio.camera.shoot(who, "admin-sop-benar")


def template(studio: Studio) -> None:
    """The list of templates, a trial print, and one that fails."""
    who = studio.show("admin", "/kantor/templat/", "admin-templat")
    who.page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]  # a plain dict is what it takes
    who.open("/kantor/templat/undangan-rakor")
    press(who, "Uji cetak")
    expect(who.page.get_by_text("Uji cetak berhasil")).to_be_visible()
    studio.camera.shoot(who, "admin-templat-uji")
    source = who.page.locator("#source")
    source.fill(source.input_value() + "\n#tidak-ada()")
    press(who, "Uji cetak")
    studio.camera.shoot(who, "admin-templat-gagal")


def health(studio: Studio) -> None:
    """What the service says of itself, and what changed in the office."""
    studio.show("admin", "/kesehatan", "admin-kesehatan-kantor")
    studio.show("admin", "/kantor/riwayat", "admin-riwayat")


SCENES = (away, account, sop_file, template, health)
