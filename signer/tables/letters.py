"""Numbers, signing attempts, letters, the register book and collection."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from signer.tables.base import Base

CLAIMED = "klaim"
"""State of a signing attempt that is being made."""
ABANDONED = "ditinggalkan"
"""State of one whose lease ended: its process died, or came too late."""


class Counter(Base):
    """The last sequence given out, per office, year and book (surat, register); locked before every use."""

    __tablename__ = "counter"

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    book: Mapped[str] = mapped_column(String(40), primary_key=True)
    last: Mapped[int] = mapped_column(default=0)


class LetterNumber(Base):
    """One letter number: reserved by a berkas, used by its letter, or batal with a reason; never reused."""

    __tablename__ = "letter_number"
    __table_args__ = (
        UniqueConstraint("office_id", "year", "sequence"),
        UniqueConstraint("office_id", "text"),
        # One living number a berkas: reserving again gives the same one (design: idea 5).
        Index(
            "uq_letter_number_berkas_living",
            "berkas_id",
            unique=True,
            sqlite_where=text("state != 'batal'"),
            postgresql_where=text("state != 'batal'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    year: Mapped[int]
    sequence: Mapped[int]
    text: Mapped[str] = mapped_column(String(120))
    berkas_id: Mapped[int] = mapped_column(ForeignKey("berkas.id"), index=True)
    state: Mapped[str] = mapped_column(String(20))
    """dipesan, terpakai, batal."""
    reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]


class SigningAttempt(Base):
    """A claim on a rendering while its signature is made (design: idea 5)."""

    __tablename__ = "signing_attempt"
    __table_args__ = (
        Index(
            "uq_signing_attempt_claimed",
            "berkas_id",
            unique=True,
            sqlite_where=text("state = 'klaim'"),
            postgresql_where=text("state = 'klaim'"),
        ),
        # A wrong passphrase deletes its attempt; the audit chain names attempts, so their ids are never reused.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    berkas_id: Mapped[int] = mapped_column(ForeignKey("berkas.id"), index=True)
    rendering_id: Mapped[int] = mapped_column(ForeignKey("rendering.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    state: Mapped[str] = mapped_column(String(20))
    """klaim, selesai, gagal, ditinggalkan (its process died)."""
    token: Mapped[str] = mapped_column(String(16), unique=True)
    rendering_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    claimed_at: Mapped[datetime]
    lease_until: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    error_code: Mapped[str] = mapped_column(String(60), default="")
    detail: Mapped[str] = mapped_column(Text, default="")
    evidence_key: Mapped[str] = mapped_column(String(200), default="")
    """Blob of the refused file, kept as evidence."""


class Letter(Base):
    """A signed letter that passed the verifier; what strangers find under its token."""

    __tablename__ = "letter"

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    berkas_id: Mapped[int] = mapped_column(ForeignKey("berkas.id"), unique=True)
    rendering_id: Mapped[int] = mapped_column(ForeignKey("rendering.id"), unique=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("signing_attempt.id"), unique=True)
    token: Mapped[str] = mapped_column(String(16), unique=True)
    seal: Mapped[bytes] = mapped_column(LargeBinary)
    number: Mapped[str] = mapped_column(String(120))
    letter_date: Mapped[date]
    subject: Mapped[str] = mapped_column(String(500))
    signatory: Mapped[str] = mapped_column(String(200))
    capacity: Mapped[str] = mapped_column(String(300))
    mode: Mapped[str] = mapped_column(String(20))
    signed_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(String(20))
    """berlaku, dicabut, diganti."""


class LetterFile(Base):
    """Every revision of a letter ever released (the first, and later renewals); newest has the highest id."""

    __tablename__ = "letter_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id"), index=True)
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    size: Mapped[int]
    blob_key: Mapped[str] = mapped_column(String(200))
    released_at: Mapped[datetime]


class KeyFailure(Base):
    """A use of a key, counted until its passphrase proved right (signer.passphrases)."""

    __tablename__ = "key_failure"
    __table_args__ = (Index("ix_key_failure_user_at", "user_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime]


class RegisterEntry(Base):
    """A line of the Register Rakor BSPPS (SOP step 6)."""

    __tablename__ = "register_entry"
    __table_args__ = (UniqueConstraint("office_id", "year", "sequence"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    year: Mapped[int]
    sequence: Mapped[int]
    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id"), unique=True)
    remark: Mapped[str] = mapped_column(Text, default="")
    entered_at: Mapped[datetime]
    entered_by: Mapped[int] = mapped_column(ForeignKey("user.id"))


class Collection(Base):
    """Who took the finished letter, and when (SOP step 7)."""

    __tablename__ = "collection"

    id: Mapped[int] = mapped_column(primary_key=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id"), unique=True)
    taken_by: Mapped[str] = mapped_column(String(200))
    taken_at: Mapped[datetime]
    recorded_by: Mapped[int] = mapped_column(ForeignKey("user.id"))
