"""A letter copied from an earlier one of the office, as a new start of this berkas's draft (SOP step 3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select

from signer.actor import Actor
from signer.berkas import draft, written
from signer.berkas.case import Case, locked, opened
from signer.berkas.draft import Form
from signer.desk import Desk
from signer.drafting import Label, LetterTemplate
from signer.errors import NotFound
from signer.sop import Action
from signer.tables.berkas import Berkas, Rendering

LIST_LIMIT = 30
RECIPIENTS = written.COMMON["recipients"][0]
ALWAYS_KEPT = tuple(written.COMMON[key][0] for key in ("letter_date", written.SIGNER))
ALWAYS_TAKEN = tuple(written.COMMON[key][0] for key in ("hal", "sifat", "lampiran", "tembusan"))


@dataclass(frozen=True)
class Earlier:
    """One letter that may be copied: the newest rendering of its berkas."""

    rendering_id: int
    number: str
    letter_date: date
    subject: str
    template: str
    applicant: str
    desa: str
    berkas_id: int


@dataclass(frozen=True)
class Copied:
    """What a copy kept of this berkas, and what it took over, as people name the values."""

    number: str
    kept: tuple[Label, ...]
    taken: tuple[Label, ...]


def earlier(desk: Desk, actor: Actor, berkas_id: int, search: str = "") -> list[Earlier]:
    """The office's other letters that this berkas's SOP can use, newest first; `search`: number, hal, desa.

    Raises NotFound, NotYourStep.
    """
    with desk.db.read() as session:
        case = _drafting(locked(session, desk, actor, berkas_id))
        statement = _newest(case).where(Rendering.berkas_id != berkas_id)
        for word in search.split()[:10]:
            columns = (Rendering.number, Rendering.subject, Berkas.desa, Berkas.applicant)
            statement = statement.where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
        rows = session.execute(statement.order_by(Rendering.id.desc()).limit(LIST_LIMIT)).all()
    return [_earlier(rendering, berkas) for rendering, berkas in rows]


def copy(
    desk: Desk, actor: Actor, berkas_id: int, draft_version: int, rendering_id: int, *, with_recipients: bool
) -> Copied:
    """Start this berkas's draft anew from an earlier letter of the office; gives what was kept and taken.

    Never copied: number, date, signatory, and the facts of the meeting, which are this berkas's own. Raises NotFound,
    NotYourStep, Conflict if the draft was saved since `draft_version`.
    """
    with opened(desk, actor, berkas_id) as case:
        _drafting(case)
        found = case.session.execute(_newest(case).where(Rendering.id == rendering_id)).one_or_none()
        if found is None:
            raise NotFound("Surat itu tidak ada atau tidak dapat disalin.", "There is no such letter to copy.")
        rendering, template = found[0], desk.templates[found[0].template]
        source = draft.form_of(desk, rendering)
        start = _start(case, template)
        copied = _combined(template, start, source, with_recipients=with_recipients)
        draft.keep(case, draft_version, copied)
    return Copied(rendering.number, *_told(template, with_recipients))


def _drafting(case: Case) -> Case:
    case.expect(Action.PROCESS)
    return case


def _newest(case: Case) -> Any:
    """The newest rendering of each berkas of the office, made from a template that this SOP uses."""
    last = select(func.max(Rendering.id)).group_by(Rendering.berkas_id)
    there = {template.key for template in case.desk.templates}
    known = [key for key in case.sop.templates if key in there]
    where = (Berkas.office_id == case.actor.office_id, Rendering.id.in_(last), Rendering.template.in_(known))
    return select(Rendering, Berkas).join(Berkas, Rendering.berkas_id == Berkas.id).where(*where)


def _start(case: Case, template: LetterTemplate) -> Form:
    """What this berkas brings: its facts, and date and signatory (and corrected facts) of a draft already begun."""
    start = draft.starting(case.desk, case.session, case.berkas, template.key)
    saved = draft.load(case.desk, case.session, case.berkas.id)
    if saved is None:
        return start
    begun, _version = saved
    allowed = {who.id for who in draft.possible_signers(case.desk, case.session, case.berkas)}
    signer = begun.appointment_id if begun.appointment_id in allowed else start.appointment_id
    start = replace(start, letter_date=begun.letter_date or start.letter_date, appointment_id=signer)
    if begun.template != template.key:
        return start
    return replace(start, recipients=begun.recipients, fields={**start.fields, **begun.fields})


def _combined(template: LetterTemplate, start: Form, source: Form, *, with_recipients: bool) -> Form:
    facts = {field.key for field in template.fields if field.fact}
    own: Mapping[str, Any] = {key: value for key, value in start.fields.items() if key in facts}
    taken = {field.key: source.fields.get(field.key, "") for field in template.fields if field.key not in facts}
    return replace(
        start,
        hal=source.hal,
        sifat=source.sifat if source.sifat in template.sifat else start.sifat,
        lampiran=source.lampiran,
        tembusan=source.tembusan,
        recipients=source.recipients if with_recipients else start.recipients,
        fields={**taken, **own},
    )


def _told(template: LetterTemplate, with_recipients: bool) -> tuple[tuple[Label, ...], tuple[Label, ...]]:
    facts = tuple(field.called for field in template.fields if field.fact)
    others = tuple(field.called for field in template.fields if not field.fact)
    if with_recipients:
        return (*ALWAYS_KEPT, *facts), (*ALWAYS_TAKEN, RECIPIENTS, *others)
    return (*ALWAYS_KEPT, *facts, RECIPIENTS), (*ALWAYS_TAKEN, *others)


def _earlier(rendering: Rendering, berkas: Berkas) -> Earlier:
    return Earlier(
        rendering_id=rendering.id,
        number=rendering.number,
        letter_date=rendering.letter_date,
        subject=rendering.subject,
        template=rendering.template,
        applicant=berkas.applicant,
        desa=berkas.desa,
        berkas_id=berkas.id,
    )
