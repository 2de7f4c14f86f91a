"""What people bring to the office in journeys: a request, its papers, and a file that is no paper at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import typst
from PIL import Image, ImageDraw, ImageFont

WIB = timezone(timedelta(hours=7))
PAPER, INK, BLUE = "#fbfaf5", "#22262b", "#2f4f9f"


@dataclass(frozen=True)
class Papers:
    """Files on the Pemohon's own disk."""

    letter: Path
    """Pengantar dari Desa, a PDF."""
    photo: Path
    """Berkas Pemohon, a JPEG as a phone takes it."""
    wrong: Path
    """Called a PDF, and none."""


@dataclass(frozen=True)
class Sample:
    """One request and its letter."""

    applicant: str
    desa: str
    place: str
    goods: tuple[tuple[str, str, str], ...]
    subject: str
    recipients: tuple[str, ...]
    returned_by_staf: str
    returned_by_kasi: str
    corrected_place: str
    """After Kasi's return."""
    taken_by: str

    @property
    def day(self) -> date:
        """The meeting's day: ten days from now."""
        return datetime.now(UTC).astimezone(WIB).date() + timedelta(days=10)


PLAIN = Sample(
    applicant="Wagiman",
    desa="Selotapak",
    place="Pendopo Kecamatan Trawas",
    goods=(("Beras", "500", "kg"), ("Telur ayam", "1.200", "butir")),
    subject="Undangan Rakor BSPPS",
    recipients=("Danramil Trawas", "Kapolsek Trawas", "Kepala Desa Selotapak"),
    returned_by_staf="Foto terlalu gelap, tulisan tidak terbaca.",
    returned_by_kasi="Tempat keliru: pendopo sedang dipakai.",
    corrected_place="Balai Desa Selotapak",
    taken_by="Wagiman",
)

LONG = Sample(
    applicant="Raden Ayu Siti Nurhaliza Kusumaningtyas Wijayakusuma binti Haji Abdurrahman Sastrowardoyo",
    desa="Ketapanrame Dusun Sukorame Kidul",
    place="Pendopo Kecamatan Trawas, Jalan Raya Trawas Nomor 34, Kabupaten Mojokerto",
    goods=(
        ("Beras medium kemasan sepuluh kilogram", "1.250", "kg"),
        ("Telur ayam ras", "3.750", "butir"),
        ("Minyak goreng kemasan sederhana", "500", "liter"),
    ),
    subject=(
        "Undangan Rapat Koordinasi Persiapan Penyaluran Bantuan Sosial Pangan dan Program Sembako Tahap IV bagi "
        "Keluarga Penerima Manfaat di Desa Ketapanrame, Selotapak, Belik, dan Duyung Kecamatan Trawas"
    ).ljust(200, "."),
    recipients=(
        "Komandan Rayon Militer 0815/14 Trawas",
        "Kepala Kepolisian Sektor Trawas",
        "Kepala Unit Pelaksana Teknis Daerah Puskesmas Trawas",
        "Koordinator Tenaga Kesejahteraan Sosial Kecamatan",
        "Para Kepala Desa se-Kecamatan Trawas",
        "Agen penyalur e-Warong Ketapanrame dan Selotapak",
        "Perwakilan Keluarga Penerima Manfaat",
    ),
    returned_by_staf="Foto Berkas Pemohon terlalu gelap sehingga nomor induk kependudukan tidak terbaca.",
    returned_by_kasi="Tempat Rakor keliru: pendopo dipakai kegiatan lain pada hari itu.",
    corrected_place="Balai Desa Ketapanrame, Dusun Sukorame Kidul",
    taken_by="Sutrisno Hadi Wibowo (suami Pemohon)",
)
"""Names that wrap, a subject of 200 characters, more recipients than fit above the letter."""


def papers(folder: Path) -> Papers:
    """Write the files into `folder`."""
    found = Papers(folder / "Pengantar Desa.pdf", folder / "IMG_20260114_083215.jpg", folder / "Pengantar.pdf")
    found.letter.write_bytes(typst.compile(_LETTER.encode()))
    photo().save(found.photo, quality=82)
    found.wrong.write_bytes(b"PK\x03\x04 bukan PDF, hanya bernama begitu")
    return found


_LETTER = """
#set page(paper: "a4", margin: 2.5cm)
#set text(size: 11pt)
#align(center)[*PEMERINTAH DESA SELOTAPAK* \\ Kecamatan Trawas, Kabupaten Mojokerto]
#line(length: 100%)
#align(center)[*SURAT PENGANTAR* \\ Nomor 470/112/2026]
Dengan ini kami mengantarkan permohonan pelaksanaan Rapat Koordinasi penyaluran sembako bagi keluarga penerima manfaat.
"""


_WRITTEN = ("Nama: Wagiman", "NIK: 3516xxxxxxxxxxxx", "Desa: Selotapak", "Sembako: beras, telur")


def photo(width: int = 900, height: int = 1200) -> Image.Image:
    """A form filled in by hand, as a phone photographs it: a little tilted, on a table."""
    table = Image.new("RGB", (width, height), "#6b5b4a")
    sheet = Image.new("RGB", (width - 160, height - 200), PAPER)
    draw = ImageDraw.Draw(sheet)
    heading, hand = ImageFont.load_default(34), ImageFont.load_default(27)
    draw.text((60, 50), "BERKAS PEMOHON", INK, heading)
    for number, text in enumerate(_WRITTEN):
        top = 160 + number * 90
        draw.text((60, top), text, BLUE, hand)
        draw.line((60, top + 44, sheet.width - 60, top + 44), INK, 1)
    table.paste(sheet.rotate(2, expand=True, fillcolor="#6b5b4a"), (60, 80))
    return table
