"""Strangers at /periksa: a file by hash and by upload, a photo without script, the camera, and bombs."""

from __future__ import annotations

import base64
import io
import json
import socket
import threading
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import helpers_office
import pypdfium2
import pytest
from playwright.sync_api import Browser, expect, sync_playwright
from sqlalchemy import select

import app as house_module
from signer import seal as sealing
from signer.settings import Settings
from signer.tables.letters import Letter
from tests.journeys import watching
from tests.journeys.serving import Service, serving
from tests.journeys.watching import PHONE, Person, person

pytestmark = pytest.mark.journey

DROP = """async ([field, name, content]) => {
  const bytes = Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([bytes], name, { type: "application/pdf" }));
  document.getElementById(field).closest("[data-drop]").dispatchEvent(new DragEvent("drop", { dataTransfer }));
}"""

CAMERA = """(() => {
  // Stands in for what Chromium has on phones only: a detector, and a camera (here a canvas).
  window.BarcodeDetector = class {
    static getSupportedFormats() { return Promise.resolve(["qr_code"]); }
    detect() { return Promise.resolve(window.shown ? [{ rawValue: window.shown }] : []); }
  };
  navigator.mediaDevices.getUserMedia = async () => {
    const canvas = document.createElement("canvas");
    canvas.getContext("2d").fillRect(0, 0, 9, 9);
    window.camera = canvas.captureStream(5);
    return window.camera;
  };
})()"""


@dataclass(frozen=True)
class Public:
    """The service, one letter of its office, and files that people have of it."""

    service: Service
    token: str
    number: str
    qr: str
    pdf: bytes
    photo: bytes

    @property
    def changed(self) -> bytes:
        """The letter with one byte changed."""
        return self.pdf.replace(b"/Type", b"/Typf", 1)


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Public]:
    with serving(tmp_path_factory.mktemp("service")) as service:
        house = house_module.House(Settings.from_env(service.environment))
        helpers_office.Office(house, helpers_office.MovableClock()).berkas(step=7)
        with house.db.read() as session:
            row = session.scalars(select(Letter)).one()
        text = sealing.qr_text(service.address, row.token, row.seal)
        pdf = service.fetch(f"/v/{row.token}/letter.pdf")
        yield Public(service, row.token, row.number, text, pdf, _photo(pdf))
        house.db.close()


def _photo(pdf: bytes) -> bytes:
    with pypdfium2.PdfDocument(pdf) as document:
        document.init_forms()
        page = document[0].render(scale=150 / 72).to_pil().convert("RGB")
    out = io.BytesIO()
    page.rotate(8, expand=True, fillcolor="#6b5b4a").save(out, "JPEG", quality=40)
    return out.getvalue()


@pytest.fixture(scope="module")
def browser(public: Public) -> Iterator[Browser]:
    # After the service: signing runs an event loop of its own, which it cannot inside Playwright's.
    with sync_playwright() as playwright:
        found = watching.launch(playwright)
        yield found
        found.close()


@pytest.fixture
def stranger(public: Public, browser: Browser) -> Iterator[Person]:
    made = person(browser, "warga", public.service.address)
    made.open("/periksa")
    yield made
    assert made.all_faults() == []
    made.context.close()


def give(who: Person, field: str, name: str, data: bytes, media: str = "application/pdf") -> None:
    who.page.set_input_files(f"#{field}", {"name": name, "mimeType": media, "buffer": data})


def test_a_file_is_known_by_its_hash_and_stays_on_the_device(stranger: Person, public: Public) -> None:
    sent: list[str] = []
    stranger.page.on("request", lambda request: sent.append(f"{request.method} {request.url}"))
    give(stranger, "berkas", "surat.pdf", public.pdf)
    stranger.page.get_by_role("button", name="Periksa tanpa mengirim berkas").click()
    expect(stranger.page.get_by_text("Identik dengan surat terdaftar")).to_be_visible()
    expect(stranger.page.locator("[data-hash-answer]")).to_contain_text(public.number)
    stranger.look("periksa-sidik-dikenal", dark=True)
    give(stranger, "berkas", "lain.pdf", public.changed)
    expect(stranger.page.get_by_text("Identik dengan surat terdaftar")).to_have_count(0)
    stranger.page.get_by_role("button", name="Periksa tanpa mengirim berkas").click()
    expect(stranger.page.get_by_text("Itu belum berarti palsu", exact=False)).to_be_visible()
    assert sent and all(line.startswith("GET ") for line in sent), sent


def test_a_dropped_file_is_sent_and_answered_in_four(stranger: Person, public: Public, tmp_path: Path) -> None:
    stranger.page.evaluate(DROP, ["berkas", "surat.pdf", base64.b64encode(public.pdf).decode()])
    stranger.page.get_by_role("button", name="Periksa berkas").click()
    expect(stranger.page.get_by_role("heading", level=1)).to_contain_text(f"sama persis dengan surat {public.number}")
    assert stranger.page.locator(".four h2").count() == 4
    stranger.look("periksa-hasil-identik", dark=True)
    with stranger.page.expect_download() as download:
        stranger.page.get_by_role("link", name="Laporan (JSON)").click()
    download.value.save_as(tmp_path / "laporan.json")
    assert json.loads((tmp_path / "laporan.json").read_text())["verdict"] == "valid"


def test_a_changed_file_is_told_apart_and_the_original_offered(stranger: Person, public: Public) -> None:
    give(stranger, "berkas", "surat.pdf", public.changed)
    stranger.page.get_by_role("button", name="Periksa berkas").click()
    expect(stranger.page.get_by_role("heading", level=1)).to_contain_text(f"berbeda dari surat {public.number}")
    stranger.look("periksa-hasil-berbeda", dark=True)
    stranger.page.get_by_role("link", name="Buka surat yang asli").click()
    expect(stranger.page.get_by_role("heading", level=1)).to_contain_text("utuh dan belum dicabut")


def test_what_cannot_be_sent_is_said_at_once_and_by_the_server(stranger: Person) -> None:
    give(stranger, "berkas", "foto.jpg", b"x", "image/jpeg")
    expect(stranger.page.get_by_text("Bukan berkas PDF.")).to_be_visible()
    give(stranger, "foto", "foto.jpg", b"bukan gambar", "image/jpeg")
    with stranger.expecting(422):
        stranger.page.get_by_role("button", name="Baca QR dari foto").click()
        expect(stranger.page.get_by_role("alert").first).to_contain_text("JPEG, PNG, atau WebP")
    stranger.look("periksa-foto-keliru")


def test_a_photo_leads_to_the_letter_on_a_phone_without_script(public: Public, browser: Browser) -> None:
    phone = person(browser, "warga", public.service.address, viewport=PHONE, java_script_enabled=False, is_mobile=True)
    phone.open("/periksa")
    give(phone, "foto", "IMG_1.jpg", public.photo, "image/jpeg")
    phone.page.get_by_role("button", name="Baca QR dari foto").click()
    expect(phone.page.get_by_role("heading", level=1)).to_contain_text("terdaftar dan belum dicabut")
    phone.page.get_by_role("link", name="Buka halaman surat ini").click()
    assert phone.page.url == f"{public.service.address}/v/{public.token}#{public.qr.split('#')[1]}"
    expect(phone.page.get_by_role("heading", level=1)).to_contain_text("utuh dan belum dicabut")
    phone.open("/periksa")
    give(phone, "berkas", "surat.pdf", public.pdf)
    phone.page.get_by_role("button", name="Periksa berkas").click()
    expect(phone.page.get_by_role("heading", level=1)).to_contain_text("sama persis")
    assert phone.all_faults() == []
    phone.context.close()


def test_the_camera_reads_and_opens_nothing_by_itself(public: Public, browser: Browser) -> None:
    phone = person(browser, "warga", public.service.address, viewport=PHONE, is_mobile=True, has_touch=True)
    phone.context.add_init_script(CAMERA)
    asked: list[str] = []
    phone.page.on("request", lambda request: asked.append(request.url))
    for shown, said in ((public.qr, "terdaftar dan belum dicabut"), ("https://evil.example/v/x", "evil.example")):
        phone.open("/periksa")
        phone.page.get_by_role("button", name="Pindai dengan kamera").click()
        expect(phone.page.get_by_text("Arahkan kamera ke QR")).to_be_visible()
        phone.look("periksa-kamera")
        with phone.page.expect_navigation():
            phone.page.evaluate("(text) => { window.shown = text; }", shown)
        expect(phone.page.get_by_role("heading", level=1)).to_contain_text(said)
        phone.look("periksa-qr", dark=True)
    assert not [address for address in asked if "evil" in address]
    assert phone.all_faults() == []
    phone.context.close()


def bomb() -> bytes:
    """A small PDF whose cross-reference stream unfolds to 900 MB."""
    once = zlib.compressobj(1)
    unfolded = b"".join([*(once.compress(bytes(1 << 20)) for _ in range(900)), once.flush()])
    twice = zlib.compress(unfolded)
    keys = b"/Type/XRef/Size 9/W[1 2 1]/Root 1 0 R/Filter[/FlateDecode/FlateDecode]/Length %d" % len(twice)
    body = b"1 0 obj<<" + keys + b">>stream\n" + twice + b"\nendstream endobj\n"
    return b"%PDF-1.7\n" + body + b"startxref\n9\n%%EOF\n"


def verify(public: Public, data: bytes) -> tuple[int, dict[str, object]]:
    request = urllib.request.Request(f"{public.service.address}/api/v1/verifications", data)
    request.add_header("Content-Type", "application/pdf")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.load(refused) | {"retry": refused.headers["Retry-After"]}


def test_bombs_cost_their_processes_and_not_the_service(public: Public) -> None:
    answers: list[tuple[int, dict[str, object]]] = []
    data = bomb()
    attackers = [threading.Thread(target=lambda: answers.append(verify(public, data))) for _ in range(8)]
    for attacker in attackers:
        attacker.start()
    waits = []
    while any(attacker.is_alive() for attacker in attackers):
        started = time.monotonic()
        public.service.fetch("/healthz")
        waits.append(time.monotonic() - started)
        time.sleep(0.05)
    assert max(waits) < 3, waits  # the machine is busy, the service is not
    assert len(answers) == 8
    for status, answer in answers:
        assert (status == 200 and answer["verdict"] == "unreadable") or (status == 503 and answer["retry"]), answer
    assert any(status == 200 for status, _ in answers)
    assert verify(public, public.pdf)[1]["verdict"] == "valid"
    assert public.service.errors() == []


def test_the_server_refuses_a_chunked_file(public: Public) -> None:
    host, port = public.service.address.removeprefix("http://").split(":")
    head = "POST /api/v1/verifications HTTP/1.1\r\nHost: x\r\nContent-Type: application/pdf\r\n"
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(head.encode() + b"Transfer-Encoding: chunked\r\n\r\n5\r\n%PDF-\r\n0\r\n\r\n")
        assert b" 411 " in line.recv(4096).split(b"\r\n")[0]
