"""Letter numbers: reserved, used, batal (domain.md section 2); and the counter under every gapless book.

A number belongs to its berkas until it is batal with a reason; reserving again gives the same number. The counter
row is locked before anything else (lock order), so two offices' clerks never get the same sequence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from signer.errors import Invalid
from signer.tables.letters import Counter, LetterNumber
from signer.tables.office import Office
from verifier.claims import NUMBER_MAX

BOOK = "surat"
RESERVED, USED, VOID = "dipesan", "terpakai", "batal"


PATTERN_MAX = 80
NUMBER_LENGTH = NUMBER_MAX - len("UJI/")
"""Bytes of the longest number: what a seal holds, less the mark before the number of a test letter."""
LONGEST_KLASIFIKASI, LONGEST_URUT, LONGEST_TAHUN = "400.10.2.2", 99_999, 2099
"""What a number is measured with before its pattern is put in force."""
KNOWN = "{klasifikasi}, {urut}, {unit}, {tahun}"
_FIELD = re.compile(r"\{([^{}]*)\}")
_KNOWN = re.compile(r"(klasifikasi|unit|tahun|urut)|urut:0([2-6])d")
_BETWEEN = re.compile(r"[A-Za-z0-9 ./-]*")


@dataclass(frozen=True)
class Pattern:
    """How the office writes its numbers: text around {klasifikasi}, {urut} (padded: {urut:03d}), {unit} and {tahun}.

    Only these fields are ever filled in, so a pattern can read nothing else.
    """

    text: str

    def written(self, klasifikasi: str, sequence: int, unit: str, year: int) -> str:
        """The number of these parts; a field that is not known stays as it stands."""
        values = {"klasifikasi": klasifikasi, "urut": str(sequence), "unit": unit, "tahun": str(year)}

        def fill(field: re.Match[str]) -> str:
            known = _KNOWN.fullmatch(field[1])
            if known is None:
                return field[0]
            return values[known[1]] if known[1] else str(sequence).zfill(int(known[2]))

        return _FIELD.sub(fill, self.text)

    def check(self, unit: str) -> None:
        """Whether its numbers stay unique and can be printed and sealed. Raises Invalid (field `number_pattern`)."""
        names = [_name(part) for part in _FIELD.findall(self.text)]
        between = _FIELD.split(self.text)[::2]
        if len(self.text) > PATTERN_MAX or not all(map(_BETWEEN.fullmatch, between)):
            raise _unfit(
                "Di luar bagian berkurung hanya huruf, angka, spasi, titik, garis miring dan tanda hubung.",
                "Outside the parts in braces only letters, digits, spaces, dots, slashes and hyphens.",
            )
        if names.count("urut") != 1 or names.count("tahun") != 1 or len(set(names)) != len(names):
            raise _unfit(
                "Pola wajib memuat {urut} dan {tahun}, tiap bagian hanya sekali; tanpa itu dua surat bernomor sama.",
                "The pattern needs {urut} and {tahun}, and each part once: otherwise two letters share a number.",
            )
        self._check_apart(names, between)
        self._check_length(unit)

    def _check_apart(self, names: list[str], between: list[str]) -> None:
        """The sequence stands between signs that are no digits, so that 1 beside 12 cannot read as 11 beside 2."""
        at = names.index("urut")
        before, after = between[at], between[at + 1]
        touching = (not before and at > 0) or (not after and at + 1 < len(names))
        if touching or before[-1:].isdigit() or after[:1].isdigit():
            raise _unfit(
                "Beri pemisah, misalnya garis miring, di kiri dan kanan {urut}.",
                "Put a separator such as a slash on both sides of {urut}.",
            )

    def _check_length(self, unit: str) -> None:
        long = self.written(LONGEST_KLASIFIKASI, LONGEST_URUT, unit, LONGEST_TAHUN)
        if len(long.encode()) > NUMBER_LENGTH:
            raise _unfit(
                f"Nomor terlalu panjang untuk QR: {long} ({len(long)} karakter, paling banyak {NUMBER_LENGTH}).",
                f"The number is too long for the QR: {long} ({len(long)} characters, at most {NUMBER_LENGTH}).",
            )


def printable(text: str) -> bool:
    """Whether the text may stand in a number as it is."""
    return _BETWEEN.fullmatch(text) is not None


def _name(field: str) -> str:
    known = _KNOWN.fullmatch(field)
    if known is None:
        raise _unfit(
            f"Bagian {{{field}}} tidak dikenal. Yang ada: {KNOWN}; {{urut:03d}} menulis 001.",
            f"There is no part {{{field}}}. Known: {KNOWN}; {{urut:03d}} writes 001.",
        )
    return known[1] or "urut"


def _unfit(id: str, en: str) -> Invalid:
    return Invalid(id, en, field="number_pattern")


def lock_counter(session: Session, office_id: int, year: int, book: str) -> Counter:
    """The counter of one book and year, made at 0 if new, locked until the transaction ends."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    row = {"office_id": office_id, "year": year, "book": book, "last": 0}
    session.execute(insert(Counter).values(row).on_conflict_do_nothing())
    where = (Counter.office_id == office_id, Counter.year == year, Counter.book == book)
    statement = select(Counter).where(*where).with_for_update().execution_options(populate_existing=True)
    return session.scalars(statement).one()


def reserve(
    session: Session, office: Office, *, berkas_id: int, klasifikasi: str, year: int, now: datetime
) -> LetterNumber:
    """The berkas's letter number; a new one only if it has none that lives.

    Runs in the caller's transaction. A number of another year is kept: a number is its own until batal.
    """
    counter = lock_counter(session, office.id, year, BOOK)
    living = of_berkas(session, berkas_id)
    if living is not None:
        return living
    counter.last += 1
    text = written(office, klasifikasi, counter.last, year)
    _require_new(session, office.id, text)
    number = LetterNumber(
        office_id=office.id,
        year=year,
        sequence=counter.last,
        text=text,
        berkas_id=berkas_id,
        state=RESERVED,
        at=now,
    )
    session.add(number)
    session.flush()
    return number


def written(office: Office, klasifikasi: str, sequence: int, year: int) -> str:
    """The number as printed, e.g. 400.9/12/416-304/2026, by the office's pattern."""
    return Pattern(office.number_pattern).written(klasifikasi, sequence, office.unit, year)


def upcoming(session: Session, office_id: int, year: int) -> int:
    """The sequence that the next new number of that year would get, as things stand."""
    where = (Counter.office_id == office_id, Counter.year == year, Counter.book == BOOK)
    return (session.scalar(select(Counter.last).where(*where)) or 0) + 1


def _require_new(session: Session, office_id: int, text: str) -> None:
    """A changed pattern might write a number that exists already. Raises Invalid; nothing is reserved then."""
    where = (LetterNumber.office_id == office_id, LetterNumber.text == text)
    if session.scalar(select(LetterNumber.id).where(*where)) is not None:
        raise Invalid(
            f"Nomor {text} sudah dipakai surat lain. Minta Admin memeriksa pola nomor.",
            f"The number {text} is taken by another letter. Ask the Admin to look at the number pattern.",
        )


def of_berkas(session: Session, berkas_id: int) -> LetterNumber | None:
    """The berkas's living number, reserved or used."""
    where = (LetterNumber.berkas_id == berkas_id, LetterNumber.state != VOID)
    return session.scalar(select(LetterNumber).where(*where))


def use(number: LetterNumber, now: datetime) -> None:
    """The letter with this number is signed."""
    number.state, number.at = USED, now


def void(session: Session, berkas_id: int, reason: str, now: datetime) -> LetterNumber | None:
    """Mark the berkas's reserved number batal, with the reason; None if it has none.

    Raises Invalid if the reason is empty, or the number stands on a signed letter.
    """
    number = of_berkas(session, berkas_id)
    if number is None:
        return None
    if number.state == USED:
        raise Invalid(
            "Nomor surat yang sudah terbit tidak dapat dibatalkan.",
            "The number of an issued letter cannot be voided.",
        )
    if not reason.strip():
        raise Invalid("Alasan pembatalan nomor wajib diisi.", "A reason is needed to void the number.", field="reason")
    number.state, number.reason, number.at = VOID, reason.strip(), now
    return number
