"""SOP step 1: opening, filling, handing in and correcting a request; what is given is never lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from helpers_office import PDF, SLUG, Office, application, at_once

from signer import audit, uploads
from signer.berkas import lists, submit, views
from signer.berkas.application import Goods
from signer.errors import Conflict, Invalid, InvalidForm, NotFound, NotYourStep
from signer.sop import Action, Position, State
from signer.tables.berkas import Attachment, Berkas, Movement
from signer.tables.record import AuditEntry, OutboxItem
from signer.uploads import Upload

pytest_plugins = ("helpers_office",)


def test_a_request_starts_at_step_1_of_the_sop_in_force(office: Office) -> None:
    berkas_id = submit.create(
        office.desk, office.actor("pemohon"), SLUG, application(office.desk.today(), phone="0812")
    )
    seen = office.detail(berkas_id, "pemohon")
    assert seen.position == Position(1, State.RUNNING)
    assert seen.berkas.applicant_id == office.actor("pemohon").user_id
    assert (seen.phone, seen.berkas.sembako) == ("0812", [{"commodity": "Beras", "amount": "500", "unit": "kg"}])
    assert b"0812" not in (seen.berkas.phone_sealed or b"")
    assert len(seen.berkas.code) == submit.CODE_LENGTH
    assert views.by_code(office.desk, f" {seen.berkas.code.lower()} ")[0].id == berkas_id


def test_staf_applies_for_somebody_without_an_account(office: Office) -> None:
    berkas_id = office.berkas(by="staf")
    assert office.row(berkas_id).applicant_id is None
    with pytest.raises(NotFound):
        office.detail(berkas_id, "pemohon")


def test_a_pemohon_cannot_apply_in_anothers_name(office: Office) -> None:
    facts = application(office.desk.today(), applicant_id=office.actor("staf").user_id)
    berkas_id = submit.create(office.desk, office.actor("pemohon"), SLUG, facts)
    assert office.row(berkas_id).applicant_id == office.actor("pemohon").user_id


@pytest.mark.parametrize("who", ["kasi", "camat", "admin", "auditor"])
def test_nobody_else_can_apply(sqlite_office: Office, who: str) -> None:
    with pytest.raises(NotYourStep):
        submit.create(sqlite_office.desk, sqlite_office.actor(who), SLUG, application(sqlite_office.desk.today()))
    assert sqlite_office.rows(Berkas) == []


def test_handing_in_moves_to_step_2_and_tells_whose_turn_it_is(office: Office) -> None:
    berkas_id = office.berkas(step=2)
    seen = office.detail(berkas_id)
    assert seen.position == Position(2, State.RUNNING)
    assert seen.step is not None and seen.step.action is Action.CHECK
    assert [file.requirement for file in seen.files] == ["pengantar-desa", "berkas-pemohon"]
    assert [item.topic for item in office.rows(OutboxItem)] == ["notice"]
    assert [row.id for row in lists.inbox(office.desk, office.actor("staf"))] == [berkas_id]


def test_handing_in_names_each_paper_that_is_missing(office: Office) -> None:
    berkas_id = office.berkas()
    with pytest.raises(InvalidForm) as told:
        submit.hand_in(office.desk, office.actor("pemohon"), berkas_id)
    assert [fault.field for fault in told.value.faults] == ["files-pengantar-desa", "files-berkas-pemohon"]
    assert office.row(berkas_id).step == 1
    assert office.rows(Movement) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"applicant": "  "}, "applicant"),
        ({"applicant": "x" * 201}, "applicant"),
        ({"applicant": "Siti\x00Aminah"}, "applicant"),
        ({"desa": ""}, "desa"),
        ({"day": None}, "day"),
        ({"start": None}, "start"),
        ({"place": "\n"}, "place"),
        ({"invitees": ()}, "invitees"),
        ({"invitees": ("Agen",) * 61}, "invitees"),
        ({"goods": ()}, "goods"),
        ({"goods": (Goods("Beras", " ", "kg"),)}, "goods"),
        ({"goods": (Goods("x" * 101, "5", "kg"),)}, "goods"),
        ({"phone": "0" * 41}, "phone"),
        ({"notes": "x" * 4001}, "notes"),
    ],
)
def test_an_unusable_fact_is_named_by_its_field(sqlite_office: Office, changes: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidForm) as told:
        sqlite_office.berkas(**changes)
    assert [fault.field for fault in told.value.faults] == [field]
    assert sqlite_office.rows(Berkas) == []


def test_a_meeting_in_the_past_is_refused(sqlite_office: Office) -> None:
    with pytest.raises(InvalidForm) as told:
        sqlite_office.berkas(day=sqlite_office.desk.today() - timedelta(days=1))
    assert told.value.field == "day"


def test_correcting_facts_needs_the_version_that_was_seen(office: Office) -> None:
    berkas_id = office.berkas()
    seen, actor = office.version(berkas_id), office.actor("pemohon")
    changed = application(office.desk.today(), desa="Trawas")
    submit.revise(office.desk, actor, berkas_id, seen, changed)
    with pytest.raises(Conflict):
        submit.revise(office.desk, actor, berkas_id, seen, application(office.desk.today(), desa="Selotapak"))
    assert office.row(berkas_id).desa == "Trawas"


def test_after_handing_in_nothing_can_be_corrected(office: Office) -> None:
    berkas_id, actor = office.berkas(step=2), office.actor("pemohon")
    with pytest.raises(NotYourStep):
        submit.revise(office.desk, actor, berkas_id, office.version(berkas_id), application(office.desk.today()))
    with pytest.raises(NotYourStep):
        submit.attach(office.desk, actor, berkas_id, [Upload("ijin-monev", "a.pdf", PDF)])
    with pytest.raises(NotYourStep):
        submit.set_aside(office.desk, actor, berkas_id, office.rows(Attachment)[0].id)
    with pytest.raises(NotYourStep):
        submit.hand_in(office.desk, actor, berkas_id)


def test_usable_files_are_kept_beside_a_faulty_one(office: Office) -> None:
    berkas_id = office.berkas()
    files = [Upload("pengantar-desa", "a.pdf", PDF), Upload("berkas-pemohon", "b.pdf", b"MZ\x90")]
    faults = submit.attach(office.desk, office.actor("pemohon"), berkas_id, files)
    assert [fault.id for fault in faults] == ["b.pdf: Bukan PDF, JPEG atau PNG yang dapat dibaca."]
    assert [file.name for file in office.detail(berkas_id).files] == ["a.pdf"]


def test_an_attachment_is_encrypted_and_comes_back_whole(office: Office) -> None:
    berkas_id = office.berkas()
    office.attach(berkas_id, "pengantar-desa")
    [row] = office.rows(Attachment)
    assert PDF not in office.desk.blobs.get(row.blob_key)
    assert b"pengantar" not in row.name_sealed
    assert uploads.fetch(row.blob_key, row.sha256, office.desk.blobs, office.desk.vault) == PDF


def test_a_paper_of_an_unknown_requirement_is_refused(sqlite_office: Office) -> None:
    berkas_id = sqlite_office.berkas()
    with pytest.raises(Invalid):
        submit.attach(sqlite_office.desk, sqlite_office.actor("staf"), berkas_id, [Upload("lain", "a.pdf", PDF)])
    assert sqlite_office.rows(Attachment) == []


def test_the_twenty_first_file_is_refused_and_the_others_stay(sqlite_office: Office) -> None:
    berkas_id, actor = sqlite_office.berkas(), sqlite_office.actor("pemohon")
    files = [Upload("berkas-pemohon", f"{n}.pdf", PDF) for n in range(uploads.MAX_FILES + 1)]
    [fault] = submit.attach(sqlite_office.desk, actor, berkas_id, files)
    assert fault.id.startswith("20.pdf: paling banyak 20 file")
    assert len(sqlite_office.rows(Attachment)) == uploads.MAX_FILES


def test_two_uploads_at_once_do_not_pass_the_limit(office: Office) -> None:
    berkas_id, actor = office.berkas(), office.actor("pemohon")
    submit.attach(office.desk, actor, berkas_id, [Upload("berkas-pemohon", "a.pdf", PDF)] * 18)
    more = [Upload("berkas-pemohon", "b.pdf", PDF)] * 2
    given = at_once(*[lambda: submit.attach(office.desk, actor, berkas_id, more)] * 2)
    assert sorted(len(faults) for faults in given if isinstance(faults, list)) == [0, 2]
    assert len(office.rows(Attachment)) == uploads.MAX_FILES


def test_a_file_set_aside_is_kept_but_no_longer_counts(office: Office) -> None:
    berkas_id, actor = office.berkas(), office.actor("pemohon")
    office.attach(berkas_id, "pengantar-desa")
    [row] = office.rows(Attachment)
    submit.set_aside(office.desk, actor, berkas_id, row.id)
    assert office.detail(berkas_id).files == []
    assert uploads.fetch(row.blob_key, row.sha256, office.desk.blobs, office.desk.vault) == PDF
    with pytest.raises(NotFound):
        submit.set_aside(office.desk, actor, berkas_id, row.id)
    with pytest.raises(InvalidForm):
        submit.hand_in(office.desk, actor, berkas_id)


def test_anothers_file_cannot_be_set_aside_or_read(office: Office) -> None:
    mine, others = office.berkas(), office.berkas(by="staf")
    office.attach(others, "pengantar-desa")
    [row] = office.rows(Attachment)
    with pytest.raises(NotFound):
        submit.set_aside(office.desk, office.actor("pemohon"), mine, row.id)
    with pytest.raises(NotFound):
        views.attachment(office.desk, office.actor("pemohon"), others, row.id)
    with pytest.raises(NotFound):
        views.attachment(office.desk, office.actor("pemohon"), mine, row.id)


def test_a_withdrawn_request_is_over(office: Office) -> None:
    berkas_id = office.berkas(step=2)
    submit.withdraw(office.desk, office.actor("pemohon"), berkas_id, office.version(berkas_id), "Rakor ditunda.")
    seen = office.detail(berkas_id, "pemohon")
    assert seen.position == Position(2, State.WITHDRAWN)
    assert seen.events[-1].reason == "Rakor ditunda."
    assert seen.may == frozenset()
    with pytest.raises(NotYourStep):
        office.accept(berkas_id)


def test_withdrawing_needs_a_reason(sqlite_office: Office) -> None:
    berkas_id = sqlite_office.berkas(step=2)
    with pytest.raises(Invalid) as told:
        submit.withdraw(
            sqlite_office.desk, sqlite_office.actor("pemohon"), berkas_id, sqlite_office.version(berkas_id), " \n"
        )
    assert told.value.field == "reason"
    assert sqlite_office.row(berkas_id).step == 2


def test_every_act_so_far_stands_in_the_audit_chain(office: Office) -> None:
    berkas_id = office.berkas(step=2)
    with office.desk.db.read() as session:
        assert audit.check(session, berkas_id) == 3
    assert [entry.act for entry in office.rows(AuditEntry)] == ["dibuka", "lampiran-ditambah", "langkah-1-terima"]
