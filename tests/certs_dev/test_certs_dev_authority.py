"""The folder: whole or absent, private, shared by several processes."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import pem
from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs12

from certs_dev.authority import DevAuthority
from certs_dev.certificates import to_asn1
from certs_dev.errors import (
    AlreadyIssuedError,
    AlreadyRevokedError,
    AuthorityExistsError,
    AuthorityMissingError,
    InvalidPersonError,
    UnknownCertificateError,
    WrongServicePassphraseError,
)
from certs_dev.people import Person

SERVICE = "service-passphrase-of-the-tests-0123456789"
STAF = Person("staf", "Budi Santoso", "Pengolah Data", "rahasia staf")
Make = Callable[..., DevAuthority]

# a process that dies without cleaning up at the given call of the clock: 1 makes the services, 2 and 3 the people
DYING = """
import os, sys
from pathlib import Path
from certs_dev.authority import DevAuthority
from certs_dev.clock import utc_now
from certs_dev.people import Person
left = int(sys.argv[2])
def clock():
    global left
    left -= 1
    if left == 0:
        os._exit(9)
    return utc_now()
people = [Person(name, name, name, "rahasia") for name in ("camat", "kasi")]
DevAuthority.create(Path(sys.argv[1]), base_url="http://x", service_passphrase="x" * 32, people=people, clock=clock)
"""


ISSUING = """
import sys
from pathlib import Path
from certs_dev.authority import DevAuthority
from certs_dev.people import Person
authority = DevAuthority.open(Path(sys.argv[1]), service_passphrase=sys.argv[2])
for number in range(4):
    made = authority.issue_person(Person(f"{sys.argv[3]}-{number}", "Orang", "Staf", "rahasia"))
    if number % 2:
        authority.revoke(made.serial_number)
    authority.crl("ca")
"""


def die_creating(folder: Path, at_call: int) -> int:
    return subprocess.run([sys.executable, "-c", DYING, str(folder), str(at_call)], timeout=30).returncode


def test_opens_what_was_created(authority: DevAuthority, tmp_path: Path) -> None:
    again = DevAuthority.open(tmp_path / "pki", service_passphrase=SERVICE)
    assert again.root.dump() == authority.root.dump()
    assert again.issuing.dump() == authority.issuing.dump()
    assert again.seal_key.private_numbers() == authority.seal_key.private_numbers()
    assert again.person_certificate("camat") == authority.person_certificate("camat")


def test_made_in_a_moment(make: Make, tmp_path: Path) -> None:
    begin = time.perf_counter()
    make(tmp_path / "pki")
    assert time.perf_counter() - begin < 1


def test_everything_is_private_and_every_key_encrypted(authority: DevAuthority, tmp_path: Path) -> None:
    assert authority.crl("root")
    for path in [tmp_path / "pki", *(tmp_path / "pki").rglob("*")]:
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path
        if path.is_file():
            assert b"BEGIN PRIVATE KEY" not in path.read_bytes()
            assert b"BEGIN EC PRIVATE KEY" not in path.read_bytes()
    keys = list((tmp_path / "pki" / "keys").iterdir())
    assert len(keys) == 5
    assert all(b"BEGIN ENCRYPTED PRIVATE KEY" in key.read_bytes() for key in keys)


def test_a_person_opens_their_own_key_with_its_chain(either: DevAuthority, openssl: Callable[..., str]) -> None:
    content = either.person_path("camat").read_bytes()
    opened = pkcs12.load_pkcs12(content, b"rahasia camat")
    assert opened.cert is not None
    assert opened.cert.certificate == either.person_certificate("camat")
    assert [one.certificate for one in opened.additional_certs] == [
        either.certificate("ca"),
        either.certificate("root"),
    ]
    for wrong in (b"rahasia kasi", SERVICE.encode(), b""):
        with pytest.raises(ValueError, match="password"):
            pkcs12.load_pkcs12(content, wrong)
    said = openssl("pkcs12", "-in", either.person_path("camat"), "-passin", "pass:rahasia camat", "-nokeys", "-info")
    assert said.count("BEGIN CERTIFICATE") == 3
    assert "AES-256-CBC" in said


def test_a_wrong_service_passphrase_says_so(authority: DevAuthority, tmp_path: Path) -> None:
    with pytest.raises(WrongServicePassphraseError, match="does not open the development authority's keys"):
        DevAuthority.open(tmp_path / "pki", service_passphrase=SERVICE + "!")


def test_an_absent_or_partial_authority_says_what_is_missing(authority: DevAuthority, tmp_path: Path) -> None:
    with pytest.raises(AuthorityMissingError, match="nowhere"):
        DevAuthority.open(tmp_path / "nowhere", service_passphrase=SERVICE)
    (tmp_path / "pki" / "keys" / "tsa.key").unlink()
    with pytest.raises(AuthorityMissingError, match=r"tsa\.key"):
        DevAuthority.open(tmp_path / "pki", service_passphrase=SERVICE)


def test_is_never_made_twice(authority: DevAuthority, make: Make, tmp_path: Path) -> None:
    with pytest.raises(AuthorityExistsError):
        make(tmp_path / "pki")
    assert DevAuthority.open(tmp_path / "pki", service_passphrase=SERVICE).root.dump() == authority.root.dump()


def test_several_creators_at_once_make_one(make: Make, tmp_path: Path) -> None:
    def attempt(_: int) -> bytes | None:
        try:
            return bytes(make(tmp_path / "pki").root.dump())
        except AuthorityExistsError:
            return None

    with ThreadPoolExecutor(4) as pool:
        made = [root for root in pool.map(attempt, range(4)) if root is not None]
    assert made == [DevAuthority.open(tmp_path / "pki", service_passphrase=SERVICE).root.dump()]


@pytest.mark.parametrize("at_call", [1, 2, 3])
def test_a_death_while_creating_leaves_nothing_half_made(at_call: int, make: Make, tmp_path: Path) -> None:
    assert die_creating(tmp_path / "pki", at_call) == 9
    assert not (tmp_path / "pki").exists()
    assert list(tmp_path.glob(".pki.new-*"))  # the remains, so that the next line can fail
    make(tmp_path / "pki")
    assert not list(tmp_path.glob(".pki.new-*"))


def test_an_error_while_creating_leaves_nothing(make: Make, tmp_path: Path) -> None:
    with pytest.raises(InvalidPersonError):
        make(tmp_path / "pki", people=[replace(STAF, name="../staf")])
    assert [path.name for path in tmp_path.iterdir()] == [".pki.lock"]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "", "name"),
        ("name", "Camat", "name"),
        ("name", "a/b", "name"),
        ("name", "-", "name"),
        ("passphrase", "", "passphrase"),
        ("passphrase", "a\0b", "passphrase"),
        ("common_name", "x" * 80, "staf"),
        ("common_name", " ", "staf"),
        ("common_name", "Budi\nSantoso", "staf"),
        ("title", "x" * 80, "staf"),
    ],
)
def test_what_cannot_be_certified_is_refused(authority: DevAuthority, field: str, value: str, said: str) -> None:
    with pytest.raises(InvalidPersonError, match=said):
        authority.issue_person(replace(STAF, **{field: value}))
    with pytest.raises(UnknownCertificateError):
        authority.person_certificate("staf")


def test_a_passphrase_shows_nowhere() -> None:
    assert "rahasia" not in repr(STAF)


def test_people_come_later_and_other_processes_know_them(authority: DevAuthority, tmp_path: Path) -> None:
    other = DevAuthority.open(tmp_path / "pki", service_passphrase=SERVICE)
    made = authority.issue_person(STAF)
    assert other.person_certificate("staf") == made
    with pytest.raises(AlreadyIssuedError):
        other.issue_person(STAF)
    again = other.issue_person(STAF, replace_key=True)
    assert authority.person_certificate("staf") == again
    assert again.serial_number != made.serial_number
    opened = pkcs12.load_pkcs12(authority.person_path("staf").read_bytes(), b"rahasia staf")
    assert opened.cert is not None
    assert opened.cert.certificate == again


def test_a_death_before_the_certificate_is_written_lets_one_issue_again(authority: DevAuthority) -> None:
    authority.issue_person(STAF)
    authority.person_path("staf").with_suffix(".crt").unlink()
    made = authority.issue_person(STAF)
    assert authority.person_certificate("staf") == made


def test_issuing_at_once_loses_nobody(authority: DevAuthority, tmp_path: Path) -> None:
    def issue(number: int) -> int:
        own = DevAuthority.open(tmp_path / "pki", service_passphrase=SERVICE)
        return own.issue_person(replace(STAF, name=f"staf-{number}")).serial_number

    with ThreadPoolExecutor(8) as pool:
        serials = list(pool.map(issue, range(16)))
    assert len(set(serials)) == 16
    for serial in serials:
        authority.revoke(serial)  # raises if the list had lost one
    listed = {entry.serial_number for entry in x509.load_der_x509_crl(authority.crl("ca"))}
    assert listed == set(serials)


def test_other_processes_at_once_lose_nothing(authority: DevAuthority, tmp_path: Path) -> None:
    command = [sys.executable, "-c", ISSUING, str(tmp_path / "pki"), SERVICE]
    workers = [subprocess.Popen([*command, name]) for name in ("web", "kerja")]
    assert [worker.wait(timeout=30) for worker in workers] == [0, 0]
    for name in ("web", "kerja"):
        for number in range(4):
            serial = authority.person_certificate(f"{name}-{number}").serial_number
            listed = x509.load_der_x509_crl(authority.crl("ca")).get_revoked_certificate_by_serial_number(serial)
            assert (listed is not None) == bool(number % 2)
            if listed is None:
                authority.revoke(serial)  # raises if the list had lost it


def test_a_life_can_be_shortened_but_not_beyond_the_issuer(authority: DevAuthority) -> None:
    short = authority.issue_person(STAF, life=timedelta(days=1))
    assert short.not_valid_after_utc - short.not_valid_before_utc == timedelta(days=1)
    long = authority.issue_person(STAF, life=timedelta(days=36500), replace_key=True)
    assert long.not_valid_after_utc == authority.certificate("ca").not_valid_after_utc


def test_revoking_is_for_issued_certificates_once_and_not_ahead(authority: DevAuthority) -> None:
    serial = authority.person_certificate("camat").serial_number
    with pytest.raises(UnknownCertificateError):
        authority.revoke(serial ^ 1)
    with pytest.raises(ValueError, match="future"):
        authority.revoke(serial, at=datetime.now(UTC) + timedelta(minutes=1))
    authority.revoke(serial)
    with pytest.raises(AlreadyRevokedError):
        authority.revoke(serial, x509.ReasonFlags.key_compromise)


def test_trust_is_root_and_seal_with_words_for_people(either: DevAuthority) -> None:
    text = either.trust_pem()
    blocks = list(pem.unarmor(text, multiple=True))
    assert [der for _, _, der in blocks] == [
        either.root.dump(),
        to_asn1(either.certificate("seal")).dump(),
    ]
    assert x509.load_pem_x509_certificates(text) == [either.certificate("root"), either.certificate("seal")]
    assert text.startswith(b"# SIMULASI")


def test_another_office_and_time(make: Make, tmp_path: Path) -> None:
    then = datetime(2030, 1, 2, 3, 4, 5, 678, tzinfo=UTC)
    other = make(tmp_path / "pki", organization="Pemerintah Kabupaten Lain", clock=lambda: then)
    camat = other.person_certificate("camat")
    assert "O=SIMULASI Pemerintah Kabupaten Lain" in camat.subject.rfc4514_string()
    assert camat.not_valid_before_utc == then.replace(microsecond=0)
