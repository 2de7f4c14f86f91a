"""SOP step 7: the Pemohon takes the finished letter; the berkas is closed."""

from __future__ import annotations

from sqlalchemy import select

from signer.actor import Actor
from signer.berkas.case import opened
from signer.desk import Desk
from signer.errors import Invalid, NotFound
from signer.sop import Action, Decision
from signer.tables.letters import Collection, Letter

NAME_LIMIT = 200


def collect(desk: Desk, actor: Actor, berkas_id: int, version: int, taken_by: str) -> None:
    """Record who took the letter, now. Raises Invalid (field `taken_by`), NotYourStep, Conflict, NotFound."""
    name = " ".join(taken_by.split())
    if not name or len(name) > NAME_LIMIT:
        raise Invalid("Tulis nama pengambil surat.", "Say who takes the letter.", field="taken_by")
    with opened(desk, actor, berkas_id, version) as case:
        case.expect(Action.COLLECT)
        letter = case.session.scalar(select(Letter).where(Letter.berkas_id == berkas_id))
        if letter is None:
            raise NotFound()
        row = Collection(letter_id=letter.id, taken_by=name, taken_at=case.now, recorded_by=actor.user_id)
        case.session.add(row)
        case.move(Decision.ACCEPT)
