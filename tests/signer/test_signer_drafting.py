"""Letters as data: templates, values, rendering to PDF/A, and what must never come out of it."""

from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pyhanko.pdf_utils.reader import PdfFileReader

from signer.drafting import (
    Kop,
    LetterData,
    LetterTemplate,
    Rendered,
    Shelf,
    SignatureBlock,
    clean,
    defaults,
    load_templates,
    preview,
    problems,
    render,
)
from signer.errors import Invalid, NotFound, SuratError, TemplateFault
from signer.pictures import Pictures

ROOT = Path(__file__).resolve().parents[2]
LETTERS = ROOT / "templates" / "letters"
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
FACTS = {
    "agenda": {"date": "2026-01-12", "time": "09:00", "place": "Pendopo Kecamatan Trawas"},
    "sembako": [{"commodity": "Beras premium", "amount": 2500, "unit": "kg"}],
}
CAMAT = SignatureBlock(("CAMAT TRAWAS,",), "SUGONDO, S.Sos., MM.", "Pembina Tk. I", "IV/b", "196701101990031007")
LONG = SignatureBlock(
    ("a.n. CAMAT TRAWAS", "SEKRETARIS CAMAT,", "u.b.", "KEPALA SEKSI KESEJAHTERAAN SOSIAL DAN PEMBERDAYAAN MASYARAKAT,"),
    "Drs. H. MUHAMMAD ABDURRAHMAN WAHID SURYODININGRAT KUSUMANEGARA, S.Sos., M.Si., M.M.",
    "Pembina Utama Muda",
    "IV/c",
    "196701101990031007",
)


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    return load_templates(LETTERS)


@pytest.fixture(scope="module")
def undangan(shelf: Shelf) -> LetterTemplate:
    return shelf["undangan-rakor"]


def letter(template: LetterTemplate, **changes: object) -> LetterData:
    data = LetterData(
        kop=Kop(("PEMERINTAH KABUPATEN MOJOKERTO", "KECAMATAN TRAWAS"), ("Jalan Kompi Murlan 8 Desa Ketapanrame",)),
        number="400.9/7/416-304/2026",
        letter_date=date(2026, 1, 5),
        place="Trawas",
        sifat="Biasa",
        hal=template.hal,
        recipients=("Forkopimcam Kecamatan Trawas", "Agen BSPPS se-Kecamatan Trawas"),
        signatory=CAMAT,
        mode="simulasi",
        draft=False,
        fields=defaults(template, FACTS) | ({"barang": [{"uraian": "Berkas", "banyaknya": "1"}]} if "pengantar" in template.key else {}),
        tembusan=("Arsip",),
    )
    return replace(data, **changes)  # type: ignore[arg-type]


def with_fields(template: LetterTemplate, **values: object) -> LetterData:
    data = letter(template)
    return replace(data, fields={**data.fields, **values})


def texts(pdf: bytes) -> list[str]:
    """Each page's text on one line, as somebody would read or copy it."""
    with pypdfium2.PdfDocument(pdf) as document:
        raw = [page.get_textpage().get_text_range() for page in document]
    return [" ".join(text.replace("\u200b", "").replace("\u00a0", " ").split()) for text in raw]


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


# --- templates as data ------------------------------------------------------------------------------------------------


def test_templates_are_found_by_key_in_order(shelf: Shelf) -> None:
    assert [template.key for template in shelf] == ["surat-pengantar", "undangan-rakor"]
    assert shelf["undangan-rakor"].klasifikasi == "400.9"
    assert shelf["undangan-rakor"].field("sembako").columns[0].label == "Komoditas"
    with pytest.raises(NotFound):
        shelf["tidak-ada"]


def test_secret_letters_show_no_pages(undangan: LetterTemplate) -> None:
    assert [undangan.shows_pages(sifat) for sifat in ("Biasa", "Terbatas", "Rahasia")] == [True, False, False]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "letters"
    shutil.copytree(LETTERS, copy)
    return copy


def test_an_office_adds_a_template_without_code(folder: Path) -> None:
    (folder / "pengumuman.toml").write_text(
        'format = 1\ntitle = "Pengumuman"\ntitle_en = "Notice"\nsource = "pengumuman.typ"\nklasifikasi = "400.9"\n'
        'sifat = ["Biasa"]\nhal = "Pengumuman"\n'
        '[[field]]\nkey = "isi"\ntype = "lines"\nlabel = "Isi"\nlabel_en = "Text"\nrequired = true\n',
        encoding="utf-8",
    )
    (folder / "pengumuman.typ").write_text(
        '#import "naskah.typ": *\n#let d = surat()\n#show: naskah.with(d)\n#kop(d)\n#alinea-alinea(d, "isi")\n'
        "#tanda-tangan(d)\n",
        encoding="utf-8",
    )
    template = load_templates(folder)["pengumuman"]
    rendered = render(template, replace(letter(template), fields={"isi": "Kantor tutup.\nHarap maklum."}))
    assert "Kantor tutup. Harap maklum. CAMAT TRAWAS," in texts(rendered.pdf)[0]


@pytest.mark.parametrize(
    "line",
    [
        '#import "@preview/cetz:0.3.0"',
        '#import "@local/x:1.0.0": *',
        '#import "@pre" + "view/cetz:0.3.0"',
        "#let p = \"@preview/cetz:0.3.0\"\n#import p",
        '#import /* */ "@preview/cetz:0.3.0"',
        '#include "../rahasia.typ"',
        '#eval("import \\"@preview/cetz:0.3.0\\"")',
        '#plugin("x.wasm")',
    ],
)
def test_a_template_that_could_fetch_or_run_code_is_refused(folder: Path, line: str) -> None:
    (folder / "undangan-rakor.typ").write_text(line, encoding="utf-8")
    with pytest.raises(ValueError, match=r"undangan-rakor\.typ: a template may only import its neighbours"):
        load_templates(folder)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("format = 1", "format = 2"),
        ("klasifikasi =", "klasifikas ="),
        ('type = "date"', 'type = "tanggal"'),
        ('key = "tempat"', 'key = "tanggal"'),
        ('key = "tempat"', 'key = "di tempat"'),
        ('facts_only = ["Terbatas", "Rahasia"]', 'facts_only = ["Sangat Rahasia"]'),
        ('source = "undangan-rakor.typ"', 'source = "hilang.typ"'),
        ('source = "undangan-rakor.typ"', 'source = "../undangan-rakor.typ"'),
        ('type = "rows"', 'type = "text"'),
        ("format = 1", "format = "),
    ],
)
def test_a_faulty_description_is_named(folder: Path, old: str, new: str) -> None:
    path = folder / "undangan-rakor.toml"
    described = path.read_text(encoding="utf-8")
    assert old in described
    path.write_text(described.replace(old, new), encoding="utf-8")
    with pytest.raises(ValueError, match=r"undangan-rakor\.toml: "):
        load_templates(folder)


def test_fonts_are_needed(folder: Path) -> None:
    shutil.rmtree(folder / "fonts")
    (folder / "fonts").mkdir()
    with pytest.raises(ValueError, match="no fonts"):
        load_templates(folder)


@pytest.mark.parametrize(
    "source", ["Tidak ada ruang.", "#panic()", '#import "naskah.typ": *\n#metadata("x")<tanda-tangan>']
)
def test_a_template_that_fails_or_leaves_no_signature_space(folder: Path, source: str) -> None:
    template = load_templates(folder)["undangan-rakor"]
    heading = '#set document(date: datetime(year: 2026, month: 1, day: 1))\n'
    (folder / "undangan-rakor.typ").write_text(heading + source, encoding="utf-8")
    with pytest.raises(TemplateFault):
        render(template, letter(template))


# --- values -------------------------------------------------------------------------------------------------------------


def test_a_draft_starts_from_the_berkas_and_the_template(undangan: LetterTemplate) -> None:
    started = defaults(undangan, FACTS)
    assert started["tanggal"] == "2026-01-12"
    assert started["selesai"] == "selesai"
    assert started["sembako"] == FACTS["sembako"]
    assert "catatan" not in started
    assert "tempat" not in defaults(undangan, {"agenda": "bukan peta"})


def test_values_become_text_and_stay_the_same_when_cleaned_again(undangan: LetterTemplate) -> None:
    cleaned = clean(
        undangan,
        {
            "pembuka": "  Satu,\tdua  \r\n\r\nTiga ",
            "tanggal": date(2026, 1, 12),
            "mulai": time(9, 0),
            "selesai": "selesai",
            "tempat": "Pendopo\nTrawas",
            "acara": "Rapat",
            "sembako": [
                {"commodity": "Beras", "amount": 2500, "unit": "kg"},
                {"commodity": "", "amount": None, "unit": " "},
                {"commodity": "Telur", "amount": Decimal("1250.5"), "unit": "kg"},
            ],
            "penutup": ["Demikian."],
        },
    )
    assert cleaned["pembuka"] == ("Satu, dua", "Tiga")
    assert (cleaned["tanggal"], cleaned["mulai"], cleaned["tempat"]) == ("2026-01-12", "09:00", "Pendopo Trawas")
    assert [row["amount"] for row in cleaned["sembako"]] == ["2.500", "1.250,5"]  # type: ignore[index]  # rows
    assert cleaned["catatan"] == ()
    assert clean(undangan, cleaned) == cleaned


@pytest.mark.parametrize(
    ("field", "value", "at"),
    [
        ("tanggal", "12 Januari", "tanggal"),
        ("tanggal", "2026-02-30", "tanggal"),
        ("mulai", "25.00", "mulai"),
        ("mulai", 9, "mulai"),
        ("tempat", "", "tempat"),
        ("tempat", None, "tempat"),
        ("tempat", ["Pendopo"], "tempat"),
        ("tempat", "x" * 10_000, "tempat"),
        ("pembuka", " \n ", "pembuka"),
        ("pembuka", "kata\n" * 2_000, "pembuka"),
        ("sembako", "Beras", "sembako"),
        ("sembako", ["Beras"], "sembako"),
        ("sembako", [{"commodity": "Beras", "amount": 1}] * 201, "sembako"),
        ("sembako", [{"commodity": "Beras", "amount": 1}, {"commodity": "Telur"}], "sembako.1.amount"),
        ("sembako", [{"commodity": "Beras 🍚", "amount": 1}], "sembako.0.commodity"),
        ("bukan_isian", "x", "bukan_isian"),
    ],
)
def test_a_value_that_cannot_be_used_names_its_field(
    undangan: LetterTemplate, field: str, value: object, at: str
) -> None:
    with pytest.raises(Invalid) as refused:
        render(undangan, with_fields(undangan, **{field: value}))
    assert refused.value.field == at


def test_all_problems_at_once_for_a_form(undangan: LetterTemplate) -> None:
    data = letter(undangan, number=None, draft=True, hal="", recipients=(), fields={"mulai": "pagi", "selesai": "x"})
    found = [problem.field for problem in problems(undangan, data)]
    assert found == ["hal", "recipients", "pembuka", "tanggal", "mulai", "tempat", "acara", "penutup"]
    assert problems(undangan, letter(undangan, number=None, draft=True)) == ()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"number": None}, "number"),
        ({"number": " "}, "number"),
        ({"place": ""}, "place"),
        ({"hal": " "}, "hal"),
        ({"hal": "Undangan 📣"}, "hal"),
        ({"sifat": "Sangat Rahasia"}, "sifat"),
        ({"recipients": ()}, "recipients"),
        ({"recipients": ("Camat\x00",)}, "recipients"),
        ({"recipients": ("x",) * 301}, "recipients"),
        ({"tembusan": ("x",) * 41}, "tembusan"),
        ({"kop": Kop(())}, "kop.lines"),
        ({"kop": Kop(("KECAMATAN",), ("Jalan ✈",))}, "kop.address"),
        ({"kop": Kop(("KECAMATAN",), (), b"GIF89a")}, "kop.logo"),
        ({"kop": Kop(("KECAMATAN",), (), b"\x89PNG\r\n\x1a\nrusak")}, "kop.logo"),
        ({"signatory": replace(CAMAT, name="")}, "signatory.name"),
        ({"signatory": replace(CAMAT, nip="1967\u0661")}, "signatory.nip"),
    ],
)
def test_a_letter_that_is_not_whole_is_refused(
    undangan: LetterTemplate, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        render(undangan, letter(undangan, **changes))
    assert refused.value.field == field


@pytest.mark.parametrize(
    "capacity",
    [
        ("CAMAT TRAWAS,",),
        ("Plt. CAMAT TRAWAS,",),
        ("Plh. CAMAT TRAWAS,",),
        ("a.n. CAMAT TRAWAS", "SEKRETARIS CAMAT,"),
        ("a.n. CAMAT TRAWAS", "SEKRETARIS CAMAT,", "u.b.", "KEPALA SEKSI KEMASYARAKATAN,"),
    ],
)
def test_capacities_of_official_letters(capacity: tuple[str, ...]) -> None:
    replace(CAMAT, capacity=capacity).check_capacity()


@pytest.mark.parametrize(
    "capacity",
    [
        (),
        ("",),
        ("u.b.",),
        ("CAMAT TRAWAS,", "u.b.", "KEPALA SEKSI,"),
        ("a.n. CAMAT TRAWAS",),
        ("a.n. CAMAT TRAWAS", "u.b. KEPALA SEKSI,"),
        ("a.n. CAMAT TRAWAS", "a.n. SEKRETARIS,"),
        ("a.n. CAMAT TRAWAS", "SEKRETARIS CAMAT,", "KEPALA SEKSI,", "STAF,"),
        ("a.n. CAMAT TRAWAS", "SEKRETARIS CAMAT,", "u.b.", "KEPALA SEKSI,", "u.b.", "STAF,"),
    ],
)
def test_other_capacities_are_refused(undangan: LetterTemplate, capacity: tuple[str, ...]) -> None:
    with pytest.raises(Invalid) as refused:
        render(undangan, letter(undangan, signatory=replace(CAMAT, capacity=capacity)))
    assert refused.value.field == "signatory.capacity"


# --- hostile text -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        '#eval("1+1") #panic("x") #import "@preview/cetz:0.3.0"',
        "*tebal* _miring_ `kode` $x^2$ @rujuk <label> [isi] {kode} // bukan komentar /* juga */",
        '"; system("ls") \\u{41} \\n "quotes" \'satu\'',
        "= Judul + butir - butir / istilah: x",
        "<script>alert(1)</script> &amp; %s {0}",
    ],
)
def test_code_in_a_value_comes_out_as_text(undangan: LetterTemplate, text: str) -> None:
    pdf = render(undangan, with_fields(undangan, acara=text)).pdf
    assert text in texts(pdf)[0]


@pytest.mark.parametrize("bad", ["😀", "\x00", "\x07", "\x1b[31m", "عرب", "中文", "\u202eterbalik", "\ud800", "\ufffe", "\ue000"])
def test_a_character_that_cannot_be_printed_is_refused_and_named(undangan: LetterTemplate, bad: str) -> None:
    with pytest.raises(Invalid) as refused:
        render(undangan, with_fields(undangan, tempat=f"Pendopo {bad} Trawas"))
    assert refused.value.field == "tempat"
    assert f"U+{ord(bad[0]):04X}" in refused.value.id
    assert "Tempat" in refused.value.id
    refused.value.id.encode()  # what is shown can be sent


def test_what_copying_leaves_behind_is_mended(undangan: LetterTemplate) -> None:
    pasted = "\ufeffRapat\u200b ‑ “Koordinasi”\u00a0Jum\u02bcat… e\u0301\u00ad"
    rendered = render(undangan, with_fields(undangan, acara=pasted))
    assert rendered.letter.fields["acara"] == "Rapat - “Koordinasi”\u00a0Jum’at… é"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_any_text_prints_or_is_refused_by_field(text: str) -> None:
    template = SHELF["surat-pengantar"]
    data = replace(letter(template), fields={"barang": [{"uraian": text or "-", "banyaknya": "1"}]})
    try:
        render(template, data)
    except Invalid as refused:
        assert refused.field == "barang.0.uraian"


SHELF = load_templates(LETTERS)


# --- the rendering --------------------------------------------------------------------------------------------------------


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
def test_long_content_stays_on_the_paper_and_off_the_footer(
    shelf: Shelf, key: str, changes: dict[str, object]
) -> None:
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


def test_the_logo_stands_in_the_kop(undangan: LetterTemplate) -> None:
    out = io.BytesIO()
    Image.new("RGB", (60, 80), (200, 0, 0)).save(out, "PNG")
    rendered = render(undangan, letter(undangan, kop=Kop(("KECAMATAN TRAWAS",), (), out.getvalue())))
    image = Pictures().image(rendered.pdf, 0, 600).convert("RGB")
    assert image.getpixel((90, 85)) == (200, 0, 0)


# --- PDF/A, determinism, speed, threads -------------------------------------------------------------------------------------


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
import test_signer_drafting as t
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
    pictures = preview(undangan, letter(undangan, recipients=("Kepala Desa",) * 20), width=400)
    sizes = [Image.open(io.BytesIO(picture)).size for picture in pictures]
    assert sizes == [(400, 566), (400, 566)]
    image = Image.open(io.BytesIO(pictures[0])).convert("L")
    assert image.crop((240, 320, 300, 400)).getextrema()[0] < 250  # the watermark crosses the empty lower half


def test_faults_are_told_in_both_languages(undangan: LetterTemplate) -> None:
    with pytest.raises(SuratError) as refused:
        render(undangan, with_fields(undangan, tempat=""))
    assert refused.value.id == "Isian “Tempat” wajib diisi."
    assert refused.value.en == "“Tempat” must not be empty."


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
