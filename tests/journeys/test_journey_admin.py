"""An admin sets up an empty office until a test letter is signed; then the days after: keys, Plh., health, keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, expect

from tests.journeys.serving import Service, serving
from tests.journeys.walking import fill, follow, press, sign_in
from tests.journeys.watching import PHONE, Person, person

pytestmark = pytest.mark.journey
ADMIN = ("dewi", "sandi admin kecamatan")
OWN, PHRASE = "sandi saya sendiri", "empat kata yang mudah"
CAMAT = "Dr. Drs. H. R.M. Bambang Prasetyo Adiningrat Kusumawardhana, S.Sos., M.Si."
PEOPLE = (
    ("Camat", "camat", CAMAT, ""),
    ("Kepala Seksi", "kasi", "Dra. Hj. Siti Nurkhasanatul Widyaningrum", "SEKSI KEMASYARAKATAN"),
    ("Staf / Pengolah Data Kemasyarakatan", "staf", "Rina Wulandari", "SEKSI KEMASYARAKATAN"),
)
"""Role, user name, name, seksi; in the order in which the page asks for them."""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with serving(tmp_path_factory.mktemp("service"), fresh=True, SURAT_DEMO="0") as running:
        yield running


@pytest.fixture(scope="module")
def admin(service: Service, browser: Browser) -> Person:
    return person(browser, "admin", service.address)


@pytest.fixture(scope="module")
def passwords() -> dict[str, str]:
    """First passwords, as the admin reads them off the page."""
    return {}


def _logo(folder: Path) -> Path:
    picture = Image.new("RGBA", (400, 480), (0, 0, 0, 0))
    ImageDraw.Draw(picture).polygon(
        [(20, 20), (380, 20), (380, 300), (200, 460), (20, 300)], (14, 74, 71), (200, 160, 0)
    )
    path = folder / "lambang.png"
    picture.save(path)
    return path


def test_from_nothing_to_a_signed_test_letter(
    service: Service, admin: Person, passwords: dict[str, str], tmp_path: Path
) -> None:
    _first_admin(service, admin)
    _identity(admin)
    _logo_and_number(admin, tmp_path)
    _people(admin, passwords)
    _appointments(admin)
    press(admin, "Buat surat uji")
    expect(admin.page.get_by_text("Surat uji lolos semua pemeriksaan")).to_be_visible()
    expect(admin.page.get_by_alt_text("Halaman pertama surat uji yang sudah ditandatangani")).to_be_visible()
    admin.look("surat-uji", dark=True)
    with admin.page.expect_download() as download:
        admin.page.get_by_role("link", name="Unduh surat uji (PDF)").click()
    assert download.value.path().read_bytes().startswith(b"%PDF-")
    follow(admin, "Selesai, ke Kantor")
    expect(admin.page.get_by_role("heading", name="6 dari 7 siap")).to_be_visible()
    expect(admin.page.get_by_text("Menunggu pemegangnya")).to_contain_text(CAMAT)
    admin.look("kantor")
    assert admin.all_faults() == [] and service.errors() == []


def _first_admin(service: Service, admin: Person) -> None:
    code = re.search(r"valid 24 hours, once\): (\S+)", service.log_file.read_text(encoding="utf-8"))
    assert code
    admin.open("/masuk")
    admin.look("masuk-belum-siap")
    follow(admin, "Mulai penyiapan")
    fill(admin, "Kode penyiapan", "bukan-kodenya")
    fill(admin, "Nama lengkap", "Dewi Anggraini, S.Kom.")
    fill(admin, "Nama pengguna", ADMIN[0])
    for label in ("Kata sandi", "Ulangi kata sandi"):
        fill(admin, label, ADMIN[1])
    with admin.expecting(422):
        press(admin, "Buat akun Admin")
    admin.look("mulai-kode-salah", dark=True)
    fill(admin, "Kode penyiapan", code[1])
    for label in ("Kata sandi", "Ulangi kata sandi"):
        fill(admin, label, ADMIN[1])
    press(admin, "Buat akun Admin")
    expect(admin.page.get_by_text("Langkah 1 dari 6")).to_be_visible()


def _identity(admin: Person) -> None:
    picture = admin.page.locator("[data-preview-pages] img")
    status = admin.page.locator("[data-preview-status]")
    expect(status).to_have_text("Pratinjau sesuai isian")
    before = picture.get_attribute("src")
    fill(admin, "Nama kantor", "KECAMATAN PACET")
    expect(picture).not_to_have_attribute("src", str(before))
    fill(admin, "Alamat", "JL. RAYA PACET NO. 1\nTELEPON (0321) 690001, POS 61374")
    fill(admin, "Tempat surat", "")
    with admin.expecting(422):
        press(admin, "Simpan dan lanjut")
    expect(admin.page.locator("#place-error")).to_contain_text("wajib diisi")
    admin.look("identitas-keliru", dark=True)
    admin.refused.clear()  # the preview's script is told the same again
    fill(admin, "Tempat surat", "Pacet")
    expect(status).to_have_text("Pratinjau sesuai isian")
    admin.refused.clear()
    press(admin, "Simpan dan lanjut")


def _logo_and_number(admin: Person, folder: Path) -> None:
    expect(admin.page.get_by_text("Langkah 2 dari 6")).to_be_visible()
    admin.page.locator("#logo").set_input_files(_logo(folder))
    fill(admin, "Apa yang tampak pada logo", "Lambang Kabupaten Mojokerto")
    press(admin, "Simpan dan lanjut")
    expect(admin.page.locator(".brand img")).to_be_visible()
    pattern = fill(admin, "Pola", "{klasifikasi}/{urut:03d}/{unit}/{tahun}")
    expect(pattern).to_be_focused()
    press(admin, "Simpan dan lanjut")


def _people(admin: Person, passwords: dict[str, str]) -> None:
    admin.open("/akun/?alur=mulai")
    admin.look("orang-belum-ada")
    for role, username, name, seksi in PEOPLE:
        follow(admin, f"Buat akun {role}")
        fill(admin, "Nama lengkap", name)
        fill(admin, "Nama pengguna atau nomor telepon", username)
        if seksi:
            admin.page.get_by_label(re.compile("^Seksi")).select_option(label=seksi)
        press(admin, "Buat akun")
        passwords[username] = admin.page.locator(".code-big code").inner_text()
        follow(admin, "Selesai")
    follow(admin, "Lanjut: Penunjukan")


def _appointments(admin: Person) -> None:
    admin.look("penunjukan-belum-ada")
    for number, (role, _username, name, _seksi) in enumerate(PEOPLE[:2]):
        admin.page.get_by_role("main").get_by_role("link", name="Penunjukan baru").first.click()
        admin.page.get_by_label("Orang", exact=True).select_option(label=f"{name} ({_username})")
        admin.page.get_by_label(re.compile(f"\\({'Camat' if role == 'Camat' else 'Kasi'}\\)")).check()
        fill(admin, "Jabatan", "CAMAT PACET" if number == 0 else "KASI KEMASYARAKATAN")
        press(admin, "Lihat tulisannya")
        expect(admin.page.locator(".block-lines")).to_contain_text(name)
        if number == 0:
            admin.look("penunjukan-baru", dark=True)
        press(admin, "Catat penunjukan")
    follow(admin, "Lanjut: Surat uji")


def test_the_camat_sets_an_own_password_and_an_own_key(
    service: Service, browser: Browser, admin: Person, passwords: dict[str, str]
) -> None:
    camat = person(browser, "camat", service.address, viewport=PHONE)
    camat.open("/masuk")
    fill(camat, "Nama pengguna atau nomor telepon", "camat")
    fill(camat, "Kata sandi", passwords["camat"])
    press(camat, "Masuk")
    fill(camat, "Kata sandi sekarang", passwords["camat"])
    for label in ("Kata sandi baru", "Ulangi kata sandi baru"):
        fill(camat, label, OWN)
    press(camat, "Simpan kata sandi")
    camat.open("/kunci")
    fill(camat, "Passphrase baru", PHRASE)
    fill(camat, "Ulangi passphrase", "lain")
    with camat.expecting(422):
        press(camat, "Buat kunci saya")
    camat.look("kunci-keliru", dark=True)
    fill(camat, "Passphrase baru", PHRASE)
    fill(camat, "Ulangi passphrase", PHRASE)
    press(camat, "Buat kunci saya")
    expect(camat.page.get_by_text("Kunci ada")).to_be_visible()
    assert camat.all_faults() == [] and service.errors() == []


def test_the_camat_is_away_by_keyboard_alone(service: Service, browser: Browser, passwords: dict[str, str]) -> None:
    admin = person(browser, "keyboard", service.address)
    sign_in(admin, *ADMIN)
    admin.open("/kantor/")
    _tab_to(admin, "Camat berhalangan: tunjuk Plh.")
    with admin.page.expect_navigation():
        admin.page.keyboard.press("Enter")
    expect(admin.page.get_by_role("heading", level=1)).to_have_text("Tunjuk Plh. Camat")
    _tab_to(admin, "Siapa yang menggantikan")
    admin.page.keyboard.type("Dra. Hj.")
    _tab_to(admin, "Nomor surat perintah")
    admin.page.keyboard.type("800/12/416-304/2026")
    _tab_to(admin, "Tunjuk Plh.")
    with admin.page.expect_navigation():
        admin.page.keyboard.press("Enter")
    expect(admin.page.get_by_text("Plh. CAMAT PACET,")).to_be_visible()
    assert admin.all_faults() == []


def test_health_says_what_to_do_and_the_record_who_did_what(service: Service, admin: Person) -> None:
    admin.open("/kesehatan")
    expect(admin.page.get_by_text("belum menetapkan kunci").first).to_be_visible()
    expect(admin.page.get_by_text("Minta yang bersangkutan masuk dan membuka Kunci saya.").first).to_be_visible()
    admin.look("kesehatan", dark=True)
    admin.open("/kantor/riwayat")
    expect(admin.page.get_by_text("Trawas → Pacet")).to_be_visible()
    assert admin.all_faults() == [] and service.errors() == []


_NAME = "() => { const e = document.activeElement; return (e.labels?.[0] ?? e).textContent.trim(); }"


def _tab_to(who: Person, name: str) -> None:
    """Press Tab until the part called so has focus."""
    for _ in range(60):
        who.page.keyboard.press("Tab")
        if str(who.page.evaluate(_NAME)).startswith(name):
            return
    raise AssertionError(f"no {name} within 60 stops")
