"""Mails about notices: written with the notice, sent from the outbox, never lost and never knowingly sent twice.

docs/decisions/0019-notifications.md. A mail is claimed; everything but its last line is given to the server; it is
marked as handed over; the last line follows; the server's answer is recorded. A process that dies before the mark has
sent nothing, one that dies after the record is done. Between the two lies one answer of the server: such a mail is
sent once more under the same Message-ID, and the log says so.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from signer import mailtext, outbox, sop, sops
from signer.accounts import User
from signer.desk import Desk
from signer.mailtext import Envelope, Frame, Item, Text
from signer.settings import SmtpServer
from signer.smtp import Deferred, Post, Refused
from signer.sop import Position, State
from signer.tables.berkas import Berkas, Movement
from signer.tables.mail import Mail, Mailbox
from signer.tables.office import Office
from signer.tables.record import Notice, OutboxItem
from signer.tanggal import wib

SUBJECT_OF = {
    "giliran": "giliran",
    "kembali": "hasil",
    "terbit": "hasil",
    "selesai": "hasil",
    "ditolak": "hasil",
    "ditarik": "hasil",
    "posisi": "posisi",
    "lewat": "peringatan",
}
"""Under which of a person's choices a kind of notice falls; another kind is told in the application alone."""
PASSING = frozenset({"giliran", "kembali", "posisi", "terbit", "lewat"})
"""Kinds that are no longer worth a mail once the berkas has moved on."""
AT_ONCE, DAILY, NEVER = "segera", "ringkasan", "tidak"
ADDRESS, PENDING, TOKEN, STOP = "mailbox.address", "mailbox.pending", "mailbox.token", "mailbox.stop"
TOKEN_HOURS = 48
KEEP_TRYING = timedelta(days=5)
"""As long as mail servers themselves do (RFC 5321 section 4.5.4.1); the notice in the application stays."""
HANDOVERS = 2
"""So often a mail may be handed over without an answer."""

log = structlog.get_logger()


def _go_on(_point: str) -> None:
    """Nothing happens between two steps of sending, outside crash tests."""


@dataclass(frozen=True)
class Mailing:
    """What sending works with."""

    desk: Desk
    base_url: str
    server: SmtpServer | None
    passed: Callable[[str], None] = _go_on
    """Called with the name of each point that was passed; crash tests end the process there."""


class StillOut(Exception):
    """Another worker may be waiting for the server's answer about this mail; look again later."""


class Overtaken(Exception):
    """Another worker took the mail over meanwhile; it is theirs to send."""


@dataclass(frozen=True)
class _Letter:
    mail_id: int
    claim: str
    address: str
    data: bytes


def write(session: Session, user_id: int, kind: str, now: datetime, due: datetime | None = None) -> Mail:
    """A mail to be sent when it is due (default: at once), with its outbox row, in the caller's transaction."""
    item = outbox.add(session, "mail", {}, now, due)
    session.flush()
    mail = Mail(
        outbox_id=item.id,
        user_id=user_id,
        kind=kind,
        message_id=secrets.token_hex(16),
        created_at=now,
        due_at=item.due_at,
        claim="",
        handovers=0,
        outcome="",
    )
    session.add(mail)
    session.flush()
    item.payload = {"mail": mail.id}
    return mail


def tell(session: Session, desk: Desk, notice: Notice) -> None:
    """Write the mail that a new notice asks for by its person's choice, or put it into their next digest."""
    mailbox = session.get(Mailbox, notice.user_id)
    if mailbox is None or mailbox.address_sealed is None or mailbox.failed_at is not None:
        return
    choice = mailbox.choices.get(SUBJECT_OF.get(notice.kind, ""), NEVER)
    if choice == AT_ONCE:
        notice.mail_id = write(session, notice.user_id, "pemberitahuan", notice.at).id
    elif choice == DAILY:
        notice.mail_id = _digest(session, desk, notice.user_id, notice.at).id


def next_morning(desk: Desk, now: datetime) -> datetime:
    """When digests go out: as the office opens on its next day."""
    midnight = wib(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return next(iter(desk.hours.spans(midnight)))[0]


def send(mailing: Mailing, post: Post, payload: dict[str, Any]) -> None:
    """Outbox topic `mail`: send it, unless it was sent or is no longer wanted; raises to be tried again later."""
    letter = _claimed(mailing, payload["mail"])
    if letter is None:
        return
    mailing.passed("claimed")
    try:
        post.hand_over(letter.address, letter.data, lambda: _mark(mailing, letter), mailing.passed)
    except Refused:
        _give_up(mailing, letter)
        return
    except Deferred:
        _unmark(mailing, letter)
        raise
    mailing.passed("accepted")
    _close(mailing, letter.mail_id, "terkirim")
    mailing.passed("recorded")


def _digest(session: Session, desk: Desk, user_id: int, now: datetime) -> Mail:
    """The person's digest that is still being gathered, or a new one.

    Its row is locked: a worker that is about to write it out waits for this notice, or was first and has claimed it.
    """
    where = (Mail.user_id == user_id, Mail.kind == "ringkasan", Mail.closed_at.is_(None), Mail.due_at > now)
    gathering = select(Mail).where(*where, Mail.claim == "").order_by(Mail.id.desc()).limit(1)
    found = session.scalar(gathering.with_for_update())
    return found or write(session, user_id, "ringkasan", now, next_morning(desk, now))


# ---- one mail's states ----


def _claimed(mailing: Mailing, mail_id: int) -> _Letter | None:
    """The mail, written out and claimed; None (and closed) where there is nothing to send. Raises StillOut."""
    now = mailing.desk.now()
    with mailing.desk.db.begin() as session:
        mail = session.get_one(Mail, mail_id, with_for_update=True)
        if mail.closed_at is not None:
            return None
        if mail.handed_at is not None and mail.handed_at + outbox.LEASE > now:
            raise StillOut
        letter = None if _hopeless(mail, now) else _composed(session, mailing, mail)
        if letter is None:
            mail.closed_at, mail.outcome = now, mail.outcome or "batal"
            log.info("mail_closed", mail=mail.id, outcome=mail.outcome)
            return None
        if mail.handed_at is not None:
            log.warning("mail_sent_again", mail=mail.id)  # its first handing over had no answer
        mail.claim = letter.claim
        return letter


def _hopeless(mail: Mail, now: datetime) -> bool:
    if mail.handovers >= HANDOVERS:
        mail.outcome = "tidak-pasti"
    elif now > mail.due_at + KEEP_TRYING:
        mail.outcome = "kedaluwarsa"
    return bool(mail.outcome)


def _mark(mailing: Mailing, letter: _Letter) -> None:
    """The mail is about to be handed over, unless somebody else claimed it since."""
    now = mailing.desk.now()
    with mailing.desk.db.begin() as session:
        mail = session.get_one(Mail, letter.mail_id, with_for_update=True)
        if mail.claim != letter.claim or mail.closed_at is not None:
            raise Overtaken
        mail.handed_at, mail.handovers = now, mail.handovers + 1
        # the lease counts from here: nobody else looks before the server's last answer is overdue
        session.get_one(OutboxItem, mail.outbox_id).due_at = now + outbox.LEASE


def _unmark(mailing: Mailing, letter: _Letter) -> None:
    """The server said that it did not take the mail over: what was marked is known not to have happened."""
    with mailing.desk.db.begin() as session:
        mail = session.get_one(Mail, letter.mail_id, with_for_update=True)
        if mail.claim == letter.claim and mail.handed_at is not None:
            mail.handed_at, mail.handovers = None, mail.handovers - 1


def _close(mailing: Mailing, mail_id: int, outcome: str) -> None:
    with mailing.desk.db.begin() as session:
        mail = session.get_one(Mail, mail_id, with_for_update=True)
        mail.closed_at, mail.outcome = mailing.desk.now(), outcome


def _give_up(mailing: Mailing, letter: _Letter) -> None:
    """The address takes no mails: say so in the application, and send no more there."""
    now = mailing.desk.now()
    with mailing.desk.db.begin() as session:
        mail = session.get_one(Mail, letter.mail_id)
        # before the mail's row, as signer.mailboxes locks them
        mailbox = session.get_one(Mailbox, mail.user_id, with_for_update=True)
        mail.closed_at, mail.outcome = now, "ditolak"
        if _still_at(mailing, mailbox, mail.kind, letter.address):
            if mail.kind == "konfirmasi":
                _forget_pending(mailbox)
            else:
                mailbox.failed_at = now
            session.add(Notice(outbox_id=mail.outbox_id, user_id=mail.user_id, kind="surel", at=now))
    log.warning("mail_refused", mail=letter.mail_id)


def _still_at(mailing: Mailing, mailbox: Mailbox, kind: str, address: str) -> bool:
    """Whether the refused address is the person's still: they may have given another while the mail was on its way."""
    sealed, label = (mailbox.pending_sealed, PENDING) if kind == "konfirmasi" else (mailbox.address_sealed, ADDRESS)
    return mailing.desk.vault.open_text(sealed, label) == address


def _forget_pending(mailbox: Mailbox) -> None:
    mailbox.pending_sealed = mailbox.token_sealed = mailbox.token_sha256 = mailbox.token_expires_at = None


# ---- what it says ----


def _composed(session: Session, mailing: Mailing, mail: Mail) -> _Letter | None:
    """The mail as it is to be sent now; None where there is nothing to tell any more."""
    user = session.get_one(User, mail.user_id)
    mailbox = session.get(Mailbox, mail.user_id)
    if mailbox is None or not user.active:
        return None
    if mail.kind == "konfirmasi":
        given = _confirmation(session, mailing, user, mailbox)
    else:
        given = _of_notices(session, mailing, mail, user, mailbox)
    if given is None or mailing.server is None:
        return None
    address, frame, text = given
    message_id = f"<{mail.message_id}@{urlsplit(mailing.base_url).hostname}>"
    envelope = Envelope(mailing.server.sender, address, message_id, mail.created_at)
    return _Letter(mail.id, secrets.token_hex(16), address, mailtext.message(frame, text, envelope))


_Given = tuple[str, Frame, Text] | None


def _confirmation(session: Session, mailing: Mailing, user: User, mailbox: Mailbox) -> _Given:
    expires = mailbox.token_expires_at
    if mailbox.pending_sealed is None or mailbox.token_sealed is None or not expires or expires < mailing.desk.now():
        return None
    vault = mailing.desk.vault
    url = f"{mailing.base_url}/surel/konfirmasi/{vault.open_text(mailbox.token_sealed, TOKEN)}"
    frame = _frame(session, mailing, user, mailbox)
    return vault.open_text(mailbox.pending_sealed, PENDING), frame, mailtext.of_confirmation(frame, url, TOKEN_HOURS)


def _of_notices(session: Session, mailing: Mailing, mail: Mail, user: User, mailbox: Mailbox) -> _Given:
    if mailbox.address_sealed is None or mailbox.failed_at is not None or mailbox.stop_sealed is None:
        return None
    rows = session.execute(
        select(Notice, Berkas)
        .join(Berkas, Notice.berkas_id == Berkas.id)
        .where(Notice.mail_id == mail.id, Notice.read_at.is_(None))
        .order_by(Notice.id)
    )
    items = [_item(session, mailing, notice, berkas) for notice, berkas in rows if _wanted(session, mailbox, notice)]
    if not items:
        return None
    vault = mailing.desk.vault
    stop = f"{mailing.base_url}/surel/berhenti/{vault.open_text(mailbox.stop_sealed, STOP)}"
    frame = _frame(session, mailing, user, mailbox, stop)
    text = mailtext.of_notice(frame, items[0]) if mail.kind == "pemberitahuan" else mailtext.of_day(frame, items)
    return vault.open_text(mailbox.address_sealed, ADDRESS), frame, text


def _wanted(session: Session, mailbox: Mailbox, notice: Notice) -> bool:
    """Whether the person still wants it by mail, and it is still so."""
    if mailbox.choices.get(SUBJECT_OF[notice.kind], NEVER) == NEVER:
        return False
    return notice.kind not in PASSING or notice.movement_id == latest_movement(session, notice.berkas_id)


def latest_movement(session: Session, berkas_id: int | None) -> int | None:
    """The id of the berkas's newest decision."""
    return session.scalar(
        select(Movement.id).where(Movement.berkas_id == berkas_id).order_by(Movement.id.desc()).limit(1)
    )


def _item(session: Session, mailing: Mailing, notice: Notice, berkas: Berkas) -> Item:
    steps = sops.pinned(session, berkas.sop_version_id)
    step = sop.step_at(steps, Position(berkas.step, State(berkas.state)))
    no, brief, action = (step.no, step.brief, step.action) if step else (0, "", None)
    return Item(notice.kind, berkas.code, berkas.desa, no, brief, action, f"{mailing.base_url}/berkas/{berkas.id}")


def _frame(session: Session, mailing: Mailing, user: User, mailbox: Mailbox, stop_url: str = "") -> Frame:
    office = session.get_one(Office, user.office_id).name
    return Frame(mailbox.language, user.name, office, f"{mailing.base_url}/pengaturan/pemberitahuan", stop_url)
