"""The office, the SOP versions it works under, and who may sign for it when."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from signer.tables.base import Base


class Office(Base):
    """Identity of the office as it stands in the kop; filled from the SOP's header, edited by an admin."""

    __tablename__ = "office"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    government: Mapped[str] = mapped_column(String(200))
    """First line of the kop, e.g. PEMERINTAH KABUPATEN MOJOKERTO."""
    name: Mapped[str] = mapped_column(String(200))
    """Second line of the kop, e.g. KECAMATAN TRAWAS."""
    address: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(String(100))
    """Place written before the letter date, e.g. Trawas."""
    unit: Mapped[str] = mapped_column(String(40))
    """Unit part of letter numbers, e.g. 416-304 (from the SOP's own number)."""
    number_pattern: Mapped[str] = mapped_column(String(200))
    """Pattern with {klasifikasi}, {urut}, {unit}, {tahun} (signer.numbers.Pattern)."""
    logo_key: Mapped[str] = mapped_column(String(120), default="", server_default="")
    """Blob of the logo in the kop (PNG, `logos/<sha256>.png`); empty: none."""
    logo_alt: Mapped[str] = mapped_column(String(120), default="", server_default="")
    """What the logo shows, for who cannot see it."""


class SopVersion(Base):
    """One version of an SOP file; a berkas pins the version it started under (design: idea 6)."""

    __tablename__ = "sop_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    slug: Mapped[str] = mapped_column(String(80), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the file's text, lower-case hex."""
    text: Mapped[str] = mapped_column(Text)
    loaded_at: Mapped[datetime]


class LetterTemplateVersion(Base):
    """One version of a letter template that an admin put in force; the newest of a key replaces the product's file."""

    __tablename__ = "letter_template_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80), index=True)
    description: Mapped[str] = mapped_column(Text)
    """Text of the .toml file (docs/formats/letter-templates.md)."""
    source: Mapped[str] = mapped_column(Text)
    """Text of the .typ file."""
    loaded_at: Mapped[datetime]
    loaded_by: Mapped[int] = mapped_column(ForeignKey("user.id"))


class Appointment(Base):
    """Who holds an office's role from when to when, in which capacity, with which key.

    Capacity: definitif, plt (post vacant), plh (incumbent away), an (a.n., with the deputy's own line).
    """

    __tablename__ = "appointment"

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    role: Mapped[str] = mapped_column(String(40))
    """SOP role that the holder acts in: camat, kasi."""
    capacity: Mapped[str] = mapped_column(String(20))
    jabatan: Mapped[str] = mapped_column(String(200))
    """Title of the post, e.g. CAMAT TRAWAS; for `an` the deputy's own title stands in `own_title`."""
    own_title: Mapped[str] = mapped_column(String(200), default="")
    sk_number: Mapped[str] = mapped_column(String(120), default="")
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    holder: Mapped[str] = mapped_column(String(200))
    """Name with titles as it is printed."""
    rank: Mapped[str] = mapped_column(String(80), default="")
    grade: Mapped[str] = mapped_column(String(20), default="")
    nip: Mapped[str] = mapped_column(String(30), default="")
    key_backend: Mapped[str] = mapped_column(String(20))
    key_name: Mapped[str] = mapped_column(String(80))
    """Empty until the holder has set the passphrase of a key: they can neither sign nor give paraf before."""
    certificate: Mapped[bytes | None] = mapped_column(LargeBinary)
    """DER of the key's certificate, so that it can be shown without the passphrase."""
