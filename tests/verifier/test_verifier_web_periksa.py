"""/periksa without script: uploaded files and their four answers, QRs from photos and cameras, look-alike addresses."""

from __future__ import annotations

import base64
import functools
import hashlib
import io
import re
from collections.abc import Callable

import helpers_attacks as tools
import helpers_pki as pki
import pypdfium2
import pytest
from helpers_public import Public
from PIL import Image, ImageDraw
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from sqlalchemy import select
from werkzeug.test import TestResponse

from signer import qr
from signer.tables.berkas import Rendering
from signer.tables.letters import Letter, LetterFile
from verifier import seal
from verifier.comparing import differing
from verifier.report import Report
from verifier.web import upload as upload_module
from verifier.web.addresses import Addresses
from verifier.web.api import FORM

pytest_plugins = ("helpers_public",)

NUMBER = "400.9/1/416-304/2026"
QUESTIONS = ("Apakah berkas ini berubah?", "Siapa yang menandatangani", "Siapa yang menjamin", "Sampai kapan")
OWN = "http://127.0.0.1:8000"


def upload(public: Public, data: bytes, field: str = "berkas", name: str = "surat.pdf") -> TestResponse:
    path = "/periksa" if field == "berkas" else "/periksa/qr"
    answer = public.client.post(path, data={field: (io.BytesIO(data), name)}, content_type=FORM)
    answer.request.environ["wsgi.input"].close()  # a temporary file of the test client's, when large
    assert "Set-Cookie" not in answer.headers and "<style" not in answer.text
    return answer


def told(public: Public, text: str) -> str:
    answer = public.client.post("/periksa/qr", data={"teks": text}, content_type=FORM)
    assert answer.status_code == 200
    return answer.text.split('<footer class="foot">')[0]


def qr_text(public: Public, origin: str = OWN) -> str:
    """The text of the letter's QR, as printed."""
    letter = public.site.house.records.letter(public.token)
    assert letter is not None
    return f"{origin.upper()}/V/{public.token}#{seal.base32(letter.seal)}"


def noted(data: bytes) -> bytes:
    """The file with a visible note added after signing."""
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    page = writer.root["/Pages"]["/Kids"][0]
    drawn = generic.StreamObject(
        {
            generic.pdf_name("/Type"): generic.pdf_name("/XObject"),
            generic.pdf_name("/Subtype"): generic.pdf_name("/Form"),
            generic.pdf_name("/BBox"): generic.ArrayObject(map(generic.NumberObject, [0, 0, 120, 30])),
        },
        stream_data=b"1 0 0 rg 0 0 120 30 re f",
    )
    note = generic.DictionaryObject(
        {
            generic.pdf_name("/Type"): generic.pdf_name("/Annot"),
            generic.pdf_name("/Subtype"): generic.pdf_name("/Stamp"),
            generic.pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, [100, 500, 220, 530])),
            generic.pdf_name("/F"): generic.NumberObject(4),
            generic.pdf_name("/AP"): generic.DictionaryObject({generic.pdf_name("/N"): writer.add_object(drawn)}),
        }
    )
    page["/Annots"].append(writer.add_object(note))
    writer.update_container(page["/Annots"])
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@functools.cache
def picture_of(data: bytes, dpi: int = 150) -> Image.Image:
    with pypdfium2.PdfDocument(data) as document:
        document.init_forms()
        return document[0].render(scale=dpi / 72).to_pil().convert("RGB").copy()


def saved(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def test_the_form_needs_no_script(shared: Public) -> None:
    page = shared.client.get("/periksa").text
    for name in ("berkas", "foto", "kode"):
        assert f'name="{name}"' in page
    assert page.count('enctype="multipart/form-data"') == 3
    assert "style=" not in page and "onclick" not in page


def test_a_released_file_is_identical_first_and_then_four_answers(shared: Public) -> None:
    page = upload(shared, shared.blob().read_bytes()).text
    places = [page.index(text) for text in (f"sama persis dengan surat {NUMBER}", *QUESTIONS, "Rincian pemeriksaan")]
    assert places == sorted(places)
    assert "bit demi bit" in page and "sebagai CAMAT TRAWAS" in page
    assert "Ini BUKAN sertifikat BSrE" in page and "TOTAL-PASSED" in page and "PAdES B-LTA" in page
    assert f'href="/v/{shared.token}"' in page
    assert "Yang berbeda dari aslinya" not in page


def test_the_report_can_be_saved_from_the_page(shared: Public) -> None:
    page = upload(shared, shared.blob().read_bytes()).text
    saved_as = dict(re.findall(r'href="data:(application/\w+);base64,([^"]+)" download', page))
    report = Report.model_validate_json(base64.b64decode(saved_as["application/json"]))
    assert report.verdict == "valid"
    assert b"ValidationReport" in base64.b64decode(saved_as["application/xml"])


def test_a_file_that_was_renewed_since_is_still_identical(public: Public) -> None:
    old = public.blob().read_bytes()
    newer = old + b"%newer\n"
    changed = {"sha256": hashlib.sha256(newer).digest(), "size": len(newer)}
    with public.site.house.db.begin() as session:
        first = session.scalars(select(LetterFile).order_by(LetterFile.id)).first()
        kept = {c.name: getattr(first, c.name) for c in LetterFile.__table__.columns if c.name != "id"}
        session.add(LetterFile(**(kept | changed)))
    assert f"sama persis dengan surat {NUMBER}" in upload(public, old).text


def test_a_note_added_to_a_letter_is_shown_beside_the_original(shared: Public) -> None:
    page = upload(shared, noted(shared.blob().read_bytes())).text
    assert f"berbeda dari surat {NUMBER}" in page and "Buka surat yang asli" in page
    assert f'href="/v/{shared.token}/letter.pdf"' in page
    assert "Tampilan berbeda di halaman 1" in page and page.count('src="data:image/webp;base64,') == 1
    assert "Berkas ini tidak membuktikan apa pun" in page  # no good answer on a changed file
    assert "is-good" not in page.split('class="four"')[1].split("</section>")[0]


def test_a_letter_is_known_by_its_rendering_where_its_qr_is_gone(shared: Public) -> None:
    """Cut back to the unsigned rendering that the file begins with: no QR, no signature, and still that letter."""
    data = shared.blob().read_bytes()
    rendering = data[: data.index(b"%%EOF") + 5]
    page = upload(shared, rendering + b"\n").text
    assert f"bukan surat {NUMBER} yang asli" in page and "berawal sama" in page


def test_a_scan_of_the_paper_is_a_copy_whose_differences_are_framed(shared: Public) -> None:
    scan = picture_of(shared.blob().read_bytes()).copy()
    draw = ImageDraw.Draw(scan)
    draw.rectangle((420, 500, 900, 530), fill="white")
    draw.text((430, 500), "Rp 75.000.000 dibayarkan", fill="black", font_size=24)
    page = upload(shared, saved(scan, "PDF", resolution=150)).text
    assert f"bukan surat {NUMBER} yang asli, hanya salinan" in page
    assert "Tampilan berbeda di halaman 1" in page


def test_a_letter_that_may_not_be_shown_shows_no_difference_either(public: Public) -> None:
    public.change(Rendering, classification="Rahasia")
    page = upload(public, noted(public.blob().read_bytes())).text
    assert f"berbeda dari surat {NUMBER}" in page
    assert "data:image/" not in page and "letter.pdf" not in page


def test_a_withdrawn_letter_in_any_form_is_not_to_be_used(public: Public) -> None:
    public.change(Letter, status="dicabut")
    data = public.blob().read_bytes()
    for sent in (data, noted(data), saved(picture_of(data), "PDF", resolution=150)):
        assert f"Surat {NUMBER} sudah dicabut oleh kantor" in upload(public, sent).text
    assert "sudah dicabut" in told(public, qr_text(public))


def test_files_of_strangers(shared: Public) -> None:
    page = upload(shared, tools.archived()).text
    assert "penerbit sertifikatnya tidak dipercaya" in page and "Katanya" in page
    assert "tidak ditandatangani" in upload(shared, pki.letter()).text
    assert "tidak dapat dibaca sebagai PDF" in upload(shared, b"halo", name="<b>x").text


def shadowed(writer: IncrementalPdfFileWriter) -> None:
    """The first page's text replaced."""
    page = tools.first_page(writer)
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=tools.TEXT))
    writer.update_container(page)


def annotated(writer: IncrementalPdfFileWriter) -> None:
    tools.annotate(writer, (60, 200, 260, 250), "/FreeText")


@pytest.mark.parametrize("attack", [shadowed, annotated])
def test_what_changed_since_signing_is_shown_for_any_file(
    shared: Public, attack: Callable[[IncrementalPdfFileWriter], None]
) -> None:
    page = upload(shared, tools.updated(tools.archived(), attack)).text
    shown = re.findall(r'<img src="data:image/webp;base64,([^"]+)" alt="([^"]+)">', page)
    captions = ("Saat ditandatangani", "Sekarang", "Bagian yang berbeda")
    assert [page.count(f"<figcaption>{caption}</figcaption>") for caption in captions] == [1, 1, 1]
    assert len(shown) == 3 and len({alt for _, alt in shown}) == 3
    before, after, marked = (Image.open(io.BytesIO(base64.b64decode(data))).tobytes() for data, _ in shown)
    assert len({before, after, marked}) == 3


def test_a_file_unchanged_since_signing_has_no_pictures(shared: Public) -> None:
    for sent in (tools.archived(), pki.letter(), shared.blob().read_bytes()):
        page = upload(shared, sent).text
        assert "Yang berubah sejak ditandatangani" not in page and "data:image/webp" not in page


def test_a_page_added_since_signing_stands_beside_nothing(shared: Public) -> None:
    def add(writer: IncrementalPdfFileWriter) -> None:
        pages = writer.root["/Pages"]
        pages["/Kids"].append(writer.add_object(generic.DictionaryObject(tools.first_page(writer))))
        pages["/Count"] = generic.NumberObject(2)
        writer.update_container(pages)

    page = upload(shared, tools.updated(tools.archived(), add)).text
    assert "Halaman ini tidak ada." in page and "Bagian yang berbeda" not in page
    assert page.count("data:image/webp") == 1


def test_pictures_that_cannot_be_had_are_left_out(shared: Public, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload_module, "PICTURES_SECONDS", 0.001)
    page = upload(shared, tools.updated(tools.archived(), shadowed)).text
    assert "telah diubah setelah ditandatangani" in page and "data:image/webp" not in page


def test_a_foreign_qr_in_a_file_is_named_and_never_linked(shared: Public) -> None:
    sheet = Image.new("RGB", (900, 900), "white")
    with Image.open(io.BytesIO(qr.png(f"HTTPS://SURAT-TRAWAS.EXAMPLE/V/{shared.token}#ABCDEFGH"))) as code:
        sheet.paste(code.resize((500, 500)), (100, 100))
    page = upload(shared, saved(sheet, "PDF", resolution=100)).text
    assert "menuju surat-trawas.example" in page
    assert NUMBER not in page  # a copied code in a foreign address is not this office's letter
    assert not re.search(r'href="[^"]*surat-trawas', page)


@pytest.mark.parametrize(
    ("kind", "options"),
    [("JPEG", {"quality": 40}), ("PNG", {}), ("WEBP", {"quality": 60})],
)
def test_a_photo_of_the_letter_leads_to_its_page_with_its_seal(
    shared: Public, kind: str, options: dict[str, int]
) -> None:
    photo = picture_of(shared.blob().read_bytes()).rotate(8, expand=True, fillcolor="#6b5b4a")
    page = upload(shared, saved(photo, kind, **options), "foto", "foto").text
    token, fragment = qr_text(shared).rsplit("/", 1)[1].split("#")
    assert f'href="/v/{token}#{fragment}"' in page
    assert NUMBER in page and "CAMAT TRAWAS" in page and "Segel cocok, tetapi simulasi" in page
    assert "Terbukti asli" not in page  # a seal is not a signature


def test_photos_that_cannot_be_used_come_back_with_the_form(shared: Public) -> None:
    blank = upload(shared, saved(Image.new("RGB", (400, 400), "white")), "foto")
    assert blank.status_code == 422 and "Tidak ada QR yang terbaca" in blank.text and 'id="foto-error"' in blank.text
    assert upload(shared, b"", "foto").status_code == 422
    wrong = upload(shared, shared.blob().read_bytes(), "foto")
    assert wrong.status_code == 422 and "JPEG, PNG, atau WebP" in wrong.text
    assert upload(shared, b"x" * (10 * 1024 * 1024 + 1), "foto").status_code == 413
    assert shared.client.get("/periksa/qr").location == "/periksa"


FOREIGN = {
    "https://surat.example/V/0123456789ABCDEF#ABC": "surat.example",
    "HTTPS://127.0.0.1:8000.EVIL.EXAMPLE/V/X": "127.0.0.1",
    "http://127.0.0.1:8000@evil.example/v/x": "evil.example",
    "https://evil.example\\@127.0.0.1:8000/v/x": "evil.example",
    "http://127.0.0.1:8001/v/x": "127.0.0.1:8001",
    "http://127.0.0.1.evil.example:8000/v/x": "127.0.0.1.evil.example:8000",
    "ht\ntps://evil.exa\tmple/v/x": "evil.example",
    "https://kеcamatan.example/v/x": "xn--kcamatan-c8g.example",
    "https://evil.example/?u=http://127.0.0.1:8000/v/x": "evil.example",
}


@pytest.mark.parametrize("text", FOREIGN)
def test_look_alike_addresses_are_foreign(shared: Public, text: str) -> None:
    """By host and port as a browser would read them, never by how the text begins."""
    assert not Addresses(OWN).owns(text)
    page = told(shared, text)
    links = re.findall(r'(?:href|src|action)="([^"]*)"', page)
    assert all(link.startswith(("/", "#")) for link in links), links
    if text.startswith("HTTPS://127.0.0.1:8000."):  # no port is written so: not even an address
        assert "Bukan QR surat" in page
    else:
        assert "QR milik pihak lain" in page and f"menuju {FOREIGN[text]}." in page
    typed = shared.client.get("/periksa", query_string={"kode": text})
    assert typed.location is None


@pytest.mark.parametrize(
    "text", ["halo", "javascript:alert(1)", "mailto:a@b.example", "https://", "https://[::1", "x" * 5000]
)
def test_what_is_no_address_is_not_repeated(shared: Public, text: str) -> None:
    page = told(shared, text)
    assert "Bukan QR surat" in page and "alert(1)" not in page and "xxxxx" not in page


def test_former_hosts_stay_ours() -> None:
    addresses = Addresses("https://surat.example.go.id", ("lama.example.go.id", "uji.example:8443"))
    for own in (
        "HTTPS://SURAT.EXAMPLE.GO.ID/V/X",
        "https://lama.example.go.id:443/v/x",
        "https://uji.example:8443/",
    ):
        assert addresses.owns(own), own
    for other in ("https://surat.example.go.id:8443/v/x", "http://surat.example.go.id/v/x", "https://uji.example/"):
        assert not addresses.owns(other), other


def test_a_seal_that_does_not_hold_is_refused(shared: Public) -> None:
    good = qr_text(shared)
    at = good.index("#") + 40
    tampered = good[:at] + ("A" if good[at] != "A" else "B") + good[at + 1 :]
    page = told(shared, tampered)
    assert "Segel ditolak" in page and "Yang disegel kantor" not in page
    assert "#" + tampered.split("#")[1] not in page  # its seal is not handed on
    moved = good.replace(shared.token, shared.other)
    assert "Segel ditolak" in told(shared, moved)
    assert "Segel tidak terbaca" in told(shared, good.split("#")[0])
    for odd in (f"{OWN}/masuk", f"{OWN}\\@evil.example/v/x", good.replace("HTTP://", "HTTPS://")):
        page = told(shared, odd)
        assert "Bukan QR surat yang utuh" in page and 'href="/v/' not in page


def test_a_sealed_letter_that_the_register_does_not_know(public: Public) -> None:
    text = qr_text(public)
    public.change(Letter, token="0000000000000000")
    page = told(public, text)
    assert "tidak ada di daftar kantor" in page and "Jangan dipakai" in page
    assert 'href="/v/' not in page


def test_the_frames_find_one_changed_letter_and_overlook_a_renderer(shared: Public) -> None:
    data = shared.blob().read_bytes()
    assert differing(data, data).differing == []
    page = picture_of(data).copy()
    ImageDraw.Draw(page).text((600, 700), "8", fill="black", font_size=20)
    one, plain = (saved(image, "PDF", resolution=150) for image in (page, picture_of(data)))
    found = differing(one, plain)
    assert found.differing == [1] and len(found.shown) == 1
    assert differing(b"halo", data).compared is False
