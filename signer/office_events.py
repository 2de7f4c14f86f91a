"""The office-level record: acts on the office itself, a hash chain an office, append only.

What a berkas's chain is for a letter, this is for kop, number pattern, SOP and templates, accounts and appointments:
who changed what from which to which. Written in the act's own transaction.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from signer.actor import Actor
from signer.audit import GENESIS, link, walked
from signer.desk import Desk
from signer.tables.admin import OfficeEvent
from signer.tables.office import Office


def locked(session: Session, actor: Actor) -> Office:
    """The actor's office, its row locked until the transaction ends: acts on the office come one after the other."""
    return session.scalars(select(Office).where(Office.id == actor.office_id).with_for_update()).one()


def append(session: Session, desk: Desk, actor: Actor, act: str, detail: dict[str, Any]) -> None:
    """Add one act, with the office locked, so that the chain does not fork."""
    locked(session, actor)
    last = next(iter(newest(session, actor.office_id, 1)), None)
    sequence, previous = (last.sequence + 1, last.hash) if last else (1, GENESIS)
    at = desk.now()
    event = OfficeEvent(
        office_id=actor.office_id,
        sequence=sequence,
        at=at,
        actor_id=actor.user_id,
        act=act,
        detail=detail,
        previous=previous,
        hash=link(previous, actor.office_id, sequence, at, actor.user_id, act, detail),
    )
    session.add(event)
    session.flush()


def change(old: Any, new: Any) -> dict[str, Any]:
    """How a detail says that something was so and is now otherwise."""
    return {"from": old, "to": new}


def newest(session: Session, office_id: int, limit: int) -> list[OfficeEvent]:
    """The last acts, newest first."""
    where = OfficeEvent.office_id == office_id
    found = select(OfficeEvent).where(where).order_by(OfficeEvent.sequence.desc()).limit(limit)
    return list(session.scalars(found))


def acts(session: Session, office_id: int) -> set[str]:
    """The kinds of acts that were ever done."""
    return set(session.scalars(select(OfficeEvent.act).where(OfficeEvent.office_id == office_id).distinct()))


def check(session: Session, office_id: int) -> int:
    """Walk the chain; gives its length. Raises AuditBroken at the first entry that does not hold."""
    where = OfficeEvent.office_id == office_id
    return walked("office", office_id, session.scalars(select(OfficeEvent).where(where).order_by(OfficeEvent.sequence)))
