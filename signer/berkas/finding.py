"""What a person may ask of the list of berkas, as conditions on it: words, position, desa, period, lateness, order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import Session

from signer import register, sops, tanggal, worktime
from signer.actor import Actor
from signer.desk import Desk
from signer.sop import Decision, Sop, State
from signer.tables.berkas import Berkas, Movement, Rendering
from signer.tables.letters import Letter, RegisterEntry

WORDS = 10
"""So many words of a search are looked at."""


class Order(StrEnum):
    """How the list is sorted, as its address names it."""

    NEWEST = "terbaru"
    OLDEST = "terlama"
    WAITING = "menunggu"
    MEETING = "rakor"
    APPLICANT = "pemohon"


ORDERS: Mapping[Order, tuple[ColumnElement[Any], ...]] = {
    Order.NEWEST: (Berkas.id.desc(),),
    Order.OLDEST: (Berkas.id.asc(),),
    Order.WAITING: ((Berkas.state == State.RUNNING.value).desc(), Berkas.step_since.asc(), Berkas.id.asc()),
    Order.MEETING: (Berkas.agenda["date"].as_string().desc(), Berkas.id.desc()),
    Order.APPLICANT: (func.lower(Berkas.applicant).asc(), Berkas.id.desc()),
}


@dataclass(frozen=True)
class Wanted:
    """What is looked for; everything left as it is finds every berkas, newest first."""

    search: str = ""
    """Words that must all be found: in applicant, desa, hal, letter number, register number or tracking code."""
    step: int | None = None
    state: State | None = None
    returned: bool = False
    """Only what waits because it was sent back."""
    late: bool = False
    """Only what has waited at its step longer than the SOP allows."""
    desa: str = ""
    since: date | None = None
    until: date | None = None
    """Filed on these days (WIB), both included."""
    order: Order = Order.NEWEST


@dataclass(frozen=True)
class Choices:
    """What there is to choose from, for this person."""

    desa: list[str]
    years: list[int]
    """Newest first."""
    steps: list[tuple[int, str]]
    """Number and short label."""


def choices(desk: Desk, actor: Actor) -> Choices:
    """The desa and years of the berkas that the person may know of, and the steps of the office's SOP."""
    with desk.db.read() as session:
        named = select(Berkas.desa).where(*visible(actor)).distinct()
        first, last = session.execute(
            select(func.min(Berkas.created_at), func.max(Berkas.created_at)).where(*visible(actor))
        ).one()
        desa = sorted(session.scalars(named), key=str.casefold)
        return Choices(desa, _years(first, last), _steps(session, actor))


def visible(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    """`case.visible` as conditions on the table."""
    own = () if actor.reads_all else (Berkas.applicant_id == actor.user_id,)
    return (Berkas.office_id == actor.office_id, *own)


def conditions(desk: Desk, session: Session, actor: Actor, wanted: Wanted) -> list[ColumnElement[bool]]:
    """Everything that a berkas must fulfil to be listed."""
    where = [*visible(actor), *(_says(word) for word in wanted.search.split()[:WORDS])]
    if wanted.step is not None:
        where += [_running(), Berkas.step == wanted.step]
    if wanted.state is not None:
        where.append(Berkas.state == wanted.state.value)
    if wanted.returned:
        where += [_running(), Berkas.id.in_(_returned())]
    if wanted.late:
        where += [_running(), _late(desk, session, actor)]
    if wanted.desa:
        where.append(Berkas.desa == wanted.desa)
    return where + _filed(wanted)


def _running() -> ColumnElement[bool]:
    return Berkas.state == State.RUNNING.value


def _says(word: str) -> ColumnElement[bool]:
    """That the word is found somewhere in the berkas, or in its letter."""
    written = or_(*(column.icontains(word, autoescape=True) for column in (Rendering.number, Rendering.subject)))
    return or_(
        Berkas.applicant.icontains(word, autoescape=True),
        Berkas.desa.icontains(word, autoescape=True),
        Berkas.code.icontains(word.replace("-", "") or word, autoescape=True),
        Berkas.id.in_(select(Rendering.berkas_id).where(written)),
        *_registered(word),
    )


def _registered(word: str) -> list[ColumnElement[bool]]:
    """That it is the register number, if it can be one."""
    numbered = register.numbered(word)
    if numbered is None:
        return []
    entries = select(Letter.berkas_id).join(RegisterEntry, RegisterEntry.letter_id == Letter.id)
    return [Berkas.id.in_(entries.where(numbered))]


def _returned() -> Any:
    """The berkas whose last decision was a return."""
    newest = select(func.max(Movement.id)).group_by(Movement.berkas_id)
    return select(Movement.berkas_id).where(Movement.id.in_(newest), Movement.decision == Decision.RETURN.value)


def _late(desk: Desk, session: Session, actor: Actor) -> ColumnElement[bool]:
    """That its step began so long ago that its standard is used up: per step, one moment to compare with."""
    running = select(Berkas.sop_version_id).where(Berkas.office_id == actor.office_id, _running())
    each = [_late_at(desk, version, steps) for version, steps in sops.several(session, running).items()]
    return or_(false(), *(one for version in each for one in version))


def _late_at(desk: Desk, version: int, steps: Sop) -> list[ColumnElement[bool]]:
    limits = {step.no: worktime.late_before(desk.now(), step.minutes, desk.hours) for step in steps.steps}
    return [
        and_(Berkas.sop_version_id == version, Berkas.step == number, Berkas.step_since < limit)
        for number, limit in limits.items()
    ]


def _filed(wanted: Wanted) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if wanted.since is not None and wanted.since > date.min:
        where.append(Berkas.created_at >= _midnight(wanted.since))
    if wanted.until is not None and wanted.until < date.max:
        where.append(Berkas.created_at < _midnight(wanted.until + timedelta(days=1)))
    return where


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tanggal.WIB)


def _years(first: datetime | None, last: datetime | None) -> list[int]:
    if first is None or last is None:
        return []
    return list(range(tanggal.wib(last).year, tanggal.wib(first).year - 1, -1))


def _steps(session: Session, actor: Actor) -> list[tuple[int, str]]:
    """Of several SOPs the first one that has a step of that number names it."""
    named: dict[int, str] = {}
    for _version, steps in sops.in_force(session, actor.office_id):
        for step in steps.steps:
            named.setdefault(step.no, step.brief)
    return sorted(named.items())
