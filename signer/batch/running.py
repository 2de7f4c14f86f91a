"""A batch is signed, letter by letter, by one run at a time; what one letter meets does not stop the others."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import or_, select, update

from signer import signing
from signer.actor import Actor
from signer.batch.choosing import LEASE, StillRunning, require_dates
from signer.batch.progress import Item, found, issued, item_of
from signer.desk import Desk, KeyDesk
from signer.errors import Conflict, SuratError, TooManyAttempts, WrongPassphrase
from signer.tables.batch import FAILED, OPEN, SIGNED, SigningBatch, SigningBatchItem

log = structlog.get_logger()


class Taken(Conflict):
    """Another run has the batch now: this one's lease had ended."""

    code = "batch-taken"
    id = "Penandatanganan ini dilanjutkan di tempat lain."
    en = "This signing went on elsewhere."


class Closed(Conflict):
    """The person chose anew since; what this batch left open is chosen from the list."""

    code = "batch-closed"
    id = "Penandatanganan ini sudah ditutup karena Anda memilih surat lagi. Pilih surat dari daftar."
    en = "This signing was closed when you chose anew. Choose letters from the list."


@dataclass(frozen=True)
class Run:
    """The right to sign one batch, until its lease ends or another run takes it."""

    batch_id: int
    code: str
    number: int
    items: tuple[SigningBatchItem, ...]
    """Those still open when it began."""
    total: int
    earlier_date: bool


def claim(desk: Desk, actor: Actor, code: str, *, confirm_earlier_date: bool = False) -> Run:
    """Take the batch for a run over what is still open. Raises NotFound, StillRunning, Invalid (`confirm_date`)."""
    with desk.db.begin() as session:
        batch = found(session, actor, code)
        where = (SigningBatch.id == batch.id, SigningBatch.closed_at.is_(None))
        free = or_(SigningBatch.lease_until.is_(None), SigningBatch.lease_until <= desk.now())
        values: dict[str, Any] = {"run": SigningBatch.run + 1, "lease_until": desk.now() + LEASE}
        won = session.execute(update(SigningBatch).where(*where, free).values(values).returning(SigningBatch.run)).all()
        if not won:
            raise StillRunning(code) if batch.closed_at is None else Closed()
        every = select(SigningBatchItem).where(SigningBatchItem.batch_id == batch.id).order_by(SigningBatchItem.id)
        items = list(session.scalars(every))
        waiting = tuple(item for item in items if item.state == OPEN and issued(session, item) is None)
        require_dates(session, desk, [item.rendering_sha256 for item in waiting], confirm_earlier_date)
        return Run(batch.id, code, won[0][0], waiting, len(items), confirm_earlier_date)


def sign_each(desk: Desk, keys: KeyDesk, actor: Actor, run: Run, secret: str) -> Generator[Item]:
    """Sign every open letter of the run; gives each as it ended, issued or failed with its reason.

    `secret` opens the person's key, letter by letter, and is kept nowhere. WrongPassphrase and TooManyAttempts end
    the run: they are the same for every letter, and each would cost one more attempt. A consumer that goes away
    (GeneratorExit) ends it after the letter at hand. However it ends, the batch is free again and what is open
    stays open. Raises also Taken.
    """
    try:
        for item in run.items:
            _hold(desk, run)
            outcome = _signed(desk, keys, actor, run, item, secret)
            keys.passed("surat-dicatat")
            yield outcome
    finally:
        _free(desk, run)


def _signed(desk: Desk, keys: KeyDesk, actor: Actor, run: Run, item: SigningBatchItem, secret: str) -> Item:
    try:
        letter_id = signing.sign(
            desk,
            keys,
            actor,
            item.berkas_id,
            item.rendering_sha256,
            secret,
            confirm_earlier_date=run.earlier_date,
        )
    except (WrongPassphrase, TooManyAttempts):
        raise
    except SuratError as fault:
        return _ended(desk, item, state=FAILED, error_code=fault.code, reason=fault.id, reason_en=fault.en)
    except Exception as fault:  # a defect at one letter: logged as one, and the others go on
        log.error("batch", berkas=item.berkas_id, exc_info=fault)
        return _ended(desk, item, state=FAILED, error_code="internal", reason=_DEFECT, reason_en=_DEFECT_EN)
    return _ended(desk, item, state=SIGNED, letter_id=letter_id)


_DEFECT = "Terjadi kesalahan pada sistem. Surat ini belum ditandatangani; coba lagi, atau hubungi Admin."
_DEFECT_EN = "Something went wrong in the system. This letter is not signed; try again, or contact the Admin."


def _ended(desk: Desk, item: SigningBatchItem, **values: Any) -> Item:
    """Keep how the letter went, and read it back as every page would."""
    with desk.db.begin() as session:
        row = session.get_one(SigningBatchItem, item.id)
        for name, value in values.items():
            setattr(row, name, value)
        row.ended_at = desk.now()
        session.flush()
        return item_of(session, desk, row)


def _hold(desk: Desk, run: Run) -> None:
    """Renew the lease before each letter. Raises Taken if another run has the batch."""
    with desk.db.begin() as session:
        won = session.execute(_mine(run, desk.now() + LEASE).returning(SigningBatch.id)).all()
    if not won:
        raise Taken()


def _free(desk: Desk, run: Run) -> None:
    with desk.db.begin() as session:
        session.execute(_mine(run, None))


def _mine(run: Run, lease: Any) -> Any:
    where = (SigningBatch.id == run.batch_id, SigningBatch.run == run.number)
    return update(SigningBatch).where(*where).values(lease_until=lease)
