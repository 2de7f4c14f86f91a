"""SOP step 4: Kasi's paraf over the rendering's exact bytes; and sending a berkas back from steps 3 to 5."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from signer import appointments, pades, passphrases, sop
from signer.actor import Actor
from signer.berkas.case import Case, needed, opened
from signer.desk import Desk, KeyDesk
from signer.errors import (
    KeyUnavailable,
    NotYourStep,
    SigningRefused,
    StaleRendering,
)
from signer.sop import Action, Decision
from signer.tables.berkas import Paraf, Rendering
from signer.tables.office import Appointment
from verifier import cades
from verifier.errors import VerificationError


def give(desk: Desk, keys: KeyDesk, actor: Actor, berkas_id: int, shown: bytes, secret: str) -> None:
    """Give paraf: a detached CAdES-T signature over the bytes whose SHA-256 is `shown`.

    It is verified before it is kept. Raises NotYourStep, StaleRendering, WrongPassphrase, TooManyAttempts,
    KeyUnavailable, TimestampUnavailable, SigningRefused; nothing is kept then but the count of wrong passphrases.
    """
    with passphrases.attempt(desk, actor):
        _give(desk, keys, actor, berkas_id, shown, secret)


def _give(desk: Desk, keys: KeyDesk, actor: Actor, berkas_id: int, shown: bytes, secret: str) -> None:
    with opened(desk, actor, berkas_id) as case:
        case.expect(Action.PARAF)
        rendering, appointment = shown_rendering(case, shown), _appointment(case)
    data = desk.blobs.get_checked(rendering.blob_key, rendering.sha256)
    signature = keys.open_key(appointment).sign_detached(data, secret)
    pades.confirm(signature, keys.authorities)
    signed_at = verified(data, signature, keys, appointment).signed_at
    with opened(desk, actor, berkas_id) as case:
        step = case.expect(Action.PARAF)
        shown_rendering(case, shown)
        paraf = Paraf(
            berkas_id=berkas_id,
            rendering_id=rendering.id,
            step=step.no,
            appointment_id=appointment.id,
            signature=signature,
            signed_at=signed_at,
        )
        case.session.add(paraf)
        case.move(Decision.ACCEPT)


def send_back(desk: Desk, actor: Actor, berkas_id: int, version: int, reason: str, to: int | None = None) -> None:
    """Return from drafting, paraf or signing with a reason, to the SOP's usual step or `to`.

    Paraf at or after that step become void; so does the rendering when it goes back to drafting. Raises Invalid
    without a reason, NotYourStep, Conflict (also while a signature is being made).
    """
    with opened(desk, actor, berkas_id, version) as case:
        reason = needed(reason)
        step = sop.step_at(case.sop, case.position)
        if step is None or step.action not in (Action.PROCESS, Action.PARAF, Action.SIGN):
            raise NotYourStep()
        case.require_no_claim()
        case.move(Decision.RETURN, reason=reason, to=to)
        void_paraf(case, from_step=case.berkas.step or 0)
        drafting = case.sop.step_for(Action.PROCESS)
        if drafting and case.berkas.step is not None and case.berkas.step <= drafting.no:
            case.berkas.rendering_id = None


def shown_rendering(case: Case, shown: bytes) -> Rendering:
    """The rendering in force, which must be the one the person was shown. Raises StaleRendering."""
    rendering = case.session.get(Rendering, case.berkas.rendering_id) if case.berkas.rendering_id else None
    if rendering is None or rendering.sha256 != shown:
        raise StaleRendering()
    return rendering


def in_force(session: Session, rendering_id: int) -> list[tuple[Paraf, Appointment]]:
    """The paraf that stand on a rendering, with who gave them in which capacity, by step."""
    where = (Paraf.rendering_id == rendering_id, Paraf.voided_at.is_(None))
    joined = select(Paraf, Appointment).join(Appointment, Paraf.appointment_id == Appointment.id)
    return [(paraf, who) for paraf, who in session.execute(joined.where(*where).order_by(Paraf.step))]


def void_paraf(case: Case, from_step: int) -> None:
    """Void every standing paraf of this step or a later one."""
    where = (Paraf.berkas_id == case.berkas.id, Paraf.voided_at.is_(None), Paraf.step >= from_step)
    for paraf in case.session.scalars(select(Paraf).where(*where)):
        paraf.voided_at = case.now


def verified(data: bytes, signature: bytes, keys: KeyDesk, appointment: Appointment) -> cades.CadesFacts:
    """The facts of a paraf that holds and was made with the appointment's key. Raises SigningRefused."""
    try:
        facts = cades.verify(data, signature, keys.trust)
    except VerificationError as fault:
        raise SigningRefused(
            f"Paraf tidak lolos pemeriksaan: {fault.id}", f"The paraf does not verify: {fault.en}"
        ) from fault
    expected = keys.open_key(appointment).certificate.sha256
    if facts.certificate_sha256 != expected:
        raise SigningRefused("Paraf dibuat dengan kunci lain.", "The paraf was made with another key.")
    return facts


def _appointment(case: Case) -> Appointment:
    step = sop.step_at(case.sop, case.position)
    role = step.role if step else ""
    on = case.desk.today()
    found = appointments.of_user(case.session, case.actor.user_id, case.berkas.office_id, role, on)
    if found is None:
        raise KeyUnavailable(
            "Anda belum tercatat sebagai pemegang jabatan ini. Minta Admin mencatat penunjukan Anda.",
            "You have no appointment for this role. Ask the Admin to record it.",
        )
    return found
