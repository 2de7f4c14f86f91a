"""The signed test letter: an office's own kop, logo, number pattern and SOP tried through all seven steps.

It runs in an instance that is thrown away, with people, keys and a certification authority of its own
(docs/decisions: first run). Nothing of it can be taken for a letter of the office: no number or register line is used,
its QR leads to no letter, the verifier of the office does not trust its certificates, and every page says what it is.
"""

from __future__ import annotations

import hashlib
import io
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from signer import accounts, appointments, demo, founding, letterhead, office, office_events, sops
from signer.accounts import User
from signer.actor import Actor
from signer.berkas import draft
from signer.desk import Desk, KeyDesk
from signer.errors import Conflict
from signer.office import Identity
from signer.pictures import Pictures
from signer.tables.admin import TrialLetter
from signer.tables.letters import Letter, LetterFile
from signer.tables.office import Appointment, Office
from verifier import examine

SUBJECT = "SURAT UJI, BUKAN SURAT DINAS"
MARK = "UJI/"
"""Before every number of a test letter; no number pattern of an office is tried without it."""
SIGNATORY, INITIALLER = "PENANDA TANGAN UJI", "PEMARAF UJI"
PICTURE_WIDTH = 1240
_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class Property:
    """What is tried: the office's own facts, and the title its letters are signed under."""

    identity: Identity
    pattern: str
    logo: bytes
    sop_texts: tuple[str, ...]
    jabatan: str


class Stage(Protocol):
    """An instance that exists for one rehearsal; app.py makes it."""

    @property
    def desk(self) -> Desk:
        """Storage, templates, clock."""

    @property
    def keys(self) -> KeyDesk:
        """Keys, authorities, trust: its own."""

    @property
    def records(self) -> Any:
        """What strangers could look up there."""


Theatre = Callable[[], AbstractContextManager[Stage]]
"""Opens an empty stage and throws it away at the end."""


def run(desk: Desk, actor: Actor, theatre: Theatre) -> TrialLetter:
    """Rehearse with the office as it is now and keep the letter, its picture and the verifier's report.

    Raises Conflict while another one runs; SuratError where a step refuses the office's facts.
    """
    if not _one_at_a_time.acquire(blocking=False):
        raise Conflict(
            "Surat uji lain sedang dibuat. Tunggu beberapa detik, lalu ulangi.",
            "Another test letter is being made. Wait some seconds and repeat.",
        )
    try:
        return _run(desk, actor, theatre)
    finally:
        _one_at_a_time.release()


def _run(desk: Desk, actor: Actor, theatre: Theatre) -> TrialLetter:
    begun = time.monotonic()
    with desk.db.read() as session:
        row = session.get_one(Office, actor.office_id)
        taken = _property(desk, session, row)
    with theatre() as stage:
        furnish(stage, taken)
        berkas_id = demo.walk(stage.desk, stage.keys, change=_marked)
        pdf = _letter(stage.desk, berkas_id)
        report = examine.pdf(pdf, name="surat-uji.pdf", trust=stage.keys.trust, records=stage.records)
    picture = _picture(pdf)
    kept = TrialLetter(
        office_id=row.id,
        made_at=desk.now(),
        made_by=actor.user_id,
        identity=office.digest(row),
        pdf_key=desk.blobs.put_pdf("surat-uji", pdf),
        picture_key=desk.blobs.put(f"surat-uji/{hashlib.sha256(picture).hexdigest()}.webp", picture),
        report=report.model_dump(mode="json"),
        millis=round((time.monotonic() - begun) * 1000),
    )
    _keep(desk, actor, kept, report.verdict)
    return kept


def _keep(desk: Desk, actor: Actor, kept: TrialLetter, verdict: str) -> None:
    with desk.db.begin() as session:
        session.add(kept)
        session.flush()
        office_events.append(session, desk, actor, "surat-uji", {"trial_letter": kept.id, "verdict": verdict})


def _property(desk: Desk, session: Session, row: Office) -> Property:
    holders = appointments.holders(session, row.id, "camat", desk.today())
    return Property(
        Identity.of(row),
        row.number_pattern,
        letterhead.logo(row.logo_key, desk.blobs),
        tuple(version.text for version, _steps in sops.in_force(session, row.id)),
        next((f"{appointments.PREFIX[one.capacity]}{one.jabatan}" for one in holders), "CAMAT"),
    )


def furnish(stage: Stage, taken: Property) -> None:
    """Put the office's facts and the demo people, with keys of their own, on an empty stage."""
    desk = stage.desk
    logo_key = letterhead.keep_logo(taken.logo, desk.blobs) if taken.logo else ""
    with desk.db.begin() as session:
        row = founding.found(session, list(taken.sop_texts), desk.now())
        for name, text in asdict(taken.identity).items():
            setattr(row, name, text)
        row.number_pattern, row.logo_key = MARK + taken.pattern, logo_key
        for person in founding.DEMO_PEOPLE:
            _enter(session, stage, row, person, taken.jabatan)


def _enter(session: Session, stage: Stage, row: Office, person: founding.DemoPerson, jabatan: str) -> None:
    """One demo person: no password, as nobody signs in here; the signatory under no real person's name."""
    now = stage.desk.now()
    user = User(
        username=person.username,
        name=person.name,
        password="!",  # noqa: S106 (no hash: nobody can sign in with it)
        fs_uniquifier=person.username,
        office_id=row.id,
        seksi=person.seksi,
        created_at=now,
        roles=[accounts.role_named(session, person.role)],
    )
    session.add(user)
    session.flush()
    if person.passphrase:
        session.add(_appointment(stage, user, person, jabatan if person.role == "camat" else person.jabatan))


def _appointment(stage: Stage, user: User, person: founding.DemoPerson, jabatan: str) -> Appointment:
    holder = SIGNATORY if person.role == "camat" else INITIALLER
    return Appointment(
        office_id=user.office_id,
        user_id=user.id,
        role=person.role,
        capacity=appointments.DEFINITIVE,
        jabatan=jabatan,
        starts_on=stage.desk.today(),
        holder=holder,
        key_backend="pkcs12",
        key_name=person.username,
        certificate=stage.keys.issue_key(person.username, holder, jabatan, person.passphrase),
    )


def _marked(form: draft.Form) -> draft.Form:
    """What the letter says: that it is none."""
    return replace(form, hal=SUBJECT, recipients=("PENERIMA UJI (surat ini tidak berlaku)",), tembusan=())


def _letter(desk: Desk, berkas_id: int) -> bytes:
    with desk.db.read() as session:
        found = select(LetterFile).join(Letter, Letter.id == LetterFile.letter_id).where(Letter.berkas_id == berkas_id)
        file = session.scalars(found).one()
    return desk.blobs.get_checked(file.blob_key, file.sha256)


def _picture(pdf: bytes) -> bytes:
    out = io.BytesIO()
    Pictures().image(pdf, 0, PICTURE_WIDTH).save(out, "WEBP", quality=82)
    return out.getvalue()
