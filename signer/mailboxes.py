"""What each person chose to be told by e-mail, and the address for it: asked for, confirmed by its link, forgotten.

Notices in the application come to everybody and cannot be switched off. Nothing here is needed to work: an account
has no address until its owner gives one.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from signer import mailing
from signer.actor import Actor
from signer.desk import Desk
from signer.errors import Invalid, NotFound
from signer.mailing import ADDRESS, AT_ONCE, DAILY, NEVER, PENDING, STOP, TOKEN, TOKEN_HOURS
from signer.mailtext import LANGUAGES
from signer.tables.mail import Mail, Mailbox

CHOICES = (AT_ONCE, DAILY, NEVER)
DEFAULTS = {"giliran": AT_ONCE, "hasil": AT_ONCE, "posisi": DAILY, "peringatan": AT_ONCE}
"""By subject (mailing.SUBJECT_OF), once an address is there."""
OFFICE_SUBJECTS, APPLICANT_SUBJECTS = ("giliran", "peringatan"), ("hasil", "posisi", "peringatan")
WORKERS = frozenset({"staf", "kasi", "camat"})
AGAIN = timedelta(minutes=2)
"""Between two confirmation mails that a person asks for: the service must not flood somebody else's mailbox."""
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
"""What HTML's own e-mail fields take (WHATWG), with a top-level domain; no quotes, comments, or line ends."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Chosen:
    """A person's choices as their page shows them."""

    address: str
    failed_at: datetime | None
    pending: str
    language: str
    choices: Mapping[str, str]
    """By subject, only those of the person's roles."""


def subjects(actor: Actor) -> tuple[str, ...]:
    """What a person of these roles can be told, as keys of DEFAULTS."""
    office = OFFICE_SUBJECTS if actor.roles & WORKERS else ()
    return tuple(dict.fromkeys((*office, *(APPLICANT_SUBJECTS if "pemohon" in actor.roles else ()))))


def chosen(desk: Desk, actor: Actor) -> Chosen:
    """The person's address and choices; the defaults where they never chose."""
    with desk.db.read() as session:
        mailbox = session.get(Mailbox, actor.user_id)
    if mailbox is None:
        return Chosen("", None, "", LANGUAGES[0], {key: DEFAULTS[key] for key in subjects(actor)})
    expires = mailbox.token_expires_at
    pending = mailbox.pending_sealed if expires and expires > desk.now() else None
    return Chosen(
        address=desk.vault.open_text(mailbox.address_sealed, ADDRESS),
        failed_at=mailbox.failed_at,
        pending=desk.vault.open_text(pending, PENDING),
        language=mailbox.language,
        choices={key: mailbox.choices.get(key, DEFAULTS[key]) for key in subjects(actor)},
    )


def choose(desk: Desk, actor: Actor, language: str, choices: Mapping[str, str]) -> None:
    """Keep the person's choices. Raises Invalid (field `language`, or the subject's key)."""
    if language not in LANGUAGES:
        raise Invalid("Pilih bahasa surel.", "Choose the language of mails.", field="language")
    for key in subjects(actor):
        if choices.get(key) not in CHOICES:
            raise Invalid("Pilih salah satu.", "Choose one of them.", field=key)
    with desk.db.begin() as session:
        mailbox = _own(session, actor)
        mailbox.language = language
        mailbox.choices = {**mailbox.choices, **{key: choices[key] for key in subjects(actor)}}


def ask(desk: Desk, actor: Actor, address: str, language: str) -> None:
    """Send the confirmation link to an address; it is used only once that was opened.

    A person without choices gets `language`. Raises Invalid (field `address`) where it cannot be one, or where the
    last link was sent less than two minutes ago.
    """
    address = address.strip()
    if len(address) > 254 or not _ADDRESS.fullmatch(address):
        raise Invalid(
            "Tulis alamat surel lengkap, misalnya siti@contoh.id.",
            "Write a whole e-mail address, for example siti@example.com.",
            field="address",
        )
    now, token = desk.now(), secrets.token_urlsafe(24)
    with desk.db.begin() as session:
        mailbox = _own(session, actor, language)
        if mailbox.asked_at is not None and mailbox.asked_at + AGAIN > now:
            raise Invalid(
                "Tautan baru saja dikirim. Tunggu dua menit sebelum meminta lagi.",
                "A link has just been sent. Wait two minutes before asking for another.",
                field="address",
            )
        mailbox.asked_at, mailbox.token_expires_at = now, now + timedelta(hours=TOKEN_HOURS)
        mailbox.pending_sealed = desk.vault.seal_text(address, PENDING)
        mailbox.token_sha256, mailbox.token_sealed = digest(token), desk.vault.seal_text(token, TOKEN)
        _call_off(session, actor.user_id, now)
        mailing.write(session, actor.user_id, "konfirmasi", now)
    log.info("mail-address-asked", user=actor.user_id)


def forget(desk: Desk, actor: Actor) -> None:
    """Delete the person's address, confirmed or not; their choices stay for the next one."""
    with desk.db.begin() as session:
        mailbox = _own(session, actor)
        mailbox.address_sealed = mailbox.pending_sealed = mailbox.token_sealed = mailbox.stop_sealed = None
        mailbox.token_sha256 = mailbox.stop_sha256 = None
        mailbox.confirmed_at = mailbox.failed_at = mailbox.token_expires_at = None
        _call_off(session, actor.user_id, desk.now())
    log.info("mail-address-forgotten", user=actor.user_id)


def pending(desk: Desk, token: str) -> str:
    """The address that a confirmation link is about. Raises NotFound for one that is unknown, used or too old."""
    with desk.db.read() as session:
        return desk.vault.open_text(_asked(session, desk, token).pending_sealed, PENDING)


def confirm(desk: Desk, token: str) -> None:
    """The link was opened by who reads that mailbox: mails go there from now on. Raises NotFound as `pending`."""
    stop = secrets.token_urlsafe(24)
    with desk.db.begin() as session:
        mailbox = _asked(session, desk, token)
        address = desk.vault.open_text(mailbox.pending_sealed, PENDING)
        mailbox.address_sealed = desk.vault.seal_text(address, ADDRESS)
        mailbox.stop_sha256, mailbox.stop_sealed = digest(stop), desk.vault.seal_text(stop, STOP)
        mailbox.confirmed_at, mailbox.failed_at = desk.now(), None
        mailbox.pending_sealed = mailbox.token_sha256 = mailbox.token_sealed = mailbox.token_expires_at = None
        log.info("mail-address-confirmed", user=mailbox.user_id)


def knows_stop(desk: Desk, token: str) -> None:
    """Whether the unsubscribe link is one of ours. Raises NotFound."""
    with desk.db.read() as session:
        _stopping(session, token)


def stop(desk: Desk, token: str) -> None:
    """No more mails, for every subject; doing it twice changes nothing. Raises NotFound."""
    with desk.db.begin() as session:
        mailbox = _stopping(session, token)
        mailbox.choices = dict.fromkeys(DEFAULTS, NEVER)
        log.info("mail-stopped", user=mailbox.user_id)


def digest(token: str) -> bytes:
    """How a token is looked up: the table alone gives nobody a link that works."""
    return hashlib.sha256(token.encode()).digest()


def _own(session: Session, actor: Actor, language: str = LANGUAGES[0]) -> Mailbox:
    mailbox = session.get(Mailbox, actor.user_id, with_for_update=True)
    if mailbox is None:
        mailbox = Mailbox(user_id=actor.user_id, language=language, choices=dict(DEFAULTS))
        session.add(mailbox)
    return mailbox


def _asked(session: Session, desk: Desk, token: str) -> Mailbox:
    mailbox = session.scalar(select(Mailbox).where(Mailbox.token_sha256 == digest(token)).with_for_update())
    if mailbox is None or mailbox.token_expires_at is None or mailbox.token_expires_at < desk.now():
        raise NotFound()
    return mailbox


def _stopping(session: Session, token: str) -> Mailbox:
    mailbox = session.scalar(select(Mailbox).where(Mailbox.stop_sha256 == digest(token)))
    if mailbox is None:
        raise NotFound()
    return mailbox


def _call_off(session: Session, user_id: int, now: datetime) -> None:
    """Confirmation mails that are still on their way would carry a link that no longer works."""
    where = (Mail.user_id == user_id, Mail.kind == "konfirmasi", Mail.closed_at.is_(None))
    session.execute(update(Mail).where(*where).values(closed_at=now, outcome="batal"))
