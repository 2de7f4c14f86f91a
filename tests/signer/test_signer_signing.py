"""SOP step 5: one signature, one letter; what is refused leaves the berkas where it was."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest
from helpers_office import PASSPHRASES, Office, at_once

from signer import audit, passphrases, signing
from signer.berkas import submit
from signer.errors import (
    Conflict,
    Invalid,
    KeyUnavailable,
    NotFound,
    NotYourStep,
    StaleRendering,
    TooManyAttempts,
    WrongPassphrase,
)
from signer.sop import Position, State
from signer.tables.berkas import Paraf
from signer.tables.letters import KeyFailure, Letter, LetterFile, LetterNumber, SigningAttempt
from signer.tables.office import Appointment
from signer.tables.record import LogLeaf
from verifier import examine

pytest_plugins = ("helpers_office",)


def test_signing_makes_one_letter_that_a_stranger_can_check(office: Office) -> None:
    berkas_id = office.berkas(step=6)
    seen = office.detail(berkas_id)
    assert seen.position == Position(6, State.RUNNING)
    letter, file, rendering = seen.letter, seen.letter_file, seen.rendering
    assert letter is not None and file is not None and rendering is not None
    pdf = office.desk.blobs.get_checked(file.blob_key, file.sha256)
    report = examine.pdf(pdf, name="letter.pdf", trust=office.keys.trust, records=office.house.records)
    report.require_valid()
    assert report.signatures[0].level == "B-LTA" and report.signatures[0].certified
    assert report.registry is not None and report.registry.identical
    rendered = office.desk.blobs.get_checked(rendering.blob_key, rendering.sha256)
    assert pdf.startswith(rendered)
    assert (letter.number, letter.mode, letter.status) == (rendering.number, "simulasi", "berlaku")


def trial_letter_number_attempt_audit_and_log_change_together(office: Office) -> None:
    berkas_id = office.berkas(step=6)
    [letter] = office.rows(Letter)
    [number] = office.rows(LetterNumber)
    [attempt] = office.rows(SigningAttempt)
    [leaf] = office.rows(LogLeaf)
    [file] = office.rows(LetterFile)
    assert (number.state, number.text) == ("terpakai", letter.number)
    assert (attempt.state, attempt.token, attempt.id) == ("selesai", letter.token, letter.attempt_id)
    assert (leaf.index, leaf.file_sha256) == (0, file.sha256)
    assert leaf.token_sha256 == hashlib.sha256(letter.token.encode()).digest()
    with office.desk.db.read() as session:
        audit.check(session, berkas_id)
        acts = [entry.act for entry in audit.entries(session, berkas_id)]
        assert letter.token not in str([entry.detail for entry in audit.entries(session, berkas_id)])
    assert acts[-3:] == ["tandatangan-mulai", "langkah-5-terima", "surat-terbit"]


def test_a_signed_letter_is_not_signed_again_nor_sent_back(office: Office) -> None:
    berkas_id = office.berkas(step=6)
    with pytest.raises(NotYourStep):
        office.sign(berkas_id)
    with pytest.raises(NotYourStep):
        office.send_back(berkas_id, "camat", "Salah.")
    with pytest.raises(NotYourStep):
        submit.withdraw(office.desk, office.actor("pemohon"), berkas_id, office.version(berkas_id), "Batal.")
    assert len(office.rows(Letter)) == len(office.rows(SigningAttempt)) == 1


def test_a_wrong_passphrase_leaves_no_attempt(office: Office) -> None:
    berkas_id = office.berkas(step=5)
    with pytest.raises(WrongPassphrase):
        office.sign(berkas_id, secret="salah")
    assert office.rows(SigningAttempt) == office.rows(Letter) == []
    assert passphrases.attempts_left(office.desk, office.actor("camat")) == passphrases.LIMIT - 1
    assert office.detail(berkas_id, "camat").failed_attempt is None
    office.sign(berkas_id)
    assert passphrases.attempts_left(office.desk, office.actor("camat")) == passphrases.LIMIT - 1


def test_wrong_passphrases_are_limited_and_never_kept(office: Office) -> None:
    berkas_id = office.berkas(step=5)
    for _ in range(passphrases.LIMIT):
        with pytest.raises(WrongPassphrase):
            office.sign(berkas_id, secret="rahasia-salah-9173")
    with pytest.raises(TooManyAttempts):
        office.sign(berkas_id)
    assert passphrases.attempts_left(office.desk, office.actor("kasi")) == passphrases.LIMIT
    assert len(office.rows(KeyFailure)) == passphrases.LIMIT
    kept = [path.read_bytes() for path in office.house.settings.instance.rglob("*") if path.is_file()]
    assert not any(b"rahasia-salah-9173" in data or PASSPHRASES["camat"].encode() in data for data in kept)


def test_a_rendering_that_was_replaced_is_not_signed(office: Office) -> None:
    berkas_id = office.berkas(step=5)
    shown, camat = office.shown(berkas_id), office.actor("camat")
    office.send_back(berkas_id, "camat", "Perbaiki hal.", to=3)
    office.finalise(berkas_id, hal="Undangan Rakor Penyaluran BSPPS")
    office.give_paraf(berkas_id)
    with pytest.raises(StaleRendering):
        signing.sign(office.desk, office.keys, camat, berkas_id, shown, PASSPHRASES["camat"])
    assert office.rows(SigningAttempt) == []


def test_of_two_clicks_at_once_exactly_one_makes_the_letter(office: Office) -> None:
    berkas_id = office.berkas(step=5)
    outcome = at_once(*[lambda: office.sign(berkas_id)] * 2)
    made = [one for one in outcome if isinstance(one, int)]
    refused = [one for one in outcome if not isinstance(one, int)]
    assert len(made) == 1 and isinstance(refused[0], Conflict | NotYourStep)
    assert [letter.id for letter in office.rows(Letter)] == made
    assert len(office.rows(LogLeaf)) == len(office.rows(LetterFile)) == 1
    assert [attempt.state for attempt in office.rows(SigningAttempt)] == ["selesai"]


def test_while_it_is_being_signed_nobody_takes_the_berkas_away(office: Office) -> None:
    berkas_id, told = office.berkas(step=5), []

    def meddle(point: str) -> None:
        if point != "diperiksa":
            return
        for act in (
            lambda: office.send_back(berkas_id, "camat", "Salah."),
            lambda: submit.withdraw(
                office.desk, office.actor("pemohon"), berkas_id, office.version(berkas_id), "Batal."
            ),
            lambda: office.sign(berkas_id),
        ):
            with pytest.raises(Conflict) as fault:
                act()
            told.append(fault.value.id)

    office.sign(berkas_id, office.keys_with(passed=meddle))
    assert told == ["Surat ini sedang ditandatangani. Tunggu sebentar, lalu muat ulang halaman."] * 3
    assert len(office.rows(Letter)) == 1


@pytest.mark.parametrize("then", ["returned", "signed", "withdrawn"])
def test_a_signature_that_comes_after_its_lease_does_not_undo_what_was_decided(office: Office, then: str) -> None:
    """The process was not dead, only slow: others went on after its lease, and its result is dropped."""
    office.clock.shift(minutes=-10)
    berkas_id = office.berkas(step=5)

    def meanwhile(point: str) -> None:
        if point != "tersimpan":
            return
        office.clock.shift(seconds=signing.LEASE.total_seconds() + 1)
        if then == "signed":
            office.sign(berkas_id)
        elif then == "withdrawn":
            version = office.version(berkas_id)
            submit.withdraw(office.desk, office.actor("pemohon"), berkas_id, version, "Batal.")
        else:
            office.send_back(berkas_id, "camat", "Tunggu, salah desa?", to=4)
            office.give_paraf(berkas_id)

    with pytest.raises((Conflict, NotYourStep)):
        office.sign(berkas_id, office.keys_with(passed=meanwhile))
    letters = office.rows(Letter)
    assert len(letters) == (1 if then == "signed" else 0)
    assert office.rows(SigningAttempt)[0].state == "ditinggalkan"
    if then == "returned":
        office.sign(berkas_id)
        assert len(office.rows(Letter)) == 1


def test_an_earlier_letter_date_needs_the_camats_confirmation(office: Office) -> None:
    office.clock.shift(hours=-1)
    berkas_id = office.berkas(step=3)
    yesterday = office.desk.today() - timedelta(days=1)
    office.finalise(berkas_id, letter_date=yesterday.isoformat())
    office.give_paraf(berkas_id)
    shown, camat = office.shown(berkas_id), office.actor("camat")
    with pytest.raises(Invalid) as told:
        signing.sign(office.desk, office.keys, camat, berkas_id, shown, PASSPHRASES["camat"])
    assert told.value.field == "confirm_date"
    assert office.rows(SigningAttempt) == []
    office.sign(berkas_id)
    assert office.rows(Letter)[0].letter_date == yesterday


def test_a_letter_dated_tomorrow_is_never_signed_today(sqlite_office: Office) -> None:
    office, berkas_id = sqlite_office, sqlite_office.berkas(step=3)
    tomorrow = office.desk.today() + timedelta(days=1)
    office.finalise(berkas_id, letter_date=tomorrow.isoformat())
    office.give_paraf(berkas_id)
    with pytest.raises(Invalid) as told:
        office.sign(berkas_id)
    assert told.value.field == "confirm_date"


def test_without_a_standing_paraf_nothing_is_signed(sqlite_office: Office) -> None:
    office, berkas_id = sqlite_office, sqlite_office.berkas(step=5)
    with office.desk.db.begin() as session:
        for row in session.query(Paraf):
            row.voided_at = office.clock()
    with pytest.raises(NotYourStep):
        office.sign(berkas_id)
    assert office.rows(SigningAttempt) == []


def test_an_appointment_that_ended_signs_nothing(sqlite_office: Office) -> None:
    office, berkas_id = sqlite_office, sqlite_office.berkas(step=5)
    today = office.desk.today()
    with office.desk.db.begin() as session:
        for row in session.query(Appointment).filter_by(role="camat"):
            row.starts_on, row.ends_on = today - timedelta(days=9), today - timedelta(days=1)
    with pytest.raises(KeyUnavailable):
        office.sign(berkas_id)
    office.send_back(berkas_id, "camat", "Penunjukan berakhir.", to=3)
    assert office.row(berkas_id).step == 3


@pytest.mark.parametrize("who", ["pemohon", "staf", "kasi", "auditor", "admin"])
def test_only_the_camat_signs(sqlite_office: Office, who: str) -> None:
    office, berkas_id = sqlite_office, sqlite_office.berkas(step=5)
    shown, actor = office.shown(berkas_id), office.actor(who)
    with pytest.raises((NotYourStep, NotFound)):
        signing.sign(office.desk, office.keys, actor, berkas_id, shown, PASSPHRASES["camat"])
    assert office.rows(SigningAttempt) == []


def test_another_camat_does_not_sign_in_the_first_ones_name(sqlite_office: Office) -> None:
    office, berkas_id = sqlite_office, sqlite_office.berkas(step=5)
    other = replace(office.actor("camat"), user_id=office.actor("admin").user_id)
    with pytest.raises(NotYourStep) as told:
        signing.sign(office.desk, office.keys, other, berkas_id, office.shown(berkas_id), PASSPHRASES["camat"])
    assert "SUGONDO" in told.value.id
