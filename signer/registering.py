"""SOP step 6: the signed letter gets the next number of the Register Rakor BSPPS."""

from __future__ import annotations

from sqlalchemy import select

from signer import numbers
from signer.actor import Actor
from signer.berkas.case import locked
from signer.desk import Desk
from signer.errors import Invalid, NotFound
from signer.sop import Action, Decision
from signer.tables.letters import Letter, RegisterEntry

BOOK = "register"
REMARK_LIMIT = 500


def enter(desk: Desk, actor: Actor, berkas_id: int, version: int, remark: str = "") -> int:
    """Enter the letter in the register; gives its number, gapless per office and year.

    Raises Invalid (field `remark`), NotYourStep, Conflict, NotFound.
    """
    remark = remark.strip()
    if len(remark) > REMARK_LIMIT:
        raise Invalid(f"Keterangan paling panjang {REMARK_LIMIT} karakter.", "The remark is too long.", field="remark")
    year = desk.today().year
    with desk.db.begin() as session:
        counter = numbers.lock_counter(session, actor.office_id, year, BOOK)
        case = locked(session, desk, actor, berkas_id, version)
        case.expect(Action.REGISTER)
        letter = session.scalar(select(Letter).where(Letter.berkas_id == berkas_id))
        if letter is None:
            raise NotFound()
        counter.last += 1
        entry = RegisterEntry(
            office_id=actor.office_id,
            year=year,
            sequence=counter.last,
            letter_id=letter.id,
            remark=remark,
            entered_at=case.now,
            entered_by=actor.user_id,
        )
        session.add(entry)
        case.record("diregister", {"sequence": counter.last, "year": year})
        case.move(Decision.ACCEPT)
        return counter.last
