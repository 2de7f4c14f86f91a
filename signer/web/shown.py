"""What several pages show of a berkas: its timeline, clocks, the page of its next step, and faults by field."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, time
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from signer.berkas.check import Finding
from signer.berkas.lists import CameBack, Row
from signer.berkas.views import Event
from signer.errors import Invalid, InvalidForm
from signer.sop import Action, Decision, Mark, Phase, Position, Sop
from signer.web import dates, faults
from signer.web.language import N_, word
from signer.worktime import Clock

STEP_PAGES: Mapping[Action, tuple[str, str]] = {
    Action.SUBMIT: ("submit.edit", N_("Lengkapi dan serahkan")),
    Action.CHECK: ("check.check", N_("Periksa kelengkapan")),
    Action.PROCESS: ("draft.form", N_("Susun surat")),
    Action.PARAF: ("paraf.paraf", N_("Baca dan paraf")),
    Action.SIGN: ("sign.sign", N_("Baca dan tanda tangani")),
    Action.REGISTER: ("register.enter", N_("Catat di register")),
    Action.COLLECT: ("collect.collect", N_("Catat pengambilan")),
}
"""Per action: the endpoint of its page, and what the button there says."""
DECISIONS: Mapping[Decision, str] = {
    Decision.ACCEPT: N_("Selesai"),
    Decision.RETURN: N_("Dikembalikan"),
    Decision.REFUSE: N_("Ditolak"),
    Decision.WITHDRAW: N_("Ditarik pemohon"),
}


def next_step(action: Action, berkas_id: int, *, on_behalf: bool = True) -> dict[str, str]:
    """Address and button text of the page where a step is done; `on_behalf`: an officer only records it."""
    endpoint, text = STEP_PAGES[action]
    if action is Action.COLLECT and not on_behalf:
        text = N_("Ambil dan bagikan surat")
    return {"href": url_for(endpoint, berkas_id=berkas_id), "text": _(text)}


def minutes(clock: Clock | None) -> int | None:
    """Whole minutes left (negative: late) as the clock chip takes them; a started minute counts whole."""
    if clock is None:
        return None
    return math.ceil(clock.left) if clock.left >= 0 else math.floor(clock.left)


def row(found: Row) -> dict[str, Any]:
    """One berkas of a list: where it is, its clock, and what its holder is to do."""
    return {
        "row": found,
        "code": code_groups(found.code),
        "day": meeting(found.agenda)["day"],
        "left": minutes(found.clock),
        "standard": found.clock.minutes if found.clock else None,
        "state": "dikembalikan" if found.returned else found.position.state.value,
        "next": next_step(found.action, found.id, on_behalf=found.on_behalf) if found.mine and found.action else None,
        "reasons": _reasons(found.came_back) if found.came_back else [],
    }


def _reasons(back: CameBack) -> list[str]:
    """Why it came back: the note, and what was found wanting."""
    listed = [f"{word(label)}: {reason}" for label, reason in back.wanting]
    return [back.note, *listed] if back.note else listed


def meeting(agenda: Mapping[str, Any]) -> dict[str, str]:
    """The agenda as people read it: `day` ("Senin, 5 Januari 2026"), `time`, `place`, `invitees`."""
    day, at = str(agenda.get("date") or ""), str(agenda.get("time") or "")
    return {
        "day": dates.day_and_date(date.fromisoformat(day)) if day else "",
        "time": dates.clock_time(time.fromisoformat(at)) if at else "",
        "place": str(agenda.get("place", "")),
        "invitees": ", ".join(agenda.get("invitees", ())),
    }


def timeline(
    marks: Sequence[Mark], steps: Sop, events: Sequence[Event], clock: Clock | None, *, names: bool
) -> list[dict[str, Any]]:
    """The SOP's steps as the timeline macro takes them; `names`: say who decided, not only in which role."""
    return [_timeline_step(mark, steps, events, clock, names) for mark in marks]


def for_applicant(steps: Sop, events: Sequence[Event]) -> list[Event]:
    """The decisions as the Pemohon reads them: without the reasons that the office's people gave each other."""
    first = steps.steps[0].no
    return [
        event if event.to_step == first or event.decision is not Decision.RETURN else replace(event, reason="")
        for event in events
    ]


def came_back(steps: Sop, position: Position, events: Sequence[Event]) -> Event | None:
    """The return by which the berkas came to the first step, while it waits there because of it."""
    last = events[-1] if events else None
    if last is None or last.decision is not Decision.RETURN or position.step != steps.steps[0].no:
        return None
    return last if position.running else None


def errors_of(fault: Invalid, rename: Mapping[str, str] | None = None) -> dict[str, str]:
    """Field id to sentence, the first fault of each field; `rename` maps a use case's field to the page's."""
    each = fault.faults if isinstance(fault, InvalidForm) else [fault]
    found: dict[str, str] = {}
    for one in each:
        name = one.field or ""
        found.setdefault((rename or {}).get(name, name), faults.sentence(one))
    return found


def code_groups(code: str) -> str:
    """A tracking code as it is read out: two groups of five."""
    return f"{code[:5]}-{code[5:]}"


def return_reasons(steps: Sop, event: Event | None, findings: Mapping[str, Finding]) -> list[str]:
    """Why it was returned: the note, and each requirement that was found wanting if the check returned it."""
    if event is None:
        return []
    checked = steps.step(event.step).action is Action.CHECK
    labels = {need.key: word(need.label) for need in steps.requirements}
    wanting = [(key, found) for key, found in findings.items() if checked and not found.complete]
    listed = [f"{labels.get(key, key)}: {found.reason}" for key, found in wanting]
    return [event.reason, *listed] if event.reason else listed


def _timeline_step(mark: Mark, steps: Sop, events: Sequence[Event], clock: Clock | None, names: bool) -> dict[str, Any]:
    step, own = mark.step, [event for event in events if event.step == mark.step.no]
    taken = own[-1] if own and mark.phase in (Phase.DONE, Phase.STOPPED) else None
    who = word(taken.role if taken else steps.role(step.role).label)
    if taken is not None and names:
        who = f"{taken.actor} ({who})"
    return {
        "no": step.no,
        "title": word(step.brief),
        "who": who,
        "phase": mark.phase,
        "when": dates.moment(taken.at) if taken else "",
        "minutes": step.minutes,
        "left": minutes(clock) if mark.phase is Phase.NOW else None,
        "note": _note(mark, events, own),
    }


def _note(mark: Mark, events: Sequence[Event], own: Sequence[Event]) -> str:
    """Beside the step at hand: why it came back; beside the one it stopped at: why it ended."""
    if mark.phase is Phase.STOPPED and own:
        return f"{_(DECISIONS[own[-1].decision])}: {own[-1].reason}"
    last = events[-1] if events else None
    if mark.phase is not Phase.NOW or last is None or last.decision is not Decision.RETURN:
        return ""
    sent = str(_("Dikembalikan %(role)s", role=word(last.role)))
    return f"{sent}: {last.reason}" if last.reason else sent
