"""Who may sign or give paraf for the office on a day, and how their capacity is written (domain.md section 2)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from signer.tables.office import Appointment

DEFINITIVE, PLT, PLH, AN = "definitif", "plt", "plh", "an"
PREFIX = {DEFINITIVE: "", PLT: "Plt. ", PLH: "Plh. ", AN: "a.n. "}


def holders(session: Session, office_id: int, role: str, on: date) -> list[Appointment]:
    """Everybody who holds the role on that day, the definitive holder first."""
    where = (
        Appointment.office_id == office_id,
        Appointment.role == role,
        Appointment.starts_on <= on,
        or_(Appointment.ends_on.is_(None), Appointment.ends_on >= on),
    )
    found = session.scalars(select(Appointment).where(*where).order_by(Appointment.id))
    return sorted(found, key=lambda appointment: appointment.capacity != DEFINITIVE)


def of_user(session: Session, user_id: int, office_id: int, role: str, on: date) -> Appointment | None:
    """The appointment by which this person holds the role on that day."""
    return next((a for a in holders(session, office_id, role, on) if a.user_id == user_id), None)


def holds(appointment: Appointment, on: date) -> bool:
    """Whether the appointment runs on that day."""
    return appointment.starts_on <= on and (appointment.ends_on is None or on <= appointment.ends_on)


def capacity_lines(appointment: Appointment) -> tuple[str, ...]:
    """The lines above the signature: `CAMAT TRAWAS,`, or `a.n. CAMAT TRAWAS` over `SEKRETARIS CAMAT,`."""
    return title_lines(appointment.capacity, appointment.jabatan, appointment.own_title)


def title_lines(capacity: str, jabatan: str, own_title: str) -> tuple[str, ...]:
    """`capacity_lines` of what is not recorded yet. Raises KeyError for a capacity there is not."""
    title = PREFIX[capacity] + jabatan
    return (title, f"{own_title},") if capacity == AN else (f"{title},",)


def capacity_text(appointment: Appointment) -> str:
    """The capacity in one line, for the register, the seal and the public page."""
    return " ".join(capacity_lines(appointment)).rstrip(",")
