"""What strangers may look up: a letter by its token or its very file, and nothing that names people."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from helpers_office import Office

from signer.blobs import BlobMissing
from signer.errors import NotFound
from signer.tables.letters import Letter

pytest_plugins = ("helpers_office",)


def test_a_token_opens_its_letter_and_file(office: Office) -> None:
    berkas_id = office.berkas(step=8, phone="081234567")
    row = office.rows(Letter)[0]
    records = office.house.records
    letter = records.letter(row.token)
    assert (letter.number, letter.status, letter.mode) == (row.number, "berlaku", "simulasi")
    assert (letter.register_number, letter.log_index, letter.pages) == (1, 0, 1)
    assert letter.office == "KECAMATAN TRAWAS, PEMERINTAH KABUPATEN MOJOKERTO"
    pdf = records.file(letter)
    assert len(pdf) == letter.size
    told = str(asdict(letter))
    for secret in ("Siti", "Ketapanrame", "081234567", "Forkopimcam", office.row(berkas_id).code):
        assert secret not in told


def test_an_unknown_token_opens_nothing(office: Office) -> None:
    token = office.rows(Letter)[0].token if office.berkas(step=6) else ""
    records = office.house.records
    for wrong in ("", "A" * 16, token.lower(), token[:-1], token + "0", "%" * 16):
        with pytest.raises(NotFound):
            records.letter(wrong)
        assert records.by_token(wrong) is None


def test_a_letter_in_the_making_is_not_public(office: Office) -> None:
    berkas_id, seen = office.berkas(step=5), []

    def look(point: str) -> None:
        if point == "tersimpan":
            from signer.tables.letters import SigningAttempt

            token = office.rows(SigningAttempt)[0].token
            seen.append(office.house.records.by_token(token))

    office.sign(berkas_id, office.keys_with(passed=look))
    assert seen == [None]


def test_only_the_very_file_is_identical(office: Office) -> None:
    office.berkas(step=6)
    row, records = office.rows(Letter)[0], office.house.records
    letter = records.letter(row.token)
    by_file, by_token = records.by_sha256(letter.sha256), records.by_token(row.token)
    assert by_file is not None and by_file.identical
    assert by_token is not None and not by_token.identical
    assert records.by_sha256(bytes(32)) is None


def test_a_file_that_changed_in_the_store_is_not_given_out(sqlite_office: Office) -> None:
    office = sqlite_office
    office.berkas(step=6)
    records = office.house.records
    letter = records.letter(office.rows(Letter)[0].token)
    path = office.house.settings.instance / "blobs" / letter.blob_key
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(BlobMissing):
        records.file(letter)
    path.unlink()
    with pytest.raises(BlobMissing):
        records.file(letter)


@pytest.mark.parametrize(("sifat", "shown"), [("Biasa", True), ("Terbatas", False), ("Rahasia", False)])
def test_pages_are_shown_only_where_the_letter_allows(sqlite_office: Office, sifat: str, shown: bool) -> None:
    from signer.tables.berkas import Rendering

    office = sqlite_office
    office.berkas(step=6)
    with office.desk.db.begin() as session:
        session.query(Rendering).one().classification = sifat
    assert office.house.records.letter(office.rows(Letter)[0].token).shows_pages is shown
