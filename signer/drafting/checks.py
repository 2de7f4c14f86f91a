"""Whether a whole letter may be printed: every text cleaned, nothing missing, the signatory's capacity in form."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from PIL import Image

from signer.drafting.letter import Kop, LetterData, SignatureBlock
from signer.drafting.template import LetterTemplate
from signer.drafting.text import Alphabet, Label
from signer.drafting.values import clean, faults, missing
from signer.errors import Invalid

MAX_RECIPIENTS, MAX_TEMBUSAN = 300, 40
MAX_LOGO = 300_000
"""Bytes; every rendering carries the logo."""
LABELS = {
    "number": Label("Nomor", "Number"),
    "place": Label("Tempat surat", "Place of the letter"),
    "hal": Label("Hal", "Subject"),
    "lampiran": Label("Lampiran", "Attachments"),
    "recipients": Label("Kepada", "To"),
    "tembusan": Label("Tembusan", "Copies to (tembusan)"),
    "kop.lines": Label("Kop surat", "Letterhead"),
    "kop.address": Label("Alamat kantor", "Office address"),
    "signatory.capacity": Label("Jabatan", "Capacity"),
    "signatory.name": Label("Nama penanda tangan", "Signatory’s name"),
    "signatory.rank": Label("Pangkat", "Rank (pangkat)"),
    "signatory.grade": Label("Golongan", "Grade (golongan)"),
    "signatory.nip": Label("NIP", "NIP"),
}
"""What the parts of every letter are called, by the field that an error names."""
_NIP = re.compile(r"(\d{8})(\d{6})(\d)(\d{3})")


def check(template: LetterTemplate, data: LetterData) -> LetterData:
    """The letter with every text cleaned as it will be printed.

    Raises Invalid naming the first value at fault: a field's key, or `hal`, `recipients`, `kop.address` and so on.
    A draft may have gaps, a final letter none.
    """
    parts = {name: read() for name, read in _parts(template, data).items()}
    return replace(data, **parts, fields=clean(template, data.fields, draft=data.draft))


def problems(template: LetterTemplate, data: LetterData) -> tuple[Invalid, ...]:
    """All that stands between this draft and its final rendering, the number aside; for a form to show at once."""
    final = replace(data, draft=False, number=data.number or "-")
    found = []
    for read in _parts(template, final).values():
        try:
            read()
        except Invalid as error:
            found.append(error)
    return (*found, *faults(template, data.fields))


def signature_block(alphabet: Alphabet, block: SignatureBlock) -> SignatureBlock:
    """The block cleaned, its NIP in the usual groups (8 6 1 3). Raises Invalid (`signatory.name` and so on)."""
    nip = _line(alphabet, block.nip, "signatory.nip", 40)
    return SignatureBlock(
        capacity=tuple(_line(alphabet, line, "signatory.capacity", 110) for line in block.capacity),
        name=_line(alphabet, block.name, "signatory.name", 120),
        rank=_line(alphabet, block.rank, "signatory.rank", 60),
        grade=_line(alphabet, block.grade, "signatory.grade", 20),
        nip=_NIP.sub(r"\1 \2 \3 \4", re.sub(r"\s", "", nip)),
    )


def _parts(template: LetterTemplate, data: LetterData) -> Mapping[str, Callable[[], Any]]:
    """How each part of the letter but its fields is read, by its name in LetterData."""
    alphabet = template.press.alphabet

    def line(name: str, most: int, *, needed: bool = True) -> Callable[[], str]:
        def read() -> str:
            text = _line(alphabet, getattr(data, name), name, most)
            return _needed(text, name) if needed and not data.draft else text

        return read

    return {
        "kop": lambda: _kop(alphabet, data.kop),
        "number": lambda: None if data.draft and data.number is None else line("number", 120)(),
        "place": line("place", 80),
        "sifat": lambda: _sifat(template, data.sifat),
        "hal": line("hal", 400),
        "lampiran": line("lampiran", 80, needed=False),
        "recipients": lambda: _recipients(alphabet, data),
        "tembusan": lambda: _list(alphabet, data.tembusan, "tembusan", MAX_TEMBUSAN),
        "signatory": lambda: _signatory(alphabet, data),
    }


def _line(alphabet: Alphabet, text: str | None, field: str, most: int) -> str:
    return alphabet.line(text or "", field=field, label=LABELS[field], max_length=most)


def _needed(text: str, field: str) -> str:
    if not text:
        raise missing(field, LABELS[field])
    return text


def _sifat(template: LetterTemplate, sifat: str) -> str:
    if sifat not in template.sifat:
        raise Invalid("Sifat surat tidak dikenal.", "No such kind of letter (sifat).", field="sifat")
    return sifat


def _signatory(alphabet: Alphabet, data: LetterData) -> SignatureBlock:
    block = signature_block(alphabet, data.signatory)
    block.check_capacity()
    if not data.draft:
        _needed(block.name, "signatory.name")
    return block


def _recipients(alphabet: Alphabet, data: LetterData) -> tuple[str, ...]:
    found = _list(alphabet, data.recipients, "recipients", MAX_RECIPIENTS)
    if not found and not data.draft:
        raise missing("recipients", LABELS["recipients"])
    return found


def _kop(alphabet: Alphabet, kop: Kop) -> Kop:
    if not any(line.strip() for line in kop.lines):
        raise missing("kop.lines", LABELS["kop.lines"])
    if kop.logo:
        _check_logo(kop.logo)
    return Kop(
        lines=tuple(_line(alphabet, line, "kop.lines", 120) for line in kop.lines),
        address=tuple(_line(alphabet, line, "kop.address", 200) for line in kop.address),
        logo=kop.logo,
    )


def _check_logo(logo: bytes) -> None:
    try:
        with Image.open(io.BytesIO(logo), formats=("PNG", "JPEG")) as image:
            image.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise _bad_logo() from error
    if len(logo) > MAX_LOGO:
        raise _bad_logo()


def _bad_logo() -> Invalid:
    return Invalid(
        "Logo harus berupa PNG atau JPEG yang utuh, paling besar 300 kB.",
        "The logo must be an intact PNG or JPEG of at most 300 kB.",
        field="kop.logo",
    )


def _list(alphabet: Alphabet, items: Sequence[str], field: str, most: int) -> tuple[str, ...]:
    if len(items) > most:
        label = LABELS[field]
        raise Invalid(
            f"“{label.id}” paling banyak {most} baris.", f"“{label.en}” takes at most {most} entries.", field=field
        )
    return tuple(text for text in (_line(alphabet, item, field, 200) for item in items) if text)
