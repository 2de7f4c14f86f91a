"""Lists of berkas: what waits for a person, and finding one among all. Reading only.

A list costs the same few queries whether it has one row or two hundred: what belongs to its rows is fetched for all
of them at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import Session

from signer import sop, sops, tanggal, worktime
from signer.actor import Actor
from signer.berkas import check, finding
from signer.berkas.case import REASON_LABEL, position_of, visible
from signer.berkas.finding import Wanted
from signer.desk import Desk
from signer.errors import NotYourStep
from signer.sop import Action, Decision, Position, Sop, State, Step
from signer.tables.berkas import Berkas, Check, Movement, Rendering
from signer.worktime import Clock

PAGE_SIZE = 50
CLOCKS_MINUTES = 5
"""So often clocks that run make an open list fetch itself again, in minutes of working time."""


@dataclass(frozen=True)
class CameBack:
    """Why a berkas waits again: its last decision sent it back."""

    step: int
    """Where that was decided."""
    role: str
    """Label of the role that decided it."""
    note: str
    wanting: tuple[tuple[str, str], ...]
    """Label and reason of each requirement that the check found incomplete."""


@dataclass(frozen=True)
class Row:
    """One berkas in a list. `mine`: it waits for this person; `on_behalf`: only to record it for somebody else."""

    id: int
    code: str
    applicant: str
    desa: str
    agenda: dict[str, Any]
    position: Position
    brief: str
    """Short label of the step it waits at, or how it ended."""
    waits_for: str
    since: datetime
    clock: Clock | None
    mine: bool
    on_behalf: bool
    number: str
    subject: str
    """Hal of the rendering in force."""
    action: Action | None
    """What the step it waits at asks for."""
    returned: bool
    came_back: CameBack | None
    """If it was returned: why, where the person may read it."""


@dataclass(frozen=True)
class Page:
    """One page of what was found; `page` counts from 1."""

    rows: list[Row]
    total: int
    page: int
    pages: int


@dataclass(frozen=True)
class Pulse:
    """How much waits for a person, and a mark that changes when their first page would look different."""

    waiting: int
    mark: str


def inbox(desk: Desk, actor: Actor) -> list[Row]:
    """What waits for this person, most overdue first; what they only record for somebody else comes after it."""
    with desk.db.read() as session:
        waits = _waits(_running(session, actor), actor, on_behalf=True)
        rows = _rows(desk, session, actor, _select().where(*finding.visible(actor), waits))
    return sorted(rows, key=lambda row: (row.on_behalf, row.clock.due if row.clock else row.since, row.id))


def found(desk: Desk, actor: Actor, wanted: Wanted | None = None, page: int = 1, size: int = PAGE_SIZE) -> Page:
    """One page of the berkas that the person may know of and asks for; the nearest page that there is."""
    wanted = wanted or Wanted()
    with desk.db.read() as session:
        where = finding.conditions(desk, session, actor, wanted)
        total = session.scalar(select(func.count(Berkas.id)).where(*where)) or 0
        pages = max(1, -(-total // size))
        page = min(max(page, 1), pages)
        statement = _select().where(*where).order_by(*finding.ORDERS[wanted.order])
        rows = _rows(desk, session, actor, statement.limit(size).offset((page - 1) * size))
    return Page(rows, total, page, pages)


def pulse(desk: Desk, actor: Actor) -> Pulse:
    """What the menu counts, in two queries: cheap enough to be asked for by every open page every few seconds."""
    with desk.db.read() as session:
        running = _running(session, actor)
        own, all_ = _waits(running, actor, on_behalf=False), _waits(running, actor, on_behalf=True)
        seen = all_ if actor.reads_all else Berkas.applicant_id == actor.user_id
        waiting, *facts = session.execute(
            select(
                func.count(Berkas.id).filter(own),
                func.count(Berkas.id),
                # An act grows the version, an arrival is later than all before, a departure lowers the count.
                func.sum(Berkas.version),
                func.max(Berkas.step_since),
            ).where(*finding.visible(actor), seen)
        ).one()
    mark = repr((waiting, *facts, _clocks(desk) if facts[0] else ""))
    return Pulse(waiting, hashlib.sha256(mark.encode()).hexdigest()[:16])


def _clocks(desk: Desk) -> str:
    """Changes while the office is open, every few minutes: clocks stand still when it is closed."""
    now = tanggal.wib(desk.now())
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return f"{now.date()}.{worktime.elapsed(midnight, now, desk.hours) // CLOCKS_MINUTES:.0f}"


def _running(session: Session, actor: Actor) -> dict[int, Sop]:
    """The SOPs by which the office's berkas run now, by version."""
    where = (Berkas.office_id == actor.office_id, Berkas.state == State.RUNNING.value)
    return sops.several(session, select(Berkas.sop_version_id).where(*where))


def _waits(running: Mapping[int, Sop], actor: Actor, *, on_behalf: bool) -> ColumnElement[bool]:
    """That a berkas waits for the person."""
    places = {
        version: [place.step for place in sop.waiting(steps, actor.holders, on_behalf=on_behalf)]
        for version, steps in running.items()
    }
    each = [and_(Berkas.sop_version_id == version, Berkas.step.in_(steps)) for version, steps in places.items()]
    return and_(Berkas.state == State.RUNNING.value, or_(false(), *each))


def _select() -> Select[Berkas, str, str]:
    statement = select(Berkas, func.coalesce(Rendering.number, ""), func.coalesce(Rendering.subject, ""))
    return statement.outerjoin(Rendering, Berkas.rendering_id == Rendering.id)


def _rows(desk: Desk, session: Session, actor: Actor, statement: Select[Berkas, str, str]) -> list[Row]:
    lines = [(berkas, number, subject) for berkas, number, subject in session.execute(statement)]
    lines = [line for line in lines if visible(actor, line[0])]
    pinned = sops.several(session, {berkas.sop_version_id for berkas, _, _ in lines})
    back = _came_back(desk, session, {berkas.id: pinned[berkas.sop_version_id] for berkas, _, _ in lines})
    return [
        _row(desk, actor, pinned[berkas.sop_version_id], berkas, number=number, subject=subject, back=back)
        for berkas, number, subject in lines
    ]


def _row(
    desk: Desk, actor: Actor, steps: Sop, berkas: Berkas, *, number: str, subject: str, back: Mapping[int, CameBack]
) -> Row:
    position = position_of(berkas)
    step, role = sop.step_at(steps, position), sop.waits_for(steps, position)
    on_behalf = _turn(steps, position, actor)
    returned = back.get(berkas.id) if position.running else None
    # What the office's people write to each other is theirs; a Pemohon reads what was returned to themselves.
    readable = actor.reads_all or position.step == steps.steps[0].no
    return Row(
        id=berkas.id,
        code=berkas.code,
        applicant=berkas.applicant,
        desa=berkas.desa,
        agenda=berkas.agenda,
        position=position,
        brief=step.brief if step else position.state.value,
        waits_for=role.label if role else "",
        since=berkas.step_since,
        clock=_clock(desk, step, berkas),
        mine=on_behalf is not None,
        on_behalf=bool(on_behalf),
        number=number,
        subject=subject,
        action=step.action if step else None,
        returned=returned is not None,
        came_back=returned if readable else None,
    )


def _clock(desk: Desk, step: Step | None, berkas: Berkas) -> Clock | None:
    return None if step is None else worktime.clock(berkas.step_since, step.minutes, desk.now(), desk.hours)


def _turn(steps: Sop, position: Position, actor: Actor) -> bool | None:
    """None: not this person's turn; else whether they would act on somebody's behalf."""
    try:
        return sop.acting(steps, position, actor.holders, Decision.ACCEPT).on_behalf_of is not None
    except NotYourStep:
        return None


def _came_back(desk: Desk, session: Session, pinned: Mapping[int, Sop]) -> dict[int, CameBack]:
    """By berkas, the return that was its last decision."""
    newest = select(func.max(Movement.id)).where(Movement.berkas_id.in_(pinned)).group_by(Movement.berkas_id)
    where = (Movement.id.in_(newest), Movement.decision == Decision.RETURN.value)
    returns = list(session.scalars(select(Movement).where(*where)))
    wanting = _wanting(desk, session, [movement.id for movement in returns])
    return {one.berkas_id: _back(desk, pinned[one.berkas_id], one, wanting.get(one.id, ())) for one in returns}


def _back(desk: Desk, steps: Sop, movement: Movement, wanting: Iterable[tuple[str, str]]) -> CameBack:
    labels = {need.key: need.label for need in steps.requirements}
    return CameBack(
        step=movement.step,
        role=steps.role(movement.role).label,
        note=desk.vault.open_text(movement.reason_sealed, REASON_LABEL),
        wanting=tuple((labels.get(key, key), reason) for key, reason in wanting),
    )


def _wanting(desk: Desk, session: Session, movements: list[int]) -> dict[int, list[tuple[str, str]]]:
    """By the movement that returned it, key and reason of each requirement that was found incomplete."""
    where = (Check.movement_id.in_(movements), Check.complete.is_(False))
    found: dict[int, list[tuple[str, str]]] = {}
    for row in session.scalars(select(Check).where(*where).order_by(Check.id)):
        reason = desk.vault.open_text(row.reason_sealed, check.REASON_LABEL)
        found.setdefault(row.movement_id, []).append((row.requirement, reason))
    return found
