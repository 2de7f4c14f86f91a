"""Finished PDFs: sound ones of several makers may carry the signature, and each attack is refused by its own reason."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator

import helpers_attacks as tools
import helpers_own as pdfs
import pytest
import qrcode
from helpers_own import dictionary, opening, updated
from PIL import Image
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import PdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from verifier.carrying import paper
from verifier.carrying.inspection import Answer, inspected, looked_under
from verifier.carrying.paper import Paper, Spot
from verifier.carrying.reasons import REASONS
from verifier.errors import VerificationError
from verifier.pool import Pool

WIDE, HIGH = 98.0, 64.0
FREE = {"page": 1, "left": 88, "top": 120, "width": WIDE, "height": HIGH}
Change = Callable[[PdfFileWriter], None]


def details(**changed: object) -> dict[str, object]:
    given = {"mode": "simulasi", "number": pdfs.NUMBER, "width": str(WIDE), "height": str(HIGH)}
    return given | {name: value if isinstance(value, str) else json.dumps(value) for name, value in changed.items()}


def answer(data: bytes, **changed: object) -> Answer:
    return Answer.model_validate_json(inspected(data, details(**changed)))


def refused(data: bytes, **changed: object) -> str:
    """The code of the refusal; empty if there is none."""
    found = answer(data, **changed).refusal
    assert found is None or (found.id and found.en and "{where" not in found.id + found.en)
    return found.code if found else ""


# --- sound files ---


@pytest.mark.parametrize(
    "data",
    [
        pdfs.letter(),
        pdfs.letter(standard="a-2b"),
        pdfs.letter(standard="a-4"),
        pdfs.rewritten(),
        pdfs.cropped(),
        pdfs.turned(90),
        pdfs.turned(180),
        pdfs.turned(270),
        pdfs.scan(),
        updated(lambda _writer: None),
    ],
)
def test_a_sound_file_is_accepted_with_a_free_place_that_is_one(data: bytes) -> None:
    found = answer(data).inspection
    assert found is not None and found.suggestion is not None
    page, left, top = found.suggestion
    placed = answer(data, spot={"page": page, "left": left, "top": top, "width": WIDE, "height": HIGH}).inspection
    assert placed is not None and placed.box is not None
    sides = sorted((placed.box[2] - placed.box[0], placed.box[3] - placed.box[1]))
    assert sides == pytest.approx([HIGH * paper.MM, WIDE * paper.MM], abs=0.1)


def test_the_place_offered_is_on_the_letter_and_not_on_its_attachment() -> None:
    found = answer(pdfs.letter(more="#page(flipped: true)[Daftar undangan]")).inspection
    assert found is not None and found.suggestion is not None
    assert (found.suggestion[0], found.pages) == (1, [(210.0, 297.0), (297.0, 210.0)])
    full = answer(pdfs.letter(more="#lorem(640)")).inspection
    assert full is not None and full.suggestion is not None and full.suggestion[0] == 2


def test_what_is_known_of_a_file_is_told() -> None:
    found = answer(pdfs.letter(standard="a-2b")).inspection
    assert found is not None
    assert (found.pages, found.has_text, found.number_page, found.pdfa) == ([(210.0, 297.0)], True, 1, True)
    plain = answer(pdfs.letter(), number="400.9/2/416-304/2026").inspection
    assert plain is not None and (plain.number_page, plain.pdfa) == (None, False)
    scanned = answer(pdfs.scan()).inspection
    assert scanned is not None and (scanned.has_text, scanned.number_page) == (False, None)


def test_a_hybrid_file_of_a_word_processor_is_accepted() -> None:
    assert refused(pdfs.hybrid(), spot=FREE) == ""


# --- what a file is ---


def locked(writer: PdfFileWriter) -> None:
    writer.encrypt(owner_pass="rahasia", user_pass="")


def test_a_file_that_opens_without_password_but_is_encrypted_is_refused() -> None:
    assert refused(updated(locked)) == "locked"


def test_signed_files_and_files_with_room_for_signatures_are_refused() -> None:
    assert refused(tools.signed()) == "signed"
    assert refused(tools.approved()) == "signed"
    field = updated(lambda writer: append_signature_field(writer, SigFieldSpec("Kosong")))
    assert refused(field) == "signed"


def test_no_pdf_a_damaged_one_and_bytes_around_one() -> None:
    whole = pdfs.letter()
    assert refused(b"PK\x03\x04 surat.docx") == "not-pdf"
    assert refused(whole[: len(whole) // 2]) == "damaged"
    assert refused(whole.replace(b"startxref", b"startxrff")) == "damaged"
    assert refused(b"GIF89a\n" + whole) in ("tail", "damaged")
    assert refused(whole + b"\n<script>") == "tail"
    assert refused(whole + b"\n\n") == "tail"


def test_a_table_that_points_elsewhere_is_refused() -> None:
    whole = updated(lambda _writer: None)
    assert refused(whole.replace(b"\n1 0 obj", b"\n9 0 obj", 1)) == "damaged"


def test_an_earlier_version_in_the_file_is_refused() -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(pdfs.letter()))
    writer.root[pdf_name("/Lang")] = pdf_string("en")
    writer.update_root()
    out = io.BytesIO()
    writer.write(out)
    assert refused(out.getvalue()) == "earlier-version"


def test_more_pages_than_a_letter_has() -> None:
    assert refused(pdfs.letter(more="#pagebreak()\nx\n" * 50)) == "too-many-pages"
    assert refused(pdfs.letter(more="#pagebreak()\nx\n" * 4)) == ""


@pytest.mark.parametrize("size", ["width: 40mm, height: 297mm", "width: 210mm, height: 1200mm"])
def test_pages_of_odd_size(size: str) -> None:
    assert refused(pdfs.letter(more=f"#page({size})[x]")) == "odd-page"


# --- what it could do ---


def first_page(writer: PdfFileWriter) -> generic.DictionaryObject:
    return writer.root["/Pages"]["/Kids"][0]


def annotation(**entries: object) -> Change:
    """Add an annotation to the first page."""

    def change(writer: PdfFileWriter) -> None:
        rectangle = generic.ArrayObject(generic.NumberObject(n) for n in (300, 60, 400, 90))
        made = dictionary(Type="Annot", Rect=rectangle, **entries)  # type: ignore[arg-type]
        page = first_page(writer)
        page[pdf_name("/Annots")] = generic.ArrayObject([*page.get("/Annots", ()), writer.add_object(made)])

    return change


def link(**action: object) -> Change:
    return annotation(Subtype="Link", A=dictionary(**action))  # type: ignore[arg-type]


def in_root(key: str, value: generic.PdfObject) -> Change:
    def change(writer: PdfFileWriter) -> None:
        writer.root[pdf_name(key)] = value

    return change


def in_page(key: str, value: generic.PdfObject) -> Change:
    def change(writer: PdfFileWriter) -> None:
        first_page(writer)[pdf_name(key)] = value

    return change


def embedded(writer: PdfFileWriter) -> None:
    file = writer.add_object(generic.StreamObject(dictionary(Type="EmbeddedFile"), stream_data=b"rahasia"))  # type: ignore[arg-type]
    named = dictionary(Type="Filespec", F=pdf_string("a.xls"), EF=dictionary(F=file))
    tree = dictionary(Names=generic.ArrayObject([pdf_string("a.xls"), writer.add_object(named)]))
    writer.root[pdf_name("/Names")] = dictionary(EmbeddedFiles=tree)


def elsewhere(writer: PdfFileWriter) -> None:
    stream = generic.StreamObject(dictionary(F=pdf_string("lain.bin")), stream_data=b"")  # type: ignore[arg-type]
    first_page(writer)[pdf_name("/Contents")] = writer.add_object(stream)


def packed_script(writer: PdfFileWriter) -> None:
    """A script that nothing in the document leads to yet, in an object stream."""
    writer.add_object(dictionary(S="JavaScript", JS=pdf_string("1")), obj_stream=writer.prepare_object_stream())


def text_field(writer: PdfFileWriter) -> None:
    writer.root[pdf_name("/AcroForm")] = dictionary(
        Fields=generic.ArrayObject([tools.text_field(writer, "Nama", "Camat", 500)])
    )


NAMES = generic.ArrayObject([pdf_string("x")])
LAYERS = dictionary(OCGs=generic.ArrayObject([dictionary(Type="OCG", Name=pdf_string("Coretan"))]))
ATTACKS: dict[str, tuple[str, Change]] = {
    "script on opening": ("script", lambda w: opening(w, S="JavaScript", JS=pdf_string("app.alert(1)"))),
    "named script": ("script", in_root("/Names", dictionary(JavaScript=dictionary(Names=NAMES)))),
    "script in an object stream": ("script", packed_script),
    "launch on opening": ("action", lambda w: opening(w, S="Launch")),
    "address on opening": ("action", lambda w: opening(w, S="URI", URI=pdf_string("https://x.example"))),
    "submit": ("action", link(S="SubmitForm")),
    "import": ("action", link(S="ImportData")),
    "named action": ("action", link(S="Named", N="Print")),
    "unknown action": ("action", link(S="Teleport")),
    "page opened": ("action", in_page("/AA", dictionary(O=dictionary(S="GoTo")))),
    "other document": ("external", link(S="GoToR", F=pdf_string("lain.pdf"))),
    "embedded document": ("attachment", link(S="GoToE")),
    "embedded file": ("attachment", embedded),
    "associated file": ("attachment", in_root("/AF", generic.ArrayObject([dictionary(Desc=pdf_string("x"))]))),
    "portfolio": ("attachment", in_root("/Collection", dictionary(View="D"))),
    "file note": ("attachment", annotation(Subtype="FileAttachment")),
    "rich media": ("media", annotation(Subtype="RichMedia")),
    "movie": ("media", link(S="Movie")),
    "3D": ("media", annotation(Subtype="Link", **{"3DD": dictionary(Type="3D")})),
    "XFA": ("form", in_root("/AcroForm", dictionary(Fields=generic.ArrayObject(), XFA=pdf_string("<xdp/>")))),
    "text field": ("form", text_field),
    "stray widget": ("form", annotation(Subtype="Widget")),
    "note": ("annotation", annotation(Subtype="Text", Contents=pdf_string("Setuju"))),
    "stamp": ("annotation", annotation(Subtype="Stamp")),
    "free text": ("annotation", annotation(Subtype="FreeText")),
    "layers": ("layers", in_root("/OCProperties", LAYERS)),
    "other picture in print": ("layers", in_page("/Alternates", generic.ArrayObject([generic.NumberObject(1)]))),
    "external stream": ("external", elsewhere),
    "link to a file": ("link", link(S="URI", URI=pdf_string("file:///etc/passwd"))),
    "script as link": ("link", link(S="URI", URI=pdf_string("javascript:alert(1)"))),
    "link without scheme": ("link", link(S="URI", URI=pdf_string("lain.pdf"))),
    "usage rights": ("signed", in_root("/Perms", dictionary(UR3=dictionary(Type="Sig")))),
    "other unit": ("odd-page", in_page("/UserUnit", generic.NumberObject(2))),
}  # fmt: skip


@pytest.mark.parametrize(("code", "change"), ATTACKS.values(), ids=ATTACKS)
def test_an_attack_is_refused_by_its_reason(code: str, change: Change) -> None:
    assert refused(updated(change)) == code


@pytest.mark.parametrize("address", ["https://trawas.example", "mailto:a@b.example", "tel:+62321", "HTTP://X.EXAMPLE"])
def test_links_that_people_know_are_allowed(address: str) -> None:
    assert refused(updated(link(S="URI", URI=pdf_string(address)))) == ""


def test_empty_leftovers_of_writers_are_no_attack() -> None:
    empty = generic.ArrayObject()
    assert refused(updated(in_root("/OCProperties", dictionary(OCGs=empty)))) == ""
    assert refused(updated(in_root("/AcroForm", dictionary(Fields=empty)))) == ""
    assert refused(updated(in_root("/Names", dictionary(EmbeddedFiles=dictionary())))) == ""
    assert refused(updated(lambda writer: opening(writer, S="GoTo"))) == ""


def test_every_reason_says_what_to_do_in_both_languages() -> None:
    for code, (indonesian, english) in REASONS.items():
        assert len(indonesian) > 25 and len(english) > 20 and indonesian.endswith(".") and english.endswith("."), code


# --- what it shows ---


def test_a_qr_on_any_page_is_refused() -> None:
    picture = qrcode.make("https://surat.example/v/PALSU").convert("L").resize((600, 600))
    sheet = Image.new("L", (1240, 1754), 255)
    sheet.paste(picture, (300, 400))
    out = io.BytesIO()
    sheet.save(out, "PDF", resolution=150)
    assert refused(out.getvalue()) == "qr"


@pytest.mark.parametrize("marker", ["[TTD]", "${ttd_pengirim}", "{{ tanda tangan }}", r"\<TTE Camat\>", r"\#QR\#"])
def test_a_placeholder_would_stay_printed(marker: str) -> None:
    shown = marker.replace("$", r"\$").replace("_", r"\_")
    assert refused(pdfs.letter(more=f"\n{shown}\n")) == "marker"


@pytest.mark.parametrize("innocent", ["(ttd) asli", "Tanda tangan:", r"\[lampiran\]", "QRIS"])
def test_words_that_only_look_like_one(innocent: str) -> None:
    assert refused(pdfs.letter(more=f"\n{innocent}\n")) == ""


def test_a_simulated_letter_does_not_claim_a_bsre_certificate() -> None:
    claiming = pdfs.letter(more="\nsertifikat elektronik yang diterbitkan oleh BSrE.\n")
    assert refused(claiming) == "claims-bsre"
    assert refused(claiming, mode="bsre") == ""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Nomor : 400.9/1/416-304/2026", True),
        ("Nomor:400.9/1/416\u2011304/2026 Trawas", True),
        ("400.9 / 1 / 416-\n304 / 2026", True),
        ("Nomor 400.9/1/416-304/20261", False),
        ("Nomor 1400.9/1/416-304/2026", False),
        ("Nomor 5.400.9/1/416-304/2026", False),
        ("Nomor 400.9/1/416-304/2026/B", False),
        ("Nomor 400.9/11/416-304/2026", False),
        ("", False),
    ],
)
def test_the_number_is_found_as_a_whole(text: str, found: bool) -> None:
    assert paper.number_in(text, pdfs.NUMBER) is found


# --- where the box lies ---


def under(data: bytes, **moved: float) -> tuple[str, str]:
    """Code and sentence of what is said about a place."""
    given = details(spot=FREE | moved)
    found = Answer.model_validate_json(looked_under(data, given)).refusal
    return (found.code, found.id) if found else ("", "")


def test_a_free_place_and_those_that_are_not() -> None:
    data = pdfs.letter()
    assert under(data)[0] == ""
    code, sentence = under(data, top=30)
    assert code == "text-under" and "ECAMATAN TRAWAS" in sentence
    assert under(data, left=20, top=216)[0] == "text-under"  # the footer
    assert under(data, left=2)[0] == "outside"
    assert under(data, left=113)[0] == "outside"
    assert under(data, top=229)[0] == "outside"
    assert under(data, page=2)[0] == "no-page"


def test_ink_without_text_is_seen() -> None:
    line = "#place(top + left, dx: 80mm, dy: 110mm, rect(width: 8mm, height: .3mm, fill: luma(225)))"
    assert under(pdfs.letter(more=line))[0] == "ink-under"
    assert under(pdfs.scan(), top=60)[0] == "ink-under"
    assert under(pdfs.scan())[0] == ""


def test_text_that_nobody_sees_is_text() -> None:
    white = "#place(top + left, dx: 80mm, dy: 110mm, text(fill: white)[tersembunyi])"
    code, sentence = under(pdfs.letter(more=white))
    assert code == "text-under" and "tersembunyi" in sentence


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_what_lies_under_the_box_of_a_turned_page_is_what_is_seen_there(degrees: int) -> None:
    """The place where the picture shows ink is the place where text is found."""
    sheets = Paper(pdfs.turned(degrees))
    rows = sheets.image(1, 25.4)  # a pixel a mm
    dark = next(at for at, level in enumerate(rows.tobytes()) if level < 160)
    top, left = divmod(dark, rows.width)
    with pytest.raises(VerificationError) as told:
        sheets.free(Spot(1, min(left - 10, rows.width - 70), top, 60, 60))
    assert told.value.code == "text-under"


def test_a_page_larger_than_f4_cannot_hold_the_qr() -> None:
    wide = pdfs.letter(more="#page(width: 297mm, height: 420mm)[peta]")
    assert under(wide, page=2)[0] == "paper"
    assert refused(wide, spot=FREE) == ""


# --- in the bounded process ---


@pytest.fixture(name="pool", scope="module")
def pool_fixture() -> Iterator[Pool]:
    pool = Pool()
    yield pool
    pool.close()


def test_a_worker_inspects_looks_and_draws(pool: Pool) -> None:
    given = {name: str(value) for name, value in details(spot=FREE).items()}
    with pool.worker() as worker:
        found = Answer.model_validate_json(worker.run("inspect", pdfs.letter(), **given))
        assert found.inspection is not None and found.inspection.box is not None
        assert Answer.model_validate_json(worker.run("look-under", pdfs.letter(), **given)).refusal is None
        assert worker.run("picture", pdfs.letter(), page="1", width="300")[8:12] == b"WEBP"
        assert worker.run("picture", pdfs.letter(), page="2", width="300") == b""
