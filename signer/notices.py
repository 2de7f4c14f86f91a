"""Notices in the application: whose turn it is now, and what became of a Pemohon's request. Fed by the outbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from signer import sop, sops
from signer.accounts import User
from signer.db import Database
from signer.desk import Clock
from signer.sop import Holder, Position, State
from signer.tables.berkas import Berkas
from signer.tables.record import Notice


def deliver(db: Database, clock: Clock, outbox_id: int, payload: dict[str, Any]) -> None:
    """Outbox topic `notice`: tell everybody concerned by the decision; doing it twice makes one notice each."""
    with db.begin() as session:
        berkas = session.get_one(Berkas, payload["berkas"])
        told = set(session.scalars(select(Notice.user_id).where(Notice.outbox_id == outbox_id)))
        for user_id, kind in _concerned(session, berkas).items():
            if user_id not in told:
                session.add(_notice(outbox_id, user_id, berkas.id, kind, clock()))


def unread(session: Session, user_id: int) -> list[tuple[Notice, Berkas]]:
    """The person's unread notices with their berkas, newest first, at most 50."""
    statement = select(Notice, Berkas).join(Berkas, Notice.berkas_id == Berkas.id)
    where = (Notice.user_id == user_id, Notice.read_at.is_(None))
    rows = session.execute(statement.where(*where).order_by(Notice.id.desc()).limit(50))
    return [(notice, berkas) for notice, berkas in rows]


def unread_count(session: Session, user_id: int) -> int:
    """How many notices the person has not read."""
    where = (Notice.user_id == user_id, Notice.read_at.is_(None))
    return session.scalar(select(func.count(Notice.id)).where(*where)) or 0


def mark_read(db: Database, user_id: int, now: datetime, berkas_id: int | None = None) -> None:
    """The person has seen their notices; with `berkas_id`, only those of that berkas."""
    of_berkas = () if berkas_id is None else (Notice.berkas_id == berkas_id,)
    where = (Notice.user_id == user_id, Notice.read_at.is_(None), *of_berkas)
    with db.read() as session:
        if session.scalar(select(Notice.id).where(*where).limit(1)) is None:
            return  # nothing to write: pages that are only looked at take no lock
    with db.begin() as session:
        session.execute(update(Notice).where(*where).values(read_at=now))


def _concerned(session: Session, berkas: Berkas) -> dict[int, str]:
    """Who is told what: those whose turn it is `giliran`, the Pemohon `posisi`."""
    steps = sops.pinned(session, berkas.sop_version_id)
    position = Position(berkas.step, State(berkas.state))
    role = sop.waits_for(steps, position)
    users = session.scalars(select(User).where(User.office_id == berkas.office_id, User.active))
    applicants_turn = role is not None and role.key == steps.steps[0].role
    told = {}
    if berkas.applicant_id is not None:
        told[berkas.applicant_id] = "giliran" if applicants_turn else "posisi"
    if role is None or applicants_turn:
        return told
    for user in users:
        if any(role.held_by(Holder(held.name, user.seksi)) for held in user.roles):
            told[user.id] = "giliran"
    return told


def _notice(outbox_id: int, user_id: int, berkas_id: int, kind: str, now: datetime) -> Notice:
    return Notice(outbox_id=outbox_id, user_id=user_id, berkas_id=berkas_id, kind=kind, at=now)
