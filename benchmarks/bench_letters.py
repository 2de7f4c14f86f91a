"""A letter rendered with the warm typesetter against a typesetter started for it; and the live preview's cost."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from benchmarks.rows import Row, in_turn
from signer import drafting
from signer.drafting import Kop, LetterData, SignatureBlock

ROUNDS = 10
FOLDER = Path(__file__).parent.parent / "templates" / "letters"
TEMPLATE = "undangan-rakor"
FIELDS = {
    "pembuka": "Dengan ini kami mengundang Saudara untuk hadir pada:",
    "tanggal": "2026-01-12",
    "mulai": "09:00",
    "selesai": "selesai",
    "tempat": "Pendopo Kecamatan Trawas",
    "acara": "Rapat Koordinasi Persiapan Penyaluran BSPPS",
    "penutup": "Demikian disampaikan.",
}


def measure() -> list[Row]:
    shelf = drafting.load_templates(FOLDER)
    data = letter_data()
    warm = in_turn(
        "render a letter to PDF/A-4",
        "a typesetter started for each letter",
        lambda: drafting.render(shelf[TEMPLATE], data),
        lambda: drafting.render(drafting.load_templates(FOLDER)[TEMPLATE], data),
        ROUNDS,
    )
    preview = in_turn(
        "live preview: render and draw as WebP",
        "render alone",
        lambda: drafting.preview(shelf[TEMPLATE], data),
        lambda: drafting.render(shelf[TEMPLATE], data),
        ROUNDS,
    )
    return [warm, preview]


def letter_data() -> LetterData:
    """An invitation as the office writes it."""
    return LetterData(
        kop=Kop(("PEMERINTAH KABUPATEN MOJOKERTO", "KECAMATAN TRAWAS"), ("Jl. Kompi Murlan 8",)),
        number="400.9/1/416-304/2026",
        letter_date=date(2026, 1, 5),
        place="Trawas",
        sifat="Biasa",
        hal="Undangan Rapat Koordinasi BSPPS",
        recipients=("Forkopimcam", "Agen", "Perwakilan KPM"),
        signatory=SignatureBlock(("CAMAT TRAWAS,",), "SUGONDO, S.Sos., MM.", "Pembina", "IV/a", "196701101990031007"),
        mode="simulasi",
        draft=False,
        fields=FIELDS,
    )
