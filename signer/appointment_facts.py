"""An appointment as it is typed: checked as a whole, and how it will read in letters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from signer.appointments import AN, DEFINITIVE, PLH, PREFIX, title_lines
from signer.drafting import Label
from signer.drafting.text import Alphabet
from signer.errors import Invalid, InvalidForm
from signer.tables.office import Appointment

KEY_ROLES = ("camat", "kasi")
"""Roles that act with a key: the Camat signs, the Kasi gives paraf."""
GRADE = re.compile(r"(?:I|II|III|IV)/[a-e]|[IVX]{1,5}")
NIP = re.compile(r"(\d{4})(\d{2})(\d{2})(\d{4})(\d{2})[12]\d{3}")
TEXTS: Mapping[str, tuple[Label, int]] = {
    "holder": (Label("Nama dan gelar", "Name and titles"), 120),
    "jabatan": (Label("Jabatan", "Post"), 100),
    "own_title": (Label("Jabatan sendiri", "Own title"), 100),
    "sk_number": (Label("Nomor SK", "SK number"), 120),
    "rank": (Label("Pangkat", "Rank (pangkat)"), 60),
    "grade": (Label("Golongan", "Grade (golongan)"), 20),
    "nip": (Label("NIP", "NIP"), 40),
}


@dataclass(frozen=True)
class Facts:
    """An appointment as it is typed; dates in ISO 8601, `ends_on` may be empty (except for Plh.)."""

    user_id: str = ""
    role: str = ""
    capacity: str = DEFINITIVE
    holder: str = ""
    jabatan: str = ""
    own_title: str = ""
    sk_number: str = ""
    starts_on: str = ""
    ends_on: str = ""
    rank: str = ""
    grade: str = ""
    nip: str = ""


def lines(row: Appointment | Facts) -> tuple[str, ...]:
    """How the signature block will read, line by line."""
    capacity = row.capacity if row.capacity in PREFIX else DEFINITIVE  # a form may name one that there is not
    block = title_lines(capacity, row.jabatan, row.own_title)
    rank = " / ".join(filter(None, (row.rank, row.grade)))
    return tuple(filter(None, (*block, row.holder, rank, f"NIP. {row.nip}" if row.nip else "")))


def checked(alphabet: Alphabet, typed: Facts) -> tuple[Facts, date, date | None]:
    """The facts as they will be printed, and both days. Raises InvalidForm with every fault."""
    faults: list[Invalid] = []

    def kept(read: Callable[[], Any]) -> Any:
        try:
            return read()
        except Invalid as fault:
            faults.append(fault)
            return None

    texts = {name: kept(partial(_text, alphabet, typed, name)) for name in TEXTS}
    starts = kept(partial(day_of, typed.starts_on, "starts_on"))
    ends = kept(partial(day_of, typed.ends_on, "ends_on"))
    for rule in _rules(typed, starts, ends):
        kept(rule)
    if faults:
        raise InvalidForm(faults)
    return replace(typed, **texts), starts, ends


def _rules(typed: Facts, starts: date | None, ends: date | None) -> Iterable[Callable[[], None]]:
    """What must be so beside the texts themselves."""
    wanted = (
        (bool(typed.user_id), "user_id", "Pilih orangnya.", "Choose the person."),
        (typed.role in KEY_ROLES, "role", "Pilih untuk siapa ia bertindak.", "Choose the role."),
        (typed.capacity in PREFIX, "capacity", "Pilih kapasitasnya.", "Choose the capacity."),
        (bool(typed.starts_on), "starts_on", "Tanggal mulai wajib diisi.", "The first day is needed."),
        (
            bool(typed.ends_on) or typed.capacity != PLH,
            "ends_on",
            "Plh. berlaku untuk waktu tertentu: isi tanggal terakhirnya.",
            "A Plh. stands in for a time: give the last day.",
        ),
        (
            starts is None or ends is None or starts <= ends,
            "ends_on",
            "Tanggal akhir tidak boleh sebelum tanggal mulai.",
            "The last day may not be before the first.",
        ),
        (
            typed.capacity in (DEFINITIVE, "") or bool(typed.sk_number.strip()),
            "sk_number",
            "Nomor surat penunjukan wajib diisi untuk Plt., Plh. dan a.n.",
            "The number of the letter of appointment is needed for Plt., Plh. and a.n.",
        ),
    )
    return [partial(_want, *one) for one in wanted]


def _want(true: bool, field: str, id: str, en: str) -> None:
    if not true:
        raise Invalid(id, en, field=field)


def _text(alphabet: Alphabet, typed: Facts, name: str) -> str:
    """One text as it will be printed. Raises Invalid naming its field."""
    label, most = TEXTS[name]
    text = alphabet.line(getattr(typed, name), field=name, label=label, max_length=most)
    if name == "own_title" and typed.capacity != AN:
        return ""
    if not text and name == "holder" and not typed.user_id:
        return text  # the person is asked for, at their own field
    if not text and name in ("holder", "jabatan", "own_title"):
        raise Invalid(f"{label.id} wajib diisi.", f"{label.en} is needed.", field=name)
    if name == "jabatan" and text.lower().startswith(("plt", "plh", "a.n")):
        raise Invalid(
            "Tulis jabatannya saja, tanpa Plt., Plh. atau a.n.: itu ditambahkan dari kapasitas.",
            "Write the post alone, without Plt., Plh. or a.n.: the capacity adds it.",
            field=name,
        )
    if name == "grade" and text and not GRADE.fullmatch(text):
        raise Invalid("Golongan ditulis seperti III/d.", "A grade is written like III/d.", field=name)
    return _nip(text) if name == "nip" and text else text


def _nip(text: str) -> str:
    """18 digits in the usual groups: birth date, month of appointment, sex, sequence. Raises Invalid (`nip`)."""
    digits = re.sub(r"[\s.]", "", text)
    parts = NIP.fullmatch(digits)
    try:
        if parts is None or not 1 <= int(parts[5]) <= 21:
            raise ValueError
        date(int(parts[1]), int(parts[2]), int(parts[3]))
    except ValueError:
        raise Invalid(
            "NIP terdiri dari 18 angka: tanggal lahir, TMT, jenis kelamin, nomor urut. Periksa lagi.",
            "A NIP has 18 digits: birth date, month of appointment, sex, sequence. Check it again.",
            field="nip",
        ) from None
    return f"{digits[:8]} {digits[8:14]} {digits[14]} {digits[15:]}"


def day_of(text: str, field: str) -> date | None:
    """A day in ISO 8601, None for an empty text. Raises Invalid naming the field."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid("Tanggal tidak dikenal.", "Not a date.", field=field) from None
