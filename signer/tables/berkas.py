"""A berkas and what gathers in it: facts, files, checks, moves through the SOP, drafts, renderings, paraf."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from signer.tables.base import Base

VALUES_LABEL = "draft.values"
"""Under which the vault seals `values_sealed` of drafts and renderings."""


class Berkas(Base):
    """One request on its way through the SOP. `step` and `state` are the position; only sop.py computes them."""

    __tablename__ = "berkas"
    __table_args__ = (Index("ix_berkas_position", "office_id", "state", "step"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    code: Mapped[str] = mapped_column(String(20), unique=True)
    """Tracking code: random, given to the Pemohon."""
    sop_version_id: Mapped[int] = mapped_column(ForeignKey("sop_version.id"))
    step: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(20))
    step_since: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    """Grows with every act; a form carries the version it was shown (two staff at once)."""
    applicant_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    """The Pemohon's account; empty where Staf submitted for somebody without one."""
    applicant: Mapped[str] = mapped_column(String(200))
    desa: Mapped[str] = mapped_column(String(120))
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    notes_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    agenda: Mapped[dict[str, Any]]
    """date (ISO), time (HH:MM), place, invitees (list of text)."""
    sembako: Mapped[list[Any]]
    """Rows {commodity, amount, unit} (SOP peralatan 3)."""
    rendering_id: Mapped[int | None] = mapped_column(
        ForeignKey("rendering.id", use_alter=True, name="fk_berkas_rendering")
    )
    """The rendering in force: what Kasi and Camat see; none while Staf drafts."""
    created_at: Mapped[datetime]
    created_by: Mapped[int] = mapped_column(ForeignKey("user.id"))


class Attachment(Base):
    """One uploaded file; never deleted, only set aside. Bytes are encrypted in the blob store."""

    __tablename__ = "attachment"

    id: Mapped[int] = mapped_column(primary_key=True)
    berkas_id: Mapped[int] = mapped_column(ForeignKey("berkas.id"), index=True)
    requirement: Mapped[str] = mapped_column(String(60))
    name_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    media_type: Mapped[str] = mapped_column(String(60))
    size: Mapped[int]
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    blob_key: Mapped[str] = mapped_column(String(200))
    added_at: Mapped[datetime]
    added_by: Mapped[int] = mapped_column(ForeignKey("user.id"))
    set_aside_at: Mapped[datetime | None]


class Check(Base):
    """The verdict of one check of one requirement (SOP step 2); each round adds rows."""

    __tablename__ = "check"

    id: Mapped[int] = mapped_column(primary_key=True)
    movement_id: Mapped[int] = mapped_column(ForeignKey("movement.id"), index=True)
    berkas_id: Mapped[int] = mapped_column(ForeignKey("berkas.id"), index=True)
    requirement: Mapped[str] = mapped_column(String(60))
    complete: Mapped[bool]
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


class Movement(Base):
    """One decision at one step: where the berkas came from, where it went, who decided, when it had arrived."""

    __tablename__ = "movement"

    id: Mapped[int] = mapped_column(primary_key=True)
    berkas_id: Mapped[int] = mapped_column(ForeignKey("berkas.id"), index=True)
    step: Mapped[int]
    decision: Mapped[str] = mapped_column(String(20))
    to_step: Mapped[int | None]
    to_state: Mapped[str] = mapped_column(String(20))
    role: Mapped[str] = mapped_column(String(40))
    actor_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


class Draft(Base):
    """What Staf is writing: template and field values; one a berkas, replaced as they type."""

    __tablename__ = "draft"

    berkas_id: Mapped[int] = mapped_column(ForeignKey("berkas.id"), primary_key=True)
    template: Mapped[str] = mapped_column(String(80))
    values_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """JSON object of field values, encrypted: it names addressees."""
    version: Mapped[int] = mapped_column(default=1)
    saved_at: Mapped[datetime]
    saved_by: Mapped[int] = mapped_column(ForeignKey("user.id"))


class Rendering(Base):
    """The letter rendered once, with all that finalising fixed (design: ideas 1 and 5); never changed."""

    __tablename__ = "rendering"
    __table_args__ = (UniqueConstraint("berkas_id", "sequence"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    berkas_id: Mapped[int] = mapped_column(ForeignKey("berkas.id"))
    sequence: Mapped[int]
    template: Mapped[str] = mapped_column(String(80))
    values_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    number_id: Mapped[int] = mapped_column(ForeignKey("letter_number.id"))
    number: Mapped[str] = mapped_column(String(120))
    letter_date: Mapped[date]
    subject: Mapped[str] = mapped_column(String(500))
    classification: Mapped[str] = mapped_column(String(20))
    """Sifat: Biasa, Terbatas, Rahasia ...; only Biasa and Penting letters show page pictures to strangers."""
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointment.id"))
    signatory: Mapped[str] = mapped_column(String(200))
    capacity: Mapped[str] = mapped_column(String(300))
    """Capacity lines as printed, joined by a newline."""
    mode: Mapped[str] = mapped_column(String(20))
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    size: Mapped[int]
    pages: Mapped[int]
    page: Mapped[int]
    box: Mapped[list[Any]]
    """Signature box in PDF points: x1, y1, x2, y2 from the bottom left of `page` (from 0)."""
    blob_key: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    created_by: Mapped[int] = mapped_column(ForeignKey("user.id"))


class Paraf(Base):
    """A Kasi's detached CAdES-T signature over one rendering's bytes (SOP step 4)."""

    __tablename__ = "paraf"
    __table_args__ = (
        Index(
            "uq_paraf_in_force",
            "rendering_id",
            "step",
            unique=True,
            sqlite_where=text("voided_at IS NULL"),
            postgresql_where=text("voided_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    berkas_id: Mapped[int] = mapped_column(ForeignKey("berkas.id"), index=True)
    rendering_id: Mapped[int] = mapped_column(ForeignKey("rendering.id"), index=True)
    step: Mapped[int]
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointment.id"))
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    signed_at: Mapped[datetime]
    voided_at: Mapped[datetime | None]
