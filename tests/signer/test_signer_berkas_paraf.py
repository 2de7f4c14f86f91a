"""SOP step 4: the Kasi's paraf over the exact bytes, and every return that steps 3 to 5 know."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, BrokenBarrierError

import pytest
from helpers_office import PASSPHRASES, Office, at_once

from signer import passphrases, tanggal
from signer.berkas import check, paraf, submit
from signer.errors import (
    Conflict,
    Invalid,
    KeyUnavailable,
    NotFound,
    NotYourStep,
    SigningRefused,
    StaleRendering,
    TooManyAttempts,
    WrongPassphrase,
)
from signer.keys.base import Key
from signer.sop import Decision, Position, State
from signer.tables.berkas import Berkas, Paraf, Rendering
from signer.tables.letters import KeyFailure, LetterNumber
from signer.tables.office import Appointment
from verifier import cades
from verifier.errors import VerificationError
from verifier.trust import Trust

pytest_plugins = ("helpers_office",)


def test_a_paraf_is_a_signature_over_the_rendering(office: Office) -> None:
    berkas_id = office.berkas(step=5)
    seen = office.detail(berkas_id, "camat")
    assert seen.position == Position(5, State.RUNNING)
    [(given, who)] = seen.paraf
    rendering = seen.rendering
    assert rendering is not None
    pdf = office.desk.blobs.get_checked(rendering.blob_key, rendering.sha256)
    facts = cades.verify(pdf, given.signature, office.keys.trust)
    assert abs(facts.signed_at - given.signed_at) < timedelta(seconds=1)
    assert (who.role, who.holder) == ("kasi", "Drs. Bambang Prasetyo")
    with pytest.raises(VerificationError):
        cades.verify(pdf + b" ", given.signature, office.keys.trust)


def test_the_signed_bytes_are_those_that_were_rendered(office: Office) -> None:
    """The paraf never touches the file: what Kasi saw is what Camat signs."""
    berkas_id = office.berkas(step=4)
    before = office.shown(berkas_id)
    office.give_paraf(berkas_id)
    assert office.shown(berkas_id) == before
    assert len(office.rows(Rendering)) == 1


def test_a_wrong_passphrase_changes_nothing_and_is_counted(office: Office) -> None:
    berkas_id = office.berkas(step=4)
    seen, kasi = office.version(berkas_id), office.actor("kasi")
    with pytest.raises(WrongPassphrase):
        office.give_paraf(berkas_id, secret="salah")
    assert passphrases.attempts_left(office.desk, kasi) == passphrases.LIMIT - 1
    assert office.rows(Paraf) == []
    assert office.version(berkas_id) == seen
    office.give_paraf(berkas_id)
    assert office.row(berkas_id).step == 5


def test_five_wrong_passphrases_close_the_key_for_a_quarter_of_an_hour(office: Office) -> None:
    berkas_id = office.berkas(step=4)
    office.clock.shift(minutes=-20)
    for _ in range(passphrases.LIMIT):
        with pytest.raises(WrongPassphrase):
            office.give_paraf(berkas_id, secret="salah")
    with pytest.raises(TooManyAttempts):
        office.give_paraf(berkas_id)
    office.clock.shift(minutes=14)
    with pytest.raises(TooManyAttempts):
        office.give_paraf(berkas_id)
    office.clock.shift(minutes=6)
    office.give_paraf(berkas_id)
    assert office.row(berkas_id).step == 5


def test_guessing_at_once_gets_no_more_than_five_guesses(office: Office) -> None:
    berkas_id = office.berkas(step=4)
    together = Barrier(8)

    def open_key(appointment: Appointment) -> Key:
        with suppress(BrokenBarrierError):  # nobody tries the key before all who may have come this far
            together.wait(timeout=1)
        return office.keys.open_key(appointment)

    patient = office.keys_with(open_key=open_key)
    outcome = at_once(*[lambda: office.give_paraf(berkas_id, patient, "salah")] * together.parties)
    kinds = [type(one) for one in outcome]
    assert set(kinds) == {WrongPassphrase, TooManyAttempts}
    assert kinds.count(WrongPassphrase) == len(office.rows(KeyFailure)) == passphrases.LIMIT


def test_of_two_clicks_at_once_one_gives_the_paraf(office: Office) -> None:
    berkas_id = office.berkas(step=4)
    outcome = at_once(*[lambda: office.give_paraf(berkas_id)] * 2)
    assert {type(one) for one in outcome} == {type(None), NotYourStep}
    assert len(office.rows(Paraf)) == 1


def test_a_kasi_without_an_appointment_gives_no_paraf(sqlite_office: Office) -> None:
    office, berkas_id = sqlite_office, sqlite_office.berkas(step=4)
    yesterday = tanggal.wib(office.clock() - timedelta(days=1)).date()
    with office.desk.db.begin() as session:
        for row in session.query(Appointment).filter_by(role="kasi"):
            row.starts_on, row.ends_on = yesterday - timedelta(days=9), yesterday
    with pytest.raises(KeyUnavailable):
        office.give_paraf(berkas_id)
    assert office.row(berkas_id).step == 4


def test_a_paraf_that_does_not_verify_is_not_kept(sqlite_office: Office) -> None:
    office, berkas_id = sqlite_office, sqlite_office.berkas(step=4)
    with pytest.raises(SigningRefused):
        office.give_paraf(berkas_id, office.keys_with(trust=Trust((), ())))
    assert office.rows(Paraf) == []
    office.give_paraf(berkas_id)
    assert office.row(berkas_id).step == 5


@pytest.mark.parametrize("who", ["pemohon", "staf", "camat", "auditor", "admin"])
def test_only_the_kasi_gives_paraf(sqlite_office: Office, who: str) -> None:
    office, berkas_id = sqlite_office, sqlite_office.berkas(step=4)
    with pytest.raises((NotYourStep, NotFound)):
        paraf.give(office.desk, office.keys, office.actor(who), berkas_id, office.shown(berkas_id), PASSPHRASES["kasi"])
    assert office.rows(Paraf) == []


def test_another_seksis_kasi_gives_no_paraf(sqlite_office: Office) -> None:
    office, berkas_id = sqlite_office, sqlite_office.berkas(step=4)
    other = replace(office.actor("kasi"), seksi="pemerintahan")
    with pytest.raises(NotYourStep):
        paraf.give(office.desk, office.keys, other, berkas_id, office.shown(berkas_id), PASSPHRASES["kasi"])


@pytest.mark.parametrize(
    ("step", "who", "to", "lands"),
    [(3, "staf", None, 1), (4, "kasi", None, 3), (5, "camat", None, 3), (5, "camat", 4, 4)],
)
def test_every_return_that_can_return(office: Office, step: int, who: str, to: int | None, lands: int) -> None:
    berkas_id = office.berkas(step=step)
    files = [file.sha256 for file in office.detail(berkas_id).files]
    office.send_back(berkas_id, who, "Mohon diperbaiki.", to)
    seen = office.detail(berkas_id, "pemohon")
    assert seen.position == Position(lands, State.RUNNING)
    assert seen.last_return is not None
    assert (seen.last_return.step, seen.last_return.decision) == (step, Decision.RETURN)
    assert seen.last_return.reason == "Mohon diperbaiki."
    assert [file.sha256 for file in seen.files] == files
    assert (seen.rendering is None) == (lands <= 3)


def test_back_at_the_kasi_the_same_bytes_get_a_new_paraf(office: Office) -> None:
    berkas_id = office.berkas(step=5)
    shown = office.shown(berkas_id)
    office.send_back(berkas_id, "camat", "Sudah benar desanya?", to=4)
    assert office.detail(berkas_id).paraf == []
    office.give_paraf(berkas_id)
    assert office.shown(berkas_id) == shown
    assert [row.voided_at is None for row in office.rows(Paraf)] == [False, True]
    office.sign(berkas_id)
    assert office.row(berkas_id).step == 6


@pytest.mark.parametrize(
    ("step", "who", "to"), [(4, "kasi", 1), (4, "kasi", 5), (5, "camat", 1), (5, "camat", 6), (3, "staf", 2)]
)
def test_a_return_leads_only_where_the_sop_says(sqlite_office: Office, step: int, who: str, to: int) -> None:
    berkas_id = sqlite_office.berkas(step=step)
    with pytest.raises(NotYourStep):
        sqlite_office.send_back(berkas_id, who, "Mohon diperbaiki.", to)
    assert sqlite_office.row(berkas_id).step == step


@pytest.mark.parametrize(("step", "who"), [(1, "pemohon"), (2, "staf"), (6, "staf"), (7, "pemohon"), (8, "staf")])
def test_no_other_step_sends_back_this_way(sqlite_office: Office, step: int, who: str) -> None:
    berkas_id = sqlite_office.berkas(step=step)
    with pytest.raises(NotYourStep):
        sqlite_office.send_back(berkas_id, who, "Mohon diperbaiki.")


def test_a_return_needs_a_reason_and_the_version_seen(office: Office) -> None:
    berkas_id, kasi = office.berkas(step=4), office.actor("kasi")
    seen = office.version(berkas_id)
    for reason in ("", " \n ", "x" * 2001):
        with pytest.raises(Invalid) as told:
            paraf.send_back(office.desk, kasi, berkas_id, seen, reason)
        assert told.value.field == "reason"
    with pytest.raises(Conflict):
        paraf.send_back(office.desk, kasi, berkas_id, seen - 1, "Mohon diperbaiki.")
    assert office.row(berkas_id).step == 4


def test_paraf_and_return_at_once_one_wins(office: Office) -> None:
    berkas_id = office.berkas(step=4)
    # What both were shown is fixed beforehand: the return may win before the other one has even begun.
    shown, version, kasi = office.shown(berkas_id), office.version(berkas_id), office.actor("kasi")
    outcome = at_once(
        lambda: paraf.give(office.desk, office.keys, kasi, berkas_id, shown, PASSPHRASES["kasi"]),
        lambda: paraf.send_back(office.desk, kasi, berkas_id, version, "Mohon diperbaiki."),
    )
    failed = [one for one in outcome if one is not None]
    assert len(failed) == 1 and isinstance(failed[0], NotYourStep | Conflict | StaleRendering)
    standing = [row for row in office.rows(Paraf) if row.voided_at is None]
    assert (office.row(berkas_id).step, len(standing)) in {(5, 1), (3, 0)}


@pytest.mark.parametrize("who", ["kasi", "camat"])
def test_refused_for_good_the_number_is_batal_with_the_reason(office: Office, who: str) -> None:
    berkas_id = office.berkas(step=4 if who == "kasi" else 5)
    reason = "Kegiatan dibatalkan kabupaten."
    check.refuse(office.desk, office.actor(who), berkas_id, office.version(berkas_id), reason)
    [number] = office.rows(LetterNumber)
    assert (number.state, number.reason) == ("batal", reason)
    assert office.detail(berkas_id, "pemohon").events[-1].reason == reason
    following = office.berkas(step=4)
    assert [row.sequence for row in office.rows(LetterNumber, berkas_id=following)] == [2]


def test_withdrawn_after_finalising_the_number_is_batal(office: Office) -> None:
    berkas_id = office.berkas(step=5)
    submit.withdraw(office.desk, office.actor("pemohon"), berkas_id, office.version(berkas_id), "Rakor batal.")
    [number] = office.rows(LetterNumber)
    assert (number.state, number.reason) == ("batal", "Rakor batal.")
    assert office.rows(Berkas)[0].state == State.WITHDRAWN.value
    with pytest.raises(NotYourStep):
        office.sign(berkas_id)
