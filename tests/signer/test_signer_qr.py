"""QR codes: small enough, drawn crisply, and read back after what printers and scanners do to them."""

from __future__ import annotations

import io
import random
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import typst
from cryptography.hazmat.primitives.asymmetric import ec
from PIL import Image, ImageFilter
from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode
from qrcode.util import MODE_8BIT_BYTE, QRData

from signer import qr, seal

MODULE_MM = 0.5
TOKEN = "7ZQ4M0K9XVB2T6HC"
KEY = seal.PrivateSealKey(ec.generate_private_key(ec.SECP256R1()))


def text_of(**changes: Any) -> str:
    letter: dict[str, Any] = {
        "issued_at": datetime(2026, 1, 5, 2, 50, tzinfo=UTC),
        "number": "400.9/123/416-304/2026",
        "letter_date": date(2026, 1, 5),
        "subject": "Undangan Rapat Koordinasi BSPPS",
        "signer": "SUGONDO, S.Sos., MM.",
        "capacity": "CAMAT TRAWAS",
        "mode": "simulasi",
    }
    fields = seal.describe(b"rendered" * 5000, **{**letter, **changes})
    return seal.qr_text(f"https://{'h' * 27}.id", TOKEN, seal.issue(fields, TOKEN, KEY))


TYPICAL = text_of()
LONGEST = text_of(
    number="B/400.14.5.4/12345/416-304.12/2026",
    letter_date=date(2025, 12, 29),
    subject="Undangan Rapat Koordinasi Evaluasi Penyaluran Sembako BSPPSX",
    signer="Dra. Hj. SITI NUR AISYAH KUSUMANINGTYAS, S.Sos., M.Si., M.M.",
    capacity="a.n. CAMAT TRAWAS SEKRETARIS CAMAT",
    mode="bsre",
)
TEXTS = pytest.mark.parametrize("text", [TYPICAL, LONGEST], ids=["typical", "longest"])


def scanned(text: str, folder: Path, dpi: int = 150, module_mm: float = MODULE_MM) -> Image.Image:
    """Sets the SVG on a page as a letter does, and rasterises the page as a scanner would."""
    side = (len(qr.matrix(text)) + 2 * qr.QUIET_ZONE) * module_mm
    (folder / "qr.svg").write_text(qr.svg(text))
    (folder / "page.typ").write_text(
        f'#set page(width: 120mm, height: 100mm, margin: 7.3mm)\n#image("qr.svg", width: {side}mm)\n'
    )
    page = pypdfium2.PdfDocument(typst.compile(str(folder / "page.typ")))[0]
    return page.render(scale=dpi / 72).to_pil().convert("L")


def test_versions() -> None:
    assert qr.version(TYPICAL) == 12
    assert qr.version(LONGEST) <= 15


def test_longest_of_all_fits_version_15_with_a_host_of_33() -> None:
    long = {"number": "4" * 40, "subject": "U" * 99, "signer": "S" * 99, "capacity": "C" * 99}
    text = text_of(**long, letter_date=date(2020, 1, 1)).replace("H" * 27, "H" * 30)
    assert qr.version(text) == 15


def test_three_segments_are_what_keeps_it_small() -> None:
    """A # is no alphanumeric character: in one segment the whole text would be bytes."""
    plain = QRCode(error_correction=ERROR_CORRECT_M)
    plain.add_data(QRData(TYPICAL, mode=MODE_8BIT_BYTE), optimize=0)
    plain.best_fit()
    assert plain.version > qr.version(TYPICAL)
    head, _, tail = TYPICAL.partition("#")
    # ISO/IEC 18004, table 3 and 7.4: mode 4 bits, count 11 or 16 bits (versions 10 to 26), 11 bits a pair.
    bits = sum(15 + 11 * (len(part) // 2) + 6 * (len(part) % 2) for part in (head, tail)) + 28
    capacity = {11: 2032, 12: 2320}
    assert capacity[11] < bits <= capacity[12]


@TEXTS
def test_svg_shows_the_matrix(text: str, tmp_path: Path) -> None:
    """At 20 pixels a module every module's middle and edges have its colour: no seams, no rounding."""
    svg = qr.svg(text)
    assert re.match(r'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 (\d+) \1" [^<]*>', svg)
    assert not re.search(r"\b(width|height|stroke|style|transform)", svg)
    modules = qr.matrix(text)
    picture = scanned(text, tmp_path, dpi=round(10 * 25.4 / MODULE_MM), module_mm=MODULE_MM)
    start = round(7.3 / 25.4 * round(10 * 25.4 / MODULE_MM)) + 10 * qr.QUIET_ZONE
    for y, row in enumerate(modules):
        for x, dark in enumerate(row):
            box = picture.crop((start + 10 * x + 2, start + 10 * y + 2, start + 10 * x + 9, start + 10 * y + 9))
            assert box.getextrema() == ((0, 0) if dark else (255, 255))


def test_svg_has_no_seam_between_dark_modules(tmp_path: Path) -> None:
    """The finder pattern's 3 by 3 middle is one area at any scale."""
    for dpi in (150, 217, 300):
        picture = scanned(TYPICAL, tmp_path, dpi=dpi)
        module = dpi / 25.4 * MODULE_MM
        start = dpi / 25.4 * 7.3 + (qr.QUIET_ZONE + 2) * module
        middle = picture.crop(
            (round(start + 1), round(start + 1), round(start + 3 * module - 1), round(start + 3 * module - 1))
        )
        assert middle.getextrema() == (0, 0)


@TEXTS
def test_read_from_a_150_dpi_scan(text: str, tmp_path: Path) -> None:
    assert qr.read(scanned(text, tmp_path)) == [text]


@TEXTS
@pytest.mark.parametrize("angle", [0, 3, -7, 90, 180])
def test_read_from_a_poor_scan(text: str, angle: float, tmp_path: Path) -> None:
    """Turned, blurred, grey, noisy and saved as JPEG."""
    picture = scanned(text, tmp_path, dpi=200).rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    picture = picture.filter(ImageFilter.GaussianBlur(0.7)).point(lambda level: 40 + level * 0.75)
    random.seed(7)
    noise = Image.frombytes("L", picture.size, random.randbytes(picture.width * picture.height))
    out = io.BytesIO()
    Image.blend(picture, noise, 0.08).save(out, "JPEG", quality=60)
    assert qr.read(Image.open(out)) == [text]


def test_read_from_a_skewed_photo(tmp_path: Path) -> None:
    picture = scanned(TYPICAL, tmp_path, dpi=250).convert("RGB")
    width, height = picture.size
    corners = (-60, -30, 10, height + 80, width + 40, height + 20, width - 10, -50)
    skewed = picture.transform(
        (width, height), Image.Transform.QUAD, corners, Image.Resampling.BICUBIC, fillcolor="white"
    )
    assert qr.read(skewed) == [TYPICAL]


def test_several_codes_and_none(tmp_path: Path) -> None:
    sheet = Image.new("RGB", (1400, 700), "white")
    for place, text in enumerate([TYPICAL, "HTTPS://SURAT.GO.ID/V/0000000000000000"]):
        sheet.paste(Image.open(io.BytesIO(qr.png(text))), (place * 700, 0))
    assert sorted(qr.read(sheet)) == sorted([TYPICAL, "HTTPS://SURAT.GO.ID/V/0000000000000000"])
    assert qr.read(Image.new("L", (300, 300), 255)) == []


def test_png_is_black_and_white_with_its_quiet_zone() -> None:
    picture = Image.open(io.BytesIO(qr.png(TYPICAL, scale=3)))
    assert picture.mode == "1"
    assert picture.size == (3 * (17 + 4 * 12 + 8),) * 2
    assert picture.convert("L").crop((0, 0, 12, picture.height)).getextrema() == (255, 255)
    assert qr.read(picture) == [TYPICAL]


def test_other_characters_are_read_as_written() -> None:
    for text in ("halo#dunia", "é—“BSPPS”", "http://localhost:8000/v/abc"):
        assert qr.read(Image.open(io.BytesIO(qr.png(text)))) == [text]
