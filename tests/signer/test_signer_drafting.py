"""Letters rendered to PDF/A, and what must never come out of it."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from helpers_letters import CAMAT, ROOT, SHELF, letter, texts, with_fields
from PIL import Image
from pyhanko.pdf_utils.reader import PdfFileReader

from signer.drafting import (
    Kop,
    LetterTemplate,
    Rendered,
    Shelf,
    SignatureBlock,
    preview,
    render,
)
from signer.errors import SuratError
from signer.pictures import Pictures

MM = 72 / 25.4
BODY_ENDS = 31 * MM
"""Where the bottom margin begins, in points from the page's foot: only the footer may be below."""
FOOTER_BEGINS = 27 * MM

UU_ITE = (
    "UU ITE No. 11 Tahun 2008 Pasal 5 ayat 1: “Informasi Elektronik dan/atau Dokumen Elektronik "
    "dan/atau hasil cetaknya merupakan alat bukti hukum yang sah.”"
)
BSRE = (
    "Dokumen ini telah ditandatangani secara elektronik menggunakan sertifikat elektronik yang diterbitkan oleh BSrE."
)
SIMULASI = (
    "SIMULASI: dokumen ini ditandatangani secara elektronik menggunakan sertifikat CA pengembangan sebagai "
    "pengganti sertifikat BSrE; tidak tersertifikasi."
)
LONG = SignatureBlock(
    (
        "a.n. CAMAT TRAWAS",
        "SEKRETARIS CAMAT,",
        "u.b.",
        "KEPALA SEKSI KESEJAHTERAAN SOSIAL DAN PEMBERDAYAAN MASYARAKAT,",
    ),
    "Drs. H. MUHAMMAD ABDURRAHMAN WAHID SURYODININGRAT KUSUMANEGARA, S.Sos., M.Si., M.M.",
    "Pembina Utama Muda",
    "IV/c",
    "196701101990031007",
)


@pytest.fixture
def shelf() -> Shelf:
    return SHELF


@pytest.fixture
def undangan() -> LetterTemplate:
    return SHELF["undangan-rakor"]


def characters(pdf: bytes, page: int) -> list[tuple[str, tuple[float, float, float, float]]]:
    """The printed characters of a page with their boxes (left, bottom, right, top) in points."""
    with pypdfium2.PdfDocument(pdf) as document:
        text = document[page].get_textpage()
        all_of_it = [(text.get_text_range(i, 1), text.get_charbox(i)) for i in range(text.count_chars())]
    return [(c, box) for c, box in all_of_it if c.strip() and c.isprintable()]


def box_picture(rendered: Rendered) -> Image.Image:
    """The signature box as it looks before anybody signed, at 72 dpi times 4."""
    page, (x1, y1, x2, y2) = rendered.placement.page, rendered.placement.box
    image = Pictures().image(rendered.pdf, page, round(595.276 * 4))
    return image.crop(tuple(round(v * 4) for v in (x1, 841.89 - y2, x2, 841.89 - y1)))


# --- the rendering ---


def test_the_letter_says_what_it_was_given(undangan: LetterTemplate) -> None:
    rendered = render(undangan, letter(undangan))
    (page,) = texts(rendered.pdf)
    assert rendered.pages == 1
    assert rendered.sha256 == hashlib.sha256(rendered.pdf).digest()
    for expected in (
        "KECAMATAN TRAWAS",
        "400.9/7/416-304/2026",
        "Trawas, 5 Januari 2026",
        "1. Forkopimcam Kecamatan Trawas",
        "Senin, 12 Januari 2026",
        "09.00 WIB s.d. selesai",
        "2.500",
        "CAMAT TRAWAS,",
        "Tembusan: 1. Arsip",
    ):
        assert expected in page
    assert "Halaman" not in page


def test_the_signature_space_is_where_placement_says_and_blank(undangan: LetterTemplate) -> None:
    rendered = render(undangan, letter(undangan))
    x1, y1, x2, y2 = rendered.placement.box
    assert (x2 - x1, y2 - y1) == pytest.approx((98 * MM, 50 * MM), abs=0.01)
    assert box_picture(rendered).convert("L").getextrema() == (255, 255)
    capacity = [box for c, box in characters(rendered.pdf, 0) if box[1] > y2 and box[0] > x1 + 45 * MM]
    assert min(box[1] for box in capacity) - y2 < 4 * MM  # the capacity line stands right above the box


def test_the_draft_shows_the_box_exactly_there(undangan: LetterTemplate) -> None:
    rendered = render(undangan, letter(undangan, number=None, draft=True))
    words = "".join(c for c, box in characters(rendered.pdf, 0) if _inside(box, rendered.placement.box))
    assert words == "RuangQRdantandatanganelektronikSUGONDO,S.Sos.,MM."
    image = Pictures().image(rendered.pdf, 0, round(595.276 * 4)).convert("L")
    x1, y1, x2, y2 = (round(4 * v) for v in rendered.placement.box)
    top, bottom = image.height - y2, image.height - y1
    frame = [(x1, top, x1, bottom), (x2, top, x2, bottom), (x1, top, x2, top), (x1, bottom, x2, bottom)]
    for left, upper, right, lower in frame:  # the dashed frame, darker than the watermark, runs along every edge
        middle = (left + right) // 2, (upper + lower) // 2
        if left == right:
            strip = (left - 3, middle[1] - 60, right + 4, middle[1] + 60)
        else:
            strip = (middle[0] - 60, upper - 3, middle[0] + 60, lower + 4)
        assert image.crop(strip).getextrema()[0] < 200


@pytest.mark.parametrize("key", ["undangan-rakor", "surat-pengantar"])
@pytest.mark.parametrize("draft", [True, False])
def test_no_rendering_carries_a_qr(shelf: Shelf, key: str, draft: bool) -> None:
    rendered = render(shelf[key], letter(shelf[key], draft=draft))
    assert zxingcpp.read_barcodes(Pictures().image(rendered.pdf, 0, 2480)) == []


def test_a_draft_is_marked_unnumbered_and_claims_no_signature(undangan: LetterTemplate) -> None:
    data = letter(undangan, number=None, draft=True, recipients=(), fields={})
    (page,) = texts(render(undangan, data).pdf)
    assert "DRAF, BUKAN DOKUMEN RESMI" in page
    assert "nomor belum dipesan" in page
    assert "[Tempat]" in page and "[Kepada]" in page
    assert "ditandatangani secara elektronik" not in page
    assert UU_ITE in page
    (final,) = texts(render(undangan, letter(undangan)).pdf)
    assert "DRAF" not in final and "[" not in final


@pytest.mark.parametrize(("mode", "says", "not_says"), [("simulasi", SIMULASI, BSRE), ("bsre", BSRE, "SIMULASI")])
def test_the_footer_is_honest_about_the_mode_on_every_page(
    undangan: LetterTemplate, mode: str, says: str, not_says: str
) -> None:
    rendered = render(undangan, letter(undangan, mode=mode, recipients=("Kepala Desa",) * 60))
    pages = texts(rendered.pdf)
    assert len(pages) == rendered.pages > 1
    for number, page in enumerate(pages, start=1):
        joined = page.replace(f" Halaman {number} dari {len(pages)}", "")
        assert says in joined and UU_ITE in joined and not_says not in joined
        assert f"Halaman {number} dari {len(pages)}" in page
        assert number == 1 or "Nomor 400.9/7/416-304/2026" in page


STRESS: dict[str, dict[str, object]] = {
    "long subject": {"hal": "Undangan Rapat Koordinasi Persiapan Penyaluran " * 8},
    "unbroken": {"hal": "X" * 400, "number": "N" * 120, "place": "Z" * 80, "recipients": ("Y" * 200,) * 8},
    "sixty invitees": {"recipients": tuple(f"Kepala Desa nomor {n} " + "panjang " * 12 for n in range(60))},
    "long signatory": {"signatory": LONG},
    "widest signatory": {
        "signatory": SignatureBlock(("a.n. " + "CAMAT " * 17, "SEK " * 27, "u.b.", "KASI " * 21), "N" * 120, "P" * 60),
    },
    "many tembusan": {"tembusan": ("Kepala Dinas Sosial Kabupaten Mojokerto",) * 40},
    "long kop": {"kop": Kop(("PEMERINTAH KABUPATEN " * 5,) * 3, ("Jalan Kompi " * 16,) * 3)},
}


@pytest.mark.parametrize("changes", STRESS.values(), ids=STRESS.keys())
@pytest.mark.parametrize("key", ["undangan-rakor", "surat-pengantar"])
def test_long_content_stays_on_the_paper_and_off_the_footer(shelf: Shelf, key: str, changes: dict[str, object]) -> None:
    rendered = render(shelf[key], letter(shelf[key], **changes))
    _is_well_set(rendered)


def test_many_rows_and_paragraphs_flow_over_pages(undangan: LetterTemplate) -> None:
    rows = [{"commodity": f"Komoditas {n}", "amount": n, "unit": "kg"} for n in range(1, 121)]
    data = with_fields(undangan, sembako=rows, penutup="Demikian.\n" * 70, catatan="Catatan panjang. " * 80)
    rendered = render(undangan, data)
    _is_well_set(rendered)
    pages = texts(rendered.pdf)
    assert "tercantum dalam lampiran" in pages[0]
    assert sum(page.count("Komoditas Jumlah Satuan") for page in pages) == rendered.pages - rendered.placement.page - 1
    assert "120. Komoditas 120 120 kg" in pages[-1]


def test_the_signature_never_stands_alone_on_a_page(undangan: LetterTemplate) -> None:
    for paragraphs in range(0, 24, 2):
        data = with_fields(undangan, catatan="Catatan.\n" * paragraphs)
        rendered = render(undangan, data)
        assert "Demikian disampaikan." in texts(rendered.pdf)[rendered.placement.page]


def test_lampiran_counts_the_pages_behind_the_letter(undangan: LetterTemplate) -> None:
    def line(**changes: object) -> str:
        return texts(render(undangan, letter(undangan, **changes)).pdf)[0]

    assert "Lampiran : -" in line()
    assert "Lampiran : 1 (satu) lembar" in line(recipients=("Kepala Desa",) * 9)
    assert "Lampiran : 2 (dua) lembar" in line(recipients=("Kepala Desa",) * 60)
    assert "Lampiran : 1 (satu) berkas" in line(lampiran="1 (satu) berkas")


def test_a_number_stands_on_the_first_line_of_its_entry(undangan: LetterTemplate) -> None:
    entry = "Kepala Dinas Sosial Kabupaten Mojokerto (sebagai laporan)"
    rendered = render(undangan, letter(undangan, tembusan=(entry, "Arsip"), recipients=(entry * 2, "Camat")))
    found = characters(rendered.pdf, 0)
    for n, (character, box) in enumerate(found[:-2]):
        if character in "12" and found[n + 1][0] == "." and found[n + 2][0] in "KCA":
            assert found[n + 2][1][1] == pytest.approx(box[1], abs=1.5)


def test_the_logo_stands_in_the_kop(undangan: LetterTemplate) -> None:
    out = io.BytesIO()
    Image.new("RGB", (60, 80), (200, 0, 0)).save(out, "PNG")
    rendered = render(undangan, letter(undangan, kop=Kop(("KECAMATAN TRAWAS",), (), out.getvalue())))
    image = Pictures().image(rendered.pdf, 0, 600).convert("RGB")
    assert image.getpixel((90, 85)) == (200, 0, 0)


# --- PDF/A, determinism, speed, threads ---


def test_the_file_is_pdf_a_4_with_honest_metadata(undangan: LetterTemplate) -> None:
    pdf = render(undangan, letter(undangan)).pdf
    reader = PdfFileReader(io.BytesIO(pdf))
    assert pdf.startswith(b"%PDF-2.0\n")
    assert "/Info" not in reader.trailer and "/Version" not in reader.root  # ISO 19005-4, 6.1.3
    assert "/OutputIntents" in reader.root and reader.root["/Lang"] == "id-ID"
    xmp = reader.root["/Metadata"].data.decode()
    for expected in (
        "<pdfaid:part>4</pdfaid:part>",
        "<pdfaid:rev>2020</pdfaid:rev>",
        "Undangan Rapat Koordinasi BSPPS</rdf:li>",
        "KECAMATAN TRAWAS, PEMERINTAH KABUPATEN MOJOKERTO",
        "<pdf:Keywords>SIMULASI</pdf:Keywords>",
        "penanda tangan: SUGONDO, S.Sos., MM., CAMAT TRAWAS<",
        "<xmp:CreateDate>2026-01-05",
    ):
        assert expected in xmp
    assert "Forkopimcam" not in xmp  # metadata name no addressee (domain.md section 3)
    bsre = PdfFileReader(io.BytesIO(render(undangan, letter(undangan, mode="bsre")).pdf))
    assert "<pdf:Keywords>BSrE</pdf:Keywords>" in bsre.root["/Metadata"].data.decode()


def test_every_font_is_embedded(undangan: LetterTemplate) -> None:
    page = PdfFileReader(io.BytesIO(render(undangan, letter(undangan)).pdf)).root["/Pages"]["/Kids"][0]
    fonts = page["/Resources"]["/Font"]
    assert fonts
    for name in fonts:
        descriptor = fonts[name]["/DescendantFonts"][0]["/FontDescriptor"]
        assert "/FontFile3" in descriptor and "/ToUnicode" in fonts[name]


def test_another_signer_makes_another_rendering(undangan: LetterTemplate) -> None:
    other = replace(CAMAT, name="SRI WAHYUNI, S.STP.")
    assert render(undangan, letter(undangan)).sha256 != render(undangan, letter(undangan, signatory=other)).sha256


SCRIPT = """
import sys
sys.path[:0] = [{root!r}, {tests!r}]
import helpers_letters as t
from signer.drafting import render
print(render(t.SHELF["undangan-rakor"], t.letter(t.SHELF["undangan-rakor"])).sha256.hex())
"""


def test_another_process_renders_the_same_bytes(undangan: LetterTemplate) -> None:
    script = SCRIPT.format(root=str(ROOT), tests=str(Path(__file__).parent))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == render(undangan, letter(undangan)).sha256.hex()


def test_threads_share_one_press(undangan: LetterTemplate) -> None:
    expected = {n: render(undangan, letter(undangan, number=str(n))).sha256 for n in range(3)}
    found: list[bool] = []

    def work(n: int) -> None:
        for _ in range(6):
            rendered = render(undangan, letter(undangan, number=str(n)))
            found.append(rendered.sha256 == expected[n] and rendered.pages == 1)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 18


def test_preview_gives_page_pictures_marked_as_draft(undangan: LetterTemplate) -> None:
    drawn = preview(undangan, letter(undangan, recipients=("Kepala Desa",) * 20), width=400)
    pictures = [page.webp for page in drawn if page.webp]
    sizes = [Image.open(io.BytesIO(picture)).size for picture in pictures]
    assert sizes == [(400, 566), (400, 566)]
    image = Image.open(io.BytesIO(pictures[0])).convert("L")
    assert image.crop((240, 320, 300, 400)).getextrema()[0] < 250  # the watermark crosses the empty lower half


def test_only_changed_pages_are_drawn_again(undangan: LetterTemplate) -> None:
    many = ("Kepala Desa",) * 20
    first = preview(undangan, letter(undangan, recipients=many), width=400)
    marks = [page.mark for page in first]
    changed = preview(undangan, letter(undangan, recipients=many, hal="Undangan lain"), width=400, known=marks)
    assert [page.webp is None for page in changed] == [False, True], "the list behind the letter stays as it is"
    assert (changed[0].mark != marks[0], changed[1].mark == marks[1]) == (True, True)
    wider = preview(undangan, letter(undangan, recipients=many), width=480, known=marks)
    assert all(page.webp for page in wider), "a picture of another size is another picture"


def test_faults_are_told_in_both_languages(undangan: LetterTemplate) -> None:
    with pytest.raises(SuratError) as refused:
        render(undangan, with_fields(undangan, tempat=""))
    assert refused.value.id == "Isian “Tempat” wajib diisi."
    assert refused.value.en == "“Place” must not be empty."


def _inside(box: tuple[float, float, float, float], room: tuple[float, float, float, float]) -> bool:
    return box[0] > room[0] and box[2] < room[2] and box[1] > room[1] and box[3] < room[3]


def _is_well_set(rendered: Rendered) -> None:
    """Nothing leaves the margins, nothing touches the footer, and the signature box is free and above the footer."""
    for page in range(rendered.pages):
        for character, (left, bottom, right, top) in characters(rendered.pdf, page):
            where = f"{character!r} on page {page + 1} at {left:.0f},{bottom:.0f}"
            assert left > 20 * MM and right < 595.3 - 22 * MM, where
            assert bottom > 5 * MM and top < 841.9 - 5 * MM, where
            assert bottom > BODY_ENDS - 4 or top < FOOTER_BEGINS, where
    assert rendered.placement.box[1] >= BODY_ENDS - 0.1
    assert box_picture(rendered).convert("L").getextrema() == (255, 255)
