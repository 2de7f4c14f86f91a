"""How far an office's setting up has come: what an admin's first page lists, in the order of doing it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from signer import appointments, office, office_events, sops
from signer.accounts import User
from signer.desk import Desk
from signer.sop import Action, Sop
from signer.tables.admin import TrialLetter
from signer.tables.office import Appointment, Office

STEPS = ("identitas", "logo", "nomor", "orang", "penunjukan", "kunci", "uji")
"""In order. Keys are set by their holders; everything else is the admin's."""


@dataclass(frozen=True)
class Item:
    """One thing to set: `facts` say how it stands now, for the sentence beside it."""

    key: str
    done: bool
    facts: dict[str, Any] = field(default_factory=dict)


def items(desk: Desk, office_id: int) -> list[Item]:
    """Every item, in order."""
    with desk.db.read() as session:
        row = session.get_one(Office, office_id)
        acts = office_events.acts(session, office_id)
        steps = [one for _version, one in sops.in_force(session, office_id)]
        lacking = _lacking_people(session, office_id, steps)
        holders, vacant = _holders(session, office_id, steps, desk.today())
    keyless = sorted({one.holder for one in holders if not one.key_name})
    tested = office.last_test(desk, office_id)
    return [
        Item("identitas", office.IDENTITY in acts, {"name": row.name}),
        Item("logo", bool(row.logo_key) or office.NO_LOGO in acts, {"logo": bool(row.logo_key)}),
        Item("nomor", office.PATTERN in acts, {"pattern": row.number_pattern}),
        Item("orang", not lacking, {"lacking": lacking}),
        Item("penunjukan", not vacant, {"vacant": vacant, "holders": [one.holder for one in holders]}),
        Item("kunci", bool(holders) and not keyless and not vacant, {"keyless": keyless}),
        Item("uji", tested is not None and _tried(tested[0], row), {"made": tested[0].made_at if tested else None}),
    ]


def next_item(found: list[Item], after: str = "") -> Item | None:
    """The first thing still to do behind `after`, else before it; None when all is done."""
    start = STEPS.index(after) + 1 if after in STEPS else 0
    return next((item for item in (*found[start:], *found[:start]) if not item.done), None)


def _tried(letter: TrialLetter, row: Office) -> bool:
    return letter.report["verdict"] == "valid" and letter.identity == office.digest(row)


def _lacking_people(session: Session, office_id: int, steps: list[Sop]) -> list[str]:
    """The SOPs' roles, but for the Pemohon's, that nobody with an active account fills."""
    users = session.scalars(select(User).where(User.office_id == office_id, User.active)).all()
    held = [holder for user in users for holder in user.actor().holders]
    roles = [role for one in steps for role in one.roles if role.key != "pemohon"]
    return sorted({role.key for role in roles if not any(role.held_by(holder) for holder in held)})


def _holders(session: Session, office_id: int, steps: list[Sop], on: date) -> tuple[list[Appointment], list[str]]:
    """Who holds the roles that sign or give paraf on that day, and the roles that nobody holds."""
    acting = {step.role for one in steps for action in (Action.PARAF, Action.SIGN) for step in one.steps_for(action)}
    found = {role: appointments.holders(session, office_id, role, on) for role in sorted(acting)}
    return [row for rows in found.values() for row in rows], [role for role, rows in found.items() if not rows]
