"""SOP step 2: Staf checks every requirement, then accepts the berkas, or returns it with a reason per item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from signer.actor import Actor
from signer.berkas.case import Case, needed, opened
from signer.berkas.submit import unmet
from signer.desk import Desk
from signer.errors import Invalid, InvalidForm
from signer.sop import Action, Decision
from signer.tables.berkas import Check, Movement

REASON_LABEL = "check.reason"


@dataclass(frozen=True)
class Finding:
    """The verdict on one requirement; a reason where it is not complete."""

    complete: bool
    reason: str = ""


def accept(desk: Desk, actor: Actor, berkas_id: int, version: int, findings: Mapping[str, Finding]) -> None:
    """Everything is complete: on to step 3. Raises InvalidForm naming each requirement that is not."""
    with opened(desk, actor, berkas_id, version) as case:
        case.expect(Action.CHECK)
        _all_judged(case, findings)
        lacking = [key for key, finding in findings.items() if not finding.complete]
        lacking += [need.key for need in unmet(case.session, case.sop, berkas_id)]
        if lacking:
            raise InvalidForm([_not_complete(key) for key in lacking])
        _write(case, case.move(Decision.ACCEPT), findings)


def give_back(
    desk: Desk, actor: Actor, berkas_id: int, version: int, findings: Mapping[str, Finding], note: str = ""
) -> None:
    """Return to the Pemohon with a reason per incomplete item (or a general note).

    Raises InvalidForm where an item has no reason, or nothing is said at all.
    """
    with opened(desk, actor, berkas_id, version) as case:
        case.expect(Action.CHECK)
        _all_judged(case, findings)
        lacking = {key: finding for key, finding in findings.items() if not finding.complete}
        faults = [_no_reason(key) for key, finding in lacking.items() if not finding.reason.strip()]
        if faults:
            raise InvalidForm(faults)
        if not lacking:
            needed(note)
        _write(case, case.move(Decision.RETURN, reason=note.strip()), findings)


def refuse(desk: Desk, actor: Actor, berkas_id: int, version: int, reason: str) -> None:
    """Refuse the request for good, with the reason; a reserved number becomes batal."""
    with opened(desk, actor, berkas_id, version) as case:
        case.end(Decision.REFUSE, reason)


def last_findings(session: Session, desk: Desk, berkas_id: int) -> dict[str, Finding]:
    """The newest check's verdict per requirement; empty before the first check."""
    newest = select(Check.movement_id).where(Check.berkas_id == berkas_id).order_by(Check.movement_id.desc()).limit(1)
    rows = session.scalars(select(Check).where(Check.movement_id == newest.scalar_subquery()))
    return {
        row.requirement: Finding(row.complete, desk.vault.open_text(row.reason_sealed, REASON_LABEL)) for row in rows
    }


def _all_judged(case: Case, findings: Mapping[str, Finding]) -> None:
    keys = {need.key for need in case.sop.requirements}
    if set(findings) - keys:
        raise Invalid("Persyaratan tidak dikenal.", "There is no such requirement.")
    missing = [need for need in case.sop.requirements if need.key not in findings]
    if missing:
        raise InvalidForm([_not_judged(need.key, need.label) for need in missing])


def _write(case: Case, movement: Movement, findings: Mapping[str, Finding]) -> None:
    for key, finding in findings.items():
        reason = "" if finding.complete else finding.reason.strip()
        sealed = case.desk.vault.seal_text(reason, REASON_LABEL) if reason else None
        case.session.add(
            Check(
                movement_id=movement.id,
                berkas_id=case.berkas.id,
                requirement=key,
                complete=finding.complete,
                reason_sealed=sealed,
            )
        )


def _not_judged(key: str, label: str) -> Invalid:
    return Invalid(f"{label}: tandai lengkap atau belum.", f"{label}: mark complete or not.", field=f"check-{key}")


def _not_complete(key: str) -> Invalid:
    return Invalid("Belum lengkap: kembalikan ke Pemohon.", "Not complete: return it.", field=f"check-{key}")


def _no_reason(key: str) -> Invalid:
    return Invalid("Tulis apa yang kurang.", "Say what is missing.", field=f"reason-{key}")
