"""What a stranger's check would not pass never becomes a letter; it is kept as evidence and the berkas goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from helpers_office import MovableClock, Office
from pyhanko.sign.timestamps import HTTPTimeStamper

from certs_dev.authority import DevAuthority
from signer.desk import KeyDesk
from signer.errors import SigningRefused, SuratError, TimestampUnavailable
from signer.keys.pkcs12 import Pkcs12Key
from signer.tables.berkas import Paraf
from signer.tables.letters import Letter, LetterNumber, SigningAttempt
from signer.tables.office import Appointment
from signer.tables.record import LogLeaf
from verifier.trust import Trust

pytest_plugins = ("helpers_office",)


def off_clock(office: Office, **amount: float) -> KeyDesk:
    """The office's keys with a timestamp authority whose clock is wrong."""
    clock = MovableClock(timedelta(**amount))
    folder = office.house.settings.instance / "pki"
    authority = DevAuthority.open(folder, service_passphrase=office.house.secret("pki"), clock=clock)
    authorities = replace(office.keys.authorities, timestamper=authority.timestamper)

    def open_key(who: Appointment) -> Pkcs12Key:
        path = authority.person_path(who.key_name)
        return Pkcs12Key(path, authorities, mode="simulasi", certificate=who.certificate)

    return office.keys_with(authorities=authorities, open_key=open_key)


def assert_goes_on(office: Office, berkas_id: int) -> None:
    """The right keys make the letter afterwards, with the same number."""
    number = office.rows(LetterNumber)[0].text
    office.sign(berkas_id)
    [letter] = office.rows(Letter)
    assert letter.number == number
    assert [attempt.state for attempt in office.rows(SigningAttempt)] == ["gagal", "selesai"]
    assert office.detail(berkas_id, "camat").failed_attempt is None


def test_a_timestamp_20_minutes_late_is_refused_with_evidence(office: Office) -> None:
    berkas_id = office.berkas(step=5)
    with pytest.raises(SigningRefused) as told:
        office.sign(berkas_id, off_clock(office, minutes=-20))
    assert told.value.id.startswith("Hasil tanda tangan tidak lolos pemeriksaan")
    assert office.rows(Letter) == office.rows(LogLeaf) == []
    [attempt] = office.rows(SigningAttempt)
    assert (attempt.state, attempt.error_code) == ("gagal", "signing-refused")
    assert attempt.ended_at is not None and attempt.detail
    refused = office.desk.blobs.get(attempt.evidence_key)
    rendering = office.detail(berkas_id).rendering
    assert rendering is not None
    assert refused.startswith(office.desk.blobs.get(rendering.blob_key)) and b"/ByteRange" in refused
    assert office.row(berkas_id).step == 5
    assert office.detail(berkas_id, "camat").failed_attempt is not None
    assert_goes_on(office, berkas_id)


def test_another_offices_root_is_not_trusted(office: Office, tmp_path: Path) -> None:
    berkas_id = office.berkas(step=5)
    other = DevAuthority.create(tmp_path / "other", base_url="http://other.test", service_passphrase="lain", people=())
    with pytest.raises(SigningRefused):
        office.sign(berkas_id, office.keys_with(trust=Trust.from_pem(other.trust_pem())))
    assert office.rows(Letter) == []
    assert_goes_on(office, berkas_id)


def test_trust_without_the_offices_seal_is_refused_with_evidence(sqlite_office: Office) -> None:
    """The signature is good, but strangers could not check the QR: no letter either."""
    office, berkas_id = sqlite_office, sqlite_office.berkas(step=5)
    rootless = Trust(office.keys.trust.anchors, ())
    with pytest.raises(SigningRefused):
        office.sign(berkas_id, office.keys_with(trust=rootless))
    [attempt] = office.rows(SigningAttempt)
    assert attempt.state == "gagal" and attempt.evidence_key
    assert_goes_on(office, berkas_id)


def test_a_timestamp_authority_that_is_away_leaves_no_letter(sqlite_office: Office) -> None:
    office, berkas_id = sqlite_office, sqlite_office.berkas(step=5)
    away = replace(office.keys.authorities, timestamper=HTTPTimeStamper("http://127.0.0.1:9/tsa", timeout=1))

    def open_key(who: Appointment) -> Pkcs12Key:
        path = office.house.authority.person_path(who.key_name)
        return Pkcs12Key(path, away, mode="simulasi", certificate=who.certificate)

    with pytest.raises(TimestampUnavailable):
        office.sign(berkas_id, office.keys_with(authorities=away, open_key=open_key))
    [attempt] = office.rows(SigningAttempt)
    assert (attempt.state, attempt.error_code, attempt.evidence_key) == ("gagal", "timestamp-unavailable", "")
    assert_goes_on(office, berkas_id)


def test_a_paraf_that_no_longer_holds_stops_the_key(sqlite_office: Office) -> None:
    office, berkas_id = sqlite_office, sqlite_office.berkas(step=5)
    points: list[str] = []
    with office.desk.db.begin() as session:
        row = session.query(Paraf).one()
        row.signature = row.signature[:-1] + bytes([row.signature[-1] ^ 1])
    with pytest.raises(SigningRefused) as told:
        office.sign(berkas_id, office.keys_with(passed=points.append))
    assert told.value.id.startswith("Paraf tidak lolos pemeriksaan")
    assert points == ["klaim"]
    office.send_back(berkas_id, "camat", "Paraf rusak.", to=4)
    office.give_paraf(berkas_id)
    office.sign(berkas_id)
    assert len(office.rows(Letter)) == 1


def test_a_damaged_rendering_is_never_signed(sqlite_office: Office) -> None:
    office, berkas_id = sqlite_office, sqlite_office.berkas(step=5)
    rendering = office.detail(berkas_id).rendering
    assert rendering is not None
    path = office.house.settings.instance / "blobs" / rendering.blob_key
    path.write_bytes(path.read_bytes() + b"\n")
    points: list[str] = []
    with pytest.raises(Exception) as told:
        office.sign(berkas_id, office.keys_with(passed=points.append))
    assert not isinstance(told.value, SuratError)
    assert "ditandatangani" not in points
    [attempt] = office.rows(SigningAttempt)
    assert (attempt.state, attempt.error_code) == ("gagal", "BlobMissing")


def test_the_points_of_signing_are_passed_in_order(sqlite_office: Office) -> None:
    points: list[str] = []
    sqlite_office.sign(sqlite_office.berkas(step=5), sqlite_office.keys_with(passed=points.append))
    assert points == [
        "klaim",
        "paraf-diperiksa",
        "qr-dibaca",
        "ditandatangani",
        "diperpanjang",
        "diperiksa",
        "tersimpan",
        "sebelum-commit",
        "commit",
    ]
