"""SOP step 1: the request is opened, filled, and handed in; and corrected after a return.

A berkas exists from the first valid form on, at step 1; files are added one by one and stay, whatever happens to
the rest of a form, so nothing already given is lost. Handing in checks that it is complete.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from signer import incoming, sop, sops, uploads
from signer.actor import Actor
from signer.berkas.application import Application
from signer.berkas.case import Case, opened
from signer.desk import Desk
from signer.errors import Invalid, InvalidForm, NotFound
from signer.sop import Action, Decision, Sop
from signer.tables.berkas import Attachment, Berkas
from signer.uploads import Stored, Upload

PHONE_LABEL, NOTES_LABEL, NAME_LABEL = "berkas.phone", "berkas.notes", "attachment.name"
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 10


def create(desk: Desk, actor: Actor, slug: str, application: Application) -> int:
    """Open a request under the SOP in force; gives the berkas id.

    A Pemohon applies for themselves; Staf at the counter for somebody else, with or without an account
    (`application.applicant_id`). Raises NotYourStep, InvalidForm, NotFound.
    """
    now = desk.now()
    with desk.db.begin() as session:
        version, steps = sops.current(session, actor.office_id, slug)
        position = sop.start(steps)
        on_behalf = sop.acting(steps, position, actor.holders, Decision.ACCEPT).on_behalf_of
        application.check(steps, desk.today())
        berkas = Berkas(
            office_id=actor.office_id,
            code=new_code(),
            sop_version_id=version.id,
            step=position.step,
            state=position.state.value,
            step_since=now,
            version=0,
            applicant_id=application.applicant_id if on_behalf else actor.user_id,
            created_at=now,
            created_by=actor.user_id,
            **_facts(desk, application),
        )
        session.add(berkas)
        session.flush()
        Case(session, desk, actor, berkas, steps, now).record("dibuka", {"sop": version.digest})
        return berkas.id


def revise(desk: Desk, actor: Actor, berkas_id: int, version: int, application: Application) -> None:
    """Correct the facts while the request is at step 1. Raises InvalidForm, Conflict, NotYourStep, NotFound."""
    with opened(desk, actor, berkas_id, version) as case:
        case.expect(Action.SUBMIT)
        application.check(case.sop, desk.today())
        for name, value in _facts(desk, application).items():
            setattr(case.berkas, name, value)
        case.record("isian-diubah", {})


def attach(desk: Desk, actor: Actor, berkas_id: int, files: Sequence[Upload | Stored]) -> list[Invalid]:
    """Add files while the request is at step 1: the usable ones are kept, the others' faults are given back.

    A Stored file is one that this person sent before (signer.incoming.take). Raises NotYourStep or NotFound before
    anything is stored.
    """
    _may_attach(desk, actor, berkas_id)
    stored: list[Stored] = []
    faults: list[Invalid] = []
    for file in files:
        try:
            stored.append(file if isinstance(file, Stored) else uploads.store(file, desk.blobs, desk.vault))
        except Invalid as fault:
            faults.append(fault)
    with opened(desk, actor, berkas_id) as case:
        case.expect(Action.SUBMIT)
        faults += _keep(case, stored, [file for file in files if isinstance(file, Stored)])
    return faults


def set_aside(desk: Desk, actor: Actor, berkas_id: int, attachment_id: int) -> None:
    """Take a file out of the request (it is kept, only no longer part of it). Raises NotYourStep, NotFound."""
    with opened(desk, actor, berkas_id) as case:
        case.expect(Action.SUBMIT)
        attachment = case.session.get(Attachment, attachment_id)
        if attachment is None or attachment.berkas_id != berkas_id or attachment.set_aside_at:
            raise NotFound()
        attachment.set_aside_at = case.now
        case.record("lampiran-disisihkan", {"attachment": attachment.id})


def hand_in(desk: Desk, actor: Actor, berkas_id: int, version: int | None = None) -> None:
    """Hand the request in: step 1 is done. Raises InvalidForm naming each requirement without a file."""
    with opened(desk, actor, berkas_id, version) as case:
        case.expect(Action.SUBMIT)
        missing = [_missing(need.key, need.label) for need in unmet(case.session, case.sop, berkas_id)]
        if missing:
            raise InvalidForm(missing)
        case.move(Decision.ACCEPT)


def withdraw(desk: Desk, actor: Actor, berkas_id: int, version: int, reason: str) -> None:
    """The Pemohon takes the request back before it is signed; a reserved number becomes batal."""
    with opened(desk, actor, berkas_id, version) as case:
        case.end(Decision.WITHDRAW, reason)


def unmet(session: Session, steps: Sop, berkas_id: int) -> list[sop.Requirement]:
    """The required papers for which no file is there."""
    where = (Attachment.berkas_id == berkas_id, Attachment.set_aside_at.is_(None))
    given = set(session.scalars(select(Attachment.requirement).where(*where)))
    return [need for need in steps.requirements if need.required and need.key not in given]


def new_code() -> str:
    """A random tracking code, 10 characters without look-alikes (49 random bits, rate limited at /lacak)."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def _may_attach(desk: Desk, actor: Actor, berkas_id: int) -> None:
    with opened(desk, actor, berkas_id) as case:
        case.expect(Action.SUBMIT)


def _keep(case: Case, stored: Sequence[Stored], sent_before: Sequence[Stored]) -> list[Invalid]:
    known = {need.key for need in case.sop.requirements}
    where = (Attachment.berkas_id == case.berkas.id, Attachment.set_aside_at.is_(None))
    room = uploads.MAX_FILES - (case.session.scalar(select(func.count(Attachment.id)).where(*where)) or 0)
    if any(file.requirement not in known for file in stored):
        raise Invalid("Persyaratan tidak dikenal.", "There is no such requirement.", field="files")
    taken = stored[:room]
    early = [file for file in sent_before if file in taken]
    there = incoming.claim(case.session, case.desk, case.actor, early)
    gone = [file for file in early if file.blob_key not in there]
    taken = [file for file in taken if file not in gone]
    for file in taken:
        case.session.add(_attachment(case, file))
    if taken:
        case.record("lampiran-ditambah", {"sha256": [file.sha256.hex() for file in taken]})
    return [*(_too_many(file.name) for file in stored[room:]), *(_gone(file.name) for file in gone)]


def _attachment(case: Case, file: Stored) -> Attachment:
    return Attachment(
        berkas_id=case.berkas.id,
        requirement=file.requirement,
        name_sealed=case.desk.vault.seal_text(file.name, NAME_LABEL),
        media_type=file.media_type,
        size=file.size,
        sha256=file.sha256,
        blob_key=file.blob_key,
        added_at=case.now,
        added_by=case.actor.user_id,
    )


def _facts(desk: Desk, application: Application) -> dict[str, object]:
    return {
        "applicant": application.applicant.strip(),
        "desa": application.desa.strip(),
        "phone_sealed": desk.vault.seal_text(application.phone.strip(), PHONE_LABEL),
        "notes_sealed": desk.vault.seal_text(application.notes.strip(), NOTES_LABEL),
        "agenda": application.agenda,
        "sembako": application.goods_rows,
    }


def _missing(key: str, label: str) -> Invalid:
    return Invalid(f"{label}: belum ada file.", f"{label}: no file yet.", field=f"files-{key}")


def _too_many(name: str) -> Invalid:
    return Invalid(
        f"{name}: paling banyak {uploads.MAX_FILES} file dalam satu berkas.",
        f"{name}: at most {uploads.MAX_FILES} files in one berkas.",
        field="files",
    )


def _gone(name: str) -> Invalid:
    return Invalid(
        f"{name}: sudah diserahkan dari jendela lain, atau terlalu lama menunggu.",
        f"{name}: handed in from another window already, or it waited too long.",
        field="files",
    )
