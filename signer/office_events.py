"""The office-level record: acts on the office itself, a hash chain an office, append only.

What a berkas's chain is for a letter, this is for kop, number pattern, accounts and appointments: who changed what from
which to which. Written in the act's own transaction.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from signer.audit import GENESIS, AuditBroken, link
from signer.tables.admin import OfficeEvent
from signer.tables.office import Office


def append(
    session: Session, *, office_id: int, actor_id: int, act: str, at: datetime, detail: dict[str, Any]
) -> OfficeEvent:
    """Add one act; the office's row is locked until the transaction ends, so that the chain does not fork."""
    session.scalars(select(Office.id).where(Office.id == office_id).with_for_update()).one()
    newest = select(OfficeEvent).where(OfficeEvent.office_id == office_id).order_by(OfficeEvent.sequence.desc())
    last = session.scalar(newest.limit(1))
    sequence, previous = (last.sequence + 1, last.hash) if last else (1, GENESIS)
    event = OfficeEvent(
        office_id=office_id,
        sequence=sequence,
        at=at,
        actor_id=actor_id,
        act=act,
        detail=detail,
        previous=previous,
        hash=link(previous, office_id, sequence, at, actor_id, act, detail),
    )
    session.add(event)
    session.flush()
    return event


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
    previous = GENESIS
    where = OfficeEvent.office_id == office_id
    chain = list(session.scalars(select(OfficeEvent).where(where).order_by(OfficeEvent.sequence)))
    for sequence, entry in enumerate(chain, 1):
        expected = link(previous, office_id, sequence, entry.at, entry.actor_id, entry.act, entry.detail)
        if entry.sequence != sequence or entry.previous != previous or entry.hash != expected:
            raise AuditBroken(f"office {office_id}, event {sequence}")
        previous = entry.hash
    return len(chain)
