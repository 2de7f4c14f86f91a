"""A batch begins: what was chosen is kept, with the SHA-256 of each rendering as it was shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from signer import signing
from signer.accounts import User
from signer.actor import Actor
from signer.batch import opening
from signer.berkas.case import locked
from signer.desk import Desk
from signer.errors import Conflict, Invalid
from signer.tables.batch import SigningBatch, SigningBatchItem
from signer.tables.berkas import Rendering

MOST = 50
"""Letters of one batch: about fifteen seconds of signing."""
LEASE = signing.LEASE + timedelta(seconds=5)
"""A run that has not touched its batch for so long is dead; by then the claim on its last letter has ended too."""


class StillRunning(Conflict):
    """Another run of the person's letters goes on; `batch` is its code."""

    code = "batch-running"
    id = "Penandatanganan sebelumnya masih berjalan. Tunggu sampai selesai."
    en = "Signing that began before still goes on. Wait until it is done."

    def __init__(self, batch: str) -> None:
        self.batch = batch
        super().__init__()


class AlreadyStarted(Conflict):
    """The same page was sent before; its batch is there."""

    code = "batch-started"
    id = "Pilihan ini sudah dikirim sebelumnya."
    en = "This choice was sent before."


@dataclass(frozen=True)
class Chosen:
    """One ticked letter and the SHA-256 of the rendering on the page where it was ticked."""

    berkas_id: int
    shown: bytes


@dataclass(frozen=True)
class Confirmed:
    """What the person said beside their choice."""

    unopened: bool = False
    """Letters that they have not opened are meant as well."""
    earlier_date: bool = False
    """Letter dates before today are meant."""


def start(desk: Desk, actor: Actor, code: str, chosen: Sequence[Chosen], confirmed: Confirmed) -> int:
    """Keep the choice as a batch that no run has touched yet; gives its id.

    An older batch of the person that was left open is closed: what it did not sign waits for a new choice, as here.
    Raises Invalid (field `pilih`, `confirm_unopened` or `confirm_date`), NotFound, AlreadyStarted, StillRunning.
    """
    _require_some(chosen)
    with desk.db.begin() as session:
        # The person's row is locked, so that two tabs, or two clicks, come one after the other.
        session.scalars(select(User).where(User.id == actor.user_id).with_for_update()).one()
        _close_others(session, desk, actor, code)
        opened = opening.among(session, actor, [one.shown for one in chosen])
        _require_confirmed(session, desk, chosen, opened, confirmed)
        batch = SigningBatch(code=code, user_id=actor.user_id, started_at=desk.now())
        session.add(batch)
        session.flush()
        _audit(session, desk, actor, batch, chosen, opened)
        for one in chosen:
            session.add(_item(batch, one, one.shown in opened))
        return batch.id


def _require_some(chosen: Sequence[Chosen]) -> None:
    if not chosen or len({one.berkas_id for one in chosen}) != len(chosen):
        raise Invalid("Pilih sedikitnya satu surat.", "Choose at least one letter.", field="pilih")
    if len(chosen) > MOST:
        raise Invalid(f"Paling banyak {MOST} surat sekaligus.", f"At most {MOST} letters at once.", field="pilih")


def _close_others(session: Session, desk: Desk, actor: Actor, code: str) -> None:
    where = (SigningBatch.user_id == actor.user_id, SigningBatch.closed_at.is_(None))
    if session.scalar(select(SigningBatch.id).where(SigningBatch.code == code)) is not None:
        raise AlreadyStarted()
    for batch in session.scalars(select(SigningBatch).where(*where).with_for_update()):
        if batch.lease_until is not None and batch.lease_until > desk.now():
            raise StillRunning(batch.code)
        batch.closed_at, batch.lease_until = desk.now(), None


def _require_confirmed(
    session: Session, desk: Desk, chosen: Sequence[Chosen], opened: set[bytes], confirmed: Confirmed
) -> None:
    if not confirmed.unopened and any(one.shown not in opened for one in chosen):
        raise Invalid(
            "Ada surat terpilih yang belum Anda buka. Buka dahulu, atau centang bahwa Anda tetap memilihnya.",
            "Some of the chosen letters have not been opened. Open them, or confirm that you choose them anyway.",
            field="confirm_unopened",
        )
    require_dates(session, desk, [one.shown for one in chosen], confirmed.earlier_date)


def require_dates(session: Session, desk: Desk, shown: Sequence[bytes], confirmed: bool) -> None:
    """Raises Invalid (field `confirm_date`) where a letter's date is before today and that was not confirmed."""
    where = (Rendering.sha256.in_(list(shown)), Rendering.letter_date < desk.today())
    if not confirmed and session.scalar(select(Rendering.id).where(*where).limit(1)) is not None:
        raise Invalid(
            "Ada surat terpilih yang bertanggal sebelum hari ini. Centang persetujuan bila memang demikian.",
            "Some of the chosen letters are dated before today. Confirm it if that is intended.",
            field="confirm_date",
        )


def _item(batch: SigningBatch, one: Chosen, opened: bool) -> SigningBatchItem:
    return SigningBatchItem(batch_id=batch.id, berkas_id=one.berkas_id, rendering_sha256=one.shown, opened=opened)


def _audit(
    session: Session, desk: Desk, actor: Actor, batch: SigningBatch, chosen: Sequence[Chosen], opened: set[bytes]
) -> None:
    """Each berkas's chain says that it was chosen, and whether it had been read; locked in the order of their ids."""
    for one in sorted(chosen, key=lambda each: each.berkas_id):
        detail = {"batch": batch.id, "rendering": one.shown.hex(), "opened": one.shown in opened}
        locked(session, desk, actor, one.berkas_id).record("pilih-tandatangan", detail)
