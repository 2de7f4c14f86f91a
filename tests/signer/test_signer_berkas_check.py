"""SOP step 2: the checklist; accepting, returning with reasons, refusing; two staff at once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from helpers_office import Office, application, at_once

from signer.berkas import check, lists, submit, views
from signer.berkas.check import Finding
from signer.errors import Conflict, Invalid, InvalidForm, NotFound, NotYourStep
from signer.sop import Decision, Position, State
from signer.tables.berkas import Check, Movement

pytest_plugins = ("helpers_office",)
BAD_STAMP = "Stempel desa belum ada."


def test_everything_complete_goes_on_to_step_3(office: Office) -> None:
    berkas_id = office.berkas(step=3)
    seen = office.detail(berkas_id)
    assert seen.position == Position(3, State.RUNNING)
    assert all(finding.complete for finding in seen.findings.values())
    assert len(seen.findings) == len(seen.sop.requirements)


def test_a_return_says_why_to_the_pemohon_and_to_the_code_holder(office: Office) -> None:
    berkas_id = office.berkas(step=2)
    office.give_back(berkas_id, BAD_STAMP)
    seen = office.detail(berkas_id, "pemohon")
    assert seen.position == Position(1, State.RUNNING)
    assert seen.findings["pengantar-desa"] == Finding(False, BAD_STAMP)
    assert seen.last_return is not None and seen.last_return.decision is Decision.RETURN
    berkas, _, events, findings = views.by_code(office.desk, office.row(berkas_id).code)
    assert (berkas.step, events[-1].decision, findings["pengantar-desa"].reason) == (1, Decision.RETURN, BAD_STAMP)
    stored = [row.reason_sealed for row in office.rows(Check) if row.reason_sealed]
    assert len(stored) == 1 and BAD_STAMP.encode() not in stored[0]


def test_a_general_note_is_enough_where_every_item_is_complete(office: Office) -> None:
    berkas_id = office.berkas(step=2)
    check.give_back(
        office.desk,
        office.actor("staf"),
        berkas_id,
        office.version(berkas_id),
        office.findings(berkas_id),
        "Tanggal rakor bersamaan dengan acara kabupaten.",
    )
    seen = office.detail(berkas_id, "pemohon")
    assert seen.last_return is not None
    assert seen.last_return.reason == "Tanggal rakor bersamaan dengan acara kabupaten."


def test_nothing_given_is_lost_by_return_and_resubmission(office: Office) -> None:
    berkas_id = office.berkas(step=2, notes="Mohon pagi hari.", phone="0812")
    before = office.detail(berkas_id)
    office.give_back(berkas_id, BAD_STAMP)
    returned = office.detail(berkas_id, "pemohon")
    assert (returned.notes, returned.phone, returned.berkas.agenda) == (before.notes, "0812", before.berkas.agenda)
    assert [file.sha256 for file in returned.files] == [file.sha256 for file in before.files]
    office.attach(berkas_id, "ijin-monev", by="pemohon")
    submit.hand_in(office.desk, office.actor("pemohon"), berkas_id)
    again = office.detail(berkas_id)
    assert again.position == Position(2, State.RUNNING)
    assert [file.since_return for file in again.files] == [False, False, True]
    assert again.berkas.code == before.berkas.code
    assert [(event.step, event.decision) for event in again.events] == [
        (1, Decision.ACCEPT),
        (2, Decision.RETURN),
        (1, Decision.ACCEPT),
    ]


def test_a_return_needs_a_reason_per_item(office: Office) -> None:
    berkas_id = office.berkas(step=2)
    with pytest.raises(InvalidForm) as told:
        office.give_back(berkas_id, "  ")
    assert told.value.field == "reason-pengantar-desa"
    with pytest.raises(Invalid) as told_nothing:
        findings = office.findings(berkas_id)
        check.give_back(office.desk, office.actor("staf"), berkas_id, office.version(berkas_id), findings)
    assert told_nothing.value.field == "reason"
    assert office.row(berkas_id).step == 2


def test_accepting_needs_every_item_judged_and_complete(office: Office) -> None:
    berkas_id, staf = office.berkas(step=2), office.actor("staf")
    seen = office.version(berkas_id)
    with pytest.raises(InvalidForm) as told:
        check.accept(office.desk, staf, berkas_id, seen, {"pengantar-desa": Finding(True)})
    assert {fault.field for fault in told.value.faults} == {"check-ijin-monev", "check-berkas-pemohon"}
    with pytest.raises(InvalidForm):
        check.accept(office.desk, staf, berkas_id, seen, office.findings(berkas_id, {"ijin-monev": "kurang"}))
    with pytest.raises(Invalid):
        check.accept(office.desk, staf, berkas_id, seen, office.findings(berkas_id) | {"lain": Finding(True)})
    assert office.rows(Check) == []
    assert office.version(berkas_id) == seen


def test_a_refusal_is_final_and_says_why(office: Office) -> None:
    berkas_id = office.berkas(step=2)
    check.refuse(office.desk, office.actor("staf"), berkas_id, office.version(berkas_id), "Bukan wilayah Trawas.")
    seen = office.detail(berkas_id, "pemohon")
    assert seen.position == Position(2, State.REFUSED)
    assert seen.events[-1].reason == "Bukan wilayah Trawas."
    with pytest.raises(NotYourStep):
        submit.hand_in(office.desk, office.actor("pemohon"), berkas_id)
    with pytest.raises(NotYourStep):
        check.refuse(office.desk, office.actor("staf"), berkas_id, office.version(berkas_id), "Lagi.")


def test_of_two_staff_at_once_one_decides(office: Office) -> None:
    berkas_id, staf = office.berkas(step=2), office.actor("staf")
    seen, complete = office.version(berkas_id), office.findings(berkas_id)
    lacking = office.findings(berkas_id, {"ijin-monev": "kurang"})
    outcome = at_once(
        lambda: check.accept(office.desk, staf, berkas_id, seen, complete),
        lambda: check.give_back(office.desk, staf, berkas_id, seen, lacking),
    )
    assert {type(one) for one in outcome} == {type(None), Conflict}
    assert len(office.rows(Movement, step=2)) == 1
    assert office.row(berkas_id).step == (3 if outcome[0] is None else 1)


@pytest.mark.parametrize("who", ["pemohon", "kasi", "camat", "auditor", "admin"])
def test_only_staf_checks(sqlite_office: Office, who: str) -> None:
    berkas_id = sqlite_office.berkas(step=2)
    findings, seen = sqlite_office.findings(berkas_id), sqlite_office.version(berkas_id)
    expected = NotFound if who == "admin" else NotYourStep
    with pytest.raises(expected):
        check.accept(sqlite_office.desk, sqlite_office.actor(who), berkas_id, seen, findings)
    with pytest.raises(expected):
        check.give_back(sqlite_office.desk, sqlite_office.actor(who), berkas_id, seen, findings, "alasan")
    with pytest.raises(expected):
        check.refuse(sqlite_office.desk, sqlite_office.actor(who), berkas_id, seen, "alasan")
    assert sqlite_office.version(berkas_id) == seen


def test_a_berkas_of_another_office_does_not_exist(sqlite_office: Office) -> None:
    berkas_id = sqlite_office.berkas(step=2)
    stranger = replace(sqlite_office.actor("staf"), office_id=999)
    with pytest.raises(NotFound):
        check.refuse(sqlite_office.desk, stranger, berkas_id, sqlite_office.version(berkas_id), "alasan")
    with pytest.raises(NotFound):
        views.detail(sqlite_office.desk, stranger, berkas_id)
    assert lists.found(sqlite_office.desk, stranger).rows == []
    with pytest.raises(NotFound):
        submit.create(sqlite_office.desk, stranger, "rakor-bspps", application(sqlite_office.desk.today()))
