"""Revocation lists: complete, signed, counted upwards, the same for every process."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from certs_dev.authority import DevAuthority
from certs_dev.crl import LIFE, REFRESH

SERVICE = "service-passphrase-of-the-tests-0123456789"
START = datetime(2026, 1, 5, 1, 0, 0, tzinfo=UTC)
Make = Callable[..., DevAuthority]


class Watch:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


def number(der: bytes) -> int:
    return x509.load_der_x509_crl(der).extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


@pytest.mark.parametrize("name", ["root", "ca"])
def test_openssl_accepts_the_lists(
    either: DevAuthority,
    name: str,
    openssl: Callable[..., str],
    pems: Callable[[DevAuthority, Path], None],
    tmp_path: Path,
) -> None:
    pems(either, tmp_path)
    (tmp_path / "list.crl").write_bytes(either.crl(name))  # type: ignore[arg-type]  # one of the two
    said = openssl("crl", "-inform", "DER", "-in", "list.crl", "-CAfile", f"{name}.pem", "-noout")
    assert "verify OK" in said


def test_openssl_checks_a_whole_chain_by_lists(
    authority: DevAuthority,
    openssl: Callable[..., str],
    pems: Callable[[DevAuthority, Path], None],
    tmp_path: Path,
) -> None:
    pems(authority, tmp_path)
    authority.revoke(authority.person_certificate("kasi").serial_number)
    parts = b""
    for name in ("root", "ca"):
        one = x509.load_der_x509_crl(authority.crl(name))  # type: ignore[arg-type]  # one of the two
        parts += one.public_bytes(serialization.Encoding.PEM)
    (tmp_path / "lists.pem").write_bytes(parts)
    chain = ("-crl_check_all", "-CRLfile", "lists.pem", "-CAfile", "root.pem", "-untrusted", "ca.pem")
    openssl("verify", *chain, "camat.pem")
    assert "certificate revoked" in openssl("verify", *chain, "kasi.pem", ok=False)


def test_a_list_stays_until_it_is_old_or_something_is_revoked(make: Make, tmp_path: Path) -> None:
    watch = Watch()
    authority = make(tmp_path / "pki", clock=watch)
    other = DevAuthority.open(tmp_path / "pki", service_passphrase=SERVICE, clock=watch)
    first = authority.crl("ca")
    assert number(first) == 1
    watch.now = START + REFRESH - timedelta(seconds=1)
    assert other.crl("ca") == first
    watch.now = START + REFRESH
    second = other.crl("ca")
    assert number(second) == 2
    assert authority.crl("ca") == second
    authority.revoke(authority.person_certificate("kasi").serial_number)
    third = other.crl("ca")
    assert number(third) == 3
    assert [one.serial_number for one in x509.load_der_x509_crl(third)] == [
        authority.person_certificate("kasi").serial_number
    ]
    assert number(authority.crl("root")) == 1  # counted apart, and not concerned


def test_a_list_holds_for_a_while(make: Make, tmp_path: Path) -> None:
    made = x509.load_der_x509_crl(make(tmp_path / "pki", clock=Watch()).crl("root"))
    assert made.last_update_utc == START
    assert made.next_update_utc == START + LIFE
    assert LIFE > REFRESH


def test_a_clock_set_back_does_not_set_back_the_number(make: Make, tmp_path: Path) -> None:
    watch = Watch()
    authority = make(tmp_path / "pki", clock=watch)
    assert number(authority.crl("root")) == 1
    watch.now = START - timedelta(minutes=5)
    after = authority.crl("root")
    assert number(after) == 2
    assert x509.load_der_x509_crl(after).last_update_utc == watch.now


def test_many_askers_get_one_list(authority: DevAuthority, tmp_path: Path) -> None:
    def ask(_: int) -> bytes:
        return DevAuthority.open(tmp_path / "pki", service_passphrase=SERVICE).crl("ca")

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(16)))) == 1


def test_the_root_lists_what_the_root_issued(authority: DevAuthority) -> None:
    seal = authority.certificate("seal").serial_number
    authority.revoke(seal)
    assert [one.serial_number for one in x509.load_der_x509_crl(authority.crl("root"))] == [seal]
    assert not list(x509.load_der_x509_crl(authority.crl("ca")))
