"""Letter numbers: reserved, used, batal (domain.md section 2); and the counter under every gapless book.

A number belongs to its berkas until it is batal with a reason; reserving again gives the same number. The counter
row is locked before anything else (lock order), so two offices' clerks never get the same sequence.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from signer.errors import Invalid
from signer.tables.letters import Counter, LetterNumber
from signer.tables.office import Office

BOOK = "surat"
RESERVED, USED, VOID = "dipesan", "terpakai", "batal"


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
    number = LetterNumber(
        office_id=office.id,
        year=year,
        sequence=counter.last,
        text=written(office, klasifikasi, counter.last, year),
        berkas_id=berkas_id,
        state=RESERVED,
        at=now,
    )
    session.add(number)
    session.flush()
    return number


def written(office: Office, klasifikasi: str, sequence: int, year: int) -> str:
    """The number as printed, e.g. 400.9/12/416-304/2026, by the office's pattern."""
    return office.number_pattern.format(klasifikasi=klasifikasi, urut=sequence, unit=office.unit, tahun=year)


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
