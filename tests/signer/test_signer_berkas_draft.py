"""SOP step 3: drafting, finalising (number, one rendering), and what a new rendering changes and keeps."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from helpers_office import Office, at_once

from signer.berkas import changes, draft, paraf, submit
from signer.errors import Conflict, Invalid, NotYourStep, StaleRendering, TemplateFault
from signer.sop import Position, State
from signer.tables.berkas import Draft, Paraf, Rendering
from signer.tables.letters import LetterNumber

pytest_plugins = ("helpers_office",)


def test_finalising_fixes_number_signer_mode_and_bytes(office: Office) -> None:
    berkas_id = office.berkas(step=3)
    office.finalise(berkas_id)
    seen = office.detail(berkas_id, "kasi")
    assert seen.position == Position(4, State.RUNNING)
    rendering = seen.rendering
    assert rendering is not None
    assert rendering.number == f"400.9/1/416-304/{office.desk.today().year}"
    assert (rendering.mode, rendering.signatory) == ("simulasi", "SUGONDO, S.Sos., MM.")
    assert rendering.capacity == "CAMAT TRAWAS,"
    pdf = office.desk.blobs.get_checked(rendering.blob_key, rendering.sha256)
    assert (len(pdf), hashlib.sha256(pdf).digest()) == (rendering.size, rendering.sha256)
    [number] = office.rows(LetterNumber)
    assert (number.state, number.text, number.berkas_id) == ("dipesan", rendering.number, berkas_id)


def test_a_draft_is_kept_as_typed_and_names_who_saved_it(office: Office) -> None:
    berkas_id, staf = office.berkas(step=3), office.actor("staf")
    form = office.form(berkas_id, hal="")
    assert draft.save(office.desk, staf, berkas_id, 0, form) == 1
    with office.desk.db.read() as session:
        assert draft.load(office.desk, session, berkas_id) == (form, 1)
        saved = draft.last_saved(session, berkas_id)
    assert saved is not None and saved[0] == staf.name
    [row] = office.rows(Draft)
    assert b"Forkopimcam" not in row.values_sealed


def test_two_staff_saving_one_draft_at_once_is_told(office: Office) -> None:
    berkas_id, staf = office.berkas(step=3), office.actor("staf")
    forms = [office.form(berkas_id, hal=hal) for hal in ("Satu", "Dua")]
    outcome = at_once(*[lambda form=form: draft.save(office.desk, staf, berkas_id, 0, form) for form in forms])
    assert {type(one) for one in outcome} == {int, Conflict}


def test_somebody_elses_newer_draft_is_not_overwritten_unseen(office: Office) -> None:
    berkas_id, staf = office.berkas(step=3), office.actor("staf")
    form, version = office.form(berkas_id), office.version(berkas_id)
    other = replace(staf, user_id=office.actor("admin").user_id)
    draft.save(office.desk, other, berkas_id, 0, replace(form, hal="Lain"))
    with pytest.raises(Conflict):
        draft.finalise(office.desk, staf, berkas_id, version, form, "simulasi", draft_version=0)
    assert office.rows(LetterNumber) == []
    draft.finalise(office.desk, staf, berkas_id, version, form, "simulasi", draft_version=1)
    assert office.row(berkas_id).step == 4


def test_a_preview_has_pages_and_reserves_nothing(office: Office) -> None:
    berkas_id, staf = office.berkas(step=3), office.actor("staf")
    [page] = draft.preview(office.desk, staf, berkas_id, office.form(berkas_id), "simulasi")
    assert page.webp is not None and page.webp[8:12] == b"WEBP"
    again = draft.preview(office.desk, staf, berkas_id, office.form(berkas_id), "simulasi", known=[page.mark])
    assert [(one.mark, one.webp) for one in again] == [(page.mark, None)], "what is shown already is not sent again"
    assert draft.problems(office.desk, staf, berkas_id, office.form(berkas_id), "simulasi") == []
    assert office.rows(LetterNumber) == []
    assert office.row(berkas_id).rendering_id is None


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"template": "lain"}, "template"),
        ({"appointment_id": None}, "appointment_id"),
        ({"letter_date": "kemarin"}, "letter_date"),
        ({"hal": ""}, "hal"),
    ],
)
def test_an_unusable_form_reserves_no_number(office: Office, changed: dict[str, object], field: str) -> None:
    berkas_id = office.berkas(step=3)
    seen = office.version(berkas_id)
    with pytest.raises((Invalid, TemplateFault)) as told:
        office.finalise(berkas_id, **changed)
    assert told.value.field == field
    faults = draft.problems(office.desk, office.actor("staf"), berkas_id, office.form(berkas_id, **changed), "simulasi")
    assert [fault.field for fault in faults] == [field]
    assert office.rows(LetterNumber) == office.rows(Rendering) == []
    assert office.version(berkas_id) == seen
    office.finalise(berkas_id)
    assert [number.sequence for number in office.rows(LetterNumber)] == [1]


def test_a_kasi_is_nobody_the_letter_can_be_composed_for(sqlite_office: Office) -> None:
    berkas_id = sqlite_office.berkas(step=3)
    with pytest.raises(Invalid) as told:
        sqlite_office.finalise(berkas_id, appointment_id=1)  # the Kasi's: a Camat's is wanted
    assert told.value.field == "appointment_id"


@pytest.mark.parametrize("who", ["pemohon", "kasi", "camat", "auditor"])
def test_only_staf_drafts(sqlite_office: Office, who: str) -> None:
    office, berkas_id = sqlite_office, sqlite_office.berkas(step=3)
    form, seen, actor = office.form(berkas_id), office.version(berkas_id), office.actor(who)
    with pytest.raises(NotYourStep):
        draft.save(office.desk, actor, berkas_id, 0, form)
    with pytest.raises(NotYourStep):
        draft.preview(office.desk, actor, berkas_id, form, "simulasi")
    with pytest.raises(NotYourStep):
        draft.problems(office.desk, actor, berkas_id, form, "simulasi")
    with pytest.raises(NotYourStep):
        draft.finalise(office.desk, actor, berkas_id, seen, form, "simulasi")
    assert office.version(berkas_id) == seen
    assert office.rows(LetterNumber) == []


def test_of_two_staff_finalising_at_once_one_does(office: Office) -> None:
    berkas_id, staf = office.berkas(step=3), office.actor("staf")
    form, seen = office.form(berkas_id), office.version(berkas_id)
    outcome = at_once(*[lambda: draft.finalise(office.desk, staf, berkas_id, seen, form, "simulasi")] * 2)
    assert {type(one) for one in outcome} == {int, Conflict}
    assert len(office.rows(Rendering)) == len(office.rows(LetterNumber)) == 1


def test_step_3_returns_to_the_pemohon_with_its_reason(office: Office) -> None:
    berkas_id = office.berkas(step=3)
    office.send_back(berkas_id, "staf", "Tanggal rakor bentrok.")
    seen = office.detail(berkas_id, "pemohon")
    assert seen.position == Position(1, State.RUNNING)
    assert seen.last_return is not None and seen.last_return.reason == "Tanggal rakor bentrok."
    submit.hand_in(office.desk, office.actor("pemohon"), berkas_id)
    assert office.row(berkas_id).step == 2


def test_the_number_outlives_returns_and_the_paraf_does_not(office: Office) -> None:
    berkas_id = office.berkas(step=5)
    first = office.detail(berkas_id).rendering
    assert first is not None
    office.send_back(berkas_id, "camat", "Hal kurang jelas.", to=3)
    assert office.detail(berkas_id).rendering is None
    assert [row.voided_at is None for row in office.rows(Paraf)] == [False]
    office.finalise(berkas_id, hal="Undangan Rakor Penyaluran BSPPS")
    second = office.detail(berkas_id).rendering
    assert second is not None
    assert (second.number, second.sequence) == (first.number, 2)
    assert second.sha256 != first.sha256
    assert office.detail(berkas_id).paraf == []
    assert len(office.rows(LetterNumber)) == 1
    assert office.desk.blobs.get_checked(first.blob_key, first.sha256).startswith(b"%PDF-")


def test_back_at_the_pemohon_and_through_again_keeps_the_number(office: Office) -> None:
    berkas_id = office.berkas(step=4)
    number = office.rows(LetterNumber)[0].text
    office.send_back(berkas_id, "kasi", "Lampiran kabur.")
    office.send_back(berkas_id, "staf", "Lampiran kabur, mohon dipindai ulang.")
    submit.hand_in(office.desk, office.actor("pemohon"), berkas_id)
    office.accept(berkas_id)
    office.finalise(berkas_id)
    rendering = office.detail(berkas_id).rendering
    assert rendering is not None and rendering.number == number


def test_a_changed_letter_says_what_changed(office: Office) -> None:
    berkas_id = office.berkas(step=5)
    office.send_back(berkas_id, "camat", "Hal kurang jelas.", to=3)
    at = office.detail(berkas_id).events[-1].at
    office.finalise(berkas_id, hal="Undangan Rakor Penyaluran BSPPS")
    rendering = office.detail(berkas_id).rendering
    assert rendering is not None
    [change] = changes.since(office.desk, rendering, at)
    assert (change.label, change.after) == ("Hal", "Undangan Rakor Penyaluran BSPPS")


def test_a_rendering_that_was_replaced_takes_no_paraf(office: Office) -> None:
    berkas_id = office.berkas(step=4)
    shown = office.shown(berkas_id)
    office.send_back(berkas_id, "kasi", "Perbaiki hal.")
    office.finalise(berkas_id, hal="Undangan Rakor Penyaluran BSPPS")
    with pytest.raises(StaleRendering):
        paraf.give(office.desk, office.keys, office.actor("kasi"), berkas_id, shown, "frasa-kasi-simulasi")
    assert office.rows(Paraf) == []
