"""Letters that the tests of drafting start from, and how to read what came out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pypdfium2

from signer.drafting import (
    Kop,
    LetterData,
    LetterTemplate,
    SignatureBlock,
    defaults,
    load_templates,
)

ROOT = Path(__file__).resolve().parents[2]
LETTERS = ROOT / "templates" / "letters"
SHELF = load_templates(LETTERS)
FACTS = {
    "agenda": {"date": "2026-01-12", "time": "09:00", "place": "Pendopo Kecamatan Trawas"},
    "sembako": [{"commodity": "Beras premium", "amount": 2500, "unit": "kg"}],
}
CAMAT = SignatureBlock(("CAMAT TRAWAS,",), "SUGONDO, S.Sos., MM.", "Pembina Tk. I", "IV/b", "196701101990031007")


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
        fields=defaults(template, FACTS)
        | ({"barang": [{"uraian": "Berkas", "banyaknya": "1"}]} if "pengantar" in template.key else {}),
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
