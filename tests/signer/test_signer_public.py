"""What strangers may look up: a letter by its token or its very file, and nothing that names people."""

from __future__ import annotations

import hashlib
from dataclasses import asdict

import pytest
from helpers_office import Office

from signer.tables.berkas import Rendering
from signer.tables.letters import Letter, SigningAttempt
from verifier.records import PublicLetter

pytest_plugins = ("helpers_office",)


def only_letter(office: Office) -> PublicLetter:
    """What a stranger finds under the one letter's token."""
    found = office.house.records.letter(office.rows(Letter)[0].token)
    assert found is not None
    return found


def test_a_token_opens_its_letter_and_file(office: Office) -> None:
    berkas_id = office.berkas(step=8, phone="081234567")
    row = office.rows(Letter)[0]
    letter = only_letter(office)
    assert (letter.number, letter.status, letter.mode) == (row.number, "berlaku", "simulasi")
    assert (letter.register_number, letter.log_index, letter.pages) == (1, 0, 1)
    assert (letter.office, letter.government) == ("KECAMATAN TRAWAS", "PEMERINTAH KABUPATEN MOJOKERTO")
    pdf = office.house.records.file(letter)
    assert pdf is not None and hashlib.sha256(pdf).digest() == letter.sha256
    told = str(asdict(letter))
    for secret in ("Siti", "Ketapanrame", "081234567", "Forkopimcam", office.row(berkas_id).code):
        assert secret not in told


def test_an_unknown_token_opens_nothing(office: Office) -> None:
    office.berkas(step=6)
    token, records = office.rows(Letter)[0].token, office.house.records
    for wrong in ("", "A" * 16, token[:-1], token + "0", "%" * 16, token[:15] + "_"):
        assert records.letter(wrong) is None
        assert records.by_token(wrong) is None


def test_a_letter_in_the_making_is_not_public(office: Office) -> None:
    berkas_id, seen = office.berkas(step=5), []

    def look(point: str) -> None:
        if point == "tersimpan":
            token = office.rows(SigningAttempt)[0].token
            seen.append(office.house.records.by_token(token))

    office.sign(berkas_id, office.keys_with(passed=look))
    assert seen == [None]


def test_only_the_very_file_is_identical(office: Office) -> None:
    office.berkas(step=6)
    letter, records = only_letter(office), office.house.records
    by_file, by_token = records.by_sha256(letter.sha256), records.by_token(letter.token)
    assert by_file is not None and by_file.identical
    assert by_token is not None and not by_token.identical
    assert records.by_sha256(bytes(32)) is None


def test_a_file_that_is_gone_from_the_store_is_none(sqlite_office: Office) -> None:
    office = sqlite_office
    office.berkas(step=6)
    letter = only_letter(office)
    (office.house.settings.instance / "blobs" / letter.blob_key).unlink()
    assert office.house.records.file(letter) is None


@pytest.mark.parametrize("status", ["dicabut", "diganti"])
def test_a_letter_no_longer_in_force_says_so_and_is_listed_by_its_tokens_hash(office: Office, status: str) -> None:
    office.berkas(step=6)
    records = office.house.records
    assert records.withdrawn() == []
    with office.desk.db.begin() as session:
        session.query(Letter).one().status = status
    letter = only_letter(office)
    assert letter.status == status
    [listed] = records.withdrawn()
    assert (listed.token_sha256, listed.status) == (hashlib.sha256(letter.token.encode()).digest(), status)


@pytest.mark.parametrize(("sifat", "shown"), [("Biasa", True), ("Terbatas", False), ("Rahasia", False)])
def test_pages_are_shown_only_where_the_letter_allows(sqlite_office: Office, sifat: str, shown: bool) -> None:
    office = sqlite_office
    office.berkas(step=6)
    with office.desk.db.begin() as session:
        session.query(Rendering).one().classification = sifat
    assert only_letter(office).shows_pages is shown
