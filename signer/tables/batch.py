"""Letters that were opened, and letters signed together: what was chosen, and how each of them went."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from signer.tables.base import Base

OPEN, SIGNED, FAILED = "menunggu", "terbit", "gagal"
"""States of an item. The letter itself is the truth: signer.batch.progress looks for it before it believes a row."""


class LetterOpening(Base):
    """This person had these very pages before them; another rendering of the letter is another opening."""

    __tablename__ = "letter_opening"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    rendering_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    berkas_id: Mapped[int] = mapped_column(ForeignKey("berkas.id"))
    at: Mapped[datetime]


class SigningBatch(Base):
    """Letters that one person chose to sign with one passphrase, which is kept nowhere."""

    __tablename__ = "signing_batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    """Made with the page on which the letters were chosen: sent twice, it is one batch."""
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    started_at: Mapped[datetime]
    run: Mapped[int] = mapped_column(default=0)
    """Counts the runs; a run whose number is no longer this one has lost the batch."""
    lease_until: Mapped[datetime | None]
    """While a run goes on: when it counts as dead."""
    closed_at: Mapped[datetime | None]
    """When the person chose anew instead of going on."""


class SigningBatchItem(Base):
    """One letter of a batch, as it was shown when it was chosen."""

    __tablename__ = "signing_batch_item"
    __table_args__ = (UniqueConstraint("batch_id", "berkas_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("signing_batch.id"))
    berkas_id: Mapped[int] = mapped_column(ForeignKey("berkas.id"), index=True)
    rendering_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    opened: Mapped[bool]
    """False: it was chosen unread, by explicit choice."""
    state: Mapped[str] = mapped_column(String(20), default=OPEN)
    ended_at: Mapped[datetime | None]
    error_code: Mapped[str] = mapped_column(String(60), default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    """Why it failed, in Indonesian."""
    reason_en: Mapped[str] = mapped_column(Text, default="")
    letter_id: Mapped[int | None] = mapped_column(ForeignKey("letter.id"))
