"""E-mail: what each person chose and where to write to, and one row for every mail and recipient."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from signer.tables.base import Base


class Mailbox(Base):
    """A person's e-mail address and choices; somebody without a row gets no mail. Addresses are encrypted at rest."""

    __tablename__ = "mailbox"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    address_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Confirmed by the link that was sent there; nothing is ever sent to one that was not, but that link."""
    confirmed_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    """When the address refused a mail for good; no more is sent to it until it is confirmed again."""
    pending_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """An address that waits for its confirmation."""
    asked_at: Mapped[datetime | None]
    token_sha256: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    """Of the confirmation link's token; the token itself, for the mail, stands encrypted beside it until used."""
    token_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    token_expires_at: Mapped[datetime | None]
    stop_sha256: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    """Of the token in the unsubscribe link of every mail; a new one with every confirmed address."""
    stop_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    language: Mapped[str] = mapped_column(String(2), default="id")
    choices: Mapped[dict[str, Any]]
    """Subject (signer.mailboxes.SUBJECTS) to segera, ringkasan or tidak."""


class Mail(Base):
    """One mail to one person, written in the transaction of what it tells; sent by the outbox row it names."""

    __tablename__ = "mail"

    id: Mapped[int] = mapped_column(primary_key=True)
    outbox_id: Mapped[int] = mapped_column(ForeignKey("outbox_item.id"), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    """pemberitahuan, ringkasan (a day's digest), konfirmasi (of an address)."""
    message_id: Mapped[str] = mapped_column(String(200), unique=True)
    """The same for every attempt, so that a mail sent again is known as the same one."""
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    claim: Mapped[str] = mapped_column(String(32), default="")
    """Of the worker that is at it; one whose claim is no longer here must not hand it over."""
    handed_at: Mapped[datetime | None]
    """Set just before the server is told that the mail is whole; cleared if it refuses, followed by `closed_at`."""
    handovers: Mapped[int] = mapped_column(default=0)
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(String(20), default="")
    """terkirim, ditolak (refused for good), batal (no longer wanted), kedaluwarsa, tidak-pasti."""
