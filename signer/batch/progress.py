"""How far a batch is: what is issued, what failed and why, what is open. The letters are believed, not the rows.

A process may die between a letter's commit and the note of it in its item; and an item may be signed alone, by the
page of one letter. An item whose rendering has become a letter is issued, whatever its row says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from signer.actor import Actor
from signer.desk import Desk
from signer.errors import NotFound
from signer.tables.batch import FAILED, OPEN, SIGNED, SigningBatch, SigningBatchItem
from signer.tables.berkas import Berkas, Rendering
from signer.tables.letters import Letter


@dataclass(frozen=True)
class Item:
    """One letter of a batch. `state`: menunggu, terbit, gagal."""

    berkas_id: int
    number: str
    subject: str
    applicant: str
    desa: str
    opened: bool
    earlier: bool
    """Its date is before today."""
    state: str
    code: str
    reason: str
    reason_en: str
    still_here: bool
    """The rendering that was chosen is in force, so that it can be chosen again."""


@dataclass(frozen=True)
class Progress:
    """One batch as it stands. `running`: a run holds it; `closed`: the person chose anew instead of going on."""

    batch_id: int
    code: str
    started_at: datetime
    running: bool
    closed: bool
    items: tuple[Item, ...]

    def among(self, state: str) -> list[Item]:
        """The items in a state."""
        return [item for item in self.items if item.state == state]

    @property
    def signed(self) -> list[Item]:
        """Letters that are out."""
        return self.among(SIGNED)

    @property
    def failed(self) -> list[Item]:
        """Letters that met a fault."""
        return self.among(FAILED)

    @property
    def open(self) -> list[Item]:
        """What "Lanjutkan" would sign."""
        return self.among(OPEN)


def of(desk: Desk, actor: Actor, code: str) -> Progress:
    """The batch of that code. Raises NotFound for one that is not there or not the actor's."""
    with desk.db.read() as session:
        return _progress(session, desk, found(session, actor, code))


def unfinished(desk: Desk, actor: Actor) -> Progress | None:
    """The person's batch that still runs or has letters open, unless they chose anew since."""
    where = (SigningBatch.user_id == actor.user_id, SigningBatch.closed_at.is_(None))
    with desk.db.read() as session:
        newest = session.scalar(select(SigningBatch).where(*where).order_by(SigningBatch.id.desc()).limit(1))
        progress = _progress(session, desk, newest) if newest else None
    return progress if progress and (progress.running or progress.open) else None


def found(session: Session, actor: Actor, code: str) -> SigningBatch:
    """The row of the actor's batch. Raises NotFound."""
    where = (SigningBatch.code == code, SigningBatch.user_id == actor.user_id)
    batch = session.scalar(select(SigningBatch).where(*where))
    if batch is None:
        raise NotFound()
    return batch


def issued(session: Session, item: SigningBatchItem) -> Letter | None:
    """The letter that the item's very rendering has become."""
    joined = select(Letter).join(Rendering, Letter.rendering_id == Rendering.id)
    return session.scalar(joined.where(Letter.berkas_id == item.berkas_id, Rendering.sha256 == item.rendering_sha256))


def item_of(session: Session, desk: Desk, row: SigningBatchItem) -> Item:
    """One item as it stands."""
    berkas = session.get_one(Berkas, row.berkas_id)
    where = (Rendering.berkas_id == row.berkas_id, Rendering.sha256 == row.rendering_sha256)
    rendering = session.scalar(select(Rendering).where(*where))
    done = issued(session, row) is not None
    state = SIGNED if done else row.state
    failed = state == FAILED
    return Item(
        berkas_id=row.berkas_id,
        number=rendering.number if rendering else "",
        subject=rendering.subject if rendering else "",
        applicant=berkas.applicant,
        desa=berkas.desa,
        opened=row.opened,
        earlier=rendering is not None and rendering.letter_date < desk.today(),
        state=state,
        code=row.error_code if failed else "",
        reason=row.reason if failed else "",
        reason_en=row.reason_en if failed else "",
        still_here=not done and rendering is not None and berkas.rendering_id == rendering.id,
    )


def _progress(session: Session, desk: Desk, batch: SigningBatch) -> Progress:
    rows = select(SigningBatchItem).where(SigningBatchItem.batch_id == batch.id).order_by(SigningBatchItem.id)
    return Progress(
        batch_id=batch.id,
        code=batch.code,
        started_at=batch.started_at,
        running=batch.lease_until is not None and batch.lease_until > desk.now(),
        closed=batch.closed_at is not None,
        items=tuple(item_of(session, desk, row) for row in session.scalars(rows)),
    )
