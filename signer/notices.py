"""Notices in the application: whose turn it is, what became of a request, what waits too long. Fed by the outbox."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, update
from sqlalchemy.orm import Session

from signer import mailing, outbox, sop, sops, worktime
from signer.accounts import User
from signer.actor import Actor
from signer.db import Database
from signer.desk import Desk
from signer.sop import Action, Decision, Holder, Position, Sop, State, Step
from signer.tables.berkas import Berkas, Movement
from signer.tables.record import Notice

KINDS = frozenset((*mailing.SUBJECT_OF, "surel"))
"""giliran, kembali, terbit: the person's turn (in general, to correct, to collect); posisi, selesai, ditolak, ditarik:
what became of the Pemohon's berkas; lewat: a reminder; surel: their e-mail address takes no mails."""
TURNS = frozenset({"giliran", "kembali", "terbit"})
OFFICE_DAY = 510
"""Minutes of a usual office day (07.30-16.00): after one more the second reminder comes."""
UNREAD_LIMIT = 200
PAGE = 20


@dataclass(frozen=True)
class Told:
    """One notice as pages show it: what was decided, by whom, in which role."""

    id: int
    kind: str
    at: datetime
    decision: Decision | None
    by: str
    role: str
    step: Step | None
    """Where the berkas came to by that decision."""


@dataclass(frozen=True)
class Group:
    """The notices of one berkas, newest first; `berkas` is None for those about the person's own account."""

    berkas: Berkas | None
    next_action: Action | None
    """What the person is to do there now, if it is their turn."""
    told: tuple[Told, ...]


@dataclass(frozen=True)
class Page:
    """A page of the notices that were read before."""

    groups: tuple[Group, ...]
    number: int
    pages: int
    total: int


# ---- telling ----


def deliver(desk: Desk, outbox_id: int, payload: dict[str, Any], by_mail: bool = False) -> None:
    """Outbox topic `notice`: tell everybody concerned by the decision, and see to its reminders.

    Doing it twice makes one notice each. `by_mail`: write mails, too, for those who chose so.
    """
    with desk.db.begin() as session:
        berkas = session.get_one(Berkas, payload["berkas"])
        movement = session.get(Movement, payload.get("movement") or mailing.latest_movement(session, berkas.id) or 0)
        if movement is None or _already(session, outbox_id):
            return
        concerned = _concerned(session, berkas, movement)
        # a notice of the first version names no decision: it was before this one
        earlier = or_(Notice.movement_id < movement.id, Notice.movement_id.is_(None))
        _supersede(session, Notice.berkas_id == berkas.id, earlier, now=desk.now())
        _tell(session, desk, outbox_id, berkas, movement, concerned, by_mail)
        if TURNS & set(concerned.values()):
            _remind_later(session, desk, berkas, movement)


def remind(desk: Desk, outbox_id: int, payload: dict[str, Any], by_mail: bool = False) -> None:
    """Outbox topic `reminder`: tell those whose turn it is, if the berkas still waits where it waited."""
    with desk.db.begin() as session:
        berkas = session.get_one(Berkas, payload["berkas"])
        movement = session.get_one(Movement, payload["movement"])
        if mailing.latest_movement(session, berkas.id) != movement.id or _already(session, outbox_id):
            return
        late = dict.fromkeys(_whose_turn(session, berkas, _arrived(movement)), "lewat")
        # only the reminder before this one: what first called them stays, and so does its mail
        _supersede(session, Notice.movement_id == movement.id, Notice.kind == "lewat", now=desk.now())
        _tell(session, desk, outbox_id, berkas, movement, late, by_mail)


def _supersede(session: Session, *where: ColumnElement[bool], now: datetime) -> None:
    """Where a berkas stood before is no news any more, nor whose turn it was: it moves down to what was read."""
    passing = (*where, Notice.kind.in_(mailing.PASSING), Notice.read_at.is_(None))
    session.execute(update(Notice).where(*passing).values(read_at=now))


def _already(session: Session, outbox_id: int) -> bool:
    """All notices of an outbox row come in one transaction: one is there, all are."""
    return session.scalar(select(Notice.id).where(Notice.outbox_id == outbox_id).limit(1)) is not None


def _tell(
    session: Session,
    desk: Desk,
    outbox_id: int,
    berkas: Berkas,
    movement: Movement,
    concerned: Mapping[int, str],
    by_mail: bool,
) -> None:
    now = desk.now()
    for user_id, kind in concerned.items():
        notice = Notice(
            outbox_id=outbox_id, user_id=user_id, berkas_id=berkas.id, movement_id=movement.id, kind=kind, at=now
        )
        session.add(notice)
        session.flush()
        if by_mail and (user_id != movement.actor_id or kind == "lewat"):  # who decided it need not be written to
            mailing.tell(session, desk, notice)


def _remind_later(session: Session, desk: Desk, berkas: Berkas, movement: Movement) -> None:
    """Two reminders: when the step's standard is used up (SOP: peringatan), and an office day later.

    The Pemohon's minutes are those at the counter; at home they have a day more.
    """
    steps = sops.pinned(session, berkas.sop_version_id)
    step = sop.step_at(steps, _arrived(movement))
    if step is None:
        return
    first = step.minutes + (OFFICE_DAY if step.role == steps.steps[0].role else 0)
    for minutes in (first, first + OFFICE_DAY):
        due = worktime.due(movement.ended_at, minutes, desk.hours) + timedelta(minutes=1)  # past it, not at it
        outbox.add(session, "reminder", {"berkas": berkas.id, "movement": movement.id}, desk.now(), due)


def _concerned(session: Session, berkas: Berkas, movement: Movement) -> dict[int, str]:
    """Who is told what by this decision; a turn that has passed meanwhile is told to nobody."""
    turn: Iterable[int] = ()
    if mailing.latest_movement(session, berkas.id) == movement.id:
        turn = _whose_turn(session, berkas, _arrived(movement))
    told = dict.fromkeys(turn, "giliran")
    if berkas.applicant_id is not None:
        kind = _for_applicant(sops.pinned(session, berkas.sop_version_id), movement, berkas.applicant_id in told)
        if kind in TURNS or berkas.applicant_id != movement.actor_id:  # they know what they did themselves
            told[berkas.applicant_id] = kind
    return told


def _for_applicant(steps: Sop, movement: Movement, theirs: bool) -> str:
    endings = {State.REFUSED: "ditolak", State.WITHDRAWN: "ditarik", State.FINISHED: "selesai"}
    arrived = _arrived(movement)
    if not arrived.running:
        return endings[arrived.state]
    if not theirs:
        return "posisi"
    step = sop.step_at(steps, arrived)
    if step is not None and step.action is Action.COLLECT:
        return "terbit"
    return "kembali" if movement.decision == Decision.RETURN.value else "giliran"


def _whose_turn(session: Session, berkas: Berkas, position: Position) -> list[int]:
    """The people for whom the berkas waits there: its Pemohon, or everybody who holds the step's role."""
    steps = sops.pinned(session, berkas.sop_version_id)
    role = sop.waits_for(steps, position)
    if role is None:
        return []
    if role.key == steps.steps[0].role:
        return [] if berkas.applicant_id is None else [berkas.applicant_id]
    users = session.scalars(select(User).where(User.office_id == berkas.office_id, User.active))
    return [user.id for user in users if any(role.held_by(Holder(held.name, user.seksi)) for held in user.roles)]


def _arrived(movement: Movement) -> Position:
    return Position(movement.to_step, State(movement.to_state))


# ---- reading ----


def unread(desk: Desk, actor: Actor) -> tuple[Group, ...]:
    """The person's unread notices by berkas, the newest berkas first; at most 200 notices."""
    with desk.db.read() as session:
        rows = session.execute(_rows(actor).where(Notice.read_at.is_(None)).limit(UNREAD_LIMIT))
        return _grouped(session, actor, [(notice, berkas) for notice, berkas in rows])


def older(desk: Desk, actor: Actor, number: int) -> Page:
    """The notices read before, newest first, 20 a page; a page that is not there is the nearest one."""
    statement = _rows(actor).where(Notice.read_at.is_not(None))
    with desk.db.read() as session:
        total = session.scalar(select(func.count()).select_from(statement.subquery())) or 0
        pages = max(1, -(-total // PAGE))
        number = min(max(1, number), pages)
        rows = session.execute(statement.offset((number - 1) * PAGE).limit(PAGE))
        return Page(_grouped(session, actor, [(notice, berkas) for notice, berkas in rows]), number, pages, total)


def unread_count(session: Session, user_id: int) -> int:
    """How many notices the person has not read."""
    where = (Notice.user_id == user_id, Notice.read_at.is_(None))
    return session.scalar(select(func.count(Notice.id)).where(*where)) or 0


def mark_read(
    db: Database, user_id: int, now: datetime, berkas_id: int | None = None, *, notice_id: int | None = None
) -> None:
    """The person has seen their notices; with `berkas_id` or `notice_id`, only those."""
    of_berkas = () if berkas_id is None else (Notice.berkas_id == berkas_id,)
    one = () if notice_id is None else (Notice.id == notice_id,)
    where = (Notice.user_id == user_id, Notice.read_at.is_(None), *of_berkas, *one)
    with db.read() as session:
        if session.scalar(select(Notice.id).where(*where).limit(1)) is None:
            return  # nothing to write: pages that are only looked at take no lock
    with db.begin() as session:
        session.execute(update(Notice).where(*where).values(read_at=now))


def _rows(actor: Actor) -> Select[Notice, Berkas | None]:
    """The person's notices with their berkas, newest first; none of a berkas that they may no longer see."""
    theirs = Berkas.office_id == actor.office_id
    if not actor.reads_all:
        theirs &= Berkas.applicant_id == actor.user_id
    joined: Select[Notice, Berkas | None] = select(Notice, Berkas).outerjoin(Berkas, Notice.berkas_id == Berkas.id)
    return joined.where(Notice.user_id == actor.user_id, or_(Notice.berkas_id.is_(None), theirs)).order_by(
        Notice.id.desc()
    )


def _grouped(session: Session, actor: Actor, rows: list[tuple[Notice, Berkas | None]]) -> tuple[Group, ...]:
    found: dict[int | None, tuple[Berkas | None, list[Told]]] = {}
    for notice, berkas in rows:
        _berkas, told = found.setdefault(notice.berkas_id, (berkas, []))
        told.append(_told(session, notice, berkas))
    return tuple(Group(berkas, _next(session, actor, berkas), tuple(told)) for berkas, told in found.values())


def _told(session: Session, notice: Notice, berkas: Berkas | None) -> Told:
    movement = session.get(Movement, notice.movement_id) if notice.movement_id else None
    if movement is None or berkas is None:
        return Told(notice.id, notice.kind, notice.at, None, "", "", None)
    steps = sops.pinned(session, berkas.sop_version_id)
    by = session.get_one(User, movement.actor_id).name
    step = sop.step_at(steps, _arrived(movement))
    role = steps.role(movement.role).label
    return Told(notice.id, notice.kind, notice.at, Decision(movement.decision), by, role, step)


def _next(session: Session, actor: Actor, berkas: Berkas | None) -> Action | None:
    if berkas is None:
        return None
    steps = sops.pinned(session, berkas.sop_version_id)
    position = Position(berkas.step, State(berkas.state))
    step = sop.step_at(steps, position)
    theirs = position in sop.waiting(steps, actor.holders)
    if step is None or not theirs or (step.role == steps.steps[0].role and berkas.applicant_id != actor.user_id):
        return None
    return step.action
