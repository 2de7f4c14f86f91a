"""What an admin's work leaves behind: the office-level record, the setup code, test letters, the worker's last look."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from signer.tables.base import Base


class OfficeEvent(Base):
    """One act on the office itself (identity, numbers, people, appointments); chained as a berkas's audit entries."""

    __tablename__ = "office_event"
    __table_args__ = (UniqueConstraint("office_id", "sequence"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    sequence: Mapped[int]
    at: Mapped[datetime]
    actor_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    act: Mapped[str] = mapped_column(String(60))
    detail: Mapped[dict[str, Any]]
    """Plain facts: what the office's own texts were and became; people by id alone."""
    previous: Mapped[bytes] = mapped_column(LargeBinary(32))
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class SetupCode(Base):
    """The one code by which the first admin may be made, as a hash; a new one replaces it, the first admin ends it."""

    __tablename__ = "setup_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    expires_at: Mapped[datetime]


class TrialLetter(Base):
    """A signed test letter (docs/decisions: first run): no number, register line or public page belongs to it."""

    __tablename__ = "trial_letter"

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    made_at: Mapped[datetime]
    made_by: Mapped[int] = mapped_column(ForeignKey("user.id"))
    identity: Mapped[bytes] = mapped_column(LargeBinary(32))
    """SHA-256 of the kop and number pattern that were tried, so that a later change shows as untried."""
    pdf_key: Mapped[str] = mapped_column(String(120))
    picture_key: Mapped[str] = mapped_column(String(120))
    report: Mapped[dict[str, Any]]
    """The verifier's report on it (docs/formats/report.md)."""
    millis: Mapped[int]
    """How long it took."""


class Heartbeat(Base):
    """When a part that works unseen last did so, e.g. the worker's last look at the outbox."""

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime]
