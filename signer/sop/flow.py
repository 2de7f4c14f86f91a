"""The engine: where a berkas stands, who may decide what there, and where each decision leads.

Everything is a pure function of the SOP, a position and the roles a person holds. Whose berkas it is (a
Pemohon sees and moves only their own) is the use case's to check; holding the role pemohon says only what the
person is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from signer.errors import NotYourStep
from signer.sop.model import Action, Decision, Holder, Role, Sop, Step


class State(StrEnum):
    """Whether a berkas still moves, and if not, how it ended."""

    RUNNING = "berjalan"
    FINISHED = "selesai"
    REFUSED = "ditolak"
    WITHDRAWN = "ditarik"


class Phase(StrEnum):
    """Where one step stands in a berkas's timeline; `terhenti` is the step it was refused or withdrawn at."""

    DONE = "selesai"
    NOW = "sekarang"
    NEXT = "berikutnya"
    STOPPED = "terhenti"


@dataclass(frozen=True)
class Position:
    """Where a berkas stands: the step it waits at while running, the step it stopped at when refused or
    withdrawn, None when finished. Kept as two columns; `Position(row.step, State(row.state))` reads them
    back.
    """

    step: int | None
    state: State

    def __post_init__(self) -> None:
        if (self.step is None) != (self.state is State.FINISHED):
            raise ValueError(f"a {self.state.value} berkas cannot be at step {self.step}")

    @property
    def running(self) -> bool:
        """Whether any decision is still open."""
        return self.state is State.RUNNING


@dataclass(frozen=True)
class Mark:
    """One step of a timeline and where it stands."""

    step: Step
    phase: Phase


@dataclass(frozen=True)
class Acting:
    """In which role a person takes a decision; `on_behalf_of` is the role they only record it for, if so."""

    role: Role
    on_behalf_of: Role | None


def start(sop: Sop) -> Position:
    """Where a new berkas stands: at the first step, nothing submitted yet."""
    return Position(sop.steps[0].no, State.RUNNING)


def step_at(sop: Sop, position: Position) -> Step | None:
    """The step a running berkas waits at; None once it has ended. KeyError if the SOP has no such step."""
    return sop.step(position.step) if position.running and position.step is not None else None


def waits_for(sop: Sop, position: Position) -> Role | None:
    """The role whose turn it is, e.g. to be notified; None once the berkas has ended."""
    step = step_at(sop, position)
    return None if step is None else sop.role(step.role)


def may(sop: Sop, position: Position, holders: Iterable[Holder]) -> frozenset[Decision]:
    """Every decision a person holding `holders` may take here; empty when it is not their turn."""
    held = tuple(holders)
    return frozenset(decision for decision in Decision if _acting(sop, position, held, decision) is not None)


def acting(sop: Sop, position: Position, holders: Iterable[Holder], decision: Decision) -> Acting:
    """In which role this person would take `decision` here: their own before standing in for another.

    Raises NotYourStep if they may not.
    """
    found = _acting(sop, position, tuple(holders), decision)
    if found is None:
        raise _not_yours(sop, position)
    return found


def expect(sop: Sop, position: Position, action: Action, holders: Iterable[Holder]) -> Step:
    """The step, if the berkas waits for `action` and this person may carry it out; else NotYourStep."""
    step = step_at(sop, position)
    if step is None or step.action != action:
        raise _not_yours(sop, position)
    acting(sop, position, holders, Decision.ACCEPT)
    return step


def after(
    sop: Sop, position: Position, holders: Iterable[Holder], decision: Decision, to: int | None = None
) -> Position:
    """Where the berkas stands once a person holding `holders` has taken `decision` at `position`.

    `to` chooses among the step's `returns_to` (None: the usual one) and belongs to a return alone. Raises
    NotYourStep if the person may not take it, the decision is not open at this step, or a return cannot lead
    there.
    """
    acting(sop, position, holders, decision)
    step = step_at(sop, position)
    if step is None or (to is not None and (decision is not Decision.RETURN or to not in step.returns_to)):
        raise _not_yours(sop, position)
    match decision:
        case Decision.ACCEPT:
            last = step.no == len(sop.steps)
            return Position(None, State.FINISHED) if last else Position(step.no + 1, State.RUNNING)
        case Decision.RETURN:
            return Position(step.returns_to[0] if to is None else to, State.RUNNING)
        case Decision.REFUSE:
            return Position(step.no, State.REFUSED)
        case Decision.WITHDRAW:
            return Position(step.no, State.WITHDRAWN)


def waiting(sop: Sop, holders: Iterable[Holder], *, on_behalf: bool = False) -> tuple[Position, ...]:
    """The positions at which a berkas waits for a person holding `holders`: their inbox, first step first.

    With `on_behalf`, also those at which they may only record the step for somebody else.
    """
    held = tuple(holders)
    places = (Position(step.no, State.RUNNING) for step in sop.steps)
    found = ((place, _acting(sop, place, held, Decision.ACCEPT)) for place in places)
    return tuple(place for place, who in found if who and (on_behalf or who.on_behalf_of is None))


def timeline(sop: Sop, position: Position) -> tuple[Mark, ...]:
    """Every step with where it stands: done, now, next; a refused or withdrawn berkas stopped at one."""
    here = len(sop.steps) + 1 if position.step is None else sop.step(position.step).no
    now = Phase.NOW if position.running else Phase.STOPPED
    phases = {True: Phase.DONE, False: Phase.NEXT}
    return tuple(Mark(step, now if step.no == here else phases[step.no < here]) for step in sop.steps)


def done(sop: Sop, position: Position) -> frozenset[Action]:
    """The actions that stand as done, e.g. whether a berkas is past its signature; a return undoes them.

    An action with several steps is done when all of them are.
    """
    marks = timeline(sop, position)
    open_ = {mark.step.action for mark in marks if mark.phase is not Phase.DONE}
    return frozenset(mark.step.action for mark in marks) - open_


def minutes_left(sop: Sop, position: Position) -> int:
    """The standard of the steps still to come, this one included, in minutes of office working time."""
    if not position.running:
        return 0
    return sum(mark.step.minutes for mark in timeline(sop, position) if mark.phase is not Phase.DONE)


def _acting(sop: Sop, position: Position, holders: tuple[Holder, ...], decision: Decision) -> Acting | None:
    step = step_at(sop, position)
    who = sop.withdrawal if decision is Decision.WITHDRAW else step
    if step is None or who is None or decision not in step.decisions:
        return None
    return _capacity(sop, who.role, who.deputies, holders)


def _capacity(sop: Sop, principal: str, deputies: tuple[str, ...], holders: tuple[Holder, ...]) -> Acting | None:
    own = sop.role(principal)
    if any(own.held_by(holder) for holder in holders):
        return Acting(own, None)
    for deputy in map(sop.role, deputies):
        if any(deputy.held_by(holder) for holder in holders):
            return Acting(deputy, own)
    return None


def _not_yours(sop: Sop, position: Position) -> NotYourStep:
    """Says where the berkas stands, so that the person knows whom it waits for."""
    step = step_at(sop, position)
    if step is None:
        return NotYourStep(
            f"Berkas ini sudah {position.state.value}; tidak ada lagi yang dapat diputuskan.",
            "This berkas has ended; there is nothing left to decide.",
        )
    role = sop.role(step.role)
    return NotYourStep(
        f"Keputusan ini tidak dapat Anda ambil sekarang: berkas berada di langkah {step.no} ({step.brief}), "
        f"menunggu {role.label}. Muat ulang halaman untuk melihat posisi terbaru.",
        f"You cannot take this decision now: the berkas is at step {step.no} and waits for {role.label}. "
        "Reload the page to see where it is.",
    )
