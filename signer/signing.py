"""SOP step 5: the Camat's signature (design: idea 5).

(i) One transaction claims the rendering under a lease. (ii) With none open: the appearance is composed and its QR
read back, the key signs, the signature is extended to B-LTA, the result is examined as a stranger would, and the file
is stored. (iii) One transaction, compare-and-swap on the claim, makes the letter. A process that dies in between
leaves a claim whose lease ends; the next attempt discards it. Nothing that failed a check becomes a letter.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update

from signer import appointments, log, numbers, passphrases
from signer.actor import Actor
from signer.berkas.case import Case, locked, opened
from signer.berkas.paraf import in_force, shown_rendering
from signer.desk import Desk, KeyDesk
from signer.errors import Conflict, Invalid, KeyUnavailable, NotYourStep, SuratError, WrongPassphrase
from signer.making import Made, Order, RefusedFile, make
from signer.sop import Action, Decision
from signer.tables.berkas import Rendering
from signer.tables.letters import CLAIMED, Letter, LetterFile, LetterNumber, SigningAttempt
from signer.tables.office import Appointment, Office
from verifier import token

LEASE = timedelta(seconds=90)
DONE, FAILED = "selesai", "gagal"


@dataclass(frozen=True)
class Claim:
    """What one attempt holds: its row's id, and the order for what is to be made."""

    attempt_id: int
    order: Order


def sign(
    desk: Desk,
    keys: KeyDesk,
    actor: Actor,
    berkas_id: int,
    shown: bytes,
    secret: str,
    *,
    confirm_earlier_date: bool = False,
) -> int:
    """Sign the rendering whose SHA-256 is `shown`; gives the letter's id.

    `secret` opens the Camat's key and is kept nowhere. `confirm_earlier_date`: the Camat saw that the letter's date
    is before today. Raises NotYourStep, StaleRendering, Conflict, WrongPassphrase, TooManyAttempts, KeyUnavailable,
    TimestampUnavailable, SigningRefused; no letter exists then, and the berkas stays where it was.
    """
    with passphrases.attempt(desk, actor):
        claim = _claim(desk, actor, berkas_id, shown, confirm_earlier_date)
        keys.passed("klaim")
        return _signed(desk, keys, actor, claim, secret)


def _signed(desk: Desk, keys: KeyDesk, actor: Actor, claim: Claim, secret: str) -> int:
    """Make and commit; however it ends, the claim ends too."""
    try:
        made = make(desk, keys, claim.order, secret)
        keys.passed("tersimpan")
        return _commit(desk, keys, actor, claim, made)
    except WrongPassphrase:
        _release(desk, claim)
        raise
    except Exception as fault:  # whatever went wrong, the claim ends with its reason and the berkas can go on
        _fail(desk, claim, fault)
        raise


def _claim(desk: Desk, actor: Actor, berkas_id: int, shown: bytes, confirmed: bool) -> Claim:
    with opened(desk, actor, berkas_id) as case:
        case.expect(Action.SIGN)
        rendering = shown_rendering(case, shown)
        appointment = _appointment(case, rendering)
        _check_date(case, rendering, confirmed)
        case.require_no_claim()
        attempt = SigningAttempt(
            berkas_id=berkas_id,
            rendering_id=rendering.id,
            user_id=actor.user_id,
            state=CLAIMED,
            token=token.new(),
            rendering_sha256=rendering.sha256,
            claimed_at=case.now,
            lease_until=case.now + LEASE,
        )
        case.session.add(attempt)
        case.session.flush()
        case.record("tandatangan-mulai", {"attempt": attempt.id, "rendering": rendering.sha256.hex()})
        return Claim(attempt.id, _order(case, rendering, appointment, attempt.token))


def _order(case: Case, rendering: Rendering, appointment: Appointment, token_text: str) -> Order:
    paraf = in_force(case.session, rendering.id)
    wanted = {step.no for step in case.sop.steps_for(Action.PARAF)}
    if {row.step for row, _ in paraf} != wanted:
        raise NotYourStep("Surat ini belum diparaf lengkap.", "The letter lacks a paraf.")
    office = case.session.get_one(Office, case.berkas.office_id)
    given = tuple((row.signature, who) for row, who in paraf)
    return Order(rendering, appointment, given, token_text, office.place)


def _appointment(case: Case, rendering: Rendering) -> Appointment:
    appointment = case.session.get_one(Appointment, rendering.appointment_id)
    if appointment.user_id != case.actor.user_id:
        raise NotYourStep(
            f"Surat ini disusun untuk ditandatangani {appointment.holder}.",
            f"This letter was composed for {appointment.holder} to sign.",
        )
    if not appointments.holds(appointment, case.desk.today()):
        raise KeyUnavailable(
            "Penunjukan penanda tangan surat ini tidak berlaku hari ini. Kembalikan ke Staf untuk disusun ulang.",
            "The signatory's appointment does not run today. Return the letter to be composed again.",
        )
    return appointment


def _check_date(case: Case, rendering: Rendering, confirmed: bool) -> None:
    today = case.desk.today()
    if rendering.letter_date > today:
        raise Invalid(
            "Tanggal surat sesudah hari ini. Kembalikan ke Staf untuk diperbaiki.",
            "The letter's date is after today. Return it to be corrected.",
            field="confirm_date",
        )
    if rendering.letter_date < today and not confirmed:
        raise Invalid(
            "Tanggal surat lebih awal daripada hari ini. Centang persetujuan bila memang demikian.",
            "The letter's date is before today. Confirm it if that is intended.",
            field="confirm_date",
        )


def _release(desk: Desk, claim: Claim) -> None:
    """A wrong passphrase leaves no attempt behind."""
    with desk.db.begin() as session:
        attempt = session.get(SigningAttempt, claim.attempt_id)
        if attempt is not None and attempt.state == CLAIMED:
            session.delete(attempt)


def _fail(desk: Desk, claim: Claim, fault: Exception) -> None:
    """End the claim with its reason; a file that was made and refused is kept as evidence."""
    evidence = desk.blobs.put_pdf("evidence", fault.pdf) if isinstance(fault, RefusedFile) else ""
    code = fault.code if isinstance(fault, SuratError) else type(fault).__name__
    detail = fault.en if isinstance(fault, SuratError) else "internal fault, see the log"
    with desk.db.begin() as session:
        where = (SigningAttempt.id == claim.attempt_id, SigningAttempt.state == CLAIMED)
        values = {"state": FAILED, "ended_at": desk.now(), "error_code": code, "detail": detail}
        session.execute(update(SigningAttempt).where(*where).values(evidence_key=evidence, **values))


def _commit(desk: Desk, keys: KeyDesk, actor: Actor, claim: Claim, made: Made) -> int:
    with desk.db.begin() as session:
        case = locked(session, desk, actor, claim.order.rendering.berkas_id)
        case.expect(Action.SIGN)
        _swap(case, claim)
        letter = _letter(case, claim, made)
        session.add(letter)
        session.flush()
        session.add(_file(letter, made, case.now))
        number = session.get_one(LetterNumber, claim.order.rendering.number_id)
        numbers.use(number, case.now)
        case.move(Decision.ACCEPT)
        case.record("surat-terbit", {"sha256": hashlib.sha256(made.pdf).hexdigest(), "attempt": claim.attempt_id})
        keys.passed("sebelum-commit")
        log.append(
            session,
            file_sha256=hashlib.sha256(made.pdf).digest(),
            token=letter.token,
            act="terbit",
            at=made.signed_at,
        )
    keys.passed("commit")
    return letter.id


def _swap(case: Case, claim: Claim) -> None:
    """Compare-and-swap: only the attempt that still holds the claim, on the rendering still in force, goes on."""
    where = (SigningAttempt.id == claim.attempt_id, SigningAttempt.state == CLAIMED)
    won = case.session.execute(
        update(SigningAttempt).where(*where).values(state=DONE, ended_at=case.now).returning(SigningAttempt.id)
    ).all()
    if not won or case.berkas.rendering_id != claim.order.rendering.id:
        raise Conflict()


def _letter(case: Case, claim: Claim, made: Made) -> Letter:
    rendering = claim.order.rendering
    return Letter(
        office_id=case.berkas.office_id,
        berkas_id=case.berkas.id,
        rendering_id=rendering.id,
        attempt_id=claim.attempt_id,
        token=claim.order.token,
        seal=made.seal,
        number=rendering.number,
        letter_date=rendering.letter_date,
        subject=rendering.subject,
        signatory=rendering.signatory,
        capacity=rendering.capacity,
        mode=rendering.mode,
        signed_at=made.signed_at,
        status="berlaku",
    )


def _file(letter: Letter, made: Made, now: datetime) -> LetterFile:
    return LetterFile(
        letter_id=letter.id,
        sha256=hashlib.sha256(made.pdf).digest(),
        size=len(made.pdf),
        blob_key=made.blob_key,
        released_at=now,
    )
