"""SOP step 3: the letter is drafted from a template, previewed as it is typed, and rendered once when finalised."""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from signer import appointments, contacts, drafting, letterhead, numbers
from signer.accounts import User
from signer.actor import Actor
from signer.berkas.case import Case, locked, opened
from signer.berkas.paraf import void_paraf
from signer.desk import Desk
from signer.drafting import LetterData, LetterTemplate, Mode, Rendered, SignatureBlock
from signer.errors import Conflict, Invalid
from signer.pictures import PagePicture
from signer.sop import Action, Decision
from signer.tables.berkas import VALUES_LABEL, Berkas, Draft, Rendering
from signer.tables.letters import LetterNumber
from signer.tables.office import Appointment, Office

LABEL = VALUES_LABEL


@dataclass(frozen=True)
class Form:
    """What Staf writes. `fields` are the template's values by key; `appointment_id` says who is to sign."""

    template: str
    hal: str
    sifat: str
    letter_date: str
    """ISO date as the form gives it."""
    appointment_id: int | None
    recipients: tuple[str, ...] = ()
    tembusan: tuple[str, ...] = ()
    lampiran: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)


def starting(desk: Desk, session: Session, berkas: Berkas, template_key: str) -> Form:
    """What a new draft of this template starts from: the berkas's facts and the template's defaults."""
    template = desk.templates[template_key]
    facts = {
        "agenda": berkas.agenda,
        "sembako": berkas.sembako,
        "applicant": berkas.applicant,
        "desa": berkas.desa,
    }
    signers = possible_signers(desk, session, berkas)
    recipients = berkas.agenda.get("invitees", ()) if template.recipients_fact else ()
    return Form(
        template=template_key,
        hal=template.hal,
        sifat=template.sifat[0],
        letter_date=desk.today().isoformat(),
        appointment_id=signers[0].id if signers else None,
        recipients=tuple(recipients),
        tembusan=template.tembusan,
        fields=drafting.defaults(template, facts),
    )


def possible_signers(desk: Desk, session: Session, berkas: Berkas) -> list[Appointment]:
    """Who may sign today by appointment, the definitive holder first."""
    return appointments.holders(session, berkas.office_id, "camat", desk.today())


def load(desk: Desk, session: Session, berkas_id: int) -> tuple[Form, int] | None:
    """The saved draft and its version."""
    row = session.get(Draft, berkas_id)
    if row is None:
        return None
    return from_text(desk.vault.open_text(row.values_sealed, LABEL)), row.version


def form_of(desk: Desk, rendering: Rendering) -> Form:
    """The form that a rendering was made from."""
    return from_text(desk.vault.open_text(rendering.values_sealed, LABEL))


def last_saved(session: Session, berkas_id: int) -> tuple[str, datetime] | None:
    """Who saved the draft last, and when."""
    found = select(User.name, Draft.saved_at).join(User, Draft.saved_by == User.id)
    row = session.execute(found.where(Draft.berkas_id == berkas_id)).one_or_none()
    return (row[0], row[1]) if row else None


def save(desk: Desk, actor: Actor, berkas_id: int, draft_version: int, form: Form) -> int:
    """Keep the draft as typed, unchecked; gives its new version (0 was: none yet).

    Raises Conflict if somebody else saved in between, NotYourStep, NotFound.
    """
    with opened(desk, actor, berkas_id) as case:
        case.expect(Action.PROCESS)
        return keep(case, draft_version, form)


def preview(
    desk: Desk, actor: Actor, berkas_id: int, form: Form, mode: Mode, width: int = 900, known: Container[str] = ()
) -> list[PagePicture]:
    """The pages as WebP pictures, marked DRAF, without a number; those `known` already without their picture.

    Raises Invalid (with `field`), TemplateFault.
    """
    with desk.db.read() as session:
        case = locked(session, desk, actor, berkas_id)
        case.expect(Action.PROCESS)
        template, appointment = _allowed(case, form), _signer(case, form)
        data = _letter_data(case, form, appointment, mode, number=None)
    return drafting.preview(template, data, width, known)


def problems(desk: Desk, actor: Actor, berkas_id: int, form: Form, mode: Mode) -> list[Invalid]:
    """Everything at once that stands between this form and its final rendering; raises as `preview` otherwise."""
    with desk.db.read() as session:
        case = locked(session, desk, actor, berkas_id)
        case.expect(Action.PROCESS)
        try:
            template, appointment = _allowed(case, form), _signer(case, form)
            data = _letter_data(case, form, appointment, mode, number=None)
        except Invalid as fault:
            return [fault]
    return list(drafting.problems(template, data))


def finalise(
    desk: Desk,
    actor: Actor,
    berkas_id: int,
    version: int,
    form: Form,
    mode: Mode,
    draft_version: int | None = None,
) -> int:
    """Reserve the number, render once to PDF/A, and hand on to paraf; gives the rendering's id.

    Number, date, signer, capacity and mode are fixed here (design: idea 5). The berkas's own number is kept if it has
    one. Any earlier rendering's paraf is void. `draft_version` is that of the draft the person's page started from:
    somebody else's newer draft is not overwritten unseen. Raises Invalid, TemplateFault, Conflict, NotYourStep,
    NotFound: then nothing was reserved.
    """

    def render(case: Case, appointment: Appointment) -> Rendering:
        return _render(case, _allowed(case, form), form, appointment, mode)

    return fix(desk, actor, berkas_id, version, form, draft_version, render)


def fix(
    desk: Desk,
    actor: Actor,
    berkas_id: int,
    version: int,
    form: Form,
    draft_version: int | None,
    render: Callable[[Case, Appointment], Rendering],
) -> int:
    """`finalise` for a letter made in whatever way: `render` gives the recorded rendering, within the transaction."""
    letter_date = letter_day(form.letter_date)
    with desk.db.begin() as session:
        # The counter is locked before the berkas (lock order), so that two clerks cannot wait for each other.
        numbers.lock_counter(session, actor.office_id, letter_date.year, numbers.BOOK)
        case = locked(session, desk, actor, berkas_id, version)
        case.expect(Action.PROCESS)
        _require_seen(case, draft_version, form)
        rendering = render(case, _signer(case, form))
        void_paraf(case, from_step=0)
        case.berkas.rendering_id = rendering.id
        keep(case, None, form)
        contacts.remember(desk, session, actor, (*form.recipients, *form.tembusan))
        case.record("difinalkan", {"rendering": rendering.sha256.hex(), "number_id": rendering.number_id})
        case.move(Decision.ACCEPT)
        return rendering.id


def _render(case: Case, template: LetterTemplate, form: Form, appointment: Appointment, mode: Mode) -> Rendering:
    office = case.session.get_one(Office, case.berkas.office_id)
    number = numbers.reserve(
        case.session,
        office,
        berkas_id=case.berkas.id,
        klasifikasi=template.klasifikasi,
        year=letter_day(form.letter_date).year,
        now=case.now,
    )
    data = _letter_data(case, form, appointment, mode, number=number.text)
    return record(case, form, number, appointment, mode, drafting.render(template, data))


def record(
    case: Case, form: Form, number: LetterNumber, appointment: Appointment, mode: Mode, rendered: Rendered
) -> Rendering:
    """Store the rendered file under its SHA-256, and the row with all that is fixed now (design: idea 5)."""
    printed = rendered.letter
    blob_key = case.desk.blobs.put_pdf("rendered", rendered.pdf)
    last = select(func.max(Rendering.sequence)).where(Rendering.berkas_id == case.berkas.id)
    rendering = Rendering(
        berkas_id=case.berkas.id,
        sequence=(case.session.scalar(last) or 0) + 1,
        template=form.template,
        values_sealed=case.desk.vault.seal_text(as_text(form), LABEL),
        number_id=number.id,
        number=number.text,
        letter_date=printed.letter_date,
        subject=printed.hal,
        classification=printed.sifat,
        appointment_id=appointment.id,
        signatory=printed.signatory.name,
        capacity="\n".join(printed.signatory.capacity),
        mode=mode,
        sha256=rendered.sha256,
        size=len(rendered.pdf),
        pages=rendered.pages,
        page=rendered.placement.page,
        box=list(rendered.placement.box),
        blob_key=blob_key,
        created_at=case.now,
        created_by=case.actor.user_id,
    )
    case.session.add(rendering)
    case.session.flush()
    return rendering


def _letter_data(case: Case, form: Form, appointment: Appointment, mode: Mode, number: str | None) -> LetterData:
    office = case.session.get_one(Office, case.berkas.office_id)
    return LetterData(
        kop=letterhead.kop(office, case.desk.blobs),
        number=number,
        letter_date=letter_day(form.letter_date),
        place=office.place,
        sifat=form.sifat,
        hal=form.hal,
        recipients=form.recipients,
        signatory=_block(appointment),
        mode=mode,
        draft=number is None,
        lampiran=form.lampiran,
        fields=form.fields,
        tembusan=form.tembusan,
    )


def _block(who: Appointment) -> SignatureBlock:
    return SignatureBlock(appointments.capacity_lines(who), who.holder, who.rank, who.grade, who.nip)


def _allowed(case: Case, form: Form) -> LetterTemplate:
    if form.template not in case.sop.templates:
        raise Invalid("Templat ini tidak dipakai SOP ini.", "The SOP does not use this template.", field="template")
    return case.desk.templates[form.template]


def _signer(case: Case, form: Form) -> Appointment:
    for appointment in possible_signers(case.desk, case.session, case.berkas):
        if appointment.id == form.appointment_id:
            return appointment
    raise Invalid("Pilih penanda tangan.", "Choose who is to sign.", field="appointment_id")


def letter_day(text: str) -> date:
    """The letter's date as the form gives it. Raises Invalid (field `letter_date`)."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid("Tanggal surat wajib diisi.", "The letter's date is needed.", field="letter_date") from None


def keep(case: Case, draft_version: int | None, form: Form) -> int:
    """Keep the draft in the caller's transaction; gives its new version. Raises Conflict as `save`."""
    row = case.session.get(Draft, case.berkas.id)
    if draft_version is not None and draft_version != (row.version if row else 0) and not _same(case, row, form):
        raise Conflict()
    if row is None:
        row = Draft(berkas_id=case.berkas.id, version=0)
        case.session.add(row)
    row.template = form.template
    row.values_sealed = case.desk.vault.seal_text(as_text(form), LABEL)
    row.version += 1
    row.saved_at, row.saved_by = case.now, case.actor.user_id
    return row.version


def _require_seen(case: Case, draft_version: int | None, form: Form) -> None:
    """Raises Conflict if somebody else saved a newer draft. One's own may be newer: autosave runs beside the form."""
    row = case.session.get(Draft, case.berkas.id)
    newer = row is not None and draft_version is not None and row.version != draft_version
    if newer and row is not None and row.saved_by != case.actor.user_id and not _same(case, row, form):
        raise Conflict()


def _same(case: Case, row: Draft | None, form: Form) -> bool:
    """Whether the saved draft says exactly what this form says: nothing to be in conflict about."""
    return row is not None and from_text(case.desk.vault.open_text(row.values_sealed, LABEL)) == form


def as_text(form: Form) -> str:
    """The form as JSON, as drafts and renderings keep it (sealed)."""
    return json.dumps(asdict(form), ensure_ascii=False)


def from_text(text: str) -> Form:
    """The form of which `as_text` made this text."""
    values: dict[str, Any] = json.loads(text)
    return Form(**{**values, "recipients": tuple(values["recipients"]), "tembusan": tuple(values["tembusan"])})
