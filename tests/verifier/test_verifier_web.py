"""The public pages: true and withdrawn letters, damaged and missing files, mistyped codes, what strangers see."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from helpers_public import Public
from helpers_web import Client
from PIL import Image
from sqlalchemy import select
from werkzeug.test import TestResponse

from signer.tables.berkas import Rendering
from signer.tables.letters import Letter, LetterFile
from signer.tables.record import LogLeaf
from verifier import token as tokens
from verifier.web.recent import Recent

pytest_plugins = ("helpers_public",)

ELSEWHERE = "0000000000000000"
SECRETS = ("Siti Aminah", "Ketapanrame", "Rina Wulandari", "Bambang", "Forkopimcam", "Agen", "KPM", "NIP")
"""Pemohon, desa, staf, Kasi, addressees: on the letter perhaps, never in our own words."""


def test_a_true_letter_is_said_to_be_true_first(shared: Public) -> None:
    answer = shared.client.get(f"/v/{shared.token}")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert page.index("<h1>") < page.index("Surat simulasi ini utuh dan belum dicabut") < page.index("Yang baru saja")
    assert page.count('<strong class="good">cocok') == 8
    assert "gagal" not in page and "tidak diperiksa" not in page
    for fact in ("400.9/1/416-304/2026", "SUGONDO, S.Sos., MM.", "CAMAT TRAWAS", "SIMULASI Stempel Waktu", "1 tahun"):
        assert fact in page
    assert tokens.check_character(shared.token) in page.split("Kode surat")[1][:80]
    assert shared.standing() == "valid"


def test_a_simulated_letter_never_claims_a_certificate_of_bsre(public: Public) -> None:
    for language in ("id", "en"):
        page = public.page(headers={"Accept-Language": language})
        assert page.count("SIMULASI") >= 4
        assert "Sertifikat BSrE" not in page and "Surat ini asli" not in page
    public.change(Letter, mode="bsre")  # a register that lies: certificate and seal say otherwise
    assert public.standing() == "unconfirmed"
    assert "Sertifikat BSrE" not in public.page()


def test_our_own_words_name_nobody_but_the_signer(shared: Public) -> None:
    spoken = shared.page() + json.dumps(shared.report()) + shared.client.get(f"/api/v1/letters/{shared.token}").text
    for secret in SECRETS:
        assert secret not in spoken.replace("JL. KOMPI MURLAN 8 DESA KETAPANRAME", "")


def test_headers_and_no_cookie(shared: Public) -> None:
    for path in ("", "/letter.pdf", "/halaman/1.webp"):
        answer = shared.client.get(f"/v/{shared.token}{path}")
        assert "Set-Cookie" not in answer.headers
        assert "noindex" in answer.headers["X-Robots-Tag"]
    page = shared.client.get(f"/v/{shared.token}")
    assert page.headers["Cache-Control"] == "no-store"
    assert {"Accept", "Accept-Language"} <= set(page.headers["Vary"].split(", "))


def test_light_enough_for_a_slow_network_and_no_script_needed(shared: Public) -> None:
    page = shared.page()
    static = Path(shared.site.app.static_folder or "")
    scripts = [static / "js" / name for name in ("surat.js", "once.js", "conveniences.js")]
    linked = sum(path.stat().st_size for path in (static / "surat.css", static / "icon.svg", *scripts))
    assert len(page.encode()) + linked < 60_000
    assert "<style" not in page and "onclick" not in page
    assert page.count("<script") == 2  # surat.js, and what prepares for checking without network


def test_the_report_is_given_as_json(shared: Public) -> None:
    report = shared.report()
    assert report["verdict"] == "valid" and report["integrity"] == "unchanged"
    registry = report["registry"]
    assert isinstance(registry, dict)
    assert registry["identical"] is True and registry["status"] == "berlaku" and registry["log_index"] == 0
    facts = shared.client.get(f"/api/v1/letters/{shared.token}").get_json()
    assert facts["report"]["sha256"] == facts["letter"]["sha256"] == report["sha256"]
    assert facts["letter"]["url"].endswith(f"/v/{shared.token}")


@pytest.mark.parametrize("prefix", ["/v/", "/V/"])
def test_addresses_are_forgiving(shared: Public, prefix: str) -> None:
    assert shared.client.get(prefix + shared.token).status_code == 200
    looks_alike = shared.token.replace("0", "o").replace("1", "L").lower()
    with_check = tokens.printed(shared.token).replace(" ", "-")
    for written in (looks_alike, with_check):
        answer = shared.client.get(prefix + written)
        assert (answer.status_code, answer.location) == (302, f"/v/{shared.token}")


def test_an_unknown_code_is_a_clear_page_without_a_hint(shared: Public) -> None:
    answer = shared.client.get(f"/v/{ELSEWHERE}")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 404
    assert "Tidak ada surat dengan kode ini" in page and 'name="kode"' in page
    assert shared.token not in page and "416-304" not in page
    problem = shared.client.get(f"/v/{ELSEWHERE}", headers={"Accept": "application/json"})
    assert (problem.status_code, problem.content_type) == (404, "application/problem+json")
    assert problem.get_json()["code"] == "letter-not-found"
    assert shared.client.get(f"/api/v1/letters/{ELSEWHERE}").get_json()["code"] == "letter-not-found"


@pytest.mark.parametrize("written", ["ABC", "U" * 16, "<script>alert(1)</script>", "é" * 16, "A" * 500])
def test_a_mistyped_address_is_told_apart_from_an_unknown_one(shared: Public, written: str) -> None:
    answer = shared.client.get(f"/v/{written.replace('/', '%2F')}")
    assert answer.status_code == 404
    page = answer.get_data(as_text=True)
    assert "<script>alert" not in page
    if "/" not in written:
        assert "Kode surat salah ketik" in page


def test_a_code_is_typed_with_its_check_character(shared: Public) -> None:
    printed = tokens.printed(shared.token)
    address = f"http://127.0.0.1:8000/v/{shared.token}"
    for text in (printed, printed.lower().replace(" ", ""), address):
        answer = shared.client.get("/periksa", query_string={"kode": text})
        assert (answer.status_code, answer.location) == (303, f"/v/{shared.token}")
    wrong = ("1" if printed[0] != "1" else "2") + printed[1:]
    answer = shared.client.get("/periksa", query_string={"kode": wrong})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'id="kode-error"' in page and f'value="{wrong}"' in page
    assert shared.client.get("/periksa").status_code == 200
    assert shared.client.get("/v").location == "/periksa"


def test_a_damaged_file_is_never_valid(public: Public) -> None:
    assert public.standing() == "valid"  # and so in the cache
    size = public.blob().stat().st_size
    for at in (10, size // 2, size - 2000, size - 1):
        public.damage(at)
        page = public.page()
        assert "rusak atau telah diubah" in page and "Jangan memakai cetakannya" in page
        assert "utuh dan belum dicabut" not in page and "<img" not in page
        assert public.standing() == "damaged"
        report = public.report()
        assert report["verdict"] == "altered" and report["integrity"] == "altered"
        public.damage(at)
    assert public.standing() == "valid"


def test_a_damaged_file_is_not_given_out(public: Public) -> None:
    assert public.client.get(f"/v/{public.token}/halaman/1.webp").status_code == 200
    public.damage()
    for path in ("/letter.pdf", "/halaman/1.webp"):
        answer = public.client.get(f"/v/{public.token}{path}")
        assert answer.status_code == 503 and answer.headers["Retry-After"]
        assert "bukan lagi berkas yang diterbitkan" in answer.get_data(as_text=True)


def test_a_missing_file_cannot_be_checked_now(public: Public) -> None:
    public.blob().unlink()
    answer = public.client.get(f"/v/{public.token}")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 503
    assert "belum dapat diperiksa saat ini" in page and "400.9/1/416-304/2026" in page
    assert "utuh dan belum dicabut" not in page
    assert public.report()["verdict"] == "unconfirmed"
    assert public.client.get(f"/v/{public.token}/letter.pdf").status_code == 503


@pytest.mark.parametrize(
    ("status", "standing", "words"),
    [("dicabut", "withdrawn", "sudah dicabut oleh"), ("diganti", "replaced", "sudah diganti dengan surat lain")],
)
def test_a_withdrawn_letter_is_withdrawn_at_once(public: Public, status: str, standing: str, words: str) -> None:
    assert public.standing() == "valid"
    public.change(Letter, status=status)
    assert public.standing() == standing
    assert words in public.page() and "utuh dan belum dicabut" not in public.page()
    assert public.report()["verdict"] == "revoked"
    pdf = public.client.get(f"/v/{public.token}/letter.pdf")
    assert status.upper() in pdf.headers["Content-Disposition"]
    public.blob().unlink()
    assert public.standing() == standing  # also where its file is gone
    assert public.report()["verdict"] == "revoked"


def test_a_register_that_was_changed_afterwards_is_noticed(public: Public) -> None:
    """Each fact in turn: the seal was made over them when the letter was signed."""
    true = {
        "number": ("400.9/9/416-304/2026", "400.9/1/416-304/2026"),
        "subject": ("Undangan Rapat Lain", "Undangan Rapat Koordinasi BSPPS"),
        "signatory": ("BUDI", "SUGONDO, S.Sos., MM."),
        "capacity": ("BUPATI", "CAMAT TRAWAS,"),
    }
    for name, (false, right) in true.items():
        public.change(Letter, **{name: false})
        assert public.standing() == "unconfirmed", name
        assert "belum dapat dipastikan" in public.page()
        public.change(Letter, **{name: right})
        assert public.standing() == "valid", name
    public.change(Letter, seal=b"x")
    assert public.report()["verdict"] == "unconfirmed"


def test_a_letter_missing_in_the_log_says_so(public: Public) -> None:
    public.change(LogLeaf, file_sha256=bytes(32))
    page = public.page()
    assert "tidak ditemukan di log" in page and '<strong class="bad">gagal' in page


def test_a_restricted_letter_shows_facts_only(public: Public) -> None:
    public.change(Rendering, classification="Terbatas")
    page = public.page()
    assert "400.9/1/416-304/2026" in page and public.standing() == "valid"
    assert "tidak ditampilkan untuk umum" in page
    assert "<img" not in page and "letter.pdf" not in page
    for path in ("/letter.pdf", "/halaman/1.webp"):
        assert public.client.get(f"/v/{public.token}{path}").status_code == 404
    assert public.client.get(f"/api/v1/letters/{public.token}").get_json()["letter"]["pdf"] is None


def test_the_pdf_is_the_one_released(public: Public) -> None:
    answer = public.client.get(f"/v/{public.token}/letter.pdf")
    assert answer.content_type == "application/pdf" and answer.data == public.blob().read_bytes()
    assert answer.headers["Content-Disposition"] == 'inline; filename="surat-400.9-1-416-304-2026.pdf"'
    assert answer.cache_control.private and answer.cache_control.no_cache
    again = public.client.get(f"/v/{public.token}/letter.pdf", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    public.damage()
    again = public.client.get(f"/v/{public.token}/letter.pdf", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 503


@pytest.mark.parametrize(("asked", "given"), [("", 800), ("1", 480), ("481", 800), ("99999", 1800), ("x", 800)])
def test_pictures_come_in_few_sizes(shared: Public, asked: str, given: int) -> None:
    answer = shared.client.get(f"/v/{shared.token}/halaman/1.webp", query_string={"lebar": asked})
    assert answer.content_type == "image/webp"
    assert Image.open(io.BytesIO(answer.data)).width == given


def test_the_page_names_its_pictures_with_their_size(shared: Public) -> None:
    page = shared.page()
    shown = Image.open(io.BytesIO(shared.client.get(f"/v/{shared.token}/halaman/1.webp?lebar=800").data))
    assert f'width="{shown.width}" height="{shown.height}"' in page
    for number in ("0", "2", "-1"):
        assert shared.client.get(f"/v/{shared.token}/halaman/{number}.webp").status_code == 404


def test_a_result_is_kept_for_a_minute_and_not_longer(public: Public) -> None:
    first = public.report()["checked_at"]
    public.site.clock.shift(seconds=30)
    assert public.report()["checked_at"] == first
    public.site.clock.shift(seconds=31)
    assert public.report()["checked_at"] != first
    public.site.clock.shift(seconds=-61)
    assert public.report()["checked_at"] != first  # a clock set back proves nothing


def test_not_yet_registered_is_said(shared: Public) -> None:
    page = shared.client.get(f"/v/{shared.other}").get_data(as_text=True)
    assert "nomor register belum diberikan" in page and "utuh dan belum dicabut" in page


def test_one_office_record_never_vouches_for_another(public: Public) -> None:
    """The file of another true letter under this letter's name: known to the register, and still not this letter."""
    with public.site.house.db.read() as session:
        files = list(session.scalars(select(LetterFile).order_by(LetterFile.id)))
        swapped = public.site.house.settings.instance / "blobs"
        (swapped / files[0].blob_key).write_bytes((swapped / files[1].blob_key).read_bytes())
    assert public.standing() == "damaged"


def test_recent_results_are_bounded_and_end() -> None:
    now = datetime(2026, 1, 5, tzinfo=UTC)
    recent: Recent[int, str] = Recent(2)
    for key in (1, 2):
        recent.keep(key, "x", now, now + timedelta(seconds=5))
    assert recent.get(1, now) == "x"
    recent.keep(3, "y", now, now + timedelta(seconds=5))
    assert [recent.get(key, now) for key in (1, 2, 3)] == ["x", None, "y"]
    assert recent.get(3, now + timedelta(seconds=5)) is None
    assert recent.get(3, now - timedelta(seconds=1)) is None


def upload(client: Client, data: bytes, name: str = "surat.pdf", **options: object) -> TestResponse:
    sent = {"berkas": (io.BytesIO(data), name)}
    return client.post("/periksa", data=sent, content_type="multipart/form-data", **options)


def test_the_released_file_is_recognised_and_a_changed_one_is_not(shared: Public) -> None:
    pdf = shared.blob().read_bytes()
    answer = upload(shared.client, pdf)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200 and "Set-Cookie" not in answer.headers
    assert "sama persis dengan surat 400.9/1/416-304/2026" in page and "SIMULASI" in page
    changed = pdf.replace(b"/Type", b"/Typf", 1)
    assert "telah diubah setelah ditandatangani" in upload(shared.client, changed).get_data(as_text=True)
    report = upload(shared.client, pdf, headers={"Accept": "application/json"}).get_json()
    assert (report["verdict"], report["file"]) == ("valid", "surat.pdf")
    assert report["registry"]["identical"] and "registry-not-checked" not in {r["code"] for r in report["reasons"]}


def test_an_upload_of_a_withdrawn_letter_says_so(public: Public) -> None:
    public.change(Letter, status="dicabut")
    answer = upload(public.client, public.blob().read_bytes(), headers={"Accept": "application/json"})
    assert answer.get_json()["verdict"] == "revoked"


def test_uploads_that_are_no_letter(shared: Public) -> None:
    page = upload(shared.client, b"halo", "<b>.pdf").get_data(as_text=True)
    assert "tidak dapat dibaca sebagai PDF" in page and "<b>.pdf" not in page
    nothing = upload(shared.client, b"")
    assert nothing.status_code == 422 and 'id="berkas-error"' in nothing.get_data(as_text=True)


def test_uploads_are_bounded_before_they_are_read(shared: Public) -> None:
    answer = shared.client.post("/periksa", input_stream=io.BytesIO(b"x"), headers={"Transfer-Encoding": "chunked"})
    assert answer.status_code == 411
    answer = shared.client.post("/periksa", environ_overrides={"CONTENT_LENGTH": str(21 * 1024 * 1024)})
    assert answer.status_code == 413
