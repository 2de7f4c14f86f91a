"""Files on their way into a form: received part by part, or whole and not yet handed in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from signer.tables.base import Base


class Incoming(Base):
    """One file that a person is sending (signer.incoming); gone once it is handed in, dropped, or a day old."""

    __tablename__ = "incoming"
    __table_args__ = (Index("ix_incoming_user_place", "user_id", "place"), Index("ix_incoming_touched", "touched_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket: Mapped[str] = mapped_column(String(32), unique=True)
    """128 random bits, lower-case hex: what the form carries."""
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    place: Mapped[str] = mapped_column(String(80))
    """The form it belongs to, e.g. `berkas-12`."""
    requirement: Mapped[str] = mapped_column(String(60))
    name_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    mark: Mapped[str] = mapped_column(String(64))
    """By which the sender knows the same file again, after a reload."""
    size: Mapped[int]
    received: Mapped[int] = mapped_column(default=0)
    parts: Mapped[list[Any]]
    """Blob keys of the encrypted parts, in order; empty once the file is whole."""
    media_type: Mapped[str] = mapped_column(String(60), default="")
    sha256: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    blob_key: Mapped[str] = mapped_column(String(200), default="")
    """Of the whole file, once it was recognised; empty until then."""
    touched_at: Mapped[datetime]
