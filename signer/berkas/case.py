"""One berkas opened for an act: locked, checked against what the person saw, moved only by the SOP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from signer import audit, numbers, outbox, sop, sops
from signer.actor import Actor
from signer.desk import Desk
from signer.errors import Conflict, Invalid, NotFound
from signer.sop import Action, Decision, Position, Sop, State, Step
from signer.tables.berkas import Berkas, Movement
from signer.tables.letters import ABANDONED, CLAIMED, SigningAttempt

REASON_LIMIT = 2000
REASON_LABEL = "movement.reason"


@dataclass(frozen=True)
class Case:
    """A locked berkas with its pinned SOP, in one transaction, for one actor."""

    session: Session
    desk: Desk
    actor: Actor
    berkas: Berkas
    sop: Sop
    now: datetime

    @property
    def position(self) -> Position:
        """Where the berkas stands."""
        return position_of(self.berkas)

    def expect(self, action: Action) -> Step:
        """The step, if the berkas waits for `action` from this actor. Raises NotYourStep."""
        return sop.expect(self.sop, self.position, action, self.actor.holders)

    def move(self, decision: Decision, *, reason: str = "", to: int | None = None) -> Movement:
        """Take the decision: new position, movement row, audit entry, notice. Raises NotYourStep."""
        before = self.position
        role = sop.acting(self.sop, before, self.actor.holders, decision).role
        after = sop.after(self.sop, before, self.actor.holders, decision, to)
        movement = Movement(
            berkas_id=self.berkas.id,
            step=before.step or 0,
            decision=decision.value,
            to_step=after.step,
            to_state=after.state.value,
            role=role.key,
            actor_id=self.actor.user_id,
            started_at=self.berkas.step_since,
            ended_at=self.now,
            reason_sealed=self.desk.vault.seal_text(reason, REASON_LABEL) if reason else None,
        )
        self.session.add(movement)
        self.berkas.step, self.berkas.state, self.berkas.step_since = after.step, after.state.value, self.now
        self.session.flush()
        self.record(f"langkah-{before.step}-{decision.value}", {"to": after.step, "state": after.state.value})
        outbox.add(self.session, "notice", {"berkas": self.berkas.id, "movement": movement.id}, self.now)
        return movement

    def record(self, act: str, detail: dict[str, Any]) -> None:
        """Audit the act and grow the berkas's version, so that older forms are refused."""
        self.berkas.version += 1
        audit.append(
            self.session,
            berkas_id=self.berkas.id,
            actor_id=self.actor.user_id,
            act=act,
            at=self.now,
            detail=detail,
        )

    def end(self, decision: Decision, reason: str) -> None:
        """Refuse or withdraw for good; a reserved number becomes batal with the same reason."""
        reason = needed(reason)
        self.require_no_claim()
        self.move(decision, reason=reason)
        number = numbers.void(self.session, self.berkas.id, reason, self.now)
        if number is not None:
            self.record("nomor-batal", {"sequence": number.sequence, "year": number.year})

    def require_no_claim(self) -> None:
        """Raises Conflict while somebody's signature on this berkas is being made.

        A claim whose lease ended is abandoned here: if its process is not dead but slow, its result must not come
        after what is decided now.
        """
        where = (SigningAttempt.berkas_id == self.berkas.id, SigningAttempt.state == CLAIMED)
        attempt = self.session.scalar(select(SigningAttempt).where(*where))
        if attempt is None:
            return
        if attempt.lease_until > self.now:
            raise Conflict(
                "Surat ini sedang ditandatangani. Tunggu sebentar, lalu muat ulang halaman.",
                "This letter is being signed. Wait a moment, then reload the page.",
            )
        attempt.state, attempt.ended_at = ABANDONED, self.now
        self.session.flush()


@contextmanager
def opened(desk: Desk, actor: Actor, berkas_id: int, version: int | None = None) -> Iterator[Case]:
    """Open a berkas for one act in a transaction of its own.

    `version` is the one the person's page showed (None where the act cannot conflict). Raises NotFound for a berkas
    that is not there or not theirs, Conflict if it changed since.
    """
    with desk.db.begin() as session:
        yield locked(session, desk, actor, berkas_id, version)


def locked(session: Session, desk: Desk, actor: Actor, berkas_id: int, version: int | None = None) -> Case:
    """Like `opened`, within the caller's transaction (which may have locked a counter before: lock order)."""
    statement = select(Berkas).where(Berkas.id == berkas_id).with_for_update()
    berkas = session.scalar(statement.execution_options(populate_existing=True))
    if berkas is None or not visible(actor, berkas):
        raise NotFound()
    if version is not None and berkas.version != version:
        raise Conflict()
    return Case(session, desk, actor, berkas, sops.pinned(session, berkas.sop_version_id), desk.now())


def position_of(berkas: Berkas) -> Position:
    """The position kept in a berkas's row."""
    return Position(berkas.step, State(berkas.state))


def visible(actor: Actor, berkas: Berkas) -> bool:
    """Whether the person may know of the berkas: staff and auditors of its office, or its own Pemohon."""
    if berkas.office_id != actor.office_id:
        return False
    return actor.reads_all or berkas.applicant_id == actor.user_id


def needed(reason: str, field: str = "reason") -> str:
    """A reason that says something. Raises Invalid if it is empty or over 2000 characters."""
    reason = reason.strip()
    if not reason:
        raise Invalid(
            "Alasan wajib diisi agar penerima tahu apa yang harus diperbaiki.",
            "A reason is needed.",
            field=field,
        )
    if len(reason) > REASON_LIMIT:
        raise Invalid(
            f"Alasan paling panjang {REASON_LIMIT} karakter.",
            f"At most {REASON_LIMIT} characters.",
            field=field,
        )
    return reason
