"""The Register Rakor BSPPS: its lines with search, and the same as CSV (SOP pencatatan; columns from the SOP file)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from signer import tanggal
from signer.sop import Column, Register
from signer.tables.berkas import Berkas
from signer.tables.letters import Collection, Letter, RegisterEntry

_NUMBER = re.compile(r"([0-9]{1,9})(?:/([0-9]{4}))?")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Line:
    """One line of the book, as kept; `text` writes a column as people read it."""

    sequence: int
    year: int
    entered_at: datetime
    berkas_id: int
    token: str
    number: str
    letter_date: date
    subject: str
    applicant: str
    desa: str
    agenda: dict[str, Any]
    signatory: str
    capacity: str
    status: str
    remark: str
    taken_by: str | None
    taken_at: datetime | None

    def text(self, column: Column) -> str:
        """The column's value as written in the book, in Indonesian."""
        return _WRITERS[column](self)


def lines(
    session: Session,
    office_id: int,
    *,
    search: str = "",
    year: int | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[Line]:
    """The lines of the office's register, newest first, all or `limit` of them from `offset` on.

    `search` looks in register number, letter number, subject, applicant, desa and signer.
    """
    statement = _statement().where(*_where(office_id, search, year))
    newest = statement.order_by(RegisterEntry.year.desc(), RegisterEntry.sequence.desc())
    return [_line(*row) for row in session.execute(newest.limit(limit).offset(offset))]


def count(session: Session, office_id: int, *, search: str = "", year: int | None = None) -> int:
    """How many lines `lines` would give, all of them."""
    found = _statement().where(*_where(office_id, search, year)).with_only_columns(func.count(RegisterEntry.id))
    return session.scalar(found) or 0


def numbered(word: str) -> ColumnElement[bool] | None:
    """That an entry has this register number, "12" or "12/2026"; None if the word is no such number."""
    found = _NUMBER.fullmatch(word)
    if found is None:
        return None
    sequence, year = int(found[1]), found[2]
    same = RegisterEntry.sequence == sequence
    return and_(same, RegisterEntry.year == int(year)) if year else same


def line_of(session: Session, letter_id: int) -> Line | None:
    """The line of one letter, if it is entered."""
    row = session.execute(_statement().where(RegisterEntry.letter_id == letter_id)).one_or_none()
    return _line(*row) if row else None


def years(session: Session, office_id: int) -> list[int]:
    """The years in which the register has lines, newest first."""
    where = RegisterEntry.office_id == office_id
    return sorted(session.scalars(select(RegisterEntry.year).where(where).distinct()), reverse=True)


def as_csv(book: Register, found: Iterable[Line]) -> str:
    """The lines as CSV (RFC 4180, UTF-8 with BOM for spreadsheets), columns as the SOP names them.

    A value that a spreadsheet would take for a formula gets a leading apostrophe.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([label for _, label in book.columns])
    for line in found:
        writer.writerow([_safe(line.text(column)) for column, _ in book.columns])
    return "\ufeff" + out.getvalue()


def _statement() -> Select[RegisterEntry, Letter, Berkas, Collection]:
    statement = select(RegisterEntry, Letter, Berkas, Collection)
    statement = statement.join(Letter, RegisterEntry.letter_id == Letter.id).join(Berkas, Letter.berkas_id == Berkas.id)
    return statement.outerjoin(Collection, Collection.letter_id == Letter.id)


def _where(office_id: int, search: str, year: int | None) -> list[ColumnElement[bool]]:
    of_year = [RegisterEntry.year == year] if year is not None else []
    return [RegisterEntry.office_id == office_id, *of_year, *(_matches(word) for word in search.split()[:10])]


def _matches(word: str) -> ColumnElement[bool]:
    columns = (Letter.number, Letter.subject, Letter.signatory, Berkas.applicant, Berkas.desa)
    entered = numbered(word)
    found = [column.icontains(word, autoescape=True) for column in columns]
    return or_(*found, *([entered] if entered is not None else []))


def _line(entry: RegisterEntry, letter: Letter, berkas: Berkas, taken: Collection | None) -> Line:
    return Line(
        sequence=entry.sequence,
        year=entry.year,
        entered_at=entry.entered_at,
        berkas_id=berkas.id,
        token=letter.token,
        number=letter.number,
        letter_date=letter.letter_date,
        subject=letter.subject,
        applicant=berkas.applicant,
        desa=berkas.desa,
        agenda=berkas.agenda,
        signatory=letter.signatory,
        capacity=" ".join(letter.capacity.split()).rstrip(","),
        status=letter.status,
        remark=entry.remark,
        taken_by=taken.taken_by if taken else None,
        taken_at=taken.taken_at if taken else None,
    )


def _meeting(line: Line) -> str:
    day = tanggal.day_and_date(date.fromisoformat(line.agenda["date"]))
    return f"{day}, {tanggal.clock_time(time.fromisoformat(line.agenda['time']))}, {line.agenda['place']}"


def _collection(line: Line) -> str:
    if line.taken_by is None or line.taken_at is None:
        return ""
    return f"{line.taken_by}, {tanggal.long_date(tanggal.wib(line.taken_at).date())}"


_WRITERS: dict[Column, Callable[[Line], str]] = {
    Column.REGISTER_NUMBER: lambda line: f"{line.sequence}/{line.year}",
    Column.DATE: lambda line: tanggal.long_date(tanggal.wib(line.entered_at).date()),
    Column.LETTER: lambda line: f"{line.number}, {tanggal.long_date(line.letter_date)}",
    Column.SUBJECT: lambda line: line.subject,
    Column.APPLICANT: lambda line: line.applicant,
    Column.VILLAGE: lambda line: line.desa,
    Column.MEETING: _meeting,
    Column.SIGNER: lambda line: f"{line.signatory} ({line.capacity})",
    Column.COLLECTION: _collection,
    Column.STATUS: lambda line: line.status,
    Column.REMARKS: lambda line: line.remark,
}


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text
