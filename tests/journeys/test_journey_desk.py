"""Staf at the desk: conflict and how it is resolved, copying, address book, diffs, the whole way without a mouse."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from helpers_office import MovableClock, Office
from playwright.sync_api import Browser, Locator, expect

import app as house_module
from signer import contacts
from signer.settings import Settings
from tests.journeys import walking
from tests.journeys.serving import Service, serving
from tests.journeys.walking import DEMO, SECOND_STAF, fill, press
from tests.journeys.watching import Person

pytestmark = pytest.mark.journey

LONG = "Kepala Desa Ketapanrame, Bapak H. Muhammad Zainul Arifin Kusumawardhana, S.Sos., M.Si."
FORKOPIMCAM = ("Camat Trawas", "Danramil 0815/14 Trawas", "Kapolsek Trawas")


@dataclass
class House:
    """The running service, and the same instance for preparing berkas without clicking."""

    service: Service
    office: Office
    browser: Browser
    here: list[Person] = field(default_factory=list)

    def person(self, username: str) -> Person:
        """Somebody at a browser of their own, signed in, until the test ends."""
        self.here.append(walking.arrive(self.browser, self.service, username))
        return self.here[-1]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[House]:
    with serving(tmp_path_factory.mktemp("service")) as service:
        walking.add_second_staf(service)
        inside = house_module.House(Settings.from_env({"SURAT_INSTANCE": str(service.instance)}))
        office = Office(inside, MovableClock())
        contacts.add(office.desk, office.actor("staf"), FORKOPIMCAM, "Forkopimcam")
        contacts.add(office.desk, office.actor("staf"), [LONG, "Agen BRILink Sumber Rejeki"])
        yield House(service, office, browser)
        assert service.errors() == []
        inside.db.close()


@pytest.fixture(autouse=True)
def _everybody_leaves(house: House) -> Iterator[None]:
    yield
    while house.here:
        house.here.pop().context.close()  # else their pages would go on asking


def opened(who: Person, berkas_id: int) -> None:
    who.open(f"/berkas/{berkas_id}/surat")
    expect(who.page.locator("[data-preview-pages] img").first).to_be_visible()
    who.settle()


def status(who: Person) -> Locator:
    return who.page.locator("[data-autosave-status]")


def test_the_picture_follows_what_is_typed(house: House) -> None:
    staf = house.person("staf")
    opened(staf, house.office.berkas(step=3))
    pages = staf.page.locator("[data-preview-pages] img")
    before = pages.first.get_attribute("data-page")
    fill(staf, "Tempat", "Balai Kecamatan Trawas")
    expect(pages.first).not_to_have_attribute("data-page", before or "")
    fill(staf, "Kepada", "\n".join(f"Kepala Desa {n}" for n in range(20)))
    expect(pages).to_have_count(2)
    second = pages.nth(1).get_attribute("data-page")
    with staf.page.expect_response("**/pratinjau") as answer:
        fill(staf, "Hal", "Undangan Rakor")
    sent = answer.value.json()["pages"]
    assert ["src" in page for page in sent] == [True, False], "a page that stayed the same is not sent again"
    expect(pages.first).to_have_attribute("data-page", sent[0]["id"])
    expect(pages.nth(1)).to_have_attribute("data-page", second or "")
    assert pages.nth(1).evaluate("image => image.naturalWidth") > 0
    assert staf.all_faults() == []


def test_two_staf_in_conflict_resolve_it_field_by_field(house: House) -> None:
    berkas = house.office.berkas(step=3)
    first, second = house.person("staf"), house.person(SECOND_STAF[0])
    opened(first, berkas)
    opened(second, berkas)
    fill(first, "Penutup", "Demikian, atas kehadiran Saudara kami sampaikan terima kasih.")
    fill(first, "Tempat", "Aula Kecamatan Trawas")
    first.page.keyboard.press("Control+s")
    expect(status(first)).to_contain_text("tersimpan pukul")
    with second.expecting(409):
        fill(second, "Penutup", "Sekian dan terima kasih.")
        fill(second, "Acara", "Rakor triwulan pertama")
        expect(status(second)).to_contain_text("juga mengubah surat ini")
    expect(second.page.get_by_role("button", name="Bandingkan dan gabungkan")).to_be_in_viewport()
    second.look("susun-surat-bentrok")
    with second.expecting(409):
        press(second, "Bandingkan dan gabungkan")
    page = second.page
    closing = page.get_by_role("group", name="Penutup")
    assert closing.locator("input:checked").count() == 0, "both changed it: nobody is dropped by default"
    expect(page.get_by_role("group", name="Tempat").get_by_label(f"Isian {DEMO['staf'].name}")).to_be_checked()
    expect(page.get_by_role("group", name="Acara").get_by_label("Isian Anda")).to_be_checked()
    second.look("dua-isian", dark=True)
    with second.expecting(422):
        press(second, "Simpan gabungan")
    assert page.evaluate("document.activeElement.matches('[data-error-summary]')")
    second.look("dua-isian-belum-dipilih")
    page.get_by_role("link", name="Penutup").click()
    page.keyboard.press("ArrowRight")  # its second choice
    page.keyboard.press("Control+s")
    expect(page.get_by_role("heading", level=1)).to_have_text("Menyusun surat")
    for label, text in (
        ("Penutup", "Sekian dan terima kasih."),
        ("Tempat", "Aula Kecamatan Trawas"),
        ("Acara", "Rakor triwulan pertama"),
    ):
        expect(page.get_by_label(label, exact=True)).to_have_value(text)
    assert first.all_faults() + second.all_faults() == []


def test_what_is_typed_outlives_a_lost_connection_and_a_session_that_ended(house: House) -> None:
    staf = house.person("staf")
    opened(staf, house.office.berkas(step=3))
    staf.context.set_offline(True)
    fill(staf, "Acara", "Rakor tanpa sambungan")
    expect(status(staf)).to_contain_text("tidak ada sambungan")
    staf.context.set_offline(False)
    expect(status(staf)).to_contain_text("tersimpan pukul")
    staf.faults.clear()  # the requests that found no network
    cookies = staf.context.cookies()
    staf.context.clear_cookies()
    with staf.expecting(400):
        fill(staf, "Acara", "Rakor sesudah sesi berakhir")
        expect(status(staf)).to_contain_text("Sesi Anda berakhir")
    expect(staf.page.get_by_role("link", name="Masuk lagi (tab baru)")).to_be_visible()
    other = staf.context.new_page()
    other.goto(f"{staf.address}/masuk")
    other.get_by_label("Nama pengguna").fill("staf")
    other.get_by_label("Kata sandi").fill(DEMO["staf"].password)
    with other.expect_navigation():
        other.get_by_role("main").get_by_role("button", name="Masuk", exact=True).click()
    assert cookies[0]["value"] != staf.context.cookies()[0]["value"]
    other.close()
    staf.page.evaluate("dispatchEvent(new Event('focus'))")
    expect(status(staf)).to_contain_text("tersimpan pukul")
    staf.page.reload()
    expect(staf.page.get_by_label("Acara", exact=True)).to_have_value("Rakor sesudah sesi berakhir")
    staf.refused.clear()  # what the first session was refused
    assert staf.all_faults() == []


def test_a_letter_copied_from_an_earlier_one(house: House) -> None:
    house.office.finalise(house.office.berkas(step=3, desa="Kesiman"), hal="Undangan Rakor Penyaluran Kesiman")
    berkas = house.office.berkas(step=3, place="Balai Desa Sugeng")
    staf = house.person("staf")
    opened(staf, berkas)
    walking.follow(staf, "Salin dari surat terdahulu")
    fill(staf, "Cari nomor, hal, desa, atau pemohon", "kesiman penyaluran")
    press(staf, "Cari")
    staf.look("salin-surat")
    press(staf, "Salin ke konsep")
    expect(staf.page.get_by_text("Tetap milik berkas ini:")).to_be_visible()
    expect(staf.page.get_by_label("Hal", exact=True)).to_have_value("Undangan Rakor Penyaluran Kesiman")
    expect(staf.page.get_by_label("Tempat", exact=True)).to_have_value("Balai Desa Sugeng")
    assert staf.all_faults() == []


def test_the_address_book_by_keyboard(house: House) -> None:
    staf = house.person("staf")
    opened(staf, house.office.berkas(step=3, invitees=("Perwakilan KPM",)))
    keys, kepada = staf.page.keyboard, staf.page.get_by_label("Kepada", exact=True)
    kepada.focus()
    keys.press("Control+End")
    keys.press("Enter")
    keys.type("forko")
    names = staf.page.get_by_role("listbox", name="Tawaran buku alamat: Kepada")
    expect(names.get_by_role("option").first).to_have_text("Forkopimcam (grup, 3 nama)")
    keys.press("ArrowDown")
    expect(names.get_by_role("option", selected=True)).to_have_count(1)
    staf.look("tawaran-buku-alamat", dark=True)
    keys.press("Enter")
    expect(kepada).to_have_value("\n".join(("Perwakilan KPM", *FORKOPIMCAM, "")))
    keys.type("zainul")
    expect(names.get_by_role("option")).to_have_text([LONG])
    keys.press("ArrowDown")
    keys.press("Enter")
    keys.type("Nama yang baru sama sekali")
    keys.press("Enter")
    expect(names).to_be_hidden()
    expect(kepada).to_have_value("\n".join(("Perwakilan KPM", *FORKOPIMCAM, LONG, "Nama yang baru sama sekali", "")))
    keys.press("Alt+ArrowDown")
    expect(names).to_be_visible()
    keys.press("Escape")
    expect(names).to_be_hidden()
    press(staf, "Finalkan surat")
    staf.open("/buku-alamat")
    expect(staf.page.get_by_role("row").filter(has_text="Nama yang baru sama sekali")).to_contain_text("1 surat")
    assert staf.all_faults() == []


def test_what_changed_since_the_return_is_seen_by_staf_and_kasi(house: House) -> None:
    berkas = house.office.berkas(step=4)
    house.office.send_back(berkas, "kasi", "Tempat keliru.")
    staf, kasi = house.person("staf"), house.person("kasi")
    opened(staf, berkas)
    fill(staf, "Tempat", "Balai Kecamatan Trawas")
    changed = staf.page.locator("#perubahan")
    expect(changed.locator("ins")).to_contain_text("Balai")
    expect(changed.locator("del")).to_contain_text("Pendopo")
    staf.look("susun-ulang", dark=True)
    with staf.page.expect_navigation():
        staf.page.keyboard.press("Control+Enter")
    kasi.open(f"/berkas/{berkas}/paraf")
    news = kasi.page.locator(".changes")
    expect(news.locator("ins")).to_contain_text("Balai")
    expect(news.locator("del")).to_contain_text("Pendopo")
    kasi.look("paraf-yang-berubah")
    assert staf.all_faults() + kasi.all_faults() == []


def test_from_check_to_finalised_with_the_keyboard_in_at_most_eight_acts(house: House) -> None:
    berkas = house.office.berkas(step=2, applicant="Ngatiyem")
    staf = house.person("staf")
    keys, acts = staf.page.keyboard, 0
    staf.open(f"/berkas/{berkas}/periksa")
    for item in staf.page.locator(".check-item").all():
        _tab_to(staf, item.get_by_label("Lengkap", exact=True))
        keys.press("Space")
        acts += 1
    with staf.page.expect_navigation():
        keys.press("Control+Enter")
    acts += 1
    _tab_to(staf, staf.page.get_by_role("link", name="Susun surat").first)
    with staf.page.expect_navigation():
        keys.press("Enter")
    acts += 1
    _tab_to(staf, staf.page.get_by_label("Tempat", exact=True))
    keys.press("Control+a")
    keys.press("Delete")
    with staf.expecting(422), staf.page.expect_navigation():
        keys.press("Control+Enter")
    assert staf.page.evaluate("document.activeElement.matches('[data-error-summary]')"), "what is wrong comes first"
    keys.press("Tab")
    keys.press("Enter")
    expect(staf.page.get_by_label("Tempat", exact=True)).to_be_focused()
    keys.type("Pendopo Kecamatan Trawas")
    with staf.page.expect_navigation():
        keys.press("Control+Enter")
    acts += 1
    expect(staf.page.get_by_role("heading", name="Naskah ")).to_be_visible()
    assert acts <= 8, acts
    assert staf.all_faults() == []


def test_rows_of_the_table_by_keyboard(house: House) -> None:
    staf = house.person("staf")
    opened(staf, house.office.berkas(step=3))
    keys, table = staf.page.keyboard, staf.page.get_by_role("group", name="Sembako yang akan disalurkan")
    goods = table.get_by_label("Komoditas")
    goods.first.focus()
    for name in ("Beras", "Telur ayam", "Minyak goreng", "Gula"):
        keys.press("Control+a")
        keys.type(name)
        keys.press("Enter")
    assert [box.input_value() for box in goods.all()] == ["Beras", "Telur ayam", "Minyak goreng", "Gula", ""]
    expect(goods.nth(4)).to_be_focused()
    goods.nth(1).focus()
    keys.press("Alt+Delete")
    expect(goods.nth(1)).to_be_focused()
    assert [box.input_value() for box in goods.all()] == ["Beras", "Minyak goreng", "Gula", ""]
    table.get_by_role("button", name="Hapus baris 1", exact=True).press("Enter")
    expect(goods.first).to_be_focused()
    assert [box.input_value() for box in goods.all()] == ["Minyak goreng", "Gula", ""]
    staf.look("tabel")
    assert staf.all_faults() == []


def _tab_to(who: Person, wanted: Locator) -> None:
    """Press Tab until that part has the focus."""
    for _ in range(60):
        who.page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{wanted} is not reached by Tab")
