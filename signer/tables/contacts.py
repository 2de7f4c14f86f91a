"""The office's address book: names as they are printed under "Yth." and in tembusan."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from signer.tables.base import Base


class Contact(Base):
    """One addressee; never deleted, only set aside. The name is encrypted, as in the drafts that it goes into."""

    __tablename__ = "contact"
    __table_args__ = (UniqueConstraint("office_id", "fingerprint"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    name_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))
    """Of the name (Vault.fingerprint), so that one name stands in the book once."""
    circle: Mapped[str] = mapped_column(String(80), default="")
    """Group whose names are put into a letter together, e.g. Forkopimcam; empty for none."""
    uses: Mapped[int] = mapped_column(default=0)
    """In how many finalised letters it stood."""
    used_at: Mapped[datetime | None]
    added_at: Mapped[datetime]
    added_by: Mapped[int] = mapped_column(ForeignKey("user.id"))
    set_aside_at: Mapped[datetime | None]
