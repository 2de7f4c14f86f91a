"""What pages show of one berkas, whole. Reading only; lists are in signer.berkas.lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from signer import sop, sops, worktime
from signer.accounts import User
from signer.actor import Actor
from signer.berkas.case import REASON_LABEL, position_of, visible
from signer.berkas.check import Finding, last_findings
from signer.berkas.paraf import in_force
from signer.berkas.submit import NAME_LABEL, NOTES_LABEL, PHONE_LABEL
from signer.desk import Desk
from signer.errors import NotFound
from signer.sop import Decision, Mark, Position, Sop, Step
from signer.tables.berkas import Attachment, Berkas, Movement, Paraf, Rendering
from signer.tables.letters import Collection, Letter, LetterFile, RegisterEntry, SigningAttempt
from signer.tables.office import Appointment
from signer.worktime import Clock


@dataclass(frozen=True)
class File:
    """One attachment as it is listed."""

    id: int
    requirement: str
    name: str
    media_type: str
    size: int
    sha256: bytes
    added_at: datetime
    since_return: bool
    """Added after the berkas was last returned: what is new for who looks again."""


@dataclass(frozen=True)
class Event:
    """One decision in the berkas's history."""

    step: int
    brief: str
    decision: Decision
    actor: str
    role: str
    started_at: datetime
    at: datetime
    reason: str
    to_step: int | None
    """Where it led."""


@dataclass(frozen=True)
class Detail:
    """One berkas whole, as its readers see it."""

    berkas: Berkas
    sop: Sop
    position: Position
    clock: Clock | None
    marks: tuple[Mark, ...]
    may: frozenset[Decision]
    phone: str
    notes: str
    files: list[File]
    findings: dict[str, Finding]
    events: list[Event]
    rendering: Rendering | None
    paraf: list[tuple[Paraf, Appointment]]
    signatory: Appointment | None
    letter: Letter | None
    letter_file: LetterFile | None
    entry: RegisterEntry | None
    collection: Collection | None
    failed_attempt: SigningAttempt | None

    @property
    def step(self) -> Step | None:
        """The step it waits at."""
        return sop.step_at(self.sop, self.position)

    @property
    def last_return(self) -> Event | None:
        """The newest return, if the berkas has not been decided on since at an earlier or the same step."""
        returns = [event for event in self.events if event.decision is Decision.RETURN]
        return returns[-1] if returns else None


def detail(desk: Desk, actor: Actor, berkas_id: int) -> Detail:
    """One berkas whole. Raises NotFound if it is not there or not theirs to see."""
    with desk.db.read() as session:
        berkas = session.get(Berkas, berkas_id)
        if berkas is None or not visible(actor, berkas):
            raise NotFound()
        return _detail(desk, session, actor, berkas)


def by_code(desk: Desk, code: str) -> tuple[Berkas, Sop, list[Event], dict[str, Finding]]:
    """What the tracking code opens: position and returns, for whoever holds it. Raises NotFound."""
    with desk.db.read() as session:
        berkas = session.scalar(select(Berkas).where(Berkas.code == code.strip().upper().replace("-", "")))
        if berkas is None:
            raise NotFound("Kode ini tidak dikenal. Periksa kembali tulisannya.", "This code is not known.")
        steps = sops.pinned(session, berkas.sop_version_id)
        return berkas, steps, _events(desk, session, steps, berkas.id), last_findings(session, desk, berkas.id)


def token_of(desk: Desk, berkas_id: int) -> str | None:
    """The token of the berkas's letter, if there is one."""
    with desk.db.read() as session:
        return session.scalar(select(Letter.token).where(Letter.berkas_id == berkas_id))


def attachment(desk: Desk, actor: Actor, berkas_id: int, attachment_id: int) -> tuple[Attachment, str]:
    """One attachment's row and name. Raises NotFound."""
    with desk.db.read() as session:
        berkas, found = session.get(Berkas, berkas_id), session.get(Attachment, attachment_id)
        if berkas is None or found is None or found.berkas_id != berkas_id or not visible(actor, berkas):
            raise NotFound()
        return found, desk.vault.open_text(found.name_sealed, NAME_LABEL)


def clock_of(desk: Desk, steps: Sop, berkas: Berkas) -> Clock | None:
    """The clock of the step the berkas waits at; None once it has ended."""
    step = sop.step_at(steps, position_of(berkas))
    return None if step is None else worktime.clock(berkas.step_since, step.minutes, desk.now(), desk.hours)


def _detail(desk: Desk, session: Session, actor: Actor, berkas: Berkas) -> Detail:
    steps, position = sops.pinned(session, berkas.sop_version_id), position_of(berkas)
    events = _events(desk, session, steps, berkas.id)
    rendering = session.get(Rendering, berkas.rendering_id) if berkas.rendering_id else None
    letter = session.scalar(select(Letter).where(Letter.berkas_id == berkas.id))
    return Detail(
        berkas=berkas,
        sop=steps,
        position=position,
        clock=clock_of(desk, steps, berkas),
        marks=sop.timeline(steps, position),
        may=sop.may(steps, position, actor.holders),
        phone=desk.vault.open_text(berkas.phone_sealed, PHONE_LABEL),
        notes=desk.vault.open_text(berkas.notes_sealed, NOTES_LABEL),
        files=_files(desk, session, berkas.id, events),
        findings=last_findings(session, desk, berkas.id),
        events=events,
        rendering=rendering,
        paraf=in_force(session, rendering.id) if rendering else [],
        signatory=session.get(Appointment, rendering.appointment_id) if rendering else None,
        letter=letter,
        failed_attempt=_failed(session, berkas),
        **_after_signing(session, letter),
    )


def _after_signing(session: Session, letter: Letter | None) -> dict[str, Any]:
    if letter is None:
        return {"letter_file": None, "entry": None, "collection": None}
    newest = select(LetterFile).where(LetterFile.letter_id == letter.id).order_by(LetterFile.id.desc()).limit(1)
    return {
        "letter_file": session.scalar(newest),
        "entry": session.scalar(select(RegisterEntry).where(RegisterEntry.letter_id == letter.id)),
        "collection": session.scalar(select(Collection).where(Collection.letter_id == letter.id)),
    }


def _files(desk: Desk, session: Session, berkas_id: int, events: list[Event]) -> list[File]:
    returns = [event.at for event in events if event.decision is Decision.RETURN]
    where = (Attachment.berkas_id == berkas_id, Attachment.set_aside_at.is_(None))
    return [
        File(
            id=row.id,
            requirement=row.requirement,
            name=desk.vault.open_text(row.name_sealed, NAME_LABEL),
            media_type=row.media_type,
            size=row.size,
            sha256=row.sha256,
            added_at=row.added_at,
            since_return=bool(returns) and row.added_at > returns[-1],
        )
        for row in session.scalars(select(Attachment).where(*where).order_by(Attachment.id))
    ]


def _events(desk: Desk, session: Session, steps: Sop, berkas_id: int) -> list[Event]:
    statement = select(Movement, User.name).join(User, Movement.actor_id == User.id)
    rows = session.execute(statement.where(Movement.berkas_id == berkas_id).order_by(Movement.id))
    return [_event(desk, steps, movement, name) for movement, name in rows]


def _event(desk: Desk, steps: Sop, movement: Movement, name: str) -> Event:
    return Event(
        step=movement.step,
        brief=steps.step(movement.step).brief,
        decision=Decision(movement.decision),
        actor=name,
        role=steps.role(movement.role).label,
        started_at=movement.started_at,
        at=movement.ended_at,
        reason=desk.vault.open_text(movement.reason_sealed, REASON_LABEL),
        to_step=movement.to_step,
    )


def _failed(session: Session, berkas: Berkas) -> SigningAttempt | None:
    """The newest attempt, if it failed on the rendering still in force."""
    where = (SigningAttempt.berkas_id == berkas.id, SigningAttempt.rendering_id == berkas.rendering_id)
    newest = session.scalar(select(SigningAttempt).where(*where).order_by(SigningAttempt.id.desc()).limit(1))
    return newest if newest is not None and newest.state == "gagal" else None
