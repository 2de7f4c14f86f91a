"""What is written with every act: audit chain, outbox, notices, log leaves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from signer.tables.base import Base


class AuditEntry(Base):
    """One act in a berkas's audit chain: each entry carries the hash of the one before."""

    __tablename__ = "audit_entry"
    __table_args__ = (UniqueConstraint("berkas_id", "sequence"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    berkas_id: Mapped[int] = mapped_column(ForeignKey("berkas.id"))
    sequence: Mapped[int]
    at: Mapped[datetime]
    actor_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    act: Mapped[str] = mapped_column(String(60))
    detail: Mapped[dict[str, Any]]
    """Plain facts only (numbers, hashes, step numbers): no names, phones, notes, tokens."""
    previous: Mapped[bytes] = mapped_column(LargeBinary(32))
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class OutboxItem(Base):
    """Later work, written in the same transaction as the act that causes it; huey only drains it."""

    __tablename__ = "outbox_item"
    __table_args__ = (Index("ix_outbox_item_open", "done_at", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(String(60))
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(Text, default="")


class Notice(Base):
    """Something a person should know, shown in the application."""

    __tablename__ = "notice"
    __table_args__ = (UniqueConstraint("outbox_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    outbox_id: Mapped[int] = mapped_column(ForeignKey("outbox_item.id"))
    """The outbox row it came from: draining it twice makes one notice."""
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    berkas_id: Mapped[int | None] = mapped_column(ForeignKey("berkas.id"))
    """None where it is about the person's own account."""
    movement_id: Mapped[int | None] = mapped_column(ForeignKey("movement.id"))
    """The decision it tells of, or, for a reminder, the one that brought the berkas to where it waits."""
    mail_id: Mapped[int | None] = mapped_column(ForeignKey("mail.id"), index=True)
    """The mail that tells it too, if the person chose so."""
    kind: Mapped[str] = mapped_column(String(60))
    """A key of signer.notices.KINDS."""
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class LogHead(Base):
    """The transparency log's size; one row, locked last of all (design: idea 5)."""

    __tablename__ = "log_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    size: Mapped[int] = mapped_column(default=0)


class LogLeaf(Base):
    """One leaf: SHA-256 over file hash, token hash, act and time (domain.md section 3); no token in it."""

    __tablename__ = "log_leaf"

    index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    leaf: Mapped[bytes] = mapped_column(LargeBinary(32))
    file_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    act: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]
