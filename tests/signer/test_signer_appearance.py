"""The visible signature: what it says, that its QR can be read, and how the letter looks and conforms once signed."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pypdfium2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from PIL import Image
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.stamp import StaticStampStyle

from signer import qr
from signer.appearance import HEIGHT_MM, OWN_HEIGHT_MM, QR_MM, WIDTH_MM, compose
from signer.drafting import Kop, LetterData, Mode, Rendered, Shelf, SignatureBlock, load_templates, render
from signer.errors import Invalid, TemplateFault
from signer.pictures import Pictures

LETTERS = Path(__file__).resolve().parents[2] / "templates" / "letters"
MM = 72 / 25.4
DPI_150 = round(WIDTH_MM / 25.4 * 150)
TOKEN = "K7QF 2M9X AB3D E5RT-H"
CAMAT = SignatureBlock(("CAMAT TRAWAS,",), "SUGONDO, S.Sos., MM.", "Pembina Tingkat I", "IV/b", "196701101990031007")
Compose = Callable[..., bytes]


def qr_of_version(version: int) -> str:
    """A text like ours, two alphanumeric parts around a byte, that needs just this version."""
    head = "HTTPS://SURAT.TRAWAS.MOJOKERTOKAB.GO.ID/V/K7QF2M9XAB3DE5RT#"
    for length in range(0, 500, 4):
        text = head + "ABCDEFGH234567KL"[: length % 16] + "QX7A" * (length // 4)
        if qr.version(text) == version:
            return text
    raise AssertionError(f"no text for version {version}")


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    return load_templates(LETTERS)


@pytest.fixture(scope="module")
def make(shelf: Shelf) -> Compose:
    svg = qr.svg(qr_of_version(12))

    def make(
        *,
        block: SignatureBlock = CAMAT,
        mode: Mode = "simulasi",
        address: str = "surat.example/periksa",
        **more: object,
    ) -> bytes:
        return compose(shelf.press, str(more.pop("svg", svg)), block, TOKEN, mode, address, **more)  # type: ignore[arg-type]

    return make


def text(pdf: bytes, page: int = 0) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        raw = document[page].get_textpage().get_text_range()
    return " ".join(raw.replace("\u200b", "").replace("\u00a0", " ").split())


Box = tuple[float, float, float, float]


def boxes(pdf: bytes) -> list[Box]:
    with pypdfium2.PdfDocument(pdf) as document:
        page = document[0].get_textpage()
        return [
            page.get_charbox(i)
            for i in range(page.count_chars())
            if page.get_text_range(i, 1).strip(" \u200b\u00a0\r\n")
        ]


def test_it_is_one_page_of_exactly_the_box(make: Compose, shelf: Shelf) -> None:
    with pypdfium2.PdfDocument(make()) as document:
        assert len(document) == 1
        assert document[0].get_size() == pytest.approx((WIDTH_MM * MM, HEIGHT_MM * MM), abs=0.01)
    x1, y1, x2, y2 = rendered(shelf).placement.box
    assert (x2 - x1, y2 - y1) == pytest.approx((WIDTH_MM * MM, HEIGHT_MM * MM), abs=0.01)


def test_it_says_who_signed_and_how_to_check(make: Compose) -> None:
    said = text(make())
    assert "Ditandatangani secara elektronik oleh: SUGONDO, S.Sos., MM. Pembina Tingkat I (IV/b)" in said
    assert "NIP. 19670110 199003 1 007" in said
    assert TOKEN in said
    assert "Periksa: surat.example/periksa" in said
    assert "CAMAT TRAWAS" not in said  # the capacity stands in the letter
    assert "CAMAT TRAWAS, Ditandatangani" in text(make(own=True))


def test_an_own_pdf_gets_capacity_mode_and_law_in_a_taller_box(make: Compose) -> None:
    with pypdfium2.PdfDocument(make(own=True)) as document:
        assert document[0].get_size() == pytest.approx((WIDTH_MM * MM, OWN_HEIGHT_MM * MM), abs=0.01)
    simulated, certified = text(make(own=True)), text(make(own=True, mode="bsre"))
    law = "UU ITE No. 11 Tahun 2008 Pasal 5 ayat 1: “Informasi Elektronik dan/atau Dokumen Elektronik"
    assert law in simulated and law in certified
    assert "CA pengembangan sebagai pengganti sertifikat BSrE; tidak tersertifikasi." in simulated
    assert "sertifikat elektronik yang diterbitkan oleh BSrE." in certified and "SIMULASI" not in certified
    assert "UU ITE" not in text(make())


def test_simulasi_is_visible_and_bsre_is_not_called_so(make: Compose) -> None:
    assert "SIMULASI bukan sertifikat BSrE" in text(make(mode="simulasi"))
    assert "SIMULASI" not in text(make(mode="bsre")) and "BSrE" not in text(make(mode="bsre"))


def test_a_signatory_without_rank_and_nip(make: Compose) -> None:
    said = text(make(block=SignatureBlock((), "SUGONDO")))
    assert "oleh: SUGONDO" in said and "NIP" not in said and "(" not in said


@pytest.mark.parametrize("version", [9, 12, 15])
def test_the_qr_reads_from_a_150_dpi_scan(make: Compose, version: int) -> None:
    expected = qr_of_version(version)
    image = Pictures().image(make(svg=qr.svg(expected)), 0, DPI_150)
    assert qr.read(image) == [expected]
    assert qr.read(image.rotate(2, fillcolor="white", expand=True)) == [expected]


def test_a_module_of_version_15_is_half_a_millimetre(make: Compose) -> None:
    modules = 17 + 4 * 15 + 2 * qr.QUIET_ZONE
    assert QR_MM / modules >= 0.5
    # Seen, not only reckoned: the dark square of version 15 is 77 modules wide.
    image = Pictures().image(make(svg=qr.svg(qr_of_version(15))), 0, 980).convert("L")
    dark = image.crop((0, 0, 450, 425)).point(lambda v: 255 * (v < 128)).getbbox()
    assert dark is not None
    assert (dark[2] - dark[0]) / 10 == pytest.approx(77 * 0.5, abs=0.2)
    assert dark[0] / 10 == pytest.approx(qr.QUIET_ZONE * 0.5, abs=0.15)


def _touch(a: Box, b: Box) -> bool:
    """Whether two characters of different lines cover each other; in one line kerning may bring them together."""
    apart = abs(a[1] + a[3] - b[1] - b[3]) / 2 > 3
    return apart and min(a[2], b[2]) - max(a[0], b[0]) > 0.3 and min(a[3], b[3]) - max(a[1], b[1]) > 0.3


LONG_NAME = "Drs. H. MUHAMMAD ABDURRAHMAN WAHID SURYODININGRAT KUSUMANEGARA, S.Sos., M.Si., M.M."
LONG_HOST = "tandatangan-elektronik.kecamatan-trawas.mojokertokab.go.id/v/K7QF2M9XAB3DE5RT"


@pytest.mark.parametrize(
    "block",
    [CAMAT, replace(CAMAT, name=LONG_NAME), replace(CAMAT, name="X" * 120, rank="P" * 60, grade="G" * 20)],
)
@pytest.mark.parametrize("address", ["surat.example/periksa", LONG_HOST])
def test_long_names_and_hosts_stay_in_the_box_without_touching(
    make: Compose, block: SignatureBlock, address: str
) -> None:
    _stays_in_the_box(make(block=block, address=address), block, HEIGHT_MM)


@pytest.mark.parametrize("block", [CAMAT, replace(CAMAT, name=LONG_NAME)])
@pytest.mark.parametrize("address", ["surat.example/periksa", LONG_HOST])
def test_capacity_and_note_of_an_own_pdf_stay_in_its_box(make: Compose, block: SignatureBlock, address: str) -> None:
    delegated = replace(block, capacity=("a.n. CAMAT TRAWAS", "SEKRETARIS KECAMATAN TRAWAS,"))
    _stays_in_the_box(make(block=delegated, address=address, own=True), delegated, OWN_HEIGHT_MM)


def _stays_in_the_box(pdf: bytes, block: SignatureBlock, height: float) -> None:
    found = boxes(pdf)
    assert all(x1 >= 0 and x2 <= WIDTH_MM * MM and y1 >= 0 and y2 <= height * MM for x1, y1, x2, y2 in found)
    right = [box for box in found if box[0] > QR_MM * MM and box[1] > (height - HEIGHT_MM) * MM]
    assert all(box[0] >= (QR_MM + 2) * MM for box in right)
    overlapping = [(a, b) for n, a in enumerate(right) for b in right[n + 1 :] if _touch(a, b)]
    assert overlapping == []
    assert "".join(block.name.split()) in text(pdf).replace(" ", "")


def test_a_block_too_long_for_the_box_is_refused(make: Compose) -> None:
    with pytest.raises(TemplateFault):
        make(block=replace(CAMAT, capacity=("KEPALA SEKSI " * 8,) * 8), own=True)


def test_what_cannot_be_printed_is_refused(make: Compose) -> None:
    with pytest.raises(Invalid) as refused:
        make(block=replace(CAMAT, name="SUGONDO ✍"))
    assert refused.value.field == "signatory.name"


def test_fonts_are_embedded(make: Compose) -> None:
    page = PdfFileReader(io.BytesIO(make())).root["/Pages"]["/Kids"][0]
    used = page["/Resources"]["/Font"]
    assert used
    assert all("/FontFile3" in used[f]["/DescendantFonts"][0]["/FontDescriptor"] for f in used)


# --- in the signed letter ---


def rendered(shelf: Shelf) -> Rendered:
    template = shelf["undangan-rakor"]
    data = LetterData(
        kop=Kop(("PEMERINTAH KABUPATEN MOJOKERTO", "KECAMATAN TRAWAS")),
        number="400.9/7/416-304/2026",
        letter_date=date(2026, 1, 5),
        place="Trawas",
        sifat="Biasa",
        hal=template.hal,
        recipients=("Forkopimcam",),
        signatory=CAMAT,
        mode="simulasi",
        draft=False,
        fields={
            "pembuka": "Kami mengundang:",
            "tanggal": "2026-01-12",
            "mulai": "09:00",
            "selesai": "selesai",
            "tempat": "Pendopo",
            "acara": "Rakor",
            "penutup": "Terima kasih.",
        },
    )
    return render(template, data)


def signer() -> signers.SimpleSigner:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "SIMULASI")])
    usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
    built = x509.CertificateBuilder(name, name, key.public_key(), 1, datetime(2020, 1, 1), datetime(2040, 1, 1))
    certificate = built.add_extension(usage, critical=True).sign(key, hashes.SHA256())
    bundle = serialization.pkcs12.serialize_key_and_certificates(
        b"x", key, certificate, None, serialization.NoEncryption()
    )
    loaded: signers.SimpleSigner = signers.SimpleSigner.load_pkcs12_data(bundle, [])
    return loaded


@pytest.fixture(scope="module")
def signed(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The letter certified with the appearance in its box, as a PAdES engine does it."""
    letter = rendered(shelf)
    page = tmp_path_factory.mktemp("appearance") / "appearance.pdf"
    svg = qr.svg(qr_of_version(12))
    page.write_bytes(compose(shelf.press, svg, CAMAT, TOKEN, "simulasi", "surat.example/periksa"))
    metadata = signers.PdfSignatureMetadata(
        field_name="TandaTangan", subfilter=fields.SigSeedSubFilter.PADES, certify=True
    )
    spec = fields.SigFieldSpec("TandaTangan", on_page=letter.placement.page, box=letter.placement.box)
    style = StaticStampStyle.from_pdf_file(str(page), border_width=0, background_opacity=1)
    engine = signers.PdfSigner(metadata, signer(), stamp_style=style, new_field_spec=spec)
    result: bytes = engine.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(letter.pdf))).getvalue()
    assert result.startswith(letter.pdf)
    return result


def test_the_signed_page_shows_the_qr_at_150_dpi(signed: bytes) -> None:
    image = Pictures().image(signed, 0, 1240)
    assert qr.read(image) == [qr_of_version(12)]


def test_the_appearance_lies_in_its_space_and_changes_nothing_else(shelf: Shelf, signed: bytes) -> None:
    letter = rendered(shelf)
    before, after = (Pictures().image(pdf, 0, 1190).convert("RGB") for pdf in (letter.pdf, signed))
    scale = 1190 / 595.276
    x1, y1, x2, y2 = (v * scale for v in letter.placement.box)
    inside = tuple(round(v) for v in (x1, after.height - y2, x2, after.height - y1))
    assert after.crop(inside).convert("L").getextrema()[0] < 50
    white = Image.new("RGB", (inside[2] - inside[0] + 4, inside[3] - inside[1] + 4), "white")
    for image in (before, after):
        image.paste(white, (inside[0] - 2, inside[1] - 2))
    assert before.tobytes() == after.tobytes()


def test_the_signed_file_stays_pdf_a_4(signed: bytes) -> None:
    reader = PdfFileReader(io.BytesIO(signed))
    assert "/Info" not in reader.trailer
    assert str(reader.root.get("/Version", "/2.0")) == "/2.0"
    xmp = reader.root["/Metadata"].data.decode()
    assert re.search(r"pdfaid:part>4<|pdfaid:part=.4", xmp) and re.search(r"pdfaid:rev>2020<|pdfaid:rev=.2020", xmp)
    widget = reader.root["/AcroForm"]["/Fields"][0]
    flags = int(widget["/F"])
    assert flags & 4 and not flags & (1 | 2 | 32 | 256)  # Print; not Invisible, Hidden, NoView, ToggleNoView
    assert set(widget["/AP"]) == {"/N"}
    assert b"/NeedAppearances" not in signed and b"/JavaScript" not in signed
