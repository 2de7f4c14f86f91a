"""A Pemohon at a phone, on a connection that is slow and breaks: nothing has to be sent, or typed, twice."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Request, expect

from tests.journeys import samples, walking
from tests.journeys.serving import Service, serving
from tests.journeys.walking import fill, follow, press
from tests.journeys.watching import PHONE, Person, person

pytestmark = pytest.mark.journey

PHONE_OPTIONS = {"viewport": PHONE, "is_mobile": True, "has_touch": True}
SLOW = {"offline": False, "latency": 100, "downloadThroughput": 250_000, "uploadThroughput": 120_000}
"""Bytes a second; about what a village has in the rain."""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with serving(tmp_path_factory.mktemp("service")) as running:
        yield running


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> samples.Papers:
    return samples.papers(tmp_path_factory.mktemp("papers"))


def _at_the_form(browser: Browser, service: Service, **options: object) -> Person:
    """A Pemohon, signed in at a phone, with an empty form."""
    who = walking.arrive(browser, service, "pemohon", **(PHONE_OPTIONS | options))
    follow(who, "Ajukan Rakor baru")
    return who


def _type(who: Person, desa: str) -> None:
    day = samples.PLAIN.day.isoformat()
    for label, value in {
        "Desa": desa,
        "Tanggal Rakor": day,
        "Pukul (WIB)": "09:00",
        "Tempat Rakor": "Balai Desa",
    }.items():
        fill(who, label, value)
    row = who.page.get_by_role("group", name="Baris 1")
    row.get_by_label("Barang").fill("Beras")
    row.get_by_label("Jumlah").fill("500")


def _choose(who: Person, need: str) -> Locator:
    return who.page.locator(f"#files-{need}")


def _photo(path: Path, number: int, size: tuple[int, int] = (1200, 1600)) -> Path:
    """As a phone that was held sideways writes it: turned by its EXIF, and with the place it was taken at."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "RAHASIA-TEMPAT"
    sheet = samples.photo(*size).rotate(90, expand=True)
    sheet.paste((40 * number, 200, 40), (0, 0, sheet.width, 60))
    sheet.save(path, quality=90, exif=exif)
    return path


@dataclass
class Sent:
    """The parts of files that the browser sends: where each began, and how many bytes it had."""

    parts: list[tuple[int, int]] = field(default_factory=list)

    def note(self, request: Request) -> None:
        """Listen to one request."""
        offset = request.headers.get("upload-offset")
        if offset is not None:
            self.parts.append((int(offset), len(request.post_data_buffer or b"")))


def _lines(who: Person, state: str) -> Locator:
    return who.page.locator(f".sent.is-{state}")


def _without_broken_parts(who: Person) -> list[str]:
    """Everything that went wrong but the requests that this test broke itself."""
    return [fault for fault in who.all_faults() if "request failed" not in fault or "/unggahan/" not in fault]


def test_a_file_goes_on_where_it_stopped(browser: Browser, service: Service, tmp_path: Path) -> None:
    big = tmp_path / "IMG_20260114_083215.jpg"
    noise = Image.effect_noise((1500, 1200), 90).convert("RGB")
    noise.save(big, quality=92)
    size = big.stat().st_size
    assert size > 900_000
    who, sent = _at_the_form(browser, service), Sent()
    _type(who, "Selotapak")
    line = who.context.new_cdp_session(who.page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", SLOW)
    who.page.on("request", sent.note)

    _choose(who, "berkas-pemohon").set_input_files(big)
    expect(_lines(who, "sending").get_by_role("progressbar")).to_have_attribute("value", re.compile(r"^[1-9]\d$"))
    line.send("Network.emulateNetworkConditions", SLOW | {"offline": True})
    expect(_lines(who, "lost")).to_contain_text("Dilanjutkan sendiri begitu tersambung")
    before = len(sent.parts)
    line.send("Network.emulateNetworkConditions", SLOW)
    expect(_lines(who, "sending")).to_contain_text("% terkirim")
    expect(who.page.locator(".sent progress")).to_have_attribute("value", re.compile(r"^[4-9]\d$"))
    assert sent.parts[before][0] > 0, "it went on, and did not begin again"

    line.send("Network.emulateNetworkConditions", SLOW | {"downloadThroughput": -1, "latency": 0})
    who.page.reload()
    expect(who.page.get_by_label("Desa", exact=True)).to_have_value("Selotapak")
    expect(who.page.get_by_role("group", name="Baris 1").get_by_label("Barang")).to_have_value("Beras")
    expect(_lines(who, "half")).to_contain_text("Pilih file yang sama sekali lagi")
    who.look("berkas setengah terkirim", dark=True)
    who.page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a plain dict is what it takes
    press_stays(who, "Serahkan berkas")
    expect(who.page.locator("[data-sending-note]")).to_contain_text("1 file belum terkirim")
    sent.parts.clear()
    line.send("Network.emulateNetworkConditions", SLOW | {"uploadThroughput": 2_000_000})
    _choose(who, "berkas-pemohon").set_input_files(big)
    expect(_lines(who, "whole")).to_have_count(1)
    assert sent.parts[0][0] > 0.2 * size, "the reload lost nothing"
    assert sum(length for _at, length in sent.parts) < size
    expect(_lines(who, "half")).to_have_count(0)
    press(who, "Simpan dulu")
    expect(who.page.get_by_role("link", name=big.name)).to_be_visible()
    expect(who.page.get_by_text("Belum diserahkan").first).to_be_visible()
    who.open("/")
    expect(who.page.get_by_text("Belum diserahkan").first).to_be_visible()
    who.look("konsep di halaman pertama")
    assert _without_broken_parts(who) == []
    assert service.errors() == []


def press_stays(who: Person, name: str, *, last: bool = False) -> None:
    """Press a button that does not lead away yet."""
    found = who.page.get_by_role("main").get_by_role("button", name=name, exact=True)
    (found.last if last else found).click()


def test_three_photos_become_one_pdf_by_keyboard(
    browser: Browser, service: Service, papers: samples.Papers, tmp_path: Path
) -> None:
    photos = [_photo(tmp_path / f"{number}.jpg", number) for number in (1, 2, 3)]
    who = _at_the_form(browser, service)
    _type(who, "Belik")
    _choose(who, "pengantar-desa").set_input_files(papers.wrong)
    with who.expecting(422):
        expect(who.page.locator(".files .refused")).to_contain_text("Bukan PDF")
    _choose(who, "pengantar-desa").set_input_files(papers.letter)
    who.page.locator("#files-berkas-pemohon-kamera").set_input_files(photos[0])
    _choose(who, "berkas-pemohon").set_input_files(photos[1:])
    expect(_lines(who, "whole")).to_have_count(4)
    who.page.get_by_role("button", name="Turunkan 1.jpg").focus()
    who.page.keyboard.press("Enter")
    assert who.page.evaluate("document.activeElement.getAttribute('aria-label')") == "Turunkan 1.jpg"
    who.page.keyboard.press("Enter")
    names = who.page.locator("[data-uploads=berkas-pemohon] .sent .name").all_inner_texts()
    assert names == ["2.jpg", "3.jpg", "1.jpg"]
    who.look("tiga foto", dark=True)
    _choose(who, "ijin-monev").set_input_files(papers.letter)
    expect(_lines(who, "whole")).to_have_count(5)
    press_stays(who, "Keluarkan Pengantar Desa.pdf", last=True)
    expect(_lines(who, "whole")).to_have_count(4)
    who.page.get_by_role("button", name="Gabungkan 3 foto menjadi satu PDF").focus()
    who.page.keyboard.press("Enter")
    expect(who.page.get_by_text("Berkas Pemohon (3 foto).pdf", exact=True)).to_be_visible()
    expect(_lines(who, "whole")).to_have_count(2)
    press(who, "Serahkan berkas")
    code = who.page.locator(".code-big").inner_text()

    address = who.page.get_by_role("link", name="Berkas Pemohon (3 foto).pdf").get_attribute("href")
    data = who.context.request.get(f"{service.address}{address}").body()
    _is_the_three_photos(data)
    assert who.all_faults() == []
    _the_link_opens_for_who_holds_it(browser, service, code)


def _is_the_three_photos(data: bytes) -> None:
    """Upright A4 pages, in the order that was chosen, with nothing of the photos' own data."""
    assert b"RAHASIA" not in data and b"Exif" not in data
    document = pypdfium2.PdfDocument(io.BytesIO(data))
    assert len(document) == 3
    greens = []
    for page in document:
        width, height = page.get_size()
        assert (round(width), round(height)) == (595, 842)
        picture = page.render(scale=1).to_pil().convert("RGB")
        right = picture.getpixel((picture.width - 8, picture.height // 2))
        assert isinstance(right, tuple)
        greens.append(round(right[0] / 40))
    assert greens == [2, 3, 1], "the edge that was painted is at the right, upright: turned as the EXIF says"


def _the_link_opens_for_who_holds_it(browser: Browser, service: Service, code: str) -> None:
    stranger = person(browser, "stranger", service.address, **PHONE_OPTIONS)
    asked: list[str] = []
    stranger.page.on("request", lambda request: asked.append(request.url))
    stranger.open(f"/lacak#{code}")
    expect(stranger.page.get_by_role("heading", level=1)).to_have_text(f"Berkas {code}")
    assert stranger.page.url == f"{service.address}/lacak"
    assert not [url for url in asked if code[:5] in url.partition("#")[0]], "the code is in no address that was sent"
    expect(stranger.page.locator(".timeline > li")).to_have_count(7)
    stranger.look("lacak dengan tautan", dark=True)
    assert stranger.all_faults() == []


def test_without_javascript_photos_are_joined_by_ticking(
    browser: Browser, service: Service, papers: samples.Papers, tmp_path: Path
) -> None:
    who = _at_the_form(browser, service, java_script_enabled=False)
    _type(who, "Duyung")
    _choose(who, "pengantar-desa").set_input_files(papers.letter)
    _choose(who, "berkas-pemohon").set_input_files([_photo(tmp_path / f"{n}.jpg", n, (600, 800)) for n in (1, 2)])
    who.page.get_by_label("Gabungkan foto menjadi satu PDF (Berkas Pemohon)").check()
    press(who, "Serahkan berkas")
    expect(who.page.locator(".code-big")).to_be_visible()
    expect(who.page.get_by_role("link", name="Berkas Pemohon (2 foto).pdf")).to_be_visible()
    assert who.all_faults() == []
